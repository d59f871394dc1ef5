"""Laws of the duplicate finder over generated contacts: symmetry, order, who is never in a pair, and what a pass leaves behind."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from daemon.passes import guard
from daemon.passes import plan as planning
from daemon.passes.forecast import after
from policies.asks.wants import WantRow, WantTask
from policies.database.duplicates.duplicates import decide
from policies.database.duplicates.survivor import propose
from policies.facts.ownership import left_alone
from policies.facts.same_person import identity
from policies.facts.same_person.conflicts import held, suspicions
from policies.facts.same_person.names import First, Name, compared
from policies.facts.same_person.pairs import Kind, find
from policies.world.model import Address, Contact, Reach
from policies.world.practice import DatabaseOptions
from policies.world.snapshot import Snapshot
from tests.properties.endings import left_open
from tests.scenes import AGENT, book, client, practice, snapshot

FIRST = ("Robert", "Bob", "Rob", "R.", "Ana", "Anna", "Luis", "Ana & Luis", "", "ANA", "José", "Jose")
LAST = ("Lopez", "Lopes", "Lopez-Novak", "Novak", "Lee Jr.", "Lee Sr.", "Lee", "", "lopez", "Ana")
MAILS = ("a@example.org", "A@example.org", "a+x@example.org", "river77@example.org", "rivr77@example.org", "none@none.com", "not an address", "")
PHONES = ("(512) 555-0100", "512.555.0100", "512-555-0101", "+44 20 7946 0958", "0000000000", "x", "")
STREETS = (Address("412 Cedar Lane", "Austin", "TX", "78701"), Address("412 Cedar Ln", "Austin", "TX", "78701"), Address("9 Elm St", "Austin", "TX", ""), Address("Elm St"))
TAGS = ((), (), (), ("DNC",), ("Deceased",), ("Steward: skip",))


@st.composite
def contacts(draw: st.DrawFn, number: int) -> Contact:
    return client(number, first_name=draw(st.sampled_from(FIRST)), last_name=draw(st.sampled_from(LAST)), trashed=draw(st.integers(0, 9)) == 9,
                  emails=tuple(map(Reach, draw(st.lists(st.sampled_from(MAILS), max_size=2)))), phones=tuple(map(Reach, draw(st.lists(st.sampled_from(PHONES), max_size=2)))),
                  addresses=tuple(draw(st.lists(st.sampled_from(STREETS), max_size=1))), tags=draw(st.sampled_from(TAGS)), assigned_user_id=draw(st.sampled_from([AGENT, AGENT, 9])),
                  source=draw(st.sampled_from(["", "Zillow", "Referral"])), fields=draw(st.sampled_from([{}, {"birthday": "1984-02-01"}, {"birthday": "1984-02-02"}])))


@st.composite
def databases(draw: st.DrawFn) -> dict[int, Contact]:
    return {n: draw(contacts(n)) for n in range(101, 101 + draw(st.integers(2, 9)))}


@st.composite
def worlds(draw: st.DrawFn) -> Snapshot:
    people = draw(databases())
    options = DatabaseOptions(agent_owned_duplication=draw(st.booleans()))
    crowd = [client(n, first_name=f"F{n}", last_name=f"X{n}y", addresses=()) for n in range(5000, 5000 + draw(st.sampled_from([0, 250])))]
    s = snapshot(date(2026, 12, 14), [*people.values(), *crowd], practice=practice(database=options, assigned_only=draw(st.booleans())))
    for _ in range(draw(st.integers(0, 2))):
        s = after(s, planning.make(s, decide(s)))
        rows: list[dict[str, Any]] = [{**r.cells, "Decision": draw(st.sampled_from(["", "Merge", "Not the same person", "Different people", "Approve", "One by one", "One household",
                                                                                   "Correct the record", "Hold", "Reject", "soon"]))} for r in s.workbook.rows("Approvals")]
        s = replace(s, workbook=book({"Approvals": rows, "Duplicates": [dict(r.cells) for r in s.workbook.rows("Duplicates")]}))
    changed = {n: replace(c, trashed=c.trashed or draw(st.integers(0, 9)) == 9) for n, c in s.contacts.items() if n < 5000}
    return replace(s, contacts={**s.contacts, **changed})


@pytest.mark.clause("DB-23")
@settings(max_examples=80)
@given(databases(), st.randoms(use_true_random=False))
def test_the_order_of_contacts_does_not_matter_and_nobody_is_paired_with_themselves(people: dict[int, Contact], chance: random.Random) -> None:
    pairs, order = find(people), list(people)
    chance.shuffle(order)

    assert find({n: people[n] for n in order}) == pairs
    assert all(p.a < p.b for p in pairs)
    assert len({(p.a, p.b) for p in pairs}) == len(pairs)


@pytest.mark.clause("DB-23")
@settings(max_examples=80)
@given(contacts(1), contacts(2))
def test_it_is_symmetric_whoever_has_the_lower_number(one: Contact, other: Contact) -> None:
    there, back = find({1: one, 2: other}), find({1: replace(other, id=1), 2: replace(one, id=2)})

    assert [(p.kind, p.confidence) for p in there] == [(p.kind, p.confidence) for p in back]


@pytest.mark.clause("DB-23", "DB-44")
@settings(max_examples=80)
@given(databases())
def test_the_trash_is_in_no_pair_and_two_first_names_are_never_one_person(people: dict[int, Contact]) -> None:
    for pair in find(people):
        one, other = people[pair.a], people[pair.b]
        assert not one.trashed
        assert not other.trashed
        if compared(Name.of(one), Name.of(other))[0] is First.DIFFERENT:
            assert pair.kind in {Kind.CONFLICT, Kind.HOUSEHOLD}


@given(databases())
def test_contacts_who_share_nothing_change_nothing(people: dict[int, Contact]) -> None:
    strangers = {n: client(n, first_name=f"F{n}", last_name=f"X{n}y", addresses=()) for n in range(5000, 5020)}

    assert find({**people, **strangers}) == find(people)


@pytest.mark.clause("DB-23")
@settings(max_examples=80)
@given(contacts(1), contacts(2))
def test_nothing_of_the_other_record_is_lost_unseen(one: Contact, other: Contact) -> None:
    found = propose(one, other)

    assert found == propose(other, one)
    told = " ".join(found.fill)
    for value in {*identity.mailboxes(found.other), *identity.lines(found.other)} - {*identity.mailboxes(found.keep), *identity.lines(found.keep)}:
        assert value in told
    assert all(tag in told or tag in found.keep.tags for tag in found.other.tags)
    assert all(value in told or found.keep.fields.get(name) == value for name, value in found.other.fields.items())


@pytest.mark.clause("DB-23", "X-57", "DB-08")
@settings(max_examples=80)
@given(worlds())
def test_whoever_is_left_alone_or_anothers_is_in_no_pair_and_only_what_is_allowed_is_wanted(s: Snapshot) -> None:
    for pair in suspicions(s).pairs:
        for contact in (s.contacts[pair.a], s.contacts[pair.b]):
            assert not contact.trashed
            assert not left_alone(s, contact)
            assert contact.assigned_user_id == AGENT or not s.practice.assigned_only
        owners = {s.contacts[pair.a].assigned_user_id, s.contacts[pair.b].assigned_user_id}
        assert len(owners) == 1 or not s.practice.database.agent_owned_duplication or pair.kind in {Kind.CONFLICT, Kind.HOUSEHOLD}
    plan = planning.make(s, decide(s))
    assert guard.check(plan.actions, guard.Limits(withdraw=100)).refused == ()


@pytest.mark.clause("DB-23", "DB-40", "DB-44")
@settings(max_examples=80)
@given(worlds())
def test_a_second_pass_finds_nothing_to_do(s: Snapshot) -> None:
    then = after(s, planning.make(s, decide(s)))

    assert [(a.verb, a.mark, dict(a.after)) for a in planning.make(then, decide(then)).actions] == []
    assert left_open(then.tasks, then.workbook) == []


@pytest.mark.clause("DB-44", "DB-08")
@settings(max_examples=80)
@given(worlds())
def test_two_people_are_merged_on_the_agents_word_alone_and_held_without_it(s: Snapshot) -> None:
    kinds = {p.subject: p for p in suspicions(s).pairs}
    words = {row.ref.split()[1]: row.text("Decision") for row in s.workbook.rows("Approvals")}
    for f in decide(s):
        if isinstance(f.want, WantTask) and f.want.key.episode == "merge" and kinds[f.want.key.subject].kind is not Kind.CERTAIN:
            assert words[f.want.key.subject] == "Merge"
    for pair in kinds.values():
        if pair.kind is Kind.CONFLICT and words.get(pair.subject, "") not in {"Different people", "Merge"}:
            assert {pair.a, pair.b} <= set(held(s))


def test_the_worlds_are_not_empty() -> None:
    seen = set[str]()

    @settings(max_examples=80, database=None, derandomize=True)
    @given(worlds())
    def look(s: Snapshot) -> None:
        seen.update(pair.kind for pair in suspicions(s).pairs)
        seen.update(f.want.key.episode for f in decide(s) if isinstance(f.want, WantTask))
        seen.update(f.want.ref.split()[2] for f in decide(s) if isinstance(f.want, WantRow) and f.want.tab == "Approvals")

    look()
    assert seen >= {*Kind, "merge", "correct", "decide", "identity", "duplicates", "households", "household"}
