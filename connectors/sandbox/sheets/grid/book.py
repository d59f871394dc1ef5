"""A spreadsheet: tabs of rows of cells, with their protections, charts, filters and metadata.

Cells are replaced, never changed in place, so that a clone is cheap and a failed batch leaves
nothing behind.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from connectors.sandbox.sheets.errors import PROTECTED, ApiError
from connectors.sandbox.sheets.grid import a1
from connectors.sandbox.sheets.grid.a1 import Area, cells, split
from connectors.sandbox.sheets.grid.values import CellData

BEGINNING = "2026-01-01T00:00:00.000Z"
MOST_CELLS = 10_000_000
Json = dict[str, Any]
Line = dict[int, CellData]


@dataclass
class Sheet:
    """One tab."""

    id: int
    title: str
    rows: int = 1000
    columns: int = 26
    properties: Json = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    """The rows up to the last one ever written, each from column to cell."""
    parts: dict[str, list[Json]] = field(default_factory=dict)
    """protectedRanges, charts, conditionalFormats and so on, as the service shows them."""
    row_sizes: dict[int, Json] = field(default_factory=dict)
    column_sizes: dict[int, Json] = field(default_factory=dict)
    basic_filter: Json | None = None

    def clone(self) -> Sheet:
        """A copy whose lines and parts can be changed freely."""
        return Sheet(
            self.id,
            self.title,
            self.rows,
            self.columns,
            dict(self.properties),
            [dict(x) for x in self.lines],
            {name: list(parts) for name, parts in self.parts.items()},
            dict(self.row_sizes),
            dict(self.column_sizes),
            self.basic_filter,
        )

    def cell(self, row: int, column: int) -> CellData | None:
        """The cell, or None."""
        return self.lines[row].get(column) if row < len(self.lines) else None

    def put(self, row: int, column: int, cell: CellData) -> None:
        """Replace a cell; an empty one is dropped."""
        while row >= len(self.lines):
            self.lines.append({})
        if cell:
            self.lines[row][column] = cell
        else:
            self.lines[row].pop(column, None)

    def last_row(self) -> int:
        """One past the last row that holds a value."""
        for n in range(len(self.lines) - 1, -1, -1):
            if any(cell.get("userEnteredValue") for cell in self.lines[n].values()):
                return n + 1
        return 0

    def area(self, area: Area) -> tuple[range, range]:
        """The rows and columns of *area* within the grid. Raises ApiError if it is outside."""
        row1 = self.rows if area.row1 is None else min(area.row1, self.rows)
        col1 = self.columns if area.col1 is None else min(area.col1, self.columns)
        if area.row0 >= row1 or area.col0 >= col1:
            raise self.beyond(self.title_of(area))
        return range(area.row0, row1), range(area.col0, col1)

    def title_of(self, area: Area) -> str:
        """The A1 text of *area* in this tab."""
        return a1.text(self.title, area, self.rows, self.columns)

    def beyond(self, text: str) -> ApiError:
        """The refusal of a range that is not in this grid."""
        return ApiError(
            400,
            f"Range ({text}) exceeds grid limits. "
            f"Max rows: {self.rows}, max columns: {self.columns}",
        )


@dataclass
class Book:
    """One spreadsheet, with its owner, its editors and those who may only read it."""

    id: str
    title: str = "Untitled spreadsheet"
    owner: str = ""
    editors: set[str] = field(default_factory=set)
    locale: str = "en_US"
    time_zone: str = "Etc/GMT"
    properties: Json = field(default_factory=dict)
    """Further SpreadsheetProperties, as they were set."""
    sheets: list[Sheet] = field(default_factory=list)
    named_ranges: list[Json] = field(default_factory=list)
    metadata: list[Json] = field(default_factory=list)
    next_id: int = 1_000_001
    viewers: set[str] = field(default_factory=set)
    version: int = 1
    created: str = BEGINNING
    modified: str = BEGINNING
    metadata_follows_sort: bool = False
    """Whether a row's developer metadata moves with it when people sort.

    Google's documents do not say. By default it stays at the grid position, so that nobody relies
    on the contrary.
    """

    def clone(self) -> Book:
        """A copy on which a batch can be tried."""
        return replace(
            self,
            editors=set(self.editors),
            viewers=set(self.viewers),
            sheets=[s.clone() for s in self.sheets],
            named_ranges=list(self.named_ranges),
            metadata=list(self.metadata),
        )

    def require_size(self) -> None:
        """Refuse a workbook larger than the service allows."""
        if sum(sheet.rows * sheet.columns for sheet in self.sheets) > MOST_CELLS:
            raise ApiError(
                400,
                "This action would increase the number of cells in the workbook "
                f"above the limit of {MOST_CELLS} cells.",
            )

    def draw_id(self) -> int:
        """An unused id."""
        self.next_id += 7
        return self.next_id

    def sheet(self, sheet_id: int) -> Sheet:
        """The tab with this id, or the 400 of the service."""
        for sheet in self.sheets:
            if sheet.id == sheet_id:
                return sheet
        raise ApiError(400, f"No grid with id: {sheet_id}")

    def find(self, text: str) -> tuple[Sheet, Area]:
        """The tab and area that a range text names. Raises ApiError if it names none."""
        unreadable = ApiError(400, f"Unable to parse range: {text}")
        try:
            title, rest = split(text)
        except ValueError as problem:
            raise unreadable from problem
        if title is None:
            whole = self._titled(rest)
            if whole:
                return whole, Area(whole.id)
        sheet = self._titled(title) if title is not None else self.sheets[0]
        if sheet is None or not text:
            raise unreadable
        area = cells(rest, sheet.id) or self._named(rest)
        if area is None:
            raise unreadable
        home = self.sheet(area.sheet_id)
        if area.row0 >= home.rows or area.col0 >= home.columns:
            raise home.beyond(text)
        return home, area

    def _titled(self, title: str) -> Sheet | None:
        folded = title.casefold()
        return next((s for s in self.sheets if s.title.casefold() == folded), None)

    def _named(self, name: str) -> Area | None:
        folded = name.casefold()
        for named in self.named_ranges:
            if named["name"].casefold() == folded:
                return Area.of(named["range"])
        return None

    def require_edit(self, user: str, area: Area, *, whole: bool = False) -> None:
        """Refuse an edit of a protected cell by someone who is not its editor.

        The owner always is one. With *whole* only a protection of the whole tab counts, because its
        name and its filter are not cells. Raises ApiError.
        """
        if user == self.owner:
            return
        for protected in self.sheet(area.sheet_id).parts.get("protectedRanges", ()):
            editor = user in protected.get("editors", {}).get("users", ())
            if not editor and _covers(protected, area, whole=whole):
                raise ApiError(400, PROTECTED)


def _covers(protected: Json, area: Area, *, whole: bool) -> bool:
    """Whether a protection keeps *area*, or with *whole* the tab itself, from being edited."""
    covered = Area.of(protected.get("range", {"sheetId": area.sheet_id}))
    if protected.get("warningOnly") or not area.meets(covered):
        return False
    if whole:
        return covered == Area(area.sheet_id)
    free = protected.get("unprotectedRanges", ())
    return not any(area.within(Area.of(part)) for part in free)
