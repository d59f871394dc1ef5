"""What Steward needs of a CRM and of a Sheet, as Protocols, each in a reading and a writing half.

A dry run is given a reader and nothing else. Every method may raise the errors of
`connectors.errors`; a read that cannot return the whole raises `Unavailable`, it never returns a
part.
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
"""Told what is being read, how many are there, and how many there will be."""


def silent(what: str, done: int, total: int) -> None:
    """A Progress that tells nobody."""


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
    """What the account is made of: read first in every pass."""

    identity: Identity
    users: tuple[User, ...]
    stages: tuple[str, ...]
    fields: tuple[CustomField, ...]
    pipelines: tuple[str, ...]
    closing_pipelines: tuple[str, ...]
    """Those pipelines that have a closed stage."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Contacts that changed of late, and how many there are altogether, Trash included."""

    contacts: Sequence[Contact]
    total: int


class CrmReader(Protocol):
    """The reading half of a CRM."""

    def account(self) -> Account:
        """Identity, users, stages, custom fields and pipelines, read anew; the other methods use
        the latest.
        """

    def contacts(self, progress: Progress = silent) -> Sequence[Contact]:
        """Everyone the key can see, Trash included."""

    def contacts_since(self, since: datetime) -> Changed:
        """Everyone who was made or edited since then (aware), or had a text, an e-mail or a call
        since; others may be among them.

        Nobody is missing because of being gone: that is not seen here, but by `total`. Raises
        Incomplete where the CRM does not keep to the order it was asked for.
        """

    def contact(self, person_id: int) -> Contact | None:
        """One contact as it is now, or None if the key sees none by that id."""

    def reached(self, email: str, phone: str) -> int:
        """The id of somebody, anywhere in the account, with this e-mail address or this phone
        number ("" for none of it).

        0 if there is nobody, -1 for somebody whom the CRM does not name.
        """

    def contacts_where(
        self, *, stage: str = "", tags: Sequence[str] = (), ids: Sequence[int] = ()
    ) -> Sequence[Contact]:
        """The contacts outside the Trash in the stage of this label, that carry one of *tags*, or
        have one of *ids*; what is empty asks for nothing. Quick where they are few: the service
        does the choosing.
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
        """One task, or None if there is none by that id."""

    def notes(self, created_after: datetime) -> Sequence[Note]:
        """The notes our own user made since then (aware)."""

    def personal_notes(self, created_after: datetime) -> Sequence[PersonalNote]:
        """What people wrote since then (aware): neither Steward's notes nor those of action plans
        and automations.
        """

    def notes_of(self, person_id: int) -> Sequence[Note]:
        """Our own notes on one contact."""

    def calls(self, created_after: datetime) -> Sequence[Call]:
        """Calls logged since then (aware)."""

    def mail_events(self, bounced_after: datetime) -> Sequence[MailEvent]:
        """Bounces since then (aware), and every unsubscription and complaint there is.

        Raises Rejected where the account has no such feed.
        """


class CrmWriter(Protocol):
    """The writing half of a CRM: no delete, no merge, no send."""

    def create_task(self, task: NewTask) -> Task:
        """Make a task whose name ends in its mark."""

    def rename_task(self, task: Task, name: str) -> None:
        """Give an own task another name; its mark stays."""

    def assign_task(self, task: Task, user_id: int) -> None:
        """Give an own task to another user; nothing else of it changes."""

    def withdraw_task(self, task: Task, because: str) -> None:
        """Rename an own task with the reason, mark it withdrawn, and complete it, in one
        request.
        """

    def create_note(self, person_id: int, key: Key, body: str) -> Note:
        """Make a plain-text note whose subject is its mark."""

    def add_tag(self, person_id: int, tag: str) -> None:
        """Add one tag to what is there."""

    def create_person(self, person: NewPerson) -> Contact:
        """Make a contact; whether there is one already is for the caller to have looked up."""

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
    """The instant it is due (aware), where the limit is one of hours; `due` is then its local day.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """A contact to be made, with one tag; `email` or `phone` may be empty. `assignee` is a CRM
    user's id.
    """

    first_name: str
    last_name: str
    email: str
    phone: str
    source: str
    tag: str
    background: str
    assignee: int
    stage: Stage = Stage.NEW_LEAD


@dataclass(frozen=True, slots=True, kw_only=True)
class RowEdit:
    """Cells to write into one row, found by its Ref at the moment of writing.

    With `create` the row is appended if no row has that Ref; otherwise an absent row is left
    absent. With `adopts` the first row without a Ref that reads so is given this one, unless some
    row has it already. Where the row no longer reads as `seen`, it is left alone. `choices` become
    the dropdown of a new row's Decision cell.
    """

    tab: str
    ref: str
    cells: Mapping[str, Cell]
    create: bool = False
    choices: tuple[str, ...] = ()
    adopts: Mapping[str, Cell] | None = None
    seen: Mapping[str, Cell] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """A new tab: lines of text, and figures with their charts; or a plain table under its header,
    with the lines as a note.
    """

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
        """Carry out all edits and put up all reports in one atomic request, or none; a report whose
        tab exists is left alone.
        """


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One thing a service lacks: what it is, and whether this key may create it."""

    what: str
    by_hand: str = ""


class SheetSetup(Protocol):
    """What `steward setup` needs of a Sheet."""

    def lacking(self) -> Sequence[SetupStep]:
        """What the workbook lacks, in words."""

    def complete(self) -> None:
        """Create exactly that; touches nothing people made."""


class Notifier(Protocol):
    """The agent's own channels outside CRM and Sheet; never a client's."""

    @property
    def channels(self) -> frozenset[Channel]:
        """Those that were set up."""

    def send(self, channel: Channel, notice: Notice) -> None:
        """Send one notice, at least once.

        Raises Unavailable where nobody took it, Rejected for a channel that was not set up; no
        message holds an address.
        """


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The account's own words for Steward's: labels by stage, field labels by name, pipelines by
    side.
    """

    stages: Mapping[Stage, tuple[str, ...]]
    fields: Mapping[str, str]
    buyer_pipelines: tuple[str, ...] = ("Buyers",)
    seller_pipelines: tuple[str, ...] = ("Sellers",)
