"""What a policy says: it *wants* something to be true (Want*), and why (Finding).

Three verbs are kept apart everywhere: a policy wants, the plan needs (wants the snapshot does not show yet), the
outcome did. Wants are level-triggered: every pass recomputes all of them from what is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from policies.model import Key
from policies.workbook import Cell

NO_CELLS: Mapping[str, Cell] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class WantTask:
    """A task should exist. `due` is exact unless already past; after `useful_until` it is missed, never made late."""

    key: Key
    person_id: int
    assignee: int
    name: str
    kind: str
    due: date
    useful_until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WantWithdrawn:
    """An open task of ours should be closed, because of a fact that is positively known (architecture rule 10)."""

    key: Key
    task_id: int
    person_id: int
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WantNote:
    """A note should stand on this person's record; its key is its subject."""

    key: Key
    person_id: int
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WantField:
    """A custom field that is empty should hold this value; one that a person filled is never overwritten.

    `field` is Steward's own name for it. `agreed` says that the agent has approved exactly this in `Approvals`, which
    lifts the limit on how many contacts one pass may touch (DB-41).
    """

    key: Key
    person_id: int
    field: str
    value: str
    agreed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WantRow:
    """A Sheet row should exist, or (with `create` False) should read so if it does.

    `first` is written when the row is made and then belongs to people; `keep` is Steward's and is mended whenever it
    differs. `choices` become the dropdown of the Decision cell. `requires` names tasks that must exist first, so that
    "Acted On" is never stamped for an action that did not happen.
    """

    tab: str
    ref: str
    person_id: int | None = None
    first: Mapping[str, Cell] = field(default_factory=lambda: NO_CELLS)
    keep: Mapping[str, Cell] = field(default_factory=lambda: NO_CELLS)
    choices: tuple[str, ...] = ()
    requires: tuple[Key, ...] = ()
    create: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """Something that was due and did not happen; reported, never done late (MS-23, rule 16)."""

    key: Key
    person_id: int
    client: str
    what: str
    due: date


Want = WantTask | WantWithdrawn | WantNote | WantField | WantRow | Missed


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a policy concluded: the clause that asks, the reason in a sentence people read, and what is wanted."""

    clause: str
    reason: str
    want: Want
