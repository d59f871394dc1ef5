"""The sandbox on a loopback port: both services, planned faults, and a log of requests.

with Sandbox(world) as sandbox:
    sandbox.url            # http://127.0.0.1:PORT; the CRM is below /v1, the Sheets below /v4
    sandbox.faults.add(kind="drop-after", method="POST", path="/v1/tasks")
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, request_response

from connectors.sandbox.brokerage import World
from connectors.sandbox.faults import Faults
from connectors.sandbox.followupboss.by_hand import Desk
from connectors.sandbox.followupboss.errors import Refusal
from connectors.sandbox.followupboss.routes import Crm, parsed
from connectors.sandbox.followupboss.switches import settled
from connectors.sandbox.gate import Gate, Patient
from connectors.sandbox.pages import site as pages
from connectors.sandbox.sheets.routes import PATHS as SHEET_PATHS
from connectors.sandbox.sheets.routes import Sheets

EVERY = ["GET", "POST", "PUT", "PATCH", "DELETE"]
LARGEST_REFUSED = 2**20
"""Bytes: the log keeps the body of a refused request up to this size, and no larger one."""
_TRANSPORTS: dict[tuple[str, int], asyncio.Transport] = {}


class _Droppable(Patient):
    """HTTP/1.1, remembering its connections so that a fault can cut one."""

    # uvicorn narrows it too
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        _TRANSPORTS[transport.get_extra_info("peername")[:2]] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        _TRANSPORTS.pop(self.transport.get_extra_info("peername")[:2], None)
        super().connection_lost(exc)


@dataclass(frozen=True, slots=True)
class Logged:
    """One request as it came in."""

    method: str
    path: str
    query: str
    body: bytes
    status: int


class Log(deque[Logged]):
    """The latest requests: at most *entries*, with at most *size* bytes of bodies in all."""

    def __init__(self, entries: int = 50_000, size: int = 64 * 2**20) -> None:
        super().__init__()
        self._entries, self._size, self._held = entries, size, 0

    def append(self, entry: Logged) -> None:
        """Keep a request, and drop the oldest ones if the log is too large."""
        super().append(entry)
        self._held += len(entry.body)
        while len(self) > self._entries or self._held > self._size:
            self.popleft()

    def popleft(self) -> Logged:
        """Drop and return the oldest request."""
        entry = super().popleft()
        self._held -= len(entry.body)
        return entry

    def clear(self) -> None:
        """Drop all requests."""
        super().clear()
        self._held = 0


class Sandbox:
    """Both services over HTTP, in a thread of this process. Binds to loopback only.

    *switches* choose other answers to open questions about the CRM (`followupboss.switches`).
    *patience* is how many seconds a request may take to arrive. *ahead* sets both services' clocks
    ahead of this machine's. Raises ValueError for another host than a loopback address.
    """

    def __init__(
        self,
        world: World,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        rate_limit: bool = True,
        switches: Mapping[str, str] | None = None,
        patience: int = 10,
        ahead: timedelta = timedelta(),
    ) -> None:
        if not ipaddress.ip_address(host).is_loopback:
            raise ValueError(f"the sandbox listens on loopback only, not on {host}")
        self.world = world
        if switches is not None:
            world.crm.switches = settled(switches)
        if ahead:
            world.crm.now = lambda: datetime.now(UTC) + ahead
        self.crm = Crm(world.crm, time.monotonic, rate_limit=rate_limit)
        self.sheets = Sheets(
            lambda: time.time() + ahead.total_seconds(),
            service_account=world.service_account,
            quota=rate_limit,
        )
        self.sheets.books = world.books
        self.faults = Faults()
        self.log = Log()
        self.watch: Callable[[Logged], None] | None = None
        """Called after a request was applied and before it is answered: a test kills its client."""
        self._host, self._port, self._patience = host, port, patience
        self._thread: threading.Thread | None = None
        self._server: uvicorn.Server | None = None
        desk = Desk(world.crm)
        self.app = Starlette(
            routes=[
                *pages.routes(world, self.sheets),
                Route("/sandbox/summary", self._front),
                Route("/person/crm", desk.answer),
                Route("/person/crm/{verb}", desk.answer, methods=EVERY),
                Route("/sandbox/faults", self._plan_fault, methods=["POST"]),
                Route("/{path:path}", self._serve, methods=EVERY),
            ]
        )
        # The pattern of a route does not match a line break in a path.
        self.app.router.default = request_response(self._serve)

    # -- life --------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """The address it listens at."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    def start(self) -> None:
        """Listen and answer; returns once it does. Raises OSError if the port is taken."""
        # The protocol must be named: otherwise asyncio does not see a TCP socket, leaves Nagle's
        # algorithm on, and every answer takes 40 ms longer.
        listening = socket.socket(
            socket.AF_INET6 if ":" in self._host else socket.AF_INET, proto=socket.IPPROTO_TCP
        )
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((self._host, self._port))
        except OSError:
            listening.close()
            raise
        self._port = listening.getsockname()[1]
        config = uvicorn.Config(
            Gate(self.app, self._patience),
            log_config=None,
            access_log=False,
            http=_Droppable,
            lifespan="off",
            timeout_keep_alive=self._patience,
            timeout_graceful_shutdown=1,
            ws="none",
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listening]}, daemon=True
        )
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)

    def stop(self) -> None:
        """Stop listening and wait until it has."""
        if self._server and self._thread:
            self._server.should_exit = True
            self._server.force_exit = True  # do not wait for kept-alive connections
            self._thread.join(5)

    def __enter__(self) -> Sandbox:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    # -- requests ----------------------------------------------------------------------------------

    async def _serve(self, request: Request) -> Response:
        body = await request.body()
        answer = await self._misbehave(request, self._handler(request.url.path))
        kept = body if answer.status_code < 400 or len(body) <= LARGEST_REFUSED else b""
        entry = Logged(
            request.method, request.url.path, request.url.query, kept, answer.status_code
        )
        self.log.append(entry)
        if self.watch:
            self.watch(entry)
        return answer

    def _handler(self, path: str) -> Callable[[Request], Awaitable[Response]]:
        if path.startswith("/v1/"):
            return self.crm.answer
        if path.startswith(SHEET_PATHS):
            return self.sheets.answer
        return _not_served

    async def _misbehave(
        self, request: Request, handler: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        fault = self.faults.draw(request.method, request.url.path)
        if fault is None:
            return await handler(request)
        await asyncio.sleep(fault.seconds)
        if fault.kind == "status":
            bodiless = fault.status in {204, 304}
            return Response(
                None if bodiless else fault.body,
                fault.status,
                fault.headers,
                media_type=fault.media_type,
            )
        if fault.kind == "drop-before":
            return _drop(request)
        answer = await handler(request)
        if fault.kind == "drop-after":
            return _drop(request)
        if fault.kind == "truncate":
            return Response(
                bytes(answer.body)[: len(answer.body) // 2],
                answer.status_code,
                media_type="application/json",
            )
        if fault.kind == "garbage":
            return Response("<html>upstream trouble</html>", 200, media_type="text/html")
        return answer

    async def _plan_fault(self, request: Request) -> Response:
        try:
            self.faults.add(**parsed(await request.body()))
        except Refusal as refusal:
            return JSONResponse({"error": refusal.message}, 400)
        except ValueError as problem:
            return JSONResponse({"error": str(problem)}, 400)
        return JSONResponse({"pending": len(self.faults.pending)})

    async def _front(self, request: Request) -> Response:  # noqa: ARG002  # Starlette's signature
        return JSONResponse(self.summary())

    def summary(self) -> dict[str, Any]:
        """The number of people, deals and tasks, and the ids of the spreadsheets."""
        return {
            "people": len(self.world.crm.tables["people"]),
            "deals": len(self.world.crm.tables["deals"]),
            "tasks": len(self.world.crm.tables["tasks"]),
            "spreadsheets": list(self.world.books),
        }


def _drop(request: Request) -> Response:
    client = request.client
    transport = _TRANSPORTS.get((client.host, client.port)) if client else None
    if transport:
        transport.abort()
    return Response(status_code=499)


async def _not_served(request: Request) -> Response:
    return JSONResponse(
        {"errorMessage": f"The sandbox does not serve {request.method} {request.url.path}."}, 501
    )
