"""Whose contact it is, and whether they are in a transaction: each fact as its table."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from policies.facts.closings import Closing, closing_date
from policies.facts.ownership import agents_own
from policies.facts.people_by_name import in_scope, one_household
from policies.facts.transactions import (
    closing_planned,
    current_client,
    deals_of,
    next_closing,
    open_deals,
    past_client,
)
from policies.milestones.homes import Excluded, home_of
from policies.world.model import Address, Deal, Reach, Stage
from policies.world.snapshot import Snapshot
from tests.scenes import AGENT, client, practice, purchase, sale, snapshot

TODAY = date(2026, 12, 4)
OTHER = AGENT + 50


def world(*deals: Deal, agent: int | None = AGENT, **person: Any) -> Snapshot:
    return snapshot(TODAY, [client(assigned_user_id=agent, **person)], deals)


def open_deal(number: int = 812, days: int | None = 30, **changes: Any) -> Deal:
    planned = None if days is None else TODAY + timedelta(days)
    return purchase(TODAY, number, **{"closed": False, "projected_close": planned, **changes})


# -- the agent's own -------------------------------------------------------------------------------------------------------


@pytest.mark.clause("X-57", "MS-16")
@pytest.mark.parametrize(("agent", "deals", "own"), [
    (AGENT, (), True), (OTHER, (), False), (None, (), False),
    (OTHER, (purchase(TODAY),), True), (OTHER, (open_deal(),), True), (OTHER, (purchase(TODAY, user_ids=(OTHER,)),), False),
    (OTHER, (purchase(TODAY, user_ids=(OTHER, AGENT)),), True),
    (OTHER, (purchase(TODAY, deleted=True),), False),                 # hers only through a deleted deal
    (AGENT, (purchase(TODAY, deleted=True, user_ids=(OTHER,)),), True),
])
def test_whose_contact_it_is(agent: int | None, deals: tuple[Deal, ...], own: bool) -> None:
    s = world(*deals, agent=agent)

    assert agents_own(s, s.contacts[101]) is own
    assert in_scope(s, s.contacts[101]) is own


@pytest.mark.clause("X-57")
def test_in_the_scope_of_the_account_everybody_is_the_agents_own() -> None:
    s = snapshot(TODAY, [client(assigned_user_id=OTHER)], practice=practice(assigned_only=False))

    assert agents_own(s, s.contacts[101])


@pytest.mark.clause("X-57", "MS-16")
def test_a_home_is_kept_for_the_agents_own_contact() -> None:
    mine, sold_by_another = purchase(date(2025, 12, 18)), purchase(date(2025, 12, 18), user_ids=(OTHER,))

    assert not isinstance(home_of(world(mine, agent=OTHER), mine), Excluded)
    assert isinstance(home_of(world(sold_by_another, agent=OTHER), sold_by_another), Excluded)


# -- in a transaction ------------------------------------------------------------------------------------------------------


@pytest.mark.clause("DB-42", "DB-38", "X-06")
@pytest.mark.parametrize(("stage", "deals", "current", "planned"), [
    (Stage.LONG_TERM_NURTURE, (), False, False),
    (Stage.ACTIVE_BUYER, (), True, False), (Stage.ACTIVE_SELLER, (), True, False), (Stage.UNDER_CONTRACT, (), True, False),
    (Stage.PAST_CLIENT_BUYER, (open_deal(),), True, True),
    (Stage.PAST_CLIENT_BUYER, (open_deal(days=0),), True, True),
    (Stage.PAST_CLIENT_BUYER, (open_deal(days=-1),), True, False),      # planned for a day that is past
    (Stage.PAST_CLIENT_BUYER, (open_deal(days=None),), True, False),
    (Stage.PAST_CLIENT_BUYER, (open_deal(deleted=True),), False, False),
    (Stage.PAST_CLIENT_BUYER, (open_deal(closed=None),), False, False),  # in a pipeline that nobody knows
    (Stage.PAST_CLIENT_BUYER, (purchase(TODAY),), False, False),
])
def test_who_is_in_a_transaction(stage: Stage, deals: tuple[Deal, ...], current: bool, planned: bool) -> None:
    s = world(*deals, stage=stage)

    assert current_client(s, s.contacts[101]) is current
    assert closing_planned(s, s.contacts[101]) is planned


def test_the_deals_of_a_contact() -> None:
    s = world(open_deal(4, days=None), open_deal(3, days=20), open_deal(2, days=10, side=None), purchase(TODAY, 1), open_deal(5, deleted=True))

    assert [deal.id for deal in deals_of(s, s.contacts[101])] == [1, 2, 3, 4]
    assert [deal.id for deal in open_deals(s, s.contacts[101])] == [2, 3, 4]
    assert (nearest := next_closing(s, s.contacts[101]))
    assert nearest.id == 3                                             # of those whose side is known
    assert next_closing(world(purchase(TODAY)), s.contacts[101]) is None


@pytest.mark.clause("MS-01", "X-06")
@pytest.mark.parametrize(("stage", "tags", "past"), [
    (Stage.PAST_CLIENT_BUYER, (), True), (Stage.PAST_CLIENT_SELLER, (), True), (Stage.ACTIVE_BUYER, ("past client",), True),
    (Stage.ACTIVE_BUYER, (), False), (None, (), False)])
def test_who_is_a_past_client(stage: Stage | None, tags: tuple[str, ...], past: bool) -> None:
    s = world(stage=stage, tags=tags)

    assert past_client(s, s.contacts[101]) is past


# -- when a deal closed ------------------------------------------------------------------------------------------------------


@pytest.mark.clause("X-41")
@pytest.mark.parametrize(("written", "first", "second"), [
    ("2020-03-02", "the field Closing Anniversary", "the deal's projected close date"),
    ("2024-06-01", "the deal's projected close date", "the field Closing Anniversary")])
@pytest.mark.parametrize("numbers", [(812, 900), (900, 812)])
def test_the_one_date_field_speaks_of_the_nearest_purchase(written: str, first: str, second: str, numbers: tuple[int, int]) -> None:
    deals = purchase(date(2020, 3, 1), numbers[0]), purchase(date(2024, 6, 3), numbers[1])
    s = world(*deals, fields={"closing_anniversary": written})
    found = [closing_date(s, deal, s.contacts[101]) for deal in deals]

    assert [known.known_from for known in found if isinstance(known, Closing)] == [first, second]


@pytest.mark.clause("X-41")
@pytest.mark.parametrize("numbers", [(812, 900), (900, 812)])
def test_the_date_field_speaks_of_what_they_bought_before_what_they_sold(numbers: tuple[int, int]) -> None:
    bought, sold = purchase(date(2020, 3, 1), numbers[0]), sale(date(2024, 6, 3), numbers[1])
    s = world(bought, sold, fields={"closing_anniversary": "2024-06-01"})
    found = [closing_date(s, deal, s.contacts[101]) for deal in (bought, sold)]

    assert [known.known_from for known in found if isinstance(known, Closing)] == ["the field Closing Anniversary", "the deal's projected close date"]


ELM, OAK = (Address("9 Elm St", "Austin", "TX", "78702"),), (Address("4 Oak St", "Austin", "TX", "78702"),)


@pytest.mark.clause("RF-07", "X-50")
@pytest.mark.parametrize(("surname", "street", "mail", "together"), [
    ("Castro", ELM, "", True), (" castro ", ELM, "", True), ("Bell", ELM, "", False), ("Zane", ELM, "", False),
    ("Castro", OAK, "", False), ("Castro", (), "", False), ("", ELM, "", False), ("Bell", OAK, "Home@example.org", True)])
def test_a_household_is_one_reach_or_one_surname_at_one_street(surname: str, street: tuple[Address, ...], mail: str, together: bool) -> None:
    luis = client(101, last_name="Castro", addresses=ELM, emails=(Reach("home@example.org"),), phones=())
    other = client(102, last_name=surname, addresses=street, emails=(Reach(mail),) if mail else (), phones=())

    assert one_household(luis, other) is one_household(other, luis) is together
