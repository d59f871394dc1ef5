"""Stories over whole passes in memory: a pass makes the plan of a moment and lays it over the world, as the gateway would."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from daemon.passes import guard
from daemon.passes import plan as planning
from daemon.passes.actions import Plan
from daemon.passes.forecast import after
from policies.registry import POLICIES
from policies.world.model import Note, Task
from policies.world.sheet import Row, Tab
from policies.world.snapshot import Snapshot
from tests.scenes import at

TWO_PROCEDURES = ("milestones.", "referrals.")
"""The policies that speak of a handful of people; the database's own speak of the whole account, and have tests of their own."""


def plan(s: Snapshot, prefix: str | tuple[str, ...] = TWO_PROCEDURES) -> Plan:
    """The plan of every policy whose name begins so."""
    return planning.make(s, [finding for policy in POLICIES if policy.name.startswith(prefix) for finding in policy.decide(s)])


def passed(s: Snapshot, when: date | datetime | None = None, prefix: str | tuple[str, ...] = TWO_PROCEDURES) -> Snapshot:
    """The world after a pass, at that moment if one is given; nothing of it is outside Steward's rights."""
    moment = when if isinstance(when, datetime) else at(when) if when else s.now
    now = replace(s, now=moment)
    made = plan(now, prefix)
    assert [why for a in made.actions if (why := guard.forbidden(a))] == []
    return after(now, made)


def rows(s: Snapshot, tab: str, change: Callable[[tuple[Row, ...]], tuple[Row, ...]]) -> Snapshot:
    """The world after people changed the rows of a tab."""
    changed = change(s.workbook.rows(tab))
    return replace(s, workbook=replace(s.workbook, tabs={**s.workbook.tabs, tab: Tab(tab, changed)}))


def typed(s: Snapshot, tab: str, ref: str, **cells: Any) -> Snapshot:
    """Somebody types into the row with this Ref; an underscore in a name is a blank."""
    named = {name.replace("_", " "): value for name, value in cells.items()}
    assert s.workbook.row(tab, ref), f"no row {ref} in {tab}: {[row.ref for row in s.workbook.rows(tab)]}"
    return rows(s, tab, lambda all_: tuple(Row(row.ref, {**row.cells, **named}) if row.ref == ref else row for row in all_))


def decided(s: Snapshot, ref: str, word: str, **cells: Any) -> Snapshot:
    """The agent decides a row of Approvals."""
    return typed(s, "Approvals", ref, Decision=word, **cells)


def ticked(s: Snapshot, mark: str) -> Snapshot:
    """Somebody ticks a task off, now."""
    assert any(str(task.key) == mark for task in s.tasks), f"no task {mark}: {sorted(open_tasks(s))}"
    return replace(s, tasks=tuple(replace(task, completed=True, completed_at=s.now) if str(task.key) == mark else task for task in s.tasks))


def changed(s: Snapshot, contact: int, **attributes: Any) -> Snapshot:
    """A contact is edited in the CRM."""
    return replace(s, contacts={**s.contacts, contact: replace(s.contacts[contact], **attributes)})


def open_tasks(s: Snapshot) -> dict[str, str]:
    """The open tasks of Steward's, by mark."""
    return {str(task.key): task.name for task in s.tasks if task.key and not task.completed}


def task(s: Snapshot, mark: str) -> Task:
    """The one task with this mark."""
    found = [one for one in s.tasks if str(one.key) == mark]
    assert len(found) == 1, f"{len(found)} tasks {mark}: {sorted(str(t.key) for t in s.tasks)}"
    return found[0]


def note(s: Snapshot, mark: str) -> Note:
    """The one note with this mark."""
    found = [one for one in s.notes if str(one.key) == mark]
    assert len(found) == 1, f"{len(found)} notes {mark}"
    return found[0]


def cell(s: Snapshot, tab: str, ref: str, column: str) -> str:
    """A cell as text."""
    row = s.workbook.row(tab, ref)
    assert row is not None, f"no row {ref} in {tab}: {[row.ref for row in s.workbook.rows(tab)]}"
    return row.text(column)
