"""For whom a row about a household is, where it was put up for another of its people (X-81).

The cell Client stays as it was first written and belongs to people, so that the Status says it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from policies.asks import approvals
from policies.asks.wants import Finding, WantRow
from policies.facts.same_person import merges
from policies.milestones.homes import is_former_client
from policies.values.names import one_line
from policies.world.model import Contact, Deal, Key, Task
from policies.world.snapshot import Snapshot

_AGREED = (approvals.APPROVED, approvals.ARRANGED, approvals.ANSWERED, *approvals.FINAL)
"""Statuses (or their prefixes) of a row that waits for nobody."""


def addressed(
    s: Snapshot, row: Finding, contact: Contact, asked: Iterable[Task] = (), what: str = "It"
) -> Finding:
    """Say in the Status of *row* that *what* is for *contact* now, where its Client is another one.

    That is somebody else on the deal, such as the first owner after a death, or a former client:
    *asked* are the tasks about the same matter, in id order, which stand on them. A new name is the
    same person.
    """
    assert isinstance(row.want, WantRow)
    known, key = approvals.read(s.workbook, row.want.ref), Key.parse(row.want.ref)
    deal = s.deal_by(key.subject) if key else None
    named, name = known.row.text("Client") if known else "", one_line(contact.name)
    status = str(row.want.keep.get("Status", ""))
    if deal is None or named in {"", name} or not status or status.startswith(_AGREED):
        return row
    tasks = tuple(asked)
    former = any(is_former_client(s, deal, task.person_id) for task in tasks)
    if not (former or _began_with_another(s, contact, tasks) or _named(s, deal, contact, named)):
        return row  # at most they have another name now
    said = f"{status}. {what} is for {contact.name} now, not {named}"
    return replace(row, want=replace(row.want, keep={**row.want.keep, "Status": said}))


def _began_with_another(s: Snapshot, contact: Contact, tasks: Sequence[Task]) -> bool:
    """Whether the first of *tasks* stands on somebody else, whatever they are called now."""
    return bool(tasks) and _is_another(s, tasks[0].person_id, contact)


def _named(s: Snapshot, deal: Deal, contact: Contact, name: str) -> bool:
    """Whether somebody else on *deal* has this name."""
    others = (i for i in deal.person_ids if i in s.contacts and _is_another(s, i, contact))
    return any(one_line(s.contacts[i].name) == name for i in others)


def _is_another(s: Snapshot, person_id: int, contact: Contact) -> bool:
    """Whether this is not *contact*; somebody who was merged is the contact they became."""
    now = merges.current(s, person_id)
    return (now.id if now else person_id) != contact.id
