"""Why a rule of the database procedure says nothing about somebody today, in sentences (`steward
explain`).
"""

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
from policies.facts.contact_permission import Way, death, opt_out, refusal
from policies.facts.ownership import added, kept
from policies.facts.touchpoints import last_touch
from policies.world.calendar import american
from policies.world.model import Contact
from policies.world.snapshot import Snapshot


def _not_kept(s: Snapshot, contact: Contact) -> str:
    if contact.trashed:
        return "the record is in the Trash"
    return (
        ""
        if any(other.id == contact.id for other in kept(s))
        else "the contact is not the agent's own, or is left alone"
    )


def fields(s: Snapshot, contact: Contact) -> Iterator[str]:
    """What is missing and not listed yet, or nothing."""
    lacking = ", ".join(gaps(s, contact))
    says = (
        f"lacks {lacking}; its turn on the list has not come"
        if lacking
        else "has everything a record must have"
    )
    yield _not_kept(s, contact) or says


def portal(s: Snapshot, contact: Contact) -> Iterator[str]:
    """No portal lead of late, one nobody is to call, or answered."""
    yield _not_kept(s, contact) or _no_prompt(s, contact)


def _no_prompt(s: Snapshot, contact: Contact) -> str:
    if not through_portal(s, contact):
        return f"is no portal lead (source: {contact.source or 'none'})"
    day = added(s, contact)
    if day is None or day < s.starts:
        return (
            f"came in on {american(day)}, before Steward began"
            if day
            else "nobody knows when it came in"
        )
    if (s.today - day).days > WATCHED:
        return f"came in on {american(day)}, more than {WATCHED} days ago"
    if because := no_prompt(contact):
        return because
    return (
        "an attempt is logged"
        if attempt(contact)
        else (
            f"no attempt is logged; one task speaks of all portal leads of {american(day)} beyond"
            f" {A_DAY}"
        )
    )


def stage(s: Snapshot, contact: Contact) -> Iterator[str]:
    """The stage fits, the agent decided so, or the check that would see it has not run."""
    found = next((m for m in mismatches(s) if m.contact.id == contact.id), None)
    when = f"the next monthly check is on {american(review_calendar.next_run(s, 'monthly'))}"
    if (why := _not_kept(s, contact)) or found is None:
        yield (
            why or f"nothing known contradicts the stage {contact.stage_label or '(none)'}; {when}"
        )
    elif said := settled(s, found):
        yield f"{found.reason}; {said}"
    else:
        yield f"{found.reason}; its turn in Approvals has not come"


def cold(s: Snapshot, contact: Contact) -> Iterator[str]:
    """Who is in no list of the cold; else when the last touchpoint was, what the agent has
    answered, and when the next audit is.
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
    heard = (
        f"the agent has answered in the audit of {american(answer[0])}: {answer[1]}; "
        if answer
        else ""
    )
    last = last_touch(s, contact)
    since = (
        f"the last touchpoint seen was on {american(last)}"
        if last
        else "no touchpoint is seen"
        + (f" since it was added on {american(day)}" if (day := added(s, contact)) else "")
    )
    return f"{heard}{since}; the next quarterly audit is on {american(audit)}"


def details(s: Snapshot, contact: Contact) -> Iterator[str]:
    """Nothing is outdated, or the audit that lists it has not run."""
    found = (
        "deceased"
        if death(s, contact)
        else "; ".join(outdated(s, contact)) or "no detail is known to be outdated"
    )
    yield (
        _not_kept(s, contact)
        or f"{found}; the next quarterly audit is on "
        f"{american(review_calendar.next_run(s, 'quarterly'))}"
    )


def opted_out(s: Snapshot, contact: Contact) -> Iterator[str]:
    """Whether Do Not Contact, and since when."""
    day = started(s, contact)
    reason = opt_out(s, contact)
    if reason and not flagged(s, contact):
        yield f"{reason.text}, although neither stage nor tag says so"
    else:
        yield (
            f"Do Not Contact since {american(day)}"
            if day
            else "Do Not Contact"
            if flagged(s, contact)
            else "is not Do Not Contact"
        )


def removal(s: Snapshot, contact: Contact) -> Iterator[str]:
    """No candidate, or one that the next purge will list."""
    found = next((c for c in candidates(s) if c.contact.id == contact.id), None)
    when = american(review_calendar.next_run(s, "purge"))
    yield (
        f"{found.says if found else 'is no candidate for the purge'}; the next is prepared on"
        f" {when}"
    )


def sign_ins(s: Snapshot, contact: Contact) -> Iterator[str]:
    """No row of the tab is about them."""
    yield (
        f"no row of the tab {TAB} is about contact {contact.id}"
        if contact.id in s.contacts
        else "is not in the CRM"
    )


def opt_outs(s: Snapshot, contact: Contact) -> Iterator[str]:
    """Not a current client who opted out."""
    asked = any(other.id == contact.id for other, _ in active_opt_outs(s))
    yield "the agent was told" if asked else "is not a current client who opted out"


def reviews(s: Snapshot, contact: Contact) -> Iterator[str]:
    """Reviews are about all records together."""
    when = american(review_calendar.next_run(s, "monthly"))
    yield _not_kept(s, contact) or f"counted with all others; the next monthly review is on {when}"
