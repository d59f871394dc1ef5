"""What identifies a contact, spelled one way: e-mail addresses, phone numbers and postal addresses
(DB-23).

Two values that reach the same mailbox, line or door come out equal; a value that reaches nobody
("none@none.com", 0000000000) comes out empty and is no evidence of anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

import phonenumbers

from policies.world.model import Address, Contact

T = TypeVar("T")
_NOT_DIGITS = re.compile(r"[^0-9]+")
_DIGITS_ONLY = {n: None for n in range(128) if not chr(n).isdigit()}
_LOOSE = str.maketrans({",": " ", ".": " ", ";": " ", "#": " # ", "/": " ", "-": " "})
_NOBODY = frozenset(
    {
        "none",
        "noemail",
        "nomail",
        "no",
        "na",
        "n/a",
        "unknown",
        "test",
        "noreply",
        "no-reply",
        "donotreply",
        "null",
    }
)
_NUMBERS_OF_NOBODY = frozenset({"2345678901", "9876543210"})
_DOTLESS = frozenset({"gmail.com", "googlemail.com"})
"""Where the dots of the local part mean nothing."""
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


def mailbox(value: str) -> str:
    """The mailbox that an e-mail address reaches: case, a ``+tag`` and Gmail's dots do not count;
    "" for none.
    """
    local, at, domain = value.strip().casefold().rpartition("@")
    if "+" in local:
        local = local.partition("+")[0]
    if (
        not at
        or not local
        or "." not in domain
        or local in _NOBODY
        or domain.partition(".")[0] in _NOBODY
    ):
        return ""
    if domain in _DOTLESS:
        return f"{local.replace('.', '')}@gmail.com"
    return f"{local}@{domain}"


def line(value: str) -> str:
    """The line that a phone number reaches: ten digits for a North American one, E.164 for another,
    with its extension.

    "" for what is no number. The library is asked only about numbers that are not plain ten digits:
    it takes 50 times as long.
    """
    digits = value.translate(_DIGITS_ONLY)
    if not (digits.isascii() and digits.isdigit()):
        digits = _NOT_DIGITS.sub("", digits)
    if len(digits) == 11 and digits[0] == "1":
        digits = digits[1:]
    elif len(digits) != 10 or "+" in value:
        return _foreign(value) if len(digits) >= 7 else ""
    return digits if _plausible(digits) else ""


def _plausible(digits: str) -> bool:
    return (
        digits[0] not in "01"
        and digits[3] not in "01"
        and digits != digits[0] * 10
        and digits not in _NUMBERS_OF_NOBODY
    )


def _foreign(value: str) -> str:
    try:
        number = phonenumbers.parse(value, "US")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    national = str(number.national_number)
    if number.country_code == 1 and not _plausible(national):
        return ""
    start = national if number.country_code == 1 else f"+{number.country_code}{national}"
    return f"{start}x{number.extension}" if number.extension else start


def door(address: Address) -> str:
    """The door that a postal address names: house number, street and unit, and the ZIP code or else
    the town; "" where the street line has no number.
    """
    words = address.street.casefold().translate(_LOOSE).split()
    if not any(word[0].isdigit() for word in words):
        return ""
    where = (
        address.code[:5]
        if address.code[:5].isdigit()
        else " ".join(address.city.casefold().split())
    )
    return f"{' '.join([_SHORT.get(word, word) for word in words])}|{where}"


def mailboxes(contact: Contact) -> Collection[str]:
    """Every mailbox of a contact, once each."""
    return _each(mailbox, [reach.value for reach in contact.emails])


def lines(contact: Contact) -> Collection[str]:
    """Every phone line of a contact, once each."""
    return _each(line, [reach.value for reach in contact.phones])


def doors(contact: Contact) -> Collection[str]:
    """Every door of a contact, once each."""
    return _each(door, contact.addresses)


def _each(spell: Callable[[T], str], values: Sequence[T]) -> Collection[str]:
    if len(values) == 1:  # nearly everybody has one, and 100,000 of them are walked through
        return (found,) if (found := spell(values[0])) else ()
    return tuple(dict.fromkeys(filter(None, map(spell, values))))
