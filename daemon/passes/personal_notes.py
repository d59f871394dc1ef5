"""When a person last wrote a note on each contact: read piece by piece, kept in the ledger by id
and time (X-29).

The CRM tells it note by note only. The last 100 days are read once, then only new notes. The
notes of a contact who was merged away move to the survivor, whose notes are then read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from connectors.errors import Incomplete, Rejected, Unavailable
from daemon.account.wiring import Account
from policies.facts.signs.sign_memory import Seen
from policies.world.model import Contact, PersonalNote, Source

FIRST = timedelta(days=100)
"""So far back notes are read where nothing is known: longer than the 90 days of silence that make a
lead cold.
"""
HISTORY = "notes history"
"""The name under which the ledger keeps how far back the notes of an account were read."""
READ_WHOLE, REFUSED = "read whole", "refused"
PAGES = 200
"""Requests for the history in one pass, after everything else: 20,000 notes, a few minutes."""
OVERLAP = timedelta(hours=1)
"""Re-read this much before the newest known note, so that notes that arrive late are not missed."""


def unread(account: Account, now: datetime) -> datetime:
    """From when on personal notes have to be read."""
    latest = max(account.ledger.personal_notes().values(), default=None)
    return max(now - FIRST, latest - OVERLAP) if latest else now - FIRST


def kept(
    account: Account,
    notes: Sequence[PersonalNote],
    people: Mapping[int, Contact],
    troubles: dict[Source, str],
    today: date,
) -> Mapping[int, datetime]:
    """The time of the last note on each contact after *notes* were read. A failure to read the
    notes that a merge moved goes to *troubles*.
    """
    moved = {
        i: at
        for i, at in account.ledger.personal_notes().items()
        if i in people and people[i].trashed
    }
    if moved and Source.PERSONAL_NOTES not in troubles:
        try:
            notes = [*notes, *account.crm.personal_notes(min(moved.values()) - OVERLAP)]
        except (Unavailable, Rejected) as problem:
            troubles[Source.PERSONAL_NOTES] = str(problem)
    if Source.PERSONAL_NOTES not in troubles:
        _keep_signs(account, notes, today)
        account.ledger.keep_personal_notes(
            [n for n in notes if n.person_id not in people or not people[n.person_id].trashed],
            instead_of=moved,
        )
    return account.ledger.personal_notes()


def read_history(account: Account, today: date) -> None:
    """Read once which notes of the whole account begin with a word for a death (X-66): after a
    pass, from the newest backwards, and on from there where an outage or the limit ended it.

    The sign, the contact's id and the day are kept, never the text. Where the CRM cannot be asked
    for earlier notes, it is not asked again: what is new is read in every pass.
    """
    known = account.ledger.recall(HISTORY)
    if known in {READ_WHOLE, REFUSED}:
        return
    try:
        found = account.crm.earlier_notes(datetime.fromisoformat(known) if known else None, PAGES)
    except (Incomplete, Rejected):
        account.ledger.remember(HISTORY, REFUSED)
        return
    except Unavailable:
        return
    _keep_signs(account, found.notes, today)
    account.ledger.remember(HISTORY, found.reached.isoformat() if found.reached else READ_WHOLE)


def _keep_signs(account: Account, notes: Iterable[PersonalNote], today: date) -> None:
    known = account.ledger.signs()
    account.ledger.keep_signs(
        {
            note.person_id: {Seen.NOTE: today}
            for note in notes
            if note.of_death and Seen.NOTE not in known.get(note.person_id, {})
        }
    )
