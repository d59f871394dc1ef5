"""Carries out allowed actions: the CRM one write at a time, then the Sheet in one atomic batch.

Neither service knows idempotency keys. So the intent is committed to the ledger before the
write goes out, once. If the answer is lost, the write is looked up by its mark, given
`settle_seconds` to arrive and looked up again; only then is it sent again (architecture rule 8).
*patient* waits that time out; the daemon comes back at its next poll instead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from connectors.errors import NotSent, Rejected, Unavailable, Unknown
from daemon.account.wiring import Account
from daemon.passes.actions import Action, Outcome, Result
from daemon.passes.acts import kinds
from daemon.passes.acts.act import Batch, Creation, Record

TRIES = 3
LONGEST = 900.0
"""Seconds after which the daemon begins no further write of a pass: where each hangs, the watchdog
would end it before the pass does.
"""
SHEET = "sheet batch"


class Hands:
    """Carries out the actions of one pass for one account."""

    def __init__(
        self, account: Account, *, patient: bool, tell: Callable[[Outcome], None] = lambda _: None
    ) -> None:
        self._account = account
        self._ledger = account.ledger
        self._patient = patient
        self._tell = tell

    def carry_out(self, actions: Sequence[Action]) -> list[Outcome]:
        """Every action, in order; an outage ends the CRM part quietly, and what depends on it is
        skipped.
        """
        outcomes = self._on_records([a for a in actions if a.service == "crm"])
        happened = {o.action.mark for o in outcomes if o.happened}
        ready: list[Action] = []
        early: list[Action] = []
        for action in actions:
            if action.service == "sheet":
                (ready if action.requires <= happened else early).append(action)
        for action in early:
            outcomes.append(
                self._told(Outcome(action, "skipped", "what it records has not happened"))
            )
        return outcomes + [self._told(o) for o in self.write_rows(ready)]

    def _on_records(self, actions: Sequence[Action]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        outage, began = "", self._account.clock.monotonic()
        for action in actions:
            outcome = Outcome(action, "skipped", outage) if outage else self._crm(action)
            outage = outcome.detail if outcome.result in {"not sent", "skipped"} else ""
            if not self._patient and self._account.clock.monotonic() - began > LONGEST:
                outage = outage or "the pass took long enough; the next one goes on"
            outcomes.append(self._told(outcome))
        return outcomes

    def _told(self, outcome: Outcome) -> Outcome:
        self._tell(outcome)
        return outcome

    # -- the CRM -----------------------------------------------------------------------------------

    def _crm(self, action: Action) -> Outcome:
        try:
            return self._carried_out(action)
        except Rejected as refused:
            self._did_not_happen(action)
            return Outcome(action, "refused", str(refused))
        except NotSent as problem:
            self._did_not_happen(action)
            return Outcome(action, "not sent", str(problem))
        except Unavailable as problem:
            return Outcome(action, "not sent", str(problem))
        # of all but a creation, once more does no harm: the next pass sees whether it is needed
        except Unknown as lost:
            return Outcome(action, "unknown", str(lost))

    def _carried_out(self, action: Action) -> Outcome:
        act = kinds.on_record(action)
        if isinstance(act, Creation):
            return self._create(action, act)
        return act.perform(self._account.crm, self._record(action), action, action.want)

    def _record(self, action: Action) -> Record:
        """The ledger's line of an action, for the act that carries it out."""

        def settle(state: Literal["done", "withdrawn"]) -> None:
            self._ledger.settle(action.mark, action.entity, state)

        return Record(settle, lambda: self._keep(action))

    def _did_not_happen(self, action: Action) -> None:
        # Another verb changes something that is there: its creation stays done.
        if action.verb == Creation.verb:
            self._ledger.settle(action.mark, action.entity, "planned")

    def _create(self, action: Action, act: Creation[Any]) -> Outcome:
        """Look, send once, look again. Nothing is sent again before a second one is ruled out."""
        crm, want = self._account.crm, action.want
        intent = self._ledger.intent(action.mark, action.entity)
        lost = intent.sent_at if intent and intent.state == "inflight" else None
        for _ in range(TRIES):
            if found := act.find(crm, action, want):
                return self._there(action, found, "already there")
            if lost is not None and self._time_left(lost) > 0:
                if not self._waited(lost):
                    return Outcome(
                        action,
                        "unknown",
                        "a lost write may still arrive; looked up again at the next poll",
                    )
                if found := act.find(crm, action, want):
                    return self._there(action, found, "already there")
            self._ledger.begin(action.mark, action.entity, self._now())
            try:
                return self._there(action, act.send(crm, action, want), "done")
            except Unknown:
                lost = self._now()
        return Outcome(
            action, "unknown", f"{TRIES} answers were lost; looked up again in the next pass"
        )

    def _there(self, action: Action, remote_id: int, result: Result) -> Outcome:
        self._keep(action, remote_id)
        return Outcome(action, result)

    def _keep(self, action: Action, remote_id: int = 0) -> None:
        """Write down that it is there, whether it was just made or found."""
        self._ledger.adopt(
            action.mark,
            action.entity,
            self._now(),
            remote_id=remote_id,
            person_id=action.person_id or 0,
        )

    def _now(self) -> float:
        return self._account.clock.now().timestamp()

    def _time_left(self, lost: float) -> float:
        """Seconds until a write whose answer was lost cannot arrive any longer."""
        return lost + self._account.settings.guard.settle_seconds - self._now()

    def _waited(self, lost: float) -> bool:
        """Wait until a lost write cannot arrive any longer; False where nobody may wait so long."""
        left = self._time_left(lost)
        if left > 0 and not self._patient:
            return False
        self._account.clock.sleep(max(0.0, left))
        return True

    # -- the Sheet ---------------------------------------------------------------------------------

    def write_rows(self, actions: Sequence[Action]) -> list[Outcome]:
        """All rows and reports in one request. Rows are found by their Ref and reports by their
        title, so nothing is made twice.
        """
        if not actions:
            return []
        batch = Batch()
        for action in actions:
            kinds.on_the_sheet(action).collect(batch, action, action.want)
        intent = self._ledger.intent(SHEET, "sheet")
        lost = intent.sent_at if intent and intent.state == "inflight" else None
        for _ in range(TRIES):
            if lost is not None and not self._waited(lost):
                return [Outcome(a, "unknown", "a lost write may still arrive") for a in actions]
            if outcomes := self._sent(batch, actions):
                return outcomes
            lost = self._now()
        return [Outcome(a, "unknown", f"{TRIES} answers were lost") for a in actions]

    def _sent(self, batch: Batch, actions: Sequence[Action]) -> list[Outcome]:
        """Send the request once; no outcome where its answer was lost."""
        self._ledger.begin(SHEET, "sheet", self._now())
        try:
            self._account.sheet.write(batch.edits, batch.reports)
        except Unknown:
            return []
        except (Rejected, Unavailable) as problem:
            self._ledger.settle(SHEET, "sheet", "planned")
            result: Result = "refused" if isinstance(problem, Rejected) else "not sent"
            return [Outcome(a, result, str(problem)) for a in actions]
        self._ledger.settle(SHEET, "sheet", "done")
        return [self._written(a) for a in actions]

    def _written(self, action: Action) -> Outcome:
        if action.verb in {"append", "adopt"}:
            self._ledger.adopt(action.mark, f"row {action.entity}", self._now())
        return Outcome(action, "done")
