"""One finding of `steward check`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "note", "problem"]


@dataclass(frozen=True, slots=True)
class Line:
    """One finding of a check. A problem makes the command end with exit status 78."""

    level: Level
    text: str
