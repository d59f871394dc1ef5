"""The procedure's wordings to the letter, and what the lint refuses."""

from __future__ import annotations

from datetime import date

import pytest

from daemon.account.templates import TO_SOURCES
from policies.asks import escalation, lint, privacy
from policies.asks.drafts import MERGE_FIELDS, Unusable, check_template, render
from policies.milestones.home_value import BLANK_CHANGE
from tests.scenes import TEMPLATES

DAY = date(2026, 12, 18)
FIELDS = {"client_first_name": "Ana", "address": "412 Cedar Ln", "agent_name": "Dana Reyes", "years": "3", "city": "Austin",
          "year": "2023", "phone": "(512) 555-0100"}


@pytest.mark.clause("MS-31")
def test_the_year_one_email_word_for_word() -> None:
    assert render(TEMPLATES["anniversary_year_1"], FIELDS) == (
        "Subject: One year ago today\n"
        "Hi Ana —\n"
        "One year ago today, you became the owner of 412 Cedar Ln. That's worth celebrating.\n"
        "I hope the past year has been everything you hoped it would be — and then some.\n"
        "If there's anything you need as a homeowner (contractor recommendations, anything at all), I'm always here.\n"
        "And if anyone in your world is thinking about buying or selling, I'd be honored to help them the way I helped you.\n"
        "Warmly,\n"
        "Dana Reyes")


@pytest.mark.clause("MS-33")
def test_the_year_two_email_word_for_word() -> None:
    assert render(TEMPLATES["anniversary_year_2_plus"], FIELDS) == (
        "Hi Ana —\n"
        "Hard to believe it's been 3 years since you closed on 412 Cedar Ln. Hope you're loving every minute of it.\n"
        "Just wanted to say hello and let you know I'm always here if you need anything.\n"
        "Dana Reyes")


@pytest.mark.clause("MS-50")
def test_the_escalation_word_for_word() -> None:
    text = escalation.milestone_message(escalation.MilestoneIssue.APPROVAL, agent="Dana Reyes", client="Ana Lopez",
                                        milestone="Closing anniversary, year 1, 12/18/2026", va="Mia Cole")

    assert text == (
        "Hi Dana Reyes — past client touch issue for Ana Lopez needs your input.\n"
        "Issue: Approval needed before deadline\n"
        "Milestone: Closing anniversary, year 1, 12/18/2026\n"
        "Needed: Approve message\n"
        "Mia Cole")


@pytest.mark.clause("MS-13", "MS-14", "MS-19")
@pytest.mark.parametrize(("line", "clause"), [
    ("I can negotiate a better deal for you.", "MS-13"), ("Ask me about my commission.", "MS-13"),
    ("It is a good time to sell.", "MS-14"), ("Just listed: 9 Elm St.", "MS-19"), ("I hope the garden is doing well.", "")])
def test_what_the_agent_never_says_in_a_touch(line: str, clause: str) -> None:
    faults = lint.anniversary(f"Hi Ana —\nHow are you?\n{line}\nDana", DAY, DAY)

    assert [fault.partition(":")[0] for fault in faults] == ([clause] if clause else [])


@pytest.mark.clause("MS-34", "MS-36", "MS-38")
def test_the_procedures_other_wordings_word_for_word() -> None:
    assert render(TEMPLATES["birthday"], FIELDS) == "Hi Ana — happy birthday! Hope it's a great one.\nDana Reyes"
    assert render(TEMPLATES["referral_ask"], FIELDS) == (
        "If anyone you know is thinking about buying or selling in Austin, I'd love the chance to help them the way I helped you. "
        "Word-of-mouth means everything to my business.")
    blanks = {"value_low": "[X]", "value_high": "[X]", "value_change": BLANK_CHANGE}
    assert render(TEMPLATES["home_value"], {**FIELDS, **blanks}) == (
        "Subject: What's your home worth today?\n"
        "Hi Ana —\n"
        "The market has moved since you bought 412 Cedar Ln in 2023. I thought you'd want to know where things stand.\n"
        "Based on current comparable sales in your neighborhood, your home is likely worth somewhere in the range of $[X] – $[X] today.\n"
        "That's [an increase of approximately $X vs. your purchase price / a significant change from when you bought].\n"
        "If you're curious about a more specific number — or if you've been thinking about your next move — let's talk.\n"
        "Dana Reyes\n"
        "(512) 555-0100")


@pytest.mark.clause("MS-50", "X-53")
def test_every_issue_has_one_needed_from_the_procedures_menu() -> None:
    assert [issue.value for issue in escalation.MilestoneIssue] == [
        ("Approval needed before deadline", "Approve message"), ("active lead reply", "respond to lead"),
        ("undeliverable touch", "update contact record"), ("missing context", "provide client context"),
        ("dissatisfied client reply", "respond to client")]


@pytest.mark.clause("MS-31", "MS-11")
@pytest.mark.parametrize("template", ["Hi {{ nickname }}", "Hi {{ client_first_name.__class__.__mro__ }}", "{% for x in y %}", "{{ 7*7",
                                      "{{ client_first_name|attr('__class__') }}"])
def test_a_template_may_use_the_closed_set_of_fields_and_nothing_else(template: str) -> None:
    with pytest.raises(Unusable):
        check_template(template)


@pytest.mark.clause("MS-31")
def test_the_procedures_own_templates_use_known_fields_only() -> None:
    for name, text in TEMPLATES.items():
        check_template(text, privacy.FIELDS if name in TO_SOURCES else MERGE_FIELDS)
    assert {"client_first_name", "address", "agent_name", "years"} <= MERGE_FIELDS


@pytest.mark.parametrize("name", ["{{ 7*7 }}", "<b>Ana</b>", "=HYPERLINK(1)", "Ana\nBcc: everybody", "{% raw %}"])
def test_a_name_is_data_and_is_never_evaluated(name: str) -> None:
    text = render("Hi {{ client_first_name }} —", {"client_first_name": name})

    assert text == f"Hi {' '.join(name.split())} —"


def _lint(text: str, send_on: date = DAY) -> list[str]:
    return [fault.partition(":")[0] for fault in lint.anniversary(text, DAY, send_on)]


@pytest.mark.clause("MS-19", "MS-14", "MS-38", "MS-39", "X-07", "MS-31", "MS-12")
@pytest.mark.parametrize(("text", "faults"), [
    ("Hi Ana —\nGlad you are there.\nDana", []),
    ("Hi Ana —\nHello from [Agent Name]\nDana", ["MS-31"]),
    ("Hi Ana —\nGlad you are there. Do you  know anyone who wants to buy or SELL?\nDana", ["MS-39"]),
    ("Hi Ana —\nIf anyone you know is thinking about buying or selling, call me.\nDana", ["MS-38"]),
    ("Hi Ana —\nWarm words.\nIf anyone you know is thinking about buying or selling, call me.\nDana", []),
    ("Subject: A referral\nHi Ana —\nWarm words.\nDana", ["MS-38"]),
    ("Hi Ana —\nI just listed a house nearby.\nDana", ["MS-19"]),
    ("Hi Ana —\nMortgage rates are down.\nDana", ["MS-19"]),
    ("Hi Ana —\nIt is a good time to sell.\nDana", ["MS-14"]),
    ("Hi Ana —\nYou qualify for a deduction.\nDana", ["MS-14"]),
])
def test_the_lint_names_the_clause(text: str, faults: list[str]) -> None:
    assert _lint(text) == faults


@pytest.mark.clause("X-07")
@pytest.mark.parametrize(("send_on", "faults"), [(DAY, []), (date(2026, 12, 19), ["X-07"])])
def test_today_must_be_the_day(send_on: date, faults: list[str]) -> None:
    assert _lint("Subject: One year ago today\nHi Ana —\nWarm words.\nDana", send_on) == faults
