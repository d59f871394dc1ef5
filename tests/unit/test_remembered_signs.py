"""Opt-outs and deaths are remembered (X-65): what is kept, in which form, and what ends it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.followupboss import decoding, records, wire
from connectors.ports import Vocabulary
from daemon.passes import unreadable
from policies.asks import approvals
from policies.asks.wants import Finding, WantRow, WantTask, WantWithdrawn
from policies.facts.contact_permission import Verdict, Way, reasons_against, refusal
from policies.facts.permission_screen import signless
from policies.facts.permission_words import Matter, contact_key
from policies.facts.same_person import last_reaches
from policies.facts.signs import gone_signs, inherited_signs, opt_out_feed
from policies.facts.signs import remembered_signs as signs
from policies.facts.signs.contact_signs import unsubscribed
from policies.facts.signs.sign_memory import LIFTED, Seen, outstanding, remembered, united
from policies.world.memory import LAST_REACHES, SIGNS
from policies.world.model import STAGE_LABELS, Contact, Deal, Key, MailEvent, MailFate, Reach, Stage
from policies.world.snapshot import Snapshot
from tests.passes import cell, decided, passed
from tests.scenes import book, client, practice, purchase, snapshot

TODAY = date(2026, 12, 4)
BEFORE = date(2026, 11, 20)
BEGUN = {"Ref": "opt-outs-begun", "What": "2026-11-01", "Date": ""}


def event(person: int, at: date = BEFORE) -> MailEvent:
    return MailEvent(id=person, person_id=person, fate=MailFate.UNSUBSCRIBED, at=datetime(at.year, at.month, at.day, tzinfo=UTC))


def world(*people: Contact, memory: str = "", block: int = 0, deals: Iterable[Deal] = (), **changes: Any) -> Snapshot:
    rows = [BEGUN, *([{"Ref": f"opt-outs {block}", "What": memory, "Date": ""}] if memory else [])]
    return snapshot(TODAY, people, deals, workbook=book({"Memory": rows}), **changes)


DNC = client(101, stage=Stage.DO_NOT_CONTACT, stage_label=STAGE_LABELS[Stage.DO_NOT_CONTACT])
KINDS = {
    "stage": world(DNC),
    "tag": world(client(tags=("D.N.C.",))),
    "event": world(client(), mail=(event(101),)),
    "address": world(client(emails=(Reach("a@example.com", "Valid"), Reach("b@example.com", "Unsubscribed")))),
    "merged": world(client(emails=(Reach("a@example.com"),)), client(105, trashed=True, tags=("DNC",), emails=(Reach("a@example.com"),))),
    "merged-unsubscribed": world(client(emails=(Reach("a@example.com"),)), client(105, trashed=True, emails=(Reach("a@example.com", "Unsubscribed"),))),
    "deceased": world(client(tags=("Deceased",))),
    "name": world(client(last_name="Lopez (Deceased)")),
    "background": world(client(background_of_death=True)),
}


@pytest.mark.clause("X-65")
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_sign_is_remembered_with_its_day_and_nothing_else(kind: str) -> None:
    s = KINDS[kind]

    merged = {"merged-105": TODAY} if kind.startswith("merged") else {}
    assert signs.news(s) == {101: {kind: TODAY, **merged}}
    assert dict(signs.blocks(s)) == {0: {101: {kind: TODAY, **merged}}}
    assert SIGNS.write(dict(signs.blocks(s))[0]) == " ".join(["101", *(f"{sign} 20261204" for sign in sorted({kind, *merged}))])


@pytest.mark.clause("X-65")
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_remembered_is_written_once(kind: str) -> None:
    s = KINDS[kind]
    merged = " merged-105 20261120" * kind.startswith("merged")
    known = replace(s, workbook=world(memory=f"101 {kind} 20261120{merged}").workbook)

    assert signs.news(known) == {}
    assert list(signs.blocks(known)) == []


@pytest.mark.clause("X-65")
@pytest.mark.parametrize("kind", ["stage", "tag", "address", "merged", "merged-unsubscribed", "deceased"])
@pytest.mark.parametrize("where", ["Memory", "ledger"])
def test_a_sign_that_is_gone_still_holds_by_either_memory(kind: str, where: str) -> None:
    gone = world(client(), memory=f"101 {kind} 20261120") if where == "Memory" else world(client(), remembered={101: {kind: BEFORE}})

    assert "(seen 11/20/2026), and that is gone" in gone_signs.seen_before(gone, gone.contacts[101])
    assert gone_signs.seen_before(gone, client(102)) == ""


@pytest.mark.clause("X-65")
def test_an_unsubscription_the_feed_shows_no_more_is_still_one() -> None:
    for s in (world(client(), memory="101 event 20261120"), world(client(), remembered={101: {"event": BEFORE}})):
        assert unsubscribed(s, s.contacts[101])
        assert gone_signs.seen_before(s, s.contacts[101]) == ""


@pytest.mark.clause("X-65")
def test_a_stage_that_became_a_tag_is_not_gone() -> None:
    s = world(client(tags=("DNC",)), memory="101 stage 20261120")

    assert gone_signs.seen_before(s, s.contacts[101]) == ""


@pytest.mark.clause("X-65")
def test_the_field_alone_still_holds_whatever_became_of_both_memories() -> None:
    s = world(client(fields={"do_not_contact_since": "2026-01-05"}))

    assert gone_signs.seen_before(s, s.contacts[101]) == "Do Not Contact Since holds 2026-01-05, and no sign of it shows"


@pytest.mark.clause("X-65")
@pytest.mark.parametrize("fields", [{}, {"do_not_contact_since": "2026-01-05"}])
def test_what_the_agent_lifted_holds_no_longer_until_it_is_set_again(fields: dict[str, str]) -> None:
    lifted = "101 lifted 20261125 tag 20261120"
    free, again = world(client(fields=fields), memory=lifted), world(client(fields=fields, tags=("DNC",)), memory=lifted)

    assert gone_signs.seen_before(free, free.contacts[101]) == ""
    assert outstanding(free, free.contacts[101]) == {}
    assert signs.news(again) == {101: {"tag": TODAY}}
    assert dict(signs.blocks(again)) == {0: {101: {"tag": TODAY, "lifted": date(2026, 11, 25)}}}


@pytest.mark.clause("X-65")
def test_an_answer_lifts_what_was_seen_before_it_and_the_next_opt_out_is_another_question() -> None:
    said = {"Ref": "permission DB-42 p101 again", "What": "may be contacted again", "Date": ""}

    def after(memory: str, *more: dict[str, str]) -> Snapshot:
        return snapshot(TODAY, [client()], workbook=book({"Memory": [BEGUN, said, *more, {"Ref": "opt-outs 0", "What": memory, "Date": ""}]}))

    first, lifted, second = (after(f"101 {memory}") for memory in ("tag 20261120", "lifted 20261125 tag 20261120", "lifted 20261125 tag 20261201"))
    assert gone_signs.lifted_now(first) == {101: {LIFTED: TODAY}}
    assert gone_signs.lifted_now(lifted) == gone_signs.lifted_now(second) == {}
    assert [bool(gone_signs.seen_before(s, s.contacts[101])) for s in (first, lifted, second)] == [False, False, True]
    assert str(contact_key(second, second.contacts[101], Matter.SEEN_BEFORE)) == "DB-42 p101 again-20261125"
    answered = after("101 lifted 20261125 tag 20261201", {**said, "Ref": "permission DB-42 p101 again-20261125"})
    assert gone_signs.lifted_now(answered) == {101: {LIFTED: TODAY}}


@pytest.mark.clause("X-65")
def test_a_sign_that_is_set_again_on_the_day_it_was_lifted_holds_again_and_each_answer_ends_one() -> None:
    memory, keys, free = "101 tag 20261120", ["again", "again-20261204", "again-20261205"], client()
    said: list[dict[str, str]] = []

    def now(person: Contact) -> Snapshot:
        return snapshot(TODAY, [person], workbook=book({"Memory": [BEGUN, *said, {"Ref": "opt-outs 0", "What": memory, "Date": ""}]}))

    for key, again in zip(keys, ("20261205", "20261206", "20261207"), strict=True):
        gone = now(free)
        assert gone_signs.seen_before(gone, free).startswith("a tag said Do Not Contact (seen 1")
        assert "(seen 12/05/2026)" not in gone_signs.seen_before(gone, free), "no day to come is named"
        assert str(contact_key(gone, free, Matter.SEEN_BEFORE)) == f"DB-42 p101 {key}"
        said.append({"Ref": f"permission DB-42 p101 {key}", "What": "may be contacted again", "Date": ""})
        assert signs.news(now(client(tags=("DNC",)))) == {}, "the pass that lifts it takes nothing up again"
        memory = SIGNS.write(dict(signs.blocks(now(free)))[0])
        lifted = now(free)
        assert (gone_signs.seen_before(lifted, free), list(signs.blocks(lifted)), gone_signs.agent_lifted(lifted, free)) == ("", [], True)

        set_again = now(client(tags=("DNC",)))
        assert SIGNS.write(signs.news(set_again)) == f"101 tag {again}"
        memory = SIGNS.write(dict(signs.blocks(set_again))[0])
        assert list(signs.blocks(now(client(tags=("DNC",))))) == []
        assert not gone_signs.agent_lifted(now(free), free)


@pytest.mark.clause("X-65")
def test_an_unsubscription_stays_an_unsubscription_when_the_agent_lifted_the_rest() -> None:
    s = world(client(), memory="101 event 20261120 lifted 20261125 tag 20261120", mail=(event(101),))

    assert unsubscribed(s, s.contacts[101])
    assert signs.news(s) == {}
    assert signs.news(replace(s, mail=(event(101, date(2026, 12, 1)),))) == {101: {"event": TODAY}}


@pytest.mark.clause("X-67")
def test_who_opted_out_since_the_last_pass_is_new_and_nobody_is_where_nothing_was_remembered() -> None:
    people = [client(101, tags=("DNC",)), client(102, tags=("DNC",)), client(103, tags=("Deceased",))]
    s = world(*people, memory="101 tag 20261120")

    assert signs.new_opt_outs(s) == {102: {Seen.TAG}}
    assert signs.new_opt_outs(snapshot(TODAY, people)) == {}


@pytest.mark.clause("X-65")
def test_thousands_take_few_rows_and_each_fits_a_cell() -> None:
    people = [client(n, tags=("DNC", "Deceased"), emails=(Reach(f"{n}@example.com", "Unsubscribed"),)) for n in range(10_000, 13_000)]
    found = dict(signs.blocks(world(*people, mail=tuple(event(c.id) for c in people))))

    assert len(found) == 6
    assert max(len(SIGNS.write(block)) for block in found.values()) < 50_000
    assert sum(map(len, found.values())) == 3_000


DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))
MEMORY = st.dictionaries(st.integers(1, 10**7), st.dictionaries(st.sampled_from([*map(str, Seen), LIFTED]), DAYS, min_size=1), max_size=20)


@pytest.mark.clause("X-65")
@given(MEMORY)
def test_memory_reads_back_what_was_written(found: dict[int, dict[str, date]]) -> None:
    assert SIGNS.read(SIGNS.write(found)) == found


@pytest.mark.clause("X-65")
@given(st.text())
def test_what_people_make_of_the_row_is_passed_over(text: str) -> None:
    assert isinstance(SIGNS.read(text), dict)


@pytest.mark.clause("X-65")
@given(MEMORY, MEMORY)
def test_two_memories_together_lose_no_sign_and_no_order_matters(one: dict[int, dict[str, date]], two: dict[int, dict[str, date]]) -> None:
    both = united([one, two])

    assert united([one, two, one]) == both
    assert {(c, sign) for part in (one, two) for c, days in part.items() for sign in days} == {(c, sign) for c, days in both.items() for sign in days}


# -- what cannot be read ---------------------------------------------------------------------------

WORDS = Vocabulary({Stage.DO_NOT_CONTACT: ("Do Not Contact",), Stage.PAST_CLIENT_BUYER: ("Past Client",)}, {})
PERSON: dict[str, Any] = {"id": 101, "firstName": "Ana", "stage": "Past Client", "tags": ["VIP"], "emails": [{"value": "a@example.com", "status": "Valid"}]}


def read(**changes: Any) -> Contact:
    body = {"_metadata": {"collection": "people"}, "people": [{**PERSON, **changes}]}
    _, people = decoding.decode_page(json.dumps(body).encode(), decoding.person_type({}))
    return wire.to_contact(people[0], WORDS, {})


@pytest.mark.clause("X-65")
@pytest.mark.parametrize(
    ("changes", "cannot"),
    [({}, ()), ({"tags": None}, ()), ({"tags": {}}, ()), ({"tags": []}, ()), ({"tags": ["DNC", 7]}, ()), ({"stage": 7}, ()), ({"stage": None}, ()), ({"emails": {}}, ()),
     ({"emails": [{"value": "a@example.com", "status": 3}]}, ()), ({"firstName": ["Ana"]}, ()), ({"phones": "none"}, ()),
     ({"tags": "DNC"}, ("tags",)), ({"tags": {"1": "DNC"}}, ("tags",)), ({"tags": [["DNC"]]}, ("tags",)), ({"tags": 7}, ("tags",)), ({"tags": ["DNC", {}]}, ("tags",)),
     ({"stage": {"name": "Do Not Contact"}}, ("stage",)), ({"stage": True}, ("stage",)), ({"stage": []}, ("stage",)),
     ({"emails": "a@example.com"}, ("emails",)), ({"emails": ["a@example.com"]}, ("emails",)), ({"emails": [{"value": "a@example.com", "status": {"name": "Unsubscribed"}}]}, ("emails",)),
     ({"tags": 7, "stage": [], "emails": 1}, ("tags", "stage", "emails"))],
)
def test_a_sign_of_a_wrong_type_is_unreadable_and_what_the_service_writes_for_empty_is_not(changes: dict[str, Any], cannot: tuple[str, ...]) -> None:
    assert read(**changes).unreadable == cannot


@pytest.mark.clause("X-65")
def test_one_odd_tag_does_not_hide_the_others_and_a_record_cannot_claim_to_be_unreadable() -> None:
    assert read(tags=["DNC", {}, 7]).tags == ("DNC", "7")
    assert read(unreadable=["tags"], tags=["VIP"]).unreadable == ()


@pytest.mark.clause("X-66")
def test_the_wire_keeps_the_sign_of_a_background_and_a_note_and_no_text() -> None:
    at = datetime(2026, 12, 1, tzinfo=UTC)

    def note(**changes: Any) -> Any:
        return wire.to_personal_note(decoding.decode(json.dumps({"id": 1, "personId": 101, "createdById": 2, **changes}).encode(), records.NoteRecord), at)

    assert read(background="Deceased 3/2026").background_of_death
    assert not read(background="Deceased owner lead").background_of_death
    assert note(body="<p>Deceased, per her son</p>").of_death
    assert note(subject="Deceased").of_death
    assert not note(body="Called her").of_death
    assert note(body="Deceased, per her son").__slots__ == ("person_id", "at", "of_death")


@pytest.mark.clause("X-65")
@pytest.mark.parametrize(
    ("bad", "of", "failed"),
    [(0, 30, False), (1, 1, False), (1, 30, False), (2, 200, False), (2, 199, True), (10, 1000, False), (10, 999, True), (10, 10_000, False), (11, 10_000, True)],
)
def test_a_few_people_are_left_alone_and_many_are_a_source_that_failed(bad: int, of: int, failed: bool) -> None:
    people = [client(n, first_name="Xenia", unreadable=("tags",) if n < bad else ()) for n in range(of)]
    said = unreadable.failed(people)

    assert bool(said) is failed
    assert "Xenia" not in said
    assert not failed or f"{bad} of {of} people" in said


def task(rule: str, subject: str, person: int) -> Finding:
    return Finding(rule, "", WantTask(key=Key(rule, subject, "x"), person_id=person, assignee=2, name="", kind="", due=TODAY, useful_until=TODAY))


@pytest.mark.clause("X-65")
def test_nothing_is_made_withdrawn_or_closed_for_somebody_unreadable_but_a_prompt_to_answer_goes_through() -> None:
    s = world(client(101, unreadable=("tags",)), client(102), deals=[purchase(BEFORE, people=(102, 101))])
    key = Key("MS-04", "p101", "x")
    about = [task("MS-04", "p101", 101), task("MS-04", "d812", 102), Finding("MS-04", "", WantWithdrawn(key=key, task_id=1, person_id=101, because="")),
             Finding("MS-09", "", WantRow(tab="Approvals", ref="MS-09 d812 20261218-draft", create=False))]
    others = [task("MS-04", "p102", 102), task("MS-46", "p101", 101), task("DB-17", "p101", 101), Finding("DB-22", "", WantRow(tab="Checklists", ref="DB-22 a0 202612"))]

    assert unreadable.without(s, [*about, *others]) == others
    assert remembered(s) == {}


@pytest.mark.clause("X-65")
@pytest.mark.parametrize(
    ("one", "two", "lifted", "together"),
    [(1, 5, None, 1), (5, 1, None, 1), (1, 5, 3, 5), (5, 1, 3, 5), (1, 2, 3, 1), (2, 1, 3, 1), (4, 5, 3, 4), (5, 4, 3, 4), (3, 5, 3, 5), (5, 3, 3, 5)],
)
def test_of_two_memories_the_first_day_counts_that_was_not_lifted(one: int, two: int, lifted: int | None, together: int) -> None:
    first = {7: {str(Seen.TAG): date(2026, 12, one), **({LIFTED: date(2026, 12, lifted)} if lifted else {})}}
    second = {7: {str(Seen.TAG): date(2026, 12, two)}}

    assert united([first, second])[7][Seen.TAG] == united([second, first])[7][Seen.TAG] == date(2026, 12, together)


@pytest.mark.clause("X-65")
@pytest.mark.parametrize("number", [1, signs.BLOCK - 1, signs.BLOCK, 200_000, 7_654_321])
def test_a_contact_stands_in_the_row_of_its_block_however_high_its_number(number: int) -> None:
    s = world(client(number, tags=("DNC",)))

    assert dict(signs.blocks(s)) == {number // signs.BLOCK: {number: {Seen.TAG: TODAY}}}


@pytest.mark.clause("X-64")
def test_the_quick_look_knows_nearly_everybody_at_once() -> None:
    plain, tagged = client(101), client(102, tags=("DNC",))
    s = world(plain, tagged)

    assert [signless(s, plain), signless(s, plain), signless(s, tagged), signless(s, tagged)] == [True, True, False, False]
    assert not signless(s, replace(plain, tags=("DNC",)))


# -- a feed that refuses ---------------------------------------------------------------------------


def refusing(days: int, s: Snapshot | None = None) -> Snapshot:
    s = s or world(client())
    return replace(s, mail_refused_since=s.now - timedelta(days=days) if days else None)


@pytest.mark.clause("X-65")
def test_a_feed_that_refuses_is_asked_about_after_a_day_and_the_question_ends_with_it() -> None:
    assert list(opt_out_feed.decide(refusing(0))) == []
    almost = refusing(1)
    assert list(opt_out_feed.decide(replace(almost, mail_refused_since=almost.now - timedelta(hours=23, minutes=59)))) == []

    s = passed(refusing(1), prefix="database.lists")
    first, second = "DB-37 a0 20261203-feed", "DB-37 a0 20261202-feed"
    assert cell(s, "Approvals", first, "Status") == approvals.WAITING
    assert opt_out_feed.unseen(s).startswith("unsubscribes are not visible since 12/03/2026")
    assert cell(passed(refusing(0, s), prefix="database.lists"), "Approvals", first, "Status") == "Done: the CRM shows its email events again"
    again = passed(refusing(2, s), prefix="database.lists")
    assert cell(again, "Approvals", first, "Status").startswith("Done")
    assert cell(again, "Approvals", second, "Status") == approvals.WAITING
    assert opt_out_feed.unseen(passed(decided(s, first, "Go on without it"), prefix="database.lists")) == ""
    assert opt_out_feed.unseen(passed(decided(s, first, "Hold"), prefix="database.lists")) != ""


@pytest.mark.clause("X-65")
def test_of_two_days_that_a_lift_covers_the_earlier_one_is_kept() -> None:
    lifted, earlier = date(2026, 12, 10), date(2026, 12, 5)
    for one, other in ((lifted, earlier), (earlier, lifted)):
        both = united([{7: {Seen.TAG: one, LIFTED: lifted}}, {7: {Seen.TAG: other}}])
        assert both == {7: {Seen.TAG: earlier, LIFTED: lifted}}


# -- records that were merged -------------------------------------------------------------------------------------------------------------


@pytest.mark.clause("X-65", "X-64")
@pytest.mark.parametrize("sign", ["stage", "tag", "event", "address"])
def test_a_sign_that_is_only_remembered_of_a_merged_record_protects_everybody_it_may_have_become(sign: str) -> None:
    shared = (Reach("a@example.com", "Valid"),)
    loser = client(7, trashed=True, stage=None, stage_label="Trash", emails=shared)
    people = (client(101, emails=shared), client(102, emails=shared), client(103, last_name="Novak", emails=(Reach("n@example.com"),)), loser)
    s = replace(world(*people), remembered={7: {sign: BEFORE}})

    for number in (101, 102):
        assert {way for way in (Way.EMAIL, Way.CARD, Way.LIST) if refusal(s, s.contacts[number], way)} == {Way.EMAIL, Way.CARD, Way.LIST}
        barred = {way for way in (Way.EMAIL, Way.CARD, Way.LIST) for r in reasons_against(s, s.contacts[number], way) if r.kind is Verdict.NEVER}
        assert barred == {Way.EMAIL, Way.LIST}, "the card waits for the agent's answer"
    assert reasons_against(s, s.contacts[103], Way.EMAIL) == ()
    lifted = replace(s, remembered={7: {sign: BEFORE, "lifted": TODAY}})
    assert all(r.sign != "Do Not Contact" for r in reasons_against(lifted, lifted.contacts[101], Way.CARD))


ANA_IN_TRASH = client(7, trashed=True, stage=None, stage_label="Trash", emails=(), phones=())


@pytest.mark.clause("X-65")
@pytest.mark.parametrize(("loser", "held"), [
    (ANA_IN_TRASH, True), (replace(ANA_IN_TRASH, last_name="Novak"), False), (replace(ANA_IN_TRASH, emails=(Reach("old@example.com", "Valid"),)), False)])
def test_a_record_that_a_merge_emptied_became_somebody_of_its_name_where_nothing_else_is_known(loser: Contact, held: bool) -> None:
    """A record that was put into the Trash by hand keeps its addresses; those of a merged one move."""
    s = world(client(emails=(Reach("a@example.com", "Valid"),)), loser, memory="7 stage 20261120")

    assert bool(refusal(s, s.contacts[101], Way.CARD)) is held


@pytest.mark.clause("X-65")
@pytest.mark.parametrize(("sign", "says"), [
    ("tag", "contact 7, which was merged into this one, had opted out"),
    ("deceased", "contact 7, which was merged into this one, was tagged deceased")])
def test_what_a_merged_record_left_ends_by_the_agents_answer(sign: str, says: str) -> None:
    s = world(client(), ANA_IN_TRASH, memory=f"7 {sign} 20261120")
    assert gone_signs.seen_before(s, s.contacts[101]) == says
    kept = SIGNS.write(dict(signs.blocks(s))[0])
    assert kept == f"7 {sign} 20261120; 101 merged-7 20261204"
    assert gone_signs.seen_before(world(client(), memory=kept), client()) == says, "also once the Trash is emptied"

    lifted = world(client(), ANA_IN_TRASH, memory=f"{kept} lifted 20261205")
    assert (gone_signs.seen_before(lifted, lifted.contacts[101]), signs.news(lifted), refusal(lifted, lifted.contacts[101], Way.CARD)) == ("", {}, None)


@pytest.mark.clause("X-65")
@pytest.mark.parametrize("sign", ["stage", "tag", "deceased"])
def test_an_answer_about_other_signs_lifts_none_of_a_record_that_is_merged_later(sign: str) -> None:
    lifted = world(client(), client(7, emails=(), phones=()), memory=f"7 {sign} 20261101; 101 tag 20261120 lifted 20261125")
    assert gone_signs.seen_before(lifted, lifted.contacts[101]) == ""

    merged = replace(lifted, contacts={101: client(), 7: ANA_IN_TRASH})
    assert gone_signs.seen_before(merged, merged.contacts[101]).startswith("contact 7, which was merged into this one,")
    assert signs.news(merged) == {101: {"merged-7": TODAY}}
    same_day = replace(merged, workbook=world(memory=f"7 {sign} 20261101; 101 tag 20261120 lifted 20261204").workbook)
    assert signs.news(same_day) == {101: {"merged-7": date(2026, 12, 5)}}
    assert refusal(same_day, same_day.contacts[101], Way.CARD)


@pytest.mark.clause("X-65")
def test_a_chain_of_merges_passes_everything_on_and_ends_by_one_answer() -> None:
    """7 had opted out and was merged into 8, and 8 into Ana."""
    s = world(client(), replace(ANA_IN_TRASH, id=8), memory="7 tag 20261101; 8 merged-7 20261110")

    assert gone_signs.seen_before(s, s.contacts[101]) == "contact 8, which was merged into this one, had opted out"
    circle = world(client(), replace(ANA_IN_TRASH, id=8), memory="7 tag 20261101; 8 merged-7 20261110 merged-101 20261110; 101 merged-8 20261110")
    assert gone_signs.seen_before(circle, circle.contacts[101]) == "contact 8, which was merged into this one, had opted out"


@pytest.mark.clause("X-65")
@pytest.mark.parametrize(("signs_", "tags", "says"), [
    ("stage 20261101 deceased 20261102", (), "had opted out and was tagged deceased"), ("address 20261101 tag 20261102", (), "had opted out and had unsubscribed from email"),
    ("deceased 20261101", ("DNC",), "had opted out and was tagged deceased")])
def test_a_question_about_a_merge_names_all_that_is_known_and_lifts_no_more(signs_: str, tags: tuple[str, ...], says: str) -> None:
    s = world(client(), replace(ANA_IN_TRASH, tags=tags), memory=f"7 {signs_}; 101 merged-7 20261201")
    text = gone_signs.seen_before(s, s.contacts[101])
    assert text == f"contact 7, which was merged into this one, {says}"

    for asked, lifts in ((text, True), ("contact 7, which was merged into this one, had opted out", False), ("", True)):
        answered = answered_again(client(), f"7 {signs_}; 101 merged-7 20261201", f"Ana Lopez (contact 101): {asked}" if asked else "")
        answered = replace(answered, contacts={101: client(), 7: replace(ANA_IN_TRASH, tags=tags)})
        assert (gone_signs.seen_before(answered, client()) == "") is lifts


@pytest.mark.clause("X-65", "X-66")
@pytest.mark.parametrize(("answer", "way"), [("only no email", Way.EMAIL), ("no phone calls or texts", Way.TEXT)])
def test_an_answer_about_one_way_holds_for_the_winner_for_good(answer: str, way: Way) -> None:
    said = {"Ref": "permission DB-42 p7 died", "What": answer, "Date": ""}
    for memory, people in (("", [client(), ANA_IN_TRASH]), ("101 merged-7 20261201", [client()]), ("101 merged-7 20261201 lifted 20261203", [client()])):
        rows = [BEGUN, said, {"Ref": "opt-outs 0", "What": memory, "Date": ""}]
        s = snapshot(TODAY, people, workbook=book({"Memory": rows}))
        assert [r.kind for r in reasons_against(s, s.contacts[101], way)] == [Verdict.NEVER]
        assert signs.news(s).get(101, {}).keys() <= {"merged-7"}
        assert reasons_against(s, s.contacts[101], Way.CARD) == ()


@pytest.mark.clause("X-65")
def test_a_sign_of_the_merged_record_that_is_later_than_the_answer_counts() -> None:
    s = world(client(), ANA_IN_TRASH, memory="7 stage 20261203; 101 merged-7 20261120 lifted 20261125")
    assert gone_signs.seen_before(s, s.contacts[101]) == "contact 7, which was merged into this one, had opted out"

    again = answered_again(client(), "7 stage 20261206; 101 merged-7 20261120")
    assert gone_signs.lifted_now(again) == {101: {"lifted": date(2026, 12, 6)}}


@pytest.mark.clause("X-65")
@pytest.mark.parametrize(("memory", "holds"), [
    ("101 lifted 20261125 merged 20261120; 7 stage 20261110", False), ("101 lifted 20261125 merged-unsubscribed 20261120; 7 address 20261110", False),
    ("101 lifted 20261125 merged 20261120; 7 stage 20261126", True), ("101 lifted 20261125 tag 20261120; 7 stage 20261110", True)])
def test_a_merge_that_was_lifted_before_it_had_a_name_is_not_asked_about_again(memory: str, holds: bool) -> None:
    s = world(client(), ANA_IN_TRASH, memory=memory)

    assert bool(gone_signs.seen_before(s, s.contacts[101])) is holds


@pytest.mark.clause("X-65")
def test_an_open_question_that_named_merges_without_their_records_lifts_them() -> None:
    text = "Ana Lopez (contact 101): they were merged with a record that had opted out (seen 11/20/2026), and that is gone"
    s = answered_again(client(), "7 stage 20261110; 101 merged 20261120 merged-7 20261203", text)

    assert gone_signs.lifted_now(s) == {101: {"lifted": TODAY}}


@pytest.mark.clause("X-65", "X-57")
@pytest.mark.parametrize(("others", "held"), [
    ([], True), ([client(n) for n in range(102, 106)], False), ([client(102, assigned_user_id=99)], True)])
def test_a_name_that_many_have_or_that_another_agent_trashed_is_nobodys(others: list[Contact], held: bool) -> None:
    s = world(client(), ANA_IN_TRASH, *others, memory="7 stage 20261120")
    assert bool(gone_signs.seen_before(s, s.contacts[101])) is held
    theirs = world(client(), replace(ANA_IN_TRASH, assigned_user_id=99), memory="7 stage 20261120")
    assert gone_signs.seen_before(theirs, theirs.contacts[101]) == ""


@pytest.mark.clause("X-66")
def test_a_death_that_a_merged_record_tells_of_has_a_question_of_its_own() -> None:
    """Ana's own background was judged before; the record that is merged into hers tells of something else."""
    said = {"Ref": "permission DB-42 p101 died", "What": "means something else", "Date": ""}
    rows = [BEGUN, said, {"Ref": "opt-outs 0", "What": "101 background 20261101", "Date": ""}]
    s = snapshot(TODAY, [client(background_of_death=True), replace(ANA_IN_TRASH, last_name="Lopez (Deceased)", first_name="Ana")], workbook=book({"Memory": rows}))
    merged = replace(s, remembered={101: {"merged-7": TODAY}})
    key, text = inherited_signs.called_deceased(merged, merged.contacts[101]) or (None, "")

    assert (str(key), text) == ("DB-42 p101 died-7", "contact 7, which was merged into this one: the name says deceased")
    assert reasons_against(merged, merged.contacts[101], Way.CARD)[0].kind is Verdict.HOLD
    judged = replace(merged, workbook=book({"Memory": [*rows, {**said, "Ref": "permission DB-42 p101 died-7"}]}))
    assert reasons_against(judged, judged.contacts[101], Way.CARD) == ()
    dead = replace(merged, workbook=book({"Memory": [*rows, {**said, "Ref": "permission DB-42 p101 died-7", "What": "deceased"}]}))
    assert [r.kind for r in reasons_against(dead, dead.contacts[101], Way.CARD)] == [Verdict.NEVER]


# -- one answer, one kind of sign --------------------------------------------------------------------------------------------------------


def answered_again(person: Contact, memory: str, text: str = "", **changes: Any) -> Snapshot:
    """The agent said "Ana may be contacted again" to the question with this *text*; "" where its row is gone."""
    said = {"Ref": "permission DB-42 p101 again", "What": "may be contacted again", "Date": ""}
    asked = {"Ref": "DB-42 p101 again", "Draft": text, "What": "", "Decision": ""}
    tabs = {"Memory": [BEGUN, said, {"Ref": "opt-outs 0", "What": memory, "Date": ""}], "Approvals": [asked] if text else []}
    return snapshot(TODAY, [person], workbook=book(tabs), **changes)


TAG_GONE = "Ana Lopez (contact 101): a tag said Do Not Contact (seen 11/20/2026), and that is gone"
OUT = (Reach("a@example.com", "Unsubscribed"),)


@pytest.mark.clause("X-65", "X-64")
def test_the_answer_about_a_dropped_tag_lifts_no_unsubscription_that_shows() -> None:
    before = answered_again(client(emails=OUT), "101 tag 20261120 address 20261120", TAG_GONE)
    assert gone_signs.lifted_now(before) == {101: {"lifted": TODAY, "address": date(2026, 12, 5)}}
    memory = SIGNS.write(dict(signs.blocks(before))[0])
    assert memory == "101 address 20261205 lifted 20261204 tag 20261120"

    imported = world(client(emails=(Reach("a@example.com", "Valid"),)), memory=memory)
    assert gone_signs.seen_before(imported, imported.contacts[101]).startswith("an email address had unsubscribed")
    assert refusal(imported, imported.contacts[101], Way.EMAIL)


@pytest.mark.clause("X-65")
@pytest.mark.parametrize(("text", "left"), [
    (TAG_GONE, {"address"}), (TAG_GONE.replace(" (seen 11/20/2026), and", " (seen 11/20/2026) and an email address had unsubscribed (seen 11/20/2026), and"), set()), ("", set())])
def test_an_answer_lifts_only_what_its_question_named(text: str, left: set[str]) -> None:
    s = answered_again(client(), "101 tag 20261120 address 20261120", text)

    assert gone_signs.lifted_now(s)[101].keys() == {"lifted", *left}
    assert bool(gone_signs.seen_before(s, s.contacts[101])) is bool(left), "it holds in the same pass"


@pytest.mark.clause("X-65", "X-64")
def test_an_unsubscription_that_is_gone_is_one_question_and_not_two() -> None:
    s = world(client(), memory="101 address 20261120")

    assert [r.text for r in reasons_against(s, s.contacts[101], Way.CARD)] == ["an email address had unsubscribed (seen 11/20/2026), and that is gone"]


@pytest.mark.clause("X-65")
def test_one_question_names_every_sign_that_is_gone() -> None:
    s = world(client(), memory="101 tag 20261120 address 20261121")

    assert gone_signs.seen_before(s, s.contacts[101]) == (
        "a tag said Do Not Contact (seen 11/20/2026) and an email address had unsubscribed (seen 11/21/2026), and that is gone")


@pytest.mark.clause("X-65")
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "event"])
def test_any_sign_that_shows_after_it_was_lifted_counts_anew(kind: str) -> None:
    s = KINDS[kind]
    merged = " merged-105 20261120" * kind.startswith("merged")
    lifted = replace(s, workbook=world(memory=f"101 {kind} 20261120{merged} lifted 20261125").workbook)

    assert signs.news(lifted) == {101: {kind: TODAY}}


@pytest.mark.clause("X-65")
def test_the_marks_of_a_whole_block_fit_a_cell_and_show_no_address() -> None:
    """Every contact of the block has signs, many addresses and many who share them."""
    people = [
        client(n, tags=("DNC",), phones=tuple(Reach(f"512555{n % 50:02}{k:02}") for k in range(8)), emails=tuple(Reach(f"house{n % 50}.{k}@gmail.com") for k in range(8)))
        for n in range(99_750, 99_750 + last_reaches.BLOCK)]
    s = world(*people, practice=practice(memory_key=b"a key"))
    texts = [LAST_REACHES.write(reaches) for _, reaches in last_reaches.blocks(s, s.contacts)]

    assert len(texts) == 1
    assert 20_000 < len(texts[0]) < 45_000, "a cell of Google's holds 50,000 characters"
    assert "@" not in texts[0]
    assert "house" not in texts[0]
