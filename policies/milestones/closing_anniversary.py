"""The closing anniversary and the move-in anniversary: one chain per home and year.

Buyers: years 1, 2 and 5 always, every year by default (MS-26, X-03). A client who only sold hears
in years 1, 2 and 5, in the agent's own neutral words (X-05). The move-in anniversary is off unless
the agent tracks it (MS-27).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from policies.asks import lint
from policies.asks.wants import Finding
from policies.milestones import chain, wording
from policies.milestones.completion import is_over
from policies.milestones.ground import home_lost, lost_ground
from policies.milestones.homes import Home, ground_of, homes_in_sight, latest_deal
from policies.milestones.touch import Kind, Step, Touch, medium_of, not_begun, why_instead
from policies.values.dates import iso_date
from policies.world.calendar import (
    DAY,
    american,
    anniversary,
    occasions,
    reminder,
    short,
)
from policies.world.model import Deal, Side
from policies.world.practice import YEARS_ALWAYS
from policies.world.snapshot import Snapshot

GRACE = 2
"""Days after the occasion on which the touch may still go out (MS-42, X-07)."""
CLOSING = Kind(name="anniversary", lint=lint.anniversary, grace=GRACE)
MOVE_IN = Kind(name="move-in anniversary", lint=lint.anniversary, code="movein", grace=GRACE)
AHEAD = 45
"""Days ahead at which the first reminder can open, with room for weekends and closures."""
LOOK_BACK = 90
"""Days for which a passed occasion is checked for having been missed."""


def decide(s: Snapshot) -> Iterator[Finding]:
    """Plan every closing anniversary in sight, and withdraw what lost its ground."""

    def in_progress(deal: Deal, closing: date) -> bool:
        days = occasions(closing, s.today, AHEAD, LOOK_BACK)
        return any(_in_progress(s, CLOSING, deal, day) for _, day in days)

    planned = set[tuple[str, date]]()
    for home in homes_in_sight(s, s.today - LOOK_BACK * DAY, s.today + AHEAD * DAY, in_progress):
        for years, day in occasions(home.closing, s.today, AHEAD, LOOK_BACK):
            if kept(s, home, years) and _in_progress(s, CLOSING, home.deal, day):
                planned.add((f"d{home.deal.id}", day))
                yield from chain.findings(s, _touch(s, CLOSING, home, home.closing, years, day))
    yield from lost_ground(s, CLOSING, _closing_ground, planned)


def decide_move_in(s: Snapshot) -> Iterator[Finding]:
    """Plan move-in anniversaries if the agent tracks them, and withdraw what lost its ground.

    A move-in anniversary on the same day as the closing's is left out.
    """
    planned = set[tuple[str, date]]()
    tracked = s.practice.milestones.move_in_anniversary
    for home, moved in _moved_homes(s) if tracked else ():
        for years, day in occasions(moved, s.today, AHEAD, LOOK_BACK):
            if day == anniversary(home.closing, day.year):
                continue
            if _in_progress(s, MOVE_IN, home.deal, day):
                planned.add((f"d{home.deal.id}", day))
                yield from chain.findings(s, _touch(s, MOVE_IN, home, moved, years, day))
    yield from lost_ground(s, MOVE_IN, _move_in_ground, planned)


def _moved_homes(s: Snapshot) -> Iterator[tuple[Home, date]]:
    """Yield every home with a move-in date, and that date, in the order of contacts."""
    for contact in s.contacts.values():
        if "move_in_anniversary" not in contact.fields:
            continue
        for deal in s.deals_of.get(contact.id, ()):
            home = ground_of(s, deal)
            if not isinstance(home, Home) or home.contact.id != contact.id:
                continue
            if moved := _moved_in(s, home):
                yield home, moved


def _in_progress(s: Snapshot, kind: Kind, deal: Deal, day: date) -> bool:
    """Tell whether this occasion can need anything today.

    It falls into the time since Steward began, its first reminder is open, and it is not over.
    """
    subject = f"d{deal.id}"
    if day < s.starts or is_over(s, kind, subject, day):
        return False
    opens = reminder(day, 14, day, s.business).opens
    return not not_begun(s, kind, subject, day, opens)


def kept(s: Snapshot, home: Home, years: int) -> bool:
    """Tell whether the procedure keeps this year of this home (MS-26, X-03, X-05)."""
    if home.deal.side is Side.SELLER:
        return years in YEARS_ALWAYS
    options = s.practice.milestones
    return options.every_year or years in options.years_required


def _moved_in(s: Snapshot, home: Home) -> date | None:
    """Return the move-in date of this home, or None.

    A contact has one field for it, which belongs to the home they bought last.
    """
    latest = latest_deal(s, home.contact)
    if home.deal.side is not Side.BUYER or latest is None or latest.id != home.deal.id:
        return None
    return iso_date(home.contact.fields.get("move_in_anniversary", ""))


def _touch(s: Snapshot, kind: Kind, home: Home, first: date, years: int, day: date) -> Touch:
    """Build one anniversary's touch: 14 days before for the agent, 7 days before with the draft.

    The clauses are MS-04 and MS-42.
    """
    options = s.practice.milestones
    closes = kind.closes(day)
    chosen = options.anniversary_channel.replace("email", "e-mail")
    medium, instead = medium_of(s, home.contact, chosen)
    where = f" on {home.address}" if home.address else ""
    source = (
        f"(from {home.closing_from}); anniversary"
        if kind is CLOSING
        else f"and moved in on {american(first)}; move-in anniversary"
    )
    return Touch(
        kind=kind,
        subject=f"d{home.deal.id}",
        contact=home.contact,
        opted_out=home.opted_out,
        day=day,
        target=day,
        steps=(
            Step(
                "14d",
                reminder(day, 14, day - 8 * DAY, s.business),
                to_agent=True,
                drafts=False,
                says="Personal touch",
                why="14 days before is the time for a personal touch",
            ),
            Step(
                "7d",
                reminder(day, 7, closes, s.business),
                to_agent=False,
                says=f"Prepare {kind.name} {medium}",
                why="7 days before is the deadline to prepare it",
            ),
        ),
        title=f"{'Closing' if kind is CLOSING else 'Move-in'} anniversary, year {years}",
        occasion=f"year {years} on {short(day)}",
        facts=(
            f"{home.contact.name} closed{where} on {american(home.closing)} {source} {years} is"
            f" {american(day)}"
        ),
        medium=medium,
        instead=instead,
        ask=why_instead(instead),
        send_due=_send_due(s, day, closes, medium),
        send_on=max(day, s.today),
        send_when=f"by {short(closes)}" if s.today > day else f"schedule for {short(day)}",
        words=lambda: (wording.closing if kind is CLOSING else wording.move_in)(
            s.practice, home, years, medium
        ),
    )


def _send_due(s: Snapshot, day: date, closes: date, medium: str) -> date:
    """Return the day by which it is sent: the occasion, or the last business day before (X-07).

    A card is mailed from two days before to two days after.
    """
    if s.today > day:
        return s.today
    due, later = s.business.on_or_before(day), s.business.on_or_after(day)
    too_early = medium == "card" and due < day - GRACE * DAY
    return max(later if too_early and later <= closes else due, s.today)


def _closing_ground(s: Snapshot, subject: str, day: date) -> str:
    """Say why a closing anniversary has lost its ground: its home, its date, or its year."""
    if because := home_lost(s, subject, day, lambda home: home.closing, "closing"):
        return because
    home = _home(s, subject)
    return _year_dropped(s, home, day.year - home.closing.year) if home else ""


def _year_dropped(s: Snapshot, home: Home, years: int) -> str:
    if kept(s, home, years):
        return ""
    if home.deal.side is Side.SELLER:
        return f"they only sold, and year {years} of a sale is not kept"
    return f"year {years} is not kept any more (milestones.every_year is off)"


def _move_in_ground(s: Snapshot, subject: str, day: date) -> str:
    """Say why a move-in anniversary has lost its ground: the option, its home, or its date."""
    if not s.practice.milestones.move_in_anniversary:
        return "move-in anniversaries are not kept any more (milestones.move_in_anniversary is off)"
    if because := home_lost(s, subject, day, lambda home: _moved_in(s, home), "move-in"):
        return because
    home = _home(s, subject)
    if home and _moved_in(s, home) is None:
        return "no move-in date of this home is known any more"
    if home and day == anniversary(home.closing, day.year):
        return "it falls on the closing anniversary, which is kept instead"
    return ""


def _home(s: Snapshot, subject: str) -> Home | None:
    deal = s.deal_by(subject)
    home = ground_of(s, deal) if deal else None
    return home if isinstance(home, Home) else None
