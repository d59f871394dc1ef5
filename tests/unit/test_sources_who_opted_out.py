"""Sources who opted out, died, or whose signs cannot be read: what is asked about them, and what comes back when a sign is lifted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from daemon.passes import unreadable
from policies.facts.people_by_name import meant
from policies.facts.permission_words import Answer
from policies.referrals.referral import by_lead
from policies.referrals.thanking.evidence import prompt_key
from policies.world.model import STAGE_LABELS, Contact, Reach, Stage
from policies.world.snapshot import Snapshot
from tests.passes import cell, changed, decided, open_tasks, passed, plan, ticked
from tests.referred import DRAFT, HOUR, PROMPT, lead, source, world
from tests.scenes import book

EVERYTHING = ("milestones.", "referrals.", "database.")
SILENT, SEND = "RF-08 p50 silent", "RF-13 p101 send-email"
OUT = Reach("john.smith.50@example.org", "Unsubscribed")


def in_trash(**signs: Any) -> Contact:
    return replace(source(), trashed=True, stage=None, stage_label="Trash", **signs)


def later(s: Snapshot) -> Snapshot:
    return passed(s, s.now + HOUR, EVERYTHING)


def about_thanks(s: Snapshot) -> list[str]:
    rows = [row.ref for row in s.workbook.rows("Approvals")]
    return sorted(mark for mark in (*open_tasks(s), *rows) if mark.startswith(("RF-08", "RF-13", "RF-07", "RF-31")))


# -- in the Trash ----------------------------------------------------------------------------------


@pytest.mark.clause("X-64", "X-77", "X-35")
@pytest.mark.parametrize(("signs", "called"), [
    ({"tags": ("DNC",)}, "Do Not Contact"), ({"fields": {"do_not_contact_since": "2026-01-05"}}, "Do Not Contact"), ({"emails": (OUT,)}, "Do Not Contact"),
    ({"tags": ("Deceased",)}, "deceased")])
def test_a_source_in_the_trash_who_opted_out_or_died_is_neither_thanked_nor_made_again(signs: dict[str, Any], called: str) -> None:
    s = passed(world(in_trash(**signs), lead()), prefix=EVERYTHING)

    assert about_thanks(s) == [SILENT]
    assert open_tasks(s)[SILENT].startswith("John Smith sent Ximena Castro and is ")
    assert called in open_tasks(s)[SILENT] or signs == {"emails": (OUT,)}


@pytest.mark.clause("X-57", "X-64", "RF-07")
@pytest.mark.parametrize("by", ["John Smith", "john.smith.50@example.org", "#50"])
def test_a_source_who_is_only_in_the_trash_is_neither_thanked_nor_made_again(by: str) -> None:
    s = passed(world(in_trash(), lead(by=by)), prefix=EVERYTHING)

    assert about_thanks(s) == [SILENT]
    assert open_tasks(s)[SILENT].startswith("John Smith sent Ximena Castro and is in the Trash")

    restored = later(changed(s, 50, trashed=False, stage=Stage.PAST_CLIENT_BUYER, stage_label=STAGE_LABELS[Stage.PAST_CLIENT_BUYER]))
    assert {PROMPT, DRAFT} <= set(about_thanks(restored))
    assert SILENT not in open_tasks(restored)


@pytest.mark.clause("X-57", "X-64", "X-62")
def test_a_thank_you_that_is_open_ends_when_the_source_goes_to_the_trash_whoever_else_has_the_name() -> None:
    s = later(decided(passed(world(), prefix=EVERYTHING), DRAFT, "E-mail it"))
    gone = later(changed(s, 50, trashed=True, stage=None, stage_label="Trash"))
    assert [mark for mark in about_thanks(gone) if mark in open_tasks(gone)] == [SILENT]
    assert cell(gone, "Approvals", DRAFT, "Status") == "Withdrawn: in the Trash"

    two = {n: source(n, emails=(Reach(f"john{n}@example.org"),)) for n in (51, 52)}
    namesakes = later(replace(gone, contacts={**gone.contacts, **two}))
    assert [mark for mark in about_thanks(namesakes) if mark in open_tasks(namesakes)] == [SILENT]


@pytest.mark.clause("X-57", "X-73", "RF-08")
@pytest.mark.parametrize("done", [True, False])
def test_a_source_renamed_beside_a_double_in_the_trash_is_not_to_be_thanked_again(done: bool) -> None:
    s = passed(world(), prefix=EVERYTHING)
    s = later(ticked(s, PROMPT)) if done else s
    double = replace(in_trash(), id=51, emails=())
    s = replace(s, contacts={**s.contacts, 51: double, 50: replace(s.contacts[50], first_name="Jonathan")})
    s = later(changed(s, 101, fields={**s.contacts[101].fields, "referred_by": "#50"}))

    r = by_lead(s)[101]
    assert str(prompt_key(s, r)) == (PROMPT if done else f"{PROMPT}-p50")
    prompts = {mark: name for mark, name in open_tasks(s).items() if mark.startswith("RF-08")}
    assert list(prompts.values()) == ([] if done else ["Thank Jonathan Smith for referring Ximena Castro"])


@pytest.mark.clause("X-57", "X-73")
def test_a_prompt_ends_when_its_source_goes_to_the_trash_and_another_is_named() -> None:
    s = passed(world(source(), source(52, "Nia Okafor"), lead()), prefix=EVERYTHING)
    s = changed(s, 50, trashed=True, stage=None, stage_label="Trash")
    s = later(changed(s, 101, fields={**s.contacts[101].fields, "referred_by": "Nia Okafor"}))

    assert [name for mark, name in open_tasks(s).items() if mark.startswith("RF-08")] == ["Thank Nia Okafor for referring Ximena Castro"]


@pytest.mark.clause("X-57", "RF-07")
@pytest.mark.parametrize("signs", [{}, {"tags": ("DNC",)}])
def test_a_namesake_outside_the_trash_is_thanked(signs: dict[str, Any]) -> None:
    s = passed(world(in_trash(**signs), source(51), lead()), prefix=EVERYTHING)

    assert {PROMPT, DRAFT} <= set(about_thanks(s))
    assert not [mark for mark in about_thanks(s) if mark.endswith(" silent")]


@pytest.mark.clause("X-64", "X-73", "RF-07")
@pytest.mark.parametrize("signs", [{}, {"tags": ("DNC",)}])
@pytest.mark.parametrize("by", ["John Smith", "#50"])
def test_where_each_of_two_named_sources_is_in_the_trash_nobody_is_thanked_nor_made_again(by: str, signs: dict[str, Any]) -> None:
    nia = replace(source(51, "Nia Okafor"), trashed=True, stage=None, stage_label="Trash", **signs)
    s = passed(world(in_trash(**signs), nia, lead(by=by, source="Referral - Nia Okafor")), prefix=EVERYTHING)

    assert about_thanks(s) == ["RF-07 p101 two-sources"]
    assert "Thank" not in " ".join((*open_tasks(s).values(), *(note.body for note in s.notes)))

    settled = later(ticked(s, "RF-07 p101 two-sources"))
    assert [mark for mark in about_thanks(settled) if mark in open_tasks(settled)] == [SILENT]


@pytest.mark.clause("X-64", "X-73")
def test_the_one_of_two_named_sources_who_opted_out_is_not_the_one_to_thank() -> None:
    out = source(tags=("DNC",))
    s = passed(world(out, source(51, "Nia Okafor"), lead(source="Referral - Nia Okafor")), prefix=EVERYTHING)
    assert about_thanks(s) == ["RF-07 p101 two-sources"]


@pytest.mark.clause("X-77")
@pytest.mark.parametrize("text", ["John Smith", "john.smith.50@example.org", "(512) 555-0150"])
def test_whoever_names_them_means_them(text: str) -> None:
    gone = in_trash(tags=("DNC",), phones=(Reach("512-555-0150"),))

    assert meant(world(gone, lead()), text) == {50}
    assert meant(world(gone, source(51, phones=gone.phones, emails=gone.emails), lead()), text) == {51}
    assert meant(world(in_trash(phones=gone.phones), lead()), text) == {50}
    merged = in_trash(phones=gone.phones)
    assert meant(world(merged, source(51, phones=gone.phones, emails=gone.emails), lead()), "#50") == {51}


@pytest.mark.clause("X-64", "X-65", "X-77", "RF-07")
@pytest.mark.parametrize(("people", "by", "told"), [
    ((in_trash(tags=("DNC",)), replace(in_trash(tags=("DNC",)), id=51)), "John Smith", [SILENT]), ((in_trash(tags=("DNC",)),), "#50", [SILENT]),
    ((in_trash(unreadable=("tags",)),), "John Smith", []), ((in_trash(unreadable=("tags",)),), "#50", [])])
def test_nobody_in_the_trash_to_whom_nothing_may_go_is_thanked_however_they_are_named(people: tuple[Contact, ...], by: str, told: list[str]) -> None:
    assert about_thanks(passed(world(*people, lead(by=by)), prefix=EVERYTHING)) == told


@pytest.mark.clause("X-64", "X-66", "X-77")
@pytest.mark.parametrize("answer", ["leave alone in every way", "deceased"])
@pytest.mark.parametrize("gone", [True, False])
def test_what_the_agent_answered_counts_in_the_trash_too(answer: str, gone: bool) -> None:
    said = {"leave alone in every way": Answer.EVERY_WAY, "deceased": Answer.DECEASED}[answer]
    rows = [{"Ref": "permission DB-42 p50 unsubscribed", "What": str(said), "Date": "2026-12-01"}]
    who = in_trash() if gone else source()
    s = passed(world(who, lead(), workbook=book({"Memory": rows})), prefix=EVERYTHING)

    assert about_thanks(s) == [SILENT]


# -- lifted ----------------------------------------------------------------------------------------


@pytest.mark.clause("X-67", "X-81")
def test_an_approved_thank_you_comes_up_again_when_the_sign_is_lifted_and_its_notice_ends() -> None:
    s = later(decided(passed(world(), prefix=EVERYTHING), DRAFT, "E-mail it"))
    assert SEND in open_tasks(s)
    s = later(later(changed(s, 50, tags=("DNC",))))
    assert (SEND in open_tasks(s), SILENT in open_tasks(s)) == (False, True)
    assert cell(s, "Approvals", DRAFT, "Status") == "Withdrawn: Do Not Contact"

    s = later(changed(s, 50, tags=()))
    s = later(later(decided(s, "DB-42 p50 again", "John may be contacted again")))
    assert (f"{SEND}.2" in open_tasks(s), SILENT in open_tasks(s), f"{PROMPT}.2" in open_tasks(s)) == (False, False, True)
    assert cell(s, "Approvals", DRAFT, "Status").startswith("Decide again")

    s = later(decided(later(decided(s, DRAFT, "")), DRAFT, "E-mail it"))
    assert f"{SEND}.2" in open_tasks(s)


@pytest.mark.clause("X-81")
def test_the_notice_ends_when_the_sign_is_lifted_after_the_days_of_a_thank_you() -> None:
    s = passed(world(source(tags=("DNC",)), lead()))
    assert SILENT in open_tasks(s)

    month_later = s.now + timedelta(days=31)
    assert SILENT not in open_tasks(passed(changed(s, 50, tags=()), month_later))


# -- unreadable ------------------------------------------------------------------------------------


@pytest.mark.clause("X-65")
def test_a_source_whose_signs_cannot_be_read_is_left_alone_in_that_pass() -> None:
    s = passed(world(source(unreadable=("tags",)), lead()), prefix=EVERYTHING)
    assert about_thanks(s) == []
    assert unreadable.named(s) == {50: "tags"}

    readable = later(changed(s, 50, unreadable=()))
    assert {PROMPT, DRAFT} <= set(about_thanks(readable))


@pytest.mark.clause("X-65")
def test_nothing_of_theirs_is_ended_either() -> None:
    s = later(decided(passed(world(), prefix=EVERYTHING), DRAFT, "E-mail it"))
    s = changed(s, 50, unreadable=("tags",), stage=Stage.DO_NOT_CONTACT, stage_label=STAGE_LABELS[Stage.DO_NOT_CONTACT])

    touched = {action.mark for action in plan(s, ("referrals.",)).actions}
    assert not {mark for mark in touched if mark.startswith(("RF-08", "RF-13", "RF-31"))}


@pytest.mark.clause("X-65", "RF-07")
@pytest.mark.parametrize(("others", "step"), [((), "create"), ((source(51, "Nia Okafor"),), "two-sources")])
def test_a_question_about_somebody_who_may_be_meant_stays_as_it_is(others: tuple[Contact, ...], step: str) -> None:
    by = {"create": "Website", "two-sources": "Referral - Nia Okafor"}[step]
    s = passed(world(*others, lead(source=by)), prefix=EVERYTHING)
    assert f"RF-07 p101 {step}" in open_tasks(s)
    before = {mark for mark in open_tasks(s) if mark.startswith(("RF-07", "RF-08"))}

    unread = in_trash(unreadable=("tags",))
    s = later(replace(s, contacts={**s.contacts, 50: unread}))
    assert {mark for mark in open_tasks(s) if mark.startswith(("RF-07", "RF-08"))} == before

    read = later(changed(s, 50, unreadable=(), tags=("DNC",)))
    assert "RF-07 p101 create" not in open_tasks(read)
    assert PROMPT not in open_tasks(read)


@pytest.mark.clause("X-65", "RF-45")
def test_a_tag_that_cannot_be_read_takes_no_inquiry_back() -> None:
    s = passed(changed(passed(world()), 50, tags=("Referral Source", "Referral: asked for status")))
    assert "RF-45 p101 asked" in open_tasks(s)
    assert "RF-45 p101 asked" in open_tasks(passed(changed(s, 50, tags=(), unreadable=("tags",))))


# -- called dead in the name -----------------------------------------------------------------------


@pytest.mark.clause("X-66", "X-77", "X-64", "RF-07")
@pytest.mark.parametrize("called", ["John Smith (Deceased)", "John Smith - deceased 3/2026", "John (died 2026) Smith", "John deceased Smith"])
@pytest.mark.parametrize("by", ["John Smith", "john smith", "John Smith (Deceased)", "John Smith - deceased", "John Smith (Past Client)"])
def test_a_source_whose_name_says_deceased_is_found_and_held(called: str, by: str) -> None:
    first, _, last = called.rpartition(" ") if called.startswith("John d") else called.partition(" ")
    dead = replace(source(50), first_name=first, last_name=last)
    s = passed(world(dead, lead(by=by)), prefix=EVERYTHING)

    assert meant(s, by) == {50}
    assert not [mark for mark in open_tasks(s) if mark.startswith("RF-07")], "nobody creates a second contact"
    assert cell(s, "Approvals", DRAFT, "Status").startswith("Not ready: X-66: the name says deceased")
    assert "What does it mean?" in cell(s, "Approvals", "DB-42 p50 died", "What")


@pytest.mark.clause("X-77", "RF-07")
def test_of_two_namesakes_one_of_whom_died_nobody_is_guessed() -> None:
    s = world(source(50, "John Smith (Deceased)"), source(51), lead())

    assert meant(s, "John Smith") == {50, 51}


@pytest.mark.clause("X-66", "X-77", "X-64", "RF-07")
@pytest.mark.parametrize(("first", "last"), [("John", "Smith (DNC)"), ("John", "Smith - do not contact"), ("John DNC", "Smith"), ("John Smith", "DNC"), ("John (opted out)", "Smith")])
def test_a_source_with_an_opt_out_in_the_name_is_found_held_and_asked_about(first: str, last: str) -> None:
    s = passed(world(replace(source(), first_name=first, last_name=last), lead()), prefix=EVERYTHING)
    asked, = [row for row in s.workbook.rows("Approvals") if row.ref.startswith("DB-42")]

    assert meant(s, "John Smith") == {50}
    assert 'in the name mean? It is on 1 contact.' in asked.text("What")
    assert cell(s, "Approvals", DRAFT, "Status").startswith("Not ready: X-66: the text ")

    barred = later(decided(s, asked.ref, "No contact at all"))
    assert cell(barred, "Approvals", DRAFT, "Status").startswith("Withdrawn")
    freed = later(decided(s, asked.ref, "Means something else"))
    assert cell(freed, "Approvals", DRAFT, "Status").startswith("Waiting")
    renamed = later(changed(s, 50, first_name="John", last_name="Smith"))
    assert cell(renamed, "Approvals", DRAFT, "Status").startswith("Not ready: X-66: the text "), "absence is no permission"
