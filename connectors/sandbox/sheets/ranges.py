"""The values calls on a book: read, write, append to and clear the values of a range."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.sandbox.sheets.batch.dimensions import insert
from connectors.sandbox.sheets.errors import ApiError
from connectors.sandbox.sheets.grid import a1
from connectors.sandbox.sheets.grid.a1 import Area
from connectors.sandbox.sheets.grid.book import Book, Json, Sheet
from connectors.sandbox.sheets.grid.values import entered, rendered

Options = tuple[str, str, str]
"""valueRenderOption, dateTimeRenderOption, majorDimension."""
_NEIGHBOURS = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))


def read(book: Book, text: str, options: Options) -> Json:
    """A ValueRange: trailing empty cells and rows cut, no `values` at all when there is nothing."""
    sheet, area = book.find(text)
    value_option, date_option, major = options
    rows, columns = sheet.area(area)
    lines = []
    for r in range(rows.start, min(rows.stop, sheet.last_row())):  # below are formats, no values
        cells = [sheet.cell(r, c) for c in _filled(sheet, r, columns)]
        lines.append(_cut([rendered(cell, value_option, date_option) for cell in cells]))
    while lines and not lines[-1]:
        lines.pop()
    if major == "COLUMNS":
        lines = [_cut(line) for line in _transposed(lines, "")]
    found: Json = {"range": sheet.title_of(area), "majorDimension": major}
    return found | ({"values": lines} if lines else {})


def _transposed(lines: Sequence[Sequence[Any]], missing: Any) -> list[list[Any]]:
    """Columns as rows; *missing* fills up the short lines."""
    return [[line[n] if n < len(line) else missing for line in lines] for n in range(_width(lines))]


def _width(lines: Sequence[Sequence[Any]]) -> int:
    return max([len(line) for line in lines], default=0)


def _filled(sheet: Sheet, row: int, columns: range) -> range:
    last = max(sheet.lines[row], default=-1)
    return range(columns.start, min(columns.stop, last + 1))


def _cut(line: list[Any]) -> list[Any]:
    while line and line[-1] in ("", None):
        line.pop()
    return line


def write(
    book: Book,
    text: str,
    body: Json,
    option: str,
    user: str,
    echo: Options | None = None,
    *,
    grow: bool = False,
) -> Json:
    """Write a ValueRange from its top left cell: null skips a cell, "" clears it.

    *option* is the valueInputOption; with *echo* the reply shows the cells, with *grow* the tab
    grows as needed. Raises ApiError if the values do not fit or the user may not edit the range.
    """
    sheet, area = book.find(text)
    if "range" in body and book.find(body["range"]) != (sheet, area):
        raise ApiError(
            400,
            f"Requested writing within range [{text}], but the body names range [{body['range']}].",
        )
    values = body.get("values", [])
    if body.get("majorDimension") == "COLUMNS":
        values = _transposed(values, None)
    row1 = area.row0 + max(1, len(values))
    col1 = area.col0 + max(1, _width(values))
    target = Area(sheet.id, area.row0, row1, area.col0, col1)
    if grow:
        sheet.rows, sheet.columns = max(sheet.rows, row1), max(sheet.columns, col1)
        book.require_size()
    _require_fit(sheet, area, target, text)
    book.require_edit(user, target)
    touched = _enter(sheet, area, values, option)
    done: Json = {"spreadsheetId": book.id, "updatedRange": sheet.title_of(target)}
    if touched:
        done |= {
            "updatedRows": len({r for r, _ in touched}),
            "updatedColumns": len({c for _, c in touched}),
            "updatedCells": len(touched),
        }
    return done | ({"updatedData": read(book, done["updatedRange"], echo)} if echo else {})


def _enter(
    sheet: Sheet, area: Area, values: Sequence[Sequence[Any]], option: str
) -> set[tuple[int, int]]:
    """Write the values from the top left cell of *area*; return the cells that were written."""
    touched = set[tuple[int, int]]()
    for r, line in enumerate(values, area.row0):
        for c, value in enumerate(line, area.col0):
            if value is not None:
                sheet.put(r, c, entered(value, option, sheet.cell(r, c)))
                touched.add((r, c))
    return touched


def _require_fit(sheet: Sheet, area: Area, target: Area, text: str) -> None:
    """Raise ApiError if *target* is larger than the range or the tab."""
    row1, col1 = target.row1 or 0, target.col1 or 0
    if not _is_one_cell(area, text):  # one cell is where to begin, not where to end
        refusal = f"Requested writing within range [{text}], but tried writing to"
        if area.row1 is not None and row1 > area.row1:
            raise ApiError(400, f"{refusal} row [{area.row1 + 1}]")
        if area.col1 is not None and col1 > area.col1:
            raise ApiError(400, f"{refusal} column [{a1.column_letters(area.col1)}]")
    if row1 > sheet.rows or col1 > sheet.columns:
        raise sheet.beyond(text)


def _is_one_cell(area: Area, text: str) -> bool:
    one = area.row1 == area.row0 + 1 and area.col1 == area.col0 + 1
    return one and ":" not in text.rpartition("!")[2]


def totals(book: Book, done: Sequence[Json]) -> Json:
    """The reply to a write of several ranges."""

    def total(name: str) -> int:
        return sum(part.get(name, 0) for part in done)

    columns = {
        c for part in done if part.get("updatedCells") for c in _columns(book, part["updatedRange"])
    }
    found = {
        "totalUpdatedRows": total("updatedRows"),
        "totalUpdatedColumns": len(columns),
        "totalUpdatedCells": total("updatedCells"),
        "totalUpdatedSheets": len({part["updatedRange"].rpartition("!")[0] for part in done}),
    }
    return {
        "spreadsheetId": book.id,
        **{name: count for name, count in found.items() if count},
        "responses": list(done),
    }


def _columns(book: Book, text: str) -> list[tuple[int, int]]:
    sheet, area = book.find(text)
    return [(sheet.id, c) for c in sheet.area(area)[1]]


def append(
    book: Book,
    text: str,
    body: Json,
    options: tuple[str, bool],
    user: str,
    echo: Options | None = None,
) -> Json:
    """Write below the table that *text* names or touches.

    *options* are the valueInputOption and whether rows are inserted. Raises ApiError as `write`
    does.
    """
    sheet, area = book.find(text)
    found = table(sheet, area)
    row, column = (found.row1 or 0, found.col0) if found else (area.row0, area.col0)
    where = f"{a1.title_text(sheet.title)}!{a1.column_letters(column)}{row + 1}"
    option, inserting = options
    if inserting and found and body.get("values") and row < sheet.rows:
        book.require_edit(user, Area(sheet.id, row, row + 1))
        insert(book, sheet, True, row, len(body["values"]))
    sheet.rows = max(sheet.rows, row + 1)
    done = write(
        book,
        where,
        {name: part for name, part in body.items() if name != "range"},
        option,
        user,
        echo,
        grow=True,
    )
    answer: Json = {"spreadsheetId": book.id, "updates": done}
    return answer | ({"tableRange": sheet.title_of(found)} if found else {})


def clear(book: Book, texts: Sequence[str], user: str) -> list[str]:
    """Take the values out of ranges, leaving formats and rules; return the ranges in A1."""
    cleared = []
    for text in texts:
        sheet, area = book.find(text)
        rows, columns = sheet.area(area)
        book.require_edit(user, area)
        for r in range(rows.start, min(rows.stop, len(sheet.lines))):
            for c in [c for c in sheet.lines[r] if c in columns]:
                sheet.put(r, c, entered("", "RAW", sheet.lines[r][c]))
        cleared.append(sheet.title_of(area))
    return cleared


def table(sheet: Sheet, area: Area) -> Area | None:
    """The table that an append to *area* continues: the block around its last filled cell, if any.

    As recorded from the real service: after one row ["x", "", "z"], a whole-tab append finds the
    table in column C.
    """
    rows, columns = sheet.area(area)
    filled = _filled_cells(sheet)
    inside = [(r, c) for r, c in filled if r in rows and c in columns]
    if not inside:
        return None
    block = _block(filled, max(inside))
    block_rows, block_columns = {r for r, _ in block}, {c for _, c in block}
    return Area(
        sheet.id,
        min(block_rows),
        max(block_rows) + 1,
        min(block_columns),
        max(block_columns) + 1,
    )


def _filled_cells(sheet: Sheet) -> set[tuple[int, int]]:
    found = set[tuple[int, int]]()
    for r, line in enumerate(sheet.lines):
        found |= {(r, c) for c, cell in line.items() if cell.get("userEnteredValue")}
    return found


def _block(filled: set[tuple[int, int]], start: tuple[int, int]) -> set[tuple[int, int]]:
    """The filled cells that are connected with *start*, diagonally too."""
    block, todo = set[tuple[int, int]](), [start]
    while todo:
        cell = todo.pop()
        if cell in filled and cell not in block:
            block.add(cell)
            r, c = cell
            todo += [(r + down, c + right) for down, right in _NEIGHBOURS]
    return block
