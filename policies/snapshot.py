"""The world of one pass, as one immutable value, with the look-ups every policy needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from policies.calendar import BusinessDays
from policies.model import Contact, Deal, Key, Note, Source, Stage, Task, Workbook
from policies.practice import Practice


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """Everything a pass saw at `now` (aware, in the agent's zone; taken once, architecture rule 1).

    `complete` lists the sources that were read whole; a policy that needs another is not asked. `activated` is the
    day Steward started to act (None before the first acknowledgement): nothing that fell due earlier is taken up
    (rule 14). `deleted` holds keys that a person removed and that stay removed (rule 9).
    """

    now: datetime
    practice: Practice
    contacts: Mapping[int, Contact] = field(default_factory=dict)
    deals: Mapping[int, Deal] = field(default_factory=dict)
    tasks: tuple[Task, ...] = ()
    notes: tuple[Note, ...] = ()
    workbook: Workbook = field(default_factory=Workbook)
    complete: frozenset[Source] = frozenset(Source)
    activated: date | None = None
    deleted: frozenset[Key] = frozenset()

    @property
    def today(self) -> date:
        """The local calendar day of `now`."""
        return self.now.date()

    @property
    def starts(self) -> date:
        """The first day whose occasions are Steward's: the activation day, or today before there is one (rule 14)."""
        return self.activated or self.today

    @cached_property
    def business(self) -> BusinessDays:
        """The agent's business days (X-38)."""
        return BusinessDays(self.practice.closures)

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
        return tuple(t for t in self.own_tasks.get(key.subject, ()) if t.key and t.key.base == key.base)

    @cached_property
    def deals_of(self) -> Mapping[int, tuple[Deal, ...]]:
        """The closed deals of each person, in id order."""
        found: dict[int, list[Deal]] = {}
        for deal in sorted(self.deals.values(), key=lambda d: d.id):
            if deal.closed and not deal.deleted:
                for person_id in deal.person_ids:
                    found.setdefault(person_id, []).append(deal)
        return {person_id: tuple(deals) for person_id, deals in found.items()}

    def do_not_contact(self, contact: Contact) -> bool:
        """Whether nothing may be drafted to this person: stage, tag, or every e-mail address unsubscribed (X-35)."""
        unsubscribed = bool(contact.emails) and all(e.status.casefold() == "unsubscribed" for e in contact.emails)
        return (
            contact.stage is Stage.DO_NOT_CONTACT
            or tagged(contact, self.practice.tags.do_not_contact)
            or unsubscribed
        )

    def deceased(self, contact: Contact) -> bool:
        """Whether the contact carries a tag that says so (X-49)."""
        return tagged(contact, self.practice.tags.deceased)

    def left_alone(self, contact: Contact) -> bool:
        """Whether people told Steward to keep off: the skip tag, or no pilot tag during a pilot (rule 17)."""
        pilot = self.practice.pilot_tag
        return tagged(contact, self.practice.tags.skip) or bool(pilot and not tagged(contact, (pilot,)))


def tagged(contact: Contact, names: Iterable[str]) -> bool:
    """Whether the contact carries one of these tags, whatever the case."""
    wanted = {name.casefold() for name in names}
    return any(tag.casefold() in wanted for tag in contact.tags)
