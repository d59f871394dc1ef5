"""batchUpdate's requests about protected ranges: who may edit what."""

from __future__ import annotations

from connectors.sandbox.sheets.batch.register import kind, merged
from connectors.sandbox.sheets.errors import PROTECTED, ApiError
from connectors.sandbox.sheets.grid import show
from connectors.sandbox.sheets.grid.a1 import Area
from connectors.sandbox.sheets.grid.book import Book, Json, Sheet


def _sound(book: Book, wanted: Json, user: str) -> Json:
    """A protection as the service keeps it: the owner and its author may always edit."""
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
    for sheet in book.sheets:
        taken = {p["protectedRangeId"] for p in sheet.parts.get("protectedRanges", ())}
        if made["protectedRangeId"] in taken:
            number = made["protectedRangeId"]
            raise ApiError(400, f"Protected range with id {number} already exists.")
    book.sheet(made["range"].get("sheetId", 0)).parts.setdefault("protectedRanges", []).append(made)
    # As recorded from the real service: this reply does not show the editors that it added.
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
    """The tab of a protection, and the protection. Raises ApiError if *user* may not edit it."""
    for sheet in book.sheets:
        for protected in sheet.parts.get("protectedRanges", ()):
            if protected["protectedRangeId"] == number:
                editors = {book.owner, *protected.get("editors", {}).get("users", ())}
                if not protected.get("warningOnly") and user not in editors:
                    raise ApiError(400, PROTECTED)
                return sheet, protected
    raise ApiError(400, f"No protected range with id: {number}")
