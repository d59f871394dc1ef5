"""The daemon: a pass at every poll and one each morning, until it is asked to stop.

It goes on after an error if it can, tells the agent if it cannot, and never runs two passes at
once.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from types import FrameType

import schedule

from connectors import heartbeat
from connectors.clock import Clock
from connectors.errors import ServiceError, Unauthorized, Unavailable
from connectors.ports import Notifier
from daemon.account.people import People
from daemon.account.settings import Settings
from daemon.account.wiring import Account, lock
from daemon.errors import ConfigurationError, NotNow, StewardError
from daemon.logs import logger
from daemon.passes import health, session
from daemon.passes.ask_policies import place_of
from daemon.passes.reconcile import Pass
from daemon.service import notify_agent, release_memory
from daemon.service.unit import Unit

REFUSALS, WITHIN = 3, timedelta(minutes=15)
"""A key refused this often within this time counts as revoked: the daemon stops (rule 18)."""
AGAIN = 5
"""Minutes from a refusal to the next try, so that three tries fit into that time."""
STALE = 2.5
"""Polls without a completed pass after which the watchdog is no longer fed."""
TICK = 30.0
"""Seconds between two checks of the clock; a fraction of the unit's WatchdogSec."""


def morning_due(now: datetime, morning: time, done: date | None) -> bool:
    """Whether today's morning pass is still to be made; *done* is the day of the last (MS-21)."""
    return now.time() >= morning and done != now.date()


def by_day(
    settings: Settings, notifier: Notifier, clock: Clock, unit: Unit, stop: threading.Event
) -> bool:
    """Wait for the end of the agent's quiet hours, if there is a channel to notify.

    Return False if the daemon is stopped meanwhile: the person who stopped it needs no notice.
    """
    ways = notify_agent.ways_of(settings)
    while quiet := ways.quiet_at(clock.now().astimezone(settings.zone)):
        if not notifier.channels or stop.is_set():
            break
        unit.says("stopped; the agent is told when the quiet hours are over")
        unit.alive()
        clock.sleep(TICK)
    return not quiet


def never_began(
    settings: Settings,
    notifier: Notifier,
    clock: Clock,
    problem: Exception,
    unit: Unit | None = None,
) -> None:
    """Notify the agent that a unit cannot start, because its account cannot be built.

    The service manager does not restart it after *problem*, so nobody would hear of it.
    """
    unit, stop = unit or Unit(), threading.Event()
    if not unit.is_one:
        return  # a person at the keyboard reads the problem there
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    logger().error("daemon.ends", reason=str(problem))
    unit.ready()
    if by_day(settings, notifier, clock, unit, stop):
        notify_agent.never_began(settings, notifier)
    unit.stopping()


class Daemon:
    """Runs passes for one account; SIGTERM and SIGINT let the current one end."""

    def __init__(self, account: Account, unit: Unit | None = None) -> None:
        # Its own reader of people, because commands always sweep.
        self._account = replace(
            account, people=People(timedelta(minutes=account.settings.schedule.sweep_minutes))
        )
        self._unit = unit or Unit()
        self._stop = threading.Event()
        self._down: Mapping[str, str] = {}
        self._refused: list[datetime] = []
        self._jobs = schedule.Scheduler()
        self._morning_done: date | None = None
        self._completed = account.clock.monotonic()

    def stop(self, *_: int | FrameType | None) -> None:
        """Ask the loop to end after the running pass."""
        self._stop.set()

    def run(self) -> None:
        """Work until stopped.

        Raises:
            NotNow: another daemon of this account runs.
            Unauthorized: the key was refused three times in 15 minutes.
            ConfigurationError: the configuration does not fit the account.
        """
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)
        with lock(self._account.settings.state_dir, "daemon"):
            # Before the first pass: a service that is down must not look like a failed start.
            self._unit.ready()
            try:
                self._after_kills()
                self.turn()
                while not self._stop.is_set():
                    self.tick()
                    self._stop.wait(min(TICK, max(0.5, self._jobs.idle_seconds or 0.5)))
            except (Unauthorized, ConfigurationError) as problem:
                # Logged now: the command's own message comes only when it ends.
                logger().error("daemon.ends", reason=str(problem))
                self._last_word()
                raise
            finally:
                self._unit.stopping()
        logger().info("daemon.stopped")

    def tick(self) -> None:
        """Run the pass that is due, if any, and feed the watchdog while passes complete."""
        if (self._jobs.idle_seconds or 0) > self._poll_minutes * 60 + TICK:
            # The machine's clock was set back: without this the next pass would wait for it.
            self._arm(self._poll_minutes)
        self._jobs.run_pending()
        if morning_due(self._now(), self._account.settings.schedule.morning, self._morning_done):
            self.turn()  # so that the VA finds the morning's tasks (MS-21)
        if self._account.clock.monotonic() - self._completed < STALE * self._poll_minutes * 60:
            self._unit.alive()

    def turn(self) -> None:
        """Run one pass, and notify the agent of its outcome. Raises as `run` does."""
        now = self._now()
        morning = self._account.settings.schedule.morning
        if morning_due(now, morning, self._morning_done):
            self._account.people.forget()
        if now.time() >= morning:
            # Even if the pass fails: the next poll is the second try.
            self._morning_done = now.date()
        self._arm(self._poll_minutes)
        try:
            self._ended(session.apply(self._account, now, patient=False))
        except NotNow as problem:
            logger().info("pass.skipped", reason=str(problem))
            notify_agent.absence(self._account)  # the pass that holds the lock may hang
        except Unauthorized as refused:
            self._was_refused(now, refused)
        except ConfigurationError:
            raise
        except (StewardError, ServiceError) as problem:
            service = health.called(problem) if isinstance(problem, ServiceError) else "Steward"
            self._is_down({**self._down, service: type(problem).__name__})
            notify_agent.absence(self._account)
        # A defect in one pass must not end the daemon: it is logged, and the pass is tried again.
        except Exception as problem:  # noqa: BLE001
            place = f"{type(problem).__name__} at {place_of(problem)}"
            self._is_down({**self._down, "Steward": place})
            notify_agent.absence(self._account)
            return  # not completed: if that goes on, the watchdog restarts the daemon
        self._completed = self._account.clock.monotonic()
        release_memory.give_back()

    def _after_kills(self) -> None:
        """Notify the agent if the last two passes never ended.

        The watchdog or a lack of memory killed them, and the next one may be killed, too.
        """
        latest = self._account.ledger.last_passes(2)
        if len(latest) == 2 and not any(one["ended"] for one in latest):
            notify_agent.absence(self._account)

    def _last_word(self) -> None:
        """Notify the agent, after the quiet hours, that the daemon stopped working."""
        if by_day(
            self._account.settings,
            self._account.notifier,
            self._account.clock,
            self._unit,
            self._stop,
        ):
            notify_agent.stopped(self._account)

    def minutes_to_next(self) -> float:
        """Minutes until the next pass is due."""
        return (self._jobs.idle_seconds or 0) / 60

    def _ended(self, done: Pass) -> None:
        self._refused.clear()
        self._is_down(health.down(done))
        notify_agent.after_pass(self._account, done)
        if not health.worked(done):
            notify_agent.absence(self._account)
        if health.healthy(done):
            self._heartbeat()

    @property
    def _poll_minutes(self) -> int:
        return self._account.settings.schedule.poll_minutes

    def _arm(self, minutes: int) -> None:
        """Schedule the next pass in this many minutes."""
        self._jobs.clear()
        self._jobs.every(minutes).minutes.do(self.turn)
        following = self._account.clock.now() + timedelta(minutes=minutes)
        self._unit.says(f"next pass at {following.astimezone(self._account.settings.zone):%H:%M}")

    def _now(self) -> datetime:
        return self._account.clock.now().astimezone(self._account.settings.zone)

    def _was_refused(self, now: datetime, refused: Unauthorized) -> None:
        """Raise *refused* at the third refusal within 15 minutes, else try again soon.

        A revoked key was revoked on purpose, and further requests may lock the account.
        """
        self._refused = [at for at in self._refused if now - at <= WITHIN] + [now]
        logger().warning("key.refused", service=health.called(refused), count=len(self._refused))
        if len(self._refused) >= REFUSALS:
            raise refused
        self._arm(min(AGAIN, self._poll_minutes))

    def _is_down(self, down: Mapping[str, str]) -> None:
        """Log the services that went down or came up since the last pass."""
        for service in down.keys() - self._down.keys():
            logger().error("service.down", service=service, reason=down[service])
        for service in self._down.keys() - down.keys():
            logger().info("service.up", service=service)
        self._down = dict(down)

    def _heartbeat(self) -> None:
        url = self._account.settings.schedule.heartbeat_url.get_secret_value()
        if url:
            try:
                heartbeat.ping(url)
            except Unavailable as problem:
                logger().warning("heartbeat.failed", reason=str(problem))
