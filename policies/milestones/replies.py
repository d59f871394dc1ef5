"""What comes back after a touch: a reply, a bounce, a returned card (MS-46, MS-47, MS-49, MS-51).

That a reply arrived is a fact, and it reaches the agent with its time. Whether it shows interest or displeasure is for
people to say: a tag the VA sets turns it into the procedure's escalation. Steward answers nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from policies.calendar import DAY, american, short
from policies.escalation import MilestoneIssue, milestone_message
from policies.findings import Finding, WantNote, WantTask
from policies.milestones.birthday import BIRTHDAY
from policies.milestones.closing_anniversary import CLOSING, MOVE_IN
from policies.milestones.home_value import VALUE
from policies.milestones.homestead import HOMESTEAD
from policies.milestones.touch import Kind, parsed, undeliverable
from policies.model import Contact, Inbound, Key, MailFate, Task
from policies.snapshot import Snapshot, tagged

KINDS: dict[tuple[str, str], Kind] = {(kind.send, kind.code): kind for kind in (CLOSING, MOVE_IN, BIRTHDAY, HOMESTEAD, VALUE)}
SEND_RULES = frozenset(rule for rule, _ in KINDS)
LISTENING = 45
"""Days after a touch for which what comes back is taken for an answer to it."""
LATEST = 60
"""Days after its occasion by which even the latest kind of touch has gone out."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A touch that went out: which kind, for which occasion, and when its send task was ticked off (UTC)."""

    kind: Kind
    subject: str
    day: date
    at: datetime
    contact: Contact

    def key(self, rule: str, step: str) -> Key:
        """The key of something that follows from this touch."""
        return self.kind.key(rule, self.subject, self.day, step)

    @property
    def milestone(self) -> str:
        """Type and date, as the escalation names it."""
        return f"{self.kind.name.capitalize()}, {american(self.day)}"


def decide(s: Snapshot) -> Iterator[Finding]:
    """Everything that came back after a touch of the last weeks, for the agent; nothing is classified by guessing."""
    for sent in _sent(s):
        if s.left_alone(sent.contact):
            continue
        yield from _reply(s, sent)
        yield from _tagged(s, sent)
        yield from _undeliverable(s, sent)


def _sent(s: Snapshot) -> Iterator[Sent]:
    for tasks in s.own_tasks.values():
        for task in tasks:
            if task.completed and not task.withdrawn and (found := _of(s, task)):
                yield found


def _of(s: Snapshot, task: Task) -> Sent | None:
    if task.key is None or task.key.rule not in SEND_RULES:
        return None
    episode = parsed(task.key.base.episode)
    if episode is None or episode[2] != "send" or (s.today - episode[0]).days > LISTENING + LATEST:
        return None
    kind, contact = KINDS.get((task.key.rule, episode[1])), s.contacts.get(task.person_id)
    if contact is None or contact.trashed:
        return None
    at = task.completed_at or datetime.combine(task.due or episode[0], datetime.min.time(), UTC)
    if kind is None or not 0 <= (s.today - at.astimezone(s.now.tzinfo).date()).days <= LISTENING:
        return None
    return Sent(kind, task.key.subject, episode[0], at, contact)


def _reply(s: Snapshot, sent: Sent) -> Iterator[Finding]:
    answers = [heard for heard in sent.contact.inbound if heard.at > sent.at]
    if not answers:
        return
    first = min(answers, key=lambda heard: heard.at)
    when = f"{first.at.astimezone(s.now.tzinfo):%m/%d/%Y %H:%M}"
    reason = f"{sent.milestone} went out to {sent.contact.name}; {_called(first)} from them arrived on {when}"
    key = sent.key("MS-46", "reply")
    yield Finding("MS-46", reason, WantTask(
        key=key, person_id=sent.contact.id, assignee=s.practice.agent_id, kind="Call", due=s.today,
        name=f"{sent.contact.name} answered the {sent.kind.name} ({first.channel}, {when}): read it, and answer yourself",
        useful_until=sent.at.astimezone(s.now.tzinfo).date() + (LISTENING + 1) * DAY))
    yield Finding("MS-51", reason, WantNote(key=key, person_id=sent.contact.id, body=(
        f"{_called(first).capitalize()} from {sent.contact.name} arrived on {when}, after: {sent.milestone}.\n"
        "Nobody has answered it for the agent. If it shows interest in buying or selling, tag the contact "
        f"\"{s.practice.tags.interested[0]}\"; if they are dissatisfied, "
        f"\"{s.practice.tags.dissatisfied[0]}\".")))


def _called(heard: Inbound) -> str:
    return {"e-mail": "an e-mail", "call": "a call", "text": "a text"}[heard.channel]


def _tagged(s: Snapshot, sent: Sent) -> Iterator[Finding]:
    """What people say a reply means: an active lead, or displeasure (MS-46, MS-49)."""
    for rule, step, tags, issue, says in (
            ("MS-46", "lead", s.practice.tags.interested, MilestoneIssue.ACTIVE_LEAD, "Active lead: call"),
            ("MS-49", "dissatisfied", s.practice.tags.dissatisfied, MilestoneIssue.DISSATISFIED, "Dissatisfied: respond yourself to")):
        if tagged(sent.contact, tags):
            yield from _escalated(s, sent, sent.key(rule, step), issue, f"{says} {sent.contact.name}, after {_after(sent)}",
                                  f"{sent.contact.name} is tagged {tags[0]!r} after {sent.milestone}")


def _undeliverable(s: Snapshot, sent: Sent) -> Iterator[Finding]:
    bounced = any(e.person_id == sent.contact.id and e.fate is MailFate.BOUNCED and e.at and e.at >= sent.at for e in s.mail)
    returned = tagged(sent.contact, s.practice.tags.returned_mail)
    if not (bounced or returned or undeliverable(s, sent.contact)):
        return
    what = "mail to the postal address came back" if returned else "the e-mail bounced"
    yield from _escalated(s, sent, sent.key("MS-47", "undeliverable"), MilestoneIssue.UNDELIVERABLE,
                          f"Correct the record of {sent.contact.name}: {what} ({_after(sent)})", f"{sent.milestone} went out and {what}")


def _after(sent: Sent) -> str:
    return f"{sent.kind.name} {short(sent.day)}"


def _escalated(s: Snapshot, sent: Sent, key: Key, issue: MilestoneIssue, says: str, reason: str) -> Iterator[Finding]:
    practice = s.practice
    yield Finding(key.rule, reason, WantTask(
        key=key, person_id=sent.contact.id, assignee=practice.agent_id, due=s.today, name=says,
        kind="Follow Up" if issue is MilestoneIssue.UNDELIVERABLE else "Call",
        useful_until=sent.at.astimezone(s.now.tzinfo).date() + (LISTENING + 1) * DAY))
    yield Finding("MS-50", reason, WantNote(key=key, person_id=sent.contact.id, body=milestone_message(
        issue, agent=practice.agent_name, client=sent.contact.name, va=practice.va_name, milestone=sent.milestone)))
