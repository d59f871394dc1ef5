"""The units: what they promise, checked by systemd where it is at hand, and what the daemon tells a real notify socket."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.errors import Unauthorized
from connectors.sandbox.brokerage import AGENT_MAIL
from connectors.sandbox.server import Sandbox
from daemon import cli
from daemon.account.config_file import SECRETS
from daemon.account.wiring import Account
from daemon.errors import ConfigurationError
from daemon.service.loop import Daemon
from tests.conftest import SteppingClock, write_configuration
from tests.scenarios.worlds import one_client, set_up

pytestmark = pytest.mark.wire

SYSTEMD = Path(__file__).parents[2] / "systemd"
UNITS = ("steward.service", "steward@.service")
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze on this machine")


def settings(name: str) -> list[str]:
    return [line for line in (SYSTEMD / name).read_text(encoding="utf-8").splitlines() if line and line[0].isalpha()]


# -- the unit files -----------------------------------------------------------------------------------------------------


@needs_systemd
@pytest.mark.parametrize("name", UNITS)
def test_the_exposure_of_the_unit_is_at_most_1_1(name: str) -> None:
    line = ["systemd-analyze", "security", "--offline=true", "--threshold=11", str(SYSTEMD / name)]
    found = subprocess.run(line, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


@needs_systemd
@pytest.mark.parametrize("name", UNITS)
def test_systemd_finds_nothing_to_complain_of(name: str, tmp_path: Path) -> None:
    text = (SYSTEMD / name).read_text(encoding="utf-8")
    assert "ExecStart=/opt/steward/bin/steward " in text
    (tmp_path / name).write_text(text.replace("/opt/steward/bin/steward", sys.executable), encoding="utf-8")  # a binary that is there
    found = subprocess.run(["systemd-analyze", "verify", str(tmp_path / name)], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (0, "")


@pytest.mark.parametrize("name", UNITS)
def test_every_secret_is_a_credential_that_may_be_absent(name: str) -> None:
    lines = settings(name)
    assert {line.split("=")[1].split(":")[0] for line in lines if line.startswith("LoadCredential=")} >= set(SECRETS.values())
    for line in lines:
        if line.startswith("LoadCredential="):
            assert f"SetCredential={line.split('=')[1].split(':')[0]}:\\n" in lines


@pytest.mark.parametrize("name", UNITS)
def test_every_group_of_settings_says_why(name: str) -> None:
    lines = (SYSTEMD / name).read_text(encoding="utf-8").splitlines()
    start = lines.index("[Service]")
    before = {"": False}
    for above, line in zip(lines[start:], lines[start + 1:], strict=False):
        if above == "" and line[:1].isalpha():
            before[line] = True
    assert before == {"": False}  # a setting after an empty line, without a comment above it


def test_the_units_differ_in_names_and_places_only() -> None:
    one, many = settings(UNITS[0]), settings(UNITS[1])
    plain = [line.replace(" (%i)", "").replace("-%i", "").replace("/%i", "") for line in many if not line.startswith("Environment=STEWARD")]
    assert plain == one
    assert "Environment=STEWARD_STATE_DIR=%S/steward-%i" in many


# -- an operator's command ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("unit", "file", "state"), [
    ("steward.service", UNITS[0], "steward"), ("steward@dana.service", UNITS[1], "steward-dana")])
def test_an_operators_command_runs_with_everything_the_unit_has(unit: str, file: str, state: str, tmp_path: Path) -> None:
    """Without a running systemd: `systemctl cat` and `systemd-run` are stand-ins that print the unit, and what would be run."""
    for name, script in (("systemctl", f"cat '{SYSTEMD / file}'"), ("systemd-run", "printf '%s\\n' \"$@\"")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    line = [str(SYSTEMD / "steward-as-unit"), "--unit", unit, "explain", "MS-04 d12 20261218-14d"]
    said = subprocess.run(line, capture_output=True, text=True, check=True, env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"})
    words = said.stdout.splitlines()

    properties = [word.removeprefix("--property=") for word in words if word.startswith("--property=")]
    config = "/etc/steward/dana/config.toml" if "@" in unit else "/etc/steward/config.toml"
    assert words[-5:] == ["/opt/steward/bin/steward", "--config", config, "explain", "MS-04 d12 20261218-14d"]
    assert {f"User={state}", "DynamicUser=yes", f"StateDirectory={state}", "CapabilityBoundingSet=", "SetCredential=crm_api_key:\\n"} <= set(properties)
    assert [p for p in properties if p.startswith("SystemCallFilter=")] == ["SystemCallFilter=@system-service", "SystemCallFilter=~@privileged @resources"]
    assert not [p for p in properties if p.startswith(("Type=", "Restart", "WatchdogSec=", "ExecStart=", "WantedBy="))]
    assert not [p for p in properties if "%" in p]


def test_an_operators_command_is_that_of_a_drop_in_where_there_is_one(tmp_path: Path) -> None:
    drop_in = tmp_path / "override.conf"
    drop_in.write_text("[Service]\nExecStart=\nExecStart=/srv/steward/bin/steward --config /srv/c.toml run\nMemoryMax=4G\n", encoding="utf-8")
    for name, script in (("systemctl", f"cat '{SYSTEMD / UNITS[0]}' '{drop_in}'"), ("systemd-run", "printf '%s\\n' \"$@\"")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    path = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    words = subprocess.run([str(SYSTEMD / "steward-as-unit"), "status"], capture_output=True, text=True, check=True, env=path).stdout.splitlines()
    assert words[-4:] == ["/srv/steward/bin/steward", "--config", "/srv/c.toml", "status"]
    assert [word for word in words if word.startswith("--property=MemoryMax")][-1] == "--property=MemoryMax=4G"
    assert not any("/opt/steward" in word for word in words)


# -- the notify socket --------------------------------------------------------------------------------------------------


class Manager:
    """A service manager's end of the notify socket."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.path)
        self._socket.settimeout(60)

    def hears(self, *wanted: str) -> None:
        """Wait until each of *wanted* was said, in this order, whatever else is said in between."""
        for word in wanted:
            while not self._socket.recv(4096).decode().startswith(word):
                pass

    def heard(self) -> list[str]:
        """Everything that was said since, without waiting."""
        found = []
        self._socket.settimeout(0)
        try:
            while True:
                found.append(self._socket.recv(4096).decode())
        except BlockingIOError:
            self._socket.settimeout(60)
        return found

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Manager]:
    one = Manager(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", one.path)
    yield one
    one.close()


def test_start_stop_crash_and_restart(serve: Callable[..., Sandbox], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, manager: Manager) -> None:
    box = serve(one_client())
    path = write_configuration(box, tmp_path, monkeypatch)
    line = [sys.executable, "-c", "from daemon.cli import main; main()", "--config", str(path), "run"]

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    running = start()
    manager.hears("READY=1", "STATUS=next pass at", "WATCHDOG=1")
    running.send_signal(signal.SIGTERM)
    manager.hears("STOPPING=1")
    assert running.wait(30) == 0

    running = start()
    manager.hears("READY=1", "WATCHDOG=1")
    running.kill()
    assert running.wait(30) == -signal.SIGKILL

    running = start()  # the lock of the one that crashed is nobody's
    manager.hears("READY=1", "WATCHDOG=1")
    second = subprocess.run(line, capture_output=True, text=True, check=False, env={**os.environ, "NOTIFY_SOCKET": ""})
    assert second.returncode == 75
    assert "another daemon of this account is running" in second.stderr
    running.send_signal(signal.SIGINT)
    manager.hears("STOPPING=1")
    assert running.wait(30) == 0


def turns(daemon: Daemon, count: int) -> None:
    for _ in range(count):
        daemon.turn()


@pytest.mark.parametrize(("code", "wrong"), [(77, ""), (78, f'crm_user = "{AGENT_MAIL}"')])
def test_what_a_restart_does_not_mend_ends_with_a_status_that_is_not_restarted(
        serve: Callable[..., Sandbox], employ: Callable[..., Account], code: int, wrong: str) -> None:
    assert "RestartPreventExitStatus=64 77 78" in settings(UNITS[0])
    box = serve(one_client())
    account = employ(box, **{wrong: 'crm_user = "nobody@example.com"'} if wrong else {})
    if code == 77:
        box.faults.add(kind="status", status=401, path="/v1/identity", times=3)
    with pytest.raises((Unauthorized, ConfigurationError)) as ended:
        turns(Daemon(account), 4)
    assert cli._sentence(ended.value)[1] == code


class Unreliable:
    """A CRM whose connector has a defect: it raises what no connector may."""

    def account(self) -> None:
        raise ArithmeticError("Ana Lopez")


def test_the_watchdog_is_fed_only_while_passes_really_complete(
        serve: Callable[..., Sandbox], employ: Callable[..., Account], manager: Manager) -> None:
    clock = SteppingClock()
    account = set_up(employ(serve(one_client()), clock=clock), None)
    daemon = Daemon(replace(account, crm=Unreliable()))  # type: ignore[arg-type]  # that it is none is the point
    daemon.turn()
    for minutes in (0, 20, 17, 1):
        clock.sleep(60 * minutes)
        daemon.tick()
    assert [word for word in manager.heard() if word.startswith("WATCHDOG")] == ["WATCHDOG=1"] * 3  # the last is 38 minutes after the start

    sound = Daemon(account)
    for _ in range(4):
        sound.turn()
        clock.sleep(15 * 60)
        sound.tick()
    assert [word for word in manager.heard() if word.startswith("WATCHDOG")] == ["WATCHDOG=1"] * 4


def test_an_outage_of_the_crm_is_no_reason_to_be_restarted(serve: Callable[..., Sandbox], employ: Callable[..., Account], manager: Manager) -> None:
    clock = SteppingClock()
    box = serve(one_client())
    daemon = Daemon(set_up(employ(box, clock=clock), None))
    box.faults.add(kind="status", status=503, path="/v1/", times=1000)
    for _ in range(4):
        daemon.turn()
        clock.sleep(15 * 60)
        daemon.tick()
    assert len([word for word in manager.heard() if word.startswith("WATCHDOG")]) == 4


def test_without_a_service_manager_nothing_is_said(
        serve: Callable[..., Sandbox], employ: Callable[..., Account], manager: Manager, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET")
    daemon = Daemon(employ(serve(one_client())))
    daemon.turn()
    daemon.tick()
    assert manager.heard() == []
