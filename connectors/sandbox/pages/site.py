"""The addresses of the pages, and the page for a problem."""

from __future__ import annotations

from importlib import resources
from typing import cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from connectors.sandbox.brokerage import World
from connectors.sandbox.followupboss.errors import Refusal
from connectors.sandbox.pages.crm import CrmPages
from connectors.sandbox.pages.frame import COOKIE, PARTS, Closed, Frame, back, form, local, number
from connectors.sandbox.pages.sheet import SheetPages
from connectors.sandbox.sheets.errors import ApiError
from connectors.sandbox.sheets.routes import Sheets

GET, POST = ["GET"], ["POST"]


def routes(world: World, sheets: Sheets) -> list[BaseRoute]:
    """The routes of the pages of *world*; they come before all others at the root."""
    pages = _site(Frame(world), sheets)
    return [
        Route(path, pages)
        for path in ("/", "/pages.css", "/look", "/crm{rest:path}", "/sheet{rest:path}")
    ]


def _site(frame: Frame, sheets: Sheets) -> Starlette:
    account, crm, sheet = frame.world.crm, CrmPages(frame), SheetPages(frame, sheets)
    style = (resources.files(__package__) / "pages.css").read_text(encoding="utf-8")

    async def front(request: Request) -> Response:
        return frame.page(
            request,
            "front.html",
            people=len(account.tables["people"]),
            keys=account.keys,
            user=account.user,
            books=sheets.books,
            address=str(request.base_url).rstrip("/"),
        )

    async def css(request: Request) -> Response:  # noqa: ARG001  # Starlette's signature
        return Response(style, media_type="text/css", headers={"Cache-Control": "max-age=60"})

    async def look(request: Request) -> Response:
        sent = await form(request)
        who = number(sent.get("who"))
        if who not in PARTS:
            raise HTTPException(400, "Nobody of that number works here.")
        answer = back(local(sent.get("next", ""), "/"))
        answer.set_cookie(COOKIE, str(who), samesite="strict", httponly=True, path="/")
        return answer

    async def problem(request: Request, error: Exception) -> Response:
        status, speaker, words = _problem(error)
        return frame.page(request, "problem.html", status, code=status, said=speaker, words=words)

    return Starlette(
        routes=[
            Route("/", front, methods=GET),
            Route("/pages.css", css, methods=GET),
            Route("/look", look, methods=POST),
            Route("/crm", crm.stages, methods=GET),
            Route("/crm/people", crm.people, methods=GET),
            Route("/crm/people/{person}", crm.person, methods=GET),
            Route("/crm/tasks", crm.tasks, methods=GET),
            Route("/crm/tasks/{task}", crm.complete, methods=POST),
            Route("/sheet", sheet.books, methods=GET),
            Route("/sheet/{book}/{tab}", sheet.tab, methods=GET),
            Route("/sheet/{book}/{tab}/chart/{chart}.svg", sheet.chart, methods=GET),
            Route("/sheet/{book}/{tab}/{row}", sheet.row, methods=GET),
            Route("/sheet/{book}/{tab}/{row}", sheet.type, methods=POST),
        ],
        middleware=[Middleware(Closed)],
        exception_handlers={HTTPException: problem, Refusal: problem, ApiError: problem},
    )


def _problem(error: Exception) -> tuple[int, str, str]:
    """The status, the service that says so (or ""), and the sentence."""
    if isinstance(error, Refusal):
        return error.status, "The CRM says", error.message
    if isinstance(error, ApiError):
        return error.code, "The Sheet says", error.message
    error = cast("HTTPException", error)
    plain = {
        "Not Found": "There is no page at this address.",
        "Method Not Allowed": "This address does not take that kind of request.",
    }
    return error.status_code, "", plain.get(error.detail, error.detail)
