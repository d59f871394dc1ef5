"""Which address or number a send task names, where the first at hand is the wrong one (X-64, MS-47)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from connectors.followupboss.mark import LONGEST, marked
from policies.facts.contact_permission import Way
from policies.facts.reach_to_use import to_use
from policies.world.model import Contact, Key, Reach
from policies.world.practice import ReferralOptions
from policies.world.snapshot import Snapshot
from tests.passes import changed, decided, open_tasks, passed
from tests.referred import DAY, DRAFT, RECOGNITION, bought, lead, source, world
from tests.scenes import at, client, purchase, snapshot

OWN, SHARED, DEAD = Reach("own@example.org", "Valid"), Reach("home@example.org", "Valid"), Reach("old@example.org", "Bounced")
LONG = Reach(f"{'a' * 60}@example.org", "Valid")
BEN = client(7, first_name="Ben", tags=("DNC",), emails=(SHARED,), phones=(Reach("512 555-0100"),))
SEND = "MS-42 d812 20261211-send"


def people(*emails: Reach, ben: Contact | None = BEN, **changes: Any) -> Snapshot:
    ana = client(emails=emails, created=at(date(2024, 1, 1)), **changes)
    return snapshot(DAY, [ana, *([ben] if ben else [])], [purchase(date(2024, 12, 11))])


@pytest.mark.clause("X-64", "MS-47")
@pytest.mark.parametrize(("emails", "says"), [
    ((OWN,), ""), ((OWN, Reach("b@example.org")), ""), ((OWN, DEAD), ""), ((DEAD, OWN), "Only to own@example.org: "),
    ((SHARED, OWN), "Only to own@example.org: "), ((OWN, SHARED), "Only to own@example.org: "), ((SHARED,), ""), ((DEAD,), ""), ((), ""),
    ((DEAD, LONG), "Not to the first e-mail address on the record, but to the next that works: ")])
def test_an_address_is_named_where_somebody_could_take_the_wrong_one(emails: tuple[Reach, ...], says: str) -> None:
    s = people(*emails)
    assert to_use(s, s.contacts[101], Way.EMAIL) == says
    assert to_use(s, s.contacts[101], Way.CARD) == ""


@pytest.mark.clause("X-64")
def test_a_number_that_is_also_that_of_somebody_who_opted_out_is_not_the_one_to_text() -> None:
    s = people(OWN, phones=(Reach("(512) 555-0100"), Reach("(512) 555-0199")))
    assert to_use(s, s.contacts[101], Way.TEXT) == "Only to (512) 555-0199: "


def approved(s: Snapshot) -> Snapshot:
    return passed(decided(passed(passed(s)), "MS-09 d812 20261211-draft", "Approve"))


@pytest.mark.clause("X-64", "MS-42")
def test_the_task_to_send_an_approved_email_names_the_address_to_use() -> None:
    named = "Only to own@example.org: send the approved anniversary e-mail: Ana Lopez, schedule for Fri 12/11"
    s = approved(people(SHARED, OWN))
    assert open_tasks(s)[SEND] == named
    assert open_tasks(passed(s, s.now + timedelta(hours=1))) == open_tasks(s)
    key = Key.parse(f"{SEND}.2")
    assert key
    assert len(marked(named, key)) <= LONGEST
    assert marked(named, key).startswith("Only to own@example.org: send the approved")


@pytest.mark.clause("X-64", "X-67", "X-81")
def test_a_task_that_does_not_say_which_address_is_made_anew_once_it_matters_and_only_once() -> None:
    s = approved(people(SHARED, OWN, ben=None))
    assert open_tasks(s)[SEND].startswith("Send the approved")
    shared = passed(replace(s, contacts={**s.contacts, 7: BEN}))
    assert [(mark, name.partition(":")[0]) for mark, name in open_tasks(shared).items() if "MS-42" in mark] == [(f"{SEND}.2", "Only to own@example.org")]
    assert open_tasks(passed(shared)) == open_tasks(shared)

    other = passed(changed(shared, 101, emails=(SHARED, Reach("new@example.org"))))
    assert [name.partition(":")[0] for mark, name in open_tasks(other).items() if "MS-42" in mark] == ["Only to new@example.org"]
    theirs = replace(shared, tasks=tuple(replace(t, name="Ask Ben first") if str(t.key) == f"{SEND}.2" else t for t in shared.tasks))
    assert open_tasks(passed(changed(theirs, 101, emails=(SHARED, Reach("new@example.org")))))[f"{SEND}.2"] == "Ask Ben first"


@pytest.mark.clause("X-64", "RF-13")
@pytest.mark.parametrize(("word", "mark", "says"), [
    ("E-mail it", "RF-13 p101 send-email", "Only to own@example.org: E-mail John Smith the approved thank-you (words in Approvals)"),
    ("Text it", "RF-13 p101 send-text", "Only to (512) 555-0199: Text John Smith the approved thank-you (words in Approvals)")])
def test_a_thank_you_names_the_address_or_number_to_use(word: str, mark: str, says: str) -> None:
    john = source(emails=(SHARED, OWN), phones=(Reach("512-555-0100"), Reach("(512) 555-0199")))
    s = passed(decided(passed(world(john, lead(), replace(BEN, last_name="Smith"))), DRAFT, word))
    assert open_tasks(s)[mark] == says

    before = passed(decided(passed(world(john, lead())), DRAFT, word))
    assert not open_tasks(before)[mark].startswith("Only")
    after = passed(replace(before, contacts={**before.contacts, 7: replace(BEN, last_name="Smith")}))
    assert {one: name for one, name in open_tasks(after).items() if "RF-13" in one} == {f"{mark}.2": says}
    assert open_tasks(passed(after)) == open_tasks(after)


@pytest.mark.clause("X-64", "RF-36")
def test_a_recognition_by_message_names_them_too() -> None:
    john = source(emails=(DEAD, OWN))
    s = passed(world(john, lead(), deals=[bought(DAY)], options=ReferralOptions(handwritten_cards=False)))
    s = passed(decided(s, RECOGNITION, "Text or e-mail instead"))
    assert [name for mark, name in open_tasks(s).items() if "RF-36" in mark] == [
        "Thank-you by text or e-mail to John Smith, only to own@example.org (see Approvals)"]


@pytest.mark.clause("RF-36", "MS-47")
@pytest.mark.parametrize(("changes", "says"), [
    ({"phones": ()}, "Thank-you by e-mail to John Smith (see Approvals)"), ({"emails": (DEAD,)}, "Thank-you by text to John Smith (see Approvals)"),
    ({"phones": (), "emails": (DEAD,)}, "Thank-you by text or e-mail to John Smith (see Approvals)")])
def test_a_recognition_names_no_message_that_has_nowhere_to_go(changes: dict[str, Any], says: str) -> None:
    s = passed(world(source(**changes), lead(), deals=[bought(DAY)], options=ReferralOptions(handwritten_cards=False)))
    s = passed(decided(s, RECOGNITION, "Text or e-mail instead"))
    assert [name for mark, name in open_tasks(s).items() if "RF-36" in mark] == [says]
