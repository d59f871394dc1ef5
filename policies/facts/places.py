"""Whether two texts name one place, as agents and contacts spell addresses."""

from __future__ import annotations


def _words(text: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in text.casefold()).split()


def is_address(text: str) -> bool:
    """Whether a deal's name is an address, as agents name them: a house number and a street."""
    words = _words(text)
    return len(words) >= 2 and words[0][0].isdigit()


def same_place(one: str, other: str) -> bool:
    """Whether two texts name one place: alike, or one house number and one street name ("12 Oak
    St", "12 Oak Street").
    """
    if one == other:
        return bool(_words(one))
    a, b = _words(one), _words(other)
    return bool(a) and (a == b or (is_address(one) and is_address(other) and a[:2] == b[:2]))
