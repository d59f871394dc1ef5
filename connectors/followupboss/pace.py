"""Keeps below the account's rate limits, so that Steward never earns a 429 alone and leaves others
of the key their share.

Every answer says what its window allows and what of it is left, per context; windows slide (facts,
section 2: read the headers, never hard-code). Of a context Steward remembers its own requests: what
else is used is others'. A request waits until the oldest of ours has left the window, if ours and
theirs together fill the share.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.clock import Clock

SAFE = 0.05
"""Seconds a request is counted beyond its window: the service counts it at a moment between its
sending and its answer.
"""


@dataclass
class _Context:
    """What is known of one context: its limit and window, what others use of it, and when our
    requests were answered.
    """

    limit: int = 0
    window: float = 10.0
    others: int = 0
    ours: list[float] = field(default_factory=list)

    def keep(self, now: float) -> None:
        """Forget what has left the window; and what is yet to come, as on a clock that somebody
        turned back.
        """
        self.ours = [at for at in self.ours if 0 <= now - at < self.window + SAFE]


class Pace:
    """Spaces requests by the `X-RateLimit-*` headers; *share* of each window is for Steward and
    whoever else uses the key meanwhile.
    """

    def __init__(self, clock: Clock, share: float = 0.8) -> None:
        self._clock = clock
        self._share = share
        self._lock = threading.Lock()
        self._of: dict[str, str] = {}
        self._contexts: dict[str, _Context] = {}

    def wait(self, route: str) -> float:
        """Wait until the context that *route* was last counted in has room for one more of ours;
        the place it takes, for `heard`.

        However much others use, one of ours is let through in each window.
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
        """Learn from an answer's headers; without them nothing changes. The *place* is held from
        now on: the service counted it late.
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
