"""Contacts without a touchpoint for 90 days or more: their group, and the reason if it is known.

The clauses are DB-29 and X-29.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from policies.facts.contact_permission import Way, barred, reason_against
from policies.facts.ownership import kept
from policies.facts.touchpoints import last_touch, quiet_days
from policies.facts.transactions import open_deals
from policies.world.calendar import american
from policies.world.model import Contact, Key, Stage
from policies.world.snapshot import Snapshot

TAB = "Cold Leads"
COLD = 90
"""Days without a touchpoint."""
SNOOZE = 170
"""Days for which an answer counts: longer than one quarter, shorter than two.

So the next audit leaves the contact out, and the one after that asks again.
"""
REACTIVATE, NURTURE, REMOVE, LEAVE = "Reactivate", "Long-Term Nurture", "Remove", "Leave as is"
ANSWERS = (REACTIVATE, NURTURE, REMOVE, LEAVE)
LEADS, CLIENTS = "Leads", "Current Clients"
GROUPS = {
    LEADS: "leads",
    CLIENTS: "clients",
    "Past Clients": "past",
    "Sphere of Influence": "soi",
    "Professional Network": "pro",
}
"""Groups that are decided separately (X-29), with their code in a key.

Current clients are a group of their own, so that nobody in a transaction is moved or removed with
many others.
"""
_GROUP_OF = {
    Stage.PAST_CLIENT_BUYER: "Past Clients",
    Stage.PAST_CLIENT_SELLER: "Past Clients",
    Stage.SPHERE_OF_INFLUENCE: "Sphere of Influence",
    Stage.PROFESSIONAL_NETWORK: "Professional Network",
    Stage.REFERRAL_SOURCE: "Professional Network",
    Stage.UNDER_CONTRACT: CLIENTS,
    Stage.ACTIVE_SELLER: CLIENTS,
}


@dataclass(frozen=True, slots=True)
class Cold:
    """A cold contact: the day of the last touchpoint (None if there was none), days, and group."""

    contact: Contact
    last: date | None
    days: int
    group: str


def cold(s: Snapshot, on: date) -> Sequence[Cold]:
    """Return everyone without a touchpoint for 90 days as of *on*, the longest first.

    Left out are people who opted out or died, and those with a recent answer of the agent's.
    """
    found = []
    for contact in kept(s):
        days = quiet_days(s, contact, on)
        if days is None or days < COLD:
            continue
        if not _never(s, contact) and not answer_of(s, contact, on):
            found.append(Cold(contact, last_touch(s, contact), days, _group_of(s, contact)))
    return tuple(sorted(found, key=lambda c: (-c.days, c.contact.id)))


def _never(s: Snapshot, contact: Contact) -> bool:
    """Tell whether this contact is never reactivated, even if the agent wants it.

    A contact who is only held is listed with the reason, and asked about once the agent wants them
    reactivated (X-64).
    """
    return barred(s, contact, Way.REACTIVATION) is not None


def _group_of(s: Snapshot, contact: Contact) -> str:
    if open_deals(s, contact):
        return CLIENTS
    return _GROUP_OF.get(contact.stage, LEADS) if contact.stage else LEADS


def answer_of(s: Snapshot, contact: Contact, on: date) -> tuple[date, str] | None:
    """Return the day and the answer of an audit before *on* that still counts, or None."""
    answers = s.once(_answers).get(contact.id, ())
    recent = [(day, answer) for day, answer in answers if 0 < (on - day).days < SNOOZE]
    return max(recent, default=None)


def _answers(s: Snapshot) -> Mapping[int, Sequence[tuple[date, str]]]:
    """Return the agent's answers in the tab, with the days of their audits, by contact id."""
    found: dict[int, list[tuple[date, str]]] = {}
    for row in s.workbook.rows(TAB):
        day, key = row.cells.get("Listed On"), Key.parse(row.ref)
        if row.text("Outcome") not in ANSWERS or not isinstance(day, date) or key is None:
            continue
        if contact := s.contact_by(key.subject):
            found.setdefault(contact.id, []).append((day, row.text("Outcome")))
    return found


def reason_of(s: Snapshot, found: Cold) -> str:
    """Return the known reason why nobody was in touch, in words (DB-29)."""
    contact = found.contact
    if held := reason_against(s, contact, Way.REACTIVATION):
        return held.text
    left = [day for day, answer in s.once(_answers).get(contact.id, ()) if answer == LEAVE]
    if left:
        return f"the agent left them as they are in the audit of {american(max(left))}"
    if contact.stage in {Stage.COLD_LEAD, Stage.LONG_TERM_NURTURE}:
        return f"in {contact.stage_label} already"
    return _who_spoke_last(found)


def _who_spoke_last(found: Cold) -> str:
    heard = max((message.at for message in found.contact.inbound), default=None)
    sent = max((message.at for message in found.contact.outbound), default=None)
    if heard and (sent is None or heard > sent):
        return "they wrote or called last, and no answer is logged"
    if sent:
        return "nobody has answered ours"
    return "no touchpoint is recorded at all" if found.last is None else "not known"
