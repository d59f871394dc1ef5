"""Recognition of a source after a closing: the agent chooses in `Approvals`, the VA orders within a
week (RF-03, RF-11, RF-35, RF-36).

A card with the neutral note is preselected: "Approve" takes it. Gifts are offered only where the
agent or broker has confirmed them for the referral's type (X-56). All of it sits on the lead's
record: a source learns of no closing from us.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from policies.asks import approvals
from policies.asks.approvals import Decision
from policies.asks.drafts import EMPTY, Facts, digest
from policies.asks.followup import Matter, close, matter, withdrawn
from policies.asks.privacy import identifies
from policies.asks.question import Answer, Question, ask
from policies.asks.wants import Finding, Missed, WantTask
from policies.facts import reach_to_use
from policies.facts.contact_permission import Way
from policies.facts.referral_log import AGENT, PROFESSIONAL
from policies.facts.transactions import deals_of
from policies.referrals.corrected_source import anothers
from policies.referrals.outcome import SETTLED, Closing, closing_of
from policies.referrals.referral import Referral, referrals, unread
from policies.referrals.thanking.evidence import (
    EMAIL,
    TEXT,
    WAYS,
    barred,
    nowhere_to,
    permission_asked,
    sign_against,
    silent,
    waiting,
)
from policies.referrals.wording import NAMELESS, to_source, unclear
from policies.world.calendar import DAY, american
from policies.world.model import Key, Task
from policies.world.snapshot import Snapshot

NOT_CHOSEN = "it is not chosen any more"
WEEK = 7
"""Days after closing within which the recognition is ordered and coordinated (RF-36)."""
THEIR_NOTE, WARM, FEE = "Card, the procedure's note", "Text or e-mail instead", "Referral fee only"
GIFTS = {"gift card": "Gift card", "food or wine": "Food or wine", "donation": "Donation"}
PLAIN = (approvals.APPROVE, THEIR_NOTE, WARM)
_A_MESSAGE = "Thank-you by "
_MESSAGES = {TEXT: "text", EMAIL: "e-mail"}
_A_CARD = "a card with note A"
_NOTHING = "nothing: you use no cards, and neither a text nor an e-mail may reach them"
_MEANINGS = (
    _A_CARD,
    _NOTHING,
    *(f"a warm {ways} (you use no cards)" for ways in ("text or e-mail", "text", "e-mail")),
)
"""The meanings of "Approve", with and without cards."""
REFUSALS = (approvals.REJECT, FEE)
"""Answers after which nothing is ordered."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """The recognition of one closing: its keys, and what the agent may choose from."""

    r: Referral
    closing: Closing
    choices: tuple[str, ...]

    @property
    def told(self) -> Key:
        """The key of the agent's task: a referral that closes again, on another day, is recognised
        again only by a person.
        """
        return self.r.key("RF-03", "closed")

    @property
    def question(self) -> Key:
        """The key of what the agent is asked."""
        return self.r.key("RF-35", "recognition")

    def order(self, choice: str) -> Key:
        """The key of the VA's task for one choice: another choice later gets another task."""
        return self.r.key("RF-36", "order-" + "".join(c for c in choice.casefold() if c.isalnum()))


def decide(s: Snapshot) -> Iterator[Finding]:
    """Ask the agent to choose a recognition for every closed referral, then the VA to order it."""
    for r in referrals(s):
        if unread(s, r):
            continue  # left alone in this pass, and nothing of theirs is ended either
        closing = closing_of(s, r) if r.logged else None
        if because := silent(s, r) if closing else "the closing was taken back":
            yield from close(
                _asked(s, r),
                because,
                clause="RF-36",
                safety=closing is not None,
                refusals=REFUSALS if closing else (),
            )
        if not (because and closing):
            yield from _notice_over(s, r, because)
        if closing and closing.day >= s.starts and not recognised(s, r):
            if closing.day >= s.today - SETTLED * DAY:
                yield from _one(s, Recognition(r, closing, _choices(s, r)))
            else:
                because = f"{SETTLED} days have passed since the closing"
                yield from close(
                    _asked(s, r),
                    because,
                    clause="RF-36",
                    status=approvals.MISSED,
                    over=True,
                    refusals=REFUSALS,
                )
    yield from _over(s)


def recognised(s: Snapshot, r: Referral) -> str:
    """How the source was recognised, as the log says it; "" while nothing was done."""
    if r.row and (noted := r.row.text("Recognised")):
        return noted
    for task in _orders(s, r):
        if task.done:
            done = (
                task.completed_at.astimezone(s.now.tzinfo).date() if task.completed_at else s.today
            )
            return f"{_called(task.name)} sent {american(done)}"
    return ""


def _orders(s: Snapshot, r: Referral) -> Iterator[Task]:
    return (t for t in s.own_tasks.get(r.subject, ()) if t.key and t.key.rule == "RF-36")


def _called(name: str) -> str:
    """The thing that was sent, by the first words of the task that said so."""
    said = name.casefold().partition(" to ")[0]
    return next(
        (word for word in (*GIFTS.values(), "Card") if said.startswith(word.casefold())),
        "Thank-you",
    )


def _choices(s: Snapshot, r: Referral) -> tuple[str, ...]:
    confirmed = (
        s.practice.referrals.gifts_confirmed.get(r.type, ()) if r.type != PROFESSIONAL else ()
    )
    gifts = tuple(words for gift, words in GIFTS.items() if gift in confirmed)
    plain = PLAIN if _message(s, r) else tuple(choice for choice in PLAIN if choice != WARM)
    return (*plain, *gifts, *((FEE,) if r.type == AGENT else ()), approvals.HOLD, approvals.REJECT)


def _message(s: Snapshot, r: Referral) -> str:
    """The kinds of message that may reach the source, "text or e-mail" for both (X-64)."""
    closed = barred(s, r)
    return " or ".join(kind for choice, kind in _MESSAGES.items() if choice not in closed)


def _reachable_by(s: Snapshot, r: Referral) -> str:
    """Those of them that have an address or number to go to today."""
    closed = barred(s, r).keys() | nowhere_to(s, r).keys()
    return " or ".join(kind for choice, kind in _MESSAGES.items() if choice not in closed)


def _not_by(s: Snapshot, r: Referral, task: Task) -> tuple[str, bool] | None:
    """Why a task for a message is void, and whether that protects the source: a kind that it names
    may not reach them any longer. None while each may, and for any other task.
    """
    said, _, _ = task.name.partition(" to ")
    named = said.removeprefix(_A_MESSAGE).split(" or ") if said.startswith(_A_MESSAGE) else ()
    for choice, why in barred(s, r).items():
        if _MESSAGES[choice] in named:
            sign = sign_against(s, r, WAYS[choice])
            return why, bool(sign and sign.safety)
    return None


def _one(s: Snapshot, one: Recognition) -> Iterator[Finding]:
    r, due = one.r, one.closing.day + WEEK * DAY
    reason = (
        f"{r.lead.name}, referred by {r.source_name}, closed on {american(one.closing.day)}; the"
        " source is recognised within a week"
    )
    if because := silent(s, r):
        yield from permission_asked(s, r)
        if r.source and not waiting(s, r):
            yield _told_silent(s, r, because, reason)
        return
    answer = _answer(s, one, due, reason)
    if answer.row:
        yield answer.row
    yield from _superseded(s, one, answer.choice, reason)
    if answer.choice in REFUSALS:
        return
    if answer.choice:
        yield _order(s, one, answer.choice, due, reason)
    else:
        yield _to_choose(s, one, reason)
    if s.today > due:
        yield Finding(
            "RF-36",
            f"{reason}; it is not done",
            Missed(
                key=r.key("RF-36", "recognition"),
                person_id=r.lead.id,
                client=r.source_name,
                what=f"Recognition of {r.source_name}",
                due=due,
            ),
        )


def _notice_over(s: Snapshot, r: Referral, because: str) -> Iterator[Finding]:
    """End the notice about a source nothing may be said to, however long ago the closing was
    (X-81).
    """
    because = because or "nothing speaks against recognizing them any longer"
    yield from close(matter(s, [r.key("RF-03", "silent")]), because, clause="X-35")


def _told_silent(s: Snapshot, r: Referral, because: str, reason: str) -> Finding:
    return Finding(
        "X-35",
        reason,
        WantTask(
            key=r.key("RF-03", "silent"),
            person_id=r.lead.id,
            assignee=s.practice.agent_id,
            kind="Follow Up",
            due=s.business.after(s.today, 1),
            useful_until=s.today + SETTLED * DAY,
            name=(
                f"{r.lead.name} closed; {r.source_name}, who sent them, is {because}: no"
                " recognition is made"
            ),
        ),
    )


def _to_choose(s: Snapshot, one: Recognition, reason: str) -> Finding:
    r = one.r
    return Finding(
        "RF-03",
        reason,
        WantTask(
            key=one.told,
            person_id=r.lead.id,
            assignee=s.practice.agent_id,
            kind="Thank You",
            due=max(s.business.after(one.closing.day, 2), s.today),
            useful_until=one.closing.day + SETTLED * DAY,
            name=f"{r.lead.name} closed: choose the recognition of {r.source_name} in Approvals",
        ),
    )


def _superseded(s: Snapshot, one: Recognition, choice: str, reason: str) -> Iterator[Finding]:
    """Withdraw the tasks that the agent's current choice, or its removal, makes obsolete. If the
    row is missing, do nothing.
    """
    if not choice and approvals.read(s.workbook, one.question) is None:
        return
    kept, asked = (one.order(choice), s.lives(one.told)) if choice else (one.told, ())
    sign = sign_against(s, one.r, Way.THANKS)
    safety = bool(sign and sign.safety)
    because = f"the agent chose {choice}" if choice else sign.text if sign else NOT_CHOSEN
    for task in (*asked, *_orders(s, one.r)):
        if not task.completed and task.key and task.key.base != kept:
            yield withdrawn(task, because, clause="RF-36", reason=reason, safety=safety)
        elif not task.completed and anothers(s, one.r, task):
            # Another task, to the right source, is made in this pass.
            sender = f"it was {one.r.source_name} who sent them"
            yield withdrawn(task, sender, clause="RF-36", reason=reason)
        elif not task.completed and (closed := _not_by(s, one.r, task)):
            why, protects = closed
            yield withdrawn(task, why, clause="RF-36", reason=reason, safety=protects)


def _asked(s: Snapshot, r: Referral) -> Matter:
    """Everything that was asked about the recognition."""
    told = matter(s, [r.key("RF-03", "closed")], rows=[r.key("RF-35", "recognition")])
    return Matter((*told.tasks, *_orders(s, r)), told.rows)


def _answer(s: Snapshot, one: Recognition, due: date, reason: str) -> Answer:
    return ask(s, _question(s, one, due, reason), not_ready=_not_ready(s, one))


def _not_ready(s: Snapshot, one: Recognition) -> str:
    """The reasons that hold the recognition; in the agent's own words, everything about the client
    beyond a first name (RF-18).
    """
    r, row = one.r, approvals.read(s.workbook, one.question)
    if because := unclear(s, r, handed_over=bool(row and row.acted)):
        return because
    if row and row.choice == approvals.APPROVE and _preselected(s, r) == _NOTHING:
        return f"Approve means {_NOTHING}"
    if row and (because := _other_meaning(s, one, row)):
        return because
    text = row.draft if row else ""
    if row and not text.strip():
        return EMPTY
    own = text if row and digest(text) != row.rendered else ""
    if not own and not to_source(s, r).lead_first_name:
        return NAMELESS
    return "; ".join(
        identifies(own, r.lead, deals_of(s, r.lead), (s.practice.agent_name, r.source_name))
    )


def _preselected(s: Snapshot, r: Referral) -> str:
    """The meaning of "Approve" today."""
    if s.practice.referrals.handwritten_cards:
        return _A_CARD
    kinds = _message(s, r)
    return f"a warm {kinds} (you use no cards)" if kinds else _NOTHING


def _waiting(s: Snapshot, one: Recognition) -> str:
    """The Status until the agent chooses: it says what "Approve" stands for, where the row was put
    up while it stood for something else (X-92).
    """
    row, today = approvals.read(s.workbook, one.question), _preselected(s, one.r)
    asked = row.row.text("What") if row else ""
    if any(word in asked for word in _MEANINGS if word != today):
        return f"{approvals.WAITING}. Approve means {today} now"
    return approvals.WAITING


def _other_meaning(s: Snapshot, one: Recognition, row: Decision) -> str:
    """Say why an Approve does not count that was chosen before the row said what it stands for."""
    waiting = _waiting(s, one)
    if row.acted or row.choice != approvals.APPROVE or waiting == approvals.WAITING:
        return ""
    if row.status.startswith(waiting):
        return ""
    return f"Approve means {_preselected(s, one.r)} now. Clear the Decision cell, then choose again"


def declined(s: Snapshot, r: Referral, closing: Closing) -> bool:
    """Whether the agent wants nothing ordered for this closing."""
    return _answer(s, Recognition(r, closing, _choices(s, r)), closing.day, "").choice in REFUSALS


def _question(s: Snapshot, one: Recognition, due: date, reason: str) -> Question:
    r, options = one.r, s.practice.referrals
    preselected = _preselected(s, r)
    budget = (
        f" Budget: {options.gift_budget}."
        if options.gift_budget and not set(GIFTS.values()).isdisjoint(one.choices)
        else ""
    )
    ordered = {
        choice: (one.order(choice),)
        for choice in one.choices
        if choice not in {FEE, approvals.HOLD, approvals.REJECT}
    }
    text, facts = notes(s, r)
    return Question(
        key=one.question,
        clause="RF-35",
        reason=reason,
        text=text,
        facts=facts,
        client=r.source_name,
        person_id=r.lead.id,
        due=due,
        what=(
            f"{r.lead.name} closed on {american(one.closing.day)}. How is {r.source_name}"
            f" recognised? Preselected, by Approve: {preselected}. Note B speaks of the closing:"
            f" choose it only if that may be said.{budget}"
        ),
        choices=one.choices,
        barred={} if WARM in one.choices else {WARM: "neither may reach them"},
        waiting=_waiting(s, one),
        then=ordered,
        done=f"{approvals.ANSWERED}: {approvals.APPROVE}",
    )


def notes(s: Snapshot, r: Referral) -> tuple[str, Facts]:
    """The two wordings side by side, the neutral one first, and the facts in them (X-13)."""
    values, templates = to_source(s, r), s.practice.templates
    neutral, theirs = templates["recognition_note_neutral"], templates["recognition_note"]
    text = f"A (neutral): {values.render(neutral)}\nB (the procedure's): {values.render(theirs)}"
    return text, values.facts(neutral, theirs)


def _order(s: Snapshot, one: Recognition, choice: str, due: date, reason: str) -> Finding:
    options, r = s.practice.referrals, one.r
    vendor = (
        options.card_vendor if choice in {approvals.APPROVE, THEIR_NOTE} else options.gift_vendor
    )
    no_card = choice == approvals.APPROVE and _preselected(s, r) != _A_CARD
    warm = choice == WARM or no_card
    what = (
        f"{_A_MESSAGE}{_reachable_by(s, r) or _message(s, r)}"
        if warm
        else {approvals.APPROVE: "Card, note A,", THEIR_NOTE: "Card, note B,"}.get(choice, choice)
    )
    through = f" by {vendor}" if vendor and not warm else ""
    return Finding(
        "RF-36",
        f"{reason}; the agent chose {choice}",
        WantTask(
            key=one.order(choice),
            person_id=r.lead.id,
            assignee=s.practice.va_id,
            kind="Thank You",
            due=max(due, s.today),
            name=f"{what}{through} to {r.source_name}{_only(s, r) if warm else ''} (see Approvals)",
            useful_until=one.closing.day + SETTLED * DAY,
        ),
    )


def _only(s: Snapshot, r: Referral) -> str:
    """Which addresses or numbers a message has to go to, where it matters (X-64)."""
    closed, source = barred(s, r), r.source
    open_ = [way for choice, way in WAYS.items() if choice not in closed]
    said = [reach_to_use.to_use(s, source, way) for way in open_] if source else ()
    return "".join(f", {only[:1].lower()}{only[1:].removesuffix(': ')}" for only in said if only)


def _over(s: Snapshot) -> Iterator[Finding]:
    """The last word in the rows of what was recognised."""
    for r in referrals(s):
        if told := recognised(s, r):
            yield from close(
                _asked(s, r), told, clause="RF-36", status=f"{approvals.DONE}: {told}", over=True
            )
