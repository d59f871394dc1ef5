"""What a service may do to a write."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from connectors.errors import NotSent, Rejected, Unknown

Fate = Literal["not sent", "lost before", "lost after", "refused"]


@dataclass
class Fates:
    """What happens to the coming writes, one each; an empty queue means they succeed."""

    queue: list[Fate] = field(default_factory=list)

    def draw(self, service: str) -> Fate | None:
        """The next one. Raises what a client would of a write that did not happen, or whose answer
        is lost before anything did.
        """
        fate = self.queue.pop(0) if self.queue else None
        if fate == "not sent":
            raise NotSent(service, "refused the connection")
        if fate == "lost before":
            raise Unknown(service, "broke off")
        if fate == "refused":
            raise Rejected(service, "refused it", 400)
        return fate
