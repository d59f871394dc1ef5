"""batchUpdate's requests about rows and columns: insert, delete, move, append, sort. What hangs on cells moves with them."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.sheets.a1 import Area
from connectors.sandbox.sheets.batch import editable, kind
from connectors.sandbox.sheets.book import Book, Json, Sheet
from connectors.sandbox.sheets.errors import ApiError
from connectors.sandbox.sheets.values import CellData


def _span(book: Book, where: Json, user: str) -> tuple[Sheet, bool, int, int]:
    """The tab, whether rows are meant, and the half-open span of a DimensionRange."""
    sheet = book.sheet(where.get("sheetId", 0))
    rows = where.get("dimension", "ROWS") == "ROWS"
    start, end = int(where.get("startIndex", 0)), int(where.get("endIndex", sheet.rows if rows else sheet.columns))
    if end < start:
        raise ApiError(400, "endIndex must not be less than startIndex.")
    book.require_edit(user, Area(sheet.id, start, end) if rows else Area(sheet.id, 0, None, start, end))
    return sheet, rows, start, end


@kind("insertDimension")
def _insert(book: Book, a: Json, user: str) -> Json:
    sheet, rows, start, end = _span(book, a["range"], user)
    count = end - start
    if rows:
        pattern = sheet.lines[start - 1] if a.get("inheritFromBefore") and 0 < start <= len(sheet.lines) else {}
        fresh = {c: {"userEnteredFormat": cell["userEnteredFormat"]} for c, cell in pattern.items() if "userEnteredFormat" in cell}
        if start < len(sheet.lines):
            sheet.lines[start:start] = [dict(fresh) for _ in range(count)]
        sheet.rows += count
    else:
        sheet.lines = [{c + count if c >= start else c: cell for c, cell in line.items()} for line in sheet.lines]
        sheet.columns += count
    _move_areas(sheet, rows, start, count)
    return {}


@kind("deleteDimension")
def _delete(book: Book, a: Json, user: str) -> Json:
    sheet, rows, start, end = _span(book, a["range"], user)
    count = end - start
    if count >= (sheet.rows if rows else sheet.columns):
        raise ApiError(400, f"You can't delete all the {'rows' if rows else 'columns'} on the sheet.")
    if rows:
        del sheet.lines[start:end]
        sheet.rows -= count
    else:
        sheet.lines = [{c - count if c >= end else c: cell for c, cell in line.items() if not start <= c < end} for line in sheet.lines]
        sheet.columns -= count
    _move_areas(sheet, rows, start, -count)
    return {}


def _move_areas(sheet: Sheet, rows: bool, start: int, by: int) -> None:
    """Keep protections and their open parts on the cells they were on."""
    first, last = ("startRowIndex", "endRowIndex") if rows else ("startColumnIndex", "endColumnIndex")

    def moved(area: Json) -> Json:
        shifted = {name: max(start, value + by) for name, value in area.items() if name in {first, last} and value > start}
        return area | shifted

    sheet.parts["protectedRanges"] = [
        p | {"range": moved(p.get("range", {}))} | (
            {"unprotectedRanges": [moved(free) for free in p["unprotectedRanges"]]} if p.get("unprotectedRanges") else {})
        for p in sheet.parts.get("protectedRanges", ())]


@kind("appendDimension")
def _append(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
    sheet = book.sheet(a.get("sheetId", 0))
    if a.get("dimension") == "COLUMNS":
        sheet.columns += int(a["length"])
    else:
        sheet.rows += int(a["length"])
    return {}


@kind("moveDimension")
def _move(book: Book, a: Json, user: str) -> Json:
    sheet, rows, start, end = _span(book, a["source"], user)
    target = int(a["destinationIndex"])
    to = target - (end - start) if target > start else target
    order = list(range(len(sheet.lines) if rows else sheet.columns))
    block = order[start:end]
    del order[start:end]
    order[to:to] = block
    if rows:
        sheet.lines = [sheet.lines[n] for n in order]
    else:
        place = {old: new for new, old in enumerate(order)}
        sheet.lines = [{place.get(c, c): cell for c, cell in line.items()} for line in sheet.lines]
    return {}


@kind("sortRange")
def _sort(book: Book, a: Json, user: str) -> Json:
    sheet, rows, columns = editable(book, a["range"], user)
    lines = [{c: sheet.lines[r][c] for c in columns if c in sheet.lines[r]} for r in rows if r < len(sheet.lines)]
    for spec in reversed(a.get("sortSpecs", ())):
        column, falling = int(spec.get("dimensionIndex", 0)), spec.get("sortOrder") == "DESCENDING"
        filled = [line for line in lines if line.get(column, {}).get("userEnteredValue")]
        empty = [line for line in lines if not line.get(column, {}).get("userEnteredValue")]
        filled.sort(key=lambda line: _sort_key(line[column]), reverse=falling)  # used at once
        lines = filled + empty
    for r, line in zip(rows, lines, strict=False):
        for c in columns:
            sheet.put(r, c, line.get(c, {}))
    return {}


def _sort_key(cell: CellData) -> tuple[int, Any]:
    value = next(iter(cell["userEnteredValue"].values()))
    if isinstance(value, bool):
        return 2, value
    return (0, value) if isinstance(value, int | float) else (1, str(value).casefold())
