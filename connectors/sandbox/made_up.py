"""The words that the made-up brokerage is drawn from: names, streets, sources, stages, fields."""

from __future__ import annotations

from collections.abc import Sequence

from policies.world.model import Stage

_FIRST = """
    Ana Ben Carla David Elena Farid Grace Hugo Iris Jonas Kavya Liam Marta Noah Olga Pedro
    Quinn Rosa Samir Tara Umar Vera Wes Ximena Yuki Zoe
"""
FIRST = tuple(_FIRST.split())
_LAST = """
    Lopez Meyer Novak Okafor Patel Quist Rossi Santos Tanaka Ueda Vargas Weber Xu Young Zimmer
    Abbott Brandt Castro Dvorak Ekberg Fuentes Grant Haddad Ito
"""
LAST = tuple(_LAST.split())
STREETS = (
    "Cedar Ln",
    "Maple Ave",
    "Willow Ct",
    "Juniper Way",
    "Birch St",
    "Sycamore Dr",
    "Pecan Trl",
    "Magnolia Blvd",
    "Elm St",
    "Live Oak Rd",
)
AREAS = (512, 737, *range(213, 990, 7))
SOURCES = ("Zillow", "Realtor.com", "Referral", "SOI", "Open House", "Social Media", "Website")
PRICES = ("$200–300K", "$300–400K", "$400–500K", "$500K+")
FIELDS: Sequence[tuple[str, str, bool, tuple[str, ...]]] = (
    ("Closing Anniversary", "date", True, ()),
    ("Move-in Anniversary", "date", True, ()),
    ("Birthday", "date", True, ()),
    ("Homestead Deadline", "date", False, ()),
    ("Property Address", "text", False, ()),
    ("Referred By", "text", False, ()),
    ("Referral Type", "dropdown", False, ("Client", "Sphere", "Agent", "Professional")),
    ("Referrals Sent", "number", False, ()),
    ("Do Not Contact Since", "date", False, ()),
)
WEIGHTS = {
    Stage.NEW_LEAD: 6,
    Stage.ATTEMPTING_CONTACT: 7,
    Stage.ACTIVE_BUYER: 9,
    Stage.ACTIVE_SELLER: 5,
    Stage.UNDER_CONTRACT: 4,
    Stage.PAST_CLIENT_BUYER: 22,
    Stage.PAST_CLIENT_SELLER: 7,
    Stage.LONG_TERM_NURTURE: 10,
    Stage.COLD_LEAD: 9,
    Stage.SPHERE_OF_INFLUENCE: 10,
    Stage.PROFESSIONAL_NETWORK: 5,
    Stage.REFERRAL_SOURCE: 3,
    Stage.DO_NOT_CONTACT: 3,
}
REFERRAL_LOG = (
    "Date",
    "Referral Source",
    "Referred Lead",
    "Outcome",
    "Close Date",
    "Recognition Sent",
)
