"""What an outage cost, by what the record shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from daemon.passes.ask_policies import ask
from daemon.passes.catchup import (
    LONGEST,
    CatchUp,
    catch_up,
    days_without,
    mornings,
)
from policies.registry import POLICIES
from tests.scenes import at, client, own_task, purchase, snapshot

CLOSED = date(2025, 12, 18)
T14, T7, DRAFT, SEND = ("MS-04 d812 20261218-14d", "MS-04 d812 20261218-7d", "MS-09 d812 20261218-draft", "MS-42 d812 20261218-send")


def after_an_outage(today: date, days: int, **changes: object) -> CatchUp | None:
    s = replace(snapshot(today, [client(fields={"closing_anniversary": "2025-12-18"})], [purchase(CLOSED)]), **changes)  # type: ignore[arg-type]
    missed = [today - timedelta(days=n) for n in range(days, 0, -1)]
    return catch_up([(then, [f for found in ask([p for p in POLICIES if p.name.startswith("milestones.")], then)[0].values() for f in found]) for then in mornings(s, missed, time(6))])


@pytest.mark.clause("MS-23")
@pytest.mark.parametrize(("last_good", "days"), [
    (datetime(2026, 12, 4, 12, tzinfo=UTC), []),
    (datetime(2026, 12, 3, 12, tzinfo=UTC), []),
    (datetime(2026, 12, 2, 12, tzinfo=UTC), [date(2026, 12, 3)]),
    (datetime(2026, 12, 3, 5, 59, tzinfo=UTC), [date(2026, 12, 3)]),  # 23:59 of the day before, in the agent's zone
    (datetime(2026, 12, 3, 6, 0, tzinfo=UTC), []),
])
def test_an_outage_is_the_local_days_without_a_pass(last_good: datetime, days: list[date]) -> None:
    assert days_without(last_good, at(date(2026, 12, 4))) == days


def test_an_outage_of_years_is_looked_at_as_far_as_tasks_are_read() -> None:
    assert len(days_without(datetime(2020, 1, 1, tzinfo=UTC), at(date(2026, 12, 4)))) == LONGEST


@pytest.mark.clause("MS-23")
def test_late_is_what_was_open_on_a_missed_day_and_is_asked_today() -> None:
    found = after_an_outage(date(2026, 12, 14), 3)  # 12/11 to 12/13: the 7-day reminder was due on the first of them

    assert found is not None
    assert (found.first, found.last) == (date(2026, 12, 11), date(2026, 12, 13))
    assert dict(found.late) == {T7: date(2026, 12, 11), DRAFT: date(2026, 12, 11)}
    assert found.missed == ()


@pytest.mark.clause("MS-23")
def test_missed_is_what_was_open_and_is_not_asked_any_more() -> None:
    found = after_an_outage(date(2026, 12, 24), 21)

    assert found is not None
    assert (found.first, found.last) == (date(2026, 12, 3), date(2026, 12, 23))
    assert {T14, T7, DRAFT, SEND} <= set(found.missed)
    assert not {T14, T7, DRAFT} & {mark for mark, _ in found.late}


@pytest.mark.clause("MS-23")
def test_what_was_done_before_the_outage_is_neither() -> None:
    found = after_an_outage(date(2026, 12, 14), 3, tasks=(own_task(T7),))

    assert found is not None
    assert [mark for mark, _ in found.late] == [DRAFT]


def test_without_a_missed_day_there_is_nothing_to_say() -> None:
    assert after_an_outage(date(2026, 12, 14), 0) is None


def test_the_ledger_gives_back_what_it_was_given() -> None:
    found = after_an_outage(date(2026, 12, 24), 21)

    assert found is not None
    assert CatchUp.of(found.text()) == found
    assert CatchUp.of("") is None
