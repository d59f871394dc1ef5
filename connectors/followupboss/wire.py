"""Records of Follow Up Boss as values of the model; `decoding` makes the records from JSON.

Tolerant where the service is: 0/1 for booleans, null for lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from connectors.followupboss.mark import unmarked
from connectors.followupboss.records import (
    CallRecord,
    DealRecord,
    FieldRecord,
    IdentityRecord,
    Item,
    MailEventRecord,
    NoteRecord,
    Person,
    Place,
    TaskRecord,
    UserRecord,
)
from connectors.ports import CustomField, Vocabulary
from policies.facts.signs.safety_words import begins_with_death
from policies.world.model import (
    Address,
    Call,
    Communication,
    Contact,
    Deal,
    Identity,
    MailEvent,
    MailFate,
    Note,
    PersonalNote,
    Reach,
    Side,
    Stage,
    Task,
    User,
)

TRASH = "trash"
NO_SOURCE = "<unspecified>"
"""The service's word for the source of a contact without one."""
MAIL_FATES = {
    "bounced": MailFate.BOUNCED,
    "hard-bounce": MailFate.BOUNCED,
    "dropped": MailFate.BOUNCED,
    "unsubscribe": MailFate.UNSUBSCRIBED,
    "spamreport": MailFate.UNSUBSCRIBED,
}
"""The event types for an email that did not arrive or is not wanted; a soft bounce is neither."""


def to_contact(record: Person, words: Vocabulary, custom_names: Mapping[str, str]) -> Contact:
    """A person as a contact; a name in one piece is split at its first blank."""
    first, last = _names(record)
    label = record.stage or ""
    values = {own: getattr(record, wire) for own, wire in custom_names.items()}
    background = record.background if isinstance(record.background, str) else ""
    return Contact(
        id=record.id,
        created=instant(record.created),
        first_name=first,
        last_name=last,
        stage=stage_of(label, words),
        stage_label=label,
        trashed=label.casefold() == TRASH,
        tags=tuple(record.tags or ()),
        emails=_reaches(record.emails),
        phones=_reaches(record.phones),
        addresses=tuple(map(_address, record.addresses or ())),
        assigned_user_id=record.assigned_user_id,
        source="" if record.source == NO_SOURCE else record.source or "",
        fields={own: str(value) for own, value in values.items() if value not in (None, "")},
        last_communication=instant(record.last_communication),
        inbound=_latest(
            record.last_received_email, record.last_incoming_call, record.last_received_text
        ),
        outbound=_latest(record.last_sent_email, record.last_outgoing_call, record.last_sent_text),
        communications=_communications(record),
        has_background=bool(background.strip()),
        background_of_death=begins_with_death(background),
        unreadable=record.unreadable,
    )


def _names(record: Person) -> tuple[str, str]:
    first, last = record.first_name or "", record.last_name or ""
    if not (first or last):
        first, _, last = (record.name or "").partition(" ")
    return first, last


def _address(place: Place) -> Address:
    return Address(
        place.street or "", place.city or "", place.state or "", place.code or "", place.type or ""
    )


def _communications(record: Person) -> int:
    """The number of emails, calls and texts in either direction."""
    counts = (
        record.emails_received,
        record.emails_sent,
        record.calls_incoming,
        record.calls_outgoing,
        record.texts_received,
        record.texts_sent,
    )
    return sum(count for count in counts if isinstance(count, int))


def _latest(email: Any, call: Any, text: Any) -> tuple[Communication, ...]:
    """The latest communication on each channel that has one."""
    moments = (("e-mail", instant(email)), ("call", instant(call)), ("text", instant(text)))
    return tuple(Communication(channel, at) for channel, at in moments if at)


def _reaches(items: list[Item] | None) -> tuple[Reach, ...]:
    return tuple(Reach(i.value, i.status or "", i.type or "") for i in items or () if i.value)


def stage_of(label: str, words: Vocabulary) -> Stage | None:
    """The canonical stage with this label in the account, in any case; None for another label."""
    folded = label.casefold()
    for stage, labels in words.stages.items():
        if folded in {known.casefold() for known in labels}:
            return stage
    return None


def to_deal(record: DealRecord, stages: Mapping[int, bool], words: Vocabulary) -> Deal:
    """A deal of the model; its side comes from its pipeline's name.

    *stages* maps the id of a stage to whether it is a closed one.
    """
    return Deal(
        id=record.id,
        name=record.name or "",
        side=_side(record.pipeline_name or "", words),
        closed=stages.get(record.stage_id or 0),
        deleted=(record.status or "").casefold() == "deleted",
        stage_label=record.stage_name or "",
        projected_close=day(record.projected_close_date),
        entered_stage_at=instant(record.entered_stage_at),
        created_at=instant(record.created_at),
        person_ids=tuple(r.id for r in record.people or ()),
        user_ids=tuple(r.id for r in record.users or ()),
    )


def _side(pipeline: str, words: Vocabulary) -> Side | None:
    folded = pipeline.casefold()
    if folded in {name.casefold() for name in words.seller_pipelines}:
        return Side.SELLER
    if folded in {name.casefold() for name in words.buyer_pipelines}:
        return Side.BUYER
    return None


def to_task(record: TaskRecord, own_user: int) -> Task:
    """A task; its mark counts only if Steward's own user made it."""
    text, key, withdrawn = unmarked(record.name or "")
    ours = key is not None and record.created_by_id == own_user
    return Task(
        id=record.id,
        person_id=record.person_id or 0,
        name=text if ours else record.name or "",
        key=key if ours else None,
        withdrawn=withdrawn and ours,
        assigned_user_id=record.assigned_user_id,
        kind=record.type or "",
        completed=bool(record.is_completed),
        completed_at=instant(record.completed),
        due=day(record.due_date),
        due_at=instant(record.due_date_time),
    )


def to_note(record: NoteRecord) -> Note:
    """A note; its mark is its whole subject."""
    subject = record.subject or ""
    return Note(
        id=record.id,
        person_id=record.person_id or 0,
        subject=subject,
        body=record.body or "",
        key=_note_key(subject),
    )


def to_personal_note(record: NoteRecord, at: datetime) -> PersonalNote | None:
    """A note as a touchpoint and as a sign; None if Steward, an action plan, an automation or the
    system wrote it. Only whether its first words tell of a death is kept, never the text (X-66).
    """
    mechanical = record.action_plan_id or record.automation_id or (record.created_by_id or 0) <= 0
    if mechanical or not record.person_id or _note_key(record.subject or ""):
        return None
    of_death = any(map(begins_with_death, (record.subject or "", record.body or "")))
    return PersonalNote(record.person_id, at, of_death)


def _note_key(subject: str) -> Any:
    return unmarked(f"[{subject.strip()}]")[1]


def to_call(record: CallRecord) -> Call:
    """A logged call."""
    return Call(
        id=record.id,
        person_id=record.person_id or None,
        incoming=bool(record.is_incoming),
        at=instant(record.started_at or record.created),
        user_id=record.user_id,
    )


def to_mail_event(record: MailEventRecord) -> MailEvent | None:
    """A bounce or an opt-out; None for anything else that was reported, and for nobody's."""
    fate = MAIL_FATES.get((record.type or "").casefold())
    if fate is None or not record.person_id:
        return None
    return MailEvent(
        id=record.id, person_id=record.person_id, fate=fate, at=instant(record.occurred)
    )


def to_user(record: UserRecord) -> User:
    """A CRM user, active unless the status says otherwise."""
    gone = (record.status or "").casefold() in {"deleted", "inactive", "deactivated", "disabled"}
    return User(
        id=record.id,
        name=record.name or "",
        email=record.email or "",
        role=record.role or "",
        active=not gone,
    )


def to_identity(record: IdentityRecord) -> Identity:
    """The user and the account of the key."""
    return Identity(
        account=record.account.id,
        domain=record.account.domain or "",
        user_id=record.user.id,
        role=record.user.role or "",
        is_owner=bool(record.user.is_owner),
        is_admin=bool(record.user.is_admin),
    )


def to_field(record: FieldRecord) -> CustomField:
    """The definition of a custom field; an unknown type counts as text."""
    kinds: dict[str, Any] = {"number": "number", "date": "date", "dropdown": "dropdown"}
    return CustomField(
        label=record.label,
        kind=kinds.get(record.type, "text"),
        name=record.name,
        recurring=bool(record.is_recurring),
        choices=tuple(record.choices or ()),
    )


def instant(value: Any) -> datetime | None:
    """A date-time of the service as an aware UTC instant; None for any other value."""
    if not isinstance(value, str) or not value:
        return None
    try:
        found = datetime.fromisoformat(value.replace(" ", "T", 1))
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def utc(at: datetime) -> str:
    """An aware instant in the service's notation."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day(value: str | None) -> date | None:
    """A date of the service; None for any other value."""
    try:
        return date.fromisoformat(value[:10]) if value else None
    except ValueError:
        return None
