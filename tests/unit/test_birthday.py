"""Birthdays as a table: who, when, through which channel, in which words, and what is asked instead of guessed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from policies.asks import lint
from policies.asks.wants import WantRow, WantTask
from policies.milestones.birthday import decide
from policies.values.dates import birthday
from policies.world.model import Reach, Stage
from policies.world.practice import MilestoneOptions
from policies.world.snapshot import Snapshot
from tests.scenes import (
    AGENT,
    VA,
    book,
    client,
    own_task,
    practice,
    purchase,
    sale,
    snapshot,
    wants,
)

BORN = {"birthday": "1984-03-05"}
DAY = date(2027, 3, 5)  # a Friday
CLOSED = date(2024, 6, 3)
T14, T7, T48, ROW = ("task MS-04 p101 20270305-birthday-14d", "task MS-04 p101 20270305-birthday-7d", "task MS-45 p101 20270305-birthday-48h",
                     "row MS-09 p101 20270305-birthday-draft")
NOTE = "note MS-45 p101 20270305-birthday-48h"


def world(today: date, fields: dict[str, str] | None = None, options: dict[str, Any] | None = None, **changes: Any) -> Snapshot:
    s = snapshot(today, [client(fields=fields or BORN, **changes)], [purchase(CLOSED)])
    return replace(s, practice=practice(milestones=MilestoneOptions(**options))) if options else s


def row_of(s: Snapshot) -> WantRow:
    return next(f.want for f in decide(s) if isinstance(f.want, WantRow))


@pytest.mark.clause("X-02", "X-81")
@pytest.mark.parametrize("today", [date(2027, 2, 18), date(2027, 2, 25)])
def test_the_early_reminder_ends_when_it_is_switched_off(today: date) -> None:
    tasks = (own_task("MS-04 p101 20270305-birthday-14d.2"), own_task("MS-04 p101 20270305-birthday-7d", 2), own_task("MS-04 d812 20270603-14d", 3))
    s = replace(world(today), tasks=tasks)
    off = replace(s, practice=replace(s.practice, milestones=replace(s.practice.milestones, birthday_14_days=False)))
    withdrawn = "withdraw MS-04 p101 20270305-birthday-14d.2"
    assert withdrawn not in wants(decide(s))
    assert [line for line in wants(decide(off)) if line.startswith("withdraw")] == [withdrawn]


@pytest.mark.clause("MS-43", "X-02", "X-43", "MS-45", "X-08")
@pytest.mark.parametrize(("today", "expected"), [
    (date(2027, 2, 17), []),
    (date(2027, 2, 18), [T14]),              # the business day before D-14, a Friday
    (date(2027, 2, 24), [T14]),
    (date(2027, 2, 25), [T7, ROW]),          # the business day before D-7
    (date(2027, 3, 2), [T7, ROW]),
    (date(2027, 3, 3), [T7, ROW, T48, NOTE]),
    (date(2027, 3, 5), [T7, ROW, T48, NOTE]),
    (date(2027, 3, 6), ["missed MS-43 p101 20270305-birthday-send"]),  # never late
])
def test_what_is_wanted_on_each_day(today: date, expected: list[str]) -> None:
    assert wants(decide(world(today))) == expected


@pytest.mark.clause("X-02")
def test_the_fourteen_day_reminder_can_be_switched_off_and_the_seven_day_one_cannot() -> None:
    off = {"birthday_14_days": False}

    assert wants(decide(world(date(2027, 2, 18), options=off))) == []
    assert wants(decide(world(date(2027, 2, 25), options=off))) == [T7, ROW]


@pytest.mark.clause("MS-34", "MS-43")
def test_the_words_are_the_procedures_and_the_send_task_is_due_by_the_day() -> None:
    row = row_of(world(date(2027, 2, 25)))
    approved = {"Ref": row.ref, **row.first, **row.keep, "Decision": "Approve"}
    sent = [f.want for f in decide(replace(world(date(2027, 2, 26)), workbook=book({"Approvals": [approved]})))
            if isinstance(f.want, WantTask) and f.want.key.rule == "MS-43"]

    assert row.first["Draft"] == "Hi Ana — happy birthday! Hope it's a great one.\nDana Reyes"
    assert [(w.due, w.useful_until, w.assignee, w.kind) for w in sent] == [(DAY, DAY, VA, "Thank You")]


@pytest.mark.clause("MS-43")
def test_a_birthday_on_a_sunday_is_sent_by_the_friday_before() -> None:
    s = world(date(2027, 3, 1), {"birthday": "1984-03-07"})
    row = row_of(s)
    approved = {"Ref": row.ref, **row.first, **row.keep, "Decision": "Approve"}
    send = next(f.want for f in decide(replace(s, workbook=book({"Approvals": [approved]})))
                if isinstance(f.want, WantTask) and f.want.key.rule == "MS-43")

    assert send.due == date(2027, 3, 5)


@pytest.mark.clause("X-10")
@pytest.mark.parametrize(("options", "consent", "what", "asked"), [
    ({"birthday_channel": "card"}, "", "birthday card", False),
    ({"birthday_channel": "text", "consent_field": "Texts"}, "Yes", "birthday text", False),
    ({"birthday_channel": "text", "consent_field": "Texts"}, "no", "birthday card", False),
    ({"birthday_channel": "text", "consent_field": "Texts"}, "", "birthday card", False),
    ({"birthday_channel": "email"}, "", "birthday e-mail", True),
    ({"birthday_channel": "email", "birthday_subject": "Happy birthday"}, "", "birthday e-mail", False),
])
def test_a_text_needs_recorded_consent_and_an_email_a_subject(options: dict[str, Any], consent: str, what: str, asked: bool) -> None:
    fields = BORN | ({"text_consent": consent} if consent else {})
    row = row_of(world(date(2027, 2, 25), fields, options))

    assert what in str(row.first["What"]).casefold()
    assert ("X-09" in str(row.keep["Status"])) is asked
    assert (row.first["Draft"] == "") is asked


@pytest.mark.clause("X-10", "MS-09")
def test_consent_taken_back_voids_the_approval_and_withdraws_the_send_task() -> None:
    options = {"birthday_channel": "text", "consent_field": "Texts"}
    row = row_of(world(date(2027, 2, 25), BORN | {"text_consent": "yes"}, options))
    acted = {"Ref": row.ref, **row.first, **row.keep, "Decision": "Approve", "Acted On": "2027-02-26 06:00"}
    s = replace(world(date(2027, 3, 1), BORN | {"text_consent": "no"}, options), workbook=book({"Approvals": [acted]}),
                tasks=(own_task("MS-43 p101 20270305-birthday-send"),))

    assert "withdraw MS-43 p101 20270305-birthday-send" in wants(decide(s))


@pytest.mark.clause("X-36")
@pytest.mark.parametrize(("today", "day"), [(date(2027, 2, 19), "20270228"), (date(2028, 2, 21), "20280229")])
def test_february_29_is_kept_on_the_28th_of_other_years_and_never_late(today: date, day: str) -> None:
    assert f"task MS-04 p101 {day}-birthday-7d" in wants(decide(world(today, {"birthday": "1984-02-29"})))


@pytest.mark.clause("MS-29", "X-37")
@pytest.mark.parametrize(("written", "month_day"), [
    ("1984-03-05", (3, 5)), ("03-05", (3, 5)), ("--03-05", (3, 5)), ("2027-03-05", (3, 5)), ("0000-03-05", (3, 5)), ("02-29", (2, 29)),
    ("02-30", None), ("March 5", None), ("13-01", None), ("", None)])
def test_month_and_day_are_enough_and_nothing_is_guessed(written: str, month_day: tuple[int, int] | None) -> None:
    found = birthday(written)

    assert ((found.month, found.day) if found else None) == month_day


@pytest.mark.clause("X-37", "MS-29")
@pytest.mark.parametrize(("written", "checked"), [
    ("1900-01-01", True), ("1970-01-01", True), ("2023-01-01", True),  # 2023 is the year of the intake
    ("1984-01-01", False), ("01-01", False)])
def test_a_placeholder_is_looked_up_by_the_va_before_anything_is_drafted(written: str, checked: bool) -> None:
    person = client(fields={"birthday": written}, created=datetime(2023, 5, 2, tzinfo=UTC))
    s = snapshot(date(2026, 12, 28), [person], [purchase(CLOSED)])
    verified = replace(s, tasks=(own_task("MS-29 p101 20270101-birthday-check", completed=True),))
    check = "task MS-29 p101 20270101-birthday-check"

    assert (wants(decide(s)) == [check]) is checked
    assert "row MS-09 p101 20270101-birthday-draft" in wants(decide(verified))


def test_what_is_no_date_is_asked_about_once_a_quarter() -> None:
    assert wants(decide(world(date(2027, 2, 18), {"birthday": "in spring"}))) == ["task MS-29 p101 2027Q1-check"]


@pytest.mark.clause("MS-29")
def test_at_most_25_look_ups_are_new_in_a_week() -> None:
    people = [client(n, fields={"birthday": "soon"}) for n in range(101, 151)]
    deals = [purchase(CLOSED, n, (n,)) for n in range(101, 151)]
    today = date(2027, 2, 18)
    already = tuple(own_task(f"MS-29 p{n} 2027Q1-check", n, person_id=n, due=date(2027, 2, 25)) for n in range(101, 126))
    lately = snapshot(today, people, deals, tasks=already)
    later = replace(lately, tasks=tuple(replace(t, due=today) for t in already))

    assert len(wants(decide(lately))) == 25  # those that are there, and no more
    assert len(wants(decide(later))) == 50


@pytest.mark.clause("MS-01", "MS-16", "X-05", "X-35", "X-49")
@pytest.mark.parametrize(("person", "kept"), [
    ({}, True), ({"stage": Stage.PAST_CLIENT_SELLER}, True), ({"stage": Stage.ACTIVE_BUYER, "tags": ("Past Client",)}, True),
    ({"stage": Stage.ACTIVE_BUYER}, False), ({"stage": Stage.DO_NOT_CONTACT}, False), ({"tags": ("DNC",)}, False),
    ({"tags": ("Deceased",)}, False), ({"tags": ("Steward: skip",)}, False), ({"trashed": True}, False),
    ({"assigned_user_id": 9}, True)])
def test_who_has_a_birthday(person: dict[str, Any], kept: bool) -> None:
    assert bool(wants(decide(world(date(2027, 2, 25), **person)))) is kept


@pytest.mark.clause("X-35", "X-64")
def test_the_birthday_of_somebody_who_unsubscribed_is_held_and_asked_about() -> None:
    assert wants(decide(world(date(2027, 2, 25), emails=(Reach("a@example.org", "Unsubscribed"),)))) == ["row DB-42 p101 unsubscribed"]


@pytest.mark.clause("X-05", "X-61")
def test_birthdays_outlive_the_house_and_a_couple_has_two() -> None:
    sold = snapshot(date(2027, 2, 25), [client(fields=BORN)], [purchase(CLOSED), sale(date(2026, 1, 5))])
    couple = snapshot(date(2027, 2, 25), [client(fields=BORN), client(102, first_name="Luis", fields=BORN)], [purchase(CLOSED, people=(101, 102))])
    never = snapshot(date(2027, 2, 25), [client(fields=BORN)], [])

    assert wants(decide(sold)) == [T7, ROW]
    assert len([line for line in wants(decide(couple)) if line.startswith("row")]) == 2
    assert wants(decide(never)) == []


@pytest.mark.clause("X-60")
def test_a_corrected_birthday_withdraws_and_remakes() -> None:
    s = replace(world(date(2027, 2, 25), {"birthday": "1984-03-08"}), tasks=(own_task("MS-04 p101 20270305-birthday-14d"),))

    assert "withdraw MS-04 p101 20270305-birthday-14d" in wants(decide(s))
    emptied = replace(s, contacts={101: client(fields={})})
    assert wants(decide(emptied)) == ["withdraw MS-04 p101 20270305-birthday-14d"]  # whoever took it out meant it
    assert wants(decide(replace(s, contacts={}))) == []  # an absent contact proves nothing


@pytest.mark.clause("MS-34")
@pytest.mark.parametrize(("text", "faults"), [
    ("Hi Ana — happy birthday!\nDana", []),
    ("Hi Ana — happy birthday from your favorite realtor!", ["MS-34"]),
    ("Hi Ana — happy birthday! How is the new house?", ["MS-34"]),
    ("Hi Ana — happy birthday! Refer me to a friend.", ["MS-34"]),
    ("Hi Ana — happy birthday! The market is hot.", ["MS-34"]),
    ("Hi [Client First Name] — happy birthday!", ["MS-31"]),
])
def test_a_birthday_message_has_no_real_estate_in_it(text: str, faults: list[str]) -> None:
    assert [fault.partition(":")[0] for fault in lint.birthday(text, DAY, DAY)] == faults


def test_an_agent_called_house_may_sign_a_birthday_card() -> None:
    s = world(date(2027, 2, 25))
    s = replace(s, practice=practice(agent_name="Dana House"))

    assert row_of(s).keep["Status"] == "Waiting for your decision"


def test_who_gets_which_task() -> None:
    tasks = {w.key.episode[-3:]: w for t in (date(2027, 2, 18), date(2027, 2, 25), date(2027, 3, 3)) for f in decide(world(t))
             if isinstance(w := f.want, WantTask)}

    assert {step: task.assignee for step, task in tasks.items()} == {"14d": AGENT, "-7d": VA, "48h": AGENT}
