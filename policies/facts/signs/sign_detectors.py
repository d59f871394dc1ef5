"""How each sign of the permission table shows: what was seen of it, in words for people (X-64).

`contact_signs` reads the record. A detector adds what an answer of the agent has ended, and which
ways the sign concerns.
"""

from __future__ import annotations

from collections.abc import Callable

from policies.facts import permission_answers
from policies.facts.contact_ways import Way
from policies.facts.permission_answers import to_question, to_tag, unanswered_words
from policies.facts.permission_words import Answer, Matter
from policies.facts.same_person.conflicts import held
from policies.facts.signs import (
    contact_signs,
    gone_signs,
    inherited_signs,
    safety_words,
    shared_reach,
    shown_signs,
)
from policies.facts.suppression import suppressed as suppressed_list
from policies.world.model import Contact
from policies.world.snapshot import Snapshot

REMOVED = (
    "this address or number was removed as Do Not Contact before; write only to who asked to hear"
    " from you again"
)
KEPT_OFF = "people asked Steward to leave this contact alone"

Detector = Callable[[Snapshot, Contact, Way], str]
"""Return a sentence for people about the sign; "" where it is absent or does not matter for
this way.
"""


def says(found: Callable[[Snapshot, Contact], bool], text: str) -> Detector:
    """Detect a sign that is there or not, and call it *text*."""
    return lambda s, contact, _way: text if found(s, contact) else ""


def answered(answer: Answer, text: str) -> Detector:
    """Detect an answer of the agent: about this contact, or about a near tag that they carry."""

    def seen(s: Snapshot, contact: Contact, _way: Way) -> str:
        if not permission_answers.given(s).by_key:
            return ""
        if permission_answers.about(s, contact, answer):
            return text
        tags = safety_words.near_tags(s, contact)
        return text if any(to_tag(s, tag) is answer for tag in tags) else ""

    return seen


def unsubscribed(s: Snapshot, contact: Contact, way: Way) -> str:
    """Email and lists stay barred whatever the agent answers, also once the sign is gone; the
    answer decides the other ways.
    """
    answer = to_question(s, contact, Matter.UNSUBSCRIBED)
    if not contact_signs.unsubscribed(s, contact) and not (
        answer and gone_signs.had_unsubscribed(s, contact)
    ):
        return ""
    return "" if answer and way not in {Way.EMAIL, Way.LIST} else "they unsubscribed from email"


def unless_answered(found: Callable[[Snapshot, Contact], str], matter: Matter) -> Detector:
    """Detect a sign that any answer of the agent ends: what was answered has a row of its own."""

    def seen(s: Snapshot, contact: Contact, _way: Way) -> str:
        text = found(s, contact)
        return "" if text and to_question(s, contact, matter) else text

    return seen


def do_not_contact(s: Snapshot, contact: Contact) -> bool:
    """The stage of a record in the Trash is gone; `Do Not Contact Since` is not."""
    gone = contact.trashed and bool(contact.fields.get(contact_signs.SINCE))
    return gone or contact_signs.marked_do_not_contact(s, contact)


def suppressed(s: Snapshot, contact: Contact) -> str:
    """Detect a record whose address or number was removed as Do Not Contact (X-34)."""
    return REMOVED if contact_signs.is_suppressed(s, contact) else ""


def seen_before(s: Snapshot, contact: Contact, _way: Way) -> str:
    """Detect a sign that was seen before and is gone (X-65)."""
    return gone_signs.seen_before(s, contact)


def near(s: Snapshot, contact: Contact, _way: Way) -> str:
    """Detect a tag or stage near a safety word that the agent has not judged yet (X-66)."""
    for word in unanswered_words(s, contact):
        return f"the {safety_words.in_words(s, word)} may mean that they are not to be contacted"
    unnamed = permission_answers.given(s).unanswered.get(contact.id)
    return "a tag that is gone may mean that they are not to be contacted" if unnamed else ""


def said_deceased(s: Snapshot, contact: Contact, _way: Way) -> str:
    """Detect a note, name or background that calls them deceased and that the agent has not judged
    yet (X-66).
    """
    found = inherited_signs.called_deceased(s, contact)
    return found[1] if found else ""


def conflict(s: Snapshot, contact: Contact, _way: Way) -> str:
    """Detect an identity conflict that the agent has not resolved (DB-44)."""
    return s.once(held).get(contact.id, "")


def unreadable(s: Snapshot, contact: Contact, _way: Way) -> str:
    """Detect a record whose signs cannot be read in this pass (X-65): on the record, or in the list
    of those who were removed as Do Not Contact, without its key (X-34).
    """
    if own := shown_signs.unreadable(s, contact):
        return own
    why = suppressed_list(s).unreadable
    return f"they may have been removed as Do Not Contact before, and {why}" if why else ""


def shared(s: Snapshot, contact: Contact, way: Way) -> str:
    """Bar an address or number that is also that of somebody who opted out, where no other of
    theirs that works is left for this way.
    """
    if not shared_reach.shares(s, contact):
        return ""
    every = (*contact.emails, *contact.phones)
    offered = {Way.EMAIL: contact.emails, Way.TEXT: contact.phones}.get(way, every)
    theirs = [reach for reach in offered if not shared_reach.shared(s, contact, reach)]
    if way is Way.LIST and shared_reach.same_person(s, contact):
        theirs = []
    if len(theirs) == len(offered) or any(contact_signs.works(s, contact, r) for r in theirs):
        return ""
    return "reached only through the address or number of somebody who opted out"
