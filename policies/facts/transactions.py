"""Tell whether a contact is in a transaction: by the stage of the record, and by the deals on it
(DB-15, X-06).

The stage is what people say of a contact, a deal is what is under way. Neither alone is enough: a
past client who buys again has an open deal and keeps the stage, and an Active Buyer may have no
deal yet. Deals that were deleted count nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType

from policies.world.model import Contact, Deal, Side, Stage
from policies.world.snapshot import Snapshot, tagged

PAST_OF: Mapping[Side, Stage] = MappingProxyType(
    {Side.BUYER: Stage.PAST_CLIENT_BUYER, Side.SELLER: Stage.PAST_CLIENT_SELLER}
)
"""The stage of a client after the closing, by the side they stood on."""
ACTIVE_ON: Mapping[Stage, Side] = MappingProxyType(
    {Stage.ACTIVE_BUYER: Side.BUYER, Stage.ACTIVE_SELLER: Side.SELLER}
)
PAST_CLIENT = (Stage.PAST_CLIENT_BUYER, Stage.PAST_CLIENT_SELLER)
IN_A_TRANSACTION = (Stage.ACTIVE_BUYER, Stage.ACTIVE_SELLER, Stage.UNDER_CONTRACT)
"""Stages of somebody who is buying or selling now."""
LEAVING_A_HOME = (Stage.ACTIVE_SELLER, Stage.UNDER_CONTRACT)
"""Stages of somebody to whom a home value means something else than to an owner (X-06)."""
ENGAGED = (*IN_A_TRANSACTION, *PAST_CLIENT)
"""Stages of somebody who works, or worked, with the agent."""


def deals_of(s: Snapshot, contact: Contact) -> Sequence[Deal]:
    """Every deal of a contact that was not deleted, open, closed or of unknown stage, in id
    order.
    """
    return s.once(_deals).get(contact.id, ())


def _deals(s: Snapshot) -> Mapping[int, Sequence[Deal]]:
    found: dict[int, list[Deal]] = {}
    for _, deal in sorted(s.deals.items()):
        if deal.deleted:
            continue
        for person_id in deal.person_ids:
            found.setdefault(person_id, []).append(deal)
    return found


def open_deals(s: Snapshot, contact: Contact) -> Sequence[Deal]:
    """The contact's deals that are open: a deal whose stage is in no known pipeline is not."""
    return s.once(_open_deals).get(contact.id, ())


def _open_deals(s: Snapshot) -> Mapping[int, Sequence[Deal]]:
    found: dict[int, list[Deal]] = {}
    still_open = (deal for deal in s.deals.values() if deal.closed is False and not deal.deleted)
    for deal in sorted(still_open, key=lambda deal: deal.id):
        for person_id in deal.person_ids:
            found.setdefault(person_id, []).append(deal)
    return found


def next_closing(s: Snapshot, contact: Contact) -> Deal | None:
    """The open deal of a known side that would close next; one without a planned day comes last."""
    found = [deal for deal in open_deals(s, contact) if deal.side]
    return min(found, key=lambda deal: (deal.projected_close or date.max, deal.id), default=None)


def closing_planned(s: Snapshot, contact: Contact) -> bool:
    """Whether an open deal of theirs has a planned closing day that is not past.

    An open deal without such a day may be one that nobody cleared away.
    """
    planned = (deal.projected_close for deal in open_deals(s, contact))
    return any(day is not None and day >= s.today for day in planned)


def current_client(s: Snapshot, contact: Contact) -> bool:
    """Whether the contact is a client right now, by stage or by an open deal (DB-42)."""
    return contact.stage in IN_A_TRANSACTION or bool(open_deals(s, contact))


def past_client(s: Snapshot, contact: Contact) -> bool:
    """Whether the contact is a past client, by stage or by tag (MS-01, X-06).

    The tag keeps a client who is buying again: the stage then belongs to the open transaction.
    """
    return contact.stage in PAST_CLIENT or tagged(contact, s.practice.tags.past_client)
