"""The `Sources` tab: who sent how many in the past year, how many closed, how many were recognised
(RF-05, RF-28).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from policies.asks.wants import Finding, WantRow
from policies.facts.referral_log import CLOSED, Entry
from policies.referrals.log.log_after_pass import entries
from policies.world.calendar import american, anniversary
from policies.world.model import Contact, Key
from policies.world.sheet import Cell
from policies.world.snapshot import Snapshot

TAB = "Sources"
RULE, EPISODE = "RF-05", "source"


@dataclass(frozen=True, slots=True)
class Sent:
    """The referrals of one source from `since`, a year ago, to today, both days included. `last`
    and `type` are of all time.
    """

    subject: str
    name: str
    type: str
    since: date
    referrals: int
    closed: int
    recognised: int
    last: date

    @property
    def ref(self) -> str:
        """The Ref of its row."""
        return str(Key(RULE, self.subject, EPISODE))

    @property
    def status(self) -> str:
        """The open work that the numbers show, in words."""
        if not self.referrals:
            return f"No referral since {american(self.last)}"
        open_ = self.closed - self.recognised
        return f"{open_} closed and not recognised yet" if open_ else ""


def sent_by_source(log: Sequence[Entry], today: date) -> tuple[Sent, ...]:
    """Every source of *log* there ever was, most referrals of the past year first, then by name."""
    since = anniversary(today, today.year - 1)
    groups: dict[str, list[tuple[date, Entry]]] = {}
    for entry in log:
        if entry.day and entry.day <= today:
            groups.setdefault(entry.source_subject, []).append((entry.day, entry))
    found = [
        _sent(subject, sorted(group, key=lambda dated: dated[0]), since, today)
        for subject, group in groups.items()
    ]
    return tuple(
        sorted(found, key=lambda sent: (-sent.referrals, sent.name.casefold(), sent.subject))
    )


def _sent(subject: str, group: Sequence[tuple[date, Entry]], since: date, today: date) -> Sent:
    past_year = [entry for day, entry in group if day >= since]
    closed = [entry for entry in past_year if entry.outcome_at(today) == CLOSED]
    last, latest = group[-1]
    return Sent(
        subject=subject,
        name=latest.source_name,
        type=next((entry.type for _, entry in reversed(group) if entry.type), ""),
        since=since,
        referrals=len(past_year),
        closed=len(closed),
        recognised=sum(entry.recognised_after_closing for entry in closed),
        last=last,
    )


def decide(s: Snapshot) -> Iterator[Finding]:
    """A row for every source of the past year; one that was there before stays, with zeros."""
    known = s.once(_known)
    for sent in known.values():
        yield Finding(
            RULE,
            f"what {sent.name} sent since {american(sent.since)}",
            WantRow(
                tab=TAB,
                ref=sent.ref,
                create=bool(sent.referrals),
                first={"Source": sent.name},
                keep={
                    "Type": sent.type,
                    **_figures(sent.referrals, sent.closed, sent.recognised),
                    "Last Referral": sent.last,
                    "Status": sent.status,
                },
            ),
        )
    for row in s.workbook.rows(TAB):
        key = Key.parse(row.ref)
        if key and (key.rule, key.episode) == (RULE, EPISODE) and key.subject not in known:
            yield Finding(
                RULE,
                "the log has no referral of theirs any more",
                WantRow(
                    tab=TAB,
                    ref=row.ref,
                    create=False,
                    keep={**_figures(0, 0, 0), "Status": "Not in the log any more under this name"},
                ),
            )


def _figures(referrals: int, closed: int, recognised: int) -> Mapping[str, Cell]:
    return {"Referrals": referrals, "Closed": closed, "Recognised": recognised}


def _known(s: Snapshot) -> Mapping[str, Sent]:
    return {sent.subject: sent for sent in sent_by_source(entries(s), s.today)}


def silence(s: Snapshot, contact: Contact) -> Iterator[str]:
    """How often they sent somebody, if ever."""
    sent = s.once(_known).get(f"p{contact.id}")
    yield (
        f"they sent {sent.referrals} since {american(sent.since)}, the last on"
        f" {american(sent.last)}: see the tab Sources"
        if sent
        else "no row of the log names them as the source by their contact number"
    )
