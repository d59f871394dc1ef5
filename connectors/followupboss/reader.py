"""The reading half of the CRM port, against Follow Up Boss v1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from connectors.clock import Clock, SystemClock
from connectors.errors import Incomplete, Rejected, Unauthorized
from connectors.followupboss import changes, records, wire
from connectors.followupboss.api import PAGE, SERVICE, Api
from connectors.http import TIMEOUTS
from connectors.ports import Account, Changed, Progress, Vocabulary, silent
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
"""By so much our clock and the service's may differ."""


class Reader:
    """What can be read of one account, for all threads of a pass; the arguments are `Api`'s."""

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
        """Identity, users, stages, custom fields and pipelines: five requests on an ordinary
        account.

        Raises:
            Unauthorized: also for a 403 on the identity, which means a lapsed or unknown key.
        """
        try:
            identity = wire.to_identity(
                self._api.get(
                    "identity", {}, lambda body: wire.decode(body, records.IdentityRecord)
                )
            )
        except Rejected as refused:
            if refused.status == 403:
                raise Unauthorized(
                    SERVICE, "GET /identity: this key may not even ask who it is (403)"
                ) from refused
            raise
        fields = [wire.to_field(f) for f in self._api.list("customFields", records.FieldRecord)]
        by_label = {f.label.strip().casefold(): f.name for f in fields}
        pipelines = list(self._api.list("pipelines", records.PipelineRecord))
        self._identity = identity
        self._custom_names = {
            own: by_label[label.strip().casefold()]
            for own, label in self._words.fields.items()
            if label.strip().casefold() in by_label
        }
        self._numbers = frozenset(f.name for f in fields if f.kind == "number")
        self._deal_stages = {s.id: bool(s.closed_stage) for p in pipelines for s in p.stages or ()}
        return Account(
            identity=identity,
            users=tuple(wire.to_user(u) for u in self._api.list("users", records.UserRecord)),
            stages=tuple(s.name for s in self._api.list("stages", records.StageRecord)),
            fields=tuple(fields),
            pipelines=tuple(p.name for p in pipelines),
            closing_pipelines=tuple(
                p.name for p in pipelines if any(s.closed_stage for s in p.stages or ())
            ),
        )

    def contacts(self, progress: Progress = silent) -> Sequence[Contact]:
        """Everyone the key can see, with all fields, Trash and unclaimed leads included."""
        self._known()
        people = self._api.list(
            "people", wire.person_type(self._custom_names), changes.EVERYBODY, progress
        )
        return [wire.to_contact(p, self._words, self._custom_names) for p in people]

    def contacts_since(self, since: datetime) -> Changed:
        """GET /people by edits and by touches, as `changes` says."""
        self._known()
        people, total = changes.since(self._api, wire.person_type(self._custom_names), since)
        return Changed([wire.to_contact(p, self._words, self._custom_names) for p in people], total)

    def contact(self, person_id: int) -> Contact | None:
        """GET /people/:id with all fields; a 404 is None."""
        self._known()
        kind = wire.person_type(self._custom_names)
        try:
            record = self._api.get(
                f"people/{real_id(person_id)}",
                {"fields": "allFields"},
                lambda body: wire.decode(body, kind),
            )
        except Rejected as refused:
            if refused.status == 404:
                return None
            raise
        return wire.to_contact(record, self._words, self._custom_names)

    def reached(self, email: str, phone: str) -> int:
        """GET /people/checkDuplicate, which answers for the whole account whatever this key can
        see.
        """
        for name, value in (("email", email), ("phone", phone)):
            if value:
                found = self._api.get(
                    "people/checkDuplicate",
                    {name: value},
                    lambda body: wire.decode(body, records.Duplicate),
                )
                if found.found:
                    return found.id or -1
        return 0

    def contacts_where(
        self, *, stage: str = "", tags: Sequence[str] = (), ids: Sequence[int] = ()
    ) -> Sequence[Contact]:
        """GET /people with the service's own filters; they are applied again here, tags and labels
        in any case.

        Raises:
            Rejected: a tag has a comma, which the service would read as "or".
        """
        self._known()
        if spoilt := [tag for tag in tags if "," in tag]:
            raise Rejected(SERVICE, f"the tag {spoilt[0]!r} has a comma", 0)
        kind = wire.person_type(self._custom_names)
        asked = {"stage": stage, "tags": ",".join(tags)}
        params = {
            "fields": "allFields",
            "includeUnclaimed": "true",
            **{name: value for name, value in asked.items() if value},
        }
        pages = (
            [{"id": ",".join(map(str, ids[n : n + PAGE]))} for n in range(0, len(ids), PAGE)]
            if ids
            else [{}]
        )
        people = (p for page in pages for p in self._api.list("people", kind, params | page))
        found = (wire.to_contact(p, self._words, self._custom_names) for p in people)
        wanted, chosen = {tag.casefold() for tag in tags}, set(ids)
        return [
            c
            for c in found
            if not c.trashed
            and (not stage or c.stage_label.casefold() == stage.casefold())
            and (not wanted or not wanted.isdisjoint(tag.casefold() for tag in c.tags))
            and (not chosen or c.id in chosen)
        ]

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
        """Tasks due in the window; what lies outside it is dropped here if the service did not."""
        params = {"dueStart": due_from.isoformat(), "dueEnd": due_to.isoformat()}
        found = (
            wire.to_task(t, self._own_user)
            for t in self._api.list("tasks", records.TaskRecord, params, progress)
        )
        return [
            task for task in found if (due := _due_day(task)) is None or due_from <= due <= due_to
        ]

    def tasks_of(self, person_id: int) -> Sequence[Task]:
        """Every task of one contact."""
        found = self._api.list("tasks", records.TaskRecord, {"personId": str(real_id(person_id))})
        return [wire.to_task(t, self._own_user) for t in found if t.person_id == person_id]

    def task(self, task_id: int) -> Task | None:
        """One task by id; a 404 is None."""
        try:
            record = self._api.get(
                f"tasks/{real_id(task_id)}", {}, lambda body: wire.decode(body, records.TaskRecord)
            )
        except Rejected as refused:
            if refused.status == 404:
                return None
            raise
        return wire.to_task(record, self._own_user)

    def notes(self, created_after: datetime) -> Sequence[Note]:
        """Our own notes since then. Raises Incomplete if the service ignores the filter and returns
        everybody's.
        """
        since = wire.utc(created_after)
        found = []
        for record in self._api.list(
            "notes", records.NoteRecord, {"createdById": str(self._own_user), "createdAfter": since}
        ):
            if record.created_by_id != self._own_user:
                raise Incomplete(
                    SERVICE,
                    "GET /notes ignores createdById: reading every note of the account would take"
                    " hours",
                )
            found.append(wire.to_note(record))
        return found

    def personal_notes(self, created_after: datetime) -> Sequence[PersonalNote]:
        """What people wrote since then, by whichever user. Raises Incomplete if the service ignores
        the filter: the newest come first, and one older than asked for would begin the whole
        history of the account.
        """
        found = []
        for record in self._api.list(
            "notes", records.NoteRecord, {"createdAfter": wire.utc(created_after)}
        ):
            at = wire.instant(record.created)
            if at and at < created_after - CLOCKS:
                raise Incomplete(
                    SERVICE,
                    "GET /notes ignores createdAfter: reading every note of the account would take"
                    " hours",
                )
            if at and (note := wire.to_personal_note(record, at)):
                found.append(note)
        return found

    def notes_of(self, person_id: int) -> Sequence[Note]:
        """Our own notes on one contact."""
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
        """Bounces since then and every opt-out, one list a type; the types are looked at again
        here.
        """
        since = {"updatedAfter": wire.utc(bounced_after)}
        found: dict[int, MailEvent] = {}
        for kind, fate in wire.MAIL_FATES.items():
            query = {"type": kind, **(since if fate is MailFate.BOUNCED else {})}
            events = map(
                wire.to_mail_event, self._api.list("emEvents", records.MailEventRecord, query)
            )
            found |= {event.id: event for event in events if event}
        return list(found.values())

    # -- whose key it is ---------------------------------------------------------------------------

    def _known(self) -> Identity:
        """Who we are; reads the account first if nobody has."""
        if self._identity is None:
            return self.account().identity
        return self._identity

    @property
    def _own_user(self) -> int:
        return self._known().user_id


def real_id(record_id: int) -> int:
    """*record_id*, if it is one: an empty id in a path would address the whole collection."""
    if record_id <= 0:
        raise Rejected(SERVICE, f"{record_id} is not a record id", 0)
    return record_id


def _due_day(task: Task) -> date | None:
    return task.due or (task.due_at.date() if task.due_at else None)
