"""What comes back from sources, several at once, the checklists and the monthly audit (RF-20, 43, 45, 46, 48, 51)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from daemon.passes import plan as planning
from daemon.passes.absence import deleted_records
from daemon.passes.forecast import after
from policies.asks.wants import WantTask
from policies.referrals.report import monthly_audit
from policies.registry import POLICIES
from policies.world.model import Communication, Key, Reach, Stage
from policies.world.practice import ReferralOptions
from policies.world.snapshot import Snapshot
from tests.passes import cell, changed, decided, note, open_tasks, passed, plan, rows, task, ticked
from tests.referred import HOUR, NINE, PROMPT, RECOGNITION, bought, lead, source, world
from tests.scenes import AGENT, at

YUKI = lead(102, "Yuki Tanaka", emails=(Reach("yuki@example.org"),))


def heard(s: Snapshot, channel: str, when: datetime) -> Snapshot:
    return changed(s, 50, inbound=(*s.contacts[50].inbound, Communication(channel, when)))


# -- inquiries ---------------------------------------------------------------------------------------------------------


@pytest.mark.clause("RF-51", "RF-45")
@pytest.mark.parametrize("channel", ["call", "text", "e-mail"])
def test_a_contact_by_a_source_with_an_open_referral_is_noted_with_its_time_and_nothing_is_concluded(channel: str) -> None:
    s = passed(heard(passed(world()), channel, NINE + 2 * HOUR), NINE + 3 * HOUR)
    (row,) = s.workbook.rows("Inquiries")
    assert [row.text(name) for name in ("When", "Source", "How")] == ["2026-12-04 11:00", "John Smith", channel]
    assert "Give no status" in row.text("What")
    assert "Castro" not in " ".join(map(str, row.cells.values()))
    assert not [mark for mark in open_tasks(s) if mark.startswith("RF-45")]
    assert plan(s).actions == ()


@pytest.mark.clause("RF-51")
@pytest.mark.parametrize(("hours", "noted"), [(-1, False), (0, False), (1, True)])
def test_only_what_came_after_the_referral_is_noted(hours: int, noted: bool) -> None:
    s = passed(heard(passed(world()), "call", NINE + hours * HOUR), NINE + 3 * HOUR)
    assert bool(s.workbook.rows("Inquiries")) is noted


@pytest.mark.clause("RF-51")
def test_a_source_whose_referral_is_over_is_not_noted() -> None:
    s = passed(changed(passed(world()), 101, stage=Stage.COLD_LEAD))
    assert passed(heard(s, "call", NINE + 2 * HOUR), NINE + 3 * HOUR).workbook.rows("Inquiries") == ()


@pytest.mark.clause("RF-45", "RF-46", "RF-50", "X-44")
@pytest.mark.parametrize(("tag", "rule", "issue"), [
    ("Referral: asked for status", "RF-45", "Referral source inquiry"), ("referral: dissatisfied", "RF-46", "acknowledgment dissatisfaction")])
def test_what_the_va_says_a_source_wanted_reaches_the_agent_on_the_leads_record(tag: str, rule: str, issue: str) -> None:
    s = passed(changed(passed(world()), 50, tags=("Referral Source", tag)))
    (mark,) = [mark for mark in open_tasks(s) if mark.startswith(rule)]
    assert (task(s, mark).person_id, task(s, mark).assigned_user_id) == (101, AGENT)
    assert note(s, mark).person_id == 101
    assert f"Issue: {issue}\nReferral source: John Smith\nRelated transaction: not applicable\nNeeded: Respond to source" in note(s, mark).body
    assert plan(s).actions == ()
    assert mark not in open_tasks(passed(changed(s, 50, tags=("Referral Source",))))


@pytest.mark.clause("RF-45")
def test_a_second_inquiry_is_another() -> None:
    asked = ("Referral Source", "Referral: asked for status")
    s = passed(changed(heard(passed(world()), "call", NINE + HOUR), 50, tags=asked), NINE + 2 * HOUR)
    s = passed(ticked(s, "RF-45 p101 20261204-asked"))
    assert "RF-45 p101 20261204-asked" not in open_tasks(passed(s))
    again = passed(heard(s, "text", NINE + 48 * HOUR), NINE + 49 * HOUR)
    assert "RF-45 p101 20261206-asked" in open_tasks(again)


# -- several -----------------------------------------------------------------------------------------------------------


@pytest.mark.clause("RF-48", "X-24")
@pytest.mark.parametrize(("apart", "told"), [(timedelta(0), True), (timedelta(days=30), True), (timedelta(days=30, minutes=1), False)])
def test_two_within_30_days_from_one_source_are_told_together(apart: timedelta, told: bool) -> None:
    s = passed(passed(world()), NINE + apart)
    s = passed(replace(s, contacts={**s.contacts, 102: replace(YUKI, created=NINE + apart)}), NINE + apart + HOUR)
    found = {mark: name for mark, name in open_tasks(s).items() if mark.startswith("RF-48")}
    assert found == ({"RF-48 p50 20261204-several": "John Smith sent 2 of late (Ximena, Yuki): thank them in person"} if told else {})
    if told:
        assert note(s, "RF-48 p50 20261204-several").person_id == 102
        assert "Issue: multiple referrals from one source" in note(s, "RF-48 p50 20261204-several").body


@pytest.mark.clause("RF-48", "X-24")
def test_nothing_is_said_once_all_are_thanked_for() -> None:
    s = passed(world(source(), lead(), YUKI))
    assert "RF-48 p50 20261204-several" in open_tasks(s)
    s = passed(ticked(s, PROMPT))
    assert "RF-48 p50 20261204-several" in open_tasks(s)
    assert "RF-48 p50 20261204-several" not in open_tasks(passed(ticked(s, "RF-08 p102 thanks")))


@pytest.mark.clause("RF-48")
def test_two_sources_are_not_one() -> None:
    s = passed(world(source(), source(51, "Petra Vance"), lead(), lead(102, "Yuki Tanaka", "Petra Vance")))
    assert not [mark for mark in open_tasks(s) if mark.startswith("RF-48")]


FLAG = "RF-48 p50 20261204-several"
MERGED = {"trashed": True, "stage": None, "stage_label": "Trash"}


def flags(s: Snapshot) -> list[str]:
    """Every flag of several referrals there ever was."""
    return sorted(str(one.key) for one in s.tasks if one.key and one.key.rule == "RF-48")


def merged(s: Snapshot) -> Snapshot:
    """John's record is merged into another one, which has his address."""
    other = source(51, emails=s.contacts[50].emails)
    return changed(replace(s, contacts={**s.contacts, 51: other}), 50, **MERGED)


def replaced(s: Snapshot) -> Snapshot:
    """John's record goes to the Trash, and another of the name without his address takes over."""
    return changed(replace(s, contacts={**s.contacts, 51: source(51)}), 50, **MERGED)


@pytest.mark.clause("RF-48", "X-72")
@pytest.mark.parametrize("change", [merged, replaced])
@pytest.mark.parametrize("done", [True, False])
def test_the_same_flag_does_not_come_again_under_another_record(change: Callable[[Snapshot], Snapshot], done: bool) -> None:
    s = passed(world(source(), lead(), YUKI))
    assert flags(s) == [FLAG]
    s = passed(change(ticked(s, FLAG) if done else s))
    assert (flags(s), FLAG in open_tasks(s)) == ([FLAG], not done)
    s = passed(ticked(s, PROMPT))
    assert (flags(s), FLAG in open_tasks(s)) == ([FLAG], not done)
    assert FLAG not in open_tasks(passed(ticked(s, "RF-08 p102 thanks")))


@pytest.mark.clause("RF-48", "X-72")
def test_a_flag_that_a_person_deleted_stays_away_after_a_merge() -> None:
    s = passed(world(source(), lead(), YUKI))
    s = replace(s, tasks=tuple(one for one in s.tasks if str(one.key) != FLAG), deleted=frozenset({Key("RF-48", "p50", "20261204-several")}))
    assert flags(passed(merged(s))) == []


@pytest.mark.clause("RF-48", "RF-07", "X-72")
def test_the_same_flag_does_not_come_again_when_the_source_becomes_known() -> None:
    s = passed(world(lead(), YUKI))
    (unknown,) = flags(s)
    assert unknown.startswith("RF-48 n")
    s = passed(replace(s, contacts={**s.contacts, 50: source()}))
    assert flags(s) == [unknown]
    assert unknown in open_tasks(s)


@pytest.mark.clause("RF-48", "X-73")
def test_a_flag_ends_when_it_was_another_who_sent_them() -> None:
    s = passed(world(source(), source(51, "Petra Vance"), lead(), YUKI))
    for number in (101, 102):
        s = changed(s, number, fields={**s.contacts[number].fields, "referred_by": "#51"})
    s = passed(s)
    assert [mark for mark in open_tasks(s) if mark.startswith("RF-48")] == ["RF-48 p51 20261204-several"]
    assert passed(s).tasks == s.tasks


@pytest.mark.clause("RF-48")
def test_two_of_one_name_each_keep_their_flag() -> None:
    more = [lead(number, name, "#60") for number, name in ((103, "Omar Haddad"), (104, "Lena Voss"))]
    s = passed(world(source(), source(60), replace(lead(), fields={"referred_by": "#50"}), replace(YUKI, fields={"referred_by": "#50"}), *more))
    assert flags(s) == [FLAG, "RF-48 p60 20261204-several"]
    gone = passed(changed(s, 60, **MERGED))
    assert (FLAG in open_tasks(gone), passed(gone).tasks) == (True, gone.tasks)


@pytest.mark.clause("RF-51", "X-35")
def test_what_was_noted_or_told_of_a_source_is_not_noted_or_told_again_after_a_merge() -> None:
    s = passed(heard(passed(world(source(tags=("DNC",)), lead())), "call", NINE + 2 * HOUR), NINE + 3 * HOUR)
    inquiries = [row.ref for row in s.workbook.rows("Inquiries")]
    assert (len(inquiries), "RF-08 p50 silent" in open_tasks(s)) == (1, True)
    after = changed(merged(s), 51, inbound=s.contacts[50].inbound, tags=("DNC",))
    for again in (passed(after), passed(ticked(after, "RF-08 p50 silent"))):
        assert [row.ref for row in again.workbook.rows("Inquiries")] == inquiries
        assert [str(one.key) for one in again.tasks if one.key and one.key.episode == "silent"] == ["RF-08 p50 silent"]


# -- checklists --------------------------------------------------------------------------------------------------------


@pytest.mark.clause("RF-43")
def test_the_five_items_of_a_referral_received() -> None:
    s = passed(world(options=ReferralOptions(handwritten_cards=True)))
    assert cell(s, "Checklists", "RF-43 p101 received", "Items") == (
        '☐ Lead source tagged in CRM: "Referral — John Smith": it says Website\n'
        '☑ Referring party\'s record tagged: "Referral Source" — referral count updated: 1 sent\n'
        "☑ Agent prompted for personal thank-you within 24 hours\n"
        "☐ Handwritten card coordinated within 3 business days (if agent uses this practice): by 12/09/2026\n"
        "☑ Referral logged in tracking log: 12/04/2026")
    assert cell(s, "Checklists", "RF-43 p101 received", "Open") == "2"
    s = passed(changed(ticked(s, "RF-31 p101 card"), 101, source="Referral — John Smith"))
    assert cell(s, "Checklists", "RF-43 p101 received", "Open") == "0"


@pytest.mark.clause("RF-43")
def test_a_tag_taken_off_by_hand_opens_its_item() -> None:
    s = passed(changed(passed(world()), 50, tags=()))
    assert '☐ Referring party\'s record tagged: "Referral Source" — referral count updated: the tag was taken off by hand' in cell(
        s, "Checklists", "RF-43 p101 received", "Items")


@pytest.mark.clause("RF-43", "RF-44")
def test_the_three_items_at_close() -> None:
    s = passed(world())
    s = passed(replace(s, deals={7: bought(date(2027, 1, 20))}), at(date(2027, 1, 21)))
    assert cell(s, "Checklists", "RF-43 p101 closing", "Items") == (
        "☑ Agent notified — closing recognition appropriate\n"
        "☐ Recognition gift/card ordered and coordinated within 1 week: by 01/27/2027\n"
        "☑ Referral outcome logged: Closed — 01/20/2027")
    s = passed(ticked(passed(decided(s, RECOGNITION, "Approve")), "RF-36 p101 order-approve"))
    assert "☑ Recognition gift/card ordered and coordinated within 1 week: Thank-you sent 01/21/2027" in cell(
        s, "Checklists", "RF-43 p101 closing", "Items")


@pytest.mark.clause("RF-43")
def test_the_four_items_of_a_referral_by_an_agent() -> None:
    s = passed(world(source(stage=Stage.PROFESSIONAL_NETWORK, tags=("Agent",)), lead()))
    assert cell(s, "Checklists", "RF-43 p101 agent", "Items") == (
        "☐ Agreement confirmed on file\n"
        "☐ Agreement details logged in CRM: lacks Fee % or Fee Amount, Agreement Date, Brokerage\n"
        "☐ Agent's bookkeeper notified of fee due at close: not closed yet\n"
        "☐ Fee payment tracked")


# -- the audit ---------------------------------------------------------------------------------------------------------


@pytest.mark.clause("RF-20", "X-27")
@pytest.mark.parametrize(("day", "made"), [(date(2026, 12, 24), False), (date(2026, 12, 25), False), (date(2026, 12, 28), True), (date(2026, 12, 31), True)])
def test_the_audit_is_made_on_the_first_business_day_of_the_last_week(day: date, made: bool) -> None:
    s = passed(passed(world()), at(day))
    assert s.workbook.holds("Checklists", "RF-20 a0 202612-audit") is made


@pytest.mark.clause("RF-20", "X-27")
def test_an_audit_that_was_missed_is_made_late_and_says_so_once() -> None:
    s = passed(passed(passed(world()), at(date(2026, 12, 28))), at(date(2027, 1, 4)))
    assert "RF-20 a0 202611-audit" not in [row.ref for row in s.workbook.rows("Checklists") if "January" in row.text("Checklist")]
    missed = passed(passed(world()), at(date(2027, 1, 4)))
    assert cell(missed, "Checklists", "RF-20 a0 202612-audit", "Checklist") == "Referral audit, December 2026 (late, 01/04/2027)"
    assert passed(missed, at(date(2027, 1, 5))).workbook.rows("Checklists") == missed.workbook.rows("Checklists")


@pytest.mark.clause("RF-20")
@pytest.mark.parametrize(("change", "says"), [
    ({"source": "Referral — John Smith"}, ""), ({"source": "Zillow"}, "the lead source says Zillow, not Referral — John Smith"),
    ({"source": "Referral — John Smith", "tags": ()}, "the lead has no tag Referral")])
def test_the_audit_lists_what_does_not_agree(change: dict[str, Any], says: str) -> None:
    s = passed(changed(passed(world()), 101, **change), at(date(2026, 12, 28)))
    items = cell(s, "Checklists", "RF-20 a0 202612-audit", "Items")
    assert items == (f"☐ Ximena Castro, referred by John Smith: {says}" if says else "☑ All referrals are tagged and tracked: 1 in the log")
    assert ("RF-20 a0 202612-audit" in open_tasks(s)) is bool(says)


@pytest.mark.clause("RF-20")
def test_the_audit_sees_the_sources_tag_the_count_the_row_and_what_is_not_certain() -> None:
    s = changed(passed(world(source(), lead(source="Referral — John Smith"), lead(102, "Yuki Tanaka", "Nobody Known"))), 50, tags=(), fields={})
    s = passed(rows(s, "Referral Log", lambda old: old[1:]), at(date(2026, 12, 28)))
    items = cell(s, "Checklists", "RF-20 a0 202612-audit", "Items")
    for says in ("the source has no tag Referral Source", "Referrals Sent says nothing, counted 1", "it has no row in the log",
                 "Yuki Tanaka, referred by Nobody Known: it is not certain who the source is"):
        assert says in items


@pytest.mark.clause("RF-20")
def test_where_there_is_no_referral_there_is_no_audit() -> None:
    assert passed(world(source()), at(date(2026, 12, 28))).workbook.rows("Checklists") == ()


def test_the_silence_of_the_referral_rules_is_explained() -> None:
    silence = next(p.why_silent for p in POLICIES if p.name == "referrals.intake")
    s = passed(world())
    assert list(silence(s, s.contacts[101])) == ["referred by John Smith on 12/04/2026: Active; not thanked yet"]
    assert list(silence(s, s.contacts[50])) == ["sent 1 since Steward began"]
    assert list(silence(s, source(60))) == ["neither referred nor known to have sent anybody"]


@pytest.mark.clause("RF-20")
def test_a_row_that_somebody_never_finished_is_in_the_audit() -> None:
    s = passed(world(typed=[{"Date": date(2026, 12, 7), "Referral Source": "John Smith", "Referred Lead": ""}]), at(date(2026, 12, 28)))
    assert "☐ Referral Log: 1 rows lack a source or a first name" in cell(s, "Checklists", "RF-20 a0 202612-audit", "Items")


@pytest.mark.clause("RF-20", "X-81", "X-87")
def test_the_audits_task_moves_to_a_contact_who_is_there_when_its_own_is_gone() -> None:
    audit, day = "RF-20 a0 202612-audit", date(2026, 12, 28)
    s = passed(passed(world(source(), lead(), lead(102, "Omar Haddad"))), at(day))
    assert task(s, audit).person_id == 101

    hidden = replace(s, contacts={n: c for n, c in s.contacts.items() if n != 101})
    assert audit not in [a.mark for a in plan(hidden, "referrals").actions]  # one pass proves nothing

    hidden = replace(hidden, gone=frozenset({"p101"}))
    findings = list(monthly_audit.decide(hidden))
    moved = after(hidden, planning.make(hidden, [*findings, *deleted_records.ended(hidden, findings)]))
    again = [t for t in moved.tasks if t.key and t.key.base == Key.parse(audit) and not t.completed]
    assert [(t.person_id, str(t.key)) for t in again] == [(102, f"{audit}.2")]
    assert again[0].name == task(s, audit).name
    assert not [f for f in monthly_audit.decide(moved) if isinstance(f.want, WantTask)]
    assert not [f for f in monthly_audit.decide(ticked(moved, f"{audit}.2")) if isinstance(f.want, WantTask)]
