"""The spreadsheet resource as `spreadsheets.get` answers it: zeros are left out, as in proto3."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.sandbox.sheets.grid.a1 import Area
from connectors.sandbox.sheets.grid.book import Book, Json, Sheet
from connectors.sandbox.sheets.grid.look import DEFAULT_FORMAT, THEME, coloured, over
from connectors.sandbox.sheets.grid.values import CellData, effective, formatted, hyperlink

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
    """The whole resource: cells only with *grid*; with *areas*, only the tabs of those."""
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
    """The lists that hold something, by name."""
    return {name: items for name, items in lists.items() if items}


def _metadata(book: Book, place: str, sheet_id: int = 0, index: int = 0) -> list[Json]:
    """The metadata that is kept at a spreadsheet, a tab, a row or a column."""

    def is_here(location: Json) -> bool:
        if location["locationType"] != place:
            return False
        if place == "SHEET":
            return bool(location["sheetId"] == sheet_id)
        span = location.get("dimensionRange", {})
        return place == "SPREADSHEET" or (
            (span.get("sheetId", 0), span["startIndex"]) == (sheet_id, index)
        )

    return [found for found in book.metadata if is_here(found["location"])]


def sparse(value: Any) -> Any:
    """*value* without the fields proto3 leaves out: false, empty texts, the first tab's number."""
    if isinstance(value, list):
        return [sparse(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: inner if name == "textFormat" else sparse(inner)
        for name, inner in value.items()
        if not _left_out(name, inner)
    }


def _left_out(name: str, inner: Any) -> bool:
    # A 0 is kept, except as the number of a tab; `in (False,)` would drop it too.
    return inner is None or inner is False or inner == "" or (name == "sheetId" and inner == 0)


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
    """The GridData of an area: its cells, and the sizes and metadata of its rows and columns."""
    rows, columns = sheet.area(area)
    kept_rows = range(rows.start, min(rows.stop, len(sheet.lines)))
    lines = [_trim([cell_shown(sheet.cell(r, c)) for c in columns]) for r in kept_rows]
    found: Json = {}
    if lines := _trim(lines):
        found["rowData"] = [{"values": line} if line else {} for line in lines]
    if area.row0:
        found["startRow"] = area.row0
    if area.col0:
        found["startColumn"] = area.col0
    row_sizes, column_sizes = sheet.row_sizes, sheet.column_sizes
    found["rowMetadata"] = _sizes(book, sheet, "ROW", rows, row_sizes, ROW_HEIGHT)
    found["columnMetadata"] = _sizes(book, sheet, "COLUMN", columns, column_sizes, COLUMN_WIDTH)
    return found


def _sizes(
    book: Book, sheet: Sheet, place: str, span: range, sizes: dict[int, Json], usual: int
) -> list[Json]:
    """The DimensionProperties of these rows or columns; *usual* is the size in pixels."""
    locations = [m["location"] for m in book.metadata if m["location"]["locationType"] == place]
    with_metadata = {location["dimensionRange"]["startIndex"] for location in locations}
    found = []
    for n in span:
        shown: Json = {"pixelSize": usual, **sparse(sizes.get(n, {}))}
        if n in with_metadata:
            shown |= _named({"developerMetadata": sparse(_metadata(book, place, sheet.id, n))})
        found.append(shown)
    return found


def _trim(items: list[Any]) -> list[Any]:
    """The list without its empty end."""
    while items and not items[-1]:
        items.pop()
    return items


def cell_shown(cell: CellData | None) -> Json:
    """A CellData as read: the value entered, its effective value, and the text that is shown."""
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
