"""HTTP in and out of the CRM: authentication, limits, lists and their cursors, one record, writes."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from connectors.sandbox.followupboss.errors import (
    AUTHENTICATE,
    DEEP_PAGINATION,
    NOT_FOUND,
    Refusal,
    unknown_collection,
)
from connectors.sandbox.followupboss.limits import Limits, context_of
from connectors.sandbox.followupboss.resources import COMMON, NOT_SERVED, RESOURCES, Record, Resource
from connectors.sandbox.followupboss.state import Account


class Crm:
    """The service: an account, its limits, and the answers to requests below /v1."""

    def __init__(self, account: Account, now: Callable[[], float], *, rate_limit: bool = True) -> None:
        self.account = account
        self.limits = Limits(now, enforced=rate_limit)

    async def answer(self, request: Request) -> Response:
        """Answer one request; never a traceback, never a half-made change."""
        try:
            user_id, key = self._authenticate(request)
        except Refusal as refusal:
            return _reply(refusal.status, {"errorMessage": refusal.message},
                          {"WWW-Authenticate": 'Basic realm="Follow Up Boss API"'})
        path = request.url.path.removeprefix("/v1").strip("/")
        collection = path.partition("/")[0]
        headers = {"FUB-Account-ID": str(self.account.id), "FUB-User-ID": str(user_id)}
        passes, counted = self.limits.count(key, context_of(request.method, collection),
                                            registered=bool(request.headers.get("X-System-Key")))
        headers |= counted
        if not passes:
            return _reply(429, {"errorMessage": "Rate limit exceeded."}, headers)
        try:
            status, body = await self._route(request, path, user_id)
        except Refusal as refusal:
            status, body = refusal.status, {"errorMessage": refusal.message}
        return _reply(status, body, headers)

    def _authenticate(self, request: Request) -> tuple[int, str]:
        kind, _, value = request.headers.get("Authorization", "").partition(" ")
        if kind.casefold() == "basic":
            try:
                key = base64.b64decode(value, validate=True).decode().partition(":")[0]
            except (binascii.Error, UnicodeDecodeError):
                key = ""
            if key in self.account.keys:
                return self.account.keys[key], key
        raise Refusal(401, AUTHENTICATE)

    async def _route(self, request: Request, path: str, user_id: int) -> tuple[int, Any]:
        name, _, rest = path.partition("/")
        if path == "identity" and request.method == "GET":
            return 200, self._identity(user_id)
        if name in NOT_SERVED:
            raise Refusal(501, f"The sandbox does not serve {request.method} /v1/{name}.")
        if name not in RESOURCES:
            raise unknown_collection(name)
        resource = RESOURCES[name]
        numeric = rest.isdigit()
        if request.method == "GET" and not numeric:
            # A non-numeric id is answered with the list (facts 1.5).
            return 200, self._list(resource, dict(request.query_params), user_id, request)
        if request.method == "GET":
            record = self.account.get(name, int(rest), user_id)
            return 200, self.account.render(name, record, request.query_params.get("fields", ""))
        if request.method == "POST" and not rest:
            return self._create(resource, await _body(request), request, user_id)
        if request.method == "PUT" and numeric:
            merge = request.query_params.get("mergeTags", "").casefold() == "true"
            record = self.account.update(name, int(rest), await _body(request), user_id, merge_tags=merge)
            return 200, self.account.render(name, record)
        if request.method == "DELETE" and numeric:
            raise Refusal(501, f"The sandbox does not serve DELETE /v1/{name}: Steward has no such call.")
        raise Refusal(404, NOT_FOUND)

    def _identity(self, user_id: int) -> Record:
        user = self.account.user(user_id)
        owner = next((u for u in self.account.tables["users"].values() if u.get("isOwner")), user)
        return {
            "account": {"id": self.account.id, "domain": self.account.domain, "name": "Sandbox Realty",
                        "owner": {"name": owner["name"], "email": owner.get("email", "")}},
            "user": {"id": user_id, "name": user["name"], "email": user.get("email", ""), "fuid": f"fu{user_id}",
                     "role": user.get("role", "Agent"), "isOwner": bool(user.get("isOwner")),
                     "isAdmin": self.account.sees_all(user_id), "isLender": False}}

    def _create(self, resource: Resource, body: Record, request: Request, user_id: int) -> tuple[int, Any]:
        if resource.path == "people" and request.query_params.get("deduplicate") == "true":
            emails = {e.get("value") for e in body.get("emails", ()) if isinstance(e, dict)}
            for person in self.account.tables["people"].values():
                if emails & {e["value"] for e in person.get("emails", ())}:
                    return 200, self.account.render("people", person)
        return 201, self.account.render(resource.path, self.account.create(resource.path, body, user_id))

    # -- lists -----------------------------------------------------------------------------------------------------

    def _list(self, resource: Resource, query: Mapping[str, str], user_id: int, request: Request) -> Record:
        limit = min(100, max(1, _number(query.get("limit"), 10)))
        offset = _number(query.get("offset"), 0)
        if offset >= 2000:
            raise Refusal(400, DEEP_PAGINATION)
        sort = query.get("sort") or "-id"
        by_id = sort.lstrip("-") == "id"
        cursor = _cursor(query.get("next", ""))
        found = self._matching(resource, query, user_id)
        found.sort(key=_order(sort.lstrip("-")), reverse=sort.startswith("-"))
        total = len(found)
        if "sinceId" in cursor:
            since = int(cursor["sinceId"])
            found = [r for r in found if (r["id"] < since if sort.startswith("-") else r["id"] > since)]
        else:
            offset = int(cursor.get("offset", offset))
            found = found[offset:]
        page = found[:limit]
        more = len(found) > limit
        token = None
        if more:
            token = _token({"sinceId": page[-1]["id"]} if by_id else {"offset": offset + limit})
        metadata: Record = {"collection": resource.collection, "offset": offset, "limit": limit, "total": total}
        if not resource.configuration or more:
            metadata |= {"next": token, "nextLink": _link(request, resource, query, token)}
        fields = query.get("fields", "")
        return {"_metadata": metadata, resource.collection: [self.account.render(resource.path, r, fields) for r in page]}

    def _matching(self, resource: Resource, query: Mapping[str, str], user_id: int) -> list[Record]:
        tests = {**COMMON, **resource.filters}
        # A parameter the service does not know is ignored, and you get the unfiltered list (facts 1.5).
        asked = [(tests[name], text) for name, text in query.items() if name in tests and text != ""]
        records = self.account.tables[resource.path].values()
        try:
            found = [r for r in records if all(test(r, text) for test, text in asked)]
        except ValueError as problem:
            raise Refusal(400, "Invalid parameter value.") from problem
        found = [r for r in found if self.account.visible(resource.path, r, user_id)]
        return [r for r in found if _shown(resource.path, r, query)]


def _shown(path: str, record: Record, query: Mapping[str, str]) -> bool:
    """The filters with rules of their own: Trash, unclaimed, tags (comma is OR), e-mail, phone, deal status."""
    if path == "people":
        return _person_shown(record, query)
    if path == "deals":
        status = record.get("status", "Active")
        wanted = query.get("status")
        if wanted:
            return bool(status == wanted)
        hidden = {"Deleted"} - ({"Deleted"} if query.get("includeDeleted") == "1" else set())
        hidden |= set() if query.get("includeArchived") == "1" else {"Archived"}
        return status not in hidden
    return True


def _person_shown(record: Record, query: Mapping[str, str]) -> bool:
    if record.get("stage") == "Trash" and query.get("includeTrash", "").casefold() != "true":
        return False
    if not record.get("claimed", True) and query.get("includeUnclaimed", "").casefold() != "true":
        return False
    tags = query.get("tags")
    if tags and not set(tags.split(",")) & set(record.get("tags", ())):
        return False
    email = query.get("email")
    if email and email.casefold() not in {str(e["value"]).casefold() for e in record.get("emails", ())}:
        return False
    phone = "".join(c for c in query.get("phone", "") if c.isdigit())[-10:]
    return not phone or phone in {p.get("normalized") for p in record.get("phones", ())}


def _order(name: str) -> Callable[[Record], Any]:
    return lambda record: (record.get(name) is not None, record.get(name) if record.get(name) is not None else 0, record["id"])


def _number(text: str | None, default: int) -> int:
    try:
        return max(0, int(text)) if text else default
    except ValueError as problem:
        raise Refusal(400, "Invalid parameter value.") from problem


def _token(value: Record) -> str:
    return base64.b64encode(json.dumps(value, separators=(",", ":")).encode()).decode()


def _cursor(token: str) -> Record:
    if not token:
        return {}
    try:
        found = json.loads(base64.b64decode(token))
    except (binascii.Error, ValueError) as problem:
        raise Refusal(400, "Invalid next parameter.") from problem
    if not isinstance(found, dict) or not all(isinstance(v, int) for v in found.values()):
        raise Refusal(400, "Invalid next parameter.")
    return found


def _link(request: Request, resource: Resource, query: Mapping[str, str], token: str | None) -> str | None:
    if token is None:
        return None
    rest = {name: value for name, value in query.items() if name not in {"next", "offset"}}
    base = str(request.url.replace(path=f"/v1/{resource.path}", query=""))
    return f"{base}?{urlencode(rest)}&{'&' if rest else ''}{urlencode({'next': token})}"


async def _body(request: Request) -> Record:
    try:
        body = json.loads(await request.body())
    except ValueError as problem:
        raise Refusal(400, "Invalid JSON in the request body.") from problem
    if not isinstance(body, dict):
        raise Refusal(400, "The request body must be a JSON object.")
    return body


def _reply(status: int, body: Any, headers: Mapping[str, str]) -> Response:
    return Response(msgspec.json.encode(body), status, dict(headers), media_type="application/json; charset=UTF-8")
