"""The configuration: one TOML file, the environment above it, secrets beside it, all defaults.

All problems are found at once, each named by its dotted key. The keys of the CRM and the Sheet and
the suppression key are never in the TOML file. They come from `STEWARD_CRM__API_KEY`,
`STEWARD_CRM__SYSTEM_KEY`, `STEWARD_SHEET__CREDENTIALS` and `STEWARD_SUPPRESSION_KEY`, or from the
files `crm_api_key`, `crm_system_key`, `sheet_credentials` and `suppression_key` in
`$CREDENTIALS_DIRECTORY`, as may `heartbeat_url`, `notify_primary` and `notify_secondary`.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from datetime import date, time
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from daemon.account.setting_types import (
    Key,
    Labels,
    LocalTime,
    SecretUrl,
    Text,
    Url,
    Zone,
    as_list,
    as_lists,
    as_options,
    as_referrals,
    as_years,
)
from policies.asks.notices import Channel
from policies.values.names import folded
from policies.world.model import STAGE_LABELS, Stage
from policies.world.practice import (
    GIFTS,
    GIVEN_GIFTS,
    YEARS_ALWAYS,
    DatabaseOptions,
    MilestoneOptions,
    ReferralOptions,
    TagNames,
)

FIELD_LABELS: Mapping[str, str] = {
    "closing_anniversary": "Closing Anniversary",
    "move_in_anniversary": "Move-in Anniversary",
    "birthday": "Birthday",
    "homestead_deadline": "Homestead Deadline",
    "property_address": "Property Address",
    "referred_by": "Referred By",
    "referral_type": "Referral Type",
    "referrals_sent": "Referrals Sent",
    "do_not_contact_since": "Do Not Contact Since",
}
"""Custom fields by Steward's name, each with its default label (interfaces, "Custom fields")."""

SHORTEST_KEY = 16
A_DAY = 24 * 60
"""Minutes."""
KINDS_OF_CREDENTIALS = ("service-account", "anonymous", "default")


class Section(BaseModel):
    """A table of the file; an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Agent(Section):
    """The agent that Steward works for."""

    name: Text
    phone: str = ""
    city: str = ""
    timezone: Zone
    """IANA name; every date is a date in this zone."""
    crm_user: Text | int
    """Email or numeric id of the agent's CRM user."""
    google_account: Text
    """The only person who may edit decision cells."""


class Va(Section):
    """The virtual assistant, who works through the tasks."""

    name: Text
    crm_user: Text | int


class Pipelines(Section):
    """The names of the pipelines of either side."""

    buyer: Labels = ("Buyers",)
    seller: Labels = ("Sellers",)


class Crm(Section):
    """The CRM."""

    provider: Literal["followupboss"] = "followupboss"
    base_url: Url = "https://api.followupboss.com/v1"
    system: Annotated[str, Field(pattern=r"^[ -~]+$")] = "steward"
    test_contact: int = 0
    """A contact for the test task of `check` and for tasks about no client; 0 for none."""
    pipelines: Pipelines = Pipelines()
    tags: Annotated[TagNames, BeforeValidator(as_lists)] = Field(default_factory=TagNames)
    stages: Mapping[Stage, Labels] = Field(default_factory=dict)
    """Canonical stage to the account's labels; an absent stage keeps the procedure's label."""
    fields: Mapping[str, str] = Field(default_factory=dict)
    """Custom field to label; an absent field keeps its default label."""
    api_key: Key = SecretStr("")
    system_key: Key = SecretStr("")

    @field_validator("fields")
    @classmethod
    def _known_fields(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        if unknown := sorted(value.keys() - FIELD_LABELS.keys()):
            raise ValueError(f"unknown field {unknown[0]!r}; known are {', '.join(FIELD_LABELS)}")
        return value

    def stage_labels(self) -> dict[Stage, tuple[str, ...]]:
        """Every canonical stage with its labels; Steward writes the first one."""
        defaults: dict[Stage, tuple[str, ...]] = {
            stage: (label,) for stage, label in STAGE_LABELS.items()
        }
        defaults[Stage.PAST_CLIENT_BUYER] += ("Past Client",)
        return {**defaults, **self.stages}

    def field_labels(self) -> dict[str, str]:
        """Every custom field with its label."""
        return {**FIELD_LABELS, **self.fields}


class Sheet(Section):
    """The shared workbook."""

    provider: Literal["google"] = "google"
    base_url: Url = "https://sheets.googleapis.com"
    spreadsheet_id: Text
    hygiene_spreadsheet_id: str = ""
    service_account: str = ""
    """Its email, if the credentials do not name it."""
    credentials: Literal["service-account", "anonymous", "default"] = "service-account"
    secret: SecretStr = SecretStr("")


class Schedule(Section):
    """The working hours of the daemon: minutes, and local times in the agent's zone."""

    poll_minutes: int = Field(default=15, ge=1, le=A_DAY)
    sweep_minutes: int = Field(default=60, ge=1, le=A_DAY)
    """How long a sweep of all contacts is used; until then a poll reads the changed ones."""
    morning: LocalTime = time(6, 0)
    closures: Annotated[tuple[date, ...], BeforeValidator(as_list)] = ()
    """Extra closed days (X-38)."""
    quiet_hours: Annotated[tuple[LocalTime, LocalTime], BeforeValidator(as_list)] = (
        time(21, 0),
        time(8, 0),
    )
    heartbeat_url: SecretUrl = SecretStr("")


class Guard(Section):
    """The limits that no pass exceeds without the agent's consent."""

    bulk_limit: int = Field(default=50, ge=1)
    """Contacts in one kind of hygiene action (DB-41: 50 passes, 51 stops)."""
    bulk_window_days: int = Field(default=7, ge=1)
    minimum_snapshot_share: float = Field(default=0.8, ge=0, le=1)
    """A source that shrank below this share of its last size counts as failed."""
    settle_seconds: float = Field(default=120, ge=0)
    """How long a lost write may still arrive; it is not sent again before."""
    withdraw_limit: int = Field(default=10, ge=0)
    pilot_tag: str = ""
    """With a tag here, only contacts with that tag are touched."""


class Notify(Section):
    """The agent's own channels, as addresses of Apprise; each of them is a secret."""

    primary: Annotated[tuple[SecretStr, ...], BeforeValidator(as_list)] = ()
    secondary: Annotated[tuple[SecretStr, ...], BeforeValidator(as_list)] = ()
    """For unanswered notices, and for a lead who wants to buy or sell (X-39)."""

    @field_validator("primary", "secondary")
    @classmethod
    def _addresses(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if not all("://" in address.get_secret_value() for address in value):
            raise ValueError(
                "is no list of Apprise addresses; one looks like mailto://user:password@example.com"
            )
        return value

    @model_validator(mode="after")
    def _primary_first(self) -> Notify:
        if self.secondary and not self.primary:
            raise ValueError(
                "there is a secondary channel and no primary one: notify.primary is missing"
            )
        return self

    def addresses(self) -> dict[Channel, list[str]]:
        """The addresses by channel."""
        return {
            Channel.PRIMARY: [a.get_secret_value() for a in self.primary],
            Channel.SECONDARY: [a.get_secret_value() for a in self.secondary],
        }


class Settings(BaseSettings):
    """All settings."""

    model_config = SettingsConfigDict(
        env_prefix="STEWARD_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        enable_decoding=False,
    )

    mode: Literal["observe", "act"] = "observe"
    scope: Literal["assigned", "account"] = "assigned"
    state_dir: Path = Path("/var/lib/steward")
    host: str = Field(default_factory=socket.gethostname)
    """The name of this installation in `Memory`; one with another name refuses to write."""
    agent: Agent
    va: Va
    crm: Crm = Crm()
    sheet: Sheet
    schedule: Schedule = Schedule()
    milestones: Annotated[MilestoneOptions, BeforeValidator(as_years)] = Field(
        default_factory=MilestoneOptions
    )
    referrals: Annotated[ReferralOptions, BeforeValidator(as_referrals)] = Field(
        default_factory=ReferralOptions
    )
    database: Annotated[DatabaseOptions, BeforeValidator(as_options)] = Field(
        default_factory=DatabaseOptions
    )
    guard: Guard = Guard()
    notify: Notify = Notify()
    suppression_key: Key = SecretStr("")
    """A long random text, never changed: it hashes the entries of the tab `Suppression` (X-34)."""

    @field_validator("suppression_key")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < SHORTEST_KEY:
            raise ValueError(
                "is too short to keep numbers secret; "
                f"use at least {SHORTEST_KEY} random characters"
            )
        return value

    @field_validator("referrals")
    @classmethod
    def _gifts_are_known(cls, value: ReferralOptions) -> ReferralOptions:
        if unknown := sorted(value.gifts_confirmed.keys() - set(GIVEN_GIFTS)):
            raise ValueError(
                f"gifts_confirmed: {unknown[0]!r} may have no gift confirmed; "
                f"known are {', '.join(GIVEN_GIFTS)} (X-56)"
            )
        confirmed = set().union(*value.gifts_confirmed.values())
        if wrong := sorted(confirmed - set(GIFTS)):
            raise ValueError(
                f"gifts_confirmed: {wrong[0]!r} is no gift; known are {', '.join(GIFTS)}"
            )
        return value

    @field_validator("milestones")
    @classmethod
    def _years_stay(cls, value: MilestoneOptions) -> MilestoneOptions:
        if lost := sorted(set(YEARS_ALWAYS) - set(value.years_required)):
            raise ValueError(
                f"years_required must keep {', '.join(map(str, lost))}: "
                "years 1, 2 and 5 cannot be removed (MS-26)"
            )
        return value

    @field_validator("database")
    @classmethod
    def _portals_stay(cls, value: DatabaseOptions) -> DatabaseOptions:
        if not value.portal_sources:
            raise ValueError("portal_sources must name at least one source (DB-17)")
        if value.day_end < time(4):
            raise ValueError(
                "day_end is the last hour of a day in which people are called; "
                "write 23:59 for midnight (DB-17)"
            )
        return value

    @field_validator("database")
    @classmethod
    def _agents_confirm(cls, value: DatabaseOptions, info: ValidationInfo) -> DatabaseOptions:
        va = info.data.get("va")
        nobody = {"", folded(va.name) if va else ""}
        if any(folded(rule.agent) in nobody for rule in value.confirmed_system_rules):
            raise ValueError(
                "confirmed_system_rules: name the agent who confirmed the rule; "
                "the VA confirms none (DB-09)"
            )
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The order of sources: the environment before the file."""
        return env_settings, init_settings

    def fields_read(self) -> dict[str, str]:
        """Every custom field that is read, with its label; one may record consent to texts."""
        found = self.crm.field_labels()
        if self.milestones.consent_field:
            found["text_consent"] = self.milestones.consent_field
        return found

    @property
    def zone(self) -> ZoneInfo:
        """The agent's time zone."""
        return ZoneInfo(self.agent.timezone)
