"""The closing anniversary as a table: a world in, wants out, both sides of every edge."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from policies.asks import approvals
from policies.asks.drafts import digest
from policies.asks.wants import Missed, WantNote, WantRow, WantTask
from policies.facts.suppression import hashed, key_mark
from policies.milestones.closing_anniversary import decide, decide_move_in
from policies.milestones.homes import Excluded, Home, home_of
from policies.world.model import MailEvent, MailFate, Reach, Stage
from policies.world.practice import MilestoneOptions
from policies.world.snapshot import Snapshot
from tests.passes import cell, changed, open_tasks, passed
from tests.passes import decided as answered
from tests.scenes import (
    AGENT,
    TEMPLATES,
    VA,
    book,
    client,
    own_task,
    practice,
    purchase,
    sale,
    snapshot,
    wants,
)

CLOSING = date(2025, 12, 18)
DAY = date(2026, 12, 18)  # a Friday
T14, T7, T48, SEND = (f"task {rule} d812 20261218-{step}" for rule, step in
                      (("MS-04", "14d"), ("MS-04", "7d"), ("MS-45", "48h"), ("MS-42", "send")))
ROW = "row MS-09 d812 20261218-draft"
NOTE = "note MS-45 d812 20261218-48h"
REF = "MS-09 d812 20261218-draft"


def world(today: date, **changes: Any) -> Snapshot:
    return snapshot(today, [client()], [purchase(CLOSING)], **changes)


def text_of(s: Snapshot) -> str:
    row = next(f.want for f in decide(s) if isinstance(f.want, WantRow))
    return str(row.first["Draft"])


def digest_of(s: Snapshot) -> str:
    row = next(f.want for f in decide(s) if isinstance(f.want, WantRow))
    return str(row.keep["Digest"])


def decided(choice: str, today: date, draft: str | None = None, **cells: Any) -> Snapshot:
    """The world with an Approvals row put up earlier and *choice* in it."""
    text = draft if draft is not None else text_of(world(date(2026, 12, 11)))
    row = {"Ref": REF, "Draft": text, "Digest": digest_of(world(date(2026, 12, 11))), "Decision": choice, "Status": approvals.WAITING, **cells}
    return world(today, workbook=book({"Approvals": [row]}))


@pytest.mark.clause("MS-04", "X-01", "X-43", "X-59", "MS-45", "X-08")
@pytest.mark.parametrize(("today", "expected"), [
    (date(2026, 12, 2), []),
    (date(2026, 12, 3), [T14]),                       # the business day before D-14
    (date(2026, 12, 4), [T14]),                       # D-14
    (date(2026, 12, 9), [T14]),                       # learnt late: one task now
    (date(2026, 12, 10), [T7, ROW]),                  # D-8 is the business day before D-7: not a pile
    (date(2026, 12, 11), [T7, ROW]),                  # D-7
    (date(2026, 12, 15), [T7, ROW]),                  # D-3
    (date(2026, 12, 16), [T7, ROW, T48, NOTE]),       # D-2: inside 48 hours
    (date(2026, 12, 18), [T7, ROW, T48, NOTE]),
    (date(2026, 12, 20), [T7, ROW, T48, NOTE]),       # D+2 is the last day
    (date(2026, 12, 21), ["missed MS-42 d812 20261218-send"]),
])
def test_what_is_wanted_on_each_day_of_an_unapproved_chain(today: date, expected: list[str]) -> None:
    assert wants(decide(world(today))) == expected


@pytest.mark.clause("MS-04")
def test_who_gets_which_task_and_when_it_is_due() -> None:
    tasks = {want.key.episode: want for f in decide(world(date(2026, 12, 16))) if isinstance(want := f.want, WantTask)}
    personal = next(f.want for f in decide(world(date(2026, 12, 3))))

    assert isinstance(personal, WantTask)
    assert (personal.assignee, personal.due, personal.name) == (AGENT, date(2026, 12, 4), "Personal touch: Ana Lopez, year 1 on Fri 12/18")
    assert (tasks["20261218-7d"].assignee, tasks["20261218-48h"].assignee) == (VA, AGENT)
    assert tasks["20261218-48h"].due == date(2026, 12, 16)


@pytest.mark.clause("MS-05", "MS-09", "MS-20", "MS-31")
def test_the_draft_stands_when_the_seven_day_alert_fires_and_nobody_has_decided_for_the_agent() -> None:
    row = next(f.want for f in decide(world(date(2026, 12, 11))) if isinstance(f.want, WantRow))

    assert str(row.first["Draft"]).startswith("Subject: One year ago today\nHi Ana —\nOne year ago today, you became the owner of 412 Cedar Ln.")
    assert "does this sound like the agent reached out because they care" in str(row.first["What"])
    assert "Decision" not in {**row.first, **row.keep}
    assert row.choices == ("Approve", "Hold", "Reject", "Personal touch")


@pytest.mark.clause("MS-42", "MS-09", "MS-18")
@pytest.mark.parametrize(("choice", "today", "expected"), [
    ("", date(2026, 12, 14), [T7, ROW]),
    ("Hold", date(2026, 12, 14), [T7, ROW]),
    ("maybe", date(2026, 12, 14), [T7, ROW]),
    ("Approve", date(2026, 12, 14), [T7, ROW, SEND]),
    ("approve", date(2026, 12, 16), [T7, ROW, SEND]),
    ("Hold", date(2026, 12, 16), [T7, ROW, T48, NOTE]),
    ("Reject", date(2026, 12, 16), [f"mend {REF}"]),
])
def test_only_the_agents_approval_makes_a_send_task(choice: str, today: date, expected: list[str]) -> None:
    assert wants(decide(decided(choice, today))) == expected


@pytest.mark.clause("MS-42", "X-07")
@pytest.mark.parametrize(("closing", "due"), [
    (date(2025, 12, 18), date(2026, 12, 18)),   # a Friday
    (date(2025, 12, 19), date(2026, 12, 18)),   # a Saturday: schedule it on Friday
    (date(2025, 12, 25), date(2026, 12, 24)),   # Christmas
])
def test_the_send_task_is_due_on_the_day_or_the_business_day_before(closing: date, due: date) -> None:
    day = closing.replace(year=2026)
    before = snapshot(day - timedelta(days=7), [client()], [purchase(closing)])
    text = text_of(before)
    row = {"Ref": f"MS-09 d812 {day:%Y%m%d}-draft", "Draft": text, "Digest": digest_of(before), "Decision": "Approve"}
    sends = [f.want for f in decide(replace(before, workbook=book({"Approvals": [row]})))
             if isinstance(f.want, WantTask) and f.want.key.rule == "MS-42"]

    assert [(w.due, w.useful_until, w.assignee) for w in sends] == [(due, day + timedelta(days=2), VA)]


@pytest.mark.clause("MS-09", "X-42")
def test_editing_the_draft_voids_the_approval_until_it_is_given_again() -> None:
    edited = decided("Approve", date(2026, 12, 14), draft="Hi Ana —\nMy own words.\nDana")
    first = next(f.want for f in decide(edited) if isinstance(f.want, WantRow))
    settled = {"Draft": "Hi Ana —\nMy own words.\nDana", **first.keep}

    assert SEND not in wants(decide(edited))
    assert str(first.keep["Status"]).startswith("Decide again: the draft was edited")
    still = world(date(2026, 12, 14), workbook=book({"Approvals": [{"Ref": REF, "Decision": "Approve", **settled}]}))
    cleared = world(date(2026, 12, 14), workbook=book({"Approvals": [{"Ref": REF, "Decision": "", **settled}]}))
    again = {**settled, **next(f.want for f in decide(cleared) if isinstance(f.want, WantRow)).keep}
    approved = world(date(2026, 12, 14), workbook=book({"Approvals": [{"Ref": REF, "Decision": "Approve", **again}]}))
    assert SEND not in wants(decide(still))
    assert again["Status"] == approvals.WAITING
    assert SEND in wants(decide(approved))


@pytest.mark.clause("MS-09")
def test_nothing_counts_while_the_protection_is_broken() -> None:
    s = decided("Approve", date(2026, 12, 14))
    open_ = replace(s, workbook=replace(s.workbook, decisions_guarded="the protection only warns"))

    assert SEND not in wants(decide(open_))


@pytest.mark.clause("MS-09", "X-60")
def test_an_approval_is_consumed_once() -> None:
    acted = decided("Approve", date(2026, 12, 15), **{"Acted On": "2026-12-14 06:00", "Status": approvals.HANDED_OVER})

    assert SEND not in wants(decide(acted))  # the send task was made, and if a person deleted it, it stays deleted


@pytest.mark.clause("MS-09")
@pytest.mark.parametrize("choice", ["", "Hold", "Reject"])
def test_taking_the_approval_back_withdraws_the_send_task(choice: str) -> None:
    acted = decided(choice, date(2026, 12, 15), **{"Acted On": "2026-12-14 06:00"})
    s = replace(acted, tasks=(own_task("MS-42 d812 20261218-send"),))

    assert "withdraw MS-42 d812 20261218-send" in wants(decide(s))


@pytest.mark.clause("X-07")
def test_a_touch_handed_over_in_time_is_not_taken_back_on_the_day_after() -> None:
    acted = decided("Approve", date(2026, 12, 19), **{"Acted On": "2026-12-14 06:00", "Decided On": "2026-12-14 06:00"})
    s = replace(acted, tasks=(own_task("MS-42 d812 20261218-send"),))

    assert not [line for line in wants(decide(s)) if line.startswith(("withdraw", "task MS-45"))]


@pytest.mark.clause("X-07")
def test_today_cannot_be_approved_a_day_late() -> None:
    late = decided("Approve", date(2026, 12, 19))
    row = next(f.want for f in decide(late) if isinstance(f.want, WantRow))

    assert SEND not in wants(decide(late))
    assert "X-07" in str(row.keep["Status"])


@pytest.mark.clause("X-59", "MS-42")
def test_only_a_completed_send_task_is_sent() -> None:
    after = date(2026, 12, 21)
    prepared = replace(decided("", after), tasks=(own_task("MS-04 d812 20261218-7d", completed=True),))
    sent = replace(decided("Approve", after), tasks=(own_task("MS-42 d812 20261218-send", completed=True),))
    withdrawn = replace(decided("Approve", after), tasks=(own_task("MS-42 d812 20261218-send", completed=True, withdrawn=True),))

    assert [type(f.want) for f in decide(prepared)] == [WantRow, Missed]
    assert not [f for f in decide(sent) if isinstance(f.want, Missed)]
    assert [f for f in decide(withdrawn) if isinstance(f.want, Missed)]


@pytest.mark.clause("MS-23")
@pytest.mark.parametrize(("tasks", "choice", "why"), [
    ((), None, "Steward did not run, learnt of it too late, or waited for you to acknowledge a change"),
    ((), "", "the agent had not approved it"),
    ((), "Hold", "the agent had put it on hold"),
    (("MS-42 d812 20261218-send",), "Approve", "the send task was not completed"),
    ((), "Approve", "approved too late"),
])
def test_what_is_missed_says_why(tasks: tuple[str, ...], choice: str | None, why: str) -> None:
    after = date(2026, 12, 21)
    s = decided(choice, after) if choice is not None else world(after)
    missed = [f for f in decide(replace(s, tasks=tuple(own_task(t) for t in tasks))) if isinstance(f.want, Missed)]

    assert [why in f.reason for f in missed] == [True]


def test_a_rejected_touch_is_not_missed() -> None:
    assert not [f for f in decide(decided("Reject", date(2026, 12, 21))) if isinstance(f.want, Missed)]


@pytest.mark.clause("MS-26", "X-03")
@pytest.mark.parametrize(("years", "every_year", "kept"), [
    (1, False, True), (2, False, True), (5, False, True), (3, False, False), (3, True, True), (10, True, True), (10, False, False)])
def test_years_one_two_and_five_are_always_kept(years: int, every_year: bool, kept: bool) -> None:
    closing = DAY.replace(year=2026 - years)
    s = snapshot(date(2026, 12, 11), [client()], [purchase(closing)])
    s = replace(s, practice=practice(milestones=MilestoneOptions(every_year=every_year, year_2_subject="x")))

    assert bool(wants(decide(s))) is kept


@pytest.mark.clause("MS-33", "X-09")
def test_from_year_two_on_the_subject_is_the_agents_or_a_question() -> None:
    closing = date(2023, 12, 18)
    s = snapshot(date(2026, 12, 11), [client()], [purchase(closing)])
    without = replace(s, practice=practice(milestones=MilestoneOptions()))
    card = replace(s, practice=practice(milestones=MilestoneOptions(anniversary_channel="card")))
    asked = next(f.want for f in decide(without) if isinstance(f.want, WantRow))

    assert text_of(s).startswith("Subject: Thinking of you\nHi Ana —\nHard to believe it's been 3 years")
    assert text_of(card).startswith("Hi Ana —")
    assert asked.first["Draft"] == ""
    assert "X-09" in str(asked.keep["Status"])


@pytest.mark.clause("X-92", "MS-09")
@pytest.mark.parametrize(("was", "now", "says"), [("email", "card", "a card"), ("card", "email", "an email"), ("card", "text", "a text message")])
def test_a_row_put_up_for_another_medium_says_how_it_goes_out_now(was: str, now: str, says: str) -> None:
    def asked(channel: str, **cells: str) -> WantRow:
        options = MilestoneOptions(anniversary_channel=channel, year_2_subject="Thinking of you")  # type: ignore[arg-type]
        s = replace(snapshot(date(2026, 12, 11), [client()], [purchase(CLOSING)]), practice=practice(milestones=options))
        rows = [{"Ref": REF, "Decision": "", **put_up.first, **put_up.keep, **cells}] if put_up else []
        return next(f.want for f in decide(replace(s, workbook=book({"Approvals": rows}))) if isinstance(f.want, WantRow))

    put_up: WantRow | None = None
    put_up = asked(was)
    assert asked(was).keep["Status"] == "Waiting for your decision"
    assert asked(now).keep["Status"] == f"Waiting for your decision. It goes out as {says} now"
    void = str(asked(now, Decision="Approve").keep["Status"])
    assert void.startswith("Decide again: ")
    assert void.endswith(f"(clear the Decision cell, then choose). It goes out as {says} now")
    put_up = replace(put_up, keep=asked(now).keep)  # the next pass
    assert asked(now, Decision="Approve", Status=void).keep["Status"] == void  # until the cell was cleared
    assert asked(now, Decision="Hold").keep["Status"] == f"On hold: nothing goes out. It goes out as {says} now"
    assert asked(was).keep["Status"] == "Waiting for your decision"


@pytest.mark.clause("MS-32")
def test_the_agent_may_write_the_draft_where_steward_has_none() -> None:
    s = replace(snapshot(date(2026, 12, 11), [client(first_name="")], [purchase(CLOSING)]))
    put_up = next(f.want for f in decide(s) if isinstance(f.want, WantRow))
    own = {"Ref": REF, "Decision": "", **put_up.first, **put_up.keep, "Draft": "Hi Annie —\nHappy house day.\nDana"}
    seen = next(f.want for f in decide(replace(s, workbook=book({"Approvals": [own]}))) if isinstance(f.want, WantRow))

    assert "MS-31" in str(put_up.keep["Status"])
    assert str(seen.keep["Digest"]).startswith(digest("Hi Annie —\nHappy house day.\nDana"))


KEY = b"a long random text"
PURGED = {"Suppression": [{"Ref": "sup 1", "Kind": "e-mail", "Hash": hashed(KEY, "ana@example.org"), "Key": key_mark(KEY), "Date": date(2025, 1, 8)}]}


@pytest.mark.clause("MS-09", "X-64", "X-81")
@pytest.mark.parametrize(("person", "choice", "ends"), [
    ({"tags": ("DNC - per client",)}, "", "No text can go out meanwhile; it ends when the agent says what the tag means; see its row in Approvals"),
    ({"emails": (Reach("ana@example.org"),)}, "Approve", "No text can go out meanwhile; it ends when the agent says that they may be contacted again; see its row in Approvals"),
    ({"emails": (Reach("a@example.org", "Bounced"),)}, "",
     "No text can go out meanwhile; it ends when the record is corrected; see Record Gaps. Or choose Personal touch"),
    ({"tags": ("Reply: dissatisfied",)}, "Personal touch", "Nothing can go out meanwhile; it ends when the tag is taken off"),
    ({"first_name": ""}, "", "Fix that, or write the Draft yourself"),
])
def test_a_text_of_ones_own_is_offered_only_where_it_leads_on(person: dict[str, Any], choice: str, ends: str) -> None:
    s = snapshot(date(2026, 12, 11), [client(**person)], [purchase(CLOSING)], practice=practice(suppression_key=KEY), workbook=book(PURGED))
    put_up = next(f.want for f in decide(s) if isinstance(f.want, WantRow) and f.want.ref == REF)
    own = {**put_up.first, **put_up.keep, "Ref": REF, "Decision": choice, "Draft": "Hi Annie —\nHappy house day.\nDana", "Context": "Call her"}

    def status(cells: dict[str, Any]) -> str:
        return next(str(f.want.keep["Status"]) for f in decide(replace(s, workbook=book({"Approvals": [cells], **PURGED})))
                    if isinstance(f.want, WantRow) and f.want.ref == REF)

    typed = {**own, "Digest": f"{digest(own['Draft'])}/{'/'.join(str(own['Digest']).split('/')[1:])}"}  # as the pass after it was typed left it
    leads_on = ends.startswith("Fix that")
    assert str(put_up.keep["Status"]).endswith(ends) or choice
    assert status(typed).startswith("Not ready: ") is not leads_on
    assert leads_on or status(typed).endswith(f". {ends}")


@pytest.mark.clause("MS-09", "X-64")
def test_no_personal_touch_is_offered_where_there_is_no_such_choice() -> None:
    s = snapshot(date(2026, 12, 11), [client(tags=("DNC - per client",))], [purchase(CLOSING)])
    what = next(str(f.want.first["What"]) for f in decide(s) if isinstance(f.want, WantRow) and f.want.ref == REF)
    assert "No e-mail address of theirs is in the CRM: have it found." in what


# -- who ---------------------------------------------------------------------------------------------------------------

BEFORE = date(2026, 12, 11)


@pytest.mark.clause("MS-01", "MS-02", "MS-16", "X-05", "X-06", "X-35", "X-49", "X-57", "X-64")
@pytest.mark.parametrize(("person", "deal", "kept"), [
    (client(), purchase(CLOSING), True),
    (client(stage=Stage.PAST_CLIENT_SELLER), purchase(CLOSING), True),
    (client(stage=Stage.ACTIVE_BUYER), purchase(CLOSING), False),
    (client(stage=Stage.ACTIVE_BUYER, tags=("past client",)), purchase(CLOSING), True),
    (client(stage=Stage.UNDER_CONTRACT, tags=("Past Client",)), purchase(CLOSING), True),
    (client(stage=Stage.REFERRAL_SOURCE), purchase(CLOSING), False),
    (client(stage=None), purchase(CLOSING), False),
    (client(), purchase(CLOSING, closed=False), False),
    (client(), purchase(CLOSING, deleted=True), False),
    (client(), purchase(CLOSING, side=None), False),
    (client(stage=Stage.DO_NOT_CONTACT), purchase(CLOSING), False),
    (client(tags=("dnc",)), purchase(CLOSING), False),
    (client(tags=("Unsubscribed",)), purchase(CLOSING), False),
    (client(emails=(Reach("a@example.org", "Unsubscribed"),)), purchase(CLOSING), False),
    (client(emails=(Reach("a@example.org", "Unsubscribed"), Reach("b@example.org", "Valid"))), purchase(CLOSING), False),
    (client(tags=("Deceased",)), purchase(CLOSING), False),
    (client(tags=("Steward: skip",)), purchase(CLOSING), False),
    (client(trashed=True), purchase(CLOSING), False),
    (client(assigned_user_id=9), purchase(CLOSING), True),                  # the deal names the agent
    (client(assigned_user_id=9), purchase(CLOSING, user_ids=(9,)), False),  # a colleague's client
])
def test_who_has_an_anniversary(person: Any, deal: Any, kept: bool) -> None:
    assert any(" MS-" in want for want in wants(decide(snapshot(BEFORE, [person], [deal])))) is kept


@pytest.mark.clause("X-05")
def test_a_home_that_was_sold_has_no_anniversary_and_one_of_two_is_a_question() -> None:
    later = date(2026, 6, 1)
    sold = snapshot(BEFORE, [client()], [purchase(CLOSING), sale(later)])
    other = purchase(date(2020, 5, 5), 813, name="9 Elm St")
    named = snapshot(BEFORE, [client()], [purchase(CLOSING), other, sale(later, name="9 elm st")])
    unclear = snapshot(BEFORE, [client()], [purchase(CLOSING), other, sale(later, name="the house")])
    row = next(f.want for f in decide(unclear) if isinstance(f.want, WantRow))

    assert wants(decide(sold)) == []
    assert wants(decide(named)) == [T7, ROW]
    assert row.first["Draft"] == ""
    assert "X-05" in str(row.keep["Status"])


@pytest.mark.clause("X-05")
@pytest.mark.parametrize(("name", "when", "outcome"), [
    ("412 Cedar Lane", date(2026, 6, 1), "sold"),          # one house number and street, however the street is spelt
    ("98 Oak St", date(2026, 6, 1), "kept"),               # the old home, sold after buying this one
    ("Lopez listing", date(2026, 6, 1), "sold"),           # the only home they had
    ("412 Cedar Ln", None, "asked"),                       # this home, but when?
    ("412 Cedar Ln", date(2025, 1, 1), "asked"),           # this home, before it was bought?
    ("Lopez listing", None, "asked"),
    ("98 Oak St", date(2024, 1, 1), "kept"),
])
def test_which_sale_ends_ownership(name: str, when: date | None, outcome: str) -> None:
    s = snapshot(BEFORE, [client()], [purchase(CLOSING), sale(when or DAY, name=name, projected_close=when)])
    rows = [f.want for f in decide(s) if isinstance(f.want, WantRow)]

    assert {"sold": [], "kept": [True], "asked": [False]}[outcome] == [bool(row.first["Draft"]) for row in rows]


@pytest.mark.clause("X-05")
def test_who_sells_one_home_and_buys_another_has_one_anniversary() -> None:
    s = snapshot(BEFORE, [client()], [purchase(CLOSING), sale(CLOSING, name="98 Oak St")])

    assert wants(decide(s)) == [T7, ROW]


@pytest.mark.clause("MS-31")
@pytest.mark.parametrize(("name", "field", "address"), [
    ("412 Cedar Ln", "", "412 Cedar Ln"), ("412 Cedar Lane, Austin", "", "412 Cedar Ln"), ("Lopez purchase", "", "412 Cedar Ln"),
    ("2301 Live Oak Rd", "", ""), ("2301 Live Oak Rd", "2301 Live Oak Road", "2301 Live Oak Road")])
def test_the_home_is_named_by_an_address_that_is_known_to_be_its_own(name: str, field: str, address: str) -> None:
    fields = {"property_address": field} if field else {}
    deal = purchase(CLOSING, name=name)
    home = home_of(snapshot(BEFORE, [client(fields=fields)], [deal]), deal)

    assert isinstance(home, Home)
    assert home.address == address
    assert bool(home.questions) is not bool(address)


@pytest.mark.clause("X-35")
def test_do_not_contact_withdraws_even_what_people_asked_to_leave_alone() -> None:
    s = replace(snapshot(BEFORE, [client(tags=("Steward: skip", "DNC"))], [purchase(CLOSING)]), tasks=(own_task("MS-42 d812 20261218-send"),))

    assert "withdraw MS-42 d812 20261218-send" in wants(decide(s))


@pytest.mark.clause("X-60")
def test_a_correction_across_new_year_does_not_ask_twice() -> None:
    s = replace(snapshot(date(2026, 12, 28), [client()], [purchase(date(2026, 1, 2))]),
                tasks=(own_task("MS-42 d812 20261231-send", completed=True),))

    assert wants(decide(s)) == []


@pytest.mark.clause("X-05")
@pytest.mark.parametrize(("years", "kept"), [(1, True), (2, True), (3, False), (5, True), (6, False)])
def test_who_only_sold_is_remembered_in_years_one_two_and_five_with_the_agents_words(years: int, kept: bool) -> None:
    s = snapshot(BEFORE, [client(stage=Stage.PAST_CLIENT_SELLER)], [sale(DAY.replace(year=2026 - years), 812)])
    rows = [f.want for f in decide(s) if isinstance(f.want, WantRow)]

    assert bool(rows) is kept
    assert all(row.first["Draft"] == "" and "X-05" in str(row.keep["Status"]) for row in rows)


@pytest.mark.clause("X-05", "X-61")
def test_a_couple_has_one_anniversary_and_two_homes_have_two() -> None:
    couple = snapshot(BEFORE, [client(), client(102, first_name="Luis")], [purchase(CLOSING, people=(101, 102))])
    two = snapshot(BEFORE, [client()], [purchase(CLOSING), purchase(date(2022, 12, 18), 813, name="9 Elm St")])

    assert wants(decide(couple)) == [T7, ROW]
    assert len([line for line in wants(decide(two)) if line.startswith("row")]) == 2


@pytest.mark.clause("X-61", "X-49")
def test_one_spouse_do_not_contact_is_a_question_and_one_deceased_is_not() -> None:
    luis = client(102, first_name="Luis", tags=("DNC",))
    asked = next(f.want for f in decide(snapshot(BEFORE, [client(), luis], [purchase(CLOSING, people=(102, 101))]))
                 if isinstance(f.want, WantRow))
    gone = replace(luis, tags=("Deceased",))
    widow = next(f.want for f in decide(snapshot(BEFORE, [client(), gone], [purchase(CLOSING, people=(102, 101))]))
                 if isinstance(f.want, WantRow))

    assert (asked.first["Draft"], asked.person_id) == ("", 101)
    assert "Luis" in str(asked.keep["Status"])
    assert "Luis" not in str(widow.first["Draft"])
    assert "Hi Ana" in str(widow.first["Draft"])


@pytest.mark.clause("X-61", "X-64")
def test_a_spouse_who_unsubscribed_is_called_so_and_asked_about_once() -> None:
    """Neither a Do Not Contact, nor passed over: the agent says what the unsubscription means, for a spouse as for anybody."""
    luis = client(102, first_name="Luis", emails=(Reach("luis@example.org", "Unsubscribed"),))
    s = passed(snapshot(BEFORE, [client(), luis], [purchase(CLOSING, people=(101, 102))]), prefix="milestones.closing")
    asked = "DB-42 p102 unsubscribed"
    assert cell(s, "Approvals", REF, "Status") == (
        "Not ready: X-61: Luis Lopez, on the same closing, unsubscribed from email; answer its row in Approvals."
        " Fix that, or write the Draft yourself")
    assert cell(s, "Approvals", asked, "What").startswith("Luis Lopez unsubscribed from email, and something else would go out.")
    assert [row.ref for row in s.workbook.rows("Approvals")] == [REF, asked]

    only = passed(answered(s, asked, "Only no email"), prefix="milestones.closing")
    assert cell(only, "Approvals", REF, "Status") == "Waiting for your decision"
    alone = passed(answered(s, asked, "Leave Luis alone in every way"), prefix="milestones.closing")
    assert cell(alone, "Approvals", REF, "Status").startswith(
        "Not ready: X-61: Luis Lopez, on the same closing, is to be left alone in every way, as the agent said. Fix that,")


@pytest.mark.clause("X-61", "X-65")
def test_a_spouse_whose_safety_tag_is_gone_is_asked_about() -> None:
    luis = client(102, first_name="Luis", fields={"do_not_contact_since": "2026-10-01"})
    s = passed(snapshot(BEFORE, [client(), luis], [purchase(CLOSING, people=(101, 102))]), prefix="milestones.closing")
    assert [row.ref for row in s.workbook.rows("Approvals")] == [REF, "DB-42 p102 again"]
    assert "Luis Lopez, on the same closing, had opted out: Do Not Contact Since holds 2026-10-01" in cell(s, "Approvals", REF, "Status")


@pytest.mark.clause("MS-25", "X-41")
def test_where_the_closing_date_is_known_from() -> None:
    field = client(fields={"closing_anniversary": "2025-12-17"})
    deal = purchase(CLOSING)
    stage_only = purchase(CLOSING, projected_close=None, entered_stage_at=snapshot(DAY).now.replace(year=2025))
    found = [home_of(snapshot(DAY, [person], [d]), d) for person, d in ((field, deal), (client(), deal), (client(), stage_only))]

    assert [(h.closing, h.closing_from) for h in found if isinstance(h, Home)] == [
        (date(2025, 12, 17), "the field Closing Anniversary"), (CLOSING, "the deal's projected close date"),
        (CLOSING, "the day the deal entered its closed stage")]


@pytest.mark.parametrize("written", ["1900-01-01", "not a date", "2025-13-45"])
def test_a_placeholder_or_a_typo_is_no_closing_date(written: str) -> None:
    s = snapshot(BEFORE, [client(fields={"closing_anniversary": written})], [purchase(CLOSING)])

    assert isinstance(home_of(s, purchase(CLOSING)), Excluded)
    assert wants(decide(s)) == []


def test_first_activation_starts_from_today() -> None:
    past = world(date(2026, 12, 19), activated=date(2026, 12, 19))
    coming = world(date(2026, 12, 18), activated=date(2026, 12, 18))

    assert wants(decide(past)) == []
    assert T7 in wants(decide(coming))


# -- corrections -------------------------------------------------------------------------------------------------------


@pytest.mark.clause("X-60")
def test_a_corrected_date_withdraws_and_remakes() -> None:
    moved = replace(snapshot(BEFORE, [client()], [purchase(date(2025, 12, 16))]),
                    tasks=(own_task("MS-04 d812 20261218-14d"), own_task("MS-04 d812 20261218-7d", 2, completed=True)))

    assert wants(decide(moved)) == ["task MS-04 d812 20261216-7d", "row MS-09 d812 20261216-draft", "withdraw MS-04 d812 20261218-14d"]


@pytest.mark.clause("X-60")
def test_an_occasion_year_already_sent_is_not_asked_again() -> None:
    moved = replace(snapshot(BEFORE, [client()], [purchase(date(2025, 12, 21))]),
                    tasks=(own_task("MS-42 d812 20261218-send", completed=True),))

    assert wants(decide(moved)) == []


@pytest.mark.clause("X-35", "X-49", "X-05", "MS-02")
@pytest.mark.parametrize(("person", "more"), [
    (client(tags=("DNC",)), []), (client(tags=("Deceased",)), []), (client(), [sale(date(2026, 6, 1))])])
def test_a_known_fact_withdraws_open_tasks(person: Any, more: list[Any]) -> None:
    s = replace(snapshot(BEFORE, [person], [purchase(CLOSING), *more]),
                tasks=(own_task("MS-04 d812 20261218-7d"), own_task("MS-42 d812 20261218-send", 2)))

    assert [line for line in wants(decide(s)) if line.startswith("withdraw")] == [
        "withdraw MS-04 d812 20261218-7d", "withdraw MS-42 d812 20261218-send"]


def test_an_absence_withdraws_nothing() -> None:
    tasks = (own_task("MS-04 d812 20261218-7d"),)

    assert wants(decide(replace(snapshot(BEFORE), tasks=tasks))) == []
    assert wants(decide(replace(snapshot(BEFORE, [], [purchase(CLOSING)]), tasks=tasks))) == []


@pytest.mark.clause("MS-45")
def test_the_escalation_ends_when_the_agent_has_approved() -> None:
    s = replace(decided("Approve", date(2026, 12, 16)), tasks=(own_task("MS-45 d812 20261218-48h"),))

    assert "withdraw MS-45 d812 20261218-48h" in wants(decide(s))


@pytest.mark.clause("MS-50", "MS-51")
def test_the_escalation_note_stands_on_the_client() -> None:
    note = next(f.want for f in decide(world(date(2026, 12, 16))) if isinstance(f.want, WantNote))

    assert note.person_id == 101
    assert note.body.startswith("Hi Dana Reyes — past client touch issue for Ana Lopez needs your input.\nIssue: Approval needed")


# -- personal touches, holds, and the words ------------------------------------------------------------------------------


@pytest.mark.clause("MS-48", "MS-07", "MS-11")
def test_a_personal_touch_without_context_is_asked_about_and_with_it_arranged() -> None:
    without = decided("Personal touch", date(2026, 12, 14))
    with_ = decided("Personal touch", date(2026, 12, 14), Context="Call her; she just had twins")
    note = next(f.want for f in decide(without) if isinstance(f.want, WantNote))
    send = next(f.want for f in decide(with_) if isinstance(f.want, WantTask) and f.want.key.rule == "MS-42")
    assert str(send.key) == "MS-42 d812 20261218-personal"

    assert "task MS-48 d812 20261218-context" in wants(decide(without))
    assert SEND not in wants(decide(without))
    assert "Issue: missing context\n" in note.body
    assert "Needed: provide client context\n" in note.body
    assert (send.assignee, send.name) == (VA, "Personal touch, see Context in Approvals: Ana Lopez, by Sun 12/20")


@pytest.mark.clause("MS-48")
def test_context_that_came_later_ends_the_question() -> None:
    s = replace(decided("Personal touch", date(2026, 12, 14), Context="Call her"), tasks=(own_task("MS-48 d812 20261218-context"),))

    assert "withdraw MS-48 d812 20261218-context" in wants(decide(s))


@pytest.mark.clause("MS-47", "MS-49")
@pytest.mark.parametrize(("person", "channel", "held"), [
    (client(tags=("Reply: dissatisfied",)), "email", "MS-49"), (client(emails=(Reach("a@example.org", "Bounced"),)), "email", "MS-47"),
    (client(emails=(Reach("a@example.org", "Bounced"),)), "card", ""), (client(tags=("Returned Mail",)), "card", "MS-47"),
    (client(tags=("Returned Mail",)), "email", "")])
def test_what_people_have_to_settle_first_holds_the_draft(person: Any, channel: Any, held: str) -> None:
    s = replace(snapshot(BEFORE, [person], [purchase(CLOSING)]), practice=practice(milestones=MilestoneOptions(anniversary_channel=channel)))
    row = next(f.want for f in decide(s) if isinstance(f.want, WantRow))

    assert (row.first["Draft"] == "") is bool(held)
    assert held in str(row.keep["Status"])


@pytest.mark.clause("X-35", "X-64")
def test_who_unsubscribed_by_an_event_gets_no_draft_and_is_asked_about_once() -> None:
    event = MailEvent(id=1, person_id=101, fate=MailFate.UNSUBSCRIBED)

    assert wants(decide(snapshot(BEFORE, [client()], [purchase(CLOSING)], mail=(event,)))) == ["row DB-42 p101 unsubscribed"]


@pytest.mark.clause("MS-12", "MS-38", "X-54")
@pytest.mark.parametrize(("years", "options", "city", "asks"), [
    (1, {}, "Austin", ["thinking about buying or selling, I'd be honored"]),
    (1, {"referral_ask": "city"}, "Austin", ["thinking about buying or selling in Austin"]),
    (2, {}, "Austin", []), (2, {"referral_ask_later": True}, "Austin", ["thinking about buying or selling in Austin"]),
    (2, {"referral_ask": "city"}, "Austin", [])])
def test_one_ask_where_the_agent_chose_it(years: int, options: dict[str, Any], city: str, asks: list[str]) -> None:
    s = snapshot(BEFORE, [client()], [purchase(DAY.replace(year=2026 - years))])
    s = replace(s, practice=practice(city=city, milestones=MilestoneOptions(year_2_subject="x", **options)))
    text = text_of(s)

    assert text.count("thinking about buying or selling") == len(asks)
    assert all(ask in text for ask in asks)
    assert text.endswith("\nDana Reyes")


@pytest.mark.clause("MS-38")
def test_an_ask_that_names_the_city_needs_one() -> None:
    s = replace(world(BEFORE), practice=practice(city="", milestones=MilestoneOptions(referral_ask="city")))
    row = next(f.want for f in decide(s) if isinstance(f.want, WantRow))

    assert "MS-38" in str(row.keep["Status"])


@pytest.mark.clause("MS-52", "MS-06")
def test_the_send_task_names_the_platform() -> None:
    s = replace(decided("Approve", date(2026, 12, 14)), practice=practice(milestones=MilestoneOptions(year_2_subject="x", email_platform="Mailbird")))
    send = next(f.want for f in decide(s) if isinstance(f.want, WantTask) and f.want.key.rule == "MS-42")

    assert send.name == "Send the approved anniversary e-mail by Mailbird: Ana Lopez, schedule for Fri 12/18"


@pytest.mark.clause("X-07")
@pytest.mark.parametrize(("closing", "due"), [(date(2024, 12, 18), date(2026, 12, 18)), (date(2024, 1, 18), date(2027, 1, 19))])
def test_a_card_is_mailed_within_two_days_either_way(closing: date, due: date) -> None:
    """January 18, 2027 is a holiday after a weekend: the business day before would be three days early."""
    day = closing.replace(year=2027 if closing.month == 1 else 2026)
    before = replace(snapshot(day - timedelta(days=7), [client()], [purchase(closing)]), practice=practice(milestones=MilestoneOptions(anniversary_channel="card")))
    row = next(f.want for f in decide(before) if isinstance(f.want, WantRow))
    approved = {"Ref": row.ref, **row.first, **row.keep, "Decision": "Approve"}
    send = next(f.want for f in decide(replace(before, workbook=book({"Approvals": [approved]}))) if isinstance(f.want, WantTask) and f.want.key.rule == "MS-42")

    assert send.due == due


# -- the move-in anniversary -----------------------------------------------------------------------------------------------

MOVED = {"closing_anniversary": str(CLOSING), "move_in_anniversary": "2026-01-08"}


def moved(today: date, fields: dict[str, str] | None = None, *, on: bool = True, words: bool = True) -> Snapshot:
    texts = {**TEMPLATES, "move_in_anniversary": "Hi {{ client_first_name }} —\nA year of mornings at {{ address }}.\n{{ agent_name }}"} if words else TEMPLATES
    options = MilestoneOptions(move_in_anniversary=on, move_in_subject="Settled in")
    return replace(snapshot(today, [client(fields=fields or MOVED)], [purchase(CLOSING)]), practice=practice(templates=texts, milestones=options))


@pytest.mark.clause("MS-27", "MS-04")
def test_the_move_in_anniversary_is_kept_only_if_the_agent_tracks_it() -> None:
    seven, draft = "task MS-04 d812 20270108-movein-7d", "row MS-09 d812 20270108-movein-draft"

    assert wants(decide_move_in(moved(date(2026, 12, 31), on=False))) == []
    assert wants(decide_move_in(moved(date(2026, 12, 31)))) == [seven, draft]
    assert wants(decide_move_in(moved(date(2026, 12, 31), {"closing_anniversary": str(CLOSING)}))) == []
    assert wants(decide_move_in(moved(date(2026, 12, 11), {**MOVED, "move_in_anniversary": str(CLOSING)}))) == []  # not twice on one day


@pytest.mark.clause("MS-27", "X-09")
def test_its_words_are_the_agents() -> None:
    asked = next(f.want for f in decide_move_in(moved(date(2026, 12, 31), words=False)) if isinstance(f.want, WantRow))
    ready = next(f.want for f in decide_move_in(moved(date(2026, 12, 31))) if isinstance(f.want, WantRow))

    assert "X-09" in str(asked.keep["Status"])
    assert ready.first["Draft"] == "Subject: Settled in\nHi Ana —\nA year of mornings at 412 Cedar Ln.\nDana Reyes"


@pytest.mark.clause("MS-27", "X-60")
def test_a_corrected_move_in_date_withdraws_and_remakes() -> None:
    s = replace(moved(date(2026, 12, 31), {**MOVED, "move_in_anniversary": "2026-01-06"}), tasks=(own_task("MS-04 d812 20270108-movein-7d"),))

    assert "withdraw MS-04 d812 20270108-movein-7d" in wants(decide_move_in(s))
    assert wants(decide(s)) == ["missed MS-42 d812 20261218-send"]  # the closing's own chain is untouched by it


@pytest.mark.parametrize(("medium", "reach", "said"), [
    ("email", {"emails": ()}, "No e-mail address of theirs is in the CRM: have it found, or choose Personal touch."),
    ("email", {}, ""),
    ("card", {"emails": ()}, ""),
    ("card", {"addresses": ()}, "No postal address of theirs is in the CRM: have it found, or choose Personal touch."),
])
def test_the_agent_knows_before_approving_that_there_is_no_address(medium: Any, reach: dict[str, Any], said: str) -> None:
    s = snapshot(date(2026, 12, 11), [client(**{"emails": (Reach("ana@example.com"),), **reach})], [purchase(CLOSING)],
                 practice=practice(milestones=MilestoneOptions(anniversary_channel=medium)))
    what = next(str(f.want.first["What"]) for f in decide(s) if isinstance(f.want, WantRow))
    assert (said in what) if said else "is in the CRM" not in what


HELD = [{"tags": ("DNC - per client",)}, {"background_of_death": True}, {"last_name": "Lopez (Deceased)"}]
FOURTEEN = "MS-04 d812 20271218-14d"


@pytest.mark.clause("MS-04", "X-64", "X-66")
@pytest.mark.parametrize("held", HELD)
def test_no_personal_touch_is_asked_for_while_a_hold_stands(held: dict[str, Any]) -> None:
    def world(day: date) -> Snapshot:
        return passed(snapshot(day, [client(**held)], [purchase(date(2024, 12, 18))]))

    before, opened = world(date(2027, 12, 2)), world(date(2027, 12, 3))
    assert [row.ref for row in before.workbook.rows("Approvals")] == []
    (question,) = [row.ref for row in opened.workbook.rows("Approvals")]
    assert (question[:5], open_tasks(opened)) == ("DB-42", {})

    lifted = passed(passed(answered(opened, question, "Means something else")), date(2027, 12, 6))
    assert list(open_tasks(lifted)) == [FOURTEEN]


@pytest.mark.clause("MS-04", "MS-49")
def test_no_personal_touch_is_asked_for_with_a_dissatisfied_client() -> None:
    s = passed(snapshot(date(2027, 12, 3), [client(tags=("Reply: dissatisfied",))], [purchase(date(2024, 12, 18))]), prefix="milestones.closing")
    assert open_tasks(s) == {}
    assert list(open_tasks(passed(changed(s, 101, tags=()), date(2027, 12, 6), "milestones.closing"))) == [FOURTEEN]


@pytest.mark.clause("MS-04", "X-66")
def test_a_near_word_leaves_a_personal_touch_that_is_open() -> None:
    s = passed(snapshot(date(2027, 12, 3), [client()], [purchase(date(2024, 12, 18))]))
    assert open_tasks(s).keys() == {FOURTEEN}
    assert open_tasks(passed(changed(s, 101, tags=("DNC - per client",)), date(2027, 12, 6))) == open_tasks(s)
