"""The signs of opt-outs and deaths that were ever seen, with the day of each: from `Memory` and
from the ledger (X-65).

Absence is no permission. An address that is corrected, a feed that refuses, a tag that an
integration dropped and a merge take no sign back; the agent's answer does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from policies.facts.same_person import merges
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
    MERGED_DECEASED = "merged-deceased"
    NOTE = "note"
    NAME = "name"
    BACKGROUND = "background"


LIFTED = "lifted"
"""Beside the signs: the day on which the agent said that the person may be contacted again. A sign
that comes back on that day, or that the answer was not about, is kept with the day after it.
"""
_INHERITED: Mapping[str, Seen] = MappingProxyType(
    {
        Seen.STAGE: Seen.MERGED,
        Seen.TAG: Seen.MERGED,
        Seen.MERGED: Seen.MERGED,
        Seen.EVENT: Seen.MERGED_UNSUBSCRIBED,
        Seen.ADDRESS: Seen.MERGED_UNSUBSCRIBED,
        Seen.MERGED_UNSUBSCRIBED: Seen.MERGED_UNSUBSCRIBED,
        Seen.DECEASED: Seen.MERGED_DECEASED,
        Seen.MERGED_DECEASED: Seen.MERGED_DECEASED,
    }
)
"""What a remembered sign of a record in the Trash is for whoever that record became. A death in a
note, a name or a background is read on the record itself.
"""


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
    """Return the signs of *contact* that the agent has not lifted, each with its day. Those of a
    record that a merge took into the Trash are among them, as `Seen.MERGED` and its like.
    """
    return outstanding_of(s, contact.id)


def outstanding_of(s: Snapshot, number: int) -> Mapping[str, date]:
    """Return the same by the number of a contact, whether or not this pass shows the record."""
    return everybody_outstanding(s).get(number, {})


def everybody_outstanding(s: Snapshot) -> Signs:
    """Return `outstanding` of everybody who has such a sign, by contact id."""
    return s.once(_outstanding)


def _outstanding(s: Snapshot) -> Signs:
    known = remembered(s)
    own = {number: _after(days, _lifted_on(s, number)) for number, days in known.items()}
    found = {number: dict(days) for number, days in own.items() if days}
    for loser, heirs in merges.heirs(s).items():
        days = _inherited(own.get(loser, {}))
        for heir in heirs:
            for sign, day in _after(days, _lifted_on(s, heir)).items():
                signs = found.setdefault(heir, {})
                signs[sign] = min(signs.get(sign, day), day)
    return found


def _lifted_on(s: Snapshot, number: int) -> date:
    return remembered(s).get(number, {}).get(LIFTED, date.min)


def _after(days: Mapping[str, date], lifted: date) -> Mapping[str, date]:
    return {sign: day for sign, day in days.items() if sign != LIFTED and day > lifted}


def _inherited(days: Mapping[str, date]) -> Mapping[str, date]:
    found: dict[str, date] = {}
    for sign, day in days.items():
        if inherited := _INHERITED.get(sign):
            found[inherited] = min(found.get(inherited, day), day)
    return found


def unsubscribed_before(s: Snapshot) -> frozenset[int]:
    """Return everybody who is remembered to have unsubscribed by an event. This opt-out stays,
    also where the feed shows it no longer.
    """
    return s.once(_unsubscribed_before)


def _unsubscribed_before(s: Snapshot) -> frozenset[int]:
    return frozenset(contact for contact, days in remembered(s).items() if Seen.EVENT in days)
