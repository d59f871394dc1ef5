"""The records of one CRM account, and what each key may see of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from connectors.sandbox.followupboss.errors import NO_ACCESS, NOT_FOUND, Refusal
from connectors.sandbox.followupboss.resources import RESOURCES
from connectors.sandbox.followupboss.switches import settled
from connectors.sandbox.followupboss.tables import Record, Table

FRESH = timedelta(seconds=5)
"""How long a record counts as just created, where a switch treats those differently."""


def _on_person(record: Record, user_id: int) -> bool:
    return record.get("assignedUserId") == user_id or any(
        member["id"] == user_id for member in record.get("collaborators", ())
    )


def _on_deal(record: Record, user_id: int) -> bool:
    return any(user["id"] == user_id for user in record.get("users", ()))


def _on_appointment(record: Record, user_id: int) -> bool:
    return user_id == record.get("createdById") or any(
        invitee.get("userId") == user_id for invitee in record.get("invitees", ())
    )


_NAMES_USER: Mapping[str, Callable[[Record, int], bool]] = MappingProxyType(
    {"people": _on_person, "deals": _on_deal, "appointments": _on_appointment}
)


class Storage:
    """The tables of one CRM account. A record is a plain dict, changed by putting it again.

    A record may lack fields that have no value. *now* gives the instant (aware, UTC) that stamps
    `created` and `updated`; *switches* choose among the answers that the facts leave open.
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
        """API key to user id."""
        self._sources = {"<unspecified>": 1}
        self._next = dict.fromkeys(RESOURCES, 1)

    # -- time --------------------------------------------------------------------------------------

    def stamp(self) -> str:
        """The present moment in the service's notation."""
        return f"{self.now().astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"

    def fresh_since(self) -> str:
        """The moment after which a created record still counts as new (see FRESH)."""
        return f"{self.now().astimezone(UTC) - FRESH:%Y-%m-%dT%H:%M:%SZ}"

    # -- who sees which record ---------------------------------------------------------------------

    def user(self, user_id: int) -> Record:
        """The user with this id; a nameless agent if there is no such user."""
        return self.tables["users"].get(user_id, {"id": user_id, "name": "", "role": "Agent"})

    def sees_all(self, user_id: int) -> bool:
        """Whether this user's key shows the whole account."""
        user = self.user(user_id)
        return bool(user.get("isOwner")) or user.get("role") in {"Broker", "Admin"}

    def visible(self, path: str, record: Record, user_id: int) -> bool:
        """Whether this user's key shows *record*.

        An agent sees their own contacts, and the tasks, notes and touches on those.
        """
        if self.sees_all(user_id) or RESOURCES[path].configuration or path == "users":
            return True
        if path in _NAMES_USER:
            return _NAMES_USER[path](record, user_id)
        if path == "tasks" and self._shows_as_assigned(record, user_id):
            return True
        person = self.tables["people"].get(record.get("personId") or 0)
        return person is not None and _on_person(person, user_id)

    def _shows_as_assigned(self, task: Record, user_id: int) -> bool:
        assigned = task.get("assignedUserId") == user_id
        return assigned and self.switches["assigned_tasks"] == "visible"

    def get(self, path: str, record_id: int, user_id: int) -> Record:
        """One record. Raises Refusal if it is missing, not visible to the user, or too new."""
        record = self.tables[path].get(record_id)
        if record is None:
            raise Refusal(404, NOT_FOUND)
        if not self.visible(path, record, user_id):
            raise self._refused("not_yours")
        if path == "people" and self._too_new(record):
            raise self._refused("fresh_contact")
        return record

    def _too_new(self, person: Record) -> bool:
        if self.switches["fresh_contact"] == "readable":
            return False
        return bool(person["created"] > self.fresh_since())

    def _refused(self, switch: str) -> Refusal:
        if self.switches[switch] == "404":
            return Refusal(404, NOT_FOUND)
        return Refusal(403, NO_ACCESS)

    # -- keeping -----------------------------------------------------------------------------------

    def custom(self, path: str) -> list[Record]:
        """The custom fields of a collection."""
        return list(self.tables[RESOURCES[path].custom].values()) if RESOURCES[path].custom else []

    def source_id(self, name: str) -> int:
        """The id of a source of people; a new name gets the next id."""
        return self._sources.setdefault(name, len(self._sources) + 1)

    def next_id(self, path: str) -> int:
        """The id that the next record of this collection gets."""
        return self._next[path]

    def put(self, path: str, record: Record) -> Record:
        """Store a whole record unchecked, as the seed does; without an id it gets the next one."""
        record.setdefault("id", self._next[path])
        self._next[path] = max(self._next[path], record["id"] + 1)
        self.tables[path][record["id"]] = record
        return record
