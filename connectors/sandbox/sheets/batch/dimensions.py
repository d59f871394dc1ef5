"""batchUpdate's requests about rows and columns: insert, delete, move, append, sort, resize.

Merges, charts, filters, protections and metadata move with their cells.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.sheets.batch.register import editable, kind, merged
from connectors.sandbox.sheets.batch.tabs import WIDEST
from connectors.sandbox.sheets.errors import ApiError
from connectors.sandbox.sheets.grid.a1 import Area
from connectors.sandbox.sheets.grid.book import Book, Json, Line, Sheet
from connectors.sandbox.sheets.grid.shift import Span, deleted, inserted, moved, shifted
from connectors.sandbox.sheets.grid.show import COLUMN_WIDTH
from connectors.sandbox.sheets.grid.values import CellData, formatted

NARROWEST, TALLEST = 21, 21
"""Pixels."""
PER_CHARACTER = 8.484375
"""Pixels: the width of an A, as recorded."""


def _lines(sheet: Sheet, rows: bool, start: int, end: int) -> Area:
    """Whole rows, or whole columns."""
    return Area(sheet.id, start, end) if rows else Area(sheet.id, 0, None, start, end)


def _span(book: Book, where: Json, user: str, *, beyond: int = 0) -> tuple[Sheet, bool, int, int]:
    """The tab of a DimensionRange, whether it has rows, and its half-open span.

    With *beyond* it may begin that many lines after the last one. Raises ApiError if it is not
    within the tab or the user may not edit it.
    """
    sheet = book.sheet(where.get("sheetId", 0))
    if where.get("dimension") not in {"ROWS", "COLUMNS"}:
        raise ApiError(400, "dimension must be ROWS or COLUMNS.")
    rows = where["dimension"] == "ROWS"
    size = sheet.rows if rows else sheet.columns
    start, end = where.get("startIndex", 0), where.get("endIndex", size)
    if not (start < end and start < size + beyond and (beyond or end <= size)):
        raise ApiError(
            400,
            f"Range [{start}, {end}) of {where['dimension']} "
            f"is not within the sheet, which has {size}.",
        )
    book.require_edit(user, _lines(sheet, rows, start, end))
    return sheet, rows, start, end


def _follow(book: Book, sheet: Sheet, rows: bool, span: Span) -> None:
    """Move merges, charts, named ranges and so on with the cells, in the whole book."""
    for tab in book.sheets:
        tab.parts = {
            name: shifted(parts, sheet.id, rows, span) for name, parts in tab.parts.items()
        }
        tab.basic_filter = shifted(tab.basic_filter, sheet.id, rows, span)
    book.named_ranges = shifted(book.named_ranges, sheet.id, rows, span)
    book.metadata = shifted(book.metadata, sheet.id, rows, span)
    sizes = sheet.row_sizes if rows else sheet.column_sizes
    placed = {to[0]: size for n, size in sizes.items() if (to := span(n, n + 1))}
    sizes.clear()
    sizes.update(placed)


@kind("insertDimension")
def _insert(book: Book, a: Json, user: str) -> Json:
    sheet, rows, start, end = _span(book, a["range"], user, beyond=1)
    insert(book, sheet, rows, start, end - start, inherit=bool(a.get("inheritFromBefore")))
    return {}


def insert(
    book: Book, sheet: Sheet, rows: bool, start: int, count: int, *, inherit: bool = False
) -> None:
    """Insert *count* empty rows or columns before *start*.

    With *inherit* they have the formats of the one before. Raises ApiError if that makes the tab or
    the book too large.
    """
    if inherit and not start:
        raise ApiError(400, "inheritFromBefore cannot be true when inserting at the beginning.")
    if rows:
        sheet.rows += count
    else:
        sheet.columns += count
    if sheet.columns > WIDEST:
        raise ApiError(400, f"A sheet has at most {WIDEST} columns.")
    book.require_size()  # before memory is taken for them
    if not rows:
        sheet.lines = [
            {c + count if c >= start else c: cell for c, cell in line.items()}
            for line in sheet.lines
        ]
    elif start < len(sheet.lines):
        sheet.lines[start:start] = [{} for _ in range(count)]
    _follow(book, sheet, rows, inserted(start, count))
    if inherit:
        _inherit_formats(sheet, rows, start, count)


def _inherit_formats(sheet: Sheet, rows: bool, start: int, count: int) -> None:
    """Give the new lines from *start* the formats of the line before it."""
    before = start - 1
    formats: list[tuple[int, int, CellData]] = []
    for r, line in enumerate(sheet.lines):
        for c, cell in line.items():
            if "userEnteredFormat" in cell and before == (r if rows else c):
                formats.append((r, c, {"userEnteredFormat": cell["userEnteredFormat"]}))
    for n in range(start, start + count):
        for r, c, cell in formats:
            sheet.put(n if rows else r, c if rows else n, cell)


@kind("deleteDimension")
def _delete(book: Book, a: Json, user: str) -> Json:
    sheet, rows, start, end = _span(book, a["range"], user)
    count = end - start
    if count >= (sheet.rows if rows else sheet.columns):
        raise ApiError(
            400, f"You can't delete all the {'rows' if rows else 'columns'} on the sheet."
        )
    if rows:
        del sheet.lines[start:end]
        sheet.rows -= count
    else:
        sheet.lines = [
            {c - count if c >= end else c: cell for c, cell in line.items() if not start <= c < end}
            for line in sheet.lines
        ]
        sheet.columns -= count
    _follow(book, sheet, rows, deleted(start, end))
    return {}


@kind("appendDimension")
def _append(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
    sheet = book.sheet(a.get("sheetId", 0))
    rows = a.get("dimension") == "ROWS"
    if a.get("dimension") not in {"ROWS", "COLUMNS"} or not a.get("length"):
        raise ApiError(400, "appendDimension needs a dimension and a length greater than 0.")
    insert(book, sheet, rows, sheet.rows if rows else sheet.columns, a["length"])
    return {}


@kind("moveDimension")
def _move(book: Book, a: Json, user: str) -> Json:
    sheet, rows, start, end = _span(book, a["source"], user)
    target, size = a.get("destinationIndex", 0), sheet.rows if rows else sheet.columns
    if target > size or start < target < end:
        raise ApiError(
            400,
            f"destinationIndex {target} is inside the moved {a['source']['dimension']} "
            "or beyond the sheet.",
        )
    book.require_edit(user, _lines(sheet, rows, target, target + 1))
    to = target - (end - start) if target >= end else target
    span = moved(start, end, to)
    _move_cells(sheet, rows, span)
    _follow(book, sheet, rows, span)
    return {}


def _move_cells(sheet: Sheet, rows: bool, span: Span) -> None:
    def place(n: int) -> int:
        found = span(n, n + 1)
        return found[0] if found else n

    old_lines, sheet.lines = sheet.lines, []
    for r, line in enumerate(old_lines):
        for c, cell in line.items():
            sheet.put(place(r) if rows else r, c if rows else place(c), cell)


@kind("sortRange")
def _sort(book: Book, a: Json, user: str) -> Json:
    sheet, rows, columns = editable(book, a["range"], user)
    numbers = range(rows.start, min(rows.stop, len(sheet.lines)))
    lines = {r: {c: cell for c, cell in sheet.lines[r].items() if c in columns} for r in numbers}
    if not a.get("sortSpecs"):
        raise ApiError(400, "At least one sort spec must be given.")
    order = list(numbers)
    for spec in reversed(a["sortSpecs"]):
        column, falling = spec.get("dimensionIndex", 0), spec.get("sortOrder") == "DESCENDING"
        if column not in columns:
            raise ApiError(400, f"The sort column {column} is not within the range.")
        order = _sorted(order, lines, column, falling)
    for r, source in zip(rows, order, strict=False):
        for c in columns:
            sheet.put(r, c, lines[source].get(c, {}))
    if book.metadata_follows_sort:
        place = {source: r for r, source in zip(rows, order, strict=False)}
        book.metadata = shifted(
            book.metadata,
            sheet.id,
            True,
            lambda row, _: (place.get(row, row), place.get(row, row) + 1),
        )
    return {}


def _sorted(order: list[int], lines: Mapping[int, Line], column: int, falling: bool) -> list[int]:
    """The rows sorted by a column, stable; rows without a value there come last either way."""
    filled = [r for r in order if lines[r].get(column, {}).get("userEnteredValue")]
    keys = {r: _sort_key(lines[r][column]) for r in filled}
    empty = [r for r in order if r not in keys]
    return sorted(filled, key=keys.__getitem__, reverse=falling) + empty


def _sort_key(cell: CellData) -> tuple[int, Any]:
    value = next(iter(cell["userEnteredValue"].values()))
    if isinstance(value, bool):
        return 2, value
    return (0, value) if isinstance(value, int | float) else (1, str(value).casefold())


@kind("updateDimensionProperties")
def _resize(book: Book, a: Json, user: str) -> Json:
    sheet, rows, start, end = _span(book, a["range"], user)
    sizes = sheet.row_sizes if rows else sheet.column_sizes
    for n in range(start, end):
        sizes[n] = merged(sizes.get(n), a.get("properties", {}), a["fields"])
    return {}


@kind("autoResizeDimensions")
def _fit(book: Book, a: Json, user: str) -> Json:
    sheet, rows, start, end = _span(book, a["dimensions"], user)
    for n in range(start, end):
        if rows:
            sheet.row_sizes[n] = {**sheet.row_sizes.get(n, {}), "pixelSize": TALLEST}
        else:
            size = {"pixelSize": _fitting_width(sheet, n)}
            sheet.column_sizes[n] = {**sheet.column_sizes.get(n, {}), **size}
    return {}


def _fitting_width(sheet: Sheet, column: int) -> int:
    """Pixels for the longest text of a column; the usual width for an empty one."""
    cells = [line[column] for line in sheet.lines if column in line]
    lengths = [len(formatted(cell)) for cell in cells if cell.get("userEnteredValue")]
    longest = max(lengths, default=0)
    return max(NARROWEST, round(longest * PER_CHARACTER + 3)) if longest else COLUMN_WIDTH
