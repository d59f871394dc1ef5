"""The frame of an act. Each kind of want has one class, with all that the daemon does about it.

An act says which actions a want still needs (`needed`), how the world looks after one of them
(`after`) and how an action is carried out. `needed` and `after` are pure. An act that writes to the
CRM meets nothing but the port it is given: the ledger, repetition and errors are `apply`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar, Generic, Literal, TypeVar

from connectors.ports import Crm, Report, RowEdit
from daemon.passes.actions import Action, Outcome
from policies.asks.wants import NO_CELLS, Finding, Want
from policies.world.model import Contact, Key, Note, Task
from policies.world.practice import Practice
from policies.world.sheet import Cell
from policies.world.snapshot import Snapshot

W = TypeVar("W")
Moved = Mapping[str, frozenset[str]]
"""The marks of what a plan writes to the CRM, by the key without its repetition."""


@dataclass(frozen=True)
class View:
    """The world that a plan compares the wants with: the snapshot, and the rest of the same plan.

    `appended` are the Sheet rows that are known to have been written before, `leaving` the tasks
    that this plan withdraws, `moved` the marks of what it writes to the CRM.
    """

    s: Snapshot
    appended: frozenset[str] = frozenset()
    leaving: frozenset[int] = frozenset()
    moved: Moved = field(default_factory=dict)

    @cached_property
    def notes(self) -> frozenset[str]:
        """The keys of Steward's notes that are there."""
        return frozenset(str(note.key) for note in self.s.notes if note.key)

    def marks_of(self, keys: tuple[Key, ...]) -> frozenset[str]:
        """The writes of this plan that must have happened before something that requires *keys*."""
        return frozenset(mark for key in keys for mark in self.moved.get(str(key.base), ()))


@dataclass
class World:
    """A snapshot in the making: what the acts of a plan change of it."""

    s: Snapshot
    tasks: dict[int, Task]
    notes: list[Note]
    contacts: dict[int, Contact] = field(default_factory=dict)
    """The contacts that changed, or are new."""
    titles: set[str] = field(default_factory=set)
    """The tabs that are new."""
    rows: list[Action] = field(default_factory=list)
    """The writes to rows, in order."""
    number: int = 0
    """An id that the CRM never gives: below zero, another one for each action."""

    def contact(self, person_id: int) -> Contact:
        """The contact as changed so far."""
        return self.contacts.get(person_id) or self.s.contacts[person_id]


@dataclass
class Batch:
    """The content of one atomic request to the Sheet."""

    edits: list[RowEdit] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Entry:
    """The line of the journal about an action that is to be taken back."""

    mark: str
    verb: str
    entity: str
    clause: str
    person_id: int | None

    @property
    def key(self) -> Key | None:
        """The key that its mark spells; None for a row of the Sheet."""
        return Key.parse(self.mark)


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """How an action is taken back: with *actions* of Steward's, by taking a *tag* off by hand, or,
    where `by_hand` gives the reason, by people alone.
    """

    actions: tuple[Action, ...] = ()
    tag: str = ""
    by_hand: str = ""


NO_RIGHT = Undone(by_hand="Steward has no right to take this back: undo it by hand")


@dataclass(frozen=True)
class Wanted:
    """The present wants of the policies. The later of two wants of one kind and key counts."""

    wants: tuple[Want, ...]

    @cached_property
    def _by_key(self) -> Mapping[tuple[type[Any], str], Any]:
        return {
            (type(want), str(key.base)): want
            for want in self.wants
            if (key := getattr(want, "key", None))
        }

    def one(self, kind: type[W], key: Key) -> W | None:
        """The want of this kind under *key*, whichever life of it."""
        found: W | None = self._by_key.get((kind, str(key.base)))
        return found


class Act(Generic[W]):
    """One kind of want. `entity` and `verb` are those of its actions (`Action`)."""

    service: ClassVar[Literal["crm", "sheet"]]
    entity: ClassVar[str] = ""
    verb: ClassVar[str] = ""

    def needed(self, view: View, finding: Finding, want: W) -> Iterator[Action]:
        """The actions that make the want true, as far as the snapshot does not show it."""
        raise NotImplementedError

    def remembered(self, view: View, want: W) -> Iterator[Action]:  # most have none
        """The rows of Memory that say that this was done once (rule 9)."""
        yield from ()

    def after(self, world: World, action: Action, want: W) -> None:
        """Change *world* as the action changes the CRM and the Sheet."""
        raise NotImplementedError

    def right(self, want: W, practice: Practice) -> str:
        """The right that the want needs, as a changed policy is compared with the version that the
        agent knows (X-92): who is asked for what, or which field is written. "" for what nobody has
        to agree to.
        """
        raise NotImplementedError

    def undo(self, s: Snapshot, entry: Entry, wanted: Wanted) -> Undone:
        """How what the journal's *entry* did is taken back."""
        return NO_RIGHT

    def action(
        self,
        finding: Finding,
        mark: Key | str,
        person_id: int | None,
        after: Mapping[str, Cell],
        before: Mapping[str, Cell] = NO_CELLS,
        *,
        verb: str = "",
    ) -> Action:
        """An action of this kind, for the want of *finding*."""
        return Action(
            mark=str(mark),
            clause=finding.clause,
            verb=verb or self.verb,
            entity=self.entity,
            person_id=person_id,
            reason=finding.reason,
            before=before,
            after=after,
            want=finding.want,
        )


@dataclass(frozen=True, slots=True)
class Record:
    """The ledger's line for one action: `settle` writes what became of an intent, `keep` that the
    thing is there.
    """

    settle: Callable[[Literal["done", "withdrawn"]], None]
    keep: Callable[[], None]


class Change(Act[W]):
    """An act that changes a record of the CRM. Doing it twice does no harm, so a lost answer needs
    no look-up: the next pass sees whether the change is still needed.
    """

    service = "crm"

    def perform(self, crm: Crm, record: Record, action: Action, want: W) -> Outcome:
        """Look at the record as it is now and change it, unless a person came first."""
        raise NotImplementedError


class Creation(Act[W]):
    """An act that makes something in the CRM: once, because `apply` looks before it sends."""

    service = "crm"
    verb = "create"

    def find(self, crm: Crm, action: Action, want: W) -> int:
        """The CRM's id of what is there already, 0 if nothing is."""
        raise NotImplementedError

    def send(self, crm: Crm, action: Action, want: W) -> int:
        """Make it; the CRM's id of it."""
        raise NotImplementedError


class SheetWrite(Act[W]):
    """An act on the Sheet: all of a pass go out in one atomic request."""

    service = "sheet"

    def collect(self, batch: Batch, action: Action, want: W) -> None:
        """Add to the request what the action writes."""
        raise NotImplementedError


def with_key(task: Task, key: Key) -> Task:
    """The task under Steward's key, where the CRM gave it back without one."""
    return task if task.key else replace(task, key=key)
