"""Setup when a deal has closed (MS-03, MS-25, MS-40, X-51).

For a Past Client: the date in its field, the note about the first home-value update, and a question
if two dates disagree. If only the stage is missing, a proposal to the agent. Clients who closed
before Steward was activated are not taken up one by one: their missing dates are one list that the
agent approves as a whole (rule 14).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from policies.asks import approvals
from policies.asks.approvals import open_rows
from policies.asks.followup import Matter, close, last_word, of_rule
from policies.asks.pace import look_up, look_ups, quarter
from policies.asks.question import (
    Question,
    ask,
    listing,
)
from policies.asks.wants import Finding, WantField, WantNote, WantTask
from policies.facts.closings import (
    deal_date,
    known_since,
    recently_closed,
    usable,
)
from policies.facts.gone_records import undone
from policies.milestones import stage_at_closing
from policies.milestones.addressed import addressed
from policies.milestones.homes import Excluded, Home, clients_on, ground_of, latest_deal
from policies.values.dates import iso_date
from policies.world.calendar import DAY, american, anniversary, month_days
from policies.world.model import Contact, Deal, Key, Side
from policies.world.snapshot import Snapshot

SETTING_UP = 60
"""Days after a closing within which it is set up; later than that it is a gap, not a closing."""
COMING_UP = 21
"""Days before an anniversary in which a disagreement about an older closing date is asked about."""
FIELD_RIGHT, DEAL_RIGHT = "Field is right", "Deal is right"
CORRECT = "-correct"
"""How the episode of the VA's task to correct a closing date ends."""
EXISTING = Key("MS-40", "a0", "existing")
Dated = tuple[Contact, date, str]
"""A contact, the closing date for their empty field, and the source of that date."""


def decide(s: Snapshot) -> Iterator[Finding]:
    """Set up recent closings, compare dates, and list the closings from before Steward began."""
    disagreeing = set[str]()
    for deal, when in _in_sight(s):
        ground = ground_of(s, deal)
        recent = recently_closed(s, deal, SETTING_UP)
        if isinstance(ground, Home):
            if recent:
                yield from _note(ground)
            yield from _disagreement(s, ground, disagreeing)
        elif ground.unstaged and recent:
            yield from stage_at_closing.propose(
                s, deal, ground, ground.unstaged, when, useful=SETTING_UP
            )
    yield from stage_at_closing.ended(s)
    yield from _dates(s)
    yield from look_ups(s, "MS-25", list(_misdated(s)))
    yield from _corrected(s)
    for _, row in open_rows(s, "MS-25"):
        if row.ref not in disagreeing and not row.acted:
            yield last_word(
                row, f"{approvals.DONE}: the dates agree, or the closing is not kept any more"
            )


def _in_sight(s: Snapshot) -> Iterator[tuple[Deal, date]]:
    """Yield the closed deals to look at, with their dates.

    These are recent closings, those with an anniversary coming up, and those already asked about.
    """
    asked = {key.subject for key, _ in open_rows(s, "MS-25")}
    sight = month_days(s.today, s.today + COMING_UP * DAY)
    for deal in s.closed_deals:
        when = deal_date(s, deal)
        if when is None:
            continue
        known = (when.month, when.day) in sight or f"d{deal.id}" in asked
        if known or recently_closed(s, deal, SETTING_UP):
            yield deal, when


def _misdated(s: Snapshot) -> Iterator[Finding]:
    """Have closing dates looked up that cannot be right, and keep the home from being cared for."""
    for contact in s.contacts.values():
        written = contact.fields.get("closing_anniversary", "")
        day = iso_date(written)
        if not written or (day and usable(s, day)):
            continue
        deal = latest_deal(s, contact)
        ground = ground_of(s, deal) if deal else None
        if isinstance(ground, Excluded) and ground.misdated is contact:
            yield look_up(
                s,
                Key("MS-25", f"p{contact.id}", quarter(s)),
                contact,
                "Closing Anniversary",
                written,
                "which cannot be a closing date",
            )


def value_note(home: Home) -> Key:
    """The key of the note that names the time of the first home-value update (MS-40e)."""
    return Key("MS-40", f"d{home.deal.id}", f"{home.closing:%Y%m%d}-value")


def _note(home: Home) -> Iterator[Finding]:
    if home.deal.side is Side.BUYER:
        first = anniversary(home.closing, home.closing.year + 1)
        yield Finding(
            "MS-40",
            f"{home.contact.name} closed on {american(home.closing)} (from {home.closing_from})",
            WantNote(
                key=value_note(home),
                person_id=home.contact.id,
                body=f"Send home value update: {american(first)}",
            ),
        )


def _disagreement(s: Snapshot, home: Home, asked: set[str]) -> Iterator[Finding]:
    """Ask the agent which date is right if the field and the deal disagree (MS-25).

    Steward changes neither. The Refs of the questions are added to *asked*.
    """
    theirs = home.deal.projected_close
    if theirs is None or theirs == home.closing:
        return
    key = Key("MS-25", f"d{home.deal.id}", f"{home.closing:%Y%m%d}-date")
    correct = Key("MS-25", f"d{home.deal.id}", f"{home.closing:%Y%m%d}{CORRECT}")
    asked.add(str(key))
    reason = (
        f"Closing Anniversary of {home.contact.name} says {american(home.closing)},"
        f" the deal's close date is {american(theirs)}"
    )
    answer = ask(
        s,
        Question(
            key=key,
            clause="MS-25",
            reason=reason,
            client=home.contact.name,
            person_id=home.contact.id,
            due=s.business.after(s.today, 3),
            what=(
                f"Which closing date of {home.address or home.deal.name}"
                " is that of the settlement statement?"
            ),
            choices=(FIELD_RIGHT, DEAL_RIGHT),
            text=(
                f"{reason}. Steward goes by {american(home.closing)} and changes neither."
                f' "{DEAL_RIGHT}" gives the VA a task to correct the field.'
            ),
            then={DEAL_RIGHT: (correct,)},
        ),
    )
    if answer.row:
        yield addressed(s, answer.row, home.contact, of_rule(s, "MS-25", key.subject).tasks)
    if answer.choice == DEAL_RIGHT and (not answer.acted or undone(s, correct)):
        yield Finding(
            "MS-25",
            f"{reason}; the agent says the deal is right",
            WantTask(
                key=correct,
                person_id=home.contact.id,
                assignee=s.practice.va_id,
                kind="Follow Up",
                due=s.business.after(s.today, 1),
                name=f"Correct Closing Anniversary of {home.contact.name} to {american(theirs)}",
                useful_until=s.today + 30 * DAY,
            ),
        )


def _corrected(s: Snapshot) -> Iterator[Finding]:
    """End the task to correct a date once the field or the deal was corrected (X-81)."""
    for task in of_rule(s, "MS-25").open_tasks:
        if task.key is None or not task.key.base.episode.endswith(CORRECT):
            continue
        deal = s.deal_by(task.key.subject)
        home = ground_of(s, deal) if deal else None
        if not isinstance(home, Home):
            continue
        asked_about = f"{home.closing:%Y%m%d}{CORRECT}" == task.key.base.episode
        if not asked_about or home.deal.projected_close in {None, home.closing}:
            because = f"the closing date is {american(home.closing)} now"
            yield from close(Matter((task,)), because, over=True)


# -- the date in its field -------------------------------------------------------------------------


def _dates(s: Snapshot) -> Iterator[Finding]:
    """Fill empty Closing Anniversary fields: new closings at once, older ones as one list."""
    if s.practice.milestones.date_method == "task":
        return
    existing: list[Dated] = []
    for contact, closing, source, ours in _missing(s):
        if not ours:
            existing.append((contact, closing, source))
        elif closing <= s.today:
            reason = f"{contact.name} closed on {american(closing)} (from {source})"
            yield _field(contact, closing, reason, agreed=False)
    yield from _existing(s, existing)


def _missing(s: Snapshot) -> Iterator[tuple[Contact, date, str, bool]]:
    """Yield past clients without a Closing Anniversary: date, source, and whether it is ours.

    A closing is ours if the CRM has known of it only since Steward began.
    """
    for contact in s.contacts.values():
        if "closing_anniversary" in contact.fields or contact.id not in s.deals_of:
            continue
        deal = latest_deal(s, contact)
        if deal is None:
            continue
        home = ground_of(s, deal) if contact in clients_on(s, deal) else None
        if isinstance(home, Home):
            ours = (known_since(s, deal) or home.closing) >= s.starts
            yield contact, home.closing, home.closing_from, ours


def _field(contact: Contact, closing: date, reason: str, *, agreed: bool) -> Finding:
    return Finding(
        "MS-40",
        reason,
        WantField(
            key=field_key(contact, closing),
            person_id=contact.id,
            field="closing_anniversary",
            value=closing.isoformat(),
            agreed=agreed,
        ),
    )


def field_key(contact: Contact, closing: date) -> Key:
    """The key of the closing date in a contact's field."""
    return Key("MS-40", f"p{contact.id}", f"{closing:%Y%m%d}-anniversary")


def _none_missing(s: Snapshot) -> Iterator[Finding]:
    for key, row in open_rows(s, "MS-40"):
        if key == EXISTING:
            yield last_word(row, f"{approvals.DONE}: no date is missing")


def _existing(s: Snapshot, lacking: list[Dated]) -> Iterator[Finding]:
    """Put everyone who closed before Steward began into one list for one approval (rule 14)."""
    if not lacking:
        yield from _none_missing(s)
        return
    lines = [
        f"{contact.name} (contact {contact.id}): {american(closing)}, from {source}"
        for contact, closing, source in lacking
    ]
    reason = (
        f"{len(lines)} past clients who closed before Steward began have no Closing Anniversary"
    )
    fields = tuple(field_key(contact, closing) for contact, closing, _ in lacking)
    answer = ask(
        s,
        Question(
            key=EXISTING,
            clause="MS-40",
            reason=reason,
            text=listing(lines, "dates"),
            due=s.business.after(s.today, 5),
            what=(
                f"Enter the closing dates of {len(lines)} past clients into Closing Anniversary,"
                " as the deals have them? Nothing that is filled is changed."
            ),
            done=f"{approvals.DONE}: {len(lines)} dates entered",
            then={approvals.APPROVE: fields},
        ),
    )
    if answer.row:
        yield answer.row
    if answer.choice == approvals.APPROVE:
        for contact, closing, source in lacking:
            closed = f"{contact.name} closed on {american(closing)} (from {source})"
            reason = f"{closed}; the agent approved the list"
            yield _field(contact, closing, reason, agreed=True)
