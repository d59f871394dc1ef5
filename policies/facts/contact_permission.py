"""May anything go to this person, and if not, why (X-64, X-35)?

Every door asks `reasons_against` before it drafts, thanks, lists, prompts or writes. The answer
comes from one table, `permission_table.TABLE`; nothing else reads a sign.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from policies.facts.contact_ways import Cell, Way
from policies.facts.permission_screen import UNSCREENED, clear, signless
from policies.facts.permission_table import (
    CONFLICT,
    DECEASED,
    LEFT_ALONE,
    NO_CALLS,
    NO_EMAIL,
    NO_PHONE,
    SAID_DECEASED,
    SHARED,
    SUPPRESSED,
    TABLE,
    Sign,
)
from policies.facts.signs import contact_signs, shared_reach
from policies.world.model import Contact, Reach
from policies.world.snapshot import Snapshot

__all__ = [
    "OPT_OUT_SIGNS",
    "Reason",
    "Verdict",
    "Way",
    "death",
    "named_signs",
    "opt_out",
    "reason_against",
    "reasons_against",
    "refusal",
    "usable",
]


class Verdict(StrEnum):
    """The weight of a reason. A hold waits for an act or an answer; a never does not wait."""

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


_PROTECTING = frozenset({SUPPRESSED, CONFLICT, SHARED, NO_EMAIL, NO_CALLS, NO_PHONE, LEFT_ALONE})
"""The names of the signs beside an opt-out or a death that protect somebody (X-67)."""


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

    @property
    def ending(self) -> str:
        """When it ends, and where people look for that."""
        where = {"": "", "Approvals": "; see its row in Approvals"}
        return f"it ends when {self.ends_by}{where.get(self.asked_in, f'; see {self.asked_in}')}"


_ByWay = Mapping[Way, tuple[tuple[Sign, Verdict], ...]]


def _refuses(sign: Sign, verdict: Verdict) -> bool:
    return verdict is not Verdict.HOLD or sign.opt_out


_BY_WAY: _ByWay = MappingProxyType(
    {
        way: tuple(
            (sign, _BARRING[sign.cells[way]]) for sign in TABLE if sign.cells[way] in _BARRING
        )
        for way in Way
    }
)
"""The signs that bar each way, in order of weight."""
_REFUSING: _ByWay = MappingProxyType(
    {way: tuple((sign, kind) for sign, kind in _BY_WAY[way] if _refuses(sign, kind)) for way in Way}
)
"""Those of them by which nothing is prepared at all."""


def _unscreened(signs: _ByWay) -> _ByWay:
    """Those of *signs* that a quick look at the record does not settle."""
    return MappingProxyType(
        {way: tuple(pair for pair in signs[way] if pair[0].name in UNSCREENED) for way in Way}
    )


_LEFT, _REFUSING_LEFT = _unscreened(_BY_WAY), _unscreened(_REFUSING)
_NAMED = tuple(
    sign
    for sign in TABLE
    if sign.cells[Way.PROMPT] is Cell.NAMED or sign.name in {DECEASED, SAID_DECEASED}
)
OPT_OUT_SIGNS = frozenset(sign.name for sign in TABLE if sign.opt_out and sign.name != DECEASED)
"""The names of the signs of an opt-out, as lists count them."""
_DEATHS = tuple(sign for sign in TABLE if sign.name == DECEASED)
_OPT_OUTS = tuple(sign for sign in TABLE if sign.opt_out and sign.name != DECEASED)


def reasons_against(s: Snapshot, contact: Contact, way: Way) -> tuple[Reason, ...]:
    """Return every reason why nothing may reach *contact* by *way*, the weightiest first; () where
    nothing speaks against it.
    """
    return tuple(_reasons(s, contact, way))


def reason_against(s: Snapshot, contact: Contact, way: Way) -> Reason | None:
    """Return the weightiest of `reasons_against`, or None."""
    return next(_reasons(s, contact, way), None)


def shows(s: Snapshot, contact: Contact, way: Way, signs: frozenset[str]) -> bool:
    """Tell whether one of *signs* is among the reasons why nothing may reach *contact* by *way*."""
    if signless(s, contact) and UNSCREENED.isdisjoint(signs):
        return False
    return any(reason.sign in signs for reason in _reasons(s, contact, way))


def refusal(s: Snapshot, contact: Contact, way: Way) -> Reason | None:
    """Return the reason by which nothing is prepared for *contact* at all, or None: anything but a
    hold, or an opt-out that waits for the agent's answer.
    """
    if clear(s, contact):
        return None
    signs = _REFUSING_LEFT if signless(s, contact) else _REFUSING
    for sign, kind in signs[way]:
        if text := sign.seen(s, contact, way):
            return _reason(sign, kind, text)
    return None


def barred(s: Snapshot, contact: Contact, way: Way) -> Reason | None:
    """Return the weightiest reason that no answer of the agent's lifts, or None."""
    return next((r for r in _reasons(s, contact, way) if r.kind is not Verdict.HOLD), None)


def opt_out(s: Snapshot, contact: Contact) -> Reason | None:
    """Return the sign by which the person asked not to be contacted, or the agent said so for them;
    None where they did not, and for a death.
    """
    if s.contacts.get(contact.id) is contact:
        return s.once(_everybody_who_opted_out).get(contact.id)
    return _weightiest(s, contact, _OPT_OUTS)


def death(s: Snapshot, contact: Contact) -> Reason | None:
    """Return the sign that the person died, by tag or by the agent's answer; None without one."""
    if s.contacts.get(contact.id) is contact:
        return s.once(_everybody_who_died).get(contact.id)
    return _weightiest(s, contact, _DEATHS)


def _everybody_who_opted_out(s: Snapshot) -> Mapping[int, Reason]:
    return _by_contact(s, _OPT_OUTS)


def _everybody_who_died(s: Snapshot) -> Mapping[int, Reason]:
    return _by_contact(s, _DEATHS)


def _by_contact(s: Snapshot, signs: Sequence[Sign]) -> Mapping[int, Reason]:
    """Return the weightiest of *signs* of each contact that shows one, by contact id."""
    found = ((contact.id, _weightiest(s, contact, signs)) for contact in s.contacts.values())
    return {number: reason for number, reason in found if reason}


def _weightiest(s: Snapshot, contact: Contact, signs: Iterable[Sign]) -> Reason | None:
    if signless(s, contact):
        return None
    for sign in signs:
        if text := sign.seen(s, contact, Way.LIST):  # nothing lifts an opt-out from lists
            return _reason(sign, Verdict.NEVER, text)
    return None


def usable(s: Snapshot, contact: Contact, reach: Reach) -> bool:
    """Tell whether this address or number of *contact* reaches them, and nobody who opted out."""
    return contact_signs.works(s, contact, reach) and not shared_reach.barred(s, contact, reach)


def named_signs(s: Snapshot, contact: Contact) -> tuple[str, ...]:
    """Return the signs that a prompt about this contact has to name, in words for people."""
    return tuple(
        "removed as Do Not Contact before" if sign.name == SUPPRESSED else text
        for sign in _NAMED
        if (text := sign.seen(s, contact, Way.PROMPT))
    )


def _reasons(s: Snapshot, contact: Contact, way: Way) -> Iterator[Reason]:
    if clear(s, contact):
        return
    signs = _LEFT if signless(s, contact) else _BY_WAY
    for sign, kind in signs[way]:
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
