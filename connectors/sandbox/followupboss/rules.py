"""The rules by which the service changes a record: one writer for each collection.

A writer changes a record in place. It gets the account, the record as it was, the checked body, the
user, and whether the record is new. It may remove fields of the body, and raises Refusal.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connectors.sandbox.followupboss.configuration import (
    stage_id,
    write_contact_field,
    write_deal_field,
    write_stage,
)
from connectors.sandbox.followupboss.errors import NO_ACCESS, NOT_FOUND, Refusal, invalid
from connectors.sandbox.followupboss.kinds import digits, stamp
from connectors.sandbox.followupboss.resources import RESOURCES
from connectors.sandbox.followupboss.schema import CALL_OUTCOMES, EM_TYPES, TASK_TYPES
from connectors.sandbox.followupboss.storage import Storage
from connectors.sandbox.followupboss.tables import Record

Writer = Callable[[Storage, Record, Record, int, bool], None]
STAMPS = ("created", "updated", "createdById", "updatedById")
CREATION_ONLY = {"source", "sourceUrl", "createdAt", "collaborators"}
DUE = {"dueDate", "dueDateTime", "remindSecondsBefore"}
NO_ADDRESS = {"type": "home", "street": "", "city": "", "state": "", "code": "", "country": ""}
MOST_PHONES = 25
LONGEST_TAG = 64


def accepted(account: Storage, path: str, body: Record) -> Record:
    """The body of a PUT without the fields that a switch makes the service ignore."""
    ignored: set[str] = set()
    if path == "people":
        if account.switches["source_on_put"] == "ignored":
            ignored |= CREATION_ONLY
        if account.switches["stage_id_on_put"] != "400":
            ignored |= {"stageId"}
        body = _with_stage_name(account, body)
    if path == "tasks":
        ignored |= _ignored_due(account, body)
    return {name: value for name, value in body.items() if name not in ignored}


def _with_stage_name(account: Storage, body: Record) -> Record:
    """The body with the name for its `stageId`, if the switch says that PUT applies the id."""
    if account.switches["stage_id_on_put"] != "applied":
        return body
    stage = account.tables["stages"].get(body.get("stageId", 0))
    return {"stage": stage["name"], **body} if stage else body


def _ignored_due(account: Storage, body: Record) -> set[str]:
    given = DUE & body.keys()
    if account.switches["due_on_put"] == "400" and given:
        raise invalid(min(given))
    return set() if account.switches["due_on_put"] == "applied" else DUE


def _contact(account: Storage, person_id: Any, user_id: int) -> Record:
    """The person a record is about. Raises Refusal if the user's key does not show them."""
    return account.get("people", person_id or 0, user_id)


def _user(account: Storage, record_id: Any) -> Record:
    found = account.tables["users"].get(record_id or 0)
    if found is None:
        raise Refusal(404, NOT_FOUND)
    return found


def _assign(account: Storage, record: Record, body: Record, named: str) -> None:
    """Assign by id or by full name; either sets both."""
    given = body.pop("assignedTo", None)
    user_id = body.pop("assignedUserId", None)
    if user_id is None and given is not None:
        user_id = next((u["id"] for u in account.tables["users"].values() if u["name"] == given), 0)
    if user_id is None:
        return
    if user_id not in account.tables["users"]:
        raise invalid("assignedUserId" if user_id else "assignedTo")
    record |= {"assignedUserId": user_id, named: account.user(user_id)["name"]}


def _sign(account: Storage, record: Record, user_id: int) -> None:
    record |= {
        "createdBy": account.user(record.get("createdById", user_id))["name"],
        "updatedBy": account.user(user_id)["name"],
    }


def _one_of(record: Record, name: str, words: tuple[str, ...]) -> None:
    if record.get(name) not in (None, *words):
        raise Refusal(400, f"Invalid {name} '{str(record[name])[:80]}'.")


def _person(account: Storage, record: Record, body: Record, user_id: int, new: bool) -> None:
    if new:
        _begin_person(account, record, body)
    stage = body.pop("stage", None)
    number = stage_id(account, stage) if stage is not None else None
    if number:  # an unknown name is answered with 200 and ignored
        record |= {"stage": stage, "stageId": number}
    _assign(account, record, body, "assignedTo")
    _reach_person(record, body)
    _tag_person(record, body)
    if "contacted" in body:
        record["contacted"] = int(body.pop("contacted"))
    record |= body
    if new:
        record["source"] = record["source"] or "<unspecified>"
        record["sourceId"] = account.source_id(record["source"])
    record["name"] = f"{record.get('firstName') or ''} {record.get('lastName') or ''}".strip()


def _begin_person(account: Storage, record: Record, body: Record) -> None:
    """Give a new person the fields that only a POST can set."""
    record |= {
        "stage": "Lead",
        "stageId": stage_id(account, "Lead") or 0,
        "source": "<unspecified>",
    }
    record["created"] = stamp(body.pop("createdAt", None) or record["created"])
    members = [_user(account, number) for number in body.pop("collaborators", ())]
    record["collaborators"] = [
        {"id": u["id"], "name": u["name"], "assigned": False, "role": u["role"]} for u in members
    ]


def _tag_person(record: Record, body: Record) -> None:
    """Move the tags from the body into the record, each once."""
    if "tags" in body:
        record["tags"] = list(dict.fromkeys(body.pop("tags")))
        if any(len(tag) > LONGEST_TAG for tag in record["tags"]):
            raise Refusal(400, f"A tag may have at most {LONGEST_TAG} characters.")


def _reach_person(record: Record, body: Record) -> None:
    """Move emails, phones and addresses from the body into the record."""
    for name in ("emails", "phones"):
        if name in body:
            record[name] = _reaches(name, body.pop(name))
    if "addresses" in body:
        record["addresses"] = [{**NO_ADDRESS, **item} for item in body.pop("addresses")]


def _reaches(name: str, items: list[Record]) -> list[Record]:
    """Emails or phones as the service stores them: the first is always the primary one."""
    if len(items) > MOST_PHONES and name == "phones":
        raise Refusal(400, f"A contact may have at most {MOST_PHONES} phones.")
    found: list[Record] = [
        {
            "type": "home",
            "status": "Not Validated",
            **item,
            "value": item.get("value") or "",
            "isPrimary": int(n == 0),
        }
        for n, item in enumerate(items)
    ]
    for item in found if name == "phones" else ():
        item |= {"isLandline": 0, "isOnboardingNumber": False, "normalized": digits(item["value"])}
    return found


def _task(account: Storage, record: Record, body: Record, user_id: int, new: bool) -> None:
    if new:
        _begin_task(record, body)
    if "personId" in body:
        _contact(account, body["personId"], user_id)
    _assign(account, record, body, "AssignedTo")
    if body.get("dueDateTime") is not None:
        body["dueDateTime"] = stamp(
            body["dueDateTime"], offset=account.switches["due_offset"] == "honoured"
        )
    was = record.get("isCompleted")
    record |= body
    _one_of(record, "type", TASK_TYPES)
    if record.get("remindSecondsBefore") is not None and record.get("dueDateTime") is None:
        raise Refusal(400, "remindSecondsBefore needs a dueDateTime.")
    record["isCompleted"] = int(record.get("isCompleted") or 0)
    if record["isCompleted"] != was:
        record["completed"] = account.stamp() if record["isCompleted"] else None
    _sign(account, record, user_id)


def _begin_task(record: Record, body: Record) -> None:
    record |= {**RESOURCES["tasks"].blank, **record}
    if body.get("assignedUserId") is None and body.get("assignedTo") is None:
        raise Refusal(400, "assignedUserId or assignedTo must be specified.")


def _note(account: Storage, record: Record, body: Record, user_id: int, new: bool) -> None:
    if new:
        _contact(account, body["personId"], user_id)
    record |= {**body, "isHtml": bool(body.get("isHtml", record.get("isHtml", False)))}
    _sign(account, record, user_id)


def _call(account: Storage, record: Record, body: Record, user_id: int, new: bool) -> None:
    if not new and record.get("createdById") != user_id:
        raise Refusal(403, NO_ACCESS)  # a system may change only the calls that it made itself
    if body.get("userId") not in (None, user_id) and not account.sees_all(user_id):
        raise Refusal(403, NO_ACCESS)
    record |= body
    _one_of(record, "outcome", CALL_OUTCOMES)
    if new:
        person = _contact(account, body["personId"], user_id) if body["personId"] else {}
        caller = account.user(record.get("userId") or user_id)
        record |= {
            "userId": caller["id"],
            "userName": caller["name"],
            "startedAt": record["created"],
            "isIncoming": bool(record["isIncoming"]),
            "duration": record.get("duration") or 0,
            **{name: person.get(name, "") for name in ("name", "firstName", "lastName")},
        }


def _message(account: Storage, record: Record, body: Record, user_id: int, new: bool) -> None:
    """A text or an email that somebody logs."""
    _contact(account, body["personId"], user_id)
    record |= {"userId": user_id, **body, "sent": record["created"], "date": record["created"]}
    if "message" in body:
        record |= {
            "isIncoming": bool(body.get("isIncoming")),
            "status": "Received" if body.get("isIncoming") else "Sent",
        }
    _one_of(record, "status", ("Sent", "Received"))


def known_recipients(account: Storage, events: list[Record], user_id: int) -> list[Record]:
    """The email events about people whom this user sees, each with its `personId`.

    The other events are skipped. Raises Refusal, before any event is written, for a person who is
    too new.
    """
    people = account.tables["people"]
    by_address = {
        email["value"].casefold(): person["id"]
        for person in people.values()
        for email in person.get("emails", ())
    }
    known = []
    for event in events:
        address = (event.get("recipient") or "").casefold()
        person_id: int = event.get("personId") or by_address.get(address, 0)
        if person_id in people and account.visible("people", people[person_id], user_id):
            known.append({**event, "personId": person_id})
    for event in known:
        _contact(account, event["personId"], user_id)
    return known


def _em_event(account: Storage, record: Record, body: Record, user_id: int, new: bool) -> None:
    record |= body | {
        "occurred": stamp(body.get("occurred") or record["created"]),
        "recipient": body.get("recipient") or "",
    }
    _one_of(record, "type", EM_TYPES)
    _contact(account, body["personId"], user_id)


def _appointment(account: Storage, record: Record, body: Record, user_id: int, new: bool) -> None:
    for invitee in body.get("invitees", ()):
        if invitee.get("personId") is not None:
            invitee.setdefault(
                "name", _contact(account, invitee["personId"], user_id).get("name", "")
            )
        if invitee.get("userId") is not None:
            invitee.setdefault("name", _user(account, invitee["userId"])["name"])
    record |= body | {name: stamp(body[name]) for name in ("start", "end") if body.get(name)}
    if record["end"] < record["start"]:
        raise invalid("end")
    record["allDay"] = bool(record.get("allDay"))


def _deal(account: Storage, record: Record, body: Record, user_id: int, new: bool) -> None:
    if new:
        record |= {**RESOURCES["deals"].blank, "id": record["id"], "createdAt": record["created"]}
    for gone in STAMPS:
        record.pop(gone, None)
    if "peopleIds" in body:
        people = [_contact(account, i, user_id) for i in body.pop("peopleIds")]
        record["people"] = [
            {"id": p["id"], "name": p.get("name", ""), "avatar": None} for p in people
        ]
    if "userIds" in body:
        users = [_user(account, i) for i in body.pop("userIds")]
        record["users"] = [{"id": u["id"], "name": u["name"], "picture": None} for u in users]
    if body.get("stageId", record["stageId"]) != record["stageId"]:
        record |= _deal_stage(account, body["stageId"])
    if body.get("pipelineId", record["pipelineId"]) != record["pipelineId"]:
        raise invalid("stageId")
    record |= body


def _deal_stage(account: Storage, stage_number: Any) -> Record:
    """The fields of a deal that has just entered this stage of a pipeline."""
    for pipeline in account.tables["pipelines"].values():
        for stage in pipeline["stages"]:
            if stage["id"] == stage_number:
                return {
                    "enteredStageAt": account.stamp(),
                    "pipelineId": pipeline["id"],
                    "pipelineName": pipeline["name"],
                    "stageName": stage["name"],
                }
    raise invalid("stageId")


WRITERS: dict[str, Writer] = {
    "people": _person,
    "tasks": _task,
    "notes": _note,
    "calls": _call,
    "textMessages": _message,
    "emails": _message,
    "emEvents": _em_event,
    "appointments": _appointment,
    "deals": _deal,
    "stages": write_stage,
    "customFields": write_contact_field,
    "dealCustomFields": write_deal_field,
}
