"""The command line as a person meets it: exit statuses, one JSON document, one sentence for every failure, no traceback."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.sandbox.server import Sandbox
from daemon.account import wiring
from policies.registry import POLICIES
from tests import people
from tests.conftest import write_configuration
from tests.scenarios.worlds import one_client
from tests.shell import Shell

ROOT = Path(__file__).parents[2]
AT = ("--as-of", "2026-12-14")


@pytest.fixture
def box(serve: Callable[..., Sandbox]) -> Sandbox:
    return serve(one_client(log=False))


@pytest.fixture
def shell(box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(write_configuration(box, tmp_path, monkeypatch), capsys)


@pytest.mark.wire
def test_from_nothing_to_a_quiet_second_pass(box: Sandbox, shell: Shell) -> None:
    assert shell("check") == 78
    assert "run `steward setup --apply`" in shell.out
    assert shell("setup") == 2
    assert shell("setup", "--apply") == 0
    assert shell("setup", "--apply") == 0
    assert "nothing is lacking" in shell.out
    assert shell("check") == 0
    assert "Steward is ready" in shell.out

    assert shell("plan", *AT) == 2
    shown = shell.json("plan", *AT)
    assert shell("apply", *AT, "--digest", shown["digest"]) == 0
    assert shell("plan", *AT) == 0
    before = people.writes(box)
    assert shell("apply", *AT) == 0
    assert people.writes(box) == before
    assert shell("status") == 0
    assert shell("journal", "--person", "101") == 0
    assert "MS-04 d1 20261218-7d" in shell.out


def test_a_plans_document_is_the_contracts(shell: Shell) -> None:
    shell("setup", "--apply")
    found = shell.json("plan", *AT)

    assert {"digest", "actions", "refused", "skipped_policies", "missed"} <= found.keys()
    assert all({"mark", "clause", "verb", "entity", "person_id", "reason", "before", "after"} <= a.keys() for a in found["actions"])
    assert [a["mark"] for a in found["actions"] if a["clause"].startswith("MS-")] == ["MS-04 d1 20261218-7d", "MS-09 d1 20261218-draft"]
    assert {a["mark"] for a in found["actions"] if a["clause"].startswith("DB-")} == {"DB-12 a0 initial", "DB-39 a0 initial"}


def test_the_digest_of_a_plan_that_was_never_shown_is_refused(shell: Shell) -> None:
    shell("setup", "--apply")

    assert shell("apply", *AT, "--digest", "0123456789abcdef") == 64
    assert "steward plan" in shell.err


def test_of_a_shown_plan_what_is_still_wanted_is_done(box: Sandbox, shell: Shell) -> None:
    shell("setup", "--apply")
    shown = shell.json("plan", "--as-of", "2026-12-14")["digest"]
    box.world.crm.update("people", 101, {"stage": "Do Not Contact"}, 1)

    assert shell("apply", "--as-of", "2026-12-15", "--digest", shown) == 0
    assert people.tasks(box, "MS-04") == []


@pytest.mark.parametrize(("arguments", "status", "said"), [
    (["plan", "--as-of", "yesterday"], 64, "no date or time"),
    (["plan", "--nonsense"], 64, "--nonsense"),
    (["frobnicate"], 64, "frobnicate"),
    (["sandbox", "--port", "99999"], 64, ""),
    (["journal", "--person", "Ana"], 64, "--person"),
    ([], 64, "Missing command"),
])
def test_a_usage_error_is_64(shell: Shell, arguments: list[str], status: int, said: str) -> None:
    assert shell(*arguments) == status
    assert said in shell.err


def test_a_wrong_key_is_77(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_CRM__API_KEY", "fka_nobody")

    assert shell("plan") == 77
    assert "credentials" in shell.err


@pytest.mark.wire
def test_a_pass_that_runs_already_and_a_service_in_trouble_are_75(box: Sandbox, shell: Shell, tmp_path: Path) -> None:
    shell("setup", "--apply")
    with wiring.lock(tmp_path / "state", "pass"):
        assert shell("apply", *AT) == 75
        assert "another pass" in shell.err
    box.faults.add(kind="status", path="/v1/people", status=429, times=9, headers={"Retry-After": "86400"})
    assert shell("plan", *AT) == 75
    assert "Retry-After" in shell.out


@pytest.mark.parametrize(("variable", "value", "said"), [
    ("STEWARD_CRM__API_KEY", "", "crm.api_key: is missing"),
    ("STEWARD_AGENT__CRM_USER", "nobody@example.com", "agent.crm_user: 'nobody@example.com' is no user of the CRM"),
    ("STEWARD_AGENT__TIMEZONE", "Mars/Olympus", "agent.timezone"),
    ("STEWARD_SHEET__SPREADSHEET_ID", "elsewhere", "is sheet.spreadsheet_id right"),
])
def test_what_is_wrong_is_named(shell: Shell, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str) -> None:
    monkeypatch.setenv(variable, value)

    assert shell("plan") in {77, 78}
    assert said in shell.err


def test_check_proves_on_a_test_contact_that_marks_survive(box: Sandbox, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell("setup", "--apply")
    monkeypatch.setenv("STEWARD_CRM__TEST_CONTACT", "101")
    for _ in range(2):
        assert shell("check") == 0
        assert "marks survive on contact 101" in shell.out

    assert [t["isCompleted"] for t in people.tasks(box, "ST-00 p101 selftest")] == [1]


@pytest.mark.clause("X-57")
def test_an_agents_key_sees_its_own_and_cannot_have_the_whole_account(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_CRM__API_KEY", "fka_dana")
    shell("setup", "--apply")
    assert shell("check") == 0
    assert "the key is the agent's own" in shell.out
    assert "the database procedure is off: this key is an Agent's" in " ".join(shell.out.split())
    skipped = {one["policy"]: one["reason"] for one in shell.json("plan", *AT)["skipped_policies"]}
    assert "X-57" in skipped["database.duplicates"]
    assert "milestones.birthday" not in skipped

    monkeypatch.setenv("STEWARD_SCOPE", "account")
    assert shell("check") == 78


def test_custom_fields_are_created_by_the_owner_and_described_to_others(serve: Callable[..., Sandbox], tmp_path: Path,
                                                                        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    world = one_client()
    world.crm.tables["customFields"].clear()
    box = serve(world)
    shell = Shell(write_configuration(box, tmp_path, monkeypatch), capsys)

    assert shell("setup", "--apply") == 78
    assert "Admin > Custom Fields > Add, label Closing Anniversary, type date, repeating yearly" in shell.out
    monkeypatch.setenv("STEWARD_CRM__API_KEY", "fka_owner")
    assert shell("setup", "--apply") == 0
    assert shell("check") == 0
    assert {f["label"] for f in world.crm.tables["customFields"].values()} >= {"Closing Anniversary", "Referral Type"}


@pytest.mark.clause("DB-05", "DB-14")
def test_stages_are_created_only_once_the_agent_agreed(box: Sandbox, shell: Shell) -> None:
    table = box.world.crm.tables["stages"]
    del table[next(n for n, stage in table.items() if stage["name"] == "Cold Lead")]
    shell("setup", "--apply")
    assert "the CRM stage 'Cold Lead'" in shell.out
    assert "Cold Lead" not in {stage["name"] for stage in table.values()}
    assert shell("check") == 78

    assert shell("setup", "--apply", "--stages") == 0
    assert "Cold Lead" in {stage["name"] for stage in table.values()}
    assert shell("check") == 0


@pytest.mark.clause("X-36")
@pytest.mark.parametrize(("text", "when"), [
    ("2026-12-04", "2026-12-04T06:00:00-06:00"),
    ("2026-12-04T18:30", "2026-12-04T18:30:00-06:00"),
    ("2026-11-01T01:30", "2026-11-01T01:30:00-05:00"),   # occurs twice: the first
    ("2026-03-08T02:30", "2026-03-08T03:30:00-05:00"),   # does not occur: moves forward
])
def test_a_moment_is_in_the_agents_zone(box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, when: str) -> None:
    from datetime import UTC, datetime  # noqa: PLC0415

    from daemon.account.config_file import load  # noqa: PLC0415
    from daemon.passes import session  # noqa: PLC0415

    settings = load(write_configuration(box, tmp_path, monkeypatch))

    assert session.moment(text, settings, datetime.now(UTC)).isoformat() == when


@pytest.mark.wire
def test_the_daemon_passes_and_stops_on_sigterm(box: Sandbox, shell: Shell) -> None:
    shell("setup", "--apply")
    line = [sys.executable, "-c", "from daemon.cli import main; main()", "--config", str(shell.path), "run"]
    process = subprocess.Popen(line, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 20
    while not any(r["Ref"].startswith("ACK") for r in people.rows(box, "Approvals")) and time.monotonic() < deadline:
        time.sleep(0.1)
    second = subprocess.run(line, capture_output=True, text=True, check=False)
    process.send_signal(signal.SIGTERM)
    log = [json.loads(entry) for entry in process.communicate(timeout=20)[1].splitlines()]

    assert second.returncode == 75
    assert "another daemon" in second.stderr
    assert process.returncode == 0
    assert [entry["event"] for entry in log if entry["event"] != "action"] == ["pass.done", "daemon.stopped"]


def test_a_ledger_of_a_newer_steward_or_a_damaged_one_is_refused_by_name(shell: Shell, tmp_path: Path) -> None:
    import sqlite3  # noqa: PLC0415

    shell("plan")
    path = tmp_path / "state" / "ledger.sqlite3"
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    assert shell("plan") == 78
    assert "newer Steward" in shell.err
    for extra in path.parent.glob("ledger.sqlite3*"):
        extra.unlink()
    path.write_bytes(b"this is no database at all, only text" * 40)
    assert shell("plan") == 78
    assert "damaged" in shell.err


def test_an_idle_pass_stays_within_its_budget(serve: Callable[..., Sandbox], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                              capsys: pytest.CaptureFixture[str]) -> None:
    from datetime import date  # noqa: PLC0415
    from math import ceil  # noqa: PLC0415

    from connectors.sandbox.brokerage import brokerage  # noqa: PLC0415

    box = serve(brokerage(date(2026, 12, 14), people=1000))
    shell = Shell(write_configuration(box, tmp_path, monkeypatch), capsys)
    shell("setup", "--apply")
    shell("apply", *AT, "--digest", shell.json("plan", *AT)["digest"])
    box.log.clear()
    assert shell("apply", *AT) == 0

    tables = box.world.crm.tables
    crm = [entry for entry in box.log if entry.path.startswith("/v1")]
    assert people.writes(box) == []
    assert len(crm) <= ceil(len(tables["people"]) / 100) + ceil(len(tables["deals"]) / 100) + ceil(len(tables["tasks"]) / 100) + 15
    assert len(box.log) - len(crm) <= 3


def test_every_request_is_one_that_steward_may_make(box: Sandbox, shell: Shell) -> None:
    shell("setup", "--apply")
    for day in ("2026-12-03", "2026-12-14", "2026-12-16", "2026-12-22"):
        shell("apply", "--as-of", day, "--digest", shell.json("plan", "--as-of", day)["digest"])
    allowed = {"POST": r"^(/v1/(tasks|notes)|/v4/spreadsheets/[^/]+:batchUpdate)$", "PUT": r"^/v1/tasks/\d+$", "GET": r"^/v[14]/"}

    assert {entry.method for entry in box.log} <= allowed.keys()
    assert [entry.path for entry in box.log if not re.match(allowed[entry.method], entry.path)] == []
    assert not [entry for entry in box.log if "/me" in entry.path or b"=HYPERLINK" in entry.body or b"formulaValue" in entry.body]


def test_the_commands_of_the_readme_exist(shell: Shell) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = {shlex.split(line)[1] for line in re.findall(r"`(steward [a-z][^`]*)`", text)}

    assert {"check", "setup", "plan", "apply", "run", "journal", "status", "sandbox"} <= commands
    for command in commands:
        assert shell(command, "--help") == 0


def test_the_version_is_the_packages(shell: Shell) -> None:
    assert shell("--version") == 0
    assert re.fullmatch(r"steward \d+\.\d+\.\d+\n", shell.out)


def test_the_repository_names_no_registry_and_holds_no_secret() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    found = [name for name in tracked if name != "tests/system/test_command_line.py" and re.search(
        rb"index-url|files\.pythonhosted|/root/|BEGIN (RSA )?PRIVATE KEY", (ROOT / name).read_bytes() if (ROOT / name).is_file() else b"")]

    assert found == []
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


# -- why, and what is ahead ----------------------------------------------------------------------------------------------


def test_explain_says_why_a_task_exists_and_what_closes_it(shell: Shell) -> None:
    shell("setup", "--apply")
    shell("apply", *AT, "--digest", shell.json("plan", *AT)["digest"])

    assert shell("explain", "MS-04", "d1", "20261218-7d", *AT) == 0
    for said in ("open, for Mia Cole, due 12/14/2026", "MS-04 (Two reminders before each milestone", "closed on", "anniversary 1 is 12/18/2026",
                 "ticking it off"):
        assert said in shell.out
    found = shell.json("explain", "[MS-09 d1 20261218-draft]", *AT)
    assert [(f["mark"], f["closes"]) for f in found["found"]] == [("MS-09 d1 20261218-draft", "the agent's decision in its row of Approvals")]


def test_explain_says_for_a_person_why_each_rule_is_silent(shell: Shell) -> None:
    shell("setup", "--apply")
    found = shell.json("explain", "101", "--as-of", "2026-07-15")
    silent = {one["policy"]: one["why"] for one in found["silent"]}

    assert found["found"] == []
    assert "year 1 is on 12/18/2026; the first reminder opens on 12/03/2026" in silent["milestones.closing_anniversary"]
    assert silent["milestones.birthday"] == "the field Birthday is empty; it is never inferred"
    assert "move_in_anniversary" in silent["milestones.move_in"]
    assert "its first deadline" in silent["milestones.homestead"] or "not confirmed" in silent["milestones.homestead"]
    assert "12/18/2026" in silent["milestones.home_value"]
    assert silent.keys() == {policy.name for policy in POLICIES}


@pytest.mark.parametrize(("what", "said"), [("999", "no contact 999"), ("Ana", "neither a contact's id nor a mark")])
def test_explain_of_nobody_is_a_usage_error(shell: Shell, what: str, said: str) -> None:
    shell("setup", "--apply")

    assert shell("explain", what) == 64
    assert said in shell.err


@pytest.mark.clause("MS-53")
def test_simulate_shows_the_calendar_ahead_and_writes_nothing(box: Sandbox, shell: Shell) -> None:
    shell("setup", "--apply")
    before = people.writes(box)
    ahead = shell.json("simulate", "--days", "90", "--as-of", "2026-12-01")

    assert {a["mark"]: d["day"] for d in ahead for a in d["asked"]} == {
        "MS-04 d1 20261218-14d": "2026-12-03", "MS-04 d1 20261218-7d": "2026-12-10", "MS-09 d1 20261218-draft": "2026-12-10",
        "MS-45 d1 20261218-48h": "2026-12-16", "MS-35 d1 20261218-value-12m": "2026-12-18", "MS-37 d1 20261218-value-range": "2026-12-18",
        "MS-45 d1 20261218-value-48h": "2026-12-30", "DB-21 a0 202612": "2026-12-28", "DB-21 a0 202701": "2027-01-25",
        "DB-21 a0 202702": "2027-02-22", "DB-30 a0 2027Q1-past": "2027-01-04"}
    assert [d["day"] for d in ahead if d["missed"]] == ["2026-12-21", "2027-02-01"]
    assert people.writes(box) == before
    assert shell("simulate", "--as-of", "2026-12-01") == 0
    assert "Thursday, 2026-12-03" in shell.out
    assert "Dana Reyes" in shell.out
    assert shell("simulate", "--days", "0") == 64


@pytest.mark.clause("MS-24", "MS-52")
def test_check_asks_for_the_onboarding_facts_and_is_ready_without(shell: Shell) -> None:
    shell("setup", "--apply")

    assert shell("check") == 0
    for asked in ("milestones.date_method", "milestones.email_platform", "milestones.card_vendor", "milestones.notification_channel",
                  "anniversary_seller.txt", "homestead.txt"):
        assert asked in shell.out


@pytest.mark.clause("MS-52", "RF-52")
@pytest.mark.wire
def test_a_test_notification_is_sent_by_its_own_command_and_by_no_other(
        box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    hook = box.url.replace("http", "json") + "/hook"
    channels = {"[guard]": f'[notify]\nprimary = ["{hook}/primary"]\nsecondary = ["{hook}/secondary"]\n\n[guard]'}
    shell = Shell(write_configuration(box, tmp_path, monkeypatch, **channels), capsys)

    shell("check")
    assert "the primary channel has 1 address; `steward notify` tries it" in shell.out
    assert not [entry for entry in box.log if entry.path.startswith("/hook")]
    box.faults.add(kind="status", status=200, path="/hook")
    assert shell("notify") == 75
    assert shell.out == "primary   sent\nsecondary notifications: the secondary channel took no notice\n"
    assert [json.loads(entry.body)["title"] for entry in box.log if entry.path.startswith("/hook")] == ["Steward: this is a test"] * 2
    box.faults.add(kind="status", status=200, path="/hook", times=2)
    assert shell("notify") == 0


def test_without_a_channel_there_is_nothing_to_test(shell: Shell) -> None:
    assert shell("notify") == 78
    assert "notify.primary" in shell.err


def test_retire_lists_and_then_withdraws(box: Sandbox, shell: Shell) -> None:
    shell("setup", "--apply")
    shell("apply", *AT, "--digest", shell.json("plan", *AT)["digest"])

    assert shell("retire") == 2
    assert "[MS-04 d1 20261218-7d]" in shell.out
    assert shell("retire", "--apply") == 0
    assert shell.out.splitlines()[-1].startswith("retired:")
    assert shell("retire") == 0
    assert shell("apply", *AT) == 75
    assert "Steward was retired here" in shell.out
    assert shell("setup", "--apply", "--take-over") == 0
    assert shell("plan", *AT) == 2
    assert shell("apply", *AT) == 0
    assert len(people.tasks(box, "MS-04 d1 20261218-7d")) == 2  # the withdrawn one, and its second life
