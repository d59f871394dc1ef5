"""The words for a source: the template of its type, made of first names and thanks alone (RF-18,
RF-23, RF-30).
"""

from __future__ import annotations

from dataclasses import dataclass

from policies.asks.drafts import Facts, Unusable
from policies.asks.escalation import ReferralIssue, referral_message
from policies.asks.privacy import ToSource
from policies.asks.wants import WantNote
from policies.facts.contact_permission import Way, reasons_against
from policies.referrals.referral import Referral, day_received
from policies.world.model import Key
from policies.world.snapshot import Snapshot

NAMELESS = "RF-30: the lead has no first name to write; enter it in the CRM"
UNNAMED_SOURCE = (
    "RF-30: the source has no first name to write; enter it in the CRM, or write the Draft yourself"
)
FALLBACK = {"referral_card": "thank_you"}
"""The procedure gives a card no words of its own: "brief thank-you, signed by the agent"."""


@dataclass(frozen=True, slots=True)
class Words:
    """A draft for a source and the facts in it. Where there is no draft, `lacking` says why."""

    text: str
    facts: Facts
    lacking: str = ""


def to_source(s: Snapshot, r: Referral) -> ToSource:
    """All that anything for this source can be made of."""
    return ToSource.of(day_received(r), r.lead, r.source_name, s.practice.agent_name)


def unclear(s: Snapshot, r: Referral, way: Way = Way.THANKS, *, handed_over: bool = False) -> str:
    """Why nothing can go to this source yet, whatever its words, or "": it is not certain who they
    are or that they may be written to (RF-07, DB-44, X-34, X-64). A sign that withdraws nothing
    does not matter for what was *handed over* already.
    """
    if r.doubt:
        return "RF-07: it is not certain yet who the source is"
    for reason in reasons_against(s, r.source, way) if r.source else ():
        if reason.positive or not handed_over:
            return f"{reason}; {reason.ending}"
    return ""


def escalation(
    s: Snapshot, r: Referral, key: Key, issue: ReferralIssue, transaction: str = ""
) -> WantNote:
    """The procedure's message to the agent, on the lead's record; *transaction* is an address,
    where one applies (RF-50, X-44).
    """
    return WantNote(
        key=key,
        person_id=r.lead.id,
        body=referral_message(
            issue,
            agent=s.practice.agent_name,
            source=r.source_name,
            transaction=transaction,
            va=s.practice.va_name,
        ),
    )


def text_for(s: Snapshot, template: str, r: Referral) -> Words:
    """The draft from *template*; a template that is named for the referral's type goes first."""
    values, templates = to_source(s, r), s.practice.templates
    names = (f"{template}_{r.type.lower()}", template, FALLBACK.get(template, ""))
    name = next((name for name in names if name in templates), "")
    none = Facts.every(values.merge)
    if not values.lead_first_name:
        return Words("", none, NAMELESS)
    if not values.source_first_name:
        return Words("", none, UNNAMED_SOURCE)
    if not name:
        return Words("", none, f"RF-30: there is no wording {template}")
    try:
        return Words(values.render(templates[name]), values.facts(templates[name]))
    except Unusable as problem:
        return Words("", none, f"RF-30: the template {name} cannot be used: {problem}")
