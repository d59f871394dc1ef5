"""X-92: the options that the agent acknowledged with a policy are kept, and hold until the agent agrees to others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest

from daemon.passes.acknowledgement import consent_row
from daemon.passes.acknowledgement.begun_work import lawful
from daemon.passes.acknowledgement.consent_row import NAMED, touches, yes_in_sheet
from daemon.passes.acknowledgement.fingerprints import (
    changes,
    fingerprint,
    first_fingerprint,
    written_options,
)
from daemon.passes.acknowledgement.policy_status import (
    NEW_VERSION,
    UNKNOWN,
    Earlier,
    acknowledgements,
    known_versions,
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
    assert then is not None
    assert seen.earlier[policy.name].rights is None  # the version is the same
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
    half = practice(milestones=replace(practice().milestones, every_year=False))

    def found(fingerprint: str) -> tuple[str, bool]:
        then = status_of([CLOSING], today, _first(CLOSING.name, fingerprint)).earlier[CLOSING.name].practice
        assert then is not None
        return then.milestones.anniversary_channel, then.milestones.every_year

    assert found(agreed) == ("email", True)
    assert found(fingerprint(CLOSING, half)) == ("email", False)


GOOD = written_options(CLOSING, practice())


@pytest.mark.clause("X-92", "X-65")
@pytest.mark.parametrize("cell", ["", "no JSON", GOOD.partition(" #")[0], GOOD.replace("email", "card"), GOOD.replace("true", "false"), GOOD + "0"])
def test_a_cell_that_people_changed_lets_only_what_protects_go_on(cell: str) -> None:
    today = practice(milestones=replace(practice().milestones, anniversary_channel="card"))
    kept = book({"Memory": [{"Ref": f"policy {CLOSING.name}", "What": "0" * 16}, {"Ref": f"options {CLOSING.name}", "What": cell}]})
    status = status_of([CLOSING], today, kept)
    assert status.earlier[CLOSING.name].practice is None
    assert list(status.changed(today)) == [f"{CLOSING.name} ({UNKNOWN})"]

    send = Key("MS-42", "d812", "20261218-send")
    leaves = Finding("MS-02", "r", WantWithdrawn(key=send, task_id=7, person_id=101, because="Do Not Contact", safety=True))
    ends = Finding("MS-09", "r", WantRow(tab="Approvals", ref="MS-09 d812 20261218-draft", create=False, keep={"Status": "Withdrawn"}, requires=(send,)))
    others = [_says("card"), Finding("MS-04", "r", WantWithdrawn(key=send, task_id=7, person_id=101, because="a card now"))]
    said, _ = lawful(snapshot(TODAY, practice=today, workbook=kept), [CLOSING], {CLOSING.name: [*others, leaves, ends]}, status)
    assert said == {CLOSING.name: [leaves, ends]}


@pytest.mark.clause("X-92", "X-87")
@pytest.mark.parametrize("rows", [[""], ["damaged"], [], ["the same", "the same"], ["one", "another"]])
def test_begun_work_goes_on_where_people_damaged_removed_or_copied_the_fingerprint(rows: list[str]) -> None:
    own = practice()
    kept = {"Ref": f"options {CLOSING.name}", "What": written_options(CLOSING, own)}
    may = {"Ref": f"rights {CLOSING.name}", "What": "note; task for the VA"}
    seen = status_of([CLOSING], own, book({"Memory": [kept, may, *({"Ref": f"policy {CLOSING.name}", "What": what} for what in rows)]}))
    assert seen.pending == (CLOSING,)
    assert seen.earlier == {CLOSING.name: Earlier(frozenset({"note", "task for the VA"}), own)}


def test_copies_of_one_row_count_as_that_row() -> None:
    own = practice()
    agreed = {"Ref": f"policy {CLOSING.name}", "What": fingerprint(CLOSING, own)}
    assert status_of([CLOSING], own, book({"Memory": [agreed, agreed]})).acknowledged == (CLOSING,)


@pytest.mark.clause("X-87", "X-92")
def test_of_copies_the_row_that_was_written_last_counts_so_that_a_yes_is_kept() -> None:
    """People copied the row; the acknowledgement after that could only be added below."""
    own = practice()
    old = {"Ref": f"policy {CLOSING.name}", "What": "0" * 16, "Date": "2026-11-02 08:00"}
    new = {"Ref": f"policy {CLOSING.name}", "What": fingerprint(CLOSING, own), "Date": "2026-12-10 08:00"}
    for rows in ([old, old, new], [new, old, old]):
        assert status_of([CLOSING], own, book({"Memory": rows})).acknowledged == (CLOSING,)
    assert status_of([CLOSING], own, book({"Memory": [new, {**old, "Date": new["Date"]}]})).pending == (CLOSING,)


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
    subject = "year_2_subject: Thinking of you, now not set"
    assert changes(CLOSING, practice(), now) == f"every_year: yes, now no; anniversary_channel: email, now card; {subject}"
    assert changes(CLOSING, now, FULL) == "years_required: 1, 2, 5, now 1, 2, 5, 10"
    assert changes(BY_NAME["milestones.birthday"], now, practice()) == "birthday_channel: text, now card"
    assert changes(BY_NAME["milestones.homestead"], practice(), now) == "state: not set, now TX; date_method: not set, now task"
    assert changes(BY_NAME["referrals.recognition"], practice(), FULL).startswith(
        "handwritten_cards: not set, now yes; gifts_confirmed: not set, now Client = gift card, donation; agent_tags: Agent, Realtor, Referring Agent, now Realtor")
    assert "day_end: 21:00, now 20:30" in changes(BY_NAME["database.speed_to_lead"], practice(), FULL)
    assert changes(BY_NAME["database.stage_accuracy"], practice(), FULL).startswith(
        "confirmed_system_rules: not set, now closed_to_past_client (Dana Reyes, 05/04/2026)")
    assert changes(CLOSING, practice(), practice(templates={})) == "other words in its templates"
    assert changes(CLOSING, now, now) == ""


def test_a_new_version_is_said_as_one() -> None:
    newer = replace(CLOSING, version=CLOSING.version + 1)
    assert list(status_of([newer], practice(), _kept(CLOSING, practice())).changed(practice())) == [f"{CLOSING.name} ({NEW_VERSION})"]
    assert list(status_of([newer], practice(), book()).changed(practice())) == [CLOSING.name]


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
    said, defects = lawful(s, [policy], {policy.name: [_says("card")]}, status)
    assert (said, defects) == ({policy.name: [_says("email")]}, ())
    assert lawful(s, [policy], {policy.name: [_says("card")]}, status.after([policy]))[0] == {policy.name: [_says("card")]}


def test_a_policy_that_raises_with_its_earlier_options_is_a_defect_and_asks_for_nothing() -> None:
    def raises(s: Snapshot) -> Any:
        raise ZeroDivisionError

    policy = replace(CLOSING, decide=raises)
    s = snapshot(TODAY, practice=FULL, workbook=_kept(policy, practice()))
    said, defects = lawful(s, [policy], {policy.name: [_says("card")]}, status_of([policy], FULL, s.workbook))
    assert said == {policy.name: []}
    assert [(d.policy, d.kind) for d in defects] == [(policy.name, "ZeroDivisionError")]


# -- the row that asks ---------------------------------------------------------------------------------------------------


def _wants(mark: str, name: str, due: date) -> Action:
    return Action(mark=mark, clause="", verb="create", entity="task", person_id=101, reason="r", after={"name": name, "dueDate": due, "assignedUserId": AGENT})


def test_touches_are_named_once_and_never_those_that_run_on() -> None:
    s = snapshot(TODAY, tasks=(own_task("MS-04 d5 20261220-14d"),))
    wanted = [_wants("MS-04 d1 20261230-14d", "Ben", date(2026, 12, 18)), _wants("MS-09 d1 20261230-draft", "Ben again", date(2026, 12, 18)),
              _wants("MS-04 d2 20270101-14d", "Too late", date(2026, 12, 19)), _wants("MS-42 d3 20261218-send", "Runs", date(2026, 12, 12)),
              _wants("MS-45 d5 20261220-48h", "Begun", date(2026, 12, 12))]
    coming = [_wants("MS-04 d1 20261230-14d", "Ben", date(2026, 12, 18)), _wants("MS-04 d4 20261231-14d", "Dora, on 12/31", date(2026, 12, 18))]
    assert touches(s, wanted, coming, [wanted[3]]) == ("Ben (12/18/2026)", "Dora, on 12/31")
    row = replace(wanted[0], entity="Approvals", verb="append", after={"Client": "Ben Novak", "What": "Anniversary e-mail, year 1. Read it.", "Due": TODAY})
    assert touches(s, [row], (), ()) == ("Ben Novak: Anniversary e-mail, year 1 (12/11/2026)",)


def _row(names: int, **changes: Any) -> Mapping[str, Any]:
    s = snapshot(TODAY, practice=FULL, workbook=_kept(CLOSING, practice()), activated=date(2026, 11, 2))
    want = consent_row.row(s, status_of([CLOSING], FULL, s.workbook), (), [f"Touch {n}" for n in range(names)]).want
    assert isinstance(want, WantRow)
    return {**want.first, **want.keep, "Ref": want.ref, **changes}


@pytest.mark.clause("X-92", "DB-05")
def test_the_row_names_the_change_and_its_status_the_touches_that_wait() -> None:
    cells = _row(2)
    assert cells["What"].startswith("Changed: milestones.closing_anniversary (years_required: 1, 2, 5, now 1, 2, 5, 10; every_year: yes, now no;")
    assert cells["Status"] == "Waiting for your decision. Held back until you approve, and due within 7 days: Touch 0; Touch 1."
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
    assert lawful(s, [policy], {policy.name: [gone]}, status_of([policy], FULL, s.workbook))[0] == {policy.name: []}
