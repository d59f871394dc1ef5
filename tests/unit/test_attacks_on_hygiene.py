"""Stories in which the calendar, people's second thoughts and late facts set traps for the hygiene of the database: when a review runs,
whose stage is moved, who is cold, who waits for an answer, and what is still asked when it is long settled."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from daemon.commands.explain import subjects_of, why_silent
from daemon.passes.forecast import days_ahead
from policies.asks.wants import WantWithdrawn
from policies.database.reviews import contact_info, minimum_fields, review_calendar
from policies.database.reviews.cold import cold
from policies.database.reviews.stages import mismatches
from policies.facts import price_range, taxonomy
from policies.facts.touchpoints import quiet_days
from policies.registry import POLICIES
from policies.world.model import (
    STAGE_LABELS,
    Address,
    Communication,
    Contact,
    Deal,
    Reach,
    Side,
    Stage,
)
from policies.world.practice import ConfirmedRule, DatabaseOptions
from policies.world.snapshot import Snapshot
from tests.passes import cell, changed, decided, open_tasks, passed, plan, ticked
from tests.scenes import ZONE, at, client, own_task, practice, purchase, snapshot

MONTHLY = date(2026, 12, 28)
"""The day of a monthly review: December 25 is a holiday, and then comes a weekend."""
QUARTERLY = date(2027, 1, 4)
STAGES, COLD, SPEED, REVIEWS, GAPS = "database.stage_accuracy", "database.cold_leads", "database.speed_to_lead", "database.reviews", "database.minimum_fields"
CLOSINGS = ("milestones.setup_at_closing", STAGES)
RULE = practice(database=DatabaseOptions(confirmed_system_rules=(ConfirmedRule("closed_to_past_client", "Dana Reyes", date(2026, 11, 1)),)))
BUYER, SELLER = Stage.PAST_CLIENT_BUYER, Stage.PAST_CLIENT_SELLER


def staged(stage: Stage | None, number: int = 101, **changes: Any) -> Contact:
    """A sound record in this stage, heard of a day before the monthly review."""
    return client(number, **{
        "stage": stage, "stage_label": STAGE_LABELS[stage] if stage else "Warm", "tags": ("Zillow",), "source": "Zillow", "has_background": True,
        "created": at(date(2024, 1, 8)), "emails": (Reach(f"p{number}@example.org", "Valid"),), "phones": (Reach(f"512-555-0{number}"),),
        "last_communication": at(MONTHLY - timedelta(days=1)), **changes})


def quiet(days: int = 120, stage: Stage = Stage.LONG_TERM_NURTURE, number: int = 101, day: date = QUARTERLY, **changes: Any) -> Contact:
    return staged(stage, number, **{"last_communication": at(day - timedelta(days=days)), **changes})


def contract(number: int = 101, **changes: Any) -> Contact:
    return staged(Stage.UNDER_CONTRACT, number, **changes)


def world(*people: Contact, deals: tuple[Deal, ...] = (), day: date = MONTHLY, **changes: Any) -> Snapshot:
    return snapshot(day, people, deals, **changes)


def closed(number: int = 812, day: date = date(2026, 12, 18), **changes: Any) -> Deal:
    return purchase(day, number, **changes)


def redated(s: Snapshot, number: int = 812, **attributes: Any) -> Snapshot:
    """A deal is edited in the CRM."""
    return replace(s, deals={**s.deals, number: replace(s.deals[number], **attributes)})


def asked(s: Snapshot) -> dict[str, str]:
    """The questions that are not over, with what their rows say."""
    return {row.ref: row.text("Status") for row in s.workbook.rows("Approvals") if not row.text("Acted On") and not row.text("Status").startswith("Done")}


def the_one(s: Snapshot, rule: str) -> str:
    (ref,) = [ref for ref in asked(s) if ref.startswith(f"{rule} ")]
    return ref


def stage_of(s: Snapshot, number: int = 101) -> Stage | None:
    return s.contacts[number].stage


def silent(s: Snapshot, policy: str, number: int = 101) -> str:
    """What `steward explain` says of this rule and this contact."""
    subjects, contact = subjects_of(s, str(number))
    chosen = [p for p in POLICIES if p.name == policy]
    assert contact
    return " | ".join(says for name, says in why_silent(s, {p.name: list(p.decide(s)) for p in chosen}, chosen, contact, subjects) if name == policy)


def items(s: Snapshot, code: str) -> list[str]:
    return cell(s, "Checklists", f"DB-39 a0 {code}", "Items").split("\n")


# -- closings: who is moved, who is asked, and what ends it -----------------------------------------------------------------


@pytest.mark.clause("DB-09", "X-30")
@pytest.mark.parametrize("word", ["Reject", "Hold"])
def test_a_rule_confirmed_later_moves_nobody_whom_the_agent_kept_where_they_are(word: str) -> None:
    s = passed(world(contract(), deals=(closed(),)), prefix=STAGES)
    s = passed(decided(s, the_one(s, "DB-24"), word), prefix=STAGES)
    s = passed(replace(s, practice=RULE), prefix=STAGES)

    assert stage_of(s) is Stage.UNDER_CONTRACT


@pytest.mark.clause("DB-24", "DB-09")
def test_a_rule_confirmed_later_takes_over_what_nobody_has_answered() -> None:
    s = passed(world(contract(), deals=(closed(),)), prefix=STAGES)
    s = passed(passed(replace(s, practice=RULE), prefix=STAGES), prefix=STAGES)

    assert stage_of(s) is BUYER
    assert asked(s) == {}


@pytest.mark.clause("DB-24", "DB-09", "X-51")
@pytest.mark.parametrize("rule", [True, False])
def test_a_deal_that_was_reopened_and_closes_again_is_a_new_fact(rule: bool) -> None:
    s = passed(world(contract(), deals=(closed(),), practice=RULE if rule else practice()), prefix=STAGES)
    s = s if rule else passed(decided(s, the_one(s, "DB-24"), STAGE_LABELS[BUYER]), prefix=STAGES)
    assert stage_of(s) is BUYER
    s = redated(changed(s, 101, stage=Stage.UNDER_CONTRACT, stage_label="Under Contract"), closed=False, projected_close=date(2027, 1, 12))
    s = passed(s, date(2026, 12, 29), STAGES)
    assert (stage_of(s), asked(s)) == (Stage.UNDER_CONTRACT, {})

    s = passed(redated(s, closed=True), date(2027, 1, 12), STAGES)
    assert (stage_of(s) is BUYER) is rule
    assert bool(asked(s)) is not rule


@pytest.mark.clause("DB-09")
def test_a_person_who_moves_back_is_right_also_when_the_date_was_entered_a_day_too_late() -> None:
    s = passed(world(contract(), deals=(closed(entered_stage_at=at(date(2026, 12, 18), 9)),), practice=RULE), prefix=STAGES)
    s = redated(changed(s, 101, stage=Stage.UNDER_CONTRACT, stage_label="Under Contract"), projected_close=date(2026, 12, 17))

    assert stage_of(passed(s, prefix=STAGES)) is Stage.UNDER_CONTRACT


@pytest.mark.clause("DB-11", "DB-32", "DB-09")
@pytest.mark.parametrize("others", [(), (closed(900),)])
def test_a_deal_in_a_stage_nobody_knows_is_a_deal(others: tuple[Deal, ...]) -> None:
    """Its pipeline is new to Steward: it may be the transaction that is open."""
    s = world(contract(), deals=(closed(closed=None, stage_label="Clear to close"), *others), day=QUARTERLY, practice=RULE)

    assert not [m for m in mismatches(s) if "no deal" in m.reason]
    assert stage_of(passed(s, prefix=STAGES)) is Stage.UNDER_CONTRACT


@pytest.mark.clause("X-51", "DB-24")
def test_a_fresh_closing_does_not_queue_behind_the_backlog() -> None:
    old = [closed(n, date(2024, 1, 1) + timedelta(days=n), people=(n,)) for n in range(201, 241)]
    s = passed(world(*(contract(n) for n in range(201, 241)), deals=tuple(old)), prefix=STAGES)
    s = replace(s, contacts={**s.contacts, 101: contract()}, deals={**s.deals, 812: closed()})
    s = passed(s, prefix=STAGES)

    assert len([ref for ref in asked(s) if "p101" in ref]) == 1
    assert len(asked(s)) == 26


@pytest.mark.clause("DB-24", "X-51")
def test_forty_deals_that_are_closed_on_paper_in_one_day_are_no_flood() -> None:
    deals = [closed(n, people=(n,), entered_stage_at=at(MONTHLY)) for n in range(201, 241)]
    s = world(*(contract(n) for n in range(201, 241)), deals=tuple(deals))
    for _ in range(2):
        s = passed(s, prefix=STAGES)
    assert len(asked(s)) == 25
    for ref in list(asked(s))[:20]:
        s = decided(s, ref, "Reject")
    s = passed(passed(s, prefix=STAGES), prefix=STAGES)

    assert len(asked(s)) == 20


@pytest.mark.clause("DB-09", "DB-39")
def test_whom_a_person_moved_back_is_no_open_item_and_explained() -> None:
    s = passed(world(contract(), deals=(closed(),), practice=RULE), prefix=STAGES)
    s = passed(changed(s, 101, stage=Stage.UNDER_CONTRACT, stage_label="Under Contract"), prefix=(STAGES, REVIEWS))

    assert items(s, "202612-monthly")[2] == "☑ Stage accuracy checked — outdated stages corrected"
    assert silent(s, STAGES) == "deal 812 (412 Cedar Ln) closed on 12/18/2026; they were moved once, and a person moved them back"


@pytest.mark.clause("X-51", "DB-24", "MS-01")
@pytest.mark.parametrize("how", ["answer", "by hand", "tagged"])
def test_what_two_procedures_ask_about_one_closing_ends_together(how: str) -> None:
    s = passed(world(contract(), deals=(closed(),)), prefix=CLOSINGS)
    assert (list(open_tasks(s)), list(asked(s))) == (["MS-01 d812 20261218-stage"], [the_one(s, "DB-24")])
    if how == "answer":
        s = decided(s, the_one(s, "DB-24"), STAGE_LABELS[BUYER])
    else:
        s = changed(s, 101, **({"tags": ("Past Client",)} if how == "tagged" else {}), stage=BUYER, stage_label=STAGE_LABELS[BUYER])
    s = passed(passed(s, prefix=CLOSINGS), prefix=CLOSINGS)

    assert (open_tasks(s), asked(s)) == ({}, {})
    assert plan(s, CLOSINGS).actions == ()


@pytest.mark.clause("X-51", "DB-24", "MS-01")
def test_an_agent_who_says_no_once_is_not_asked_by_the_other_procedure() -> None:
    s = passed(world(contract(), deals=(closed(), closed(900, date(2026, 12, 14), side=Side.SELLER))), prefix=CLOSINGS)
    s = decided(s, the_one(s, "DB-24"), "Reject")
    for _ in range(3):
        s = passed(s, prefix=CLOSINGS)
    assert (stage_of(s), open_tasks(s), asked(s)) == (Stage.UNDER_CONTRACT, {}, {})

    s = redated(s, projected_close=date(2026, 12, 29))  # it closes once more: the no was about another closing
    s = passed(s, date(2026, 12, 29), CLOSINGS)
    assert (the_one(s, "DB-24"), "MS-01 d812 20261229-stage" in open_tasks(s)) == ("DB-24 p101 d812-20261229", True)


@pytest.mark.clause("X-51", "DB-24", "MS-01")
def test_whom_the_rule_moves_nobody_is_asked_to_move() -> None:
    s = passed(passed(world(contract(), deals=(closed(),), practice=RULE), prefix=CLOSINGS), prefix=CLOSINGS)

    assert (stage_of(s), open_tasks(s)) == (BUYER, {})


@pytest.mark.clause("MS-01", "X-60")
@pytest.mark.parametrize("change", [{"closed": False}, {"projected_close": date(2026, 12, 21)}, {"deleted": True}])
def test_a_closing_that_is_none_any_more_is_not_asked_about(change: dict[str, Any]) -> None:
    s = passed(world(contract(), deals=(closed(),)), prefix=CLOSINGS)
    s = passed(redated(s, **change), prefix=CLOSINGS)

    assert "MS-01 d812 20261218-stage" not in open_tasks(s)


@pytest.mark.clause("DB-24", "MS-01", "X-06")
def test_a_client_who_sold_and_is_buying_stays_under_contract() -> None:
    """The milestones want to know a past client; the stage belongs to the transaction that is open."""
    sale, purchase_ = closed(900, side=Side.SELLER), closed(closed=False, day=date(2027, 1, 20))
    s = passed(world(contract(), deals=(sale, purchase_), practice=RULE), prefix=CLOSINGS)

    assert (stage_of(s), asked(s)) == (Stage.UNDER_CONTRACT, {})
    assert [name for name in open_tasks(s).values() if name.startswith("Move to")] == []
    assert [name.partition(":")[0] for name in open_tasks(s).values()] == ["Tag Past Client? One deal has closed, another is open"]


@pytest.mark.clause("DB-09", "X-30")
@pytest.mark.parametrize(("who", "moves"), [("Mia Cole", False), (" ", False), ("mia  cole", False), ("Dana Reyes", True), ("Team Lead", True)])
def test_a_rule_that_the_va_or_nobody_confirmed_moves_nobody(who: str, moves: bool) -> None:
    rules = DatabaseOptions(confirmed_system_rules=(ConfirmedRule("closed_to_past_client", who, date(2026, 11, 1)),))
    s = passed(world(contract(), deals=(closed(),), practice=practice(database=rules)), prefix=STAGES)

    assert (stage_of(s) is BUYER) is moves


@pytest.mark.clause("DB-16", "DB-24", "DB-11")
def test_nobody_is_moved_into_a_stage_that_the_account_lacks() -> None:
    """The CRM would answer that all is well, and do nothing, in every pass."""
    labels = tuple(name for name in STAGE_LABELS.values() if name != STAGE_LABELS[BUYER])
    s = passed(world(contract(), deals=(closed(),), practice=replace(RULE, account_stages=labels)), prefix=CLOSINGS)
    row = s.workbook.row("Approvals", the_one(s, "DB-24"))

    assert row
    assert row.text("Draft").endswith("- Past Client — Buyer: closed buyer transaction. The CRM has no stage for it: make one, or name yours in crm.stages")
    assert list(open_tasks(s)) == ["MS-01 d812 20261218-stage"]
    s = passed(passed(decided(s, row.ref, STAGE_LABELS[BUYER]), prefix=CLOSINGS), prefix=CLOSINGS)
    assert stage_of(s) is Stage.UNDER_CONTRACT


@pytest.mark.clause("DB-09", "X-30")
@pytest.mark.parametrize(("confirmed", "moves"), [(MONTHLY, True), (MONTHLY + timedelta(days=1), False)])
def test_a_rule_counts_from_the_day_on_which_it_was_confirmed(confirmed: date, moves: bool) -> None:
    rules = DatabaseOptions(confirmed_system_rules=(ConfirmedRule("closed_to_past_client", "Dana Reyes", confirmed),))
    s = passed(world(contract(), deals=(closed(),), practice=practice(database=rules)), prefix=STAGES)

    assert (stage_of(s) is BUYER, bool(asked(s))) == (moves, not moves)


@pytest.mark.clause("DB-24")
def test_a_couple_on_one_deal_moves_together_and_each_on_their_own_side() -> None:
    bought, sold = closed(people=(101, 102)), closed(900, people=(103,), side=Side.SELLER)
    s = passed(world(contract(101), contract(102), contract(103), deals=(bought, sold), practice=RULE), prefix=STAGES)

    assert [stage_of(s, n) for n in (101, 102, 103)] == [BUYER, BUYER, SELLER]


@pytest.mark.clause("DB-24", "DB-32")
def test_who_bought_and_sold_is_asked_once_and_either_answer_is_right() -> None:
    s = passed(world(contract(), deals=(closed(), closed(900, side=Side.SELLER)), practice=RULE), prefix=STAGES)
    s = passed(decided(s, the_one(s, "DB-24"), STAGE_LABELS[SELLER]), prefix=STAGES)

    assert stage_of(s) is SELLER
    assert asked(passed(s, QUARTERLY, STAGES)) == {}


@pytest.mark.clause("DB-32", "DB-15")
@pytest.mark.parametrize(("stage", "proposed"), [
    (Stage.NEW_LEAD, True), (Stage.ATTEMPTING_CONTACT, True), (Stage.COLD_LEAD, True), (Stage.LONG_TERM_NURTURE, False), (Stage.ACTIVE_BUYER, False),
    (Stage.SPHERE_OF_INFLUENCE, False), (Stage.REFERRAL_SOURCE, False)])
def test_who_closed_long_ago_is_no_lead(stage: Stage, proposed: bool) -> None:
    s = world(staged(stage), deals=(closed(day=date(2023, 5, 2)),), day=QUARTERLY, practice=RULE)

    assert [m.targets for m in mismatches(s)] == ([(BUYER,)] if proposed else [])
    assert stage_of(passed(s, prefix=STAGES)) is stage, "no rule is confirmed for that"


@pytest.mark.clause("DB-24", "DB-32", "DB-11")
@pytest.mark.parametrize(("stage", "deals", "targets"), [
    (Stage.UNDER_CONTRACT, (closed(side=None),), (BUYER, SELLER)),  # a pipeline that is on neither list: both may be right
    (Stage.UNDER_CONTRACT, (closed(side=None, day=date(2024, 1, 8)),), (BUYER, SELLER)),
    (Stage.UNDER_CONTRACT, (closed(deleted=True),), (Stage.ACTIVE_BUYER, Stage.ACTIVE_SELLER)),  # a deal that was deleted is none
    (BUYER, (closed(900, side=Side.SELLER), closed(side=None)), ()), (BUYER, (closed(side=None),), ()),
    (BUYER, (closed(900, side=Side.SELLER), closed()), ()), (BUYER, (closed(900, side=Side.SELLER), closed(901, side=Side.SELLER)), (SELLER,)),
    (Stage.NEW_LEAD, (closed(day=date(2023, 5, 2)), closed(900, closed=False)), ())])  # they are in a transaction again
def test_what_nobody_knows_of_a_deal_proves_nothing(stage: Stage, deals: tuple[Deal, ...], targets: tuple[Stage, ...]) -> None:
    s = world(staged(stage), deals=deals, day=QUARTERLY, practice=RULE)

    assert [m.targets for m in mismatches(s)] == ([targets] if targets else [])
    assert stage_of(passed(s, prefix=STAGES)) is stage


@pytest.mark.clause("DB-24", "X-49")
def test_a_client_who_died_is_moved_nowhere() -> None:
    s = world(contract(tags=("Zillow", "Deceased")), deals=(closed(),), practice=RULE)

    assert mismatches(s) == ()


# -- the monthly and the quarterly checks -----------------------------------------------------------------------------------


@pytest.mark.clause("DB-32", "X-29")
def test_a_cold_lead_who_writes_again_after_the_audit_does_not_fall_off_the_list() -> None:
    """The CRM tells the latest message of each kind only: the one the audit saw is gone."""
    s = passed(world(staged(Stage.COLD_LEAD, inbound=(Communication("text", at(date(2026, 12, 20))),)), day=QUARTERLY), prefix=STAGES)
    ref = the_one(s, "DB-32")
    s = passed(changed(s, 101, inbound=(Communication("text", at(date(2027, 1, 10))),)), date(2027, 1, 11), STAGES)

    assert list(asked(s)) == [ref]


@pytest.mark.clause("DB-32", "DB-15", "X-48")
@pytest.mark.parametrize(("days", "asked_about"), [((100, 89), True), ((89, 100), True), ((100, 90), False), ((), False)])
def test_a_cold_lead_is_heard_through_whichever_channel_was_last(days: tuple[int, ...], asked_about: bool) -> None:
    heard = tuple(Communication(channel, at(QUARTERLY - timedelta(days=n))) for channel, n in zip(("e-mail", "text"), days, strict=False))

    assert bool(mismatches(world(staged(Stage.COLD_LEAD, inbound=heard), day=QUARTERLY))) is asked_about


@pytest.mark.clause("DB-26")
def test_a_week_after_the_first_proposals_come_the_next() -> None:
    s = passed(world(*(quiet(90 + n, Stage.ACTIVE_BUYER, n, MONTHLY) for n in range(101, 161))), prefix=STAGES)

    assert {ref.split()[1] for ref in asked(s)} == {f"p{n}" for n in range(136, 161)}, "the quietest first"
    assert [len(asked(passed(s, MONTHLY + timedelta(days=n), STAGES))) for n in (6, 7)] == [25, 50]


@pytest.mark.clause("DB-25", "DB-26", "DB-32")
def test_each_check_has_its_own_pace_and_the_records_of_old_come_first() -> None:
    buyers = [quiet(90, Stage.ACTIVE_BUYER, n, QUARTERLY) for n in range(101, 131)]
    leads = [staged(Stage.NEW_LEAD, n, communications=3) for n in range(201, 231)]
    lost = [contract(n, created=at(date(2026, 1, 1) - timedelta(days=n))) for n in range(301, 331)]
    refs = asked(passed(world(*buyers, *leads, *lost, day=QUARTERLY), prefix=STAGES))

    assert [len([ref for ref in refs if ref.startswith(rule)]) for rule in ("DB-25", "DB-26", "DB-32")] == [25, 25, 25]
    assert {ref.split()[1] for ref in refs if ref.startswith("DB-32")} == {f"p{n}" for n in range(306, 331)}


@pytest.mark.clause("DB-32", "DB-30")
def test_a_cold_lead_who_comes_back_a_second_time_is_asked_about_a_second_time() -> None:
    s = passed(world(staged(Stage.COLD_LEAD, inbound=(Communication("text", at(date(2026, 12, 20))),)), day=QUARTERLY), prefix=STAGES)
    s = passed(decided(s, the_one(s, "DB-32"), STAGE_LABELS[Stage.ATTEMPTING_CONTACT]), prefix=STAGES)
    s = changed(s, 101, stage=Stage.COLD_LEAD, stage_label="Cold Lead")
    assert asked(passed(s, date(2027, 4, 1), STAGES)) == {}, "the agent has answered that"

    s = changed(s, 101, inbound=(Communication("text", at(date(2027, 6, 20))),))
    s = passed(s, date(2027, 7, 1), STAGES)
    s = passed(decided(s, the_one(s, "DB-32"), STAGE_LABELS[Stage.LONG_TERM_NURTURE]), prefix=STAGES)
    assert stage_of(s) is Stage.LONG_TERM_NURTURE


@pytest.mark.clause("DB-26", "X-29", "X-48")
@pytest.mark.parametrize(("last", "flagged"), [
    (datetime(2026, 10, 29, 0, 0, tzinfo=ZONE), True), (datetime(2026, 10, 29, 23, 59, tzinfo=ZONE), True), (datetime(2026, 10, 30, 0, 0, tzinfo=ZONE), False),
    (datetime(2026, 10, 30, 4, 59, tzinfo=UTC), True), (datetime(2026, 10, 30, 5, 0, tzinfo=UTC), False)])
def test_sixty_days_are_days_of_the_agents_calendar_across_the_change_of_the_clocks(last: datetime, flagged: bool) -> None:
    s = world(staged(Stage.ACTIVE_BUYER, last_communication=last))

    assert bool(mismatches(s)) is flagged


@pytest.mark.clause("DB-26", "X-29")
@pytest.mark.parametrize("touch", ["note", "call", "text of theirs"])
def test_a_question_about_silence_is_over_once_somebody_was_in_touch(touch: str) -> None:
    s = passed(world(quiet(61, Stage.ACTIVE_BUYER, day=MONTHLY)), prefix=STAGES)
    assert the_one(s, "DB-26")
    now = at(date(2026, 12, 29), 10)
    s = {"note": lambda: replace(s, noted={101: now}), "call": lambda: changed(s, 101, outbound=(Communication("call", now),)),
         "text of theirs": lambda: changed(s, 101, inbound=(Communication("text", now),))}[touch]()

    assert asked(passed(s, date(2026, 12, 30), STAGES)) == {}


@pytest.mark.clause("DB-26", "X-35")
@pytest.mark.parametrize("change", [
    {"tags": ("DNC",)}, {"tags": ("Deceased",)}, {"stage": Stage.LONG_TERM_NURTURE, "stage_label": "Long-Term Nurture"},
    {"outbound": (Communication("call", at(date(2026, 12, 29))),)}])
def test_a_task_to_reactivate_ends_with_its_ground(change: dict[str, Any]) -> None:
    s = passed(world(quiet(61, Stage.ACTIVE_BUYER, day=MONTHLY)), prefix=STAGES)
    s = passed(decided(s, the_one(s, "DB-26"), "Reactivate"), prefix=STAGES)
    assert len(open_tasks(s)) == 1
    for nothing in ({}, {"stage": None, "stage_label": "Warm"}, {"communications": 9}):
        assert open_tasks(passed(changed(s, 101, **nothing), date(2026, 12, 30), STAGES)) == open_tasks(s)

    assert open_tasks(passed(changed(s, 101, **change), date(2026, 12, 30), STAGES)) == {}


@pytest.mark.clause("DB-26", "DB-29", "DB-30")
def test_two_questions_about_one_quiet_buyer_do_not_contradict_each_other() -> None:
    s = world(quiet(120, Stage.ACTIVE_BUYER), day=QUARTERLY)
    s = passed(passed(s, prefix=(STAGES, COLD)), prefix=(STAGES, COLD))
    assert sorted(asked(s)) == [the_one(s, "DB-26"), "DB-30 a0 2027Q1-leads"]
    s = passed(decided(s, the_one(s, "DB-26"), "Long-Term Nurture"), prefix=(STAGES, COLD))
    s = passed(decided(s, "DB-30 a0 2027Q1-leads", "Remove"), prefix=(STAGES, COLD))

    assert (stage_of(s), open_tasks(s)) == (Stage.LONG_TERM_NURTURE, {})
    assert cell(s, "Cold Leads", "DB-29 p101 2027Q1", "Outcome") == "Not done: in the stage Long-Term Nurture by now"


@pytest.mark.clause("DB-25", "X-46", "DB-11")
def test_a_new_lead_who_was_left_there_on_purpose_is_not_asked_about_every_month() -> None:
    s = passed(world(staged(Stage.NEW_LEAD, communications=3)), prefix=STAGES)
    s = passed(decided(s, the_one(s, "DB-25"), "Reject"), prefix=STAGES)
    s = changed(s, 101, communications=9)

    assert asked(passed(s, date(2027, 1, 25), STAGES)) == {}


# -- speed to lead ----------------------------------------------------------------------------------------------------------


def lead(came: datetime, number: int = 101, stage: Stage = Stage.NEW_LEAD, **changes: Any) -> Contact:
    return staged(stage, number, **{"created": came, "last_communication": None, **changes})


def moment(day: date, hour: int, minute: int = 0, fold: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute, fold=fold), ZONE)


def prompted(s: Snapshot, now: datetime) -> Snapshot:
    return passed(replace(s, activated=date(2026, 10, 1)), now, SPEED)


@pytest.mark.clause("DB-17", "X-45")
@pytest.mark.parametrize(("came", "quiet_until", "loud_from"), [
    (moment(date(2026, 11, 1), 1, 30), moment(date(2026, 11, 1), 18, 59), moment(date(2026, 11, 1), 19)),
    (moment(date(2026, 11, 1), 1, 30, 1), moment(date(2026, 11, 1), 18, 59), moment(date(2026, 11, 1), 19)),
    (moment(date(2026, 10, 31), 23, 30), moment(date(2026, 11, 1), 5, 59), moment(date(2026, 11, 1), 6)),
    (moment(date(2027, 3, 14), 3, 0), moment(date(2027, 3, 14), 18, 59), moment(date(2027, 3, 14), 19)),
    (moment(date(2027, 3, 13), 19, 1), moment(date(2027, 3, 14), 5, 59), moment(date(2027, 3, 14), 6)),
    (moment(date(2026, 11, 7), 10), moment(date(2026, 11, 7), 18, 59), moment(date(2026, 11, 7), 19)),
    (moment(date(2026, 12, 25), 20), moment(date(2026, 12, 26), 5, 59), moment(date(2026, 12, 26), 6))])
def test_a_lead_is_flagged_by_the_wall_clock_on_every_day_of_the_year(came: datetime, quiet_until: datetime, loud_from: datetime) -> None:
    """The clocks go back and forward, it is Saturday, it is Christmas: people who ask for a home do not mind."""
    s = prompted(world(lead(came.astimezone(UTC))), quiet_until)
    (name,) = open_tasks(s).values()
    assert name.startswith("Respond now")

    (name,) = open_tasks(prompted(s, loud_from)).values()
    assert name.startswith("No attempt the same day: Respond now")


@pytest.mark.clause("DB-17", "X-45")
@pytest.mark.parametrize(("outbound", "answered"), [
    ((), False), ((Communication("call", moment(MONTHLY, 8, 59)),), False), ((Communication("call", moment(MONTHLY, 9)),), True),
    ((Communication("e-mail", moment(date(2026, 12, 29), 9)),), True)])
def test_an_attempt_is_one_that_was_made_since_the_lead_came_in(outbound: tuple[Communication, ...], answered: bool) -> None:
    """What an action plan sent touches `last_communication` and is no attempt; nor is a call of last year, when they first asked."""
    s = world(lead(moment(MONTHLY, 9), outbound=outbound, last_communication=moment(MONTHLY, 9, 1)))

    assert (open_tasks(prompted(s, moment(date(2026, 12, 29), 10))) == {}) is answered


@pytest.mark.clause("DB-17", "X-35", "X-49", "X-64")
@pytest.mark.parametrize(("change", "sign"), [
    ({"tags": ("Zillow", "DNC")}, "Do Not Contact"), ({"tags": ("Zillow", "Deceased")}, "Deceased"),
    ({"stage": Stage.DO_NOT_CONTACT, "stage_label": "Do Not Contact"}, "Do Not Contact")])
def test_nobody_is_told_to_call_a_lead_who_asked_not_to_be_called(change: dict[str, Any], sign: str) -> None:
    """An inquiry reaches the agent whatever the sign, and the task names it."""
    s = prompted(world(lead(moment(MONTHLY, 9))), moment(MONTHLY, 10))
    assert list(open_tasks(s)) == ["DB-17 p101 respond"]

    now = open_tasks(prompted(changed(s, 101, **change), moment(MONTHLY, 11)))
    assert list(now) == ["DB-17 p101 respond.2"]
    assert now["DB-17 p101 respond.2"].startswith(f"{sign}: ")
    assert now["DB-17 p101 respond.2"].endswith("Decide before anybody responds")


@pytest.mark.clause("DB-17", "X-81")
@pytest.mark.parametrize("days", [1, 30])
@pytest.mark.parametrize("called", [False, True])
def test_a_prompt_ends_with_the_call_however_late_it_is_made(days: int, called: bool) -> None:
    s = prompted(world(lead(moment(MONTHLY, 9))), moment(MONTHLY, 10))
    then = MONTHLY + timedelta(days=days)
    s = changed(s, 101, outbound=(Communication("call", moment(then, 9)),)) if called else s

    assert list(open_tasks(prompted(s, moment(then, 12)))) == ([] if called else ["DB-17 p101 respond"])


@pytest.mark.clause("DB-17", "X-81")
@pytest.mark.parametrize(("called", "open_"), [
    (None, ["DB-17 p101 respond"]), (moment(MONTHLY, 11), []), (moment(date(2026, 12, 1), 11), ["DB-17 p101 respond"])])  # before they inquired
@pytest.mark.parametrize("there", [True, False])
def test_a_prompt_follows_a_lead_into_the_record_they_are_merged_into(called: Any, open_: list[str], there: bool) -> None:
    s = prompted(world(lead(moment(MONTHLY, 9), last_name="Park")), moment(MONTHLY, 10))
    old = replace(s.contacts[101], id=90, created=moment(date(2024, 1, 8), 9), stage=Stage.LONG_TERM_NURTURE, stage_label="Long-Term Nurture",
                  outbound=(Communication("call", called),) if called else ())
    loser = replace(s.contacts[101], trashed=True, stage=None, stage_label="Trash")
    s = replace(s, contacts={90: old, **({101: loser} if there else {})}, tasks=tuple(replace(t, person_id=90) for t in s.tasks))

    assert list(open_tasks(prompted(s, moment(MONTHLY, 12)))) == open_


@pytest.mark.clause("DB-17", "X-81")
def test_a_lead_who_is_merged_into_another_has_one_prompt() -> None:
    """They inquired twice, and the VA merges the two."""
    s = prompted(world(lead(moment(MONTHLY, 9), last_name="Park"), lead(moment(MONTHLY, 9), 102, last_name="Park")), moment(MONTHLY, 10))
    s = changed(s, 101, trashed=True, stage=None, stage_label="Trash")
    s = replace(s, tasks=tuple(replace(t, person_id=102) for t in s.tasks))

    assert list(open_tasks(prompted(s, moment(MONTHLY, 11)))) == ["DB-17 p102 respond"]


@pytest.mark.clause("DB-17", "X-81")
def test_nobody_responds_to_a_lead_in_the_trash() -> None:
    s = prompted(world(lead(moment(MONTHLY, 9))), moment(MONTHLY, 10))

    assert open_tasks(prompted(changed(s, 101, trashed=True, stage=None, stage_label="Trash"), moment(MONTHLY, 11))) == {}


def through(s: Snapshot, *portals: str) -> Snapshot:
    """The world after `portal_sources` was changed."""
    return replace(s, practice=replace(s.practice, database=replace(s.practice.database, portal_sources=portals)))


@pytest.mark.clause("DB-17", "X-81")
@pytest.mark.parametrize("days", [0, 20])
@pytest.mark.parametrize(("source", "tags", "ends"), [
    ("Zillow", (), True), ("Zillow", ("Realtor.com",), False), ("Realtor.com", (), False), ("", ("Zillow",), True)])
def test_a_prompt_ends_when_its_source_is_no_portal_of_the_agents_any_longer(source: str, tags: tuple[str, ...], ends: bool, days: int) -> None:
    s = prompted(world(lead(moment(MONTHLY, 9), source=source, tags=tags)), moment(MONTHLY, 10))
    assert list(open_tasks(s)) == ["DB-17 p101 respond"]

    then = moment(MONTHLY + timedelta(days=days), 11)
    said = [a.want.because for a in plan(replace(through(s, "Realtor.com"), now=then), SPEED).actions if isinstance(a.want, WantWithdrawn)]
    named = source or "the lead source on the record"
    assert said == ([f"{named} is not one of your portals (portal_sources in the configuration)"] if ends else [])


@pytest.mark.clause("DB-17", "X-81")
def test_the_task_about_the_rest_of_a_flood_ends_with_its_portal() -> None:
    s = prompted(world(*(lead(moment(MONTHLY, 9), n) for n in range(101, 141))), moment(MONTHLY, 10))

    assert open_tasks(prompted(through(s, "Realtor.com"), moment(MONTHLY, 11))) == {}


@pytest.mark.clause("DB-17", "X-65")
def test_a_lead_whose_tags_cannot_be_read_keeps_the_prompt() -> None:
    s = prompted(world(lead(moment(MONTHLY, 9), source="", tags=("Zillow",))), moment(MONTHLY, 10))

    assert open_tasks(prompted(changed(s, 101, tags=(), unreadable=("tags",)), moment(MONTHLY, 11))) == open_tasks(s)


@pytest.mark.clause("DB-17", "X-64")
def test_a_lead_who_unsubscribed_from_email_is_called_all_the_same() -> None:
    s = prompted(world(lead(moment(MONTHLY, 9))), moment(MONTHLY, 10))

    assert open_tasks(prompted(changed(s, 101, emails=(Reach("p101@example.org", "Unsubscribed"),)), moment(MONTHLY, 11))) == open_tasks(s)


@pytest.mark.clause("DB-17", "X-64")
@pytest.mark.parametrize("lone", [
    {"source": "Zillow", "tags": ("Steward: skip",)}, {"source": "", "tags": ("Zillow", "STEWARD: SKIP")},
    {"source": "Realtor.com", "tags": ("steward:  Skip",), "stage": Stage.ATTEMPTING_CONTACT}])
def test_a_portal_lead_who_is_left_alone_by_tag_reaches_the_agent_and_nothing_is_written_on_the_record(lone: dict[str, Any]) -> None:
    s = prompted(world(lead(moment(MONTHLY, 9), **lone)), moment(MONTHLY, 10))

    assert list(open_tasks(s)) == ["DB-17 p101 respond"]
    assert s.notes == ()
    answered = prompted(changed(s, 101, outbound=(Communication("call", moment(MONTHLY, 11)),)), moment(MONTHLY, 12))
    assert open_tasks(answered) == {}


@pytest.mark.clause("DB-17", "X-64")
def test_a_lead_who_is_to_be_left_alone_and_opts_out_is_prompted_for_with_the_sign() -> None:
    s = prompted(world(lead(moment(MONTHLY, 9))), moment(MONTHLY, 10))
    alone = prompted(changed(s, 101, tags=("Zillow", "Steward: skip")), moment(MONTHLY, 11))
    assert open_tasks(alone) == open_tasks(s)

    s = prompted(changed(alone, 101, tags=("Zillow", "DNC", "Steward: skip")), moment(MONTHLY, 12))
    assert [name.partition(":")[0] for name in open_tasks(prompted(s, moment(MONTHLY, 13))).values()] == ["Do Not Contact"]


@pytest.mark.clause("DB-17", "X-64")
def test_a_portal_lead_outside_the_pilot_is_not_prompted_for() -> None:
    s = world(lead(moment(MONTHLY, 9)), lead(moment(MONTHLY, 9), 102, tags=("Pilot",)), practice=practice(pilot_tag="Pilot"))

    assert list(open_tasks(prompted(s, moment(MONTHLY, 10)))) == ["DB-17 p102 respond"]


@pytest.mark.clause("DB-17")
def test_the_task_about_the_rest_of_a_flood_ends_once_the_rest_is_few() -> None:
    people = [lead(moment(MONTHLY, 9), n) for n in range(101, 141)]
    s = prompted(world(*people), moment(MONTHLY, 10))
    assert "DB-17 a0 20261228-more" in open_tasks(s)
    for n in range(101, 115):
        s = changed(s, n, outbound=(Communication("call", moment(MONTHLY, 11)),))
    s = prompted(s, moment(MONTHLY, 12))
    assert "DB-17 a0 20261228-more" in open_tasks(s), "26 are left"
    s = prompted(changed(s, 115, outbound=(Communication("call", moment(MONTHLY, 12)),)), moment(MONTHLY, 13))

    assert sorted(open_tasks(s)) == [f"DB-17 p{n} respond" for n in range(116, 141)]


@pytest.mark.clause("DB-17")
def test_a_prompt_that_the_agent_ticked_off_stays_ticked_off() -> None:
    """The call was made from another phone; the CRM will never know."""
    s = ticked(prompted(world(lead(moment(MONTHLY, 9))), moment(MONTHLY, 10)), "DB-17 p101 respond")

    assert open_tasks(prompted(s, moment(MONTHLY, 20))) == {}


@pytest.mark.clause("DB-17", "DB-18", "X-25")
def test_a_portal_that_the_agent_named_is_a_lead_source() -> None:
    named = practice(database=DatabaseOptions(portal_sources=("Zillow", "Homes.com")))
    s = world(lead(moment(MONTHLY, 9), source="Homes.com", tags=("homes.com",)), practice=named)

    assert minimum_fields.gaps(s, s.contacts[101]) == ()
    assert list(open_tasks(prompted(s, moment(MONTHLY, 10)))) == ["DB-17 p101 respond"]


# -- when reviews run -------------------------------------------------------------------------------------------------------

HOLIDAYS = frozenset(date(2026, 12, 24) + timedelta(days=n) for n in range(9))  # December 24 to January 1


@pytest.mark.clause("DB-21", "DB-13", "X-27")
def test_a_window_without_a_business_day_runs_after_it_and_says_why() -> None:
    s = world(staged(Stage.LONG_TERM_NURTURE), day=QUARTERLY, practice=practice(closures=HOLIDAYS))
    s = passed(s, prefix=REVIEWS)

    assert cell(s, "Hygiene Log", "DB-21 a0 202612", "Status") == "late: no business day from 12/25/2026 to 12/31/2026"
    assert cell(s, "Hygiene Log", "DB-28 a0 2027Q1", "Status") == "on time"


@pytest.mark.clause("DB-21", "X-27")
@pytest.mark.parametrize(("day", "following"), [(date(2026, 12, 24), QUARTERLY), (date(2027, 1, 2), QUARTERLY), (QUARTERLY, QUARTERLY),
                                                (date(2027, 1, 5), date(2027, 1, 25))])
def test_the_next_review_is_the_one_that_comes_next_also_when_it_slipped_into_another_month(day: date, following: date) -> None:
    assert review_calendar.next_run(world(day=day, practice=practice(closures=HOLIDAYS)), "monthly") == following


@pytest.mark.clause("DB-21", "DB-28", "X-27")
@pytest.mark.parametrize(("zone", "now", "period"), [
    ("Pacific/Honolulu", datetime(2026, 11, 24, 9, 59, tzinfo=UTC), "202610"), ("Pacific/Honolulu", datetime(2026, 11, 24, 10, 0, tzinfo=UTC), "202611"),
    ("America/Chicago", datetime(2026, 11, 24, 5, 59, tzinfo=UTC), "202610"), ("America/Chicago", datetime(2026, 11, 24, 6, 0, tzinfo=UTC), "202611"),
    ("Pacific/Guam", datetime(2026, 11, 23, 14, 0, tzinfo=UTC), "202611")])
def test_a_day_begins_where_the_agent_lives(zone: str, now: datetime, period: str) -> None:
    run = review_calendar.latest(replace(world(), now=now.astimezone(ZoneInfo(zone))), "monthly")

    assert run
    assert run.review.period == period


@pytest.mark.clause("DB-13", "DB-22", "X-27", "X-28")
def test_three_months_of_silence_are_three_lines_and_one_review_that_covers_them() -> None:
    s = passed(world(staged(Stage.LONG_TERM_NURTURE), day=date(2026, 8, 25)), prefix=REVIEWS)
    s = replace(s, contacts={**s.contacts, 102: staged(Stage.LONG_TERM_NURTURE, 102, created=at(date(2026, 9, 20)), emails=())})
    s = passed(s, date(2026, 12, 3), REVIEWS)

    assert [r.ref for r in s.workbook.rows("Missed") if r.ref.startswith("DB-21")][-2:] == ["DB-21 a0 202609", "DB-21 a0 202610"]
    assert cell(s, "Hygiene Log", "DB-21 a0 202611", "Status") == "late: it was due on 11/24/2026"
    assert "1 of 1 added since 08/25/2026 lack something" in items(s, "202611-monthly")[0]
    before = s.workbook.rows("Hygiene Log")
    assert passed(s, date(2026, 12, 4), REVIEWS).workbook.rows("Hygiene Log") == before


@pytest.mark.clause("DB-13", "DB-21", "DB-28", "DB-33")
def test_the_year_ahead_has_each_review_on_its_day_and_once() -> None:
    s = replace(world(staged(Stage.SPHERE_OF_INFLUENCE), day=date(2027, 1, 1)), activated=date(2027, 1, 1))
    chosen = [p for p in POLICIES if p.name in {REVIEWS, COLD}]
    asked_ = [(ahead.day, action.mark) for ahead in days_ahead(s, chosen, 400, time(6)) for action in ahead.asked]

    assert [day for day, mark in asked_ if mark.startswith("DB-21")] == [
        date(2027, *day) for day in ((1, 25), (2, 22), (3, 25), (4, 26), (5, 25), (6, 24), (7, 26), (8, 25), (9, 24), (10, 25), (11, 24), (12, 27))
    ] + [date(2028, 1, 25)]
    assert [(day, mark) for day, mark in asked_ if mark.startswith("DB-30")] == [
        (date(2027, 4, 1), "DB-30 a0 2027Q2-soi"), (date(2027, 7, 1), "DB-30 a0 2027Q3-soi"), (date(2027, 10, 1), "DB-30 a0 2027Q4-soi"),
        (date(2028, 1, 3), "DB-30 a0 2028Q1-soi")]


# -- what every record must have --------------------------------------------------------------------------------------------


@pytest.mark.clause("DB-19", "X-49")
def test_nobody_looks_up_the_number_of_the_dead() -> None:
    s = world(staged(Stage.SPHERE_OF_INFLUENCE, emails=(), phones=(), has_background=False, tags=("Deceased", "Zillow")),
              staged(Stage.SPHERE_OF_INFLUENCE, 102, emails=(), phones=()))

    assert minimum_fields.gaps(s, s.contacts[101]) == ()
    assert len(minimum_fields.gaps(s, s.contacts[102])) == 2


@pytest.mark.clause("DB-19", "DB-22")
def test_a_record_that_lacks_something_again_is_a_task_again() -> None:
    new = staged(Stage.LONG_TERM_NURTURE, created=at(date(2026, 12, 27)), emails=())
    s = passed(world(new, activated=date(2026, 12, 1)), prefix=GAPS)
    s = passed(changed(s, 101, emails=(Reach("a@example.org"),)), date(2026, 12, 29), GAPS)
    assert open_tasks(s) == {}
    s = passed(changed(s, 101, emails=()), date(2026, 12, 30), GAPS)

    assert list(open_tasks(s)) == ["DB-19 a0 20261228.2"]
    assert cell(s, "Record Gaps", "DB-19 p101 gaps", "Status") == "Open"


@pytest.mark.clause("DB-19", "DB-01")
def test_an_import_is_one_task_a_day_however_large_and_the_old_keep_their_pace() -> None:
    people = [staged(Stage.NEW_LEAD, n, emails=(), created=at(date(2026, 12, 27))) for n in range(101, 701)]
    old = [staged(Stage.NEW_LEAD, n, emails=()) for n in range(1001, 1101)]
    s = world(*people, *old, activated=date(2026, 12, 1))
    for day in range(3):
        s = passed(s, MONTHLY + timedelta(days=day), GAPS)
    listed = [int(row.ref.split()[1][1:]) for row in s.workbook.rows("Record Gaps")]

    assert (len([n for n in listed if n < 1000]), len([n for n in listed if n > 1000])) == (600, 25)
    assert len(open_tasks(s)) <= 3


@pytest.mark.clause("DB-19", "DB-22")
@pytest.mark.parametrize(("days", "task"), [(30, True), (31, False)])
def test_a_task_about_old_lines_is_not_made_anew_for_ever(days: int, task: bool) -> None:
    """The line stays open; the next monthly review points at it."""
    new = staged(Stage.LONG_TERM_NURTURE, created=at(date(2026, 12, 27)), emails=())
    s = passed(world(new, activated=date(2026, 12, 1)), prefix=GAPS)
    s = passed(replace(s, tasks=()), MONTHLY + timedelta(days=days), GAPS)

    assert bool(open_tasks(s)) is task
    assert cell(s, "Record Gaps", "DB-19 p101 gaps", "Status") == "Open"


@pytest.mark.clause("DB-19")
def test_a_record_that_was_thrown_away_is_no_gap_and_no_task() -> None:
    new = staged(Stage.LONG_TERM_NURTURE, created=at(date(2026, 12, 27)), emails=())
    s = passed(world(new, activated=date(2026, 12, 1)), prefix=GAPS)
    s = passed(changed(s, 101, trashed=True, stage=None, stage_label="Trash"), date(2026, 12, 29), GAPS)

    assert (cell(s, "Record Gaps", "DB-19 p101 gaps", "Status"), open_tasks(s)) == ("In the Trash", {})
    assert plan(s, GAPS).actions == ()


@pytest.mark.clause("DB-19", "DB-22")
@pytest.mark.parametrize(("came", "listed"), [(date(2026, 12, 1), True), (date(2026, 11, 30), False)])
def test_notes_are_demanded_of_who_came_in_since_steward_began(came: date, listed: bool) -> None:
    """Of the others nobody knows what was said, and nobody will."""
    s = passed(world(staged(Stage.NEW_LEAD, created=at(came, 12), has_background=False), activated=date(2026, 12, 1)), prefix=GAPS)

    assert bool(s.workbook.rows("Record Gaps")) is listed


@pytest.mark.clause("DB-19", "X-29")
@pytest.mark.parametrize(("change", "gap"), [
    ({"communications": 1, "last_communication": None}, True), ({"communications": 0}, True), ({"communications": 0, "last_communication": None}, False)])
def test_notes_are_missing_where_anything_at_all_was_said(change: dict[str, Any], gap: bool) -> None:
    s = world(staged(Stage.NEW_LEAD, has_background=False, **change))

    assert (minimum_fields.gaps(s, s.contacts[101]) != ()) is gap
    assert minimum_fields.gaps(replace(s, noted={101: at(MONTHLY)}), s.contacts[101]) == ()


@pytest.mark.clause("DB-18", "X-26")
@pytest.mark.parametrize(("tag", "says"), [
    ("$150–200K", "lies below $200K"), ("$0-199,999", "lies below $200K"), ("Under $200K", "lies below $200K"), ("<$200K", "lies below $200K"),
    ("up to $150,000", "lies below $200K"), ("Below 200k", "lies below $200K"), ("$199–201K", "is none of"), ("Under $300K", "is none of"),
    ("$250–300K", "is none of"), ("$1M+", "is none of"), ("$200–300K", ""), ("$200,000 to $300,000", ""), ("500K+", ""), ("$500,000 +", ""),
    ("Under contract", ""), ("Up to date", ""), ("100 days", ""), ("$400-500", ""), ("$450K", "")])
def test_a_price_outside_the_taxonomy_is_a_gap_however_it_is_written(tag: str, says: str) -> None:
    assert (says in taxonomy.gap(tag)) if says else taxonomy.gap(tag) == ""


@pytest.mark.clause("DB-18", "X-26")
@pytest.mark.parametrize(("tag", "asked_for", "meets"), [
    ("$400–500K", "500-600K", False), ("$400–500K", "499-600K", True), ("$400–500K", "300-400K", False), ("$400–500K", "300000-400001", True),
    ("$500K+", "400-500K", False), ("$500K+", "400000-500001", True), ("$400–500K", "$500,000", False), ("$500K+", "$500,000", True),
    ("Under $200K", "$200,000", False), ("Under $200K", "$199,999", True)])
def test_the_shared_boundary_belongs_to_the_upper_range_from_either_side(tag: str, asked_for: str, meets: bool) -> None:
    one, other = price_range.of_tag(tag), price_range.parsed(asked_for)

    assert one
    assert other
    assert (one.overlaps(other), other.overlaps(one)) == (meets, meets)


@pytest.mark.clause("X-29", "DB-29")
@pytest.mark.parametrize(("mark", "kind", "touched"), [
    ("MS-48 d812 20261218-personal", "Follow Up", True), ("MS-42 d812 20261218-send", "Email", True), ("MS-04 d812 20261218-14d", "Follow Up", False),
    ("DB-26 p101 20261001-reactivate", "Call", False), ("DB-17 p101 respond", "Call", False)])
def test_a_card_that_was_arranged_is_a_touchpoint_and_a_reminder_is_none(mark: str, kind: str, touched: bool) -> None:
    done = own_task(mark, kind=kind, completed=True, completed_at=at(date(2026, 12, 20)))
    s = world(quiet(120), day=QUARTERLY, tasks=(done,))

    assert (cold(s, QUARTERLY) == ()) is touched


# -- the cold ---------------------------------------------------------------------------------------------------------------


def audited(*people: Contact, day: date = QUARTERLY, **changes: Any) -> Snapshot:
    """The world once the groups of the audit are before the agent."""
    return passed(passed(world(*people, day=day, **changes), prefix=COLD), prefix=COLD)


@pytest.mark.clause("DB-29", "DB-30", "X-29")
@pytest.mark.parametrize(("contact", "deals"), [
    (quiet(stage=Stage.UNDER_CONTRACT), ()), (quiet(stage=Stage.ACTIVE_SELLER), ()), (quiet(), (closed(closed=False, day=date(2027, 2, 1)),))])
def test_nobody_in_a_transaction_leaves_it_by_the_dozen(contact: Contact, deals: tuple[Deal, ...]) -> None:
    """They talk on the telephone, and the CRM is silent: the group of leads is thrown away, or moved, and they are in it."""
    s = audited(contact, quiet(number=102), deals=deals)
    s = decided(s, "DB-30 a0 2027Q1-leads", "Remove")

    assert cell(s, "Cold Leads", "DB-29 p101 2027Q1", "Group") == "Current Clients"
    assert list(open_tasks(passed(s, prefix=COLD)).values()) == [
        "Move to the Trash, as the agent decided: 1 of Leads 2027Q1 in the tab Cold Leads, this contact last"]
    assert "DB-30 a0 2027Q1-clients" in asked(s)


@pytest.mark.clause("DB-30", "X-29")
@pytest.mark.parametrize(("first", "following", "after_next"), [
    (date(2027, 1, 4), date(2027, 4, 1), date(2027, 7, 1)), (date(2027, 4, 1), date(2027, 7, 1), date(2027, 10, 1)),
    (date(2027, 7, 1), date(2027, 10, 1), date(2028, 1, 3)), (date(2027, 10, 1), date(2028, 1, 3), date(2028, 4, 3))])
def test_an_answer_holds_for_the_next_audit_and_the_one_after_it_asks_again(first: date, following: date, after_next: date) -> None:
    s = audited(quiet(day=first), day=first)
    (ref,) = asked(s)
    s = passed(decided(s, ref, "Leave as is"), prefix=COLD)

    assert cold(replace(s, now=at(following)), following) == ()
    assert cold(replace(s, now=at(after_next)), after_next) != ()


@pytest.mark.clause("DB-30")
def test_one_by_one_is_25_a_week_beside_the_groups_own_question() -> None:
    s = audited(*(quiet(number=n) for n in range(101, 141)))
    s = passed(passed(decided(s, "DB-30 a0 2027Q1-leads", "One by one"), prefix=COLD), prefix=COLD)

    assert len([ref for ref in asked(s) if ref.endswith("-one")]) == 25
    s = passed(s, date(2027, 1, 11), COLD)
    assert len([ref for ref in asked(s) if ref.endswith("-one")]) == 40


@pytest.mark.clause("DB-29", "DB-30")
def test_who_was_not_answered_is_asked_again_and_the_old_question_says_so() -> None:
    s = audited(quiet(), quiet(number=102))
    spring = date(2027, 4, 1)
    s = passed(passed(s, spring, COLD), spring, COLD)

    assert cell(s, "Approvals", "DB-30 a0 2027Q1-leads", "Status") == "Done: not answered; asked again with 2027Q2"
    assert cell(s, "Approvals", "DB-30 a0 2027Q2-leads", "Draft").startswith(
        "These 2 contacts have had no touchpoint in 90+ days. Would you like to attempt reactivation, move to Long-Term Nurture, or remove?\n\n")
    s = passed(decided(s, "DB-30 a0 2027Q1-leads", "Remove"), spring, COLD)
    assert open_tasks(s) == {}


@pytest.mark.clause("DB-29")
@pytest.mark.parametrize(("contact", "why"), [
    (quiet(), "not known"), (quiet(last_communication=None), "no touchpoint is recorded at all"),
    (quiet(outbound=(Communication("call", at(date(2026, 9, 6))),)), "nobody has answered ours"),
    (quiet(inbound=(Communication("text", at(date(2026, 9, 5))),), outbound=(Communication("call", at(date(2026, 9, 6))),)), "nobody has answered ours"),
    (quiet(inbound=(Communication("text", at(date(2026, 9, 6))),), outbound=(Communication("call", at(date(2026, 9, 5))),)),
     "they wrote or called last, and no answer is logged"),
    (quiet(inbound=(Communication("text", at(date(2026, 9, 6))),)), "they wrote or called last, and no answer is logged"),
    (quiet(emails=(Reach("a@example.org", "Unsubscribed"), Reach("b@example.org"))), "they unsubscribed from email"),
    (quiet(stage=Stage.COLD_LEAD), "in Cold Lead already")])
def test_each_cold_contact_has_a_reason_for_the_silence(contact: Contact, why: str) -> None:
    contact = contact if why.startswith("in ") else replace(contact, stage=Stage.ATTEMPTING_CONTACT, stage_label="Attempting Contact")
    s = audited(contact)

    assert cell(s, "Cold Leads", "DB-29 p101 2027Q1", "Why Silent") == why


@pytest.mark.clause("DB-29")
def test_a_reason_for_the_silence_is_that_the_agent_decided_so() -> None:
    s = passed(decided(audited(quiet(stage=Stage.ATTEMPTING_CONTACT)), "DB-30 a0 2027Q1-leads", "Leave as is"), prefix=COLD)
    summer = date(2027, 7, 1)
    s = passed(s, summer, COLD)

    assert cell(s, "Cold Leads", "DB-29 p101 2027Q3", "Why Silent") == "the agent left them as they are in the audit of 01/04/2027"


@pytest.mark.clause("DB-29", "X-48", "X-29")
def test_ninety_days_are_counted_from_the_day_of_the_audit_and_not_from_today() -> None:
    """A contact who turns 90 days quiet a week after the audit is none of its list."""
    s = audited(quiet(89), quiet(90, number=102))
    s = passed(s, date(2027, 1, 12), COLD)

    assert [row.ref for row in s.workbook.rows("Cold Leads")] == ["DB-29 p102 2027Q1"]
    assert quiet_days(s, s.contacts[101], QUARTERLY) == 89


@pytest.mark.clause("DB-30", "X-35")
@pytest.mark.parametrize("change", [{"tags": ("DNC",)}, {"tags": ("Deceased",)}, {"outbound": (Communication("call", at(date(2027, 1, 6))),)}])
def test_a_task_about_one_cold_contact_ends_with_its_ground(change: dict[str, Any]) -> None:
    s = passed(decided(audited(quiet(), quiet(number=102)), "DB-30 a0 2027Q1-leads", "One by one"), prefix=COLD)
    s = passed(decided(passed(s, prefix=COLD), "DB-30 p101 2027Q1-one", "Reactivate"), prefix=COLD)
    assert list(open_tasks(s)) == ["DB-30 p101 2027Q1-reactivate"]

    assert open_tasks(passed(changed(s, 101, **change), date(2027, 1, 7), COLD)) == {}


@pytest.mark.clause("DB-30", "X-35")
@pytest.mark.parametrize(("change", "outcome"), [
    ({"outbound": (Communication("call", at(date(2027, 1, 6))),)}, "Not done: In touch again on 01/06/2027"), ({"tags": ("DNC",)}, "Not done: opted out since"),
    ({"stage": Stage.ACTIVE_BUYER, "stage_label": "Active Buyer"}, "Remove")])
def test_who_comes_back_before_the_va_has_come_to_them_is_not_thrown_away(change: dict[str, Any], outcome: str) -> None:
    s = passed(decided(audited(quiet(), quiet(number=102)), "DB-30 a0 2027Q1-leads", "Remove"), prefix=COLD)
    assert cell(s, "Cold Leads", "DB-29 p101 2027Q1", "Outcome") == "Remove"
    s = passed(passed(changed(s, 101, **change), date(2027, 1, 7), COLD), prefix=COLD)

    assert [cell(s, "Cold Leads", f"DB-29 p{n} 2027Q1", "Outcome") for n in (101, 102)] == [outcome, "Remove"]


@pytest.mark.clause("DB-19", "X-81", "X-87")
@pytest.mark.parametrize("days", [1, 29, 31, 120])
@pytest.mark.parametrize(("then", "open_"), [
    ({"source": "Zillow", "tags": ("Zillow",)}, False), ({}, True), ({"trashed": True, "stage": None, "stage_label": "Trash"}, False), (None, True)])
def test_the_task_about_a_days_gaps_ends_with_them_however_late(then: dict[str, Any] | None, open_: bool, days: int) -> None:
    bare = staged(Stage.SPHERE_OF_INFLUENCE, source="", tags=(), created=moment(date(2026, 12, 23), 9))
    s = passed(world(bare, day=MONTHLY), prefix=GAPS)
    (mark,) = open_tasks(s)
    s = replace(s, contacts={}) if then is None else changed(s, 101, **then)

    assert list(open_tasks(passed(s, MONTHLY + timedelta(days=days), GAPS))) == ([mark] if open_ else [])


@pytest.mark.clause("DB-31")
def test_a_detail_that_went_bad_a_second_time_is_flagged_a_second_time() -> None:
    info = "database.contact_info"
    bad = (Reach("a@example.org", "Bounced"),)
    s = passed(world(staged(Stage.SPHERE_OF_INFLUENCE, emails=bad), day=QUARTERLY), prefix=info)
    s = passed(changed(s, 101, emails=(Reach("b@example.org", "Valid"),)), date(2027, 1, 8), info)
    assert cell(s, "Record Gaps", "DB-31 p101 info", "Status") == "Updated"
    s = passed(changed(s, 101, emails=bad), date(2027, 4, 1), info)

    assert cell(s, "Record Gaps", "DB-31 p101 info", "Status") == "May need updating"
    assert sorted(open_tasks(s)) == ["DB-31 a0 2027Q2"]  # the first ended with the correction


@pytest.mark.clause("DB-31", "X-81", "X-65")
@pytest.mark.parametrize(("then", "open_"), [
    ({"emails": (Reach("b@example.org", "Valid"),)}, []), ({}, ["DB-31 a0 2027Q1"]), ({"trashed": True, "stage": None, "stage_label": "Trash"}, []),
    ({"emails": (), "unreadable": ("emails",)}, ["DB-31 a0 2027Q1"])])
def test_the_task_about_outdated_details_ends_with_the_last_of_them(then: dict[str, Any], open_: list[str]) -> None:
    s = passed(world(staged(Stage.SPHERE_OF_INFLUENCE, emails=(Reach("a@example.org", "Bounced"),)), day=QUARTERLY), prefix="database.contact_info")

    assert list(open_tasks(passed(changed(s, 101, **then), date(2027, 1, 8), "database.contact_info"))) == open_
    assert list(open_tasks(passed(replace(s, contacts={}), date(2027, 1, 8), "database.contact_info"))) == ["DB-31 a0 2027Q1"]


@pytest.mark.clause("DB-31")
@pytest.mark.parametrize(("streets", "deals", "sold"), [
    (("412 Cedar Ln",), (closed(900, side=Side.SELLER),), True), (("9 Oak St",), (closed(900, side=Side.SELLER),), False),
    (("412 Cedar Ln", "9 Oak St"), (closed(900, side=Side.SELLER),), False),  # which one is theirs now, nobody can say
    (("412 Cedar Ln",), (closed(899), closed(900, side=Side.SELLER)), True), (("412 Cedar Ln",), (closed(900, side=Side.SELLER), closed(901)), False),
    (("412 Cedar Ln",), (closed(900),), False)])
def test_an_address_is_outdated_where_they_sold_that_home_and_did_not_buy_it_back(streets: tuple[str, ...], deals: tuple[Deal, ...], sold: bool) -> None:
    contact = staged(SELLER, addresses=tuple(Address(street, "Austin", "TX", "78701", "home") for street in streets))
    s = world(contact, deals=deals)

    assert contact_info.outdated(s, contact) == (("the home at this address was sold",) if sold else ())


# -- checklists -------------------------------------------------------------------------------------------------------------


@pytest.mark.clause("DB-39")
def test_a_stage_that_the_agent_left_as_it_is_leaves_no_item_open() -> None:
    s = passed(world(quiet(61, Stage.ACTIVE_BUYER, day=MONTHLY)), prefix=(STAGES, REVIEWS))
    assert items(s, "202612-monthly")[2].startswith("☐")
    s = decided(s, the_one(s, "DB-26"), "Reject")
    for _ in range(2):
        s = passed(s, prefix=(STAGES, REVIEWS))

    assert items(s, "202612-monthly")[2] == "☑ Stage accuracy checked — outdated stages corrected"


@pytest.mark.clause("DB-39", "DB-22")
def test_a_new_contact_in_the_wrong_stage_is_not_reviewed() -> None:
    s = passed(world(staged(Stage.NEW_LEAD, communications=3, created=at(date(2026, 12, 10)))), prefix=REVIEWS)

    assert items(s, "202612-monthly")[0] == (
        "☐ New contacts reviewed — all fields complete, correctly staged and tagged: 1 of 1 added since 11/28/2026 are in a stage that does not fit")


@pytest.mark.clause("DB-39", "DB-22", "X-28")
def test_who_comes_in_after_the_review_is_the_next_ones() -> None:
    came = [staged(Stage.LONG_TERM_NURTURE, 100 + n, created=at(day, 12), emails=(), last_name=f"Nr{n}") for n, day in enumerate(
        (date(2026, 11, 27), date(2026, 11, 28), MONTHLY, date(2026, 12, 29)), 1)]
    s = passed(passed(world(*came), prefix=REVIEWS), date(2026, 12, 30), REVIEWS)

    assert items(s, "202612-monthly")[0].endswith(": 2 of 2 added since 11/28/2026 lack something")
    s = passed(s, date(2027, 1, 25), REVIEWS)
    assert items(s, "202701-monthly")[0].endswith(": 2 of 2 added since 12/26/2026 lack something"), "30 days back, at the least"


@pytest.mark.clause("DB-39", "DB-23")
def test_a_pair_that_the_va_is_to_merge_is_not_merged_yet() -> None:
    one, other = staged(Stage.COLD_LEAD, 101), staged(Stage.COLD_LEAD, 102, emails=(Reach("p101@example.org", "Valid"),))
    s = passed(world(one, other), prefix=("database.duplicates", REVIEWS))
    assert items(s, "202612-monthly")[1] == "☐ Duplicate check run — duplicates merged: 1 pairs are not merged and not answered yet"
    s = passed(changed(s, 102, trashed=True, stage=None, stage_label="Trash"), prefix=("database.duplicates", REVIEWS))

    assert items(s, "202612-monthly")[1] == "☑ Duplicate check run — duplicates merged"


@pytest.mark.clause("DB-39", "DB-12")
def test_the_set_up_that_is_done_is_not_opened_again_by_a_new_lead() -> None:
    audit = "database.onboarding_audit"
    areas = practice(database=DatabaseOptions(geographic_areas=("Austin",)))
    s = passed(world(staged(Stage.SPHERE_OF_INFLUENCE), practice=areas), prefix=audit)
    assert [line[0] for line in items(s, "initial")] == ["☑", "☑", "☑"]
    s = replace(s, contacts={**s.contacts, 102: staged(None, 102, tags=(), source="")})

    assert plan(replace(s, now=at(date(2027, 2, 1))), audit).actions == ()


@pytest.mark.clause("DB-39", "DB-12")
def test_the_set_up_is_open_until_every_record_has_a_stage_a_tag_and_a_source() -> None:
    audit = "database.onboarding_audit"
    areas = practice(database=DatabaseOptions(geographic_areas=("Austin",)))
    s = passed(world(staged(None), practice=areas), prefix=audit)
    assert [line[0] for line in items(s, "initial")] == ["☑", "☑", "☐"]
    s = passed(changed(s, 101, stage=Stage.COLD_LEAD, stage_label="Cold Lead"), date(2027, 2, 1), audit)

    assert [line[0] for line in items(s, "initial")] == ["☑", "☑", "☑"]


@pytest.mark.clause("DB-12", "DB-01")
@pytest.mark.parametrize("change", [{"tags": ("VIP Client",)}, {"source": " "}, {"stage": None, "stage_label": "Hot"}])
def test_the_set_up_wants_a_stage_and_a_tag_and_a_source(change: dict[str, Any]) -> None:
    s = passed(world(replace(staged(Stage.COLD_LEAD), **change)), prefix="database.onboarding_audit")

    assert items(s, "initial")[2].endswith(": 1 of 1 have no stage, no tag or no source")


@pytest.mark.clause("DB-12")
def test_the_report_of_the_beginning_is_not_made_again_when_somebody_puts_it_away() -> None:
    audit = "database.onboarding_audit"
    s = passed(world(staged(Stage.COLD_LEAD)), prefix=audit)
    assert "Database audit" in s.workbook.titles
    s = replace(s, workbook=replace(s.workbook, titles=s.workbook.titles - {"Database audit"}))

    assert plan(replace(s, now=at(date(2027, 3, 1))), audit).actions == ()


@pytest.mark.clause("DB-21", "X-35")
def test_the_vas_task_of_the_month_lies_on_nobody_who_opted_out() -> None:
    people = (staged(Stage.DO_NOT_CONTACT, 101), staged(Stage.COLD_LEAD, 102, tags=("Deceased",)), staged(Stage.COLD_LEAD, 103))
    s = passed(world(*people), prefix=REVIEWS)

    assert [(str(task.key), task.person_id) for task in s.tasks] == [("DB-21 a0 202612", 103)]


@pytest.mark.clause("DB-39", "X-49")
def test_the_checklist_counts_what_the_list_shows() -> None:
    dead = staged(Stage.SPHERE_OF_INFLUENCE, emails=(Reach("a@example.org", "Bounced"),), tags=("Zillow", "Deceased"))
    s = passed(world(dead, day=QUARTERLY), prefix=(REVIEWS, "database.contact_info"))

    assert items(s, "2027Q1-quarterly")[1] == "☑ Outdated contact information flagged"
    assert list(contact_info.decide(s)) == []


WORDS = {
    "initial": ("Standard pipeline stages established in CRM", "Standard tags configured", "All existing contacts audited, staged, and tagged"),
    "202612-monthly": (
        "New contacts reviewed — all fields complete, correctly staged and tagged", "Duplicate check run — duplicates merged",
        "Stage accuracy checked — outdated stages corrected", "Open house / event leads added with source tag"),
    "2027Q1-quarterly": ("Cold leads (90+ days no touchpoint) identified and flagged to agent", "Outdated contact information flagged",
                         "Stage accuracy reviewed across full database"),
    "2027-purge": ("Purge candidate list prepared and submitted to agent for review", "Agent confirmed removals", "Removals executed — logged"),
}


@pytest.mark.clause("DB-39")
def test_every_item_is_in_the_procedures_own_words_and_there_is_none_too_many() -> None:
    s = passed(world(staged(Stage.LONG_TERM_NURTURE), day=QUARTERLY), prefix=(REVIEWS, "database.onboarding_audit"))

    assert {code: tuple(line[2:].partition(": ")[0] for line in items(s, code)) for code in WORDS} == WORDS


# -- explain ----------------------------------------------------------------------------------------------------------------


@pytest.mark.clause("DB-17")
@pytest.mark.parametrize(("contact", "says"), [
    (lead(moment(MONTHLY, 9), outbound=(Communication("call", moment(MONTHLY, 10)),)), "an attempt is logged"),
    (lead(moment(date(2026, 12, 1), 9)), "came in on 12/01/2026, more than 14 days ago"),
    (lead(moment(date(2026, 12, 27), 9), stage=Stage.COLD_LEAD), "is in Cold Lead: no lead that waits for a first response"),
    (lead(moment(MONTHLY, 9), source="Website", tags=("Website",)), "is no portal lead (source: Website)"),
    (lead(moment(MONTHLY, 9), trashed=True), "the contact is in the Trash")])
def test_explain_says_why_nobody_is_prompted(contact: Contact, says: str) -> None:
    assert silent(replace(world(contact), now=moment(MONTHLY, 12)), SPEED) == says


@pytest.mark.clause("DB-17")
def test_explain_does_not_claim_an_attempt_on_the_leads_of_a_flood() -> None:
    s = world(*(lead(moment(MONTHLY, 9), n) for n in range(101, 131)), now=moment(MONTHLY, 12))

    assert silent(s, SPEED, 130) == "no attempt is logged; one task speaks of all portal leads of 12/28/2026 beyond 25"


@pytest.mark.clause("DB-25", "DB-26")
def test_explain_remembers_that_the_agent_decided() -> None:
    s = passed(world(quiet(61, Stage.ACTIVE_BUYER, day=MONTHLY)), prefix=STAGES)
    s = passed(decided(s, the_one(s, "DB-26"), "Reject"), prefix=STAGES)

    assert silent(s, STAGES).startswith("no touchpoint since 10/28/2026; the agent decided: Reject")


@pytest.mark.clause("DB-29")
@pytest.mark.parametrize(("contact", "says"), [
    (quiet(trashed=True), "the record is in the Trash"), (quiet(tags=("DNC",)), "Do Not Contact: in no list of the cold"),
    (quiet(tags=("Deceased",)), "deceased: in no list of the cold"), (quiet(assigned_user_id=9), "the contact is not the agent's own, or is left alone"),
    (quiet(30), "the last touchpoint seen was on 12/05/2026; the next quarterly audit is on 01/04/2027")])
def test_explain_says_why_somebody_is_not_cold(contact: Contact, says: str) -> None:
    assert silent(world(contact, day=QUARTERLY), COLD) == says


@pytest.mark.clause("DB-30")
def test_explain_knows_an_answer_that_still_holds() -> None:
    s = passed(decided(audited(quiet()), "DB-30 a0 2027Q1-leads", "Leave as is"), prefix=COLD)

    assert silent(replace(s, now=at(date(2027, 4, 1))), COLD).startswith("the agent has answered in the audit of 01/04/2027: Leave as is;")


@pytest.mark.clause("DB-01", "DB-13")
def test_every_rule_of_the_database_says_something_about_a_sound_record() -> None:
    s = world(staged(Stage.LONG_TERM_NURTURE))

    for policy in POLICIES:
        if policy.name.startswith("database."):
            assert silent(s, policy.name), policy.name


# -- what the mutants that lived were told by -------------------------------------------------------------------------------


@pytest.mark.clause("DB-29", "X-29")
def test_the_longest_silence_is_listed_first_and_a_referral_source_is_no_lead() -> None:
    found = cold(world(quiet(91), quiet(200, Stage.REFERRAL_SOURCE, 102), quiet(150, number=103), day=QUARTERLY), QUARTERLY)

    assert [(c.contact.id, c.group) for c in found] == [(102, "Professional Network"), (103, "Leads"), (101, "Leads")]


@pytest.mark.clause("DB-30", "X-29")
@pytest.mark.parametrize(("stage", "code"), [(BUYER, "past"), (Stage.SPHERE_OF_INFLUENCE, "soi"), (Stage.UNDER_CONTRACT, "clients")])
@pytest.mark.parametrize("word", ["Long-Term Nurture", "Remove"])
def test_only_leads_are_moved_or_removed_together(stage: Stage, code: str, word: str) -> None:
    s = passed(decided(audited(quiet(stage=stage)), f"DB-30 a0 2027Q1-{code}", word), prefix=COLD)

    assert (stage_of(s), open_tasks(s)) == (stage, {})


@pytest.mark.clause("DB-30")
@pytest.mark.parametrize(("done", "touched", "outcome"), [
    (True, date(2027, 1, 6), "Remove"), (False, QUARTERLY, "Remove"), (False, date(2027, 1, 5), "Not done: In touch again on 01/05/2027")])
def test_what_is_done_is_done_and_a_touch_of_the_day_of_the_audit_is_none_since(done: bool, touched: date, outcome: str) -> None:
    s = passed(decided(audited(quiet()), "DB-30 a0 2027Q1-leads", "Remove"), prefix=COLD)
    s = ticked(s, "DB-30 a0 2027Q1-leads-remove") if done else s
    s = passed(changed(s, 101, outbound=(Communication("call", at(touched, 12)),)), date(2027, 1, 7), COLD)

    assert cell(s, "Cold Leads", "DB-29 p101 2027Q1", "Outcome") == outcome


@pytest.mark.clause("DB-24")
def test_an_open_deal_that_was_deleted_keeps_nobody_under_contract() -> None:
    s = world(contract(), deals=(closed(), closed(900, closed=False, deleted=True)))

    assert [m.targets for m in mismatches(s)] == [(BUYER,)]


@pytest.mark.clause("X-51", "X-57", "MS-01")
def test_where_the_database_procedure_is_off_the_milestones_ask_whatever_rule_is_confirmed() -> None:
    s = passed(world(contract(), deals=(closed(),), practice=replace(RULE, database_off="an Agent key")), prefix="milestones.setup_at_closing")

    assert list(open_tasks(s)) == ["MS-01 d812 20261218-stage"]
