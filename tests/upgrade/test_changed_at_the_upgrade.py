"""Upgrade in mid-season with a configuration that people changed at the same time (X-92)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests import people
from tests.upgrade import season
from tests.upgrade.season import Season

SUBJECT = 'year_2_subject = "Thinking of you and the house"'
APPROVED = "Approved: the VA has a task to send it"
OWN_WORDS = "MS-09 d8 20270118-draft"


@pytest.fixture
def upgraded(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Season]:
    """The recorded season under today's code and with the test's changes, after two passes."""
    for name, value in season.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with season.served() as box:
        found = season.restore(box, tmp_path, changes=request.param)
        for hours in (0, 1):
            assert found.run_pass(season.stopped() + timedelta(hours=hours)) == ""
        yield found
        found.close()


def drafts(found: Season) -> dict[str, dict[str, Any]]:
    return {row["Ref"]: row for row in people.rows(found.box, "Approvals") if row["Ref"].startswith(("MS-09", "RF-13", "RF-31", "RF-35"))}


def void(found: Season) -> set[str]:
    return {ref for ref, row in drafts(found).items() if str(row["Status"]).startswith("Decide again")}


def asks(found: Season) -> dict[str, str]:
    return {row["Ref"]: row["What"] for row in people.rows(found.box, "Approvals") if row["Ref"].startswith("ACK") and not row["Acted On"] and not str(row["Status"]).startswith("Withdrawn")}


def agree(found: Season) -> None:
    """The agent approves what waits, and a pass reads it."""
    for ref in asks(found):
        people.types(found.box, "Approvals", ref, "Decision", "Approve")
    for hours in (2, 3):
        assert found.run_pass(season.stopped() + timedelta(hours=hours)) == ""


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The drafts after the same passes and an agreement, with the configuration as it was."""
    with pytest.MonkeyPatch.context() as patch, season.served() as box:
        for name, value in season.ENVIRONMENT.items():
            patch.setenv(name, value)
        found = season.restore(box, tmp_path_factory.mktemp("plain"))
        for hours in (0, 1):
            found.run_pass(season.stopped() + timedelta(hours=hours))
        agree(found)
        rows = drafts(found)
        found.close()
    return rows


@pytest.mark.clause("X-92")
@pytest.mark.parametrize("upgraded", [{SUBJECT: 'year_2_subject = "One more year"'}], indirect=True)
def test_another_subject_voids_no_approval(plain: dict[str, dict[str, Any]], upgraded: Season) -> None:
    assert void(upgraded) == {ref for ref, row in plain.items() if str(row["Status"]).startswith("Decide again")}
    assert any("milestones.closing_anniversary (" in what for what in asks(upgraded).values())
    agree(upgraded)
    now = drafts(upgraded)
    lost = {ref for ref, row in plain.items() if row["Status"] == APPROVED} - {ref for ref, row in now.items() if row["Status"] == APPROVED}
    # Her own text names neither client nor home, and 0.1 kept no facts: nobody can tell words from facts.
    assert {(ref, now[ref]["Status"].partition(" (")[0]) for ref in lost} == {(OWN_WORDS, "Decide again: Steward's own text changed after you edited the draft")}
    assert void(upgraded) - lost == {ref for ref, row in plain.items() if str(row["Status"]).startswith("Decide again")}


@pytest.mark.clause("X-92")
@pytest.mark.parametrize("upgraded", [
    {SUBJECT: f'{SUBJECT}\nanniversary_channel = "card"'}, {SUBJECT: f"{SUBJECT}\nevery_year = false"},
    {SUBJECT: 'year_2_subject = "One more year"\nanniversary_channel = "card"'}, {"handwritten_cards = true": "handwritten_cards = false"}], indirect=True)
def test_a_changed_option_does_nothing_until_the_agent_agrees(plain: dict[str, dict[str, Any]], upgraded: Season) -> None:
    assert void(upgraded) == {ref for ref, row in plain.items() if str(row["Status"]).startswith("Decide again")}
    assert not [ref for ref, row in drafts(upgraded).items() if row["Status"].startswith("Withdrawn") and not plain[ref]["Status"].startswith("Withdrawn")]
    assert asks(upgraded)
