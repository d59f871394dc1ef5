"""How a pass went, sorted for who is told: which service is down, and whether everything that was
to be done was.
"""

from __future__ import annotations

from collections.abc import Mapping

from connectors.errors import ServiceError
from daemon.passes.reconcile import OBSERVING, Pass
from policies.world.model import Source

CRM, SHEET = "CRM", "Sheet"
SERVICES: Mapping[str, str] = {"Follow Up Boss": CRM, "Google Sheets": SHEET}
"""The names of the services in their errors, and in the log."""


def called(problem: ServiceError) -> str:
    """The service that *problem* is about, in the log's words."""
    return SERVICES.get(problem.service, problem.service)


def down(done: Pass) -> dict[str, str]:
    """The services that did not answer in a pass that ended, each with why."""
    found = {
        SHEET if source is Source.SHEET else CRM: why
        for source, why in done.decided.seen.troubles.items()
    }
    return found | {
        CRM if o.action.service == "crm" else SHEET: o.detail
        for o in done.outcomes
        if o.result in {"not sent", "unknown"}
    }


def healthy(done: Pass) -> bool:
    """Whether the pass saw everything and could do what was to be done.

    A pass that waits for a decision, or that people have paused, is healthy. A fault of a service,
    a policy, the Sheet or the configuration is not.
    """
    decided = done.decided
    held = done.held not in {"", OBSERVING, decided.seen.brake}
    return not (held or down(done) or decided.defects or decided.unconfigured)


def worked(done: Pass) -> bool:
    """Whether the pass was healthy and nothing kept it from acting: while people have paused it,
    deadlines may pass unflagged.
    """
    return healthy(done) and done.held in {"", OBSERVING}
