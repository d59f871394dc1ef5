"""As much of Drive v3 as creating, finding, copying and deleting a spreadsheet takes. Steward itself never calls it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any

from connectors.sandbox.sheets.book import Book, Json, Sheet
from connectors.sandbox.sheets.errors import ApiError

SPREADSHEET = "application/vnd.google-apps.spreadsheet"
STAMP = "2026-01-01T00:00:00.000Z"


def new_book(title: str, user: str) -> Book:
    """A spreadsheet as the service makes one: one tab, 1000 by 26."""
    return Book(uuid.uuid4().hex, title, owner=user, sheets=[Sheet(0, "Sheet1")])


def answer(books: dict[str, Book], method: str, path: str, query: Mapping[str, str], body: Json, user: str) -> Json | None:
    """Answer a request below /drive/v3/files; None is an empty 204."""
    file_id, _, part = path.partition("/")
    match (method, bool(file_id), part):
        case ("POST", False, ""):
            book = new_book(str(body.get("name") or "Untitled spreadsheet"), user)
            books[book.id] = book
            return _file(book)
        case ("GET", False, ""):
            wanted = re.search(r'name = "([^"]*)"', query.get("q", ""))
            return {"kind": "drive#fileList", "files": [
                _file(book) for book in books.values() if _mine(book, user) and (not wanted or book.title == wanted[1])]}
        case ("GET", True, ""):
            return _file(_found(books, file_id, user))
        case ("DELETE", True, ""):
            del books[_found(books, file_id, user).id]
            return None
        case ("POST", True, "copy"):
            book = _found(books, file_id, user).clone()
            book.id, book.owner = uuid.uuid4().hex, user
            book.title = str(body.get("name") or f"Copy of {book.title}")
            books[book.id] = book
            return _file(book)
        case ("GET", True, "permissions"):
            return {"permissions": [_permission(u, "owner" if u == _found(books, file_id, user).owner else "writer")
                                    for u in (_found(books, file_id, user).owner, *sorted(_found(books, file_id, user).editors))]}
        case ("POST", True, "permissions"):
            _found(books, file_id, user).editors.add(str(body.get("emailAddress", "")))
            return _permission(str(body.get("emailAddress", "")), str(body.get("role", "reader")))
        case ("DELETE", True, permission) if permission.startswith("permissions/"):
            _found(books, file_id, user).editors.discard(permission.removeprefix("permissions/"))
            return None
        case ("GET", True, "comments"):
            return {"comments": []}
    raise ApiError(501, f"The sandbox does not serve {method} /drive/v3/files{'/{id}/' + part if file_id else ''}.")


def _mine(book: Book, user: str) -> bool:
    return user == book.owner or user in book.editors


def _found(books: dict[str, Book], file_id: str, user: str) -> Book:
    if file_id not in books or not _mine(books[file_id], user):
        raise ApiError(404, f"File not found: {file_id}.")
    return books[file_id]


def _file(book: Book) -> Json:
    return {"kind": "drive#file", "id": book.id, "name": book.title, "mimeType": SPREADSHEET, "createdTime": STAMP, "modifiedTime": STAMP}


def _permission(user: str, role: str) -> dict[str, Any]:
    return {"kind": "drive#permission", "id": user, "type": "user", "role": role, "emailAddress": user}
