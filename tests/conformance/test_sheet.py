"""The Sheet contract, held by memory, by the real client over HTTP, and by a live spreadsheet where one is given."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from connectors.googlesheets.client import GoogleSheet, credentials
from connectors.googlesheets.setup import SheetWorkbook
from connectors.memory import MemorySheet
from connectors.sandbox.brokerage import AGENT_MAIL, ROBOT_MAIL, SPREADSHEET
from connectors.sandbox.server import Sandbox
from tests.conformance.sheet_contract import SheetContract
from tests.scenes import book


class TestMemory(SheetContract):
    @pytest.fixture
    def sheet(self) -> Any:
        return MemorySheet(book())


class TestGoogleSheetsOverHttp(SheetContract):
    @pytest.fixture
    def sheet(self, serve: Callable[..., Sandbox]) -> Any:
        found = GoogleSheet(serve().url, SPREADSHEET, credentials("anonymous", ""), agent=AGENT_MAIL, service_account_email=ROBOT_MAIL)
        SheetWorkbook(found, agent=AGENT_MAIL, service_account=ROBOT_MAIL).complete()
        return found


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
