"""The records of Follow Up Boss on the wire: only the fields that Steward uses."""

from __future__ import annotations

from typing import Any

import msgspec


class Wire(msgspec.Struct, rename="camel", kw_only=True):
    """Base of every decoded record: wire names are camelCase, unknown ones are ignored."""


class Metadata(Wire):
    """`_metadata` of a list."""

    collection: str = ""
    """The body key of the records."""
    total: int | None = None
    next: str | msgspec.UnsetType | None = msgspec.UNSET
    """The cursor of the next page; unset if the collection has no cursors."""


class Item(Wire):
    """An email address or phone number of a person."""

    value: str | None = None
    status: str | None = None
    type: str | None = None


class Place(Wire):
    """An address of a person."""

    street: str | None = None
    city: str | None = None
    state: str | None = None
    code: str | None = None
    type: str | None = None


class Person(Wire):
    """A person, without custom fields; `person_type` adds those."""

    id: int
    created: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    name: str | None = None
    stage: str | None = None
    source: str | None = None
    assigned_user_id: int | None = None
    tags: list[str] | None = None
    emails: list[Item] | None = None
    phones: list[Item] | None = None
    addresses: list[Place] | None = None
    last_communication: Any = None
    last_email: Any = None
    last_call: Any = None
    last_text: Any = None
    last_received_email: Any = None
    last_incoming_call: Any = None
    last_received_text: Any = None
    last_sent_email: Any = None
    last_outgoing_call: Any = None
    last_sent_text: Any = None
    background: Any = None
    emails_received: Any = None
    emails_sent: Any = None
    calls_incoming: Any = None
    calls_outgoing: Any = None
    texts_received: Any = None
    texts_sent: Any = None
    unreadable: tuple[str, ...] = msgspec.field(default=(), name="<unreadable>")
    """The safety signs of a record that could not be read (X-65). Steward sets it: no field of the
    service has this name.
    """


class Duplicate(Wire):
    """Whether a contact of the account has an email address or phone number, and which."""

    found: bool = False
    id: int | None = None


class TaskRecord(Wire):
    """A task."""

    id: int
    person_id: int | None = None
    assigned_user_id: int | None = None
    created_by_id: int | None = None
    name: str | None = None
    type: str | None = None
    is_completed: int | bool | None = None
    completed: str | None = None
    due_date: str | None = None
    due_date_time: str | None = None


class NoteRecord(Wire):
    """A note."""

    id: int
    person_id: int | None = None
    created: str | None = None
    created_by_id: int | None = None
    subject: str | None = None
    body: str | None = None
    action_plan_id: int | None = None
    automation_id: int | None = None


class CallRecord(Wire):
    """A logged call; person 0 is an unknown caller."""

    id: int
    person_id: int | None = None
    user_id: int | None = None
    is_incoming: int | bool | None = None
    created: str | None = None
    started_at: str | None = None


class MailEventRecord(Wire):
    """The report of an email platform on one email (`emEvents`)."""

    id: int
    type: str | None = None
    person_id: int | None = None
    occurred: str | None = None


class Ref(Wire):
    """A person or user named inside a deal."""

    id: int


class DealRecord(Wire):
    """A deal; only the pipelines say whether its stage is a closed one."""

    id: int
    name: str | None = None
    status: str | None = None
    pipeline_name: str | None = None
    stage_id: int | None = None
    stage_name: str | None = None
    projected_close_date: str | None = None
    entered_stage_at: str | None = None
    created_at: str | None = None
    people: list[Ref] | None = None
    users: list[Ref] | None = None


class UserRecord(Wire):
    """A CRM user."""

    id: int
    name: str | None = None
    email: str | None = None
    role: str | None = None
    status: str | None = None


class StageRecord(Wire):
    """A stage of people or of a pipeline."""

    id: int
    name: str
    closed_stage: bool | int | None = None


class PipelineRecord(Wire):
    """A pipeline with its stages."""

    id: int
    name: str
    stages: list[StageRecord] | None = None


class FieldRecord(Wire):
    """A custom field's definition."""

    name: str
    label: str
    type: str = "text"
    is_recurring: bool | int | None = None
    choices: list[str] | None = None


class IdentityUser(Wire):
    """The user of the key."""

    id: int
    role: str | None = None
    is_owner: bool | int | None = None
    is_admin: bool | int | None = None


class IdentityAccount(Wire):
    """The account the key belongs to."""

    id: int
    domain: str | None = None


class IdentityRecord(Wire):
    """The user and the account of the key."""

    account: IdentityAccount
    user: IdentityUser
