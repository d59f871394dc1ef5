"""Withdrawals: the open tasks and rows of touches that a known fact has made wrong (rule 10).

The ground of a touch is the fact that it is based on: a home, a date, a past client.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from policies.asks import approvals
from policies.asks.episodes import parsed
from policies.asks.followup import Matter, close, withdrawn
from policies.asks.wants import Finding
from policies.facts.contact_permission import Way, refusal
from policies.milestones.homes import Excluded, Home, ground_of
from policies.milestones.touch import Kind, asked_of, tasks_of
from policies.world.calendar import american, anniversary
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


def lost_ground(s: Snapshot, kind: Kind, ground: Ground) -> Iterator[Finding]:
    """Yield the withdrawals of open tasks of *kind* that a known fact requires.

    An absent record proves nothing.
    """
    for (subject, day), rules in sorted(s.once(_live).get(kind.code, {}).items()):
        if kind.rules.isdisjoint(rules):
            continue
        if because := ground(s, subject, day):
            yield from lost(s, kind, subject, day, because)
        else:
            yield from _on_people_opted_out(s, kind, subject, day)


def _on_people_opted_out(s: Snapshot, kind: Kind, subject: str, day: date) -> Iterator[Finding]:
    """Withdraw open tasks that sit on a person who opted out, even if the home has other owners."""
    for task in tasks_of(s, kind, subject, day):
        contact = s.contacts.get(task.person_id)
        reason = refusal(s, contact, Way.TOUCH) if contact and not task.completed else None
        if reason and reason.opt_out:
            yield withdrawn(task, reason.text, clause="MS-02", safety=True)


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
