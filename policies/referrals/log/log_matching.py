"""The rows of the log and the leads they are about: Steward's by their Ref, people's by what they
typed (RF-04, RF-33).

A row that a person typed has a date, a source and a first name. It is given its Ref as soon as
these three are there, and its lead as soon as that is certain; until then its Status asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from policies.asks.drafts import digest
from policies.facts import people_by_name
from policies.facts.referral_log import (
    DOUBLE,
    TAB,
    Entry,
    bare,
    entry_of,
    written,
)
from policies.facts.same_person import merges
from policies.referrals import absent_source
from policies.referrals.baseline import begun
from policies.values.names import one_line
from policies.world.calendar import DAY
from policies.world.model import Contact, Key
from policies.world.sheet import Row
from policies.world.snapshot import Snapshot

BEFORE, AFTER = 3, 14
"""Days around the date of a typed row within which its lead was entered into the CRM."""


@dataclass(slots=True)
class Matched:
    """The rows by lead, those whose lead is not certain, and those that repeat another, with that
    other.
    """

    leads: dict[int, Row] = field(default_factory=dict)
    unknown: list[Row] = field(default_factory=list)
    doubles: list[tuple[Row, Row]] = field(default_factory=list)

    def place(self, row: Row, lead: Contact | None) -> None:
        """Add *row* to the list that its lead, or the lack of one, puts it in."""
        if lead is None:
            self.unknown.append(row)
        elif lead.id in self.leads:
            self.doubles.append((row, self.leads[lead.id]))
        else:
            self.leads[lead.id] = row


def leads_of(s: Snapshot) -> Mapping[int, Row]:
    """The row of every lead that has one."""
    return matched(s).leads


def matched(s: Snapshot) -> Matched:
    """Every row that is Steward's or is to become so; once per snapshot."""
    return s.once(_matched)


def ref_of(row: Row) -> str:
    """The Ref of a typed row whose lead is not known: made from its cells."""
    entry = entry_of(row)
    words = "|".join((written(row.cells.get("Date")), entry.source, entry.lead))
    return str(Key("RF-01", f"r{digest(words)[:10]}", "referral"))


def _matched(s: Snapshot) -> Matched:
    """First the rows that name their lead, then the others, which a lead without a row may fit. A
    row whose lead this pass does not show is left as it is: nobody else is its lead (X-65).
    """
    found = Matched()
    counting = (row for row in s.workbook.rows(TAB) if not row.text("Status").startswith(DOUBLE))
    rows = [row for row in counting if not absent_source.hidden(s, _number(row))]
    for row in rows:
        if row.ref:
            found.place(row, _told(s, row))
    unclear, found.unknown = found.unknown, []
    typed = [row for row in rows if not row.ref and is_new(s, row)]
    for row in (*unclear, *typed):
        found.place(row, _told(s, row) or _lead(s, entry_of(row), found.leads))
    return found


def is_new(s: Snapshot, row: Row) -> bool:
    """Whether a row without a Ref is complete and not older than the procedure."""
    entry = entry_of(row)
    if not (entry.source and entry.lead):
        return False
    return entry.day is None or entry.day >= begun(s).day


def _number(row: Row) -> int:
    return absent_source.lead_of(entry_of(row))


def _told(s: Snapshot, row: Row) -> Contact | None:
    """The lead that the row itself names, by its number or by Steward's own Ref; a lead in the
    Trash is still the lead.
    """
    number = _number(row)
    if not number:
        return None
    return merges.current(s, number) or s.contacts.get(number)


def _lead(s: Snapshot, entry: Entry, taken: Mapping[int, Row]) -> Contact | None:
    """The one contact the row can mean: named alike, and claimed by the same source or entered
    about that day.
    """
    alike = s.once(_first_names).get(_first(entry.lead), ())
    named = (contact for contact in alike if _named(contact, entry.lead))
    pool = [contact for contact in named if people_by_name.in_scope(s, contact)]
    claimed = [contact for contact in pool if _same_source(s, contact, entry)]
    if claimed:
        return _only(claimed, taken)
    unclaimed = (contact for contact in pool if not people_by_name.claims(contact))
    return _only([contact for contact in unclaimed if _about_then(s, contact, entry)], taken)


def _only(contacts: Sequence[Contact], taken: Mapping[int, Row]) -> Contact | None:
    """The one of *contacts*, or the one of them that has no row yet; None where it is not
    certain.
    """
    found = contacts if len(contacts) == 1 else [c for c in contacts if c.id not in taken]
    return found[0] if len(found) == 1 else None


def _first_names(s: Snapshot) -> Mapping[str, Sequence[Contact]]:
    found: dict[str, list[Contact]] = {}
    for contact in s.contacts.values():
        if not contact.trashed:
            found.setdefault(_first(contact.name), []).append(contact)
    return found


def _first(name: str) -> str:
    return next(iter(one_line(name).casefold().split()), "")


def _named(contact: Contact, lead: str) -> bool:
    words = one_line(lead).casefold().split()
    return len(words) == 1 or contact.name.casefold() == " ".join(words)


def _same_source(s: Snapshot, contact: Contact, entry: Entry) -> bool:
    names = people_by_name.claims(contact)
    return any(
        bare(name).casefold() == entry.source_name.casefold()
        or people_by_name.meant(s, name) & people_by_name.meant(s, entry.source)
        for name in names
    )


def _about_then(s: Snapshot, contact: Contact, entry: Entry) -> bool:
    if contact.created is None:
        return False
    day, entered = entry.day or s.today, contact.created.astimezone(s.now.tzinfo).date()
    return day - BEFORE * DAY <= entered <= day + AFTER * DAY


def typed_rows(s: Snapshot) -> Iterator[tuple[str, Row]]:
    """Every row without a Ref that is to be given one because its lead is not certain, with that
    Ref.
    """
    used = {row.ref for row in s.workbook.rows(TAB)}
    for row in matched(s).unknown:
        if not row.ref:
            ref, n = ref_of(row), 1
            while ref in used:  # the same words twice are two rows
                n += 1
                ref = f"{ref_of(row)}.{n}"
            used.add(ref)
            yield ref, row
