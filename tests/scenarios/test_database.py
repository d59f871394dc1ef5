"""The database procedure over HTTP: sign-ins, a closing by rule, the limit of a week, and what a lost answer or ledger does not do."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import requests

from connectors.sandbox.brokerage import VA_MAIL, World, _Maker
from connectors.sandbox.server import Sandbox
from daemon.account.wiring import Account
from daemon.commands import check
from daemon.passes import guard, limits, session
from daemon.passes.actions import Outcome
from policies.asks.escalation import DatabaseIssue, database_message
from policies.world.model import Stage
from tests import people
from tests.conftest import SteppingClock
from tests.scenarios import worlds
from tests.scenarios.worlds import set_up
from tests.scenes import at

DAY = date(2026, 12, 14)
RULE = '[[database.confirmed_system_rules]]\nrule = "closed_to_past_client"\nagent = "Dana Reyes"\ndate = 2026-11-01\n\n[guard]'
ACTING = {'mode = "observe"': 'mode = "act"', "[guard]": RULE}
PAST = "Past Client — Buyer"


def maker() -> _Maker:
    found = _Maker(DAY, random.Random(3), fields=True)
    found.configuration()
    return found


def under_contract(make: _Maker, count: int, closing: date) -> list[int]:
    """Clients whose deal closed while they stand in Under Contract."""
    found = [make.person(Stage.UNDER_CONTRACT, closing - timedelta(days=90)) for _ in range(count)]
    for person in found:
        make.deal([person], "Buyers", "Closed", closing)
    return [int(person["id"]) for person in found]


def hired(employ: Callable[..., Account], box: Sandbox, *, state: str = "state", **changes: str) -> Account:
    """Steward, set up and acknowledged on December 7."""
    return set_up(employ(box, state=state, **{**ACTING, **changes}), None)


def acknowledge(account: Account, day: date) -> None:
    worlds.acknowledge(account, at(day))


def stages(world: World, ids: list[int]) -> list[str]:
    return [world.crm.tables["people"][i]["stage"] for i in ids]


def outcomes(done: Any, entity: str) -> list[Outcome]:
    return [o for o in done.outcomes if o.action.entity == entity]


@pytest.mark.clause("DB-24", "DB-09", "X-30")
def test_a_closing_moves_by_the_confirmed_rule_and_is_read_back(serve: Callable[..., Sandbox], employ: Callable[..., Account]) -> None:
    make = maker()
    ids = under_contract(make, 2, date(2026, 12, 11))
    box = serve(make.world())
    account = hired(employ, box)
    acknowledge(account, date(2026, 12, 7))
    session.apply(account, at(DAY))

    assert stages(box.world, ids) == [PAST, PAST]
    people.at_crm(box, "edit-person", personId=ids[0], stage="Under Contract")
    session.apply(account, at(date(2026, 12, 15)))
    assert stages(box.world, ids) == ["Under Contract", PAST]


@pytest.mark.clause("DB-29", "X-29")
def test_whom_a_person_wrote_a_note_about_is_not_cold_even_once_the_ledger_is_lost(serve: Callable[..., Sandbox], employ: Callable[..., Account]) -> None:
    make = maker()
    silent = [make.person(Stage.COLD_LEAD, date(2026, 1, 5), source="Website", first=first, last="Moss") for first in ("Ada", "Ada", "Cy", "Di")]
    for person in silent:
        person |= {"lastCommunication": None, "emails": silent[0]["emails"] if person["firstName"] == "Ada" else person["emails"]}
    ids = [int(person["id"]) for person in silent]
    box = serve(make.world())
    for number, day in ((ids[0], "2026-12-20"), (ids[3], "2026-12-28")):
        note = requests.post(f"{box.url}/v1/notes", auth=("fka_mia", ""), json={"personId": number, "body": "Met at the market."}, timeout=5).json()
        box.world.crm.tables["notes"][note["id"]]["created"] = f"{day}T15:00:00Z"
    account = hired(employ, box)
    acknowledge(account, date(2026, 12, 7))

    def cold(own: Account) -> set[int]:
        plan = session.plan(own, at(date(2027, 1, 4))).plan
        return {a.person_id for a in plan.actions if a.entity == "Cold Leads" and a.person_id in ids}

    assert cold(account) == {ids[1], ids[2]}
    people.at_crm(box, "merge", winner=ids[1], losers=[ids[0]])
    assert cold(account) == cold(account) == cold(hired(employ, box, state="another")) == {ids[2]}
    assert set(account.ledger.personal_notes()) == {ids[1], ids[3]}


@pytest.mark.clause("DB-24", "DB-16")
def test_a_label_the_account_lacks_moves_nobody_and_says_so(serve: Callable[..., Sandbox], employ: Callable[..., Account]) -> None:
    make = maker()
    ids = under_contract(make, 1, date(2026, 12, 11))
    box = serve(make.world())
    account = hired(employ, box, **{"[guard]": f'[crm.stages]\npast_client_buyer = ["Closed Clients", "{PAST}"]\n\n{RULE}'})
    acknowledge(account, date(2026, 12, 7))
    refused = outcomes(session.apply(account, at(DAY)), "stage")

    assert [(o.result, "is there a stage 'Closed Clients'?" in o.detail) for o in refused] == [("refused", True)]
    assert stages(box.world, ids) == ["Under Contract"]


@pytest.mark.clause("DB-41", "DB-45", "DB-46", "X-32", "X-48")
@pytest.mark.parametrize(("second", "held"), [(20, False), (21, True)])
def test_the_limit_of_a_week_outlives_the_ledger(serve: Callable[..., Sandbox], employ: Callable[..., Account], second: int, held: bool) -> None:
    make = maker()
    first = under_contract(make, 30, date(2026, 12, 11))
    world = make.world()
    box = serve(world)
    account = hired(employ, box)
    acknowledge(account, date(2026, 12, 7))
    session.apply(account, at(DAY))
    assert stages(world, first) == [PAST] * 30

    more = under_contract(make, second, date(2026, 12, 15))
    world.crm.now = make.world().crm.now
    # The new ledger begins that day; one of today's would be older than the window, and believed.
    heir = employ(box, state="another disk", clock=SteppingClock(at(date(2026, 12, 16))), **ACTING)
    done = session.apply(heir, at(date(2026, 12, 16)))

    assert stages(world, more) == (["Under Contract"] if held else [PAST]) * second
    asked = [r for r in people.rows(box, "Approvals") if str(r["Ref"]).startswith("ASK ")]
    message = database_message(DatabaseIssue.SCOPE, agent="Dana Reyes", records=21, va="Mia Cole")
    assert [str(r["Draft"]).startswith(f"{message}\n\n21 × move stage\n") for r in asked] == ([True] if held else [])
    assert all(f"DB-24 p{i} " in str(asked[0]["Draft"]) for i in more) if held else len(outcomes(done, "stage")) == 20


@pytest.mark.clause("DB-41", "X-32")
def test_a_pass_as_of_next_week_has_no_new_week_to_spend(serve: Callable[..., Sandbox], employ: Callable[..., Account]) -> None:
    make = maker()
    under_contract(make, 30, date(2026, 12, 11))
    world = make.world()
    box = serve(world)
    account = set_up(employ(box, clock=SteppingClock(at(DAY)), **ACTING), None)
    acknowledge(account, date(2026, 12, 7))
    session.apply(account, at(DAY))
    more = under_contract(make, 21, date(2026, 12, 15))
    world.crm.now = make.world().crm.now
    session.apply(account, at(date(2026, 12, 23)))

    assert stages(world, more) == ["Under Contract"] * 21


@pytest.mark.clause("DB-41", "DB-46")
def test_a_question_about_a_list_that_grew_is_taken_back_and_the_longer_one_is_asked_about(
        serve: Callable[..., Sandbox], employ: Callable[..., Account]) -> None:
    make = maker()
    first = under_contract(make, 51, date(2026, 12, 11))
    world = make.world()
    box = serve(world)
    account = hired(employ, box)
    acknowledge(account, date(2026, 12, 7))
    session.apply(account, at(DAY))
    (before,) = [r for r in people.rows(box, "Approvals") if str(r["Ref"]).startswith("ASK ")]
    one = under_contract(make, 1, date(2026, 12, 11))
    world.crm.now = make.world().crm.now
    session.apply(account, at(DAY))
    asked = {str(r["Ref"]): r for r in people.rows(box, "Approvals") if str(r["Ref"]).startswith("ASK ")}
    (now,) = asked.keys() - {before["Ref"]}

    assert asked[before["Ref"]]["Status"] == f"Withdrawn: the list has changed and is asked about in {now}"
    assert people.types(box, "Approvals", str(before["Ref"]), "Decision", "Approve").ok
    session.apply(account, at(DAY))
    assert stages(world, [*first, *one]) == ["Under Contract"] * 52
    assert people.types(box, "Approvals", now, "Decision", "Approve").ok
    session.apply(account, at(DAY))
    assert stages(world, [*first, *one]) == [PAST] * 52


@pytest.mark.clause("DB-41", "X-32")
def test_a_log_that_cannot_be_read_counts_as_spent(serve: Callable[..., Sandbox], employ: Callable[..., Account]) -> None:
    make = maker()
    ids = under_contract(make, 1, date(2026, 12, 11))
    box = serve(make.world())
    account = hired(employ, box, **{"[guard]": "[guard]"})
    acknowledge(account, date(2026, 12, 7))
    session.apply(account, at(DAY))
    ref = f"DB-24 p{ids[0]} d1-20261211"
    assert people.types(box, "Approvals", ref, "Decision", PAST).ok
    assert people.at_the_sheet(box, "rename-column", tab="Hygiene Log", column="Contacts", to="How many").ok
    clock = SteppingClock(at(date(2026, 12, 15)))
    heir = employ(box, state="another disk", clock=clock, **{'mode = "observe"': 'mode = "act"'})
    decided = session.plan(heir, at(date(2026, 12, 15)))

    assert "no column 'Contacts'" in decided.skipped["database.stage_accuracy"]
    assert limits.spent_of(heir, decided.seen.snapshot, guard.Limits()) == dict.fromkeys(guard.HYGIENE, 50)
    assert stages(box.world, ids) == ["Under Contract"]


def signs_in(box: Sandbox, row: int, **cells: str) -> None:
    for column, text in cells.items():
        assert people.at_the_sheet(box, "type", VA_MAIL, tab="Open House", row=row, column=column.replace("_", " "), text=text).ok


NINA = {"First_Name": "Nina", "Last_Name": "Sample", "Email": "nina@example.org", "Phone": "(512) 555-0188", "Address": "9 Oak St, Austin",
        "Date": "12/12/2026"}


def named(box: Sandbox, last: str) -> list[dict[str, Any]]:
    return [p for p in box.world.crm.tables["people"].values() if p.get("lastName") == last]


@pytest.mark.clause("DB-27")
@pytest.mark.parametrize("fault", [None, "drop-after", "drop-before", "garbage"])
@pytest.mark.wire
def test_a_sign_in_becomes_one_contact_whatever_becomes_of_the_answer(
        serve: Callable[..., Sandbox], employ: Callable[..., Account], fault: str | None) -> None:
    make = maker()
    known = make.person(Stage.LONG_TERM_NURTURE, date(2026, 1, 5), first="Otto", last="Known")
    box = serve(make.world())
    account = hired(employ, box)
    acknowledge(account, date(2026, 12, 7))
    signs_in(box, 2, **NINA)
    signs_in(box, 3, **{**NINA, "First_Name": "Otto", "Last_Name": "Known", "Email": known["emails"][0]["value"], "Phone": ""})
    signs_in(box, 4, **{**NINA, "Last_Name": "", "Email": "third@example.org"})
    if fault:
        box.faults.add(kind=fault, method="POST", path="/v1/people")
    for day in (14, 15, 16):
        session.apply(account, at(date(2026, 12, day)))
    rows = people.rows(box, "Open House")

    made = named(box, "Sample")
    assert [(p["tags"], p["source"], p["stage"], p["assignedUserId"]) for p in made] == [
        (["Open House — 9 Oak St Austin — 12/12/2026"], "Open House", "New Lead", 2)]
    assert "Open House — 9 Oak St Austin — 12/12/2026" in named(box, "Known")[0]["tags"]
    assert [r["Status"] for r in rows] == [f"In the CRM: contact {made[0]['id']}", f"In the CRM: contact {known['id']}", "Fill in Last Name"]
    assert [r["Email"] for r in rows] == ["nina@example.org", known["emails"][0]["value"], "third@example.org"]


@pytest.mark.clause("DB-27")
def test_somebody_whom_this_key_cannot_see_is_not_made_twice(serve: Callable[..., Sandbox], employ: Callable[..., Account]) -> None:
    make = maker()
    make.person(Stage.LONG_TERM_NURTURE, date(2026, 1, 5), first="Nina", last="Sample",
                emails=[{"value": "nina@example.org", "type": "home", "status": "Valid", "isPrimary": 1}])
    box = serve(make.world())
    people.at_crm(box, "edit-person", personId=101, stage="Trash")
    account = hired(employ, box)
    acknowledge(account, date(2026, 12, 7))
    signs_in(box, 2, **NINA)
    for day in (14, 15):
        session.apply(account, at(date(2026, 12, day)))

    assert len(named(box, "Sample")) == 1
    assert people.rows(box, "Open House")[0]["Status"].startswith("The CRM has this e-mail or phone on a record that is not seen here")


@pytest.mark.clause("X-57", "DB-47")
def test_with_an_agents_key_the_database_procedure_is_off(serve: Callable[..., Sandbox], employ: Callable[..., Account]) -> None:
    box = serve(maker().world())
    hired(employ, box)
    found = session.plan(employ(box, key="fka_dana", state="another", **ACTING), at(DAY))

    assert {name for name in found.skipped if name.startswith("database.")} >= {"database.purge", "database.reviews", "database.open_house"}
    assert not [a for a in found.plan.actions if a.clause.startswith("DB-")]


@pytest.mark.clause("DB-47", "DB-18", "DB-05")
def test_check_asks_what_onboarding_has_to_tell_and_refuses_a_tag_that_must_not_be(
        serve: Callable[..., Sandbox], employ: Callable[..., Account]) -> None:
    box = serve(maker().world())
    account = hired(employ, box, **{"[guard]": '[database]\ngeographic_areas = ["Travis County", "Young families, south"]\n'
                                               'duplicate_checker = "Dedupely"\ntag_aliases = { SOI = ["Sphere"], Soy = ["x"] }\n\n[guard]'})
    lines = [(line.level, line.text) for line in check.check(account)]
    notes = [text for level, text in lines if level == "note"]

    assert any("database.crm_access is not set. DB-47" in text for text in notes)
    assert any("database.export_format is not set. DB-47" in text for text in notes)
    assert not any("duplicate_checker" in text or "geographic_areas" in text for text in notes)
    assert ("problem", "[database]: 'Young families, south' has a comma: the CRM's filter would take it for two tags") in lines
    assert ("problem", "[database]: 'Young families, south': 'families' names or stands for familial status, a protected class") in lines
    assert ("problem", "database.tag_aliases: 'Soy' is none of the procedure's tags") in lines
