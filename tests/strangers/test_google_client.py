"""Google's own client for Python, with its offline Discovery document, works a spreadsheet of the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from google.auth.credentials import AnonymousCredentials
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from connectors.sandbox.brokerage import SPREADSHEET, VA_MAIL
from connectors.sandbox.server import Sandbox

AREA = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 1, "startColumnIndex": 0, "endColumnIndex": 1}


@pytest.fixture
def box(serve: Callable[..., Sandbox]) -> Sandbox:
    return serve()


@pytest.fixture
def sheets(box: Sandbox) -> Iterator[Any]:
    with client(box, AnonymousCredentials()) as service:  # type: ignore[no-untyped-call]  # google-auth types only part of itself
        yield service.spreadsheets()


def client(box: Sandbox, credentials: Any) -> Any:
    return build("sheets", "v4", credentials=credentials, client_options={"api_endpoint": box.url}, static_discovery=True, cache_discovery=False)


def test_values_are_written_read_appended_and_cleared(sheets: Any) -> None:
    values = sheets.values()
    written = values.update(spreadsheetId=SPREADSHEET, range="Sheet1!A1", valueInputOption="USER_ENTERED", includeValuesInResponse=True,
                            body={"values": [["Ref", "Due"], ["R1", "12/4/2026"]]}).execute()
    appended = values.append(spreadsheetId=SPREADSHEET, range="Sheet1!A1:B1", valueInputOption="RAW", insertDataOption="INSERT_ROWS", body={"values": [["R2", "=1+1"]]}).execute()
    values.batchUpdate(spreadsheetId=SPREADSHEET, body={"valueInputOption": "RAW", "data": [{"range": "Sheet1!C1", "values": [["Done"]]}]}).execute()
    read = values.batchGet(spreadsheetId=SPREADSHEET, ranges=["Sheet1!A:C", "'Referral Log'!A1"], valueRenderOption="UNFORMATTED_VALUE").execute()

    assert written["updatedData"]["values"] == [["Ref", "Due"], ["R1", "12/4/2026"]]
    assert (appended["tableRange"], appended["updates"]["updatedRange"]) == ("Sheet1!A1:B2", "Sheet1!A3:B3")
    assert [part.get("values") for part in read["valueRanges"]] == [[["Ref", "Due", "Done"], ["R1", 46360], ["R2", "=1+1"]], [["Date"]]]
    assert values.get(spreadsheetId=SPREADSHEET, range="Sheet1!B2").execute()["values"] == [["12/4/2026"]]
    values.clear(spreadsheetId=SPREADSHEET, range="Sheet1").execute()
    values.batchClear(spreadsheetId=SPREADSHEET, body={"ranges": ["'Referral Log'!A2:F"]}).execute()
    assert "values" not in values.get(spreadsheetId=SPREADSHEET, range="Sheet1").execute()


def test_a_batch_and_what_it_made_are_read_back(sheets: Any) -> None:
    done = sheets.batchUpdate(spreadsheetId=SPREADSHEET, body={"requests": [
        {"updateCells": {"range": AREA, "rows": [{"values": [{"userEnteredValue": {"boolValue": True}, "note": "hello"}]}], "fields": "userEnteredValue,note"}},
        {"setDataValidation": {"range": AREA, "rule": {"condition": {"type": "BOOLEAN"}, "strict": True}}},
        {"addChart": {"chart": {"spec": {"title": "Q", "basicChart": {"chartType": "COLUMN"}}, "position": {"overlayPosition": {"anchorCell": {"sheetId": 0}}}}}},
        {"addProtectedRange": {"protectedRange": {"range": AREA, "editors": {"users": [VA_MAIL]}}}}]}).execute()
    found = sheets.get(spreadsheetId=SPREADSHEET, ranges=["Sheet1!A1"], fields="sheets(charts,protectedRanges,data.rowData.values(effectiveValue,note,dataValidation))").execute()
    sheet = found["sheets"][0]

    assert done["replies"][2]["addChart"]["chart"]["chartId"] == sheet["charts"][0]["chartId"]
    assert VA_MAIL in sheet["protectedRanges"][0]["editors"]["users"]
    assert sheet["data"][0]["rowData"][0]["values"] == [{"effectiveValue": {"boolValue": True}, "note": "hello", "dataValidation": {"condition": {"type": "BOOLEAN"}, "strict": True}}]


def test_metadata_and_data_filters(sheets: Any) -> None:
    place = {"dimensionRange": {"sheetId": 0, "dimension": "ROWS", "startIndex": 4, "endIndex": 5}}
    made = {"metadataKey": "ref", "metadataValue": "R1", "visibility": "DOCUMENT", "location": place}
    reply = sheets.batchUpdate(spreadsheetId=SPREADSHEET, body={"requests": [{"createDeveloperMetadata": {"developerMetadata": made}}]}).execute()
    number = reply["replies"][0]["createDeveloperMetadata"]["developerMetadata"]["metadataId"]
    wanted = {"developerMetadataLookup": {"metadataValue": "R1"}}
    sheets.values().batchUpdateByDataFilter(spreadsheetId=SPREADSHEET, body={"valueInputOption": "RAW", "data": [{"dataFilter": wanted, "values": [["here"]]}]}).execute()
    read = sheets.values().batchGetByDataFilter(spreadsheetId=SPREADSHEET, body={"dataFilters": [wanted]}).execute()
    found = sheets.developerMetadata().search(spreadsheetId=SPREADSHEET, body={"dataFilters": [wanted]}).execute()

    assert read["valueRanges"][0]["valueRange"]["range"] == "Sheet1!A5:Z5"
    assert [m["developerMetadata"]["metadataId"] for m in found["matchedDeveloperMetadata"]] == [number]
    assert sheets.developerMetadata().get(spreadsheetId=SPREADSHEET, metadataId=number).execute()["metadataKey"] == "ref"
    assert sheets.getByDataFilter(spreadsheetId=SPREADSHEET, body={"dataFilters": [wanted]}).execute()["sheets"][0]["properties"]["title"] == "Sheet1"
    assert sheets.values().batchClearByDataFilter(spreadsheetId=SPREADSHEET, body={"dataFilters": [wanted]}).execute()["clearedRanges"] == ["Sheet1!A5:Z5"]


def test_a_spreadsheet_is_created_and_a_tab_copied_into_it(sheets: Any) -> None:
    made = sheets.create(body={"properties": {"title": "New"}}).execute()
    copied = sheets.sheets().copyTo(spreadsheetId=SPREADSHEET, sheetId=10, body={"destinationSpreadsheetId": made["spreadsheetId"]}).execute()

    assert copied["title"] == "Copy of Referral Log"
    assert [s["properties"]["title"] for s in sheets.get(spreadsheetId=made["spreadsheetId"]).execute()["sheets"]] == ["Sheet1", "Copy of Referral Log"]


def test_refusals_are_understood(box: Sandbox, sheets: Any) -> None:
    with pytest.raises(HttpError) as missing:
        sheets.get(spreadsheetId="nowhere").execute()
    with pytest.raises(HttpError) as broken:
        sheets.values().get(spreadsheetId=SPREADSHEET, range="Nowhere!A1").execute()
    with client(box, Credentials("stranger@example.com")) as stranger, pytest.raises(HttpError) as forbidden:  # type: ignore[no-untyped-call]
        stranger.spreadsheets().get(spreadsheetId=SPREADSHEET).execute()

    assert (missing.value.status_code, missing.value.reason) == (404, "Requested entity was not found.")
    assert (broken.value.status_code, broken.value.reason) == (400, "Unable to parse range: Nowhere!A1")
    assert (forbidden.value.status_code, forbidden.value.reason) == (403, "The caller does not have permission")
