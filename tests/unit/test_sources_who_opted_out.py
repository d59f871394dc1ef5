"""Sources who opted out, died, or whose signs cannot be read: what is asked about them, and what comes back when a sign is lifted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from daemon.passes import unreadable
from policies.facts.people_by_name import meant
from policies.facts.permission_answers import Answer
from policies.world.model import STAGE_LABELS, Contact, Reach, Stage
from policies.world.snapshot import Snapshot
from tests.passes import cell, changed, decided, open_tasks, passed, plan
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


@pytest.mark.clause("X-57", "RF-07")
@pytest.mark.parametrize("people", [(in_trash(),), (in_trash(tags=("DNC",)), source(51))])
def test_a_source_in_the_trash_without_a_sign_and_a_namesake_outside_it_are_as_before(people: tuple[Contact, ...]) -> None:
    s = passed(world(*people, lead()), prefix=EVERYTHING)

    assert {PROMPT, DRAFT} <= set(about_thanks(s))
    assert SILENT not in about_thanks(s)


@pytest.mark.clause("X-77")
@pytest.mark.parametrize("text", ["John Smith", "john.smith.50@example.org", "(512) 555-0150"])
def test_whoever_names_them_means_them(text: str) -> None:
    gone = in_trash(tags=("DNC",), phones=(Reach("512-555-0150"),))

    assert meant(world(gone, lead()), text) == {50}
    assert meant(world(gone, source(51, phones=gone.phones, emails=gone.emails), lead()), text) == {51}
    assert meant(world(in_trash(phones=gone.phones), lead()), text) == frozenset()


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
