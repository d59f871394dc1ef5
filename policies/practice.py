"""Who Steward works for and what they chose: the onboarding facts, as values the policies may read.

The settings models in `daemon.settings` validate and fill these; a field added here is a key in `config.toml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Literal

from policies.homestead_states import StateRule
from policies.model import STAGE_LABELS, Stage

YEARS_ALWAYS = (1, 2, 5)
"""The anniversary years that no configuration may switch off (MS-26, X-03)."""
Channel = Literal["email", "card"]
BirthdayChannel = Literal["card", "text", "email"]


@dataclass(frozen=True)
class MilestoneOptions:
    """The `[milestones]` table."""

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012  # read by pydantic on the class; not a default

    years_required: tuple[int, ...] = YEARS_ALWAYS
    """Anniversary years that are raised even where `every_year` is off. 1, 2 and 5 cannot be removed (MS-26)."""
    every_year: bool = True
    """Raise the anniversary every year (MS-26, X-03)."""
    anniversary_channel: Channel = "email"
    """How the anniversary touch goes out (MS-33: "a handwritten card or a short email both work well")."""
    year_2_subject: str = ""
    """Subject of the e-mail from year 2 on; the procedure gives none (X-09), so without it the agent is asked."""
    referral_ask: Literal["procedure", "city"] = "procedure"
    """Year 1 asks in the words of the template, or in those of section 6, which name the city (MS-12, X-54)."""
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
    """Label of the custom field that records consent to text messages; without it nobody is texted (X-10)."""
    state: str = ""
    """Two letters of the state whose homestead deadline holds where a home's address names none (MS-28)."""
    combine_home_value: bool = False
    """Let the home-value update go out on the anniversary itself, together with that e-mail (X-04)."""
    date_method: Literal["", "custom field", "task"] = ""
    """Where milestone dates are kept (MS-24): with "task" Steward writes no date fields. Unset counts as "custom field"."""
    email_platform: str = ""
    """What approved e-mails are sent through, named in the VA's send tasks (MS-52)."""
    card_vendor: str = ""
    """Who mails cards: Handwrytten, SendOutCards, or manual (MS-52)."""
    notification_channel: str = ""
    """How the agent wants to hear of the 14-day alerts (MS-52)."""
    templates_dir: str = ""
    """A directory of the agent's own wordings (`anniversary_year_1.txt` …) that replace the procedure's (MS-32)."""


@dataclass(frozen=True)
class DatabaseOptions:
    """The `[database]` table."""

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012  # as above

    confirmed_system_rules: tuple[Mapping[str, str], ...] = ()
    """Stage moves that the agent has confirmed once and for all (DB-09), each with the agent's name and a date."""
    portal_sources: tuple[str, ...] = ("Zillow", "Realtor.com")
    """The lead sources whose leads need a contact attempt on the same day (DB-17)."""
    agent_owned_duplication: bool = False
    """One person may be a contact of several agents, each with a record of their own: such pairs are no duplicates (DB-23)."""


@dataclass(frozen=True)
class TagNames:
    """The `[crm.tags]` table: the account's tags that mean these things; compared without regard to case."""

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012  # as above

    do_not_contact: tuple[str, ...] = ("Do Not Contact", "DNC", "Unsubscribed")
    deceased: tuple[str, ...] = ("Deceased",)
    returned_mail: tuple[str, ...] = ("Returned Mail",)
    bounced: tuple[str, ...] = ("bounced email",)
    past_client: tuple[str, ...] = ("Past Client",)
    investor: tuple[str, ...] = ("Investment buyer",)
    interested: tuple[str, ...] = ("Reply: interested",)
    dissatisfied: tuple[str, ...] = ("Reply: dissatisfied",)
    skip: tuple[str, ...] = ("Steward: skip",)


@dataclass(frozen=True, kw_only=True)
class Practice:
    """The agent, the VA and their choices, resolved against the account.

    `agent_id` and `va_id` are CRM user ids. `templates` maps a template's name to its text. `closures` are extra
    closed days (X-38). `assigned_only` is `scope = "assigned"` (X-57). With `pilot_tag` only tagged contacts are
    touched (rule 17). `homestead` maps two letters of a state to its filing rule. `database_off` says why the database
    procedure is off (X-57), "" where it is on; `crm_domain` is the account's own part of the CRM's address. `account_stages`
    are the labels the account has, `stages` those of them that stand for each of the 13 (DB-16). `suppression_key` makes the
    entries of the tab `Suppression` (X-34); empty where none is set.
    """

    agent_name: str
    va_name: str
    agent_id: int
    va_id: int
    agent_phone: str = ""
    city: str = ""
    assigned_only: bool = True
    pilot_tag: str = ""
    closures: frozenset[date] = frozenset()
    tags: TagNames = field(default_factory=TagNames)
    milestones: MilestoneOptions = field(default_factory=MilestoneOptions)
    database: DatabaseOptions = field(default_factory=DatabaseOptions)
    database_off: str = ""
    crm_domain: str = ""
    templates: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    homestead: Mapping[str, StateRule] = field(default_factory=lambda: MappingProxyType({}))
    account_stages: tuple[str, ...] = tuple(STAGE_LABELS.values())
    stages: Mapping[Stage, tuple[str, ...]] = field(
        default_factory=lambda: MappingProxyType({stage: (label,) for stage, label in STAGE_LABELS.items()}))
    suppression_key: bytes = field(default=b"", repr=False)
