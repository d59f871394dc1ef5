"""Steward for a month in a few minutes: an accelerated clock, real HTTP, outages of both services,
a restart a day.

What must hold: memory is flat (less than 5 % of growth after the third day), so are file
descriptors, nothing stands twice, and every deadline that an undisturbed month keeps is kept or
reported as missed.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import requests

from benchmarks.worker import Worker
from connectors.sandbox.brokerage import AGENT_MAIL, SPREADSHEET, brokerage
from connectors.sandbox.server import Sandbox
from daemon import logs
from daemon.account import wiring
from daemon.account.config_file import load
from daemon.commands import check
from daemon.commands.demo import configuration
from daemon.passes import session

START = date(2026, 12, 4)
ZONE = ZoneInfo("America/Chicago")
GROWTH = 1.05
SETTLED = 3
"""Days after which memory may not grow any more."""


@dataclass
class Soaked:
    """What a month left: the keys of tasks and rows, how often each stands, what was reported
    missed, what the process held each day.
    """

    tasks: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    missed: frozenset[str] = frozenset()
    rss: list[float] = field(default_factory=list)
    fds: list[int] = field(default_factory=list)
    passes: int = 0
    faults: int = 0

    @property
    def twice(self) -> list[str]:
        """Everything that stands more than once."""
        return [
            key for counts in (self.tasks, self.rows) for key, count in counts.items() if count > 1
        ]

    @property
    def growth(self) -> float:
        """Memory at the end against that of the third day."""
        return self.rss[-1] / self.rss[min(SETTLED, len(self.rss)) - 1]

    def lacks(self, undisturbed: Soaked) -> list[str]:
        """What the undisturbed month asked, and this one neither asked nor reported as missed."""
        return sorted(undisturbed.tasks.keys() - self.tasks.keys() - self.missed)


OUTAGES: Sequence[tuple[dict[str, Any], ...]] = (
    ({"kind": "status", "status": 503, "path": "/v1/", "times": 400},),
    ({"kind": "status", "status": 502, "path": "/v4/", "times": 400},),
    (
        {"kind": "status", "status": 503, "path": "/v1/", "times": 400},
        {"kind": "status", "status": 503, "path": "/v4/", "times": 400},
    ),
    ({"kind": "drop-after", "method": "POST", "path": "/v1/tasks", "times": 3},),
    (
        {"kind": "drop-before", "method": "POST", "path": "/v1/tasks", "times": 3},
        {"kind": "drop-after", "path": ":batchUpdate"},
    ),
    (
        {
            "kind": "status",
            "status": 429,
            "path": "/v1/",
            "times": 2,
            "headers": {"Retry-After": "7"},
        },
    ),
    (
        {"kind": "truncate", "path": "/v1/people", "times": 2},
        {"kind": "garbage", "path": "values:batchGet", "times": 1},
    ),
    ({"kind": "status", "status": 500, "method": "POST", "path": "/v1/tasks", "times": 2},),
)


def soak(
    days: int, polls: int, *, disturbed: bool = True, people: int = 40, seed: int = 7
) -> Soaked:
    """Live *days* days with *polls* passes each; without disturbances it is the month to compare
    with.
    """
    draw, found = random.Random(seed), Soaked()
    now = [datetime.combine(START, datetime.min.time(), ZONE).astimezone(UTC)]
    world = brokerage(START, people=people)
    world.crm.now = lambda: now[0]
    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox(world, rate_limit=False) as box,
        hired(box, Path(folder)) as worker,
    ):
        for day in range(days):
            for poll in range(polls):
                now[0] = (
                    datetime.combine(START + timedelta(days=day), datetime.min.time(), ZONE)
                    + timedelta(days=1) * poll / polls
                )
                if disturbed and draw.random() < 0.25:
                    for fault in draw.choice(OUTAGES):
                        box.faults.add(**fault)
                        found.faults += 1
                held = worker.turn(
                    now[0].astimezone(UTC), restart=disturbed and poll == 0 and day > 0
                )
                box.faults.pending.clear()
                found.passes += 1
            _people_work(box, START + timedelta(days=day))
            found.rss.append(held["rss"])
            found.fds.append(int(held["fds"]))
        worker.turn(
            now[0].astimezone(UTC) + timedelta(minutes=15)
        )  # an undisturbed pass has the last word
        _count(box, found)
    return found


@contextmanager
def hired(box: Sandbox, folder: Path) -> Iterator[Worker]:
    """A worker for an account at *box* that is set up and acknowledged."""
    path = folder / "config.toml"
    path.write_text(
        configuration(box.url, str(folder / "state")) + "\n[guard]\nwithdraw_limit = 1000\n",
        encoding="utf-8",
    )
    os.environ["STEWARD_CRM__API_KEY"] = "fka_steward"
    account = wiring.build(load(path))
    for step in check.steps(account):
        if step.act:
            step.act()
    morning = session.moment(START.isoformat(), account.settings, account.clock.now())
    session.apply(account, morning, shown=session.plan(account, morning).plan.digest)
    account.ledger.close()
    worker = Worker(path, folder / "log")
    try:
        yield worker
    finally:
        worker.close()


def _people_work(box: Sandbox, day: date) -> None:
    """In the evening the agent approves every second draft that waits, and the VA ticks off what is
    due.
    """
    for row in _rows(box, "Approvals"):
        waits = row.get("Decision", "") == "" and row.get("Status", "").startswith("Waiting")
        if waits and sum(row["Ref"].encode()) % 2:
            where = {
                "spreadsheet": SPREADSHEET,
                "tab": "Approvals",
                "ref": row["Ref"],
                "column": "Decision",
            }
            requests.post(
                f"{box.url}/person/sheet/type",
                timeout=10,
                json={"as": AGENT_MAIL, **where, "text": "Approve"},
            )
    for task in list(box.world.crm.tables["tasks"].values()):
        if (
            not task["isCompleted"]
            and "[" in task["name"]
            and (task.get("dueDate") or "9999") <= day.isoformat()
        ):
            requests.post(
                f"{box.url}/person/crm/complete-task",
                timeout=10,
                json={"taskId": task["id"], "as": task["assignedUserId"]},
            )


def _rows(box: Sandbox, tab: str) -> list[dict[str, str]]:
    answer = requests.get(
        f"{box.url}/v4/spreadsheets/{SPREADSHEET}/values/{tab}",
        timeout=10,
        headers={"Authorization": f"Bearer {AGENT_MAIL}"},
    )
    header, *lines = answer.json().get("values", [[]])
    return [dict(zip(header, map(str, line), strict=False)) for line in lines]


def _count(box: Sandbox, found: Soaked) -> None:
    for task in box.world.crm.tables["tasks"].values():
        if "[" in task["name"] and not task["name"].startswith("Withdrawn"):
            found.tasks[task["name"].rpartition("[")[2].rstrip("]")] += 1
    for tab in ("Approvals", "Missed", "Checklists", "Memory", "Handover"):
        found.rows.update(f"{tab}: {row['Ref']}" for row in _rows(box, tab) if row.get("Ref"))
    found.missed = frozenset(row["Ref"] for row in _rows(box, "Missed"))


def main() -> None:
    """Soak for a month, or for as many days and passes a day as are given; exit status 1 if
    something does not hold.
    """
    logs.configure()
    days, polls = (int(sys.argv[1]), int(sys.argv[2])) if len(sys.argv) > 2 else (30, 96)
    started = time.perf_counter()
    undisturbed = soak(days, min(polls, 4), disturbed=False)
    found = soak(days, polls)
    print(
        f"soak: {days} days, {found.passes:,} passes, {found.faults} faults on both services, a"
        f" restart a day, in {time.perf_counter() - started:.0f} s"
    )
    print(
        f"  {len(found.tasks)} tasks ({len(undisturbed.tasks)} undisturbed), {len(found.missed)}"
        " reported as missed"
    )
    print(
        f"  resident memory {found.rss[0]:.1f} MiB after the first day,"
        f" {found.rss[min(SETTLED, days) - 1]:.1f} after the third, {found.rss[-1]:.1f} after the"
        f" last: x {found.growth:.3f} (allowed {GROWTH})"
    )
    print(f"  file descriptors {found.fds[0]} to {found.fds[-1]}, at most {max(found.fds)}")
    print(
        f"  standing twice: {found.twice or 'nothing'}; neither asked nor reported as missed:"
        f" {found.lacks(undisturbed) or 'nothing'}"
    )
    sys.exit(
        bool(
            found.twice
            or found.lacks(undisturbed)
            or found.growth > GROWTH
            or max(found.fds[SETTLED:] or [0]) > found.fds[0] + 4
        )
    )


if __name__ == "__main__":
    main()
