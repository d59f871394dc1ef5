"""Who must never be written to again, although the CRM has forgotten them: keyed hashes in the tab
`Suppression` (X-34).

Before a Do Not Contact is purged, the address and the number go into that tab as HMAC-SHA256 under
the account's own key, so that a list still knows whoever comes back by an import, and nobody who
reads the tab learns an address. How a value is spelled before it is hashed is fixed for good:
entries of years ago must still be met.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass

from policies.asks.wants import Finding, WantRow
from policies.values import emails, phones
from policies.world.model import Contact
from policies.world.snapshot import Snapshot

TAB = "Suppression"
NO_KEY = (
    "there is no key for the Suppression tab: put a long random text into $STEWARD_SUPPRESSION_KEY"
    " or the credential suppression_key, and keep it"
)


def forms(contact: Contact) -> tuple[str, ...]:
    """Everything of a contact that is hashed, once each, e-mail addresses first; a mailbox in its
    plainest spelling too.
    """
    mail = [emails.hashed_form(reach.value) for reach in contact.emails]
    numbers = [phones.hashed_form(reach.value) for reach in contact.phones]
    found = (*mail, *map(emails.plainest, mail), *numbers)
    return tuple(dict.fromkeys(form for form in found if form))


def hashed(key: bytes, form: str) -> str:
    """The entry of a value that *key* makes: 64 hex digits."""
    return hmac.new(key, form.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def key_mark(key: bytes) -> str:
    """What tells entries of this key from those of another, and tells nothing of the key: 8 hex
    digits.
    """
    return hashed(key, "the key of this tab")[:8]


@dataclass(frozen=True, slots=True)
class Suppressed:
    """The tab as it can be asked. `unready` says why it cannot, or ""."""

    key: bytes
    entries: frozenset[str]
    unready: str = ""

    def knows(self, contact: Contact) -> bool:
        """Whether an address or number of this contact was suppressed."""
        return bool(self.entries) and any(
            hashed(self.key, form) in self.entries for form in forms(contact)
        )


def suppressed(s: Snapshot) -> Suppressed:
    """The suppression list of this snapshot, once."""
    return s.once(_suppressed)


def _suppressed(s: Snapshot) -> Suppressed:
    key, rows = s.practice.suppression_key, s.workbook.rows(TAB)
    entries = frozenset(row.text("Hash") for row in rows if row.text("Hash"))
    if TAB not in s.workbook.tabs or s.workbook.tabs[TAB].problems:
        problems = s.workbook.tabs[TAB].problems if TAB in s.workbook.tabs else ()
        return Suppressed(
            key,
            entries,
            problems[0] if problems else f"there is no tab {TAB!r}: run `steward setup --apply`",
        )
    if not entries:
        return Suppressed(key, entries)
    if not key:
        return Suppressed(key, entries, NO_KEY)
    foreign = sum(row.text("Key") != key_mark(key) for row in rows if row.text("Hash"))
    if foreign:
        return Suppressed(
            key,
            entries,
            f"{foreign} of {len(entries)} entries of the tab {TAB!r} were made with another key,"
            " and nobody can be looked up in them: put that key back into"
            " $STEWARD_SUPPRESSION_KEY",
        )
    return Suppressed(key, entries, s.workbook.suppression_guarded)


def entries_for(s: Snapshot, contact: Contact) -> Iterator[Finding]:
    """The rows that must stand in the tab before this contact may be removed (X-34); nothing
    without a key, see `purge_unready`.
    """
    key = s.practice.suppression_key
    for form in forms(contact) if key else ():
        entry = hashed(key, form)
        yield Finding(
            "DB-34",
            "whoever was removed as Do Not Contact must stay known to every list (X-34)",
            WantRow(
                tab=TAB,
                ref=f"sup {entry[:24]}",
                first={
                    "Kind": "e-mail" if "@" in form else "phone",
                    "Hash": entry,
                    "Key": key_mark(key),
                    "Date": s.today,
                },
            ),
        )


def purge_unready(s: Snapshot) -> str:
    """Why no purge row can be approved now, or "": nothing is removed that would be forgotten."""
    return NO_KEY if not s.practice.suppression_key else suppressed(s).unready
