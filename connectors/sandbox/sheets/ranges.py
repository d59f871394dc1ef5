"""Reading and writing the values of a range: what the values calls do to a book."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.sandbox.sheets import a1
from connectors.sandbox.sheets.a1 import Area
from connectors.sandbox.sheets.book import Book, Json, Sheet
from connectors.sandbox.sheets.dimensions import insert
from connectors.sandbox.sheets.errors import ApiError
from connectors.sandbox.sheets.values import entered, rendered

Options = tuple[str, str, str]
"""valueRenderOption, dateTimeRenderOption, majorDimension."""


def read(book: Book, text: str, options: Options) -> Json:
    """A ValueRange: trailing empty cells and rows cut, no `values` at all when there is nothing."""
    sheet, area = book.find(text)
    value_option, date_option, major = options
    rows, columns = sheet.area(area)
    lines = [
        _cut(
            [
                rendered(sheet.cell(r, c), value_option, date_option)
                for c in _filled(sheet, r, columns)
            ]
        )
        for r in range(rows.start, min(rows.stop, len(sheet.lines)))
    ]
    while lines and not lines[-1]:
        lines.pop()
    if major == "COLUMNS":
        lines = [
            _cut([line[n] if n < len(line) else "" for line in lines]) for n in range(_width(lines))
        ]
    found: Json = {"range": sheet.title_of(area), "majorDimension": major}
    return found | ({"values": lines} if lines else {})


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
    """Write a ValueRange from its top left cell: null skips a cell, "" clears it; with *echo* the
    reply shows the cells.
    """
    sheet, area = book.find(text)
    if "range" in body and book.find(body["range"]) != (sheet, area):
        raise ApiError(
            400,
            f"Requested writing within range [{text}], but the body names range [{body['range']}].",
        )
    values = body.get("values", [])
    if body.get("majorDimension") == "COLUMNS":
        values = [
            [line[n] if n < len(line) else None for line in values] for n in range(_width(values))
        ]
    wide = _width(values)
    target = Area(
        sheet.id, area.row0, area.row0 + max(1, len(values)), area.col0, area.col0 + max(1, wide)
    )
    if grow:
        sheet.rows, sheet.columns = (
            max(sheet.rows, target.row1 or 0),
            max(sheet.columns, target.col1 or 0),
        )
        book.require_size()
    _fits(sheet, area, target, text)
    book.require_edit(user, target)
    touched = set[tuple[int, int]]()
    for r, line in enumerate(values):
        for c, value in enumerate(line):
            if value is not None:
                row, column = area.row0 + r, area.col0 + c
                sheet.put(row, column, entered(value, option, sheet.cell(row, column)))
                touched.add((row, column))
    done: Json = {"spreadsheetId": book.id, "updatedRange": sheet.title_of(target)}
    if touched:
        done |= {
            "updatedRows": len({r for r, _ in touched}),
            "updatedColumns": len({c for _, c in touched}),
            "updatedCells": len(touched),
        }
    return done | ({"updatedData": read(book, done["updatedRange"], echo)} if echo else {})


def _fits(sheet: Sheet, area: Area, target: Area, text: str) -> None:
    if (
        area.row1 == area.row0 + 1
        and area.col1 == area.col0 + 1
        and ":" not in text.rpartition("!")[2]
    ):
        area = Area(
            area.sheet_id, area.row0, None, area.col0, None
        )  # one cell is where to begin, not where to end
    if area.row1 is not None and (target.row1 or 0) > area.row1:
        raise ApiError(
            400,
            f"Requested writing within range [{text}], but tried writing to row [{area.row1 + 1}]",
        )
    if area.col1 is not None and (target.col1 or 0) > area.col1:
        raise ApiError(
            400,
            f"Requested writing within range [{text}], but tried writing to column"
            f" [{a1.column_letters(area.col1)}]",
        )
    if (target.row1 or 0) > sheet.rows or (target.col1 or 0) > sheet.columns:
        raise sheet.beyond(text)


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
    """Write below the table that *text* names or touches; *options*: how values are entered, and
    whether rows are inserted.
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
    """Take the values out of ranges and leave formats and rules; the ranges as they are echoed."""
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
    """The table that an append to *area* continues: the block of filled cells around its last
    filled one, or none.

    As recorded of the real service: after one row ["x", "", "z"], a whole-tab append finds the
    table in column C.
    """
    rows, columns = sheet.area(area)
    filled = {
        (r, c)
        for r in range(len(sheet.lines))
        for c, cell in sheet.lines[r].items()
        if cell.get("userEnteredValue")
    }
    inside = [(r, c) for r, c in filled if r in rows and c in columns]
    if not inside:
        return None
    block, todo = set[tuple[int, int]](), [max(inside)]
    while todo:
        r, c = todo.pop()
        if (r, c) in filled and (r, c) not in block:
            block.add((r, c))
            todo += [
                (r + down, c + right)
                for down in (-1, 0, 1)
                for right in (-1, 0, 1)
                if down or right
            ]
    return Area(
        sheet.id,
        min(r for r, _ in block),
        max(r for r, _ in block) + 1,
        min(c for _, c in block),
        max(c for _, c in block) + 1,
    )
