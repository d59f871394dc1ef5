"""Which of two records to keep, and what to carry over from the other, field by field (DB-23: "the
more complete record").

The CRM's merge keeps name, agent, stage and background of the record that is kept and fills only
what is empty there; so what the other one has beside that is said here, and nothing is lost unseen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from policies.facts import identity
from policies.world.model import Address, Contact, Stage, one_line

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


@dataclass(frozen=True, slots=True)
class Proposal:
    """Keep `keep`, and then fill in from `other` what `fill` says. `lacks` names what each lacks
    that the other has.
    """

    keep: Contact
    other: Contact
    why: str
    fill: tuple[str, ...]
    lacks: tuple[tuple[str, ...], tuple[str, ...]]


def propose(one: Contact, other: Contact) -> Proposal:
    """The proposal for two records of one person; it is the same whichever comes first."""
    keep, lose = sorted((one, other), key=_rank)
    lacks = tuple(_lacks(keep, lose)), tuple(_lacks(lose, keep))
    return Proposal(keep, lose, _why(keep, lose), tuple(_fill(keep, lose)), lacks)


def completeness(contact: Contact) -> int:
    """How many fields a record has something in, custom fields among them."""
    return sum(bool(values(contact)) for _, values in FIELDS) + len(contact.fields)


def _rank(contact: Contact) -> tuple[bool, int, int, float, int]:
    """What sorts the record to keep first: whoever opted out stays so, then the more complete, the
    better known, the older.
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
    return (
        f"more complete ({a} fields filled, the other {b})"
        if a > b
        else f"as complete ({a} fields each), and holds more or is older"
    )


def _lacks(one: Contact, other: Contact) -> Iterator[str]:
    """What *one* has nothing in, and *other* has."""
    yield from (name for name, values in FIELDS if not values(one) and values(other))
    yield from (name.replace("_", " ") for name in other.fields if name not in one.fields)


def _fill(keep: Contact, lose: Contact) -> Iterator[str]:
    """What to carry over: what is missing, and every further value of what may be several."""
    for name, values in FIELDS:
        here, there = values(keep), values(lose)
        several = name in {"e-mail", "phone", "address", "tags"}
        if more := sorted(there - here) if several else sorted(there) if not here else []:
            yield f"{name}: {', '.join(more)}"
        elif there - here and not several:
            yield f"{name} differs: {', '.join(sorted(there))}"
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
    return ", ".join(
        filter(
            None,
            (
                one_line(address.street),
                one_line(address.city),
                one_line(address.state),
                one_line(address.code),
            ),
        )
    )
