"""The tasks of a touch: its reminders, the task to send it, and the agent's escalations.

The clauses are MS-04, MS-42, MS-43, MS-45 and MS-48.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from policies.asks.escalation import MilestoneIssue, milestone_message
from policies.asks.followup import close, matter, withdrawn
from policies.asks.wants import Finding, WantNote, WantTask
from policies.facts import permission_questions, reach_to_use
from policies.facts.contact_permission import Way, reasons_against
from policies.facts.signs import opt_out_feed
from policies.milestones.touch import WAYS, Step, Touch
from policies.world.calendar import DAY, american, last_call, short
from policies.world.model import Key
from policies.world.snapshot import Snapshot

DECIDE_LATE = 14
"""Days after its window for which the agent is asked what to do about a touch that was missed."""
NOT_READY = "it is not ready; its row in Approvals says why"
READY = "nothing holds it any longer"
_DRAFT = {False: "; the draft waits", True: "; not ready, see its row"}
_LAST_CALL = {False: "Approve by ", True: "See in Approvals what holds it by "}
"""Parts of a task's name, by whether something holds the touch."""
KINDS = {"e-mail": "Email", "text": "Text"}
"""The CRM's kinds of task by medium; a card is a "Thank You"."""


def reminders(s: Snapshot, t: Touch, *, held: bool = False) -> Iterator[Finding]:
    """Yield the reminders whose window is open.

    A missed reminder is not made up for once the next one is open: one task, not a pile (X-01).
    While a hold stands, the question that ends it comes instead of a reminder to reach out (X-64),
    and one about a draft that is *held* leads to its row.
    """
    yield from _not_to_reach_out(s, t)
    opened = [step for step in t.steps if s.today in step.window]
    for step in opened:
        key = t.key(t.kind.remind, step.name)
        if not (step is opened[-1] or s.today <= step.window.due or s.lives(key)):
            continue
        if _held(s, t, key, step):
            yield from permission_questions.asked_for(s, t.contact, Way.TOUCH)
        else:
            yield from _otherwise(s, t, key)
            yield from _restated(s, key, _DRAFT, held=held)
            yield _reminder(s, t, key, step, held=held)


def _otherwise(s: Snapshot, t: Touch, key: Key) -> Iterator[Finding]:
    """Withdraw an open reminder that asks for a medium that may not reach the person any longer:
    another is made in the same pass (X-64).
    """
    for task in s.lives(key) if t.instead else ():
        asks, _, _ = task.name.partition(":")
        if not task.completed and t.instead and asks.endswith(f" {t.instead.of}"):
            yield withdrawn(task, t.instead.because.text, safety=t.instead.because.safety)


def _restated(s: Snapshot, key: Key, says: Mapping[bool, str], *, held: bool) -> Iterator[Finding]:
    """Withdraw an open task that *says* what is not true, of a touch that is *held* or not: another
    is made in the same pass (X-81).
    """
    for task in s.lives(key):
        if not task.completed and says[not held] in task.name:
            yield withdrawn(task, NOT_READY if held else READY, over=True)


def _not_to_reach_out(s: Snapshot, t: Touch) -> Iterator[Finding]:
    """Withdraw the reminders by which the agent would act without a draft, also those of an earlier
    window, once a sign withdraws what is open.
    """
    reasons = reasons_against(s, t.contact, Way.TOUCH)
    if reason := next((reason for reason in reasons if reason.positive), None):
        steps = [step for step in t.steps if _without_draft(step)]
        reminders = matter(s, [t.key(t.kind.remind, step.name) for step in steps])
        yield from close(reminders, reason.text, safety=reason.safety)


def _without_draft(step: Step) -> bool:
    return step.to_agent and not step.drafts


def _held(s: Snapshot, t: Touch, key: Key, step: Step) -> bool:
    """Tell whether a hold keeps back a reminder by which the agent would act without a draft.

    A reminder that was made already stays, except where the sign withdraws what is open: the draft
    of the touch is weighed for itself (X-66).
    """
    if not _without_draft(step):
        return False
    made = any(not task.withdrawn for task in s.lives(key))
    reasons = reasons_against(s, t.contact, Way.TOUCH)
    return any(reason.positive or not made for reason in reasons)


def _reminder(s: Snapshot, t: Touch, key: Key, step: Step, *, held: bool) -> Finding:
    waits = "" if _without_draft(step) else f"{_DRAFT[held]} in Approvals"
    return Finding(
        key.rule,
        f"{t.facts}; {step.why}",
        WantTask(
            key=key,
            person_id=t.contact.id,
            assignee=s.practice.agent_id if step.to_agent else s.practice.va_id,
            kind="Follow Up",
            name=f"{step.says}: {t.contact.name}, {t.occasion}{waits}{unseen(s, t)}",
            due=step.window.due_from(s.today),
            useful_until=step.window.useful_until,
        ),
    )


def send(s: Snapshot, t: Touch, *, personal: bool) -> Finding:
    """Return the VA's task to send the approved text, or to arrange the agent's personal touch."""
    if personal:
        key, kind = t.personal_key, "Follow Up"
        name = f"Personal touch, see Context in Approvals: {t.contact.name}, by {short(t.closes)}"
    else:
        key, kind = t.send_key, KINDS.get(t.medium, "Thank You")
        only = reach_to_use.to_use(s, t.contact, WAYS.get(t.medium, Way.TOUCH))
        name = (
            f"{only}{'send' if only else 'Send'} the approved {t.kind.name} {t.medium}"
            f"{_through(s, t)}: {t.contact.name}, {t.send_when}{unseen(s, t)}"
        )
    return Finding(
        t.kind.send,
        f"{t.facts}; the agent approved it in Approvals",
        WantTask(
            key=key,
            person_id=t.contact.id,
            assignee=s.practice.va_id,
            kind=kind,
            name=name,
            due=t.send_due,
            useful_until=t.closes,
        ),
    )


def misdirected(s: Snapshot, t: Touch) -> Iterator[Finding]:
    """Withdraw an open task to send the text that leaves open which address to use, or names a
    wrong one; another is made in the same pass (X-64).
    """
    for task in s.lives(t.send_key):
        way = WAYS.get(t.medium, Way.TOUCH)
        if not task.completed and reach_to_use.misdirected(s, t.contact, way, task.name):
            yield withdrawn(task, reach_to_use.ANOTHER, safety=True)


def unseen(s: Snapshot, t: Touch) -> str:
    """The mark of an email while new unsubscribes are not visible (X-65)."""
    return opt_out_feed.mark(s) if t.medium == "e-mail" else ""


def _through(s: Snapshot, t: Touch) -> str:
    options = s.practice.milestones
    tools = {"e-mail": options.email_platform, "card": options.card_vendor}
    tool = tools.get(t.medium, "")
    return f" by {tool}" if tool else ""


def too_late(s: Snapshot, t: Touch) -> Iterator[Finding]:
    """Yield the agent's task about an approved touch that missed its window (X-81)."""
    until = t.closes + DECIDE_LATE * DAY
    if s.today > until:
        return
    medium = t.medium.replace("e-mail", "email")
    yield Finding(
        t.kind.send,
        f"{t.facts}; it was approved, and its send task was not done by {american(t.closes)}",
        WantTask(
            key=t.late_key,
            person_id=t.contact.id,
            assignee=s.practice.agent_id,
            kind="Follow Up",
            name=f"Too late: decide about {t.contact.name}'s {t.kind.name} {medium}",
            due=s.business.after(s.today, 1),
            useful_until=until,
        ),
    )


def unapproved(s: Snapshot, t: Touch, *, held: bool) -> Iterator[Finding]:
    """Tell the agent that the touch is within 48 hours and not approved (MS-45). One that is *held*
    cannot be approved: its row says what comes first.
    """
    window, key = last_call(t.target, t.closes, s.business), t.key("MS-45", "48h")
    yield from _restated(s, key, _LAST_CALL, held=held)
    yield from _escalated(
        s,
        t,
        key,
        MilestoneIssue.APPROVAL,
        f"{_LAST_CALL[held]}{short(t.target)} or it is missed: {t.contact.name}",
        f"{t.facts}; it is within 48 hours and not approved, so it is held",
        window.due_from(s.today),
    )


def without_context(s: Snapshot, t: Touch) -> Iterator[Finding]:
    """Tell the agent that a personal touch is asked for and not described (MS-48)."""
    yield from _escalated(
        s,
        t,
        t.key("MS-48", "context"),
        MilestoneIssue.MISSING_CONTEXT,
        f"Say what you want done for {t.contact.name}",
        f"{t.facts}; a personal touch is asked for without context, so it is held",
        s.today,
    )


def _escalated(
    s: Snapshot,
    t: Touch,
    key: Key,
    issue: MilestoneIssue,
    says: str,
    reason: str,
    due: date,
) -> Iterator[Finding]:
    """Yield one escalation: the agent's task, and the procedure's message as a note (MS-50)."""
    yield Finding(
        key.rule,
        reason,
        WantTask(
            key=key,
            person_id=t.contact.id,
            assignee=s.practice.agent_id,
            kind="Follow Up",
            name=f"{says}, {t.title[:1].lower()}{t.title[1:]}",
            due=due,
            useful_until=last_call(t.target, t.closes, s.business).useful_until,
        ),
    )
    body = milestone_message(
        issue,
        agent=s.practice.agent_name,
        client=t.contact.name,
        va=s.practice.va_name,
        milestone=f"{t.title}, {american(t.day)}",
    )
    yield Finding("MS-50", reason, WantNote(key=key, person_id=t.contact.id, body=body))
