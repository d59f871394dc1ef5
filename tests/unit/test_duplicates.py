"""What follows from a pair: its row, the VA's task, the agent's question, the hold, and the end; both sides of every edge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from daemon.passes import guard
from daemon.passes import plan as planning
from daemon.passes.forecast import after
from policies.asks.escalation import DatabaseIssue, database_message
from policies.asks.wants import WantRow, WantTask
from policies.database.duplicates.duplicates import decide, silence
from policies.database.duplicates.survivor import propose
from policies.facts.permission_words import Answer
from policies.facts.same_person.conflicts import held, suspicions
from policies.facts.same_person.pair_answers import significant
from policies.facts.same_person.pairs import Kind, find
from policies.facts.signs.sign_memory import Seen
from policies.milestones import closing_anniversary
from policies.world.memory import Signs
from policies.world.model import (
    STAGE_LABELS,
    Address,
    Contact,
    Deal,
    Key,
    Reach,
    Stage,
)
from policies.world.practice import DatabaseOptions
from policies.world.snapshot import Snapshot
from tests.scenes import AGENT, VA, at, book, client, own_task, practice, purchase, snapshot, wants

TODAY = date(2026, 12, 14)
MAIL, PHONE = "river77@example.org", "(512) 555-0100"
PAIR, TASK, ASKED = "DB-23 p101x102 pair", "DB-23 p101x102 merge", "DB-23 p101x102 decide"
CONFLICT = "DB-44 p101x102 identity"
SEEN = {"Ref": PAIR, "First Seen": "2026-12-01 06:00", "Status": "x"}


def ana(number: int, **changes: Any) -> Contact:
    return client(number, emails=(Reach(MAIL),), addresses=(), **changes)


def double(number: int) -> tuple[Contact, Contact]:
    """Two contacts that are certainly one person, and nobody else."""
    mail = (Reach(f"river{number}@example.org"),)
    return tuple(client(n, last_name=f"L{'abcdefghij'[number // 10 % 10]}{'abcdefghij'[number % 10]}x", emails=mail, addresses=()) for n in (number, number + 1))  # type: ignore[return-value]


def crowd(number: int, first: int = 5000) -> list[Contact]:
    """Contacts who share nothing with anybody."""
    return [client(n, first_name=f"F{n}", last_name=f"X{n}y", addresses=()) for n in range(first, first + number)]


DOUBLE = (ana(101), ana(102))
MAYBE = (client(101, emails=(Reach(MAIL),), first_name="Robert"), client(102, emails=(Reach(MAIL),), first_name="Bob"))
STRANGERS = (ana(101), ana(102, first_name="Luis", last_name="Novak"))
COUPLE = (ana(101), ana(102, first_name="Luis"))


def world(people: Iterable[Contact], approvals: Iterable[dict[str, Any]] = (), pairs: Iterable[dict[str, Any]] = (), today: date = TODAY,
          **changes: Any) -> Snapshot:
    return snapshot(today, [*people, *crowd(200)], workbook=book({"Approvals": approvals, "Duplicates": pairs}), **changes)


def said(s: Snapshot) -> list[str]:
    return wants(decide(s))


def row(s: Snapshot, ref: str) -> WantRow:
    return next(f.want for f in decide(s) if isinstance(f.want, WantRow) and f.want.ref == ref)


def answered(s: Snapshot, ref: str, choice: str, **more: Any) -> dict[str, Any]:
    """The row that *s* wants, as it stands in the Sheet after the agent chose."""
    want = row(s, ref)
    return {"Ref": ref, **want.first, **want.keep, "Decision": choice, **more}


def acted(s: Snapshot, ref: str, choice: str, when: str) -> dict[str, Any]:
    return answered(s, ref, choice, **{"Status": f"Decided: {choice}", "Decided On": when, "Acted On": when})


# -- the texts ---------------------------------------------------------------------------------------------------------


@pytest.mark.clause("DB-45", "X-53")
@pytest.mark.parametrize(("issue", "subject", "needed"), [
    (DatabaseIssue.DUPLICATES, "Duplicate records", "review the affected records"),
    (DatabaseIssue.SCOPE, "large-scale action scope", "Your approval to proceed"),
    (DatabaseIssue.OPT_OUT, "opt-out from active client", "Your approval to proceed"),
    (DatabaseIssue.EMPTY_SEGMENT, "segment returning zero", "review the affected records"),
    (DatabaseIssue.IDENTITY, "identity conflict", "confirm the correct contact")])
def test_the_escalation_has_the_procedures_exact_words_and_blank_lines(issue: DatabaseIssue, subject: str, needed: str) -> None:
    assert database_message(issue, agent="Dana Reyes", records=24, va="Mia Cole") == (
        "Hi Dana Reyes — database issue needs your input before I proceed.\n\n"
        f"Issue: {subject}\nScale: 24\nNeeded: {needed}\n\nMia Cole")


# -- a certain pair ----------------------------------------------------------------------------------------------------


@pytest.mark.clause("DB-23", "X-31")
def test_a_certain_pair_is_a_row_and_a_task_of_the_vas() -> None:
    s = world(DOUBLE, practice=practice(crm_domain="dana"))
    task = next(f.want for f in decide(s) if isinstance(f.want, WantTask))
    found = row(s, PAIR)

    assert said(s) == [f"task {TASK}", f"row {PAIR}"]
    assert (task.assignee, task.person_id, task.due) == (VA, 101, date(2026, 12, 21))
    assert task.name == "Merge contact 102 into Ana Lopez (101); what to fill in: tab Duplicates"
    assert (found.keep["Kind"], found.keep["Contact A"], found.keep["Contact B"], found.keep["Status"]) == (
        "certain", "Ana Lopez (101)", "Ana Lopez (102)", "The VA has a task")
    assert found.keep["Reason"] == "same e-mail river77@example.org; same name"
    assert found.first == {"Link A": "https://dana.followupboss.com/2/people/view/101",
                           "Link B": "https://dana.followupboss.com/2/people/view/102", "First Seen": "2026-12-14 06:00"}
    assert [guard.forbidden(a) for a in planning.make(s, decide(s)).actions] == ["", ""]


@pytest.mark.clause("DB-23")
@pytest.mark.parametrize(("task", "status"), [
    ({}, "The VA has a task"),
    ({"completed": True}, "The task was ticked, but both are still there: merge them, or say in the CRM what makes them two")])
def test_a_ticked_task_is_no_merge(task: dict[str, Any], status: str) -> None:
    assert row(world(DOUBLE, tasks=(own_task(TASK, **task),)), PAIR).keep["Status"] == status


def test_a_task_that_a_person_deleted_is_not_made_again() -> None:
    s = world(DOUBLE, deleted=frozenset({Key("DB-23", "p101x102", "merge")}))

    assert row(s, PAIR).keep["Status"] == "A person deleted the task: it is not made again"
    assert [a.entity for a in planning.make(s, decide(s)).actions] == ["Duplicates"]


@pytest.mark.clause("DB-23", "DB-34")
def test_a_merge_is_seen_by_the_trash_and_ends_row_task_and_question() -> None:
    trashed = (ana(101), ana(102, trashed=True))
    question = {"Ref": ASKED, "Status": "Waiting for your decision"}
    s = world(trashed, [question], [SEEN], tasks=(own_task(TASK),))

    assert said(s) == [f"withdraw {TASK}", f"mend {PAIR}", f"mend {ASKED}"]
    assert row(s, PAIR).keep["Status"] == "Over: merged: contact 102 is in the Trash"
    assert row(s, ASKED).keep["Status"] == "Done: merged: contact 102 is in the Trash"
    assert said(world(trashed, [{**question, "Status": "Done: merged"}], [{**SEEN, "Status": "Over: merged"}])) == []


@pytest.mark.parametrize(("other", "because"), [
    (client(102, first_name="Luis", addresses=()), "they do not look like one person any more, and share nothing"),
    (ana(102, tags=("Steward: skip",)), "people asked Steward to leave one of them alone")])
def test_a_pair_that_is_none_any_more_is_over_by_a_known_fact(other: Contact, because: str) -> None:
    s = world((ana(101), other), pairs=[SEEN], tasks=(own_task(TASK),))

    assert said(s) == [f"withdraw {TASK}", f"mend {PAIR}"]
    assert row(s, PAIR).keep["Status"] == f"Over: {because}"


def test_of_a_contact_that_cannot_be_seen_nothing_is_concluded() -> None:
    assert said(world((ana(101),), pairs=[SEEN], tasks=(own_task(TASK),))) == []


@pytest.mark.clause("DB-40", "X-31", "X-48")
@pytest.mark.parametrize(("pairs", "contacts", "many"), [(10, 1000, False), (11, 1000, True), (2, 100, False), (3, 100, True), (1, 50, False), (1, 49, True), (0, 0, False)])
def test_how_many_duplicates_are_significant(pairs: int, contacts: int, many: bool) -> None:
    assert significant(pairs, contacts) is many


@pytest.mark.clause("DB-40", "DB-45", "DB-46", "X-31")
@pytest.mark.parametrize(("count", "tasks"), [(10, 10), (11, 0)])
def test_a_significant_number_waits_for_the_agent_with_the_exact_message(count: int, tasks: int) -> None:
    s = world([c for n in range(count) for c in double(300 + 2 * n)], practice=practice(), activated=date(2020, 1, 1))
    s = replace(s, contacts={**s.contacts, **{c.id: c for c in crowd(600, 8000)}})
    found = said(s)

    assert sum(line.startswith("task") for line in found) == tasks
    assert sum(line.startswith("row DB-23") for line in found) == count  # every one is documented
    if not tasks:
        question = row(s, "DB-40 p300x301 duplicates")
        assert question.first["Draft"] == (
            "Hi Dana Reyes — database issue needs your input before I proceed.\n\nIssue: Duplicate records\nScale: 22\n"
            "Needed: review the affected records\n\nMia Cole")
        assert question.choices == ("Approve", "One by one", "Hold", "Reject")


def many(choice: str = "", count: int = 30, acted_on: str = "", seen: str = "2026-12-14 06:00", today: date = TODAY) -> Snapshot:
    """Thirty certain pairs, all in the tab, and the agent's answer about all of them."""
    people = [c for n in range(count) for c in double(300 + 2 * n)]
    ref, s = "DB-40 p300x301 duplicates", world(people)
    pairs = [{"Ref": f.want.ref, **f.want.first, **f.want.keep, "First Seen": seen} for f in decide(s) if isinstance(f.want, WantRow) and f.want.tab == "Duplicates"]
    answer = acted(s, ref, choice, acted_on) if acted_on else answered(s, ref, choice)
    return world(people, [answer], pairs, today=today)


@pytest.mark.clause("DB-40", "DB-41")
def test_once_approved_they_come_to_the_va_25_a_week_oldest_first() -> None:
    now, later = many("Approve"), many("Approve", acted_on="2026-12-14 06:00")

    for s in (now, later):
        tasks = [f.want for f in decide(s) if isinstance(f.want, WantTask)]
        assert [t.person_id for t in tasks] == [300 + 2 * n for n in range(25)]
    assert row(now, "DB-40 p300x301 duplicates").keep["Status"] == "Decided: Approve"
    assert row(now, "DB-23 p358x359 pair").keep["Status"] == "The VA's task comes when this week's are done (25 a week)"


@pytest.mark.clause("DB-40")
@pytest.mark.parametrize(("choice", "tasks", "questions"), [("", 0, 0), ("Hold", 0, 0), ("Reject", 0, 0), ("One by one", 0, 10)])
def test_without_an_approval_nothing_is_merged(choice: str, tasks: int, questions: int) -> None:
    found = said(many(choice))

    assert sum(line.startswith("task") for line in found) == tasks
    assert sum(line.endswith("decide") for line in found) == questions


@pytest.mark.clause("DB-40")
@pytest.mark.parametrize(("waiting", "asked"), [(9, 10), (10, 10), (11, 11)])
def test_nothing_more_is_asked_while_ten_wait_or_eleven_after_answers_were_taken_back(waiting: int, asked: int) -> None:
    s = many("One by one", acted_on="2026-12-14 06:00")
    group, *_ = s.workbook.rows("Approvals")
    one = answered(s, "DB-23 p300x301 decide", "")
    rows = [one | {"Ref": f"DB-23 p{300 + 2 * n}x{301 + 2 * n} decide"} for n in range(waiting)]
    pairs = [dict(r.cells) for r in s.workbook.rows("Duplicates")]

    found = said(replace(s, workbook=book({"Approvals": [dict(group.cells), *rows], "Duplicates": pairs})))

    assert sum(line.startswith("row DB-23") and line.endswith("decide") for line in found) == asked


@pytest.mark.clause("DB-40")
def test_the_latest_answer_about_all_of_them_counts_however_the_tab_is_sorted() -> None:
    s = many("Reject", acted_on="2026-12-14 06:00")
    first, *_ = s.workbook.rows("Approvals")
    later = {**first.cells, "Ref": "DB-40 p302x303 duplicates", "Status": "Decided: Approve", "Decided On": "2026-12-14 07:00"}
    pairs = [dict(r.cells) for r in s.workbook.rows("Duplicates")]

    for rows in ([dict(first.cells), later], [later, dict(first.cells)]):
        assert sum(line.startswith("task") for line in said(replace(s, workbook=book({"Approvals": rows, "Duplicates": pairs})))) == 25


@pytest.mark.clause("DB-40")
@pytest.mark.parametrize(("seen", "today", "asked"), [
    ("2026-12-14 06:00", TODAY, 0), ("2026-12-14 06:01", TODAY, 1),  # what came after the answer is not covered by it
    ("2026-12-14 06:00", date(2027, 12, 13), 0), ("2026-12-14 06:00", date(2027, 12, 14), 1)])  # a no holds for twelve months
def test_an_answer_covers_what_stood_there_and_a_no_holds_for_a_year(seen: str, today: date, asked: int) -> None:
    s = many("Reject", acted_on="2026-12-14 06:00", seen=seen, today=today)

    assert sum(line.startswith("row DB-40") for line in said(s)) == asked
    assert not [line for line in said(s) if line.startswith("task")]


@pytest.mark.clause("DB-40", "X-86")
def test_a_clock_that_went_back_makes_no_approval_cover_pairs_that_were_seen_after_it() -> None:
    s = many("Approve", acted_on="2026-12-15 06:00", seen="2026-12-16 06:00", today=date(2026, 12, 14))

    assert [line for line in said(s) if line.startswith("row DB-40")] != []
    assert [line for line in said(s) if line.startswith("task")] == []


# -- an uncertain pair -------------------------------------------------------------------------------------------------


@pytest.mark.clause("DB-23", "DB-11")
@pytest.mark.parametrize(("choice", "task", "status"), [
    ("", False, "Waits for the agent in Approvals"), ("Hold", False, "Waits for the agent in Approvals"),
    ("Not the same person", False, "The agent said: Not the same person"), ("Merge", True, "The VA has a task")])
def test_an_uncertain_pair_is_the_agents_to_decide(choice: str, task: bool, status: str) -> None:
    first = world(MAYBE)
    s = world(MAYBE, [answered(first, ASKED, choice)], [SEEN])

    assert said(first) == [f"row {ASKED}", f"row {PAIR}"]
    assert row(first, ASKED).choices == ("Merge", "Not the same person", "Hold")
    assert (f"task {TASK}" in said(s)) is task
    assert row(s, PAIR).keep["Status"] == status


@pytest.mark.clause("DB-23")
@pytest.mark.parametrize(("today", "open_again"), [(date(2027, 11, 30), False), (date(2027, 12, 1), True)])
def test_a_dismissed_pair_stays_dismissed_for_twelve_months(today: date, open_again: bool) -> None:
    given = acted(world(MAYBE), ASKED, "Not the same person", "2026-12-01 06:00")
    renamed = (replace(MAYBE[0], last_name="Lopes"), replace(MAYBE[1], tags=("VIP Client",)))

    for people in (MAYBE, renamed):  # whatever else changes about them
        s = world(people, [given], [SEEN], today=today)
        assert (f"row {ASKED}.2" in said(s)) is open_again
        assert f"task {TASK}" not in said(s)


def test_a_change_of_mind_counts_and_takes_the_task_back() -> None:
    given = {**acted(world(MAYBE), ASKED, "Merge", "2026-12-01 06:00"), "Decision": "Not the same person"}
    s = world(MAYBE, [given], [SEEN], tasks=(own_task(TASK),))

    assert f"withdraw {TASK}" in said(s)
    assert row(s, ASKED).keep["Status"] == "Decided: Not the same person"


@pytest.mark.clause("X-42")
def test_an_answer_in_an_open_tab_counts_for_nothing() -> None:
    s = world(MAYBE, [answered(world(MAYBE), ASKED, "Merge")], [SEEN])
    s = replace(s, workbook=replace(s.workbook, decisions_guarded="the tab is open"))

    assert f"task {TASK}" not in said(s)


@pytest.mark.clause("DB-40")
def test_uncertain_pairs_count_for_a_significant_number_too() -> None:
    people = [c for n in range(7) for c in (client(300 + 2 * n, first_name="Robert", last_name=f"Q{'abcdefg'[n]}x", emails=(Reach(f"m{n}@example.org"),)),
                                            client(301 + 2 * n, first_name="Bob", last_name=f"Q{'abcdefg'[n]}x", emails=(Reach(f"m{n}@example.org"),)))]
    assert sum(line.endswith("decide") for line in said(world(people))) == 0  # seven of 214 are more than 2 %: one row
    assert sum(line.endswith("duplicates") for line in said(world(people))) == 1
    few = replace(world(people), contacts={**world(people).contacts, **{c.id: c for c in crowd(600, 8000)}})
    assert sum(line.endswith("decide") for line in said(few)) == 7


@pytest.mark.clause("DB-23", "X-35")
@pytest.mark.parametrize(("tags", "kind"), [((), Kind.CERTAIN), (("DNC",), Kind.REVIEW), (("Deceased",), Kind.REVIEW)])
def test_a_merge_that_could_lose_an_opt_out_is_never_certain(tags: tuple[str, ...], kind: Kind) -> None:
    pairs = suspicions(world((ana(101), ana(102, tags=tags)))).pairs

    assert [p.kind for p in pairs] == [kind]
    assert [p.kind for p in suspicions(world((ana(101, tags=tags), ana(102, tags=tags)))).pairs] == [Kind.CERTAIN]


@pytest.mark.clause("DB-23", "X-57")
@pytest.mark.parametrize(("other", "own_records", "scope", "deals", "seen"), [
    (AGENT, True, True, (), 1), (5, False, True, (), 0), (5, False, False, (), 1), (5, True, False, (), 0),
    (5, False, True, (purchase(date(2020, 1, 1), people=(102,)),), 1)])
def test_whose_pairs_are_looked_at(other: int, own_records: bool, scope: bool, deals: tuple[Deal, ...], seen: int) -> None:
    settled = practice(assigned_only=scope, database=DatabaseOptions(agent_owned_duplication=own_records))
    s = world((ana(101), ana(102, assigned_user_id=other)), practice=settled)

    assert len(suspicions(replace(s, deals={d.id: d for d in deals})).pairs) == seen


# -- two people on one address -----------------------------------------------------------------------------------------


@pytest.mark.clause("DB-44", "DB-45", "X-61")
def test_an_identity_conflict_is_put_to_the_agent_in_the_exact_words() -> None:
    found = row(world(STRANGERS), CONFLICT)

    assert said(world(STRANGERS)) == [f"row {CONFLICT}", f"row {PAIR}"]
    assert found.first["Draft"] == (
        "Hi Dana Reyes — database issue needs your input before I proceed.\n\nIssue: identity conflict\nScale: 2\n"
        "Needed: confirm the correct contact\n\nMia Cole")
    assert str(found.first["What"]).startswith("Ana Lopez (contact 101) and Luis Novak (contact 102): same e-mail river77@example.org; different first names")
    assert found.choices == ("Different people", "Merge", "Correct the record", "Hold")


@pytest.mark.clause("DB-44", "X-61")
@pytest.mark.parametrize(("choice", "holds", "task"), [
    ("", True, ""), ("Hold", True, ""), ("Correct the record", True, "DB-44 p101x102 correct"), ("Different people", False, ""), ("Merge", False, TASK)])
def test_everyone_in_a_conflict_is_held_until_it_is_resolved(choice: str, holds: bool, task: str) -> None:
    s = world(STRANGERS, [answered(world(STRANGERS), CONFLICT, choice)], [SEEN])

    assert set(held(s)) == ({101, 102} if holds else set())
    assert [line for line in said(s) if line.startswith("task")] == ([f"task {task}"] if task else [])


@pytest.mark.clause("DB-44")
def test_no_draft_goes_to_either_while_it_is_not_known_who_is_who() -> None:
    closing, home = date(2025, 12, 18), (Address("412 Cedar Ln", "Austin", "TX", "78701"),)

    def draft(*people: Contact, **changes: Any) -> str:
        s = snapshot(TODAY, people, [purchase(closing)], **changes)
        found = [f.want for f in closing_anniversary.decide(s) if isinstance(f.want, WantRow)]
        return f"{found[0].first['Draft']}|{found[0].keep['Status']}"

    one, couple, stranger = ana(101), ana(102, first_name="Luis"), ana(102, first_name="Luis", last_name="Novak")
    one = replace(one, addresses=home)
    assert draft(one, stranger).startswith("|Not ready: DB-44: this may be two people: same e-mail river77@example.org as Luis Novak (contact 102)")
    assert draft(one, couple).startswith("Subject: ")  # a household is no conflict
    assert draft(one, replace(stranger, addresses=home)).startswith("Subject: ")
    assert draft(one, stranger, practice=practice(database_off="an Agent's key")).startswith("Subject: ")


@pytest.mark.clause("DB-44")
@pytest.mark.parametrize(("count", "rows", "single"), [(10, 0, 10), (11, 1, 0)])
def test_many_conflicts_are_one_row(count: int, rows: int, single: int) -> None:
    people = [c for n in range(count) for c in (client(300 + 2 * n, first_name="Ana", last_name=f"Q{'abcdefghijk'[n]}x", emails=(Reach(f"m{n}@example.org"),), addresses=()),
                                                client(301 + 2 * n, first_name="Luis", last_name=f"Z{'abcdefghijk'[n]}y", emails=(Reach(f"m{n}@example.org"),), addresses=()))]
    found = said(world(people))

    assert (sum(line.endswith("identities") for line in found), sum(line.endswith("identity") for line in found)) == (rows, single)
    assert len(held(world(people))) == 2 * count


@pytest.mark.clause("X-61")
@pytest.mark.parametrize(("choice", "status", "asked"), [
    ("", "Waits for the agent in Approvals", 0), ("One household", "The agent said: One household", 0), ("One by one", "Waits for the agent in Approvals", 1)])
def test_households_are_asked_about_once_and_nothing_is_held(choice: str, status: str, asked: int) -> None:
    first, ref = world(COUPLE), "DB-23 p101x102 households"
    s = world(COUPLE, [answered(first, ref, choice)], [SEEN])
    later = world(COUPLE, [acted(first, ref, choice, "2026-12-02 06:00")] if choice else [answered(first, ref, choice)], [SEEN])

    assert said(first) == [f"row {ref}", f"row {PAIR}"]
    assert "Ana Lopez (contact 101) and Luis Lopez (contact 102): same e-mail" in str(row(first, ref).first["Draft"])
    for there in (s, later):
        assert row(there, PAIR).keep["Status"] == status
        assert sum(line == "row DB-23 p101x102 household" for line in said(there)) == asked
        assert held(there) == {}


@pytest.mark.clause("X-61", "DB-44")
@pytest.mark.parametrize(("people", "ref", "choice"), [(COUPLE, "DB-23 p101x102 households", "One household"), (STRANGERS, CONFLICT, "Different people")])
def test_who_shares_an_address_is_asked_once_and_for_good(people: tuple[Contact, Contact], ref: str, choice: str) -> None:
    s = world(people, [acted(world(people), ref, choice, "2024-01-02 06:00")], [{**SEEN, "First Seen": "2024-01-01 06:00"}])

    assert row(s, PAIR).keep["Status"] == f"The agent said: {choice}"
    assert held(s) == {}
    assert [(a.verb, a.entity) for a in planning.make(s, decide(s)).actions] == [("update", "Duplicates")]  # nobody is asked anew


MARRIED = (ana(101), ana(102, first_name="Luis", last_name="Novak"))
"""The couple after one of them took another name: no surname or home tells any longer that they are one household."""


@pytest.mark.clause("X-61", "DB-44")
@pytest.mark.parametrize(("people", "ref", "choice", "holds"), [
    (COUPLE, "DB-23 p101x102 households", "One household", False), (COUPLE, "DB-23 p101x102 households", "Hold", True),
    (MAYBE, ASKED, "Not the same person", False), (MAYBE, ASKED, "Hold", True)])
def test_a_pair_that_was_told_apart_is_not_held_again_as_a_conflict(people: tuple[Contact, Contact], ref: str, choice: str, holds: bool) -> None:
    s = world(MARRIED, [acted(world(people), ref, choice, "2026-12-02 06:00")], [SEEN])

    assert set(held(s)) == ({101, 102} if holds else set())
    assert (f"row {CONFLICT}" in said(s)) is holds


@pytest.mark.clause("DB-23", "X-35", "X-65", "X-66")
@pytest.mark.parametrize(("answer", "signs"), [(Answer.EVERY_WAY, {}), (Answer.DECEASED, {}), (None, {102: {Seen.TAG: date(2026, 12, 1)}})])
def test_a_merge_that_could_lose_what_was_answered_or_seen_before_is_never_certain(answer: Answer | None, signs: Signs) -> None:
    rows = [{"Ref": "permission DB-42 p102 unsubscribed", "What": str(answer), "Date": "2026-12-01"}] if answer else []
    s = replace(world((ana(101), ana(102))), workbook=book({"Memory": rows}), remembered=signs)

    assert [pair.kind for pair in suspicions(s).pairs] == [Kind.REVIEW]


# -- which to keep -----------------------------------------------------------------------------------------------------


@pytest.mark.clause("DB-23")
def test_the_more_complete_record_is_kept_and_what_each_lacks_is_said() -> None:
    thin = client(101, addresses=(), emails=(Reach("a@example.org"),), source="Zillow")
    full = client(102, phones=(Reach(PHONE),), emails=(Reach("A@example.org"), Reach("b@example.org")), tags=("VIP Client",), fields={"birthday": "1984-02-01"})
    found = propose(thin, full)

    assert (found.keep.id, found.other.id) == (102, 101)
    assert propose(full, thin) == found
    assert found.why == "more complete (8 fields filled, the other 5)"
    assert found.lacks == (("source",), ("phone", "address", "tags", "birthday"))
    assert found.fill == ("source: Zillow",)
    assert "phone: 5125550100" in propose(replace(thin, fields={"a": "1", "b": "2", "c": "3", "d": "4", "e": "5"}), full).fill


@pytest.mark.clause("DB-23", "X-35")
def test_whoever_opted_out_is_kept_and_what_differs_is_named() -> None:
    out = client(102, stage=Stage.DO_NOT_CONTACT, stage_label=STAGE_LABELS[Stage.DO_NOT_CONTACT], addresses=())
    found = propose(client(101, tags=("VIP Client",), fields={"birthday": "1984-02-01"}), out)

    assert (found.keep.id, found.why) == (102, "the stage Do Not Contact must stay")
    assert found.fill == ("address: 412 Cedar Ln, Austin, TX, 78701", "stage differs: Past Client — Buyer", "tags: VIP Client", "birthday: 1984-02-01")
    assert propose(client(5), client(4)).keep.id == 4


def test_explaining_a_contact_names_its_pairs() -> None:
    s = world(DOUBLE)

    assert list(silence(s, DOUBLE[0])) == ["certain: same e-mail river77@example.org; same name (contacts 101 and 102; see its row in Duplicates)"]
    assert list(silence(replace(s, practice=practice(database_off="off")), DOUBLE[0])) == ["off"]
    assert list(silence(s, s.contacts[5000])) == ["no other contact looks like the same person or shares an e-mail or phone with them"]


def test_the_pairs_are_found_once_for_as_long_as_the_contacts_are_the_same() -> None:
    s = world(DOUBLE)
    ahead = after(s, planning.make(s, decide(s)))
    other = replace(ahead, contacts={101: DOUBLE[0]})

    assert replace(ahead, now=at(date(2026, 12, 15))).of_contacts(find) is s.of_contacts(find)
    assert len(s.of_contacts(find)) == 1
    assert other.of_contacts(find) == ()
    assert s.of_contacts(find) != ()


@pytest.mark.clause("DB-23")
@pytest.mark.parametrize(("couples", "lines", "last"), [
    (1, 1, "Ana Lopez (contact 1000) and Luis Lopez (contact 1001)"), (250, 250, "Ana Lopez (contact 1498)"),
    (251, 251, "… and 1 more, in the tab Duplicates"), (253, 251, "… and 3 more, in the tab Duplicates")])
def test_many_households_are_listed_up_to_a_cell_and_counted_beyond(couples: int, lines: int, last: str) -> None:
    people = [client(1000 + 2 * n + i, first_name=("Ana", "Luis")[i], emails=(Reach(f"home{n}@example.org"),), addresses=())
              for n in range(couples) for i in (0, 1)]
    want = row(world(people), "DB-23 p1000x1001 households")
    draft = str({**want.first, **want.keep}["Draft"])

    assert len(draft.splitlines()) == lines
    assert draft.splitlines()[-1].startswith(last)


@pytest.mark.clause("DB-44", "DB-23")
@pytest.mark.parametrize(("people", "ref", "due"), [(STRANGERS, CONFLICT, date(2026, 12, 15)), (MAYBE, ASKED, date(2026, 12, 21))])
def test_a_conflict_is_due_on_the_next_business_day_and_a_double_in_a_week(people: tuple[Contact, ...], ref: str, due: date) -> None:
    want = row(world(people), ref)

    assert {**want.first, **want.keep}["Due"] == due
