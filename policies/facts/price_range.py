"""Price ranges as numbers, whatever their tag is spelled like: the lower bound belongs to a range,
the upper does not (X-26).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

LOWEST = 200_000
"""Dollars below which the procedure's four price-range tags leave a gap (DB-18, X-26)."""
_AMOUNT = r"\$?\s*(\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)\s*([km]?)"
_RANGE = re.compile(rf"{_AMOUNT}\s*(?:[-–—]|\bto\b)\s*{_AMOUNT}", re.I)
_FROM = re.compile(rf"{_AMOUNT}\s*\+", re.I)
_BELOW = re.compile(rf"(?:under|below|less than|up to|<)\s*{_AMOUNT}", re.I)
_ONE = re.compile(_AMOUNT, re.I)
_TIMES = {"": 1, "k": 1_000, "m": 1_000_000}
SMALLEST = 10_000
"""A price below this is no price of a home: "400-500" lacks its K."""


@dataclass(frozen=True, slots=True)
class PriceRange:
    """From `low` dollars, included, to `high`, not included; no end where `high` is None."""

    low: int
    high: int | None = None

    def __str__(self) -> str:
        if self.high is None:
            return f"{_short(self.low)}+"
        if self.high == self.low + 1:
            return f"${self.low:,}"
        if self.low % 1_000 == self.high % 1_000 == 0 and self.high < 1_000_000:
            return f"${self.low // 1_000}–{self.high // 1_000}K"
        return f"{_short(self.low)}–{_short(self.high)}"

    def overlaps(self, other: PriceRange) -> bool:
        """Whether a price exists that lies in both."""
        return (self.high is None or other.low < self.high) and (
            other.high is None or self.low < other.high
        )


def _short(amount: int) -> str:
    return f"${amount // 1_000}K" if amount % 1_000 == 0 and amount < 1_000_000 else f"${amount:,}"


@lru_cache(maxsize=4096)
def of_tag(tag: str) -> PriceRange | None:
    """The range that a contact's tag names (``$400–500K``, ``$500K+``, ``Under $200K``), or None
    for any other tag.
    """
    names_a_price = "$" in tag or tag[:1].isdigit() or _BELOW.fullmatch(tag.strip())
    found = parsed(tag) if names_a_price else None
    if found is None or found.high == found.low + 1:  # one price is no range
        return None
    return found


def parsed(text: str) -> PriceRange | None:
    """A range, an open range or one price as a person writes it; None for anything else.

    ``400-500K`` takes the K for both ends; a lower bound in full dollars takes none. An amount that
    is too small for a home is not guessed at.
    """
    text = text.strip()
    if found := _RANGE.fullmatch(text):
        return _between(*found.groups())
    if found := _FROM.fullmatch(text):
        low = _dollars(*found.groups())
        return PriceRange(low) if low >= SMALLEST else None
    if found := _BELOW.fullmatch(text):
        high = _dollars(*found.groups())
        return PriceRange(0, high) if high >= SMALLEST else None
    if found := _ONE.fullmatch(text):
        price = _dollars(*found.groups())
        return PriceRange(price, price + 1) if price >= SMALLEST else None
    return None


def _between(low: str, low_unit: str, high: str, high_unit: str) -> PriceRange | None:
    shared = "" if "," in low else high_unit  # "400-500K" shares its K, "10,001-29K" does not
    start, end = _dollars(low, low_unit or shared), _dollars(high, high_unit)
    possible = start == 0 or start >= SMALLEST
    return PriceRange(start, end) if possible and start < end and end >= SMALLEST else None


def _dollars(number: str, unit: str) -> int:
    return round(float(number.replace(",", "")) * _TIMES[unit.casefold()])
