"""Limits of what reaches a referral source: the fact of a referral and thanks for it, nothing of
the client's (RF-18, RF-26).

Everything aimed at a source is built from the four values of `ToSource`, never by taking things out
of something larger. `leaks` says what of a client an agent's own words would give away.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from policies.asks import drafts
from policies.world.calendar import american
from policies.world.model import Contact, Deal, one_line

FIELDS: Final = frozenset({"source_first_name", "lead_first_name", "agent_name", "date"})
"""Every merge field of a text to a source."""
_NAME = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*\.?")
_OUTCOME = re.compile(
    r"\b(?:under contract|closed|closing|went through|fell"
    r" through|sold|bought|purchas\w+|listed|offer|inspection|apprais\w+|pre-?approv\w+"
    r"|mortgage|price|commission)\b|\$\s?\d",
    re.I,
)


@dataclass(frozen=True, slots=True)
class ToSource:
    """All that a text to a source can be made of: a day, two first names, and the agent's name."""

    day: date
    lead_first_name: str
    source_first_name: str
    agent_name: str

    @classmethod
    def of(cls, day: date, lead: Contact, source: str, agent_name: str) -> ToSource:
        """The values for one referral; *source* is the source's name as it is known."""
        return cls(day, first_name(lead), first_word(source), agent_name)

    def note(self) -> str:
        """The note on the source's record, in the procedure's form (RF-26)."""
        return f"{american(self.day)} — referred {self.lead_first_name or 'a new client'}"

    def render(self, template: str) -> str:
        """*template* with these values filled in. Raises drafts.Unusable for any other merge
        field.
        """
        return drafts.render(
            template,
            {
                "source_first_name": self.source_first_name,
                "lead_first_name": self.lead_first_name,
                "agent_name": self.agent_name,
                "date": american(self.day),
            },
        )


def first_name(contact: Contact) -> str:
    """A contact's first name alone: one word of letters, never their surname; "" where there is no
    such word.
    """
    word = first_word(contact.first_name)
    surnames = _parts(contact.last_name)
    # Two words joined by a dot are an address's "first.last", and initials are not.
    joined = any(len(part) > 1 for part in word.split(".")[1:])
    return "" if joined or surnames & {word.casefold(), *_parts(word)} else word


def _parts(name: str) -> set[str]:
    """The words of a name as they are compared, whole and at their hyphens."""
    words = _NAME.findall(unicodedata.normalize("NFC", name).casefold())
    return {part for word in words for part in (word, *word.split("-")) if part}


def first_word(name: str) -> str:
    """The first word of *name*, if it is made of letters."""
    word = next(iter(unicodedata.normalize("NFC", one_line(name)).split()), "")
    letters = word[:1].isalpha() and all(c.isalpha() or c in "'’.-" for c in word)
    return word if letters and len(word) <= 30 else ""


def leaks(
    text: str, lead: Contact, deals: Iterable[Deal], names: Iterable[str] = ()
) -> tuple[str, ...]:
    """List everything in *text* that would tell a source more of the client than the first name:
    one sentence each that begins with RF-18.

    *names* are as for `identifies`, which says who and where; this says what became of them, too.
    """
    outcome = _OUTCOME.search(_without(text, (*names, first_name(lead))))
    return (
        *identifies(text, lead, deals, names),
        *((f"RF-18: {outcome[0]!r} tells of their transaction",) if outcome else ()),
    )


def _without(text: str, names: Iterable[str]) -> str:
    for name in names:
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", text) if name else text
    return text


def identifies(
    text: str, lead: Contact, deals: Iterable[Deal], names: Iterable[str] = ()
) -> tuple[str, ...]:
    """List everything in *text* that says who the client is or where they live, beyond the first
    name, one sentence each.

    *names* may be in it whatever the client is called: the agent's, the source's own.
    """
    known = [*_NAME.findall(lead.last_name)]
    known += [
        part for address in lead.addresses for part in (address.street, address.city, address.code)
    ]
    known += [deal.name for deal in deals] + [lead.fields.get("property_address", "")]
    known += [reach.value for reach in (*lead.emails, *lead.phones)]
    folded = one_line(_without(text, (*names, first_name(lead)))).casefold()
    return tuple(
        f"RF-18: {one_line(value)!r} is the client's and stays with them"
        for value in dict.fromkeys(known)
        if len(value.strip()) > 1
        and re.search(rf"(?<!\w){re.escape(one_line(value).casefold())}(?!\w)", folded)
    )
