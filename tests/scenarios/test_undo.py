"""A pass taken back: what is as Steward left it goes, what people changed stays, and nothing is redone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from connectors.sandbox.server import Sandbox
from daemon.account.ledger import Ledger
from daemon.account.wiring import Account
from daemon.commands import undo
from daemon.errors import NotNow, Usage
from daemon.passes import session
from tests import people
from tests.scenarios.test_database import PAST, acknowledge, hired, maker, under_contract
from tests.scenarios.worlds import clients_closing_on, one_client, set_up, two_referrals
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


# -- a stage, and tags --------------------------------------------------------------------------------------------------


def fresh(account: Account) -> Account:
    """The same Steward after its ledger was lost."""
    account.ledger.close()
    for path in account.settings.state_dir.glob("ledger*"):
        path.unlink()
    return replace(account, ledger=Ledger(account.settings.state_dir))


def stage(box: Sandbox, number: int) -> str:
    return str(box.world.crm.tables["people"][number]["stage"])


@pytest.fixture
def moved(serve: Callable[..., Sandbox], employ: Callable[..., Account]) -> tuple[Sandbox, Account, list[int]]:
    """Two who closed are moved to Past Client by the rule that the agent confirmed."""
    make = maker()
    ids = under_contract(make, 2, date(2026, 12, 11))
    box = serve(make.world())
    account = hired(employ, box)
    acknowledge(account, date(2026, 12, 7))
    session.apply(account, MORNING)
    assert [stage(box, n) for n in ids] == [PAST, PAST]
    return box, account, ids


@pytest.mark.clause("DB-09")
def test_who_was_moved_is_moved_back_and_not_moved_anew_even_without_the_ledger(moved: tuple[Sandbox, Account, list[int]]) -> None:
    box, account, ids = moved
    made = latest(account)
    people.at_crm(box, "edit-person", personId=ids[1], stage="Sphere of Influence")
    found = undo.of(account, made, MORNING)
    assert [(a.before, a.after) for a in found.actions if a.entity == "stage"] == [({"stage": PAST}, {"stage": "Under Contract"})]
    assert [why for what, why in found.by_hand.items() if what.startswith("move stage")] == [
        "the contact does not stand where Steward moved it any more, or nobody knows where that was: look at it"]

    undo.carry_out(account, made, MORNING, lambda _: None)
    assert [stage(box, n) for n in ids] == ["Under Contract", "Sphere of Influence"]
    assert not [a for a in undo.of(account, made, MORNING).actions if a.entity == "stage"]
    session.apply(account, MORNING)
    session.apply(fresh(account), MORNING)
    assert [stage(box, n) for n in ids] == ["Under Contract", "Sphere of Influence"]


def test_a_label_that_steward_does_not_write_is_for_people(moved: tuple[Sandbox, Account, list[int]]) -> None:
    box, account, _ids = moved
    for row in people.rows(box, "Memory"):
        if row["Ref"].startswith("stage "):
            people.types(box, "Memory", row["Ref"], "What", f"{PAST}, from Escrow")
    found = undo.of(account, latest(account), MORNING)
    assert {why for what, why in found.by_hand.items() if what.startswith("move stage")} == {
        "Steward cannot move a contact to 'Escrow': do it by hand"}
    assert not [a for a in found.actions if a.entity == "stage"]


@pytest.fixture
def referred(serve: Callable[..., Sandbox], employ: Callable[..., Account]) -> tuple[Sandbox, Account]:
    """Olga (101) sent Ximena: a pass tags both."""
    box = serve(two_referrals())
    account = set_up(employ(box), at(date(2026, 12, 15)))
    session.apply(account, at(date(2026, 12, 16)))
    return box, account


def off(box: Sandbox) -> list[tuple[int, int, str]]:
    """The tasks that ask to take tags off: of whom, for whom, and what they say."""
    return sorted((t["personId"], t["assignedUserId"], t["name"].rpartition(" [")[0]) for t in people.tasks(box, "ST-01 "))


@pytest.mark.clause("RF-06")
def test_the_va_is_asked_once_to_take_off_each_contacts_tags(referred: tuple[Sandbox, Account]) -> None:
    box, account = referred
    tagged = next(e["pass"] for e in account.ledger.journal() if e["entity"] == "tag")
    asked = [entry for entry in account.ledger.journal() if entry["entity"] == "tag" and entry["pass"] == tagged]
    assert len(asked) == 2
    before = people.writes(box)
    people.at_crm(box, "edit-person", personId=asked[0]["person_id"], removeTags=list(box.world.crm.tables["people"][asked[0]["person_id"]]["tags"]))
    found = undo.of(account, tagged, at(date(2026, 12, 16)))
    assert people.writes(box) == before
    assert found.by_hand[f"add tag {asked[0]['mark']}"] == "a person took it off"

    undo.carry_out(account, tagged, at(date(2026, 12, 16)), lambda _: None)
    there = off(box)
    assert [(person, user) for person, user, _ in there] == sorted((e["person_id"], 3) for e in asked[1:])
    assert all(text.startswith("Take off by hand: the tag 'Referral") for *_, text in there)
    tags = {n: p["tags"] for n, p in box.world.crm.tables["people"].items()}

    undo.carry_out(account, tagged, at(date(2026, 12, 16)), lambda _: None)
    people.complete(box, "ST-01 ")
    for number, *_ in there:
        people.at_crm(box, "edit-person", personId=number, removeTags=tags[number])
    session.apply(account, at(date(2026, 12, 16)))
    session.apply(fresh(account), at(date(2026, 12, 16)))
    assert off(box) == there
    assert all(not set(tags[n]) & set(box.world.crm.tables["people"][n]["tags"]) for n, *_ in there)  # nor is any put back


def test_a_pass_that_did_nothing_here_is_named(steward: Account) -> None:
    with pytest.raises(Usage, match="steward journal"):
        undo.of(steward, "20200101T000000.000Z", MORNING)


def test_while_people_have_paused_it_nothing_is_taken_back(box: Sandbox, steward: Account) -> None:
    made = latest(steward)
    people.types(box, "Read me", "Pause", "Value", "wait")
    with pytest.raises(NotNow, match="paused"):
        undo.carry_out(steward, made, MORNING, lambda _: None)
    assert [bool(task["isCompleted"]) for task in people.tasks(box, T7)] == [False]
