"""A source whom one pass does not show: nobody takes their place, nothing is asked, and nothing ends (X-65, X-87)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from daemon.passes.absence import deleted_records
from policies.asks.wants import WantWithdrawn
from policies.referrals.thanking import thanks
from policies.world.model import Reach, Stage
from policies.world.practice import ReferralOptions
from policies.world.snapshot import Snapshot
from tests.passes import cell, changed, decided, open_tasks, passed, ticked, typed
from tests.referred import DAY, DRAFT, LOG, NINE, PROMPT, RECOGNITION, bought, lead, source, world

QUARTER_HOUR = timedelta(minutes=15)
WHICH, SEND = "RF-07 p101 which", "RF-13 p101 send-text"
CARDS = ReferralOptions(handwritten_cards=True)


def later(s: Snapshot) -> Snapshot:
    return passed(s, s.now + QUARTER_HOUR)


def without(s: Snapshot, *numbers: int) -> Snapshot:
    """The CRM's list lacks these contacts."""
    return replace(s, contacts={n: c for n, c in s.contacts.items() if n not in numbers})


def back(s: Snapshot, before: Snapshot) -> Snapshot:
    """The list is whole again: those whom it lacked are there as they were."""
    return replace(s, contacts={**before.contacts, **s.contacts}, gone=frozenset())


def reads(s: Snapshot) -> tuple[dict[str, str], dict[str, dict[str, str]], dict[str, str]]:
    """What people see of referrals: open tasks, rows of Approvals, and the row of the log."""
    columns = ("Status", "Draft", "Decision")
    asked = {row.ref: {c: row.text(c) for c in columns} for row in s.workbook.rows("Approvals")}
    row = s.workbook.row("Referral Log", LOG)
    return open_tasks(s), asked, {name: str(value) for name, value in row.cells.items()} if row else {}


def two_smiths() -> Snapshot:
    return later(later(world(source(50), source(51), lead(), options=CARDS)))


# -- a question which of several it was ------------------------------------------------------------


@pytest.mark.clause("X-65", "X-87", "RF-07")
@pytest.mark.parametrize("hidden", [50, 51])
@pytest.mark.parametrize("approved", [True, False])
def test_nobody_is_the_source_because_the_other_is_missing_in_one_pass(hidden: int, approved: bool) -> None:
    s = two_smiths()
    assert "#50, #51" in open_tasks(s)[WHICH]
    if approved:
        s = later(later(decided(s, DRAFT, "Text it")))

    missing = later(without(s, hidden))
    assert reads(missing) == reads(s)
    assert not missing.contacts[101 - hidden].tags
    assert reads(later(back(missing, s))) == reads(s)


@pytest.mark.clause("X-65", "X-62", "RF-07")
def test_nobody_is_the_source_whose_name_was_typed_over_while_the_other_is_missing() -> None:
    s = two_smiths()
    s = later(typed(s, "Referral Log", LOG, Referral_Source="john smith"))

    assert cell(later(without(s, 50)), "Referral Log", LOG, "Source") == ""


@pytest.mark.clause("X-65", "RF-07")
def test_who_ticked_the_question_off_did_not_choose_the_one_who_is_left() -> None:
    s = later(ticked(two_smiths(), WHICH))

    assert cell(later(without(s, 50)), "Referral Log", LOG, "Source") == ""


@pytest.mark.clause("X-87", "RF-07")
def test_once_the_other_is_gone_for_good_the_one_who_is_left_is_the_source() -> None:
    s = later(replace(without(two_smiths(), 50), gone=frozenset({"p50"})))

    assert cell(s, "Referral Log", LOG, "Source") == "51"
    assert WHICH not in open_tasks(s)


@pytest.mark.clause("X-65", "X-87", "RF-07")
def test_a_question_about_a_household_or_a_twin_stays_while_the_other_is_missing() -> None:
    shared = (Reach("castro@example.org"),)
    home = later(later(world(source(name="Luis Castro", emails=shared), lead(by="Luis Castro", emails=shared))))
    assert "(#50)" in open_tasks(home)["RF-07 p101 household"]
    assert reads(later(without(home, 50))) == reads(home)

    twin = lead(102, emails=(Reach("ximena.castro.101@example.org", "Valid"),))
    twice = later(later(world(source(), lead(), twin)))
    assert "#101" in open_tasks(twice)["RF-07 p102 twin"]
    alone = later(without(twice, 101))
    assert {mark for mark in open_tasks(alone) if " p102 " in mark} == {"RF-07 p102 twin"}


# -- a source who was certain ----------------------------------------------------------------------


def thanked_soon() -> Snapshot:
    return later(later(world(options=CARDS)))


def approved() -> Snapshot:
    return later(later(decided(decided(thanked_soon(), DRAFT, "Text it"), "RF-31 p101 text", "Approve")))


def opted_out(**signs: Any) -> Snapshot:
    return later(later(world(replace(source(), **signs), lead(), options=CARDS)))


def closed() -> Snapshot:
    s = later(later(world(source(), lead(), deals=[bought(DAY)], options=CARDS)))
    return later(later(decided(s, RECOGNITION, "Approve")))


def of_an_agent() -> Snapshot:
    agent = source(stage=Stage.PROFESSIONAL_NETWORK, tags=("Agent",))
    return later(later(world(agent, lead(), deals=[bought(DAY)])))


def several() -> Snapshot:
    s = world(source(tags=("Referral: asked for status",)), lead(), lead(102, "Omar Haddad"))
    return later(later(s))


@pytest.mark.clause("X-65", "X-87")
@pytest.mark.parametrize("made", [
    thanked_soon, approved, closed, of_an_agent, several, lambda: opted_out(tags=("DNC",)), lambda: opted_out(tags=("Deceased",))])
def test_one_pass_that_does_not_show_the_source_changes_nothing(made: Callable[[], Snapshot]) -> None:
    s = made()
    missing = later(without(s, 50))
    assert reads(missing) == reads(s)
    assert missing.workbook.rows("Checklists") == s.workbook.rows("Checklists")
    assert reads(later(back(missing, s))) == reads(s)


def gone_with_a_sign(s: Snapshot, sign: str = "tag") -> Snapshot:
    """The source's record is gone for good, and a sign of theirs is remembered."""
    return replace(without(s, 50), gone=frozenset({"p50"}), remembered={50: {sign: s.today}})


@pytest.mark.clause("X-64", "X-65", "X-35")
@pytest.mark.parametrize("signs", [{"tags": ("DNC",)}, {"tags": ("Deceased",)}, {"stage": Stage.DO_NOT_CONTACT, "stage_label": "Do Not Contact"}])
@pytest.mark.parametrize("namesake", [True, False])
def test_a_source_who_opted_out_and_is_gone_for_good_is_neither_thanked_nor_made_again(signs: dict[str, Any], namesake: bool) -> None:
    gone = gone_with_a_sign(opted_out(**signs), "deceased" if signs.get("tags") == ("Deceased",) else "tag")
    if namesake:
        gone = replace(gone, contacts={**gone.contacts, 51: source(51)})
    gone = replace(later(gone), gone=frozenset({"p50"}))
    s = later(gone)

    assert not [mark for mark in open_tasks(s) if mark.startswith(("RF-07", "RF-13", "RF-31", PROMPT))]
    assert not [row.ref for row in s.workbook.rows("Approvals") if row.ref.startswith(("RF-13", "RF-31")) and "Withdrawn" not in row.text("Status")]
    assert cell(s, "Referral Log", LOG, "Source") == "50"
    assert "nothing is asked" in cell(s, "Referral Log", LOG, "Status")


@pytest.mark.clause("X-64", "X-65", "X-67")
def test_what_was_approved_ends_for_safety_when_its_source_opted_out_and_is_gone() -> None:
    before = approved()
    findings = [f.want for f in thanks.decide(gone_with_a_sign(before))]

    ended = [want for want in findings if isinstance(want, WantWithdrawn)]
    assert {str(want.key) for want in ended} == {PROMPT, SEND, "RF-31 p101 card"}
    assert all(want.safety for want in ended)
    assert not [mark for mark in open_tasks(later(gone_with_a_sign(before))) if mark.startswith(("RF-07", "RF-13", "RF-31", PROMPT))]


@pytest.mark.clause("X-64", "X-73")
def test_another_source_named_since_is_thanked_though_the_first_opted_out_and_is_gone() -> None:
    s = gone_with_a_sign(opted_out(tags=("DNC",)))
    s = replace(s, contacts={**s.contacts, 52: source(52, "Nia Okafor")})
    s = later(changed(s, 101, fields={**s.contacts[101].fields, "referred_by": "Nia Okafor"}))

    assert cell(s, "Referral Log", LOG, "Source") == "52"
    assert any(name.startswith("Thank Nia Okafor") for name in open_tasks(s).values())


@pytest.mark.clause("RF-07", "X-81")
def test_a_source_who_is_gone_for_good_and_had_no_sign_is_made_again() -> None:
    s = later(replace(without(thanked_soon(), 50), gone=frozenset({"p50"})))

    assert "RF-07 p101 create" in open_tasks(s)


@pytest.mark.clause("X-65", "X-87", "RF-10", "RF-36")
def test_one_pass_that_does_not_show_the_deal_takes_no_closing_back() -> None:
    s = closed()
    assert "RF-36 p101 order-approve" in open_tasks(s)
    missing = replace(s, deals={})
    for _ in range(2):
        missing = later(missing)
        assert [reads(missing)[n] for n in (1, 2)] == [reads(s)[n] for n in (1, 2)]
        assert "RF-36 p101 order-approve" in open_tasks(missing)
    assert reads(later(replace(missing, deals=s.deals)))[2] == reads(s)[2]

    for taken_back in (replace(s, deals={7: replace(s.deals[7], deleted=True)}), replace(s, deals={}, gone=frozenset({"d7"}))):
        back_again = later(later(taken_back))
        assert "RF-36 p101 order-approve" not in open_tasks(back_again)
        assert cell(back_again, "Referral Log", LOG, "Outcome") == "Active"


# -- a lead ----------------------------------------------------------------------------------------


@pytest.mark.clause("X-65", "X-87", "RF-01")
@pytest.mark.parametrize("namesake", [True, False])
def test_one_pass_that_does_not_show_the_lead_changes_nothing(namesake: bool) -> None:
    s = several_on_two_days()
    if namesake:
        s = later(replace(s, contacts={**s.contacts, 103: lead(103, "Ximena Vega", by="")}))
    missing = later(without(s, 101))

    assert reads(missing) == reads(s)
    assert missing.workbook.rows("Sources") == s.workbook.rows("Sources")
    assert reads(later(back(missing, s))) == reads(s)


def several_on_two_days() -> Snapshot:
    s = later(world(now=NINE))
    second = lead(102, "Omar Haddad", created=NINE + timedelta(days=2))
    return later(later(replace(s, now=NINE + timedelta(days=2), contacts={**s.contacts, 102: second})))


@pytest.mark.clause("X-87", "RF-01")
def test_once_the_lead_is_gone_for_good_its_row_asks_who_it_is() -> None:
    s = without(thanked_soon(), 101)
    absent, _ = deleted_records.seen(s, {}, 1000.0, 120.0)
    gone = deleted_records.seen(s, absent, 1900.0, 120.0)[1]

    assert "Which contact is the lead?" in cell(later(replace(s, gone=gone)), "Referral Log", LOG, "Status")


# -- gone for good ---------------------------------------------------------------------------------


@pytest.mark.clause("X-87")
def test_a_source_counts_as_gone_after_two_passes() -> None:
    for s, missing in ((thanked_soon(), 50), (two_smiths(), 51)):
        hidden = without(s, missing)
        absent, gone = deleted_records.seen(hidden, {}, 1000.0, 120.0)
        assert absent == {f"p{missing}": 1000.0}
        assert gone == frozenset()
        assert deleted_records.seen(hidden, absent, 1900.0, 120.0)[1] == {f"p{missing}"}
