"""How a pass went: which service was down, which policies were not asked, and what the day's log counts."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from daemon.passes import guard, health, limits
from daemon.passes.acknowledgement.policy_status import status_of
from daemon.passes.actions import Action, Outcome, Plan, Result
from daemon.passes.ask_policies import ask
from daemon.passes.decided import Decided
from daemon.passes.observe import Observation
from daemon.passes.reconcile import OBSERVING, Pass
from policies.asks.wants import Finding
from policies.registry import Policy
from policies.world.model import Source
from policies.world.snapshot import Snapshot
from tests.scenes import account, book, client, practice, snapshot

TODAY = date(2026, 12, 14)


def done(troubles: dict[Source, str] | None = None, outcomes: tuple[Outcome, ...] = (), held: str = "", **changes: Any) -> Pass:
    seen = Observation(snapshot=snapshot(TODAY), account=account(), troubles=troubles or {}, brake=changes.pop("brake", ""))
    decided = Decided(seen=seen, plan=Plan(()), verdict=guard.check((), guard.Limits()), policy_status=status_of((), practice(), book()),
                      skipped={}, findings={}, lawful={}, **changes)
    return Pass(decided=decided, outcomes=outcomes, held=held)


def action(entity: str, person: int | None = 101) -> Action:
    return Action(mark=f"{entity} {person}", clause="X", verb="add", entity=entity, person_id=person, reason="a test", after={})


@pytest.mark.clause("DB-46")
@pytest.mark.parametrize("source", list(Source))
def test_a_source_that_failed_is_its_services(source: Source) -> None:
    service = health.SHEET if source is Source.SHEET else health.CRM

    assert health.down(done({source: "no answer"})) == {service: "no answer"}
    assert not health.healthy(done({source: "no answer"}))


@pytest.mark.parametrize(("entity", "service"), [("task", "CRM"), ("stage", "CRM"), ("Approvals", "Sheet"), ("report", "Sheet")])
@pytest.mark.parametrize(("result", "is_down"), [("not sent", True), ("unknown", True), ("done", False), ("already there", False), ("refused", False), ("skipped", False)])
def test_a_write_that_got_no_answer_is_its_services_too(entity: str, service: str, result: Result, is_down: bool) -> None:
    found = health.down(done(outcomes=(Outcome(action(entity), result, "why"),)))

    assert found == ({service: "why"} if is_down else {})


@pytest.mark.parametrize(("changes", "healthy", "worked"), [
    ({}, True, True), ({"held": "observing"}, True, True), ({"held": "pause", "brake": "pause"}, True, False), ({"held": "another pass"}, False, False),
    ({"unconfigured": True}, False, False)])
def test_a_pass_that_people_paused_is_healthy_and_did_not_work(changes: dict[str, Any], healthy: bool, worked: bool) -> None:
    changes = {name: OBSERVING if value == "observing" else value for name, value in changes.items()}

    assert (health.healthy(done(**changes)), health.worked(done(**changes))) == (healthy, worked)


# -- the log's line of the day -----------------------------------------------------------------------------------------------


def logged(kind: str, count: Any, day: date = TODAY) -> dict[str, Any]:
    return {"Ref": f"SUM {day:%Y%m%d} {kind}", "Review": f"Changes by Steward: {kind}", "Run On": day, "Contacts": count}


def world(*rows: dict[str, Any]) -> Snapshot:
    return snapshot(TODAY, [client()], workbook=book({limits.LOG: rows}))


@pytest.mark.clause("DB-41", "X-32")
@pytest.mark.parametrize(("before", "total"), [(3, 5), (3.0, 5), ("x", 2), (None, 2)])
def test_the_days_changes_are_added_to_what_the_log_counts(before: Any, total: int) -> None:
    actions = [action("tag", 1), action("tag", 2), action("tag", 2), action("task", 3)]

    assert [(a.verb, a.after["Contacts"]) for a in limits.sums(world(logged("tag", before)), actions)] == [("update", total)]


@pytest.mark.clause("DB-41", "X-32")
def test_a_new_day_or_kind_is_a_new_line_and_nothing_changed_is_none() -> None:
    yesterday = logged("tag", 7, TODAY - timedelta(days=1))
    actions = [action("tag", 1), action("stage", 1), action("stage", 2)]

    assert {(a.mark, a.verb, a.after["Contacts"]) for a in limits.sums(world(yesterday), actions)} == {
        ("SUM 20261214 tag", "append", 1), ("SUM 20261214 stage", "append", 2)}
    assert limits.sums(world(yesterday), [action("task", 1)]) == []
    assert limits.sums(replace(world(), workbook=replace(book(), tabs={})), actions) == []


# -- a policy with a defect --------------------------------------------------------------------------------------------------


def broken(_: Snapshot) -> Iterator[Finding]:
    yield from (_look_up(name) for name in ("Ana Lopez",))


NO_FINDINGS: dict[str, Finding] = {}


def _look_up(name: str) -> Finding:
    return NO_FINDINGS[name]


def test_a_defect_is_told_by_its_kind_and_the_innermost_place_and_never_by_its_message() -> None:
    policy = Policy(name="database.broken", decide=broken, why_silent=lambda _s, _c: iter(()), clauses=())
    findings, (defect,) = ask([policy], snapshot(TODAY, [client()]))

    assert findings == {}
    assert (defect.policy, defect.kind, str(defect)) == ("database.broken", "KeyError", "defect in database.broken: KeyError")
    line = inspect.getsourcelines(_look_up)[1] + 1
    assert defect.place == f"{__name__}:{line}"
    assert "Ana" not in repr(defect)


@pytest.mark.clause("DB-41", "X-32")
def test_the_guards_limits_are_those_of_the_contract_without_a_configuration() -> None:
    assert guard.Limits() == guard.Limits(bulk=50, bulk_days=7, withdraw=10)


@pytest.mark.clause("DB-41", "X-32")
@pytest.mark.parametrize(("held", "said"), [(0, ""), (50, ""), (51, "DB-41: 51 contacts would have a tag changed within 7 days, the limit is 50")])
def test_the_limit_names_what_would_change_and_in_how_long(held: int, said: str) -> None:
    kind = "".join(("t", "ag"))  # as read from a file
    verdict = guard.check([replace(action(kind, n), mark=f"RF-06 p{n} referral", verb="add", after={"tag": "Referral — X"}) for n in range(1, held + 1)], guard.Limits())

    assert [refused.why.startswith(said) for refused in verdict.asks] == ([True] * held if said else [])
