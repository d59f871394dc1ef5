"""Who stands in a stage that the facts contradict: the rules of the stage accuracy check, as values
(DB-15, DB-24 to DB-26, DB-32).

A closing is looked at in every pass (X-51), the other rules of the monthly check and of the
quarterly audit as of the day those ran.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

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
"""Communications from which a New Lead is none any more (DB-25)."""
QUIET = 60
"""Days without a touchpoint from which an Active Buyer is flagged (DB-26)."""
COLD = 90
"""Days without a response that make a Cold Lead (DB-15)."""
NO_CLIENTS = frozenset({Stage.NEW_LEAD, Stage.ATTEMPTING_CONTACT, Stage.COLD_LEAD})
"""Stages of people who never closed anything, by their definitions (DB-15)."""


def mismatches(s: Snapshot) -> Sequence[Mismatch]:
    """Every one of them, once a snapshot, in the order of contacts; a contact has one at the
    most.
    """
    return s.once(_mismatches)


def _mismatches(s: Snapshot) -> Sequence[Mismatch]:
    monthly, quarterly = (
        review_calendar.latest(s, "monthly"),
        review_calendar.latest(s, "quarterly"),
    )
    found = (
        _of(s, contact, monthly.on if monthly else None, quarterly.on if quarterly else None)
        for contact in kept(s)
    )
    return tuple(mismatch for mismatch in found if mismatch)


def _of(
    s: Snapshot, contact: Contact, monthly: date | None, quarterly: date | None
) -> Mismatch | None:
    if death(s, contact):
        return None
    if closing := closing_mismatch(s, contact):
        return closing
    if (
        monthly
        and not opt_out(s, contact)
        and (found := _talked_to(s, contact) or _quiet_buyer(s, contact, monthly))
    ):
        return found
    return next(_audited(s, contact, quarterly), None) if quarterly else None


def _talked_to(s: Snapshot, contact: Contact) -> Mismatch | None:
    """A New Lead with 3 or more communications either way (DB-25, X-46)."""
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
    """An Active Buyer without a touchpoint in 60 days (DB-26)."""
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


def _audited(s: Snapshot, contact: Contact, on: date) -> Iterator[Mismatch]:
    """What the quarterly audit finds beyond the monthly check (DB-32): each rule is a definition
    that is not met (DB-15).
    """

    def found(code: str, reason: str, *targets: Stage) -> Mismatch:
        key = Key("DB-32", f"p{contact.id}", code)
        return Mismatch(
            key=key, contact=contact, since=added(s, contact) or on, targets=targets, reason=reason
        )

    closed = s.deals_of.get(contact.id, ())
    if opt_out(s, contact):
        if (
            contact.stage is not Stage.DO_NOT_CONTACT
            and contact.stage not in IN_A_TRANSACTION
            and not open_deals(s, contact)
        ):
            yield found(
                "optout", "they opted out, by tag, by mail or before a merge", Stage.DO_NOT_CONTACT
            )
    elif contact.stage is Stage.UNDER_CONTRACT and not deals_of(s, contact):
        yield found(
            "nodeal", "the CRM shows no deal of theirs", Stage.ACTIVE_BUYER, Stage.ACTIVE_SELLER
        )
    elif (
        contact.stage in PAST_CLIENT
        and closed
        and all(deal.side and PAST_OF[deal.side] is not contact.stage for deal in closed)
    ):
        side = next(deal.side for deal in closed if deal.side)
        yield found(
            "side", f"every closed deal of theirs is on the {side.value} side", PAST_OF[side]
        )
    elif contact.stage in NO_CLIENTS and closed and not open_deals(s, contact):
        if latest := closings.latest(s, closed):
            yield found(f"client-d{latest.id}", closed_words(s, latest), *past_stages([latest]))
    elif contact.stage is Stage.COLD_LEAD and contact.inbound:
        # The CRM tells the latest message of each kind only: one that came after the audit hides
        # the one before it.
        heard = max(message.at for message in contact.inbound).astimezone(s.now.tzinfo)
        if (on - heard.date()).days < COLD:
            yield found(
                _unspent(s, contact, "replied", heard),
                f"they wrote or called less than {COLD} days before the audit, or since",
                Stage.ATTEMPTING_CONTACT,
                Stage.LONG_TERM_NURTURE,
            )


def _unspent(s: Snapshot, contact: Contact, code: str, at: datetime) -> str:
    """*code*, with a number from the second time on: an answer is about what was known when it was
    given, and not of what came later.
    """

    def named(n: int) -> str:
        return f"DB-32 p{contact.id} {code}{n if n > 1 else ''}"

    life = approvals.life(s.workbook, named, older_than(f"{at:%Y-%m-%d %H:%M}"))
    return f"{code}{life if life > 1 else ''}"


def label(stage: Stage) -> str:
    """A stage as people choose it."""
    return STAGE_LABELS[stage]
