"""Which address or number a message has to go to, where the first one at hand is the wrong one: it
is also that of somebody who opted out, or it does not work (X-64, MS-47).

People send by the CRM or a tool, which take the first. The words stand at the beginning of a task's
name, because its end may be cut off. A reach stands in the CRM's tasks and nowhere in a log.
"""

from __future__ import annotations

from collections.abc import Sequence

from policies.facts.contact_permission import Way, usable
from policies.facts.signs import shared_reach
from policies.values.names import one_line
from policies.world.model import Contact, Reach
from policies.world.snapshot import Snapshot

SHORT = 40
"""Characters of an address that leave room for what the task is about."""
ANOTHER = "another address or number of theirs has to be used"
_ONLY = "Only to "


def to_use(s: Snapshot, contact: Contact, way: Way) -> str:
    """Where the message has to go, such as ``Only to own@example.org: ``; "" where the first
    address or number is as good as any, or none works.
    """
    reaches = _reaches(contact, way)
    good = [reach for reach in reaches if usable(s, contact, reach)]
    if not good or not _matters(s, contact, reaches, good):
        return ""
    value = one_line(good[0].value)
    if len(value) <= SHORT:
        return f"{_ONLY}{value}: "
    what = "phone number" if way is Way.TEXT else "e-mail address"
    return f"Not to the first {what} on the record, but to the next that works: "


def misdirected(s: Snapshot, contact: Contact, way: Way, name: str) -> bool:
    """Tell whether a task of this *name*, in Steward's own words, leads to an address or number
    that is not to be used, or leaves open which one is.
    """
    if "the approved " not in name:
        return False  # a person reworded it
    if wanted := to_use(s, contact, way):
        return not name.startswith(wanted)
    named, colon, _ = name.removeprefix(_ONLY).partition(": ")
    if not name.startswith(_ONLY) or not colon:
        return False
    good = (one_line(r.value) for r in _reaches(contact, way) if usable(s, contact, r))
    return named not in good


def _reaches(contact: Contact, way: Way) -> Sequence[Reach]:
    return {Way.EMAIL: contact.emails, Way.TEXT: contact.phones}.get(way, ())


def _matters(
    s: Snapshot, contact: Contact, reaches: Sequence[Reach], good: Sequence[Reach]
) -> bool:
    """Whether somebody could take the wrong one: the first, or one that others are reached by."""
    return reaches[0] is not good[0] or any(shared_reach.barred(s, contact, r) for r in reaches)
