"""A source that turned out to be another one after somebody was asked to thank the first (RF-02,
RF-08).

The name of a task, in Steward's own words, tells which source it is about. A source with a new name
stays the same one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.asks import approvals
from policies.asks.followup import Matter, close
from policies.asks.wants import Finding
from policies.facts import people_by_name
from policies.facts.same_person import merges
from policies.referrals.referral import Referral
from policies.world.model import Key, Task
from policies.world.snapshot import Snapshot

_NAMED = re.compile(
    r"\b(?:Thank (?P<prompt>.+) for referring |(?:Text|E-mail) (?P<send>.+) the approved |"
    r"to (?P<order>.+?)(?:, once its words| \(see Approvals\)))"
)
_OF_A_SOURCE = {"RF-08": "thanks", "RF-13": "send-", "RF-31": "card"}
"""The tasks on the lead's record that are about thanking one source, by rule, and how their
episodes begin.
"""
_ASKED = ("RF-13 {} draft", "RF-31 {} text")


def anothers(s: Snapshot, r: Referral, task: Task) -> bool:
    """Whether a task is about thanking a contact who is certainly not the source of *r*."""
    found = _NAMED.search(task.name)
    if found is None or r.source is None:
        return False
    people = people_by_name.meant(s, next(filter(None, found.groups()), ""))
    return bool(people) and r.source.id not in people


def _about_thanks(task: Task) -> bool:
    return task.key is not None and task.key.episode.startswith(
        _OF_A_SOURCE.get(task.key.rule, " ")
    )


def key(s: Snapshot, r: Referral, rule: str, step: str) -> Key:
    """The key of a step of thanking the source: another source than the one first asked about has
    steps of their own.
    """
    first = s.lives(r.key("RF-08", "thanks"))
    if r.source and any(anothers(s, r, task) for task in first):
        step = f"{step}-p{r.source.id}"
    return r.key(rule, step)


def thanks_noted(s: Snapshot, r: Referral) -> str:
    """The thanks as the log has it, unless its row still names another contact as the source."""
    told = merges.current(s, r.entry.source_id) if r.entry and r.entry.source_id else None
    another = told is not None and r.source is not None and told.id != r.source.id
    return r.row.text("Acknowledged") if r.row and not another else ""


def taken_back(s: Snapshot, r: Referral) -> Iterator[Finding]:
    """End what is open about thanking somebody else."""
    because = f"it was {r.source_name} who sent them"
    thanks = (task for task in s.own_tasks.get(r.subject, ()) if _about_thanks(task))
    found = [task for task in thanks if anothers(s, r, task)]
    if found:
        ours = {str(key(s, r, "RF-13", "draft")), str(key(s, r, "RF-31", "text"))}
        about_thanks = tuple(words.format(r.subject) for words in _ASKED)
        rows = (row for row in approvals.every(s.workbook) if row.ref not in ours)
        asked = tuple(row for row in rows if row.ref.startswith(about_thanks))
        yield from close(Matter(tuple(found), asked), because, clause="RF-08")
