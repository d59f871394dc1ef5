"""The CRM over HTTP: authentication, rate limits, and the methods of each collection."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from connectors.sandbox.followupboss.account import Account
from connectors.sandbox.followupboss.errors import (
    AUTHENTICATE,
    NO_ACCESS,
    NOT_FOUND,
    Refusal,
    not_served,
    unknown_collection,
)
from connectors.sandbox.followupboss.filters import is_true
from connectors.sandbox.followupboss.limits import Limits, context_of
from connectors.sandbox.followupboss.lists import listed
from connectors.sandbox.followupboss.rendering import renderer
from connectors.sandbox.followupboss.resources import NOT_SERVED, RESOURCES
from connectors.sandbox.followupboss.rules import known_recipients
from connectors.sandbox.followupboss.schema import Resource
from connectors.sandbox.followupboss.tables import Record
from connectors.sandbox.followupboss.twins import duplicate, twin

Query = Mapping[str, str]
_LIKE_NUMBER = re.compile(r"-?[0-9]+")
_NUMBER = re.compile(r"[0-9]{1,10}")


class Crm:
    """The service below /v1: an account, its rate limits, and the answers to requests.

    *now* gives seconds that never run backwards; without *rate_limit* nothing is refused for it.
    """

    def __init__(
        self, account: Account, now: Callable[[], float], *, rate_limit: bool = True
    ) -> None:
        self.account = account
        self.limits = Limits(now, enforced=rate_limit)

    async def answer(self, request: Request) -> Response:
        """Answer one request. A refused one changes nothing."""
        try:
            user_id, key = self._authenticate(request)
        except Refusal as refusal:
            return reply(
                refusal.status,
                {"errorMessage": refusal.message},
                {"WWW-Authenticate": 'Basic realm="Follow Up Boss API"'},
            )
        path = request.url.path.removeprefix("/v1").strip("/")
        registered = bool(request.headers.get("X-System") and request.headers.get("X-System-Key"))
        headers = {"FUB-Account-ID": str(self.account.id), "FUB-User-ID": str(user_id)}
        passes, counted = self.limits.count(
            key, context_of(request.method, path.partition("/")[0]), registered=registered
        )
        headers |= counted
        if not passes:
            return reply(429, {"errorMessage": "Rate limit exceeded."}, headers)
        try:
            status, body = self._route(
                request, path, user_id, await request.body(), registered=registered
            )
        except Refusal as refusal:
            status, body = refusal.status, {"errorMessage": refusal.message}
        return reply(status, body, headers)

    def _authenticate(self, request: Request) -> tuple[int, str]:
        """The user's id and the API key. Raises Refusal without a known key."""
        kind, _, value = request.headers.get("Authorization", "").partition(" ")
        key_as_bearer = kind.casefold() == "bearer" and value in self.account.keys
        if key_as_bearer and self.account.switches["bearer_with_api_key"] == "403":
            raise Refusal(403, NO_ACCESS)
        if kind.casefold() == "basic":
            try:
                key = base64.b64decode(value, validate=True).decode().partition(":")[0]
            except (binascii.Error, ValueError):
                key = ""
            if key in self.account.keys:
                return self.account.keys[key], key
        raise Refusal(401, AUTHENTICATE)

    def _route(
        self, request: Request, path: str, user_id: int, content: bytes, *, registered: bool
    ) -> tuple[int, Any]:
        """The status and the body of the answer. Raises Refusal."""
        query, method = dict(request.query_params), request.method
        own = {
            "identity": lambda: self._identity(user_id),
            "people/checkDuplicate": lambda: duplicate(self.account, query),
        }
        if method == "GET" and path in own:
            return 200, own[path]()
        resource, rest = _collection(method, path)
        number = _record_number(rest)
        if method == "GET":
            return 200, self._read(resource, number, query, user_id, request)
        if (method == "POST" and rest) or (method == "PUT" and number is None):
            raise Refusal(404, NOT_FOUND)
        if method not in resource.methods.split():
            raise not_served(method, resource.path)
        if resource.registered_only and not registered:
            raise Refusal(403, NO_ACCESS)
        body = parsed(content)
        if number is None:
            return self._create(resource, body, query, user_id)
        return 200, self._update(resource, number, body, query, user_id)

    def _read(
        self, resource: Resource, number: int | None, query: Query, user_id: int, request: Request
    ) -> Record:
        if number is None:  # a non-numeric id is answered with the list (facts 1.5)
            url = str(request.url.replace(path=f"/v1/{resource.path}", query=""))
            return listed(self.account, resource, query, user_id, url)
        record = self.account.get(resource.path, number, user_id)
        return self.account.render(resource.path, record, query.get("fields", ""))

    def _update(
        self, resource: Resource, number: int, body: Record, query: Query, user_id: int
    ) -> Record:
        # Made first, so that a refusal of `fields` comes before the change.
        render = renderer(self.account, resource.path, query.get("fields", ""), single=True)
        merge_tags = is_true(query.get("mergeTags", ""))
        return render(
            self.account.update(resource.path, number, body, user_id, merge_tags=merge_tags)
        )

    def _create(
        self, resource: Resource, body: Record, query: Query, user_id: int
    ) -> tuple[int, Any]:
        if resource.path == "people" and is_true(query.get("deduplicate", "")):
            found = twin(self.account, body)
            if found is not None:
                return 200, self.account.render("people", found)
        if resource.path == "emEvents":
            return 201, {"emEvents": self._create_events(body, user_id)}
        record = self.account.create(resource.path, body, user_id)
        return 201, self.account.render(resource.path, record)

    def _create_events(self, body: Record, user_id: int) -> list[Record]:
        account = self.account
        events = known_recipients(account, account.checked_events(body, user_id), user_id)
        return [
            account.render("emEvents", account.create("emEvents", event, user_id))
            for event in events
        ]

    def _identity(self, user_id: int) -> Record:
        user = self.account.user(user_id)
        owner = next((u for u in self.account.tables["users"].values() if u.get("isOwner")), user)
        return {
            "account": {
                "id": self.account.id,
                "domain": self.account.domain,
                "name": "Sandbox Realty",
                "owner": {"name": owner["name"], "email": owner.get("email", "")},
            },
            "user": {
                "id": user_id,
                "name": user["name"],
                "email": user.get("email", ""),
                "fuid": f"fu{user_id}",
                "role": user.get("role", "Agent"),
                "isOwner": bool(user.get("isOwner")),
                "isAdmin": self.account.sees_all(user_id),
                "isLender": False,
            },
        }


def _collection(method: str, path: str) -> tuple[Resource, str]:
    """The collection that a path names, and the rest of the path. Raises Refusal."""
    name, _, rest = path.partition("/")
    if name in NOT_SERVED or path in NOT_SERVED:
        raise not_served(method, path if path in NOT_SERVED else name)
    if name not in RESOURCES:
        raise unknown_collection(name)
    return RESOURCES[name], rest


def _record_number(rest: str) -> int | None:
    """The id of a record in the rest of a path; None for a name. Raises Refusal for neither."""
    number = int(rest) if _NUMBER.fullmatch(rest) else None
    if "/" in rest or (_LIKE_NUMBER.fullmatch(rest) and number is None):
        raise Refusal(404, NOT_FOUND)
    return number


def parsed(content: bytes) -> Record:
    """A request body as a JSON object.

    Raises Refusal for anything else: NaN, half a surrogate and too deep nesting included.
    """
    try:
        body = msgspec.json.decode(content)
    except (ValueError, RecursionError) as problem:
        raise Refusal(400, "Invalid JSON in the request body.") from problem
    if not isinstance(body, dict):
        raise Refusal(400, "The request body must be a JSON object.")
    return body


def reply(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer as the service sends it."""
    return Response(
        msgspec.json.encode(body),
        status,
        dict(headers or {}),
        media_type="application/json; charset=UTF-8",
    )
