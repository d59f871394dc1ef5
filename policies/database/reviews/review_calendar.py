"""When the database is reviewed: monthly, quarterly, and once a year for the purge (DB-13, DB-21,
DB-28, X-27, X-47).

A review runs on the first business day of its window. What shows that it ran is its row in the
`Hygiene Log`, so that one that was missed runs late and says so, and one that never ran is
reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from policies.world.calendar import DAY, american
from policies.world.model import Key
from policies.world.sheet import Row
from policies.world.snapshot import Snapshot

TAB = "Hygiene Log"
Kind = Literal["monthly", "quarterly", "purge"]
RULES: dict[Kind, str] = {"monthly": "DB-21", "quarterly": "DB-28", "purge": "DB-33"}
WINDOW = 7
"""Calendar days of a window: the last of a month, the first of a quarter."""
NEW = 30
"""Days back that the monthly review looks for new contacts, at the least (DB-22, X-28)."""
LOOKING_BACK = 400
"""Days back that a review which never ran is still reported: longer than the year between two
purges.
"""


@dataclass(frozen=True, slots=True)
class Review:
    """One review: its key, what people call it, the first and last day of its window, the business
    day it runs on.
    """

    key: Key
    name: str
    opens: date
    closes: date
    runs: date

    @property
    def period(self) -> str:
        """``202611``, ``2026Q4`` or ``2027``: the month, quarter or year it is the review of."""
        return self.key.episode


@dataclass(frozen=True, slots=True)
class Run:
    """A review that ran, or runs in this very pass: on which day, and since when contacts count as
    new. `row` is its line in the log.
    """

    review: Review
    on: date
    since: date
    row: Row | None = None


def latest(s: Snapshot, kind: Kind) -> Run | None:
    """The latest review of this kind whose time has come; None before the first."""
    due = list(_due(s, kind))
    return _run(s, due[-1]) if due else None


def never_ran(s: Snapshot, kind: Kind) -> list[Review]:
    """Earlier reviews of this kind that have no line in the log: they are not made up for, the
    latest covers their time.
    """
    return [
        review for review in list(_due(s, kind))[:-1] if not s.workbook.holds(TAB, str(review.key))
    ]


def next_run(s: Snapshot, kind: Kind) -> date:
    """The day of the next review of this kind, today included; it can be one whose window was all
    holidays and is over.
    """
    return next(
        review.runs
        for review in _reviews(s, kind, s.today - LOOKING_BACK * DAY, s.today + LOOKING_BACK * DAY)
        if review.runs >= s.today
    )


def lateness(run: Run) -> str:
    """That a review ran late, and since when it was due, or why it could not run in time; "" where
    it did not.
    """
    review = run.review
    if run.on <= review.closes:
        return ""
    if run.on <= review.runs:
        return f"late: no business day from {american(review.opens)} to {american(review.closes)}"
    return f"late: it was due on {american(review.runs)}"


def _due(s: Snapshot, kind: Kind) -> Iterator[Review]:
    """The reviews whose day has come, oldest first; none whose window was over when Steward began
    (rule 14).
    """
    for review in _reviews(s, kind, s.today - LOOKING_BACK * DAY, s.today):
        if review.runs <= s.today and review.closes >= s.starts:
            yield review


def _run(s: Snapshot, review: Review) -> Run:
    row = s.workbook.row(TAB, str(review.key))
    written = row.cells.get("Run On") if row else None
    on = (
        written
        if isinstance(written, date)
        else review.runs
        if s.workbook.holds(TAB, str(review.key))
        else s.today
    )
    since = row.cells.get("Since") if row else None
    return Run(
        review,
        on,
        since if isinstance(since, date) else min(on - NEW * DAY, _before(s, review, on)),
        row,
    )


def _before(s: Snapshot, review: Review, on: date) -> date:
    """The day of the last review of this kind before *on*; *on* itself where there was none."""
    days = [
        day
        for row in s.workbook.rows(TAB)
        if (key := Key.parse(row.ref))
        and key.rule == review.key.rule
        and isinstance(day := row.cells.get("Run On"), date)
        and day < on
    ]
    return max(days, default=on)


def _reviews(s: Snapshot, kind: Kind, first: date, last: date) -> Iterator[Review]:
    """Every review of this kind whose window opens in the months from *first* to *last*, in
    order.
    """
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    for year, month in (divmod(n, 12) for n in months):
        if kind == "monthly":
            closes = date(year + month // 11, (month + 1) % 12 + 1, 1) - DAY
            yield _review(
                s,
                kind,
                f"{year}{month + 1:02}",
                closes - (WINDOW - 1) * DAY,
                f"Monthly hygiene, {closes:%B %Y}",
            )
        elif month % 3 == 0 and (kind == "quarterly" or month == 0):
            opens, quarter = date(year, month + 1, 1), f"{year}Q{month // 3 + 1}"
            named = (
                f"Quarterly audit, {quarter}" if kind == "quarterly" else f"Annual purge, {year}"
            )
            yield _review(s, kind, quarter if kind == "quarterly" else str(year), opens, named)


def _review(s: Snapshot, kind: Kind, period: str, opens: date, name: str) -> Review:
    return Review(
        Key(RULES[kind], "a0", period),
        name,
        opens,
        opens + (WINDOW - 1) * DAY,
        s.business.on_or_after(opens),
    )
