"""A person at the CRM: what only its pages can do, done over HTTP, and seen through the API."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from connectors.sandbox.brokerage import AGENT, AGENT_MAIL, VA, VA_MAIL
from connectors.sandbox.followupboss.by_hand import VERBS
from tests.conformance.wire import LONG_AGO, Wire


def test_the_verbs_are_listed_with_their_arguments(crm: Wire) -> None:
    verbs = requests.get(f"{crm.box.url}/person/crm", timeout=5).json()["verbs"]

    assert verbs.keys() == VERBS.keys() >= {"merge", "trash", "delete-task", "bounce-mail"}
    assert verbs["restage-deal"] == {"about": "Move a deal to a stage of its pipeline.", "needs": {"dealId": "whole", "stage": "text"},
                                     "may": {"as": "user", "projectedCloseDate": "day"}}
    assert crm("POST", "person/crm/trash", json={}).status_code == 404  # none of it is below /v1


def test_a_merge_is_what_the_help_centre_says(crm: Wire) -> None:
    mail, phone = {"value": "w@example.org"}, {"value": "5125550101"}
    winner = crm.made(firstName="Ana", background="met at Elm St", emails=[mail], customReferredBy="Ben", assignedUserId=AGENT)
    loser = crm.made(firstName="Anna", source="Fax", emails=[mail, {"value": "l@example.org"}], phones=[phone], customReferredBy="Carla",
                     customBirthday="1990-05-05", addresses=[{"street": "1 Elm St"}], assignedUserId=AGENT)
    task = crm.made("tasks", personId=loser["id"], assignedUserId=VA)["id"]
    deal = crm.made("deals", name="d", stageId=1, peopleIds=[winner["id"], loser["id"]])["id"]
    assert crm.do("merge", winner=winner["id"], losers=[loser["id"]], by=AGENT_MAIL).json()["id"] == winner["id"]
    after, gone = crm.whole(winner["id"]), crm.whole(loser["id"])

    assert [(e["value"], e["isPrimary"]) for e in after["emails"]] == [("w@example.org", 1), ("l@example.org", 0)]
    assert [(p["value"], p["isPrimary"]) for p in after["phones"]] == [("5125550101", 1)]
    assert [after[n] for n in ("firstName", "background", "customReferredBy", "customBirthday", "stage")] == [
        "Ana", "met at Elm St", "Ben", "1990-05-05", "Lead"]
    assert (gone["stage"], gone["emails"], loser["id"] in crm.walk()) == ("Trash", [], False)
    assert crm("GET", f"tasks/{task}").json()["personId"] == winner["id"]
    assert [p["id"] for p in crm("GET", f"deals/{deal}").json()["people"]] == [winner["id"]]
    [note] = crm("GET", "notes", params={"personId": winner["id"]}).json()["notes"]
    assert note["body"].splitlines() == ["name: Anna", "source: Fax", "Referred By: Carla"]
    assert note["createdBy"] == "Dana Reyes"


def test_ten_contacts_merge_and_eleven_do_not(crm: Wire) -> None:
    people = [crm.made()["id"] for _ in range(11)]

    assert crm.do("merge", winner=people[0], losers=people[1:]).status_code == 400
    assert crm.do("merge", winner=people[0], losers=people[:2]).status_code == 400
    assert crm.do("merge", winner=people[0], losers=[]).status_code == 400
    assert crm.do("merge", winner=people[0], losers=people[1:10]).status_code == 200


def test_a_task_is_ticked_reopened_edited_and_deleted(crm: Wire) -> None:
    task = crm.made("tasks", personId=101, assignedUserId=VA, name="Call")["id"]
    done = crm.do("complete-task", taskId=task, by=VA_MAIL).json()
    assert (done["isCompleted"], done["completed"], done["updatedBy"]) == (1, "2026-12-04T18:00:00Z", "Mia Cole")
    assert crm.do("reopen-task", taskId=task).json()["completed"] is None
    assert crm.do("edit-task", taskId=task, name="Call Ana", dueDate="2027-01-01").json()["dueDate"] == "2027-01-01"
    assert crm.do("delete-task", taskId=task).json() == {"deleted": task}
    assert crm("GET", f"tasks/{task}").status_code == crm.do("delete-task", taskId=task).status_code == 404


def test_a_note_is_rewritten_and_deleted(crm: Wire) -> None:
    note = crm.made("notes", personId=101, body="one")["id"]
    assert crm.do("edit-note", noteId=note, body="two").json()["body"] == "two"
    crm.do("delete-note", noteId=note)
    assert crm("GET", f"notes/{note}").status_code == 404


def test_a_contact_is_edited_and_trashed(crm: Wire) -> None:
    person = crm.made(tags=["a", "b"])["id"]
    edited = crm.do("edit-person", personId=person, removeTags=["a"], addTags=["c"], stage="New Lead", customReferredBy="Ben").json()
    assert (edited["tags"], edited["stage"]) == (["b", "c"], "New Lead")
    assert crm.whole(person)["customReferredBy"] == "Ben"
    assert crm.do("edit-person", personId=person, tags=[], addTags=["only"]).json()["tags"] == ["only"]
    assert crm.do("trash", personId=person).json()["stage"] == "Trash"
    assert person not in crm.walk()


def test_a_deal_is_restaged_and_deleted(crm: Wire) -> None:
    deal = crm.made("deals", name="d", stageId=1)["id"]
    assert crm.do("restage-deal", dealId=deal, stage="No Such").status_code == 400
    closed = crm.do("restage-deal", dealId=deal, stage="Closed", projectedCloseDate="2026-12-01").json()
    assert (closed["stageName"], closed["projectedCloseDate"], closed["status"], closed["enteredStageAt"]) == (
        "Closed", "2026-12-01", "Active", "2026-12-04T18:00:00Z")

    crm.do("delete-deal", dealId=deal)
    assert [deal in crm.walk("deals", **params) for params in ({}, {"includeDeleted": "1"}, {"status": "Deleted"}, {"status": "Active"})] == [
        False, True, True, False]


def test_a_deal_is_archived_and_a_contact_unclaimed(crm: Wire) -> None:
    deal, person = crm.made("deals", name="d", stageId=1)["id"], crm.made()["id"]
    assert crm.do("archive-deal", dealId=deal).json()["status"] == "Archived"
    assert [deal in crm.walk("deals", **params) for params in ({}, {"includeArchived": "1"}, {"includeDeleted": "1"})] == [False, True, False]
    assert crm.do("unclaim", personId=person).json()["claimed"] is False
    assert [person in crm.walk(**params) for params in ({}, {"includeUnclaimed": "1"}, {"includeTrash": "1"})] == [False, True, False]


def test_an_agent_deletes_nobody(crm: Wire) -> None:
    person = crm.made(assignedUserId=AGENT)["id"]
    assert crm.do("delete-person", personId=person, by=AGENT_MAIL).status_code == 403
    assert crm("GET", f"people/{person}").status_code == 200
    assert crm.do("delete-person", personId=person, by=VA_MAIL).json() == {"deleted": person}


def test_touches_are_logged_when_they_happened(crm: Wire) -> None:
    person = crm.left_alone()
    crm.do("log-email", personId=person, at="2026-11-03T10:00:00Z", status="Received", subject="Re: home")
    crm.do("log-call", personId=person, at="2026-11-01T10:00:00Z")
    crm.do("log-text", personId=person, at="2026-11-02T10:00:00Z", message="hello", isIncoming=True)
    crm.do("log-email", personId=person, at="2026-11-20T10:00:00Z", actionPlanId=4)
    after = crm.whole(person)

    assert [after[n] for n in ("lastOutgoingCall", "lastReceivedText", "lastReceivedEmail", "lastSentEmail")] == [
        "2026-11-01T10:00:00Z", "2026-11-02T10:00:00Z", "2026-11-03T10:00:00Z", None]
    assert (after["lastCommunication"], after["lastSentActionPlanEmail"]) == ("2026-11-03T10:00:00Z", "2026-11-20T10:00:00Z")
    assert after["updated"] == LONG_AGO
    booked = crm.do("book-appointment", personId=person, title="Tour", start="2026-12-10T15:00:00Z", end="2026-12-10T16:00:00Z").json()
    assert crm.walk("appointments", personId=person) == [booked["id"]]


def test_a_bounce_and_an_opt_out_tag_the_contact(crm: Wire) -> None:
    person = crm.made(emails=[{"value": "one@example.org"}, {"value": "two@example.org"}])["id"]
    bounced = crm.do("bounce-mail", personId=person, recipient="two@example.org").json()
    assert ([e["status"] for e in bounced["emails"]], bounced["tags"]) == (["Not Validated", "Bounced"], ["bounced email"])
    assert crm.do("opt-out", personId=person).json()["tags"] == ["bounced email", "Unsubscribed"]
    assert [e["type"] for e in crm("GET", "emEvents", params={"personId": person}).json()["emevents"]] == ["unsubscribe", "hard-bounce"]


@pytest.mark.parametrize(("verb", "arguments", "status", "said"), [
    ("fly", {}, 404, "they can merge"), ("trash", {}, 400, "Missing required field 'personId'"), ("trash", {"personId": "101"}, 400, "personId"),
    ("trash", {"personId": 101, "colour": "red"}, 400, "colour"), ("trash", {"personId": 999_999}, 404, "not found"),
    ("trash", {"personId": 101, "by": "nobody@example.com"}, 400, "'as'"), ("trash", {"personId": 101, "by": 9}, 404, "not found"),
    ("edit-person", {"personId": 101, "customNope": 1}, 400, "customNope"), ("log-call", {"personId": 101, "outcome": "Meh"}, 400, "outcome"),
    ("restage-deal", {"dealId": 1, "stage": "Closed", "projectedCloseDate": "soon"}, 400, "projectedCloseDate")])
def test_what_a_person_cannot_do_is_a_sentence_and_changes_nothing(crm: Wire, verb: str, arguments: dict[str, Any], status: int, said: str) -> None:
    def world() -> str:
        return json.dumps({name: list(table.values()) for name, table in crm.account.tables.items()})

    before = world()
    answer = crm.do(verb, **arguments)

    assert (answer.status_code, list(answer.json())) == (status, ["errorMessage"])
    assert said in answer.json()["errorMessage"]
    assert world() == before
