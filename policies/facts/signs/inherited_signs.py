"""What a merge must not take away: the signs, answers and near words of a record in the Trash, for
whoever it became (X-65).

The CRM does not say who that is. What is only likely holds and is asked about once; the agent's
answer ends it (`remembered_signs`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.facts.permission_answers import about, to_question, unanswered_words
from policies.facts.permission_words import Answer, Matter
from policies.facts.signs import contact_signs, do_not_contact_since, safety_words
from policies.facts.signs.sign_memory import Seen, loser_in, merged_into, outstanding
from policies.world.model import Contact
from policies.world.snapshot import Snapshot

_OPTED_OUT = frozenset({Seen.STAGE, Seen.TAG, Seen.MERGED})


@dataclass(frozen=True, slots=True)
class Inherited:
    """What is known of the record *loser* that *sign* names, in words for people. `opt_out` and
    `unsubscribed` tell what it is; it is a death or a near word where both are false.
    """

    sign: str
    loser: int
    what: str
    opt_out: bool = False
    unsubscribed: bool = False

    @property
    def text(self) -> str:
        """The sentence about it."""
        return f"{self.record} {self.what}"

    @property
    def record(self) -> str:
        """The words by which a question names the record."""
        return f"contact {self.loser}, which was merged into this one,"


def inherited(s: Snapshot, contact: Contact) -> tuple[Inherited, ...]:
    """Return what *contact* inherits and the agent has not lifted; () for nearly everybody."""
    return by_winner(s).get(contact.id, ())


def by_winner(s: Snapshot) -> Mapping[int, tuple[Inherited, ...]]:
    """Return `inherited` of everybody who inherits anything, by contact id."""
    return s.once(_by_winner)


def _by_winner(s: Snapshot) -> Mapping[int, tuple[Inherited, ...]]:
    found = {winner: tuple(_of(s, winner, frozenset({winner}))) for winner in merged_into(s)}
    return {winner: everything for winner, everything in found.items() if everything}


def _of(s: Snapshot, winner: int, seen: frozenset[int]) -> Iterator[Inherited]:
    for sign in merged_into(s).get(winner, {}):
        loser = loser_in(sign)
        if loser is None or loser in seen:
            continue
        record = s.contacts.get(loser) or Contact(id=loser, trashed=True)
        earlier = next(_of(s, loser, seen | {loser}), None)
        if what := _opted_out(s, record) or (earlier and earlier.opt_out and earlier.what):
            yield Inherited(sign, loser, what, opt_out=True)
        elif what := _died(s, record):
            yield Inherited(sign, loser, what)
        elif contact_signs.had_unsubscribed(s, record):
            yield Inherited(sign, loser, "had unsubscribed from email", unsubscribed=True)
        elif words := unanswered_words(s, record):
            said = " and the ".join(safety_words.in_words(s, word) for word in words)
            yield Inherited(sign, loser, f"carried the {said}")
        elif earlier:
            yield Inherited(sign, loser, earlier.what, earlier.opt_out, earlier.unsubscribed)


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
    if about(s, loser, Answer.DECEASED):
        return "was deceased, as you said"
    said = safety_words.said_deceased(s, loser)
    return f"was called deceased: {said}" if said and not _judged(s, loser) else ""


def _judged(s: Snapshot, loser: Contact) -> bool:
    return to_question(s, loser, Matter.SAID_DECEASED) is not None
