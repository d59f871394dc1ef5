"""What ends about a referral, and in which words: left out of the log, refused, switched off, and over (X-81)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from policies.world.model import Deal, Reach, Stage
from policies.world.practice import ReferralOptions
from policies.world.sheet import Cell, Row
from policies.world.snapshot import Snapshot
from tests.passes import cell, changed, decided, open_tasks, passed, plan, rows
from tests.referred import DAY, DRAFT, LOG, RECOGNITION, bought, lead, pending, source, world

QUARTER_HOUR = timedelta(minutes=15)
CARD, CARDS = "RF-31 p101 text", ReferralOptions(handwritten_cards=True)
ROW = "RF-33 p101 row1"


def later(s: Snapshot, days: int = 0) -> Snapshot:
    return passed(s, s.now + QUARTER_HOUR + timedelta(days=days))


def of_the_referral(s: Snapshot) -> list[str]:
    """The open tasks and rows about the referral."""
    open_rows = [row.ref for row in s.workbook.rows("Approvals")
                 if not row.text("Status").startswith(("Withdrawn", "Decided: Leave", "Ended", "Rejected", "Done", "Missed"))]
    return sorted(mark for mark in (*open_tasks(s), *open_rows) if mark.startswith("RF-") and " p101 " in mark)


def status(s: Snapshot, ref: str) -> str:
    return cell(s, "Approvals", ref, "Status")


# -- left out of the log ---------------------------------------------------------------------------


def deleted_from_the_log(approved: bool) -> Snapshot:
    s = later(world(options=CARDS))
    if approved:
        s = later(later(decided(decided(s, DRAFT, "Text it"), CARD, "Approve")))
    return later(rows(s, "Referral Log", lambda found: tuple(row for row in found if row.ref != LOG)))


@pytest.mark.clause("X-62", "X-81", "RF-33")
@pytest.mark.parametrize("approved", [True, False])
def test_what_the_agent_leaves_out_of_the_log_ends_in_that_pass(approved: bool) -> None:
    s = deleted_from_the_log(approved)
    assert {"RF-08 p101 thanks", "RF-24 p101 source", "RF-31 p101 card"} <= set(of_the_referral(s))

    s = later(decided(s, ROW, "Leave it out"))
    assert of_the_referral(s) == []
    assert status(s, ROW) == "Decided: Leave it out"
    assert status(s, DRAFT) == "Withdrawn: you left it out of the referral log"
    assert plan(replace(s, now=s.now + QUARTER_HOUR), "referrals").actions == ()


@pytest.mark.clause("X-62", "X-81", "RF-33")
def test_a_referral_that_somebody_logs_again_by_hand_is_followed_again() -> None:
    s = later(decided(deleted_from_the_log(approved=False), ROW, "Leave it out"))
    again: dict[str, Cell] = {"Date": DAY, "Referral Source": "John Smith", "Referred Lead": "Ximena", "Lead": "101"}
    s = later(later(rows(s, "Referral Log", lambda found: (*found, Row("", again)))))

    assert "RF-08 p101 thanks.2" in of_the_referral(s)


@pytest.mark.clause("X-62", "RF-33")
def test_an_answer_that_was_typed_while_the_tab_was_open_leaves_nothing_out() -> None:
    s = deleted_from_the_log(approved=False)
    s = replace(s, workbook=replace(s.workbook, decisions_guarded="the tab is not protected"))
    before = of_the_referral(s)

    assert of_the_referral(later(decided(s, ROW, "Leave it out"))) == before


# -- refused ---------------------------------------------------------------------------------------


@pytest.mark.clause("X-81", "RF-13", "RF-31", "RF-35")
@pytest.mark.parametrize(("ref", "word", "said"), [
    (DRAFT, "I thank them myself", "Ended: I thank them myself"), (CARD, "Reject", "Rejected: nothing goes out"),
    (RECOGNITION, "Reject", "Rejected: nothing goes out"), (RECOGNITION, "Referral fee only", "Ended: Referral fee only")])
def test_a_refusal_never_ends_as_missed(ref: str, word: str, said: str) -> None:
    agent = source(stage=Stage.PROFESSIONAL_NETWORK, tags=("Agent",))
    s = later(decided(later(world(agent, lead(), deals=[bought(DAY)], options=CARDS)), ref, word))
    assert status(s, ref) == f"Decided: {word}"

    s = later(later(s, 70))
    assert status(s, ref) == said
    assert plan(replace(s, now=s.now + QUARTER_HOUR), "referrals.acknowledgement").actions == ()


@pytest.mark.clause("X-81", "X-67", "RF-13")
def test_a_refusal_stays_one_when_the_source_opts_out() -> None:
    s = later(decided(later(world()), DRAFT, "I thank them myself"))

    assert status(later(changed(s, 50, tags=("DNC",))), DRAFT) == "Ended: I thank them myself"


# -- switched off ----------------------------------------------------------------------------------


@pytest.mark.clause("X-81", "RF-31")
@pytest.mark.parametrize(("word", "said"), [
    ("", "Withdrawn: you use no handwritten cards"), ("Approve", "Withdrawn: you use no handwritten cards"),
    ("Reject", "Rejected: nothing goes out")])
def test_a_card_ends_when_the_agent_uses_none_any_more(word: str, said: str) -> None:
    s = later(world(options=CARDS))
    s = later(decided(s, CARD, word)) if word else s
    s = later(replace(s, practice=replace(s.practice, referrals=ReferralOptions())))

    assert "RF-31 p101 card" not in open_tasks(s)
    assert status(s, CARD) == said
    assert plan(replace(s, now=s.now + QUARTER_HOUR), "referrals").actions == ()


# -- a lead or a source who is over ----------------------------------------------------------------


TRASH = {"trashed": True, "stage": None, "stage_label": "Trash"}


def by_an_agent(deal: Deal | None = None) -> Snapshot:
    agent = source(stage=Stage.PROFESSIONAL_NETWORK, tags=("Agent",))
    return later(world(agent, lead(), deals=[deal] if deal else []))


@pytest.mark.clause("X-81", "RF-24", "RF-37", "RF-47")
@pytest.mark.parametrize("sign", [TRASH, {"tags": ("Deceased",)}])
def test_a_lead_in_the_trash_or_deceased_needs_no_lead_source_and_no_fee(sign: dict[str, object]) -> None:
    s = by_an_agent(pending(DAY + timedelta(days=8)))
    asked = {"RF-24 p101 source", "RF-37 p101 agreement", "RF-47 p101 d7-20261212-fee"}
    assert asked <= set(open_tasks(s))

    s = later(changed(s, 101, **sign))
    assert asked.isdisjoint(open_tasks(s))
    assert not [mark for mark in open_tasks(later(s, 1)) if mark.startswith(("RF-24", "RF-37", "RF-38", "RF-47"))]


@pytest.mark.clause("RF-38", "X-81")
@pytest.mark.parametrize("sign", [TRASH, {"tags": ("Deceased",)}])
def test_a_fee_that_a_closing_made_due_is_owed_whatever_became_of_the_lead(sign: dict[str, object]) -> None:
    s = by_an_agent(bought(DAY))
    owed = {"RF-38 p101 due", "RF-37 p101 agreement", "RF-47 p101 closed"}
    assert owed <= set(open_tasks(s))

    assert owed <= set(open_tasks(later(changed(s, 101, **sign))))


@pytest.mark.clause("X-81", "RF-07")
def test_a_question_ends_when_nothing_calls_the_lead_a_referral_any_more() -> None:
    shared = (Reach("castro@example.org"),)
    home = later(world(source(name="Luis Castro", emails=shared), lead(by="Luis Castro", emails=shared)))
    unnamed = later(world(source(), lead(by="", source="Referral")))
    twin = later(world(source(), lead(), lead(102, emails=(Reach("ximena.castro.101@example.org", "Valid"),))))
    for s, mark, person, change in (
        (home, "RF-07 p101 household", 101, {"fields": {}}), (home, "RF-07 p101 household", 101, TRASH),
        (unnamed, "RF-07 p101 who", 101, {"source": "Website"}), (twin, "RF-07 p102 twin", 102, TRASH),
        (twin, "RF-07 p102 twin", 102, {"fields": {}}),
    ):
        assert mark in open_tasks(s)
        ended = later(changed(s, person, **change))
        assert mark not in open_tasks(ended), (mark, change)
        assert plan(replace(ended, now=ended.now + QUARTER_HOUR), "referrals").actions == ()

    alone = later(changed(changed(unnamed, 101, source="Website"), 101, tags=("Steward: skip",)))
    assert "RF-07 p101 who" in open_tasks(alone)


@pytest.mark.clause("X-81", "RF-45", "RF-46")
@pytest.mark.parametrize("gone", [True, False])
def test_an_inquiry_ends_when_its_source_is_in_the_trash_or_gone(gone: bool) -> None:
    s = later(world(source(tags=("Referral: asked for status", "Referral: dissatisfied")), lead()))
    asked = {"RF-45 p101 asked", "RF-46 p101 asked"}
    assert asked <= set(open_tasks(s))

    without = replace(s, contacts={101: s.contacts[101]}, gone=frozenset({"p50"}))
    s = later(without if gone else changed(s, 50, **TRASH))
    assert asked.isdisjoint(open_tasks(s))


# -- another source --------------------------------------------------------------------------------


@pytest.mark.clause("X-73", "RF-24", "RF-37", "RF-38", "RF-47")
@pytest.mark.parametrize("deal", [bought(DAY), pending(DAY + timedelta(days=8)), None])
def test_every_open_step_that_names_the_first_source_ends_when_it_was_another(deal: Deal | None) -> None:
    s = by_an_agent(deal)
    kim = source(53, "Kim Vale", Stage.PROFESSIONAL_NETWORK, tags=("Agent",))
    steps = sorted(mark for mark in open_tasks(s) if mark.startswith(("RF-24", "RF-37", "RF-38", "RF-47")))
    s = replace(s, contacts={**s.contacts, 53: kim})
    s = later(later(changed(s, 101, fields={**s.contacts[101].fields, "referred_by": "Kim Vale"})))

    again = {mark: name for mark, name in open_tasks(s).items() if mark.startswith(("RF-24", "RF-37", "RF-38", "RF-47"))}
    assert sorted(again) == [f"{mark}.2" for mark in steps]
    assert all("Kim Vale" in name for name in again.values())
    assert plan(replace(s, now=s.now + QUARTER_HOUR), "referrals").actions == ()


# -- a closing that is taken back ------------------------------------------------------------------


FOLLOWS_A_CLOSING = ("RF-03", "RF-35", "RF-36", "RF-38", "RF-47")


def follows_a_closing(s: Snapshot) -> list[str]:
    return [mark for mark in of_the_referral(s) if mark.startswith(FOLLOWS_A_CLOSING)]


@pytest.mark.clause("X-81", "RF-35", "RF-38", "RF-10")
@pytest.mark.parametrize("reopened", [pending(DAY + timedelta(days=60)), bought(DAY + timedelta(days=30)), bought(DAY, deleted=True)])
@pytest.mark.parametrize("word", ["", "Approve"])
def test_what_follows_a_closing_ends_in_the_pass_that_sees_it_taken_back(reopened: Deal, word: str) -> None:
    agent = source(stage=Stage.PROFESSIONAL_NETWORK, tags=("Agent",))
    s = later(world(agent, lead(), deals=[bought(DAY)]))
    s = later(decided(s, RECOGNITION, word))
    assert {"RF-35 p101 recognition", "RF-38 p101 due", "RF-47 p101 closed"} <= set(follows_a_closing(s))

    s = later(replace(s, deals={7: reopened}))
    assert follows_a_closing(s) == []
    assert status(s, RECOGNITION) == "Withdrawn: the closing was taken back"
    assert cell(s, "Referral Fees", "RF-37 p101 fee", "Closed On") == ""
    assert cell(s, "Referral Log", LOG, "Outcome") == "Active"
    assert cell(s, "Referral Log", LOG, "Fee Status") == "No agreement"
    assert plan(replace(s, now=s.now + QUARTER_HOUR), "referrals").actions == ()


@pytest.mark.clause("X-81", "RF-38")
def test_a_fee_is_due_no_longer_where_its_row_was_deleted_and_the_closing_taken_back() -> None:
    agent = source(stage=Stage.PROFESSIONAL_NETWORK, tags=("Agent",))
    s = later(world(agent, lead(), deals=[bought(DAY)]))
    s = rows(s, "Referral Fees", lambda _: ())

    assert "RF-38 p101 due" not in open_tasks(later(replace(s, deals={7: pending(DAY)})))


@pytest.mark.clause("X-62", "X-81", "RF-35")
def test_a_closing_that_a_person_logged_is_not_taken_back_by_an_open_deal() -> None:
    s = later(later(rows(later(world()), "Referral Log", lambda found: tuple(
        Row(row.ref, {**row.cells, "Outcome": "Closed", "Close Date": DAY}) for row in found))))
    assert RECOGNITION in of_the_referral(s)

    assert RECOGNITION in of_the_referral(later(replace(s, deals={7: pending(DAY + timedelta(days=30))})))
