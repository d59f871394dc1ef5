"""Words that come close to a safety word: a tag such as "DNC - per client", "(Deceased)" behind a
name, "Deceased" at the start of a note or of the background (X-66).

The words that *are* Do Not Contact or Deceased are the configured tags. A near word holds
new drafts and is asked about once. It withdraws nothing, moves nobody and tags nobody.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from functools import lru_cache
from itertools import dropwhile

from policies.facts.signs.sign_memory import Seen, remembered
from policies.values import phrases as wording
from policies.values.names import letters, one_line, visible
from policies.values.phrases import BREAK, negated, tokens
from policies.world.calendar import american
from policies.world.model import Contact
from policies.world.practice import TagNames
from policies.world.snapshot import Snapshot

OPT_OUT = (
    "do not contact",
    "dont contact",
    "never contact",
    "no contact",
    "do not call",
    "dont call",
    "no call",
    "no calls",
    "do not text",
    "dont text",
    "no text",
    "no texts",
    "do not email",
    "dont email",
    "no email",
    "no emails",
    "do not mail",
    "do not solicit",
    "no solicitation",
    "do not disturb",
    "dnc",
    "d n c",
    "dnd",
    "opt out",
    "opted out",
    "opts out",
    "opting out",
    "unsub",
    "unsubscribe",
    "unsubscribed",
    "stop",
    "remove me",
    "cease contact",
    "cease and desist",
)
"""Words by people who do not want to be contacted, or about them."""
_OF_NUMBERS = ("stopped", "do not call or text", "blocked")
"""More words for a phone number that is not to be called."""
DEATH = ("deceased", "passed away", "died")
"""Words about somebody who died. "Dead" is not among them: a dead lead is alive."""
_SAID_BEFORE: Mapping[str, str] = {
    Seen.NAME: "the name said deceased",
    Seen.BACKGROUND: 'the background began with "Deceased"',
}
_STEMS = tuple(phrase.split()[0] for phrase in DEATH)
NEIGHBORS = frozenset(
    {
        "info",
        "information",
        "yet",
        "made",
        "exempt",
        "by",
        "owner",
        "owners",
        "spouse",
        "spouses",
        "parent",
        "parents",
        "list",
        "lists",
        "scrubbed",
        "registry",
    }
)
"""Words right beside a phrase that give it another meaning: "Stop by", "No contact info",
"DNC-exempt", "Deceased owner lead".
"""
_MARKUP = re.compile(r"<[^>]*>")
_BRACKETED = re.compile(r"[(\[{]([^)\]}]*)[)\]}]?")
_OF_DEATH = "|".join(phrase.replace(" ", r"[\W_]*") for phrase in DEATH)
_DEAD_AT_THE_END = re.compile(rf"(?<![^\W\d_])(?:{_OF_DEATH})[\W\d_]*$", re.I)
_MAY_OPT_OUT = re.compile(
    r"contact|call|text|mail|solicit|disturb|d\W?n\W?[cd]|opt|unsub|stop|remove|cease", re.I
)
"""One of these is in every phrase of `OPT_OUT`: nearly every name ends here."""
_APART_IN_A_NAME = re.compile(r"\s+[-–—]+\s*|\s*[/|*;]+\s*")
_OPT_OUT_AT_THE_END = re.compile(
    r"(?<!\bnot)(?<!\bno)(?<!\bnon)\s(d\.?n\.?c\.?|do not (?:contact|call|text|e-?mail|mail))\W*$",
    re.I,
)
IN_THE_NAME = "in the name: "
"""How the words in a name begin among the words on a record."""
FIRST_CHARACTERS = 400
"""So much of a note or background is looked at: its first words and the markup around them."""


@lru_cache(maxsize=20_000)
def near(text: str) -> str:
    """Find the safety phrase that *text* comes close to, or ""."""
    return next((phrase for phrase, _ in _phrases(tokens(text), (*OPT_OUT, *DEATH))), "")


@lru_cache(maxsize=1_000)
def of_a_number(status: str) -> bool:
    """Tell whether the CRM's word for a phone number says that it is not to be called or texted. A
    word beside it ("National DNC list") changes nothing, a negation does.
    """
    return wording.says(wording.of_status(status), (*OPT_OUT, *_OF_NUMBERS))


def begins_with_death(text: str) -> bool:
    """Tell whether a note or a background begins with a word for a death ("Deceased 3/2026, per her
    son"). Markup at its start is no word.
    """
    if not _may_tell_of_death(text):
        return False
    start = html.unescape(_MARKUP.sub(" ", text[:FIRST_CHARACTERS]))
    words = [*dropwhile(BREAK.__eq__, tokens(". ".join(start.splitlines())))]
    return any(at == 0 for _, at in _phrases(words, DEATH))


@lru_cache(maxsize=20_000)
def name_of_the_dead(name: str) -> bool:
    """Tell whether a name has a word for a death in brackets or at its end, with or without a date
    behind it.
    """
    if not _may_tell_of_death(name):
        return False
    if any(map(_tells_of_death, _BRACKETED.findall(name))):
        return True
    return _ends_with_death(name)


def named_as_dead(contact: Contact) -> bool:
    """Tell whether the name says so, or the first name alone ("Ana Deceased", "Lopez")."""
    first = contact.first_name
    return name_of_the_dead(contact.name) or (not first.isalpha() and name_of_the_dead(first))


def name_alone(name: str) -> str:
    """The name without words for a death or an opt-out in brackets or at its end: "Ana Lopez" for
    "Ana Lopez (Deceased 3/2026)" and for "Ana Lopez - DNC". Any other name stays as it is.
    """
    if not (name_of_the_dead(name) or (_MAY_OPT_OUT.search(name) and _opt_out_in(name))):
        return name
    left = _BRACKETED.sub(lambda part: " " if _is_no_name(part[1]) else part[0], visible(name))
    if _ends_with_death(left):
        left = _DEAD_AT_THE_END.sub("", left)
    first, *apart = _APART_IN_A_NAME.split(left)
    left = " ".join([first, *(part for part in apart if not _is_no_name(part))])
    left = _OPT_OUT_AT_THE_END.sub("", left)
    return " ".join(left.split()).strip(" ,;:-–—") or name


def plain_name(contact: Contact) -> str:
    """The name of a contact without such words, behind the first name alone too."""
    if not (named_as_dead(contact) or opt_out_in_name(contact)):
        return contact.name
    parts = (name_alone(contact.first_name), name_alone(contact.last_name))
    return name_alone(one_line(" ".join(parts)))


def _tells_of_death(text: str) -> bool:
    return any(_phrases(tokens(text), DEATH))


def _is_no_name(text: str) -> bool:
    return any(_phrases(tokens(text), (*OPT_OUT, *DEATH)))


def _ends_with_death(name: str) -> bool:
    words = tokens(name)
    while words and (words[-1] == BREAK or words[-1].isdigit()):
        words.pop()
    return any(
        at > 0 and at + len(phrase.split()) == len(words) for phrase, at in _phrases(words, DEATH)
    )


def words_on(contact: Contact) -> tuple[str, ...]:
    """Return the words that people put on a record for a rule to read: its tags, its stage where
    nobody mapped it, and an opt-out in the name.
    """
    words = contact.tags
    if contact.stage is None and contact.stage_label:
        words = (*words, contact.stage_label)
    if said := opt_out_in_name(contact):
        words = (*words, f"{IN_THE_NAME}{said}")
    return words


def opt_out_in_name(contact: Contact) -> str:
    """Return the opt-out that a part of the name has in brackets, behind a dash or at its end
    ("Mary Meyer (DNC)"), or "".
    """
    first, last = contact.first_name, contact.last_name
    if first.isalpha() and last.isalpha() and last.casefold() != "dnc":
        return ""  # two words, with nothing behind them
    for part in (first, f"{first} {last}"):
        if _MAY_OPT_OUT.search(part) and (said := _opt_out_in(part)):
            return said
    return ""


def _opt_out_in(part: str) -> str:
    apart = [*_BRACKETED.findall(part), *_APART_IN_A_NAME.split(part)[1:]]
    apart += _OPT_OUT_AT_THE_END.findall(_BRACKETED.sub(" ", part))
    return next((one_line(text) for text in apart if any(_phrases(tokens(text), OPT_OUT))), "")


def near_tags(s: Snapshot, contact: Contact) -> tuple[str, ...]:
    """Return the tags of *contact*, and the unmapped stage, that come close to a safety
    word, as the CRM spells them.

    A word that the configuration gives a meaning of its own is not near.
    """
    found = tuple(word for word in words_on(contact) if near(word))
    if not found:
        return ()
    configured = _configured(s.practice.tags)
    return tuple(tag for tag in found if letters(tag) not in configured)


def in_words(s: Snapshot, word: str) -> str:
    """Return what people call a near word: ``tag "STOP"``, ``stage "Opted Out"``, or ``text "DNC"
    in the name``.
    """
    if word.startswith(IN_THE_NAME):
        return f'text "{word.removeprefix(IN_THE_NAME)}" in the name'
    stage = word in s.practice.account_stages
    return f'{"stage" if stage else "tag"} "{word}"'


def said_deceased(s: Snapshot, contact: Contact) -> str:
    """Say where a note, the name or the background of *contact* calls them deceased, or did before
    (X-65); "" if nowhere does.
    """
    if named_as_dead(contact):
        return "the name says deceased"
    if contact.background_of_death:
        return 'the background begins with "Deceased"'
    known = remembered(s).get(contact.id, {})
    if Seen.NOTE in known:
        return 'a note begins with "Deceased"'
    for sign, says in _SAID_BEFORE.items():
        if sign in known:
            return f"{says} (seen {american(known[sign])}), and that is gone"
    return ""


def _may_tell_of_death(text: str) -> bool:
    """Look for the first words of `DEATH` in the start of a text, before its words are compared:
    nearly every text of an account ends here.
    """
    start = visible(text[:FIRST_CHARACTERS]).casefold()
    return any(stem in start for stem in _STEMS)


def _phrases(words: Sequence[str], phrases: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Every phrase in *words* that means what it says, with the place where it begins."""
    known = wording.known(tuple(phrases))
    for at in range(len(words)):
        for parts, phrase in known:
            if tuple(words[at : at + len(parts)]) == parts and _meant(words, at, len(parts)):
                yield phrase, at


def _meant(words: Sequence[str], at: int, length: int) -> bool:
    """Whether no word right beside the phrase gives it another meaning. A word behind a break
    belongs to another thought: "Deceased, spouse informed us".
    """
    beside = (*words[max(0, at - 1) : at], *words[at + length : at + length + 1])
    return NEIGHBORS.isdisjoint(beside) and not negated(words, at)


@lru_cache(maxsize=16)
def _configured(tags: TagNames) -> frozenset[str]:
    """The letters of every tag that the configuration gives a meaning."""
    return frozenset(letters(name) for one in fields(tags) for name in getattr(tags, one.name))
