"""The user behind a request, from its bearer token.

A token is the user's address, or a service account's JWT, exchanged at /token or sent as it is.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any
from urllib.parse import parse_qs

import msgspec

from connectors.sandbox.sheets.errors import ApiError

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def issuer(assertion: str) -> str:
    """The issuer that a JWT names, or "". Unverified: the sandbox has no keys."""
    claims = assertion.split(".")[1] if assertion.count(".") == 2 else ""
    try:
        found = msgspec.json.decode(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    except (msgspec.DecodeError, binascii.Error, ValueError, RecursionError):
        return ""
    address = found.get("iss") if isinstance(found, dict) else None
    return address if isinstance(address, str) and "@" in address else ""


def user(authorization: str, service_account: str) -> str:
    """The address of the user; without a header, that of the *service_account*.

    Raises ApiError 401 for anything but a token.
    """
    kind, _, token = authorization.partition(" ")
    if not kind:
        return service_account
    found = token if "@" in token else issuer(token)
    if kind.casefold() != "bearer" or not found:
        raise ApiError(
            401,
            "Request had invalid authentication credentials. "
            "Expected OAuth 2 access token, login cookie or other valid authentication credential.",
        )
    return found


def token(form: bytes) -> tuple[int, dict[str, Any]]:
    """The answer to POST /token: an access token for the account that signed the assertion."""
    fields = parse_qs(form.decode("utf-8", "replace"))
    if fields.get("grant_type") != [GRANT]:
        return 400, {
            "error": "unsupported_grant_type",
            "error_description": f"Invalid grant_type: {(fields.get('grant_type') or [''])[0]}",
        }
    found = issuer((fields.get("assertion") or [""])[0])
    if not found:
        return 400, {
            "error": "invalid_grant",
            "error_description": "Invalid JWT: it must be a signed JWT whose issuer is an address.",
        }
    return 200, {"access_token": found, "expires_in": 3599, "token_type": "Bearer"}
