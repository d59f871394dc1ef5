"""One page of a collection: filters, order, and both kinds of cursor (facts, section 3).

A page in id order does not read the whole table.
"""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import islice
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec

from connectors.sandbox.followupboss.errors import DEEP_PAGINATION, Refusal
from connectors.sandbox.followupboss.filters import is_true, tests
from connectors.sandbox.followupboss.kinds import LARGEST
from connectors.sandbox.followupboss.rendering import renderer
from connectors.sandbox.followupboss.schema import PERSON, PERSON_MORE, Resource
from connectors.sandbox.followupboss.storage import Storage
from connectors.sandbox.followupboss.tables import Record, Table
from connectors.sandbox.followupboss.touches import with_derived

DEEP = 2000
"""The offset from which the service wants a cursor instead."""
Place = Annotated[int, msgspec.Meta(ge=0, le=LARGEST)]


def listed(
    account: Storage, resource: Resource, query: Mapping[str, str], user_id: int, url: str
) -> Record:
    """The body of a list as *user_id* sees it; *url* is the collection's own, for `nextLink`.

    Raises Refusal for a parameter with a value it cannot have, and for an offset that is too deep.
    """
    limit = _limit(account, query)
    asked_offset = _number(query.get("offset"), 0)
    if asked_offset >= DEEP:
        raise Refusal(400, DEEP_PAGINATION)
    table = account.tables[resource.path]
    ids, hidden = _matching(account, resource, query, user_id)
    field, descending = _order(account, resource, query.get("sort", ""))
    cursor = _cursor(query.get("next", ""))
    if field == "id":
        walk = _by_id(ids, cursor.get("sinceId"), descending)
    else:
        walk = iter(sorted(ids, key=_key(account, resource, field), reverse=descending))
    offset = 0 if "sinceId" in cursor else cursor.get("offset", asked_offset)
    if offset >= DEEP and account.switches["offset_cursor_ceiling"] == "2000":
        raise Refusal(400, DEEP_PAGINATION)
    # One more than the page shows whether there is a next one.
    page = list(islice((i for i in walk if i not in hidden), offset, offset + limit + 1))
    token = None
    if len(page) > limit:
        after_page = {"sinceId": page[limit - 1]} if field == "id" else {"offset": offset + limit}
        token = _token(after_page)
    metadata: Record = {
        "collection": resource.collection,
        "offset": offset,
        "limit": limit,
        "total": len(ids) - len(hidden),
    }
    if token or not resource.configuration:
        metadata |= {"next": token, "nextLink": _link(url, {"limit": str(limit), **query}, token)}
    render = renderer(account, resource.path, query.get("fields", ""))
    return {"_metadata": metadata, resource.collection: [render(table[i]) for i in page[:limit]]}


def _matching(
    account: Storage, resource: Resource, query: Mapping[str, str], user_id: int
) -> tuple[list[int], Collection[int]]:
    """The ids that pass, ascending, and the hidden ones among them.

    Without a filter no record is read.
    """
    wanted = tests(account, resource, query, user_id)
    table = account.tables[resource.path]
    hidden = _hidden(table, resource, query)
    ids = _candidates(table, resource, query)
    if ids is table.ids and not wanted:
        return ids, hidden
    shown: Iterator[Record] = (table[i] for i in ids if i not in hidden)
    for test in wanted:
        shown = filter(test, shown)
    return [record["id"] for record in shown], ()


def _hidden(table: Table, resource: Resource, query: Mapping[str, str]) -> set[int]:
    """The ids that the list leaves out because no parameter asks for them."""
    hidden: set[int] = set()
    for parameter, field, value in resource.hidden:
        asked = is_true(query.get(parameter, "")) or (field == "status" and query.get(field))
        if not asked:
            hidden |= table.having(field, value)
    return hidden


def _candidates(table: Table, resource: Resource, query: Mapping[str, str]) -> list[int]:
    """The ids that can pass, ascending: by person or by id if the query names some, else all."""
    if "personId" in query and "personId" in resource.indexes:
        people = [_number(part, 0) for part in query["personId"].split(",")]
        return sorted(set().union(*(table.having("personId", person) for person in people)))
    if query.get("id"):
        numbers = {_number(part, 0) for part in query["id"].split(",")}
        return sorted(number for number in numbers if number in table)
    return table.ids


def _by_id(ids: list[int], since: int | None, descending: bool) -> Iterator[int]:
    """The ids from the cursor on, without a copy of the others."""
    if descending:
        end = len(ids) if since is None else bisect_left(ids, since)
        return (ids[n] for n in range(end - 1, -1, -1))
    first = 0 if since is None else bisect_right(ids, since)
    return (ids[n] for n in range(first, len(ids)))


def _limit(account: Storage, query: Mapping[str, str]) -> int:
    limit = max(1, _number(query.get("limit"), 10))
    if limit > 100 and account.switches["limit_above_100"] == "400":
        raise Refusal(400, "limit may be at most 100.")
    return min(100, limit)


def _order(account: Storage, resource: Resource, sort: str) -> tuple[str, bool]:
    """The field to sort by and whether it descends; newest first for an unknown field."""
    field = sort.removeprefix("-")
    custom = {f["name"] for f in account.custom(resource.path)}
    known = {"id", "created", "updated"} | resource.blank.keys() | custom
    if resource.blank is PERSON:
        known |= PERSON_MORE.keys()
    if field in known or (field and not resource.blank):
        return field, sort.startswith("-")
    return "id", True


def _key(
    account: Storage, resource: Resource, field: str
) -> Callable[[int], tuple[bool, Any, int]]:
    """The sort key of a record id: records without a value come before those with one."""
    table = account.tables[resource.path]

    def key(number: int) -> tuple[bool, Any, int]:
        record = table[number]
        if resource.blank is PERSON:
            record = with_derived(account, record)
        value = record.get(field)
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
