"""A1 notation, read and written: ``'Bob''s tab'!A2:C``, open-ended, reversed, whole tabs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_CELLS = re.compile(
    r"^\$?(?P<c0>[A-Za-z]{1,3})?\$?(?P<r0>[1-9]\d{0,8})?"
    r"(?::\$?(?P<c1>[A-Za-z]{1,3})?\$?(?P<r1>[1-9]\d{0,8})?)?$"
)
_PLAIN_TITLE = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
_LIKE_A_CELL = re.compile(r"^([A-Za-z]{1,3}\d+|R\d*C\d*)$", re.I)


@dataclass(frozen=True, slots=True)
class Area:
    """A half-open rectangle of a sheet, zero-based; None is "to the end"."""

    sheet_id: int
    row0: int = 0
    row1: int | None = None
    col0: int = 0
    col1: int | None = None

    @classmethod
    def of(cls, grid_range: dict[str, Any]) -> Area:
        """A GridRange as an area."""
        return cls(
            int(grid_range.get("sheetId") or 0),
            int(grid_range.get("startRowIndex") or 0),
            grid_range.get("endRowIndex"),
            int(grid_range.get("startColumnIndex") or 0),
            grid_range.get("endColumnIndex"),
        )

    def json(self) -> dict[str, Any]:
        """The GridRange, without the bounds that are zero or open, as Google leaves those out."""
        found = {
            "sheetId": self.sheet_id or None,
            "startRowIndex": self.row0 or None,
            "endRowIndex": self.row1,
            "startColumnIndex": self.col0 or None,
            "endColumnIndex": self.col1,
        }
        if self.row1 is not None:
            found["startRowIndex"] = self.row0
        if self.col1 is not None:
            found["startColumnIndex"] = self.col0
        return {name: value for name, value in found.items() if value is not None}

    def meets(self, other: Area) -> bool:
        """Whether the two share a cell."""
        return (
            self.sheet_id == other.sheet_id
            and _overlap(self.row0, self.row1, other.row0, other.row1)
            and _overlap(self.col0, self.col1, other.col0, other.col1)
        )

    def within(self, other: Area) -> bool:
        """Whether every cell of this area is one of the other's."""
        return (
            self.sheet_id == other.sheet_id
            and self.row0 >= other.row0
            and self.col0 >= other.col0
            and _ends_by(self.row1, other.row1)
            and _ends_by(self.col1, other.col1)
        )


def _overlap(a0: int, a1: int | None, b0: int, b1: int | None) -> bool:
    return (a1 is None or b0 < a1) and (b1 is None or a0 < b1)


def _ends_by(end: int | None, limit: int | None) -> bool:
    return limit is None or (end is not None and end <= limit)


def column_number(letters: str) -> int:
    """The number of a column: ``A`` is 0."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def column_letters(number: int) -> str:
    """The letters of a column: 0 is ``A``."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def split(text: str) -> tuple[str | None, str]:
    """The sheet title (None without one) and the rest of a range text.

    Raises ValueError for a broken quote.
    """
    if text.startswith("'"):
        found = re.match(r"^'((?:[^']|'')+)'(?:!(.*))?$", text, re.S)
        if not found:
            raise ValueError(text)
        return found[1].replace("''", "'"), found[2] or ""
    title, bang, cells = text.rpartition("!")
    return (title, cells) if bang else (None, text)


def cells(text: str, sheet_id: int) -> Area | None:
    """The area that *text* (without a title) names, or None if it is not in A1 notation."""
    if not text:
        return Area(sheet_id)
    found = _CELLS.match(text)
    if not found:
        return None
    row0, row1 = _row(found["r0"]), _row(found["r1"])
    col0, col1 = _column(found["c0"]), _column(found["c1"])
    if ":" not in text:
        if row0 is None or col0 is None:
            return None
        row1, col1 = row0, col0
    elif (row0 is None and col0 is None) or (row1 is None and col1 is None):
        return None
    return Area(sheet_id, *_ordered(row0, row1), *_ordered(col0, col1))


def _row(digits: str | None) -> int | None:
    return int(digits) - 1 if digits else None


def _column(letters: str | None) -> int | None:
    return column_number(letters) if letters else None


def _ordered(first: int | None, last: int | None) -> tuple[int, int | None]:
    if first is not None and last is not None:
        return min(first, last), max(first, last) + 1
    return first or 0, None if last is None else last + 1


def title_text(title: str) -> str:
    """A title as Google echoes it: quoted only when it must be."""
    if _PLAIN_TITLE.match(title) and not _LIKE_A_CELL.match(title):
        return title
    return "'" + title.replace("'", "''") + "'"


def text(title: str, area: Area, rows: int, columns: int) -> str:
    """The closed A1 text of *area* in a grid of that size."""
    row1 = rows if area.row1 is None else min(area.row1, rows)
    col1 = columns if area.col1 is None else min(area.col1, columns)
    first = f"{column_letters(area.col0)}{area.row0 + 1}"
    last = f"{column_letters(max(area.col0, col1 - 1))}{max(area.row0 + 1, row1)}"
    return f"{title_text(title)}!{first}" + ("" if first == last else f":{last}")
