"""When the daemon works."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from connectors.sandbox.server import Sandbox
from daemon.account.wiring import Account
from daemon.service.loop import Daemon, morning_due
from tests.scenarios.worlds import one_client

ZONE = ZoneInfo("America/Chicago")
TODAY = date(2026, 12, 4)


@pytest.mark.clause("MS-21")
@pytest.mark.parametrize(("clock", "done", "due"), [
    (time(5, 59), None, False), (time(6, 0), None, True), (time(6, 0), TODAY - timedelta(days=1), True), (time(6, 1), TODAY, False),
    (time(23, 59), TODAY, False), (time(0, 0), TODAY - timedelta(days=1), False)])
def test_there_is_one_pass_each_local_morning(clock: time, done: date | None, due: bool) -> None:
    assert morning_due(datetime.combine(TODAY, clock, ZONE), time(6, 0), done) is due


@pytest.mark.clause("MS-23")
def test_a_clock_that_is_set_back_does_not_put_the_next_pass_off(serve: Callable[..., Sandbox], employ: Callable[..., Account]) -> None:
    daemon = Daemon(employ(serve(one_client())))
    daemon.turn()
    daemon._jobs.jobs[0].next_run += timedelta(hours=1)  # type: ignore[assignment, operator]  # what `schedule` makes of a clock set back an hour
    assert daemon.minutes_to_next() > 60
    daemon.tick()

    assert daemon.minutes_to_next() <= 15
