"""The gate and the plan: what may never pass, both sides of every limit, and what makes two plans the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.passes import guard
from daemon.passes import plan as planning
from daemon.passes.actions import Action
from policies.asks.wants import Finding, WantRow, WantTask, WantWithdrawn
from policies.milestones.closing_anniversary import decide
from policies.world.model import Key
from tests.scenes import book, client, own_task, purchase, snapshot

KEY = Key("MS-04", "d812", "20261218-7d")


def action(n: int = 1, entity: str = "task", verb: str = "withdraw", after: dict[str, Any] | None = None) -> Action:
    return Action(mark=f"MS-04 d{n} 20261218-7d", clause="MS-04", verb=verb, entity=entity, person_id=n, reason="r",
                  after=after or {"name": "x", "isCompleted": True})


@pytest.mark.clause("MS-18", "DB-08", "MS-15")
@pytest.mark.parametrize("entity", ["task", "note", "person", "deal", "text", "email", "stage", "tag", "field", "Approvals", "Referral Fees"])
@pytest.mark.parametrize("verb", ["delete", "merge", "send", "remove", "put"])
def test_no_deleting_merging_or_sending_verb_is_in_the_list(entity: str, verb: str) -> None:
    assert guard.check([action(entity=entity, verb=verb)], guard.Limits()).allowed == ()
    assert not any(v == verb for _, _, v in guard.ALLOWED)


@pytest.mark.clause("MS-09")
@pytest.mark.parametrize("column", ["Decision", "Value Low", "Value High", "Context", "Confirmed On", "VA Note"])
@pytest.mark.parametrize("verb", ["append", "update"])
def test_steward_never_writes_a_decision(column: str, verb: str) -> None:
    verdict = guard.check([action(entity="Approvals", verb=verb, after={column: "Approve"})], guard.Limits())

    assert verdict.allowed == ()
    assert column in verdict.refused[0].why


@pytest.mark.parametrize(("count", "passes"), [(10, True), (11, False)])
def test_more_than_ten_withdrawals_ask_first(count: int, passes: bool) -> None:
    actions = [action(n) for n in range(count)]
    verdict = guard.check(actions, guard.Limits())
    confirmed = guard.check(actions, guard.Limits(), confirmed=frozenset(a.fingerprint for a in actions))

    assert (len(verdict.allowed) == count) is passes
    assert len(confirmed.allowed) == count


@pytest.mark.clause("DB-41", "X-32", "X-48")
@pytest.mark.parametrize(("now", "before", "passes"), [(50, 0, True), (51, 0, False), (10, 40, True), (10, 41, False)])
def test_the_bulk_limit_counts_contacts_over_the_window(now: int, before: int, passes: bool) -> None:
    # No policy may change a tag yet; the limit is held ready for those that will.
    rights = {**guard.ALLOWED, ("crm", "tag", "create"): frozenset({"tags"})}
    actions = [action(n, entity="tag", verb="create", after={"tags": "x"}) for n in range(now)]

    assert bool(guard.check(actions, guard.Limits(), {"tag": before}, rights=rights).allowed) is passes


def test_confirming_lifts_limits_and_never_the_allow_list() -> None:
    unlawful = action(entity="task", verb="delete")

    assert guard.check([unlawful], guard.Limits(), confirmed=frozenset({unlawful.fingerprint})).allowed == ()


@given(st.dates(date(2026, 11, 1), date(2027, 2, 1)), st.dates(date(2015, 1, 1), date(2026, 1, 1)),
       st.lists(st.sampled_from(["DNC", "Deceased", "Past Client", "VIP"]), max_size=2))
@pytest.mark.clause("MS-18", "MS-09", "X-35")
def test_whatever_the_policies_want_is_in_the_allow_list(today: date, closing: date, tags: list[str]) -> None:
    s = snapshot(today, [client(tags=tuple(tags))], [purchase(closing)])
    plan = planning.make(s, decide(s))

    assert [guard.forbidden(a) for a in plan.actions] == [""] * len(plan.actions)
    if {"DNC", "Deceased"} & set(tags):
        assert plan.actions == ()


def test_the_digest_is_about_what_is_done_and_not_about_when() -> None:
    people, deals = [client()], [purchase(date(2025, 12, 18))]
    first, second = (planning.make(s, decide(s)) for s in (snapshot(date(2026, 12, day), people, deals) for day in (12, 14)))
    other = snapshot(date(2026, 12, 14), [client(first_name="Anna")], deals)

    assert first.actions[0].after["dueDate"] != second.actions[0].after["dueDate"]
    assert first.digest == second.digest
    assert planning.make(other, decide(other)).digest != first.digest


def want_task(**changes: Any) -> Finding:
    return Finding("MS-04", "because", replace(WantTask(key=KEY, person_id=101, assignee=3, name="x", kind="Email", due=date(2026, 12, 11),
                                                        useful_until=date(2026, 12, 20)), **changes))


@pytest.mark.parametrize(("tasks", "made"), [
    ((), "MS-04 d812 20261218-7d"),
    ((own_task(str(KEY)),), None),
    ((own_task(str(KEY), completed=True),), None),
    ((own_task(str(KEY), completed=True, withdrawn=True),), "MS-04 d812 20261218-7d.2"),
    ((own_task(str(KEY), withdrawn=True, completed=True), own_task(f"{KEY}.2", 2, withdrawn=True, completed=True)), "MS-04 d812 20261218-7d.3"),
    ((own_task(str(KEY), withdrawn=True, completed=True), own_task(f"{KEY}.2", 2)), None),
])
def test_a_task_is_needed_when_none_of_its_lives_stands(tasks: Any, made: str | None) -> None:
    plan = planning.make(snapshot(date(2026, 12, 11), tasks=tasks), [want_task()])

    assert [a.mark for a in plan.actions] == ([made] if made else [])


def test_a_key_a_person_deleted_is_not_made_again() -> None:
    assert planning.make(snapshot(date(2026, 12, 11), deleted=frozenset({KEY})), [want_task()]).actions == ()


def test_the_second_of_two_equal_tasks_is_withdrawn_and_the_completed_one_kept() -> None:
    s = snapshot(date(2026, 12, 11), tasks=(own_task(str(KEY), 7), own_task(str(KEY), 8, completed=True)))

    assert [(a.verb, a.want.task_id) for a in planning.make(s, []).actions if isinstance(a.want, WantWithdrawn)] == [("withdraw", 7)]


def test_both_of_two_equal_tasks_go_when_the_ground_is_lost() -> None:
    s = snapshot(date(2026, 12, 11), [client(tags=("DNC",))], [purchase(date(2025, 12, 18))], tasks=(own_task(str(KEY), 7), own_task(str(KEY), 8)))
    gone = sorted(a.want.task_id for a in planning.make(s, decide(s)).actions if isinstance(a.want, WantWithdrawn))

    assert gone == [7, 8]


def test_a_stamp_waits_for_what_it_records() -> None:
    row = {"Ref": "R", "Status": "old"}
    s = snapshot(date(2026, 12, 11), workbook=book({"Approvals": [row]}))
    want = WantRow(tab="Approvals", ref="R", keep={"Acted On": "now"}, requires=(KEY,))
    plan = planning.make(s, [want_task(), Finding("MS-09", "r", want)])

    assert [(a.entity, set(a.requires)) for a in plan.actions] == [("task", set()), ("Approvals", {str(KEY)})]


def test_a_copied_row_decides_nothing_and_is_not_made_again() -> None:
    s = snapshot(date(2026, 12, 11), workbook=book({"Approvals": [{"Ref": "R", "Status": "x"}, {"Ref": "R", "Status": "x"}]}))

    assert planning.make(s, [Finding("MS-09", "r", WantRow(tab="Approvals", ref="R", keep={"Status": "y"}))]).actions == ()


@pytest.mark.clause("X-67")
@pytest.mark.parametrize(("safe", "others", "passes"), [(12, 0, 12), (200, 10, 210), (12, 11, 12)])
def test_the_brake_on_withdrawals_never_holds_back_what_protects_somebody(safe: int, others: int, passes: int) -> None:
    def withdrawal(n: int, *, safety: bool) -> Action:
        key = Key("MS-04", f"d{n}", "20261218-7d")
        return replace(action(n), want=WantWithdrawn(key=key, task_id=n, person_id=n, because="Do Not Contact", safety=safety))

    actions = [withdrawal(n, safety=n < safe) for n in range(safe + others)]
    verdict = guard.check(actions, guard.Limits())

    assert len(verdict.allowed) == passes
    assert all(a in verdict.allowed for a in actions[:safe])
