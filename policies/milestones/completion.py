"""How a touch has ended: sent, under whatever date it had then, or over in every respect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from policies.asks import approvals
from policies.asks.episodes import ARRANGE, SEND, parsed
from policies.milestones.touch import Kind, Touch, belongs
from policies.world.model import Key, Task
from policies.world.snapshot import Snapshot

CORRECTION = 60
"""Days within which a date that was corrected across New Year still means the occasion that was
sent already (X-60).
"""


def was_sent(s: Snapshot, touch: Touch) -> bool:
    """Whether this occasion-year of the subject went out, by a completed send task or, long ago, by
    its row.

    Years are calendar years; a date corrected across New Year still means the occasion that was
    sent (X-60).
    """
    own = [*s.own_tasks.get(touch.subject, ()), *_of_merged(s, touch)]
    days = [
        belongs(t.key, touch.kind)
        for t in own
        if t.completed and not t.withdrawn and t.key and _goes_out(t.key, touch.kind)
    ]
    days += s.once(_sent_rows).get((touch.subject, touch.kind.code), ())
    return any(
        touch.kind.once or then.year == touch.day.year or abs((then - touch.day).days) <= CORRECTION
        for then in days
        if then
    )


def _goes_out(key: Key, kind: Kind) -> bool:
    """Whether this is one of the two tasks by which a touch goes out."""
    return key.rule == kind.send and key.base.episode.endswith((f"-{SEND}", f"-{ARRANGE}"))


def _of_merged(s: Snapshot, touch: Touch) -> Sequence[Task]:
    """For a touch of a person: tasks on their record that were keyed by another, whom they were
    merged with.
    """
    if not touch.subject.startswith("p"):
        return ()
    return [
        t
        for t in s.once(_tasks_on).get(touch.contact.id, ())
        if t.key and t.key.subject != touch.subject
    ]


def _tasks_on(s: Snapshot) -> Mapping[int, list[Task]]:
    found: dict[int, list[Task]] = {}
    for subject, tasks in s.own_tasks.items():
        for task in tasks if subject.startswith("p") else ():
            found.setdefault(task.person_id, []).append(task)
    return found


def _sent_rows(s: Snapshot) -> Mapping[tuple[str, str], list[date]]:
    """The days of occasions whose row says that they were sent, by subject and code: tasks are read
    for 100 days only.
    """
    found: dict[tuple[str, str], list[date]] = {}
    for key, row in approvals.keyed(s):
        if row.sent and (episode := parsed(key.episode)):
            found.setdefault((key.subject, episode[1]), []).append(episode[0])
    return found


def is_over(s: Snapshot, kind: Kind, subject: str, day: date) -> bool:
    """Whether this touch has come to its end and says so: sent or reported as missed, and its row,
    if any, is closed.

    A touch that is over needs no second look, which saves most of the work: most touches in sight
    are over.
    """
    return (subject, kind.code, day) in s.once(_over)


def _over(s: Snapshot) -> frozenset[tuple[str, str, date]]:
    ended = [
        t.key
        for tasks in s.own_tasks.values()
        for t in tasks
        if t.key
        and t.completed
        and not t.withdrawn
        and t.key.base.episode.endswith((f"-{SEND}", f"-{ARRANGE}"))
    ]
    ended += [key for row in s.workbook.rows("Missed") if (key := Key.parse(row.ref))]
    ended += [key for key, row in approvals.keyed(s) if row.sent]
    open_ = {key for key, row in approvals.keyed(s) if not row.over}
    open_ |= {t.key for tasks in s.own_tasks.values() for t in tasks if t.key and not t.completed}
    busy = {(key.subject, *episode[:2]) for key in open_ if (episode := parsed(key.episode))}
    return frozenset(
        (key.subject, episode[1], episode[0])
        for key in ended
        if (episode := parsed(key.base.episode)) and (key.subject, *episode[:2]) not in busy
    )
