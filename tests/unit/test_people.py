"""Between two sweeps what changed is laid over what is held, and wherever that might not be everybody, everybody is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from connectors.errors import Incomplete, Rejected, Unavailable
from connectors.memory import MemoryCrm
from connectors.ports import Changed, Progress, silent
from daemon.account.people import OVERLAP, People
from policies.world.model import Contact
from tests.scenes import account, at, client

NOON = at(date(2026, 12, 14), 12)
HOUR = timedelta(hours=1)


class Counting(MemoryCrm):
    """A CRM that counts its sweeps, and names only `edited` in a poll; `total` and `wrong` are what it says besides."""

    def __init__(self, *contacts: Contact) -> None:
        super().__init__(account(), contacts)
        self.sweeps = 0
        self.asked: list[datetime] = []
        self.edited: set[int] = set()
        self.wrong: Exception | None = None

    def contacts(self, progress: Progress = silent) -> Sequence[Contact]:
        self.sweeps += 1
        return super().contacts(progress)

    def contacts_since(self, since: datetime) -> Changed:
        self.asked.append(since)
        if self.wrong:
            raise self.wrong
        return Changed([self.people[n] for n in self.edited if n in self.people], len(self.people))


@pytest.fixture
def crm() -> Counting:
    return Counting(client(101, tags=("a",)), client(102), client(103, fields={"birthday": "1984-02-29"}))


def looks(crm: Counting, people: People, *minutes: int, seen: Any = None) -> dict[int, Contact]:
    found: Sequence[Contact] = ()
    for minute in minutes:
        found = people.read(crm, seen or crm.account(), NOON + timedelta(minutes=minute))
    return {contact.id: contact for contact in found}


def test_a_poll_gives_everybody_as_they_are_now(crm: Counting) -> None:
    people = People(HOUR)
    looks(crm, people, 0)
    crm.people[101] = replace(crm.people[101], tags=("a", "DNC"))
    crm.people[104] = client(104)
    crm.edited = {101, 104}

    assert looks(crm, people, 15, 30) == crm.people
    assert (crm.sweeps, crm.asked) == (1, [NOON - OVERLAP] * 2)  # from the sweep on: a poll that failed in between loses nothing


@pytest.mark.parametrize(("lasts", "minutes", "sweeps"), [
    (60, (0, 59), 1), (60, (0, 60), 2), (60, (0, 15, 60, 75), 2), (60, (0, -1), 2), (0, (0, 1), 2), (15, (0, 15, 30), 3),
    (2000, (0, 719), 1), (2000, (0, 720), 2)])
def test_a_sweep_stands_for_its_time_and_not_beyond_its_day(crm: Counting, lasts: int, minutes: tuple[int, ...], sweeps: int) -> None:
    looks(crm, People(timedelta(minutes=lasts)), *minutes)
    assert crm.sweeps == sweeps


def test_who_is_gone_is_found_by_a_sweep_at_once_and_never_by_a_poll(crm: Counting) -> None:
    people = People(HOUR)
    looks(crm, people, 0)
    del crm.people[102]
    assert looks(crm, people, 15).keys() == {101, 103}
    assert crm.sweeps == 2

    del crm.people[103]
    crm.people[104], crm.edited = client(104), {104}  # as many as before
    assert looks(crm, people, 30).keys() == {101, 104}
    assert crm.sweeps == 3

    del crm.people[104]
    crm.people[105] = client(105)  # nobody says so: the next sweep finds it
    assert looks(crm, people, 45).keys() == {101, 104}
    assert looks(crm, people, 90).keys() == {101, 105}


@pytest.mark.parametrize("wrong", [Incomplete("CRM", "not in order"), Rejected("CRM", "Invalid parameter value.", 400)])
def test_a_crm_that_does_not_answer_so_that_it_can_be_told_is_swept(crm: Counting, wrong: Exception) -> None:
    people = People(HOUR)
    looks(crm, people, 0)
    crm.wrong = wrong
    assert looks(crm, people, 15) == crm.people
    assert crm.sweeps == 2


def test_an_outage_is_an_outage_and_the_next_look_sweeps(crm: Counting) -> None:
    people = People(HOUR)
    looks(crm, people, 0)
    crm.wrong = Unavailable("CRM", "503")
    with pytest.raises(Unavailable):
        looks(crm, people, 15)
    crm.wrong = None
    looks(crm, people, 30)
    assert crm.sweeps == 2


def test_other_fields_or_rights_mean_another_reading_of_everybody(crm: Counting) -> None:
    """A custom field that got the label Steward looks for changes what is read of contacts whom nobody edited."""
    people = People(HOUR)
    looks(crm, people, 0)
    other = replace(crm.account(), fields=crm.account().fields[1:])
    looks(crm, people, 15, seen=other)
    assert crm.sweeps == 2


def test_what_was_forgotten_is_read_anew(crm: Counting) -> None:
    people = People(HOUR)
    looks(crm, people, 0)
    people.forget()
    looks(crm, people, 15)
    assert crm.sweeps == 2
