"""The VA's way to a list: she types a row into the tab `Lists`, and Steward answers in the row.

A typed row is given a Ref. It is read again in each pass, so that it may be corrected until the
list is published. The clauses are DB-36, DB-38 and DB-43.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from itertools import count

from policies.asks import approvals
from policies.asks.approvals import Decision, open_rows
from policies.asks.followup import last_word
from policies.asks.wants import Finding, WantReport, WantRow
from policies.database.lists import campaigns, lists, since_made
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
from policies.facts.signs import opt_out_feed
from policies.values.choices import says_yes
from policies.values.names import one_line
from policies.world.model import Contact, Key
from policies.world.sheet import Cell, Row
from policies.world.snapshot import Snapshot

TAB = "Lists"
TYPED = ("Stages", "Tags", "Campaign", "Purpose", "Phones")
ASKED = "The agent is asked in Approvals"
REJECTED = "Rejected by the agent"
FOREIGN = "the Ref of this row is none that Steward gave: clear that cell, and the row is read"


def decide(s: Snapshot) -> Iterator[Finding]:
    """Answer every row of the tab, and close questions about rows that are gone."""
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


def not_acted_on(s: Snapshot, why: str) -> Iterator[Finding]:
    """Say in every row that waits for its list *why* none is made."""
    for row, key in _rows(s):
        asked = approvals.read(s.workbook, _confirmation(key))
        if not (asked and asked.acted):
            yield _says(row, key, f"{approvals.NOT_ACTED_ON}: {why}", over=True)


def _confirmation(key: Key) -> Key:
    """The key of the question about the list of a row."""
    _, _, life = key.episode.partition(".")
    return Key("DB-36", key.subject, "confirm").life(int(life) if life.isdigit() else 1)


def silence(s: Snapshot, contact: Contact) -> Iterator[str]:
    """Say why this contact is in no list, or that it may be in any."""
    if because := lists.excluded(s, contact):
        yield f"is in no list: {because}"
    else:
        yield "is in every list whose definition it fits"


def _rows(s: Snapshot) -> Iterator[tuple[Row, Key]]:
    """Yield every row that somebody typed, with its key.

    Rows with the same words have a life each.
    """
    taken = {row.ref for row in s.workbook.rows(TAB)}
    for row in s.workbook.rows(TAB):
        if row.ref:
            if (key := _own(row)) and s.workbook.row(TAB, row.ref):
                yield row, key
            continue
        words = [row.text(name) for name in TYPED]
        if any(words):
            key = _fresh(s, Key("DB-36", subject_of(IN_A_TAB, *words), "list"), taken)
            taken.add(str(key))
            yield row, key


def _own(row: Row) -> Key | None:
    """Return the key that Steward gave this row, or None if it has none or a typed one."""
    key = Key.parse(row.ref)
    if key is None or key.rule != "DB-36" or key.base.episode != "list":
        return None
    return key if key.subject.startswith(IN_A_TAB) else None


def _fresh(s: Snapshot, base: Key, taken: Collection[str]) -> Key:
    """Return the first life of *base* that no row has, and whose question was not acted on.

    The same words typed again ask for another list.
    """

    def spent(life: int) -> bool:
        asked = approvals.read(s.workbook, Key("DB-36", base.subject, "confirm").life(life))
        return str(base.life(life)) in taken or bool(asked and asked.acted)

    return base.life(next(life for life in count(1) if not spent(life)))


def _orphaned(s: Snapshot) -> Iterator[Finding]:
    """Withdraw the questions about rows that somebody has since taken out of the tab."""
    refs = s.workbook.tabs[TAB].rows_by_ref if TAB in s.workbook.tabs else {}
    for key, asked in (*open_rows(s, "DB-36"), *open_rows(s, "DB-43")):
        _, _, life = key.episode.partition(".")
        mine = Key("DB-36", key.subject, "list").life(int(life) if life.isdigit() else 1)
        if key.subject.startswith(IN_A_TAB) and str(mine) not in refs and not asked.acted:
            yield last_word(asked, f"{approvals.WITHDRAWN}: its row in the tab {TAB!r} is gone")


def outdated(s: Snapshot) -> Iterator[tuple[Key, date, str]]:
    """Yield each list that may hold somebody who opted out since it was made: its key, the first
    day of such a sign, and what to do.
    """
    for row, key in _rows(s):
        try:
            request = _request(s, row, key)
        except Unclear:
            continue
        asked = approvals.read(s.workbook, request.confirm)
        since = since_made.opted_out(s, request, asked) if asked else None
        if asked and since and since.people and is_of(request, asked):
            name, number = one_line(request.campaign.name), len(since.people)
            yield key, since.first, f"Pull the list again: {number:,} {since.verb}: {name}"


def _request(s: Snapshot, row: Row, key: Key) -> Request:
    """Read a row as a request.

    Raises:
        Unclear: its words define no segment.
    """
    _, _, life = key.episode.partition(".")
    campaign = Campaign(
        row.text("Campaign"),
        row.text("Purpose"),
        says_yes(row.text("Phones")),
    )
    names = StageNames(s.practice.account_stages, s.practice.stages)
    segment = parse_cells(names, stages=row.text("Stages"), tags=row.text("Tags"))
    return Request(segment, campaign, key.subject, int(life) if life.isdigit() else 1)


def _answered(s: Snapshot, row: Row, key: Key) -> Iterator[Finding]:
    try:
        request = _request(s, row, key)
    except Unclear as wrong:
        yield _says(row, key, f"{approvals.NOT_READY}: {wrong}")
        return
    asked = approvals.read(s.workbook, request.confirm)
    if asked and asked.acted:  # the agent's answer was used
        yield _says(row, key, _ended(s, request, asked), over=True)
        return
    problems = [
        *campaigns.problems(request.segment, request.campaign, lists.places(s)),
        *filter(None, [lists.unready(s), lists.unread(s, request.segment)]),
    ]
    if problems:
        yield _says(row, key, f"{approvals.NOT_READY}: {'; '.join(problems)}")
        return
    yield from _pulled(s, row, key, request)


def _ended(s: Snapshot, request: Request, asked: Decision) -> str:
    """Return the last Status of a row, with who opted out since the list was made. If the row was
    changed since, it asks for a new one.
    """
    if is_of(request, asked):
        said = done(request) if asked.done else REJECTED
        return ". ".join(filter(None, [said, str(since_made.opted_out(s, request, asked))]))
    ended = "the agent rejected this row's list"
    if asked.done:
        ended = f"this row's list is out already ({request.title!r})"
    return f"{approvals.NOT_READY}: {ended}; type what you want now into a new row"


def _pulled(s: Snapshot, row: Row, key: Key, request: Request) -> Iterator[Finding]:
    pulled = lists.pull(s, request.segment, request.campaign)
    number = len(pulled.members)
    if not number:
        hint = "; ".join(lists.never_seen(s, request.segment)) or pulled.out
        nobody = f"Nobody is in it ({hint})" if hint else "Nobody is in it"
        yield _says(row, key, f"{nobody}. {ASKED}: it may be set up wrong", number)
        yield from empty(s, request, pulled)
        return
    yield from not_empty_any_more(s, request, pulled)
    if long := too_long(IN_A_TAB, number):
        yield _says(row, key, f"{approvals.NOT_READY}: {long}", number)
    else:
        yield from _confirmed(s, row, key, request, pulled)


def _title_taken(s: Snapshot, title: str) -> str:
    if title.casefold() not in map(str.casefold, s.workbook.titles):
        return ""
    return f"there is a tab {title!r} already, and nothing is written over it: rename that one"


def _confirmed(
    s: Snapshot, row: Row, key: Key, request: Request, pulled: lists.Pulled
) -> Iterator[Finding]:
    """Ask the agent to confirm a list, and publish it once that is done."""
    number, taken = len(pulled.members), _title_taken(s, request.title)
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
    """Write a row's Status and Count; the Count of a row that is *over* stays as it is."""
    cells: Mapping[str, Cell] = {"Status": status} if over else {"Status": status, "Count": number}
    return Finding(
        "DB-36",
        "somebody asks for a list in the tab 'Lists'",
        WantRow(tab=TAB, ref=str(key), create=False, adopts=None if row.ref else row, keep=cells),
    )
