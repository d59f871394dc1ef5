"""`steward report` as a person meets it: the quarter's text and tab, sources of the past year, what is refused and how."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from connectors.sandbox.brokerage import SPREADSHEET
from connectors.sandbox.server import Sandbox
from connectors.sandbox.sheets.grid.values import entered
from policies.registry import POLICIES
from tests import people
from tests.conftest import write_configuration
from tests.scenarios.worlds import one_client, ready
from tests.scenes import at
from tests.shell import Shell

LOG = (
    ("11/03/2026", "John Smith", "Ximena", "Active", "—", "—"),
    ("10/05/2026", "Zoe [Abt] (Lender)", "Yuki", "Closed", "12/30/2026", "Card sent 01/02/2027"),
    ("02/01/2026", "John Smith", "Ulf", "Lost", "—", "—"),
    ("01/01/2020", "Old Friend", "Vera", "Closed", "03/01/2020", "—"))
AFTER = ("--as-of", "2027-01-05")
"""The day after the report was due."""


def type_row(box: Sandbox, number: int, line: tuple[str, ...]) -> None:
    for column, text in enumerate(line):
        people.sheet_of(box, "Referral Log").put(number, column, entered(text, "RAW"))


@pytest.fixture
def box(serve: Callable[..., Sandbox]) -> Sandbox:
    return serve(one_client(log=False))


@pytest.fixture
def shell(box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Steward is set up, and acknowledged by a plan of 2026-11-02; the log has four rows."""
    found = Shell(write_configuration(box, tmp_path, monkeypatch), capsys)
    ready(found.path, at(date(2026, 11, 2)))
    for n, line in enumerate(LOG, 1):
        type_row(box, n, line)
    return found


def said(shell: Shell) -> list[str]:
    """What was said to people on standard error, beside the log of the pass."""
    return [line for line in shell.err.splitlines() if not line.startswith("{")]


def tabs(box: Sandbox) -> list[str]:
    return [sheet.title for sheet in box.world.books[SPREADSHEET].sheets if sheet.title.startswith("Q")]


@pytest.mark.clause("RF-41", "RF-42", "X-22")
def test_a_quarter_is_printed_and_its_tab_put_up_once(box: Sandbox, shell: Shell) -> None:
    assert shell("report", "quarter", "2026Q4", *AFTER) == 0
    text = shell.out
    assert text.startswith("Referral Activity — Q4 2026\nReferrals received: 2\nBy source type:\n- Past client referrals: 0\n")
    assert "1. John Smith — 1 referrals\n2. Zoe [Abt] — 1 referrals\n" in text
    assert tabs(box) == ["Q4 2026"]

    before = people.writes(box)
    assert shell("report", "quarter", "2026q4", *AFTER) == 0
    assert (shell.out, said(shell)) == (text, [])
    assert people.writes(box) == before


@pytest.mark.clause("X-22")
def test_a_correction_and_a_deleted_tab(box: Sandbox, shell: Shell) -> None:
    shell("report", "quarter", "2026Q4", *AFTER)
    type_row(box, 5, ("12/31/2026", "Mike Chen (Agent)", "Wim", "Active", "—", "—"))
    found = shell.json("report", "quarter", "2026Q4", *AFTER)
    assert (found["received"], found["tab"], found["put_up"], found["held"]) == (3, "Q4 2026 (rev 2)", True, "")
    assert found["by_type"] == {"Client": 0, "Sphere": 0, "Agent": 0, "Professional": 0, "none": 3}
    assert tabs(box) == ["Q4 2026", "Q4 2026 (rev 2)"]

    book = box.world.books[SPREADSHEET]
    book.sheets = [sheet for sheet in book.sheets if sheet.title != "Q4 2026 (rev 2)"]
    assert shell("apply", *AFTER) == 0
    assert tabs(box) == ["Q4 2026"]
    assert shell("report", "quarter", "2026Q4", *AFTER) == 0
    assert tabs(box) == ["Q4 2026", "Q4 2026 (rev 2)"]


@pytest.mark.clause("RF-42", "RF-43")
@pytest.mark.parametrize(("own", "mark"), [("0", "☐"), ("101", "☑")])
def test_the_agent_is_told_on_a_contact_of_her_own(box: Sandbox, shell: Shell, monkeypatch: pytest.MonkeyPatch, own: str, mark: str) -> None:
    monkeypatch.setenv("STEWARD_CRM__TEST_CONTACT", own)
    assert shell("apply", *AFTER) == 0

    assert [(t["personId"], t["name"]) for t in people.tasks(box, "RF-42")] == (
        [(101, "Referral report Q4 2026 is in the Sheet [RF-42 q2026Q4 report]")] if own == "101" else [])
    row = people.row(box, "Checklists", "RF-43 q2026Q4 checklist")
    assert row["Items"].startswith(f"{mark} Referral report compiled and sent to agent: Q4 2026")
    assert row["Open"] == ("1" if own == "0" else "0")
    assert tabs(box) == ["Q4 2026"]


def test_an_older_quarter_is_put_up_for_who_asks(box: Sandbox, shell: Shell) -> None:
    assert shell("report", "quarter", "2026Q1", "--as-of", "2026-12-04") == 0
    assert "Referrals received: 1" in shell.out
    assert tabs(box) == ["Q1 2026"]


def test_in_mode_observe_it_is_printed_and_nothing_is_written(box: Sandbox, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_MODE", "observe")
    before = people.writes(box)
    assert shell("report", "quarter", "2026Q4", *AFTER) == 2
    assert shell.out.startswith("Referral Activity — Q4 2026\n")
    assert said(shell) == ['no tab is put up: mode is "observe": nothing is written']
    assert people.writes(box) == before

    monkeypatch.setenv("STEWARD_MODE", "act")
    shell("report", "quarter", "2026Q4", *AFTER)
    monkeypatch.setenv("STEWARD_MODE", "observe")
    assert shell("report", "quarter", "2026Q4", *AFTER) == 0
    assert said(shell) == []


def test_the_brake_holds_it(box: Sandbox, shell: Shell) -> None:
    people.types(box, "Read me", "Pause", "Value", "please wait")

    assert shell("report", "quarter", "2026Q4", *AFTER) == 75
    assert "paused by a person" in shell.err
    assert tabs(box) == []


def test_what_the_agent_has_not_acknowledged_is_printed_and_not_put_up(box: Sandbox, shell: Shell) -> None:
    memory = people.sheet_of(box, "Memory")
    number = next(n for n, line in enumerate(memory.lines) if line and line[0]["userEnteredValue"].get("stringValue") == "policy referrals.quarterly_report")
    memory.put(number, 1, entered("another version", "RAW"))
    before = people.writes(box)

    assert shell("report", "quarter", "2026Q4", *AFTER) == 75
    assert shell.out.startswith("Referral Activity — Q4 2026\n")
    assert "has not acknowledged referrals.quarterly_report" in shell.err
    assert people.writes(box) == before  # and no question of this command's own in Approvals


@pytest.mark.parametrize("today", ["2026-10-01", "2026-12-31"])
def test_a_quarter_that_is_not_over_is_shown_as_it_stands(box: Sandbox, shell: Shell, today: str) -> None:
    box.log.clear()
    assert shell("report", "quarter", "2026Q4", "--as-of", today) == 0
    assert shell.out.startswith("Referral Activity — Q4 2026\n")
    assert shell.err == "Q4 2026 runs until 2026-12-31: this is how it stands, and no tab is put up\n"
    assert people.writes(box) == []
    assert [entry.path for entry in box.log if entry.path.startswith("/v1")] == []


@pytest.mark.parametrize(("name", "told"), [
    ("Q4", "'Q4' is no quarter; write it like 2026Q4"), ("2026Q5", "'2026Q5' is no quarter"),
    ("2027Q2", "Q2 2027 has not begun; the quarter that is running is 2027Q1")])
def test_what_is_no_quarter_is_a_usage_error(shell: Shell, name: str, told: str) -> None:
    assert shell("report", "quarter", name, *AFTER) == 64
    assert told in shell.err
    assert shell.err.count("\n") == 1


@pytest.mark.parametrize("arguments", [("quarter", "2026Q4"), ("referrals",)])
def test_a_log_that_lost_a_column_is_named(box: Sandbox, shell: Shell, arguments: tuple[str, ...]) -> None:
    people.sheet_of(box, "Referral Log").put(0, 1, entered("Who", "RAW"))

    assert shell("report", *arguments, *AFTER) == 78
    assert "tab 'Referral Log' has no column 'Referral Source'" in shell.err


@pytest.mark.wire
def test_a_sheet_in_trouble_is_not_an_empty_quarter(box: Sandbox, shell: Shell) -> None:
    box.faults.add(kind="status", method="GET", path="/v4/", status=429, times=99, headers={"Retry-After": "86400"})

    assert shell("report", "quarter", "2026Q4", *AFTER) == 75
    assert shell.out == ""
    assert "Google Sheets" in shell.err


@pytest.mark.clause("RF-05", "RF-28")
def test_who_sent_how_many_in_the_past_year(box: Sandbox, shell: Shell) -> None:
    before = people.writes(box)

    assert shell.json("report", "referrals", *AFTER) == [
        {"source": "John Smith", "contact_id": None, "type": "", "referrals": 2, "closed": 0, "recognised": 0, "last_referral": "2026-11-03"},
        {"source": "Zoe [Abt]", "contact_id": None, "type": "", "referrals": 1, "closed": 1, "recognised": 1, "last_referral": "2026-10-05"}]
    assert shell("report", "referrals", *AFTER) == 0
    assert [word for word in ("since 2026-01-05", "Recognised", "Zoe [Abt]", "2026-11-03") if word not in shell.out] == []
    assert "Old Friend" not in shell.out
    assert shell("report", "referrals", "--as-of", "2024-01-01") == 0
    assert shell.out == "the referral log has no referral of the past year\n"
    assert people.writes(box) == before


def test_report_alone_says_what_there_is(shell: Shell) -> None:
    assert shell("report") == 64
    assert shell("report", "--help") == 0
    assert "quarter" in shell.out
    assert "referrals" in shell.out
    assert "referrals.quarterly_report" in {policy.name for policy in POLICIES}
