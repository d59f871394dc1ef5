"""Agent-to-agent fees: the agreement followed, flagged before closing, due at closing, paid, and
never touched (RF-12, RF-15, RF-37 … RF-40, RF-47, RF-49).

People type the agreement into the tab `Referral Fees`; Steward reads it and writes none of it. The
payee is a brokerage.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from policies.asks.drafts import digest
from policies.asks.escalation import ReferralIssue
from policies.asks.followup import Matter, close, matter, of_rule
from policies.asks.wants import Finding, WantRaised, WantRow, WantTask
from policies.facts.contact_permission import death
from policies.facts.fees import TAB, Fee
from policies.facts.referral_log import AGENT, FEES
from policies.facts.transactions import next_closing
from policies.referrals.corrected_source import renamed
from policies.referrals.outcome import SETTLED, closing_of
from policies.referrals.referral import Referral, day_received, lead_is_over, referrals, unread
from policies.referrals.wording import escalation
from policies.world.calendar import DAY, american, compact
from policies.world.model import Deal, Key, Stage
from policies.world.snapshot import Snapshot

FIRST, HARD = 14, 10
"""Days before closing at which a fee that is not formalised is flagged, and flagged as urgent
(RF-47, X-23).
"""
URGENT = "URGENT: "
UNFORMAL_AFTER = 60
"""Days after a closing for which a missing agreement is still flagged."""


def fee_key(r: Referral) -> Key:
    """The key of a referral's row in the tab."""
    return r.key("RF-37", "fee")


def fee_of(s: Snapshot, r: Referral) -> Fee:
    """The fee of an agent referral, as far as people typed it."""
    return Fee(s.workbook.row(TAB, str(fee_key(r))))


def status(s: Snapshot, r: Referral) -> str:
    """The Fee Status of the log; "" for a referral without a fee."""
    if r.type != AGENT:
        return ""
    fee = fee_of(s, r)
    if fee.differs:
        return FEES["differs"]
    if fee.paid and fee.text("License Verified"):
        return FEES["paid"]
    if closing_of(s, r):
        return FEES["due"]
    return FEES["none"] if fee.lacking else FEES["agreed"]


def decide(s: Snapshot) -> Iterator[Finding]:
    """The row of every agent referral, and what is asked about its fee."""
    for r in referrals(s):
        if unread(s, r):
            continue  # left alone in this pass, and nothing of theirs is ended either
        if r.type and r.type != AGENT:
            for rule in ("RF-37", "RF-38", "RF-47", "RF-49"):
                yield from close(of_rule(s, rule, r.subject), "it is no agent's referral")
        elif r.type and r.logged and not r.doubt:
            fee = fee_of(s, r)
            yield _row(s, r, fee)
            if (because := lead_is_over(s, r)) and not closing_of(s, r):
                yield from _none_to_come(s, r, because)
            else:
                yield from _agreement(s, r, fee)
                yield from _approaching(s, r, fee)
            yield from _due(s, r, fee)
            yield from _differing(s, r, fee)


def _none_to_come(s: Snapshot, r: Referral, because: str) -> Iterator[Finding]:
    """End what was asked about a fee that no closing will make due. One that closed is owed."""
    safety = death(s, r.lead) is not None
    for rule in ("RF-37", "RF-47"):
        yield from close(of_rule(s, rule, r.subject), because, safety=safety)


def _row(s: Snapshot, r: Referral, fee: Fee) -> Finding:
    closing, deal = closing_of(s, r), next_closing(s, r.lead)
    recent = day_received(r) >= s.today - SETTLED * DAY
    return Finding(
        "RF-37",
        f"{r.lead.name} was referred by the agent {r.source_name}",
        WantRow(
            tab=TAB,
            ref=str(fee_key(r)),
            person_id=r.lead.id,
            unless_edited=("Status",),
            create=recent or bool(deal) or bool(closing),
            first={
                "Referring Agent": r.source_name,
                "Referred Client": r.lead.first_name or r.lead.name,
                "Lead": str(r.lead.id),
            },
            keep={
                "Expected Close": deal.projected_close if deal else None,
                "Closed On": closing.day if closing else None,
                "Status": "; ".join(_said(fee, closed=closing is not None)),
            },
        ),
    )


def _said(fee: Fee, *, closed: bool) -> Iterator[str]:
    """The parts of the row's Status, for people."""
    if fee.differs:
        yield fee.differs
    if fee.lacking:
        yield f"lacks {', '.join(fee.lacking)}"
    if closed and not fee.paid:
        yield "due: the bookkeeper is told"
    if fee.paid and not fee.differs:
        yield "paid"
    if (closed or fee.paid) and not fee.text("License Verified"):
        yield "License Verified is empty: who checked, and when?"


def _agreement(s: Snapshot, r: Referral, fee: Fee) -> Iterator[Finding]:
    """The VA logs the agreement that the agent negotiated and signed (RF-15, RF-37)."""
    key = r.key("RF-37", "agreement")
    if not fee.lacking:
        yield from close(matter(s, [key]), "the agreement is logged")
    elif not r.history and s.today <= day_received(r) + SETTLED * DAY:
        yield from renamed(s, r, matter(s, [key]))
        yield Finding(
            "RF-37",
            f"{r.source_name} is an agent: the agent negotiates and signs the agreement, the VA"
            " logs it",
            WantTask(
                key=key,
                person_id=r.lead.id,
                assignee=s.practice.va_id,
                kind="Follow Up",
                due=s.business.after(day_received(r), 3),
                name=f"Log the referral agreement with {r.source_name} in the tab {TAB}",
                useful_until=day_received(r) + SETTLED * DAY,
            ),
        )


@dataclass(frozen=True, slots=True)
class _Flag:
    """A flag that a fee is not formalized: its key, its name, and until when it is useful."""

    key: Key
    name: str
    until: date
    urgent: bool = False


def _approaching(s: Snapshot, r: Referral, fee: Fee) -> Iterator[Finding]:
    """Flags while a closing comes near and the fee is not formalised; they go when it is, or the
    date moves (RF-47, X-23).
    """
    deal = next_closing(s, r.lead)
    flag = _flag(s, r, deal) if fee.lacking else None
    if flag:
        if flag.urgent:
            yield from _raised(s, flag)
        yield from _flagged(s, r, fee, flag, deal.name if deal else "")
    because = "the fee is formalised" if not fee.lacking else "the closing is not what it was"
    kept = [flag.key] if flag else []
    yield from close(_but(of_rule(s, "RF-47", r.subject), kept), because)


def _flag(s: Snapshot, r: Referral, deal: Deal | None) -> _Flag | None:
    """The flag for a fee that lacks something: by the planned closing, else because it closed, else
    by the stage, which people move later than the deal.
    """
    if deal and deal.projected_close:
        return _before_closing(s, r, deal, deal.projected_close)
    until = s.today + UNFORMAL_AFTER * DAY
    if closing_of(s, r) and not r.history:
        name = f"{URGENT}Closed without a fee agreement: {r.source_name}"
        return _Flag(r.key("RF-47", "closed"), name, until)
    if r.lead.stage is Stage.UNDER_CONTRACT:
        name = f"No close date: formalize the referral fee of {r.source_name}"
        return _Flag(r.key("RF-47", "nodate"), name, until)
    return None


def _before_closing(s: Snapshot, r: Referral, deal: Deal, day: date) -> _Flag | None:
    left = (day - s.today).days
    if left > FIRST:
        return None
    urgent = left <= HARD
    name = (
        f"{URGENT if urgent else ''}Formalize the referral fee of {r.source_name}:"
        f" closing on {american(day)}"
    )
    return _Flag(r.key("RF-47", f"d{deal.id}-{compact(day)}-fee"), name, day, urgent)


def _raised(s: Snapshot, flag: _Flag) -> Iterator[Finding]:
    for task in s.lives(flag.key):
        if not task.completed:
            yield Finding(
                "RF-47",
                f"{HARD} days or less to {american(flag.until)}",
                WantRaised(key=flag.key, task_id=task.id, person_id=task.person_id, prefix=URGENT),
            )


def _flagged(s: Snapshot, r: Referral, fee: Fee, flag: _Flag, address: str) -> Iterator[Finding]:
    due = s.business.on_or_after(s.today)
    reason = (
        f"{r.lead.name} was referred by the agent {r.source_name}; the fee lacks"
        f" {', '.join(fee.lacking)}"
    )
    yield from renamed(s, r, matter(s, [flag.key]))
    yield Finding(
        "RF-47",
        reason,
        WantTask(
            key=flag.key,
            person_id=r.lead.id,
            assignee=s.practice.agent_id,
            kind="Follow Up",
            name=flag.name,
            due=due,
            useful_until=max(flag.until, due),
        ),
    )
    issue = ReferralIssue.FEE_NOT_FORMALIZED
    yield Finding("RF-50", reason, escalation(s, r, flag.key, issue, address))


def _but(asked: Matter, kept: Collection[Key | None]) -> Matter:
    """*asked* without the tasks of the keys that are *kept*."""
    return Matter(tuple(t for t in asked.tasks if t.key and t.key.base not in kept))


def _due(s: Snapshot, r: Referral, fee: Fee) -> Iterator[Finding]:
    """At closing the VA tells the bookkeeper; the fee counts as paid only once the licence was
    checked (RF-38, RF-39).
    """
    closing = closing_of(s, r)
    if not closing:
        yield from close(of_rule(s, "RF-38", r.subject), "it is not closed after all")
    if not closing or closing.day < s.starts or closing.day < s.today - SETTLED * DAY:
        return
    payee = fee.text("Brokerage") or f"the brokerage of {r.source_name}"
    yield from _told(s, r, fee, closing.day, payee)
    yield from _licence(s, r, fee, closing.day, payee)


def _told(s: Snapshot, r: Referral, fee: Fee, closed: date, payee: str) -> Iterator[Finding]:
    key, who = r.key("RF-38", "due"), s.practice.referrals.bookkeeper or "the bookkeeper"
    if fee.paid:
        yield from close(matter(s, [key]), "the fee is paid")
        return
    yield from renamed(s, r, matter(s, [key]))
    yield Finding(
        "RF-38",
        _closed_reason(r, closed),
        WantTask(
            key=key,
            person_id=r.lead.id,
            assignee=s.practice.va_id,
            kind="Follow Up",
            due=max(s.business.after(closed, 1), s.today),
            name=f"Tell {who}: a referral fee is due to {payee}; licence first",
            useful_until=closed + SETTLED * DAY,
        ),
    )


def _licence(s: Snapshot, r: Referral, fee: Fee, closed: date, payee: str) -> Iterator[Finding]:
    key = r.key("RF-38", "licence")
    if fee.text("License Verified"):
        yield from close(matter(s, [key]), "the licence is verified")
    elif fee.paid or any(task.done for task in s.lives(r.key("RF-38", "due"))):
        yield from renamed(s, r, matter(s, [key]))
        yield Finding(
            "RF-38",
            f"{_closed_reason(r, closed)}; nobody noted that the licence of {payee} was checked",
            WantTask(
                key=key,
                person_id=r.lead.id,
                assignee=s.practice.va_id,
                kind="Follow Up",
                due=s.business.on_or_after(s.today),
                name=(
                    f"Licence of {payee}: who verified it, and when? Enter it in {TAB} before the"
                    " fee is paid"
                ),
                useful_until=closed + SETTLED * DAY,
            ),
        )


def _closed_reason(r: Referral, closed: date) -> str:
    return f"{r.lead.name}, referred by the agent {r.source_name}, closed on {american(closed)}"


def _differing(s: Snapshot, r: Referral, fee: Fee) -> Iterator[Finding]:
    """A discrepancy goes to the agent with both numbers; nothing is reconciled (RF-49)."""
    key = r.key("RF-49", digest(fee.differs)[:8]) if fee.differs else None
    if key:
        reason = (
            f"the referral fee of {r.source_name} for {r.lead.name} does not agree: {fee.differs}"
        )
        yield Finding(
            "RF-49",
            reason,
            WantTask(
                key=key,
                person_id=r.lead.id,
                assignee=s.practice.agent_id,
                kind="Follow Up",
                due=s.business.on_or_after(s.today),
                name=f"{fee.differs}: referral fee of {r.source_name} does not agree",
                useful_until=s.today + SETTLED * DAY,
            ),
        )
        closing = closing_of(s, r)
        yield Finding(
            "RF-50",
            reason,
            escalation(s, r, key, ReferralIssue.DISCREPANCY, closing.address if closing else ""),
        )
    yield from close(_but(of_rule(s, "RF-49", r.subject), [key]), "the numbers were changed")
