"""How long a morning's decisions take: CPU seconds for 100,000 past clients, against walking the same snapshot once."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from policies.milestones.closing_anniversary import decide
from tests.scenes import client, purchase, snapshot

CLIENTS = 100_000
TODAY = date(2026, 12, 14)


def cpu(work: Callable[[], Any]) -> float:
    """CPU seconds of one run."""
    started = time.process_time()
    work()
    return time.process_time() - started


def main() -> None:
    """Print contacts per second, and the ratio to the baseline."""
    people = [client(n) for n in range(1, CLIENTS + 1)]
    deals = [purchase(TODAY - timedelta(days=400 + n % 3000), n, (n,)) for n in range(1, CLIENTS + 1)]
    s = snapshot(TODAY, people, deals)
    found: list[Any] = []
    decided = cpu(lambda: found.extend(decide(s)))
    walked = cpu(lambda: [(d.id, s.contacts[i].first_name) for d in s.deals.values() for i in d.person_ids])
    print(f"decide: {CLIENTS:,} past clients, {len(found):,} findings in {decided:.2f} s CPU = {CLIENTS / decided:,.0f} contacts/s; "
          f"{decided / walked:.0f} x one walk over the same deals ({walked:.3f} s)")


if __name__ == "__main__":
    main()
