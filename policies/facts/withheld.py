"""What keeps every draft to a contact back until the agent has seen to it, whatever the draft is
for (DB-44, X-34).
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.facts.same_person.conflicts import held
from policies.facts.suppression import suppressed
from policies.world.model import Contact
from policies.world.snapshot import Snapshot

REMOVED = (
    "X-34: this address or number was removed as Do Not Contact before; write only to who asked to"
    " hear from you again"
)


def withheld(s: Snapshot, contact: Contact) -> Iterator[str]:
    """Each reason as a question to the agent, with its clause."""
    if because := s.once(held).get(contact.id):
        yield f"DB-44: {because}"
    if suppressed(s).knows(contact):
        yield REMOVED
