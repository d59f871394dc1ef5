"""Shift the ranges in JSON when rows or columns are inserted, deleted or moved.

Merges, charts, filters, protections and metadata are all JSON with ranges somewhere inside, so one
walk serves them all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
Span = Callable[[int, int], tuple[int, int] | None]
"""Where a half-open span of rows (or columns) is afterwards; None if nothing of it is left."""
GRID = {"sheetId", "startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex"}
BOUNDS = {
    True: ("startRowIndex", "endRowIndex", "rowIndex"),
    False: ("startColumnIndex", "endColumnIndex", "columnIndex"),
}
COORDINATE = {"sheetId", "rowIndex", "columnIndex"}
ESSENTIAL = {"range", "ranges", "dimensionRange", "location"}
"""An object whose place is gone is gone too."""
_OPEN = 1 << 40
"""The end of a span that is open: beyond any row."""


def inserted(at: int, count: int) -> Span:
    """The shift for *count* new rows or columns before *at*."""
    return lambda first, end: (
        first + count if first >= at else first,
        end + count if end > at else end,
    )


def deleted(start: int, stop: int) -> Span:
    """The shift for rows or columns that are gone, from *start* to before *stop*."""

    def place(n: int) -> int:
        return n if n <= start else max(start, n - (stop - start))

    return lambda first, end: None if place(first) == place(end) else (place(first), place(end))


def moved(start: int, stop: int, to: int) -> Span:
    """The shift for a block that moves so that it then begins at *to*.

    A span wholly inside the block goes with it, any other makes way.
    """
    away, back = deleted(start, stop), inserted(to, stop - start)

    def span(first: int, end: int) -> tuple[int, int] | None:
        if first >= start and end <= stop:
            return first + to - start, end + to - start
        left = away(first, end)
        return left and back(*left)

    return span


def shifted(part: Any, sheet_id: int, rows: bool, span: Span) -> Any:
    """*part* after the rows (or columns) of that tab moved; None if its place is gone."""
    if isinstance(part, list):
        moved_items = [shifted(item, sheet_id, rows, span) for item in part]
        return [item for item in moved_items if item is not None]
    if not isinstance(part, dict):
        return part
    if part and part.get("sheetId", 0) == sheet_id and _is_range(part, rows):
        return _shifted_range(part, rows, span)
    return _shifted_object(part, sheet_id, rows, span)


def _shifted_object(part: Json, sheet_id: int, rows: bool, span: Span) -> Json | None:
    """An object with ranges inside; None if one that it needs is gone."""
    changed = {name: shifted(value, sheet_id, rows, span) for name, value in part.items()}
    if any(not changed[name] and part[name] for name in ESSENTIAL & part.keys()):
        return None
    return {
        name: value for name, value in changed.items() if value is not None or part[name] is None
    }


def _is_range(part: Json, rows: bool) -> bool:
    """Whether *part* is a GridRange, a GridCoordinate, or a DimensionRange of rows (or columns)."""
    dimension = "ROWS" if rows else "COLUMNS"
    return part.keys() <= GRID or part.keys() <= COORDINATE or part.get("dimension") == dimension


def _shifted_range(part: Json, rows: bool, span: Span) -> Json | None:
    first, last, position = BOUNDS[rows]
    if part.keys() <= GRID:
        return _ends(part, first, last, span)
    if part.keys() <= COORDINATE:
        return _coordinate(part, position, span)
    return _ends(part, "startIndex", "endIndex", span)


def _coordinate(part: Json, name: str, span: Span) -> Json:
    """A GridCoordinate after the shift; one whose cell is gone stays where it was."""
    found = span(part.get(name, 0), part.get(name, 0) + 1)
    return part | {name: found[0]} if found else part


def _ends(part: Json, first: str, last: str, span: Span) -> Json | None:
    if first not in part and last not in part:
        return part
    found = span(part.get(first, 0), part.get(last, _OPEN))
    if found is None:
        return None
    changed = part | {first: found[0]}
    return changed if last not in part else changed | {last: found[1]}


def readdressed(part: Any, old: int, new: int) -> Any:
    """*part* with every range on tab *old* put on tab *new*, as for a copy of the tab."""
    if isinstance(part, list):
        return [readdressed(item, old, new) for item in part]
    if not isinstance(part, dict):
        return part
    is_range = bool(part.keys() & (GRID | COORDINATE | {"dimension"}))
    if is_range and part.get("sheetId", 0) == old:
        return part | {"sheetId": new}
    return {name: readdressed(value, old, new) for name, value in part.items()}
