"""What the names of two contacts say of each other: one person, perhaps one person, or two (DB-23,
DB-44).

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
"""Whose names, where one says junior or senior and the other says nothing, may be a father's and a
son's.
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
        generation = ""
        if len(last) > 1 and last[-1] in _GENERATIONS:
            generation, last = _GENERATIONS[last[-1]], last[:-1]
        elif len(first) > 1 and first[-1] in _GENERATIONS:
            generation, first = _GENERATIONS[first[-1]], first[:-1]
        if len(first) > 1 and first[0] in _TITLES:
            first = first[1:]
        return cls(
            first, last, generation, bool(_COUPLE.search(contact.first_name)) and len(first) > 1
        )


def block(contact: Contact) -> str:
    """What two contacts of the same full name have in common, also where first name and surname
    were swapped; "" for none.
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
    if one == other or "".join(one) == "".join(other):
        return First.SAME
    if a.couple or b.couple:
        return First.COUPLE if set(one) & set(other) else First.DIFFERENT
    if one[0] == other[0]:
        return First.SAME if _middle(one[1:], other[1:]) else First.NEAR
    if len(one[0]) == 1 or len(other[0]) == 1:
        return First.INITIAL if one[0][0] == other[0][0] else First.DIFFERENT
    return _spelled(one[0], other[0])


def _middle(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether what follows the first name agrees: one of them silent, or an initial."""
    return (
        not one
        or not other
        or all(
            p == q or (p[0] == q[0] and 1 in {len(p), len(q)})
            for p, q in zip(one, other, strict=False)
        )
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
    if one == other or "".join(one) == "".join(other):
        return Last.SAME
    if set(one) <= set(other) or set(other) <= set(one):
        return Last.PART
    if len(one[0]) == 1 or len(other[0]) == 1:
        return Last.UNKNOWN if one[0][0] == other[0][0] else Last.DIFFERENT
    return Last.NEAR if _slip("".join(one), "".join(other)) else Last.DIFFERENT
