"""The candidates of the annual purge, each with its reason (DB-33, DB-34).

Only records that are genuinely invalid are candidates, never cold or low-priority contacts.
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
from policies.facts.signs.shown_signs import MARKED, OPT_OUTS
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
REFERRAL_SOURCE = "Referral Source"


class Reason(StrEnum):
    """The kinds of candidates, in the procedure's order; the value is the group's code in a key."""

    SHELL = "shell"
    UNWORKABLE = "unworkable"
    OPTED_OUT = "dnc"
    DECEASED = "deceased"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that may be removed, with one reason.

    It is the first that applies; deceased comes before all others, to be handled with care.
    """

    contact: Contact
    reason: Reason
    says: str


def flagged(s: Snapshot, contact: Contact) -> bool:
    """Tell whether a record is Do Not Contact by stage or tag, for which the two years count."""
    return contact_signs.marked_do_not_contact(s, contact)


def candidates(s: Snapshot) -> Sequence[Candidate]:
    """Return every candidate in the order of contacts; once per snapshot."""
    return s.once(_candidates)


def _candidates(s: Snapshot) -> Sequence[Candidate]:
    found = [candidate for contact in kept(s) if (candidate := _of(s, contact))]
    return tuple(sorted((*_shells(s), *found), key=lambda candidate: candidate.contact.id))


def _shells(s: Snapshot) -> Iterator[Candidate]:
    """Yield merged duplicates.

    They are in the Trash, and exactly one contact outside it has their name and an address or
    number of theirs.
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
    if since is None or anniversary(since, since.year + YEARS) > s.today:
        return None
    if referral_value(s, contact):
        return None
    says = f"Do Not Contact since {american(since)}, no referral relationship"
    return Candidate(contact, Reason.OPTED_OUT, says)


def unworkable(contact: Contact) -> bool:
    """Tell whether there is no valid e-mail, no phone and no last name: all three (DB-34).

    A number that may be wrong is still a number.
    """
    mail = any("@" in reach.value and not emails.dead(reach.status) for reach in contact.emails)
    phone = any(sum(map(str.isdigit, reach.value)) >= 7 for reach in contact.phones)
    return not (mail or phone or contact.last_name.strip())


def referral_value(s: Snapshot, contact: Contact) -> bool:
    """Tell whether this contact has ever sent somebody, or is kept as a referral source."""
    if contact.stage is Stage.REFERRAL_SOURCE or tagged(contact, (REFERRAL_SOURCE,)):
        return True
    if count_or_one(contact.fields.get("referrals_sent", "")) > 0:
        return True
    return contact.id in s.once(_sources) or folded(contact.name) in s.once(_names)


def _sources(s: Snapshot) -> frozenset[int]:
    return frozenset(entry.source_id for entry in referral_log.entries(s))


def _names(s: Snapshot) -> frozenset[str]:
    """Return the names of all sources in the referral log and in leads' records."""
    named = [entry.source_name for entry in referral_log.entries(s)]
    named += [name for contact in s.contacts.values() for name in people_by_name.claims(contact)]
    return frozenset(folded(referral_log.bare(name)) for name in named)


def started(s: Snapshot, contact: Contact) -> date | None:
    """Return the first known day of Do Not Contact by stage or tag, or None.

    An unsubscription is recorded in the same field, and does not start the two years (X-65).
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
