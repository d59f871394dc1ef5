"""The VA's way to a list: she types a row into the tab `Lists`, and Steward answers beside it
(DB-36, DB-38, DB-43).

A row that was typed is given a Ref and from then on is read anew each pass: it may be corrected
until the list is published.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import count

from policies.asks import approvals
from policies.asks.approvals import Decision, open_rows
from policies.asks.followup import last_word
from policies.asks.wants import Finding, WantReport, WantRow
from policies.database.lists import campaigns, lists
from policies.database.lists.campaigns import Campaign
from policies.database.lists.list_requests import (
    IN_A_TAB,
    Request,
    checklist,
    confirmation,
    done,
    empty,
    is_of,
    logged,
    not_empty_any_more,
    subject_of,
    table,
    too_long,
)
from policies.database.lists.segments import StageNames, Unclear, parse_cells
from policies.facts import opt_out_feed
from policies.values.choices import says_yes
from policies.world.model import Contact, Key
from policies.world.sheet import Cell, Row
from policies.world.snapshot import Snapshot

TAB = "Lists"
TYPED = ("Stages", "Tags", "Campaign", "Purpose", "Phones")
ASKED = "The agent is asked in Approvals"
REJECTED = "Rejected by the agent"
FOREIGN = "the Ref of this row is none that Steward gave: clear that cell, and the row is read"


def decide(s: Snapshot) -> Iterator[Finding]:
    """What every row of the tab amounts to now."""
    for row, key in _rows(s):
        yield from _answered(s, row, key)
    for row in s.workbook.rows(TAB):
        if row.ref and not _own(row):
            yield Finding(
                "DB-36",
                "somebody typed into the Ref of the tab 'Lists'",
                WantRow(
                    tab=TAB,
                    ref=row.ref,
                    create=False,
                    keep={"Status": f"{approvals.NOT_READY}: {FOREIGN}"},
                ),
            )
    yield from _orphaned(s)
    yield from opt_out_feed.decide(s)


def silence(s: Snapshot, contact: Contact) -> Iterator[str]:
    """Why this contact is in no list, or that it may be in any."""
    yield (
        f"is in no list: {because}"
        if (because := lists.excluded(s, contact))
        else "is in every list whose definition it fits"
    )


def _rows(s: Snapshot) -> Iterator[tuple[Row, Key]]:
    """Every row that somebody typed, with its key; of rows that read alike each has a life of its
    own.
    """
    taken = {row.ref for row in s.workbook.rows(TAB)}
    for row in s.workbook.rows(TAB):
        if row.ref:
            if (key := _own(row)) and s.workbook.row(TAB, row.ref):
                yield row, key
        elif any(row.text(name) for name in TYPED):
            key = _fresh(
                s,
                Key("DB-36", subject_of(IN_A_TAB, *(row.text(name) for name in TYPED)), "list"),
                taken,
            )
            taken.add(str(key))
            yield row, key


def _own(row: Row) -> Key | None:
    """The key that Steward gave this row; None for none, or for what somebody else typed there."""
    key = Key.parse(row.ref)
    return (
        key
        if key
        and key.rule == "DB-36"
        and key.subject.startswith(IN_A_TAB)
        and key.base.episode == "list"
        else None
    )


def _fresh(s: Snapshot, base: Key, taken: Collection[str]) -> Key:
    """The first life of *base* that is no row's now, and whose question was not acted on: typed
    again, it is another list.
    """

    def spent(life: int) -> bool:
        asked = approvals.read(s.workbook, Key("DB-36", base.subject, "confirm").life(life))
        return str(base.life(life)) in taken or bool(asked and asked.acted)

    return base.life(next(life for life in count(1) if not spent(life)))


def _orphaned(s: Snapshot) -> Iterator[Finding]:
    """What was put to the agent about a row that somebody took out of the tab since."""
    refs = s.workbook.tabs[TAB].refs if TAB in s.workbook.tabs else frozenset()
    for key, asked in (*open_rows(s, "DB-36"), *open_rows(s, "DB-43")):
        _, _, life = key.episode.partition(".")
        mine = Key("DB-36", key.subject, "list").life(int(life) if life.isdigit() else 1)
        if key.subject.startswith(IN_A_TAB) and str(mine) not in refs and not asked.acted:
            yield last_word(asked, f"{approvals.WITHDRAWN}: its row in the tab {TAB!r} is gone")


def _answered(s: Snapshot, row: Row, key: Key) -> Iterator[Finding]:
    _, _, life = key.episode.partition(".")
    campaign = Campaign(
        row.text("Campaign"),
        row.text("Purpose"),
        says_yes(row.text("Phones")),
    )
    names = StageNames(s.practice.account_stages, s.practice.stages)
    try:
        segment = parse_cells(names, stages=row.text("Stages"), tags=row.text("Tags"))
    except Unclear as wrong:
        yield _says(row, key, f"{approvals.NOT_READY}: {wrong}")
        return
    request = Request(segment, campaign, key.subject, int(life) if life.isdigit() else 1)
    asked = approvals.read(s.workbook, request.confirm)
    if asked and asked.acted:  # the agent's word was consumed
        yield _says(row, key, _ended(request, asked), over=True)
        return
    wrong_ = [
        *campaigns.problems(segment, campaign, lists.places(s)),
        *filter(None, [lists.unready(s), lists.unread(s, segment)]),
    ]
    if wrong_:
        yield _says(row, key, f"{approvals.NOT_READY}: {'; '.join(wrong_)}")
        return
    yield from _pulled(s, row, key, request)


def _ended(request: Request, asked: Decision) -> str:
    """What a row says for good, and that it cannot be made another list's."""
    out = asked.done
    if is_of(request, asked):
        return done(request) if out else REJECTED
    ended = (
        f"this row's list is out already ({request.title!r})"
        if out
        else "the agent rejected this row's list"
    )
    return f"{approvals.NOT_READY}: {ended}; type what you want now into a new row"


def _pulled(s: Snapshot, row: Row, key: Key, request: Request) -> Iterator[Finding]:
    pulled = lists.pull(s, request.segment, request.campaign)
    number = len(pulled.members)
    if not number:
        hint = "; ".join(lists.never_seen(s, request.segment)) or pulled.out
        yield _says(
            row,
            key,
            f"Nobody is in it{f' ({hint})' if hint else ''}. {ASKED}: it may be set up wrong",
            number,
        )
        yield from empty(s, request, pulled)
        return
    yield from not_empty_any_more(s, request, pulled)
    if long := too_long(IN_A_TAB, number):
        yield _says(row, key, f"{approvals.NOT_READY}: {long}", number)
        return
    there = request.title.casefold() in map(str.casefold, s.workbook.titles)
    taken = (
        f"there is a tab {request.title!r} already, and nothing is written over it: rename that one"
        if there
        else ""
    )
    answer = confirmation(s, request, pulled, not_ready=taken)
    if answer.row:
        yield answer.row
    if answer.choice == approvals.APPROVE:
        yield _published(s, request, pulled)
        yield logged(s, request, pulled)
        yield _says(row, key, done(request), number)
    elif answer.choice == approvals.REJECT:
        yield _says(row, key, REJECTED, number)
    elif taken:
        yield _says(row, key, f"{approvals.NOT_READY}: {taken}", number)
    else:
        left = f"; left out: {pulled.out}" if pulled.out else ""
        yield _says(row, key, f"{lists.counted(number)}{left}. {ASKED}", number)
    yield checklist(request, pulled, confirmed=answer.choice == approvals.APPROVE)


def _published(s: Snapshot, request: Request, pulled: lists.Pulled) -> Finding:
    lines = (
        f"Campaign: {request.campaign}",
        f"Segment: {request.segment}",
        f"As of {s.stamp}, digest {pulled.digest}",
        "For this campaign only. Delete the tab when it is over.",
    )
    return Finding(
        "DB-36",
        "the agent confirmed this list",
        WantReport(
            title=request.title,
            lines=lines,
            table=table(s, request, pulled),
            key=request.key("DB-36", "tab"),
        ),
    )


def _says(
    row: Row, key: Key, status: str, number: int | None = None, *, over: bool = False
) -> Finding:
    """What stands beside a row; of one that is *over* the number stays as it was."""
    cells: Mapping[str, Cell] = {"Status": status} if over else {"Status": status, "Count": number}
    return Finding(
        "DB-36",
        "somebody asks for a list in the tab 'Lists'",
        WantRow(tab=TAB, ref=str(key), create=False, adopts=None if row.ref else row, keep=cells),
    )
