"""The sandbox's Sheet against the facts of the service: what a client that trusts the documentation would trip over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from connectors.sandbox.brokerage import AGENT_MAIL, SPREADSHEET, VA_MAIL
from connectors.sandbox.server import Sandbox


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
