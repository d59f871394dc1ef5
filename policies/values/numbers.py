"""Numbers and dollars as people type them.

Each kind of place has its reader. Each stays as it was; issue 12 unites and widens them.

- `amount`: a cell of the fees, with or without a dollar or percent sign.
- `dollars`: the same cells for the quarterly report. Text must be dollars, such as ``$1,250.00``.
- `whole_dollars`: the ends of a home value range. Nothing is rounded.
- `count_or_one`: a field that counts referrals. Text in it counts as one.
- `contact_number`: the number of a contact in the referral log.
"""

from __future__ import annotations

import re

MOST = 1e12
"""Dollars above which a number in a cell is no amount."""
MOST_WHOLE = 1e10
"""Dollars above which a home has no such value."""
_DOLLARS = re.compile(r"^\$?\s*(\d{1,3}(?:,\d{3})+|\d+)(\.\d{1,2})?$")
_WHOLE_DOLLARS = re.compile(r"\$?(\d{1,3}(?:,\d{3})+|\d+)(?:\.00)?")


def amount(cell: object) -> float | None:
    """A number, with or without a dollar or percent sign; None for anything else."""
    if isinstance(cell, bool) or cell is None:
        return None
    text = str(cell).strip().lstrip("$").rstrip("%").replace(",", "").strip()
    try:
        found = float(text)
    except ValueError:
        return None
    return found if abs(found) < MOST else None  # "nan" and "inf" are no amounts either


def dollars(cell: object) -> float | None:
    """The dollars in a cell, typed as a number or as ``$1,250.00``; None for anything else."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell) if abs(cell) < MOST else None
    found = _DOLLARS.match("" if cell is None else str(cell).strip())
    if found is None:
        return None
    typed = float(f"{found[1].replace(',', '')}{found[2] or ''}")
    return typed if typed < MOST else None


def whole_dollars(cell: object) -> int | None:
    """Whole dollars above 0, if they alone were typed: no rounding, no reading of half a text."""
    if isinstance(cell, str):
        found = _WHOLE_DOLLARS.fullmatch(cell.strip())
        return int(found[1].replace(",", "")) or None if found else None
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return None
    return int(cell) if 0 < cell < MOST_WHOLE and cell == int(cell) else None


def count_or_one(text: str) -> float:
    """The count in a field; 1 for other text, which does not prove that there is nothing, and 0
    for no text.
    """
    try:
        return float(text)
    except ValueError:
        return 1 if text.strip() else 0


def contact_number(cell: object) -> int:
    """A contact's number as a cell holds it (``123``, ``#123``); 0 where it holds none."""
    if cell is None:
        return 0
    text = str(int(cell) if isinstance(cell, float) else cell).strip().lstrip("#")
    return int(text) if text.isdecimal() and len(text) < 16 else 0
