"""A CRM in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import count
from typing import TypeVar

from connectors.errors import Rejected, Unknown
from connectors.memory.fates import Fate, Fates
from connectors.ports import (
    Account,
    Changed,
    CustomField,
    EarlierNotes,
    NewPerson,
    NewTask,
    Progress,
    silent,
)
from policies.world.model import (
    STAGE_LABELS,
    Call,
    Contact,
    Deal,
    Key,
    MailEvent,
    MailFate,
    Note,
    PersonalNote,
    Reach,
    Stage,
    Task,
)

T = TypeVar("T")


class MemoryCrm:
    """A CRM in memory, as one user's key sees it."""

    def __init__(
        self, account: Account, contacts: Iterable[Contact] = (), deals: Iterable[Deal] = ()
    ) -> None:
        self._account = account
        self.people = {c.id: c for c in contacts}
        self.closings = {d.id: d for d in deals}
        self.all_tasks: dict[int, Task] = {}
        self.all_notes: dict[int, tuple[datetime | None, Note]] = {}
        self.all_personal_notes: list[PersonalNote] = []
        self.all_calls: list[Call] = []
        self.all_mail: list[MailEvent] = []
        self.writes: list[str] = []
        self.fates = Fates()
        self._ids = count(1)

    def account(self) -> Account:
        """The set-up of the account."""
        return self._account

    def contacts(self, progress: Progress = silent) -> Sequence[Contact]:
        """All contacts."""
        progress("people", len(self.people), len(self.people))
        return list(self.people.values())

    # The memory CRM does not keep when a contact changed.
    def contacts_since(self, since: datetime) -> Changed:  # noqa: ARG002
        """All contacts, which the port allows."""
        return Changed(list(self.people.values()), len(self.people))

    def contact(self, person_id: int) -> Contact | None:
        """One contact, or None."""
        return self.people.get(person_id)

    def reached(self, email: str, phone: str) -> int:
        """The id of a contact with this email address or phone number; 0 without a match."""
        wanted = {email.casefold(), _digits(phone)} - {""}
        for contact in self.people.values():
            emails = {address.value.casefold() for address in contact.emails}
            phones = {_digits(number.value) for number in contact.phones}
            if wanted & (emails | phones):
                return contact.id
        return 0

    def contacts_where(
        self, *, stage: str = "", tags: Sequence[str] = (), ids: Sequence[int] = ()
    ) -> Sequence[Contact]:
        """The contacts outside the Trash in this stage, with one of *tags* and one of *ids*."""

        def wanted(contact: Contact) -> bool:
            in_stage = not stage or contact.stage_label == stage
            tagged = not tags or not set(tags).isdisjoint(contact.tags)
            return in_stage and tagged and (not ids or contact.id in ids)

        return [c for c in self.people.values() if not c.trashed and wanted(c)]

    def deals(self, progress: Progress = silent) -> Sequence[Deal]:
        """Every deal that is not deleted."""
        progress("deals", len(self.closings), len(self.closings))
        return [d for d in self.closings.values() if not d.deleted]

    def deals_of(self, person_id: int) -> Sequence[Deal]:
        """The deals of one contact."""
        return [d for d in self.closings.values() if person_id in d.person_ids and not d.deleted]

    def tasks(self, due_from: date, due_to: date, progress: Progress = silent) -> Sequence[Task]:
        """Tasks due in the window."""
        days = (
            (t, t.due or (t.due_at.date() if t.due_at else None)) for t in self.all_tasks.values()
        )
        found = [t for t, day in days if day and due_from <= day <= due_to]
        progress("tasks", len(found), len(found))
        return found

    def tasks_of(self, person_id: int) -> Sequence[Task]:
        """Every task of one contact."""
        return [t for t in self.all_tasks.values() if t.person_id == person_id]

    def task(self, task_id: int) -> Task | None:
        """One task, or None."""
        return self.all_tasks.get(task_id)

    def notes(self, created_after: datetime) -> Sequence[Note]:
        """Steward's notes since then."""
        return [
            note for made, note in self.all_notes.values() if made is None or made >= created_after
        ]

    def personal_notes(self, created_after: datetime) -> Sequence[PersonalNote]:
        """The notes that people wrote since then."""
        return [note for note in self.all_personal_notes if note.at >= created_after]

    # a whole history is one piece here
    def earlier_notes(self, before: datetime | None, pages: int) -> EarlierNotes:  # noqa: ARG002
        """What people wrote before then."""
        return EarlierNotes(
            [note for note in self.all_personal_notes if before is None or note.at <= before]
        )

    def notes_of(self, person_id: int) -> Sequence[Note]:
        """Steward's notes on one contact."""
        return [note for _, note in self.all_notes.values() if note.person_id == person_id]

    def calls(self, created_after: datetime) -> Sequence[Call]:
        """Calls since then."""
        return [c for c in self.all_calls if c.at is None or c.at >= created_after]

    def mail_events(self, bounced_after: datetime) -> Sequence[MailEvent]:
        """Bounces since then, and all unsubscriptions."""

        def wanted(event: MailEvent) -> bool:
            return (
                event.fate is MailFate.UNSUBSCRIBED
                or event.at is None
                or (event.at >= bounced_after)
            )

        return [event for event in self.all_mail if wanted(event)]

    def create_task(self, task: NewTask) -> Task:
        """Make a task."""
        self._person(task.person_id)
        fate = self.fates.draw("memory CRM")
        made = Task(
            id=next(self._ids),
            person_id=task.person_id,
            name=task.name,
            key=task.key,
            kind=task.kind,
            assigned_user_id=task.assignee,
            due=None if task.due_at else task.due,
            due_at=task.due_at,
        )
        self.all_tasks[made.id] = made
        self.writes.append(f"create task {task.key}")
        return self._answer(made, fate)

    def rename_task(self, task: Task, name: str) -> None:
        """Rename one of Steward's tasks."""
        if task.key is None or task.id not in self.all_tasks:
            raise Rejected("memory CRM", f"task {task.id} is not Steward's to rename", 404)
        fate = self.fates.draw("memory CRM")
        self.all_tasks[task.id] = replace(self.all_tasks[task.id], name=name)
        self.writes.append(f"rename task {task.key}")
        self._answer(None, fate)

    def assign_task(self, task: Task, user_id: int) -> None:
        """Assign one of Steward's tasks to another user."""
        if task.key is None or task.id not in self.all_tasks:
            raise Rejected("memory CRM", f"task {task.id} is not Steward's to assign", 404)
        fate = self.fates.draw("memory CRM")
        self.all_tasks[task.id] = replace(self.all_tasks[task.id], assigned_user_id=user_id)
        self.writes.append(f"assign task {task.key}")
        self._answer(None, fate)

    def withdraw_task(self, task: Task, because: str) -> None:
        """Rename one of Steward's tasks, mark it withdrawn, and complete it."""
        if task.key is None or task.id not in self.all_tasks:
            raise Rejected("memory CRM", f"task {task.id} is not Steward's to withdraw", 404)
        fate = self.fates.draw("memory CRM")
        now = self.all_tasks[task.id]
        self.all_tasks[task.id] = replace(
            now, name=f"Withdrawn ({because}): {now.name}", withdrawn=True, completed=True
        )
        self.writes.append(f"withdraw task {task.key}")
        self._answer(None, fate)

    def create_note(self, person_id: int, key: Key, body: str) -> Note:
        """Make a note."""
        self._person(person_id)
        fate = self.fates.draw("memory CRM")
        made = Note(id=next(self._ids), person_id=person_id, key=key, subject=str(key), body=body)
        self.all_notes[made.id] = (None, made)
        self.writes.append(f"create note {key}")
        return self._answer(made, fate)

    def add_tag(self, person_id: int, tag: str) -> None:
        """Add one tag."""
        person = self._person(person_id)
        fate = self.fates.draw("memory CRM")
        self.people[person_id] = replace(person, tags=tuple(dict.fromkeys((*person.tags, tag))))
        self.writes.append(f"tag {person_id} {tag}")
        self._answer(None, fate)

    def create_person(self, person: NewPerson) -> Contact:
        """Make a contact."""
        fate = self.fates.draw("memory CRM")
        made = Contact(
            id=max(self.people, default=100) + 1,
            first_name=person.first_name,
            last_name=person.last_name,
            stage=person.stage,
            stage_label=STAGE_LABELS[person.stage],
            tags=(person.tag,),
            source=person.source,
            assigned_user_id=person.assignee,
            emails=(Reach(person.email),) if person.email else (),
            phones=(Reach(person.phone),) if person.phone else (),
            has_background=bool(person.background),
        )
        self.people[made.id] = made
        self.writes.append(f"create person {made.id}")
        return self._answer(made, fate)

    def set_field(self, person_id: int, name: str, value: str | int | None) -> None:
        """Set or clear one custom field."""
        person = self._person(person_id)
        fate = self.fates.draw("memory CRM")
        rest = {own: old for own, old in person.fields.items() if own != name}
        self.people[person_id] = replace(
            person, fields=rest if value is None else {**rest, name: str(value)}
        )
        self.writes.append(f"set field {name} of {person_id}")
        self._answer(None, fate)

    def set_stage(self, person_id: int, stage: Stage) -> None:
        """Move a contact. Raises Rejected if the account has no such stage."""
        person = self._person(person_id)
        if STAGE_LABELS[stage] not in self._account.stages:
            raise Rejected(
                "memory CRM", f"contact {person_id} stayed in stage {person.stage_label!r}", 200
            )
        fate = self.fates.draw("memory CRM")
        self.people[person_id] = replace(person, stage=stage, stage_label=STAGE_LABELS[stage])
        self.writes.append(f"move {person_id} to {stage.value}")
        self._answer(None, fate)

    def create_field(self, custom: CustomField) -> None:
        """Create a custom field. Raises Rejected without an owner's key."""
        if not self._account.identity.is_owner:
            raise Rejected("memory CRM", "only the owner may create custom fields", 403)
        self._account = replace(self._account, fields=(*self._account.fields, custom))

    def create_stage(self, label: str) -> None:
        """Create a stage."""
        self._account = replace(self._account, stages=(*self._account.stages, label))

    def _person(self, person_id: int) -> Contact:
        if person_id not in self.people:
            raise Rejected("memory CRM", "Requested resource was not found.", 404)
        return self.people[person_id]

    def _answer(self, made: T, fate: Fate | None) -> T:
        if fate == "lost after":
            raise Unknown("memory CRM", "the answer was lost")
        return made


def _digits(phone: str) -> str:
    return "".join(c for c in phone if c.isdigit())[-10:]
