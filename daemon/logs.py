"""Logs: one line per pass and per action, as JSON or readable, without personal data.

A log line may hold the same as the ledger: marks, ids, counts, times, clauses. `_only_known` drops
other keys and a service's own words. Secrets never reach a logger.
"""

from __future__ import annotations

import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from connectors.errors import SAYS

KNOWN = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "pass_id",
        "mark",
        "verb",
        "entity",
        "person_id",
        "clause",
        "outcome",
        "service",
        "policy",
        "reason",
        "source",
        "count",
        "total",
        "actions",
        "done",
        "failed",
        "missed",
        "seconds",
        "requests",
        "exit",
        "next",
        "place",
        "due",
    }
)


def _only_known(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: _cut(value) for name, value in event.items() if name in KNOWN}


def _cut(value: Any) -> Any:
    """A text on one line of at most 300 characters, without the service's own words."""
    if not isinstance(value, str):
        return value
    return " ".join(value.partition(SAYS)[0].split())[:300]


def configure(*, terminal: bool | None = None) -> None:
    """Send log lines to standard error, readable on a terminal and as JSON elsewhere."""
    if terminal is None:
        terminal = sys.stderr.isatty()
    last: Any = structlog.processors.JSONRenderer()
    if terminal:
        last = structlog.dev.ConsoleRenderer(colors=True)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            _only_known,
            last,
        ],
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def logger() -> Any:
    """The logger of the whole daemon."""
    return structlog.get_logger()
