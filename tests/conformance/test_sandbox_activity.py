"""The sandbox's CRM against the facts: tasks, notes, calls, texts, e-mails, mail events, appointments, deals, and what they do to a person."""

from __future__ import annotations

from connectors.sandbox.brokerage import AGENT, VA
from tests.conformance.wire import LONG_AGO, SYSTEM, Wire


def test_touches_are_counted_and_move_no_updated(crm: Wire) -> None:
    person = crm.left_alone()
    for incoming, outcome in ((False, "No Answer"), (True, "Interested")):
        crm.made("calls", personId=person, phone="5550100", isIncoming=incoming, outcome=outcome, duration=30)
    text = crm.made("textMessages", personId=person, message="hi", toNumber="1", fromNumber="2")
    crm.made("notes", personId=person, body="n")
    after = crm.whole(person)

    assert after["updated"] == LONG_AGO
    assert [after[n] for n in ("callsOutgoing", "callsIncoming", "callsDuration", "textsSent", "textsReceived", "contacted")] == [1, 1, 60, 1, 0, 1]
    assert after["lastCommunication"] == after["lastCall"] == after["lastActivity"] == after["lastSentText"] == "2026-12-04T18:00:00Z"
    assert (after["lastTextId"], after["lastReceivedText"]) == (text["id"], None)


def test_what_is_next_and_which_deal(crm: Wire) -> None:
    person = crm.made(firstName="P")
    for due in ("2026-12-20", "2026-12-10"):
        task = crm.made("tasks", personId=person["id"], assignedUserId=VA, name=f"due {due}", dueDate=due)
    crm.made("deals", name="Elm St 1", stageId=2, peopleIds=[person["id"]])
    assert [crm.whole(person["id"])[n] for n in ("nextTask", "nextTaskName", "dealName", "dealStage")] == [
        "2026-12-10", "due 2026-12-10", "Elm St 1", "Pending"]

    crm("PUT", f"tasks/{task['id']}", json={"isCompleted": True})
    assert crm.whole(person["id"])["nextTask"] == "2026-12-20"


def test_tasks_by_when_they_are_due(crm: Wire) -> None:
    person = crm.made(firstName="Due")["id"]
    when = {"2026-12-03": "overdue", "2026-12-04": "today", "2026-12-05": "upcoming", "2026-12-05T05:59:59Z": "today", "2026-12-05T06:00:00Z": "upcoming"}
    ids = {crm.made("tasks", personId=person, assignedTo="Dana Reyes", name=due, **{"dueDateTime" if "T" in due else "dueDate": due})["id"]: word
           for due, word in when.items()}

    for word in ("overdue", "today", "upcoming"):
        assert crm.walk("tasks", personId=person, due=word, sort="id") == [i for i, expected in ids.items() if expected == word]
    assert crm("GET", "tasks", params={"due": "someday"}).status_code == 400
    assert crm.walk("tasks", personId=person, dueStart="2026-12-04", dueEnd="2026-12-04") == [sorted(ids)[1]]
    crm.made("tasks", personId=person, assignedUserId=VA, type="Call")
    assert [len(crm.walk("tasks", personId=person, type=kind)) for kind in ("Call,Text", "Follow Up", "Text")] == [1, 5, 0]


def test_a_task_by_itself_names_its_person(crm: Wire) -> None:
    person = crm.made(firstName="Ann", lastName="Example")
    task = crm.made("tasks", personId=person["id"], assignedTo="Mia Cole", dueDateTime="2026-12-05T10:00:00Z", remindSecondsBefore=60)

    assert task["person"] == crm("GET", f"tasks/{task['id']}").json()["person"] == {"id": person["id"], "name": "Ann Example"}
    assert "person" not in crm("GET", "tasks", params={"personId": person["id"]}).json()["tasks"][0]
    assert (task["AssignedTo"], task["isCompleted"], task["createdBy"]) == ("Mia Cole", 0, "Robin Hale")
    assert crm("PUT", f"tasks/{task['id']}", json={"isCompleted": True}).json()["completed"] == "2026-12-04T18:00:00Z"


def test_texts_and_emails_demand_a_scope_and_texts_a_system(crm: Wire) -> None:
    person = crm.made(firstName="S")["id"]
    text = {"personId": person, "message": "m", "toNumber": "15550001", "fromNumber": "15550002"}
    assert crm("GET", "textMessages").json() == {"errorMessage": (
        "personId, threadId, phone, toNumber, fromNumber, sharedInboxId, groupTextId, participants, or id list must be specified for GET /v1/textMessages.")}
    assert crm("GET", "emails").json() == {"errorMessage": (
        "id list, inboxThreadId, personId or personId and threadId arguments must be specified for GET /v1/emails.")}
    assert [crm("POST", "textMessages", json=text, headers=headers).status_code for headers in ({}, {"X-System": "s"}, {"X-System-Key": "k"}, SYSTEM)] == [
        403, 403, 403, 201]
    assert [len(crm.walk("textMessages", **{k: v})) for k, v in (("personId", person), ("phone", "15550002"), ("toNumber", "15550002"))] == [1, 1, 0]
    crm.account.create("emails", {"personId": person, "status": "Received", "subject": "s"}, 1)
    assert [e["status"] for e in crm("GET", "emails", params={"personId": person}).json()["emails"]] == ["Received"]


def test_mail_events_skip_unknown_recipients(crm: Wire) -> None:
    person = crm.made(emails=[{"value": "m@example.org"}])
    sent = [{"type": "open", "recipient": "M@example.org"}, {"type": "open", "recipient": "nobody@example.org"},
            {"type": "unsubscribe", "recipient": "m@example.org", "occurred": "2026-12-01T00:00:00Z"}]
    answer = crm("POST", "emEvents", json={"emEvents": sent})

    assert (answer.status_code, len(answer.json()["emEvents"])) == (201, 2)
    assert [len(crm.walk("emEvents", personId=person["id"], **more)) for more in ({}, {"type": "open"}, {"updatedAfter": "2026-12-05"})] == [2, 1, 0]
    assert crm("GET", f"people/{person['id']}").json()["tags"] == ["Unsubscribed"]
    assert [crm("POST", "emEvents", json={"emEvents": [{"type": "open", "recipient": "x"}] * n}).status_code for n in (1000, 1001)] == [201, 400]


def test_appointments(crm: Wire) -> None:
    person = crm.made(firstName="A")["id"]
    one = crm.made("appointments", title="Tour", start="2026-12-10T15:00:00Z", end="2026-12-10T16:00:00Z", invitees=[{"personId": person}, {"userId": AGENT}], typeId=3)
    about = {"personId": f"{person},999", "start": "2026-12-10", "end": "2026-12-11"}

    assert crm.walk("appointments", **about) == [one["id"]]
    for miss in ({"personId": 999}, {"start": "2026-12-11"}, {"end": "2026-12-10"}, {"userId": VA}, {"typeId": 4}, {"outcomeId": 1}, {"createdById": AGENT}):
        assert crm.walk("appointments", **about | miss) == [], miss
    assert crm("GET", "appointments", params={"start": "2026-12-10"}).status_code == 400
    assert crm("PUT", f"appointments/{one['id']}", json={"end": "2026-12-10T14:00:00Z"}).status_code == 400
    assert [i["name"] for i in one["invitees"]] == ["A", "Dana Reyes"]


def test_deals(crm: Wire) -> None:
    crm.made("dealCustomFields", label="Gate Code", type="text")
    deal = crm.made("deals", name="Oak St 2", stageId=1, userIds=[AGENT], customGateCode="1234")
    assert (deal["customGateCode"], deal["status"], deal["pipelineName"], "created" in deal, "updated" in deal) == ("1234", "Active", "Buyers", False, False)
    assert crm("PUT", f"deals/{deal['id']}", json={"agentCommision": 1}).status_code == 400
    assert crm("PUT", f"deals/{deal['id']}", json={"stageId": 3}).json()["stageName"] == "Closed"
    assert crm("GET", "deals", params={"userId": AGENT}).json()["deals"][0]["id"] == deal["id"]
    assert [crm("GET", f"deals/{deal['id']}", key=key).status_code for key in ("fka_dana", "fka_nia")] == [200, 404]
    assert crm("POST", "deals", json={"name": "x", "stageId": 99}).status_code == 400
