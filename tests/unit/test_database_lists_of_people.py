"""The cold, the outdated, the removable and those who signed in: who is on each list, who decides, and what then happens."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.passes import plan as planning
from policies.asks.wants import WantPerson, WantRow, WantTag
from policies.database.reviews import cold as quiet_ones
from policies.database.reviews import (
    cold_leads,
    contact_info,
    open_house,
    opted_out_since,
    purge,
    removal,
)
from policies.facts.suppression import entries_for
from policies.world.calendar import DAY
from policies.world.model import (
    STAGE_LABELS,
    Communication,
    Contact,
    MailEvent,
    MailFate,
    Reach,
    Side,
    Stage,
)
from policies.world.sheet import Row, Tab
from policies.world.snapshot import Snapshot
from tests.scenes import at, book, client, practice, purchase, snapshot, wants
from tests.unit.test_database_reviews import passed, record, rows
from tests.unit.test_database_stages import told

TODAY = date(2027, 1, 4)
KEYED = practice(suppression_key=b"a key that nobody else has")


def quiet(number: int = 101, days: int = 120, stage: Stage = Stage.LONG_TERM_NURTURE, **changes: Any) -> Contact:
    return record(number, stage=stage, stage_label=STAGE_LABELS[stage], **{"last_communication": at(TODAY - timedelta(days=days)), **changes})


def row_of(s: Snapshot, tab: str, ref: str) -> Row:
    row = s.workbook.row(tab, ref)
    assert row
    return row


# -- cold leads ------------------------------------------------------------------------------------------------------------


@pytest.mark.clause("DB-29", "X-48", "X-29")
@pytest.mark.parametrize(("contact", "group"), [
    (quiet(days=89), None), (quiet(days=90), "Leads"), (quiet(stage=Stage.PAST_CLIENT_SELLER), "Past Clients"),
    (quiet(stage=Stage.SPHERE_OF_INFLUENCE), "Sphere of Influence"), (quiet(stage=Stage.PROFESSIONAL_NETWORK), "Professional Network"),
    (quiet(stage=Stage.DO_NOT_CONTACT), None), (quiet(tags=("Zillow", "Deceased")), None), (quiet(trashed=True), None),
    (quiet(tags=("Zillow", "Steward: skip")), None), (quiet(last_communication=None), "Leads"),
    (quiet(last_communication=None, created=at(TODAY - timedelta(days=89))), None), (quiet(last_communication=None, created=None), None),
    (quiet(outbound=(Communication("text", at(TODAY - timedelta(days=10))),)), None)])
def test_who_is_cold_and_in_which_group(contact: Contact, group: str | None) -> None:
    assert [c.group for c in quiet_ones.cold(snapshot(TODAY, [contact]), TODAY)] == ([group] if group else [])


@pytest.mark.clause("DB-29")
def test_the_question_is_in_the_procedures_exact_words() -> None:
    assert cold_leads.message(240) == ("These 240 contacts have had no touchpoint in 90+ days. Would you like to attempt reactivation, move "
                                       "to Long-Term Nurture, or remove?")


def asked(*contacts: Contact) -> Snapshot:
    """The world once the groups of the audit are before the agent."""
    return passed(passed(snapshot(TODAY, contacts or (quiet(101), quiet(102), quiet(103, stage=Stage.PAST_CLIENT_BUYER))), cold_leads), cold_leads)


@pytest.mark.clause("DB-29", "DB-30")
def test_the_report_comes_first_and_then_one_question_for_each_group() -> None:
    s = asked()
    row = row_of(s, "Approvals", "DB-30 a0 2027Q1-leads")

    assert [r.ref for r in s.workbook.rows("Cold Leads")] == ["DB-29 p101 2027Q1", "DB-29 p102 2027Q1", "DB-29 p103 2027Q1"]
    assert [r.ref for r in s.workbook.rows("Approvals")] == ["DB-30 a0 2027Q1-leads", "DB-30 a0 2027Q1-past"]
    assert row.text("Draft").startswith(cold_leads.message(2) + "\n\nAna Lopez (contact 101): Long-Term Nurture, last on 09/06/2026, ")
    assert planning.make(s, cold_leads.decide(s)).actions == ()


@pytest.mark.clause("DB-30", "DB-09")
def test_nurture_moves_exactly_the_listed_and_removing_is_the_vas_task() -> None:
    s = asked(quiet(101, stage=Stage.COLD_LEAD), quiet(102, stage=Stage.NEW_LEAD))
    nurture = passed(told(s, "DB-30 a0 2027Q1-leads", "Long-Term Nurture"), cold_leads)
    remove = told(s, "DB-30 a0 2027Q1-leads", "Remove")

    assert {c.stage for c in nurture.contacts.values()} == {Stage.LONG_TERM_NURTURE}
    assert {r.text("Outcome") for r in nurture.workbook.rows("Cold Leads")} == {"Long-Term Nurture"}
    assert row_of(nurture, "Approvals", "DB-30 a0 2027Q1-leads").text("Acted On")
    assert [w for w in wants(cold_leads.decide(remove)) if w.startswith(("task", "move"))] == ["task DB-30 a0 2027Q1-leads-remove"]


@pytest.mark.clause("DB-30")
def test_who_was_put_into_the_tab_afterwards_is_not_covered_by_the_decision() -> None:
    s = passed(told(asked(quiet(101, stage=Stage.COLD_LEAD)), "DB-30 a0 2027Q1-leads", "Long-Term Nurture"), cold_leads)
    rest = s.workbook.tabs["Cold Leads"].rows
    smuggled = Row("DB-29 p102 2027Q1", {**rest[0].cells, "Ref": "DB-29 p102 2027Q1", "Outcome": "Waiting for the agent"})
    s = replace(s, contacts={**s.contacts, 102: quiet(102, stage=Stage.COLD_LEAD)},
                workbook=replace(s.workbook, tabs={**s.workbook.tabs, "Cold Leads": Tab("Cold Leads", (*rest, smuggled))}))

    assert not [w for w in wants(cold_leads.decide(s)) if w.startswith("move")]
    assert passed(s, cold_leads).contacts[102].stage is Stage.COLD_LEAD


@pytest.mark.clause("DB-30")
def test_one_by_one_asks_about_each_and_each_answer_is_its_own() -> None:
    s = passed(told(asked(quiet(101), quiet(102)), "DB-30 a0 2027Q1-leads", "One by one"), cold_leads)
    s = passed(s, cold_leads)
    s = told(told(s, "DB-30 p101 2027Q1-one", "Reactivate"), "DB-30 p102 2027Q1-one", "Leave as is")
    found = wants(cold_leads.decide(s))

    assert [w for w in found if w.startswith(("task", "move"))] == ["task DB-30 p101 2027Q1-reactivate"]
    assert row_of(passed(s, cold_leads), "Cold Leads", "DB-29 p102 2027Q1").text("Outcome") == "Leave as is"


@pytest.mark.clause("X-29")
@pytest.mark.parametrize(("outcome", "days", "listed"), [
    ("Leave as is", 169, False), ("Leave as is", 170, True), ("Waiting for the agent", 90, True)])
def test_an_answer_stands_for_its_time_and_an_unanswered_row_is_asked_again(outcome: str, days: int, listed: bool) -> None:
    old = {"Ref": "DB-29 p101 2026Q4", "Outcome": outcome, "Listed On": TODAY - timedelta(days=days)}
    s = snapshot(TODAY, [quiet()], workbook=book({"Cold Leads": [old]}))

    assert bool(quiet_ones.cold(s, TODAY)) is listed


@pytest.mark.clause("DB-29")
def test_a_long_list_comes_in_over_several_passes_before_anybody_is_asked() -> None:
    s = snapshot(TODAY, [quiet(n) for n in range(101, 801)])
    first = passed(s, cold_leads)

    assert len(first.workbook.rows("Cold Leads")) == 500
    assert first.workbook.rows("Approvals") == ()
    both = passed(passed(first, cold_leads), cold_leads)
    assert len(both.workbook.rows("Cold Leads")) == 700
    assert row_of(both, "Approvals", "DB-30 a0 2027Q1-leads").text("Draft").startswith("These 700 contacts have had")


# -- outdated details ------------------------------------------------------------------------------------------------------


@pytest.mark.clause("DB-31")
@pytest.mark.parametrize(("change", "words"), [
    ({"emails": (Reach("a@example.org", "Bounced"),)}, ("the e-mail address bounced",)), ({"emails": (Reach("a@example.org", "Valid"),)}, ()),
    ({"tags": ("Zillow", "bounced email")}, ("the e-mail address bounced",)), ({"phones": (Reach("1", "Invalid"),)}, ("the phone number is not valid",)),
    ({"tags": ("Zillow", "Returned Mail")}, ("mail to the postal address came back",)), ({"emails": (), "tags": ("bounced email",)}, ())])
def test_what_may_need_updating(change: dict[str, Any], words: tuple[str, ...]) -> None:
    s = snapshot(TODAY, [record(**change)])

    assert contact_info.outdated(s, s.contacts[101]) == words


@pytest.mark.clause("DB-31")
def test_a_bounce_reported_and_a_home_that_was_sold_are_seen_and_nothing_is_deleted() -> None:
    sold = purchase(date(2026, 6, 1), side=Side.SELLER, name="412 Cedar Ln", people=(102,))
    s = snapshot(TODAY, [record(), record(102)], [sold], mail=(MailEvent(id=1, person_id=101, fate=MailFate.BOUNCED, at=at(TODAY)),))
    plan = planning.make(s, contact_info.decide(s))

    assert {str(row.keep["What"]) for row in rows(contact_info.decide(s), "Record Gaps")} == {
        "the e-mail address bounced", "the home at this address was sold"}
    assert {(a.verb, a.entity) for a in plan.actions} == {("append", "Record Gaps"), ("create", "task")}
    bought_back = replace(s, deals={**s.deals, 900: purchase(date(2026, 9, 1), 900, (102,), name="412 Cedar Ln")})
    assert contact_info.outdated(bought_back, bought_back.contacts[102]) == ()


@pytest.mark.clause("DB-31")
def test_an_updated_record_closes_its_line() -> None:
    s = passed(snapshot(TODAY, [record(emails=(Reach("a@example.org", "Bounced"),))]), contact_info)
    s = passed(replace(s, contacts={101: record()}), contact_info)

    assert row_of(s, "Record Gaps", "DB-31 p101 info").text("Status") == "Updated"


# -- since when somebody is Do Not Contact ---------------------------------------------------------------------------------


@pytest.mark.clause("DB-34", "X-33", "X-65")
def test_the_day_is_recorded_when_first_seen_and_cleared_when_the_agent_says_so_and_recorded_anew() -> None:
    out = quiet(stage=Stage.DO_NOT_CONTACT)
    s = passed(snapshot(TODAY, [out]), opted_out_since)
    assert s.contacts[101].fields == {"do_not_contact_since": "2027-01-04"}

    back = replace(s, contacts={101: replace(s.contacts[101], stage=Stage.LONG_TERM_NURTURE)}, written=frozenset({"DB-34 p101 since"}))
    assert planning.make(back, opted_out_since.decide(back)).actions == ()  # an integration may have dropped the sign
    said = [{"Ref": "permission DB-42 p101 again", "What": "may be contacted again", "Date": ""}]
    free = replace(back, workbook=book({"Memory": said}))
    assert [(a.verb, dict(a.after)) for a in planning.make(free, opted_out_since.decide(free)).actions] == [
        ("clear", {"do_not_contact_since": None})]
    still = replace(free, contacts={101: replace(free.contacts[101], tags=("DNC",))})
    assert planning.make(still, opted_out_since.decide(still)).actions == ()
    again = replace(snapshot(TODAY, [out]), written=frozenset({"DB-34 p101 since", "DB-34 p101 ended"}))
    assert [a.mark for a in planning.make(again, opted_out_since.decide(again)).actions] == ["DB-34 p101 since.2"]
    cleared = replace(snapshot(TODAY, [out]), written=frozenset({"DB-34 p101 since"}))
    assert planning.make(cleared, opted_out_since.decide(cleared)).actions == ()


@pytest.mark.clause("DB-34", "DB-41")
@pytest.mark.parametrize(("count", "asks"), [(10, False), (11, True)])
def test_many_at_once_are_one_approval(count: int, asks: bool) -> None:
    s = snapshot(TODAY, [quiet(n, stage=Stage.DO_NOT_CONTACT) for n in range(count)])
    found = wants(opted_out_since.decide(s))

    assert (found == ["row DB-34 a0 since"]) is asks
    approved = passed(told(passed(s, opted_out_since), "DB-34 a0 since", "Approve"), opted_out_since) if asks else passed(s, opted_out_since)
    assert all(c.fields for c in approved.contacts.values())


BEGUN = TODAY - 30 * DAY


def since_begun(*people: Contact, old: int = 0, **changes: Any) -> Snapshot:
    """Steward began thirty days ago, and remembers the first *old* from that day."""
    memory = book({"Memory": [{"Ref": "opt-outs-begun", "What": BEGUN.isoformat(), "Date": ""}]})
    remembered = {contact.id: {"stage": BEGUN} for contact in people[:old]}
    return snapshot(TODAY, people, workbook=memory, remembered=remembered, **changes)


@pytest.mark.clause("DB-34", "X-65", "X-67")
@pytest.mark.parametrize("sign", [{"stage": Stage.DO_NOT_CONTACT}, {"tags": ("DNC",)}, {"tags": ("Unsubscribed", "D.N.C.")}])
@pytest.mark.parametrize(("count", "by_week"), [(10, [10, 10, 10, 10]), (11, [11, 11, 11, 11]), (60, [20, 40, 60, 60])])
def test_many_that_are_new_since_steward_began_wait_for_no_answer(count: int, by_week: list[int], sign: dict[str, Any]) -> None:
    s = since_begun(*(quiet(n, **sign) for n in range(1, count + 1)))
    counts = []
    for week in range(4):
        for day in (0, 1):
            s = passed(replace(s, now=at(TODAY + (7 * week + day) * DAY)), opted_out_since)
        counts.append(sum(bool(c.fields) for c in s.contacts.values()))

    assert (counts, s.workbook.rows("Approvals")) == (by_week, ())


@pytest.mark.clause("DB-34", "X-33", "X-67")
def test_those_that_stood_when_steward_began_are_one_question_and_the_new_do_not_wait_for_it() -> None:
    s = passed(since_begun(*(quiet(n, stage=Stage.DO_NOT_CONTACT) for n in range(1, 16)), old=12), opted_out_since)

    assert sorted(n for n, c in s.contacts.items() if c.fields) == [13, 14, 15]
    assert "from which 12 contacts are known" in row_of(s, "Approvals", "DB-34 a0 since").text("What")
    s = passed(told(s, "DB-34 a0 since", "Approve"), opted_out_since)
    assert all(c.fields for c in s.contacts.values())


@pytest.mark.clause("DB-34", "DB-41")
def test_the_two_kinds_of_opt_outs_share_the_pace_of_a_week() -> None:
    people = (*(quiet(n, tags=("DNC",)) for n in range(1, 16)), *(quiet(n, emails=UNSUBSCRIBED) for n in range(16, 51)))
    s = since_begun(*people)
    for day in range(7):
        s = passed(replace(s, now=at(TODAY + day * DAY)), opted_out_since)

    written = [n for n, c in s.contacts.items() if c.fields]
    assert (len(written), set(range(1, 16)) <= set(written)) == (20, True)


UNSUBSCRIBED = (Reach("a@example.org", "Unsubscribed"), Reach("b@example.org", "Valid"))


@pytest.mark.clause("X-65", "X-33")
@pytest.mark.parametrize("how", ["event", "address", "merged"])
def test_the_day_is_recorded_for_every_kind_of_opt_out(how: str) -> None:
    ana = quiet(emails=UNSUBSCRIBED if how == "address" else (Reach("a@example.org"),))
    loser = replace(ana, id=105, trashed=True, tags=("DNC",), emails=(Reach("a@example.org"),))
    mail = (MailEvent(id=1, person_id=101, fate=MailFate.UNSUBSCRIBED),) if how == "event" else ()
    s = snapshot(TODAY, [ana, loser] if how == "merged" else [ana], mail=mail)

    assert passed(s, opted_out_since).contacts[101].fields == {"do_not_contact_since": "2027-01-04"}


@pytest.mark.clause("X-65", "DB-41")
def test_a_backlog_of_unsubscriptions_asks_nothing_and_is_recorded_a_few_a_week_the_latest_first() -> None:
    s = snapshot(TODAY, [quiet(n, emails=UNSUBSCRIBED) for n in range(1, 101)], remembered={n: {"address": TODAY - (200 - n) * DAY} for n in range(1, 101)})
    counts = []
    for week in range(6):
        for day in (0, 1):
            s = passed(replace(s, now=at(TODAY + (7 * week + day) * DAY)), opted_out_since)
        counts.append(sum(bool(c.fields) for c in s.contacts.values()))

    assert counts == [20, 40, 60, 80, 100, 100]
    assert s.workbook.rows("Approvals") == ()
    assert s.contacts[100].fields["do_not_contact_since"] < s.contacts[1].fields["do_not_contact_since"]


# -- the purge -------------------------------------------------------------------------------------------------------------


def opted_out(since: str = "2025-01-04", **changes: Any) -> Contact:
    return quiet(**{"stage": Stage.DO_NOT_CONTACT, "fields": {"do_not_contact_since": since}, **changes})


@pytest.mark.clause("DB-33", "DB-34", "X-33", "X-48", "X-49")
@pytest.mark.parametrize(("contact", "reason"), [
    (opted_out("2025-01-04"), "dnc"), (opted_out("2025-01-05"), None), (opted_out("2025-01-04", fields={}), None),
    (opted_out(fields={"do_not_contact_since": "2020-01-04", "referrals_sent": "1"}), None),
    (opted_out("2020-01-04", tags=("Referral Source",)), None), (opted_out("2020-01-04", stage=Stage.COLD_LEAD), None),
    (quiet(days=2000), None), (quiet(tags=("Zillow", "Deceased")), "deceased"),
    (quiet(emails=(), phones=(), last_name=""), "unworkable"), (quiet(emails=(), phones=()), None),
    (quiet(emails=(), last_name=""), None), (quiet(phones=(), last_name=""), None),
    (quiet(emails=(Reach("a@example.org", "Invalid"),), phones=(Reach("555"),), last_name=" "), "unworkable")])
def test_who_may_go(contact: Contact, reason: str | None) -> None:
    assert [c.reason for c in removal.candidates(snapshot(TODAY, [contact]))] == ([reason] if reason else [])


@pytest.mark.clause("DB-34", "X-65")
@pytest.mark.parametrize(("memory", "goes"), [
    ("", True), ("101 stage 20270101", True), ("101 event 20270101 stage 20270101", True), ("101 event 20240101 stage 20240105", True),
    ("101 event 20240101 stage 20261201", False), ("101 event 20240101", False), ("101 deceased 20230101 stage 20270101", True)])
def test_only_stage_and_tag_start_the_two_years(memory: str, goes: bool) -> None:
    """The field of version 0.1 was written for stage and tag alone; today an unsubscription may have filled it first."""
    rows = [{"Ref": "opt-outs 0", "What": memory, "Date": ""}] if memory else []
    s = snapshot(TODAY, [opted_out("2024-01-03")], workbook=book({"Memory": rows}))

    assert bool(removal.candidates(s)) is goes


@pytest.mark.clause("DB-34")
def test_whoever_the_log_or_a_lead_names_as_a_source_stays() -> None:
    one, other = opted_out("2020-01-04"), record(102, fields={"referred_by": "Ana Lopez (Lender)"})
    logged = book({"Referral Log": [{"Ref": "x", "Referral Source": "Ana Lopez", "Referred Lead": "Ben"}]})

    assert removal.candidates(snapshot(TODAY, [one, other])) == ()
    assert removal.candidates(snapshot(TODAY, [one], workbook=logged)) == ()
    assert removal.candidates(snapshot(TODAY, [one]))


@pytest.mark.clause("DB-34", "X-34")
def test_only_a_merged_shell_is_one_and_its_details_stay_reachable() -> None:
    winner = record(101, emails=(Reach("a101@example.org"), Reach("a102@example.org")))
    shell, thrown = record(102, trashed=True), record(103, trashed=True, first_name="Ben")
    s = snapshot(TODAY, [winner, shell, thrown], practice=KEYED)
    s = passed(passed(s, purge), purge)
    s = told(s, "DB-35 a0 2027-shell", "Approve")

    assert [c.contact.id for c in removal.candidates(s)] == [102]
    assert [w for w in wants(purge.decide(s)) if w.startswith(("task", "row sup"))] == ["task DB-35 p102 2027-remove"]


def listed(contact: Contact, **changes: Any) -> Snapshot:
    return passed(passed(snapshot(TODAY, [contact], practice=KEYED, **changes), purge), purge)


@pytest.mark.clause("DB-35", "DB-06", "DB-04", "DB-08", "X-34")
def test_nothing_goes_without_the_agent_and_not_before_it_is_suppressed() -> None:
    s = listed(opted_out())
    assert not [w for w in wants(purge.decide(s)) if w.startswith("task")]

    first = told(s, "DB-35 a0 2027-dnc", "Approve")
    suppressed = passed(first, purge)
    assert not suppressed.tasks
    assert {r.text("Hash") for r in suppressed.workbook.rows("Suppression")} == {
        str(f.want.first["Hash"]) for f in entries_for(s, s.contacts[101]) if isinstance(f.want, WantRow)}
    then = passed(suppressed, purge)
    assert [str(t.key) for t in then.tasks] == ["DB-35 p101 2027-remove"]
    assert row_of(then, "Purge", "DB-34 p101 2027").text("Outcome") == "Approved: the VA has a task"


@pytest.mark.clause("DB-35", "X-34")
def test_without_the_suppression_key_no_row_can_be_approved() -> None:
    s = passed(passed(snapshot(TODAY, [opted_out()]), purge), purge)
    s = passed(told(s, "DB-35 a0 2027-dnc", "Approve"), purge)

    assert row_of(s, "Approvals", "DB-35 a0 2027-dnc").text("Status").startswith("Not ready: there is no key")
    assert not s.tasks


@pytest.mark.clause("DB-35")
def test_removals_are_seen_and_a_record_that_is_no_candidate_any_more_stays() -> None:
    approved = told(listed(opted_out()), "DB-35 a0 2027-dnc", "Approve")
    tasked = passed(passed(approved, purge), purge)
    gone = passed(replace(tasked, contacts={}), purge)
    trashed = passed(replace(tasked, contacts={101: replace(tasked.contacts[101], trashed=True)}), purge)
    back = replace(tasked, contacts={101: replace(tasked.contacts[101], stage=Stage.ACTIVE_BUYER)})

    for s in (gone, trashed):
        assert row_of(s, "Purge", "DB-34 p101 2027").text("Outcome") == "Removed"
        assert purge.removed(s, "2027") == (1, 1, 0)
    assert {(a.verb, a.entity) for a in planning.make(back, purge.decide(back)).actions} >= {("withdraw", "task")}


@pytest.mark.clause("X-49", "DB-34")
def test_the_deceased_are_asked_about_one_by_one_and_what_a_spouse_shares_is_not_suppressed() -> None:
    dead = quiet(tags=("Zillow", "Deceased"), phones=(Reach("(512) 555-0177"),))
    spouse = record(102, emails=dead.emails)
    s = passed(passed(snapshot(TODAY, [dead, spouse], practice=KEYED), purge), purge)
    s = passed(told(s, "DB-35 p101 2027-one", "Approve"), purge)

    assert [r.ref for r in s.workbook.rows("Approvals")] == ["DB-35 p101 2027-one"]
    assert [r.text("Kind") for r in s.workbook.rows("Suppression")] == ["phone"]


@pytest.mark.clause("DB-41", "DB-45", "X-48")
@pytest.mark.parametrize(("count", "large"), [(50, False), (51, True)])
def test_a_large_purge_says_so_in_the_exact_words(count: int, large: bool) -> None:
    s = snapshot(TODAY, [opted_out("2020-01-04", number=n) for n in range(1, count + 1)], practice=KEYED)
    s = passed(passed(s, purge), purge)
    draft = row_of(s, "Approvals", "DB-35 a0 2027-dnc").text("Draft")

    assert draft.startswith(
        "Hi Dana Reyes — database issue needs your input before I proceed.\n\nIssue: large-scale action scope\nScale: 51\n"
        "Needed: Your approval to proceed\n\nMia Cole\n\n") is large


# -- open houses -----------------------------------------------------------------------------------------------------------

NINA: dict[str, Any] = {"First Name": "Nina", "Last Name": "Sample", "Email": "nina@example.org", "Phone": "(512) 555-0188", "Address": "9 Oak St, Austin",
        "Date": date(2027, 1, 2)}
TAG = "Open House — 9 Oak St Austin — 01/02/2027"


def signed(*typed: dict[str, Any], people: tuple[Contact, ...] = (), **changes: Any) -> Snapshot:
    return snapshot(TODAY, people, workbook=book({"Open House": typed}), **changes)


@pytest.mark.clause("DB-27")
def test_somebody_new_is_made_with_the_exact_tag_and_the_row_then_knows_the_contact() -> None:
    s = signed(NINA)
    want = next(f.want for f in open_house.decide(s) if isinstance(f.want, WantPerson))
    s = passed(s, open_house)
    made = next(iter(s.contacts.values()))
    s = passed(s, open_house)

    assert (want.tag, want.source, want.assignee) == (TAG, "Open House", 2)
    assert (made.name, made.stage, made.tags, made.has_background) == ("Nina Sample", Stage.NEW_LEAD, (TAG,), True)
    assert s.workbook.rows("Open House")[0].cells["Contact"] == made.id
    assert {name: s.workbook.rows("Open House")[0].cells[name] for name in NINA} == NINA
    assert planning.make(s, open_house.decide(s)).actions == ()


@pytest.mark.clause("DB-27", "DB-44")
@pytest.mark.parametrize(("people", "does", "says"), [
    ((record(101, first_name="Nina", last_name="Sample", emails=(Reach("NINA@example.org"),)),), "tag", "In the CRM: contact 101"),
    ((record(101, first_name="Otto", last_name="Sample", emails=(Reach("nina@example.org"),)),), "", "This e-mail or phone is in the CRM under another name"),
    ((record(101, first_name="Nina", last_name="Sample", phones=(Reach("512-555-0188"),)),
      record(102, first_name="Nina", last_name="Sample", emails=(Reach("nina@example.org"),))), "", "This e-mail or phone is in the CRM more than once"),
    ((record(101, first_name="Nina", last_name="Sample", emails=(Reach("nina@example.org"),), tags=("DNC",)),), "", "Contact 101 is Do Not Contact: neither added"),
    ((record(101, first_name="Nina", last_name="Sample", emails=(Reach("nina@example.org"),), tags=("Steward: skip",)),), "", "Contact 101 is to be left")])
def test_it_is_looked_up_first_whether_they_are_there(people: tuple[Contact, ...], does: str, says: str) -> None:
    found = list(open_house.decide(signed(NINA, people=people)))
    status = rows(found, "Open House")[0].keep["Status"]

    assert [type(f.want) for f in found if not isinstance(f.want, WantRow)] == ([WantTag] if does else [])
    assert str(status).startswith(says)


@pytest.mark.clause("DB-27", "X-64")
@pytest.mark.parametrize(("answer", "email", "says"), [
    (None, "nina@example.org", "Contact 101 unsubscribed from email: neither"), ("leave alone in every way", "nina@example.org", "Contact 101 is to be left alone in every way: neither"),
    ("only no email", "nina@example.org", "In the CRM: contact 101"),
    (None, "other@example.org", "Contact 101 has the same name and unsubscribed from email"), ("only no email", "other@example.org", "Being added to the CRM")])
def test_only_no_email_opens_the_door_of_a_sign_in(answer: str | None, email: str, says: str) -> None:
    ana = record(101, first_name="Nina", last_name="Sample", emails=(Reach("nina@example.org", "Unsubscribed"),))
    typed = {**NINA, "Email": email, "Phone": ""}
    memory = [{"Ref": "permission DB-42 p101 unsubscribed", "What": answer, "Date": ""}] if answer else []
    s = snapshot(TODAY, [ana], workbook=book({"Open House": [typed], "Memory": memory}))

    assert str(rows(list(open_house.decide(s)), "Open House")[0].keep["Status"]).startswith(says)


@pytest.mark.clause("DB-27")
@pytest.mark.parametrize(("change", "says"), [
    ({"Last Name": ""}, "Fill in Last Name"), ({"Address": "", "Date": None}, "Fill in Address, Date"), ({"Email": "", "Phone": ""}, "Fill in Email or Phone"),
    ({"Email": "nina at example"}, "'nina at example' is no e-mail address"), ({"Phone": "12"}, "'12' is no phone number"),
    ({"Date": "last Sunday"}, "'last Sunday' is no date: write it like 12/31/2026")])
def test_a_row_that_cannot_be_used_says_what_is_missing_and_loses_nothing(change: dict[str, Any], says: str) -> None:
    s = passed(signed({**NINA, **change}), open_house)
    row = s.workbook.rows("Open House")[0]

    assert (row.text("Status"), s.contacts) == (says, {})
    assert {name: row.cells[name] for name in NINA} == {**NINA, **change}


@pytest.mark.clause("DB-27")
def test_the_same_sign_in_typed_twice_is_one_person() -> None:
    s = passed(passed(signed(NINA, dict(NINA)), open_house), open_house)

    assert len(s.contacts) == 1
    assert [r.text("Status") for r in s.workbook.rows("Open House")] == [f"In the CRM: contact {next(iter(s.contacts))}",
                                                                         "Typed twice: the other row counts"]


@pytest.mark.clause("DB-27")
def test_who_was_removed_by_a_person_is_not_made_again() -> None:
    s = passed(passed(signed(NINA), open_house), open_house)
    s = replace(s, contacts={})

    assert not [f for f in open_house.decide(s) if isinstance(f.want, WantPerson)]


@pytest.mark.clause("X-34", "DB-27")
def test_whoever_is_suppressed_is_not_added_again() -> None:
    s = signed(NINA, practice=KEYED)
    typed = open_house.sign_in(s.workbook.rows("Open House")[0])
    entries = [{"Ref": f.want.ref, **f.want.first} for f in entries_for(s, typed.contact) if isinstance(f.want, WantRow)]
    s = replace(s, workbook=book({"Open House": [NINA], "Suppression": entries}))

    assert wants(open_house.decide(s)) == ["mend " + str(typed.key)]


@pytest.mark.clause("DB-27")
@given(st.text(max_size=80), st.dates(date(1990, 1, 1), date(2100, 12, 31)))
def test_the_tag_never_has_a_comma_and_never_is_too_long(address: str, day: date) -> None:
    typed = open_house.sign_in(Row("", {**NINA, "Address": f"9 {address}", "Date": day}))

    assert len(typed.tag) <= 64
    assert "," not in typed.tag
    assert typed.tag.startswith("Open House — 9")
    assert typed.tag.endswith(f" — {day:%m/%d/%Y}")


@pytest.mark.clause("X-65", "X-33")
def test_the_day_is_recorded_for_whom_a_record_that_had_opted_out_was_merged_into() -> None:
    """Its stage is Trash now; Memory knows that it was Do Not Contact. A namesake alone is not written on."""
    reach = (Reach("ana@example.com", "Valid"),)
    merged = snapshot(TODAY, [client(101, emails=reach), client(7, trashed=True, stage=None, stage_label="Trash", emails=reach)], remembered={7: {"stage": TODAY - 9 * DAY}})
    assert passed(merged, opted_out_since).contacts[101].fields["do_not_contact_since"] == TODAY.isoformat()

    namesake = replace(merged, contacts={101: client(101), 7: replace(merged.contacts[7], emails=())})
    assert "do_not_contact_since" not in passed(namesake, opted_out_since).contacts[101].fields
