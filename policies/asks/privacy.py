"""Privacy toward referral sources: they learn that a referral arrived, no more (RF-18, RF-26).

Every text to a source is built from the four values of `ToSource`, never by taking things out of
something larger. `leaks` lists the client's details that an agent's own text would give away.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from policies.asks import drafts
from policies.values.names import one_line
from policies.world.calendar import american
from policies.world.model import Contact, Deal

FIELDS: Final = frozenset({"source_first_name", "lead_first_name", "agent_name", "date"})
"""Every merge field of a text to a source."""
_NAME = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*\.?")
_OUTCOME = re.compile(
    r"\b(?:under contract|closed|closing|went through|fell through|sold|bought|purchas\w+"
    r"|listed|offer|inspection|apprais\w+|pre-?approv\w+|mortgage|price|commission)\b"
    r"|\$\s?\d",
    re.I,
)
"""Words and sums that say how the client's transaction went."""


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

    @property
    def merge(self) -> Mapping[str, str]:
        """The four values as merge fields."""
        return {
            "source_first_name": self.source_first_name,
            "lead_first_name": self.lead_first_name,
            "agent_name": self.agent_name,
            "date": american(self.day),
        }

    def render(self, template: str) -> str:
        """Fill these values into *template*.

        Raises:
            drafts.Unusable: for bad syntax or any other merge field.
        """
        return drafts.render(template, self.merge)

    def facts(self, *templates: str) -> drafts.Facts:
        """The facts in a text that was rendered from *templates*.

        Raises:
            drafts.Unusable: for bad syntax.
        """
        return drafts.Facts.of(self.merge, *templates)


def first_name(contact: Contact) -> str:
    """Return a contact's first name: one word of letters, never the surname; "" without one."""
    word = first_word(contact.first_name)
    surnames = _parts(contact.last_name)
    # Two words joined by a dot are an address's "first.last", and initials are not.
    joined = any(len(part) > 1 for part in word.split(".")[1:])
    return "" if joined or surnames & {word.casefold(), *_parts(word)} else word


def _parts(name: str) -> set[str]:
    """Return the words of a name as they are compared, whole and split at hyphens."""
    words = _NAME.findall(unicodedata.normalize("NFC", name).casefold())
    return {part for word in words for part in (word, *word.split("-")) if part}


def first_word(name: str) -> str:
    """Return the first word of *name* if it is made of letters, else ""."""
    word = next(iter(unicodedata.normalize("NFC", one_line(name)).split()), "")
    letters = word[:1].isalpha() and all(c.isalpha() or c in "'’.-" for c in word)
    return word if letters and len(word) <= 30 else ""


def leaks(
    text: str, lead: Contact, deals: Iterable[Deal], names: Iterable[str] = ()
) -> tuple[str, ...]:
    """List everything in *text* that would tell a source more than the client's first name.

    This covers who the client is and where they live (see `identifies`, also for *names*), and how
    the transaction went. Each is one sentence that begins with RF-18.
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
    """List everything in *text* that says who the client is or where they live.

    The client's first name may be in it, and so may *names* (the agent's, the source's own), even
    if the client is called the same. Each is one sentence that begins with RF-18.
    """
    folded = one_line(_without(text, (*names, first_name(lead)))).casefold()
    found = []
    for value in dict.fromkeys(_details(lead, deals)):
        shown = one_line(value)
        whole_word = rf"(?<!\w){re.escape(shown.casefold())}(?!\w)"
        if len(value.strip()) > 1 and re.search(whole_word, folded):
            found.append(f"RF-18: {shown!r} is the client's and stays with them")
    return tuple(found)


def _details(lead: Contact, deals: Iterable[Deal]) -> Iterator[str]:
    """Yield the words that identify a client: surname, addresses, deals, e-mails and phones."""
    yield from _NAME.findall(lead.last_name)
    for address in lead.addresses:
        yield from (address.street, address.city, address.code)
    yield from (deal.name for deal in deals)
    yield lead.fields.get("property_address", "")
    yield from (reach.value for reach in (*lead.emails, *lead.phones))
