"""Notices to the agent outside CRM and Sheet: when, and on which channel. Pure; the channels
themselves are connectors.

A notice is a nudge to look, and may be read on a locked screen: it never holds more than a link, a
first name and the clause. Nothing depends on its arrival: everything it points to is in the CRM
and the Sheet as well (X-58).
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
"""Within this long nothing is said twice on one channel (X-58), and after it an unanswered
escalation goes to the other (X-39).
"""
MOST = 20
"""Lines of one message; the rest is in the Sheet."""
APART = 3
"""So many escalations that come up at once are told one by one; more than that as one message."""
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
    """A message to the agent. `key` is what it is about, and what keeps it from being sent twice a
    day; `also` what else it tells of.
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
"""Escalations that go to the secondary channel when the next pass sees no answer; the others wait
24 hours for one (X-39).
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
"""The clauses whose tasks are told as they are seen, each once, and not only in the daily digest.
"""
LEAD = ("MS-46", "lead")
"""The one thing that no quiet hours hold back: interest in buying or selling (MS-46, MS-51)."""


@dataclass(frozen=True, slots=True)
class Ways:
    """When the agent may be told, and where the links lead. `person` is the CRM's page of a
    contact, without the id.
    """

    morning: time
    quiet: tuple[time, time]
    sheet: str
    person: str

    def quiet_at(self, now: datetime) -> bool:
        """Whether the agent sleeps; the first of the two times is quiet, the second is not."""
        start, end, at = *self.quiet, now.time()
        return start <= at < end if start <= end else at >= start or at < end


@dataclass(frozen=True, slots=True)
class Told:
    """When each key was last told on each channel (aware)."""

    at: Mapping[tuple[str, Channel], datetime] = field(default_factory=dict)

    def lately(self, key: str, channel: Channel, now: datetime) -> bool:
        """Whether it was told there within the last 24 hours; a time in the future is a clock that
        was wrong.
        """
        last = self.at.get((key, channel))
        return last is not None and timedelta() <= now - last < AGAIN

    def ever(self, key: str, channel: Channel) -> bool:
        """Whether it was told there at all."""
        return (key, channel) in self.at

    def on(self, key: str, day: date, now: datetime) -> bool:
        """Whether it was told on this local day, on any channel."""
        return any(
            then.astimezone(now.tzinfo).date() == day
            for (told, _), then in self.at.items()
            if told == key
        )


def due(s: Snapshot, findings: Iterable[Finding], told: Told, ways: Ways) -> list[Notice]:
    """Every notice that is to go out now, given what was told before; most urgent first."""
    open_ = list(_open_escalations(s, findings))
    found = _together(
        [notice for finding, want in open_ if (notice := _escalation(s, finding, want, told, ways))]
    )
    if (
        not ways.quiet_at(s.now)
        and s.now.time() >= ways.morning
        and not told.on("digest", s.today, s.now)
    ):
        lines = [
            *(_line(s, finding.clause, want.person_id, ways) for finding, want in open_),
            *_decisions(s, ways),
        ]
        if lines:
            found.append(digest(lines))
    return sorted(found, key=lambda notice: notice.title is not Title.LEAD)


def digest(lines: Collection[Line]) -> Notice:
    """One message for everything that waits, instead of one for each."""
    return Notice("digest", Title.DIGEST, _cut(lines))


def _cut(lines: Iterable[Line]) -> tuple[Line, ...]:
    once = tuple(dict.fromkeys(lines))
    return once if len(once) <= MOST else (*once[:MOST], Line("…"))


def _together(found: list[Notice]) -> list[Notice]:
    """*found* with many escalations on one channel as one message; leads are told one by one."""
    apart = [notice for notice in found if notice.title is not Title.ESCALATION]
    for channel in BOTH:
        same = [
            notice
            for notice in found
            if notice.title is Title.ESCALATION and notice.channels == (channel,)
        ]
        if len(same) > APART:
            lines = _cut(line for notice in same for line in notice.lines)
            same = [
                Notice(
                    same[0].key,
                    Title.ESCALATION,
                    lines,
                    (channel,),
                    also=tuple(notice.key for notice in same[1:]),
                )
            ]
        apart += same
    return apart


def _open_escalations(
    s: Snapshot, findings: Iterable[Finding]
) -> Iterator[tuple[Finding, WantTask]]:
    """Escalations that nobody has answered: their task is neither ticked off nor deleted."""
    for finding in findings:
        want = finding.want
        if (
            isinstance(want, WantTask)
            and want.key.rule in ESCALATIONS
            and want.key.base not in s.deleted
            and s.today <= want.useful_until
            and not any(task.completed for task in s.lives(want.key))
        ):
            yield finding, want


def _escalation(
    s: Snapshot, finding: Finding, want: WantTask, told: Told, ways: Ways
) -> Notice | None:
    key, line = str(want.key), _line(s, finding.clause, want.person_id, ways)
    episode = parsed(want.key.base.episode)
    if episode and (want.key.rule, episode[2]) == LEAD:
        channels = tuple(channel for channel in BOTH if not told.lately(key, channel, s.now))
        return Notice(key, Title.LEAD, (line,), channels) if channels else None
    if ways.quiet_at(s.now) or told.ever(key, Channel.SECONDARY):
        return None  # both were tried: it is held, and listed in the daily digest
    if not told.ever(key, Channel.PRIMARY):
        return Notice(key, Title.ESCALATION, (line,))
    if want.key.rule not in A_PASS and told.lately(key, Channel.PRIMARY, s.now):
        return None
    return Notice(key, Title.ESCALATION, (line,), (Channel.SECONDARY,))


def _decisions(s: Snapshot, ways: Ways) -> Iterator[Line]:
    for decision in undecided(s.workbook):
        row, key = decision.row, decision.key
        yield Line(_clause(row, key), _called(_contact_of(s, key)) if key else "", ways.sheet)


def _clause(row: Row, key: Key | None) -> str:
    """The clause of a row: of its cell only what is one, as people can type into it."""
    typed = row.text("Rule")
    return typed if _CLAUSE.fullmatch(typed) else key.rule if key else ""


def undecided(book: Workbook) -> Iterator[approvals.Decision]:
    """The rows of `Approvals` that wait for the agent."""
    return (decision for decision in approvals.every(book) if decision.undecided)


def _contact_of(s: Snapshot, key: Key) -> Contact | None:
    deal = s.deal_by(key.subject)
    return s.contact_by(key.subject) or (
        s.contacts.get(deal.person_ids[0]) if deal and deal.person_ids else None
    )


def _called(contact: Contact | None) -> str:
    """A first name, if the field holds one: leads come with numbers, addresses and links in it,
    too.
    """
    return first_name(contact) if contact else ""


def _line(s: Snapshot, clause: str, person_id: int, ways: Ways) -> Line:
    return Line(clause, _called(s.contacts.get(person_id)), f"{ways.person}{person_id}")
