"""The life of a row in `Approvals`: what a decision is worth, and what the row should say next
(rule 12, MS-09).

The row's own cells are the whole state: `Draft` is the text the agent sees and may edit, `Digest`
binds it, `Status` is Steward's word for people, `Decision` is the agent's alone and is never
written by Steward.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from policies.asks.drafts import digest
from policies.world.sheet import Cell, Row

APPROVE, HOLD, REJECT = "Approve", "Hold", "Reject"
CHOICES = (APPROVE, HOLD, REJECT)
PERSONAL = "Personal touch"
"""The agent wants something of their own done instead, a card by hand or a call, and says so in
Context (MS-48).
"""
OPEN_CHOICES = ("", APPROVE, HOLD, PERSONAL)
"""Choices that leave a touch open; any other ends it."""

WAITING = "Waiting for your decision"
ON_HOLD = "On hold: nothing goes out"
APPROVED = "Approved"
HANDED_OVER = "Approved: the VA has a task to send it"
ARRANGED = "Personal touch: the VA has a task to arrange it"
TASK_DELETED = "Approved, but a person deleted the send task: nothing will be sent by it"
REJECTED = "Rejected: nothing goes out"
DECLINED = "Ended"
"""Prefix of the Status of a row that ended by a choice of its own, such as "Not their residence".
"""
SENT = "Sent"
DECIDE_AGAIN = "Decide again"
"""Prefix of every Status that voids the decision now in the cell, until the agent has cleared it
and chosen anew.
"""
NOT_READY = "Not ready"
ANSWERED = "Decided"
"""Prefix of the Status of a question that was answered and acted on."""
WITHDRAWN = "Withdrawn"
MISSED = "Missed"
DONE = "Done"

FINAL = (SENT, MISSED, REJECTED, DECLINED, WITHDRAWN, DONE)
"""Statuses (or their prefixes) of a row that is over."""
_VOIDING = (DECIDE_AGAIN, WITHDRAWN)
_ALWAYS = ("", HOLD, REJECT)
"""Choices after which nothing goes out: they need not be given twice."""
OPENED = "the protection of this tab was open when it was chosen"


@dataclass(frozen=True, slots=True)
class Decision:
    """An Approvals row as read. `shown`, `rendered` and `context` are the parts of its Digest
    cell.
    """

    choice: str
    draft: str
    shown: str
    rendered: str
    context: str
    status: str
    decided_on: str
    acted_on: str
    context_given: bool = False

    @classmethod
    def of(cls, row: Row, choices: Sequence[str] = CHOICES) -> Decision:
        """Read *row*; a word in its Decision cell that is none of *choices* counts as undecided."""
        shown, rendered, context = (*row.text("Digest").split("/"), "", "", "")[:3]
        word = row.text("Decision").casefold()
        return cls(
            choice=next((c for c in choices if c.casefold() == word), ""),
            draft=row.text("Draft"),
            shown=shown,
            rendered=rendered,
            context=context,
            status=row.text("Status"),
            decided_on=row.text("Decided On"),
            acted_on=row.text("Acted On"),
            context_given=bool(row.text("Context")),
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """What an Approvals row amounts to now.

    `text` is the draft that stands; `choice` the decision that counts ("" while there is none);
    `digest` what the Digest cell should hold; `rewrite` whether the Draft cell must be replaced;
    `void` why a decision that stands in the cell does not count, "" if it does.
    """

    text: str
    choice: str
    digest: str
    rewrite: bool = False
    void: str = ""

    @property
    def own_words(self) -> bool:
        """Whether the text is the agent's own and not Steward's rendering."""
        shown, rendered, *_ = self.digest.split("/")
        return bool(self.text) and shown != rendered


def standing(
    decision: Decision | None, rendered: str, unguarded: str, context: str = ""
) -> Standing:
    """Weigh *decision* against what Steward would draft now (*rendered*); *unguarded* says why
    nothing counts.

    *context* is what the text alone does not tell: who it goes to, and what was asked about it. A
    decision counts only if the draft beside it still hashes to the digest written in an earlier
    pass. Editing the draft voids it, and so does a change of the facts or of the context; the agent
    then clears the cell and chooses again.
    """
    tail = f"{digest(rendered)}/{digest(context)}" if context else digest(rendered)
    fresh = Standing(rendered, "", f"{digest(rendered)}/{tail}", rewrite=decision is not None)
    if decision is None:
        return fresh
    shown = digest(decision.draft)
    if not decision.shown:  # the row was half deleted: it is mended, and decides nothing
        return replace(fresh, void="part of the row was deleted")
    if shown != decision.shown:
        return Standing(decision.draft, "", f"{shown}/{tail}", void="the draft was edited")
    if digest(rendered) != decision.rendered:
        if decision.shown == decision.rendered:
            return replace(fresh, void="the facts behind the draft changed")
        return Standing(
            decision.draft,
            "",
            f"{shown}/{tail}",
            void="the facts changed after you edited the draft",
        )
    kept = Standing(decision.draft, "", f"{shown}/{tail}")
    if decision.context != (digest(context) if context else ""):
        return replace(kept, void="who it goes to, or what is asked about it, changed")
    if decision.choice not in _ALWAYS and decision.status.startswith(_VOIDING):
        return replace(kept, void=_said_before(decision.status))
    if decision.choice not in OPEN_CHOICES and decision.status.startswith((REJECTED, DECLINED)):
        return replace(
            kept, choice=decision.choice
        )  # a no that was heard stays a no, whatever became of the protection
    if unguarded and decision.choice and not decision.acted_on:
        # Whoever typed it may not have been the agent: it never counts, not even when the tab is
        # closed again.
        return replace(kept, void=OPENED)
    return replace(kept, choice="" if unguarded else decision.choice)


def _said_before(status: str) -> str:
    _, _, reason = status.partition(": ")
    return reason.partition(" (clear")[0] or "it was withdrawn"


def decide_again(reason: str) -> str:
    """The Status that voids the decision in the cell."""
    return f"{DECIDE_AGAIN}: {reason} (clear the Decision cell, then choose)"


def keep(
    standing_: Standing, status: str, *, decided_on: Cell = "", acted_on: Cell = ""
) -> Mapping[str, Cell]:
    """The cells of an Approvals row that are Steward's to keep, Draft only where it must be
    rewritten.
    """
    cells: dict[str, Cell] = {
        "Status": status,
        "Digest": standing_.digest,
        "Decided On": decided_on,
        "Acted On": acted_on,
    }
    if standing_.rewrite:
        cells["Draft"] = standing_.text
    return cells
