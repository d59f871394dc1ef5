"""The signs on a record for or against contacting its person: one detector for each.

`contact_permission` decides what each sign means for each way of reaching a person. Nothing else
reads a sign.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from policies.facts.same_person import merges
from policies.facts.signs import safety_words
from policies.facts.signs.sign_memory import Seen, outstanding, unsubscribed_before
from policies.facts.suppression import suppressed
from policies.values import emails, phones
from policies.values.names import letters
from policies.world.model import STAGE_LABELS, Contact, MailFate, Reach, Stage
from policies.world.snapshot import Snapshot, tagged

_VALID = "Valid"
"""The status that nearly every address has."""
SINCE = "do_not_contact_since"
"""Steward's own name for the field that holds since when a contact is Do Not Contact (X-33)."""


# -- Do Not Contact --------------------------------------------------------------------------------


def marked_do_not_contact(s: Snapshot, contact: Contact) -> bool:
    """Tell whether the record itself is Do Not Contact: by its stage, also one that nobody mapped,
    or by a tag.
    """
    return do_not_contact_by_stage(s, contact) or do_not_contact_by_tag(s, contact)


def do_not_contact_by_stage(s: Snapshot, contact: Contact) -> bool:
    """Tell whether the stage says Do Not Contact, also one that nobody mapped."""
    if contact.stage or not contact.stage_label:
        return contact.stage is Stage.DO_NOT_CONTACT
    return letters(contact.stage_label) in s.once(_opting_out)


def do_not_contact_by_tag(s: Snapshot, contact: Contact) -> bool:
    """Tell whether a tag says Do Not Contact."""
    if not contact.tags:
        return False
    opting_out = s.once(_opting_out)
    return any(letters(tag) in opting_out for tag in contact.tags)


def _opting_out(s: Snapshot) -> frozenset[str]:
    return _plain((*s.practice.tags.do_not_contact, STAGE_LABELS[Stage.DO_NOT_CONTACT]))


def merged_with_do_not_contact(s: Snapshot, contact: Contact) -> bool:
    """Tell whether a merge took a record of this person with a Do Not Contact tag into the Trash.
    The stage of a merged record is Trash; `inherited_signs` reads what else is known of it.
    """
    return contact.id in s.once(_merged_with_do_not_contact)


_UNSUBSCRIBED_BEFORE = frozenset({Seen.EVENT, Seen.ADDRESS, Seen.MERGED_UNSUBSCRIBED})
"""Signs of a record in the Trash that may stand in Memory alone (X-65)."""


def _merged_with_do_not_contact(s: Snapshot) -> frozenset[int]:
    return _survivors_of(s, (c for c in _trash(s) if marked_do_not_contact(s, c)))


# -- unsubscribed ----------------------------------------------------------------------------------


def unsubscribed(s: Snapshot, contact: Contact) -> bool:
    """Tell whether the person unsubscribed: by an event, by the status of any one address, or on a
    record that a merge took into the Trash (X-64).
    """
    return _unsubscribed(s, contact) or contact.id in s.once(_merged_with_unsubscribed)


def merged_with_opted_out(s: Snapshot, contact: Contact) -> bool:
    """Tell whether a merge took a record of this person that had opted out into the Trash."""
    return merged_with_do_not_contact(s, contact) or contact.id in s.once(_merged_with_unsubscribed)


def merged_with_unsubscribed(s: Snapshot, contact: Contact) -> bool:
    """Tell whether a merge took a record of this person that had unsubscribed into the Trash."""
    return contact.id in s.once(_merged_with_unsubscribed)


def merged(s: Snapshot) -> frozenset[int]:
    """Return everybody into whom a merge took a record that had opted out."""
    return s.once(_merged_with_do_not_contact) | s.once(_merged_with_unsubscribed)


def _unsubscribed(s: Snapshot, contact: Contact) -> bool:
    return contact.id in s.once(unsubscribed_by_event) or unsubscribed_an_address(contact)


def unsubscribed_an_address(contact: Contact) -> bool:
    """Tell whether the status of any one address says so (X-64)."""
    for email in contact.emails:
        if email.status != _VALID and emails.unsubscribed(email.status):
            return True
    return False


def unsubscribed_by_event(s: Snapshot) -> frozenset[int]:
    """Return the contacts who unsubscribed by an event, or complained of spam: by what the feed
    shows, and by what it showed before. A feed may refuse or forget (X-65).
    """
    shown = {event.person_id for event in s.mail if event.fate is MailFate.UNSUBSCRIBED}
    return unsubscribed_before(s) | shown


def _merged_with_unsubscribed(s: Snapshot) -> frozenset[int]:
    return _survivors_of(s, (c for c in _trash(s) if had_unsubscribed(s, c)))


def had_unsubscribed(s: Snapshot, loser: Contact) -> bool:
    """Tell whether the person of a record in the Trash unsubscribed, by the record or by what is
    remembered of it (X-65).
    """
    return _unsubscribed(s, loser) or not _UNSUBSCRIBED_BEFORE.isdisjoint(outstanding(s, loser))


def _trash(s: Snapshot) -> Iterable[Contact]:
    return (c for c in s.contacts.values() if c.trashed)


def _survivors_of(s: Snapshot, losers: Iterable[Contact]) -> frozenset[int]:
    """Return everybody whom one of *losers* may have become: a sign protects all of them."""
    became = merges.heirs(s)
    return frozenset[int]().union(*(became[loser.id] for loser in losers))


# -- death, kept off, outside ----------------------------------------------------------------------


def deceased(s: Snapshot, contact: Contact) -> bool:
    """Tell whether the contact carries a tag that says so (X-49), or a stage that nobody mapped."""
    unmapped = contact.stage_label if contact.stage is None else ""
    if not contact.tags and not unmapped:
        return False
    words = s.once(_of_the_dead)
    return any(letters(word) in words for word in (*contact.tags, unmapped))


def _of_the_dead(s: Snapshot) -> frozenset[str]:
    return _plain(s.practice.tags.deceased)


def skipped(s: Snapshot, contact: Contact) -> bool:
    """Tell whether people asked Steward by tag to keep off this contact."""
    return bool(contact.tags) and tagged(contact, s.practice.tags.skip)


def outside_pilot(s: Snapshot, contact: Contact) -> bool:
    """Tell whether a pilot is on and this contact is not in it (rule 17)."""
    pilot = s.practice.pilot_tag
    return bool(pilot) and not tagged(contact, (pilot,))


def dissatisfied(s: Snapshot, contact: Contact) -> bool:
    """Tell whether a tag says that the client is dissatisfied (MS-49)."""
    return bool(contact.tags) and tagged(contact, s.practice.tags.dissatisfied)


def opted_out(s: Snapshot, contact: Contact) -> bool:
    """Tell whether the person asked in any way not to be contacted, on this record or on one merged
    into it. For a record in the Trash, whose stage is gone, `Do Not Contact Since` counts too.
    """
    return (
        marked_do_not_contact(s, contact)
        or unsubscribed(s, contact)
        or contact.id in merged(s)
        or (contact.trashed and bool(contact.fields.get(SINCE)))
    )


def everybody_opted_out(s: Snapshot) -> frozenset[int]:
    """Return the ids of all for whom `opted_out` is true. Each combination of stage and tags and
    each status is looked at once: there are few of them, and 100,000 contacts.
    """
    return s.once(_everybody_opted_out)


def _everybody_opted_out(s: Snapshot) -> frozenset[int]:
    found = set(s.once(unsubscribed_by_event) | merged(s))
    marked: dict[object, bool] = {}
    for contact in s.contacts.values():
        kind = (contact.stage, contact.stage_label, contact.tags)
        opted_out = marked.get(kind)
        if opted_out is None:
            opted_out = marked[kind] = marked_do_not_contact(s, contact)
        dated = contact.trashed and contact.fields.get(SINCE)
        if opted_out or dated or unsubscribed_an_address(contact):
            found.add(contact.id)
    return frozenset(found & s.contacts.keys())


# -- addresses and numbers -------------------------------------------------------------------------


def dead(s: Snapshot, contact: Contact, email: Reach) -> bool:
    """Tell whether this email address reaches nobody: by any word for it, or by the CRM's own tag
    where the contact has no other address (MS-47).
    """
    return emails.dead(email.status) or (
        len(contact.emails) == 1 and bool(contact.tags) and tagged(contact, s.practice.tags.bounced)
    )


def works(s: Snapshot, contact: Contact, reach: Reach) -> bool:
    """Tell whether this address or number of *contact* reaches anybody, by what the CRM says of it:
    an email by the words for emails, a phone by those for phones.
    """
    if not reach.value.strip():
        return False
    if reach in contact.emails:
        return not (emails.unsubscribed(reach.status) or dead(s, contact, reach))
    return not (phones.dead(reach.status) or not_to_be_called(s, reach))


def no_calls(s: Snapshot, contact: Contact) -> bool:
    """Tell whether a number of the contact is marked as not to be called, and none is left that may
    be (X-64).
    """
    if not contact.phones or not any_number_is_marked(s):
        return False
    left = [phone for phone in contact.phones if not not_to_be_called(s, phone)]
    return len(left) < len(contact.phones) and all(phones.dead(p.status) for p in left)


def not_to_be_called(s: Snapshot, phone: Reach) -> bool:
    """Tell whether this number is marked so, on whatever record: a number that is merged with its
    double, or is a spouse's too, stays the same line.
    """
    if safety_words.of_a_number(phone.status):
        return True
    marked = s.once(_lines_not_to_be_called)
    return bool(marked) and phones.line(phone.value) in marked


def any_number_is_marked(s: Snapshot) -> bool:
    """Tell whether any number of anybody is marked as not to be called."""
    return s.once(_any_number_is_marked)


def _any_number_is_marked(s: Snapshot) -> bool:
    statuses = {phone.status for contact in s.contacts.values() for phone in contact.phones}
    return any(safety_words.of_a_number(status) for status in statuses)


def _lines_not_to_be_called(s: Snapshot) -> frozenset[str]:
    found = (
        phones.line(phone.value)
        for contact in s.contacts.values()
        for phone in contact.phones
        if phone.status != _VALID and safety_words.of_a_number(phone.status)
    )
    return frozenset(found) - {""}


def any_dead(s: Snapshot, contact: Contact) -> bool:
    """Tell whether any email address of this contact is dead, by its status or the CRM's own tag
    (DB-31).
    """
    if not contact.emails:
        return False
    return any(emails.dead(email.status) for email in contact.emails) or (
        bool(contact.tags) and tagged(contact, s.practice.tags.bounced)
    )


def undeliverable(s: Snapshot, contact: Contact) -> bool:
    """Tell whether no email address of this contact takes mail, by its status or the CRM's own tag.
    A contact without any address is not undeliverable.
    """
    if not contact.emails:
        return False
    return all(emails.dead(email.status) for email in contact.emails) or (
        bool(contact.tags) and tagged(contact, s.practice.tags.bounced)
    )


def mail_returned(s: Snapshot, contact: Contact) -> bool:
    """Tell whether mail to the postal address came back (MS-47)."""
    return bool(contact.tags) and tagged(contact, s.practice.tags.returned_mail)


def is_suppressed(s: Snapshot, contact: Contact) -> bool:
    """Tell whether this address or number was removed as Do Not Contact before (X-34)."""
    return suppressed(s).knows(contact)


@lru_cache(maxsize=64)
def _plain(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(letters, names)) - {""}
