"""The query parameters of a list: each is made into one test of a record, once per request (facts,
sections 3 and 4.1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from connectors.sandbox.followupboss.errors import Refusal, not_served
from connectors.sandbox.followupboss.kinds import stamp
from connectors.sandbox.followupboss.resources import COMMON, Resource
from connectors.sandbox.followupboss.rules import digits
from connectors.sandbox.followupboss.tables import Record

if TYPE_CHECKING:
    from connectors.sandbox.followupboss.state import Account

Test = Callable[[Record], bool]
Op = Callable[[str], Callable[[Any], bool]]


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


def _among(text: str) -> Callable[[Any], bool]:
    wanted = set(text.split(","))
    return lambda value: (
        bool(wanted & {str(v) for v in value}) if isinstance(value, list) else str(value) in wanted
    )


def _equals(text: str) -> Callable[[Any], bool]:
    return lambda value: (
        text in value if isinstance(value, list) else value is not None and str(value) == text
    )


def _like(text: str) -> Callable[[Any], bool]:
    wanted = text.casefold()
    return lambda value: wanted in str(value or "").casefold()


def _true(text: str) -> Callable[[Any], bool]:
    wanted = is_true(text)
    return lambda value: bool(value) == wanted


def _beyond(edge: float, way: int) -> Callable[[Any], bool]:
    return lambda value: value is not None and value * way > edge * way


def _range(text: str) -> Callable[[Any], bool]:
    """`a` is on or after, `,b` on or before, `a,b` both."""
    first, _, last = text.partition(",")
    for day in (first, last):
        stamp(day or "2000-01-01")  # anything else is refused
    return lambda value: (
        value is not None and str(value) >= first and (not last or str(value) <= last)
    )


def is_true(text: str) -> bool:
    """How a yes is written in a query."""
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
    account: Account, resource: Resource, query: Mapping[str, str], user_id: int
) -> list[Test]:
    """What a record must pass. A parameter the service does not know is ignored, and you get the
    unfiltered list.
    """
    if resource.scope[0] and not resource.scope[0] & query.keys():
        raise Refusal(400, resource.scope[1])
    if query.get("smartListId") or (
        query.get("listId") and account.switches["list_id"] == "smartListId"
    ):
        raise not_served("GET", f"{resource.path}?smartListId")
    known = {
        **COMMON,
        **resource.filters,
        **{
            f["name"]: ("range" if f["type"] == "date" else "equals", f["name"])
            for f in account.custom(resource.path)
        },
    }
    if resource.path == "calls" and account.switches["calls_by_user"] == "ignored":
        del known["userId"]
    if resource.path == "deals":  # they have no `created` and no `updated`
        works = account.switches["created_after_on_deals"] == "works"
        known |= {
            name: (op, "createdAt")
            for name, (op, field) in COMMON.items()
            if field == "created" and works
        }
        known = {
            name: test for name, test in known.items() if test[1] not in {"created", "updated"}
        }
    if resource.path == "appointments" and ("start" in query) != ("end" in query):
        raise Refusal(400, "start and end must both be specified.")
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


def _test(account: Account, op: str, field: str, text: str, user_id: int) -> Test:
    if op == "due":
        return _due_test(account, text, user_id)
    passes = _moment(op, stamp(text), account) if op in {"after", "before"} else _OPS[op](text)
    value_of = _DERIVED.get(field)
    return (
        (lambda record: passes(value_of(record)))
        if value_of
        else (lambda record: passes(record.get(field)))
    )


def _moment(op: str, moment: str, account: Account) -> Callable[[Any], bool]:
    inclusive = account.switches["edge_of_after"] == "inclusive"
    if op == "after":
        return lambda value: bool(value) and (value > moment or (inclusive and value == moment))
    return lambda value: bool(value) and (value < moment or (inclusive and value == moment))


def _due_test(account: Account, text: str, user_id: int) -> Test:
    name = (
        account.user(user_id).get("timezone") if account.switches["due_today"] == "user" else None
    )
    zone = ZoneInfo(name) if name else UTC
    now = account.now().astimezone(zone)
    today = now.date().isoformat()

    def day(record: Record) -> str:
        timed = record.get("dueDateTime")
        return (
            f"{datetime.fromisoformat(timed).astimezone(zone):%Y-%m-%d}"
            if timed
            else record.get("dueDate") or ""
        )

    if text == "today":
        return lambda record: day(record) == today
    if text == "upcoming":
        return lambda record: day(record) > today
    if text == "overdue":
        return lambda record: "" < day(record) < today and not record.get("isCompleted")
    raise ValueError(text)
