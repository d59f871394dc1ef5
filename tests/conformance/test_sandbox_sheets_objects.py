"""The sandbox's Sheets service: what hangs on cells, and that it moves, goes and is copied with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors.sandbox.brokerage import SPREADSHEET
from connectors.sandbox.server import Sandbox
from tests.conformance.sheet_service import Call, batch, caller, put, tab, values


@pytest.fixture
def sheet(serve: Callable[..., Sandbox]) -> Call:
    return caller(serve())



def test_rows_and_columns_come_go_and_are_sorted_with_their_cells(sheet: Call) -> None:
    sheet("PUT", "/values/Sheet1!A1", params={"valueInputOption": "RAW"}, json={"values": [["name", "n"], ["b", 2], ["a", 1], ["c", 3]]})
    rows = {"sheetId": 0, "dimension": "ROWS"}
    sheet("POST", ":batchUpdate", json={"requests": [
        {"sortRange": {"range": {"sheetId": 0, "startRowIndex": 1}, "sortSpecs": [{"dimensionIndex": 1, "sortOrder": "DESCENDING"}]}},
        {"insertDimension": {"range": {**rows, "startIndex": 1, "endIndex": 2}}},
        {"deleteDimension": {"range": {**rows, "startIndex": 2, "endIndex": 3}}},
        {"moveDimension": {"source": {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 0, "endIndex": 1}, "destinationIndex": 2}}]})

    assert sheet("GET", "/values/Sheet1", params={"valueRenderOption": "UNFORMATTED_VALUE"}).json()["values"] == [
        ["n", "name"], [], [2, "b"], [1, "a"]]


def test_named_ranges_merges_and_filters(sheet: Call) -> None:
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


def test_charts_filter_views_and_formats_are_kept_by_id(sheet: Call) -> None:
    chart = {"spec": {"title": "Q"}, "position": {"overlayPosition": {"anchorCell": {"sheetId": 0}}}}
    replies = batch(sheet, {"addChart": {"chart": chart}}, {"addFilterView": {"filter": {"title": "mine", "range": {"sheetId": 0}}}},
                    {"addConditionalFormatRule": {"rule": {"ranges": [{"sheetId": 0}], "booleanRule": {"condition": {"type": "BLANK"}}}}}).json()["replies"]
    number = replies[0]["addChart"]["chart"]["chartId"]
    batch(sheet, {"updateChartSpec": {"chartId": number, "spec": {"title": "Q4"}}})
    found = sheet("GET").json()["sheets"][0]
    assert [c["spec"]["title"] for c in found["charts"]] == ["Q4"]
    assert [v["title"] for v in found["filterViews"]] == ["mine"]

    batch(sheet, {"deleteEmbeddedObject": {"objectId": number}}, {"deleteConditionalFormatRule": {"sheetId": 0, "index": 0}})
    assert {"charts", "conditionalFormats"} & sheet("GET").json()["sheets"][0].keys() == set()
    assert batch(sheet, {"deleteEmbeddedObject": {"objectId": number}}).status_code == 400


REF = {"developerMetadataLookup": {"metadataKey": "ref", "metadataValue": "R1"}}


def mark(row: int, value: str = "R1") -> dict[str, Any]:
    return {"createDeveloperMetadata": {"developerMetadata": {
        "metadataKey": "ref", "metadataValue": value, "visibility": "DOCUMENT",
        "location": {"dimensionRange": {"sheetId": 0, "dimension": "ROWS", "startIndex": row, "endIndex": row + 1}}}}}


def marked(sheet: Call) -> list[int]:
    found = sheet("POST", "/developerMetadata:search", json={"dataFilters": [REF]}).json()
    return [m["developerMetadata"]["location"]["dimensionRange"]["startIndex"] for m in found.get("matchedDeveloperMetadata", ())]


@pytest.mark.parametrize(("request_", "rows"), [
    ({"insertDimension": {"range": {"dimension": "ROWS", "startIndex": 3, "endIndex": 5}}}, [5]),
    ({"insertDimension": {"range": {"dimension": "ROWS", "startIndex": 4, "endIndex": 5}}}, [3]),
    ({"deleteDimension": {"range": {"dimension": "ROWS", "startIndex": 0, "endIndex": 3}}}, [0]),
    ({"deleteDimension": {"range": {"dimension": "ROWS", "startIndex": 3, "endIndex": 4}}}, []),
    ({"moveDimension": {"source": {"dimension": "ROWS", "startIndex": 3, "endIndex": 4}, "destinationIndex": 0}}, [0]),
    ({"moveDimension": {"source": {"dimension": "ROWS", "startIndex": 0, "endIndex": 2}, "destinationIndex": 8}}, [1]),
    ({"insertDimension": {"range": {"dimension": "COLUMNS", "startIndex": 0, "endIndex": 1}}}, [3]),
    ({"sortRange": {"range": {"sheetId": 0}, "sortSpecs": [{"dimensionIndex": 0}]}}, [3])])
def test_metadata_follows_its_row(sheet: Call, request_: dict[str, Any], rows: list[int]) -> None:
    put(sheet, "Sheet1!A1", ["d"], ["c"], ["b"], ["a"])
    batch(sheet, mark(3))

    assert batch(sheet, request_).status_code == 200
    assert marked(sheet) == rows


def test_metadata_follows_a_sort_only_by_its_switch(serve: Callable[..., Sandbox]) -> None:
    box = serve()
    box.world.books[SPREADSHEET].metadata_follows_sort = True

    call = caller(box)
    put(call, "Sheet1!A1", ["d"], ["c"], ["b"], ["a"])
    batch(call, mark(3), {"sortRange": {"range": {"sheetId": 0}, "sortSpecs": [{"dimensionIndex": 0}]}})
    assert marked(call) == [0]


def test_cells_are_read_written_and_cleared_by_metadata(sheet: Call) -> None:
    put(sheet, "Sheet1!A1", ["x"], ["y", 1])
    number = batch(sheet, mark(1)).json()["replies"][0]["createDeveloperMetadata"]["developerMetadata"]["metadataId"]
    assert sheet("GET", f"/developerMetadata/{number}").json()["metadataValue"] == "R1"
    assert sheet("GET", "/developerMetadata/12345").status_code == 404

    written = sheet("POST", "/values:batchUpdateByDataFilter", json={"valueInputOption": "RAW", "data": [{"dataFilter": REF, "values": [[None, 2]]}]}).json()
    read = sheet("POST", "/values:batchGetByDataFilter", json={"dataFilters": [REF, {"a1Range": "Sheet1!A1"}], "valueRenderOption": "UNFORMATTED_VALUE"}).json()
    assert (written["totalUpdatedCells"], written["responses"][0]["updatedRange"]) == (1, "Sheet1!A2:B2")
    assert [r["valueRange"]["values"] for r in read["valueRanges"]] == [[["y", 2]], [["x"]]]
    assert sheet("POST", ":getByDataFilter", json={"dataFilters": [REF]}).json()["sheets"][0]["properties"]["title"] == "Sheet1"

    assert sheet("POST", "/values:batchClearByDataFilter", json={"dataFilters": [REF]}).json()["clearedRanges"] == ["Sheet1!A2:Z2"]
    assert values(sheet, "Sheet1") == [["x"]]


def test_metadata_is_changed_and_deleted_and_shown_where_it_hangs(sheet: Call) -> None:
    everywhere = {"createDeveloperMetadata": {"developerMetadata": {"metadataKey": "v", "visibility": "DOCUMENT", "location": {"spreadsheet": True}}}}
    a_tab = {"createDeveloperMetadata": {"developerMetadata": {"metadataKey": "t", "visibility": "DOCUMENT", "location": {"sheetId": 0}}}}
    batch(sheet, mark(2), everywhere, a_tab)
    shown = sheet("GET", params={"includeGridData": "true", "ranges": "Sheet1!A1:B4"}).json()
    assert [m["metadataKey"] for m in shown["developerMetadata"]] == ["v"]
    assert [m["metadataKey"] for m in shown["sheets"][0]["developerMetadata"]] == ["t"]
    assert [[m["metadataValue"] for m in row.get("developerMetadata", ())] for row in shown["sheets"][0]["data"][0]["rowMetadata"]] == [[], [], ["R1"], []]

    changed = batch(sheet, {"updateDeveloperMetadata": {"dataFilters": [REF], "developerMetadata": {"metadataValue": "R2"}, "fields": "metadataValue"}}).json()
    assert changed["replies"][0]["updateDeveloperMetadata"]["developerMetadata"][0]["metadataValue"] == "R2"
    assert marked(sheet) == []
    gone = batch(sheet, {"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": {"locationType": "SHEET"}}}}).json()
    assert [m["metadataKey"] for m in gone["replies"][0]["deleteDeveloperMetadata"]["deletedDeveloperMetadata"]] == ["t"]
    assert batch(sheet, {"createDeveloperMetadata": {"developerMetadata": {"metadataKey": "x", "visibility": "DOCUMENT", "location": {
        "dimensionRange": {"dimension": "ROWS", "startIndex": 0, "endIndex": 2}}}}}).status_code == 400


BLOCK = {"sheetId": 0, "startRowIndex": 2, "endRowIndex": 4, "startColumnIndex": 1, "endColumnIndex": 3}


def hang_everything(sheet: Call) -> None:
    """Put one of everything that hangs on cells onto B3:C4."""
    source = {"sourceRange": {"sources": [BLOCK]}}
    done = batch(
        sheet, {"mergeCells": {"range": BLOCK}}, {"addNamedRange": {"namedRange": {"name": "block", "range": BLOCK}}}, {"setBasicFilter": {"filter": {"range": BLOCK}}},
        {"addFilterView": {"filter": {"title": "v", "range": BLOCK}}}, {"addProtectedRange": {"protectedRange": {"range": BLOCK, "unprotectedRanges": [BLOCK]}}},
        {"addConditionalFormatRule": {"rule": {"ranges": [BLOCK], "booleanRule": {"condition": {"type": "BLANK"}}}}},
        {"addChart": {"chart": {"spec": {"basicChart": {"series": [{"series": source}]}}, "position": {"overlayPosition": {"anchorCell": {"sheetId": 0, "rowIndex": 2, "columnIndex": 1}}}}}},
        {"addSheet": {"properties": {"sheetId": 77, "title": "Charts"}}},
        {"addChart": {"chart": {"spec": {"basicChart": {"series": [{"series": source}]}}, "position": {"overlayPosition": {"anchorCell": {"sheetId": 77}}}}}},
        {"setDataValidation": {"range": BLOCK, "rule": {"condition": {"type": "BOOLEAN"}}}},
        {"updateDimensionProperties": {"range": {"dimension": "ROWS", "startIndex": 2, "endIndex": 3}, "properties": {"pixelSize": 55}, "fields": "pixelSize"}})
    assert done.status_code == 200, done.text


def hung(sheet: Call) -> dict[str, Any]:
    """Where each of them now is, as (first row, end row, first column, end column)."""
    book = sheet("GET", params={"includeGridData": "true"}).json()
    first, charts = book["sheets"][0], next(s for s in book["sheets"] if s["properties"]["title"] == "Charts")

    def at(area: dict[str, Any]) -> tuple[int, ...]:
        return tuple(area[name] for name in ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex"))

    def of(chart: dict[str, Any]) -> list[tuple[int, ...]]:
        return [at(s) for s in chart["spec"]["basicChart"]["series"][0]["series"]["sourceRange"]["sources"]]

    found = {name: [at(p["range"]) for p in first.get(part, ())] for name, part in (("views", "filterViews"), ("protections", "protectedRanges"))}
    rows = [line.get("values", ()) for line in first["data"][0].get("rowData", ())]
    anchors = [c["position"]["overlayPosition"]["anchorCell"] for c in first["charts"]]
    return found | {
        "merges": [at(m) for m in first.get("merges", ())], "names": [at(n["range"]) for n in book.get("namedRanges", ())],
        "filter": [at(first["basicFilter"]["range"])] if "basicFilter" in first else [], "formats": [at(r) for f in first.get("conditionalFormats", ()) for r in f["ranges"]],
        "open": [at(r) for p in first.get("protectedRanges", ()) for r in p.get("unprotectedRanges", ())],
        "charts": [of(c) for c in (*first["charts"], *charts["charts"])], "anchor": [(a["rowIndex"], a["columnIndex"]) for a in anchors],
        "boxes": [(r, c) for r, line in enumerate(rows) for c, cell in enumerate(line) if "dataValidation" in cell],
        "tall": [n for n, size in enumerate(first["data"][0]["rowMetadata"]) if size["pixelSize"] == 55]}


def everything(rows: tuple[int, int] | None, columns: tuple[int, int], anchor: tuple[int, int], tall: list[int]) -> dict[str, Any]:
    area = [(*rows, *columns)] if rows else []
    once = dict.fromkeys(("views", "protections", "merges", "names", "filter", "formats", "open"), area)
    boxes = [(r, c) for r in range(*rows) for c in range(*columns)] if rows else []
    return {**once, "charts": [area, area], "anchor": [anchor], "boxes": boxes, "tall": tall}


@pytest.mark.parametrize(("request_", "rows", "columns", "anchor", "tall"), [
    ({"insertDimension": {"range": {"dimension": "ROWS", "startIndex": 2, "endIndex": 5}}}, (5, 7), (1, 3), (5, 1), [5]),
    ({"insertDimension": {"range": {"dimension": "COLUMNS", "startIndex": 0, "endIndex": 1}}}, (2, 4), (2, 4), (2, 2), [2]),
    ({"insertDimension": {"range": {"dimension": "ROWS", "startIndex": 4, "endIndex": 5}}}, (2, 4), (1, 3), (2, 1), [2]),
    ({"deleteDimension": {"range": {"dimension": "ROWS", "startIndex": 1, "endIndex": 3}}}, (1, 2), (1, 3), (2, 1), []),
    ({"deleteDimension": {"range": {"dimension": "ROWS", "startIndex": 2, "endIndex": 4}}}, None, (1, 3), (2, 1), []),
    ({"deleteDimension": {"range": {"dimension": "COLUMNS", "startIndex": 0, "endIndex": 1}}}, (2, 4), (0, 2), (2, 0), [2]),
    ({"moveDimension": {"source": {"dimension": "ROWS", "startIndex": 2, "endIndex": 4}, "destinationIndex": 0}}, (0, 2), (1, 3), (0, 1), [0]),
    ({"moveDimension": {"source": {"dimension": "COLUMNS", "startIndex": 0, "endIndex": 1}, "destinationIndex": 5}}, (2, 4), (0, 2), (2, 0), [2])])
def test_what_hangs_on_cells_moves_with_them(
        sheet: Call, request_: dict[str, Any], rows: tuple[int, int] | None, columns: tuple[int, int], anchor: tuple[int, int], tall: list[int]) -> None:
    hang_everything(sheet)
    assert hung(sheet) == everything((2, 4), (1, 3), (2, 1), [2])

    assert batch(sheet, request_).status_code == 200
    assert hung(sheet) == everything(rows, columns, anchor, tall)


def test_a_copied_tab_takes_along_what_hangs_on_its_cells(sheet: Call, serve: Callable[..., Sandbox]) -> None:
    hang_everything(sheet)
    twin = batch(sheet, {"duplicateSheet": {"newSheetName": "Twin"}}).json()["replies"][0]["duplicateSheet"]["properties"]
    shown = next(s for s in sheet("GET").json()["sheets"] if s["properties"]["title"] == "Twin")
    assert shown["merges"] == [{**BLOCK, "sheetId": twin["sheetId"]}]
    assert shown["charts"][0]["chartId"] != tab(sheet)["charts"][0]["chartId"]

    copied = sheet("POST", "/sheets/0:copyTo", json={"destinationSpreadsheetId": SPREADSHEET}).json()
    assert copied["title"] == "Copy of Sheet1"
    assert sheet("POST", "/sheets/12345:copyTo", json={"destinationSpreadsheetId": SPREADSHEET}).status_code == 400


def test_filter_views_charts_and_formats_are_updated(sheet: Call) -> None:
    hang_everything(sheet)
    first = tab(sheet)
    view, chart = first["filterViews"][0]["filterViewId"], first["charts"][0]["chartId"]
    done = batch(sheet, {"updateFilterView": {"filter": {"filterViewId": view, "title": "w"}, "fields": "title"}},
                 {"updateEmbeddedObjectPosition": {"objectId": chart, "newPosition": {"overlayPosition": {"widthPixels": 300}}, "fields": "widthPixels"}},
                 {"updateConditionalFormatRule": {"index": 0, "rule": {"ranges": [BLOCK], "booleanRule": {"condition": {"type": "NOT_BLANK"}}}}})
    assert done.status_code == 200, done.text
    first = tab(sheet)
    assert (first["filterViews"][0]["title"], first["charts"][0]["position"]["overlayPosition"]["widthPixels"]) == ("w", 300)
    assert first["conditionalFormats"][0]["booleanRule"]["condition"]["type"] == "NOT_BLANK"
    batch(sheet, {"deleteFilterView": {"filterId": view}}, {"deleteConditionalFormatRule": {"index": 0}}, {"clearBasicFilter": {}}, {"unmergeCells": {"range": BLOCK}})
    assert {"filterViews", "conditionalFormats", "basicFilter", "merges"} & tab(sheet).keys() == set()


def test_a_rule_is_set_and_cleared_and_does_not_bind_the_api(sheet: Call) -> None:
    rule = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "Approve"}]}, "strict": True, "showCustomUi": True}
    batch(sheet, {"setDataValidation": {"range": BLOCK, "rule": rule}})
    assert put(sheet, "Sheet1!B3", ["Something else"]).status_code == 200
    shown = tab(sheet, fields="sheets.data.rowData.values(dataValidation,userEnteredValue)", ranges="Sheet1!B3")
    assert shown["data"][0]["rowData"] == [{"values": [{"dataValidation": rule, "userEnteredValue": {"stringValue": "Something else"}}]}]

    batch(sheet, {"setDataValidation": {"range": BLOCK}})
    assert tab(sheet, fields="sheets.data.rowData.values.dataValidation")["data"] == [{"rowData": [{}, {}, {"values": [{}, {}]}]}]
