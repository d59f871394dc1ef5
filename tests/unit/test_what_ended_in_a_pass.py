"""Whole passes in memory: what ended leaves no line in Handover, and no question that nothing waits for (X-81)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from connectors.memory import MemoryCrm, MemoryNotifier, MemorySheet
from daemon.account.ledger import Ledger
from daemon.account.wiring import Account
from daemon.passes import session
from policies.asks import approvals
from policies.world.sheet import Row, Tab
from tests import scenes
from tests.conftest import SteppingClock
from tests.properties.test_state_machine import options

REF, SOON = "MS-09 d812 20261218-draft", "MS-04 d812 20261218-7d"
WAITING = {"Status": approvals.WAITING, "Rule": "DB-05", "Draft": "a plan", "Digest": "x/x"}


@pytest.fixture
def account() -> Iterator[Account]:
    settings = options()
    crm = MemoryCrm(scenes.account(), [scenes.client()], [scenes.purchase(date(2025, 12, 18))])
    made = Account(settings=settings, crm=crm, sheet=MemorySheet(scenes.book()), sheet_setup=None,  # type: ignore[arg-type]  # not needed here
                   ledger=Ledger(settings.state_dir), clock=SteppingClock(datetime(2026, 12, 1, 12, tzinfo=UTC)), notifier=MemoryNotifier(),
                   templates=scenes.TEMPLATES, homestead=scenes.STATES)
    now = scenes.at(date(2026, 12, 1))
    session.apply(made, now, shown=session.plan(made, now).plan.digest)
    yield made
    made.ledger.close()


def sheet(account: Account) -> MemorySheet:
    assert isinstance(account.sheet, MemorySheet)
    return account.sheet


def rows(account: Account, tab: str) -> dict[str, Row]:
    return {row.text("Mark") or row.ref: row for row in sheet(account).book.rows(tab)}


def typed(account: Account, ref: str, **cells: Any) -> None:
    there = {row.ref: row for row in sheet(account).book.rows("Approvals")}
    there[ref] = Row(ref, {**(there[ref].cells if ref in there else {"Ref": ref}), **{name.replace("_", " "): value for name, value in cells.items()}})
    book = sheet(account).book
    sheet(account).book = replace(book, tabs={**book.tabs, "Approvals": Tab("Approvals", tuple(there.values()))})


def one_pass(account: Account, day: date) -> None:
    session.apply(account, scenes.at(day))


@pytest.mark.clause("X-81", "MS-23")
def test_what_lost_its_ground_comes_up_no_more_the_same_day(account: Account) -> None:
    one_pass(account, date(2026, 12, 8))
    assert {rows(account, "Handover")[mark].text("State") for mark in (SOON, REF)} == {"comes up 2026-12-10"}

    assert isinstance(account.crm, MemoryCrm)
    account.crm.people[101] = replace(account.crm.people[101], tags=("DNC",))
    one_pass(account, date(2026, 12, 8))

    assert [mark for mark in rows(account, "Handover") if "d812 20261218" in mark] == []


@pytest.mark.clause("X-81", "MS-23")
def test_what_still_comes_up_stays_when_something_else_ends(account: Account) -> None:
    one_pass(account, date(2026, 12, 8))
    one_pass(account, date(2026, 12, 8))

    assert rows(account, "Handover")[SOON].text("State") == "comes up 2026-12-10"


@pytest.mark.clause("X-81", "DB-05")
@pytest.mark.parametrize(("cells", "status"), [
    ({}, "Withdrawn: nothing waits for it any more"), ({"Decision": "Approve"}, "Withdrawn: nothing waits for it any more"),
    ({"Status": approvals.REJECTED, "Decision": "Reject"}, approvals.REJECTED),
    ({"Status": "Acknowledged", "Acted_On": "2026-12-01 06:00"}, "Acknowledged")])
def test_a_question_about_policies_that_nothing_waits_for_is_withdrawn(account: Account, cells: dict[str, Any], status: str) -> None:
    typed(account, "ACK 0123456789ab", **{**WAITING, **cells})
    one_pass(account, date(2026, 12, 1))

    assert rows(account, "Approvals")["ACK 0123456789ab"].text("Status") == status
