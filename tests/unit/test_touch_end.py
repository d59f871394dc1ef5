"""However a touch ends, all of it ends in the same pass: its tasks, its row, its line in Handover (X-81)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from daemon.passes import guard, handover
from daemon.passes import plan as planning
from daemon.passes.forecast import after
from policies.asks import approvals
from policies.asks.wants import WantRow, WantTask
from policies.milestones.closing_anniversary import decide
from policies.world.model import Task
from policies.world.sheet import Tab
from policies.world.snapshot import Snapshot
from tests.scenes import AGENT, client, own_task, wants
from tests.unit.test_closing_anniversary import REF, decided

BEFORE, AFTER = date(2026, 12, 15), date(2026, 12, 21)
LATE = "task MS-42 d812 20261218-late"
ACTED = {"Acted On": "2026-12-14 06:00", "Decided On": "2026-12-14 06:00", "Status": approvals.HANDED_OVER}


def tasks(*steps: str, **changes: Any) -> tuple[Task, ...]:
    return tuple(own_task(key, number=n, **changes) for n, key in enumerate(steps, 1))


REMINDERS = ("MS-04 d812 20261218-14d", "MS-04 d812 20261218-7d", "MS-45 d812 20261218-48h", "MS-48 d812 20261218-context")
SEND = "MS-42 d812 20261218-send"


def passed(s: Snapshot) -> Snapshot:
    s = replace(s, workbook=replace(s.workbook, tabs={**s.workbook.tabs, "Missed": Tab("Missed"), handover.TAB: Tab(handover.TAB)}))
    return after(s, planning.make(s, decide(s)))


def left(s: Snapshot) -> list[str]:
    """What is still open after a pass: tasks, the row, and lines of Handover."""
    then = passed(s)
    row = approvals.read(then.workbook, REF)
    lines = [str(action.after["Mark"]) for action in handover.update(then, [])]
    return [*(str(t.key) for t in then.tasks if not t.completed), *([REF] if row and not row.over else []), *lines]


def sent(day: date) -> Snapshot:
    done = own_task(SEND, number=90, completed=True)
    return replace(decided("Approve", day, **ACTED), tasks=(*tasks(*REMINDERS), done))


@pytest.mark.clause("X-81")
@pytest.mark.parametrize("day", [BEFORE, AFTER])
def test_what_was_sent_leaves_nothing_open(day: date) -> None:
    assert left(sent(day)) == []


@pytest.mark.clause("X-81")
@pytest.mark.parametrize("word", ["Reject"])
@pytest.mark.parametrize("day", [BEFORE, AFTER])
def test_what_was_refused_leaves_nothing_open_in_time_or_late(word: str, day: date) -> None:
    s = replace(decided(word, day), tasks=tasks(*REMINDERS, SEND))
    row = approvals.read(passed(s).workbook, REF)

    assert left(s) == []
    assert row is not None
    assert row.status == approvals.REJECTED


@pytest.mark.clause("X-81")
@pytest.mark.parametrize("word", ["", "Hold"])
def test_what_was_missed_undecided_leaves_nothing_open(word: str) -> None:
    s = replace(decided(word, AFTER), tasks=tasks(*REMINDERS))

    assert left(s) == []
    assert LATE not in wants(decide(s))


@pytest.mark.clause("X-81")
def test_what_lost_its_ground_leaves_nothing_open() -> None:
    s = replace(decided("Approve", BEFORE, **ACTED), tasks=tasks(*REMINDERS, SEND))
    opted_out = replace(s, contacts={101: client(tags=("DNC",))})

    assert left(opted_out) == []


@pytest.mark.clause("X-81", "MS-23")
def test_what_was_approved_and_not_sent_in_time_becomes_a_question_to_the_agent() -> None:
    s = replace(decided("Approve", AFTER, **ACTED), tasks=tasks(*REMINDERS, SEND))
    asked = next(f.want for f in decide(s) if isinstance(f.want, WantTask))

    assert (str(asked.key), asked.assignee) == ("MS-42 d812 20261218-late", AGENT)
    assert asked.name == "Too late: decide about Ana Lopez's anniversary email"
    assert left(s) == ["MS-42 d812 20261218-late"] * 2  # the task, and its line in Handover


@pytest.mark.clause("X-81")
@pytest.mark.parametrize(("day", "asked"), [(date(2026, 12, 20), False), (date(2026, 12, 21), True), (date(2027, 1, 3), True), (date(2027, 1, 4), False)])
def test_it_is_asked_from_the_end_of_the_window_and_for_two_weeks(day: date, asked: bool) -> None:
    s = replace(decided("Approve", day, **ACTED), tasks=tasks(SEND))

    assert (LATE in wants(decide(s))) is asked
    assert (f"withdraw {SEND}" in wants(decide(s))) is (day > date(2026, 12, 20))


@pytest.mark.clause("X-81")
def test_the_question_is_asked_again_where_its_answer_got_lost_and_never_twice() -> None:
    undone = replace(decided("Approve", AFTER, **{**ACTED, "Status": approvals.MISSED}), tasks=tasks(SEND, completed=True, withdrawn=True))
    answered = replace(undone, tasks=(*undone.tasks, own_task("MS-42 d812 20261218-late", number=5, completed=True)))

    assert LATE in wants(decide(undone))
    assert planning.make(answered, decide(answered)).actions == () or all(a.entity != "task" for a in planning.make(answered, decide(answered)).actions)


@pytest.mark.clause("X-81", "X-59")
def test_the_agents_task_about_a_missed_touch_is_no_evidence_that_it_was_sent() -> None:
    s = replace(decided("Approve", AFTER, **{**ACTED, "Status": approvals.MISSED}), tasks=tasks("MS-42 d812 20261218-late", completed=True))
    rows = [f.want for f in decide(s) if isinstance(f.want, WantRow)]

    assert not [row for row in rows if row.keep["Status"] == approvals.SENT]


@pytest.mark.clause("X-81", "X-67")
def test_no_limit_holds_back_what_is_over() -> None:
    ended = planning.make(s := sent(AFTER), decide(s)).actions
    taken_back = replace(decided("", BEFORE, **ACTED), tasks=tasks(SEND))
    actions = planning.make(taken_back, decide(taken_back)).actions

    assert sum(a.verb == "withdraw" for a in guard.check(ended, guard.Limits(withdraw=0)).allowed) == len(REMINDERS)
    assert [a for a in guard.check(actions, guard.Limits(withdraw=0)).allowed if a.verb == "withdraw"] == []


@pytest.mark.clause("X-81")
def test_nobody_is_asked_about_a_touch_that_the_agent_took_back() -> None:
    s = replace(decided("", AFTER, **ACTED), tasks=tasks(SEND))

    assert LATE not in wants(decide(s))
    assert left(s) == []
