"""A pass taken back: what is as Steward left it goes, what people changed stays, and nothing is redone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from connectors.sandbox.server import Sandbox
from daemon import session, undo
from daemon.errors import NotNow, Usage
from daemon.wiring import Account
from tests import people
from tests.scenarios.worlds import clients_closing_on, one_client, set_up
from tests.scenes import at

MORNING = at(date(2026, 12, 14))
T7 = "MS-04 d1 20261218-7d"


@pytest.fixture
def box(serve: Callable[..., Sandbox]) -> Sandbox:
    return serve(one_client())


@pytest.fixture
def steward(box: Sandbox, employ: Callable[..., Account]) -> Account:
    return set_up(employ(box), MORNING)


def latest(account: Account) -> str:
    return str(account.ledger.last_passes(1)[0]["pass"])


def test_open_tasks_are_withdrawn_and_not_made_anew(box: Sandbox, steward: Account) -> None:
    made, before = latest(steward), people.writes(box)
    found = undo.of(steward, made, MORNING)
    assert people.writes(box) == before
    assert [a.mark for a in found.actions if a.entity == "task"] == [T7]
    assert found.by_hand["append Approvals MS-09 d1 20261218-draft"].endswith("undo it by hand")

    assert {o.result for o in undo.carry_out(steward, made, MORNING, lambda _: None)} == {"done"}
    assert [bool(task["isCompleted"]) for task in people.tasks(box, T7)] == [True]
    session.apply(steward, MORNING)
    assert len(people.tasks(box, T7)) == 1
    assert undo.of(steward, made, MORNING).actions == []


def test_a_task_that_a_person_reworded_or_did_stays(box: Sandbox, steward: Account) -> None:
    made, task = latest(steward), people.tasks(box, T7)[0]
    box.world.crm.update("tasks", task["id"], {"name": f"I bake a cake [{T7}]"}, 2)
    assert undo.of(steward, made, MORNING).by_hand[f"create task {T7}"] == "a person changed it"
    people.complete(box, T7)
    assert undo.of(steward, made, MORNING).by_hand[f"create task {T7}"] == "it is done, withdrawn or gone"


@pytest.fixture
def closed(serve: Callable[..., Sandbox], employ: Callable[..., Account]) -> tuple[Sandbox, Account]:
    """A closing of the tenth, after Steward began: the pass of the fourteenth writes its date into the empty field."""
    box = serve(clients_closing_on(date(2026, 12, 10), 1))
    for name in [name for name in box.world.crm.tables["people"][101] if name.startswith("customClosing")]:
        del box.world.crm.tables["people"][101][name]
    account = set_up(employ(box), at(date(2026, 12, 1)))
    session.apply(account, MORNING)
    assert filled(box) == "2026-12-10"
    return box, account


def filled(box: Sandbox) -> str:
    return str(next((value for name, value in box.world.crm.tables["people"][101].items() if name.startswith("customClosing")), None) or "")


def test_a_field_that_was_empty_is_emptied_and_stays_so(closed: tuple[Sandbox, Account]) -> None:
    box, account = closed
    assert {o.result for o in undo.carry_out(account, latest(account), MORNING, lambda _: None)} == {"done"}
    assert filled(box) == ""
    session.apply(account, MORNING)
    assert filled(box) == ""


def test_a_field_that_a_person_corrected_stays(closed: tuple[Sandbox, Account]) -> None:
    box, account = closed
    made = latest(account)
    people.at_crm(box, "edit-person", personId=101, customClosingAnniversary="2026-12-11")
    assert [a for a in undo.of(account, made, MORNING).actions if a.entity == "field"] == []
    undo.carry_out(account, made, MORNING, lambda _: None)
    assert filled(box) == "2026-12-11"


def test_a_pass_that_did_nothing_here_is_named(steward: Account) -> None:
    with pytest.raises(Usage, match="steward journal"):
        undo.of(steward, "20200101T000000.000Z", MORNING)


def test_while_people_have_paused_it_nothing_is_taken_back(box: Sandbox, steward: Account) -> None:
    made = latest(steward)
    people.types(box, "Read me", "Pause", "Value", "wait")
    with pytest.raises(NotNow, match="paused"):
        undo.carry_out(steward, made, MORNING, lambda _: None)
    assert [bool(task["isCompleted"]) for task in people.tasks(box, T7)] == [False]
