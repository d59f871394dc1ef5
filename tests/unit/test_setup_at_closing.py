"""What a closing sets up: the field, the note, the checklist, and what is asked where facts disagree or are missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from daemon.passes import plan as planning
from policies.asks.wants import WantField, WantNote, WantRow, WantTask
from policies.milestones import checklist
from policies.milestones.homes import Home, home_of
from policies.milestones.setup_at_closing import DEAL_RIGHT, FIELD_RIGHT, decide, value_note
from policies.world.model import Note, Stage
from policies.world.practice import MilestoneOptions
from policies.world.snapshot import Snapshot
from tests.passes import cell, passed, plan
from tests.scenes import (
    AGENT,
    VA,
    book,
    client,
    own_task,
    practice,
    purchase,
    sale,
    snapshot,
    wants,
)

BEGAN, CLOSING, TODAY = date(2026, 11, 2), date(2026, 11, 20), date(2026, 11, 23)
FIELD, VALUE_NOTE = "field MS-40 p101 20261120-anniversary", "note MS-40 d812 20261120-value"
KNOWN = {"closing_anniversary": "2026-11-20"}


def world(*people: Any, deals: Any = None, today: date = TODAY, **changes: Any) -> Snapshot:
    return snapshot(today, people or [client()], deals if deals is not None else [purchase(CLOSING, people=[p.id for p in people] or [101])],
                    activated=BEGAN, **changes)


@pytest.mark.clause("MS-03", "MS-40", "MS-25")
def test_a_closing_fills_the_field_and_notes_the_first_value_update() -> None:
    found = list(decide(world()))
    field = next(f for f in found if isinstance(f.want, WantField))
    note = next(f.want for f in found if isinstance(f.want, WantNote))

    assert sorted(wants(found)) == [FIELD, VALUE_NOTE]
    assert isinstance(field.want, WantField)
    assert (field.want.field, field.want.value, field.want.agreed) == ("closing_anniversary", "2026-11-20", False)
    assert "from the deal's projected close date" in field.reason
    assert note.body == "Send home value update: 11/20/2027"


@pytest.mark.clause("MS-01", "MS-40", "MS-24")
@pytest.mark.parametrize(("s", "expected"), [
    (world(client(fields=KNOWN)), [VALUE_NOTE]),                                          # what is filled stays
    (world(client(stage=Stage.UNDER_CONTRACT), deals=[purchase(CLOSING, closed=False)]), []),  # nothing before both are true
    (world(today=date(2027, 1, 19)), [FIELD, VALUE_NOTE]),                                # 60 days
    (world(today=date(2027, 1, 20)), [FIELD]),                                            # later it is a gap, not a closing
    (world(client(stage=Stage.PAST_CLIENT_SELLER), deals=[sale(CLOSING, 812)]), [FIELD]),  # who sold gets no value note
    (world(client(tags=("DNC",))), []),
    (replace(world(), practice=practice(milestones=MilestoneOptions(date_method="task"))), [VALUE_NOTE]),
])
def test_when_it_is_set_up(s: Snapshot, expected: list[str]) -> None:
    assert sorted(wants(decide(s))) == expected


@pytest.mark.clause("MS-40")
def test_a_field_that_a_person_cleared_after_it_was_filled_is_not_filled_again() -> None:
    s = world()
    findings = [f for f in decide(s) if isinstance(f.want, WantField)]

    assert [a.verb for a in planning.make(s, findings).actions] == ["fill"]
    assert planning.make(replace(s, written=frozenset({"MS-40 p101 20261120-anniversary"})), findings).actions == ()


@pytest.mark.clause("MS-40", "X-61")
def test_both_of_a_couple_have_the_date_and_a_second_home_moves_it_on() -> None:
    couple = world(client(), client(102, first_name="Luis"))
    second = world(client(), deals=[purchase(date(2020, 5, 5), 700, name="9 Elm St"), purchase(CLOSING)])

    assert [w for w in wants(decide(couple)) if w.startswith("field")] == [FIELD, FIELD.replace("p101", "p102")]
    assert [w for w in wants(decide(second)) if w.startswith("field")] == [FIELD]


@pytest.mark.clause("MS-25")
def test_two_dates_that_disagree_are_a_question_and_neither_is_changed() -> None:
    s = world(client(fields={"closing_anniversary": "2026-11-19"}))
    row = next(f.want for f in decide(s) if isinstance(f.want, WantRow))

    assert (row.ref, row.choices) == ("MS-25 d812 20261119-date", (FIELD_RIGHT, DEAL_RIGHT))
    assert "11/19/2026" in str(row.first["Draft"])
    assert "11/20/2026" in str(row.first["Draft"])
    assert not [f for f in decide(s) if isinstance(f.want, WantField)]
    for choice, task in ((FIELD_RIGHT, []), (DEAL_RIGHT, ["task MS-25 d812 20261119-correct"])):
        answered = replace(s, workbook=book({"Approvals": [{"Ref": row.ref, **row.first, **row.keep, "Decision": choice}]}))
        assert [w for w in wants(decide(answered)) if w.startswith("task")] == task


@pytest.mark.clause("MS-25")
def test_the_question_stays_while_the_dates_disagree_and_ends_when_they_agree() -> None:
    s = world(client(fields={"closing_anniversary": "2026-11-19"}))
    row = next(f.want for f in decide(s) if isinstance(f.want, WantRow))
    there = book({"Approvals": [{"Ref": row.ref, **row.first, **row.keep}]})
    much_later = replace(world(client(fields={"closing_anniversary": "2026-11-19"}), today=date(2027, 5, 3)), workbook=there)
    agreed = replace(world(client(fields=KNOWN)), workbook=there)

    assert [f.want.keep["Status"] for f in decide(much_later) if isinstance(f.want, WantRow)] == ["Waiting for your decision"]
    assert [str(f.want.keep["Status"]).partition(":")[0] for f in decide(agreed) if isinstance(f.want, WantRow)] == ["Done"]


@pytest.mark.clause("MS-01", "X-51")
def test_a_closing_without_the_stage_is_a_proposal_with_its_dates() -> None:
    s = world(client(stage=Stage.UNDER_CONTRACT, stage_label="Under Contract"))
    task, note = (f.want for f in decide(s))
    later = world(client(stage=Stage.UNDER_CONTRACT, stage_label="Under Contract"), deals=[purchase(date(2026, 10, 1))])

    assert isinstance(task, WantTask)
    assert isinstance(note, WantNote)
    assert (task.assignee, task.name) == (AGENT, "Move to Past Client — Buyer? The deal has closed: Ana Lopez")
    assert "Closing Anniversary: 11/20/2026" in note.body
    assert "first home value update: 11/20/2027" in note.body
    assert wants(decide(later)) == []  # closed before Steward began


# -- clients of before -------------------------------------------------------------------------------------------------


def existing(count: int = 60) -> Snapshot:
    people = [client(n) for n in range(101, 101 + count)]
    return world(*people, deals=[purchase(date(2024, 1, 1 + n % 28), n, (n,), name=f"{n} Elm St") for n in range(101, 101 + count)])


def test_those_who_closed_before_are_one_list_for_one_approval() -> None:
    s = existing()
    found = list(decide(s))
    row = found[0].want
    assert isinstance(row, WantRow)
    approved = replace(s, workbook=book({"Approvals": [{"Ref": row.ref, **row.first, **row.keep, "Decision": "Approve"}]}))
    fields = [f.want for f in decide(approved) if isinstance(f.want, WantField)]

    assert wants(found) == ["row MS-40 a0 existing"]
    assert "60 dates in all" in str(row.first["Draft"])
    assert (len(fields), all(f.agreed for f in fields)) == (60, True)


def test_a_list_that_changed_is_approved_anew() -> None:
    row = next(iter(decide(existing()))).want
    assert isinstance(row, WantRow)
    more = replace(existing(61), workbook=book({"Approvals": [{"Ref": row.ref, **row.first, **row.keep, "Decision": "Approve"}]}))
    changed = next(iter(decide(more))).want

    assert wants(decide(more)) == ["row MS-40 a0 existing"]
    assert isinstance(changed, WantRow)
    assert str(changed.keep["Status"]).startswith("Decide again")


def test_a_no_to_the_list_stays_a_no_when_it_changes() -> None:
    row = next(iter(decide(existing()))).want
    assert isinstance(row, WantRow)
    asked = {"Ref": row.ref, **row.first, **row.keep, "Decision": "Reject"}
    heard = next(iter(decide(replace(existing(), workbook=book({"Approvals": [asked]}))))).want
    assert isinstance(heard, WantRow)

    assert heard.keep["Status"] == "Decided: Reject"
    assert wants(decide(replace(existing(61), workbook=book({"Approvals": [{**asked, **heard.keep}]})))) == []


def test_a_list_with_nobody_left_on_it_is_done() -> None:
    row = next(iter(decide(existing()))).want
    assert isinstance(row, WantRow)
    s = replace(world(client(fields=KNOWN), deals=[purchase(date(2024, 1, 1))]), workbook=book({"Approvals": [{"Ref": row.ref, **row.first, **row.keep}]}))

    assert [f.want.keep["Status"] for f in decide(s) if isinstance(f.want, WantRow) and f.want.ref == row.ref] == ["Done: no date is missing"]


# -- the checklist -----------------------------------------------------------------------------------------------------


def lines(s: Snapshot) -> list[str]:
    row = next(f.want for f in checklist.decide(s) if isinstance(f.want, WantRow))
    return str(row.keep["Items"]).split("\n")


@pytest.mark.clause("MS-41", "MS-29")
def test_the_closing_checklist_is_computed_item_by_item() -> None:
    bare = lines(world())
    noted = Note(id=1, person_id=101, key=value_note_key())
    whole = lines(world(client(fields={**KNOWN, "birthday": "1984-03-05", "homestead_deadline": "2027-04-30"}), notes=(noted,)))

    cleared = lines(world(written=frozenset({"MS-40 p101 20261120-anniversary", "MS-40 d812 20261120-value"})))
    assert (cleared[0], cleared[3]) == (
        "☐ Closing anniversary date entered in CRM: not for Ana Lopez",
        "☐ Annual home value update reminder set (12 months from close): the note for 11/20/2027 is not there")
    assert bare == [
        "☑ Closing anniversary date entered in CRM: 2026-11-20",
        "☐ Birthday entered (if available): not known of Ana Lopez; enter it if the intake form has it",
        "☐ Homestead filing reminder set (if applicable): the rule of TX is not confirmed",
        "☑ Annual home value update reminder set (12 months from close): 11/20/2027",
        "☑ CRM reminders confirmed: 14-day and 7-day pre-alerts for each milestone: next 11/06/2027 and 11/13/2027"]
    assert [line[0] for line in whole] == ["☑"] * 5
    assert [line[0] for line in lines(world(client(stage=Stage.PAST_CLIENT_SELLER), deals=[sale(CLOSING, 812)]))] == ["☑", "☐", "–", "–", "☑"]


def value_note_key() -> Any:
    home = home_of(world(), purchase(CLOSING))
    assert isinstance(home, Home)
    return value_note(home)


@pytest.mark.clause("MS-41", "MS-29")
def test_the_va_is_asked_for_the_birthday_once_and_not_once_it_is_there() -> None:
    key = "MS-41 d812 checklist"
    task = next(f.want for f in checklist.decide(world()) if isinstance(f.want, WantTask))
    born = world(client(fields={"birthday": "1984-03-05"}), tasks=(own_task(key),))

    assert (task.assignee, task.name) == (VA, "Closing checklist: enter the birthday of Ana Lopez if the intake form has it")
    assert wants(checklist.decide(born))[1:] == [f"withdraw {key}"]
    assert wants(checklist.decide(world(today=date(2027, 1, 20)))) == [f"mend {key}"]
    assert wants(checklist.decide(world(today=date(2027, 2, 23)))) == [f"mend {key}"]
    assert wants(checklist.decide(world(today=date(2027, 2, 24)))) == []


@pytest.mark.clause("MS-41", "X-81")
@pytest.mark.parametrize(("changes", "because"), [
    ({"closed": False, "stage_label": "Pending"}, "the deal is not closed but in stage Pending"), ({"deleted": True}, "the deal was deleted")])
def test_the_checklist_of_a_closing_that_was_taken_back_keeps_no_open_item(changes: dict[str, Any], because: str) -> None:
    ref = "MS-41 d812 checklist"
    s = passed(world())
    assert int(cell(s, "Checklists", ref, "Open")) > 0
    back = passed(replace(s, deals={812: replace(s.deals[812], **changes)}))
    assert cell(back, "Checklists", ref, "Open") == "0"
    assert "☐" not in cell(back, "Checklists", ref, "Items")
    assert f"– Birthday entered (if available): not known of Ana Lopez; enter it if the intake form has it ({because})" in cell(back, "Checklists", ref, "Items")
    assert plan(back).actions == ()
