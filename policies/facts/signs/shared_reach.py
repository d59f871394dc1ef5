"""Addresses and numbers that are also those of somebody who opted out (X-64).

They are never used, for that person or for anybody else. Another address or number may be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from policies.facts.permission_answers import not_to_be_contacted
from policies.facts.signs import inherited_signs
from policies.facts.signs.contact_signs import unsubscribed
from policies.facts.signs.sign_memory import Seen, outstanding_of, remembered
from policies.facts.suppression import forms
from policies.values.names import folded, words
from policies.world.model import Contact, Reach
from policies.world.snapshot import Snapshot

NO_EVIDENCE = 4
"""A phone number that people of more names than this carry (an office line) identifies nobody."""
_OPT_OUTS = frozenset(Seen) - {Seen.DECEASED, Seen.NOTE, Seen.NAME, Seen.BACKGROUND}


@dataclass(frozen=True, slots=True)
class _Owner:
    """A record that opted out."""

    id: int
    name: tuple[str, ...]
    trashed: bool


def barred(s: Snapshot, contact: Contact, reach: Reach) -> bool:
    """Tell whether this address or number of *contact* is also that of somebody else who opted
    out.
    """
    return bool(s.once(_owned)) and any(_others(s, contact, _forms_of(reach)))


def shared(s: Snapshot, contact: Contact, reach: Reach) -> bool:
    """Tell whether this address or number leads to somebody else who opted out. An office line,
    which people of many names carry, leads to nobody in particular.
    """
    spelled = [form for form in _forms_of(reach) if form not in s.once(_common)]
    return any(_others(s, contact, spelled))


def shares(s: Snapshot, contact: Contact) -> bool:
    """Tell whether any address or number of *contact* is also that of somebody who opted out."""
    return bool(s.once(_owned)) and any(_others(s, contact, forms(contact)))


def any_owned(s: Snapshot) -> bool:
    """Tell whether anybody opted out who has an address or number."""
    return bool(s.once(_owned))


def same_person(s: Snapshot, contact: Contact) -> bool:
    """Tell whether a record that opted out has the name of this one, and an address or number."""
    name = words(contact.name)
    return any(owner.name == name for owner in _others(s, contact, forms(contact)))


def _others(s: Snapshot, contact: Contact, spelled: Iterable[str]) -> Iterator[_Owner]:
    """Yield the other records that opted out and have one of these addresses or numbers. A record
    that a merge took from *contact* into the Trash is left out: an answer is about both.
    """
    owned = s.once(_owned)
    for form in spelled:
        for owner in owned.get(form, ()):
            if owner.id != contact.id and not _merged(s, contact, owner):
                yield owner


def _merged(s: Snapshot, contact: Contact, owner: _Owner) -> bool:
    return owner.trashed and owner.name == words(contact.name) and unsubscribed(s, contact)


def _forms_of(reach: Reach) -> tuple[str, ...]:
    return forms(Contact(id=0, emails=(reach,), phones=(reach,)))


def _owned(s: Snapshot) -> Mapping[str, tuple[_Owner, ...]]:
    """Everybody who opted out, by each of their addresses and numbers."""
    found: dict[str, list[_Owner]] = {}
    everybody = not_to_be_contacted(s) | _opted_out_before(s)
    for number in sorted(everybody):
        contact = s.contacts[number]
        owner = _Owner(contact.id, words(contact.name), contact.trashed)
        for form in forms(contact):
            found.setdefault(form, []).append(owner)
    return {form: tuple(owners) for form, owners in found.items()}


def _opted_out_before(s: Snapshot) -> frozenset[int]:
    """Everybody whose opt-out is remembered and was not lifted by the agent (X-65)."""
    own = {n for n in remembered(s) if not _OPT_OUTS.isdisjoint(outstanding_of(s, n))}
    return (inherited_signs.opted_out(s) | own) & s.contacts.keys()


def _common(s: Snapshot) -> frozenset[str]:
    """The numbers that people of many names carry: they do not tell who is reached."""
    owned = s.once(_owned)
    carried = {
        (form, folded(c.name))
        for c in s.contacts.values()
        for form in forms(c)
        if form in owned and "@" not in form
    }
    names = Counter(form for form, _ in carried)
    return frozenset(form for form, count in names.items() if count > NO_EVIDENCE)
