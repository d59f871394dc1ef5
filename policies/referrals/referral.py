"""A referral as a value: its lead, its source, since when, and what is not certain about it.

It is derived from three signals (RF-04): the field `Referred By`, a native lead source "Referral —
Name", and a row that a person typed into the log. Every referral rule starts from `referrals`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property

from policies.facts import people_by_name
from policies.facts.contact_permission import death
from policies.facts.referral_log import (
    TYPES,
    Entry,
    bare,
    entry_of,
    last_written,
)
from policies.referrals import absent_source
from policies.referrals.baseline import begun
from policies.referrals.doubts import (
    AMBIGUOUS,
    CONTESTED,
    HIDDEN,
    HOUSEHOLD,
    LEFT_ALONE,
    TWIN,
    UNKNOWN,
    UNNAMED,
)
from policies.referrals.log import left_out
from policies.referrals.log.log_matching import leads_of
from policies.values.dates import local_time
from policies.world.memory import LOGGED
from policies.world.model import Contact, Key
from policies.world.sheet import Row
from policies.world.snapshot import Snapshot

LATE = timedelta(days=3)
"""A lead entered longer ago than this was there before somebody said who sent them: the clock
starts when it is seen.
"""


@dataclass(frozen=True, kw_only=True)
class Referral:
    """One referral. `type` is the one that counts, `known_type` the CRM's. `source` is None until
    one contact is certain; `doubt` then says what is asked, about `others`.

    `received` is the instant its hours count from. `row` is its row in the log, None while it has
    none. `history` came before the procedure began: it is followed, and nobody is thanked for it
    again.
    """

    lead: Contact
    source: Contact | None
    source_name: str
    type: str
    known_type: str
    received: datetime
    row: Row | None = None
    doubt: str = ""
    others: tuple[int, ...] = ()
    history: bool = False

    @cached_property
    def subject(self) -> str:
        """The subject of its keys: the lead's, as they were when it was logged, whatever they were
        merged into since.
        """
        key = Key.parse(self.row.ref) if self.row else None
        if key and key.subject.startswith("p"):
            return key.subject
        return f"p{(self.entry.lead_id if self.entry else 0) or self.lead.id}"

    def key(self, rule: str, step: str) -> Key:
        """The key of something that follows from it."""
        return Key(rule, self.subject, step)

    @cached_property
    def entry(self) -> Entry | None:
        """Its row, read."""
        return entry_of(self.row) if self.row else None

    @property
    def logged(self) -> bool:
        """Whether it is in the log or belongs there: one that may not be a referral of its own is
        asked about first.
        """
        if self.doubt == HIDDEN:
            return self.row is not None
        return self.doubt not in {HOUSEHOLD, TWIN, UNNAMED}


def referrals(s: Snapshot) -> Sequence[Referral]:
    """Every referral since the procedure began and every one in the log, in the order of the leads;
    once per snapshot.
    """
    return s.once(_referrals)


def candidates(s: Snapshot, r: Referral) -> tuple[Contact, ...]:
    """The source, or everyone whom its name can mean while that is not certain."""
    if r.source:
        return (r.source,)
    if r.doubt == LEFT_ALONE:
        return ()
    found = people_by_name.meant(s, r.source_name) - {r.lead.id}
    return tuple(s.contacts[number] for number in sorted(found))


def unread(s: Snapshot, r: Referral) -> bool:
    """Whether the record or the signs of somebody who is or may be the source cannot be read in
    this pass: they are left alone, and nothing of theirs is ended either (X-65).
    """
    if r.doubt == HIDDEN:
        return True
    others = (s.contacts[number] for number in r.others if number in s.contacts)
    return any(contact.unreadable for contact in (*candidates(s, r), *others))


def by_lead(s: Snapshot) -> Mapping[int, Referral]:
    """The referrals by the lead's number."""
    return s.once(_by_lead)


def _by_lead(s: Snapshot) -> Mapping[int, Referral]:
    return {r.lead.id: r for r in referrals(s)}


def _referrals(s: Snapshot) -> Sequence[Referral]:
    found: dict[int, Referral] = {}
    known: dict[tuple[str, str], Referral] = {}
    rows = leads_of(s)
    numbers = {*rows, *(c.id for c in s.contacts.values() if _counts(s, c))}
    for number in sorted(
        numbers, key=lambda n: (n not in rows, n)
    ):  # what is logged stands before what is not
        lead = s.contacts[number]
        if not people_by_name.in_scope(s, lead):
            continue
        one = _referral(s, lead, rows.get(number))
        if one is not None:
            found[number] = _unless_absent(s, _unless_twin(s, one, known))
    return tuple(found[number] for number in sorted(found))


def _counts(s: Snapshot, contact: Contact) -> bool:
    return (
        not contact.trashed
        and contact.id not in begun(s).leads
        and bool(people_by_name.claims(contact) or people_by_name.unnamed(contact.source))
    )


def _referral(s: Snapshot, lead: Contact, row: Row | None) -> Referral | None:
    entry = entry_of(row) if row else None
    if row is None and left_out.is_left_out(s, lead):
        return None
    names = _names(s, lead, row)
    if not names:
        return _unnamed(s, lead, row)
    source, doubt, others = _source(s, lead, entry, names)
    if source and not doubt and not row and _may_be_a_spouse(lead, source):
        doubt, others = HOUSEHOLD, (source.id,)
    known = _type(s, lead, row, source)
    written_name = bare(entry.source if entry else names[0])
    return Referral(
        lead=lead,
        source=source if doubt in {"", HOUSEHOLD} else None,
        source_name=source.name if source else written_name,
        type=_typed_type(entry) or known,
        known_type=known,
        received=_received(s, lead, row),
        row=row,
        doubt=doubt,
        others=others,
        history=_is_history(s, lead, row),
    )


def _unless_absent(s: Snapshot, r: Referral) -> Referral:
    """*r*, or that it stands still because this pass does not show somebody whom it rests on."""
    missing = absent_source.missing(s, r.subject, r.entry)
    return replace(r, source=None, doubt=HIDDEN, others=missing) if missing else r


def _names(s: Snapshot, lead: Contact, row: Row | None) -> tuple[str, ...]:
    """The names that the signals give for the source: typed over in the log, on the lead's record,
    or in the log.
    """
    found = typed_over(s, lead, row) or people_by_name.claims(lead)
    return found or ((row.text("Referral Source"),) if row else ())


def _unnamed(s: Snapshot, lead: Contact, row: Row | None) -> Referral:
    """A referral by somebody whom no signal names."""
    return Referral(
        lead=lead,
        source=None,
        source_name="",
        type="",
        known_type="",
        received=_received(s, lead, row),
        doubt=UNNAMED,
    )


def _may_be_a_spouse(lead: Contact, source: Contact) -> bool:
    """Whether lead and source live together, and nobody said of which type the referral is."""
    return people_by_name.one_household(lead, source) and not lead.fields.get("referral_type")


def _typed_type(entry: Entry | None) -> str:
    """The type that a person typed into the log; "" where Steward wrote it."""
    if entry is None or entry.type == last_written(entry.row)["Type"]:
        return ""
    return entry.type


def typed_over(s: Snapshot, lead: Contact, row: Row | None) -> tuple[str, ...]:
    """The source that a person typed over Steward's in the log, where it is certain who that is: an
    edit there wins (X-62).
    """
    written_name, name = (
        (last_written(row)["Referral Source"], row.text("Referral Source")) if row else ("", "")
    )
    theirs = bool(written_name) and bare(name).casefold() != bare(written_name).casefold()
    return (name,) if theirs and len(people_by_name.meant(s, name) - {lead.id}) == 1 else ()


def _source(
    s: Snapshot, lead: Contact, entry: Entry | None, names: Sequence[str]
) -> tuple[Contact | None, str, tuple[int, ...]]:
    """The certain source; or the doubt about it, and the contacts it may be."""
    in_the_log = people_by_name.by_number(s, entry.source_id) if entry else None
    if entry and in_the_log and source_typed(entry):
        return in_the_log, "", ()  # a person says who it is, by number, and is right
    meant = [people_by_name.meant(s, name) - {lead.id} for name in names]
    both = frozenset.intersection(*meant)
    if entry and absent_source.left_alone(s, entry, names, both):
        return None, LEFT_ALONE, ()
    if in_the_log and len(both) != 1:
        return in_the_log, "", ()  # an earlier pass was certain
    if not both and _differ(names) and not _answered(s, lead, CONTESTED):
        return None, CONTESTED, tuple(sorted(frozenset().union(*meant)))
    return _one_of(s, both or meant[0])


def _one_of(s: Snapshot, found: frozenset[int]) -> tuple[Contact | None, str, tuple[int, ...]]:
    """The contact where there is one; or the doubt, and all whom it may be."""
    if len(found) == 1:
        return s.contacts[next(iter(found))], "", ()
    return None, AMBIGUOUS if found else UNKNOWN, tuple(sorted(found))


def _differ(names: Sequence[str]) -> bool:
    """Whether the signals name different people."""
    return len({bare(name).casefold() for name in names}) > 1


def source_typed(entry: Entry) -> bool:
    """Whether a person typed the source's number into the log."""
    return bool(entry.source_id) and str(entry.source_id) != last_written(entry.row)["Source"]


def _answered(s: Snapshot, lead: Contact, step: str) -> bool:
    return any(task.done for task in s.lives(Key("RF-07", f"p{lead.id}", step)))


def _type(s: Snapshot, lead: Contact, row: Row | None, source: Contact | None) -> str:
    """The type as the CRM tells it: the lead's field, else the source's record, else what it told
    before (RF-22).
    """
    field = lead.fields.get("referral_type", "").strip().casefold()
    told = next((kind for kind in TYPES if kind.casefold() == field), "")
    return (
        told
        or (people_by_name.type_of(s, source) if source else "")
        or (last_written(row)["Type"] if row else "")
    )


def _received(s: Snapshot, lead: Contact, row: Row | None) -> datetime:
    """The instant it came in: as the log says, else when the lead was entered, else now."""
    if noted := _received_noted(s, lead, row):
        return noted
    created = lead.created.astimezone(s.now.tzinfo) if lead.created else None
    if created and _entered_just_now(s, created):
        return created
    day = entry_of(row).day if row else None
    if day and day < s.today:
        return datetime.combine(day, time(9), s.now.tzinfo)
    return s.now


def _received_noted(s: Snapshot, lead: Contact, row: Row | None) -> datetime | None:
    """The instant that the log holds, or Memory where a person deleted the row."""
    if row and (noted := local_time(row.text("Received"), s.now.tzinfo)):
        return noted
    remembered = LOGGED.value(s.workbook, Key("RF-01", f"p{lead.id}", "referral"))
    return local_time(remembered, s.now.tzinfo) if remembered else None


def _entered_just_now(s: Snapshot, created: datetime) -> bool:
    """Whether the lead was entered within the last days, or since the last pass that worked: the
    clock ran while no pass was made.
    """
    if created > s.now:
        return False
    missed = s.last_good is not None and created > s.last_good
    return missed or s.now - created <= LATE


def _is_history(s: Snapshot, lead: Contact, row: Row | None) -> bool:
    if row and row.text("As Written"):
        return not row.text("Received")
    day = entry_of(row).day if row else None
    return day is not None and day < begun(s).day and lead.id in begun(s).leads


def _unless_twin(s: Snapshot, one: Referral, known: dict[tuple[str, str], Referral]) -> Referral:
    """*one*, or that it is the same lead entered twice: the one that is logged, or was first,
    stands for both.
    """
    marks = people_by_name.person_marks(one.lead)
    first = next((known[mark] for mark in marks if mark in known), None)
    if first and one.row is None and not _answered(s, one.lead, TWIN):
        return replace(one, doubt=TWIN, others=(first.lead.id,), source=None)
    for mark in marks:
        known.setdefault(mark, one)
    return one


def lead_is_over(s: Snapshot, r: Referral) -> str:
    """Why the lead's own record needs nothing any more, in words; "" while it does."""
    if r.lead.trashed:
        return "the lead is in the Trash"
    return "the lead is deceased" if death(s, r.lead) else ""


def live(s: Snapshot) -> Iterator[Referral]:
    """The referrals that came in since the procedure began and are certain to be one."""
    return (r for r in referrals(s) if r.logged and not r.history)


def day_received(referral: Referral) -> date:
    """The local day it came in."""
    return referral.received.date()
