"""A contact, a lead and a deal are removed from the CRM for good, over HTTP: everything open about them ends, once (X-81, X-87)."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date

import pytest

from connectors.sandbox.brokerage import World, _Maker
from connectors.sandbox.server import Sandbox
from daemon.account.wiring import Account
from daemon.passes import session
from daemon.passes.absence.deleted_records import ABSENT
from daemon.service.loop import Daemon
from policies.world.model import Stage
from tests import people
from tests.conftest import SteppingClock
from tests.scenarios.worlds import set_up, turn
from tests.scenes import at

DAY = date(2026, 12, 14)
ANA, BEN = "MS-09 d1 20261218-draft", "MS-09 d2 20261218-draft"
CARLA, XIMENA = "MS-09 d3 20261218-draft", "RF-13 p{} draft"
DUE = date(2025, 12, 18)


def brokerage() -> World:
    """Ana, Ben and Carla closed a year ago on 12/18; Olga, and Ximena who came in today; about the others nothing is asked."""
    maker = _Maker(DAY, random.Random(1), fields=True)
    maker.configuration()
    for first, last in (("Ana", "Lopez"), ("Ben", "Novak"), ("Carla", "Weber")):
        maker.owner(DUE, first=first, last=last)
    maker.owner(date(2019, 3, 2), first="Olga", last="Brandt")
    maker.person(Stage.NEW_LEAD, DAY, first="Ximena", last="Castro", source="Website")
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


def person(box: Sandbox, first: str) -> int:
    return next(int(n) for n, found in box.world.crm.tables["people"].items() if found["firstName"] == first)


def waiting(box: Sandbox) -> set[str]:
    """The open rows of Approvals and the open tasks, by mark."""
    over = ("Withdrawn", "Missed", "Sent", "Done")
    rows = {str(row["Ref"]) for row in people.rows(box, "Approvals") if row["Status"] and not str(row["Status"]).startswith(over)}
    names = [str(task["name"]) for task in box.world.crm.tables["tasks"].values() if not task["isCompleted"]]
    return rows | {name.rpartition("[")[2].rstrip("]") for name in names if name.endswith("]")}


def about(box: Sandbox, *subjects: str) -> set[str]:
    return {mark for mark in waiting(box) if mark.split(" ")[1:2] and mark.split(" ")[1] in subjects}


@pytest.mark.clause("X-81", "X-87")
def test_what_is_open_about_removed_records_ends_within_two_passes_once(
        box: Sandbox, steward: Account, daemon: Daemon, clock: SteppingClock) -> None:
    people.at_crm(box, "edit-person", personId=person(box, "Ximena"), customReferredBy="Olga Brandt")
    daemon.turn()
    ximena = f"p{person(box, 'Ximena')}"
    assert {ANA, BEN, CARLA, XIMENA.format(ximena[1:])} <= waiting(box)

    for first in ("Ana", "Ximena"):
        people.at_crm(box, "delete-person", personId=person(box, first))
    people.at_crm(box, "delete-deal", dealId=2)
    tasks = set(box.world.crm.tables["tasks"])
    turn(daemon, clock, box)
    assert {ANA, BEN, XIMENA.format(ximena[1:])} <= waiting(box)  # one pass proves nothing
    log = people.rows(box, "Referral Log")

    turn(daemon, clock, box)
    assert about(box, "d1", "d2", ximena) == set()
    assert CARLA in waiting(box)
    said = {ref: people.row(box, "Approvals", ref)["Status"] for ref in (ANA, BEN, XIMENA.format(ximena[1:]))}
    assert said == {ANA: "Withdrawn: their record is no longer in the CRM, or hidden from Steward",
                    BEN: "Withdrawn: the deal is no longer in the CRM, or hidden from Steward",
                    XIMENA.format(ximena[1:]): "Withdrawn: their record is no longer in the CRM, or hidden from Steward"}
    assert not [row["Mark"] for row in people.rows(box, "Handover") if {"d1", "d2", ximena} & set(str(row["Mark"]).split(" "))]
    now = people.rows(box, "Referral Log")
    assert [{**row, "Status": ""} for row in now] == [{**row, "Status": ""} for row in log]  # it asks the VA for the lead, and keeps the rest
    assert [row["Status"].partition(".")[0] for row in now if row["Ref"] == f"RF-01 {ximena} referral"] == [f"There is no contact {ximena[1:]}"]
    assert tasks <= set(box.world.crm.tables["tasks"])  # none is deleted
    assert turn(daemon, clock, box) == []


@pytest.mark.clause("X-87", "X-81")
def test_a_pass_that_may_not_write_proves_nothing_and_who_is_back_is_asked_about_as_before(
        box: Sandbox, steward: Account, daemon: Daemon, clock: SteppingClock) -> None:
    daemon.turn()
    crm = box.world.crm
    ana = crm.tables["people"][person(box, "Ana")]
    del crm.tables["people"][ana["id"]]
    for _ in range(3):
        clock.sleep(900)
        session.plan(steward, clock.now().astimezone(steward.settings.zone))
    assert steward.ledger.recall(ABSENT) == "{}"

    turn(daemon, clock, box)
    assert '"d1"' in steward.ledger.recall(ABSENT)
    crm.tables["people"][ana["id"]] = ana
    turn(daemon, clock, box)
    assert steward.ledger.recall(ABSENT) == "{}"
    assert people.row(box, "Approvals", ANA)["Status"] == "Waiting for your decision"

    del crm.tables["people"][ana["id"]]
    turn(daemon, clock, box)
    turn(daemon, clock, box)
    assert about(box, "d1") == set()
    crm.tables["people"][ana["id"]] = ana
    turn(daemon, clock, box)
    turn(daemon, clock, box)
    assert ANA in waiting(box)


@pytest.mark.clause("X-81", "X-87")
def test_nothing_ends_while_a_policy_could_not_be_asked_what_it_still_wants(
        box: Sandbox, steward: Account, daemon: Daemon, clock: SteppingClock) -> None:
    daemon.turn()
    people.at_crm(box, "delete-person", personId=person(box, "Ana"))
    assert people.at_the_sheet(box, "rename-column", tab="Hygiene Log", column="Contacts", to="How many").ok
    for _ in range(3):
        turn(daemon, clock, box)
    assert ANA in waiting(box)

    assert people.at_the_sheet(box, "rename-column", tab="Hygiene Log", column="How many", to="Contacts").ok
    turn(daemon, clock, box)
    assert about(box, "d1") == set()
