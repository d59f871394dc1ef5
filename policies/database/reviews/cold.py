"""Who has been without a touchpoint for 90 days or more, in which group, and what is known of the
reason (DB-29, X-29).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from policies.facts.contact_permission import Verdict, Way, reason_against, refusal
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
"""Days for which an answer stands: no quarter is as long, and no two are shorter, so the audit
after the next asks again.
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
"""Groups that are decided apart (X-29), with their code in a key. Current clients are by
themselves, so that nobody in a transaction is moved or removed by the dozen.
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
    """A contact that has been quiet: since when, or None where no touchpoint is recorded at all,
    for how many days, and its group.
    """

    contact: Contact
    last: date | None
    days: int
    group: str


def cold(s: Snapshot, on: date) -> Sequence[Cold]:
    """Everyone who was quiet for 90 days as of *on*, the longest first; none who opted out, died,
    or was answered lately.
    """
    found = []
    for contact in kept(s):
        days = quiet_days(s, contact, on)
        if (
            days is not None
            and days >= COLD
            and not _never(s, contact)
            and not answer_of(s, contact, on)
        ):
            found.append(Cold(contact, last_touch(s, contact), days, _group_of(s, contact)))
    return tuple(sorted(found, key=lambda c: (-c.days, c.contact.id)))


def _never(s: Snapshot, contact: Contact) -> bool:
    """Whether nobody is to be reactivated here, whatever the agent says. Somebody who is held is
    listed with the reason, and asked about once the agent wants them reactivated (X-64).
    """
    reason = refusal(s, contact, Way.REACTIVATION)
    return reason is not None and reason.kind is not Verdict.HOLD


def _group_of(s: Snapshot, contact: Contact) -> str:
    if open_deals(s, contact):
        return CLIENTS
    return _GROUP_OF.get(contact.stage, LEADS) if contact.stage else LEADS


def answer_of(s: Snapshot, contact: Contact, on: date) -> tuple[date, str] | None:
    """What the agent answered of this contact in an audit before *on*, and when that was, while the
    answer stands.
    """
    found = [
        (day, answer)
        for day, answer in s.once(_answers).get(contact.id, ())
        if 0 < (on - day).days < SNOOZE
    ]
    return max(found, default=None)


def _answers(s: Snapshot) -> Mapping[int, Sequence[tuple[date, str]]]:
    found: dict[int, list[tuple[date, str]]] = {}
    for row in s.workbook.rows(TAB):
        day, key = row.cells.get("Listed On"), Key.parse(row.ref)
        if (
            row.text("Outcome") in ANSWERS
            and isinstance(day, date)
            and key
            and (contact := s.contact_by(key.subject))
        ):
            found.setdefault(contact.id, []).append((day, row.text("Outcome")))
    return found


def reason_of(s: Snapshot, found: Cold) -> str:
    """What is known of the reason for the silence, in words (DB-29)."""
    contact = found.contact
    if held := reason_against(s, contact, Way.REACTIVATION):
        return held.text
    left = [day for day, answer in s.once(_answers).get(contact.id, ()) if answer == LEAVE]
    if left:
        return f"the agent left them as they are in the audit of {american(max(left))}"
    if contact.stage in {Stage.COLD_LEAD, Stage.LONG_TERM_NURTURE}:
        return f"in {contact.stage_label} already"
    heard, sent = (
        max((c.at for c in way), default=None) for way in (contact.inbound, contact.outbound)
    )
    if heard and (sent is None or heard > sent):
        return "they wrote or called last, and no answer is logged"
    return (
        "nobody has answered ours"
        if sent
        else "no touchpoint is recorded at all"
        if found.last is None
        else "not known"
    )
