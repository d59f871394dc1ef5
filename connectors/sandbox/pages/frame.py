"""What every page shares: who is looking, the frame around the page, dates in words, forms and
whose they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from connectors.sandbox.brokerage import AGENT, OWNER, VA, World

PARTS: Mapping[int, str] = MappingProxyType({AGENT: "the agent", VA: "the VA", OWNER: "the broker"})
COOKIE = "looking"
BIGGEST_FORM = 1_000_000
HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": (
            "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self';"
            " base-uri 'none'; frame-ancestors 'none'"
        ),
        "Referrer-Policy": (
            "same-origin"
        ),  # not no-referrer: that would send forms with `Origin: null`
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
)


@dataclass(frozen=True, slots=True)
class Looker:
    """A person of the brokerage who looks at the pages: their CRM user, their Google account, their
    zone.
    """

    id: int
    name: str
    mail: str
    part: str
    zone: ZoneInfo


class Frame:
    """Renders pages of one world for whoever is looking."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._templates = Environment(
            loader=PackageLoader("connectors.sandbox.pages"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def lookers(self) -> list[Looker]:
        """Everybody who can be chosen."""
        users = [(self.world.crm.user(user_id), part) for user_id, part in PARTS.items()]
        return [
            Looker(
                user["id"],
                user["name"],
                user.get("email", ""),
                part,
                ZoneInfo(user.get("timezone") or "UTC"),
            )
            for user, part in users
        ]

    def looker(self, request: Request) -> Looker:
        """Who is looking: whom the cookie names, else the agent."""
        people = self.lookers()
        return next(
            (one for one in people if str(one.id) == request.cookies.get(COOKIE)), people[0]
        )

    def today(self, who: Looker) -> date:
        """The day it is for *who*."""
        return self.world.crm.now().astimezone(who.zone).date()

    def page(self, request: Request, template: str, status: int = 200, **shown: Any) -> Response:
        """A page inside the frame; *shown* is what its template shows."""
        who = self.looker(request)
        url = request.url.remove_query_params(
            ["changed", "saved"]
        )  # what was done once is not said twice
        here = url.path + (f"?{url.query}" if url.query else "") if request.method == "GET" else "/"
        words = {
            "who": who,
            "lookers": self.lookers(),
            "here": here,
            "path": url.path,
            "day": lambda text: in_words(text, who.zone),
            **shown,
        }
        return HTMLResponse(self._templates.get_template(template).render(words), status)


def in_words(text: str | None, zone: ZoneInfo) -> str:
    """A date, or a moment in *zone*, as a person writes it; what is neither stays as it is."""
    try:
        if text and len(text) <= 10:
            return f"{date.fromisoformat(text):%a %b %-d, %Y}"
        return (
            f"{datetime.fromisoformat(text).astimezone(zone):%a %b %-d, %Y, %-I:%M %p}"
            if text
            else ""
        )
    except ValueError:
        return str(text)


def number(text: str | None, otherwise: int = 0) -> int:
    """A whole number out of a query or a form; nothing is *otherwise*, and anything else is
    refused.
    """
    if not text:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise HTTPException(400, f"“{text[:40]}” is not a number.")
    return int(text)


def local(path: str, otherwise: str) -> str:
    """*path* if it stays on this site, else *otherwise*."""
    parts = urlsplit(path)
    stays = (
        path.startswith("/")
        and path.isprintable()
        and "\\" not in path
        and not path.startswith("//")
        and not parts.netloc
    )
    return path if stays else otherwise


async def form(request: Request) -> dict[str, str]:
    """The fields of a form this site sent itself, with plain line ends; of a name sent twice the
    last.
    """
    sent = request.headers
    if (
        sent.get("Origin") != f"{request.url.scheme}://{sent.get('Host')}"
        or sent.get("Sec-Fetch-Site", "same-origin") != "same-origin"
    ):
        raise HTTPException(
            403, "This form was not sent from one of these pages, so nothing was changed."
        )
    if sent.get("Content-Type", "").partition(";")[0] != "application/x-www-form-urlencoded":
        raise HTTPException(415, "This is not a form.")
    raw = b""
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > BIGGEST_FORM:
            raise HTTPException(
                413, f"That is more than the {BIGGEST_FORM:,} bytes a form may have."
            )
    try:
        pairs = parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=500
        )
    except ValueError as problem:
        raise HTTPException(400, "This form cannot be read.") from problem
    return {name: value.replace("\r\n", "\n") for name, value in pairs}


def back(path: str) -> Response:
    """To *path*, after a form was taken."""
    return RedirectResponse(path, 303)


class Closed:
    """Closes every page to scripts, frames and caches."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""

        async def closed(message: Any) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, closed)
