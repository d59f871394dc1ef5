"""Why a rule says nothing about somebody today: for each policy of the milestones, in sentences
(`steward explain`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from policies.milestones import home_value
from policies.milestones.birthday import in_year, kept
from policies.milestones.closing_anniversary import kept as year_kept
from policies.milestones.homes import Home, ground_of
from policies.milestones.homestead import REACH, deadline_of, excluded
from policies.milestones.replies import LISTENING
from policies.milestones.setup_at_closing import SETTING_UP
from policies.values.dates import birthday
from policies.world.calendar import (
    DAY,
    american,
    anniversary,
    next_anniversary,
    reminder,
)
from policies.world.model import Contact, Deal, Side
from policies.world.snapshot import Snapshot


def anniversaries(s: Snapshot, contact: Contact) -> Iterator[str]:
    """Each of their closings: when its next reminder opens, or why it has none."""
    yield from _homes(s, contact, lambda home: _next_anniversary(s, home))


def _next_anniversary(s: Snapshot, home: Home) -> str:
    for year in range(s.today.year, s.today.year + 8):
        day, years = anniversary(home.closing, year), year - home.closing.year
        if years >= 1 and day >= s.today and year_kept(s, home, years):
            opens = reminder(day, 14, day, s.business).opens
            return (
                f"year {years} is on {american(day)}; the first reminder opens on {american(opens)}"
            )
    return "no year of it is kept by the configuration"


def move_in(s: Snapshot, contact: Contact) -> Iterator[str]:
    """Off, not known, or covered by the closing anniversary."""
    if not s.practice.milestones.move_in_anniversary:
        yield "move-in anniversaries are off (milestones.move_in_anniversary)"
    elif written := contact.fields.get("move_in_anniversary"):
        yield f"the field Move-in Anniversary holds {written}"
    else:
        yield "the field Move-in Anniversary is empty"


def birthdays(s: Snapshot, contact: Contact) -> Iterator[str]:
    """No birthday known, none kept, or not in sight yet."""
    if excluded_ := kept(s, contact):
        yield excluded_.reason
        return
    written = contact.fields.get("birthday", "")
    known = birthday(written)
    if known is None:
        yield (
            f"the field Birthday holds {written!r}, which is no date"
            if written
            else "the field Birthday is empty; it is never inferred"
        )
        return
    day = next(
        d for year in (s.today.year, s.today.year + 1) if (d := in_year(known, year)) >= s.today
    )
    yield (
        f"the next one is on {american(day)}; the first reminder opens on"
        f" {american(reminder(day, 14, day, s.business).opens)}"
    )


def homesteads(s: Snapshot, contact: Contact) -> Iterator[str]:
    """Each home: its deadline and when that is raised, or why there is none."""
    yield from _homes(s, contact, lambda home: _deadline(s, home))


def _deadline(s: Snapshot, home: Home) -> str:
    if because := excluded(s, home):
        return because
    if (s.today - home.closing).days > REACH:
        return (
            f"closed on {american(home.closing)}: the first filing window is over, and it is raised"
            " once only"
        )
    deadline, source, question = deadline_of(s, home)
    if deadline is None:
        return (
            f"the rule of {question} is not confirmed by the agent"
            if question
            else "no filing date is known there"
        )
    if deadline < s.today:
        return (
            f"its first deadline was {american(deadline)} (from {source}); it is raised once only"
        )
    return (
        f"its deadline is {american(deadline)} (from {source}); the first reminder opens 60 days"
        " before"
    )


def home_values(s: Snapshot, contact: Contact) -> Iterator[str]:
    """Each owned home: the next 12-month mark, or what keeps it back."""
    yield from _homes(s, contact, lambda home: _mark(s, home))


def _mark(s: Snapshot, home: Home) -> str:
    if home.deal.side is not Side.BUYER:
        return "they sold it; only an owner gets a value"
    if because := home_value.suppressed(s, home):
        return because
    return f"the next yearly mark is {american(next_anniversary(home.closing, s.today))}"


def closings(s: Snapshot, contact: Contact) -> Iterator[str]:
    """What is set up at closing concerns closings of the last weeks."""
    yield from _homes(s, contact, lambda home: _setting_up(s, home.closing))


def _setting_up(s: Snapshot, closing: date) -> str:
    if closing < s.starts:
        return f"closed on {american(closing)}, before Steward began on {american(s.starts)}"
    last = closing + SETTING_UP * DAY
    return f"set up from {american(closing)} to {american(last)}" + (
        "" if s.today <= last else "; nothing is lacking or it is too late"
    )


def replies(s: Snapshot, contact: Contact) -> Iterator[str]:
    """Nothing came back."""
    heard = (
        ", ".join(
            f"{h.channel} {h.at.astimezone(s.now.tzinfo):%m/%d/%Y %H:%M}" for h in contact.inbound
        )
        or "nothing"
    )
    yield f"no answer to a touch of the last {LISTENING} days is known; heard from them: {heard}"


def _homes(s: Snapshot, contact: Contact, say: Callable[[Home], str]) -> Iterator[str]:
    deals = [deal for deal in s.deals.values() if contact.id in deal.person_ids]
    if not deals:
        yield "the CRM shows no deal of theirs"
    for deal in sorted(deals, key=lambda d: d.id):
        yield f"deal {deal.id} ({deal.name}): {_home(s, contact, deal, say)}"


def _home(s: Snapshot, contact: Contact, deal: Deal, say: Callable[[Home], str]) -> str:
    home = ground_of(s, deal)
    if not isinstance(home, Home):
        return home.reason
    kept_on = (
        ""
        if home.contact.id == contact.id
        else f" (kept on {home.contact.name}, contact {home.contact.id})"
    )
    return f"{say(home)}{kept_on}"
