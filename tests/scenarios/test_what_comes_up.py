"""Nothing is open about a client yet, and Handover says what comes up; it ends there in the pass that sees why (X-81)."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date

import pytest

from connectors.sandbox.brokerage import World, _Maker
from connectors.sandbox.server import Sandbox
from daemon.account.wiring import Account
from daemon.service.loop import Daemon
from tests import people
from tests.conftest import SteppingClock
from tests.scenarios.worlds import set_up, turn
from tests.scenes import at

DAY = date(2026, 12, 14)
COMING = "MS-04 d1 20261231-14d"


def brokerage() -> World:
    """Ana closed two years ago on 12/31: her personal touch comes up within the week."""
    maker = _Maker(DAY, random.Random(1), fields=True)
    maker.configuration()
    maker.owner(date(2024, 12, 31), first="Ana", last="Lopez")
    for _ in range(12):
        maker.owner(date(2020, 6, 1))
    return maker.world()


@pytest.fixture
def box(serve: Callable[..., Sandbox], clock: SteppingClock) -> Sandbox:
    box = serve(brokerage())
    box.world.crm.now = lambda: clock.instant
    return box


@pytest.fixture
def steward(box: Sandbox, employ: Callable[..., Account], clock: SteppingClock) -> Account:
    return set_up(employ(box, clock=clock, **{"settle_seconds = 0.05": "settle_seconds = 120"}), at(date(2026, 11, 2)))


def coming(box: Sandbox) -> list[str]:
    return [str(row["Mark"]) for row in people.rows(box, "Handover") if row["Mark"] == COMING]


@pytest.mark.clause("X-81", "MS-23")
@pytest.mark.parametrize(("act", "arguments", "passes"), [
    ("edit-person", {"addTags": ["DNC"]}, 1), ("trash", {}, 1), ("edit-person", {"customClosingAnniversary": "2024-06-03"}, 1), ("delete-deal", None, 2)])
def test_what_comes_up_is_taken_off_in_the_pass_that_sees_it_end(
        box: Sandbox, steward: Account, daemon: Daemon, clock: SteppingClock, act: str, arguments: dict[str, object] | None, passes: int) -> None:
    clock.instant = at(DAY)
    daemon.turn()
    turn(daemon, clock, box)
    assert coming(box) == [COMING]
    assert turn(daemon, clock, box) == []

    ana = next(int(n) for n, found in box.world.crm.tables["people"].items() if found["firstName"] == "Ana")
    if arguments is None:
        people.at_crm(box, act, dealId=1)
    else:
        people.at_crm(box, act, personId=ana, **arguments)
    for number in range(1, passes + 1):
        assert coming(box) == [COMING], number
        turn(daemon, clock, box)
    assert coming(box) == []
    turn(daemon, clock, box)
    assert turn(daemon, clock, box) == []
