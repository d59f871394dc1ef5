"""Who changed of late: people by their edits and, as touches do not move `updated`, by their latest
touches (facts 3.3, 4.1, 6).
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
"""The parameters of a list of people that leaves nobody and nothing out."""
TOUCHES: Mapping[str, Callable[[Person], datetime | None]] = MappingProxyType(
    {
        "lastText": lambda p: wire.instant(p.last_text),
        "lastEmail": lambda p: wire.instant(p.last_email),
        "lastCall": lambda p: wire.instant(p.last_call),
        "lastCommunication": lambda p: wire.instant(p.last_communication),
    }
)
"""By which people can be had with the latest touch first: the service has no list of all texts or
e-mails, but it has this.
"""


def since(api: Api, kind: type[P], moment: datetime) -> tuple[list[P], int]:
    """Everyone made, edited or touched since *moment* (aware), and how many people there are; six
    requests on an ordinary account.

    A filter that the service ignores costs requests and nothing else. Raises Incomplete where it
    ignores the order.
    """
    found: dict[int, P] = {}
    for name in ("updatedAfter", "createdAfter"):
        found |= {p.id: p for p in api.list("people", kind, {**EVERYBODY, name: wire.utc(moment)})}
    total = 0
    for name, at in TOUCHES.items():
        touched, total = api.latest("people", kind, {**EVERYBODY, "sort": f"-{name}"}, at, moment)
        found |= {p.id: p for p in touched}
    return list(found.values()), total
