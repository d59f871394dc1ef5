"""Our key in a task's name: `Personal touch: Ana Lopez, year 1 [MS-04 d812 20261218-14d]`
(architecture rule 5).
"""

from __future__ import annotations

import re

from policies.world.model import Key, one_line

LONGEST = 120
"""Characters a name may have; people's text is shortened to fit, never the mark."""

_MARKED = re.compile(r"^(?P<text>.*?) ?\[(?P<key>[^\[\]]+?)(?P<withdrawn> withdrawn)?\]\s*$", re.S)


def marked(text: str, key: Key, *, withdrawn: bool = False) -> str:
    """*text* with the mark of *key* at its end, on one line, at most `LONGEST` characters."""
    tail = f" [{key}{' withdrawn' if withdrawn else ''}]"
    text, room = one_line(text), LONGEST - len(tail)
    return (text if len(text) <= room else text[: room - 1].rstrip() + "…") + tail


def unmarked(name: str) -> tuple[str, Key | None, bool]:
    """People's text, the key it ends in (None without one), and whether it is marked withdrawn."""
    found = _MARKED.match(name)
    key = Key.parse(found["key"]) if found else None
    return (found["text"], key, bool(found["withdrawn"])) if found and key else (name, None, False)
