"""Sentences for `steward explain`: why each database policy asks nothing about a contact today."""

from __future__ import annotations

from collections.abc import Iterator

from policies.database.reviews import review_calendar
from policies.database.reviews.cold import answer_of
from policies.database.reviews.contact_info import outdated
from policies.database.reviews.minimum_fields import gaps
from policies.database.reviews.open_house import TAB
from policies.database.reviews.opt_outs import active_opt_outs
from policies.database.reviews.removal import candidates, flagged, started
from policies.database.reviews.speed_to_lead import (
    A_DAY,
    WATCHED,
    attempt,
    no_prompt,
    through_portal,
)
from policies.database.reviews.stage_accuracy import settled
from policies.database.reviews.stages import mismatches
from policies.facts.contact_permission import Way, death, opt_out, reason_against, refusal
from policies.facts.ownership import added, kept
from policies.facts.touchpoints import last_touch
from policies.world.calendar import american
from policies.world.model import Contact
from policies.world.snapshot import Snapshot


def _not_kept(s: Snapshot, contact: Contact) -> str:
    if contact.trashed:
        return "the record is in the Trash"
    if any(other.id == contact.id for other in kept(s)):
        return ""
    return "the contact is not the agent's own, or is left alone"


def fields(s: Snapshot, contact: Contact) -> Iterator[str]:
    """Say which fields are missing and not listed yet, or that none are missing."""
    lacking = ", ".join(gaps(s, contact))
    says = "has everything a record must have"
    if lacking:
        says = f"lacks {lacking}; its turn on the list has not come"
    yield _not_kept(s, contact) or says


def portal(s: Snapshot, contact: Contact) -> Iterator[str]:
    """Say that this is no recent portal lead, or no lead, or that it was answered. One who is left
    alone by tag is a lead like others (X-64).
    """
    reason = reason_against(s, contact, Way.PROMPT)
    yield reason.text if reason else _no_prompt(s, contact)


def _no_prompt(s: Snapshot, contact: Contact) -> str:
    if not through_portal(s, contact):
        return f"is no portal lead (source: {contact.source or 'none'})"
    day = added(s, contact)
    if day is None:
        return "nobody knows when it came in"
    if day < s.starts:
        return f"came in on {american(day)}, before Steward began"
    if (s.today - day).days > WATCHED:
        return f"came in on {american(day)}, more than {WATCHED} days ago"
    if because := no_prompt(contact):
        return because
    if attempt(contact):
        return "an attempt is logged"
    return (
        "no attempt is logged;"
        f" one task speaks of all portal leads of {american(day)} beyond {A_DAY}"
    )


def stage(s: Snapshot, contact: Contact) -> Iterator[str]:
    """Say that the stage fits, that the agent decided so, or that its turn has not come."""
    found = next((m for m in mismatches(s) if m.contact.id == contact.id), None)
    when = f"the next monthly check is on {american(review_calendar.next_run(s, 'monthly'))}"
    if why := _not_kept(s, contact):
        yield why
    elif found is None:
        yield f"nothing known contradicts the stage {contact.stage_label or '(none)'}; {when}"
    elif said := settled(s, found):
        yield f"{found.reason}; {said}"
    else:
        yield f"{found.reason}; its turn in Approvals has not come"


def cold(s: Snapshot, contact: Contact) -> Iterator[str]:
    """Say why the contact is in no list of the cold, or when the next audit looks at it.

    The last touchpoint and the agent's answer, if there is one, are named as well.
    """
    if why := _not_kept(s, contact):
        yield why
    elif reason := refusal(s, contact, Way.REACTIVATION):
        yield f"{reason.text}: in no list of the cold"
    else:
        yield _cold(s, contact)


def _cold(s: Snapshot, contact: Contact) -> str:
    audit = review_calendar.next_run(s, "quarterly")
    answer = answer_of(s, contact, audit)
    heard = ""
    if answer:
        heard = f"the agent has answered in the audit of {american(answer[0])}: {answer[1]}; "
    since = _last_touch(s, contact)
    return f"{heard}{since}; the next quarterly audit is on {american(audit)}"


def _last_touch(s: Snapshot, contact: Contact) -> str:
    last, day = last_touch(s, contact), added(s, contact)
    if last:
        return f"the last touchpoint seen was on {american(last)}"
    if day:
        return f"no touchpoint is seen since it was added on {american(day)}"
    return "no touchpoint is seen"


def details(s: Snapshot, contact: Contact) -> Iterator[str]:
    """Say which details are outdated, and when the next audit lists them."""
    found = "; ".join(outdated(s, contact)) or "no detail is known to be outdated"
    if death(s, contact):
        found = "deceased"
    when = american(review_calendar.next_run(s, "quarterly"))
    yield _not_kept(s, contact) or f"{found}; the next quarterly audit is on {when}"


def opted_out(s: Snapshot, contact: Contact) -> Iterator[str]:
    """Say whether the contact is Do Not Contact, and from which day on."""
    day = started(s, contact)
    reason = opt_out(s, contact)
    if reason and not flagged(s, contact):
        yield f"{reason.text}, although neither stage nor tag says so"
    elif day:
        yield f"Do Not Contact since {american(day)}"
    else:
        yield "Do Not Contact" if flagged(s, contact) else "is not Do Not Contact"


def removal(s: Snapshot, contact: Contact) -> Iterator[str]:
    """Say whether the contact is a candidate for the purge, and when the next one is prepared."""
    found = next((c for c in candidates(s) if c.contact.id == contact.id), None)
    says = found.says if found else "is no candidate for the purge"
    yield f"{says}; the next is prepared on {american(review_calendar.next_run(s, 'purge'))}"


def sign_ins(s: Snapshot, contact: Contact) -> Iterator[str]:
    """Say that no row of the tab is about the contact."""
    if contact.id in s.contacts:
        yield f"no row of the tab {TAB} is about contact {contact.id}"
    else:
        yield "is not in the CRM"


def opt_outs(s: Snapshot, contact: Contact) -> Iterator[str]:
    """Say that the agent was told, or that this is no current client who opted out."""
    asked = any(other.id == contact.id for other, _ in active_opt_outs(s))
    yield "the agent was told" if asked else "is not a current client who opted out"


def reviews(s: Snapshot, contact: Contact) -> Iterator[str]:
    """Say when the next monthly review is: reviews are about all records together."""
    when = american(review_calendar.next_run(s, "monthly"))
    yield _not_kept(s, contact) or f"counted with all others; the next monthly review is on {when}"
