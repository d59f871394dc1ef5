"""Why the referral rules say nothing about somebody today (`steward explain`)."""

from __future__ import annotations

from collections.abc import Iterator

from policies.facts import people_by_name
from policies.referrals.baseline import begun, signalled
from policies.referrals.outcome import outcome_of
from policies.referrals.referral import by_lead, day_received, referrals
from policies.referrals.thanking.evidence import thanked
from policies.world.calendar import american
from policies.world.model import Contact
from policies.world.snapshot import Snapshot


def silence(s: Snapshot, contact: Contact) -> Iterator[str]:
    """Everything that is known about them as a lead and as a source."""
    r = by_lead(s).get(contact.id)
    if r:
        thanks = thanked(s, r) or "not thanked yet"
        yield (
            f"referred by {r.source_name or 'somebody not named'} on {american(day_received(r))}:"
            f" {outcome_of(s, r).word}; {thanks}"
        )
    elif signalled(contact) and contact.id in begun(s).leads:
        yield "referred before Steward began: history, which nobody is thanked for"
    elif signalled(contact) and not people_by_name.in_scope(s, contact):
        yield 'referred, but not the agent\'s lead (scope = "assigned")'
    sent = sum(one.source is not None and one.source.id == contact.id for one in referrals(s))
    if sent:
        yield f"sent {sent} since Steward began"
    if not r and not sent and not signalled(contact):
        yield "neither referred nor known to have sent anybody"
