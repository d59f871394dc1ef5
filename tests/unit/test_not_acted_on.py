"""What open rows say while their policy cannot be asked, and that nothing of it ends by that (X-57, X-65, X-81)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.memory import MemoryCrm, MemoryNotifier, MemorySheet
from connectors.ports import Account as CrmAccount
from daemon.account.ledger import Ledger
from daemon.account.settings import Settings
from daemon.account.wiring import Account
from daemon.passes import handover
from daemon.passes import plan as planning
from daemon.passes.absence import deleted_records, not_acted_on
from daemon.passes.observe import Observation
from daemon.passes.policy_needs import waiting_for_people
from policies.asks import approvals
from policies.asks.notices import undecided
from policies.asks.question import Question, ask, once_spent
from policies.asks.wants import Finding, WantRow
from policies.registry import POLICIES
from policies.world.model import Key, Source
from policies.world.snapshot import Snapshot
from tests import scenes
from tests.conftest import SteppingClock
from tests.scenes import book, client, own_task, practice, snapshot

TODAY = date(2026, 12, 14)
WHY = "this key sees too little"
OFF = {policy.name: f"{WHY} (X-57)" for policy in POLICIES if policy.procedure == "database"}
SAID = f"{approvals.NOT_ACTED_ON}: {WHY}"
PAIR = "DB-23 p101x102 merge"


def world(unguarded: str = "", tasks: tuple[Any, ...] = (), **tabs: Sequence[Mapping[str, Any]]) -> Snapshot:
    rows = {name.replace("_", " "): found for name, found in tabs.items()}
    return snapshot(TODAY, [client()], workbook=book(rows, decisions_guarded=unguarded), tasks=tasks)


def statuses(s: Snapshot, waiting: Mapping[str, str] = OFF, findings: tuple[Finding, ...] = ()) -> dict[str, str]:
    wants = [finding.want for finding in not_acted_on.rows(s, waiting, findings)]
    assert all(isinstance(want, WantRow) and not want.create and set(want.keep) == {"Status"} for want in wants)
    return {want.ref: str(want.keep["Status"]) for want in wants if isinstance(want, WantRow)}


# -- rows of Approvals ---------------------------------------------------------------------------------------------------


@pytest.mark.clause("X-57", "X-81")
@pytest.mark.parametrize("cells", [
    {"Status": approvals.WAITING}, {"Status": approvals.ON_HOLD, "Decision": "Hold"}, {"Status": "Not ready: x"}, {"Decision": "Merge"},
    {"Status": f"{approvals.NOT_ACTED_ON}: for another reason"}])
def test_an_open_row_says_why_nobody_acts_on_it_and_is_no_decision_to_make(cells: dict[str, Any]) -> None:
    s = world(Approvals=[{"Ref": PAIR, **cells}])
    assert statuses(s) == {PAIR: SAID}
    told = world(Approvals=[{"Ref": PAIR, **cells, "Status": SAID}])
    assert list(undecided(told.workbook)) == []
    assert planning.make(told, not_acted_on.rows(told, OFF, [])).actions == ()


@pytest.mark.clause("X-57", "MS-09")
@pytest.mark.parametrize("cells", [
    {"Status": "Decided: Merge", "Acted On": "2026-12-01 06:00"}, {"Status": "Withdrawn: x"}, {"Status": approvals.REJECTED}, {"Status": "Done: x"}])
def test_an_answer_that_was_used_and_a_row_that_is_over_stay_as_they_are(cells: dict[str, Any]) -> None:
    assert statuses(world(Approvals=[{"Ref": PAIR, **cells}])) == {}


@pytest.mark.clause("X-57", "X-81")
@pytest.mark.parametrize(("status", "then"), [
    (SAID, approvals.WAITING), (f"Decide again: the draft was edited (clear it). {SAID}", "Decide again: the draft was edited (clear it)")])
def test_once_somebody_acts_again_no_row_says_that_nobody_does(status: str, then: str) -> None:
    assert statuses(world(Approvals=[{"Ref": PAIR, "Status": status}]), {}) == {PAIR: then}


@pytest.mark.clause("X-57")
@pytest.mark.parametrize(("ref", "waiting"), [
    ("MS-09 d812 20261218-draft", OFF), ("RF-35 p101 recognition", OFF), ("ACK 12ab", OFF), ("ASK 12ab", OFF),
    ("DB-42 p101 unsubscribed", OFF),                   # other policies ask it as well
    (PAIR, {}), (PAIR, {"database.lists": WHY}),
    ("DB-34 p101 since", {"database.purge": WHY})])     # another policy asks by the same rule
def test_a_row_that_somebody_acts_on_says_nothing_new(ref: str, waiting: Mapping[str, str]) -> None:
    assert statuses(world(Approvals=[{"Ref": ref, "Status": approvals.WAITING}]), waiting) == {}


@pytest.mark.clause("X-57")
def test_a_row_in_which_a_policy_has_something_to_say_is_its_own() -> None:
    s = world(Approvals=[{"Ref": PAIR, "Status": approvals.WAITING}])
    said = Finding("DB-23", "", WantRow(tab="Approvals", ref=PAIR, create=False, keep={"Status": "x"}))
    assert statuses(s, findings=(said,)) == {}


@pytest.mark.clause("X-57", "MS-09")
@pytest.mark.parametrize(("unguarded", "status", "void"), [
    ("", "Decide again: the draft was edited (clear the Decision cell, then choose)", "the draft was edited"),
    ("the tab is open", approvals.WAITING, "the protection of this tab was open when it was chosen"),
    ("the tab is open", "Decide again: the draft was edited (clear the Decision cell, then choose)", "the draft was edited")])
def test_a_decision_that_does_not_count_is_none_when_the_policy_is_back(unguarded: str, status: str, void: str) -> None:
    asked = Question(key=Key("DB-23", "p101x102", "ask"), clause="DB-23", reason="", what="", text="Ana and Anna", due=TODAY)
    put = ask(world(), asked).row
    assert put is not None
    assert isinstance(put.want, WantRow)
    cells = {**put.want.first, **put.want.keep, "Ref": str(asked.key), "Decision": "Approve", "Status": status}

    first = statuses(world(unguarded, Approvals=[cells]))[str(asked.key)]
    assert first == f"Decide again: {void} (clear the Decision cell, then choose). {SAID}"
    again = statuses(world(unguarded, Approvals=[{**cells, "Status": first}]), {**OFF, "database.duplicates": "another reason"})
    assert again[str(asked.key)] == first.replace(WHY, "another reason")
    assert list(undecided(world(Approvals=[{**cells, "Status": first}]).workbook)) == []

    back = ask(world(Approvals=[{**cells, "Status": first}]), asked)
    assert back.choice == ""
    assert back.row is not None
    assert isinstance(back.row.want, WantRow)
    assert back.row.want.keep["Status"] == f"Decide again: {void} (clear the Decision cell, then choose)"
    another = ask(world(Approvals=[{**cells, "Status": first}]), replace(asked, again=once_spent)).row
    assert another is not None
    assert isinstance(another.want, WantRow)
    assert another.want.ref == f"{asked.key}.2"


DRAFTS = {
    "milestones.closing_anniversary": "MS-09 d812 20261218-draft", "milestones.move_in": "MS-09 p101 20261218-movein-draft",
    "milestones.birthday": "MS-09 p101 20261211-birthday-draft", "milestones.homestead": "MS-09 d812 20270401-homestead-draft",
    "milestones.home_value": "MS-09 d812 20261218-value-draft"}
OTHERS = {
    "milestones.homestead": "MS-28 sTX rule", "milestones.home_value": "MS-37 d812 20261218-value-range", "milestones.setup_at_closing":
    "MS-25 d812 20241211-date", "referrals.recognition": "RF-35 p101 recognition", "referrals.acknowledgement": "RF-13 p101 draft"}


@pytest.mark.clause("X-57", "X-81")
@pytest.mark.parametrize(("policy", "ref"), [*DRAFTS.items(), *OTHERS.items()])
def test_a_row_is_that_of_its_policy_alone(policy: str, ref: str) -> None:
    rows = [{"Ref": one, "Status": approvals.WAITING} for one in {*DRAFTS.values(), *OTHERS.values()}]
    assert policy in [one.name for one in POLICIES]
    assert statuses(world(Approvals=rows), {policy: WHY}).get(ref) == SAID
    others = {one.name: WHY for one in POLICIES if one.name != policy}
    assert ref not in statuses(world(Approvals=rows), others)


# -- what people typed ---------------------------------------------------------------------------------------------------


@pytest.mark.clause("X-57", "DB-36")
def test_a_list_that_somebody_asks_for_is_answered_and_one_that_is_out_stays() -> None:
    wanted = {"Ref": "", "Stages": "Past Client — Buyer", "Campaign": "Spring"}
    (ref,) = statuses(world(Lists=[wanted]))
    assert Key.parse(ref)
    own = {**wanted, "Ref": ref}
    assert statuses(world(Lists=[own])) == {ref: SAID}
    confirm = {"Ref": ref.replace(" list", " confirm"), "Status": "Done: x", "Acted On": "2026-12-01 06:00"}
    assert statuses(world(Lists=[own], Approvals=[confirm])) == {}


@pytest.mark.clause("X-57", "DB-27")
def test_a_sign_in_is_answered_and_what_is_said_of_somebody_who_opted_out_stays() -> None:
    typed = {"Ref": "", "First Name": "Nina", "Last Name": "Sample", "Email": "nina@example.org", "Address": "4 Oak St", "Date": TODAY}
    (ref,) = statuses(world(Open_House=[typed]))
    for status in ("", "Being added to the CRM", SAID):
        assert statuses(world(Open_House=[{**typed, "Ref": ref, "Status": status}])) == {ref: SAID}
    for status in ("Do Not Contact in the CRM: neither added nor tagged; the agent decides", "In the CRM: contact 101"):
        assert statuses(world(Open_House=[{**typed, "Ref": ref, "Status": status}])) == {}


# -- tasks ---------------------------------------------------------------------------------------------------------------


@pytest.mark.clause("X-57", "X-65", "X-87")
@pytest.mark.parametrize(("waiting", "ends"), [(OFF, False), ({}, True)])
def test_what_belongs_to_it_about_a_record_that_is_not_seen_stands_still(waiting: Mapping[str, str], ends: bool) -> None:
    gap, cold, row = "DB-19 p102 gap", "DB-30 p102 2026Q4-cold", "DB-44 p101x102 identity"
    s = world(tasks=(own_task(PAIR),), Approvals=[{"Ref": row, "Status": approvals.WAITING}],
              Record_Gaps=[{"Ref": gap, "Status": "open"}], Cold_Leads=[{"Ref": cold, "Outcome": "Waiting for the agent's decision"}])
    found = scenes.wants(deleted_records.ended(replace(s, gone=frozenset({"p102"})), [], waiting))
    assert bool(found) is ends
    if ends:
        assert {f"withdraw {PAIR}", f"mend {row}"} <= set(found)


@pytest.mark.clause("X-57", "MS-23")
def test_the_handover_says_of_what_is_open_that_nobody_acts_on_it() -> None:
    reminder = "MS-04 d812 20261218-7d"
    rows = [{"Ref": "DB-44 p101x102 identity", "Status": SAID}, {"Ref": "MS-09 d812 20261218-draft", "Status": approvals.WAITING}]
    s = world(tasks=(own_task(PAIR), own_task(reminder, number=2)), Approvals=rows)
    states = {a.after["Mark"]: a.after["State"] for a in handover.update(s, (), waiting=OFF)}
    assert states == {PAIR: f"open; Steward does not follow it up: {WHY}", reminder: "open",
                      "DB-44 p101x102 identity": f"not acted on for now: {WHY}", "MS-09 d812 20261218-draft": "to decide"}


# -- which policies wait for people ----------------------------------------------------------------------------------------


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    settings = Settings.model_validate({
        "mode": "act", "state_dir": str(tmp_path), "host": "here",
        "agent": {"name": "Dana Reyes", "timezone": "America/Chicago", "crm_user": scenes.AGENT, "google_account": "dana@example.com"},
        "va": {"name": "Mia Cole", "crm_user": scenes.VA}, "sheet": {"spreadsheet_id": "x", "credentials": "anonymous"}})
    ledger = Ledger(tmp_path)
    yield Account(settings=settings, crm=MemoryCrm(scenes.account()), sheet=MemorySheet(book()), sheet_setup=None,  # type: ignore[arg-type]  # not needed here
                  ledger=ledger, clock=SteppingClock(datetime(2026, 12, 14, 12, tzinfo=UTC)), notifier=MemoryNotifier(),
                  templates=scenes.TEMPLATES, homestead=scenes.STATES)
    ledger.close()


def seen(crm: CrmAccount, *, off: str = "", troubles: Mapping[Source, str] | None = None) -> Observation:
    return Observation(snapshot=snapshot(TODAY, practice=practice(database_off=off)), account=crm, troubles=troubles or {})


@pytest.mark.clause("X-57", "DB-16")
def test_a_key_and_a_stage_that_is_lacking_wait_for_people_and_an_outage_does_not(account: Account) -> None:
    crm = scenes.account()
    assert waiting_for_people(seen(crm), account) == {}
    assert waiting_for_people(seen(crm, troubles={Source.PEOPLE: "503"}), account) == {}
    assert waiting_for_people(seen(crm, off=f"{WHY} (X-57)", troubles={Source.PEOPLE: "503"}), account) == OFF

    lacking = waiting_for_people(seen(replace(crm, stages=("Lead",))), account)
    assert lacking["database.cold_leads"].startswith("the CRM has no stage 'Long-Term Nurture': name yours in [crm.stages]")
    assert statuses(world(Approvals=[{"Ref": "DB-30 a0 2026Q4-leads"}]), lacking) == {
        "DB-30 a0 2026Q4-leads": f"{approvals.NOT_ACTED_ON}: {lacking['database.cold_leads']}"}
