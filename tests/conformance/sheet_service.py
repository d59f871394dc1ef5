"""The few calls that most tests of the sandbox's Sheets service make."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import requests

from connectors.sandbox.brokerage import AGENT_MAIL, SPREADSHEET
from connectors.sandbox.server import Sandbox

Call = Callable[..., requests.Response]


def caller(box: Sandbox) -> Call:
    """Calls of the sandbox's spreadsheet by method, rest of the path and user; the agent's unless said otherwise."""
    def call(method: str, rest: str = "", user: str = AGENT_MAIL, **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {user}"} if user else {}
        return requests.request(method, f"{box.url}/v4/spreadsheets/{SPREADSHEET}{rest}", headers=headers, timeout=5, **options)
    return call


def batch(sheet: Call, *requests_: dict[str, Any]) -> requests.Response:
    return sheet("POST", ":batchUpdate", json={"requests": list(requests_)})


def put(sheet: Call, where: str, *lines: list[Any], option: str = "RAW", **params: Any) -> requests.Response:
    return sheet("PUT", f"/values/{where}", params={"valueInputOption": option, **params}, json={"values": list(lines)})


def values(sheet: Call, where: str, **params: str) -> Any:
    return sheet("GET", f"/values/{where}", params=params).json().get("values")


def tab(sheet: Call, **params: str) -> Any:
    return sheet("GET", params=params).json()["sheets"][0]
