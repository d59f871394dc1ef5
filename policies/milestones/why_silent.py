"""Sentences for `steward explain`: why each milestone policy asks nothing about a contact today."""

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
    """Say for each of their closings when its next reminder opens, or why it has none."""
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
    """Say that move-in anniversaries are off, or what the field holds."""
    if not s.practice.milestones.move_in_anniversary:
        yield "move-in anniversaries are off (milestones.move_in_anniversary)"
    elif written := contact.fields.get("move_in_anniversary"):
        yield f"the field Move-in Anniversary holds {written}"
    else:
        yield "the field Move-in Anniversary is empty"


def birthdays(s: Snapshot, contact: Contact) -> Iterator[str]:
    """Say that no birthday is known, why it is not kept, or when its next reminder opens."""
    if not_kept := kept(s, contact):
        yield not_kept.reason
        return
    written = contact.fields.get("birthday", "")
    known = birthday(written)
    if known:
        day = in_year(known, s.today.year)
        day = day if day >= s.today else in_year(known, s.today.year + 1)
        opens = reminder(day, 14, day, s.business).opens
        yield (f"the next one is on {american(day)}; the first reminder opens on {american(opens)}")
    elif written:
        yield f"the field Birthday holds {written!r}, which is no date"
    else:
        yield "the field Birthday is empty; it is never inferred"


def homesteads(s: Snapshot, contact: Contact) -> Iterator[str]:
    """Say for each home when the reminders of its deadline begin, or why it has no reminder."""
    yield from _homes(s, contact, lambda home: _deadline(s, home))


def _deadline(s: Snapshot, home: Home) -> str:
    if because := excluded(s, home):
        return because
    if (s.today - home.closing).days > REACH:
        return (
            f"closed on {american(home.closing)}:"
            " the first filing window is over, and it is raised once only"
        )
    deadline, source, question = deadline_of(s, home)
    if deadline is None and question:
        return f"the rule of {question} is not confirmed by the agent"
    if deadline is None:
        return "no filing date is known there"
    when = f"{american(deadline)} (from {source})"
    if deadline < s.today:
        return f"its first deadline was {when}; it is raised once only"
    return f"its deadline is {when}; the first reminder opens 60 days before"


def home_values(s: Snapshot, contact: Contact) -> Iterator[str]:
    """Say for each owned home when the next 12-month mark is, or what holds it back."""
    yield from _homes(s, contact, lambda home: _mark(s, home))


def _mark(s: Snapshot, home: Home) -> str:
    if home.deal.side is not Side.BUYER:
        return "they sold it; only an owner gets a value"
    if because := home_value.suppressed(s, home):
        return because
    return f"the next yearly mark is {american(next_anniversary(home.closing, s.today))}"


def closings(s: Snapshot, contact: Contact) -> Iterator[str]:
    """Say for each home from when to when its closing is set up."""
    yield from _homes(s, contact, lambda home: _setting_up(s, home.closing))


def _setting_up(s: Snapshot, closing: date) -> str:
    if closing < s.starts:
        return f"closed on {american(closing)}, before Steward began on {american(s.starts)}"
    last = closing + SETTING_UP * DAY
    return f"set up from {american(closing)} to {american(last)}" + (
        "" if s.today <= last else "; nothing is lacking or it is too late"
    )


def replies(s: Snapshot, contact: Contact) -> Iterator[str]:
    """Say that no answer to a touch is known, and list what was heard from them."""
    heard = [
        f"{message.channel} {message.at.astimezone(s.now.tzinfo):%m/%d/%Y %H:%M}"
        for message in contact.inbound
    ]
    all_heard = ", ".join(heard) or "nothing"
    yield (
        f"no answer to a touch of the last {LISTENING} days is known; heard from them: {all_heard}"
    )


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
    if home.contact.id == contact.id:
        return say(home)
    return f"{say(home)} (kept on {home.contact.name}, contact {home.contact.id})"
