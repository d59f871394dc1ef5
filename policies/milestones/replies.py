"""Replies, bounces and returned cards after a touch (MS-46, MS-47, MS-49, MS-51).

The agent gets a task for each reply, with its time. Only people say whether it shows interest or
displeasure: a tag that the VA sets turns it into the procedure's escalation. Steward answers
nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from policies.asks.episodes import ARRANGE, SEND, parsed
from policies.asks.escalation import MilestoneIssue, milestone_message
from policies.asks.wants import Finding, WantNote, WantTask
from policies.facts.contact_permission import Way, named_signs, reason_against
from policies.milestones.closing_anniversary import CLOSING
from policies.milestones.homes import visible_people
from policies.milestones.settled import (
    KINDS,
    SEND_RULES,
    came_back,
    last_answer,
    medium,
    settled,
)
from policies.milestones.touch import Kind
from policies.world.calendar import DAY, american, compact, short
from policies.world.model import (
    Communication,
    Contact,
    Key,
    Task,
)
from policies.world.snapshot import Snapshot, tagged

LISTENING = 45
"""Days after a touch for which a message from the client counts as an answer to it."""
LATEST = 60
"""Days after its occasion by which even the latest kind of touch has gone out."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A touch that went out: its kind, its occasion, and when its send task was done (UTC).

    `kept_on` is the contact it sits on, `people` are all of its household: any of them may answer.
    """

    kind: Kind
    subject: str
    day: date
    at: datetime
    medium: str
    kept_on: Contact
    people: tuple[Contact, ...]

    def key(self, rule: str, step: str) -> Key:
        """The key of something that follows from this touch."""
        return self.kind.key(rule, self.subject, self.day, step)

    @property
    def milestone(self) -> str:
        """Type and date, as the escalation names it."""
        name = "Closing anniversary" if self.kind is CLOSING else self.kind.name.capitalize()
        return f"{name}, {american(self.day)}"


def decide(s: Snapshot) -> Iterator[Finding]:
    """Report everything that came back after the latest touch to each household."""
    latest: dict[int, Sent] = {}
    for sent in _sent(s):
        if sent.kept_on.id not in latest or latest[sent.kept_on.id].at < sent.at:
            latest[sent.kept_on.id] = sent
    for sent in latest.values():
        for contact in sent.people:
            heard = contact.inbound or tagged(contact, _answers(s))
            if heard and not reason_against(s, contact, Way.PROMPT):
                yield from _reply(s, sent, contact)
                yield from _tagged(s, sent, contact)
        yield from _undeliverable(s, sent)
    yield from settled(s)


def _answers(s: Snapshot) -> tuple[str, ...]:
    """Return the tags by which people say what a reply means."""
    return (*s.practice.tags.interested, *s.practice.tags.dissatisfied)


def _sent(s: Snapshot) -> Iterator[Sent]:
    """Yield the touches that went out recently enough to be answered."""
    for tasks in s.own_tasks.values():
        for task in tasks:
            if not task.completed or task.withdrawn:
                continue
            if task.key and task.key.rule in SEND_RULES and (found := _touch_sent_by(s, task)):
                yield found


def _touch_sent_by(s: Snapshot, task: Task) -> Sent | None:
    """Return the touch that went out by *task*, or None if it is no recent send task."""
    assert task.key is not None  # only send tasks of ours reach this
    day, code, step = parsed(task.key.base.episode) or (date.min, "", "")
    if step not in {SEND, ARRANGE} or (s.today - day).days > LISTENING + LATEST:
        return None
    kind, contact = KINDS.get((task.key.rule, code)), s.contacts.get(task.person_id)
    if kind is None or contact is None or contact.trashed:
        return None
    at = task.completed_at or datetime.combine(task.due or day, datetime.min.time(), UTC)
    if not 0 <= (s.today - at.astimezone(s.now.tzinfo).date()).days <= LISTENING:
        return None
    people = _household(s, task.key.subject, contact)
    return Sent(kind, task.key.subject, day, at, medium(task), contact, people)


def _household(s: Snapshot, subject: str, contact: Contact) -> tuple[Contact, ...]:
    """Return everyone on the deal of a home's touch, or the one person of a birthday."""
    deal = s.deal_by(subject)
    if deal is None or deal.person_ids == (contact.id,):
        return (contact,)
    people = visible_people(s, deal)
    return (contact, *(person for person in people if person.id != contact.id))


def _reply(s: Snapshot, sent: Sent, contact: Contact) -> Iterator[Finding]:
    """Want a task and a note for a message from somebody of the household.

    There is one task at a time: another only if they write again after it was done.
    """
    first = _unanswered(s, sent, contact)
    if first is None:
        return
    local = first.at.astimezone(s.now.tzinfo)
    when = f"{local:%m/%d/%Y %H:%M}"
    reason = (
        f"{sent.milestone} went out to {sent.kept_on.name};"
        f" {_called(first)} from {contact.name} arrived on {when}"
    )
    whose = "" if contact is sent.kept_on else f"p{contact.id}"
    key = sent.key("MS-46", f"reply{compact(local.date())}{whose}")
    yield Finding(
        "MS-46",
        reason,
        WantTask(
            key=key,
            person_id=contact.id,
            assignee=s.practice.agent_id,
            kind="Call",
            due=s.today,
            name=(
                f"{_signs_first(s, contact)}Read and answer yourself: {contact.name} wrote or"
                f" called ({first.channel}, {when}) after the {sent.kind.name}"
            ),
            useful_until=_until(s, sent),
        ),
    )
    yield Finding(
        "MS-51",
        reason,
        WantNote(
            key=key,
            person_id=contact.id,
            body=(
                f"{_signs_first(s, contact)}{_called(first).capitalize()} from {contact.name}"
                f" arrived on {when}, after: {sent.milestone}.\n"
                "Nobody has answered it for the agent. If it shows interest in buying or selling,"
                f' tag the contact "{s.practice.tags.interested[0]}";'
                f' if they are dissatisfied, "{s.practice.tags.dissatisfied[0]}".'
                " Take the tag off when that is settled."
            ),
        ),
    )


def _unanswered(s: Snapshot, sent: Sent, contact: Contact) -> Communication | None:
    """Return the first message since the touch, or since the last task about one was done.

    None if there is no such message, if a task about one is still open, or if we called or wrote
    to them after it. A task that was withdrawn answered nobody.
    """
    if not contact.inbound:
        return None
    earlier = [task for task in _reply_tasks(s, sent, contact) if not task.withdrawn]
    if any(not task.completed for task in earlier):
        return None
    answered = last_answer(s, contact) or sent.at
    seen = max([sent.at, answered, *(task.completed_at or sent.at for task in earlier)])
    messages = [message for message in contact.inbound if message.at > seen]
    return min(messages, key=lambda message: message.at, default=None)


def _reply_tasks(s: Snapshot, sent: Sent, contact: Contact) -> Iterator[Task]:
    """Yield our tasks about earlier replies of *contact* to this touch, open or done."""
    episode = sent.key("MS-46", "reply").episode
    for task in s.own_tasks.get(sent.subject, ()):
        if task.key is None or task.person_id != contact.id:
            continue
        if task.key.rule == "MS-46" and task.key.episode.startswith(episode):
            yield task


def _signs_first(s: Snapshot, contact: Contact) -> str:
    """The signs that the agent has to know before answering, for the beginning of a name, whose end
    may be cut off; "" for none (X-64).
    """
    text = "; ".join(named_signs(s, contact))
    return f"{text[:1].upper()}{text[1:]}: decide first. " if text else ""


def _until(s: Snapshot, sent: Sent) -> date:
    return sent.at.astimezone(s.now.tzinfo).date() + (LISTENING + 1) * DAY


def _called(heard: Communication) -> str:
    return {"e-mail": "an e-mail", "call": "a call", "text": "a text"}[heard.channel]


def _tagged(s: Snapshot, sent: Sent, contact: Contact) -> Iterator[Finding]:
    """Escalate a reply that people tagged as an active lead, or as displeasure (MS-46, MS-49)."""
    interested, dissatisfied = s.practice.tags.interested, s.practice.tags.dissatisfied
    if tagged(contact, interested):
        yield from _escalated(
            s,
            sent,
            contact,
            sent.key("MS-46", "lead"),
            MilestoneIssue.ACTIVE_LEAD,
            f"{_signs_first(s, contact)}Active lead: call {contact.name}, after {_after(sent)}",
            f"{contact.name} is tagged {interested[0]!r} after {sent.milestone}",
        )
    if tagged(contact, dissatisfied):
        yield from _escalated(
            s,
            sent,
            contact,
            sent.key("MS-49", "dissatisfied"),
            MilestoneIssue.DISSATISFIED,
            f"{_signs_first(s, contact)}Dissatisfied: respond yourself to {contact.name}, after"
            f" {_after(sent)}",
            f"{contact.name} is tagged {dissatisfied[0]!r} after {sent.milestone}",
        )


def _undeliverable(s: Snapshot, sent: Sent) -> Iterator[Finding]:
    """Escalate a touch that did not arrive, by the signs of its own medium (MS-47)."""
    contact = sent.kept_on
    if what := came_back(s, contact, sent.medium, sent.at):
        yield from _escalated(
            s,
            sent,
            contact,
            sent.key("MS-47", "undeliverable"),
            MilestoneIssue.UNDELIVERABLE,
            f"Correct the record, {what}: {contact.name} ({_after(sent)})",
            f"{sent.milestone} went out and {what}",
        )


def _after(sent: Sent) -> str:
    return f"{sent.kind.name} {short(sent.day)}"


def _escalated(
    s: Snapshot,
    sent: Sent,
    contact: Contact,
    key: Key,
    issue: MilestoneIssue,
    says: str,
    reason: str,
) -> Iterator[Finding]:
    practice = s.practice
    yield Finding(
        key.rule,
        reason,
        WantTask(
            key=key,
            person_id=contact.id,
            assignee=practice.agent_id,
            due=s.today,
            name=says,
            kind="Follow Up" if issue is MilestoneIssue.UNDELIVERABLE else "Call",
            useful_until=_until(s, sent),
        ),
    )
    yield Finding(
        "MS-50",
        reason,
        WantNote(
            key=key,
            person_id=contact.id,
            body=milestone_message(
                issue,
                agent=practice.agent_name,
                client=contact.name,
                va=practice.va_name,
                milestone=sent.milestone,
            ),
        ),
    )
