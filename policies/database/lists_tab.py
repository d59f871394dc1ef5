"""The VA's way to a list: she types a row into the tab `Lists`, and Steward answers beside it (DB-36, DB-38, DB-43).

A row that was typed is given a Ref and from then on is read anew each pass: it may be corrected until the list is published.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from policies import approvals, questions
from policies.database import campaigns, lists
from policies.database.campaigns import Campaign
from policies.database.list_requests import (
    IN_A_TAB,
    Request,
    checklist,
    confirmation,
    done,
    empty,
    logged,
    not_empty_any_more,
    subject_of,
    table,
    too_long,
)
from policies.database.segments import StageNames, Unclear, parse_cells
from policies.findings import Finding, WantReport, WantRow
from policies.model import Contact, Key
from policies.snapshot import Snapshot
from policies.workbook import Cell, Row

TAB = "Lists"
TYPED = ("Stages", "Tags", "Campaign", "Purpose", "Phones")
ASKED = "The agent is asked in Approvals"


def decide(s: Snapshot) -> Iterator[Finding]:
    """What every row of the tab amounts to now."""
    for row, key in _rows(s):
        yield from _answered(s, row, key)
    yield from _orphaned(s)


def silence(s: Snapshot, contact: Contact) -> Iterator[str]:
    """Why this contact is in no list, or that it may be in any."""
    yield f"is in no list: {because}" if (because := lists.excluded(s, contact)) else "is in every list whose definition it fits"


def _rows(s: Snapshot) -> Iterator[tuple[Row, Key]]:
    """Every row that somebody typed, with its key; of rows that read alike each has a life of its own."""
    lives = Counter(key.base for row in s.workbook.rows(TAB) if (key := Key.parse(row.ref)))
    for row in s.workbook.rows(TAB):
        if row.ref:
            if (key := Key.parse(row.ref)) and s.workbook.row(TAB, row.ref):
                yield row, key
        elif any(row.text(name) for name in TYPED):
            base = Key("DB-36", subject_of(IN_A_TAB, *(row.text(name) for name in TYPED)), "list")
            lives[base] += 1
            yield row, base.life(lives[base])


def _orphaned(s: Snapshot) -> Iterator[Finding]:
    """What was put to the agent about a row that somebody took out of the tab since."""
    refs = s.workbook.tabs[TAB].refs if TAB in s.workbook.tabs else frozenset()
    for key, asked in (*questions.open_rows(s, "DB-36"), *questions.open_rows(s, "DB-43")):
        _, _, life = key.episode.partition(".")
        mine = Key("DB-36", key.subject, "list").life(int(life) if life.isdigit() else 1)
        if key.subject.startswith(IN_A_TAB) and str(mine) not in refs and not asked.text("Acted On"):
            yield questions.closed(asked, f"{approvals.WITHDRAWN}: its row in the tab {TAB!r} is gone")


def _answered(s: Snapshot, row: Row, key: Key) -> Iterator[Finding]:
    _, _, life = key.episode.partition(".")
    campaign = Campaign(row.text("Campaign"), row.text("Purpose"), row.text("Phones").casefold() in {"yes", "y", "true"})
    names = StageNames(s.practice.account_stages, s.practice.stages)
    try:
        segment = parse_cells(names, stages=row.text("Stages"), tags=row.text("Tags"))
    except Unclear as wrong:
        yield _says(row, key, f"{approvals.NOT_READY}: {wrong}")
        return
    request = Request(segment, campaign, key.subject, int(life) if life.isdigit() else 1)
    asked = s.workbook.row("Approvals", str(request.confirm))
    if asked and asked.text("Acted On"):
        return  # the agent's word was consumed: what the row says stays
    wrong_ = [*campaigns.problems(segment, campaign, lists.places(s)), *filter(None, [lists.unready(s)])]
    if wrong_:
        yield _says(row, key, f"{approvals.NOT_READY}: {'; '.join(wrong_)}")
        return
    yield from _pulled(s, row, key, request)


def _pulled(s: Snapshot, row: Row, key: Key, request: Request) -> Iterator[Finding]:
    pulled = lists.pull(s, request.segment, request.campaign)
    count = len(pulled.members)
    if not count:
        hint = "; ".join(lists.never_seen(s, request.segment)) or pulled.out
        yield _says(row, key, f"Nobody is in it{f' ({hint})' if hint else ''}. {ASKED}: it may be set up wrong", count)
        yield from empty(s, request, pulled)
        return
    yield from not_empty_any_more(s, request, pulled)
    if long := too_long(IN_A_TAB, count):
        yield _says(row, key, f"{approvals.NOT_READY}: {long}", count)
        return
    answer = confirmation(s, request, pulled)
    if answer.row:
        yield answer.row
    if answer.choice == approvals.APPROVE:
        yield _published(s, request, pulled)
        yield logged(s, request, pulled)
        yield _says(row, key, done(request), count)
    elif answer.choice == approvals.REJECT:
        yield _says(row, key, f"{approvals.REJECTED.partition(':')[0]} by the agent", count)
    else:
        left = f"; left out: {pulled.out}" if pulled.out else ""
        yield _says(row, key, f"{lists.counted(count)}{left}. {ASKED}", count)
    yield checklist(request, pulled, confirmed=answer.choice == approvals.APPROVE)


def _published(s: Snapshot, request: Request, pulled: lists.Pulled) -> Finding:
    lines = (f"Campaign: {request.campaign}", f"Segment: {request.segment}", f"As of {s.stamp}, digest {pulled.digest}",
             "For this campaign only. Delete the tab when it is over.")
    return Finding("DB-36", "the agent confirmed this list", WantReport(
        title=request.title, lines=lines, table=table(s, request, pulled), key=request.key("DB-36", "tab")))


def _says(row: Row, key: Key, status: str, count: int | None = None) -> Finding:
    cells: Mapping[str, Cell] = {"Status": status, "Count": count}
    return Finding("DB-36", "somebody asks for a list in the tab 'Lists'", WantRow(
        tab=TAB, ref=str(key), create=False, adopts=None if row.ref else row, keep=cells))
