"""The shape of every request body, from `messages.txt`.

An unknown field, a value of a wrong type and a missing field are Google's 400.
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


Fields = dict[str, str]


def _read() -> tuple[dict[str, Fields], dict[str, Fields], frozenset[str]]:
    """The table as MESSAGES, ANSWERS and UNSERVED."""
    text = Path(__file__).with_name("messages.txt").read_text(encoding="utf-8")
    table = dict(re.findall(r"^([=!\w]+) ?(.*)$", text, re.M))
    unserved = frozenset(table.pop("!unserved").split())
    sent: dict[str, Fields] = {}
    read: dict[str, Fields] = {}
    for name, line in table.items():
        if name.startswith("="):
            continue
        fields = {}
        for pair in line.split():
            field, kind = pair.split(":", 1)
            fields[field] = re.sub(r"^=\w+", lambda m: table[m[0]], kind)
        sent[name] = {field: kind for field, kind in fields.items() if not kind.endswith("-")}
        read[name] = {field: kind.rstrip("!-") for field, kind in fields.items()}
    return sent, read, unserved


MESSAGES, ANSWERS, UNSERVED = _read()
"""The fields that may be sent, those that may be read, and the batchUpdate requests not served."""


def checked(body: Json, message: str, at: str = "") -> Json:
    """*body* as a *message*: nulls dropped, numbers in strings made numbers.

    *at* is the path of the body in the request, for error messages. Raises ApiError for an unknown
    or missing field and a wrong value.
    """
    fields, found = MESSAGES[message], {}
    for name, inner in body.items():
        if name not in fields:
            raise _unknown_field(name, message, at)
        if inner is not None:
            path = f"{at}.{_snake(name)}".lstrip(".")
            found[name] = _value(inner, fields[name].rstrip("!"), path)
    for name, kind in fields.items():
        if kind.startswith("@") and not found.get(name):
            raise ApiError(
                400,
                "At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)",
            )
        if kind.endswith("!") and name not in found:
            raise ApiError(400, f"{name} must be specified.")
    return found


def _unknown_field(name: str, message: str, at: str) -> ApiError:
    if name in ANSWERS[message]:
        return ApiError(501, f"The sandbox does not serve {name} in the body of a {message}.")
    where = f" at {at!r}" if at else ""
    return violation(
        at,
        f'Invalid JSON payload received. Unknown name "{name}"{where}: Cannot find field.',
    )


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
                f'Invalid JSON payload received. Unknown name "{name}" at {at!r}: '
                "Cannot find field.",
            )
    if not kinds:
        raise ApiError(400, f"Invalid {at}: No request set.")
    if len(kinds) > 1:
        raise ApiError(
            400,
            f"Invalid value at '{at}' (oneof), oneof field 'kind' is already set. "
            f"Cannot set '{kinds[1]}'",
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
    return _object(value, kind, at)


def _object(value: Any, kind: str, at: str) -> Json:
    if not isinstance(value, dict):
        raise _wrong(at, "TYPE_MESSAGE" if kind == "{}" else kind, value)
    if kind == "Request":
        return _request(value, at)
    if kind == "{}":
        opened: Json = _open(value, at)
        return opened
    return checked(value, kind, at)


def _open(value: Any, at: str) -> Any:
    """A value whose fields the table leaves open.

    Ranges in it are checked all the same, because they move with their cells.
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
    """A value of one of TYPES; a number may come as a text."""
    if isinstance(value, {"b": bool, "s": str}.get(kind, ())):
        return value
    if kind not in "iun" or isinstance(value, bool):
        raise _wrong(at, TYPES[kind], value)
    number = _as_number(value)
    if kind == "n" and math.isfinite(number):
        return value if isinstance(value, int) else number
    if number.is_integer() and (0 if kind == "u" else -(2**31)) <= number < 2**31:
        return int(number)
    raise _wrong(at, TYPES[kind], value)


def _as_number(value: Any) -> float:
    """The value as a number; NaN if it is not one."""
    if not isinstance(value, str | int | float):
        return math.nan
    try:
        return float(value)
    except (ValueError, OverflowError):
        return math.nan


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
    """The first path of a mask that leads to no field of *message*, or "".

    Fields that the table leaves open are not checked.
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
    """Refuse a mask with a path that the answer cannot have.

    The service takes a space for part of a name. Raises ApiError.
    """
    path = next((part for part in mask.split(",") if " " in part), "") or _unknown(mask, message)
    if path:
        text = f"Error expanding 'fields' parameter. Cannot find matching fields for path '{path}'."
        refused = violation(path, text)
        raise ApiError(400, "Request contains an invalid argument.", refused.details)


def _wrong(at: str, kind: str, value: Any) -> ApiError:
    return violation(
        at, f"Invalid value at '{at}' ({kind}), {json.dumps(value, ensure_ascii=False)[:200]}"
    )


def _snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda found: "_" + found[1].lower(), name)
