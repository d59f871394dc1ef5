"""batchUpdate's requests about the spreadsheet, its tabs and who may edit what of them."""

from __future__ import annotations

from connectors.sandbox.sheets import masks, show
from connectors.sandbox.sheets.a1 import Area
from connectors.sandbox.sheets.batch import kind, merged
from connectors.sandbox.sheets.book import Book, Json, Sheet
from connectors.sandbox.sheets.errors import PROTECTED, ApiError
from connectors.sandbox.sheets.shift import readdressed

PROPERTIES = {"title": "title", "locale": "locale", "timeZone": "time_zone"}
WIDEST = 18_278
OWN_IDS = {
    "charts": "chartId",
    "protectedRanges": "protectedRangeId",
    "filterViews": "filterViewId",
}


def new_sheet(book: Book, properties: Json) -> Sheet:
    """A tab with these SheetProperties, not yet in the book. Raises ApiError for a title or id that
    is taken.
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
    if rows <= grid.get("frozenRowCount", 0) or columns <= grid.get("frozenColumnCount", 0):
        raise ApiError(
            400,
            (
                "You can't freeze all visible rows or columns on the sheet."
                if rows and columns
                else "A sheet must have at least one row and one column."
            ),
        )
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
    book.metadata = [
        m
        for m in book.metadata
        if "spreadsheet" in m["location"]
        or {**m["location"], **m["location"].get("dimensionRange", {})}.get("sheetId", 0)
        != sheet.id
    ]
    return {}


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
    """A copy of a tab for *book*, with ids of its own for what lies over its cells."""
    twin = source.clone()
    twin.id = sheet_id
    twin.basic_filter = readdressed(twin.basic_filter, source.id, sheet_id)
    twin.parts = {
        name: [
            readdressed(part, source.id, sheet_id)
            | ({OWN_IDS[name]: book.draw_id()} if name in OWN_IDS else {})
            for part in parts
        ]
        for name, parts in twin.parts.items()
    }
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
        elif (
            name == "hidden"
            and new.get("hidden")
            and all(s.properties.get("hidden") for s in book.sheets if s is not sheet)
        ):
            raise ApiError(400, "You can't hide all the sheets in a document.")
        elif name != "sheetId":
            sheet.properties = merged(sheet.properties, new, name)
    return {}


def _paths(fields: str, new: Json) -> list[tuple[str, ...]]:
    """What a mask names; of everything, what there is."""
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


# -- protections -----------------------------------------------------------------------------------


def _sound(book: Book, wanted: Json, user: str) -> Json:
    """A protection as the service keeps it: the owner and who made it may always edit."""
    named = [
        n["range"] for n in book.named_ranges if n["namedRangeId"] == wanted.get("namedRangeId")
    ]
    area = Area.of(named[0] if named else wanted.get("range", {}))
    book.sheet(area.sheet_id).area(area)
    given: Json = wanted.get("editors", {})
    editors = given | {"users": list(dict.fromkeys([*given.get("users", ()), book.owner, user]))}
    kept = {
        name: value
        for name, value in wanted.items()
        if name != "requestingUserCanEdit" and value is not False
    }
    return kept | {
        "range": area.json(),
        "editors": {name: value for name, value in editors.items() if value},
    }


@kind("addProtectedRange")
def _protect(book: Book, a: Json, user: str) -> Json:
    wanted = a["protectedRange"]
    if wanted.get("warningOnly") and wanted.get("editors"):
        raise ApiError(400, "ProtectedRange is warningOnly. Editors cannot be set on it.")
    made: Json = {"protectedRangeId": book.draw_id()} | _sound(book, wanted, user)
    if any(
        p["protectedRangeId"] == made["protectedRangeId"]
        for s in book.sheets
        for p in s.parts.get("protectedRanges", ())
    ):
        raise ApiError(400, f"Protected range with id {made['protectedRangeId']} already exists.")
    book.sheet(made["range"].get("sheetId", 0)).parts.setdefault("protectedRanges", []).append(made)
    # As recorded of the real service, this reply does not show yet whom it added to the editors.
    asked = {name: value for name, value in wanted.get("editors", {}).items() if value}
    return {
        "addProtectedRange": {
            "protectedRange": show.protected(book, made, user) | {"editors": asked}
        }
    }


@kind("updateProtectedRange")
def _reprotect(book: Book, a: Json, user: str) -> Json:
    new = a["protectedRange"]
    sheet, old = _protection(book, new.get("protectedRangeId", 0), user)
    changed = merged(old, new, a["fields"]) | {"protectedRangeId": old["protectedRangeId"]}
    if changed.get("warningOnly") and new.get("editors"):
        raise ApiError(400, "ProtectedRange is warningOnly. Editors cannot be set on it.")
    sheet.parts["protectedRanges"].remove(old)
    changed = _sound(book, changed, book.owner)
    book.sheet(changed["range"].get("sheetId", 0)).parts.setdefault("protectedRanges", []).append(
        changed
    )
    return {}


@kind("deleteProtectedRange")
def _unprotect(book: Book, a: Json, user: str) -> Json:
    sheet, old = _protection(book, a["protectedRangeId"], user)
    sheet.parts["protectedRanges"].remove(old)
    return {}


def _protection(book: Book, number: int, user: str) -> tuple[Sheet, Json]:
    for sheet in book.sheets:
        for protected in sheet.parts.get("protectedRanges", ()):
            if protected["protectedRangeId"] == number:
                if not protected.get("warningOnly") and user not in {
                    book.owner,
                    *protected.get("editors", {}).get("users", ()),
                }:
                    raise ApiError(400, PROTECTED)
                return sheet, protected
    raise ApiError(400, f"No protected range with id: {number}")
