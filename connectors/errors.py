"""The errors of a service, sorted by what the caller does next.

    ServiceError
    ├── Unavailable      end quietly, try again later; nothing was changed by a read
    │   ├── NotSent      a write that did not happen (connection refused, 429): plan it again
    │   └── Incomplete   an answer that is not whole (cut off, repeated cursor, wrong total)
    ├── Rejected         this action only: the service understood and refused
    ├── Unauthorized     the key or the credentials: stop, tell someone, do not restart
    └── Unknown          a write that may or may not have happened: look it up before doing anything

The HTTP library's own exceptions do not leave `connectors`: the consequence of a failure depends
on whether the request was a read or a write, and only `connectors.http` knows that.
"""

from __future__ import annotations

SAYS = "; it says: "
"""The words in a message before those of the service itself.

The service's words may quote the request, so they are shown at the keyboard and never logged.
"""


class ServiceError(Exception):
    """An error of the service that `service` names; the message has no personal data."""

    def __init__(self, service: str, message: str) -> None:
        super().__init__(f"{service}: {message}")
        self.service = service


class Unavailable(ServiceError):
    """The service cannot be reached or is in trouble; try again later."""


class NotSent(Unavailable):
    """A write that was certainly not carried out."""


class Incomplete(Unavailable):
    """A read that did not return the whole; nothing may be concluded from it."""


class Rejected(ServiceError):
    """The service refused this one request with *status*."""

    def __init__(self, service: str, message: str, status: int) -> None:
        super().__init__(service, message)
        self.status = status


class Unauthorized(ServiceError):
    """The credentials are not accepted."""


class Unknown(ServiceError):
    """A write that may or may not have been carried out."""
