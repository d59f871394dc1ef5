"""Find the contacts that may be one person: pairs by a value they share, then one decision table
(DB-23, DB-40, DB-44, X-31, X-61).

There is no score that a threshold cuts: households share a surname, an address and a phone as
duplicates do, and only first names tell them apart. A value that more than `FEW` contacts carry (an
office line, a placeholder) is no evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from rapidfuzz.distance import OSA

from policies.facts.same_person import identity
from policies.facts.same_person.names import (
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
"""Contacts that may share a value; a value of more of them is no evidence."""
NAMESAKES = 40
"""Contacts of one full name among whom nearly equal addresses and numbers are still looked for."""


class Kind(StrEnum):
    """The verdict on a pair: one person, perhaps one person, two people on one address, or two
    people of one household.
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


_VALUES: tuple[Values, ...] = (identity.mailboxes, identity.lines, identity.doors)
"""How two records of one person may meet."""
_KIN = frozenset({Last.SAME, Last.NEAR, Last.PART})
"""Surnames of one family, as far as they tell."""
_SHORTENED = frozenset({First.NICKNAME, First.NEAR, First.INITIAL})
"""First names that are perhaps one name."""
_UNCLEAR = frozenset({First.UNKNOWN, First.COUPLE, First.GENERATION})
"""First names that are no evidence for one person and none against it."""


@dataclass(frozen=True, slots=True)
class _Profile:
    name: Name
    mail: frozenset[str]
    phone: frozenset[str]
    door: frozenset[str]


def find(contacts: Mapping[int, Contact]) -> tuple[Pair, ...]:
    """Every pair among *contacts* that may be one person or shares an address or number, by ids; a
    contact in the Trash is in no pair.
    """
    people = [contacts[i] for i in sorted(contacts) if not contacts[i].trashed]
    common = set[str]()
    together = set[Ids]()
    # One index at a time: three would be held in memory at once.
    for values in _VALUES:
        for ids in _blocks(people, values, common):
            together.update(combinations(ids, 2))
    found = [*_sharing_a_value(contacts, together, common)]
    found += _namesakes(people, contacts, together, common)
    return tuple(sorted(found, key=lambda pair: (pair.a, pair.b)))


def _sharing_a_value(
    contacts: Mapping[int, Contact], together: Iterable[Ids], common: set[str]
) -> Iterator[Pair]:
    profiles: dict[int, _Profile] = {}
    for a, b in together:
        for i in (a, b):
            if i not in profiles:
                profiles[i] = _profile(contacts[i], common)
        if pair := _judged(a, b, profiles[a], profiles[b]):
            yield pair


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
    mail, phone, door = (
        frozenset(value for value in values(contact) if value not in common) for values in _VALUES
    )
    return _Profile(Name.of(contact), mail, phone, door)


# -- the decision table ----------------------------------------------------------------------------


def _judged(a: int, b: int, one: _Profile, other: _Profile) -> Pair | None:
    """The row of the table that a pair falls under; None where nothing speaks for one person."""
    mail, phone, home = one.mail & other.mail, one.phone & other.phone, one.door & other.door
    first, last = compared(one.name, other.name)
    verdict: tuple[Kind, float] | None = None
    if mail or phone:
        near = bool(home) or not (one.door and other.door)
        twice = bool(mail and phone)
        verdict = _sharing(first, last, near=near, twice=twice, home=bool(home))
    elif home:
        verdict = _at_home(first, last, disputed=_disputed(one, other))
    if verdict is None:
        return None
    kind, confidence = verdict
    shared = [*_same("e-mail", mail), *_same("phone", phone), *(["same address"] if home else [])]
    return Pair(a, b, kind, confidence, f"{', '.join(shared)}; {_names(first, last)}")


def _disputed(one: _Profile, other: _Profile) -> bool:
    """Whether each of the two has an email, or a phone, where nothing of it is shared."""
    return bool((one.mail and other.mail) or (one.phone and other.phone))


def _same(what: str, values: Iterable[str]) -> Iterator[str]:
    if values:
        yield f"same {what} {', '.join(sorted(values))}"


def _sharing(
    first: First, last: Last, *, near: bool, twice: bool, home: bool
) -> tuple[Kind, float]:
    """A pair with an email address or phone number in common. `near`: one address, or not known to
    be two. `twice`: both are in common. `home`: the address is in common as well.
    """
    kin = last in _KIN
    if first is First.SAME:
        # With another surname: married since, or two people of one first name.
        return _first_name_too(related=kin or last is Last.UNKNOWN, sure=home or twice)
    if last is not Last.DIFFERENT and first in _SHORTENED:
        # One address more makes it less certain, not more: it is where couples called Dan and Dana
        # live.
        return (Kind.REVIEW, 0.95) if near else (Kind.CERTAIN, 0.97)
    if last is not Last.DIFFERENT and first in _UNCLEAR:
        return Kind.REVIEW, 0.5
    return (Kind.HOUSEHOLD, 0.02) if kin or home else (Kind.CONFLICT, 0.01)


def _first_name_too(*, related: bool, sure: bool) -> tuple[Kind, float]:
    if related:
        return Kind.CERTAIN, 0.99
    return (Kind.CERTAIN, 0.97) if sure else (Kind.REVIEW, 0.95)


def _at_home(first: First, last: Last, *, disputed: bool) -> tuple[Kind, float] | None:
    """A pair with an address in common and nothing else. `disputed`: each has an email, or a phone,
    and they differ.
    """
    if first is First.SAME and last in {Last.SAME, Last.NEAR}:
        return (Kind.REVIEW, 0.6) if disputed else (Kind.CERTAIN, 0.97)
    perhaps = first in _SHORTENED or first is First.GENERATION
    if perhaps and last is Last.SAME and not disputed:
        return Kind.REVIEW, 0.5
    return None


def _names(first: First, last: Last) -> str:
    if first is First.SAME and last is Last.SAME:
        return "same name"
    return f"{first.value}, {last.value}"


# -- one full name, and nearly one address or number -----------------------------------------------


def _namesakes(
    people: Iterable[Contact], contacts: Mapping[int, Contact], together: set[Ids], common: set[str]
) -> Iterator[Pair]:
    """Pairs of one full name that share nothing exactly, and whose email or phone differs by one
    slip.
    """
    for ids in _blocks(people, lambda contact: (block(contact),), set(), NAMESAKES):
        reached = {i: _reached(contacts[i], common) for i in ids}
        for a, b in combinations(ids, 2):
            if (a, b) in together:
                continue
            if pair := _nearly(contacts[a], contacts[b], reached[a], reached[b]):
                yield pair


@dataclass(frozen=True, slots=True)
class _Reached:
    mail: Sequence[str]
    phone: Sequence[str]


def _reached(contact: Contact, common: set[str]) -> _Reached:
    return _Reached(
        [value for value in identity.mailboxes(contact) if value not in common],
        [value for value in identity.lines(contact) if value not in common],
    )


def _nearly(one: Contact, other: Contact, a: _Reached, b: _Reached) -> Pair | None:
    slips = [*_slips(a, b, one)]
    if not slips or compared(Name.of(one), Name.of(other)) != (First.SAME, Last.SAME):
        return None
    said = ", ".join(
        f"nearly the same {what} ({' and '.join(sorted((x, y)))})" for what, x, y in sorted(slips)
    )
    return Pair(one.id, other.id, Kind.REVIEW, 0.9, f"{said}; same name")


def _slips(a: _Reached, b: _Reached, contact: Contact) -> Iterator[tuple[str, str, str]]:
    """Yield the kind and both values of what is nearly the same: this runs for every two
    namesakes.
    """
    for x in a.phone:
        for y in b.phone:
            if _one_digit(x, y):
                yield "phone", x, y
    for x in a.mail:
        for y in b.mail:
            if _same_but_a_slip(x, y):
                yield "e-mail", x, y
            if _at_another_provider(x, y, contact):
                yield "e-mail", x, y


def _one_digit(one: str, other: str) -> bool:
    return len(one) == len(other) and OSA.distance(one, other, score_cutoff=1) <= 1


def _same_but_a_slip(one: str, other: str) -> bool:
    """Whether two addresses differ by one slip, and not by how two people of one name tell
    themselves apart: j.smith1@, j_smith@.
    """
    if OSA.distance(one, other, score_cutoff=1) > 1:
        return False
    return one.translate(_LETTERS) != other.translate(_LETTERS)


def _at_another_provider(one: str, other: str, contact: Contact) -> bool:
    """Whether the part before the @ is one, and not just made of the name."""
    local = one.partition("@")[0]
    if len(local) < 6 or local != other.partition("@")[0]:
        return False
    names = (part for part in words(f"{contact.first_name} {contact.last_name}") if len(part) > 1)
    return not any(part in local for part in names)


_LETTERS = {ord(c): None for c in "0123456789._-"}
