"""Which signs of an opt-out or a death show in this pass (X-65)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.facts.signs import contact_signs, safety_words
from policies.facts.signs.sign_memory import Seen
from policies.world.model import Contact, MailFate
from policies.world.snapshot import Snapshot

UNSUBSCRIBED = frozenset({Seen.EVENT, Seen.ADDRESS, Seen.MERGED_UNSUBSCRIBED})
"""The signs of an unsubscription: the agent's "Only no email" settles them for good (X-64)."""
OPT_OUTS = frozenset({Seen.STAGE, Seen.TAG, Seen.MERGED}) | UNSUBSCRIBED
"""The signs of an opt-out; the others are signs of a death."""
MARKED = frozenset({Seen.STAGE, Seen.TAG})
"""The signs that the record itself is Do Not Contact: only these start the two years (DB-34)."""


def seen(s: Snapshot) -> Mapping[int, frozenset[Seen]]:
    """Return the signs that show in this pass, by contact. The tags and unsubscriptions of a record
    in the Trash show on the contact it was merged into.
    """
    return s.once(_seen)


def _seen(s: Snapshot) -> Mapping[int, frozenset[Seen]]:
    by_event = frozenset(e.person_id for e in s.mail if e.fate is MailFate.UNSUBSCRIBED)
    opted_out, found = contact_signs.everybody_opted_out(s), dict[int, frozenset[Seen]]()
    for contact in s.contacts.values():
        if contact.trashed:
            continue
        signs = set(_signs_of_death(s, contact))
        if contact.id in opted_out:
            signs.update(_signs_of_opt_out(s, contact, by_event))
        if signs:
            found[contact.id] = frozenset(signs)
    return found


def _signs_of_opt_out(s: Snapshot, contact: Contact, by_event: frozenset[int]) -> Iterator[Seen]:
    if contact_signs.do_not_contact_by_stage(s, contact):
        yield Seen.STAGE
    if contact_signs.do_not_contact_by_tag(s, contact):
        yield Seen.TAG
    if contact.id in by_event:
        yield Seen.EVENT
    if contact_signs.unsubscribed_an_address(contact):
        yield Seen.ADDRESS
    if contact_signs.merged_with_do_not_contact(s, contact):
        yield Seen.MERGED
    if contact_signs.merged_with_unsubscribed(s, contact):
        yield Seen.MERGED_UNSUBSCRIBED


def _signs_of_death(s: Snapshot, contact: Contact) -> Iterator[Seen]:
    if contact_signs.deceased(s, contact):
        yield Seen.DECEASED
    if safety_words.named_as_dead(contact):
        yield Seen.NAME
    if contact.background_of_death:
        yield Seen.BACKGROUND


def unreadable(s: Snapshot, contact: Contact) -> str:  # noqa: ARG001
    """Say what of the record could not be read in this pass, in words; "" if all of it could."""
    return f"their {' and '.join(contact.unreadable)} cannot be read" if contact.unreadable else ""
