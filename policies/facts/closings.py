"""When a deal closed, as far as the CRM can tell: it has no field for it (X-41)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from policies.values.dates import iso_date
from policies.values.names import one_line
from policies.values.no_value import EARLIEST_CLOSING
from policies.world.model import Contact, Deal, Side
from policies.world.snapshot import Snapshot

LATEST_CLOSING = 366
"""Days ahead beyond which a closing date is a typing error."""


@dataclass(frozen=True, slots=True)
class Closing:
    """The day a deal closed, and where that is known from."""

    day: date
    known_from: str


@dataclass(frozen=True, slots=True)
class NoClosing:
    """Why no closing date is known. `odd` marks a date in the contact's field that cannot be one
    and has to be looked up.
    """

    reason: str
    odd: bool = False


def closing_date(s: Snapshot, deal: Deal, contact: Contact) -> Closing | NoClosing:
    """When *deal* closed for *contact*.

    The contact's `Closing Anniversary` field wins for the home it is nearest to. Then comes the
    deal's projected close date, then the day it entered its closed stage (X-41).
    """
    written = contact.fields.get("closing_anniversary", "")
    if written:
        day = iso_date(written)
        if day is None or not usable(s, day):
            shown = one_line(written)[:20]
            return NoClosing(
                f"its Closing Anniversary {shown!r} cannot be a closing date", odd=True
            )
        if _meant_for(s, deal, contact, day):
            return Closing(day, "the field Closing Anniversary")
    own = deal_date(s, deal)
    if own is None or not usable(s, own):
        return NoClosing(
            "no closing date is known: no Closing Anniversary, no projected close date, no stage"
            " date"
        )
    if deal.projected_close:
        return Closing(own, "the deal's projected close date")
    return Closing(own, "the day the deal entered its closed stage")


def usable(s: Snapshot, day: date) -> bool:
    """Whether *day* can be a closing date: not a placeholder of long ago, and not a mistyped year
    ahead.
    """
    return EARLIEST_CLOSING <= day <= s.once(_latest_usable)


def _latest_usable(s: Snapshot) -> date:
    return s.today + timedelta(days=LATEST_CLOSING)


def _meant_for(s: Snapshot, deal: Deal, contact: Contact, day: date) -> bool:
    """Whether the contact's one date field speaks of *deal*: the purchase whose own date is nearest
    to it.
    """
    closed = s.deals_of.get(contact.id, ())
    if len(closed) == 1:
        return closed[0].id == deal.id
    purchases = [d for d in closed if d.side is Side.BUYER] or list(closed)
    nearest = min(purchases, key=lambda d: _distance(s, d, day), default=deal)
    return nearest.id == deal.id


def _distance(s: Snapshot, deal: Deal, day: date) -> tuple[bool, int, int]:
    """How far *deal* is from *day*; a deal without a date of its own is further than any other."""
    own = deal_date(s, deal)
    return own is None, abs((own - day).days) if own else 0, deal.id


# -- by the deal alone -----------------------------------------------------------------------------


def deal_date(s: Snapshot, deal: Deal) -> date | None:
    """When the deal itself says it closed: its projected close date, else the day it entered its
    closed stage.
    """
    return deal.projected_close or entered(s, deal)


def known_since(s: Snapshot, deal: Deal) -> date | None:
    """The day from which it was a fact that *deal* had closed: its closing date, or the day its
    stage said so, where that came later.
    """
    staged = entered(s, deal)
    if deal.projected_close and staged:
        return max(deal.projected_close, staged)
    return deal.projected_close or staged


def entered(s: Snapshot, deal: Deal) -> date | None:
    """The day it entered the stage it is in, in the agent's zone."""
    return deal.entered_stage_at.astimezone(s.now.tzinfo).date() if deal.entered_stage_at else None


def recently_closed(s: Snapshot, deal: Deal, days: int) -> bool:
    """Whether *deal* closed since Steward started and within that many days: by its date, or by
    the day its stage said so.
    """
    since = known_since(s, deal)
    return since is not None and s.starts <= since <= s.today and (s.today - since).days <= days


def latest(s: Snapshot, deals: Sequence[Deal]) -> Deal | None:
    """The one of *deals* that closed last, a deal without a date before all others; None for no
    deals.
    """
    return max(deals, key=lambda deal: (deal_date(s, deal) or date.min, deal.id), default=None)
