"""The ways in which something may reach a person, and what a sign may mean for each (X-64)."""

from __future__ import annotations

from enum import StrEnum


class Way(StrEnum):
    """A way in which something may reach a person, or their record."""

    EMAIL = "client email"
    CARD = "card"
    TEXT = "text"
    TOUCH = "personal touch"
    THANKS = "thank-you to a source"
    LIST = "campaign list"
    REACTIVATION = "reactivation"
    PROMPT = "prompt to respond"
    NEW_RECORD = "new record"
    RECORD = "tag, note or field"


class Cell(StrEnum):
    """One cell of the table. `NAMED` lets a prompt through and has it name the sign; `ELSEWHERE`
    bars the address or number and no other way.
    """

    YES = "yes"
    NAMED = "yes, with the sign"
    ELSEWHERE = "not on that address or number"
    HOLD = "hold"
    NEVER = "never"
    NOT_OURS = "not ours"
