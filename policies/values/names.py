"""Names and other short texts that people type: made safe for one line, and folded for comparison.

Four foldings exist, and each stays as its callers compare today (issue 12 unites what it can):

- `folded`: tags, stages, labels, and names in lists. Case, width, dashes and blanks do not count.
- `letters`: words by which somebody opted out. Besides that, nothing but letters and digits counts.
- `composed`: the name of a referral source. Case and the encoding of accents do not count.
- `words`: the names of two contacts. Case, accents and punctuation do not count.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_DASHES = str.maketrans("–—−‐‑", "-----")  # the dashes people type for the procedures'
_APOSTROPHES = dict.fromkeys(map(ord, "'`´ʹʻʼʽˈ‘’‛′＇"))  # as phones and other keyboards type it
_WORDS = re.compile(r"[^\W\d_]+")


def one_line(text: str) -> str:
    """*text* without line breaks, control characters or runs of blanks: safe in a task name or a
    log line.
    """
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(text.split())


def visible(text: str) -> str:
    """*text* without the marks that nobody sees (a zero-width blank, a change of direction), in the
    plain form of its characters.
    """
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFKC", text)
    return "".join(c for c in plain if unicodedata.category(c) != "Cf")


def without_apostrophes(text: str) -> str:
    """*text* without any sign that people type for an apostrophe. Some of them are lost in
    `visible`, which makes a blank and an accent of them.
    """
    return text.translate(_APOSTROPHES)


@lru_cache(maxsize=20_000)
def folded(text: str) -> str:
    """*text* as names are compared: any case, any dash, any width, single blanks, and nothing that
    cannot be seen.
    """
    return " ".join(visible(text).casefold().translate(_DASHES).split())


@lru_cache(maxsize=20_000)
def letters(text: str) -> str:
    """*text* as an opt-out is recognized: "do-not-contact", "D.N.C." and "DO_NOT_CONTACT" are one.

    It finds one too many rather than one too few.
    """
    return "".join(c for c in folded(text) if c.isalnum())


def composed(name: str) -> str:
    """A name in any case, however its accents are encoded; an accent that is missing counts."""
    return unicodedata.normalize("NFC", name).casefold()


def words(text: str) -> tuple[str, ...]:
    """The words of a name without case, accents and punctuation."""
    if not text.isascii():
        apart = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in apart if not unicodedata.combining(c))
    text = text.casefold()
    if text.isalpha():
        return (text,)
    return tuple(_WORDS.findall(text.replace("'", "").replace("’", "")))
