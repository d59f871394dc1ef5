"""Stages, silence and speed: both sides of every edge, who is asked, and what alone moves anybody."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from daemon.passes import plan as planning
from daemon.passes.forecast import after
from policies.asks.wants import WantNote, WantRow, WantStage, WantWithdrawn
from policies.database.reviews import opt_outs, speed_to_lead, stage_accuracy, stages
from policies.facts import taxonomy
from policies.facts.taxonomy import Category
from policies.facts.touchpoints import last_touch
from policies.world.model import (
    STAGE_LABELS,
    Communication,
    Contact,
    Deal,
    MailEvent,
    MailFate,
    Reach,
    Side,
    Stage,
)
from policies.world.practice import ConfirmedRule, DatabaseOptions
from policies.world.snapshot import Snapshot
from tests.scenes import ZONE, at, book, own_task, practice, purchase, snapshot, wants
from tests.unit.test_database_reviews import passed, record

TODAY = date(2026, 12, 28)
RULE = DatabaseOptions(confirmed_system_rules=(ConfirmedRule("closed_to_past_client", "Dana Reyes", date(2026, 11, 1)),))


def staged(stage: Stage, **changes: Any) -> Contact:
    return record(stage=stage, stage_label=STAGE_LABELS[stage], **changes)


def told(s: Snapshot, ref: str, choice: str) -> Snapshot:
    """The agent chooses in a row of Approvals."""
    tab = s.workbook.tabs["Approvals"]
    rows = tuple(replace(r, cells={**r.cells, "Decision": choice}) if r.ref == ref else r for r in tab.rows)
    assert rows != tab.rows
    return replace(s, workbook=replace(s.workbook, tabs={**s.workbook.tabs, "Approvals": replace(tab, rows=rows)}))


def found(s: Snapshot) -> list[tuple[str, list[Stage], bool]]:
    return [(str(m.key), list(m.targets), m.certain) for m in stages.mismatches(s)]


def deal(closing: date, side: Side = Side.BUYER, **changes: Any) -> Deal:
    return purchase(closing, side=side, **changes)


# -- closings --------------------------------------------------------------------------------------------------------------


@pytest.mark.clause("DB-24", "X-51", "DB-15")
@pytest.mark.parametrize(("stage", "deals", "expected"), [
    (Stage.UNDER_CONTRACT, [deal(date(2026, 12, 18))], ([Stage.PAST_CLIENT_BUYER], True)),
    (Stage.UNDER_CONTRACT, [deal(date(2026, 12, 18), Side.SELLER)], ([Stage.PAST_CLIENT_SELLER], True)),
    (Stage.UNDER_CONTRACT, [deal(date(2026, 10, 29))], ([Stage.PAST_CLIENT_BUYER], True)),  # 60 days ago
    (Stage.UNDER_CONTRACT, [deal(date(2026, 10, 28))], ([Stage.PAST_CLIENT_BUYER], False)),  # 61: asked, not moved
    (Stage.UNDER_CONTRACT, [deal(date(2026, 12, 18)), deal(date(2026, 12, 11), Side.SELLER, number=813)],
     ([Stage.PAST_CLIENT_BUYER, Stage.PAST_CLIENT_SELLER], False)),
    (Stage.UNDER_CONTRACT, [deal(date(2026, 12, 18)), deal(date(2027, 1, 15), number=813, closed=False)], None),
    (Stage.ACTIVE_BUYER, [deal(date(2026, 12, 18))], ([Stage.PAST_CLIENT_BUYER], True)),
    (Stage.ACTIVE_BUYER, [deal(date(2020, 12, 18))], None),  # a client of years ago who is looking again
    (Stage.ACTIVE_BUYER, [deal(date(2026, 12, 18), Side.SELLER)], None),  # sold, and looks on
    (Stage.PAST_CLIENT_BUYER, [deal(date(2026, 12, 18))], None)])
def test_whose_deal_closed_is_a_past_client_of_its_side(stage: Stage, deals: list[Deal], expected: Any) -> None:
    mismatches = found(snapshot(TODAY, [staged(stage)], deals))

    assert [(targets, certain) for key, targets, certain in mismatches if key.startswith("DB-24")] == ([expected] if expected else [])


@pytest.mark.clause("DB-09", "X-30", "DB-24")
def test_only_a_confirmed_rule_moves_without_a_question_and_names_who_confirmed_it() -> None:
    s = snapshot(TODAY, [staged(Stage.UNDER_CONTRACT)], [deal(date(2026, 12, 18))], practice=practice(database=RULE))
    moves = [f for f in stage_accuracy.decide(s) if isinstance(f.want, WantStage)]

    assert [(str(f.want.key), f.want.stage, f.want.leaves, f.want.agreed) for f in moves if isinstance(f.want, WantStage)] == [
        ("DB-24 p101 d812-20261218-move", Stage.PAST_CLIENT_BUYER, Stage.UNDER_CONTRACT, False)]
    assert moves[0].reason.endswith("moved by the rule closed_to_past_client, confirmed by Dana Reyes on 11/01/2026")


@pytest.mark.clause("DB-09", "X-30")
@pytest.mark.parametrize("options", [DatabaseOptions(), DatabaseOptions(confirmed_system_rules=(
    ConfirmedRule("closed_to_past_client", "Dana Reyes", date(2026, 12, 29)),))])
def test_without_a_rule_or_before_its_day_it_is_a_proposal(options: DatabaseOptions) -> None:
    s = snapshot(TODAY, [staged(Stage.UNDER_CONTRACT)], [deal(date(2026, 12, 18))], practice=practice(database=options))

    assert wants(stage_accuracy.decide(s)) == ["row DB-24 p101 d812-20261218"]


@pytest.mark.clause("DB-09", "DB-30", "DB-11")
def test_a_decision_moves_once_and_a_person_who_moves_back_is_right() -> None:
    s = passed(snapshot(TODAY, [staged(Stage.UNDER_CONTRACT)], [deal(date(2026, 12, 18))]), stage_accuracy)
    s = passed(told(s, "DB-24 p101 d812-20261218", "Past Client — Buyer"), stage_accuracy)
    assert s.contacts[101].stage is Stage.PAST_CLIENT_BUYER

    back = replace(s, contacts={101: staged(Stage.UNDER_CONTRACT)})
    assert planning.make(back, stage_accuracy.decide(back)).actions == ()


@pytest.mark.clause("DB-09")
def test_a_move_by_rule_is_remembered_in_the_sheet_so_that_a_lost_ledger_moves_nobody_twice() -> None:
    s = snapshot(TODAY, [staged(Stage.UNDER_CONTRACT)], [deal(date(2026, 12, 18))], practice=practice(database=RULE))
    moved = passed(s, stage_accuracy)
    back = replace(moved, contacts={101: staged(Stage.UNDER_CONTRACT)}, written=frozenset())

    assert moved.contacts[101].stage is Stage.PAST_CLIENT_BUYER
    assert planning.make(back, stage_accuracy.decide(back)).actions == ()


# -- the monthly checks ----------------------------------------------------------------------------------------------------


@pytest.mark.clause("DB-25", "X-46", "X-48")
@pytest.mark.parametrize(("times", "replied", "targets"), [
    (2, False, None), (3, False, [Stage.ATTEMPTING_CONTACT]), (2, True, None),
    (3, True, [Stage.ACTIVE_BUYER, Stage.ACTIVE_SELLER, Stage.ATTEMPTING_CONTACT])])
def test_a_new_lead_with_three_communications_belongs_elsewhere(times: int, replied: bool, targets: Any) -> None:
    inbound = (Communication("text", at(date(2026, 12, 20))),) if replied else ()
    mismatches = found(snapshot(TODAY, [staged(Stage.NEW_LEAD, communications=times, inbound=inbound)]))

    assert [t for _, t, _ in mismatches] == ([targets] if targets else [])


@pytest.mark.clause("DB-26", "X-29", "X-48")
@pytest.mark.parametrize(("days", "flagged"), [(59, False), (60, True)])
def test_an_active_buyer_is_flagged_at_sixty_days(days: int, flagged: bool) -> None:
    s = snapshot(TODAY, [staged(Stage.ACTIVE_BUYER, last_communication=at(TODAY - timedelta(days=days)))])

    assert bool(found(s)) is flagged


@pytest.mark.clause("DB-26", "DB-30")
def test_the_agent_reactivates_or_moves_to_nurture() -> None:
    s = passed(snapshot(TODAY, [staged(Stage.ACTIVE_BUYER, last_communication=at(date(2026, 10, 1)))]), stage_accuracy)
    ref = "DB-26 p101 20261001"

    assert [w for w in wants(stage_accuracy.decide(told(s, ref, "Reactivate"))) if w.startswith("task")] == [f"task {ref}-reactivate"]
    assert wants(stage_accuracy.decide(told(s, ref, "Long-Term Nurture")))[-1] == f"move {ref}-move long_term_nurture"
    assert not [w for w in wants(stage_accuracy.decide(told(s, ref, "Reject"))) if not w.startswith("row")]


@pytest.mark.clause("DB-24", "DB-25", "DB-26", "DB-32")
def test_no_more_than_25_new_proposals_of_a_check_in_a_week() -> None:
    people = [staged(Stage.ACTIVE_BUYER, id=n, last_communication=at(date(2026, 1, 1) + timedelta(days=n - 100))) for n in range(101, 161)]
    s = passed(snapshot(TODAY, people), stage_accuracy)
    first = {row.ref for row in s.workbook.rows("Approvals")}
    again = passed(replace(s, now=at(TODAY + timedelta(days=6))), stage_accuracy)
    later = passed(replace(s, now=at(TODAY + timedelta(days=8))), stage_accuracy)

    assert first == {f"DB-26 p{n} {date(2026, 1, 1) + timedelta(days=n - 100):%Y%m%d}" for n in range(101, 126)}
    assert {row.ref for row in again.workbook.rows("Approvals")} == first
    assert len(later.workbook.rows("Approvals")) == 50


@pytest.mark.clause("DB-32", "DB-15", "X-29")
@pytest.mark.parametrize(("contact", "deals", "key"), [
    (staged(Stage.UNDER_CONTRACT), [], "nodeal"),
    (staged(Stage.PAST_CLIENT_BUYER), [deal(date(2020, 1, 6), Side.SELLER)], "side"),
    (staged(Stage.PAST_CLIENT_BUYER), [deal(date(2020, 1, 6), Side.SELLER), deal(date(2020, 1, 6), number=813)], None),
    (staged(Stage.COLD_LEAD, inbound=(Communication("text", at(date(2026, 10, 7))),)), [], "replied"),  # 89 days before January 4
    (staged(Stage.COLD_LEAD, inbound=(Communication("text", at(date(2026, 10, 6))),)), [], None),
    (staged(Stage.LONG_TERM_NURTURE, tags=("Zillow", "DNC")), [], "optout"),
    (staged(Stage.DO_NOT_CONTACT, tags=("Zillow", "DNC")), [], None),
    (staged(Stage.LONG_TERM_NURTURE, tags=("Zillow", "Deceased")), [], None)])
def test_the_quarterly_audit_looks_at_every_stage(contact: Contact, deals: list[Deal], key: str | None) -> None:
    s = snapshot(date(2027, 1, 4), [contact], deals)

    assert [k for k, *_ in found(s) if k.startswith("DB-32")] == ([f"DB-32 p101 {key}"] if key else [])


@pytest.mark.clause("X-29")
@pytest.mark.parametrize(("change", "task", "day"), [
    ({}, {}, date(2026, 12, 1)), ({"last_communication": None}, {}, None),
    ({"outbound": (Communication("call", at(date(2026, 12, 5))),)}, {}, date(2026, 12, 5)),
    ({"inbound": (Communication("e-mail", datetime.combine(date(2026, 12, 6), time(23), ZONE)),)}, {}, date(2026, 12, 6)),
    ({}, {"kind": "Thank You"}, date(2026, 12, 9)), ({}, {"kind": "Follow Up"}, date(2026, 12, 1)),
    ({}, {"kind": "Thank You", "withdrawn": True}, date(2026, 12, 1)), ({}, {"kind": "Thank You", "completed": False}, date(2026, 12, 1))])
def test_what_counts_as_a_touchpoint(change: dict[str, Any], task: dict[str, Any], day: date | None) -> None:
    own = own_task("MS-42 d812 20261218-send", **{"completed": True, "completed_at": at(date(2026, 12, 9), 10), **task}) if task else None
    s = snapshot(TODAY, [record(**change)], tasks=(own,) if own else ())

    assert last_touch(s, s.contacts[101]) == day


@pytest.mark.clause("X-29", "X-44")
@pytest.mark.parametrize(("mark", "kind", "counts"), [
    ("MS-42 d812 20261218-send", "Email", True), ("MS-43 p101 20261218-birthday-send", "Thank You", True), ("MS-30 d812 20261218-send", "Text", True),
    ("MS-42 d812 20261218-personal", "Follow Up", True), ("MS-04 d812 20261218-14d", "Follow Up", False), ("MS-46 d812 20261218-lead", "Call", False),
    ("RF-02 p101 thanks", "Thank You", False), ("RF-09 p101 card", "Thank You", False), ("RF-08 p101 send-email", "Email", False),
    ("RF-36 p101 order-card", "Thank You", False), ("RF-46 p101 20261201-several", "Thank You", False),
    ("DB-26 p101 20261001-reactivate", "Call", False), ("DB-17 p101 respond", "Call", False)])
def test_which_completed_tasks_of_ours_are_touchpoints_with_the_contact_they_sit_on(mark: str, kind: str, counts: bool) -> None:
    done = own_task(mark, kind=kind, completed=True, completed_at=at(date(2026, 12, 9)))
    s = snapshot(TODAY, [record()], tasks=(done,))

    assert last_touch(s, s.contacts[101]) == (date(2026, 12, 9) if counts else date(2026, 12, 1))


@pytest.mark.clause("RF-02", "X-29")
def test_thanking_john_for_ximena_is_no_touchpoint_with_ximena() -> None:
    thanks = own_task("RF-02 p101 thanks", kind="Thank You", completed=True, completed_at=at(date(2026, 12, 9)), name="Thank John for referring Ximena")
    s = snapshot(TODAY, [record(last_communication=None)], tasks=(thanks,))

    assert last_touch(s, s.contacts[101]) is None


@pytest.mark.clause("X-29")
@pytest.mark.parametrize(("noted", "day"), [(date(2026, 12, 6), date(2026, 12, 6)), (date(2026, 11, 30), date(2026, 12, 1))])
def test_a_note_that_a_person_wrote_is_a_touchpoint(noted: date, day: date) -> None:
    s = snapshot(TODAY, [record()], noted={101: at(noted)})

    assert last_touch(s, s.contacts[101]) == day


# -- speed to lead ---------------------------------------------------------------------------------------------------------


def lead(hour: int, minute: int = 0, **changes: Any) -> Contact:
    came = datetime.combine(TODAY, time(hour, minute), ZONE)
    return staged(Stage.NEW_LEAD, created=came, source="Zillow", last_communication=None, **changes)


def at_hour(hour: int, minute: int = 0, day: date = TODAY) -> datetime:
    return datetime.combine(day, time(hour, minute), ZONE)


@pytest.mark.clause("DB-17", "X-45", "X-48")
@pytest.mark.parametrize(("came", "now", "late"), [
    ((9, 0), at_hour(18, 59), False), ((9, 0), at_hour(19), True), ((19, 0), at_hour(19), True),
    ((19, 1), at_hour(23, 59), False), ((19, 1), at_hour(5, 59, TODAY + timedelta(days=1)), False),
    ((19, 1), at_hour(6, 0, TODAY + timedelta(days=1)), True)])
def test_a_portal_lead_is_prompted_at_once_and_flagged_the_same_day(came: tuple[int, int], now: datetime, late: bool) -> None:
    s = snapshot(TODAY, [lead(*came)], now=now, activated=TODAY)
    tasks = [a for a in planning.make(s, speed_to_lead.decide(s)).actions if a.entity == "task"]

    assert [str(a.after["name"]).startswith("No attempt the same day: ") for a in tasks] == [late]


@pytest.mark.clause("DB-17", "X-45")
def test_the_prompt_is_raised_in_its_place_and_goes_once_an_attempt_is_logged() -> None:
    s = passed(snapshot(TODAY, [lead(9)], now=at_hour(9, 10), activated=TODAY), speed_to_lead)
    evening = replace(s, now=at_hour(19))
    raised = planning.make(evening, speed_to_lead.decide(evening)).actions
    sent = replace(evening.contacts[101], outbound=(Communication("text", at_hour(19, 30)),))
    done = replace(after(evening, planning.make(evening, speed_to_lead.decide(evening))), contacts={101: sent})

    assert [(a.verb, a.after["name"]) for a in raised] == [("raise", (
        "No attempt the same day: Respond now: Ana Lopez (Zillow, Mon 12/28). Confirm the property and offer a quick call"))]
    assert [a.verb for a in planning.make(done, speed_to_lead.decide(done)).actions] == ["withdraw"]


@pytest.mark.clause("DB-17")
def test_the_suggested_first_response_in_its_words() -> None:
    s = snapshot(TODAY, [lead(9)], now=at_hour(9, 10), activated=TODAY)

    assert next(f.want.body for f in speed_to_lead.decide(s) if isinstance(f.want, WantNote)) == (
        "Suggested first response, for Dana Reyes to send; put in the property they asked about:\n\n"
        "Hi Ana — this is Dana Reyes. You asked about [the property]: yes, I can help with that one. Do you have a few minutes for a quick "
        "call today?")


@pytest.mark.clause("DB-17", "X-45")
@pytest.mark.parametrize("contact", [
    lead(9, outbound=(Communication("call", at_hour(9, 5)),)), replace(lead(9), source="Website", tags=("Website",)),
    replace(lead(9), stage=Stage.PAST_CLIENT_BUYER), replace(lead(9), created=at(TODAY - timedelta(days=15)))])
def test_who_was_tried_or_is_no_portal_lead_is_not_prompted_for(contact: Contact) -> None:
    assert wants(speed_to_lead.decide(snapshot(TODAY, [contact], now=at_hour(12)))) == []


@pytest.mark.clause("DB-17")
def test_an_import_of_hundreds_is_25_tasks_and_one() -> None:
    s = snapshot(TODAY, [replace(lead(9), id=n) for n in range(1, 301)], now=at_hour(10), activated=TODAY)

    assert len([w for w in wants(speed_to_lead.decide(s)) if w.startswith("task")]) == 26


# -- opt-outs of current clients -------------------------------------------------------------------------------------------


@pytest.mark.clause("DB-42", "DB-45", "X-35")
@pytest.mark.parametrize(("contact", "how"), [
    (staged(Stage.ACTIVE_BUYER, tags=("DNC",)), "tagged Do Not Contact"),
    (staged(Stage.UNDER_CONTRACT, emails=(Reach("a@example.org", "Unsubscribed"), Reach("b@example.org"))), "unsubscribed from a mail"),
    (staged(Stage.LONG_TERM_NURTURE, tags=("DNC",)), None), (staged(Stage.ACTIVE_BUYER), None),
    (staged(Stage.ACTIVE_BUYER, tags=("DNC", "Deceased")), None)])
def test_a_current_client_who_opts_out_is_flagged_in_the_exact_words(contact: Contact, how: str | None) -> None:
    found_ = list(opt_outs.decide(snapshot(TODAY, [contact])))
    notes = [f.want.body for f in found_ if isinstance(f.want, WantNote)]

    assert notes == ([
        "Hi Dana Reyes — database issue needs your input before I proceed.\n\nIssue: opt-out from active client\nScale: 1\n"
        "Needed: Your approval to proceed\n\nMia Cole"] if how else [])
    assert all(how in f.reason for f in found_ if how)


@pytest.mark.clause("DB-42")
def test_an_open_deal_makes_a_current_client_whatever_the_stage_says() -> None:
    s = snapshot(TODAY, [staged(Stage.SPHERE_OF_INFLUENCE)], [deal(date(2027, 1, 20), closed=False)],
                 mail=(MailEvent(id=1, person_id=101, fate=MailFate.UNSUBSCRIBED),))

    assert wants(opt_outs.decide(s)) == ["task DB-42 p101 optout", "note DB-42 p101 optout"]


@pytest.mark.clause("DB-42", "X-81", "X-65")
@pytest.mark.parametrize(("then", "ended"), [
    ({"tags": ("Zillow", "DNC")}, []), ({"tags": ("Zillow",)}, ["the sign of the opt-out is gone"]), ({"tags": (), "unreadable": ("tags",)}, []),
    ({"tags": ("Zillow", "DNC"), "trashed": True}, ["the contact is in the Trash"]), ({"tags": ("Zillow", "DNC", "Deceased")}, ["deceased"]),
    ({"stage": Stage.DO_NOT_CONTACT, "stage_label": "Do Not Contact"}, []), ({"tags": ("Zillow", "Steward: skip")}, [])])
def test_the_agents_task_about_an_opt_out_ends_when_there_is_nothing_to_check(then: dict[str, Any], ended: list[str]) -> None:
    s = snapshot(TODAY, [replace(staged(Stage.ACTIVE_BUYER), **{"tags": ("Zillow",), **then})], tasks=(own_task("DB-42 p101 optout"),))

    assert [f.reason for f in opt_outs.decide(s) if isinstance(f.want, WantWithdrawn)] == ended
    assert [w for w in wants(opt_outs.decide(replace(s, contacts={}))) if w.startswith("withdraw")] == []


# -- the taxonomy ----------------------------------------------------------------------------------------------------------


@pytest.mark.clause("DB-18", "X-26", "X-48")
@pytest.mark.parametrize(("amount", "tag"), [
    (199_999, ""), (200_000, "$200–300K"), (299_999, "$200–300K"), (300_000, "$300–400K"), (399_999, "$300–400K"), (400_000, "$400–500K"),
    (499_999, "$400–500K"), (500_000, "$500K+"), (5_000_000, "$500K+")])
def test_the_lower_bound_belongs_to_a_range_and_the_upper_does_not(amount: int, tag: str) -> None:
    assert taxonomy.price_tag(amount) == tag


@pytest.mark.clause("DB-14", "DB-15", "DB-18", "DB-16", "X-52")
def test_six_categories_thirteen_stages_and_the_accounts_own_words() -> None:
    known = taxonomy.build({"SOI": ["Sphere"], "First-time buyer": ["FTB"]}, ["Travis County"])

    assert len(Category) == len(taxonomy.TAGS) == 6
    assert set(taxonomy.DEFINITIONS) == set(Stage)
    assert taxonomy.DEFINITIONS[Stage.ACTIVE_SELLER] == "listing live or appointment set"
    assert len(Stage) == 13
    assert known.find("sphere") == (Category.LEAD_SOURCE, "SOI")
    assert known.find("ftb") == (Category.BUYER_TYPE, "First-time buyer")
    assert known.find("TRAVIS county") == (Category.GEOGRAPHIC_AREA, "Travis County")
    assert known.find("$400k - $500k") == (Category.PRICE_RANGE, "$400–500K")
    assert known.find("Open House — 9 Oak St — 11/21/2026") == (Category.LEAD_SOURCE, "Open House")
    assert known.find("Lake house") is None


@pytest.mark.clause("DB-05", "DB-18", "DB-20")
@pytest.mark.parametrize(("tag", "refused"), [
    ("empty nesters", True), ("Young Families", True), ("Hispanic buyers", True), ("near church", True), ("55+", True), ("Seniors", True),
    ("wheelchair access", True), ("women", True), ("Single Family", False), ("Multifamily", False), ("2-family", False), ("Single Family Home", False),
    ("First-time buyer", False), ("$500K+", False), ("Open House — 12 Church St — 11/21/2026", False), ("Lake house", False), ("Hot Lead", False)])
def test_a_tag_names_no_protected_class_nor_stands_for_one(tag: str, refused: bool) -> None:
    assert bool(taxonomy.protected(tag)) is refused


@pytest.mark.clause("DB-27", "DB-18")
def test_a_tag_has_no_comma_and_fits() -> None:
    assert list(taxonomy.tag_problems("Austin, TX")) == ["'Austin, TX' has a comma: the CRM's filter would take it for two tags"]
    assert list(taxonomy.tag_problems("x" * 64)) == []
    assert len(list(taxonomy.tag_problems("x" * 65))) == 1


def test_the_row_of_a_proposal_says_what_each_stage_means() -> None:
    s = snapshot(TODAY, [staged(Stage.UNDER_CONTRACT)], [deal(date(2026, 12, 18))], workbook=book())
    row = next(f.want for f in stage_accuracy.decide(s) if isinstance(f.want, WantRow))

    assert row.first["Draft"] == ("Ana Lopez (contact 101) is in stage Under Contract, but deal 812 (412 Cedar Ln) closed on 12/18/2026.\n"
                                  "- Past Client — Buyer: closed buyer transaction")
    assert row.choices == ("Past Client — Buyer", "Hold", "Reject")
