"""batchUpdate's requests about cells: update, append, repeat, validate, copy and cut."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.sandbox.sheets.batch.register import editable, kind, merged
from connectors.sandbox.sheets.errors import ApiError
from connectors.sandbox.sheets.grid.a1 import Area
from connectors.sandbox.sheets.grid.book import Book, Json, Sheet
from connectors.sandbox.sheets.grid.values import LONGEST, CellData

SHOWN_ONLY = frozenset({"effectiveValue", "effectiveFormat", "formattedValue", "hyperlink"})
_PASTED = {
    "PASTE_VALUES": "userEnteredValue",
    "PASTE_FORMULA": "userEnteredValue",
    "PASTE_FORMAT": "userEnteredFormat",
    "PASTE_DATA_VALIDATION": "dataValidation",
}


def _checked(cell: Json) -> CellData:
    value = cell.get("userEnteredValue") or {}
    if len(value) > 1 or "errorValue" in value:
        raise ApiError(
            400, "userEnteredValue must be one of a number, a text, a truth value and a formula."
        )
    if any(len(str(part)) > LONGEST for part in value.values()):
        raise ApiError(
            400, "Your input contains more than the maximum of 50000 characters in a single cell."
        )
    return {
        name: part
        for name, part in cell.items()
        if name not in SHOWN_ONLY and part and part != {"stringValue": ""}
    }


def _put(sheet: Sheet, row: int, column: int, rows: Sequence[Json], fields: str) -> None:
    for r, line in enumerate(rows):
        for c, cell in enumerate(line.get("values", ())):
            sheet.put(
                row + r, column + c, merged(sheet.cell(row + r, column + c), _checked(cell), fields)
            )


def _width(rows: Sequence[Json]) -> int:
    return max([len(line.get("values", ())) for line in rows], default=0)


@kind("updateCells")
def _update_cells(book: Book, a: Json, user: str) -> Json:
    rows = a.get("rows", [])
    if ("start" in a) == ("range" in a):
        raise ApiError(400, "Exactly one of start and range must be specified.")
    if "start" in a:
        start = a["start"]
        row, column = start.get("rowIndex", 0), start.get("columnIndex", 0)
        area = Area(
            start.get("sheetId", 0),
            row,
            row + max(1, len(rows)),
            column,
            column + max(1, _width(rows)),
        )
        sheet = book.sheet(area.sheet_id)
        book.require_edit(user, area)
    else:
        area = Area.of(a["range"])
        sheet, height, width = editable(book, a["range"], user)
        if len(rows) > len(height) or _width(rows) > len(width):
            raise ApiError(400, f"Attempting to write outside of the range {sheet.title_of(area)}.")
        rows = _filled_up(rows, len(width), min(len(height), len(sheet.lines) - area.row0))
    if (area.row1 or 0) > sheet.rows or (area.col1 or 0) > sheet.columns:
        raise sheet.beyond(sheet.title_of(area))
    _put(sheet, area.row0, area.col0, rows, a["fields"])
    return {}


def _filled_up(rows: Sequence[Json], width: int, height: int) -> list[Json]:
    """The rows with empty cells up to *width* and empty rows up to *height*."""
    found = []
    for row in rows:
        values = row.get("values", ())
        found.append({"values": [*values, *[{}] * (width - len(values))]})
    return found + [{"values": [{}] * width}] * (height - len(found))


@kind("appendCells")
def _append_cells(book: Book, a: Json, user: str) -> Json:
    sheet, rows = book.sheet(a.get("sheetId", 0)), a.get("rows", [])
    row, wide = sheet.last_row(), _width(rows)
    book.require_edit(user, Area(sheet.id, row, row + max(1, len(rows)), 0, max(1, wide)))
    sheet.rows, sheet.columns = max(sheet.rows, row + len(rows)), max(sheet.columns, wide)
    _put(sheet, row, 0, rows, a["fields"])
    return {}


@kind("repeatCell")
def _repeat_cell(book: Book, a: Json, user: str) -> Json:
    sheet, rows, columns = editable(book, a["range"], user)
    cells = [{"values": [a.get("cell", {})] * len(columns)}] * len(rows)
    _put(sheet, rows.start, columns.start, cells, a["fields"])
    return {}


@kind("setDataValidation")
def _validate(book: Book, a: Json, user: str) -> Json:
    sheet, rows, columns = editable(book, a["range"], user)
    new = {"dataValidation": a["rule"]} if a.get("rule") else {}
    cells = [{"values": [new] * len(columns)}] * len(rows)
    _put(sheet, rows.start, columns.start, cells, "dataValidation")
    return {}


@kind("copyPaste")
def _copy(book: Book, a: Json, user: str) -> Json:
    _paste(book, a, Area.of(a["destination"]), user)
    return {}


@kind("cutPaste")
def _cut(book: Book, a: Json, user: str) -> Json:
    sheet, rows, columns = editable(book, a["source"], user)
    to = a["destination"]
    row, column = to.get("rowIndex", 0), to.get("columnIndex", 0)
    target = Area(to.get("sheetId", 0), row, row + len(rows), column, column + len(columns))
    taken = {(r, c) for r in rows for c in columns if sheet.cell(r, c)}
    _paste(book, a, target, user)
    for r, c in taken:
        if not Area(sheet.id, r, r + 1, c, c + 1).within(target):
            sheet.put(r, c, {})
    return {}


def _paste(book: Book, a: Json, target: Area, user: str) -> None:
    source = Area.of(a["source"])
    from_, to = book.sheet(source.sheet_id), book.sheet(target.sheet_id)
    rows, columns = from_.area(source)
    height, width = to.area(target)
    down, right = max(len(height), len(rows)), max(len(width), len(columns))
    book.require_edit(
        user, Area(to.id, target.row0, target.row0 + down, target.col0, target.col0 + right)
    )
    if target.row0 + down > to.rows or target.col0 + right > to.columns:
        raise to.beyond(to.title_of(target))
    cells = [[from_.cell(r, c) or {} for c in columns] for r in rows]
    if a.get("pasteOrientation") == "TRANSPOSE":
        cells = [list(line) for line in zip(*cells, strict=True)]
    fields = _PASTED.get(a.get("pasteType", ""), "*")
    # A source that is smaller than the target is repeated.
    pasted = []
    for r in range(down):
        line = cells[r % len(cells)]
        pasted.append({"values": [line[c % len(line)] for c in range(right)]})
    _put(to, target.row0, target.col0, pasted, fields)
