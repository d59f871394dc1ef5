"""A merged contact is known again, and whoever was only thrown away is not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from policies.facts.same_person.merges import repointed
from policies.world.model import Reach
from tests.scenes import client, purchase

MAIL, PHONE = (Reach("ana@example.org"),), (Reach("(512) 555-0100"),)
LOSER, WINNER = {"trashed": True, "emails": MAIL}, {"emails": (Reach("ANA@example.org"),)}


@pytest.mark.clause("X-64")
@pytest.mark.parametrize(("loser", "others", "now"), [
    (LOSER, [WINNER], (102,)),
    ({"trashed": True, "phones": PHONE}, [{"phones": (Reach("+1 512-555-0100"),)}], (102,)),
    (LOSER, [{**WINNER, "first_name": "Luis"}], (101,)),      # a spouse on the same address is somebody else
    (LOSER, [WINNER, WINNER], (101,)),                          # two could be it: nobody is
    (LOSER, [{"emails": (Reach("other@example.org"),)}], (101,)),
    ({"trashed": True}, [{}], (101,)),                          # a name alone is no evidence
    ({"trashed": True, "emails": (Reach("a.na+crm@gmail.com"),)}, [{"emails": (Reach("ana@googlemail.com"),)}], (102,)),
    ({**LOSER, "last_name": "López"}, [{**WINNER, "last_name": "Lopez"}], (102,)),
    ({"trashed": True, "phones": PHONE}, [{"phones": (Reach("512.555.0100"),)}], (102,)),
    ({"trashed": True, "emails": (Reach("none@none.com"),)}, [{"emails": (Reach("none@none.com"),)}], (101,)),  # an address of nobody
    ({**LOSER, "first_name": "", "last_name": ""}, [{**WINNER, "first_name": "", "last_name": ""}], (101,)),  # two without a name
    ({"emails": MAIL}, [WINNER], (101,)),                       # nobody is in the Trash: two contacts, not one
])
def test_who_a_contact_in_the_trash_is_now(loser: dict[str, Any], others: list[dict[str, Any]], now: tuple[int, ...]) -> None:
    people = [client(101, **loser), *(client(n, **other) for n, other in enumerate(others, 102))]

    assert [d.person_ids for d in repointed({p.id: p for p in people}, [purchase(date(2025, 12, 18))])] == [now]


def test_a_deal_that_names_both_names_one() -> None:
    people = {101: client(101, **LOSER), 102: client(102, **WINNER)}

    assert [d.person_ids for d in repointed(people, [purchase(date(2025, 12, 18), people=(101, 102))])] == [(102,)]
