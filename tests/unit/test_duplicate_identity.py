"""What identifies a contact, spelled one way; and what two names say of each other."""

from __future__ import annotations

import pytest

from policies.facts.same_person.identity import (
    doors,
    lines,
    mailboxes,
)
from policies.facts.same_person.names import First, Last, Name, compared
from policies.values.emails import mailbox
from policies.values.phones import line
from policies.world.model import Address, Contact, Reach
from tests.scenes import client


@pytest.mark.clause("DB-23")
@pytest.mark.parametrize(("written", "same"), [
    (" Ana@Example.ORG ", "ana@example.org"), ("ana+homes@example.org", "ana@example.org"), ("a.n.a@gmail.com", "ana@gmail.com"),
    ("ana@googlemail.com", "ana@gmail.com"), ("a.na@example.org", "a.na@example.org"),
    ("none@none.com", ""), ("noemail@example.org", ""), ("ana@none.com", ""), ("ana", ""), ("@example.org", ""), ("ana@host", ""), ("", "")])
def test_a_mailbox_is_one_however_it_is_written_and_nobodys_is_none(written: str, same: str) -> None:
    assert mailbox(written) == same


@pytest.mark.clause("DB-23")
@pytest.mark.parametrize(("written", "same"), [
    ("(512) 555-0100", "5125550100"), ("+1 512.555.0100", "5125550100"), ("15125550100", "5125550100"), ("512\u2011555\u20110100", "5125550100"),
    ("512-555-0100 x12", "5125550100x12"), ("+44 20 7946 0958", "+442079460958"), ("+49 301 2345 67", "+49301234567"), ("011 44 20 7946 0958", "+442079460958"),
    ("0000000000", ""), ("5555555555", ""), ("1234567890", ""), ("112-555-0100", ""), ("512-155-0100", ""), ("555-0100", ""), ("none", ""), ("", "")])
def test_a_line_is_one_however_it_is_written_and_a_placeholder_is_none(written: str, same: str) -> None:
    assert line(written) == same


@pytest.mark.clause("DB-23")
@pytest.mark.parametrize(("one", "other", "same"), [
    (("412 Cedar Lane", "Austin", "TX", "78701"), ("412 cedar ln.", "Austin", "TX", "78701-1234"), True),
    (("412 Cedar Ln Apt 4", "Austin", "TX", "78701"), ("412 Cedar Ln #4", "Austin", "TX", "78701"), True),
    (("412 Cedar Ln Apt 4", "Austin", "TX", "78701"), ("412 Cedar Ln Apt 5", "Austin", "TX", "78701"), False),
    (("412 North Cedar Ln", "Austin", "TX", ""), ("412 N Cedar Ln", "AUSTIN", "TX", ""), True),
    (("412 Cedar Ln", "Austin", "TX", "78701"), ("412 Cedar Ln", "Austin", "TX", "78702"), False),
    (("414 Cedar Ln", "Austin", "TX", "78701"), ("412 Cedar Ln", "Austin", "TX", "78701"), False)])
def test_a_door_is_one_however_it_is_abbreviated(one: tuple[str, ...], other: tuple[str, ...], same: bool) -> None:
    a, b = (doors(Contact(id=1, addresses=(Address(*lines_),))) for lines_ in (one, other))

    assert (a == b) is same


def test_a_street_without_a_number_is_no_door_and_a_value_counts_once() -> None:
    twice = client(emails=(Reach("a@example.org"), Reach("A@example.org")), phones=(Reach("none"),), addresses=(Address("Cedar Ln", "Austin", "TX", "78701"),))

    assert (list(mailboxes(twice)), list(lines(twice)), list(doors(twice))) == (["a@example.org"], [], [])


def name(text: str) -> Name:
    first, _, last = text.partition("|")
    return Name.of(Contact(id=1, first_name=first, last_name=last))


@pytest.mark.clause("DB-23", "DB-44")
@pytest.mark.parametrize(("one", "other", "first", "last"), [
    ("Ana|Lopez", "ANA|López", First.SAME, Last.SAME), ("Ana|Lopez", "Lopez|Ana", First.SAME, Last.SAME),
    ("Mary Ann|Lee", "Maryann|Lee", First.SAME, Last.SAME), ("Mary|Lee", "Mary A.|Lee", First.SAME, Last.SAME),
    ("Mary Ann|Lee", "Mary Beth|Lee", First.NEAR, Last.SAME), ("Dr. Ana|Lopez", "Ana|Lopez", First.SAME, Last.SAME),
    ("Robert|Lee", "Bob|Lee", First.NICKNAME, Last.SAME), ("Bill|Lee", "Billy|Lee", First.NICKNAME, Last.SAME), ("R.|Lee", "Robert|Lee", First.INITIAL, Last.SAME),
    ("M.|Lee", "Robert|Lee", First.DIFFERENT, Last.SAME), ("Micheal|Lee", "Michael|Lee", First.NEAR, Last.SAME), ("Dana|Lee", "Dena|Lee", First.NEAR, Last.SAME),
    ("Ada|Lee", "Ida|Lee", First.DIFFERENT, Last.SAME), ("Ana|Lee", "Luis|Lee", First.DIFFERENT, Last.SAME), ("|Lee", "Ana|Lee", First.UNKNOWN, Last.SAME),
    ("Ana & Luis|Lee", "Ana|Lee", First.COUPLE, Last.SAME), ("Ana and Luis|Lee", "Ana and Luis|Lee", First.SAME, Last.SAME),
    ("Ana|Lopez-Garcia", "Ana|Garcia", First.SAME, Last.PART), ("Ana|Lopes", "Ana|Lopez", First.SAME, Last.NEAR), ("Ana|Lopez", "Ana|", First.SAME, Last.UNKNOWN),
    ("Ana|L.", "Ana|Lopez", First.SAME, Last.UNKNOWN), ("Ana|M.", "Ana|Lopez", First.SAME, Last.DIFFERENT), ("Ana|Lee", "Ana|Novak", First.SAME, Last.DIFFERENT),
    ("John|Lee Jr.", "John|Lee Sr", First.DIFFERENT, Last.SAME), ("John|Lee Jr.", "John|Lee", First.GENERATION, Last.SAME), ("John|Lee III", "John|Lee iii", First.SAME, Last.SAME)])
def test_what_two_names_say_of_each_other(one: str, other: str, first: First, last: Last) -> None:
    assert compared(name(one), name(other)) == compared(name(other), name(one)) == (first, last)
