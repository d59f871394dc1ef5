"""Opt-outs since a list was made: its tab is a copy, and Steward deletes no line in it (DB-37).

Who is in a list is kept nowhere but in its tab. So everybody is named who fits its definition and
opted out, or died, on that day or later; nobody, where the list would be the same today.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from policies.asks.approvals import Decision
from policies.database.lists import lists
from policies.database.lists.list_requests import Request
from policies.facts.contact_permission import Way, reason_against
from policies.facts.ownership import agents_own, left_alone
from policies.facts.signs.remembered_signs import news
from policies.facts.signs.shown_signs import OPT_OUTS
from policies.facts.signs.sign_memory import LIFTED, loser_in, remembered, united
from policies.values.names import one_line
from policies.world.calendar import american
from policies.world.memory import Signs
from policies.world.model import Contact, Stage
from policies.world.snapshot import Snapshot

NAMED = 5
"""So many are named; of more, the rest is counted."""


@dataclass(frozen=True, slots=True)
class OptedOut:
    """The contacts who may be in a list and opted out since it was made, in id order. It is empty
    once the list's tab is gone. `first` is the day of the first opt-out.
    """

    made: date
    people: tuple[Contact, ...]
    first: date
    died: bool

    def __str__(self) -> str:
        """Who they are and what to do, for the Status of the row; "" for nobody."""
        if not self.people:
            return ""
        names = [f"{one_line(one.name)} (contact {one.id})" for one in self.people[:NAMED]]
        more = len(self.people) - NAMED
        return (
            f"{lists.counted(len(self.people))} who may be in it {self.verb} since"
            f" {american(self.made)}: {', '.join((*names, *([f'{more:,} more'] * (more > 0))))}."
            " Delete that tab and pull the list again before you use it"
        )

    @property
    def verb(self) -> str:
        """The verb for what people read: they opted out, or some of them died."""
        return "opted out or died" if self.died else "opted out"


def opted_out(s: Snapshot, request: Request, asked: Decision) -> OptedOut:
    """Return who may be in the list of *request*, which the agent confirmed in *asked*, and opted
    out since.
    """
    made = asked.day
    nobody = OptedOut(made or s.today, (), s.today, died=False)
    if made is None or not asked.done or request.title not in s.workbook.titles:
        return nobody
    signed = [(contact, signs) for contact, signs in _signed(s, made) if _fits(s, request, contact)]
    if not signed or lists.pull(s, request.segment, request.campaign).digest in asked.draft:
        return nobody  # nobody who was in it has left it
    return OptedOut(
        made,
        tuple(contact for contact, _ in signed),
        min(day for _, signs in signed for day in signs.values()),
        died=any(OPT_OUTS.isdisjoint(signs) for _, signs in signed),
    )


def _signed(s: Snapshot, made: date) -> Iterator[tuple[Contact, Mapping[str, date]]]:
    """Yield everybody whose signs are all of the day *made* or later, with these, in id order."""
    for number, days in sorted(s.once(_signs).items()):
        lifted = days.get(LIFTED, date.min)
        signs = {
            sign: day
            for sign, day in days.items()
            if sign != LIFTED and day > lifted and loser_in(sign) is None
        }
        if signs and min(signs.values()) >= made and number in s.contacts:
            yield s.contacts[number], signs


def _signs(s: Snapshot) -> Signs:
    return united([remembered(s), news(s)])


def _fits(s: Snapshot, request: Request, contact: Contact) -> bool:
    """Tell whether the contact may have been in the list. The stage of somebody who is Do Not
    Contact or in the Trash by now was another.
    """
    if not agents_own(s, contact) or left_alone(s, contact):
        return False
    segment = request.segment
    if contact.trashed or contact.stage is Stage.DO_NOT_CONTACT:
        segment = replace(segment, stages=())
    return segment.matcher()(contact) and reason_against(s, contact, Way.LIST) is not None
