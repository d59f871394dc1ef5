"""What comes to an end: a VA who leaves, a Steward that is retired, a ledger from an older version."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from connectors.memory import MemoryNotifier
from connectors.sandbox.brokerage import VA_MAIL
from connectors.sandbox.server import Sandbox
from daemon.account.ledger import Ledger
from daemon.account.ledger_file import SCHEMA
from daemon.account.wiring import Account, lock
from daemon.commands import check, retire
from daemon.errors import ConfigurationError, NotNow
from daemon.passes import session
from daemon.service.loop import Daemon
from policies.asks.notices import BOTH
from tests import people
from tests.conftest import SteppingClock
from tests.scenarios.worlds import clients_closing_on, one_client, set_up
from tests.scenes import at

MORNING = at(date(2026, 12, 14))
T7 = "MS-04 d1 20261218-7d"


@pytest.fixture
def box(serve: Callable[..., Sandbox]) -> Sandbox:
    return serve(one_client())


@pytest.fixture
def steward(box: Sandbox, employ: Callable[..., Account]) -> Account:
    return set_up(employ(box, clock=SteppingClock(datetime(2026, 12, 14, 18, tzinfo=UTC))), at(date(2026, 11, 2)))


CHANGING = {"assignedUserId", "AssignedTo", "updated", "updatedById", "updatedBy"}
"""What is another once a task changed hands."""


# -- a VA who leaves ----------------------------------------------------------------------------------------------------


def va_leaves(box: Sandbox, how: str) -> None:
    users = box.world.crm.tables["users"]
    number = next(n for n, user in users.items() if user["email"] == VA_MAIL)
    if how == "deactivated":
        users[number] = {**users[number], "status": "Inactive"}
    else:
        del users[number]


@pytest.mark.clause("MS-23", "MS-52")
@pytest.mark.parametrize("how", ["deactivated", "deleted"])
def test_the_tasks_of_a_va_who_left_go_to_the_agent_who_is_told_once(box: Sandbox, steward: Account, how: str) -> None:
    told = MemoryNotifier(*BOTH)
    va_leaves(box, how)
    daemon = Daemon(replace(steward, notifier=told))
    daemon.turn()
    daemon.turn()

    assert [task["assignedUserId"] for task in people.tasks(box, T7)] == [2]
    assert [notice.title for _, notice in told.sent if notice.key.startswith("va ")] == ["Steward: tasks of the VA come to you"]
    assert [line.text for line in check.check(steward) if line.level == "problem" and "va.crm_user" in line.text] != []


@pytest.mark.clause("MS-23")
def test_the_open_tasks_of_a_va_who_left_go_to_the_agent_and_those_of_people_do_not(box: Sandbox, steward: Account) -> None:
    daemon = Daemon(steward)
    daemon.turn()
    mine, va = people.tasks(box, T7)[0], 3
    box.world.crm.tables["tasks"][990] = {**mine, "id": 990, "name": "call the plumber"}
    box.world.crm.tables["tasks"][991] = {**mine, "id": 991, "name": mine["name"].replace("20261218", "20251218"), "isCompleted": 1}
    assert [task["assignedUserId"] for task in people.tasks(box, "")] == [va] * len(people.tasks(box, ""))
    va_leaves(box, "deactivated")
    daemon.turn()
    given = {n: task["assignedUserId"] for n, task in box.world.crm.tables["tasks"].items()}
    assert {given.pop(990), given.pop(991)} == {va}
    assert set(given.values()) == {2}
    assert {k: v for k, v in people.tasks(box, T7)[0].items() if k not in CHANGING} == {k: v for k, v in mine.items() if k not in CHANGING}

    before = people.writes(box)
    daemon.turn()
    assert people.writes(box) == before
    assert {row["Who"] for row in people.rows(box, "Handover") if row["State"] == "open"} == {"Dana Reyes"}


def test_a_new_va_takes_over_what_was_the_vas_and_the_agent_what_nobody_asks_for_any_more(
        box: Sandbox, steward: Account, employ: Callable[..., Account]) -> None:
    Daemon(steward).turn()
    old = {**people.tasks(box, T7)[0], "id": 990, "name": "Prepare: a home that was sold [MS-04 d99 20261218-7d]"}
    box.world.crm.tables["tasks"][990] = old
    va_leaves(box, "deactivated")
    users = box.world.crm.tables["users"]
    users[77] = {**users[3], "id": 77, "email": "noa@example.com", "name": "Noa Berg", "status": "Active"}
    steward.ledger.close()
    Daemon(employ(box, clock=SteppingClock(datetime(2026, 12, 14, 18, tzinfo=UTC)), **{VA_MAIL: "noa@example.com"})).turn()

    assert [task["assignedUserId"] for task in people.tasks(box, T7)] == [77]
    assert box.world.crm.tables["tasks"][990]["assignedUserId"] == 2


@pytest.mark.parametrize("how", ["not listed", "left alone", "reassigned"])
def test_no_task_changes_hands_without_a_fact(box: Sandbox, steward: Account, how: str) -> None:
    """A user who is not listed may be one this key does not see; a contact is left alone; a person has chosen somebody who is there."""
    Daemon(steward).turn()
    task = people.tasks(box, T7)[0]
    if how == "left alone":
        people.at_crm(box, "edit-person", personId=101, addTags=["Steward: skip"])
    if how == "reassigned":
        people.at_crm(box, "edit-task", taskId=task["id"], assignedUserId=1)
    va_leaves(box, "deleted" if how == "not listed" else "deactivated")
    Daemon(steward).turn()
    assert people.tasks(box, T7)[0]["assignedUserId"] == (1 if how == "reassigned" else 3)


def test_a_va_who_is_there_gets_them(box: Sandbox, steward: Account) -> None:
    Daemon(steward).turn()
    assert [task["assignedUserId"] for task in people.tasks(box, T7)] == [3]
    assert not any("va.crm_user" in line.text for line in check.check(steward) if line.level == "problem")


# -- retiring -----------------------------------------------------------------------------------------------------------


def test_the_inventory_lists_what_was_made_and_writes_nothing(box: Sandbox, steward: Account) -> None:
    session.apply(steward, MORNING)
    before = people.writes(box)
    found = retire.inventory(steward, MORNING)

    assert {str(task.key) for task in found.open_tasks} == {T7, "DB-21 a0 202611"}
    assert {"Read me", "Approvals", "Checklists", "Missed", "Handover", "Memory"} <= set(found.tabs)
    assert people.writes(box) == before


def test_retiring_withdraws_every_open_task_and_no_pass_makes_it_anew(serve: Callable[..., Sandbox], employ: Callable[..., Account]) -> None:
    box = serve(clients_closing_on(date(2025, 12, 18), 12))  # more than guard.withdraw_limit
    account = set_up(employ(box), MORNING)
    assert [len(people.tasks(box, f"MS-04 d{n} ")) for n in range(1, 13)] == [1] * 12
    mine = {**next(iter(box.world.crm.tables["tasks"].values())), "id": 990, "name": "call the plumber", "isCompleted": 0}
    box.world.crm.tables["tasks"][990] = mine
    outcomes = retire.retire(account, MORNING, lambda _: None)

    assert {o.result for o in outcomes} == {"done"}
    assert all(task["isCompleted"] for number, task in box.world.crm.tables["tasks"].items() if number != 990)
    assert not box.world.crm.tables["tasks"][990]["isCompleted"]
    before = people.writes(box)
    assert "retired here on 2026-12-14 06:00" in session.apply(account, MORNING).held
    assert people.writes(box) == before
    assert retire.inventory(account, MORNING).open_tasks == ()


def test_retiring_waits_for_the_daemon_to_be_stopped_and_for_people(box: Sandbox, steward: Account) -> None:
    session.apply(steward, MORNING)
    with lock(steward.settings.state_dir, "daemon"), pytest.raises(NotNow, match="another daemon"):
        retire.retire(steward, MORNING, lambda _: None)
    people.types(box, "Read me", "Pause", "Value", "wait")
    with pytest.raises(NotNow, match="paused by a person"):
        retire.retire(steward, MORNING, lambda _: None)
    assert [bool(task["isCompleted"]) for task in people.tasks(box, T7)] == [False]


@pytest.mark.wire
def test_what_cannot_be_seen_is_not_retired(box: Sandbox, steward: Account) -> None:
    box.faults.add(kind="status", status=503, path="/v1/tasks", times=100)
    with pytest.raises(NotNow, match="503"):
        retire.retire(steward, MORNING, lambda _: None)


# -- the ledger of an older version -------------------------------------------------------------------------------------


FIRST = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE intents (mark TEXT, entity TEXT, state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    sent_at REAL NOT NULL DEFAULT 0, remote_id INTEGER NOT NULL DEFAULT 0, made_at REAL NOT NULL DEFAULT 0,
    person_id INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (mark, entity)) STRICT;
CREATE TABLE journal (id INTEGER PRIMARY KEY, pass TEXT NOT NULL, at TEXT NOT NULL, mark TEXT NOT NULL, verb TEXT NOT NULL,
    entity TEXT NOT NULL, person_id INTEGER, clause TEXT NOT NULL, outcome TEXT NOT NULL) STRICT;
CREATE TABLE passes (id TEXT PRIMARY KEY, started TEXT NOT NULL, ended TEXT, outcome TEXT, counts TEXT NOT NULL DEFAULT '{}') STRICT;
CREATE TABLE plans (digest TEXT PRIMARY KEY, made TEXT NOT NULL, policies TEXT NOT NULL, actions TEXT NOT NULL) STRICT;
INSERT INTO meta VALUES ('account', '1001');
INSERT INTO intents VALUES ('MS-04 d1 20261218-14d', 'task', 'done', 1, 5.0, 77, 5.0, 101);
INSERT INTO journal VALUES (1, 'P1', '2026-12-03T12:00:00+00:00', 'MS-04 d1 20261218-14d', 'create', 'task', 101, 'MS-04', 'done');
INSERT INTO passes VALUES ('P1', '2026-12-03T12:00:00+00:00', '2026-12-03T12:00:02+00:00', 'fine', '{"done": 1}');
INSERT INTO passes VALUES ('P2', '2026-12-03T12:15:00+00:00', '2026-12-03T12:15:02+00:00', 'Unavailable', '{}');
PRAGMA user_version = 1;
"""
"""A ledger as version 0.1.0 wrote it. It is not to be changed: there are such files."""


def of_the_first_version(folder: Path) -> Path:
    db = sqlite3.connect(folder / "ledger.sqlite3")
    db.executescript(FIRST)
    db.close()
    return folder


def version(folder: Path) -> int:
    db = sqlite3.connect(folder / "ledger.sqlite3")
    try:
        return int(db.execute("PRAGMA user_version").fetchone()[0])
    finally:
        db.close()


def test_a_ledger_of_the_first_version_is_taken_forward_with_all_it_holds(tmp_path: Path) -> None:
    ledger = Ledger(of_the_first_version(tmp_path))
    intent = ledger.intent("MS-04 d1 20261218-14d", "task")

    assert intent is not None
    assert (intent.state, intent.remote_id, intent.person_id) == ("done", 77, 101)
    assert [entry["pass"] for entry in ledger.journal()] == ["P1"]
    assert [p["pass"] for p in ledger.last_passes(9)] == ["P2", "P1"]
    assert ledger.last_good() == datetime(2026, 12, 3, 12, 0, 2, tzinfo=UTC)
    ledger.record_notice("digest", "primary", datetime(2026, 12, 4, tzinfo=UTC))
    ledger.close()
    assert version(tmp_path) == SCHEMA
    again = Ledger(tmp_path)
    assert again.notices() == {("digest", "primary"): datetime(2026, 12, 4, tzinfo=UTC)}
    again.close()


def test_a_migration_that_is_cut_short_leaves_the_old_ledger(tmp_path: Path) -> None:
    of_the_first_version(tmp_path)
    db = sqlite3.connect(tmp_path / "ledger.sqlite3")
    db.execute("CREATE TABLE notices (of_somebody_else TEXT)")  # the last step of the migration fails
    db.commit()
    db.close()
    with pytest.raises(ConfigurationError, match="is damaged"):
        Ledger(tmp_path)
    db = sqlite3.connect(tmp_path / "ledger.sqlite3")
    assert "healthy" not in {row[1] for row in db.execute("PRAGMA table_info(passes)")}
    db.close()
    assert version(tmp_path) == 1


def test_a_ledger_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    of_the_first_version(tmp_path)
    db = sqlite3.connect(tmp_path / "ledger.sqlite3")
    db.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    db.close()
    with pytest.raises(ConfigurationError, match="newer Steward"):
        Ledger(tmp_path)
    assert version(tmp_path) == SCHEMA + 1


def test_a_ledger_that_is_lost_costs_no_fact(box: Sandbox, steward: Account) -> None:
    """Nothing needs a backup but the configuration (docs/operating.md)."""
    session.apply(steward, MORNING)
    steward.ledger.close()
    for path in steward.settings.state_dir.glob("ledger*"):
        path.unlink()
    before = people.writes(box)
    fresh = replace(steward, ledger=Ledger(steward.settings.state_dir))
    session.apply(fresh, MORNING)
    assert people.writes(box) == before
    assert len(people.tasks(box, T7)) == 1
    fresh.ledger.close()
