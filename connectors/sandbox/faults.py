"""Faults on demand: any status, a slow answer, a connection dropped before or after the write was applied.

A fault waits for the next requests that match it and is used up; `skip` lets that many matching ones through first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["status", "slow", "drop-before", "drop-after", "truncate", "garbage"]


@dataclass
class Fault:
    """One planned misbehaviour.

    `method` and `path` match when equal resp. contained ("" matches all). `status` and `body` are answered by
    "status"; "truncate" and "garbage" apply the request and spoil its answer; `seconds` delays any kind.
    """

    kind: Kind
    method: str = ""
    path: str = ""
    times: int = 1
    skip: int = 0
    status: int = 503
    body: str = ""
    headers: dict[str, str] | None = None
    seconds: float = 0.0


class Faults:
    """The faults still to come."""

    def __init__(self) -> None:
        self.pending: list[Fault] = []

    def add(self, **settings: Any) -> None:
        """Plan a fault. Raises TypeError for a setting that does not exist."""
        self.pending.append(Fault(**settings))

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
