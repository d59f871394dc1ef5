"""Which contacts may be one person: blocking by what they share, then one decision table (DB-23,
DB-40, DB-44, X-31, X-61).

There is no score that a threshold cuts: households share a surname, an address and a phone as
duplicates do, and only first names tell them apart. What more than `FEW` contacts carry (an office
line, a placeholder) is no evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from rapidfuzz.distance import OSA

from policies.facts import identity
from policies.facts.names import (
    First,
    Last,
    Name,
    block,
    compared,
)
from policies.values.names import words
from policies.world.model import Contact

Values = Callable[[Contact], Iterable[str]]
Ids = tuple[int, int]
FEW = 4
"""Contacts that may share a value before it is no evidence any more."""
NAMESAKES = 40
"""Contacts of one full name among whom nearly equal addresses and numbers are still looked for."""


class Kind(StrEnum):
    """What a pair is: one person, perhaps one person, two people on one address, or two people of
    one household.
    """

    CERTAIN = "certain"
    REVIEW = "review"
    CONFLICT = "conflict"
    HOUSEHOLD = "household"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two contacts (`a` < `b`) and why they are looked at. `confidence` is how sure it is that they
    are one person: the share of such pairs that were, where the truth is known
    (`tests/synthetic.py`).
    """

    a: int
    b: int
    kind: Kind
    confidence: float
    reason: str

    @property
    def clause(self) -> str:
        """The clause that asks for it."""
        return "DB-44" if self.kind is Kind.CONFLICT else "DB-23"

    @property
    def subject(self) -> str:
        """The pair as the subject of a key: ``p12x45``."""
        return f"p{self.a}x{self.b}"


@dataclass(frozen=True, slots=True)
class _Profile:
    name: Name
    mail: frozenset[str]
    phone: frozenset[str]
    door: frozenset[str]


def find(contacts: Mapping[int, Contact]) -> tuple[Pair, ...]:
    """Every pair worth a word among *contacts*, by ids; whoever is in the Trash is nobody's
    double.
    """
    people = [contacts[i] for i in sorted(contacts) if not contacts[i].trashed]
    common = set[str]()
    together = set[Ids]()
    for values in (
        identity.mailboxes,
        identity.lines,
        identity.doors,
    ):  # one index at a time: three would be held in memory at once
        for ids in _blocks(people, values, common):
            together.update(combinations(ids, 2))
    profiles: dict[int, _Profile] = {}
    found = []
    for a, b in together:
        for i in (a, b):
            if i not in profiles:
                profiles[i] = _profile(contacts[i], common)
        if pair := _judged(a, b, profiles[a], profiles[b]):
            found.append(pair)
    profiles.clear()
    found += _namesakes(people, contacts, together, common)
    return tuple(sorted(found, key=lambda pair: (pair.a, pair.b)))


def _blocks(
    people: Iterable[Contact], values: Values, common: set[str], few: int = FEW
) -> Iterator[Sequence[int]]:
    """The ids that share a value, for every value that 2 to *few* contacts carry; what more carry
    is added to *common*.
    """
    first: dict[str, int] = {}
    more: dict[str, list[int]] = {}
    for contact in people:
        for value in values(contact):
            known = first.setdefault(value, contact.id)
            if known != contact.id:
                more.setdefault(value, [known]).append(contact.id)
    for value, ids in more.items():
        if len(ids) > few:
            common.add(value)
        elif value:
            yield ids


def _profile(contact: Contact, common: set[str]) -> _Profile:
    return _Profile(
        Name.of(contact),
        *(
            frozenset(v for v in values(contact) if v not in common)
            for values in (identity.mailboxes, identity.lines, identity.doors)
        ),
    )


# -- the decision table ----------------------------------------------------------------------------


def _judged(a: int, b: int, one: _Profile, other: _Profile) -> Pair | None:
    """The row of the table that a pair falls under; None where nothing speaks for one person."""
    mail, phone, home = one.mail & other.mail, one.phone & other.phone, one.door & other.door
    first, last = compared(one.name, other.name)
    if mail or phone:
        near = bool(home) or not one.door or not other.door
        kind, confidence = _sharing(
            first, last, near=near, twice=bool(mail and phone), home=bool(home)
        )
    elif home:
        disputed = (one.mail and other.mail) or (one.phone and other.phone)
        verdict = _at_home(first, last, disputed=bool(disputed))
        if verdict is None:
            return None
        kind, confidence = verdict
    else:
        return None
    shared = [
        f"same {what} {', '.join(sorted(values))}"
        for what, values in (("e-mail", mail), ("phone", phone))
        if values
    ]
    shared += ["same address"] if home else []
    return Pair(a, b, kind, confidence, f"{', '.join(shared)}; {_names(first, last)}")


def _sharing(
    first: First, last: Last, *, near: bool, twice: bool, home: bool
) -> tuple[Kind, float]:
    """A pair with an e-mail address or phone number in common. `near`: one address, or not known to
    be two.
    """
    kin = last in {Last.SAME, Last.NEAR, Last.PART}
    if first is First.SAME and (kin or last is Last.UNKNOWN):
        return Kind.CERTAIN, 0.99
    if first is First.SAME:  # another surname: married since, or two people of one first name
        return (Kind.CERTAIN, 0.97) if home or twice else (Kind.REVIEW, 0.95)
    if first in {First.NICKNAME, First.NEAR, First.INITIAL} and last is not Last.DIFFERENT:
        # One address more makes it less certain, not more: it is where couples called Dan and Dana
        # live.
        return (Kind.REVIEW, 0.95) if near else (Kind.CERTAIN, 0.97)
    if first in {First.UNKNOWN, First.COUPLE, First.GENERATION} and last is not Last.DIFFERENT:
        return Kind.REVIEW, 0.5
    return (Kind.HOUSEHOLD, 0.02) if kin or home else (Kind.CONFLICT, 0.01)


def _at_home(first: First, last: Last, *, disputed: bool) -> tuple[Kind, float] | None:
    """A pair with an address in common and nothing else. `disputed`: each has an e-mail, or a
    phone, and they differ.
    """
    if first is First.SAME and last in {Last.SAME, Last.NEAR}:
        return (Kind.REVIEW, 0.6) if disputed else (Kind.CERTAIN, 0.97)
    if (
        first in {First.NICKNAME, First.NEAR, First.INITIAL, First.GENERATION}
        and last is Last.SAME
        and not disputed
    ):
        return Kind.REVIEW, 0.5
    return None


def _names(first: First, last: Last) -> str:
    return (
        "same name" if first is First.SAME and last is Last.SAME else f"{first.value}, {last.value}"
    )


# -- one full name, and nearly one address or number -----------------------------------------------


def _namesakes(
    people: Iterable[Contact], contacts: Mapping[int, Contact], together: set[Ids], common: set[str]
) -> Iterator[Pair]:
    """Pairs of one full name that share nothing exactly, and whose e-mail or phone differs by one
    slip.
    """
    for ids in _blocks(people, lambda contact: (block(contact),), set(), NAMESAKES):
        reached = {
            i: [
                [v for v in values(contacts[i]) if v not in common]
                for values in (identity.mailboxes, identity.lines)
            ]
            for i in ids
        }
        for a, b in combinations(ids, 2):
            if (a, b) not in together and (
                pair := _nearly(contacts[a], contacts[b], reached[a], reached[b])
            ):
                yield pair


def _nearly(
    one: Contact, other: Contact, reached: list[list[str]], also: list[list[str]]
) -> Pair | None:
    slips = [
        ("phone", x, y)
        for x in reached[1]
        for y in also[1]
        if len(x) == len(y) and OSA.distance(x, y, score_cutoff=1) <= 1
    ]
    slips += [("e-mail", x, y) for x in reached[0] for y in also[0] if _same_but_a_slip(x, y)]
    slips += [
        ("e-mail", x, y) for x in reached[0] for y in also[0] if _at_another_provider(x, y, one)
    ]
    if not slips or compared(Name.of(one), Name.of(other)) != (First.SAME, Last.SAME):
        return None
    said = ", ".join(
        f"nearly the same {what} ({' and '.join(sorted((x, y)))})" for what, x, y in sorted(slips)
    )
    return Pair(one.id, other.id, Kind.REVIEW, 0.9, f"{said}; same name")


def _same_but_a_slip(one: str, other: str) -> bool:
    """Whether two addresses differ by one slip, and not by how two people of one name tell
    themselves apart: j.smith1@, j_smith@.
    """
    return OSA.distance(one, other, score_cutoff=1) <= 1 and one.translate(
        _LETTERS
    ) != other.translate(_LETTERS)


def _at_another_provider(one: str, other: str, contact: Contact) -> bool:
    """Whether the part before the @ is one, and not just made of the name."""
    local = one.partition("@")[0]
    if len(local) < 6 or local != other.partition("@")[0]:
        return False
    return not any(
        part in local
        for part in words(f"{contact.first_name} {contact.last_name}")
        if len(part) > 1
    )


_LETTERS = {ord(c): None for c in "0123456789._-"}
