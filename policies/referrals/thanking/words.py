"""The words to a source: the draft of a thank-you, and of a handwritten card.

Their rows and tasks sit on the lead's record.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from policies.asks import approvals
from policies.asks.approvals import Decision
from policies.asks.drafts import EMPTY
from policies.asks.followup import close, matter, withdrawn
from policies.asks.privacy import leaks
from policies.asks.question import Question, ask
from policies.asks.wants import Finding, Missed, WantTask
from policies.facts import reach_to_use
from policies.facts.contact_permission import Way
from policies.facts.transactions import deals_of
from policies.referrals import corrected_source
from policies.referrals.referral import Referral, day_received
from policies.referrals.thanking.evidence import (
    CARD_DAYS,
    EMAIL,
    REFUSALS,
    TEXT,
    USEFUL,
    WAYS,
    barred,
    nowhere_to,
    permission_asked,
    sends_of,
    sign_against,
    thanked,
)
from policies.referrals.wording import Words, text_for, unclear
from policies.world.calendar import DAY, american
from policies.world.model import Key
from policies.world.snapshot import Snapshot

DUE = timedelta(hours=24)
"""The time within which a source is thanked."""
CHOICES = (TEXT, EMAIL, approvals.MYSELF, approvals.HOLD)
NOT_APPROVED = "it is not approved any more"

# -- the draft -------------------------------------------------------------------------------------


def draft(s: Snapshot, r: Referral) -> Iterator[Finding]:
    """A thank-you in the words of its type, for the agent to approve: how it goes out is the
    agent's choice (RF-13, RF-23, RF-30).
    """
    key, sends = corrected_source.key(s, r, "RF-13", "draft"), sends_of(s, r)
    row = approvals.read(s.workbook, key, CHOICES)
    if told := thanked(s, r):
        asked = matter(s, sends.values(), rows=[key])
        yield from close(asked, told, status=f"{approvals.DONE}: {told}", over=True)
        return
    if row and row.over and not row.status.startswith(approvals.WITHDRAWN):
        return  # what was withdrawn with a sign comes up again when the sign is lifted
    yield from permission_asked(s, r)
    words = text_for(s, "thank_you", r)
    question = _thank_you(s, r, words)
    question = replace(question, waiting=f"{_waits(s, r, row)}{_left_out(s, r)}")
    way = WAYS.get(row.choice, Way.THANKS) if row else Way.THANKS
    not_ready = _not_ready(s, r, row, words, way) or _nowhere(s, r, row)
    answer = ask(s, question, not_ready=not_ready)
    if answer.row:
        yield answer.row
    # A decision that was taken back, or whose words changed, sends nothing. A row that is missing
    # tells nothing.
    if row:
        yield from _stale(s, r, answer.choice)
    if answer.choice in sends:
        yield from _misdirected(s, r, answer.choice)
        yield _to_send(s, r, answer.choice, sends[answer.choice])


def _left_out(s: Snapshot, r: Referral) -> str:
    """The messages that cannot go out, for the Status while the agent has yet to choose."""
    never = barred(s, r)
    nowhere = {choice: why for choice, why in nowhere_to(s, r).items() if choice not in never}
    said = [f". {choice} is left out: {why}" for choice, why in never.items()]
    said += [f". {choice} cannot be done yet: {why}" for choice, why in nowhere.items()]
    return "".join(said)


def _nowhere(s: Snapshot, r: Referral, row: Decision | None) -> str:
    """Why what was chosen, and not handed over so far, has nowhere to go."""
    if row is None or row.acted or not (why := nowhere_to(s, r).get(row.choice)):
        return ""
    return f"RF-13: {why}; correct the record, or choose another way"


def _stale(s: Snapshot, r: Referral, chosen: str) -> Iterator[Finding]:
    """Withdraw the send tasks of what is not chosen now, with the sign that bars them where there
    is one: no limit holds back what protects the source (X-67).
    """
    for choice, send in sends_of(s, r).items():
        if choice == chosen:
            continue
        sign = sign_against(s, r, WAYS[choice])
        because = f"the agent chose {chosen}" if chosen else barred(s, r).get(choice, NOT_APPROVED)
        because = sign.text if sign and not chosen else because
        yield from close(matter(s, [send]), because, safety=bool(sign and sign.safety))


def _thank_you(s: Snapshot, r: Referral, words: Words) -> Question:
    left_out = barred(s, r)
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
        choices=tuple(choice for choice in CHOICES if choice not in left_out),
        barred=left_out,
        then={choice: (send,) for choice, send in sends_of(s, r).items()},
    )


def _misdirected(s: Snapshot, r: Referral, choice: str) -> Iterator[Finding]:
    """Withdraw an open send task that leaves open which address or number to use, or names a wrong
    one; another is made in the same pass (X-64).
    """
    for task in s.lives(sends_of(s, r)[choice]) if r.source else ():
        assert r.source is not None
        wrong = reach_to_use.misdirected(s, r.source, WAYS[choice], task.name)
        if wrong and not task.completed:
            yield withdrawn(task, reach_to_use.ANOTHER, safety=True)


def _to_send(s: Snapshot, r: Referral, choice: str, key: Key) -> Finding:
    only = reach_to_use.to_use(s, r.source, WAYS[choice]) if r.source else ""
    says = f"{choice.removesuffix(' it')} {r.source_name} the approved thank-you"
    return Finding(
        "RF-13",
        f"the agent approved the words in Approvals; {choice.lower()}",
        WantTask(
            key=key,
            person_id=r.lead.id,
            assignee=s.practice.va_id,
            kind="Text" if choice == TEXT else "Email",
            name=f"{only}{says} (words in Approvals)",
            due=max((r.received + DUE).date(), s.today),
            useful_until=day_received(r) + USEFUL * DAY,
        ),
    )


def _waits(s: Snapshot, r: Referral, row: Decision | None, way: Way = Way.THANKS) -> str:
    """The Status of the row until it is answered: a hold shows before anybody decides."""
    held = unclear(s, r, way, handed_over=bool(row and row.acted)) if not r.doubt else ""
    return f"{approvals.NOT_READY}: {held}" if held else approvals.WAITING


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


def card(s: Snapshot, r: Referral) -> Iterator[Finding]:
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
    words_of_card = text_for(s, "referral_card", r)
    reason = (
        f"{r.source_name} referred {r.lead.name} on {american(day_received(r))}; a card is"
        " coordinated within 3 business days"
    )
    question = Question(
        key=words,
        clause="RF-31",
        reason=reason,
        text=words_of_card.text,
        facts=words_of_card.facts,
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
    answer = ask(s, question, not_ready=_not_ready(s, r, row, words_of_card, Way.CARD))
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
