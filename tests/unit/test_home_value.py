"""The home-value update: blanks until the agent typed and confirmed the range, two approvals, never a number of ours."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from policies.asks.wants import WantRow, WantTask
from policies.milestones.home_value import Range, decide
from policies.world.model import Reach, Stage
from policies.world.practice import MilestoneOptions
from policies.world.sheet import Row
from policies.world.snapshot import Snapshot
from tests.passes import cell, changed, decided, open_tasks, passed, ticked
from tests.scenes import (
    AGENT,
    VA,
    at,
    book,
    client,
    own_task,
    practice,
    purchase,
    sale,
    snapshot,
    wants,
)

CLOSING, MARK = date(2025, 12, 18), date(2026, 12, 18)
REF, DRAFT = "MS-37 d812 20261218-value-range", "MS-09 d812 20261218-value-draft"
T12, T48, SEND = "task MS-35 d812 20261218-value-12m", "task MS-45 d812 20261218-value-48h", "task MS-44 d812 20261218-value-send"
ASK = f"row {REF}"
NUMBERS = {"Value Low": 410000, "Value High": 450000, "Change": "increase 45,000"}


def world(today: date, rows: list[dict[str, Any]] | None = None, **changes: Any) -> Snapshot:
    return snapshot(today, [client(**changes)], [purchase(CLOSING)], workbook=book({"Approvals": rows or []}))


def put(s: Snapshot, ref: str, **cells: Any) -> dict[str, Any]:
    """The row as it stands after a pass, with what the agent typed into it."""
    row = next(f.want for f in decide(s) if isinstance(f.want, WantRow) and f.want.ref == ref)
    there = s.workbook.row("Approvals", ref)
    return {"Ref": ref, **(there.cells if there else row.first), **row.keep, **cells}


@pytest.mark.clause("MS-08", "MS-35", "MS-44", "X-04", "MS-45", "X-08")
@pytest.mark.parametrize(("today", "expected"), [
    (date(2026, 12, 17), []),
    (date(2026, 12, 18), [T12, ASK]),          # the 12-month mark, no alerts before it
    (date(2026, 12, 29), [T12, ASK]),
    (date(2026, 12, 30), [T12, T48, T48.replace("task", "note"), ASK]),  # due 14 days later, on Jan 1: X-08 counts from there
    (date(2027, 1, 31), [T12, T48, T48.replace("task", "note"), ASK]),
    (date(2027, 2, 1), ["missed MS-44 d812 20261218-value-send"])])
def test_what_is_wanted_on_each_day_while_there_is_no_range(today: date, expected: list[str]) -> None:
    assert wants(decide(world(today))) == expected


@pytest.mark.clause("MS-36", "MS-10", "MS-17")
def test_the_blanks_stay_blank_until_the_agent_has_typed() -> None:
    row = put(world(MARK), REF)

    assert row["Draft"] == (
        "Subject: What's your home worth today?\n"
        "Hi Ana —\n"
        "The market has moved since you bought 412 Cedar Ln in 2025. I thought you'd want to know where things stand.\n"
        "Based on current comparable sales in your neighborhood, your home is likely worth somewhere in the range of $[X] – $[X] today.\n"
        "That's [an increase of approximately $X vs. your purchase price / a significant change from when you bought].\n"
        "If you're curious about a more specific number — or if you've been thinking about your next move — let's talk.\n"
        "Dana Reyes\n"
        "(512) 555-0100")
    assert not {"Value Low", "Value High", "Change", "Decision"} & row.keys()


@pytest.mark.clause("MS-37", "MS-44", "MS-09")
def test_two_approvals_the_range_then_the_full_text() -> None:
    first = world(MARK)
    typed = world(date(2026, 12, 21), [put(first, REF, **NUMBERS)])
    assert DRAFT not in " ".join(wants(decide(typed)))  # typed is not confirmed

    confirmed = world(date(2026, 12, 21), [put(first, REF, **NUMBERS, Decision="Approve")])
    assert wants(decide(confirmed)) == [T12, f"row {DRAFT}", f"row {REF}"]
    text = put(confirmed, DRAFT)["Draft"]
    assert "in the range of $410,000 – $450,000 today.\nThat's an increase of approximately $45,000 vs. your purchase price." in text

    range_row, draft = put(confirmed, REF), put(confirmed, DRAFT, Decision="Approve")
    approved = world(date(2026, 12, 22), [range_row, draft])
    assert SEND in wants(decide(approved))
    send = next(f.want for f in decide(approved) if isinstance(f.want, WantTask) and f.want.key.rule == "MS-44")
    assert (send.assignee, send.due) == (VA, date(2026, 12, 22))


@pytest.mark.clause("MS-37", "MS-10")
def test_a_number_changed_after_it_was_confirmed_is_confirmed_again() -> None:
    confirmed = world(date(2026, 12, 21), [put(world(MARK), REF, **NUMBERS, Decision="Approve")])
    range_row, draft = put(confirmed, REF), put(confirmed, DRAFT, Decision="Approve")
    changed = world(date(2026, 12, 22), [{**range_row, "Value High": 990000}, draft])

    assert SEND not in wants(decide(changed))
    assert str(put(changed, REF)["Status"]).startswith("Decide again")
    assert "$990,000" not in str(put(changed, DRAFT)["Draft"])


@pytest.mark.clause("X-81")
def test_once_the_update_was_sent_its_range_has_its_last_word() -> None:
    s = decided(passed(passed(world(MARK)), date(2026, 12, 19)), REF, "Approve", **NUMBERS)
    s = decided(passed(passed(s, date(2026, 12, 20)), date(2026, 12, 21)), DRAFT, "Approve")
    s = passed(s, date(2026, 12, 22))
    assert cell(s, "Approvals", REF, "Status") == "Decided: Approve"

    sent = passed(ticked(s, SEND.removeprefix("task ")), date(2026, 12, 23))

    assert cell(sent, "Approvals", REF, "Status") == "Done: the update was sent"
    assert cell(sent, "Approvals", DRAFT, "Status") == "Sent"
    assert open_tasks(sent) == {}
    assert cell(passed(sent, date(2027, 2, 5)), "Approvals", REF, "Status") == "Done: the update was sent"


@pytest.mark.clause("MS-37", "MS-10", "MS-17")
@pytest.mark.parametrize(("cells", "fault"), [
    ({}, "MS-37"), ({"Value Low": 1, "Value High": ""}, "MS-37"), ({"Value Low": 450000, "Value High": 410000, "Change": "significant"}, "MS-37"),
    ({"Value Low": 410000, "Value High": 450000}, "MS-10"), ({"Value Low": 410000, "Value High": 450000, "Change": "more"}, "MS-10"),
    ({"Value Low": 410000, "Value High": 450000, "Change": "decrease 20000"}, "MS-10"), ({"Value Low": "about 400k", "Value High": 1, "Change": "significant"}, "MS-37"),
    ({"Value Low": -5, "Value High": 450000, "Change": "significant"}, "MS-37"), ({"Value Low": True, "Value High": 450000, "Change": "significant"}, "MS-37"),
    ({"Value Low": 410000.5, "Value High": 450000, "Change": "significant"}, "MS-37"),
    ({"Value Low": "$410,000", "Value High": 410000, "Change": "Significant"}, "")])
def test_only_whole_dollars_and_one_of_two_sentences_count(cells: dict[str, Any], fault: str) -> None:
    assert Range.of(Row(REF, cells)).fault.partition(":")[0] == fault


def test_an_approval_of_nothing_says_what_is_missing() -> None:
    s = world(date(2026, 12, 21), [put(world(MARK), REF, Decision="Approve")])

    assert "Value Low and Value High must both be whole dollar amounts" in str(put(s, REF)["Status"])
    assert wants(decide(s)) == [T12, ASK]


@pytest.mark.clause("MS-10")
def test_nothing_is_carried_forward_to_the_next_year() -> None:
    confirmed = put(world(date(2026, 12, 21), [put(world(MARK), REF, **NUMBERS, Decision="Approve")]), REF)
    next_year = world(date(2027, 12, 20), [confirmed])
    asked = next(f.want for f in decide(next_year) if isinstance(f.want, WantRow) and f.want.create)

    assert asked.ref == "MS-37 d812 20271218-value-range"
    assert not re.search(r"4[15]0[,.]?000", str({**asked.first, **asked.keep}))


@pytest.mark.clause("X-04")
@pytest.mark.parametrize(("combine", "due"), [(False, date(2026, 12, 21)), (True, date(2026, 12, 18))])
def test_it_never_goes_out_with_the_anniversary_unless_the_agent_combines_them(combine: bool, due: date) -> None:
    def on(day: date, rows: list[dict[str, Any]]) -> Snapshot:
        return replace(world(day, rows), practice=practice(milestones=MilestoneOptions(combine_home_value=combine)))

    confirmed = on(MARK, [put(on(MARK, []), REF, **NUMBERS, Decision="Approve")])
    approved = on(MARK, [put(confirmed, REF), put(confirmed, DRAFT, Decision="Approve")])
    send = next(f.want for f in decide(approved) if isinstance(f.want, WantTask) and f.want.key.rule == "MS-44")

    assert send.due == due


@pytest.mark.clause("MS-35", "X-06", "X-05")
@pytest.mark.parametrize(("person", "more", "kept"), [
    ({}, [], True), ({"stage": Stage.ACTIVE_SELLER, "tags": ("Past Client",)}, [], False),
    ({"stage": Stage.UNDER_CONTRACT, "tags": ("Past Client",)}, [], False), ({"stage": Stage.ACTIVE_BUYER, "tags": ("Past Client",)}, [], True),
    ({}, [sale(date(2026, 6, 1))], False), ({"tags": ("DNC",)}, [], False)])
def test_only_owners_who_are_not_selling_and_what_was_open_is_withdrawn(person: dict[str, Any], more: list[Any], kept: bool) -> None:
    row = put(world(MARK), REF)
    s = replace(snapshot(MARK, [client(**person)], [purchase(CLOSING), *more], workbook=book({"Approvals": [row]})),
                tasks=(own_task("MS-35 d812 20261218-value-12m"),))

    assert wants(decide(s)) == ([T12, ASK] if kept else [f"mend {REF}", "withdraw MS-35 d812 20261218-value-12m"])


@pytest.mark.clause("MS-37")
def test_the_agent_may_want_none_this_year() -> None:
    s = replace(world(date(2026, 12, 30), [put(world(MARK), REF, Decision="Reject")]), tasks=(own_task("MS-35 d812 20261218-value-12m"),))

    assert wants(decide(s)) == ["withdraw MS-35 d812 20261218-value-12m", ASK]


def test_the_reminder_is_the_agents_and_due_after_14_days() -> None:
    task = next(f.want for f in decide(world(MARK)) if isinstance(f.want, WantTask))

    assert (task.assignee, task.due) == (AGENT, date(2027, 1, 1))


@pytest.mark.clause("MS-53")
def test_year_three_has_its_update_too() -> None:
    s = snapshot(date(2028, 12, 18), [client()], [purchase(CLOSING)])

    assert "row MS-37 d812 20281218-value-range" in wants(decide(s))


UNSUBSCRIBED = (Reach("ana@example.org", "Unsubscribed"),)
QUESTION = "DB-42 p101 unsubscribed"


def value_pass(s: Snapshot, when: date | None = None) -> Snapshot:
    return passed(s, when, "milestones.home_value")


@pytest.mark.clause("MS-37", "X-64")
def test_no_range_is_asked_for_while_no_email_may_go() -> None:
    s = value_pass(snapshot(MARK, [client(emails=UNSUBSCRIBED)], [purchase(CLOSING)]))
    assert ([row.ref for row in s.workbook.rows("Approvals")], open_tasks(s)) == ([QUESTION], {})

    s = value_pass(value_pass(decided(s, QUESTION, "Only no email")), date(2026, 12, 30))
    assert ([row.ref for row in s.workbook.rows("Approvals")], open_tasks(s)) == ([QUESTION], {})

    (missed,) = decide(replace(s, now=at(date(2027, 2, 1))))
    assert missed.reason.endswith("; they unsubscribed from email")


@pytest.mark.clause("MS-37", "X-64", "X-66")
def test_the_range_is_asked_for_once_the_hold_is_lifted() -> None:
    s = value_pass(snapshot(MARK, [client(tags=("DNC - per client",))], [purchase(CLOSING)]))
    (question,) = [row.ref for row in s.workbook.rows("Approvals")]
    assert (question[:5], open_tasks(s)) == ("DB-42", {})

    s = value_pass(value_pass(decided(s, question, "Means something else")))
    assert cell(s, "Approvals", REF, "Status").startswith("Waiting for your range")
    assert list(open_tasks(s)) == [T12.removeprefix("task ")]


@pytest.mark.clause("MS-37", "X-64", "X-66")
def test_an_unsubscribe_withdraws_the_question_for_the_range_and_a_near_word_does_not() -> None:
    s = value_pass(snapshot(MARK, [client()], [purchase(CLOSING)]))

    near = value_pass(changed(s, 101, tags=("DNC - per client",)))
    assert cell(near, "Approvals", REF, "Status").startswith("Waiting for your range")
    assert open_tasks(near) == open_tasks(s) != {}

    out = value_pass(changed(s, 101, emails=UNSUBSCRIBED))
    assert cell(out, "Approvals", REF, "Status").startswith("Withdrawn: ")
    assert (open_tasks(out), out.workbook.row("Approvals", QUESTION) is None) == ({}, False)

    back = value_pass(changed(out, 101, emails=()), date(2026, 12, 21))  # corrected before anything remembered it
    assert cell(back, "Approvals", REF, "Status").startswith("Waiting for your range")


@pytest.mark.clause("MS-37", "X-64")
def test_a_range_that_was_confirmed_stays() -> None:
    s = value_pass(snapshot(MARK, [client()], [purchase(CLOSING)]))
    s = value_pass(decided(s, REF, "Approve", **{name.replace(" ", "_"): value for name, value in NUMBERS.items()}))
    confirmed = cell(s, "Approvals", REF, "Status")

    s = value_pass(changed(s, 101, emails=UNSUBSCRIBED))
    assert confirmed == cell(s, "Approvals", REF, "Status") != ""
