"""A snapshot as it would be after a plan, and the days ahead if nobody does anything: what `steward
simulate` shows. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from types import MappingProxyType

from daemon.passes import ask_policies
from daemon.passes import plan as planning
from daemon.passes.actions import Action, Plan
from policies.asks.wants import (
    WantAssigned,
    WantField,
    WantNote,
    WantPerson,
    WantRaised,
    WantReport,
    WantRow,
    WantStage,
    WantTag,
    WantTask,
    WantWithdrawn,
)
from policies.registry import Policy
from policies.world.model import (
    STAGE_LABELS,
    Contact,
    Key,
    Note,
    Reach,
    Stage,
    Task,
)
from policies.world.sheet import Cell, Row, Tab, Workbook
from policies.world.snapshot import Snapshot

NOBODY = 10**14
"""Above every id the CRM could give."""
BUSY = 12
"""New tasks of one person on one day above which the day is called busy."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """One day ahead: what would be asked on it, and what would have become too late."""

    day: date
    asked: tuple[Action, ...]
    missed: tuple[str, ...]

    @property
    def busy(self) -> bool:
        """Whether one person gets more than `BUSY` tasks on it."""
        assignees = [a.want.assignee for a in self.asked if isinstance(a.want, WantTask)]
        return any(assignees.count(one) > BUSY for one in set(assignees))


def days_ahead(
    s: Snapshot,
    policies: Sequence[Policy],
    days: int,
    morning: time,
    tell: Callable[[int], None] = lambda _: None,
) -> Iterator[Ahead]:
    """The calendar of the next *days* days, today first, as if everything were acknowledged and
    nobody decided or did anything.
    """
    s = s if s.activated else replace(s, activated=s.today)
    start = s.now
    for n in range(days):
        day = start.date() + timedelta(days=n)
        s = replace(s, now=start if n == 0 else datetime.combine(day, morning, start.tzinfo))
        plan = planning.make(
            s, [finding for said in ask_policies.ask(policies, s)[0].values() for finding in said]
        )
        if plan.actions:
            asked = tuple(
                a
                for a in plan.actions
                if a.entity in {"task", "Approvals"} and a.verb in {"create", "append"}
            )
            yield Ahead(day, asked, tuple(f.reason for f in plan.missed if _is_new(plan, f.want)))
            s = after(s, plan)
        tell(n + 1)


def _is_new(plan: Plan, missed: object) -> bool:
    return any(
        a.entity == "Missed" and a.mark == str(getattr(missed, "key", "")) for a in plan.actions
    )


def after(s: Snapshot, plan: Plan) -> Snapshot:
    """*s* once every action of *plan* was carried out; nothing else happens."""
    number = min([t.id for t in s.tasks] + [0])
    tasks = {t.id: t for t in s.tasks}
    changed: dict[int, Contact] = {}
    notes, book, rows = list(s.notes), s.workbook, list[Action]()
    for action in plan.actions:
        number -= 1  # never an id the CRM could give
        want = action.want
        if isinstance(want, WantTask):
            tasks[number] = Task(
                id=number,
                person_id=want.person_id,
                name=want.name,
                key=Key.parse(action.mark),
                kind=want.kind,
                assigned_user_id=want.assignee,
                due=None if want.due_at else want.due,
                due_at=want.due_at,
            )
        elif isinstance(want, WantRaised):
            tasks[want.task_id] = replace(tasks[want.task_id], name=str(action.after["name"]))
        elif isinstance(want, WantAssigned):
            tasks[want.task_id] = replace(tasks[want.task_id], assigned_user_id=want.assignee)
        elif isinstance(want, WantTag | WantStage | WantField):
            changed[want.person_id] = _changed(
                changed.get(want.person_id, s.contacts[want.person_id]), want
            )
        elif isinstance(want, WantPerson):
            made = _made(want, max([NOBODY, *s.contacts, *changed]) + 1, s.now)
            changed[made.id] = made
        elif isinstance(want, WantReport):
            book = replace(book, titles=book.titles | {want.title})
        elif isinstance(want, WantWithdrawn):
            tasks[want.task_id] = replace(tasks[want.task_id], completed=True, withdrawn=True)
        elif isinstance(want, WantNote):
            notes.append(
                Note(
                    id=number,
                    person_id=want.person_id,
                    key=want.key,
                    subject=str(want.key),
                    body=want.body,
                )
            )
        else:
            rows.append(action)
    # The same contacts stay the same object, so that what was made of them is not made anew for
    # every day ahead.
    contacts = {**s.contacts, **changed} if changed else s.contacts
    return replace(
        s,
        tasks=tuple(tasks.values()),
        contacts=contacts,
        notes=tuple(notes),
        workbook=_written(book, rows) if rows else book,
    )


def _changed(contact: Contact, want: WantTag | WantStage | WantField) -> Contact:
    if isinstance(want, WantTag):
        return replace(contact, tags=(*contact.tags, want.tag))
    if isinstance(want, WantStage):
        return replace(contact, stage=want.stage, stage_label=STAGE_LABELS[want.stage])
    rest = {name: value for name, value in contact.fields.items() if name != want.field}
    return replace(
        contact, fields=MappingProxyType({**rest, want.field: want.value} if want.value else rest)
    )


def _made(want: WantPerson, number: int, now: datetime) -> Contact:
    return Contact(
        id=number,
        created=now,
        first_name=want.first_name,
        last_name=want.last_name,
        stage=Stage.NEW_LEAD,
        tags=(want.tag,),
        stage_label=STAGE_LABELS[Stage.NEW_LEAD],
        source=want.source,
        assigned_user_id=want.assignee,
        has_background=True,
        emails=(Reach(want.email),) if want.email else (),
        phones=(Reach(want.phone),) if want.phone else (),
    )


def _written(book: Workbook, actions: Sequence[Action]) -> Workbook:
    """*book* with every row that was appended, taken over or updated; a tab is gone through
    once.
    """
    found: dict[str, list[Action]] = {}
    for action in actions:
        found.setdefault(action.entity, []).append(action)
    tabs = {name: _told(book.tabs[name], told) for name, told in found.items() if name in book.tabs}
    return replace(book, tabs={**book.tabs, **tabs})


def _told(tab: Tab, actions: Sequence[Action]) -> Tab:
    changes: dict[str, dict[str, Cell]] = {}
    taken: dict[int, str] = {}
    for action in actions:
        if action.verb == "append":
            continue
        changes.setdefault(action.mark, {}).update(action.after)
        if action.verb == "adopt" and isinstance(action.want, WantRow) and action.want.adopts:
            taken[id(action.want.adopts)] = action.mark
    there = [(taken.get(id(row), row.ref), row) for row in tab.rows]
    rows = [
        Row(ref, {**row.cells, "Ref": ref, **changes[ref]}) if ref in changes else row
        for ref, row in there
    ]
    rows += [Row(a.mark, {"Ref": a.mark, **a.after}) for a in actions if a.verb == "append"]
    return Tab(tab.name, tuple(rows), tab.problems, tab.warnings)
