"""What is set up when a deal has closed and the client is a Past Client: the date in its field, the
note of the first home-value update, a question where two dates disagree, a proposal where only the
stage is missing (MS-03, 25, 40, X-51).

Clients who closed before Steward was activated are not taken up one by one: their missing dates are
one list that the agent approves as a whole (rule 14).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from policies.asks import approvals
from policies.asks.approvals import open_rows
from policies.asks.followup import last_word
from policies.asks.pace import few, look_up, quarter
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
from policies.milestones import stage_at_closing
from policies.milestones.homes import Excluded, Home, clients_on, ground_of, latest_deal
from policies.values.dates import iso_date
from policies.world.calendar import DAY, american, anniversary, month_days
from policies.world.model import Contact, Key, Side
from policies.world.snapshot import Snapshot

SETTING_UP = 60
"""Days after a closing within which it is set up; later than that it is a gap, not a closing."""
FIELD_RIGHT, DEAL_RIGHT = "Field is right", "Deal is right"
EXISTING = Key("MS-40", "a0", "existing")


def decide(s: Snapshot) -> Iterator[Finding]:
    """What every recent closing still lacks, and the list of those that closed before Steward
    began.
    """
    asked, disagreeing = {key.subject for key, _ in open_rows(s, "MS-25")}, set[str]()
    sight = month_days(s.today, s.today + 21 * DAY)
    for deal in s.closed_deals:
        when = deal_date(s, deal)
        if when is None:
            continue
        recent = recently_closed(s, deal, SETTING_UP)
        if not recent and (when.month, when.day) not in sight and f"d{deal.id}" not in asked:
            continue
        ground = ground_of(s, deal)
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
    yield from few(s, "MS-25", _odd(s))
    for _, row in open_rows(s, "MS-25"):
        if row.ref not in disagreeing and not row.acted:
            yield last_word(
                row, f"{approvals.DONE}: the dates agree, or the closing is not kept any more"
            )


def _odd(s: Snapshot) -> Iterator[Finding]:
    """Closing dates that cannot be right: without one nothing of the home is kept, so somebody
    looks it up.
    """
    for contact in s.contacts.values():
        written = contact.fields.get("closing_anniversary", "")
        day = iso_date(written)
        if not written or (day and usable(s, day)):
            continue
        deal = latest_deal(s, contact)
        ground = ground_of(s, deal) if deal else None
        if isinstance(ground, Excluded) and ground.odd is contact:
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
    """A closing date in the field that is not the deal's: the agent says which, and Steward changes
    neither (MS-25).
    """
    theirs = home.deal.projected_close
    if theirs is None or theirs == home.closing:
        return
    key = Key("MS-25", f"d{home.deal.id}", f"{home.closing:%Y%m%d}-date")
    correct = Key("MS-25", f"d{home.deal.id}", f"{home.closing:%Y%m%d}-correct")
    asked.add(str(key))
    reason = (
        f"Closing Anniversary of {home.contact.name} says {american(home.closing)}, the deal's"
        f" close date is {american(theirs)}"
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
                f"Which closing date of {home.address or home.deal.name} is that of the settlement"
                " statement?"
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
        yield answer.row
    if answer.choice == DEAL_RIGHT and not answer.acted:
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


# -- the date in its field -------------------------------------------------------------------------


def _dates(s: Snapshot) -> Iterator[Finding]:
    if s.practice.milestones.date_method == "task":
        return
    lacking = [
        (contact, *found)
        for contact in s.contacts.values()
        if "closing_anniversary" not in contact.fields
        and contact.id in s.deals_of
        and (found := _closing_of(s, contact))
    ]
    since = {
        contact.id: known_since(s, deal)
        for contact, *_ in lacking
        if (deal := latest_deal(s, contact))
    }
    ours = [line for line in lacking if (since.get(line[0].id) or line[1]) >= s.starts]
    for contact, closing, source in ours:
        if closing <= s.today:
            yield _field(
                contact,
                closing,
                f"{contact.name} closed on {american(closing)} (from {source})",
                agreed=False,
            )
    yield from _existing(s, [line for line in lacking if line not in ours])


def _closing_of(s: Snapshot, contact: Contact) -> tuple[date, str] | None:
    """The closing date for a contact's empty field, and where it is known from; None where no touch
    could go to them.
    """
    deal = latest_deal(s, contact)
    home = ground_of(s, deal) if deal and contact in clients_on(s, deal) else None
    return (home.closing, home.closing_from) if isinstance(home, Home) else None


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


def _existing(s: Snapshot, lacking: list[tuple[Contact, date, str]]) -> Iterator[Finding]:
    """Everyone who closed before Steward began, as one list for one approval (rule 14)."""
    if not lacking:
        yield from (
            last_word(row, f"{approvals.DONE}: no date is missing")
            for key, row in open_rows(s, "MS-40")
            if key == EXISTING
        )
        return
    lines = [
        f"{contact.name} (contact {contact.id}): {american(closing)}, from {source}"
        for contact, closing, source in lacking
    ]
    reason = (
        f"{len(lines)} past clients who closed before Steward began have no Closing Anniversary"
    )
    answer = ask(
        s,
        Question(
            key=EXISTING,
            clause="MS-40",
            reason=reason,
            text=listing(lines, "dates"),
            due=s.business.after(s.today, 5),
            what=(
                f"Enter the closing dates of {len(lines)} past clients into Closing Anniversary, as"
                " the deals have them? Nothing that is filled is changed."
            ),
            done=f"{approvals.DONE}: {len(lines)} dates entered",
            then={
                approvals.APPROVE: tuple(
                    field_key(contact, closing) for contact, closing, _ in lacking
                )
            },
        ),
    )
    if answer.row:
        yield answer.row
    if answer.choice == approvals.APPROVE:
        for contact, closing, source in lacking:
            yield _field(
                contact,
                closing,
                f"{contact.name} closed on {american(closing)} (from {source}); the agent approved"
                " the list",
                agreed=True,
            )
