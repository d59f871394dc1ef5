"""The command line: options, commands, and one sentence and an exit status for each failure."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.main import get_command

from connectors.clock import SystemClock
from connectors.errors import Rejected, ServiceError, Unauthorized
from daemon import logs
from daemon.account import config_file, wiring
from daemon.commands import inspect, lists, printing, referral_report, setup
from daemon.commands import retire as retiring
from daemon.commands import undo as undoing
from daemon.commands.terminal import (
    AsOf,
    Json,
    account,
    chosen,
    err,
    out,
    print_json,
)
from daemon.errors import ConfigurationError, Exit, StewardError
from daemon.passes import session
from daemon.service import notify_agent
from daemon.service.loop import Daemon, never_began

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help=(
        "Keeps three standard operating procedures for a real-estate agent. "
        "Drafts, asks, reminds and reports; never sends."
    ),
)


def _version(value: bool) -> None:  # Typer's callback
    if value:
        typer.echo(f"steward {version('steward')}")
        raise typer.Exit


@app.callback()
def common(
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            help="The configuration file.",
            show_default="$STEWARD_CONFIG, ./config.toml, /etc/steward/config.toml",
        ),
    ] = None,
    show_version: Annotated[  # noqa: ARG001
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options before the command."""
    chosen["config"] = config
    logs.configure()


app.command()(inspect.check)


app.command()(setup.setup)


@app.command()
def plan(as_of: AsOf = "", as_json: Json = False) -> None:
    """Observe, decide, plan, guard; show every action with clause, reason, before and after.

    Writes nothing.
    """
    own = account()
    decided = session.plan(
        own, session.moment(as_of, own.settings, own.clock.now()), printing.ProgressLines()
    )
    if as_json:
        print_json(printing.document(decided))
    else:
        printing.show_plan(decided, out())
    raise typer.Exit(session.exit_of_plan(decided))


@app.command()
def apply(
    as_of: AsOf = "",
    as_json: Json = False,
    digest: Annotated[
        str,
        typer.Option(
            "--digest",
            help="Do what this plan showed and is still wanted; acknowledges its policies.",
        ),
    ] = "",
) -> None:
    """One pass. Writes in mode "act", or with --digest."""
    own = account()
    console = err() if as_json else out()
    done = session.apply(
        own,
        session.moment(as_of, own.settings, own.clock.now()),
        shown=digest,
        progress=printing.ProgressLines(),
        tell=lambda outcome: printing.show_outcome(outcome, console),
    )
    if as_json:
        print_json(printing.outcome_document(done))
    elif done.held:
        out().print(f"nothing written: {done.held}", markup=False)
    else:
        out().print(
            f"{sum(o.happened for o in done.outcomes)} done,"
            f" {sum(not o.happened for o in done.outcomes)} not"
        )
    code = session.exit_of(done)
    if code is Exit.NOT_NOW and done.decided.policy_status.pending and not done.held:
        err().print(
            "waiting for the agent: the plan stands in Approvals; or run `steward plan`, then"
            " `steward apply --digest …`"
        )
    if done.decided.withheld:
        err().print(done.decided.withheld, markup=False)
    for name, reason in done.decided.skipped.items():
        err().print(f"not asked: {name}: {reason}", markup=False)
    raise typer.Exit(code)


@app.command()
def retire(
    apply: Annotated[
        bool, typer.Option("--apply", help="Withdraw the open tasks; stop the daemon first.")
    ] = False,
) -> None:
    """List what Steward made in CRM and Sheet; with --apply its open tasks are withdrawn.

    Nothing is deleted.
    """
    own = account()
    now = session.moment("", own.settings, own.clock.now())
    if not apply:
        found = retiring.inventory(own, now)
        retiring.show(found, out())
        raise typer.Exit(Exit.CHANGES if found.open_tasks else Exit.FINE)
    outcomes = retiring.retire(own, now, lambda outcome: printing.show_outcome(outcome, out()))
    worked = all(o.happened for o in outcomes)
    out().print(
        "retired: revoke the CRM's key and the Sheet's share, and remove the unit"
        " (docs/operating.md)"
        if worked
        else "not all of it worked: run it again"
    )
    raise typer.Exit(Exit.FINE if worked else Exit.NOT_NOW)


@app.command()
def undo(
    which: Annotated[
        str, typer.Argument(metavar="PASS", help="A pass, as `steward journal` names it.")
    ],
    apply: Annotated[bool, typer.Option("--apply", help="Do it.")] = False,
) -> None:
    """Take back what a pass did, where it still is as Steward left it.

    Tasks, fields and stages; tags become tasks, the rest is listed.
    """
    own = account()
    now = session.moment("", own.settings, own.clock.now())
    found = undoing.of(own, which, now)
    for action in found.actions:
        out().print(f"{action.verb} {action.entity} {action.mark}", markup=False)
    for what, why in found.by_hand.items():
        out().print(f"by hand  {what}: {why}", markup=False)
    if not apply:
        raise typer.Exit(Exit.CHANGES if found.actions else Exit.FINE)
    outcomes = undoing.carry_out(
        own, which, now, lambda outcome: printing.show_outcome(outcome, out())
    )
    raise typer.Exit(Exit.FINE if all(o.happened for o in outcomes) else Exit.NOT_NOW)


@app.command()
def run() -> None:
    """The daemon: polls, and a pass each morning, until SIGTERM."""
    settings = config_file.load(chosen["config"])
    try:
        own = wiring.build(settings)
    except (ConfigurationError, Unauthorized) as problem:
        never_began(settings, wiring.channels(settings), SystemClock(), problem)
        raise
    Daemon(own).run()


@app.command()
def notify() -> None:
    """Send a test to every channel of [notify]; nothing of any client is in it."""
    tried = notify_agent.test(account())
    for channel, wrong in tried:
        out().print(f"{channel:<9} {wrong or 'sent'}", markup=False)
    if not tried:
        raise ConfigurationError(
            [
                "notify.primary: there is no channel; name one in [notify] or the credential"
                " notify_primary"
            ]
        )
    raise typer.Exit(Exit.NOT_NOW if any(wrong for _, wrong in tried) else Exit.FINE)


for look in (inspect.explain, inspect.simulate, inspect.journal, inspect.status):
    app.command()(look)
app.add_typer(referral_report.app, name="report")


app.add_typer(lists.app, name="list")


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 draws a free one.")] = 8765,
    people: Annotated[int, typer.Option(min=9, help="How many contacts to make up.")] = 400,
    rate_limit: Annotated[
        Literal["on", "off"], typer.Option("--rate-limit", help="Refuse as the real services do.")
    ] = "on",
    as_of: Annotated[str, typer.Option("--as-of", help="The day the brokerage stands on.")] = "",
    switch: Annotated[
        list[str] | None,
        typer.Option("--switch", help="name=value: the other side of an open question; repeat it."),
    ] = None,
    switches: Annotated[
        bool, typer.Option("--switches", help="List the open questions about the CRM, and end.")
    ] = False,
) -> None:
    """Serve both services on loopback until Ctrl-C."""
    from daemon.commands import demo  # noqa: PLC0415  # needs the sandbox extra

    if switches:
        demo.show_switches()
    else:
        demo.serve(port, people, rate_limit == "on", as_of, switch or ())


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="End after the pass.")] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 draws a free one.")] = 0,
) -> None:
    """A pass against a small synthetic brokerage: what Steward wants and why, then it does it."""
    from daemon.commands import demo as demonstration  # noqa: PLC0415  # needs the sandbox extra

    demonstration.show(once=once, port=port)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; every known failure ends in one sentence and its own status."""
    try:
        code = int(_command()(args=arguments, standalone_mode=False) or 0)
    # The last resort: a person gets a sentence; a programmer can ask for the traceback.
    except Exception as problem:
        sentence, code = _sentence(problem)
        if code == Exit.UNEXPECTED and os.environ.get("STEWARD_TRACEBACK"):
            raise
        sys.stderr.write(f"steward: {sentence}\n")
    sys.exit(code)


@cache
def _command() -> Callable[..., Any]:
    """The commands and their options; building them takes longer than many a command."""
    return get_command(app)


def _sentence(problem: Exception) -> tuple[str, int]:
    """The sentence for a failure, and its exit status."""
    match problem:
        case typer.TyperException():
            return f"{problem.format_message()}\nTry `steward --help`.", Exit.USAGE
        case typer.Abort():
            return "stopped", Exit.UNEXPECTED
        case ModuleNotFoundError():
            return (
                f"{problem.name} is not installed; the sandbox is an extra: "
                "pip install 'steward[sandbox]'",
                Exit.UNEXPECTED,
            )
        case Unauthorized():
            return str(problem), Exit.NOT_AUTHORISED
        case Rejected():
            return (
                f"{problem}. Are crm.base_url (it ends in /v1) and sheet.base_url right?",
                Exit.CONFIGURATION,
            )
        case ServiceError():
            return f"{problem}; nothing is lost, try again later", Exit.NOT_NOW
        case ConfigurationError():
            return (
                "the configuration needs attention\n"
                + "\n".join(f"  {line}" for line in problem.problems),
                problem.exit,
            )
        case StewardError():
            return str(problem), problem.exit
    return (
        f"something unexpected went wrong ({type(problem).__name__}: {str(problem)[:200]}). "
        "This is a defect of Steward; set STEWARD_TRACEBACK=1 to see where. "
        "Nothing is lost: the next pass looks again",
        Exit.UNEXPECTED,
    )
