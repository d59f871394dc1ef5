"""Keep below the account's rate limits, and leave a share to the other users of the key.

Every answer names its context, the limit of that context's sliding window, and the requests left in
it (facts, section 2: read the headers, never hard-code). Steward remembers its own requests in each
context and takes the rest of the used ones for others'. If both together fill the share, the next
request waits until Steward's oldest has left the window.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.clock import Clock

SAFE = 0.05
"""Seconds that a request counts beyond its window.

The service counts it at some moment between its sending and its answer.
"""


@dataclass
class _Context:
    """One rate-limit context."""

    limit: int = 0
    window: float = 10.0
    """Seconds."""
    others: int = 0
    """Requests of others in the window."""
    ours: list[float] = field(default_factory=list)
    """The moments at which Steward's requests were answered."""

    def keep(self, now: float) -> None:
        """Forget the moments that have left the window, and future ones of a clock set back."""
        self.ours = [at for at in self.ours if 0 <= now - at < self.window + SAFE]


class Pace:
    """Spaces requests by the `X-RateLimit-*` headers.

    *share* is the part of each window that Steward and the other users of the key may fill.
    """

    def __init__(self, clock: Clock, share: float = 0.8) -> None:
        self._clock = clock
        self._share = share
        self._lock = threading.Lock()
        self._of: dict[str, str] = {}
        self._contexts: dict[str, _Context] = {}

    def wait(self, route: str) -> float:
        """Wait until the context of *route* has room, and return the place taken, for `heard`.

        The context is the one in which *route* was last counted. However much others use, one of
        Steward's requests passes in each window.
        """
        while True:
            with self._lock:
                now = self._clock.monotonic()
                context = self._contexts.get(self._of.get(route, ""))
                if context is None:
                    return now
                context.keep(now)
                room = max(1, round(context.limit * self._share) - context.others)
                if len(context.ours) < room:
                    context.ours.append(now)
                    return now
                until = context.ours[-room] + context.window + SAFE
            self._clock.sleep(max(0.001, until - now))

    def heard(self, route: str, headers: Mapping[str, str], place: float) -> None:
        """Learn from the headers of an answer; without them nothing changes.

        The request at *place* counts from now on, because the service may have counted it late.
        """
        try:
            limit = int(headers["X-RateLimit-Limit"])
            remaining = int(headers["X-RateLimit-Remaining"])
            window = float(headers.get("X-RateLimit-Window", "10"))
        except (KeyError, ValueError):
            return
        name = headers.get("X-RateLimit-Context", "global")
        with self._lock:
            now = self._clock.monotonic()
            self._of[route] = name
            context = self._contexts.setdefault(name, _Context())
            context.limit, context.window = limit, window
            if place in context.ours:
                context.ours.remove(place)
            context.ours.append(now)
            context.keep(now)
            if remaining >= limit:
                context.ours.clear()  # it does not even count the one it has just answered
            context.others = max(0, limit - remaining - len(context.ours))
