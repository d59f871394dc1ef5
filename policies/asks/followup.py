"""The end of a matter: its open tasks are withdrawn and its rows say so, all in the same pass.

The tab `Handover` shows open tasks and rows that wait, so a matter that was closed has no line
there either (X-81).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from policies.asks import approvals, weighing
from policies.asks.approvals import Decision
from policies.asks.wants import Finding, WantRow, WantWithdrawn
from policies.world.model import Key, Task
from policies.world.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Matter:
    """Everything Steward asked for about one thing: its tasks, open or not, and its rows."""

    tasks: tuple[Task, ...] = ()
    rows: tuple[Decision, ...] = ()

    @property
    def open_tasks(self) -> tuple[Task, ...]:
        """The tasks that nobody has completed or withdrawn."""
        return tuple(task for task in self.tasks if task.key and not task.completed)

    @property
    def open_rows(self) -> tuple[Decision, ...]:
        """The rows that have not had their last word."""
        return tuple(row for row in self.rows if not row.over)


def matter(s: Snapshot, keys: Iterable[Key] = (), rows: Iterable[Key] = ()) -> Matter:
    """Gather the tasks of *keys*, with their repetitions, and the rows of *rows*."""
    found = (approvals.read(s.workbook, ref) for ref in rows)
    return Matter(
        tuple(task for key in keys for task in s.lives(key)),
        tuple(decision for decision in found if decision),
    )


def of_rule(s: Snapshot, rule: str, subject: str = "") -> Matter:
    """Gather Steward's tasks of one rule, those about *subject* only where one is given."""
    if not subject:
        return Matter(tuple(s.once(_by_rule).get(rule, ())))
    about = s.own_tasks.get(subject, ())
    return Matter(tuple(task for task in about if task.key and task.key.rule == rule))


def _by_rule(s: Snapshot) -> Mapping[str, Sequence[Task]]:
    """Index Steward's tasks by the rule of their key, those about one subject together."""
    found: dict[str, list[Task]] = {}
    for tasks in s.own_tasks.values():
        for task in tasks:
            if task.key:
                found.setdefault(task.key.rule, []).append(task)
    return found


def close(
    ended: Matter,
    because: str,
    *,
    clause: str = "",
    reason: str = "",
    status: str = "",
    safety: bool = False,
    over: bool = False,
    refusals: Collection[str] = (),
) -> Iterator[Finding]:
    """End everything about *ended*: withdraw its open tasks, and give its rows their last word.

    *because* is what the withdrawn task says; for a sign against contact it names the sign. The
    rows say *status*, by default that they were withdrawn, once the tasks are. *reason* explains
    the finding where it should say more than *because*, and *clause* is the one that asks for it,
    by default the rule of the task. A row whose answer was one of *refusals* says that the agent
    refused, and never that anything was missed or withdrawn. `withdraw_limit` holds nothing back
    that is ended by a sign of *safety*, or that is *over* by its own course (X-67, X-81).
    """
    leaving = ended.open_tasks
    for task in leaving:
        yield withdrawn(task, because, clause=clause, reason=reason, safety=safety, over=over)
    after = tuple(task.key for task in leaving if task.key)
    for row in ended.open_rows:
        said = _refused(row, refusals) or status or f"{approvals.WITHDRAWN}: {because}"
        yield last_word(row, said, after)


def _refused(row: Decision, refusals: Collection[str]) -> str:
    """The last word in a row that the agent answered with one of *refusals*; "" in any other."""
    if row.answer not in refusals:
        return ""
    return (
        approvals.REJECTED
        if row.answer == approvals.REJECT
        else f"{approvals.DECLINED}: {row.answer}"
    )


def withdrawn(
    task: Task,
    because: str,
    *,
    clause: str = "",
    reason: str = "",
    safety: bool = False,
    over: bool = False,
) -> Finding:
    """Withdraw one of Steward's own open tasks."""
    assert task.key is not None  # only own tasks reach this
    want = WantWithdrawn(
        key=task.key,
        task_id=task.id,
        person_id=task.person_id,
        because=because,
        safety=safety,
        over=over,
    )
    return Finding(clause or task.key.rule, reason or because, want)


def last_word(row: Decision, status: str, after: tuple[Key, ...] = ()) -> Finding:
    """Give a row its last word, *after* those tasks were withdrawn."""
    return Finding(
        row.key.rule if row.key else "",
        status,
        WantRow(
            tab=approvals.TAB,
            ref=row.ref,
            create=False,
            keep=weighing.ended(status),
            requires=after,
        ),
    )
