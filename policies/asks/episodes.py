"""The episode of a dated touch, as it is written in the keys of its tasks and rows.

``20261218-14d`` is the 14-day reminder of the occasion on 12/18/2026. Where one subject can have
several kinds of touch on one day, a code tells them apart: ``20261220-movein-14d``.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache

SEND, ARRANGE = "send", "personal"
"""The steps of the two tasks by which a touch goes out: to send it, or to arrange another."""
LATE = "late"
"""The step of the agent's task about an approved touch that missed its window (X-81)."""
_EPISODE = re.compile(r"^(?P<day>\d{8})-(?:(?P<code>[a-z]+)-)?(?P<step>[0-9a-z]+)")


@cache
def parsed(episode: str) -> tuple[date, str, str] | None:
    """Return (day, code, step) of a dated touch's episode; None for any other episode."""
    found = _EPISODE.match(episode)
    if found is None:
        return None
    try:
        day = date.fromisoformat(found["day"])
    except ValueError:
        return None
    return day, found["code"] or "", found["step"]
