"""Dates as people and the CRM write them. No reader guesses a month from a day.

Each kind of place has its reader. Each stays as it was; issue 12 unites and widens them.

- `iso_date`: custom fields of the CRM, and Steward's own cells.
- `birthday`: the birthday field, with or without a year.
- `typed_date`: a cell that people type into, also where the Sheet kept it as text.
- `date_cell`: a cell that the Sheet itself took for a date.
- `local_time`: a minute that Steward wrote into a cell, in the agent's zone.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from functools import cache

_TYPED = ("%m/%d/%Y", "%m/%d/%y", "%Y-%m-%d")
_BIRTHDAYS = (
    re.compile(r"^(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)"),
    re.compile(r"^(?:--)?(?P<m>\d\d)-(?P<d>\d\d)$"),
)
LEAP_YEAR = 2000
"""A year that has every month and day, for birthdays without one."""


@cache
def iso_date(text: str) -> date | None:
    """The date that *text* begins with (``2025-12-18``, ``2025-12-18 08:00``), or None."""
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Birthday:
    """A birthday as the CRM holds it. `year` is None where none is given."""

    month: int
    day: int
    year: int | None = None


@cache
def birthday(text: str) -> Birthday | None:
    """The birthday a field holds: a date, or month and day without a year (``1984-03-05``,
    ``03-05``, ``--03-05``); None for anything else.
    """
    typed = text.strip()
    found = next((match for form in _BIRTHDAYS if (match := form.match(typed))), None)
    if found is None:
        return None
    parts = found.groupdict()
    month, day, year = int(parts["m"]), int(parts["d"]), int(parts.get("y") or 0)
    try:
        date(LEAP_YEAR, month, day)
    except ValueError:
        return None
    return Birthday(month, day, year if year > 1 else None)  # the year 1 means "not known"


def date_cell(cell: object) -> date | None:
    """The date in a cell that holds one as a date; None for any text."""
    return cell if isinstance(cell, date) else None


def typed_date(cell: object) -> date | None:
    """The date in a cell, also where the Sheet took it for text (``11/7/2026``, ``11/7/26``,
    ``2026-11-07``).
    """
    if isinstance(cell, date):
        return cell
    text = str(cell or "").strip()
    for pattern in _TYPED:
        with suppress(ValueError):
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007  # a day has no zone
    return None


def local_time(text: str, zone: tzinfo | None) -> datetime | None:
    """The minute in *text* (``2026-12-18 08:00``) as it is in *zone*, or None.

    An hour that occurs twice is the first one; an hour that does not occur moves forward.
    """
    try:
        written = datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=zone)
    except ValueError:
        return None
    return written.astimezone(UTC).astimezone(zone)
