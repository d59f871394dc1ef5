"""The pass as a state machine: people edit, decide, close, delete and correct; answers get lost; days go by; the ledger vanishes.

After every pass: a second one has nothing to do, no key stands twice, nothing human was touched, no NEVER was broken.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
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

from connectors.memory import MemoryCrm, MemoryNotifier, MemorySheet
from daemon.account.ledger import Ledger
from daemon.account.settings import Settings
from daemon.account.wiring import Account
from daemon.passes import session
from policies.asks.drafts import digest
from policies.world.model import Contact, Key, Task
from policies.world.sheet import Row, Workbook
from tests import scenes
from tests.conftest import SteppingClock
from tests.properties.endings import left_open

START = date(2026, 12, 1)
PEOPLE = {101: (812, date(2025, 12, 18)), 102: (813, date(2024, 12, 23)), 103: (814, date(2024, 2, 29)), 104: (815, date(2021, 12, 31))}
BORN = {101: {"birthday": "1984-12-20"}, 103: {"birthday": "--02-29"}}
SENDS = {"MS-42": "", "MS-43": "birthday-", "MS-44": "value-", "MS-30": "homestead-"}
people = st.sampled_from(sorted(PEOPLE))


def options() -> Settings:
    return Settings.model_validate({
        "mode": "act", "state_dir": tempfile.mkdtemp(prefix="steward-"), "host": "here",
        "agent": {"name": "Dana Reyes", "timezone": "America/Chicago", "crm_user": scenes.AGENT, "google_account": "dana@example.com"},
        "va": {"name": "Mia Cole", "crm_user": scenes.VA}, "sheet": {"spreadsheet_id": "x", "credentials": "anonymous"},
        "guard": {"withdraw_limit": 50, "minimum_snapshot_share": 0}, "milestones": {"year_2_subject": "Thinking of you"}})


class Brokerage(RuleBasedStateMachine):
    """Four past clients, one of them with a leap day, one at the turn of the year."""

    @initialize()
    def begin(self) -> None:
        self.today, self.went_back = START, False
        self.clock = SteppingClock(datetime(2026, 12, 1, 12, tzinfo=UTC))
        self.crm = MemoryCrm(scenes.account(), [scenes.client(n, first_name=f"Client{n}", fields=BORN.get(n, {})) for n in PEOPLE],
                             [scenes.purchase(closing, deal, (n,), name=f"{deal} Elm St") for n, (deal, closing) in PEOPLE.items()])
        self.sheet = MemorySheet(scenes.book())
        self.settings = options()
        self.hire()
        self.human: dict[int, Task] = {}
        self.approved: set[str] = set()
        self.deleted: set[Key] = set()
        now = scenes.at(self.today)
        session.apply(self.account, now, shown=session.plan(self.account, now).plan.digest)

    def hire(self) -> None:
        self.account = Account(settings=self.settings, crm=self.crm, sheet=self.sheet, sheet_setup=None,  # type: ignore[arg-type]  # not needed here
                               ledger=Ledger(self.settings.state_dir), clock=self.clock, notifier=MemoryNotifier(), templates=scenes.TEMPLATES, homestead=scenes.STATES)

    def teardown(self) -> None:
        if hasattr(self, "settings"):
            self.account.ledger.close()
            shutil.rmtree(self.settings.state_dir)

    # -- people ----------------------------------------------------------------------------------------------------

    def change(self, number: int, **changes: Any) -> None:
        self.crm.people[number] = replace(self.crm.people[number], **changes)

    @rule(days=st.integers(-2, 9))
    def days_go_by(self, days: int) -> None:
        self.went_back |= days < 0
        self.today += timedelta(days=days)
        self.clock.instant += timedelta(days=days)

    @rule(number=people, days=st.integers(-5, 5))
    def a_closing_date_is_corrected(self, number: int, days: int) -> None:
        closing = PEOPLE[number][1]
        self.change(number, fields={**self.crm.people[number].fields, "closing_anniversary": str(closing + timedelta(days=days))})

    @rule(number=people, born=st.sampled_from(["1984-12-20", "12-22", "1970-01-01", "soon", ""]))
    def a_birthday_is_typed(self, number: int, born: str) -> None:
        rest = {name: value for name, value in self.crm.people[number].fields.items() if name != "birthday"}
        self.change(number, fields=rest | ({"birthday": born} if born else {}))

    @rule(number=people, tags=st.sampled_from([(), ("DNC",), ("Deceased",), ("Steward: skip",)]))
    def a_contact_is_tagged(self, number: int, tags: tuple[str, ...]) -> None:
        self.change(number, tags=tags)

    @rule(number=people, sold=st.booleans())
    def a_home_is_sold_or_was_not_after_all(self, number: int, sold: bool) -> None:
        if sold:
            self.crm.closings[900 + number] = scenes.sale(date(2026, 6, 1), 900 + number, (number,), name="")
        else:
            self.crm.closings.pop(900 + number, None)

    @rule(n=st.integers(0, 30), completed=st.booleans())
    def a_task_is_ticked_off_or_deleted(self, n: int, completed: bool) -> None:
        open_ = [t for t in self.crm.all_tasks.values() if not t.completed]
        if open_:
            task = open_[n % len(open_)]
            if completed:
                self.crm.all_tasks[task.id] = self.human[task.id] = replace(task, completed=True)
            else:
                del self.crm.all_tasks[task.id]
                self.deleted |= {task.key.base} if task.key else set()

    @rule(n=st.integers(0, 30))
    def a_task_is_reworded(self, n: int) -> None:
        if self.crm.all_tasks:
            task = list(self.crm.all_tasks.values())[n % len(self.crm.all_tasks)]
            self.crm.all_tasks[task.id] = replace(task, name="call them", key=None)

    def approvals(self) -> list[Row]:
        return list(self.sheet.book.rows("Approvals"))

    def rewrite(self, rows: list[Row]) -> None:
        tab = replace(self.sheet.book.tabs["Approvals"], rows=tuple(rows))
        self.sheet.book = Workbook({**self.sheet.book.tabs, "Approvals": tab})

    @precondition(lambda self: bool(self.sheet.book.rows("Approvals")))
    @rule(n=st.integers(0, 30), word=st.sampled_from(["Approve", "Approve", "Hold", "Reject", ""]))
    def the_agent_decides(self, n: int, word: str) -> None:
        rows = self.approvals()
        row = rows[n % len(rows)]
        numbers: dict[str, Any] = {"Value Low": 400000, "Value High": 400000 + 1000 * n, "Change": "significant"} if row.ref.startswith("MS-37") else {}
        rows[n % len(rows)] = Row(row.ref, {**row.cells, **numbers, "Decision": word})
        self.approved |= {row.ref} if word == "Approve" else set()
        self.rewrite(rows)

    @precondition(lambda self: bool(self.sheet.book.rows("Approvals")))
    @rule(n=st.integers(0, 30))
    def the_agent_edits_a_draft(self, n: int) -> None:
        rows = self.approvals()
        rows[n % len(rows)] = Row(rows[n % len(rows)].ref, {**rows[n % len(rows)].cells, "Draft": "Hi —\nMy own warm words.\nDana"})
        self.rewrite(rows)

    @rule(n=st.integers(0, 30), delete=st.booleans())
    def the_tab_is_turned_upside_down_or_a_row_deleted(self, n: int, delete: bool) -> None:
        rows = self.approvals()[::-1]
        if delete and rows:
            del rows[n % len(rows)]
        self.rewrite(rows)

    # -- trouble ---------------------------------------------------------------------------------------------------

    @rule(crm=st.lists(st.sampled_from(["not sent", "lost before", "lost after"]), max_size=2), sheet=st.sampled_from([None, "not sent", "lost before", "lost after"]))
    def answers_get_lost(self, crm: list[Any], sheet: Any) -> None:
        self.crm.fates.queue[:] = crm
        self.sheet.fates.queue[:] = [sheet] if sheet else []
        self.one_pass()
        self.crm.fates.queue.clear()
        self.sheet.fates.queue.clear()

    @precondition(lambda self: not self.account.ledger.intents("inflight"))
    @rule()
    def the_ledger_vanishes(self) -> None:
        if all(task.key for task in self.crm.all_tasks.values()):  # a reworded task is known by the ledger alone
            self.one_pass()  # what people deleted is in Memory by now
            self.account.ledger.close()
            shutil.rmtree(self.settings.state_dir)
            self.hire()
            self.one_pass()  # reads the marks back; nobody could tell a deletion before that

    @rule()
    def the_daemon_restarts(self) -> None:
        self.account.ledger.close()
        self.hire()

    # -- the pass --------------------------------------------------------------------------------------------------

    def one_pass(self) -> None:
        session.apply(self.account, scenes.at(self.today))

    @rule()
    def a_pass_converges(self) -> None:
        before = {n: (c, set(self.crm.all_tasks)) for n, c in self.crm.people.items()}
        self.one_pass()
        self.one_pass()  # decisions voided by the first are settled by the second
        if self.went_back:  # an answer dated before the pairs were first seen covers none: they are asked about again
            self.one_pass()
        again = session.plan(self.account, scenes.at(self.today))
        assert [a.mark for a in again.plan.actions] == []
        writes = (len(self.crm.writes), len(self.sheet.writes))
        self.one_pass()
        assert (len(self.crm.writes), len(self.sheet.writes)) == writes
        self.nobody_was_drafted_to_who_must_not_be(before)
        self.open_sends_stand_on_a_yes()
        assert left_open(self.crm.all_tasks.values(), self.sheet.book) == []

    def nobody_was_drafted_to_who_must_not_be(self, before: dict[int, tuple[Contact, set[int]]]) -> None:
        for task in self.crm.all_tasks.values():
            contact, known = before[task.person_id]
            if task.id not in known and not (task.key and task.key.rule.startswith("DB-")):  # a record is put in order whoever it is of
                assert not set(contact.tags) & {"DNC", "Deceased", "Steward: skip"}
                birthday = task.key is not None and ("birthday" in task.key.episode or task.key.rule == "MS-29")
                about_the_home = not birthday and not (task.key and task.key.subject == f"d{900 + task.person_id}")
                assert not about_the_home or 900 + task.person_id not in self.crm.closings  # a birthday outlives the house

    @invariant()
    def no_key_stands_twice(self) -> None:
        keys = [t.key for t in getattr(self, "crm", MemoryCrm(scenes.account())).all_tasks.values() if t.key and not t.withdrawn]
        assert len(keys) == len(set(keys))

    @invariant()
    def what_a_person_deleted_stays_deleted(self) -> None:
        for task in getattr(self, "crm", MemoryCrm(scenes.account())).all_tasks.values():
            assert not (task.key and not task.withdrawn and not task.completed and task.key.base in self.deleted)

    @invariant()
    def what_a_person_closed_stays_as_it_was(self) -> None:
        for number in getattr(self, "human", {}):
            now = self.crm.all_tasks.get(number)
            assert now is None or (now.completed and not now.withdrawn)

    @invariant()
    def only_the_agents_yes_makes_a_send_task(self) -> None:
        for task in getattr(self, "crm", MemoryCrm(scenes.account())).all_tasks.values():
            if task.key and task.key.rule in SENDS and task.key.base.episode.endswith("-send"):
                assert f"MS-09 {task.key.subject} {task.key.episode[:8]}-{SENDS[task.key.rule]}draft" in self.approved

    def open_sends_stand_on_a_yes(self) -> None:
        """An open send task that could still go out has its approval standing beside it."""
        decisions = {row.ref: row.text("Decision") if digest(row.text("Draft")) == row.text("Digest").partition("/")[0] else "edited"
                     for row in self.approvals()}
        for task in self.crm.all_tasks.values():
            if task.key and task.key.rule == "MS-42" and not task.completed and task.key.episode[:8] >= f"{self.today:%Y%m%d}":
                contact = self.crm.people[task.person_id]
                ref = f"MS-09 {task.key.subject} {task.key.episode[:8]}-draft"
                assert "Steward: skip" in contact.tags or decisions.get(ref, "Approve") == "Approve"


SHARES = range(4)
"""One share for each process that runs tests; together they are 40 histories of 40 steps."""


@pytest.mark.parametrize("share", SHARES)
def test_histories_of_past_clients(share: int) -> None:
    run_state_machine_as_test(Brokerage, settings=settings(max_examples=40 // len(SHARES), stateful_step_count=40, deadline=None,
                                                       suppress_health_check=list(HealthCheck)))
