"""Find the contact that a merged one became: the CRM leaves the loser in the Trash and points from
it to nobody (architecture rule 5).

A contact in the Trash was merged if exactly one contact outside it has the same name and one of its
mailboxes or phone lines, compared as in `identity`. Anyone else in the Trash was put there by
somebody, and stays who they are.

A merge may leave the loser no address and no number (facts, section 4.7). `possible_winners` then
counts whoever has what the loser had last, or else everybody of its name: enough to ask the agent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from policies.facts.same_person import identity, last_reaches
from policies.values.names import folded, words
from policies.world.model import Contact, Deal

if TYPE_CHECKING:
    from policies.world.snapshot import Snapshot

Name = tuple[str, ...]
Mark = tuple[Name, str]


def repointed(contacts: Mapping[int, Contact], deals: Collection[Deal]) -> list[Deal]:
    """*deals* with every merged loser on them replaced by the contact it was merged into, once
    each.
    """
    named = {person_id for deal in deals for person_id in deal.person_ids}
    trash = [contacts[i] for i in named if i in contacts and contacts[i].trashed]
    now = survivors(contacts, trash)
    if not now:
        return list(deals)
    return [
        replace(deal, person_ids=tuple(dict.fromkeys(now.get(i, i) for i in deal.person_ids)))
        for deal in deals
    ]


def merged_into(s: Snapshot) -> Mapping[int, int]:
    """The contact that each one in the Trash became, by id, once a snapshot; a loser without a
    certain successor is left out.
    """
    return s.once(_merged_into)


def _merged_into(s: Snapshot) -> Mapping[int, int]:
    return _certain(heirs(s))


def heirs(s: Snapshot) -> Mapping[int, frozenset[int]]:
    """Everybody of its name and with one of its addresses or numbers whom each contact in the Trash
    may have become, by id, once a snapshot: a sign on a loser protects all of them.
    """
    return s.once(_heirs)


def _heirs(s: Snapshot) -> Mapping[int, frozenset[int]]:
    return _possible(s.contacts, [contact for contact in s.contacts.values() if contact.trashed])


def possible_winners(s: Snapshot, known: Collection[int]) -> Mapping[int, frozenset[int]]:
    """Return everybody whom each contact in the Trash may have become, by id, but for the *known*
    ones. Beside `heirs` these are whoever has all that the loser had last, whatever their name; and
    of a loser that a merge emptied, and of which nothing else is known, everybody of its full name.
    """
    found = {loser: became for loser, became in heirs(s).items() if loser not in known}
    unknown = [s.contacts[loser] for loser, became in found.items() if not became]
    by_reach = last_reaches.winners(s, unknown)
    emptied = [c for c in unknown if c.id not in by_reach and not (c.emails or c.phones)]
    return {**found, **_namesakes(s.contacts, emptied), **by_reach}


def records(s: Snapshot, number: int) -> frozenset[int]:
    """The number of a contact, and those of the records in the Trash that were merged into it."""
    return frozenset({number}) | s.once(_losers).get(number, frozenset())


def _losers(s: Snapshot) -> Mapping[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    for loser, survivor in merged_into(s).items():
        found.setdefault(survivor, set()).add(loser)
    return {survivor: frozenset(losers) for survivor, losers in found.items()}


def current(s: Snapshot, number: int) -> Contact | None:
    """The contact of this number, or the one it was merged into; None where the number is nobody's,
    or the contact is in the Trash and was not certainly merged.
    """
    contact = s.contacts.get(number)
    if contact is None or not contact.trashed:
        return contact
    now = merged_into(s).get(number)
    return s.contacts[now] if now is not None else None


def survivors(contacts: Mapping[int, Contact], losers: Collection[Contact]) -> Mapping[int, int]:
    """The contact that each of *losers*, contacts in the Trash, became, by id; a loser without a
    certain successor is left out.
    """
    return _certain(_possible(contacts, losers))


def _certain(possible: Mapping[int, frozenset[int]]) -> Mapping[int, int]:
    return {loser: min(others) for loser, others in possible.items() if len(others) == 1}


def _possible(
    contacts: Mapping[int, Contact], losers: Collection[Contact]
) -> Mapping[int, frozenset[int]]:
    if not losers:
        return {}
    names = {_name(loser) for loser in losers}
    living = (contact for contact in contacts.values() if not contact.trashed)
    reachable = _reachable(contact for contact in living if _name(contact) in names)
    return {
        loser.id: frozenset[int]().union(*(reachable.get(mark, ()) for mark in _marks(loser)))
        for loser in losers
    }


def _namesakes(
    contacts: Mapping[int, Contact], losers: Collection[Contact]
) -> Mapping[int, frozenset[int]]:
    """Everybody of the full name of each of *losers* who belongs to the same agent. A first name
    alone is nobody's, and neither is a name that many have.
    """
    of_name: dict[Name, set[int]] = {_name(c): set() for c in losers if len(_name(c)) > 1}
    for contact in contacts.values() if of_name else ():
        if not contact.trashed and (known := of_name.get(_name(contact))) is not None:
            known.add(contact.id)
    return {loser.id: _of_the_same_agent(contacts, loser, of_name) for loser in losers}


def _of_the_same_agent(
    contacts: Mapping[int, Contact], loser: Contact, of_name: Mapping[Name, set[int]]
) -> frozenset[int]:
    found = of_name.get(_name(loser), set())
    if len(found) > last_reaches.NO_EVIDENCE:
        return frozenset()
    agent = loser.assigned_user_id
    return frozenset(n for n in found if contacts[n].assigned_user_id == agent)


def _reachable(contacts: Iterable[Contact]) -> Mapping[Mark, set[int]]:
    found: dict[Mark, set[int]] = {}
    for contact in contacts:
        for mark in _marks(contact):
            found.setdefault(mark, set()).add(contact.id)
    return found


def _marks(contact: Contact) -> Iterable[Mark]:
    """(name, mailbox or line) of a contact: two people of one household share the second, and not
    the first.
    """
    name = _name(contact)
    for reached in (*identity.mailboxes(contact), *identity.lines(contact)):
        yield name, reached


def _name(contact: Contact) -> Name:
    """The name as it is compared; a contact without one is like nobody else."""
    return words(f"{contact.first_name} {contact.last_name}") or (folded(contact.name),)
