"""docs/operating.md, pasted: its commands run in a root of their own, from a bare machine to a unit that is enabled, and to its removal.

What a container has not got is stood in for: `systemctl` keeps the units' files and notes what it was told, `systemd-run` runs the
command with the credentials that the unit names. Installing packages and building the venv is what `.ci/run` does with the wheel.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.sandbox.server import Sandbox
from tests import people
from tests.conftest import write_configuration
from tests.scenarios.worlds import one_client

pytestmark = pytest.mark.wire

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.wire
ABSOLUTE = re.compile(r"(?<![\w.}])/(?=(?:etc|opt|usr/local|var)/)")
SYSTEMCTL = """#!/bin/sh
[ "$1" = cat ] && exec cat "{root}/etc/systemd/system/$2"
echo "systemctl $*" >>"{root}/told"
"""
SYSTEMD_RUN = """#!{python}
import os, re, sys
given = dict(a.removeprefix("--property=").split("=", 1) for a in sys.argv[1:] if a.startswith("--property=") and "LoadCredential" not in a)
loaded = [a.split(":", 1)[1] for a in sys.argv[1:] if a.startswith("--property=LoadCredential=")]
assert given["DynamicUser"] == "yes" and given["StateDirectory"] == "steward", given
os.environ["CREDENTIALS_DIRECTORY"] = os.path.dirname("{root}" + loaded[0])
words = [a for a in sys.argv[1:] if not a.startswith("--property=")]
words = words[words.index("/opt/steward/bin/steward"):]
os.execv("{root}" + words[0], [re.sub("^/(?=etc/|opt/)", "{root}/", w) for w in words])
"""
STEWARD = """#!/bin/sh
exec "{python}" -c 'from daemon.cli import main; main()' "$@"
"""


def pasted(section: str) -> list[list[str]]:
    """The commands below a heading, by blocks that an empty line divides."""
    text = (ROOT / "docs/operating.md").read_text(encoding="utf-8").split(f"\n## {section}\n")[1].split("\n## ")[0].strip("\n")
    return [re.findall(r"^    (.+)$", block, re.MULTILINE) for block in text.split("\n\n") if block.startswith("    ")]


class Machine:
    """A bare machine in a folder: everything absolute lies in there, and the commands run in a checkout."""

    def __init__(self, root: Path) -> None:
        self.root, self.checkout = root, root / "checkout"
        for folder in ("etc/systemd/system", "opt/steward/bin", "usr/local/bin", "var/lib/private/steward", "checkout", "bin"):
            (root / folder).mkdir(parents=True)
        (root / "var/lib/steward").symlink_to("private/steward")  # as systemd makes it for a dynamic user
        for name in ("systemd", "config.example.toml", "constraints.txt", "pyproject.toml"):
            (self.checkout / name).symlink_to(ROOT / name)
        (self.checkout / "service-account.json").write_text("{}", encoding="utf-8")
        for path, text in (("bin/systemctl", SYSTEMCTL), ("bin/systemd-run", SYSTEMD_RUN), ("opt/steward/bin/steward", STEWARD)):
            (root / path).write_text(text.format(root=root, python=sys.executable), encoding="utf-8")
            (root / path).chmod(0o755)

    def runs(self, command: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run one line as it stands in the document, but for where its root is."""
        line = ABSOLUTE.sub(f"{self.root}/", command)
        return subprocess.run(["sh", "-c", line], cwd=self.checkout, input=stdin, capture_output=True, text=True, check=False,
                              env=self.environment)

    @property
    def environment(self) -> dict[str, str]:
        path = f"{self.root}/usr/local/bin:{self.root}/bin:{os.environ['PATH']}"
        return {"PATH": path, "HOME": str(self.root), "PYTHONPATH": str(ROOT)}

    def mode(self, path: str) -> int:
        return stat.S_IMODE((self.root / path).stat().st_mode)

    @property
    def told(self) -> list[str]:
        return (self.root / "told").read_text(encoding="utf-8").splitlines()


def test_the_readme_leads_from_nothing_to_a_daemon_that_acts(box: Sandbox, tmp_path: Path) -> None:
    """Pasted line by line into one shell; only the installation is left to `.ci/run`, and the sandbox has another port here."""
    text = (ROOT / "README.md").read_text(encoding="utf-8").split("\n### First against made-up data\n")[1].split("\n| command ")[0]
    lines = [line.replace("http://127.0.0.1:8765", box.url) for line in re.findall(r"^    (.+)$", text, re.MULTILINE)]
    start = lines.index("cp config.example.toml config.toml")
    assert lines[start - 2:start] == ["steward sandbox", ". .venv/bin/activate"]
    machine = Machine(tmp_path / "machine")
    (machine.root / "bin/steward").symlink_to(machine.root / "opt/steward/bin/steward")
    script = "".join(f"{line}\n" + ("echo status $?\n" if line.startswith("steward ") else "") for line in lines[start:])
    assert lines[-1].startswith("STEWARD_MODE=act steward run")

    assert re.findall(r"^status (\d+)", until_a_pass_and_ctrl_c(machine, script), re.MULTILINE)[:3] == ["78", "0", "0"]
    waits = [row["Ref"] for row in people.rows(box, "Approvals")]
    assert len(waits) == 1
    people.types(box, "Approvals", waits[0], "Decision", "Approve")
    until_a_pass_and_ctrl_c(machine, script)
    assert people.row(box, "Approvals", waits[0])["Status"] == "Acknowledged"


def until_a_pass_and_ctrl_c(machine: Machine, script: str) -> str:
    """Paste *script*, whose last line is the daemon; press Ctrl-C after a pass. What was printed."""
    with (machine.root / "printed").open("w+", encoding="utf-8") as out, subprocess.Popen(
            ["sh", "-c", script], cwd=machine.checkout, stdout=out, stderr=subprocess.PIPE, text=True, env=machine.environment,
            start_new_session=True) as shell:
        assert shell.stderr is not None
        last = ""
        for last in shell.stderr:
            if "pass.done" in last:
                os.killpg(shell.pid, signal.SIGINT)
        shell.wait(60)  # the shell is interrupted as well
        assert "daemon.stopped" in last
        out.seek(0)
        return out.read()


@pytest.fixture
def box(serve: Callable[..., Sandbox]) -> Sandbox:
    return serve(one_client())


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "machine")


def installed(machine: Machine, box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The first block, line by line, and the configuration filled in; the commands of the second block."""
    first, second = pasted("Install as a service")[:2]
    left = [line for line in first if line.startswith(("apt-get ", "python3 -m venv ", "/opt/steward/bin/pip "))]
    assert len(left) == 3
    for line in first[len(left):]:
        ran = machine.runs(line, stdin="fka_steward\n" if "/dev/stdin" in line else "")
        assert ran.returncode == 0, f"{line}: {ran.stderr}"
    config = write_configuration(box, tmp_path, monkeypatch)
    (machine.root / "etc/steward/config.toml").write_text(config.read_text(encoding="utf-8"), encoding="utf-8")
    return second


def test_from_a_bare_machine_to_an_enabled_unit(machine: Machine, box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check, setup, plan, enable = installed(machine, box, tmp_path, monkeypatch)
    assert {path: oct(machine.mode(path)) for path in (
        "etc/steward", "etc/steward/config.toml", "etc/steward/credentials", "etc/steward/credentials/crm_api_key",
        "etc/steward/credentials/sheet_credentials", "etc/systemd/system/steward.service", "usr/local/bin/steward-as-unit")} == {
        "etc/steward": "0o755", "etc/steward/config.toml": "0o644", "etc/steward/credentials": "0o700",
        "etc/steward/credentials/crm_api_key": "0o600", "etc/steward/credentials/sheet_credentials": "0o600",
        "etc/systemd/system/steward.service": "0o644", "usr/local/bin/steward-as-unit": "0o755"}

    first = machine.runs(check)
    assert first.returncode == 78, first.stderr
    assert "credentials of the unit: crm_api_key, sheet_credentials" in first.stdout
    assert "run `steward setup --apply`" in first.stdout
    assert machine.runs(setup).returncode == 0
    ready = machine.runs(check)
    assert (ready.returncode, ready.stdout.splitlines()[-1]) == (0, "Steward is ready"), ready.stdout
    before = people.writes(box)
    assert machine.runs(plan).returncode in {0, 2}
    assert people.writes(box) == before
    assert machine.runs(enable).returncode == 0
    assert machine.told == ["systemctl daemon-reload", "systemctl enable --now steward"]


def test_and_removed_again(machine: Machine, box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, setup, *_ = installed(machine, box, tmp_path, monkeypatch)
    machine.runs(setup)
    for line in (line for block in pasted("Removing Steward") for line in block):
        ran = machine.runs(line)
        assert ran.returncode == 0, f"{line}: {ran.stdout}{ran.stderr}"
    assert machine.told[-2:] == ["systemctl disable --now steward", "systemctl daemon-reload"]
    assert sorted(path.name for path in machine.root.rglob("*") if "steward" in path.name and "checkout" not in str(path)) == []


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze on this machine")
def test_systemd_accepts_the_unit_as_it_was_installed(machine: Machine, box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(machine, box, tmp_path, monkeypatch)
    unit = machine.root / "etc/systemd/system/steward.service"
    unit.write_text(unit.read_text(encoding="utf-8").replace("=/opt/", f"={machine.root}/opt/"), encoding="utf-8")
    for line in (["verify"], ["security", "--offline=true", "--threshold=11"]):
        found = subprocess.run(["systemd-analyze", *line, str(unit)], capture_output=True, text=True, check=False)
        assert found.returncode == 0, found.stdout + found.stderr
