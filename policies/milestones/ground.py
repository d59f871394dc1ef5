"""The end of touches that nothing plans any longer: withdrawn or, after their window, missed.

The ground of a touch is the fact that it is based on: a home, a date, a past client, an option. A
known fact that takes it away withdraws the touch at once (rule 10). A touch that is merely out of
sight, such as one of a deal that cannot be seen, proves nothing; it ends with its window (X-81).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date

from policies.asks import approvals
from policies.asks.episodes import LATE, SEND, parsed
from policies.asks.followup import Matter, close, withdrawn
from policies.asks.wants import Finding, Missed
from policies.facts.contact_permission import Way, refusal
from policies.facts.same_person import merges
from policies.milestones.completion import went_out
from policies.milestones.homes import (
    FORMER,
    TRASHED,
    Excluded,
    Home,
    ground_of,
    is_former_client,
)
from policies.milestones.touch import Kind, asked_of, tasks_of
from policies.milestones.touch_tasks import DECIDE_LATE
from policies.world.calendar import DAY, american, anniversary
from policies.world.model import Task
from policies.world.snapshot import Snapshot

Ground = Callable[[Snapshot, str, date], str]
"""Returns why the touch of a subject on a day has lost its ground, "" if no known fact says so."""


def home_lost(
    s: Snapshot, subject: str, day: date, first: Callable[[Home], date | None], what: str
) -> str:
    """Return why a home's touch on *day* has lost its ground, "" if it has not.

    The touch comes round on the anniversaries of the home's *first* date, which *what* names. It is
    lost when the home is excluded by a known fact, or the date was corrected.
    """
    deal = s.deal_by(subject)
    if deal is None:
        return ""  # an absent deal proves nothing
    home = ground_of(s, deal)
    if isinstance(home, Excluded):
        return home.reason if home.positive else ""
    then = first(home)
    if then is None or (anniversary(then, day.year) == day and then.year < day.year):
        return ""
    other = american(then)
    return f"the {what} date is {other}, not one that has its anniversary on {american(day)}"


def lost_ground(
    s: Snapshot, kind: Kind, ground: Ground, planned: Collection[tuple[str, date]]
) -> Iterator[Finding]:
    """End the open touches of *kind* that a known fact has made wrong, or whose time is over.

    *planned* are the touches, by subject and day, whose chain this pass has followed.
    """
    for (subject, day), rules in sorted(s.once(_live).get(kind.code, {}).items()):
        if kind.rules.isdisjoint(rules):
            continue
        if because := ground(s, subject, day):
            yield from lost(s, kind, subject, day, because)
            continue
        yield from _decided_too_late(s, kind, subject, day)
        if (subject, day) not in planned and s.today > kind.closes(day):
            yield from _out_of_sight(s, kind, subject, day)
        else:
            yield from _on_people_opted_out(s, kind, subject, day)
            yield from _on_former_clients(s, kind, subject, day)


def _decided_too_late(s: Snapshot, kind: Kind, subject: str, day: date) -> Iterator[Finding]:
    """End the agent's task about a missed touch once its own time is over (X-81)."""
    if s.today > kind.closes(day) + DECIDE_LATE * DAY:
        late = tuple(task for task in tasks_of(s, kind, subject, day) if _is_late(task))
        yield from close(
            Matter(late), f"{DECIDE_LATE} days have passed since it was due", over=True
        )


def _is_late(task: Task) -> bool:
    """Tell whether this is the agent's task about a touch that was missed."""
    return task.key is not None and task.key.base.episode.endswith(f"-{LATE}")


def _out_of_sight(s: Snapshot, kind: Kind, subject: str, day: date) -> Iterator[Finding]:
    """End a touch that nothing followed to the end of its window, and report it as missed."""
    found = asked_of(s, kind, subject, day)
    before = Matter(tuple(task for task in found.tasks if not _is_late(task)), found.rows)
    if any(went_out(task) for task in before.tasks):
        yield from close(before, "the touch was sent", status=approvals.SENT, over=True)
        return
    because = "the window closed and it is reported as missed"
    yield from close(before, because, status=approvals.MISSED, over=True)
    ended = any(row.over for row in before.rows)
    if (before.open_tasks or before.open_rows) and not ended:
        yield _missed(s, kind, subject, day, before)


def _missed(s: Snapshot, kind: Kind, subject: str, day: date, asked: Matter) -> Finding:
    """Report it under the name in its row: there may be no record to look it up in."""
    visible = (s.contacts.get(task.person_id) for task in asked.open_tasks)
    person = next(filter(None, visible), None)
    typed = next((row.row.text("Client") for row in asked.rows), "")
    return Finding(
        kind.send,
        f"its window closed; check that {_FOLLOWED[subject[:1]]} are still in the CRM",
        Missed(
            key=kind.key(kind.send, subject, day, SEND),
            person_id=person.id if person else None,
            client=typed or (person.name if person else ""),
            what=kind.name.capitalize(),
            due=day,
        ),
    )


_FOLLOWED = {"d": "the deal, its client and its date", "p": "the client and the date"}
"""The facts that a touch is followed by, by the letter of its subject."""


def _on_people_opted_out(s: Snapshot, kind: Kind, subject: str, day: date) -> Iterator[Finding]:
    """Withdraw open tasks that sit on a person who opted out, even if the home has other owners."""
    for task in tasks_of(s, kind, subject, day):
        contact = s.contacts.get(task.person_id)
        reason = refusal(s, contact, Way.TOUCH) if contact and not task.completed else None
        if reason and reason.opt_out:
            yield withdrawn(task, reason.text, clause="MS-02", safety=True)


def _on_former_clients(s: Snapshot, kind: Kind, subject: str, day: date) -> Iterator[Finding]:
    """Withdraw open tasks that sit on somebody who was taken off the deal, or whose record is in
    the Trash. The same pass makes them on the client who is there now.
    """
    deal = s.deal_by(subject)
    for task in tasks_of(s, kind, subject, day):
        if deal is None or task.completed or _is_late(task):
            continue
        if is_former_client(s, deal, task.person_id):
            yield withdrawn(task, FORMER, clause=kind.remind, over=True)
        elif _in_the_trash(s, task):
            yield withdrawn(task, TRASHED, clause=kind.remind, over=True)


def _in_the_trash(s: Snapshot, task: Task) -> bool:
    """Tell whether a task sits on a record in the Trash that was not merged into another one: a
    merge moves the task.
    """
    contact, now = s.contacts.get(task.person_id), merges.current(s, task.person_id)
    return contact is not None and contact.trashed and (now is None or now.trashed)


def _for_safety(s: Snapshot, asked: Matter) -> bool:
    """Tell whether a person with one of its tasks opted out or died, so that no limit counts."""
    people = (s.contacts.get(task.person_id) for task in asked.open_tasks)
    reasons = (refusal(s, contact, Way.TOUCH) for contact in people if contact)
    return any(reason and reason.safety for reason in reasons)


def _live(s: Snapshot) -> Mapping[str, Mapping[tuple[str, date], set[str]]]:
    """Index our open tasks and rows: by code, then by (subject, day), the rules of each."""
    open_ = [t.key for tasks in s.own_tasks.values() for t in tasks if t.key and not t.completed]
    open_ += [key for key, row in approvals.keyed(s) if not row.over]
    found: dict[str, dict[tuple[str, date], set[str]]] = {}
    for key in open_:
        if episode := parsed(key.episode):
            day, code, _ = episode
            found.setdefault(code, {}).setdefault((key.subject, day), set()).add(key.rule)
    return found


def lost(s: Snapshot, kind: Kind, subject: str, day: date, because: str) -> Iterator[Finding]:
    """Withdraw the open tasks of one touch, and say so in its row."""
    asked = asked_of(s, kind, subject, day)
    yield from close(asked, because, clause=kind.remind, safety=_for_safety(s, asked))
