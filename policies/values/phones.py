"""Phone numbers as people type them, and the words for the state of one.

Three spellings exist, each for one purpose (issue 12 says which can be united):

- `line`: which line is reached, with its extension.
- `hashed_form`: what the suppression list hashes. It is fixed for good: entries of years ago must
  still be met.
- `last_ten`: the last ten digits. By them a source is found by number.
"""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers

from policies.values import phrases
from policies.values.names import visible
from policies.values.no_value import PHONE_NUMBERS

DEAD = (
    "invalid",
    "invalid number",
    "not valid",
    "disconnected",
    "disconnect",
    "wrong",
    "wrong number",
    "wrong person",
    "bad",
    "bad number",
    "not in service",
    "out of service",
    "no longer in service",
    "not in use",
    "no longer in use",
    "not working",
    "non working",
    "does not work",
    "does not exist",
    "dead",
)
"""Phrases of the CRM for a number that reaches nobody, or somebody else."""
_EXTENSION = re.compile(r"[;,]?\s*(?:extension|extn|ext|x|#)[\s.:=]*\d{1,6}\s*$", re.I)
_NOT_DIGITS = re.compile(r"\D+", re.ASCII)
_PLUS = re.compile(r"\D*\+")
_DIGITS_ONLY = {n: None for n in range(128) if not chr(n).isdigit()}


@lru_cache(maxsize=1_000)
def dead(status: str) -> bool:
    """Whether *status*, the CRM's word for a number, says that it reaches nobody (DB-31). A word
    beside it ("Wrong number - per text") changes nothing, a negation does.
    """
    return phrases.says(phrases.of_status(status), DEAD)


def line(value: str) -> str:
    """The line that a number reaches: ten digits for a North American one, E.164 for another, with
    its extension; "" for a number of nobody.

    The library is asked only about numbers that are not plain ten digits: it takes 50 times as
    long.
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
    """Whether ten digits can be a North American number."""
    return (
        digits[0] not in "01"
        and digits[3] not in "01"
        and digits != digits[0] * 10
        and digits not in PHONE_NUMBERS
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


def hashed_form(value: str) -> str:
    """The one spelling of a number that is hashed: E.164, a North American one completed, without
    extension; "" where *value* holds less than 7 digits.
    """
    text = _EXTENSION.sub("", visible(value).strip())
    digits = _NOT_DIGITS.sub("", text.replace("(0)", ""))
    if len(digits) < 7:
        return ""
    if _PLUS.match(text):
        return f"+{digits}"
    if len(digits) > 11:  # dialed from here, or from abroad
        abroad = "011" if digits.startswith("011") else "00"
        digits = digits.removeprefix(abroad)
    return f"+1{digits}" if len(digits) == 10 else f"+{digits}"


def digits_of(text: str) -> str:
    """The digits in *text*, in order."""
    return "".join(c for c in text if c.isdigit())


def last_ten(value: str) -> str:
    """The last ten digits of a number; "" for a shorter one."""
    digits = digits_of(value)
    return digits[-10:] if len(digits) >= 10 else ""
