"""Steward at work in a world of the module's own `box`: on December 14, set up since November 2, with the agent's channels in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from connectors.memory import MemoryNotifier
from connectors.sandbox.server import Sandbox
from daemon.account.wiring import Account
from daemon.service.loop import Daemon
from policies.asks.notices import BOTH
from tests.conftest import SteppingClock
from tests.scenarios.worlds import MORNING, set_up
from tests.scenes import at


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock(MORNING)


@pytest.fixture
def steward(box: Sandbox, employ: Callable[..., Account], clock: SteppingClock) -> Account:
    return set_up(employ(box, clock=clock), at(date(2026, 11, 2)))


@pytest.fixture
def told() -> MemoryNotifier:
    """The agent's two channels, in place of those of the configuration."""
    return MemoryNotifier(*BOTH)


@pytest.fixture
def daemon(steward: Account, told: MemoryNotifier) -> Daemon:
    return Daemon(replace(steward, notifier=told))


@pytest.fixture
def _before_the_reminder(daemon: Daemon, told: MemoryNotifier, clock: SteppingClock) -> None:
    """A good pass at two in the afternoon of 12/08; the 7-day reminder and its draft come up on 12/10."""
    clock.instant = datetime(2026, 12, 8, 20, tzinfo=UTC)
    daemon.turn()
    told.sent.clear()
