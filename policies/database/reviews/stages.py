"""Who stands in a stage that the facts contradict: the rules of the stage accuracy check, as values
(DB-15, DB-24 to DB-26, DB-32).

A closing is looked at in every pass (X-51), the other rules of the monthly check and of the
quarterly audit as of the day those ran.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

from policies.database.reviews import review_calendar
from policies.facts.closings import deal_date, known_since, recently_closed
from policies.facts.ownership import added, kept, open_deals
from policies.facts.touchpoints import last_touch, quiet_days
from policies.world.calendar import american
from policies.world.model import (
    STAGE_LABELS,
    Contact,
    Deal,
    Key,
    Side,
    Stage,
)
from policies.world.snapshot import Snapshot

SETTLED = 60
"""Days after a closing within which it moves a stage by rule: an older one may be another
transaction's.
"""
TALKED = 3
"""Communications from which a New Lead is none any more (DB-25)."""
QUIET = 60
"""Days without a touchpoint from which an Active Buyer is flagged (DB-26)."""
COLD = 90
"""Days without a response that make a Cold Lead (DB-15)."""
PAST: Mapping[Side, Stage] = MappingProxyType(
    {Side.BUYER: Stage.PAST_CLIENT_BUYER, Side.SELLER: Stage.PAST_CLIENT_SELLER}
)
ACTIVE: Mapping[Stage, Side] = MappingProxyType(
    {Stage.ACTIVE_BUYER: Side.BUYER, Stage.ACTIVE_SELLER: Side.SELLER}
)
IN_A_TRANSACTION = frozenset({Stage.ACTIVE_BUYER, Stage.ACTIVE_SELLER, Stage.UNDER_CONTRACT})
NO_CLIENTS = frozenset({Stage.NEW_LEAD, Stage.ATTEMPTING_CONTACT, Stage.COLD_LEAD})
"""Stages of people who never closed anything, by their definitions (DB-15)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """A contact whose stage the facts contradict. `targets` are the stages that may be right,
    `since` when there was reason.

    `fresh` is whether the fact is a closing of late, which is told at once (X-51); `certain`
    whether besides one target alone fits it: only that may move by a confirmed rule, all else is
    asked.
    """

    key: Key
    contact: Contact
    reason: str
    since: date
    targets: tuple[Stage, ...]
    fresh: bool = False
    certain: bool = False


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
    if s.deceased(contact):
        return None
    if closing := _closing(s, contact):
        return closing
    if (
        monthly
        and not s.do_not_contact(contact)
        and (found := _talked_to(s, contact) or _quiet_buyer(s, contact, monthly))
    ):
        return found
    return next(_audited(s, contact, quarterly), None) if quarterly else None


def _closing(s: Snapshot, contact: Contact) -> Mismatch | None:
    """Under Contract whose deal closed, and an Active client whose deal has just closed (DB-24,
    X-51).
    """
    closed = s.deals_of.get(contact.id, ())
    if not closed or contact.stage not in IN_A_TRANSACTION or open_deals(s, contact):
        return None
    latest = _latest(s, closed)
    fresh = [deal for deal in closed if recently_closed(s, deal, SETTLED)]
    if contact.stage in ACTIVE and (
        latest not in fresh or latest.side is not ACTIVE[contact.stage]
    ):
        return None  # a client of years ago who is looking again is where they belong
    targets = _past(fresh or [latest])
    # A deal in a stage that no pipeline lists may be the transaction that is open: nobody is moved
    # past it (DB-11).
    sure = all(deal.closed is not None for deal in s.once(_deals_of_all).get(contact.id, ()))
    known = known_since(s, latest)  # a deal that was opened again and closes again is another fact
    return Mismatch(
        key=Key("DB-24", f"p{contact.id}", f"d{latest.id}{f'-{known:%Y%m%d}' if known else ''}"),
        contact=contact,
        targets=targets,
        since=deal_date(s, latest) or s.today,
        fresh=latest in fresh,
        certain=sure and len(targets) == 1 and latest in fresh,
        reason=_closed(s, latest),
    )


def _past(deals: Sequence[Deal]) -> tuple[Stage, ...]:
    """The stages of those who closed *deals*; either, where the side of one is not known."""
    sides = {deal.side for deal in deals}
    return tuple(PAST[side] for side in Side if side in sides or None in sides)


def _latest(s: Snapshot, deals: Sequence[Deal]) -> Deal:
    return max(deals, key=lambda d: (deal_date(s, d) or date.min, d.id))


def _closed(s: Snapshot, deal: Deal) -> str:
    when = deal_date(s, deal)
    named = f"deal {deal.id} ({deal.name})" if deal.name else f"deal {deal.id}"
    return f"{named} closed{f' on {american(when)}' if when else ''}"


def _deals_of_all(s: Snapshot) -> Mapping[int, Sequence[Deal]]:
    """Every deal of each person that was not deleted, whatever its stage."""
    found: dict[int, list[Deal]] = {}
    for _, deal in sorted(s.deals.items()):
        for person_id in () if deal.deleted else deal.person_ids:
            found.setdefault(person_id, []).append(deal)
    return found


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
    if s.do_not_contact(contact):
        if (
            contact.stage is not Stage.DO_NOT_CONTACT
            and contact.stage not in IN_A_TRANSACTION
            and not open_deals(s, contact)
        ):
            yield found(
                "optout", "they opted out, by tag, by mail or before a merge", Stage.DO_NOT_CONTACT
            )
    elif contact.stage is Stage.UNDER_CONTRACT and contact.id not in s.once(_deals_of_all):
        yield found(
            "nodeal", "the CRM shows no deal of theirs", Stage.ACTIVE_BUYER, Stage.ACTIVE_SELLER
        )
    elif (
        contact.stage in PAST.values()
        and closed
        and all(deal.side and PAST[deal.side] is not contact.stage for deal in closed)
    ):
        side = next(deal.side for deal in closed if deal.side)
        yield found("side", f"every closed deal of theirs is on the {side.value} side", PAST[side])
    elif contact.stage in NO_CLIENTS and closed and not open_deals(s, contact):
        latest = _latest(s, closed)
        yield found(f"client-d{latest.id}", _closed(s, latest), *_past([latest]))
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
    life, since = 1, f"{at:%Y-%m-%d %H:%M}"
    while (
        row := s.workbook.row("Approvals", f"DB-32 p{contact.id} {_life(code, life)}")
    ) and "" < row.text("Decided On") < since:
        life += 1
    return _life(code, life)


def _life(code: str, life: int) -> str:
    return f"{code}{life if life > 1 else ''}"


def label(stage: Stage) -> str:
    """A stage as people choose it."""
    return STAGE_LABELS[stage]
