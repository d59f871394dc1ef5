"""What counts as thanks, and whether anything may be said to a source at all.

The prompt or the send task ticked off counts, and so does a personal call or text to the source
since receipt (X-63).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from policies.asks import approvals
from policies.asks.wants import Finding
from policies.facts import permission_questions
from policies.facts.contact_permission import (
    Reason,
    Verdict,
    Way,
    reasons_against,
    refusal,
    usable,
)
from policies.referrals import absent_source, corrected_source
from policies.referrals.doubts import LEFT_ALONE
from policies.referrals.referral import Referral, candidates
from policies.world.calendar import american
from policies.world.model import Contact, Key
from policies.world.snapshot import Snapshot

USEFUL = 30
"""Days after receipt for which a thank-you is still worth asking for."""
CARD_DAYS = 3
"""Business days within which a card is coordinated (RF-31)."""
TEXT, EMAIL = "Text it", "E-mail it"
WAYS: Mapping[str, Way] = MappingProxyType({TEXT: Way.TEXT, EMAIL: Way.EMAIL})
"""How each message reaches the source."""
REFUSALS = (approvals.REJECT, approvals.MYSELF)
"""Answers by which the agent wants nothing of Steward's to go out."""


def prompt_key(s: Snapshot, r: Referral) -> Key:
    """The key of the prompt to the agent."""
    return corrected_source.key(s, r, "RF-08", "thanks")


def silent(s: Snapshot, r: Referral) -> str:
    """Why nothing may be said to this source now, or "" (X-35, X-64): their own word or their
    death before anything else. While the source is not certain, why nothing may be said to anybody
    whom its name can mean.
    """
    if r.doubt == LEFT_ALONE:
        return absent_source.remembered_sign(s, r.entry)
    refused = [_refused(s, contact) for contact in candidates(s, r)]
    return next(iter(refused), "") if all(refused) else ""


def _refused(s: Snapshot, contact: Contact) -> str:
    reason = refusal(s, contact, Way.THANKS)
    if reason is None:
        return ""
    reasons = reasons_against(s, contact, Way.THANKS)
    return next((other.sign for other in reasons if other.opt_out), reason.sign)


def permission_asked(s: Snapshot, r: Referral) -> Sequence[Finding]:
    """Return the question whose answer the thanks wait for; nothing where no answer would help."""
    if r.source is None:
        return ()
    return tuple(permission_questions.asked_for(s, r.source, Way.THANKS))


def waiting(s: Snapshot, r: Referral) -> bool:
    """Tell whether the agent has yet to say if this source may be thanked at all (X-64)."""
    reason = refusal(s, r.source, Way.THANKS) if r.source else None
    return reason is not None and reason.kind is Verdict.HOLD


def barred(s: Snapshot, r: Referral) -> Mapping[str, str]:
    """Return the messages that never reach this source, whatever is answered, each with why."""
    if r.source is None:
        return {}
    found = ((choice, _never(s, r.source, way)) for choice, way in WAYS.items())
    return {choice: why for choice, why in found if why}


def _never(s: Snapshot, source: Contact, way: Way) -> str:
    reasons = reasons_against(s, source, way)
    return next((reason.text for reason in reasons if reason.kind is Verdict.NEVER), "")


def nowhere_to(s: Snapshot, r: Referral) -> Mapping[str, str]:
    """Return the other messages that have nowhere to go today, each with why: the record has no
    address or number that works.
    """
    if r.source is None:
        return {}
    reaches = {TEXT: (r.source.phones, "phone number"), EMAIL: (r.source.emails, "e-mail address")}
    return {
        choice: f"no {what} of theirs {'works' if of_kind else 'is in the CRM'}"
        for choice, (of_kind, what) in reaches.items()
        if not any(usable(s, r.source, reach) for reach in of_kind)
    }


def sign_against(s: Snapshot, r: Referral, way: Way) -> Reason | None:
    """Return the sign by which what was approved is withdrawn: one that protects the source goes
    before any other (X-67).
    """
    reasons = reasons_against(s, r.source, way) if r.source else ()
    withdrawing = [reason for reason in reasons if reason.positive]
    protecting = (reason for reason in withdrawing if reason.safety)
    return next(protecting, next(iter(withdrawing), None))


def thanked(s: Snapshot, r: Referral) -> str:
    """How the source was thanked, as the log says it; "" while there is no evidence (X-63)."""
    if noted := corrected_source.thanks_noted(s, r):
        return noted
    for task in (
        *s.lives(prompt_key(s, r)),
        *s.lives(sends_of(s, r)[TEXT]),
    ):  # what the VA texted with approval is a personal text
        if task.done:
            done = (
                task.completed_at.astimezone(s.now.tzinfo).date() if task.completed_at else s.today
            )
            return f"Thank-you sent {american(done)}"
    for spoken in r.source.outbound if r.source else ():
        if spoken.channel in {"call", "text"} and spoken.at >= r.received:
            return f"Thank-you sent {american(spoken.at.astimezone(s.now.tzinfo).date())}"
    return ""


def mailed(s: Snapshot, r: Referral) -> str:
    """Note an email that went to the source since: alone it is no evidence (X-63)."""
    outbound = r.source.outbound if r.source else ()
    emails = [spoken for spoken in outbound if spoken.channel == "e-mail"]
    sent = any(task.done for task in s.lives(sends_of(s, r)[EMAIL]))
    if sent and not emails:
        return "the approved e-mail was sent; tick the prompt off if that was the thanks"
    since = next((spoken for spoken in emails if spoken.at >= r.received), None)
    if since is None:
        return ""
    day = american(since.at.astimezone(s.now.tzinfo).date())
    return f"an e-mail went to the source on {day}; tick the prompt off if that was the thanks"


def sends_of(s: Snapshot, r: Referral) -> Mapping[str, Key]:
    """The keys of the VA's send tasks, by the agent's choice."""
    return {
        TEXT: corrected_source.key(s, r, "RF-13", "send-text"),
        EMAIL: corrected_source.key(s, r, "RF-13", "send-email"),
    }


def annotated(s: Snapshot, r: Referral) -> str:
    """The part of the log's Status that is about the thanks; "" for nothing to say."""
    return "" if thanked(s, r) or silent(s, r) else mailed(s, r)
