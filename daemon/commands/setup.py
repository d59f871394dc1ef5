"""`steward setup`: show, and with --apply create, what the CRM and the Sheet lack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from connectors.ports import RowEdit
from daemon.account.wiring import Account
from daemon.commands import check
from daemon.commands.terminal import account, out
from daemon.errors import Exit, Usage
from daemon.passes.actions import remember
from policies.world import memory
from policies.world.memory import HOST, RETIRED, SIZE
from policies.world.model import Source


def setup(
    apply: Annotated[bool, typer.Option("--apply", help="Create what is lacking.")] = False,
    stages: Annotated[
        bool, typer.Option("--stages", help="Pipeline stages too: the agent has agreed to them.")
    ] = False,
    take_over: Annotated[
        bool, typer.Option("--take-over", help="This host writes from now on.")
    ] = False,
    accept_size: Annotated[
        bool, typer.Option("--accept-size", help="Believe that people or deals have become so few.")
    ] = False,
) -> None:
    """Show, and with --apply create, what CRM and Sheet lack. Never touches what people made."""
    if (take_over or accept_size) and not apply:
        raise Usage("--take-over and --accept-size need --apply")
    own = account()
    steps = check.steps(own, stages=stages)
    for step in steps:
        _carry_out(step, apply=apply)
    if take_over:
        _take_over(own)
    if accept_size:
        _accept_size(own)
    if not steps:
        out().print("nothing is lacking")
    elif not apply:
        raise typer.Exit(Exit.CHANGES)
    by_hand = any(step.act is None and not step.optional for step in steps)
    raise typer.Exit(Exit.CONFIGURATION if by_hand else Exit.FINE)


def _carry_out(step: check.Step, *, apply: bool) -> None:
    """Print a step, and with *apply* do it if Steward can."""
    if step.act and apply:
        step.act()
    who = "setup" if step.act else "by hand"
    how = step.by_hand or ("created" if apply else "would be created")
    out().print(f"{who:<8} {step.what}: {how}", markup=False)


def _take_over(own: Account) -> None:
    """Write into Memory that this host writes from now on."""
    _remember(own, {HOST.ref(): own.settings.host, RETIRED.ref(): ""})
    out().print(f"setup    this host ({own.settings.host}) writes from now on", markup=False)


def _accept_size(own: Account) -> None:
    """Forget the number of people and deals of the last pass, in Memory and in the ledger."""
    sizes = [SIZE.ref(source) for source in (Source.PEOPLE, Source.DEALS)]
    _remember(own, dict.fromkeys(sizes, "0"))
    for ref in sizes:
        own.ledger.remember(ref, "0")
    out().print("setup    the sizes of last time are forgotten")


def _remember(own: Account, facts: Mapping[str, str]) -> None:
    """Write facts about Steward itself into Memory, by Ref."""
    tab = own.sheet.read().tabs[memory.TAB]
    when = f"{own.clock.now().astimezone(own.settings.zone):%Y-%m-%d %H:%M}"
    actions = [remember(ref, what, when, tab) for ref, what in facts.items()]
    own.sheet.write(
        [
            RowEdit(
                tab=memory.TAB,
                ref=action.mark,
                cells=dict(action.after),
                create=action.verb == "append",
            )
            for action in actions
        ]
    )
