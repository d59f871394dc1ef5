"""The query parameters of a list, each as one test of a record (facts, sections 3 and 4.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from connectors.sandbox.followupboss.errors import Refusal, not_served
from connectors.sandbox.followupboss.kinds import digits, stamp
from connectors.sandbox.followupboss.schema import COMMON, Resource
from connectors.sandbox.followupboss.storage import Storage
from connectors.sandbox.followupboss.tables import Record

Test = Callable[[Record], bool]
Passes = Callable[[Any], bool]
"""A test of one value of a record."""
Op = Callable[[str], Passes]

_DERIVED: Mapping[str, Callable[[Record], Any]] = MappingProxyType(
    {
        "_emails": lambda r: [e["value"].casefold() for e in r.get("emails", ())],
        "_phones": lambda r: [p.get("normalized") for p in r.get("phones", ())],
        "_invited": lambda r: [i.get("personId") for i in r.get("invitees", ())],
        "_hosts": lambda r: [i.get("userId") for i in r.get("invitees", ())],
        "_users": lambda r: [u["id"] for u in r.get("users", ())],
        "_people": lambda r: [p["id"] for p in r.get("people", ())],
        "_number": lambda r: [r.get("toNumber"), r.get("fromNumber")],
        "_due": lambda r: r.get("dueDate") or (r.get("dueDateTime") or "")[:10] or None,
        "_task": lambda r: r,
    }
)


def _among(text: str) -> Passes:
    wanted = set(text.split(","))

    def passes(value: Any) -> bool:
        if isinstance(value, list):
            return not wanted.isdisjoint(map(str, value))
        return str(value) in wanted

    return passes


def _equals(text: str) -> Passes:
    def passes(value: Any) -> bool:
        if isinstance(value, list):
            return text in value
        return value is not None and str(value) == text

    return passes


def _like(text: str) -> Passes:
    wanted = text.casefold()
    return lambda value: wanted in str(value or "").casefold()


def _true(text: str) -> Passes:
    wanted = is_true(text)
    return lambda value: bool(value) == wanted


def _beyond(edge: float, way: int) -> Passes:
    return lambda value: value is not None and value * way > edge * way


def _range(text: str) -> Passes:
    """Test for a range of days: `a` is on or after, `,b` on or before, `a,b` both."""
    first, _, last = text.partition(",")
    for day in (first, last):
        stamp(day or "2000-01-01")  # anything else is refused
    return lambda value: (
        value is not None and str(value) >= first and (not last or str(value) <= last)
    )


def is_true(text: str) -> bool:
    """Whether the text of a query parameter means yes."""
    return text.casefold() in {"1", "true"}


_OPS: Mapping[str, Op] = MappingProxyType(
    {
        "among": _among,
        "equals": _equals,
        "like": _like,
        "true": _true,
        "range": _range,
        "text": lambda text: _equals(text.casefold()),
        "phone": lambda text: _equals(digits(text)),
        "from_": lambda text: _range(stamp(text)[:10]),
        "until": lambda text: _range(f",{stamp(text)[:10]}"),
        "above": lambda text: _beyond(float(text), 1),
        "below": lambda text: _beyond(float(text), -1),
    }
)


def tests(
    account: Storage, resource: Resource, query: Mapping[str, str], user_id: int
) -> list[Test]:
    """The tests that a record must pass to be in the list.

    A parameter that the service does not know is ignored. Raises Refusal for a parameter with a
    value it cannot have, and for a list without the parameters it demands.
    """
    _require(account, resource, query)
    known = _known(account, resource)
    try:
        found = [
            _test(account, *known[name], text, user_id)
            for name, text in query.items()
            if name in known and text
        ]
    except ValueError as problem:
        raise Refusal(400, "Invalid parameter value.") from problem
    if not account.sees_all(user_id):
        found.append(lambda record: account.visible(resource.path, record, user_id))
    if account.switches["list_lag"] != "none":
        fresh = account.fresh_since()
        found.append(
            lambda record: (record.get("created") or record.get("createdAt") or "") <= fresh
        )
    return found


def _require(account: Storage, resource: Resource, query: Mapping[str, str]) -> None:
    """Raise Refusal unless the list may be asked for with these parameters."""
    demanded, sentence = resource.scope
    if demanded and not demanded & query.keys():
        raise Refusal(400, sentence)
    list_id = query.get("listId") and account.switches["list_id"] == "smartListId"
    if query.get("smartListId") or list_id:
        raise not_served("GET", f"{resource.path}?smartListId")
    if resource.path == "appointments" and ("start" in query) != ("end" in query):
        raise Refusal(400, "start and end must both be specified.")


def _known(account: Storage, resource: Resource) -> dict[str, tuple[str, str]]:
    """Parameter to (operation, field), for every parameter that filters this collection."""
    known = {**COMMON, **resource.filters}
    for custom in account.custom(resource.path):
        known[custom["name"]] = ("range" if custom["type"] == "date" else "equals", custom["name"])
    if resource.path == "calls" and account.switches["calls_by_user"] == "ignored":
        del known["userId"]
    if resource.path != "deals":
        return known
    # Deals have neither `created` nor `updated`.
    works = account.switches["created_after_on_deals"] == "works"
    of_deals = {}
    for name, (op, field) in known.items():
        if field == "created" and works:
            of_deals[name] = (op, "createdAt")
        elif field not in {"created", "updated"}:
            of_deals[name] = (op, field)
    return of_deals


def _test(account: Storage, op: str, field: str, text: str, user_id: int) -> Test:
    if op == "due":
        return _due_test(account, text, user_id)
    passes = _moment(op, stamp(text), account) if op in {"after", "before"} else _OPS[op](text)
    value_of = _DERIVED.get(field)
    if value_of:
        return lambda record: passes(value_of(record))
    return lambda record: passes(record.get(field))


def _moment(op: str, moment: str, account: Storage) -> Passes:
    inclusive = account.switches["edge_of_after"] == "inclusive"
    if op == "after":
        return lambda value: bool(value) and (value > moment or (inclusive and value == moment))
    return lambda value: bool(value) and (value < moment or (inclusive and value == moment))


def _due_test(account: Storage, text: str, user_id: int) -> Test:
    users_day = account.switches["due_today"] == "user"
    name = account.user(user_id).get("timezone") if users_day else None
    zone = ZoneInfo(name) if name else UTC
    now = account.now().astimezone(zone)
    today = now.date().isoformat()

    def day(record: Record) -> str:
        timed = record.get("dueDateTime")
        if timed:
            return f"{datetime.fromisoformat(timed).astimezone(zone):%Y-%m-%d}"
        return record.get("dueDate") or ""

    if text == "today":
        return lambda record: day(record) == today
    if text == "upcoming":
        return lambda record: day(record) > today
    if text == "overdue":
        return lambda record: "" < day(record) < today and not record.get("isCompleted")
    raise ValueError(text)
