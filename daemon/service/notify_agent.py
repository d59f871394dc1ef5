"""Notify the agent on the agent's own channels, after a pass and about the daemon itself.

`policies.asks.notices` decides what is due after a pass. A channel that does not work is a warning
in the log and is tried again at the next pass; nothing else depends on it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta

from connectors.errors import ServiceError
from connectors.ports import Notifier
from daemon.account.settings import Settings
from daemon.account.wiring import Account
from daemon.errors import StewardError
from daemon.logs import logger
from daemon.passes import observe
from daemon.passes.decided import Decided
from daemon.passes.observe import Observation
from daemon.passes.reconcile import Pass
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
    """The hours in which this agent may be notified, and the addresses of links."""
    return ways_of(account.settings, identity)


def ways_of(settings: Settings, identity: Identity | None = None) -> Ways:
    """Like `ways`, from settings alone."""
    domain = identity.domain if identity and identity.domain else "app"
    return Ways(
        settings.schedule.morning,
        settings.schedule.quiet_hours,
        sheet=f"https://docs.google.com/spreadsheets/d/{settings.sheet.spreadsheet_id}",
        person=f"https://{domain}.followupboss.com/2/people/view/",
    )


def after_pass(account: Account, done: Pass) -> None:
    """Send the notices that are due after a pass; none if the pass was held.

    Mode `observe` and a pause by people hold a pass.
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
    """Notify the agent once that the VA is gone and the VA's tasks come to the agent (MS-23)."""
    va = observe.va_of(account, seen.account)[0]
    key, told = f"va {va.id if va else 'unknown'}", {key for key, _ in account.ledger.notices()}
    if seen.succession and key not in told and not ways(account).quiet_at(seen.snapshot.now):
        send(
            account,
            Notice(key, Title.SUCCESSION, (Line("MS-52", link=ways(account).sheet),)),
            seen.snapshot.now,
        )


def _said(decided: Decided) -> list[Finding]:
    """The findings of the policies that may be acted on."""
    return [finding for found in decided.lawful.values() for finding in found]


ABSENT = timedelta(hours=2)
"""How long no pass may work before the agent is notified; a service is usually back sooner."""


def absence(account: Account) -> None:
    """While no pass works, name once a day the clauses that are due by tomorrow (MS-23).

    The ledger knows the due things by their marks only, so the notice names clauses; the tab
    `Handover` has the rest.
    """
    now, good = account.clock.now().astimezone(account.settings.zone), account.ledger.last_good()
    # A good pass far in the future does not count: the clock was wrong then.
    if good is None or abs(now - good) < ABSENT:
        return
    if not account.notifier.channels or ways(account).quiet_at(now):
        return
    due = _due_by(account, now.date() + timedelta(days=1))
    if due and not _recently(account, "absence", now):
        lines = tuple(Line(clause, link=ways(account).sheet) for clause in due)
        send(account, Notice("absence", Title.ABSENT, lines), now)


def _due_by(account: Account, day: date) -> list[str]:
    """The clauses of the things that the latest pass expected by the end of *day*."""
    ahead = json.loads(account.ledger.recall("ahead") or "[]")
    return sorted({mark.split(" ")[0] for mark, due in ahead if due <= day.isoformat()})


def stopped(account: Account) -> None:
    """Notify the agent that the daemon ends and is not restarted: a person must look.

    While it is restarted in vain, once a day; again at once if it had worked in between.
    """
    now = account.clock.now()
    with suppress(StewardError):  # the daemon may end because the ledger cannot be read
        told, good = _recently(account, "stopped", now), account.ledger.last_good()
        if told and not (good and good > told):
            return
    send(account, _end(account.settings), now)


def never_began(settings: Settings, notifier: Notifier) -> None:
    """Notify the agent that the daemon cannot start.

    Without an account there is no ledger, so each start sends a notice.
    """
    for channel in filter(notifier.channels.__contains__, notices.BOTH):
        wrong = _tried(notifier, channel, _end(settings))
        if not wrong:
            logger().info("notice.sent", mark="stopped", reason=channel.value)
            return
        logger().warning("notice.failed", mark="stopped", reason=wrong)


def _end(settings: Settings) -> Notice:
    return Notice("stopped", Title.STOPPED, (Line("MS-23", link=ways_of(settings).sheet),))


def _recently(account: Account, key: str, now: datetime) -> datetime | None:
    """The last moment within 24 hours at which *key* was sent, on any channel."""
    sent = [at for (what, _), at in account.ledger.notices().items() if what == key]
    return max((at for at in sent if timedelta() <= now - at < notices.AGAIN), default=None)


def test(account: Account) -> Sequence[tuple[Channel, str]]:
    """Send a test to every channel; return each channel with its error, or ""."""
    notice = Notice("test", Title.TEST, (Line("MS-52", link=ways(account).sheet),), notices.BOTH)
    return [
        (channel, _tried(account.notifier, channel, notice))
        for channel in notices.BOTH
        if channel in account.notifier.channels
    ]


def send(account: Account, notice: Notice, now: datetime, away: set[Channel] | None = None) -> None:
    """Send *notice* on each of its channels that is configured, and record it in the ledger.

    If the primary channel fails, the secondary is tried instead. Channels in *away* are not tried,
    and one that fails is added to them: a channel that hangs must not delay a pass once for each
    notice.
    """
    away = set() if away is None else away
    instead = Channel.SECONDARY in account.notifier.channels - set(notice.channels)
    for channel in notice.channels:
        if channel not in account.notifier.channels:
            continue
        if not _sent(account, channel, notice, now, away) and instead:
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
        account.ledger.record_notice(key, channel, now)
        logger().info("notice.sent", mark=key, reason=channel.value)
    return True


def _tried(notifier: Notifier, channel: Channel, notice: Notice) -> str:
    try:
        notifier.send(channel, notice)
    except ServiceError as problem:
        return str(problem)
    return ""
