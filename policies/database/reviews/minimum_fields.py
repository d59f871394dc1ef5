"""Record gaps: seven fields that every record must have, and the standard of stage, tag and source.

Each record with gaps is a line in the tab `Record Gaps`: new ones from the day after they came in,
the existing ones a few a week, oldest first. The lines of one day are one task of the VA's. Steward
sees the background and the notes written since it began; older notes it cannot see, so that missing
notes alone put no existing record on the list. The clauses are DB-01, DB-19 and DB-22.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from itertools import compress

from policies.asks.followup import Matter, close, of_rule
from policies.asks.pace import A_WEEK, some_rows
from policies.asks.wants import Finding, WantRow, WantTask
from policies.facts import taxonomy
from policies.facts.contact_permission import death
from policies.facts.ownership import added, kept
from policies.facts.taxonomy import Category
from policies.world.calendar import DAY, short
from policies.world.model import Contact, Key, Reach
from policies.world.sheet import Row
from policies.world.snapshot import Snapshot

TAB = "Record Gaps"
RULE = "DB-19"
OPEN, COMPLETE, TRASHED = "Open", "Complete", "In the Trash"
_GAPS = "gaps"
WORKING_ON = 30
"""Days for which the task of a day's lines is useful."""


class Gap(StrEnum):
    """A field that can be missing, in the words of the list."""

    NAME = "full name"
    EMAIL = "e-mail"
    PHONE = "phone"
    STAGE = "stage"
    SOURCE = "lead source"
    ADDED = "date added"
    NOTES = "notes (the background is empty; see the timeline)"
    TAG = "lead-source tag"


_OF_THE_LIVING = (Gap.EMAIL, Gap.PHONE, Gap.NOTES)


def gaps(s: Snapshot, contact: Contact) -> tuple[Gap, ...]:
    """List what this record lacks.

    A lead-source tag is the one required tag (X-25). Any phone will do; a mobile is preferred. A
    record of a person who died needs no e-mail, phone or notes (X-49).
    """
    return s.once(_incomplete).get(contact.id, ())


def _incomplete(s: Snapshot) -> Mapping[int, tuple[Gap, ...]]:
    return {contact.id: found for contact in s.contacts.values() if (found := _gaps(s, contact))}


def _gaps(s: Snapshot, contact: Contact) -> tuple[Gap, ...]:
    lacks = (  # in the order of Gap
        not (contact.first_name.strip() and contact.last_name.strip()),
        _nowhere(contact.emails),
        _nowhere(contact.phones),
        contact.stage is None,
        not contact.source.strip(),
        contact.created is None,
        _notes_missing(s, contact),
        not taxonomy.of(s).has(contact, Category.LEAD_SOURCE),
    )
    if True not in lacks:
        return ()
    missing = tuple(compress(Gap, lacks))
    if death(s, contact):
        return tuple(gap for gap in missing if gap not in _OF_THE_LIVING)
    return missing


def _nowhere(reaches: Sequence[Reach]) -> bool:
    for reach in reaches:  # noqa: SIM110  # half the time of any(), twice for every contact
        if reach.value.strip():
            return False
    return True


def _notes_missing(s: Snapshot, contact: Contact) -> bool:
    """Tell whether people were in touch with the contact and there are no notes."""
    if contact.has_background or contact.id in s.noted:
        return False
    return bool(contact.communications or contact.last_communication)


def decide(s: Snapshot) -> Iterator[Finding]:
    """Want the lines of the list, and one task for those of each day."""
    new, old = _unlisted(s)
    room = A_WEEK - _old_this_week(s)
    chosen = {contact.id for contact in (*new, *old[: max(0, room)])}
    yield from some_rows(s, _lines(s, chosen))
    yield from _tasks(s, [contact for contact in kept(s) if contact.id in chosen])


def _unlisted(s: Snapshot) -> tuple[list[Contact], list[Contact]]:
    """Return the records with gaps that have no line yet: new ones, and those from before.

    New ones were added since Steward began, and before today.
    """
    new, old = [], []
    for contact in kept(s):
        found = gaps(s, contact)
        if not found or _listed_already(s, contact):
            continue
        day = added(s, contact)
        if day and day >= s.starts:
            new += [contact] if day < s.today else []
        elif found != (Gap.NOTES,):
            old.append(contact)
    return new, sorted(old, key=lambda c: (added(s, c) or date.min, c.id))


def _old_this_week(s: Snapshot) -> int:
    """Count the lines of the past week for records from before Steward began."""
    count = 0
    for key, row in _rows(s):
        day, contact = _listed(row), s.contact_by(key.subject)
        if day is None or (s.today - day).days >= 7 or contact is None:
            continue
        count += (added(s, contact) or date.min) < s.starts
    return count


def _rows(s: Snapshot) -> Iterator[tuple[Key, Row]]:
    for row in s.workbook.rows(TAB):
        if (key := Key.parse(row.ref)) and key.rule == RULE:
            yield key, row


def _listed_already(s: Snapshot, contact: Contact) -> bool:
    """Tell whether the tab has a line for this contact, open or not."""
    subjects = s.once(_subjects)
    return bool(subjects) and f"p{contact.id}" in subjects


def _subjects(s: Snapshot) -> frozenset[str]:
    return frozenset(key.subject for key, _ in _rows(s) if key.episode == _GAPS)


def _listed(row: Row) -> date | None:
    day = row.cells.get("Listed On")
    return day if isinstance(day, date) else None


def _key(contact: Contact) -> Key:
    return Key(RULE, f"p{contact.id}", _GAPS)


def _lines(s: Snapshot, chosen: set[int]) -> Iterator[Finding]:
    for contact in kept(s):
        if contact.id in chosen or _listed_already(s, contact):
            found = gaps(s, contact)
            reason = f"nothing is missing of {contact.name}"
            if found:
                reason = f"{contact.name} lacks {', '.join(found)}"
            yield Finding(
                RULE,
                reason,
                WantRow(
                    tab=TAB,
                    ref=str(_key(contact)),
                    person_id=contact.id,
                    create=bool(found),
                    first={"Rule": RULE, "Client": contact.name, "Listed On": s.today},
                    keep={"What": ", ".join(found), "Status": OPEN if found else COMPLETE},
                ),
            )
    for key, row in _rows(s):
        if (gone := s.contact_by(key.subject)) and gone.trashed:
            yield Finding(
                RULE,
                f"contact {gone.id} is in the Trash",
                WantRow(tab=TAB, ref=row.ref, create=False, keep={"What": "", "Status": TRASHED}),
            )


def _tasks(s: Snapshot, today: Sequence[Contact]) -> Iterator[Finding]:
    """Want one task for the lines of each day, and withdraw it once all of them are complete,
    however long ago they were listed.
    """
    days: dict[date, list[Contact]] = {s.today: list(today)} if today else {}
    waiting = set(days)
    for key, row in _rows(s):
        contact, day = s.contact_by(key.subject), _listed(row)
        if day is None:
            continue
        if contact is None:
            waiting |= {day} if row.text("Status") == OPEN else set()  # not known: it stays
        elif not contact.trashed and gaps(s, contact):
            waiting.add(day)
            if (s.today - day).days <= WORKING_ON:
                days.setdefault(day, []).append(contact)
    for day, contacts in sorted(days.items()):
        yield Finding(
            RULE,
            f"{len(contacts)} records listed on {short(day)} lack something every record must have",
            WantTask(
                key=_batch(day),
                person_id=contacts[0].id,
                assignee=s.practice.va_id,
                kind="Follow Up",
                due=s.business.after(day, 5),
                name=f"Fill in what is missing: the lines of {short(day)} in the tab {TAB}",
                useful_until=day + WORKING_ON * DAY,
            ),
        )
    yield from _complete(s, {_batch(day) for day in waiting})


def _complete(s: Snapshot, waiting: set[Key]) -> Iterator[Finding]:
    for task in of_rule(s, RULE).open_tasks:
        if task.key and task.key.subject == "a0" and task.key.base not in waiting:
            yield from close(Matter((task,)), "every record of that day is complete", over=True)


def _batch(day: date) -> Key:
    return Key(RULE, "a0", f"{day:%Y%m%d}")
