"""The closing anniversary: 14 days, 7 days with a draft, the agent's approval, the VA's send task (MS-04 … MS-45).

One chain per home and occasion-year. Its tasks and its Approvals row are keyed by the deal and the day of the
occasion, so a corrected date makes a new chain and withdraws the old one (X-60).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from policies import approvals
from policies.approvals import Decision, Standing, standing
from policies.calendar import DAY, Window, american, last_call, occasions, reminder, short
from policies.drafts import Unusable, lint_anniversary, render
from policies.escalation import MilestoneIssue, milestone_message
from policies.findings import Finding, Missed, WantNote, WantRow, WantTask
from policies.milestones.homes import Home, homes
from policies.milestones.lost_ground import day_of, lost_ground, withdraw
from policies.model import Key, Side
from policies.practice import YEARS_ALWAYS
from policies.snapshot import Snapshot

RULES = frozenset({"MS-04", "MS-09", "MS-42", "MS-45"})
GRACE = 2
"""Days after the occasion on which the touch may still go out (MS-42, X-07)."""
AHEAD = 45
"""Days ahead at which the first reminder can be due to open, business days and closures allowed for."""
CORRECTION = 60
"""Days within which a date that was corrected across New Year still means the occasion that was sent already (X-60)."""
LOOK_BACK = 90
"""Days for which a passed occasion is checked for having been missed."""


def decide(s: Snapshot) -> Iterator[Finding]:
    """What the procedure asks today for every closing anniversary in sight, and which open tasks lost their ground."""
    for home in homes(s):
        for years, day in occasions(home.closing, s.today, AHEAD, LOOK_BACK):
            if day >= s.starts and _kept(s, home, years):
                yield from _Chain(s, home, years, day).findings()
    yield from lost_ground(s, RULES)


def _kept(s: Snapshot, home: Home, years: int) -> bool:
    if home.deal.side is Side.SELLER:
        return years in YEARS_ALWAYS  # who only sold is remembered in years 1, 2 and 5
    options = s.practice.milestones
    return options.every_year or years in options.years_required


@dataclass(frozen=True)
class _Chain:
    """One occasion of one home, and everything the procedure wants of it today."""

    s: Snapshot
    home: Home
    years: int
    day: date

    def key(self, rule: str, step: str) -> Key:
        return Key(rule, f"d{self.home.deal.id}", f"{self.day:%Y%m%d}-{step}")

    @property
    def closes(self) -> date:
        return self.day + GRACE * DAY

    @property
    def client(self) -> str:
        return self.home.contact.name

    @property
    def occasion(self) -> str:
        return f"year {self.years} on {short(self.day)}"

    @property
    def facts(self) -> str:
        where = f" on {self.home.address}" if self.home.address else ""
        return (f"{self.client} closed{where} on {american(self.home.closing)} (from {self.home.closing_from}); "
                f"anniversary {self.years} is {american(self.day)}")

    def findings(self) -> Iterator[Finding]:
        row = self.s.workbook.row("Approvals", str(self.draft_key))
        if row is None and self.s.workbook.holds("Approvals", str(self.draft_key)):
            return  # the row was copied: until one is left, nothing is known of the decision
        decision = Decision.of(row) if row else None
        questions, text = self.draft()
        context = "|".join((str(self.home.contact.id), *questions))
        stand = standing(decision, text, self.s.workbook.decisions_guarded, context)
        if self.sent():
            yield from self.settled(stand, decision, approvals.SENT, "the touch was sent")
        elif self.s.today > self.closes:
            yield from self.missed(stand, decision)
        elif stand.choice == approvals.REJECT:
            yield from self.settled(stand, decision, approvals.REJECTED, "the agent rejected it")
        else:
            yield from self.open(stand, decision, questions)

    @property
    def draft_key(self) -> Key:
        return self.key("MS-09", "draft")

    # -- the draft -------------------------------------------------------------------------------------------------

    def draft(self) -> tuple[tuple[str, ...], str]:
        """What must be asked before there can be a draft, and the draft ("" while anything must be asked)."""
        questions = [*self.home.questions, *self._unknown()]
        name, subject = self._template()
        if not name:
            questions.append(subject)
        if questions:
            return tuple(questions), ""
        try:
            text = render(self.s.practice.templates[name], self._fields())
        except (Unusable, KeyError) as problem:
            return (f"MS-32: the template {name} cannot be used: {problem}",), ""
        return (), f"Subject: {subject}\n{text}" if subject else text

    def _unknown(self) -> Iterator[str]:
        if not self.home.contact.first_name.strip():
            yield "MS-31: the contact has no first name"
        if self.home.deal.side is Side.BUYER and not self.home.address:
            yield "MS-31: the address of the home is not known (fill Property Address)"

    def _template(self) -> tuple[str, str]:
        """The template's name and a subject to put above it; no name, and the question, where none is agreed."""
        options = self.s.practice.milestones
        if self.home.deal.side is Side.SELLER:
            if "anniversary_seller" in self.s.practice.templates:
                return "anniversary_seller", ""
            return "", "X-05: no neutral text for sellers is agreed (put anniversary_seller.txt into milestones.templates_dir)"
        if self.years == 1:
            return "anniversary_year_1", ""
        if options.anniversary_channel == "card" or options.year_2_subject:
            return "anniversary_year_2_plus", options.year_2_subject if options.anniversary_channel == "email" else ""
        return "", "X-09: the procedure gives no subject for year 2 and later (set milestones.year_2_subject)"

    def _fields(self) -> dict[str, str]:
        practice = self.s.practice
        return {
            "client_first_name": self.home.contact.first_name,
            "address": self.home.address,
            "agent_name": practice.agent_name,
            "years": str(self.years),
            "city": practice.city,
            "year": str(self.home.closing.year),
            "phone": practice.agent_phone,
        }

    # -- the steps -------------------------------------------------------------------------------------------------

    def open(self, stand: Standing, decision: Decision | None, questions: tuple[str, ...]) -> Iterator[Finding]:
        """The chain while the touch can still go out."""
        sends = [task for task in self.s.lives(self.key("MS-42", "send")) if not task.withdrawn]
        # Without its row or a sound protection nothing is known anew: what was handed over stands.
        unknown = bool(self.s.workbook.decisions_guarded) if decision else bool(sends)
        acted = bool(decision and decision.acted_on) or (decision is None and bool(sends))
        # What was handed over stands as it was approved: linting it again would withdraw a mail already scheduled.
        asked = () if stand.own_words else questions
        faults = asked if acted else asked + self._faults(stand)
        approved = (stand.choice == approvals.APPROVE and not faults) or (acted and unknown)
        execution = reminder(self.day, 7, self.closes, self.s.business)
        yield from self.personal_touch(execution)
        if self.s.today in execution:
            yield from self.prepare(execution)
            if decision or not sends:
                yield self.row(stand, decision, faults, approved=approved)
        if approved:
            if not acted:
                yield self.send()
            yield from self.close(("MS-45",), "the agent approved")
        else:
            if not unknown:
                yield from self.close(("MS-42",), stand.void or "it is not approved any more")
            yield from self.escalate()

    def _faults(self, stand: Standing) -> tuple[str, ...]:
        return lint_anniversary(stand.text, self.day, self.send_on) if stand.text else ()

    @property
    def send_on(self) -> date:
        """The day the touch would go out if approved now: the day itself, or today where it is past (X-07)."""
        return max(self.day, self.s.today)

    def personal_touch(self, execution: Window) -> Iterator[Finding]:
        window = reminder(self.day, 14, self.day - 8 * DAY, self.s.business)
        key = self.key("MS-04", "14d")
        # a fact learnt when the 7-day reminder is open already makes one task, not a pile.
        if self.s.today in window and (self.s.lives(key) or self.s.today not in execution):
            yield Finding("MS-04", f"{self.facts}; 14 days before is the time for a personal touch", WantTask(
                key=key, person_id=self.home.contact.id, assignee=self.s.practice.agent_id, kind="Follow Up",
                name=f"Personal touch: {self.client}, {self.occasion}",
                due=window.due_from(self.s.today), useful_until=window.useful_until))

    def prepare(self, window: Window) -> Iterator[Finding]:
        yield Finding("MS-04", f"{self.facts}; 7 days before is the deadline to prepare it", WantTask(
            key=self.key("MS-04", "7d"), person_id=self.home.contact.id, assignee=self.s.practice.va_id,
            name=f"Prepare anniversary {self.medium}: {self.client}, {self.occasion}; the draft waits in Approvals",
            kind="Follow Up", due=window.due_from(self.s.today), useful_until=window.useful_until))

    @property
    def medium(self) -> str:
        return self.s.practice.milestones.anniversary_channel.replace("email", "e-mail")

    def row(self, stand: Standing, decision: Decision | None, faults: tuple[str, ...], *, approved: bool) -> Finding:
        """The Approvals row: the draft with its tone question, and what its decision is worth."""
        now = f"{self.s.now:%Y-%m-%d %H:%M}"
        decided = (decision.decided_on if decision else "") or now
        # A row never says that a send task was taken back, or made, before that has happened.
        requires = tuple(t.key for t in self.s.lives(self.key("MS-42", "send")) if t.key and not t.completed and not approved)
        if stand.void and decision and (decision.choice or decision.acted_on):
            kept = approvals.keep(stand, approvals.decide_again(stand.void))
        elif faults:
            kept = approvals.keep(stand, f"{approvals.NOT_READY}: {'; '.join(faults)}. Mend that, or write the Draft yourself")
        elif approved:
            requires = () if decision and decision.acted_on else (self.key("MS-42", "send"),)
            said = approvals.TASK_DELETED if self.send_deleted else approvals.HANDED_OVER
            kept = approvals.keep(stand, said, decided_on=decided,
                                  acted_on=(decision.acted_on if decision else "") or now)
        elif stand.choice == approvals.HOLD:
            kept = approvals.keep(stand, approvals.ON_HOLD, decided_on=decided)
        else:
            kept = approvals.keep(stand, approvals.WAITING)
        return Finding("MS-09", f"{self.facts}; nothing reaches a client that the agent has not approved", WantRow(
            tab="Approvals", ref=str(self.draft_key), person_id=self.home.contact.id, choices=approvals.CHOICES,
            first={"Rule": "MS-09", "Client": self.client, "Due": self.day - 2 * DAY, "Draft": stand.text,
                   "What": f"Anniversary {self.medium}, {self.occasion}. Does it sound like you reached out because you "
                           "care, or because you want a referral? It should sound like the former (MS-20)."},
            keep=kept, requires=requires))

    @property
    def send_deleted(self) -> bool:
        """Whether a person deleted the send task, which is then not made again (rule 9)."""
        return self.key("MS-42", "send") in self.s.deleted

    def send(self) -> Finding:
        if self.s.today > self.day:
            due, when = self.s.today, f"by {short(self.closes)}"
        else:
            due, when = max(self.s.business.on_or_before(self.day), self.s.today), f"schedule for {short(self.day)}"
        return Finding("MS-42", f"{self.facts}; the agent approved the draft in Approvals", WantTask(
            key=self.key("MS-42", "send"), person_id=self.home.contact.id, assignee=self.s.practice.va_id, kind="Email",
            name=f"Send the approved anniversary {self.medium}: {self.client}, {when}", due=due, useful_until=self.closes))

    def escalate(self) -> Iterator[Finding]:
        window = last_call(self.day, self.closes, self.s.business)
        if self.s.today not in window:
            return
        key = self.key("MS-45", "48h")
        reason = f"{self.facts}; it is within 48 hours and not approved, so it is held"
        yield Finding("MS-45", reason, WantTask(
            key=key, person_id=self.home.contact.id, assignee=self.s.practice.agent_id, kind="Follow Up",
            name=f"Approve by {short(self.day)} or it is missed: {self.client}, closing anniversary year {self.years}",
            due=window.due_from(self.s.today), useful_until=window.useful_until))
        yield Finding("MS-50", reason, WantNote(key=key, person_id=self.home.contact.id, body=milestone_message(
            MilestoneIssue.APPROVAL, agent=self.s.practice.agent_name, client=self.client, va=self.s.practice.va_name,
            milestone=f"Closing anniversary, year {self.years}, {american(self.day)}")))

    # -- the end ---------------------------------------------------------------------------------------------------

    def sent(self) -> bool:
        """Whether this occasion-year went out, under this date or one that was corrected since (X-59, X-60)."""
        return any(
            task.completed and not task.withdrawn and task.key.rule == "MS-42" and (then := day_of(task.key)) is not None
            and (then.year == self.day.year or abs((then - self.day).days) <= CORRECTION)
            for task in self.s.own_tasks.get(f"d{self.home.deal.id}", ()) if task.key
        )

    def settled(self, stand: Standing, decision: Decision | None, status: str, because: str) -> Iterator[Finding]:
        """The chain after its end: the row says so, and the tasks that no longer help are withdrawn."""
        yield from self._last_word(stand, decision, status)
        yield from self.close(("MS-45",) if status == approvals.SENT else ("MS-04", "MS-42", "MS-45"), because)

    def _last_word(self, stand: Standing, decision: Decision | None, status: str) -> Iterator[Finding]:
        if decision and decision.status != status:
            now = f"{self.s.now:%Y-%m-%d %H:%M}"
            kept = {"Status": status, "Decided On": decision.decided_on or (now if stand.choice else "")}
            yield Finding("MS-42", self.facts, WantRow(
                tab="Approvals", ref=str(self.draft_key), person_id=self.home.contact.id, keep=kept, create=False))

    def missed(self, stand: Standing, decision: Decision | None) -> Iterator[Finding]:
        if decision and not self.s.workbook.decisions_guarded and stand.choice != approvals.APPROVE:
            yield from self.close(("MS-42",), stand.void or "it is not approved any more")
        if stand.choice == approvals.REJECT or (decision and decision.status == approvals.REJECTED):
            return
        yield from self._last_word(stand, decision, approvals.MISSED)
        sends = self.s.lives(self.key("MS-42", "send"))
        if any(not task.withdrawn for task in sends):
            why = "the send task was not completed"
        elif self.send_deleted:
            why = "a person deleted the send task"
        elif decision is None:
            why = "no draft was put up in time (Steward did not run, or learnt of it too late)"
        elif stand.choice == approvals.APPROVE:
            why = "it was approved too late to be sent"
        elif stand.choice == approvals.HOLD:
            why = "the agent had put it on hold"
        else:
            why = "the agent had not approved it"
        yield Finding("MS-42", f"{self.facts}; {why}", Missed(
            key=self.key("MS-42", "send"), person_id=self.home.contact.id, client=self.client,
            what=f"Closing anniversary, year {self.years}", due=self.day))
        yield from self.close(("MS-45",), "the window closed and it is reported as missed")

    def close(self, rules: tuple[str, ...], because: str) -> Iterator[Finding]:
        """Withdraw this chain's open tasks of *rules*."""
        for task in self.s.own_tasks.get(f"d{self.home.deal.id}", ()):
            if task.key and task.key.rule in rules and day_of(task.key) == self.day and not task.completed:
                yield Finding(task.key.rule, because, withdraw(task, because))
