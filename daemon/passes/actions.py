"""The writes of a pass as values: an action, its outcome, and the plan with its digest. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from policies.asks.wants import NO_CELLS, Missed, Want
from policies.world import memory, tabs
from policies.world.sheet import Cell, Tab

TIMELY = frozenset(
    {
        "dueDate",
        "dueDateTime",
        "Decided On",
        "Acted On",
        "Reported On",
        "Date",
        "Received",
        "Run On",
        "Listed On",
        "do_not_contact_since",
    }
)
"""Cells that depend on the moment a plan is made: they are in no fingerprint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One write that is needed.

    `entity` is "task", "note", "tag", "field", "stage", "person", "report", or the name of a Sheet
    tab; `verb` is what is done with it. `before` and `after` are what a person compares, by the
    service's own field names. `requires` are marks of tasks that must exist before this may be
    written; `seen` are cells that must still read so.
    """

    mark: str
    clause: str
    verb: str
    entity: str
    person_id: int | None
    reason: str
    after: Mapping[str, Cell]
    before: Mapping[str, Cell] = field(default_factory=lambda: NO_CELLS)
    requires: frozenset[str] = frozenset()
    seen: Mapping[str, Cell] = field(default_factory=lambda: NO_CELLS)
    want: Want | None = None

    @property
    def service(self) -> str:
        """The service that it writes to, of the two."""
        return (
            "crm" if self.entity in {"task", "note", "tag", "field", "stage", "person"} else "sheet"
        )

    @property
    def asks(self) -> bool:
        """Whether it asks somebody for something: a new task, or a new decision for the agent."""
        return self.verb in {"create", "append"} and self.entity in {"task", tabs.APPROVALS.name}

    @property
    def assignee(self) -> int | None:
        """The user whom the task is for; None for what is no new task."""
        found = self.after.get("assignedUserId") if self.entity == "task" else None
        return found if isinstance(found, int) else None

    @property
    def fingerprint(self) -> str:
        """24 hex digits over the action without its times: equal where two do the same."""
        # Dates that depend on today (a late reminder is due now) and stamps are left out: `now` is
        # not in the digest.
        steady = {k: str(v) for k, v in self.after.items() if k not in TIMELY}
        text = json.dumps(
            [self.mark, self.verb, self.entity, self.person_id, steady],
            sort_keys=True,
            ensure_ascii=True,
        )
        return hashlib.sha256(text.encode()).hexdigest()[:24]

    def json(self) -> dict[str, Any]:
        """The action as the public contract shows it."""
        return {
            "mark": self.mark,
            "clause": self.clause,
            "verb": self.verb,
            "entity": self.entity,
            "person_id": self.person_id,
            "reason": self.reason,
            "before": _plain(self.before),
            "after": _plain(self.after),
        }


Result = Literal["done", "already there", "refused", "not sent", "unknown", "skipped"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one action; `detail` says why where it did not simply work."""

    action: Action
    result: Result
    detail: str = ""

    @property
    def happened(self) -> bool:
        """Whether the world is now as the action wanted it."""
        return self.result in {"done", "already there"}


@dataclass(frozen=True, slots=True)
class Late:
    """Something a plan found to be too late, and why."""

    want: Missed
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything one pass needs to write, in the order it will be written, and what it found to be
    too late.
    """

    actions: tuple[Action, ...]
    missed: tuple[Late, ...] = ()

    @property
    def digest(self) -> str:
        """The plan's name: it changes when what is to be done changes, and not with the time."""
        return hashlib.sha256(
            ",".join(sorted(a.fingerprint for a in self.actions)).encode()
        ).hexdigest()[:16]


def remember(ref: str, what: str, when: str, tab: Tab | None) -> Action:
    """An action on the Memory tab: append, or update where *tab* shows the row already."""
    row = tab.by_ref(ref) if tab else None
    return Action(
        mark=ref,
        clause="",
        verb="update" if row else "append",
        entity=memory.TAB,
        person_id=None,
        reason="Steward's own memory",
        after={"What": what, "Date": when},
        before={"What": row.cells.get("What")} if row else NO_CELLS,
    )


def _plain(cells: Mapping[str, Cell]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in cells.items()
    }
