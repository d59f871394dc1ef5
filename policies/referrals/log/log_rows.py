"""The row of every referral in the log: made once, kept up after every change, and people's
wherever they touched it (RF-01, RF-33, RF-34, X-18, X-62).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from policies.asks.question import ask
from policies.asks.wants import Finding, WantRow
from policies.facts import people_by_name
from policies.facts.referral_log import (
    ACTIVE,
    AGENT,
    CLOSED,
    DOUBLE,
    OWN,
    PROFESSIONAL,
    TAB,
    as_written,
    entry_of,
    last_written,
    written,
)
from policies.referrals.doubts import HIDDEN, LEFT_ALONE
from policies.referrals.fees import status as fee_status
from policies.referrals.log import left_out
from policies.referrals.log.log_matching import matched, ref_of, typed_rows
from policies.referrals.outcome import Outcome, difference, outcome_of
from policies.referrals.recognition import recognised
from policies.referrals.referral import (
    Referral,
    day_received,
    referrals,
    source_typed,
    typed_over,
)
from policies.referrals.thanking.evidence import annotated, thanked
from policies.values.no_value import BLANK
from policies.world import memory
from policies.world.calendar import american
from policies.world.memory import LOGGED
from policies.world.model import Key
from policies.world.sheet import Cell, Row
from policies.world.snapshot import Snapshot

CAREFUL = (*OWN, "Status")
"""Columns that must still read as they were seen when a row is written."""
WHICH = "Which contact is the lead? Type their number from the CRM into Lead"


def rows(s: Snapshot) -> Sequence[Finding]:
    """The row of every referral, of every typed row that waits for its lead, and of every row that
    repeats another; once per snapshot.
    """
    return s.once(_rows)


def _rows(s: Snapshot) -> Sequence[Finding]:
    return tuple(_all_rows(s))


def _all_rows(s: Snapshot) -> Iterator[Finding]:
    for r in referrals(s):
        if r.doubt == HIDDEN:
            continue  # its row stays as it is
        if r.row is not None:
            yield _kept(s, r, r.row)
            yield _remembered(s, r, _key_of(r, r.row))
        elif r.logged and not r.history:
            yield from _new(s, r)
    for ref, row in typed_rows(s):
        yield Finding(
            "RF-01",
            "a row typed into the log whose lead is not certain yet",
            WantRow(
                tab=TAB, ref=ref, adopts=row, keep={"Status": _unclear(row), **_blanks(s, row)}
            ),
        )
    for row in matched(s).unknown:
        if row.ref:
            yield Finding(
                "RF-01",
                "its lead is not certain yet",
                WantRow(
                    tab=TAB,
                    ref=row.ref,
                    create=False,
                    unless_edited=CAREFUL,
                    keep={"Status": _unclear(row)},
                ),
            )
    yield from _doubles(s)


def _unclear(row: Row) -> str:
    entry = entry_of(row)
    if row.text("Date") and entry.day is None:
        return f"{row.text('Date')} is no date; write it like 12/04/2026"
    return f"There is no contact {entry.lead_id}. {WHICH}" if entry.lead_id else WHICH


def _blanks(s: Snapshot, row: Row) -> Mapping[str, Cell]:
    """Cells that a typed row left empty and Steward can fill at once."""
    own: dict[str, Cell] = {}
    if not row.text("Date"):
        own["Date"] = s.today
    if not row.text("Outcome"):
        own["Outcome"] = ACTIVE
    return {**own, "Received": s.stamp, "As Written": as_written(own)}


def _doubles(s: Snapshot) -> Iterator[Finding]:
    used = {row.ref for row in s.workbook.rows(TAB)}
    for row, first in matched(s).doubles:
        ref = row.ref or f"{ref_of(row).removesuffix('referral')}double"
        if row.ref or ref not in used:
            yield Finding(
                "RF-01",
                "one referral stands in the log once",
                WantRow(
                    tab=TAB,
                    ref=ref,
                    create=False,
                    adopts=None if row.ref else row,
                    keep={
                        "Status": f"{DOUBLE} on {written(first.cells.get('Date'))}: delete this row"
                    },
                ),
            )


# -- one row ---------------------------------------------------------------------------------------


def _ref(r: Referral) -> Key:
    return r.key("RF-01", "referral")


def _reason(r: Referral) -> str:
    return (
        f"{r.lead.name} was referred by {r.source_name or 'somebody not named'}, received"
        f" {american(day_received(r))}"
    )


def _lives(s: Snapshot) -> Counter[Key]:
    """How many rows each referral has had, as Memory has it."""
    keys = (Key.parse(mark) for mark, _ in LOGGED.rows(s.workbook))
    return Counter(key.base for key in keys if key)


def _new(s: Snapshot, r: Referral) -> Iterator[Finding]:
    """A referral without a row: logged at once, unless a person deleted its row, who is asked
    (X-62).
    """
    lives = s.once(_lives)[_ref(r)]
    key = _ref(r).life(lives + 1)
    if lives:
        asked = r.key(left_out.RULE, f"row{lives}")
        answer = ask(
            s, left_out.question(s, asked, r.lead.name, r.source_name, _reason(r), r.lead.id)
        )
        if answer.row:
            yield answer.row
        if answer.choice != left_out.PUT_BACK:
            return
    first: dict[str, Cell] = {
        "Date": day_received(r),
        "Referred Lead": r.lead.first_name or r.lead.name,
    }
    yield Finding(
        "RF-01",
        _reason(r),
        WantRow(tab=TAB, ref=str(key), person_id=r.lead.id, first=first, keep=cells(s, r, None)),
    )
    yield _remembered(s, r, key)


def _key_of(r: Referral, row: Row) -> Key:
    """The key under which a row that is there is remembered: a row that people typed is remembered
    by its lead, too.
    """
    found = Key.parse(row.ref)
    return found if found and found.base == _ref(r) else _ref(r)


def _remembered(s: Snapshot, r: Referral, key: Key) -> Finding:
    """Remember that the row was there, in the same write as the row itself: a row that is missing
    later was deleted by a person.
    """
    return Finding(
        "RF-01",
        _reason(r),
        WantRow(
            tab=memory.TAB,
            ref=LOGGED.ref(key),
            first=LOGGED.cells(f"{r.received:%Y-%m-%d %H:%M}", s.stamp),
        ),
    )


def annotated_name(r: Referral) -> str:
    """The source as the log names it: (Agent), (Lender) behind those who are no clients (RF-33)."""
    if r.source is None or r.type not in {AGENT, PROFESSIONAL}:
        return r.source_name
    kind = "Agent" if r.type == AGENT else people_by_name.profession(r.source)
    return f"{r.source_name} ({kind})"


def _kept(s: Snapshot, r: Referral, row: Row) -> Finding:
    keep = cells(s, r, row)
    if row.ref:
        return Finding(
            "RF-34",
            _reason(r),
            WantRow(
                tab=TAB,
                ref=row.ref,
                person_id=r.lead.id,
                create=False,
                keep=keep,
                unless_edited=CAREFUL,
            ),
        )
    blanks = {"Date": day_received(r)} if not row.text("Date") else {}
    return Finding(
        "RF-01",
        _reason(r),
        WantRow(
            tab=TAB, ref=str(_ref(r)), person_id=r.lead.id, adopts=row, keep={**blanks, **keep}
        ),
    )


def cells(s: Snapshot, r: Referral, row: Row | None) -> Mapping[str, Cell]:
    """The cells that are Steward's to write: its own columns, and of the others those that nobody
    took over.
    """
    told, thanks, recognition = outcome_of(s, r), thanked(s, r), recognised(s, r)
    wanted: dict[str, Cell] = {
        "Outcome": told.word,
        "Close Date": told.closed_on or BLANK,
        "Type": r.known_type,
        "Recognition Sent": recognition or thanks or BLANK,
        "Referral Source": annotated_name(r),
    }
    if r.source:
        wanted["Source"] = str(r.source.id)
    before: Mapping[str, str] = last_written(row) if row else {}
    theirs = _taken_over(s, r, row, wanted)
    kept = {name: value for name, value in wanted.items() if name not in theirs}
    noted = kept | {name: before[name] for name in wanted if name in theirs}
    own: dict[str, Cell] = {
        "Fee Status": fee_status(s, r),
        "Status": _said(s, r, told),
        "Engaged On": told.engaged_on,
        "Outcome On": told.since if "Outcome" in kept else _ended_by_hand(s, r),
        "Acknowledged": thanks,
        "Recognised": recognition,
        "As Written": as_written({**before, **noted}),
    }
    if not r.history:
        own["Received"] = f"{r.received:%Y-%m-%d %H:%M}"
    if row is None or not entry_of(row).lead_id:
        own["Lead"] = str(r.lead.id)
    return {**kept, **own}


def _taken_over(
    s: Snapshot, r: Referral, row: Row | None, wanted: Mapping[str, Cell]
) -> frozenset[str]:
    """The columns of *row* that a person took over: they differ from what Steward wrote and from
    what it would write.
    """
    if row is None:
        return frozenset()
    before = last_written(row)
    theirs = {
        name
        for name, value in wanted.items()
        if written(row.cells.get(name)) not in {before[name], written(value)}
    }
    if typed_over(s, r.lead, row):  # though it agrees by now: it wins while it stands
        theirs.add("Referral Source")
    if source_typed(entry_of(row)):
        theirs.add("Source")
    return frozenset(theirs)


def _ended_by_hand(s: Snapshot, r: Referral) -> Cell:
    """The day on which Steward first saw the outcome that a person typed: it ended then, not when
    it came in (X-20).
    """
    if r.entry is None or r.entry.outcome == ACTIVE:
        return None
    return r.entry.outcome_on or (None if r.history else s.today)


def _said(s: Snapshot, r: Referral, told: Outcome) -> str:
    """The Status of the row, for people."""
    said = []
    if r.doubt == LEFT_ALONE:
        said.append("The source's record is gone, and they had opted out or died: nothing is asked")
    elif r.doubt and not r.history:
        said.append(
            "It is not certain who the source is: see the VA's task, or type their number into"
            " Source"
        )
    if _closed_undated(r, told):
        said.append("Closed without a Close Date: type the day it closed")
    said.append(difference(r, told))
    if not r.history:
        said.append(annotated(s, r))
    return "; ".join(filter(None, said))


def _closed_undated(r: Referral, told: Outcome) -> bool:
    """Whether a person typed Closed, and nobody knows on which day."""
    if r.entry is None or r.history or r.entry.outcome != CLOSED:
        return False
    return not (r.entry.closed_on or told.closed_on)
