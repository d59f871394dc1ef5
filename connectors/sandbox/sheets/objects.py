"""batchUpdate's requests about what lies over the cells: named ranges, merges, filters, groups, charts, formats, metadata.

Most of these are lists of parts of a tab with an id each, so most of the work is a table: what a kind adds, where it is
kept, and under which name its id goes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connectors.sandbox.sheets import masks, show
from connectors.sandbox.sheets.a1 import Area
from connectors.sandbox.sheets.batch import editable, kind, merged
from connectors.sandbox.sheets.book import Book, Json
from connectors.sandbox.sheets.errors import ApiError


@kind("addNamedRange")
def _name(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
    wanted = dict(a["namedRange"])
    if any(n["name"].casefold() == wanted["name"].casefold() for n in book.named_ranges):
        raise ApiError(400, f"A named range with name: {wanted['name']} already exists.")
    named = {"namedRangeId": wanted.get("namedRangeId") or str(book.draw_id()), "name": wanted["name"],
             "range": Area.of(wanted["range"]).json()}
    book.named_ranges.append(named)
    return {"addNamedRange": {"namedRange": named}}


@kind("updateNamedRange")
def _rename(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
    new = a["namedRange"]
    book.named_ranges = [n | {p[0]: new.get(p[0]) for p in masks.paths(a["fields"])} if n["namedRangeId"] == new["namedRangeId"] else n
                         for n in book.named_ranges]
    return {}


@kind("deleteNamedRange")
def _unname(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
    book.named_ranges = [n for n in book.named_ranges if n["namedRangeId"] != a["namedRangeId"]]
    return {}


# -- merges ------------------------------------------------------------------------------------------------------------


@kind("mergeCells")
def _merge(book: Book, a: Json, user: str) -> Json:
    sheet, rows, columns = editable(book, a["range"], user)
    pieces = {
        "MERGE_ALL": [Area(sheet.id, rows.start, rows.stop, columns.start, columns.stop)],
        "MERGE_ROWS": [Area(sheet.id, r, r + 1, columns.start, columns.stop) for r in rows],
        "MERGE_COLUMNS": [Area(sheet.id, rows.start, rows.stop, c, c + 1) for c in columns],
    }[a.get("mergeType", "MERGE_ALL")]
    kept = [m for m in sheet.parts.get("merges", ()) if not any(Area.of(m).within(piece) for piece in pieces)]
    if any(Area.of(m).meets(piece) for m in kept for piece in pieces):
        raise ApiError(400, "You must select all cells in a merged range to merge or unmerge them.")
    sheet.parts["merges"] = kept + [piece.json() for piece in pieces]
    for piece in pieces:  # what is not the top left cell loses its value
        for r in range(piece.row0, piece.row1 or 0):
            for c in range(piece.col0, piece.col1 or 0):
                if (r, c) != (piece.row0, piece.col0):
                    sheet.put(r, c, {k: v for k, v in (sheet.cell(r, c) or {}).items() if k != "userEnteredValue"})
    return {}


@kind("unmergeCells")
def _unmerge(book: Book, a: Json, user: str) -> Json:
    area = Area.of(a["range"])
    book.require_edit(user, area)
    sheet = book.sheet(area.sheet_id)
    sheet.parts["merges"] = [m for m in sheet.parts.get("merges", ()) if not Area.of(m).meets(area)]
    return {}


# -- filters and copies ------------------------------------------------------------------------------------------------


@kind("setBasicFilter")
def _filter(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
    wanted = a["filter"]
    area = Area.of(wanted.get("range", {}))
    sheet = book.sheet(area.sheet_id)
    rows, columns = sheet.area(area)
    filled = Area(sheet.id, rows.start, rows.stop, columns.start, columns.stop)
    sheet.basic_filter = wanted | {"range": filled.json()}
    return {}


@kind("clearBasicFilter")
def _unfilter(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
    book.sheet(a.get("sheetId", 0)).basic_filter = None
    return {}


@kind("copyPaste")
def _copy(book: Book, a: Json, user: str) -> Json:
    _paste(book, a, Area.of(a["destination"]), user)
    return {}


@kind("cutPaste")
def _cut(book: Book, a: Json, user: str) -> Json:
    source, to = Area.of(a["source"]), a["destination"]
    sheet = book.sheet(source.sheet_id)
    rows, columns = sheet.area(source)
    row, column = int(to.get("rowIndex", 0)), int(to.get("columnIndex", 0))
    target = Area(int(to.get("sheetId", 0)), row, row + len(rows), column, column + len(columns))
    book.require_edit(user, source)
    taken = {(r, c): dict(cell) for r in rows for c in columns if (cell := sheet.cell(r, c))}
    _paste(book, a, target, user)
    for r, c in taken:
        if not (target.sheet_id == source.sheet_id and Area(sheet.id, r, r + 1, c, c + 1).within(target)):
            sheet.put(r, c, {})
    return {}


def _paste(book: Book, a: Json, target: Area, user: str) -> None:
    source = Area.of(a["source"])
    book.require_edit(user, target)
    from_, to = book.sheet(source.sheet_id), book.sheet(target.sheet_id)
    rows, columns = from_.area(source)
    cells = {(r - rows.start, c - columns.start): from_.cell(r, c) or {} for r in rows for c in columns}
    fields = {"PASTE_VALUES": "userEnteredValue", "PASTE_FORMAT": "userEnteredFormat"}.get(a.get("pasteType", ""), "*")
    height, width = to.area(target)
    for r in range(max(len(height), len(rows))):
        for c in range(max(len(width), len(columns))):
            new = cells.get((r % max(1, len(rows)), c % max(1, len(columns))), {})
            to.put(target.row0 + r, target.col0 + c, merged(to.cell(target.row0 + r, target.col0 + c), new, fields))


@kind("duplicateSheet")
def _duplicate(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
    twin = book.sheet(a.get("sourceSheetId", 0)).clone()
    twin.id, twin.title = a.get("newSheetId") or book.draw_id(), a.get("newSheetName") or f"Copy of {twin.title}"
    book.sheets.insert(a.get("insertSheetIndex", len(book.sheets)), twin)
    return {"duplicateSheet": {"properties": show.properties(twin, book.sheets.index(twin))}}


# -- parts with an id each ---------------------------------------------------------------------------------------------


def _adding(name: str, key: str, part: str, id_name: str, sheet_of: Callable[[Json], Any]) -> None:
    @kind(name)
    def add(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
        wanted = {id_name: book.draw_id(), **a[key]}
        book.sheet(int(sheet_of(wanted) or 0)).parts.setdefault(part, []).append(wanted)
        return {name: {key: wanted}}


def _deleting(name: str, part: str, id_name: str, argument: str) -> None:
    @kind(name)
    def delete(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
        for sheet in book.sheets:
            left = [p for p in sheet.parts.get(part, ()) if p.get(id_name) != a[argument]]
            if len(left) != len(sheet.parts.get(part, ())):
                sheet.parts[part] = left
                return {}
        raise ApiError(400, f"No such object: {a[argument]}")


def _chart_sheet(chart: Json) -> Any:
    return chart.get("position", {}).get("overlayPosition", {}).get("anchorCell", {}).get("sheetId", 0)


_adding("addChart", "chart", "charts", "chartId", _chart_sheet)
_deleting("deleteEmbeddedObject", "charts", "chartId", "objectId")
_adding("addFilterView", "filter", "filterViews", "filterViewId", lambda view: view.get("range", {}).get("sheetId", 0))
_deleting("deleteFilterView", "filterViews", "filterViewId", "filterId")


@kind("updateChartSpec")
def _respec(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
    for sheet in book.sheets:
        sheet.parts["charts"] = [c | {"spec": a["spec"]} if c["chartId"] == a["chartId"] else c for c in sheet.parts.get("charts", ())]
    return {}


@kind("addConditionalFormatRule")
def _format_rule(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
    rule = a["rule"]
    sheet = book.sheet(int(rule["ranges"][0].get("sheetId", 0)))
    sheet.parts.setdefault("conditionalFormats", []).insert(int(a.get("index", 0)), rule)
    return {}


@kind("deleteConditionalFormatRule")
def _unformat(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
    rules = book.sheet(a.get("sheetId", 0)).parts.get("conditionalFormats", [])
    if not 0 <= int(a.get("index", 0)) < len(rules):
        raise ApiError(400, f"No conditional format on sheet: {a.get('sheetId', 0)} at index: {a.get('index', 0)}")
    return {"deleteConditionalFormatRule": {"rule": rules.pop(int(a.get("index", 0)))}}


def _grouping(name: str, by: int) -> None:
    @kind(name)
    def group(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
        where: Json = dict(a["range"])
        sheet = book.sheet(where.get("sheetId", 0))
        part = "rowGroups" if where.get("dimension") == "ROWS" else "columnGroups"
        groups = sheet.parts.setdefault(part, [])
        if by > 0:
            groups.append({"range": where, "depth": 1})
        else:
            sheet.parts[part] = [g for g in groups if g["range"] != where]
        return {name: {"dimensionGroups": sheet.parts[part]}}


_grouping("addDimensionGroup", 1)
_grouping("deleteDimensionGroup", -1)
