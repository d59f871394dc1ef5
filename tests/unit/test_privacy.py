"""What may reach a source is built from four values; what an agent's own words would give away is found (RF-18, RF-26)."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.asks import drafts
from policies.asks.privacy import FIELDS, ToSource, first_name, leaks
from policies.world.model import Address, Reach
from tests.referred import DAY, bought, lead

CLIENT = lead(addresses=(Address("412 Cedar Ln", "Austin", "TX", "78701", "home"),), phones=(Reach("(512) 555-0123"),))


@pytest.mark.clause("RF-26")
def test_the_note_on_the_sources_record_names_a_first_name_and_a_day() -> None:
    assert ToSource.of(DAY, CLIENT, "John Smith", "Dana Reyes").note() == "12/04/2026 — referred Ximena"


@pytest.mark.clause("RF-18", "RF-26")
@pytest.mark.parametrize(("first", "last", "shown"), [
    ("Mary Ann", "Castro", "Mary"), ("Ximena Castro", "", "Ximena"), ("Castro", "Castro", ""), ("CASTRO", "de Castro", ""), ("412 Cedar", "X", ""),
    ("$450,000", "X", ""), ("", "Castro", ""), ("Jean-Luc", "P", "Jean-Luc"), ("J.", "P", "J."), ("x@example.org", "P", "")])
def test_a_first_name_is_one_word_of_letters_and_no_surname(first: str, last: str, shown: str) -> None:
    assert first_name(lead(name="A B", first_name=first, last_name=last)) == shown


@pytest.mark.clause("RF-18")
def test_the_whitelist_is_four_values_long() -> None:
    assert [field.name for field in fields(ToSource)] == ["day", "lead_first_name", "source_first_name", "agent_name"]
    assert {"source_first_name", "lead_first_name", "agent_name", "date"} == FIELDS


@pytest.mark.clause("RF-18")
@pytest.mark.parametrize("field", ["address", "lead_last_name", "price", "client_first_name"])
def test_a_wording_with_another_field_cannot_be_used(field: str) -> None:
    with pytest.raises(drafts.Unusable, match=field):
        ToSource.of(DAY, CLIENT, "John Smith", "Dana Reyes").render(f"Thanks for {{{{ {field} }}}}")


@pytest.mark.clause("RF-18", "RF-17")
@pytest.mark.parametrize("text", [
    "Thank you for Ximena Castro!", "They bought 412 Cedar Ln", "Thank you; the closing went well", "They got it for $450,000",
    "call her at (512) 555-0123", "ximena.castro.101@example.org says hi", "See you in Austin", "they are under contract", "zip 78701"])
def test_what_would_give_the_client_away_is_named(text: str) -> None:
    assert all(fault.startswith("RF-18: ") for fault in leaks(text, CLIENT, [bought(DAY, name="412 Cedar Ln")])) is True
    assert leaks(text, CLIENT, [bought(DAY, name="412 Cedar Ln")])


@pytest.mark.clause("RF-18")
def test_names_that_may_stand_in_it_are_not_taken_for_the_clients() -> None:
    cousin = lead(name="Price Reyes")
    text = "Hi John — thank you for sending Price my way. Dana Reyes"
    assert leaks(text, cousin, (), ("Dana Reyes", "John Smith")) == ()
    assert leaks(text, cousin, ()) != ()


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_stands_in_the_name_fields_only_letters_reach_a_source(first: str, last: str) -> None:
    word = ToSource.of(DAY, lead(name="A B", first_name=first, last_name=last), "John Smith", "Dana Reyes").lead_first_name
    assert all(c.isalpha() or c in "'’.-" for c in word)
    assert not word or word.casefold() not in last.casefold().split()


@pytest.mark.clause("RF-18")
@pytest.mark.parametrize(("surname", "named"), [("Li", True), ("Ng", True), ("X", False)])
def test_a_surname_of_two_letters_is_found_and_one_letter_is_no_name(surname: str, named: bool) -> None:
    assert bool(leaks(f"Thank you for Ximena {surname}!", lead(first_name="Ximena", last_name=surname, emails=(), phones=()), ())) is named


@pytest.mark.clause("RF-18")
def test_what_reaches_a_source_cannot_be_changed_after_it_was_built() -> None:
    built = ToSource.of(DAY, CLIENT, "John Smith", "Dana Reyes")
    with pytest.raises(FrozenInstanceError):
        built.lead_first_name = "Ximena Castro"  # type: ignore[misc]
