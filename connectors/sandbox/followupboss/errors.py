"""Refusals of Follow Up Boss: a status and one sentence in `errorMessage` (facts, section 1.4).

The constants are the service's own words; the sentences made by functions, and those about a value,
are only like them.
"""

from __future__ import annotations

AUTHENTICATE = (
    "Authentication is required. "
    "Use Basic HTTP Authentication with API Key as username and blank password, "
    "or use Bearer token authentication."
)
NOT_FOUND = "Requested resource was not found."
NO_ACCESS = "You do not have access to this API endpoint"
DEEP_PAGINATION = "Deep pagination disabled, use 'nextLink' url"


class Refusal(Exception):
    """An answer other than success."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def unknown_collection(name: str) -> Refusal:
    """The 404 for a collection the service does not have."""
    shown = name[:1].upper() + name[1:]
    return Refusal(
        404,
        f"Collection name '{shown}' in the URL is not valid. "
        "Please use a correct collection name, for example 'people'.",
    )


def not_served(method: str, route: str) -> Refusal:
    """The 501 for a route that the real service has and the sandbox does not."""
    return Refusal(501, f"The sandbox does not serve {method} /v1/{route}.")


def unknown_field(name: str) -> Refusal:
    """The 400 for a body key the service does not know."""
    return Refusal(400, f"Invalid field '{name[:80]}' in the request body.")


def invalid(name: str) -> Refusal:
    """The 400 for a value that its field cannot have."""
    return Refusal(400, f"Invalid value for '{name}'.")
