"""Pace: how much of a backlog people get in a week, and a tab in one pass (rule 14)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from policies.asks.followup import Matter, close, of_rule
from policies.asks.question import Question
from policies.asks.wants import Finding, WantRow, WantTask
from policies.values.names import one_line
from policies.world.calendar import DAY
from policies.world.model import Contact, Key
from policies.world.sheet import Row
from policies.world.snapshot import Snapshot

A_WEEK = 25
"""Questions and look-ups of one rule that are new within a week, at most."""
CHECK = "-check"
"""How the episodes of look-ups end."""
SETTLED = "the field was corrected, or nothing depends on it any more"
ROWS_A_PASS = 500
"""New rows of one tab in one pass: they are written in one request, which has a size limit."""


def some_rows(s: Snapshot, wanted: Iterable[Finding]) -> Iterator[Finding]:
    """Yield those of the *wanted* rows of one tab that exist, and new ones up to `ROWS_A_PASS`."""
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
    """Yield those of *waiting* that are in Approvals, and the oldest of the others, 25 a week."""
    room = A_WEEK - sum(_is_recent(s, row, rule) for row in s.workbook.rows("Approvals"))
    for one in sorted(waiting, key=lambda w: (w.since, str(w.question.key))):
        known = s.workbook.holds("Approvals", str(one.question.key))
        if known or room > 0:
            room -= not known
            yield one.question


def _is_recent(s: Snapshot, row: Row, rule: str) -> bool:
    """Tell whether a row asks about one contact under *rule* and came within the last week.

    Its Due shows that: `answer_by` puts it at least a week ahead.
    """
    key, due = Key.parse(row.ref), row.cells.get("Due")
    if key is None or key.rule != rule or key.subject == "a0":
        return False
    return isinstance(due, date) and due > s.today


def answer_by(s: Snapshot) -> date:
    """Return the day by which a question put up today is to be answered.

    It is at least a week ahead, by which `few_questions` counts the questions of a week.
    """
    return s.business.on_or_after(s.today + 7 * DAY)


# -- look-ups: a field holds something that cannot be right ---------------------------------------


def quarter(s: Snapshot) -> str:
    """Return the quarter as an episode: a fault that stays is asked about once in each."""
    return f"{s.today.year}Q{(s.today.month + 2) // 3}{CHECK}"


def look_up(
    s: Snapshot, key: Key, contact: Contact, field: str, written: str, wrong: str
) -> Finding:
    """Want the VA's task to check one field of one contact."""
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


def look_ups(s: Snapshot, rule: str, wanted: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the *wanted* look-ups of *rule*, a few a week, and end the others (X-81)."""
    yield from few(s, rule, wanted)
    still = {finding.want.key.base for finding in wanted if isinstance(finding.want, WantTask)}
    for task in of_rule(s, rule).open_tasks:
        if task.key is None or not task.key.base.episode.endswith(CHECK):
            continue
        # A contact who cannot be seen proves nothing.
        if task.key.base not in still and s.contact_by(task.key.subject):
            yield from close(Matter((task,)), SETTLED, over=True)


def few(s: Snapshot, rule: str, wanted: Iterable[Finding]) -> Iterator[Finding]:
    """Yield those of the *wanted* look-ups that exist, and new ones up to 25 a week.

    They come in the order of their contacts.
    """
    room = A_WEEK - _due_later(s, rule)
    for finding in sorted(wanted, key=_contact_id):
        assert isinstance(finding.want, WantTask)
        known = bool(s.lives(finding.want.key))
        if known or room > 0:
            room -= not known
            yield finding


def _due_later(s: Snapshot, rule: str) -> int:
    """Count our tasks of *rule* that are due after today: those of the last week."""
    return sum((task.due or s.today) > s.today for task in of_rule(s, rule).tasks)


def _contact_id(finding: Finding) -> int:
    assert isinstance(finding.want, WantTask)
    return finding.want.person_id
