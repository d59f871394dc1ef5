"""What an opt-out or a death withdraws is never held back by `guard.withdraw_limit`, whatever kind of task it is (X-67)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from daemon.passes import guard
from policies.asks.wants import WantWithdrawn
from policies.registry import POLICIES
from policies.world.model import Contact, Reach, Stage
from policies.world.practice import ReferralOptions
from policies.world.sheet import Row
from policies.world.snapshot import Snapshot
from tests.passes import cell, changed, decided, open_tasks, passed, plan, rows
from tests.referred import DAY, DRAFT, RECOGNITION, bought, lead, source, world
from tests.scenes import at, client, purchase, snapshot

CARDS = ReferralOptions(handwritten_cards=True)
ANSWERS = {DRAFT: "Text it", "RF-31 p101 text": "Approve", RECOGNITION: "Approve", "MS-09 d812 20261211-draft": "Approve"}


def agreed(s: Snapshot) -> Snapshot:
    """Two passes, and the agent says yes to everything in between."""
    s = passed(passed(s), s.now + timedelta(minutes=15))
    for ref, word in ANSWERS.items():
        if s.workbook.row("Approvals", ref):
            s = decided(s, ref, word)
    return passed(passed(s, s.now + timedelta(minutes=15)), s.now + timedelta(minutes=30))


def anniversary() -> Snapshot:
    people = [client(fields={"birthday": "1980-12-11", "closing_anniversary": "2024-12-11"}, created=at(date(2024, 1, 1)))]
    return snapshot(DAY, people, [purchase(date(2024, 12, 11))])


def just_closed() -> Snapshot:
    return snapshot(DAY, [client(stage=Stage.UNDER_CONTRACT, stage_label="Under Contract")], [purchase(date(2026, 12, 2))], activated=date(2026, 6, 1))


WORLDS: dict[str, tuple[Callable[[], Snapshot], int]] = {
    "thanks": (lambda: world(options=CARDS), 50),
    "recognition": (lambda: world(source(), lead(), deals=[bought(DAY)], options=CARDS), 50),
    "several": (lambda: world(source(), lead(), lead(102, "Omar Haddad")), 50),
    "anniversary": (anniversary, 101),
    "stage": (just_closed, 101),
    "stage of a lead": (lambda: world(source(), lead(), deals=[bought(DAY)]), 101),
}
SIGNS: dict[str, dict[str, Any]] = {
    "tag": {"tags": ("DNC",)}, "stage": {"stage": Stage.DO_NOT_CONTACT, "stage_label": "Do Not Contact"}, "death": {"tags": ("Deceased",)}}


@pytest.mark.clause("X-67", "RF-48", "MS-01")
@pytest.mark.parametrize("sign", list(SIGNS))
@pytest.mark.parametrize("name", list(WORLDS))
def test_what_a_sign_withdraws_is_never_held_back(name: str, sign: str) -> None:
    made, person = WORLDS[name]
    s = changed(agreed(made()), person, **SIGNS[sign])
    s = replace(s, now=s.now + timedelta(minutes=15))

    ended = [f.want for policy in POLICIES for f in policy.decide(s) if isinstance(f.want, WantWithdrawn)]
    assert ended
    assert [str(want.key) for want in ended if not want.safety] == []


# -- signs that close one way only ---------------------------------------------------------------------------------------------

OUT = client(999, first_name="Xavi", tags=("DNC",), emails=(Reach("xavi@example.org"),))
CLOSED_WAYS: dict[str, Callable[[Snapshot, int], Snapshot]] = {
    "no email": lambda s, one: _answered(s, one, "only no email"),
    "no phone": lambda s, one: _answered(s, one, "no phone calls or texts"),
    "number": lambda s, one: changed(s, one, phones=tuple(replace(phone, status="Do Not Call") for phone in s.contacts[one].phones)),
    "shared": lambda s, one: replace(s, contacts={**s.contacts, 999: replace(OUT, emails=(*s.contacts[one].emails,))}),
    "skip": lambda s, one: changed(s, one, tags=("Steward: skip",)),
}


def _answered(s: Snapshot, one: int, what: str) -> Snapshot:
    ref = f"permission DB-42 p{one} died"
    return rows(s, "Memory", lambda all_: (*all_, Row(ref, {"Ref": ref, "What": what, "Date": "2026-12-01"})))


def with_reaches(one: Contact) -> Contact:
    return replace(one, emails=(Reach(f"ana{one.id}@example.org", "Valid"),), phones=(Reach(f"(512) 555-1{one.id:03d}", "Valid"),))


def twelve_thanked(word: str) -> Snapshot:
    people = [one for n in range(12) for one in (source(50 + n, f"John{chr(97 + n)} Smith"), lead(101 + n, "Omar Haddad", by=f"John{chr(97 + n)} Smith"))]
    s = passed(world(*people))
    for n in range(12):
        s = decided(s, f"RF-13 p{101 + n} draft", word)
    return passed(s)


@pytest.mark.clause("X-67", "X-64", "X-81")
@pytest.mark.parametrize(("sign", "word", "why"), [
    ("no email", "E-mail it", "no email, as the agent said"), ("no phone", "Text it", "no phone calls or texts, as the agent said"),
    ("number", "Text it", "their number is marked as not to be called"), ("skip", "Text it", "left alone by a tag"),
    ("shared", "E-mail it", "this may be two people")])
def test_twelve_thank_yous_whose_way_closes_are_all_withdrawn_with_the_sign(sign: str, word: str, why: str) -> None:
    s = twelve_thanked(word)
    sends = [mark for mark in open_tasks(s) if mark.startswith("RF-13")]
    assert len(sends) == 12
    for n in range(12):
        s = CLOSED_WAYS[sign](s, 50 + n) if sign != "shared" else s
    if sign == "shared":
        s = replace(s, contacts={**s.contacts, 999: replace(OUT, emails=tuple(e for n in range(12) for e in s.contacts[50 + n].emails))})

    made = plan(s)
    ended = [a.want for a in made.actions if isinstance(a.want, WantWithdrawn) and str(a.want.key) in sends]
    assert {want.because.partition(":")[0] for want in ended} == {why}
    assert len(ended) == 12
    assert [r.why for r in guard.check(made.actions, guard.Limits()).refused] == []
    after = passed(s)
    assert [mark for mark in open_tasks(after) if mark.startswith("RF-13")] == []
    assert {cell(after, "Approvals", f"RF-13 p{101 + n} draft", "Status").partition(":")[0] for n in range(12)} <= {"Not ready", "Withdrawn"}


@pytest.mark.clause("X-67", "X-64", "RF-36")
def test_twelve_recognitions_whose_message_may_not_reach_the_source_are_all_withdrawn() -> None:
    names = [f"John{chr(97 + n)} Smith" for n in range(12)]
    people = [one for n, name in enumerate(names) for one in (source(50 + n, name), lead(101 + n, "Omar Haddad", by=name))]
    s = passed(world(*people, deals=[bought(DAY, 7 + n, (101 + n,)) for n in range(12)], options=ReferralOptions(handwritten_cards=False)))
    for n in range(12):
        s = decided(s, f"RF-35 p{101 + n} recognition", "Text or e-mail instead")
    s = passed(s)
    orders = [mark for mark in open_tasks(s) if mark.startswith("RF-36")]
    assert len(orders) == 12
    for n in range(12):
        s = CLOSED_WAYS["no email"](s, 50 + n)

    made = plan(s)
    assert {str(a.want.key) for a in made.actions if isinstance(a.want, WantWithdrawn)} >= set(orders)
    assert [r.why for r in guard.check(made.actions, guard.Limits()).refused] == []


@pytest.mark.clause("X-67", "X-64", "X-66")
@pytest.mark.parametrize("sign", ["no email", "shared", "skip"])
def test_twelve_approved_emails_that_may_not_reach_the_client_any_longer_are_all_withdrawn(sign: str) -> None:
    people = [with_reaches(client(101 + n, first_name=f"Ana{chr(97 + n)}", created=at(date(2024, 1, 1)))) for n in range(12)]
    s = passed(passed(snapshot(DAY, people, [purchase(date(2024, 12, 11), 812 + n, (101 + n,)) for n in range(12)])))
    for n in range(12):
        s = decided(s, f"MS-09 d{812 + n} 20261211-draft", "Approve")
    s = passed(s)
    sends = [mark for mark in open_tasks(s) if mark.startswith("MS-42")]
    assert len(sends) == 12
    for n in range(12):
        s = CLOSED_WAYS[sign](s, 101 + n) if sign != "shared" else s
    if sign == "shared":
        s = replace(s, contacts={**s.contacts, 999: replace(OUT, emails=tuple(e for n in range(12) for e in s.contacts[101 + n].emails))})

    made = plan(s)
    assert [r.why for r in guard.check(made.actions, guard.Limits()).refused] == []
    after = passed(s)
    assert [mark for mark in open_tasks(after) if mark.startswith("MS-42")] == []
    said = [cell(after, "Approvals", f"MS-09 d{812 + n} 20261211-draft", "Status") for n in range(12)]
    assert [status for status in said if status.startswith(("Approved", "Waiting for your decision. It")) and "card" not in status] == []
