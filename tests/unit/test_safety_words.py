"""Words close to a safety word (X-66): the printed list, both sides of each neighbor word, and folding."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.facts.signs.near_carriers import contacts_by_near_tag
from policies.facts.signs.safety_words import (
    DEATH,
    NEIGHBORS,
    OPT_OUT,
    begins_with_death,
    name_alone,
    name_of_the_dead,
    near,
    near_tags,
    said_deceased,
)
from policies.values.phrases import NEGATIONS
from policies.world.practice import TagNames
from tests.scenes import client, practice, snapshot

TODAY = date(2026, 12, 4)
PHRASES = (*OPT_OUT, *DEATH)


@pytest.mark.clause("X-66")
@pytest.mark.parametrize(
    "tag",
    ["Do Not Call", "DNC - per client", "Opted Out", "STOP", "do_not_email", "DECEASED 2026", "DNC per client 3/4", "D.N.C. (client asked)", "DoNotCall",
     "do-not-text", "DO NOT E-MAIL", "Don't call", "Don’t text", "OptedOut", "opt-out 2025", "Unsubscribed - Mailchimp", "Replied STOP", "Not interested, STOP",
     "Don´t contact", "Don`t call", "Donʼt text", "don‘t email", "DNC, owner request", "STOP / spouse", "Owner: DNC", "No: STOP", "No - STOP", "Deceased2026", "passed away", "No contact", "REMOVE ME", "ＤＮＣ per client", "Do \u200bNot Call"],
)
def test_a_tag_close_to_a_safety_word_is_near(tag: str) -> None:
    assert near(tag)


@pytest.mark.clause("X-66")
@pytest.mark.parametrize(
    "tag",
    ["Stop by", "No contact info", "No contact yet", "No contact made", "DNC-exempt", "DNC exempt", "Deceased owner lead", "Owner deceased", "Spouse deceased",
     "Parent deceased", "Do Not Call list", "DNC scrubbed", "DNC registry", "not DNC", "Not on DNC", "no longer DNC", "non-DNC", "never opted out", "not deceased",
     "Stopwatch", "Nonstop", "Dead lead", "VIP", "", "Zillow", "Opted in", "Contacted", "Past Client"],
)
def test_other_words_are_not(tag: str) -> None:
    assert near(tag) == ""


@pytest.mark.clause("X-66")
@pytest.mark.parametrize("word", sorted(NEIGHBORS))
@pytest.mark.parametrize("phrase", ["dnc", "do not call", "deceased", "stop", "opted out"])
def test_a_neighbor_word_right_before_or_behind_gives_another_meaning_and_one_further_off_does_not(phrase: str, word: str) -> None:
    assert near(f"{phrase} {word}") == near(f"{word} {phrase}") == near(f"{word.upper()}-{phrase.title()}") == ""
    assert near(f"{phrase} client {word}") == near(f"{word} client {phrase}") == phrase


@pytest.mark.clause("X-66")
@pytest.mark.parametrize("word", sorted(NEGATIONS))
def test_a_negation_counts_right_before_and_not_across_a_break(word: str) -> None:
    assert near(f"{word} dnc") == near(f"{word} on the dnc") == ""
    assert near(f"{word} interested dnc") == near(f"{word}, dnc") == "dnc"


@pytest.mark.clause("X-66")
@given(st.sampled_from(PHRASES), st.sampled_from([" ", "-", "_", "  ", "\u2011", "\u00a0"]), st.sampled_from([str.upper, str.title, str.casefold, str.swapcase]),
       st.sampled_from(["", " ", " - per client", " 2026", " (client asked)", "2026", "!"]))
def test_case_dashes_blanks_and_what_follows_change_nothing(phrase: str, blank: str, case: object, behind: str) -> None:
    assert callable(case)
    assert near(case(phrase.replace(" ", blank)) + behind)


@pytest.mark.clause("X-66")
@given(st.text(alphabet="abcdefgh xyz-_", max_size=30), st.sampled_from(PHRASES))
def test_a_word_that_only_contains_a_phrase_is_another_word(stem: str, phrase: str) -> None:
    joined = phrase.replace(" ", "")
    assert near(f"q{joined}q") == ""
    assert near(f"{stem} qq") in {"", *PHRASES}


@pytest.mark.clause("X-66")
@given(st.text(max_size=200))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    assert near(text) in {"", *PHRASES}
    assert begins_with_death(text) in {True, False}
    assert name_of_the_dead(text) in {True, False}


@pytest.mark.clause("X-66", "X-49")
@pytest.mark.parametrize(
    ("text", "says"),
    [("Deceased", True), ("DECEASED 3/2026, per her son", True), ("*** deceased ***", True), ("<p><b>Deceased</b> in March</p>", True), ("&nbsp;Deceased", True),
     ("Passed away in May", True), ("Deceased, spouse informed us", True), ("Deceased. List with son", True), ("Deceased\nby cancer", True),
     ("Died, owner's son called", True), ("<p>Deceased</p>\n<p>owner of 4 Elm</p>", True), ("Deceased by cancer", False), ("Owner: deceased", False), ("Deceased owner lead, from the county list", False), ("Her husband is deceased", False), ("Not deceased", False),
     ("Called: spouse deceased", False), ("", False), ("Dead lead", False)],
)
def test_a_note_or_background_says_so_at_its_start_only(text: str, says: bool) -> None:
    assert begins_with_death(text) is says


@pytest.mark.clause("X-66")
@pytest.mark.parametrize(
    ("name", "says"),
    [("Ana Lopez (Deceased)", True), ("Ana Lopez - DECEASED", True), ("Ana (deceased 2026) Lopez", True), ("Ana Lopez deceased", True), ("Deceased", False),
     ("Ana Lopez - Deceased 3/2026", True), ("Ana Lopez, deceased (2024)", True), ("Ana Lopez died 2024", True), ("Ana (Deceased 3/2026) Lopez", True),
     ("Deceased 2024", False), ("Ana Lopez, spouse deceased 2024", False),
     ("Deceased Lopez", False), ("Ana Lopez (spouse deceased)", False), ("Ana Lopez (deceased owner)", False), ("Ana Lopez", False), ("Ana Lopez (DNC)", False)],
)
def test_a_name_says_so_in_brackets_or_at_its_end(name: str, says: bool) -> None:
    assert name_of_the_dead(name) is says


@pytest.mark.clause("X-66")
def test_what_is_configured_is_exact_and_not_near() -> None:
    """The words that are Do Not Contact or Deceased, whatever their letters look like, are signs of their own."""
    ana = client(tags=("Do Not Contact", "do-not-contact", "D.N.C.", "Unsubscribed", "Deceased", "DNC - per client", "Stop it list", "No calls"))
    s = snapshot(TODAY, [ana], practice=practice(tags=TagNames(skip=("No Calls",))))

    assert near_tags(s, ana) == ("DNC - per client", "Stop it list")


@pytest.mark.clause("X-66")
def test_a_near_tag_is_counted_once_in_all_its_spellings_over_the_agents_own() -> None:
    people = [client(101, tags=("Opted Out",)), client(102, tags=("opted-out",)), client(103, tags=("OPTED OUT", "STOP")), client(104, assigned_user_id=99, tags=("STOP",)),
              client(105, trashed=True, tags=("STOP",))]

    assert contacts_by_near_tag(snapshot(TODAY, people)) == {"Opted Out": [101, 102, 103], "STOP": [103]}


@pytest.mark.clause("X-66", "X-49")
def test_where_a_record_calls_its_person_deceased() -> None:
    named, noted, background, alive = client(101, last_name="Lopez (Deceased)"), client(102), client(103, background_of_death=True), client(104)
    s = snapshot(TODAY, [named, noted, background, alive], remembered={102: {"note": TODAY}})

    assert [said_deceased(s, c) for c in (named, noted, background, alive)] == [
        "the name says deceased", 'a note begins with "Deceased"', 'the background begins with "Deceased"', ""]
    before = snapshot(TODAY, [named, noted, alive], remembered={101: {"name": TODAY}, 102: {"background": TODAY}})
    assert [said_deceased(before, c) for c in (named, client(101), noted, alive)] == [
        "the name says deceased", f"the name said deceased (seen {TODAY:%m/%d/%Y}), and that is gone",
        f'the background began with "Deceased" (seen {TODAY:%m/%d/%Y}), and that is gone', ""]


@pytest.mark.clause("X-66")
@pytest.mark.parametrize(("name", "dead"), [
    ("Ana Deceased", True), ("Deceased", False), ("Ana Lopez deceased", True), ("Deceased Lopez", False), ("Ana (deceased) Lopez", True), ("Ana passed away", True)])
def test_a_name_says_it_in_brackets_or_at_its_end(name: str, dead: bool) -> None:
    assert name_of_the_dead(name) is dead


@pytest.mark.clause("X-66", "X-77")
@pytest.mark.parametrize(("name", "alone"), [
    ("Ana Lopez (Deceased)", "Ana Lopez"), ("Ana Lopez - DECEASED", "Ana Lopez"), ("Ana (deceased 2026) Lopez", "Ana Lopez"), ("Ana Lopez – Deceased 3/2026", "Ana Lopez"),
    ("Ana Lopez, deceased (2024)", "Ana Lopez"), ("Ana Lopez died 2024", "Ana Lopez"), ("Ana Lopez passed away", "Ana Lopez"), ("Ana Lopez (Deceased", "Ana Lopez"),
    ("Ana Lopez [died 3/2026]", "Ana Lopez"), ("Ana Lopez Deceased2026", "Ana Lopez"), ("Ana López (Deceased) - deceased", "Ana López"),
    ("Ana Lopez (DNC)", "Ana Lopez"), ("Ana Lopez - do not contact", "Ana Lopez"), ("Ana Lopez DNC", "Ana Lopez"), ("Ana (STOP) Lopez", "Ana Lopez"),
    ("Ana Lopez (mom) - DNC", "Ana Lopez (mom)"), ("Ana Callahan-Stop", "Ana Callahan-Stop"), ("Ana Lopez", "Ana Lopez"), ("Ana Lopez (spouse deceased)", "Ana Lopez (spouse deceased)"), ("Deceased Lopez", "Deceased Lopez"), ("(Deceased)", "(Deceased)"), ("", "")])
def test_a_name_without_its_word_for_a_death_or_an_opt_out(name: str, alone: str) -> None:
    assert name_alone(name) == alone


@pytest.mark.clause("X-66")
@given(st.text(max_size=60))
def test_a_name_without_a_word_for_a_death_stays_as_it_is(name: str) -> None:
    assert bool(name_alone(name)) is bool(name)
    assert not name_of_the_dead(name_alone(name)) or name_alone(name) == name


@pytest.mark.clause("X-66")
@pytest.mark.parametrize(("first", "last", "said"), [
    ("Mary", "Meyer (DNC)", "DNC"), ("Mary", "Meyer - do not contact", "do not contact"), ("Mary DNC", "Meyer", "DNC"), ("Mary", "Meyer [opted out 2025]", "opted out 2025"),
    ("Mary (STOP)", "Meyer", "STOP"), ("Mary", "Meyer / no calls", "no calls"), ("Mary", "Meyer do not call", "do not call"), ("Mary", "Meyer D.N.C.", "D.N.C."),
    ("Mary Meyer", "DNC", "DNC"), ("Mary Meyer", "(DNC)", "DNC"), ("Mary", "Meyer (DNC per text)", "DNC per text"),
    ("Mary", "Stop", ""), ("Mary", "Callahan", ""), ("Mary", "Meyer (not DNC)", ""), ("Mary", "Meyer not DNC", ""), ("Mary", "Meyer (DNC list)", ""), ("Mary", "Meyer (mom)", ""), ("Mary", "Callan-Optin", ""),
    ("Dnc", "", ""), ("", "", ""), ("Mary", "Meyer (Deceased)", "")])
def test_an_opt_out_in_a_name_is_a_word_on_the_record(first: str, last: str, said: str) -> None:
    mary = client(101, first_name=first, last_name=last)
    s = snapshot(TODAY, [mary])

    assert near_tags(s, mary) == ((f"in the name: {said}",) if said else ())
    assert contacts_by_near_tag(s) == ({f"in the name: {said}": [101]} if said else {})
