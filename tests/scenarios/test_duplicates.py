"""Duplicates over HTTP, as the agent, the VA and Steward live them: found, asked about, merged by hand, and seen to be."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from connectors.sandbox.brokerage import World, _Maker, brokerage
from connectors.sandbox.server import Sandbox
from daemon.account.wiring import Account
from daemon.passes import session
from policies.facts.same_person.pairs import find
from policies.world.model import Stage
from tests import people
from tests.scenarios.test_milestones import day
from tests.scenarios.worlds import begun
from tests.scenes import at

BEGAN, TODAY = date(2026, 11, 2), date(2026, 12, 14)


def world(*, strangers: bool = False) -> World:
    """Ana (101) bought a year ago and stands in the database again as 102, or shares her e-mail with somebody else."""
    maker = _Maker(date(2026, 12, 4), random.Random(1), fields=True)
    maker.configuration()
    maker.owner(date(2025, 12, 18), first="Ana", last="Lopez")
    mail: list[dict[str, Any]] = maker.crm.tables["people"][101]["emails"]
    other = {"first": "Luis", "last": "Novak"} if strangers else {"first": "Ana", "last": "Lopez"}
    maker.person(Stage.NEW_LEAD, date(2026, 8, 1), emails=[dict(mail[0])], phones=[], **other)
    for n in range(60):
        maker.person(Stage.LONG_TERM_NURTURE, date(2026, 8, 1), first=f"F{'abcdefghij'[n // 10]}{'abcdefghij'[n % 10]}x")
    return maker.world()


@pytest.mark.clause("DB-23", "X-31")
def test_a_duplicate_is_merged_by_the_va_and_seen_in_the_trash(serve: Callable[..., Sandbox], employ: Callable[..., Account]) -> None:
    box = serve(world())
    steward = begun(employ(box), BEGAN)
    (task,) = people.tasks(box, "DB-23 p101x102 merge")
    row = people.row(box, "Duplicates", "DB-23 p101x102 pair")

    assert str(task["name"]).startswith("Merge contact 102 into Ana Lopez (101)")
    assert (row["Kind"], row["Status"], row["Link A"]) == ("certain", "The VA has a task", "https://sandbox.followupboss.com/2/people/view/101")

    people.at_crm(box, "merge", winner=101, losers=[102])
    people.complete(box, "DB-23 p101x102 merge")
    day(steward, TODAY)
    assert people.row(box, "Duplicates", "DB-23 p101x102 pair")["Status"] == "Over: merged: contact 102 is in the Trash"


@pytest.mark.clause("DB-44", "DB-45")
def test_an_identity_conflict_holds_the_draft_until_the_agent_has_answered(serve: Callable[..., Sandbox], employ: Callable[..., Account]) -> None:
    box = serve(world(strangers=True))
    steward = begun(employ(box), BEGAN)
    draft, conflict = "MS-09 d1 20261218-draft", "DB-44 p101x102 identity"
    day(steward, TODAY)

    assert people.row(box, "Approvals", conflict)["Draft"].startswith("Hi Dana Reyes — database issue needs your input before I proceed.\n\nIssue: identity conflict\n")
    assert people.row(box, "Approvals", draft)["Draft"] == ""
    assert "DB-44" in people.row(box, "Approvals", draft)["Status"]

    people.types(box, "Approvals", conflict, "Decision", "Different people")
    session.apply(steward, at(TODAY))
    assert people.row(box, "Approvals", conflict)["Status"] == "Decided: Different people"
    assert people.row(box, "Approvals", draft)["Draft"].startswith("Subject: ")
    assert people.row(box, "Duplicates", "DB-23 p101x102 pair")["Status"] == "The agent said: Different people"


def test_nobody_in_the_made_up_brokerage_shares_a_number_by_chance(serve: Callable[..., Sandbox], employ: Callable[..., Account]) -> None:
    contacts = employ(serve(brokerage(date(2026, 12, 4), people=400))).crm.contacts()

    assert find({contact.id: contact for contact in contacts}) == ()


@pytest.mark.clause("X-57")
def test_with_an_agents_key_nothing_is_looked_for_and_nothing_is_held(serve: Callable[..., Sandbox], employ: Callable[..., Account]) -> None:
    box = serve(world(strangers=True))
    steward = begun(employ(box, key="fka_dana"), BEGAN)
    day(steward, TODAY)

    assert people.rows(box, "Duplicates") == []
    assert people.row(box, "Approvals", "MS-09 d1 20261218-draft")["Draft"].startswith("Subject: ")


@pytest.mark.clause("X-57", "X-81", "X-65")
def test_what_is_open_says_that_nobody_acts_on_it_once_the_key_is_an_agents(serve: Callable[..., Sandbox], employ: Callable[..., Account]) -> None:
    box = serve(world(strangers=True))
    conflict, line = "DB-44 p101x102 identity", "DB-23 p101x102 pair"
    steward = begun(employ(box), BEGAN)
    day(steward, TODAY)
    before = [task["name"] for task in people.tasks(box, "DB-")]
    pair = people.row(box, "Duplicates", line)
    assert people.row(box, "Approvals", conflict)["Status"] == "Waiting for your decision"
    assert [row["State"] for row in people.rows(box, "Handover") if row["Mark"] == conflict] == ["to decide"]
    steward.ledger.close()

    hers = employ(box, key="fka_dana")
    day(hers, TODAY)
    status = people.row(box, "Approvals", conflict)["Status"]
    assert status.startswith("Not acted on for now: the database procedure is off: this key is an Agent's")
    assert status.endswith("with an Owner's or Admin's key it is on")
    assert [row["State"] for row in people.rows(box, "Handover") if row["Mark"] == conflict] == [f"n{status[1:]}"]
    people.types(box, "Approvals", conflict, "Decision", "Different people")
    day(hers, date(2026, 12, 15))
    assert people.row(box, "Approvals", conflict)["Status"] == status
    assert (people.row(box, "Duplicates", line), [task["name"] for task in people.tasks(box, "DB-")]) == (pair, before)
    hers.ledger.close()

    session.apply(employ(box), at(date(2026, 12, 16)))
    assert people.row(box, "Approvals", conflict)["Status"] == "Decided: Different people"


@pytest.mark.clause("X-57", "X-65", "X-81")
def test_what_an_agents_key_does_not_see_is_not_over(serve: Callable[..., Sandbox], employ: Callable[..., Account]) -> None:
    box = serve(world())
    merge, line = "DB-23 p101x102 merge", "DB-23 p101x102 pair"
    steward = begun(employ(box), BEGAN)
    pair = people.row(box, "Duplicates", line)
    steward.ledger.close()

    people.at_crm(box, "edit-person", personId=102, assignedTo="Lee Park")
    hers = employ(box, key="fka_dana")
    for n in (15, 16, 17):
        session.apply(hers, at(TODAY.replace(day=n)))
    assert 102 not in [contact.id for contact in hers.crm.contacts()]
    (task,) = people.tasks(box, merge)
    assert (task["isCompleted"], people.row(box, "Duplicates", line)) == (0, pair)
    (state,) = [row["State"] for row in people.rows(box, "Handover") if row["Mark"] == merge]
    assert state.startswith("open; Steward does not follow it up: the database procedure is off")
