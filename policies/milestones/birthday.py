"""Birthdays: 14 and 7 days before, one warm line for approval, sent on or before the day.

A birthday belongs to the person, not to a home: every past client of a closed deal keeps it for
life, even after the house is sold (X-05). It comes from its field alone and is never inferred; a
placeholder is asked about (X-37). The clauses are MS-29, MS-34 and MS-43.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from policies.asks import lint
from policies.asks.followup import Matter, close, of_rule
from policies.asks.pace import look_up, look_ups, quarter
from policies.asks.wants import Finding
from policies.facts.contact_permission import Way, barred
from policies.facts.transactions import past_client
from policies.milestones import chain
from policies.milestones.completion import is_over
from policies.milestones.ground import lost_ground
from policies.milestones.homes import Excluded
from policies.milestones.touch import (
    Instead,
    Kind,
    Step,
    Touch,
    Wording,
    medium_of,
    not_begun,
    why_instead,
)
from policies.values.choices import CONSENT, says_yes
from policies.values.dates import LEAP_YEAR, Birthday, birthday
from policies.values.no_value import BIRTH_YEARS
from policies.world.calendar import (
    DAY,
    anniversary,
    month_days,
    reminder,
    short,
)
from policies.world.model import Contact, Key, Task
from policies.world.snapshot import Snapshot

BIRTHDAY = Kind(name="birthday", lint=lint.birthday, send="MS-43", code="birthday")
AHEAD = 45
"""Days ahead at which the first reminder can be due to open."""
EARLY = "14d"
"""The step of the reminder that can be switched off."""
LOOK_BACK = 90
"""Days for which a passed birthday is checked for having been missed."""


def in_year(known: Birthday, year: int) -> date:
    """Return the birthday in *year*.

    February 29 is kept on February 28 of other years, so that it is never late (X-36).
    """
    return anniversary(date(LEAP_YEAR, known.month, known.day), year)


def decide(s: Snapshot) -> Iterator[Finding]:
    """Plan every birthday in sight, question odd dates, and withdraw what lost its ground."""
    odd, planned = list[Finding](), set[tuple[str, date]]()
    for contact, known, day in _in_sight(s):
        if known is None or day is None:
            odd.append(_no_date(s, contact))
        elif not _suspect(contact, known) or _checked(s, contact, day):
            planned.add((f"p{contact.id}", day))
            yield from chain.findings(s, _touch(s, contact, day))
        elif s.today <= day:
            odd.append(_placeholder(s, contact, day))
    yield from look_ups(s, "MS-29", odd)
    yield from lost_ground(s, BIRTHDAY, _ground, planned)
    if not s.practice.milestones.birthday_14_days:
        yield from close(Matter(_early_reminders(s)), "reminders 14 days before are switched off")


def _early_reminders(s: Snapshot) -> tuple[Task, ...]:
    """The tasks to reach out 14 days before a birthday."""
    asked = of_rule(s, BIRTHDAY.remind).tasks
    early = f"-{BIRTHDAY.code}-{EARLY}"
    return tuple(task for task in asked if task.key and task.key.base.episode.endswith(early))


def _in_sight(s: Snapshot) -> Iterator[tuple[Contact, Birthday | None, date | None]]:
    """Yield contacts with something to do about their Birthday field: the birthday and its day in
    sight, or None twice if the field holds no date.
    """
    sight = month_days(s.today - LOOK_BACK * DAY, s.today + AHEAD * DAY)
    for contact in s.contacts.values():
        written = contact.fields.get("birthday", "")
        if not written:
            continue
        known = birthday(written)
        if known and (known.month, known.day) not in sight:
            continue
        day = _day(s, known) if known else None
        if known and (day is None or not _in_progress(s, contact, day)):
            continue
        if kept(s, contact) is None:
            yield contact, known, day


def kept(s: Snapshot, contact: Contact) -> Excluded | None:
    """Return why this contact's birthday is not kept, or None if it is.

    The clauses are MS-01, MS-16, X-05, X-35, X-49 and X-57.
    """
    if reason := barred(s, contact, Way.TOUCH):  # a hold is asked about when the draft is due
        return Excluded(reason.text, positive=reason.positive)
    closed = [deal for deal in s.deals_of.get(contact.id, ()) if deal.side is not None]
    if not closed:
        return Excluded("no closed deal of theirs is known")
    if past_client(s, contact):
        return None
    staged = contact.stage is not None
    return Excluded("the contact is not in a Past Client stage", positive=staged)


def _suspect(contact: Contact, known: Birthday) -> bool:
    """Tell whether the date is one that is typed for "unknown" (X-37).

    These are 1900-01-01, 1970-01-01 and January 1 of the intake year.
    """
    intake = contact.created.year if contact.created else None
    return (
        (known.month, known.day) == (1, 1)
        and known.year is not None
        and known.year in {*BIRTH_YEARS, intake}
    )


def _check_key(contact: Contact, day: date) -> Key:
    return BIRTHDAY.key("MS-29", f"p{contact.id}", day, "check")


def _checked(s: Snapshot, contact: Contact, day: date) -> bool:
    return any(task.done for task in s.lives(_check_key(contact, day)))


def _no_date(s: Snapshot, contact: Contact) -> Finding:
    return look_up(
        s,
        Key("MS-29", f"p{contact.id}", quarter(s)),
        contact,
        "Birthday",
        contact.fields["birthday"],
        "which is no date",
    )


def _placeholder(s: Snapshot, contact: Contact, day: date) -> Finding:
    return look_up(
        s,
        _check_key(contact, day),
        contact,
        "Birthday",
        contact.fields["birthday"],
        "which is often written for an unknown one (X-37)",
    )


def _day(s: Snapshot, known: Birthday) -> date | None:
    """Return the birthday in sight, or None: none from before Steward began.

    There is at most one, because `LOOK_BACK` and `AHEAD` together are shorter than a year.
    """
    first, last = max(s.starts, s.today - LOOK_BACK * DAY), s.today + AHEAD * DAY
    return _between(known.month, known.day, first, last)


@lru_cache(maxsize=1_000)
def _between(month: int, of_month: int, first: date, last: date) -> date | None:
    days = (in_year(Birthday(month, of_month), year) for year in range(first.year, last.year + 1))
    return next((day for day in days if first <= day <= last), None)


def _in_progress(s: Snapshot, contact: Contact, day: date) -> bool:
    """Tell whether this birthday can need anything today: it has begun, and it is not over."""
    subject = f"p{contact.id}"
    if is_over(s, BIRTHDAY, subject, day):
        return False
    opens = reminder(day, 14, day, s.business).opens
    return not not_begun(s, BIRTHDAY, subject, day, opens)


def _touch(s: Snapshot, contact: Contact, day: date) -> Touch:
    medium, instead, why_card = _medium(s, contact)
    steps: tuple[Step, ...] = (
        Step(
            "7d",
            reminder(day, 7, day, s.business),
            to_agent=False,
            says=f"Prepare birthday {medium}",
            why="7 days before is the deadline to prepare it",
        ),
    )
    if s.practice.milestones.birthday_14_days:
        steps = (
            Step(
                EARLY,
                reminder(day, 14, day - 8 * DAY, s.business),
                to_agent=True,
                drafts=False,
                says="Personal touch",
                why="14 days before is the time for a personal touch",
            ),
            *steps,
        )
    return Touch(
        kind=BIRTHDAY,
        subject=f"p{contact.id}",
        contact=contact,
        day=day,
        target=day,
        steps=steps,
        title="Birthday",
        occasion=f"birthday on {short(day)}",
        facts=f"{contact.name} has a birthday on {short(day)} (from the field Birthday)",
        medium=medium,
        instead=instead,
        send_due=max(s.business.on_or_before(day), s.today),
        send_on=day,
        send_when=f"for {short(day)}, not later",
        ask=why_card,
        words=lambda: _words(s, contact, medium),
    )


def _medium(s: Snapshot, contact: Contact) -> tuple[str, Instead | None, str]:
    """Return the medium, the one it stands for, and why it is a card although another was chosen
    ("" if it is not). A text needs recorded consent (X-10).
    """
    channel = s.practice.milestones.birthday_channel
    if channel == "text" and not says_yes(contact.fields.get("text_consent", ""), CONSENT):
        return "card", None, "A card, because no consent to text messages is recorded (X-10)."
    medium, instead = medium_of(s, contact, channel.replace("email", "e-mail"))
    return medium, instead, why_instead(instead)


def _words(s: Snapshot, contact: Contact, medium: str) -> Wording:
    subject = s.practice.milestones.birthday_subject if medium == "e-mail" else ""
    unworded: tuple[str, ...] = ()
    if medium == "e-mail" and not subject:
        unworded = (
            "X-09: the procedure gives no subject for a birthday e-mail"
            " (set milestones.birthday_subject)",
        )
    named = contact.first_name.strip()
    return Wording(
        template="birthday",
        text=s.practice.templates.get("birthday", ""),
        subject=subject,
        questions=() if named else ("MS-34: the contact has no first name",),
        unworded=unworded,
        merge={"client_first_name": contact.first_name, "agent_name": s.practice.agent_name},
    )


def _ground(s: Snapshot, subject: str, day: date) -> str:
    contact = s.contact_by(subject)
    if contact is None:
        return ""  # an absent contact proves nothing
    excluded = kept(s, contact)
    if excluded:
        return excluded.reason if excluded.positive else ""
    known = birthday(contact.fields.get("birthday", ""))
    if known is None:
        return "the birthday was taken out of its field"
    if in_year(known, day.year) == day:
        return ""
    return f"the birthday is {known.month:02}/{known.day:02}, not {day:%m/%d}"
