"""How long the agent waits for a number: `steward list count` on 20,000 contacts over HTTP, against
reading every contact once.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from connectors.sandbox.brokerage import brokerage
from connectors.sandbox.server import Sandbox
from daemon import logs
from daemon.account import wiring
from daemon.account.config_file import load
from daemon.commands import check
from daemon.commands.demo import configuration

PEOPLE = 20_000
QUESTIONS = (
    ("--stage", "Active Buyer", "--price", "400-500K"),
    ("--stage", "Past Client — Buyer"),
    ("--tag", "Zillow"),
)


def main() -> None:
    """Print the seconds of each question beside what the contract allows."""
    logs.configure()
    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox(brokerage(date(2026, 12, 14), people=PEOPLE), rate_limit=False) as box,
    ):
        path = Path(folder) / "config.toml"
        path.write_text(configuration(box.url, f"{folder}/state"), encoding="utf-8")
        os.environ["STEWARD_CRM__API_KEY"] = "fka_steward"
        account = wiring.build(load(path))
        for step in check.steps(account):
            if step.act:
                step.act()
        started = time.perf_counter()
        account.crm.contacts()
        everybody = time.perf_counter() - started
        for question in QUESTIONS:
            box.log.clear()
            started = time.perf_counter()
            command = [
                sys.executable,
                "-c",
                "from daemon.cli import main; main()",
                "--config",
                str(path),
                "list",
                "count",
                *question,
            ]
            said = subprocess.run([*command, "--json"], stdout=subprocess.PIPE, check=True)
            seconds = time.perf_counter() - started
            found = json.loads(said.stdout)
            print(
                f"list count: {found['count']:,} of {PEOPLE:,} ({found['definition']['words']}) in"
                f" {seconds:.2f} s (allowed 60), {len(box.log)} requests; {seconds / everybody:.2f}"
                f" x reading every contact ({everybody:.2f} s)"
            )


if __name__ == "__main__":
    main()
