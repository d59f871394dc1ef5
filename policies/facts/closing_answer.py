"""A closing that the contact's stage does not show yet, and the agent's answer (DB-24, X-51).

Two procedures put the same closing before the agent: the database procedure as a question in
`Approvals`, the milestones as a task with the dates that will follow. Both ask here whether it is
settled, by an answer or by a rule that the agent confirmed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from policies.asks import approvals
from policies.facts import closings
from policies.facts.closings import deal_date, known_since, recently_closed
from policies.facts.contact_permission import death
from policies.facts.ownership import kept
from policies.facts.taxonomy import missing_stages
from policies.facts.transactions import (
    ACTIVE_ON,
    IN_A_TRANSACTION,
    PAST_OF,
    deals_of,
    open_deals,
)
from policies.values.names import folded
from policies.world.calendar import american
from policies.world.model import Contact, Deal, Key, Side, Stage
from policies.world.snapshot import Snapshot

RULE = "DB-24"
SETTLED = 60
"""Days after a closing within which it moves a stage by rule: an older one may be another
transaction's.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """A contact whose stage the facts contradict. `targets` are the stages that may be right,
    `since` the day from which there was reason.

    `fresh` marks a recent closing, which is told at once (X-51). `certain` marks one that fits a
    single target besides: only such a one may move by a confirmed rule, all others are asked.
    """

    key: Key
    contact: Contact
    reason: str
    since: date
    targets: tuple[Stage, ...]
    fresh: bool = False
    certain: bool = False


def closing_mismatch(s: Snapshot, contact: Contact) -> Mismatch | None:
    """Under Contract whose deal closed, or an Active client whose deal has just closed (DB-24,
    X-51).
    """
    if contact.stage not in IN_A_TRANSACTION or open_deals(s, contact):
        return None
    closed = s.deals_of.get(contact.id, ())
    latest = closings.latest(s, closed)
    if latest is None:
        return None
    recent = [deal for deal in closed if recently_closed(s, deal, SETTLED)]
    active_on = ACTIVE_ON.get(contact.stage)
    if active_on and not (latest in recent and latest.side is active_on):
        return None  # a client of years ago who is looking again is where they belong
    targets = past_stages(recent or [latest])
    return Mismatch(
        key=_key(s, contact, latest),
        contact=contact,
        targets=targets,
        since=deal_date(s, latest) or s.today,
        fresh=latest in recent,
        certain=latest in recent and len(targets) == 1 and _stages_known(s, contact),
        reason=closed_words(s, latest),
    )


def _key(s: Snapshot, contact: Contact, deal: Deal) -> Key:
    """The key of the question: a deal that was opened again and closes again is another fact."""
    known = known_since(s, deal)
    return Key(RULE, f"p{contact.id}", f"d{deal.id}-{known:%Y%m%d}" if known else f"d{deal.id}")


def _stages_known(s: Snapshot, contact: Contact) -> bool:
    """Whether every deal of theirs is in a stage that a pipeline lists.

    Another one may be the transaction that is open: nobody is moved past it (DB-11).
    """
    return all(deal.closed is not None for deal in deals_of(s, contact))


def past_stages(deals: Sequence[Deal]) -> tuple[Stage, ...]:
    """The stages of somebody who closed *deals*; both, where the side of one is not known."""
    sides = {deal.side for deal in deals}
    return tuple(PAST_OF[side] for side in Side if side in sides or None in sides)


def closed_words(s: Snapshot, deal: Deal) -> str:
    """The closing of *deal* as a reason, for people."""
    when = deal_date(s, deal)
    named = f"deal {deal.id} ({deal.name})" if deal.name else f"deal {deal.id}"
    return f"{named} closed{f' on {american(when)}' if when else ''}"


def _closings(s: Snapshot) -> Sequence[Mismatch]:
    living = (contact for contact in kept(s) if not death(s, contact))
    found = (closing_mismatch(s, contact) for contact in living)
    return tuple(mismatch for mismatch in found if mismatch)


# -- what the agent said ---------------------------------------------------------------------------


def confirmed(s: Snapshot) -> str:
    """The closing rule as the agent confirmed it, with name and day; "" where nobody did, or not
    yet.

    The VA confirms no rule: moving contacts by it is one job, allowing it is another (DB-09).
    """
    for one in s.practice.database.confirmed_system_rules:
        by_the_agent = folded(one.agent) not in {"", folded(s.practice.va_name)}
        if by_the_agent and one.date <= s.today:
            return f"{one.rule}, confirmed by {one.agent} on {american(one.date)}"
    return ""


def moves_by_rule(s: Snapshot, mismatch: Mismatch) -> bool:
    """Whether the confirmed rule moves this contact: what is certain, into a stage the account
    has (DB-16), unless the agent wants them where they are.
    """
    possible = set(mismatch.targets).isdisjoint(s.once(missing_stages))
    return mismatch.certain and possible and bool(confirmed(s)) and not _kept_there(s, mismatch)


def _kept_there(s: Snapshot, mismatch: Mismatch) -> bool:
    """Whether the agent was asked and wants this one where they are: that goes before any rule
    (DB-09).
    """
    row = approvals.read(s.workbook, mismatch.key)
    return row is not None and row.says(approvals.HOLD, approvals.REJECT)


def moved_by_rule(s: Snapshot) -> frozenset[int]:
    """The contacts whom the confirmed rule moves, or moved and a person moved back: nobody has to
    be asked to (X-51).
    """
    return frozenset(m.contact.id for m in s.once(_closings) if moves_by_rule(s, m))


def refused(s: Snapshot) -> frozenset[int]:
    """The contacts whom the agent wants where they are, although their deal has closed: asked once
    is enough (X-51).
    """
    return frozenset(m.contact.id for m in s.once(_closings) if decided(s, m) == approvals.REJECT)


def decided(s: Snapshot, mismatch: Mismatch) -> str:
    """The agent's answer to the question about *mismatch*, once it was acted on; "" before."""
    row = approvals.read(s.workbook, mismatch.key)
    return (row.answer or row.status) if row and row.acted else ""
