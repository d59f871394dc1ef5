"""A snapshot as it would be after a plan, and the days ahead if nobody does anything: what `steward
simulate` shows. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import chain

from daemon.passes import ask_policies
from daemon.passes import plan as planning
from daemon.passes.actions import Action, Late, Plan
from daemon.passes.acts.act import World
from daemon.passes.acts.kinds import act_of
from policies.registry import Policy
from policies.world import tabs
from policies.world.sheet import Cell, Row, Tab, Workbook
from policies.world.snapshot import Snapshot

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
        tasks = Counter(a.assignee for a in self.asked if a.assignee is not None)
        return any(count > BUSY for count in tasks.values())


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
        said = ask_policies.ask(policies, s)[0].values()
        plan = planning.make(s, chain.from_iterable(said))
        if plan.actions:
            asked = tuple(a for a in plan.actions if a.asks)
            yield Ahead(day, asked, tuple(f.reason for f in plan.missed if _is_new(plan, f)))
            s = after(s, plan)
        tell(n + 1)


def _is_new(plan: Plan, late: Late) -> bool:
    mark = str(late.want.key)
    return any(a.entity == tabs.MISSED.name and a.mark == mark for a in plan.actions)


def after(s: Snapshot, plan: Plan) -> Snapshot:
    """*s* once every action of *plan* was carried out; nothing else happens."""
    world = World(
        s,
        tasks={t.id: t for t in s.tasks},
        notes=list(s.notes),
        number=min([t.id for t in s.tasks] + [0]),
    )
    for action in plan.actions:
        world.number -= 1
        act_of(action.want).after(world, action, action.want)
    return _made(world)


def _made(world: World) -> Snapshot:
    s, book = world.s, world.s.workbook
    if world.titles:
        book = replace(book, titles=book.titles | world.titles)
    # The same contacts stay the same object, so that what was derived from them is kept for every
    # day ahead.
    return replace(
        s,
        tasks=tuple(world.tasks.values()),
        contacts={**s.contacts, **world.contacts} if world.contacts else s.contacts,
        notes=tuple(world.notes),
        workbook=_written(book, world.rows) if world.rows else book,
    )


def _written(book: Workbook, actions: Sequence[Action]) -> Workbook:
    """*book* with every row that was appended, adopted or updated."""
    by_tab: dict[str, list[Action]] = {}
    for action in actions:
        by_tab.setdefault(action.entity, []).append(action)
    changed = {
        name: _with_rows(book.tabs[name], told)
        for name, told in by_tab.items()
        if name in book.tabs
    }
    return replace(book, tabs={**book.tabs, **changed})


def _with_rows(tab: Tab, actions: Sequence[Action]) -> Tab:
    appended = [a for a in actions if a.verb == "append"]
    # An adopted row has no Ref yet: it is known by its very cells.
    adopted = {id(a.before): a.mark for a in actions if a.verb == "adopt"}
    changes: dict[str, dict[str, Cell]] = {}
    for action in actions:
        if action.verb != "append":
            changes.setdefault(action.mark, {}).update(action.after)
    rows = []
    for row in tab.rows:
        ref = adopted.get(id(row.cells), row.ref)
        rows.append(Row(ref, {**row.cells, "Ref": ref, **changes[ref]}) if ref in changes else row)
    rows += [Row(a.mark, {"Ref": a.mark, **a.after}) for a in appended]
    return Tab(tab.name, tuple(rows), tab.problems, tab.warnings)
