"""CSV that is safe to open in a spreadsheet: every field quoted, formulas made inert.

A line of a field gets an apostrophe if it begins, after any blank, with a character that a
spreadsheet may take for a formula, or with an apostrophe. Taking one apostrophe off again restores
the field (`plain`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

BOM = "\ufeff"
"""The mark by which some spreadsheets recognize UTF-8."""
_BLANK = r"[\x00-\x20\x7f\s\u00a0\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]*"
_RISKY = r"[=+\-@|%'\t\r\n\u2212\uff0b\uff0d\uff1d\uff20]"
_AT_RISK = re.compile(rf"(^|[\r\n])(?={_BLANK}{_RISKY})")
_MARKED = re.compile(r"(^|[\r\n])'")


def inert(text: str) -> str:
    """Return *text* in a form that no spreadsheet evaluates."""
    return _AT_RISK.sub(r"\1'", text)


def plain(text: str) -> str:
    """Undo `inert`."""
    return _MARKED.sub(r"\1", text)


def written(rows: Iterable[Sequence[str]]) -> str:
    """Return *rows* in the form of RFC 4180: all fields in double quotes, lines ended by CRLF."""
    return "".join(
        ",".join(f'"{inert(cell).replace(chr(34), chr(34) * 2)}"' for cell in row) + "\r\n"
        for row in rows
    )
