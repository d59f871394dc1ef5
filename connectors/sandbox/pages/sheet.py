"""The Sheet's pages: tabs as tables, one row on a page, and typing where the viewer may edit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from connectors.sandbox.pages import charts
from connectors.sandbox.pages.frame import Frame, back, form, number
from connectors.sandbox.sheets.by_hand import Desk, choices
from connectors.sandbox.sheets.errors import ApiError
from connectors.sandbox.sheets.grid import a1
from connectors.sandbox.sheets.grid.a1 import Area
from connectors.sandbox.sheets.grid.book import Book, Sheet
from connectors.sandbox.sheets.grid.values import formatted
from connectors.sandbox.sheets.routes import Sheets

PER_PAGE = 50
MOST_COLUMNS = 100
PLAIN_WIDTH = 100
LONG = 60
"""Characters; a longer text is typed into a box of several lines."""


@dataclass(frozen=True, slots=True)
class CellShown:
    """A cell as a page shows it to one user."""

    column: int
    name: str
    """The header of its column."""
    place: str
    """Its A1 name."""
    text: str
    typed: str
    """The text to edit: the formula, if there is one."""
    may_edit: bool
    choices: list[str]
    """The values its rule offers; for a checkbox, those with and without a tick."""
    is_checkbox: bool

    @property
    def is_long(self) -> bool:
        """Whether it takes more than a line to type."""
        return len(self.typed) > LONG or not self.typed.isprintable()

    @property
    def lines(self) -> int:
        """The height of the box to type it in, in lines."""
        return min(2 + sum(1 + len(line) // LONG for line in self.typed.splitlines()), 30)


@dataclass(frozen=True, slots=True)
class RowShown:
    """A row; `number` counts from 1, as people do."""

    number: int
    cells: list[CellShown]


@dataclass(frozen=True, slots=True)
class ColumnShown:
    """A column: its header, its width in pixels, and whether no shown cell of it may be edited."""

    number: int
    name: str
    width: int
    closed: bool


class Grid:
    """A tab as one user sees it: its rows, its columns, and which cells may be edited."""

    def __init__(self, book: Book, sheet: Sheet, user: str) -> None:
        self.book, self.sheet, self.user = book, sheet, user
        self.first = 1 if sheet.properties.get("gridProperties", {}).get("frozenRowCount") else 0
        self.last = max(sheet.last_row(), self.first)
        self.numbers = [
            n
            for n in range(min(_width(sheet), MOST_COLUMNS))
            if not sheet.column_sizes.get(n, {}).get("hiddenByUser")
        ]
        self.names = {n: self._name(n) for n in self.numbers}

    def _name(self, column: int) -> str:
        header = self._text(0, column) if self.first else ""
        return header or f"column {a1.column_letters(column)}"

    def row(self, row: int) -> RowShown:
        """The row at this grid position."""
        return RowShown(row + 1, [self._cell(row, n) for n in self.numbers])

    def columns(self, rows: list[RowShown]) -> list[ColumnShown]:
        """The columns, as far as *rows* show them."""
        return [
            ColumnShown(
                n,
                self.names[n],
                int(self.sheet.column_sizes.get(n, {}).get("pixelSize", PLAIN_WIDTH)),
                bool(rows) and not any(row.cells[place].may_edit for row in rows),
            )
            for place, n in enumerate(self.numbers)
        ]

    def protections(self) -> Iterator[tuple[str, str]]:
        """The protected ranges of this tab, each with its editors, in words."""
        for part in self.sheet.parts.get("protectedRanges", ()):
            editors = sorted({self.book.owner, *part.get("editors", {}).get("users", ())})
            where = "This tab"
            if part.get("range", {}).keys() - {"sheetId"}:
                where = self.sheet.title_of(Area.of(part["range"]))
            if part.get("unprotectedRanges"):
                where += " (but for the columns left open)"
            yield where, " and ".join(editors)

    def _text(self, row: int, column: int) -> str:
        cell = self.sheet.cell(row, column)
        return formatted(cell) if cell else ""

    def _cell(self, row: int, column: int) -> CellShown:
        cell = self.sheet.cell(row, column) or {}
        text = formatted(cell)
        formula = (cell.get("userEnteredValue") or {}).get("formulaValue")
        rule = cell.get("dataValidation", {}).get("condition", {}).get("type")
        return CellShown(
            column,
            self.names[column],
            f"{a1.column_letters(column)}{row + 1}",
            text,
            str(formula or text),
            self._may_edit(row, column),
            choices(cell),
            rule == "BOOLEAN",
        )

    def _may_edit(self, row: int, column: int) -> bool:
        try:
            self.book.require_edit(self.user, Area(self.sheet.id, row, row + 1, column, column + 1))
        except ApiError:
            return False
        return True


def _width(sheet: Sheet) -> int:
    """One past the last column that holds a value."""
    width = 0
    for line in sheet.lines:
        filled = [n for n, cell in line.items() if cell.get("userEnteredValue")]
        width = max(width, max(filled, default=-1) + 1)
    return width


class SheetPages:
    """The spreadsheets of the world that are shared with the viewer."""

    def __init__(self, frame: Frame, sheets: Sheets) -> None:
        self._frame = frame
        self._sheets = sheets

    async def books(self, request: Request) -> Response:
        """The spreadsheets that are shared with the viewer, and their tabs."""
        mail = self._frame.looker(request).mail
        books = [
            book for book in self._sheets.books.values() if mail in {book.owner, *book.editors}
        ]
        return self._frame.page(
            request, "books.html", books=books, others=len(self._sheets.books) - len(books)
        )

    async def tab(self, request: Request) -> Response:
        """One tab as a table, some rows at a time."""
        grid = self._grid(request)
        page = max(number(request.query_params.get("page"), 1), 1)
        saved = request.query_params.get("saved", "")
        first = grid.first + (page - 1) * PER_PAGE
        rows = [grid.row(n) for n in range(first, min(first + PER_PAGE, grid.last))]
        fresh = grid.row(grid.last) if grid.numbers and grid.last < grid.sheet.rows else None
        return self._frame.page(
            request,
            "tab.html",
            book=grid.book,
            sheet=grid.sheet,
            columns=grid.columns(rows),
            rows=rows,
            page=page,
            more=first + PER_PAGE < grid.last,
            saved=saved if saved.replace(",", "").isalnum() else "",
            protections=list(grid.protections()),
            fresh=fresh.number if fresh and any(cell.may_edit for cell in fresh.cells) else 0,
            charts=[charts.read(chart, grid.book) for chart in grid.sheet.parts.get("charts", ())],
        )

    async def row(self, request: Request) -> Response:
        """One row, its cells one below the other."""
        grid, row = self._place(request)
        return self._frame.page(
            request,
            "row.html",
            book=grid.book,
            sheet=grid.sheet,
            row=grid.row(row),
            page=_page_of(grid, row),
        )

    async def type(self, request: Request) -> Response:
        """Write the cells of a row that were changed in the form: all of them, or none."""
        sent, (grid, row) = await form(request), self._place(request)
        changed = grid.book.clone()
        desk, written = Desk(changed, grid.user, {"tab": grid.sheet.title}), []
        for cell in grid.row(row).cells:
            text = sent.get(f"cell{cell.column}")
            if text is None or text == sent.get(f"was{cell.column}"):
                continue
            desk.enter(row, cell.column, text)
            written.append(cell.place)
        if written:
            self._sheets.commit(changed)
        saved = f"&saved={','.join(written)}" if written else ""
        # The name of a cell, so that the browser scrolls to it.
        place = written[-1] if written else f"row-{row + 1}"
        address = f"/sheet/{quote(grid.book.id, safe='')}/{grid.sheet.id}"
        return back(f"{address}?page={_page_of(grid, row)}{saved}#{place}")

    async def chart(self, request: Request) -> Response:
        """A chart of a tab as an SVG picture."""
        grid, wanted = self._grid(request), number(request.path_params["chart"])
        for chart in grid.sheet.parts.get("charts", ()):
            if chart["chartId"] == wanted:
                closed = {
                    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"
                }
                return Response(
                    charts.draw(charts.read(chart, grid.book)),
                    media_type="image/svg+xml",
                    headers=closed,
                )
        raise HTTPException(404, "There is no such chart in this tab.")

    def _grid(self, request: Request) -> Grid:
        user = self._frame.looker(request).mail
        book = self._sheets.books.get(request.path_params["book"])
        if book is None:
            raise ApiError(404, "Requested entity was not found.")
        if user not in {book.owner, *book.editors}:
            raise ApiError(403, "The caller does not have permission")
        wanted = number(request.path_params["tab"])
        if all(sheet.id != wanted for sheet in book.sheets):
            raise HTTPException(404, "There is no such tab in this Sheet.")
        return Grid(book, book.sheet(wanted), user)

    def _place(self, request: Request) -> tuple[Grid, int]:
        grid, row = self._grid(request), number(request.path_params["row"]) - 1
        if not grid.first <= row < grid.sheet.rows:
            raise HTTPException(404, "There is no such row in this tab.")
        return grid, row


def _page_of(grid: Grid, row: int) -> int:
    return max(row - grid.first, 0) // PER_PAGE + 1
