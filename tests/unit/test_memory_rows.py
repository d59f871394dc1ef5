"""The rows of `Memory`: what version 0.1 wrote is read, and what is written reads the same to it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from policies.world import memory
from policies.world.memory import Kind, ReportSent, StageMove
from policies.world.model import Key, Source
from policies.world.sheet import Row, Tab, Workbook


def _book(*rows: tuple[str, str, str]) -> Workbook:
    cells = tuple(Row(ref, {"Ref": ref, "What": what, "Date": day}) for ref, what, day in rows)
    return Workbook(tabs={memory.TAB: Tab(memory.TAB, cells)})


MARK = Key("RF-06", "p12", "referral-tag")
FIRST_VERSION: tuple[tuple[Kind[Any], object, str, object, str], ...] = (
    (memory.ACTIVATION, "", "activation", "2026-11-02T08:00-06:00", "2026-11-02T08:00-06:00"),
    (memory.POLICY, "referrals.fees", "policy referrals.fees", "0a" * 8, "0a" * 8),
    (memory.RIGHTS, "referrals.fees", "rights referrals.fees", "note; report", "note; report"),
    (memory.HOST, "", "host", "vps1", "vps1"),
    (memory.RETIRED, "", "retired", "2027-01-04 08:00", "2027-01-04 08:00"),
    (
        memory.LAST_GOOD_PASS,
        "",
        "last good pass",
        datetime(2026, 12, 18, 8),  # noqa: DTZ001  # the cell holds local time without a zone
        "2026-12-18 08:00",
    ),
    (memory.SIZE, Source.PEOPLE, "size people", 812, "812"),
    (memory.PROTECTION, "", "approvals.protection", "7/1234", "7/1234"),
    (memory.DELETED, MARK, f"deleted {MARK}", "deleted by a person", "deleted by a person"),
    (memory.DELETED_NOTE, MARK, f"deleted note {MARK}", "deleted", "deleted"),
    (memory.TAG, MARK, f"tag {MARK}", "Referral Source", "Referral Source"),
    (
        memory.STAGE,
        MARK,
        f"stage {MARK}",
        StageMove("Past Client – Buyer", "Under Contract"),
        "Past Client – Buyer, from Under Contract",
    ),
    (memory.AGAIN, MARK, f"again {MARK}", "put up again", "put up again"),
    (memory.HOMESTEAD_RULE, "TX", "homestead TX", "abc123", "abc123"),
    (memory.REFERRALS_BEGUN, "", "referrals begun", "p1 p2 p1=3", "p1 p2 p1=3"),
    (memory.REFERRALS_BEGUN, 2, "referrals begun 2", "p9", "p9"),
    (memory.COUNT, "p12", "count p12", 4, "4"),
    (memory.LOGGED, MARK, f"logged {MARK}", "2026-12-01 14:05", "received 2026-12-01 14:05"),
    (memory.REPORT, "Q4 2026", "report Q4 2026", ReportSent(2, "ab12"), "2 ab12"),
)


@pytest.mark.parametrize(("kind", "about", "ref", "value", "what"), FIRST_VERSION)
def test_a_row_of_the_first_version_is_read_and_written_as_it_was(
    kind: Kind[Any], about: object, ref: str, value: object, what: str
) -> None:
    book = _book((ref, what, "2026-12-18 08:00"))
    assert kind.value(book, about) == value
    assert kind.ref(about) == ref
    assert kind.cells(value, "2026-12-18 08:00") == {"What": what, "Date": "2026-12-18 08:00"}
    assert [name for name, _ in kind.rows(book)] == [str(about)]


@pytest.mark.parametrize(
    ("kind", "ref"), [(memory.SIZE, "size"), (memory.COUNT, "count"), (memory.LAST_GOOD_PASS, "last good pass")]
)
def test_a_cell_that_people_changed_has_no_value(kind: Kind[Any], ref: str) -> None:
    assert kind.value(_book((ref, "about 800", ""))) is None


def test_of_two_rows_with_one_ref_neither_counts_and_both_stand() -> None:
    book = _book(("host", "one", ""), ("host", "two", ""))
    assert memory.HOST.row(book) is None
    assert memory.HOST.value(book) is None
    assert memory.HOST.stands(book)


def test_a_kind_is_told_by_whole_words() -> None:
    assert memory.TAG.names("tag RF-06 p1 x")
    assert not memory.TAG.names("tagged RF-06 p1 x")
    assert [name for name, _ in memory.COUNT.rows(_book(("counts p1", "2", "")))] == []


def test_the_days_of_activation_and_of_a_row_are_read_from_their_first_ten_characters() -> None:
    book = _book(("activation", "2026-11-02T08:00-06:00", "2026-11-03 09:00"), ("report Q4", "1 a", "soon"))
    row, other = memory.ACTIVATION.row(book), memory.REPORT.row(book, "Q4")
    assert memory.day_activated(book) == date(2026, 11, 2)
    assert row
    assert memory.day_written(row) == date(2026, 11, 3)
    assert other
    assert memory.day_written(other) is None
    assert memory.day_activated(_book(("activation", "yes", ""))) is None
    assert memory.day_activated(_book()) is None
