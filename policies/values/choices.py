"""Words and ticks by which people choose, in a cell or a field.

Each kind of place has its words for yes, and each stays as it was (issue 12 unites them). A ticked
box reads as ``True``.
"""

from __future__ import annotations

from collections.abc import Iterable

YES = frozenset({"yes", "y", "true"})
"""Yes in a cell of a list request (DB-36)."""
ON_FILE = YES | {"x", "on file"}
"""Yes in the fee column `Agreement On File` (RF-37)."""
CONSENT = YES | {"1", "ok", "consented", "opted in", "opt-in"}
"""Yes in the field that records consent to text messages (X-10)."""


def says_yes(text: str, words: frozenset[str] = YES) -> bool:
    """Whether *text* is one of the *words* for yes, in any case."""
    return text.strip().casefold() in words


def among(text: str, words: Iterable[str]) -> str:
    """The one of *words* that *text* spells, in any case; "" for none."""
    typed = text.casefold()
    return next((word for word in words if word.casefold() == typed), "")
