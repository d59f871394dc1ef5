"""What comes back after a touch: a reply, a bounce, a returned card (MS-46, MS-47, MS-49, MS-51).

That a reply arrived is a fact, and it reaches the agent with its time. Whether it shows interest or
displeasure is for people to say: a tag the VA sets turns it into the procedure's escalation.
Steward answers nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from policies.asks.episodes import ARRANGE, SEND, parsed
from policies.asks.escalation import MilestoneIssue, milestone_message
from policies.asks.wants import Finding, WantNote, WantTask
from policies.facts.contact_permission import Way, named_signs, reason_against
from policies.facts.permission_table import EMAIL_DEAD, MAIL_RETURNED
from policies.milestones.birthday import BIRTHDAY
from policies.milestones.closing_anniversary import CLOSING, MOVE_IN
from policies.milestones.home_value import VALUE
from policies.milestones.homestead import HOMESTEAD
from policies.milestones.touch import Kind, holds
from policies.world.calendar import DAY, american, compact, short
from policies.world.model import (
    Communication,
    Contact,
    Key,
    MailFate,
    Task,
)
from policies.world.snapshot import Snapshot, tagged

KINDS: dict[tuple[str, str], Kind] = {
    (kind.send, kind.code): kind for kind in (CLOSING, MOVE_IN, BIRTHDAY, HOMESTEAD, VALUE)
}
SEND_RULES = frozenset(rule for rule, _ in KINDS)
LISTENING = 45
"""Days after a touch for which what comes back is taken for an answer to it."""
LATEST = 60
"""Days after its occasion by which even the latest kind of touch has gone out."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A touch that went out: which kind, for which occasion, and when its send task was ticked off
    (UTC).

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
    """Everything that came back after the latest touch to each household; nothing is classified by
    guessing.
    """
    latest: dict[int, Sent] = {}
    for sent in _sent(s):
        if sent.kept_on.id not in latest or latest[sent.kept_on.id].at < sent.at:
            latest[sent.kept_on.id] = sent
    for sent in latest.values():
        for contact in sent.people:
            if not reason_against(s, contact, Way.PROMPT):
                yield from _reply(s, sent, contact)
                yield from _tagged(s, sent, contact)
        yield from _undeliverable(s, sent)


def _sent(s: Snapshot) -> Iterator[Sent]:
    for tasks in s.own_tasks.values():
        for task in tasks:
            if (
                task.completed
                and task.key
                and task.key.rule in SEND_RULES
                and not task.withdrawn
                and (found := _of(s, task))
            ):
                yield found


def _of(s: Snapshot, task: Task) -> Sent | None:
    if task.key is None or task.key.rule not in SEND_RULES:
        return None
    episode = parsed(task.key.base.episode)
    if (
        episode is None
        or episode[2] not in {SEND, ARRANGE}
        or (s.today - episode[0]).days > LISTENING + LATEST
    ):
        return None
    kind, contact = KINDS.get((task.key.rule, episode[1])), s.contacts.get(task.person_id)
    if contact is None or contact.trashed:
        return None
    at = task.completed_at or datetime.combine(task.due or episode[0], datetime.min.time(), UTC)
    if kind is None or not 0 <= (s.today - at.astimezone(s.now.tzinfo).date()).days <= LISTENING:
        return None
    medium = {"Email": "e-mail", "Thank You": "card"}.get(task.kind, "")
    return Sent(
        kind,
        task.key.subject,
        episode[0],
        at,
        medium,
        contact,
        _household(s, task.key.subject, contact),
    )


def _household(s: Snapshot, subject: str, contact: Contact) -> tuple[Contact, ...]:
    """Everyone on the deal of a home's touch; the one person of a birthday."""
    deal = s.deal_by(subject)
    others = (
        [
            s.contacts[i]
            for i in deal.person_ids
            if i in s.contacts and i != contact.id and not s.contacts[i].trashed
        ]
        if deal
        else []
    )
    return (contact, *others)


def _reply(s: Snapshot, sent: Sent, contact: Contact) -> Iterator[Finding]:
    """A message from somebody of the household: one task at a time; another once that is done and
    they wrote again.
    """
    if not contact.inbound:
        return
    earlier = [
        t
        for t in s.own_tasks.get(sent.subject, ())
        if t.key
        and t.key.rule == "MS-46"
        and t.person_id == contact.id
        and t.key.episode.startswith(str(sent.key("MS-46", "reply").episode))
    ]
    seen = max([sent.at, *(t.completed_at or sent.at for t in earlier if t.completed)])
    answers = [heard for heard in contact.inbound if heard.at > seen]
    if not answers or any(not t.completed for t in earlier):
        return
    first = min(answers, key=lambda heard: heard.at)
    local = first.at.astimezone(s.now.tzinfo)
    when = f"{local:%m/%d/%Y %H:%M}"
    reason = (
        f"{sent.milestone} went out to {sent.kept_on.name}; {_called(first)} from {contact.name}"
        f" arrived on {when}"
    )
    key = sent.key(
        "MS-46",
        f"reply{compact(local.date())}{'' if contact is sent.kept_on else f'p{contact.id}'}",
    )
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
                f"Read and answer yourself: {contact.name} wrote or called ({first.channel},"
                f" {when}) after the {sent.kind.name}{_signed(s, contact)}"
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
                f"{_called(first).capitalize()} from {contact.name} arrived on {when}, after:"
                f" {sent.milestone}.\n"
                "Nobody has answered it for the agent. If it shows interest in buying or selling,"
                " tag the contact "
                f'"{s.practice.tags.interested[0]}"; if they are dissatisfied, '
                f'"{s.practice.tags.dissatisfied[0]}". Take the tag off when that is settled.'
            ),
        ),
    )


def _signed(s: Snapshot, contact: Contact) -> str:
    """The signs that the agent has to know before answering, behind the name of a task."""
    return "".join(f"; {sign}" for sign in named_signs(s, contact))


def _until(s: Snapshot, sent: Sent) -> date:
    return sent.at.astimezone(s.now.tzinfo).date() + (LISTENING + 1) * DAY


def _called(heard: Communication) -> str:
    return {"e-mail": "an e-mail", "call": "a call", "text": "a text"}[heard.channel]


def _tagged(s: Snapshot, sent: Sent, contact: Contact) -> Iterator[Finding]:
    """What people say a reply means: an active lead, or displeasure (MS-46, MS-49)."""
    for rule, step, tags, issue, says in (
        (
            "MS-46",
            "lead",
            s.practice.tags.interested,
            MilestoneIssue.ACTIVE_LEAD,
            "Active lead: call",
        ),
        (
            "MS-49",
            "dissatisfied",
            s.practice.tags.dissatisfied,
            MilestoneIssue.DISSATISFIED,
            "Dissatisfied: respond yourself to",
        ),
    ):
        if tagged(contact, tags):
            yield from _escalated(
                s,
                sent,
                contact,
                sent.key(rule, step),
                issue,
                f"{says} {contact.name}, after {_after(sent)}",
                f"{contact.name} is tagged {tags[0]!r} after {sent.milestone}",
            )


def _undeliverable(s: Snapshot, sent: Sent) -> Iterator[Finding]:
    """A touch that did not arrive, told by the signs of its own medium."""
    contact = sent.kept_on
    if what := _came_back(s, sent):
        yield from _escalated(
            s,
            sent,
            contact,
            sent.key("MS-47", "undeliverable"),
            MilestoneIssue.UNDELIVERABLE,
            f"Correct the record, {what}: {contact.name} ({_after(sent)})",
            f"{sent.milestone} went out and {what}",
        )


def _came_back(s: Snapshot, sent: Sent) -> str:
    bounced = s.once(_bounced).get(sent.kept_on.id)
    signs = {reason.sign for reason in holds(s, sent.kept_on, sent.medium)}
    if EMAIL_DEAD in signs or (sent.medium == "e-mail" and bounced and bounced >= sent.at):
        return "the e-mail bounced"
    if MAIL_RETURNED in signs:
        return "mail to the postal address came back"
    return ""


def _bounced(s: Snapshot) -> dict[int, datetime]:
    """When a mail to a contact last bounced."""
    found: dict[int, datetime] = {}
    for event in s.mail:
        if event.fate is MailFate.BOUNCED and event.at:
            found[event.person_id] = max(event.at, found.get(event.person_id, event.at))
    return found


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
