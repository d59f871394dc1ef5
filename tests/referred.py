"""A small world of referrals: John Smith, a past client, and Ximena Castro, whom he sent on 2026-12-04 at nine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from policies.world.model import (
    STAGE_LABELS,
    Contact,
    Deal,
    Reach,
    Stage,
)
from policies.world.practice import ReferralOptions
from policies.world.sheet import Row
from policies.world.snapshot import Snapshot
from tests.scenes import at, book, client, practice, purchase, snapshot

DAY = date(2026, 12, 4)
"""A Friday."""
NINE = at(DAY, 9)
LOG, PROMPT, DRAFT = "RF-01 p101 referral", "RF-08 p101 thanks", "RF-13 p101 draft"
RECOGNITION, TOLD = "RF-35 p101 recognition", "RF-03 p101 closed"
HOUR = timedelta(hours=1)


def person(number: int, name: str, stage: Stage = Stage.NEW_LEAD, **changes: Any) -> Contact:
    """Somebody with an e-mail address of their own and no home."""
    first, _, last = name.partition(" ")
    found = client(number, first_name=first, last_name=last, stage=stage, stage_label=STAGE_LABELS[stage], addresses=(),
                   emails=(Reach(f"{first}.{last}.{number}@example.org".casefold(), "Valid"),), phones=(Reach(f"(737) 555-0{number:03d}", "Valid"),), created=at(date(2024, 1, 2)))
    return replace(found, **changes)


def source(number: int = 50, name: str = "John Smith", stage: Stage = Stage.PAST_CLIENT_BUYER, **changes: Any) -> Contact:
    """Somebody who refers."""
    return person(number, name, stage, **changes)


def lead(number: int = 101, name: str = "Ximena Castro", by: str = "John Smith", **changes: Any) -> Contact:
    """Somebody who was sent, entered at nine on the day."""
    fields: Mapping[str, str] = {"referred_by": by} if by else {}
    return person(number, name, **{"created": NINE, "source": "Website", "fields": fields, **changes})


def world(*people: Contact, deals: Iterable[Deal] = (), now: datetime = NINE + HOUR, options: ReferralOptions | None = None,
          typed: Iterable[Mapping[str, Any]] = (), **changes: Any) -> Snapshot:
    """The world at ten on that day; *typed* are rows that people typed into the log."""
    people = people or (source(), lead())
    found = snapshot(DAY, people, deals, workbook=book({"Referral Log": list(typed)}), practice=practice(referrals=options or ReferralOptions()))
    return replace(found, now=now, **changes)


def bought(closing: date, number: int = 7, people: Iterable[int] = (101,), **changes: Any) -> Deal:
    """The lead's purchase."""
    return purchase(closing, number, people, **changes)


def pending(closing: date | None, number: int = 7, people: Iterable[int] = (101,)) -> Deal:
    """The lead's purchase before it closed."""
    return replace(purchase(date(2027, 1, 1), number, people), closed=False, stage_label="Pending", projected_close=closing)


def log_row(s: Snapshot, ref: str = LOG) -> Row:
    """A row of the log."""
    row = s.workbook.row("Referral Log", ref)
    assert row is not None, [row.ref for row in s.workbook.rows("Referral Log")]
    return row
