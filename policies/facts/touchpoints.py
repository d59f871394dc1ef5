"""When somebody was last in touch with a contact, by either side (X-29).

Seen are the CRM's own last call, text and personal e-mail either way, the notes people write, and
our send and card tasks that somebody completed. Other tasks, bulk mail, action-plan mail and what
Steward writes are no touchpoints.
"""

from __future__ import annotations

from datetime import date, datetime

from policies.asks.episodes import ARRANGE, parsed
from policies.facts.ownership import added
from policies.world.model import Contact, Task
from policies.world.snapshot import Snapshot

SENDING = frozenset({"Email", "Text", "Thank You"})
"""Kinds of our tasks whose completion means that something went out."""


def last_touch(s: Snapshot, contact: Contact) -> date | None:
    """The local day of the latest touchpoint; None where none is recorded."""
    heard = [c.at for c in (*contact.inbound, *contact.outbound)]
    heard += [
        at
        for at in (
            contact.last_communication,
            s.once(_sent).get(contact.id),
            s.noted.get(contact.id),
        )
        if at
    ]
    return max(heard).astimezone(s.now.tzinfo).date() if heard else None


def _sent(s: Snapshot) -> dict[int, datetime]:
    """When a send or card task of ours on a contact was last completed."""
    found: dict[int, datetime] = {}
    for tasks in s.own_tasks.values():
        for task in tasks:
            if task.completed and not task.withdrawn and task.completed_at and _sends(task):
                found[task.person_id] = max(
                    task.completed_at, found.get(task.person_id, task.completed_at)
                )
    return found


def _sends(task: Task) -> bool:
    episode = parsed(task.key.base.episode) if task.key else None
    return task.kind in SENDING or bool(episode and episode[2] == ARRANGE)


def quiet_days(s: Snapshot, contact: Contact, on: date) -> int | None:
    """Days without a touchpoint as of *on*, counted from the last one, or from the day the contact
    was added where there is none.

    None where neither is known: of such a record nothing can be said.
    """
    since = last_touch(s, contact) or added(s, contact)
    return (on - since).days if since else None
