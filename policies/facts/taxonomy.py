"""The segments of a database: what each of the 13 stages means, the six tag categories, price
ranges by number (DB-14 to DB-18).

A tag is known by the procedure's word or by one of the account's own words for it; nothing here
ever puts a tag on anybody (DB-20).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from policies.facts import price_range
from policies.facts.price_range import PriceRange
from policies.values.names import folded, visible
from policies.world.model import Contact, Stage
from policies.world.snapshot import Snapshot

DEFINITIONS: Mapping[Stage, str] = MappingProxyType(
    {
        Stage.NEW_LEAD: "just entered the CRM, not yet contacted",
        Stage.ATTEMPTING_CONTACT: "outreach in progress",
        Stage.ACTIVE_BUYER: "pre-approved buyer, actively searching",
        Stage.ACTIVE_SELLER: "listing live or appointment set",  # both qualify for the stage
        Stage.UNDER_CONTRACT: "transaction open, not closed",
        Stage.PAST_CLIENT_BUYER: "closed buyer transaction",
        Stage.PAST_CLIENT_SELLER: "closed seller transaction",
        Stage.LONG_TERM_NURTURE: "interested, 6 or more months from transacting",
        Stage.COLD_LEAD: "no response in 90 or more days, low-touch",
        Stage.SPHERE_OF_INFLUENCE: "personal connection, not a lead",
        Stage.PROFESSIONAL_NETWORK: "lenders, inspectors, attorneys, contractors",
        Stage.REFERRAL_SOURCE: "past client or professional actively sending referrals",
        Stage.DO_NOT_CONTACT: "opted out or requested no further contact",
    }
)
"""The meaning of each stage, for people who have to choose one (DB-15)."""


def missing_stages(s: Snapshot) -> Sequence[Stage]:
    """Those of the 13 stages for which the account has no label (DB-14, DB-16)."""
    labels = {folded(label) for label in s.practice.account_stages}
    return tuple(
        stage
        for stage in Stage
        if not any(folded(label) in labels for label in s.practice.stages.get(stage, ()))
    )


class Category(StrEnum):
    """The six kinds of tags (DB-18)."""

    LEAD_SOURCE = "Lead source"
    PROPERTY_INTEREST = "Property interest"
    PRICE_RANGE = "Price range"
    GEOGRAPHIC_AREA = "Geographic area"
    BUYER_TYPE = "Buyer type"
    SPECIAL_FLAG = "Special flags"


PRICE_RANGES: Mapping[str, PriceRange] = MappingProxyType(
    {
        "$200–300K": PriceRange(200_000, 300_000),
        "$300–400K": PriceRange(300_000, 400_000),
        "$400–500K": PriceRange(400_000, 500_000),
        "$500K+": PriceRange(500_000),
    }
)
"""The procedure's four ranges by its words for them."""

BUYER_TYPES = ("First-time buyer", "Move-up buyer", "Investment buyer", "Downsizer")
TAGS: Mapping[Category, tuple[str, ...]] = MappingProxyType(
    {
        Category.LEAD_SOURCE: (
            "Zillow",
            "Realtor.com",
            "Referral",
            "SOI",
            "Open House",
            "Social Media",
            "Website",
        ),
        Category.PROPERTY_INTEREST: ("Single Family", "Condo", "Townhouse", "Multifamily", "Land"),
        Category.PRICE_RANGE: tuple(PRICE_RANGES),
        Category.GEOGRAPHIC_AREA: (),
        Category.BUYER_TYPE: BUYER_TYPES,
        Category.SPECIAL_FLAG: ("VIP Client", "Past Client", "Referral Source", "Hot Lead"),
    }
)
"""The procedure's tags; the geographic ones are the agent's to name: cities, neighborhoods,
counties.
"""
LONGEST_TAG = 64
"""Characters of a tag; the CRM reads a comma in one as "or"."""
OPEN_HOUSE = "Open House — "
"""How the tag of one open house begins (DB-27): it is a lead source too."""


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """Every tag that is known, by its folded spelling: its category and the procedure's word for
    it.
    """

    known: Mapping[str, tuple[Category, str]]

    def find(self, tag: str) -> tuple[Category, str] | None:
        """The category and the word of *tag*; a price range in any spelling is found by its
        numbers.
        """
        if found := self.known.get(folded(tag)):
            return found
        if folded(tag).startswith(folded(OPEN_HOUSE)):
            return Category.LEAD_SOURCE, "Open House"
        named = price_range.of_tag(tag)
        label = next((label for label, known in PRICE_RANGES.items() if known == named), "")
        return (Category.PRICE_RANGE, label) if label else None

    def has(self, contact: Contact, category: Category) -> bool:
        """Whether the contact carries a tag of this category."""
        return any((found := self.find(tag)) and found[0] is category for tag in contact.tags)


def build(
    aliases: Mapping[str, Sequence[str]],
    areas: Iterable[str],
    flags: Iterable[str] = (),
    portals: Iterable[str] = (),
) -> Taxonomy:
    """The taxonomy with the account's own words: *aliases* by the procedure's word, *areas*,
    *flags* and *portals* besides.
    """
    by_word = {folded(word): (category, word) for category, words in TAGS.items() for word in words}
    by_word |= {folded(area): (Category.GEOGRAPHIC_AREA, area) for area in areas}
    by_word = {folded(flag): (Category.SPECIAL_FLAG, flag) for flag in flags} | by_word
    by_word = {folded(portal): (Category.LEAD_SOURCE, portal) for portal in portals} | by_word
    known = dict(by_word)
    for word, labels in aliases.items():
        if found := by_word.get(folded(word)):
            known |= {folded(label): found for label in labels}
    return Taxonomy(MappingProxyType(known))


def of(s: Snapshot) -> Taxonomy:
    """This agent's taxonomy, once a snapshot. It includes the tags that Steward acts on, such as
    Deceased (X-49).
    """
    return s.once(_of)


def lead_source(s: Snapshot, tag: str) -> str:
    """The lead source that *tag* names, in the procedure's word or the portal's; "" for any other
    tag.
    """
    found = s.once(_of_sources).find(tag)
    return found[1] if found and found[0] is Category.LEAD_SOURCE else ""


def _of_sources(s: Snapshot) -> Taxonomy:
    options = s.practice.database
    return build(options.tag_aliases, (), (), options.portal_sources)


def _of(s: Snapshot) -> Taxonomy:
    options, names = s.practice.database, s.practice.tags
    return build(
        options.tag_aliases,
        options.geographic_areas,
        (tag for f in fields(names) for tag in getattr(names, f.name)),
        options.portal_sources,
    )


def price_tag(amount: int) -> str:
    """The price-range tag that *amount* dollars fall into: the lower bound belongs to it, the upper
    does not (X-26).

    "" below $200,000, where the taxonomy has none: a gap is flagged, never filled with a made-up
    tag.
    """
    price = PriceRange(amount, amount + 1)
    return next((label for label, found in PRICE_RANGES.items() if found.overlaps(price)), "")


def gap(tag: str) -> str:
    """Why the taxonomy does not have a tag that names a price; "" for any other tag (X-26)."""
    found = price_range.of_tag(tag)
    if found is None or found in PRICE_RANGES.values():
        return ""
    below = found.high is not None and found.high <= price_range.LOWEST
    return (
        f"{tag!r} lies below $200K, where the taxonomy has no range"
        if below
        else f"{tag!r} is none of the taxonomy's price ranges"
    )


# -- fair housing ----------------------------------------------------------------------------------

_PROTECTED: Mapping[str, str] = MappingProxyType(
    {
        "race or color": (
            "black|white|african[- ]american|african|caucasian|minority|minorities|people of"
            " color|race|racial"
        ),
        "national origin": (
            "hispanic|latin[oax]|asian|chinese|indian|mexican|korean|vietnamese|filipino|japanese"
            "|pakistani|arab|russian|european|cuban|puerto rican|haitian|immigrant|foreign(?:er)?"
            "|nationality|nationalities|spanish[- ]speak(?:ing|er)"
        ),
        "religion": (
            "christian|catholic|jew|jewish|muslim|hindu|buddhist|mormon|church(?:es)?|synagogue|"
            "mosque|temple|religion|religious"
        ),
        "sex": (
            "male|female|men|women|man|woman|ladies|gentlemen|bachelor|"
            "bachelorette|lgbtq?|gay|lesbian|transgender"
        ),
        "familial status": (
            "famil(?:y|ies)|kid|child(?:ren|less|free)?|empty[-"
            " ]nester|single|married|newlywed|divorced?|pregnant|couple|"
            "parent|mom|dad|mother|father|grandparent|widow(?:er|ed)?"
        ),
        "disability": "disabled|disabilit(?:y|ies)|handicap(?:ped)?|wheelchair|deaf|blind",
        "age, which stands for familial status": (
            r"senior|elderly|retiree|retired|millennial|boomer|gen[- ]?[xz]|young professional|"
            r"\d{2}\s*\+|\d{2} (?:and|&|or) (?:older|over|up|under|younger)|"
            r"(?:over|under)[- ]\d{2}|age[ds]?"
        ),
    }
)
_LINT = tuple(
    (kind, re.compile(rf"(?<![\w$]){'(?:' + words + ')'}s?(?!\w)", re.I))
    for kind, words in _PROTECTED.items()
)
_PROPERTY = re.compile(
    r"\b(?:single|multi|two|2|three|3|four|4)[- ]?famil(?:y|ies)\b|\bmother-in-law\b|\bfamily"
    r" room\b",
    re.I,
)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


@lru_cache(maxsize=4096)
def protected(tag: str) -> str:
    """Why *tag* must not be a segment: the protected class its words name or stand for; "" for none
    (Fair Housing Act, D.5).

    The procedure's own words and kinds of property pass; so does the address of an open house.
    """
    if any(folded(tag) == folded(word) for words in TAGS.values() for word in words) or folded(
        tag
    ).startswith(folded(OPEN_HOUSE)):
        return ""
    text = _PROPERTY.sub(" ", folded(_HUMP.sub(" ", visible(tag)).replace("_", " ")))
    hits = ((kind, found[0]) for kind, words in _LINT if (found := words.search(text)))
    return next(
        (f"{word!r} names or stands for {kind}, a protected class" for kind, word in hits), ""
    )


def tag_problems(tag: str) -> Iterator[str]:
    """Everything that keeps *tag* from being made or proposed: a comma, its length, a protected
    class.
    """
    if "," in tag:
        yield f"{tag!r} has a comma: the CRM's filter would take it for two tags"
    if len(tag) > LONGEST_TAG:
        yield f"{tag[:30]!r}… has {len(tag)} characters, the CRM takes {LONGEST_TAG}"
    if why := protected(tag):
        yield f"{tag!r}: {why}"
