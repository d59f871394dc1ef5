"""Who changed of late, over HTTP: whatever people do to a contact, a poll sees what a sweep sees, with fewer requests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from connectors.clock import SystemClock
from connectors.errors import Incomplete
from connectors.followupboss.api import Api
from connectors.followupboss.client import FollowUpBoss
from connectors.followupboss.records import Person
from connectors.http import TIMEOUTS
from connectors.sandbox.brokerage import brokerage
from connectors.sandbox.server import Sandbox
from daemon.account.people import People
from tests import people
from tests.conformance.test_crm import WORDS

NOON = datetime(2026, 12, 14, 18, tzinfo=UTC)


@pytest.fixture
def box(serve: Callable[..., Sandbox]) -> Sandbox:
    return quiet(serve(brokerage(date(2026, 12, 14), people=250)))


def quiet(box: Sandbox) -> Sandbox:
    """Nobody was edited or touched today."""
    for n, person in box.world.crm.tables["people"].items():
        old = {name: value for name, value in person.items() if isinstance(value, str) and value > "2026-12-13T"}
        box.world.crm.tables["people"][n] = person | dict.fromkeys(old, "2026-12-12T00:00:00Z")
    box.world.crm.now = lambda: NOON
    return box


@pytest.fixture
def crm(box: Sandbox) -> FollowUpBoss:
    crm = FollowUpBoss(f"{box.url}/v1", "fka_steward", WORDS)
    crm.account()
    return crm


def since(crm: FollowUpBoss) -> set[int]:
    return {c.id for c in crm.contacts_since(NOON - timedelta(minutes=10)).contacts}


def number(box: Sandbox) -> int:
    return next(iter(box.world.crm.tables["people"]))


@pytest.mark.parametrize(("verb", "arguments"), [
    ("edit-person", {"addTags": ["DNC"]}), ("edit-person", {"customBirthday": "1984-02-29"}), ("trash", {}), ("unclaim", {}),
    ("log-call", {}), ("log-call", {"isIncoming": True}), ("log-text", {"message": "hello"}), ("log-text", {"message": "hi", "isIncoming": True}),
    ("log-email", {}), ("log-email", {"status": "Received"}), ("bounce-mail", {}), ("opt-out", {})])
def test_whoever_is_edited_or_touched_is_seen_and_nobody_else(box: Sandbox, crm: FollowUpBoss, verb: str, arguments: dict[str, Any]) -> None:
    assert since(crm) == set()
    people.at_crm(box, verb, personId=number(box), **arguments)
    assert since(crm) == {number(box)}


def test_it_costs_six_requests_and_a_sweep_one_for_each_hundred(box: Sandbox, crm: FollowUpBoss) -> None:
    box.log.clear()
    since(crm)
    assert [entry.path for entry in box.log] == ["/v1/people"] * 6


def test_more_touches_than_fit_on_a_page_are_all_seen(box: Sandbox, crm: FollowUpBoss) -> None:
    touched = list(box.world.crm.tables["people"])[:120]
    for n in touched:
        box.world.crm.create("calls", {"personId": n, "phone": "1", "isIncoming": True, "duration": 1}, 1)
    assert since(crm) == set(touched)


def test_a_crm_that_ignores_the_order_is_found_out(box: Sandbox) -> None:
    """By what comes: an unknown `sort` is answered with the usual order, the largest id first, and without a word (facts 1.5)."""
    api = Api(f"{box.url}/v1", "fka_steward", SystemClock(), system="steward", system_key="", timeouts=TIMEOUTS, share=0.8)
    with pytest.raises(Incomplete, match="is not in the order of '-lastSmoke'"):
        api.latest("people", Person, {"sort": "-lastSmoke"}, lambda p: NOON - timedelta(seconds=p.id), NOON - timedelta(days=1))


DOINGS = st.sampled_from([
    ("edit-person", {"addTags": ["DNC"]}), ("edit-person", {"stage": "Do Not Contact"}), ("edit-person", {"firstName": "Zoe"}), ("trash", {}),
    ("log-call", {"isIncoming": True}), ("log-call", {}), ("log-text", {"message": "x"}), ("log-email", {"status": "Received"}), ("opt-out", {}),
    ("delete-person", {}), ("merge", {}), ("new", {})])


@settings(max_examples=25)
@given(turns=st.lists(st.lists(st.tuples(DOINGS, st.integers(0, 11)), max_size=4), min_size=1, max_size=4))
def test_whatever_people_do_a_poll_sees_what_a_sweep_sees(turns: list[list[tuple[tuple[str, dict[str, Any]], int]]]) -> None:
    with Sandbox(brokerage(date(2026, 12, 14), people=12), rate_limit=False) as box:
        crm, everybody = FollowUpBoss(f"{quiet(box).url}/v1", "fka_steward", WORDS), People(timedelta(hours=4))
        account, now = crm.account(), NOON
        for turn in ([], *turns):
            for (verb, arguments), who in turn:
                _do(box, verb, arguments, who)
            found = {c.id: c for c in everybody.read(crm, account, now)}
            assert found == {c.id: c for c in crm.contacts()}
            now += timedelta(minutes=15)
            box.world.crm.now = lambda at=now: at  # type: ignore[misc]


def _do(box: Sandbox, verb: str, arguments: dict[str, Any], who: int) -> None:
    there = sorted(box.world.crm.tables["people"])
    person = there[who % len(there)]
    if verb == "new":
        box.world.crm.create("people", {"firstName": "New", "createdAt": "2020-01-01T00:00:00Z"} if who % 2 else {"firstName": "New"}, 1)
    elif verb == "merge":
        loser = there[(who + 1) % len(there)]
        if loser != person:
            people.at_crm(box, "merge", winner=person, losers=[loser])
    elif len(there) > 2 or verb != "delete-person":
        people.at_crm(box, verb, personId=person, **arguments)
