"""The spreadsheet resource as `spreadsheets.get` answers it, with proto3's habit of leaving out
what is zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.sandbox.sheets.a1 import Area
from connectors.sandbox.sheets.book import Book, Json, Sheet
from connectors.sandbox.sheets.look import DEFAULT_FORMAT, THEME, coloured, over
from connectors.sandbox.sheets.values import CellData, effective, formatted, hyperlink

PARTS = (
    "protectedRanges",
    "charts",
    "conditionalFormats",
    "filterViews",
    "merges",
    "rowGroups",
    "columnGroups",
)
ROW_HEIGHT, COLUMN_WIDTH = 21, 100


def spreadsheet(book: Book, user: str, *, grid: bool = False, areas: Sequence[Area] = ()) -> Json:
    """The whole resource; cells only with *grid*, only the tabs of *areas* where given."""
    found: Json = {
        "spreadsheetId": book.id,
        "properties": {
            "title": book.title,
            "locale": book.locale,
            "autoRecalc": "ON_CHANGE",
            "timeZone": book.time_zone,
            "defaultFormat": DEFAULT_FORMAT,
            "spreadsheetTheme": THEME,
            **book.properties,
        },
        "sheets": [
            _sheet(book, sheet, n, user, grid, [a for a in areas if a.sheet_id == sheet.id])
            for n, sheet in enumerate(book.sheets)
            if not areas or any(a.sheet_id == sheet.id for a in areas)
        ],
        "spreadsheetUrl": f"https://docs.google.com/spreadsheets/d/{book.id}/edit",
    }
    return found | _named(
        {
            "namedRanges": sparse(book.named_ranges),
            "developerMetadata": sparse(_metadata(book, "SPREADSHEET")),
        }
    )


def _named(lists: dict[str, list[Any]]) -> Json:
    """Only those that hold something."""
    return {name: items for name, items in lists.items() if items}


def _metadata(book: Book, place: str, sheet_id: int = 0, index: int = 0) -> list[Json]:
    """The metadata that is kept at a spreadsheet, a tab, a row or a column."""
    found = [m for m in book.metadata if m["location"]["locationType"] == place]
    if place == "SHEET":
        found = [m for m in found if m["location"]["sheetId"] == sheet_id]
    elif place != "SPREADSHEET":
        spans = [m["location"]["dimensionRange"] for m in found]
        found = [
            m
            for m, at in zip(found, spans, strict=True)
            if (at.get("sheetId", 0), at["startIndex"]) == (sheet_id, index)
        ]
    return found


def sparse(value: Any) -> Any:
    """*value* without what proto3 leaves out: false, empty texts, the number of the first tab."""
    if isinstance(value, list):
        return [sparse(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: inner if name == "textFormat" else sparse(inner)
        for name, inner in value.items()
        if not (
            inner is None or inner is False or inner == "" or (name == "sheetId" and inner == 0)
        )
    }


def properties(sheet: Sheet, index: int) -> Json:
    """SheetProperties; sheetId stays even when it is 0."""
    grid = {
        "rowCount": sheet.rows,
        "columnCount": sheet.columns,
        **sheet.properties.get("gridProperties", {}),
    }
    rest = {k: v for k, v in sheet.properties.items() if k != "gridProperties"}
    return {
        "sheetId": sheet.id,
        "title": sheet.title,
        "index": index,
        "sheetType": "GRID",
        "gridProperties": {k: v for k, v in grid.items() if v},
        **sparse(coloured(rest)),
    }


def _sheet(book: Book, sheet: Sheet, index: int, user: str, grid: bool, areas: list[Area]) -> Json:
    found: Json = {"properties": properties(sheet, index)}
    shown = {part: sparse(coloured(sheet.parts[part])) for part in PARTS if sheet.parts.get(part)}
    if "protectedRanges" in shown:
        shown["protectedRanges"] = [
            protected(book, p, user) for p in sheet.parts["protectedRanges"]
        ]
    found |= shown | _named({"developerMetadata": sparse(_metadata(book, "SHEET", sheet.id))})
    if sheet.basic_filter:
        found["basicFilter"] = sparse(sheet.basic_filter)
    if grid:
        found["data"] = [_grid(book, sheet, area) for area in areas or [Area(sheet.id)]]
    return found


def protected(book: Book, protection: Json, user: str) -> Json:
    """A protection as this user sees it."""
    may = (
        user == book.owner
        or protection.get("warningOnly")
        or user in protection.get("editors", {}).get("users", ())
    )
    return {**sparse(protection), **({"requestingUserCanEdit": True} if may else {})}


def _grid(book: Book, sheet: Sheet, area: Area) -> Json:
    rows, columns = sheet.area(area)
    lines = [
        {"values": _trim([cell_shown(sheet.cell(r, c)) for c in columns])}
        for r in rows
        if r < len(sheet.lines)
    ]
    while lines and not lines[-1]["values"]:
        lines.pop()
    found: Json = {"rowData": [line if line["values"] else {} for line in lines]} if lines else {}
    found |= {
        name: start
        for name, start in (("startRow", area.row0), ("startColumn", area.col0))
        if start
    }
    noted = {
        (m["location"]["locationType"], m["location"]["dimensionRange"]["startIndex"])
        for m in book.metadata
        if "dimensionRange" in m["location"]
    }
    for name, place, span, sizes, size in (
        ("rowMetadata", "ROW", rows, sheet.row_sizes, ROW_HEIGHT),
        ("columnMetadata", "COLUMN", columns, sheet.column_sizes, COLUMN_WIDTH),
    ):
        found[name] = [
            {
                "pixelSize": size,
                **sparse(sizes.get(n, {})),
                **(
                    _named({"developerMetadata": sparse(_metadata(book, place, sheet.id, n))})
                    if (place, n) in noted
                    else {}
                ),
            }
            for n in span
        ]
    return found


def _trim(cells: list[Json]) -> list[Json]:
    while cells and not cells[-1]:
        cells.pop()
    return cells


def cell_shown(cell: CellData | None) -> Json:
    """A CellData as read: what was entered, what it amounts to, and what a person sees."""
    if not cell:
        return {}
    own = coloured(cell.get("userEnteredFormat", {}))
    shown: dict[str, Any] = sparse(cell) | ({"userEnteredFormat": own} if own else {})
    if cell.get("userEnteredValue"):
        # A value is a choice of one field, and false or "" is a choice too.
        shown |= {
            "userEnteredValue": cell["userEnteredValue"],
            "effectiveValue": effective(cell),
            "formattedValue": formatted(cell),
        }
    if own or cell.get("userEnteredValue"):
        shown["effectiveFormat"] = over(DEFAULT_FORMAT, own)
    return shown | ({"hyperlink": link} if (link := hyperlink(cell)) else {})
