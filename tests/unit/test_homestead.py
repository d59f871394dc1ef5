"""Homestead filing: which deadline a closing has, that nothing is dated unconfirmed, and that it is raised once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from policies.asks import lint
from policies.asks.drafts import digest
from policies.asks.wants import WantField, WantRow, WantTask
from policies.milestones.homestead import decide
from policies.world.snapshot import Snapshot
from tests.scenes import (
    STATES,
    TEMPLATES,
    book,
    client,
    own_task,
    practice,
    purchase,
    sale,
    snapshot,
    wants,
)

CLOSING = date(2026, 6, 15)
DEADLINE = date(2027, 4, 30)  # Texas, a Friday
WORDS = {**TEMPLATES, "homestead": "Hi {{ client_first_name }} —\nCheck with your county about the homestead exemption before {{ deadline }}.\n{{ agent_name }}"}
ROW = "row MS-09 d812 20270430-homestead-draft"
T60, T14, T7 = (f"task MS-28 d812 20270430-homestead-{n}d" for n in (60, 14, 7))
T48 = "task MS-45 d812 20270430-homestead-48h"


def world(today: date, *, confirmed: str = "TX", closing: date = CLOSING, **changes: Any) -> Snapshot:
    memory = [{"Ref": f"homestead {code}", "What": digest(STATES[code].question)} for code in confirmed.split()]
    s = snapshot(today, [client(**changes)], [purchase(closing)], workbook=book({"Memory": memory}))
    return replace(s, practice=practice(templates=WORDS))


@pytest.mark.clause("X-11", "MS-28")
@pytest.mark.parametrize(("state", "closing", "deadline"), [
    ("FL", date(2026, 12, 31), date(2027, 3, 1)), ("FL", date(2027, 1, 1), date(2027, 3, 1)), ("FL", date(2027, 1, 10), date(2028, 3, 1)),
    ("TX", date(2027, 4, 29), date(2027, 4, 30)), ("TX", date(2027, 4, 30), date(2028, 4, 30)), ("TX", date(2026, 6, 15), date(2027, 4, 30)),
    ("GA", date(2027, 1, 2), date(2028, 4, 1)), ("CA", date(2026, 11, 1), date(2027, 2, 15)),
    ("MI", date(2027, 5, 31), date(2027, 6, 1)), ("MI", date(2027, 6, 1), date(2027, 11, 1)), ("MI", date(2027, 11, 1), date(2028, 6, 1)),
    ("IN", date(2026, 12, 31), date(2027, 1, 5)), ("IN", date(2027, 1, 2), date(2028, 1, 5)),
    ("MN", date(2026, 12, 1), date(2026, 12, 31)), ("MN", date(2026, 12, 2), date(2027, 12, 31)),
    ("SC", date(2027, 1, 5), date(2028, 1, 15)), ("OH", date(2027, 1, 5), None)])
def test_the_qualifying_day_decides_the_year(state: str, closing: date, deadline: date | None) -> None:
    assert STATES[state].deadline_after(closing) == deadline


def test_every_row_of_the_table_says_where_it_is_from_and_when() -> None:
    assert len(STATES) == 20
    assert all(rule.source and rule.says and rule.checked.year >= 2026 and len(code) == 2 for code, rule in STATES.items())


@pytest.mark.clause("MS-28", "MS-40", "X-11", "MS-45")
@pytest.mark.parametrize(("today", "expected"), [
    (date(2027, 2, 25), []), (date(2027, 2, 26), [T60, ROW]), (date(2027, 4, 14), [T60, ROW]), (date(2027, 4, 15), [T14, ROW]),
    (date(2027, 4, 22), [T7, ROW]), (date(2027, 4, 28), [T7, ROW, T48, T48.replace("task", "note")]),
    (date(2027, 5, 1), ["missed MS-30 d812 20270430-homestead-send"])])
def test_sixty_fourteen_and_seven_days_before(today: date, expected: list[str]) -> None:
    assert [w for w in wants(decide(world(today))) if not w.startswith("field")] == expected


@pytest.mark.clause("X-11", "X-01")
def test_a_closing_inside_sixty_days_makes_one_task_now() -> None:
    found = [f.want for f in decide(world(date(2027, 3, 22), closing=date(2027, 3, 20))) if isinstance(f.want, WantTask)]

    assert [(w.key.episode, w.due) for w in found] == [("20270430-homestead-60d", date(2027, 3, 22))]


@pytest.mark.clause("MS-30", "X-64", "X-66")
def test_a_reminder_that_may_not_go_by_email_goes_as_a_card() -> None:
    s = world(date(2027, 4, 14))
    said: list[dict[str, Any]] = [*(dict(row.cells) for row in s.workbook.rows("Memory")), {"Ref": "permission DB-42 p101 died", "What": "only no email"}]
    row = next(f.want for f in decide(replace(s, workbook=book({"Memory": said}))) if isinstance(f.want, WantRow))

    assert str(row.first["What"]).startswith("Homestead reminder card, file by ")
    assert "A card, because an email may not reach them: no email, as the agent said." in str(row.first["What"])
    assert row.keep["Status"] == "Waiting for your decision"


@pytest.mark.clause("MS-28")
def test_an_unconfirmed_state_is_one_question_and_no_date() -> None:
    people = [client(n) for n in range(101, 105)]
    s = snapshot(date(2026, 7, 1), people, [purchase(CLOSING, n, (n,)) for n in range(101, 105)])
    row = next(f.want for f in decide(s) if isinstance(f.want, WantRow))

    assert wants(decide(s)) == ["row MS-28 sTX rule"]
    assert "April 30" in str(row.first["Draft"])
    assert "Source:" in str(row.first["Draft"])


@pytest.mark.clause("MS-28", "MS-03")
def test_the_agents_yes_confirms_it_and_the_deadline_goes_into_its_field() -> None:
    s = world(date(2026, 7, 1), confirmed="")
    row = next(f.want for f in decide(s) if isinstance(f.want, WantRow))
    answered = replace(s, workbook=book({"Approvals": [{"Ref": row.ref, **row.first, **row.keep, "Decision": "Approve"}]}))
    memory = next(f.want for f in decide(answered) if isinstance(f.want, WantRow) and f.want.tab == "Memory")
    after = world(date(2026, 7, 1))

    assert (memory.ref, memory.keep["What"]) == ("homestead TX", digest(STATES["TX"].question))
    assert [(f.want.field, f.want.value) for f in decide(after) if isinstance(f.want, WantField)] == [("homestead_deadline", "2027-04-30")]
    changed = replace(STATES["TX"], says="by March 1.")
    reworded = replace(after, practice=practice(templates=WORDS, homestead={"TX": changed}))
    assert wants(decide(reworded)) == ["row MS-28 sTX rule"]  # another rule is another question


@pytest.mark.clause("MS-28")
@pytest.mark.parametrize(("state", "asked"), [("OH", "row MS-28 sOH rule"), ("ME", "row MS-28 sME rule"), ("Texas", "row MS-28 sTX rule"), ("n/a", "task MS-28 d812 20260615-state"), ("", "task MS-28 d812 20260615-state")])
def test_a_state_without_a_known_date_is_asked_about_and_never_dated(state: str, asked: str) -> None:
    person = client()
    s = world(date(2026, 7, 1), confirmed="", addresses=(replace(person.addresses[0], state=state),))

    assert wants(decide(s)) == [asked]


@pytest.mark.clause("MS-28")
def test_a_date_a_person_entered_needs_no_rule() -> None:
    s = world(date(2026, 12, 1), confirmed="", fields={"homestead_deadline": "2027-01-29"})

    assert wants(decide(s)) == ["task MS-28 d812 20270129-homestead-60d", "row MS-09 d812 20270129-homestead-draft"]


@pytest.mark.clause("X-11", "MS-30")
def test_primary_residence_is_asked_with_the_draft_and_an_investor_gets_none() -> None:
    s = world(date(2027, 3, 1))
    row = next(f.want for f in decide(s) if isinstance(f.want, WantRow))
    no = {"Ref": row.ref, **row.first, **row.keep, "Decision": "Not their residence"}
    memory = [{"Ref": "homestead TX", "What": digest(STATES["TX"].question)}]
    ended = replace(s, workbook=book({"Approvals": [no], "Memory": memory}), tasks=(own_task("MS-28 d812 20270430-homestead-60d"),))

    assert "primary residence" in str(row.first["What"])
    assert "Not their residence" in row.choices
    assert wants(decide(ended))[1:] == ["mend MS-09 d812 20270430-homestead-draft", "withdraw MS-28 d812 20270430-homestead-60d"]
    assert wants(decide(world(date(2027, 3, 1), tags=("investment buyer",)))) == []


@pytest.mark.clause("MS-28", "MS-30")
def test_it_is_raised_once_in_a_life() -> None:
    s = world(date(2028, 4, 20), fields={"homestead_deadline": "2028-04-30"})

    assert wants(decide(replace(s, tasks=(own_task("MS-30 d812 20270430-homestead-send", completed=True),)))) == []
    assert wants(decide(world(date(2028, 4, 20)))) == []  # the first window is over


@pytest.mark.clause("MS-28")
def test_only_buyers_who_own() -> None:
    sold = replace(world(date(2027, 3, 1)), deals={812: purchase(CLOSING), 900: sale(date(2026, 12, 1))})

    assert wants(decide(replace(sold, tasks=(own_task("MS-28 d812 20270430-homestead-60d"),)))) == ["withdraw MS-28 d812 20270430-homestead-60d"]


def test_a_deadline_on_a_closed_day_warns_earlier() -> None:
    s = world(date(2027, 12, 20), confirmed="FL", closing=date(2027, 6, 1), addresses=(replace(client().addresses[0], state="FL"),))
    row = next(f.want for f in decide(replace(s, now=s.now.replace(month=12, day=31))) if isinstance(f.want, WantRow))

    assert "not a business day" not in str(row.first["What"])  # Wednesday, March 1, 2028
    ca = world(date(2026, 12, 17), confirmed="CA", closing=date(2026, 6, 1), addresses=(replace(client().addresses[0], state="CA"),))
    warned = next(f.want for f in decide(ca) if isinstance(f.want, WantRow))
    assert "02/15/2027 is not a business day: have it filed by 02/12/2027" in str(warned.first["What"])  # Washington's Birthday


@pytest.mark.clause("MS-14", "MS-30", "MS-38")
@pytest.mark.parametrize(("text", "faults"), [
    ("Check with your county before 04/30.", []), ("You qualify: file with the county by 04/30.", ["MS-14"]),
    ("File by 04/30.", ["MS-14"]), ("Ask the county. And refer anyone to me.", ["MS-38"]), ("The assessor knows. [Address]", ["MS-31"])])
def test_the_words_send_people_to_the_county_and_advise_nobody(text: str, faults: list[str]) -> None:
    assert [fault.partition(":")[0] for fault in lint.homestead(text, DEADLINE, DEADLINE)] == faults


@pytest.mark.clause("X-09")
def test_without_agreed_words_the_draft_is_a_question() -> None:
    s = replace(world(date(2027, 3, 1)), practice=practice())
    row = next(f.want for f in decide(s) if isinstance(f.want, WantRow))

    assert row.first["Draft"] == ""
    assert "X-09" in str(row.keep["Status"])
