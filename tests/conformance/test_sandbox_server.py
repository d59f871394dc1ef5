"""The sandbox around both services: what its log keeps, and what its clock shows."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import requests

from connectors.sandbox.brokerage import AGENT
from connectors.sandbox.server import LARGEST_REFUSED, Log, Logged, Sandbox

DAY = "2031-07-04"
OWNER = ("fka_owner", "")


def test_the_log_keeps_no_large_body_of_a_refused_request(serve: Callable[..., Sandbox]) -> None:
    box = serve()
    for size in (LARGEST_REFUSED, LARGEST_REFUSED + 1):
        assert requests.put(f"{box.url}/v4/spreadsheets/nope/values/A1", data=b"x" * size, timeout=10).status_code >= 400
    assert [len(entry.body) for entry in box.log] == [LARGEST_REFUSED, 0]


def test_the_log_lets_the_oldest_go() -> None:
    log = Log(entries=5, size=100)

    def logged(path: str, content: int = 0) -> list[str]:
        log.append(Logged("POST", path, "", b"x" * content, 200))
        return [entry.path for entry in log]

    assert logged("a", 60) == ["a"]
    assert logged("b", 40) == ["a", "b"]
    assert logged("c", 1) == ["b", "c"]
    for path in "defg":
        logged(path)
    assert [entry.path for entry in log] == ["c", "d", "e", "f", "g"]
    log.clear()
    assert logged("h", 100) == ["h"]


@pytest.fixture
def on_that_day() -> Iterator[str]:
    """The address of `steward sandbox --as-of` that day."""
    command = [sys.executable, "-c", "from daemon.cli import main; main()", "sandbox", "--people", "30", "--port", "0", "--as-of", DAY]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found
        yield found[0]
        process.terminate()


def test_as_of_a_day_the_clocks_show_that_day(on_that_day: str) -> None:
    body = {"personId": 101, "assignedUserId": AGENT, "name": "Water the fig", "dueDate": DAY}
    task = requests.post(f"{on_that_day}/v1/tasks", json=body, auth=OWNER, timeout=5).json()
    due = requests.get(f"{on_that_day}/v1/tasks", params={"due": "today", "limit": "100"}, auth=OWNER, timeout=5).json()["tasks"]
    page = requests.get(f"{on_that_day}/crm/tasks", params={"due": "today"}, timeout=5).text

    assert task["id"] in {t["id"] for t in due}
    assert datetime.fromisoformat(task["created"]).astimezone(ZoneInfo("America/Chicago")).date() == date.fromisoformat(DAY)
    assert "Water the fig" in page


def test_both_services_are_that_far_ahead(serve: Callable[..., Sandbox]) -> None:
    box = serve(ahead=timedelta(days=1000))
    note = requests.post(f"{box.url}/v1/notes", json={"personId": 101, "body": "b"}, auth=OWNER, timeout=5).json()

    for moment in (datetime.fromisoformat(note["created"]), datetime.fromtimestamp(box.sheets.now(), UTC)):
        assert timedelta(days=999, hours=23) < moment - datetime.now(UTC) <= timedelta(days=1000)
