"""Everything Steward asks of the Sheet is in Google's Discovery document, and so is what the sandbox believes of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from connectors.sandbox.server import Logged, Sandbox
from connectors.sandbox.sheets.batch.kinds import KINDS
from connectors.sandbox.sheets.calls import CALLS, Call
from connectors.sandbox.sheets.messages import ANSWERS, MESSAGES, UNSERVED
from daemon.account.wiring import Account
from daemon.commands import check
from daemon.passes import session
from tests import people
from tests.scenarios.worlds import begun, one_client
from tests.scenes import at
from tests.strangers import discovery

ROW, SEND = "MS-09 d1 20261218-draft", "MS-42 d1 20261218-send"
OPEN = {"ChartSpec", "PivotTable", "DataSourceTable", "DataSourceFormula", "DataSourceColumnReference", "TextFormatRun", "ChipRun",
        "EmbeddedObjectBorder", "SpreadsheetTheme", "IterativeCalculationSettings", "DataSourceSheetProperties", "GradientRule", "FilterCriteria",
        "DataSourceSheetDimensionRange", "BandedRange", "CommentAnchor", "CommentThread", "DataSource", "DataSourceRefreshSchedule", "Slicer", "Table",
        "Response"}
"""Messages that the sandbox's table leaves open ({}): it keeps them without looking inside."""


@pytest.fixture
def said(serve: Callable[..., Sandbox], employ: Callable[..., Account]) -> list[Logged]:
    """What Steward said to the Sheet from an empty spreadsheet to a message that was sent."""
    box = serve(one_client())
    account = employ(box)
    for step in check.steps(account):
        assert step.act is not None
        step.act()
    session.apply(account, at(date(2026, 11, 2)), shown=session.plan(account, at(date(2026, 11, 2))).plan.digest)
    for today in (date(2026, 12, 3), date(2026, 12, 14)):
        session.apply(account, at(today))
    people.types(box, "Approvals", ROW, "Decision", "Approve")
    session.apply(account, at(date(2026, 12, 15)))
    people.sheet_of(box, "Approvals").parts["protectedRanges"].clear()
    for step in check.steps(account):  # the protection is made anew
        assert step.act is not None
        step.act()
    session.apply(account, at(date(2026, 12, 17)))
    assert len(people.tasks(box, SEND)) == 1
    return [entry for entry in box.log if entry.path.startswith("/v4/")]


def test_every_request_of_steward_is_described(said: list[Logged]) -> None:
    wrong = {f"{e.method} {e.path}?{e.query} {e.body!r}": found for e in said if (found := discovery.faults(e.method, e.path, e.query, e.body))}
    kinds = {kind for e in said if e.path.endswith(":batchUpdate") and "values" not in e.path for r in json.loads(e.body)["requests"] for kind in r}

    assert wrong == {}
    assert kinds == {"addSheet", "updateCells", "updateDimensionProperties", "addProtectedRange", "appendCells", "setDataValidation",
                     "addChart", "repeatCell"}
    assert {(e.method, e.path.rpartition("/")[2].partition(":")[2]) for e in said} == {("GET", ""), ("GET", "batchGet"), ("POST", "batchUpdate")}


@pytest.mark.clause("RF-41")
def test_a_report_with_its_charts_is_described(serve: Callable[..., Sandbox], employ: Callable[..., Account]) -> None:
    box = serve(one_client())
    account = begun(employ(box), date(2026, 11, 2))
    box.log.clear()
    session.apply(account, at(date(2027, 1, 4)))
    sent = [e for e in box.log if e.path.endswith(":batchUpdate")]

    assert [fault for e in sent for fault in discovery.faults(e.method, e.path, e.query, e.body)] == []
    assert [sum(kind in r for e in sent for r in json.loads(e.body)["requests"]) for kind in ("addSheet", "addChart", "repeatCell")] == [1, 3, 3]


BATCH, VALUES = "/v4/spreadsheets/x:batchUpdate", "/v4/spreadsheets/x/values/Sheet1!A1:B2"


@pytest.mark.parametrize(("method", "path", "query", "body", "fault"), [
    ("GET", "/v4/spreadsheets/x", "includeGridData=false", None, None), ("PUT", VALUES, "valueInputOption=RAW", {"values": [["a", None, 1]], "majorDimension": None}, None),
    ("GET", "/v4/spreadsheets/x/values:batchGet", "ranges=A1&ranges=B2&majorDimension=ROWS", None, None),
    ("POST", f"{VALUES}:append", "valueInputOption=RAW", {"values": []}, None), ("POST", BATCH, "", {"requests": [{"deleteSheet": {"sheetId": 1}}]}, None),
    ("PATCH", "/v4/spreadsheets/x", "", None, "PATCH /v4/spreadsheets/x is no method"), ("GET", "/v4/nowhere/x", "", None, "GET /v4/nowhere/x is no method"),
    ("GET", "/v4/spreadsheets/x", "nonsense=1", None, "the query knows no nonsense"), ("GET", "/v4/spreadsheets/x", "includeGridData=maybe", None, "query: includeGridData is 'maybe', not a boolean"),
    ("PUT", VALUES, "valueInputOption=RAW&valueInputOption=RAW", {}, "valueInputOption stands more than once in the query"),
    ("PUT", VALUES, "valueInputOption=raw", {}, "query: valueInputOption is 'raw', not one of ['INPUT_VALUE_OPTION_UNSPECIFIED', 'RAW', 'USER_ENTERED']"),
    ("GET", "/v4/spreadsheets/x", "", {"a": 1}, "a body where there is none"), ("POST", BATCH, "", {"request": []}, " knows no request"),
    ("POST", BATCH, "", {"requests": [{"deleteSheet": {"sheetId": "1"}}]}, ".requests[0].deleteSheet.sheetId is '1', not a integer"),
    ("POST", BATCH, "", {"requests": [{"deleteSheet": {"sheetId": 2**31}}]}, f".requests[0].deleteSheet.sheetId is {2**31}, not an int32"),
    ("POST", BATCH, "", {"requests": [{"deleteSheet": {"sheetId": True}}]}, ".requests[0].deleteSheet.sheetId is True, not a integer"),
    ("POST", BATCH, "", {"requests": [None]}, ".requests[0] is null"), ("POST", BATCH, "", {"requests": {}}, ".requests is not a list"),
    ("POST", BATCH, "", {"requests": [{"repeatCell": {"cell": {"userEnteredFormat": {"textFormat": {"bald": True}}}}}]}, ".requests[0].repeatCell.cell.userEnteredFormat.textFormat knows no bald"),
    ("POST", BATCH, "", {"requests": [{"mergeCells": {"mergeType": "X"}}]}, ".requests[0].mergeCells.mergeType is 'X', not one of ['MERGE_ALL', 'MERGE_COLUMNS', 'MERGE_ROWS']")])
def test_the_validator_can_fail(method: str, path: str, query: str, body: Any, fault: str | None) -> None:
    raw = b"" if body is None else json.dumps(body).encode()

    assert discovery.faults(method, path, query, raw) == ([] if fault is None else [fault])


def kind_of(schema: dict[str, Any]) -> str:
    """A type of the document in the words of the sandbox's table."""
    if "$ref" in schema:
        return "{}" if schema["$ref"] in OPEN else str(schema["$ref"])
    if schema["type"] == "array":
        return f"[{kind_of(schema['items'])}]"
    if schema["type"] == "string":
        return "|".join(schema["enum"]) if "enum" in schema else "mask" if schema.get("format") == "google-fieldmask" else "s"
    return {"integer": "i", "number": "n", "boolean": "b", "object": "{}", "any": "*"}[schema["type"]]


def schema_of(message: str) -> dict[str, Any]:
    schemas = discovery.document()["schemas"]
    found = schemas["Request"]["properties"].get(message)
    return schemas[found["$ref"] if found else message]["properties"] if message != "ClearValuesRequest" else {}


@pytest.mark.parametrize("message", sorted(MESSAGES))
def test_the_sandboxs_table_says_what_the_document_says(message: str) -> None:
    documented = {name: kind_of(schema) for name, schema in schema_of(message).items()}
    ours = {name: "mask" if kind.startswith("@") else kind.replace("u", "i") if kind == "u" else kind for name, kind in ANSWERS[message].items()}
    documented |= {name: "s" for name in ("commentsViewMode", "commentUpdateState") if name in ours}  # texts for enums nobody needs
    if message == "BatchUpdateSpreadsheetRequest":
        documented = {name: documented[name] for name in ours}

    assert ours == documented
    assert MESSAGES[message].keys() <= ours.keys()


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.method} {call.path.pattern}")
def test_a_call_answers_with_what_the_document_says(call: Call) -> None:
    documented = {(m["httpMethod"], m["path"]): m["response"]["$ref"] for m in discovery.methods()}
    path = call.path.pattern.replace("(.+)", "{range}").replace("([^/]+)", "{metadataId}")

    assert call.answer == documented[call.method, f"v4/spreadsheets/{{spreadsheetId}}{path}"]


def test_every_kind_and_every_method_is_served_or_named_as_not_served() -> None:
    assert set(KINDS) | UNSERVED == discovery.document()["schemas"]["Request"]["properties"].keys()
    served = [(c.method, f"v4/spreadsheets/{{spreadsheetId}}{c.path.pattern}") for c in CALLS]
    served += [("POST", "v4/spreadsheets"), ("POST", "v4/spreadsheets/{spreadsheetId}/sheets/{sheetId}:copyTo")]
    documented = {(m["httpMethod"], m["path"]) for m in discovery.methods()}

    assert {(verb, path.replace("(.+)", "{range}").replace("([^/]+)", "{metadataId}")) for verb, path in served} == documented
