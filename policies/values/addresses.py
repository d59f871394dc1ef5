"""Postal addresses as agents and contacts type them.

Two comparisons exist (issue 12 says whether they can be united):

- `door`: house number, street and unit, and the ZIP code or else the town. It tells whether two
  records name one home.
- `same_place`: house number and street name alone, as in a deal's name ("12 Oak St").
"""

from __future__ import annotations

_LOOSE = str.maketrans({",": " ", ".": " ", ";": " ", "#": " # ", "/": " ", "-": " "})
_SHORT = {
    "street": "st",
    "avenue": "ave",
    "av": "ave",
    "boulevard": "blvd",
    "drive": "dr",
    "lane": "ln",
    "road": "rd",
    "court": "ct",
    "circle": "cir",
    "place": "pl",
    "parkway": "pkwy",
    "trail": "trl",
    "terrace": "ter",
    "highway": "hwy",
    "square": "sq",
    "cove": "cv",
    "point": "pt",
    "ridge": "rdg",
    "hill": "hl",
    "hills": "hls",
    "creek": "crk",
    "crossing": "xing",
    "loop": "lp",
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
    "northeast": "ne",
    "northwest": "nw",
    "southeast": "se",
    "southwest": "sw",
    "apartment": "#",
    "apt": "#",
    "unit": "#",
    "suite": "#",
    "ste": "#",
    "no": "#",
    "saint": "st",
    "mount": "mt",
    "fort": "ft",
}


def door(street: str, code: str, city: str) -> str:
    """The door that an address names; "" where the street line has no number."""
    typed = street.casefold().translate(_LOOSE).split()
    if not any(word[0].isdigit() for word in typed):
        return ""
    zip_code = code[:5]
    where = zip_code if zip_code.isdigit() else " ".join(city.casefold().split())
    return f"{' '.join([_SHORT.get(word, word) for word in typed])}|{where}"


def is_address(text: str) -> bool:
    """Whether a deal's name is an address, as agents name them: a house number and a street."""
    typed = _words(text)
    return len(typed) >= 2 and typed[0][0].isdigit()


def same_place(one: str, other: str) -> bool:
    """Whether two texts name one place: alike, or one house number and one street name ("12 Oak
    St", "12 Oak Street").
    """
    a, b = _words(one), _words(other)
    if not a:
        return False
    return a == b or (is_address(one) and is_address(other) and a[:2] == b[:2])


def _words(text: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in text.casefold()).split()
