"""The agent's own contacts, and those of them whose records the database procedure keeps in order:
not in the Trash, not to be left alone (MS-16, X-57).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from policies.facts.signs import contact_signs
from policies.world.model import Contact
from policies.world.snapshot import Snapshot


def kept(s: Snapshot) -> Sequence[Contact]:
    """Everyone whose record is kept, in id order, once a snapshot."""
    return s.once(_kept)


def _kept(s: Snapshot) -> Sequence[Contact]:
    return tuple(contact for contact in s.once(_own) if not contact.trashed)


def in_trash(s: Snapshot) -> Sequence[Contact]:
    """The agent's own contacts in the Trash, in id order."""
    return tuple(contact for contact in s.once(_own) if contact.trashed)


def _own(s: Snapshot) -> Sequence[Contact]:
    ours = (contact for _, contact in sorted(s.contacts.items()) if agents_own(s, contact))
    return tuple(contact for contact in ours if not left_alone(s, contact))


def left_alone(s: Snapshot, contact: Contact) -> bool:
    """Tell whether Steward keeps off this record: people asked so by tag, or a pilot is on and the
    contact is not in it (rule 17).
    """
    return contact_signs.skipped(s, contact) or contact_signs.outside_pilot(s, contact)


def agents_own(s: Snapshot, contact: Contact) -> bool:
    """Whether this is the agent's own contact: assigned to the agent, or on a deal that names the
    agent (MS-16, X-57); in `scope = "account"` everybody is.

    A deal that was deleted makes nobody the agent's.
    """
    return (
        not s.practice.assigned_only
        or contact.assigned_user_id == s.practice.agent_id
        or contact.id in s.once(_on_own_deals)
    )


def _on_own_deals(s: Snapshot) -> frozenset[int]:
    found = set[int]()
    for deal in s.deals.values():
        if s.practice.agent_id in deal.user_ids and not deal.deleted:
            found.update(deal.person_ids)
    return frozenset(found)


def added(s: Snapshot, contact: Contact) -> date | None:
    """The local day the contact was added to the CRM."""
    return contact.created.astimezone(s.now.tzinfo).date() if contact.created else None
