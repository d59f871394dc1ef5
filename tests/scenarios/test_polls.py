"""The daemon between two sweeps: it decides what a sweep would, and concludes nothing that only a sweep can know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from connectors.sandbox.server import Sandbox
from daemon.account.wiring import Account
from daemon.passes import session
from daemon.service.loop import Daemon
from tests import people
from tests.conftest import SteppingClock
from tests.scenarios.worlds import clients_closing_on, set_up
from tests.scenes import at

NINE = datetime(2026, 12, 14, 15, tzinfo=UTC)
"""Nine o'clock of the agent's day, three hours after the morning pass was due."""
T7 = "MS-04 d{} 20261218-7d"


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock(NINE)


@pytest.fixture
def box(serve: Callable[..., Sandbox], clock: SteppingClock) -> Sandbox:
    box = serve(clients_closing_on(date(2025, 12, 18), 3))
    box.world.crm.now = lambda: clock.instant
    return box


@pytest.fixture
def steward(box: Sandbox, employ: Callable[..., Account], clock: SteppingClock) -> Account:
    return set_up(employ(box, clock=clock, **{"[guard]": "[schedule]\nsweep_minutes = 60\n\n[guard]"}), at(date(2026, 11, 2)))


def sweeps(box: Sandbox) -> int:
    """Lists of everybody that were asked for since the last look; the daemon's other lists of people are by edits or by touches."""
    asked = [entry.query for entry in box.log if entry.path == "/v1/people"]
    box.log.clear()
    return sum(not any(word in query for word in ("updatedAfter=", "createdAfter=", "sort=-last")) for query in asked)


def turn(box: Sandbox, daemon: Daemon, clock: SteppingClock, minutes: int = 15) -> int:
    clock.sleep(60 * minutes)
    box.log.clear()
    daemon.turn()
    return sweeps(box)


@pytest.mark.clause("MS-23")
def test_a_poll_acts_on_what_people_did_since_the_sweep(box: Sandbox, steward: Account, clock: SteppingClock) -> None:
    daemon = Daemon(steward)
    assert turn(box, daemon, clock, 0) == 1
    assert [len(people.tasks(box, T7.format(n))) for n in (1, 2, 3)] == [1, 1, 1]
    clock.sleep(600)
    people.at_crm(box, "edit-person", personId=102, addTags=["DNC"])
    assert turn(box, daemon, clock, 5) == 0
    assert [bool(people.tasks(box, T7.format(n))[0]["isCompleted"]) for n in (1, 2, 3)] == [False, True, False]
    assert [turn(box, daemon, clock) for _ in range(4)] == [0, 0, 1, 0]  # the hour is over


def test_the_mornings_pass_and_commands_sweep(box: Sandbox, steward: Account, clock: SteppingClock) -> None:
    clock.instant = datetime(2026, 12, 14, 11, 50, tzinfo=UTC)  # ten minutes before it
    daemon = Daemon(steward)
    daemon.turn()
    assert turn(box, daemon, clock, 9) == 0
    assert turn(box, daemon, clock, 1) == 1
    for command in (session.plan, session.apply):
        box.log.clear()
        command(steward, at(date(2026, 12, 14), 10))
        assert sweeps(box) == 1


def test_a_contact_deleted_since_the_sweep_has_no_tasks_that_a_person_deleted(box: Sandbox, steward: Account, clock: SteppingClock) -> None:
    daemon = Daemon(steward)
    daemon.turn()
    people.at_crm(box, "delete-person", personId=102)
    people.delete(box, T7.format(3))  # this one a person did delete
    assert turn(box, daemon, clock) == 1  # fewer than there were: everybody is read
    assert [row["Ref"] for row in people.rows(box, "Memory") if row["Ref"].startswith("deleted ")] == ["deleted MS-04 d3 20261218-7d"]


def test_nothing_is_concluded_from_tasks_of_somebody_who_cannot_be_seen_now(box: Sandbox, steward: Account, clock: SteppingClock) -> None:
    """Ben is deleted, and with him his task, while somebody who was never edited comes into view: the poll still holds Ben."""
    daemon = Daemon(steward)
    daemon.turn()
    crm = box.world.crm
    clock.sleep(600)
    people.at_crm(box, "delete-person", personId=102)
    crm.tables["people"][777] = crm.tables["people"][101] | {"id": 777, "created": "2020-01-01T00:00:00Z", "updated": "2020-01-01T00:00:00Z"}
    assert turn(box, daemon, clock, 5) == 0
    assert [row["Ref"] for row in people.rows(box, "Memory") if row["Ref"].startswith("deleted ")] == []


def test_a_snapshot_that_shrank_is_not_believed_and_not_held(box: Sandbox, steward: Account, clock: SteppingClock) -> None:
    daemon = Daemon(steward)
    daemon.turn()
    kept = {n: box.world.crm.tables["people"][n] for n in (102, 103)}
    for n in kept:
        del box.world.crm.tables["people"][n]
    assert [turn(box, daemon, clock) for _ in range(2)] == [1, 1]
    for n, person in kept.items():
        box.world.crm.tables["people"][n] = person
    assert [turn(box, daemon, clock) for _ in range(2)] == [1, 0]
