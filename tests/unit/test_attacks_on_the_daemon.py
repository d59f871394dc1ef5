"""Attacks on what the daemon stands on: its ledger, its configuration, and what a notice may hold."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from connectors.sandbox.server import Sandbox
from daemon.account.config_file import load
from daemon.account.ledger import Ledger
from daemon.account.ledger_file import SCHEMA
from daemon.errors import ConfigurationError, NotNow
from daemon.passes.handover import still_upcoming
from policies.asks.notices import Told, Ways, due
from tests.conftest import write_configuration
from tests.scenarios.test_leaving import FIRST
from tests.scenarios.worlds import one_client
from tests.scenes import book, client, snapshot
from tests.shell import Shell

# -- the ledger ---------------------------------------------------------------------------------------------------------

SECOND = FIRST + """
ALTER TABLE passes ADD COLUMN healthy INTEGER NOT NULL DEFAULT 0;
UPDATE passes SET healthy = 1 WHERE outcome IN ('fine', 'changes');
CREATE TABLE notices (key TEXT, channel TEXT, at TEXT NOT NULL, PRIMARY KEY (key, channel)) STRICT;
INSERT INTO notices VALUES ('digest', 'primary', '2026-12-03T14:00:00+00:00');
INSERT INTO meta VALUES ('outage', '{"first": "2026-11-01", "last": "2026-11-03", "late": [], "missed": ["MS-04 d9 20261101-7d"]}');
INSERT INTO passes VALUES ('P3', '2026-12-03T12:30:00+00:00', '2026-12-03T12:30:02+00:00', 'not_now', '{"done": 2}', 1);
PRAGMA user_version = 2;
"""
"""A ledger of schema 2, in use. It is not to be changed."""
OLD = {"none": "", "first": FIRST, "second": SECOND}


def written(folder: Path, version: str) -> Path:
    """A state directory with a ledger of that version."""
    if OLD[version]:
        db = sqlite3.connect(folder / "ledger.sqlite3")
        db.executescript(OLD[version])
        db.close()
    return folder


def test_a_ledger_of_the_second_schema_keeps_what_it_holds(tmp_path: Path) -> None:
    ledger = Ledger(written(tmp_path, "second"))
    assert ledger.last_good() == datetime(2026, 12, 3, 12, 30, 2, tzinfo=UTC)
    assert ledger.notices() == {("digest", "primary"): datetime(2026, 12, 3, 14, tzinfo=UTC)}
    assert [entry["mark"] for entry in ledger.journal()] == ["MS-04 d1 20261218-14d"]
    assert [(intent.remote_id, intent.person_id) for intent in ledger.intents("done")] == [(77, 101)]
    assert "MS-04 d9 20261101-7d" in ledger.recall("outage")
    assert (ledger.recall("account"), ledger.personal_notes()) == ("1001", {})
    ledger.close()
    db = sqlite3.connect(tmp_path / "ledger.sqlite3")
    assert db.execute("PRAGMA user_version").fetchone() == (SCHEMA,)
    db.close()


@pytest.mark.parametrize("version", OLD)
def test_programs_that_start_together_after_an_upgrade_all_open_the_ledger(tmp_path: Path, version: str) -> None:
    """`systemctl restart steward && steward-as-unit check` (docs/operating.md) is two: the slower one took the ledger for damaged."""
    for turn in range(8):
        folder = tmp_path / str(turn)
        folder.mkdir()
        written(folder, version)
        together = threading.Barrier(3)
        said: list[str] = []

        def opens(folder: Path = folder, together: threading.Barrier = together, said: list[str] = said) -> None:
            together.wait()
            try:
                Ledger(folder).close()
            except ConfigurationError as problem:
                said.append(str(problem))
            except NotNow:
                pass  # the moment in which a new file is made

        threads = [threading.Thread(target=opens) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert said == []


@pytest.mark.parametrize("command", ["status", "journal", "plan"])
@pytest.mark.parametrize(("what", "sentence"), [("newer", "newer Steward"), ("damaged", "is damaged"), ("a folder", "cannot be used")])
def test_a_ledger_that_cannot_be_used_is_said_in_a_sentence(
        serve: Callable[..., Sandbox], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
        what: str, sentence: str, command: str) -> None:
    shell = Shell(write_configuration(serve(one_client()), tmp_path, monkeypatch), capsys)
    state = tmp_path / "state"
    state.mkdir()
    ledger = state / "ledger.sqlite3"
    if what == "newer":
        db = sqlite3.connect(ledger)
        db.execute(f"PRAGMA user_version = {SCHEMA + 1}")
        db.close()
    elif what == "damaged":
        ledger.write_bytes(b"SQLite format 3\0" + b"\7" * 5000)
    else:
        ledger.mkdir()
    assert shell(command) == 78
    assert sentence in shell.err
    assert "state_dir" in shell.err


# -- the journal --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("since", "lines"), [("2026-12-03", 1), ("2026-12-04", 0), ("2026-12-03T06:00", 1), ("2026-12-03T06:01", 0),
                                              ("2026-12-03T13:00+01:00", 1), ("2026-12-03T12:00:01Z", 0)])
def test_the_journal_is_asked_and_answers_in_the_agents_time(
        serve: Callable[..., Sandbox], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], since: str, lines: int) -> None:
    shell = Shell(write_configuration(serve(one_client()), tmp_path, monkeypatch), capsys)
    (tmp_path / "state").mkdir()
    written(tmp_path / "state", "first")  # done at noon in UTC: six in Austin
    assert shell("journal", "--since", since) == 0
    assert shell.out.count("2026-12-03 06:00:00 done") == lines
    assert shell("journal", "--since", "last week") == 64
    assert "--since 'last week'" in shell.err


# -- the configuration --------------------------------------------------------------------------------------------------


@pytest.fixture
def problems(serve: Callable[..., Sandbox], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """What is wrong with a schedule that has this line, under these variables."""
    box = serve(one_client())

    def of(line: str = "", **environment: str) -> list[str]:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        path = write_configuration(box, tmp_path, monkeypatch, **{"[guard]": f"[schedule]\n{line}\n\n[guard]"})
        try:
            load(path)
        except ConfigurationError as wrong:
            return list(wrong.problems)
        return []

    return of


@pytest.mark.parametrize(("line", "key"), [
    ("morning = 6", "schedule.morning"), ('morning = "06:00Z"', "schedule.morning"), ("quiet_hours = [21, 8]", "schedule.quiet_hours.0"),
    ('quiet_hours = ["21:00", "08:00+01:00"]', "schedule.quiet_hours.1"), ("poll_minutes = 100000000000", "schedule.poll_minutes"),
    ("sweep_minutes = 100000000000", "schedule.sweep_minutes")])
def test_a_time_that_would_silence_or_break_the_daemon_is_refused(problems: Callable[..., list[str]], line: str, key: str) -> None:
    """21 and 8 were seconds after midnight: quiet for the whole day. A zone broke every pass."""
    assert [said.partition(":")[0] for said in problems(line)][:1] == [key]


@pytest.mark.parametrize("line", ['morning = "06:00"', "morning = 05:30:00", 'quiet_hours = ["22:00", "07:30"]', "poll_minutes = 1440"])
def test_times_as_people_write_them_are_taken(problems: Callable[..., list[str]], line: str) -> None:
    assert problems(line) == []


@pytest.mark.parametrize(("name", "meant"), [
    ("STEWARD_MOD", "$STEWARD_MODE"), ("STEWARD_SCHEDUL__POLL_MINUTES", "$STEWARD_SCHEDULE__POLL_MINUTES"),
    ("STEWARD_HEARTBEAT_URL", "$STEWARD_SCHEDULE__HEARTBEAT_URL"), ("STEWARD_CRM_API_KEY", "$STEWARD_CRM__API_KEY")])
def test_a_mistyped_variable_is_named_with_what_was_meant_and_without_its_value(
        problems: Callable[..., list[str]], name: str, meant: str) -> None:
    assert problems(**{name: "https://SECRET"}) == [f"${name}: is not a variable Steward knows; did you mean {meant}?"]


def test_mistyped_variables_and_keys_are_said_at_once(problems: Callable[..., list[str]]) -> None:
    assert len(problems("poll_minute = 1\nmorning = 6", STEWARD_MOD="act", STEWARD_GARD__BULK_LIMIT="5")) == 4


# -- notices ------------------------------------------------------------------------------------------------------------


@pytest.mark.clause("MS-51")
@pytest.mark.parametrize("typed", ["ana.lopez@example.com", "(512)", "5125550142", "https://evil.example/x", "evil.example", "Lopez"])
def test_what_leads_come_with_in_the_field_first_name_is_no_first_name(typed: str) -> None:
    day = date(2026, 12, 16)
    rows = book({"Approvals": [{"Ref": "MS-09 p101 20261218-draft", "Rule": "MS-09", "Client": "Ana Lopez"}]})
    s = snapshot(day, [client(first_name=typed, last_name="Lopez")], now=datetime(2026, 12, 16, 18, tzinfo=UTC), workbook=rows)
    found = due(s, (), Told(), Ways(s.now.time(), (s.now.time(), s.now.time()), "https://sheet", "https://crm/"))
    assert [notice.body for notice in found] == ["MS-09 https://sheet"]


def test_what_could_not_be_asked_stays_expected_for_a_week() -> None:
    known = [("MS-04 d1 x", "2026-12-01"), ("MS-04 d2 x", "2026-12-12"), ("MS-04 d3 x", "2026-12-20")]
    assert still_upcoming(known, [("MS-04 d3 x", "2026-12-21")], date(2026, 12, 14)) == [
        ("MS-04 d3 x", "2026-12-21"), ("MS-04 d2 x", "2026-12-12")]
