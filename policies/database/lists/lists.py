"""Who is in a campaign list, and who never is (DB-36, DB-37, DB-38).

Do Not Contact, opted out, deceased, suppressed, left alone, in the Trash, or somebody else's
client: none of them is in any list, whatever the definition says; neither is whoever is reached
through the address or number of one who asked not to be.
"""

from __future__ import annotations

import difflib
import hashlib
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from policies.database.lists.campaigns import Campaign, out_of_place
from policies.database.lists.segments import Segment
from policies.facts import opt_out_feed
from policies.facts.contact_permission import OPT_OUT_SIGNS, Way, reason_against, usable
from policies.facts.people_by_name import meant
from policies.facts.referral_log import CLOSED, entries
from policies.facts.suppression import NO_KEY, suppressed
from policies.facts.touchpoints import quiet_days
from policies.world.model import Address, Contact, folded
from policies.world.snapshot import Snapshot

TALLEST = 15_000
"""Contacts that a tab takes: one request to the Sheet holds no more."""
LARGEST = 100_000
"""Contacts that a file takes: a longer list is no segment."""
HEADER = ("First Name", "Last Name", "Email", "Street", "City", "State", "ZIP", "Contact")
WITH_PHONES = (*HEADER, "Phone")


@dataclass(frozen=True, slots=True)
class Pulled:
    """A list: its members in id order, and how many of the segment were left out, by the reason.

    `matching` counts the segment before anybody was left out.
    """

    members: tuple[Contact, ...]
    left_out: Mapping[str, int]
    matching: int

    @property
    def digest(self) -> str:
        """What binds the agent's word to exactly these contacts: 16 hex digits of their ids."""
        return hashlib.sha256(",".join(str(c.id) for c in self.members).encode()).hexdigest()[:16]

    @property
    def opted_out(self) -> int:
        """How many were left out because they opted out, in whatever way."""
        return sum(self.left_out.get(sign, 0) for sign in OPT_OUT_SIGNS)

    @property
    def out(self) -> str:
        """Who was left out, in words; "" for nobody."""
        return ", ".join(f"{count:,} {reason}" for reason, count in sorted(self.left_out.items()))


def pull(s: Snapshot, segment: Segment, campaign: Campaign | None = None) -> Pulled:
    """The list of *segment*; without a campaign nobody is out of place in it."""
    belongs = segment.matcher()
    matching = sorted(
        (
            c
            for c in s.contacts.values()
            if not c.trashed and belongs(c) and _history(s, segment, c)
        ),
        key=lambda c: c.id,
    )
    reasons = {
        c.id: excluded(s, c) or (out_of_place(s, c, campaign) if campaign else "") for c in matching
    }
    return Pulled(
        tuple(c for c in matching if not reasons[c.id]),
        Counter(reason for reason in reasons.values() if reason),
        len(matching),
    )


def _history(s: Snapshot, segment: Segment, contact: Contact) -> bool:
    """Whether what was is as the segment asks: how long nobody was in touch, what their referrals
    came to (DB-02).
    """
    if segment.quiet and (
        (days := quiet_days(s, contact, s.today)) is None or days < segment.quiet
    ):
        return False
    return not segment.sent_closed or contact.id in _sent_closed(s, segment.sent_closed)


def _sent_closed(s: Snapshot, year: int) -> frozenset[int]:
    """Every contact whose referral closed in *year*, by the log; a source that nobody can be
    certain of is nobody.
    """
    return s.once(_closings_sent).get(year, frozenset())


def _closings_sent(s: Snapshot) -> Mapping[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    for entry in entries(s):
        if entry.outcome == CLOSED and (day := entry.ended_on):
            named = frozenset({entry.source_id}) if entry.source_id else meant(s, entry.source)
            found.setdefault(day.year, set()).update(named if len(named) == 1 else ())
    return {year: frozenset(ids) for year, ids in found.items()}


def counted(number: int) -> str:
    """*number* of contacts, in words."""
    return f"{number:,} contact{'' if number == 1 else 's'}"


def unready(s: Snapshot) -> str:
    """Why no list can be pulled until somebody mends it, or "": who is out must be known for
    certain.
    """
    return suppressed(s).unready


def unread(s: Snapshot, segment: Segment) -> str:
    """Say why this segment cannot be told just now, or "": something it asks for could not be read
    whole, or new unsubscribes are not visible.
    """
    if lacking := sorted(segment.needs - s.complete):
        return f"the CRM or the Sheet could not be read whole: {', '.join(lacking)}"
    return opt_out_feed.unseen(s)


def unchecked(s: Snapshot) -> str:
    """What the agent should know about the suppression list, or ""."""
    return "" if s.practice.suppression_key else f"Nobody can be suppressed yet: {NO_KEY}"


def excluded(s: Snapshot, contact: Contact) -> str:
    """Why this contact is in no list whatever it is for, or "" (X-64)."""
    reason = reason_against(s, contact, Way.LIST)
    return reason.sign if reason else ""


def cells(s: Snapshot, contact: Contact, *, phones: bool) -> tuple[str, ...]:
    """One line of the list, under `HEADER` or `WITH_PHONES`."""
    home = next(
        (a for a in contact.addresses if a.kind.casefold() == "home"),
        contact.addresses[0] if contact.addresses else Address(),
    )
    email = next((r.value.strip() for r in contact.emails if usable(s, contact, r)), "")
    line = (
        contact.first_name,
        contact.last_name,
        email,
        home.street,
        home.city,
        home.state,
        home.code,
        str(contact.id),
    )
    if not phones:
        return line
    phone = next((r.value.strip() for r in contact.phones if usable(s, contact, r)), "")
    return (*line, phone)


def places(s: Snapshot) -> Collection[str]:
    """Names that are places here: the agent's city, the areas that were configured, and every city
    and ZIP code of an address.
    """
    return s.once(_places)


def _places(s: Snapshot) -> frozenset[str]:
    own = (s.practice.city, *s.practice.database.geographic_areas)
    found = {*own} | {
        part for c in s.contacts.values() for a in c.addresses for part in (a.city, a.code)
    }
    return frozenset(name for name in found if name)


def never_seen(s: Snapshot, segment: Segment) -> tuple[str, ...]:
    """The tags of *segment* that no contact carries, each with what comes near it: how a set-up
    error shows (DB-43).
    """
    known = s.once(_known_tags)
    return tuple(
        f"no contact carries the tag {tag!r}"
        + (
            f"; did you mean {close[0]!r}?"
            if (close := difflib.get_close_matches(tag, known.values(), 1))
            else ""
        )
        for tag in segment.every_tag
        if folded(tag) not in known
    )


def _known_tags(s: Snapshot) -> Mapping[str, str]:
    return {folded(tag): tag for c in s.contacts.values() if not c.trashed for tag in c.tags}
