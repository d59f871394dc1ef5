"""A table as CSV that a spreadsheet opens and runs nothing of: every field quoted, what reads as a
formula made inert.

A line of a field that begins, after any blank, with a character that a spreadsheet may take for a
formula gets an apostrophe before it; so does one that begins with an apostrophe. Taking one
apostrophe off again gives back what was there (`plain`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

BOM = "\ufeff"
"""What tells some spreadsheets that a file is UTF-8."""
_BLANK = r"[\x00-\x20\x7f\s\u00a0\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]*"
_RISKY = r"[=+\-@|%'\t\r\n\u2212\uff0b\uff0d\uff1d\uff20]"
_AT_RISK = re.compile(rf"(^|[\r\n])(?={_BLANK}{_RISKY})")
_MARKED = re.compile(r"(^|[\r\n])'")


def inert(text: str) -> str:
    """*text* as no spreadsheet evaluates it."""
    return _AT_RISK.sub(r"\1'", text)


def plain(text: str) -> str:
    """What *text* was before `inert`."""
    return _MARKED.sub(r"\1", text)


def written(rows: Iterable[Sequence[str]]) -> str:
    """*rows* as RFC 4180 has it: all fields in double quotes, lines ended by CRLF."""
    return "".join(
        ",".join(f'"{inert(cell).replace(chr(34), chr(34) * 2)}"' for cell in row) + "\r\n"
        for row in rows
    )
