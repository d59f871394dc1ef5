"""HTTP in and out of the Sheets service: users, quota, and the routes below /v4/spreadsheets."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from connectors.sandbox.sheets import a1, drive, masks, ranges, show
from connectors.sandbox.sheets.book import Book, Json
from connectors.sandbox.sheets.errors import ApiError, quota_exceeded
from connectors.sandbox.sheets.kinds import KINDS, apply
from connectors.sandbox.sheets.values import entered

QUOTA = 60
BIGGEST_BODY = 10_485_760
INPUT_OPTIONS = ("RAW", "USER_ENTERED")


class Sheets:
    """The service: its books, its quota, and the answers to requests below /v4/spreadsheets.

    A bearer token is taken for the e-mail address of the user who sends it; no token is the *service_account*.
    """

    def __init__(self, now: Callable[[], float], *, service_account: str, quota: bool = True) -> None:
        self.books: dict[str, Book] = {}
        self.service_account = service_account
        self.enforced = quota
        self._now = now
        self._sent: dict[tuple[str, str], deque[float]] = {}

    async def answer(self, request: Request) -> Response:
        """Answer one request; never a traceback, never a half-made change."""
        try:
            user = self._user(request)
            # The raw path is split before it is decoded: a title may hold slashes and colons.
            raw = request.scope["raw_path"].decode("latin-1").removeprefix("/v4/spreadsheets").strip("/")
            book_id, _, rest = raw.partition("/")
            book_id, colon, verb = book_id.partition(":")
            self._meter(user, "Read" if request.method == "GET" else "Write")
            body = await _body(request)
            found = self._route(request, unquote(book_id), colon + verb, rest, body, user)
            if mask := request.query_params.get("fields"):
                found = masks.cut(found, masks.parse(mask))
        except ApiError as refused:
            return _reply(refused.code, refused.body())
        return _reply(200, found)

    async def drive(self, request: Request) -> Response:
        """Answer one request below /drive/v3/files."""
        try:
            user = self._user(request)
            path = request.url.path.removeprefix("/drive/v3/files").strip("/")
            found = drive.answer(self.books, request.method, path, request.query_params, await _body(request), user)
        except ApiError as refused:
            return _reply(refused.code, refused.body())
        return _reply(200, found) if found is not None else Response(status_code=204)

    def _user(self, request: Request) -> str:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if not kind:
            return self.service_account
        if kind.casefold() != "bearer" or "@" not in token:
            raise ApiError(401, "Request had invalid authentication credentials. Expected OAuth 2 access token, login "
                                "cookie or other valid authentication credential.")
        return token

    def _meter(self, user: str, kind: str) -> None:
        now, sent = self._now(), self._sent.setdefault((user, kind), deque())
        while sent and now - sent[0] >= 60:
            sent.popleft()
        if self.enforced and len(sent) >= QUOTA:
            raise quota_exceeded(kind)
        sent.append(now)

    def book(self, book_id: str, user: str) -> Book:
        """The book, if this user may edit it."""
        if book_id not in self.books:
            raise ApiError(404, "Requested entity was not found.")
        book = self.books[book_id]
        if user != book.owner and user not in book.editors:
            raise ApiError(403, "The caller does not have permission")
        return book

    def _route(self, request: Request, book_id: str, verb: str, rest: str, body: Json, user: str) -> Json:
        book = self.book(book_id, user)
        query = request.query_params
        match (request.method, verb, rest):
            case ("GET", "", ""):
                areas = [book.find(text)[1] for text in query.getlist("ranges")]
                grid = query.get("includeGridData", "").casefold() == "true" or "data" in query.get("fields", "")
                return show.spreadsheet(book, user, grid=grid, areas=areas)
            case ("POST", ":batchUpdate", ""):
                return self._batch(book, body, user)
            case ("GET", "", "values:batchGet"):
                options = _render_options(query)
                return {"spreadsheetId": book.id,
                        "valueRanges": [ranges.read(book, text, options) for text in query.getlist("ranges")]}
            case ("POST", "", "values:batchUpdate"):
                return self._write_many(book, body, user)
            case ("GET", "", values) if values.startswith("values/"):
                return ranges.read(book, unquote(values.removeprefix("values/")), _render_options(query))
            case ("PUT", "", values) if values.startswith("values/"):
                return self._write(book, unquote(values.removeprefix("values/")), body, query, user)
            case ("POST", "", values) if values.startswith("values/") and values.endswith(":append"):
                return self._append(book, unquote(values.removeprefix("values/").removesuffix(":append")), body, query, user)
            case ("POST", "", values) if values.startswith("values/") and values.endswith(":clear"):
                return self._clear(book, [unquote(values.removeprefix("values/").removesuffix(":clear"))], user, single=True)
            case ("POST", "", "values:batchClear"):
                return self._clear(book, body.get("ranges", []), user, single=False)
        route = f"{request.method} /v4/spreadsheets/{{id}}{verb}{'/' if rest else ''}{rest.partition('/')[0]}"
        raise ApiError(501, f"The sandbox does not serve {route}.")

    def _batch(self, book: Book, body: Json, user: str) -> Json:
        changed, replies = apply(book, body.get("requests"), user)
        self.books[book.id] = changed
        answer: Json = {"spreadsheetId": book.id, "replies": replies}
        if body.get("includeSpreadsheetInResponse"):
            answer["updatedSpreadsheet"] = show.spreadsheet(changed, user, grid=bool(body.get("responseIncludeGridData")))
        return answer

    def _write(self, book: Book, text: str, body: Json, query: Mapping[str, str], user: str) -> Json:
        option = _input_option(query.get("valueInputOption"))
        changed = book.clone()
        done = ranges.write(changed, text, body, option, user)
        self.books[book.id] = changed
        return done

    def _write_many(self, book: Book, body: Json, user: str) -> Json:
        option = _input_option(body.get("valueInputOption"))
        changed = book.clone()
        done = [ranges.write(changed, part["range"], part, option, user) for part in body.get("data", ())]
        self.books[book.id] = changed
        return {"spreadsheetId": book.id, "totalUpdatedRows": sum(d.get("updatedRows", 0) for d in done),
                "totalUpdatedCells": sum(d.get("updatedCells", 0) for d in done),
                "totalUpdatedSheets": len({d["updatedRange"].rpartition("!")[0] for d in done}), "responses": done}


    def _append(self, book: Book, text: str, body: Json, query: Mapping[str, str], user: str) -> Json:
        option = _input_option(query.get("valueInputOption"))
        changed = book.clone()
        sheet, area = changed.find(text)
        table = ranges.table(sheet, area)
        row, column = (table.row1 or 0, table.col0) if table else (area.row0, area.col0)
        values = body.get("values", [])
        if query.get("insertDataOption") == "INSERT_ROWS" and table:
            KINDS["insertDimension"](changed, {"range": {"sheetId": sheet.id, "dimension": "ROWS", "startIndex": row,
                                                              "endIndex": row + len(values)}}, user)
        sheet.rows = max(sheet.rows, row + len(values))
        sheet.columns = max(sheet.columns, column + max([len(line) for line in values], default=0))
        where = f"{a1.title_text(sheet.title)}!{a1.column_letters(column)}{row + 1}"
        done = ranges.write(changed, where, body, option, user, grow=True)
        self.books[book.id] = changed
        answer: Json = {"spreadsheetId": book.id, "updates": done}
        return answer | ({"tableRange": a1.text(sheet.title, table, sheet.rows, sheet.columns)} if table else {})

    def _clear(self, book: Book, texts: Sequence[str], user: str, *, single: bool) -> Json:
        changed = book.clone()
        cleared = []
        for text in texts:
            sheet, area = changed.find(text)
            changed.require_edit(user, area)
            rows, columns = sheet.area(area)
            for r in range(rows.start, min(rows.stop, len(sheet.lines))):
                for c in [c for c in sheet.lines[r] if c in columns]:
                    sheet.put(r, c, entered("", "RAW", sheet.lines[r][c]))
            cleared.append(a1.text(sheet.title, area, sheet.rows, sheet.columns))
        self.books[book.id] = changed
        return {"spreadsheetId": book.id, **({"clearedRange": cleared[0]} if single else {"clearedRanges": cleared})}



def _render_options(query: Mapping[str, str]) -> tuple[str, str, str]:
    value = query.get("valueRenderOption", "FORMATTED_VALUE")
    dates = query.get("dateTimeRenderOption", "SERIAL_NUMBER")
    major = query.get("majorDimension", "ROWS")
    if value not in {"FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA"}:
        raise ApiError(400, f"Invalid value at 'value_render_option': {value!r}")
    if dates not in {"SERIAL_NUMBER", "FORMATTED_STRING"} or major not in {"ROWS", "COLUMNS", "DIMENSION_UNSPECIFIED"}:
        raise ApiError(400, "Invalid value of a query parameter")
    return value, dates, "COLUMNS" if major == "COLUMNS" else "ROWS"


def _input_option(option: Any) -> str:
    if option not in INPUT_OPTIONS:
        raise ApiError(400, "'valueInputOption' is required but not specified")
    return str(option)







async def _body(request: Request) -> Json:
    raw = await request.body()
    if len(raw) > BIGGEST_BODY:
        raise ApiError(400, f"Request payload size exceeds the limit: {BIGGEST_BODY} bytes.")
    if not raw:
        return {}
    try:
        found = json.loads(raw)
    except ValueError as problem:
        raise ApiError(400, "Invalid JSON payload received. Unexpected token.") from problem
    if not isinstance(found, dict):
        raise ApiError(400, "Invalid JSON payload received. The root must be an object.")
    return {name: value for name, value in found.items() if value is not None}


def _reply(status: int, body: Any, headers: Sequence[tuple[str, str]] = ()) -> Response:
    return Response(msgspec.json.encode(body), status, dict(headers), media_type="application/json; charset=UTF-8")
