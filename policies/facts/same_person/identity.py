"""The mailboxes, phone lines and doors that a contact's details reach: they identify it (DB-23).

Two values that reach the same mailbox, line or door come out equal. A value that reaches nobody
("none@none.com", 0000000000) is left out: it is no evidence of anything.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

from policies.values import addresses
from policies.values.emails import mailbox
from policies.values.phones import line
from policies.world.model import Address, Contact

T = TypeVar("T")


def mailboxes(contact: Contact) -> Collection[str]:
    """Every mailbox of a contact, once each."""
    return _each(mailbox, [reach.value for reach in contact.emails])


def lines(contact: Contact) -> Collection[str]:
    """Every phone line of a contact, once each."""
    return _each(line, [reach.value for reach in contact.phones])


def doors(contact: Contact) -> Collection[str]:
    """Every door of a contact, once each."""
    return _each(_door, contact.addresses)


def _door(address: Address) -> str:
    return addresses.door(address.street, address.code, address.city)


def _each(spell: Callable[[T], str], values: Sequence[T]) -> Collection[str]:
    if len(values) == 1:  # nearly everybody has one, and 100,000 of them are walked through
        return (found,) if (found := spell(values[0])) else ()
    return tuple(dict.fromkeys(filter(None, map(spell, values))))
