"""The ways in which a write to a service may fail."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from connectors.errors import NotSent, Rejected, Unknown

Fate = Literal["not sent", "lost before", "lost after", "refused"]


@dataclass
class Fates:
    """The outcomes of the coming writes, one each; with an empty queue they succeed."""

    queue: list[Fate] = field(default_factory=list)

    def draw(self, service: str) -> Fate | None:
        """Take the next outcome; "lost after" and None are returned for the caller to act on.

        Raises NotSent, Unknown or Rejected for a write that does not happen.
        """
        fate = self.queue.pop(0) if self.queue else None
        if fate == "not sent":
            raise NotSent(service, "refused the connection")
        if fate == "lost before":
            raise Unknown(service, "broke off")
        if fate == "refused":
            raise Rejected(service, "refused it", 400)
        return fate
