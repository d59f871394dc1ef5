"""What became of a referral, in the log and on the lead's record: CRM first, people's edits above it (RF-10, RF-34, RF-44, X-62)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from policies.world.model import Reach, Stage
from policies.world.snapshot import Snapshot
from tests.passes import changed, note, open_tasks, passed, plan, rows, task, ticked, typed
from tests.referred import DAY, LOG, TOLD, bought, lead, log_row, pending, source, world
from tests.scenes import at, sale

CLOSE = date(2027, 1, 20)
LATER = at(CLOSE + timedelta(days=1))


def restaged(s: Snapshot, stage: Stage | None, **attributes: Any) -> Snapshot:
    return changed(s, 101, stage=stage, **attributes)


def with_deal(s: Snapshot, *deals: Any) -> Snapshot:
    return replace(s, deals={**s.deals, **{deal.id: deal for deal in deals}})


def outcome(s: Snapshot) -> tuple[str, str, str]:
    row = log_row(s)
    return row.text("Outcome"), row.text("Close Date"), row.text("Outcome On")


@pytest.mark.clause("RF-10", "RF-34")
@pytest.mark.parametrize(("stage", "word"), [
    (Stage.NEW_LEAD, "Active"), (Stage.ACTIVE_BUYER, "Active"), (Stage.UNDER_CONTRACT, "Active"), (Stage.LONG_TERM_NURTURE, "Active"),
    (Stage.COLD_LEAD, "Lost"), (Stage.DO_NOT_CONTACT, "Lost"), (None, "Active")])
def test_the_outcome_follows_the_stage(stage: Stage | None, word: str) -> None:
    s = passed(restaged(passed(world()), stage), at(date(2026, 12, 20)))
    assert outcome(s) == (word, "—", "2026-12-20" if word == "Lost" else "")


@pytest.mark.clause("RF-10")
def test_who_went_cold_and_comes_back_is_active_again_and_the_day_they_were_lost_stays_while_they_are() -> None:
    s = passed(restaged(passed(world()), Stage.COLD_LEAD), at(date(2026, 12, 20)))
    assert outcome(passed(s, at(date(2026, 12, 28)))) == ("Lost", "—", "2026-12-20")
    assert outcome(passed(restaged(s, Stage.ACTIVE_BUYER), at(date(2026, 12, 29)))) == ("Active", "—", "")


@pytest.mark.clause("RF-10")
def test_a_lead_in_the_trash_is_lost_and_one_who_was_merged_is_followed() -> None:
    s = passed(restaged(passed(world()), None, trashed=True), at(date(2026, 12, 20)))
    assert outcome(s)[0] == "Lost"
    twin = lead(102, by="", emails=lead().emails, stage=Stage.PAST_CLIENT_BUYER)
    merged = with_deal(replace(s, contacts={**s.contacts, 102: twin}), bought(CLOSE, people=[102]))
    assert outcome(passed(merged, LATER))[:2] == ("Closed", "2027-01-20")


@pytest.mark.clause("RF-10", "RF-44")
@pytest.mark.parametrize("side", [bought, sale])
def test_a_closing_is_logged_with_its_day_and_noted_on_the_leads_record(side: Any) -> None:
    s = passed(with_deal(passed(world()), side(CLOSE, 7, [101])), LATER)
    assert outcome(s) == ("Closed", "2027-01-20", "2027-01-20")
    found = note(s, "RF-44 p101 20270120-closed")
    assert (found.person_id, found.body) == (101, "Referral outcome logged: Closed — 01/20/2027")
    assert plan(s, "referrals").actions == ()


@pytest.mark.clause("RF-10")
@pytest.mark.parametrize("deal", [bought(DAY - timedelta(days=1)), pending(CLOSE), bought(CLOSE, deleted=True), bought(CLOSE, side=None)])
def test_what_is_no_closing_of_this_referral_is_none(deal: Any) -> None:
    assert outcome(passed(with_deal(passed(world()), deal), LATER))[0] == "Active"


@pytest.mark.clause("RF-10")
@pytest.mark.parametrize(("closing", "word"), [(DAY, "Closed"), (DAY - timedelta(days=1), "Active")])
def test_a_closing_counts_from_the_day_of_receipt(closing: date, word: str) -> None:
    assert outcome(passed(with_deal(passed(world()), bought(closing)), LATER))[0] == word


@pytest.mark.clause("RF-10")
def test_a_closed_referral_stays_closed_when_the_lead_goes_cold() -> None:
    s = passed(with_deal(restaged(passed(world()), Stage.COLD_LEAD), bought(CLOSE)), LATER)
    assert outcome(s)[0] == "Closed"


@pytest.mark.clause("RF-10")
def test_the_day_a_lead_engaged_is_kept() -> None:
    s = passed(restaged(passed(world()), Stage.ACTIVE_BUYER), at(date(2026, 12, 10)))
    assert log_row(passed(restaged(s, Stage.COLD_LEAD), at(date(2026, 12, 30)))).text("Engaged On") == "2026-12-10"


# -- people's edits ----------------------------------------------------------------------------------------------------


@pytest.mark.clause("X-62", "RF-34")
@pytest.mark.parametrize(("column", "typed_"), [("Outcome", "Lost"), ("Close Date", date(2027, 1, 5)), ("Recognition Sent", "Called him"),
                                               ("Type", "Sphere"), ("Referral Source", "Johnny"), ("Outcome", "")])
def test_a_cell_that_a_person_changed_is_theirs_for_good(column: str, typed_: Any) -> None:
    s = passed(typed(passed(world()), "Referral Log", LOG, **{column.replace(" ", "_"): typed_}))
    assert log_row(s).cells[column] == typed_
    later = passed(with_deal(s, bought(CLOSE)), LATER)
    assert log_row(later).cells[column] == typed_


@pytest.mark.clause("X-62")
def test_a_later_change_of_the_crm_becomes_a_question_that_an_answer_ends() -> None:
    s = passed(typed(passed(world()), "Referral Log", LOG, Outcome="Lost"))
    assert log_row(s).text("Status") == ""
    s = passed(with_deal(s, bought(CLOSE)), LATER)
    assert log_row(s).text("Status") == "Outcome was changed by hand to Lost, and the CRM now says Closed: which is right?"
    mark = "RF-34 p101 closed20270120-differs"
    assert task(s, mark).name == "Referral log of Ximena Castro: correct it, or tick this off if it is right (Closed in the CRM)"
    agreed = passed(typed(s, "Referral Log", LOG, Outcome="Closed"), LATER)
    assert log_row(agreed).text("Status") == ""
    assert mark not in open_tasks(agreed)
    kept = passed(ticked(s, mark), LATER + timedelta(days=1))
    assert mark not in open_tasks(kept)
    assert log_row(kept).text("Outcome") == "Lost"


@pytest.mark.clause("X-62")
def test_what_a_person_typed_that_agrees_with_the_crm_follows_it_again() -> None:
    s = passed(typed(passed(world()), "Referral Log", LOG, Outcome="Lost"))
    s = passed(restaged(s, Stage.COLD_LEAD), at(date(2026, 12, 20)))
    assert outcome(passed(restaged(s, Stage.ACTIVE_BUYER), at(date(2026, 12, 21))))[0] == "Active"


@pytest.mark.clause("X-62")
def test_a_row_typed_with_an_outcome_of_its_own_keeps_it() -> None:
    row = {"Date": DAY, "Referral Source": "John Smith", "Referred Lead": "Ximena", "Outcome": "Lost", "Recognition Sent": "Thank-you sent 12/04/2026"}
    s = passed(world(source(), lead(), typed=[row]))
    assert [log_row(s).text(name) for name in ("Outcome", "Recognition Sent", "Type")] == ["Lost", "Thank-you sent 12/04/2026", "Client"]


@pytest.mark.clause("X-62")
@pytest.mark.parametrize(("word", "kept"), [("Closed", "Closed"), ("Lost", "Lost"), ("Active", "Active"), ("", "Active")])
def test_a_row_typed_with_an_outcome_keeps_it_when_its_lead_is_named_later(word: str, kept: str) -> None:
    row = {"Date": DAY, "Referral Source": "John Smith", "Referred Lead": "Her cousin", "Outcome": word, "Close Date": DAY if word == "Closed" else ""}
    s = passed(world(source(), lead(by=""), typed=[row]))
    ref = s.workbook.rows("Referral Log")[0].ref
    s = passed(passed(typed(s, "Referral Log", ref, Lead="101")))
    assert log_row(s, ref).text("Outcome") == kept
    assert (TOLD in open_tasks(s)) is (word == "Closed")


@pytest.mark.clause("X-62")
def test_rows_that_are_sorted_or_stand_twice_are_not_mixed_up() -> None:
    s = passed(world(source(), lead(), lead(102, "Yuki Tanaka", emails=(Reach("yuki@example.org"),))))
    s = passed(rows(s, "Referral Log", lambda old: tuple(reversed(old))))
    assert [(row.ref, row.text("Referred Lead")) for row in s.workbook.rows("Referral Log")] == [
        ("RF-01 p102 referral", "Yuki"), ("RF-01 p101 referral", "Ximena")]
    copied = rows(s, "Referral Log", lambda old: (*old, old[0]))
    assert [a for a in plan(restaged(copied, Stage.COLD_LEAD)).actions if a.mark == "RF-01 p102 referral"] == []
