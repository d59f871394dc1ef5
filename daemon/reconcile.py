"""One pass, from looking to recording. Read `run` first: it is the picture of the architecture in code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connectors.ports import Account as CrmAccount
from connectors.ports import Progress, silent
from daemon import acknowledge, checking, guard
from daemon import plan as planning
from daemon.apply import Hands, Outcome
from daemon.errors import ConfigurationError, Usage
from daemon.observe import Observation, look
from daemon.plan import Action, Plan, remember
from daemon.wiring import Account
from policies.findings import Finding
from policies.model import Source
from policies.registry import POLICIES, Policy

Tell = Callable[[Outcome], None]
OBSERVING = "mode is \"observe\": nothing is written"


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What a pass would do, before it does anything.

    `plan` is everything every policy needs, acknowledged or not; `verdict` sorts what may be written now. `skipped`
    says for each policy that was not asked why not, `findings` what each asked one said. `questions` are Approvals rows
    the agent must answer first.
    """

    seen: Observation
    plan: Plan
    verdict: guard.Verdict
    standings: acknowledge.Standings
    skipped: dict[str, str]
    findings: Mapping[str, Sequence[Finding]]
    questions: tuple[Action, ...] = ()
    unconfigured: bool = False


@dataclass(frozen=True, kw_only=True)
class Pass:
    """A pass that is over."""

    decided: Decided
    outcomes: tuple[Outcome, ...] = ()
    held: str = ""


def decide(account: Account, now: datetime, progress: Progress = silent, policies: Sequence[Policy] = POLICIES) -> Decided:
    """Observe, decide, plan, guard. Writes nothing but the sizes it saw to the local ledger."""
    seen = look(account, now, progress)
    skipped, unconfigured = skipped_of(seen, account, policies)
    asked = [p for p in policies if p.name not in skipped]
    standings = acknowledge.standings(asked, seen.snapshot.practice, seen.snapshot.workbook)
    findings = {p.name: list(p.decide(seen.snapshot)) for p in asked}
    everything = _plan(account, seen, findings, asked)
    lawful = _plan(account, seen, findings, standings.acknowledged).actions
    verdict, questions = _guarded(account, seen, lawful)
    for source, size in seen.sizes.items():
        account.ledger.remember(f"size {source}", str(size))
    return Decided(seen=seen, plan=everything, verdict=verdict, standings=standings, skipped=skipped, findings=findings,
                   questions=tuple(questions), unconfigured=unconfigured)


def run(account: Account, now: datetime, *, pass_id: str, shown: str = "", patient: bool = True, progress: Progress = silent,
        tell: Tell = lambda _: None, policies: Sequence[Policy] = POLICIES) -> Pass:
    """One pass that may write: look, decide, acknowledge, guard, apply, record.

    *shown* is the digest of a plan a person saw; what is still wanted of it is carried out and its policies count as
    acknowledged.

    Raises:
        Usage: no plan with that digest was shown here.
    """
    decided = decide(account, now, progress, policies)
    hands = Hands(account, patient=patient, tell=_recording(account, pass_id, tell))
    if held := held_back(account, decided.seen, shown):
        return Pass(decided=decided, held=held)
    confirmed = _confirmed(account, decided, shown)
    acknowledged, first = _acknowledged(account, decided, shown, hands)
    if acknowledged is None:
        return Pass(decided=decided, outcomes=first, held="Memory could not be written, so nothing else was")
    actions = [a for a in _allowed(account, decided, acknowledged, confirmed) if not shown or a.fingerprint in confirmed]
    rows = [] if shown else [*decided.questions, *_question_of(decided, acknowledged)]
    return Pass(decided=decided, outcomes=(*first, *hands.carry_out(_with_housekeeping(decided.seen, [*actions, *rows]))))


def write(account: Account, seen: Observation, findings: Sequence[Finding], *, pass_id: str) -> Sequence[Outcome]:
    """What a command wants written besides a pass: planned, guarded and recorded as everything is."""
    plan = planning.make(seen.snapshot, findings, _appended(account))
    verdict = guard.check(plan.actions, _limits(account))
    refused = [Outcome(r.action, "refused", r.why) for r in verdict.refused]
    return [*refused, *Hands(account, patient=True, tell=_recording(account, pass_id, lambda _: None)).carry_out(verdict.allowed)]


# -- what may act ------------------------------------------------------------------------------------------------------


def skipped_of(seen: Observation, account: Account, policies: Sequence[Policy]) -> tuple[dict[str, str], bool]:
    """Why each policy that cannot be asked is not, and whether the configuration (not an outage) is at fault."""
    found, unconfigured = {}, False
    for policy in policies:
        if policy.procedure == "database" and seen.snapshot.practice.database_off:
            found[policy.name] = seen.snapshot.practice.database_off
        elif outages := [why for source, why in seen.troubles.items() if source in policy.needs]:
            found[policy.name] = "; ".join(outages)
        elif reasons := [*_broken_tabs(seen, policy), *_lacking(account, policy, seen.account)]:
            found[policy.name], unconfigured = "; ".join(reasons), True
    return found, unconfigured


def _broken_tabs(seen: Observation, policy: Policy) -> list[str]:
    tabs = seen.snapshot.workbook.tabs
    return [problem for name in (*policy.tabs, "Memory") if name in tabs for problem in tabs[name].problems]


def _lacking(account: Account, policy: Policy, crm_account: CrmAccount) -> list[str]:
    labels = {label.casefold() for label in crm_account.stages}
    fields = {f.label.strip().casefold() for f in crm_account.fields}
    wanted_stages, wanted_fields = account.settings.crm.stage_labels(), account.settings.crm.field_labels()
    reasons = []
    if policy.any_stage and not any(label.casefold() in labels for stage in policy.any_stage for label in wanted_stages[stage]):
        names = " or ".join(repr(label) for stage in policy.any_stage for label in wanted_stages[stage])
        reasons.append(f"the CRM has no stage {names}: name yours in [crm.stages], or run `steward setup --apply`")
    reasons += [f"the CRM has no custom field {wanted_fields[name]!r}: name yours in [crm.fields], or run `steward setup --apply`"
                for name in policy.fields if wanted_fields[name].strip().casefold() not in fields]
    if Source.DEALS in policy.needs:
        reasons += list(checking.pipeline_problems(account.settings, crm_account))
    return reasons


def _plan(account: Account, seen: Observation, findings: dict[str, list[Finding]], policies: Sequence[Policy]) -> Plan:
    return planning.make(seen.snapshot, [f for p in policies for f in findings[p.name]], _appended(account))


def _appended(account: Account) -> frozenset[str]:
    return frozenset(i.mark for i in account.ledger.intents("done") if i.entity.startswith("row "))


# -- what the guard says -----------------------------------------------------------------------------------------------


def _stamped(seen: Observation, ref: str, status: str, requires: Sequence[str] = ()) -> Action:
    """The last word in a row that asked the agent something: what it led to, and when, once that has happened."""
    stamp = seen.snapshot.stamp
    return Action(mark=ref, clause="", verb="update", entity="Approvals", person_id=None, reason="the agent decided",
                  after={"Status": status, "Decided On": stamp, "Acted On": stamp}, requires=frozenset(requires))


def _limits(account: Account) -> guard.Limits:
    g = account.settings.guard
    return guard.Limits(g.bulk_limit, g.bulk_window_days, g.withdraw_limit)


def _guarded(account: Account, seen: Observation, actions: Sequence[Action],
             confirmed: frozenset[str] = frozenset()) -> tuple[guard.Verdict, list[Action]]:
    """The verdict on *actions*, and the Approvals row that asks about what a limit holds back."""
    limits = _limits(account)
    since = seen.snapshot.now - timedelta(days=limits.bulk_days)
    spent = {kind: account.ledger.touched(kind, since) for kind in guard.HYGIENE}
    verdict = guard.check(actions, limits, spent, confirmed)
    if not verdict.asks:
        return verdict, []
    held = [r.action for r in verdict.asks]
    ref = acknowledge.fresh_ref(seen.snapshot.workbook, f"ASK {Plan(tuple(held)).digest}")
    if acknowledge.approved_in_sheet(seen.snapshot, ref):
        lifted = guard.check(actions, limits, spent, confirmed | {a.fingerprint for a in held})
        return lifted, [_stamped(seen, ref, "Confirmed", tuple(a.mark for a in held))]
    row = acknowledge.question(seen.snapshot, ref, "DB-41", verdict.asks[0].why, held)
    return verdict, list(planning.make(seen.snapshot, [Finding("DB-41", verdict.asks[0].why, row)]).actions)


def held_back(account: Account, seen: Observation, shown: str = "") -> str:
    """Why nothing may be written at all now, or "".

    Raises:
        ConfigurationError: another host writes to this Sheet.
    """
    if account.settings.mode == "observe" and not shown:
        return OBSERVING
    if seen.brake:
        return seen.brake
    memory = seen.snapshot.workbook.tabs["Memory"]
    if memory.problems:
        return "; ".join(memory.problems)
    if guarded := seen.snapshot.workbook.memory_guarded:
        return guarded
    host = memory.by_ref("host")
    if host and host.text("What") not in {"", account.settings.host}:
        raise ConfigurationError([
            f"another host writes to this Sheet: Memory says {host.text('What')!r} (last on {host.text('Date')}), this one is "
            f"{account.settings.host!r}. Stop that one; if you moved Steward here, run `steward setup --apply --take-over`"])
    return ""


def _confirmed(account: Account, decided: Decided, shown: str) -> frozenset[str]:
    """The fingerprints of the plan that was shown under the digest *shown*."""
    if not shown:
        return frozenset()
    if remembered := account.ledger.shown_plan(shown):
        return remembered.actions
    if decided.plan.digest == shown:
        return frozenset(a.fingerprint for a in decided.plan.actions)
    raise Usage(f"no plan with the digest {shown} was shown here: run `steward plan` and use the digest it prints")


def _acknowledged(account: Account, decided: Decided, shown: str, hands: Hands) -> tuple[Sequence[Policy] | None, tuple[Outcome, ...]]:
    """The policies that may act in this pass, after writing down an acknowledgement that has just been given."""
    s, standings = decided.seen.snapshot, decided.standings
    remembered = account.ledger.shown_plan(shown) if shown else None
    at_keyboard = bool(shown) and (remembered is None or remembered.policies == standings.set_digest)
    if not standings.pending or not (at_keyboard or acknowledge.approved_in_sheet(s, standings.ref)):
        return standings.acknowledged, ()
    rows = [*acknowledge.memory_actions(s, standings.pending), remember("host", account.settings.host, s.stamp,
                                                                      s.workbook.tabs["Memory"])]
    if s.workbook.row("Approvals", standings.ref):
        rows.append(_stamped(decided.seen, standings.ref, "Acknowledged"))
    # The acknowledgement is written before anything is done in its name: a crash then costs nothing.
    outcomes = tuple(hands.write_rows(rows))
    everyone = (*standings.acknowledged, *standings.pending)
    return (everyone if all(o.happened for o in outcomes) else None), outcomes


def _allowed(account: Account, decided: Decided, policies: Sequence[Policy], confirmed: frozenset[str]) -> Sequence[Action]:
    if policies == decided.standings.acknowledged and not confirmed:
        return decided.verdict.allowed
    seen = decided.seen
    if not seen.snapshot.activated:
        seen = replace(seen, snapshot=replace(seen.snapshot, activated=seen.snapshot.today))
    findings = {p.name: list(p.decide(seen.snapshot)) for p in policies}
    return _guarded(account, seen, _plan(account, seen, findings, policies).actions, confirmed)[0].allowed


def _question_of(decided: Decided, acknowledged: Sequence[Policy]) -> Sequence[Action]:
    """The row that asks the agent to acknowledge what is new or changed."""
    standings, s = decided.standings, decided.seen.snapshot
    if not standings.pending or acknowledged != standings.acknowledged:
        return ()
    names = ", ".join(p.name for p in standings.pending)
    written = acknowledge.writes(standings.pending)
    could = "; ".join(f"{kind}: {', '.join(found)}" for kind, found in written.items() if found) or "no tag, stage or field"
    what = (f"{'Changed' if s.activated else 'First activation'}: {names}. Approve to let it act; the plan of today is beside. "
            f"It could write {could}, besides tasks, notes and rows.")
    row = acknowledge.question(s, standings.ref, "DB-05", what, decided.plan.actions)
    return planning.make(s, [Finding("DB-05", what, row)]).actions


# -- what is recorded --------------------------------------------------------------------------------------------------


def _with_housekeeping(seen: Observation, actions: list[Action]) -> list[Action]:
    """*actions* with Steward's own memory of the pass: what people deleted, and, if anything is written, that we did."""
    s = seen.snapshot
    tab, when = s.workbook.tabs["Memory"], s.stamp
    actions += [remember(f"deleted {key.base}", "deleted by a person; not made again", when, tab)
                for key in seen.gone if tab.by_ref(f"deleted {key.base}") is None]
    actions += [remember(f"deleted note {mark}", "deleted by a person; not written again", when, tab) for mark in seen.gone_notes]
    if actions:
        # The heartbeat rides along: a pass with nothing to do writes nothing at all.
        actions += [remember("last good pass", when, when, tab)]
        actions += [remember(f"size {source}", str(size), when, tab) for source, size in seen.sizes.items()
                    if source in {Source.PEOPLE, Source.DEALS}]
    return actions


def _recording(account: Account, pass_id: str, tell: Tell) -> Tell:
    def record(outcome: Outcome) -> None:
        a = outcome.action
        account.ledger.write_down(pass_id, account.clock.now(), {
            "mark": a.mark, "verb": a.verb, "entity": a.entity, "person_id": a.person_id, "clause": a.clause, "outcome": outcome.result})
        tell(outcome)
    return record



