"""The clauses of the three procedures: id, section, who may act on each, and its text in one line.

The lines are in `catalogue.toml`; this module only gives them a shape.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """The modes of acting on a clause; a clause with several has them in the order of its steps."""

    AUTO = "AUTO"
    DRAFT = "DRAFT"
    GATE = "GATE"
    NEVER = "NEVER"
    HUMAN = "HUMAN"
    CFG = "CFG"


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: `section` is the procedure's own heading number, `says` one line for people."""

    id: str
    section: str
    modes: tuple[Mode, ...]
    says: str


def parse(text: str) -> Mapping[str, Clause]:
    """Read the catalogue in *text*, by clause id.

    It is TOML with one array per procedure; its lines are ``[number, section, modes, says]``.
    """
    tables: dict[str, list[list[str]]] = tomllib.loads(text)
    found: dict[str, Clause] = {}
    for prefix, rows in tables.items():
        for number, section, modes, says in rows:
            clause_id = f"{prefix}-{number}"
            found[clause_id] = Clause(clause_id, section, tuple(map(Mode, modes.split())), says)
    return found
