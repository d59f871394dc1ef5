"""A referral the moment it is seen: signals, who is meant, both records, and what is asked (RF-01, 04, 06, 07, 22 … 27)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from policies.referrals.referral import referrals
from policies.world.model import Reach, Stage
from policies.world.practice import ReferralOptions
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
from tests.referred import (
    DAY,
    HOUR,
    LOG,
    NINE,
    PROMPT,
    bought,
    lead,
    log_row,
    person,
    source,
    world,
)
from tests.scenes import AGENT, VA, at

TYPED = {"Date": DAY, "Referral Source": "John Smith", "Referred Lead": "Ximena"}


def logged(s: Snapshot) -> list[str]:
    return [row.ref for row in s.workbook.rows("Referral Log")]


# -- the signals -------------------------------------------------------------------------------------------------------


@pytest.mark.clause("RF-01", "RF-04", "X-16")
@pytest.mark.parametrize("text", ["Referral — John Smith", "Referral - John Smith", "referral – john smith", "Referral: John Smith",
                                  "Referred by: John Smith"])
def test_a_native_source_with_any_dash_is_a_referral(text: str) -> None:
    s = passed(world(source(), lead(by="", source=text)))
    assert log_row(s).text("Referral Source") == "John Smith"


@pytest.mark.clause("RF-04")
@pytest.mark.parametrize("text", ["Zillow", "Referral Exchange", "Referrals.com", "SOI"])
def test_another_source_is_none(text: str) -> None:
    assert logged(passed(world(source(), lead(by="", source=text)))) == []


@pytest.mark.clause("RF-04", "RF-07")
def test_a_referral_without_a_name_is_asked_about_and_not_logged() -> None:
    s = passed(world(source(), lead(by="", source="Referral")))
    assert open_tasks(s) == {"RF-07 p101 who": "Who referred them? Write the name into Referred By"}
    assert task(s, "RF-07 p101 who").assigned_user_id == VA
    named = passed(changed(s, 101, fields={"referred_by": "John Smith"}))
    assert logged(named) == [LOG]
    assert "RF-07 p101 who" not in open_tasks(named)


@pytest.mark.clause("RF-01", "RF-33", "X-18")
def test_the_row_has_the_six_columns_and_whose_it_is() -> None:
    row = log_row(passed(world()))
    six = [row.cells[name] for name in ("Date", "Referral Source", "Referred Lead", "Outcome", "Close Date", "Recognition Sent")]
    assert six == [DAY, "John Smith", "Ximena", "Active", "—", "—"]
    assert (row.text("Type"), row.text("Lead"), row.text("Source"), row.text("Received")) == ("Client", "101", "50", "2026-12-04 09:00")


@pytest.mark.clause("RF-01", "RF-04")
def test_a_row_that_a_person_typed_is_taken_over_and_nothing_is_logged_twice() -> None:
    s = passed(world(source(), lead(), typed=[TYPED]))
    assert logged(s) == [LOG]
    assert log_row(s).text("Outcome") == "Active"
    assert logged(passed(s)) == [LOG]
    assert plan(s).actions == ()


@pytest.mark.clause("RF-04")
def test_a_typed_row_finds_a_lead_nobody_marked() -> None:
    s = passed(world(source(), lead(by=""), typed=[TYPED]))
    assert logged(s) == [LOG]
    assert s.contacts[101].fields["referred_by"] == "John Smith"
    assert PROMPT in open_tasks(s)


@pytest.mark.clause("RF-04", "RF-07")
@pytest.mark.parametrize("people", [[lead(by=""), lead(102, "Ximena Duarte", by="")], []])
def test_a_typed_row_whose_lead_is_not_certain_asks_in_its_status(people: list[Any]) -> None:
    s = passed(world(source(), *people, typed=[TYPED]))
    assert [row.text("Status") for row in s.workbook.rows("Referral Log")] == ["Which contact is the lead? Type their number from the CRM into Lead"]
    assert not [t for t in s.tasks if t.key and t.key.rule == "RF-08"]
    if people:
        (row,) = s.workbook.rows("Referral Log")
        told = passed(typed(s, "Referral Log", row.ref, Lead=102))
        assert log_row(told, row.ref).text("Status") == ""
        assert "RF-08 p102 thanks" in open_tasks(told)


@pytest.mark.clause("RF-01")
def test_a_row_typed_for_a_referral_that_is_logged_says_so_and_counts_nowhere() -> None:
    s = passed(world())
    s = passed(rows(s, "Referral Log", lambda old: (*old, *world(typed=[TYPED]).workbook.rows("Referral Log"))))
    assert [row.text("Status") for row in s.workbook.rows("Referral Log")] == ["", "Already logged on 12/04/2026: delete this row"]
    assert s.contacts[50].fields["referrals_sent"] == "1"
    assert plan(s).actions == ()


@pytest.mark.clause("RF-04")
@pytest.mark.parametrize("cells", [{"Referral Source": ""}, {"Referred Lead": ""}])
def test_a_row_that_is_still_being_typed_is_left_alone(cells: dict[str, str]) -> None:
    s = world(source(), lead(by=""), typed=[{**TYPED, **cells}])
    assert plan(s, "referrals").actions == ()


@pytest.mark.clause("RF-04")
def test_a_date_that_is_none_is_named() -> None:
    s = passed(world(source(), typed=[{**TYPED, "Date": "last week"}]))
    assert [row.text("Status") for row in s.workbook.rows("Referral Log")] == ["last week is no date; write it like 12/04/2026"]


@pytest.mark.clause("X-57")
def test_another_agents_lead_and_one_to_be_left_alone_are_not_ours() -> None:
    assert logged(passed(world(source(), lead(assigned_user_id=9)))) == []
    assert logged(passed(world(source(), lead(tags=("Steward: skip",))))) == []


# -- who is meant ------------------------------------------------------------------------------------------------------


@pytest.mark.clause("RF-07")
@pytest.mark.parametrize("said", ["john smith", "John  Smith ", "John Smith (lender)", "john.smith.50@example.org", "#50", "contact 50",
                                  "John at 512-555-0150"])
def test_a_source_is_known_by_name_address_phone_or_number(said: str) -> None:
    s = passed(world(source(phones=(Reach("(512) 555-0150"),)), lead(by=said)))
    assert log_row(s).text("Source") == "50"
    assert "Referral Source" in s.contacts[50].tags


@pytest.mark.clause("RF-07")
@pytest.mark.parametrize("said", ["John", "Jon Smith", "Smith", "Johnny Smith", "555-0150"])
def test_nobody_is_guessed(said: str) -> None:
    s = passed(world(source(), lead(by=said)))
    assert s.contacts[50].tags == ()
    assert log_row(s).text("Source") == ""
    assert "RF-07 p101 create" in open_tasks(s)


@pytest.mark.clause("RF-07")
def test_of_two_contacts_with_one_name_neither_is_written_to_until_the_va_says_which() -> None:
    s = passed(world(source(), source(51), lead()))
    assert open_tasks(s)["RF-07 p101 which"] == "Which John Smith sent them: #50, #51? Write that #number into Referred By"
    assert [s.contacts[n].tags for n in (50, 51)] == [(), ()]
    assert PROMPT in open_tasks(s)
    assert log_row(s).text("Status").startswith("It is not certain who the source is")

    by_field = passed(changed(s, 101, fields={"referred_by": "#51"}))
    by_row = passed(typed(s, "Referral Log", LOG, Source=51))
    for settled in (by_field, by_row):
        assert "Referral Source" in settled.contacts[51].tags
        assert settled.contacts[50].tags == ()
        assert "RF-07 p101 which" not in open_tasks(settled)


@pytest.mark.clause("RF-07")
def test_a_source_who_is_no_contact_yet_is_to_be_created_and_is_then_found() -> None:
    s = passed(world(lead(by="Petra Vance")))
    assert open_tasks(s)["RF-07 p101 create"] == "Create the contact of Petra Vance who sent them: name, e-mail, phone, stage, source"
    assert log_row(s).text("Referral Source") == "Petra Vance"
    s = passed(replace(s, contacts={**s.contacts, 60: source(60, "Petra Vance", Stage.SPHERE_OF_INFLUENCE)}))
    assert log_row(s).text("Source") == "60"
    assert log_row(s).text("Type") == "Sphere"
    assert "RF-07 p101 create" not in open_tasks(s)


@pytest.mark.clause("RF-07")
def test_two_sources_that_claim_one_lead_are_asked_about_and_one_answer_is_enough() -> None:
    s = passed(world(source(), source(51, "Petra Vance"), lead(source="Referral — Petra Vance")))
    assert open_tasks(s)["RF-07 p101 two-sources"] == "Two sources are named: #50, #51. Correct Referred By or the lead source"
    assert [s.contacts[n].tags for n in (50, 51)] == [(), ()]
    ticked_off = passed(ticked(s, "RF-07 p101 two-sources"))  # Referred By is right
    assert log_row(ticked_off).text("Source") == "50"
    corrected = passed(changed(s, 101, fields={"referred_by": "Petra Vance"}))
    assert log_row(corrected).text("Source") == "51"
    assert log_row(corrected).text("Referral Source") == "Petra Vance"


@pytest.mark.clause("RF-07")
def test_a_source_who_lives_with_the_lead_is_asked_about_first() -> None:
    shared = (Reach("castro@example.org"),)
    s = passed(world(source(name="Luis Castro", emails=shared), lead(by="Luis Castro", emails=shared)))
    assert logged(s) == []
    assert open_tasks(s) == {
        "RF-07 p101 household": "Luis Castro (#50) shares their household: a referral? Then set Referral Type; else clear Referred By"}
    assert logged(passed(changed(s, 101, fields={"referred_by": "Luis Castro", "referral_type": "Sphere"}))) == [LOG]
    assert logged(passed(changed(s, 101, fields={}))) == []


@pytest.mark.clause("RF-01")
def test_a_lead_created_twice_by_two_paths_is_one_referral() -> None:
    twice = lead(102, "Ximena Castro", source="Referral — John Smith", by="", emails=lead().emails)
    s = passed(world(source(), lead(), twice))
    assert logged(s) == [LOG]
    assert open_tasks(s)["RF-07 p102 twin"] == "Same person as #101, a referral already: merge them; two people? Tick this off"
    assert "RF-08 p102 thanks" not in open_tasks(s)
    merged = replace(s, contacts={**s.contacts, 101: replace(s.contacts[101], trashed=True),
                                  102: replace(twice, fields=s.contacts[101].fields, tags=s.contacts[101].tags)})
    after = passed(merged)
    assert logged(after) == [LOG]
    assert sorted(m for m in open_tasks(after) if "thanks" in m) == [PROMPT]
    assert plan(after).actions == ()


# -- both records ------------------------------------------------------------------------------------------------------


@pytest.mark.clause("RF-06", "RF-25", "X-17")
def test_the_leads_record_says_who_sent_them_in_the_form_of_the_example() -> None:
    s = passed(world(source(), lead(), deals=[bought(DAY.replace(year=2024), 3, [50])]))
    assert s.contacts[101].fields == {"referred_by": "John Smith", "referral_type": "Client"}
    assert s.contacts[101].tags == ("Referral",)
    assert note(s, "RF-25 p101 intake").body == "Referred by John Smith (past client, closed 2024) — received 12/04/2026"


@pytest.mark.clause("RF-22", "RF-25", "RF-33", "X-50")
@pytest.mark.parametrize(("who", "kind", "about", "shown"), [
    (source(), "Client", " (past client)", "John Smith"),
    (source(stage=Stage.SPHERE_OF_INFLUENCE), "Sphere", " (sphere)", "John Smith"),
    (source(stage=Stage.PROFESSIONAL_NETWORK, tags=("Lender",)), "Professional", " (lender)", "John Smith (Lender)"),
    (source(stage=Stage.PROFESSIONAL_NETWORK), "Professional", " (professional)", "John Smith (Professional)"),
    (source(stage=Stage.PROFESSIONAL_NETWORK, tags=("Realtor",)), "Agent", " (agent)", "John Smith (Agent)"),
    (source(stage=Stage.NEW_LEAD), "", "", "John Smith")])
def test_the_type_follows_the_sources_record_and_is_never_guessed(who: Any, kind: str, about: str, shown: str) -> None:
    s = passed(world(who, lead()))
    assert log_row(s).text("Type") == kind
    assert log_row(s).text("Referral Source") == shown
    assert note(s, "RF-25 p101 intake").body == f"Referred by John Smith{about} — received 12/04/2026"
    assert s.contacts[101].fields.get("referral_type", "") == kind


@pytest.mark.clause("X-50")
def test_past_client_wins_over_sphere_and_a_person_over_both() -> None:
    both = source(stage=Stage.SPHERE_OF_INFLUENCE)
    deals = [bought(DAY.replace(year=2024), 3, [50])]
    assert log_row(passed(world(both, lead(), deals=deals))).text("Type") == "Client"
    s = passed(world(both, lead(fields={"referred_by": "John Smith", "referral_type": "Sphere"}), deals=deals))
    assert log_row(s).text("Type") == "Sphere"
    s = passed(typed(passed(world(both, lead(), deals=deals)), "Referral Log", LOG, Type="Professional"))
    assert log_row(s).text("Type") == "Professional"


@pytest.mark.clause("RF-24")
@pytest.mark.parametrize(("text", "asked"), [("Website", True), ("Referral — John Smith", False), ("Referral - john smith", False)])
def test_the_native_source_is_the_vas_to_set(text: str, asked: bool) -> None:
    s = passed(world(source(), lead(source=text)))
    assert ("RF-24 p101 source" in open_tasks(s)) is asked
    if asked:
        assert open_tasks(s)["RF-24 p101 source"] == "Set Lead Source: Referral — John Smith; type Client: right?"
        assert "RF-24 p101 source" not in open_tasks(passed(changed(s, 101, source="Referral — John Smith")))


@pytest.mark.clause("RF-07", "RF-26", "X-15")
def test_the_sources_record_gets_a_tag_a_note_and_a_count_and_no_stage() -> None:
    s = passed(world())
    assert s.contacts[50].tags == ("Referral Source",)
    assert s.contacts[50].stage is Stage.PAST_CLIENT_BUYER
    assert s.contacts[50].fields == {"referrals_sent": "1"}
    assert [n.body for n in s.notes if n.person_id == 50] == ["12/04/2026 — referred Ximena"]
    assert not [t for t in s.tasks if t.person_id == 50]


@pytest.mark.clause("RF-07")
def test_a_tag_taken_off_by_hand_comes_back_with_a_new_referral_only() -> None:
    s = changed(passed(world()), 50, tags=())
    assert passed(s).contacts[50].tags == ()
    again = replace(s, contacts={**s.contacts, 102: lead(102, "Yuki Tanaka")})
    assert passed(again).contacts[50].tags == ("Referral Source",)


@pytest.mark.clause("RF-07")
def test_a_source_to_be_left_alone_gets_nothing_and_the_referral_is_logged() -> None:
    s = passed(world(source(tags=("Steward: skip",)), lead()))
    assert s.contacts[50].tags == ("Steward: skip",)
    assert not [n for n in s.notes if n.person_id == 50]
    assert logged(s) == [LOG]


# -- the count ---------------------------------------------------------------------------------------------------------


def begun(s: Snapshot, what: str) -> Snapshot:
    return typed(s, "Memory", "referrals begun", What=what)


@pytest.mark.clause("RF-27")
def test_the_count_is_the_opening_one_and_the_log_since() -> None:
    s = begun(world(source(fields={"referrals_sent": "4"}), lead()), "p50=4")
    s = passed(s)
    assert s.contacts[50].fields["referrals_sent"] == "5"
    s = passed(replace(s, contacts={**s.contacts, 102: lead(102, "Yuki Tanaka")}))
    assert s.contacts[50].fields["referrals_sent"] == "6"
    assert plan(s, "referrals").actions == ()


@pytest.mark.clause("RF-27", "X-62")
@pytest.mark.parametrize("held", ["7", "9", "3", "many"])
def test_a_count_that_a_person_wrote_is_theirs_and_asked_about(held: str) -> None:
    s = changed(passed(world()), 50, fields={"referrals_sent": held})
    s = passed(replace(s, contacts={**s.contacts, 102: lead(102, "Yuki Tanaka")}))
    assert s.contacts[50].fields["referrals_sent"] == held
    assert open_tasks(s)["RF-27 p50 2-count"] == f"Referrals Sent says {held}, counted 2: correct it, or tick this off if it is right"


@pytest.mark.clause("RF-27")
def test_the_count_is_asked_about_when_a_referral_turned_out_to_be_somebody_elses() -> None:
    s = passed(world(source(), source(51, "Petra Vance"), lead()))
    s = passed(changed(s, 101, fields={"referred_by": "Petra Vance"}))
    assert s.contacts[51].fields["referrals_sent"] == "1"
    assert open_tasks(s)["RF-27 p50 0-count"].startswith("Referrals Sent says 1, counted 0")


def asked_of_count(s: Snapshot) -> list[str]:
    """Every question about a count there ever was."""
    return sorted(str(one.key) for one in s.tasks if one.key and one.key.episode.endswith("-count"))


@pytest.mark.clause("RF-27", "X-81")
def test_the_question_about_a_count_ends_with_the_correction_or_the_next_count() -> None:
    s = passed(changed(passed(world()), 50, fields={"referrals_sent": "9"}))
    assert "RF-27 p50 1-count" in open_tasks(s)
    corrected = passed(changed(s, 50, fields={"referrals_sent": "1"}))
    assert "RF-27 p50 1-count" not in open_tasks(corrected)

    more = passed(replace(s, contacts={**s.contacts, 102: lead(102, "Yuki Tanaka")}))
    assert [mark for mark in open_tasks(more) if mark.endswith("-count")] == ["RF-27 p50 2-count"]


@pytest.mark.clause("RF-27")
@pytest.mark.parametrize("done", [True, False])
def test_the_same_count_is_not_asked_about_again_after_a_merge(done: bool) -> None:
    s = passed(changed(passed(world()), 50, fields={"referrals_sent": "9"}))
    s = ticked(s, "RF-27 p50 1-count") if done else s
    survivor = replace(s.contacts[50], id=51)
    s = changed(replace(s, contacts={**s.contacts, 51: survivor}), 50, trashed=True, stage=None, stage_label="Trash")
    s = passed(passed(s))
    assert asked_of_count(s) == ["RF-27 p50 1-count"]
    assert ("RF-27 p50 1-count" in open_tasks(s)) is not done


@pytest.mark.clause("RF-07", "RF-43")
def test_a_tag_that_a_person_took_off_is_not_set_again_after_a_merge() -> None:
    s = changed(passed(world()), 50, tags=())
    s = changed(replace(s, contacts={**s.contacts, 51: replace(s.contacts[50], id=51)}), 50, trashed=True, stage=None, stage_label="Trash")
    s = passed(passed(s))
    assert s.contacts[51].tags == ()
    assert "the tag was taken off by hand" in cell(s, "Checklists", "RF-43 p101 received", "Items")


@pytest.mark.clause("RF-27")
def test_counts_can_be_switched_off() -> None:
    s = passed(world(options=ReferralOptions(track_counts=False)))
    assert s.contacts[50].fields == {}


@pytest.mark.clause("RF-27", "X-81")
def test_counts_that_are_switched_off_ask_nothing_any_longer() -> None:
    s = passed(world(source(fields={"referrals_sent": "many"}), lead()))
    assert [mark for mark in open_tasks(s) if mark.startswith("RF-27")] == ["RF-27 p50 1-count"]
    s = passed(replace(s, practice=replace(s.practice, referrals=ReferralOptions(track_counts=False))))
    assert [mark for mark in open_tasks(s) if mark.startswith("RF-27")] == []


# -- where it begins ---------------------------------------------------------------------------------------------------


def not_begun(s: Snapshot) -> Snapshot:
    return rows(s, "Memory", lambda old: tuple(row for row in old if not row.ref.startswith("referrals begun")))


@pytest.mark.clause("RF-01", "RF-27")
def test_old_referrals_are_not_thanked_for_and_are_logged_once_the_agent_says_so() -> None:
    old = lead(102, "Yuki Tanaka", created=at(DAY) - timedelta(days=30))
    s = passed(not_begun(world(source(fields={"referrals_sent": "3"}), lead(), old)), prefix="referrals")
    assert logged(s) == [LOG]
    assert not [t for t in s.tasks if t.person_id == 102]
    row = s.workbook.row("Approvals", "RF-01 a0 existing")
    assert row is not None
    assert row.text("Draft").startswith("11/04/2026: Yuki Tanaka (contact 102), referred by John Smith\n")

    s = passed(s)
    assert s.contacts[50].fields["referrals_sent"] == "4"
    assert logged(s) == [LOG]
    s = passed(decided(s, "RF-01 a0 existing", "Approve"))
    assert logged(s) == [LOG, "RF-01 p102 referral"]
    s = passed(s)
    assert s.contacts[50].fields["referrals_sent"] == "4"
    assert not [t for t in s.tasks if t.person_id == 102]
    assert s.contacts[102].tags == ()
    assert plan(s, "referrals").actions == ()


@pytest.mark.clause("RF-01")
def test_a_lead_from_before_whom_somebody_names_a_source_for_now_is_new() -> None:
    s = passed(not_begun(world(source(), lead(102, "Yuki Tanaka", by="", created=at(DAY) - timedelta(days=30)))))
    s = passed(changed(s, 102, fields={"referred_by": "John Smith"}), NINE + 30 * HOUR)
    assert log_row(s, "RF-01 p102 referral").text("Received") == "2026-12-05 15:00"


@pytest.mark.clause("RF-01")
def test_rows_that_people_typed_before_are_left_as_they_are() -> None:
    old = {**TYPED, "Date": DAY - timedelta(days=20)}
    s = not_begun(world(source(), lead(by=""), typed=[old]))
    assert logged(passed(s)) == [""]


# -- a row that a person deleted ---------------------------------------------------------------------------------------


@pytest.mark.clause("X-62")
def test_a_deleted_row_is_asked_about_and_put_back_once_the_agent_says_so() -> None:
    s = rows(passed(world()), "Referral Log", lambda _: ())
    s = passed(s)
    assert logged(s) == []
    put_back = passed(decided(s, "RF-33 p101 row1", "Put it back"))
    assert logged(put_back) == ["RF-01 p101 referral.2"]
    assert logged(passed(put_back)) == ["RF-01 p101 referral.2"]
    left = passed(decided(s, "RF-33 p101 row1", "Leave it out"))
    assert logged(passed(left)) == []
    assert [r.lead.id for r in referrals(passed(left))] == []


@pytest.mark.clause("RF-01")
def test_nothing_is_asked_twice_and_a_second_pass_is_empty() -> None:
    people = [source(), source(51, "Petra Vance", Stage.SPHERE_OF_INFLUENCE), person(52, "Omar Haddad", Stage.PROFESSIONAL_NETWORK, tags=("Agent",)),
              lead(), lead(102, "Yuki Tanaka", "Petra Vance"), lead(103, "Zoe Grant", "Omar Haddad"), lead(104, "Wes Ito", "Nobody Known")]
    s = passed(world(*people))
    assert plan(s).actions == ()
    assert all(t.assigned_user_id in {AGENT, VA} for t in s.tasks)
