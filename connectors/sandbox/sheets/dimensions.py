"""batchUpdate's requests about rows and columns: insert, delete, move, append, sort, resize. What
hangs on cells moves with them.
"""

from __future__ import annotations

from typing import Any

from connectors.sandbox.sheets.a1 import Area
from connectors.sandbox.sheets.batch import editable, kind, merged
from connectors.sandbox.sheets.book import Book, Json, Sheet
from connectors.sandbox.sheets.errors import ApiError
from connectors.sandbox.sheets.shift import Span, deleted, inserted, moved, shifted
from connectors.sandbox.sheets.tabs import WIDEST
from connectors.sandbox.sheets.values import CellData, formatted

NARROWEST, PER_CHARACTER, TALLEST = (
    21,
    8.484375,
    21,
)  # pixels; the width is that of an A, as recorded


def _span(book: Book, where: Json, user: str, *, beyond: int = 0) -> tuple[Sheet, bool, int, int]:
    """The tab, whether rows are meant, and the half-open span of a DimensionRange that *user* may
    edit.
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
            f"Range [{start}, {end}) of {where['dimension']} is not within the sheet, which has"
            f" {size}.",
        )
    book.require_edit(
        user, Area(sheet.id, start, end) if rows else Area(sheet.id, 0, None, start, end)
    )
    return sheet, rows, start, end


def _follow(book: Book, sheet: Sheet, rows: bool, span: Span) -> None:
    """Move what lies over the cells with them, wherever in the book it stands."""
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
    """Insert *count* empty rows or columns before *start*; with *inherit* they look like the one
    before.
    """
    if inherit and not start:
        raise ApiError(400, "inheritFromBefore cannot be true when inserting at the beginning.")
    sheet.rows, sheet.columns = (
        (sheet.rows + count, sheet.columns) if rows else (sheet.rows, sheet.columns + count)
    )
    if sheet.columns > WIDEST:
        raise ApiError(400, f"A sheet has at most {WIDEST} columns.")
    book.require_size()  # before memory is taken for them
    if rows and start < len(sheet.lines):
        sheet.lines[start:start] = [{} for _ in range(count)]
    if not rows:
        sheet.lines = [
            {c + count if c >= start else c: cell for c, cell in line.items()}
            for line in sheet.lines
        ]
    _follow(book, sheet, rows, inserted(start, count))
    for r, line in enumerate(list(sheet.lines)) if inherit else ():
        for c, cell in list(line.items()):
            if "userEnteredFormat" in cell and (r if rows else c) == start - 1:
                for n in range(start, start + count):
                    sheet.put(
                        n if rows else r,
                        c if rows else n,
                        {"userEnteredFormat": cell["userEnteredFormat"]},
                    )


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
            f"destinationIndex {target} is inside the moved {a['source']['dimension']} or beyond"
            " the sheet.",
        )
    book.require_edit(
        user,
        Area(sheet.id, target, target + 1) if rows else Area(sheet.id, 0, None, target, target + 1),
    )
    to = target - (end - start) if target >= end else target
    span = moved(start, end, to)
    if rows:
        lines = {n: line for n, line in enumerate(sheet.lines) if line}
        sheet.lines = []
        for n, line in lines.items():
            for c, cell in line.items():
                sheet.put((span(n, n + 1) or (n,))[0], c, cell)
    else:
        sheet.lines = [
            {(span(c, c + 1) or (c,))[0]: cell for c, cell in line.items()} for line in sheet.lines
        ]
    _follow(book, sheet, rows, span)
    return {}


@kind("sortRange")
def _sort(book: Book, a: Json, user: str) -> Json:
    sheet, rows, columns = editable(book, a["range"], user)
    order = [r for r in rows if r < len(sheet.lines)]
    lines = {r: {c: sheet.lines[r][c] for c in columns if c in sheet.lines[r]} for r in order}
    if not a.get("sortSpecs"):
        raise ApiError(400, "At least one sort spec must be given.")
    for spec in reversed(a["sortSpecs"]):
        column, falling = spec.get("dimensionIndex", 0), spec.get("sortOrder") == "DESCENDING"
        if column not in columns:
            raise ApiError(400, f"The sort column {column} is not within the range.")
        filled = [r for r in order if lines[r].get(column, {}).get("userEnteredValue")]
        empty = [r for r in order if r not in set(filled)]
        keys = {r: _sort_key(lines[r][column]) for r in filled}
        order = sorted(filled, key=keys.__getitem__, reverse=falling) + empty
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
            continue
        longest = max(
            [
                len(formatted(line[n]))
                for line in sheet.lines
                if n in line and line[n].get("userEnteredValue")
            ],
            default=0,
        )
        size = round(longest * PER_CHARACTER + 3) if longest else 100
        sheet.column_sizes[n] = {**sheet.column_sizes.get(n, {}), "pixelSize": max(NARROWEST, size)}
    return {}
