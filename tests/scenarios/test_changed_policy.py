"""A policy that has changed since the agent acknowledged it, over HTTP: what was begun runs on, what is new waits (rule 13, X-92)."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date

import pytest

from connectors.sandbox.brokerage import World, _Maker
from connectors.sandbox.server import Sandbox
from daemon.account.wiring import Account
from daemon.passes import session
from daemon.passes.policy_status import known_versions
from policies.versions import written
from tests import people
from tests.scenarios.worlds import begun
from tests.scenes import at

POLICY = "milestones.closing_anniversary"
SEND, DRAFT, LATE = "MS-42 d1 20261218-send", "MS-09 d1 20261218-draft", "MS-45 d1 20261218-48h"
BEN = "MS-04 d2 20261230-14d"


def two_clients() -> World:
    """Ana, whose anniversary has begun by 2026-12-14, and Ben, whose first reminder opens on the 16th."""
    maker = _Maker(date(2026, 12, 4), random.Random(1), fields=True)
    maker.configuration()
    maker.owner(date(2025, 12, 18), first="Ana", last="Lopez")
    maker.owner(date(2025, 12, 30), first="Ben", last="Novak")
    return maker.world()


@pytest.fixture
def steward(serve: Callable[..., Sandbox], employ: Callable[..., Account]) -> tuple[Sandbox, Account]:
    box = serve(two_clients())
    account = begun(employ(box), date(2026, 11, 2))
    for day in (3, 14):
        session.apply(account, at(date(2026, 12, day)))
    return box, account


def asked(box: Sandbox) -> list[str]:
    return [row["Ref"] for row in people.rows(box, "Approvals") if row["Ref"].startswith("ACK ")]


@pytest.mark.clause("X-92", "DB-05")
def test_begun_work_runs_on_and_the_new_touch_waits_and_is_named(steward: tuple[Sandbox, Account]) -> None:
    box, account = steward
    agreed = people.row(box, "Memory", f"policy {POLICY}")["What"]
    people.types(box, "Memory", f"policy {POLICY}", "What", "0" * 16)  # as another version would have left it
    people.types(box, "Approvals", DRAFT, "Decision", "Approve")

    session.apply(account, at(date(2026, 12, 16)))

    assert len(people.tasks(box, SEND)) == 1
    assert people.row(box, "Approvals", DRAFT)["Status"] == "Approved: the VA has a task to send it"
    assert people.tasks(box, BEN) == []
    (ack,) = asked(box)
    what = people.row(box, "Approvals", ack)["What"]
    assert f"Changed: {POLICY}." in what
    assert "due within 7 days" in what
    assert "Ben Novak" in what
    assert "Ana Lopez" not in what

    people.types(box, "Approvals", ack, "Decision", "Approve")
    session.apply(account, at(date(2026, 12, 17)))
    assert len(people.tasks(box, BEN)) == 1
    assert people.row(box, "Memory", f"policy {POLICY}")["What"] == agreed


@pytest.mark.clause("X-92")
def test_a_deadline_of_begun_work_is_flagged_while_the_agent_has_not_answered(steward: tuple[Sandbox, Account]) -> None:
    box, account = steward
    people.types(box, "Memory", f"policy {POLICY}", "What", "0" * 16)

    session.apply(account, at(date(2026, 12, 16)))
    session.apply(account, at(date(2026, 12, 17)))

    assert len(people.tasks(box, LATE)) == 1
    assert len(asked(box)) == 1
    assert people.tasks(box, BEN) == []


@pytest.mark.clause("X-92")
def test_a_right_that_the_earlier_version_had_not_waits(steward: tuple[Sandbox, Account]) -> None:
    box, account = steward
    people.types(box, "Memory", f"policy {POLICY}", "What", "0" * 16)
    people.types(box, "Memory", f"rights {POLICY}", "What", "row of Approvals")
    people.types(box, "Approvals", DRAFT, "Decision", "Approve")

    session.apply(account, at(date(2026, 12, 16)))

    assert people.tasks(box, SEND) == []  # the earlier version gave nobody a task


@pytest.mark.clause("X-92")
def test_the_rights_are_kept_with_the_acknowledgement(steward: tuple[Sandbox, Account]) -> None:
    box, _ = steward
    assert people.row(box, "Memory", f"rights {POLICY}")["What"] == written(known_versions()[POLICY].may)
