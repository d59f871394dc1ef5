"""What an outage cost, by what the record shows: which things came late, and which were missed.
Pure.

No list is kept of what should have run: every want is recomputed from the world, so the days that
nobody looked are looked at now, one by one, and what would have been asked on them is compared with
what is asked today.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from daemon.passes import plan as planning
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
        """What `text` wrote, or None for ""."""
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
    """What came late or was missed, from what the policies say of each missed day (`said`, oldest
    first, today last).

    None where there was no such day. Late is what is asked today and was open before; missed what
    was open on one of those days and is not asked any more, and everything that is reported as
    missed today and was not yet then.
    """
    days = [(then, planning.make(then, findings)) for then, findings in said]
    if len(days) < 2:
        return None
    since: dict[str, date] = {}
    for then, plan in days[:-1]:
        for action in plan.actions:
            if action.asks:
                since.setdefault(action.mark, then.today)
    today = days[-1][1]
    asked = {a.mark for a in today.actions if a.asks}
    new = {a.mark for a in today.actions if a.entity == tabs.MISSED.name}
    reported = [str(f.want.key) for f in today.missed if str(f.want.key) in new]
    late = tuple((mark, day) for mark, day in since.items() if mark in asked)
    lost = [mark for mark in since if mark not in asked]
    return CatchUp(
        days[0][0].today, days[-2][0].today, late, tuple(dict.fromkeys([*lost, *reported]))
    )


def mornings(s: Snapshot, days: Sequence[date], morning: time) -> list[Snapshot]:
    """The world as it is now, seen on the mornings of *days*, and today last."""
    return [*(replace(s, now=datetime.combine(day, morning, s.now.tzinfo)) for day in days), s]
