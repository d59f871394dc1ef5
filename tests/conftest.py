"""Hypothesis profiles, a clock that does not wait, and the sandbox as a fixture."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
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

settings.register_profile("ci", max_examples=40, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci")
structlog.configure(logger_factory=structlog.ReturnLoggerFactory())  # a test that looks at the log configures it itself


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


@pytest.fixture
def serve() -> Iterator[Callable[..., Sandbox]]:
    """Start a sandbox of a world; it is stopped at the end of the test."""
    running: list[Sandbox] = []

    def start(world: World | None = None, **options: Any) -> Sandbox:
        box = Sandbox(world or brokerage(date(2026, 12, 4), people=30), rate_limit=options.pop("rate_limit", False), **options)
        box.start()
        running.append(box)
        return box

    yield start
    for box in running:
        box.stop()


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
