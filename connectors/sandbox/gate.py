"""What stands before every route: it talks to this machine only, bounds a body's size and its time,
and logs refusals.
"""

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
"""Bytes of a body. Google's own limit of 10 MiB is the Sheets' to refuse; what the CRM's is, nobody
says: a made-up one.
"""


class Patient(H11Protocol):
    """uvicorn's HTTP/1.1, which by itself waits for ever for the head of a request."""

    _late: asyncio.TimerHandle | None = None

    # uvicorn narrows it too
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client is there: it has so long to say what it wants."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Bytes came: whether they make a whole head, or start one."""
        super().data_received(data)
        if self.conn.their_state.__name__ != "IDLE":
            self._stop_waiting()
        elif self._late is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
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
    """An ASGI application around another: it hands on whole requests of a client on this machine,
    and nothing else.
    """

    def __init__(self, app: ASGIApp, patience: float) -> None:
        self._app = app
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, here or further in."""
        if scope["type"] != "http":
            return
        heard = _heard(scope, send)
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        if not _local(f"//{headers.get('host', '')}") or not _local(
            headers.get("origin", "//localhost")
        ):
            await _refuse(scope, heard, 400, "The sandbox answers to names of this machine only.")
            return
        most = next(
            (size for start, size in MOST.items() if scope["path"].startswith(start)),
            MOST_ELSEWHERE,
        )
        try:
            async with asyncio.timeout(self._patience):
                body = await _whole(receive, most)
        except TimeoutError:
            await _refuse(scope, heard, 408, "The request did not arrive in time.")
            return
        if body is None:
            await _refuse(scope, heard, 413, f"A request may have at most {most} bytes.")
            return
        pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return pending.pop() if pending else await receive()

        await self._app(scope, replay, heard)


async def _whole(receive: Receive, most: int) -> bytes | None:
    """The body; None if it is larger than that, once it has been read and thrown away: an answer in
    mid-sentence is not heard.
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
    """Whether the host of *url* is this machine's own name or a loopback address; a name that
    points here from outside is not.
    """
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _heard(scope: Scope, send: Send) -> Send:
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
    said: dict[str, Any] = (
        ApiError(status, sentence).body() if google else {"errorMessage": sentence}
    )
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(said).encode()})
