"""Attacks on the daemon where nobody looks: each of these stories broke it once, or is a law that it must keep."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import structlog

from connectors import heartbeat
from connectors.errors import Unavailable
from connectors.memory import MemoryNotifier
from connectors.sandbox.brokerage import AGENT_MAIL, World, brokerage
from connectors.sandbox.server import Sandbox
from daemon import logs
from daemon.account.ledger import Ledger
from daemon.account.people import People
from daemon.account.wiring import Account, lock
from daemon.commands import retire, status, undo
from daemon.errors import ConfigurationError, NotNow
from daemon.passes import session
from daemon.service.loop import Daemon, never_began
from daemon.service.unit import Unit
from policies.asks.notices import BOTH, Channel, Notice
from tests import people
from tests.conftest import SteppingClock
from tests.scenarios.worlds import (
    DRAFT,
    MORNING,
    T7,
    clients_closing_on,
    one_client,
    set_up,
    two_referrals,
)
from tests.scenes import at

CHICAGO = ZoneInfo("America/Chicago")


@pytest.fixture
def box(serve: Callable[..., Sandbox], clock: SteppingClock) -> Sandbox:
    return serving(serve, one_client(), clock)


def serving(serve: Callable[..., Sandbox], world: World, clock: SteppingClock) -> Sandbox:
    box = serve(world)
    box.world.crm.now = lambda: clock.instant
    return box


def sent(told: MemoryNotifier) -> list[str]:
    """The keys of what arrived since the last look."""
    found = [notice.key for _, notice in told.sent]
    told.sent.clear()
    return found


def fails(box: Sandbox, path: str, **fault: Any) -> None:
    box.faults.add(**{"kind": "status", "status": 503, "path": path, "times": 10_000, **fault})


def break_the_ledger(account: Account) -> None:
    """A value that no Steward writes, so that reading it is a defect in every pass."""
    db = sqlite3.connect(account.settings.state_dir / "ledger.sqlite3")
    db.execute("INSERT INTO noted VALUES (999, 'yesterday')")
    db.commit()
    db.close()


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """The log as the journal gets it."""
    before = structlog.get_config()
    logs.configure(terminal=False)
    yield lambda: capsys.readouterr().err
    structlog.configure(**before)


# -- absence ------------------------------------------------------------------------------------------------------------


@pytest.mark.clause("MS-23")
@pytest.mark.usefixtures("_before_the_reminder")
@pytest.mark.parametrize("how", ["a pass at the keyboard hangs", "every pass has a defect"])
def test_whatever_keeps_passes_from_working_is_an_absence(
        box: Sandbox, steward: Account, daemon: Daemon, told: MemoryNotifier, clock: SteppingClock, how: str) -> None:
    clock.instant = datetime(2026, 12, 9, 16, tzinfo=UTC)
    if how == "every pass has a defect":
        break_the_ledger(steward)
        daemon.turn()
    else:
        with lock(steward.settings.state_dir, "pass"):
            daemon.turn()
    assert sent(told) == ["absence"]


@pytest.mark.clause("MS-23")
@pytest.mark.usefixtures("_before_the_reminder", "_signals")
@pytest.mark.parametrize(("kills", "heard"), [(1, []), (2, ["absence"])])
def test_passes_that_are_killed_again_and_again_are_an_absence(
        box: Sandbox, steward: Account, told: MemoryNotifier, clock: SteppingClock, kills: int, heard: list[str]) -> None:
    """By the watchdog, in a CRM that hangs; or for want of memory: no pass comes to say what is wrong."""
    clock.instant = datetime(2026, 12, 9, 16, tzinfo=UTC)
    for n in range(kills):
        steward.ledger.start_pass(f"killed {n}", clock.now())
    daemon = Daemon(replace(steward, notifier=told))
    daemon.stop()
    daemon.run()
    assert [key for key in sent(told) if key != "digest"] == heard


@pytest.mark.usefixtures("_before_the_reminder")
def test_a_clock_that_ran_ahead_hides_no_absence(box: Sandbox, daemon: Daemon, told: MemoryNotifier, clock: SteppingClock) -> None:
    clock.instant = datetime(2026, 12, 10, 3, tzinfo=UTC)  # set right after this pass
    daemon.turn()
    clock.instant = datetime(2026, 12, 9, 16, tzinfo=UTC)
    fails(box, "/v1/people")
    daemon.turn()
    assert sent(told) == ["absence"]


@pytest.mark.clause("MS-23", "X-57")
def test_with_an_agents_key_the_days_ahead_are_known_too(
        box: Sandbox, steward: Account, employ: Callable[..., Account], clock: SteppingClock) -> None:
    """The database procedure is off for such a key: that is not something that could not be asked."""
    now = at(date(2026, 11, 3))
    account = employ(box, clock=clock, key="fka_dana", state="another")
    session.apply(account, now, shown=session.plan(account, now).plan.digest)
    clock.instant = datetime(2026, 12, 8, 20, tzinfo=UTC)
    Daemon(account).turn()
    assert {T7, DRAFT} <= {mark for mark, _ in json.loads(account.ledger.recall("ahead"))}
    assert [row["Mark"] for row in people.rows(box, "Handover") if row["State"].startswith("comes up")] != []

    people.at_crm(box, "edit-person", personId=101, stage="Do Not Contact")
    clock.sleep(24 * 3600)
    Daemon(account).turn()
    assert [row["Mark"] for row in people.rows(box, "Handover") if row["State"].startswith("comes up")] == []


# -- the last word ------------------------------------------------------------------------------------------------------


@pytest.fixture
def _signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


class Stopped(SteppingClock):
    """A clock on which somebody stops the daemon as soon as it waits."""

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        signal.raise_signal(signal.SIGTERM)


NOBODY = {f'crm_user = "{AGENT_MAIL}"': 'crm_user = "nobody@example.com"'}


@pytest.mark.usefixtures("_signals", "steward")
def test_a_daemon_that_is_stopped_at_night_wakes_nobody(box: Sandbox, employ: Callable[..., Account], told: MemoryNotifier) -> None:
    wrong = employ(box, clock=Stopped(datetime(2026, 12, 14, 3, tzinfo=CHICAGO)), **NOBODY)
    with pytest.raises(ConfigurationError):
        Daemon(replace(wrong, notifier=told)).run()
    assert sent(told) == []


@pytest.mark.usefixtures("_signals")
def test_whoever_tries_in_vain_to_start_it_is_told_once_and_a_new_end_is_told_anew(
        box: Sandbox, employ: Callable[..., Account], told: MemoryNotifier, clock: SteppingClock, daemon: Daemon) -> None:
    clock.instant = datetime(2026, 12, 14, 9, tzinfo=CHICAGO)
    wrong = Daemon(replace(employ(box, clock=clock, **NOBODY), notifier=told))
    for _ in range(3):
        with pytest.raises(ConfigurationError):
            wrong.run()
        clock.sleep(60)
    assert sent(told) == ["stopped"]
    daemon.turn()  # mended
    clock.sleep(60)
    told.sent.clear()
    with pytest.raises(ConfigurationError):
        wrong.run()
    assert sent(told) == ["stopped"]


class Watched(Unit):
    """A unit whose manager only listens."""

    def __init__(self) -> None:
        self.said: list[str] = []

    @property
    def is_one(self) -> bool:
        return True

    def _tell(self, state: str) -> None:
        self.said.append(state)


@pytest.mark.clause("MS-23")
@pytest.mark.usefixtures("_signals", "steward")
@pytest.mark.parametrize(("hour", "waits"), [(9, 0), (3, 5 * 3600)])
def test_a_unit_that_cannot_even_begin_tells_the_agent(employ: Callable[..., Account], box: Sandbox, told: MemoryNotifier, hour: int, waits: int) -> None:
    """A newer ledger, a lost secret: exit 78, and systemd starts it no more."""
    account, clock = employ(box), SteppingClock(datetime(2026, 12, 14, hour, tzinfo=CHICAGO))
    unit, problem = Watched(), ConfigurationError(["crm.api_key: is missing"])
    told.away.add(Channel.PRIMARY)
    never_began(account.settings, told, clock, problem, unit)
    assert [(channel, notice.title) for channel, notice in told.sent] == [(Channel.SECONDARY, "Steward has stopped")]
    assert sum(clock.slept) == waits
    assert (unit.said[0], unit.said[-1], "WATCHDOG=1" in unit.said) == ("READY=1", "STOPPING=1", waits > 0)


def test_who_starts_it_at_the_keyboard_is_told_there_and_nobody_else(steward: Account, told: MemoryNotifier) -> None:
    clock = SteppingClock(datetime(2026, 12, 14, 3, tzinfo=CHICAGO))
    never_began(steward.settings, told, clock, ConfigurationError(["crm.api_key: is missing"]))
    assert (told.sent, clock.slept) == ([], [])


@pytest.mark.parametrize("path", ["/v1/users", "/v1/stages", "/v1/pipelines", "/v1/customFields"])
@pytest.mark.wire
def test_one_empty_answer_does_not_end_the_daemon(box: Sandbox, daemon: Daemon, path: str) -> None:
    name = path.removeprefix("/v1/").lower()
    empty = {"_metadata": {"collection": name, "offset": 0, "limit": 100, "total": 0}, name: []}
    box.faults.add(kind="status", status=200, path=path, body=json.dumps(empty))
    daemon.turn()
    daemon.turn()
    assert len(people.tasks(box, T7)) == 1


def test_a_lock_that_another_user_made_names_the_state_directory(steward: Account) -> None:
    found = steward.settings.state_dir / "pass.lock"
    found.unlink()
    found.mkdir()  # the tests may be root, whom no file mode stops
    with pytest.raises(ConfigurationError, match=r"state_dir: .*pass\.lock cannot be opened"):
        session.apply(steward, MORNING)


# -- SIGTERM in the middle of a write -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("_signals")
def test_a_stop_in_the_middle_of_a_write_lets_the_pass_end(
        serve: Callable[..., Sandbox], employ: Callable[..., Account], clock: SteppingClock) -> None:
    box = serving(serve, clients_closing_on(date(2025, 12, 18), 6), clock)
    account = set_up(employ(box, clock=clock), at(date(2026, 11, 2)))
    stopped = threading.Event()

    def now() -> datetime:
        if people.tasks(box, "MS-04 d3 ") and not stopped.is_set():  # the CRM is carrying out the third of six
            stopped.set()
            os.kill(os.getpid(), signal.SIGTERM)
        return clock.instant

    box.world.crm.now = now
    Daemon(account).run()
    assert stopped.is_set()
    assert [len(people.tasks(box, f"MS-04 d{n} 20261218-7d")) for n in range(1, 7)] == [1] * 6
    assert account.ledger.intents("inflight") == []
    assert account.ledger.last_passes(1)[0]["outcome"] == "fine"
    before = people.writes(box)
    session.apply(account, MORNING)
    assert people.writes(box) == before


class Slow(SteppingClock):
    """A clock that moves on by itself, as soon as it is slow."""

    slow = False

    def monotonic(self) -> float:
        self.instant += timedelta(seconds=20 * self.slow)
        return super().monotonic()


@pytest.mark.wire
def test_a_crm_that_lets_every_write_hang_does_not_keep_a_pass_from_ending(serve: Callable[..., Sandbox], employ: Callable[..., Account]) -> None:
    """A minute for each of many writes is longer than the watchdog waits, and then for ever: each new daemon would hang in the same place."""
    clock = Slow(MORNING)
    box = serving(serve, clients_closing_on(date(2025, 12, 18), 20), clock)
    account = set_up(employ(box, clock=clock), at(date(2026, 11, 2)))
    box.faults.add(kind="drop-after", method="POST", path="/v1/tasks", times=1000)
    clock.slow = True
    Daemon(account).turn()
    made = len(people.tasks(box, "MS-04 d"))
    assert 3 <= made <= 15
    box.faults.pending.clear()
    clock.slow = False
    clock.sleep(900)
    Daemon(account).turn()
    assert [len(people.tasks(box, f"MS-04 d{n} ")) for n in range(1, 21)] == [1] * 20


@pytest.mark.usefixtures("_signals")
def test_two_daemons_on_one_state_directory_are_one(box: Sandbox, steward: Account, employ: Callable[..., Account]) -> None:
    before = len(box.log)
    with lock(steward.settings.state_dir, "daemon"), pytest.raises(NotNow, match="another daemon"):
        Daemon(employ(box)).run()
    assert len(box.log) == before


# -- the watchdog -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("what", "fed"), [("all is well", True), ("the CRM is down", True), ("the Sheet is down", True), ("people paused it", True),
                                           ("a pass at the keyboard hangs", True), ("every pass has a defect", False)])
def test_the_watchdog_is_fed_by_whatever_a_restart_would_not_mend(
        box: Sandbox, steward: Account, clock: SteppingClock, what: str, fed: bool) -> None:
    unit = Watched()
    daemon = Daemon(steward, unit)
    daemon.turn()
    match what:
        case "the CRM is down":
            fails(box, "/v1/")
        case "the Sheet is down":
            fails(box, "/v4/")
        case "people paused it":
            people.types(box, "Read me", "Pause", "Value", "holiday")
        case "every pass has a defect":
            break_the_ledger(steward)
    with lock(steward.settings.state_dir, "pass" if "keyboard" in what else "nothing"):
        for _ in range(4):
            clock.sleep(900)
            daemon.turn()
            unit.said.clear()
            daemon.tick()
    assert ("WATCHDOG=1" in unit.said) is fed


# -- retiring and taking back -------------------------------------------------------------------------------------------


@pytest.mark.wire
def test_a_retirement_that_was_cut_short_is_finished_by_running_it_again(
        serve: Callable[..., Sandbox], employ: Callable[..., Account], clock: SteppingClock) -> None:
    box = serving(serve, clients_closing_on(date(2025, 12, 18), 4), clock)
    account = set_up(employ(box, clock=clock), MORNING)
    fails(box, "/v1/tasks/", method="PUT", skip=2)
    assert not all(o.happened for o in retire.retire(account, MORNING, lambda _: None))
    box.faults.pending.clear()
    assert all(o.happened for o in retire.retire(account, MORNING, lambda _: None))
    assert all(task["isCompleted"] for task in box.world.crm.tables["tasks"].values())
    assert all(str(task["name"]).count("withdrawn") == 1 for task in box.world.crm.tables["tasks"].values())
    done = dict(box.world.crm.tables["tasks"])
    assert all(o.happened for o in retire.retire(account, MORNING, lambda _: None))
    assert box.world.crm.tables["tasks"] == done
    assert "was retired here" in session.apply(account, MORNING).held


def test_a_contact_that_is_left_alone_keeps_no_task_of_a_retired_steward(box: Sandbox, steward: Account) -> None:
    session.apply(steward, MORNING)
    people.at_crm(box, "edit-person", personId=101, addTags=["Steward: skip"])
    retire.retire(steward, MORNING, lambda _: None)
    assert [bool(task["isCompleted"]) for task in people.tasks(box, T7)] == [True]


def test_undo_of_a_pass_after_everything_was_touched_changes_nothing(box: Sandbox, steward: Account) -> None:
    session.apply(steward, MORNING)
    made = str(steward.ledger.last_passes(1)[0]["pass"])
    for mark, verb in (("MS-04", "edit-task"), ("DB-21", "complete-task")):
        for task in people.tasks(box, mark):
            people.at_crm(box, verb, taskId=task["id"], **({"name": f"Mine [{T7}]"} if verb == "edit-task" else {}))
    before = {n: dict(task) for n, task in box.world.crm.tables["tasks"].items()}
    undo.carry_out(steward, made, MORNING, lambda _: None)
    assert box.world.crm.tables["tasks"] == before


@pytest.fixture
def referred(serve: Callable[..., Sandbox], employ: Callable[..., Account], clock: SteppingClock) -> tuple[Sandbox, Account, str]:
    """Olga sent Wes and Ximena, and has not been thanked for a day: the pass that made the task for it, raised since by another."""
    clock.instant = datetime(2026, 12, 16, 16, tzinfo=UTC)
    box = serving(serve, two_referrals(), clock)
    account = set_up(employ(box, clock=clock), at(date(2026, 12, 15)))
    clock.sleep(1)
    session.apply(account, clock.now().astimezone(CHICAGO))
    made = next(entry["pass"] for entry in account.ledger.journal() if entry["mark"] == "RF-08 p103 thanks" and entry["entity"] == "task")
    clock.sleep(30 * 3600)
    session.apply(account, clock.now().astimezone(CHICAGO))
    return box, account, made


def test_a_task_that_steward_itself_raised_was_not_changed_by_a_person(referred: tuple[Sandbox, Account, str], clock: SteppingClock) -> None:
    box, account, made = referred
    assert [task["name"].startswith(("Reminder: ", "Urgent: ")) for task in people.tasks(box, "RF-08 p103 thanks")] == [True]
    undo.carry_out(account, made, clock.now().astimezone(CHICAGO), lambda _: None)
    assert [bool(task["isCompleted"]) for task in people.tasks(box, "RF-08 p103 thanks")] == [True]


def test_what_may_not_be_taken_back_is_listed_for_people_and_not_promised(referred: tuple[Sandbox, Account, str], clock: SteppingClock) -> None:
    """The count of referrals is on no list of what may be emptied: it was named as taken back, and nothing happened."""
    _, account, made = referred
    now = clock.now().astimezone(CHICAGO)
    found = undo.of(account, made, now)
    assert found.by_hand["fill field RF-27 p101 n1"].endswith("undo it by hand")
    promised = [(a.verb, a.mark) for a in found.actions]
    assert [(o.action.verb, o.action.mark) for o in undo.carry_out(account, made, now, lambda _: None)] == sorted(
        promised, key=lambda one: one[0] in {"append", "update"})


# -- what is told -------------------------------------------------------------------------------------------------------


@pytest.mark.clause("MS-51")
def test_what_people_type_into_the_column_rule_reaches_no_locked_screen(
        box: Sandbox, daemon: Daemon, told: MemoryNotifier, clock: SteppingClock) -> None:
    daemon.turn()
    people.types(box, "Approvals", DRAFT, "Rule", "call Ana Lopez at 512 555 0142")
    clock.instant = datetime(2026, 12, 14, 18, tzinfo=UTC)
    daemon.turn()
    assert [notice.body.split(" ")[:2] for _, notice in told.sent] == [["MS-09", "Ana"]]


class Hanging(MemoryNotifier):
    """Channels that never answer, each time for as long as a notice may take."""

    def __init__(self, clock: SteppingClock) -> None:
        super().__init__(*BOTH)
        self.away, self._clock = set(BOTH), clock

    def send(self, channel: Channel, notice: Notice) -> None:
        self._clock.sleep(60)
        super().send(channel, notice)


@pytest.fixture
def late(serve: Callable[..., Sandbox], employ: Callable[..., Account], clock: SteppingClock) -> Account:
    """Twelve drafts that nobody approved, the day before they are due."""
    clock.instant = datetime(2026, 12, 17, 18, tzinfo=UTC)
    box = serving(serve, clients_closing_on(date(2025, 12, 18), 12), clock)
    return set_up(employ(box, clock=clock), at(date(2026, 11, 2)))


def test_channels_that_hang_hold_no_pass_up_for_long(late: Account, clock: SteppingClock) -> None:
    """Thirteen notices on two channels were 26 minutes: the watchdog would have ended the daemon in the middle of its work."""
    Daemon(replace(late, notifier=Hanging(clock))).turn()
    assert clock.slept.count(60) == 2


@pytest.mark.clause("X-58")
def test_many_escalations_at_once_are_one_message_each_told_once(late: Account, told: MemoryNotifier, clock: SteppingClock) -> None:
    Daemon(replace(late, notifier=told)).turn()
    assert [(len(notice.lines), len(notice.also), notice.key.split(" ")[0]) for _, notice in told.sent] == [(12, 11, "MS-45"), (12, 0, "digest")]
    told.sent.clear()
    clock.sleep(900)
    Daemon(replace(late, notifier=told)).turn()
    assert sent(told) == []


# -- logs and secrets ---------------------------------------------------------------------------------------------------


def test_a_services_own_words_are_not_logged(box: Sandbox, daemon: Daemon, printed: Callable[[], str]) -> None:
    fails(box, "/v1/people", status=400, body=json.dumps({"errorMessage": "ana.lopez@example.com (Ana Lopez) and fka_steward are no good"}))
    daemon.turn()
    said = printed()
    assert "GET /people was refused with 400" in said
    assert not [word for word in ("ana.lopez", "Lopez", "fka_steward") if word in said]


def test_an_address_that_is_none_is_a_switch_that_is_away() -> None:
    with pytest.raises(Unavailable) as problem:
        heartbeat.ping(f"https://{'a' * 70}.example.com/SECRET")
    assert "SECRET" not in str(problem.value)


@pytest.mark.wire
def test_days_of_work_leave_no_name_address_number_or_secret_in_log_and_ledger(
        serve: Callable[..., Sandbox], employ: Callable[..., Account], clock: SteppingClock, printed: Callable[[], str]) -> None:
    box = serving(serve, brokerage(date(2026, 12, 14), people=60), clock)
    account = employ(box, clock=clock, **{"[guard]": f'[schedule]\nheartbeat_url = "{box.url}/beat?key=SECRET"\n\n[notify]\n'
                                                     'primary = ["json://user:HIDDEN@127.0.0.1:9/"]\n\n[guard]'})
    set_up(account, at(date(2026, 12, 1)))
    daemon = Daemon(account)
    faults: tuple[dict[str, Any], ...] = ({}, {"path": "/v1/people"}, {"path": "/v4/"}, {"kind": "drop-after", "method": "POST", "path": "/v1/", "times": 3},
                                          {"kind": "garbage", "path": "/v1/deals", "times": 3}, {})
    for fault in faults:
        if fault:
            fails(box, fault.pop("path"), **fault)
        daemon.turn()
        box.faults.pending.clear()
        clock.sleep(5 * 3600)
    said = printed()
    assert said.count('"event": "action"') > 20
    assert all(json.loads(line) for line in said.splitlines())
    account.ledger.close()
    kept = said + "".join(path.read_bytes().decode("latin-1") for path in Path(account.settings.state_dir).iterdir())
    found = set()
    for person in box.world.crm.tables["people"].values():
        words = {f"{person['firstName']} {person['lastName']}", *(mail["value"] for mail in person.get("emails") or ()),
                 *(phone["value"] for phone in person.get("phones") or ()), *(home.get("street") for home in person.get("addresses") or ())}
        found |= {word for word in words if word and len(word) > 5 and word in kept}
    assert found == set()
    assert not [word for word in ("fka_", "SECRET", "HIDDEN", "@example") if word in kept]


# -- clocks -------------------------------------------------------------------------------------------------------------


@pytest.mark.clause("MS-21", "MS-23")
def test_a_machine_that_slept_for_three_weeks_says_what_it_cost_and_does_each_thing_once(
        box: Sandbox, steward: Account, daemon: Daemon, clock: SteppingClock) -> None:
    clock.instant = datetime(2026, 11, 23, 15, tzinfo=UTC)
    daemon.turn()
    clock.instant = MORNING
    daemon.tick()
    found = status.status(steward)
    assert found.outage is not None
    assert (found.outage.first, found.outage.last) == (date(2026, 11, 24), date(2026, 12, 13))
    assert found.outage.missed == ("MS-04 d1 20261218-14d",)
    assert {T7, DRAFT} <= {mark for mark, _ in found.outage.late}
    before = people.writes(box)
    daemon.tick()
    daemon.turn()
    assert people.writes(box) == before


@pytest.mark.clause("MS-21")
@pytest.mark.parametrize("day", [date(2026, 3, 8), date(2026, 11, 1)])
def test_the_day_the_clocks_change_has_one_morning_and_one_digest(
        serve: Callable[..., Sandbox], employ: Callable[..., Account], told: MemoryNotifier, day: date) -> None:
    clock = SteppingClock(datetime.combine(day, datetime.min.time(), CHICAGO).astimezone(UTC))
    box = serving(serve, one_client(), clock)
    people_read: list[datetime] = []
    account = employ(box, clock=clock, **{"[guard]": '[schedule]\nmorning = "02:30"\nquiet_hours = ["21:00", "01:30"]\n\n[guard]'})
    daemon = Daemon(replace(set_up(account, at(day - timedelta(days=3))), notifier=told))
    for _ in range(28):
        before = len(box.log)
        daemon.tick()
        if len(box.log) > before:
            people_read.append(clock.now().astimezone(CHICAGO))
        clock.sleep(900)
    mornings = [read for read in people_read if read.date() == day]
    assert [f"{read:%H:%M}" for read in mornings] == [("03:00" if day.month == 3 else "02:30")]
    assert len([key for key in sent(told) if key == "digest"]) <= 1


def test_a_clock_set_back_over_midnight_makes_no_second_digest(daemon: Daemon, told: MemoryNotifier, clock: SteppingClock) -> None:
    daemon.turn()
    clock.instant = datetime(2026, 12, 16, 14, 10, tzinfo=UTC)
    daemon.turn()
    assert "digest" in sent(told)
    for hours in (-9, 9, 0.25):
        clock.sleep(hours * 3600)
        daemon.turn()
    assert sent(told) == []


# -- polls --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["edit-person", "trash", "merge", "delete-person", "unclaim", "restored", "opt-out", "bounce-mail", "new",
                                  "two in one second"])
def test_a_poll_sees_of_whatever_happened_to_somebody_what_a_sweep_sees(
        serve: Callable[..., Sandbox], employ: Callable[..., Account], clock: SteppingClock, verb: str) -> None:
    box = serving(serve, clients_closing_on(date(2025, 12, 18), 5), clock)
    account = employ(box, clock=clock)
    if verb == "restored":
        people.at_crm(box, "trash", personId=102)
    clock.sleep(1800)
    seen, now, polled = account.crm.account(), clock.now().astimezone(CHICAGO), People(timedelta(hours=1))
    polled.read(account.crm, seen, now)
    clock.sleep(600)
    match verb:
        case "edit-person":
            people.at_crm(box, verb, personId=102, lastName="Other", addTags=["DNC"])
        case "merge":
            people.at_crm(box, verb, winner=101, losers=[102])
        case "restored":
            people.at_crm(box, "edit-person", personId=102, stage="Past Client — Buyer")
        case "new":
            box.world.crm.tables["people"][777] = box.world.crm.tables["people"][101] | {
                "id": 777, "created": "2026-12-14T12:38:00Z", "updated": "2026-12-14T12:38:00Z"}
        case "two in one second":
            for tag in ("one", "two"):
                people.at_crm(box, "edit-person", personId=102, addTags=[tag])
                people.at_crm(box, "edit-person", personId=103, addTags=[tag])
        case _:
            people.at_crm(box, verb, personId=102)
    clock.sleep(60)
    after = {c.id: c for c in polled.read(account.crm, seen, now + timedelta(minutes=11))}
    assert after == {c.id: c for c in People().read(account.crm, seen, now)}


# -- status -------------------------------------------------------------------------------------------------------------


def test_a_pass_that_saw_half_is_not_the_last_good_one_and_a_lost_ledger_does_not_hide_it(
        box: Sandbox, steward: Account, daemon: Daemon, clock: SteppingClock) -> None:
    daemon.turn()
    clock.sleep(3600)
    fails(box, "/v1/people", status=403)
    people.delete(box, T7)
    box.world.crm.tables["deals"][990] = {**box.world.crm.tables["deals"][1], "id": 990}  # something to write down: one deal more
    daemon.turn()
    assert people.row(box, "Memory", "last good pass")["What"] == "2026-12-14 06:00"
    steward.ledger.close()
    for path in steward.settings.state_dir.glob("ledger*"):
        path.unlink()
    fresh = replace(steward, ledger=Ledger(steward.settings.state_dir))
    assert status.status(fresh).document()["last_good_pass"] == "2026-12-14T06:00:00-06:00"
    fresh.ledger.close()


@pytest.mark.parametrize("typed", ["12/10/2026 14:00", "soon", "46000.5", ""])
def test_status_is_told_whatever_people_typed_into_the_handover(box: Sandbox, steward: Account, daemon: Daemon, typed: str) -> None:
    daemon.turn()
    for row in people.rows(box, "Handover"):
        people.types(box, "Handover", row["Ref"], "Due", typed)
    people.types(box, "Memory", "last good pass", "What", typed)
    assert status.status(steward).document()["open_decisions"] == [DRAFT]
