"""What a merge must not take away: the signs, answers and near words of a record in the Trash, for
whoever it became (X-65).

The CRM does not say who that is. What is only likely holds and is asked about once; the agent's
answer ends it (`remembered_signs`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.facts.permission_answers import about, given, unanswered_words
from policies.facts.permission_words import ONE_WAY, Answer, Matter, contact_key
from policies.facts.same_person import merges
from policies.facts.signs import contact_signs, do_not_contact_since, safety_words
from policies.facts.signs.sign_memory import (
    Seen,
    loser_in,
    losers,
    merged_into,
    not_lifted,
    outstanding,
)
from policies.world.model import Contact, Key
from policies.world.snapshot import Snapshot

_OPTED_OUT = frozenset({Seen.STAGE, Seen.TAG, Seen.MERGED})


@dataclass(frozen=True, slots=True)
class Inherited:
    """What is known of the record *loser* that *sign* names: *facts* in words for people. `opt_out`
    tells whether it had opted out; `unsubscribed` whether that is all.
    """

    sign: str
    loser: int
    facts: tuple[str, ...]
    opt_out: bool
    unsubscribed: bool

    @property
    def text(self) -> str:
        """The sentence about it."""
        return f"{self._record} {' and '.join(self.facts)}"

    @property
    def _record(self) -> str:
        return f"contact {self.loser}, which was merged into this one,"

    def is_named(self, text: str) -> bool:
        """Tell whether the *text* of a question names all of it."""
        return self._record in text and all(fact in text for fact in self.facts)


def inherited(s: Snapshot, contact: Contact) -> tuple[Inherited, ...]:
    """Return what holds *contact* since a merge and the agent has not lifted; () for nearly
    everybody.
    """
    return s.once(_by_winner).get(contact.id, ())


def opted_out(s: Snapshot) -> frozenset[int]:
    """Return everybody into whom a record that had opted out may have been merged."""
    held = s.once(_by_winner).items()
    return frozenset(winner for winner, found in held if any(one.opt_out for one in found))


def certainly_opted_out(s: Snapshot) -> frozenset[int]:
    """Return those of `opted_out` who have the name and an address or number of the record: for
    these the CRM may keep the day (X-65).
    """
    heirs = merges.heirs(s)
    return frozenset(
        winner
        for winner, found in s.once(_by_winner).items()
        if any(one.opt_out and winner in heirs.get(one.loser, ()) for one in found)
    )


def to_remember(s: Snapshot) -> Mapping[int, tuple[str, ...]]:
    """Return the merges of this pass that Memory keeps, as signs by contact id: those with a record
    about which anything is known.
    """
    return {
        winner: tuple(sign for sign in merged if _weighs(s, loser_in(sign) or 0))
        for winner, merged in merged_into(s).items()
    }


def _by_winner(s: Snapshot) -> Mapping[int, tuple[Inherited, ...]]:
    found = {winner: tuple(_of(s, winner)) for winner in merged_into(s)}
    return {winner: everything for winner, everything in found.items() if everything}


def _of(s: Snapshot, winner: int) -> Iterator[Inherited]:
    for sign in not_lifted(s, winner):
        loser = loser_in(sign) or 0
        records = [_record(s, number) for number in (loser, *losers(s, loser)) if number != winner]
        opted_out = _first(_opted_out(s, record) for record in records)
        died = _first(_died(s, record) for record in records)
        unsubscribed = any(contact_signs.had_unsubscribed(s, record) for record in records)
        said = [opted_out, died, "had unsubscribed from email" if unsubscribed else ""]
        if facts := tuple(filter(None, said)):
            yield Inherited(sign, loser, facts, bool(opted_out), unsubscribed and len(facts) == 1)


def _record(s: Snapshot, number: int) -> Contact:
    """The record, or what stands for one that is gone: Memory still knows its signs."""
    return s.contacts.get(number) or Contact(id=number, trashed=True)


def _first(texts: Iterator[str]) -> str:
    return next(filter(None, texts), "")


def _weighs(s: Snapshot, loser: int) -> bool:
    """Whether anything about this record holds whoever it became."""
    record = _record(s, loser)
    return bool(
        _opted_out(s, record)
        or _died(s, record)
        or contact_signs.had_unsubscribed(s, record)
        or any(about(s, record, answer) for answer in ONE_WAY)
        or unanswered_words(s, record)
        or safety_words.said_deceased(s, record)
        or any(_weighs(s, earlier) for earlier in losers(s, loser))
    )


def _opted_out(s: Snapshot, loser: Contact) -> str:
    marked = contact_signs.marked_do_not_contact(s, loser)
    if marked or not _OPTED_OUT.isdisjoint(outstanding(s, loser)) or _day_alone(s, loser):
        return "had opted out"
    return "was to be left alone, as you said" if about(s, loser, Answer.EVERY_WAY) else ""


def _day_alone(s: Snapshot, loser: Contact) -> bool:
    """Whether `Do Not Contact Since` says so where no unsubscription explains it."""
    held = loser.fields.get(contact_signs.SINCE, "")
    if not held or contact_signs.had_unsubscribed(s, loser):
        return False
    return not do_not_contact_since.taken_back(s, loser, held)


def _died(s: Snapshot, loser: Contact) -> str:
    if contact_signs.deceased(s, loser) or Seen.DECEASED in outstanding(s, loser):
        return "was tagged deceased"
    return "was deceased, as you said" if about(s, loser, Answer.DECEASED) else ""


# -- a death in a note, a name or a background -----------------------------------------------------


def called_deceased(s: Snapshot, contact: Contact) -> tuple[Key, str] | None:
    """Return the question about a death that a note, the name or the background tells of, and what
    was seen: on the record, or on one that was merged into it. None where the agent has judged it,
    and where nothing says so.
    """
    own = contact_key(s, contact, Matter.SAID_DECEASED)
    if (text := safety_words.said_deceased(s, contact)) and own not in given(s).by_key:
        return own, text
    for number in losers(s, contact.id):
        key = Key(own.rule, own.subject, f"{Matter.SAID_DECEASED}-{number}")
        of_the_loser = contact_key(s, _record(s, number), Matter.SAID_DECEASED)
        text = safety_words.said_deceased(s, _record(s, number))
        if text and given(s).by_key.keys().isdisjoint((key, of_the_loser)):
            return key, f"contact {number}, which was merged into this one: {text}"
    return None
