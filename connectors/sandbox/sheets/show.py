"""The spreadsheet resource as `spreadsheets.get` answers it, with proto3's habit of leaving out what is zero."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.sheets.a1 import Area
from connectors.sandbox.sheets.book import Book, Json, Sheet
from connectors.sandbox.sheets.values import CellData, effective, formatted

SHOWN_PARTS = ("protectedRanges", "charts", "conditionalFormats", "filterViews", "merges", "developerMetadata", "rowGroups",
               "columnGroups")


def spreadsheet(book: Book, user: str, *, grid: bool = False, areas: list[Area] | None = None) -> Json:
    """The whole resource; cells only with *grid*, only the tabs of *areas* where given."""
    wanted = {area.sheet_id for area in areas} if areas else None
    found: Json = {
        "spreadsheetId": book.id,
        "properties": {"title": book.title, "locale": book.locale, "autoRecalc": "ON_CHANGE", "timeZone": book.time_zone,
                       "defaultFormat": {}},
        "sheets": [_sheet(book, sheet, n, user, grid, [a for a in areas or () if a.sheet_id == sheet.id])
                   for n, sheet in enumerate(book.sheets) if wanted is None or sheet.id in wanted],
        "spreadsheetUrl": f"https://docs.google.com/spreadsheets/d/{book.id}/edit",
    }
    if book.named_ranges:
        found["namedRanges"] = book.named_ranges
    if book.metadata:
        found["developerMetadata"] = book.metadata
    return found


def properties(sheet: Sheet, index: int) -> Json:
    """SheetProperties; sheetId stays even when it is 0."""
    grid = {"rowCount": sheet.rows, "columnCount": sheet.columns, **sheet.properties.get("gridProperties", {})}
    rest = {k: v for k, v in sheet.properties.items() if k != "gridProperties" and v not in (False, None)}
    return {"sheetId": sheet.id, "title": sheet.title, "index": index, "sheetType": "GRID",
            "gridProperties": {k: v for k, v in grid.items() if v}, **rest}


def _sheet(book: Book, sheet: Sheet, index: int, user: str, grid: bool, areas: list[Area]) -> Json:
    found: Json = {"properties": properties(sheet, index)}
    for part in SHOWN_PARTS:
        if shown := sheet.parts.get(part):
            found[part] = [_protected(book, p, user) for p in shown] if part == "protectedRanges" else list(shown)
    if sheet.basic_filter:
        found["basicFilter"] = sheet.basic_filter
    if grid:
        found["data"] = [_grid(sheet, area) for area in areas or [Area(sheet.id)]]
    return found


def _protected(book: Book, protected: Json, user: str) -> Json:
    editors = protected.get("editors", {})
    may = user == book.owner or user in editors.get("users", ())
    shown = {k: v for k, v in protected.items() if v not in (False, None)}
    return shown | ({"requestingUserCanEdit": True} if may else {})


def _grid(sheet: Sheet, area: Area) -> Json:
    rows, columns = sheet.area(area)
    lines = [{"values": _trim([cell_shown(sheet.cell(r, c)) for c in columns])} for r in rows if r < len(sheet.lines)]
    while lines and not lines[-1]["values"]:
        lines.pop()
    found: Json = {"rowData": [line if line["values"] else {} for line in lines]} if lines else {}
    if area.row0:
        found["startRow"] = area.row0
    if area.col0:
        found["startColumn"] = area.col0
    return found


def _trim(cells: list[Json]) -> list[Json]:
    while cells and not cells[-1]:
        cells.pop()
    return cells


def cell_shown(cell: CellData | None) -> Json:
    """A CellData as read: what was entered, what it amounts to, and what a person sees."""
    if not cell:
        return {}
    shown: dict[str, Any] = dict(cell)
    if cell.get("userEnteredValue"):
        shown |= {"effectiveValue": effective(cell), "formattedValue": formatted(cell)}
    if "userEnteredFormat" in cell:
        shown["effectiveFormat"] = cell["userEnteredFormat"]
    return shown
