"""X-92: a decision is bound to the facts in a text. Other words for them stop nothing; other facts do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.asks import approvals
from policies.asks.approvals import CHOICES, Decision
from policies.asks.drafts import EMPTY, Facts, Unusable, digest, fields_of, render
from policies.asks.weighing import (
    NO_TEXT_YET,
    OPENED,
    OTHER_WORDS,
    Basis,
    unanswered,
    voided,
    weigh,
)
from policies.world.model import Address
from policies.world.practice import ReferralOptions
from policies.world.sheet import Row
from policies.world.snapshot import Snapshot
from tests.passes import cell, changed, decided, open_tasks, passed, plan
from tests.referred import DRAFT as THANKS
from tests.referred import RECOGNITION
from tests.referred import world as referred
from tests.scenes import book, client, practice, purchase, snapshot
from tests.unit.test_recognition import closed

OLD, NEW = "Hi {{ first }}, at {{ home }}.", "Dear {{ first }}, greetings to {{ home }}!"
VALUES = {"first": "Ana", "home": "412 Cedar Ln", "phone": "555-0100"}


# -- the facts in a text -------------------------------------------------------------------------------------------------


def test_a_template_names_the_fields_it_uses() -> None:
    assert fields_of(OLD) == {"first", "home"}
    assert fields_of("{% if first %}{{ first | upper }}{% endif %}") == {"first"}
    assert fields_of("no field") == frozenset()
    with pytest.raises(Unusable, match="not a valid template"):
        fields_of("{{ first")


def test_the_facts_are_written_by_name_with_a_digest_of_each_value() -> None:
    facts = Facts.of(VALUES, OLD)
    assert facts.written == f"first={digest('Ana')[:8]}+home={digest('412 Cedar Ln')[:8]}"
    assert Facts.of(VALUES, "Hi {{ first }}", "{{ phone }}").used == {"first", "phone"}
    assert Facts(VALUES).written == "none"
    assert Facts.every({**VALUES, "city": "Austin", "agent_name": "Dana"}).used == {"first", "home"}
    assert Facts.of(VALUES, "{{ deadline | default('') }}{{ first }}").used == {"first"}  # the field is asked about, and not there


@given(st.dictionaries(st.sampled_from(["first", "home", "phone", "city"]), st.text(max_size=9), min_size=1), st.data())
def test_facts_hold_until_one_that_was_used_has_changed(values: dict[str, str], data: st.DataObject) -> None:
    used = frozenset(data.draw(st.sets(st.sampled_from(sorted(values)))))
    written = Facts(values, used).written
    assert Facts(values).hold(written)
    name = data.draw(st.sampled_from(sorted(values)))
    assert Facts({**values, name: values[name] + "x"}).hold(written) is (name not in used)
    assert Facts({n: v for n, v in values.items() if n != name}).hold(written) is (name not in used)


# -- what a decision is worth ------------------------------------------------------------------------------------------------


def row(text: str, facts: Facts | None, choice: str = "", draft: str | None = None, **cells: str) -> Decision:
    """A row that was put up with *text*; the agent may have changed the *draft*, seen in an earlier pass."""
    shown = text if draft is None else draft
    bound = Basis(facts=facts).cell(digest(shown), digest(text))
    there = {"Draft": shown, "Digest": bound, "Decision": choice, **cells}
    return Decision(Row("MS-09 d1 20261218-draft", there), (*CHOICES, approvals.PERSONAL))


def weighed(decision: Decision, template: str = NEW, values: Mapping[str, str] = VALUES) -> tuple[str, str, str]:
    """The text that counts, the choice, and why it does not count."""
    facts = Facts.of(values, template)
    found = weigh(decision, render(template, values), "", Basis(facts=facts))
    assert found.rewrite is (found.text != decision.draft)
    return found.text, found.choice, found.void


FACTS = Facts.of(VALUES, OLD)
WAS, IS = render(OLD, VALUES), render(NEW, VALUES)
ACTED = {"Acted On": "2026-12-14 08:00", "Status": approvals.HANDED_OVER}


@pytest.mark.clause("X-92", "MS-09")
@pytest.mark.parametrize(("choice", "cells", "text"), [
    ("", {}, IS), ("Hold", {}, IS), ("approved", {}, IS), ("Approve", {}, WAS), ("Approve", ACTED, WAS), ("Personal touch", {}, WAS),
    ("Reject", {}, WAS), ("Reject", {"Status": approvals.REJECTED}, WAS), ("Hold", ACTED, WAS), ("", ACTED, WAS)])
def test_other_words_are_shown_where_nobody_agreed_and_void_nothing(choice: str, cells: dict[str, str], text: str) -> None:
    decision = row(WAS, FACTS, choice, **cells)
    assert weighed(decision) == (text, decision.choice, "")


@pytest.mark.clause("X-92", "X-69")
@pytest.mark.parametrize("choice", ["", "Hold", "Approve", "Reject"])
def test_the_agents_own_words_stay(choice: str) -> None:
    decision = row(WAS, FACTS, choice, draft="Ana, how are you?")
    found = weigh(decision, IS, "", Basis(facts=Facts.of(VALUES, NEW)))
    assert (found.text, found.choice, found.void, found.own_words) == ("Ana, how are you?", choice, "", True)


@pytest.mark.clause("MS-09")
@pytest.mark.parametrize(("draft", "text", "void"), [
    (None, "Dear Ana, greetings to 9 Elm St!", "the facts behind the draft changed"),
    ("Ana, how are you?", "Ana, how are you?", "the facts changed after you edited the draft")])
def test_other_facts_void_as_before(draft: str | None, text: str, void: str) -> None:
    assert weighed(row(WAS, FACTS, "Approve", draft), values={**VALUES, "home": "9 Elm St"}) == (text, "", void)


def test_a_fact_that_the_words_did_not_use_may_change() -> None:
    assert weighed(row(WAS, FACTS, "Approve"), OLD + " {{ phone }}", {**VALUES, "phone": "555-0199"}) == (WAS, "Approve", "")


def test_the_digest_of_words_that_stay_is_that_of_their_own_facts() -> None:
    decision = row(WAS, FACTS, "Approve")
    assert weigh(decision, IS, "", Basis(facts=Facts.of(VALUES, "{{ phone }}"))).digest == decision.row.cells["Digest"]
    fresh = weigh(row(WAS, FACTS), IS, "", Basis(facts=Facts.of(VALUES, NEW)))
    assert fresh.digest == f"{digest(IS)}/{digest(IS)}//{FACTS.written}"
    assert not fresh.own_words


@pytest.mark.clause("MS-09")
def test_a_yes_to_an_empty_draft_is_none_and_a_no_is_one() -> None:
    nothing = Facts.every(VALUES)
    assert weighed(row("", nothing, "Approve")) == (IS, "", NO_TEXT_YET)
    assert weighed(row("", nothing, "Hold")) == (IS, "Hold", "")
    assert weighed(row("", nothing, "Personal touch")) == (IS, "Personal touch", "")  # it needs no text
    assert weighed(row("", nothing, "Personal touch", **ACTED)) == ("", "Personal touch", "")
    assert weighed(row("", nothing, "Reject", Status=approvals.REJECTED)) == ("", "Reject", "")
    assert weighed(row("", nothing, "Approve", draft="Ana, how are you?")) == ("Ana, how are you?", "Approve", "")


@pytest.mark.clause("X-81", "MS-09")
def test_a_no_that_was_heard_stays_one_whatever_changes() -> None:
    heard = row(WAS, FACTS, "Reject", Status=approvals.REJECTED)
    moved = Facts.of({**VALUES, "home": "9 Elm St"}, OLD)
    for basis in (Basis(facts=moved), Basis("102|card", FACTS), Basis()):
        found = weigh(heard, "any words", "the tab is open", basis)
        assert (found.choice, found.void, found.digest, found.rewrite) == ("Reject", "", heard.digest, False)
    unheard = weigh(row(WAS, FACTS, "Reject"), IS, "", Basis("102|card", FACTS))
    assert (unheard.choice, unheard.void) == ("Reject", "")
    edited = weigh(row(WAS, FACTS, "Reject", "other", Status=approvals.REJECTED, Draft="edited since"), IS, "", Basis(facts=FACTS))
    assert (edited.text, edited.choice, edited.void) == ("edited since", "Reject", "")


MOVED = {**VALUES, "home": "9 Elm St"}


@pytest.mark.clause("MS-09", "X-81")
@pytest.mark.parametrize("cells", [{}, {"Status": approvals.NOT_READY}, {"Status": "Decide again: the draft was edited"}, ACTED])
@pytest.mark.parametrize(("choice", "draft", "text"), [
    ("Hold", None, render(NEW, MOVED)), ("Hold", "Ana, how are you?", "Ana, how are you?"),
    ("Reject", None, WAS), ("Reject", "Ana, how are you?", "Ana, how are you?")])
def test_a_no_counts_though_the_facts_changed_meanwhile(choice: str, draft: str | None, text: str, cells: dict[str, str]) -> None:
    decision = row(WAS, FACTS, choice, draft, **cells)
    assert weighed(decision, values=MOVED) == (text, choice, "")
    assert not voided(weigh(decision, render(NEW, MOVED), "", Basis(facts=Facts.of(MOVED, NEW))), decision)


@pytest.mark.clause("MS-09", "X-69")
@pytest.mark.parametrize("choice", ["Hold", "Reject"])
def test_a_yes_after_a_no_is_bound_to_what_the_row_shows(choice: str) -> None:
    def then_approved(draft: str | None) -> tuple[str, str]:
        decision = row(WAS, FACTS, choice, draft)
        found = weigh(decision, render(NEW, MOVED), "", Basis(facts=Facts.of(MOVED, NEW)))
        yes = Decision(Row("r", {**decision.row.cells, "Draft": found.text, "Digest": found.digest, "Decision": "Approve"}))
        again = weigh(yes, render(NEW, MOVED), "", Basis(facts=Facts.of(MOVED, NEW)))
        return again.choice, again.void

    assert then_approved(None) == (("Approve", "") if choice == "Hold" else ("", "the facts behind the draft changed"))
    assert then_approved("Ana, how are you?") == ("", "the facts changed after you edited the draft")


@pytest.mark.clause("MS-09")
@pytest.mark.parametrize("choice", ["Hold", "Reject"])
def test_a_no_that_anybody_may_have_typed_counts_no_more_than_before(choice: str) -> None:
    found = weigh(row(WAS, FACTS, choice), render(NEW, MOVED), "the tab is open", Basis(facts=Facts.of(MOVED, NEW)))
    assert (found.choice, found.void) == ("", OPENED)


@pytest.mark.clause("X-69", "MS-09")
@pytest.mark.parametrize("choice", ["Hold", "Reject"])
def test_a_no_chosen_together_with_an_edit_counts(choice: str) -> None:
    edited = row(WAS, FACTS, choice, Draft="Ana, how are you?")
    found = weigh(edited, WAS, "", Basis(facts=FACTS))
    assert (found.text, found.choice, found.void) == ("Ana, how are you?", choice, "")
    assert found.digest == f"{digest('Ana, how are you?')}/{digest(WAS)}//{FACTS.written}"


@pytest.mark.clause("MS-09")
def test_where_the_words_are_the_question_a_reject_answers_those_words_and_a_hold_any() -> None:
    assert weigh(row(WAS, None, "Reject"), IS, "").void == "the facts behind the draft changed"
    found = weigh(row(WAS, None, "Hold"), IS, "")
    assert (found.text, found.choice, found.void) == (IS, "Hold", "")


@pytest.mark.clause("MS-09", "MS-19")
def test_a_yes_to_words_that_could_not_go_out_is_void_once_they_are_mended() -> None:
    faulty = "Not ready: MS-19: no urgency. Fix that, or write the Draft yourself"
    assert weighed(row(WAS, FACTS, "Approve", Status=faulty)) == (IS, "", OTHER_WORDS)
    assert weighed(row(WAS, FACTS, "Reject", Status=faulty)) == (WAS, "Reject", "")
    assert weighed(row(WAS, FACTS, "Approve", "my own words", Status=faulty)) == ("my own words", "Approve", "")
    assert weighed(row(WAS, FACTS, "Approve", Status=faulty, **{"Acted On": "2026-12-14 08:00"})) == (WAS, "Approve", "")


@pytest.mark.clause("X-69", "MS-09")
def test_an_edit_keeps_the_facts_of_the_text_it_was_made_of() -> None:
    typed = row(WAS, FACTS, "Approve", "Ana of 412 Cedar Ln!", Draft="Ana, at 412 Cedar Ln, hello!")
    found = weigh(typed, "Dear Ana", "", Basis(facts=Facts.of(VALUES, "Dear {{ first }}")))  # other words, without the home
    assert (found.text, found.void) == ("Ana, at 412 Cedar Ln, hello!", "the draft was edited")
    assert found.digest == f"{digest('Ana, at 412 Cedar Ln, hello!')}/{digest('Dear Ana')}//{FACTS.written}"
    approved = Decision(Row("r", {**typed.row.cells, "Digest": found.digest}))
    again = weigh(approved, "Dear Ana", "", Basis(facts=Facts.of(VALUES, "Dear {{ first }}")))
    assert (again.choice, again.digest) == ("Approve", found.digest)  # the home still counts, for it stands in the text


@pytest.mark.clause("X-69", "MS-09")
def test_the_agents_own_text_warns_while_nobody_decides_and_is_void_once_when_facts_changed() -> None:
    moved = {**VALUES, "home": "9 Elm St"}
    basis = Basis(facts=Facts.of(moved, OLD))
    undecided = row(WAS, FACTS, draft="Ana, at 412 Cedar Ln, hello!")
    found = weigh(undecided, render(OLD, moved), "", basis)
    assert found.digest.endswith(FACTS.written)  # so that the warning stays
    assert unanswered(found, approvals.WAITING) == f"{approvals.WAITING}. Check the draft first: the facts changed after you edited the draft"
    assert not voided(found, undecided)
    chosen = row(WAS, FACTS, "Approve", draft="Ana, at 412 Cedar Ln, hello!")
    found = weigh(chosen, render(OLD, moved), "", basis)
    assert (found.choice, found.void) == ("", "the facts changed after you edited the draft")
    assert found.digest.endswith(Facts.of(moved, OLD).written)  # the agent is told, and may choose again
    assert voided(found, chosen)
    assert unanswered(weigh(undecided, WAS, "", Basis(facts=FACTS)), approvals.WAITING) == approvals.WAITING


@pytest.mark.clause("X-92")
def test_a_row_of_the_first_version_is_read_by_its_words_and_completed() -> None:
    old = row(WAS, None, "Approve")
    assert old.row.cells["Digest"] == f"{digest(WAS)}/{digest(WAS)}"
    same = weigh(old, WAS, "", Basis(facts=FACTS))
    assert (same.choice, same.digest) == ("Approve", f"{digest(WAS)}/{digest(WAS)}//{FACTS.written}")
    assert weighed(old) == (WAS, "Approve", "")  # every fact of today stands in the text
    assert weighed(old, values={**VALUES, "first": "Anna"}) == ("Dear Anna, greetings to 412 Cedar Ln!", "", "the facts behind the draft changed")
    assert weighed(old, "no field") == ("no field", "", "the facts behind the draft changed")
    kept = weigh(old, IS, "", Basis(facts=Facts.of(VALUES, NEW)))
    assert kept.digest == f"{digest(WAS)}/{digest(WAS)}//{FACTS.written}"
    assert weighed(row(WAS, None, "Reject", Status=approvals.REJECTED)) == (WAS, "Reject", "")
    assert weighed(row(WAS, None, "Reject"), values={**VALUES, "home": ""}) == (WAS, "Reject", "")
    moved = Facts.of({**VALUES, "home": "9 Elm St"}, OLD)
    personal = row(WAS, None, "Personal touch", **ACTED)
    assert weigh(personal, "other", "", Basis(facts=moved)).void == ""  # it goes out without the text


@pytest.mark.clause("X-92", "MS-09")
def test_the_context_counts_beside_other_words_and_that_of_the_first_version_is_known() -> None:
    facts = Facts.of(VALUES, OLD)
    was = Basis("101|e-mail|X-09: no subject")
    first = Decision(Row("r", {"Draft": WAS, "Digest": was.cell(digest(WAS), digest(WAS)), "Decision": "Approve"}))
    now = Basis("101|e-mail", facts, was.context)
    assert weigh(first, WAS, "", now).choice == "Approve"
    assert weigh(first, WAS, "", replace(now, first_context="102|e-mail")).void == "who it goes to, or what is asked about it, changed"
    later = Decision(Row("r", {"Draft": WAS, "Digest": replace(was, facts=facts).cell(digest(WAS), digest(WAS)), "Decision": "Approve"}))
    assert weigh(later, WAS, "", now).void == "who it goes to, or what is asked about it, changed"
    agreed = Decision(Row("r", {"Draft": WAS, "Digest": now.cell(digest(WAS), digest(WAS)), "Decision": "Approve"}))
    assert weigh(agreed, IS, "", replace(now, context="102|e-mail")).void == "who it goes to, or what is asked about it, changed"


# -- every text that is made of a template -------------------------------------------------------------------------------------

CLOSED = date(2025, 12, 18)
ANNIVERSARY, SEND = "MS-09 d812 20261218-draft", "MS-42 d812 20261218-send"
RANGE, VALUE = "MS-37 d812 20261218-value-range", "MS-09 d812 20261218-value-draft"


def reworded(s: Snapshot, **changes: Any) -> Snapshot:
    """The agent's own wordings, from today on."""
    own = s.practice
    others = {name: text.replace("Hi ", "Dear ").replace("Thank you", "Many thanks") for name, text in own.templates.items()}
    assert others != own.templates
    return replace(s, practice=replace(own, templates=others, **changes))


def idle(s: Snapshot) -> Snapshot:
    after = passed(s)
    assert (after.tasks, after.workbook) == (s.tasks, s.workbook)
    return after


def owned(today: date, **changes: Any) -> Snapshot:
    return snapshot(today, [client()], [purchase(CLOSED)], workbook=book(), activated=date(2026, 11, 2), **changes)


@pytest.mark.clause("X-92", "MS-09")
def test_an_anniversary_goes_out_in_the_words_that_were_approved() -> None:
    s = passed(decided(passed(owned(date(2026, 12, 11))), ANNIVERSARY, "Approve"))
    assert SEND in open_tasks(s)
    s = idle(reworded(s))
    moved = passed(changed(s, 101, addresses=(Address("9 Elm St", "Austin", "TX", "78701", "home"),)))
    assert cell(moved, "Approvals", ANNIVERSARY, "Status").startswith("Decide again: the facts")


@pytest.mark.clause("MS-09", "X-81")
@pytest.mark.parametrize("change", [
    {"first_name": "Anna"}, {"addresses": (Address("9 Elm St", "Austin", "TX", "78701", "home"),)}])  # the second is asked about
@pytest.mark.parametrize(("word", "status"), [("Reject", approvals.REJECTED), ("Hold", approvals.ON_HOLD)])
def test_a_no_is_heard_in_its_pass_though_the_client_changed_meanwhile(word: str, status: str, change: dict[str, Any]) -> None:
    s = passed(changed(decided(passed(owned(date(2026, 12, 11))), ANNIVERSARY, word), 101, **change))
    assert cell(s, "Approvals", ANNIVERSARY, "Status") == status
    assert bool(open_tasks(s)) is (word == "Hold")
    assert ("Hi Ana" in cell(s, "Approvals", ANNIVERSARY, "Draft")) is (word == "Reject")  # what is on hold is of today
    idle(s)


@pytest.mark.clause("X-92", "X-09")
def test_a_subject_that_is_taken_away_stops_no_email_that_was_approved() -> None:
    s = replace(owned(date(2026, 12, 11)), deals={812: purchase(date(2023, 12, 18))})
    s = passed(decided(passed(s), ANNIVERSARY, "Approve"))
    assert SEND in open_tasks(s)
    idle(replace(s, practice=replace(s.practice, milestones=replace(s.practice.milestones, year_2_subject=""))))


@pytest.mark.clause("X-92", "X-09")
def test_a_subject_that_comes_later_leaves_the_agents_own_words_and_shows_in_an_empty_row() -> None:
    own = practice()
    silent = replace(own, milestones=replace(own.milestones, year_2_subject=""))
    s = passed(replace(owned(date(2026, 12, 11), practice=silent), deals={812: purchase(date(2023, 12, 18))}))
    assert cell(s, "Approvals", ANNIVERSARY, "Draft") == ""
    shown = passed(replace(s, practice=own))
    assert cell(shown, "Approvals", ANNIVERSARY, "Draft").startswith("Subject: Thinking of you\nHi Ana")
    mine = passed(decided(s, ANNIVERSARY, "", Draft="Ana, three years! Dana Reyes"))
    mine = passed(decided(mine, ANNIVERSARY, "Approve"))
    assert SEND in open_tasks(mine)
    idle(replace(mine, practice=own))


@pytest.mark.clause("X-92", "MS-37")
def test_a_range_that_was_confirmed_and_its_text_outlast_other_words() -> None:
    s = passed(decided(passed(owned(date(2026, 12, 18))), RANGE, "Approve", Value_Low=410000, Value_High=450000, Change="significant"))
    s = passed(s)
    assert cell(s, "Approvals", RANGE, "Acted On") != ""
    s = passed(decided(s, VALUE, "Approve"))
    after = passed(reworded(s))
    assert after.tasks == s.tasks
    assert [after.workbook.row("Approvals", ref) for ref in (RANGE, VALUE)] == [s.workbook.row("Approvals", ref) for ref in (RANGE, VALUE)]


CARDS = ReferralOptions(handwritten_cards=True)
CARD = "RF-31 p101 text"


@pytest.mark.clause("X-92", "RF-13", "RF-31")
@pytest.mark.parametrize("answer", ["Text it", "E-mail it"])
def test_thanks_that_were_approved_outlast_other_words(answer: str) -> None:
    s = passed(decided(decided(passed(referred(options=CARDS)), THANKS, answer), CARD, "Approve"))
    assert {"RF-13 p101 send-text", "RF-13 p101 send-email"} & set(open_tasks(s))
    idle(reworded(s))


@pytest.mark.clause("X-92", "RF-13")
def test_thanks_that_nobody_decided_come_up_in_the_new_words() -> None:
    s = passed(reworded(passed(referred(options=CARDS))))
    assert cell(s, "Approvals", THANKS, "Draft").startswith("Dear John")
    assert cell(s, "Approvals", CARD, "Draft").startswith("Dear John")
    assert cell(s, "Approvals", THANKS, "Status") == approvals.WAITING


@pytest.mark.clause("X-92", "RF-35")
def test_a_recognition_that_was_chosen_outlasts_other_words() -> None:
    s = passed(closed())
    s = passed(decided(s, RECOGNITION, "Approve"))
    assert cell(s, "Approvals", RECOGNITION, "Status") == "Decided: Approve"
    idle(reworded(s))


@pytest.mark.clause("X-92", "RF-13")
def test_a_thank_you_of_the_first_version_gets_its_facts_and_then_outlasts_other_words() -> None:
    s = passed(decided(passed(referred()), THANKS, "Text it"))
    whole = cell(s, "Approvals", THANKS, "Digest")
    first = decided(s, THANKS, "Text it", Digest="/".join(whole.split("/")[:2]))
    assert cell(passed(first), "Approvals", THANKS, "Digest") == whole
    idle(reworded(passed(first)))


# -- no text, and somebody at work in the row ------------------------------------------------------------------------------------


@pytest.mark.clause("X-69", "MS-09")
@pytest.mark.parametrize("draft", ["", "  \n", "Subject: One year ago today", "Subject: One year ago today\n\n"])
def test_an_empty_text_never_goes_out(draft: str) -> None:
    s = passed(decided(passed(owned(date(2026, 12, 11))), ANNIVERSARY, "", Draft=draft))
    s = passed(decided(s, ANNIVERSARY, "Approve"))
    assert SEND not in open_tasks(s)
    assert cell(s, "Approvals", ANNIVERSARY, "Status").startswith(f"Not ready: {EMPTY}")


@pytest.mark.clause("X-69", "MS-32")
def test_a_template_that_renders_to_nothing_is_not_ready() -> None:
    s = owned(date(2026, 12, 11))
    s = passed(replace(s, practice=replace(s.practice, templates={**s.practice.templates, "anniversary_year_1": "{# nothing #}"})))
    assert SEND not in open_tasks(passed(decided(s, ANNIVERSARY, "Approve")))


@pytest.mark.clause("X-69", "RF-13", "RF-31", "RF-35")
def test_an_empty_text_goes_to_no_source() -> None:
    s = passed(decided(decided(passed(referred(options=CARDS)), THANKS, "", Draft=""), CARD, "", Draft=" "))
    s = passed(decided(decided(s, THANKS, "Text it"), CARD, "Approve"))
    assert {"RF-13 p101 send-text"} & set(open_tasks(s)) == set()
    for ref in (THANKS, CARD):
        assert cell(s, "Approvals", ref, "Status") == f"Not ready: {EMPTY}"
    s = passed(decided(closed(), RECOGNITION, "", Draft=""))
    s = passed(decided(s, RECOGNITION, "Approve"))
    assert cell(s, "Approvals", RECOGNITION, "Status") == f"Not ready: {EMPTY}"


@pytest.mark.clause("MS-32", "X-92")
@pytest.mark.parametrize("text", ["Hi {{ client_first_name }}{% if deadline is defined %}, by {{ deadline }}{% endif %}", "{{ deadline | default('') }}Hi {{ client_first_name }}"])
def test_a_template_may_ask_for_a_field_that_this_touch_has_not(text: str) -> None:
    s = owned(date(2026, 12, 11))
    s = passed(replace(s, practice=replace(s.practice, templates={**s.practice.templates, "anniversary_year_1": text})))
    assert cell(s, "Approvals", ANNIVERSARY, "Draft") == "Hi Ana"
    assert SEND in open_tasks(passed(decided(s, ANNIVERSARY, "Approve")))


@pytest.mark.clause("MS-09", "X-92")
def test_a_draft_is_rewritten_only_where_nobody_is_at_work_in_the_row() -> None:
    s = reworded(passed(owned(date(2026, 12, 11))))
    (action,) = [a for a in plan(s).actions if a.mark == ANNIVERSARY]
    assert set(action.seen) == {"Draft", "Decision"}
    assert "Draft" in action.after
    (action,) = [a for a in plan(decided(passed(s), ANNIVERSARY, "Hold")).actions if a.mark == ANNIVERSARY]
    assert action.seen == {}
