"""What a daemon holds between two passes on a 10,000-contact account, against the bar; and what a
poll asks of the CRM beside a sweep.
"""

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
    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox(world, rate_limit=False) as box,
        hired(box, Path(folder)) as worker,
    ):
        held, asked = [], []
        for n in range(4):  # the first is a sweep, the others are polls of the same hour
            box.log.clear()
            held.append(worker.turn(now + timedelta(minutes=15 * n))["rss"])
            asked.append([entry.path for entry in box.log if entry.path.startswith("/v1/")])
    print(
        f"idle on {PEOPLE:,} contacts: {held[-1]:.0f} MiB resident (allowed {ALLOWED}) after"
        f" {len(held)} passes; {held[0]:.0f} after the first"
    )
    print(
        f"CRM requests of a sweep: {len(asked[0])}, {asked[0].count('/v1/people')} of them for"
        f" people; of a poll: {len(asked[-1])}, {asked[-1].count('/v1/people')} for people"
    )


if __name__ == "__main__":
    main()
