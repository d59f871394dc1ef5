"""The agent's answers about contacting somebody, from `Approvals`, and from `Memory` once the row
is gone (X-64, X-65, X-66).

A question is about one contact and one sign, or about one near tag and everybody who carries it.
`permission_questions` puts it; this module knows its words and reads its answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from policies.asks import approvals
from policies.asks.approvals import Decision
from policies.asks.drafts import digest
from policies.asks.question import Question, ask
from policies.facts.signs import contact_signs, safety_words
from policies.facts.signs.sign_memory import LIFTED, remembered
from policies.values.names import folded
from policies.world.calendar import compact
from policies.world.memory import PERMISSION
from policies.world.model import Contact, Key
from policies.world.snapshot import Snapshot

RULE = "DB-42"
"""The clause of these questions: an opt-out is the agent's to judge."""


class Answer(StrEnum):
    """What an answer means, whatever its words; the value stands in `Memory`."""

    EVERY_WAY = "leave alone in every way"
    NO_EMAIL = "only no email"
    NO_PHONE = "no phone calls or texts"
    DECEASED = "deceased"
    AGAIN = "may be contacted again"
    OTHER = "means something else"


class Matter(StrEnum):
    """What a question is about; the value is the episode of its key."""

    UNSUBSCRIBED = "unsubscribed"
    SUPPRESSED = "suppressed"
    SEEN_BEFORE = "again"
    NEAR_TAG = "word"
    SAID_DECEASED = "died"


ALONE = " alone in every way"
CONTACT_AGAIN = " may be contacted again"
_WORDS: Mapping[str, Answer] = MappingProxyType(
    {
        "only no email": Answer.NO_EMAIL,
        "no email": Answer.NO_EMAIL,
        "no contact at all": Answer.EVERY_WAY,
        "no phone calls or texts": Answer.NO_PHONE,
        "deceased": Answer.DECEASED,
        "means something else": Answer.OTHER,
    }
)
_MEANINGS = (
    "No contact at all",
    "No phone calls or texts",
    "No email",
    "Deceased",
    "Means something else",
)


def meaning(choice: str) -> Answer | None:
    """Return what a choice means, whatever name stands in it; None for any other word."""
    word = folded(choice)
    if word.startswith("leave ") and word.endswith(ALONE):
        return Answer.EVERY_WAY
    return Answer.AGAIN if word.endswith(CONTACT_AGAIN) else _WORDS.get(word)


def choices(matter: Matter, called: str, row: Decision | None = None) -> tuple[str, ...]:
    """Return the words to answer with; *called* is the contact's first name. Of a *row* that was
    answered, the words that were chosen stay: somebody may have been renamed since.
    """
    offered: tuple[str, ...] = _MEANINGS
    if matter is Matter.UNSUBSCRIBED:
        offered = (f"Leave {called}{ALONE}", "Only no email")
    elif matter in {Matter.SUPPRESSED, Matter.SEEN_BEFORE}:
        offered = (f"{called}{CONTACT_AGAIN}", f"Leave {called}{ALONE}")
    chosen = row.typed if row else ""
    return tuple(chosen if chosen and meaning(chosen) is meaning(c) else c for c in offered)


def contact_key(s: Snapshot, contact: Contact, matter: Matter) -> Key:
    """Return the key of the question about one contact. Once the agent has lifted what was seen,
    the next opt-out is another question: its episode names the day of the last answer.
    """
    lifted = remembered(s).get(contact.id, {}).get(LIFTED)
    again = matter is Matter.SEEN_BEFORE and lifted
    return Key(RULE, f"p{contact.id}", f"{matter}-{compact(again)}" if again else matter)


def tag_key(tag: str) -> Key:
    """Return the key of the question about a near tag, in whatever spelling."""
    return Key(RULE, f"t{digest(''.join(c for c in folded(tag) if c.isalnum()))}", Matter.NEAR_TAG)


BLOCK = 500
"""Contact ids that one row of `Memory` may name as those who carried a near tag."""
_CONTACTS = "contacts"


def carriers_key(tag: Key, contact: int) -> Key:
    """Return the key under which `Memory` keeps who carried an answered near tag: one for each
    block of contact ids.
    """
    return Key(RULE, tag.subject, f"{Matter.NEAR_TAG}-{contact // BLOCK}")


def written_carriers(contacts: Iterable[int]) -> str:
    """Return the text in which `Memory` keeps who carried a near tag."""
    return " ".join([_CONTACTS, *map(str, sorted(contacts))])


def _read_carriers(text: str) -> frozenset[int]:
    word, *numbers = text.split() or [""]
    if word != _CONTACTS:
        return frozenset()
    return frozenset(int(n) for n in numbers if n.isascii() and n.isdigit())


def matter_of(key: Key | None) -> Matter | None:
    """Return what the question with this key is about; None for any other key."""
    if key is None or key.rule != RULE:
        return None
    word = key.base.episode.partition("-")[0]
    return next((matter for matter in Matter if word == matter), None)


def is_about_permission(ref: str) -> bool:
    """Tell whether a Ref is that of such a question, or of its answer in `Memory`. Both only keep
    something back, so they are no right that anybody has to agree to (X-92).
    """
    return matter_of(Key.parse(ref.removeprefix(f"{PERMISSION.name} "))) is not None


@dataclass(frozen=True, slots=True)
class Given:
    """The answers that count: by the key of their question without its repetition, and all answers
    that hold for one contact by the subject of that contact. `carriers` are those for whom an
    answer about a near tag holds, also once the tag is gone, by the key of its question.
    """

    by_key: Mapping[Key, Answer]
    by_subject: Mapping[str, frozenset[Answer]]
    carriers: Mapping[Key, frozenset[int]]


def given(s: Snapshot) -> Given:
    """Return the answers that count in this snapshot."""
    return s.once(_given)


def to_question(s: Snapshot, contact: Contact, matter: Matter) -> Answer | None:
    """Return the answer about this contact and sign, or None."""
    known = given(s).by_key
    return known.get(contact_key(s, contact, matter)) if known else None


def to_tag(s: Snapshot, tag: str) -> Answer | None:
    """Return the answer about this near tag, or None."""
    known = given(s).by_key
    return known.get(tag_key(tag)) if known else None


def about(s: Snapshot, contact: Contact, answer: Answer) -> bool:
    """Tell whether the agent gave this answer about the contact, or about a near tag that they
    carry or carried.
    """
    known = given(s).by_subject
    return bool(known) and answer in known.get(f"p{contact.id}", ())


def alone_in_every_way(s: Snapshot) -> frozenset[int]:
    """Return everybody whom the agent's answer leaves alone in every way: an opt-out like any."""
    return s.once(_alone_in_every_way)


def _alone_in_every_way(s: Snapshot) -> frozenset[int]:
    told = (
        int(subject[1:])
        for subject, answers in given(s).by_subject.items()
        if subject.startswith("p") and Answer.EVERY_WAY in answers
    )
    return frozenset(told) & s.contacts.keys()


def not_to_be_contacted(s: Snapshot) -> frozenset[int]:
    """Return everybody who opted out, by their own word or by the agent's answer."""
    return s.once(_not_to_be_contacted)


def _not_to_be_contacted(s: Snapshot) -> frozenset[int]:
    return contact_signs.everybody_opted_out(s) | alone_in_every_way(s)


def _given(s: Snapshot) -> Given:
    by_key: dict[Key, Answer] = {}
    carriers: dict[Key, set[int]] = {}
    for key, text in _in_memory(s):
        if text in set(Answer):
            by_key[key.base] = Answer(text)
        elif contacts := _read_carriers(text):
            tag = Key(RULE, key.subject, Matter.NEAR_TAG)
            carriers.setdefault(tag, set()).update(contacts)
    for asked, decision in approvals.keyed(s):
        if (matter := matter_of(asked)) and (answer := _weighed(s, asked, matter, decision)):
            by_key[asked.base] = answer
    for tag, carrying in _carrying(s, by_key).items():
        carriers.setdefault(tag, set()).update(carrying)
    return Given(
        by_key,
        _by_subject(by_key, carriers),
        {tag: frozenset(everybody) for tag, everybody in carriers.items()},
    )


def _in_memory(s: Snapshot) -> Iterator[tuple[Key, str]]:
    for ref, row in PERMISSION.rows(s.workbook):
        key = Key.parse(ref)
        if key and matter_of(key):
            yield key, row.text("What")


def _by_subject(
    by_key: Mapping[Key, Answer], carriers: Mapping[Key, Iterable[int]]
) -> Mapping[str, frozenset[Answer]]:
    found: dict[str, set[Answer]] = {}
    for key, answer in by_key.items():
        found.setdefault(key.subject, set()).add(answer)
    for tag, contacts in carriers.items():
        answer_to_tag = by_key.get(tag, Answer.OTHER)
        if answer_to_tag is not Answer.OTHER:
            for contact in contacts:
                found.setdefault(f"p{contact}", set()).add(answer_to_tag)
    return {subject: frozenset(answers) for subject, answers in found.items()}


def _carrying(s: Snapshot, by_key: Mapping[Key, Answer]) -> Mapping[Key, set[int]]:
    """Everybody who carries a near tag now that the agent said keeps something back, also in the
    Trash. Each tag is looked at once: there are few of them, and 100,000 contacts.
    """
    told = {key for key, answer in by_key.items() if answer is not Answer.OTHER}
    found: dict[Key, set[int]] = {}
    if not any(matter_of(key) is Matter.NEAR_TAG for key in told):
        return found
    known: dict[str, Key | None] = {}
    for contact in s.contacts.values():
        for tag in contact.tags:
            if tag not in known:
                alone = safety_words.near_tags(s, Contact(id=0, tags=(tag,)))
                known[tag] = tag_key(tag) if alone and tag_key(tag) in told else None
            if key := known[tag]:
                found.setdefault(key, set()).add(contact.id)
    return found


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
