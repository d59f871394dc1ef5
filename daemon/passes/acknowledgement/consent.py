"""Asks the agent about changed policies in a pass, and reads the answers (X-92, DB-05)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from daemon.account.wiring import Account
from daemon.passes import ask_policies, limits
from daemon.passes import plan as planning
from daemon.passes.acknowledgement import consent_row
from daemon.passes.acknowledgement.begun_work import lawful
from daemon.passes.acknowledgement.policy_status import PolicyStatus
from daemon.passes.actions import Action
from daemon.passes.decided import Decided, plan_of
from daemon.passes.observe import Observation
from policies.registry import Policy


def answered(account: Account, decided: Decided, shown: str) -> consent_row.Yes:
    """The policies acknowledged since the last pass, at the keyboard or in the Sheet."""
    s, status = decided.seen.snapshot, decided.policy_status
    remembered = account.ledger.shown_plan(shown) if shown else None
    if shown and (remembered is None or remembered.policies == status.set_digest):
        asked = s.workbook.row("Approvals", status.ref)
        return consent_row.Yes(status.pending, (status.ref,) if asked else ())
    return consent_row.yes_in_sheet(s.workbook, status, s.practice)


def question(
    account: Account, decided: Decided, acknowledged: Sequence[Policy]
) -> Sequence[Action]:
    """The row that asks the agent to acknowledge what is new or changed."""
    status, s = decided.policy_status, decided.seen.snapshot
    if not status.pending or acknowledged != status.acknowledged:
        return ()
    row = consent_row.row(s, status, decided.plan.actions, _held_back(account, decided))
    return planning.make(s, [row]).actions


def _held_back(account: Account, decided: Decided) -> Sequence[str]:
    """The touches of changed policies that are due soon and wait for the agent (X-92): those of
    today, and those whose reminders would come within the next days.
    """
    status, seen = decided.policy_status, decided.seen
    changed = [p for p in status.pending if p.name in status.earlier]
    if not changed:
        return ()
    later = replace(seen, snapshot=replace(seen.snapshot, now=seen.snapshot.now + consent_row.SOON))
    plans = [_of_changed(account, world, changed, status) for world in (seen, later)]
    (wanted, running), (coming, running_then) = plans
    goes_on = [*running, *running_then]
    return consent_row.touches(seen.snapshot, wanted, coming, goes_on)


def _of_changed(
    account: Account, seen: Observation, changed: Sequence[Policy], status: PolicyStatus
) -> tuple[Sequence[Action], Sequence[Action]]:
    """The actions that changed policies want with the options of today, and those that go on
    without an acknowledgement.
    """
    findings, _ = ask_policies.ask(changed, seen.snapshot)
    agreed, _ = lawful(seen.snapshot, changed, findings, status)
    sound = [p for p in changed if p.name in findings and p.name in agreed]
    return (
        plan_of(account, seen, findings, sound).actions,
        plan_of(account, seen, agreed, sound).actions,
    )


def no_longer_asked(decided: Decided) -> Sequence[Action]:
    """The last word in rows about policies that have changed again, or were acknowledged in another
    way. While some policies could not be asked, nobody knows which wait.
    """
    if decided.partly:
        return ()
    ref = decided.policy_status.ref
    because = "nothing waits for it any more"
    if decided.policy_status.pending:
        because = f"what waits for you is asked about in {ref} now"
    return limits.superseded(decided.seen, consent_row.PREFIX, ref, "DB-05", because)
