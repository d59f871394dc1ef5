"""Killed with SIGKILL after any single request of an applying pass, then run again: the same world as undisturbed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.brokerage import World
from connectors.sandbox.server import Logged, Sandbox
from daemon.account.wiring import Account
from daemon.commands import check
from daemon.passes import session
from tests import people
from tests.conftest import write_configuration
from tests.scenarios.worlds import three_clients, two_referrals
from tests.scenes import at

pytestmark = pytest.mark.wire

MORNING = "2026-12-16"
PARTS, EVERY = 4, int(os.environ.get("STEWARD_KILL_EVERY", "16"))
"""The points are spread over this many tests, so that they can run side by side; every one of them costs two starts of the
command, so that an ordinary run takes each sixteenth request, and STEWARD_KILL_EVERY=1 takes every one."""


def world_of(box: Sandbox) -> dict[str, Any]:
    """What people see: tasks, notes and rows, without ids and stamps."""
    crm = box.world.crm.tables
    sheet = {tab: sorted((r["Ref"], r.get("Status", ""), r.get("Decision", ""), r.get("As Written", "")) for r in people.rows(box, tab))
             for tab in ("Approvals", "Missed", "Referral Log", "Checklists", "Sources")}
    records = sorted((p["id"], *sorted(p.get("tags", ())), p.get("customReferredBy"), p.get("customReferralsSent")) for p in crm["people"].values())
    memory = sorted((r["Ref"], r["What"]) for r in people.rows(box, "Memory") if not r["Ref"].startswith(("activation", "approvals.")))
    return {"people": records,
            "tasks": sorted((t["name"], t["personId"], str(t["dueDate"]), str(t["dueDateTime"]), t["isCompleted"]) for t in crm["tasks"].values()),
            "notes": sorted((n["subject"], n["personId"], n["body"]) for n in crm["notes"].values()), **sheet, "Memory": memory}


def command(path: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-c", "from daemon.cli import main; main()", "--config", str(path), *arguments]


def prepared(box: Sandbox, account: Account) -> str:
    """Set up, and a plan shown: the digest that the pass under test carries out."""
    for step in check.steps(account):
        assert step.act is not None
        step.act()
    return session.plan(account, at(date(2026, 12, 16))).plan.digest


def killed_after(box: Sandbox, requests: int, line: list[str]) -> bool:
    """Run *line* and kill it once that many of its requests were carried out; whether it came to that."""
    seen: list[Logged] = []
    killed = []
    process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def watch(entry: Logged) -> None:
        seen.append(entry)
        if len(seen) == requests:
            os.kill(process.pid, signal.SIGKILL)
            killed.append(entry)

    box.watch = watch
    process.wait(60)
    box.watch = None
    return bool(killed)


WORLDS: dict[str, Callable[[], World]] = {"milestones": three_clients, "referrals": two_referrals}


@pytest.fixture(scope="module", params=WORLDS)
def undisturbed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A world after one pass that nothing disturbed, and how many requests that took."""
    folder = tmp_path_factory.mktemp("undisturbed")
    with pytest.MonkeyPatch.context() as patch, Sandbox(WORLDS[request.param](), rate_limit=False) as box:
        path = write_configuration(box, folder, patch)
        from daemon.account import wiring  # noqa: PLC0415
        from daemon.account.config_file import load  # noqa: PLC0415

        digest = prepared(box, wiring.build(load(path)))
        before = len(box.log)
        subprocess.run(command(path, "apply", "--as-of", MORNING, "--digest", digest), check=True, capture_output=True)
        return {"begins": WORLDS[request.param], "requests": len(box.log) - before, "world": world_of(box)}


@pytest.mark.clause("X-58", "RF-01", "RF-27")
@pytest.mark.parametrize("part", range(PARTS))
def test_killed_after_each_request(part: int, undisturbed: dict[str, Any], serve: Callable[..., Sandbox], employ: Callable[..., Account],
                                   tmp_path: Path) -> None:
    points = range(1 + part * EVERY, undisturbed["requests"] + 1, PARTS * EVERY)
    assert undisturbed["requests"] > 20
    for point in points:
        box = serve(undisturbed["begins"]())
        digest = prepared(box, employ(box, state=f"state{point}"))
        line = command(tmp_path / "config.toml", "apply", "--as-of", MORNING, "--digest", digest)
        assert killed_after(box, point, line)
        subprocess.run(line, check=True, capture_output=True)
        assert world_of(box) == undisturbed["world"], f"killed after request {point}"
        box.stop()
