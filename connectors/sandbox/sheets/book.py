"""A spreadsheet: tabs of rows of cells, and what hangs on them. Cells are replaced, never changed
in place, so that a clone is cheap and a failed batch leaves nothing behind.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from connectors.sandbox.sheets import a1
from connectors.sandbox.sheets.a1 import Area, cells, split
from connectors.sandbox.sheets.errors import PROTECTED, ApiError
from connectors.sandbox.sheets.values import CellData

BEGINNING = "2026-01-01T00:00:00.000Z"
MOST_CELLS = 10_000_000
Json = dict[str, Any]
Line = dict[int, CellData]


@dataclass
class Sheet:
    """One tab. `lines` holds only rows up to the last one ever written; a line maps column to
    cell.
    """

    id: int
    title: str
    rows: int = 1000
    columns: int = 26
    properties: Json = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    parts: dict[str, list[Json]] = field(default_factory=dict)
    """protectedRanges, charts, conditionalFormats, filterViews, merges, columnMetadata …, as the
    service shows them.
    """
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
        """The rows and columns of *area* within the grid. Raises ApiError where there are none."""
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
            f"Range ({text}) exceeds grid limits. Max rows: {self.rows}, max columns:"
            f" {self.columns}",
        )


@dataclass
class Book:
    """One spreadsheet, who owns it and who may edit or only read it.

    `metadata_follows_sort`: whether a row's developer metadata moves with it when people sort.
    Google's documents do not say; it is taken to stay at the grid position, so that nobody relies
    on the contrary.
    """

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
                "This action would increase the number of cells in the workbook above the limit of"
                f" {MOST_CELLS} cells.",
            )

    def draw_id(self) -> int:
        """An id nobody has."""
        self.next_id += 7
        return self.next_id

    def sheet(self, sheet_id: int) -> Sheet:
        """The tab with this id, or the 400 of the service."""
        for sheet in self.sheets:
            if sheet.id == sheet_id:
                return sheet
        raise ApiError(400, f"No grid with id: {sheet_id}")

    def find(self, text: str) -> tuple[Sheet, Area]:
        """The tab and area that a range text names."""
        try:
            title, rest = split(text)
        except ValueError as problem:
            raise ApiError(400, f"Unable to parse range: {text}") from problem
        sheet = self._titled(title if title is not None else rest)
        if title is None and sheet:
            return sheet, Area(sheet.id)
        if title is None and text:
            sheet = self.sheets[0]
        if sheet is None:
            raise ApiError(400, f"Unable to parse range: {text}")
        area = cells(rest, sheet.id) or self._named(rest)
        if area is None:
            raise ApiError(400, f"Unable to parse range: {text}")
        home = self.sheet(area.sheet_id)
        if area.row0 >= home.rows or area.col0 >= home.columns:
            raise home.beyond(text)
        return home, area

    def _titled(self, title: str) -> Sheet | None:
        folded = title.casefold()
        return next((s for s in self.sheets if s.title.casefold() == folded), None)

    def _named(self, name: str) -> Area | None:
        return next(
            (
                Area.of(n["range"])
                for n in self.named_ranges
                if n["name"].casefold() == name.casefold()
            ),
            None,
        )

    def require_edit(self, user: str, area: Area, *, whole: bool = False) -> None:
        """Refuse an edit of a protected cell by someone who is not its editor (the owner always
        is).

        With *whole* only the protection of the whole tab counts: its name and its filter are not
        cells.
        """
        if user == self.owner:
            return
        for protected in self.sheet(area.sheet_id).parts.get("protectedRanges", ()):
            covered = Area.of(protected.get("range", {"sheetId": area.sheet_id}))
            if (
                protected.get("warningOnly")
                or not area.meets(covered)
                or (whole and covered != Area(area.sheet_id))
            ):
                continue
            if user in protected.get("editors", {}).get("users", ()):
                continue
            if not whole and any(
                area.within(Area.of(free)) for free in protected.get("unprotectedRanges", ())
            ):
                continue
            raise ApiError(400, PROTECTED)
