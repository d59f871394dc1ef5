"""`steward report`: the quarterly report, and referrals by source (RF-05, RF-28, RF-41)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from daemon.account import wiring
from daemon.commands import printing
from daemon.commands.terminal import (
    AsOf,
    Json,
    account,
    err,
    out,
    print_json,
)
from daemon.errors import ConfigurationError, Exit, NotNow, Usage
from daemon.passes import session
from daemon.passes.reconcile import Pass
from policies.asks.wants import Finding
from policies.facts import fees, referral_log
from policies.referrals.report import quarterly_report
from policies.referrals.report.quarter import Activity, Quarter, activity
from policies.referrals.sources import Sent, sent_by_source
from policies.registry import POLICIES
from policies.values.names import one_line
from policies.world.sheet import Workbook
from policies.world.snapshot import Snapshot

NAME = "referrals.quarterly_report"
app = typer.Typer(
    no_args_is_help=True, help="The quarterly referral report, and referrals per source."
)


@app.command()
def referrals(as_of: AsOf = "", as_json: Json = False) -> None:
    """Referrals by source in the past year: how many were sent, closed, recognised.

    Writes nothing.
    """
    own = account()
    today = session.moment(as_of, own.settings, own.clock.now()).date()
    sent = [
        one
        for one in sent_by_source(referral_log.entries_in(_book(own, referral_log.TAB)), today)
        if one.referrals
    ]
    if as_json:
        print_json(
            [
                {
                    "source": one.name,
                    "contact_id": _contact(one),
                    "type": one.type,
                    "referrals": one.referrals,
                    "closed": one.closed,
                    "recognised": one.recognised,
                    "last_referral": one.last.isoformat(),
                }
                for one in sent
            ]
        )
    elif sent:
        _show(sent)
    else:
        out().print("the referral log has no referral of the past year")


@app.command()
def quarter(
    name: Annotated[str, typer.Argument(metavar="QUARTER", help="Such as 2026Q4.")],
    as_of: AsOf = "",
    as_json: Json = False,
) -> None:
    """The referral report of a quarter.

    In mode "act" its tab is put up where it lacks or the log was corrected.
    """
    own = account()
    now = session.moment(as_of, own.settings, own.clock.now())
    wanted = Quarter.parse(name)
    if wanted is None:
        raise Usage(f"{name!r} is no quarter; write it like 2026Q4")
    if now.date() < wanted.start:
        raise Usage(
            f"{wanted} has not begun; the quarter that is running is {Quarter.of(now.date()).code}"
        )
    if now.date() <= wanted.end:
        _tell(_counted(_book(own, referral_log.TAB, fees.TAB), wanted), as_json)
        err().print(
            f"{wanted} runs until {wanted.end.isoformat()}: this is how it stands, and no tab is"
            " put up"
        )
        return
    done = _put_up(own, now, wanted)
    _tell(_counted(done.decided.seen.snapshot.workbook, wanted), as_json, done)
    code = session.exit_of(done)
    if done.held and code is not Exit.FINE:
        err().print(f"no tab is put up: {done.held}", markup=False)
    elif code is Exit.NOT_NOW and done.decided.policy_status.pending:
        err().print(
            f"no tab is put up: the agent has not acknowledged {NAME} yet; run `steward plan`, then"
            " `steward apply --digest …`"
        )
    raise typer.Exit(code)


def _put_up(own: wiring.Account, now: datetime, wanted: Quarter) -> Pass:
    """Run a pass of this one policy for this quarter, with guard, locks and ledger as always."""

    def asked(s: Snapshot) -> Iterator[Finding]:
        return quarterly_report.report_of(s, wanted, asked=True)

    policy = replace(next(p for p in POLICIES if p.name == NAME), decide=asked)
    done = session.apply(
        own,
        now,
        progress=printing.ProgressLines(),
        tell=lambda outcome: printing.show_outcome(outcome, err()),
        policies=(policy,),
    )
    if lacking := done.decided.skipped.get(NAME):
        raise ConfigurationError([lacking]) if done.decided.unconfigured else NotNow(lacking)
    return done


def _book(own: wiring.Account, *tabs: str) -> Workbook:
    """The workbook. Raises ConfigurationError if one of these tabs cannot be read."""
    book = own.sheet.read()
    if problems := [problem for name in tabs for problem in book.tabs[name].problems]:
        raise ConfigurationError(problems)
    return book


def _counted(book: Workbook, wanted: Quarter) -> Activity:
    return activity(referral_log.entries_in(book), book.rows(fees.TAB), wanted)


def _tell(found: Activity, as_json: bool, done: Pass | None = None) -> None:
    lines = (*quarterly_report.text(found), *quarterly_report.remarks(found))
    if as_json:
        print_json(
            {
                "quarter": found.quarter.code,
                "text": list(lines),
                "received": found.received,
                "by_type": {kind or "none": count for kind, count in found.by_type.items()},
                "active": found.active,
                "closed": found.closed,
                "lost": found.lost,
                "sources": [{"source": name, "referrals": count} for name, count in found.sources],
                "fees_pending": found.pending.count,
                "fees_paid": found.paid.count,
                **_written(done),
            }
        )
    else:
        for line in lines:
            out().print(one_line(line), markup=False)


def _written(done: Pass | None) -> dict[str, Any]:
    """The tab that was missing, or "", and whether it was put up."""
    if done is None:
        return {"tab": "", "put_up": False, "held": ""}
    lacked = next((a.mark for a in done.decided.plan.actions if a.entity == "report"), "")
    return {
        "tab": lacked,
        "put_up": any(o.happened and o.action.mark == lacked for o in done.outcomes),
        "held": done.held,
    }


def _contact(sent: Sent) -> int | None:
    return int(sent.subject[1:]) if sent.subject.startswith("p") else None


def _show(sent: Sequence[Sent]) -> None:
    table = Table(
        title=f"Referrals per source since {sent[0].since.isoformat()}", title_justify="left"
    )
    table.add_column("Source")
    table.add_column("Type")
    for figure in ("Referrals", "Closed", "Recognised"):
        table.add_column(figure, justify="right")
    table.add_column("Last")
    for one in sent:
        counts = (str(count) for count in (one.referrals, one.closed, one.recognised))
        table.add_row(Text(one_line(one.name)), one.type or "—", *counts, one.last.isoformat())
    out().print(table)
