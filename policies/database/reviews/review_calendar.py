"""The calendar of the database reviews: monthly, quarterly, and the annual purge.

A review runs on the first business day of its window. Its row in the `Hygiene Log` shows that it
ran. A missed review runs late and says so, and one that never ran is reported. The clauses are
DB-13, DB-21, DB-28, X-27 and X-47.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from policies.world.calendar import DAY, BusinessDays, american
from policies.world.model import Key
from policies.world.sheet import Cell, Row
from policies.world.snapshot import Snapshot

TAB = "Hygiene Log"
Kind = Literal["monthly", "quarterly", "purge"]
RULES: dict[Kind, str] = {"monthly": "DB-21", "quarterly": "DB-28", "purge": "DB-33"}
WINDOW = 7
"""Calendar days of a window: the last of a month, the first of a quarter."""
NEW = 30
"""Days back that the monthly review looks for new contacts, at the least (DB-22, X-28)."""
LOOKING_BACK = 400
"""Days for which a review that never ran is reported: longer than the year between two purges."""


@dataclass(frozen=True, slots=True)
class Review:
    """One review: its key and name, the first and last day of its window, the day it runs on."""

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
    """A review that ran, or runs in this pass.

    It ran `on` a day; contacts added from `since` count as new. `row` is its line in the log.
    """

    review: Review
    on: date
    since: date
    row: Row | None = None


def latest(s: Snapshot, kind: Kind) -> Run | None:
    """Return the latest review of this kind whose day has come; None before the first."""
    due = list(_due(s, kind))
    return _run(s, due[-1]) if due else None


def never_ran(s: Snapshot, kind: Kind) -> list[Review]:
    """Return earlier reviews of this kind without a line in the log.

    They are not made up for: the latest review covers their time.
    """
    earlier = list(_due(s, kind))[:-1]
    return [review for review in earlier if not s.workbook.holds(TAB, str(review.key))]


def next_run(s: Snapshot, kind: Kind) -> date:
    """Return the day of the next review of this kind, which may be today.

    Its window may be over already, if it had no business day.
    """
    return next(
        review.runs for review in _about_today(s, kind, LOOKING_BACK) if review.runs >= s.today
    )


def lateness(run: Run) -> str:
    """Say when a late review was due, or why it could not run in time; "" if it was on time."""
    review = run.review
    if run.on <= review.closes:
        return ""
    if run.on <= review.runs:
        return f"late: no business day from {american(review.opens)} to {american(review.closes)}"
    return f"late: it was due on {american(review.runs)}"


def _due(s: Snapshot, kind: Kind) -> Iterator[Review]:
    """Yield the reviews whose day has come, oldest first.

    Those whose window was over when Steward began are left out (rule 14).
    """
    for review in _about_today(s, kind, 0):
        if review.runs <= s.today and review.closes >= s.starts:
            yield review


def _run(s: Snapshot, review: Review) -> Run:
    """Read a review's line in the log; without one it runs today."""
    ref = str(review.key)
    row = s.workbook.row(TAB, ref)
    on: Cell = row.cells.get("Run On") if row else None
    if not isinstance(on, date):  # a line that is there and cannot be read ran on its day
        on = review.runs if s.workbook.holds(TAB, ref) else s.today
    since: Cell = row.cells.get("Since") if row else None
    if not isinstance(since, date):
        since = min(on - NEW * DAY, _before(s, review, on))
    return Run(review, on, since, row)


def _before(s: Snapshot, review: Review, on: date) -> date:
    """Return the day of the last review of this kind before *on*, or *on* if there was none."""
    days = []
    for row in s.workbook.rows(TAB):
        key, day = Key.parse(row.ref), row.cells.get("Run On")
        if key and key.rule == review.key.rule and isinstance(day, date) and day < on:
            days.append(day)
    return max(days, default=on)


def _about_today(s: Snapshot, kind: Kind, ahead: int) -> Iterator[Review]:
    """Yield the reviews from `LOOKING_BACK` days before today to *ahead* days after it."""
    first, last = s.today - LOOKING_BACK * DAY, s.today + ahead * DAY
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    for year, month in (divmod(n, 12) for n in months):
        if review := _review_of(s.business, kind, date(year, month + 1, 1)):
            yield review


@lru_cache(maxsize=1_000)
def _review_of(business: BusinessDays, kind: Kind, opens: date) -> Review | None:
    """Return the review of this kind for the month that begins on *opens*, if it has one."""
    if kind == "monthly":
        return _monthly(business, opens)
    if kind == "quarterly" and opens.month % 3 == 1:
        quarter = f"{opens.year}Q{opens.month // 3 + 1}"
        return _review(business, kind, quarter, opens, f"Quarterly audit, {quarter}")
    if kind == "purge" and opens.month == 1:
        return _review(business, kind, str(opens.year), opens, f"Annual purge, {opens.year}")
    return None


def _monthly(business: BusinessDays, first: date) -> Review:
    """Return the review of the month that begins on *first*; its window is the last 7 days."""
    closes = (first + 31 * DAY).replace(day=1) - DAY
    opens = closes - (WINDOW - 1) * DAY
    return _review(business, "monthly", f"{first:%Y%m}", opens, f"Monthly hygiene, {closes:%B %Y}")


def _review(business: BusinessDays, kind: Kind, period: str, opens: date, name: str) -> Review:
    return Review(
        Key(RULES[kind], "a0", period),
        name,
        opens,
        opens + (WINDOW - 1) * DAY,
        business.on_or_after(opens),
    )
