"""Campaigns: their kinds, the stages that each rules out (DB-38), and fair housing (D.5).

A campaign is of every kind that its purpose or its name has a word of. A kind only takes people out
of a list, so a word too many costs a reader or two at worst. The agent sees the kinds before the
list is used.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from policies.database.lists.segments import Segment, stage_label
from policies.facts.taxonomy import BUYER_TYPES, protected
from policies.facts.transactions import IN_A_TRANSACTION, PAST_CLIENT, closing_planned
from policies.values.names import folded, one_line
from policies.world.model import Contact, Stage
from policies.world.snapshot import Snapshot, tagged

_LEADS = (Stage.NEW_LEAD, Stage.ATTEMPTING_CONTACT, Stage.LONG_TERM_NURTURE, Stage.COLD_LEAD)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of campaign: the words that name it, and the stages that do not belong in it."""

    name: str
    words: str
    bars: tuple[Stage, ...]


KINDS: tuple[Kind, ...] = (
    Kind(
        "seller campaign",
        r"sellers?|home ?owners?|(?:list|sell)(?:ing)? your home"
        r"|home(?:'s)? (?:values?|valuations?|worth)",
        (Stage.ACTIVE_BUYER, Stage.UNDER_CONTRACT, Stage.PROFESSIONAL_NETWORK),
    ),
    Kind(
        "buyer campaign",
        r"buyers?|home ?buy\w*",
        (Stage.ACTIVE_SELLER, Stage.UNDER_CONTRACT, Stage.PROFESSIONAL_NETWORK),
    ),
    Kind(
        "nurture campaign",
        r"nurture|drip|re-?activation|re-?engagement|cold leads?",
        (*IN_A_TRANSACTION, *PAST_CLIENT, Stage.PROFESSIONAL_NETWORK),
    ),
    Kind(
        "past-client campaign",
        r"past[- ]clients?|client appreciation|anniversar\w+",
        (*_LEADS, *IN_A_TRANSACTION, Stage.PROFESSIONAL_NETWORK),
    ),
    Kind(
        "listing announcement",
        r"(?:new|just) list(?:ing|ed)|just sold|open house|price (?:cut|change|reduction)",
        (Stage.UNDER_CONTRACT, Stage.ACTIVE_SELLER),
    ),
    Kind(
        "professional campaign",
        r"professionals?|lenders?|inspectors?|attorneys?|vendors?",
        tuple(stage for stage in Stage if stage is not Stage.PROFESSIONAL_NETWORK),
    ),
)
"""The kinds of campaigns.

The first has the procedure's example: active buyers do not receive a seller-only campaign. Clients
in a transaction are in no campaign for sellers, buyers or leads.
"""
_WORDS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {kind.name: re.compile(rf"\b(?:{kind.words})\b", re.I) for kind in KINDS}
)
LISTING = KINDS[4]
_AREA = re.compile(r"\b(?:county|parish|zip|neighbou?rhood|subdivision|district)\b|^\d{5}$", re.I)
FAIR_HOUSING = (
    "Fair housing: the list picks buyers of a type within an area."
    " Nobody may be preferred, left out or steered because of race, color, religion, sex,"
    " disability, familial status or national origin;"
    " confirm that its purpose does not, or widen the area."
)
BROAD_REACH = (
    "Fair housing: the campaign is about a listing;"
    " the same list without the area or buyer-type tags reaches everybody it may concern."
)
LIVE_ONLY = "A campaign about a listing goes out only while the listing is live (X-52)."


@dataclass(frozen=True, slots=True)
class Campaign:
    """The use of a list. `purpose` may be empty; `phones` asks for phone numbers as well."""

    name: str
    purpose: str = ""
    phones: bool = False

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of campaign it is, by the words of its purpose, or else of its name."""
        return _kinds(self.purpose) or _kinds(self.name)

    def __str__(self) -> str:
        """The campaign in the words that the agent confirms."""
        purpose = f", for: {one_line(self.purpose)}" if self.purpose.strip() else ""
        said = "no kind of campaign named: no stage is ruled out"
        if self.kinds:
            said = f"checked as a {' and '.join(kind.name for kind in self.kinds)}"
        return f"{one_line(self.name)}{purpose} ({said})"


def _kinds(text: str) -> tuple[Kind, ...]:
    words = folded(text.replace("_", " "))
    return tuple(kind for kind in KINDS if _WORDS[kind.name].search(words))


def problems(segment: Segment, campaign: Campaign, areas: Collection[str]) -> tuple[str, ...]:
    """List why this list cannot be pulled for this campaign, a sentence each.

    *areas* are tags that are known to name a place.
    """
    found = [
        f"{stage_label(stage)} does not belong in a {kind.name} (DB-38):"
        " drop the stage, or say another purpose"
        for kind in campaign.kinds
        for stage in segment.stages
        if stage in kind.bars
    ]
    if not one_line(campaign.name):
        found.append(
            "name the campaign: every export is logged with the campaign it is used for (DB-36)"
        )
    found += unlawful(segment, areas)
    if steers(segment, areas) and not one_line(campaign.purpose):
        found.append(
            "a list of buyers of a type within an area needs a purpose (fair housing, D.5):"
            " say what it is for"
        )
    return tuple(found)


def cautions(segment: Segment, campaign: Campaign, areas: Collection[str]) -> tuple[str, ...]:
    """List the cautions that the agent reads with the list before confirming it."""
    found = [FAIR_HOUSING] if steers(segment, areas) else []
    found += [
        f"Fair housing: in what the campaign is for, {why};"
        " confirm that nobody is preferred or left out because of it."
        for why in dict.fromkeys(map(protected, (campaign.name, campaign.purpose)))
        if why
    ]
    if LISTING in campaign.kinds:
        found.append(LIVE_ONLY)
        if _places(segment, areas) or _types(segment):
            found.append(BROAD_REACH)
    return tuple(found)


def unlawful(segment: Segment, areas: Collection[str]) -> Iterator[str]:
    """Yield a sentence for every tag or own stage of the account that names a protected class.

    The names of places are allowed.
    """
    known = {folded(area) for area in areas}
    own = tuple(stage for stage in segment.stages if not isinstance(stage, Stage))
    return (
        f"fair housing (D.5): {name!r} cannot pick a list, for {why}: drop it"
        for name in (*own, *segment.every_tag)
        if folded(name) not in known and (why := protected(name))
    )


def steers(segment: Segment, areas: Collection[str]) -> bool:
    """Tell whether it combines a place with a type of buyer."""
    return bool(_places(segment, areas) and _types(segment))


def _places(segment: Segment, areas: Collection[str]) -> tuple[str, ...]:
    if segment.areas:
        return segment.areas
    known = {folded(area) for area in areas}
    return tuple(tag for tag in segment.every_tag if folded(tag) in known or _AREA.search(tag))


def _types(segment: Segment) -> tuple[str, ...]:
    known = {folded(name) for name in BUYER_TYPES}
    return tuple(tag for tag in segment.every_tag if folded(tag) in known)


def out_of_place(s: Snapshot, contact: Contact, campaign: Campaign) -> str:
    """Return why this contact does not belong in this campaign, or "" (DB-38)."""
    for kind in campaign.kinds:
        allowed = kind.name == "past-client campaign" and _again(s, contact)
        if contact.stage in kind.bars and not allowed:
            return f"{stage_label(contact.stage or '')} in a {kind.name}"
        if Stage.UNDER_CONTRACT in kind.bars and closing_planned(s, contact):
            return f"in an open transaction, in a {kind.name}"
    return ""


def _again(s: Snapshot, contact: Contact) -> bool:
    """Tell whether this is a past client by tag who is buying or selling again (X-06).

    Under contract they are a client of today.
    """
    return contact.stage is not Stage.UNDER_CONTRACT and tagged(
        contact, s.practice.tags.past_client
    )
