"""The contact on whose record a task stands that is about the whole log and about nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from policies.facts.contact_permission import Way, refusal
from policies.facts.ownership import left_alone
from policies.referrals.log.log_after_pass import entries
from policies.world.model import Contact, Key, Task
from policies.world.snapshot import Snapshot


def stands(s: Snapshot, key: Key) -> Task | None:
    """Return the life of a task that stands: a person did it, or it is open on a contact who is not
    gone.
    """
    lives = s.lives(key)
    open_ = (t for t in lives if not t.completed and f"p{t.person_id}" not in s.gone)
    return next((t for t in lives if t.done), None) or next(open_, None)


def contact_for(s: Snapshot, key: Key) -> tuple[int, str]:
    """Return the contact on whose record a task stands, or is to stand; or 0, and why there is
    none.
    """
    if task := stands(s, key):
        return task.person_id, ""
    own = s.contacts.get(s.practice.own_contact)
    if own and not own.trashed and not left_alone(s, own):
        return own.id, ""
    if leads := [(day, number) for day, number in _leads(s) if _fit(s, s.contacts.get(number))]:
        return max(leads)[1], ""
    return (
        0,
        (
            "no task says so: no lead of the log is a contact that can be seen, and"
            " crm.test_contact names none of the agent's own"
        ),
    )


def _leads(s: Snapshot) -> Iterator[tuple[date, int]]:
    """The leads of the log. A task about it never sits on a source's record (X-44)."""
    sources = {entry.source_id for entry in entries(s)}
    for entry in entries(s):
        if entry.day and entry.lead_id not in sources:
            yield entry.day, entry.lead_id


def _fit(s: Snapshot, contact: Contact | None) -> bool:
    return contact is not None and not refusal(s, contact, Way.TOUCH)
