"""Keep purged Do Not Contact people known after the CRM forgot them: keyed hashes in the tab
`Suppression` (X-34).

Before a Do Not Contact is purged, their addresses and numbers go into that tab as HMAC-SHA256 under
the account's own key. A list then still knows a person who comes back by an import, and nobody who
reads the tab learns an address. The spelling that is hashed is fixed for good: entries of years ago
must still be met.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from policies.asks.wants import Finding, WantRow
from policies.values import emails, phones
from policies.world.memory import SUPPRESSED
from policies.world.model import Contact
from policies.world.sheet import Row, Workbook
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
    """A mark of 8 hex digits by which entries of this key are told from those of another; it says
    nothing about the key.
    """
    return hashed(key, "the key of this tab")[:8]


@dataclass(frozen=True, slots=True)
class Suppressed:
    """The tab as it can be asked. `unready` says why it cannot, or ""; `unreadable` the same where
    it has entries, or had them, and nobody can be looked up.
    """

    key: bytes
    entries: frozenset[str]
    unready: str = ""
    unreadable: str = ""

    def knows(self, contact: Contact) -> bool:
        """Whether an address or number of this contact was suppressed."""
        return bool(self.entries) and any(
            hashed(self.key, form) in self.entries for form in forms(contact)
        )


def suppressed(s: Snapshot) -> Suppressed:
    """The suppression list of this snapshot, once."""
    return s.once(_suppressed)


def _suppressed(s: Snapshot) -> Suppressed:
    rows = _entries(s.workbook)
    why = unreadable(s.workbook, s.practice.suppression_key, s.suppressed_before)
    unready = why or _unready(s, rows)
    return Suppressed(s.practice.suppression_key, _hashes(rows), unready, why)


def unreadable(book: Workbook, key: bytes, before: int) -> str:
    """Return why nobody can be looked up although people were suppressed, or "": absence is no
    permission (X-65). *before* is the number of entries that the ledger knows to be written.
    """
    rows = _entries(book)
    return _lost(book, len(_hashes(rows)), before) or _wrong_key(key, rows, len(_hashes(rows)))


def _entries(book: Workbook) -> Sequence[Row]:
    return [row for row in book.rows(TAB) if row.text("Hash")]


def _hashes(rows: Sequence[Row]) -> frozenset[str]:
    return frozenset(row.text("Hash") for row in rows)


def _lost(book: Workbook, entries: int, before: int) -> str:
    """Why the entries are not those that were there before, or "". `Memory` knows their number; the
    ledger's counts where it does not.
    """
    known = [SUPPRESSED.read(row.text("What")) for row in SUPPRESSED.copies(book)]
    had = max((number or 0 for number in known), default=before)
    if entries >= had:
        return ""
    tab = book.tabs.get(TAB)
    seen = f"{entries:,} can be read now"
    if tab and tab.problems:
        seen = f"{seen} ({tab.problems[0]})"
    entry = "entry" if had == 1 else "entries"
    return (
        f"the tab {TAB!r} had {had:,} {entry}, and {seen}: bring them back (File > Version history"
        " in the Sheet)"
    )


def to_remember(book: Workbook) -> int:
    """Return the number of entries that `Memory` should know and does not yet, or 0."""
    entries = len(_hashes(_entries(book)))
    known = [SUPPRESSED.read(row.text("What")) or 0 for row in SUPPRESSED.copies(book)]
    return entries if len(known) < 2 and entries > max(known, default=0) else 0


def _unready(s: Snapshot, rows: Sequence[Row]) -> str:
    """Why the tab cannot be relied on, or ""."""
    tab = s.workbook.tabs.get(TAB)
    if tab is None:
        return f"there is no tab {TAB!r}: run `steward setup --apply`"
    if tab.problems:
        return tab.problems[0]
    return s.workbook.suppression_guarded if rows else ""


def _wrong_key(key: bytes, rows: Sequence[Row], entries: int) -> str:
    """Why the entries cannot be compared with anybody, or ""."""
    if not rows:
        return ""
    if not key:
        return NO_KEY
    mark = key_mark(key)
    foreign = sum(row.text("Key") != mark for row in rows)
    if not foreign:
        return ""
    return (
        f"{foreign} of {entries} entries of the tab {TAB!r} were made with another key,"
        " and nobody can be looked up in them: put that key back into"
        " $STEWARD_SUPPRESSION_KEY"
    )


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
