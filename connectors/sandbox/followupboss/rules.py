"""The rules by which the real service changes a record: one writer for each collection."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from connectors.sandbox.followupboss.configuration import (
    a_contact_field,
    a_deal_field,
    a_stage,
    stage_id,
)
from connectors.sandbox.followupboss.errors import NO_ACCESS, NOT_FOUND, Refusal, invalid
from connectors.sandbox.followupboss.kinds import stamp
from connectors.sandbox.followupboss.resources import CALL_OUTCOMES, EM_TYPES, RESOURCES, TASK_TYPES
from connectors.sandbox.followupboss.tables import Record

if TYPE_CHECKING:
    from connectors.sandbox.followupboss.state import Account

Writer = Callable[["Account", Record, Record, int, bool], None]
STAMPS = ("created", "updated", "createdById", "updatedById")


def accepted(account: Account, path: str, body: Record) -> Record:
    """A PUT's body without what a switch lets the service ignore."""
    ignored: set[str] = set()
    if path == "people":
        ignored |= (
            {"source", "sourceUrl", "createdAt", "collaborators"}
            if account.switches["source_on_put"] == "ignored"
            else set()
        )
        ignored |= {"stageId"} if account.switches["stage_id_on_put"] != "400" else set()
        if account.switches["stage_id_on_put"] == "applied" and (
            stage := account.tables["stages"].get(body.get("stageId", 0))
        ):
            body = {"stage": stage["name"], **body}
    if path == "tasks" and account.switches["due_on_put"] != "applied":
        due = {"dueDate", "dueDateTime", "remindSecondsBefore"}
        if account.switches["due_on_put"] == "400" and due & body.keys():
            raise invalid(min(due & body.keys()))
        ignored |= due
    return {name: value for name, value in body.items() if name not in ignored}


def _contact(account: Account, person_id: Any, user_id: int) -> Record:
    """The person a record is to be about: to a key that may not see them, nobody."""
    return account.get("people", person_id or 0, user_id)


def _user(account: Account, record_id: Any) -> Record:
    found = account.tables["users"].get(record_id or 0)
    if found is None:
        raise Refusal(404, NOT_FOUND)
    return found


def _assign(account: Account, record: Record, body: Record, named: str) -> None:
    """Assignment by id or by full name; either sets both."""
    given = body.pop("assignedTo", None)
    user_id = body.pop("assignedUserId", None)
    if user_id is None and given is not None:
        user_id = next((u["id"] for u in account.tables["users"].values() if u["name"] == given), 0)
    if user_id is None:
        return
    if user_id not in account.tables["users"]:
        raise invalid("assignedUserId" if user_id else "assignedTo")
    record |= {"assignedUserId": user_id, named: account.user(user_id)["name"]}


def _by(account: Account, record: Record, user_id: int) -> None:
    record |= {
        "createdBy": account.user(record.get("createdById", user_id))["name"],
        "updatedBy": account.user(user_id)["name"],
    }


def _one_of(record: Record, name: str, words: tuple[str, ...]) -> None:
    if record.get(name) not in (None, *words):
        raise Refusal(400, f"Invalid {name} '{str(record[name])[:80]}'.")


def _person(account: Account, record: Record, body: Record, user_id: int, new: bool) -> None:
    if new:
        record |= {
            "stage": "Lead",
            "stageId": stage_id(account, "Lead") or 0,
            "source": "<unspecified>",
        }
        record["created"] = stamp(body.pop("createdAt", None) or record["created"])
        members = [_user(account, i) for i in body.pop("collaborators", ())]
        record["collaborators"] = [
            {"id": u["id"], "name": u["name"], "assigned": False, "role": u["role"]}
            for u in members
        ]
    stage = body.pop("stage", None)
    if stage is not None and (number := stage_id(account, stage)):
        record |= {
            "stage": stage,
            "stageId": number,
        }  # an unknown name is answered with 200 and ignored
    _assign(account, record, body, "assignedTo")
    for name in ("emails", "phones"):
        if name in body:
            record[name] = _reaches(name, body.pop(name))
    if "addresses" in body:
        lines = {"type": "home", "street": "", "city": "", "state": "", "code": "", "country": ""}
        record["addresses"] = [{**lines, **item} for item in body.pop("addresses")]
    if "tags" in body:
        record["tags"] = list(dict.fromkeys(body.pop("tags")))
        if any(len(tag) > 64 for tag in record["tags"]):
            raise Refusal(400, "A tag may have at most 64 characters.")
    if "contacted" in body:
        record["contacted"] = int(body.pop("contacted"))
    record |= body
    if new:
        record["source"] = record["source"] or "<unspecified>"
        record["sourceId"] = account.source_id(record["source"])
    record["name"] = f"{record.get('firstName') or ''} {record.get('lastName') or ''}".strip()


def _reaches(name: str, items: list[Record]) -> list[Record]:
    """E-mails or phones as the service stores them: the first is the primary one, whatever was
    sent.
    """
    if len(items) > 25 and name == "phones":
        raise Refusal(400, "A contact may have at most 25 phones.")
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


def digits(phone: str) -> str:
    """A phone number as `normalized` has it."""
    return re.sub(r"[^0-9]", "", phone)[-10:]


def _task(account: Account, record: Record, body: Record, user_id: int, new: bool) -> None:
    if new:
        record |= {**RESOURCES["tasks"].blank, **record}
        if body.get("assignedUserId") is None and body.get("assignedTo") is None:
            raise Refusal(400, "assignedUserId or assignedTo must be specified.")
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
    _by(account, record, user_id)


def _note(account: Account, record: Record, body: Record, user_id: int, new: bool) -> None:
    if new:
        _contact(account, body["personId"], user_id)
    record |= {**body, "isHtml": bool(body.get("isHtml", record.get("isHtml", False)))}
    _by(account, record, user_id)


def _call(account: Account, record: Record, body: Record, user_id: int, new: bool) -> None:
    if not new and record.get("createdById") != user_id:
        raise Refusal(403, NO_ACCESS)  # only calls that one's own system made
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


def _message(account: Account, record: Record, body: Record, user_id: int, new: bool) -> None:
    """A text or an e-mail that somebody logs."""
    _contact(account, body["personId"], user_id)
    record |= {"userId": user_id, **body, "sent": record["created"], "date": record["created"]}
    if "message" in body:
        record |= {
            "isIncoming": bool(body.get("isIncoming")),
            "status": "Received" if body.get("isIncoming") else "Sent",
        }
    _one_of(record, "status", ("Sent", "Received"))


def known_recipients(account: Account, events: list[Record], user_id: int) -> list[Record]:
    """The mail events about somebody whom this user sees, each with its person; the others are
    skipped.
    """
    by_mail = {
        e["value"].casefold(): p["id"]
        for p in account.tables["people"].values()
        for e in p.get("emails", ())
    }
    found = [
        {**e, "personId": e.get("personId") or by_mail.get((e.get("recipient") or "").casefold())}
        for e in events
    ]
    people = account.tables["people"]
    known = [
        e
        for e in found
        if e["personId"] in people and account.visible("people", people[e["personId"]], user_id)
    ]
    for event in known:
        _contact(
            account, event["personId"], user_id
        )  # one who is too new is refused before the first event is written
    return known


def _em_event(account: Account, record: Record, body: Record, user_id: int, new: bool) -> None:
    record |= body | {
        "occurred": stamp(body.get("occurred") or record["created"]),
        "recipient": body.get("recipient") or "",
    }
    _one_of(record, "type", EM_TYPES)
    _contact(account, body["personId"], user_id)


def _appointment(account: Account, record: Record, body: Record, user_id: int, new: bool) -> None:
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


def _deal(account: Account, record: Record, body: Record, user_id: int, new: bool) -> None:
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
        places = (
            (p, s)
            for p in account.tables["pipelines"].values()
            for s in p["stages"]
            if s["id"] == body["stageId"]
        )
        place = next(places, None)
        if place is None:
            raise invalid("stageId")
        record |= {
            "enteredStageAt": account.stamp(),
            "pipelineId": place[0]["id"],
            "pipelineName": place[0]["name"],
            "stageName": place[1]["name"],
        }
    if body.get("pipelineId", record["pipelineId"]) != record["pipelineId"]:
        raise invalid("stageId")
    record |= body


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
    "stages": a_stage,
    "customFields": a_contact_field,
    "dealCustomFields": a_deal_field,
}
