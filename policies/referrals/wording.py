"""The words for a source: the template of its type, made of first names and thanks alone (RF-18, RF-23, RF-30)."""

from __future__ import annotations

from policies.drafts import Unusable
from policies.privacy import ToSource
from policies.referrals.referral import Referral, day_received
from policies.snapshot import Snapshot

NAMELESS = "RF-30: the lead has no first name to write; enter it in the CRM"
FALLBACK = {"referral_card": "thank_you"}
"""The procedure gives a card no words of its own: "brief thank-you, signed by the agent"."""


def to_source(s: Snapshot, r: Referral) -> ToSource:
    """All that anything for this source can be made of."""
    return ToSource.of(day_received(r), r.lead, r.source_name, s.practice.agent_name)


def text_for(s: Snapshot, template: str, r: Referral) -> tuple[str, str]:
    """The draft from *template*, or "" and why there is none; one named for the referral's type goes before."""
    values, templates = to_source(s, r), s.practice.templates
    name = next((n for n in (f"{template}_{r.type.lower()}", template, FALLBACK.get(template, "")) if n in templates), "")
    if not values.lead_first_name:
        return "", NAMELESS
    if not values.source_first_name:
        return "", "RF-30: the source has no first name to write; enter it in the CRM, or write the Draft yourself"
    if not name:
        return "", f"RF-30: there is no wording {template}"
    try:
        return values.render(templates[name]), ""
    except Unusable as problem:
        return "", f"RF-30: the template {name} cannot be used: {problem}"
