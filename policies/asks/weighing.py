"""The worth of a decision, and the cells that its row should hold next (rule 12, MS-09).

Every question is weighed here: drafts, single contacts, groups, pairs, lists, policies and plans.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from policies.asks import approvals
from policies.asks.approvals import Decision
from policies.asks.drafts import Facts, digest
from policies.world.sheet import Cell

_ALWAYS = ("", approvals.HOLD, approvals.REJECT)
"""Choices after which nothing goes out: they need not be given twice."""
OPENED = "the protection of this tab was open when it was chosen"
NO_TEXT_YET = "there was no text yet when it was chosen"
OTHER_WORDS = "the draft has other words now"
CHANGED_SINCE = "the facts changed after you edited the draft"
OTHER_TEXT_SINCE = "Steward's own text changed after you edited the draft"


@dataclass(frozen=True, slots=True)
class Basis:
    """The things beside the words in a Draft cell whose change voids the decision.

    `context` is what the text alone does not show: who it goes to, and what was asked about it.
    `facts` are those that the text was made of, None where its very words are the question.
    `first_context` is the context as version 0.1 wrote it, where it was another.
    """

    context: str = ""
    facts: Facts | None = None
    first_context: str = ""

    def cell(self, shown: str, rendered: str, facts: str | None = None) -> str:
        """The cell Digest for a text *shown* and Steward's own (*rendered*), both as digests.

        *facts* are those that the text shown was made of, by default today's.
        """
        today = self.facts.written if self.facts else ""
        bound = digest(self.context) if self.context else ""
        parts = (shown, rendered, bound, today if facts is None else facts)
        return "/".join(parts).rstrip("/")

    def same_context(self, decision: Decision) -> bool:
        """Whether the context is the one that was decided about."""
        if self.first_context and not decision.facts:
            return decision.context in {digest(self.context), digest(self.first_context)}
        return decision.context == (digest(self.context) if self.context else "")

    def same_facts(self, decision: Decision, rendered: str) -> bool:
        """Whether the text was made of the facts of today, in whatever words; *rendered* is the
        digest of Steward's text.

        A row of version 0.1 keeps no facts. There, the facts are the same if every one of them
        stands in the text, and a no that was heard stays a no.
        """
        if self.facts and decision.facts:
            return self.facts.hold(decision.facts)
        if self.facts is None or rendered == decision.rendered:
            return rendered == decision.rendered
        return decision.refused or self.facts.stand_in(decision.draft)


NO_BASIS = Basis()


@dataclass(frozen=True, slots=True)
class Weighed:
    """The draft and the decision that count in a row now.

    `text` is that draft and `choice` that decision, "" while nothing is decided.
    `digest` is what the Digest cell should hold, `rewrite` tells whether the Draft cell must be
    replaced. `void` says why a decision in the cell does not count, "" if it does.
    """

    text: str
    choice: str
    digest: str
    rewrite: bool = False
    void: str = ""

    @property
    def own_words(self) -> bool:
        """Whether the text is the agent's own and not Steward's rendering."""
        shown, rendered = self.digest.split("/")[:2]
        return bool(self.text) and shown != rendered


def weigh(
    decision: Decision | None, rendered: str, unguarded: str, basis: Basis = NO_BASIS
) -> Weighed:
    """Weigh *decision* against the text that Steward would show now (*rendered*).

    *unguarded* says why no decision counts. A yes counts only if the draft beside it still has the
    digest written in an earlier pass. An edit of the draft voids it, and so does a change of the
    facts or of the context in its *basis*. The agent then clears the cell and chooses again. Other
    words for the same facts void nothing (X-92), and a no counts whatever changed: nothing goes out
    by it.
    """
    now = digest(rendered)
    fresh = Weighed(rendered, "", basis.cell(now, now), rewrite=decision is not None)
    if decision is None:
        return fresh
    shown = digest(decision.draft)
    if not decision.shown:  # the row was half deleted: it is completed, and decides nothing
        return replace(fresh, void="part of the row was deleted")
    kept = Weighed(decision.draft, "", basis.cell(shown, now, decision.facts or None))
    if _says_no(decision, basis):
        return _chosen(decision, _of_a_no(decision, fresh, kept, basis), unguarded)
    if shown != decision.shown:
        return replace(kept, void="the draft was edited")
    if decision.acted and decision.choice in approvals.WITHOUT_TEXT:
        kept = replace(kept, digest=basis.cell(shown, decision.rendered, decision.facts or None))
    elif not basis.same_facts(decision, now):
        return _other_facts(decision, fresh, basis)
    elif now != decision.rendered:
        kept = _other_words(decision, fresh, basis)
    if not basis.same_context(decision):
        return replace(kept, void="who it goes to, or what is asked about it, changed")
    return _chosen(decision, kept, unguarded)


def _says_no(decision: Decision, basis: Basis) -> bool:
    """Whether nothing goes out by the choice, of whatever facts the text is made.

    Where the very words are the question, a Reject answers those words alone.
    """
    if decision.choice == approvals.HOLD:
        return True
    return decision.choice == approvals.REJECT and (decision.refused or basis.facts is not None)


def _of_a_no(decision: Decision, fresh: Weighed, kept: Weighed, basis: Basis) -> Weighed:
    """Return the draft beside a no.

    A draft on hold shows today's facts. A rejected one stays as it was, and so does the agent's own
    text: it stays bound to its facts, so that a later yes is void.
    """
    if digest(decision.draft) != decision.shown:
        return kept
    rejected, own_words = decision.choice == approvals.REJECT, decision.shown != decision.rendered
    if rejected and decision.refused:
        return Weighed(decision.draft, "", decision.digest)
    now = digest(fresh.text)
    if not basis.same_facts(decision, now):
        stays = rejected or own_words
        return Weighed(decision.draft, "", decision.digest) if stays else fresh
    return kept if now == decision.rendered else _other_words(decision, fresh, basis)


def _other_facts(decision: Decision, fresh: Weighed, basis: Basis) -> Weighed:
    """Return the draft that counts where the facts in it are not those of today.

    Steward's text is replaced. The agent's own stays, and keeps its facts until a decision about it
    was voided: meanwhile the Status warns (`unanswered`).
    """
    if decision.shown == decision.rendered:
        return replace(fresh, void="the facts behind the draft changed")
    decided = decision.choice or decision.acted or not decision.facts
    cell = basis.cell(decision.shown, digest(fresh.text), None if decided else decision.facts)
    void = CHANGED_SINCE if decision.facts or not basis.facts else OTHER_TEXT_SINCE
    return Weighed(decision.draft, "", cell, void=void)


def _other_words(decision: Decision, fresh: Weighed, basis: Basis) -> Weighed:
    """Return the draft that counts where Steward would word the same facts differently now.

    The new words are shown while nobody has agreed to the old ones. An approved text stays.
    """
    own_words = decision.shown != decision.rendered
    asks = decision.choice in {"", approvals.HOLD}
    if not decision.draft:  # there was nothing to agree to
        stays = asks or decision.refused or decision.choice in approvals.WITHOUT_TEXT
        return fresh if stays else replace(fresh, void=NO_TEXT_YET)
    if not own_words and not decision.acted:
        if asks:
            return fresh
        if decision.status.startswith(approvals.NOT_READY) and decision.choice not in _ALWAYS:
            return replace(fresh, void=OTHER_WORDS)
    cell = basis.cell(decision.shown, decision.rendered, decision.facts or None)
    return Weighed(decision.draft, "", cell)


def _chosen(decision: Decision, kept: Weighed, unguarded: str) -> Weighed:
    """Weigh the word in the cell, where it is about the text beside it."""
    if kept.void:
        return kept
    choice = decision.choice
    if choice not in _ALWAYS and decision.status.startswith(approvals.VOIDING):
        return replace(kept, void=_said_before(decision.status))
    if choice not in approvals.OPEN_CHOICES and decision.refused:
        return replace(kept, choice=choice)  # a no that was heard stays a no, protected or not
    if unguarded and choice and not decision.acted:
        # Another person may have typed it: it never counts, not even when the tab is closed again.
        return replace(kept, void=OPENED)
    return replace(kept, choice="" if unguarded else choice)


def _said_before(status: str) -> str:
    _, _, reason = status.partition(": ")
    return reason.partition(" (clear")[0] or "it was withdrawn"


# -- what the row should say -----------------------------------------------------------------------


def decide_again(reason: str, lacking: str = "") -> str:
    """The Status that voids the decision in the cell. What is *lacking* holds the next one too, so
    that it is said at once.
    """
    said = f"{approvals.DECIDE_AGAIN}: {reason} (clear the Decision cell, then choose)"
    return f"{said}. {approvals.NOT_READY}: {lacking}" if lacking else said


def not_acted_on(decision: Decision, why: str, unguarded: str) -> str:
    """The Status of an open row whose policy cannot be asked: *why* nobody acts on it. With "" for
    *why* it is that of a row on which somebody acts again.

    A decision that does not count, now or since an earlier pass, does not count afterwards either;
    *unguarded* says why one that was just typed is none.
    """
    if not why:
        before, _, _ = decision.status.partition(approvals.NOT_ACTED_ON)
        return before.removesuffix(". ") or approvals.WAITING
    said = f"{approvals.NOT_ACTED_ON}: {why}"
    if decision.status.startswith(approvals.DECIDE_AGAIN):
        void, _, _ = decision.status.partition(f". {approvals.NOT_ACTED_ON}")
        return f"{void}. {said}"
    return f"{decide_again(OPENED)}. {said}" if unguarded and decision.typed else said


def keep(
    weighed: Weighed, status: str, *, decided_on: Cell = "", acted_on: Cell = ""
) -> Mapping[str, Cell]:
    """The cells that are Steward's to keep, Draft only where it must be rewritten."""
    cells: dict[str, Cell] = {
        "Status": status,
        "Digest": weighed.digest,
        "Decided On": decided_on,
        "Acted On": acted_on,
    }
    if weighed.rewrite:
        cells["Draft"] = weighed.text
    return cells


def acted(weighed: Weighed, decision: Decision | None, said: str, now: str) -> Mapping[str, Cell]:
    """Return the cells of a row whose decision is acted on.

    The Status is *said*; the times are those when it was first seen and first acted on, or *now*.
    """
    return keep(
        weighed,
        said,
        decided_on=(decision.decided_on if decision else "") or now,
        acted_on=(decision.acted_on if decision else "") or now,
    )


def not_a_choice(
    decision: Decision | None, choices: Sequence[str], barred: Mapping[str, str]
) -> str:
    """The Status of a row whose Decision cell holds a word that is none of *choices*, so that
    nothing is done (X-79); "" for any other. *barred* says of words that were once offered why they
    are not any longer.
    """
    if decision is None or decision.over or not decision.typed:
        return ""
    if decision.says(*choices):
        return ""
    said = next(
        (f"{word} cannot be done: {why}" for word, why in barred.items() if decision.says(word)),
        "the word in the Decision cell is not one of the choices",
    )
    return f"{approvals.NOT_READY}: {said}. Choose {_one_of(choices)}"


def _one_of(words: Sequence[str]) -> str:
    """Return *words* as a choice: "A, B or C"."""
    *rest, last = words
    return f"{', '.join(rest)} or {last}" if rest else last


def unanswered(weighed: Weighed, status: str) -> str:
    """The Status of a row without a decision: *status*, with a warning where facts have changed in
    the agent's own text.
    """
    warns = weighed.void == CHANGED_SINCE
    return f"{status}. Check the draft first: {weighed.void}" if warns else status


def voided(weighed: Weighed, decision: Decision | None) -> bool:
    """Tell whether the row must say that its decision, acted on or not, does not count."""
    return bool(weighed.void and decision and (decision.choice or decision.acted))


def stamped(status: str, now: str) -> Mapping[str, Cell]:
    """The last word in a row that was acted on at once, outside a policy."""
    return {"Status": status, "Decided On": now, "Acted On": now}


def outcome(status: str, decided_on: str) -> Mapping[str, Cell]:
    """The last word in the row of a touch, with the day of the decision that led to it."""
    return {"Status": status, "Decided On": decided_on}


def ends(cells: Mapping[str, Cell]) -> bool:
    """Whether writing *cells* gives a row its last word."""
    return str(cells.get("Status") or "").startswith(approvals.FINAL)


def ended(status: str) -> Mapping[str, Cell]:
    """The last word in a row that is over. A withdrawn one was, in effect, never decided."""
    called_off = (
        {"Decided On": "", "Acted On": ""} if status.startswith(approvals.WITHDRAWN) else {}
    )
    return {"Status": status, **called_off}
