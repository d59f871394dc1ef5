"""The procedures' escalation messages, in their exact words.

Each states one option of each of the procedure's menus (X-53).
"""

from __future__ import annotations

from enum import Enum


class MilestoneIssue(Enum):
    """An Issue of MS-50 with the Needed that answers it, spelled as in the procedure's menus.

    The menu has no Needed for a dissatisfied reply; X-53 fills it: the agent responds.
    """

    APPROVAL = ("Approval needed before deadline", "Approve message")
    ACTIVE_LEAD = ("active lead reply", "respond to lead")
    UNDELIVERABLE = ("undeliverable touch", "update contact record")
    MISSING_CONTEXT = ("missing context", "provide client context")
    DISSATISFIED = ("dissatisfied client reply", "respond to client")


class ReferralIssue(Enum):
    """An Issue of RF-50 with the Needed that answers it, spelled as in the menus (X-53)."""

    INQUIRY = ("Referral source inquiry", "Respond to source")
    DISSATISFIED = ("acknowledgment dissatisfaction", "Respond to source")
    FEE_NOT_FORMALIZED = ("fee not formalized", "formalize fee")
    SEVERAL = ("multiple referrals from one source", "personal thank-you from you")
    DISCREPANCY = ("fee discrepancy", "confirm payment")


def referral_message(
    issue: ReferralIssue, *, agent: str, source: str, transaction: str, va: str
) -> str:
    """Return the referral escalation of RF-50; *transaction* is an address or ""."""
    subject, needed = issue.value
    return (
        f"Hi {agent} — referral tracking issue needs your attention.\n"
        f"Issue: {subject}\n"
        f"Referral source: {source}\n"
        f"Related transaction: {transaction or 'not applicable'}\n"
        f"Needed: {needed}\n"
        f"{va}"
    )


class DatabaseIssue(Enum):
    """An Issue of DB-45 with the Needed that answers it, spelled as in the procedure's menus."""

    DUPLICATES = ("Duplicate records", "review the affected records")
    SCOPE = ("large-scale action scope", "Your approval to proceed")
    OPT_OUT = ("opt-out from active client", "Your approval to proceed")
    EMPTY_SEGMENT = ("segment returning zero", "review the affected records")
    IDENTITY = ("identity conflict", "confirm the correct contact")


def milestone_message(
    issue: MilestoneIssue, *, agent: str, client: str, milestone: str, va: str
) -> str:
    """Return the past-client escalation of MS-50; *milestone* is "type and date"."""
    subject, needed = issue.value
    return (
        f"Hi {agent} — past client touch issue for {client} needs your input.\n"
        f"Issue: {subject}\n"
        f"Milestone: {milestone}\n"
        f"Needed: {needed}\n"
        f"{va}"
    )


def database_message(issue: DatabaseIssue, *, agent: str, records: int, va: str) -> str:
    """Return the database escalation of DB-45; *records* is the number of records affected."""
    subject, needed = issue.value
    return (
        f"Hi {agent} — database issue needs your input before I proceed.\n"
        "\n"
        f"Issue: {subject}\n"
        f"Scale: {records}\n"
        f"Needed: {needed}\n"
        "\n"
        f"{va}"
    )
