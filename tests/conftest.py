"""Hypothesis profiles, a clock that does not wait, and the sandbox as a fixture."""

from __future__ import annotations

import gc
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings

from connectors.sandbox.brokerage import World, brokerage
from connectors.sandbox.server import Sandbox
from daemon.account import wiring
from daemon.account.config_file import load
from daemon.account.wiring import Account
from daemon.commands.demo import configuration
from tests.in_process import InProcess, answering

settings.register_profile("ci", max_examples=40, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci")
structlog.configure(logger_factory=structlog.ReturnLoggerFactory())  # a test that looks at the log configures it itself


LONGEST = ("test_what_was_asked_when_equals_a_calendar_made_by_hand", "test_histories_of_past_clients", "test_histories_of_referrals",
           "test_the_readme_leads_from_nothing_to_a_daemon_that_acts", "test_a_year_of_referrals_ends_with_the_log_that_was_lived")
"""Stories of more than ten seconds, the longest first."""
MEMORY = Path("/dev/shm")
ROOM = 2**31
"""Bytes that must be free there: one story installs Steward into a virtual environment."""


def pytest_configure(config: pytest.Config) -> None:
    """Keep the files of tests in memory where that can be, unless somebody said where: a ledger waits for the disk at every write."""
    if "TMPDIR" not in os.environ and _has_room(MEMORY):
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None  # it may have been looked up before


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every process begins with its share of the longest stories: one that begins last is waited for alone.

    pytest-xdist gives each process one run of the list to begin with.
    """
    def rank(item: pytest.Item) -> int:
        name = item.name.partition("[")[0]
        return LONGEST.index(name) if name in LONGEST else len(LONGEST)

    longest = sorted((item for item in items if rank(item) < len(LONGEST)), key=rank)
    others = iter([item for item in items if rank(item) == len(LONGEST)])
    left, processes = len(items), int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    ordered: list[pytest.Item] = []
    for n in range(processes):
        size = left // (processes - n)
        left -= size
        own = longest[n::processes]
        ordered += [*own, *islice(others, max(0, size - len(own)))]
    items[:] = [*ordered, *others]


def pytest_collection_finish(session: pytest.Session) -> None:
    """The tests themselves are no garbage: a daemon that gives memory back after a pass need not look through them."""
    gc.collect()
    gc.freeze()


def _has_room(folder: Path) -> bool:
    if not os.access(folder, os.W_OK | os.X_OK):
        return False
    found = os.statvfs(folder)
    return not found.f_flag & os.ST_NOEXEC and found.f_bavail * found.f_frsize >= ROOM


class SteppingClock:
    """Time that passes only when someone waits: every sleep returns at once and moves it on."""

    def __init__(self, now: datetime | None = None) -> None:
        self.instant = now or datetime.now(UTC)
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.instant

    def monotonic(self) -> float:
        return self.instant.timestamp()

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.instant += timedelta(seconds=seconds)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("STEWARD_") and not name.startswith("STEWARD_LIVE_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


@pytest.fixture(scope="session", autouse=True)
def _in_process() -> Iterator[None]:
    with answering():
        yield


@pytest.fixture
def sandbox_kind(request: pytest.FixtureRequest) -> type[Sandbox]:
    """A story marked `wire` has its sandbox behind a socket, every other in this process."""
    return Sandbox if request.node.get_closest_marker("wire") else InProcess


@pytest.fixture
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries follow each other at once; for stories whose sandbox answers in this process."""
    monkeypatch.setattr(time, "sleep", lambda seconds: None)


@pytest.fixture
def serve(sandbox_kind: type[Sandbox]) -> Iterator[Callable[..., Sandbox]]:
    """Start a sandbox of a world; it is stopped at the end of the test."""
    running: list[Sandbox] = []

    def start(world: World | None = None, **options: Any) -> Sandbox:
        box = sandbox_kind(world or brokerage(date(2026, 12, 4), people=30), rate_limit=options.pop("rate_limit", False), **options)
        box.start()
        running.append(box)
        return box

    yield start
    for box in running:
        box.close() if isinstance(box, InProcess) else box.stop()


@pytest.fixture
def employ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Account]:
    """An account wired to a sandbox, with its configuration file in the test's own directory."""

    def hire(box: Sandbox, *, clock: Any = None, key: str = "fka_steward", state: str = "state", **tables: str) -> Account:
        return wiring.build(load(write_configuration(box, tmp_path, monkeypatch, key=key, state=state, **tables)), clock)

    return hire


def write_configuration(box: Sandbox, folder: Path, monkeypatch: pytest.MonkeyPatch, *, key: str = "fka_steward", state: str = "state",
                        **changes: str) -> Path:
    """A configuration for *box*; *changes* replaces text in it, key by text to find."""
    text = configuration(box.url, str(folder / state)) + "\n[guard]\nsettle_seconds = 0.05\n"
    for old, new in changes.items():
        text = text.replace(old, new)
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    monkeypatch.setenv("STEWARD_CRM__API_KEY", key)
    return path
