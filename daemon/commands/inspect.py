"""The commands that only read: check, explain, simulate, journal, status."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from daemon.account import config_file, wiring
from daemon.account.settings import Settings
from daemon.commands import check as checking
from daemon.commands import check_machine, printing
from daemon.commands import explain as explanations
from daemon.commands import status as current
from daemon.commands.check_line import Line
from daemon.commands.terminal import (
    AsOf,
    Json,
    account,
    chosen,
    err,
    out,
    print_json,
)
from daemon.errors import Exit, Usage
from daemon.passes import forecast, session
from daemon.passes.decided import decide
from policies.registry import POLICIES


def check() -> None:
    """The machine, configuration, credentials, rights, stages, fields, tabs, protections.

    Writes nothing.
    """
    path = config_file.find(chosen["config"])
    settings, problems = config_file.load(path), 0
    with check_machine.untouched(settings) as read:
        for line in itertools.chain(check_machine.look(settings, path), _beyond_the_machine(read)):
            problems += line.level == "problem"
            out().print(f"{line.level:<8} {line.text}", markup=False)
    out().print(f"{problems} problems: Steward is not ready" if problems else "Steward is ready")
    raise typer.Exit(Exit.CONFIGURATION if problems else Exit.FINE)


def _beyond_the_machine(settings: Settings) -> Iterator[Line]:
    # Built only now, after the lines about the machine.
    yield from checking.check(wiring.build(settings))


def explain(
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="PERSON|MARK", help="A contact's id, or a mark: MS-04 d812 20261218-14d."
        ),
    ],
    as_of: AsOf = "",
    as_json: Json = False,
) -> None:
    """Why each thing exists, which clause asks, what closes it.

    For a person also why each rule is silent.
    """
    own = account()
    decided = decide(
        own, session.moment(as_of, own.settings, own.clock.now()), printing.ProgressLines()
    )
    s, text = decided.seen.snapshot, " ".join(what)
    subjects, contact = explanations.subjects_of(s, text)
    findings = list(itertools.chain.from_iterable(decided.findings.values()))
    found = list(explanations.things(s, findings, subjects))
    silent: list[tuple[str, str]] = []
    if contact:
        silent += explanations.why_silent(s, decided.findings, POLICIES, contact, subjects)
    else:
        found = [one for one in found if one.mark == text.strip().strip("[]")]
    if as_json:
        print_json(
            {
                "found": [one.json() for one in found],
                "silent": [{"policy": p, "why": why} for p, why in silent],
                "skipped_policies": [
                    {"policy": name, "reason": why} for name, why in decided.skipped.items()
                ],
            }
        )
        return
    printing.show_explained(found, [*silent, *decided.skipped.items()], out())


def simulate(
    days: Annotated[
        int, typer.Option("--days", min=1, max=1100, help="How many days, today included.")
    ] = 90,
    as_of: AsOf = "",
    as_json: Json = False,
) -> None:
    """The calendar ahead: what will be asked of whom on which day.

    It assumes that nobody decides or does anything meanwhile. Writes nothing.
    """
    own = account()
    progress = printing.ProgressLines()
    decided = decide(own, session.moment(as_of, own.settings, own.clock.now()), progress)
    asked = [p for p in POLICIES if p.name not in decided.skipped]
    ahead = forecast.days_ahead(
        decided.seen.snapshot,
        asked,
        days,
        own.settings.schedule.morning,
        lambda done: progress("the days ahead", done, days),
    )
    if as_json:
        print_json(printing.ahead_document(ahead))
    else:
        printing.show_ahead(ahead, decided.seen.snapshot, out())
    for name, reason in decided.skipped.items():
        err().print(f"not asked: {name}: {reason}", markup=False)


def journal(
    since: Annotated[str, typer.Option(help="From this ISO day or instant on.")] = "",
    person: Annotated[int | None, typer.Option(help="Only this contact id.")] = None,
    as_json: Json = False,
) -> None:
    """The journal: what was done, to whom, because of what."""
    own = account()
    zone = own.settings.zone
    entries = own.ledger.journal(_from(since, zone), person)
    if as_json:
        print_json(list(entries))
        return
    for e in entries:
        at = datetime.fromisoformat(e["at"]).astimezone(zone)
        out().print(
            f"{at:%Y-%m-%d %H:%M:%S} {e['outcome']:<13} {e['clause'] or 'own':<6} {e['verb']}"
            f" {e['entity']:<10} {'contact ' + str(e['person_id']) if e['person_id'] else '':<14}"
            f" {e['mark']}  pass {e['pass']}",
            markup=False,
        )
    if not entries:
        out().print("nothing of that kind was done" if since or person else "nothing was done yet")


def _from(text: str, zone: ZoneInfo) -> str:
    """The instant that *text* names, as the journal writes times.

    A day begins at the agent's midnight. Raises Usage if *text* is not ISO.
    """
    if not text:
        return ""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as problem:
        raise Usage(
            f"--since {text!r} is no day or instant; write it like 2026-12-04 or 2026-12-04T06:00"
        ) from problem
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC).isoformat()


def status(as_json: Json = False) -> None:
    """Last good pass, next pass, open decisions, what is overdue, what the last outage cost.

    Writes nothing.
    """
    found = current.status(account())
    if as_json:
        print_json(found.document())
    else:
        current.show(found, out())
