"""The Sheet contract, held by memory, by the real client over HTTP, and by a live spreadsheet where one is given."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from connectors.googlesheets import wire
from connectors.googlesheets.client import GoogleSheet, credentials
from connectors.googlesheets.reports import requests_for
from connectors.googlesheets.setup import SheetWorkbook
from connectors.memory import MemorySheet
from connectors.ports import Report
from connectors.sandbox.brokerage import AGENT_MAIL, ROBOT_MAIL, SPREADSHEET
from connectors.sandbox.server import Sandbox
from policies.database.lists.lists import TALLEST, WITH_PHONES
from policies.world.sheet import Cell, Row, Tab
from policies.world.tabs import REFERRAL_LOG
from tests.conformance.sheet_contract import SheetContract
from tests.in_process import InProcess
from tests.scenes import book


@pytest.fixture(params=[Sandbox, InProcess], ids=["wire", "in process"])
def sandbox_kind(request: pytest.FixtureRequest) -> type[Sandbox]:
    """Stories ask the sandbox in this process: what the client does is the same either way."""
    return request.param  # type: ignore[no-any-return]


def type_rows(sheet: GoogleSheet, *cells: dict[str, Cell]) -> None:
    """As a person does it: under the last row, in the columns of the header."""
    where, _ = wire.columns_of(REFERRAL_LOG, sheet.header(REFERRAL_LOG))
    tab = next(s["properties"]["sheetId"] for s in sheet.metadata()["sheets"] if s["properties"]["title"] == "Referral Log")
    sheet.batch([wire.append_row(REFERRAL_LOG, tab, where, line, ()) for line in cells])


def cells_of(sheet: GoogleSheet, title: str) -> list[list[Any]]:
    answer = sheet._http.values_batch_get(sheet._id, [f"'{title}'"], {"valueRenderOption": "UNFORMATTED_VALUE"})
    return list(answer["valueRanges"][0]["values"])


class TestMemory(SheetContract):
    @pytest.fixture
    def sheet(self) -> Any:
        return MemorySheet(book())

    def typed(self, sheet: Any, *cells: dict[str, Cell]) -> None:
        rows = tuple(Row("", line) for line in cells)
        sheet.book = replace(sheet.book, tabs={**sheet.book.tabs, "Referral Log": Tab("Referral Log", rows)})

    def table_of(self, sheet: Any, title: str) -> list[list[Any]]:
        return [list(line) for line in sheet.reports[title].table]


class TestGoogleSheetsOverHttp(SheetContract):
    @pytest.fixture
    def sheet(self, serve: Callable[..., Sandbox]) -> Any:
        found = GoogleSheet(serve().url, SPREADSHEET, credentials("anonymous", ""), agent=AGENT_MAIL, service_account_email=ROBOT_MAIL)
        found.batch([{"deleteSheet": {"sheetId": found.metadata()["sheets"][1]["properties"]["sheetId"]}}])  # the log that the VA kept
        SheetWorkbook(found, agent=AGENT_MAIL, service_account=ROBOT_MAIL).complete()
        return found

    def typed(self, sheet: Any, *cells: dict[str, Cell]) -> None:
        type_rows(sheet, *cells)

    def table_of(self, sheet: Any, title: str) -> list[list[Any]]:
        return cells_of(sheet, title)

    def test_a_list_as_long_as_a_tab_takes_is_one_request_within_the_services_limit(self, serve: Callable[..., Sandbox]) -> None:
        box = serve()
        sheet = GoogleSheet(box.url, SPREADSHEET, credentials("anonymous", ""), agent=AGENT_MAIL, service_account_email=ROBOT_MAIL)
        line = ("Bartholomew", "Featherstonehaugh", "bartholomew.featherstonehaugh@example.com", "12345 Magnolia Boulevard Apt 12", "San Antonio", "TX",
                "78701-1234", "1234567", "(512) 555-0100")
        sheet.write([], [Report("List Spring 1", ("Spring",), table=(WITH_PHONES, *[line] * 1500))])
        tallest = Report("List Spring 2", ("Spring",), table=(WITH_PHONES, *[line] * TALLEST))

        assert [e.path.rpartition(":")[2] for e in box.log if e.method != "GET"] == ["batchUpdate"]
        assert len(self.table_of(sheet, "List Spring 1")) == 1501  # longer than an ordinary tab
        assert len(json.dumps({"requests": requests_for(tallest, 7)})) < 10_485_760


@pytest.mark.live
@pytest.mark.enable_socket
@pytest.mark.skipif("STEWARD_LIVE_SHEET_ID" not in os.environ, reason="no live Sheet: set STEWARD_LIVE_SHEET_ID and …_CREDENTIALS")
class TestLiveSheet(SheetContract):
    """On an empty spreadsheet of your own that is shared with the service account; rows stay behind."""

    @pytest.fixture
    def sheet(self) -> Any:
        auth = credentials("service-account", os.environ["STEWARD_LIVE_SHEET_CREDENTIALS"])
        agent = os.environ.get("STEWARD_LIVE_SHEET_AGENT", "")
        found = GoogleSheet("https://sheets.googleapis.com", os.environ["STEWARD_LIVE_SHEET_ID"], auth, agent=agent)
        SheetWorkbook(found, agent=agent, service_account=auth.service_account_email).complete()
        return found

    def typed(self, sheet: Any, *cells: dict[str, Cell]) -> None:
        type_rows(sheet, *cells)

    def table_of(self, sheet: Any, title: str) -> list[list[Any]]:
        return cells_of(sheet, title)
