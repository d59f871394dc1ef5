"""Notices to the agent outside CRM and Sheet: when, and on which channel.

A notice is a nudge to look, and may be read on a locked screen: it never holds more than a link, a
first name and the clause. Nothing depends on its arrival: everything it points to is in the CRM
and the Sheet as well (X-58). This module is pure; the channels are connectors.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from policies.asks import approvals
from policies.asks.episodes import parsed
from policies.asks.privacy import first_name
from policies.asks.wants import Finding, WantTask
from policies.world.model import Contact, Key
from policies.world.sheet import Row, Workbook
from policies.world.snapshot import Snapshot


class Channel(StrEnum):
    """The agent's own two ways of being reached (RF-52)."""

    PRIMARY = "primary"
    SECONDARY = "secondary"


BOTH = (Channel.PRIMARY, Channel.SECONDARY)
AGAIN = timedelta(hours=24)
"""The time between two notices about one thing on one channel (X-58).

After it an unanswered escalation goes to the other channel (X-39).
"""
MOST = 20
"""Lines of one message; the rest is in the Sheet."""
APART = 3
"""Up to this many new escalations on one channel are sent one by one; more as one message."""
_CLAUSE = re.compile(r"[A-Z]{2}-\d\d")


class Title(StrEnum):
    """The headings of notices; these words and no others."""

    LEAD = "Steward: please call now"
    ESCALATION = "Steward: please look"
    DIGEST = "Steward: waiting for you today"
    ABSENT = "Steward cannot work; these are due"
    STOPPED = "Steward has stopped"
    SUCCESSION = "Steward: tasks of the VA come to you"
    TEST = "Steward: this is a test"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing of a notice: the clause, a first name, where to look."""

    clause: str
    first_name: str = ""
    link: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.clause, self.first_name, self.link)))


@dataclass(frozen=True, slots=True)
class Notice:
    """A message to the agent.

    `key` names the matter and keeps it from being sent twice a day; `also` names further matters.
    """

    key: str
    title: Title
    lines: tuple[Line, ...]
    channels: tuple[Channel, ...] = (Channel.PRIMARY,)
    also: tuple[str, ...] = ()

    @property
    def body(self) -> str:
        """The lines as text."""
        return "\n".join(map(str, self.lines))


A_PASS = frozenset({"MS-49", "RF-47"})
"""Escalations that go to the secondary channel if the next pass sees no answer (X-39).

The others wait 24 hours for one.
"""
ESCALATIONS = A_PASS | {
    "MS-45",
    "MS-46",
    "MS-47",
    "MS-48",
    "RF-45",
    "RF-46",
    "RF-48",
    "RF-49",
    "DB-40",
    "DB-41",
    "DB-42",
    "DB-43",
    "DB-44",
}
"""The clauses whose tasks get a notice of their own as soon as they are seen.

Tasks of other clauses are only in the daily digest.
"""
LEAD = ("MS-46", "lead")
"""Interest in buying or selling: the one escalation that ignores quiet hours (MS-46, MS-51)."""


@dataclass(frozen=True, slots=True)
class Ways:
    """When a notice may be sent, and where its links lead.

    `person` is the address of the CRM's page of a contact, without the id.
    """

    morning: time
    quiet: tuple[time, time]
    sheet: str
    person: str

    def quiet_at(self, now: datetime) -> bool:
        """Tell whether *now* is in the quiet hours, from the first time up to the second."""
        start, end, at = *self.quiet, now.time()
        return start <= at < end if start <= end else at >= start or at < end


@dataclass(frozen=True, slots=True)
class Told:
    """When each key was last told on each channel (aware)."""

    at: Mapping[tuple[str, Channel], datetime] = field(default_factory=dict)

    def lately(self, key: str, channel: Channel, now: datetime) -> bool:
        """Tell whether it was sent there within the last 24 hours.

        A time in the future does not count: the clock was wrong then.
        """
        last = self.at.get((key, channel))
        return last is not None and timedelta() <= now - last < AGAIN

    def ever(self, key: str, channel: Channel) -> bool:
        """Tell whether it was ever sent there."""
        return (key, channel) in self.at

    def on(self, key: str, day: date, now: datetime) -> bool:
        """Tell whether it was sent on this local day, on any channel."""
        times = [self.at[key, channel] for channel in BOTH if (key, channel) in self.at]
        return any(then.astimezone(now.tzinfo).date() == day for then in times)


def due(s: Snapshot, findings: Iterable[Finding], told: Told, ways: Ways) -> list[Notice]:
    """Return every notice to send now, given those sent before, most urgent first."""
    open_ = list(_open_escalations(s, findings))
    each = [_escalation(s, finding, want, told, ways) for finding, want in open_]
    found = _together([notice for notice in each if notice])
    if _time_for_digest(s, told, ways):
        lines = [_line(s, finding.clause, want.person_id, ways) for finding, want in open_]
        lines += _decisions(s, ways)
        if lines:
            found.append(digest(lines))
    return sorted(found, key=lambda notice: notice.title is not Title.LEAD)


def _time_for_digest(s: Snapshot, told: Told, ways: Ways) -> bool:
    """Tell whether the daily digest is due: in the morning, once a day, not in quiet hours."""
    if ways.quiet_at(s.now) or s.now.time() < ways.morning:
        return False
    return not told.on("digest", s.today, s.now)


def digest(lines: Collection[Line]) -> Notice:
    """Return one message for everything that waits, instead of one for each."""
    return Notice("digest", Title.DIGEST, _cut(lines))


def _cut(lines: Iterable[Line]) -> tuple[Line, ...]:
    once = tuple(dict.fromkeys(lines))
    return once if len(once) <= MOST else (*once[:MOST], Line("…"))


def _together(found: list[Notice]) -> list[Notice]:
    """Join many escalations on one channel into one message; leads stay messages of their own."""
    escalations = [notice for notice in found if notice.title is Title.ESCALATION]
    kept = [notice for notice in found if notice.title is not Title.ESCALATION]
    for channel in BOTH:
        same = [notice for notice in escalations if notice.channels == (channel,)]
        kept += same if len(same) <= APART else [_joined(same, channel)]
    return kept


def _joined(notices: list[Notice], channel: Channel) -> Notice:
    lines = _cut(line for notice in notices for line in notice.lines)
    also = tuple(notice.key for notice in notices[1:])
    return Notice(notices[0].key, Title.ESCALATION, lines, (channel,), also=also)


def _open_escalations(
    s: Snapshot, findings: Iterable[Finding]
) -> Iterator[tuple[Finding, WantTask]]:
    """Yield the escalations that nobody has answered: their task is neither done nor deleted."""
    for finding in findings:
        want = finding.want
        if not isinstance(want, WantTask) or want.key.rule not in ESCALATIONS:
            continue
        answered = any(task.done for task in s.lives(want.key))
        if answered or want.key.base in s.deleted or s.today > want.useful_until:
            continue
        yield finding, want


def _escalation(
    s: Snapshot, finding: Finding, want: WantTask, told: Told, ways: Ways
) -> Notice | None:
    """Return the notice about one open escalation, or None if none is due on any channel."""
    key, line = str(want.key), _line(s, finding.clause, want.person_id, ways)
    if _is_lead(want.key):
        channels = tuple(channel for channel in BOTH if not told.lately(key, channel, s.now))
        return Notice(key, Title.LEAD, (line,), channels) if channels else None
    if ways.quiet_at(s.now) or told.ever(key, Channel.SECONDARY):
        return None  # both were tried: it is held, and listed in the daily digest
    if not told.ever(key, Channel.PRIMARY):
        return Notice(key, Title.ESCALATION, (line,))
    if want.key.rule not in A_PASS and told.lately(key, Channel.PRIMARY, s.now):
        return None
    return Notice(key, Title.ESCALATION, (line,), (Channel.SECONDARY,))


def _is_lead(key: Key) -> bool:
    episode = parsed(key.base.episode)
    return episode is not None and (key.rule, episode[2]) == LEAD


def _decisions(s: Snapshot, ways: Ways) -> Iterator[Line]:
    for decision in undecided(s.workbook):
        row, key = decision.row, decision.key
        yield Line(_clause(row, key), _called(_contact_of(s, key)) if key else "", ways.sheet)


def _clause(row: Row, key: Key | None) -> str:
    """Return the clause of a row; people can type into its cell, so anything else is ignored."""
    typed = row.text("Rule")
    if _CLAUSE.fullmatch(typed):
        return typed
    return key.rule if key else ""


def undecided(book: Workbook) -> Iterator[approvals.Decision]:
    """Yield the rows of `Approvals` that wait for the agent."""
    return (decision for decision in approvals.every(book) if decision.undecided)


def _contact_of(s: Snapshot, key: Key) -> Contact | None:
    """Return the contact that *key* is about, or the first contact on its deal."""
    deal = s.deal_by(key.subject)
    on_deal = s.contacts.get(deal.person_ids[0]) if deal and deal.person_ids else None
    return s.contact_by(key.subject) or on_deal


def _called(contact: Contact | None) -> str:
    """Return a first name, or "" if the field holds none.

    Leads come with numbers, addresses and links in it as well.
    """
    return first_name(contact) if contact else ""


def _line(s: Snapshot, clause: str, person_id: int, ways: Ways) -> Line:
    return Line(clause, _called(s.contacts.get(person_id)), f"{ways.person}{person_id}")
