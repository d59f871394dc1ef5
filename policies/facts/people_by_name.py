"""Find the referral source that a text means: by name, email address, phone number or contact
number, and nobody by a guess (RF-07).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from policies.facts.contact_permission import Way, death, opt_out, refusal
from policies.facts.ownership import agents_own, left_alone
from policies.facts.referral_log import (
    AGENT,
    CLIENT,
    PROFESSIONAL,
    SPHERE,
    bare,
)
from policies.facts.same_person import merges
from policies.facts.signs.safety_words import name_alone, plain_name
from policies.facts.transactions import PAST_CLIENT
from policies.values.emails import typed_form
from policies.values.names import composed, one_line
from policies.values.phones import digits_of, last_ten
from policies.world.model import Contact, Stage
from policies.world.snapshot import Snapshot, tagged

PROFESSIONS = (
    "Lender",
    "Attorney",
    "Financial Advisor",
    "CPA",
    "Inspector",
    "Contractor",
    "Relocation Coordinator",
    "Insurance",
    "Title",
)
"""Tags that say what a professional is, as the log annotates them: Sarah Jones (Lender)."""
_DASH = "‐‑‒–—―−:-"
"""Hyphens, dashes and what people type for them."""
_KIND = r"(?:(?:(?:past )?client|sphere|soi|agent|professional)\s+)?"
_REFERRAL = re.compile(
    rf"^\s*{_KIND}(?:referral\s*[{_DASH}]|referral\s+(?:from|by)\b|referred\s+by\b)"
    rf"[\s{_DASH}]*(?P<name>[^\s{_DASH}].*?)\s*$",
    re.I,
)
_EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"\+?\d[\d\s().-]{8,}\d")
_NUMBER = re.compile(r"^(?:#|contact\s+)([0-9]{1,15})$", re.I)


@dataclass(frozen=True, slots=True)
class Directory:
    """Contacts by the marks people know each other by."""

    names: Mapping[str, frozenset[int]] = field(default_factory=dict)
    emails: Mapping[str, frozenset[int]] = field(default_factory=dict)
    phones: Mapping[str, frozenset[int]] = field(default_factory=dict)


def directory(s: Snapshot) -> Directory:
    """Everyone outside the Trash."""
    return _directory(contact for contact in s.contacts.values() if not contact.trashed)


def _in_trash(s: Snapshot) -> frozenset[int]:
    """Everyone whom people put into the Trash, and no merge, and to whom no thank-you may go
    (X-57).
    """
    merged = merges.merged_into(s)
    return frozenset(
        contact.id
        for contact in s.contacts.values()
        if contact.trashed and contact.id not in merged and refusal(s, contact, Way.THANKS)
    )


def _trash(s: Snapshot) -> Directory:
    """The directory of everyone in the Trash whom no merge took there."""
    return _directory(s.contacts[number] for number in sorted(s.once(_in_trash)))


def _directory(contacts: Iterable[Contact]) -> Directory:
    names, emails, phones = dict[str, set[int]](), dict[str, set[int]](), dict[str, set[int]]()
    for contact in contacts:
        for mark in {composed(contact.name), composed(plain_name(contact))}:
            names.setdefault(mark, set()).add(contact.id)
        for mark in email_marks(contact):
            emails.setdefault(mark, set()).add(contact.id)
        for mark in phone_marks(contact):
            phones.setdefault(mark, set()).add(contact.id)
    return Directory(
        *(
            {mark: frozenset(ids) for mark, ids in found.items()}
            for found in (names, emails, phones)
        )
    )


def email_marks(contact: Contact) -> Iterable[str]:
    """A contact's e-mail addresses as they are compared."""
    return filter(None, (typed_form(reach.value) for reach in contact.emails))


def phone_marks(contact: Contact) -> Iterable[str]:
    """A contact's phone numbers as they are compared: the last ten digits."""
    return filter(None, (last_ten(reach.value) for reach in contact.phones))


def meant(s: Snapshot, text: str) -> frozenset[int]:
    """Every contact that *text* can mean: by number (``#123``), else by address, else by phone,
    else by the whole name. Where it is nobody outside the Trash, it is somebody in it: one of
    several stands for all, whose signs cannot be read or who opted out before any other.
    """
    text = one_line(text)
    if found := _NUMBER.match(text):
        contact = by_number(s, int(found[1]))
        return frozenset({contact.id}) if contact else frozenset()
    if outside := _meant(s.once(directory), text):
        return outside
    return frozenset(sorted(in_trash(s, text), key=lambda number: _order(s, number))[:1])


def by_number(s: Snapshot, number: int) -> Contact | None:
    """The contact of this number, or the one it was merged into; one in the Trash too, if no merge
    took it there. None where the number is nobody's.
    """
    gone = s.contacts[number] if number in s.once(_in_trash) else None
    return merges.current(s, number) or gone


def in_trash(s: Snapshot, text: str) -> frozenset[int]:
    """Everyone whom people put into the Trash and whom *text* can mean, by any mark but a
    number.
    """
    return _meant(s.once(_trash), one_line(text))


def _order(s: Snapshot, number: int) -> tuple[bool, bool, int]:
    contact = s.contacts[number]
    said = opt_out(s, contact) or death(s, contact)
    return not contact.unreadable, said is None, number


def _meant(known: Directory, text: str) -> frozenset[int]:
    if found := _EMAIL.search(text):
        return known.emails.get(found[0].casefold(), frozenset())
    if found := _PHONE.search(text):
        return known.phones.get(digits_of(found[0])[-10:], frozenset())
    return known.names.get(_name_mark(bare(text)), frozenset())


def _name_mark(name: str) -> str:
    """A name as it is compared: people type "Ana Lopez" for "Ana Lopez (Deceased)"."""
    return composed(name_alone(name))


def claimed(source: str) -> str:
    """The name in a native lead source such as "Referral — John Smith", whatever dash it is written
    with; "" for any other lead source (X-16).
    """
    found = _REFERRAL.match(source)
    return found["name"] if found else ""


def unnamed(source: str) -> bool:
    """Whether a native lead source says that there was a referral, and names nobody."""
    said = source.strip().rstrip(f"{_DASH} ").casefold()
    return said in {
        "referral",
        "referrals",
        "referred",
        "referred by",
        "referral from",
        "referral by",
    }


def in_scope(s: Snapshot, lead: Contact) -> bool:
    """Whether a lead is the agent's and people did not ask to leave them alone (X-57, rule 17)."""
    return agents_own(s, lead) and not left_alone(s, lead)


def claims(lead: Contact) -> tuple[str, ...]:
    """The names a lead's record gives for who sent them, the field `Referred By` before the native
    source.
    """
    return tuple(
        filter(None, (one_line(lead.fields.get("referred_by", "")), one_line(claimed(lead.source))))
    )


def person_marks(contact: Contact) -> tuple[tuple[str, str], ...]:
    """Keys that the same person entered twice would share: the first name, with an address or
    number.
    """
    first = contact.first_name.strip().casefold()
    return tuple((first, mark) for mark in (*email_marks(contact), *phone_marks(contact)))


def one_household(one: Contact, other: Contact) -> bool:
    """Whether two contacts live together: an address or number in common, or one surname at one
    street.
    """
    streets = [
        {a.street.strip().casefold() for a in contact.addresses if a.street.strip()}
        for contact in (one, other)
    ]
    surname = one.last_name.strip().casefold()
    return _share(one, other) or (
        bool(surname)
        and surname == other.last_name.strip().casefold()
        and bool(streets[0] & streets[1])
    )


def _share(one: Contact, other: Contact) -> bool:
    return bool(
        set(email_marks(one)) & set(email_marks(other))
        or set(phone_marks(one)) & set(phone_marks(other))
    )


def type_of(s: Snapshot, source: Contact) -> str:
    """The referral type that a source's record tells; "" where it tells none and a person says
    (RF-22, X-50).
    """
    if tagged(source, s.practice.referrals.agent_tags):
        return AGENT
    if source.stage in PAST_CLIENT or any(deal.side for deal in s.deals_of.get(source.id, ())):
        return CLIENT
    return {Stage.SPHERE_OF_INFLUENCE: SPHERE, Stage.PROFESSIONAL_NETWORK: PROFESSIONAL}.get(
        source.stage or Stage.NEW_LEAD, ""
    )


def profession(source: Contact) -> str:
    """The profession of a professional, by their tags; "Professional" where these do not say."""
    return next((word for word in PROFESSIONS if tagged(source, (word,))), "Professional")
