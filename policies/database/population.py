"""Whose records the database procedure is about (X-57), and who is left alone."""

from __future__ import annotations

from policies.model import Contact
from policies.snapshot import Snapshot


def population(s: Snapshot) -> frozenset[int]:
    """The ids of every contact the procedure is about: not in the Trash, not left alone, and the agent's own unless the whole
    account is in scope."""
    agent = s.practice.agent_id
    named = {i for deal in s.deals.values() if agent in deal.user_ids for i in deal.person_ids} if s.practice.assigned_only else set[int]()
    return frozenset(c.id for c in s.contacts.values() if not c.trashed and not s.left_alone(c) and (
        not s.practice.assigned_only or c.assigned_user_id == agent or c.id in named))


def opted_out(s: Snapshot, contact: Contact) -> bool:
    """Whether nothing may go to this contact any more, by their own word or because they died."""
    return s.do_not_contact(contact) or s.deceased(contact)
