"""The draft of a touch: its text, its faults, and its row in `Approvals` (MS-05, MS-09)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from policies.asks import approvals, weighing
from policies.asks.approvals import Decision
from policies.asks.drafts import EMPTY, Facts, Unusable, render
from policies.asks.question import Question, row_of
from policies.asks.wants import Finding
from policies.asks.weighing import Basis, Weighed, weigh
from policies.facts.contact_permission import Reason, Way, reasons_against
from policies.milestones.touch import WAYS, Touch, Wording, first_lines, holds
from policies.milestones.touch_tasks import unseen
from policies.world.calendar import DAY
from policies.world.model import Key, Task
from policies.world.sheet import Cell
from policies.world.snapshot import Snapshot

TONE = (
    "Read the draft and ask: does this sound like the agent reached out because they care, or"
    " because they want a referral? It should always sound like the former. (MS-20)"
)
_LACKS = {"e-mail": "No e-mail address", "text": "No phone number", "card": "No postal address"}
_MEDIA = {"e-mail": "an email", "card": "a card", "text": "a text message"}


@dataclass(frozen=True, slots=True)
class _Made:
    """Steward's text and the facts in it. While there are questions, the text is empty."""

    questions: tuple[str, ...]
    text: str
    facts: Facts


def _body(text: str) -> str:
    """The text without its subject line and blank lines."""
    return "".join(line for line in text.splitlines() if not line.startswith("Subject:")).strip()


@dataclass(frozen=True)
class Draft:
    """The draft of one touch today, and the tasks by which it goes out."""

    s: Snapshot
    t: Touch

    # -- the text ----------------------------------------------------------------------------------

    @cached_property
    def due(self) -> bool:
        """Whether the draft belongs in Approvals today.

        It does in the window of a step that drafts, and as long as there is a send task.
        """
        windows = [step.window for step in self.t.steps if step.drafts]
        return any(self.s.today in window for window in windows) or bool(self.sends)

    @property
    def text(self) -> str:
        """Steward's text, "" while there are questions."""
        return self._made.text

    @cached_property
    def about_client(self) -> tuple[str, ...]:
        """The questions about the client that must be answered before anything goes out."""
        return first_lines(self._words.questions, map(str, self.holds))

    def lacks(self, weighed: Weighed) -> tuple[str, ...]:
        """The questions that keep the text that counts from going out.

        Missing wordings matter only while there is no text.
        """
        if weighed.own_words:
            return tuple(map(str, self.holds))
        return self.about_client if weighed.text else self._made.questions

    @cached_property
    def _words(self) -> Wording:
        return self.t.words()

    @cached_property
    def _made(self) -> _Made:
        words = self._words
        if questions := first_lines(words.questions, words.unworded, map(str, self.holds)):
            return _Made(questions, "", Facts.every(words.merge))
        try:
            text = render(words.text, words.merge)
            facts = Facts.of(words.merge, words.text)
        except Unusable as problem:
            why = f"MS-32: the template {words.template} cannot be used: {problem}"
            return _Made((why,), "", Facts.every(words.merge))
        if self.t.medium != "e-mail":
            text = "\n".join(line for line in text.splitlines() if not line.startswith("Subject:"))
        return _Made((), f"Subject: {words.subject}\n{text}" if words.subject else text, facts)

    @cached_property
    def holds(self) -> tuple[Reason, ...]:
        """The reasons that keep this touch from going out in its medium.

        Once the touch was handed over, only reasons that withdraw it count.
        """
        row = approvals.read(self.s.workbook, self.t.draft_key)
        handed_over = self.sends or (row and row.acted)
        reasons = holds(self.s, self.t.contact, self.t.medium)
        return tuple(r for r in reasons if r.positive or not handed_over)

    @cached_property
    def holds_personal(self) -> tuple[Reason, ...]:
        """The reasons that keep a personal touch of the agent's from going out (MS-48)."""
        acted = any(not task.withdrawn for task in self.s.lives(self.t.personal_key))
        reasons = reasons_against(self.s, self.t.contact, Way.TOUCH)
        return tuple(r for r in reasons if r.positive or not acted)

    def way(self, weighed: Weighed) -> Way:
        """Return the way in which the contact would be reached."""
        personal = weighed.choice == approvals.PERSONAL
        return Way.TOUCH if personal else WAYS.get(self.t.medium, Way.TOUCH)

    def weighed(self, decision: Decision | None) -> Weighed:
        """Weigh the agent's decision against today's text, its recipient, and the questions."""
        if decision is None and not self.due:
            return weigh(None, "", "")
        recipient = (str(self.t.contact.id), self.t.medium)
        basis = Basis(
            "|".join((*recipient, *self.about_client)),
            self._made.facts,
            "|".join((*recipient, *self._made.questions)),
        )
        return weigh(decision, self.text, self.s.workbook.decisions_guarded, basis)

    def faults(self, weighed: Weighed) -> tuple[str, ...]:
        """Return the lint's faults in the text that counts.

        The names are left out first: a client called House must not read as a forbidden word.
        """
        text = weighed.text
        if not _body(text):
            return () if self.lacks(weighed) else (EMPTY,)
        for name in (self.s.practice.agent_name, self.t.contact.first_name.strip()):
            if name.replace(" ", "").isalpha():
                text = text.replace(name, "")
        return self.t.kind.lint(text, self.t.day, self.t.send_on)

    # -- the tasks by which it goes out ------------------------------------------------------------

    @cached_property
    def sends(self) -> tuple[Task, ...]:
        """The tasks by which it goes out: to send the text, or to arrange a personal touch."""
        return tuple(task for task in self._all_sends if not task.withdrawn)

    @property
    def _all_sends(self) -> tuple[Task, ...]:
        return (*self.s.lives(self.t.send_key), *self.s.lives(self.t.personal_key))

    @property
    def send_deleted(self) -> bool:
        """Whether a person deleted the send task, which is then not made again (rule 9)."""
        both = (self.t.send_key, self.t.personal_key)
        return not self.sends and not self.s.deleted.isdisjoint(both)

    def left_undone(self, decision: Decision | None) -> bool:
        """Tell whether it was approved and its send task was never done.

        The task is open, or it was withdrawn when the window closed.
        """
        if any(not task.completed for task in self.sends):
            return True
        closed = decision is not None and decision.missed and decision.acted
        return closed and any(task.withdrawn for task in self._all_sends)

    def out(self, *, personal: bool) -> Key:
        """Return the key of the task that hands it over."""
        return self.t.personal_key if personal else self.t.send_key

    @staticmethod
    def handed_over(decision: Decision | None, *, personal: bool) -> bool:
        """Tell whether the touch as chosen now was handed over already.

        If an approval became a personal touch, the personal touch was not.
        """
        if decision is None or not decision.acted:
            return False
        was_personal = {approvals.HANDED_OVER: False, approvals.ARRANGED: True}
        return was_personal.get(decision.status, personal) is personal or not decision.choice

    # -- its row -----------------------------------------------------------------------------------

    def row(
        self,
        weighed: Weighed,
        decision: Decision | None,
        faults: tuple[str, ...],
        *,
        approved: bool,
    ) -> Finding:
        """Return the Approvals row: the draft with its tone question, and the decision's status.

        It never says that a send task was made, or withdrawn, before that has happened.
        """
        requires = tuple(t.key for t in self.sends if t.key and not t.completed and not approved)
        if approved and not faults and not weighing.voided(weighed, decision):
            personal = weighed.choice == approvals.PERSONAL
            done = self.handed_over(decision, personal=personal)
            requires = () if done else (self.out(personal=personal),)
        cells = self._cells(weighed, decision, faults, approved=approved)
        if decision and not approved:
            cells = {**cells, "Status": f"{cells['Status']}{self._other_medium(decision)}"}
        return row_of(self._question, weighed.text, cells, requires)

    def _other_medium(self, decision: Decision) -> str:
        """Say how it goes out where the row was put up for another medium: its cell What stays as
        it was first written (X-92).
        """
        asked = decision.row.text("What")
        others = [m for m in _MEDIA if m != self.t.medium and asked.startswith(self._headed(m))]
        return f". It goes out as {_MEDIA[self.t.medium]} now" if others else ""

    def _cells(
        self,
        weighed: Weighed,
        decision: Decision | None,
        faults: tuple[str, ...],
        *,
        approved: bool,
    ) -> Mapping[str, Cell]:
        lacks = f"{'; '.join(faults)}{self._leads_on(weighed)}" if faults else ""
        if weighing.voided(weighed, decision):
            return weighing.keep(weighed, weighing.decide_again(weighed.void, lacks))
        if faults:
            return weighing.keep(weighed, f"{approvals.NOT_READY}: {lacks}")
        if approved:
            return weighing.acted(weighed, decision, self._handed(weighed), self.s.stamp)
        if weighed.choice == approvals.HOLD:
            since = (decision.decided_on if decision else "") or self.s.stamp
            return weighing.keep(weighed, approvals.ON_HOLD, decided_on=since)
        waiting = weighing.not_a_choice(decision, self.t.choices, {})
        waiting = waiting or weighing.unanswered(weighed, approvals.WAITING)
        return weighing.keep(weighed, waiting + unseen(self.s, self.t))

    def _leads_on(self, weighed: Weighed) -> str:
        """What leads on from here. A text of the agent's own does only where no hold stands and
        nothing else has to be settled first.
        """
        if self.t.unready:
            return ". No text can go out before that"
        personal = weighed.choice == approvals.PERSONAL
        holds = self.holds_personal if personal else self.holds
        if not holds:
            return "" if personal else ". Fix that, or write the Draft yourself"
        ends = "; ".join(first_lines(reason.ending for reason in holds))
        what, instead = ("Nothing", "") if personal else ("No text", self._or_personal)
        return f". {what} can go out meanwhile; {ends}{instead}"

    @property
    def _or_personal(self) -> str:
        """The agent's other choice, where nothing speaks against it."""
        if approvals.PERSONAL not in self.t.choices or self.holds_personal:
            return ""
        return f". Or choose {approvals.PERSONAL}"

    def _handed(self, weighed: Weighed) -> str:
        if self.send_deleted:
            return approvals.TASK_DELETED
        personal = weighed.choice == approvals.PERSONAL
        return approvals.ARRANGED if personal else approvals.HANDED_OVER

    @property
    def _question(self) -> Question:
        heading = f"{self._headed(self.t.medium)} {self.t.occasion}."
        return Question(
            key=self.t.draft_key,
            clause="MS-09",
            reason=f"{self.t.facts}; nothing reaches a client that the agent has not approved",
            what=" ".join(filter(None, (heading, self._nowhere, self.t.ask, TONE))),
            text=self.text if self.due else "",
            due=self.t.target - 2 * DAY,
            client=self.t.contact.name,
            person_id=self.t.contact.id,
            choices=self.t.choices,
        )

    def _headed(self, medium: str) -> str:
        """The first words of the row's What, for a draft in this medium."""
        return f"{self.t.kind.name.capitalize()} {medium},"

    @property
    def _nowhere(self) -> str:
        """A warning to the agent about a contact without an address or number for this medium."""
        contact, lacks = self.t.contact, _LACKS.get(self.t.medium)
        reach = {"e-mail": contact.emails, "text": contact.phones}.get(
            self.t.medium, contact.addresses
        )
        if reach or not lacks:
            return ""
        instead = f", or choose {approvals.PERSONAL}" if self._or_personal else ""
        return f"{lacks} of theirs is in the CRM: have it found{instead}."
