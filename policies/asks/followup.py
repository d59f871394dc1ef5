"""The end of what Steward asked for: its open tasks are withdrawn and its row says so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policies.asks.wants import Finding, WantWithdrawn
from policies.world.model import Task


def withdraw(task: Task, because: str, *, safety: bool = False) -> WantWithdrawn:
    """Return the wish to withdraw one of Steward's own open tasks; for *safety* whatever the limit
    on withdrawals says (X-67).
    """
    assert task.key is not None  # only own tasks reach this
    return WantWithdrawn(
        key=task.key,
        task_id=task.id,
        person_id=task.person_id,
        because=because,
        safety=safety,
    )


def taken_back(
    tasks: Iterable[Task], rule: str, because: str, *, safety: bool = False
) -> Iterator[Finding]:
    """Withdraw those of *tasks* that are still open, all for one reason."""
    for task in tasks:
        if not task.completed:
            yield Finding(rule, because, withdraw(task, because, safety=safety))
