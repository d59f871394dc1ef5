"""The vocabulary every room shares: what was seen in the CRM (Contact, Deal, Task …) and what a
thing of ours is called.

Everything here is an immutable value. Dates are dates in the agent's zone; date-times are aware
and, where they come from a service, UTC. Identity is a `Key`: (rule, subject, episode), written as
one line such as ``MS-04 d812 20261218-14d`` (architecture rule 5).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from policies.values.names import one_line

NOTHING: Mapping[str, str] = MappingProxyType({})


class Stage(StrEnum):
    """The 13 canonical pipeline stages (DB-14); the account's own labels are mapped to them by
    configuration.
    """

    NEW_LEAD = "new_lead"
    ATTEMPTING_CONTACT = "attempting_contact"
    ACTIVE_BUYER = "active_buyer"
    ACTIVE_SELLER = "active_seller"
    UNDER_CONTRACT = "under_contract"
    PAST_CLIENT_BUYER = "past_client_buyer"
    PAST_CLIENT_SELLER = "past_client_seller"
    LONG_TERM_NURTURE = "long_term_nurture"
    COLD_LEAD = "cold_lead"
    SPHERE_OF_INFLUENCE = "sphere_of_influence"
    PROFESSIONAL_NETWORK = "professional_network"
    REFERRAL_SOURCE = "referral_source"
    DO_NOT_CONTACT = "do_not_contact"


STAGE_LABELS: Mapping[Stage, str] = MappingProxyType(
    {
        Stage.NEW_LEAD: "New Lead",
        Stage.ATTEMPTING_CONTACT: "Attempting Contact",
        Stage.ACTIVE_BUYER: "Active Buyer",
        Stage.ACTIVE_SELLER: "Active Seller",
        Stage.UNDER_CONTRACT: "Under Contract",
        Stage.PAST_CLIENT_BUYER: "Past Client — Buyer",
        Stage.PAST_CLIENT_SELLER: "Past Client — Seller",
        Stage.LONG_TERM_NURTURE: "Long-Term Nurture",
        Stage.COLD_LEAD: "Cold Lead",
        Stage.SPHERE_OF_INFLUENCE: "Sphere of Influence",
        Stage.PROFESSIONAL_NETWORK: "Professional Network",
        Stage.REFERRAL_SOURCE: "Referral Source",
        Stage.DO_NOT_CONTACT: "Do Not Contact",
    }
)
"""The procedure's exact words (DB-14), which are also the default labels."""


class Side(StrEnum):
    """The side of a transaction on which the agent's client stood."""

    BUYER = "buyer"
    SELLER = "seller"


class Source(StrEnum):
    """A part of the world that a pass reads whole or not at all (architecture rule 2)."""

    PEOPLE = "people"
    DEALS = "deals"
    TASKS = "tasks"
    NOTES = "notes"
    """Steward's own."""
    PERSONAL_NOTES = "personal notes"
    """When a person last wrote a note on a contact."""
    MAIL = "mail"
    """Bounces and unsubscriptions that the email platform reported back."""
    SHEET = "sheet"


_KEY = re.compile(
    r"^(?P<rule>[A-Z]{2,3}-\d{2}) (?P<subject>[a-z]+[0-9A-Za-z]*) (?P<episode>[0-9A-Za-z.-]+)$"
)


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """The identity of a task, note or row of ours: made from facts alone, never from time or
    chance.
    """

    rule: str
    subject: str
    episode: str

    def __str__(self) -> str:
        return f"{self.rule} {self.subject} {self.episode}"

    @staticmethod
    @lru_cache(maxsize=32_768)  # a pass reads the same marks and Refs for every rule
    def parse(text: str) -> Key | None:
        """The key that *text* spells exactly, or None."""
        found = _KEY.match(text)
        return Key(found["rule"], found["subject"], found["episode"]) if found else None

    @property
    def base(self) -> Key:
        """This key without a repetition suffix: ``…-14d.2`` is the second life of ``…-14d`` (rule
        10).
        """
        if "." not in self.episode:
            return self
        return Key(self.rule, self.subject, self.episode.split(".", maxsplit=1)[0])

    def life(self, n: int) -> Key:
        """The *n*-th life of this key, counted from 1 (the first carries no suffix)."""
        return self.base if n <= 1 else Key(self.rule, self.subject, f"{self.base.episode}.{n}")


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address as the CRM holds it; any part may be empty."""

    street: str = ""
    city: str = ""
    state: str = ""
    code: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """An e-mail address or phone number and what the CRM says of it (Valid, Bounced, Unsubscribed
    …).
    """

    value: str
    status: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Communication:
    """The latest message between a contact and us through one channel ("e-mail", "call", "text"),
    and when (UTC).
    """

    channel: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person in the CRM.

    `stage` is None when the account's label maps to none of the 13; `fields` holds custom fields by
    Steward's own name for them ("closing_anniversary"), only those configured and only non-empty
    ones, as the CRM spells the value. `inbound` holds the latest message from them per channel,
    `outbound` the latest personal one to them; `communications` counts every e-mail, call and text
    either way. `has_background` is whether the background holds a word, `background_of_death`
    whether it begins with a word for a death (X-66). `unreadable` names what of "tags", "stage" and
    "emails" could not be read in this pass (X-65): that it looks empty means nothing then.
    """

    id: int
    created: datetime | None = None
    first_name: str = ""
    last_name: str = ""
    stage: Stage | None = None
    stage_label: str = ""
    trashed: bool = False
    tags: tuple[str, ...] = ()
    emails: tuple[Reach, ...] = ()
    phones: tuple[Reach, ...] = ()
    addresses: tuple[Address, ...] = ()
    assigned_user_id: int | None = None
    source: str = ""
    fields: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    last_communication: datetime | None = None
    inbound: tuple[Communication, ...] = ()
    outbound: tuple[Communication, ...] = ()
    communications: int = 0
    has_background: bool = False
    background_of_death: bool = False
    unreadable: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name on one line; a contact without one is called by its id."""
        return one_line(f"{self.first_name} {self.last_name}") or f"contact {self.id} (no name)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """A transaction. `side` is None when its pipeline is in neither configured list, `closed` when
    its stage is in no pipeline the CRM lists; there is no actual-close date.
    """

    id: int
    name: str = ""
    side: Side | None = None
    closed: bool | None = False
    deleted: bool = False
    stage_label: str = ""
    projected_close: date | None = None
    entered_stage_at: datetime | None = None
    created_at: datetime | None = None
    person_ids: tuple[int, ...] = ()
    user_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A CRM task. `key` is set only where our own CRM user made it and its name ends in our mark
    (rule 5).
    """

    id: int
    person_id: int
    name: str = ""
    key: Key | None = None
    withdrawn: bool = False
    assigned_user_id: int | None = None
    kind: str = ""
    completed: bool = False
    completed_at: datetime | None = None
    due: date | None = None
    due_at: datetime | None = None

    @property
    def done(self) -> bool:
        """Whether a person did it. A withdrawn task is completed too, and nobody did it."""
        return self.completed and not self.withdrawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A CRM note; ours carries its mark as the subject."""

    id: int
    person_id: int
    key: Key | None = None
    subject: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class PersonalNote:
    """That a person, and neither Steward nor an automation, wrote a note on a contact at that
    moment (aware). `of_death` is whether it begins with a word for a death (X-66); the text itself
    is not kept.
    """

    person_id: int
    at: datetime
    of_death: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A logged call; `person_id` is None for an unknown caller."""

    id: int
    person_id: int | None
    incoming: bool
    at: datetime | None = None
    user_id: int | None = None


class MailFate(StrEnum):
    """The fate of an email to a contact."""

    BOUNCED = "bounced"
    UNSUBSCRIBED = "unsubscribed"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailEvent:
    """Something the e-mail platform reported about a contact; a complaint about spam counts as
    unsubscribing.
    """

    id: int
    person_id: int
    fate: MailFate
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A CRM user. `active` is False for one who left."""

    id: int
    name: str = ""
    email: str = ""
    role: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The account and the user that a CRM key belongs to, by the CRM's ids; the rights decide what
    may be concluded.
    """

    account: int
    user_id: int
    domain: str = ""
    role: str = ""
    is_owner: bool = False
    is_admin: bool = False
