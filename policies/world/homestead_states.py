"""When a state wants the homestead exemption filed: the rows of `homestead.toml`, and the deadline
a closing has by one.

Not legal advice: a row says where it comes from and when that was looked at, and nothing is dated
by one that the agent has not confirmed (MS-28).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import holidays

from policies.world.calendar import DAY, first_on_or_after


def code_of(text: str) -> str:
    """The two letters of the state that an address names, in letters or in full; "" for anything
    else.
    """
    plain = text.strip().rstrip(".")
    if plain.upper() in _US.subdivisions:
        return plain.upper()
    return _CODES.get(plain.casefold(), "")


_US = holidays.country_holidays("US")
_CODES = {name.casefold(): code for name, code in _US.subdivisions_aliases.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRule:
    """One state's filing rule.

    `deadlines` are (month, day), none where no date is known: then the agent is asked. `qualifies`
    is the (month, day) on which the buyer must own and live in the home to file in that round, or
    None where the closing itself is enough. `says` is the rule in a sentence for people, `checked`
    the day it was noted down from `source`.
    """

    code: str
    name: str
    deadlines: tuple[tuple[int, int], ...]
    qualifies: tuple[int, int] | None
    says: str
    source: str
    checked: date
    confidence: str

    def deadline_after(self, closing: date) -> date | None:
        """The first deadline that a buyer who closed on *closing* can meet, or None where the state
        has no known date.

        The qualifying day decides the year: Florida wants owners of January 1 to file by March 1,
        so that a closing on January 10, 2027 is filed by March 1, 2028.
        """
        qualified = first_on_or_after(closing, *self.qualifies) if self.qualifies else closing
        return min(
            (first_on_or_after(qualified + DAY, *deadline) for deadline in self.deadlines),
            default=None,
        )

    @property
    def question(self) -> str:
        """The whole text that the agent is asked to confirm: a changed row is a new question."""
        return (
            f"{self.name}: {self.says}\nSource: {self.source} (noted on {self.checked:%m/%d/%Y};"
            f" confidence {self.confidence}).\nApprove if this is right for your clients. Until"
            " then no homestead date is set for this state."
        )


def parse(text: str) -> Mapping[str, StateRule]:
    """The state table in *text* (TOML, one array of tables `state`), by two-letter code."""
    return {
        row["code"]: StateRule(
            code=row["code"],
            name=row["name"],
            deadlines=tuple(map(_month_day, row.get("deadlines", ()))),
            qualifies=_month_day(row["qualifies"]) if "qualifies" in row else None,
            says=row["says"],
            source=row["source"],
            checked=row["checked"],
            confidence=row["confidence"],
        )
        for row in tomllib.loads(text)["state"]
    }


def _month_day(text: str) -> tuple[int, int]:
    month, _, day = text.partition("-")
    return int(month), int(day)
