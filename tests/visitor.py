"""Somebody at the sandbox's pages over plain HTTP, without a browser: who looks, links followed, forms filled in."""

from __future__ import annotations

import re
from typing import Any

import requests

from connectors.sandbox.brokerage import AGENT, AGENT_MAIL, SPREADSHEET
from connectors.sandbox.server import Sandbox
from tests import people


class Visitor:
    """A user of the brokerage with a browser's habits: it keeps the cookie and sends the Origin of a form."""

    def __init__(self, box: Sandbox, who: int = AGENT) -> None:
        self.box = box
        self._session = requests.Session()
        self._session.cookies.set("looking", str(who))

    def open(self, path: str) -> requests.Response:
        return self._session.get(self.box.url + path, timeout=5)

    def send(self, path: str, /, headers: Any = None, **fields: str) -> requests.Response:
        """Send a form; *headers* replaces its own, None leaves one out."""
        sent = {"Origin": self.box.url, **(headers or {})}
        return self._session.post(self.box.url + path, data=fields, headers=sent, timeout=5, allow_redirects=False)


def address(box: Sandbox, tab: str) -> str:
    """The page of a tab."""
    return f"/sheet/{SPREADSHEET}/{people.sheet_of(box, tab).id}"


def batch(box: Sandbox, *wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """The owner of the Sheet changes it; the replies."""
    answer = requests.post(f"{box.url}/v4/spreadsheets/{SPREADSHEET}:batchUpdate", json={"requests": wanted}, timeout=5,
                           headers={"Authorization": f"Bearer {AGENT_MAIL}"})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["replies"])


def column(box: Sandbox, tab: str, name: str) -> int:
    return list(people.rows(box, tab)[0]).index(name)


def cell(box: Sandbox, tab: str, row: int, name: str) -> Any:
    """What stands in a column of the row with this number."""
    return people.rows(box, tab)[row - 2].get(name, "")


def body(page: requests.Response) -> str:
    """The content of a page, without the frame around it."""
    return re.sub(r"(?s).*<main[^>]*>(.*)</main>.*", r"\1", page.text)
