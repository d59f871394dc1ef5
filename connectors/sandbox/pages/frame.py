"""The frame of every page: its viewer, its template, dates in words, and checked forms."""

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
            "default-src 'none'; style-src 'self'; img-src 'self' data:; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
        # Not no-referrer: that would send forms with `Origin: null`.
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
)


@dataclass(frozen=True, slots=True)
class Looker:
    """A person of the brokerage who looks at the pages."""

    id: int
    """The CRM user."""
    name: str
    mail: str
    """The Google account."""
    part: str
    """The role in words, such as "the VA"."""
    zone: ZoneInfo


class Frame:
    """Renders the pages of one world for their viewer."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._templates = Environment(
            loader=PackageLoader("connectors.sandbox.pages"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def lookers(self) -> list[Looker]:
        """The people who can be chosen as the viewer."""
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
        """The viewer: the one in the cookie, else the agent."""
        people = self.lookers()
        return next(
            (one for one in people if str(one.id) == request.cookies.get(COOKIE)), people[0]
        )

    def today(self, who: Looker) -> date:
        """Today's date in the zone of *who*."""
        return self.world.crm.now().astimezone(who.zone).date()

    def page(self, request: Request, template: str, status: int = 200, **shown: Any) -> Response:
        """A page inside the frame; *shown* are the variables of its template."""
        who = self.looker(request)
        # "Saved" and the like are shown once, and not again when the viewer changes.
        url = request.url.remove_query_params(["changed", "saved"])
        here = f"{url.path}?{url.query}" if url.query else url.path
        if request.method != "GET":
            here = "/"
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
    """A date, or a moment in *zone*, as a person writes it; any other text stays as it is."""
    if not text:
        return ""
    try:
        if len(text) <= 10:
            return f"{date.fromisoformat(text):%a %b %-d, %Y}"
        return f"{datetime.fromisoformat(text).astimezone(zone):%a %b %-d, %Y, %-I:%M %p}"
    except ValueError:
        return text


def number(text: str | None, otherwise: int = 0) -> int:
    """A whole number from a query or a form; *otherwise* if there is none.

    Raises HTTPException for any other text.
    """
    if not text:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise HTTPException(400, f"“{text[:40]}” is not a number.")
    return int(text)


def local(path: str, otherwise: str) -> str:
    """*path* if it stays on this site, else *otherwise*."""
    parts = urlsplit(path)
    plain = path.isprintable() and "\\" not in path
    stays = path.startswith("/") and not path.startswith("//") and not parts.netloc
    return path if plain and stays else otherwise


async def form(request: Request) -> dict[str, str]:
    """The fields of a form that one of these pages sent, with plain line ends.

    A name sent twice has the last value. Raises HTTPException for any other request.
    """
    sent = request.headers
    same_origin = sent.get("Origin") == f"{request.url.scheme}://{sent.get('Host')}"
    if not same_origin or sent.get("Sec-Fetch-Site", "same-origin") != "same-origin":
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
    """Redirect to *path* after a form was handled."""
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
