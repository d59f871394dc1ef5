"""Drive v3 for spreadsheets: create, find, share, copy and delete. Steward never calls it."""

from __future__ import annotations

import csv
import io
import re
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connectors.sandbox.sheets import masks
from connectors.sandbox.sheets.errors import ApiError
from connectors.sandbox.sheets.grid.a1 import Area
from connectors.sandbox.sheets.grid.book import Book, Json, Sheet
from connectors.sandbox.sheets.grid.values import entered, formatted

FILES = "/drive/v3/files"
SPREADSHEET = "application/vnd.google-apps.spreadsheet"
USUAL = "kind,id,name,mimeType"
UNSERVED = re.compile(
    r"GET (generateIds|generateCseToken)"
    r"|DELETE trash"
    r"|PATCH \{id\}"
    r"|GET \{id\}/(listLabels|accessproposals|approvals|revisions|comments/).*"
    r"|POST \{id\}/(download|watch|modifyLabels|comments"
    r"|accessproposals/.+:resolve|approvals.*:\w+)(/.*)?"
    r"|(PATCH|DELETE) \{id\}/(comments|revisions)/.+"
)
"""The methods of Drive v3 below /files that are left out, as its Discovery document names them."""
ROLES = {"writer": "editors", "reader": "viewers", "commenter": "viewers"}


def new_book(title: str, user: str, now: str) -> Book:
    """A spreadsheet as the service makes one: one tab, 1000 by 26."""
    return Book(
        uuid.uuid4().hex, title, owner=user, sheets=[Sheet(0, "Sheet1")], created=now, modified=now
    )


class Drive:
    """The files of one user among *books*; *now* is the time as Drive writes it."""

    def __init__(self, books: dict[str, Book], user: str, now: str) -> None:
        self.books = books
        self.user = user
        self.now = now

    def answer(
        self, method: str, path: str, query: Mapping[str, str], body: Json
    ) -> Json | bytes | None:
        """Answer a request below /drive/v3/files: JSON, an export, or None for an empty 204."""
        file_id, _, part = path.partition("/")
        if UNSERVED.fullmatch(f"{method} {path}"):
            raise _unserved(method, path)
        if file_id:
            return self._one(method, self.book(file_id), part, query, body)
        if method == "GET":
            return _cut(
                self._list(query.get("q", "")), query, f"kind,incompleteSearch,files({USUAL})"
            )
        if method != "POST":
            raise _unserved(method, "")
        if body.get("mimeType", SPREADSHEET) != SPREADSHEET:
            raise ApiError(400, "The sandbox's Drive holds spreadsheets only.")
        book = new_book(_text(body, "name") or "Untitled spreadsheet", self.user, self.now)
        self.books[book.id] = book
        return _cut(_file(book), query, USUAL)

    def _one(
        self, method: str, book: Book, part: str, query: Mapping[str, str], body: Json
    ) -> Json | bytes | None:
        match (method, part):
            case ("GET", ""):
                return _cut(_file(book), query, USUAL)
            case ("DELETE", ""):
                if self.user != book.owner:
                    raise ApiError(
                        403, "The user does not have sufficient permissions for this file."
                    )
                del self.books[book.id]
                return None
            case ("POST", "copy"):
                return _cut(_file(self._copy(book, _text(body, "name"))), query, USUAL)
            case ("GET", "comments"):
                return {"comments": []}
            case ("GET", "export"):
                return export(book, query.get("mimeType", ""))
            case (_, "permissions"):
                return self._permissions(method, book, body)
        if part.startswith("permissions/"):
            return self._permission(method, book, part.removeprefix("permissions/"), body)
        raise _unserved(method, f"{{id}}/{part}".rstrip("/"))

    def book(self, file_id: str, *, edit: bool = False) -> Book:
        """The file, if this user may see it (and, with *edit*, change it)."""
        book = self.books.get(file_id)
        if not book or self.user not in {book.owner, *book.editors, *book.viewers}:
            raise ApiError(404, f"File not found: {file_id}.")
        if edit and self.user not in {book.owner, *book.editors}:
            raise ApiError(403, "The user does not have sufficient permissions for this file.")
        return book

    def _list(self, asked: str) -> Json:
        found = re.search(r"""name\s*=\s*(["'])((?:\\.|(?!\1).)*)\1""", asked)
        title = re.sub(r"\\(.)", r"\1", found[2]) if found else None
        mine = [
            b
            for b in self.books.values()
            if self.user in {b.owner, *b.editors, *b.viewers} and title in {None, b.title}
        ]
        return {
            "kind": "drive#fileList",
            "incompleteSearch": False,
            "files": [_file(b) for b in sorted(mine, key=lambda b: b.modified, reverse=True)],
        }

    def _copy(self, book: Book, title: str) -> Book:
        twin = replace(
            book.clone(),
            id=uuid.uuid4().hex,
            owner=self.user,
            editors=set(),
            viewers=set(),
            version=1,
            title=title or f"Copy of {book.title}",
            created=self.now,
            modified=self.now,
        )
        self.books[twin.id] = twin
        return twin

    def _permissions(self, method: str, book: Book, body: Json) -> Json:
        if method == "POST":
            return self._share(
                book,
                _text(body, "emailAddress"),
                _text(body, "role"),
                _text(body, "type") or "user",
            )
        if method != "GET":
            raise _unserved(method, "{id}/permissions")
        users = [
            book.owner,
            *sorted(book.editors - {book.owner}),
            *sorted(book.viewers - book.editors),
        ]
        return {
            "kind": "drive#permissionList",
            "permissions": [_permission(book, user) for user in users],
        }

    def _permission(self, method: str, book: Book, user: str, body: Json) -> Json | None:
        if user not in {book.owner, *book.editors, *book.viewers}:
            raise ApiError(404, f"Permission not found: {user}.")
        if method == "GET":
            return _permission(book, user)
        if method == "PATCH":
            return self._share(book, user, _text(body, "role"), "user")
        if method != "DELETE":
            raise _unserved(method, "{id}/permissions/{permission}")
        if user == book.owner:
            raise ApiError(501, "The sandbox does not serve DELETE of the owner's permission.")
        self.book(book.id, edit=True)
        book.editors.discard(user)
        book.viewers.discard(user)
        return None

    def _share(self, book: Book, user: str, role: str, kind: str) -> Json:
        self.book(book.id, edit=True)
        if role not in ROLES or "@" not in user or kind != "user" or user == book.owner:
            raise ApiError(
                400,
                "The sandbox shares with a user's emailAddress, as a writer, commenter or reader.",
            )
        book.editors.discard(user)
        book.viewers.discard(user)
        getattr(book, ROLES[role]).add(user)
        return _permission(book, user)


def upload(book: Book, text: str, user: str) -> Json:
    """PUT /upload/drive/v2/files/{id} with a CSV: make it the only tab, each cell as if typed.

    Raises ApiError for a text that is no CSV, or if the user may not edit a tab.
    """
    for old in book.sheets:
        book.require_edit(user, Area(old.id))
    sheet = Sheet(book.draw_id(), book.title[:100] or "Sheet1")
    try:
        for r, line in enumerate(csv.reader(io.StringIO(text))):
            for c, value in enumerate(line):
                sheet.put(r, c, entered(value, "USER_ENTERED"))
            sheet.rows, sheet.columns = max(sheet.rows, r + 1), max(sheet.columns, len(line))
    except csv.Error as problem:
        raise ApiError(400, "The uploaded file is not a CSV.") from problem
    book.sheets, book.named_ranges, book.metadata = [sheet], [], []
    book.time_zone = "America/Los_Angeles"  # as recorded from the real service
    return {
        "kind": "drive#file",
        "id": book.id,
        "title": book.title,
        "mimeType": SPREADSHEET,
        "editable": True,
    }


def export(book: Book, kind: str) -> bytes:
    """The displayed values of the first tab, as CSV without further escapes."""
    if kind != "text/csv":
        raise ApiError(400, "The sandbox exports text/csv only.")
    sheet, out = book.sheets[0], io.StringIO()
    filled = [
        {c: formatted(cell) for c, cell in line.items() if cell.get("userEnteredValue")}
        for line in sheet.lines[: sheet.last_row()]
    ]
    wide = max([max(line, default=-1) for line in filled], default=-1) + 1
    csv.writer(out).writerows([[line.get(c, "") for c in range(wide)] for line in filled])
    return out.getvalue().removesuffix("\r\n").encode()


def _cut(found: Json, query: Mapping[str, str], usual: str) -> Json:
    cut: Json = masks.cut(found, masks.parse(query.get("fields") or usual))
    return cut


def _text(body: Json, name: str) -> str:
    value: Any = body.get(name, "")
    if not isinstance(value, str):
        raise ApiError(400, f"Invalid value for: {name} must be a string")
    return value


def _unserved(method: str, path: str) -> ApiError:
    """The refusal of a method that is not served: 501 if Drive has it, otherwise 404."""
    route = f"{method} {FILES}/{path[:60]}".rstrip("/")
    if UNSERVED.fullmatch(f"{method} {path}"):
        return ApiError(501, f"The sandbox does not serve {route}.")
    return ApiError(404, f"There is no method {route}.")


def _file(book: Book) -> Json:
    return {
        "kind": "drive#file",
        "id": book.id,
        "name": book.title,
        "mimeType": SPREADSHEET,
        "createdTime": book.created,
        "modifiedTime": book.modified,
        "version": str(book.version),
    }


def _permission(book: Book, user: str) -> Json:
    role = "writer" if user in book.editors else "reader"
    if user == book.owner:
        role = "owner"
    return {
        "kind": "drive#permission",
        "id": user,
        "type": "user",
        "role": role,
        "emailAddress": user,
    }
