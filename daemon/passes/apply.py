"""Carries out allowed actions: the CRM one write at a time, then the Sheet in one atomic batch.

Neither service knows idempotency keys. So the intent is committed to the ledger first, the write
goes out once, and a write whose answer was lost is looked up by its mark, given `settle_seconds` to
arrive, looked up again, and only then sent again (architecture rule 8). *patient* waits that time
out; the daemon comes back at its next poll instead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from connectors.errors import NotSent, Rejected, Unavailable, Unknown
from connectors.ports import NewPerson, NewTask, Report, RowEdit
from daemon.account.wiring import Account
from daemon.passes.actions import Action
from policies.asks.wants import (
    WantAssigned,
    WantField,
    WantNote,
    WantPerson,
    WantRaised,
    WantReport,
    WantRow,
    WantStage,
    WantTag,
    WantTask,
    WantWithdrawn,
)
from policies.world.model import Key, Task

Result = Literal["done", "already there", "refused", "not sent", "unknown", "skipped"]
TRIES = 3
LONGEST = 900.0
"""Seconds after which the daemon begins no further write of a pass: where each hangs, the watchdog
would end it before the pass does.
"""
SHEET = "sheet batch"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one action; `detail` says why where it did not simply work."""

    action: Action
    result: Result
    detail: str = ""

    @property
    def happened(self) -> bool:
        """Whether the world is now as the action wanted it."""
        return self.result in {"done", "already there"}


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
        outcomes: list[Outcome] = []
        outage, began = "", self._account.clock.monotonic()
        for action in [a for a in actions if a.service == "crm"]:
            outcome = Outcome(action, "skipped", outage) if outage else self._crm(action)
            outage = outcome.detail if outcome.result in {"not sent", "skipped"} else ""
            if not self._patient and self._account.clock.monotonic() - began > LONGEST:
                outage = outage or "the pass took long enough; the next one goes on"
            outcomes.append(self._told(outcome))
        happened = {o.action.mark for o in outcomes if o.happened}
        rows = [a for a in actions if a.service == "sheet"]
        ready = [a for a in rows if a.requires <= happened]
        outcomes += [
            self._told(Outcome(a, "skipped", "what it records has not happened"))
            for a in rows
            if a not in ready
        ]
        return outcomes + [self._told(o) for o in self.write_rows(ready)]

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
        match action.want:
            case WantWithdrawn() as want:
                return self._withdraw(action, want)
            case WantField() as want:
                return self._field(action, want)
            case WantTag() as want:
                self._account.crm.add_tag(want.person_id, want.tag)
                return self._settled(action, 0, "done")
            case WantRaised() as want:
                return self._raise(action, want)
            case WantAssigned() as want:
                return self._assign(action, want)
            case WantStage() as want:
                return self._move(action, want)
            case _:
                return self._create(action)

    def _did_not_happen(self, action: Action) -> None:
        if (
            action.verb == "create"
        ):  # other verbs change something that is there: its own intent stays done
            self._ledger.settle(action.mark, action.entity, "planned")

    def _withdraw(self, action: Action, want: WantWithdrawn) -> Outcome:
        task = self._account.crm.task(want.task_id)
        if task is None or task.completed:
            self._ledger.settle(
                action.mark, "task", "withdrawn" if task and task.withdrawn else "done"
            )
            return Outcome(action, "already there", "a person closed or deleted it meanwhile")
        # Said before it is sent: if the answer is lost and a person tidies the task away, that is
        # not a deletion.
        self._ledger.settle(action.mark, "task", "withdrawn")
        self._account.crm.withdraw_task(
            task if task.key else _with_key(task, want.key), want.because
        )
        return Outcome(action, "done")

    def _field(self, action: Action, want: WantField) -> Outcome:
        """Fill a field that is still empty, or replace or clear what Steward wrote. No intent is
        kept.
        """
        contact = self._account.crm.contact(want.person_id)
        if contact is None:
            return Outcome(action, "refused", "the contact is not there any more")
        held = contact.fields.get(want.field, "")
        if held == want.value or (held and held != want.replaces):
            return self._settled(action, 0, "already there")
        self._account.crm.set_field(want.person_id, want.field, want.value or None)
        return self._settled(action, 0, "done")

    def _move(self, action: Action, want: WantStage) -> Outcome:
        """Move a contact who is still where they were seen; the CRM's word for it is read back
        (DB-09).
        """
        contact = self._account.crm.contact(want.person_id)
        if contact is None:
            return Outcome(action, "refused", "the contact is not there any more")
        if contact.stage is want.stage:
            return self._settled(action, 0, "already there")
        if contact.stage is not want.leaves:
            return Outcome(
                action,
                "refused",
                f"a person moved the contact to {contact.stage_label!r} meanwhile",
            )
        self._account.crm.set_stage(want.person_id, want.stage)
        return self._settled(action, 0, "done")

    def _raise(self, action: Action, want: WantRaised) -> Outcome:
        """Rename an open task that still reads as it was seen."""
        task = self._account.crm.task(want.task_id)
        if task is None or task.completed or task.name != action.before["name"]:
            return Outcome(
                action, "already there", "a person closed, reworded or deleted it meanwhile"
            )
        self._account.crm.rename_task(
            task if task.key else _with_key(task, want.key), str(action.after["name"])
        )
        return Outcome(action, "done")

    def _assign(self, action: Action, want: WantAssigned) -> Outcome:
        """Give an open task that is still with the one who left to somebody who is there. Twice is
        once.
        """
        task = self._account.crm.task(want.task_id)
        if task is None or task.completed or task.assigned_user_id != want.leaves:
            return Outcome(
                action, "already there", "a person closed, reassigned or deleted it meanwhile"
            )
        self._account.crm.assign_task(
            task if task.key else _with_key(task, want.key), want.assignee
        )
        return Outcome(action, "done")

    def _create(self, action: Action) -> Outcome:
        """Look, send once, look again; each time only after what is known rules a second one
        out.
        """
        intent = self._ledger.intent(action.mark, action.entity)
        lost = intent.sent_at if intent and intent.state == "inflight" else None
        for _ in range(TRIES):
            if found := self._find(action):
                return self._settled(action, found, "already there")
            if lost is not None:
                left = (
                    lost
                    + self._account.settings.guard.settle_seconds
                    - self._account.clock.now().timestamp()
                )
                if left > 0 and not self._patient:
                    return Outcome(
                        action,
                        "unknown",
                        "a lost write may still arrive; looked up again at the next poll",
                    )
                if left > 0:
                    self._account.clock.sleep(left)
                    if found := self._find(action):
                        return self._settled(action, found, "already there")
            try:
                return self._settled(action, self._send(action), "done")
            except Unknown:
                lost = self._account.clock.now().timestamp()
        return Outcome(
            action, "unknown", f"{TRIES} answers were lost; looked up again in the next pass"
        )

    def _settled(self, action: Action, remote_id: int, result: Result) -> Outcome:
        self._ledger.adopt(
            action.mark,
            action.entity,
            self._account.clock.now().timestamp(),
            remote_id=remote_id,
            person_id=action.person_id or 0,
        )
        return Outcome(action, result)

    def _find(self, action: Action) -> int:
        """The CRM's id of what carries this mark on the contact, 0 if nothing does; of a contact,
        whoever can be reached so.
        """
        if isinstance(want := action.want, WantPerson):
            return self._account.crm.reached(want.email, want.phone)
        assert action.person_id is not None
        key = Key.parse(action.mark)
        if action.entity == "note":
            return next(
                (n.id for n in self._account.crm.notes_of(action.person_id) if n.key == key), 0
            )
        return next(
            (
                t.id
                for t in self._account.crm.tasks_of(action.person_id)
                if t.key == key and not t.withdrawn
            ),
            0,
        )

    def _send(self, action: Action) -> int:
        key = Key.parse(action.mark)
        assert key is not None
        self._ledger.begin(action.mark, action.entity, self._account.clock.now().timestamp())
        want = action.want
        if isinstance(want, WantNote):
            return self._account.crm.create_note(want.person_id, key, want.body).id
        if isinstance(want, WantPerson):
            return self._account.crm.create_person(
                NewPerson(
                    first_name=want.first_name,
                    last_name=want.last_name,
                    email=want.email,
                    phone=want.phone,
                    source=want.source,
                    tag=want.tag,
                    background=want.background,
                    assignee=want.assignee,
                )
            ).id
        assert isinstance(want, WantTask)
        return self._account.crm.create_task(
            NewTask(
                key=key,
                person_id=want.person_id,
                assignee=want.assignee,
                name=want.name,
                kind=want.kind,
                due=want.due,
                due_at=want.due_at,
            )
        ).id

    # -- the Sheet ---------------------------------------------------------------------------------

    def write_rows(self, actions: Sequence[Action]) -> list[Outcome]:
        """All rows and reports in one request. What is there already is not made again: rows are
        found by their Ref, reports by title.
        """
        if not actions:
            return []
        edits = [_edit(a) for a in actions if not isinstance(a.want, WantReport)]
        reports = [
            Report(w.title, w.lines, w.figures, w.table)
            for a in actions
            if isinstance(w := a.want, WantReport)
        ]
        intent = self._ledger.intent(SHEET, "sheet")
        lost = intent.sent_at if intent and intent.state == "inflight" else None
        for _ in range(TRIES):
            if lost is not None:
                left = (
                    lost
                    + self._account.settings.guard.settle_seconds
                    - self._account.clock.now().timestamp()
                )
                if left > 0 and not self._patient:
                    return [Outcome(a, "unknown", "a lost write may still arrive") for a in actions]
                self._account.clock.sleep(max(0.0, left))
            self._ledger.begin(SHEET, "sheet", self._account.clock.now().timestamp())
            try:
                self._account.sheet.write(edits, reports)
            except Unknown:
                lost = self._account.clock.now().timestamp()
                continue
            except (Rejected, Unavailable) as problem:
                self._ledger.settle(SHEET, "sheet", "planned")
                result: Result = "refused" if isinstance(problem, Rejected) else "not sent"
                return [Outcome(a, result, str(problem)) for a in actions]
            self._ledger.settle(SHEET, "sheet", "done")
            return [self._written(a) for a in actions]
        return [Outcome(a, "unknown", f"{TRIES} answers were lost") for a in actions]

    def _written(self, action: Action) -> Outcome:
        if action.verb in {"append", "adopt"}:
            self._ledger.adopt(
                action.mark, f"row {action.entity}", self._account.clock.now().timestamp()
            )
        return Outcome(action, "done")


def _edit(action: Action) -> RowEdit:
    want = action.want if isinstance(action.want, WantRow) else None
    return RowEdit(
        tab=action.entity,
        ref=action.mark,
        cells=dict(action.after),
        create=action.verb == "append",
        seen=action.seen,
        choices=want.choices if want else (),
        adopts=want.adopts.cells if want and want.adopts else None,
    )


def _with_key(task: Task, key: Key) -> Task:
    return replace(task, key=key)
