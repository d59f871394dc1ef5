"""Recently changed people: by their edits, and by their latest touches (facts 3.3, 4.1, 6).

A touch does not move `updated`, so it must be looked for separately.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TypeVar

from connectors.followupboss import wire
from connectors.followupboss.api import Api
from connectors.followupboss.records import Person

P = TypeVar("P", bound=Person)
EVERYBODY: Mapping[str, str] = MappingProxyType(
    {"fields": "allFields", "includeTrash": "true", "includeUnclaimed": "true"}
)
"""The parameters of a list of all people with all their fields."""
TOUCHES: Mapping[str, Callable[[Person], datetime | None]] = MappingProxyType(
    {
        "lastText": lambda p: wire.instant(p.last_text),
        "lastEmail": lambda p: wire.instant(p.last_email),
        "lastCall": lambda p: wire.instant(p.last_call),
        "lastCommunication": lambda p: wire.instant(p.last_communication),
    }
)
"""The fields to sort people by, latest touch first.

The service has no list of all texts or emails, but it can sort people by these.
"""


def since(api: Api, kind: type[P], moment: datetime) -> tuple[list[P], int]:
    """The people created, edited or touched since *moment* (aware), and the number of all people.

    Six requests on an ordinary account. A filter that the service ignores only costs requests.
    Raises Incomplete if it ignores the order.
    """
    found: dict[int, P] = {}
    for name in ("updatedAfter", "createdAfter"):
        found |= {p.id: p for p in api.list("people", kind, {**EVERYBODY, name: wire.utc(moment)})}
    total = 0
    for name, at in TOUCHES.items():
        touched, total = api.latest("people", kind, {**EVERYBODY, "sort": f"-{name}"}, at, moment)
        found |= {p.id: p for p in touched}
    return list(found.values()), total
