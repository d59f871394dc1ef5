"""The referral log as people read it: one entry a row, and what each was on a given day (RF-33).

Entries come from the Sheet alone, so that a row somebody typed years ago counts like one of
Steward's.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from policies.values.choices import among
from policies.values.dates import date_cell
from policies.values.no_value import BLANK
from policies.values.numbers import contact_number
from policies.world.calendar import american
from policies.world.sheet import Cell, Row, Workbook
from policies.world.snapshot import Snapshot

TAB = "Referral Log"
ACTIVE, CLOSED, LOST = "Active", "Closed", "Lost"
OUTCOMES = (ACTIVE, CLOSED, LOST)
CLIENT, SPHERE, AGENT, PROFESSIONAL = "Client", "Sphere", "Agent", "Professional"
TYPES = (CLIENT, SPHERE, AGENT, PROFESSIONAL)
DOUBLE = "Already logged"
"""Prefix of the Status of a row that repeats another: it counts nowhere."""
FEES = MappingProxyType(
    {
        "none": "No agreement",
        "agreed": "Agreed",
        "due": "Due",
        "paid": "Paid",
        "differs": "Discrepancy",
    }
)
"""Words that Fee Status may hold for an agent referral; it is empty for the others."""
_ANNOTATION = re.compile(r"\s*\([^)]*\)\s*$")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the log. Dates are local days; None where the cell holds none. `type` is "" where
    none of the four is given.
    """

    row: Row
    day: date | None
    source: str
    lead: str
    outcome: str
    closed_on: date | None
    outcome_on: date | None
    engaged_on: date | None
    type: str
    fee: str
    recognised: str
    source_id: int
    lead_id: int

    def outcome_at(self, day: date) -> str:
        """The outcome as it stood at the end of *day*: "" before the referral came in (X-20).

        Its end is dated by the close date, else by the day Steward saw it end, else by the day it
        came in.
        """
        if self.day is None or self.day > day:
            return ""
        return self.outcome if self.ended_on and self.ended_on <= day else ACTIVE

    @property
    def ended_on(self) -> date | None:
        """The day it was closed or lost; None while it is active."""
        if self.outcome == ACTIVE:
            return None
        return (
            (self.closed_on if self.outcome == CLOSED else None)
            or self.outcome_on
            or self.closed_on
            or self.day
        )

    @property
    def recognised_after_closing(self) -> bool:
        """Whether the source was recognised: Steward's own column says so, or a person wrote it
        beside a closed referral.

        The acknowledgement is in the same cell until then, and does not count (X-19).
        """
        said = self.row.text("Recognition Sent")
        return bool(self.recognised) or (
            self.outcome == CLOSED and said not in {"", BLANK, self.row.text("Acknowledged")}
        )

    @property
    def source_name(self) -> str:
        """The source's name without "(Lender)" or the like behind it."""
        return bare(self.source)

    @property
    def source_subject(self) -> str:
        """The source as the subject of a key: the contact where its number is known, else the name
        in any case (RF-05).
        """
        if self.source_id:
            return f"p{self.source_id}"
        name = self.source_name.casefold().encode("utf-8", "surrogatepass")
        return f"n{hashlib.sha256(name).hexdigest()[:12]}"


def bare(name: str) -> str:
    """A source's name without its annotation in brackets, on one line."""
    return " ".join(_ANNOTATION.sub("", name).split())


def entries(s: Snapshot) -> Sequence[Entry]:
    """Every row of the log that counts as a referral, once per snapshot, in the order of the
    rows.
    """
    return s.once(_entries)


def _entries(s: Snapshot) -> Sequence[Entry]:
    return entries_in(s.workbook)


def entries_in(book: Workbook) -> Sequence[Entry]:
    """Every row of the log in *book* that counts as a referral, in the order of the rows."""
    found, known = [], set[str]()
    for row in book.rows(TAB):
        if not _is_referral(row) or row.ref in known:
            continue
        if row.ref:
            known.add(row.ref)  # a copied row is one referral
        found.append(entry_of(row))
    return tuple(found)


def _is_referral(row: Row) -> bool:
    named = row.text("Referral Source") and row.text("Referred Lead")
    return bool(named) and not row.text("Status").startswith(DOUBLE)


def entry_of(row: Row) -> Entry:
    """*row* as an entry; a word that is not the procedure's reads as Active, or as no type."""
    return Entry(
        row=row,
        day=day_in(row, "Date"),
        source=row.text("Referral Source"),
        lead=row.text("Referred Lead"),
        outcome=among(row.text("Outcome"), OUTCOMES) or ACTIVE,
        closed_on=day_in(row, "Close Date"),
        outcome_on=day_in(row, "Outcome On"),
        engaged_on=day_in(row, "Engaged On"),
        type=among(row.text("Type"), TYPES),
        fee=row.text("Fee Status"),
        recognised=row.text("Recognised"),
        source_id=contact_number(row.cells.get("Source")),
        lead_id=contact_number(row.cells.get("Lead")),
    )


def day_in(row: Row, column: str) -> date | None:
    """The day a cell holds, or None."""
    return date_cell(row.cells.get(column))


def written(cell: Cell) -> str:
    """A cell as it is compared and remembered: dates as the procedure writes them, blanks as
    nothing.
    """
    if isinstance(cell, date):
        return american(cell)
    text = "" if cell is None else str(cell).strip()
    return "" if text == BLANK else text


OWN = ("Outcome", "Close Date", "Recognition Sent", "Type", "Referral Source", "Source")
"""The cells that Steward fills in and people may take over."""


def as_written(cells: Mapping[str, Cell]) -> str:
    """The cells that people may take over, in one text, as Steward wrote them: a cell that differs
    from it is theirs (X-62).
    """
    return " | ".join(written(cells.get(name)).replace("|", "/") for name in OWN)


def last_written(row: Row) -> Mapping[str, str]:
    """The cells of `as_written` read back; all are empty where the row was not Steward's to
    write.
    """
    parts = [part.strip() for part in row.text("As Written").split("|")]
    return dict(zip(OWN, parts, strict=False)) if len(parts) == len(OWN) else dict.fromkeys(OWN, "")
