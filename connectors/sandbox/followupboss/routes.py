"""HTTP in and out of the CRM: authentication, limits, and what each method does to a collection or
a record.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

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
from connectors.sandbox.followupboss.resources import NOT_SERVED, RESOURCES, Resource
from connectors.sandbox.followupboss.rules import digits, known_recipients
from connectors.sandbox.followupboss.state import Account
from connectors.sandbox.followupboss.tables import Record

Query = Mapping[str, str]
_LIKE_NUMBER = re.compile(r"-?[0-9]+")
_NUMBER = re.compile(r"[0-9]{1,10}")


class Crm:
    """The service: an account, its limits, and the answers to requests below /v1."""

    def __init__(
        self, account: Account, now: Callable[[], float], *, rate_limit: bool = True
    ) -> None:
        self.account = account
        self.limits = Limits(now, enforced=rate_limit)

    async def answer(self, request: Request) -> Response:
        """Answer one request; never a traceback, never a half-made change."""
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
            status, said = self._route(
                request, path, user_id, await request.body(), registered=registered
            )
        except Refusal as refusal:
            status, said = refusal.status, {"errorMessage": refusal.message}
        return reply(status, said, headers)

    def _authenticate(self, request: Request) -> tuple[int, str]:
        kind, _, value = request.headers.get("Authorization", "").partition(" ")
        if (
            kind.casefold() == "bearer"
            and value in self.account.keys
            and self.account.switches["bearer_with_api_key"] == "403"
        ):
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
        name, _, rest = path.partition("/")
        query, method = dict(request.query_params), request.method
        own = {
            "identity": lambda: self._identity(user_id),
            "people/checkDuplicate": lambda: self._duplicate(query),
        }
        if method == "GET" and path in own:
            return 200, own[path]()
        if name in NOT_SERVED or path in NOT_SERVED:
            raise not_served(method, path if path in NOT_SERVED else name)
        if name not in RESOURCES:
            raise unknown_collection(name)
        number = int(rest) if _NUMBER.fullmatch(rest) else None
        if "/" in rest or (_LIKE_NUMBER.fullmatch(rest) and number is None):
            raise Refusal(404, NOT_FOUND)
        if method == "GET":
            return 200, self._read(RESOURCES[name], number, query, user_id, request)
        if (method == "POST" and rest) or (method == "PUT" and number is None):
            raise Refusal(404, NOT_FOUND)
        if method not in RESOURCES[name].methods.split():
            raise not_served(method, name)
        if RESOURCES[name].registered_only and not registered:
            raise Refusal(403, NO_ACCESS)
        body = parsed(content)
        if number is None:
            return self._create(RESOURCES[name], body, query, user_id)
        render = self.account.rendering(
            name, query.get("fields", ""), single=True
        )  # first: what it refuses must not be half done
        return 200, render(
            self.account.update(
                name, number, body, user_id, merge_tags=is_true(query.get("mergeTags", ""))
            )
        )

    def _read(
        self, resource: Resource, number: int | None, query: Query, user_id: int, request: Request
    ) -> Record:
        if number is None:  # a non-numeric id is answered with the list (facts 1.5)
            return listed(
                self.account,
                resource,
                query,
                user_id,
                str(request.url.replace(path=f"/v1/{resource.path}", query="")),
            )
        return self.account.render(
            resource.path, self.account.get(resource.path, number, user_id), query.get("fields", "")
        )

    def _create(
        self, resource: Resource, body: Record, query: Query, user_id: int
    ) -> tuple[int, Any]:
        if resource.path == "people" and is_true(query.get("deduplicate", "")):
            found = self._twin(body)
            if found is not None:
                return 200, self.account.render("people", found)
        if resource.path == "emEvents":
            events = known_recipients(
                self.account, self.account.checked_events(body, user_id), user_id
            )
            return 201, {
                "emEvents": [
                    self.account.render("emEvents", self.account.create("emEvents", e, user_id))
                    for e in events
                ]
            }
        return 201, self.account.render(
            resource.path, self.account.create(resource.path, body, user_id)
        )

    # -- people that are already there -------------------------------------------------------------

    def _reached(self, emails: set[str], phones: set[str]) -> list[tuple[str, Record]]:
        """Who has one of these e-mails or phones, and by which; the whole account, whatever the key
        can see.
        """
        found = []
        for person in self.account.tables["people"].values():
            if emails & {e["value"].casefold() for e in person.get("emails", ())}:
                found.append(("email", person))
            elif phones & {p.get("normalized") or "" for p in person.get("phones", ())}:
                found.append(("phone", person))
        return found

    def _duplicate(self, query: Query) -> Record:
        email, phone = query.get("email", "").casefold(), digits(query.get("phone", ""))
        if not email and not phone:
            raise Refusal(400, "email or phone must be specified.")
        by, person = next(iter(self._reached({email} - {""}, {phone} - {""})), (None, {}))
        return {
            "found": by is not None,
            "matchedBy": by,
            "id": person.get("id"),
            "assignedTo": person.get("assignedTo"),
            "assignedUserId": person.get("assignedUserId"),
        }

    def _twin(self, body: Record) -> Record | None:
        """The contact that deduplicate=true answers with instead of making one."""
        emails, phones = (
            {item.get("value") for item in body.get(name) or () if isinstance(item, dict)}
            for name in ("emails", "phones")
        )
        found = self._reached(
            {e.casefold() for e in emails if isinstance(e, str) and e},
            {digits(p) for p in phones if isinstance(p, str) and digits(p)},
        )
        named = self.account.switches["deduplicate_by"] == "email-or-phone-and-name"
        names = (body.get("firstName"), body.get("lastName"))
        return next(
            (
                p
                for by, p in found
                if by == "email" or not named or (p.get("firstName"), p.get("lastName")) == names
            ),
            None,
        )

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


def parsed(content: bytes) -> Record:
    """A body as a JSON object. Raises Refusal for anything else, NaN, half a surrogate and a
    thousand brackets included.
    """
    try:
        body = msgspec.json.decode(content)
    except (ValueError, RecursionError) as problem:
        raise Refusal(400, "Invalid JSON in the request body.") from problem
    if not isinstance(body, dict):
        raise Refusal(400, "The request body must be a JSON object.")
    return body


def reply(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Response:
    """An answer as the service sends it."""
    return Response(
        msgspec.json.encode(body),
        status,
        dict(headers or {}),
        media_type="application/json; charset=UTF-8",
    )
