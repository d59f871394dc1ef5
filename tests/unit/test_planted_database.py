"""On a database with known faults planted in it, what is found is what was planted, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from policies.database.reviews import cold, opt_outs, removal, speed_to_lead, stages
from policies.database.reviews.contact_info import outdated
from policies.database.reviews.minimum_fields import gaps
from policies.facts.ownership import kept
from policies.world.model import Source
from policies.world.snapshot import Snapshot
from tests.planted import planted
from tests.scenes import at, snapshot

TODAY = date(2027, 1, 4)
"""The first business day of a quarter and of a year: every review of the database has its day."""


def found(s: Snapshot) -> dict[str, set[Any]]:
    """What the steps of the procedure find, in the words of the plan of `tests.planted`."""
    return {
        "gap": {(c.id, str(gap)) for c in kept(s) for gap in gaps(s, c)},
        "stage": {(m.contact.id, tuple(map(str, m.targets)), "moves by a confirmed rule" if m.certain else "is asked about")
                  for m in stages.mismatches(s)},
        "cold": {(c.contact.id, c.group) for c in cold.cold(s, TODAY)},
        "outdated": {c.id for c in kept(s) if outdated(s, c)},
        "optout": {contact.id for contact, _ in opt_outs.active_opt_outs(s)},
        "purge": {(c.contact.id, str(c.reason)) for c in removal.candidates(s)},
        "portal": {c.id for c, _ in speed_to_lead.portal_leads(s) if speed_to_lead.attempt(c) is None},
    }


def world(people: int, seed: int) -> tuple[Snapshot, dict[str, set[Any]]]:
    f = planted(TODAY, people=people, seed=seed)
    s = snapshot(TODAY, f.contacts.values(), f.deals.values(), mail=tuple(f.mail), now=at(TODAY, 12), complete=frozenset(Source))
    return s, f.found


@pytest.mark.clause("DB-01", "DB-19", "DB-24", "DB-25", "DB-26", "DB-29", "DB-31", "DB-32", "DB-34", "DB-42", "DB-17", "X-48")
@pytest.mark.parametrize(("people", "seed"), [(20_000, 1), (3_000, 2), (3_000, 3)])
def test_what_is_found_is_what_was_planted(people: int, seed: int) -> None:
    s, expected = world(people, seed)
    actual = found(s)

    for kind, ids in expected.items():
        assert (sorted(ids - actual[kind]), sorted(actual[kind] - ids)) == ([], []), kind
    assert actual.keys() == expected.keys()
    assert all(expected.values())


@pytest.mark.clause("X-57", "DB-41")
def test_another_agents_contacts_are_nobodys_to_keep() -> None:
    s, _ = world(500, 4)
    hers = {n: replace(c, assigned_user_id=99) for n, c in s.contacts.items()}
    theirs = replace(s, contacts=hers, deals={n: replace(d, user_ids=(99,)) for n, d in s.deals.items()})

    assert not any(found(theirs).values())
