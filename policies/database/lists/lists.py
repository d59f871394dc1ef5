"""The members of a campaign list, and the contacts who are never in one (DB-36, DB-37, DB-38).

No list has anybody who is Do Not Contact, opted out, deceased, suppressed, left alone, in the
Trash, or somebody else's client. The same is true of people whose address or number belongs also to
somebody who asked not to be contacted.
"""

from __future__ import annotations

import difflib
import hashlib
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from policies.database.lists.campaigns import Campaign, out_of_place
from policies.database.lists.segments import Segment
from policies.facts.contact_permission import OPT_OUT_SIGNS, Way, reason_against, usable
from policies.facts.people_by_name import meant
from policies.facts.referral_log import CLOSED, entries
from policies.facts.signs import opt_out_feed
from policies.facts.suppression import NO_KEY, suppressed
from policies.facts.touchpoints import quiet_days
from policies.values.names import folded
from policies.world.model import Address, Contact
from policies.world.snapshot import Snapshot

TALLEST = 15_000
"""Contacts that a tab takes: one request to the Sheet holds no more."""
LARGEST = 100_000
"""Contacts that a file takes: a longer list is no segment."""
HEADER = ("First Name", "Last Name", "Email", "Street", "City", "State", "ZIP", "Contact")
WITH_PHONES = (*HEADER, "Phone")


@dataclass(frozen=True, slots=True)
class Pulled:
    """A list: its members in id order, and how many of the segment were left out, by reason.

    `matching` counts the segment before anybody was left out.
    """

    members: tuple[Contact, ...]
    left_out: Mapping[str, int]
    matching: int

    @property
    def digest(self) -> str:
        """The 16 hex digits that bind the agent's answer to exactly these contacts."""
        return hashlib.sha256(",".join(str(c.id) for c in self.members).encode()).hexdigest()[:16]

    @property
    def opted_out(self) -> int:
        """The number of contacts left out because they opted out in any way."""
        return sum(self.left_out.get(sign, 0) for sign in OPT_OUT_SIGNS)

    @property
    def out(self) -> str:
        """The contacts left out, in words, as counts by reason; "" for nobody."""
        return ", ".join(f"{count:,} {reason}" for reason, count in sorted(self.left_out.items()))


def pull(s: Snapshot, segment: Segment, campaign: Campaign | None = None) -> Pulled:
    """Pull the list of *segment*; without a campaign nobody is out of place in it."""
    members: list[Contact] = []
    left_out: Counter[str] = Counter()
    matching = _matching(s, segment)
    for contact in matching:
        reason = excluded(s, contact)
        if campaign and not reason:
            reason = out_of_place(s, contact, campaign)
        if reason:
            left_out[reason] += 1
        else:
            members.append(contact)
    return Pulled(tuple(members), left_out, len(matching))


def _matching(s: Snapshot, segment: Segment) -> list[Contact]:
    """Return the contacts of the segment in id order, before anybody is left out."""
    belongs = segment.matcher()
    found = [c for c in s.contacts.values() if not c.trashed and belongs(c)]
    return sorted((c for c in found if _history(s, segment, c)), key=lambda c: c.id)


def _history(s: Snapshot, segment: Segment, contact: Contact) -> bool:
    """Tell whether the contact's history matches the segment (DB-02).

    It asks for days without a touchpoint, and for referrals that closed.
    """
    if segment.quiet:
        days = quiet_days(s, contact, s.today)
        if days is None or days < segment.quiet:
            return False
    return not segment.sent_closed or contact.id in _sent_closed(s, segment.sent_closed)


def _sent_closed(s: Snapshot, year: int) -> frozenset[int]:
    """Return every contact whose referral closed in *year* by the log.

    A name that several contacts have counts for nobody.
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
    """Return a number of contacts in words."""
    return f"{number:,} contact{'' if number == 1 else 's'}"


def unready(s: Snapshot) -> str:
    """Return why no list can be pulled until somebody fixes it, or "".

    The contacts to leave out must be known for certain.
    """
    return suppressed(s).unready


def unread(s: Snapshot, segment: Segment) -> str:
    """Return why the contacts of this segment are not known at the moment, or "".

    A source that it needs could not be read completely, or new unsubscribes are not visible.
    """
    if lacking := sorted(segment.needs - s.complete):
        return f"the CRM or the Sheet could not be read whole: {', '.join(lacking)}"
    return opt_out_feed.unseen(s)


def unchecked(s: Snapshot) -> str:
    """Return a warning to the agent about the suppression list, or ""."""
    return "" if s.practice.suppression_key else f"Nobody can be suppressed yet: {NO_KEY}"


def excluded(s: Snapshot, contact: Contact) -> str:
    """Return why this contact is in no list for any purpose, or "" (X-64)."""
    reason = reason_against(s, contact, Way.LIST)
    return reason.sign if reason else ""


def cells(s: Snapshot, contact: Contact, *, phones: bool) -> tuple[str, ...]:
    """Return one line of the list, under `HEADER` or `WITH_PHONES`. A number that is not to be
    texted or called is left out (X-64).
    """
    first = contact.addresses[0] if contact.addresses else Address()
    home = next((a for a in contact.addresses if a.kind.casefold() == "home"), first)
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
    if reason_against(s, contact, Way.TEXT):
        return (*line, "")
    phone = next((r.value.strip() for r in contact.phones if usable(s, contact, r)), "")
    return (*line, phone)


def places(s: Snapshot) -> Collection[str]:
    """Return all names of places: the agent's city, the configured areas, cities and ZIP codes.

    The cities and ZIP codes are those of all contacts' addresses.
    """
    return s.once(_places)


def _places(s: Snapshot) -> frozenset[str]:
    found = {s.practice.city, *s.practice.database.geographic_areas}
    for contact in s.contacts.values():
        for address in contact.addresses:
            found |= {address.city, address.code}
    return frozenset(name for name in found if name)


def never_seen(s: Snapshot, segment: Segment) -> tuple[str, ...]:
    """List the tags of *segment* that no contact has, each with a similar one (DB-43).

    They show that a segment was set up wrong.
    """
    known = s.once(_known_tags)
    found = []
    for tag in segment.every_tag:
        if folded(tag) not in known:
            close = difflib.get_close_matches(tag, known.values(), 1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            found.append(f"no contact carries the tag {tag!r}{hint}")
    return tuple(found)


def _known_tags(s: Snapshot) -> Mapping[str, str]:
    return {folded(tag): tag for c in s.contacts.values() if not c.trashed for tag in c.tags}
