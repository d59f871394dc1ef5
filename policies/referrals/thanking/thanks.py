"""Thanking a source within 48 hours: the prompt to the agent, and what ends it.

Everything here sits on the lead's record. The 48 hours run from receipt, nights and weekends
included (RF-02, RF-08, X-12).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from policies.asks import approvals
from policies.asks.followup import Matter, close, matter, withdrawn
from policies.asks.wants import Finding, Missed, WantNote, WantRaised, WantTask
from policies.facts.contact_permission import Reason, Way, reasons_against
from policies.referrals import corrected_source
from policies.referrals.referral import Referral, day_received, live, unread
from policies.referrals.thanking.evidence import (
    REFUSALS,
    USEFUL,
    permission_asked,
    prompt_key,
    sends_of,
    silent,
    thanked,
    waiting,
)
from policies.referrals.thanking.words import DUE, card, draft
from policies.world.calendar import DAY
from policies.world.model import Key, Task
from policies.world.snapshot import Snapshot

URGENT, BREACH = timedelta(hours=36), timedelta(hours=48)
REMINDER_PREFIX, URGENT_PREFIX = "Reminder: ", "Urgent: "
NOTHING_AGAINST = "nothing speaks against thanking them any longer"
_THANK = {False: "Thank ", True: "Not ready, see Approvals: thank "}
"""How the prompt begins while nothing holds the thanks, and while a sign does."""


def decide(s: Snapshot) -> Iterator[Finding]:
    """For every referral since Steward began: who is thanked, by when, and what is late."""
    for r in live(s):
        if unread(s, r):
            continue  # left alone in this pass, and nothing of theirs is ended either
        useful = s.today <= day_received(r) + USEFUL * DAY
        if because := silent(s, r):
            told = permission_asked(s, r) if waiting(s, r) else _told_once(s, r, because)
            yield from told if useful and r.source else ()
            yield from _called_off(s, r, because)
        elif useful:
            yield from _notice_over(s, r)
            yield from corrected_source.taken_back(s, r)
            yield from _prompt(s, r)
            yield from draft(s, r)
            yield from card(s, r)
        else:
            yield from _notice_over(s, r)
            yield from _too_late(s, r)


# -- the prompt ------------------------------------------------------------------------------------


def _prompt(s: Snapshot, r: Referral) -> Iterator[Finding]:
    key, told = prompt_key(s, r), thanked(s, r)
    reason = (
        f"{r.lead.name} was referred by {r.source_name} on {r.received:%m/%d/%Y %H:%M}; the thanks"
        " are due in 24 hours, 48 at most"
    )
    if told:
        yield from close(matter(s, [key]), told)
        return
    held = _held(s, r)
    yield from _restated(s, key, held)
    yield Finding(
        "RF-08",
        reason,
        WantTask(
            key=key,
            person_id=r.lead.id,
            assignee=s.practice.agent_id,
            kind="Thank You",
            name=f"{_THANK[bool(held)]}{r.source_name} for referring {r.lead.name}",
            due=(r.received + DUE).date(),
            due_at=r.received + DUE,
            useful_until=day_received(r) + USEFUL * DAY,
        ),
    )
    yield Finding(
        "RF-29",
        reason,
        WantNote(
            key=corrected_source.key(s, r, "RF-29", "prompt"),
            person_id=r.lead.id,
            body=prompt(s, r),
        ),
    )
    yield from (
        raised for task in s.lives(key) if not task.completed for raised in _raised(s, r, task)
    )
    if s.now >= r.received + BREACH:
        yield Finding(
            "RF-02",
            f"{reason}; there is no sign of it",
            Missed(
                key=r.key("RF-02", "thanks"),
                person_id=r.lead.id,
                client=r.source_name,
                what=f"Thank-you to {r.source_name} within 48 hours",
                due=(r.received + BREACH).date(),
            ),
        )


def _held(s: Snapshot, r: Referral) -> Reason | None:
    """The reason why nothing may go to the source now, or None. As in the row of the draft, a doubt
    holds nothing that was handed over.
    """
    row = approvals.read(s.workbook, corrected_source.key(s, r, "RF-13", "draft"))
    handed_over = bool(row and row.acted)
    reasons = reasons_against(s, r.source, Way.THANKS) if r.source else ()
    return next((reason for reason in reasons if reason.positive or not handed_over), None)


def _restated(s: Snapshot, key: Key, held: Reason | None) -> Iterator[Finding]:
    """Withdraw an open prompt that does not lead to the hold, or that leads to one that is over:
    another is made in the same pass (X-81).
    """
    wrong = _THANK[held is None]
    for task in s.lives(key):
        said = task.name.removeprefix(REMINDER_PREFIX).removeprefix(URGENT_PREFIX)
        if not task.completed and said.startswith(wrong):
            yield withdrawn(task, held.text if held else NOTHING_AGAINST, over=True)


def prompt(s: Snapshot, r: Referral) -> str:
    """The prompt to the agent in its exact words (RF-29)."""
    return (
        f"Hi {s.practice.agent_name} — new referral received: {r.lead.first_name or r.lead.name},"
        f" referred by {r.source_name}.\n{r.source_name} deserves a personal thank-you — would you"
        " like me to draft a message for you to send, or will you reach out directly?\nIf"
        f" drafting: preferred channel (text / email / call)?\n{s.practice.va_name}"
    )


def _raised(s: Snapshot, r: Referral, task: Task) -> Iterator[Finding]:
    assert task.key is not None  # only own tasks reach this
    waited = s.now - r.received
    if waited < DUE:
        return
    yield Finding(
        "RF-08",
        f"{r.source_name} has not been thanked for {waited // timedelta(hours=1)} hours",
        WantRaised(
            key=task.key,
            task_id=task.id,
            person_id=task.person_id,
            prefix=URGENT_PREFIX if waited >= URGENT else REMINDER_PREFIX,
            after=(REMINDER_PREFIX, URGENT_PREFIX),
        ),
    )


def _told_once(s: Snapshot, r: Referral, because: str) -> Iterator[Finding]:
    """A source nothing may be said to: the agent is told once."""
    reason = (
        f"{r.source_name}, who referred {r.lead.name}, is {because}: no thanks is drafted and no"
        " card is made"
    )
    yield Finding(
        "X-35",
        reason,
        WantTask(
            key=corrected_source.key_of_source(s, [r], "RF-08", "silent"),
            person_id=r.lead.id,
            assignee=s.practice.agent_id,
            kind="Follow Up",
            due=s.business.after(s.today, 1),
            useful_until=s.today + USEFUL * DAY,
            name=(
                f"{r.source_name} sent {r.lead.name} and is {because}: yours to decide, Steward"
                " drafts nothing"
            ),
        ),
    )


def _notice_over(s: Snapshot, r: Referral) -> Iterator[Finding]:
    """End that task once the source may be thanked (X-81)."""
    if r.source:
        told = (Key("RF-08", one, "silent") for one in corrected_source.subjects(s, [r]))
        yield from close(matter(s, told), NOTHING_AGAINST, clause="X-35")


def _called_off(s: Snapshot, r: Referral, because: str) -> Iterator[Finding]:
    """End everything that is open, however long ago it was asked (X-35)."""
    everything = corrected_source.everything(s, r)
    yield from close(everything, because, clause="X-35", safety=True, refusals=REFUSALS)


def _too_late(s: Snapshot, r: Referral) -> Iterator[Finding]:
    """End what nobody did while a thank-you was worth asking for (RF-02, X-81)."""
    told = thanked(s, r)
    because = told or f"{USEFUL} days have passed since the referral"
    status = f"{approvals.DONE}: {told}" if told else approvals.MISSED
    refusals = () if told else REFUSALS
    yield from close(_asked(s, r), because, status=status, over=True, refusals=refusals)


def _asked(s: Snapshot, r: Referral) -> Matter:
    """Everything that was asked about thanking this source: prompt, draft and card."""
    return matter(
        s,
        (
            prompt_key(s, r),
            *sends_of(s, r).values(),
            corrected_source.key(s, r, "RF-31", "card"),
        ),
        rows=(
            corrected_source.key(s, r, "RF-13", "draft"),
            corrected_source.key(s, r, "RF-31", "text"),
        ),
    )
