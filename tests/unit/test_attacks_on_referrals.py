"""Stories in which an unlucky world, or people, set traps for the referral procedure; each once broke it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from connectors.followupboss.mark import marked
from policies.asks.privacy import first_name
from policies.facts.referral_log import entries_in
from policies.referrals.referral import referrals
from policies.referrals.report.quarter import Quarter, activity
from policies.world.model import Reach, Stage
from policies.world.practice import ReferralOptions
from policies.world.sheet import Row
from policies.world.snapshot import Snapshot
from tests.passes import cell, changed, decided, open_tasks, passed, rows, ticked, typed
from tests.referred import (
    DAY,
    DRAFT,
    HOUR,
    LOG,
    NINE,
    PROMPT,
    RECOGNITION,
    TOLD,
    bought,
    lead,
    log_row,
    pending,
    source,
    world,
)
from tests.scenes import at, client

CLOSED = DAY + timedelta(days=5)
TEXT, CARD_B = "RF-13 p101 send-text", "RF-36 p101 order-cardtheproceduresnote"


def closed(options: ReferralOptions | None = None) -> Snapshot:
    """The lead closed, and the agent was asked how the source is recognised."""
    s = passed(world(options=options))
    return passed(replace(s, deals={7: bought(CLOSED)}), CLOSED + timedelta(days=1))


# -- what was approved, and is not any more ----------------------------------------------------------------------------


@pytest.mark.clause("RF-13", "RF-16")
@pytest.mark.parametrize("change", [{"Decision": "Hold"}, {"Decision": ""}, {"Draft": "Hi John, words nobody approved"}])
def test_a_send_task_goes_with_the_approval_it_stands_on(change: dict[str, Any]) -> None:
    s = passed(decided(passed(world()), DRAFT, "Text it"))
    assert TEXT in open_tasks(s)
    s = passed(typed(s, "Approvals", DRAFT, **change))
    assert TEXT not in open_tasks(s)
    assert cell(s, "Approvals", DRAFT, "Acted On") == ""


@pytest.mark.clause("RF-13")
def test_of_a_row_that_is_gone_or_copied_nothing_is_concluded() -> None:
    s = passed(decided(passed(world()), DRAFT, "Text it"))
    tab = s.workbook.tabs["Approvals"]
    copied = replace(s, workbook=replace(s.workbook, tabs={**s.workbook.tabs, "Approvals": replace(tab, rows=(*tab.rows, *tab.rows))}))
    assert TEXT in open_tasks(passed(copied))


@pytest.mark.clause("RF-11", "RF-36")
@pytest.mark.parametrize("change", [{"Decision": "Hold"}, {"Decision": ""}, {"Draft": "Words nobody approved"}])
def test_an_order_goes_with_the_choice_it_stands_on(change: dict[str, Any]) -> None:
    s = passed(decided(closed(), RECOGNITION, "Card, the procedure's note"))
    assert CARD_B in open_tasks(s)
    s = passed(typed(s, "Approvals", RECOGNITION, **change))
    assert CARD_B not in open_tasks(s)


@pytest.mark.clause("RF-35", "X-56")
def test_a_gift_is_taken_back_when_the_source_turns_out_to_be_a_professional() -> None:
    s = closed(ReferralOptions(gifts_confirmed={"Client": ("gift card",)}))
    s = passed(decided(s, RECOGNITION, "Gift card"))
    assert "RF-36 p101 order-giftcard" in open_tasks(s)
    s = passed(changed(s, 101, fields={"referred_by": "John Smith", "referral_type": "Professional"}))
    assert [mark for mark in open_tasks(s) if mark.startswith("RF-36")] == []


@pytest.mark.clause("RF-36", "RF-03")
def test_a_closing_that_is_taken_back_takes_its_recognition_back() -> None:
    s = passed(decided(closed(), RECOGNITION, "Card, the procedure's note"))
    s = passed(passed(replace(s, deals={7: pending(CLOSED + timedelta(days=40))})))  # the log is put right first
    assert {CARD_B, TOLD}.isdisjoint(open_tasks(s))
    assert cell(s, "Approvals", RECOGNITION, "Status").startswith("Withdrawn")
    s = passed(replace(s, deals={7: bought(CLOSED + timedelta(days=2))}), CLOSED + timedelta(days=3))
    assert CARD_B not in open_tasks(s), "the old decision counts for no new closing"
    assert cell(s, "Approvals", RECOGNITION, "Status").startswith("Decide again")


# -- opt-outs ----------------------------------------------------------------------------------------------------------


@pytest.mark.clause("X-35")
@pytest.mark.parametrize("word", ["", "Approve", "Card, the procedure's note"])
def test_a_source_who_opts_out_after_the_closing_is_not_recognised(word: str) -> None:
    s = passed(decided(closed(), RECOGNITION, word))
    s = passed(changed(s, 50, stage=Stage.DO_NOT_CONTACT))
    assert [mark for mark in open_tasks(s) if mark.startswith(("RF-36", TOLD))] == []
    assert cell(s, "Approvals", RECOGNITION, "Status") == "Withdrawn: Do Not Contact"


@pytest.mark.clause("X-35")
def test_an_opt_out_takes_back_what_was_approved_however_long_ago() -> None:
    s = passed(decided(passed(world()), DRAFT, "Text it"))
    s = passed(changed(s, 50, tags=("DNC",)), DAY + timedelta(days=32))
    assert {TEXT, PROMPT}.isdisjoint(open_tasks(s))
    assert "RF-08 p50 silent" not in open_tasks(s), "of a referral that old nobody needs to be told"


@pytest.mark.clause("X-35", "RF-48")
def test_a_source_who_opts_out_is_not_to_be_thanked_for_several_either() -> None:
    s = passed(world(source(), lead(), lead(102, "Bo Ray")))
    assert "RF-48 p50 20261204-several" in open_tasks(s)
    assert "RF-48 p50 20261204-several" not in open_tasks(passed(changed(s, 50, tags=("DNC",))))


# -- evidence ----------------------------------------------------------------------------------------------------------


@pytest.mark.clause("RF-02", "X-63")
def test_who_was_sent_the_approved_words_is_not_thanked_twice_nor_reported_late() -> None:
    s = passed(decided(passed(world()), DRAFT, "Text it"))
    s = passed(ticked(s, TEXT), NINE + 49 * HOUR)
    assert PROMPT not in open_tasks(s)
    assert s.workbook.rows("Missed") == ()
    assert log_row(s).text("Acknowledged") == "Thank-you sent 12/04/2026"


# -- privacy -----------------------------------------------------------------------------------------------------------


@pytest.mark.clause("RF-18")
@pytest.mark.parametrize(("first", "last"), [
    ("ximena.castro", ""), ("Mun\u0303oz", "Mu\u00f1oz"), ("Mu\u00f1oz", "Mun\u0303oz"), ("Castro-Lopez", "Castro Lopez"), ("Castro", "de Castro")])
def test_a_surname_in_the_field_of_the_first_name_stays_with_the_client(first: str, last: str) -> None:
    assert first_name(client(first_name=first, last_name=last)) == ""


@pytest.mark.clause("RF-18")
@pytest.mark.parametrize(("first", "last"), [("J.R.", "Diaz"), ("Anne-Marie", "Castro"), ("D'Angelo", "Diaz"), ("Jo.", "Diaz")])
def test_a_first_name_with_a_sign_in_it_is_one(first: str, last: str) -> None:
    assert first_name(client(first_name=first, last_name=last)) == first


@pytest.mark.clause("RF-18", "RF-36")
def test_the_agents_own_words_of_a_recognition_are_looked_at_too() -> None:
    s = passed(typed(closed(), "Approvals", RECOGNITION, Draft="Congrats on Ximena Castro's new home at 412 Cedar Ln!"))
    s = passed(passed(decided(s, RECOGNITION, "Approve")))
    assert cell(s, "Approvals", RECOGNITION, "Status").startswith("Not ready: RF-18: 'Castro'")
    assert [mark for mark in open_tasks(s) if mark.startswith("RF-36")] == []
    s = passed(typed(s, "Approvals", RECOGNITION, Draft="The closing went well, John. Thank you for sending Ximena!", Decision=""))
    s = passed(decided(s, RECOGNITION, "Approve"))
    assert "RF-36 p101 order-approve" in open_tasks(s), "that it closed may be said by choice (X-13)"


# -- what came in ------------------------------------------------------------------------------------------------------


@pytest.mark.clause("RF-01", "RF-04", "X-16")
@pytest.mark.parametrize("text", [f"Referral {dash} John Smith" for dash in "‐‑‒–—―−"] + [
    "Referred by John Smith", "Referral from John Smith", "Referral by: John Smith", "Referral\u00a0—\u00a0John Smith"])
def test_no_spelling_of_the_lead_source_loses_a_referral(text: str) -> None:
    assert log_row(passed(world(source(), lead(by="", source=text)))).text("Referral Source") == "John Smith"


@pytest.mark.clause("RF-04")
@pytest.mark.parametrize("text", ["Referral –", "Referral:", "Referral ― ", "Referred", "Referred by"])
def test_a_referral_that_names_nobody_is_asked_about_whatever_its_dash(text: str) -> None:
    assert "RF-07 p101 who" in open_tasks(passed(world(source(), lead(by="", source=text))))


@pytest.mark.clause("RF-01", "X-57")
def test_a_lead_whose_deal_names_the_agent_is_the_agents() -> None:
    theirs = lead(assigned_user_id=None)
    assert passed(world(source(), theirs)).workbook.rows("Referral Log") == ()
    assert log_row(passed(world(source(), theirs, deals=[pending(CLOSED)]))).text("Lead") == "101"


@pytest.mark.clause("RF-01", "RF-07")
def test_two_people_of_one_name_and_one_phone_are_two_referrals_once_the_va_says_so() -> None:
    phone = (Reach("512-555-0111"),)
    s = passed(world(source(), lead(phones=phone), lead(102, "Ximena Diaz", phones=phone)))
    assert len(s.workbook.rows("Referral Log")) == 1
    s = passed(ticked(s, "RF-07 p102 twin"))
    assert len(s.workbook.rows("Referral Log")) == 2


@pytest.mark.clause("RF-33")
@pytest.mark.parametrize("value", ["²", "①", "9" * 5000, 1e308, True, date(2026, 1, 1), -5, 101.5])
def test_a_cell_of_a_number_may_hold_anything(value: Any) -> None:
    row = {"Date": DAY, "Referral Source": "John Smith", "Referred Lead": "Ximena", "Lead": value, "Source": value}
    s = passed(passed(world(source(), lead(), typed=[row])))
    assert len(s.workbook.rows("Referral Log")) >= 1


@pytest.mark.clause("RF-07", "RF-27")
@pytest.mark.parametrize("value", ["#" + "9" * 5000, "contact ²", "²" * 12])
def test_a_field_may_hold_anything(value: str) -> None:
    s = passed(world(source(), lead(by=value)))
    assert "RF-07 p101 create" in open_tasks(s)
    begins = replace(world(source(fields={"referrals_sent": value.lstrip("#")}), lead()), workbook=world().workbook)
    memory = replace(begins.workbook.tabs["Memory"], rows=())
    begins = replace(begins, workbook=replace(begins.workbook, tabs={**begins.workbook.tabs, "Memory": memory}))
    assert passed(begins).workbook.row("Memory", "referrals begun")


@pytest.mark.clause("RF-41", "RF-49")
def test_no_number_in_a_fee_cell_stops_the_report() -> None:
    fees = [Row("", {"Agreement On File": "Yes", "Closed On": DAY, "Amount Due": 1.7e308}) for _ in range(2)]
    found = activity((), fees, Quarter(2026, 4)).pending
    assert (found.count, found.dollars, found.unknown) == (2, 0.0, 2)


# -- the source's record and count -------------------------------------------------------------------------------------


@pytest.mark.clause("RF-26")
def test_a_merge_of_the_source_makes_no_second_note() -> None:
    s = passed(world())
    kept, gone = replace(s.contacts[50], id=51), replace(s.contacts[50], stage=None, trashed=True)
    notes = tuple(replace(n, person_id=51) if n.person_id == 50 else n for n in s.notes)  # they move over
    s = passed(replace(s, contacts={**s.contacts, 50: gone, 51: kept}, notes=notes))
    assert [n.body for n in s.notes if n.person_id == 51] == ["12/04/2026 — referred Ximena"]


@pytest.mark.clause("RF-27")
@pytest.mark.parametrize("change", [{"assigned_user_id": 9}, {"tags": ("Steward: skip",)}])
def test_who_was_sent_counts_though_the_lead_went_out_of_sight(change: dict[str, Any]) -> None:
    s = passed(passed(world()))
    assert s.contacts[50].fields["referrals_sent"] == "1"
    s = passed(changed(s, 101, **change))
    assert [mark for mark in open_tasks(s) if mark.startswith("RF-27")] == []
    s = passed(replace(s, contacts={n: c for n, c in s.contacts.items() if n != 101}))
    assert [mark for mark in open_tasks(s) if mark.startswith("RF-27")] == []


# -- outcomes that people type -----------------------------------------------------------------------------------------


@pytest.mark.clause("RF-34", "RF-41", "X-20")
def test_what_a_person_marks_as_lost_is_lost_in_the_quarter_in_which_they_do() -> None:
    s = passed(passed(world()), date(2027, 2, 10))
    s = passed(typed(s, "Referral Log", LOG, Outcome="Lost"))
    assert log_row(s).cells["Outcome On"] == date(2027, 2, 10)
    s = passed(s, date(2027, 2, 20))
    log = entries_in(s.workbook)
    assert [activity(log, (), q).lost for q in (Quarter(2026, 4), Quarter(2027, 1))] == [0, 1]
    assert activity(log, (), Quarter(2026, 4)).active == 1


@pytest.mark.clause("RF-03")
def test_a_closing_typed_without_a_day_is_recognised_and_its_day_asked_for() -> None:
    s = passed(typed(passed(world()), "Referral Log", LOG, Outcome="Closed"), CLOSED)
    assert log_row(s).text("Status") == "Closed without a Close Date: type the day it closed"
    assert TOLD in open_tasks(passed(s))
    s = passed(typed(s, "Referral Log", LOG, Close_Date=CLOSED))
    assert log_row(s).text("Status") == ""


# -- escalations -------------------------------------------------------------------------------------------------------


@pytest.mark.clause("RF-45", "RF-50")
def test_one_inquiry_is_told_of_once_and_ends_with_its_tag_whatever_comes_in_meanwhile() -> None:
    s = passed(changed(passed(world()), 50, tags=("Referral: asked for status",)))
    s = passed(replace(s, contacts={**s.contacts, 102: lead(102, "Bo Ray", created=NINE + 30 * HOUR)}), NINE + 31 * HOUR)
    assert [mark for mark in open_tasks(s) if mark.startswith("RF-45")] == ["RF-45 p101 asked"]
    s = passed(changed(s, 50, tags=()))
    assert [mark for mark in open_tasks(s) if mark.startswith("RF-45")] == []


@pytest.mark.clause("RF-48", "X-24")
def test_several_referrals_are_one_open_task_and_none_is_left_behind() -> None:
    s = passed(world())
    for number, name, days in ((102, "Bo Ray", 20), (103, "Cy Ray", 35)):
        new = lead(number, name, created=NINE + timedelta(days=days))
        s = passed(replace(s, contacts={**s.contacts, number: new}), NINE + timedelta(days=days, hours=1))
    assert [mark for mark in open_tasks(s) if mark.startswith("RF-48")] == ["RF-48 p50 20261224-several"]
    for mark in [mark for mark in open_tasks(s) if mark.startswith("RF-08")]:
        s = ticked(s, mark)
    assert [mark for mark in open_tasks(passed(s)) if mark.startswith("RF-48")] == []


@pytest.mark.clause("RF-49")
def test_a_long_name_cuts_no_number_off_a_discrepancy() -> None:
    long = "Bartholomew " + "Featherstonehaugh " * 6 + "Smith"
    s = passed(world(source(50, long, tags=("Agent",)), lead(by=long)))
    s = passed(typed(s, "Referral Fees", "RF-37 p101 fee", Amount_Due=5000, Amount_Paid=4000), at(CLOSED))
    task = next(t for t in s.tasks if t.key and t.key.rule == "RF-49")
    assert task.key
    assert "Amount Due is 5,000.00, Amount Paid is 4,000.00" in marked(task.name, task.key)


# -- a source that was corrected ---------------------------------------------------------------------------------------


def two_sources(**options: Any) -> Snapshot:
    """John is said to have sent them; it will turn out to have been Petra."""
    return passed(world(source(), source(51, "Petra Vance"), lead(), options=ReferralOptions(**options)))


PETRA = {"referred_by": "Petra Vance"}


@pytest.mark.clause("RF-02", "RF-08", "RF-07")
def test_who_is_corrected_in_time_is_thanked_instead() -> None:
    s = passed(decided(two_sources(handwritten_cards=True), DRAFT, "Text it"))
    s = passed(passed(changed(s, 101, fields=PETRA)))
    about = {mark: name for mark, name in open_tasks(s).items() if mark.startswith(("RF-08", "RF-13", "RF-31"))}
    assert about == {"RF-08 p101 thanks-p51": "Thank Petra Vance for referring Ximena Castro",
                     "RF-31 p101 card-p51": "Card to Petra Vance, once its words are approved in Approvals"}
    assert cell(s, "Approvals", DRAFT, "Status") == "Withdrawn: it was Petra Vance who sent them"
    assert cell(s, "Approvals", "RF-13 p101 draft-p51", "Draft").startswith("Hi Petra")
    assert any(str(n.key) == "RF-29 p101 prompt-p51" and "referred by Petra Vance" in n.body for n in s.notes)


@pytest.mark.clause("RF-02", "X-63")
def test_thanks_to_the_wrong_one_are_no_thanks_to_the_right_one() -> None:
    s = passed(ticked(two_sources(), PROMPT))
    assert log_row(s).text("Acknowledged")
    s = passed(passed(changed(s, 101, fields=PETRA)))
    assert "RF-08 p101 thanks-p51" in open_tasks(s)
    assert log_row(s).text("Acknowledged") == ""
    s = passed(ticked(s, "RF-08 p101 thanks-p51"))
    assert log_row(s).text("Acknowledged") == "Thank-you sent 12/04/2026"
    back = passed(passed(changed(s, 101, fields={"referred_by": "John Smith"})))
    assert [mark for mark in open_tasks(back) if mark.startswith("RF-08")] == [], "John was thanked"


@pytest.mark.clause("RF-02")
@pytest.mark.parametrize("name", ["Jon", "Johnny"])
def test_a_source_who_is_only_renamed_is_not_thanked_again(name: str) -> None:
    s = passed(ticked(two_sources(), PROMPT))
    s = passed(passed(changed(s, 50, first_name=name)))
    assert [mark for mark in open_tasks(s) if mark.startswith("RF-08")] == []
    assert log_row(s).text("Referral Source") == f"{name} Smith"


@pytest.mark.clause("RF-34", "X-62")
def test_a_source_typed_over_in_the_log_wins_where_it_is_certain_who_that_is() -> None:
    s = passed(passed(typed(two_sources(), "Referral Log", LOG, Referral_Source="Petra Vance")))
    assert (log_row(s).text("Referral Source"), log_row(s).text("Source")) == ("Petra Vance", "51")
    assert [mark for mark in open_tasks(s) if mark.startswith("RF-08")] == ["RF-08 p101 thanks-p51"]
    nick = passed(passed(typed(two_sources(), "Referral Log", LOG, Referral_Source="Johnny from church")))
    assert (log_row(nick).text("Referral Source"), log_row(nick).text("Source")) == ("Johnny from church", "50")
    assert passed(s).workbook == s.workbook, "and stays so"


@pytest.mark.clause("RF-36")
def test_an_order_for_the_wrong_source_is_made_anew_for_the_right_one() -> None:
    s = passed(replace(two_sources(), deals={7: bought(CLOSED)}), CLOSED + timedelta(days=1))
    s = passed(decided(s, RECOGNITION, "Card, the procedure's note"))
    s = passed(passed(changed(s, 101, fields=PETRA)))
    assert {m: n for m, n in open_tasks(s).items() if m.startswith("RF-36")} == {f"{CARD_B}.2": "Card, note B, to Petra Vance (see Approvals)"}


@pytest.mark.clause("RF-36", "RF-30")
def test_a_card_that_names_nobody_is_not_ordered() -> None:
    s = passed(world(source(), lead(first_name="", last_name="")))
    s = passed(replace(s, deals={7: bought(CLOSED)}), CLOSED + timedelta(days=1))
    s = passed(decided(s, RECOGNITION, "Approve"))
    assert cell(s, "Approvals", RECOGNITION, "Status").startswith("Not ready: RF-30: the lead has no first name")
    assert [mark for mark in open_tasks(s) if mark.startswith("RF-36")] == []
    s = passed(typed(s, "Approvals", RECOGNITION, Draft="Thank you, John. You know what for.", Decision=""))
    assert "RF-36 p101 order-approve" in open_tasks(passed(decided(s, RECOGNITION, "Approve")))


@pytest.mark.clause("RF-10", "RF-03")
def test_a_lead_who_closed_before_steward_could_see_them_closed() -> None:
    s = passed(passed(world(deals=[bought(CLOSED)], now=at(CLOSED + timedelta(days=1)))))  # the log could not be read for six days
    assert log_row(s).text("Outcome") == "Closed"
    assert TOLD in open_tasks(s)
    before = passed(world(source(), lead(created=at(DAY - timedelta(days=9))), deals=[bought(DAY - timedelta(days=10))]))
    assert log_row(before).text("Outcome") == "Active", "what closed before they were entered is no closing of theirs"


# What was left of that reading, mended later


def test_a_source_number_that_a_person_typed_is_theirs_and_wins_over_the_field() -> None:
    s = passed(world(source(), source(51, "Petra Vance"), lead()))
    s = passed(typed(s, "Referral Log", LOG, Source=51))
    for _ in range(2):
        s = passed(s)
        assert log_row(s).cells["Source"] == 51
        assert [r.source.id for r in referrals(s) if r.source] == [51]


def test_an_approved_e_mail_alone_is_noted_and_an_approved_text_is_the_thanks() -> None:
    for word, step, thanks in (("E-mail it", "send-email", ""), ("Text it", "send-text", "Thank-you sent 12/04/2026")):
        s = passed(decided(passed(world()), "RF-13 p101 draft", word))
        s = passed(ticked(s, f"RF-13 p101 {step}"))
        assert log_row(s).text("Acknowledged") == thanks
        assert log_row(s).text("Status") == ("" if thanks else "the approved e-mail was sent; tick the prompt off if that was the thanks")


def test_a_copied_row_is_counted_once() -> None:
    s = passed(world())
    s = rows(s, "Referral Log", lambda old: (*old, old[0]))
    assert len(entries_in(s.workbook)) == 1


def test_a_name_is_a_name_however_its_accents_are_encoded() -> None:
    s = passed(world(source(name="Jos\u00e9 Ruiz"), lead(by="Jose\u0301 Ruiz")))
    assert log_row(s).text("Source") == "50"


@pytest.mark.parametrize("said", ["Client Referral - John Smith", "Past client referral — John Smith", "Agent referral: John Smith"])
def test_a_kind_before_the_word_does_not_hide_the_name(said: str) -> None:
    assert log_row(passed(world(source(), lead(by="", source=said)))).text("Source") == "50"


def test_a_fee_that_is_not_due_after_all_is_not_told_to_the_bookkeeper() -> None:
    s = passed(world(source(stage=Stage.PROFESSIONAL_NETWORK, tags=("Agent",)), lead(), deals=[bought(DAY)]))
    assert "RF-38 p101 due" in open_tasks(s)
    reopened = replace(s, deals={7: pending(date(2027, 3, 1))})
    assert "RF-38 p101 due" not in open_tasks(passed(passed(reopened)))


def test_a_lead_entered_while_no_pass_was_made_keeps_its_clock_however_long_that_was() -> None:
    late = NINE + 100 * HOUR
    detected = passed(world(now=late))
    assert log_row(detected).text("Received") == f"{late:%Y-%m-%d %H:%M}"
    outage = passed(world(now=late, last_good=NINE - HOUR))
    assert log_row(outage).text("Received") == "2026-12-04 09:00"
    assert [row.ref for row in outage.workbook.rows("Missed")] == ["RF-02 p101 thanks"]


def test_a_source_who_may_be_two_people_is_not_written_to_until_the_agent_says_who_is_who() -> None:
    other = source(51, "Petra Vance", emails=source().emails)
    s = passed(decided(passed(world(source(), other, lead())), DRAFT, "Text it"))
    assert cell(s, "Approvals", DRAFT, "Status").startswith("Not ready: DB-44")
    assert "RF-13 p101 send-text" not in open_tasks(s)
