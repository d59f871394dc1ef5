"""Anniversaries, windows and business days, on both sides of every edge."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.world.calendar import (
    DAY,
    BusinessDays,
    anniversary,
    last_call,
    occasions,
    reminder,
    short,
)

DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))


@pytest.mark.clause("X-36")
@pytest.mark.parametrize(("first", "year", "day"), [
    (date(2024, 2, 29), 2025, date(2025, 2, 28)),
    (date(2024, 2, 29), 2028, date(2028, 2, 29)),
    (date(2023, 2, 28), 2028, date(2028, 2, 28)),
    (date(2025, 12, 31), 2026, date(2026, 12, 31)),
])
def test_a_leap_day_comes_round_on_the_28th(first: date, year: int, day: date) -> None:
    assert anniversary(first, year) == day


@pytest.mark.clause("X-38")
@pytest.mark.parametrize(("day", "open_"), [
    (date(2026, 7, 3), False), (date(2026, 7, 2), True),      # Saturday July 4 is observed on Friday
    (date(2026, 11, 26), False), (date(2026, 11, 27), True),  # the day after Thanksgiving is a business day
    (date(2027, 2, 15), False), (date(2027, 6, 18), False), (date(2027, 7, 5), False), (date(2027, 12, 24), False),
    (date(2027, 12, 31), False), (date(2027, 12, 30), True),  # New Year 2028 is a Saturday: the year boundary
    (date(2026, 12, 19), False), (date(2026, 12, 20), False), (date(2026, 12, 21), True),
])
def test_business_days_are_the_federal_ones(day: date, open_: bool) -> None:
    assert (day in BusinessDays()) is open_


@pytest.mark.clause("X-38")
def test_extra_closures_count_and_the_first_business_day_after_is_day_one() -> None:
    closed = BusinessDays([date(2026, 11, 27)])

    assert date(2026, 11, 27) not in closed
    assert closed.after(date(2026, 11, 21), 1) == date(2026, 11, 23)  # a Saturday receipt counts from Monday
    assert closed.after(date(2026, 11, 25), 1) == date(2026, 11, 30)


@pytest.mark.clause("X-43", "X-59")
@pytest.mark.parametrize(("occasion", "opens"), [
    (date(2026, 12, 18), date(2026, 12, 3)),   # due Friday 12/04: made on Thursday
    (date(2026, 12, 21), date(2026, 12, 4)),   # due Monday 12/07: made on Friday
    (date(2026, 12, 20), date(2026, 12, 4)),   # due on a Sunday: made on the Friday before
])
def test_a_reminder_is_made_on_the_last_business_day_before_it_is_due(occasion: date, opens: date) -> None:
    window = reminder(occasion, 14, occasion - 8 * DAY, BusinessDays())

    assert window.opens == opens
    assert window.due == occasion - timedelta(days=14)
    assert opens - DAY not in window
    assert opens in window
    assert occasion - 8 * DAY in window
    assert occasion - 7 * DAY not in window


@pytest.mark.clause("X-01")
def test_a_fact_learnt_late_is_due_today() -> None:
    window = reminder(date(2026, 12, 18), 14, date(2026, 12, 10), BusinessDays())

    assert window.due_from(date(2026, 12, 3)) == date(2026, 12, 4)
    assert window.due_from(date(2026, 12, 8)) == date(2026, 12, 8)


@pytest.mark.clause("X-08")
@pytest.mark.parametrize(("occasion", "opens"), [
    (date(2026, 12, 18), date(2026, 12, 16)),
    (date(2026, 12, 21), date(2026, 12, 18)),  # D-2 is a Saturday: warn on Friday as well
])
def test_the_last_call_opens_two_days_before_or_on_the_business_day_before_that(occasion: date, opens: date) -> None:
    assert last_call(occasion, occasion, BusinessDays()).opens == opens


@given(DAYS, DAYS)
@pytest.mark.clause("X-01")
def test_occasions_are_whole_years_within_the_asked_days(first: date, today: date) -> None:
    for years, day in occasions(first, today, 45, 90):
        assert years >= 1
        assert day == anniversary(first, first.year + years)
        assert -90 <= (day - today).days <= 45


@given(DAYS)
@pytest.mark.clause("X-38")
def test_the_business_day_before_is_the_nearest_one(day: date) -> None:
    business = BusinessDays()
    before = business.before(day)

    assert before in business
    assert before < day
    assert all(before + n * DAY not in business for n in range(1, (day - before).days))


def test_a_short_date_names_its_weekday() -> None:
    assert short(date(2026, 12, 18)) == "Fri 12/18"
