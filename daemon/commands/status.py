"""How Steward stands, for `steward status`: from the ledger, and from the Sheet where it can be
read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console

from connectors.errors import ServiceError
from daemon.account.wiring import Account
from daemon.passes.catchup import CatchUp
from daemon.passes.handover import OPEN, TAB
from policies.asks.notices import undecided
from policies.world.memory import LAST_GOOD_PASS
from policies.world.sheet import Row, Workbook


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What `status` tells. Times are local; `silent` is how long no pass has been good where that
    is longer than two polls.
    """

    mode: str
    last: Mapping[str, Any] | None
    began: datetime | None
    last_good: datetime | None
    next: datetime | None
    silent: timedelta | None
    waiting: tuple[str, ...]
    overdue: tuple[Row, ...]
    in_doubt: int
    outage: CatchUp | None
    defects: Mapping[str, str]
    unreadable: Mapping[int, str] = field(default_factory=dict)
    unguarded: str = ""
    unseen: str = ""
    """Why the Sheet could not be read, so that `waiting` and `overdue` are not known."""

    def document(self) -> dict[str, Any]:
        """As a document; marks and times, no names."""
        outage = self.outage and {
            "first": self.outage.first.isoformat(),
            "last": self.outage.last.isoformat(),
            "missed": list(self.outage.missed),
            "late": [{"mark": mark, "since": day.isoformat()} for mark, day in self.outage.late],
        }
        return {
            "mode": self.mode,
            "last_pass": self.last,
            "last_good_pass": _told(self.last_good),
            "next_pass": _told(self.next),
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
            "decisions_not_counted": self.unguarded,
            "sheet_unreadable": self.unseen,
        }


def _told(instant: datetime | None) -> str | None:
    return instant.isoformat(timespec="seconds") if instant else None


def _minutes(span: timedelta | None) -> int | None:
    return int(span.total_seconds() // 60) if span else None


def standing(account: Account) -> Standing:
    """How *account* stands now."""
    ledger, zone = account.ledger, account.settings.zone
    now = account.clock.now().astimezone(zone)
    try:
        book, unseen = account.sheet.read(), ""
    except ServiceError as problem:
        book, unseen = Workbook(), str(problem)
    passes, good = ledger.last_passes(1), ledger.last_good()
    began = datetime.fromisoformat(passes[0]["started"]).astimezone(zone) if passes else None
    poll = timedelta(minutes=account.settings.schedule.poll_minutes)
    return Standing(
        mode=account.settings.mode,
        last=passes[0] if passes else None,
        last_good=good.astimezone(zone) if good else _remembered(book, zone),
        began=began,
        next=began + poll if began else None,
        silent=now - good if good and now - good > 2 * poll else None,
        waiting=tuple(row.ref for row in undecided(book)),
        overdue=tuple(
            row for row in book.rows(TAB) if row.text("State") == OPEN and _past(row, now.date())
        ),
        in_doubt=len(ledger.intents("inflight")),
        outage=CatchUp.of(ledger.recall("outage")),
        defects=ledger.defects(),
        unreadable=ledger.unreadable(),
        unguarded=book.decisions_guarded,
        unseen=unseen,
    )


def _remembered(book: Workbook, zone: ZoneInfo) -> datetime | None:
    """The last good pass that wrote something, as `Memory` has it: the ledger may have been
    lost.
    """
    found = LAST_GOOD_PASS.value(book)
    return found.replace(tzinfo=zone) if found else None


def _past(row: Row, today: date) -> bool:
    due = row.cells.get("Due")
    return isinstance(due, date) and due < today


def show(found: Standing, out: Console) -> None:
    """The same for people."""

    def line(name: str, text: str) -> None:
        out.print(f"{name:<15} {text}", markup=False)

    line("mode", found.mode)
    line(
        "last pass",
        (
            f"{found.began:%Y-%m-%d %H:%M} {found.last['outcome'] or 'not ended'}"
            if found.last and found.began
            else "none yet"
        ),
    )
    line("last good pass", f"{found.last_good:%Y-%m-%d %H:%M}" if found.last_good else "none yet")
    if found.silent:
        line(
            "",
            f"that is {_minutes(found.silent):,} minutes ago: does the daemon run? (`systemctl"
            " status steward`)",
        )
    line(
        "next pass",
        (
            f"{found.next:%Y-%m-%d %H:%M}, if the daemon runs"
            if found.next
            else "when the daemon starts"
        ),
    )
    line(
        "open decisions",
        f"not known: {found.unseen}" if found.unseen else f"{len(found.waiting)} in Approvals",
    )
    line(
        "overdue",
        "not known" if found.unseen else f"{len(found.overdue)} open tasks whose day is past",
    )
    for row in found.overdue:
        line("", f"{row.text('Due')} {row.text('Who')}: {row.text('What')} {row.text('Client')}")
    line("writes in doubt", str(found.in_doubt))
    for policy, place in found.defects.items():
        line("defect", f"{policy}: {place}")
    for person_id, what in found.unreadable.items():
        line("left alone", f"contact {person_id}: the CRM's {what} cannot be read")
    if cost := found.outage:
        line(
            "last outage",
            f"{cost.first} to {cost.last}: {len(cost.late)} things came late, {len(cost.missed)}"
            " were missed",
        )
        for text in (
            *(f"late, since {day}: {mark}" for mark, day in cost.late),
            *(f"missed: {mark}" for mark in cost.missed),
        ):
            line("", text)
    if found.unguarded:
        line("", f"no decision counts: {found.unguarded}")
