"""Who carries, or carried, a tag or an unmapped stage near a safety word (X-66).

A question about such a word is about everybody who carried it since it was asked: an integration
that drops the tag answers nothing (X-65). `Memory` keeps the contact ids, and the word itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import lru_cache

from policies.asks import approvals
from policies.asks.approvals import Decision
from policies.asks.drafts import digest
from policies.facts.ownership import kept
from policies.facts.signs import safety_words
from policies.facts.signs.sign_memory import Seen
from policies.values.names import folded, letters
from policies.world.memory import PERMISSION
from policies.world.model import Contact, Key
from policies.world.practice import TagNames
from policies.world.snapshot import Snapshot

RULE = "DB-42"
"""The clause of every question about permission."""
EPISODE = "word"
BLOCK = 500
"""Contact ids that one row of `Memory` may name as those who carried a near word."""
_CONTACTS, _WORD = "contacts", "word "
_NAME = f"{EPISODE}-name"
_QUESTION = re.compile(r'The (tag|stage|text) "(.*)"(?: in the name)?: [\d,]+ contacts?\.$')


def key_of(word: str) -> Key:
    """Return the key of the question about a near tag or stage, in whatever spelling."""
    return Key(RULE, f"t{digest(''.join(c for c in folded(word) if c.isalnum()))}", EPISODE)


def block_key(tag: Key, contact: int) -> Key:
    """Return the key under which `Memory` keeps who carried a near word: one for each block of
    contact ids.
    """
    return Key(RULE, tag.subject, f"{EPISODE}-{contact // BLOCK}")


def name_key(tag: Key) -> Key:
    """Return the key under which `Memory` keeps the word itself."""
    return Key(RULE, tag.subject, _NAME)


def written(contacts: Iterable[int]) -> str:
    """Return the text in which `Memory` keeps who carried a near word."""
    return " ".join([_CONTACTS, *map(str, sorted(contacts))])


def written_name(word: str) -> str:
    """Return the text in which `Memory` keeps the word itself."""
    return f"{_WORD}{word}"


def _read(text: str) -> frozenset[int]:
    word, *numbers = text.split() or [""]
    if word != _CONTACTS:
        return frozenset()
    return frozenset(int(n) for n in numbers if n.isascii() and n.isdigit())


def remembered(s: Snapshot) -> Mapping[Key, frozenset[int]]:
    """Return who carried each near word that was asked about, by the key of its question."""
    return s.once(_remembered)


def _remembered(s: Snapshot) -> Mapping[Key, frozenset[int]]:
    found: dict[Key, set[int]] = {}
    for key, text in _rows(s):
        if contacts := _read(text):
            found.setdefault(Key(RULE, key.subject, EPISODE), set()).update(contacts)
    return {tag: frozenset(everybody) for tag, everybody in found.items()}


def name(s: Snapshot, tag: Key) -> str:
    """Return the word with this key, as it was spelled when it was asked about; "" if neither
    `Memory` nor the question knows it.
    """
    known = s.once(_names).get(tag) or s.once(_asked_by_name).get(tag)
    return known or s.once(_stages_by_name).get(tag, "")


def is_named(s: Snapshot, tag: Key) -> bool:
    """Tell whether `Memory` knows the word with this key."""
    return tag in s.once(_names)


def _names(s: Snapshot) -> Mapping[Key, str]:
    return {
        Key(RULE, key.subject, EPISODE): text.removeprefix(_WORD)
        for key, text in _rows(s)
        if key.episode == _NAME and text.startswith(_WORD)
    }


def question_text(word: str, number: str) -> str:
    """Return the text of the question about a near word, ``tag "STOP"``, that *number* carry."""
    return f"The {word}: {number}."


def _asked_by_name(s: Snapshot) -> Mapping[Key, str]:
    found = ((key.base, _QUESTION.match(row.draft)) for key, row in _questions(s))
    words = ((tag, _asked_word(asked)) for tag, asked in found if asked)
    return {tag: word for tag, word in words if key_of(word) == tag}


def _asked_word(asked: re.Match[str]) -> str:
    return f"{safety_words.IN_THE_NAME}{asked[2]}" if asked[1] == "text" else asked[2]


def _questions(s: Snapshot) -> Iterator[tuple[Key, Decision]]:
    for key, row in approvals.keyed(s):
        if key.rule == RULE and key.base.episode == EPISODE:
            yield key, row


def _rows(s: Snapshot) -> Iterator[tuple[Key, str]]:
    for ref, row in PERMISSION.rows(s.workbook):
        key = Key.parse(ref)
        if key and key.rule == RULE and key.episode.startswith(f"{EPISODE}-"):
            yield key, row.text("What")


def waiting(s: Snapshot) -> frozenset[Key]:
    """Return the near words whose question stands in `Approvals`, answered or not."""
    return s.once(_waiting)


def _waiting(s: Snapshot) -> frozenset[Key]:
    return frozenset(key.base for key, row in _questions(s) if not row.over)


def now(s: Snapshot) -> Mapping[Key, frozenset[int]]:
    """Return everybody who carries each near word in this pass, also in the Trash, by the key of
    its question. Each word is looked at once: there are few of them, and 100,000 contacts.
    """
    return s.once(_now)


def _now(s: Snapshot) -> Mapping[Key, frozenset[int]]:
    found: dict[Key, set[int]] = {}
    known: dict[str, Key | None] = {}
    for contact in s.contacts.values():
        for word in safety_words.words_on(contact):
            if word not in known:
                near = safety_words.near_tags(s, Contact(id=0, tags=(word,)))
                known[word] = key_of(word) if near else None
            if key := known[word]:
                found.setdefault(key, set()).add(contact.id)
    return {tag: frozenset(everybody) for tag, everybody in found.items()}


def on_a_stage(s: Snapshot) -> Mapping[Key, frozenset[int]]:
    """Return who has each near word as an unmapped stage: a merge replaces the stage by Trash, and
    nothing of it is left on the record.
    """
    return s.once(_on_a_stage)


def _stages_by_name(s: Snapshot) -> Mapping[Key, str]:
    unmapped = {c.stage_label for c in s.contacts.values() if c.stage is None and c.stage_label}
    return {key_of(label): label for label in sorted(unmapped) if safety_words.near(label)}


def _on_a_stage(s: Snapshot) -> Mapping[Key, frozenset[int]]:
    found: dict[Key, set[int]] = {}
    for contact in s.contacts.values():
        if contact.stage is None and safety_words.near(contact.stage_label):
            alone = Contact(id=0, stage_label=contact.stage_label)
            if safety_words.near_tags(s, alone):
                found.setdefault(key_of(contact.stage_label), set()).add(contact.id)
    return {tag: frozenset(everybody) for tag, everybody in found.items()}


def contacts_by_near_tag(s: Snapshot) -> Mapping[str, Sequence[int]]:
    """Return the contacts that each near tag holds, by the tag in one spelling: what its question
    says of their number.
    """
    return s.once(_contacts_by_near_tag)


def _contacts_by_near_tag(s: Snapshot) -> Mapping[str, Sequence[int]]:
    found: dict[str, list[int]] = {}
    spelled: dict[str, str] = {}
    for contact in sorted(kept(s), key=lambda c: c.id):
        for tag in safety_words.near_tags(s, contact):
            found.setdefault(spelled.setdefault(letters(tag), tag), []).append(contact.id)
    return found


def configured(s: Snapshot, tag: Key) -> bool:
    """Tell whether the configuration gives the word with this key a meaning of its own by now."""
    return tag in _configured(s.practice.tags)


def configured_carriers(s: Snapshot) -> Mapping[int, frozenset[Seen]]:
    """Return who carried a near word, since it was asked about, that the configuration counts as Do
    Not Contact or deceased by now, by contact id.
    """
    return s.once(_configured_carriers)


def _configured_carriers(s: Snapshot) -> Mapping[int, frozenset[Seen]]:
    tags, found = s.practice.tags, dict[int, set[Seen]]()
    for words, sign in ((tags.do_not_contact, Seen.TAG), (tags.deceased, Seen.DECEASED)):
        for tag in map(key_of, words):
            for contact in remembered(s).get(tag, ()):
                found.setdefault(contact, set()).add(sign)
    return {contact: frozenset(signs) for contact, signs in found.items()}


@lru_cache(maxsize=16)
def _configured(tags: TagNames) -> frozenset[Key]:
    return frozenset(key_of(word) for one in fields(tags) for word in getattr(tags, one.name))
