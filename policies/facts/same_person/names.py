"""Compare the names of two contacts: one person, perhaps one person, or two (DB-23, DB-44).

Incompatible first names are never one person, whatever else they share: that is what keeps couples
apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache

from nicknames import NickNamer
from rapidfuzz.distance import OSA

from policies.values.names import words
from policies.world.model import Contact

_GENERATIONS = {
    "jr": "jr",
    "junior": "jr",
    "sr": "sr",
    "senior": "sr",
    "ii": "ii",
    "iii": "iii",
    "iv": "iv",
}
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "dr", "prof", "rev"})
_COUPLE = re.compile(r"&|\+|/|\b(?:and|und|y)\b", re.I)
_LONG_ENOUGH = 4
"""Letters from which one wrong letter is a slip and not another name."""


class First(Enum):
    """How two first names compare."""

    SAME = "the same first name"
    INITIAL = "one first name is the initial of the other"
    NICKNAME = "one first name is short for the other"
    NEAR = "nearly the same first name"
    UNKNOWN = "a first name is missing"
    COUPLE = "one record names a couple"
    GENERATION = "one record says which generation"
    DIFFERENT = "different first names"


_FATHER_AND_SON = frozenset({First.SAME, First.INITIAL, First.NICKNAME, First.NEAR})
"""Comparisons that may mean father and son, where one name says junior or senior and the other says
nothing.
"""


class Last(Enum):
    """How two surnames compare."""

    SAME = "the same surname"
    NEAR = "nearly the same surname"
    PART = "one surname is part of the other"
    UNKNOWN = "a surname is missing"
    DIFFERENT = "different surnames"


@dataclass(frozen=True, slots=True)
class Name:
    """A contact's name in folded words; `generation` is what tells a father from a son (jr, sr, ii
    …).
    """

    first: tuple[str, ...]
    last: tuple[str, ...]
    generation: str = ""
    couple: bool = False

    @classmethod
    def of(cls, contact: Contact) -> Name:
        """The name of *contact*, without titles and accents."""
        first, last = words(contact.first_name), words(contact.last_name)
        last, generation = _without_generation(last)
        if not generation:
            first, generation = _without_generation(first)
        if len(first) > 1 and first[0] in _TITLES:
            first = first[1:]
        couple = len(first) > 1 and bool(_COUPLE.search(contact.first_name))
        return cls(first, last, generation, couple)


def _without_generation(part: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """The words of a first name or surname, and the generation that stood behind them."""
    if len(part) > 1 and part[-1] in _GENERATIONS:
        return part[:-1], _GENERATIONS[part[-1]]
    return part, ""


def block(contact: Contact) -> str:
    """A key that two contacts of the same full name share, also where first name and surname were
    swapped; "" where a part of the name is missing.
    """
    first, last = words(contact.first_name), words(contact.last_name)
    if not first or not last:
        return ""
    one, other = first[0], last[0]
    return f"{one} {other}" if one <= other else f"{other} {one}"


def compared(a: Name, b: Name) -> tuple[First, Last]:
    """How two names compare; a different generation makes two people of one name."""
    if a.first == b.last and a.last == b.first and a.first and a.last:
        return First.SAME, Last.SAME
    if a.generation and b.generation and a.generation != b.generation:
        return First.DIFFERENT, _last(a.last, b.last)
    first = _first(a, b)
    if a.generation != b.generation and first in _FATHER_AND_SON:
        first = First.GENERATION
    return first, _last(a.last, b.last)


def _first(a: Name, b: Name) -> First:
    one, other = a.first, b.first
    if not one or not other:
        return First.UNKNOWN
    if _same_words(one, other):
        return First.SAME
    if a.couple or b.couple:
        return First.COUPLE if set(one) & set(other) else First.DIFFERENT
    if one[0] == other[0]:
        return First.SAME if _middle(one[1:], other[1:]) else First.NEAR
    if _initial(one, other):
        return First.INITIAL if one[0][0] == other[0][0] else First.DIFFERENT
    return _spelled(one[0], other[0])


def _same_words(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two names are the same, written as one word or as several."""
    return one == other or "".join(one) == "".join(other)


def _initial(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether one of the two names begins with a single letter."""
    return len(one[0]) == 1 or len(other[0]) == 1


def _middle(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether the middle names agree: word for word, or by an initial; a name without any agrees
    with all.
    """
    return all(
        p == q or (p[0] == q[0] and 1 in {len(p), len(q)}) for p, q in zip(one, other, strict=False)
    )


@lru_cache(maxsize=50_000)
def _spelled(one: str, other: str) -> First:
    if one in _called(other) or other in _called(one) or not _full(one).isdisjoint(_full(other)):
        return First.NICKNAME
    return First.NEAR if _slip(one, other) else First.DIFFERENT


@cache
def _namer() -> NickNamer:
    return NickNamer()


def _called(name: str) -> set[str]:
    return _namer().nicknames_of(name)


def _full(name: str) -> set[str]:
    return _namer().canonicals_of(name)


def _slip(one: str, other: str) -> bool:
    return (
        min(len(one), len(other)) >= _LONG_ENOUGH and OSA.distance(one, other, score_cutoff=1) <= 1
    )


def _last(one: tuple[str, ...], other: tuple[str, ...]) -> Last:
    if not one or not other:
        return Last.UNKNOWN
    if _same_words(one, other):
        return Last.SAME
    if set(one) <= set(other) or set(other) <= set(one):
        return Last.PART
    if _initial(one, other):
        return Last.UNKNOWN if one[0][0] == other[0][0] else Last.DIFFERENT
    return Last.NEAR if _slip("".join(one), "".join(other)) else Last.DIFFERENT
