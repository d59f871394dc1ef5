"""A pass before it writes: what is seen, what each policy wants, and what of it may act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from connectors.ports import Progress, silent
from daemon.account.wiring import Account
from daemon.passes import ask_policies, guard, limits, safety_signs, succession
from daemon.passes import plan as planning
from daemon.passes.absence import deleted_records, not_acted_on
from daemon.passes.acknowledgement.begun_work import lawful
from daemon.passes.acknowledgement.policy_status import (
    PolicyStatus,
    forecast_of,
    status_of,
)
from daemon.passes.actions import Action, Plan
from daemon.passes.ask_policies import Defect
from daemon.passes.observe import Observation, look
from daemon.passes.policy_needs import skipped_of, waiting_for_people
from policies.asks.wants import Finding
from policies.registry import POLICIES, Policy
from policies.world.memory import SIZE
from policies.world.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A pass before it does anything.

    `plan` is everything every policy needs, acknowledged or not; `verdict` sorts what may be
    written now. `skipped` gives the reason for each policy that was not asked, `defects` name those
    that raised, and `withheld` says why nothing goes out to anybody. `findings` is what the others
    said; `lawful` the part of it that needs no word from the agent. `questions` are Approvals rows
    the agent must answer first.
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
    withheld: str = ""
    defects: tuple[Defect, ...] = ()

    def without(self, defects: Sequence[Defect]) -> Decided:
        """The same, with these policies found defective as well."""
        return replace(
            self,
            defects=(*self.defects, *defects),
            skipped={**self.skipped, **{d.policy: str(d) for d in defects}},
        )

    @property
    def partly(self) -> bool:
        """Whether some policies could not be asked; one that is switched off is not missed."""
        return _partly(self.seen.snapshot, self.skipped)


def decide(
    account: Account,
    now: datetime,
    progress: Progress = silent,
    policies: Sequence[Policy] = POLICIES,
) -> Decided:
    """Observe, decide, plan, guard. Writes nothing but the sizes it saw to the local ledger."""
    seen = look(account, now, progress)
    practice, book = seen.snapshot.practice, seen.snapshot.workbook
    skipped, unconfigured = skipped_of(seen, account, policies)
    asked = [p for p in policies if p.name not in skipped]
    status = status_of(asked, practice, book)
    findings, defects = ask_policies.ask(asked, forecast_of(seen.snapshot, status.pending))
    if defects:  # a policy that cannot be asked is not put up to be acknowledged either
        asked = [p for p in asked if p.name in findings]
        status = status_of(asked, practice, book)
    if policies is not POLICIES or defects or _partly(seen.snapshot, skipped):
        seen = believing_nothing_gone(seen)
    world = replace(seen, snapshot=forecast_of(seen.snapshot, status.pending))
    everything = plan_of(account, world, findings, asked)
    acting = status.acting(status.acknowledged)
    agreed, raised = lawful(world.snapshot, acting, findings, status)
    acting = tuple(p for p in acting if p.name in agreed)
    verdict, questions = limits.guarded(
        account, world, plan_of(account, world, agreed, acting).actions
    )
    for source, size in seen.sizes.items():
        account.ledger.remember(SIZE.ref(source), str(size))
    withheld = safety_signs.withheld(seen.snapshot)
    return Decided(
        seen=seen,
        plan=everything,
        verdict=verdict,
        policy_status=status,
        skipped=skipped,
        findings=findings,
        lawful={policy.name: agreed[policy.name] for policy in acting},
        questions=tuple(questions),
        unconfigured=unconfigured or bool(withheld),
        withheld=withheld,
    ).without([*defects, *raised])


def _partly(s: Snapshot, skipped: Mapping[str, str]) -> bool:
    return any(why != s.practice.database_off for why in skipped.values())


def believing_nothing_gone(seen: Observation) -> Observation:
    """The same, with no record known to be gone.

    Open work about a gone record ends unless a policy still wants it. While some policy was not
    asked, nobody can tell.
    """
    return replace(seen, snapshot=replace(seen.snapshot, gone=frozenset()))


# -- the plan ------------------------------------------------------------------------------------


def plan_of(
    account: Account,
    seen: Observation,
    findings: Mapping[str, Sequence[Finding]],
    policies: Sequence[Policy],
) -> Plan:
    """The plan of what these *policies* said, with what ends or moves on by itself, and what rows
    say on which nobody acts.
    """
    said = [f for p in policies for f in findings[p.name]]
    waiting = waiting_for_people(seen, account)
    said += deleted_records.ended(seen.snapshot, said, waiting)
    said += not_acted_on.rows(seen.snapshot, waiting, said)
    return planning.make(
        seen.snapshot,
        [*said, *succession.handed_on(seen.snapshot, seen.account.users, said)],
        appended(account),
    )


def appended(account: Account) -> frozenset[str]:
    """The marks of the Sheet rows that are known to have been written before."""
    return frozenset(i.mark for i in account.ledger.intents("done", "row *"))
