"""The reading half of the CRM port, against Follow Up Boss v1.

The service ignores an unknown query parameter, so every filter is applied again here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from connectors.clock import Clock, SystemClock
from connectors.errors import Incomplete, Rejected, Unauthorized
from connectors.followupboss import changes, decoding, records, wire
from connectors.followupboss.api import PAGE, SERVICE, Api
from connectors.http import TIMEOUTS
from connectors.ports import (
    Account,
    Changed,
    CustomField,
    EarlierNotes,
    Progress,
    Vocabulary,
    silent,
)
from policies.world.model import (
    Call,
    Contact,
    Deal,
    Identity,
    MailEvent,
    MailFate,
    Note,
    PersonalNote,
    Task,
)

CLOCKS = timedelta(minutes=5)
"""The most by which Steward's clock and the service's may differ."""


MOMENT = timedelta(seconds=1)
"""The service's moments are whole seconds: a note of the same second must not be passed over."""


class Reader:
    """The reads of one account, for all threads of a pass; the arguments are those of `Api`."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        words: Vocabulary,
        *,
        system: str = "steward",
        system_key: str = "",
        clock: Clock | None = None,
        timeouts: tuple[float, float] = TIMEOUTS,
        share: float = 0.8,
    ) -> None:
        self._api = Api(
            base_url,
            api_key,
            clock or SystemClock(),
            system=system,
            system_key=system_key,
            timeouts=timeouts,
            share=share,
        )
        self._words = words
        self._identity: Identity | None = None
        self._custom_names: dict[str, str] = {}
        self._numbers: frozenset[str] = frozenset()
        self._deal_stages: dict[int, bool] = {}

    def account(self) -> Account:
        """Identity, users, stages, custom fields, pipelines: five requests on an ordinary account.

        Raises:
            Unauthorized: also for a 403 on the identity, which means a lapsed or unknown key.
        """
        identity = self._read_identity()
        fields = [wire.to_field(f) for f in self._api.list("customFields", records.FieldRecord)]
        pipelines = list(self._api.list("pipelines", records.PipelineRecord))
        self._identity = identity
        self._custom_names = _names_by_label(self._words, fields)
        self._numbers = frozenset(field.name for field in fields if field.kind == "number")
        self._deal_stages = {}
        closing_pipelines = []
        for pipeline in pipelines:
            closed = {stage.id: bool(stage.closed_stage) for stage in pipeline.stages or ()}
            self._deal_stages |= closed
            if any(closed.values()):
                closing_pipelines.append(pipeline.name)
        return Account(
            identity=identity,
            users=tuple(wire.to_user(u) for u in self._api.list("users", records.UserRecord)),
            stages=tuple(s.name for s in self._api.list("stages", records.StageRecord)),
            fields=tuple(fields),
            pipelines=tuple(pipeline.name for pipeline in pipelines),
            closing_pipelines=tuple(closing_pipelines),
        )

    def _read_identity(self) -> Identity:
        try:
            record = self._api.get(
                "identity", {}, lambda body: decoding.decode(body, records.IdentityRecord)
            )
        except Rejected as refused:
            if refused.status == 403:
                raise Unauthorized(
                    SERVICE, "GET /identity: this key may not even ask who it is (403)"
                ) from refused
            raise
        return wire.to_identity(record)

    def contacts(self, progress: Progress = silent) -> Sequence[Contact]:
        """All contacts that the key can see, with all fields, Trash and unclaimed leads."""
        self._known()
        people = self._api.list(
            "people", decoding.person_type(self._custom_names), changes.EVERYBODY, progress
        )
        return [wire.to_contact(p, self._words, self._custom_names) for p in people]

    def contacts_since(self, since: datetime) -> Changed:
        """GET /people by edits and by touches, as `changes` says."""
        self._known()
        people, total = changes.since(self._api, decoding.person_type(self._custom_names), since)
        return Changed([wire.to_contact(p, self._words, self._custom_names) for p in people], total)

    def contact(self, person_id: int) -> Contact | None:
        """GET /people/:id with all fields; a 404 is None."""
        self._known()
        kind = decoding.person_type(self._custom_names)
        try:
            record = self._api.get(
                f"people/{real_id(person_id)}",
                {"fields": "allFields"},
                lambda body: decoding.decode(body, kind),
            )
        except Rejected as refused:
            if refused.status == 404:
                return None
            raise
        return wire.to_contact(record, self._words, self._custom_names)

    def reached(self, email: str, phone: str) -> int:
        """GET /people/checkDuplicate, for the whole account and not only this key."""
        for name, value in (("email", email), ("phone", phone)):
            if value:
                found = self._api.get(
                    "people/checkDuplicate",
                    {name: value},
                    lambda body: decoding.decode(body, records.Duplicate),
                )
                if found.found:
                    return found.id or -1
        return 0

    def contacts_where(
        self, *, stage: str = "", tags: Sequence[str] = (), ids: Sequence[int] = ()
    ) -> Sequence[Contact]:
        """GET /people with the service's own filters, applied again here in any case of letters.

        Raises:
            Rejected: a tag has a comma, which the service would read as "or".
        """
        self._known()
        if with_comma := [tag for tag in tags if "," in tag]:
            raise Rejected(SERVICE, f"the tag {with_comma[0]!r} has a comma", 0)
        params = {"fields": "allFields", "includeUnclaimed": "true"}
        if stage:
            params["stage"] = stage
        if tags:
            params["tags"] = ",".join(tags)
        wanted_tags = {tag.casefold() for tag in tags}

        def wanted(contact: Contact) -> bool:
            in_stage = not stage or contact.stage_label.casefold() == stage.casefold()
            tagged = not tags or any(tag.casefold() in wanted_tags for tag in contact.tags)
            return in_stage and tagged and (not ids or contact.id in ids)

        found = [contact for page in _id_pages(ids) for contact in self._people(params | page)]
        return [contact for contact in found if not contact.trashed and wanted(contact)]

    def _people(self, params: Mapping[str, str]) -> list[Contact]:
        people = self._api.list("people", decoding.person_type(self._custom_names), params)
        return [wire.to_contact(p, self._words, self._custom_names) for p in people]

    def deals(self, progress: Progress = silent) -> Sequence[Deal]:
        """Every deal that is not deleted."""
        return self._deals({}, progress)

    def deals_of(self, person_id: int) -> Sequence[Deal]:
        """The deals of one contact, archived ones included."""
        return [
            d
            for d in self._deals({"personId": str(real_id(person_id))})
            if person_id in d.person_ids
        ]

    def _deals(self, asked: Mapping[str, str], progress: Progress = silent) -> list[Deal]:
        self._known()
        found = self._api.list(
            "deals", records.DealRecord, {"includeArchived": "1", **asked}, progress
        )
        return [wire.to_deal(d, self._deal_stages, self._words) for d in found]

    def tasks(self, due_from: date, due_to: date, progress: Progress = silent) -> Sequence[Task]:
        """The tasks due in the window, and those without a due date."""
        params = {"dueStart": due_from.isoformat(), "dueEnd": due_to.isoformat()}
        found = []
        for record in self._api.list("tasks", records.TaskRecord, params, progress):
            task = wire.to_task(record, self._own_user)
            due = _due_day(task)
            if due is None or due_from <= due <= due_to:
                found.append(task)
        return found

    def tasks_of(self, person_id: int) -> Sequence[Task]:
        """Every task of one contact."""
        found = self._api.list("tasks", records.TaskRecord, {"personId": str(real_id(person_id))})
        return [wire.to_task(t, self._own_user) for t in found if t.person_id == person_id]

    def task(self, task_id: int) -> Task | None:
        """One task by id; a 404 is None."""
        try:
            record = self._api.get(
                f"tasks/{real_id(task_id)}",
                {},
                lambda body: decoding.decode(body, records.TaskRecord),
            )
        except Rejected as refused:
            if refused.status == 404:
                return None
            raise
        return wire.to_task(record, self._own_user)

    def notes(self, created_after: datetime) -> Sequence[Note]:
        """Steward's own notes since then.

        Raises Incomplete if the service ignores the filter and returns those of all users.
        """
        since = wire.utc(created_after)
        found = []
        for record in self._api.list(
            "notes", records.NoteRecord, {"createdById": str(self._own_user), "createdAfter": since}
        ):
            if record.created_by_id != self._own_user:
                raise Incomplete(
                    SERVICE,
                    "GET /notes ignores createdById: "
                    "reading every note of the account would take hours",
                )
            found.append(wire.to_note(record))
        return found

    def personal_notes(self, created_after: datetime) -> Sequence[PersonalNote]:
        """The notes that people wrote since then, whichever user they are.

        Raises Incomplete if the service ignores the filter. The newest come first, so a note older
        than asked for would begin the whole history of the account.
        """
        found = []
        for record in self._api.list(
            "notes", records.NoteRecord, {"createdAfter": wire.utc(created_after)}
        ):
            at = wire.instant(record.created)
            if at and at < created_after - CLOCKS:
                raise Incomplete(
                    SERVICE,
                    "GET /notes ignores createdAfter: "
                    "reading every note of the account would take hours",
                )
            if at and (note := wire.to_personal_note(record, at)):
                found.append(note)
        return found

    def earlier_notes(self, before: datetime | None, pages: int) -> EarlierNotes:
        """GET /notes backwards from then, the newest id first.

        Raises Incomplete if the service ignores the filter: the same notes would be read again.
        """
        query = {"limit": str(PAGE), "sort": "-id"}
        if before:
            query["createdBefore"] = wire.utc(before + MOMENT)
        found: list[PersonalNote] = []
        reached = before
        for _ in range(pages):
            page, after = self._page_of_notes(query, before, found)
            reached = min(filter(None, (reached, page)), default=None)
            if not after:
                return EarlierNotes(found)
            query["next"] = after
        return EarlierNotes(found, reached)

    def _page_of_notes(
        self, query: Mapping[str, str], before: datetime | None, found: list[PersonalNote]
    ) -> tuple[datetime | None, str]:
        """Read one page into *found*; the moment of its earliest note, and the cursor to the next
        page.
        """
        meta, page = self._api.get(
            "notes", query, lambda body: decoding.decode_page(body, records.NoteRecord)
        )
        moments = []
        for record in page:
            at = wire.instant(record.created)
            if at and before and at > before + CLOCKS:
                raise Incomplete(SERVICE, "GET /notes ignores createdBefore")
            if at:
                moments.append(at)
                found.extend(filter(None, [wire.to_personal_note(record, at)]))
        return min(moments, default=None), meta.next if isinstance(meta.next, str) else ""

    def notes_of(self, person_id: int) -> Sequence[Note]:
        """Steward's own notes on one contact."""
        found = self._api.list("notes", records.NoteRecord, {"personId": str(real_id(person_id))})
        return [
            wire.to_note(n)
            for n in found
            if n.person_id == person_id and n.created_by_id == self._own_user
        ]

    def calls(self, created_after: datetime) -> Sequence[Call]:
        """Calls logged since then."""
        since = wire.utc(created_after)
        found = (
            wire.to_call(c)
            for c in self._api.list("calls", records.CallRecord, {"createdAfter": since})
        )
        return [call for call in found if call.at is None or call.at >= created_after]

    def mail_events(self, bounced_after: datetime) -> Sequence[MailEvent]:
        """Bounces since then and every opt-out: one list for each type of event."""
        found: dict[int, MailEvent] = {}
        for kind, fate in wire.MAIL_FATES.items():
            query = {"type": kind}
            if fate is MailFate.BOUNCED:
                query["updatedAfter"] = wire.utc(bounced_after)
            for record in self._api.list("emEvents", records.MailEventRecord, query):
                if event := wire.to_mail_event(record):
                    found[event.id] = event
        return list(found.values())

    # -- the user of the key -----------------------------------------------------------------------

    def _known(self) -> Identity:
        """The identity of the key; reads the account if that has not been done yet."""
        if self._identity is None:
            return self.account().identity
        return self._identity

    @property
    def _own_user(self) -> int:
        return self._known().user_id


def real_id(record_id: int) -> int:
    """*record_id*, checked: an empty id in a path would name the whole collection.

    Raises Rejected unless it is positive.
    """
    if record_id <= 0:
        raise Rejected(SERVICE, f"{record_id} is not a record id", 0)
    return record_id


def _names_by_label(words: Vocabulary, fields: Sequence[CustomField]) -> dict[str, str]:
    """Steward's names of the custom fields to the wire's, for those that the account has."""
    by_label = {field.label.strip().casefold(): field.name for field in fields}
    folded = {own: label.strip().casefold() for own, label in words.fields.items()}
    return {own: by_label[label] for own, label in folded.items() if label in by_label}


def _id_pages(ids: Sequence[int]) -> Iterator[dict[str, str]]:
    """The `id` parameter for as many ids as fit on a page each; once nothing, without ids."""
    if not ids:
        yield {}
    for n in range(0, len(ids), PAGE):
        yield {"id": ",".join(map(str, ids[n : n + PAGE]))}


def _due_day(task: Task) -> date | None:
    return task.due or (task.due_at.date() if task.due_at else None)
