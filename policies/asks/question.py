"""One question to the agent: a row of `Approvals`, bound to its exact text, its answer used once.

A policy puts a `Question` with `ask` and acts on `Answer.choice`. Drafts, contacts, groups, pairs,
lists, policies and held plans are all asked in this way. The rules of `approvals.weigh` hold for
each: only the agent's answer counts, and only to the text as it was shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from policies.asks import approvals, weighing
from policies.asks.approvals import Decision
from policies.asks.drafts import Facts, digest
from policies.asks.wants import Finding, WantRow
from policies.asks.weighing import Basis, Weighed, weigh
from policies.world.calendar import anniversary
from policies.world.model import Key
from policies.world.sheet import Cell, Workbook
from policies.world.snapshot import Snapshot

CHANGED = "what you typed changed after it was confirmed"
REFUSED = f"{approvals.ANSWERED}: {approvals.REJECT}"


# -- how long an answer holds ----------------------------------------------------------------------

Again = Callable[[Decision], bool]
"""Whether a row has no answer left to give, so that the question is asked once more."""


def never(_: Decision) -> bool:
    """Ask once: the answer holds for good."""
    return False


def once_used(decision: Decision) -> bool:
    """Ask again after each answer that was acted on: the next one is about something new."""
    return decision.acted


def once_spent(decision: Decision) -> bool:
    """Ask again also where the row was voided or withdrawn."""
    return decision.spent


def each_year(today: date, answers: Sequence[str] = ()) -> Again:
    """Ask again twelve months after one of *answers* was given; any other answer holds for good."""

    def expired(decision: Decision) -> bool:
        given = decision.day
        if not decision.acted or given is None or decision.answer not in answers:
            return False
        return today >= anniversary(given, given.year + 1)

    return expired


def older_than(stamp: str) -> Again:
    """Ask again where the decision was made before *stamp*, when something new became known."""
    return lambda decision: "" < decision.decided_on < stamp


def current(book: Workbook, key: Key, again: Again) -> Key:
    """Return the life of *key* that can still give an answer."""
    return key.life(approvals.life(book, key.life, again))


def numbered(book: Workbook, base: str, again: Again) -> str:
    """Return the same for a Ref that is no key: ``ACK 1f0c``, then ``ACK 1f0c 2``."""

    def named(n: int) -> str:
        return base if n == 1 else f"{base} {n}"

    return named(approvals.life(book, named, again))


# -- the question ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question: `text` is shown in the Draft cell and binds the answer to it.

    `choices` are the words to answer with. `again` says when the answer is used up and the question
    gets another row. `waiting` is the Status until it is answered, `done` the Status once a yes is
    acted on, if that ends it. `then` names, by choice, the wants that must be done before the row
    says that it was acted on. `counted` are facts outside the text, such as the agent's own
    numbers: once they were acted on, a change of them voids the answer. `facts` are those that the
    text was made of, where other words for them ask the same. `barred` are words that are not
    offered now, each with why: a row that was put up before may still offer them. Once acted on,
    the answer to a `lasting` question stays even if its text changes.
    """

    key: Key
    clause: str
    reason: str
    what: str
    text: str
    due: date
    client: str = ""
    person_id: int | None = None
    choices: tuple[str, ...] = approvals.CHOICES
    again: Again = never
    waiting: str = approvals.WAITING
    done: str = ""
    then: Mapping[str, tuple[Key, ...]] = field(default_factory=dict)
    counted: str = ""
    facts: Facts | None = None
    barred: Mapping[str, str] = field(default_factory=dict)
    lasting: bool = False

    @property
    def basis(self) -> Basis:
        """The facts whose change voids an answer that was acted on."""
        return Basis(self.counted, self.facts)

    @property
    def basis_before(self) -> Basis:
        """The same before it is acted on, while the agent may still type numbers."""
        return Basis(facts=self.facts)


@dataclass(frozen=True, slots=True)
class Answer:
    """The choice that counts now ("" for none), and the row as it should read.

    `acted` tells whether the choice was acted on before, `taken_back` whether the agent has revoked
    one that was.
    """

    choice: str
    row: Finding | None
    acted: bool = False
    taken_back: bool = False


def ask(s: Snapshot, question: Question, *, not_ready: str = "") -> Answer:
    """Put *question*, or weigh the answer it has.

    *not_ready* says why a yes cannot be acted on yet; a no always can.
    """
    if question.again is not never:
        question = replace(question, key=current(s.workbook, question.key, question.again))
    if approvals.copied(s.workbook, question.key):
        return Answer("", None)  # while there are copies, no answer is known
    decision = approvals.read(s.workbook, question.key, question.choices)
    if decision and decision.acted:
        if question.lasting:
            question = replace(question, text=decision.draft)
        if _holds(s, question, decision):
            choice = _choice_acted_on(question, decision)
            return Answer(choice, _with_facts(question, decision), acted=True)
    return _weighed(s, question, decision, not_ready)


def ask_once(
    s: Snapshot,
    question: Question,
    *,
    not_ready: str = "",
    revocable: bool = False,
    bound: str = "",
) -> Answer:
    """Ask like `ask`, but keep an answer that was acted on valid for its list (rule 9).

    Contacts that came into the list since are not covered: its *bound* is another. The agent can
    take a *revocable* answer back.
    """
    decision = approvals.read(s.workbook, question.key, question.choices)
    if decision and decision.acted and (said := decision.answer):
        unguarded = not s.workbook.decisions_guarded
        back = unguarded and said not in {approvals.ONE_BY_ONE, decision.choice}
        if said in question.choices and not (back and revocable):
            covered = said if bound in decision.draft else ""
            return Answer(covered, None, acted=True, taken_back=back)
    answer = ask(s, question, not_ready=not_ready)
    back = revocable and not answer.choice and answer.row is not None
    return replace(answer, taken_back=back)


def _holds(s: Snapshot, question: Question, decision: Decision) -> bool:
    """Tell whether an answer that was acted on stays as it is.

    A no stays for good. Any other stays while the row is unchanged, or its tab is unprotected.
    """
    if decision.choice == approvals.REJECT and decision.status == REFUSED:
        return True
    unchanged = not weigh(decision, question.text, "", question.basis).void
    return bool(s.workbook.decisions_guarded) and unchanged


def _choice_acted_on(question: Question, decision: Decision) -> str:
    """Return the choice that counts in a row that holds.

    Anybody may have typed the word in an unprotected tab: what was acted on stays in place of
    another yes. A Reject counts, and for a Hold or no word nothing goes on.
    """
    if decision.choice in {"", approvals.HOLD}:
        return ""
    if decision.choice == approvals.REJECT:
        return approvals.REJECT
    approved = bool(question.done) and decision.status == question.done
    acted_on = decision.answer or (approvals.APPROVE if approved else decision.choice)
    return acted_on if acted_on in question.choices else ""


def _with_facts(question: Question, decision: Decision) -> Finding | None:
    """Add the facts of the text to the row of an answer that version 0.1 acted on."""
    if question.facts is None or decision.facts:
        return None
    digests = weigh(decision, question.text, "", question.basis).digest
    want = WantRow(tab=approvals.TAB, ref=str(question.key), create=False, keep={"Digest": digests})
    return Finding(question.clause, question.reason, want)


def _weighed(s: Snapshot, question: Question, decision: Decision | None, not_ready: str) -> Answer:
    """Weigh the answer in the row, and write the row as it should read."""
    acted = decision is not None and decision.acted
    basis = question.basis if acted else question.basis_before
    weighed = weigh(decision, question.text, s.workbook.decisions_guarded, basis)
    choice, cells = _read(s, question, decision, weighed, not_ready)
    requires = () if acted else question.then.get(choice, ())
    return Answer(choice, row_of(question, weighed.text, cells, requires), acted)


def _read(
    s: Snapshot,
    question: Question,
    decision: Decision | None,
    weighed: Weighed,
    not_ready: str,
) -> tuple[str, Mapping[str, Cell]]:
    """Return the choice to act on ("" for none), and the cells that the row should have."""
    choice = weighed.choice
    if decision and weighing.voided(weighed, decision):
        return "", _void(question, decision, weighed, not_ready)
    if choice == approvals.HOLD:
        return "", weighing.keep(weighed, approvals.ON_HOLD)
    if not choice:
        waiting = weighing.not_a_choice(decision, question.choices, question.barred)
        waiting = waiting or weighing.unanswered(weighed, question.waiting)
        return "", weighing.keep(weighed, waiting)
    if not_ready and choice != approvals.REJECT:
        return "", weighing.keep(weighed, f"{approvals.NOT_READY}: {not_ready}")
    bound = replace(weighed, digest=weigh(decision, question.text, "", question.basis).digest)
    return choice, weighing.acted(bound, decision, _said(question, choice), s.stamp)


def _said(question: Question, choice: str) -> str:
    if question.done and choice == approvals.APPROVE:
        return question.done
    return f"{approvals.ANSWERED}: {choice}"


def _void(
    question: Question, decision: Decision, weighed: Weighed, not_ready: str
) -> Mapping[str, Cell]:
    recounted = (
        decision.acted and bool(question.counted) and decision.context != digest(question.counted)
    )
    before = weigh(decision, question.text, "", question.basis_before)
    uncounted = replace(weighed, digest=before.digest)
    why = CHANGED if recounted else weighed.void
    return weighing.keep(uncounted, weighing.decide_again(why, not_ready))


def row_of(
    question: Question, text: str, cells: Mapping[str, Cell], requires: tuple[Key, ...] = ()
) -> Finding:
    """Want the row of *question*, with *text* in its Draft cell if it is new, and *cells* kept."""
    want = WantRow(
        tab=approvals.TAB,
        ref=str(question.key),
        person_id=question.person_id,
        choices=question.choices,
        keep=cells,
        requires=requires,
        # An agent who types in the row during this pass goes first.
        unless_edited=("Draft", "Decision") if "Draft" in cells else (),
        first={
            "Rule": question.clause,
            "Client": question.client,
            "What": question.what,
            "Due": question.due,
            "Draft": text,
        },
    )
    return Finding(question.clause, question.reason, want)


# -- a question whose text is fixed when it is put up ----------------------------------------------


FIXED: Mapping[str, str] = {
    "": approvals.WAITING,
    approvals.HOLD: approvals.ON_HOLD,
    approvals.REJECT: approvals.REJECTED,
}
"""The Status of such a row by the choice in it, while nothing has been done about it."""


def fixed(
    book: Workbook,
    ref: str,
    *,
    rule: str,
    what: str,
    text: str,
    due: date,
    covers: str = "",
    statuses: Mapping[str, str] = FIXED,
) -> WantRow:
    """Want the row of a question about a plan.

    Its text stays as it was first shown, and a yes is acted on in the pass that sees it. *covers*
    is what a yes will be about, kept in the Digest. *statuses* are those of a row that is not acted
    on, by the choice in it.
    """
    bound = digest(text)
    decision = approvals.read(book, ref)
    return WantRow(
        tab=approvals.TAB,
        ref=ref,
        choices=approvals.CHOICES,
        first={
            "Rule": rule,
            "Client": "",
            "What": what,
            "Due": due,
            "Draft": text,
            "Digest": f"{bound}/{bound}//{covers}".rstrip("/"),
        },
        keep={"Status": _heard(book, decision, statuses)},
    )


def _heard(book: Workbook, decision: Decision | None, statuses: Mapping[str, str]) -> str:
    """The Status of a fixed question's row while it is not acted on."""
    if decision is None:
        return statuses[""]
    weighed = weigh(decision, decision.draft, book.decisions_guarded)
    if weighing.voided(weighed, decision):
        return weighing.decide_again(weighed.void)  # it is asked once more, in another row
    return statuses.get(weighed.choice, statuses[""])


def approved(book: Workbook, ref: str) -> bool:
    """Tell whether the agent approved the fixed question *ref* as shown, not acted on so far."""
    decision = approvals.read(book, ref)
    if decision is None or decision.acted:
        return False
    weighed = weigh(decision, decision.draft, book.decisions_guarded)
    return weighed.choice == approvals.APPROVE and not weighed.own_words


# -- lists -----------------------------------------------------------------------------------------

SHOWN = 250
"""Lines of a list that its row shows."""


def listing(lines: Sequence[str], what: str) -> str:
    """Return a list as the text of a question: its first lines, their number, and a digest.

    The digest binds the answer to all lines.
    """
    shown = list(lines[:SHOWN])
    if len(lines) > SHOWN:
        shown.append(f"… and {len(lines) - SHOWN} more")
    shown.append(f"{len(lines)} {what} in all; this list is {digest('|'.join(lines))}")
    return "\n".join(shown)
