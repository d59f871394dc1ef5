"""Acts, one by one: what each makes of the CRM as it is at that moment, and how each is taken back."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, get_args

import pytest

from connectors.memory.crm import MemoryCrm
from daemon.passes.actions import Action, remember
from daemon.passes.acts.act import Change, Entry, Record, Undone, View, Wanted
from daemon.passes.acts.kinds import act_of, on_record
from daemon.passes.acts.tasks import TaskMade
from policies.asks.wants import (
    Finding,
    Want,
    WantAssigned,
    WantField,
    WantRaised,
    WantRow,
    WantStage,
    WantTag,
    WantTask,
    WantWithdrawn,
)
from policies.world.memory import AGAIN, DELETED, STAGE, TAG, StageMove
from policies.world.model import STAGE_LABELS, Contact, Key, Stage, Task
from policies.world.snapshot import Snapshot
from tests.scenes import AGENT, VA, account, book, client, own_task, practice, snapshot

TODAY = date(2026, 12, 14)
LEFT = 9
"""A user who left."""
MOVE, TAGGED, FILLED = Key("DB-24", "p101", "d812"), Key("RF-06", "p101", "referral"), Key("DB-34", "p101", "since")
REMINDER, LOUD = Key("MS-04", "d812", "20261218-7d"), "Overdue: "


@dataclass
class Ledger:
    """What the act wrote down about its action."""

    said: list[str] = field(default_factory=list)

    def record(self) -> Record:
        return Record(settle=self.said.append, keep=lambda: self.said.append("kept"))


def crm(*tasks: Task, **person: Any) -> MemoryCrm:
    found = MemoryCrm(account(), [client(**person)])
    found.all_tasks = {task.id: task for task in tasks}
    return found


def carried_out(want: Want, there: MemoryCrm, seen: Snapshot | None = None) -> tuple[str, str, list[str], list[str]]:
    """The result and its detail, what was written to the CRM, and what the ledger was told, where the want was planned for the world as *seen*."""
    s = seen or snapshot(TODAY, [client()], tasks=(task(),))
    actions = list(act_of(want).needed(View(s), Finding("X", "a reason", want), want))
    assert len(actions) == 1
    ledger = Ledger()
    act = on_record(actions[0])
    assert isinstance(act, Change)
    outcome = act.perform(there, ledger.record(), actions[0], want)
    return outcome.result, outcome.detail, there.writes, ledger.said


def task(**changes: Any) -> Task:
    return own_task(str(REMINDER), 1, **{"name": "Prepare", "assigned_user_id": VA, **changes})


# -- a stage ---------------------------------------------------------------------------------------


def move(**changes: Any) -> WantStage:
    return replace(WantStage(key=MOVE, person_id=101, stage=Stage.PAST_CLIENT_BUYER, leaves=Stage.UNDER_CONTRACT), **changes)


def at(stage: Stage) -> dict[str, Any]:
    return {"stage": stage, "stage_label": STAGE_LABELS[stage]}


@pytest.mark.clause("DB-09", "DB-24")
@pytest.mark.parametrize(("stage", "result", "writes"), [
    (Stage.UNDER_CONTRACT, "done", 1), (Stage.PAST_CLIENT_BUYER, "already there", 0), (Stage.ACTIVE_BUYER, "refused", 0), (Stage.REFERRAL_SOURCE, "refused", 0)])
def test_a_contact_is_moved_only_from_the_stage_they_were_seen_in(stage: Stage, result: str, writes: int) -> None:
    seen = snapshot(TODAY, [client(**at(Stage.UNDER_CONTRACT))])
    there = crm(**at(stage))

    assert carried_out(move(), there, seen)[0] == result
    assert len(there.writes) == writes
    assert there.people[101].stage is (Stage.PAST_CLIENT_BUYER if writes else stage)


@pytest.mark.clause("DB-09", "DB-24")
@pytest.mark.parametrize(("world", "needed"), [
    ({}, True), ({"stage": Stage.ACTIVE_BUYER}, False), ({"written": True}, False), ({"remembered": True}, False), ({"gone": True}, False)])
def test_a_contact_is_moved_once_and_only_from_there(world: dict[str, Any], needed: bool) -> None:
    moved = {"Ref": STAGE.ref(MOVE), "What": STAGE.write(StageMove("Past Client — Buyer", "Under Contract"))}
    s = snapshot(TODAY, [] if world.get("gone") else [client(**at(world.get("stage", Stage.UNDER_CONTRACT)))],
                 workbook=book({"Memory": [moved] if world.get("remembered") else []}),
                 written=frozenset({str(MOVE)} if world.get("written") else ()))

    assert bool(list(act_of(move()).needed(View(s), Finding("DB-24", "closed", move()), move()))) is needed


def taken_back(want: Want, entry: Entry, s: Snapshot) -> Undone:
    return act_of(want).undo(s, entry, Wanted((want,)))


def entry(key: Key, entity: str, verb: str, person_id: int | None = 101) -> Entry:
    return Entry(str(key), verb, entity, key.rule, person_id)


@pytest.mark.clause("DB-09", "DB-46")
@pytest.mark.parametrize(("row", "now", "back"), [
    (StageMove("Past Client — Buyer", "Under Contract"), Stage.PAST_CLIENT_BUYER, Stage.UNDER_CONTRACT),
    (StageMove("Past Client — Buyer", "under contract"), Stage.PAST_CLIENT_BUYER, Stage.UNDER_CONTRACT),
    (StageMove("Past Client — Buyer", "Under Contract"), Stage.ACTIVE_BUYER, None),      # a person moved them since
    (StageMove("Past Client — Buyer", "Closing soon"), Stage.PAST_CLIENT_BUYER, None),   # no stage of ours
    (StageMove("Past Client — Buyer", ""), Stage.PAST_CLIENT_BUYER, None),
    (None, Stage.PAST_CLIENT_BUYER, None),
])
def test_a_move_is_taken_back_where_it_still_is_ours(row: StageMove | None, now: Stage, back: Stage | None) -> None:
    rows = [{"Ref": STAGE.ref(MOVE), "What": STAGE.write(row)}] if row else []
    stages = {stage: (label,) for stage, label in STAGE_LABELS.items()}
    s = snapshot(TODAY, [client(**at(now))], workbook=book({"Memory": rows}), practice=practice(stages=stages))
    found = taken_back(move(), entry(MOVE, "stage", "move"), s)

    assert [a.want for a in found.actions] == ([move(stage=back, leaves=now)] if back else [])
    assert bool(found.by_hand) is (back is None)
    assert taken_back(move(), entry(MOVE, "stage", "move", 999), s).actions == ()


# -- a task ----------------------------------------------------------------------------------------


@pytest.mark.clause("MS-23")
@pytest.mark.parametrize(("user", "completed", "gone", "written"), [
    (LEFT, False, False, True), (VA, False, False, False), (LEFT - 1, False, False, False), (LEFT + 1, False, False, False),
    (LEFT, True, False, False), (LEFT, False, True, False)])
def test_a_task_changes_hands_only_from_the_user_who_left(user: int, completed: bool, gone: bool, written: bool) -> None:
    there = crm(*([] if gone else [task(assigned_user_id=user, completed=completed)]))
    want = WantAssigned(key=REMINDER, task_id=1, person_id=101, assignee=AGENT, leaves=LEFT)

    assert carried_out(want, there)[0] == ("done" if written else "already there")
    assert gone or there.all_tasks[1].assigned_user_id == (AGENT if written else user)


@pytest.mark.clause("MS-45")
@pytest.mark.parametrize(("now", "written"), [
    ({}, True), ({"name": "I bake a cake"}, False), ({"completed": True}, False), (None, False)])
def test_a_task_is_raised_as_it_was_seen(now: dict[str, Any] | None, written: bool) -> None:
    there = crm(*([] if now is None else [task(**now)]))
    want = WantRaised(key=REMINDER, task_id=1, person_id=101, prefix=LOUD)

    assert carried_out(want, there)[0] == ("done" if written else "already there")
    assert now is None or there.all_tasks[1].name.startswith(LOUD) is written


@pytest.mark.parametrize(("now", "settled", "written"), [
    ({}, "withdrawn", True), ({"completed": True}, "done", False), ({"completed": True, "withdrawn": True}, "withdrawn", False), (None, "done", False)])
def test_a_withdrawal_is_written_down_before_it_is_sent(now: dict[str, Any] | None, settled: str, written: bool) -> None:
    there = crm(*([] if now is None else [task(**now)]))
    want = WantWithdrawn(key=REMINDER, task_id=1, person_id=101, because="the deal was deleted")
    result, _, writes, said = carried_out(want, there)

    assert (result, bool(writes), said) == ("done" if written else "already there", written, [settled])


def reminder() -> WantTask:
    return WantTask(key=REMINDER, person_id=101, assignee=VA, kind="Email", due=TODAY, name="Prepare", useful_until=TODAY)


@pytest.mark.clause("DB-46")
@pytest.mark.parametrize(("now", "open_"), [
    ({}, True), ({"name": "I bake a cake"}, False), ({"assigned_user_id": AGENT}, False), ({"name": LOUD + "Prepare"}, False), ({"completed": True}, False), ({"withdrawn": True}, False)])
def test_a_task_is_taken_back_as_it_was_made(now: dict[str, Any], open_: bool) -> None:
    made = {"kind": "Email", "due": TODAY}
    s = snapshot(TODAY, [client()], tasks=(task(**{**made, **now}),))
    found = TaskMade().undo(s, entry(REMINDER, "task", "create"), Wanted((reminder(),)))

    assert [(a.verb, a.entity) for a in found.actions] == ([("withdraw", "task"), ("append", "Memory")] if open_ else [])
    assert bool(found.by_hand) is not open_


@pytest.mark.clause("DB-46")
def test_a_task_that_no_policy_wants_any_longer_is_taken_back_and_stays_taken_back() -> None:
    s = snapshot(TODAY, [client()], tasks=(task(),), workbook=book({"Memory": [{"Ref": DELETED.ref(REMINDER), "What": "x"}]}))
    found = TaskMade().undo(s, entry(REMINDER, "task", "create"), Wanted(()))

    assert [a.verb for a in found.actions] == ["withdraw"]


# -- a tag, a field --------------------------------------------------------------------------------


def tag() -> WantTag:
    return WantTag(key=TAGGED, person_id=101, tag="Referral — John Smith")


@pytest.mark.clause("RF-06")
@pytest.mark.parametrize(("tags", "rows", "tag_of", "by_hand"), [
    (("Referral - john smith",), True, "Referral — John Smith", False), ((), True, "", True), (("Referral — John Smith",), False, "", True)])
def test_a_tag_is_named_to_be_taken_off_by_hand(tags: tuple[str, ...], rows: bool, tag_of: str, by_hand: bool) -> None:
    known = [{"Ref": TAG.ref(TAGGED), "What": "Referral — John Smith"}] if rows else []
    s = snapshot(TODAY, [client(tags=tags)], workbook=book({"Memory": known}))
    found = taken_back(tag(), entry(TAGGED, "tag", "add"), s)

    assert (found.tag, bool(found.by_hand), found.actions) == (tag_of, by_hand, ())


def since(**changes: Any) -> WantField:
    return replace(WantField(key=FILLED, person_id=101, field="do_not_contact_since", value="2026-12-14"), **changes)


@pytest.mark.clause("DB-34")
@pytest.mark.parametrize(("held", "replaces", "result", "left"), [
    ("", "", "done", "2026-12-14"), ("2026-12-14", "", "already there", "2026-12-14"), ("2025-01-01", "", "already there", "2025-01-01"),
    ("2025-01-01", "2025-01-01", "done", "2026-12-14"), ("2025-01-02", "2025-01-01", "already there", "2025-01-02")])
def test_a_field_is_written_where_it_is_empty_or_still_ours(held: str, replaces: str, result: str, left: str) -> None:
    def with_field(value: str) -> dict[str, Any]:
        return {"fields": {"do_not_contact_since": value} if value else {}}

    there = crm(**with_field(held))
    assert carried_out(since(replaces=replaces), there, snapshot(TODAY, [client(**with_field(replaces))]))[0] == result
    assert there.people[101].fields.get("do_not_contact_since", "") == left


@pytest.mark.clause("DB-46")
@pytest.mark.parametrize(("held", "ours"), [("2026-12-14", True), ("2026-12-13", False), ("", False)])
def test_a_field_is_emptied_that_holds_what_was_written(held: str, ours: bool) -> None:
    person: Contact = client(fields={"do_not_contact_since": held} if held else {})
    s = snapshot(TODAY, [person])
    found = taken_back(since(), entry(FILLED, "field", "fill"), s)

    assert [a.verb for a in found.actions] == (["clear", "append"] if ours else [])
    assert bool(found.by_hand) is not ours


# -- Memory ----------------------------------------------------------------------------------------


def test_a_row_of_memory_is_appended_once_and_then_updated() -> None:
    tab = book({"Memory": [{"Ref": "size people", "What": "10"}]}).tabs["Memory"]
    new, known, unseen = remember("size deals", "3", "", tab), remember("size people", "11", "", tab), remember("size people", "11", "", None)

    def written(action: Action) -> tuple[str, Any, Any]:
        return action.verb, action.before.get("What"), action.after["What"]

    assert [written(action) for action in (new, known, unseen)] == [("append", None, "3"), ("update", "10", "11"), ("append", None, "11")]


# -- wants -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", get_args(Want))
def test_a_want_is_a_value_whose_parts_are_named(kind: type) -> None:
    assert dataclasses.is_dataclass(kind)
    assert [f.name for f in dataclasses.fields(kind) if not f.kw_only] == []
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert "__slots__" in vars(kind)


@pytest.mark.clause("DB-46")
def test_of_two_tasks_under_one_key_the_one_of_the_journal_is_taken_back() -> None:
    again = REMINDER.life(2)
    both = (task(), own_task(str(again), 2, name="Prepare", assigned_user_id=VA))
    s = snapshot(TODAY, [client()], tasks=both)

    for key, number in ((REMINDER, 1), (again, 2)):
        found = TaskMade().undo(s, entry(key, "task", "create"), Wanted(()))
        withdrawn = [a.want.task_id for a in found.actions if isinstance(a.want, WantWithdrawn)]
        assert withdrawn == [number]
    assert TaskMade().undo(s, entry(REMINDER.life(3), "task", "create"), Wanted(())).by_hand


# -- a row -----------------------------------------------------------------------------------------


@pytest.mark.clause("X-62")
@pytest.mark.parametrize(("tab", "before", "known", "writes"), [
    ("Approvals", False, False, ["append Approvals"]), ("Approvals", True, False, ["append Approvals", "append Memory"]), ("Approvals", True, True, []),
    ("Duplicates", False, False, ["append Duplicates"]), ("Duplicates", True, False, []), ("Duplicates", True, True, []), ("Memory", True, True, ["append Memory"])])
def test_a_row_that_a_person_deleted_is_put_up_once_more_in_approvals_alone(tab: str, before: bool, known: bool, writes: list[str]) -> None:
    want = WantRow(tab=tab, ref="MS-09 d812 20261218-draft", first={"What": "x"})
    again = [{"Ref": AGAIN.ref(want.ref), "What": "x"}] if known else []
    view = View(snapshot(TODAY, workbook=book({"Memory": again})), appended=frozenset({want.ref} if before else ()))

    assert [f"{a.verb} {a.entity}" for a in act_of(want).needed(view, Finding("MS-09", "a reason", want), want)] == writes
