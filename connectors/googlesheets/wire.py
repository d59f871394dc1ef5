"""Sheets JSON <-> the model: typed cells in and out, headers by name, never a formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from policies.world.sheet import Cell, Row, Tab
from policies.world.tabs import Column, TabSpec

EPOCH = date(1899, 12, 30)
LONGEST_CELL = 49_000
"""Characters; the service refuses 50,001. A longer text is cut with a visible marker."""
Json = dict[str, Any]


def header_index(header: Sequence[Any]) -> dict[str, list[int]]:
    """Column positions by trimmed, case-folded header text; a repeated text has several."""
    found: dict[str, list[int]] = {}
    for n, text in enumerate(header):
        if name := str(text).strip().casefold():
            found.setdefault(name, []).append(n)
    return found


def columns_of(spec: TabSpec, header: Sequence[Any]) -> tuple[dict[str, int], tuple[str, ...]]:
    """The position of each column of *spec*, and the problems of the header row in words.

    Each problem says what to do about it.
    """
    index = header_index(header)
    where, problems = {}, []
    for name in spec.headers:
        found = index.get(name.casefold(), [])
        if len(found) == 1:
            where[name] = found[0]
        elif not found:
            problems.append(f"tab {spec.name!r} has no column {name!r}: name it so again in row 1")
        else:
            problems.append(
                f"tab {spec.name!r} has {len(found)} columns {name!r}: rename all but one"
            )
    return where, tuple(problems)


def to_tab(spec: TabSpec, values: Sequence[Sequence[Any]]) -> Tab:
    """A tab as read; with a damaged header it has no rows, only problems."""
    where, problems = columns_of(spec, values[0] if values else ())
    if problems:
        return Tab(spec.name, (), problems)
    rows, seen = [], set[str]()
    repeated = []
    for line in values[1:]:
        row = to_row(spec, where, line)
        if not any(value not in (None, "") for value in row.cells.values()):
            continue
        if row.ref in seen:
            repeated.append(
                f"tab {spec.name!r} has two rows with Ref {row.ref!r}: delete one; "
                "until then neither counts"
            )
        seen |= {row.ref} if row.ref else set()
        rows.append(row)
    return Tab(spec.name, tuple(rows), warnings=tuple(repeated))


def to_row(spec: TabSpec, where: Mapping[str, int], line: Sequence[Any]) -> Row:
    """One line of a grid as a row; a line may end before the header does."""
    cells = {
        c.name: to_cell(line[where[c.name]] if where[c.name] < len(line) else None, c)
        for c in spec.columns
    }
    return Row(str(cells.get("Ref") or "").strip(), cells)


def to_cell(value: Any, column: Column) -> Cell:
    """An unformatted value as the column's kind; what does not fit stays what it is."""
    if column.kind == "date" and isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return EPOCH + timedelta(days=int(value))
        except OverflowError:
            return str(value)
    if column.kind == "date" and isinstance(value, str):
        for form in ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y"):
            try:
                # a date has no zone
                return datetime.strptime(value.strip(), form).date()  # noqa: DTZ007
            except ValueError:
                continue
    return value if isinstance(value, str | int | float | bool) else None


def cell_data(value: Cell, pattern: str = "yyyy-mm-dd") -> Json:
    """A CellData with an explicitly typed value; a text is never a formula, even after "="."""
    if isinstance(value, date):
        return {
            "userEnteredValue": {"numberValue": (value - EPOCH).days},
            "userEnteredFormat": {"numberFormat": {"type": "DATE", "pattern": pattern}},
        }
    if isinstance(value, bool):
        return {"userEnteredValue": {"boolValue": value}}
    if isinstance(value, int | float):
        return {"userEnteredValue": {"numberValue": value}}
    if value is None or value == "":
        return {}
    text = value if len(value) <= LONGEST_CELL else value[:LONGEST_CELL] + " … (cut)"
    return {"userEnteredValue": {"stringValue": text}}


def update_cell(sheet_id: int, row: int, column: int, value: Cell, pattern: str) -> Json:
    """An updateCells request for one cell; row and column are zero-based grid positions."""
    fields = (
        "userEnteredValue,userEnteredFormat.numberFormat"
        if isinstance(value, date)
        else "userEnteredValue"
    )
    return {
        "updateCells": {
            "start": {"sheetId": sheet_id, "rowIndex": row, "columnIndex": column},
            "rows": [{"values": [cell_data(value, pattern)]}],
            "fields": fields,
        }
    }


def one_of(choices: Sequence[str]) -> Json:
    """The validation rule of a dropdown with these choices."""
    return {
        "condition": {
            "type": "ONE_OF_LIST",
            "values": [{"userEnteredValue": choice} for choice in choices],
        },
        "showCustomUi": True,
        "strict": True,
    }


def append_row(
    spec: TabSpec,
    sheet_id: int,
    where: Mapping[str, int],
    cells: Mapping[str, Cell],
    choices: Sequence[str],
) -> Json:
    """An appendCells request for one row, ordered by the header.

    *choices* become the dropdown of its Decision cell.
    """
    line: list[Json] = [{} for _ in range(max(where.values()) + 1)]
    for name, value in cells.items():
        line[where[name]] = cell_data(value, spec.column(name).pattern)
    if choices and "Decision" in where:
        line[where["Decision"]]["dataValidation"] = one_of(choices)
    return {
        "appendCells": {
            "sheetId": sheet_id,
            "rows": [{"values": line}],
            "fields": "userEnteredValue,userEnteredFormat.numberFormat,dataValidation",
        }
    }
