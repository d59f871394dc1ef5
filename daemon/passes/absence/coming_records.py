"""The records of which `Handover` says that something comes up, as they were when the days to come
were looked at (X-81). Pure.

The look ahead is made once a day. Where such a record changed since, it is made again, so that no
line announces what a stage, a tag, a date or a deletion has ended. The ledger keeps digests only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from daemon.passes import handover
from policies.asks.drafts import digest
from policies.world.model import Contact, Deal
from policies.world.snapshot import Snapshot

LEDGER = "ahead of records"
"""The ledger's name for the digests."""
_GONE = "gone"


def prints(s: Snapshot, marks: Iterable[str]) -> Mapping[str, str]:
    """Return a digest of each record that *marks* are about, by its subject (``p101``, ``d812``).

    A record that cannot be seen or read in this pass has none: nothing is known of it.
    """
    records = frozenset[str]().union(*(handover.about(s, mark) for mark in marks))
    found = ((record, _print(s, record)) for record in sorted(records))
    return {record: text for record, text in found if text}


def changed(s: Snapshot, before: Mapping[str, str]) -> bool:
    """Tell whether a record of which the tab says that something comes up is not as it was."""
    now = prints(s, handover.coming_marks(s))
    return any(before.get(record, text) != text for record, text in now.items())


def _print(s: Snapshot, record: str) -> str:
    if record in s.gone:
        return _GONE
    contact, deal = s.contact_by(record), s.deal_by(record)
    if contact:
        return "" if contact.unreadable else digest(repr(_of_contact(contact)))
    return digest(repr(_of_deal(deal))) if deal else ""


def _of_contact(contact: Contact) -> tuple[object, ...]:
    """What plans depend on; a message alone plans nothing anew."""
    return (
        contact.name,
        contact.stage_label,
        contact.trashed,
        sorted(contact.tags),
        sorted(contact.fields.items()),
        contact.emails,
        contact.phones,
        contact.addresses,
        contact.assigned_user_id,
    )


def _of_deal(deal: Deal) -> tuple[object, ...]:
    return (
        deal.stage_label,
        deal.closed,
        deal.deleted,
        deal.side,
        deal.projected_close,
        deal.person_ids,
        deal.user_ids,
    )
