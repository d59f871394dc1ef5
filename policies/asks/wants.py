"""The values a policy returns: it *wants* something to be true (Want*), and says why (Finding).

Three verbs are kept apart everywhere: a policy wants, the plan needs (wants the snapshot does not
show yet), the outcome did. Wants are level-triggered: every pass recomputes all of them from what
is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Literal

from policies.world.model import Key, Stage
from policies.world.sheet import Cell, Row

NO_CELLS: Mapping[str, Cell] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class WantTask:
    """A task should exist.

    `due` is exact unless already past. After `useful_until` the task is missed, never made late.
    `due_at` (aware) is given if the limit is one of hours.
    """

    key: Key
    person_id: int
    assignee: int
    name: str
    kind: str
    due: date
    useful_until: date
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantRaised:
    """The name of an open task of ours should begin with `prefix`: it is urgent now (X-12, X-58).

    Only a prefix in `after` is replaced. A task that a person reworded is left as it is.
    """

    key: Key
    task_id: int
    person_id: int
    prefix: str
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WantAssigned:
    """An open task of ours that is with the user `leaves`, who left, should be with `assignee`."""

    key: Key
    task_id: int
    person_id: int
    leaves: int
    assignee: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WantWithdrawn:
    """An open task of ours should be closed, because of a known fact (architecture rule 10).

    `safety` is set if nothing may go to the person any longer: Do Not Contact, a death, a
    suppressed address, an identity conflict. `over` is set if the matter has run its course: it
    was sent or done, its window closed, or the agent said no. No limit holds either back (X-67,
    X-81): the limit is for live work that a wrong reading would end.
    """

    key: Key
    task_id: int
    person_id: int
    because: str
    safety: bool = False
    over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WantNote:
    """A note should exist on this person's record; its key is the note's subject line."""

    key: Key
    person_id: int
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WantTag:
    """A contact should have this tag as well as its others.

    If a person takes it off later, it stays off.
    """

    key: Key
    person_id: int
    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WantField:
    """An empty custom field should hold this value; one that a person filled is never overwritten.

    `field` is Steward's own name for it. `replaces` is a value of Steward's own that may be
    overwritten, or cleared by an empty `value`. `agreed` says that the agent has approved exactly
    this in `Approvals`, which lifts the limit on how many contacts one pass may touch (DB-41).
    """

    key: Key
    person_id: int
    field: str
    value: str
    agreed: bool = False
    replaces: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantStage:
    """A contact who is in the stage `leaves` should be in `stage`.

    The agent decided so (`agreed`), or a system rule that the agent confirmed says so. The contact
    is moved once: if a person moves them back, they stay (DB-09, rule 9).
    """

    key: Key
    person_id: int
    stage: Stage
    leaves: Stage | None
    agreed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WantPerson:
    """A person whose details were typed into a tab should be a contact (DB-27).

    The contact is made once, and never if another has this e-mail address or phone number already.
    """

    key: Key
    first_name: str
    last_name: str
    email: str
    phone: str
    source: str
    tag: str
    background: str
    assignee: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WantRow:
    """A Sheet row should exist, or (with `create` False) should read so if it does.

    `first` is written when the row is made and then belongs to people; `keep` is Steward's and is
    corrected whenever it differs. `choices` become the dropdown of the Decision cell. `requires`
    names wants that must be done first, so that "Acted On" is never stamped for an action that did
    not happen. `adopts` is a row that a person typed and that has no Ref yet: it is given this one.
    A row is left alone if one of the columns in `unless_edited` has changed by then.
    """

    tab: str
    ref: str
    person_id: int | None = None
    first: Mapping[str, Cell] = field(default_factory=lambda: NO_CELLS)
    keep: Mapping[str, Cell] = field(default_factory=lambda: NO_CELLS)
    choices: tuple[str, ...] = ()
    requires: tuple[Key, ...] = ()
    create: bool = True
    adopts: Row | None = None
    unless_edited: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figures:
    """A small table of a report and its chart: the first column names, the others are series."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    chart: Literal["", "COLUMN", "BAR"] = ""
    stacked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WantReport:
    """A tab of this title should exist: text in its first column, figures and charts beside it.

    A tab that exists is never written to again: a correction has a title of its own. With a
    `table`, whose first line is its header, the tab is that table and nothing else, and the lines
    are the note on its first cell. `key` replaces the title in the journal if the title should not
    be there.
    """

    title: str
    lines: tuple[str, ...]
    figures: tuple[Figures, ...] = ()
    table: tuple[tuple[Cell, ...], ...] = ()
    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """Something that was due and did not happen; reported, never done late (MS-23, rule 16).

    `person_id` is None for a contact who is out of sight.
    """

    key: Key
    person_id: int | None
    client: str
    what: str
    due: date


Want = (
    WantTask
    | WantRaised
    | WantAssigned
    | WantWithdrawn
    | WantNote
    | WantTag
    | WantField
    | WantStage
    | WantPerson
    | WantRow
    | WantReport
    | Missed
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One conclusion of a policy: the clause, the reason in a sentence for people, the want."""

    clause: str
    reason: str
    want: Want
