"""The shape of every request body, from `messages.txt`: what is unknown, of a wrong type or missing
is Google's 400.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

from connectors.sandbox.sheets import masks
from connectors.sandbox.sheets.errors import ApiError, violation

Json = dict[str, Any]
TYPES = {
    "i": "TYPE_INT32",
    "u": "TYPE_INT32",
    "n": "TYPE_DOUBLE",
    "b": "TYPE_BOOL",
    "s": "TYPE_STRING",
}
_MASK = "type.googleapis.com/google.protobuf.FieldMask"
_LIST = "type.googleapis.com/google.protobuf.ListValue"


def _read() -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]], frozenset[str]]:
    text = Path(__file__).with_name("messages.txt").read_text(encoding="utf-8")
    table = dict(re.findall(r"^([=!\w]+) ?(.*)$", text, re.M))
    unserved = frozenset(table.pop("!unserved").split())
    found = {}
    for name, fields in table.items():
        if not name.startswith("="):
            pairs = (field.split(":", 1) for field in fields.split())
            found[name] = {
                field: re.sub(r"^=\w+", lambda m: table[m[0]], kind) for field, kind in pairs
            }
    sent = {
        name: {field: kind for field, kind in fields.items() if not kind.endswith("-")}
        for name, fields in found.items()
    }
    return (
        sent,
        {
            name: {field: kind.rstrip("!-") for field, kind in fields.items()}
            for name, fields in found.items()
        },
        unserved,
    )


MESSAGES, ANSWERS, UNSERVED = _read()
"""What may be sent, what may be read (with what may be sent), and the requests of batchUpdate that
are not served.
"""


def checked(body: Json, message: str, at: str = "") -> Json:
    """*body* as a *message*: nulls dropped, numbers in strings made numbers. Raises ApiError for
    anything else.
    """
    fields, found = MESSAGES[message], {}
    for name, inner in body.items():
        if name not in fields:
            if name in ANSWERS[message]:
                raise ApiError(
                    501, f"The sandbox does not serve {name} in the body of a {message}."
                )
            raise violation(
                at,
                f'Invalid JSON payload received. Unknown name "{name}"{at and f" at {at!r}"}:'
                " Cannot find field.",
            )
        if inner is not None:
            found[name] = _value(
                inner, fields[name].rstrip("!"), f"{at}.{_snake(name)}".lstrip(".")
            )
    for name, kind in fields.items():
        if kind.startswith("@") and not found.get(name):
            raise ApiError(
                400,
                "At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)",
            )
        if kind.endswith("!") and name not in found:
            raise ApiError(400, f"{name} must be specified.")
    return found


def _request(value: Json, at: str) -> Json:
    """One request of a batchUpdate: exactly one kind is set, and the sandbox serves it."""
    kinds = [name for name, arguments in value.items() if arguments is not None]
    for name in kinds:
        if name in UNSERVED:
            raise ApiError(
                501, f"The sandbox does not serve batchUpdate requests of the kind {name}."
            )
        if name not in MESSAGES:
            raise violation(
                at,
                f'Invalid JSON payload received. Unknown name "{name}" at {at!r}: Cannot find'
                " field.",
            )
    if len(kinds) != 1:
        raise ApiError(
            400,
            (
                f"Invalid {at}: No request set."
                if not kinds
                else (
                    f"Invalid value at '{at}' (oneof), oneof field 'kind' is already set. Cannot"
                    f" set '{kinds[1]}'"
                )
            ),
        )
    try:
        return {kinds[0]: _value(value[kinds[0]], kinds[0], f"{at}.{_snake(kinds[0])}")}
    except ApiError as refused:
        if refused.details:
            raise
        raise ApiError(refused.code, f"Invalid {at}.{kinds[0]}: {refused.message}") from refused


def _value(value: Any, kind: str, at: str) -> Any:
    if kind == "[[*]]":
        return _rows(value, at)
    if kind.startswith("["):
        if not isinstance(value, list):
            raise _wrong(at, kind.strip("[]"), value)
        return [_value(item, kind[1:-1], f"{at}[{n}]") for n, item in enumerate(value)]
    if kind.startswith("@"):
        return _mask(value, kind[1:], at)
    if kind in TYPES:
        return _scalar(value, kind, at)
    if "|" in kind:
        if value not in kind.split("|"):
            raise _wrong(at, "TYPE_ENUM", value)
        return value
    if not isinstance(value, dict):
        raise _wrong(at, "TYPE_MESSAGE" if kind == "{}" else kind, value)
    if kind == "Request":
        return _request(value, at)
    return _open(value, at) if kind == "{}" else checked(value, kind, at)


def _open(value: Any, at: str) -> Any:
    """What the table leaves open; the ranges in it must be ranges, because they move with their
    cells.
    """
    if isinstance(value, list):
        return [_open(item, f"{at}[{n}]") for n, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    for message in ("GridRange", "GridCoordinate", "DimensionRange"):
        if value and value.keys() <= MESSAGES[message].keys():
            return checked(value, message, at)
    return {
        name: _open(inner, f"{at}.{_snake(name)}")
        for name, inner in value.items()
        if inner is not None
    }


def _scalar(value: Any, kind: str, at: str) -> Any:
    if isinstance(value, {"b": bool, "s": str}.get(kind, ())):
        return value
    if kind in "iun" and isinstance(value, str | int | float) and not isinstance(value, bool):
        try:
            number = float(value)
        except (ValueError, OverflowError):
            number = math.nan
        if kind == "n" and math.isfinite(number):
            return value if isinstance(value, int) else number
        if number.is_integer() and (0 if kind == "u" else -(2**31)) <= number < 2**31:
            return int(number)
    raise _wrong(at, TYPES[kind], value)


def _rows(value: Any, at: str) -> Any:
    lines = value if isinstance(value, list) else [value]
    for line in lines:
        if not isinstance(line, list):
            raise _wrong(at, _LIST, line)
    return value


def _mask(value: Any, message: str, at: str) -> str:
    if not isinstance(value, str):
        raise _wrong(at, _MASK, value)
    if _unknown(value, message):
        raise _wrong(at, _MASK, value)
    return value


def _unknown(mask: str, message: str) -> str:
    """The first path of a mask that leads to no field of *message*, or ""; what the table leaves
    open is not looked into.
    """
    for path in masks.paths(mask):
        kind = message
        for name in path:
            if name == "*" or kind in {"{}", "*"}:
                break
            if name not in ANSWERS.get(kind, {}):
                return ".".join(path)
            kind = ANSWERS[kind][name].strip("[]")
    return ""


def require_mask(mask: str, message: str) -> None:
    """Refuse a mask over an answer that names what the answer cannot hold; the service takes a
    space for part of a name.
    """
    path = next((part for part in mask.split(",") if " " in part), "") or _unknown(mask, message)
    if path:
        said = f"Error expanding 'fields' parameter. Cannot find matching fields for path '{path}'."
        refused = violation(path, said)
        raise ApiError(400, "Request contains an invalid argument.", refused.details)


def _wrong(at: str, kind: str, value: Any) -> ApiError:
    return violation(
        at, f"Invalid value at '{at}' ({kind}), {json.dumps(value, ensure_ascii=False)[:200]}"
    )


def _snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda found: "_" + found[1].lower(), name)
