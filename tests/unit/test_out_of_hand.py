"""What was asked about somebody ends, or moves, when the deal, the client or the record is another one now (X-81)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from daemon.passes import plan as planning
from daemon.passes.absence import deleted_records
from daemon.passes.forecast import after
from policies.registry import POLICIES
from policies.world.model import Reach, Stage
from policies.world.snapshot import Snapshot
from tests.passes import cell, changed, decided, open_tasks, passed, task, ticked
from tests.scenes import client, purchase, snapshot

CLOSED = date(2026, 12, 1)
TODAY = date(2026, 12, 4)
BIRTHDAYS = "MS-41 d812 checklist"
Change = Callable[[Snapshot], Snapshot]


def deal(**changes: Any) -> Change:
    return lambda s: replace(s, deals={812: replace(s.deals[812], **changes)})


def person(**changes: Any) -> Change:
    return lambda s: changed(s, 101, **changes)


def another_client(**changes: Any) -> Change:
    """People take Ana off the deal and put Bo on it."""
    bo = client(102, first_name="Bo", last_name="Vance", emails=(Reach("bo@example.org", "Valid"),), **changes)
    return lambda s: replace(s, contacts={**s.contacts, 102: bo}, deals={812: replace(s.deals[812], person_ids=(102,))})


def gone(s: Snapshot, prefix: str = "milestones.") -> Snapshot:
    """A pass that knows that the deal is gone."""
    s = replace(s, deals={}, gone=frozenset({"d812"}))
    findings = [f for policy in POLICIES if policy.name.startswith(prefix) for f in policy.decide(s)]
    return replace(after(s, planning.make(s, [*findings, *deleted_records.ended(s, findings)])), gone=frozenset())


# -- the birthday of the closing checklist -----------------------------------------------------------------------------------


@pytest.mark.clause("X-81", "MS-41")
@pytest.mark.parametrize("days", [1, 70, 120])
@pytest.mark.parametrize("change", [
    deal(closed=False, stage_label="Pending"), deal(deleted=True), person(trashed=True, stage=None, stage_label="Trash"), person(tags=("DNC",)),
    person(tags=("Deceased",)), person(stage=Stage.ACTIVE_BUYER, stage_label="Active Buyer"), person(fields={"birthday": "1980-05-05"}),
    another_client(fields={"birthday": "1980-05-05"})])
def test_nobody_looks_for_a_birthday_that_nothing_needs(change: Change, days: int) -> None:
    s = passed(snapshot(TODAY, [client()], [purchase(CLOSED, entered_stage_at=None)], activated=date(2026, 6, 1)))
    assert BIRTHDAYS in open_tasks(s)

    assert BIRTHDAYS not in open_tasks(passed(change(s), TODAY + timedelta(days=days)))


@pytest.mark.clause("X-81", "MS-41")
@pytest.mark.parametrize("change", [person(unreadable=("tags",)), lambda s: replace(s, deals={}), lambda s: s])
def test_a_deal_that_cannot_be_seen_ends_no_search_for_a_birthday(change: Change) -> None:
    s = passed(snapshot(TODAY, [client()], [purchase(CLOSED)], activated=date(2026, 6, 1)))

    assert BIRTHDAYS in open_tasks(passed(change(s), TODAY + timedelta(days=1)))


@pytest.mark.clause("X-81", "MS-41")
def test_the_birthday_is_looked_for_of_the_client_who_is_on_the_deal() -> None:
    s = passed(snapshot(TODAY, [client()], [purchase(CLOSED)], activated=date(2026, 6, 1)))
    s = passed(another_client()(s), TODAY + timedelta(days=1))

    assert {mark: name for mark, name in open_tasks(s).items() if mark.startswith("MS-41")} == {
        f"{BIRTHDAYS}.2": "Closing checklist: enter the birthday of Bo Vance if the intake form has it"}
    assert task(s, f"{BIRTHDAYS}.2").person_id == 102


# -- a touch whose client is another one now -----------------------------------------------------------------------------------

REF, REMINDER, SEND = "MS-09 d812 20261211-draft", "MS-04 d812 20261211-7d", "MS-42 d812 20261211-send"


def anniversary(**changes: Any) -> Snapshot:
    ana = client(emails=(Reach("ana@example.org", "Valid"),), fields={"closing_anniversary": "2024-12-11"}, **changes)
    return passed(snapshot(TODAY, [ana], [purchase(date(2024, 12, 11))]))


@pytest.mark.clause("X-81", "X-60", "MS-09")
@pytest.mark.parametrize(("word", "said"), [("", "Waiting for your decision"), ("Approve", "Decide again"), ("Hold", "On hold")])
def test_a_touch_moves_to_the_client_who_is_on_the_deal_and_a_yes_is_given_again(word: str, said: str) -> None:
    s = passed(decided(anniversary(), REF, word))
    s = passed(another_client()(s))

    assert {mark: task(s, mark).person_id for mark in open_tasks(s) if " d812 " in mark} == {f"{REMINDER}.2": 102}
    assert "Bo Vance" in open_tasks(s)[f"{REMINDER}.2"]
    assert cell(s, "Approvals", REF, "Draft").splitlines()[1] == "Hi Bo —"
    status = cell(s, "Approvals", REF, "Status")
    assert status.endswith(". The draft is for Bo Vance now, not Ana Lopez")
    assert status.startswith(said)

    s = passed(decided(passed(decided(s, REF, "")), REF, "Approve"))
    assert cell(s, "Approvals", REF, "Status") == "Approved: the VA has a task to send it"
    (send,) = [mark for mark in open_tasks(s) if mark.startswith(SEND)]
    assert task(s, send).person_id == 102
    assert open_tasks(passed(s)) == open_tasks(s)


@pytest.mark.clause("X-81")
def test_a_couple_of_whom_both_stay_on_the_deal_moves_nothing() -> None:
    s = anniversary()
    luis = client(102, first_name="Luis")
    s = replace(s, contacts={**s.contacts, 102: luis}, deals={812: replace(s.deals[812], person_ids=(102, 101))})

    assert REMINDER in open_tasks(passed(s))


@pytest.mark.clause("X-81")
def test_a_client_who_was_merged_is_no_former_one() -> None:
    """The CRM leaves the task on the loser in the Trash; the winner is the same person."""
    s = anniversary()
    winner = replace(s.contacts[101], id=901)
    s = replace(changed(s, 101, trashed=True, stage=None, stage_label="Trash"), deals={812: replace(s.deals[812], person_ids=(901,))})
    s = passed(replace(s, contacts={**s.contacts, 901: winner}))

    assert REMINDER in open_tasks(s)
    assert not cell(s, "Approvals", REF, "Status").endswith("not Ana Lopez")


RANGE = "MS-37 d812 20261211-value-range"
DATES = "MS-25 d812 20241218-date"


def couple(**changes: Any) -> Snapshot:
    """Ana and Luis bought a home together; Ana is named first."""
    ana = client(emails=(Reach("ana@example.org", "Valid"),), **changes)
    return snapshot(TODAY, [ana, client(102, first_name="Luis", emails=(Reach("luis@example.org", "Valid"),))],
                    [purchase(date(2024, 12, 11), people=(101, 102))])


@pytest.mark.clause("X-81", "X-61", "X-64")
@pytest.mark.parametrize("word", ["", "Hold"])
@pytest.mark.parametrize(("ref", "day", "what"), [(REF, date(2026, 12, 4), "The draft"), (RANGE, date(2026, 12, 18), "It")])
def test_a_row_says_that_it_is_for_the_one_who_lives_once_the_first_owner_is_deceased(ref: str, day: date, what: str, word: str) -> None:
    s = passed(decided(passed(couple(), day), ref, word))
    assert cell(s, "Approvals", ref, "Client") == "Ana Lopez"
    before = cell(s, "Approvals", ref, "Status")
    assert "Luis" not in before

    s = passed(changed(s, 101, tags=("Deceased",)))
    assert cell(s, "Approvals", ref, "Status") == f"{before}. {what} is for Luis Lopez now, not Ana Lopez"
    assert open_tasks(passed(s)) == open_tasks(s)
    assert cell(passed(s), "Approvals", ref, "Status") == cell(s, "Approvals", ref, "Status")
    assert cell(passed(changed(s, 101, tags=())), "Approvals", ref, "Client") == "Ana Lopez"


@pytest.mark.clause("X-81", "X-64")
def test_the_agents_answer_that_the_first_owner_is_deceased_does_the_same() -> None:
    s = passed(changed(passed(couple()), 101, last_name="Lopez (Deceased)"))
    s = passed(decided(s, "DB-42 p101 died", "Deceased"))
    assert cell(s, "Approvals", REF, "Draft").splitlines()[1].startswith("Hi Luis")
    assert cell(s, "Approvals", REF, "Status") == "Waiting for your decision. The draft is for Luis Lopez now, not Ana Lopez"


@pytest.mark.clause("X-81", "MS-25")
def test_the_question_which_date_is_right_says_so_too() -> None:
    s = couple(fields={"closing_anniversary": "2024-12-18"})
    s = passed(changed(s, 102, fields={"closing_anniversary": "2024-12-18"}))
    s = passed(changed(s, 101, tags=("Deceased",)))
    assert cell(s, "Approvals", DATES, "Status").endswith(". It is for Luis Lopez now, not Ana Lopez")
    s = passed(decided(s, DATES, "Field is right"))
    assert cell(s, "Approvals", DATES, "Status") == "Decided: Field is right"


@pytest.mark.clause("X-81")
@pytest.mark.parametrize("ref", [REF, RANGE])
def test_a_client_with_a_new_name_is_the_same_one(ref: str) -> None:
    s = passed(couple(), date(2026, 12, 18) if ref == RANGE else TODAY)
    assert "now, not" not in cell(passed(changed(s, 101, last_name="Novak")), "Approvals", ref, "Status")


# -- what was decided about a deal that was away -------------------------------------------------------------------------------

ASKED, CORRECT = "MS-25 d812 20241211-date", "MS-25 d812 20241211-correct"


@pytest.mark.clause("X-81", "X-87", "MS-25")
@pytest.mark.parametrize("done", [False, True])
def test_the_task_to_correct_a_date_comes_again_with_its_deal(done: bool) -> None:
    s = snapshot(TODAY, [client(fields={"closing_anniversary": "2024-12-11"})], [purchase(date(2024, 12, 14))])
    there = passed(decided(passed(s), ASKED, "Deal is right"))
    there = ticked(there, CORRECT) if done else there
    away = gone(there)
    back = passed(replace(away, deals=there.deals))

    assert cell(back, "Approvals", ASKED, "Status") == "Decided: Deal is right"
    assert [mark for mark in open_tasks(away) if mark.startswith("MS-25")] == []
    assert [mark for mark in open_tasks(back) if mark.startswith("MS-25")] == ([] if done else [f"{CORRECT}.2"])
    assert open_tasks(passed(back)) == open_tasks(back)


# -- on hold -----------------------------------------------------------------------------------------------------------------


@pytest.mark.clause("MS-09", "X-88")
def test_a_row_that_is_not_ready_says_that_it_is_on_hold() -> None:
    buyer = client(emails=(Reach("ana@example.org", "Valid"),), fields={"closing_anniversary": "2026-11-20", "homestead_deadline": "2026-12-15"})
    s = passed(snapshot(TODAY, [buyer], [purchase(date(2026, 11, 20))], activated=date(2026, 6, 1)))
    (ref,) = [row.ref for row in s.workbook.rows("Approvals") if "homestead-draft" in row.ref]
    assert cell(s, "Approvals", ref, "Status").startswith("Not ready: X-09")

    held = passed(decided(s, ref, "Hold"))
    assert cell(held, "Approvals", ref, "Status") == "On hold: nothing goes out"
    assert cell(passed(decided(held, ref, "Approve")), "Approvals", ref, "Status").startswith("Not ready: X-09")
