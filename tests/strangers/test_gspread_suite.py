"""The runner of gspread's suite can fail: below its bars, without a checkout, and where one reply differs."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import requests
import structlog

from tests.strangers import gspread_suite
from tests.strangers.replay import AUTHOR, Outcome, replay

REAL = "1AbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcdefg"


@pytest.mark.parametrize(("failed", "same", "met"), [(14, 98, True), (15, 98, False), (14, 97, False)])
def test_the_bars(failed: int, same: int, met: bool) -> None:
    said: list[str] = []
    passed = {f"T.test_{n}": n >= failed for n in range(119)}
    outcome = Outcome(Counter(GET=same), Counter(GET=100), differences=["T #1 GET 200: .a"])

    assert gspread_suite.report(passed, dict.fromkeys(passed, False), outcome, said.append) is met
    assert said[0].endswith(f"{119 - failed} of the 119 that use the server (bar: 105)")
    assert {"  failed: T.test_0", "  differs: T #1 GET 200: .a"} <= set(said)


def test_without_a_checkout_it_says_what_it_needs(tmp_path: Path) -> None:
    said: list[str] = []

    assert gspread_suite.main(tmp_path, said.append) == 2
    assert "is not a checkout of burnash/gspread at v6.2.1" in said[0]


def test_the_sandbox_of_the_suite_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    usual = structlog.get_config()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory())
    try:
        with gspread_suite.sandbox() as box:
            assert requests.get(f"{box.url}/v4/spreadsheets/nowhere", timeout=5).status_code == 404
    finally:
        structlog.configure(**usual)

    assert "".join(capsys.readouterr()) == ""


def recording(method: str, uri: str, body: Any, answer: Any) -> dict[str, Any]:
    return {"request": {"method": method, "uri": uri, "body": json.dumps(body) if body else None, "headers": {}},
            "response": {"status": {"code": 200}, "body": {"string": json.dumps(answer)}}}


def test_one_wrong_cell_is_a_difference(tmp_path: Path) -> None:
    sheets = f"https://sheets.googleapis.com/v4/spreadsheets/{REAL}/values"
    write = recording("PUT", f"{sheets}/A1?valueInputOption=RAW", {"values": [["x"]]},
                      {"spreadsheetId": REAL, "updatedRange": "Sheet1!A1", "updatedRows": 1, "updatedColumns": 1, "updatedCells": 1})
    read = [recording("GET", f"{sheets}/A1", None, {"range": "Sheet1!A1", "majorDimension": "ROWS", "values": [[value]]}) for value in ("x", "y")]
    create = recording("POST", "https://www.googleapis.com/drive/v3/files", {"name": AUTHOR},
                       {"kind": "drive#file", "id": REAL, "name": AUTHOR, "mimeType": "application/vnd.google-apps.spreadsheet"})
    (tmp_path / "MadeUp.test.json").write_text(json.dumps({"interactions": [create, write, *read]}), encoding="utf-8")
    with gspread_suite.sandbox() as box:
        outcome = replay(tmp_path, box.url)

    assert (outcome.same.total(), outcome.sent.total()) == (3, 4)
    assert outcome.differences == ["MadeUp.test #3 GET v4/spreadsheets/values 200: .values[0][0]: real 'y', here 'x'"]
