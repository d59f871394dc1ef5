"""The tab `Handover`: a board with slots, kept up on change only."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from daemon.passes import guard, handover
from daemon.passes.absence import coming_records, deleted_records
from daemon.passes.actions import Action, Plan
from daemon.passes.forecast import BUSY, Ahead, after, days_ahead
from policies.registry import POLICIES
from policies.world.model import Communication, Deal, Task
from policies.world.sheet import Tab
from policies.world.snapshot import Snapshot
from tests.passes import plan
from tests.scenes import AGENT, VA, at, book, client, own_task, purchase, snapshot

DAY = date(2026, 12, 14)
T7, T14, DRAFT = "MS-04 d812 20261218-7d", "MS-04 d812 20261218-14d", "MS-09 d812 20261218-draft"


def world(*tasks: Task, **changes: Any) -> Snapshot:
    return snapshot(DAY, [client()], [purchase(date(2025, 12, 18))], tasks=tasks, **changes)


def told(s: Snapshot, ahead: Any = (), **how: Any) -> Snapshot:
    """*s* with its tab brought up to date; a second look finds nothing to do, and the guard lets all of it pass."""
    actions = handover.update(s, ahead, **how)
    assert guard.check(actions, guard.Limits()).refused == ()
    s = after(s, Plan(tuple(actions)))
    assert handover.update(s, ahead, **how) == []
    return s


def lines(s: Snapshot) -> list[tuple[str, ...]]:
    return [tuple(row.text(name) for name in ("Due", "Who", "Client", "State", "Mark")) for row in s.workbook.rows("Handover") if row.text("Mark")]


def refs(s: Snapshot) -> dict[str, str]:
    return {row.text("Mark"): row.ref for row in s.workbook.rows("Handover") if row.text("Mark")}


def reminder(key: str, number: int, **changes: Any) -> Task:
    return own_task(key, number, name="Prepare", due=DAY, assigned_user_id=VA, **changes)


@pytest.mark.clause("MS-23", "RF-51", "DB-46")
def test_open_tasks_and_decisions_stand_in_it_with_who_and_when() -> None:
    waiting = book({"Approvals": [{"Ref": DRAFT, "Rule": "MS-09", "Client": "Ana Lopez", "What": "Anniversary e-mail", "Due": date(2026, 12, 16)}]})
    s = told(world(reminder(T7, 1), own_task("MS-45 d812 20261218-48h", 2, due=date(2026, 12, 16), assigned_user_id=AGENT),
                   reminder(T14, 3, completed=True), workbook=waiting))

    assert lines(s) == [("2026-12-14", "Mia Cole", "Ana Lopez", "open", T7), ("2026-12-16", "Dana Reyes", "Ana Lopez", "to decide", DRAFT),
                        ("2026-12-16", "Dana Reyes", "Ana Lopez", "open", "MS-45 d812 20261218-48h")]


@pytest.mark.clause("MS-23", "X-81")
@pytest.mark.parametrize(("status", "typed", "listed"), [
    ("Decide again: the draft was edited (clear the Decision cell, then choose)", "Approve", True), ("Not ready: no address", "Approve", True),
    ("On hold: nothing goes out", "Hold", False), ("Withdrawn: they opted out", "Approve", False)])
def test_a_decision_that_does_not_count_is_still_to_be_made(status: str, typed: str, listed: bool) -> None:
    s = told(world(workbook=book({"Approvals": [{"Ref": DRAFT, "Rule": "MS-09", "Status": status, "Decision": typed}]})))

    assert [line[3:] for line in lines(s)] == ([("to decide", DRAFT)] if listed else [])


@pytest.mark.clause("MS-23")
def test_what_comes_up_within_a_week_stands_in_it_until_it_is_there() -> None:
    s = replace(world(), now=world().now.replace(month=12, day=7))
    ahead = list(days_ahead(s, POLICIES, handover.DAYS, time(6)))
    s = told(s, ahead)

    assert [(line[3], line[4]) for line in lines(s)] == [("comes up 2026-12-10", T7), ("comes up 2026-12-10", DRAFT)]
    assert handover.upcoming(ahead, s.today) == [(T7, "2026-12-10"), (DRAFT, "2026-12-10")]
    assert handover.update(s, None) == []
    there = told(replace(s, tasks=(reminder(T7, 1),)), None)
    assert [line[3] for line in lines(there)] == ["open", "comes up 2026-12-10"]
    assert refs(there)[T7] == refs(s)[T7]
    over = told(replace(s, now=s.now.replace(day=11)), ())
    assert lines(over) == []


def test_of_a_policy_that_could_not_be_asked_nothing_is_taken_away() -> None:
    s = replace(world(), now=world().now.replace(month=12, day=7))
    s = told(s, list(days_ahead(s, POLICIES, handover.DAYS, time(6))))

    assert handover.update(s, (), partly=True) == []
    assert handover.update(replace(s, now=s.now.replace(day=11)), (), partly=True) == []  # its day came, and nobody asked: it stays flagged
    assert lines(told(s, ())) == []


def test_an_item_keeps_its_slot_and_a_free_one_is_used_again() -> None:
    s = told(world(reminder(T14, 1), reminder(T7, 2)))
    before = refs(s)
    s = told(replace(s, tasks=(reminder(T14, 1, completed=True), reminder(T7, 2))))
    assert refs(s) == {T7: before[T7]}
    s = told(replace(s, tasks=(reminder(T7, 2), own_task("MS-45 d812 20261218-48h", 3))))
    assert refs(s) == {T7: before[T7], "MS-45 d812 20261218-48h": before[T14]}
    assert len(s.workbook.rows("Handover")) == 2


def test_a_row_about_a_task_waits_until_the_task_is_there() -> None:
    actions = handover.update(world(reminder(T7, -1)), (), frozenset({T7}))
    assert [(a.after["Mark"], a.requires) for a in actions] == [(T7, frozenset({T7}))]


@pytest.mark.parametrize("tab", [None, Tab("Handover", (), ("there is no tab 'Handover'",))])
def test_without_a_sound_tab_nothing_is_written(tab: Tab | None) -> None:
    s = world(reminder(T7, 1))
    tabs = {name: t for name, t in s.workbook.tabs.items() if name != "Handover"} | ({"Handover": tab} if tab else {})
    assert handover.update(replace(s, workbook=replace(s.workbook, tabs=tabs)), ()) == []


def test_a_slot_that_a_person_copied_is_left_alone() -> None:
    s = told(world(reminder(T7, 1)))
    rows = s.workbook.rows("Handover")
    copied = replace(s.workbook, tabs={**s.workbook.tabs, "Handover": Tab("Handover", (*rows, *rows))})
    actions = handover.update(replace(s, workbook=copied), ())
    assert [(a.verb, a.mark) for a in actions] == [("append", "slot 2")]


@given(steps=st.lists(st.sets(st.integers(1, 9)), min_size=1, max_size=6))
def test_the_tab_shows_what_is_open_once_each_and_is_never_longer_than_the_most_that_was(steps: list[set[int]]) -> None:
    s = world()
    for step in steps:
        s = told(replace(s, tasks=tuple(reminder(f"MS-04 d{n} 20261218-7d", n) for n in step)))
        assert sorted(line[4] for line in lines(s)) == sorted(f"MS-04 d{n} 20261218-7d" for n in step)
    assert len(s.workbook.rows("Handover")) == max(map(len, steps))


def test_the_longest_name_the_crm_shortens_reads_as_before() -> None:
    from connectors.followupboss.mark import marked, unmarked  # noqa: PLC0415
    task = reminder("MS-44 d123456789012 20261218-homestead-personal", 1)
    assert task.key is not None
    long = replace(task, name="x" * 300)
    short, _, _ = unmarked(marked(long.name, task.key))
    s = told(world(long))
    assert handover.update(replace(s, tasks=(replace(long, name=short),)), ()) == []


def asked(number: int, assignee: int) -> Action:
    return Action(mark=f"MS-04 d{number} 20261218-7d", clause="MS-04", verb="create", entity="task", person_id=101, reason="it is time",
                  after={"assignedUserId": assignee})


@pytest.mark.parametrize(("agents", "vas", "busy"), [(0, 0, False), (1, 1, False), (BUSY, BUSY, False), (BUSY + 1, 0, True), (1, BUSY + 1, True)])
def test_a_day_is_busy_where_one_person_gets_too_much(agents: int, vas: int, busy: bool) -> None:
    tasks = [asked(n, AGENT) for n in range(agents)] + [asked(n, VA) for n in range(100, 100 + vas)]

    assert Ahead(DAY, tuple(tasks), ()).busy is busy


def test_what_comes_up_is_what_later_days_ask() -> None:
    ahead = [Ahead(day, (asked(day.day, VA),), ()) for day in (date(2026, 12, 11), DAY, date(2026, 12, 15))]

    assert handover.upcoming(ahead, DAY) == [("MS-04 d15 20261218-7d", "2026-12-15")]


def test_a_forecast_says_how_far_it_is() -> None:
    heard = list[int]()
    list(days_ahead(world(), (), 3, time(6), heard.append))

    assert heard == [1, 2, 3]


@pytest.mark.clause("MS-23")
@pytest.mark.parametrize("known", [[], [812], [813], [812, 813]])
def test_a_forecast_counts_only_what_nobody_was_told_of(known: list[int]) -> None:
    policies = [policy for policy in POLICIES if policy.name == "milestones.closing_anniversary"]
    deals = [purchase(date(2025, 12, 10)), purchase(date(2025, 12, 10), 813, (102,))]
    drafted = snapshot(date(2026, 12, 7), [client(), client(102)], deals)
    s = replace(after(drafted, plan(drafted, "milestones.closing_anniversary")), now=drafted.now.replace(day=14))
    rows = {row.ref: row for row in after(s, plan(s, "milestones.closing_anniversary")).workbook.rows("Missed")}
    assert sorted(rows) == ["MS-42 d812 20261210-send", "MS-42 d813 20261210-send"]
    missed = Tab("Missed", tuple(rows[f"MS-42 d{number} 20261210-send"] for number in known))
    s = replace(s, workbook=replace(s.workbook, tabs={**s.workbook.tabs, "Missed": missed}))  # the drafts are open still

    assert sum(len(day.missed) for day in days_ahead(s, policies, 2, time(6))) == 2 - len(known)


@pytest.mark.parametrize(("length", "shown"), [(69, "x" * 69), (70, "x" * 70), (71, "x" * 69 + "…"), (400, "x" * 69 + "…")])
def test_a_long_name_is_cut_to_a_line(length: int, shown: str) -> None:
    s = told(world(own_task(T7, 1, name="x" * length, due=DAY, assigned_user_id=VA)))

    assert [row.text("What") for row in s.workbook.rows("Handover") if row.text("Mark")] == [shown]


@pytest.mark.clause("X-81", "MS-23")
@pytest.mark.parametrize(("verb", "entity", "person", "after_", "outdated"), [
    ("withdraw", "task", 101, {}, True), ("withdraw", "task", 102, {}, False), ("create", "task", 101, {}, False), ("raise", "task", 101, {}, False),
    ("update", "Approvals", 101, {"Status": "Sent"}, True), ("update", "Approvals", 101, {"Status": "Waiting for your decision"}, False),
    ("update", "Approvals", 102, {"Status": "Sent"}, False)])
def test_what_ends_for_somebody_of_whom_more_comes_up_is_looked_at_again(verb: str, entity: str, person: int, after_: dict[str, Any], outdated: bool) -> None:
    s = snapshot(date(2026, 12, 7), [client(), client(102)], [purchase(date(2025, 12, 18))])
    s = told(s, list(days_ahead(s, POLICIES, handover.DAYS, time(6))))
    mark = T14 if person == 101 else "MS-04 d900 20261218-14d"
    action = Action(mark=mark, clause="MS-04", verb=verb, entity=entity, person_id=person, reason="a reason", after=after_)

    assert handover.outdated(s, [action]) is outdated
    assert handover.outdated(world(), [action]) is False


@pytest.mark.clause("X-81", "MS-23")
@pytest.mark.parametrize(("mark", "outdated"), [("MS-09 d812 20261218-draft", True), ("MS-09 d813 20261218-draft", False)])
@pytest.mark.parametrize("deals", [[], [purchase(date(2025, 12, 18), people=())]])
def test_what_comes_up_about_a_record_that_is_gone_is_looked_at_again(mark: str, outdated: bool, deals: list[Deal]) -> None:
    s = snapshot(date(2026, 12, 7), [client()], [purchase(date(2025, 12, 18))])
    s = told(s, list(days_ahead(s, POLICIES, handover.DAYS, time(6))))
    gone = replace(s, contacts={}, deals={deal.id: deal for deal in deals})
    ended = Action(mark=mark, clause="MS-09", verb="update", entity="Approvals", person_id=None, reason="a reason", after={"Status": "Withdrawn: gone"})

    assert handover.outdated(gone, [ended]) is outdated


# -- what changed since the look ahead -----------------------------------------------------------------------------------------


@pytest.mark.clause("X-81", "MS-23", "X-65")
@pytest.mark.parametrize(("person", "deal", "other"), [
    ({}, {}, False), ({"tags": ("DNC",)}, {}, True), ({"stage_label": "Do Not Contact"}, {}, True), ({"trashed": True}, {}, True),
    ({"fields": {"closing_anniversary": "2025-06-03"}}, {}, True), ({}, {"deleted": True}, True), ({}, {"projected_close": date(2025, 6, 3)}, True),
    ({}, {"person_ids": (102,)}, True), ({"tags": ("DNC",), "unreadable": ("tags",)}, {}, False),
    ({"inbound": (Communication("text", at(date(2026, 12, 7))),)}, {}, False)])
def test_a_record_that_changed_since_the_look_ahead_has_it_made_again(person: dict[str, Any], deal: dict[str, Any], other: bool) -> None:
    s = snapshot(date(2026, 12, 7), [client(), client(102)], [purchase(date(2025, 12, 18))])
    ahead = list(days_ahead(s, POLICIES, handover.DAYS, time(6)))
    before = coming_records.prints(s, {mark for mark, _ in handover.upcoming(ahead, s.today)})
    s = told(s, ahead)
    now = replace(s, contacts={**s.contacts, 101: replace(s.contacts[101], **person)}, deals={812: replace(s.deals[812], **deal)})

    assert set(before) >= {"p101", "d812"}
    assert coming_records.changed(now, before) is other
    assert coming_records.changed(replace(now, contacts={102: client(102, tags=("DNC",))}), before) is (deal != {})  # not known, or nobody's


@pytest.mark.clause("X-81", "X-87")
def test_a_record_that_is_gone_has_the_look_ahead_made_again_and_one_pass_proves_nothing() -> None:
    s = snapshot(date(2026, 12, 7), [client()], [purchase(date(2025, 12, 18))])
    ahead = list(days_ahead(s, POLICIES, handover.DAYS, time(6)))
    before = coming_records.prints(s, {mark for mark, _ in handover.upcoming(ahead, s.today)})
    away = replace(told(s, ahead), deals={})
    absent, _ = deleted_records.seen(away, {}, 0.0, 120.0)
    _, gone = deleted_records.seen(away, absent, 900.0, 120.0)

    assert not coming_records.changed(away, before)
    assert gone == {"d812"}
    assert coming_records.changed(replace(away, gone=gone), before)
