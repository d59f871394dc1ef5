"""The quarterly report: its exact words, what stood at the end of the quarter, when it is filed, corrected and told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from daemon.passes import guard
from daemon.passes import plan as planning
from daemon.passes.absence import deleted_records
from daemon.passes.forecast import after
from policies.asks.wants import WantReport, WantRow, WantTask
from policies.facts.fees import Fee
from policies.facts.referral_log import (
    CLOSED,
    LOST,
    OUTCOMES,
    TYPES,
    entry_of,
)
from policies.referrals.report import quarterly_report
from policies.referrals.report.quarter import Activity, Quarter, activity
from policies.world.calendar import DAY
from policies.world.model import Stage
from policies.world.sheet import Row
from policies.world.snapshot import Snapshot
from tests.passes import cell
from tests.scenes import AGENT, at, book, client, own_task, practice, snapshot, wants

Q4 = Quarter(2026, 4)
FILED = date(2027, 1, 4)
"""The first business day of 2027: January 1 is a holiday and a Friday."""
BEGAN = date(2026, 10, 1)


def sent(source: str = "John Smith", day: date | None = date(2026, 11, 3), lead: str = "Ximena", **cells: Any) -> dict[str, Any]:
    return {"Date": day, "Referral Source": source, "Referred Lead": lead, "Outcome": "Active", "Ref": "", **cells}


def closed(source: str, on: date, **cells: Any) -> dict[str, Any]:
    return sent(source, Outcome=CLOSED, **{"Close Date": on, **cells})


def counted(*log: Mapping[str, Any], fees: Iterable[Mapping[str, Any]] = (), quarter: Quarter = Q4) -> Activity:
    return activity([entry_of(Row("", cells)) for cells in log], [Row("", cells) for cells in fees], quarter)


def world(*log: Mapping[str, Any], today: date = FILED, people: Iterable[Any] = (), tabs: Mapping[str, Any] | None = None, **changes: Any) -> Snapshot:
    found = snapshot(today, people, workbook=book({"Referral Log": log or (sent(Lead=101),), **(tabs or {})}), activated=BEGAN)
    return replace(found, **changes)


def passed(s: Snapshot, asked: bool = False) -> Snapshot:
    """The world after a pass, in which a second one has nothing to do."""
    findings = list(quarterly_report.report_of(s, Q4, asked=True) if asked else quarterly_report.decide(s))
    plan = planning.make(s, findings)
    assert [guard.forbidden(a) for a in plan.actions] == [""] * len(plan.actions)
    s = after(s, plan)
    assert planning.make(s, quarterly_report.decide(s)).actions == ()
    return s


def with_log(s: Snapshot, *log: Mapping[str, Any], today: date) -> Snapshot:
    tab = replace(s.workbook.tabs["Referral Log"], rows=tuple(Row("", cells) for cells in log))
    return replace(s, now=at(today), workbook=replace(s.workbook, tabs={**s.workbook.tabs, "Referral Log": tab}))


def reports(s: Snapshot) -> list[str]:
    return sorted(s.workbook.titles)


# -- quarters ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("day", "quarter"), [
    (date(2026, 9, 30), Quarter(2026, 3)), (date(2026, 10, 1), Q4), (date(2026, 12, 31), Q4), (date(2027, 1, 1), Quarter(2027, 1)),
    (date(2028, 2, 29), Quarter(2028, 1)), (date(2026, 3, 31), Quarter(2026, 1)), (date(2026, 4, 1), Quarter(2026, 2)),
])
def test_a_day_lies_in_one_quarter(day: date, quarter: Quarter) -> None:
    assert Quarter.of(day) == quarter
    assert day in quarter
    assert day not in quarter.next
    assert day not in quarter.last


@pytest.mark.parametrize(("text", "quarter"), [
    ("2026Q4", Q4), (" 2026q4 ", Q4), ("2026Q5", None), ("2026Q0", None), ("26Q4", None), ("Q4 2026", None), ("2026Q44", None),
    ("1949Q4", None), ("1950Q1", Quarter(1950, 1)), ("2200Q4", Quarter(2200, 4)), ("2201Q1", None), ("", None)])
def test_a_quarter_is_named_in_one_way(text: str, quarter: Quarter | None) -> None:
    assert Quarter.parse(text) == quarter


@given(st.dates(date(1951, 1, 1), date(2199, 12, 31)))
def test_quarters_follow_each_other_without_a_gap(day: date) -> None:
    quarter = Quarter.of(day)

    assert quarter.end + DAY == quarter.next.start
    assert quarter.next.last == quarter == Quarter.parse(quarter.code)
    assert quarter.last < quarter < quarter.next


@pytest.mark.clause("X-22", "X-38")
@pytest.mark.parametrize(("quarter", "day"), [
    (Q4, date(2027, 1, 4)),                     # January 1 is a Friday and a holiday
    (Quarter(2021, 4), date(2022, 1, 3)),       # a Saturday, observed on December 31
    (Quarter(2022, 4), date(2023, 1, 3)),       # a Sunday, observed on Monday, January 2
    (Quarter(2026, 1), date(2026, 4, 1)),       # a Wednesday
    (Quarter(2026, 3), date(2026, 10, 1)),
])
def test_the_first_business_day_of_the_next_quarter(quarter: Quarter, day: date) -> None:
    assert quarter.filing_day(snapshot(date(2026, 12, 4)).business) == day


# -- the text ----------------------------------------------------------------------------------------------------------

GOLDEN = """Referral Activity — Q4 2026
Referrals received: 6
By source type:
- Past client referrals: 2
- SOI referrals: 1
- Agent referrals: 1
- Professional referrals: 1
Outcomes:
- Active / in progress: 4
- Closed this quarter: 2
- Lost (did not engage or went elsewhere): 1
Top referral sources this quarter:
1. John Smith — 2 referrals
2. Ada Kern — 1 referrals
3. Mike Chen — 1 referrals
Referral fees pending: 2 | Paid: 1
Amounts pending: $2,750.50 (1 without an amount) | Paid: $1,200.00
Referrals received without a type in the log: 1"""

FEES = (
    {"Closed On": date(2026, 11, 20), "Amount Due": 2750.5, "Fee Amount": 9},                          # the agent's figure, not the agreed one
    {"Closed On": date(2026, 12, 31), "Fee %": 25},                                                    # never computed
    {"Closed On": date(2026, 9, 1), "Fee Amount": "$1,200.00", "Amount Paid": "$1,200.00", "Paid On": date(2026, 10, 1)},
    {"Fee Amount": 4000}, {"Closed On": date(2027, 1, 1), "Fee Amount": 70},                           # not closed by the end of the quarter
    {"Closed On": date(2026, 11, 2)}, {"Referring Agent": "Mike Chen", "Agreement On File": "No", "Closed On": date(2026, 11, 2)},  # nothing agreed
    {"Closed On": date(2026, 8, 1), "Fee Amount": 300, "Amount Paid": 300, "Paid On": date(2026, 9, 30)},  # the quarter before
)


@pytest.mark.clause("RF-41", "RF-21", "X-18", "X-20", "X-21")
def test_the_report_in_the_procedures_words() -> None:
    found = counted(
        sent(Type="Client"), closed("John Smith (Lender)", date(2026, 12, 31), Type="client"),
        sent("Mike Chen (Agent)", date(2026, 10, 1), Type="Agent"), sent("Zoe Abt", date(2026, 12, 31), Type="Sphere"),
        sent("Ada Kern", Type="Professional"),
        {**sent("Nora Vale", Type="cousin", Outcome=LOST), "Outcome On": date(2026, 12, 31)},                  # a type of its own
        closed("Old Friend", date(2026, 10, 1), Date=date(2026, 5, 5), Type="Client"),                         # received before
        sent("Next Year", date(2027, 1, 1), Type="Client"), sent("No Date", None), fees=FEES)

    assert "\n".join(quarterly_report.text(found)) == GOLDEN
    assert quarterly_report.remarks(found) == ("Rows of the log without a date, counted in no quarter: 1",)


@pytest.mark.clause("RF-37", "RF-41")
@pytest.mark.parametrize(("said", "is_on_file"), [("Yes", True), ("y", True), ("x", True), ("X ", True), ("on file", True), (True, True), ("No", False), ("", False)])
def test_an_agreement_on_file_counts_for_the_fees_and_for_the_report_alike(said: str | bool, is_on_file: bool) -> None:
    row = Row("", {"Agreement On File": said, "Closed On": date(2026, 11, 2)})

    assert ("Agreement On File" not in Fee(row).lacking) is is_on_file
    assert (activity([], [row], Q4).pending.count == 1) is is_on_file


@pytest.mark.clause("RF-41")
def test_an_empty_quarter_and_fewer_than_three_sources() -> None:
    lines = quarterly_report.text(counted())
    at_top = lines.index("Top referral sources this quarter:")

    assert lines[1] == "Referrals received: 0"
    assert lines[at_top + 1:] == ("Referral fees pending: 0 | Paid: 0", "Amounts pending: $0.00 | Paid: $0.00")
    assert quarterly_report.text(counted(sent()))[at_top + 1] == "1. John Smith — 1 referrals"
    assert [f.chart for f in quarterly_report.figures([], counted())] == ["COLUMN", "COLUMN"]


@pytest.mark.clause("RF-41", "RF-28")
def test_sources_are_told_apart_by_contact_and_else_by_name() -> None:
    found = counted(
        sent("John Smith", Source=12), sent("J. Smith", date(2026, 10, 2), Source=12), sent("John Smith", Source=13),
        sent("zoe  abt (Lender)"), sent("Zoe Abt", date(2026, 12, 1)))

    assert found.sources == (("John Smith", 2), ("Zoe Abt", 2), ("John Smith", 1))


@pytest.mark.clause("X-20")
@pytest.mark.parametrize(("cells", "standing"), [
    ({}, (1, 0, 0)),
    ({"Outcome": LOST, "Outcome On": date(2026, 12, 31)}, (0, 0, 1)),     # exactly at the end of the quarter
    ({"Outcome": LOST, "Outcome On": date(2027, 1, 1)}, (1, 0, 0)),
    ({"Outcome": CLOSED, "Close Date": date(2026, 12, 31)}, (0, 1, 0)),
    ({"Outcome": CLOSED, "Close Date": date(2027, 1, 1)}, (1, 0, 0)),
    ({"Outcome": CLOSED, "Close Date": date(2026, 10, 1), "Date": date(2026, 6, 1)}, (0, 1, 0)),
    ({"Outcome": CLOSED, "Close Date": date(2026, 9, 30), "Date": date(2026, 6, 1)}, (0, 0, 0)),
    ({"Outcome": LOST, "Outcome On": date(2026, 9, 30), "Date": date(2026, 10, 1)}, (0, 0, 1)),  # it cannot have ended before it came
    ({"Date": date(2026, 1, 1)}, (1, 0, 0)),                              # open ones of every quarter, not only of this one
    ({"Date": date(2027, 1, 1)}, (0, 0, 0)),
    ({"Outcome": LOST, "Outcome On": date(2026, 12, 1), "Date": None}, (0, 0, 0)),
])
def test_what_stood_at_the_end_of_the_quarter(cells: dict[str, Any], standing: tuple[int, int, int]) -> None:
    found = counted(sent() | cells)

    assert (found.active, found.closed, found.lost) == standing


@pytest.mark.clause("X-20", "X-21")
@pytest.mark.parametrize(("cells", "pending", "paid"), [
    ({"Closed On": date(2026, 12, 31)}, 1, 0), ({"Closed On": date(2027, 1, 1)}, 0, 0), ({}, 0, 0),
    ({"Closed On": date(2026, 6, 1), "Paid On": date(2026, 12, 31)}, 0, 1), ({"Closed On": date(2026, 6, 1), "Paid On": date(2027, 1, 1)}, 1, 0),
    ({"Paid On": date(2026, 10, 1)}, 0, 1), ({"Paid On": date(2026, 9, 30)}, 0, 0),
    ({"Closed On": date(2026, 11, 1), "Amount Paid": 500}, 0, 0),         # paid, nobody knows when: said, not counted
])
def test_fees_stand_as_at_the_end_of_the_quarter(cells: dict[str, Any], pending: int, paid: int) -> None:
    found = counted(fees=[{"Fee Amount": 500, **cells}])

    assert (found.pending.count, found.paid.count) == (pending, paid)
    assert found.paid_undated == ("Amount Paid" in cells)
    assert len(quarterly_report.remarks(found)) == found.paid_undated


@pytest.mark.clause("X-21")
@pytest.mark.parametrize(("typed", "dollars"), [
    (1250, 1250.0), ("1250", 1250.0), ("$1,250.50", 1250.5), ("$ 12", 12.0), ("25%", None), ("about 1000", None), ("1,25", None), (True, None)])
def test_amounts_are_those_that_people_typed(typed: Any, dollars: float | None) -> None:
    found = counted(fees=[{"Fee Amount": typed, "Fee %": 25, "Closed On": date(2026, 11, 1)}]).pending

    assert (found.count, found.dollars, found.unknown) == (1, dollars or 0.0, dollars is None)


DAYS = st.dates(date(2026, 6, 1), date(2027, 3, 31)) | st.none()
ROWS = st.lists(st.builds(
    lambda day, source, number, kind, outcome, ends, engaged: sent(source, day, Source=number, Type=kind, Outcome=outcome, **{
        "Close Date": ends, "Outcome On": ends, "Engaged On": engaged}),
    DAYS, st.sampled_from(["John Smith", "john smith (Lender)", "Zoe Abt", "Mike Chen (Agent)"]), st.sampled_from([0, 0, 12, 13]),
    st.sampled_from([*TYPES, "", "cousin"]), st.sampled_from([*OUTCOMES, "?"]), DAYS, DAYS), max_size=40)


@pytest.mark.clause("RF-41", "X-20", "X-50")
@given(ROWS)
def test_nothing_is_counted_twice_and_nothing_is_lost(log: list[dict[str, Any]]) -> None:
    quarters = [Quarter(2026, 2), Quarter(2026, 3), Q4, Quarter(2027, 1)]
    found = [counted(*log, quarter=quarter) for quarter in quarters]
    dated = [line for line in log if line["Date"]]

    for one in found:
        assert sum(one.by_type.values()) == one.received == sum(count for _, count in one.sources)
        assert one.received >= one.engaged >= one.ended_well
        assert one.active + one.closed + one.lost <= len(dated)
    assert sum(one.received for one in found) + found[0].undated == len(log)
    # Whatever came in has either ended in one of the quarters, or is open at the end of the last, or ends later.
    assert sum(one.closed + one.lost for one in found) + found[-1].active == len(dated)


# -- when, and how often -----------------------------------------------------------------------------------------------


@pytest.mark.clause("X-22", "RF-21")
@pytest.mark.parametrize(("today", "filed"), [
    (date(2026, 12, 31), []), (date(2027, 1, 1), []), (date(2027, 1, 3), []),       # over, and no business day yet
    (FILED, ["Q4 2026"]), (date(2027, 1, 20), ["Q4 2026"]), (date(2027, 3, 31), ["Q4 2026"]),
    (date(2027, 4, 1), ["Q1 2027"]),                                                # only the latest is watched
])
def test_the_first_business_day_or_later(today: date, filed: list[str]) -> None:
    s = world(today=today)
    found = [f for f in quarterly_report.decide(s) if isinstance(f.want, WantReport)]

    assert [f.want.title for f in found if isinstance(f.want, WantReport)] == filed
    assert [("filed late" in f.reason) for f in found] == [today not in {FILED, date(2027, 4, 1)}] * len(filed)


@pytest.mark.clause("X-22")
@pytest.mark.parametrize(("began", "count"), [(date(2026, 12, 31), 1), (date(2027, 1, 1), 0), (None, 0)])
def test_not_of_a_quarter_before_steward_began(began: date | None, count: int) -> None:
    assert sum(isinstance(f.want, WantReport) for f in quarterly_report.decide(world(activated=began))) == count


def test_a_log_that_nobody_ever_kept_is_not_reported_unless_somebody_asks() -> None:
    s = snapshot(FILED, activated=BEGAN)

    assert list(quarterly_report.decide(s)) == []
    assert "report Q4 2026" in wants(quarterly_report.report_of(s, Q4, asked=True))


@pytest.mark.clause("X-22")
def test_a_correction_is_a_tab_of_its_own_at_most_once_a_day() -> None:
    s = passed(world())
    again = [sent(Lead=101), sent("Zoe Abt")]
    same_day = passed(with_log(s, *again, today=FILED))
    assert reports(same_day) == ["Q4 2026"]

    second = passed(with_log(same_day, *again, today=FILED + DAY))
    assert reports(second) == ["Q4 2026", "Q4 2026 (rev 2)"]
    assert cell(second, "Memory", "report Q4 2026", "What").startswith("2 ")

    unchanged = passed(with_log(second, *again, today=FILED + 2 * DAY))
    assert reports(unchanged) == reports(second)
    third = passed(with_log(unchanged, sent(Lead=101), today=FILED + 3 * DAY))
    assert reports(third) == ["Q4 2026", "Q4 2026 (rev 2)", "Q4 2026 (rev 3)"]
    assert [row.ref for row in third.workbook.rows("Memory")] == ["referrals begun", "report Q4 2026"]


@pytest.mark.clause("X-20", "X-22")
@pytest.mark.parametrize("cells", [
    {"Outcome": CLOSED, "Close Date": date(2027, 1, 2)}, {"Outcome": LOST, "Outcome On": date(2027, 1, 5)}, {"Recognition Sent": "Card sent 01/05/2027"}])
def test_what_happens_later_is_no_correction(cells: dict[str, Any]) -> None:
    s = passed(world())

    later = with_log(s, sent(Lead=101) | cells, sent("Zoe Abt", date(2027, 1, 5)), sent("No Date", None), today=FILED + DAY)
    assert reports(passed(later)) == ["Q4 2026"]


def test_a_tab_that_somebody_deleted_is_put_up_again_only_for_who_asks() -> None:
    s = passed(world())
    gone = replace(s, now=at(FILED + DAY), workbook=replace(s.workbook, titles=frozenset()))

    assert reports(passed(gone)) == []
    assert reports(passed(gone, asked=True)) == ["Q4 2026"]


def test_who_asks_does_not_wait_for_another_day() -> None:
    s = with_log(passed(world()), sent("Zoe Abt"), today=FILED)

    assert reports(passed(s, asked=True)) == ["Q4 2026", "Q4 2026 (rev 2)"]


@pytest.mark.parametrize("taken", ["Q4 2026", "q4 2026"])
def test_a_tab_of_somebody_elses_is_left_alone(taken: str) -> None:
    s = world()
    s = replace(s, workbook=replace(s.workbook, titles=frozenset({taken})))
    found = next(f for f in quarterly_report.decide(s) if isinstance(f.want, WantReport))

    assert isinstance(found.want, WantReport)
    assert found.want.title == "Q4 2026 (rev 2)"
    assert "left as it is" in found.reason
    assert reports(passed(s)) == sorted([taken, "Q4 2026 (rev 2)"])


def test_a_memory_that_says_two_things_says_nothing() -> None:
    twice = [{"Ref": "report Q4 2026", "What": f"{n} abc", "Date": "2027-01-04 06:00"} for n in (1, 2)]

    assert list(quarterly_report.decide(world(tabs={"Memory": twice}))) == []


def test_a_memory_that_a_person_garbled_is_put_right_once() -> None:
    s = world(tabs={"Memory": [{"Ref": "report Q4 2026", "What": "lots", "Date": "yesterday"}]})

    assert reports(passed(s)) == ["Q4 2026"]


# -- who is told -------------------------------------------------------------------------------------------------------


@pytest.mark.clause("RF-42", "X-44")
def test_the_agent_has_one_task_and_no_client_is_named_in_it() -> None:
    s = world(people=[client(101)])
    task = next(f.want for f in quarterly_report.decide(s) if isinstance(f.want, WantTask))

    assert (str(task.key), task.assignee, task.person_id, task.due) == ("RF-42 q2026Q4 report", AGENT, 101, FILED)
    assert task.name == "Referral report Q4 2026 is in the Sheet"
    assert task.useful_until == date(2027, 3, 31)


def _lead(number: int, **changes: Any) -> Any:
    return client(number, stage=Stage.ACTIVE_BUYER, **changes)


@pytest.mark.clause("RF-42", "X-44", "X-57")
@pytest.mark.parametrize(("people", "log", "own", "person"), [
    ([_lead(101), _lead(102)], [sent(Lead=101), sent(day=date(2026, 12, 1), Lead=102)], 0, 102),   # the latest
    ([_lead(101), _lead(102)], [sent(Lead=101), sent(day=date(2026, 12, 1), Lead=102)], 9, 102),   # 9 is nobody
    ([_lead(101), _lead(9)], [sent(Lead=101)], 9, 9),
    ([_lead(101), _lead(9, trashed=True)], [sent(Lead=101)], 9, 101),
    ([_lead(101), _lead(9, tags=("Steward: skip",))], [sent(Lead=101)], 9, 101),
    ([_lead(101, tags=("DNC",))], [sent(Lead=101)], 0, 0),
    ([_lead(101, tags=("Steward: skip",))], [sent(Lead=101)], 0, 0),
    ([_lead(101, assigned_user_id=77)], [sent(Lead=101)], 0, 0),
    ([_lead(101)], [sent(Lead=101), sent(Lead=102, Source=101)], 0, 0),                             # a source as well
    ([], [sent()], 0, 0),
])
def test_on_whose_record_it_stands(people: list[Any], log: list[dict[str, Any]], own: int, person: int) -> None:
    s = world(*log, people=people, practice=practice(own_contact=own))
    found = [f.want for f in quarterly_report.decide(s)]

    assert [want.person_id for want in found if isinstance(want, WantTask)] == ([person] if person else [])
    row = next(want for want in found if isinstance(want, WantRow) and want.tab == "Checklists")
    assert row.keep["Open"] == (0 if person else 1)


@pytest.mark.clause("RF-43")
def test_the_checklist_in_the_procedures_words() -> None:
    s = world(people=[client(101)])
    done, open_ = passed(s), passed(world())
    row = next(a for a in planning.make(s, quarterly_report.decide(s)).actions if a.entity == "Checklists")

    assert row.requires == {"RF-42 q2026Q4 report"}  # not ticked off before the agent has been told
    assert [(r.ref, r.text("Checklist"), r.text("Items"), r.text("Open")) for r in done.workbook.rows("Checklists")] == [
        ("RF-43 q2026Q4 checklist", "Quarterly, Q4 2026", "☑ Referral report compiled and sent to agent: Q4 2026", "0")]
    assert open_.workbook.rows("Checklists")[0].text("Items").startswith(
        "☐ Referral report compiled and sent to agent: Q4 2026 is in the Sheet; no task says so")


@pytest.mark.clause("RF-42")
def test_a_correction_takes_the_place_of_the_open_task_before() -> None:
    s = with_log(passed(world(people=[client(101)])), sent("Zoe Abt", Lead=101), today=FILED + DAY)

    assert "withdraw RF-42 q2026Q4 report" in wants(quarterly_report.decide(s))
    s = passed(s)
    assert [(t.name, t.completed) for t in s.tasks] == [
        ("Referral report Q4 2026 is in the Sheet", True), ("Referral report Q4 2026 (rev 2) is in the Sheet", False)]
    assert s.workbook.rows("Checklists")[0].text("Items") == "☑ Referral report compiled and sent to agent: Q4 2026 (rev 2)"


def test_the_open_task_stays_where_no_other_can_take_its_place() -> None:
    s = with_log(passed(world(people=[client(101)])), sent("Zoe Abt"), today=FILED + DAY)

    assert [t.completed for t in passed(s).tasks] == [False]


def test_a_task_that_the_agent_ticked_off_stays_so() -> None:
    s = passed(world(people=[client(101)]))
    done = own_task("RF-42 q2026Q4 report", completed=True)

    assert planning.make(replace(s, tasks=(done,)), quarterly_report.decide(s)).actions == ()


# -- beside the text ---------------------------------------------------------------------------------------------------


@pytest.mark.clause("RF-41", "X-18")
def test_the_figures_say_what_the_charts_show() -> None:
    log = [entry_of(Row("", cells)) for cells in (
        {**sent(Type="Client"), "Engaged On": date(2026, 12, 31)}, {**sent("Zoe Abt", Type="Agent"), "Engaged On": date(2027, 1, 1)},
        closed("John Smith", date(2026, 12, 1), Type="Client"), sent("Zoe Abt", date(2025, 10, 1), Type="Sphere"), sent("Zoe Abt", date(2025, 9, 30)))]
    received, funnel, top = quarterly_report.figures(log, activity(log, [], Q4))

    assert (received.chart, received.stacked, funnel.chart, top.chart) == ("COLUMN", True, "COLUMN", "BAR")
    assert received.header == ("Quarter", "Past client", "SOI", "Agent", "Professional")
    assert received.rows == (("Q4 2025", 0, 1, 0, 0), ("Q1 2026", 0, 0, 0, 0), ("Q2 2026", 0, 0, 0, 0), ("Q3 2026", 0, 0, 0, 0), ("Q4 2026", 2, 0, 1, 0))
    assert funnel.rows == (("Received", 3), ("Engaged", 2), ("Closed", 1))
    assert top.rows == (("John Smith", 2), ("Zoe Abt", 1))


def test_a_referral_without_a_type_has_a_column_of_its_own() -> None:
    log = [entry_of(Row("", sent()))]

    assert quarterly_report.figures(log, activity(log, [], Q4))[0].rows[-1] == ("Q4 2026", 0, 0, 0, 0, 1)


def test_why_it_says_nothing_about_a_person() -> None:
    assert list(quarterly_report.silence(world(today=date(2026, 12, 4)), client())) == [
        "it is about the whole log; Q4 2026 is reported on 01/04/2027"]


# -- a contact who is gone ---------------------------------------------------------------------------------------------


@pytest.mark.clause("RF-42", "X-81", "X-87")
@pytest.mark.parametrize("own", [0, 9])
def test_a_task_on_a_contact_who_is_gone_moves_to_one_who_is_there(own: int) -> None:
    people = [_lead(101), _lead(102), _lead(9)]
    s = passed(world(sent(Lead=101), sent(day=date(2026, 12, 1), Lead=102), people=people))
    s = replace(s, practice=practice(own_contact=own))
    assert [t.person_id for t in s.tasks] == [102]

    hidden = replace(s, contacts={n: c for n, c in s.contacts.items() if n != 102})
    assert planning.make(hidden, quarterly_report.decide(hidden)).actions == ()  # one pass proves nothing

    hidden = replace(hidden, gone=frozenset({"p102"}))
    for _ in range(2):
        findings = list(quarterly_report.decide(hidden))
        hidden = after(hidden, planning.make(hidden, [*findings, *deleted_records.ended(hidden, findings)]))
    assert [t.person_id for t in hidden.tasks if not t.completed] == [own or 101]
    assert len(hidden.tasks) == 2
    findings = list(quarterly_report.decide(hidden))
    assert planning.make(hidden, [*findings, *deleted_records.ended(hidden, findings)]).actions == ()


@pytest.mark.clause("RF-42", "X-81")
def test_no_task_is_made_again_where_nobody_is_there_to_carry_it() -> None:
    s = passed(world(people=[client(101)]))
    s = replace(s, contacts={}, gone=frozenset({"p101"}))
    for _ in range(2):
        findings = list(quarterly_report.decide(s))
        s = after(s, planning.make(s, [*findings, *deleted_records.ended(s, findings)]))
    assert [t.completed for t in s.tasks] == [True]
