"""How many new questions and look-ups of one rule come within a week, and when each is asked anew."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from policies.asks import approvals, pace
from policies.asks.pace import A_WEEK, Waiting
from policies.asks.question import Question
from policies.asks.wants import Finding, WantTask
from policies.world.model import Key
from policies.world.snapshot import Snapshot
from tests.scenes import VA, book, own_task, snapshot

TODAY = date(2026, 12, 14)


@pytest.mark.parametrize(("month", "quarter"), [(1, 1), (3, 1), (4, 2), (6, 2), (7, 3), (9, 3), (10, 4), (12, 4)])
def test_a_fault_that_stays_is_asked_about_once_a_quarter(month: int, quarter: int) -> None:
    assert pace.quarter(snapshot(date(2026, month, 14))) == f"2026Q{quarter}-check"


def waiting(number: int, days: int) -> Waiting:
    key = Key("DB-26", f"p{number}", "stage")
    return Waiting(Question(key=key, clause="DB-26", reason="x", what="x", text="x", due=TODAY), TODAY - timedelta(days=days))


def asked(number: int, due: date, rule: str = "DB-26") -> dict[str, object]:
    return {"Ref": f"{rule} p{number} stage", "Due": due, "Status": approvals.WAITING}


def world(*rows: dict[str, object]) -> Snapshot:
    return snapshot(TODAY, workbook=book({"Approvals": rows}))


def chosen(s: Snapshot, *those: Waiting) -> list[int]:
    return [int(question.key.subject[1:]) for question in pace.few_questions(s, "DB-26", those)]


def test_the_oldest_are_asked_first_and_no_more_than_25_a_week() -> None:
    many = [waiting(n, days=n) for n in range(1, A_WEEK + 6)]

    assert chosen(world(), *many) == list(range(A_WEEK + 5, 5, -1))


@pytest.mark.parametrize(("row", "room"), [
    (asked(900, TODAY + timedelta(days=1)), A_WEEK - 1), (asked(900, TODAY), A_WEEK), (asked(900, TODAY + timedelta(days=1), "DB-25"), A_WEEK),
    (asked(900, TODAY + timedelta(days=1), "DB-27"), A_WEEK), ({**asked(900, TODAY + timedelta(days=1)), "Ref": "DB-26 a0 stage"}, A_WEEK)])
def test_what_came_within_a_week_under_the_same_rule_takes_up_room(row: dict[str, object], room: int) -> None:
    assert len(chosen(world(row), *(waiting(n, days=n) for n in range(1, 40)))) == room


def test_what_is_in_the_tab_already_stays_and_takes_no_room_twice() -> None:
    s = world(*(asked(n, TODAY + timedelta(days=1)) for n in range(1, 11)))

    found = chosen(s, *(waiting(n, days=1) for n in range(1, 40)))
    assert len(found) == A_WEEK
    assert set(found) >= set(range(1, 11))


def looked_up(number: int) -> Finding:
    key = Key("MS-29", f"p{number}", "2026Q4-check")
    return Finding("MS-29", "x", WantTask(key=key, person_id=number, assignee=VA, kind="Follow Up", due=TODAY, name="x", useful_until=TODAY))


@pytest.mark.parametrize(("due", "key", "room"), [
    (TODAY + timedelta(days=1), "MS-29 p900 2026Q4-check", A_WEEK - 1), (TODAY, "MS-29 p900 2026Q4-check", A_WEEK), (None, "MS-29 p900 2026Q4-check", A_WEEK),
    (TODAY + timedelta(days=1), "MS-28 p900 2026Q4-check", A_WEEK), (TODAY + timedelta(days=1), "MS-30 p900 2026Q4-check", A_WEEK)])
def test_look_ups_come_in_the_order_of_their_contacts_up_to_25_a_week(due: date | None, key: str, room: int) -> None:
    s = snapshot(TODAY, tasks=(own_task(key, 1, due=due),))
    found = [finding.want for finding in pace.few(s, "MS-29", map(looked_up, range(60, 0, -1)))]

    assert [want.person_id for want in found if isinstance(want, WantTask)] == list(range(1, room + 1))
