"""batchUpdate's requests about named ranges, merged cells, the basic filter and groups."""

from __future__ import annotations

import re

from connectors.sandbox.sheets.batch.register import editable, kind, merged
from connectors.sandbox.sheets.errors import ApiError
from connectors.sandbox.sheets.grid import a1
from connectors.sandbox.sheets.grid.a1 import Area
from connectors.sandbox.sheets.grid.book import Book, Json, Sheet
from connectors.sandbox.sheets.grid.show import sparse

_NAME = re.compile(r"^[A-Za-z_]\w{0,249}$")


def _named(book: Book, wanted: Json, others: list[Json]) -> Json:
    """A named range as it is kept.

    Raises ApiError for an invalid name, one that is taken, and a range outside the grid.
    """
    name, area = wanted.get("name", ""), Area.of(wanted.get("range", {}))
    if not _NAME.match(name) or a1.cells(name, 0) or name.upper() in {"TRUE", "FALSE"}:
        raise ApiError(400, f'The name "{name}" is not valid for a named range.')
    if any(n["name"].casefold() == name.casefold() for n in others):
        raise ApiError(400, f"A named range with name: {name} already exists.")
    book.sheet(area.sheet_id).area(area)
    return {
        "namedRangeId": wanted.get("namedRangeId") or str(book.draw_id()),
        "name": name,
        "range": area.json(),
    }


@kind("addNamedRange")
def _name(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
    made = _named(book, a["namedRange"], book.named_ranges)
    if any(n["namedRangeId"] == made["namedRangeId"] for n in book.named_ranges):
        raise ApiError(400, f"A named range with id: {made['namedRangeId']} already exists.")
    book.named_ranges.append(made)
    return {"addNamedRange": {"namedRange": made}}


def _found_name(book: Book, number: str) -> Json:
    for named in book.named_ranges:
        if named["namedRangeId"] == number:
            return named
    raise ApiError(400, f"No named range with id: {number}")


@kind("updateNamedRange")
def _rename(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
    old = _found_name(book, a["namedRange"].get("namedRangeId", ""))
    new = merged(old, a["namedRange"], a["fields"]) | {"namedRangeId": old["namedRangeId"]}
    changed = _named(book, new, [n for n in book.named_ranges if n is not old])
    book.named_ranges = [changed if n is old else n for n in book.named_ranges]
    return {}


@kind("deleteNamedRange")
def _unname(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
    book.named_ranges.remove(_found_name(book, a["namedRangeId"]))
    return {}


# -- merges ----------------------------------------------------------------------------------------


@kind("mergeCells")
def _merge(book: Book, a: Json, user: str) -> Json:
    sheet, rows, columns = editable(book, a["range"], user)
    pieces = {
        "MERGE_ALL": [Area(sheet.id, rows.start, rows.stop, columns.start, columns.stop)],
        "MERGE_ROWS": [Area(sheet.id, r, r + 1, columns.start, columns.stop) for r in rows],
        "MERGE_COLUMNS": [Area(sheet.id, rows.start, rows.stop, c, c + 1) for c in columns],
    }[a.get("mergeType", "MERGE_ALL")]
    whole = Area.of(a["range"])
    _whole_merges(sheet, whole)
    kept = [m for m in sheet.parts.get("merges", ()) if not Area.of(m).within(whole)]
    sheet.parts["merges"] = kept + [piece.json() for piece in pieces]
    _clear_except(sheet, rows, columns, {(piece.row0, piece.col0) for piece in pieces})
    return {}


def _clear_except(sheet: Sheet, rows: range, columns: range, corners: set[tuple[int, int]]) -> None:
    """Take the values out of all cells but the top left ones of the merges."""
    for r in range(rows.start, min(rows.stop, len(sheet.lines))):
        for c, cell in list(sheet.lines[r].items()):
            if c in columns and (r, c) not in corners:
                kept = {name: part for name, part in cell.items() if name != "userEnteredValue"}
                sheet.put(r, c, kept)


def _whole_merges(sheet: Sheet, area: Area) -> None:
    for merge in sheet.parts.get("merges", ()):
        if Area.of(merge).meets(area) and not Area.of(merge).within(area):
            raise ApiError(
                400, "You must select all cells in a merged range to merge or unmerge them."
            )


@kind("unmergeCells")
def _unmerge(book: Book, a: Json, user: str) -> Json:
    sheet, _, _ = editable(book, a["range"], user)
    area = Area.of(a["range"])
    _whole_merges(sheet, area)
    sheet.parts["merges"] = [m for m in sheet.parts.get("merges", ()) if not Area.of(m).meets(area)]
    return {}


# -- filters ---------------------------------------------------------------------------------------


def filled(book: Book, wanted: Json) -> tuple[Sheet, Json]:
    """The tab of a filter, and the filter with its range written out."""
    area = Area.of(wanted.get("range", {}))
    sheet = book.sheet(area.sheet_id)
    rows, columns = sheet.area(area)
    return sheet, wanted | {
        "range": Area(sheet.id, rows.start, rows.stop, columns.start, columns.stop).json()
    }


@kind("setBasicFilter")
def _filter(book: Book, a: Json, user: str) -> Json:
    sheet, made = filled(book, a["filter"])
    book.require_edit(user, Area(sheet.id), whole=True)
    sheet.basic_filter = made
    return {}


@kind("clearBasicFilter")
def _unfilter(book: Book, a: Json, user: str) -> Json:
    sheet = book.sheet(a.get("sheetId", 0))
    book.require_edit(user, Area(sheet.id), whole=True)
    sheet.basic_filter = None
    return {}


# -- groups ----------------------------------------------------------------------------------------


def _grouping(name: str, by: int) -> None:
    @kind(name)
    def group(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
        where = a["range"]
        sheet = book.sheet(where.get("sheetId", 0))
        empty = where.get("startIndex", 0) >= where.get("endIndex", 0)
        if where.get("dimension") not in {"ROWS", "COLUMNS"} or empty:
            raise ApiError(400, "The range of a group needs a dimension and two ends.")
        part = "rowGroups" if where["dimension"] == "ROWS" else "columnGroups"
        groups = sheet.parts.setdefault(part, [])
        held = [g for g in groups if g["range"] == where]
        if by > 0:
            groups.append({"range": where, "depth": 1 + len(held)})
            control = f"{part.removesuffix('Groups')}GroupControlAfter"
            sheet.properties = sheet.properties | {
                "gridProperties": sheet.properties.get("gridProperties", {}) | {control: True}
            }
        elif held:
            groups.remove(held[-1])
        else:
            raise ApiError(400, "No dimension group at this range.")
        return {name: {"dimensionGroups": sparse(groups)} if groups else {}}


_grouping("addDimensionGroup", 1)
_grouping("deleteDimensionGroup", -1)
