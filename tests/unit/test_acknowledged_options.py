"""X-92: the options that the agent acknowledged with a policy are kept, and hold until the agent agrees to others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest

from daemon.passes.acknowledgement import consent_row
from daemon.passes.acknowledgement.consent_row import NAMED, touches, yes_in_sheet
from daemon.passes.acknowledgement.fingerprints import (
    changes,
    fingerprint,
    first_fingerprint,
    written_options,
)
from daemon.passes.acknowledgement.policy_status import (
    acknowledgements,
    known_versions,
    lawful,
    status_of,
)
from daemon.passes.actions import Action
from policies.asks.drafts import digest
from policies.asks.wants import Finding, WantRow, WantWithdrawn
from policies.registry import POLICIES, Policy
from policies.world.model import Key
from policies.world.practice import (
    ConfirmedRule,
    DatabaseOptions,
    MilestoneOptions,
    Practice,
    ReferralOptions,
)
from policies.world.sheet import Workbook
from policies.world.snapshot import Snapshot
from tests.scenes import AGENT, book, own_task, practice, snapshot

TODAY = date(2026, 12, 11)
BY_NAME = {policy.name: policy for policy in POLICIES}
CLOSING, CARDS = BY_NAME["milestones.closing_anniversary"], "referrals.acknowledgement"
FULL = practice(
    milestones=MilestoneOptions(
    years_required=(1, 2, 5, 10), every_year=False, anniversary_channel="card", birthday_channel="text", state="TX", combine_home_value=True, date_method="task"),
    referrals=ReferralOptions(handwritten_cards=True, gifts_confirmed={"Client": ("gift card", "donation")}, agent_tags=("Realtor",), track_counts=False),
    database=DatabaseOptions(confirmed_system_rules=(ConfirmedRule("closed_to_past_client", "Dana Reyes", date(2026, 5, 4)),), day_end=time(20, 30),
                             tag_aliases={"Buyer": ("Purchaser",)}, portal_sources=("Zillow",), geographic_areas=("Austin",), agent_owned_duplication=True))


def _kept(policy: Policy, then: Practice, agreed: str = "") -> Workbook:
    """Memory as the acknowledgement of *policy* left it."""
    rows = [{"Ref": a.mark, **a.after} for a in acknowledgements(snapshot(TODAY, practice=then, workbook=book()), [policy])]
    return book({"Memory": [{**row, "What": agreed} if agreed and str(row["Ref"]).startswith("policy") else row for row in rows]})


def _first(policy: str, agreed: str) -> Workbook:
    """Memory as version 0.1 left it: a fingerprint alone."""
    return book({"Memory": [{"Ref": f"policy {policy}", "What": agreed}]})


@pytest.mark.clause("X-92")
@pytest.mark.parametrize("policy", [p for p in POLICIES if p.options], ids=lambda p: p.name)
def test_the_options_of_every_policy_are_restored_from_memory(policy: Policy) -> None:
    today = practice()
    seen = status_of([policy], today, _kept(policy, FULL))
    assert seen.pending == (policy,)
    then = seen.earlier[policy.name].practice
    table, agreed = getattr(then, policy.procedure), getattr(FULL, policy.procedure)
    assert {name: getattr(table, name) for name in policy.options} == {name: getattr(agreed, name) for name in policy.options}
    others = {name: getattr(getattr(today, policy.procedure), name) for name in ("year_2_subject", "card_vendor") if hasattr(table, name)}
    assert {name: getattr(table, name) for name in others} == others
    assert fingerprint(policy, then) == fingerprint(policy, FULL)


@pytest.mark.clause("X-92")
@pytest.mark.parametrize("first", [True, False])
def test_without_the_options_in_memory_the_fingerprint_tells_which_were_at_their_default(first: bool) -> None:
    was = known_versions()[CLOSING.name].released
    assert was is not None
    before, today = practice(), practice(milestones=replace(practice().milestones, anniversary_channel="card", every_year=False))
    agreed = first_fingerprint(CLOSING, before, was) if first else fingerprint(CLOSING, before)
    then = status_of([CLOSING], today, _first(CLOSING.name, agreed)).earlier[CLOSING.name].practice
    assert (then.milestones.anniversary_channel, then.milestones.every_year) == ("email", True)
    half = practice(milestones=replace(practice().milestones, every_year=False))
    then = status_of([CLOSING], today, _first(CLOSING.name, fingerprint(CLOSING, half))).earlier[CLOSING.name].practice
    assert (then.milestones.anniversary_channel, then.milestones.every_year) == ("email", False)


@pytest.mark.clause("X-92")
@pytest.mark.parametrize("cell", ["", "no JSON", "[1]", '{"every_year": "perhaps"}', "3"])
def test_a_cell_that_people_made_something_else_of_leaves_the_options_of_today(cell: str) -> None:
    today = practice(milestones=replace(practice().milestones, anniversary_channel="card"))
    kept = book({"Memory": [{"Ref": f"policy {CLOSING.name}", "What": "0" * 16}, {"Ref": f"options {CLOSING.name}", "What": cell}]})
    assert status_of([CLOSING], today, kept).earlier[CLOSING.name].practice == today


def test_the_options_are_written_once_where_memory_lacks_them_and_a_copied_row_is_left_alone() -> None:
    own = practice()
    agreed, options = {"Ref": f"policy {CLOSING.name}", "What": fingerprint(CLOSING, own)}, {"Ref": f"options {CLOSING.name}", "What": written_options(CLOSING, own)}
    for rows, renewed in (([agreed], True), ([agreed, options], False), ([agreed, {**options, "What": "x"}], True), ([agreed, options, options], False)):
        seen = status_of([CLOSING], own, book({"Memory": rows}))
        assert (seen.acknowledged, bool(seen.renewed)) == ((CLOSING,), renewed)
    plain = BY_NAME["referrals.outcome"]
    assert status_of([plain], own, _first(plain.name, fingerprint(plain, own))).renewed == ()


def test_what_has_changed_is_said_in_words() -> None:
    now = replace(FULL, milestones=replace(FULL.milestones, years_required=(1, 2, 5)))
    assert changes(CLOSING, practice(), now) == "every_year: yes, now no; anniversary_channel: email, now card"
    assert changes(CLOSING, now, FULL) == "years_required: [1, 2, 5], now [1, 2, 5, 10]"
    assert changes(BY_NAME["milestones.birthday"], now, practice()) == "birthday_channel: text, now card"
    assert changes(BY_NAME["milestones.homestead"], practice(), now) == "state: empty, now TX; date_method: empty, now task"
    assert changes(CLOSING, now, now) == ""


# -- what runs on --------------------------------------------------------------------------------------------------------


def _says(channel: str) -> Finding:
    key = Key("MS-09", "d812", "20261218-draft")
    return Finding("MS-09", channel, WantRow(tab="Approvals", ref=str(key), keep={"Status": channel}))


def _asking(s: Snapshot) -> Any:
    yield _says(s.practice.milestones.anniversary_channel)


@pytest.mark.clause("X-92")
def test_a_changed_policy_is_asked_with_the_options_that_were_acknowledged() -> None:
    policy = replace(CLOSING, decide=_asking)
    open_row = {"Ref": "MS-09 d812 20261218-draft", "Status": "Waiting for your decision"}
    kept = _kept(policy, practice())
    today = practice(milestones=replace(practice().milestones, anniversary_channel="card"))
    s = snapshot(TODAY, practice=today, workbook=book({"Memory": [row.cells for row in kept.rows("Memory")], "Approvals": [open_row]}))
    status = status_of([policy], today, s.workbook)
    said, defects = lawful(s, [policy], {policy.name: [_says("card")]}, status.earlier)
    assert (said, defects) == ({policy.name: [_says("email")]}, ())
    assert lawful(s, [policy], {policy.name: [_says("card")]}, {})[0] == {policy.name: [_says("card")]}


def test_a_policy_that_raises_with_its_earlier_options_is_a_defect_and_asks_for_nothing() -> None:
    def raises(s: Snapshot) -> Any:
        raise ZeroDivisionError

    policy = replace(CLOSING, decide=raises)
    s = snapshot(TODAY, practice=FULL, workbook=_kept(policy, practice()))
    said, defects = lawful(s, [policy], {policy.name: [_says("card")]}, status_of([policy], FULL, s.workbook).earlier)
    assert said == {policy.name: []}
    assert [(d.policy, d.kind) for d in defects] == [(policy.name, "ZeroDivisionError")]


# -- the row that asks ---------------------------------------------------------------------------------------------------


def _wants(mark: str, name: str, due: date) -> Action:
    return Action(mark=mark, clause="", verb="create", entity="task", person_id=101, reason="r", after={"name": name, "dueDate": due, "assignedUserId": AGENT})


def test_touches_are_named_once_by_their_last_day_and_never_those_that_run_on() -> None:
    wanted = [_wants("MS-04 d1 20261230-14d", "Ben", date(2026, 12, 18)), _wants("MS-04 d1 20261230-14d", "Ben again", date(2026, 12, 18)),
              _wants("MS-04 d2 20270101-14d", "Too late", date(2026, 12, 19)), _wants("MS-42 d3 20261218-send", "Runs", date(2026, 12, 12))]
    runs = [_wants("MS-42 d3 20261218-send", "Runs", date(2026, 12, 12))]
    coming = [_wants("MS-04 d1 20261230-14d", "Ben", date(2026, 12, 18)), _wants("MS-04 d4 20261231-14d", "Dora, on 12/31", date(2026, 12, 18))]
    assert touches(TODAY, wanted, coming, runs) == ("Ben (12/18/2026)", "Dora, on 12/31")


def _row(names: int, **changes: Any) -> Mapping[str, Any]:
    s = snapshot(TODAY, practice=FULL, workbook=_kept(CLOSING, practice()), activated=date(2026, 11, 2))
    want = consent_row.row(s, status_of([CLOSING], FULL, s.workbook), (), [f"Touch {n}" for n in range(names)]).want
    assert isinstance(want, WantRow)
    return {**want.first, **want.keep, "Ref": want.ref, **changes}


@pytest.mark.clause("X-92", "DB-05")
def test_the_row_names_the_change_and_its_status_the_touches_that_wait() -> None:
    cells = _row(2)
    assert cells["What"].startswith("Changed: milestones.closing_anniversary (years_required: [1, 2, 5], now [1, 2, 5, 10]; every_year: yes, now no;")
    assert cells["Status"] == "Waiting for your decision. Waiting for you, and due within 7 days: Touch 0; Touch 1."
    assert _row(0)["Status"] == "Waiting for your decision"
    assert _row(NAMED)["Status"].endswith(f"Touch {NAMED - 1}.")
    assert _row(NAMED + 2)["Status"].endswith(f"Touch {NAMED - 1}; and 2 more.")


@pytest.mark.clause("X-92", "DB-05")
def test_a_yes_counts_for_the_policies_that_are_as_they_were_shown() -> None:
    other = BY_NAME[CARDS]
    asked = _row(0, Decision="Approve")
    memory = [row.cells for policy in (CLOSING, other) for row in _kept(policy, practice()).rows("Memory")]

    def agreed(now: Practice, **cells: Any) -> tuple[list[str], int]:
        seen = book({"Memory": memory, "Approvals": [{**asked, **cells}]})
        yes = yes_in_sheet(seen, status_of([CLOSING, other], now, seen), now)
        return [p.name for p in yes.policies], len(yes.refs)

    assert agreed(FULL) == ([CLOSING.name], 1)  # the second policy has changed since, and is asked about by itself
    assert agreed(replace(FULL, milestones=replace(FULL.milestones, every_year=True))) == ([], 0)  # what was shown is not what would act
    assert agreed(FULL, Decision="Hold") == ([], 0)
    assert agreed(FULL, Draft="another plan") == ([], 0)
    assert agreed(FULL, **{"Acted On": "2026-12-10 08:00"}) == ([], 0)
    assert agreed(FULL, Ref="ASK 12") == ([], 0)


def test_a_row_without_fingerprints_counts_for_the_set_it_is_named_after() -> None:
    kept = _kept(CLOSING, practice())
    ref, text = status_of([CLOSING], FULL, kept).ref, "the plan"
    row = {"Ref": ref, "Draft": text, "Digest": f"{digest(text)}/{digest(text)}", "Status": "Waiting for your decision", "Decision": "Approve"}
    for cells, names in ((row, (CLOSING.name,)), ({**row, "Ref": "ACK 0123"}, ())):
        seen = book({"Memory": [one.cells for one in kept.rows("Memory")], "Approvals": [cells]})
        assert tuple(p.name for p in yes_in_sheet(seen, status_of([CLOSING], FULL, seen), FULL).policies) == names


def test_withdrawals_of_a_changed_policy_follow_its_earlier_options() -> None:
    gone = Finding("MS-04", "r", WantWithdrawn(key=Key("MS-42", "d812", "20261218-send"), task_id=7, person_id=101, because="a card now"))
    policy = replace(CLOSING, decide=lambda _: iter(()))
    s = snapshot(TODAY, practice=FULL, workbook=_kept(policy, practice()), tasks=(own_task("MS-42 d812 20261218-send"),))
    assert lawful(s, [policy], {policy.name: [gone]}, status_of([policy], FULL, s.workbook).earlier)[0] == {policy.name: []}
