"""The CRM's words for an email address or a phone number (X-64, MS-47, DB-31): whole words in any surroundings, and negations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.facts.signs.safety_words import of_a_number
from policies.values import emails, phones


@pytest.mark.clause("MS-47", "X-64")
@pytest.mark.parametrize("status", [
    "Bounced", "hard-bounce", "Hard Bounced", "Bounced - hard", "hardBounce", "HARD_BOUNCED", "Invalid email", "InvalidEmail", "Email is invalid", "Not valid",
    "Mailbox does not exist", "Mailbox doesn’t exist", "No such user", "User unknown", "Undeliverable (550)", "Cleaned", "No longer in use", "Delivery failed", "Bouncing"])
def test_a_word_for_an_address_that_reaches_nobody(status: str) -> None:
    assert emails.dead(status)
    assert not emails.unsubscribed(status)


@pytest.mark.clause("X-64")
@pytest.mark.parametrize("status", [
    "Unsubscribed", "Globally unsubscribed", "Unsubscribed (global)", "Opted-out (global)", "Opted out of email", "Has opted out", "globalOptOut", "Spam complaint", "Reported as spam",
    "User complained", "Marked as spam", "Client: do not email", "Per client DNC", "No longer subscribed", "Blacklisted", "Don’t email", "UNSUBSCRIBED_BY_USER", "D.N.C."])
def test_a_word_for_an_address_whose_owner_wants_no_email(status: str) -> None:
    assert emails.unsubscribed(status)
    assert not emails.dead(status)


@pytest.mark.clause("MS-47", "X-64")
@pytest.mark.parametrize("status", [
    "", "Valid", "Not Validated", "NotValidated", "Not bounced", "Never bounced", "Valid, no bounce", "No longer bouncing", "Not invalid", "Soft Bounce", "Bounced (soft)", "Not unsubscribed",
    "Never opted out", "Not spam", "Subscribed", "Resubscribed", "Opted In", "Mailbox full", "Do Not Call", "Disconnected", "Bad", "Verified"])
def test_a_word_for_an_address_that_works(status: str) -> None:
    assert not emails.dead(status)
    assert not emails.unsubscribed(status)


@pytest.mark.clause("DB-31", "X-64")
@pytest.mark.parametrize(("status", "dead"), [
    ("Disconnected number", True), ("Wrong number - per text", True), ("wrongNumber", True), ("Invalid Number", True), ("BAD", True), ("Not in service", True), ("Number is no longer in service", True),
    ("disconnected_2026", True), ("Not valid", True), ("Wrong person", True), ("Disconnected or changed", True),
    ("", False), ("Valid", False), ("Not Validated", False), ("Not disconnected", False), ("Not a wrong number", False), ("Landline", False), ("Mobile", False), ("Bounced", False), ("Badge", False)])
def test_a_word_for_a_number_that_reaches_nobody(status: str, dead: bool) -> None:
    assert phones.dead(status) is dead
    assert not of_a_number(status)


@pytest.mark.clause("X-64")
@given(st.text(max_size=60))
def test_any_status_is_read_without_a_fault(status: str) -> None:
    assert {emails.dead(status), emails.unsubscribed(status), phones.dead(status), of_a_number(status)} <= {True, False}
