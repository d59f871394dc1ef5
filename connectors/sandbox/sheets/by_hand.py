"""Acts of the agent or the VA at the Sheet, by mouse and keyboard, as verbs.

The protections hold as over the API. `GET /person/sheet` lists the verbs. A refusal of the screen
is a 4xx with one sentence, and changes nothing.

    POST /person/sheet/type
    {"as": "mia@example.com", "tab": "Approvals", "ref": "R1",
     "column": "Decision", "text": "Approve"}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.sandbox.sheets.batch.kinds import KINDS
from connectors.sandbox.sheets.errors import ApiError
from connectors.sandbox.sheets.grid import a1
from connectors.sandbox.sheets.grid.a1 import Area
from connectors.sandbox.sheets.grid.book import Book, Json, Sheet
from connectors.sandbox.sheets.grid.values import LONGEST, CellData, entered, formatted

EVERY = {
    "as": "who does it: an address; left out, the owner",
    "spreadsheet": "its id; left out, the first one",
}
WORDS: dict[str, tuple[type, str]] = {
    "tab": (str, "the tab's name"),
    "cell": (str, "a cell in A1, or give ref and column"),
    "ref": (str, "the text in the row's Ref cell"),
    "row": (int, "the row's number on the screen"),
    "column": (str, "the header of a column"),
    "text": (str, "what is typed"),
    "range": (str, "cells in A1, e.g. B2:C9; left out, the whole tab"),
    "direction": (str, "asc (the default) or desc"),
    "count": (int, "how many; left out, 1"),
    "to": (str, "the new name"),
    "before": (str, "the header it then stands before; left out, the end"),
    "title": (str, "the new tab's name"),
    "editors": (list, "who else may edit, as addresses"),
}


_KIND_NAMES = {str: "text", int: "number", list: "list of texts"}


@dataclass(frozen=True, slots=True)
class Desk:
    """A person before a spreadsheet, with the arguments of one verb."""

    book: Book
    user: str
    given: Mapping[str, Any]

    @property
    def sheet(self) -> Sheet:
        """The tab that `tab` names. Raises ApiError for an unknown tab."""
        title = self.given["tab"]
        for sheet in self.book.sheets:
            if sheet.title == title:
                return sheet
        raise ApiError(404, f"There is no tab {title!r}.")

    def do(self, kind: str, **arguments: Any) -> Json:
        """Carry out a batchUpdate request as this user."""
        return KINDS[kind](self.book, arguments, self.user)

    def header(self, name: str = "column") -> int:
        """The number of the column whose header the argument *name* gives."""
        wanted = str(self.given[name]).strip().casefold()
        found = [c for c, text in headers(self.sheet).items() if text.strip().casefold() == wanted]
        if len(found) != 1:
            raise ApiError(
                404,
                f"The tab {self.sheet.title!r} has {len(found) or 'no'} columns "
                f"{self.given[name]!r}.",
            )
        return found[0]

    def line(self) -> int:
        """The number (from 0) of the row that `row` or `ref` names. Raises ApiError without one."""
        if "row" in self.given:
            if not 1 <= self.given["row"] <= self.sheet.rows:
                raise ApiError(
                    400, f"The tab {self.sheet.title!r} has rows 1 to {self.sheet.rows}."
                )
            return int(self.given["row"]) - 1
        if "ref" not in self.given:
            raise ApiError(400, "Say which row: by row or by ref.")
        column = Desk(self.book, self.user, {"tab": self.sheet.title, "column": "Ref"}).header()
        found = [
            r
            for r, line in enumerate(self.sheet.lines)
            if r and formatted(line.get(column, {})) == self.given["ref"]
        ]
        if len(found) != 1:
            raise ApiError(
                404,
                f"{len(found) or 'No'} rows of the tab {self.sheet.title!r} have the Ref "
                f"{self.given['ref']!r}.",
            )
        return found[0]

    def cell(self) -> tuple[int, int]:
        """Row and column (from 0) of the cell that `cell`, or `ref` and `column`, names.

        Raises ApiError if they name none.
        """
        if "cell" not in self.given:
            if "column" not in self.given:
                raise ApiError(400, "Say which cell: by cell, or by ref (or row) and column.")
            return self.line(), self.header()
        area = a1.cells(self.given["cell"], self.sheet.id)
        if area is None or area.row1 != area.row0 + 1 or area.col1 != area.col0 + 1:
            raise ApiError(400, f"{self.given['cell']!r} is not a cell.")
        self.sheet.area(area)
        return area.row0, area.col0

    def area(self) -> Area:
        """The cells that `range` names."""
        area = a1.cells(self.given.get("range", ""), self.sheet.id)
        if area is None:
            raise ApiError(400, f"{self.given['range']!r} is not a range of cells.")
        self.sheet.area(area)
        return area

    def span(self, rows: bool, start: int) -> Json:
        """`count` rows or columns from *start* on."""
        count = self.given.get("count", 1)
        if not 1 <= count <= 10_000:
            raise ApiError(400, "count must be from 1 to 10000.")
        return {
            "sheetId": self.sheet.id,
            "dimension": "ROWS" if rows else "COLUMNS",
            "startIndex": start,
            "endIndex": start + count,
        }

    def enter(self, row: int, column: int, text: str) -> Json:
        """Type into a cell. Raises ApiError if its validation rule or a protection forbids it."""
        self.book.require_edit(self.user, Area(self.sheet.id, row, row + 1, column, column + 1))
        if len(text) > LONGEST:
            raise ApiError(400, f"A cell takes at most {LONGEST} characters.")
        name = f"{a1.column_letters(column)}{row + 1}"
        old = self.sheet.cell(row, column) or {}
        if refused := refusal(old, text):
            raise ApiError(
                400,
                f"The data you entered in cell {name} violates the data validation rules "
                f"set on this cell: {refused}.",
            )
        self.sheet.put(row, column, entered(text, "USER_ENTERED", old))
        return {
            "cell": f"{a1.title_text(self.sheet.title)}!{name}",
            "shown": formatted(self.sheet.cell(row, column) or {}),
        }


def headers(sheet: Sheet) -> dict[int, str]:
    """The texts of the first row, by column."""
    return {
        c: formatted(cell)
        for c, cell in (sheet.lines[0] if sheet.lines else {}).items()
        if cell.get("userEnteredValue")
    }


def choices(cell: CellData) -> list[str]:
    """The values that a cell's rule offers; none without a rule.

    A dropdown offers its list. A checkbox offers its checked and its unchecked value; one with a
    single value offers that and blank.
    """
    condition = cell.get("dataValidation", {}).get("condition", {})
    values = [value.get("userEnteredValue", "") for value in condition.get("values", ())]
    if condition.get("type") == "BOOLEAN":
        return [*values, ""] if len(values) == 1 else values or ["TRUE", "FALSE"]
    return values if condition.get("type") == "ONE_OF_LIST" else []


def refusal(cell: CellData, text: str) -> str:
    """Why a strict rule does not let a person type *text*, or ""."""
    offered = choices(cell)
    rule = cell.get("dataValidation", {})
    strict = rule.get("strict") or rule.get("condition", {}).get("type") == "BOOLEAN"
    truth_values = {choice for choice in offered if choice in {"TRUE", "FALSE"}}
    if not strict or not offered or not text:
        return ""
    if text in offered or text.upper() in truth_values:
        return ""
    return f"enter one of {', '.join(filter(None, offered))}"


def _tick(desk: Desk, checked: bool) -> Json:
    row, column = desk.cell()
    cell = desk.sheet.cell(row, column) or {}
    if cell.get("dataValidation", {}).get("condition", {}).get("type") != "BOOLEAN":
        raise ApiError(400, "There is no checkbox in this cell.")
    return desk.enter(row, column, choices(cell)[not checked])


def _clear(desk: Desk) -> Json:
    if "range" in desk.given:
        desk.do(
            "updateCells",
            range=desk.area().json() | {"sheetId": desk.sheet.id},
            rows=[],
            fields="userEnteredValue",
        )
        return {}
    return desk.enter(*desk.cell(), "")


def _sort(desk: Desk) -> Json:
    if desk.given.get("direction", "asc") not in {"asc", "desc"}:
        raise ApiError(400, "direction must be asc or desc.")
    first = max(1, desk.sheet.properties.get("gridProperties", {}).get("frozenRowCount", 0))
    return desk.do(
        "sortRange",
        range={"sheetId": desk.sheet.id, "startRowIndex": first},
        sortSpecs=[
            {
                "dimensionIndex": desk.header(),
                "sortOrder": "DESCENDING" if desk.given.get("direction") == "desc" else "ASCENDING",
            }
        ],
    )


def _move(desk: Desk) -> Json:
    start = desk.header()
    to = desk.header("before") if "before" in desk.given else max(headers(desk.sheet)) + 1
    return desk.do(
        "moveDimension",
        source=desk.span(False, start) | {"endIndex": start + 1},
        destinationIndex=to,
    )


def _protect(desk: Desk) -> Json:
    return desk.do(
        "addProtectedRange",
        protectedRange={
            "range": {"sheetId": desk.sheet.id} | desk.area().json(),
            "editors": {"users": list(desk.given.get("editors", ()))},
        },
    )


def _unprotect(desk: Desk) -> Json:
    held = [p["protectedRangeId"] for p in desk.sheet.parts.get("protectedRanges", ())]
    if not held:
        raise ApiError(404, f"Nothing of the tab {desk.sheet.title!r} is protected.")
    for number in held:
        desk.do("deleteProtectedRange", protectedRangeId=number)
    return {}


def _dimension(kind: str, rows: bool) -> Callable[[Desk], Json]:
    return lambda desk: desk.do(kind, range=desk.span(rows, desk.line() if rows else desk.header()))


def _rename_tab(desk: Desk) -> Json:
    return desk.do(
        "updateSheetProperties",
        properties={"sheetId": desk.sheet.id, "title": desk.given["to"]},
        fields="title",
    )


VERBS: dict[str, tuple[str, str, str, Callable[[Desk], Json]]] = {
    "type": (
        "type into a cell, as if on the keyboard",
        "tab text",
        "cell ref row column",
        lambda d: d.enter(*d.cell(), d.given["text"]),
    ),
    "tick": ("tick a checkbox", "tab", "cell ref row column", lambda d: _tick(d, True)),
    "untick": ("take a tick away", "tab", "cell ref row column", lambda d: _tick(d, False)),
    "clear": ("empty a cell or a range", "tab", "cell ref row column range", _clear),
    "sort": ("sort the rows below the header", "tab column", "direction", _sort),
    "insert-rows": (
        "insert empty rows above one",
        "tab",
        "row ref count",
        _dimension("insertDimension", True),
    ),
    "delete-rows": (
        "delete rows from one on",
        "tab",
        "row ref count",
        _dimension("deleteDimension", True),
    ),
    "insert-columns": (
        "insert empty columns before one",
        "tab column",
        "count",
        _dimension("insertDimension", False),
    ),
    "delete-columns": (
        "delete columns from one on",
        "tab column",
        "count",
        _dimension("deleteDimension", False),
    ),
    "rename-column": (
        "type over a header",
        "tab column to",
        "",
        lambda d: d.enter(0, d.header(), d.given["to"]),
    ),
    "move-column": ("drag a column", "tab column", "before", _move),
    "rename-tab": ("rename a tab", "tab to", "", _rename_tab),
    "add-tab": (
        "add a tab",
        "title",
        "",
        lambda d: d.do("addSheet", properties={"title": d.given["title"]}),
    ),
    "delete-tab": ("delete a tab", "tab", "", lambda d: d.do("deleteSheet", sheetId=d.sheet.id)),
    "protect": ("protect a tab or a range of it", "tab", "range editors", _protect),
    "unprotect": ("remove every protection of a tab", "tab", "", _unprotect),
}
"""By verb: its description, its required and its optional arguments, and its act."""


def verbs() -> Json:
    """The verbs with their arguments, as `GET /person/sheet` lists them."""
    return {
        "everywhere": EVERY,
        "verbs": {
            name: {
                "does": does,
                "must": {w: WORDS[w][1] for w in must.split()},
                "may": {w: WORDS[w][1] for w in may.split()},
            }
            for name, (does, must, may, _) in VERBS.items()
        },
    }


def require_verb(verb: str) -> None:
    """Raise ApiError for an unknown verb."""
    if verb not in VERBS:
        raise ApiError(
            404, f"A person at the Sheet cannot {verb[:80]!r}; they can {', '.join(VERBS)}."
        )


def spreadsheet(books: Mapping[str, Book], given: Mapping[str, Any]) -> Book:
    """The spreadsheet that the arguments name, by default the first. Raises ApiError."""
    found = given.get("spreadsheet") or next(iter(books), "")
    if not isinstance(found, str) or found not in books:
        raise ApiError(404, f"There is no spreadsheet {str(found)[:80]!r}.")
    return books[found]


def act(book: Book, verb: str, given: Mapping[str, Any]) -> Json:
    """Do one of `VERBS` on *book*, which must be a copy.

    Raises ApiError, with one sentence, if the screen would refuse it.
    """
    _, must, may, does = VERBS[verb]
    allowed = {"as", "spreadsheet", *must.split(), *may.split()}
    for name, value in given.items():
        if name not in allowed:
            raise ApiError(
                400, f"{verb} takes no {name[:40]!r}; it takes {', '.join(sorted(allowed))}."
            )
        _require_kind(name, value)
    if missing := [name for name in must.split() if name not in given]:
        raise ApiError(400, f"{verb} needs {missing[0]}: {WORDS[missing[0]][1]}.")
    user = given.get("as") or book.owner
    if user not in {book.owner, *book.editors}:
        raise ApiError(403, f"{user} may not edit this spreadsheet.")
    return does(Desk(book, user, given))


def _require_kind(name: str, value: Any) -> None:
    """Raise ApiError unless the argument is a text, a number or a list of texts, as it must be."""
    kind = WORDS[name][0] if name in WORDS else str
    suits = isinstance(value, kind) and not isinstance(value, bool)
    if isinstance(value, list):
        suits = suits and all(isinstance(part, str) for part in value)
    if not suits:
        raise ApiError(400, f"{name} must be a {_KIND_NAMES[kind]}.")
