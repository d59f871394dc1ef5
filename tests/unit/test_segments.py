"""What a segment is: what was typed, the words it reads in, whom it holds, and what is no segment at all."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from policies.database.lists.segments import (
    Segment,
    StageNames,
    Unclear,
    parse,
    parse_cells,
)
from policies.facts import price_range
from policies.facts.price_range import PriceRange
from policies.world.model import STAGE_LABELS, Stage
from tests.scenes import client

NAMES = StageNames()
OTHER = StageNames(("Lead", "Hot", "Under contract", "Past Client", "Past Client — Buyer", "Closed - Seller", "Trash"), {
    **{stage: (label,) for stage, label in STAGE_LABELS.items()}, Stage.PAST_CLIENT_BUYER: ("Past Client — Buyer", "Past Client"),
    Stage.PAST_CLIENT_SELLER: ("Closed - Seller",)})


def problems(names: StageNames = NAMES, **typed: Any) -> str:
    with pytest.raises(Unclear) as caught:
        parse(names, **typed)
    return "\n".join(caught.value.problems)


@pytest.mark.clause("DB-36", "DB-02")
def test_a_definition_reads_in_words() -> None:
    found = parse(NAMES, stages=["Active Buyer or active_seller"], tags=["Zillow or Realtor.com", "VIP Client"], areas=["Austin"], price="400-500K")

    assert str(found) == "stage Active Buyer or Active Seller; tagged Zillow or Realtor.com; tagged VIP Client; area Austin; price $400–500K"
    assert found == Segment(stages=(Stage.ACTIVE_BUYER, Stage.ACTIVE_SELLER), tags=(("Zillow", "Realtor.com"), ("VIP Client",)),
                            areas=("Austin",), price=PriceRange(400_000, 500_000))


NAME = st.one_of(st.sampled_from(["Zillow", "Buy or Sell", "VIP Client", "Open House — 12 Elm St — 12/04/2026", "A|B"]),
                 st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20))


@pytest.mark.clause("DB-36")
@given(stages=st.lists(st.sampled_from([s for s in Stage if s is not Stage.DO_NOT_CONTACT]), max_size=3, unique=True),
       groups=st.lists(st.lists(NAME, min_size=1, max_size=3, unique=True), max_size=3), areas=st.lists(NAME, max_size=2, unique=True),
       price=st.sampled_from([None, PriceRange(400_000, 500_000), PriceRange(500_000), PriceRange(450_000, 450_001), PriceRange(0, 200_000),
                              PriceRange(987_654, 1_500_000)]))
def test_what_is_printed_is_read_back_as_the_same(stages: list[Stage], groups: list[list[str]], areas: list[str], price: PriceRange | None) -> None:
    segment = Segment(stages=tuple(stages), tags=tuple(dict.fromkeys(map(tuple, groups))), areas=tuple(areas), price=price)
    parts = [part.partition(" ")[::2] for part in str(segment).split("; ")] if str(segment) else []

    def said(word: str) -> list[str]:
        return [rest for name, rest in parts if name == word]

    if parts:
        assert parse(NAMES, stages=said("stage"), tags=said("tagged"), areas=said("area"), price="".join(said("price"))) == segment


@pytest.mark.clause("DB-16", "DB-36")
@pytest.mark.parametrize(("typed", "meant"), [
    ("past client - buyer", Stage.PAST_CLIENT_BUYER), ("PAST CLIENT — BUYER", Stage.PAST_CLIENT_BUYER), ("past_client_seller", Stage.PAST_CLIENT_SELLER),
    ("Past Client", "Past Client"), ("hot", "Hot"), ("Under Contract", Stage.UNDER_CONTRACT), ("Closed – Seller", "Closed - Seller"),
])
def test_a_stage_is_the_procedures_name_or_the_accounts_label(typed: str, meant: str) -> None:
    assert parse(OTHER, stages=[typed]).stages == (meant,)


@pytest.mark.clause("DB-36")
@pytest.mark.parametrize(("typed", "said"), [
    ({"stages": ["Active Buyr"]}, "there is no stage 'Active Buyr'; did you mean 'Active Buyer'? The account has New Lead, Attempting Contact,"),
    ({"stages": ["Do Not Contact"]}, "Do Not Contact is in no list (DB-37)"),
    ({"tags": ["Zillow, Realtor.com"]}, "the tag 'Zillow, Realtor.com' has a comma"),
    ({"tags": ["x" * 65]}, "has 65 characters; a tag has at most 64"),
    ({"tags": [" "]}, "a tag is empty"),
    ({"price": "400-500"}, "'400-500' is no price range; write 400-500K"),
    ({"price": "500-400K"}, "is no price range"),
    ({}, "name at least one stage or tag"),
    ({"stages": [" "], "tags": []}, "name at least one stage or tag"),
])
def test_what_is_no_segment_is_named(typed: dict[str, Any], said: str) -> None:
    assert said in problems(**typed)


def test_a_canonical_stage_that_the_account_lacks_is_no_stage_there() -> None:
    assert "there is no stage 'Cold Lead'; " in problems(OTHER, stages=["Cold Lead"])


def test_everything_that_is_wrong_is_said_at_once() -> None:
    assert len(problems(stages=["Nowhere"], tags=["a,b", "y" * 70], price="cheap").splitlines()) == 4


def test_a_tag_of_64_characters_is_one() -> None:
    assert parse(NAMES, tags=["x" * 64]).tags == (("x" * 64,),)


@pytest.mark.clause("DB-36")
def test_the_cells_of_a_row_are_read_as_what_a_person_means() -> None:
    found = parse_cells(NAMES, stages="Active Buyer, Active Seller", tags="Zillow or Realtor.com; $400-500K\nAustin")

    assert str(found) == "stage Active Buyer or Active Seller; tagged Zillow or Realtor.com; tagged $400-500K; tagged Austin"


@pytest.mark.clause("DB-36", "X-26")
@pytest.mark.parametrize(("typed", "tags", "held"), [
    ({"tags": ["zillow"]}, ("Zillow",), True),
    ({"tags": ["Zillow"]}, ("Zillow Flex",), False),
    ({"tags": ["A or B", "C"]}, ("B", "C"), True),
    ({"tags": ["A or B", "C"]}, ("B",), False),
    ({"tags": ["$400–500K"]}, ("$400-500k",), True),
    ({"tags": ["$400–500K"]}, ("$400–450K",), False),
    ({"price": "400-500K"}, ("$400–500K",), True),
    ({"price": "400-500K"}, ("$500K+",), False),
    ({"price": "400-500K"}, ("$300–400K",), False),
    ({"price": "450-550K"}, ("$500K+",), True),
    ({"price": "400-500K"}, ("78701", "2024", "55+"), False),
    ({"price": "399,999"}, ("$300–400K",), True),
    ({"price": "400000"}, ("$300–400K",), False),
    ({"price": "400000"}, ("$400–500K",), True),
    ({"price": "499999"}, ("$400–500K",), True),
    ({"price": "500000"}, ("$400–500K",), False),
    ({"price": "500000"}, ("$500K+",), True),
    ({"price": "200000"}, ("$200–300K",), True),
    ({"price": "199999"}, ("$200–300K", "$300–400K", "$400–500K", "$500K+"), False),
    ({"areas": ["Austin or Round Rock"]}, ("Round Rock",), True),
    ({"areas": ["Austin"]}, ("Round Rock",), False),
])
def test_whom_a_segment_holds(typed: dict[str, Any], tags: tuple[str, ...], held: bool) -> None:
    belongs = parse(NAMES, **typed).matcher()

    assert belongs(client(tags=tags)) is held


@pytest.mark.clause("DB-36", "DB-16")
def test_a_canonical_stage_holds_all_its_labels_and_a_label_itself_alone() -> None:
    plain = client(stage=Stage.PAST_CLIENT_BUYER, stage_label="Past Client")
    exact = client(stage=Stage.PAST_CLIENT_BUYER, stage_label="Past Client — Buyer")
    hot = client(stage=None, stage_label="Hot")

    def held(stage: str) -> list[bool]:
        belongs = parse(OTHER, stages=[stage]).matcher()
        return [belongs(c) for c in (plain, exact, hot)]

    assert held("past_client_buyer") == [True, True, False]
    assert held("Past Client") == [True, False, False]
    assert held("hot") == [False, False, True]


@pytest.mark.clause("X-26")
@pytest.mark.parametrize(("text", "found"), [
    ("$400–500K", PriceRange(400_000, 500_000)), ("400-500k", PriceRange(400_000, 500_000)), ("$400K to $500K", PriceRange(400_000, 500_000)),
    ("$1–1.5M", PriceRange(1_000_000, 1_500_000)), ("500K+", PriceRange(500_000)), ("$1,250,000", PriceRange(1_250_000, 1_250_001)),
    ("0-200K", PriceRange(0, 200_000)), ("400-500", None), ("9999", None), ("10000", PriceRange(10_000, 10_001)), ("500K-400K", None), ("", None), ("K", None),
    ("$10,001–$29K", PriceRange(10_001, 29_000)),
])
def test_how_a_price_range_may_be_written(text: str, found: PriceRange | None) -> None:
    assert price_range.parsed(text) == found


@pytest.mark.clause("X-26")
@given(st.integers(10_000, 5_000_000), st.one_of(st.none(), st.integers(1, 2_000_000)))
def test_a_price_range_reads_back_as_itself(low: int, wide: int | None) -> None:
    found = PriceRange(low, None if wide is None else low + wide)

    assert price_range.parsed(str(found)) == found


@pytest.mark.clause("DB-02")
@pytest.mark.parametrize(("low", "high", "text"), [
    (500_000, 999_000, "$500–999K"), (0, 200_000, "$0–200K"), (450_000, 450_001, "$450,000"), (900_000, 1_000_000, "$900K–$1,000,000"), (400_000, 499_500, "$400K–$499,500")])
def test_a_range_reads_as_people_write_it(low: int, high: int, text: str) -> None:
    assert str(PriceRange(low, high)) == text


@pytest.mark.clause("DB-02")
@pytest.mark.parametrize(("text", "found"), [
    ("10K+", PriceRange(10_000)), ("9,999+", None), ("under 10K", PriceRange(0, 10_000)), ("under 9,999", None), ("10,000", PriceRange(10_000, 10_001)), ("9,999", None),
    ("10-20K", PriceRange(10_000, 20_000)), ("9,999-20,000", None), ("0-10K", PriceRange(0, 10_000)), ("0-9,999", None), ("20-20K", None)])
def test_an_amount_too_small_for_a_home_is_no_price(text: str, found: PriceRange | None) -> None:
    assert price_range.parsed(text) == found
