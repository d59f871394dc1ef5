"""When the daemon works."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from daemon.loop import morning_due

ZONE = ZoneInfo("America/Chicago")
TODAY = date(2026, 12, 4)


@pytest.mark.clause("MS-21")
@pytest.mark.parametrize(("clock", "done", "due"), [
    (time(5, 59), None, False), (time(6, 0), None, True), (time(6, 0), TODAY - timedelta(days=1), True), (time(6, 1), TODAY, False),
    (time(23, 59), TODAY, False), (time(0, 0), TODAY - timedelta(days=1), False)])
def test_there_is_one_pass_each_local_morning(clock: time, done: date | None, due: bool) -> None:
    assert morning_due(datetime.combine(TODAY, clock, ZONE), time(6, 0), done) is due
