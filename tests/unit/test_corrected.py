"""A task to look a fact up or to correct it ends when the record says it, whether or not somebody ticks it off (X-81)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from daemon.passes import guard
from daemon.passes import plan as planning
from policies.asks.wants import Finding, WantWithdrawn
from policies.milestones import birthday, homestead, setup_at_closing
from policies.world.model import Address, Contact, Deal
from policies.world.snapshot import Snapshot
from tests.scenes import client, own_task, practice, purchase, snapshot

TODAY = date(2026, 12, 14)
CLOSING = date(2026, 11, 19)
Decide = Callable[[Snapshot], Iterator[Finding]]


def withdrawn(decide: Decide, mark: str, people: list[Contact], deals: list[Deal], **changes: Any) -> list[str]:
    """Why the task *mark* is withdrawn in this world; no limit holds it back."""
    s = snapshot(TODAY, people, deals, tasks=(own_task(mark),), **{"practice": practice(), **changes})
    found = [f for f in decide(s) if isinstance(f.want, WantWithdrawn) and str(f.want.key) == mark]
    actions = [a for a in planning.make(s, found).actions if a.verb == "withdraw"]
    assert len(guard.check(actions, guard.Limits(withdraw=0)).allowed) == len(found)
    return [f.reason for f in found]


def born(written: str, **changes: Any) -> Contact:
    return client(fields={"birthday": written} if written else {}, **changes)


FIXED = ["the field was corrected, or nothing depends on it any more"]


@pytest.mark.clause("X-81", "X-37")
@pytest.mark.parametrize(("mark", "person", "ended"), [
    ("MS-29 p101 2026Q4-check", born("in spring"), []),
    ("MS-29 p101 2026Q4-check", born("1984-03-05"), FIXED),
    ("MS-29 p101 2026Q4-check", born(""), FIXED),
    ("MS-29 p101 2026Q3-check", born("in spring"), FIXED),  # asked about once more, in this quarter
    ("MS-29 p101 2026Q4-check", born("in spring", tags=("DNC",)), FIXED),
    ("MS-29 p101 20270101-birthday-check", born("1900-01-01"), []),
    ("MS-29 p101 20270101-birthday-check", born("1984-01-02"), FIXED),
])
def test_a_birthday_that_was_looked_up_needs_no_tick(mark: str, person: Contact, ended: list[str]) -> None:
    assert withdrawn(birthday.decide, mark, [person], [purchase(date(2024, 6, 3))]) == ended


@pytest.mark.clause("X-81")
@pytest.mark.parametrize(("decide", "mark"), [(birthday.decide, "MS-29 p101 2026Q4-check"), (setup_at_closing.decide, "MS-25 p101 2026Q4-check"),
                                              (setup_at_closing.decide, "MS-25 d812 20261119-correct"), (homestead.decide, "MS-28 d812 20261119-state")])
def test_a_record_that_cannot_be_seen_ends_no_look_up(decide: Decide, mark: str) -> None:
    assert withdrawn(decide, mark, [], []) == []


@pytest.mark.clause("X-81", "MS-25")
@pytest.mark.parametrize(("written", "ended"), [("3026-11-19", []), ("2026-11-19", FIXED), ("", FIXED)])
def test_a_closing_date_that_was_looked_up_needs_no_tick(written: str, ended: list[str]) -> None:
    person = client(fields={"closing_anniversary": written} if written else {})

    assert withdrawn(setup_at_closing.decide, "MS-25 p101 2026Q4-check", [person], [purchase(CLOSING)]) == ended


@pytest.mark.clause("X-81", "MS-25")
@pytest.mark.parametrize(("field", "deal", "ended"), [
    ("2026-11-19", date(2026, 11, 20), []),
    ("2026-11-20", date(2026, 11, 20), ["the closing date is 11/20/2026 now"]),
    ("2026-11-19", date(2026, 11, 19), ["the closing date is 11/19/2026 now"]),
    ("2026-11-21", date(2026, 11, 20), ["the closing date is 11/21/2026 now"]),
])
def test_a_corrected_closing_date_ends_its_task(field: str, deal: date, ended: list[str]) -> None:
    person = client(fields={"closing_anniversary": field})

    assert withdrawn(setup_at_closing.decide, "MS-25 d812 20261119-correct", [person], [purchase(deal)]) == ended


@pytest.mark.clause("X-81", "MS-28")
@pytest.mark.parametrize(("state", "changes", "ended"), [
    ("", {}, []),
    ("TX", {}, ["the state is TX"]),
    ("", {"fields": {"homestead_deadline": "2027-04-30"}}, ["a deadline was entered"]),
    ("", {"tags": ("Investment buyer",)}, ["they bought it as an investment, not as their residence"]),
])
def test_a_state_that_was_entered_ends_its_task(state: str, changes: dict[str, Any], ended: list[str]) -> None:
    person = replace(client(addresses=(Address("412 Cedar Ln", "Austin", state, "78701", "home"),)), **changes)

    assert withdrawn(homestead.decide, "MS-28 d812 20261119-state", [person], [purchase(CLOSING)]) == ended
