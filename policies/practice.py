"""Who Steward works for and what they chose: the onboarding facts, as values the policies may read.

The settings models in `daemon.settings` validate and fill these; a field added here is a key in `config.toml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Literal

YEARS_ALWAYS = (1, 2, 5)
"""The anniversary years that no configuration may switch off (MS-26, X-03)."""


@dataclass(frozen=True)
class MilestoneOptions:
    """The `[milestones]` table."""

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012  # read by pydantic on the class; not a default

    years_required: tuple[int, ...] = YEARS_ALWAYS
    """Anniversary years that are raised even where `every_year` is off. 1, 2 and 5 cannot be removed (MS-26)."""
    every_year: bool = True
    """Raise the anniversary every year (MS-26, X-03)."""
    anniversary_channel: Literal["email", "card"] = "email"
    """How the anniversary touch goes out (MS-33: "a handwritten card or a short email both work well")."""
    year_2_subject: str = ""
    """Subject of the e-mail from year 2 on; the procedure gives none (X-09), so without it the agent is asked."""
    templates_dir: str = ""
    """A directory of the agent's own wordings (`anniversary_year_1.txt` …) that replace the procedure's (MS-32)."""


@dataclass(frozen=True)
class TagNames:
    """The `[crm.tags]` table: the account's tags that mean these things; compared without regard to case."""

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012  # as above

    do_not_contact: tuple[str, ...] = ("Do Not Contact", "DNC", "Unsubscribed")
    deceased: tuple[str, ...] = ("Deceased",)
    returned_mail: tuple[str, ...] = ("Returned Mail",)
    past_client: tuple[str, ...] = ("Past Client",)
    skip: tuple[str, ...] = ("Steward: skip",)


@dataclass(frozen=True, kw_only=True)
class Practice:
    """The agent, the VA and their choices, resolved against the account.

    `agent_id` and `va_id` are CRM user ids. `templates` maps a template's name to its text. `closures` are extra
    closed days (X-38). `assigned_only` is `scope = "assigned"` (X-57). With `pilot_tag` only tagged contacts are
    touched (rule 17).
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
    templates: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
