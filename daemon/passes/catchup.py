"""The cost of an outage, as the record shows it: which things came late, which were missed. Pure.

No list of planned work is kept: every want is recomputed from the world. So the days without a pass
are looked at now, one by one, and compared with today: would the same have been asked on them?
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from daemon.passes import plan as planning
from daemon.passes.actions import Plan
from policies.asks.wants import Finding
from policies.world import tabs
from policies.world.snapshot import Snapshot

LONGEST = 100
"""Days that are looked at again, the latest ones: tasks are read no farther back."""


@dataclass(frozen=True, slots=True)
class CatchUp:
    """The days without a pass, `late` things by mark with the day they were due to be asked on, and
    the marks of what was `missed`.
    """

    first: date
    last: date
    late: tuple[tuple[str, date], ...] = ()
    missed: tuple[str, ...] = ()

    def text(self) -> str:
        """As the ledger keeps it: marks and days, nothing else."""
        return json.dumps(
            {
                "first": self.first.isoformat(),
                "last": self.last.isoformat(),
                "late": [[mark, day.isoformat()] for mark, day in self.late],
                "missed": list(self.missed),
            }
        )

    @classmethod
    def of(cls, text: str) -> CatchUp | None:
        """Read what `text` wrote; None for ""."""
        if not text:
            return None
        found = json.loads(text)
        return cls(
            date.fromisoformat(found["first"]),
            date.fromisoformat(found["last"]),
            tuple((mark, date.fromisoformat(day)) for mark, day in found["late"]),
            tuple(found["missed"]),
        )


def days_without(last_good: datetime, now: datetime) -> Sequence[date]:
    """The local days that lie wholly between the last good pass and today; none where passes went
    on.
    """
    count = (now.date() - last_good.astimezone(now.tzinfo).date()).days - 1
    return [now.date() - timedelta(days=n) for n in range(min(count, LONGEST), 0, -1)]


def catch_up(said: Iterable[tuple[Snapshot, Sequence[Finding]]]) -> CatchUp | None:
    """Find the late and the missed things from what the policies say of each missed day (`said`,
    oldest first, today last); None where there was no such day.

    Something is late that is asked today and was open on one of those days. It is missed if it was
    open then and is no longer asked, or if today's pass reports it as missed for the first time.
    """
    days = [(then, planning.make(then, findings)) for then, findings in said]
    if len(days) < 2:
        return None
    since = _asked_since(days[:-1])
    today = days[-1][1]
    asked = {a.mark for a in today.actions if a.asks}
    reported = _newly_missed(today)
    late = tuple((mark, day) for mark, day in since.items() if mark in asked)
    lost = [mark for mark in since if mark not in asked]
    return CatchUp(
        days[0][0].today, days[-2][0].today, late, tuple(dict.fromkeys([*lost, *reported]))
    )


def _asked_since(days: Iterable[tuple[Snapshot, Plan]]) -> dict[str, date]:
    """The first of these days on which each mark would have been asked."""
    since: dict[str, date] = {}
    for then, plan in days:
        for action in plan.actions:
            if action.asks:
                since.setdefault(action.mark, then.today)
    return since


def _newly_missed(plan: Plan) -> list[str]:
    new = {a.mark for a in plan.actions if a.entity == tabs.MISSED.name}
    return [mark for late in plan.missed if (mark := str(late.want.key)) in new]


def mornings(s: Snapshot, days: Sequence[date], morning: time) -> list[Snapshot]:
    """The world as it is now, seen on the mornings of *days*, and today last."""
    return [*(replace(s, now=datetime.combine(day, morning, s.now.tzinfo)) for day in days), s]
