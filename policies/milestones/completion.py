"""How a touch has ended: sent (even under an earlier date), or over in every respect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from policies.asks import approvals
from policies.asks.episodes import ARRANGE, SEND, parsed
from policies.milestones.touch import Kind, Touch, belongs
from policies.world.model import Key, Task
from policies.world.snapshot import Snapshot

CORRECTION = 60
"""Days by which a date can be corrected across New Year and still be the same occasion (X-60)."""


def was_sent(s: Snapshot, touch: Touch) -> bool:
    """Tell whether this occasion went out: by a completed send task, or by what its row says.

    Years are calendar years. A date corrected across New Year still means the occasion that was
    sent (X-60).
    """
    days = [*_days_done(s, touch), *s.once(_sent_rows).get((touch.subject, touch.kind.code), ())]
    return any(_same_occasion(touch, day) for day in days)


def _days_done(s: Snapshot, touch: Touch) -> Iterator[date]:
    """Yield the occasions of the subject whose send task is done."""
    for task in (*s.own_tasks.get(touch.subject, ()), *_of_merged(s, touch)):
        if task.key is None or not went_out(task) or task.key.rule != touch.kind.send:
            continue
        if day := belongs(task.key, touch.kind):
            yield day


def _same_occasion(touch: Touch, day: date) -> bool:
    same_year = day.year == touch.day.year
    return touch.kind.once or same_year or abs((day - touch.day).days) <= CORRECTION


def went_out(task: Task) -> bool:
    """Tell whether *task* is done and is one of the two by which a touch goes out."""
    if task.key is None or not task.completed or task.withdrawn:
        return False
    return task.key.base.episode.endswith((f"-{SEND}", f"-{ARRANGE}"))


def _of_merged(s: Snapshot, touch: Touch) -> Sequence[Task]:
    """Return the tasks on a person's record whose key names another person.

    They come from a record that was merged into this one.
    """
    if not touch.subject.startswith("p"):
        return ()
    tasks = s.once(_tasks_on).get(touch.contact.id, ())
    return [t for t in tasks if t.key and t.key.subject != touch.subject]


def _tasks_on(s: Snapshot) -> Mapping[int, list[Task]]:
    found: dict[int, list[Task]] = {}
    for subject, tasks in s.own_tasks.items():
        for task in tasks if subject.startswith("p") else ():
            found.setdefault(task.person_id, []).append(task)
    return found


def _sent_rows(s: Snapshot) -> Mapping[tuple[str, str], list[date]]:
    """Return the days of occasions whose row says that they were sent, by subject and code.

    Rows are needed because tasks are read for 100 days only.
    """
    found: dict[tuple[str, str], list[date]] = {}
    for key, row in approvals.keyed(s):
        if row.sent and (episode := parsed(key.episode)):
            found.setdefault((key.subject, episode[1]), []).append(episode[0])
    return found


def is_over(s: Snapshot, kind: Kind, subject: str, day: date) -> bool:
    """Tell whether this touch has ended and is closed: sent or reported as missed, nothing open.

    Most touches in sight are over, and asking here first saves finding out whose home it is.
    """
    return (subject, kind.code, day) in s.once(_over)


def _over(s: Snapshot) -> frozenset[tuple[str, str, date]]:
    """Return (subject, code, day) of every touch that is over."""
    ended, still_open = _tasks_by_end(s)
    for missed in s.workbook.rows("Missed"):
        if named := Key.parse(missed.ref):
            ended.append(named)
    for key, row in approvals.keyed(s):
        if row.sent:
            ended.append(key)
        if not row.over:
            still_open.append(key)
    over = {_spot(key.subject, key.base.episode) for key in ended}
    over.difference_update(_spot(key.subject, key.episode) for key in still_open)
    return frozenset(spot for spot in over if spot)


def _tasks_by_end(s: Snapshot) -> tuple[list[Key], list[Key]]:
    """Return the keys of the tasks by which a touch went out, and of those still open."""
    sent, still_open = list[Key](), list[Key]()
    for tasks in s.own_tasks.values():
        for task in tasks:
            if task.key and not task.completed:
                still_open.append(task.key)
            elif task.key and went_out(task):
                sent.append(task.key)
    return sent, still_open


def _spot(subject: str, episode: str) -> tuple[str, str, date] | None:
    """Return (subject, code, day) of an episode, or None if it belongs to no touch."""
    known = parsed(episode)
    return (subject, known[1], known[0]) if known else None
