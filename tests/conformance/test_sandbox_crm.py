"""The sandbox's CRM against the facts of the service: what a client that trusts the documentation would trip over."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
import requests

from connectors.sandbox.brokerage import AGENT, VA, brokerage
from connectors.sandbox.followupboss.limits import Limits
from tests.conformance.wire import DAY, SYSTEM, Wire, wire


def test_the_same_seed_and_day_give_the_same_world() -> None:
    one, two, other = (brokerage(DAY, people=60, seed=seed) for seed in (7, 7, 8))

    def essence(world: Any) -> str:
        return json.dumps({name: list(table.values()) for name, table in world.crm.tables.items()}, sort_keys=True)

    assert essence(one) == essence(two)
    assert essence(one) != essence(other)
    assert {p["stage"] for p in brokerage(DAY, people=400).crm.tables["people"].values()} >= {"New Lead", "Do Not Contact", "Cold Lead"}


# -- lists -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sort", "cursor"), [("-id", "sinceId"), ("id", "sinceId"), ("name", "offset"), ("-lastName", "offset"), ("nonsense", "sinceId")])
def test_paging_has_both_kinds_of_cursor(crm: Wire, sort: str, cursor: str) -> None:
    token = crm("GET", "people", params={"limit": 100, "sort": sort}).json()["_metadata"]["next"]
    ids = crm.walk(sort=sort)

    assert cursor in json.loads(base64.b64decode(token))
    assert len(ids) == len(set(ids)) >= 240
    assert sort not in {"id", "-id"} or ids == sorted(ids, reverse=sort == "-id")


def test_lists_have_the_services_limits(crm: Wire) -> None:
    assert len(crm("GET", "people").json()["people"]) == 10
    assert [crm("GET", "people", params={"offset": n}).status_code for n in (1999, 2000)] == [200, 400]
    assert crm("GET", "people", params={"offset": 2000}).json() == {"errorMessage": "Deep pagination disabled, use 'nextLink' url"}
    link = crm("GET", "people", params={"limit": 5}).json()["_metadata"]["nextLink"]
    assert "limit=5&&next=" in link
    assert "?limit=10&&next=" in crm("GET", "people").json()["_metadata"]["nextLink"]
    assert len(requests.get(link, auth=("fka_owner", ""), timeout=5).json()["people"]) == 5


def test_an_unknown_filter_is_ignored_and_an_unknown_body_field_is_not(crm: Wire) -> None:
    everyone = crm("GET", "people").json()["_metadata"]["total"]
    assert crm("GET", "people", params={"lastUpdatedAfter": "2099-01-01", "pondId": 3}).json()["_metadata"]["total"] == everyone
    refused = crm("PUT", "people/101", json={"nickname": "x"})
    assert (refused.status_code, "nickname" in refused.json()["errorMessage"]) == (400, True)


@pytest.mark.parametrize(("query", "finds"), [
    ({"name": "ndre"}, True), ({"name": "ndrex"}, False), ({"firstName": "andrew"}, True), ({"lastName": "Andrew"}, False),
    ({"email": "AQ@example.org"}, True), ({"email": "q@example.org"}, False), ({"phone": "+1 512 555 0123"}, True), ({"phone": "5125550124"}, False),
    ({"tags": "green,blue"}, True), ({"tags": "green"}, False), ({"stage": "Nurture"}, False), ({"stage": "Lead"}, True),
    ({"source": "Fax"}, True), ({"source": "Zillow"}, False), ({"priceAbove": "99999"}, True), ({"priceAbove": "100000"}, False),
    ({"priceBelow": "100001"}, True), ({"priceBelow": "100000"}, False), ({"assignedUserId": AGENT}, True), ({"assignedTo": "Mia Cole"}, False),
    ({"contacted": "1"}, False), ({"contacted": "false"}, True), ({"lastActivityAfter": "2016-11-23 01:02:03"}, False),
    ({"createdAfter": "2020-01-02T03:04:05Z"}, True), ({"createdAfter": "2020-01-02T03:04:06Z"}, False), ({"createdBefore": "2020-01-02"}, False),
    ({"customBirthday": "1990-05-05"}, True), ({"customBirthday": "1990-05-06"}, False), ({"customBirthday": ",1990-05-05"}, True),
    ({"customBirthday": ",1990-05-04"}, False), ({"customBirthday": "1990-05-05,1990-05-05"}, True), ({"customBirthday": "1990-01-01,1990-05-04"}, False),
    ({"customReferredBy": "Ana"}, True), ({"customReferredBy": "An"}, False)])
def test_the_filters_of_people(crm: Wire, query: dict[str, Any], finds: bool) -> None:
    twins = crm("GET", "people", params={"source": "Fax", "sort": "id"}).json()["people"]
    andrew = twins[0] if twins else crm.made(
        firstName="Andrew", lastName="Quill", emails=[{"value": "aq@example.org"}], phones=[{"value": "(512) 555-0123"}], tags=["blue"], price=100_000,
        source="Fax", assignedUserId=AGENT, createdAt="2020-01-02T03:04:05Z", customBirthday="1990-05-05", customReferredBy="Ana")

    assert (andrew["id"] in crm.walk(**query)) == finds


def test_trash_and_unclaimed_are_shown_when_asked_for(crm: Wire) -> None:
    trashed, unclaimed = crm.made(firstName="T", stage="Trash")["id"], crm.made(firstName="U")["id"]
    crm.account.put("people", crm.account.tables["people"][unclaimed] | {"claimed": False})
    seen = {params: {trashed, unclaimed} & set(crm.walk(**dict.fromkeys(params, "true"))) for params in
            ((), ("includeTrash",), ("includeUnclaimed",), ("includeTrash", "includeUnclaimed"))}

    assert list(seen.values()) == [set(), {trashed}, {unclaimed}, {trashed, unclaimed}]
    assert crm.walk(id=f"{trashed},101") == [101]
    assert crm("GET", f"people/{trashed}").status_code == 200
    task = crm.made("tasks", personId=trashed, assignedUserId=VA, name="stays")
    assert crm.walk("tasks", personId=trashed) == [task["id"]]


def test_fields(crm: Wire) -> None:
    plain, everything = crm("GET", "people/101").json(), crm.whole(101)

    assert not {"customClosingAnniversary", "lastCommunication", "background"} & plain.keys()
    assert everything["customClosingAnniversary"]
    assert everything.keys() >= plain.keys() | {"lastCommunication", "background", "nextTask"}
    assert crm("GET", "people/101", params={"fields": "firstName"}).json().keys() == {"id", "firstName"}
    assert crm("GET", "people", params={"id": 101, "fields": "allCustom"}).json()["people"][0].keys() >= {"id", "customBirthday"}
    assert (plain["contacted"], plain["socialData"], plain["emails"][0]["isPrimary"], plain["claimed"]) == (0, [], 1, True)


def test_the_seed_hangs_together() -> None:
    client = wire(people=400)
    with client.box:
        people = [p for n in range(101, 501, 100) for p in
                  client("GET", "people", params={"id": ",".join(map(str, range(n, n + 100))), "limit": 100, "fields": "allFields"}).json()["people"]]
        tasks, calls = (client("GET", path, params={"limit": 100}).json()[path] for path in ("tasks", "calls"))
        [deal] = client("GET", "deals", params={"personId": 109}).json()["deals"]

    assert [p["name"] for p in deal["people"]] == ["Hugo Santos", "Rosa Santos"]
    assert len({(p["source"], p["sourceId"]) for p in people}) == len({p["source"] for p in people}) == len({p["sourceId"] for p in people}) > 3
    assert all(p["created"] <= p["updated"] for p in people)
    assert {bool(t["completed"]) == bool(t["isCompleted"]) for t in tasks} == {True}
    assert {t["isCompleted"] for t in tasks} == {0, 1}
    assert all(t["createdBy"] and t["created"] <= t["updated"] for t in tasks)
    assert all(t["completed"][:10] == t["dueDate"] < "2026-12-04" and t["created"] <= t["completed"] for t in tasks if t["completed"])
    assert all(p["created"] <= p["lastCommunication"] < "2026-12-04" for p in people if p["lastCommunication"])
    called, logged = {p["id"]: p for p in people if p["lastCall"]}, {c["personId"]: c for c in calls}
    assert called.keys() == logged.keys()
    for number, person in called.items():
        call = logged[number]
        assert (call["name"], call["id"], call["created"], call["duration"]) == tuple(
            person[n] for n in ("name", "lastCallId", "lastCommunication", "callsDuration"))
        assert person["lastIncomingCall" if call["isIncoming"] else "lastOutgoingCall"] == person["lastCall"] == person["lastCommunication"]


def test_some_of_the_seed_are_seen_only_when_asked_for_or_by_their_agent() -> None:
    client = wire(people=100)
    with client.box:
        everybody = set(client.walk(includeTrash=1, includeUnclaimed=1))
        plain, trash, unclaimed = (set(client.walk(**params)) for params in ({}, {"includeTrash": "1"}, {"includeUnclaimed": "1"}))
        his, hers = (set(seen_by(client, key)) for key in ("fka_lee", "fka_dana"))
        deals = [len(client.walk("deals", **params)) for params in ({}, {"includeArchived": "1"}, {"includeDeleted": "1"})]
        statuses = [client("GET", f"people/{min(his)}", key=key).status_code for key in ("fka_lee", "fka_dana")]

    assert len(everybody) == 100
    assert [len(everybody - plain), len(trash - plain), len(unclaimed - plain)] == [5, 3, 2]
    assert (len(his), his | hers, his & hers) == (4, plain, set())
    assert [more - deals[0] for more in deals[1:]] == [1, 1]
    assert statuses == [200, 404]


def seen_by(client: Wire, key: str) -> list[int]:
    return [p["id"] for p in client("GET", "people", key=key, params={"limit": 100}).json()["people"]]


SHAPE = ["id", "name", "label", "type", "orderWeight", "hideIfEmpty", "readOnly"]


@pytest.mark.parametrize(("collection", "path"), [("customfields", "customFields"), ("dealCustomfields", "dealCustomFields")])
def test_a_custom_field_has_the_recorded_shape(crm: Wire, path: str, collection: str) -> None:
    for kind in ("text", "number", "date", "dropdown"):
        crm.made(path, label=f"Shape {kind}", type=kind, isRecurring=True, choices=["a"], readOnly=1)
    fields = crm("GET", path, params={"limit": 100}).json()[collection]
    for field in fields:
        assert list(field) == SHAPE + {"date": ["isRecurring"], "dropdown": ["choices"]}.get(field["type"], [])
        assert (type(field["hideIfEmpty"]), type(field["readOnly"]), field["orderWeight"]) == (bool, bool, 1000)
    last = next(f for f in fields if f["label"] == "Shape date")
    assert (last["isRecurring"], last["readOnly"], last["hideIfEmpty"]) == (True, True, False)
    renamed = crm("PUT", f"{path}/{last['id']}", json={"label": "Other", "hideIfEmpty": True})
    assert renamed.json() == crm("GET", f"{path}/{last['id']}").json() == last | {"label": "Other", "hideIfEmpty": True}
    for label, status in (("!?", 400), ("–", 400), ("7", 201)):
        assert crm("POST", path, json={"label": label, "type": "text"}).status_code == status
    assert crm("PUT", f"{path}/{last['id']}", json={"label": "!?"}).status_code == 400


def test_a_source_has_one_id(crm: Wire) -> None:
    one, two, none = (crm.made(**body) for body in ({"source": "Fax Machine"}, {"source": "Fax Machine"}, {"source": None}))
    assert one["sourceId"] == two["sourceId"] > 1
    assert (none["source"], none["sourceId"]) == ("<unspecified>", 1)


def test_a_seeded_phone_number_is_normalized(crm: Wire) -> None:
    people = crm("GET", "people", params={"limit": 100, "sort": "id"}).json()["people"]
    for phone in (p for person in people for p in person["phones"]):
        assert phone["normalized"] == "".join(c for c in phone["value"] if c.isdigit())
    assert people[0]["id"] in crm.walk(phone=people[0]["phones"][0]["value"])


# -- people ------------------------------------------------------------------------------------------------------------


def test_tags_overwrite_unless_merged_and_a_wrong_stage_is_ignored(crm: Wire) -> None:
    crm("PUT", "people/102", json={"tags": ["one"]})
    assert crm("PUT", "people/102", params={"mergeTags": "true"}, json={"tags": ["two", "one"]}).json()["tags"] == ["one", "two"]
    assert crm("PUT", "people/102", json={"tags": ["three"]}).json()["tags"] == ["three"]
    assert [crm("PUT", "people/102", json={"tags": ["x" * n]}).status_code for n in (64, 65)] == [200, 400]

    before = crm("GET", "people/102").json()["stage"]
    answer = crm("PUT", "people/102", json={"stage": "No Such Stage"})
    assert (answer.status_code, answer.json()["stage"]) == (200, before)


def test_a_renamed_stage_keeps_its_people_and_its_name_is_its_own(crm: Wire) -> None:
    stage = crm.made("stages", name="Waiting")["id"]
    person = crm.made(stage="Waiting")
    renamed = crm("PUT", f"stages/{stage}", json={"name": "Not Yet"}).json()
    after = crm("GET", f"people/{person['id']}").json()

    assert (renamed["peopleCount"], crm.walk(stage="Not Yet"), crm.walk(stage="Waiting")) == (1, [person["id"]], [])
    assert (after["stage"], after["stageId"], after["updated"]) == ("Not Yet", stage, person["updated"])
    for name in ("Trash", "Not Yet"):
        assert crm("POST", "stages", json={"name": name}).status_code == 400
    assert [crm("PUT", f"stages/{stage}", json={"name": name}).status_code for name in ("Lead", "Not Yet", "Waiting")] == [400, 200, 200]


def test_what_a_put_does_to_reaches_and_custom_fields(crm: Wire) -> None:
    person = crm.made(emails=[{"value": "a@example.org"}], phones=[{"value": "1"}], customBirthday="1990-05-05")
    assert person["source"] == "<unspecified>"
    sent = {"emails": [{"value": "b@example.org", "isPrimary": 0}, {"value": "c@example.org", "isPrimary": 1}],
            "phones": [{"value": "+1 (512) 555-0123", "normalized": "made up"}], "customBirthday": None, "contacted": True}
    changed = crm("PUT", f"people/{person['id']}", json=sent).json()

    assert [(e["value"], e["isPrimary"]) for e in changed["emails"]] == [("b@example.org", 1), ("c@example.org", 0)]
    assert [p["normalized"] for p in changed["phones"]] == ["5125550123"]
    assert (changed["contacted"], crm.whole(person["id"])["customBirthday"]) == (1, None)
    assert [crm("PUT", f"people/{person['id']}", json={"phones": [{"value": "1"}] * n}).status_code for n in (25, 26)] == [200, 400]
    assert crm("PUT", f"people/{person['id']}", json={"assignedTo": "Mia Cole"}).json()["assignedUserId"] == VA


def test_a_post_makes_twins_unless_told_not_to(crm: Wire) -> None:
    body: dict[str, Any] = {"firstName": "Twin", "emails": [{"value": "twin@example.org"}]}
    first, second = crm.made(**body), crm.made(**body)
    third = crm("POST", "people", params={"deduplicate": "true"}, json=body | {"firstName": "Other"})
    found = crm("GET", "people/checkDuplicate", params={"email": "TWIN@example.org"}, key="fka_nia").json()
    nobody = crm("GET", "people/checkDuplicate", params={"phone": "5550009999"}).json()

    assert first["id"] != second["id"]
    assert (third.status_code, third.json()["id"], third.json()["firstName"]) == (200, first["id"], "Twin")
    assert (found["found"], found["matchedBy"], nobody["found"], nobody["matchedBy"]) == (True, "email", False, None)
    assert crm("GET", "people/checkDuplicate").status_code == 400


# -- auth, errors, limits ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path", "status", "said"), [
    ("GET", "widgets", 404, "Collection name 'Widgets' in the URL is not valid."),
    ("GET", "people/999999", 404, "Requested resource was not found."),
    ("GET", "events", 501, "does not serve GET /v1/events"), ("GET", "me", 501, "does not serve"),
    ("GET", "people/unclaimed", 501, "does not serve GET /v1/people/unclaimed"), ("POST", "people/claim", 501, "POST /v1/people/claim"),
    ("GET", "timeframes", 501, "GET /v1/timeframes"), ("POST", "emails", 501, "POST /v1/emails"), ("GET", "people?smartListId=1", 501, "smartListId"),
    ("POST", "people/merge", 404, "Requested resource was not found."), ("DELETE", "people/101", 501, "does not serve DELETE"),
    ("POST", "tasks", 400, "Missing required field 'personId'."), ("PUT", "stages/1", 400, "protected")])
def test_refusals_are_one_sentence(crm: Wire, method: str, path: str, status: int, said: str) -> None:
    answer = crm(method, path, json={"name": "Prospect"} if method == "PUT" else {} if method == "POST" else None)

    assert answer.status_code == status
    assert said in answer.json()["errorMessage"]


def test_a_non_numeric_id_is_the_list(crm: Wire) -> None:
    assert crm("GET", "people/undefined").json()["_metadata"]["collection"] == "people"


def test_without_a_key_it_says_how(crm: Wire) -> None:
    answer = requests.get(f"{crm.box.url}/v1/people", timeout=5)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="Follow Up Boss API"'
    assert answer.json()["errorMessage"].startswith("Authentication is required.")
    assert not [name for name in answer.headers if name.startswith("X-RateLimit")]


def test_who_sees_and_may_do_what(crm: Wire) -> None:
    crm.made(firstName="Nobody's")
    totals = {key: crm("GET", "people", key=key).json()["_metadata"]["total"] for key in ("fka_owner", "fka_steward", "fka_dana", "fka_nia")}
    assert totals["fka_owner"] == totals["fka_steward"] > totals["fka_dana"] > totals["fka_nia"] == 0
    assert crm("GET", "people/101", key="fka_nia").status_code == 404
    assert [crm("POST", "customFields", key=key, json={"label": f"X {key}", "type": "text"}).status_code for key in ("fka_owner", "fka_steward", "fka_dana")] == [
        201, 403, 403]
    own = crm("GET", "identity", key="fka_dana")
    assert [own.json()["user"][n] for n in ("id", "role", "isOwner", "isAdmin")] == [AGENT, "Agent", False, False]
    assert (own.headers["FUB-User-ID"], own.headers["FUB-Account-ID"]) == (str(AGENT), "1001")
    assert [u["name"] for u in crm("GET", "users", params={"email": "dana@example.com"}).json()["users"]] == ["Dana Reyes"]


HERS: dict[str, dict[str, Any]] = {"tasks": {"assignedUserId": AGENT}, "notes": {"body": "b"}, "calls": {"phone": "1", "isIncoming": True},
        "textMessages": {"message": "m", "toNumber": "1", "fromNumber": "2"}}


def test_an_agent_writes_about_nobody_she_may_not_see(crm: Wire) -> None:
    hers, hidden = (crm.made(firstName="Hidden", emails=[{"value": mail}], assignedUserId=user)["id"]
                    for mail, user in (("hers@example.org", AGENT), ("hidden@example.org", VA)))
    task = crm.made("tasks", personId=hers, assignedUserId=AGENT)["id"]
    for person, status in ((hidden, 404), (hers, 201)):
        bodies = [(path, {"personId": person, **body}) for path, body in HERS.items()]
        bodies += [("deals", {"name": "d", "stageId": 1, "peopleIds": [person], "userIds": [AGENT]}),
                   ("appointments", {"title": "t", "start": "2026-12-05", "end": "2026-12-06", "invitees": [{"personId": person}]})]
        for path, body in bodies:
            answer = crm("POST", path, key="fka_dana", json=body, headers=SYSTEM)
            assert (answer.status_code, "Hidden" in answer.text) == (status, person == hers and path not in {"notes", "textMessages"}), path
    assert [crm("PUT", f"tasks/{task}", key="fka_dana", json={"personId": i}).status_code for i in (hidden, hers)] == [404, 200]
    events = [{"type": "open", "recipient": "hidden@example.org"}, {"type": "open", "personId": hidden}, {"type": "open", "recipient": "hers@example.org"}]
    assert [e["personId"] for e in crm("POST", "emEvents", key="fka_dana", json={"emEvents": events}).json()["emEvents"]] == [hers]
    assert crm.walk("notes", personId=hidden) == crm.walk("deals", personId=hidden) == crm.walk("emEvents", personId=hidden) == []


def test_limits_slide_over_ten_seconds_per_context() -> None:
    moment = [0.0]
    limits = Limits(lambda: moment[0])
    first = [limits.count("key", "notes", registered=False) for _ in range(11)]
    assert [passes for passes, _ in first] == [True] * 10 + [False]
    assert first[-1][1] == {"X-RateLimit-Limit": "10", "X-RateLimit-Remaining": "0", "X-RateLimit-Window": "10",
                            "X-RateLimit-Context": "notes", "Retry-After": "10"}
    assert limits.count("key", "global", registered=True)[1]["X-RateLimit-Limit"] == "250"

    moment[0] = 10.0
    assert limits.count("key", "notes", registered=False)[0]
