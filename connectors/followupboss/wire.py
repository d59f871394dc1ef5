"""JSON of Follow Up Boss <-> the model, and nothing else. Tolerant where the service is: 0/1 for
booleans, null lists.

Only the fields Steward uses are decoded, straight into slotted structs; custom fields are added per
account.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import msgspec

from connectors.followupboss.mark import unmarked
from connectors.followupboss.records import (
    CallRecord,
    DealRecord,
    FieldRecord,
    IdentityRecord,
    Item,
    MailEventRecord,
    Metadata,
    NoteRecord,
    Person,
    TaskRecord,
    UserRecord,
    Wire,
)
from connectors.ports import CustomField, Vocabulary
from policies.facts.safety_words import begins_with_death
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

T = TypeVar("T")
TRASH = "trash"
NO_SOURCE = "<unspecified>"
"""What the service calls the source of a contact who has none."""
MAIL_FATES = {
    "bounced": MailFate.BOUNCED,
    "hard-bounce": MailFate.BOUNCED,
    "dropped": MailFate.BOUNCED,
    "unsubscribe": MailFate.UNSUBSCRIBED,
    "spamreport": MailFate.UNSUBSCRIBED,
}
"""The event types that say a mail did not arrive, or that none is wanted; a soft bounce says
neither.
"""


def person_type(custom_names: Mapping[str, str]) -> type[Person]:
    """`Person` with the custom fields of this account; *custom_names* maps Steward's names to the
    wire's.
    """
    # defstruct cannot say which base it returns
    return msgspec.defstruct(  # type: ignore[return-value]
        "PersonWithFields",
        [(name, Any, None) for name in custom_names.values()],
        bases=(Person,),
        kw_only=True,
    )


def decode(body: bytes | msgspec.Raw, kind: type[T]) -> T:
    """*body* as *kind*; numbers may come as text. Raises ValueError for anything that is not
    that.
    """
    return msgspec.json.decode(body, type=kind, strict=False)


def decode_page(body: bytes, kind: type[T]) -> tuple[Metadata, list[T]]:
    """A list answer: its metadata and records. The body key is read from `_metadata`, never from
    the URL.
    """
    parts = decode(body, dict[str, msgspec.Raw])
    if "_metadata" not in parts:
        raise ValueError("no _metadata")
    metadata = decode(parts["_metadata"], Metadata)
    records = parts.get(metadata.collection)
    if records is None:
        raise ValueError(f"no {metadata.collection!r} in the body")
    try:
        # kind is a type at run time
        return metadata, decode(records, list[kind])  # type: ignore[valid-type]
    except msgspec.ValidationError:
        # One odd record in a hundred: read this page record by record, and field by field where
        # that fails too.
        return metadata, [_tolerant(raw, kind) for raw in decode(records, list[msgspec.Raw])]


def _tolerant(raw: msgspec.Raw, kind: type[T]) -> T:
    """One record with what cannot be read left out; PHP writes {} for an empty list and numbers for
    some texts. A person's record says which safety signs were left out.

    Raises:
        ValueError: it has no usable id; the message names the field and never its value.
    """
    try:
        return decode(raw, kind)
    except msgspec.ValidationError:
        value = decode(raw, dict[str, Any])
        record = _mended(value, kind)
    if isinstance(record, Person):
        record.tags = _tags(value.get("tags"))
        record.unreadable = _unreadable(value)
    return record


def _tags(value: Any) -> list[str]:
    """The tags of a list that can be read: one odd item must not hide the others."""
    items = value if isinstance(value, list) else ()
    return [str(item) for item in items if isinstance(item, str | int | float)]


def _unreadable(value: Mapping[str, Any]) -> tuple[str, ...]:
    """Which of the safety signs in a person's record cannot be read (X-65): with these, that a sign
    is missing means nothing.
    """
    text = (str, int, float, type(None))
    tags, stage, emails = value.get("tags"), value.get("stage"), value.get("emails")
    readable = {
        "tags": tags in (None, {})
        or (isinstance(tags, list) and all(isinstance(tag, text) for tag in tags)),
        "stage": isinstance(stage, text) and not isinstance(stage, bool),
        "emails": emails in (None, {})
        or (isinstance(emails, list) and all(map(_readable_email, emails))),
    }
    return tuple(name for name, known in readable.items() if not known)


def _readable_email(item: Any) -> bool:
    text = (str, int, float, type(None))
    return (
        isinstance(item, dict)
        and isinstance(item.get("value"), text)
        and isinstance(item.get("status"), text)
    )


def _mended(value: Mapping[str, Any], kind: type[T]) -> T:
    found = {}
    # kind is a Struct at run time
    for known in msgspec.structs.fields(kind):  # type: ignore[arg-type]
        if known.encode_name not in value:
            continue
        part = _part(value[known.encode_name], known.type)
        if part is not None or not known.required:
            found[known.encode_name] = part
    return msgspec.convert(found, kind, strict=False)


def _part(value: Any, kind: Any) -> Any:
    """*value* if it can be read as *kind*, mended if it can be mended, else None."""
    for candidate in (
        value,
        str(value) if isinstance(value, int | float) else None,
        _items(value, kind),
    ):
        if candidate is None:
            continue
        try:
            msgspec.convert(candidate, kind, strict=False)
        except msgspec.ValidationError:
            continue
        return candidate
    return None


def _items(value: Any, kind: Any) -> list[Any] | None:
    """The items of a list that can be read, each mended by itself; None where it is no list of
    records.
    """
    record = next(
        (
            a
            for union in getattr(kind, "__args__", ())
            for a in getattr(union, "__args__", ())
            if isinstance(a, type) and issubclass(a, Wire)
        ),
        None,
    )
    if record is None or not isinstance(value, list):
        return None
    return [msgspec.to_builtins(_mended(item, record)) for item in value if isinstance(item, dict)]


def mark_of(record: object) -> object:
    """What tells one record of a list from another: its id, or the name of a custom field."""
    return getattr(record, "id", None) or getattr(record, "name", None)


def to_contact(record: Person, words: Vocabulary, custom_names: Mapping[str, str]) -> Contact:
    """A person as the model has it; a name that came in one piece is split at its first blank."""
    first, last = record.first_name or "", record.last_name or ""
    if not (first or last):
        first, _, last = (record.name or "").partition(" ")
    label = record.stage or ""
    values = {own: getattr(record, wire) for own, wire in custom_names.items()}
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
        addresses=tuple(
            Address(p.street or "", p.city or "", p.state or "", p.code or "", p.type or "")
            for p in record.addresses or ()
        ),
        assigned_user_id=record.assigned_user_id,
        source="" if record.source == NO_SOURCE else record.source or "",
        fields={own: str(value) for own, value in values.items() if value not in (None, "")},
        last_communication=instant(record.last_communication),
        inbound=_latest(
            record.last_received_email, record.last_incoming_call, record.last_received_text
        ),
        outbound=_latest(record.last_sent_email, record.last_outgoing_call, record.last_sent_text),
        communications=sum(
            n
            for n in (
                record.emails_received,
                record.emails_sent,
                record.calls_incoming,
                record.calls_outgoing,
                record.texts_received,
                record.texts_sent,
            )
            if isinstance(n, int)
        ),
        has_background=isinstance(record.background, str) and bool(record.background.strip()),
        background_of_death=isinstance(record.background, str)
        and begins_with_death(record.background),
        unreadable=record.unreadable,
    )


def _latest(email: Any, call: Any, text: Any) -> tuple[Communication, ...]:
    found = (("e-mail", email), ("call", call), ("text", text))
    return tuple(
        Communication(channel, at) for channel, value in found if value and (at := instant(value))
    )


def _reaches(items: list[Item] | None) -> tuple[Reach, ...]:
    return tuple(Reach(i.value, i.status or "", i.type or "") for i in items or () if i.value)


def stage_of(label: str, words: Vocabulary) -> Stage | None:
    """The canonical stage that the account's *label* stands for, whatever its case."""
    folded = label.casefold()
    return next(
        (
            stage
            for stage, labels in words.stages.items()
            if folded in {lab.casefold() for lab in labels}
        ),
        None,
    )


def to_deal(record: DealRecord, stages: Mapping[int, bool], words: Vocabulary) -> Deal:
    """A deal as the model has it; its side comes from its pipeline's name, *stages* says which
    stage ids are closed ones.
    """
    pipeline = (record.pipeline_name or "").casefold()
    side = Side.BUYER if pipeline in {p.casefold() for p in words.buyer_pipelines} else None
    side = Side.SELLER if pipeline in {p.casefold() for p in words.seller_pipelines} else side
    return Deal(
        id=record.id,
        name=record.name or "",
        side=side,
        closed=stages.get(record.stage_id or 0),
        deleted=(record.status or "").casefold() == "deleted",
        stage_label=record.stage_name or "",
        projected_close=day(record.projected_close_date),
        entered_stage_at=instant(record.entered_stage_at),
        created_at=instant(record.created_at),
        person_ids=tuple(r.id for r in record.people or ()),
        user_ids=tuple(r.id for r in record.users or ()),
    )


def to_task(record: TaskRecord, own_user: int) -> Task:
    """A task; its mark counts only where our own user made it."""
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
    """A CRM user; only a word that says so makes one inactive."""
    gone = (record.status or "").casefold() in {"deleted", "inactive", "deactivated", "disabled"}
    return User(
        id=record.id,
        name=record.name or "",
        email=record.email or "",
        role=record.role or "",
        active=not gone,
    )


def to_identity(record: IdentityRecord) -> Identity:
    """Whose key it is."""
    return Identity(
        account=record.account.id,
        domain=record.account.domain or "",
        user_id=record.user.id,
        role=record.user.role or "",
        is_owner=bool(record.user.is_owner),
        is_admin=bool(record.user.is_admin),
    )


def to_field(record: FieldRecord) -> CustomField:
    """A custom field's definition; an unknown type is treated as text."""
    kinds: dict[str, Any] = {"number": "number", "date": "date", "dropdown": "dropdown"}
    return CustomField(
        label=record.label,
        kind=kinds.get(record.type, "text"),
        name=record.name,
        recurring=bool(record.is_recurring),
        choices=tuple(record.choices or ()),
    )


def instant(value: Any) -> datetime | None:
    """A service date-time as an aware UTC instant; None where it is empty or not one."""
    if not isinstance(value, str) or not value:
        return None
    try:
        found = datetime.fromisoformat(value.replace(" ", "T", 1))
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def utc(at: datetime) -> str:
    """An aware instant as the service writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day(value: str | None) -> date | None:
    """A date-only value; None where it is empty or not one."""
    try:
        return date.fromisoformat(value[:10]) if value else None
    except ValueError:
        return None
