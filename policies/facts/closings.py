"""When a deal closed, as far as the CRM can tell: it has no field for it (X-41)."""

from __future__ import annotations

from datetime import date, timedelta

from policies.values.no_value import EARLIEST_CLOSING
from policies.world.model import Deal
from policies.world.snapshot import Snapshot

LATEST_CLOSING = 366
"""Days ahead beyond which a closing date is a typing error."""


def usable(s: Snapshot, day: date) -> bool:
    """Whether *day* can be a closing date: no placeholder of long ago, no year that was
    mistyped.
    """
    return EARLIEST_CLOSING <= day <= s.today + timedelta(days=LATEST_CLOSING)


def known_since(s: Snapshot, deal: Deal) -> date | None:
    """The day on which it was a fact that *deal* had closed: its closing date, or later, when its
    stage said so.
    """
    staged = entered(s, deal)
    return (
        max(deal.projected_close, staged)
        if deal.projected_close and staged
        else deal.projected_close or staged
    )


def recently_closed(s: Snapshot, deal: Deal, days: int) -> bool:
    """Whether *deal* closed under Steward's eyes and within that many days: by its date, or when
    its stage said so.
    """
    since = known_since(s, deal)
    return since is not None and s.starts <= since <= s.today and (s.today - since).days <= days


def deal_date(s: Snapshot, deal: Deal) -> date | None:
    """When the deal itself says it closed: its projected close date, else the day it entered its
    closed stage.
    """
    return deal.projected_close or entered(s, deal)


def entered(s: Snapshot, deal: Deal) -> date | None:
    """The day it entered the stage it is in, in the agent's zone."""
    return deal.entered_stage_at.astimezone(s.now.tzinfo).date() if deal.entered_stage_at else None
