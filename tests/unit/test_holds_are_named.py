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
