"""A pytest plugin that sends gspread's own suite to the sandbox at SHEETS_BASE, as a user who owns what it makes.

It runs in a venv of its own beside gspread's `tests` package, so it imports nothing of ours.
"""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any

import gspread.http_client

HOSTS = ("https://sheets.googleapis.com", "https://www.googleapis.com")


def pytest_configure() -> None:
    """Redirect every request, hand in a token the sandbox knows, and let nobody wait."""
    module: Any = gspread.http_client
    client = module.HTTPClient
    begin, send = client.__init__, client.request

    def begun(self: Any, auth: Any, *args: Any, **named: Any) -> None:
        auth.token = "gspread@example.com"  # a user of the sandbox
        begin(self, auth, *args, **named)

    def redirected(self: Any, method: str, endpoint: str, *args: Any, **named: Any) -> Any:
        for host in HOSTS:
            endpoint = endpoint.replace(host, os.environ["SHEETS_BASE"])
        return send(self, method, endpoint, *args, **named)

    client.__init__, client.request = begun, redirected
    module.time = SimpleNamespace(sleep=lambda _: None)  # its back-off client would wait two minutes over a 5xx
