"""Every clause of the three procedures: its id, where it stands, who may act on it, and what it
says in one line.

The lines are in `catalogue.toml`; this module only gives them a shape.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """Who may act on a clause. A clause with several modes lists them in the order of its steps."""

    AUTO = "AUTO"
    DRAFT = "DRAFT"
    GATE = "GATE"
    NEVER = "NEVER"
    HUMAN = "HUMAN"
    CFG = "CFG"


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: *section* is the procedure's own heading number, *says* is one line for
    people.
    """

    id: str
    section: str
    modes: tuple[Mode, ...]
    says: str


def parse(text: str) -> Mapping[str, Clause]:
    """The catalogue in *text* (TOML: one array per procedure of ``[number, section, modes,
    says]``), by clause id.
    """
    tables: dict[str, list[list[str]]] = tomllib.loads(text)
    return {
        (clause_id := f"{prefix}-{number}"): Clause(
            clause_id, section, tuple(Mode(m) for m in modes.split()), says
        )
        for prefix, rows in tables.items()
        for number, section, modes, says in rows
    }
