"""Faults on demand: any status, a slow answer, a connection dropped before or after the write was
applied.

A fault waits for the next requests that match it and is used up; `skip` lets that many matching
ones through first.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Kind = Literal["status", "slow", "drop-before", "drop-after", "truncate", "garbage"]
HeaderName = Annotated[str, Meta(pattern="^(?i:(?!content-length$|transfer-encoding$)[a-z0-9-]+)$")]
HeaderValue = Annotated[str, Meta(pattern=r"^([!-~]([ -~]*[!-~])?)?\Z")]


class Fault(msgspec.Struct, forbid_unknown_fields=True):
    """One planned misbehaviour.

    `method` and `path` match when equal resp. contained ("" matches all). `status` and `body` are
    answered by "status"; "truncate" and "garbage" apply the request and spoil its answer; `seconds`
    delays any kind.
    """

    kind: Kind
    method: str = ""
    path: str = ""
    times: Annotated[int, Meta(ge=1)] = 1
    skip: Annotated[int, Meta(ge=0)] = 0
    status: Annotated[int, Meta(ge=200, le=599)] = 503  # a 1xx is no answer
    body: str = ""
    headers: dict[HeaderName, HeaderValue] = {}
    seconds: Annotated[float, Meta(ge=0, le=60)] = 0.0

    @property
    def media_type(self) -> str:
        """What its body is: JSON where it can be read as that."""
        try:
            msgspec.json.decode(self.body)
        except (ValueError, RecursionError):
            return "text/html"
        return "application/json"


class Faults:
    """The faults still to come."""

    def __init__(self) -> None:
        self.pending: list[Fault] = []

    def add(self, **settings: Any) -> None:
        """Plan a fault. Raises ValueError, in one sentence, for a setting that does not exist or a
        value that it cannot have.
        """
        self.pending.append(msgspec.convert(settings, Fault))

    def draw(self, method: str, path: str) -> Fault | None:
        """The fault that meets this request, if any."""
        for fault in self.pending:
            if fault.method in {"", method} and fault.path in path:
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                if fault.times <= 0:
                    self.pending.remove(fault)
                return fault
        return None
