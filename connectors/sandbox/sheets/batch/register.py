"""The register of batchUpdate's requests, and what their handlers share.

A batch is tried on a copy of the book, so that it is all or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from connectors.sandbox.sheets import masks
from connectors.sandbox.sheets.errors import ApiError
from connectors.sandbox.sheets.grid.a1 import Area
from connectors.sandbox.sheets.grid.book import Book, Json, Sheet

Handler = Callable[[Book, Json, str], Json]
"""Carries one request out: the book, the arguments and the user, to the reply."""
KINDS: dict[str, Handler] = {}


def kind(name: str) -> Callable[[Handler], Handler]:
    """Register the handler of one kind of request.

    Its arguments have been checked against `messages.txt` when it is called.
    """

    def register(handler: Handler) -> Handler:
        KINDS[name] = handler
        return handler

    return register


def apply(book: Book, requests: Sequence[Json], user: str) -> list[Json]:
    """Carry the requests out on *book* and return their replies.

    The book must be a copy, to be thrown away if this raises ApiError.
    """
    if not requests:
        raise ApiError(400, "Must specify at least one request.")
    replies = []
    for n, request in enumerate(requests):
        name, arguments = next(iter(request.items()))
        try:
            replies.append(KINDS[name](book, arguments, user))
            book.require_size()
        except ApiError as refused:
            raise ApiError(
                refused.code, f"Invalid requests[{n}].{name}: {refused.message}"
            ) from refused
    return replies


def merged(old: Json | None, new: Json, fields: str) -> Json:
    """*old* with the paths in *fields* taken from *new*; a path that *new* lacks is cleared."""
    found: Json = dict(old or {})
    for path in masks.paths(fields):
        if path == ("*",):
            found = dict(new)
        else:
            set_path(found, new, path)
    return {name: part for name, part in found.items() if part not in ({}, None)}


def set_path(found: Json, new: Json, path: tuple[str, ...]) -> None:
    """Take the value at *path* from *new*.

    A colour set in one of its two notations replaces the one in the other.
    """
    name, rest = path[0], path[1:]
    if rest and rest != ("*",):
        found[name] = dict(found.get(name) or {})
        set_path(found[name], new.get(name) or {}, rest)
    elif new.get(name) is None:
        found.pop(name, None)
    else:
        found[name] = new[name]
    if "Color" in name:
        found.pop(name.removesuffix("Style") if name.endswith("Style") else f"{name}Style", None)


def editable(book: Book, grid_range: Json, user: str) -> tuple[Sheet, range, range]:
    """The tab, rows and columns of a GridRange.

    Raises ApiError if it is outside the grid or *user* may not edit it.
    """
    area = Area.of(grid_range)
    sheet = book.sheet(area.sheet_id)
    rows, columns = sheet.area(area)
    book.require_edit(user, area)
    return sheet, rows, columns
