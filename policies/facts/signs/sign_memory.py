"""The signs of opt-outs and deaths that were ever seen, with the day of each: from `Memory` and
from the ledger (X-65).

Absence is no permission. An address that is corrected, a feed that refuses, a tag that an
integration dropped and a merge take no sign back; the agent's answer does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum

from policies.facts.same_person import merges
from policies.world.calendar import DAY
from policies.world.memory import SIGNS, Signs
from policies.world.model import Contact
from policies.world.snapshot import Snapshot


class Seen(StrEnum):
    """A sign as it is remembered; the values stand in `Memory` and in the ledger for good."""

    STAGE = "stage"
    TAG = "tag"
    EVENT = "event"
    ADDRESS = "address"
    MERGED = "merged"
    MERGED_UNSUBSCRIBED = "merged-unsubscribed"
    DECEASED = "deceased"
    NOTE = "note"
    NAME = "name"
    BACKGROUND = "background"


LIFTED = "lifted"
"""Beside the signs: the day on which the agent said that the person may be contacted again. A sign
that comes back on that day, or that the answer was not about, is kept with the day after it.
"""
_MERGED_FROM = "merged-"


def merged_from(loser: int) -> str:
    """Return the sign by which a contact is remembered as what the contact *loser* became."""
    return f"{_MERGED_FROM}{loser}"


def loser_in(sign: str) -> int | None:
    """Return the contact that such a sign names; None for any other sign."""
    number = sign.removeprefix(_MERGED_FROM)
    return int(number) if number != sign and number.isascii() and number.isdigit() else None


def remembered(s: Snapshot) -> Signs:
    """Return what is remembered of each contact, from `Memory` and the ledger together."""
    return s.once(_remembered)


def _remembered(s: Snapshot) -> Signs:
    return united([in_memory(s), s.remembered])


def in_memory(s: Snapshot) -> Signs:
    """Return what the tab `Memory` remembers: only that survives the loss of the machine."""
    return s.once(_in_memory)


def _in_memory(s: Snapshot) -> Signs:
    return united(SIGNS.read(row.text("What")) or {} for _, row in SIGNS.rows(s.workbook))


def united(parts: Iterable[Signs]) -> Signs:
    """Return several memories as one: of each sign the earliest day, of what was lifted the
    latest. A sign that came back after it was lifted has its later day.
    """
    found: dict[int, dict[str, date]] = {}
    for contact, days in _each(parts):
        known = found.setdefault(contact, {})
        lifted = max((d[LIFTED] for d in (known, days) if LIFTED in d), default=date.min)
        for sign, day in days.items():
            known[sign] = max(lifted, day) if sign == LIFTED else _first(known, sign, day, lifted)
    return found


def _each(parts: Iterable[Signs]) -> Iterator[tuple[int, Mapping[str, date]]]:
    for part in parts:
        yield from part.items()


def _first(known: Mapping[str, date], sign: str, day: date, lifted: date) -> date:
    """The day of a sign that two memories may know: the earlier of those that still count."""
    before = known.get(sign)
    if before is None or before <= lifted < day:
        return day
    return before if day <= lifted < before else min(before, day)


def outstanding(s: Snapshot, contact: Contact) -> Mapping[str, date]:
    """Return the signs of *contact* that the agent has not lifted, each with its day."""
    return outstanding_of(s, contact.id)


def outstanding_of(s: Snapshot, number: int) -> Mapping[str, date]:
    """Return the same by the number of a contact, whether or not this pass shows the record."""
    days = remembered(s).get(number, {})
    lifted = days.get(LIFTED, date.min)
    return {sign: day for sign, day in days.items() if sign != LIFTED and day > lifted}


def merged_into(s: Snapshot) -> Signs:
    """Return what each contact may have become of, by contact id: the days on which it was merged
    with others, by `merged_from`. A merge that was seen once stays, whatever becomes of addresses,
    of the Trash and of the ledger.
    """
    return s.once(_merged_into)


def _merged_into(s: Snapshot) -> Signs:
    found: dict[int, dict[str, date]] = {}
    for number, days in remembered(s).items():
        if merged := {sign: day for sign, day in days.items() if loser_in(sign) is not None}:
            found[number] = merged
    known = frozenset(loser_in(sign) or 0 for merged in found.values() for sign in merged)
    for loser, winners in merges.possible_winners(s, known).items():
        for winner in winners:
            if not _was_lifted_whole(s, winner, loser):
                day = max(s.today, _lifted_on(s, winner) + DAY)
                found.setdefault(winner, {})[merged_from(loser)] = day
    return found


def _was_lifted_whole(s: Snapshot, winner: int, loser: int) -> bool:
    """Whether the agent lifted a merge that version 0.1 remembered without naming the loser."""
    days = remembered(s).get(winner, {})
    known = [days[sign] for sign in (Seen.MERGED, Seen.MERGED_UNSUBSCRIBED) if sign in days]
    lifted = _lifted_on(s, winner)
    latest = max(outstanding_of(s, loser).values(), default=date.min)
    return bool(known) and max(*known, latest) <= lifted


def not_lifted(s: Snapshot, number: int) -> Mapping[str, date]:
    """Return those of `merged_into` that the agent has not lifted, each with its day; a merge with
    a record whose own signs are later than the answer was not lifted by it.
    """
    lifted = _lifted_on(s, number)
    merged = merged_into(s).get(number, {})
    return {sign: day for sign, day in merged.items() if day_of(s, sign, day) > lifted}


def day_of(s: Snapshot, sign: str, day: date) -> date:
    """Return the day from which a merge counts: that of its latest sign or its own *day*."""
    return max([day, *outstanding_of(s, loser_in(sign) or 0).values()])


def losers(s: Snapshot, number: int) -> tuple[int, ...]:
    """Return the records that were merged into this one, those that were merged into these too."""
    if number not in merged_into(s):
        return ()
    found: dict[int, None] = {}
    ahead = [number]
    while ahead:
        for sign in merged_into(s).get(ahead.pop(), {}):
            loser = loser_in(sign)
            if loser is not None and loser != number and loser not in found:
                found[loser] = None
                ahead.append(loser)
    return tuple(found)


def _lifted_on(s: Snapshot, number: int) -> date:
    return remembered(s).get(number, {}).get(LIFTED, date.min)


def unsubscribed_before(s: Snapshot) -> frozenset[int]:
    """Return everybody who is remembered to have unsubscribed by an event. This opt-out stays,
    also where the feed shows it no longer.
    """
    return s.once(_unsubscribed_before)


def _unsubscribed_before(s: Snapshot) -> frozenset[int]:
    return frozenset(contact for contact, days in remembered(s).items() if Seen.EVENT in days)
