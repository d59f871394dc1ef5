"""The other milestones over HTTP, as the agent, the VA and Steward live them."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from connectors.sandbox.brokerage import AGENT_MAIL, VA_MAIL, World, _Maker
from connectors.sandbox.server import Sandbox
from daemon.account.wiring import Account
from daemon.passes import session
from daemon.passes.apply import Hands
from daemon.passes.decided import decide
from policies.world.model import Stage
from tests import people
from tests.scenarios.worlds import begun, clients_closing_on
from tests.scenes import at

TODAY = date(2026, 12, 4)
RANGE, TEXT = "MS-37 d1 20261218-value-range", "MS-09 d1 20261218-value-draft"
SEND_VALUE, SEND_BIRTHDAY = "MS-44 d1 20261218-value-send", "MS-43 p101 20261211-birthday-send"


def world() -> World:
    """Ana (contact 101, deal 1) bought a year ago; Ben (102, deal 2) is under contract and about to close."""
    maker = _Maker(TODAY, random.Random(1), fields=True)
    maker.configuration()
    maker.owner(date(2025, 12, 18), first="Ana", last="Lopez", customBirthday="1984-12-11")
    ben = maker.person(Stage.UNDER_CONTRACT, date(2026, 9, 1), first="Ben", last="Novak")
    maker.deal([ben], "Buyers", "Pending", date(2026, 12, 8))
    return maker.world()


@pytest.fixture
def box(serve: Callable[..., Sandbox]) -> Sandbox:
    return serve(world())


@pytest.fixture
def steward(box: Sandbox, employ: Callable[..., Account]) -> Account:
    return begun(employ(box), date(2026, 11, 2))


def day(account: Account, today: date) -> None:
    """One pass; a second one finds nothing to do."""
    session.apply(account, at(today))
    assert [a.mark for a in session.plan(account, at(today)).plan.actions] == []


@pytest.mark.clause("MS-43", "MS-34", "MS-29")
def test_a_birthday_from_reminder_to_sent(box: Sandbox, steward: Account) -> None:
    row = "MS-09 p101 20261211-birthday-draft"
    day(steward, date(2026, 12, 4))
    assert people.row(box, "Approvals", row)["Draft"] == "Hi Ana — happy birthday! Hope it's a great one.\nDana Reyes"

    people.types(box, "Approvals", row, "Decision", "Approve")
    day(steward, date(2026, 12, 7))
    assert [(t["dueDate"], t["type"]) for t in people.tasks(box, SEND_BIRTHDAY)] == [("2026-12-11", "Thank You")]
    people.complete(box, SEND_BIRTHDAY)
    day(steward, date(2026, 12, 14))
    assert people.row(box, "Approvals", row)["Status"] == "Sent"
    assert people.rows(box, "Missed") == []


@pytest.mark.clause("MS-44", "MS-37", "MS-10", "MS-09")
def test_a_home_value_takes_two_approvals_and_both_are_the_agents(box: Sandbox, steward: Account) -> None:
    day(steward, date(2026, 12, 18))
    for column, typed in (("Value Low", "410000"), ("Value High", "450000"), ("Change", "increase 45000"), ("Decision", "Approve")):
        assert people.types(box, "Approvals", RANGE, column, typed, VA_MAIL).status_code == 400  # the VA cannot
        people.types(box, "Approvals", RANGE, column, typed, AGENT_MAIL)
    assert people.tasks(box, SEND_VALUE) == []
    day(steward, date(2026, 12, 21))
    assert "$410,000 – $450,000" in people.row(box, "Approvals", TEXT)["Draft"]
    assert people.tasks(box, SEND_VALUE) == []

    people.types(box, "Approvals", TEXT, "Decision", "Approve")
    day(steward, date(2026, 12, 22))
    assert [t["name"].partition(":")[0] for t in people.tasks(box, SEND_VALUE)] == ["Send the approved home-value update e-mail"]


@pytest.mark.clause("MS-40", "MS-03", "MS-41", "MS-01", "X-51")
def test_a_closing_from_the_closed_deal_to_the_checklist(box: Sandbox, steward: Account) -> None:
    crm = box.world.crm
    people.at_crm(box, "restage-deal", dealId=2, stage="Closed")
    day(steward, date(2026, 12, 9))
    assert "customClosingAnniversary" not in crm.tables["people"][102]  # not a Past Client yet: a proposal, nothing set
    assert [t["name"].partition(" [")[0] for t in people.tasks(box, "MS-01 d2")] == [
        "Move to Past Client — Buyer? The deal has closed: Ben Novak"]

    people.at_crm(box, "edit-person", personId=102, stage="Past Client — Buyer")
    day(steward, date(2026, 12, 10))
    notes = [n["body"] for n in crm.tables["notes"].values() if n["subject"] == "MS-40 d2 20261208-value"]
    assert crm.tables["people"][102]["customClosingAnniversary"] == "2026-12-08"
    assert notes == ["Send home value update: 12/08/2027"]
    items = people.row(box, "Checklists", "MS-41 d2 checklist")["Items"].split("\n")
    assert [line[0] for line in items] == ["☑", "☐", "☐", "☑", "☑"]

    people.at_crm(box, "edit-person", personId=102, customBirthday="1990-05-05")
    day(steward, date(2026, 12, 11))
    items = people.row(box, "Checklists", "MS-41 d2 checklist")["Items"].split("\n")
    assert [line[0] for line in items] == ["☑", "☑", "☐", "☑", "☑"]
    assert [t["isCompleted"] for t in people.tasks(box, "MS-41 d2")] == [1]


@pytest.mark.clause("MS-40")
def test_what_a_person_types_between_the_look_and_the_write_is_not_overwritten(box: Sandbox, steward: Account) -> None:
    closed(box)
    seen = decide(steward, at(date(2026, 12, 10)))
    people.at_crm(box, "edit-person", personId=102, customClosingAnniversary="2026-12-07")
    fills = [a for a in seen.plan.actions if a.entity == "field"]
    outcomes = Hands(steward, patient=True).carry_out(fills)

    assert [(o.action.entity, o.result) for o in outcomes] == [("field", "already there")]
    assert box.world.crm.tables["people"][102]["customClosingAnniversary"] == "2026-12-07"


@pytest.mark.clause("MS-40")
def test_a_date_that_a_person_clears_stays_clear(box: Sandbox, steward: Account) -> None:
    closed(box)
    day(steward, date(2026, 12, 10))
    people.at_crm(box, "edit-person", personId=102, customClosingAnniversary=None)
    day(steward, date(2026, 12, 11))

    assert not box.world.crm.tables["people"][102].get("customClosingAnniversary")


def closed(box: Sandbox) -> None:
    """Ben's deal closes, and his stage follows."""
    people.at_crm(box, "restage-deal", dealId=2, stage="Closed")
    people.at_crm(box, "edit-person", personId=102, stage="Past Client — Buyer")


@pytest.mark.clause("MS-28", "MS-30")
def test_a_state_is_confirmed_once_for_everybody(box: Sandbox, steward: Account) -> None:
    closed(box)
    day(steward, date(2026, 12, 10))
    assert "customHomesteadDeadline" not in box.world.crm.tables["people"][102]
    people.types(box, "Approvals", "MS-28 sTX rule", "Decision", "Approve")
    day_ = date(2026, 12, 11)
    session.apply(steward, at(day_))
    session.apply(steward, at(day_))
    assert box.world.crm.tables["people"][102]["customHomesteadDeadline"] == "2027-04-30"
    day(steward, day_)


@pytest.mark.clause("MS-46", "MS-51", "MS-49", "MS-50")
def test_a_reply_reaches_the_agent_and_a_tag_says_what_it_means(box: Sandbox, steward: Account) -> None:
    send, reply = "MS-42 d1 20261218-send", "MS-46 d1 20261218-reply"
    day(steward, date(2026, 12, 14))
    people.types(box, "Approvals", "MS-09 d1 20261218-draft", "Decision", "Approve")
    day(steward, date(2026, 12, 15))
    people.complete(box, send)
    sent = datetime.fromisoformat(next(t["completed"] for t in people.tasks(box, send)))
    people.at_crm(box, "log-email", personId=101, status="Received", at=f"{sent + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}")
    now = at(sent.date())
    session.apply(steward, now)
    assert [t["assignedUserId"] for t in people.tasks(box, reply)] == [2]

    people.at_crm(box, "edit-person", personId=101, addTags=["Reply: interested"])
    session.apply(steward, now)
    notes = [n["body"] for n in box.world.crm.tables["notes"].values() if n["subject"] == "MS-46 d1 20261218-lead"]
    assert "Issue: active lead reply\n" in notes[0]


@pytest.mark.clause("X-35", "MS-47")
def test_an_unsubscription_reported_by_the_mail_platform_withdraws_everything(box: Sandbox, steward: Account) -> None:
    day(steward, date(2026, 12, 14))
    box.world.crm.put("emEvents", {"type": "unsubscribe", "personId": 101, "occurred": "2026-12-14T10:00:00Z", "recipient": "x@example.org"})
    day(steward, date(2026, 12, 15))

    assert all(t["isCompleted"] for t in people.tasks(box, "MS-04 d1"))
    assert people.row(box, "Approvals", "MS-09 d1 20261218-draft")["Status"] == "Withdrawn: they unsubscribed from email"


@pytest.mark.clause("MS-40", "DB-41")
def test_the_dates_of_60_old_clients_are_one_approval_and_no_second_question(serve: Callable[..., Sandbox], employ: Callable[..., Account]) -> None:
    box = serve(clients_closing_on(date(2024, 6, 3), 60))
    for person in box.world.crm.tables["people"].values():
        person.pop("customClosingAnniversary", None)
    steward = begun(employ(box), date(2026, 11, 2))
    existing = "MS-40 a0 existing"
    assert "60 dates in all" in people.row(box, "Approvals", existing)["Draft"]

    people.types(box, "Approvals", existing, "Decision", "Approve")
    session.apply(steward, at(date(2026, 11, 3)))
    filled = [p.get("customClosingAnniversary") for p in box.world.crm.tables["people"].values()]
    assert filled == ["2024-06-03"] * 60
    day(steward, date(2026, 11, 3))
    assert people.row(box, "Approvals", existing)["Status"] == "Done: 60 dates entered"


@pytest.mark.clause("MS-22")
def test_steward_writes_only_fields_it_may_and_never_contacted(box: Sandbox, steward: Account) -> None:
    closed(box)
    day(steward, date(2026, 12, 10))
    puts: list[Any] = [entry.body for entry in box.log if entry.method == "PUT" and entry.path.startswith("/v1/people")]

    assert puts == [b'{"customClosingAnniversary": "2026-12-08"}']


@pytest.mark.parametrize("repoints", ["all", "none"])
def test_a_chain_goes_on_with_the_contact_its_client_was_merged_into(serve: Callable[..., Sandbox], employ: Callable[..., Account], repoints: str) -> None:
    made = world()
    box = serve(made, switches={"merge_repoints": repoints, "merged_loser": "whole"})
    steward = begun(employ(box), date(2026, 11, 2))
    day(steward, date(2026, 12, 4))
    ana = dict(box.world.crm.tables["people"][101])
    twin = box.world.crm.put("people", {**ana, "id": 901, "phones": []})
    people.at_crm(box, "merge", winner=twin["id"], losers=[101])
    day(steward, date(2026, 12, 10))

    assert [t["personId"] for t in people.tasks(box, "MS-04 d1 20261218-7d")] == [901]
    assert len(people.tasks(box, "MS-04 d1 20261218-14d")) == 1
