"""The CRM account as the sandbox keeps it: its tables, who sees what, what a record looks like, and
how one is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.sandbox.followupboss import effects, rules
from connectors.sandbox.followupboss.errors import (
    NO_ACCESS,
    NOT_FOUND,
    Refusal,
    invalid,
    unknown_field,
)
from connectors.sandbox.followupboss.kinds import KINDS, yearless
from connectors.sandbox.followupboss.resources import (
    EM_TYPES,
    PERSON,
    PERSON_MORE,
    RESOURCES,
    Resource,
)
from connectors.sandbox.followupboss.switches import settled
from connectors.sandbox.followupboss.tables import Record, Table

FRESH = timedelta(seconds=5)
MOST_EVENTS = 1000
CUSTOM_KINDS = {"number": "whole", "date": "day"}


class Account:
    """One CRM account. A record is a plain dict that may lack what it has nothing to say about; it
    is changed by putting it again.

    *now* gives the instant (aware, UTC) that stamps `created` and `updated`; *switches* take the
    sides that the facts leave open.
    """

    def __init__(
        self,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        account_id: int = 1001,
        domain: str = "sandbox",
        switches: Mapping[str, str] | None = None,
    ) -> None:
        self.now = now
        self.id = account_id
        self.domain = domain
        self.switches = settled(switches or {})
        self.tables: dict[str, Table] = {
            path: Table(resource.indexes) for path, resource in RESOURCES.items()
        }
        self.keys: dict[str, int] = {}
        self._sources = {"<unspecified>": 1}
        self._next = dict.fromkeys(RESOURCES, 1)

    # -- reading -----------------------------------------------------------------------------------

    def stamp(self) -> str:
        """Now, as the service writes it."""
        return f"{self.now().astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"

    def fresh_since(self) -> str:
        """What was created later than this is new, where a switch makes a difference of that."""
        return f"{self.now().astimezone(UTC) - FRESH:%Y-%m-%dT%H:%M:%SZ}"

    def user(self, user_id: int) -> Record:
        """A user; an unknown one is nobody."""
        return self.tables["users"].get(user_id, {"id": user_id, "name": "", "role": "Agent"})

    def sees_all(self, user_id: int) -> bool:
        """Whether this user's key shows the whole account."""
        user = self.user(user_id)
        return bool(user.get("isOwner")) or user.get("role") in {"Broker", "Admin"}

    def visible(self, path: str, record: Record, user_id: int) -> bool:
        """Whether this user's key shows *record*: an agent sees their own contacts and what hangs
        on those.
        """
        if self.sees_all(user_id) or RESOURCES[path].configuration or path == "users":
            return True
        if path == "people":
            return record.get("assignedUserId") == user_id or any(
                c["id"] == user_id for c in record.get("collaborators", ())
            )
        if path == "deals":
            return any(u["id"] == user_id for u in record.get("users", ()))
        if path == "appointments":
            return user_id == record.get("createdById") or any(
                i.get("userId") == user_id for i in record.get("invitees", ())
            )
        if (
            path == "tasks"
            and record.get("assignedUserId") == user_id
            and self.switches["assigned_tasks"] == "visible"
        ):
            return True
        person = self.tables["people"].get(record.get("personId") or 0)
        return person is not None and self.visible("people", person, user_id)

    def get(self, path: str, record_id: int, user_id: int) -> Record:
        """One record, or the refusal that it is missing, not yours, or too new."""
        record = self.tables[path].get(record_id)
        if record is None:
            raise Refusal(404, NOT_FOUND)
        if not self.visible(path, record, user_id):
            raise self._refused("not_yours")
        if (
            path == "people"
            and self.switches["fresh_contact"] != "readable"
            and record["created"] > self.fresh_since()
        ):
            raise self._refused("fresh_contact")
        return record

    def _refused(self, switch: str) -> Refusal:
        return (
            Refusal(404, NOT_FOUND) if self.switches[switch] == "404" else Refusal(403, NO_ACCESS)
        )

    def source_id(self, name: str) -> int:
        """The id of a source of people: the first contact of a new one gives it the next."""
        return self._sources.setdefault(name, len(self._sources) + 1)

    def custom(self, path: str) -> list[Record]:
        """The custom fields of a collection."""
        return list(self.tables[RESOURCES[path].custom].values()) if RESOURCES[path].custom else []

    def rendering(
        self, path: str, fields: str = "", *, single: bool = False
    ) -> Callable[[Record], Record]:
        """How a record of this collection is answered when these *fields* are asked for.

        Custom fields come with a deal always, with a person when asked for; a *single* task names
        its person.
        """
        resource = RESOURCES[path]
        shape = {**resource.blank, **dict.fromkeys((f["name"] for f in self.custom(path)), None)}
        if path == "people":
            return self._person_rendering(
                shape, {name.strip() for name in fields.split(",") if name.strip()}
            )
        if not resource.blank:
            return dict
        extra = (
            {"tasks": self._with_person, "stages": self._with_count}.get(path)
            if single or path == "stages"
            else None
        )
        return lambda record: {
            **{name: record.get(name, default) for name, default in shape.items()},
            **(extra(record) if extra else {}),
        }

    def render(self, path: str, record: Record, fields: str = "") -> Record:
        """One record by itself, as the service answers it."""
        return self.rendering(path, fields, single=True)(record)

    def _person_rendering(self, shape: Record, wanted: set[str]) -> Callable[[Record], Record]:
        custom = shape.keys() - PERSON.keys()
        whole = {**PERSON, **PERSON_MORE, **shape}
        if "allFields" in wanted:
            shown = whole
        elif wanted:
            unknown = wanted - whole.keys() - {"allCustom", "relationships"}
            if unknown and self.switches["unknown_name_in_fields"] == "400":
                raise Refusal(400, f"Invalid field '{min(unknown)[:80]}' in the fields parameter.")
            named = wanted | {"id"} | (custom if "allCustom" in wanted else set())
            shown = {name: default for name, default in whole.items() if name in named}
        else:
            shown = dict(PERSON)
        if self.switches["unset_custom"] == "null" and shown is whole:
            return lambda record: {**whole, **effects.told(self, record)}
        absent = custom if self.switches["unset_custom"] == "absent" else frozenset()

        def render(record: Record) -> Record:
            told = effects.told(self, record)
            return {
                name: told.get(name, default)
                for name, default in shown.items()
                if name in told or name not in absent
            }

        return render

    def _with_person(self, record: Record) -> Record:
        person = self.tables["people"].get(record.get("personId") or 0, {})
        return {"person": {"id": record.get("personId"), "name": person.get("name", "")}}

    def _with_count(self, record: Record) -> Record:
        return {"peopleCount": len(self.tables["people"].having("stage", record["name"]))}

    # -- writing -----------------------------------------------------------------------------------

    def create(self, path: str, body: Record, user_id: int, *, at: str = "") -> Record:
        """POST: a new record with its own id; nothing keeps two equal ones apart. *at* is when it
        happened, if not now.
        """
        resource = RESOURCES[path]
        body = self._checked(resource, body, resource.creates, user_id)
        self._complete(resource.required, body)
        moment = at or self.stamp()
        record: Record = {
            "id": self._next[path],
            "created": moment,
            "updated": moment,
            "createdById": user_id,
            "updatedById": user_id,
        }
        rules.WRITERS[path](self, record, body, user_id, True)
        self.put(path, record)
        effects.follow(self, path, record)
        return record

    def update(
        self, path: str, record_id: int, body: Record, user_id: int, *, merge_tags: bool = False
    ) -> Record:
        """PUT: absent keys stay; `updated` moves."""
        resource = RESOURCES[path]
        record = self.get(path, record_id, user_id)
        body = rules.accepted(self, path, body)
        body = self._checked(resource, body, resource.updates, user_id)
        self._complete([name for name in resource.required if name in body], body)
        if merge_tags and "tags" in body:
            body = {**body, "tags": [*record.get("tags", ()), *body["tags"]]}
        changed = {**record, "updated": self.stamp(), "updatedById": user_id}
        rules.WRITERS[path](self, changed, body, user_id, False)
        self.tables[path][record_id] = changed
        if path == "tasks" and changed.get("completed") != record.get("completed"):
            effects.follow(self, path, changed)
        return changed

    def checked_events(self, body: Record, user_id: int) -> list[Record]:
        """The mail events of a POST, all of them well-formed, before the first is written."""
        events = body.get("emEvents")
        if (
            body.keys() != {"emEvents"}
            or not isinstance(events, list)
            or not all(isinstance(e, dict) for e in events)
        ):
            raise invalid("emEvents")
        if len(events) > MOST_EVENTS:
            raise Refusal(400, f"At most {MOST_EVENTS} emEvents can be sent at once.")
        for event in events:
            self._checked(RESOURCES["emEvents"], event, RESOURCES["emEvents"].creates, user_id)
            if event.get("type") not in EM_TYPES:
                raise invalid("type")
        return events

    def put(self, path: str, record: Record) -> Record:
        """Place a whole record, as the seed does; its id is given or drawn."""
        record.setdefault("id", self._next[path])
        self._next[path] = max(self._next[path], record["id"] + 1)
        self.tables[path][record["id"]] = record
        return record

    def _checked(
        self, resource: Resource, body: Record, allowed: Mapping[str, str], user_id: int
    ) -> Record:
        if resource.owner_only and not self.user(user_id).get("isOwner"):
            raise Refusal(403, NO_ACCESS)
        custom = {f["name"]: f for f in self.custom(resource.path)}
        for name, value in body.items():
            if name not in allowed and name not in custom:
                raise unknown_field(name)
            if not (
                KINDS[allowed[name]](value) if name in allowed else self._suits(custom[name], value)
            ):
                raise invalid(name[:80])
        return dict(body)

    def _complete(self, required: Iterable[str], body: Record) -> None:
        for name in required:
            if body.get(name) in (None, ""):
                raise Refusal(400, f"Missing required field '{name}'.")

    def _suits(self, field: Record, value: Any) -> bool:
        if (
            field.get("isRecurring")
            and self.switches["yearless_dates"] == "accepted"
            and yearless(value)
        ):
            return True
        if field["type"] == "dropdown" and self.switches["dropdown_outside_choices"] == "400":
            return value in (None, "", *field["choices"])
        return KINDS[CUSTOM_KINDS.get(field["type"], "text")](value) and len(str(value)) <= 256
