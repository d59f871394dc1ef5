"""PyPI `follow-up-boss` against the sandbox: a client that its authors wrote for the real service reads and writes every resource it has.

It prints what it sends and loads a `.env` when imported; neither may reach anybody here.
"""

from __future__ import annotations

import contextlib
import importlib
import io
from collections.abc import Callable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from connectors.sandbox.brokerage import AGENT, AGENT_MAIL, VA
from tests.conformance.wire import SYSTEM, Wire, wire

Calls = Mapping[str, Callable[[Any], Any]]
PERSON: dict[str, Any] = {"firstName": "Ann", "lastName": "Example", "stage": "New Lead", "emails": [{"value": "ann@example.org"}], "phones": [{"value": "5125550123"}]}
WORDS = {"people": "People", "tasks": "Tasks", "notes": "Notes", "calls": "Calls", "text_messages": "TextMessages", "email_marketing": "EmailMarketing",
         "appointments": "Appointments", "deals": "Deals", "pipelines": "Pipelines", "stages": "Stages", "custom_fields": "CustomFields",
         "deal_custom_fields": "DealCustomFields", "users": "Users", "identity": "Identity"}


@pytest.fixture(scope="module")
def crm() -> Iterator[Wire]:
    client = wire(people=150)
    with client.box:
        yield client


@pytest.fixture
def c(crm: Wire, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Its resources by name, each with a contact, a task, … to work on; what it prints goes nowhere."""
    monkeypatch.setenv("PYTHON_DOTENV_DISABLED", "1")
    module = {name: importlib.import_module(f"follow_up_boss.{name}") for name in (*WORDS, "client")}
    client = module["client"].FollowUpBossApiClient(
        "fka_owner", f"{crm.box.url}/v1", x_system=SYSTEM["X-System"], x_system_key=SYSTEM["X-System-Key"])
    person = crm.made(**PERSON)["id"]
    text = {"message": "hi", "toNumber": "5125550123", "fromNumber": "5125550100"}
    with contextlib.redirect_stdout(io.StringIO()):
        yield SimpleNamespace(
            person=person, client=client, error=module["client"].FollowUpBossApiException,
            task=crm.made("tasks", personId=person, assignedUserId=VA, name="Call")["id"], note=crm.made("notes", personId=person, body="b")["id"],
            call=crm.made("calls", personId=person, phone="5125550123", isIncoming=True)["id"], deal=crm.made("deals", name="Elm St 1", stageId=1)["id"],
            text=crm.made("textMessages", personId=person, **text)["id"], stage=crm.made("stages", name=f"Sphere {person}")["id"],
            visit=crm.made("appointments", title="Tour", start="2026-12-05", end="2026-12-06", invitees=[{"personId": person}])["id"],
            **{name: getattr(module[name], word)(client) for name, word in WORDS.items()})


READS: Mapping[str, Calls] = {
    "people": {
        "list": lambda c: c.people.list_people({"limit": 5, "fields": "allFields"})["people"][4]["lastCommunication"],
        "walk": lambda c: len({p["id"] for p in c.people.iter_people({"limit": 100})}) > 140,
        "nextLink": lambda c: c.people.list_people_next(c.people.list_people({"limit": 1})["_metadata"]["nextLink"])["people"][0]["id"],
        "one": lambda c: c.people.retrieve_person(c.person, {"fields": "firstName"})["firstName"] == "Ann",
        "find by e-mail": lambda c: c.people.find_person_id(email="ann@example.org"), "find by phone": lambda c: c.people.find_person_id(phone="(512) 555-0123"),
        "duplicate": lambda c: c.people.check_duplicate({"email": "ann@example.org"})["found"], "created": lambda c: c.people.get_person_created_at(c.person).year == 2026},
    "tasks": {"list": lambda c: c.tasks.list_tasks(person_id=c.person)["tasks"][0]["AssignedTo"] == "Mia Cole",
              "filters": lambda c: c.tasks.list_tasks(person_id=c.person, isCompleted=0, type="Follow Up")["tasks"],
              "one": lambda c: c.tasks.retrieve_task(c.task)["person"]["name"] == "Ann Example"},
    "notes": {"list": lambda c: c.notes.list_notes({"personId": c.person})["notes"][0]["body"] == "b", "one": lambda c: c.notes.retrieve_note(c.note)["createdBy"]},
    "calls": {"list": lambda c: c.calls.list_calls(person_id=c.person, sort="-created")["calls"][0]["isIncoming"], "one": lambda c: c.calls.retrieve_call(c.call)["name"]},
    "text_messages": {"list": lambda c: c.text_messages.list_text_messages(c.person)["textmessages"][0]["message"] == "hi",
                      "one": lambda c: c.text_messages.retrieve_text_message(c.text)["status"]},
    "email_marketing": {"list": lambda c: c.email_marketing.list_email_marketing_events({"personId": c.person})["emevents"] == []},
    "appointments": {"list": lambda c: c.appointments.list_appointments({"personId": c.person})["appointments"][0]["title"] == "Tour",
                     "one": lambda c: c.appointments.retrieve_appointment(c.visit)["invitees"]},
    "deals": {"list": lambda c: c.deals.list_deals(status="Active", limit=1)["deals"][0]["status"] == "Active",
              "one": lambda c: c.deals.retrieve_deal(c.deal)["pipelineName"] == "Buyers", "names": lambda c: c.deals.retrieve_deal(c.deal, normalize_fields=True)["name"]},
    "pipelines": {"list": lambda c: c.pipelines.list_pipelines()["pipelines"][0]["stages"], "one": lambda c: c.pipelines.retrieve_pipeline(1)["name"]},
    "stages": {"list": lambda c: c.stages.list_stages()["stages"][0]["name"], "one": lambda c: c.stages.retrieve_stage(2)["peopleCount"]},
    "custom_fields": {"list": lambda c: c.custom_fields.list_custom_fields()["customfields"][0]["name"].startswith("custom"),
                      "one": lambda c: c.custom_fields.retrieve_custom_field(1)["label"]},
    "deal_custom_fields": {"list": lambda c: c.deal_custom_fields.list_deal_custom_fields()["dealCustomfields"] == []},
    "users": {"list": lambda c: c.users.list_users()["users"][0]["role"], "one": lambda c: c.users.retrieve_user(AGENT)["email"] == AGENT_MAIL,
              "by e-mail": lambda c: c.users.find_user_by_email(AGENT_MAIL)["id"] == AGENT, "id by e-mail": lambda c: c.users.get_user_id_by_email(AGENT_MAIL) == AGENT},
    "identity": {"identity": lambda c: c.identity.get_identity()["user"]["isOwner"], "limits": lambda c: c.client.get_last_rate_limit() is None},
}
WRITES: Mapping[str, Calls] = {
    "people": {"create": lambda c: c.people.create_person(PERSON)["stage"] == "New Lead", "update": lambda c: c.people.update_person(c.person, {"stage": "Cold Lead"})["stage"] == "Cold Lead",
               "tags": lambda c: c.people.add_tags(c.person, ["a"]) and c.people.add_tags(c.person, ["b"])["tags"] == ["a", "b"]},
    "tasks": {"create": lambda c: c.tasks.create_task("Call", c.person, due_date="2026-12-18", assignedUserId=VA)["dueDate"] == "2026-12-18",
              "complete": lambda c: c.tasks.update_task(c.task, {"isCompleted": True})["completed"]},
    "notes": {"create": lambda c: c.notes.create_note(c.person, "s", "b", is_html=False)["subject"] == "s", "from a dict": lambda c: c.notes.create_note_from_dict(
        {"personId": c.person, "subject": "s", "body": "b"})["id"], "update": lambda c: c.notes.update_note(c.note, body="new")["body"] == "new"},
    "calls": {"create": lambda c: c.calls.create_call(c.person, "5125550123", 60, "Left Message", is_incoming=False, note="n")["note"] == "n",
              "update": lambda c: c.calls.update_call(c.call, {"outcome": "Interested"})["outcome"]},
    "text_messages": {"create": lambda c: c.text_messages.create_text_message(c.person, "hello", "5125550123", from_number="5125550100")["status"] == "Sent"},
    "email_marketing": {"create": lambda c: c.email_marketing.create_email_marketing_event("open", c.person)["emEvents"][0]["personId"] == c.person},
    "appointments": {"create": lambda c: c.appointments.create_appointment({"title": "t", "start": "2026-12-05T10:00:00Z", "end": "2026-12-05T11:00:00Z"},
                                                                           {"sendInvitation": "false"})["id"],
                     "update": lambda c: c.appointments.update_appointment(c.visit, {"title": "Second tour"})["title"] == "Second tour"},
    "deals": {"create": lambda c: c.deals.create_deal("Oak", 2, price=5, close_date="2026-12-01", commissionValue=1.5, peopleIds=[c.person])["people"][0]["id"] == c.person,
              "update": lambda c: c.deals.update_deal(c.deal, {"stageId": 3})["stageName"] == "Closed",
              "commission": lambda c: c.deals.set_deal_commission(c.deal, {"total": 10})["commissionValue"] == 10},
    "stages": {"create": lambda c: c.stages.create_stage("Sphere 3")["orderWeight"] > 1000, "update": lambda c: c.stages.update_stage(c.stage, {"description": "d"})["description"]},
    "custom_fields": {"update": lambda c: c.custom_fields.update_custom_field(1, {"label": "Renamed"})["name"] == "customClosingAnniversary"},
}
REFUSED: Mapping[str, tuple[int, Callable[[Any], Any]]] = {
    "people.list_unclaimed_people: no procedure needs it": (501, lambda c: c.people.list_unclaimed_people()),
    "people.claim_person: no procedure needs it": (501, lambda c: c.people.claim_person({"personId": 1})),
    "*.delete_*: Steward deletes nothing": (501, lambda c: c.tasks.delete_task(c.task)),
    "pipelines.create_pipeline: no procedure needs it": (501, lambda c: c.pipelines.create_pipeline("Rentals")),
    "email_marketing.*campaign*: no procedure needs it": (501, lambda c: c.email_marketing.list_email_marketing_campaigns()),
    "users.get_current_user: /me shows the API key": (501, lambda c: c.users.get_current_user()),
    "people.assign_to_user: it sends an id where the name belongs": (400, lambda c: c.people.assign_to_user(c.person, VA)),
    "tasks.create_task(assigned_to=): it sends assigneeId": (400, lambda c: c.tasks.create_task("t", c.person, VA)),
    "deals.create_deal(owner_id=): it sends userId": (400, lambda c: c.deals.create_deal("Oak", 1, owner_id=AGENT)),
    "custom_fields.create_custom_field: it sends name": (400, lambda c: c.custom_fields.create_custom_field("x", "text", label="X")),
    "deal_custom_fields.create_deal_custom_field: it sends showInForm": (400, lambda c: c.deal_custom_fields.create_deal_custom_field("x", "text")),
    "appointments.book_appointment: it sends startTime": (400, lambda c: c.appointments.book_appointment("t", "2026-12-05T10:00:00Z", "2026-12-05T11:00:00Z", 1)),
}
TOUR = [(kind, name, call) for kind, table in (("read", READS), ("write", WRITES)) for name, calls in table.items() for call in calls]


@pytest.mark.parametrize(("kind", "name", "call"), TOUR)
def test_what_it_reads_and_writes_is_what_it_expects(c: Any, kind: str, name: str, call: str) -> None:
    assert (READS if kind == "read" else WRITES)[name][call](c)


def test_the_tour_takes_in_every_resource() -> None:
    assert READS.keys() == WORDS.keys()
    assert WRITES.keys() == WORDS.keys() - {"pipelines", "users", "identity", "deal_custom_fields"}


@pytest.mark.parametrize("what", REFUSED)
def test_what_it_is_refused(c: Any, what: str) -> None:
    status, call = REFUSED[what]
    with pytest.raises(c.error) as refusal:
        call(c)
    assert refusal.value.status_code == status
