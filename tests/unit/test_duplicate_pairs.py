"""The decision table of the duplicate finder, row by row, and how often it is right where the truth is known."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from policies.facts.same_person.pairs import (
    FEW,
    NAMESAKES,
    Kind,
    Pair,
    find,
)
from policies.world.model import Address, Contact, Reach
from tests.synthetic import World, world

HOME, AWAY = Address("412 Cedar Ln", "Austin", "TX", "78701"), Address("9 Elm St", "Austin", "TX", "78702")
MAIL, OTHER_MAIL, PHONE, OTHER_PHONE = "river77@example.org", "golf12@example.com", "(512) 555-0100", "(737) 555-0199"


def person(number: int, name: str, mail: str = "", phone: str = "", address: Address | None = None, **more: Any) -> Contact:
    first, _, last = name.partition(" ")
    return Contact(id=number, first_name=first, last_name=last, emails=(Reach(mail),) if mail else (), phones=(Reach(phone),) if phone else (),
                   addresses=(address,) if address else (), **more)


def found(*people: Contact) -> list[Pair]:
    return list(find({p.id: p for p in people}))


def kind(one: tuple[Any, ...], other: tuple[Any, ...]) -> str:
    pairs = found(person(1, *one), person(2, *other))
    assert len(pairs) <= 1
    return pairs[0].kind.value if pairs else ""


@pytest.mark.clause("DB-23", "X-31", "X-61", "DB-44")
@pytest.mark.parametrize(("one", "other", "verdict"), [
    # the same person: what they share, and a name that fits
    (("Ana Lopez", MAIL), ("Ana Lopez", MAIL), "certain"),
    (("Ana Lopez", "", PHONE), ("Ana Lopez", "", PHONE), "certain"),
    (("Ana Lopez", MAIL, "", HOME), ("Lopez Ana", MAIL, "", AWAY), "certain"),
    (("Ana Lopez", MAIL), ("Ana ", MAIL), "certain"),
    (("Ana Lopez", "", "", HOME), ("Ana Lopez", "", "", HOME), "certain"),
    (("Ana Lopez", MAIL, "", HOME), ("Ana Lopez", "", PHONE, HOME), "certain"),
    # the same name and address, but each has another e-mail or phone: a father and a son do
    (("Ana Lopez", MAIL, "", HOME), ("Ana Lopez", OTHER_MAIL, "", HOME), "review"),
    (("Ana Lopez", "", PHONE, HOME), ("Ana Lopez", "", OTHER_PHONE, HOME), "review"),
    (("John Lee Jr.", "", "", HOME), ("John Lee Sr.", "", "", HOME), ""),
    # another surname: the same person only where more than the phone speaks for it
    (("Ana Lopez", MAIL), ("Ana Novak", MAIL), "review"),
    (("Ana Lopez", MAIL, "", HOME), ("Ana Novak", MAIL, "", HOME), "certain"),
    (("Ana Lopez", MAIL, PHONE), ("Ana Novak", MAIL, PHONE), "certain"),
    (("Ana Lopez", "", PHONE), ("Ana Novak", "", PHONE), "review"),
    # a nickname, a slip, an initial: certain only where they are known to live apart
    (("Robert Lee", MAIL, "", HOME), ("Bob Lee", MAIL, "", AWAY), "certain"),
    (("Robert Lee", MAIL, "", HOME), ("Bob Lee", MAIL, "", HOME), "review"),
    (("Robert Lee", MAIL, "", HOME), ("Bob Lee", MAIL), "review"),
    (("Dana Lee", "", PHONE, HOME), ("Dena Lee", "", PHONE, HOME), "review"),
    (("R. Lee", "", PHONE, HOME), ("Robert Lee", "", PHONE, AWAY), "certain"),
    (("Robert Lee", MAIL), ("Bob Novak", MAIL), "conflict"),
    (("Robert Lee", "", "", HOME), ("Bob Lee", "", "", HOME), "review"),
    (("Robert Lee", MAIL, "", HOME), ("Bob Lee", OTHER_MAIL, "", HOME), ""),
    # no first name, or a couple's record
    ((" Lee", MAIL), ("Ana Lee", MAIL), "review"),
    (("Ana&Luis Lee", MAIL), ("Ana Lee", MAIL), "review"),
    # two people: never one, whatever they share
    (("Ana Lee", MAIL, PHONE, HOME), ("Luis Lee", MAIL, PHONE, HOME), "household"),
    (("Ana Lee", MAIL), ("Luis Lee", MAIL), "household"),
    (("Ana Lopez", MAIL, "", HOME), ("Luis Novak", MAIL, "", HOME), "household"),
    (("Ana Lopez", MAIL), ("Luis Novak", MAIL), "conflict"),
    (("Ana Lopez", MAIL), ("Kim Ana", MAIL), "conflict"),
    (("Ana Lopez", MAIL), ("Zoe Ana", MAIL), "conflict"),
    (("Ana Lopez", "", PHONE, HOME), ("Luis Novak", "", PHONE, AWAY), "conflict"),
    (("John Lee Jr.", "", PHONE), ("John Lee Sr.", "", PHONE), "household"),
    (("Ana Lee", "", "", HOME), ("Luis Lee", "", "", HOME), ""),
    # one name, and nearly one e-mail or number
    (("Ana Lopez", MAIL), ("Ana Lopez", "rivr77@example.org"), "review"),
    (("Ana Lopez", MAIL), ("Ana Lopez", "river77@example.com"), "review"),
    (("Ana Lopez", "golfer@example.org"), ("Ana Lopez", "golfer@mail.test"), "review"),
    (("Ana Lopez", "golfs@example.org"), ("Ana Lopez", "golfs@mail.test"), ""),  # a word so short is no evidence
    (("Ana Lopez", "ana.lopez@example.org"), ("Ana Lopez", "ana.lopez@mail.test"), ""),
    (("Ana Lopez", "ana.lopez1@example.org"), ("Ana Lopez", "ana.lopez2@example.org"), ""),
    (("Ana Lopez", "", PHONE), ("Ana Lopez", "", "(512) 555-0101"), "review"),
    (("Ana Lopez", "", PHONE), ("Ana Lopez", "", "(512) 555-0111"), ""),
    (("Ana Lopez", "", PHONE), ("Anna Lopez", "", "(512) 555-0101"), ""),
    # a name alone, and nothing at all
    (("Ana Lopez", MAIL, PHONE, HOME), ("Ana Lopez", OTHER_MAIL, OTHER_PHONE, AWAY), ""),
    (("Ana Lopez", "none@none.com", "0000000000"), ("Ana Lopez", "none@none.com", "0000000000"), ""),
])
def test_the_decision_table(one: tuple[Any, ...], other: tuple[Any, ...], verdict: str) -> None:
    assert kind(one, other) == kind(other, one) == verdict


@pytest.mark.clause("DB-23", "DB-44")
@pytest.mark.parametrize(("one", "other", "confidence"), [
    (("Ana Lopez", MAIL), ("Ana Lopez", MAIL), 0.99), (("Ana Lopez", MAIL, PHONE), ("Ana Novak", MAIL, PHONE), 0.97), (("Ana Lopez", MAIL), ("Ana Novak", MAIL), 0.95),
    (("Robert Lee", MAIL, "", HOME), ("Bob Lee", MAIL, "", HOME), 0.95), (("Robert Lee", MAIL, "", HOME), ("Bob Lee", MAIL, "", AWAY), 0.97),
    ((" Lee", MAIL), ("Ana Lee", MAIL), 0.5), (("Ana Lee", MAIL), ("Luis Lee", MAIL), 0.02), (("Ana Lopez", MAIL), ("Luis Novak", MAIL), 0.01),
    (("Ana Lopez", "", "", HOME), ("Ana Lopez", "", "", HOME), 0.97), (("Ana Lopez", MAIL, "", HOME), ("Ana Lopez", OTHER_MAIL, "", HOME), 0.6),
    (("Robert Lee", "", "", HOME), ("Bob Lee", "", "", HOME), 0.5), (("Ana Lopez", MAIL), ("Ana Lopez", "rivr77@example.org"), 0.9)])
def test_how_certain_a_pair_is(one: tuple[Any, ...], other: tuple[Any, ...], confidence: float) -> None:
    assert [pair.confidence for pair in found(person(1, *one), person(2, *other))] == [confidence]


@pytest.mark.clause("DB-23")
@pytest.mark.parametrize(("carriers", "seen"), [(FEW, 1), (FEW + 1, 0)])
@pytest.mark.parametrize("what", [{"mail": MAIL}, {"phone": PHONE}, {"address": HOME}])
def test_what_more_than_four_contacts_carry_is_no_evidence(carriers: int, seen: int, what: dict[str, Any]) -> None:
    others = [person(n, f"{name} Quist", **what) for n, name in enumerate(("Grace", "Hugo", "Iris")[:carriers - 2], 10)]

    assert len([p for p in found(person(1, "Ana Lopez", **what), person(2, "Ana Lopez", **what), *others) if p.kind is Kind.CERTAIN]) == seen


@pytest.mark.parametrize(("count", "seen"), [(NAMESAKES, 1), (NAMESAKES + 1, 0)])
def test_slips_are_looked_for_among_few_namesakes_only(count: int, seen: int) -> None:
    others = [person(n, "Ana Lopez", f"{n:09b}@example.org".replace("0", "xy").replace("1", "qz")) for n in range(10, 8 + count)]

    pairs = found(person(1, "Ana Lopez", MAIL), person(2, "Ana Lopez", "rivr77@example.org"), *others)
    assert len([p for p in pairs if (p.a, p.b) == (1, 2)]) == seen


@pytest.mark.clause("DB-23", "DB-44")
@pytest.mark.parametrize(("one", "other", "clause", "reason"), [
    (("Ana Lopez", MAIL, PHONE, HOME), ("Ana Lopez", MAIL.upper(), "512.555.0100", HOME), "DB-23",
     "same e-mail river77@example.org, same phone 5125550100, same address; same name"),
    (("Robert Lee", MAIL, "", HOME), ("Bob Lee", MAIL, "", AWAY), "DB-23", "same e-mail river77@example.org; one first name is short for the other, the same surname"),
    (("Ana Lopez", MAIL), ("Luis Novak", MAIL), "DB-44", "same e-mail river77@example.org; different first names, different surnames"),
    (("Ana Lopez", MAIL, PHONE), ("Ana Lopez", "rivr77@example.org", "(512) 555-0101"), "DB-23",
     "nearly the same e-mail (river77@example.org and rivr77@example.org), nearly the same phone (5125550100 and 5125550101); same name")])
def test_the_reason_names_what_they_share_and_how_the_names_compare(one: Any, other: Any, clause: str, reason: str) -> None:
    (pair,) = found(person(45, *one), person(12, *other))

    assert (pair.a, pair.b, pair.subject, pair.clause, pair.reason) == (12, 45, "p12x45", clause, reason)


def test_whoever_is_in_the_trash_is_nobodys_double() -> None:
    assert found(person(1, "Ana Lopez", MAIL), person(2, "Ana Lopez", MAIL, trashed=True)) == []


# -- where the truth is known ------------------------------------------------------------------------------------------

SIZE, SEEDS = 20_000, (4711, 20261125, 99)


@pytest.fixture(scope="module")
def known() -> list[tuple[World, list[Pair]]]:
    """Three worlds of seeds that were not looked at while the table was written, and what was found in them."""
    return [(made, list(find(made.contacts))) for made in (world(SIZE, seed) for seed in SEEDS)]


def of(pairs: list[Pair], *kinds: Kind) -> set[tuple[int, int]]:
    return {(pair.a, pair.b) for pair in pairs if pair.kind in kinds}


@pytest.mark.clause("DB-23", "X-31")
def test_it_is_right_about_contacts_it_has_never_seen(known: list[tuple[World, list[Pair]]]) -> None:
    certain, review, right, suspected, true = 0, 0, 0, 0, 0
    for made, pairs in known:
        certain += len(of(pairs, Kind.CERTAIN))
        review += len(of(pairs, Kind.REVIEW))
        right += len(of(pairs, Kind.CERTAIN) & made.doubles)
        suspected += len(of(pairs, Kind.REVIEW) & made.doubles)
        true += len(made.doubles)

    assert right / certain >= 0.985
    assert right / true >= 0.68
    assert (right + suspected) / true >= 0.79
    assert review <= 0.01 * SIZE * len(SEEDS)
    assert suspected / review >= 0.65


@pytest.mark.clause("DB-44")
def test_two_people_on_one_address_or_line_are_told_apart(known: list[tuple[World, list[Pair]]]) -> None:
    strangers, apart, merged = 0, 0, 0
    for made, pairs in known:
        strangers += len(made.strangers())
        apart += len(made.strangers() & of(pairs, Kind.CONFLICT, Kind.HOUSEHOLD))
        merged += len(made.strangers() & of(pairs, Kind.CERTAIN))

    assert strangers > 1500
    assert apart / strangers >= 0.99
    assert merged / strangers <= 0.01


@pytest.mark.clause("DB-23")
def test_the_confidence_is_what_it_says(known: list[tuple[World, list[Pair]]]) -> None:
    """Of the pairs shown with a confidence, about that share is one person."""
    shown, true = Counter[float](), Counter[float]()
    for made, pairs in known:
        shown.update(pair.confidence for pair in pairs)
        true.update(pair.confidence for pair in pairs if (pair.a, pair.b) in made.doubles)

    for confidence, count in shown.items():
        assert count < 40 or abs(true[confidence] / count - confidence) < 0.12, confidence


def test_the_made_up_contacts_are_as_they_are_described(known: list[tuple[World, list[Pair]]]) -> None:
    made, _ = known[0]
    shared = Counter[str]()
    for a, b in made.doubles:
        (mail, phone), (other_mail, other_phone) = made.reached_by[a], made.reached_by[b]
        shared["e-mail" if mail and mail == other_mail else "phone" if phone and phone == other_phone else "less"] += 1

    assert len(made.contacts) == SIZE
    assert world(500, 7).contacts == world(500, 7).contacts != world(500, 8).contacts
    assert 0.05 <= len(made.doubles) / SIZE <= 0.06
    assert abs(shared["e-mail"] / len(made.doubles) - 0.45) < 0.05
    assert abs(shared["phone"] / len(made.doubles) - 0.29) < 0.05
