"""Runs one pass for a command or the daemon: the moment it stands for, its lock, its record, and
its exit status.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from connectors.ports import Progress, silent
from daemon.account.ledger import UNREADABLE, WITHHELD
from daemon.account.settings import Settings
from daemon.account.wiring import Account, lock
from daemon.errors import Exit, Usage
from daemon.logs import logger
from daemon.passes import ask_policies, catchup, health, personal_notes, reconcile, unreadable
from daemon.passes.acknowledgement.fingerprints import texts_fingerprint
from daemon.passes.actions import Outcome
from daemon.passes.decided import Decided, decide
from daemon.passes.reconcile import OBSERVING, Pass
from policies.registry import POLICIES, Policy
from policies.world import memory
from policies.world.memory import POLICY
from policies.world.model import Source

A_DAY = timedelta(days=1)


def moment(text: str, settings: Settings, now: datetime) -> datetime:
    """The instant a command stands for, in the agent's zone: *text*, or *now*.

    A date alone means the morning; a local time that occurs twice is the first, one that does not
    occur moves forward.

    Raises:
        Usage: *text* is not ISO.
    """
    if not text:
        return now.astimezone(settings.zone)
    try:
        found = datetime.fromisoformat(text)
    except ValueError as problem:
        raise Usage(
            f"--as-of {text!r} is no date or time; write it like 2026-12-04 or 2026-12-04T06:00"
        ) from problem
    if len(text) <= 10:
        found = datetime.combine(found.date(), settings.schedule.morning)
    if not 1950 <= found.year <= 2200:
        raise Usage(f"--as-of {text!r}: Steward plans for the years 1950 to 2200")
    if found.tzinfo is not None:
        return found.astimezone(settings.zone)
    # Through UTC and back: a wall time inside a gap comes out after it.
    return found.replace(tzinfo=settings.zone).astimezone(ZoneInfo("UTC")).astimezone(settings.zone)


def plan(account: Account, now: datetime, progress: Progress = silent) -> Decided:
    """Plan a pass, and remember the plan locally: `apply --digest` must know what was shown."""
    decided = decide(account, now, progress)
    account.ledger.show_plan(
        decided.plan.digest,
        account.clock.now(),
        decided.policy_status.set_digest,
        [a.fingerprint for a in decided.plan.actions],
    )
    return decided


def apply(
    account: Account,
    now: datetime,
    *,
    shown: str = "",
    patient: bool = True,
    progress: Progress = silent,
    tell: Callable[[Outcome], None] = lambda _: None,
    policies: Sequence[Policy] = POLICIES,
) -> Pass:
    """One pass under the pass lock, written down from start to end; of some *policies* only, where
    a person asks for one thing.

    Raises:
        NotNow: another pass holds the lock. StewardError, ServiceError: as `reconcile.run` does.
    """
    last_good = account.ledger.last_good()
    with recorded(account) as pass_id:
        done = reconcile.run(
            account,
            now,
            pass_id=pass_id,
            shown=shown,
            patient=patient,
            progress=progress,
            tell=_logged(pass_id, tell),
            policies=policies,
        )
        counts = {
            "actions": len(done.decided.plan.actions),
            "done": sum(o.happened for o in done.outcomes),
            "failed": sum(not o.happened for o in done.outcomes),
            "missed": len(done.decided.plan.missed),
        }
        outcome, good = exit_of(done).name.lower(), health.worked(done) and policies is POLICIES
        if (
            good and last_good and abs(account.clock.now() - now) < A_DAY
        ):  # a pass for another day than today's ends no outage
            _caught_up(account, done, last_good, pass_id)
        if policies is POLICIES and _activated(done):
            personal_notes.read_history(account, now.date())
        _said_once(account, done.decided, pass_id)
        account.ledger.end_pass(pass_id, account.clock.now(), outcome, counts, healthy=good)
        logger().info("pass.done", pass_id=pass_id, outcome=outcome, **counts)
        return done


def _activated(done: Pass) -> bool:
    """Tell whether Steward acts on this account, be it since this very pass."""
    now = any(o.happened and o.action.mark == memory.ACTIVATION.ref() for o in done.outcomes)
    return not done.held and (now or done.decided.seen.snapshot.activated is not None)


@contextmanager
def recorded(account: Account) -> Iterator[str]:
    """A pass under the pass lock, written down as begun; its id. An early end is written down as
    well.

    Raises:
        NotNow: another pass holds the lock.
    """
    pass_id = f"{account.clock.now():%Y%m%dT%H%M%S.%f}"[:-3] + "Z"
    with lock(account.settings.state_dir, "pass"):
        account.ledger.start_pass(pass_id, account.clock.now())
        try:
            yield pass_id
        except BaseException as problem:
            account.ledger.end_pass(pass_id, account.clock.now(), type(problem).__name__, {})
            if not isinstance(
                problem, Usage
            ):  # who mistyped an option is told so; nothing is wrong with the pass
                logger().warning(
                    "pass.failed",
                    pass_id=pass_id,
                    reason=type(problem).__name__,
                    service=getattr(problem, "service", ""),
                )
            raise


def _said_once(account: Account, decided: Decided, pass_id: str) -> None:
    """Log a defect with its place, and a VA who is gone, when it first shows and when it is over,
    not at every poll.
    """
    now = dict.fromkeys(decided.findings, "") | {
        d.policy: f"{d.kind} at {d.place}" for d in decided.defects
    }
    for name, said in now.items():
        if _changed(account, f"defect {name}", said):
            kind, _, place = said.partition(" at ")
            logger().log(
                logging.ERROR if said else logging.INFO,
                "policy.defect" if said else "policy.mended",
                pass_id=pass_id,
                policy=name,
                reason=kind,
                place=place,
            )
    for person_id, what in _newly_unreadable(account, decided).items():
        logger().warning("person.unreadable", pass_id=pass_id, person_id=person_id, reason=what)
    _tell_changed_texts(account, decided, pass_id)
    seen = Source.SHEET not in decided.seen.troubles
    if seen and _changed(account, WITHHELD, decided.withheld):
        event = "suppression.unreadable" if decided.withheld else "suppression.readable"
        logger().warning(event, pass_id=pass_id, reason=decided.withheld)
    if _changed(account, "va gone", "gone" if decided.seen.succession else ""):
        logger().warning("va.gone" if decided.seen.succession else "va.back", pass_id=pass_id)


def _newly_unreadable(account: Account, decided: Decided) -> Mapping[int, str]:
    """The contacts left alone since this pass, because signs on their records cannot be read
    (X-65). Where there are many, the source has failed, and nobody is named.
    """
    failed = Source.PEOPLE in decided.seen.troubles
    alone = {} if failed else unreadable.named(decided.seen.snapshot)
    before = account.ledger.unreadable()
    account.ledger.remember(UNREADABLE, json.dumps(alone))
    return {i: what for i, what in alone.items() if before.get(i) != what}


def _tell_changed_texts(account: Account, decided: Decided, pass_id: str) -> None:
    """Log a policy whose texts are others than at the pass before: it is told, and stops nothing
    (X-92).
    """
    for policy in decided.policy_status.acknowledged:
        name = f"texts {policy.name}"
        known, now = (
            account.ledger.recall(name),
            texts_fingerprint(policy, decided.seen.snapshot.practice),
        )
        if known != now:
            account.ledger.remember(name, now)
        if known and known != now:
            logger().info("policy.reworded", pass_id=pass_id, policy=policy.name)


def _changed(account: Account, name: str, said: str) -> bool:
    if account.ledger.recall(name) == said:
        return False
    account.ledger.remember(name, said)
    return True


def _caught_up(account: Account, done: Pass, last_good: datetime, pass_id: str) -> None:
    """After days without a pass: log what came late and what was missed, and keep the list for
    `status` (MS-23).
    """
    s = done.decided.seen.snapshot
    days = catchup.days_without(last_good, s.now)
    if not days or done.held:
        return
    policies = done.decided.policy_status.acknowledged
    said = [
        (then, [f for found in ask_policies.ask(policies, then)[0].values() for f in found])
        for then in catchup.mornings(s, days, account.settings.schedule.morning)
    ]
    found = catchup.catch_up(said)
    if found:
        account.ledger.remember("outage", found.text())
        logger().warning(
            "outage.over",
            pass_id=pass_id,
            count=len(days),
            total=len(found.late),
            missed=len(found.missed),
        )
        for mark, day in found.late:
            logger().warning("late", pass_id=pass_id, mark=mark, due=day.isoformat())
        for mark in found.missed:
            logger().warning("missed", pass_id=pass_id, mark=mark)


def _logged(pass_id: str, tell: Callable[[Outcome], None]) -> Callable[[Outcome], None]:
    def both(outcome: Outcome) -> None:
        a = outcome.action
        logger().info(
            "action",
            pass_id=pass_id,
            mark=a.mark,
            verb=a.verb,
            entity=a.entity,
            person_id=a.person_id,
            clause=a.clause,
            outcome=outcome.result,
        )
        tell(outcome)

    return both


def exit_of(done: Pass) -> Exit:
    """The exit status of a pass."""
    decided = done.decided
    if decided.defects:
        return Exit.UNEXPECTED
    if decided.unconfigured:
        return Exit.CONFIGURATION
    results = {outcome.result for outcome in done.outcomes}
    if decided.seen.troubles or results & {"not sent", "unknown"}:
        return Exit.NOT_NOW
    if decided.verdict.refused or "refused" in results:
        return Exit.REFUSED
    if done.held == OBSERVING:
        return Exit.CHANGES if decided.plan.actions else Exit.FINE
    if done.held or _still_waiting(done):
        return Exit.NOT_NOW
    return Exit.FINE


def _still_waiting(done: Pass) -> bool:
    """Whether a policy waits for the agent whose acknowledgement was not written in this pass."""
    written = {o.action.mark for o in done.outcomes if o.action.entity == memory.TAB}
    pending = done.decided.policy_status.pending
    return any(POLICY.ref(policy.name) not in written for policy in pending)


def exit_of_plan(decided: Decided) -> Exit:
    """The exit status of a plan: 0 only where there is nothing to do."""
    if decided.defects:
        return Exit.UNEXPECTED
    if decided.unconfigured:
        return Exit.CONFIGURATION
    if decided.seen.troubles:
        return Exit.NOT_NOW
    if decided.verdict.refused:
        return Exit.REFUSED
    return Exit.CHANGES if decided.plan.actions else Exit.FINE
