"""The ports to a CRM, a Sheet and the agent's channels, each in a reading and a writing half.

A dry run gets a reader and nothing else. Every method may raise the errors of `connectors.errors`;
a read that cannot return the whole raises `Unavailable` and never returns a part.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol

from policies.asks.notices import Channel, Notice
from policies.asks.wants import Figures
from policies.world.model import (
    Call,
    Contact,
    Deal,
    Identity,
    Key,
    MailEvent,
    Note,
    PersonalNote,
    Stage,
    Task,
    User,
)
from policies.world.sheet import Cell, Workbook

Progress = Callable[[str, int, int], None]
"""Called while a list is read: its name, how many records are read, how many there will be."""


def silent(what: str, done: int, total: int) -> None:
    """A Progress that does nothing."""


@dataclass(frozen=True, slots=True)
class CustomField:
    """A custom field as the account has it, or as it should be created."""

    label: str
    kind: Literal["text", "number", "date", "dropdown"]
    name: str = ""
    recurring: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """The set-up of the account, read first in every pass."""

    identity: Identity
    users: tuple[User, ...]
    stages: tuple[str, ...]
    fields: tuple[CustomField, ...]
    pipelines: tuple[str, ...]
    closing_pipelines: tuple[str, ...]
    """The pipelines that have a closed stage."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Recently changed contacts, and the number of all contacts, Trash included."""

    contacts: Sequence[Contact]
    total: int


@dataclass(frozen=True, slots=True)
class EarlierNotes:
    """A piece of the history of notes; `reached` is the moment of the earliest note read, None
    where none is left.
    """

    notes: Sequence[PersonalNote]
    reached: datetime | None = None


class CrmReader(Protocol):
    """The reading half of a CRM."""

    def account(self) -> Account:
        """Read identity, users, stages, custom fields and pipelines; the other methods use them."""

    def contacts(self, progress: Progress = silent) -> Sequence[Contact]:
        """All contacts that the key can see, Trash included."""

    def contacts_since(self, since: datetime) -> Changed:
        """The contacts created, edited or touched (text, email, call) since *since* (aware).

        Others may be among them. A deleted contact does not appear; only `total` shows that one is
        gone. Raises Incomplete if the CRM ignores the order it was asked for.
        """

    def contact(self, person_id: int) -> Contact | None:
        """One contact as it is now; None if the key sees no contact with that id."""

    def reached(self, email: str, phone: str) -> int:
        """The id of a contact, anywhere in the account, with this email address or phone number.

        Either may be "". 0 if there is no such contact, -1 for one that the CRM does not name.
        """

    def contacts_where(
        self, *, stage: str = "", tags: Sequence[str] = (), ids: Sequence[int] = ()
    ) -> Sequence[Contact]:
        """The contacts outside the Trash with this stage, one of *tags* and one of *ids*.

        An empty argument is no condition. Quick if they are few: the service filters.
        """

    def deals(self, progress: Progress = silent) -> Sequence[Deal]:
        """Every deal, archived ones included, deleted ones not."""

    def deals_of(self, person_id: int) -> Sequence[Deal]:
        """The deals of one contact that are not deleted."""

    def tasks(self, due_from: date, due_to: date, progress: Progress = silent) -> Sequence[Task]:
        """Tasks due in this window of dates, both ends included, open and completed."""

    def tasks_of(self, person_id: int) -> Sequence[Task]:
        """Every task of one contact, open and completed."""

    def task(self, task_id: int) -> Task | None:
        """One task, or None if there is no task with that id."""

    def notes(self, created_after: datetime) -> Sequence[Note]:
        """The notes of Steward's own user since *created_after* (aware)."""

    def personal_notes(self, created_after: datetime) -> Sequence[PersonalNote]:
        """The notes that people wrote since *created_after* (aware).

        Those of Steward, of action plans and of automations are left out.
        """

    def earlier_notes(self, before: datetime | None, pages: int) -> EarlierNotes:
        """The notes that people wrote before then (aware; None for now), the latest first, in at
        most so many requests: the history of an account, read piece by piece.
        """

    def notes_of(self, person_id: int) -> Sequence[Note]:
        """The notes of Steward's own user on one contact."""

    def calls(self, created_after: datetime) -> Sequence[Call]:
        """The calls logged since *created_after* (aware)."""

    def mail_events(self, bounced_after: datetime) -> Sequence[MailEvent]:
        """Bounces since *bounced_after* (aware), and all unsubscriptions and complaints.

        Raises Rejected if the account has no such feed.
        """


class CrmWriter(Protocol):
    """The writing half of a CRM: no delete, no merge, no send."""

    def create_task(self, task: NewTask) -> Task:
        """Make a task whose name ends in its mark."""

    def rename_task(self, task: Task, name: str) -> None:
        """Rename one of Steward's tasks; its mark stays."""

    def assign_task(self, task: Task, user_id: int) -> None:
        """Assign one of Steward's tasks to another user; nothing else of it changes."""

    def withdraw_task(self, task: Task, because: str) -> None:
        """In one request: put the reason into the task's name, mark it withdrawn, complete it."""

    def create_note(self, person_id: int, key: Key, body: str) -> Note:
        """Make a plain-text note whose subject is its mark."""

    def add_tag(self, person_id: int, tag: str) -> None:
        """Add one tag; the others stay."""

    def create_person(self, person: NewPerson) -> Contact:
        """Make a contact; the caller has made sure that there is no such contact yet."""

    def set_field(self, person_id: int, name: str, value: str | int | None) -> None:
        """Set one custom field by Steward's name for it; None clears it."""

    def set_stage(self, person_id: int, stage: Stage) -> None:
        """Move a contact and read it back; Rejected if the CRM kept the old stage."""

    def create_field(self, custom: CustomField) -> None:
        """Create a custom field (an owner's key only)."""

    def create_stage(self, label: str) -> None:
        """Create a pipeline stage."""


class Crm(CrmReader, CrmWriter, Protocol):
    """Both halves of a CRM."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTask:
    """A task to be made. Its due day is a date, in nobody's time zone."""

    key: Key
    person_id: int
    assignee: int
    name: str
    kind: str
    due: date
    due_at: datetime | None = None
    """The instant it is due (aware), for a limit in hours; `due` is then its local day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """A contact to be made, with one tag; `email` or `phone` may be empty."""

    first_name: str
    last_name: str
    email: str
    phone: str
    source: str
    tag: str
    background: str
    assignee: int
    """A CRM user's id."""
    stage: Stage = Stage.NEW_LEAD


@dataclass(frozen=True, slots=True, kw_only=True)
class RowEdit:
    """Cells to write into one row, which is found by its Ref at the moment of writing."""

    tab: str
    ref: str
    cells: Mapping[str, Cell]
    create: bool = False
    """Whether to append the row if none has that Ref; otherwise an absent row is left absent."""
    choices: tuple[str, ...] = ()
    """The dropdown of a new row's Decision cell."""
    adopts: Mapping[str, Cell] | None = None
    """The cells of a row without a Ref that gets this one, unless a row has it already."""
    seen: Mapping[str, Cell] = field(default_factory=dict)
    """The cells as they were read; a row that differs by now is left alone."""


@dataclass(frozen=True, slots=True)
class Report:
    """A new tab: lines of text and figures with charts, or a table with the lines as a note."""

    title: str
    lines: tuple[str, ...]
    figures: tuple[Figures, ...] = ()
    table: tuple[tuple[Cell, ...], ...] = ()


class SheetReader(Protocol):
    """The reading half of the Sheet."""

    def read(self) -> Workbook:
        """Every tab Steward knows, in at most two requests."""


class SheetWriter(Protocol):
    """The writing half of the Sheet: typed cells, never formulas, never a Decision."""

    def write(self, edits: Sequence[RowEdit], reports: Sequence[Report] = ()) -> None:
        """Write all edits and new reports in one atomic request, or nothing.

        A report whose tab exists is skipped.
        """


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One thing that a service lacks."""

    what: str
    by_hand: str = ""
    """The work of a person, if this key may not create it."""


class SheetSetup(Protocol):
    """The Sheet, as `steward setup` needs it."""

    def lacking(self) -> Sequence[SetupStep]:
        """The things that the workbook lacks, in words."""

    def complete(self) -> None:
        """Create exactly those; people's own tabs and cells stay untouched."""


class Notifier(Protocol):
    """The agent's own channels outside CRM and Sheet; never a client's."""

    @property
    def channels(self) -> frozenset[Channel]:
        """The channels that are configured."""

    def send(self, channel: Channel, notice: Notice) -> None:
        """Send one notice, at least once.

        Raises Unavailable if no service took it, Rejected for a channel that is not configured. No
        error message has an address.
        """


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The account's own names: labels by stage, field labels by name, pipelines by side."""

    stages: Mapping[Stage, tuple[str, ...]]
    fields: Mapping[str, str]
    buyer_pipelines: tuple[str, ...] = ("Buyers",)
    seller_pipelines: tuple[str, ...] = ("Sellers",)
