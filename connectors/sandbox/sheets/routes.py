"""The Sheets service over HTTP: users, quota, and the part of the service that answers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Set
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from connectors.sandbox.sheets import auth, by_hand, calls, drive, masks
from connectors.sandbox.sheets.batch import tabs
from connectors.sandbox.sheets.errors import ApiError, quota_exceeded, violation
from connectors.sandbox.sheets.grid import show
from connectors.sandbox.sheets.grid.book import Book, Json
from connectors.sandbox.sheets.messages import checked, require_mask

SHEETS, UPLOADS, TOKEN, PERSON = (
    "/v4/spreadsheets",
    "/upload/drive/v2/files/",
    "/token",
    "/person/sheet",
)
PATHS = (SHEETS, drive.FILES, UPLOADS, TOKEN, PERSON)
QUOTA = 60
BIGGEST_BODY = 10_485_760
DEEPEST = 100


class Sheets:
    """The service: its books, its quota, and the answers to requests below `PATHS`.

    A bearer token is the email address of its user; without one the user is the *service_account*.
    *now* gives the time in seconds: a test may put another clock in its place.
    """

    def __init__(
        self, now: Callable[[], float], *, service_account: str, quota: bool = True
    ) -> None:
        self.books: dict[str, Book] = {}
        self.service_account = service_account
        self.enforced = quota
        self.now = now
        self._sent: dict[tuple[str, str], deque[float]] = {}

    async def answer(self, request: Request) -> Response:
        """Answer one request. A refused one changes nothing."""
        # The raw path is split before it is decoded: a title may hold slashes and colons.
        path = request.scope["raw_path"].decode("latin-1").partition("?")[0]
        body = await request.body()
        try:
            if len(body) > BIGGEST_BODY:
                raise ApiError(
                    400, f"Request payload size exceeds the limit: {BIGGEST_BODY} bytes."
                )
            return self._answer(request, path, body)
        except ApiError as refused:
            if path.startswith(PERSON):
                return _reply(refused.code, {"errorMessage": refused.message})
            of_drive = path.startswith((drive.FILES, UPLOADS))
            return _reply(refused.code, refused.drive_body() if of_drive else refused.body())

    def _answer(self, request: Request, path: str, body: bytes) -> Response:
        if path == TOKEN and request.method == "POST":
            return _reply(*auth.token(body))
        if path.startswith(PERSON):
            verb = unquote(path.removeprefix(PERSON).strip("/"))
            return _reply(200, self._by_hand(request.method, verb, body))
        user = auth.user(request.headers.get("Authorization", ""), self.service_account)
        # Parsed before anything is done, because a broken mask is refused.
        mask = masks.parse(request.query_params.get("fields", ""))
        if path.startswith(UPLOADS) and request.method == "PUT":
            return _reply(200, self._upload(unquote(path.removeprefix(UPLOADS)), body, user))
        if path.startswith(drive.FILES):
            return self._drive(request, path, body, user)
        if path.startswith(SHEETS):
            found = self._call(request, path.removeprefix(SHEETS), body, user)
            return _reply(200, masks.cut(found, mask))
        raise ApiError(404, f"There is no method {request.method} {path[:80]}.")

    def _drive(self, request: Request, path: str, body: bytes, user: str) -> Response:
        found = drive.Drive(self.books, user, self._stamp()).answer(
            request.method,
            unquote(path.removeprefix(drive.FILES).strip("/")),
            request.query_params,
            _json(request.method, body),
        )
        if isinstance(found, bytes):
            return Response(found, media_type="text/csv")
        return Response(status_code=204) if found is None else _reply(200, found)

    def _call(self, request: Request, path: str, body: bytes, user: str) -> Json:
        """A call of Sheets v4."""
        mask = request.query_params.get("fields", "")
        if path in {"", "/"} and request.method == "POST":
            self._meter(user, "Write")
            require_mask(mask, "Spreadsheet")
            return self._create(checked(_json("POST", body), "Spreadsheet"), user)
        book_id, rest = _split(path.lstrip("/"))
        if rest.startswith("/sheets/") and rest.endswith(":copyTo") and request.method == "POST":
            self._meter(user, "Write")
            require_mask(mask, "SheetProperties")
            source = self._book(book_id, user)
            sheet_id = rest[len("/sheets/") : -len(":copyTo")]
            return self._copy_sheet(source, sheet_id, _json("POST", body), user)
        call, tail = calls.find(request.method, rest)
        self._meter(user, "Read" if call.reads else "Write")
        _require_known(request.query_params.keys(), call)
        require_mask(mask, call.answer)
        given: Json = {}
        if call.message:
            at = "data" if call.message == "ValueRange" else ""
            given = checked(_json(request.method, body), call.message, at)
        book = self._book(book_id, user, edit=not call.reads)
        trial = book if call.reads else book.clone()
        answer = call.act(calls.Asked(trial, user, request.query_params, given, tail))
        if not call.reads:
            self.commit(trial)
        return answer

    def commit(self, changed: Book) -> None:
        """Put a changed copy in the place of the book, and raise the version that Drive shows.

        Raises ApiError if the copy is too large.
        """
        changed.require_size()
        changed.version += 1
        changed.modified = self._stamp()
        self.books[changed.id] = changed

    def _stamp(self) -> str:
        return (
            datetime.fromtimestamp(self.now(), UTC)
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z")
        )

    def _meter(self, user: str, kind: str) -> None:
        now, sent = self.now(), self._sent.setdefault((user, kind), deque())
        while sent and now - sent[0] >= 60:
            sent.popleft()
        if self.enforced and len(sent) >= QUOTA:
            raise quota_exceeded(kind)
        sent.append(now)

    def _book(self, book_id: str, user: str, *, edit: bool = False) -> Book:
        if book_id not in self.books:
            raise ApiError(404, "Requested entity was not found.")
        book = self.books[book_id]
        if user not in {book.owner, *book.editors} and (edit or user not in book.viewers):
            raise ApiError(403, "The caller does not have permission")
        return book

    def _create(self, wanted: Json, user: str) -> Json:
        properties = wanted.get("properties", {})
        book = drive.new_book(
            properties.get("title") or "Untitled spreadsheet", user, self._stamp()
        )
        book.locale = properties.get("locale") or book.locale
        book.time_zone = properties.get("timeZone") or book.time_zone
        if wanted.get("sheets"):
            book.sheets = []
            for sheet in wanted["sheets"]:
                book.sheets.append(tabs.new_sheet(book, sheet.get("properties", {})))
        book.require_size()
        self.books[book.id] = book
        return show.spreadsheet(book, user)

    def _copy_sheet(self, book: Book, sheet_id: str, body: Json, user: str) -> Json:
        source = book.sheet(int(sheet_id) if sheet_id.isdecimal() and len(sheet_id) < 11 else -1)
        target = self._book(
            checked(body, "CopySheetToAnotherSpreadsheetRequest")["destinationSpreadsheetId"],
            user,
            edit=True,
        ).clone()
        twin = tabs.copied(source, target, target.draw_id(), f"Copy of {source.title}")
        target.sheets.append(twin)
        self.commit(target)
        return show.properties(twin, len(target.sheets) - 1)

    def _upload(self, file_id: str, body: bytes, user: str) -> Json:
        changed = drive.Drive(self.books, user, self._stamp()).book(file_id, edit=True).clone()
        try:
            answer = drive.upload(changed, body.decode("utf-8-sig"), user)
        except UnicodeDecodeError as problem:
            raise ApiError(400, "The uploaded file is not UTF-8.") from problem
        self.commit(changed)
        return answer

    def _by_hand(self, method: str, verb: str, body: bytes) -> Json:
        if method == "GET" and not verb:
            return by_hand.verbs()
        if method != "POST":
            raise ApiError(405, "A person's verb is a POST.")
        by_hand.require_verb(verb)
        given = _json(method, body)
        changed = by_hand.spreadsheet(self.books, given).clone()
        answer = by_hand.act(changed, verb, given)
        self.commit(changed)
        return answer


def _split(path: str) -> tuple[str, str]:
    """The spreadsheet's id, decoded, and the rest of a path from its first slash or colon."""
    ends = [n for n in (path.find("/"), path.find(":")) if n > 0]
    end = min(ends, default=len(path))
    return unquote(path[:end]), path[end:]


def _require_known(names: Set[str], call: calls.Call) -> None:
    """Raise ApiError for a query parameter that the call does not have."""
    if unknown := sorted(names - call.query):
        raise violation(
            "",
            f'Invalid JSON payload received. Unknown name "{unknown[0]}": '
            "Cannot bind query parameter. "
            f"Field '{unknown[0]}' could not be found in request message.",
        )


def _json(method: str, raw: bytes) -> Json:
    """The body of a request as a JSON object, without its nulls; {} for a GET or a DELETE.

    Raises ApiError for anything but a JSON object, and for one that is nested too deep.
    """
    if not raw or method in {"GET", "DELETE"}:
        return {}
    try:
        found: Any = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise ApiError(400, "Invalid JSON payload received. Unexpected token.") from problem
    if not isinstance(found, dict):
        raise violation(
            "", 'Invalid JSON payload received. Unknown name "": Root element must be a message.'
        )
    _shallow(found, DEEPEST)
    return {name: value for name, value in found.items() if value is not None}


def _shallow(value: Any, left: int) -> None:
    if not left:
        raise ApiError(
            400, "Invalid JSON payload received. Message too deep. Max recursion depth reached."
        )
    inner_values = list(value.values()) if isinstance(value, dict) else value
    if isinstance(inner_values, list):
        for inner in inner_values:
            _shallow(inner, left - 1)


def _reply(status: int, body: Any) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/json; charset=UTF-8")
