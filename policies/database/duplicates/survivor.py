"""The survivor of a merge: which of two records to keep, and what to carry over from the other.

It is the more complete record (DB-23). The CRM's merge keeps its name, agent, stage and background,
and fills only its empty fields. Everything else that the other record has is listed here, field by
field, so that nothing is lost unseen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from policies.facts.same_person import identity
from policies.values.names import one_line
from policies.world.model import Address, Contact, Stage

FIELDS: tuple[tuple[str, Callable[[Contact], frozenset[str]]], ...] = (
    ("first name", lambda c: _text(c.first_name)),
    ("surname", lambda c: _text(c.last_name)),
    ("e-mail", lambda c: frozenset(identity.mailboxes(c))),
    ("phone", lambda c: frozenset(identity.lines(c))),
    ("address", lambda c: frozenset(filter(None, map(_address, c.addresses)))),
    ("stage", lambda c: _text(c.stage_label)),
    ("source", lambda c: _text(c.source)),
    ("tags", lambda c: frozenset(c.tags)),
)
"""The fields that are compared, and the values a record has for each."""
SEVERAL = frozenset({"e-mail", "phone", "address", "tags"})
"""Fields of which a record can have several values."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Keep `keep`, and then fill in from `other` the values in `fill`.

    `lacks` names the fields that each lacks and the other has.
    """

    keep: Contact
    other: Contact
    why: str
    fill: tuple[str, ...]
    lacks: tuple[tuple[str, ...], tuple[str, ...]]


def propose(one: Contact, other: Contact) -> Proposal:
    """Return the proposal for two records of one person, in either order."""
    keep, lose = sorted((one, other), key=_rank)
    lacks = tuple(_lacks(keep, lose)), tuple(_lacks(lose, keep))
    return Proposal(keep, lose, _why(keep, lose), tuple(_fill(keep, lose)), lacks)


def completeness(contact: Contact) -> int:
    """Count the fields of a record that are filled, custom fields included."""
    return sum(bool(values(contact)) for _, values in FIELDS) + len(contact.fields)


def _rank(contact: Contact) -> tuple[bool, int, int, float, int]:
    """Sort the record to keep first.

    The stage Do Not Contact comes first, so that an opt-out stays; then the more complete record,
    the one with more values, the one with the later communication, the older.
    """
    spoken = contact.last_communication.timestamp() if contact.last_communication else 0.0
    values = len(contact.tags) + len(contact.emails) + len(contact.phones) + len(contact.addresses)
    return (
        contact.stage is not Stage.DO_NOT_CONTACT,
        -completeness(contact),
        -values,
        -spoken,
        contact.id,
    )


def _why(keep: Contact, lose: Contact) -> str:
    if keep.stage is Stage.DO_NOT_CONTACT:
        return "the stage Do Not Contact must stay"
    a, b = completeness(keep), completeness(lose)
    if a > b:
        return f"more complete ({a} fields filled, the other {b})"
    return f"as complete ({a} fields each), and holds more or is older"


def _lacks(one: Contact, other: Contact) -> Iterator[str]:
    """Yield the fields that are empty in *one* and filled in *other*."""
    yield from (name for name, values in FIELDS if not values(one) and values(other))
    yield from (name.replace("_", " ") for name in other.fields if name not in one.fields)


def _fill(keep: Contact, lose: Contact) -> Iterator[str]:
    """Yield the values to carry over, and those that differ in a field with one value."""
    for name, values in FIELDS:
        here, there = values(keep), values(lose)
        more = sorted(there - here)
        if not more:
            continue
        if name in SEVERAL or not here:
            yield f"{name}: {', '.join(more)}"
        else:
            yield f"{name} differs: {', '.join(more)}"
    for name in sorted(lose.fields):
        label = name.replace("_", " ")
        if name not in keep.fields:
            yield f"{label}: {lose.fields[name]}"
        elif keep.fields[name] != lose.fields[name]:
            yield f"{label} differs: {lose.fields[name]}"


def _text(value: str) -> frozenset[str]:
    found = one_line(value)
    return frozenset({found}) if found else frozenset()


def _address(address: Address) -> str:
    parts = (address.street, address.city, address.state, address.code)
    return ", ".join(filter(None, map(one_line, parts)))
