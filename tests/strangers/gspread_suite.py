"""gspread's own suite and its recordings of the real service, against the sandbox: `make strangers GSPREAD=/path/to/checkout`.

The checkout is burnash/gspread at tag v6.2.1. It stays where it is; nothing of it enters this repository. Prints the
counts and the name of everything that differs, and ends with 1 below the bars.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from structlog.testing import capture_logs

from connectors.sandbox.brokerage import brokerage
from connectors.sandbox.server import Sandbox
from connectors.sandbox.sheets.drive import new_book
from tests.strangers.replay import PRIVATE, Outcome, replay

HERE = Path(__file__).parent
NEEDS = ("gspread==6.2.1", "pytest<9", "pytest-vcr", "vcrpy")
DEAD = "http://127.0.0.1:9"
LEAST_PASSED, LEAST_SHARE = 105, 0.98
Say = Callable[[str], object]


@contextmanager
def sandbox() -> Iterator[Sandbox]:
    """A sandbox, silent, that also holds the spreadsheet which gspread's suite expects to be refused."""
    world = brokerage(date(2026, 12, 4), people=5)
    world.books[PRIVATE] = new_book("Private", "somebody@example.com", "")
    with capture_logs(), Sandbox(world, rate_limit=False) as box:  # or its lines bury the counts
        yield box


def environment(folder: Path) -> Path:
    """A venv with gspread and what its suite needs; its interpreter."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *NEEDS], check=True)
    return python


def suite(python: Path, checkout: Path, base: str, report: Path) -> dict[str, bool]:
    """Run gspread's suite against *base*; whether each test passed."""
    settings = {**os.environ, "SHEETS_BASE": base, "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1"}
    settings = {name: value for name, value in settings.items() if not name.startswith(("GS_", "PYTEST_"))}
    subprocess.run([python, "-m", "pytest", "-q", "-p", "gspread_plugin", "-p", "no:cacheprovider", "--disable-vcr", "tests",
                    f"--junit-xml={report}"], cwd=checkout, env=settings, check=False, stdout=subprocess.DEVNULL)
    cases = ET.parse(report).getroot().iter("testcase")
    return {f"{case.get('classname', '').rpartition('.')[2]}.{case.get('name')}": not list(case.iter("failure")) and not list(case.iter("error"))
            for case in cases}


def report(passed: dict[str, bool], alone: dict[str, bool], outcome: Outcome, say: Say) -> bool:
    """Print the counts and what differs; whether the bars are met."""
    backed = sorted(name for name in passed if not alone[name])
    failed = [name for name in backed if not passed[name]]
    good = len(backed) - len(failed)
    say(f"gspread's suite: {sum(passed.values())} of {len(passed)} pass; {good} of the {len(backed)} that use the server (bar: {LEAST_PASSED})")
    for name in failed:
        say(f"  failed: {name}")
    say(f"recordings: {outcome.same.total()} of {outcome.sent.total()} replies identical on served routes, {outcome.share:.2%} (bar: {LEAST_SHARE:.0%})")
    for call, count in sorted(outcome.sent.items()):
        say(f"  {call}: {outcome.same[call]} of {count}")
    for what, count in sorted(outcome.apart.items()):
        say(f"  counted apart: {count} of {what}")
    for line in outcome.differences:
        say(f"  differs: {line}")
    return good >= LEAST_PASSED and outcome.share >= LEAST_SHARE


def main(checkout: Path, say: Say = print) -> int:
    """Run both; 0 if the bars are met, 2 if there is no checkout."""
    if not (checkout / "tests" / "cassettes").is_dir():
        say(f"{checkout} is not a checkout of burnash/gspread at v6.2.1 (it has no tests/cassettes)")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        python = environment(Path(folder) / "venv")
        alone = suite(python, checkout, DEAD, Path(folder) / "dead.xml")
        with sandbox() as box:
            passed = suite(python, checkout, box.url, Path(folder) / "live.xml")
            outcome = replay(checkout / "tests" / "cassettes", box.url)
    return 0 if report(passed, alone, outcome, say) else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "")))
