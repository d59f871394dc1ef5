"""Every open question of the facts that the sandbox takes a side on: both sides, over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
import requests

from connectors.sandbox.brokerage import AGENT, VA, World
from connectors.sandbox.followupboss.account import Account
from connectors.sandbox.followupboss.switches import SWITCHES
from connectors.sandbox.server import Sandbox
from daemon.cli import main
from tests.conformance.wire import NOON, Wire, wire

Probe = Callable[[Wire], Any]


def get(path: str, **params: Any) -> Probe:
    return lambda crm: crm("GET", path, params=params).status_code


def put_person(field: str, value: Any, shown: str) -> Probe:
    """The status of a PUT with this field, and what the person says afterwards."""
    def probe(crm: Wire) -> Any:
        person = crm.made(firstName="P")["id"]
        return crm("PUT", f"people/{person}", json={field: value}).status_code, crm.whole(person)[shown]
    return probe


def edge(crm: Wire) -> Any:
    crm.made(createdAt="2020-01-02T03:04:05Z")
    return [len(crm.walk(**{name: moment, "source": "<unspecified>"})) for name, moment in (
        ("createdAfter", "2020-01-02T03:04:05Z"), ("createdAfter", "2020-01-02T03:04:04Z"),
        ("createdBefore", "2020-01-02T03:04:05Z"), ("createdBefore", "2020-01-02T03:04:06Z"))]


def lag(crm: Wire) -> Any:
    person = crm.made()["id"]
    first = person in crm.walk()
    crm.account.now = lambda: NOON + timedelta(seconds=5)
    return first, person in crm.walk()


def fresh(crm: Wire) -> Any:
    person = crm.made()["id"]
    first = crm("GET", f"people/{person}").status_code
    crm.account.now = lambda: NOON + timedelta(seconds=5)
    return first, crm("GET", f"people/{person}").status_code


def bearer(crm: Wire) -> Any:
    return requests.get(f"{crm.box.url}/v1/people", headers={"Authorization": "Bearer fka_owner"}, timeout=5).status_code


def assigned_task(crm: Wire) -> Any:
    task = crm.made("tasks", personId=101, assignedUserId=9)["id"]
    return task in [t["id"] for t in crm("GET", "tasks", key="fka_nia").json()["tasks"]], crm("GET", f"tasks/{task}", key="fka_nia").status_code


def agents_stage(crm: Wire) -> Any:
    return (crm("POST", "stages", key="fka_dana", json={"name": "Hers"}).status_code,
            crm("PUT", "stages/2", key="fka_dana", json={"orderWeight": 1}).status_code)


def twin(crm: Wire) -> Any:
    crm.made(firstName="A", lastName="B", phones=[{"value": "5125550123"}])
    return [crm("POST", "people", params={"deduplicate": "true"}, json={"firstName": "A", "lastName": last, "phones": [{"value": "(512) 555-0123"}]}).status_code
            for last in ("B", "C")]


def flags(crm: Wire) -> Any:
    person = crm.made(phones=[{"value": "1"}])
    return person["delayed"], person["phones"][0]["isLandline"], person["phones"][0]["isOnboardingNumber"]


def yearless(crm: Wire) -> Any:
    return [crm("PUT", "people/101", json={name: day}).status_code for name, day in (
        ("customBirthday", "12-18"), ("customBirthday", "13-18"), ("customBirthday", "1990-12-18"), ("customHomesteadDeadline", "12-18"))]


def which_deal(crm: Wire) -> Any:
    person = crm.made()["id"]
    for name in ("first", "second"):
        crm.made("deals", name=name, stageId=1, peopleIds=[person])
    return crm.whole(person)["dealName"]


def touched(crm: Wire) -> Any:
    person = crm.made()["id"]
    crm.account.now = lambda: NOON + timedelta(hours=1)
    crm.made("calls", personId=person, phone="1", isIncoming=False)
    return crm.whole(person)["updated"]


def noted(crm: Wire) -> Any:
    people = [crm.made()["id"] for _ in range(3)]
    crm.made("notes", personId=people[0], body="b")
    crm.made("appointments", title="t", start="2026-12-05", end="2026-12-06", invitees=[{"personId": people[1]}])
    crm.do("complete-task", taskId=crm.made("tasks", personId=people[2], assignedUserId=VA)["id"])
    return [bool(crm.whole(person)["lastCommunication"]) for person in people]


def offset(crm: Wire) -> Any:
    return crm.made("tasks", personId=101, assignedUserId=VA, dueDateTime="2026-12-05T10:00:00-06:00")["dueDateTime"]


def redated(crm: Wire) -> Any:
    task = crm.made("tasks", personId=101, assignedUserId=VA, dueDate="2026-12-05")["id"]
    return crm("PUT", f"tasks/{task}", json={"dueDate": "2026-12-06"}).status_code, crm("GET", f"tasks/{task}").json()["dueDate"]


def today(crm: Wire) -> Any:
    task = crm.made("tasks", personId=101, assignedUserId=VA, dueDateTime="2026-12-05T05:00:00Z")["id"]  # 23:00 on the 4th in Chicago
    return task in crm.walk("tasks", due="today")


def calls_of_user(crm: Wire) -> Any:
    for user in (AGENT, VA):
        crm.made("calls", personId=101, phone="1", isIncoming=False, userId=user)
    return len(crm.walk("calls", personId=101, userId=VA))


def merged(look: Callable[[Wire, int, int], Any]) -> Probe:
    def probe(crm: Wire) -> Any:
        winner, loser = crm.made(tags=["w"])["id"], crm.made(tags=["l"], emails=[{"value": "l@example.org"}])["id"]
        for path, body in (("tasks", {"assignedUserId": VA}), ("notes", {}), ("calls", {"phone": "1", "isIncoming": True})):
            crm.made(path, personId=loser, **body)
        crm.made("deals", name="d", stageId=1, peopleIds=[loser])
        assert crm.do("merge", winner=winner, losers=[loser]).status_code == 200
        return look(crm, winner, loser)
    return probe


def deleted(crm: Wire) -> Any:
    person, other = crm.made()["id"], crm.made()["id"]
    for path, body in (("tasks", {"assignedUserId": VA}), ("notes", {}), ("calls", {"phone": "1", "isIncoming": True})):
        crm.made(path, personId=person, **body)
    crm.made("deals", name="d", stageId=1, peopleIds=[person, other])
    assert crm.do("delete-person", personId=person).status_code == 200
    answer = crm("GET", f"people/{person}")
    return (answer.status_code, [answer.json()["stage"]] if answer.ok else [],
            sum(len(crm.walk(path, personId=person)) for path in ("tasks", "notes", "calls")), len(crm.walk("deals", personId=other)))


def deals_since(crm: Wire) -> Any:
    deal = crm.made("deals", name="d", stageId=1)["id"]
    return [deal in crm.walk("deals", **{name: moment}) for name, moment in (
        ("createdAfter", "2026-12-04T17:59:59Z"), ("createdAfter", "2026-12-04T18:00:01Z"), ("updatedAfter", "2099-01-01"))]


def chosen(crm: Wire) -> Any:
    return [crm("PUT", "people/101", json={"customReferralType": value}).status_code for value in ("Client", "Cousin", None)]


def mailed(verb: str) -> Probe:
    def probe(crm: Wire) -> Any:
        return crm.do(verb, personId=101).json()["emails"][0]["status"]
    return probe


def ceiling(crm: Wire) -> Any:
    token = "eyJvZmZzZXQiOjIwMDB9"  # {"offset":2000}
    return crm("GET", "people", params={"sort": "name", "next": token}).status_code


BOTH_SIDES: Mapping[str, tuple[Probe, Mapping[str, Any]]] = {
    "limit_above_100": (get("people", limit=101), {"clamp": 200, "400": 400}),
    "offset_cursor_ceiling": (ceiling, {"none": 200, "2000": 400}),
    "unknown_name_in_fields": (get("people", fields="firstName,nickname"), {"400": 400, "ignored": 200}),
    "list_id": (get("people", listId=3), {"ignored": 200, "smartListId": 501}),
    "edge_of_after": (edge, {"inclusive": [1, 1, 1, 1], "exclusive": [0, 1, 0, 1]}),
    "list_lag": (lag, {"none": (True, True), "5s": (False, True)}),
    "bearer_with_api_key": (bearer, {"401": 401, "403": 403}),
    "not_yours": (lambda crm: crm("GET", "people/101", key="fka_nia").status_code, {"404": 404, "403": 403}),
    "assigned_tasks": (assigned_task, {"visible": (True, 200), "hidden": (False, 404)}),
    "fresh_contact": (fresh, {"readable": (200, 200), "403": (403, 200), "404": (404, 200)}),
    "agents_stages": (agents_stage, {"403": (403, 403), "allowed": (201, 200)}),
    "deduplicate_by": (twin, {"email-or-phone": [200, 200], "email-or-phone-and-name": [200, 201]}),
    "source_on_put": (put_person("source", "Fax", "source"), {"400": (400, "<unspecified>"), "ignored": (200, "<unspecified>")}),
    "stage_id_on_put": (put_person("stageId", 2, "stage"), {"400": (400, "Lead"), "ignored": (200, "Lead"), "applied": (200, "New Lead")}),
    "guessed_flags": (flags, {"recorded": (False, 0, False), "int": (0, 0, 0), "bool": (False, False, False)}),
    "unset_custom": (lambda crm: "customBirthday" in crm.whole(crm.made()["id"]), {"null": True, "absent": False}),
    "yearless_dates": (yearless, {"400": [400, 400, 200, 400], "accepted": [200, 400, 200, 400]}),
    "person_deal": (which_deal, {"newest": "second", "oldest": "first"}),
    "touch_moves_updated": (touched, {"no": "2026-12-04T18:00:00Z", "yes": "2026-12-04T19:00:00Z"}),
    "other_touches": (noted, {"no": [False] * 3, "yes": [True] * 3}),
    "due_offset": (offset, {"dropped": "2026-12-05T10:00:00Z", "honoured": "2026-12-05T16:00:00Z"}),
    "due_on_put": (redated, {"applied": (200, "2026-12-06"), "ignored": (200, "2026-12-05"), "400": (400, "2026-12-05")}),
    "due_today": (today, {"user": True, "utc": False}),
    "calls_by_user": (calls_of_user, {"ignored": 2, "works": 1}),
    "created_after_on_deals": (deals_since, {"ignored": [True, True, True], "works": [True, False, True]}),
    "dropdown_outside_choices": (chosen, {"400": [200, 400, 200], "accepted": [200, 200, 200]}),
    "delete_person": (deleted, {"gone": (404, [], 0, 1), "trash": (200, ["Trash"], 3, 1)}),
    "merge_repoints": (merged(lambda crm, winner, loser: [len(crm.walk(path, personId=loser)) for path in ("tasks", "notes", "calls", "deals")]),
                       {"all": [0] * 4, "none": [1] * 4}),
    "merge_tags": (merged(lambda crm, winner, loser: crm.whole(winner)["tags"]), {"joined": ["w", "l"], "kept": ["w"]}),
    "merged_loser": (merged(lambda crm, winner, loser: len(crm.whole(loser)["emails"])), {"emptied": 0, "whole": 1}),
    "bounced_status": (mailed("bounce-mail"), {"Bounced": "Bounced", "Invalid": "Invalid", "Valid": "Valid"}),
    "unsubscribed_status": (mailed("opt-out"), {"Unsubscribed": "Unsubscribed", "Valid": "Valid"}),
}


def same(found: Any, expected: Any) -> bool:
    """Equal, and 0 is not False."""
    return repr(found) == repr(expected)


@pytest.mark.parametrize(("name", "value"), [(switch.name, value) for switch in SWITCHES for value in switch.values])
def test_a_switch_has_the_sides_it_names(name: str, value: str) -> None:
    probe, expected = BOTH_SIDES[name]
    crm = wire(switches={name: value})
    with crm.box:
        assert same(probe(crm), expected[value])


@pytest.mark.parametrize("name", [switch.name for switch in SWITCHES])
def test_a_switch_that_nobody_sets_has_its_first_value(name: str) -> None:
    switch = next(s for s in SWITCHES if s.name == name)
    assert Account().switches[name] == switch.values[0]
    assert len({repr(expected) for expected in BOTH_SIDES[name][1].values()}) == len(switch.values) == len(BOTH_SIDES[name][1])
    assert switch.facts
    assert switch.about


@pytest.mark.parametrize(("chosen", "said"), [({"limit": "400"}, "limit_above_100"), ({"limit_above_100": "413"}, "clamp or 400")])
def test_an_unknown_switch_or_value_names_what_there_is(chosen: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Sandbox(World(Account()), switches=chosen)


def command(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main(["sandbox", *arguments])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out + said.err


def test_the_command_line_lists_them_and_refuses_what_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    code, listed = command(capsys, "--switches")
    assert code == 0
    assert [line.split(" = ")[0] for line in listed.splitlines() if " = " in line] == [s.name for s in SWITCHES]
    assert "limit_above_100 = clamp | 400\n    a list with limit above 100 (facts 3.1)" in listed

    code, said = command(capsys, "--switch", "limit_above_100=413")
    assert (code, "it can be clamp or 400" in said) == (64, True)
