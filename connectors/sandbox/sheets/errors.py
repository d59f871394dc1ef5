"""Google's error bodies: ``{"error": {"code", "message", "status", "details"?}}`` (facts, 1)."""

from __future__ import annotations

from typing import Any

STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
}
PROTECTED = (
    "You are trying to edit a protected cell or object. "
    "Please contact the spreadsheet owner to remove protection if you need to edit."
)


class ApiError(Exception):
    """An answer other than success."""

    def __init__(
        self, code: int, message: str, details: list[dict[str, Any]] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details

    def body(self) -> dict[str, Any]:
        """The JSON body."""
        error: dict[str, Any] = {
            "code": self.code,
            "message": self.message,
            "status": STATUS.get(self.code, "UNKNOWN"),
        }
        if self.details:
            error["details"] = self.details
        return {"error": error}

    def drive_body(self) -> dict[str, Any]:
        """The JSON body as Drive words it."""
        reason = {
            400: "invalid",
            401: "authError",
            403: "insufficientFilePermissions",
            404: "notFound",
        }.get(self.code, "backendError")
        return {
            "error": {
                "errors": [{"domain": "global", "reason": reason, "message": self.message}],
                "code": self.code,
                "message": self.message,
            }
        }


def violation(field: str, text: str) -> ApiError:
    """The 400 for a body that cannot be read, with the field it is about."""
    named = {"field": field} if field else {}
    return ApiError(
        400,
        text,
        [
            {
                "@type": "type.googleapis.com/google.rpc.BadRequest",
                "fieldViolations": [{**named, "description": text}],
            }
        ],
    )


def quota_exceeded(kind: str) -> ApiError:
    """The 429 of the per-user quota; *kind* is "Read" or "Write"."""
    return ApiError(
        429,
        f"Quota exceeded for quota metric '{kind} requests' "
        f"and limit '{kind} requests per minute per user' "
        "of service 'sheets.googleapis.com' for consumer 'project_number:1'.",
        [
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "RATE_LIMIT_EXCEEDED",
                "domain": "googleapis.com",
                "metadata": {
                    "service": "sheets.googleapis.com",
                    "consumer": "projects/1",
                    "quota_metric": f"sheets.googleapis.com/{kind.lower()}_requests",
                    "quota_limit": f"{kind}RequestsPerMinutePerUser",
                },
            }
        ],
    )
