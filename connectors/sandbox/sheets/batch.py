"""`spreadsheets.batchUpdate`: one function per kind of request, tried on a copy so that a batch is all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connectors.sandbox.sheets import masks, show
from connectors.sandbox.sheets.a1 import Area
from connectors.sandbox.sheets.book import Book, Json, Sheet
from connectors.sandbox.sheets.errors import ApiError
from connectors.sandbox.sheets.values import LONGEST, CellData

Handler = Callable[[Book, Json, str], Json]
KINDS: dict[str, Handler] = {}
CELL_FIELDS = frozenset({"userEnteredValue", "userEnteredFormat", "note", "dataValidation", "textFormatRuns", "hyperlink"})


def kind(name: str) -> Callable[[Handler], Handler]:
    """Register the handler of one request kind."""
    def register(handler: Handler) -> Handler:
        KINDS[name] = handler
        return handler
    return register


def apply(book: Book, requests: Any, user: str) -> tuple[Book, list[Json]]:
    """The book after all requests, and their replies; raises ApiError and changes nothing if one is refused."""
    if not isinstance(requests, list) or not requests:
        raise ApiError(400, "Must specify at least one request.")
    trial, replies = book.clone(), []
    for n, request in enumerate(requests):
        if not isinstance(request, dict) or len(request) != 1:
            raise ApiError(400, f"Invalid value at 'requests[{n}]': exactly one kind of request must be set.")
        name, arguments = next(iter(request.items()))
        if name not in KINDS:
            raise ApiError(400, f'Invalid JSON payload received. Unknown name "{name}" at \'requests[{n}]\': Cannot find field.')
        try:
            replies.append(KINDS[name](trial, arguments, user))
        except ApiError as refused:
            raise ApiError(refused.code, f"Invalid requests[{n}].{name}: {refused.message}") from refused
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            raise ApiError(400, f"Invalid requests[{n}].{name}: malformed ({type(problem).__name__}).") from problem
    return trial, replies


@kind("addSheet")
def _add_sheet(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
    wanted = dict(a.get("properties", {}))
    title = wanted.pop("title", None) or f"Sheet{len(book.sheets) + 1}"
    if any(s.title.casefold() == title.casefold() for s in book.sheets):
        raise ApiError(400, f'A sheet with the name "{title}" already exists. Please enter another name.')
    sheet_id = wanted.pop("sheetId", None)
    if sheet_id is not None and any(s.id == sheet_id for s in book.sheets):
        raise ApiError(400, f"Sheet with id {sheet_id} already exists.")
    grid = dict(wanted.pop("gridProperties", {}))
    index = wanted.pop("index", len(book.sheets))
    wanted.pop("sheetType", None)
    sheet = Sheet(book.draw_id() if sheet_id is None else sheet_id, title, grid.pop("rowCount", 1000), grid.pop("columnCount", 26),
                  {**wanted, **({"gridProperties": grid} if grid else {})})
    book.sheets.insert(index, sheet)
    return {"addSheet": {"properties": show.properties(sheet, book.sheets.index(sheet))}}


@kind("deleteSheet")
def _delete_sheet(book: Book, a: Json, user: str) -> Json:
    sheet = book.sheet(a.get("sheetId", 0))
    book.require_edit(user, Area(sheet.id))
    if len(book.sheets) == 1:
        raise ApiError(400, "You can't remove all the sheets in a document.")
    book.sheets.remove(sheet)
    return {}


@kind("updateSheetProperties")
def _update_sheet(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
    new = a["properties"]
    sheet = book.sheet(new.get("sheetId", 0))
    for path in masks.paths(a["fields"]):
        if path[0] == "title":
            sheet.title = str(new["title"])
        elif path[0] == "index":
            book.sheets.remove(sheet)
            book.sheets.insert(int(new.get("index", 0)), sheet)
        elif path[0] == "gridProperties":
            _grid_properties(sheet, path[1:], new.get("gridProperties", {}))
        elif path[0] == "hidden" and new.get("hidden") and sum(not s.properties.get("hidden") for s in book.sheets) == 1:
            raise ApiError(400, "You can't hide all the sheets in a document.")
        else:
            sheet.properties[path[0]] = new.get(path[0])
    return {}


def _grid_properties(sheet: Sheet, path: tuple[str, ...], new: Json) -> None:
    for name in path or tuple(new):
        if name == "rowCount":
            sheet.rows = int(new["rowCount"])
            del sheet.lines[sheet.rows:]
        elif name == "columnCount":
            sheet.columns = int(new["columnCount"])
        else:
            sheet.properties.setdefault("gridProperties", {})
            sheet.properties["gridProperties"] = {**sheet.properties["gridProperties"], name: new.get(name, 0)}


@kind("updateSpreadsheetProperties")
def _update_book(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
    for path in masks.paths(a["fields"]):
        name = {"title": "title", "locale": "locale", "timeZone": "time_zone"}.get(path[0])
        if name:
            setattr(book, name, a["properties"][path[0]])
    return {}


def _checked(cell: Json) -> CellData:
    if unknown := cell.keys() - CELL_FIELDS:
        raise ApiError(400, f'Unknown name "{sorted(unknown)[0]}": Cannot find field.')
    value = cell.get("userEnteredValue") or {}
    if len(str(value.get("stringValue", ""))) > LONGEST:
        raise ApiError(400, "Your input contains more than the maximum of 50000 characters in a single cell.")
    return {name: part for name, part in cell.items() if part}


def merged(old: CellData | None, new: Json, fields: str) -> CellData:
    """*old* with what *fields* names taken from *new*; what *new* lacks there is cleared."""
    found: CellData = dict(old or {})
    for path in [("*",)] if fields == "*" else masks.paths(fields):
        if path == ("*",):
            found = dict(new)
            continue
        _set_path(found, new, path)
    return {name: part for name, part in found.items() if part not in ({}, None)}


def _set_path(found: Json, new: Json, path: tuple[str, ...]) -> None:
    name, rest = path[0], path[1:]
    if not rest:
        if new.get(name) is None:
            found.pop(name, None)
        else:
            found[name] = new[name]
        return
    inner = dict(found.get(name) or {})
    _set_path(inner, new.get(name) or {}, rest)
    found[name] = inner


@kind("updateCells")
def _update_cells(book: Book, a: Json, user: str) -> Json:
    if "start" in a:
        start = a["start"]
        sheet_id, row0, col0 = start.get("sheetId", 0), start.get("rowIndex", 0), start.get("columnIndex", 0)
        rows = a.get("rows", [])
        area = Area(sheet_id, row0, row0 + len(rows), col0, col0 + max([len(r.get("values", ())) for r in rows], default=1))
    else:
        area = Area.of(a["range"])
        row0, col0, rows = area.row0, area.col0, a.get("rows", [])
    sheet = book.sheet(area.sheet_id)
    book.require_edit(user, area)
    if (area.row1 or 0) > sheet.rows or (area.col1 or 0) > sheet.columns:
        raise ApiError(400, f"Range exceeds grid limits. Max rows: {sheet.rows}, max columns: {sheet.columns}")
    if "range" in a:
        height, width = sheet.area(area)
        rows = [{"values": [*r.get("values", ()), *({} for _ in range(len(width) - len(r.get("values", ()))))]} for r in rows]
        rows += [{"values": [{}] * len(width)}] * (min(len(height), max(0, len(sheet.lines) - row0)) - len(rows))
    for r, line in enumerate(rows):
        for c, cell in enumerate(line.get("values", ())):
            sheet.put(row0 + r, col0 + c, merged(sheet.cell(row0 + r, col0 + c), _checked(cell), a["fields"]))
    return {}


@kind("appendCells")
def _append_cells(book: Book, a: Json, user: str) -> Json:
    sheet = book.sheet(a.get("sheetId", 0))
    row = sheet.last_row()
    rows = a.get("rows", [])
    wide = max([len(r.get("values", ())) for r in rows], default=1)
    book.require_edit(user, Area(sheet.id, row, row + len(rows), 0, wide))
    sheet.rows = max(sheet.rows, row + len(rows))
    sheet.columns = max(sheet.columns, wide)
    for r, line in enumerate(rows):
        for c, cell in enumerate(line.get("values", ())):
            sheet.put(row + r, c, merged(sheet.cell(row + r, c), _checked(cell), a["fields"]))
    return {}


def editable(book: Book, grid_range: Json, user: str) -> tuple[Sheet, range, range]:
    """The tab, rows and columns of a GridRange that *user* may edit; refuses the rest as the service does."""
    area = Area.of(grid_range)
    sheet = book.sheet(area.sheet_id)
    book.require_edit(user, area)
    return sheet, *sheet.area(area)


@kind("repeatCell")
def _repeat_cell(book: Book, a: Json, user: str) -> Json:
    sheet, rows, columns = editable(book, a["range"], user)
    new = _checked(a.get("cell", {}))
    for r in rows:
        for c in columns:
            sheet.put(r, c, merged(sheet.cell(r, c), new, a["fields"]))
    return {}


@kind("setDataValidation")
def _validate(book: Book, a: Json, user: str) -> Json:
    sheet, rows, columns = editable(book, a["range"], user)
    for r in rows:
        for c in columns:
            rest = {k: v for k, v in (sheet.cell(r, c) or {}).items() if k != "dataValidation"}
            sheet.put(r, c, rest | ({"dataValidation": a["rule"]} if a.get("rule") else {}))
    return {}


@kind("addProtectedRange")
def _protect(book: Book, a: Json, user: str) -> Json:
    wanted = dict(a["protectedRange"])
    if wanted.get("warningOnly") and wanted.get("editors"):
        raise ApiError(400, "ProtectedRange is warningOnly. Editors cannot be set on it.")
    wanted["protectedRangeId"] = book.draw_id()
    if not wanted.get("warningOnly"):
        users = [*wanted.get("editors", {}).get("users", ()), book.owner, user]
        wanted["editors"] = {**wanted.get("editors", {}), "users": list(dict.fromkeys(u for u in users if u))}
    area = Area.of(wanted.get("range", {}))
    wanted["range"] = area.json()
    book.sheet(area.sheet_id).parts.setdefault("protectedRanges", []).append(wanted)
    return {"addProtectedRange": {"protectedRange": wanted}}


@kind("updateProtectedRange")
def _update_protected(book: Book, a: Json, user: str) -> Json:
    new = a["protectedRange"]
    sheet, old = _protection(book, new["protectedRangeId"], user)
    changed = dict(old)
    for path in masks.paths(a["fields"]):
        _set_path(changed, new, path)
    sheet.parts["protectedRanges"] = [changed if p is old else p for p in sheet.parts["protectedRanges"]]
    return {}


@kind("deleteProtectedRange")
def _unprotect(book: Book, a: Json, user: str) -> Json:
    sheet, old = _protection(book, a["protectedRangeId"], user)
    sheet.parts["protectedRanges"] = [p for p in sheet.parts["protectedRanges"] if p is not old]
    return {}


def _protection(book: Book, number: int, user: str) -> tuple[Sheet, Json]:
    for sheet in book.sheets:
        for protected in sheet.parts.get("protectedRanges", ()):
            if protected["protectedRangeId"] == number:
                if user not in {book.owner, *protected.get("editors", {}).get("users", ())}:
                    raise ApiError(400, "You are trying to edit a protected cell or object.")
                return sheet, protected
    raise ApiError(400, f"No protected range with id: {number}")


@kind("updateDimensionProperties")
def _dimension(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
    where = a["range"]
    sheet = book.sheet(where.get("sheetId", 0))
    sizes = sheet.column_sizes if where.get("dimension") == "COLUMNS" else sheet.row_sizes
    for n in range(where.get("startIndex", 0), where.get("endIndex", sheet.columns)):
        sizes[n] = {**sizes.get(n, {}), **a["properties"]}
    return {}
