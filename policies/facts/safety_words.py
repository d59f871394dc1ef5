"""Words close to a safety word, and deaths told in words (X-66)."""

from __future__ import annotations

from policies.world.model import Contact
from policies.world.snapshot import Snapshot


def near_tags(s: Snapshot, contact: Contact) -> tuple[str, ...]:  # noqa: ARG001
    """Return the tags of *contact* that come close to a safety word, as the CRM spells them."""
    return ()


def said_deceased(s: Snapshot, contact: Contact) -> str:  # noqa: ARG001
    """Say where a note, the name or the background of *contact* calls them deceased; "" if none."""
    return ""
