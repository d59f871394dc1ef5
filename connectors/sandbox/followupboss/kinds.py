"""Checks of values, one for each kind of field: for bodies, custom fields and verbs by hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any

Check = Callable[[Any], bool]
LARGEST = 2**31 - 1
_DAY = re.compile(r"[12]\d{3}-\d\d-\d\d", re.ASCII)
_MOMENT = re.compile(
    r"[12]\d{3}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?", re.ASCII
)


def stamp(text: str, *, offset: bool = True) -> str:
    """A date or date-time in the service's notation: UTC, whole seconds.

    A date-time without an offset is UTC; without *offset* the one it has is dropped. Raises
    ValueError if *text* is neither a date nor a date-time.
    """
    if _DAY.fullmatch(text):
        return f"{date.fromisoformat(text)}T00:00:00Z"
    if not _MOMENT.fullmatch(text):
        raise ValueError(text)
    moment = datetime.fromisoformat(text)
    moment = moment.astimezone(UTC) if offset and moment.tzinfo else moment
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def digits(phone: str) -> str:
    """The last ten digits of a phone number, as the service puts them into `normalized`."""
    return re.sub(r"[^0-9]", "", phone)[-10:]


def _is(kind: type, value: Any) -> bool:
    return value is None or type(value) is kind


def _text(value: Any) -> bool:
    return _is(str, value) and (value is None or "\0" not in value)


def _whole(value: Any) -> bool:
    return _is(int, value) and abs(value or 0) <= LARGEST


def _number(value: Any) -> bool:
    return value is None or (type(value) in {int, float} and abs(value) < 1e12)


def _flag(value: Any) -> bool:
    return type(value) in {bool, int} and value in {0, 1}


def _day(value: Any) -> bool:
    return value is None or (
        isinstance(value, str) and bool(_DAY.fullmatch(value)) and _dated(value)
    )


def _moment(value: Any) -> bool:
    return value is None or (isinstance(value, str) and _dated(value))


def _dated(value: str) -> bool:
    try:
        return bool(stamp(value))
    except ValueError:
        return False


def yearless(value: Any) -> bool:
    """Whether the value is a day without a year, `MM-DD`."""
    return (
        isinstance(value, str)
        and bool(re.fullmatch(r"\d\d-\d\d", value, re.ASCII))
        and _dated(f"2000-{value}")
    )


def _each(check: Check) -> Check:
    return lambda value: (
        isinstance(value, list) and all(item is not None and check(item) for item in value)
    )


def _items(allowed: Mapping[str, str]) -> Check:
    def check(value: Any) -> bool:
        return isinstance(value, list) and all(
            isinstance(item, dict)
            and all(name in allowed and KINDS[allowed[name]](v) for name, v in item.items())
            for item in value
        )

    return check


def kinds(**names: str) -> Mapping[str, str]:
    """Map each field to its kind, from one line of field names for each kind."""
    return MappingProxyType({name: kind for kind, line in names.items() for name in line.split()})


_REACH = kinds(
    text="value type status normalized",
    flag="isPrimary isLandline isOnboardingNumber",
    whole="id relationshipId",
)
KINDS: Mapping[str, Check] = MappingProxyType(
    {
        "text": _text,
        "whole": _whole,
        "number": _number,
        "flag": _flag,
        "day": _day,
        "moment": _moment,
        "ids": _each(_whole),
        "texts": _each(_text),
        "reaches": _items(_REACH),
        "addresses": _items(
            kinds(
                text="type street city state code country",
                whole="id relationshipId",
                flag="isPrimary",
            )
        ),
        "invitees": _items(
            kinds(text="name email picture", whole="userId personId relationshipId")
        ),
        "user": lambda value: _text(value) or _whole(value),
    }
)
