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
    """A task should exist. `due` is exact unless already past; after `useful_until` it is missed,
    never made late.

    `due_at` (aware) is given where the limit is one of hours.
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
    """An open task of ours should say so louder, in its place: its name begins with *prefix* (X-12,
    X-58).

    A task that a person reworded is left as it is: only the prefixes in `after`, or none, are
    replaced.
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
    """An open task of ours should be closed, because of a fact that is positively known
    (architecture rule 10).

    `safety` is set where nothing may go to the person any longer: Do Not Contact, a death, a
    suppressed address, an identity conflict. `over` is set where the matter has run its course: it
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
    """A note should stand on this person's record; its key is its subject."""

    key: Key
    person_id: int
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WantTag:
    """A contact should carry this tag, in addition to its others. Once it was set, a person who
    takes it off is right.
    """

    key: Key
    person_id: int
    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WantField:
    """A custom field that is empty should hold this value; one that a person filled is never
    overwritten.

    `field` is Steward's own name for it; `replaces` is the one value it may hold, because Steward
    wrote that. `agreed` says that the agent has approved exactly this in `Approvals`, which lifts
    the limit on how many contacts one pass may touch (DB-41). An empty `value` clears a field that
    holds `replaces`.
    """

    key: Key
    person_id: int
    field: str
    value: str
    agreed: bool = False
    replaces: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantStage:
    """A contact who is in the stage `leaves` should be in `stage`: by the agent's word (`agreed`)
    or a system rule they confirmed.

    Moved once: a person who moves the contact back is right (DB-09, rule 9).
    """

    key: Key
    person_id: int
    stage: Stage
    leaves: Stage | None
    agreed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WantPerson:
    """Somebody whom a person typed into a tab should be a contact (DB-27): made once, and never
    beside one who has this e-mail address or phone number already.
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
    names tasks that must exist first, so that "Acted On" is never stamped for an action that did
    not happen. `adopts` is a row that a person typed and that has no Ref yet: it is given this one.
    A row is left alone where one of the columns in `unless_edited` reads otherwise by then.
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
    """A small table of a report, with the chart that is drawn of it: the first column names, the
    others are series.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    chart: Literal["", "COLUMN", "BAR"] = ""
    stacked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WantReport:
    """A tab of this title should stand in the workbook: text in its first column, figures and their
    charts beside it.

    A tab that exists is never written to again: a correction has a title of its own. With a
    `table`, whose first line is its header, the tab is that table and nothing else, and the lines
    are the note on its first cell. `key` names it in the journal where its title should not stand
    there.
    """

    title: str
    lines: tuple[str, ...]
    figures: tuple[Figures, ...] = ()
    table: tuple[tuple[Cell, ...], ...] = ()
    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """Something that was due and did not happen; reported, never done late (MS-23, rule 16)."""

    key: Key
    person_id: int
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
    """One thing a policy concluded: the clause that asks, the reason in a sentence people read, and
    what is wanted.
    """

    clause: str
    reason: str
    want: Want
