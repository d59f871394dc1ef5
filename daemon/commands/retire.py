"""`steward retire`: list what Steward made in the CRM and the Sheet, and withdraw its open tasks.

Nothing is deleted: tasks are completed with the reason in their name, notes and filled fields stay
on the client's record, and the agent keeps or removes the tabs.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console

from daemon.account.wiring import Account, lock
from daemon.errors import NotNow
from daemon.passes import guard, housekeeping, limits, reconcile, session
from daemon.passes import plan as planning
from daemon.passes.actions import Action, Outcome, remember
from daemon.passes.apply import Hands
from daemon.passes.observe import Observation, look
from policies.asks.wants import Finding, WantWithdrawn
from policies.world import memory
from policies.world.memory import RETIRED
from policies.world.model import Source, Task
from policies.world.snapshot import Snapshot
from policies.world.tabs import TABS

BECAUSE = "Steward was retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """Steward's visible work: tasks and notes within 100 days of today, filled fields, tabs."""

    seen: Observation
    open_tasks: tuple[Task, ...]
    done_tasks: int
    notes: int
    filled: tuple[str, ...]
    tabs: tuple[str, ...]


def inventory(account: Account, now: datetime) -> Inventory:
    """Find everything that carries one of Steward's marks.

    Raises:
        NotNow: people, tasks or the Sheet could not be read as a whole.
    """
    seen = look(account, now)
    needed = {Source.TASKS, Source.PEOPLE, Source.SHEET}
    if lost := [why for source, why in seen.troubles.items() if source in needed]:
        raise NotNow("; ".join(lost))
    s = seen.snapshot
    own = list(itertools.chain.from_iterable(s.own_tasks.values()))
    return Inventory(
        seen=seen,
        open_tasks=tuple(t for t in own if not t.completed and not t.withdrawn),
        done_tasks=sum(t.completed or t.withdrawn for t in own),
        notes=sum(note.key is not None for note in s.notes),
        filled=tuple(sorted(i.mark for i in account.ledger.intents("done", "field"))),
        tabs=tuple(spec.name for spec in TABS if not s.workbook.tabs[spec.name].problems),
    )


def show(found: Inventory, out: Console) -> None:
    """Print the inventory."""
    s = found.seen.snapshot
    out.print(
        f"{len(found.open_tasks)} open tasks, {found.done_tasks} completed ones, {found.notes}"
        " notes (of 100 days to either side)"
    )
    for task in found.open_tasks:
        contact = s.contacts.get(task.person_id)
        out.print(
            f"  task {task.id}  {contact.name if contact else ''}: {task.name} [{task.key}]",
            markup=False,
        )
    for mark in found.filled:
        out.print(f"  filled field  {mark}", markup=False)
    out.print(f"tabs of the Sheet: {', '.join(found.tabs) or 'none'}", markup=False)
    out.print(
        "custom fields and stages that `setup` created are those that `steward check` names; our"
        " tasks end in a mark",
        markup=False,
    )


def retire(account: Account, now: datetime, tell: Callable[[Outcome], None]) -> Sequence[Outcome]:
    """Withdraw all open tasks, and record in Memory that Steward is retired here.

    Because of that record no later pass makes them again.

    Raises:
        NotNow: the daemon or a pass runs, people have paused Steward, or something cannot be read.
    """
    with lock(account.settings.state_dir, "daemon"), session.recorded(account) as pass_id:
        found = inventory(account, now)
        if held := reconcile.held(account, found.seen, BECAUSE, retiring=True):
            raise NotNow(held)
        s = found.seen.snapshot
        actions = [*planning.make(s, _withdrawn(found.open_tasks)).actions, *_remembered(s)]
        # A person at the keyboard has seen the list, so the limit on withdrawals is lifted. The
        # allow-list stays.
        verdict = guard.check(
            actions, limits.limits_of(account), confirmed=frozenset(a.fingerprint for a in actions)
        )
        outcomes = Hands(
            account, patient=True, tell=housekeeping.recording(account, pass_id, tell)
        ).carry_out(verdict.allowed)
        account.ledger.end_pass(
            pass_id, account.clock.now(), "retired", {"done": sum(o.happened for o in outcomes)}
        )
        return outcomes


def _withdrawn(tasks: Sequence[Task]) -> Iterator[Finding]:
    for task in tasks:
        if task.key:
            yield Finding(
                task.key.rule,
                BECAUSE,
                WantWithdrawn(
                    key=task.key, task_id=task.id, person_id=task.person_id, because=BECAUSE
                ),
            )


def _remembered(s: Snapshot) -> Sequence[Action]:
    return [remember(RETIRED.ref(), s.stamp, s.stamp, s.workbook.tabs[memory.TAB])]
