"""`steward list` as a person at the keyboard meets it, and the VA's way through the tab `Lists`, over real HTTP."""

from __future__ import annotations

import csv
import json
import stat
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.brokerage import VA_MAIL, World, brokerage
from connectors.sandbox.server import Sandbox
from daemon import checking, cli, session
from daemon.wiring import Account
from policies.database.csv_text import plain
from policies.escalation import DatabaseIssue, database_message
from tests import people
from tests.conftest import write_configuration
from tests.scenes import at

DAY = date(2026, 12, 4)
KEY = "a long random text of the account's own"
ZERO = database_message(DatabaseIssue.ZERO, agent="Dana Reyes", scale=0, va="Mia Cole")


class Shell:
    """Runs `steward list` in this process and keeps what it said."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.path, self.capsys = path, capsys
        self.out = self.err = ""

    def __call__(self, *arguments: str) -> int:
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main(["--config", str(self.path), *arguments])
        self.out, self.err = self.capsys.readouterr()
        assert "Traceback" not in self.out + self.err
        return int(ended.value.code or 0)


@pytest.fixture
def world() -> World:
    return brokerage(DAY, people=200)


@pytest.fixture
def box(world: World, serve: Callable[..., Sandbox]) -> Sandbox:
    return serve(world)


@pytest.fixture
def shell(box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    monkeypatch.setenv("STEWARD_SUPPRESSION_KEY", KEY)
    found = Shell(write_configuration(box, tmp_path, monkeypatch, **{'mode = "observe"': 'mode = "act"'}), capsys)
    assert found("setup", "--apply") == 0
    return found


def in_stage(box: Sandbox, stage: str) -> list[dict[str, Any]]:
    return [p for p in box.world.crm.tables["people"].values() if p.get("stage") == stage]


def decide(box: Sandbox, ref: str, choice: str) -> None:
    assert people.types(box, "Approvals", ref, "Decision", choice).ok


def confirmation(box: Sandbox) -> str:
    found = [row["Ref"] for row in people.rows(box, "Approvals") if row["Ref"].startswith("DB-36") and not row.get("Acted On")]
    assert len(found) == 1
    return str(found[0])


@pytest.mark.clause("DB-02")
def test_how_many_active_buyers_in_a_price_range_is_answered(box: Sandbox, shell: Shell) -> None:
    for person in in_stage(box, "Active Buyer")[:3]:
        people.at_crm(box, "tag", personId=person["id"], tag="$400-500K") if False else box.world.crm.update("people", person["id"], {"tags": ["$400-500K"]}, 1)
    before = people.writes(box)
    started = time.monotonic()

    assert shell("list", "count", "--stage", "Active Buyer", "--price", "400-500K", "--json") == 0
    found = json.loads(shell.out)
    print(found)
    assert time.monotonic() - started < 60
    assert people.writes(box) == before
