"""A quick look at a record before the signs are read: nearly everybody has none (X-64).

A stage, a tag or the status of an address is tried once, by the detectors of the table on a record
that holds nothing else. A record made of parts that show no sign shows none either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from policies.facts.contact_ways import Way
from policies.facts.permission_answers import given
from policies.facts.permission_table import CONFLICT, SAID_DECEASED, SHARED, SUPPRESSED, TABLE
from policies.facts.same_person.conflicts import held
from policies.facts.signs import contact_signs, safety_words, shared_reach
from policies.facts.signs.sign_memory import remembered
from policies.world.model import Contact, Reach
from policies.world.snapshot import Snapshot

_ELSEWHERE: Mapping[str, Callable[[Snapshot, Contact], object]] = MappingProxyType(
    {
        CONFLICT: lambda s, contact: contact.id in s.once(held),
        SAID_DECEASED: safety_words.said_deceased,
        SHARED: shared_reach.shares,
        SUPPRESSED: contact_signs.is_suppressed,
    }
)
"""For each sign that depends on other records, on a name or on a list: whether it can show."""
UNSCREENED = frozenset(_ELSEWHERE)
"""The names of those signs: a stage, a tag or a status does not settle them."""
_SCREENED = tuple(sign for sign in TABLE if sign.name not in UNSCREENED)
_WORKS = (Reach("somebody@example.org", "Valid"),)


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
    if signless(s, contact) and not any(shows(s, contact) for shows in _ELSEWHERE.values()):
        known[contact.id] = contact
        return True
    return False


@dataclass(slots=True)
class _Screen:
    s: Snapshot
    ids: frozenset[int]
    parts: dict[object, bool] = field(default_factory=dict)
    passed: dict[int, Contact] = field(default_factory=dict)
    clear: dict[int, Contact] = field(default_factory=dict)

    def passes(self, contact: Contact) -> bool:
        practice = self.s.practice
        if practice.pilot_tag or contact.trashed or contact.unreadable:
            return False
        if practice.assigned_only and contact.assigned_user_id != practice.agent_id:
            return False
        if contact.id in self.ids or contact_signs.SINCE in contact.fields:
            return False
        return self._plain(contact)

    def _plain(self, contact: Contact) -> bool:
        """Whether the stage, each tag and the status of each address show no sign."""
        known = self.parts
        stage = (contact.stage, contact.stage_label)
        if stage not in known:
            known[stage] = self._shows_none(stage=contact.stage, stage_label=contact.stage_label)
        if not known[stage]:
            return False
        for tag in contact.tags:
            if tag not in known:
                known[tag] = self._shows_none(tags=(tag,), emails=_WORKS)
            if not known[tag]:
                return False
        for email in contact.emails:
            status = (email.status,)
            if status not in known:
                known[status] = self._shows_none(emails=(Reach("x@example.org", email.status),))
            if not known[status]:
                return False
        return True

    def _shows_none(self, **parts: object) -> bool:
        # One way speaks for all: only an answer about the contact ends a screened sign for some.
        agent = self.s.practice.agent_id
        alone = Contact(id=0, assigned_user_id=agent, **parts)  # type: ignore[arg-type]
        return not any(sign.seen(self.s, alone, Way.EMAIL) for sign in _SCREENED)


def _screen(s: Snapshot) -> _Screen:
    return _Screen(s, frozenset(_known_by_id(s)))


def _known_by_id(s: Snapshot) -> Iterable[int]:
    """The contacts about whom something is known that does not stand in their record."""
    yield from s.once(contact_signs.unsubscribed_by_event)
    yield from contact_signs.merged(s)
    yield from remembered(s)
    for subject in given(s).by_subject:
        if subject.startswith("p"):
            yield int(subject[1:])
