"""The Sources tab: counts of a year, both sides of its edge, and rows that stay when nothing is left to count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any

import pytest

from daemon.passes import guard
from daemon.passes import plan as planning
from daemon.passes.forecast import after
from policies.facts.referral_log import CLOSED
from policies.referrals import sources
from policies.world.calendar import DAY
from policies.world.model import Key
from policies.world.sheet import Row, Tab
from policies.world.snapshot import Snapshot
from tests.scenes import at, book, client, snapshot
from tests.unit.test_quarterly_report import closed, sent

TODAY = date(2026, 12, 4)


def world(*log: Mapping[str, Any], today: date = TODAY) -> Snapshot:
    return snapshot(today, workbook=book({"Referral Log": log}))


def passed(s: Snapshot, today: date = TODAY, tabs: Mapping[str, Tab] = MappingProxyType({})) -> Snapshot:
    s = replace(s, now=at(today), workbook=replace(s.workbook, tabs={**s.workbook.tabs, **tabs}))
    plan = planning.make(s, sources.decide(s))
    assert [guard.forbidden(a) for a in plan.actions] == [""] * len(plan.actions)
    s = after(s, plan)
    assert planning.make(s, sources.decide(s)).actions == ()
    return s


def lines(s: Snapshot) -> list[tuple[Any, ...]]:
    return [tuple(row.cells.get(name) for name in ("Source", "Type", "Referrals", "Closed", "Recognised", "Last Referral", "Status"))
            for row in s.workbook.rows("Sources")]


@pytest.mark.clause("RF-05", "RF-28")
def test_a_row_for_every_source_with_its_counts() -> None:
    s = passed(world(
        sent("Zoe Abt (Lender)", date(2026, 2, 1), Type="Professional"),
        closed("John Smith", date(2026, 11, 20), Source=12, Type="Client", **{"Recognition Sent": "Card sent 11/22/2026"}),
        closed("John Smith", date(2026, 11, 21), Source=12, **{"Recognition Sent": "—"}),
        closed("John Smith", date(2026, 12, 5), Source=12, Date=date(2026, 11, 9)),     # closes tomorrow
        sent("John Smith", Source=12, Recognised="Card sent 11/02/2026")))              # not closed: thanked for nothing yet

    assert lines(s) == [
        ("John Smith", "Client", 4, 2, 1, date(2026, 11, 9), "1 closed and not recognised yet"),
        ("Zoe Abt", "Professional", 1, 0, 0, date(2026, 2, 1), "")]
    assert s.workbook.rows("Sources")[0].ref == "RF-05 p12 source"
    assert all(Key.parse(row.ref) for row in s.workbook.rows("Sources"))


@pytest.mark.clause("RF-05", "X-19")
@pytest.mark.parametrize(("cells", "recognised"), [
    ({"Recognition Sent": "Card sent 11/22/2026"}, 1), ({"Recognition Sent": "—"}, 0), ({}, 0), ({"Recognised": "Card sent 11/22/2026"}, 1),
    ({"Recognition Sent": "Thank-you sent 11/04/2026", "Acknowledged": "Thank-you sent 11/04/2026"}, 0),
    ({"Recognition Sent": "Card sent 11/22/2026", "Acknowledged": "Thank-you sent 11/04/2026"}, 1)])
def test_an_acknowledgement_is_no_recognition(cells: dict[str, Any], recognised: int) -> None:
    assert lines(passed(world(closed("John Smith", date(2026, 11, 20)) | cells)))[0][4] == recognised


@pytest.mark.clause("RF-05")
@pytest.mark.parametrize(("day", "today", "count"), [
    (date(2025, 12, 4), TODAY, 1), (date(2025, 12, 3), TODAY, 0), (TODAY, TODAY, 1), (TODAY + DAY, TODAY, 0),
    (date(2027, 2, 28), date(2028, 2, 29), 1), (date(2027, 2, 27), date(2028, 2, 29), 0), (None, TODAY, 1)])
def test_the_past_year_and_not_a_day_more(day: date | None, today: date, count: int) -> None:
    assert len(lines(passed(world(sent(day=day)), today))) == count


@pytest.mark.clause("RF-05")
def test_a_row_whose_year_is_over_stays_with_zeros_and_is_then_left_alone() -> None:
    s = passed(world(closed("John Smith", date(2026, 11, 20), Type="Client")))
    later = passed(s, date(2027, 11, 4))

    assert lines(later) == [("John Smith", "Client", 0, 0, 0, date(2026, 11, 3), "No referral since 11/03/2026")]
    assert lines(passed(later, date(2028, 11, 4))) == lines(later)


@pytest.mark.clause("RF-05")
def test_a_source_that_is_not_in_the_log_any_more_and_a_row_of_somebody_elses() -> None:
    s = passed(world(sent()))
    typed = Row("", {"Source": "a row of the VA's", "Referrals": 3})
    tabs = s.workbook.tabs
    found = passed(s, tabs={"Referral Log": replace(tabs["Referral Log"], rows=()), "Sources": replace(tabs["Sources"], rows=(*tabs["Sources"].rows, typed))})

    assert lines(found)[0][2:] == (0, 0, 0, date(2026, 11, 3), "Not in the log any more under this name")
    assert found.workbook.rows("Sources")[1] == typed


def test_names_are_one_source_whatever_their_case_and_annotation() -> None:
    log = (sent("zoe abt"), sent("Zoe  Abt (Agent)", date(2026, 11, 5)), sent("Zoe Abt", Source=12))

    assert [line[:3] for line in lines(passed(world(*log)))] == [("Zoe Abt", "", 2), ("Zoe Abt", "", 1)]


def test_the_type_is_the_latest_that_was_given() -> None:
    log = (sent(day=date(2026, 11, 5)), sent(day=date(2026, 11, 4), Type="Agent"), sent(Type="Client"))

    assert lines(passed(world(*log)))[0][1] == "Agent"


def test_a_row_that_repeats_another_counts_nowhere() -> None:
    assert lines(passed(world(sent(), sent(Status="Already logged in row RF-01 p7 referral"))))[0][2] == 1


def test_why_it_says_nothing_about_a_person() -> None:
    s = world(sent(Source=101, Outcome=CLOSED))

    assert list(sources.silence(s, client(101))) == ["they sent 1 since 12/04/2025, the last on 11/03/2026: see the tab Sources"]
    assert list(sources.silence(s, client(102))) == ["no row of the log names them as the source by their contact number"]
