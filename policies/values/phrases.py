"""The words of a short text after folding, and the phrases in it that mean what they say: a
negation right before a phrase ("Not bounced", "no longer DNC") takes its meaning away.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from policies.values.names import folded, without_apostrophes

NEGATIONS = frozenset({"not", "no", "non", "never", "isnt", "wasnt", "arent", "without"})
_FILLING = frozenset({"a", "an", "the", "on", "in", "longer"})
"""Words that may stand between a negation and what it negates: "not on DNC", "no longer DNC"."""
_TOKEN = re.compile(r"[^\W\d_]+|\d+|[,;:.!?/|&+()\[\]]| - ")
BREAK = "."
"""The token for a break between two thoughts."""
_INITIALS = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_NEW_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")


def tokens(text: str) -> list[str]:
    """The words of *text* after folding, with a mark for each break between two thoughts. Digits
    behind a word are a word of their own.
    """
    plain = folded(without_apostrophes(text))
    plain = _INITIALS.sub(lambda found: found[0].replace(".", ""), plain.replace("e-mail", "email"))
    return [
        token if token[0].isalnum() else BREAK for token in _TOKEN.findall(plain.replace("_", " "))
    ]


def of_status(status: str) -> list[str]:
    """The `tokens` of the CRM's word for an address or number; "hardBounce" is two words."""
    return tokens(_NEW_WORD.sub(" ", status))


@lru_cache(maxsize=16)
def known(phrases: tuple[str, ...]) -> Sequence[tuple[tuple[str, ...], str]]:
    """Each phrase as its words, and as one word: "DoNotCall"."""
    apart = [(tuple(phrase.split()), phrase) for phrase in phrases]
    joined = [((phrase.replace(" ", ""),), phrase) for phrase in phrases if " " in phrase]
    return (*apart, *joined)


def negated(words: Sequence[str], at: int) -> bool:
    """Whether a negation stands right before; "No: STOP" is two sentences and no negation."""
    before = at - 1
    while before >= 0 and words[before] in _FILLING:
        before -= 1
    return before >= 0 and words[before] in NEGATIONS


def says(words: Sequence[str], phrases: tuple[str, ...]) -> bool:
    """Whether one of *phrases* is among the whole words of a text, and not negated."""
    return any(
        tuple(words[at : at + len(phrase)]) == phrase and not negated(words, at)
        for at in range(len(words))
        for phrase, _ in known(phrases)
    )


def begins_a_word(words: Sequence[str], beginnings: tuple[str, ...]) -> bool:
    """Whether some word of a text, read on without blanks, begins so, and is not negated:
    "Globally opted out" by "optedout".
    """
    return any(
        "".join(word for word in words[at:] if word != BREAK).startswith(beginnings)
        and not negated(words, at)
        for at in range(len(words))
        if words[at] != BREAK
    )
