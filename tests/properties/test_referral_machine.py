"""The referral rules as a state machine: people refer, edit, merge, opt out and sort; answers get lost; the ledger vanishes.

After every two passes: a third has nothing to do, no referral stands in the log twice, nobody is prompted for twice, no
cell of a person's reads otherwise, and nobody who is Do Not Contact is thanked.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from connectors.memory import MemoryCrm, MemorySheet
from daemon.account.ledger import Ledger
from daemon.account.wiring import Account
from daemon.passes import session
from policies.facts.referral_log import DOUBLE
from policies.world.model import (
    Communication,
    Contact,
    Reach,
    Side,
    Stage,
)
from policies.world.sheet import Row, Tab
from tests import scenes
from tests.conftest import SteppingClock
from tests.properties.endings import left_open
from tests.properties.test_state_machine import options
from tests.referred import lead, source

SOURCES = {50: ("John Smith", Stage.PAST_CLIENT_BUYER, ()), 51: ("Petra Vance", Stage.SPHERE_OF_INFLUENCE, ()),
           52: ("Omar Haddad", Stage.PROFESSIONAL_NETWORK, ("Agent",))}
THANKS = {"RF-08", "RF-13", "RF-31", "RF-36"}
FIRST = ("Ana", "Ben", "Carla", "David")
SILENT = {"DNC", "Deceased"}
few = st.integers(0, 30)


class Referring(RuleBasedStateMachine):
    """Three sources, and leads that come as the machine likes."""

    @initialize(silent=st.sampled_from([(), (50,), (51, 52)]))
    def begin(self, silent: tuple[int, ...]) -> None:
        self.clock = SteppingClock(datetime(2026, 12, 1, 15, tzinfo=UTC))
        self.crm = MemoryCrm(scenes.account(), [
            source(n, name, stage, tags=(*tags, *(("DNC",) if n in silent else ()))) for n, (name, stage, tags) in SOURCES.items()])
        self.sheet = MemorySheet(scenes.book())
        self.settings = options()
        self.hire()
        self.taken: dict[tuple[str, str], str] = {}
        self.next = 101
        session.apply(self.account, self.now, shown=session.plan(self.account, self.now).plan.digest)

    @property
    def now(self) -> datetime:
        return self.clock.instant.astimezone(scenes.ZONE)

    def hire(self) -> None:
        self.account = Account(settings=self.settings, crm=self.crm, sheet=self.sheet, sheet_setup=None,  # type: ignore[arg-type]  # not needed here
                               ledger=Ledger(self.settings.state_dir), clock=self.clock, templates=scenes.TEMPLATES, homestead=scenes.STATES)

    def teardown(self) -> None:
        if hasattr(self, "settings"):
            self.account.ledger.close()
            shutil.rmtree(self.settings.state_dir)

    # -- people at the CRM ---------------------------------------------------------------------------------------------

    def leads(self) -> list[Contact]:
        return [c for c in self.crm.people.values() if c.id >= 101]

    def change(self, number: int, **changes: Any) -> None:
        self.crm.people[number] = replace(self.crm.people[number], **changes)

    @rule(hours=st.integers(0, 60))
    def a_poll(self, hours: int) -> None:
        self.clock.instant += timedelta(hours=hours)
        before, silent = set(self.crm.all_tasks), {n for n in SOURCES if set(self.crm.people[n].tags) & SILENT}
        session.apply(self.account, self.now)
        self.nobody_silent_is_thanked(before, silent)

    @precondition(lambda self: self.next < 109)
    @rule(by=st.sampled_from(["John Smith", "Petra Vance", "Omar Haddad", "#50", "Nobody Known", "John"]), way=st.sampled_from(["field", "native", "row"]))
    def somebody_is_sent(self, by: str, way: str) -> None:
        number, self.next = self.next, self.next + 1
        name = f"{FIRST[number % len(FIRST)]} Lead{number}"
        told: dict[str, Any] = {"field": {"by": by}, "native": {"by": "", "source": f"Referral – {by}"}, "row": {"by": ""}}[way]
        self.crm.people[number] = lead(number, name, created=self.clock.instant, emails=(Reach(f"{number}@example.org"),), **told)
        if way == "row":
            self.log(lambda rows: [*rows, Row("", {"Date": self.now.date(), "Referral Source": by, "Referred Lead": name})])

    @rule(n=few, by=st.sampled_from(["John Smith", "Petra Vance", "#52", ""]))
    def the_field_is_corrected(self, n: int, by: str) -> None:
        if found := self.leads():
            one = found[n % len(found)]
            rest = {name: value for name, value in one.fields.items() if name != "referred_by"}
            self.change(one.id, fields=rest | ({"referred_by": by} if by else {}))

    @rule(n=few, stage=st.sampled_from([Stage.ACTIVE_BUYER, Stage.COLD_LEAD, Stage.UNDER_CONTRACT, Stage.PAST_CLIENT_BUYER]), closed=st.booleans())
    def a_lead_moves_on(self, n: int, stage: Stage, closed: bool) -> None:
        if found := self.leads():
            one = found[n % len(found)]
            self.change(one.id, stage=stage, stage_label=stage.value)
            if closed:
                self.crm.closings[one.id] = scenes.purchase(self.now.date(), one.id, (one.id,), name=f"{one.id} Elm St", side=Side.BUYER)

    @rule(number=st.sampled_from(sorted(SOURCES)), tags=st.sampled_from([(), ("DNC",), ("Deceased",), ("Referral Source",), ("Steward: skip",)]))
    def a_source_is_tagged(self, number: int, tags: tuple[str, ...]) -> None:
        self.change(number, tags=(*SOURCES[number][2], *tags))

    @rule(number=st.sampled_from(sorted(SOURCES)), channel=st.sampled_from(["call", "text", "e-mail"]), out=st.booleans())
    def somebody_speaks(self, number: int, channel: str, out: bool) -> None:
        spoken = (Communication(channel, self.clock.instant),)
        self.change(number, **({"outbound": spoken} if out else {"inbound": spoken}))

    @precondition(lambda self: len(self.leads()) > 1)
    @rule(n=few)
    def a_lead_is_merged_into_a_twin(self, n: int) -> None:
        if (found := [c for c in self.leads() if not c.trashed]) and self.next < 109:
            loser, number = found[n % len(found)], self.next
            self.next += 1
            self.crm.people[number] = replace(loser, id=number)
            self.change(loser.id, trashed=True, stage=None, stage_label="Trash")
            for task in [t for t in self.crm.all_tasks.values() if t.person_id == loser.id]:
                self.crm.all_tasks[task.id] = replace(task, person_id=number)
            for key, deal in self.crm.closings.items():
                self.crm.closings[key] = replace(deal, person_ids=tuple(number if i == loser.id else i for i in deal.person_ids))

    @rule(n=few, completed=st.booleans())
    def a_task_is_ticked_off_or_deleted(self, n: int, completed: bool) -> None:
        open_ = [t for t in self.crm.all_tasks.values() if not t.completed]
        if open_:
            task = open_[n % len(open_)]
            if completed:
                self.crm.all_tasks[task.id] = replace(task, completed=True, completed_at=self.clock.instant)
            else:
                del self.crm.all_tasks[task.id]

    # -- people at the Sheet -------------------------------------------------------------------------------------------

    def rewrite(self, tab: str, change: Any) -> None:
        rows = tuple(change(list(self.sheet.book.rows(tab))))
        self.sheet.book = replace(self.sheet.book, tabs={**self.sheet.book.tabs, tab: Tab(tab, rows)})

    def log(self, change: Any) -> None:
        self.rewrite("Referral Log", change)

    @rule()
    def the_log_is_sorted(self) -> None:
        self.log(lambda rows: sorted(rows, key=lambda row: (row.text("Referred Lead"), row.ref), reverse=True))

    @precondition(lambda self: any(row.ref for row in self.sheet.book.rows("Referral Log")))
    @rule(n=few, column=st.sampled_from(["Recognition Sent", "Close Date"]))
    def a_cell_is_taken_over(self, n: int, column: str) -> None:
        ours = [row.ref for row in self.sheet.book.rows("Referral Log") if row.ref]
        ref, text = ours[n % len(ours)], f"mine {n}"
        self.taken[ref, column] = text
        self.log(lambda rows: [Row(row.ref, {**row.cells, column: text}) if row.ref == ref else row for row in rows])

    @precondition(lambda self: bool(self.sheet.book.rows("Referral Log")))
    @rule(n=few)
    def a_row_is_deleted(self, n: int) -> None:
        self.log(lambda rows: [row for i, row in enumerate(rows) if i != n % len(rows)])

    @precondition(lambda self: bool(self.sheet.book.rows("Approvals")))
    @rule(n=few, word=st.sampled_from(["Approve", "Text it", "E-mail it", "Hold", "Reject", "Put it back", "Leave it out", "Card, the procedure's note"]))
    def the_agent_decides(self, n: int, word: str) -> None:
        self.rewrite("Approvals", lambda rows: [Row(row.ref, {**row.cells, "Decision": word}) if i == n % len(rows) else row for i, row in enumerate(rows)])

    # -- trouble -------------------------------------------------------------------------------------------------------

    @rule(crm=st.lists(st.sampled_from(["not sent", "lost before", "lost after"]), max_size=3), sheet=st.sampled_from([None, "not sent", "lost before", "lost after"]))
    def answers_get_lost(self, crm: list[Any], sheet: Any) -> None:
        self.crm.fates.queue[:] = crm
        self.sheet.fates.queue[:] = [sheet] if sheet else []
        session.apply(self.account, self.now)
        self.crm.fates.queue.clear()
        self.sheet.fates.queue.clear()

    @precondition(lambda self: not self.account.ledger.intents("inflight"))
    @rule()
    def the_ledger_vanishes(self) -> None:
        session.apply(self.account, self.now)  # what people deleted is in Memory by now
        self.account.ledger.close()
        shutil.rmtree(self.settings.state_dir)
        self.hire()
        session.apply(self.account, self.now)

    @rule()
    def the_daemon_restarts(self) -> None:
        self.account.ledger.close()
        self.hire()

    # -- the pass ------------------------------------------------------------------------------------------------------

    @rule()
    def a_pass_converges(self) -> None:
        for _ in range(3):  # a row that is found to repeat another is settled after the one it repeats
            session.apply(self.account, self.now)
        assert [a.mark for a in session.plan(self.account, self.now).plan.actions] == []
        assert left_open(self.crm.all_tasks.values(), self.sheet.book) == []

    def nobody_silent_is_thanked(self, before: set[int], silent: set[int]) -> None:
        of = {row.text("Lead"): row.text("Source") for row in self.sheet.book.rows("Referral Log")}
        for task in self.crm.all_tasks.values():
            if task.id not in before and task.key and task.key.subject != f"p{of.get(str(task.person_id))}" and task.key.rule in THANKS:
                assert not (of.get(str(task.person_id), "").isdigit() and int(of[str(task.person_id)]) in silent)

    @invariant()
    def no_key_stands_twice(self) -> None:
        keys = [t.key for t in getattr(self, "crm", MemoryCrm(scenes.account())).all_tasks.values() if t.key and not t.withdrawn]
        assert len(keys) == len(set(keys))

    @invariant()
    def no_referral_stands_in_the_log_twice(self) -> None:
        if hasattr(self, "sheet"):
            rows = [row for row in self.sheet.book.rows("Referral Log") if row.text("Lead") and not row.text("Status").startswith(DOUBLE)]
            assert len({row.text("Lead") for row in rows}) == len(rows)

    @invariant()
    def what_a_person_typed_stays(self) -> None:
        for (ref, column), text in getattr(self, "taken", {}).items():
            row = self.sheet.book.row("Referral Log", ref)
            assert row is None or row.text(column) == text

    @invariant()
    def a_source_learns_first_names_and_days_alone(self) -> None:
        for _, note in getattr(self, "crm", MemoryCrm(scenes.account())).all_notes.values():
            if note.person_id in SOURCES and note.key and note.key.rule.startswith("RF"):
                assert " — referred " in note.body
                assert "Lead1" not in note.body


SHARES = range(2)
"""One share for each process that runs tests; together they are 20 histories of 30 steps."""


@pytest.mark.parametrize("share", SHARES)
def test_histories_of_referrals(share: int) -> None:
    run_state_machine_as_test(Referring, settings=settings(max_examples=20 // len(SHARES), stateful_step_count=30, deadline=None,
                                                       suppress_health_check=list(HealthCheck)))
