"""Agent-to-agent fees: followed, flagged, due, paid, and never written by Steward (RF-12, 15, 19, 37 … 40, 47, 49, 50)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from daemon.passes.guard import ALLOWED
from policies.asks.escalation import ReferralIssue, referral_message
from policies.values.numbers import amount
from policies.world.model import Stage
from policies.world.practice import ReferralOptions
from policies.world.snapshot import Snapshot
from tests.passes import cell, changed, note, open_tasks, passed, plan, task, ticked, typed
from tests.referred import DAY, bought, lead, log_row, pending, source, world
from tests.scenes import AGENT, VA, at

FEE = "RF-37 p101 fee"
AGREED = {"Brokerage": "Hill Realty", "Contact": "mike@example.org", "Fee %": 25, "Agreement Date": DAY, "Agreement On File": "Yes"}
CLOSE = date(2027, 1, 20)
TYPED_BY_PEOPLE = {"Brokerage", "Contact", "Fee %", "Fee Amount", "Agreement Date", "Agreement On File", "License Verified", "Amount Due",
                   "Amount Paid", "Paid On", "Paid To"}


def referred_by_an_agent(deal: Any = None, stage: Stage = Stage.NEW_LEAD, **fee: Any) -> Snapshot:
    s = passed(world(source(name="Mike Chen", stage=Stage.PROFESSIONAL_NETWORK, tags=("Agent",)), lead(by="Mike Chen", stage=stage),
                     deals=[deal] if deal else [], options=ReferralOptions(bookkeeper="Bea")))
    return filled(s, **fee)


def filled(s: Snapshot, **fee: Any) -> Snapshot:
    row = s.workbook.row("Referral Fees", FEE)
    assert row is not None
    return typed(s, "Referral Fees", FEE, **{name.replace(" ", "_"): value for name, value in fee.items()}) if fee else s


def flags(s: Snapshot) -> list[str]:
    return [name for mark, name in open_tasks(s).items() if mark.startswith("RF-47")]


@pytest.mark.clause("RF-12", "RF-37", "RF-15")
def test_an_agent_referral_has_a_row_that_people_fill_in() -> None:
    s = referred_by_an_agent()
    assert [cell(s, "Referral Fees", FEE, name) for name in ("Referring Agent", "Referred Client", "Lead")] == ["Mike Chen", "Ximena", "101"]
    assert cell(s, "Referral Fees", FEE, "Status") == "lacks Agreement On File, Fee % or Fee Amount, Agreement Date, Brokerage"
    assert open_tasks(s)["RF-37 p101 agreement"] == "Log the referral agreement with Mike Chen in the tab Referral Fees"
    assert log_row(s).text("Fee Status") == "No agreement"
    s = passed(filled(s, **AGREED))
    assert "RF-37 p101 agreement" not in open_tasks(s)
    assert (cell(s, "Referral Fees", FEE, "Status"), log_row(s).text("Fee Status")) == ("", "Agreed")
    assert plan(s, "referrals").actions == ()


@pytest.mark.clause("RF-12")
@pytest.mark.parametrize("stage", [Stage.PAST_CLIENT_BUYER, Stage.PROFESSIONAL_NETWORK, Stage.SPHERE_OF_INFLUENCE])
def test_nobody_else_has_a_fee(stage: Stage) -> None:
    assert passed(world(source(stage=stage), lead())).workbook.rows("Referral Fees") == ()


@pytest.mark.clause("RF-19", "RF-40")
def test_steward_has_no_right_to_a_fee_cell() -> None:
    for (_, entity, _), names in ALLOWED.items():
        if entity == "Referral Fees":
            assert names.isdisjoint(TYPED_BY_PEOPLE)


# -- before closing ----------------------------------------------------------------------------------------------------


@pytest.mark.clause("RF-47", "X-23", "RF-51")
@pytest.mark.parametrize(("left", "flagged"), [
    (15, []), (14, ["Formalize the referral fee of Mike Chen: closing on 12/18/2026"]),
    (11, ["Formalize the referral fee of Mike Chen: closing on 12/15/2026"]),
    (10, ["URGENT: Formalize the referral fee of Mike Chen: closing on 12/14/2026"]),
    (1, ["URGENT: Formalize the referral fee of Mike Chen: closing on 12/05/2026"])])
def test_a_fee_not_formalised_is_flagged_at_14_days_and_urgent_at_10(left: int, flagged: list[str]) -> None:
    s = referred_by_an_agent(pending(DAY + timedelta(days=left)))
    assert flags(s) == flagged
    assert plan(s, "referrals").actions == ()


@pytest.mark.clause("RF-47", "X-58")
def test_the_flag_is_raised_in_place() -> None:
    s = passed(referred_by_an_agent(pending(date(2026, 12, 18))), at(date(2026, 12, 8)))
    assert flags(s) == ["URGENT: Formalize the referral fee of Mike Chen: closing on 12/18/2026"]
    assert task(s, "RF-47 p101 d7-20261218-fee").assigned_user_id == AGENT


@pytest.mark.clause("RF-47", "X-23")
def test_a_date_that_moves_inside_is_flagged_at_once_and_one_that_moves_away_takes_it_back() -> None:
    s = referred_by_an_agent(pending(date(2027, 3, 1)))
    assert flags(s) == []
    s = passed(replace(s, deals={7: pending(date(2026, 12, 12))}))
    assert flags(s) == ["URGENT: Formalize the referral fee of Mike Chen: closing on 12/12/2026"]
    assert flags(passed(replace(s, deals={7: pending(date(2027, 3, 1))}))) == []
    assert flags(passed(filled(s, **AGREED))) == []


@pytest.mark.clause("X-23")
def test_under_contract_without_a_close_date_is_flagged_as_that() -> None:
    s = referred_by_an_agent(pending(None), Stage.UNDER_CONTRACT)
    assert flags(s) == ["No close date: formalize the referral fee of Mike Chen"]
    assert flags(referred_by_an_agent(pending(None), Stage.ACTIVE_BUYER)) == []


@pytest.mark.clause("RF-47", "X-23")
def test_a_deal_that_closed_is_urgent_before_people_move_the_stage() -> None:
    s = referred_by_an_agent(pending(date(2026, 12, 12)), Stage.UNDER_CONTRACT)
    s = passed(replace(s, deals={7: bought(date(2026, 12, 10))}), at(date(2026, 12, 11)))
    assert s.contacts[101].stage is Stage.UNDER_CONTRACT
    assert flags(s) == ["URGENT: Closed without a fee agreement: Mike Chen"]


@pytest.mark.clause("RF-50", "RF-47", "X-44")
def test_the_message_in_its_exact_words_on_the_leads_record() -> None:
    found = note(referred_by_an_agent(pending(date(2026, 12, 14))), "RF-47 p101 d7-20261214-fee")
    assert (found.person_id, found.body) == (101, (
        "Hi Dana Reyes — referral tracking issue needs your attention.\n"
        "Issue: fee not formalized\n"
        "Referral source: Mike Chen\n"
        "Related transaction: 412 Cedar Ln\n"
        "Needed: formalize fee\n"
        "Mia Cole"))


@pytest.mark.clause("RF-50", "X-53")
@pytest.mark.parametrize(("issue", "said", "needed"), [
    (ReferralIssue.INQUIRY, "Referral source inquiry", "Respond to source"),
    (ReferralIssue.DISSATISFIED, "acknowledgment dissatisfaction", "Respond to source"),
    (ReferralIssue.FEE_NOT_FORMALIZED, "fee not formalized", "formalize fee"),
    (ReferralIssue.SEVERAL, "multiple referrals from one source", "personal thank-you from you"),
    (ReferralIssue.DISCREPANCY, "fee discrepancy", "confirm payment")])
def test_one_option_of_each_menu_is_said(issue: ReferralIssue, said: str, needed: str) -> None:
    text = referral_message(issue, agent="Dana", source="John", transaction="", va="Mia")
    assert text == (f"Hi Dana — referral tracking issue needs your attention.\nIssue: {said}\nReferral source: John\n"
                    f"Related transaction: not applicable\nNeeded: {needed}\nMia")


# -- at closing --------------------------------------------------------------------------------------------------------


def closed(**fee: Any) -> Snapshot:
    s = referred_by_an_agent(**fee)
    return passed(replace(s, deals={7: bought(CLOSE)}), at(CLOSE + timedelta(days=1)))


@pytest.mark.clause("RF-38", "RF-40")
def test_at_closing_the_va_tells_the_bookkeeper_and_the_payee_is_the_brokerage() -> None:
    s = closed(**AGREED)
    found = task(s, "RF-38 p101 due")
    assert (found.name, found.assigned_user_id, found.due) == (
        "Tell Bea: a referral fee is due to Hill Realty; licence first", VA, date(2027, 1, 21))
    assert log_row(s).text("Fee Status") == "Due"
    assert "License Verified is empty: who checked, and when?" in cell(s, "Referral Fees", FEE, "Status")
    assert plan(s, "referrals").actions == ()


@pytest.mark.clause("RF-38")
def test_the_fee_is_not_over_before_the_licence_was_checked() -> None:
    s = passed(ticked(closed(**AGREED), "RF-38 p101 due"))
    assert open_tasks(s)["RF-38 p101 licence"] == "Licence of Hill Realty: who verified it, and when? Enter it in Referral Fees before the fee is paid"
    paid = {"Amount Due": 3000, "Amount Paid": 3000, "Paid On": CLOSE, "Paid To": "Hill Realty"}
    s = passed(filled(s, **paid))
    assert log_row(s).text("Fee Status") == "Due"
    s = passed(filled(s, **{"License Verified": "Mia 01/22/2027"}))
    assert log_row(s).text("Fee Status") == "Paid"
    assert "RF-38 p101 licence" not in open_tasks(s)


@pytest.mark.clause("RF-39")
@pytest.mark.parametrize(("cells", "status"), [
    ({}, "Due"), ({"Amount Paid": 3000}, "Due"), ({"Paid On": CLOSE}, "Due"), ({"Amount Paid": 3000, "Paid On": CLOSE}, "Paid"),
    ({"Amount Paid": "$3,000.00", "Paid On": "01/25/2027"}, "Paid")])
def test_it_is_paid_once_how_much_and_when_are_given(cells: dict[str, Any], status: str) -> None:
    s = passed(filled(closed(**AGREED, **{"License Verified": "Mia"}), **cells))
    assert log_row(s).text("Fee Status") == status


@pytest.mark.clause("RF-47")
def test_a_closing_without_an_agreement_is_flagged() -> None:
    assert flags(closed()) == ["URGENT: Closed without a fee agreement: Mike Chen"]


# -- discrepancies -----------------------------------------------------------------------------------------------------


@pytest.mark.clause("RF-49")
@pytest.mark.parametrize(("cells", "says"), [
    ({"Amount Due": 3000, "Amount Paid": 2999}, "Amount Due is 3,000.00, Amount Paid is 2,999.00"),
    ({"Amount Due": 3000, "Amount Paid": 3000}, ""),
    ({"Fee Amount": 3000, "Amount Due": 3200}, "Fee Amount is 3,000.00, Amount Due is 3,200.00"),
    ({"Fee Amount": "$3,000", "Amount Paid": "3500"}, "Fee Amount is 3,000.00, Amount Paid is 3,500.00"),
    ({"Amount Due": 3000, "Amount Paid": 3000, "Paid To": "Mike Chen"}, "Paid To is Mike Chen, the brokerage is Hill Realty"),
    ({"Amount Due": 3000, "Amount Paid": 3000, "Paid To": "Hill Realty."}, ""),
    ({"Amount Paid": 3000, "Agreement On File": "No"}, "Amount Paid is 3,000.00, and there is no agreement on file")])
def test_a_discrepancy_goes_to_the_agent_with_both_numbers_and_is_not_reconciled(cells: dict[str, Any], says: str) -> None:
    before = filled(closed(**AGREED), **cells)
    s = passed(before)
    found = [(mark, name) for mark, name in open_tasks(s).items() if mark.startswith("RF-49")]
    assert [name for _, name in found] == ([f"{says}: referral fee of Mike Chen does not agree"] if says else [])
    assert {name: s.workbook.row("Referral Fees", FEE).cells.get(name) for name in cells} == cells  # type: ignore[union-attr]
    if says:
        assert "Issue: fee discrepancy" in note(s, found[0][0]).body
        assert log_row(s).text("Fee Status") == "Discrepancy"
        settled = passed(filled(s, **{"Fee Amount": "", "Amount Due": 3000, "Amount Paid": 3000, "Paid To": "Hill Realty", "Agreement On File": "Yes"}))
        assert not [mark for mark in open_tasks(settled) if mark.startswith("RF-49")]


@pytest.mark.parametrize(("value", "number"), [(25, 25.0), (2.5, 2.5), ("25%", 25.0), ("$1,250.50", 1250.5), ("", None), (None, None), (True, None),
                                               ("a quarter", None), ("25 of 100", None)])
def test_a_number_is_what_was_typed_and_nothing_else(value: Any, number: float | None) -> None:
    assert amount(value) == number


@pytest.mark.clause("RF-37")
def test_the_type_may_be_told_later() -> None:
    s = passed(world(source(name="Mike Chen", stage=Stage.NEW_LEAD), lead(by="Mike Chen")))
    assert s.workbook.rows("Referral Fees") == ()
    s = passed(changed(s, 101, fields={"referred_by": "Mike Chen", "referral_type": "Agent"}))
    assert [row.ref for row in s.workbook.rows("Referral Fees")] == [FEE]


# -- done by a person --------------------------------------------------------------------------------------------------


def withdrawn(s: Snapshot, mark: str) -> Snapshot:
    """Steward took its task back: the CRM has it as completed, and nobody did it."""
    return replace(s, tasks=tuple(replace(one, completed=True, withdrawn=True, completed_at=s.now) if str(one.key) == mark else one
                                  for one in s.tasks))


@pytest.mark.clause("RF-38", "RF-39", "X-81")
def test_a_withdrawn_task_told_no_bookkeeper_and_asks_for_no_licence() -> None:
    s = passed(referred_by_an_agent(bought(DAY)))
    assert "RF-38 p101 due" in open_tasks(s)

    back = passed(withdrawn(s, "RF-38 p101 due"))
    assert "RF-38 p101 licence" not in open_tasks(back)
    assert "RF-38 p101 licence" in open_tasks(passed(ticked(s, "RF-38 p101 due")))
