"""The sandbox without its socket: requests to it are answered in the thread that sends them, by the same application.

Everything above the socket is the real thing: the adapters, requests' sessions, the JSON, the sandbox's gate and its two
services. Below it nothing is: no connection, no server thread, no slow bytes. A story about those is marked `wire`, and
the contracts in `tests/conformance` hold for this way of asking as they do for the wire.
"""

from __future__ import annotations

import asyncio
import io
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPMessage, RemoteDisconnected
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import requests
from requests.adapters import HTTPAdapter
from starlette.types import Message
from urllib3 import HTTPResponse
from urllib3.exceptions import ProtocolError

from connectors.sandbox.gate import Gate
from connectors.sandbox.server import Sandbox

DROPPED = 499
"""The sandbox's own word for an answer that nobody hears."""
_OPEN: dict[str, InProcess] = {}
"""Those that answer, by host and port."""


class InProcess(Sandbox):
    """A sandbox that is asked in this process. Its port is reserved and refuses connections."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._gate = Gate(self.app, self._patience)
        self._lock = threading.RLock()
        self._loop = asyncio.new_event_loop()
        self._held = socket.socket()
        self._held.bind((self._host, self._port))
        self._port = self._held.getsockname()[1]

    @property
    def _netloc(self) -> str:
        return urlsplit(self.url).netloc

    def start(self) -> None:
        """Answer from now on."""
        _OPEN[self._netloc] = self

    def stop(self) -> None:
        """Refuse connections from now on."""
        _OPEN.pop(self._netloc, None)

    def close(self) -> None:
        """Stop, and let the port go."""
        self.stop()
        self._held.close()
        self._loop.close()

    def ask(self, request: requests.PreparedRequest) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        """Status, headers and body of the answer."""
        with self._lock:
            assert not any(fault.seconds for fault in self.faults.pending), "a slow answer is for the wire: mark the test so"
            return self._loop.run_until_complete(self._ask(request))

    async def _ask(self, request: requests.PreparedRequest) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        incoming: list[Message] = [{"type": "http.request", "body": _body(request), "more_body": False}]
        outgoing: list[Message] = []

        async def receive() -> Message:
            return incoming.pop() if incoming else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            outgoing.append(message)

        try:
            await self._gate(_scope(request), receive, send)
        except Exception:  # noqa: BLE001  # as uvicorn does: a defect of the application is its client's 500
            return 500, [(b"content-type", b"text/plain; charset=utf-8")], b"Internal Server Error"
        body = b"".join(message.get("body", b"") for message in outgoing[1:])
        return outgoing[0]["status"], list(outgoing[0]["headers"]), b"" if request.method == "HEAD" else body


def _body(request: requests.PreparedRequest) -> bytes:
    body = request.body
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    assert isinstance(body, bytes | bytearray), "a streamed body is for the wire: mark the test so"
    return bytes(body)


def _scope(request: requests.PreparedRequest) -> dict[str, Any]:
    """The request as uvicorn hands it on."""
    url = urlsplit(str(request.url))
    raw = (url.path or "/").encode("ascii")
    headers = {"host": url.netloc, **{str(_text(name)).lower(): _text(value) for name, value in request.headers.items()}}
    return {"type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "scheme": "http", "root_path": "",
            "method": request.method, "path": unquote(raw.decode("ascii")), "raw_path": raw, "query_string": url.query.encode("ascii"),
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()],
            "server": (url.hostname, url.port), "client": ("127.0.0.1", 0), "state": {}}


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


class _Original:
    """Stand for the answer of http.client, which requests reads cookies from."""

    def __init__(self, headers: list[tuple[str, str]]) -> None:
        self.msg = HTTPMessage()
        for name, value in headers:
            self.msg[name] = value

    def isclosed(self) -> bool:
        return True

    def close(self) -> None:
        """There is nothing to close."""


def at(url: str) -> InProcess | None:
    """The open sandbox there, if there is one."""
    return _OPEN.get(urlsplit(url).netloc)


@contextmanager
def answering() -> Iterator[None]:
    """While this lasts, requests to an open sandbox do not go out; every other does."""
    over_the_wire = HTTPAdapter.send

    def send(adapter: HTTPAdapter, request: requests.PreparedRequest, *arguments: Any, **options: Any) -> requests.Response:
        box = at(str(request.url))
        if box is None:
            return over_the_wire(adapter, request, *arguments, **options)
        status, raw, body = box.ask(request)
        if status == DROPPED:
            raise requests.ConnectionError(ProtocolError("Connection aborted.", RemoteDisconnected("the sandbox hung up")), request=request)
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in raw]
        answer = HTTPResponse(io.BytesIO(body), headers, status, preload_content=False, original_response=_Original(headers))  # type: ignore[arg-type]
        return adapter.build_response(request, answer)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HTTPAdapter, "send", send)
        yield
