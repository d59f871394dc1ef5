"""Whose records the database procedure is about (X-57), and who is left alone."""

from __future__ import annotations

from policies.facts.ownership import kept
from policies.world.model import Contact
from policies.world.snapshot import Snapshot


def population(s: Snapshot) -> frozenset[int]:
    """The ids of every contact the procedure is about: not in the Trash, not left alone, and the
    agent's own unless the whole account is in scope.
    """
    return frozenset(contact.id for contact in kept(s))


def opted_out(s: Snapshot, contact: Contact) -> bool:
    """Whether nothing may go to this contact any more, by their own word or because they died."""
    return s.do_not_contact(contact) or s.deceased(contact)
