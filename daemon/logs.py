"""Logs: JSON lines for the journal, readable lines for a terminal; one line per pass and per
action, no personal data.

What may be logged is what the ledger may hold: marks, ids, counts, times, clauses. Everything else
that could slip in is cut by `_only_known`: other keys, and a service's own words. Secrets never
reach a logger at all.
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
    return {
        name: (
            value
            if not isinstance(value, str)
            else " ".join(value.partition(SAYS)[0].split())[:300]
        )
        for name, value in event.items()
        if name in KNOWN
    }


def configure(*, terminal: bool | None = None) -> None:
    """Send log lines to standard error, readable on a terminal and as JSON elsewhere."""
    terminal = sys.stderr.isatty() if terminal is None else terminal
    last: Any = (
        structlog.dev.ConsoleRenderer(colors=terminal)
        if terminal
        else structlog.processors.JSONRenderer()
    )
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
    """The one logger."""
    return structlog.get_logger()
