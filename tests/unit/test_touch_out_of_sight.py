"""A touch that nothing plans any longer ends as well: by the fact that took it away, or with its window (X-81)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from daemon.passes import guard
from daemon.passes import plan as planning
from daemon.passes.forecast import after
from policies.asks import approvals
from policies.asks.wants import Finding, Missed
from policies.milestones import birthday, closing_anniversary, home_value, homestead
from policies.milestones.touch import Kind
from policies.world.model import Contact, Deal, Task
from policies.world.practice import MilestoneOptions
from policies.world.snapshot import Snapshot
from tests.scenes import book, client, own_task, practice, purchase, sale, snapshot, wants

Decide = Callable[[Snapshot], Iterator[Finding]]
CLOSED, DAY = date(2023, 12, 18), date(2026, 12, 18)  # year 3
OFF = MilestoneOptions(every_year=False, year_2_subject="Thinking of you")
KINDS: dict[str, tuple[Decide, Kind, str]] = {
    "anniversary": (closing_anniversary.decide, closing_anniversary.CLOSING, "d812"),
    "move-in": (closing_anniversary.decide_move_in, closing_anniversary.MOVE_IN, "d812"),
    "birthday": (birthday.decide, birthday.BIRTHDAY, "p101"),
    "homestead": (homestead.decide, homestead.HOMESTEAD, "d812"),
    "home value": (home_value.decide, home_value.VALUE, "d812"),
}


def opened(name: str, today: date, people: list[Contact] | None = None, deals: list[Deal] | None = None, *, status: str = approvals.WAITING,
           more: tuple[Task, ...] = (), **changes: Any) -> tuple[Decide, Snapshot, str, str]:
    """A touch of this kind on DAY with its draft and a reminder open: what decides it, the world, the marks of its row and of the report."""
    decide, kind, subject = KINDS[name]
    ref, mark = str(kind.key("MS-09", subject, DAY, "draft")), str(kind.key(kind.send, subject, DAY, "send"))
    rows = book({"Approvals": [{"Ref": ref, "Client": "Ana Lopez", "What": "Draft", "Status": status}], "Missed": []})
    reminder = own_task(str(kind.key(kind.remind, subject, DAY, "7d")))
    return decide, snapshot(today, people or [], deals or [], workbook=rows, tasks=(reminder, *more), **changes), ref, mark


def left(decide: Decide, s: Snapshot) -> tuple[str, list[str]]:
    """The Status of the row, and the tasks that are open, after a pass."""
    then = after(s, planning.make(s, decide(s)))
    status = next(row.text("Status") for row in then.workbook.rows("Approvals"))
    return status, [str(task.key) for task in then.tasks if not task.completed]


@pytest.mark.clause("X-81", "MS-26")
@pytest.mark.parametrize(("deal", "options", "why"), [
    (purchase(CLOSED), OFF, "year 3 is not kept any more (milestones.every_year is off)"),
    (sale(CLOSED, 812), MilestoneOptions(), "they only sold, and year 3 of a sale is not kept"),
])
def test_a_year_that_is_not_kept_any_more_is_withdrawn_with_its_reason(deal: Deal, options: MilestoneOptions, why: str) -> None:
    decide, s, _, _ = opened("anniversary", DAY - timedelta(days=3), [client()], [deal], practice=practice(milestones=options))

    assert left(decide, s) == (f"Withdrawn: {why}", [])
    assert len([a for a in guard.check(planning.make(s, decide(s)).actions, guard.Limits(withdraw=0)).allowed if a.verb == "withdraw"]) == 0


@pytest.mark.clause("X-81", "MS-26")
def test_a_year_that_is_kept_stays() -> None:
    decide, s, _, _ = opened("anniversary", DAY - timedelta(days=3), [client()], [purchase(date(2024, 12, 18))], practice=practice(milestones=OFF))

    assert "withdraw MS-04 d812 20261218-7d" not in wants(decide(s))


@pytest.mark.clause("X-81", "MS-27")
@pytest.mark.parametrize(("on", "fields", "why"), [
    (False, {"move_in_anniversary": "2023-12-18"}, "move-in anniversaries are not kept any more (milestones.move_in_anniversary is off)"),
    (True, {}, "no move-in date of this home is known any more"),
    (True, {"closing_anniversary": "2023-12-18", "move_in_anniversary": "2023-12-18"}, "it falls on the closing anniversary, which is kept instead"),
])
def test_a_move_in_anniversary_ends_with_its_option_its_date_or_its_own_day(on: bool, fields: dict[str, str], why: str) -> None:
    closed = {"closing_anniversary": "2023-11-20", **fields}
    deal = purchase(date.fromisoformat(closed["closing_anniversary"]))
    decide, s, _, _ = opened("move-in", DAY - timedelta(days=3), [client(fields=closed)], [deal],
                             practice=practice(milestones=MilestoneOptions(move_in_anniversary=on)))

    assert left(decide, s) == (f"Withdrawn: {why}", [])


@pytest.mark.clause("X-81", "MS-23")
@pytest.mark.parametrize("name", KINDS)
def test_what_cannot_be_seen_proves_nothing_until_its_window_closes_and_is_reported_then(name: str) -> None:
    on = practice(milestones=MilestoneOptions(move_in_anniversary=True))
    closes = KINDS[name][1].closes(DAY)
    decide, s, ref, mark = opened(name, closes, practice=on)
    late = replace(s, now=s.now + timedelta(days=1))
    reported = [f.want for f in decide(late) if isinstance(f.want, Missed)]

    assert wants(decide(s)) == []
    assert left(decide, late) == (approvals.MISSED, [])
    assert [(str(want.key), want.client, want.person_id, want.due) for want in reported] == [(mark, "Ana Lopez", None, DAY)]
    assert f"mend {ref}" in wants(decide(late))


@pytest.mark.clause("X-81")
def test_a_date_that_was_cleared_ends_its_touch_with_the_window() -> None:
    undated = replace(purchase(CLOSED), projected_close=None)
    decide, s, _, mark = opened("anniversary", date(2026, 12, 21), [client()], [undated])
    reasons = [f.reason for f in decide(s) if isinstance(f.want, Missed)]

    assert left(decide, s) == (approvals.MISSED, [])
    assert reasons == ["its window closed; check that the deal, its client and its date are still in the CRM"]
    assert f"missed {mark}" in wants(decide(s))


@pytest.mark.clause("X-81", "X-67")
def test_no_limit_holds_back_what_ended_with_its_window() -> None:
    decide, s, _, _ = opened("anniversary", date(2026, 12, 21))
    actions = planning.make(s, decide(s)).actions

    assert sum(a.verb == "withdraw" for a in guard.check(actions, guard.Limits(withdraw=0)).allowed) == 1


@pytest.mark.clause("X-81")
@pytest.mark.parametrize("status", [approvals.SENT, approvals.REJECTED, "Ended: Not their residence", "Withdrawn: the home was sold"])
def test_what_had_ended_before_is_not_reported_as_missed(status: str) -> None:
    decide, s, _, _ = opened("anniversary", date(2026, 12, 21), status=status)

    assert left(decide, s) == (status, [])
    assert [f for f in decide(s) if isinstance(f.want, Missed)] == []


@pytest.mark.clause("X-81")
def test_what_went_out_is_sent_and_not_missed() -> None:
    done = own_task("MS-42 d812 20261218-send", number=7, completed=True)
    decide, s, _, _ = opened("anniversary", date(2026, 12, 21), more=(done,))

    assert left(decide, s) == (approvals.SENT, [])
    assert [f for f in decide(s) if isinstance(f.want, Missed)] == []


@pytest.mark.clause("X-81")
@pytest.mark.parametrize("seen", [True, False])
@pytest.mark.parametrize(("today", "open_"), [(date(2027, 1, 3), True), (date(2027, 1, 4), False), (date(2027, 6, 1), False)])
def test_the_task_to_decide_about_a_missed_touch_keeps_its_two_weeks_and_then_ends(seen: bool, today: date, open_: bool) -> None:
    late = own_task("MS-42 d812 20261218-late", number=8)
    people, deals = ([client()], [purchase(CLOSED)]) if seen else ([], [])
    decide, s, _, _ = opened("anniversary", today, people, deals, status=approvals.MISSED, more=(late,))

    assert left(decide, s) == (approvals.MISSED, ["MS-42 d812 20261218-late"] if open_ else [])
