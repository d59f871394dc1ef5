"""What a hold keeps back says so, in its row and in its tasks, and what is to be done first (X-64, X-81)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from policies.world.model import Reach
from policies.world.snapshot import Snapshot
from tests.passes import cell, changed, decided, open_tasks, passed, typed
from tests.referred import DAY, DRAFT, world
from tests.scenes import at, client, purchase, snapshot

ROW = "MS-09 d812 20261211-draft"
UNHAPPY = "MS-49: the client is dissatisfied with an earlier touch; take the tag off when that is settled"
HOLDS: list[tuple[dict[str, Any], str]] = [
    ({"tags": ("Reply: dissatisfied",)}, UNHAPPY), ({"emails": (Reach("ana@example.org", "Bounced"),)}, "MS-47: the e-mail address does not work")]


def anniversary(**changes: Any) -> Snapshot:
    ana = client(emails=(Reach("ana@example.org", "Valid"),), created=at(date(2024, 1, 1)), **changes)
    return passed(passed(snapshot(DAY, [ana], [purchase(date(2024, 12, 11))])))


@pytest.mark.clause("X-64", "MS-09", "X-81")
@pytest.mark.parametrize(("change", "hold"), HOLDS)
def test_a_row_that_was_approved_names_the_hold_before_the_cell_is_cleared(change: dict[str, Any], hold: str) -> None:
    s = passed(decided(anniversary(), ROW, "Approve"))
    assert cell(s, "Approvals", ROW, "Status") == "Approved: the VA has a task to send it"
    held = passed(changed(s, 101, **change))
    said = "Decide again: who it goes to, or what is asked about it, changed (clear the Decision cell, then choose). Not ready: "
    assert cell(held, "Approvals", ROW, "Status").startswith(f"{said}{hold}")
    assert "MS-42 d812 20261211-send" not in open_tasks(held)
    assert cell(passed(held), "Approvals", ROW, "Status") == cell(held, "Approvals", ROW, "Status")

    cleared = passed(decided(held, ROW, ""))
    assert cell(cleared, "Approvals", ROW, "Status").startswith(f"Not ready: {hold}")
    over = passed(changed(held, 101, tags=(), emails=(Reach("ana@example.org", "Valid"),)))
    assert cell(over, "Approvals", ROW, "Status") == said.removesuffix(". Not ready: ")


@pytest.mark.clause("X-64", "RF-13")
def test_a_thank_you_whose_decision_does_not_count_names_the_hold_too() -> None:
    s = passed(decided(typed(passed(world()), "Approvals", DRAFT, Draft="Hi John — thank you!"), DRAFT, "Text it"))
    held = passed(changed(s, 50, tags=("Reply: dissatisfied",)), s.now + timedelta(minutes=15))
    assert cell(held, "Approvals", DRAFT, "Status").startswith(
        f"Decide again: the draft was edited (clear the Decision cell, then choose). Not ready: {UNHAPPY}")


# -- the tasks -----------------------------------------------------------------------------------------------------------------

T7, LAST, THANKS = "MS-04 d812 20261211-7d", "MS-45 d812 20261211-48h", "RF-08 p101 thanks"


def about(s: Snapshot, mark: str) -> list[str]:
    return [name for one, name in open_tasks(s).items() if one.startswith(mark)]


@pytest.mark.clause("X-64", "X-81", "MS-04", "MS-45")
@pytest.mark.parametrize(("change", "hold"), HOLDS)
def test_tasks_about_a_draft_that_is_held_lead_to_its_row_and_back(change: dict[str, Any], hold: str) -> None:
    waits = ["Prepare anniversary e-mail: Ana Lopez, year 2 on Fri 12/11; the draft waits in Approvals"]
    held = ["Prepare anniversary e-mail: Ana Lopez, year 2 on Fri 12/11; not ready, see its row in Approvals"]
    s = anniversary()
    assert about(s, T7) == waits
    s = passed(changed(s, 101, **change))
    assert about(s, T7) == held
    late = passed(passed(s, date(2026, 12, 9)))
    assert about(late, T7) == held
    assert about(late, LAST) == ["See in Approvals what holds it by Fri 12/11 or it is missed: Ana Lopez, closing anniversary, year 2"]
    assert cell(late, "Approvals", ROW, "Status").startswith(f"Not ready: {hold}")

    over = passed(passed(changed(late, 101, tags=(), emails=(Reach("ana@example.org", "Valid"),))))
    assert about(over, T7) == waits
    assert about(over, LAST) == ["Approve by Fri 12/11 or it is missed: Ana Lopez, closing anniversary, year 2"]


@pytest.mark.clause("X-64", "X-81", "MS-49")
def test_a_reminder_to_reach_out_is_withdrawn_with_the_sign_and_comes_again() -> None:
    early = "MS-04 d812 20261218-14d"
    ana = client(created=at(date(2024, 1, 1)))
    s = passed(snapshot(DAY, [ana], [purchase(date(2024, 12, 18))]))
    assert about(s, early) == ["Personal touch: Ana Lopez, year 2 on Fri 12/18"]
    assert about(passed(changed(s, 101, tags=("STOP",))), early) == about(s, early), "a doubt withdraws nothing (X-66)"
    held = passed(changed(s, 101, tags=("Reply: dissatisfied",)))
    assert about(held, early) == []
    assert about(passed(held), early) == []
    assert about(passed(changed(held, 101, tags=())), early) == about(s, early)

    later = passed(s, date(2026, 12, 14))  # in the window of the next reminder
    assert about(later, early) == about(s, early)
    assert about(passed(changed(later, 101, tags=("Reply: dissatisfied",))), early) == []


@pytest.mark.clause("X-64", "X-81", "RF-08")
def test_the_prompt_to_thank_a_source_leads_to_what_holds_it_and_back() -> None:
    s = passed(world())
    s = passed(s, s.now + timedelta(hours=37))
    assert about(s, THANKS) == ["Urgent: Thank John Smith for referring Ximena Castro"]
    held = passed(changed(s, 50, tags=("Reply: dissatisfied",)))
    held = passed(held)
    assert about(held, THANKS) == ["Urgent: Not ready, see Approvals: thank John Smith for referring Ximena Castro"]
    assert cell(held, "Approvals", DRAFT, "Status").startswith(f"Not ready: {UNHAPPY}")
    over = passed(passed(changed(held, 50, tags=())))
    assert about(over, THANKS) == ["Urgent: Thank John Smith for referring Ximena Castro"]
    assert len([one for one in over.tasks if one.withdrawn and str(one.key).startswith(THANKS)]) == 2


@pytest.mark.clause("X-66", "RF-08")
def test_a_doubt_about_a_source_changes_nothing_once_the_thanks_were_handed_over() -> None:
    s = passed(decided(passed(world()), DRAFT, "E-mail it"))
    doubted = passed(changed(s, 50, tags=("STOP",)))
    assert about(doubted, THANKS) == ["Thank John Smith for referring Ximena Castro"]
    assert about(doubted, "RF-13") == about(s, "RF-13") != []
    assert about(passed(changed(passed(world()), 50, tags=("STOP",))), THANKS) == [
        "Not ready, see Approvals: thank John Smith for referring Ximena Castro"]


@pytest.mark.clause("X-57", "X-61", "X-81")
def test_a_reminder_on_a_record_in_the_trash_moves_to_the_spouse_with_the_touch() -> None:
    couple = [client(created=at(date(2024, 1, 1))), client(102, first_name="Luis", created=at(date(2024, 1, 1)))]
    s = passed(snapshot(DAY, couple, [purchase(date(2024, 12, 18), people=(101, 102))]))
    assert [(task.person_id, task.name) for task in s.tasks] == [(101, "Personal touch: Ana Lopez, year 2 on Fri 12/18")]
    s = passed(changed(s, 101, trashed=True, stage=None, stage_label="Trash"))
    assert [(task.person_id, task.name, task.withdrawn) for task in s.tasks] == [
        (101, "Personal touch: Ana Lopez, year 2 on Fri 12/18", True), (102, "Personal touch: Luis Lopez, year 2 on Fri 12/18", False)]
    assert passed(s).tasks == s.tasks
