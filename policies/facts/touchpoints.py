"""When somebody was last in touch with a contact, by either side (X-29).

The CRM's own last call, text and personal email count, either way, and so do the notes that people
write. `OWN_TASKS` says which of Steward's own tasks count once a person completed them. Bulk mail,
action-plan mail and Steward's own writes are no touchpoints.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from policies.asks.episodes import ARRANGE, SEND, parsed
from policies.facts.ownership import added
from policies.world.model import Contact, Task
from policies.world.snapshot import Snapshot

SENDING = frozenset({"Email", "Text", "Thank You"})
"""Types of a CRM task by which something goes out."""


@dataclass(frozen=True, slots=True)
class OwnTask:
    """A kind of Steward's own tasks: the procedure of its key, whether its completion is a
    touchpoint with the contact it sits on, and why. `step` and `types` narrow it to a step of the
    episode and to types of the CRM task; empty means any.
    """

    procedure: str
    because: str
    counts: bool = False
    step: str = ""
    types: frozenset[str] = frozenset()


OWN_TASKS = (
    OwnTask("MS", "what was approved went out to them", counts=True, step=SEND, types=SENDING),
    OwnTask("MS", "the agent did something of their own", counts=True, step=ARRANGE),
    OwnTask("MS", "it reminds or asks the agent or the VA"),
    OwnTask("RF", "it is about the source, and sits on the lead's record (X-44)"),
    OwnTask("DB", "it asks the agent or the VA; the CRM itself logs the call that follows"),
)
"""Every kind of Steward's own tasks; the first line that fits a task decides whether it is a
touchpoint with the contact it sits on.
"""


def last_touch(s: Snapshot, contact: Contact) -> date | None:
    """The local day of the latest touchpoint; None where none is recorded."""
    task, note = s.once(_completed).get(contact.id), s.noted.get(contact.id)
    known = [at for at in (contact.last_communication, task, note) if at]
    known += [message.at for message in (*contact.inbound, *contact.outbound)]
    return max(known).astimezone(s.now.tzinfo).date() if known else None


def _completed(s: Snapshot) -> Mapping[int, datetime]:
    """When an own task that counts was last completed, by contact."""
    found: dict[int, datetime] = {}
    for task in s.tasks:
        if task.completed_at and is_touchpoint(task):
            known = found.get(task.person_id, task.completed_at)
            found[task.person_id] = max(task.completed_at, known)
    return found


def is_touchpoint(task: Task) -> bool:
    """Whether a person completed this own task, and that was a touchpoint with its contact."""
    if task.key is None or not task.completed or task.withdrawn:
        return False
    kind = own_task(task)
    return kind is not None and kind.counts


def own_task(task: Task) -> OwnTask | None:
    """The line of `OWN_TASKS` that fits *task*; None for a task that is not Steward's."""
    if task.key is None:
        return None
    procedure = task.key.rule.partition("-")[0]
    episode = parsed(task.key.base.episode)
    step = episode[2] if episode else ""
    for kind in OWN_TASKS:
        fits = kind.step in {"", step} and (not kind.types or task.kind in kind.types)
        if kind.procedure == procedure and fits:
            return kind
    return None


def quiet_days(s: Snapshot, contact: Contact, on: date) -> int | None:
    """Days without a touchpoint as of *on*, or since the contact was added; None where neither day
    is known.
    """
    since = last_touch(s, contact) or added(s, contact)
    return (on - since).days if since else None
