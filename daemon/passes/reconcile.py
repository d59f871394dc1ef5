"""One pass, from looking to recording. Read `run` first: it is the picture of the architecture in
code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from connectors.ports import Progress, silent
from daemon.account.wiring import Account
from daemon.errors import ConfigurationError, Usage
from daemon.passes import ask_policies, guard, housekeeping, limits, safety_signs
from daemon.passes import plan as planning
from daemon.passes.absence import deleted_records
from daemon.passes.acknowledgement import consent
from daemon.passes.acknowledgement.begun_work import lawful
from daemon.passes.acknowledgement.policy_status import (
    acknowledgements,
    forecast_of,
    memory_actions,
)
from daemon.passes.actions import Action, Outcome, remember
from daemon.passes.apply import Hands
from daemon.passes.ask_policies import Defect
from daemon.passes.decided import Decided, appended, believing_nothing_gone, decide, plan_of
from daemon.passes.housekeeping import Tell
from daemon.passes.observe import Observation
from policies.asks.wants import Finding
from policies.registry import POLICIES, Policy
from policies.world import memory
from policies.world.memory import HOST, RETIRED

OBSERVING = 'mode is "observe": nothing is written'


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """A pass that is over."""

    decided: Decided
    outcomes: tuple[Outcome, ...] = ()
    held: str = ""


def run(
    account: Account,
    now: datetime,
    *,
    pass_id: str,
    shown: str = "",
    patient: bool = True,
    progress: Progress = silent,
    tell: Tell = lambda _: None,
    policies: Sequence[Policy] = POLICIES,
) -> Pass:
    """One pass that may write: look, decide, acknowledge, guard, apply, record.

    *shown* is the digest of a plan a person saw; what is still wanted of it is carried out and its
    policies count as acknowledged. A pass of some policies only puts no question to the agent: the
    daemon's own asks them together.

    Raises:
        Usage: no plan with that digest was shown here.
    """
    decided = decide(account, now, progress, policies)
    hands = Hands(account, patient=patient, tell=housekeeping.recording(account, pass_id, tell))
    if reason := held(account, decided.seen, shown):
        return Pass(decided=decided, held=reason)
    account.ledger.remember(deleted_records.ABSENT, deleted_records.written(decided.seen.absent))
    confirmed = _confirmed(account, decided, shown)
    acknowledged, first = _acknowledged(account, decided, shown, hands)
    if acknowledged is None:
        return Pass(
            decided=decided, outcomes=first, held="Memory could not be written, so nothing else was"
        )
    answered = {outcome.action.mark for outcome in first}
    allowed, defects = _allowed(account, decided, acknowledged, confirmed)
    decided = decided.without(defects)
    actions = [a for a in allowed if not shown or a.fingerprint in confirmed]
    rows = (
        []
        if shown or policies is not POLICIES
        else [
            *decided.questions,
            *consent.question(account, decided, acknowledged),
            *(a for a in consent.no_longer_asked(decided) if a.mark not in answered),
        ]
    )
    everything = [
        *actions,
        *rows,
        *safety_signs.memory_rows(account, decided.seen.snapshot),
        *acknowledgements(decided.seen.snapshot, decided.policy_status.renewed),
    ]
    if policies is POLICIES:
        board = housekeeping.handed_over(
            account, decided.seen, acknowledged, everything, partly=decided.partly
        )
        everything += guard.check(board, limits.limits_of(account)).allowed
    return Pass(
        decided=decided,
        outcomes=(
            *first,
            *hands.carry_out(housekeeping.with_housekeeping(decided.seen, everything)),
        ),
    )


def write(
    account: Account, seen: Observation, findings: Sequence[Finding], *, pass_id: str
) -> Sequence[Outcome]:
    """Write what a command wants besides a pass: planned, guarded and recorded like everything."""
    plan = planning.make(seen.snapshot, findings, appended(account))
    verdict = guard.check(plan.actions, limits.limits_of(account))
    refused = [Outcome(r.action, "refused", r.why) for r in verdict.refused]
    return [
        *refused,
        *Hands(
            account, patient=True, tell=housekeeping.recording(account, pass_id, lambda _: None)
        ).carry_out(verdict.allowed),
    ]


# -- what may be written ---------------------------------------------------------------------------


def held(account: Account, seen: Observation, shown: str = "", *, retiring: bool = False) -> str:
    """Why nothing at all may be written now, or ""; with *shown* a person at the keyboard has seen
    what it is, and who is *retiring* may go on with it.

    Raises:
        ConfigurationError: another host writes to this Sheet.
    """
    if account.settings.mode == "observe" and not shown:
        return OBSERVING
    if seen.brake:
        return seen.brake
    book = seen.snapshot.workbook
    if problems := book.tabs[memory.TAB].problems:
        return "; ".join(problems)
    if guarded := book.memory_guarded:
        return guarded
    retired = RETIRED.value(book)
    if retired and not retiring:
        return (
            f"Steward was retired here on {retired}: `steward setup --apply"
            " --take-over` puts it to work again"
        )
    host = HOST.row(book)
    if host and host.text("What") not in {"", account.settings.host}:
        raise ConfigurationError(
            [
                f"another host writes to this Sheet: Memory says {host.text('What')!r} (last on"
                f" {host.text('Date')}), this one is {account.settings.host!r}. Stop that one; if"
                " you moved Steward here, run `steward setup --apply --take-over`"
            ]
        )
    return ""


def _confirmed(account: Account, decided: Decided, shown: str) -> frozenset[str]:
    """The fingerprints of the plan that was shown under the digest *shown*."""
    if not shown:
        return frozenset()
    if remembered := account.ledger.shown_plan(shown):
        return remembered.actions
    if decided.plan.digest == shown:
        return frozenset(a.fingerprint for a in decided.plan.actions)
    raise Usage(
        f"no plan with the digest {shown} was shown here: run `steward plan` and use the digest it"
        " prints"
    )


def _acknowledged(
    account: Account, decided: Decided, shown: str, hands: Hands
) -> tuple[Sequence[Policy] | None, tuple[Outcome, ...]]:
    """The policies that may act in this pass, after writing down an acknowledgement that has just
    been given.
    """
    s, status = decided.seen.snapshot, decided.policy_status
    yes = consent.answered(account, decided, shown)
    if not yes.policies:
        return status.acknowledged, ()
    rows = [
        *memory_actions(s, yes.policies),
        remember(HOST.ref(), account.settings.host, s.stamp, s.workbook.tabs[memory.TAB]),
        *(limits.stamped(decided.seen, ref, "Acknowledged") for ref in yes.refs),
    ]
    # The acknowledgement is written before anything is done in its name: a crash then costs
    # nothing.
    outcomes = tuple(hands.write_rows(rows))
    everyone = (*status.acknowledged, *yes.policies)
    return (everyone if all(o.happened for o in outcomes) else None), outcomes


def _allowed(
    account: Account, decided: Decided, policies: Sequence[Policy], confirmed: frozenset[str]
) -> tuple[Sequence[Action], Sequence[Defect]]:
    status = decided.policy_status
    if policies == status.acknowledged and not confirmed:
        return decided.verdict.allowed, ()
    s = forecast_of(decided.seen.snapshot, status.pending)
    seen = replace(decided.seen, snapshot=replace(s, activated=s.activated or s.today))
    acting = status.acting(policies)
    findings, defects = ask_policies.ask(acting, seen.snapshot)
    said, raised = lawful(seen.snapshot, acting, findings, status.after(policies))
    sound = [p for p in acting if p.name in said]
    if defects or raised:
        seen = believing_nothing_gone(seen)
    plan = plan_of(account, seen, said, sound)
    allowed = limits.guarded(account, seen, plan.actions, confirmed)[0].allowed
    return allowed, (*defects, *raised)
