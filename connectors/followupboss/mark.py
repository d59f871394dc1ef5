"""Steward's key in a task's name: `Personal touch: Ana Lopez [MS-04 d812 20261218-14d]`."""

from __future__ import annotations

import re

from policies.values.names import one_line
from policies.world.model import Key

LONGEST = 120
"""Characters that a name may have; the text is shortened to fit, never the mark."""

_MARKED = re.compile(r"^(?P<text>.*?) ?\[(?P<key>[^\[\]]+?)(?P<withdrawn> withdrawn)?\]\s*$", re.S)


def marked(text: str, key: Key, *, withdrawn: bool = False) -> str:
    """*text* with the mark of *key* at its end, on one line, at most `LONGEST` characters."""
    tail = f" [{key}{' withdrawn' if withdrawn else ''}]"
    text, room = one_line(text), LONGEST - len(tail)
    if len(text) > room:
        text = text[: room - 1].rstrip() + "…"
    return text + tail


def unmarked(name: str) -> tuple[str, Key | None, bool]:
    """The text of a name, its key (None without a mark), and whether it is marked withdrawn."""
    found = _MARKED.match(name)
    key = Key.parse(found["key"]) if found else None
    if found and key:
        return found["text"], key, bool(found["withdrawn"])
    return name, None, False
