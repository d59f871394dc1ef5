"""A lead from a portal is answered the same day (DB-17, X-45).

The agent is prompted when the lead is first seen. If by two hours before the end of the day no
attempt is logged, the task says so in its place; for a lead that came in later than that it does so
the next morning. An attempt is an outbound call, text or personal e-mail; the CRM does not tell by
whom. The procedure's five minutes are why this matters, not what a poll can promise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from policies.asks.followup import Matter, close, matter, of_rule
from policies.asks.wants import Finding, WantNote, WantRaised, WantTask
from policies.facts import taxonomy
from policies.facts.contact_permission import named_signs
from policies.facts.ownership import added, kept, left_alone
from policies.facts.taxonomy import Category
from policies.world.calendar import DAY, american, short
from policies.world.model import (
    Contact,
    Key,
    Stage,
    folded,
    one_line,
)
from policies.world.snapshot import Snapshot

RULE = "DB-17"
PRESSING = timedelta(hours=2)
"""Before the end of the day: so long is left to make the attempt the same day."""
MORNING = time(6)
RESPOND = "Respond now"
LATE = "No attempt the same day: "
WATCHED = 14
"""Days for which a lead without an attempt is kept before the agent."""
A_DAY = 25
"""Leads of one day that get a task each; an import of hundreds is one task more."""
_LEADS = (
    None,
    Stage.NEW_LEAD,
    Stage.ATTEMPTING_CONTACT,
    Stage.ACTIVE_BUYER,
    Stage.ACTIVE_SELLER,
    Stage.DO_NOT_CONTACT,
)
"""Stages of a lead who waits for a first response. An inquiry reaches the agent also from somebody
who is Do Not Contact (X-64).
"""


def decide(s: Snapshot) -> Iterator[Finding]:
    """The prompt for every portal lead without an attempt, louder when its time is up; withdrawn
    once an attempt is logged, or nobody should make one any more.
    """
    days: dict[date, list[Contact]] = {}
    for contact, day in portal_leads(s):
        if (at := attempt(contact)) is not None:
            yield from _answered(s, contact, at)
        else:
            days.setdefault(day, []).append(contact)
    for day, contacts in sorted(days.items()):
        yield from _day(s, day, contacts)
    yield from _over(s, {day for day, contacts in days.items() if len(contacts) > A_DAY})


def _over(s: Snapshot, floods: set[date]) -> Iterator[Finding]:
    """The end of prompts to respond whose lead opted out, died or is no lead any more, and of the
    task about a flood of which few are left.
    """
    open_ = of_rule(s, RULE).open_tasks
    for task in open_:
        contact = s.contact_by(task.key.subject) if task.key else None
        if contact is None or left_alone(s, contact):
            continue
        if because := no_prompt(contact):
            yield from close(Matter((task,)), because)
        elif RESPOND in task.name and (signs := _signs(s, contact)):
            # A task that names the sign takes its place.
            yield from close(Matter((task,)), signs, safety=True)
    more = {key for task in open_ if task.key and (key := task.key.base).subject == "a0"} - {
        _more(day) for day in floods
    }
    for key_ in sorted(more):
        because = f"no more than {A_DAY} of them are left, each with a task"
        yield from close(matter(s, [key_]), because)


def no_prompt(contact: Contact) -> str:
    """The fact by which nobody is told to respond to a lead, or "": somebody put them into another
    stage. An inquiry reaches the agent whatever the sign, with the sign (X-64).
    """
    return (
        ""
        if contact.stage in _LEADS
        else f"is in {contact.stage_label}: no lead that waits for a first response"
    )


def _more(day: date) -> Key:
    return Key(RULE, "a0", f"{day:%Y%m%d}-more")


def portal_leads(s: Snapshot) -> Iterator[tuple[Contact, date]]:
    """Leads of the last two weeks that came through a portal since Steward began, with the local
    day they came in.
    """
    for contact in kept(s):
        day = added(s, contact)
        if (
            day
            and s.starts <= day <= s.today
            and (s.today - day).days <= WATCHED
            and through_portal(s, contact)
            and not no_prompt(contact)
        ):
            yield contact, day


def through_portal(s: Snapshot, contact: Contact) -> bool:
    """Whether the contact came through a portal, by source or tag."""
    portals = s.once(_portals)
    return folded(contact.source) in portals or _through(s, contact, portals)


def _portals(s: Snapshot) -> frozenset[str]:
    return frozenset(folded(source) for source in s.practice.database.portal_sources)


def _through(s: Snapshot, contact: Contact, portals: frozenset[str]) -> bool:
    known = taxonomy.of(s)
    return any(
        folded(tag) in portals
        or (
            (found := known.find(tag))
            and found[0] is Category.LEAD_SOURCE
            and folded(found[1]) in portals
        )
        for tag in contact.tags
    )


def attempt(contact: Contact) -> datetime | None:
    """When the latest attempt to reach this lead was made (UTC); None where none is logged since it
    came in.
    """
    assert contact.created is not None  # only dated leads come here
    return max((sent.at for sent in contact.outbound if sent.at >= contact.created), default=None)


def flagged_from(s: Snapshot, contact: Contact) -> datetime:
    """The local moment from which a lead without an attempt is flagged (X-45)."""
    assert contact.created is not None
    came = contact.created.astimezone(s.now.tzinfo)
    pressing = datetime.combine(came.date(), s.practice.database.day_end, s.now.tzinfo) - PRESSING
    return (
        pressing if came <= pressing else datetime.combine(came.date() + DAY, MORNING, s.now.tzinfo)
    )


def key(contact: Contact) -> Key:
    """The key of a lead's prompt."""
    return Key(RULE, f"p{contact.id}", "respond")


def _day(s: Snapshot, day: date, contacts: Sequence[Contact]) -> Iterator[Finding]:
    single, rest = contacts[:A_DAY], [c for c in contacts[A_DAY:] if not s.lives(key(c))]
    for contact in [*single, *(c for c in contacts[A_DAY:] if s.lives(key(c)))]:
        yield from _prompt(s, contact, day)
    if rest:
        yield Finding(
            RULE,
            f"{len(contacts)} portal leads of {american(day)} have no contact attempt",
            WantTask(
                key=_more(day),
                person_id=rest[0].id,
                assignee=s.practice.agent_id,
                kind="Call",
                due=s.today,
                name=(
                    f"Respond now: more portal leads of {short(day)} than {A_DAY} have no contact"
                    " attempt; filter the CRM by that day"
                ),
                useful_until=day + WATCHED * DAY,
            ),
        )


def _prompt(s: Snapshot, contact: Contact, day: date) -> Iterator[Finding]:
    late = s.now >= flagged_from(s, contact)
    portal = one_line(contact.source) or "a portal"
    reason = (
        f"{contact.name} came in through {portal} on {american(day)}; no contact attempt is logged"
    )
    says = (
        f"{RESPOND}: {contact.name} ({portal}, {short(day)}). Confirm the property and offer a"
        " quick call"
    )
    # An import brings back whom the CRM has forgotten, and somebody who opted out may
    # inquire anew: the agent can see which it is, and nobody else responds before.
    if signs := _signs(s, contact):
        says = f"{signs}: {contact.name} ({portal}, {short(day)}). Decide before anybody responds"
    yield Finding(
        RULE,
        reason,
        WantTask(
            key=key(contact),
            person_id=contact.id,
            assignee=s.practice.agent_id,
            kind="Call",
            due=s.today,
            name=f"{LATE if late else ''}{says}",
            useful_until=day + WATCHED * DAY,
        ),
    )
    if not signs:
        yield Finding(
            RULE,
            reason,
            WantNote(key=key(contact), person_id=contact.id, body=suggested(s, contact)),
        )
    if late:
        yield from (
            Finding(
                RULE,
                reason,
                WantRaised(key=key(contact), task_id=task.id, person_id=contact.id, prefix=LATE),
            )
            for task in s.lives(key(contact))
            if not task.completed
        )


def _signs(s: Snapshot, contact: Contact) -> str:
    """What speaks against a response, at the beginning of a task; "" for nothing."""
    text = "; ".join(named_signs(s, contact))
    return f"{text[:1].upper()}{text[1:]}"


def suggested(s: Snapshot, contact: Contact) -> str:
    """The note with a first response for the agent to send: brief, confirms the property, offers a
    quick call.
    """
    return (
        f"Suggested first response, for {s.practice.agent_name} to send; put in the property they"
        f" asked about:\n\nHi {one_line(contact.first_name) or 'there'} — this is"
        f" {s.practice.agent_name}. You asked about [the property]: yes, I can help with that one."
        " Do you have a few minutes for a quick call today?"
    )


def _answered(s: Snapshot, contact: Contact, at: datetime) -> Iterator[Finding]:
    because = f"an attempt is logged on {at.astimezone(s.now.tzinfo):%m/%d/%Y %H:%M}"
    yield from close(matter(s, [key(contact)]), because)
