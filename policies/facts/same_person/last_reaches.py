"""The addresses and numbers that a contact with a safety sign had last, as keyed marks in `Memory`.

A merge in the CRM moves the loser's addresses and numbers to the winner and points from neither to
the other (facts, section 4.7). By these marks a winner is known, and what was said of the loser
protects them (X-65). The marks are HMAC-SHA256 under a key that does not stand in the Sheet.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from policies.values import emails, phones
from policies.world.memory import LAST_REACHES, Reaches
from policies.world.model import Contact

if TYPE_CHECKING:
    from policies.world.snapshot import Snapshot

BLOCK = 500
"""Contact ids whose marks stand in one row of `Memory`."""
MOST = 6
"""So many marks of one contact are kept: a row of `BLOCK` contacts then fits a cell."""
NO_EVIDENCE = 4
"""An address or number that more contacts than this carry tells nobody apart."""
_DIGITS = 12
_KEYED = "last addresses of "


def marks(key: bytes, contact: Contact) -> tuple[str, ...]:
    """Return the marks of a contact's addresses and numbers; () without a key."""
    if not key:
        return ()
    mail = (emails.hashed_form(reach.value) for reach in contact.emails)
    numbers = (phones.hashed_form(reach.value) for reach in contact.phones)
    forms = dict.fromkeys(form for form in (*mail, *numbers) if form)
    return tuple(_mark(key, form) for form in forms)


def _mark(key: bytes, form: str) -> str:
    message = f"{_KEYED}{form}".encode("utf-8", "surrogatepass")
    return hmac.new(key, message, hashlib.sha256).hexdigest()[:_DIGITS]


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
    nobody has it all, who has most of it. Those of the loser's name come before all others. A loser
    of whom nothing is kept, or whose addresses nobody has, is left out. One that kept its addresses
    was merged only into somebody who has two of them at least.
    """
    known = {loser.id: kept(s)[loser.id] for loser in losers if loser.id in kept(s)}
    if not known:
        return {}
    having = _having(s, frozenset(mark for of_one in known.values() for mark in of_one))
    found: dict[int, frozenset[int]] = {}
    for loser in losers:
        emptied = not (loser.emails or loser.phones)
        became = _most(known.get(loser.id, ()), having, at_least=1 if emptied else 2)
        same = {number for number in became if s.contacts[number].name == loser.name}
        if became:
            found[loser.id] = frozenset(same) or became
    return found


def _having(s: Snapshot, wanted: frozenset[str]) -> Mapping[str, set[int]]:
    """Who has each of the *wanted* marks; an office line, which many carry, is nobody's."""
    found: dict[str, set[int]] = {}
    for contact in s.contacts.values():
        if not contact.trashed:
            for mark in wanted.intersection(marks(s.practice.memory_key, contact)):
                found.setdefault(mark, set()).add(contact.id)
    return {mark: numbers for mark, numbers in found.items() if len(numbers) <= NO_EVIDENCE}


def _most(of_one: Iterable[str], having: Mapping[str, set[int]], at_least: int) -> frozenset[int]:
    """A merge gives the winner everything; a spouse has the number of the house and no more."""
    counts = Counter(number for mark in of_one for number in having.get(mark, ()))
    most = max(counts.values(), default=0)
    if most < at_least:
        return frozenset()
    return frozenset(number for number, count in counts.items() if count == most)


def blocks(s: Snapshot, people: Iterable[int]) -> Iterator[tuple[int, Reaches]]:
    """Yield each block of `Memory` that should read otherwise after this pass, with what it should
    hold: the marks of *people*, contacts with a safety sign, while they can be read. Those of a
    contact in the Trash, and of one that is gone, stay as they were.
    """
    before, after = kept(s), dict(kept(s))
    for number in people:
        contact = s.contacts.get(number)
        if contact is None or contact.trashed or contact.unreadable:
            continue
        if now := marks(s.practice.memory_key, contact)[:MOST]:
            after[number] = now
    changed = {number // BLOCK for number in after if after[number] != before.get(number)}
    for block in sorted(changed):
        yield block, {n: of_one for n, of_one in after.items() if n // BLOCK == block}
