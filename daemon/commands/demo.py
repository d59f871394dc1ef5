"""`steward demo` and `steward sandbox`: a synthetic brokerage on loopback, and a pass on it."""

from __future__ import annotations

import gc
import os
import signal
import tempfile
import threading
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console

from connectors.sandbox.brokerage import AGENT_MAIL, ROBOT_MAIL, SPREADSHEET, VA_MAIL, brokerage
from connectors.sandbox.followupboss.switches import SWITCHES, settled
from connectors.sandbox.server import Sandbox
from daemon.account import wiring
from daemon.account.config_file import load
from daemon.commands import check, printing
from daemon.errors import Usage
from daemon.passes import session

ZONE = ZoneInfo("America/Chicago")


def configuration(url: str, state_dir: str) -> str:
    """A configuration file for the sandbox's brokerage."""
    return f"""mode = "act"
state_dir = "{state_dir}"

[agent]
name = "Dana Reyes"
phone = "(512) 555-0100"
city = "Austin"
timezone = "{ZONE.key}"
crm_user = "{AGENT_MAIL}"
google_account = "{AGENT_MAIL}"

[va]
name = "Mia Cole"
crm_user = "{VA_MAIL}"

[crm]
base_url = "{url}/v1"

[sheet]
base_url = "{url}"
spreadsheet_id = "{SPREADSHEET}"
service_account = "{ROBOT_MAIL}"
credentials = "anonymous"

[milestones]
year_2_subject = "Thinking of you and the house"
"""


def show_switches() -> None:
    """Print the open questions about the CRM; the first value is what the sandbox does."""
    out = Console(highlight=False, soft_wrap=True)
    for one in SWITCHES:
        out.print(
            f"{one.name} = {' | '.join(one.values)}\n    {one.about} (facts {one.facts})",
            markup=False,
        )


def serve(port: int, people: int, rate_limit: bool, as_of: str, switches: Sequence[str]) -> None:
    """Serve both services until Ctrl-C or SIGTERM, and print how to reach them.

    Raises Usage for a date, a switch or a port that cannot be used.
    """
    out = Console(highlight=False, soft_wrap=True)
    now = datetime.now(ZONE)
    try:
        today = date.fromisoformat(as_of) if as_of else now.date()
    except ValueError as problem:
        raise Usage(f"--as-of {as_of!r} is no date; write it like 2026-12-04") from problem
    chosen = {}
    for switch in switches:
        name, _, value = switch.partition("=")
        chosen[name] = value
    try:
        settled(chosen)
    except ValueError as problem:
        raise Usage(f"--switch: {problem}") from problem
    ahead = datetime.combine(today, now.time(), ZONE).astimezone(UTC) - now.astimezone(UTC)
    box = Sandbox(
        brokerage(today, people=people),
        port=port,
        rate_limit=rate_limit,
        switches=chosen,
        ahead=ahead,
    )
    try:
        box.start()
    except OSError as problem:
        raise Usage(f"--port {port}: {problem.strerror}") from problem
    gc.collect()
    # The world stays in memory: a collector that walks 100,000 contacts again and again would be
    # most of the cost of a page.
    gc.freeze()
    out.print(
        f"the sandbox serves {people} made-up contacts until Ctrl-C; "
        f"see their CRM and Sheet at {box.url}"
    )
    out.print(
        f'  crm.base_url = "{box.url}/v1"   STEWARD_CRM__API_KEY = fka_steward '
        "(also fka_owner, fka_dana, fka_lee, fka_mia)"
    )
    out.print(
        f'  sheet.base_url = "{box.url}"   sheet.spreadsheet_id = "{SPREADSHEET}"   '
        'sheet.credentials = "anonymous"'
    )
    _until_stopped()
    box.stop()


def show(*, once: bool, port: int) -> None:
    """Set up a brokerage, show the plan, apply it, and show that a second plan is empty."""
    out = Console(highlight=False, soft_wrap=True)
    now = datetime.now(UTC)
    with (
        tempfile.TemporaryDirectory(prefix="steward-demo-") as folder,
        Sandbox(brokerage(now.astimezone(ZONE).date()), port=port) as box,
    ):
        path = Path(folder) / "config.toml"
        path.write_text(configuration(box.url, f"{folder}/state"), encoding="utf-8")
        os.environ["STEWARD_CRM__API_KEY"] = "fka_steward"
        account = wiring.build(load(path))
        out.print(
            f"[bold]1. A brokerage of {len(box.world.crm.tables['people'])} made-up contacts[/bold]"
            f" at {box.url}"
        )
        out.print("\n[bold]2. What the Sheet lacks is set up[/bold] (steward setup --apply)")
        for step in check.steps(account):
            out.print(f"   {step.what}", markup=False)
            if step.act:
                step.act()
        out.print("\n[bold]3. What Steward wants today, and why[/bold] (steward plan)\n")
        moment = session.moment("", account.settings, now)
        decided = session.plan(account, moment, printing.ProgressLines())
        printing.show_plan(decided, out)
        out.print(
            "\n[bold]4. The plan is acknowledged and applied[/bold] (steward apply --digest)\n"
        )
        session.apply(
            account,
            moment,
            shown=decided.plan.digest,
            tell=lambda outcome: printing.show_outcome(outcome, out),
        )
        out.print("\n[bold]5. A second pass[/bold] (steward plan)\n")
        printing.show_plan(session.plan(account, moment), out)
        if not once:
            out.print(
                f"\n[bold]Look at it, as the agent or as the VA: {box.url}[/bold] (until Ctrl-C)"
            )
            out.print(f"Its configuration is {path}; the key is fka_steward.")
            _until_stopped()


def _until_stopped() -> None:
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    while not stopped.wait(1):
        pass
