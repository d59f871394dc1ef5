"""When the reviews of the database run, what shows that they ran, and what each leaves behind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.passes import plan as planning
from daemon.passes.forecast import after
from policies.asks.wants import Finding, WantReport, WantRow, WantTask
from policies.database.reviews import (
    cold_leads,
    minimum_fields,
    onboarding_audit,
    purge,
    review_calendar,
    reviews,
)
from policies.database.reviews.review_calendar import Kind
from policies.world.calendar import BusinessDays
from policies.world.model import STAGE_LABELS, Contact, Reach, Stage
from policies.world.practice import DatabaseOptions
from policies.world.snapshot import Snapshot
from tests.scenes import at, book, client, practice, snapshot, wants


def record(number: int = 101, **changes: Any) -> Contact:
    """A sound record of a lead."""
    found = client(number, stage=Stage.LONG_TERM_NURTURE, stage_label=STAGE_LABELS[Stage.LONG_TERM_NURTURE], tags=("Zillow",), source="Zillow",
                   created=at(date(2024, 1, 8)), emails=(Reach(f"a{number}@example.org", "Valid"),), phones=(Reach("(512) 555-0100"),),
                   has_background=True, last_communication=at(date(2026, 12, 1)))
    return replace(found, **changes)


def rows(findings: Iterable[Finding], tab: str) -> list[WantRow]:
    return [f.want for f in findings if isinstance(f.want, WantRow) and f.want.tab == tab]


def passed(s: Snapshot, *policies: Any) -> Snapshot:
    """The world after a pass of these policies."""
    return after(s, planning.make(s, [f for policy in policies for f in policy.decide(s)]))


@pytest.mark.clause("DB-13", "DB-21", "DB-28", "X-27", "X-47")
@pytest.mark.parametrize(("kind", "day", "period"), [
    ("monthly", date(2026, 11, 23), "202610"), ("monthly", date(2026, 11, 24), "202611"), ("monthly", date(2026, 12, 27), "202611"),
    ("monthly", date(2026, 12, 28), "202612"),  # December 25 is a holiday and a Friday
    ("monthly", date(2027, 2, 21), "202701"), ("monthly", date(2027, 2, 22), "202702"),
    ("quarterly", date(2026, 9, 30), "2026Q3"), ("quarterly", date(2026, 10, 1), "2026Q4"), ("quarterly", date(2027, 1, 3), "2026Q4"),
    ("quarterly", date(2027, 1, 4), "2027Q1"), ("purge", date(2027, 1, 3), "2026"), ("purge", date(2027, 1, 4), "2027"),
    ("purge", date(2026, 12, 31), "2026")])
def test_a_review_runs_on_the_first_business_day_of_its_window(kind: Kind, day: date, period: str) -> None:
    run = review_calendar.latest(snapshot(day), kind)

    assert run
    assert (run.review.period, run.on) == (period, day)


@given(st.dates(date(2025, 1, 1), date(2032, 12, 31)), st.sampled_from(["monthly", "quarterly", "purge"]))
def test_whatever_the_day_the_latest_review_is_the_one_whose_day_came_last(day: date, kind: Kind) -> None:
    s = snapshot(day)
    run = review_calendar.latest(s, kind)

    assert run
    assert run.review.runs <= day < review_calendar.next_run(replace(s, now=at(day + timedelta(days=1))), kind) or run.review.runs == day
    assert run.review.runs in BusinessDays()
    assert (run.review.closes - run.review.opens).days == 6
    assert run.review.opens <= run.review.runs <= run.review.closes


@pytest.mark.clause("X-27", "DB-13")
def test_a_missed_review_runs_late_and_says_so() -> None:
    found = list(reviews.decide(snapshot(date(2026, 12, 3), [record()])))
    line = next(row for row in rows(found, "Hygiene Log") if row.ref == "DB-21 a0 202611")

    assert (line.first["Run On"], line.first["Status"]) == (date(2026, 12, 3), "late: it was due on 11/24/2026")


@pytest.mark.clause("DB-13", "X-47")
@pytest.mark.parametrize(("log", "missed"), [([], True), ([{"Ref": "DB-33 a0 2026", "Run On": date(2026, 1, 2)}], False)])
def test_a_skipped_year_is_reported(log: list[dict[str, Any]], missed: bool) -> None:
    s = snapshot(date(2027, 1, 4), [record()], workbook=book({"Hygiene Log": log}), activated=date(2025, 12, 1))

    assert ("DB-33 a0 2026" in {row.ref for row in rows(reviews.decide(s), "Missed")}) is missed


@pytest.mark.clause("DB-13")
@pytest.mark.parametrize(("activated", "first"), [(date(2026, 11, 30), "202611"), (date(2026, 12, 1), None)])
def test_no_review_from_before_steward_began_is_made_up_for(activated: date, first: str | None) -> None:
    run = review_calendar.latest(snapshot(date(2026, 12, 10), activated=activated), "monthly")

    assert (run.review.period if run else None) == first


@pytest.mark.clause("DB-22", "X-28")
@pytest.mark.parametrize(("last", "since"), [(None, date(2026, 11, 28)), (date(2026, 11, 24), date(2026, 11, 24)),
                                             (date(2026, 12, 20), date(2026, 11, 28)), (date(2026, 6, 24), date(2026, 6, 24))])
def test_new_is_who_came_in_30_days_ago_or_since_the_last_review(last: date | None, since: date) -> None:
    log = [{"Ref": "DB-21 a0 202606", "Run On": last}] if last else []
    days = [since - timedelta(days=1), since, date(2026, 12, 28)]
    people = [record(n, created=at(day, 12), emails=()) for n, day in enumerate(days, 101)]
    s = snapshot(date(2026, 12, 28), people, workbook=book({"Hygiene Log": log}))
    run = review_calendar.latest(s, "monthly")

    assert run
    assert [c.id for c in reviews.new_contacts(s, run)] == [102, 103]


@pytest.mark.clause("DB-39")
def test_the_checklists_are_in_the_procedures_words_and_computed() -> None:
    open_house = [{"First Name": "Nina", "Last Name": "Sample", "Email": "n@example.org", "Address": "9 Oak St", "Date": date(2027, 1, 2)}]
    people = [record(), record(102, created=at(date(2026, 12, 20)), emails=()),
              record(103, stage=Stage.ACTIVE_BUYER, last_communication=at(date(2026, 6, 1)))]
    s = snapshot(date(2027, 1, 4), people, workbook=book({"Open House": open_house}))
    items = {row.ref: (str(row.keep["Items"]), row.keep["Open"]) for row in rows(reviews.decide(s), "Checklists")}

    assert items["DB-39 a0 202612-monthly"] == (
        "☐ New contacts reviewed — all fields complete, correctly staged and tagged: 1 of 1 added since 12/05/2026 lack something\n"
        "☐ Duplicate check run — duplicates merged: 3 pairs are not merged and not answered yet\n"
        "☐ Stage accuracy checked — outdated stages corrected: 1 stages do not fit the facts; the agent is asked, a few a week\n"
        "☐ Open house / event leads added with source tag: 1 of 1 sign-ins are not in the CRM yet", 4)
    assert items["DB-39 a0 2027Q1-quarterly"] == (
        "☑ Cold leads (90+ days no touchpoint) identified and flagged to agent: 1 found\n"
        "☑ Outdated contact information flagged\n"
        "☐ Stage accuracy reviewed across full database: 1 stages do not fit the facts; the agent is asked, a few a week", 1)
    assert items["DB-39 a0 2027-purge"] == (
        "☑ Purge candidate list prepared and submitted to agent for review\n☑ Agent confirmed removals\n☑ Removals executed — logged", 0)


@pytest.mark.clause("DB-39", "DB-12", "DB-14", "DB-16")
def test_the_initial_checklist_and_the_report_of_what_was_found() -> None:
    people = [record(), record(102, stage=None, stage_label="Hot Prospects", tags=("empty nesters", "$150–200K", "Lake house"))]
    s = snapshot(date(2026, 11, 25), people)
    s = replace(s, practice=replace(s.practice, account_stages=tuple(label for label in STAGE_LABELS.values() if label != "Cold Lead")))
    found = list(onboarding_audit.decide(s))
    report = next(f.want for f in found if isinstance(f.want, WantReport))

    assert rows(found, "Checklists")[0].keep["Items"] == (
        "☐ Standard pipeline stages established in CRM: the account has no stage for Cold Lead; the agent decides (DB-05)\n"
        "☐ Standard tags configured: database.geographic_areas names no city, neighborhood or county yet\n"
        "☐ All existing contacts audited, staged, and tagged: 1 of 2 have no stage, no tag or no source")
    text = "\n".join(report.lines)
    assert "Stages that stand for none of the 13: Hot Prospects" in text
    assert "'empty nesters' names or stands for familial status, a protected class (1 contacts)" in text
    assert "'$150–200K' lies below $200K, where the taxonomy has no range (1 contacts)" in text
    assert "Lake house: 1 contacts" in text
    assert {row.ref for row in rows(found, "Hygiene Log")} == {"DB-12 a0 initial"}


@pytest.mark.clause("DB-12")
def test_the_initial_audit_is_made_once() -> None:
    s = passed(snapshot(date(2026, 11, 25), [record()]), onboarding_audit)

    assert planning.make(s, onboarding_audit.decide(s)).actions == ()


# -- minimum fields --------------------------------------------------------------------------------------------------------


@pytest.mark.clause("DB-19", "X-25", "DB-20")
@pytest.mark.parametrize(("change", "gap"), [
    ({"last_name": " "}, "full name"), ({"emails": ()}, "e-mail"), ({"phones": (Reach(" "),)}, "phone"), ({"stage": None}, "stage"),
    ({"source": ""}, "lead source"), ({"created": None}, "date added"), ({"tags": ("VIP Client",)}, "lead-source tag"),
    ({"has_background": False}, "notes (the background is empty; see the timeline)"),
    ({"has_background": False, "last_communication": None, "communications": 0}, None),
    ({"tags": ("zillow",)}, None), ({"tags": ("Open House — 9 Oak St — 11/21/2026",)}, None), ({"tags": ("Sphere",)}, None), ({}, None)])
def test_each_of_the_seven_fields_and_the_one_tag_that_is_demanded(change: dict[str, Any], gap: str | None) -> None:
    s = snapshot(date(2026, 11, 25), [record(**change)], practice=practice(database=DatabaseOptions(tag_aliases={"SOI": ("Sphere",)})))

    assert minimum_fields.gaps(s, s.contacts[101]) == ((gap,) if gap else ())


@pytest.mark.clause("DB-19", "DB-22")
def test_the_lines_of_a_day_are_one_task_and_the_existing_come_25_a_week_oldest_first() -> None:
    old = [record(n, emails=(), created=at(date(2020, 1, 1) + timedelta(days=200 - n))) for n in range(101, 141)]
    new = [record(n, emails=(), created=at(date(2026, 11, 20))) for n in range(201, 231)]
    s = snapshot(date(2026, 11, 25), [*old, *new, record(301, emails=(), created=at(date(2026, 11, 25)))], activated=date(2026, 11, 1))
    found = list(minimum_fields.decide(s))
    listed = {row.person_id for row in rows(found, "Record Gaps")}

    assert listed == {*range(116, 141), *range(201, 231)}
    assert [w for w in wants(found) if w.startswith("task")] == ["task DB-19 a0 20261125"]
    tomorrow = replace(passed(s, minimum_fields), now=at(date(2026, 11, 26)))
    assert {row.person_id for row in rows(minimum_fields.decide(tomorrow), "Record Gaps")} == listed | {301}
    next_week = replace(tomorrow, now=at(date(2026, 12, 2)))
    assert len({row.person_id for row in rows(minimum_fields.decide(next_week), "Record Gaps")} - listed) == 16


@pytest.mark.clause("DB-19")
def test_a_mended_record_completes_its_line_and_the_last_one_withdraws_the_task() -> None:
    s = passed(snapshot(date(2026, 11, 25), [record(emails=(), created=at(date(2026, 11, 20)))], activated=date(2026, 11, 1)), minimum_fields)
    s = replace(s, contacts={101: record(created=at(date(2026, 11, 20)))})
    plan = planning.make(s, minimum_fields.decide(s))

    assert {(a.verb, a.entity) for a in plan.actions} == {("withdraw", "task"), ("update", "Record Gaps")}
    assert planning.make(after(s, plan), minimum_fields.decide(after(s, plan))).actions == ()


# -- a second pass is empty ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", [minimum_fields, reviews, cold_leads, purge, onboarding_audit])
def test_a_second_pass_of_the_same_day_comes_to_rest(policy: Any) -> None:
    people = [record(n, last_communication=at(date(2026, 1, 1)), tags=("DNC", "Zillow") if n % 7 == 0 else ("Zillow",)) for n in range(101, 140)]
    s = snapshot(date(2027, 1, 4), people)
    for _ in range(4):
        s = passed(s, policy)

    assert planning.make(s, policy.decide(s)).actions == ()


def test_tasks_name_the_tab_in_which_their_lines_stand() -> None:
    s = snapshot(date(2026, 11, 25), [record(emails=(), created=at(date(2026, 11, 20)))], activated=date(2026, 11, 1))
    task = next(f.want for f in minimum_fields.decide(s) if isinstance(f.want, WantTask))

    assert task.name == "Fill in what is missing: the lines of Wed 11/25 in the tab Record Gaps"
