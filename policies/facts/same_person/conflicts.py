"""The pairs of one snapshot with the agent's answers, and the people to whom nothing may go until
the agent says who is who (DB-44).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from policies.facts.ownership import kept
from policies.facts.permission_answers import about, not_to_be_contacted
from policies.facts.permission_words import Answer
from policies.facts.same_person.pair_answers import (
    CONFLICTS,
    DIFFERENT,
    MERGE,
    TOPICS,
    Topic,
    Verdicts,
    weigh,
)
from policies.facts.same_person.pairs import Kind, Pair, find
from policies.facts.signs import contact_signs
from policies.facts.signs.gone_signs import seen_before
from policies.world.model import Contact
from policies.world.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Suspicions:
    """Every pair of a snapshot that is the procedure's business, and the verdicts by topic."""

    pairs: tuple[Pair, ...]
    verdicts: Mapping[Topic, Verdicts]

    def said(self, pair: Pair) -> str:
        """The answer that counts for a pair: the agent's, or Merge where none is needed; "" while
        it is open.
        """
        return next(
            v.said[pair.subject] for topic, v in self.verdicts.items() if pair.kind in topic.kinds
        )


def suspicions(s: Snapshot) -> Suspicions:
    """The pairs and what was said of them; take it through `s.once`."""
    pairs = tuple(seen for pair in s.once(_ours) for seen in _seen(s, pair))
    return Suspicions(
        pairs,
        {
            topic: s.once(_conflicts) if topic is CONFLICTS else _weighed(s, topic, pairs)
            for topic in TOPICS
        },
    )


def _ours(s: Snapshot) -> tuple[Pair, ...]:
    """Every pair of two people whose records are kept."""
    people = frozenset(contact.id for contact in kept(s))
    return tuple(pair for pair in s.of_contacts(find) if pair.a in people and pair.b in people)


def _conflicts(s: Snapshot) -> Verdicts:
    """The verdicts on identity conflicts, whose pairs every account sees alike."""
    return _weighed(s, CONFLICTS, s.once(_ours))


def _weighed(s: Snapshot, topic: Topic, pairs: Sequence[Pair]) -> Verdicts:
    return weigh(s, topic, [pair for pair in pairs if pair.kind in topic.kinds], len(kept(s)))


def _seen(s: Snapshot, pair: Pair) -> Iterator[Pair]:
    """*pair* as this account sees it: not at all where each agent keeps a record of their own.

    A pair is not certain where one of the two has opted out and the other has not.
    """
    one, other = s.contacts[pair.a], s.contacts[pair.b]
    if (
        pair.kind in {Kind.CERTAIN, Kind.REVIEW}
        and one.assigned_user_id != other.assigned_user_id
        and s.practice.database.agent_owned_duplication
    ):
        return
    if pair.kind is Kind.CERTAIN and _out(s, one) != _out(s, other):
        out = one if _out(s, one) else other
        reason = f"{pair.reason}; contact {out.id} has opted out or died, which must not be lost"
        pair = replace(pair, kind=Kind.REVIEW, reason=reason)
    yield pair


def _out(s: Snapshot, contact: Contact) -> bool:
    """Tell whether nothing may go to this contact, by their own word, because they died, or by the
    agent's answer. A sign that was seen before and is gone counts until the agent lifts it (X-65).
    """
    return (
        contact.id in not_to_be_contacted(s)
        or contact_signs.deceased(s, contact)
        or about(s, contact, Answer.DECEASED)
        or bool(seen_before(s, contact))
    )


def held(s: Snapshot) -> Mapping[int, str]:
    """Everyone in an identity conflict that the agent has not resolved, and why nothing may go to
    them; take it through `s.once`.
    """
    if s.practice.database_off:
        return {}
    found, said = dict[int, str](), s.once(_conflicts).said
    for pair in s.once(_ours):
        if pair.kind in CONFLICTS.kinds and said[pair.subject] not in {DIFFERENT, MERGE}:
            for one, other in ((pair.a, pair.b), (pair.b, pair.a)):
                found.setdefault(
                    one,
                    f"this may be two people: {pair.reason.partition(';')[0]} as"
                    f" {s.contacts[other].name} (contact {other}); the agent says in Approvals who"
                    " is who",
                )
    return found
