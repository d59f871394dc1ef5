"""Thanking a source in time: the prompt, its hours, what counts as evidence, the draft and the card (RF-02, 08, 09, 13, 29 … 32)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from policies.asks.wants import WantRow
from policies.world.model import Communication, Reach, Stage
from policies.world.practice import ReferralOptions
from policies.world.sheet import Row
from policies.world.snapshot import Snapshot
from tests.passes import (
    cell,
    changed,
    decided,
    note,
    open_tasks,
    passed,
    plan,
    rows,
    task,
    ticked,
    typed,
)
from tests.referred import DAY, DRAFT, HOUR, NINE, PROMPT, lead, log_row, source, world
from tests.scenes import AGENT, TEMPLATES, VA, at, practice

CARDS = ReferralOptions(handwritten_cards=True, card_vendor="Handwrytten")
THANKS = ("Hi John — just wanted to reach out and say thank you for sending Ximena my way. It means a lot to me that you thought of me. "
          "I'll take great care of them.\nDana Reyes")


def spoke(s: Snapshot, channel: str, when: datetime) -> Snapshot:
    return changed(s, 50, outbound=(Communication(channel, when),))


# -- the prompt --------------------------------------------------------------------------------------------------------


@pytest.mark.clause("RF-29")
def test_the_prompt_in_its_exact_words_stands_on_the_leads_record() -> None:
    found = note(passed(world()), "RF-29 p101 prompt")
    assert found.person_id == 101
    assert found.body == (
        "Hi Dana Reyes — new referral received: Ximena, referred by John Smith.\n"
        "John Smith deserves a personal thank-you — would you like me to draft a message for you to send, or will you reach out directly?\n"
        "If drafting: preferred channel (text / email / call)?\n"
        "Mia Cole")


@pytest.mark.clause("RF-08", "X-12")
def test_the_prompt_is_the_agents_and_due_24_hours_after_receipt() -> None:
    found = task(passed(world()), PROMPT)
    assert (found.assigned_user_id, found.person_id, found.due_at, found.kind) == (AGENT, 101, NINE + 24 * HOUR, "Thank You")


@pytest.mark.clause("RF-02", "X-12", "X-58")
@pytest.mark.parametrize(("hours", "name", "missed"), [
    (23.9, "Thank John", False), (24, "Reminder: Thank John", False), (35.9, "Reminder: Thank John", False), (36, "Urgent: Thank John", False),
    (47.9, "Urgent: Thank John", False), (48, "Urgent: Thank John", True), (100, "Urgent: Thank John", True)])
def test_it_is_raised_in_place_at_24_and_36_hours_and_the_breach_is_recorded_at_48(hours: float, name: str, missed: bool) -> None:
    s = passed(passed(world()), NINE + hours * HOUR)
    assert task(s, PROMPT).name.startswith(f"{name} Smith for referring Ximena Castro")
    assert bool(s.workbook.rows("Missed")) is missed
    assert plan(s).actions == ()


@pytest.mark.clause("X-12")
def test_hours_are_wall_clock_over_a_holiday_weekend_and_a_change_of_the_clocks() -> None:
    thanksgiving = at(date(2026, 11, 25), 17)
    s = passed(world(source(), lead(created=thanksgiving), now=thanksgiving + HOUR))
    assert task(s, PROMPT).due_at == thanksgiving + 24 * HOUR
    spring = at(date(2027, 3, 13), 20)  # the clocks go forward in the night
    s = passed(world(source(), lead(created=spring), now=spring + HOUR))
    assert s.workbook.row("Referral Log", "RF-01 p101 referral") is not None
    later = passed(s, (spring.astimezone() + timedelta(hours=24)).astimezone(spring.tzinfo))
    assert task(later, PROMPT).name.startswith("Reminder: ")


@pytest.mark.clause("X-58")
def test_a_prompt_that_a_person_reworded_keeps_their_words() -> None:
    s = passed(world())
    s = replace(s, tasks=tuple(replace(t, name="Ring John on Monday") if str(t.key) == PROMPT else t for t in s.tasks))
    assert task(passed(s, NINE + 40 * HOUR), PROMPT).name == "Urgent: Ring John on Monday"


# -- evidence ----------------------------------------------------------------------------------------------------------


@pytest.mark.clause("RF-08", "X-63")
def test_the_prompt_ticked_off_is_evidence() -> None:
    s = passed(ticked(replace(passed(world()), now=NINE + 5 * HOUR), PROMPT))
    row = log_row(s)
    assert (row.text("Acknowledged"), row.text("Recognition Sent")) == ("Thank-you sent 12/04/2026", "Thank-you sent 12/04/2026")
    assert PROMPT not in open_tasks(passed(s, NINE + 60 * HOUR))
    assert passed(s, NINE + 60 * HOUR).workbook.rows("Missed") == ()


@pytest.mark.clause("X-63")
@pytest.mark.parametrize(("channel", "after", "counts"), [
    ("call", 0, True), ("text", 3, True), ("call", -0.1, False), ("text", -5, False), ("e-mail", 3, False)])
def test_a_call_or_text_since_is_evidence_and_an_e_mail_is_noted(channel: str, after: float, counts: bool) -> None:
    s = passed(spoke(passed(world()), channel, NINE + after * HOUR), NINE + 6 * HOUR)
    assert (PROMPT not in open_tasks(s)) is counts
    assert log_row(s).text("Acknowledged") == ("Thank-you sent 12/04/2026" if counts else "")
    noted = "an e-mail went to the source on 12/04/2026; tick the prompt off if that was the thanks"
    assert log_row(s).text("Status") == (noted if channel == "e-mail" else "")
    assert plan(s).actions == ()


@pytest.mark.clause("X-63")
def test_a_prompt_that_was_withdrawn_is_no_evidence() -> None:
    s = passed(world())
    s = replace(s, tasks=tuple(replace(t, completed=True, withdrawn=True) if str(t.key) == PROMPT else t for t in s.tasks))
    assert log_row(passed(s)).text("Acknowledged") == ""
    assert f"{PROMPT}.2" in open_tasks(passed(s))


@pytest.mark.clause("X-63")
def test_what_was_evidence_once_stays_so() -> None:
    s = passed(spoke(passed(world()), "call", NINE + HOUR), NINE + 6 * HOUR)
    assert log_row(passed(changed(s, 50, outbound=()), NINE + 50 * HOUR)).text("Acknowledged") == "Thank-you sent 12/04/2026"


@pytest.mark.clause("RF-08")
def test_a_lead_entered_while_steward_was_down_keeps_its_clock_and_one_entered_long_ago_does_not() -> None:
    s = passed(world(now=NINE + 60 * HOUR))
    assert task(s, PROMPT).due_at == NINE + 24 * HOUR
    assert [row.ref for row in s.workbook.rows("Missed")] == ["RF-02 p101 thanks"]
    late = NINE + 73 * HOUR
    assert task(passed(world(now=late)), PROMPT).due_at == late + 24 * HOUR


# -- a source nothing may be said to -----------------------------------------------------------------------------------


@pytest.mark.clause("X-35")
@pytest.mark.parametrize(("change", "because"), [
    ({"stage": Stage.DO_NOT_CONTACT}, "Do Not Contact"), ({"tags": ("DNC",)}, "Do Not Contact"), ({"tags": ("Deceased",)}, "deceased")])
def test_a_source_who_is_do_not_contact_gets_no_thanks_and_the_agent_is_told_once(change: dict[str, Any], because: str) -> None:
    s = passed(world(source(**change), lead(), lead(102, "Yuki Tanaka"), options=CARDS))
    told = [name for mark, name in open_tasks(s).items() if mark.startswith("RF-08")]
    assert told == [f"John Smith sent Ximena Castro and is {because}: yours to decide, Steward drafts nothing"]
    assert [row.ref for row in s.workbook.rows("Approvals")] == []
    assert log_row(s).text("Outcome") == "Active"
    assert passed(s, NINE + 60 * HOUR).workbook.rows("Missed") == ()


@pytest.mark.clause("X-35")
def test_what_was_asked_before_somebody_opted_out_is_taken_back() -> None:
    s = passed(decided(passed(world(options=CARDS)), DRAFT, "Text it"))
    assert "RF-13 p101 send-text" in open_tasks(s)
    s = passed(changed(s, 50, tags=("Do Not Contact",)))
    assert [mark for mark in open_tasks(s) if mark.startswith(("RF-08 p101", "RF-13", "RF-31"))] == []
    assert {row.text("Status") for row in s.workbook.rows("Approvals")} == {"Withdrawn: Do Not Contact"}
    assert plan(s).actions == ()


# -- the draft ---------------------------------------------------------------------------------------------------------


@pytest.mark.clause("RF-30", "RF-13")
def test_the_draft_is_the_procedures_example_with_first_names_alone() -> None:
    s = passed(world())
    assert cell(s, "Approvals", DRAFT, "Draft") == THANKS
    assert cell(s, "Approvals", DRAFT, "Status") == "Waiting for your decision"
    assert "RF-13 p101 send-text" not in open_tasks(passed(s))


@pytest.mark.clause("RF-13", "RF-16")
@pytest.mark.parametrize(("word", "mark", "name"), [
    ("Text it", "RF-13 p101 send-text", "Text John Smith the approved thank-you (words in Approvals)"),
    ("E-mail it", "RF-13 p101 send-email", "E-mail John Smith the approved thank-you (words in Approvals)")])
def test_the_agent_says_how_it_goes_out_and_the_va_has_a_task(word: str, mark: str, name: str) -> None:
    s = passed(decided(passed(world()), DRAFT, word))
    assert open_tasks(s)[mark] == name
    assert (task(s, mark).assigned_user_id, task(s, mark).person_id) == (VA, 101)
    assert cell(s, "Approvals", DRAFT, "Status") == f"Decided: {word}"
    assert plan(s).actions == ()


@pytest.mark.clause("RF-13")
def test_who_chooses_another_way_later_gets_that_one_instead() -> None:
    s = passed(decided(passed(decided(passed(world()), DRAFT, "Text it")), DRAFT, "E-mail it"))
    assert [mark for mark in open_tasks(s) if mark.startswith("RF-13")] == ["RF-13 p101 send-email"]


@pytest.mark.clause("RF-13", "X-64", "X-66", "X-79")
@pytest.mark.parametrize(("word", "answer", "why", "instead", "mark"), [
    ("Text it", "no phone calls or texts", "no phone calls or texts, as the agent said", "E-mail it", "RF-13 p101 send-text"),
    ("E-mail it", "only no email", "no email, as the agent said", "Text it", "RF-13 p101 send-email")])
def test_a_message_that_may_not_reach_the_source_is_not_offered_and_not_swallowed(word: str, answer: str, why: str, instead: str, mark: str) -> None:
    def told(s: Snapshot) -> Snapshot:
        """The agent said so of the source."""
        said = Row("permission DB-42 p50 died", {"Ref": "permission DB-42 p50 died", "What": answer, "Date": "2026-12-01"})
        return rows(s, "Memory", lambda all_: (*all_, said))

    new = passed(told(world()))
    offered = next(a.want.choices for a in plan(told(world())).actions if a.mark == DRAFT and isinstance(a.want, WantRow))
    assert offered == (instead, "I thank them myself", "Hold")
    assert cell(new, "Approvals", DRAFT, "Status") == f"Waiting for your decision. {word} is left out: {why}"

    put_up, handed_over = decided(passed(world()), DRAFT, word), passed(decided(passed(world()), DRAFT, word))
    assert mark in open_tasks(handed_over)
    for s in (passed(told(put_up)), passed(told(handed_over))):
        assert cell(s, "Approvals", DRAFT, "Status") == f"Not ready: {word} cannot be done: {why}. Choose {instead}, I thank them myself or Hold"
        assert mark not in open_tasks(s)
        assert passed(decided(s, DRAFT, instead)).workbook.row("Approvals", DRAFT).text("Status") == f"Decided: {instead}"  # type: ignore[union-attr]


@pytest.mark.clause("RF-13", "MS-47")
def test_an_email_waits_where_the_address_is_dead_and_a_text_does_not() -> None:
    s = passed(world(source(emails=(Reach("john@example.org", "Bounced"),)), lead()))
    waits = "Waiting for your decision. E-mail it cannot be done yet: no e-mail address of theirs works"
    assert cell(s, "Approvals", DRAFT, "Status") == waits
    status = cell(passed(decided(s, DRAFT, "E-mail it")), "Approvals", DRAFT, "Status")
    assert status.startswith("Not ready: MS-47: the e-mail address does not work")
    assert status.endswith("; it ends when the record is corrected; see Record Gaps")
    assert "RF-13 p101 send-text" in open_tasks(passed(decided(s, DRAFT, "Text it")))


@pytest.mark.clause("RF-13", "MS-47")
@pytest.mark.parametrize(("reaches", "word", "why"), [
    ({"phones": ()}, "Text it", "no phone number of theirs is in the CRM"), ({"emails": ()}, "E-mail it", "no e-mail address of theirs is in the CRM"),
    ({"phones": (Reach("512-555-0150", "Disconnected"),)}, "Text it", "no phone number of theirs works")])
def test_a_message_that_has_nowhere_to_go_waits_and_the_row_says_why(reaches: dict[str, Any], word: str, why: str) -> None:
    s = passed(world(source(**reaches), lead()))
    assert cell(s, "Approvals", DRAFT, "Status") == f"Waiting for your decision. {word} cannot be done yet: {why}"

    chosen = passed(decided(s, DRAFT, word))
    assert cell(chosen, "Approvals", DRAFT, "Status") == f"Not ready: RF-13: {why}; correct the record, or choose another way"
    assert [mark for mark in open_tasks(chosen) if mark.startswith("RF-13")] == []
    entered = changed(chosen, 50, phones=(Reach("512-555-0199"),), emails=(Reach("john@example.org"),))
    assert len([mark for mark in open_tasks(passed(entered)) if mark.startswith("RF-13")]) == 1


@pytest.mark.clause("RF-13")
@pytest.mark.parametrize("word", ["I thank them myself", "Hold"])
def test_nothing_is_sent_where_the_agent_writes_or_waits(word: str) -> None:
    s = passed(decided(passed(world()), DRAFT, word))
    assert [mark for mark in open_tasks(s) if mark.startswith("RF-13")] == []
    assert PROMPT in open_tasks(s)


@pytest.mark.clause("RF-18", "RF-16")
def test_the_agents_own_words_are_looked_at_too() -> None:
    s = typed(passed(world()), "Approvals", DRAFT, Draft="Hi John, Ximena Castro is under contract, thank you!")
    s = passed(decided(passed(s), DRAFT, "Text it"))
    assert cell(s, "Approvals", DRAFT, "Status") == (
        "Not ready: RF-18: 'Castro' is the client's and stays with them; RF-18: 'under contract' tells of their transaction")
    assert "RF-13 p101 send-text" not in open_tasks(s)


@pytest.mark.clause("RF-07", "RF-13")
def test_nothing_goes_out_while_it_is_not_certain_who_the_source_is() -> None:
    s = passed(decided(passed(world(source(), source(51), lead())), DRAFT, "Text it"))
    assert cell(s, "Approvals", DRAFT, "Status") == "Not ready: RF-07: it is not certain yet who the source is"


@pytest.mark.clause("RF-23")
def test_each_type_may_have_words_of_its_own() -> None:
    words = {**TEMPLATES, "thank_you_professional": "Dear {{ source_first_name }}, thank you for {{ lead_first_name }}. {{ agent_name }}"}
    lender = source(stage=Stage.PROFESSIONAL_NETWORK)
    s = passed(replace(world(lender, lead()), practice=practice(templates=words)))
    assert cell(s, "Approvals", DRAFT, "Draft") == "Dear John, thank you for Ximena. Dana Reyes"


@pytest.mark.clause("RF-30")
def test_a_lead_without_a_first_name_is_asked_about_and_not_made_up() -> None:
    s = passed(decided(passed(world(source(), lead(name="Castro", first_name="", last_name="Castro"))), DRAFT, "Text it"))
    assert cell(s, "Approvals", DRAFT, "Status") == "Not ready: RF-30: the lead has no first name to write; enter it in the CRM"


@pytest.mark.clause("RF-02")
def test_the_row_is_closed_once_they_were_thanked() -> None:
    s = passed(spoke(passed(world()), "call", NINE + HOUR), NINE + 2 * HOUR)
    assert cell(s, "Approvals", DRAFT, "Status") == "Done: Thank-you sent 12/04/2026"


# -- the card ----------------------------------------------------------------------------------------------------------


@pytest.mark.clause("RF-09", "RF-31", "RF-32")
@pytest.mark.parametrize(("uses", "tasks"), [(True, ["RF-31 p101 card"]), (False, []), (None, [])])
def test_a_card_is_made_only_where_the_agent_uses_cards(uses: bool | None, tasks: list[str]) -> None:
    s = passed(world(options=ReferralOptions(handwritten_cards=uses)))
    assert [mark for mark in open_tasks(s) if mark.startswith("RF-31")] == tasks


@pytest.mark.clause("RF-31", "X-38", "X-14")
@pytest.mark.parametrize(("received", "due"), [
    (date(2026, 12, 4), date(2026, 12, 9)), (date(2026, 12, 5), date(2026, 12, 9)), (date(2026, 11, 25), date(2026, 12, 1)),
    (date(2026, 12, 23), date(2026, 12, 29))])
def test_it_is_due_three_business_days_after_receipt_and_its_words_are_approved_first(received: date, due: date) -> None:
    s = passed(world(source(), lead(created=at(received, 9)), now=at(received, 10), options=CARDS))
    found = task(s, "RF-31 p101 card")
    assert (found.due, found.assigned_user_id) == (due, VA)
    assert found.name == "Card by Handwrytten to John Smith, once its words are approved in Approvals"
    assert cell(s, "Approvals", "RF-31 p101 text", "Draft") == THANKS
    s = passed(decided(s, "RF-31 p101 text", "Approve"))
    assert cell(s, "Approvals", "RF-31 p101 text", "Status") == "Approved: the VA has a task to coordinate it"
    assert plan(s).actions == ()


@pytest.mark.clause("RF-31")
def test_a_card_that_the_agent_does_not_want_is_taken_back_and_one_that_is_late_is_reported() -> None:
    s = passed(world(options=CARDS))
    assert "RF-31 p101 card" not in open_tasks(passed(decided(s, "RF-31 p101 text", "Reject")))
    on_time, late = passed(s, at(date(2026, 12, 9))), passed(s, at(date(2026, 12, 10)))
    assert "RF-31 p101 card" not in [row.ref for row in on_time.workbook.rows("Missed")]
    assert "RF-31 p101 card" in [row.ref for row in late.workbook.rows("Missed")]
    done = passed(ticked(s, "RF-31 p101 card"), at(date(2026, 12, 10)))
    assert "RF-31 p101 card" not in [row.ref for row in done.workbook.rows("Missed")]


@pytest.mark.clause("RF-02")
def test_a_month_later_nothing_is_asked_any_more() -> None:
    unasked = replace(passed(world()), tasks=())
    assert PROMPT in open_tasks(passed(unasked, at(DAY + timedelta(days=30))))
    assert PROMPT not in open_tasks(passed(unasked, at(DAY + timedelta(days=31))))
