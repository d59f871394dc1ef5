"""Decode the JSON of Follow Up Boss into records, and keep what can be read of a damaged one.

The service is tolerant, so this is too: PHP writes {} for an empty list and numbers for some texts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from connectors.followupboss.records import Metadata, Person, Wire

T = TypeVar("T")
_TEXT = (str, int, float, type(None))
"""The types that can be read as a text or as none."""


def person_type(custom_names: Mapping[str, str]) -> type[Person]:
    """`Person` with the custom fields of this account.

    *custom_names* maps Steward's names to the wire's.
    """
    # defstruct cannot say which base it returns
    return msgspec.defstruct(  # type: ignore[return-value]
        "PersonWithFields",
        [(name, Any, None) for name in custom_names.values()],
        bases=(Person,),
        kw_only=True,
    )


def decode(body: bytes | msgspec.Raw, kind: type[T]) -> T:
    """*body* as *kind*; numbers may come as text. Raises ValueError if it is not of that kind."""
    return msgspec.json.decode(body, type=kind, strict=False)


def decode_page(body: bytes, kind: type[T]) -> tuple[Metadata, list[T]]:
    """The metadata and the records of a list; a damaged record keeps its readable fields.

    The body key of the records is read from `_metadata`, never from the URL. Raises ValueError for
    a body that is no list, and for a record without a usable id.
    """
    parts = decode(body, dict[str, msgspec.Raw])
    if "_metadata" not in parts:
        raise ValueError("no _metadata")
    metadata = decode(parts["_metadata"], Metadata)
    records = parts.get(metadata.collection)
    if records is None:
        raise ValueError(f"no {metadata.collection!r} in the body")
    try:
        # kind is a type at run time
        return metadata, decode(records, list[kind])  # type: ignore[valid-type]
    except msgspec.ValidationError:
        # One odd record in a hundred: read this page record by record, and an odd one field by
        # field.
        return metadata, [_record(raw, kind) for raw in decode(records, list[msgspec.Raw])]


def _record(raw: msgspec.Raw, kind: type[T]) -> T:
    """One record without the fields that cannot be read.

    A person's record names the safety signs that were left out. Raises ValueError without a usable
    id; the message names the field and never its value.
    """
    try:
        return decode(raw, kind)
    except msgspec.ValidationError:
        value = decode(raw, dict[str, Any])
        record = _readable_fields(value, kind)
    if isinstance(record, Person):
        record.tags = _tags(value.get("tags"))
        record.unreadable = _unreadable(value)
    return record


def _tags(value: Any) -> list[str]:
    """The tags of a list that can be read: one odd item must not hide the others."""
    items = value if isinstance(value, list) else ()
    return [str(item) for item in items if isinstance(item, str | int | float)]


def _unreadable(value: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields with safety signs that cannot be read in a person's record (X-65).

    The absence of a sign in such a field means nothing.
    """
    stage = value.get("stage")
    readable = {
        "tags": _readable_list(value.get("tags"), lambda tag: isinstance(tag, _TEXT)),
        "stage": isinstance(stage, _TEXT) and not isinstance(stage, bool),
        "emails": _readable_list(value.get("emails"), _readable_email),
    }
    return tuple(name for name, known in readable.items() if not known)


def _readable_list(value: Any, readable: Callable[[Any], bool]) -> bool:
    """Whether the value is a list of readable items; None and PHP's {} are empty lists."""
    if value in (None, {}):
        return True
    return isinstance(value, list) and all(map(readable, value))


def _readable_email(item: Any) -> bool:
    return isinstance(item, dict) and all(
        isinstance(item.get(name), _TEXT) for name in ("value", "status")
    )


def _readable_fields(value: Mapping[str, Any], kind: type[T]) -> T:
    """The record with the fields of *value* that can be read."""
    found = {}
    # kind is a Struct at run time
    for known in msgspec.structs.fields(kind):  # type: ignore[arg-type]
        if known.encode_name not in value:
            continue
        part = _part(value[known.encode_name], known.type)
        if part is not None or not known.required:
            found[known.encode_name] = part
    return msgspec.convert(found, kind, strict=False)


def _part(value: Any, kind: Any) -> Any:
    """*value*, its text or its readable items, whichever can be read as *kind*; else None."""
    as_text = str(value) if isinstance(value, int | float) else None
    for candidate in (value, as_text, _items(value, kind)):
        if candidate is None:
            continue
        try:
            msgspec.convert(candidate, kind, strict=False)
        except msgspec.ValidationError:
            continue
        return candidate
    return None


def _items(value: Any, kind: Any) -> list[Any] | None:
    """The readable items of a list of records; None if *kind* or *value* is no such list."""
    record = _record_type(kind)
    if record is None or not isinstance(value, list):
        return None
    return [
        msgspec.to_builtins(_readable_fields(item, record))
        for item in value
        if isinstance(item, dict)
    ]


def _record_type(kind: Any) -> type[Wire] | None:
    """The record type in a field's type, as in `list[Item] | None`."""
    for union in getattr(kind, "__args__", ()):
        for part in getattr(union, "__args__", ()):
            if isinstance(part, type) and issubclass(part, Wire):
                return part
    return None


def mark_of(record: object) -> object:
    """The identity of a record within its list: its id, or the name of a custom field."""
    return getattr(record, "id", None) or getattr(record, "name", None)
