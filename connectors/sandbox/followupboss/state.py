"""The CRM account as the sandbox keeps it, and the rules by which the real service changes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from connectors.sandbox.followupboss.errors import NO_ACCESS, NOT_FOUND, Refusal, unknown_field
from connectors.sandbox.followupboss.resources import (
    CALL_OUTCOMES,
    PERSON_DEFAULTS,
    PERSON_MORE,
    RESOURCES,
    TASK_TYPES,
    Record,
    Resource,
)


class Account:
    """One CRM account. Records are plain dicts by id; a stored person holds only what differs from the defaults.

    *now* gives the instant (aware, UTC) that stamps `created` and `updated`.
    """

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC), account_id: int = 1001,
                 domain: str = "sandbox") -> None:
        self.now = now
        self.id = account_id
        self.domain = domain
        self.tables: dict[str, dict[int, Record]] = {path: {} for path in RESOURCES}
        self.keys: dict[str, int] = {}
        self._next = dict.fromkeys(RESOURCES, 1)

    # -- reading ---------------------------------------------------------------------------------------------------

    def stamp(self) -> str:
        """Now, as the service writes it."""
        return self.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def user(self, user_id: int) -> Record:
        """A user; an unknown one is nobody."""
        return self.tables["users"].get(user_id, {"id": user_id, "name": "", "role": "Agent"})

    def sees_all(self, user_id: int) -> bool:
        """Whether this user's key shows the whole account."""
        user = self.user(user_id)
        return bool(user.get("isOwner")) or user.get("role") in {"Broker", "Admin"}

    def visible(self, path: str, record: Record, user_id: int) -> bool:
        """Whether this user's key shows *record*: an agent sees their own contacts and what hangs on them."""
        if self.sees_all(user_id) or path in {"users", "stages", "pipelines", "customFields"}:
            return True
        if path == "people":
            return record.get("assignedUserId") == user_id or any(
                c["id"] == user_id for c in record.get("collaborators", ()))
        if path == "deals":
            return any(u["id"] == user_id for u in record.get("users", ()))
        person = self.tables["people"].get(record.get("personId") or 0)
        return person is not None and self.visible("people", person, user_id)

    def get(self, path: str, record_id: int, user_id: int) -> Record:
        """One record, or the 404 that also stands for "not yours"."""
        record = self.tables[path].get(record_id)
        if record is None or not self.visible(path, record, user_id):
            raise Refusal(404, NOT_FOUND)
        return record

    def render(self, path: str, record: Record, fields: str = "") -> Record:
        """A record as the service answers it. Only people have default, all and named fields."""
        if path == "people":
            return self._render_person(record, fields)
        if path == "deals":
            return {**{f["name"]: None for f in self.tables["customFields"].values() if f.get("deal")}, **record}
        if path == "stages":
            count = sum(1 for p in self.tables["people"].values() if p.get("stage") == record["name"])
            return {**record, "peopleCount": count}
        return {name: value for name, value in record.items() if not name.startswith("_")}

    def _render_person(self, record: Record, fields: str) -> Record:
        wanted = {name.strip() for name in fields.split(",") if name.strip()}
        custom = {f["name"]: record.get(f["name"]) for f in self.tables["customFields"].values()}
        if "allFields" in wanted:
            return {**PERSON_DEFAULTS, **PERSON_MORE, **custom, **record}
        if wanted:
            whole = {**PERSON_DEFAULTS, **PERSON_MORE, **custom, **record}
            named = wanted | (set(custom) if "allCustom" in wanted else set())
            return {"id": record["id"], **{name: whole[name] for name in whole if name in named}}
        return {name: record.get(name, default) for name, default in PERSON_DEFAULTS.items()}

    # -- writing ---------------------------------------------------------------------------------------------------

    def create(self, path: str, body: Record, user_id: int) -> Record:
        """POST: a new record with its own id; nothing keeps two equal ones apart."""
        resource = RESOURCES[path]
        self._may_write(resource, user_id)
        self._known(resource, body, resource.creates)
        for name in resource.required:
            if body.get(name) in (None, ""):
                raise Refusal(400, f"Missing required field '{name}'.")
        record: Record = {"id": self._next[path], "created": self.stamp(), "updated": self.stamp(),
                          "createdById": user_id, "updatedById": user_id}
        _WRITERS.get(path, _plain)(self, record, body, user_id, True)
        self._next[path] += 1
        self.tables[path][record["id"]] = record
        return record

    def update(self, path: str, record_id: int, body: Record, user_id: int, *, merge_tags: bool = False) -> Record:
        """PUT: absent keys stay; `updated` moves."""
        resource = RESOURCES[path]
        self._may_write(resource, user_id)
        record = self.get(path, record_id, user_id)
        self._known(resource, body, resource.updates)
        if merge_tags and "tags" in body:
            body = {**body, "tags": list(dict.fromkeys([*record.get("tags", ()), *_texts("tags", body["tags"])]))}
        changed = dict(record)
        _WRITERS.get(path, _plain)(self, changed, body, user_id, False)
        changed |= {"updated": self.stamp(), "updatedById": user_id}
        self.tables[path][record_id] = changed
        return changed

    def put(self, path: str, record: Record) -> Record:
        """Place a whole record, as the seed and the person at the CRM do; its id is given or drawn."""
        record.setdefault("id", self._next[path])
        self._next[path] = max(self._next[path], record["id"] + 1)
        self.tables[path][record["id"]] = record
        return record

    def _may_write(self, resource: Resource, user_id: int) -> None:
        if not resource.creates or (resource.owner_only and not self.user(user_id).get("isOwner")):
            raise Refusal(403, NO_ACCESS)

    def _known(self, resource: Resource, body: Record, allowed: Iterable[str]) -> None:
        custom = {f["name"] for f in self.tables["customFields"].values()} if resource.path == "people" else set()
        for name in body:
            if name not in allowed and name not in custom:
                raise unknown_field(name)

    def _stage_id(self, name: str) -> int | None:
        return next((s["id"] for s in self.tables["stages"].values() if s["name"] == name), None)


def _plain(_: Account, record: Record, body: Record, user_id: int, new: bool) -> None:  # noqa: ARG001  # one shape for all
    record.update(body)


def _person(account: Account, record: Record, body: Record, user_id: int, new: bool) -> None:  # noqa: ARG001
    body = dict(body)
    if new:
        record.update({"stage": "Lead", "stageId": account._stage_id("Lead") or 0, "source": "<unspecified>"})
        record["created"] = body.pop("createdAt", record["created"])
        record["collaborators"] = [{"id": i, "name": account.user(i)["name"]} for i in body.pop("collaborators", ())]
    stage = body.pop("stage", None)
    if stage is not None and (stage_id := account._stage_id(str(stage))):
        record.update({"stage": stage, "stageId": stage_id})  # an unknown name is answered with 200 and ignored
    for name in ("emails", "phones", "addresses"):
        if name in body:
            record[name] = _reaches(name, body.pop(name))
    if "tags" in body:
        record["tags"] = _texts("tags", body.pop("tags"))
        if any(len(tag) > 64 for tag in record["tags"]):
            raise Refusal(400, "A tag may have at most 64 characters.")
    if "assignedUserId" in body:
        record["assignedTo"] = account.user(body["assignedUserId"])["name"]
    if "contacted" in body:
        body["contacted"] = int(bool(body["contacted"]))
    record.update(body)
    record["name"] = f"{record.get('firstName') or ''} {record.get('lastName') or ''}".strip() or record.get("name", "")


def _reaches(name: str, value: Any) -> list[Record]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise Refusal(400, f"Invalid value for '{name}'.")
    if len(value) > 25 and name == "phones":
        raise Refusal(400, "A contact may have at most 25 phones.")
    if name == "addresses":
        return [{"type": "home", "street": "", "city": "", "state": "", "code": "", "country": "", **item} for item in value]
    found = [{"type": "home", "status": "Not Validated", **item, "isPrimary": int(n == 0)} for n, item in enumerate(value)]
    for item in found if name == "phones" else ():
        item["normalized"] = re.sub(r"\D", "", str(item.get("value", "")))[-10:]
    return found


def _texts(name: str, value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Refusal(400, f"Invalid value for '{name}'.")
    return list(dict.fromkeys(value))


def _task(account: Account, record: Record, body: Record, user_id: int, new: bool) -> None:  # noqa: ARG001
    if new:
        if "assignedUserId" not in body and "assignedTo" not in body:
            raise Refusal(400, "assignedUserId or assignedTo must be specified.")
        record.update({"type": "Follow Up", "isCompleted": 0, "completed": None, "dueDate": None, "dueDateTime": None,
                       "externalTaskLink": None, "externalCalendarId": None, "remindSecondsBefore": None, "name": ""})
    if body.get("type") not in (None, *TASK_TYPES):
        raise Refusal(400, f"Invalid task type '{body['type']}'.")
    if "personId" in body and body["personId"] not in account.tables["people"]:
        raise Refusal(404, NOT_FOUND)
    for name, form in (("dueDate", r"\d{4}-\d\d-\d\d"), ("dueDateTime", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*")):
        if body.get(name) is not None and not re.fullmatch(form, str(body[name])):
            raise Refusal(400, f"Invalid value for '{name}'.")
    record.update(body)
    if "isCompleted" in body:
        record["isCompleted"] = int(bool(body["isCompleted"]))
        record["completed"] = account.stamp() if record["isCompleted"] else None
    if "assignedUserId" in body:
        record["AssignedTo"] = account.user(body["assignedUserId"])["name"]
    record["_due"] = record["dueDate"] or record["dueDateTime"]


def _note(account: Account, record: Record, body: Record, user_id: int, new: bool) -> None:
    if new and body["personId"] not in account.tables["people"]:
        raise Refusal(404, NOT_FOUND)
    record.update({"subject": "", "body": "", "isHtml": False, "type": "Note"} if new else {})
    record.update(body)
    record["createdBy"] = account.user(record.get("createdById", user_id))["name"]


def _call(account: Account, record: Record, body: Record, user_id: int, new: bool) -> None:
    if body.get("outcome") not in (None, *CALL_OUTCOMES):
        raise Refusal(400, f"Invalid outcome '{body['outcome']}'.")
    record.update({"userId": user_id, "duration": 0, "startedAt": account.stamp()} if new else {})
    record.update(body)
    record["isIncoming"] = bool(record.get("isIncoming"))
    person = account.tables["people"].get(record.get("personId") or 0)
    if person and new:  # a call is a touch; it does not move the person's `updated`
        person["lastCommunication"] = person["lastCall"] = account.stamp()
        person["lastIncomingCall" if record["isIncoming"] else "lastOutgoingCall"] = account.stamp()


def _deal(account: Account, record: Record, body: Record, user_id: int, new: bool) -> None:  # noqa: ARG001
    body = dict(body)
    if new:
        record.update({"type": 0, "status": "Active", "price": 0, "createdAt": record["created"], "description": "",
                       "projectedCloseDate": None, "people": [], "users": [], "enteredStageAt": account.stamp()})
    for gone in ("created", "updated", "createdById", "updatedById"):
        record.pop(gone, None)
    if "peopleIds" in body:
        people = [account.tables["people"].get(i) for i in body.pop("peopleIds")]
        record["people"] = [{"id": p["id"], "name": p.get("name", ""), "avatar": None} for p in people if p]
    if "userIds" in body:
        record["users"] = [{"id": i, "name": account.user(i)["name"], "picture": None} for i in body.pop("userIds")]
    if "stageId" in body:
        _restage(account, record, body["stageId"])
    record.update(body)
    if "stageName" not in record:
        raise Refusal(400, "Invalid stageId.")


def _restage(account: Account, record: Record, stage_id: Any) -> None:
    for pipeline in account.tables["pipelines"].values():
        for stage in pipeline["stages"]:
            if stage["id"] == stage_id:
                if record.get("stageId") != stage_id:
                    record["enteredStageAt"] = account.stamp()
                record.update({"pipelineId": pipeline["id"], "pipelineName": pipeline["name"], "stageName": stage["name"]})


def _custom_field(account: Account, record: Record, body: Record, user_id: int, new: bool) -> None:  # noqa: ARG001
    if body.get("type") not in (None, "text", "number", "date", "dropdown"):
        raise Refusal(400, f"Invalid custom field type '{body['type']}'.")
    record.update(body)
    if new:
        taken = {f["name"] for f in account.tables["customFields"].values()}
        record["name"] = custom_name(body["label"])
        if record["name"] in taken:
            raise Refusal(400, f"A custom field named '{body['label']}' already exists.")


def custom_name(label: str) -> str:
    """The wire name of a custom field: `Who's Their Sponsor` is `customWhoSTheirSponsor`."""
    return "custom" + "".join(word[:1].upper() + word[1:] for word in re.split(r"[^0-9A-Za-z]+", label))


_WRITERS: dict[str, Callable[[Account, Record, Record, int, bool], None]] = {
    "people": _person, "tasks": _task, "notes": _note, "calls": _call, "deals": _deal, "customFields": _custom_field,
}
