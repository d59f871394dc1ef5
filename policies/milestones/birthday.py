"""Birthdays: 14 and 7 days before, one warm line for approval, sent on or before the day (MS-29,
MS-34, MS-43).

They belong to the person, not to a home: every past client of a closed deal keeps theirs for life,
whoever owns the house now (X-05). A birthday comes from its field alone and is never inferred; a
placeholder is asked about (X-37).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from policies.asks import lint
from policies.asks.pace import few, look_up, quarter
from policies.asks.wants import Finding
from policies.facts.contact_permission import Verdict, Way, refusal
from policies.facts.transactions import past_client
from policies.milestones import chain
from policies.milestones.completion import is_over
from policies.milestones.ground import lost_ground
from policies.milestones.homes import Excluded
from policies.milestones.touch import Kind, Step, Touch, Wording, asleep
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
from policies.world.model import Contact, Key
from policies.world.snapshot import Snapshot

BIRTHDAY = Kind(name="birthday", lint=lint.birthday, send="MS-43", code="birthday")
AHEAD = 45
"""Days ahead at which the first reminder can be due to open."""
LOOK_BACK = 90
"""Days for which a passed birthday is checked for having been missed."""


def in_year(known: Birthday, year: int) -> date:
    """The birthday in *year*; February 29 is kept on February 28 of other years, so that it is
    never late (X-36).
    """
    return anniversary(date(LEAP_YEAR, known.month, known.day), year)


def decide(s: Snapshot) -> Iterator[Finding]:
    """What is asked today for every birthday in sight, which field looks wrong, and which open
    tasks lost their ground.
    """
    sight, checks = month_days(s.today - LOOK_BACK * DAY, s.today + AHEAD * DAY), list[Finding]()
    for contact in s.contacts.values():
        written = contact.fields.get("birthday", "")
        if not written:
            continue
        known = birthday(written)
        if known and (
            (known.month, known.day) not in sight
            or not any(_awake(s, contact, day) for day in _days(s, known))
        ):
            continue
        if isinstance(kept(s, contact), Excluded):
            continue
        if known is None:
            checks.append(
                look_up(
                    s,
                    Key("MS-29", f"p{contact.id}", quarter(s)),
                    contact,
                    "Birthday",
                    written,
                    "which is no date",
                )
            )
            continue
        for day in _days(s, known):
            if _suspect(contact, known) and not _checked(s, contact, day):
                checks += [_placeholder(s, contact, day)] if s.today <= day else []
            elif _awake(s, contact, day):
                yield from chain.findings(s, _touch(s, contact, day))
    yield from few(s, "MS-29", checks)
    yield from lost_ground(s, BIRTHDAY, _ground)


def kept(s: Snapshot, contact: Contact) -> Excluded | None:
    """Why this contact's birthday is not kept, or None if it is (MS-01, MS-16, X-05, X-35, X-49,
    X-57).
    """
    reason = refusal(s, contact, Way.TOUCH)
    if reason and reason.kind is not Verdict.HOLD:  # a hold is asked about when the draft is due
        return Excluded(reason.text, positive=reason.positive)
    closed = [deal for deal in s.deals_of.get(contact.id, ()) if deal.side is not None]
    if not closed:
        return Excluded("no closed deal of theirs is known")
    return (
        None
        if past_client(s, contact)
        else Excluded(
            "the contact is not in a Past Client stage", positive=contact.stage is not None
        )
    )


def _suspect(contact: Contact, known: Birthday) -> bool:
    """Whether the date is what is written for "unknown": 1900-01-01, 1970-01-01, January 1 of the
    intake year (X-37).
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
    return any(task.completed and not task.withdrawn for task in s.lives(_check_key(contact, day)))


def _placeholder(s: Snapshot, contact: Contact, day: date) -> Finding:
    return look_up(
        s,
        _check_key(contact, day),
        contact,
        "Birthday",
        contact.fields["birthday"],
        "which is often written for an unknown one (X-37)",
    )


def _days(s: Snapshot, known: Birthday) -> tuple[date, ...]:
    """The birthdays in sight that are Steward's to keep."""
    return _between(
        known.month, known.day, max(s.starts, s.today - LOOK_BACK * DAY), s.today + AHEAD * DAY
    )


@lru_cache(maxsize=1_000)
def _between(month: int, of_month: int, first: date, last: date) -> tuple[date, ...]:
    days = (in_year(Birthday(month, of_month), year) for year in range(first.year, last.year + 1))
    return tuple(day for day in days if first <= day <= last)


def _awake(s: Snapshot, contact: Contact, day: date) -> bool:
    """Whether anything can be asked of this birthday today: it has begun, and it is not over."""
    subject = f"p{contact.id}"
    return not is_over(s, BIRTHDAY, subject, day) and not asleep(
        s, BIRTHDAY, subject, day, reminder(day, 14, day, s.business).opens
    )


def _touch(s: Snapshot, contact: Contact, day: date) -> Touch:
    medium, why_card = _medium(s, contact)
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
                "14d",
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
        closes=day,
        steps=steps,
        title="Birthday",
        occasion=f"birthday on {short(day)}",
        facts=f"{contact.name} has a birthday on {short(day)} (from the field Birthday)",
        medium=medium,
        send_due=max(s.business.on_or_before(day), s.today),
        send_on=day,
        send_when=f"for {short(day)}, not later",
        ask=why_card,
        words=lambda: _words(s, contact, medium),
    )


def _medium(s: Snapshot, contact: Contact) -> tuple[str, str]:
    """How it goes out, and why it is a card where a text was chosen: a text needs recorded consent
    (X-10).
    """
    channel = s.practice.milestones.birthday_channel
    if channel == "text" and not says_yes(contact.fields.get("text_consent", ""), CONSENT):
        return "card", "A card, because no consent to text messages is recorded (X-10)."
    return channel.replace("email", "e-mail"), ""


def _words(s: Snapshot, contact: Contact, medium: str) -> Wording:
    subject = s.practice.milestones.birthday_subject if medium == "e-mail" else ""
    questions = [] if contact.first_name.strip() else ["MS-34: the contact has no first name"]
    if medium == "e-mail" and not subject:
        questions.append(
            "X-09: the procedure gives no subject for a birthday e-mail (set"
            " milestones.birthday_subject)"
        )
    return Wording(
        template="birthday",
        text=s.practice.templates.get("birthday", ""),
        subject=subject,
        questions=tuple(questions),
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
