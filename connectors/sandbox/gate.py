"""The gate before every route: this machine only, bounded bodies and times, refusals logged."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import re
from typing import Any
from urllib.parse import urlsplit

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from connectors.sandbox.sheets.errors import ApiError

MOST = {"/v1/": 2**20, "/person/crm": 2**20}
MOST_ELSEWHERE = 11 * 2**20
"""Bytes of a body. The CRM's own limit is not documented, so 1 MiB is made up.

Google's is 10 MiB, which the Sheets refuse themselves; the gate's must be larger.
"""


class Patient(H11Protocol):
    """uvicorn's HTTP/1.1 with a limit on the time that the head of a request may take."""

    _late: asyncio.TimerHandle | None = None

    # uvicorn narrows it too
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the time limit for the first request of a client."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Stop the time limit once a head is complete; start one when the next begins."""
        super().data_received(data)
        if self.conn.their_state.__name__ != "IDLE":
            self._stop_waiting()
        elif self._late is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the time limit of a client that is gone."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._late = self.loop.call_later(self.timeout_keep_alive, self._too_late)

    def _stop_waiting(self) -> None:
        if self._late:
            self._late.cancel()
            self._late = None

    def _too_late(self) -> None:
        structlog.get_logger().info(
            "refused", reason="the head of a request did not arrive in time"
        )
        self.transport.close()


class Gate:
    """An ASGI application around another that hands on whole requests from this machine only.

    *patience* is how many seconds a request may take to arrive.
    """

    def __init__(self, app: ASGIApp, patience: float) -> None:
        self._app = app
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, here or further in."""
        if scope["type"] != "http":
            return
        logged = _logging_refusals(scope, send)
        if not _from_here(scope):
            await _refuse(scope, logged, 400, "The sandbox answers to names of this machine only.")
            return
        sizes = [size for start, size in MOST.items() if scope["path"].startswith(start)]
        most = sizes[0] if sizes else MOST_ELSEWHERE
        try:
            async with asyncio.timeout(self._patience):
                body = await _whole(receive, most)
        except TimeoutError:
            await _refuse(scope, logged, 408, "The request did not arrive in time.")
            return
        if body is None:
            await _refuse(scope, logged, 413, f"A request may have at most {most} bytes.")
            return
        pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return pending.pop() if pending else await receive()

        await self._app(scope, replay, logged)


def _from_here(scope: Scope) -> bool:
    """Whether both the host and the origin of a request are this machine."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    return _local(f"//{headers.get('host', '')}") and _local(headers.get("origin", "//localhost"))


async def _whole(receive: Receive, most: int) -> bytes | None:
    """The body, or None if it has more than *most* bytes.

    A larger one is read to its end all the same: a client that is still sending does not see an
    answer.
    """
    parts: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        parts = [*parts, message.get("body", b"")] if size <= most else []
        more = message.get("more_body", False)
    return b"".join(parts) if size <= most else None


def _local(url: str) -> bool:
    """Whether the host of *url* is "localhost" or a loopback address.

    Another name does not count, even if it resolves to this machine.
    """
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _logging_refusals(scope: Scope, send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] >= 400:
            where = re.match(r"(/[0-9A-Za-z]{1,40}){0,3}", scope["path"])
            structlog.get_logger().info(
                "refused",
                verb=scope["method"],
                entity=where[0] if where else "",
                outcome=message["status"],
            )
        await send(message)

    return sending


async def _refuse(scope: Scope, send: Send, status: int, sentence: str) -> None:
    google = scope["path"].startswith(("/v4/", "/drive/"))
    body: dict[str, Any] = {"errorMessage": sentence}
    if google:
        body = ApiError(status, sentence).body()
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})
