"""The questions that end a hold: asked once, when something waits for the answer, and remembered for good (X-64, X-65, X-66)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from policies.asks.approvals import Decision
from policies.asks.wants import WantRow, WantWithdrawn
from policies.database.lists import lists
from policies.facts.contact_permission import Verdict, Way, reasons_against, usable
from policies.facts.permission_questions import asked_for
from policies.facts.permission_table import SHARED
from policies.facts.permission_words import Matter, choices
from policies.facts.signs import gone_signs, remembered_signs
from policies.facts.signs.sign_memory import united
from policies.world.model import Contact, Reach, Stage
from policies.world.sheet import Row
from policies.world.snapshot import Snapshot
from tests.passes import cell, changed, decided, open_tasks, passed, plan, rows, typed
from tests.scenes import book, client, practice, purchase, snapshot

CLOSED, DAY = date(2024, 6, 3), date(2027, 2, 25)
"""A birthday on March 5, whose card is drafted from February 25."""
BORN = {"birthday": "1984-03-05"}
ASKED, CARD = "DB-42 p101 unsubscribed", "MS-09 p101 20270305-birthday-draft"
OUT = (Reach("ana@example.org", "Unsubscribed"), Reach("a@example.org", "Valid"))
ALONE, ONLY = "Leave Ana alone in every way", "Only no email"


def world(*people: Contact, day: date = DAY, **changes: Any) -> Snapshot:
    everyone = people or (client(emails=OUT, fields=BORN, **changes),)
    return snapshot(day, everyone, [purchase(CLOSED, 800 + n, (contact.id,)) for n, contact in enumerate(everyone)])


def questions(s: Snapshot) -> list[str]:
    return sorted(row.ref for row in s.workbook.rows("Approvals") if row.ref.startswith("DB-42"))


def remembering(s: Snapshot) -> Snapshot:
    """The ledger keeps the signs that show now, as every pass makes it do."""
    return replace(s, remembered=united([s.remembered, remembered_signs.news(s)]))


def without(s: Snapshot, ref: str) -> Snapshot:
    """A person deletes a row of Approvals, for the second time too."""
    return rows(s, "Approvals", lambda all_: tuple(row for row in all_ if row.ref != ref))


@pytest.mark.clause("X-64")
def test_the_agent_is_asked_when_something_would_go_out_and_not_before() -> None:
    early = passed(world(day=date(2027, 2, 17)))
    due = passed(early, DAY)

    assert questions(early) == []
    assert questions(due) == [ASKED]
    assert cell(due, "Approvals", ASKED, "What") == (
        "Ana Lopez unsubscribed from email, and something else would go out. Leave Ana alone in every way, or only no email?"
        " Until you answer, nothing goes out to Ana.")
    assert due.workbook.row("Approvals", CARD) is None
    assert open_tasks(due) == {}


@pytest.mark.clause("X-64")
def test_only_no_email_lets_the_card_go_and_outlives_its_row() -> None:
    s = passed(decided(passed(world()), ASKED, ONLY))
    assert cell(s, "Approvals", ASKED, "Status") == f"Decided: {ONLY}"
    assert cell(s, "Memory", f"permission {ASKED}", "What") == "only no email"

    s = passed(s)
    assert cell(s, "Approvals", CARD, "Status") == "Waiting for your decision"

    s = passed(without(s, ASKED))
    assert questions(s) == []
    assert cell(s, "Approvals", CARD, "Status") == "Waiting for your decision"
    assert reasons_against(s, s.contacts[101], Way.EMAIL), "no answer lets an email go"


@pytest.mark.clause("X-64")
def test_in_every_way_is_every_way_for_good() -> None:
    s = passed(passed(decided(passed(world()), ASKED, ALONE)))

    s = passed(without(s, ASKED), date(2028, 2, 25))
    assert (open_tasks(s), questions(s), s.workbook.row("Approvals", CARD)) == ({}, [], None)


@pytest.mark.clause("X-64")
def test_unanswered_means_held_and_it_is_asked_once_for_everything() -> None:
    s = world(client(emails=OUT, fields={**BORN, "closing_anniversary": "2024-03-10"}))

    for day in (DAY, date(2027, 3, 1), date(2027, 3, 3), date(2027, 3, 5)):
        s = passed(s, day)
        assert (questions(s), open_tasks(s)) == ([ASKED], {})


@pytest.mark.clause("X-64", "X-42")
def test_an_answer_in_an_open_tab_is_nobodys() -> None:
    s = passed(world())
    open_ = replace(s, workbook=replace(s.workbook, decisions_guarded="anybody may edit it"))

    s = passed(decided(open_, ASKED, ONLY))
    assert s.workbook.row("Memory", f"permission {ASKED}") is None
    assert s.workbook.row("Approvals", CARD) is None


@pytest.mark.clause("X-64")
def test_the_agent_may_think_better_of_it_and_a_new_name_changes_nothing() -> None:
    s = passed(decided(passed(world()), ASKED, ALONE))
    s = passed(changed(s, 101, first_name="Anna Maria"))
    assert cell(s, "Approvals", ASKED, "Status") == f"Decided: {ALONE}"

    s = passed(decided(s, ASKED, ONLY))
    assert cell(s, "Memory", f"permission {ASKED}", "What") == "only no email"


NEAR_WORDS: dict[str, dict[str, Any]] = {
    "tag": {"tags": ("DNC - per client",)}, "stage": {"tags": ("Past Client",), "stage": None, "stage_label": "Do Not Contact - per client"}}
CALM: dict[str, Any] = {"tags": ("Past Client",), "stage": Stage.PAST_CLIENT_BUYER, "stage_label": "Past Client – Buyer"}


@pytest.mark.clause("X-65", "X-66")
@pytest.mark.parametrize("word", NEAR_WORDS)
def test_a_near_word_that_is_dropped_before_the_answer_holds_until_the_agent_answers(word: str) -> None:
    """Two carry it, an integration drops it from one and then from the other: both wait, and the answer is about both."""
    people = [client(n, first_name=f"Ana{n}", last_name=f"Lopez{n}", fields=BORN, addresses=(), **NEAR_WORDS[word]) for n in (101, 102)]
    s = passed(passed(world(*people)))
    (ref,) = questions(s)
    for number in (101, 102):
        s = passed(passed(changed(s, number, **CALM)))
        assert [r.kind for n in (101, 102) for r in reasons_against(s, s.contacts[n], Way.CARD)] == [Verdict.HOLD] * 2
        assert (questions(s), cell(s, "Approvals", ref, "Status")) == ([ref], "Waiting for your decision")
    assert " - per client\" may mean that they are not to be contacted" in reasons_against(s, s.contacts[101], Way.CARD)[0].text

    s = passed(passed(decided(s, ref, "No contact at all")))
    assert [r.kind for n in (101, 102) for r in reasons_against(s, s.contacts[n], Way.CARD)] == [Verdict.NEVER] * 2


@pytest.mark.clause("X-66")
@pytest.mark.parametrize("label", ["Do Not Call", "Opted Out", "STOP - asked 3/2026", "Do Not Contact - per client"])
def test_a_stage_that_nobody_mapped_is_read_as_a_tag_is(label: str) -> None:
    odd = client(fields=BORN, tags=("Past Client",), stage=None, stage_label=label)
    s = passed(world(odd, day=DAY))
    s = passed(replace(s, practice=replace(s.practice, account_stages=(*s.practice.account_stages, label))))
    (ref,) = questions(s)

    assert f'the stage "{label}" may mean' in reasons_against(s, odd, Way.CARD)[0].text
    assert reasons_against(s, odd, Way.LIST)[0].kind is Verdict.NEVER
    free = passed(passed(decided(s, ref, "Means something else")))
    assert cell(free, "Approvals", CARD, "Status") == "Waiting for your decision"


@pytest.mark.clause("X-49", "X-66")
def test_a_stage_deceased_that_nobody_mapped_is_a_death() -> None:
    s = world(client(stage=None, stage_label="Deceased"))

    assert [(r.text, r.kind) for r in reasons_against(s, s.contacts[101], Way.CARD)] == [("deceased", Verdict.NEVER)]
    mapped = world(client(stage=Stage.SPHERE_OF_INFLUENCE, stage_label="Deceased"))
    assert reasons_against(mapped, mapped.contacts[101], Way.CARD) == (), "the agent mapped it"


@pytest.mark.clause("X-65", "X-66", "X-62")
def test_a_question_about_a_dropped_tag_whose_row_was_deleted_is_put_again_by_its_name() -> None:
    s = passed(passed(world(client(tags=("DNC - per client",), fields=BORN))))
    (ref,) = questions(s)
    s = passed(without(passed(without(passed(changed(s, 101, tags=())), ref)), ref))

    assert 'the tag "DNC - per client" mean? It is on 1 contact' in cell(s, "Approvals", ref, "What")
    assert not reasons_against(passed(passed(decided(s, ref, "Means something else"))), s.contacts[101], Way.CARD)


@pytest.mark.clause("X-65", "X-66")
@pytest.mark.parametrize(("meaning", "says"), [
    ("do_not_contact", "a tag said Do Not Contact (seen 02/25/2027), and that is gone"), ("deceased", "a tag said deceased (seen 02/25/2027), and that is gone")])
def test_a_dropped_tag_that_the_configuration_calls_a_safety_tag_was_one(meaning: str, says: str) -> None:
    s = passed(passed(world(client(tags=("DNC - per client",), fields=BORN))))
    s = passed(passed(changed(s, 101, tags=())))
    tags = s.practice.tags
    s = replace(s, practice=replace(s.practice, tags=replace(tags, **{meaning: (*getattr(tags, meaning), "DNC - per client")})))

    assert says in [r.text for r in reasons_against(s, s.contacts[101], Way.CARD)], "in the first pass"
    s = passed(remembering(s))
    assert says in [r.text for r in reasons_against(s, s.contacts[101], Way.CARD)]
    again = next(ref for ref in questions(s) if "again" in ref)
    s = remembering(passed(decided(s, again, "Ana may be contacted again")))
    lifted = replace(s, remembered=united([s.remembered, gone_signs.lifted_now(s)]))
    assert not reasons_against(lifted, lifted.contacts[101], Way.CARD)


@pytest.mark.clause("X-66", "X-81")
@pytest.mark.parametrize("trashed", [True, False])
def test_a_question_about_a_near_tag_ends_when_everybody_who_carries_it_is_in_the_trash(trashed: bool) -> None:
    s = passed(passed(world(client(tags=("DNC - per client",), fields=BORN))))
    (ref,) = questions(s)
    s = passed(changed(s, 101, trashed=trashed, emails=(Reach("ana@example.org", "Valid"),)))

    assert cell(s, "Approvals", ref, "Status").startswith("Done: everybody" if trashed else "Waiting")


@pytest.mark.clause("X-66")
def test_a_question_of_the_version_before_is_known_by_its_text() -> None:
    s = passed(passed(world(client(tags=("DNC - per client",), fields=BORN))))
    (ref,) = questions(s)
    s = rows(s, "Memory", lambda all_: tuple(row for row in all_ if "-name" not in row.ref))
    s = passed(passed(changed(s, 101, tags=())))

    assert questions(s) == [ref]
    assert 'the tag "DNC - per client" may mean' in reasons_against(s, s.contacts[101], Way.CARD)[0].text
    assert [row.text("What") for row in s.workbook.rows("Memory") if "-name" in row.ref] == ["word DNC - per client"]


@pytest.mark.clause("X-66", "X-81", "X-87")
def test_a_question_about_a_near_tag_ends_when_everybody_who_carried_it_is_gone() -> None:
    s = passed(passed(world(client(tags=("DNC - per client",), fields=BORN))))
    (ref,) = questions(s)

    assert cell(passed(replace(s, contacts={})), "Approvals", ref, "Status") == "Waiting for your decision"
    s = passed(replace(s, contacts={}, gone=frozenset({"p101"})))
    assert cell(s, "Approvals", ref, "Status") == "Done: everybody who carried this tag is gone"


@pytest.mark.clause("X-66", "X-81")
def test_a_question_about_a_near_tag_whose_meaning_was_configured_is_over_and_has_a_second_life() -> None:
    s = passed(world(client(tags=("DNC - per client",), fields=BORN)))
    (ref,) = questions(s)
    plain = s.practice
    s = passed(replace(s, practice=replace(plain, tags=replace(plain.tags, investor=("DNC - per client",)))))
    assert cell(s, "Approvals", ref, "Status") == "Done: the configuration says what this tag means"
    assert not reasons_against(s, s.contacts[101], Way.CARD)
    s = passed(passed(replace(s, practice=plain)))

    assert questions(s) == [ref, f"{ref}.2"]
    assert cell(s, "Approvals", f"{ref}.2", "Status") == "Waiting for your decision"
    s = passed(passed(decided(s, f"{ref}.2", "Means something else")))
    assert questions(s) == [ref, f"{ref}.2"]
    assert not reasons_against(s, s.contacts[101], Way.CARD)


@pytest.mark.clause("X-65", "X-81")
@pytest.mark.parametrize(("person", "unread"), [
    ({"tags": ("DNC - per client",)}, {"tags": ()}), ({"last_name": "Lopez (Deceased)"}, {"last_name": "Lopez"}), ({"emails": OUT}, {"emails": ()})])
def test_a_record_that_cannot_be_read_answers_no_question(person: dict[str, Any], unread: dict[str, Any]) -> None:
    s = passed(world(client(fields=BORN, **person)))
    (ref,) = questions(s)

    hidden = passed(changed(s, 101, unreadable=("tags",), **unread))
    assert cell(hidden, "Approvals", ref, "Status") == "Waiting for your decision"
    back = passed(changed(hidden, 101, unreadable=(), **person))
    assert questions(back) == [ref]
    assert cell(back, "Approvals", ref, "Status") == "Waiting for your decision"


@pytest.mark.clause("X-64", "X-81")
@pytest.mark.parametrize("final", [
    {"stage": Stage.DO_NOT_CONTACT, "stage_label": "Do Not Contact"}, {"tags": ("DNC",)}, {"tags": ("Deceased",)},
    {"trashed": True, "stage": None, "stage_label": "Trash"}])
@pytest.mark.parametrize(("person", "episode"), [({"emails": OUT}, "unsubscribed"), ({"last_name": "Lopez (Deceased)"}, "died")])
def test_nobody_waits_for_an_answer_that_could_change_nothing(person: dict[str, Any], episode: str, final: dict[str, Any]) -> None:
    s = passed(changed(passed(world(client(fields=BORN, **person))), 101, **final))

    assert cell(s, "Approvals", f"DB-42 p101 {episode}", "Status") == "Done: nothing may go to Ana, whatever the answer"
    assert passed(s).workbook == s.workbook


@pytest.mark.clause("X-64")
def test_the_answer_is_heard_though_the_agent_set_the_stage_as_well() -> None:
    s = decided(passed(world()), ASKED, ALONE)
    s = passed(changed(s, 101, stage=Stage.DO_NOT_CONTACT, stage_label="Do Not Contact"))

    assert cell(s, "Approvals", ASKED, "Status") == f"Decided: {ALONE}"
    assert cell(s, "Memory", f"permission {ASKED}", "What") == "leave alone in every way"


@pytest.mark.clause("X-65", "X-66")
@pytest.mark.parametrize(("said", "corrected"), [
    ({"last_name": "Lopez (Deceased)"}, {"last_name": "Lopez"}), ({"background_of_death": True}, {"background_of_death": False})])
def test_a_death_in_the_name_or_background_is_remembered_once_the_text_is_gone(said: dict[str, Any], corrected: dict[str, Any]) -> None:
    s = remembering(passed(world(client(fields=BORN, **said))))
    assert questions(s) == ["DB-42 p101 died"]

    s = passed(changed(s, 101, **corrected))
    assert cell(s, "Approvals", "DB-42 p101 died", "Status") == "Waiting for your decision"
    assert [r.text.partition(" (seen")[2] for r in reasons_against(s, s.contacts[101], Way.CARD)] == [" 02/25/2027), and that is gone"]

    s = passed(passed(decided(s, "DB-42 p101 died", "Means something else")))
    assert cell(s, "Approvals", CARD, "Status") == "Waiting for your decision"
    assert questions(passed(without(s, "DB-42 p101 died"))) == []


@pytest.mark.clause("X-64", "X-65")
@pytest.mark.parametrize("field", [{}, {"do_not_contact_since": "2027-02-25"}])
@pytest.mark.parametrize("how", ["status", "merged"])
def test_only_no_email_holds_for_good_when_the_unsubscription_is_gone(how: str, field: dict[str, str]) -> None:
    """The way it left was an address that was corrected, or a feed that forgot the event of the merged record."""
    valid = (Reach("ana@example.org", "Valid"),)
    loser = client(105, trashed=True, emails=(Reach("ana@example.org", "Unsubscribed"),))
    s = world(client(emails=OUT, fields=BORN)) if how == "status" else world(client(emails=valid, fields=BORN), loser)
    s = remembering(passed(decided(passed(s), ASKED, ONLY)))
    s = passed(passed(decided(passed(s), CARD, "Approve")))
    sending = open_tasks(s)
    assert any(mark.startswith("MS-43") for mark in sending)

    s = changed(s, 101, emails=valid, fields={**BORN, **field})
    s = passed(changed(s, 105, emails=valid) if how == "merged" else s)
    s = passed(without(s, ASKED))
    assert (open_tasks(s), questions(s)) == (sending, [])
    assert not reasons_against(s, s.contacts[101], Way.CARD)
    assert "they unsubscribed from email" in [r.text for r in reasons_against(s, s.contacts[101], Way.EMAIL)]
    assert "they unsubscribed from email" in [r.text for r in reasons_against(s, s.contacts[101], Way.LIST)]


@pytest.mark.clause("X-65")
def test_only_no_email_settles_no_other_opt_out_that_is_gone() -> None:
    s = remembering(passed(decided(passed(world()), ASKED, ONLY)))
    s = remembering(changed(s, 101, tags=("DNC",)))

    s = passed(changed(s, 101, tags=(), emails=(Reach("ana@example.org", "Valid"),)))
    assert questions(s) == [ASKED, "DB-42 p101 again"][::-1]


@pytest.mark.clause("X-66")
def test_a_near_tag_is_asked_about_once_with_the_number_it_holds() -> None:
    people = [client(n, first_name=f"Ana{n}", last_name=f"Lopez{n}", tags=("DNC - per client",), fields=BORN, addresses=()) for n in (101, 102, 103)]
    s = passed(world(*people))
    (ref,) = questions(s)

    assert cell(s, "Approvals", ref, "What") == (
        'What does the tag "DNC - per client" mean? It is on 3 contacts. Until you answer, no new draft is made for them.')
    assert cell(s, "Approvals", CARD, "Status").startswith('Not ready: X-66: the tag "DNC - per client"')

    free = passed(passed(decided(s, ref, "Means something else")))
    assert [cell(free, "Approvals", f"MS-09 p{n} 20270305-birthday-draft", "Status") for n in (101, 102, 103)] == ["Waiting for your decision"] * 3
    barred = passed(passed(decided(s, ref, "No contact at all")))
    assert {cell(barred, "Approvals", f"MS-09 p{n} 20270305-birthday-draft", "Status").partition(":")[0] for n in (101, 102, 103)} == {"Withdrawn"}


@pytest.mark.clause("X-66")
def test_a_near_tag_withdraws_nothing() -> None:
    s = passed(decided(passed(world(client(fields=BORN))), CARD, "Approve"))
    sending = open_tasks(s)
    assert "MS-43 p101 20270305-birthday-send" in sending

    s = passed(changed(s, 101, tags=("DNC - per client",)))
    assert open_tasks(s) == sending
    assert cell(s, "Approvals", CARD, "Status") == "Approved: the VA has a task to send it"


@pytest.mark.clause("X-64", "X-67")
@pytest.mark.parametrize("change", [
    {"tags": ("DNC",)}, {"tags": ("Deceased",)}, {"emails": (Reach("x@example.org", "unsubscribed"),)}])
def test_six_clients_opt_out_on_one_day_and_everything_is_withdrawn_in_that_pass(change: dict[str, Any]) -> None:
    people = [client(n, first_name=f"Ana{n}", last_name=f"Lopez{n}", emails=(), fields=BORN, addresses=()) for n in range(101, 107)]
    refs = [f"MS-09 p{n} 20270305-birthday-draft" for n in range(101, 107)]
    s = passed(world(*people))
    for ref in refs:
        s = decided(s, ref, "Approve")
    s = passed(s)
    assert sum(mark.startswith("MS-43") for mark in open_tasks(s)) == 6

    for n in range(101, 107):
        s = changed(s, n, **change)
    s = passed(s)
    assert open_tasks(s) == {}
    assert [row.text("Status") for row in s.workbook.rows("Approvals") if row.text("Status").startswith("Approved")] == []


@pytest.mark.clause("X-67")
def test_what_had_been_approved_comes_up_again_when_the_sign_is_lifted() -> None:
    s = passed(decided(passed(world(client(fields=BORN, emails=()))), CARD, "Approve"))
    s = passed(changed(s, 101, emails=OUT))
    s = passed(passed(decided(s, ASKED, ONLY)))

    assert cell(s, "Approvals", CARD, "Status").startswith("Decide again: ")
    s = passed(typed(s, "Approvals", CARD, Decision=""))
    s = passed(decided(s, CARD, "Approve"))
    assert "MS-43 p101 20270305-birthday-send.2" in open_tasks(s)


@pytest.mark.clause("X-64", "X-57")
def test_it_is_asked_although_the_database_procedure_is_off() -> None:
    s = replace(world(), practice=practice(database_off="an Agent key"))

    assert questions(passed(s)) == [ASKED]


@pytest.mark.clause("X-65")
def test_a_safety_tag_that_is_gone_is_asked_about_once() -> None:
    s = passed(world(client(fields={**BORN, "do_not_contact_since": "2026-01-05"})))

    assert questions(s) == ["DB-42 p101 again"]
    assert cell(s, "Approvals", "DB-42 p101 again", "What").endswith("May Ana be contacted again? Until you answer, nothing goes out to Ana.")


@pytest.mark.clause("X-66", "X-81")
def test_a_question_whose_sign_came_back_is_asked_again() -> None:
    """The row that was over stays as it is."""
    s = passed(world(client(last_name="Lopez (Deceased)", fields=BORN)))
    s = passed(changed(s, 101, last_name="Lopez"))
    s = passed(changed(s, 101, last_name="Lopez (Deceased)"))

    assert questions(s) == ["DB-42 p101 died", "DB-42 p101 died.2"]
    s = passed(passed(decided(s, "DB-42 p101 died.2", "Means something else")))
    assert not reasons_against(s, s.contacts[101], Way.CARD)


@pytest.mark.clause("X-64", "X-65")
@pytest.mark.parametrize(("matter", "typed_", "offered"), [
    (Matter.UNSUBSCRIBED, "", ("Leave Ana alone in every way", "Only no email")),
    (Matter.UNSUBSCRIBED, "leave Anna alone in every way", ("leave Anna alone in every way", "Only no email")),
    (Matter.UNSUBSCRIBED, "only no email", ("Leave Ana alone in every way", "only no email")),
    (Matter.UNSUBSCRIBED, "yes", ("Leave Ana alone in every way", "Only no email")),
    (Matter.SEEN_BEFORE, "Anna may be contacted again", ("Anna may be contacted again", "Leave Ana alone in every way")),
    (Matter.NEAR_TAG, "deceased", ("No contact at all", "No phone calls or texts", "No email", "deceased", "Means something else"))])
def test_an_answer_counts_under_the_name_it_was_given_with(matter: Matter, typed_: str, offered: tuple[str, ...]) -> None:
    assert choices(matter, "Ana", Decision(Row("x", {"Decision": typed_}))) == offered


@pytest.mark.clause("X-66")
def test_every_near_tag_is_asked_about_with_its_own_number() -> None:
    tags = (("DNC - per client",), ("DNC - per client", "STOP"), ("STOP", "Opted Out"), ("Opted Out", "STOP"))
    people = [client(n, first_name=f"Ana{n}", last_name=f"Lopez{n}", tags=some, fields=BORN, addresses=()) for n, some in enumerate(tags, 101)]
    s = passed(world(*people))

    assert sorted(cell(s, "Approvals", ref, "Draft") for ref in questions(s)) == [
        'The tag "DNC - per client": 2 contacts.', 'The tag "Opted Out": 2 contacts.', 'The tag "STOP": 3 contacts.']


# -- an answer of the agent is an opt-out like any -------------------------------------------------------------------------

JOINT, OWN = Reach("joint@example.org", "Valid"), Reach("ana@example.org", "Valid")
TAG = "DNC - per client"


def household(**hers: Any) -> Snapshot:
    """Xenia has the near tag; Ana, with a birthday, shares Xenia's email."""
    xenia = client(102, first_name="Xenia", emails=(JOINT,), addresses=(), tags=(TAG,), fields=BORN)
    return world(client(**{"emails": (JOINT,), "addresses": (), "fields": BORN, **hers}), xenia)


def answered(s: Snapshot, answer: str) -> Snapshot:
    """The one near tag is asked about, and the agent answers."""
    s = passed(s)
    (ref,) = [ref for ref in questions(s) if ref.endswith(" word")]
    return passed(decided(s, ref, answer))


@pytest.mark.clause("X-64", "X-66")
@pytest.mark.parametrize(("answer", "shared"), [
    ("No contact at all", True), ("No email", False), ("No phone calls or texts", False), ("Deceased", False), ("Means something else", False)])
def test_an_address_shared_with_somebody_whom_the_agent_said_to_leave_alone_is_never_used(answer: str, shared: bool) -> None:
    s = answered(household(), answer)
    ana = s.contacts[101]

    assert usable(s, ana, JOINT) is not shared
    assert [r.sign for r in reasons_against(s, ana, Way.EMAIL)] == ([SHARED] if shared else [])
    assert not reasons_against(s, ana, Way.CARD)
    assert usable(s, ana, OWN)


@pytest.mark.clause("X-64", "X-65")
def test_leave_alone_in_every_way_bars_the_address_also_when_no_sign_is_left() -> None:
    s = household()
    memory = book({"Memory": [{"Ref": "permission DB-42 p102 died", "What": "leave alone in every way", "Date": ""}]})
    s = replace(changed(s, 102, tags=()), workbook=memory)

    assert not usable(s, s.contacts[101], JOINT)
    assert usable(s, s.contacts[102], OWN)


@pytest.mark.clause("X-66", "X-65")
@pytest.mark.parametrize(("answer", "barred"), [
    ("No contact at all", {Way.EMAIL, Way.CARD, Way.TEXT, Way.LIST}), ("Deceased", {Way.EMAIL, Way.CARD, Way.TEXT, Way.LIST}),
    ("No email", {Way.EMAIL, Way.LIST}), ("No phone calls or texts", {Way.TEXT}), ("Means something else", set())])
def test_an_answer_about_a_near_tag_stays_when_an_integration_drops_the_tag(answer: str, barred: set[Way]) -> None:
    s = answered(world(client(fields=BORN, tags=(TAG,), phones=(Reach("5125550100"),))), answer)
    for _ in range(2):
        s = passed(changed(s, 101, tags=()))
        assert {way for way in (Way.EMAIL, Way.CARD, Way.TEXT, Way.LIST) if reasons_against(s, s.contacts[101], way)} == barred
        assert bool(lists.cells(s, s.contacts[101], phones=True)[-1]) is (Way.TEXT not in barred)


@pytest.mark.clause("X-66")
def test_another_answer_about_a_near_tag_counts_for_those_who_carried_it() -> None:
    s = answered(world(client(fields=BORN, tags=(TAG,))), "No contact at all")
    (ref,) = questions(s)
    s = passed(passed(decided(passed(changed(s, 101, tags=())), ref, "Means something else")))

    assert not reasons_against(s, s.contacts[101], Way.CARD)


@pytest.mark.clause("X-66", "X-65")
def test_those_who_carried_a_near_tag_take_few_rows_and_nobody_is_forgotten() -> None:
    people = [client(n, first_name=f"Ana{n}", last_name=f"Lopez{n}", tags=(TAG,), fields=BORN, addresses=()) for n in (499, 500, 501)]
    s = answered(world(*people), "No contact at all")
    s = passed(changed(passed(changed(s, 499, tags=())), 500, tags=()))
    kept = sorted(row.text("What") for row in s.workbook.rows("Memory") if " word-" in row.ref and "-name" not in row.ref)

    assert kept == ["contacts 499", "contacts 500 501"]
    assert passed(s).workbook.rows("Memory") == s.workbook.rows("Memory")


@pytest.mark.clause("X-66")
@pytest.mark.parametrize("typed_", ["", "contacts", "contacts x 1²", "101", "anything"])
def test_what_people_make_of_the_memory_of_a_near_tag_bars_nobody_else(typed_: str) -> None:
    s = answered(world(client(fields=BORN, tags=(TAG,))), "No contact at all")
    (ref,) = [row.ref for row in s.workbook.rows("Memory") if " word-" in row.ref and "-name" not in row.ref]
    s = passed(typed(s, "Memory", ref, What=typed_))

    assert cell(s, "Memory", ref, "What") == "contacts 101"


@pytest.mark.clause("X-65", "X-33", "X-64")
@pytest.mark.parametrize(("answer", "since"), [("No contact at all", {"do_not_contact_since": "2027-02-25"}), ("No email", {}), ("Means something else", {})])
def test_the_day_is_recorded_for_whom_the_agent_said_to_leave_alone(answer: str, since: dict[str, str]) -> None:
    s = answered(household(), answer)
    s = passed(s, prefix="database.opted_out_since")

    anniversary = {"closing_anniversary": "2024-06-03"}
    assert s.contacts[102].fields == {**BORN, **anniversary, **since}
    assert s.contacts[101].fields == {**BORN, **anniversary}
    assert passed(s, prefix="database.opted_out_since").contacts == s.contacts


@pytest.mark.clause("X-33", "X-66")
@pytest.mark.parametrize(("better", "since"), [("Means something else", {}), ("No email", {}), ("Deceased", {"do_not_contact_since": "2027-02-25"})])
def test_a_day_that_only_an_answer_led_to_goes_when_the_agent_corrects_the_answer(better: str, since: dict[str, str]) -> None:
    s = passed(answered(household(), "No contact at all"), prefix="database.opted_out_since")
    assert s.contacts[102].fields["do_not_contact_since"] == "2027-02-25"
    s = replace(s, written=frozenset({"DB-34 p102 since"}))
    ref = next(ref for ref in questions(s) if ref.endswith("word"))
    s = passed(decided(s, ref, better))
    s = passed(passed(s, prefix="database.opted_out_since"))

    assert {k: v for k, v in s.contacts[102].fields.items() if k == "do_not_contact_since" and v} == since
    assert any(r.sign.startswith("held by") for r in reasons_against(s, s.contacts[102], Way.CARD)) is bool(since)
    assert [ref for ref in questions(s) if "again" in ref] == []


@pytest.mark.clause("X-33", "X-65")
def test_a_day_that_a_person_wrote_ends_by_no_corrected_answer() -> None:
    s = answered(household(), "No contact at all")
    s = changed(s, 102, fields={**s.contacts[102].fields, "do_not_contact_since": "2026-01-05"})
    s = passed(decided(passed(s), next(ref for ref in questions(s) if ref.endswith("word")), "Means something else"))

    assert passed(s, prefix="database.opted_out_since").contacts[102].fields["do_not_contact_since"] == "2026-01-05"
    assert any(r.sign.startswith("held by") for r in reasons_against(s, s.contacts[102], Way.CARD))


# -- a hold is asked about while any way is left, and nobody waits for an answer that counts -----------------------------------


@pytest.mark.clause("X-64", "X-66")
@pytest.mark.parametrize(("hers", "episode"), [
    ({"tags": ("Opted Out 2024",)}, "word"), ({"background_of_death": True}, "died")])
def test_a_hold_is_asked_about_although_the_only_address_is_shared(hers: dict[str, Any], episode: str) -> None:
    refuser = client(102, first_name="Xenia", emails=(JOINT,), addresses=(), tags=("DNC",))
    s = passed(world(client(emails=(JOINT,), addresses=(), fields=BORN, **hers), refuser))

    assert [ref.rpartition(" ")[2] for ref in questions(s)] == [episode]


@pytest.mark.clause("X-64", "X-66")
@pytest.mark.parametrize("tag", ["DNC", "Deceased", "Steward: skip"])
def test_nothing_is_asked_about_somebody_to_whom_nothing_may_go_anyway(tag: str) -> None:
    s = world(client(fields=BORN, tags=("Opted Out 2024", tag)))

    assert list(asked_for(s, s.contacts[101], Way.TOUCH)) == []
    assert questions(passed(s)) == []


@pytest.mark.clause("X-81", "X-64")
def test_an_emptied_decision_takes_nothing_back_and_the_row_says_what_counts() -> None:
    s = passed(decided(passed(world()), ASKED, ONLY))
    for _ in range(2):
        s = passed(typed(s, "Approvals", ASKED, Decision=""))
        assert cell(s, "Approvals", ASKED, "Status") == f"Decided: {ONLY}"
        assert cell(s, "Approvals", ASKED, "Acted On") == "2027-02-25 06:00"
        assert not reasons_against(s, s.contacts[101], Way.CARD)

    s = passed(decided(s, ASKED, ALONE))
    assert cell(s, "Approvals", ASKED, "Status") == f"Decided: {ALONE}"
    assert cell(s, "Memory", f"permission {ASKED}", "What") == "leave alone in every way"


@pytest.mark.clause("X-64", "X-66")
def test_a_reason_that_bars_one_address_hides_no_question_about_the_others() -> None:
    other = client(105, first_name="Bo", last_name="Vance", tags=("DNC",), emails=(Reach("ana@example.com"),))
    ana = client(tags=("Opted Out",), emails=(Reach("ana@example.com"),), phones=(Reach("+15125550100"),))
    s = snapshot(date(2026, 12, 4), [ana, other], [purchase(date(2025, 12, 18))])
    kinds = [reason.kind for reason in reasons_against(s, ana, Way.EMAIL)]
    assert kinds == [Verdict.HOLD, Verdict.NEVER]
    assert len([f for f in asked_for(s, ana, Way.EMAIL) if isinstance(f.want, WantRow) and f.want.tab == "Approvals"]) == 1
    skipped = replace(ana, tags=("Opted Out", "Steward: skip"))  # bars every way, whatever the answer
    t = replace(s, contacts={**s.contacts, 101: skipped})
    assert list(asked_for(t, skipped, Way.EMAIL)) == []


# -- a task asks for no medium that may not reach the person -------------------------------------------------------------------

PREPARE, DRAFT, SENT_BY = "MS-04 d812 20261218-7d", "MS-09 d812 20261218-draft", "MS-42 d812 20261218-send"


def home(*people: Contact, day: date = date(2026, 12, 11), years: int = 1, **changes: Any) -> Snapshot:
    return snapshot(day, people, [purchase(date(2026 - years, 12, 18), people=tuple(c.id for c in people))], **changes)


def told(s: Snapshot, number: int, answer: str) -> Snapshot:
    """The agent gave this answer about the contact before."""
    ref = f"permission DB-42 p{number} died"
    return rows(s, "Memory", lambda all_: (*all_, Row(ref, {"Ref": ref, "What": answer, "Date": "2026-12-01"})))


def withdrawn(s: Snapshot) -> dict[str, str]:
    """The tasks that a pass would withdraw, each with the reason in its name."""
    return {a.mark: a.reason for a in plan(s).actions if a.verb == "withdraw"}


@pytest.mark.clause("MS-04", "MS-42", "X-64", "X-66")
def test_no_email_is_prepared_for_somebody_whom_email_may_not_reach() -> None:
    options = practice(milestones=replace(practice().milestones, year_2_subject=""))  # an email would have no subject, and a card needs none
    s = passed(told(home(client(emails=(OWN,)), years=3, practice=options), 101, "only no email"))
    assert open_tasks(s)[PREPARE].startswith("Prepare anniversary card: Ana Lopez, year 3 on Fri 12/18")
    assert "A card, because an email may not reach them: no email, as the agent said." in cell(s, "Approvals", DRAFT, "What")
    assert cell(s, "Approvals", DRAFT, "Draft").startswith("Hi Ana —")

    s = passed(decided(s, DRAFT, "Approve"))
    assert open_tasks(s)[SENT_BY].startswith("Send the approved anniversary card: Ana Lopez")
    assert [t.kind for t in s.tasks if str(t.key) == SENT_BY] == ["Thank You"]


@pytest.mark.clause("MS-04", "X-64", "X-66", "X-81")
def test_what_was_asked_by_email_is_asked_anew_by_card_once_no_email_is_answered() -> None:
    s = passed(home(client(emails=(OWN,), tags=(TAG,))))
    assert open_tasks(s)[PREPARE].startswith("Prepare anniversary e-mail: ")
    (question,) = questions(s)

    s = decided(s, question, "No email")
    assert withdrawn(s) == {PREPARE: "no email, as the agent said"}
    s = passed(passed(s))
    assert list(open_tasks(s)) == [f"{PREPARE}.2"]
    assert open_tasks(s)[f"{PREPARE}.2"].startswith("Prepare anniversary card: ")
    assert cell(s, "Approvals", DRAFT, "Status") == "Waiting for your decision. It goes out as a card now"
    assert plan(s).actions == ()


@pytest.mark.clause("MS-42", "X-64", "X-67")
def test_an_approved_email_is_taken_back_with_the_sign_and_comes_up_again_as_a_card() -> None:
    s = passed(decided(passed(home(client(emails=(OWN,)))), DRAFT, "Approve"))
    assert open_tasks(s)[SENT_BY].startswith("Send the approved anniversary e-mail")

    s = told(s, 101, "only no email")
    assert withdrawn(s) == dict.fromkeys((PREPARE, SENT_BY), "no email, as the agent said")
    s = passed(s)
    assert sorted(open_tasks(s)) == [f"{PREPARE}.2"]
    assert cell(s, "Approvals", DRAFT, "Status").startswith("Decide again: ")
    s = passed(decided(passed(decided(s, DRAFT, "")), DRAFT, "Approve"))
    assert open_tasks(s)[f"{SENT_BY}.2"].startswith("Send the approved anniversary card")


@pytest.mark.clause("X-67")
def test_no_limit_holds_back_an_email_to_somebody_who_unsubscribed() -> None:
    s = passed(decided(passed(home(client(emails=(OWN,)))), DRAFT, "Approve"))
    s = changed(s, 101, emails=(Reach(OWN.value, "Unsubscribed"),))
    ref = f"permission {ASKED}"
    s = rows(s, "Memory", lambda all_: (*all_, Row(ref, {"Ref": ref, "What": "only no email", "Date": "2026-12-01"})))
    taken_back = [a.want for a in plan(s).actions if a.verb == "withdraw"]
    assert {str(want.key): want.safety for want in taken_back if isinstance(want, WantWithdrawn)} == {PREPARE: True, SENT_BY: True}


@pytest.mark.clause("MS-43", "X-10", "X-64", "X-66")
@pytest.mark.parametrize(("channel", "answer", "goes"), [
    ("text", "no phone calls or texts", "card"), ("text", "only no email", "text"), ("email", "only no email", "card"),
    ("email", "no phone calls or texts", "e-mail"), ("card", "only no email", "card")])
def test_a_birthday_goes_by_a_way_that_is_open(channel: Any, answer: str, goes: str) -> None:
    born = client(fields={**BORN, "text_consent": "yes"})
    s = replace(world(born), practice=practice(milestones=replace(practice().milestones, birthday_channel=channel, birthday_subject="x")))
    s = passed(told(s, 101, answer))
    assert [name.partition(":")[0] for name in open_tasks(s).values()] == [f"Prepare birthday {goes}"]
    assert ("A card, because a" in cell(s, "Approvals", CARD, "What")) is (channel != "card" and goes == "card")
