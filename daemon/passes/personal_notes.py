"""When a person last wrote a note on each contact: read piece by piece, kept in the ledger by id
and time (X-29).

The CRM tells it note by note only. Of an account the last 100 days are read once, then what is new.
Whoever was merged away has their notes on somebody else from then on, so those are read anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from connectors.errors import Rejected, Unavailable
from daemon.account.wiring import Account
from policies.world.model import Contact, PersonalNote, Source

FIRST = timedelta(days=100)
"""So far back notes are read where nothing is known: longer than the 90 days of silence that make a
lead cold.
"""
OVERLAP = timedelta(hours=1)
"""From so long before the latest one that is known: none that came late is lost."""


def unread(account: Account, now: datetime) -> datetime:
    """From when on personal notes have to be read."""
    latest = max(account.ledger.noted().values(), default=None)
    return max(now - FIRST, latest - OVERLAP) if latest else now - FIRST


def kept(
    account: Account,
    notes: Sequence[PersonalNote],
    people: Mapping[int, Contact],
    troubles: dict[Source, str],
) -> Mapping[int, datetime]:
    """What is known after *notes* were read; a failure to read what a merge moved goes to
    *troubles*.
    """
    moved = {i: at for i, at in account.ledger.noted().items() if i in people and people[i].trashed}
    if moved and Source.PERSONAL_NOTES not in troubles:
        try:
            notes = [*notes, *account.crm.personal_notes(min(moved.values()) - OVERLAP)]
        except (Unavailable, Rejected) as problem:
            troubles[Source.PERSONAL_NOTES] = str(problem)
    if Source.PERSONAL_NOTES not in troubles:
        account.ledger.keep_noted(
            [n for n in notes if n.person_id not in people or not people[n.person_id].trashed],
            instead_of=moved,
        )
    return account.ledger.noted()
