"""batchUpdate's requests about the spreadsheet and its tabs."""

from __future__ import annotations

from connectors.sandbox.sheets import masks
from connectors.sandbox.sheets.batch.register import kind, merged
from connectors.sandbox.sheets.errors import ApiError
from connectors.sandbox.sheets.grid import show
from connectors.sandbox.sheets.grid.a1 import Area
from connectors.sandbox.sheets.grid.book import Book, Json, Sheet
from connectors.sandbox.sheets.grid.shift import readdressed

PROPERTIES = {"title": "title", "locale": "locale", "timeZone": "time_zone"}
WIDEST = 18_278
OWN_IDS = {
    "charts": "chartId",
    "protectedRanges": "protectedRangeId",
    "filterViews": "filterViewId",
}


def new_sheet(book: Book, properties: Json) -> Sheet:
    """A tab with these SheetProperties, not yet in the book.

    Raises ApiError for a title or an id that is taken.
    """
    rest = {
        name: value
        for name, value in properties.items()
        if name not in {"sheetId", "title", "index", "sheetType"}
    }
    grid = dict(rest.pop("gridProperties", {}))
    rows, columns = grid.pop("rowCount", 1000), grid.pop("columnCount", 26)
    sheet_id = properties.get("sheetId")
    if sheet_id is not None and any(s.id == sheet_id for s in book.sheets):
        raise ApiError(400, f"Sheet with id {sheet_id} already exists.")
    sheet = Sheet(
        book.draw_id() if sheet_id is None else sheet_id,
        "",
        properties=rest | ({"gridProperties": grid} if grid else {}),
    )
    _resize(sheet, rows, columns)
    _name(book, sheet, properties.get("title") or f"Sheet{len(book.sheets) + 1}")
    return sheet


def _name(book: Book, sheet: Sheet, title: str) -> None:
    if not title or len(title) > 100:
        raise ApiError(400, "A sheet name must have between 1 and 100 characters.")
    if any(s is not sheet and s.title.casefold() == title.casefold() for s in book.sheets):
        raise ApiError(
            400, f'A sheet with the name "{title}" already exists. Please enter another name.'
        )
    sheet.title = title


def _resize(sheet: Sheet, rows: int, columns: int) -> None:
    grid = sheet.properties.get("gridProperties", {})
    if not rows or not columns:
        raise ApiError(400, "A sheet must have at least one row and one column.")
    if rows <= grid.get("frozenRowCount", 0) or columns <= grid.get("frozenColumnCount", 0):
        raise ApiError(400, "You can't freeze all visible rows or columns on the sheet.")
    if columns > WIDEST:
        raise ApiError(400, f"A sheet has at most {WIDEST} columns.")
    sheet.rows, sheet.columns = rows, columns
    sheet.lines = [
        {c: cell for c, cell in line.items() if c < columns} for line in sheet.lines[:rows]
    ]


@kind("addSheet")
def _add(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
    wanted = a.get("properties", {})
    sheet = new_sheet(book, wanted)
    book.sheets.insert(wanted.get("index", len(book.sheets)), sheet)
    return {"addSheet": {"properties": show.properties(sheet, book.sheets.index(sheet))}}


@kind("deleteSheet")
def _delete(book: Book, a: Json, user: str) -> Json:
    sheet = book.sheet(a.get("sheetId", 0))
    book.require_edit(user, Area(sheet.id))
    if len(book.sheets) == 1:
        raise ApiError(400, "You can't remove all the sheets in a document.")
    book.sheets.remove(sheet)
    book.named_ranges = [n for n in book.named_ranges if n["range"].get("sheetId", 0) != sheet.id]
    book.metadata = [m for m in book.metadata if not _is_on_tab(m["location"], sheet.id)]
    return {}


def _is_on_tab(location: Json, sheet_id: int) -> bool:
    """Whether metadata with this location is on the tab, or on a row or column of it."""
    place = {**location, **location.get("dimensionRange", {})}
    return "spreadsheet" not in location and place.get("sheetId", 0) == sheet_id


@kind("duplicateSheet")
def _duplicate(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
    source = book.sheet(a.get("sourceSheetId", 0))
    number = a.get("newSheetId")
    if number is not None and any(s.id == number for s in book.sheets):
        raise ApiError(400, f"Sheet with id {number} already exists.")
    twin = copied(
        source,
        book,
        book.draw_id() if number is None else number,
        a.get("newSheetName") or f"Copy of {source.title}",
    )
    book.sheets.insert(a.get("insertSheetIndex", len(book.sheets)), twin)
    return {"duplicateSheet": {"properties": show.properties(twin, book.sheets.index(twin))}}


def copied(source: Sheet, book: Book, sheet_id: int, title: str) -> Sheet:
    """A copy of a tab for *book*; its charts, protections and filter views get ids of their own."""
    twin = source.clone()
    twin.id = sheet_id
    twin.basic_filter = readdressed(twin.basic_filter, source.id, sheet_id)
    for name, parts in twin.parts.items():
        moved = [readdressed(part, source.id, sheet_id) for part in parts]
        if name in OWN_IDS:
            moved = [part | {OWN_IDS[name]: book.draw_id()} for part in moved]
        twin.parts[name] = moved
    _name(book, twin, title)
    return twin


@kind("updateSheetProperties")
def _update(book: Book, a: Json, user: str) -> Json:
    new = a["properties"]
    sheet = book.sheet(new.get("sheetId", 0))
    book.require_edit(user, Area(sheet.id), whole=True)
    for path in _paths(a["fields"], new):
        name = path[0]
        if name == "title":
            _name(book, sheet, new.get("title", ""))
        elif name == "index":
            book.sheets.remove(sheet)
            book.sheets.insert(new.get("index", 0), sheet)
        elif name == "gridProperties":
            _grid(book, sheet, path[1:], new.get("gridProperties", {}), user)
        elif name != "sheetId":
            if name == "hidden" and new.get("hidden"):
                _require_another_visible(book, sheet)
            sheet.properties = merged(sheet.properties, new, name)
    return {}


def _require_another_visible(book: Book, sheet: Sheet) -> None:
    others = [other for other in book.sheets if other is not sheet]
    if all(other.properties.get("hidden") for other in others):
        raise ApiError(400, "You can't hide all the sheets in a document.")


def _paths(fields: str, new: Json) -> list[tuple[str, ...]]:
    """The paths that a mask names; for "*" the names in *new*."""
    paths = masks.paths(fields)
    return [(name,) for name in new] if ("*",) in paths else paths


def _grid(book: Book, sheet: Sheet, path: tuple[str, ...], new: Json, user: str) -> None:
    grid = dict(sheet.properties.get("gridProperties", {}))
    rows, columns = sheet.rows, sheet.columns
    for name in path if path != ("*",) and path else tuple(new):
        if name == "rowCount":
            rows = new.get(name, 0)
        elif name == "columnCount":
            columns = new.get(name, 0)
        else:
            grid[name] = new.get(name, 0)
    if rows < sheet.rows:
        book.require_edit(user, Area(sheet.id, rows))
    if columns < sheet.columns:
        book.require_edit(user, Area(sheet.id, 0, None, columns))
    sheet.properties = sheet.properties | {"gridProperties": grid}
    _resize(sheet, rows, columns)


@kind("updateSpreadsheetProperties")
def _update_book(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
    for path in _paths(a["fields"], a["properties"]):
        if path[0] in PROPERTIES:
            setattr(book, PROPERTIES[path[0]], a["properties"].get(path[0], ""))
        else:
            book.properties = merged(book.properties, a["properties"], ".".join(path))
    return {}
