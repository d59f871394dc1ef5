"""Never all at once: how much of a backlog comes to people in a week, and into a tab in one pass
(rule 14).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from policies.asks.question import Question
from policies.asks.wants import Finding, WantRow, WantTask
from policies.world.calendar import DAY
from policies.world.model import Contact, Key, one_line
from policies.world.snapshot import Snapshot

A_WEEK = 25
"""Questions and look-ups of one rule that are new within a week, at most."""
ROWS_A_PASS = 500
"""New rows of one tab in one pass: a write to the Sheet is one request, and one request has a size.
"""


def some_rows(s: Snapshot, wanted: Iterable[Finding]) -> Iterator[Finding]:
    """*wanted* rows of one tab: those that are there, and as many new ones as one pass has room
    for.
    """
    room = ROWS_A_PASS
    for finding in wanted:
        assert isinstance(finding.want, WantRow)
        known = s.workbook.holds(finding.want.tab, finding.want.ref)
        if known or room > 0:
            room -= not known
            yield finding


@dataclass(frozen=True, slots=True)
class Waiting:
    """A question that waits for its turn, and since when there is reason for it."""

    question: Question
    since: date


def few_questions(s: Snapshot, rule: str, waiting: Sequence[Waiting]) -> Iterator[Question]:
    """Those of *waiting* that are in Approvals already, and the oldest of the others, as many as a
    week has room for.
    """
    recent = sum(
        1
        for row in s.workbook.rows("Approvals")
        if (key := Key.parse(row.ref))
        and key.rule == rule
        and key.subject != "a0"
        and isinstance(due := row.cells.get("Due"), date)
        and due > s.today
    )
    room = A_WEEK - recent
    for one in sorted(waiting, key=lambda w: (w.since, str(w.question.key))):
        known = s.workbook.holds("Approvals", str(one.question.key))
        if known or room > 0:
            room -= not known
            yield one.question


def answer_by(s: Snapshot) -> date:
    """The day by which a question put up today is to be answered: never less than a week ahead,
    which `few_questions` counts on.
    """
    return s.business.on_or_after(s.today + 7 * DAY)


# -- look-ups: a field holds something that cannot be right ---------------------------------------


def quarter(s: Snapshot) -> str:
    """Return the quarter of the year as an episode: a fault that stays is asked about once in
    each.
    """
    return f"{s.today.year}Q{(s.today.month + 2) // 3}-check"


def look_up(
    s: Snapshot, key: Key, contact: Contact, field: str, written: str, wrong: str
) -> Finding:
    """The VA's task to check one field of one contact."""
    shown = one_line(written)[:12]
    return Finding(
        key.rule,
        f"the field {field} of {contact.name} holds {one_line(written)[:20]!r}, {wrong}",
        WantTask(
            key=key,
            person_id=contact.id,
            assignee=s.practice.va_id,
            kind="Follow Up",
            name=f"{field} {shown}: right? See the file; clear it if not known: {contact.name}",
            due=s.business.after(s.today, 5),
            useful_until=s.today + 30 * DAY,
        ),
    )


def few(s: Snapshot, rule: str, wanted: Iterable[Finding]) -> Iterator[Finding]:
    """*wanted* look-ups in the order of their contacts: those that are there, and as many new ones
    as a week has room for.
    """
    ours = (t for tasks in s.own_tasks.values() for t in tasks if t.key and t.key.rule == rule)
    room = A_WEEK - sum((task.due or s.today) > s.today for task in ours)
    for finding in sorted(
        wanted, key=lambda f: f.want.person_id or 0 if isinstance(f.want, WantTask) else 0
    ):
        assert isinstance(finding.want, WantTask)
        known = bool(s.lives(finding.want.key))
        if known or room > 0:
            room -= not known
            yield finding
