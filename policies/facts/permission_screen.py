"""A quick look at a record before the signs are read: nearly everybody has none (X-64).

A stage, a tag or the status of an address or number is tried once, by the detectors of the table on
a record that holds nothing else. A record made of parts that show no sign shows none either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from policies.facts.contact_ways import Way
from policies.facts.permission_answers import given
from policies.facts.permission_table import (
    CONFLICT,
    NO_CALLS,
    SAID_DECEASED,
    SHARED,
    SUPPRESSED,
    TABLE,
)
from policies.facts.same_person.conflicts import held
from policies.facts.signs import contact_signs, near_carriers, safety_words, shared_reach
from policies.facts.signs.sign_memory import merged_into, remembered
from policies.facts.suppression import suppressed
from policies.world.model import Contact, Reach
from policies.world.snapshot import Snapshot

_Elsewhere = tuple[Callable[[Snapshot], object], Callable[[Snapshot, Contact], object]]
_ELSEWHERE: Mapping[str, _Elsewhere] = MappingProxyType(
    {
        CONFLICT: (lambda s: s.once(held), lambda s, contact: contact.id in s.once(held)),
        SAID_DECEASED: (lambda _s: True, safety_words.said_deceased),
        SHARED: (shared_reach.any_owned, shared_reach.shares),
        SUPPRESSED: (lambda s: suppressed(s).entries, contact_signs.is_suppressed),
        NO_CALLS: (contact_signs.any_number_is_marked, contact_signs.no_calls),
    }
)
"""For each sign that depends on other records, on a name or on a list: whether it can show in a
snapshot at all, and on a contact.
"""
UNSCREENED = frozenset(_ELSEWHERE)
"""The names of those signs: a stage, a tag or a status does not settle them."""
_SCREENED = tuple(sign for sign in TABLE if sign.name not in UNSCREENED)
_EMAIL, _NUMBER = "somebody@example.org", "+15125550100"
_WORKS = (Reach(_EMAIL, "Valid"),)


def signless(s: Snapshot, contact: Contact) -> bool:
    """Tell whether *contact* surely shows none of the screened signs. False proves nothing."""
    screen = s.once(_screen)
    if screen.passed.get(contact.id) is contact:
        return True
    if screen.passes(contact):
        screen.passed[contact.id] = contact
        return True
    return False


def clear(s: Snapshot, contact: Contact) -> bool:
    """Tell whether *contact* surely shows no sign at all, by any way. False proves nothing."""
    known = s.once(_screen).clear
    if known.get(contact.id) is contact:
        return True
    if not signless(s, contact) or any(shows(s, contact) for shows in s.once(_elsewhere)):
        return False
    known[contact.id] = contact
    return True


def _elsewhere(s: Snapshot) -> Sequence[Callable[[Snapshot, Contact], object]]:
    return tuple(shows for can_show, shows in _ELSEWHERE.values() if can_show(s))


class _Tried(dict[Any, bool]):
    """Whether a part of a record shows no sign; each is tried once."""

    def __init__(self, shows_none: Callable[[Any], bool]) -> None:
        super().__init__()
        self._shows_none = shows_none

    def __missing__(self, part: Any) -> bool:
        found = self[part] = self._shows_none(part)
        return found


class _Screen:
    def __init__(self, s: Snapshot, ids: frozenset[int]) -> None:
        self.s, self.ids = s, ids
        self.passed: dict[int, Contact] = {}
        self.clear: dict[int, Contact] = {}
        self._stages = _Tried(lambda pair: self._shows_none(stage=pair[0], stage_label=pair[1]))
        self._tags = _Tried(lambda tag: self._shows_none(tags=(tag,), emails=_WORKS))
        self._emails = _Tried(lambda word: self._shows_none(emails=(Reach(_EMAIL, word),)))
        self._phones = _Tried(lambda word: self._shows_none(phones=(Reach(_NUMBER, word),)))

    def passes(self, contact: Contact) -> bool:
        practice = self.s.practice
        if practice.pilot_tag or contact.trashed or contact.unreadable:
            return False
        if practice.assigned_only and contact.assigned_user_id != practice.agent_id:
            return False
        if contact.id in self.ids or contact_signs.SINCE in contact.fields:
            return False
        if safety_words.opt_out_in_name(contact):
            return False
        return self._plain(contact)

    def _plain(self, contact: Contact) -> bool:
        """Whether the stage, each tag and each status of an address or number show no sign."""
        return (
            self._stages[contact.stage, contact.stage_label]
            and (not contact.tags or all(map(self._tags.__getitem__, contact.tags)))
            and (not contact.emails or all(self._emails[one.status] for one in contact.emails))
            and (not contact.phones or all(self._phones[one.status] for one in contact.phones))
        )

    def _shows_none(self, **parts: Any) -> bool:
        # One way speaks for all: only an answer about the contact ends a screened sign for some.
        agent = self.s.practice.agent_id
        alone = Contact(id=0, assigned_user_id=agent, **parts)
        return not any(sign.seen(self.s, alone, Way.EMAIL) for sign in _SCREENED)


def _screen(s: Snapshot) -> _Screen:
    return _Screen(s, frozenset(_known_by_id(s)))


def _known_by_id(s: Snapshot) -> Iterable[int]:
    """The contacts about whom something is known that does not stand in their record."""
    yield from s.once(contact_signs.unsubscribed_by_event)
    yield from contact_signs.merged(s)
    yield from merged_into(s)
    yield from remembered(s)
    yield from given(s).unanswered
    yield from near_carriers.configured_carriers(s)
    for subject in given(s).by_subject:
        if subject.startswith("p"):
            yield int(subject[1:])
