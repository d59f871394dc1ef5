"""Thanking a source within 48 hours: the prompt to the agent, the draft, the card, and what counts
as evidence.

Everything here sits on the lead's record. The 48 hours run from receipt, nights and weekends
included (RF-02, RF-08, X-12). Evidence is the prompt or the send task ticked off, or a personal
call or text to the source since (X-63).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from policies.asks import approvals
from policies.asks.approvals import Decision
from policies.asks.drafts import EMPTY
from policies.asks.followup import Matter, close, matter
from policies.asks.privacy import leaks
from policies.asks.question import Question, ask
from policies.asks.wants import (
    Finding,
    Missed,
    WantNote,
    WantRaised,
    WantTask,
)
from policies.facts import permission_questions
from policies.facts.contact_permission import Verdict, Way, reason_against, reasons_against, refusal
from policies.facts.transactions import deals_of
from policies.referrals import absent_source, corrected_source
from policies.referrals.doubts import LEFT_ALONE
from policies.referrals.referral import Referral, candidates, day_received, live, unread
from policies.referrals.wording import Words, text_for, unclear
from policies.world.calendar import DAY, american
from policies.world.model import Contact, Key, Task
from policies.world.snapshot import Snapshot

DUE, URGENT, BREACH = timedelta(hours=24), timedelta(hours=36), timedelta(hours=48)
REMINDER_PREFIX, URGENT_PREFIX = "Reminder: ", "Urgent: "
USEFUL = 30
"""Days after receipt for which a thank-you is still worth asking for."""
TEXT, EMAIL = "Text it", "E-mail it"
CHOICES = (TEXT, EMAIL, approvals.MYSELF, approvals.HOLD)
REFUSALS = (approvals.REJECT, approvals.MYSELF)
"""Answers by which the agent wants nothing of Steward's to go out."""
NOTHING_AGAINST = "nothing speaks against thanking them any longer"
CARD_DAYS = 3
"""Business days within which a card is coordinated (RF-31)."""


def prompt_key(s: Snapshot, r: Referral) -> Key:
    """The key of the prompt to the agent."""
    return corrected_source.key(s, r, "RF-08", "thanks")


def silent(s: Snapshot, r: Referral) -> str:
    """Why nothing may be said to this source now, or "" (X-35, X-64): their own word or their
    death before anything else. While the source is not certain, why nothing may be said to anybody
    whom its name can mean.
    """
    if r.doubt == LEFT_ALONE:
        return absent_source.remembered_sign(s, r.entry)
    refused = [_refused(s, contact) for contact in candidates(s, r)]
    return next(iter(refused), "") if all(refused) else ""


def _refused(s: Snapshot, contact: Contact) -> str:
    reason = refusal(s, contact, Way.THANKS)
    if reason is None:
        return ""
    reasons = reasons_against(s, contact, Way.THANKS)
    return next((other.sign for other in reasons if other.opt_out), reason.sign)


def permission_asked(s: Snapshot, r: Referral) -> Sequence[Finding]:
    """Return the question whose answer the thanks wait for; nothing where no answer would help."""
    if r.source is None:
        return ()
    return tuple(permission_questions.asked_for(s, r.source, Way.THANKS))


def waiting(s: Snapshot, r: Referral) -> bool:
    """Tell whether the agent has yet to say if this source may be thanked at all (X-64)."""
    reason = refusal(s, r.source, Way.THANKS) if r.source else None
    return reason is not None and reason.kind is Verdict.HOLD


def thanked(s: Snapshot, r: Referral) -> str:
    """How the source was thanked, as the log says it; "" while there is no evidence (X-63)."""
    if noted := corrected_source.thanks_noted(s, r):
        return noted
    for task in (
        *s.lives(prompt_key(s, r)),
        *s.lives(_sends(s, r)[TEXT]),
    ):  # what the VA texted with approval is a personal text
        if task.done:
            done = (
                task.completed_at.astimezone(s.now.tzinfo).date() if task.completed_at else s.today
            )
            return f"Thank-you sent {american(done)}"
    for spoken in r.source.outbound if r.source else ():
        if spoken.channel in {"call", "text"} and spoken.at >= r.received:
            return f"Thank-you sent {american(spoken.at.astimezone(s.now.tzinfo).date())}"
    return ""


def mailed(s: Snapshot, r: Referral) -> str:
    """Note an email that went to the source since: alone it is no evidence (X-63)."""
    outbound = r.source.outbound if r.source else ()
    emails = [spoken for spoken in outbound if spoken.channel == "e-mail"]
    sent = any(task.done for task in s.lives(_sends(s, r)[EMAIL]))
    if sent and not emails:
        return "the approved e-mail was sent; tick the prompt off if that was the thanks"
    since = next((spoken for spoken in emails if spoken.at >= r.received), None)
    if since is None:
        return ""
    day = american(since.at.astimezone(s.now.tzinfo).date())
    return f"an e-mail went to the source on {day}; tick the prompt off if that was the thanks"


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
            yield from _draft(s, r)
            yield from _card(s, r)
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
    yield Finding(
        "RF-08",
        reason,
        WantTask(
            key=key,
            person_id=r.lead.id,
            assignee=s.practice.agent_id,
            kind="Thank You",
            name=f"Thank {r.source_name} for referring {r.lead.name}",
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
            *_sends(s, r).values(),
            corrected_source.key(s, r, "RF-31", "card"),
        ),
        rows=(
            corrected_source.key(s, r, "RF-13", "draft"),
            corrected_source.key(s, r, "RF-31", "text"),
        ),
    )


# -- the draft -------------------------------------------------------------------------------------


def _draft(s: Snapshot, r: Referral) -> Iterator[Finding]:
    """A thank-you in the words of its type, for the agent to approve: how it goes out is the
    agent's choice (RF-13, RF-23, RF-30).
    """
    key, sends = corrected_source.key(s, r, "RF-13", "draft"), _sends(s, r)
    row = approvals.read(s.workbook, key)
    if told := thanked(s, r):
        asked = matter(s, sends.values(), rows=[key])
        yield from close(asked, told, status=f"{approvals.DONE}: {told}", over=True)
        return
    if row and row.over and not row.status.startswith(approvals.WITHDRAWN):
        return  # what was withdrawn with a sign comes up again when the sign is lifted
    yield from permission_asked(s, r)
    words = text_for(s, "thank_you", r)
    question = replace(_thank_you(s, r, words), waiting=_waits(s, r, row))
    answer = ask(s, question, not_ready=_not_ready(s, r, row, words))
    if answer.row:
        yield answer.row
    # A decision that was taken back, or whose words changed, sends nothing. A row that is missing
    # tells nothing.
    stale = [send for choice, send in sends.items() if row and answer.choice != choice]
    yield from close(
        matter(s, stale),
        f"the agent chose {answer.choice}" if answer.choice else "it is not approved any more",
    )
    if answer.choice in sends:
        yield _to_send(s, r, answer.choice, sends[answer.choice])


def _thank_you(s: Snapshot, r: Referral, words: Words) -> Question:
    return Question(
        key=corrected_source.key(s, r, "RF-13", "draft"),
        clause="RF-13",
        reason=(
            f"{r.source_name} referred {r.lead.name}; nothing is said to a source without approval"
        ),
        what=(
            f"Thank-you to {r.source_name} for {r.lead.first_name or r.lead.name}. How shall it"
            " go out? You may change the words first."
        ),
        text=words.text,
        facts=words.facts,
        client=r.source_name,
        person_id=r.lead.id,
        due=(r.received + DUE).date(),
        choices=_choices(s, r),
        then={choice: (send,) for choice, send in _sends(s, r).items()},
    )


def _to_send(s: Snapshot, r: Referral, choice: str, key: Key) -> Finding:
    return Finding(
        "RF-13",
        f"the agent approved the words in Approvals; {choice.lower()}",
        WantTask(
            key=key,
            person_id=r.lead.id,
            assignee=s.practice.va_id,
            kind="Text" if choice == TEXT else "Email",
            name=(
                f"{choice.removesuffix(' it')} {r.source_name} the approved thank-you"
                " (words in Approvals)"
            ),
            due=max((r.received + DUE).date(), s.today),
            useful_until=day_received(r) + USEFUL * DAY,
        ),
    )


def _sends(s: Snapshot, r: Referral) -> Mapping[str, Key]:
    """The keys of the VA's send tasks, by the agent's choice."""
    return {
        TEXT: corrected_source.key(s, r, "RF-13", "send-text"),
        EMAIL: corrected_source.key(s, r, "RF-13", "send-email"),
    }


def _waits(s: Snapshot, r: Referral, row: Decision | None, way: Way = Way.THANKS) -> str:
    """The Status of the row until it is answered: a hold shows before anybody decides."""
    held = unclear(s, r, way, handed_over=bool(row and row.acted)) if not r.doubt else ""
    return f"{approvals.NOT_READY}: {held}" if held else approvals.WAITING


def _choices(s: Snapshot, r: Referral) -> tuple[str, ...]:
    """The ways to thank that nothing speaks against."""
    barred = []
    for choice, way in ((TEXT, Way.TEXT), (EMAIL, Way.EMAIL)):
        reason = reason_against(s, r.source, way) if r.source else None
        if reason and reason.kind is Verdict.NEVER:
            barred.append(choice)
    return tuple(choice for choice in CHOICES if choice not in barred)


def _not_ready(
    s: Snapshot, r: Referral, row: Decision | None, words: Words, way: Way = Way.THANKS
) -> str:
    """The reasons that hold the *words*, Steward's or the agent's own; "" where nothing holds
    them.
    """
    text = row.draft if row else words.text
    if because := unclear(s, r, way, handed_over=bool(row and row.acted)):
        return because
    if not text.strip():
        return words.lacking or EMPTY
    names = (s.practice.agent_name, r.source_name)
    return "; ".join(leaks(text, r.lead, deals_of(s, r.lead), names))


# -- the card --------------------------------------------------------------------------------------


def _card(s: Snapshot, r: Referral) -> Iterator[Finding]:
    """A handwritten card, where the agent uses them: its words are approved each time, its task is
    due in 3 business days (RF-31, X-14).
    """
    key, words = (corrected_source.key(s, r, "RF-31", step) for step in ("card", "text"))
    due = s.business.after(day_received(r), CARD_DAYS)
    row, asked = approvals.read(s.workbook, words), matter(s, [key], rows=[words])
    if any(task.done for task in s.lives(key)):
        because = "the card went out"
        yield from close(asked, because, status=f"{approvals.DONE}: {because}", over=True)
        return
    if not s.practice.referrals.handwritten_cards:
        yield from close(asked, "you use no handwritten cards", over=True, refusals=REFUSALS)
        return
    card = text_for(s, "referral_card", r)
    reason = (
        f"{r.source_name} referred {r.lead.name} on {american(day_received(r))}; a card is"
        " coordinated within 3 business days"
    )
    question = Question(
        key=words,
        clause="RF-31",
        reason=reason,
        text=card.text,
        facts=card.facts,
        client=r.source_name,
        person_id=r.lead.id,
        due=s.business.before(due),
        what=(
            f"Words of the card to {r.source_name} for {r.lead.first_name or r.lead.name},"
            " signed by you. No card goes out unapproved."
        ),
        waiting=_waits(s, r, row, Way.CARD),
        done="Approved: the VA has a task to coordinate it",
        then={approvals.APPROVE: (key,)},
    )
    answer = ask(s, question, not_ready=_not_ready(s, r, row, card, Way.CARD))
    if answer.row:
        yield answer.row
    if answer.choice == approvals.REJECT:
        yield from close(matter(s, [key]), "the agent wants no card")
        return
    yield from _coordinated(s, r, key, due, reason)


def _coordinated(s: Snapshot, r: Referral, key: Key, due: date, reason: str) -> Iterator[Finding]:
    """The VA's task for the card, and a line in `Missed` once it is late."""
    vendor = s.practice.referrals.card_vendor
    through = f" by {vendor}" if vendor else ""
    yield Finding(
        "RF-31",
        reason,
        WantTask(
            key=key,
            person_id=r.lead.id,
            assignee=s.practice.va_id,
            kind="Thank You",
            due=max(due, s.today),
            useful_until=due + USEFUL * DAY,
            name=f"Card{through} to {r.source_name}, once its words are approved in Approvals",
        ),
    )
    if s.today > due and not any(task.done for task in s.lives(key)):
        yield Finding(
            "RF-31",
            f"{reason}; it is not done",
            Missed(
                key=key,
                person_id=r.lead.id,
                client=r.source_name,
                what=f"Card to {r.source_name}",
                due=due,
            ),
        )


def annotated(s: Snapshot, r: Referral) -> str:
    """The part of the log's Status that is about the thanks; "" for nothing to say."""
    return "" if thanked(s, r) or silent(s, r) else mailed(s, r)
