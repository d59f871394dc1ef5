"""May anything go to this person, and if not, why (X-64, X-35)?

Every door asks `reasons_against` before it drafts, thanks, lists, prompts or writes. The answer
comes from one table, `permission_table.TABLE`; nothing else reads a sign.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from policies.facts.permission_table import CONFLICT, SHARED, SUPPRESSED, TABLE, Cell, Sign, Way
from policies.world.model import Contact
from policies.world.snapshot import Snapshot

__all__ = [
    "Reason",
    "Verdict",
    "Way",
    "named_signs",
    "reason_against",
    "reasons_against",
    "refusal",
]


class Verdict(StrEnum):
    """What a reason amounts to. A hold waits for an act or an answer; a never does not wait."""

    NEVER = "never"
    HOLD = "hold"
    NOT_OURS = "not ours"


_BARRING = MappingProxyType(
    {
        Cell.NEVER: Verdict.NEVER,
        Cell.HOLD: Verdict.HOLD,
        Cell.NOT_OURS: Verdict.NOT_OURS,
        Cell.ELSEWHERE: Verdict.NEVER,
    }
)


_PROTECTING = frozenset({SUPPRESSED, CONFLICT, SHARED})


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something may not go to a person. `text` is a sentence for people, `sign` its name in
    counts; an `opt_out` is the person's own word, or their death. `positive` says whether what is
    out already is withdrawn (rule 10). A hold says what ends it; where an act on the record does
    not, `asked_in` and `remembered` say where the agent is asked and how long the answer stays.
    """

    text: str
    clause: str
    kind: Verdict
    positive: bool
    ends_by: str
    asked_in: str
    remembered: str
    sign: str
    opt_out: bool

    def __str__(self) -> str:
        """The sentence with its clause, as a question of a draft shows it."""
        return f"{self.clause}: {self.text}"

    @property
    def safety(self) -> bool:
        """Whether no limit may keep back what this withdraws (X-67)."""
        return self.opt_out or self.sign in _PROTECTING


_BY_WAY: Mapping[Way, tuple[tuple[Sign, Verdict], ...]] = MappingProxyType(
    {
        way: tuple(
            (sign, _BARRING[sign.cells[way]]) for sign in TABLE if sign.cells[way] in _BARRING
        )
        for way in Way
    }
)
"""The signs that bar each way, in order of weight."""


def reasons_against(s: Snapshot, contact: Contact, way: Way) -> tuple[Reason, ...]:
    """Return every reason why nothing may reach *contact* by *way*, the weightiest first; () where
    nothing speaks against it.
    """
    return tuple(_reasons(s, contact, way))


def reason_against(s: Snapshot, contact: Contact, way: Way) -> Reason | None:
    """Return the weightiest of `reasons_against`, or None."""
    return next(_reasons(s, contact, way), None)


def refusal(s: Snapshot, contact: Contact, way: Way) -> Reason | None:
    """Return the reason by which nothing is prepared for *contact* at all, or None: anything but a
    hold, or an opt-out that waits for the agent's answer.
    """
    signs = _BY_WAY[way]
    found = (
        _reason(sign, kind, text)
        for sign, kind in signs
        if kind is not Verdict.HOLD or sign.opt_out
        if (text := sign.seen(s, contact, way))
    )
    return next(found, None)


def named_signs(s: Snapshot, contact: Contact) -> tuple[str, ...]:
    """Return the signs that a prompt about this contact has to name, in words for people."""
    return tuple(
        text
        for sign in TABLE
        if sign.cells[Way.PROMPT] is Cell.NAMED
        if (text := sign.seen(s, contact, Way.PROMPT))
    )


def _reasons(s: Snapshot, contact: Contact, way: Way) -> Iterator[Reason]:
    for sign, kind in _BY_WAY[way]:
        if text := sign.seen(s, contact, way):
            yield _reason(sign, kind, text)


def _reason(sign: Sign, kind: Verdict, text: str) -> Reason:
    return Reason(
        text,
        sign.clause,
        kind,
        sign.positive,
        sign.ends_by,
        sign.asked_in,
        sign.remembered,
        sign.name,
        sign.opt_out,
    )
