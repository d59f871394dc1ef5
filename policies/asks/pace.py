"""Never all at once: how much of a backlog comes to people in a week, and into a tab in one pass
(rule 14).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from policies.asks.question import Question
from policies.asks.wants import Finding, WantRow
from policies.milestones.look_ups import A_WEEK
from policies.world.calendar import DAY
from policies.world.model import Key
from policies.world.snapshot import Snapshot

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
