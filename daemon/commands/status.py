"""`steward status`: the state of Steward, from the ledger and, if it can be read, the Sheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console

from connectors.errors import ServiceError
from daemon.account.ledger import WITHHELD
from daemon.account.wiring import Account
from daemon.passes.catchup import CatchUp
from daemon.passes.handover import OPEN, TAB
from policies.asks.notices import undecided
from policies.world.memory import LAST_GOOD_PASS
from policies.world.sheet import Row, Workbook


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The state of Steward. Times are local."""

    mode: str
    last: Mapping[str, Any] | None
    began: datetime | None
    last_good: datetime | None
    next: datetime | None
    silent: timedelta | None
    """The time since the last good pass, if that is longer than two polls."""
    waiting: tuple[str, ...]
    overdue: tuple[Row, ...]
    in_doubt: int
    outage: CatchUp | None
    defects: Mapping[str, str]
    unreadable: Mapping[int, str] = field(default_factory=dict)
    withheld: str = ""
    unguarded: str = ""
    unseen: str = ""
    """Why the Sheet could not be read, so that `waiting` and `overdue` are unknown."""

    def document(self) -> dict[str, Any]:
        """The JSON document: marks and times, no names."""
        outage = self.outage and {
            "first": self.outage.first.isoformat(),
            "last": self.outage.last.isoformat(),
            "missed": list(self.outage.missed),
            "late": [{"mark": mark, "since": day.isoformat()} for mark, day in self.outage.late],
        }
        return {
            "mode": self.mode,
            "last_pass": self.last,
            "last_good_pass": _iso(self.last_good),
            "next_pass": _iso(self.next),
            "silent_minutes": _minutes(self.silent),
            "open_decisions": list(self.waiting),
            "overdue": [row.text("Mark") for row in self.overdue],
            "writes_in_doubt": self.in_doubt,
            "outage": outage,
            "defects": dict(self.defects),
            "unreadable": [
                {"person_id": person_id, "what": what}
                for person_id, what in self.unreadable.items()
            ],
            "withheld": self.withheld,
            "decisions_not_counted": self.unguarded,
            "sheet_unreadable": self.unseen,
        }


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat(timespec="seconds") if instant else None


def _minutes(span: timedelta | None) -> int | None:
    return int(span.total_seconds() // 60) if span else None


def status(account: Account) -> Status:
    """The state of *account* now. A Sheet that cannot be read is reported in `unseen`."""
    ledger, zone = account.ledger, account.settings.zone
    now = account.clock.now().astimezone(zone)
    try:
        book, unseen = account.sheet.read(), ""
    except ServiceError as problem:
        book, unseen = Workbook(), str(problem)
    good, poll = ledger.last_good(), timedelta(minutes=account.settings.schedule.poll_minutes)
    last = next(iter(ledger.last_passes(1)), None)
    began = datetime.fromisoformat(last["started"]).astimezone(zone) if last else None
    open_tasks = [row for row in book.rows(TAB) if row.text("State").startswith(OPEN)]
    return Status(
        mode=account.settings.mode,
        last=last,
        last_good=good.astimezone(zone) if good else _remembered(book, zone),
        began=began,
        next=began + poll if began else None,
        silent=now - good if good and now - good > 2 * poll else None,
        waiting=tuple(row.ref for row in undecided(book)),
        overdue=tuple(row for row in open_tasks if _past(row, now.date())),
        in_doubt=len(ledger.intents("inflight")),
        outage=CatchUp.of(ledger.recall("outage")),
        defects=ledger.defects(),
        unreadable=ledger.unreadable(),
        withheld=ledger.recall(WITHHELD),
        unguarded=book.decisions_guarded,
        unseen=unseen,
    )


def _remembered(book: Workbook, zone: ZoneInfo) -> datetime | None:
    """The last good pass that wrote something, from `Memory`: the ledger may have been lost."""
    found = LAST_GOOD_PASS.value(book)
    return found.replace(tzinfo=zone) if found else None


def _past(row: Row, today: date) -> bool:
    due = row.cells.get("Due")
    return isinstance(due, date) and due < today


def show(found: Status, out: Console) -> None:
    """Print the state, a line for each part of it."""
    for name, text in (*_passes(found), *_work(found), *_outage(found)):
        out.print(f"{name:<15} {text}", markup=False)
    if found.withheld:
        out.print(f"{'withheld':<15} {found.withheld}", markup=False)
    if found.unguarded:
        out.print(f"{'':<15} no decision counts: {found.unguarded}", markup=False)


def _passes(found: Status) -> Iterator[tuple[str, str]]:
    last = good = "none yet"
    if found.last and found.began:
        last = f"{found.began:%Y-%m-%d %H:%M} {found.last['outcome'] or 'not ended'}"
    if found.last_good:
        good = f"{found.last_good:%Y-%m-%d %H:%M}"
    following = "when the daemon starts"
    if found.next:
        following = f"{found.next:%Y-%m-%d %H:%M}, if the daemon runs"
    yield "mode", found.mode
    yield "last pass", last
    yield "last good pass", good
    if found.silent:
        minutes = f"{_minutes(found.silent):,}"
        yield (
            "",
            f"that is {minutes} minutes ago: does the daemon run? (`systemctl status steward`)",
        )
    yield "next pass", following


def _work(found: Status) -> Iterator[tuple[str, str]]:
    decisions, overdue = f"not known: {found.unseen}", "not known"
    if not found.unseen:
        decisions = f"{len(found.waiting)} in Approvals"
        overdue = f"{len(found.overdue)} open tasks whose day is past"
    yield "open decisions", decisions
    yield "overdue", overdue
    for row in found.overdue:
        what = f"{row.text('What')} {row.text('Client')}"
        yield "", f"{row.text('Due')} {row.text('Who')}: {what}"
    yield "writes in doubt", str(found.in_doubt)
    for policy, place in found.defects.items():
        yield "defect", f"{policy}: {place}"
    for person_id, what in found.unreadable.items():
        yield "left alone", f"contact {person_id}: the CRM's {what} cannot be read"


def _outage(found: Status) -> Iterator[tuple[str, str]]:
    cost = found.outage
    if not cost:
        return
    late, missed = len(cost.late), len(cost.missed)
    yield (
        "last outage",
        f"{cost.first} to {cost.last}: {late} things came late, {missed} were missed",
    )
    for mark, day in cost.late:
        yield "", f"late, since {day}: {mark}"
    for mark in cost.missed:
        yield "", f"missed: {mark}"
