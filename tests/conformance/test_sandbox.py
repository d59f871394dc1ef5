"""The sandbox against the facts of the two services: what a client that trusts the documentation would trip over."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import requests

from connectors.sandbox.brokerage import brokerage
from connectors.sandbox.followupboss.limits import Limits
from connectors.sandbox.server import Sandbox

DAY = date(2026, 12, 4)


@pytest.fixture(scope="module")
def module_box() -> Any:
    with Sandbox(brokerage(DAY, people=250), rate_limit=False) as box:
        yield box


@pytest.fixture
def crm(module_box: Sandbox) -> Callable[..., requests.Response]:
    def call(method: str, path: str, key: str = "fka_owner", **options: Any) -> requests.Response:
        return requests.request(method, f"{module_box.url}/v1/{path}", auth=(key, ""), timeout=5, **options)
    return call


def walk(crm: Callable[..., requests.Response], **params: Any) -> list[int]:
    ids, query = [], {"limit": 100, **params}
    while True:
        body = crm("GET", "people", params=query).json()
        ids += [p["id"] for p in body["people"]]
        if not body["_metadata"]["next"]:
            assert body["_metadata"]["nextLink"] is None
            return ids
        query["next"] = body["_metadata"]["next"]


def test_the_same_seed_and_day_give_the_same_world() -> None:
    one, two, other = (brokerage(DAY, people=60, seed=seed) for seed in (7, 7, 8))

    def essence(world: Any) -> str:
        return json.dumps({name: list(table.values()) for name, table in world.crm.tables.items()}, sort_keys=True)

    assert essence(one) == essence(two)
    assert essence(one) != essence(other)
    assert {p["stage"] for p in brokerage(DAY, people=400).crm.tables["people"].values()} >= {"New Lead", "Do Not Contact", "Cold Lead"}


@pytest.mark.parametrize(("sort", "cursor"), [("-id", "sinceId"), ("id", "sinceId"), ("name", "offset"), ("-lastName", "offset")])
def test_paging_has_both_kinds_of_cursor(crm: Callable[..., requests.Response], sort: str, cursor: str) -> None:
    token = crm("GET", "people", params={"limit": 100, "sort": sort}).json()["_metadata"]["next"]

    assert cursor in json.loads(base64.b64decode(token))
    assert len(walk(crm, sort=sort)) == len(set(walk(crm, sort=sort))) == 250


def test_lists_have_the_services_limits(crm: Callable[..., requests.Response]) -> None:
    assert len(crm("GET", "people").json()["people"]) == 10
    assert len(crm("GET", "people", params={"limit": 500}).json()["people"]) == 100
    deep = crm("GET", "people", params={"offset": 2000})
    assert (deep.status_code, deep.json()) == (400, {"errorMessage": "Deep pagination disabled, use 'nextLink' url"})


def test_an_unknown_filter_is_ignored_and_an_unknown_body_field_is_not(crm: Callable[..., requests.Response]) -> None:
    assert crm("GET", "people", params={"lastUpdatedAfter": "2099-01-01"}).json()["_metadata"]["total"] == 250
    refused = crm("PUT", "people/101", json={"nickname": "x"})
    assert (refused.status_code, "nickname" in refused.json()["errorMessage"]) == (400, True)


def test_custom_fields_come_only_when_asked_for(crm: Callable[..., requests.Response]) -> None:
    plain, whole = (crm("GET", "people/101", params=params).json() for params in ({}, {"fields": "allFields"}))

    assert "customClosingAnniversary" not in plain
    assert "lastCommunication" not in plain
    assert whole["customClosingAnniversary"]
    assert crm("GET", "people/101", params={"fields": "firstName"}).json().keys() == {"id", "firstName"}


def test_tags_overwrite_unless_merged_and_a_wrong_stage_is_ignored(crm: Callable[..., requests.Response]) -> None:
    crm("PUT", "people/102", json={"tags": ["one"]})
    assert crm("PUT", "people/102", params={"mergeTags": "true"}, json={"tags": ["two", "one"]}).json()["tags"] == ["one", "two"]
    assert crm("PUT", "people/102", json={"tags": ["three"]}).json()["tags"] == ["three"]

    before = crm("GET", "people/102").json()["stage"]
    answer = crm("PUT", "people/102", json={"stage": "No Such Stage"})
    assert (answer.status_code, answer.json()["stage"]) == (200, before)


@pytest.mark.parametrize(("method", "path", "status", "said"), [
    ("GET", "widgets", 404, "Collection name 'Widgets' in the URL is not valid."),
    ("GET", "people/999999", 404, "Requested resource was not found."),
    ("GET", "events", 501, "does not serve GET /v1/events"),
    ("GET", "me", 501, "does not serve"),
    ("POST", "people/merge", 404, "Requested resource was not found."),
    ("DELETE", "people/101", 501, "does not serve DELETE"),
    ("POST", "tasks", 400, "Missing required field 'personId'."),
])
def test_refusals_are_one_sentence(crm: Callable[..., requests.Response], method: str, path: str, status: int, said: str) -> None:
    answer = crm(method, path, json={} if method == "POST" else None)

    assert answer.status_code == status
    assert said in answer.json()["errorMessage"]


def test_without_a_key_it_says_how(module_box: Sandbox) -> None:
    answer = requests.get(f"{module_box.url}/v1/people", timeout=5)
    bearer = requests.get(f"{module_box.url}/v1/people", headers={"Authorization": "Bearer fka_owner"}, timeout=5)

    assert (answer.status_code, bearer.status_code) == (401, 401)
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="Follow Up Boss API"'
    assert answer.json()["errorMessage"].startswith("Authentication is required.")


def test_an_agents_key_sees_the_agents_own(crm: Callable[..., requests.Response]) -> None:
    assert crm("GET", "people", key="fka_mia").json()["_metadata"]["total"] == 0
    assert crm("GET", "people/101", key="fka_mia").status_code == 404
    assert crm("POST", "customFields", key="fka_dana", json={"label": "X", "type": "text"}).status_code == 403


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


def test_it_listens_on_loopback_only() -> None:
    with pytest.raises(ValueError, match="loopback"):
        Sandbox(brokerage(DAY, people=10), host="192.168.0.1")
