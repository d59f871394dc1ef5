"""One pass, from looking to recording. Read `run` first: it is the picture of the architecture in
code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from connectors.ports import Progress, silent
from daemon.account.wiring import Account
from daemon.errors import ConfigurationError, Usage
from daemon.passes import (
    ask_policies,
    deleted_records,
    guard,
    housekeeping,
    limits,
    safety_signs,
    succession,
)
from daemon.passes import plan as planning
from daemon.passes.acknowledgement import consent_row
from daemon.passes.acknowledgement.policy_status import (
    PolicyStatus,
    acknowledgements,
    forecast_of,
    lawful,
    memory_actions,
    status_of,
)
from daemon.passes.actions import Action, Outcome, Plan, remember
from daemon.passes.apply import Hands
from daemon.passes.ask_policies import Defect
from daemon.passes.housekeeping import Tell
from daemon.passes.observe import Observation, look
from daemon.passes.policy_needs import skipped_of
from policies.asks.wants import Finding
from policies.registry import POLICIES, Policy
from policies.world import memory
from policies.world.memory import HOST, RETIRED, SIZE

OBSERVING = 'mode is "observe": nothing is written'


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A pass before it does anything.

    `plan` is everything every policy needs, acknowledged or not; `verdict` sorts what may be
    written now. `skipped` gives the reason for each policy that was not asked, `defects` name those
    that raised. `findings` is what the others said; `lawful` the part of it that needs no word from
    the agent. `questions` are Approvals rows the agent must answer first.
    """

    seen: Observation
    plan: Plan
    verdict: guard.Verdict
    policy_status: PolicyStatus
    skipped: dict[str, str]
    findings: Mapping[str, Sequence[Finding]]
    lawful: Mapping[str, Sequence[Finding]]
    questions: tuple[Action, ...] = ()
    unconfigured: bool = False
    defects: tuple[Defect, ...] = ()

    def without(self, defects: Sequence[Defect]) -> Decided:
        """The same, with these policies found defective as well."""
        return replace(
            self,
            defects=(*self.defects, *defects),
            skipped={**self.skipped, **{d.policy: str(d) for d in defects}},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """A pass that is over."""

    decided: Decided
    outcomes: tuple[Outcome, ...] = ()
    held: str = ""


def decide(
    account: Account,
    now: datetime,
    progress: Progress = silent,
    policies: Sequence[Policy] = POLICIES,
) -> Decided:
    """Observe, decide, plan, guard. Writes nothing but the sizes it saw to the local ledger."""
    seen = look(account, now, progress)
    if policies is not POLICIES:  # some policies alone do not say what is still wanted
        seen = replace(seen, snapshot=replace(seen.snapshot, gone=frozenset()))
    practice, book = seen.snapshot.practice, seen.snapshot.workbook
    skipped, unconfigured = skipped_of(seen, account, policies)
    asked = [p for p in policies if p.name not in skipped]
    status = status_of(asked, practice, book)
    world = replace(seen, snapshot=forecast_of(seen.snapshot, status.pending))
    findings, defects = ask_policies.ask(asked, world.snapshot)
    if defects:  # a policy that cannot be asked is not put up to be acknowledged either
        asked = [p for p in asked if p.name in findings]
        status = status_of(asked, practice, book)
    everything = _plan(account, world, findings, asked)
    acting = status.acting(status.acknowledged)
    agreed, raised = lawful(world.snapshot, acting, findings, status.earlier)
    acting = tuple(p for p in acting if p.name in agreed)
    verdict, questions = limits.guarded(
        account, world, _plan(account, world, agreed, acting).actions
    )
    for source, size in seen.sizes.items():
        account.ledger.remember(SIZE.ref(source), str(size))
    return Decided(
        seen=seen,
        plan=everything,
        verdict=verdict,
        policy_status=status,
        skipped=skipped,
        findings=findings,
        lawful={policy.name: agreed[policy.name] for policy in acting},
        questions=tuple(questions),
        unconfigured=unconfigured,
    ).without([*defects, *raised])


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
            *_question_of(account, decided, acknowledged),
            *(a for a in _questions_no_longer_asked(decided) if a.mark not in answered),
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
            account, decided.seen, acknowledged, everything, partly=_partly(decided)
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
    plan = planning.make(seen.snapshot, findings, _appended(account))
    verdict = guard.check(plan.actions, limits.limits_of(account))
    refused = [Outcome(r.action, "refused", r.why) for r in verdict.refused]
    return [
        *refused,
        *Hands(
            account, patient=True, tell=housekeeping.recording(account, pass_id, lambda _: None)
        ).carry_out(verdict.allowed),
    ]


# -- the plan ------------------------------------------------------------------------------------


def _plan(
    account: Account,
    seen: Observation,
    findings: Mapping[str, Sequence[Finding]],
    policies: Sequence[Policy],
) -> Plan:
    said = [f for p in policies for f in findings[p.name]]
    said += deleted_records.ended(seen.snapshot, said)
    return planning.make(
        seen.snapshot,
        [*said, *succession.handed_on(seen.snapshot, seen.account.users, said)],
        _appended(account),
    )


def _appended(account: Account) -> frozenset[str]:
    return frozenset(i.mark for i in account.ledger.intents("done") if i.entity.startswith("row "))


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
    yes = _yes(account, decided, shown)
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


def _yes(account: Account, decided: Decided, shown: str) -> consent_row.Yes:
    """What was acknowledged since the last pass, at the keyboard or in the Sheet."""
    s, status = decided.seen.snapshot, decided.policy_status
    remembered = account.ledger.shown_plan(shown) if shown else None
    if shown and (remembered is None or remembered.policies == status.set_digest):
        asked = s.workbook.row("Approvals", status.ref)
        return consent_row.Yes(status.pending, (status.ref,) if asked else ())
    return consent_row.yes_in_sheet(s.workbook, status, s.practice)


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
    agreed = {policy.name for policy in policies}
    earlier = {name: then for name, then in status.earlier.items() if name not in agreed}
    said, raised = lawful(seen.snapshot, acting, findings, earlier)
    sound = [p for p in acting if p.name in said]
    plan = _plan(account, seen, said, sound)
    allowed = limits.guarded(account, seen, plan.actions, confirmed)[0].allowed
    return allowed, (*defects, *raised)


def _partly(decided: Decided) -> bool:
    """Whether some policies could not be asked; one that is switched off is not missed."""
    off = decided.seen.snapshot.practice.database_off
    return any(why != off for why in decided.skipped.values())


def _questions_no_longer_asked(decided: Decided) -> Sequence[Action]:
    """The last word in rows about policies that have changed again, or were acknowledged in another
    way. While some policies could not be asked, nobody knows which wait.
    """
    if _partly(decided):
        return ()
    ref = decided.policy_status.ref
    because = "nothing waits for it any more"
    if decided.policy_status.pending:
        because = f"what waits for you has changed and is asked about in {ref}"
    return limits.superseded(decided.seen, "ACK ", ref, "DB-05", because)


def _question_of(
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
    return consent_row.touches(seen.snapshot.today, wanted, coming, [*running, *running_then])


def _of_changed(
    account: Account, seen: Observation, changed: Sequence[Policy], status: PolicyStatus
) -> tuple[Sequence[Action], Sequence[Action]]:
    """What changed policies want with the options of today, and what of it goes on meanwhile."""
    findings, _ = ask_policies.ask(changed, seen.snapshot)
    agreed, _ = lawful(seen.snapshot, changed, findings, status.earlier)
    sound = [p for p in changed if p.name in findings and p.name in agreed]
    return (
        _plan(account, seen, findings, sound).actions,
        _plan(account, seen, agreed, sound).actions,
    )
