"""Laws of the database procedure over made-up databases, whatever stands in them and whatever the agent answers."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.passes import guard
from daemon.passes import plan as planning
from daemon.passes.forecast import after
from policies.asks.wants import (
    Finding,
    WantNote,
    WantPerson,
    WantRow,
    WantStage,
    WantTask,
)
from policies.facts.contact_permission import death, named_signs, opt_out
from policies.facts.ownership import kept
from policies.registry import POLICIES
from policies.world.practice import ConfirmedRule, DatabaseOptions
from policies.world.sheet import Row, Tab
from policies.world.snapshot import Snapshot
from tests.planted import planted
from tests.properties.endings import left_open
from tests.scenes import at, practice, snapshot

TODAY = date(2027, 1, 4)
OURS = [p for p in POLICIES if p.name.startswith("database.") and p.name not in {"database.lists", "database.duplicates"}]
RULE = ConfirmedRule("closed_to_past_client", "Dana Reyes", date(2026, 1, 1))


def world(seed: int, *, rule: bool) -> Snapshot:
    f = planted(TODAY, people=150, seed=seed, share=0.8)
    options = DatabaseOptions(confirmed_system_rules=(RULE,) if rule else ())
    return snapshot(TODAY, f.contacts.values(), f.deals.values(), mail=tuple(f.mail), now=at(TODAY, 12), activated=date(2026, 12, 20),
                    practice=practice(database=options, suppression_key=b"a key that nobody else has"))


def decided(s: Snapshot) -> list[Finding]:
    return [f for policy in OURS for f in policy.decide(s)]


def passed(s: Snapshot) -> Snapshot:
    return after(s, planning.make(s, decided(s)))


def answered(s: Snapshot, seed: int) -> Snapshot:
    """The agent chooses something in every row, or nothing."""
    chance = random.Random(seed)
    choices = ("", "", "Approve", "Reject", "Hold", "One by one", "Long-Term Nurture", "Remove", "Reactivate", "Leave as is")
    rows = tuple(Row(r.ref, {**r.cells, "Decision": r.cells.get("Decision") or chance.choice(choices)}) for r in s.workbook.rows("Approvals"))
    return replace(s, workbook=replace(s.workbook, tabs={**s.workbook.tabs, "Approvals": Tab("Approvals", rows)}))


WORLDS = (st.integers(0, 10**6), st.booleans())


@settings(max_examples=20)
@given(*WORLDS)
@pytest.mark.clause("DB-08", "DB-04", "DB-07", "DB-10", "DB-09", "DB-35")
def test_nothing_leaves_the_allow_list_and_nobody_moves_or_goes_without_the_agent(seed: int, rule: bool) -> None:
    s = passed(world(seed, rule=rule))
    for turn in range(3):
        actions = planning.make(s, decided(s)).actions
        assert [guard.forbidden(a) for a in actions] == [""] * len(actions)
        approved = {row.ref: row.text("Decision") for row in s.workbook.rows("Approvals")}
        for finding in decided(s):
            want = finding.want
            if isinstance(want, WantStage):
                assert want.agreed or (rule and want.key.rule == "DB-24")
            if isinstance(want, WantTask) and want.key.rule == "DB-35":
                assert "Approve" in {said for ref, said in approved.items() if ref.startswith("DB-35")}
            assert not isinstance(want, WantPerson)
        s = passed(answered(s, seed + turn))


@settings(max_examples=15)
@given(*WORLDS)
@pytest.mark.clause("X-35", "X-49", "X-57")
def test_no_words_for_a_client_who_opted_out_or_died_and_nothing_about_another_agents(seed: int, rule: bool) -> None:
    s = world(seed, rule=rule)
    keeps = {contact.id for contact in kept(s)}
    for finding in decided(s):
        want = finding.want
        if isinstance(want, WantNote) and "Hi " in want.body and want.key.rule == "DB-17":
            assert not opt_out(s, s.contacts[want.person_id]) or not named_signs(s, s.contacts[want.person_id])
            assert not death(s, s.contacts[want.person_id])
        if isinstance(want, WantRow) and want.person_id and want.tab != "Purge":
            assert want.person_id in keeps


@settings(max_examples=15)
@given(*WORLDS)
@pytest.mark.clause("DB-03", "DB-11")
def test_people_get_no_flood_and_a_day_comes_to_rest(seed: int, rule: bool) -> None:
    s = world(seed, rule=rule)
    tasks = Counter(f.want.key.rule for f in decided(s) if isinstance(f.want, WantTask))
    assert all(count <= 25 for name, count in tasks.items() if name not in {"DB-17", "DB-42"})
    for _ in range(3):
        s = passed(s)

    assert [(a.mark, a.verb, a.entity) for a in planning.make(s, decided(s)).actions] == []
    assert left_open(s.tasks, s.workbook) == []
