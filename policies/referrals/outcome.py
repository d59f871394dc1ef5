"""The outcome of a referral: Active, Closed or Lost, by the lead's stage and deals alone (RF-10,
RF-34, RF-44).

A closing is told of on the lead's record and nowhere else. Where a person changed the log and the
CRM moves on later, the log stays theirs and the difference is asked about (X-62).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from policies.asks.followup import close, of_rule
from policies.asks.wants import Finding, WantNote, WantTask
from policies.facts.closings import deal_date
from policies.facts.referral_log import (
    ACTIVE,
    CLOSED,
    LOST,
    Entry,
    last_written,
    written,
)
from policies.facts.transactions import ENGAGED, deals_of
from policies.referrals.baseline import begun
from policies.referrals.referral import Referral, day_received, referrals
from policies.world.calendar import DAY, american, compact
from policies.world.model import Contact, Deal, Stage
from policies.world.snapshot import Snapshot

OVER = frozenset({Stage.COLD_LEAD, Stage.DO_NOT_CONTACT})
"""Stages of somebody who did not engage or went elsewhere."""
_DEAL = re.compile(r"d[0-9]+")
SETTLED = 60
"""Days after a closing within which what follows from it is raised."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome as the CRM tells it, when it closed (`deal` by which), since when it is so, and
    when the lead engaged.
    """

    word: str
    closed_on: date | None = None
    deal: Deal | None = None
    since: date | None = None
    engaged_on: date | None = None


def outcome_of(s: Snapshot, r: Referral) -> Outcome:
    """The outcome as the CRM has it today, with the days that only Steward saw, from the log."""
    entry, engaged = r.entry, _engaged_on(s, r)
    if closing := _closing(s, r):
        day = deal_date(s, closing) or s.today
        return Outcome(CLOSED, day, closing, since=day, engaged_on=engaged or day)
    if (before := _closed_before(r)) and _hides_a_deal(s, r.lead):
        return Outcome(CLOSED, before, since=before, engaged_on=engaged or before)
    if r.lead.trashed or r.lead.stage in OVER:
        kept = entry.outcome_on if entry and last_written(entry.row)["Outcome"] == LOST else None
        return Outcome(LOST, since=kept or s.today, engaged_on=engaged)
    return Outcome(ACTIVE, engaged_on=engaged)


def _closed_before(r: Referral) -> date | None:
    """The closing that Steward wrote into the log in an earlier pass."""
    told = r.entry is not None and last_written(r.entry.row)["Outcome"] == CLOSED
    return r.entry.closed_on or r.entry.outcome_on if r.entry and told else None


def _hides_a_deal(s: Snapshot, lead: Contact) -> bool:
    """Whether this pass does not show a deal about which Steward wrote something on this record:
    absence takes no closing back (X-65, X-87).
    """
    known = s.once(_deals_by_record).get(lead.id, frozenset())
    return any(s.deal_by(deal) is None and deal not in s.gone for deal in known)


def _deals_by_record(s: Snapshot) -> Mapping[int, frozenset[str]]:
    """The deals (``d812``) that our tasks and notes on each record are about."""
    found: dict[int, set[str]] = {}
    keyed = [(task.person_id, task.key) for task in s.tasks]
    keyed += [(note.person_id, note.key) for note in s.notes]
    for person_id, key in keyed:
        if key and _DEAL.fullmatch(key.subject):
            found.setdefault(person_id, set()).add(key.subject)
    return {person_id: frozenset(deals) for person_id, deals in found.items()}


def _engaged_on(s: Snapshot, r: Referral) -> date | None:
    """The day on which the lead was first seen to work with the agent."""
    if r.entry and r.entry.engaged_on:
        return r.entry.engaged_on
    return s.today if r.lead.stage in ENGAGED or deals_of(s, r.lead) else None


def _closing(s: Snapshot, r: Referral) -> Deal | None:
    """The first deal that closed since the referral came in, or since its lead was entered, where
    that was in Steward's time.

    A lead who was seen late, because the Sheet or the CRM could not be read, may have closed
    before.
    """
    entered = r.lead.created.astimezone(s.now.tzinfo).date() if r.lead.created else day_received(r)
    since = min(day_received(r), entered) if entered >= begun(s).day else day_received(r)
    found: dict[tuple[date, int], Deal] = {}
    for deal in deals_of(s, r.lead):
        day = deal_date(s, deal) if deal.closed and deal.side else None
        if day and since <= day <= s.today:
            found[day, deal.id] = deal
    return found[min(found)] if found else None


@dataclass(frozen=True, slots=True)
class Closing:
    """The closing of a referral: its day, and the address as far as it is known, by the CRM or by a
    person in the log.
    """

    day: date
    address: str = ""


def closing_of(s: Snapshot, r: Referral) -> Closing | None:
    """The closing of a referral, or None.

    A "Closed" that Steward wrote into the log in an earlier pass is no closing by itself: the deal
    may have left its closed stage since.
    """
    told = outcome_of(s, r)
    if told.closed_on:
        return Closing(told.closed_on, told.deal.name if told.deal else "")
    entry = r.entry
    if entry is None or not _closed_by_hand(entry):
        return None
    # If "Closed" was typed without a date, the day Steward first saw it counts; otherwise nobody
    # would be thanked.
    first_seen = None if r.history else entry.outcome_on
    day = entry.closed_on or first_seen
    return Closing(day) if day and day <= s.today else None


def _closed_by_hand(entry: Entry) -> bool:
    """Whether a person, and not Steward, wrote "Closed" into the log (X-62)."""
    return entry.outcome == CLOSED and last_written(entry.row)["Outcome"] != CLOSED


def decide(s: Snapshot) -> Iterator[Finding]:
    """The note of every new closing on the lead's record, and a question where log and CRM went
    apart.
    """
    for r in referrals(s):
        if not r.logged:
            continue
        told = outcome_of(s, r)
        if (
            told.closed_on
            and told.closed_on >= s.today - SETTLED * DAY
            and told.closed_on >= s.starts
        ):
            yield Finding(
                "RF-44",
                f"{r.lead.name}, referred by {r.source_name}, closed on {american(told.closed_on)}",
                WantNote(
                    key=r.key("RF-44", f"{compact(told.closed_on)}-closed"),
                    person_id=r.lead.id,
                    body=f"Referral outcome logged: Closed — {american(told.closed_on)}",
                ),
            )
        yield from _apart(s, r, told)


def difference(r: Referral, told: Outcome) -> str:
    """How the log and the CRM differ since a person changed the log, in words; "" where they do not
    (X-62).
    """
    if r.row is None:
        return ""
    before, now = last_written(r.row), {"Outcome": told.word, "Close Date": written(told.closed_on)}
    for column, word in now.items():
        cell = written(r.row.cells.get(column))
        if cell not in {word, before[column]} and word != before[column]:
            return (
                f"{column} was changed by hand to {cell or 'nothing'}, and the CRM now says"
                f" {word or 'nothing'}: which is right?"
            )
    return ""


def _apart(s: Snapshot, r: Referral, told: Outcome) -> Iterator[Finding]:
    key = r.key(
        "RF-34", f"{told.word.lower()}{compact(told.closed_on) if told.closed_on else ''}-differs"
    )
    if differs := difference(r, told):
        yield Finding(
            "RF-34",
            f"the referral log and the CRM differ about {r.lead.name}: {differs}",
            WantTask(
                key=key,
                person_id=r.lead.id,
                assignee=s.practice.va_id,
                kind="Follow Up",
                due=s.business.after(s.today, 2),
                name=(
                    f"Referral log of {r.lead.name}: correct it, or tick this off if it is right"
                    f" ({told.word} in the CRM)"
                ),
                useful_until=s.today + SETTLED * DAY,
            ),
        )
        return
    yield from close(of_rule(s, "RF-34", r.subject), "log and CRM agree")
