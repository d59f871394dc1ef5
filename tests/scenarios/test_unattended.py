"""The daemon where nobody looks: services that go away, a policy with a defect, a revoked key, days without a pass."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import structlog

from connectors.errors import Unauthorized
from connectors.memory import MemoryNotifier
from connectors.sandbox.brokerage import AGENT_MAIL
from connectors.sandbox.server import Sandbox
from daemon.account.wiring import Account, lock
from daemon.commands.status import status
from daemon.errors import ConfigurationError, Exit
from daemon.passes import session
from daemon.service.loop import Daemon
from policies.asks.notices import Channel
from policies.asks.wants import Finding
from policies.registry import POLICIES, Policy
from policies.world.snapshot import Snapshot
from tests import people
from tests.conftest import SteppingClock
from tests.scenarios.worlds import DRAFT, MORNING, T7, one_client, set_up
from tests.scenes import at

Logs = list[Any]


@pytest.fixture
def logs() -> Iterator[Logs]:
    with structlog.testing.capture_logs() as lines:
        yield lines


@pytest.fixture
def box(serve: Callable[..., Sandbox]) -> Sandbox:
    box = serve(one_client())
    box.world.crm.now = lambda: MORNING
    return box


def events(logs: Logs, *names: str) -> list[str]:
    return [f"{line['event']} {line.get('service', '')}".strip() for line in logs if line["event"] in names]


# -- a defect in one policy ---------------------------------------------------------------------------------------------


def broken(name: str) -> list[Policy]:
    """Every policy, one of which says something and then raises an error that quotes a client's name."""
    def decide(s: Snapshot) -> Iterator[Finding]:
        yield from (f for p in POLICIES if p.name == name for f in p.decide(s))
        raise KeyError("Ana Lopez")
    return [replace(p, decide=decide) if p.name == name else p for p in POLICIES]


@pytest.mark.clause("MS-23")
def test_a_policy_that_raises_does_not_stop_the_others(box: Sandbox, steward: Account, logs: Logs) -> None:
    done = session.apply(steward, at(date(2026, 12, 14)), policies=broken("milestones.birthday"))

    assert done.decided.skipped == {"milestones.birthday": "defect in milestones.birthday: KeyError"}
    assert session.exit_of(done) is Exit.UNEXPECTED
    assert len(people.tasks(box, T7)) == 1
    defects = [line for line in logs if line["event"] == "policy.defect"]
    assert [(line["policy"], line["reason"]) for line in defects] == [("milestones.birthday", "KeyError")]
    assert defects[0]["place"].startswith("tests.scenarios.test_unattended:")
    assert "Ana" not in json.dumps(logs, default=str)


def test_nothing_of_a_defective_policy_is_withdrawn_or_made(box: Sandbox, steward: Account) -> None:
    session.apply(steward, at(date(2026, 12, 14)))
    box.world.crm.update("people", 101, {"stage": "Do Not Contact"}, 1)  # a sound policy would withdraw the reminder

    session.apply(steward, at(date(2026, 12, 15)), policies=broken("milestones.closing_anniversary"))
    assert [t["isCompleted"] for t in people.tasks(box, T7)] == [False]
    session.apply(steward, at(date(2026, 12, 15)))
    assert [t["isCompleted"] for t in people.tasks(box, T7)] == [True]


def test_a_defect_is_logged_when_it_shows_and_when_it_is_mended(steward: Account, logs: Logs) -> None:
    for policies in (broken("milestones.birthday"), broken("milestones.birthday"), POLICIES, POLICIES):
        session.apply(steward, at(date(2026, 12, 14)), policies=policies)

    assert events(logs, "policy.defect", "policy.mended") == ["policy.defect", "policy.mended"]


def test_a_policy_that_breaks_at_its_first_pass_is_not_acknowledged(box: Sandbox, employ: Callable[..., Account], clock: SteppingClock) -> None:
    """The first acknowledgement looks once more, with today as the first day: a defect that shows only then stops only its policy."""
    account = employ(box, clock=clock)
    set_up(account, None)

    def decide(s: Snapshot) -> Iterator[Finding]:
        if s.activated:
            raise ZeroDivisionError
        yield from ()
    policies = [replace(p, decide=decide) if p.name == "milestones.birthday" else p for p in POLICIES]
    now = at(date(2026, 12, 14))
    done = session.apply(account, now, shown=session.plan(account, now).plan.digest, policies=policies)

    assert done.decided.skipped["milestones.birthday"] == "defect in milestones.birthday: ZeroDivisionError"
    assert session.exit_of(done) is Exit.UNEXPECTED
    assert len(people.tasks(box, T7)) == 1


# -- services that go away ----------------------------------------------------------------------------------------------


def outage(box: Sandbox, path: str, times: int = 1000) -> None:
    box.faults.pending.clear()
    if times:
        box.faults.add(kind="status", status=503, path=path, times=times)


@pytest.mark.clause("MS-23")
@pytest.mark.parametrize(("path", "service"), [("/v1/identity", "CRM"), ("/v1/people", "CRM"), ("/v4/", "Sheet")])
@pytest.mark.wire
def test_down_is_logged_once_and_up_once(box: Sandbox, steward: Account, logs: Logs, path: str, service: str) -> None:
    daemon = Daemon(steward)
    daemon.turn()
    outage(box, path)
    for _ in range(3):
        daemon.turn()
    outage(box, path, 0)
    for _ in range(2):
        daemon.turn()

    assert events(logs, "service.down", "service.up") == [f"service.down {service}", f"service.up {service}"]


@pytest.mark.wire
def test_one_service_down_and_then_the_other_are_two(box: Sandbox, steward: Account, logs: Logs) -> None:
    daemon = Daemon(steward)
    outage(box, "/v4/")
    daemon.turn()
    box.faults.add(kind="status", status=503, path="/v1/people", times=1000)
    daemon.turn()
    outage(box, "", 0)
    daemon.turn()

    assert sorted(events(logs, "service.down", "service.up")) == ["service.down CRM", "service.down Sheet", "service.up CRM", "service.up Sheet"]


def test_a_pass_at_the_keyboard_and_the_daemon_do_not_collide(box: Sandbox, steward: Account, logs: Logs) -> None:
    daemon = Daemon(steward)
    before = len(box.log)
    with lock(steward.settings.state_dir, "pass"):
        daemon.turn()

    assert len(box.log) == before
    assert events(logs, "pass.skipped", "service.down") == ["pass.skipped"]


# -- a key that is refused ----------------------------------------------------------------------------------------------


def revoke(box: Sandbox, times: int) -> None:
    box.faults.add(kind="status", status=401, path="/v1/identity", times=times)


def test_a_key_refused_three_times_in_15_minutes_ends_the_daemon(box: Sandbox, steward: Account, clock: SteppingClock) -> None:
    daemon = Daemon(steward)
    revoke(box, 3)
    for minutes in (0, 5):
        clock.sleep(60 * minutes)
        daemon.turn()
    clock.sleep(60 * 10)
    with pytest.raises(Unauthorized):
        daemon.turn()


@pytest.mark.parametrize("minutes", [(5, 11), (8, 8)])
def test_refusals_farther_apart_do_not(box: Sandbox, steward: Account, clock: SteppingClock, minutes: tuple[int, int]) -> None:
    daemon = Daemon(steward)
    revoke(box, 3)
    daemon.turn()
    for wait in minutes:
        clock.sleep(60 * wait)
        daemon.turn()


def test_a_key_that_was_accepted_in_between_starts_the_count_anew(box: Sandbox, steward: Account) -> None:
    daemon = Daemon(steward)
    for times in (2, 0, 2, 0):
        revoke(box, times) if times else None
        for _ in range(times or 1):
            daemon.turn()


def test_after_a_refusal_the_next_try_comes_soon_enough_to_tell(box: Sandbox, steward: Account) -> None:
    daemon = Daemon(steward)
    daemon.turn()
    assert 14 < daemon.minutes_to_next() <= 15
    revoke(box, 1)
    daemon.turn()
    assert 4 < daemon.minutes_to_next() <= 5
    daemon.turn()
    assert 14 < daemon.minutes_to_next() <= 15


# -- the heartbeat ------------------------------------------------------------------------------------------------------


def beats(box: Sandbox) -> int:
    return sum(entry.path == "/beat" for entry in box.log)


@pytest.fixture
def watched(box: Sandbox, steward: Account, employ: Callable[..., Account], clock: SteppingClock) -> Account:
    """The same account, with a dead-man's switch that the sandbox plays."""
    steward.ledger.close()
    return employ(box, clock=clock, **{"[guard]": f'[schedule]\nheartbeat_url = "{box.url}/beat"\n\n[guard]'})


@pytest.mark.clause("MS-23")
@pytest.mark.wire
def test_the_switch_hears_of_every_healthy_pass_and_of_no_other(box: Sandbox, watched: Account, logs: Logs) -> None:
    box.faults.add(kind="status", status=200, path="/beat", times=1000)
    daemon = Daemon(watched)
    daemon.turn()
    daemon.turn()
    assert beats(box) == 2
    box.faults.add(kind="status", status=503, path="/v1/deals", times=1000)
    daemon.turn()
    assert beats(box) == 2
    outage(box, "", 0)
    daemon.turn()
    assert beats(box) == 3  # the sandbox answers 501 to it: heard, and not accepted
    assert [line["reason"] for line in logs if line["event"] == "heartbeat.failed"] == ["heartbeat: answers 501"]


@pytest.mark.parametrize("kind", ["drop-before", "drop-after"])
@pytest.mark.wire
def test_a_switch_that_is_away_is_a_warning_and_nothing_else(box: Sandbox, watched: Account, logs: Logs, kind: str) -> None:
    box.faults.add(kind=kind, path="/beat")
    Daemon(watched).turn()

    failed = [line for line in logs if line["event"] == "heartbeat.failed"]
    assert [line["log_level"] for line in failed] == ["warning"]
    assert "/beat" not in json.dumps(failed)  # the address is a secret
    assert watched.ledger.last_good() is not None


def test_a_paused_steward_is_a_living_one(box: Sandbox, watched: Account) -> None:
    people.types(box, "Read me", "Pause", "Value", "on holiday")
    Daemon(watched).turn()

    assert beats(box) == 1


# -- days without a pass ------------------------------------------------------------------------------------------------


@pytest.mark.clause("MS-23")
def test_after_an_outage_the_log_says_what_came_late_and_what_was_missed(box: Sandbox, steward: Account, clock: SteppingClock, logs: Logs) -> None:
    daemon = Daemon(steward)
    clock.instant = datetime(2026, 12, 1, 12, tzinfo=UTC)
    daemon.turn()
    clock.instant = datetime(2026, 12, 14, 12, tzinfo=UTC)
    daemon.turn()
    daemon.turn()

    over = [line for line in logs if line["event"] == "outage.over"]
    assert [(line["count"], line["total"], line["missed"]) for line in over] == [(12, 2, 1)]
    assert [(line["mark"], line["due"]) for line in logs if line["event"] == "late"] == [(T7, "2026-12-10"), (DRAFT, "2026-12-10")]
    assert [line["mark"] for line in logs if line["event"] == "missed"] == ["MS-04 d1 20261218-14d"]


def test_nights_and_restarts_are_no_outage(steward: Account, clock: SteppingClock, logs: Logs) -> None:
    for _ in range(6):
        Daemon(steward).turn()
        clock.sleep(12 * 3600)

    assert events(logs, "outage.over") == []


def test_a_pass_as_of_a_later_day_is_no_outage(steward: Account, clock: SteppingClock, logs: Logs) -> None:
    session.apply(steward, clock.now().astimezone(steward.settings.zone))
    session.apply(steward, at(date(2027, 1, 4)))

    assert events(logs, "outage.over") == []


def test_days_on_which_the_crm_was_away_are_days_without_a_pass(box: Sandbox, steward: Account, clock: SteppingClock, logs: Logs) -> None:
    daemon = Daemon(steward)
    clock.instant = datetime(2026, 12, 8, 12, tzinfo=UTC)
    daemon.turn()
    outage(box, "/v1/people")
    for _ in range(4):
        clock.instant += timedelta(days=1)
        daemon.turn()
    outage(box, "", 0)
    daemon.turn()

    assert [line["count"] for line in logs if line["event"] == "outage.over"] == [3]


# -- notifications ------------------------------------------------------------------------------------------------------


SEND, LEAD = "MS-42 d1 20261218-send", "MS-46 d1 20261218-lead"
NOON = datetime(2026, 12, 21, 18, tzinfo=UTC)


def sent(told: MemoryNotifier) -> list[tuple[str, str]]:
    """What arrived since the last look: channel and key."""
    found = [(str(channel), notice.key) for channel, notice in told.sent]
    told.sent.clear()
    return found


def interest(box: Sandbox, daemon: Daemon, clock: SteppingClock) -> None:
    """The anniversary e-mail went out, and the VA says that the answer to it shows interest."""
    daemon.turn()
    people.types(box, "Approvals", DRAFT, "Decision", "Approve")
    daemon.turn()
    clock.instant = NOON - timedelta(days=3)
    box.world.crm.now = lambda: clock.instant
    people.complete(box, SEND)
    people.at_crm(box, "edit-person", personId=101, addTags=["Reply: interested"])


@pytest.mark.clause("MS-46", "MS-51", "X-39", "X-58")
def test_a_lead_reaches_the_agent_at_night_on_both_channels_and_again_each_day_until_acknowledged(
        box: Sandbox, daemon: Daemon, told: MemoryNotifier, clock: SteppingClock) -> None:
    interest(box, daemon, clock)
    sent(told)
    clock.instant = datetime(2026, 12, 19, 9, tzinfo=UTC)  # three in the morning
    daemon.turn()
    assert sent(told) == [("primary", LEAD), ("secondary", LEAD)]
    clock.sleep(15 * 60)
    daemon.turn()
    assert sent(told) == []
    clock.sleep(24 * 3600)
    daemon.turn()
    assert sent(told) == [("primary", LEAD), ("secondary", LEAD)]
    people.complete(box, LEAD)
    clock.sleep(24 * 3600)
    daemon.turn()
    assert sent(told) == []


@pytest.mark.clause("MS-51")
def test_what_is_told_of_a_client_is_a_first_name_a_clause_and_a_link(
        box: Sandbox, daemon: Daemon, told: MemoryNotifier, clock: SteppingClock) -> None:
    interest(box, daemon, clock)
    daemon.turn()
    assert {line for _, notice in told.sent for line in notice.body.split("\n")} <= {
        "MS-46 Ana https://sandbox.followupboss.com/2/people/view/101", "MS-09 Ana https://docs.google.com/spreadsheets/d/sandbox-workbook",
        "MS-44 Ana https://docs.google.com/spreadsheets/d/sandbox-workbook"}


@pytest.mark.clause("MS-09")
def test_the_digest_comes_once_a_day_and_survives_a_restart(
        box: Sandbox, steward: Account, daemon: Daemon, told: MemoryNotifier, clock: SteppingClock) -> None:
    daemon.turn()  # six in the morning: the draft stands there, and the agent sleeps
    assert sent(told) == []
    clock.sleep(2.5 * 3600)
    daemon.turn()
    assert sent(told) == [("primary", "digest")]
    Daemon(replace(steward, notifier=told)).turn()
    assert sent(told) == []
    clock.sleep(24 * 3600)
    daemon.turn()
    assert sent(told) == [("primary", "digest")]


def test_a_channel_that_is_away_is_a_warning_and_the_other_takes_its_place(
        daemon: Daemon, told: MemoryNotifier, clock: SteppingClock, logs: Logs) -> None:
    told.away.add(Channel.PRIMARY)
    daemon.turn()
    clock.sleep(3 * 3600)
    daemon.turn()
    assert sent(told) == [("secondary", "digest")]
    assert [line["log_level"] for line in logs if line["event"] == "notice.failed"] == ["warning"]
    daemon.turn()
    assert sent(told) == []


@pytest.mark.parametrize("held", ["observe", "paused"])
def test_nothing_is_told_of_clients_while_nothing_is_written(
        box: Sandbox, steward: Account, told: MemoryNotifier, clock: SteppingClock, held: str) -> None:
    clock.sleep(3 * 3600)
    Daemon(steward).turn()
    settings = steward.settings.model_copy(update={"mode": "observe"}) if held == "observe" else steward.settings
    if held == "paused":
        people.types(box, "Read me", "Pause", "Value", "yes")
    Daemon(replace(steward, settings=settings, notifier=told)).turn()
    assert sent(told) == []


@pytest.fixture
def _signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.clause("MS-23")
@pytest.mark.usefixtures("_signals")
@pytest.mark.parametrize(("hour", "waits"), [(8, 0), (3, 5 * 3600), (23, 9 * 3600)])
def test_a_daemon_that_must_stop_tells_the_agent_once_the_quiet_hours_are_over(
        box: Sandbox, employ: Callable[..., Account], told: MemoryNotifier, steward: Account, hour: int, waits: float) -> None:
    steward.ledger.close()
    clock = SteppingClock(datetime(2026, 12, 14, hour, tzinfo=ZoneInfo("America/Chicago")))
    wrong = employ(box, clock=clock, **{f'crm_user = "{AGENT_MAIL}"': 'crm_user = "nobody@example.com"'})
    asked = len(box.log)
    with pytest.raises(ConfigurationError):
        Daemon(replace(wrong, notifier=told)).run()
    assert sent(told) == [("primary", "stopped")]
    assert sum(clock.slept) == waits
    assert len([e for e in list(box.log)[asked:] if e.path == "/v1/identity"]) == 1


# -- absence ------------------------------------------------------------------------------------------------------------


@pytest.mark.clause("MS-23")
@pytest.mark.usefixtures("_before_the_reminder")
@pytest.mark.parametrize("how", ["CRM", "Sheet", "paused"])
def test_the_agent_is_told_in_advance_what_would_pass_unflagged(
        box: Sandbox, daemon: Daemon, told: MemoryNotifier, clock: SteppingClock, how: str) -> None:
    if how == "paused":
        people.types(box, "Read me", "Pause", "Value", "holiday")
    else:
        outage(box, {"CRM": "/v1/people", "Sheet": "/v4/"}[how])
    heard = []
    for hours in (1, 1, 14, 4, 24):  # 15:00, 16:00 of the 8th, 6:00 and 10:00 of the 9th, 10:00 of the 10th
        clock.sleep(3600 * hours)
        daemon.turn()
        heard.append(sent(told))
    assert heard == [[], [], [], [("primary", "absence")], [("primary", "absence")]]


@pytest.mark.clause("MS-23")
@pytest.mark.usefixtures("_before_the_reminder")
def test_the_notice_of_an_absence_names_clauses_and_the_sheet(box: Sandbox, daemon: Daemon, told: MemoryNotifier, clock: SteppingClock) -> None:
    outage(box, "/v1/identity")
    clock.sleep(3600 * 24)
    daemon.turn()
    assert [notice.body for _, notice in told.sent] == [
        "MS-04 https://docs.google.com/spreadsheets/d/sandbox-workbook\nMS-09 https://docs.google.com/spreadsheets/d/sandbox-workbook"]


@pytest.mark.usefixtures("_before_the_reminder")
def test_of_an_absence_in_which_nothing_comes_up_nobody_is_told(box: Sandbox, daemon: Daemon, told: MemoryNotifier, clock: SteppingClock) -> None:
    people.at_crm(box, "edit-person", personId=101, addTags=["DNC"])
    clock.sleep(3600 * 19)
    daemon.turn()
    sent(told)
    outage(box, "/v1/people")
    clock.sleep(3600 * 26)
    daemon.turn()
    assert sent(told) == []


@pytest.mark.clause("MS-23")
@pytest.mark.usefixtures("_before_the_reminder")
def test_the_status_tells_how_it_stands(box: Sandbox, daemon: Daemon, steward: Account, clock: SteppingClock) -> None:
    found = status(steward).document()
    assert (found["last_good_pass"], found["next_pass"], found["silent_minutes"]) == ("2026-12-08T14:00:00-06:00", "2026-12-08T14:15:00-06:00", None)
    assert (found["open_decisions"], found["overdue"], found["outage"]) == ([], [], None)

    clock.instant = datetime(2026, 12, 13, 12, tzinfo=UTC)
    assert status(steward).document()["silent_minutes"] == 4 * 24 * 60 + 16 * 60
    daemon.turn()
    found = status(steward).document()
    assert (found["silent_minutes"], found["open_decisions"]) == (None, [DRAFT])
    assert [mark for mark in found["overdue"] if mark.startswith("MS-")] == ["MS-04 d1 20261218-14d"]  # made on 12/03, due on 12/04, and nobody has ticked it off
    assert found["outage"] == {"first": "2026-12-09", "last": "2026-12-12", "missed": [],
                               "late": [{"mark": T7, "since": "2026-12-10"}, {"mark": DRAFT, "since": "2026-12-10"}]}

    outage(box, "/v4/")
    found = status(steward).document()
    assert "503" in found["sheet_unreadable"]
    assert found["last_good_pass"] == "2026-12-13T06:00:00-06:00"


def test_the_status_names_a_policy_with_a_defect(steward: Account) -> None:
    session.apply(steward, at(date(2026, 12, 14)), policies=broken("milestones.birthday"))
    assert status(steward).defects["milestones.birthday"].startswith("KeyError at tests.scenarios.test_unattended:")
    session.apply(steward, at(date(2026, 12, 14)))
    assert status(steward).defects == {}
