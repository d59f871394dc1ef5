"""Speed to lead: a lead from a portal is answered the same day (DB-17, X-45).

The agent is prompted when the lead is first seen. The name of the task says so if no attempt is
logged two hours before the end of the day, or the next morning for a lead that came in later. An
attempt is an outbound call, text or personal e-mail by anybody. The procedure's five minutes are
why this matters; a poll cannot promise them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from policies.asks.followup import Matter, close, matter, of_rule
from policies.asks.wants import Finding, WantNote, WantRaised, WantTask
from policies.facts import taxonomy
from policies.facts.contact_permission import Way, named_signs, reason_against
from policies.facts.ownership import added
from policies.facts.same_person import merges
from policies.facts.signs import contact_signs
from policies.values.names import folded, one_line
from policies.world.calendar import DAY, american, short
from policies.world.model import Contact, Key, Stage, Task
from policies.world.snapshot import Snapshot

RULE = "DB-17"
PRESSING = timedelta(hours=2)
"""The time before the end of the day that is left to make the attempt the same day."""
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
"""Stages of a lead who waits for a first response.

Do Not Contact is one of them: an inquiry reaches the agent from anybody (X-64).
"""


def decide(s: Snapshot) -> Iterator[Finding]:
    """Prompt the agent for every portal lead without an attempt, and withdraw obsolete prompts."""
    days: dict[date, list[Contact]] = {}
    for contact, day in portal_leads(s):
        if attempt(contact) is None:
            days.setdefault(day, []).append(contact)
    for day, contacts in sorted(days.items()):
        yield from _day(s, day, contacts)
    yield from _over(s, {day for day, contacts in days.items() if len(contacts) > A_DAY})


def _over(s: Snapshot, floods: set[date]) -> Iterator[Finding]:
    """Withdraw prompts for leads who opted out, died, moved on or came through no portal, and for
    floods that are over.
    """
    open_ = of_rule(s, RULE).open_tasks
    yield from _no_leads(s, open_)
    more = {task.key.base for task in open_ if task.key and task.key.base.subject == "a0"}
    for flood in sorted(more - {_more(day) for day in floods}):
        because = f"no more than {A_DAY} leads of that day are left; each has a task"
        yield from close(matter(s, [flood]), because)


def _no_leads(s: Snapshot, prompts: Sequence[Task]) -> Iterator[Finding]:
    for task in prompts:
        if task.key is None or task.key.subject == "a0":
            continue
        lead = s.contact_by(task.key.subject)
        person = _who_stayed(s, lead, task)
        if person is None or contact_signs.outside_pilot(s, person):
            continue
        if because := _responded(s, lead, person, task):
            yield from close(Matter((task,)), because, over=True)
        elif lead and (because := no_prompt(lead) or _no_portal(s, lead, person)):
            yield from close(Matter((task,)), because)
        elif RESPOND in task.name and (signs := _signs(s, person)):
            # A task that names the sign takes its place.
            yield from close(Matter((task,)), signs, safety=True)


def _who_stayed(s: Snapshot, lead: Contact | None, task: Task) -> Contact | None:
    """Return the contact whom a lead is, or was merged into: a merge moves the prompt there."""
    now = merges.current(s, lead.id) if lead else None
    return now or s.contacts.get(task.person_id) or lead


def _responded(s: Snapshot, lead: Contact | None, person: Contact, task: Task) -> str:
    """Say that somebody tried to reach a lead since they came in, or put them into the Trash, or
    that the contact they were merged into has a prompt of their own.
    """
    assert task.key is not None  # only own tasks reach this
    came = lead.created if lead else None
    if came is None and task.due:
        came = datetime.combine(task.due, time(), s.now.tzinfo)
    if came and (at := _latest_attempt(person, came)):
        return _says_attempt(s, at)
    if f"p{person.id}" != task.key.subject and _prompted(s, person):
        return f"merged into contact {person.id}, for whom there is a task"
    return "the contact is in the Trash" if person.trashed else ""


def _prompted(s: Snapshot, contact: Contact) -> bool:
    return any(not task.completed for task in s.lives(key(contact)))


def no_prompt(contact: Contact) -> str:
    """Return the stage that makes this contact no lead, in words, or "".

    A sign such as an opt-out is no reason: the inquiry reaches the agent, with the sign (X-64).
    """
    if contact.stage in _LEADS:
        return ""
    return f"is in {contact.stage_label}: no lead that waits for a first response"


def _more(day: date) -> Key:
    return Key(RULE, "a0", f"{day:%Y%m%d}-more")


def portal_leads(s: Snapshot) -> Iterator[tuple[Contact, date]]:
    """Yield the portal leads of the last two weeks, with the local day they came in.

    Leads from before Steward began are left out. One whom Steward leaves alone is among them: an
    inquiry reaches the agent from anybody (X-64).
    """
    first = max(s.starts, s.today - WATCHED * DAY)
    for _, contact in sorted(s.contacts.items()):
        day = added(s, contact)
        if day is None or not first <= day <= s.today:
            continue
        is_lead = through_portal(s, contact) and not no_prompt(contact)
        if is_lead and not reason_against(s, contact, Way.PROMPT):
            yield contact, day


def through_portal(s: Snapshot, contact: Contact) -> bool:
    """Tell whether the contact came through a portal, by source or tag."""
    portals = s.once(_portals)
    if folded(contact.source) in portals:
        return True
    return any(_names_portal(s, tag, portals) for tag in contact.tags)


def _no_portal(s: Snapshot, lead: Contact, person: Contact) -> str:
    """Say that no portal sent a lead, by the configuration of today, nor the contact they were
    merged into, or "". Nothing is known of a record whose tags cannot be read.
    """
    if any(one.unreadable or through_portal(s, one) for one in (lead, person)):
        return ""
    source = one_line(lead.source) or "the lead source on the record"
    return f"{source} is not one of your portals (portal_sources in the configuration)"


def _portals(s: Snapshot) -> frozenset[str]:
    return frozenset(folded(source) for source in s.practice.database.portal_sources)


def _names_portal(s: Snapshot, tag: str, portals: frozenset[str]) -> bool:
    return folded(tag) in portals or folded(taxonomy.lead_source(s, tag)) in portals


def attempt(contact: Contact) -> datetime | None:
    """Return the time of the latest attempt to reach this lead since it came in (UTC), or None."""
    assert contact.created is not None  # only dated leads come here
    return _latest_attempt(contact, contact.created)


def _latest_attempt(contact: Contact, since: datetime) -> datetime | None:
    return max((sent.at for sent in contact.outbound if sent.at >= since), default=None)


def flagged_from(s: Snapshot, contact: Contact) -> datetime:
    """Return the local time from which a lead without an attempt is flagged (X-45)."""
    assert contact.created is not None
    came = contact.created.astimezone(s.now.tzinfo)
    pressing = datetime.combine(came.date(), s.practice.database.day_end, s.now.tzinfo) - PRESSING
    if came <= pressing:
        return pressing
    return datetime.combine(came.date() + DAY, MORNING, s.now.tzinfo)


def key(contact: Contact) -> Key:
    """Return the key of a lead's prompt."""
    return Key(RULE, f"p{contact.id}", "respond")


def _day(s: Snapshot, day: date, contacts: Sequence[Contact]) -> Iterator[Finding]:
    """Prompt for the leads of one day: a task each up to `A_DAY`, one for all beyond that."""
    beyond = contacts[A_DAY:]
    prompted = [contact for contact in beyond if s.lives(key(contact))]
    rest = [contact for contact in beyond if not s.lives(key(contact))]
    for contact in (*contacts[:A_DAY], *prompted):
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
                    f"Respond now: more portal leads of {short(day)} than {A_DAY} have"
                    " no contact attempt; filter the CRM by that day"
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
        f"{RESPOND}: {contact.name} ({portal}, {short(day)})."
        " Confirm the property and offer a quick call"
    )
    # An import can bring back people the CRM has forgotten, and somebody who opted out may
    # inquire again. The agent can tell which it is; nobody else responds before that.
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
    if not signs and not reason_against(s, contact, Way.RECORD):
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
    """Return the signs against a response, for the beginning of a task; "" for none."""
    text = "; ".join(named_signs(s, contact))
    return f"{text[:1].upper()}{text[1:]}"


def suggested(s: Snapshot, contact: Contact) -> str:
    """Return the note with a first response for the agent to send.

    The response is brief, confirms the property, and offers a quick call.
    """
    agent = s.practice.agent_name
    return (
        f"Suggested first response, for {agent} to send; put in the property they asked about:\n\n"
        f"Hi {one_line(contact.first_name) or 'there'} — this is {agent}."
        " You asked about [the property]: yes, I can help with that one."
        " Do you have a few minutes for a quick call today?"
    )


def _says_attempt(s: Snapshot, at: datetime) -> str:
    return f"an attempt is logged on {at.astimezone(s.now.tzinfo):%m/%d/%Y %H:%M}"
