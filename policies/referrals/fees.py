"""Agent-to-agent fees: the agreement followed, flagged before closing, due at closing, paid, and
never touched (RF-12, RF-15, RF-37 … RF-40, RF-47, RF-49).

People type the agreement into the tab `Referral Fees`; Steward reads it and writes none of it. The
payee is a brokerage.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from policies.asks.drafts import digest
from policies.asks.escalation import ReferralIssue
from policies.asks.followup import Matter, close, matter, of_rule
from policies.asks.wants import Finding, WantRaised, WantRow, WantTask
from policies.facts.fees import TAB, Fee
from policies.facts.referral_log import AGENT, FEES
from policies.facts.transactions import next_closing
from policies.referrals.outcome import SETTLED, closing_of
from policies.referrals.referral import Referral, day_received, referrals
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
    """What the log says of the fee; "" for a referral that has none."""
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
        if r.type and r.type != AGENT:
            for rule in ("RF-37", "RF-38", "RF-47", "RF-49"):
                yield from close(of_rule(s, rule, r.subject), "it is no agent's referral")
        elif r.type and r.logged and not r.doubt:
            fee = fee_of(s, r)
            yield _row(s, r, fee)
            yield from _agreement(s, r, fee)
            yield from _approaching(s, r, fee)
            yield from _due(s, r, fee)
            yield from _differing(s, r, fee)


def _row(s: Snapshot, r: Referral, fee: Fee) -> Finding:
    closing, deal = closing_of(s, r), next_closing(s, r.lead)
    said = [fee.differs] if fee.differs else []
    said += [f"lacks {', '.join(fee.lacking)}"] if fee.lacking else []
    said += ["due: the bookkeeper is told"] if closing and not fee.paid else []
    said += ["paid"] if fee.paid and not fee.differs else []
    said += (
        ["License Verified is empty: who checked, and when?"]
        if (closing or fee.paid) and not fee.text("License Verified")
        else []
    )
    return Finding(
        "RF-37",
        f"{r.lead.name} was referred by the agent {r.source_name}",
        WantRow(
            tab=TAB,
            ref=str(fee_key(r)),
            person_id=r.lead.id,
            unless_edited=("Status",),
            create=day_received(r) >= s.today - SETTLED * DAY or bool(deal) or bool(closing),
            first={
                "Referring Agent": r.source_name,
                "Referred Client": r.lead.first_name or r.lead.name,
                "Lead": str(r.lead.id),
            },
            keep={
                "Expected Close": deal.projected_close if deal else None,
                "Closed On": closing.day if closing else None,
                "Status": "; ".join(said),
            },
        ),
    )


def _agreement(s: Snapshot, r: Referral, fee: Fee) -> Iterator[Finding]:
    """The VA logs the agreement that the agent negotiated and signed (RF-15, RF-37)."""
    key = r.key("RF-37", "agreement")
    if not fee.lacking:
        yield from close(matter(s, [key]), "the agreement is logged")
    elif not r.history and s.today <= day_received(r) + SETTLED * DAY:
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


def _approaching(s: Snapshot, r: Referral, fee: Fee) -> Iterator[Finding]:
    """Flags while a closing comes near and the fee is not formalised; they go when it is, or the
    date moves (RF-47, X-23).
    """
    flags = dict[Key, tuple[str, date]]()
    deal = next_closing(s, r.lead)
    if fee.lacking and deal and deal.projected_close:
        day = deal.projected_close
        key, urgent = _flag(r, deal), (day - s.today).days <= HARD
        if (day - s.today).days <= FIRST:
            flags[key] = (
                (
                    f"{URGENT if urgent else ''}Formalize the referral fee of {r.source_name}:"
                    f" closing on {american(day)}"
                ),
                day,
            )
            yield from (
                Finding(
                    "RF-47",
                    f"{HARD} days or less to {american(day)}",
                    WantRaised(key=key, task_id=task.id, person_id=task.person_id, prefix=URGENT),
                )
                for task in s.lives(key)
                if urgent and not task.completed
            )
    elif fee.lacking and r.lead.stage is Stage.UNDER_CONTRACT:
        flags[r.key("RF-47", "nodate")] = (
            f"No close date: formalize the referral fee of {r.source_name}",
            s.today + UNFORMAL_AFTER * DAY,
        )
    elif fee.lacking and closing_of(s, r) and not r.history:
        flags[r.key("RF-47", "closed")] = (
            f"{URGENT}Closed without a fee agreement: {r.source_name}",
            s.today + UNFORMAL_AFTER * DAY,
        )
    address = deal.name if deal else ""
    for key, (name, until) in flags.items():
        due = s.business.on_or_after(s.today)
        reason = (
            f"{r.lead.name} was referred by the agent {r.source_name}; the fee lacks"
            f" {', '.join(fee.lacking)}"
        )
        yield Finding(
            "RF-47",
            reason,
            WantTask(
                key=key,
                person_id=r.lead.id,
                assignee=s.practice.agent_id,
                kind="Follow Up",
                name=name,
                due=due,
                useful_until=max(until, due),
            ),
        )
        yield Finding(
            "RF-50", reason, escalation(s, r, key, ReferralIssue.FEE_NOT_FORMALIZED, address)
        )
    because = "the fee is formalised" if not fee.lacking else "the closing is not what it was"
    yield from close(_but(of_rule(s, "RF-47", r.subject), flags), because)


def _flag(r: Referral, deal: Deal) -> Key:
    assert deal.projected_close is not None  # asked only of a deal with a date
    return r.key("RF-47", f"d{deal.id}-{compact(deal.projected_close)}-fee")


def _but(asked: Matter, kept: Collection[Key | None]) -> Matter:
    """*asked* without the tasks of the keys that are *kept*."""
    return Matter(tuple(t for t in asked.tasks if t.key and t.key.base not in kept))


def _due(s: Snapshot, r: Referral, fee: Fee) -> Iterator[Finding]:
    """At closing the VA tells the bookkeeper; the fee counts as paid only once the licence was
    checked (RF-38, RF-39).
    """
    closing = closing_of(s, r)
    if not closing and fee.row:
        yield from close(of_rule(s, "RF-38", r.subject), "it is not closed after all")
    if not closing or closing.day < s.starts or closing.day < s.today - SETTLED * DAY:
        return
    who = s.practice.referrals.bookkeeper or "the bookkeeper"
    payee = fee.text("Brokerage") or f"the brokerage of {r.source_name}"
    told, licence = r.key("RF-38", "due"), r.key("RF-38", "licence")
    reason = (
        f"{r.lead.name}, referred by the agent {r.source_name}, closed on {american(closing.day)}"
    )
    if fee.paid:
        yield from close(matter(s, [told]), "the fee is paid")
    else:
        yield Finding(
            "RF-38",
            reason,
            WantTask(
                key=told,
                person_id=r.lead.id,
                assignee=s.practice.va_id,
                kind="Follow Up",
                due=max(s.business.after(closing.day, 1), s.today),
                name=f"Tell {who}: a referral fee is due to {payee}; licence first",
                useful_until=closing.day + SETTLED * DAY,
            ),
        )
    if fee.text("License Verified"):
        yield from close(matter(s, [licence]), "the licence is verified")
    elif fee.paid or any(task.completed for task in s.lives(told)):
        yield Finding(
            "RF-38",
            f"{reason}; nobody noted that the licence of {payee} was checked",
            WantTask(
                key=licence,
                person_id=r.lead.id,
                assignee=s.practice.va_id,
                kind="Follow Up",
                due=s.business.on_or_after(s.today),
                name=(
                    f"Licence of {payee}: who verified it, and when? Enter it in {TAB} before the"
                    " fee is paid"
                ),
                useful_until=closing.day + SETTLED * DAY,
            ),
        )


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
