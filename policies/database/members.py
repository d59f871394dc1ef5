"""Whose records the database procedure keeps in order: visible, not in the Trash, the agent's own, not to be left alone (X-57)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from policies.model import Contact, Deal
from policies.snapshot import Snapshot


def kept(s: Snapshot) -> Sequence[Contact]:
    """Everyone whose record is kept, in id order, once a snapshot."""
    return s.once(_kept)


def _kept(s: Snapshot) -> Sequence[Contact]:
    return tuple(contact for contact in s.once(_own) if not contact.trashed)


def in_trash(s: Snapshot) -> Sequence[Contact]:
    """Whose records are in the Trash, the agent's own, in id order."""
    return tuple(contact for contact in s.once(_own) if contact.trashed)


def _own(s: Snapshot) -> Sequence[Contact]:
    agent, everyone = s.practice.agent_id, not s.practice.assigned_only
    on_deals = {i for deal in s.deals.values() if agent in deal.user_ids for i in deal.person_ids}
    return tuple(contact for _, contact in sorted(s.contacts.items())
                 if (everyone or contact.assigned_user_id == agent or contact.id in on_deals) and not s.left_alone(contact))


def added(s: Snapshot, contact: Contact) -> date | None:
    """The local day the contact was added to the CRM."""
    return contact.created.astimezone(s.now.tzinfo).date() if contact.created else None


def open_deals(s: Snapshot, contact: Contact) -> Sequence[Deal]:
    """The contact's deals that are neither closed nor deleted."""
    return s.once(_open_deals).get(contact.id, ())


def _open_deals(s: Snapshot) -> dict[int, list[Deal]]:
    found: dict[int, list[Deal]] = {}
    for _, deal in sorted(s.deals.items()):
        if deal.closed is False and not deal.deleted:
            for person_id in deal.person_ids:
                found.setdefault(person_id, []).append(deal)
    return found
