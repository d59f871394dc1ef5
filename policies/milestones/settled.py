"""The end of what came back after a touch (X-81, MS-46, MS-47, MS-49).

Each task ends with the fact that settles it. A message is answered by a call or a message of ours.
A tag is taken off. A wrong address is corrected in the record. Time alone ends none of them,
because a client who wrote waits for an answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from policies.asks.episodes import parsed
from policies.asks.followup import Matter, close, of_rule
from policies.asks.wants import Finding
from policies.facts import gone_records
from policies.facts.contact_permission import Verdict, Way, reasons_against, shows
from policies.facts.permission_table import EMAIL_DEAD, MAIL_RETURNED
from policies.milestones.birthday import BIRTHDAY
from policies.milestones.closing_anniversary import CLOSING, MOVE_IN
from policies.milestones.completion import went_out
from policies.milestones.home_value import VALUE
from policies.milestones.homestead import HOMESTEAD
from policies.milestones.touch import WAYS, Kind
from policies.world.calendar import DAY, american
from policies.world.model import Contact, MailFate, Task
from policies.world.snapshot import Snapshot, tagged

KINDS: dict[tuple[str, str], Kind] = {
    (kind.send, kind.code): kind for kind in (CLOSING, MOVE_IN, BIRTHDAY, HOMESTEAD, VALUE)
}
SEND_RULES = frozenset(rule for rule, _ in KINDS)
_BOUNCED, _RETURNED = frozenset({EMAIL_DEAD}), frozenset({MAIL_RETURNED})
_TAG_OFF = "the tag was taken off"


def settled(s: Snapshot) -> Iterator[Finding]:
    """Withdraw the agent's open tasks about what came back, once the record settles them."""
    for rule in sorted(gone_records.OF_THE_PERSON):
        for task in of_rule(s, rule).open_tasks:
            contact = s.contacts.get(task.person_id)
            if contact is None or contact.unreadable:
                continue  # nothing is known about them
            if because := _settled(s, task, contact):
                yield from close(Matter((task,)), because, over=True)


def _settled(s: Snapshot, task: Task, contact: Contact) -> str:
    """Return the fact that settles what *task* is about, or ""."""
    assert task.key is not None  # only own tasks reach this
    for reason in reasons_against(s, contact, Way.PROMPT):
        if reason.positive and reason.kind is not Verdict.HOLD:
            return reason.text
    day, code, step = parsed(task.key.base.episode) or (date.min, "", "")
    if step == "lead":
        return "" if tagged(contact, s.practice.tags.interested) else _TAG_OFF
    if step == "dissatisfied":
        return "" if tagged(contact, s.practice.tags.dissatisfied) else _TAG_OFF
    if step == "undeliverable":
        sent = _sent(s, task, day, code)
        still = came_back(s, contact, medium(sent), sent.completed_at) if sent else True
        return "" if still else "the record was corrected"
    return _answered(s, contact) if step.startswith("reply") else ""


def _answered(s: Snapshot, contact: Contact) -> str:
    """Say when we called or wrote to *contact* after their latest message, or ""."""
    heard = max((message.at for message in contact.inbound), default=None)
    answered = last_answer(s, contact)
    if heard is None or answered is None or answered <= heard:
        return ""
    return f"you called or wrote to them on {american(answered.astimezone(s.now.tzinfo).date())}"


def last_answer(s: Snapshot, contact: Contact) -> datetime | None:
    """Return when we last called or wrote to *contact*, or None.

    A text or an email around the day of another touch is that touch, and no answer to a message.
    """
    touches = s.once(_touches).get(contact.id, ())
    found = []
    for message in contact.outbound:
        day = message.at.astimezone(s.now.tzinfo).date()
        if message.channel == "call" or not any(a <= day <= b for a, b in touches):
            found.append(message.at)
    return max(found, default=None)


def _touches(s: Snapshot) -> Mapping[int, list[tuple[date, date]]]:
    """Return the days on which a touch may have gone out to each contact, by contact id."""
    found: dict[int, list[tuple[date, date]]] = {}
    for task in s.tasks:
        if task.key is None or task.key.rule not in SEND_RULES or not went_out(task):
            continue
        done = task.completed_at.astimezone(s.now.tzinfo).date() if task.completed_at else None
        occasion = parsed(task.key.base.episode)
        days = [day for day in (done, task.due, occasion[0] if occasion else None) if day]
        found.setdefault(task.person_id, []).append((min(days) - DAY, max(days) + DAY))
    return found


# -- what did not arrive ---------------------------------------------------------------------------


def medium(task: Task) -> str:
    """Return in what medium a send task went out, "" where its kind does not say."""
    return {"Email": "e-mail", "Thank You": "card"}.get(task.kind, "")


def came_back(s: Snapshot, contact: Contact, by: str, since: datetime | None) -> str:
    """Say that a touch to *contact* in the medium *by* did not arrive, by the record or by an event
    after *since*; "" where nothing shows that.
    """
    way = WAYS.get(by, Way.TOUCH)
    bounced = s.once(_bounced).get(contact.id) if way is Way.EMAIL and since else None
    if (bounced and since and bounced >= since) or shows(s, contact, way, _BOUNCED):
        return "the e-mail bounced"
    if shows(s, contact, way, _RETURNED):
        return "mail to the postal address came back"
    return ""


def _bounced(s: Snapshot) -> dict[int, datetime]:
    """Return when an e-mail to each contact last bounced, by contact id."""
    found: dict[int, datetime] = {}
    for event in s.mail:
        if event.fate is MailFate.BOUNCED and event.at:
            found[event.person_id] = max(event.at, found.get(event.person_id, event.at))
    return found


def _sent(s: Snapshot, task: Task, day: date, code: str) -> Task | None:
    """Return the send task of the touch that *task* is about, or None."""
    assert task.key is not None  # only own tasks reach this
    for one in s.own_tasks.get(task.key.subject, ()):
        if one.key is None or one.key.rule not in SEND_RULES or not went_out(one):
            continue
        if (parsed(one.key.base.episode) or ())[:2] == (day, code):
            return one
    return None
