"""Tells the agent, on the agent's own channels: what `policies.notices` finds due, and what the
daemon itself has to say.

A channel that is away is a warning in the log and is tried again at the next pass; nothing else
depends on it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from connectors.errors import ServiceError
from connectors.ports import Notifier
from daemon.account.settings import Settings
from daemon.account.wiring import Account
from daemon.errors import StewardError
from daemon.logs import logger
from daemon.passes import observe
from daemon.passes.observe import Observation
from daemon.passes.reconcile import Decided, Pass
from policies.asks import notices
from policies.asks.notices import (
    Channel,
    Line,
    Notice,
    Title,
    Told,
    Ways,
)
from policies.asks.wants import Finding
from policies.world.model import Identity


def ways(account: Account, identity: Identity | None = None) -> Ways:
    """When this agent may be told, and where links lead."""
    return ways_of(account.settings, identity)


def ways_of(settings: Settings, identity: Identity | None = None) -> Ways:
    """The same, where there are only settings."""
    domain = identity.domain if identity and identity.domain else "app"
    return Ways(
        settings.schedule.morning,
        settings.schedule.quiet_hours,
        sheet=f"https://docs.google.com/spreadsheets/d/{settings.sheet.spreadsheet_id}",
        person=f"https://{domain}.followupboss.com/2/people/view/",
    )


def after_pass(account: Account, done: Pass) -> None:
    """Whatever is due after a pass that ended; nothing in mode `observe`, or while people have
    paused it.
    """
    if done.held or not account.notifier.channels:
        return
    decided, away = done.decided, set[Channel]()
    _succession(account, decided.seen)
    told = Told(
        {(key, Channel(channel)): at for (key, channel), at in account.ledger.notices().items()}
    )
    found = notices.due(
        decided.seen.snapshot, _said(decided), told, ways(account, decided.seen.account.identity)
    )
    for notice in found:
        send(account, notice, decided.seen.snapshot.now, away)


def _succession(account: Account, seen: Observation) -> None:
    """The VA is gone: the agent is told, once, that their tasks come to the agent now (MS-23)."""
    va = observe.va_of(account, seen.account)[0]
    key, told = f"va {va.id if va else 'unknown'}", {key for key, _ in account.ledger.notices()}
    if seen.succession and key not in told and not ways(account).quiet_at(seen.snapshot.now):
        send(
            account,
            Notice(key, Title.SUCCESSION, (Line("MS-52", link=ways(account).sheet),)),
            seen.snapshot.now,
        )


def _said(decided: Decided) -> list[Finding]:
    """What the policies said that may be acted on."""
    return [finding for said in decided.lawful.values() for finding in said]


ABSENT = timedelta(hours=2)
"""How long nothing may have worked before the agent is told of what passes unflagged: a service is
back sooner as a rule.
"""


def absence(account: Account) -> None:
    """While no pass works: tell the agent, once a day, of what should be asked by the end of
    tomorrow and cannot be (MS-23).

    The ledger knows those things by their marks, so the notice names clauses; the rest stands in
    the tab `Handover`.
    """
    now, good = account.clock.now().astimezone(account.settings.zone), account.ledger.last_good()
    # A pass far in the future is no good one: the clock was wrong then.
    if (
        good is None
        or abs(now - good) < ABSENT
        or not account.notifier.channels
        or ways(account).quiet_at(now)
    ):
        return
    tomorrow = (now.date() + timedelta(days=1)).isoformat()
    due = sorted(
        {
            mark.split(" ")[0]
            for mark, day in json.loads(account.ledger.recall("ahead") or "[]")
            if day <= tomorrow
        }
    )
    if due and not _lately(account, "absence", now):
        send(
            account,
            Notice(
                "absence",
                Title.ABSENT,
                tuple(Line(clause, link=ways(account).sheet) for clause in due),
            ),
            now,
        )


def stopped(account: Account) -> None:
    """The daemon ends and will not be started again by itself: somebody must look.

    Whoever tries in vain to start it again is told once a day, and anew when it had worked in
    between.
    """
    now = account.clock.now()
    with suppress(StewardError):  # a ledger that cannot be read may be why it ends
        told, good = _lately(account, "stopped", now), account.ledger.last_good()
        if told and not (good and good > told):
            return
    send(account, _end(account.settings), now)


def never_began(settings: Settings, notifier: Notifier) -> None:
    """The same of a daemon that could not even begin; where it is not known what was told before,
    each start tells anew.
    """
    for channel in filter(notifier.channels.__contains__, notices.BOTH):
        if not (wrong := _tried(notifier, channel, _end(settings))):
            logger().info("notice.sent", mark="stopped", reason=channel.value)
            return
        logger().warning("notice.failed", mark="stopped", reason=wrong)


def _end(settings: Settings) -> Notice:
    return Notice("stopped", Title.STOPPED, (Line("MS-23", link=ways_of(settings).sheet),))


def _lately(account: Account, key: str, now: datetime) -> datetime | None:
    """When *key* was told within the last 24 hours, on whichever channel."""
    told = (
        at
        for (what, _), at in account.ledger.notices().items()
        if what == key and timedelta() <= now - at < notices.AGAIN
    )
    return max(told, default=None)


def test(account: Account) -> Sequence[tuple[Channel, str]]:
    """Send a test to every channel; each with what went wrong, or ""."""
    notice = Notice("test", Title.TEST, (Line("MS-52", link=ways(account).sheet),), notices.BOTH)
    return [
        (channel, _tried(account.notifier, channel, notice))
        for channel in notices.BOTH
        if channel in account.notifier.channels
    ]


def send(account: Account, notice: Notice, now: datetime, away: set[Channel] | None = None) -> None:
    """Send *notice* on each of its channels that is set up, and write down that it was, by key and
    time.

    Where the primary channel takes nothing, the secondary is tried in its place. One of *away* is
    not tried, and one that fails is added to them: a channel that hangs must not hold up a pass
    once for each notice.
    """
    away = set() if away is None else away
    for channel in notice.channels:
        if (
            channel in account.notifier.channels
            and not _sent(account, channel, notice, now, away)
            and Channel.SECONDARY not in notice.channels
            and Channel.SECONDARY in account.notifier.channels
        ):
            _sent(account, Channel.SECONDARY, notice, now, away)


def _sent(
    account: Account, channel: Channel, notice: Notice, now: datetime, away: set[Channel]
) -> bool:
    if channel in away:
        return False
    if wrong := _tried(account.notifier, channel, notice):
        away.add(channel)
        logger().warning("notice.failed", mark=notice.key, reason=wrong)
        return False
    for key in (notice.key, *notice.also):
        account.ledger.noticed(key, channel, now)
        logger().info("notice.sent", mark=key, reason=channel.value)
    return True


def _tried(notifier: Notifier, channel: Channel, notice: Notice) -> str:
    try:
        notifier.send(channel, notice)
    except ServiceError as problem:
        return str(problem)
    return ""
