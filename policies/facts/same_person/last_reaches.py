"""The addresses and numbers that a contact with a safety sign had last, as keyed marks in `Memory`.

A merge in the CRM moves the loser's addresses and numbers to the winner and points from neither to
the other (facts, section 4.7). By these marks a winner is known, and what was said of the loser
protects them (X-65). The marks are HMAC-SHA256 under a key that does not stand in the Sheet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from policies.facts.same_person import identity
from policies.facts.same_person.names import First, Name, compared
from policies.facts.suppression import forms, hashed
from policies.world.memory import LAST_REACHES, Reaches
from policies.world.model import Contact

if TYPE_CHECKING:
    from policies.world.snapshot import Snapshot

BLOCK = 250
"""Contact ids whose marks stand in one row of `Memory`."""
MOST = 6
"""So many marks of one contact are kept, and so many who share one: `BLOCK` contacts fit a cell."""
NO_EVIDENCE = 4
"""An address or number that more contacts than this carry tells nobody apart."""
_DIGITS = 12
_SHARED = "+"
"""Before the id of a contact that has one of the addresses or numbers too."""
_KEYED = "last addresses of "


def marks(key: bytes, contact: Contact) -> tuple[str, ...]:
    """Return the marks of a contact's addresses and numbers; () without a key."""
    if not key:
        return ()
    return tuple(hashed(key, f"{_KEYED}{form}")[:_DIGITS] for form in forms(contact))


def kept(s: Snapshot) -> Reaches:
    """Return the marks that `Memory` keeps, by contact id."""
    return s.once(_kept)


def _kept(s: Snapshot) -> Reaches:
    found: dict[int, tuple[str, ...]] = {}
    for _, row in LAST_REACHES.rows(s.workbook):
        found.update(LAST_REACHES.read(row.text("What")) or {})
    return found


def winners(s: Snapshot, losers: Collection[Contact]) -> Mapping[int, frozenset[int]]:
    """Return who has all that each of *losers*, contacts in the Trash, had last, by id; where
    nobody has it all, who has most of it. Those of the loser's name come before all others, and
    somebody of another first name who shared an address or number before, such as a spouse, is
    none. A loser of whom nothing is kept, or whose addresses nobody has, is left out. One that kept
    its addresses was merged only into somebody who has two of them at least.
    """
    known = {loser.id: kept(s)[loser.id] for loser in losers if loser.id in kept(s)}
    if not known:
        return {}
    having = _having(s, frozenset(mark for of_one in known.values() for mark in of_one))
    found: dict[int, frozenset[int]] = {}
    for loser in losers:
        of_one = known.get(loser.id, ())
        others = frozenset(n for n in _sharers(of_one) if _is_another(s, loser, n))
        emptied = not (loser.emails or loser.phones)
        became = _most(of_one, having, others, at_least=1 if emptied else 2)
        same = {number for number in became if s.contacts[number].name == loser.name}
        if became:
            found[loser.id] = frozenset(same) or became
    return found


def _sharers(of_one: Iterable[str]) -> Iterator[int]:
    """Yield the contacts that had one of the addresses or numbers before the merge."""
    for token in of_one:
        number = token.removeprefix(_SHARED)
        if number != token and number.isascii() and number.isdigit():
            yield int(number)


def _is_another(s: Snapshot, loser: Contact, number: int) -> bool:
    contact = s.contacts.get(number)
    if contact is None:
        return False
    first, _ = compared(Name.of(loser), Name.of(contact))
    return first is First.DIFFERENT


def _having(s: Snapshot, wanted: frozenset[str]) -> Mapping[str, set[int]]:
    """Who has each of the *wanted* marks; an office line, which many carry, is nobody's."""
    found: dict[str, set[int]] = {}
    for contact in s.contacts.values():
        if not contact.trashed:
            for mark in wanted.intersection(marks(s.practice.memory_key, contact)):
                found.setdefault(mark, set()).add(contact.id)
    return {mark: numbers for mark, numbers in found.items() if len(numbers) <= NO_EVIDENCE}


def _most(
    of_one: Iterable[str], having: Mapping[str, set[int]], others: Collection[int], at_least: int
) -> frozenset[int]:
    """Who has most of the marks *of_one*, *others* left out."""
    carried = (number for mark in of_one for number in having.get(mark, ()))
    counts = Counter(number for number in carried if number not in others)
    most = max(counts.values(), default=0)
    if most < at_least:
        return frozenset()
    return frozenset(number for number, count in counts.items() if count == most)


def blocks(s: Snapshot, people: Iterable[int]) -> Iterator[tuple[int, Reaches]]:
    """Yield each block of `Memory` that should read otherwise after this pass, with what it should
    hold: the marks of *people*, contacts with a safety sign, while they can be read, and who else
    has one of their addresses or numbers. Those of a contact in the Trash, and of one that is gone,
    stay as they were.
    """
    before, after = kept(s), dict(kept(s))
    found = (s.contacts.get(number) for number in people)
    living = [c for c in found if c and not c.trashed and not c.unreadable]
    sharing = _sharing(s, living)
    for contact in living:
        if now := marks(s.practice.memory_key, contact)[:MOST]:
            others = sorted(sharing.get(contact.id, ()))[:MOST]
            after[contact.id] = (*now, *(f"{_SHARED}{number}" for number in others))
    changed = {number // BLOCK for number in after if after[number] != before.get(number)}
    for block in sorted(changed):
        yield block, {n: of_one for n, of_one in after.items() if n // BLOCK == block}


def _sharing(s: Snapshot, people: Sequence[Contact]) -> Mapping[int, set[int]]:
    """Who else has an address or number of each of *people*, by id."""
    owners: dict[str, set[int]] = {}
    for contact in people:
        for reach in _reaches(contact):
            owners.setdefault(reach, set()).add(contact.id)
    found: dict[int, set[int]] = {}
    for contact in s.contacts.values() if owners else ():
        for reach in _reaches(contact) if not contact.trashed else ():
            for owner in owners.get(reach, ()):
                if owner != contact.id:
                    found.setdefault(owner, set()).add(contact.id)
    return found


def _reaches(contact: Contact) -> Iterator[str]:
    yield from identity.mailboxes(contact)
    yield from identity.lines(contact)
