"""The sandbox's Sheets service against the facts: what a client that trusts Google's documents would trip over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
import requests

from connectors.sandbox.brokerage import AGENT_MAIL, SPREADSHEET, VA_MAIL
from connectors.sandbox.server import Sandbox
from tests.conformance.sheet_service import Call, batch, caller, put, tab, values
from tests.conftest import SteppingClock


@pytest.fixture
def sheet(serve: Callable[..., Sandbox]) -> Call:
    return caller(serve())



def test_a_batch_is_all_or_nothing(sheet: Call) -> None:
    bad = sheet("POST", ":batchUpdate", json={"requests": [{"addSheet": {"properties": {"title": "New"}}}, {"frobnicate": {}}]})
    titles = [s["properties"]["title"] for s in sheet("GET").json()["sheets"]]

    assert (bad.status_code, bad.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert titles == ["Sheet1", "Referral Log"]


@pytest.mark.parametrize(("option", "value", "shown"), [
    ("RAW", "=1+1", "=1+1"), ("USER_ENTERED", "=1+1", 2), ("USER_ENTERED", "2026-12-04", 46360), ("USER_ENTERED", "1,234.50", 1234.5),
    ("USER_ENTERED", "12/4/2026", 46360), ("USER_ENTERED", "2/30/2026", "2/30/2026"), ("USER_ENTERED", "$100.15", 100.15), ("USER_ENTERED", "50%", 0.5),
    ("USER_ENTERED", "1,23", "1,23"), ("USER_ENTERED", "1e999", "1e999"), ("USER_ENTERED", "=1/0", "#DIV/0!"), ("USER_ENTERED", "=SUM(A1)", "#NAME?"),
    ("USER_ENTERED", '=HYPERLINK("http://x","y")', "y"), ("USER_ENTERED", "  spaced  ", "  spaced  "), ("USER_ENTERED", "٣", "٣"),
    ("USER_ENTERED", "=2+3*4", 14), ("USER_ENTERED", "=2*(3+4)", 14), ("USER_ENTERED", "=10-4-3", 3), ("USER_ENTERED", "=12/4/3", 1),
    ("USER_ENTERED", "= ( 1 + 2 ) * -(3 - .5) ", -7.5), ("USER_ENTERED", "=2*-3+1", -5), ("USER_ENTERED", "=--2", 2), ("USER_ENTERED", "=+7", 7),
    ("USER_ENTERED", "=1e3/4", 250), ("USER_ENTERED", "=2/(3-3)", "#DIV/0!"), ("USER_ENTERED", "=1e308*1e308", "#NUM!"), ("USER_ENTERED", "=2*", "#NAME?"),
    ("USER_ENTERED", "=(1", "#NAME?"), ("USER_ENTERED", "=1)", "#NAME?"), ("USER_ENTERED", "=()", "#NAME?"), ("USER_ENTERED", "=1 2", "#NAME?"),
    ("USER_ENTERED", "=2(3)", "#NAME?"), ("USER_ENTERED", "=(1)2", "#NAME?"), ("USER_ENTERED", "=*2", "#NAME?"), ("USER_ENTERED", "=2**3", "#NAME?"),
    ("USER_ENTERED", "= ", "#NAME?"), ("USER_ENTERED", "=٣+1", "#NAME?"), ("USER_ENTERED", "=" + "(" * 20_000 + "7" + ")" * 20_000, 7),
    ("USER_ENTERED", "=" + "-" * 40_000 + "7", 7), ("USER_ENTERED", "=__import__('os')", "#NAME?"),
    ("USER_ENTERED", "TRUE", True), ("RAW", "TRUE", "TRUE"), ("USER_ENTERED", "'007", "007"), ("RAW", True, True), ("RAW", 1.5, 1.5)])
def test_what_a_typed_value_becomes(sheet: Call, option: str, value: Any, shown: Any) -> None:
    sheet("PUT", "/values/Sheet1!B2", params={"valueInputOption": option}, json={"values": [[value]]})
    read = sheet("GET", "/values/Sheet1", params={"valueRenderOption": "UNFORMATTED_VALUE"}).json()

    assert read == {"range": "Sheet1!A1:Z1000", "majorDimension": "ROWS", "values": [[], ["", shown]]}


@pytest.mark.parametrize(("where", "said"), [
    ("Nowhere!A1", "Unable to parse range: Nowhere!A1"), ("Sheet1!A1:", "Unable to parse range"), ("Sheet1!A2000", "exceeds grid limits"),
    ("'Sheet1", "Unable to parse range")])
def test_broken_ranges_are_refused(sheet: Call, where: str, said: str) -> None:
    answer = sheet("GET", f"/values/{where}")

    assert answer.status_code == 400
    assert said in answer.json()["error"]["message"]


def test_who_may_do_what(sheet: Call) -> None:
    protect = {"addProtectedRange": {"protectedRange": {"range": {"sheetId": 0, "startColumnIndex": 0, "endColumnIndex": 1}, "editors": {"users": [AGENT_MAIL]}}}}
    assert sheet("POST", ":batchUpdate", json={"requests": [protect]}).status_code == 200
    cell = {"params": {"valueInputOption": "RAW"}, "json": {"values": [["x"]]}}

    assert [sheet("PUT", "/values/Sheet1!A1", user=user, **cell).status_code for user in (AGENT_MAIL, VA_MAIL)] == [200, 400]
    assert sheet("PUT", "/values/Sheet1!B1", user=VA_MAIL, **cell).status_code == 200
    assert sheet("GET", user="stranger@example.com").status_code == 403
    assert sheet("GET", user="").status_code == 200  # no token is the service account
    assert [s.get("protectedRanges", [{}])[0].get("requestingUserCanEdit") for s in sheet("GET", user=VA_MAIL).json()["sheets"]] == [None, None]


def test_a_cell_has_50000_characters_and_an_empty_tab_no_values(sheet: Call) -> None:
    answer = [sheet("PUT", "/values/Sheet1!A1", params={"valueInputOption": "RAW"}, json={"values": [["x" * n]]}).status_code for n in (50_000, 50_001)]
    sheet("PUT", "/values/Sheet1!A1", params={"valueInputOption": "RAW"}, json={"values": [[""]]})

    assert answer == [200, 400]
    assert "values" not in sheet("GET", "/values/Sheet1").json()


def test_the_quota_is_sixty_a_minute_and_user_with_the_real_body(serve: Callable[..., Sandbox]) -> None:
    box, clock = serve(rate_limit=True), SteppingClock()
    box.sheets.now = clock.monotonic
    url = f"{box.url}/v4/spreadsheets/{SPREADSHEET}"
    search = {"dataFilters": [{"developerMetadataLookup": {"metadataKey": "ref"}}]}
    answers = [requests.get(url, timeout=5) for _ in range(59)] + [requests.post(f"{url}/developerMetadata:search", json=search, timeout=5)]
    write: dict[str, Any] = {"params": {"valueInputOption": "RAW"}, "json": {"values": [["x"]]}, "timeout": 5}

    assert [a.status_code for a in answers] == [200] * 60
    refused = requests.get(url, timeout=5)
    assert refused.status_code == 429
    assert refused.json()["error"] == {
        "code": 429, "status": "RESOURCE_EXHAUSTED",
        "message": "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per user' of service "
                   "'sheets.googleapis.com' for consumer 'project_number:1'.",
        "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "RATE_LIMIT_EXCEEDED", "domain": "googleapis.com",
                     "metadata": {"service": "sheets.googleapis.com", "quota_metric": "sheets.googleapis.com/read_requests",
                                  "quota_limit": "ReadRequestsPerMinutePerUser", "consumer": "projects/1"}}]}
    assert requests.put(f"{url}/values/Sheet1!A1", **write).status_code == 200  # writes are counted apart
    assert requests.get(url, headers={"Authorization": f"Bearer {VA_MAIL}"}, timeout=5).status_code == 200
    clock.sleep(59.9)
    assert requests.get(url, timeout=5).status_code == 429
    clock.sleep(0.1)
    assert requests.get(url, timeout=5).status_code == 200


@pytest.mark.parametrize(("where", "range_", "table"), [
    ("Sheet1", "Sheet1!C2:E2", "Sheet1!C1"),        # recorded of the real service: after ["x", "", "z"] the table is at C
    ("Sheet1!A1", "Sheet1!A2:C2", "Sheet1!A1"),
    ("'Referral Log'", "'Referral Log'!A26:C26", "'Referral Log'!A1:F25"),
])
def test_an_append_finds_its_table_as_the_service_does(sheet: Call, where: str, range_: str, table: str) -> None:
    sheet("PUT", "/values/Sheet1!A1", params={"valueInputOption": "RAW"}, json={"values": [["x", "", "z"]]})
    answer = sheet("POST", f"/values/{where}:append", params={"valueInputOption": "RAW"}, json={"values": [[1, 2, 3]]}).json()

    assert (answer["updates"]["updatedRange"], answer["tableRange"]) == (range_, table)


def test_clearing_takes_values_and_leaves_rules(sheet: Call) -> None:
    rule = {"condition": {"type": "BOOLEAN"}}
    sheet("POST", ":batchUpdate", json={"requests": [{"setDataValidation": {"range": {"sheetId": 0, "endRowIndex": 1, "endColumnIndex": 1}, "rule": rule}}]})
    sheet("PUT", "/values/Sheet1!A1", params={"valueInputOption": "RAW"}, json={"values": [[True]]})

    assert sheet("POST", "/values/Sheet1!A1:B2:clear").json()["clearedRange"] == "Sheet1!A1:B2"
    data = sheet("GET", params={"includeGridData": "true"}).json()["sheets"][0]["data"][0]["rowData"]
    assert data == [{"values": [{"dataValidation": rule}]}]


@pytest.mark.parametrize(("option", "dates", "shown"), [
    ("FORMATTED_VALUE", "SERIAL_NUMBER", ["2026-12-04", "1,234.50", "TRUE", "2", "$100.15", "50%"]),
    ("UNFORMATTED_VALUE", "SERIAL_NUMBER", [46360, 1234.5, True, 2, 100.15, 0.5]),
    ("UNFORMATTED_VALUE", "FORMATTED_STRING", ["2026-12-04", 1234.5, True, 2, 100.15, 0.5]),
    ("FORMULA", "SERIAL_NUMBER", [46360, 1234.5, True, "=1+1", 100.15, 0.5])])
def test_each_render_option(sheet: Call, option: str, dates: str, shown: list[Any]) -> None:
    put(sheet, "Sheet1!A1", ["2026-12-04", "1,234.50", "true", "=1+1", "$100.15", "50%"], option="USER_ENTERED")

    assert values(sheet, "Sheet1!1:1", valueRenderOption=option, dateTimeRenderOption=dates) == [shown]
    assert values(sheet, "Sheet1!1:1", valueRenderOption=option, dateTimeRenderOption=dates, majorDimension="COLUMNS") == [[v] for v in shown]


@pytest.mark.parametrize(("where", "echoed", "found"), [
    ("Sheet1!A2:B", "Sheet1!A2:B1000", [["c", "d"]]), ("Sheet1!B2:A1", "Sheet1!A1:B2", [["a", "b"], ["c", "d"]]),
    ("Sheet1!A1:1", "Sheet1!A1:Z1", [["a", "b"]]), ("A2", "Sheet1!A2", [["c"]]), ("sheet1!$B$1", "Sheet1!B1", [["b"]]),
    ("'Sheet1'!A:A", "Sheet1!A1:A1000", [["a"], ["c"]]), ("Sheet1!A1:ZZ2000", "Sheet1!A1:Z1000", [["a", "b"], ["c", "d"]]), ("Sheet1!C5:D6", "Sheet1!C5:D6", None)])
def test_the_a1_grammar(sheet: Call, where: str, echoed: str, found: Any) -> None:
    put(sheet, "Sheet1!A1", ["a", "b"], ["c", "d"])
    answer = sheet("GET", f"/values/{where}").json()

    assert (answer["range"], answer.get("values")) == (echoed, found)


def test_titles_are_quoted_and_the_path_is_split_before_it_is_decoded(sheet: Call) -> None:
    batch(sheet, {"addSheet": {"properties": {"title": "Bob's/tab: x"}}})
    done = put(sheet, quote("'Bob''s/tab: x'!A1", safe=""), ["hello"]).json()

    assert done["updatedRange"] == "'Bob''s/tab: x'!A1"
    assert values(sheet, quote("'Bob''s/tab: x'", safe="")) == [["hello"]]


def test_a_write_must_fit_and_null_skips_a_cell(sheet: Call) -> None:
    put(sheet, "Sheet1!A1", ["a", "b", "c"])
    done = put(sheet, "Sheet1!A1", [None, "", "C"], includeValuesInResponse="True").json()
    assert done["updatedData"]["values"] == [["a", "", "C"]]
    assert done["updatedCells"] == 2
    for where, lines, said in (
            ("Sheet1!A1:B1", [["x", "y"], ["z"]], "Requested writing within range [Sheet1!A1:B1], but tried writing to row [2]"),
            ("Sheet1!A1:B1", [["x", "y", "z"]], "Requested writing within range [Sheet1!A1:B1], but tried writing to column [C]"),
            ("Sheet1!Z1000", [["x"], ["y"]], "Range (Sheet1!Z1000) exceeds grid limits. Max rows: 1000, max columns: 26")):
        refused = put(sheet, where, *lines)
        assert (refused.status_code, refused.json()["error"]["message"]) == (400, said)
    assert values(sheet, "Sheet1") == [["a", "", "C"]]


@pytest.mark.parametrize(("body", "said"), [
    ({"requests": [{"frobnicate": {}}]}, "Invalid JSON payload received. Unknown name \"frobnicate\" at 'requests[0]': Cannot find field."),
    ({"requests": [{"repeatCell": {"cell": {"x": 1}, "fields": "*", "range": {}}}]}, "Invalid JSON payload received. Unknown name \"x\" at 'requests[0].repeat_cell.cell': Cannot find field."),
    ({"requests": [{"deleteSheet": {"sheetId": "x"}}]}, "Invalid value at 'requests[0].delete_sheet.sheet_id' (TYPE_INT32), \"x\""),
    ({"requests": [{"mergeCells": {"range": {}, "mergeType": "X"}}]}, "Invalid value at 'requests[0].merge_cells.merge_type' (TYPE_ENUM), \"X\""),
    ({"requests": [{"updateSheetProperties": {"properties": {}}}]}, "Invalid requests[0].updateSheetProperties: At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)"),
    ({"requests": []}, "Must specify at least one request."), ({"request": []}, "Invalid JSON payload received. Unknown name \"request\": Cannot find field."),
    ({"requests": [{"deleteSheet": {}}, {"deleteSheet": {"sheetId": 10}}]}, "Invalid requests[1].deleteSheet: You can't remove all the sheets in a document.")])
def test_a_wrong_batch_is_refused_in_the_services_words(sheet: Call, body: dict[str, Any], said: str) -> None:
    answer = sheet("POST", ":batchUpdate", json=body)

    assert (answer.status_code, answer.json()["error"]["message"]) == (400, said)
    assert len(sheet("GET").json()["sheets"]) == 2


def test_the_spreadsheets_own_properties_are_kept(sheet: Call) -> None:
    new = {"title": "T", "locale": "de_DE", "timeZone": "Europe/Berlin", "importFunctionsExternalUrlAccessAllowed": True}
    batch(sheet, {"updateSpreadsheetProperties": {"properties": new, "fields": "title,locale,timeZone,importFunctionsExternalUrlAccessAllowed"}})

    assert {name: value for name, value in sheet("GET").json()["properties"].items() if name in new} == new


@pytest.mark.parametrize("fields", ["*", "title,gridProperties.*,tabColor"])
def test_a_mask_of_everything_sets_what_is_given(sheet: Call, fields: str) -> None:
    new = {"sheetId": 0, "title": "T", "tabColor": {"red": 1}, "gridProperties": {"rowCount": 5, "columnCount": 3, "frozenRowCount": 1}}
    assert batch(sheet, {"updateSheetProperties": {"properties": new, "fields": fields}}).status_code == 200
    assert tab(sheet)["properties"] == {**new, "tabColorStyle": {"rgbColor": {"red": 1}}, "index": 0, "sheetType": "GRID"}

    assert batch(sheet, {"updateSpreadsheetProperties": {"properties": {"title": "B", "autoRecalc": "HOUR"}, "fields": "*"}}).status_code == 200
    found = sheet("GET").json()["properties"]
    assert (found["title"], found["autoRecalc"], found["locale"]) == ("B", "HOUR", "en_US")


def test_what_is_known_and_not_served_says_so(sheet: Call) -> None:
    answer = batch(sheet, {"findReplace": {"find": "a"}})

    assert (answer.status_code, answer.json()["error"]["message"]) == (501, "The sandbox does not serve batchUpdate requests of the kind findReplace.")


def test_a_batch_answers_with_the_spreadsheet_if_asked(sheet: Call) -> None:
    answer = sheet("POST", ":batchUpdate", json={"requests": [{"addSheet": {"properties": {"title": "New"}}}], "includeSpreadsheetInResponse": True,
                                                  "responseRanges": ["New"], "responseIncludeGridData": True}).json()

    assert [s["properties"]["title"] for s in answer["updatedSpreadsheet"]["sheets"]] == ["New"]
    assert len(answer["updatedSpreadsheet"]["sheets"][0]["data"][0]["columnMetadata"]) == 26


def test_a_workbook_has_ten_million_cells(sheet: Call) -> None:
    def grow(rows: int) -> requests.Response:
        return batch(sheet, {"updateSheetProperties": {"properties": {"gridProperties": {"rowCount": rows}}, "fields": "gridProperties.rowCount"}})

    most = (10_000_000 - 26_000) // 26
    assert [grow(most).status_code, grow(most + 1).status_code] == [200, 400]
    assert tab(sheet)["properties"]["gridProperties"]["rowCount"] == most


def test_a_body_has_ten_mebibytes(sheet: Call) -> None:
    def send(size: int) -> requests.Response:
        body = b'{"values": [["' + b"x" * 100 + b'"]]}'
        return sheet("PUT", "/values/Sheet1!A1", params={"valueInputOption": "RAW"}, data=body + b" " * (size - len(body)))

    assert [send(10_485_760).status_code, send(10_485_761).status_code] == [200, 400]


def test_protection_holds_for_every_way_of_editing(sheet: Call) -> None:
    batch(sheet, {"addProtectedRange": {"protectedRange": {"range": {"sheetId": 10}, "editors": {"users": [AGENT_MAIL]}}}})
    rows = {"sheetId": 10, "dimension": "ROWS", "startIndex": 1, "endIndex": 2}
    cell = {"sheetId": 10, "startRowIndex": 1, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 1}
    ways: tuple[dict[str, Any], ...] = (
        {"updateCells": {"range": cell, "rows": [], "fields": "*"}}, {"repeatCell": {"range": cell, "cell": {}, "fields": "*"}},
        {"appendCells": {"sheetId": 10, "rows": [{"values": [{}]}], "fields": "*"}}, {"setDataValidation": {"range": cell}},
        {"insertDimension": {"range": rows}}, {"deleteDimension": {"range": rows}}, {"moveDimension": {"source": rows, "destinationIndex": 5}},
        {"sortRange": {"range": {"sheetId": 10, "startRowIndex": 1}, "sortSpecs": [{"dimensionIndex": 0}]}}, {"deleteSheet": {"sheetId": 10}},
        {"mergeCells": {"range": cell}}, {"unmergeCells": {"range": cell}}, {"copyPaste": {"source": {"sheetId": 0, "endRowIndex": 1, "endColumnIndex": 1}, "destination": cell}},
        {"cutPaste": {"source": cell, "destination": {"sheetId": 0}}}, {"updateSheetProperties": {"properties": {"sheetId": 10, "title": "x"}, "fields": "title"}},
        {"setBasicFilter": {"filter": {"range": {"sheetId": 10}}}}, {"autoResizeDimensions": {"dimensions": rows}})
    for way in ways:
        answer = sheet("POST", ":batchUpdate", user=VA_MAIL, json={"requests": [way]})
        assert (answer.status_code, "protected cell" in answer.json()["error"]["message"]) == (400, True), way
    for method, rest in (("POST", "/values/'Referral Log'!A1:append"), ("POST", "/values/'Referral Log'!A1:clear"), ("PUT", "/values/'Referral Log'!A1")):
        answer = sheet(method, rest, user=VA_MAIL, params={} if "clear" in rest else {"valueInputOption": "RAW"}, json=None if "clear" in rest else {"values": [["x"]]})
        assert (answer.status_code, "protected cell" in answer.json()["error"]["message"]) == (400, True), rest


@pytest.mark.parametrize(("method", "rest", "right", "wrong", "path"), [
    ("GET", "", "sheets(properties(sheetId,title),data/rowData.values.userEnteredValue),namedRanges", "nope", "nope"),
    ("GET", "", "*", "sheets.properties,sheets.nope", "sheets.nope"), ("GET", "", "sheets.*", "sheets(data(rowData/values(nope)))", "sheets.data.rowData.values.nope"),
    ("GET", "", "spreadsheetId,properties.title", "spreadsheetId, properties.title", " properties.title"),
    ("GET", "", "sheets.charts.spec.anything", "spreadsheetId.nope", "spreadsheetId.nope"), ("GET", "/values/Sheet1", "values", "value", "value"),
    ("PUT", "/values/Sheet1!A1", "updatedData.values", "updatedData.cells", "updatedData.cells"),
    ("POST", ":batchUpdate", "replies.addSheet.properties.sheetId,updatedSpreadsheet.sheets.merges", "updatedSpreadsheet.id", "updatedSpreadsheet.id")])
def test_a_mask_names_what_the_answer_holds(sheet: Call, method: str, rest: str, right: str, wrong: str, path: str) -> None:
    sent = {"json": {"values": [["x"]]}} if method == "PUT" else {"json": {"requests": [{"addSheet": {"properties": {"title": "New"}}}]}} if method == "POST" else {}
    option = {"valueInputOption": "RAW"} if method == "PUT" else {}
    before = sheet("GET", params={"includeGridData": "true"}).json()
    refused = sheet(method, rest, params={**option, "fields": wrong}, **sent)

    said = f"Error expanding 'fields' parameter. Cannot find matching fields for path '{path}'."
    assert (refused.status_code, refused.json()["error"]) == (400, {
        "code": 400, "message": "Request contains an invalid argument.", "status": "INVALID_ARGUMENT",
        "details": [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [{"field": path, "description": said}]}]})
    assert sheet("GET", params={"includeGridData": "true"}).json() == before
    assert sheet(method, rest, params={**option, "fields": right}, **sent).status_code == 200


def test_what_a_new_spreadsheet_cannot_hold_here_is_named(serve: Callable[..., Sandbox]) -> None:
    answer = requests.post(f"{serve().url}/v4/spreadsheets", json={"sheets": [{"data": []}]}, timeout=5)

    assert (answer.status_code, answer.json()["error"]["message"]) == (501, "The sandbox does not serve data in the body of a Sheet.")
