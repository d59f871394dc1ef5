"""How long a morning's decisions take: CPU seconds of every policy for 100,000 past clients,
against one walk over the same snapshot.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

from policies.facts.same_person.conflicts import suspicions
from policies.registry import POLICIES, Policy
from policies.world.calendar import anniversary
from policies.world.model import Task
from policies.world.snapshot import Snapshot
from tests.scenes import client, own_task, purchase, snapshot

CLIENTS = 100_000
TODAY = date(2026, 12, 14)
PROCEDURES = ("milestones", "referrals", "database")


def cpu(work: Callable[[], Any]) -> float:
    """CPU seconds of one run, as a daemon has them: what is there already is not looked through for
    garbage.
    """
    gc.collect()
    gc.freeze()
    started = time.process_time()
    work()
    return time.process_time() - started


def morning() -> Snapshot:
    """Past clients who closed on every day of eight years, their dates in their fields, two in
    three with a birthday.

    Steward has been at work for years: what was due until yesterday was sent.
    """
    closings = {n: TODAY - timedelta(days=400 + n % 3000) for n in range(1, CLIENTS + 1)}
    born = {n: date(1960 + n % 40, 1 + n % 12, 1 + n % 28) for n in closings if n % 3}
    fields = {
        n: {
            "closing_anniversary": closing.isoformat(),
            **({"birthday": born[n].isoformat()} if n in born else {}),
        }
        for n, closing in closings.items()
    }
    tasks = [task for n in closings for task in sent(n, closings[n], born.get(n))]
    return snapshot(
        TODAY,
        [client(n, fields=fields[n]) for n in closings],
        [purchase(closing, n, (n,)) for n, closing in closings.items()],
        tasks=tuple(replace(task, id=number) for number, task in enumerate(tasks, 1)),
    )


def sent(n: int, closing: date, birthday: date | None) -> Iterator[Task]:
    """The send tasks of one client's last months, done."""
    for first, days, key in (
        (closing, 90, "MS-42 d{n} {day}-send"),
        (closing, 134, "MS-44 d{n} {day}-value-send"),
        (birthday, 90, "MS-43 p{n} {day}-birthday-send"),
    ):
        day = max(
            (d for year in (2025, 2026) if first and (d := anniversary(first, year)) < TODAY),
            default=None,
        )
        if day and (TODAY - day).days <= days:
            yield own_task(
                key.format(n=n, day=f"{day:%Y%m%d}"), person_id=n, completed=True, due=day
            )


def _decide(policy: Policy, s: Snapshot, found: dict[str, int]) -> None:
    found[policy.name] = sum(1 for _ in policy.decide(s))


def main() -> None:
    """Print contacts per second, and the ratio to the baseline."""
    s = morning()
    found: dict[str, int] = {}
    pairs = cpu(
        lambda: s.once(suspicions)
    )  # kept for as long as the contacts are the same; bench_duplicates measures it by itself
    spent = {}
    for policy in POLICIES:
        spent[policy.name] = cpu(partial(_decide, policy, s, found))
    decided = sum(spent.values())
    walked = cpu(
        lambda: [(d.id, s.contacts[i].first_name) for d in s.deals.values() for i in d.person_ids]
    )
    of = {
        name: sum(seconds for policy, seconds in spent.items() if policy.startswith(f"{name}."))
        for name in PROCEDURES
    }
    print(
        f"decide: {CLIENTS:,} past clients, {sum(found.values()):,} findings in {decided:.2f} s CPU"
        f" = {CLIENTS / decided:,.0f} contacts/s; {decided / walked:.0f} x one walk over the same"
        f" deals ({walked:.3f} s)"
    )
    print(
        f"  {', '.join(f'{name} {seconds:.2f} s' for name, seconds in of.items())} (milestones"
        " allowed 3)"
    )
    print(
        "  "
        + ", ".join(f"{name.partition('.')[2]} {seconds:.2f} s" for name, seconds in spent.items())
        + f"; beside it the pairs of contacts {pairs:.2f} s"
    )


if __name__ == "__main__":
    main()
