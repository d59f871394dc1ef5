"""What the procedure wants of one touch today: its reminders, its draft for approval, the send
task, the escalation.

The same chain serves every kind: reminder, reminder with a draft, the agent's decision, the VA's
send task, and a report where it came to nothing (MS-04, 05, 09, 42, 43, 45, 48). Its tasks and its
row are keyed by the subject and the day of the occasion, so a corrected date makes a new chain and
`ground` withdraws the old one (X-60).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from policies.asks import approvals
from policies.asks.approvals import Decision, Standing, standing
from policies.asks.drafts import Unusable, render
from policies.asks.escalation import MilestoneIssue, milestone_message
from policies.asks.followup import withdraw
from policies.asks.wants import (
    Finding,
    Missed,
    WantNote,
    WantRow,
    WantTask,
)
from policies.facts import permission_questions
from policies.facts.contact_permission import Reason, Way, reasons_against, refusal
from policies.milestones.completion import was_sent
from policies.milestones.ground import lost
from policies.milestones.touch import WAYS, Step, Touch, first_lines, holds, tasks_of
from policies.world.calendar import DAY, american, last_call, short
from policies.world.model import Key, Task
from policies.world.snapshot import Snapshot

TONE = (
    "Read the draft and ask: does this sound like the agent reached out because they care, or"
    " because they want a referral? It should always sound like the former. (MS-20)"
)


def findings(s: Snapshot, touch: Touch) -> Iterator[Finding]:
    """Everything the procedure asks of *touch* at `s.now`."""
    yield from _Chain(s, touch).findings()


@dataclass(frozen=True)
class _Chain:
    s: Snapshot
    t: Touch

    def findings(self) -> Iterator[Finding]:
        ref = str(self.t.draft_key)
        row = self.s.workbook.row(
            "Approvals", ref
        )  # none, too, where it was copied: no yes is known then
        if row is None and self._refused_in_a_copy(ref):
            return
        over = self.s.today > self.t.closes
        if (refused := self._opted_out) and not over and not self.sent():
            yield from self._held_back(refused)
            return
        if row is None and not over and not self._drafting and not self._late and not self.sent():
            yield from self.reminders()  # no draft yet: nothing to weigh
            return
        decision = Decision.of(row, self.t.choices) if row else None
        stand = self._standing(decision)
        if self.sent():
            yield from self.settled(stand, decision, approvals.SENT, "the touch was sent")
        elif over:
            yield from self.missed(stand, decision)
        elif stand.choice and stand.choice not in approvals.OPEN_CHOICES:
            status = (
                approvals.REJECTED
                if stand.choice == approvals.REJECT
                else f"{approvals.DECLINED}: {stand.choice}"
            )
            yield from self.settled(stand, decision, status, f"the agent chose {stand.choice}")
        else:
            yield from self.open(stand, decision)
            if self._drafting or self._late:
                personal = stand.choice == approvals.PERSONAL
                way = Way.TOUCH if personal else WAYS.get(self.t.medium, Way.TOUCH)
                yield from permission_questions.asked_for(self.s, self.t.contact, way)

    def _refused_in_a_copy(self, ref: str) -> bool:
        """Whether the row stands there more than once, and one of the copies is over or says no: a
        no always counts.
        """
        if not self.s.workbook.holds("Approvals", ref):
            return False
        copies = [
            Decision.of(row, self.t.choices)
            for row in self.s.workbook.rows("Approvals")
            if row.ref == ref
        ]
        return any(
            copy.choice not in approvals.OPEN_CHOICES or copy.status.startswith(approvals.FINAL)
            for copy in copies
        )

    # -- an opt-out that the agent has yet to judge -----------------------------------------------

    @property
    def _opted_out(self) -> Reason | None:
        """The opt-out by which nothing of this touch is prepared until the agent answers (X-64)."""
        reason = refusal(self.s, self.t.contact, Way.TOUCH)
        return reason if reason and reason.opt_out else None

    def _held_back(self, reason: Reason) -> Iterator[Finding]:
        """Withdraw what is open, and ask the agent once this touch would be due for a draft."""
        if self._drafting or self._late:
            yield from permission_questions.asked_for(self.s, self.t.contact, Way.TOUCH)
        yield from lost(self.s, self.t.kind, self.t.subject, self.t.day, reason.text)

    # -- the draft ---------------------------------------------------------------------------------

    @cached_property
    def _drafting(self) -> bool:
        """Whether the draft is due to stand: in the window of a step that drafts, or a send task is
        out.
        """
        return any(step.drafts and self.s.today in step.window for step in self.t.steps) or bool(
            self.sends
        )

    @property
    def _late(self) -> bool:
        """Whether it is within 48 hours of the target (MS-45)."""
        return self.s.today in last_call(self.t.target, self.t.closes, self.s.business)

    def _standing(self, decision: Decision | None) -> Standing:
        if decision is None and not self._drafting:
            return standing(None, "", "")
        questions, text = self.draft
        context = "|".join((str(self.t.contact.id), self.t.medium, *questions))
        return standing(decision, text, self.s.workbook.decisions_guarded, context)

    @cached_property
    def draft(self) -> tuple[tuple[str, ...], str]:
        """What must be asked before there can be a draft, and the draft ("" while anything must be
        asked).
        """
        words = self.t.words()
        if questions := first_lines(words.questions, map(str, self._holds)):
            return questions, ""
        try:
            text = render(words.text, words.merge)
        except Unusable as problem:
            return (f"MS-32: the template {words.template} cannot be used: {problem}",), ""
        if self.t.medium != "e-mail":
            text = "\n".join(line for line in text.splitlines() if not line.startswith("Subject:"))
        return (), f"Subject: {words.subject}\n{text}" if words.subject else text

    @cached_property
    def _holds(self) -> tuple[Reason, ...]:
        """What keeps this touch from going out in its medium. A sign that withdraws nothing does
        not matter once it was handed over.
        """
        handed_over = self.sends or (
            (row := self.s.workbook.row("Approvals", str(self.t.draft_key)))
            and row.text("Acted On")
        )
        reasons = holds(self.s, self.t.contact, self.t.medium)
        return tuple(r for r in reasons if r.positive or not handed_over)

    @cached_property
    def _holds_personal(self) -> tuple[Reason, ...]:
        """What keeps something of the agent's own from going out (MS-48)."""
        acted = any(not task.withdrawn for task in self.s.lives(self.t.personal_key))
        reasons = reasons_against(self.s, self.t.contact, Way.TOUCH)
        return tuple(r for r in reasons if r.positive or not acted)

    @cached_property
    def sends(self) -> tuple[Task, ...]:
        """The tasks by which it goes out: what was approved, or what the agent wants instead."""
        both = (*self.s.lives(self.t.send_key), *self.s.lives(self.t.personal_key))
        return tuple(task for task in both if not task.withdrawn)

    def _faults(self, stand: Standing) -> tuple[str, ...]:
        text = stand.text
        for name in (self.s.practice.agent_name, self.t.contact.first_name.strip()):
            text = (
                text.replace(name, "") if name.replace(" ", "").isalpha() else text
            )  # somebody may be called House
        return self.t.kind.lint(text, self.t.day, self.t.send_on) if stand.text else ()

    # -- while the touch can still go out ----------------------------------------------------------

    def open(self, stand: Standing, decision: Decision | None) -> Iterator[Finding]:
        # Without its row or a sound protection nothing is known anew: what was handed over stands.
        unknown = bool(self.s.workbook.decisions_guarded) if decision else bool(self.sends)
        personal = stand.choice == approvals.PERSONAL
        acted = self._acted(decision, personal=personal) or (decision is None and bool(self.sends))
        # What was handed over stands as it was approved: linting it again would withdraw a mail
        # already scheduled.
        asked = tuple(map(str, self._holds)) if stand.own_words else self.draft[0]
        faults = asked if acted else asked + self._faults(stand)
        lacking = personal and not (decision and decision.context_given)
        if personal:
            faults = (
                ("MS-48: write into Context what you want done and what to know about them",)
                if lacking
                else ()
            )
            faults = (*faults, *map(str, self._holds_personal))
        if self.t.unready:
            faults = (self.t.unready,)
        approved = (stand.choice in {approvals.APPROVE, approvals.PERSONAL} and not faults) or (
            acted and unknown
        )
        yield from self.reminders()
        if decision or (self._drafting and not self.sends):
            yield self.row(stand, decision, faults, approved=approved)
        if approved:
            if not acted:
                yield self.send(personal=personal)
            yield from self.close(("MS-45", "MS-48"), "the agent approved")
            if not unknown:
                yield from self.close(
                    (self.t.kind.send,),
                    "the agent chose otherwise",
                    but=self._out(personal=personal),
                )
            return
        if not unknown:
            yield from self._call_off(stand.void)
        if lacking:
            yield from self.escalate(
                "MS-48",
                "context",
                MilestoneIssue.MISSING_CONTEXT,
                f"Say what you want done for {self.t.contact.name}",
            )
        else:
            yield from self.close(("MS-48",), "no personal touch is asked for any more")
        if self._late:
            yield from self.escalate(
                "MS-45",
                "48h",
                MilestoneIssue.APPROVAL,
                f"Approve by {short(self.t.target)} or it is missed: {self.t.contact.name}",
            )

    def _call_off(self, void: str) -> Iterator[Finding]:
        """Withdraw the send task that nothing approves any longer."""
        sign = next((r for r in self._holds if r.safety), None)
        because = (sign.text if sign else void) or "it is not approved any more"
        yield from self.close((self.t.kind.send,), because, safety=sign is not None)

    def _out(self, *, personal: bool) -> Key:
        return self.t.personal_key if personal else self.t.send_key

    def _acted(self, decision: Decision | None, *, personal: bool) -> bool:
        """Whether what is chosen now was handed over already: an approval that became a personal
        touch was not.
        """
        if decision is None or not decision.acted_on:
            return False
        said = {approvals.HANDED_OVER: False, approvals.ARRANGED: True}.get(
            decision.status, personal
        )
        return said is personal or not decision.choice

    def reminders(self) -> Iterator[Finding]:
        opened = [step for step in self.t.steps if self.s.today in step.window]
        for step in opened:
            key = self.t.key(self.t.kind.remind, step.name)
            # an alert whose day is past when the next one is open already is not made up for:
            # one task, not a pile.
            if step is opened[-1] or self.s.today <= step.window.due or self.s.lives(key):
                yield self._reminder(key, step)

    def _reminder(self, key: Key, step: Step) -> Finding:
        practice = self.s.practice
        return Finding(
            key.rule,
            f"{self.t.facts}; {step.why}",
            WantTask(
                key=key,
                person_id=self.t.contact.id,
                assignee=practice.agent_id if step.to_agent else practice.va_id,
                kind="Follow Up",
                name=f"{step.says}: {self.t.contact.name}, {self.t.occasion}"
                + ("" if step.to_agent and not step.drafts else "; the draft waits in Approvals"),
                due=step.window.due_from(self.s.today),
                useful_until=step.window.useful_until,
            ),
        )

    def row(
        self, stand: Standing, decision: Decision | None, faults: tuple[str, ...], *, approved: bool
    ) -> Finding:
        """The Approvals row: the draft with its tone question, and what its decision is worth."""
        now = self.s.stamp
        decided = (decision.decided_on if decision else "") or now
        # A row never says that a send task was taken back, or made, before that has happened.
        requires = tuple(t.key for t in self.sends if t.key and not t.completed and not approved)
        if stand.void and decision and (decision.choice or decision.acted_on):
            kept = approvals.keep(stand, approvals.decide_again(stand.void))
        elif faults:
            kept = approvals.keep(
                stand,
                f"{approvals.NOT_READY}: {'; '.join(faults)}. Mend that, or write the Draft"
                " yourself",
            )
        elif approved:
            personal = stand.choice == approvals.PERSONAL
            requires = (
                () if self._acted(decision, personal=personal) else (self._out(personal=personal),)
            )
            said = (
                approvals.TASK_DELETED
                if self.send_deleted
                else approvals.ARRANGED
                if personal
                else approvals.HANDED_OVER
            )
            kept = approvals.keep(
                stand,
                said,
                decided_on=decided,
                acted_on=(decision.acted_on if decision else "") or now,
            )
        elif stand.choice == approvals.HOLD:
            kept = approvals.keep(stand, approvals.ON_HOLD, decided_on=decided)
        else:
            kept = approvals.keep(stand, approvals.WAITING)
        heading = f"{self.t.kind.name.capitalize()} {self.t.medium}, {self.t.occasion}."
        what = " ".join(filter(None, (heading, self._nowhere(), self.t.ask, TONE)))
        return Finding(
            "MS-09",
            f"{self.t.facts}; nothing reaches a client that the agent has not approved",
            WantRow(
                tab="Approvals",
                ref=str(self.t.draft_key),
                person_id=self.t.contact.id,
                choices=self.t.choices,
                first={
                    "Rule": "MS-09",
                    "Client": self.t.contact.name,
                    "Due": self.t.target - 2 * DAY,
                    "Draft": stand.text,
                    "What": what,
                },
                keep=kept,
                requires=requires,
            ),
        )

    @property
    def send_deleted(self) -> bool:
        """Whether a person deleted the send task, which is then not made again (rule 9)."""
        return not self.sends and not self.s.deleted.isdisjoint(
            (self.t.send_key, self.t.personal_key)
        )

    def send(self, *, personal: bool) -> Finding:
        through = self._through()
        what = (
            f"Personal touch, see Context in Approvals: {self.t.contact.name}, by"
            f" {short(self.t.closes)}"
            if personal
            else (
                f"Send the approved {self.t.kind.name} {self.t.medium}{through}:"
                f" {self.t.contact.name}, {self.t.send_when}"
            )
        )
        return Finding(
            self.t.kind.send,
            f"{self.t.facts}; the agent approved it in Approvals",
            WantTask(
                key=self._out(personal=personal),
                person_id=self.t.contact.id,
                assignee=self.s.practice.va_id,
                kind=(
                    {"e-mail": "Email", "text": "Text"}.get(self.t.medium, "Thank You")
                    if not personal
                    else "Follow Up"
                ),
                name=what,
                due=self.t.send_due,
                useful_until=self.t.closes,
            ),
        )

    def _nowhere(self) -> str:
        """What the agent should know before approving a message to somebody of whom no address or
        number is known.
        """
        reach = {"e-mail": self.t.contact.emails, "text": self.t.contact.phones}.get(self.t.medium)
        lacks = {"e-mail": "No e-mail address", "text": "No phone number"}.get(self.t.medium)
        return (
            ""
            if reach or not lacks
            else f"{lacks} of theirs is in the CRM: have it found, or choose {approvals.PERSONAL}."
        )

    def _through(self) -> str:
        options = self.s.practice.milestones
        tool = {"e-mail": options.email_platform, "card": options.card_vendor}.get(
            self.t.medium, ""
        )
        return f" by {tool}" if tool else ""

    def escalate(self, rule: str, step: str, issue: MilestoneIssue, says: str) -> Iterator[Finding]:
        window = last_call(self.t.target, self.t.closes, self.s.business)
        key = self.t.key(rule, step)
        reason = f"{self.t.facts}; " + (
            "it is within 48 hours and not approved, so it is held"
            if rule == "MS-45"
            else "a personal touch is asked for without context, so it is held"
        )
        yield Finding(
            rule,
            reason,
            WantTask(
                key=key,
                person_id=self.t.contact.id,
                assignee=self.s.practice.agent_id,
                kind="Follow Up",
                name=f"{says}, {self.t.title[:1].lower()}{self.t.title[1:]}",
                due=window.due_from(self.s.today) if rule == "MS-45" else self.s.today,
                useful_until=window.useful_until,
            ),
        )
        yield Finding(
            "MS-50",
            reason,
            WantNote(
                key=key,
                person_id=self.t.contact.id,
                body=milestone_message(
                    issue,
                    agent=self.s.practice.agent_name,
                    client=self.t.contact.name,
                    va=self.s.practice.va_name,
                    milestone=f"{self.t.title}, {american(self.t.day)}",
                ),
            ),
        )

    # -- the end -----------------------------------------------------------------------------------

    def sent(self) -> bool:
        """Whether this occasion-year went out, under this date or one that was corrected since
        (X-59, X-60).
        """
        return was_sent(self.s, self.t)

    def settled(
        self, stand: Standing, decision: Decision | None, status: str, because: str
    ) -> Iterator[Finding]:
        """The chain after its end: the row says so, and the tasks that no longer help are
        withdrawn.
        """
        yield from self._last_word(stand, decision, status)
        rules = (
            ("MS-45", "MS-48")
            if status == approvals.SENT
            else (self.t.kind.remind, self.t.kind.send, "MS-45", "MS-48")
        )
        yield from self.close(rules, because)

    def _last_word(
        self, stand: Standing, decision: Decision | None, status: str
    ) -> Iterator[Finding]:
        if decision and decision.status != status:
            now = self.s.stamp
            kept = {
                "Status": status,
                "Decided On": decision.decided_on or (now if stand.choice else ""),
            }
            yield Finding(
                self.t.kind.send,
                self.t.facts,
                WantRow(
                    tab="Approvals",
                    ref=str(self.t.draft_key),
                    person_id=self.t.contact.id,
                    keep=kept,
                    create=False,
                ),
            )

    def missed(self, stand: Standing, decision: Decision | None) -> Iterator[Finding]:
        if (
            decision
            and not self.s.workbook.decisions_guarded
            and stand.choice not in {approvals.APPROVE, approvals.PERSONAL}
        ):
            yield from self.close((self.t.kind.send,), stand.void or "it is not approved any more")
        refused = decision is not None and decision.status.startswith(
            (approvals.REJECTED, approvals.DECLINED)
        )
        if refused or stand.choice not in approvals.OPEN_CHOICES:
            return
        yield from self._last_word(stand, decision, approvals.MISSED)
        yield Finding(
            self.t.kind.send,
            f"{self.t.facts}; {self._why_missed(stand, decision)}",
            Missed(
                key=self.t.send_key,
                person_id=self.t.contact.id,
                client=self.t.contact.name,
                what=self.t.title,
                due=self.t.day,
            ),
        )
        yield from self.close(("MS-45", "MS-48"), "the window closed and it is reported as missed")

    def _why_missed(self, stand: Standing, decision: Decision | None) -> str:
        if self.sends:
            return "the send task was not completed"
        if self.send_deleted:
            return "a person deleted the send task"
        if self.t.unready:
            return self.t.unready.partition(": ")[2]
        if decision is None and self.s.workbook.holds("Approvals", str(self.t.draft_key)):
            return "its row stood twice in Approvals, so that no decision was known"
        if decision is None:
            return "no draft was put up in time (Steward did not run, or learnt of it too late)"
        if stand.choice == approvals.APPROVE:
            return "it was approved too late to be sent"
        if stand.choice == approvals.PERSONAL:
            return "the agent wanted a personal touch and had not said what"
        return (
            "the agent had put it on hold"
            if stand.choice == approvals.HOLD
            else "the agent had not approved it"
        )

    def close(
        self,
        rules: tuple[str, ...],
        because: str,
        but: Key | None = None,
        *,
        safety: bool = False,
    ) -> Iterator[Finding]:
        """Withdraw this chain's open tasks of *rules*, but for one."""
        for task in tasks_of(self.s, self.t.kind, self.t.subject, self.t.day):
            if task.key and task.key.rule in rules and not task.completed and task.key.base != but:
                yield Finding(task.key.rule, because, withdraw(task, because, safety=safety))
