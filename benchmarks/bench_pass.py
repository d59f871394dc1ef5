"""What an idle pass costs on a 10,000-contact account: requests against the budget, and time
against reading people once.
"""

from __future__ import annotations

import gc
import os
import tempfile
import time
from datetime import date
from math import ceil
from pathlib import Path

from connectors.sandbox.brokerage import brokerage
from connectors.sandbox.server import Sandbox
from daemon import logs
from daemon.account import wiring
from daemon.account.config_file import load
from daemon.commands import check
from daemon.commands.demo import configuration
from daemon.passes import session

PEOPLE = 10_000
MORNING = "2026-12-14"


def main() -> None:
    """Print the counts beside what the contract allows."""
    logs.configure()
    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox(brokerage(date(2026, 12, 14), people=PEOPLE), rate_limit=False) as box,
    ):
        path = Path(folder) / "config.toml"
        text = configuration(box.url, f"{folder}/state") + "\n[guard]\nwithdraw_limit = 1000\n"
        path.write_text(text, encoding="utf-8")
        os.environ["STEWARD_CRM__API_KEY"] = "fka_steward"
        account = wiring.build(load(path))
        for step in check.steps(account):
            if step.act:
                step.act()
        now = session.moment(MORNING, account.settings, account.clock.now())
        session.apply(account, now, shown=session.plan(account, now).plan.digest)
        box.log.clear()
        gc.collect()
        gc.freeze()  # the sandbox's world is in this process, and no daemon looks through it
        started = time.perf_counter()
        session.apply(account, now)
        idle = time.perf_counter() - started
        log, tables = list(box.log), box.world.crm.tables
        started = time.perf_counter()
        account.crm.contacts()
        people = time.perf_counter() - started
        crm = sum(entry.path.startswith("/v1") for entry in log)
        budget = sum(ceil(len(tables[name]) / 100) for name in ("people", "deals", "tasks")) + 15
        print(
            f"idle pass: {PEOPLE:,} people, {len(tables['deals']):,} deals,"
            f" {len(tables['tasks']):,} tasks: {crm} CRM reads (allowed {budget}), {len(log) - crm}"
            f" Sheet requests (allowed 3), {sum(e.method != 'GET' for e in log)} writes (allowed"
            f" 0); {idle:.2f} s = {idle / people:.2f} x reading the people alone"
        )


if __name__ == "__main__":
    main()
