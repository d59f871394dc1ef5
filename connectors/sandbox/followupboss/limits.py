"""Sliding-window rate limits for each context, and their headers (facts, section 2)."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable

WINDOW = 10.0
"""Seconds."""
PLAIN = {"global": 125, "events": 10, "PUT.people": 25, "notes": 10}
REGISTERED = {"global": 250, "events": 20, "PUT.people": 25, "notes": 10}


def context_of(method: str, collection: str) -> str:
    """The one context a request is counted in."""
    if collection == "notes":
        return "notes"
    if collection == "events" and method == "GET":
        return "events"
    return "PUT.people" if (method, collection) == ("PUT", "people") else "global"


class Limits:
    """Counts requests per key and context; *now* gives seconds that never run backwards."""

    def __init__(self, now: Callable[[], float], *, enforced: bool = True) -> None:
        self._now = now
        self.enforced = enforced
        self._sent: dict[tuple[str, str], deque[float]] = {}

    def count(self, key: str, context: str, *, registered: bool) -> tuple[bool, dict[str, str]]:
        """Count one request: whether it may pass, and the headers of its answer."""
        limit = (REGISTERED if registered else PLAIN)[context]
        now, sent = self._now(), self._sent.setdefault((key, context), deque())
        while sent and now - sent[0] >= WINDOW:
            sent.popleft()
        passes = not self.enforced or len(sent) < limit
        if passes:
            sent.append(now)
        left = max(0, limit - len(sent)) if self.enforced else limit
        headers = {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Window": str(int(WINDOW)),
            "X-RateLimit-Context": context,
        }
        if not passes:
            headers["Retry-After"] = str(max(1, math.ceil(WINDOW - (now - sent[0]))))
        return passes, headers
