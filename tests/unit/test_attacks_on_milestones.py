"""What a hostile reading of the milestones broke once, each as the story it was found in.

Every story plays whole passes over an in-memory world: `passed` makes the plan of a morning and
lays it over the world, as the gateway would, so that the next morning sees what Steward wrote.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from policies.asks.drafts import digest
from policies.milestones.home_value import Range
from policies.milestones.homes import Excluded, home_of
from policies.milestones.touch_draft import TONE
from policies.world.model import Address, Communication, Key, Stage
from policies.world.practice import MilestoneOptions
from policies.world.sheet import Row, Tab
from policies.world.snapshot import Snapshot
from tests import passes
from tests.passes import open_tasks, passed, plan
from tests.scenes import STATES, TEMPLATES, at, book, client, own_task, practice, purchase, snapshot

CLOSING = date(2025, 12, 18)
DRAFT = "MS-09 d812 20261218-draft"
SEND = "MS-42 d812 20261218-send"
RANGE = "MS-37 d812 20261218-value-range"
VALUE_DRAFT = "MS-09 d812 20261218-value-draft"
VALUE_SEND = "MS-44 d812 20261218-value-send"
TEXAS = {"Ref": "homestead TX", "What": digest(STATES["TX"].question)}
WORDS = {**TEMPLATES, "homestead": "Hi {{ client_first_name }} —\nAsk your county before {{ deadline }}.\n{{ agent_name }}"}


def marks(s: Snapshot) -> list[str]:
    return [action.mark for action in plan(s).actions]


def approvals(s: Snapshot, rows: tuple[Row, ...]) -> Snapshot:
    return replace(s, workbook=replace(s.workbook, tabs={**s.workbook.tabs, "Approvals": Tab("Approvals", rows)}))


def edited(s: Snapshot, ref: str, **cells: Any) -> Snapshot:
    """The agent's hand in the row *ref*; an underscore in a name is a space."""
    named = {name.replace("_", " "): value for name, value in cells.items()}
    return approvals(s, tuple(Row(row.ref, {**row.cells, **named}) if row.ref == ref else row
                              for row in s.workbook.rows("Approvals")))


def changed(s: Snapshot, contact: int = 101, **attributes: Any) -> Snapshot:
    return passes.changed(s, contact, **attributes)


def cell(s: Snapshot, ref: str, column: str) -> str:
    row = s.workbook.row("Approvals", ref)
    assert row is not None
    return row.text(column)


def drafted(**attributes: Any) -> Snapshot:
    """D-7: the anniversary's draft waits for the agent."""
    return passed(snapshot(date(2026, 12, 11), [client(**attributes)], [purchase(CLOSING)]))


def handed_over() -> Snapshot:
    """D-4: approved, and the VA has the task to send it."""
    return passed(edited(drafted(), DRAFT, Decision="Approve"), date(2026, 12, 14))


def range_given() -> Snapshot:
    """The agent gave a range, and its text waits for a decision of its own."""
    s = passed(snapshot(date(2026, 12, 18), [client()], [purchase(CLOSING)]))
    given = edited(s, RANGE, Value_Low=410000, Value_High=450000, Change="increase 45000", Decision="Approve")
    return passed(given, date(2026, 12, 21))


def with_texts(day: date, people: list[Any], deals: list[Any], **attributes: Any) -> Snapshot:
    """A practice with its homestead text, whose agent has confirmed Texas."""
    return snapshot(day, people, deals, practice=practice(templates=WORDS), workbook=book({"Memory": [TEXAS]}), **attributes)


# Dates that are not to be believed


@pytest.mark.clause("MS-02")
@pytest.mark.parametrize(("written", "closed"), [("2062-12-08", date(2026, 12, 8)), (None, date(9999, 12, 31))])
def test_a_mistyped_year_stops_no_pass(written: str | None, closed: date) -> None:
    fields = {"closing_anniversary": written} if written else {}
    assert not [m for m in marks(with_texts(date(2026, 12, 14), [client(fields=fields)], [purchase(closed)])) if "anniversary" in m]


@pytest.mark.clause("MS-02")
@pytest.mark.parametrize("written", ["12/18/2025", "1900-01-01"])
def test_an_unusable_closing_date_is_somebodys_task(written: str) -> None:
    s = snapshot(date(2026, 12, 11), [client(fields={"closing_anniversary": written})], [purchase(CLOSING)])
    assert [action for action in plan(s).actions if action.entity == "task"]


def test_a_placeholder_in_the_deal_is_no_closing_date() -> None:
    deal = purchase(date(1900, 12, 18))
    assert isinstance(home_of(snapshot(date(2026, 12, 14), [client()], [deal]), deal), Excluded)


def test_an_undated_deal_does_not_take_the_other_homes_date() -> None:
    undated = replace(purchase(CLOSING, 1, name="9 Elm St"), projected_close=None)
    deals = [undated, purchase(CLOSING, 2)]
    s = snapshot(date(2026, 12, 14), [client(fields={"closing_anniversary": "2025-12-18"})], deals)
    assert "MS-09 d1 20261218-draft" not in marks(s)
    assert "MS-09 d2 20261218-draft" in marks(s)


@pytest.mark.clause("MS-01")
def test_a_deal_closed_late_is_still_set_up_and_its_stage_proposed() -> None:
    late = purchase(date(2026, 10, 1), entered_stage_at=at(date(2026, 12, 13)))
    buyer = client(stage=Stage.UNDER_CONTRACT, stage_label="Under Contract")
    s = snapshot(date(2026, 12, 14), [buyer], [late], activated=date(2026, 1, 1))
    assert any(m.startswith("MS-01") for m in marks(s))


@pytest.mark.clause("MS-02")
def test_the_couples_corrected_date_is_not_contradicted() -> None:
    people = [client(fields={"closing_anniversary": "2026-12-07"}), client(102)]
    s = snapshot(date(2026, 12, 9), people, [purchase(date(2026, 12, 8), people=(101, 102))])
    assert {"closing_anniversary": "2026-12-08"} not in [a.after for a in plan(s).actions if a.entity == "field"]


# Decisions: a no always counts, and the last word is the agent's


@pytest.mark.clause("MS-10")
def test_a_personal_touch_after_an_approval_takes_the_email_back() -> None:
    s = passed(edited(handed_over(), DRAFT, Decision="Personal touch", Context="call her"), date(2026, 12, 15))
    assert SEND in open_tasks(handed_over())
    assert not [name for name in open_tasks(s).values() if name.startswith("Send the approved anniversary e-mail")]


def test_a_no_is_a_no_even_where_a_yes_is_void() -> None:
    approved_and_broken = passed(edited(drafted(), DRAFT, Decision="Approve", Draft="Hi Ana —\nHello.\nDana Reyes"))
    assert cell(passed(edited(approved_and_broken, DRAFT, Decision="Reject")), DRAFT, "Status").startswith("Rejected")


def test_an_approval_that_cannot_be_acted_on_is_not_lost() -> None:
    s = edited(changed(drafted(), stage=Stage.ACTIVE_BUYER, stage_label="Active Buyer"), DRAFT, Decision="Approve")
    for day in (14, 16, 18, 21):
        s = passed(s, date(2026, 12, day))
    assert cell(s, DRAFT, "Status") != "Waiting for your decision" or s.workbook.rows("Missed")


@pytest.mark.clause("MS-45")
def test_a_copied_row_is_not_a_lost_occasion() -> None:
    s = drafted()
    s = approvals(s, s.workbook.rows("Approvals") * 2)
    for day in (14, 16, 17, 18, 21):
        s = passed(s, date(2026, 12, day))
    missed = [row.ref for row in s.workbook.rows("Missed") if row.ref.startswith("MS-42 d812")]
    assert "MS-45 d812 20261218-48h" in open_tasks(s) or missed


def test_an_open_protection_leaves_what_was_handed_over() -> None:
    s = passed(edited(range_given(), VALUE_DRAFT, Decision="Approve"), date(2026, 12, 22))
    s = passed(replace(s, workbook=replace(s.workbook, decisions_guarded="warn only")))
    s = passed(replace(s, workbook=replace(s.workbook, decisions_guarded="")))
    assert VALUE_SEND in open_tasks(s)


@pytest.mark.clause("MS-28")
def test_the_states_yes_can_be_taken_back() -> None:
    s = snapshot(date(2026, 7, 1), [client()], [purchase(date(2026, 6, 15))], practice=practice(templates=WORDS))
    s = passed(passed(edited(passed(s), "MS-28 sTX rule", Decision="Approve")))
    refused = changed(passed(edited(s, "MS-28 sTX rule", Decision="Reject")), fields={})
    assert "MS-28 d812 20270430-homestead-60d" not in marks(replace(refused, now=at(date(2027, 3, 1))))


# The home's value: only what the agent gave


@pytest.mark.clause("MS-35", "MS-37")
@pytest.mark.parametrize("change", ["increase 45k", "significant since 2021", "down 20000", -45000, "10%", "increase 45 000",
                                    "450.000", "no significant change", "increase 45000-50000"])
def test_a_change_the_agent_cannot_have_meant_is_a_fault(change: str | int) -> None:
    assert Range.of(Row("x", {"Value Low": 410000, "Value High": 450000, "Change": change})).fault


@pytest.mark.clause("MS-35", "MS-37")
@pytest.mark.parametrize("change", ["increase 45000", "increase of approximately $45,000", "45,000.00", 45000, "significant"])
def test_a_change_as_people_write_it_is_understood(change: str | int) -> None:
    assert not Range.of(Row("x", {"Value Low": "$410,000", "Value High": 450000, "Change": change})).fault


def test_a_comma_in_the_wrong_place_is_a_fault() -> None:
    assert Range.of(Row("x", {"Value Low": "4,10", "Value High": 450000, "Change": "significant"})).fault


@pytest.mark.clause("MS-37")
def test_own_words_over_an_older_range_are_not_sent() -> None:
    s = range_given()
    s = passed(passed(edited(s, VALUE_DRAFT, Draft=cell(s, VALUE_DRAFT, "Draft").replace("Hi Ana", "Dear Ana"))))
    s = passed(passed(edited(s, RANGE, Value_Low=300000, Value_High=320000)))
    assert VALUE_SEND not in open_tasks(passed(edited(s, VALUE_DRAFT, Decision="Approve")))


@pytest.mark.clause("MS-37")
def test_a_range_taken_back_takes_its_text_back() -> None:
    s = passed(edited(range_given(), VALUE_DRAFT, Decision="Approve"), date(2026, 12, 22))
    s = passed(edited(s, RANGE, Decision="Reject"))
    assert not cell(s, VALUE_DRAFT, "Status").startswith("Approved: the VA has a task")


def test_the_second_pass_after_a_changed_number_is_empty() -> None:
    assert marks(passed(edited(range_given(), RANGE, Value_High=990000))) == []


# Whom and what it is about


@pytest.mark.clause("MS-28")
def test_the_deadline_of_one_home_is_not_the_other_homes() -> None:
    addresses = (Address("412 Cedar Ln", "Austin", "TX", "", "home"), Address("9 Palm Way", "Miami", "FL", "", "other"))
    deals = [purchase(date(2026, 9, 1), 1, name="9 Palm Way"), purchase(date(2027, 2, 20), 2)]
    s = with_texts(date(2027, 2, 26), [client(addresses=addresses)], deals)
    assert "MS-28 d1 20270430-homestead-60d" not in marks(passed(s))  # Florida is not confirmed: no date


@pytest.mark.clause("MS-28")
def test_every_buyer_without_a_state_is_asked_about() -> None:
    people = [client(n, addresses=()) for n in (1, 2, 3)]
    s = snapshot(date(2026, 7, 20), people, [purchase(date(2026, 6, 15), n, (n,)) for n in (1, 2, 3)])
    assert len([m for m in marks(s) if m.endswith("-state")]) == 3


@pytest.mark.parametrize("state", ["TX 78701 call 512-555-0188", "New York", "Tex."])
def test_a_mark_holds_no_text_of_a_contact(state: str) -> None:
    s = snapshot(date(2026, 7, 1), [client(addresses=(Address("412 Cedar Ln", "Austin", state, "", "home"),))],
                 [purchase(date(2026, 6, 15))])
    assert marks(s)
    assert all(Key.parse(m) for m in marks(s))


def test_a_send_task_to_somebody_elses_client_is_withdrawn() -> None:
    s = changed(handed_over(), assigned_user_id=9)
    s = replace(s, deals={812: replace(s.deals[812], user_ids=(9,))})
    assert SEND not in open_tasks(passed(s, date(2026, 12, 15)))


def test_a_merge_does_not_ask_for_a_second_birthday_card() -> None:
    born = {"birthday": "1984-12-11"}
    s = passed(snapshot(date(2026, 12, 4), [client(fields=born), client(102)], [purchase(CLOSING)]))
    s = passed(edited(s, "MS-09 p101 20261211-birthday-draft", Decision="Approve"), date(2026, 12, 7))
    s = replace(s, contacts={101: replace(s.contacts[101], trashed=True), 102: replace(s.contacts[102], fields=born)},
                deals={812: replace(s.deals[812], person_ids=(102,))},
                tasks=tuple(replace(task, person_id=102, completed=True) for task in s.tasks))
    assert "MS-04 p102 20261211-birthday-7d" not in marks(replace(s, now=at(date(2026, 12, 8))))


def test_a_cleared_birthday_is_not_sent() -> None:
    s = passed(snapshot(date(2026, 12, 4), [client(fields={"birthday": "1984-12-11"})], [purchase(date(2025, 6, 6))]))
    s = passed(edited(s, "MS-09 p101 20261211-birthday-draft", Decision="Approve"), date(2026, 12, 7))
    assert "MS-43 p101 20261211-birthday-send" in open_tasks(s)
    assert "MS-43 p101 20261211-birthday-send" not in open_tasks(passed(changed(s, fields={}), date(2026, 12, 8)))


def test_a_withdrawal_gives_its_true_reason() -> None:
    people = [client(fields={"birthday": "1980-05-05"}), client(102)]
    s = passed(snapshot(date(2026, 12, 9), people, [purchase(date(2026, 12, 8), people=(101, 102))]))
    withdrawn = [str(action.after.get("name", "")) for action in plan(changed(s, 102, tags=("DNC",))).actions]
    assert withdrawn
    assert not [name for name in withdrawn if "the birthday is entered" in name]


# How much, when, and in which words


def test_a_hundred_unreadable_birthdays_are_25_tasks_in_a_week() -> None:
    people = [client(n, fields={"birthday": "soon"}) for n in range(1, 101)]
    s = snapshot(date(2026, 12, 14), people, [purchase(date(2022, 6, 6), n, (n,)) for n in range(1, 101)])
    assert len([action for action in plan(s).actions if action.entity == "task"]) == 25


@pytest.mark.clause("MS-04", "X-01")
@pytest.mark.parametrize("day", [date(2027, 1, 7), date(2027, 1, 10)])
def test_a_week_of_closure_does_not_swallow_the_14_day_alert(day: date) -> None:
    closures = frozenset(date(2026, 12, 24) + n * timedelta(days=1) for n in range(9))
    s = snapshot(date(2026, 12, 23), [client()], [purchase(day.replace(year=2025))], practice=practice(closures=closures))
    assert f"MS-04 d812 {day:%Y%m%d}-14d" in marks(s)


@pytest.mark.clause("MS-40")
def test_the_checklist_does_not_unlearn_a_note_too_old_to_be_read() -> None:
    s = passed(passed(snapshot(date(2026, 6, 16), [client(fields={"birthday": "1980-02-01"})], [purchase(date(2026, 6, 15))])))
    s = replace(s, notes=(), written=frozenset({"MS-40 d812 20260615-value"}))
    assert not [a for a in plan(replace(s, now=at(date(2026, 9, 25)))).actions if a.entity == "Checklists"]


@pytest.mark.clause("MS-41")
def test_one_checklist_and_one_birthday_task_per_closing() -> None:
    s = passed(snapshot(date(2026, 12, 9), [client()], [purchase(date(2026, 12, 8))]))
    s = passed(changed(s, fields={"closing_anniversary": "2026-12-07"}))
    assert len(s.workbook.rows("Checklists")) == 1
    assert len([m for m in open_tasks(s) if m.startswith("MS-41")]) == 1


@pytest.mark.clause("MS-47")
def test_a_tag_of_old_mail_is_no_answer_to_an_email() -> None:
    sent = own_task(SEND, completed=True, completed_at=at(date(2026, 12, 14), 5), due=date(2026, 12, 14), kind="Email")
    s = snapshot(date(2026, 12, 14), [client(tags=("Returned Mail",))], [purchase(CLOSING)], tasks=(sent,))
    assert not [m for m in marks(s) if m.startswith("MS-47")]


@pytest.mark.clause("MS-46")
def test_a_second_reply_is_seen() -> None:
    sent = own_task(SEND, completed=True, completed_at=at(date(2026, 12, 18)), due=date(2026, 12, 18))
    first = client(inbound=(Communication("e-mail", at(date(2026, 12, 20))),))
    s = passed(snapshot(date(2026, 12, 21), [first], [purchase(CLOSING)], tasks=(sent,)))
    s = replace(s, tasks=tuple(replace(task, completed=True) for task in s.tasks), now=at(date(2027, 1, 4)))
    assert any("MS-46" in m for m in marks(changed(s, inbound=(Communication("e-mail", at(date(2027, 1, 3))),))))


def test_a_card_has_no_subject_line() -> None:
    cards = practice(milestones=MilestoneOptions(anniversary_channel="card"))
    s = passed(snapshot(date(2026, 12, 11), [client()], [purchase(CLOSING)], practice=cards))
    assert not cell(s, DRAFT, "Draft").startswith("Subject:")


def test_the_tone_is_asked_about_in_the_procedures_words() -> None:
    assert ("does this sound like the agent reached out because they care, or because they want a referral? "
            "It should always sound like the former.") in TONE
