"""The writing half of the CRM port, against Follow Up Boss v1.

There is no policy here, and no call that deletes, merges or sends a message. `api` makes the
requests.
"""

from __future__ import annotations

from typing import Any

from connectors.errors import Rejected
from connectors.followupboss import decoding, records, wire
from connectors.followupboss.api import SERVICE
from connectors.followupboss.mark import marked
from connectors.followupboss.reader import Reader, real_id
from connectors.ports import CustomField, NewPerson, NewTask
from policies.world.model import Contact, Key, Note, Stage, Task


class FollowUpBoss(Reader):
    """Both halves of the CRM port, for all threads of a pass; the arguments are `Api`'s."""

    def create_task(self, task: NewTask) -> Task:
        """POST /tasks, once."""
        body = {
            "personId": real_id(task.person_id),
            "assignedUserId": real_id(task.assignee),
            "type": task.kind,
            "name": marked(task.name, task.key),
        }
        if task.due_at:
            # An instant goes out in UTC: services read offsets and naive times differently.
            body["dueDateTime"] = wire.utc(task.due_at)
        else:
            body["dueDate"] = task.due.isoformat()
        made = self._api.send("POST", "tasks", body, records.TaskRecord)
        return wire.to_task(made, self._own_user)

    def rename_task(self, task: Task, name: str) -> None:
        """PUT /tasks/:id, once, with the new name and the old mark."""
        if task.key is None:
            raise Rejected(SERVICE, f"task {task.id} is not Steward's to rename", 0)
        self._api.send(
            "PUT", f"tasks/{real_id(task.id)}", {"name": marked(name, task.key)}, records.TaskRecord
        )

    def assign_task(self, task: Task, user_id: int) -> None:
        """PUT /tasks/:id, once, with the user alone."""
        if task.key is None:
            raise Rejected(SERVICE, f"task {task.id} is not Steward's to assign", 0)
        self._api.send(
            "PUT",
            f"tasks/{real_id(task.id)}",
            {"assignedUserId": real_id(user_id)},
            records.TaskRecord,
        )

    def withdraw_task(self, task: Task, because: str) -> None:
        """PUT /tasks/:id, once: the reason, the withdrawn mark and the completion together."""
        if task.key is None:
            raise Rejected(SERVICE, f"task {task.id} is not Steward's to withdraw", 0)
        name = marked(f"Withdrawn ({because}): {task.name}", task.key, withdrawn=True)
        self._api.send(
            "PUT",
            f"tasks/{real_id(task.id)}",
            {"name": name, "isCompleted": True},
            records.TaskRecord,
        )

    def create_note(self, person_id: int, key: Key, body: str) -> Note:
        """POST /notes, once; plain text."""
        sent = {"personId": real_id(person_id), "subject": str(key), "body": body}
        return wire.to_note(self._api.send("POST", "notes", sent, records.NoteRecord))

    def add_tag(self, person_id: int, tag: str) -> None:
        """PUT /people/:id?mergeTags=true, the only way in which Steward writes a tag."""
        self._api.send(
            "PUT",
            f"people/{real_id(person_id)}",
            {"tags": [tag]},
            records.Person,
            {"mergeTags": "true"},
        )

    def create_person(self, person: NewPerson) -> Contact:
        """POST /people, once; this starts no automation of the account."""
        self._known()
        body = {
            "firstName": person.first_name,
            "lastName": person.last_name,
            "stage": self._words.stages[person.stage][0],
            "source": person.source,
            "tags": [person.tag],
            "background": person.background,
            "assignedUserId": real_id(person.assignee),
            "emails": [{"value": person.email}] if person.email else [],
            "phones": [{"value": person.phone}] if person.phone else [],
        }
        return wire.to_contact(
            self._api.send("POST", "people", body, records.Person), self._words, {}
        )

    def set_field(self, person_id: int, name: str, value: str | int | None) -> None:
        """PUT one custom field. Raises Rejected if the account has no field with its label."""
        self._known()
        if name not in self._custom_names:
            raise Rejected(
                SERVICE,
                f"the account has no custom field {self._words.fields.get(name, name)!r}",
                0,
            )
        wire_name = self._custom_names[name]
        if wire_name in self._numbers and isinstance(value, str):
            value = int(value)  # the service takes whole numbers there, and no text
        self._api.send("PUT", f"people/{real_id(person_id)}", {wire_name: value}, records.Person)

    def set_stage(self, person_id: int, stage: Stage) -> None:
        """PUT the stage by name and read it back; an unknown name is answered with 200.

        Raises Rejected if the contact is not in the stage afterwards.
        """
        label = self._words.stages[stage][0]
        self._api.send("PUT", f"people/{real_id(person_id)}", {"stage": label}, records.Person)
        now = self._api.get(
            f"people/{real_id(person_id)}", {}, lambda body: decoding.decode(body, records.Person)
        )
        if wire.stage_of(now.stage or "", self._words) is not stage:
            raise Rejected(
                SERVICE,
                f"contact {person_id} stayed in stage {now.stage!r}; is there a stage {label!r}?",
                200,
            )

    def create_field(self, custom: CustomField) -> None:
        """POST /customFields (an owner's key only)."""
        body: dict[str, Any] = {"label": custom.label, "type": custom.kind}
        if custom.kind == "date":
            body["isRecurring"] = custom.recurring
        if custom.choices:
            body["choices"] = list(custom.choices)
        self._api.send("POST", "customFields", body, records.FieldRecord)

    def create_stage(self, label: str) -> None:
        """POST /stages."""
        self._api.send("POST", "stages", {"name": label}, records.StageRecord)
