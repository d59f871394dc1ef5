"""Records that are gone: which ones a key is about, and why what was asked about them ends (X-81).

One pass that does not show a contact or a deal proves nothing. `Snapshot.gone` names those that
complete lists lacked in two passes, some time apart (X-87). A record that is hidden from Steward's
key, or was given to another agent, cannot be told from a deleted one, and the texts say so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.world.model import Key, Task
from policies.world.snapshot import Snapshot

NO_CONTACT = "their record is no longer in the CRM, or hidden from Steward"
NO_DEAL = "the deal is no longer in the CRM, or hidden from Steward"
OF_THE_PERSON = frozenset({"MS-46", "MS-47", "MS-49"})
"""Rules whose tasks are about the person they stand on, whatever happens to the deal or the record
that their key names: a client who wrote waits for an answer, and an address stays wrong.
"""
_PAIR = re.compile(r"p(\d+)x(\d+)")
_RECORD = re.compile(r"[pd]\d+")
_IN_EPISODE = re.compile(r"[pd]\d+(?=[-.]|$)")


def records_of(key: Key) -> Iterator[str]:
    """Yield the contacts and deals that a key is about, as subjects (``p101``, ``d812``).

    They are the subject, both contacts of a pair, and the record that an episode begins with, as
    in ``MS-25 p101 d812-20261218``.
    """
    if pair := _PAIR.fullmatch(key.subject):
        yield from (f"p{number}" for number in pair.groups())
    elif _RECORD.fullmatch(key.subject):
        yield key.subject
    if named := _IN_EPISODE.match(key.episode):
        yield named.group()


def records_under(task: Task) -> tuple[str, ...]:
    """Return the records that a task of ours needs: the one it stands on, and those in its key."""
    stands_on = f"p{task.person_id}"
    if task.key is None or task.key.rule in OF_THE_PERSON:
        return (stands_on,)
    return (stands_on, *records_of(task.key))


def is_absent(s: Snapshot, record: str) -> bool:
    """Tell whether this pass does not show a record.

    A deal that is there counts as absent while nobody on it can be seen: nothing about it can be
    asked of anybody.
    """
    deal = s.deal_by(record)
    if deal is None:
        return s.contact_by(record) is None
    return not any(person_id in s.contacts for person_id in deal.person_ids)


def gone(s: Snapshot, key: Key) -> str:
    """Return why what was asked under *key* ends, "" while its records are there."""
    return because(s, next((record for record in records_of(key) if record in s.gone), ""))


def undone(s: Snapshot, key: Key) -> bool:
    """Tell whether a task was made, and nobody did it: every life of it was withdrawn, or stands on
    a contact who is gone. While what led to it still counts, it is wanted again.
    """
    lives = s.lives(key)
    lost = (t.withdrawn or (not t.completed and f"p{t.person_id}" in s.gone) for t in lives)
    return bool(lives) and all(lost)


def because(s: Snapshot, record: str) -> str:
    """Return the sentence about a record of `Snapshot.gone`, "" for no record."""
    if not record:
        return ""
    return NO_DEAL if record.startswith("d") and s.deal_by(record) is None else NO_CONTACT
