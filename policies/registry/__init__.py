"""The one list of policies, in the order in which they are asked."""

from __future__ import annotations

from policies.registry import database, milestones, referrals
from policies.registry.policy import Policy

__all__ = ["POLICIES", "Policy"]

POLICIES: tuple[Policy, ...] = (
    *milestones.POLICIES,
    *referrals.POLICIES,
    *database.POLICIES,
)
