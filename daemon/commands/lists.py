"""`steward list count` and `steward list pull`: count a segment, export a confirmed list."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from connectors.ports import Account as CrmAccount
from daemon.account.wiring import Account
from daemon.commands import list_count, list_export, new_file, printing
from daemon.commands.terminal import Json, account, out, print_json
from daemon.errors import ConfigurationError, NotNow, Usage
from daemon.passes import observe, session
from policies.database.lists import campaigns, lists
from policies.database.lists.campaigns import Campaign
from policies.database.lists.list_requests import zero_message
from policies.database.lists.segments import Segment, StageNames, Unclear, parse
from policies.world.snapshot import Snapshot

app = typer.Typer(
    no_args_is_help=True,
    help="Campaign lists: how many are in a segment, and a confirmed list as a file.",
)

Stages = Annotated[
    list[str] | None,
    typer.Option("--stage", help='A stage, or several with "or"; repeat it: one will do.'),
]
Tags = Annotated[
    list[str] | None,
    typer.Option("--tag", help='A tag, or "A or B"; repeat it: every one is asked for.'),
]
Areas = Annotated[
    list[str] | None,
    typer.Option("--area", help="A tag that names a place; repeat it: one will do."),
]
Price = Annotated[
    str, typer.Option("--price", help="A price range: 400-500K, 500K+, or one price.")
]
Quiet = Annotated[
    int,
    typer.Option(
        "--quiet-days", help="Only whom nobody was in touch with for so many days or more."
    ),
]
SentClosed = Annotated[
    int,
    typer.Option(
        "--sent-closed", help="A year: only who sent a referral that closed in it, by the log."
    ),
]


def _segment(own: Account, crm: CrmAccount, **typed: Any) -> Segment:
    """The segment that the options (as `parse` takes them) describe in this account.

    Raises Usage with all problems, ConfigurationError with an Agent's key.
    """
    if off := observe.database_off(crm.identity):
        raise ConfigurationError([off])
    try:
        return parse(
            StageNames(crm.stages, own.settings.crm.stage_labels()),
            **{name: value for name, value in typed.items() if value},
        )
    except Unclear as wrong:
        raise Usage("; ".join(wrong.problems)) from wrong


def _answer(
    own: Account, crm: CrmAccount, segment: Segment, now: datetime
) -> tuple[Snapshot, lists.Pulled]:
    """As much of the world as the segment needs, and the contacts in it.

    Raises NotNow if a part of it cannot be read.
    """
    if segment.needs:
        s = observe.look(own, now, printing.ProgressLines()).snapshot
        if why := lists.unread(s, segment):
            raise NotNow(why)
        return s, lists.pull(s, segment)
    s = list_count.narrow(own, crm, segment, now)
    if why := lists.unread(s, segment):
        raise NotNow(why)
    if not (pulled := lists.pull(s, segment)).members:
        s = list_count.whole(own, crm, now, printing.ProgressLines())
        pulled = lists.pull(s, segment)
    return s, pulled


@app.command()
def count(
    stage: Stages = None,
    tag: Tags = None,
    area: Areas = None,
    price: Price = "",
    quiet_days: Quiet = 0,
    sent_closed: SentClosed = 0,
    as_json: Json = False,
) -> None:
    """How many contacts a list of this segment would have, with the definition and its age.

    Writes nothing.
    """
    own = account()
    started, now = time.monotonic(), own.clock.now().astimezone(own.settings.zone)
    crm = own.crm.account()
    segment = _segment(
        own,
        crm,
        stages=stage,
        tags=tag,
        areas=area,
        price=price,
        quiet=quiet_days,
        sent_closed=sent_closed,
    )
    s, pulled = _answer(own, crm, segment, now)
    found = _counted(s, segment, pulled, time.monotonic() - started)
    if as_json:
        print_json(found)
        return
    out().print(lists.counted(len(pulled.members)), markup=False)
    for name, text in (
        ("definition", str(segment)),
        ("left out", pulled.out or "nobody"),
        ("suppression", found["note"]),
        ("as of", f"{now:%Y-%m-%d %H:%M:%S %Z}, read from the CRM in {found['age_seconds']:.1f} s"),
        ("caution", "; ".join(found["cautions"])),
        ("look at", "; ".join(found["hints"])),
    ):
        if text:
            out().print(f"{name:<12}{text}", markup=False)
    if found["escalation"]:
        out().print(f"\n{found['escalation']}", markup=False)


def _counted(s: Snapshot, segment: Segment, pulled: lists.Pulled, seconds: float) -> dict[str, Any]:
    nobody = not pulled.members
    return {
        "count": len(pulled.members),
        "definition": segment.document(),
        "matching": pulled.matching,
        "left_out": dict(pulled.left_out),
        "as_of": s.now.isoformat(timespec="seconds"),
        "age_seconds": round(seconds, 3),
        "note": lists.unready(s) or lists.unchecked(s),
        "cautions": list(campaigns.unlawful(segment, lists.places(s))),
        "hints": list(lists.never_seen(s, segment)) if nobody else [],
        "escalation": zero_message(s) if nobody else "",
    }


@app.command()
def pull(  # noqa: PLR0913, PLR0917  # Typer makes an option of each
    campaign: Annotated[
        str, typer.Option("--campaign", help="What the list is used for; it is logged.")
    ],
    file: Annotated[
        Path,
        typer.Option("--out", help="The CSV file to make; one that is there is never overwritten."),
    ],
    stage: Stages = None,
    tag: Tags = None,
    area: Areas = None,
    price: Price = "",
    quiet_days: Quiet = 0,
    sent_closed: SentClosed = 0,
    purpose: Annotated[
        str,
        typer.Option(
            "--purpose", help="What kind of campaign it is: who does not belong in it is left out."
        ),
    ] = "",
    with_phones: Annotated[bool, typer.Option("--with-phones", help="Phone numbers too.")] = False,
    excel: Annotated[
        bool, typer.Option("--excel", help="Begin the file with a byte-order mark, for Excel.")
    ] = False,
) -> None:
    """A campaign list as CSV, once the agent has confirmed it in Approvals (exit 75 until then)."""
    own = account()
    new_file.check(file)
    segment = _segment(
        own,
        own.crm.account(),
        stages=stage,
        tags=tag,
        areas=area,
        price=price,
        quiet=quiet_days,
        sent_closed=sent_closed,
    )
    wanted = list_export.Wanted(
        segment, Campaign(campaign, purpose, phones=with_phones), file, excel=excel
    )
    done = list_export.run(
        own, session.moment("", own.settings, own.clock.now()), wanted, printing.ProgressLines()
    )
    out().print(done.says, markup=False)
    raise typer.Exit(done.code)
