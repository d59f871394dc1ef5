"""The daemon: a pass at every poll and one each morning, until it is asked to stop. The only broad `except` is here."""

from __future__ import annotations

import signal
import threading
from datetime import date, datetime, time
from types import FrameType

import schedule

from connectors.errors import ServiceError, Unauthorized
from daemon import session
from daemon.errors import ConfigurationError, StewardError
from daemon.logs import logger
from daemon.wiring import Account, lock

UNAUTHORISED_AT_MOST = 3
"""Passes in a row that may find the key refused before the daemon stops (architecture rule 18)."""


def morning_due(now: datetime, morning: time, done: date | None) -> bool:
    """Whether the pass of the agent's morning is still to be made on this local day; *done* is the day of the last (MS-21)."""
    return now.time() >= morning and done != now.date()


class Daemon:
    """Runs passes for one account; SIGTERM and SIGINT let the current one end."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._stop = threading.Event()
        self._down = False
        self._refused = 0
        self._jobs = schedule.Scheduler()
        self._morning_done: date | None = None

    def stop(self, *_: int | FrameType | None) -> None:
        """Ask the loop to end after the pass that is running."""
        self._stop.set()

    def run(self) -> None:
        """Work until stopped.

        Raises:
            NotNow: another daemon of this account runs. Unauthorized: the key was refused three times in a row.
            ConfigurationError: the configuration does not fit the account.
        """
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)
        with lock(self._account.settings.state_dir, "daemon"):
            self._jobs.every(self._account.settings.schedule.poll_minutes).minutes.do(self._pass)
            self._pass()
            while not self._stop.is_set():
                self._jobs.run_pending()
                self._morning()
                self._stop.wait(min(30.0, max(0.5, self._jobs.idle_seconds or 0.5)))
        logger().info("daemon.stopped")

    def _morning(self) -> None:
        """One pass when the agent's morning begins, so that the VA finds it done (MS-21)."""
        if morning_due(self._now(), self._account.settings.schedule.morning, self._morning_done):
            self._pass()

    def _now(self) -> datetime:
        return self._account.clock.now().astimezone(self._account.settings.zone)

    def _pass(self) -> None:
        now = self._now()
        if now.time() >= self._account.settings.schedule.morning:
            self._morning_done = now.date()  # tried, even if it fails: the next poll is the second try
        try:
            session.apply(self._account, now, patient=False)
        except Unauthorized:
            self._refused += 1
            if self._refused >= UNAUTHORISED_AT_MOST:
                raise
            return
        except ConfigurationError:
            raise
        except (StewardError, ServiceError) as problem:
            self._went_down(problem)
            return
        except Exception as problem:  # noqa: BLE001  # a defect in one pass must not end the daemon; it is logged and tried again
            self._went_down(problem)
            return
        self._refused = 0
        if self._down:
            logger().info("service.up")
        self._down = False

    def _went_down(self, problem: Exception) -> None:
        """Down is logged once, not at every poll."""
        if not self._down:
            logger().error("service.down", reason=type(problem).__name__, service=getattr(problem, "service", ""))
        self._down = True
