"""Date-only arithmetic: anniversaries, reminder windows and business days. Nothing here knows what
time it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache

import holidays

DAY = timedelta(days=1)


@cache
def _federal_holidays(year: int) -> frozenset[date]:
    # A Saturday January 1 is observed on the Friday before, which lies in the year before: ask for
    # both years.
    return frozenset(holidays.country_holidays("US", years=(year, year + 1), observed=True))


class BusinessDays:
    """Monday to Friday without US federal holidays (observed dates) and without the agent's extra
    closures (X-38).
    """

    def __init__(self, closures: Iterable[date] = ()) -> None:
        self._closures = frozenset(closures)
        self._known: dict[date, bool] = {}
        self._before: dict[date, date] = {}

    def __contains__(self, day: date) -> bool:
        if day not in self._known:
            self._known[day] = (
                day.weekday() < 5
                and day not in self._closures
                and day not in _federal_holidays(day.year)
            )
        return self._known[day]

    def on_or_after(self, day: date) -> date:
        """*day* itself if it is a business day, else the next one."""
        while day not in self:
            day += DAY
        return day

    def before(self, day: date) -> date:
        """The last business day strictly before *day*."""
        if day not in self._before:
            self._before[day] = self.on_or_before(day - DAY)
        return self._before[day]

    def on_or_before(self, day: date) -> date:
        """*day* itself if it is a business day, else the last one before it."""
        while day not in self:
            day -= DAY
        return day

    def after(self, day: date, count: int) -> date:
        """The *count*-th business day after *day*; the first one after the event is day 1
        (X-38).
        """
        while count > 0:
            day += DAY
            count -= day in self
        return day


@lru_cache(maxsize=100)
def business_days(closures: frozenset[date]) -> BusinessDays:
    """The business days of an office with these closures, the same object at every call."""
    return BusinessDays(closures)


def anniversary(first: date, year: int) -> date:
    """The day in *year* on which *first* comes round; February 29 becomes February 28 in other
    years (X-36).
    """
    try:
        return first.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


@lru_cache(maxsize=50_000)
def occasions(first: date, today: date, ahead: int, behind: int) -> tuple[tuple[int, date], ...]:
    """(years, day) for every anniversary of *first* from *behind* days ago to *ahead* days from
    now, years >= 1.
    """
    days = (
        (year - first.year, anniversary(first, year))
        for year in range(today.year - 1, today.year + 2)
        if year > first.year
    )
    return tuple(
        (years, day) for years, day in days if today - behind * DAY <= day <= today + ahead * DAY
    )


def next_anniversary(first: date, today: date) -> date:
    """The next anniversary of *first*, today included, one year after it at the earliest."""
    year = max(first.year + 1, today.year)
    day = anniversary(first, year)
    return day if day >= today else anniversary(first, year + 1)


@lru_cache(maxsize=1_000)
def month_days(first: date, last: date) -> frozenset[tuple[int, int]]:
    """(month, day) of every anniversary that comes round from *first* to *last*; with February 28
    also February 29.

    A cheap first sieve: what is in it may be in sight, what is not cannot be.
    """
    found = {
        ((first + n * DAY).month, (first + n * DAY).day) for n in range((last - first).days + 1)
    }
    return frozenset(found | {(2, 29)} if (2, 28) in found else found)


def first_on_or_after(day: date, month: int, of_month: int) -> date:
    """The first such day of a year that is not before *day*; a February 29 is February 28 in other
    years.
    """
    this_year = anniversary(date(2000, month, of_month), day.year)
    return this_year if this_year >= day else anniversary(date(2000, month, of_month), day.year + 1)


@dataclass(frozen=True, slots=True)
class Window:
    """When a reminder is born, when it is due, and the last day on which it still helps (X-59). All
    dates local.
    """

    opens: date
    due: date
    useful_until: date

    def __contains__(self, today: date) -> bool:
        return self.opens <= today <= self.useful_until

    def due_from(self, today: date) -> date:
        """The exact due date, or today where a fact was learnt late (X-01)."""
        return max(self.due, today)


def reminder(occasion: date, days: int, useful_until: date, business: BusinessDays) -> Window:
    """A reminder due *days* days before the occasion, made on the last business day before that
    (X-43, X-59).
    """
    due = occasion - days * DAY
    return Window(business.before(due), due, useful_until)


def last_call(occasion: date, useful_until: date, business: BusinessDays) -> Window:
    """The 48-hour escalation: two days before the occasion, or the last business day before that
    (MS-45, X-08).
    """
    due = occasion - 2 * DAY
    return Window(business.on_or_before(due), due, useful_until)


@cache
def compact(day: date) -> str:
    """*day* in the form of a key: ``20261218``."""
    return f"{day:%Y%m%d}"


@cache
def short(day: date) -> str:
    """*day* in the form of a task name: ``Fri 12/18``."""
    return f"{day:%a} {day:%m/%d}"


@cache
def american(day: date) -> str:
    """*day* as the procedures write it: ``12/18/2026``."""
    return f"{day:%m/%d/%Y}"
