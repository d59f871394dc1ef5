"""One page of a collection: filters, order, both kinds of cursor, and what it costs: a page by id
is no walk through the table.
"""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

import msgspec

from connectors.sandbox.followupboss.effects import told
from connectors.sandbox.followupboss.errors import DEEP_PAGINATION, Refusal
from connectors.sandbox.followupboss.filters import is_true, tests
from connectors.sandbox.followupboss.kinds import LARGEST
from connectors.sandbox.followupboss.resources import PERSON, PERSON_MORE, Resource
from connectors.sandbox.followupboss.tables import Record

if TYPE_CHECKING:
    from connectors.sandbox.followupboss.state import Account

DEEP = 2000
Place = Annotated[int, msgspec.Meta(ge=0, le=LARGEST)]


def listed(
    account: Account, resource: Resource, query: Mapping[str, str], user_id: int, url: str
) -> Record:
    """The body of a list as *user_id* sees it; *url* is the collection's own, for `nextLink`."""
    limit = _limit(account, query)
    offset = _number(query.get("offset"), 0)
    if offset >= DEEP:
        raise Refusal(400, DEEP_PAGINATION)
    table = account.tables[resource.path]
    ids, hidden = _matching(account, resource, query, user_id)
    total = len(ids) - len(hidden)
    field, descending = _order(account, resource, query.get("sort", ""))
    cursor = _cursor(query.get("next", ""))
    walk = (
        _by_id(ids, cursor.get("sinceId"), descending)
        if field == "id"
        else iter(sorted(ids, key=_key(account, resource, field), reverse=descending))
    )
    offset = 0 if "sinceId" in cursor else cursor.get("offset", offset)
    if offset >= DEEP and account.switches["offset_cursor_ceiling"] == "2000":
        raise Refusal(400, DEEP_PAGINATION)
    page = list(islice((i for i in walk if i not in hidden), offset, offset + limit + 1))
    token = None
    if len(page) > limit:
        token = _token(
            {"sinceId": page[limit - 1]} if field == "id" else {"offset": offset + limit}
        )
    metadata: Record = {
        "collection": resource.collection,
        "offset": offset,
        "limit": limit,
        "total": total,
    }
    if token or not resource.configuration:
        metadata |= {"next": token, "nextLink": _link(url, {"limit": str(limit), **query}, token)}
    render = account.rendering(resource.path, query.get("fields", ""))
    return {"_metadata": metadata, resource.collection: [render(table[i]) for i in page[:limit]]}


def _matching(
    account: Account, resource: Resource, query: Mapping[str, str], user_id: int
) -> tuple[list[int], Collection[int]]:
    """The ids that pass, ascending, and those among them that are hidden: without a filter, no
    record is looked at.
    """
    wanted = tests(account, resource, query, user_id)
    table = account.tables[resource.path]
    hidden: set[int] = set()
    for parameter, field, value in resource.hidden:
        asked = is_true(query.get(parameter, "")) or (field == "status" and query.get(field))
        hidden |= frozenset() if asked else table.having(field, value)
    ids: list[int] = table.ids
    if "personId" in query and "personId" in resource.indexes:
        people = (_number(part, 0) for part in query["personId"].split(","))
        ids = sorted(set().union(*(table.having("personId", person) for person in people)))
    elif query.get("id"):
        ids = sorted({i for part in query["id"].split(",") if (i := _number(part, 0)) in table})
    if ids is table.ids and not wanted:
        return ids, hidden
    return [i for i in ids if i not in hidden and all(test(table[i]) for test in wanted)], ()


def _by_id(ids: list[int], since: int | None, descending: bool) -> Iterator[int]:
    """The ids from the cursor on, without a copy of the others."""
    first, end = 0, len(ids)
    if since is not None:
        first, end = (
            (first, bisect_left(ids, since)) if descending else (bisect_right(ids, since), end)
        )
    return (ids[n] for n in (range(end - 1, first - 1, -1) if descending else range(first, end)))


def _limit(account: Account, query: Mapping[str, str]) -> int:
    limit = max(1, _number(query.get("limit"), 10))
    if limit > 100 and account.switches["limit_above_100"] == "400":
        raise Refusal(400, "limit may be at most 100.")
    return min(100, limit)


def _order(account: Account, resource: Resource, sort: str) -> tuple[str, bool]:
    """The field and whether it descends; an unknown one is the default, newest first."""
    field = sort.removeprefix("-")
    known = (
        {"id", "created", "updated"}
        | resource.blank.keys()
        | {f["name"] for f in account.custom(resource.path)}
    )
    known |= PERSON_MORE.keys() if resource.blank is PERSON else set()
    return (
        (field, sort.startswith("-"))
        if field in known or (field and not resource.blank)
        else ("id", True)
    )


def _key(
    account: Account, resource: Resource, field: str
) -> Callable[[int], tuple[bool, Any, int]]:
    table = account.tables[resource.path]

    def key(number: int) -> tuple[bool, Any, int]:
        record = table[number]
        value = (told(account, record) if resource.blank is PERSON else record).get(field)
        return value is not None, value if isinstance(value, int | float) else str(value), number

    return key


def _number(text: str | None, default: int) -> int:
    try:
        return max(0, int(text)) if text else default
    except ValueError as problem:
        raise Refusal(400, "Invalid parameter value.") from problem


def _token(value: Record) -> str:
    return base64.b64encode(msgspec.json.encode(value)).decode()


def _cursor(token: str) -> dict[str, int]:
    if not token:
        return {}
    try:
        return msgspec.json.decode(base64.b64decode(token, validate=True), type=dict[str, Place])
    except (binascii.Error, ValueError) as problem:
        raise Refusal(400, "Invalid next parameter.") from problem


def _link(url: str, query: Mapping[str, str], token: str | None) -> str | None:
    if token is None:
        return None
    rest = {name: value for name, value in query.items() if name not in {"next", "offset"}}
    return f"{url}?{urlencode(rest)}&&{urlencode({'next': token})}"
