"""The closing anniversary, and the move-in anniversary where the agent keeps it: one chain per home
and occasion-year.

Years 1, 2 and 5 always, every year by default (MS-26, X-03); who only sold is remembered in years
1, 2 and 5 with the agent's own neutral words (X-05). The move-in anniversary is off unless the
agent tracks it (MS-27).
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
from policies.milestones.touch import Kind, Step, Touch, asleep
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

CLOSING = Kind(name="anniversary", lint=lint.anniversary)
MOVE_IN = Kind(name="move-in anniversary", lint=lint.anniversary, code="movein")
GRACE = 2
"""Days after the occasion on which the touch may still go out (MS-42, X-07)."""
AHEAD = 45
"""Days ahead at which the first reminder can be due to open, business days and closures allowed
for.
"""
LOOK_BACK = 90
"""Days for which a passed occasion is checked for having been missed."""


def decide(s: Snapshot) -> Iterator[Finding]:
    """What is asked today for every closing anniversary in sight, and which open tasks lost their
    ground.
    """

    def asks(deal: Deal, closing: date) -> bool:
        return any(
            _awake(s, CLOSING, deal, day)
            for _, day in occasions(closing, s.today, AHEAD, LOOK_BACK)
        )

    for home in homes_in_sight(s, s.today - LOOK_BACK * DAY, s.today + AHEAD * DAY, asks):
        for years, day in occasions(home.closing, s.today, AHEAD, LOOK_BACK):
            if kept(s, home, years) and _awake(s, CLOSING, home.deal, day):
                yield from chain.findings(s, _touch(s, CLOSING, home, home.closing, years, day))
    yield from lost_ground(s, CLOSING, _closing_ground)


def decide_move_in(s: Snapshot) -> Iterator[Finding]:
    """The same for move-in anniversaries, where the agent keeps them; one that falls on the
    closing's is not kept twice.
    """
    if not s.practice.milestones.move_in_anniversary:
        return
    for contact in s.contacts.values():
        if "move_in_anniversary" not in contact.fields:
            continue
        for deal in s.deals_of.get(contact.id, ()):
            home = ground_of(s, deal)
            if (
                isinstance(home, Home)
                and home.contact.id == contact.id
                and (moved := _moved_in(s, home))
            ):
                for years, day in occasions(moved, s.today, AHEAD, LOOK_BACK):
                    if _awake(s, MOVE_IN, deal, day) and day != anniversary(home.closing, day.year):
                        yield from chain.findings(s, _touch(s, MOVE_IN, home, moved, years, day))
    yield from lost_ground(s, MOVE_IN, _move_in_ground)


def _awake(s: Snapshot, kind: Kind, deal: Deal, day: date) -> bool:
    """Whether anything can be asked of this occasion today: it is Steward's, it has begun, and it
    is not over.
    """
    subject = f"d{deal.id}"
    return (
        day >= s.starts
        and not is_over(s, kind, subject, day)
        and (not asleep(s, kind, subject, day, reminder(day, 14, day, s.business).opens))
    )


def kept(s: Snapshot, home: Home, years: int) -> bool:
    """Whether the procedure keeps this year of this home (MS-26, X-03, X-05)."""
    if home.deal.side is Side.SELLER:
        return years in YEARS_ALWAYS
    options = s.practice.milestones
    return options.every_year or years in options.years_required


def _moved_in(s: Snapshot, home: Home) -> date | None:
    """The move-in date that the contact's one field holds, if it can speak of this home: the latest
    they bought.
    """
    latest = latest_deal(s, home.contact)
    if home.deal.side is not Side.BUYER or latest is None or latest.id != home.deal.id:
        return None
    return iso_date(home.contact.fields.get("move_in_anniversary", ""))


def _touch(s: Snapshot, kind: Kind, home: Home, first: date, years: int, day: date) -> Touch:
    """The touch of one home's anniversary: 14 days before for the agent, 7 days before with the
    draft (MS-04, MS-42).
    """
    options = s.practice.milestones
    closes = day + GRACE * DAY
    medium = options.anniversary_channel.replace("email", "e-mail")
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
        day=day,
        target=day,
        closes=closes,
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
        send_due=_send_due(s, day, closes, medium),
        send_on=max(day, s.today),
        send_when=f"by {short(closes)}" if s.today > day else f"schedule for {short(day)}",
        words=lambda: (wording.closing if kind is CLOSING else wording.move_in)(
            s.practice, home, years
        ),
    )


def _send_due(s: Snapshot, day: date, closes: date, medium: str) -> date:
    """The day of an e-mail, or the business day before (X-07); a card is mailed from two days
    before to two days after.
    """
    if s.today > day:
        return s.today
    due = s.business.on_or_before(day)
    if (
        medium == "card"
        and due < day - GRACE * DAY
        and (later := s.business.on_or_after(day)) <= closes
    ):
        due = later
    return max(due, s.today)


def _closing_ground(s: Snapshot, subject: str, day: date) -> str:
    return home_lost(s, subject, day, lambda home: home.closing, "closing")


def _move_in_ground(s: Snapshot, subject: str, day: date) -> str:
    return home_lost(s, subject, day, lambda home: _moved_in(s, home), "move-in")
