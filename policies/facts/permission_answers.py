"""The agent's answers about contacting somebody, from `Approvals`, and from `Memory` once the row
is gone (X-64, X-65, X-66).

`permission_words` has the words of questions and answers; `permission_questions` puts them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from policies.asks import approvals
from policies.asks.approvals import Decision
from policies.asks.question import Question, ask
from policies.facts.permission_words import (
    BARRING,
    ONE_WAY,
    RULE,
    Answer,
    Matter,
    choices,
    contact_key,
    matter_of,
    meaning,
)
from policies.facts.signs import contact_signs, near_carriers, safety_words
from policies.facts.signs.sign_memory import losers, merged_into
from policies.world.memory import PERMISSION
from policies.world.model import Contact, Key
from policies.world.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Given:
    """The answers that count, and what still waits for one.

    `by_key` has the answers by the key of their question without its repetition, `by_subject` all
    that hold for one contact by the subject of that contact. `carriers` are those whom an answer
    about a near word concerns, also once they carry it no longer, by the key of its question; and
    `unanswered` the questions about near words that hold a contact, by contact id. `texts` are the
    texts of the questions whose rows still stand.
    """

    by_key: Mapping[Key, Answer]
    by_subject: Mapping[str, frozenset[Answer]]
    carriers: Mapping[Key, frozenset[int]]
    unanswered: Mapping[int, tuple[Key, ...]]
    texts: Mapping[Key, str]


def given(s: Snapshot) -> Given:
    """Return the answers that count in this snapshot."""
    return s.once(_given)


def to_question(s: Snapshot, contact: Contact, matter: Matter) -> Answer | None:
    """Return the answer about this contact and sign, or None."""
    known = given(s).by_key
    return known.get(contact_key(s, contact, matter)) if known else None


def to_tag(s: Snapshot, tag: str) -> Answer | None:
    """Return the answer about this near tag or stage, or None."""
    known = given(s).by_key
    return known.get(near_carriers.key_of(tag)) if known else None


def about(s: Snapshot, contact: Contact, answer: Answer) -> bool:
    """Tell whether the agent gave this answer about the contact, or about a near word that they
    carry or carried. "No email" and "no phone calls or texts" hold for whoever it was merged into.
    """
    known = given(s).by_subject
    return bool(known) and answer in known.get(f"p{contact.id}", ())


def unanswered_words(s: Snapshot, contact: Contact) -> tuple[str, ...]:
    """Return the near tags and stages without an answer that hold *contact*: those of the record
    and of what was merged into it, and those that these carried since they were asked about.
    """
    found: dict[Key, str] = {}
    for number in (contact.id, *losers(s, contact.id)):
        record = contact if number == contact.id else s.contacts.get(number)
        for word in safety_words.near_tags(s, record) if record else ():
            if to_tag(s, word) is None:
                found[near_carriers.key_of(word)] = word
        for tag in given(s).unanswered.get(number, ()):
            if word := near_carriers.name(s, tag):
                found.setdefault(tag, word)
    return tuple(found.values())


def held_or_barred(s: Snapshot) -> frozenset[int]:
    """Return everybody whom an answer of the agent keeps something back from, or a question about a
    near word holds.
    """
    barred = (
        int(subject[1:])
        for subject, answers in given(s).by_subject.items()
        if subject.startswith("p") and not BARRING.isdisjoint(answers)
    )
    return frozenset(barred) | given(s).unanswered.keys()


def corrected(s: Snapshot, contact: Contact) -> bool:
    """Tell whether the agent judged this contact, or a near word they carry or carried, and no
    answer of theirs bars every way any longer.
    """
    known = given(s)
    if about(s, contact, Answer.EVERY_WAY) or about(s, contact, Answer.DECEASED):
        return False
    subject = f"p{contact.id}"
    return any(
        key.subject == subject or contact.id in known.carriers.get(key, ()) for key in known.by_key
    )


def alone_in_every_way(s: Snapshot) -> frozenset[int]:
    """Return everybody whom the agent's answer leaves alone in every way: an opt-out like any."""
    return s.once(_alone_in_every_way)


def _alone_in_every_way(s: Snapshot) -> frozenset[int]:
    alone = (
        int(subject[1:])
        for subject, answers in given(s).by_subject.items()
        if subject.startswith("p") and Answer.EVERY_WAY in answers
    )
    return frozenset(alone) & s.contacts.keys()


def not_to_be_contacted(s: Snapshot) -> frozenset[int]:
    """Return everybody who opted out, by their own word or by the agent's answer."""
    return s.once(_not_to_be_contacted)


def _not_to_be_contacted(s: Snapshot) -> frozenset[int]:
    return contact_signs.everybody_opted_out(s) | alone_in_every_way(s)


def _given(s: Snapshot) -> Given:
    by_key: dict[Key, Answer] = {}
    texts: dict[Key, str] = {}
    for key, text in _in_memory(s):
        if text in set(Answer):
            by_key[key.base] = Answer(text)
    for asked, decision in approvals.keyed(s):
        if matter := matter_of(asked):
            texts[asked.base] = decision.draft
            if answer := _weighed(s, asked, matter, decision):
                by_key[asked.base] = answer
    carriers = _carriers(s, by_key)
    by_subject = _by_subject(s, by_key, carriers)
    return Given(by_key, by_subject, carriers, _open(s, by_key, carriers), texts)


def _in_memory(s: Snapshot) -> Iterator[tuple[Key, str]]:
    for ref, row in PERMISSION.rows(s.workbook):
        key = Key.parse(ref)
        if key and matter_of(key):
            yield key, row.text("What")


def _carriers(s: Snapshot, by_key: Mapping[Key, Answer]) -> Mapping[Key, frozenset[int]]:
    """Everybody whom each near word concerns that was asked about: those whom `Memory` names, and
    whoever carries it now that something waits for the answer or the answer keeps something back.
    """
    asked = {key for key in by_key if matter_of(key) is Matter.NEAR_TAG} | near_carriers.waiting(s)
    carrying = dict(near_carriers.on_a_stage(s))
    if asked:
        carrying |= {tag: who for tag, who in near_carriers.now(s).items() if tag in asked}
    found = dict(near_carriers.remembered(s))
    for tag, who in carrying.items():
        if by_key.get(tag) is not Answer.OTHER:
            found[tag] = found.get(tag, frozenset()) | who
    return found


def _open(
    s: Snapshot, by_key: Mapping[Key, Answer], carriers: Mapping[Key, Iterable[int]]
) -> Mapping[int, tuple[Key, ...]]:
    """The near words without an answer, by the contact whom they hold."""
    found: dict[int, tuple[Key, ...]] = {}
    for tag, contacts in carriers.items():
        if tag in by_key or near_carriers.configured(s, tag):
            continue
        for contact in contacts:
            found[contact] = (*found.get(contact, ()), tag)
    return found


def _by_subject(
    s: Snapshot, by_key: Mapping[Key, Answer], carriers: Mapping[Key, Iterable[int]]
) -> Mapping[str, frozenset[Answer]]:
    found: dict[str, set[Answer]] = {}
    for key, answer in by_key.items():
        found.setdefault(key.subject, set()).add(answer)
    for tag, contacts in carriers.items():
        if (answer_to_tag := by_key.get(tag)) in BARRING:
            for contact in contacts:
                found.setdefault(f"p{contact}", set()).add(answer_to_tag)
    for winner in merged_into(s) if found else ():
        for loser in losers(s, winner):
            if ways := ONE_WAY & found.get(f"p{loser}", set()):
                found.setdefault(f"p{winner}", set()).update(ways)
    return {subject: frozenset(answers) for subject, answers in found.items()}


def _weighed(s: Snapshot, key: Key, matter: Matter, row: Decision) -> Answer | None:
    """The answer that counts in a row of `Approvals`."""
    asked = Question(
        key=key,
        clause=RULE,
        reason="",
        what="",
        text=row.draft,
        due=s.today,
        choices=choices(matter, "", row),
    )
    return meaning(ask(s, asked).choice)
