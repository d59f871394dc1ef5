"""Whether the day in `Do Not Contact Since` still says anything: the agent may have taken back what
led to it (X-33, X-65).
"""

from __future__ import annotations

from datetime import date

from policies.facts.permission_answers import corrected
from policies.facts.signs.sign_memory import LIFTED, remembered
from policies.world.model import Contact, Key
from policies.world.snapshot import Snapshot

RULE = "DB-34"
SINCE, ENDED = "since", "ended"
"""The episodes of writing the day and of clearing it."""


def step_key(s: Snapshot, contact: Contact, step: str) -> Key:
    """Return the key of a step; a contact can become Do Not Contact again after it has ended."""
    ended = sum(mark.startswith(f"{RULE} p{contact.id} {ENDED}") for mark in s.written)
    return Key(RULE, f"p{contact.id}", step).life(ended + 1)


def taken_back(s: Snapshot, contact: Contact, held: str) -> bool:
    """Tell whether the agent took back what led to the day *held* in the field: they said after it
    that the person may be contacted again, or corrected the answer that Steward wrote it for.
    """
    lifted = remembered(s).get(contact.id, {}).get(LIFTED)
    if lifted is not None and not _is_later(held, lifted):
        return True
    return str(step_key(s, contact, SINCE)) in s.written and corrected(s, contact)


def _is_later(held: str, day: date) -> bool:
    """Whether the field holds a day after *day*: somebody set it anew. What is no date, is not."""
    try:
        return date.fromisoformat(held[:10]) > day
    except ValueError:
        return False
