"""The words for a source: the template of its type, made of first names and thanks alone (RF-18,
RF-23, RF-30).
"""

from __future__ import annotations

from policies.asks.drafts import Unusable
from policies.asks.escalation import ReferralIssue, referral_message
from policies.asks.privacy import ToSource
from policies.asks.wants import WantNote
from policies.facts.contact_permission import Way, reasons_against
from policies.referrals.referral import Referral, day_received
from policies.world.model import Key
from policies.world.snapshot import Snapshot

NAMELESS = "RF-30: the lead has no first name to write; enter it in the CRM"
FALLBACK = {"referral_card": "thank_you"}
"""The procedure gives a card no words of its own: "brief thank-you, signed by the agent"."""


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
            return str(reason)
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


def text_for(s: Snapshot, template: str, r: Referral) -> tuple[str, str]:
    """The draft from *template*, or "" and why it cannot be made; a template that is named for the
    referral's type goes first.
    """
    values, templates = to_source(s, r), s.practice.templates
    names = (f"{template}_{r.type.lower()}", template, FALLBACK.get(template, ""))
    name = next((name for name in names if name in templates), "")
    if not values.lead_first_name:
        return "", NAMELESS
    if not values.source_first_name:
        return (
            "",
            (
                "RF-30: the source has no first name to write; enter it in the CRM, or write the"
                " Draft yourself"
            ),
        )
    if not name:
        return "", f"RF-30: there is no wording {template}"
    try:
        return values.render(templates[name]), ""
    except Unusable as problem:
        return "", f"RF-30: the template {name} cannot be used: {problem}"
