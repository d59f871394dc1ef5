"""Reading and writing the values of a range: what the values calls do to a book."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.sheets import a1
from connectors.sandbox.sheets.a1 import Area
from connectors.sandbox.sheets.book import Book, Json, Sheet
from connectors.sandbox.sheets.errors import ApiError
from connectors.sandbox.sheets.values import entered, rendered


def read(book: Book, text: str, options: tuple[str, str, str]) -> Json:
    """A ValueRange: trailing empty cells and rows cut, no `values` at all when there is nothing."""
    sheet, area = book.find(text)
    value_option, date_option, major = options
    rows, columns = sheet.area(area)
    lines = [_cut([rendered(sheet.cell(r, c), value_option, date_option) for c in _filled(sheet, r, columns)])
             for r in range(rows.start, min(rows.stop, len(sheet.lines)))]
    while lines and not lines[-1]:
        lines.pop()
    if major == "COLUMNS":
        width = max([len(line) for line in lines], default=0)
        lines = [_cut([line[n] if n < len(line) else "" for line in lines]) for n in range(width)]
    found: Json = {"range": a1.text(sheet.title, area, sheet.rows, sheet.columns), "majorDimension": major}
    return found | ({"values": lines} if lines else {})


def _filled(sheet: Sheet, row: int, columns: range) -> range:
    last = max(sheet.lines[row], default=-1)
    return range(columns.start, min(columns.stop, last + 1))


def _cut(line: list[Any]) -> list[Any]:
    while line and line[-1] in ("", None):
        line.pop()
    return line


def write(book: Book, text: str, body: Json, option: str, user: str, *, grow: bool = False) -> Json:
    """Write a ValueRange from its top left cell: null skips a cell, "" clears it."""
    sheet, area = book.find(text)
    values = body.get("values", [])
    if not isinstance(values, list) or not all(isinstance(line, list) for line in values):
        raise ApiError(400, "Invalid value at 'data.values' (type.googleapis.com/google.protobuf.ListValue)")
    if body.get("majorDimension") == "COLUMNS":
        height = max([len(line) for line in values], default=0)
        values = [[line[n] if n < len(line) else None for line in values] for n in range(height)]
    wide = max([len(line) for line in values], default=0)
    target = Area(sheet.id, area.row0, area.row0 + len(values), area.col0, area.col0 + wide)
    if not grow:
        _fits(sheet, area, target, text)
    book.require_edit(user, target)
    count = 0
    for r, line in enumerate(values):
        for c, value in enumerate(line):
            if value is not None:
                row, column = area.row0 + r, area.col0 + c
                sheet.put(row, column, entered(value, option, sheet.cell(row, column)))
                count += 1
    done: Json = {"spreadsheetId": book.id, "updatedRange": a1.text(sheet.title, target, sheet.rows, sheet.columns)}
    if count:
        done |= {"updatedRows": len(values), "updatedColumns": wide, "updatedCells": count}
    return done


def _fits(sheet: Sheet, area: Area, target: Area, text: str) -> None:
    if ":" not in text.rpartition("!")[2] and area.row1 == area.row0 + 1 and area.col1 == area.col0 + 1:
        area = Area(area.sheet_id, area.row0, None, area.col0, None)  # one cell is where to begin, not where to end
    if area.row1 is not None and (target.row1 or 0) > area.row1:
        raise ApiError(400, f"Requested writing within range [{text}], but tried writing to row [{area.row1 + 1}]")
    if area.col1 is not None and (target.col1 or 0) > area.col1:
        raise ApiError(400, f"Requested writing within range [{text}], but tried writing to column "
                            f"[{a1.column_letters(area.col1)}]")
    if (target.row1 or 0) > sheet.rows or (target.col1 or 0) > sheet.columns:
        raise ApiError(400, f"Range ({text}) exceeds grid limits. Max rows: {sheet.rows}, max columns: {sheet.columns}")


def table(sheet: Sheet, area: Area) -> Area | None:
    """The table that an append to *area* continues: the block of filled cells around its last filled one, or none.

    As recorded of the real service: after one row ["x", "", "z"], a whole-tab append finds the table in column C.
    """
    rows, columns = sheet.area(area)
    filled = {(r, c) for r in range(len(sheet.lines)) for c, cell in sheet.lines[r].items() if cell.get("userEnteredValue")}
    inside = [(r, c) for r, c in filled if r in rows and c in columns]
    if not inside:
        return None
    block, todo = set[tuple[int, int]](), [max(inside)]
    while todo:
        r, c = todo.pop()
        if (r, c) in filled and (r, c) not in block:
            block.add((r, c))
            todo += [(r + down, c + right) for down in (-1, 0, 1) for right in (-1, 0, 1) if down or right]
    return Area(sheet.id, min(r for r, _ in block), max(r for r, _ in block) + 1, min(c for _, c in block), max(c for _, c in block) + 1)
