"""The world of one pass, as one immutable value, with the look-ups every policy needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypeVar

from policies.values.names import folded
from policies.world.calendar import BusinessDays, business_days
from policies.world.memory import Signs
from policies.world.model import (
    Contact,
    Deal,
    Key,
    MailEvent,
    Note,
    Source,
    Task,
)
from policies.world.practice import Practice
from policies.world.sheet import Workbook

T = TypeVar("T")
_UNKNOWN: Any = object()


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """Everything a pass saw at `now` (aware, in the agent's zone; taken once, architecture rule 1).

    `complete` lists the sources that were read whole; a policy that needs another is not asked.
    `activated` is the day Steward started to act (None before the first acknowledgement): nothing
    that fell due earlier is taken up (rule 14). `last_good` is when the last pass before this one
    worked, None where that is not known. `deleted` holds keys that a person removed and that stay
    removed (rule 9); `written` the marks of notes and fields that were written once, whether or not
    they are still there: what a person cleared stays so. `noted` tells when a person last wrote a
    note on a contact, of those who had one since Steward looks. `remembered` holds the signs of
    opt-outs and deaths that the ledger knows; the tab `Memory` holds them too (X-65).
    `suppressed_before` is the number of entries of `Suppression` that the ledger knows as written.
    `mail_refused_since` is the moment from which on the CRM refuses the email events that it showed
    before. `gone` holds the records that open tasks or rows are about and that complete lists have
    lacked since an earlier pass, as subjects of keys: ``p101``, ``d812`` (X-87).
    """

    now: datetime
    practice: Practice
    contacts: Mapping[int, Contact] = field(default_factory=dict)
    deals: Mapping[int, Deal] = field(default_factory=dict)
    tasks: tuple[Task, ...] = ()
    notes: tuple[Note, ...] = ()
    mail: tuple[MailEvent, ...] = ()
    workbook: Workbook = field(default_factory=Workbook)
    complete: frozenset[Source] = frozenset(Source)
    activated: date | None = None
    last_good: datetime | None = None
    deleted: frozenset[Key] = frozenset()
    written: frozenset[str] = frozenset()
    noted: Mapping[int, datetime] = field(default_factory=dict)
    remembered: Signs = field(default_factory=dict)
    suppressed_before: int = 0
    mail_refused_since: datetime | None = None
    gone: frozenset[str] = frozenset()
    _derived: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    _of_contacts: dict[Any, tuple[Mapping[int, Contact], Any]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def once(self, derive: Callable[[Snapshot], T]) -> T:
        """The result of *derive* for this snapshot, computed at the first call: several policies
        ask the same of one world.
        """
        found: T = self._derived.get(derive, _UNKNOWN)
        if found is _UNKNOWN:
            found = self._derived[derive] = derive(self)
        return found

    def of_contacts(self, derive: Callable[[Mapping[int, Contact]], T]) -> T:
        """The result of *derive* for the contacts alone: kept over snapshots made from this one,
        while the contacts are the same.
        """
        known = self._of_contacts.get(derive)
        if known is None or known[0] is not self.contacts:
            known = self._of_contacts[derive] = (self.contacts, derive(self.contacts))
        found: T = known[1]
        return found

    @cached_property
    def today(self) -> date:
        """The local calendar day of `now`."""
        return self.now.date()

    @property
    def stamp(self) -> str:
        """`now` in the form of a cell: ``2026-12-18 08:00``, local."""
        return f"{self.now:%Y-%m-%d %H:%M}"

    @property
    def starts(self) -> date:
        """The first day whose occasions are Steward's: the activation day, or today before there is
        one (rule 14).
        """
        return self.activated or self.today

    @cached_property
    def business(self) -> BusinessDays:
        """The agent's business days (X-38)."""
        return business_days(self.practice.closures)

    @cached_property
    def own_tasks(self) -> Mapping[str, tuple[Task, ...]]:
        """Steward's own tasks by the subject of their key, in id order."""
        found: dict[str, list[Task]] = {}
        for task in sorted(self.tasks, key=lambda t: t.id):
            if task.key:
                found.setdefault(task.key.subject, []).append(task)
        return {subject: tuple(tasks) for subject, tasks in found.items()}

    def lives(self, key: Key) -> tuple[Task, ...]:
        """Every task that is or was *key*, repetitions included, in id order."""
        return tuple(
            t for t in self.own_tasks.get(key.subject, ()) if t.key and t.key.base == key.base
        )

    def contact_by(self, subject: str) -> Contact | None:
        """The contact that the subject of a key names (``p101``), or None."""
        return self.contacts.get(_number(subject, "p"))

    def deal_by(self, subject: str) -> Deal | None:
        """The deal that the subject of a key names (``d812``), or None."""
        return self.deals.get(_number(subject, "d"))

    @cached_property
    def closed_deals(self) -> tuple[Deal, ...]:
        """The closed deals that were not deleted, in id order."""
        return tuple(
            deal for _, deal in sorted(self.deals.items()) if deal.closed and not deal.deleted
        )

    @cached_property
    def deals_of(self) -> Mapping[int, tuple[Deal, ...]]:
        """The closed deals of each person, in id order."""
        found: dict[int, list[Deal]] = {}
        for deal in self.closed_deals:
            for person_id in deal.person_ids:
                found.setdefault(person_id, []).append(deal)
        return {person_id: tuple(deals) for person_id, deals in found.items()}


def _number(subject: str, letter: str) -> int:
    """The id in *subject*, or 0, which is nobody's, where it is of another kind."""
    return int(subject[1:]) if subject.startswith(letter) and subject[1:].isdigit() else 0


def tagged(contact: Contact, names: Iterable[str]) -> bool:
    """Whether the contact carries one of these tags, whatever the case, the dashes and the
    blanks.
    """
    if not contact.tags:
        return False
    wanted = {folded(name) for name in names}
    return any(folded(tag) in wanted for tag in contact.tags)
