"""What the agent is told on the agent's own channels, when, and what never stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from policies.asks.notices import (
    BOTH,
    ESCALATIONS,
    MOST,
    Channel,
    Line,
    Notice,
    Title,
    Told,
    Ways,
    due,
)
from policies.asks.privacy import first_name
from policies.asks.wants import Finding, WantTask
from policies.world.model import Key
from tests.scenes import AGENT, ZONE, book, client, own_task, purchase, snapshot

PRIMARY, SECONDARY = BOTH
DAY = date(2026, 12, 16)
WAYS = Ways(time(6), (time(21), time(8)), "https://sheet", "https://crm/")
LEAD, ANGRY, LATE = "MS-46 d812 20261218-lead", "MS-49 d812 20261218-dissatisfied", "MS-45 d812 20261218-48h"


def asks(mark: str, person: int = 101) -> Finding:
    key = Key.parse(mark)
    assert key is not None
    return Finding(key.rule, "Ana Lopez of 412 Cedar Ln wrote", WantTask(
        key=key, person_id=person, assignee=AGENT, name="Call Ana Lopez", kind="Call", due=DAY, useful_until=DAY + timedelta(days=2)))


def now(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    return datetime.combine(day, time(hour, minute), ZONE)


def told(hour: int = 12, found: Iterable[Finding] = (), before: Mapping[tuple[str, Channel], datetime] | None = None, minute: int = 0,
         **world: Any) -> list[Notice]:
    """What is due at this hour besides the digest, which was sent at eight."""
    s = snapshot(DAY, [client()], [purchase(date(2025, 12, 18))], now=now(hour, minute), **world)
    return due(s, found, Told({("digest", PRIMARY): now(8), **(before or {})}), WAYS)


def ways_of(notices: Iterable[Notice]) -> list[tuple[str, ...]]:
    return [(n.key, *n.channels) for n in notices]


# -- quiet hours --------------------------------------------------------------------------------------------------------


@pytest.mark.clause("MS-51")
@pytest.mark.parametrize(("hour", "minute", "quiet"), [
    (20, 59, False), (21, 0, True), (23, 59, True), (0, 0, True), (7, 59, True), (8, 0, False), (12, 0, False)])
def test_quiet_hours_span_midnight(hour: int, minute: int, quiet: bool) -> None:
    assert WAYS.quiet_at(now(hour, minute)) is quiet
    assert [n.title for n in told(hour, [asks(LATE)], minute=minute)] == ([] if quiet else [Title.ESCALATION])
    assert [n.title for n in told(hour, [asks(LEAD)], minute=minute)] == [Title.LEAD]  # the one exception


@pytest.mark.parametrize(("quiet", "hour", "expected"), [
    ((time(12), time(14)), 11, False), ((time(12), time(14)), 12, True), ((time(12), time(14)), 14, False), ((time(0), time(0)), 3, False)])
def test_quiet_hours_of_a_day_or_none(quiet: tuple[time, time], hour: int, expected: bool) -> None:
    assert Ways(time(6), quiet, "", "").quiet_at(now(hour)) is expected


# -- a lead -------------------------------------------------------------------------------------------------------------


@pytest.mark.clause("MS-46", "MS-51", "X-39")
def test_a_lead_goes_to_both_channels_at_once() -> None:
    assert told(3, [asks(LEAD)]) == [Notice(LEAD, Title.LEAD, (Line("MS-46", "Ana", "https://crm/101"),), BOTH)]


@pytest.mark.clause("X-39", "X-58")
@pytest.mark.parametrize(("since", "again"), [(timedelta(minutes=15), ()), (timedelta(hours=23, minutes=59), ()), (timedelta(hours=24), BOTH)])
def test_a_lead_is_repeated_once_a_day_until_acknowledged(since: timedelta, again: tuple[Channel, ...]) -> None:
    before = {(LEAD, channel): now(12) - since for channel in BOTH}
    assert [n.channels for n in told(12, [asks(LEAD)], before)] == ([again] if again else [])
    assert told(12, [asks(LEAD)], before, tasks=(own_task(LEAD, completed=True),)) == []
    taken_back = (own_task(LEAD, completed=True, withdrawn=True),)  # by Steward, and nobody did it
    assert [n.channels for n in told(12, [asks(LEAD)], before, tasks=taken_back)] == ([again] if again else [])


def test_a_lead_whose_second_channel_failed_is_tried_there_again() -> None:
    assert ways_of(told(12, [asks(LEAD)], {(LEAD, PRIMARY): now(11)})) == [(LEAD, SECONDARY)]


def test_a_reply_that_nobody_has_read_yet_is_no_lead() -> None:
    assert told(3, [asks("MS-46 d812 20261218-reply20261216")]) == []
    assert [n.title for n in told(12, [asks("MS-46 d812 20261218-reply20261216")])] == [Title.ESCALATION]


# -- escalations --------------------------------------------------------------------------------------------------------


@pytest.mark.clause("X-39", "RF-51")
@pytest.mark.parametrize(("since", "channel"), [
    (timedelta(minutes=15), None), (timedelta(hours=23, minutes=59), None), (timedelta(hours=24), SECONDARY), (timedelta(days=9), SECONDARY)])
def test_an_escalation_without_an_answer_for_24_hours_goes_to_the_secondary(since: timedelta, channel: Channel | None) -> None:
    found = told(12, [asks(LATE)], {(LATE, PRIMARY): now(12) - since})
    assert ways_of(found) == ([(LATE, channel)] if channel else [])


@pytest.mark.clause("MS-49", "X-39")
def test_displeasure_goes_to_the_secondary_on_the_next_pass() -> None:
    assert ways_of(told(12, [asks(ANGRY)])) == [(ANGRY, PRIMARY)]
    assert ways_of(told(12, [asks(ANGRY)], {(ANGRY, PRIMARY): now(11, 45)})) == [(ANGRY, SECONDARY)]
    assert told(12, [asks(ANGRY)], {(ANGRY, PRIMARY): now(11, 45)}, tasks=(own_task(ANGRY, completed=True),)) == []


@pytest.mark.clause("X-39", "X-58")
def test_after_both_channels_it_is_held_and_stands_in_the_digest() -> None:
    both = {(LATE, PRIMARY): now(12) - timedelta(days=3), (LATE, SECONDARY): now(12) - timedelta(days=2)}
    assert told(12, [asks(LATE)], both) == []
    s = snapshot(DAY, [client()], now=now(8))
    assert due(s, [asks(LATE)], Told(both), WAYS) == [Notice("digest", Title.DIGEST, (Line("MS-45", "Ana", "https://crm/101"),))]


@pytest.mark.parametrize("answered", [
    {"tasks": (own_task(LATE, completed=True),)}, {"deleted": frozenset({Key.parse(LATE)})}, {"tasks": (own_task(LATE + ".2", completed=True),)}])
def test_what_somebody_has_answered_is_not_told(answered: dict[str, Any]) -> None:
    assert told(12, [asks(LATE)], **answered) == []


def test_an_open_task_is_no_answer() -> None:
    assert ways_of(told(12, [asks(LATE)], tasks=(own_task(LATE),))) == [(LATE, PRIMARY)]


def test_what_is_too_late_to_help_is_not_told() -> None:
    late = snapshot(DAY + timedelta(days=3), [client()], now=now(12, day=DAY + timedelta(days=3)))
    assert due(late, [asks(LATE)], Told({("digest", PRIMARY): late.now}), WAYS) == []


@pytest.mark.parametrize("mark", ["MS-04 d812 20261218-14d", "MS-42 d812 20261218-send"])
def test_ordinary_tasks_are_not_told(mark: str) -> None:
    assert Key.parse(mark).rule not in ESCALATIONS  # type: ignore[union-attr]  # it is a mark
    assert told(12, [asks(mark)]) == []


# -- the digest ---------------------------------------------------------------------------------------------------------


def waiting(*refs: str, **cells: str) -> dict[str, Any]:
    return {"workbook": book({"Approvals": [{"Ref": ref, "Rule": "DB-05" if ref[:3] == "ACK" else ref[:5], "Client": "Ana Lopez", "Draft": "Hi Ana at 412 Cedar Ln", **cells} for ref in refs]})}


def morning(hour: int, before: Told | None = None, **world: Any) -> list[Notice]:
    s = snapshot(DAY, [client()], [purchase(date(2025, 12, 18))], **{"now": now(hour), **world})
    return due(s, (), before or Told(), WAYS)


@pytest.mark.clause("MS-09", "X-58")
def test_one_digest_a_day_after_the_quiet_hours() -> None:
    open_ = waiting("MS-09 d812 20261218-draft", "MS-09 p101 20261220-birthday-draft", "ACK 0123456789ab")
    expected = [Notice("digest", Title.DIGEST, (Line("MS-09", "Ana", "https://sheet"), Line("DB-05", "", "https://sheet")))]
    assert morning(7, **open_) == []
    assert morning(8, **open_) == expected
    assert morning(20, **open_) == expected
    assert morning(9, Told({("digest", PRIMARY): now(8)}), **open_) == []
    assert morning(9, Told({("digest", PRIMARY): now(20, day=DAY - timedelta(days=1))}), **open_) == expected


@pytest.mark.parametrize("cells", [{"Decision": "Hold"}, {"Acted On": "2026-12-15"}, {"Status": "Missed"}, {"Status": "Sent"}])
def test_what_is_decided_or_over_is_not_in_the_digest(cells: dict[str, str]) -> None:
    assert morning(8, **waiting("MS-09 d812 20261218-draft", **cells)) == []


@pytest.mark.parametrize(("count", "lines"), [(MOST, MOST), (MOST + 1, MOST + 1)])
def test_a_long_digest_is_cut_with_a_visible_mark(count: int, lines: int) -> None:
    people = [client(n, first_name=f"Client{chr(96 + n)}") for n in range(1, count + 1)]
    s = snapshot(DAY, people, now=now(8), **waiting(*(f"MS-09 p{n} 20261218-draft" for n in range(1, count + 1))))
    found = due(s, (), Told(), WAYS)[0].lines
    assert len(found) == lines
    assert (found[-1] == Line("…")) is (count > MOST)


# -- what never stands in one -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("typed", "word"), [("Ana", "Ana"), ("Ana Maria", "Ana"), ("  Ana\n(512) 555-0100", "Ana"), ("", ""), ("x" * 50, "")])
def test_a_first_name_is_one_word(typed: str, word: str) -> None:
    assert first_name(client(first_name=typed)) == word


@pytest.mark.clause("MS-51")
@given(names=st.tuples(st.text(max_size=30), st.text(min_size=5, max_size=30)), hour=st.integers(0, 23), rules=st.sets(st.sampled_from([LEAD, ANGRY, LATE])))
def test_a_notice_holds_a_link_a_first_name_and_the_clause_and_nothing_more(names: tuple[str, str], hour: int, rules: set[str]) -> None:
    person = client(first_name=names[0], last_name=names[1])
    s = snapshot(DAY, [person], [purchase(date(2025, 12, 18))], now=now(hour), **waiting("MS-09 d812 20261218-draft"))
    for notice in due(s, map(asks, sorted(rules)), Told(), WAYS):
        assert notice.title in set(Title)
        for line in notice.body.split("\n"):
            clause, *rest = line.split(" ")
            assert re.fullmatch(r"(MS|RF|DB)-\d\d", clause)
            assert rest in ([first_name(person), "https://crm/101"], ["https://crm/101"], [first_name(person), "https://sheet"], ["https://sheet"])


def test_a_clock_that_ran_ahead_silences_nothing() -> None:
    ahead = {(LEAD, channel): now(12) + timedelta(days=400) for channel in BOTH}
    assert ways_of(told(12, [asks(LEAD)], ahead)) == [(LEAD, *BOTH)]
