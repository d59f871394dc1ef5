"""The life of a row in Approvals: what it says, what counts in it, and when it is asked once more."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from policies.asks import approvals, group, question
from policies.asks.approvals import Decision, read
from policies.asks.drafts import digest
from policies.asks.followup import Matter, close, matter, of_rule
from policies.asks.question import (
    Question,
    approved,
    ask,
    each_year,
    fixed,
    never,
    numbered,
    older_than,
    once_spent,
    once_used,
)
from policies.asks.wants import Finding, WantRow, WantWithdrawn
from policies.asks.weighing import Basis, weigh
from policies.world.model import Key
from policies.world.sheet import Row
from policies.world.snapshot import Snapshot
from tests.scenes import book, own_task, snapshot

KEY = Key("DB-23", "p1x2", "decide")
TODAY = date(2026, 12, 14)
ASKED = Question(key=KEY, clause="DB-23", reason="they look alike", what="Are they one?", text="Ana and Anna", due=TODAY)
BOUND = digest("Ana and Anna")


def row(ref: str = str(KEY), **cells: Any) -> Row:
    shown = {"Draft": "Ana and Anna", "Digest": f"{BOUND}/{BOUND}", "Status": approvals.WAITING}
    return Row(ref, {"Ref": ref, **shown, **{name.replace("_", " "): value for name, value in cells.items()}})


def world(*rows: Row, today: date = TODAY, unguarded: str = "") -> Snapshot:
    s = snapshot(today, workbook=book({"Approvals": [dict(one.cells) for one in rows]}))
    return replace(s, workbook=replace(s.workbook, decisions_guarded=unguarded))


def cells(finding: Finding | None) -> dict[str, Any]:
    assert finding is not None
    assert isinstance(finding.want, WantRow)
    return dict(finding.want.keep)


@pytest.mark.clause("MS-09", "X-81")
@pytest.mark.parametrize(("status", "typed", "acted", "over", "open_", "undecided"), [
    (approvals.WAITING, "", "", False, True, True),
    (approvals.WAITING, "Approve", "", False, True, False),
    (approvals.ON_HOLD, "Hold", "", False, True, False),
    ("Not ready: no address", "", "", False, True, True),
    ("Decide again: the draft was edited (clear the Decision cell, then choose)", "", "", False, True, True),
    ("Not ready: no address", "Approve", "", False, True, True),
    ("Decide again: the draft was edited (clear the Decision cell, then choose)", "Approve", "", False, True, True),
    (approvals.HANDED_OVER, "Approve", "2026-12-14 06:00", False, False, False),
    ("Decided: Merge", "", "2026-12-14 06:00", False, False, False),
    (approvals.SENT, "Approve", "2026-12-14 06:00", True, False, False),
    (approvals.MISSED, "", "", True, False, False), (approvals.REJECTED, "Reject", "", True, False, False),
    ("Ended: Not their residence", "", "", True, False, False),
    ("Withdrawn: deceased", "", "", True, False, False), ("Done: not answered", "", "", True, False, False),
])
def test_what_a_row_says_of_itself(status: str, typed: str, acted: str, over: bool, open_: bool, undecided: bool) -> None:
    found = Decision(row(Status=status, Decision=typed, Acted_On=acted))

    assert (found.over, found.open, found.undecided) == (over, open_, undecided)


@pytest.mark.clause("MS-09")
@pytest.mark.parametrize(("typed", "choice"), [
    ("approve", "Approve"), ("HOLD", "Hold"), ("", ""), ("Approved", ""), ("OK", ""), ("TRUE", ""), (" Reject ", "Reject")])
def test_only_a_listed_word_is_a_choice(typed: str, choice: str) -> None:
    assert Decision(row(Decision=typed)).choice == choice


@pytest.mark.clause("MS-09", "X-81")
@pytest.mark.parametrize(("changes", "choice", "status"), [
    ({}, "", approvals.WAITING),
    ({"Decision": "Approve"}, "Approve", "Decided: Approve"),
    ({"Decision": "Reject"}, "Reject", "Decided: Reject"),
    ({"Decision": "Hold"}, "", approvals.ON_HOLD),
    ({"Decision": "Approved"}, "", "Not ready: the word in the Decision cell is not one of the choices. Choose Approve, Hold or Reject"),
    ({"Decision": "Approve", "Draft": "Ana"}, "", "Decide again: the draft was edited"),
    ({"Decision": "Approve", "Digest": ""}, "", "Decide again: part of the row was deleted"),
    ({"Decision": "Approve", "Digest": f"{digest('old')}/{digest('old')}", "Draft": "old"}, "", "Decide again: the facts behind the draft changed"),
    ({"Decision": "Approve", "Digest": f"{digest('mine')}/{digest('old')}", "Draft": "mine"}, "", "Decide again: the facts changed after you edited"),
    ({"Decision": "Approve", "Status": "Withdrawn: deceased"}, "", "Decide again: deceased"),
    ({"Decision": "Reject", "Status": "Withdrawn: deceased"}, "Reject", "Decided: Reject"),
])
def test_one_rule_says_what_an_answer_is_worth(changes: dict[str, Any], choice: str, status: str) -> None:
    answer = ask(world(row(**changes)), ASKED)

    assert answer.choice == choice
    assert str(cells(answer.row)["Status"]).startswith(status)


@pytest.mark.clause("MS-09")
@pytest.mark.parametrize(("typed", "status", "acted", "choice"), [
    ("Approve", approvals.WAITING, "", ""), ("Reject", approvals.WAITING, "", ""),
    ("Approve", "Decided: Approve", "2026-12-01 06:00", "Approve"), ("Reject", "Decided: Reject", "2026-12-01 06:00", "Reject")])
def test_without_protection_nothing_new_counts_and_what_was_acted_on_stays(typed: str, status: str, acted: str, choice: str) -> None:
    s = world(row(Decision=typed, Status=status, Acted_On=acted), unguarded="anybody may edit it")

    assert ask(s, ASKED).choice == choice


@pytest.mark.clause("MS-09")
def test_a_copied_row_decides_nothing_and_is_not_put_up_again() -> None:
    answer = ask(world(row(Decision="Approve"), row(Decision="Approve")), ASKED)

    assert (answer.choice, answer.row) == ("", None)


@pytest.mark.clause("MS-09")
def test_an_answer_is_used_once() -> None:
    first = ask(world(row(Decision="Approve")), ASKED)
    again = ask(world(row(Decision="Approve", Status="Decided: Approve", Acted_On="2026-12-14 06:00")), ASKED)

    assert (first.acted, again.acted) == (False, True)


@pytest.mark.clause("DB-23")
def test_a_lasting_answer_stays_however_its_text_changes() -> None:
    said = row(Decision="Approve", Status="Decided: Approve", Acted_On="2026-12-14 06:00")
    renamed = replace(ASKED, text="Ana and Annabel")

    assert ask(world(said), renamed).choice == ""
    assert ask(world(said), replace(renamed, lasting=True)).choice == "Approve"


@pytest.mark.clause("DB-23", "DB-36", "DB-41")
@pytest.mark.parametrize(("again", "cells_", "ref"), [
    (never, {"Acted_On": "2025-12-14 06:00"}, str(KEY)),
    (once_used, {}, str(KEY)), (once_used, {"Status": "Withdrawn: gone"}, str(KEY)), (once_used, {"Acted_On": "2026-12-14 05:00"}, f"{KEY}.2"),
    (once_spent, {}, str(KEY)), (once_spent, {"Status": "Withdrawn: gone"}, f"{KEY}.2"), (once_spent, {"Status": "Decide again: x"}, f"{KEY}.2"),
    (each_year(TODAY, ["Reject"]), {"Acted_On": "2025-12-15 06:00", "Decided_On": "2025-12-15 06:00", "Status": "Decided: Reject"}, str(KEY)),
    (each_year(TODAY, ["Reject"]), {"Acted_On": "2025-12-14 06:00", "Decided_On": "2025-12-14 06:00", "Status": "Decided: Reject"}, f"{KEY}.2"),
    (each_year(TODAY, ["Reject"]), {"Acted_On": "2020-12-14 06:00", "Decided_On": "2020-12-14 06:00", "Status": "Decided: Merge"}, str(KEY)),
    (each_year(TODAY, ["Reject"]), {"Acted_On": "2020-12-14 06:00", "Decided_On": "some day", "Status": "Decided: Reject"}, str(KEY)),
    (older_than("2026-12-01 06:00"), {"Decided_On": "2026-12-01 06:00"}, str(KEY)), (older_than("2026-12-01 06:00"), {}, str(KEY)),
    (older_than("2026-12-01 06:00"), {"Decided_On": "2026-12-01 05:59"}, f"{KEY}.2"),
])
def test_when_a_question_is_asked_once_more(again: question.Again, cells_: dict[str, Any], ref: str) -> None:
    asked = ask(world(row(Decision="Reject", **cells_)), replace(ASKED, again=again)).row

    assert question.current(world(row(**cells_)).workbook, KEY, again) == Key.parse(ref)
    assert asked is None or (isinstance(asked.want, WantRow) and asked.want.ref == ref)


@pytest.mark.clause("DB-41", "DB-05")
@pytest.mark.parametrize(("cells_", "yes", "status"), [
    ({}, False, approvals.WAITING), ({"Decision": "Approve"}, True, approvals.WAITING),
    ({"Decision": "Hold"}, False, approvals.ON_HOLD), ({"Decision": "Reject"}, False, approvals.REJECTED),
    ({"Decision": "", "Status": approvals.REJECTED}, False, approvals.WAITING),        # taken back
    ({"Decision": "Approve", "Status": approvals.REJECTED}, True, approvals.WAITING),  # thought better of
    ({"Decision": "Approve", "Draft": "edited"}, False, "Decide again: the draft was edited (clear the Decision cell, then choose)"),
    ({"Decision": "Approve", "Acted_On": "2026-12-14 06:00"}, False, approvals.WAITING),
])
def test_a_question_about_a_plan_keeps_its_text_and_says_what_was_heard(cells_: dict[str, Any], yes: bool, status: str) -> None:
    s = world(row("ASK 12ab", **cells_))
    want = fixed(s.workbook, "ASK 12ab", rule="DB-41", what="Go on?", text="another plan", due=TODAY)

    assert approved(s.workbook, "ASK 12ab") is yes
    assert want.keep == {"Status": status}


@pytest.mark.clause("DB-41", "DB-05")
@pytest.mark.parametrize(("cells_", "ref"), [
    ({}, "ACK 12ab"), ({"Status": approvals.REJECTED}, "ACK 12ab"), ({"Acted_On": "2026-12-14 06:00"}, "ACK 12ab 2"),
    ({"Status": "Withdrawn: nothing waits"}, "ACK 12ab 2")])
def test_a_plan_that_was_answered_is_asked_about_under_another_number(cells_: dict[str, Any], ref: str) -> None:
    assert numbered(world(row("ACK 12ab", **cells_)).workbook, "ACK 12ab", once_spent) == ref


# -- the end ---------------------------------------------------------------------------------------


TASKS = (own_task("DB-23 p1x2 merge", number=7), own_task("DB-23 p1x2 merge.2", number=8, completed=True), own_task("DB-44 p1x2 correct", number=9))


def closed(s: Snapshot, what: Matter, **more: Any) -> list[tuple[str, str]]:
    return [(str(f.want.key), f.want.because) if isinstance(f.want, WantWithdrawn) else (f.want.ref, str(f.want.keep["Status"]))
            for f in close(what, "merged", **more) if isinstance(f.want, WantWithdrawn | WantRow)]


@pytest.mark.clause("X-81")
def test_whatever_ends_ends_whole() -> None:
    s = replace(world(row(Decision="Approve", Acted_On="2026-12-14 06:00")), tasks=TASKS)
    everything = matter(s, [Key("DB-23", "p1x2", "merge")], rows=[KEY])

    assert closed(s, everything) == [("DB-23 p1x2 merge", "merged"), (str(KEY), "Withdrawn: merged")]
    assert closed(s, everything, status="Done: merged") == [("DB-23 p1x2 merge", "merged"), (str(KEY), "Done: merged")]


@pytest.mark.clause("X-81")
def test_a_row_says_that_it_was_withdrawn_after_its_tasks_were_and_is_decided_no_more() -> None:
    s = replace(world(row(Decision="Approve", Decided_On="2026-12-14 06:00", Acted_On="2026-12-14 06:00")), tasks=TASKS)
    last = [*close(matter(s, [Key("DB-23", "p1x2", "merge")], rows=[KEY]), "merged")][-1].want

    assert isinstance(last, WantRow)
    assert last.requires == (Key("DB-23", "p1x2", "merge"),)
    assert (last.keep["Decided On"], last.keep["Acted On"], last.create) == ("", "", False)


@pytest.mark.clause("X-81")
@pytest.mark.parametrize("status", [approvals.SENT, approvals.MISSED, approvals.REJECTED, "Withdrawn: x", "Done: x", "Ended: x"])
def test_what_is_over_has_no_second_end(status: str) -> None:
    assert closed(world(), Matter(rows=(Decision(row(Status=status)),))) == []


@pytest.mark.clause("X-81", "X-67")
@pytest.mark.parametrize("safety", [True, False])
def test_a_sign_of_safety_is_handed_on_to_every_withdrawal(safety: bool) -> None:
    s = replace(world(), tasks=TASKS)
    wants = [f.want for rule in ("DB-23", "DB-44") for f in close(of_rule(s, rule, "p1x2"), "deceased", safety=safety)]

    assert [(w.task_id, w.safety) for w in wants if isinstance(w, WantWithdrawn)] == [(7, safety), (9, safety)]


@pytest.mark.clause("MS-09")
def test_the_digest_binds_as_it_always_did() -> None:
    assert weigh(None, "text", "").digest == f"{digest('text')}/{digest('text')}"
    assert weigh(None, "text", "", Basis("who")).digest == f"{digest('text')}/{digest('text')}/{digest('who')}"
    assert read(world(row()).workbook, KEY) == Decision(row())


@pytest.mark.clause("MS-09")
def test_approvals_alone_reads_what_was_decided() -> None:
    """Whoever else reads these cells weighs them by a rule of its own."""
    root = Path(approvals.__file__).parents[2]
    reads = re.compile(r'(text|cells\.get)\("(Decision|Decided On|Acted On)"\)|cells\["(Decision|Decided On|Acted On)"\]')
    sources = [path for folder in ("policies", "daemon", "connectors") for path in (root / folder).rglob("*.py") if "sandbox" not in path.parts]

    assert [path.name for path in sources if reads.search(path.read_text(encoding="utf-8"))] == ["approvals.py"]


@pytest.mark.clause("DB-46")
def test_a_list_shows_its_first_lines_and_counts_all() -> None:
    lines = [f"contact {n}" for n in range(question.SHOWN + 1)]
    whole, longer = question.listing(lines[:-1], "contacts"), question.listing(lines, "contacts")

    assert len(whole.splitlines()) == question.SHOWN + 1
    assert "more" not in whole
    assert longer.splitlines()[-2:] == ["… and 1 more", f"251 contacts in all; this list is {digest('|'.join(lines))}"]


@pytest.mark.clause("DB-30", "X-68")
def test_a_listing_has_the_rows_of_its_own_rule_and_period_alone() -> None:
    rows_ = [{"Ref": ref, "Group": "Leads", "Contact": ref} for ref in (
        "DB-30 p101 2026Q4-cold", "DB-30 p102 2027Q1-cold", "DB-30 p103 2027Q2-cold", "DB-29 p104 2027Q1-cold")]
    s = snapshot(TODAY, workbook=book({"Cold Leads": rows_}))
    found = group.listings(s, "Cold Leads", "DB-30", "2027Q1-cold", lambda one: one.text("Contact"), ())
    assert [listing.refs for listing in found.values()] == [("DB-30 p102 2027Q1-cold",)]
