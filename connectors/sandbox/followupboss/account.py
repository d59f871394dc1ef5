"""One CRM account: its records, answered and written as the service does it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.sandbox.followupboss.errors import NO_ACCESS, Refusal, invalid, unknown_field
from connectors.sandbox.followupboss.kinds import KINDS, yearless
from connectors.sandbox.followupboss.rendering import renderer
from connectors.sandbox.followupboss.resources import RESOURCES
from connectors.sandbox.followupboss.rules import WRITERS, accepted
from connectors.sandbox.followupboss.schema import EM_TYPES, Resource
from connectors.sandbox.followupboss.storage import Storage
from connectors.sandbox.followupboss.tables import Record
from connectors.sandbox.followupboss.touches import touch_people

MOST_EVENTS = 1000
CUSTOM_KINDS = {"number": "whole", "date": "day"}
LONGEST_CUSTOM = 256
"""Characters that the value of a custom field may have."""


class Account(Storage):
    """The storage of one CRM account with the checks and consequences of a write."""

    def render(self, path: str, record: Record, fields: str = "") -> Record:
        """One record by itself, as the service answers it."""
        return renderer(self, path, fields, single=True)(record)

    def create(self, path: str, body: Record, user_id: int, *, at: str = "") -> Record:
        """POST: make a new record with an id of its own, even if an equal one exists.

        *at* is the moment it happened, if not now. Raises Refusal for a body that the service
        refuses.
        """
        resource = RESOURCES[path]
        body = self._checked(resource, body, resource.creates, user_id)
        _require(resource.required, body)
        moment = at or self.stamp()
        record: Record = {
            "id": self.next_id(path),
            "created": moment,
            "updated": moment,
            "createdById": user_id,
            "updatedById": user_id,
        }
        WRITERS[path](self, record, body, user_id, True)
        self.put(path, record)
        touch_people(self, path, record)
        return record

    def update(
        self, path: str, record_id: int, body: Record, user_id: int, *, merge_tags: bool = False
    ) -> Record:
        """PUT: change the fields that *body* names and move `updated`.

        With *merge_tags* the tags are added to those of the record. Raises Refusal as `get` and
        `create` do.
        """
        resource = RESOURCES[path]
        record = self.get(path, record_id, user_id)
        body = accepted(self, path, body)
        body = self._checked(resource, body, resource.updates, user_id)
        _require([name for name in resource.required if name in body], body)
        if merge_tags and "tags" in body:
            body = {**body, "tags": [*record.get("tags", ()), *body["tags"]]}
        changed = {**record, "updated": self.stamp(), "updatedById": user_id}
        WRITERS[path](self, changed, body, user_id, False)
        self.tables[path][record_id] = changed
        if path == "tasks" and changed.get("completed") != record.get("completed"):
            touch_people(self, path, changed)
        return changed

    def checked_events(self, body: Record, user_id: int) -> list[Record]:
        """The email events of a POST, checked as a whole before the first one is written.

        Raises Refusal if one of them is malformed or there are too many.
        """
        events = body.get("emEvents")
        if body.keys() != {"emEvents"} or not isinstance(events, list):
            raise invalid("emEvents")
        if not all(isinstance(event, dict) for event in events):
            raise invalid("emEvents")
        if len(events) > MOST_EVENTS:
            raise Refusal(400, f"At most {MOST_EVENTS} emEvents can be sent at once.")
        for event in events:
            self._checked(RESOURCES["emEvents"], event, RESOURCES["emEvents"].creates, user_id)
            if event.get("type") not in EM_TYPES:
                raise invalid("type")
        return events

    def _checked(
        self, resource: Resource, body: Record, allowed: Mapping[str, str], user_id: int
    ) -> Record:
        """A copy of *body* whose fields are known and whose values suit them."""
        if resource.owner_only and not self.user(user_id).get("isOwner"):
            raise Refusal(403, NO_ACCESS)
        custom = {field["name"]: field for field in self.custom(resource.path)}
        for name, value in body.items():
            if name in allowed:
                suits = KINDS[allowed[name]](value)
            elif name in custom:
                suits = self._suits(custom[name], value)
            else:
                raise unknown_field(name)
            if not suits:
                raise invalid(name[:80])
        return dict(body)

    def _suits(self, field: Record, value: Any) -> bool:
        """Whether a custom field may have this value."""
        yearless_accepted = self.switches["yearless_dates"] == "accepted"
        if field.get("isRecurring") and yearless_accepted and yearless(value):
            return True
        if field["type"] == "dropdown" and self.switches["dropdown_outside_choices"] == "400":
            return value in (None, "", *field["choices"])
        kind = CUSTOM_KINDS.get(field["type"], "text")
        return KINDS[kind](value) and len(str(value)) <= LONGEST_CUSTOM


def _require(required: Iterable[str], body: Record) -> None:
    for name in required:
        if body.get(name) in (None, ""):
            raise Refusal(400, f"Missing required field '{name}'.")
