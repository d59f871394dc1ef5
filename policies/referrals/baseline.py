"""Where the procedure began: who was referred before, and how many each source had sent (rule 14,
RF-27).

Steward starts from that day: nobody is thanked for an old referral. The Memory rows "referrals
begun" hold what was there before. Nothing is counted until they are written, because the first
count starts from them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from policies.asks.wants import Finding, WantRow
from policies.values.dates import iso_date
from policies.values.numbers import contact_number
from policies.world import memory
from policies.world.memory import REFERRALS_BEGUN
from policies.world.model import Contact
from policies.world.snapshot import Snapshot

LONGEST = 40_000
"""Characters of one Memory cell; longer lists go on in a row of their own."""


@dataclass(frozen=True, slots=True)
class Begun:
    """The day the procedure began, the leads that were referred before, and the opening count of
    each source.
    """

    day: date
    leads: frozenset[int]
    opening: Mapping[int, int]
    written: bool = True
    """False while it is only about to be written: what follows from it then waits."""


def begun(s: Snapshot) -> Begun:
    """The baseline in Memory, or the one that this pass is about to write."""
    return s.once(_begun)


def _begun(s: Snapshot) -> Begun:
    rows = [row for _, row in REFERRALS_BEGUN.rows(s.workbook)]
    if not rows:
        return Begun(
            s.today, frozenset(c.id for c in _referred_before(s)), _counts(s), written=False
        )
    text = " ".join(row.text("What") for row in rows)
    first = next((row for row in rows if row.ref == REFERRALS_BEGUN.ref()), rows[0])
    return Begun(
        iso_date(first.text("Date")) or s.today,
        frozenset(map(int, re.findall(r"\bp(\d+)\b(?!=)", text))),
        {int(number): int(count) for number, count in re.findall(r"\bp(\d+)=(\d+)\b", text)},
    )


def _referred_before(s: Snapshot) -> Iterator[Contact]:
    """Everyone who is known to be referred, except leads that were entered today."""
    for contact in s.contacts.values():
        entered = contact.created.astimezone(s.now.tzinfo).date() if contact.created else None
        if signalled(contact) and entered != s.today:
            yield contact


def signalled(contact: Contact) -> bool:
    """Whether a contact's record says that they were referred, with or without a name."""
    return bool(contact.fields.get("referred_by")) or contact.source.strip().casefold().startswith(
        "referr"
    )


def _counts(s: Snapshot) -> Mapping[int, int]:
    held = {c.id: contact_number(c.fields.get("referrals_sent")) for c in s.contacts.values()}
    return {contact: count for contact, count in held.items() if count}


def remember(s: Snapshot) -> Iterator[Finding]:
    """The rows of Memory, the first time."""
    found = begun(s)
    if found.written:
        return
    words = [f"p{number}" for number in sorted(found.leads)] + [
        f"p{number}={count}" for number, count in sorted(found.opening.items())
    ]
    for n, text in enumerate(_chunks(words), 1):
        ref = REFERRALS_BEGUN.ref(n if n > 1 else "")
        yield Finding(
            "RF-01",
            "the referral procedure begins today: what was there before is history, and is not"
            " thanked for",
            WantRow(tab=memory.TAB, ref=ref, first=REFERRALS_BEGUN.cells(text or "none", s.stamp)),
        )


def _chunks(words: Iterable[str]) -> Iterator[str]:
    line = ""
    for word in words:
        if len(line) + len(word) > LONGEST:
            yield line
            line = ""
        line = f"{line} {word}".strip()
    yield line
