"""Worlds that scenarios start from."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from connectors.sandbox.brokerage import SPREADSHEET, World, _Maker
from connectors.sandbox.server import Sandbox
from daemon.account import wiring
from daemon.account.config_file import load
from daemon.account.wiring import Account
from daemon.commands import check
from daemon.passes import session
from daemon.service.loop import Daemon
from policies.world.model import Stage
from tests import people, prepared
from tests.conftest import SteppingClock
from tests.scenes import at

MORNING = datetime(2026, 12, 14, 12, tzinfo=UTC)
"""Six o'clock of the agent's morning."""
T7, DRAFT = "MS-04 d1 20261218-7d", "MS-09 d1 20261218-draft"
"""The 7-day reminder and the draft of Ana Lopez, contact 101 of `one_client`."""


def one_client(today: date = date(2026, 12, 4), *, log: bool = True) -> World:
    """A brokerage with one past client, Ana Lopez (contact 101, deal 1), who closed on 12/18/2025; without *log* its referral log has no row."""
    maker = _Maker(today, random.Random(1), fields=True)
    maker.configuration()
    maker.owner(date(2025, 12, 18), first="Ana", last="Lopez")
    world = maker.world()
    if not log:
        del next(sheet for sheet in world.books[SPREADSHEET].sheets if sheet.title == "Referral Log").lines[1:]
    return world


def three_clients(today: date = date(2026, 12, 4)) -> World:
    """Ana, Ben and Carla at three steps of their anniversaries on 2026-12-16."""
    maker = _Maker(today, random.Random(1), fields=True)
    maker.configuration()
    maker.owner(date(2025, 12, 18), first="Ana", last="Lopez")
    maker.owner(date(2024, 12, 23), first="Ben", last="Novak")
    maker.owner(date(2021, 12, 30), first="Carla", last="Weber")
    return maker.world()


def two_referrals(today: date = date(2026, 12, 16)) -> World:
    """Olga Brandt (contact 101, who once bought) sent Ximena by the field and Wes by a row that the VA typed, both today."""
    maker = _Maker(today, random.Random(1), fields=True)
    maker.configuration()
    source = maker.owner(date(2019, 3, 2), first="Olga", last="Brandt")
    maker.person(Stage.NEW_LEAD, today, first="Ximena", last="Castro", source="Website", customReferredBy=source["name"])
    maker.person(Stage.NEW_LEAD, today, first="Wes", last="Grant")
    maker.typed = [(f"{today:%m/%d/%Y}", source["name"], "Wes", "", "", "")]
    return maker.world()


def clients_closing_on(closing: date, count: int) -> World:
    """*count* past clients (contacts 101 and on) who all closed on the same day."""
    maker = _Maker(date(2026, 12, 4), random.Random(1), fields=True)
    maker.configuration()
    for _ in range(count):
        maker.owner(closing)
    return maker.world()


def with_a_draft(serve: Callable[..., Sandbox], employ: Callable[..., Account]) -> tuple[Sandbox, Account]:
    """Ana's brokerage on 2026-12-14: Steward is set up and acknowledged, and its draft waits for the agent in row 2 of Approvals."""
    box = serve(one_client())
    box.world.crm.now = lambda: datetime(2026, 12, 14, 16, tzinfo=UTC)
    account = begun(employ(box), date(2026, 11, 2))
    session.apply(account, at(date(2026, 12, 14)))
    return box, account


def begun(account: Account, day: date) -> Account:
    """*account*, set up and acknowledged on the morning of *day*."""
    return set_up(account, at(day))


def set_up(account: Account, acknowledged: datetime | None) -> Account:
    """What CRM and Sheet lack is created; and, if a day is given, the plan of that day is acknowledged at the keyboard."""
    prepared.once(account, f"set up, {acknowledged}", lambda: _set_up(account, acknowledged))
    return account


def ready(configuration: Path, acknowledged: datetime | None) -> None:
    """`set_up` for the account of a configuration file."""
    account = wiring.build(load(configuration))
    set_up(account, acknowledged)
    account.ledger.close()


def _set_up(account: Account, acknowledged: datetime | None) -> None:
    for step in check.steps(account):
        if step.act or not step.optional:
            assert step.act is not None
            step.act()
    if acknowledged:
        _acknowledge(account, acknowledged)


def acknowledge(account: Account, moment: datetime) -> None:
    """The plan of that moment is acknowledged at the keyboard."""
    prepared.once(account, f"acknowledged {moment}", lambda: _acknowledge(account, moment))


def _acknowledge(account: Account, moment: datetime) -> None:
    session.apply(account, moment, shown=session.plan(account, moment).plan.digest)


def turn(daemon: Daemon, clock: SteppingClock, box: Sandbox) -> list[str]:
    """A quarter of an hour later the daemon takes a turn; what it wrote."""
    clock.sleep(900)
    box.log.clear()
    daemon.turn()
    return people.writes(box)
