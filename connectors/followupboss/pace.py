"""Keeps below the account's rate limits, so that Steward never earns a 429 alone and leaves others of the key their share.

Every answer says how much of its window is left, per context. Once the share that belongs to others is reached, a
request of that context waits for the window to slide on (facts: 10-second windows; read the headers, never hard-code).
"""

from __future__ import annotations

import threading
from collections.abc import Mapping

from connectors.clock import Clock


class Pace:
    """Spaces requests by the `X-RateLimit-*` headers; *share* of each window is Steward's to use."""

    def __init__(self, clock: Clock, share: float = 0.8) -> None:
        self._clock = clock
        self._share = share
        self._lock = threading.Lock()
        self._contexts: dict[str, str] = {}
        self._delays: dict[str, float] = {}

    def wait(self, route: str) -> None:
        """Wait, if the context that *route* was last counted in is near its share."""
        with self._lock:
            delay = self._delays.get(self._contexts.get(route, ""), 0.0)
        if delay:
            self._clock.sleep(delay)

    def heard(self, route: str, headers: Mapping[str, str]) -> None:
        """Learn from an answer's headers; without them nothing changes."""
        try:
            limit = int(headers["X-RateLimit-Limit"])
            remaining = int(headers["X-RateLimit-Remaining"])
            window = float(headers.get("X-RateLimit-Window", "10"))
        except (KeyError, ValueError):
            return
        context = headers.get("X-RateLimit-Context", "global")
        reserve = limit * (1 - self._share)
        # Below the reserve, one request per evenly divided slot lets the sliding window free as much as is used.
        delay = window / max(1.0, limit * self._share) * 2 if remaining <= reserve else 0.0
        if remaining <= 0:
            delay = window / 2
        with self._lock:
            self._contexts[route] = context
            self._delays[context] = delay
