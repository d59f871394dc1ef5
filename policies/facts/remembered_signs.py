"""Opt-outs and deaths that were seen before and are remembered (X-65)."""

from __future__ import annotations

from policies.world.model import Contact
from policies.world.snapshot import Snapshot


def seen_before(s: Snapshot, contact: Contact) -> str:  # noqa: ARG001
    """Say which safety sign of *contact* was seen before, in words; "" if none was."""
    return ""


def unreadable(s: Snapshot, contact: Contact) -> str:  # noqa: ARG001
    """Say what of the record could not be read in this pass, in words; "" if all of it could."""
    return ""
