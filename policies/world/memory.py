"""The rows of the tab `Memory`: what each kind's Ref begins with, and how its cells are read and
written.

A row's Ref is the kind's name, and behind it the thing that the row is about: ``stage RF-06 p12
referral``. `What` is the value, `Date` the moment it was written. Rows of version 0.1 read as they
always did: a name or a form in this file never changes, a new one is added.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from policies.world.sheet import Cell, Row, Workbook

TAB = "Memory"
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Kind(Generic[V]):
    """One kind of row. `write` makes the text of its What; `read` is its inverse, None where people
    made something else of the cell.
    """

    name: str
    write: Callable[[V], str]
    read: Callable[[str], V | None]

    def ref(self, about: object = "") -> str:
        """The Ref of the row about this thing; of the one row where the kind has no more."""
        return f"{self.name} {about}".strip()

    def names(self, ref: str) -> bool:
        """Whether *ref* is the Ref of a row of this kind."""
        return ref == self.name or ref.startswith(f"{self.name} ")

    def row(self, book: Workbook, about: object = "") -> Row | None:
        """The one row about this thing; None where no row or more than one has its Ref."""
        return book.row(TAB, self.ref(about))

    def copies(self, book: Workbook, about: object = "") -> Sequence[Row]:
        """Every row about this thing: several where people copied it."""
        return book.copies(TAB, self.ref(about))

    def stands(self, book: Workbook, about: object = "") -> bool:
        """Whether at least one row is about this thing."""
        return book.holds(TAB, self.ref(about))

    def value(self, book: Workbook, about: object = "") -> V | None:
        """The value of the row about this thing; None where it is missing or unreadable."""
        row = self.row(book, about)
        return self.read(row.text("What")) if row else None

    def rows(self, book: Workbook) -> Iterator[tuple[str, Row]]:
        """Every row of this kind, with the text of the thing it is about ("" for the one row of a
        kind that has no more).
        """
        for row in book.rows_of(TAB, self.name.partition(" ")[0]):
            if self.names(row.ref):
                yield row.ref.removeprefix(self.name).lstrip(), row

    def cells(self, value: V, stamp: str) -> Mapping[str, Cell]:
        """The cells of a row that is written at *stamp* (`Snapshot.stamp`)."""
        return {"What": self.write(value), "Date": stamp}


def day_written(row: Row) -> date | None:
    """The day in the row's Date; None where people made something else of the cell."""
    return _day(row.text("Date"))


def day_activated(book: Workbook) -> date | None:
    """The day of the first acknowledgement; None before it, and where the cell is unreadable."""
    row = ACTIVATION.row(book)
    return _day(row.text("What")) if row else None


@dataclass(frozen=True, slots=True)
class StageMove:
    """A move between stages, both by the labels people see: the way back is part of it (`undo`)."""

    to: str
    left: str


@dataclass(frozen=True, slots=True)
class ReportSent:
    """The latest revision of a quarter's report (0: none yet) and the digest of its text."""

    revision: int
    digest: str


Signs = Mapping[int, Mapping[str, date]]
"""Per contact id, the signs of an opt-out or a death that were seen, each with the day on which it
was first seen, and the day on which the agent lifted them.
"""
Reaches = Mapping[int, tuple[str, ...]]
"""Per contact id, the keyed marks of the addresses and numbers that it had last."""
_FROM = ", from "
_RECEIVED = "received "


def _plain(text: str) -> str:
    return text


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


def _move(text: str) -> StageMove:
    to, _, left = text.partition(_FROM)
    return StageMove(to, left)


def _report(text: str) -> ReportSent:
    revision, _, digest = text.partition(" ")
    return ReportSent(
        int(revision) if revision.isdecimal() and len(revision) < 4 else 0,
        digest,
    )


def _written_signs(signs: Signs) -> str:
    return "; ".join(
        " ".join((str(contact), *(f"{sign} {day:%Y%m%d}" for sign, day in sorted(days.items()))))
        for contact, days in sorted(signs.items())
    )


def _read_signs(text: str) -> Signs:
    """The signs in a cell; an entry that people made something else of is passed over."""
    found: dict[int, dict[str, date]] = {}
    for entry in filter(None, map(str.split, text.split(";"))):
        contact, pairs = entry[0], entry[1:]
        for sign, written in zip(pairs[::2], pairs[1::2], strict=False):
            day = _compact_day(written)
            if day and contact.isdecimal():
                found.setdefault(int(contact), {})[sign] = day
    return found


def _written_reaches(reaches: Reaches) -> str:
    return "; ".join(" ".join((str(contact), *marks)) for contact, marks in sorted(reaches.items()))


def _read_reaches(text: str) -> Reaches:
    """The marks in a cell; an entry that people made something else of is passed over."""
    entries = filter(None, map(str.split, text.split(";")))
    return {int(first): tuple(marks) for first, *marks in entries if first.isdecimal() and marks}


def _compact_day(text: str) -> date | None:
    return _day(text) if len(text) == 8 and text.isdecimal() else None


def _text(name: str) -> Kind[str]:
    return Kind(name, _plain, _plain)


# -- what runs, and where --------------------------------------------------------------------------
ACTIVATION: Kind[str] = _text("activation")
"""The moment of the first acknowledgement, as ISO text: nothing that fell due earlier is taken up
(rule 14).
"""
POLICY = _text("policy")
"""By policy: the fingerprint of what the agent acknowledged (rule 13)."""
RIGHTS = _text("rights")
"""By policy: the rights that the agent acknowledged with it (X-92)."""
OPTIONS = _text("options")
"""By policy: the options that the agent acknowledged with it, as JSON (X-92)."""
HOST = _text("host")
"""The host that writes to this Sheet."""
RETIRED = _text("retired")
"""Since when Steward is retired; an empty What says that it works again."""
LAST_GOOD_PASS: Kind[datetime] = Kind(
    "last good pass", lambda when: f"{when:%Y-%m-%d %H:%M}", _instant
)
"""The heartbeat: the last good pass that wrote anything, in local time."""
SIZE: Kind[int] = Kind("size", str, _number)
"""By source: how many records it had (rule 2)."""
PROTECTION = _text("approvals.protection")
"""The protected range of the tab `Approvals` that `setup` made: ``sheetId/protectedRangeId``."""

# -- what was done once, and what people removed since ---------------------------------------------
DELETED = _text("deleted")
"""By the mark of a task that a person deleted: it is not made again (rule 9)."""
DELETED_NOTE = _text("deleted note")
"""By the mark of a note that a person deleted, or of a field that was taken back."""
TAG = _text("tag")
"""By mark: the tag that was set once. A person who takes it off is right (rule 9)."""
STAGE: Kind[StageMove] = Kind("stage", lambda move: f"{move.to}{_FROM}{move.left}", _move)
"""By mark: the move that was made once. A person who moves the contact back is right (rule 9)."""
AGAIN = _text("again")
"""By the Ref of a row in `Approvals` that a person deleted and that was put up once more (X-62)."""

# -- what the procedures remember ------------------------------------------------------------------
HOMESTEAD_RULE = _text("homestead")
"""By state: the digest of the filing rule that the agent confirmed (MS-28)."""
REFERRALS_BEGUN = _text("referrals begun")
"""The people referred before Steward began, and each source's opening count. Long lists go on in
rows numbered from 2 (RF-27).
"""
COUNT: Kind[int] = Kind("count", str, _number)
"""By source (``p12``): the number that Steward wrote into Referrals Sent (RF-27)."""
LOGGED: Kind[str] = Kind(
    "logged", lambda when: f"{_RECEIVED}{when}", lambda text: text.removeprefix(_RECEIVED)
)
"""By the key of a referral: its row was in the log, and when the referral came in (X-62)."""
REPORT: Kind[ReportSent] = Kind("report", lambda sent: f"{sent.revision} {sent.digest}", _report)
"""By quarter: the report that was published last (RF-41)."""
PERMISSION: Kind[str] = _text("permission")
"""By the key of a question about contacting somebody: what the agent answered, for good (X-64)."""

# -- what was seen of opt-outs and deaths ----------------------------------------------------------
SIGNS: Kind[Signs] = Kind("opt-outs", _written_signs, _read_signs)
"""By block of contact ids: the signs that were ever seen (X-65). No name or address stands there,
and thousands of contacts take few rows.
"""
LAST_REACHES: Kind[Reaches] = Kind("last-reaches", _written_reaches, _read_reaches)
"""By block of contact ids: keyed marks of what a contact with a sign had last. A merge empties the
loser, and its winner is known by them (X-65).
"""
SIGNS_BEGUN = _text("opt-outs-begun")
"""Since when `SIGNS` is kept: a sign that comes later is news, one that was there is not."""
SUPPRESSED: Kind[int] = Kind("suppressed", str, _number)
"""How many entries the tab `Suppression` had: fewer are no permission (X-34, X-65). A person who
types another number here says that the others are to be forgotten.
"""
MAIL_FEED: Kind[str] = _text("email-events")
"""Whether the CRM's feed of email events answered last, or since when it refuses (X-65)."""
