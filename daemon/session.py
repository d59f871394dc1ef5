"""Runs one pass for a command or the daemon: the moment it stands for, its lock, its record, and its exit status."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from connectors.errors import ServiceError
from connectors.ports import Progress, silent
from daemon import reconcile
from daemon.apply import Outcome
from daemon.errors import Exit, StewardError, Usage
from daemon.logs import logger
from daemon.reconcile import OBSERVING, Decided, Pass
from daemon.settings import Settings
from daemon.wiring import Account, lock


def moment(text: str, settings: Settings, now: datetime) -> datetime:
    """The instant a command stands for, in the agent's zone: *text*, or *now*.

    A date alone means the morning; a local time that occurs twice is the first, one that does not occur moves forward.

    Raises:
        Usage: *text* is not ISO.
    """
    if not text:
        return now.astimezone(settings.zone)
    try:
        found = datetime.fromisoformat(text)
    except ValueError as problem:
        raise Usage(f"--as-of {text!r} is no date or time; write it like 2026-12-04 or 2026-12-04T06:00") from problem
    if len(text) <= 10:
        found = datetime.combine(found.date(), settings.schedule.morning)
    if not 1950 <= found.year <= 2200:
        raise Usage(f"--as-of {text!r}: Steward plans for the years 1950 to 2200")
    if found.tzinfo is not None:
        return found.astimezone(settings.zone)
    # Through UTC and back: a wall time inside a gap comes out after it.
    return found.replace(tzinfo=settings.zone).astimezone(ZoneInfo("UTC")).astimezone(settings.zone)


def plan(account: Account, now: datetime, progress: Progress = silent) -> Decided:
    """What a pass would do; remembers it locally, so that `apply --digest` knows what was shown."""
    decided = reconcile.decide(account, now, progress)
    account.ledger.show_plan(decided.plan.digest, account.clock.now(), decided.standings.set_digest,
                             [a.fingerprint for a in decided.plan.actions])
    return decided


def apply(account: Account, now: datetime, *, shown: str = "", patient: bool = True, progress: Progress = silent,
          tell: Callable[[Outcome], None] = lambda _: None) -> Pass:
    """One pass under the pass lock, written down from start to end.

    Raises:
        NotNow: another pass holds the lock. StewardError, ServiceError: as `reconcile.run` does.
    """
    with recorded(account) as record:
        done = reconcile.run(account, now, pass_id=record.pass_id, shown=shown, patient=patient, progress=progress,
                             tell=_logged(record.pass_id, tell))
        record.counts = {"actions": len(done.decided.plan.actions), "done": sum(o.happened for o in done.outcomes),
                         "failed": sum(not o.happened for o in done.outcomes), "missed": len(done.decided.plan.missed)}
        record.outcome = exit_of(done).name.lower()
        return done


@dataclass
class Record:
    """What is written down of something that may write: its id in the journal, how it ended, what it did."""

    pass_id: str
    outcome: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)


@contextmanager
def recorded(account: Account) -> Iterator[Record]:
    """Hold the pass lock and write down from start to end what happens under it.

    Raises:
        NotNow: another pass holds the lock.
    """
    record = Record(f"{account.clock.now():%Y%m%dT%H%M%S.%f}"[:-3] + "Z")
    with lock(account.settings.state_dir, "pass"):
        account.ledger.start_pass(record.pass_id, account.clock.now())
        try:
            yield record
        except (StewardError, ServiceError) as problem:
            account.ledger.end_pass(record.pass_id, account.clock.now(), type(problem).__name__, {})
            logger().warning("pass.failed", pass_id=record.pass_id, reason=type(problem).__name__, service=getattr(problem, "service", ""))
            raise
        account.ledger.end_pass(record.pass_id, account.clock.now(), record.outcome, record.counts)
        logger().info("pass.done", pass_id=record.pass_id, outcome=record.outcome, **record.counts)


def _logged(pass_id: str, tell: Callable[[Outcome], None]) -> Callable[[Outcome], None]:
    def both(outcome: Outcome) -> None:
        a = outcome.action
        logger().info("action", pass_id=pass_id, mark=a.mark, verb=a.verb, entity=a.entity, person_id=a.person_id, clause=a.clause,
                      outcome=outcome.result)
        tell(outcome)
    return both


def exit_of(done: Pass) -> Exit:
    """The exit status of a pass."""
    decided = done.decided
    if decided.unconfigured:
        return Exit.CONFIGURATION
    if decided.seen.troubles or any(o.result in {"not sent", "unknown"} for o in done.outcomes):
        return Exit.NOT_NOW
    if decided.verdict.refused or any(o.result == "refused" for o in done.outcomes):
        return Exit.REFUSED
    if done.held:
        return (Exit.CHANGES if decided.plan.actions else Exit.FINE) if done.held == OBSERVING else Exit.NOT_NOW
    acknowledged = any(o.action.entity == "Memory" and o.action.mark.startswith("policy ") for o in done.outcomes)
    return Exit.NOT_NOW if decided.standings.pending and not acknowledged else Exit.FINE


def exit_of_plan(decided: Decided) -> Exit:
    """The exit status of a plan: 0 only where there is nothing to do."""
    if decided.unconfigured:
        return Exit.CONFIGURATION
    if decided.seen.troubles:
        return Exit.NOT_NOW
    if decided.verdict.refused:
        return Exit.REFUSED
    return Exit.CHANGES if decided.plan.actions else Exit.FINE
