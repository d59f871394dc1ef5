"""Asks the policies, one by one: a defect in one of them must not stop the others, nor undo what it
asked for before.

A policy that raises is asked for nothing in this pass: none of its findings counts, so nothing of
it is made and nothing of it is withdrawn. The report names the policy, the kind of error and the
place in the code, and never the message, which may quote somebody's name.
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass

from policies.asks.wants import Finding
from policies.registry import Policy
from policies.world.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Defect:
    """A policy that could not be asked because of itself: what was raised, and in which line of
    which module.
    """

    policy: str
    kind: str
    place: str

    def __str__(self) -> str:
        return f"defect in {self.policy}: {self.kind}"


def ask(
    policies: Sequence[Policy], s: Snapshot
) -> tuple[dict[str, list[Finding]], tuple[Defect, ...]]:
    """Ask each policy. Return the findings by policy, and the policies that raised instead."""
    found: dict[str, list[Finding]] = {}
    defects = []
    for policy in policies:
        try:
            found[policy.name] = list(policy.decide(s))
        # whatever is wrong with one policy, the others are asked
        except Exception as problem:  # noqa: BLE001
            defects.append(Defect(policy.name, type(problem).__name__, place_of(problem)))
    return found, tuple(defects)


def place_of(problem: BaseException) -> str:
    """Where *problem* was raised, as ``module:line``: no path of this machine, no values."""
    frame, line = list(traceback.walk_tb(problem.__traceback__))[-1]
    return f"{frame.f_globals.get('__name__', '?')}:{line}"
