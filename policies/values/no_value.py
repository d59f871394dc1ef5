"""Texts and dates that people type where they have no value: they are evidence of nothing.

Each list belongs to one kind of field and is used as it was; issue 12 unites and widens them.
"""

from __future__ import annotations

from datetime import date

BLANK = "—"
"""Text that the referral procedure writes into a cell with nothing to say (RF-33)."""
EMAIL_NAMES = frozenset(
    {
        "none",
        "noemail",
        "nomail",
        "no",
        "na",
        "n/a",
        "unknown",
        "test",
        "noreply",
        "no-reply",
        "donotreply",
        "null",
    }
)
"""Names before or behind the @ of an email address that reaches nobody."""
PHONE_NUMBERS = frozenset({"2345678901", "9876543210"})
"""Ten digits that are typed to get past a form."""
DATES = frozenset({date(1900, 1, 1), date(1970, 1, 1)})
"""The first day of a computer's calendar: written where no date was known."""
BIRTH_YEARS = frozenset(day.year for day in DATES)
"""Years of a January 1 that is no birthday (X-37)."""
EARLIEST_CLOSING = date(1950, 1, 1)
"""A closing date before this is a placeholder such as 1900-01-01, not a fact."""
