"""A quarter of referrals in numbers: what came in, what became of it, who sent most, which fees are
owed (RF-41).

Everything is as it stood at the end of the quarter (X-20), so that what happens later does not
change an old report; only a correction of the log does.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import fsum

from policies.facts.fees import Fee
from policies.facts.referral_log import (
    ACTIVE,
    CLOSED,
    LOST,
    TYPES,
    Entry,
)
from policies.world.calendar import DAY, BusinessDays
from policies.world.sheet import Row

UNTYPED = ""
"""The type of a referral whose row names none of the four."""
_NAMED = re.compile(r"^(?P<year>\d{4})[Qq](?P<number>[1-4])$")


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """A calendar quarter; its number is 1 to 4."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Quarter:
        """The quarter *day* lies in."""
        return cls(day.year, (day.month + 2) // 3)

    @classmethod
    def parse(cls, text: str) -> Quarter | None:
        """The quarter that *text* names, as in ``2026Q4``; None if it names none that Steward plans
        for (1950 to 2200).
        """
        found = _NAMED.match(text.strip())
        if not found or not 1950 <= int(found["year"]) <= 2200:
            return None
        return cls(int(found["year"]), int(found["number"]))

    def __str__(self) -> str:
        return f"Q{self.number} {self.year}"

    @property
    def code(self) -> str:
        """The name as it is typed and as a key has it: ``2026Q4``."""
        return f"{self.year}Q{self.number}"

    @property
    def start(self) -> date:
        """Its first day."""
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def end(self) -> date:
        """Its last day."""
        return self.next.start - DAY

    @property
    def next(self) -> Quarter:
        """The quarter after it."""
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    @property
    def last(self) -> Quarter:
        """The quarter before it."""
        return Quarter.of(self.start - DAY)

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    def filing_day(self, business: BusinessDays) -> date:
        """The day its report is filed: the first business day of the next quarter (X-22)."""
        return business.on_or_after(self.next.start)


@dataclass(frozen=True, slots=True)
class Fees:
    """So many fees, and the dollars people typed for them; `unknown` of them have no amount that
    can be read.
    """

    count: int = 0
    dollars: float = 0.0
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Activity:
    """The numbers of one quarter. `by_type` has the four types and `UNTYPED`, and adds up to
    `received`.

    `engaged` and `ended_well` are of those received in the quarter, `active` of all. `sources` are
    those of the quarter's referrals, most first and then by name. `undated` rows of the log, and
    fees paid on no day, are in none of the numbers.
    """

    quarter: Quarter
    received: int
    by_type: Mapping[str, int]
    active: int
    closed: int
    lost: int
    engaged: int
    ended_well: int
    sources: tuple[tuple[str, int], ...]
    pending: Fees
    paid: Fees
    undated: int
    paid_undated: int


def activity(log: Sequence[Entry], fees: Sequence[Row], quarter: Quarter) -> Activity:
    """Count the referrals of *log* and the rows of `Referral Fees` as they stood at the end of
    *quarter*.
    """
    dated = [entry for entry in log if entry.day]
    came = [entry for entry in dated if _received(entry) in quarter]
    ended = Counter(entry.outcome for entry in dated if _ended_in(entry, quarter))
    types = Counter(entry.type for entry in came)
    owed = [Fee(row) for row in fees]
    return Activity(
        quarter=quarter,
        received=len(came),
        by_type={name: types[name] for name in (*TYPES, UNTYPED)},
        active=_count_at(dated, quarter.end, ACTIVE),
        closed=ended[CLOSED],
        lost=ended[LOST],
        engaged=sum(_engaged(entry, quarter.end) for entry in came),
        ended_well=_count_at(came, quarter.end, CLOSED),
        sources=_sources(came),
        pending=_pending(owed, quarter),
        paid=_paid(owed, quarter),
        undated=len(log) - len(dated),
        paid_undated=sum(fee.paid_undated for fee in owed),
    )


def _count_at(log: Iterable[Entry], day: date, outcome: str) -> int:
    """How many had that outcome at the end of *day*."""
    return sum(entry.outcome_at(day) == outcome for entry in log)


def _pending(fees: Iterable[Fee], quarter: Quarter) -> Fees:
    return _total(fee.dollars_due for fee in fees if fee.pending_at(quarter.end))


def _paid(fees: Iterable[Fee], quarter: Quarter) -> Fees:
    return _total(fee.dollars_paid for fee in fees if fee.paid_on and fee.paid_on in quarter)


def received_by_quarter(
    log: Sequence[Entry], quarters: Sequence[Quarter]
) -> Mapping[Quarter, Counter[str]]:
    """How many referrals of each type came in in each of *quarters*."""
    found: dict[Quarter, Counter[str]] = {quarter: Counter() for quarter in quarters}
    for entry in log:
        if entry.day and (counted := found.get(Quarter.of(entry.day))) is not None:
            counted[entry.type] += 1
    return found


def _received(entry: Entry) -> date:
    assert entry.day is not None  # the others are counted nowhere
    return entry.day


def _ended_in(entry: Entry, quarter: Quarter) -> bool:
    """Whether it was closed or lost in *quarter*; one that is dated as ended before it came in
    ended when it came in.
    """
    return entry.ended_on is not None and max(entry.ended_on, _received(entry)) in quarter


def _engaged(entry: Entry, day: date) -> bool:
    """Whether the client was engaged by *day*; a client who closed was."""
    if entry.engaged_on is not None and entry.engaged_on <= day:
        return True
    return entry.outcome_at(day) == CLOSED


def _sources(came: Sequence[Entry]) -> tuple[tuple[str, int], ...]:
    counts = Counter(entry.source_subject for entry in came)
    names = {
        entry.source_subject: entry.source_name for entry in sorted(came, key=_received)
    }  # as it was written last
    ranked = sorted(
        counts.items(), key=lambda found: (-found[1], names[found[0]].casefold(), found[0])
    )
    return tuple((names[subject], count) for subject, count in ranked)


def _total(amounts: Iterable[float | None]) -> Fees:
    found = list(amounts)
    return Fees(
        len(found), fsum(amount for amount in found if amount is not None), found.count(None)
    )
