"""Whom no door makes anew: people who opted out or died, by the signs on their record and by name
(X-64, X-66, X-77).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from policies.facts.contact_permission import (
    OPT_OUT_SIGNS,
    Reason,
    Verdict,
    Way,
    reasons_against,
)
from policies.facts.permission_table import (
    DECEASED,
    DO_NOT_CONTACT,
    EVERY_WAY,
    NEAR,
    SAID_DECEASED,
    UNREADABLE,
    UNSUBSCRIBED,
)
from policies.facts.signs.safety_words import plain_name
from policies.values.names import folded, words
from policies.world.model import Contact
from policies.world.snapshot import Snapshot

_OF_A_PERSON = OPT_OUT_SIGNS | {DECEASED, SAID_DECEASED, NEAR, UNREADABLE}
"""Signs that are about the person, by whatever address they sign in: with another one they would be
made as a new contact.
"""
_SAYS: Mapping[str, str] = {
    DO_NOT_CONTACT: "is Do Not Contact",
    UNSUBSCRIBED: "unsubscribed from email",
    EVERY_WAY: "is to be left alone in every way",
    DECEASED: "is deceased",
}


def because(reason: Reason) -> str:
    """The reason as what a contact is or did, behind their name or number."""
    return _SAYS.get(reason.sign, f"is held ({reason.text})")


def about_person(s: Snapshot, contact: Contact) -> Reason | None:
    """The weightiest opt-out or death that keeps *contact* from being made anew; a never before a
    hold. An unsubscription does not, once the agent has said that it means only no email.
    """
    reasons = reasons_against(s, contact, Way.NEW_RECORD)
    found = [reason for reason in reasons if reason.sign in _OF_A_PERSON]
    return min(found, key=_is_hold, default=None)


def _is_hold(reason: Reason) -> bool:
    return reason.kind is Verdict.HOLD


def by_name(s: Snapshot) -> Mapping[Sequence[str], tuple[Contact, Reason]]:
    """Return, by full name, a contact who opted out or died, with the reason; a never before a
    hold, then the first. With another address they would be made as new contacts.
    """
    found: dict[Sequence[str], tuple[Contact, Reason]] = {}
    for _, contact in sorted(s.contacts.items()):
        if not (contact.first_name.strip() and contact.last_name.strip()):
            continue
        if reason := about_person(s, contact):
            name = compared(plain_name(contact))
            if name not in found or (_is_hold(found[name][1]) and not _is_hold(reason)):
                found[name] = (contact, reason)
    return found


def compared(name: str) -> Sequence[str]:
    """The name without case, accents and punctuation."""
    return words(name) or (folded(name),)
