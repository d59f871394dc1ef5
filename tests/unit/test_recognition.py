"""Recognition after a closing: the agent chooses, the VA orders within a week, the source's record stays clean (RF-03, 11, 14, 35, 36)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from policies.asks.wants import WantRow
from policies.world.model import Stage
from policies.world.practice import ReferralOptions
from policies.world.sheet import Row
from policies.world.snapshot import Snapshot
from tests.passes import cell, changed, decided, open_tasks, passed, plan, rows, task, ticked, typed
from tests.referred import (
    DRAFT,
    LOG,
    RECOGNITION,
    TOLD,
    bought,
    lead,
    log_row,
    pending,
    source,
    world,
)
from tests.scenes import AGENT, VA, at

CLOSE = date(2027, 1, 20)
MORNING = at(CLOSE + timedelta(days=1))
CARDS = ReferralOptions(handwritten_cards=True, card_vendor="Handwrytten", gift_vendor="Basket Co", gift_budget="$50",
                        gifts_confirmed={"Client": ("gift card", "donation")})


def closed(options: ReferralOptions = CARDS, stage: Stage = Stage.PAST_CLIENT_BUYER, **who: Any) -> Snapshot:
    s = passed(world(source(stage=stage, **who), lead(), options=options))
    return passed(replace(s, deals={**s.deals, 7: bought(CLOSE)}), MORNING)


def choices(s: Snapshot) -> tuple[str, ...]:
    unmade = replace(s, workbook=replace(s.workbook, tabs={**s.workbook.tabs, "Approvals": replace(s.workbook.tabs["Approvals"], rows=())}))
    return next(a.want.choices for a in plan(unmade).actions if a.mark == RECOGNITION and isinstance(a.want, WantRow))


@pytest.mark.clause("RF-03", "RF-11")
def test_every_closed_referral_asks_the_agent() -> None:
    s = closed()
    found = task(s, TOLD)
    assert (found.person_id, found.assigned_user_id, found.due) == (101, AGENT, date(2027, 1, 22))
    assert found.name == "Ximena Castro closed: choose the recognition of John Smith in Approvals"
    assert cell(s, "Approvals", RECOGNITION, "Due") == "2027-01-27"
    assert plan(s).actions == ()


@pytest.mark.clause("RF-36", "X-13")
def test_the_two_wordings_stand_side_by_side_the_neutral_one_first() -> None:
    assert cell(closed(), "Approvals", RECOGNITION, "Draft") == (
        "A (neutral): Thank you for trusting me with Ximena. I'm grateful for you.\n"
        "B (the procedure's): Thank you for trusting me with Ximena. The closing went beautifully — I'm grateful for you.")


@pytest.mark.clause("X-13")
def test_undecided_is_no_card_and_the_neutral_one_is_preselected() -> None:
    s = passed(closed(), at(CLOSE + timedelta(days=3)))
    assert [mark for mark in open_tasks(s) if mark.startswith("RF-36")] == []
    assert "Preselected, by Approve: a card with note A." in cell(s, "Approvals", RECOGNITION, "What")
    s = passed(decided(s, RECOGNITION, "Approve"))
    assert open_tasks(s)["RF-36 p101 order-approve"] == "Card, note A, by Handwrytten to John Smith (see Approvals)"
    s = passed(decided(closed(), RECOGNITION, "Card, the procedure's note"))
    assert open_tasks(s)["RF-36 p101 order-cardtheproceduresnote"] == "Card, note B, by Handwrytten to John Smith (see Approvals)"


@pytest.mark.clause("X-55")
def test_where_the_agent_uses_no_cards_a_warm_message_is_preselected() -> None:
    s = closed(ReferralOptions(handwritten_cards=False))
    assert "Preselected, by Approve: a warm text or e-mail (you use no cards)." in cell(s, "Approvals", RECOGNITION, "What")
    s = passed(decided(s, RECOGNITION, "Approve"))
    assert open_tasks(s)["RF-36 p101 order-approve"] == "Thank-you by text or e-mail to John Smith (see Approvals)"


NO_PHONE, NO_EMAIL = "no phone calls or texts", "only no email"


def told(s: Snapshot, *answers: str) -> Snapshot:
    """The agent gave these answers about the source."""
    refs = {f"permission DB-42 p50 {matter}": answer for matter, answer in zip(("died", "unsubscribed"), answers, strict=False)}
    said = tuple(Row(ref, {"Ref": ref, "What": answer, "Date": "2026-12-01"}) for ref, answer in refs.items())
    return rows(s, "Memory", lambda all_: (*all_, *said))


@pytest.mark.clause("RF-36", "X-64", "X-66")
@pytest.mark.parametrize(("answer", "by"), [(NO_PHONE, "e-mail"), (NO_EMAIL, "text")])
def test_a_message_of_thanks_goes_only_by_what_may_reach_the_source(answer: str, by: str) -> None:
    order = "RF-36 p101 order-textoremailinstead"
    s = passed(decided(passed(told(closed(), answer)), RECOGNITION, "Text or e-mail instead"))
    assert open_tasks(s)[order] == f"Thank-you by {by} to John Smith (see Approvals)"

    s = passed(decided(closed(), RECOGNITION, "Text or e-mail instead"))
    assert open_tasks(s)[order] == "Thank-you by text or e-mail to John Smith (see Approvals)"
    s = passed(told(s, answer))
    assert {mark: name for mark, name in open_tasks(s).items() if mark.startswith("RF-36")} == {
        f"{order}.2": f"Thank-you by {by} to John Smith (see Approvals)"}
    assert plan(s).actions == ()
    assert log_row(passed(ticked(s, f"{order}.2"))).text("Recognised").startswith("Thank-you sent")


@pytest.mark.clause("RF-35", "X-64", "X-66", "X-79")
def test_where_no_message_may_reach_the_source_none_is_offered() -> None:
    s = told(closed(), NO_PHONE, NO_EMAIL)
    assert "Text or e-mail instead" not in choices(s)
    late = passed(decided(s, RECOGNITION, "Text or e-mail instead"))
    assert cell(late, "Approvals", RECOGNITION, "Status").startswith("Not ready: Text or e-mail instead cannot be done: neither may reach them. Choose Approve,")

    s = passed(told(closed(replace(CARDS, handwritten_cards=False)), NO_PHONE, NO_EMAIL))
    means = "Approve means nothing: you use no cards, and neither a text nor an e-mail may reach them"
    assert cell(s, "Approvals", RECOGNITION, "Status") == f"Waiting for your decision. {means} now"
    s = passed(decided(s, RECOGNITION, "Approve"))
    assert cell(s, "Approvals", RECOGNITION, "Status") == f"Not ready: {means}"
    assert [mark for mark in open_tasks(s) if mark.startswith("RF-36")] == []


@pytest.mark.clause("X-92", "RF-35")
@pytest.mark.parametrize(("cards", "means", "order"), [
    (False, "a warm text or e-mail (you use no cards)", "Thank-you by text or e-mail to John Smith (see Approvals)"),
    (True, "a card with note A", "Card, note A, by Handwrytten to John Smith (see Approvals)")])
def test_an_approve_counts_only_after_the_row_said_what_it_stands_for_now(cards: bool, means: str, order: str) -> None:
    def with_cards(s: Snapshot, use: bool) -> Snapshot:
        return replace(s, practice=replace(s.practice, referrals=replace(CARDS, handwritten_cards=use)))

    asked = closed(replace(CARDS, handwritten_cards=not cards))
    told = passed(with_cards(asked, cards))
    assert cell(told, "Approvals", RECOGNITION, "Status") == f"Waiting for your decision. Approve means {means} now"
    assert open_tasks(passed(decided(told, RECOGNITION, "Approve")))["RF-36 p101 order-approve"] == order

    late = passed(with_cards(decided(asked, RECOGNITION, "Approve"), cards))
    assert cell(late, "Approvals", RECOGNITION, "Status") == (
        f"Not ready: Approve means {means} now. Clear the Decision cell, then choose again")
    assert "RF-36 p101 order-approve" not in open_tasks(passed(late))
    again = passed(decided(passed(decided(late, RECOGNITION, "")), RECOGNITION, "Approve"))
    assert open_tasks(again)["RF-36 p101 order-approve"] == order
    other = passed(decided(late, RECOGNITION, "Donation"))
    assert "RF-36 p101 order-donation" in open_tasks(other)
    assert cell(passed(with_cards(told, not cards)), "Approvals", RECOGNITION, "Status") == "Waiting for your decision"


@pytest.mark.clause("RF-14", "RF-35", "X-56")
@pytest.mark.parametrize(("stage", "tags", "offered"), [
    (Stage.PAST_CLIENT_BUYER, (), ("Gift card", "Donation")), (Stage.SPHERE_OF_INFLUENCE, (), ()),
    (Stage.PROFESSIONAL_NETWORK, ("Lender",), ()), (Stage.PROFESSIONAL_NETWORK, ("Agent",), ("Referral fee only",))])
def test_gifts_are_hidden_until_they_are_confirmed_for_the_type_and_professionals_get_none(
        stage: Stage, tags: tuple[str, ...], offered: tuple[str, ...]) -> None:
    s = closed(stage=stage, tags=tags)
    plain = ("Approve", "Card, the procedure's note", "Text or e-mail instead")
    assert choices(s) == (*plain, *offered, "Hold", "Reject")
    assert ("Budget: $50." in cell(s, "Approvals", RECOGNITION, "What")) is ("Gift card" in offered)


@pytest.mark.clause("RF-36")
def test_the_order_is_the_vas_due_a_week_after_closing_and_the_log_says_what_was_sent() -> None:
    s = passed(decided(closed(), RECOGNITION, "Gift card"))
    found = task(s, "RF-36 p101 order-giftcard")
    assert (found.name, found.due, found.assigned_user_id, found.person_id) == (
        "Gift card by Basket Co to John Smith (see Approvals)", date(2027, 1, 27), VA, 101)
    assert TOLD not in open_tasks(s)
    s = passed(ticked(s, "RF-36 p101 order-giftcard"))
    assert (log_row(s).text("Recognised"), log_row(s).text("Recognition Sent")) == ("Gift card sent 01/21/2027", "Gift card sent 01/21/2027")
    assert cell(s, "Approvals", RECOGNITION, "Status") == "Done: Gift card sent 01/21/2027"
    assert plan(s).actions == ()


@pytest.mark.clause("RF-36")
def test_a_changed_mind_withdraws_the_first_order() -> None:
    s = passed(decided(passed(decided(closed(), RECOGNITION, "Approve")), RECOGNITION, "Donation"))
    assert [mark for mark in open_tasks(s) if mark.startswith("RF-36")] == ["RF-36 p101 order-donation"]
    s = passed(decided(s, RECOGNITION, "Reject"))
    assert [mark for mark in open_tasks(s) if mark.startswith(("RF-36", "RF-03"))] == []


@pytest.mark.clause("RF-36")
@pytest.mark.parametrize(("day", "missed"), [(date(2027, 1, 27), False), (date(2027, 1, 28), True)])
def test_what_is_not_done_within_a_week_is_reported(day: date, missed: bool) -> None:
    s = passed(closed(), at(day))
    assert ("RF-36 p101 recognition" in [row.ref for row in s.workbook.rows("Missed")]) is missed


@pytest.mark.clause("RF-03", "X-62")
def test_a_closing_that_a_person_logged_is_recognised_too() -> None:
    s = passed(typed(passed(world(options=CARDS)), "Referral Log", LOG, Outcome="Closed", Close_Date=CLOSE), MORNING)
    assert TOLD in open_tasks(s)


@pytest.mark.clause("X-35")
def test_a_source_who_is_do_not_contact_is_not_recognised_and_the_agent_is_told() -> None:
    s = closed(tags=("Do Not Contact",))
    assert open_tasks(s)["RF-03 p101 silent"] == "Ximena Castro closed; John Smith, who sent them, is Do Not Contact: no recognition is made"
    assert s.workbook.row("Approvals", RECOGNITION) is None


@pytest.mark.clause("X-35", "X-81")
@pytest.mark.parametrize("days", [0, 200])
def test_that_notice_ends_when_the_sign_is_lifted_or_the_closing_taken_back_however_late(days: int) -> None:
    s = closed(tags=("Do Not Contact",))
    then = s.now + timedelta(days=days)
    assert "RF-03 p101 silent" in open_tasks(passed(s, then))
    assert "RF-03 p101 silent" not in open_tasks(passed(changed(s, 50, tags=()), then))
    reopened = passed(replace(s, deals={7: pending(CLOSE)}), then)
    assert "RF-03 p101 silent" not in open_tasks(passed(reopened))


@pytest.mark.clause("RF-18", "X-44")
def test_nothing_of_the_closing_stands_on_the_sources_record() -> None:
    s = passed(ticked(passed(decided(closed(), RECOGNITION, "Approve")), "RF-36 p101 order-approve"))
    assert [n.body for n in s.notes if n.person_id == 50] == ["12/04/2026 — referred Ximena"]
    assert [t for t in s.tasks if t.person_id == 50] == []


@pytest.mark.clause("RF-03")
def test_an_old_referral_that_closes_now_is_recognised_and_one_that_closed_before_steward_is_not() -> None:
    s = closed()
    assert TOLD not in open_tasks(passed(replace(s, tasks=(), activated=CLOSE + timedelta(days=1))))
    assert TOLD in open_tasks(passed(replace(s, tasks=(), activated=CLOSE)))


@pytest.mark.clause("RF-35")
def test_the_choice_waits_until_it_is_certain_who_the_source_is() -> None:
    s = passed(world(source(), source(51), lead(), options=CARDS))
    s = passed(replace(s, deals={7: bought(CLOSE)}), MORNING)
    s = passed(decided(s, RECOGNITION, "Approve"))
    assert cell(s, "Approvals", RECOGNITION, "Status") == "Not ready: RF-07: it is not certain yet who the source is"
    s = passed(changed(s, 101, fields={"referred_by": "#50"}))
    assert "RF-36 p101 order-approve" in open_tasks(s)


@pytest.mark.clause("RF-36", "X-79", "MS-09")
@pytest.mark.parametrize(("word", "ordered"), [
    ("Approve", True), ("Card, the procedure's note", True), ("Gift card", True), ("Hold", False), ("Reject", False), ("", False)])
def test_another_yes_typed_in_an_unprotected_tab_orders_nothing_else_and_a_no_counts(word: str, ordered: bool) -> None:
    s = passed(decided(closed(), RECOGNITION, "Approve"))
    order = {mark for mark in open_tasks(s) if mark.startswith("RF-36")}
    assert order == {"RF-36 p101 order-approve"}
    s = passed(replace(s, workbook=replace(s.workbook, decisions_guarded="anybody can edit")))
    s = passed(passed(decided(s, RECOGNITION, word)))
    assert {mark for mark in open_tasks(s) if mark.startswith("RF-36")} == (order if ordered else set())


@pytest.mark.clause("RF-13", "X-79", "MS-09")
@pytest.mark.parametrize("word", ["Text it", "I thank them myself"])
def test_another_answer_typed_in_an_unprotected_tab_sends_nothing_else(word: str) -> None:
    s = passed(decided(passed(world()), DRAFT, "E-mail it"))
    sends = {mark for mark in open_tasks(s) if mark.startswith("RF-13")}
    assert sends == {"RF-13 p101 send-email"}
    s = passed(decided(replace(s, workbook=replace(s.workbook, decisions_guarded="anybody can edit")), DRAFT, word))
    assert {mark for mark in open_tasks(s) if mark.startswith("RF-13")} == sends


@pytest.mark.clause("RF-43", "X-81")
def test_the_checklist_of_a_closing_that_was_taken_back_keeps_no_open_item_until_it_closes_again() -> None:
    ref = "RF-43 p101 closing"
    s = passed(passed(closed()))
    assert cell(s, "Checklists", ref, "Open") == "1"
    back = passed(replace(s, deals={7: replace(bought(CLOSE), closed=False, stage_label="Pending")}))
    assert cell(back, "Checklists", ref, "Open") == "0"
    assert "☐" not in cell(back, "Checklists", ref, "Items")
    assert "– Recognition gift/card ordered and coordinated within 1 week: by 01/27/2027 (the closing was taken back)" in cell(back, "Checklists", ref, "Items")
    assert [a.mark for a in plan(passed(back)).actions] == []
    again = passed(passed(replace(back, deals={7: bought(CLOSE)})))
    assert cell(again, "Checklists", ref, "Open") == "1"
