"""The rules of the stage accuracy check: contacts whose stage the facts contradict.

A closing is looked at in every pass (X-51), the other rules of the monthly check and of the
quarterly audit as of the day those ran. The clauses are DB-15, DB-24 to DB-26 and DB-32.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from policies.asks import approvals
from policies.asks.question import older_than
from policies.database.reviews import review_calendar
from policies.facts import closings
from policies.facts.closing_answer import (
    Mismatch,
    closed_words,
    closing_mismatch,
    past_stages,
)
from policies.facts.contact_permission import death, opt_out
from policies.facts.ownership import added, kept
from policies.facts.touchpoints import last_touch, quiet_days
from policies.facts.transactions import IN_A_TRANSACTION, PAST_CLIENT, PAST_OF, deals_of, open_deals
from policies.world.calendar import american
from policies.world.model import (
    STAGE_LABELS,
    Contact,
    Key,
    Stage,
)
from policies.world.snapshot import Snapshot

TALKED = 3
"""Communications after which a New Lead should be in another stage (DB-25)."""
QUIET = 60
"""Days without a touchpoint from which an Active Buyer is flagged (DB-26)."""
COLD = 90
"""Days without a response that make a Cold Lead (DB-15)."""
NO_CLIENTS = frozenset({Stage.NEW_LEAD, Stage.ATTEMPTING_CONTACT, Stage.COLD_LEAD})
"""Stages of people who never closed anything, by their definitions (DB-15)."""


def mismatches(s: Snapshot) -> Sequence[Mismatch]:
    """Return all mismatches in the order of contacts, at most one each; once per snapshot."""
    return s.once(_mismatches)


def _mismatches(s: Snapshot) -> Sequence[Mismatch]:
    monthly, quarterly = _ran_on(s, "monthly"), _ran_on(s, "quarterly")
    found = (_of(s, contact, monthly, quarterly) for contact in kept(s))
    return tuple(mismatch for mismatch in found if mismatch)


def _ran_on(s: Snapshot, kind: review_calendar.Kind) -> date | None:
    run = review_calendar.latest(s, kind)
    return run.on if run else None


def _of(
    s: Snapshot, contact: Contact, monthly: date | None, quarterly: date | None
) -> Mismatch | None:
    if death(s, contact):
        return None
    if closing := closing_mismatch(s, contact):
        return closing
    if monthly:
        found = _talked_to(s, contact) or _quiet_buyer(s, contact, monthly)
        if found and not opt_out(s, contact):
            return found
    return _audited(s, contact, quarterly) if quarterly else None


def _talked_to(s: Snapshot, contact: Contact) -> Mismatch | None:
    """Find a New Lead with 3 or more communications either way (DB-25, X-46)."""
    if contact.stage is not Stage.NEW_LEAD or contact.communications < TALKED:
        return None
    replied = (Stage.ACTIVE_BUYER, Stage.ACTIVE_SELLER) if contact.inbound else ()
    return Mismatch(
        key=Key("DB-25", f"p{contact.id}", "new"),
        contact=contact,
        since=added(s, contact) or s.today,
        targets=(*replied, Stage.ATTEMPTING_CONTACT),
        reason=(
            f"{contact.communications} communications are logged,"
            f" {'and they replied' if replied else 'no reply among them'}"
        ),
    )


def _quiet_buyer(s: Snapshot, contact: Contact, on: date) -> Mismatch | None:
    """Find an Active Buyer without a touchpoint in 60 days (DB-26)."""
    if contact.stage is not Stage.ACTIVE_BUYER:
        return None
    days = quiet_days(s, contact, on)
    if days is None or days < QUIET:
        return None
    since = last_touch(s, contact) or added(s, contact)
    assert since is not None  # the days were counted from it
    return Mismatch(
        key=Key("DB-26", f"p{contact.id}", f"{since:%Y%m%d}"),
        contact=contact,
        since=since,
        targets=(Stage.LONG_TERM_NURTURE,),
        reason=f"no touchpoint since {american(since)}",
    )


class _Finding(NamedTuple):
    """A definition that a stage does not meet: its code in the key, the reason, other stages."""

    code: str
    reason: str
    targets: tuple[Stage, ...]


def _audited(s: Snapshot, contact: Contact, on: date) -> Mismatch | None:
    """Find what the quarterly audit adds to the monthly check (DB-32).

    Each rule is a definition of a stage that is not met (DB-15); the first that fits counts.
    """
    if opt_out(s, contact):
        found = _opted_out(s, contact)
    else:
        found = (
            _without_deal(s, contact)
            or _other_side(s, contact)
            or _client_among_leads(s, contact)
            or _replied(s, contact, on)
        )
    if found is None:
        return None
    return Mismatch(
        key=Key("DB-32", f"p{contact.id}", found.code),
        contact=contact,
        since=added(s, contact) or on,
        targets=found.targets,
        reason=found.reason,
    )


def _opted_out(s: Snapshot, contact: Contact) -> _Finding | None:
    if contact.stage is Stage.DO_NOT_CONTACT or contact.stage in IN_A_TRANSACTION:
        return None
    if open_deals(s, contact):
        return None
    reason = "they opted out, by tag, by mail or before a merge"
    return _Finding("optout", reason, (Stage.DO_NOT_CONTACT,))


def _without_deal(s: Snapshot, contact: Contact) -> _Finding | None:
    if contact.stage is not Stage.UNDER_CONTRACT or deals_of(s, contact):
        return None
    targets = (Stage.ACTIVE_BUYER, Stage.ACTIVE_SELLER)
    return _Finding("nodeal", "the CRM shows no deal of theirs", targets)


def _other_side(s: Snapshot, contact: Contact) -> _Finding | None:
    """Find a Past Client all of whose closed deals are on the other side."""
    if contact.stage not in PAST_CLIENT:
        return None
    sides = {deal.side for deal in s.deals_of.get(contact.id, ())}
    if len(sides) != 1:
        return None
    side = sides.pop()
    if side is None or PAST_OF[side] is contact.stage:
        return None
    reason = f"every closed deal of theirs is on the {side.value} side"
    return _Finding("side", reason, (PAST_OF[side],))


def _client_among_leads(s: Snapshot, contact: Contact) -> _Finding | None:
    closed = s.deals_of.get(contact.id, ())
    if contact.stage not in NO_CLIENTS or not closed or open_deals(s, contact):
        return None
    latest = closings.latest(s, closed)
    if latest is None:
        return None
    return _Finding(f"client-d{latest.id}", closed_words(s, latest), tuple(past_stages([latest])))


def _replied(s: Snapshot, contact: Contact, on: date) -> _Finding | None:
    """Find a Cold Lead who wrote or called less than 90 days before the audit, or since.

    The CRM shows only the latest message of each kind: one that came after the audit hides the one
    before it.
    """
    if contact.stage is not Stage.COLD_LEAD or not contact.inbound:
        return None
    heard = max(message.at for message in contact.inbound).astimezone(s.now.tzinfo)
    if (on - heard.date()).days >= COLD:
        return None
    return _Finding(
        _unspent(s, contact, "replied", heard),
        f"they wrote or called less than {COLD} days before the audit, or since",
        (Stage.ATTEMPTING_CONTACT, Stage.LONG_TERM_NURTURE),
    )


def _unspent(s: Snapshot, contact: Contact, code: str, at: datetime) -> str:
    """Return *code*, with a number from the second time on.

    An answer is about the facts known when it was given, and does not cover later ones.
    """

    def named(n: int) -> str:
        return f"DB-32 p{contact.id} {code}{n if n > 1 else ''}"

    life = approvals.life(s.workbook, named, older_than(f"{at:%Y-%m-%d %H:%M}"))
    return f"{code}{life if life > 1 else ''}"


def label(stage: Stage) -> str:
    """Return a stage's label, as people choose it."""
    return STAGE_LABELS[stage]
