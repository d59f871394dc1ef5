"""The agent, the VA and their choices: the onboarding facts, as values the policies may read.

The settings models in `daemon.settings` validate and fill these; a field added here is a key in
`config.toml`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from types import MappingProxyType
from typing import Literal

from policies.world.homestead_states import StateRule
from policies.world.model import STAGE_LABELS, Stage

YEARS_ALWAYS = (1, 2, 5)
"""The anniversary years that no configuration may switch off (MS-26, X-03)."""
GIFTS = ("gift card", "food or wine", "donation")
GIVEN_GIFTS = ("Client", "Sphere", "Agent")
"""Referral types whose sources may be given more than a card, once that is confirmed: professionals
never (X-56).
"""
Channel = Literal["email", "card"]
BirthdayChannel = Literal["card", "text", "email"]


@dataclass(frozen=True, slots=True)
class MilestoneOptions:
    """The `[milestones]` table."""

    # read by pydantic on the class; not a default
    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012

    years_required: tuple[int, ...] = YEARS_ALWAYS
    """Anniversary years that are raised even where `every_year` is off. 1, 2 and 5 cannot be
    removed (MS-26).
    """
    every_year: bool = True
    """Raise the anniversary every year (MS-26, X-03)."""
    anniversary_channel: Channel = "email"
    """How the anniversary touch goes out (MS-33: "a handwritten card or a short email both work
    well").
    """
    year_2_subject: str = ""
    """Subject of the e-mail from year 2 on; the procedure gives none (X-09), so without it the
    agent is asked.
    """
    referral_ask: Literal["procedure", "city"] = "procedure"
    """Year 1 asks in the words of the template, or in those of section 6, which name the city
    (MS-12, X-54).
    """
    referral_ask_later: bool = False
    """Weave the words of section 6 into years 2 and later too (X-54)."""
    move_in_anniversary: bool = False
    """Keep the move-in anniversary as well, where its field is filled (MS-27)."""
    move_in_subject: str = ""
    """Subject of its e-mail; the procedure gives none (X-09)."""
    birthday_channel: BirthdayChannel = "card"
    """How a birthday touch goes out; a text only to those who consented (X-10)."""
    birthday_subject: str = ""
    """Subject of a birthday e-mail; the procedure gives none (X-09)."""
    birthday_14_days: bool = True
    """Remind the agent of a birthday 14 days before as well (X-02)."""
    consent_field: str = ""
    """Label of the custom field that records consent to text messages; without it nobody is texted
    (X-10).
    """
    state: str = ""
    """Two letters of the state whose homestead deadline holds where a home's address names none
    (MS-28).
    """
    combine_home_value: bool = False
    """Let the home-value update go out on the anniversary itself, together with that e-mail (X-04).
    """
    date_method: Literal["", "custom field", "task"] = ""
    """Where milestone dates are kept (MS-24): with "task" Steward writes no date fields. Unset
    counts as "custom field".
    """
    email_platform: str = ""
    """The platform that approved emails are sent through, named in the VA's send tasks (MS-52)."""
    card_vendor: str = ""
    """The vendor who mails cards: Handwrytten, SendOutCards, or manual (MS-52)."""
    notification_channel: str = ""
    """How the agent wants to hear of the 14-day alerts (MS-52)."""
    templates_dir: str = ""
    """A directory of the agent's own wordings (`anniversary_year_1.txt` …) that replace the
    procedure's (MS-32).
    """


@dataclass(frozen=True, slots=True)
class ReferralOptions:
    """The `[referrals]` table (RF-52)."""

    # read by pydantic on the class; not a default
    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012

    handwritten_cards: bool | None = None
    """Whether the agent sends handwritten cards for referrals (RF-09, RF-31). Unset counts as no,
    and `check` asks.
    """
    card_vendor: str = ""
    """The vendor who mails them: Handwrytten, SendOutCards, or local; named in the VA's tasks."""
    gift_vendor: str = ""
    """Where recognition gifts are ordered (RF-52)."""
    gift_budget: str = ""
    """The budget of a gift, in the agent's words, shown beside the choice (RF-14)."""
    gifts_confirmed: Mapping[str, tuple[str, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """By referral type, which of "gift card", "food or wine", "donation" the agent or broker has
    confirmed as lawful (X-56).
    """
    bookkeeper: str = ""
    """The person whom the VA tells that a referral fee is due (RF-38)."""
    agent_tags: tuple[str, ...] = ("Agent", "Realtor", "Referring Agent")
    """Tags of contacts who are agents of another brokerage: what they send is an agent referral
    (RF-22).
    """
    track_counts: bool = True
    """Keep "Referrals Sent" on the source's record (RF-27)."""


@dataclass(frozen=True, slots=True)
class ConfirmedRule:
    """A rule by which stages move without a question, who of the agents confirmed it, and on which
    day (DB-09, X-30).
    """

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012  # as above

    rule: Literal["closed_to_past_client"]
    agent: str
    date: dt.date


@dataclass(frozen=True, slots=True)
class DatabaseOptions:
    """The `[database]` table."""

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012  # as above

    confirmed_system_rules: tuple[ConfirmedRule, ...] = ()
    """Rules that move a stage by themselves; everything else is proposed (X-30)."""
    portal_sources: tuple[str, ...] = ("Zillow", "Realtor.com")
    """Lead sources that are portals: their leads are answered the same day (DB-17)."""
    agent_owned_duplication: bool = False
    """One person may be a contact of several agents, each with a record of their own: such pairs
    are no duplicates (DB-23).
    """
    day_end: time = time(21)
    """Until when somebody may be called; a portal lead without an attempt is flagged two hours
    earlier (X-45).
    """
    tag_aliases: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """The account's own words for the procedure's tags, by the procedure's word (DB-16, DB-18)."""
    geographic_areas: tuple[str, ...] = ()
    """The tags that name a city, a neighborhood or a county (DB-18)."""
    crm_access: str = ""
    """Rights of the VA in the CRM, as agreed (DB-47)."""
    duplicate_checker: str = ""
    """The tool that people merge duplicates with: the CRM's own, or Dedupely (DB-47)."""
    export_format: str = ""
    """The format in which the agent's email platform takes lists: CSV for most (DB-47)."""


@dataclass(frozen=True, slots=True)
class TagNames:
    """The `[crm.tags]` table: the account's tags that mean these things; compared without regard to
    case.
    """

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012  # as above

    do_not_contact: tuple[str, ...] = ("Do Not Contact", "DNC", "Unsubscribed")
    deceased: tuple[str, ...] = ("Deceased",)
    returned_mail: tuple[str, ...] = ("Returned Mail",)
    bounced: tuple[str, ...] = ("bounced email",)
    past_client: tuple[str, ...] = ("Past Client",)
    investor: tuple[str, ...] = ("Investment buyer",)
    interested: tuple[str, ...] = ("Reply: interested",)
    dissatisfied: tuple[str, ...] = ("Reply: dissatisfied",)
    asked_for_status: tuple[str, ...] = ("Referral: asked for status",)
    thanks_missed: tuple[str, ...] = ("Referral: dissatisfied",)
    skip: tuple[str, ...] = ("Steward: skip",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """The agent, the VA and their choices, resolved against the account.

    `agent_id` and `va_id` are CRM user ids. `templates` maps a template's name to its text.
    `closures` are extra closed days (X-38). `assigned_only` is `scope = "assigned"` (X-57). With
    `pilot_tag` only tagged contacts are touched (rule 17). `homestead` maps two letters of a state
    to its filing rule. `account_stages` are the labels the account has, `stages` those of them that
    stand for each of the 13 (DB-16). `suppression_key` makes the entries of the tab `Suppression`
    (X-34); empty where none is set. `memory_key` makes the marks of addresses in `Memory`; it is
    never shown. `database_off` says why the database procedure is off (X-57),
    "" where it is on; `crm_domain` is the account's own part of the CRM's address.
    """

    agent_name: str
    va_name: str
    agent_id: int
    va_id: int
    agent_phone: str = ""
    city: str = ""
    assigned_only: bool = True
    own_contact: int = 0
    pilot_tag: str = ""
    closures: frozenset[date] = frozenset()
    tags: TagNames = field(default_factory=TagNames)
    milestones: MilestoneOptions = field(default_factory=MilestoneOptions)
    referrals: ReferralOptions = field(default_factory=ReferralOptions)
    database: DatabaseOptions = field(default_factory=DatabaseOptions)
    database_off: str = ""
    crm_domain: str = ""
    templates: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    homestead: Mapping[str, StateRule] = field(default_factory=lambda: MappingProxyType({}))
    account_stages: tuple[str, ...] = tuple(STAGE_LABELS.values())
    stages: Mapping[Stage, tuple[str, ...]] = field(
        default_factory=lambda: MappingProxyType(
            {stage: (label,) for stage, label in STAGE_LABELS.items()}
        )
    )
    suppression_key: bytes = field(default=b"", repr=False)
    memory_key: bytes = field(default=b"", repr=False)
