"""The rows of `Approvals`: the only reader of Status, Decision, Digest, Decided On and Acted On.

The cells of a row are its whole state (rule 12, MS-09). `Draft` is the text that the agent sees
and may edit, `Digest` binds the decision to it, `Status` is Steward's word for people. `Decision`
is the agent's alone and is never written by Steward.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from policies.world.model import Key
from policies.world.sheet import Row, Workbook
from policies.world.snapshot import Snapshot

TAB = "Approvals"
APPROVE, HOLD, REJECT = "Approve", "Hold", "Reject"
CHOICES = (APPROVE, HOLD, REJECT)
PERSONAL = "Personal touch"
"""The agent wants something else done, such as a call, and says so in Context (MS-48)."""
MYSELF = "I thank them myself"
"""The agent thanks a source without Steward's words."""
WITHOUT_TEXT = (PERSONAL, MYSELF)
"""Choices that need no text in the Draft cell."""
ONE_BY_ONE = "One by one"
"""The answer about many that asks about each of them instead."""
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
"""Prefix of the Status of a row ended by a special choice, such as "Not their residence"."""
SENT = "Sent"
DECIDE_AGAIN = "Decide again"
"""Prefix of a Status that voids the decision until the agent clears the cell and chooses again."""
NOT_READY = "Not ready"
ANSWERED = "Decided"
"""Prefix of the Status of a question that was answered and acted on."""
WITHDRAWN = "Withdrawn"
MISSED = "Missed"
DONE = "Done"
NOT_ACTED_ON = "Not acted on for now"
"""Begins what the Status says while the policy of the row cannot be asked (X-57)."""

FINAL = (SENT, MISSED, REJECTED, DECLINED, WITHDRAWN, DONE)
"""Statuses (or their prefixes) of a row that is over."""
VOIDING = (DECIDE_AGAIN, WITHDRAWN)
"""Statuses (or their prefixes) after which a decision counts only if it is given again."""


@dataclass(frozen=True)
class Decision:
    """One row of `Approvals` as read. `choices` are the words that count as an answer in it."""

    row: Row
    choices: Sequence[str] = CHOICES

    # -- the cells -------------------------------------------------------------------------------

    @property
    def ref(self) -> str:
        """The Ref of the row."""
        return self.row.ref

    @property
    def key(self) -> Key | None:
        """The key that its Ref spells, or None."""
        return Key.parse(self.row.ref)

    @property
    def typed(self) -> str:
        """The Decision cell as it was typed."""
        return self.row.text("Decision")

    @property
    def choice(self) -> str:
        """The one of `choices` that was typed, in any case; "" for nothing or any other word."""
        word = self.typed.casefold()
        return next((c for c in self.choices if c.casefold() == word), "")

    @property
    def draft(self) -> str:
        """The text in the Draft cell."""
        return self.row.text("Draft")

    @property
    def digest(self) -> str:
        """The Digest cell as it stands."""
        return self.row.text("Digest")

    @property
    def shown(self) -> str:
        """The digest of the text that the decision is about."""
        return self._digests[0]

    @property
    def rendered(self) -> str:
        """The digest of Steward's own text at that time."""
        return self._digests[1]

    @property
    def context(self) -> str:
        """The digest of the facts outside the text, "" where it has no such facts."""
        return self._digests[2]

    @property
    def facts(self) -> str:
        """The facts that the text was made of (`drafts.Facts`), "" where none are kept."""
        return self._digests[3]

    @cached_property
    def _digests(self) -> tuple[str, str, str, str]:
        shown, rendered, context, facts = (*self.row.text("Digest").split("/"), *[""] * 4)[:4]
        return shown, rendered, context, facts

    @cached_property
    def status(self) -> str:
        """Steward's last word in the row."""
        return self.row.text("Status")

    @property
    def decided_on(self) -> str:
        """When the decision was first seen: ``2026-12-18 08:00``, local, or ""."""
        return self.row.text("Decided On")

    @property
    def acted_on(self) -> str:
        """When it was acted on, in the same form."""
        return self.row.text("Acted On")

    @property
    def context_given(self) -> bool:
        """Whether the agent wrote anything into Context."""
        return bool(self.row.text("Context"))

    # -- what they say ---------------------------------------------------------------------------

    @property
    def over(self) -> bool:
        """Whether the row has had its last word: nothing follows from it."""
        return self.status.startswith(FINAL)

    @property
    def acted(self) -> bool:
        """Whether its decision was acted on, and so consumed."""
        return bool(self.acted_on)

    @property
    def open(self) -> bool:
        """Whether it was neither acted on nor ended."""
        return not self.acted and not self.over

    @property
    def undecided(self) -> bool:
        """Whether the agent still has to decide: nothing is chosen, or what is chosen does not
        count, or cannot be used yet. Nobody waits for a decision that nobody would act on.
        """
        if not self.ref or self.over or self.why_not_acted_on:
            return False
        if self.status.startswith((DECIDE_AGAIN, NOT_READY)):
            return True
        return not self.typed and not self.acted

    @property
    def why_not_acted_on(self) -> str:
        """What the Status of an open row says on which nobody acts; "" for any other."""
        _, said, why = self.status.partition(NOT_ACTED_ON)
        return f"{said}{why}" if self.open else ""

    @property
    def answer(self) -> str:
        """The answer that was acted on, as the Status keeps it; "" before that."""
        _, decided, choice = self.status.partition(f"{ANSWERED}: ")
        return choice if decided else ""

    @property
    def day(self) -> date | None:
        """The local day of the decision; None where none can be read."""
        try:
            return date.fromisoformat(self.decided_on[:10])
        except ValueError:
            return None

    @property
    def refused(self) -> bool:
        """Whether the agent ended it, with Reject or with a choice of its own."""
        return self.status.startswith((REJECTED, DECLINED))

    @property
    def sent(self) -> bool:
        """Whether the touch went out."""
        return self.status == SENT

    @property
    def missed(self) -> bool:
        """Whether the touch was reported as missed."""
        return self.status == MISSED

    @property
    def done(self) -> bool:
        """Whether the question was answered by what happened, not by a refusal."""
        return self.status.startswith(DONE)

    @property
    def spent(self) -> bool:
        """Whether the row can answer nothing now: acted on, voided or withdrawn."""
        return self.acted or self.status.startswith(VOIDING)

    def says(self, *words: str) -> bool:
        """Whether one of *words* is in the Decision cell, in any case, whether it counts or not."""
        return self.typed.casefold() in {word.casefold() for word in words}


# -- which row ------------------------------------------------------------------------------------


def read(book: Workbook, ref: object, choices: Sequence[str] = CHOICES) -> Decision | None:
    """Return the one row *ref*; None where it is missing or was copied (a copy decides nothing)."""
    row = book.row(TAB, str(ref))
    return Decision(row, choices) if row else None


def every(book: Workbook, choices: Sequence[str] = CHOICES) -> Iterator[Decision]:
    """Yield every row of the tab, also copied ones and those that people typed."""
    return (Decision(row, choices) for row in book.rows(TAB))


def copied(book: Workbook, ref: object) -> bool:
    """Tell whether *ref* is in the tab more than once, so that nothing in it counts."""
    return book.holds(TAB, str(ref)) and book.row(TAB, str(ref)) is None


def keyed(s: Snapshot) -> Sequence[tuple[Key, Decision]]:
    """Return the rows whose Ref is a key of ours, in the order of the tab."""
    return s.once(_keyed)


def _keyed(s: Snapshot) -> Sequence[tuple[Key, Decision]]:
    return tuple((key, found) for found in every(s.workbook) if (key := found.key))


def open_rows(s: Snapshot, rule: str) -> Sequence[tuple[Key, Decision]]:
    """Return the rows of this rule that are not over."""
    return s.once(_open).get(rule, ())


def _open(s: Snapshot) -> Mapping[str, Sequence[tuple[Key, Decision]]]:
    found: dict[str, list[tuple[Key, Decision]]] = {}
    for key, decision in keyed(s):
        if not decision.over:
            found.setdefault(key.rule, []).append((key, decision))
    return found


def life(book: Workbook, named: Callable[[int], object], spent: Callable[[Decision], bool]) -> int:
    """Return the first life, counted from 1, whose row is not *spent*; *named* gives its Ref."""
    n = 1
    while (found := read(book, named(n))) and spent(found):
        n += 1
    return n
