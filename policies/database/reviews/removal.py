"""What has no place in a database: the candidates of the annual purge, each with its reason (DB-33,
DB-34).

Only records that are genuinely invalid: never a cold or low-priority contact.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from policies.facts import people_by_name, referral_log
from policies.facts.contact_permission import death
from policies.facts.ownership import in_trash, kept
from policies.facts.same_person import merges
from policies.facts.signs import contact_signs
from policies.facts.signs.contact_signs import SINCE
from policies.facts.signs.remembered_signs import MARKED, OPT_OUTS
from policies.facts.signs.sign_memory import outstanding
from policies.facts.transactions import open_deals
from policies.values import emails, no_value
from policies.values.dates import iso_date
from policies.values.names import folded
from policies.values.numbers import count_or_one
from policies.world.calendar import american, anniversary
from policies.world.model import Contact, Stage
from policies.world.snapshot import Snapshot, tagged

YEARS = 2
"""Calendar years of Do Not Contact after which a record may go (DB-34, X-48)."""
"""Days that a program writes where it knows none: of such a record nobody knows since when (X-33).
"""
REFERRAL_SOURCE = "Referral Source"


class Reason(StrEnum):
    """The four kinds of candidates, in the procedure's order; the value is the group's code in a
    key.
    """

    SHELL = "shell"
    UNWORKABLE = "unworkable"
    OPTED_OUT = "dnc"
    DECEASED = "deceased"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that may be removed, by one reason: the first that holds, but deceased before all
    others (handled with care).
    """

    contact: Contact
    reason: Reason
    says: str


def flagged(s: Snapshot, contact: Contact) -> bool:
    """Whether a record is in the status Do Not Contact, by stage or tag: what the two years
    count.
    """
    return contact_signs.marked_do_not_contact(s, contact)


def candidates(s: Snapshot) -> Sequence[Candidate]:
    """Every candidate, once a snapshot, in the order of contacts."""
    return s.once(_candidates)


def _candidates(s: Snapshot) -> Sequence[Candidate]:
    return tuple(
        sorted(
            (*_shells(s), *(found for contact in kept(s) if (found := _of(s, contact)))),
            key=lambda c: c.contact.id,
        )
    )


def _shells(s: Snapshot) -> Iterator[Candidate]:
    """Merged duplicates: in the Trash, with their name and an address or number on exactly one
    contact outside it.
    """
    now = merges.merged_into(s)
    for contact in in_trash(s):
        if survivor := now.get(contact.id):
            yield Candidate(
                contact,
                Reason.SHELL,
                f"merged into contact {survivor}; the shell is left in the Trash",
            )


def _of(s: Snapshot, contact: Contact) -> Candidate | None:
    if death(s, contact):
        return Candidate(
            contact, Reason.DECEASED, "tagged as deceased: confirm first, with care for the family"
        )
    if open_deals(s, contact):
        return None  # a client of today, whatever the record lacks or says (DB-42)
    if unworkable(contact):
        return Candidate(
            contact, Reason.UNWORKABLE, "no valid e-mail address, no phone and no last name"
        )
    since = started(s, contact)
    if (
        since
        and anniversary(since, since.year + YEARS) <= s.today
        and not referral_value(s, contact)
    ):
        return Candidate(
            contact,
            Reason.OPTED_OUT,
            f"Do Not Contact since {american(since)}, no referral relationship",
        )
    return None


def unworkable(contact: Contact) -> bool:
    """No valid e-mail, and no phone, and no last name: all three (DB-34). A number that may be
    wrong is still a number.
    """
    mail = any("@" in reach.value and not emails.dead(reach.status) for reach in contact.emails)
    return (
        not mail
        and not any(sum(map(str.isdigit, reach.value)) >= 7 for reach in contact.phones)
        and not contact.last_name.strip()
    )


def referral_value(s: Snapshot, contact: Contact) -> bool:
    """Whether this contact has ever sent somebody, or is kept as one who does."""
    return (
        contact.stage is Stage.REFERRAL_SOURCE
        or tagged(contact, (REFERRAL_SOURCE,))
        or count_or_one(contact.fields.get("referrals_sent", "")) > 0
        or contact.id in s.once(_sources)
        or folded(contact.name) in s.once(_names)
    )


def _sources(s: Snapshot) -> frozenset[int]:
    return frozenset(entry.source_id for entry in referral_log.entries(s))


def _names(s: Snapshot) -> frozenset[str]:
    """Everybody the referral log or a lead's record names as a source."""
    named = [entry.source_name for entry in referral_log.entries(s)]
    named += [name for contact in s.contacts.values() for name in people_by_name.claims(contact)]
    return frozenset(folded(referral_log.bare(name)) for name in named)


def started(s: Snapshot, contact: Contact) -> date | None:
    """Since when the record is known to be Do Not Contact by stage or tag; None where that is not
    known. An unsubscription is recorded in the same field and starts no two years (X-65).
    """
    since = iso_date(contact.fields.get(SINCE, "")) if flagged(s, contact) else None
    if since is None or since in no_value.DATES:
        return None
    signs = outstanding(s, contact)
    marked = [day for sign, day in signs.items() if sign in MARKED]
    others = [day for sign, day in signs.items() if sign in OPT_OUTS and sign not in MARKED]
    if others and min(others) <= since:
        return min(marked, default=None)
    return since
