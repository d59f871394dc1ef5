"""The sandbox against the facts of the two services: what a client that trusts the documentation would trip over."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import requests

from connectors.sandbox.brokerage import AGENT_MAIL, SPREADSHEET, VA_MAIL, brokerage
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


def test_an_agents_key_sees_the_agents_own(crm: Callable[..., requests.Response], module_box: Sandbox) -> None:
    module_box.world.crm.keys["fka_lee"] = module_box.world.crm.put("users", {"name": "Lee Park", "role": "Agent"})["id"]
    assert crm("GET", "people", key="fka_lee").json()["_metadata"]["total"] == 0
    assert crm("GET", "people/101", key="fka_lee").status_code == 404
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


# -- the Sheet ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def sheet(serve: Callable[..., Sandbox]) -> Callable[..., requests.Response]:
    url = f"{serve().url}/v4/spreadsheets/{SPREADSHEET}"

    def call(method: str, rest: str = "", user: str = AGENT_MAIL, **options: Any) -> requests.Response:
        return requests.request(method, url + rest, headers={"Authorization": f"Bearer {user}"} if user else {}, timeout=5, **options)
    return call


def test_a_batch_is_all_or_nothing(sheet: Callable[..., requests.Response]) -> None:
    bad = sheet("POST", ":batchUpdate", json={"requests": [{"addSheet": {"properties": {"title": "New"}}}, {"frobnicate": {}}]})
    titles = [s["properties"]["title"] for s in sheet("GET").json()["sheets"]]

    assert (bad.status_code, bad.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert titles == ["Sheet1", "Referral Log"]


@pytest.mark.parametrize(("option", "value", "shown"), [
    ("RAW", "=1+1", "=1+1"), ("USER_ENTERED", "=1+1", 2), ("USER_ENTERED", "2026-12-04", 46360), ("USER_ENTERED", "1,234.50", 1234.5),
    ("USER_ENTERED", "TRUE", True), ("RAW", "TRUE", "TRUE"), ("USER_ENTERED", "'007", "007"), ("RAW", True, True), ("RAW", 1.5, 1.5)])
def test_what_a_typed_value_becomes(sheet: Callable[..., requests.Response], option: str, value: Any, shown: Any) -> None:
    sheet("PUT", "/values/Sheet1!B2", params={"valueInputOption": option}, json={"values": [[value]]})
    read = sheet("GET", "/values/Sheet1", params={"valueRenderOption": "UNFORMATTED_VALUE"}).json()

    assert read == {"range": "Sheet1!A1:Z1000", "majorDimension": "ROWS", "values": [[], ["", shown]]}


@pytest.mark.parametrize(("where", "said"), [
    ("Nowhere!A1", "Unable to parse range: Nowhere!A1"), ("Sheet1!A1:", "Unable to parse range"), ("Sheet1!A2000", "exceeds grid limits"),
    ("'Sheet1", "Unable to parse range")])
def test_broken_ranges_are_refused(sheet: Callable[..., requests.Response], where: str, said: str) -> None:
    answer = sheet("GET", f"/values/{where}")

    assert answer.status_code == 400
    assert said in answer.json()["error"]["message"]


def test_who_may_do_what(sheet: Callable[..., requests.Response]) -> None:
    protect = {"addProtectedRange": {"protectedRange": {"range": {"sheetId": 0, "startColumnIndex": 0, "endColumnIndex": 1}, "editors": {"users": [AGENT_MAIL]}}}}
    assert sheet("POST", ":batchUpdate", json={"requests": [protect]}).status_code == 200
    cell = {"params": {"valueInputOption": "RAW"}, "json": {"values": [["x"]]}}

    assert [sheet("PUT", "/values/Sheet1!A1", user=user, **cell).status_code for user in (AGENT_MAIL, VA_MAIL)] == [200, 400]
    assert sheet("PUT", "/values/Sheet1!B1", user=VA_MAIL, **cell).status_code == 200
    assert sheet("GET", user="stranger@example.com").status_code == 403
    assert sheet("GET", user="").status_code == 200  # no token is the service account
    assert [s.get("protectedRanges", [{}])[0].get("requestingUserCanEdit") for s in sheet("GET", user=VA_MAIL).json()["sheets"]] == [None, None]


def test_a_cell_has_50000_characters_and_an_empty_tab_no_values(sheet: Callable[..., requests.Response]) -> None:
    answer = [sheet("PUT", "/values/Sheet1!A1", params={"valueInputOption": "RAW"}, json={"values": [["x" * n]]}).status_code for n in (50_000, 50_001)]
    sheet("PUT", "/values/Sheet1!A1", params={"valueInputOption": "RAW"}, json={"values": [[""]]})

    assert answer == [200, 400]
    assert "values" not in sheet("GET", "/values/Sheet1").json()


def test_the_quota_is_sixty_a_minute_and_user_with_the_real_body(serve: Callable[..., Sandbox]) -> None:
    url = f"{serve(rate_limit=True).url}/v4/spreadsheets/{SPREADSHEET}"
    answers = [requests.get(url, timeout=5) for _ in range(61)]

    assert [a.status_code for a in answers] == [200] * 60 + [429]
    assert answers[-1].json()["error"]["details"][0]["metadata"]["quota_limit"] == "ReadRequestsPerMinutePerUser"


@pytest.mark.parametrize(("where", "range_", "table"), [
    ("Sheet1", "Sheet1!C2:E2", "Sheet1!C1"),        # recorded of the real service: after ["x", "", "z"] the table is at C
    ("Sheet1!A1", "Sheet1!A2:C2", "Sheet1!A1"),
    ("'Referral Log'", "'Referral Log'!A26:C26", "'Referral Log'!A1:F25"),
])
def test_an_append_finds_its_table_as_the_service_does(sheet: Callable[..., requests.Response], where: str, range_: str, table: str) -> None:
    sheet("PUT", "/values/Sheet1!A1", params={"valueInputOption": "RAW"}, json={"values": [["x", "", "z"]]})
    answer = sheet("POST", f"/values/{where}:append", params={"valueInputOption": "RAW"}, json={"values": [[1, 2, 3]]}).json()

    assert (answer["updates"]["updatedRange"], answer["tableRange"]) == (range_, table)


def test_rows_and_columns_come_go_and_are_sorted_with_their_cells(sheet: Callable[..., requests.Response]) -> None:
    sheet("PUT", "/values/Sheet1!A1", params={"valueInputOption": "RAW"}, json={"values": [["name", "n"], ["b", 2], ["a", 1], ["c", 3]]})
    rows = {"sheetId": 0, "dimension": "ROWS"}
    sheet("POST", ":batchUpdate", json={"requests": [
        {"sortRange": {"range": {"sheetId": 0, "startRowIndex": 1}, "sortSpecs": [{"dimensionIndex": 1, "sortOrder": "DESCENDING"}]}},
        {"insertDimension": {"range": {**rows, "startIndex": 1, "endIndex": 2}}},
        {"deleteDimension": {"range": {**rows, "startIndex": 2, "endIndex": 3}}},
        {"moveDimension": {"source": {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 0, "endIndex": 1}, "destinationIndex": 2}}]})

    assert sheet("GET", "/values/Sheet1", params={"valueRenderOption": "UNFORMATTED_VALUE"}).json()["values"] == [
        ["n", "name"], [], [2, "b"], [1, "a"]]


def test_clearing_takes_values_and_leaves_rules(sheet: Callable[..., requests.Response]) -> None:
    rule = {"condition": {"type": "BOOLEAN"}}
    sheet("POST", ":batchUpdate", json={"requests": [{"setDataValidation": {"range": {"sheetId": 0, "endRowIndex": 1, "endColumnIndex": 1}, "rule": rule}}]})
    sheet("PUT", "/values/Sheet1!A1", params={"valueInputOption": "RAW"}, json={"values": [[True]]})

    assert sheet("POST", "/values/Sheet1!A1:B2:clear").json()["clearedRange"] == "Sheet1!A1:B2"
    data = sheet("GET", params={"includeGridData": "true"}).json()["sheets"][0]["data"][0]["rowData"]
    assert data == [{"values": [{"dataValidation": rule}]}]


def batch(sheet: Callable[..., requests.Response], *requests_: dict[str, Any]) -> requests.Response:
    return sheet("POST", ":batchUpdate", json={"requests": list(requests_)})


def test_named_ranges_merges_and_filters(sheet: Callable[..., requests.Response]) -> None:
    area = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 2}
    sheet("PUT", "/values/Sheet1!A1", params={"valueInputOption": "RAW"}, json={"values": [["a", "b"], ["c", "d"]]})
    assert batch(sheet, {"addNamedRange": {"namedRange": {"name": "corner", "range": area}}}).status_code == 200
    assert sheet("GET", "/values/corner").json()["values"] == [["a", "b"], ["c", "d"]]

    batch(sheet, {"mergeCells": {"range": area, "mergeType": "MERGE_ALL"}}, {"setBasicFilter": {"filter": {"range": {"sheetId": 0}}}})
    found = sheet("GET").json()["sheets"][0]
    assert sheet("GET", "/values/corner").json()["values"] == [["a"]]
    assert found["merges"] == [{"startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 2}]
    assert found["basicFilter"]["range"]["endRowIndex"] == 1000
    overlap = area | {"endRowIndex": 1, "endColumnIndex": 4}
    assert batch(sheet, {"mergeCells": {"range": overlap, "mergeType": "MERGE_ALL"}}).status_code == 400


def test_charts_filter_views_and_formats_are_kept_by_id(sheet: Callable[..., requests.Response]) -> None:
    chart = {"spec": {"title": "Q"}, "position": {"overlayPosition": {"anchorCell": {"sheetId": 0}}}}
    replies = batch(sheet, {"addChart": {"chart": chart}}, {"addFilterView": {"filter": {"title": "mine", "range": {"sheetId": 0}}}},
                    {"addConditionalFormatRule": {"rule": {"ranges": [{"sheetId": 0}]}}}).json()["replies"]
    number = replies[0]["addChart"]["chart"]["chartId"]
    batch(sheet, {"updateChartSpec": {"chartId": number, "spec": {"title": "Q4"}}})
    found = sheet("GET").json()["sheets"][0]
    assert [c["spec"]["title"] for c in found["charts"]] == ["Q4"]
    assert [v["title"] for v in found["filterViews"]] == ["mine"]

    batch(sheet, {"deleteEmbeddedObject": {"objectId": number}}, {"deleteConditionalFormatRule": {"sheetId": 0, "index": 0}})
    assert {"charts", "conditionalFormats"} & sheet("GET").json()["sheets"][0].keys() == set()
    assert batch(sheet, {"deleteEmbeddedObject": {"objectId": number}}).status_code == 400


def test_a_spreadsheet_is_made_found_copied_and_deleted_through_drive(serve: Callable[..., Sandbox]) -> None:
    url = f"{serve().url}/drive/v3/files"
    as_agent = {"Authorization": f"Bearer {AGENT_MAIL}"}
    made = requests.post(url, json={"name": "New"}, headers=as_agent, timeout=5).json()
    requests.post(f"{url}/{made['id']}/copy", json={"name": "Twin"}, headers=as_agent, timeout=5)
    listed = requests.get(url, params={"q": 'name = "Twin"'}, headers=as_agent, timeout=5).json()["files"]

    assert [f["name"] for f in listed] == ["Twin"]
    assert requests.get(f"{url}/{made['id']}", headers={"Authorization": "Bearer stranger@example.com"}, timeout=5).status_code == 404
    assert requests.delete(f"{url}/{made['id']}", headers=as_agent, timeout=5).status_code == 204
    assert requests.get(f"{url}/{made['id']}", headers=as_agent, timeout=5).status_code == 404
