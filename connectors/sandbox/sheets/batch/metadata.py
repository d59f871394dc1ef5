"""Developer metadata, and the data filters that find cells by it: "the row with ref=R1"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.sandbox.sheets.batch.register import kind, merged
from connectors.sandbox.sheets.errors import ApiError
from connectors.sandbox.sheets.grid.a1 import Area
from connectors.sandbox.sheets.grid.book import Book, Json, Sheet
from connectors.sandbox.sheets.grid.show import sparse

_LIKE = {
    "locationType": ("location", "locationType"),
    "metadataId": ("metadataId",),
    "metadataKey": ("metadataKey",),
    "metadataValue": ("metadataValue",),
    "visibility": ("visibility",),
}
"""The fields of a lookup, each with its path in the metadata."""


def _located(book: Book, wanted: Json) -> Json:
    """A location as the service keeps it.

    Raises ApiError unless it is one row, one column, a tab or the spreadsheet.
    """
    span = wanted.get("dimensionRange")
    if span is not None:
        sheet = book.sheet(span.get("sheetId", 0))
        rows, start = span.get("dimension") == "ROWS", span.get("startIndex", 0)
        if span.get("dimension") not in {"ROWS", "COLUMNS"} or span.get("endIndex") != start + 1:
            raise ApiError(400, "dimensionRange must represent a single row or column.")
        if start >= (sheet.rows if rows else sheet.columns):
            raise sheet.beyond(f"{span['dimension']} {start}")
        home = {"sheetId": sheet.id} if sheet.id else {}
        return {
            "locationType": "ROW" if rows else "COLUMN",
            "dimensionRange": (
                home | {"dimension": span["dimension"], "startIndex": start, "endIndex": start + 1}
            ),
        }
    if "sheetId" in wanted:
        return {"locationType": "SHEET", "sheetId": book.sheet(wanted["sheetId"]).id}
    if wanted.get("spreadsheet"):
        return {"locationType": "SPREADSHEET", "spreadsheet": True}
    raise ApiError(400, "A location must be specified.")


def _area(location: Json) -> Area | None:
    """The cells of a location; None is the whole spreadsheet."""
    if span := location.get("dimensionRange"):
        start, end = span.get("startIndex", 0), span.get("endIndex")
        sheet_id = span.get("sheetId", 0)
        if span.get("dimension") == "ROWS":
            return Area(sheet_id, start, end)
        return Area(sheet_id, 0, None, start, end)
    return Area(location["sheetId"]) if "sheetId" in location else None


def _matches(book: Book, found: Json, wanted: Json) -> bool:
    where = _area(found["location"])
    if "developerMetadataLookup" not in wanted:
        return where is not None and where.meets(_cells(book, wanted)[0][1])
    lookup = wanted["developerMetadataLookup"]
    for name, path in _LIKE.items():
        value: Any = found
        for step in path:
            value = value.get(step)
        if lookup.get(name, value) != value:
            return False
    if "metadataLocation" not in lookup:
        return True
    place = _located(book, lookup["metadataLocation"])
    if lookup.get("locationMatchingStrategy") == "INTERSECTING_LOCATION":
        area = _area(place)
        return area is None or where is None or where.meets(area)
    return bool(place == found["location"])


def selected(book: Book, filters: Sequence[Json]) -> list[Json]:
    """The metadata that any of *filters* selects, each with the filters that do."""
    for wanted in filters:
        _cells(book, wanted)  # refuses a filter that names cells outside the grid
    matched = [(found, [f for f in filters if _matches(book, found, f)]) for found in book.metadata]
    return [{"developerMetadata": found, "dataFilters": by} for found, by in matched if by]


def _cells(book: Book, wanted: Json) -> list[tuple[Sheet, Area]]:
    """The cells that a data filter names.

    A lookup names those of every row, column or tab with matching metadata.
    """
    if len(wanted) != 1:
        raise ApiError(
            400,
            "A data filter must specify exactly one of "
            "a1Range, gridRange and developerMetadataLookup.",
        )
    if "a1Range" in wanted:
        return [book.find(wanted["a1Range"])]
    if "gridRange" in wanted:
        area = Area.of(wanted["gridRange"])
        return [(book.sheet(area.sheet_id), area)]
    areas = [_area(m["location"]) for m in book.metadata if _matches(book, m, wanted)]
    return [(book.sheet(area.sheet_id), area) for area in areas if area is not None]


def texts(book: Book, wanted: Json) -> list[str]:
    """The A1 texts of the cells that a data filter names."""
    return [sheet.title_of(area) for sheet, area in _cells(book, wanted)]


def _sound(book: Book, wanted: Json) -> Json:
    if not wanted.get("metadataKey") or wanted.get("visibility") not in {"DOCUMENT", "PROJECT"}:
        raise ApiError(400, "Developer metadata must have a metadataKey and a visibility.")
    return wanted | {"location": _located(book, wanted.get("location", {}))}


@kind("createDeveloperMetadata")
def _create(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
    wanted = a["developerMetadata"]
    number = wanted.get("metadataId") or book.draw_id()
    if any(m["metadataId"] == number for m in book.metadata):
        raise ApiError(400, f"Developer metadata with id {number} already exists.")
    made = _sound(book, {"metadataId": number, **wanted})
    book.metadata.append(made)
    return {"createDeveloperMetadata": {"developerMetadata": sparse(made)}}


@kind("updateDeveloperMetadata")
def _update(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
    chosen = [
        m["developerMetadata"]["metadataId"] for m in selected(book, a.get("dataFilters", ()))
    ]
    changed = {}
    for found in book.metadata:
        if found["metadataId"] in chosen:
            new = merged(found, a["developerMetadata"], a["fields"]) | {
                "metadataId": found["metadataId"]
            }
            changed[found["metadataId"]] = _sound(book, new)
    book.metadata = [changed.get(m["metadataId"], m) for m in book.metadata]
    return {"updateDeveloperMetadata": {"developerMetadata": sparse(list(changed.values()))}}


@kind("deleteDeveloperMetadata")
def _delete(book: Book, a: Json, user: str) -> Json:  # noqa: ARG001
    gone = [m["developerMetadata"] for m in selected(book, [a["dataFilter"]])]
    book.metadata = [m for m in book.metadata if m not in gone]
    return {"deleteDeveloperMetadata": {"deletedDeveloperMetadata": sparse(gone)} if gone else {}}
