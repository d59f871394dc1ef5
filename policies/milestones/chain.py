"""The chain of one touch: everything that the procedure asks for it today.

The same chain serves every kind: reminder, reminder with a draft, the agent's decision, the VA's
send task, and a report if it was missed. Its tasks and its row are keyed by the subject and the
day of the occasion. A corrected date therefore makes a new chain, and `ground` withdraws the old
one (X-60). The clauses are MS-04, MS-05, MS-09, MS-42, MS-43, MS-45 and MS-48.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

from policies.asks import approvals, followup, weighing
from policies.asks.approvals import Decision
from policies.asks.followup import Matter
from policies.asks.wants import Finding, Missed, WantRow
from policies.asks.weighing import Weighed
from policies.facts import permission_questions
from policies.facts.contact_permission import Reason, Way, refusal
from policies.milestones.addressed import addressed
from policies.milestones.completion import was_sent
from policies.milestones.ground import lost
from policies.milestones.touch import Touch, asked_of
from policies.milestones.touch_draft import Draft
from policies.milestones.touch_tasks import (
    KINDS,
    misdirected,
    reminders,
    send,
    too_late,
    unapproved,
    without_context,
)
from policies.world.calendar import last_call
from policies.world.model import Key
from policies.world.snapshot import Snapshot

ESCALATED = ("MS-45", "MS-48")
"""The rules of the tasks by which the agent is told that something is missing."""
NO_DRAFT = (
    "no draft was put up in time (Steward did not run, learnt of it too late, or waited for you to"
    " acknowledge a change)"
)
NOT_APPROVED = "it is not approved any more"


def findings(s: Snapshot, touch: Touch) -> Iterator[Finding]:
    """Yield everything that the procedure asks for *touch* at `s.now`."""
    yield from _Chain(s, touch, Draft(s, touch)).findings()


@dataclass(frozen=True)
class _Chain:
    s: Snapshot
    t: Touch
    draft: Draft

    def findings(self) -> Iterator[Finding]:
        decision = approvals.read(self.s.workbook, self.t.draft_key, self.t.choices)
        if decision is None and self._refused_in_a_copy():
            return
        over, sent = self.s.today > self.t.closes, was_sent(self.s, self.t)
        if over or sent:
            yield from self._past(decision, sent=sent)
        elif opt_out := self._opt_out:
            yield from self._held_back(opt_out)
        elif decision is None and not self._to_decide:
            yield from reminders(self.s, self.t)  # no draft yet: nothing to weigh
        else:
            yield from self._current(decision)

    def _past(self, decision: Decision | None, *, sent: bool) -> Iterator[Finding]:
        """End a touch that went out, or whose window has closed."""
        weighed = self.draft.weighed(decision)
        if sent:
            yield from self.ended(weighed, decision, approvals.SENT, "the touch was sent")
        elif weighed.choice not in approvals.OPEN_CHOICES:
            yield from self.refused(weighed, decision)
        else:
            yield from self.missed(weighed, decision)

    def _current(self, decision: Decision | None) -> Iterator[Finding]:
        """Follow the agent's decision while the touch can still go out."""
        weighed = self.draft.weighed(decision)
        if weighed.choice not in approvals.OPEN_CHOICES:
            yield from self.refused(weighed, decision)
            return
        yield from self.open(weighed, decision)
        if self._to_decide:
            way = self.draft.way(weighed)
            yield from permission_questions.asked_for(self.s, self.t.contact, way)
            for other in self.t.opted_out:
                yield from permission_questions.asked_for(self.s, other, Way.TOUCH)

    # -- an opt-out that the agent has yet to judge -----------------------------------------------

    @property
    def _opt_out(self) -> Reason | None:
        """The opt-out by which nothing of this touch is prepared until the agent answers (X-64)."""
        reason = refusal(self.s, self.t.contact, Way.TOUCH)
        return reason if reason and reason.opt_out else None

    def _held_back(self, reason: Reason) -> Iterator[Finding]:
        """Withdraw what is open, and ask the agent once this touch would be due for a draft."""
        if self._to_decide:
            yield from permission_questions.asked_for(self.s, self.t.contact, Way.TOUCH)
        yield from lost(self.s, self.t.kind, self.t.subject, self.t.day, reason.text)

    def _refused_in_a_copy(self) -> bool:
        """Tell whether the row was copied and one of the copies is over or says no.

        Copies of a row decide nothing, with one exception: a no always counts.
        """
        if not approvals.copied(self.s.workbook, self.t.draft_key):
            return False
        ref = str(self.t.draft_key)
        rows = approvals.every(self.s.workbook, self.t.choices)
        copies = [row for row in rows if row.ref == ref]
        return any(row.choice not in approvals.OPEN_CHOICES or row.over for row in copies)

    @cached_property
    def _to_decide(self) -> bool:
        """Whether the agent has to decide now: there is a draft, or it is the last 48 hours."""
        return self.draft.due or self._late

    @property
    def _late(self) -> bool:
        """Whether it is within 48 hours of the target (MS-45)."""
        return self.s.today in last_call(self.t.target, self.t.closes, self.s.business)

    # -- while the touch can still go out ----------------------------------------------------------

    def open(self, weighed: Weighed, decision: Decision | None) -> Iterator[Finding]:
        """Yield what a touch needs that can still go out and that the agent has not refused."""
        # Without its row, or a sound protection, nothing new is known: what was handed over stays.
        unknown = bool(self.s.workbook.decisions_guarded if decision else self.draft.sends)
        personal = weighed.choice == approvals.PERSONAL
        acted = self._acted(decision, personal=personal)
        lacking = personal and not (decision and decision.context_given)
        held = weighed.choice == approvals.HOLD  # the row says so, whatever else is lacking
        faults = (
            () if held else self._faults(weighed, acted=acted, personal=personal, lacking=lacking)
        )
        chosen = weighed.choice in {approvals.APPROVE, approvals.PERSONAL} and not faults
        approved = chosen or (acted and unknown)
        yield from reminders(self.s, self.t, held=bool(self.draft.holds))
        if decision or (self.draft.due and not self.draft.sends):
            row = self.draft.row(weighed, decision, faults, approved=approved)
            yield addressed(self.s, row, self.t.contact, self._asked.tasks, "The draft")
        if approved:
            yield from self._approved(acted=acted, unknown=unknown, personal=personal)
        else:
            yield from self._not_approved(weighed, unknown=unknown, lacking=lacking)

    def _acted(self, decision: Decision | None, *, personal: bool) -> bool:
        """Tell whether the VA was given the task by which it goes out."""
        if decision is None:
            return bool(self.draft.sends)
        return self.draft.handed_over(decision, personal=personal)

    def _faults(
        self, weighed: Weighed, *, acted: bool, personal: bool, lacking: bool
    ) -> tuple[str, ...]:
        """List the faults that keep it from going out.

        A text that was handed over is not linted again: that would withdraw a mail already
        scheduled.
        """
        if self.t.unready:
            return (self.t.unready,)
        if personal:
            asks = "MS-48: write into Context what you want done and what to know about them"
            context = (asks,) if lacking else ()
            return (*context, *map(str, self.draft.holds_personal))
        lacks = self.draft.lacks(weighed)
        return lacks if acted else lacks + self.draft.faults(weighed)

    def _approved(self, *, acted: bool, unknown: bool, personal: bool) -> Iterator[Finding]:
        elsewhere = () if personal else tuple(misdirected(self.s, self.t))
        yield from elsewhere
        if not acted or elsewhere:
            yield send(self.s, self.t, personal=personal)
        yield from self.close(ESCALATED, "the agent approved")
        if not unknown:
            kept = self.draft.out(personal=personal)
            yield from self.close((self.t.kind.send,), "the agent chose otherwise", but=kept)

    def _not_approved(self, weighed: Weighed, *, unknown: bool, lacking: bool) -> Iterator[Finding]:
        if not unknown:
            yield from self._call_off(weighed.void)
        if lacking:
            yield from without_context(self.s, self.t)
        else:
            yield from self.close(("MS-48",), "no personal touch is asked for any more")
        if self._late:
            yield from unapproved(self.s, self.t, held=bool(self.draft.holds))

    def _call_off(self, void: str) -> Iterator[Finding]:
        """Withdraw the send task that nothing approves any longer."""
        barred = self._barred
        sign = next((r for r in (*barred, *self.draft.holds) if r.safety), None)
        weightiest = sign or next(iter(barred), None)
        because = (weightiest.text if weightiest else void) or NOT_APPROVED
        yield from self.close((self.t.kind.send,), because, safety=sign is not None)

    @property
    def _barred(self) -> tuple[Reason, ...]:
        """The sign that has closed the way by which an open send task would go out, if any."""
        if self.t.instead is None:
            return ()
        kind = KINDS.get(self.t.instead.of, "")
        open_ = any(task.kind == kind and not task.completed for task in self.draft.sends)
        return (self.t.instead.because,) if open_ else ()

    # -- the end -----------------------------------------------------------------------------------

    def refused(self, weighed: Weighed, decision: Decision | None) -> Iterator[Finding]:
        """End a touch that the agent does not want."""
        status = f"{approvals.DECLINED}: {weighed.choice}"
        if weighed.choice == approvals.REJECT:
            status = approvals.REJECTED
        yield from self.ended(weighed, decision, status, f"the agent chose {weighed.choice}")

    def missed(self, weighed: Weighed, decision: Decision | None) -> Iterator[Finding]:
        """Report a touch that missed its window, and ask the agent about it if it was approved."""
        if decision and decision.refused:
            yield from followup.close(self._asked, decision.status, over=True)
            return
        undone = self.draft.left_undone(decision)
        taken_back = decision is not None and self._taken_back(weighed)
        if taken_back:
            yield from self.close((self.t.kind.send,), weighed.void or NOT_APPROVED)
        closed = (self.t.kind.send,) if taken_back else ()
        because = "the window closed and it is reported as missed"
        yield from self.ended(weighed, decision, approvals.MISSED, because, closed)
        yield Finding(
            self.t.kind.send,
            f"{self.t.facts}; {self._why_missed(weighed, decision)}",
            Missed(
                key=self.t.send_key,
                person_id=self.t.contact.id,
                client=self.t.contact.name,
                what=self.t.title,
                due=self.t.day,
            ),
        )
        if undone and not taken_back:
            yield from too_late(self.s, self.t)

    def _taken_back(self, weighed: Weighed) -> bool:
        """Whether the agent is seen to want it no longer, so that nobody has to decide."""
        approved = weighed.choice in {approvals.APPROVE, approvals.PERSONAL}
        return not self.s.workbook.decisions_guarded and not approved

    def _why_missed(self, weighed: Weighed, decision: Decision | None) -> str:
        if self.draft.left_undone(decision):
            return "the send task was not completed"
        if self.draft.send_deleted:
            return "a person deleted the send task"
        if refused := self._opt_out:
            return f"{refused.text}, and you had not said what that means"
        if self.t.unready:
            return self.t.unready.partition(": ")[2]
        if decision is None:
            if approvals.copied(self.s.workbook, self.t.draft_key):
                return "its row stood twice in Approvals, so that no decision was known"
            return NO_DRAFT
        return {
            approvals.APPROVE: "it was approved too late to be sent",
            approvals.PERSONAL: "the agent wanted a personal touch and had not said what",
            approvals.HOLD: "the agent had put it on hold",
        }.get(weighed.choice, "the agent had not approved it")

    def ended(
        self,
        weighed: Weighed,
        decision: Decision | None,
        status: str,
        because: str,
        closed: Collection[str] = (),
    ) -> Iterator[Finding]:
        """Close the row with *status* and all open tasks, except those of *closed* rules."""
        leaving = self._asked.open_tasks
        if decision and decision.status != status:
            decided = decision.decided_on or (self.s.stamp if weighed.choice else "")
            yield Finding(
                self.t.kind.send,
                self.t.facts,
                WantRow(
                    tab=approvals.TAB,
                    ref=str(self.t.draft_key),
                    person_id=self.t.contact.id,
                    keep=weighing.outcome(status, decided),
                    create=False,
                    requires=tuple(task.key for task in leaving if task.key),
                ),
            )
        rest = tuple(t for t in leaving if t.key and t.key.rule not in closed)
        yield from followup.close(Matter(rest), because, over=True)

    @cached_property
    def _asked(self) -> Matter:
        """Everything that was asked about the touch, except the task that follows its end."""
        asked = asked_of(self.s, self.t.kind, self.t.subject, self.t.day)
        before = tuple(t for t in asked.tasks if t.key and t.key.base != self.t.late_key)
        return Matter(before, asked.rows)

    def close(
        self,
        rules: Collection[str],
        because: str,
        but: Key | None = None,
        *,
        safety: bool = False,
    ) -> Iterator[Finding]:
        """Withdraw the open tasks of *rules* (of all rules if empty), except *but*."""
        tasks = [t for t in self._asked.open_tasks if t.key and t.key.base != but]
        chosen = tuple(t for t in tasks if not rules or (t.key and t.key.rule in rules))
        yield from followup.close(Matter(chosen), because, safety=safety)
