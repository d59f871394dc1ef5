"""What a daemon holds between two passes on a 10,000-contact account: resident memory against the bar, and how much a pass adds."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from benchmarks.soak import START, hired
from connectors.sandbox.brokerage import brokerage
from connectors.sandbox.server import Sandbox
from daemon import logs

PEOPLE, ALLOWED = 10_000, 120


def main() -> None:
    """Print the figures beside what is allowed."""
    logs.configure()
    now = datetime.combine(START, time(14), UTC)
    world = brokerage(START, people=PEOPLE)
    world.crm.now = lambda: now
    with tempfile.TemporaryDirectory() as folder, Sandbox(world, rate_limit=False) as box, hired(box, Path(folder)) as worker:
        held = [worker.turn(now + timedelta(minutes=15 * n))["rss"] for n in range(4)]
    print(f"idle on {PEOPLE:,} contacts: {held[-1]:.0f} MiB resident (allowed {ALLOWED}) after {len(held)} passes; "
          f"{held[0]:.0f} after the first")


if __name__ == "__main__":
    main()
