"""Who a merged contact is now: the CRM leaves the loser in the Trash and points from it to nobody
(architecture rule 5).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from policies.world.model import Contact, Deal


def repointed(contacts: Mapping[int, Contact], deals: Collection[Deal]) -> list[Deal]:
    """*deals* with every merged loser on them replaced by the contact it was merged into, once
    each.

    A loser is a contact in the Trash whose name and one of whose e-mail addresses or phone numbers
    exactly one contact outside the Trash has. Anyone else in the Trash was put there by somebody,
    and stays where they are.
    """
    named = {person_id for deal in deals for person_id in deal.person_ids}
    now = survivors(contacts, [contacts[i] for i in named if i in contacts and contacts[i].trashed])
    if not now:
        return list(deals)
    return [
        replace(deal, person_ids=tuple(dict.fromkeys(now.get(i, i) for i in deal.person_ids)))
        for deal in deals
    ]


def survivors(contacts: Mapping[int, Contact], losers: Collection[Contact]) -> Mapping[int, int]:
    """Whom each of *losers*, contacts in the Trash, was merged into, by id; those of whom it is not
    certain are left out.
    """
    if not losers:
        return {}
    reachable = _reachable(c for c in contacts.values() if not c.trashed)
    found = {
        loser.id: {other for mark in _marks(loser) for other in reachable.get(mark, ())}
        for loser in losers
    }
    return {loser_id: others.pop() for loser_id, others in found.items() if len(others) == 1}


def _reachable(contacts: Iterable[Contact]) -> dict[tuple[str, str], set[int]]:
    found: dict[tuple[str, str], set[int]] = {}
    for contact in contacts:
        for mark in _marks(contact):
            found.setdefault(mark, set()).add(contact.id)
    return found


def _marks(contact: Contact) -> Iterable[tuple[str, str]]:
    """(name, address or number) of a contact: two people of one household share the second, and not
    the first.
    """
    name = contact.name.casefold()
    yield from (
        (name, reach.value.strip().casefold()) for reach in contact.emails if reach.value.strip()
    )
    yield from (
        (name, digits[-10:])
        for reach in contact.phones
        if len(digits := "".join(c for c in reach.value if c.isdigit())) >= 10
    )
