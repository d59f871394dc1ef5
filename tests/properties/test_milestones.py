"""Laws of the milestones over generated worlds: who is never written to, which numbers never appear, what a date is."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from daemon.passes import guard
from daemon.passes import plan as planning
from daemon.passes.forecast import after
from policies.asks.approvals import CHOICES, FINAL, PERSONAL
from policies.asks.drafts import digest
from policies.asks.wants import Finding, WantRow, WantTask
from policies.facts.contact_permission import death, opt_out
from policies.milestones.homestead import NOT_THEIRS
from policies.registry import POLICIES
from policies.values.no_value import EARLIEST_CLOSING
from policies.world.model import (
    Contact,
    Deal,
    Key,
    MailEvent,
    MailFate,
    Reach,
    Side,
    Stage,
)
from policies.world.practice import MilestoneOptions
from policies.world.snapshot import Snapshot
from tests.scenes import (
    STATES,
    TEMPLATES,
    ZONE,
    book,
    client,
    own_task,
    practice,
    purchase,
    sale,
    snapshot,
)

TODAY = date(2026, 12, 14)
TAGS = (*((),) * 10, ("DNC",), ("Deceased",), ("Past Client",), ("Investment buyer",), ("Reply: dissatisfied",), ("Steward: skip",))
WORDS = {**TEMPLATES, "homestead": "Hi {{ client_first_name }} —\nAsk your county before {{ deadline }}.\n{{ agent_name }}",
         "anniversary_seller": "Hi {{ client_first_name }} —\nThinking of you.\n{{ agent_name }}",
         "move_in_anniversary": "Hi {{ client_first_name }} —\n{{ years }} years in {{ address }}.\n{{ agent_name }}"}
NEAR = st.integers(-20, 20).map(lambda n: TODAY + timedelta(days=n))


@st.composite
def people(draw: st.DrawFn, number: int) -> Contact:
    near, years = draw(NEAR), draw(st.integers(1, 6))
    fields = {}
    if draw(st.booleans()):
        fields["birthday"] = draw(st.sampled_from([f"1984-{near:%m-%d}", f"{near:%m-%d}", "1970-01-01", "soon", "02-29"]))
    if draw(st.booleans()):
        fields["closing_anniversary"] = str(near.replace(day=min(near.day, 28), year=near.year - years))
    if draw(st.booleans()):
        fields["move_in_anniversary"] = str(near.replace(day=min(near.day, 28), year=near.year - 1))
    emails = draw(st.sampled_from([(), *((Reach("a@example.org", "Valid"),),) * 4, (Reach("a@example.org", "Valid"),), (Reach("a@example.org", "Unsubscribed"),), (Reach("a@example.org", "Bounced"),)]))
    stage = draw(st.sampled_from([Stage.PAST_CLIENT_BUYER] * 9 + [Stage.PAST_CLIENT_SELLER, Stage.DO_NOT_CONTACT, Stage.ACTIVE_SELLER, None]))
    return client(number, first_name=draw(st.sampled_from(["Ana", "Luis", "Ana", "Bea", ""])), stage=stage, tags=draw(st.sampled_from(TAGS)), emails=emails,
                  fields=fields, trashed=draw(st.integers(0, 24)) == 24)


@st.composite
def deals(draw: st.DrawFn, number: int) -> Deal:
    near = draw(NEAR)
    closing = near.replace(day=min(near.day, 28), year=near.year - draw(st.integers(1, 6)))
    who = tuple(draw(st.lists(st.integers(101, 104), min_size=1, max_size=2, unique=True)))
    make = purchase if draw(st.integers(0, 3)) < 3 else sale
    return make(closing, number, who, name=draw(st.sampled_from(["412 Cedar Ln", f"{number} Elm St"])), closed=draw(st.integers(0, 9)) < 9)


@st.composite
def worlds(draw: st.DrawFn) -> Snapshot:
    persons = [draw(people(n)) for n in range(101, 105)]
    options = MilestoneOptions(year_2_subject="x", move_in_anniversary=draw(st.booleans()), move_in_subject="y", birthday_subject="z",
                               birthday_channel=draw(st.sampled_from(["card", "text", "email"])), combine_home_value=draw(st.booleans()))
    mail = (MailEvent(id=1, person_id=104, fate=MailFate.UNSUBSCRIBED),) if draw(st.booleans()) else ()
    s = snapshot(TODAY, persons, [draw(deals(n)) for n in range(1, 6)], mail=mail, activated=TODAY - timedelta(days=draw(st.integers(30, 90))))
    s = replace(s, practice=practice(templates=WORDS, milestones=options))
    memory = [{"Ref": "homestead TX", "What": digest(STATES["TX"].question)}]
    s = replace(s, workbook=book({"Memory": memory}))
    if not draw(st.booleans()):
        return s
    rows = [answered(draw, f.want) for f in decided(s) if isinstance(f.want, WantRow) and f.want.tab == "Approvals" and f.want.create]
    changed = {n: replace(c, tags=draw(st.sampled_from(TAGS))) if draw(st.booleans()) else c for n, c in s.contacts.items()}
    return replace(s, contacts=changed, workbook=book({"Approvals": rows, "Memory": memory}))


def answered(draw: st.DrawFn, want: WantRow) -> dict[str, Any]:
    """A row a pass put up, after the agent has been at it."""
    choice = draw(st.sampled_from(["", "Approve", "Approve", *CHOICES, PERSONAL, NOT_THEIRS]))
    numbers: dict[str, Any] = {"Value Low": 411_111, "Value High": 455_555, "Change": "increase 77,777"} if want.ref.startswith("MS-37") else {}
    return {"Ref": want.ref, **want.first, **want.keep, **numbers, "Decision": choice}


def decided(s: Snapshot) -> list[Finding]:
    return [finding for policy in POLICIES if policy.name.startswith("milestones.") for finding in policy.decide(s)]


def drafted(s: Snapshot) -> list[WantRow]:
    """Rows whose draft an approval would send, or has sent: put up now, or there already and not called off."""
    found = [f.want for f in decided(s) if isinstance(f.want, WantRow) and f.want.ref.startswith("MS-09")]
    there = {w.ref: row.text("Draft") if (row := s.workbook.row("Approvals", w.ref)) else str(w.first.get("Draft") or "") for w in found}
    return [w for w in found if w.keep.get("Draft", there[w.ref]) and not str(w.keep["Status"]).startswith(FINAL)]


def owner(s: Snapshot, want: WantRow | WantTask) -> Contact:
    assert want.person_id is not None
    return s.contacts[want.person_id]


@pytest.mark.clause("MS-16", "MS-18", "X-35", "X-49", "X-05")
@settings(max_examples=120)
@given(worlds())
def test_nobody_is_drafted_to_or_sent_to_who_must_not_be(s: Snapshot) -> None:
    touches: list[WantRow | WantTask] = [*drafted(s), *(f.want for f in decided(s) if isinstance(f.want, WantTask) and f.want.key.episode.endswith("send"))]
    for want in touches:
        contact = owner(s, want)
        assert not opt_out(s, contact)
        assert not death(s, contact)
        assert not contact.trashed
        assert any(d.closed and contact.id in d.person_ids for d in s.deals.values())  # the agent's own client, with a closed deal


@pytest.mark.clause("X-35", "X-49", "MS-02")
@settings(max_examples=120)
@given(worlds())
def test_whoever_opts_out_or_dies_has_no_open_row_left_after_a_pass(s: Snapshot) -> None:
    left = after(s, planning.make(s, decided(s)))
    for row in left.workbook.rows("Approvals"):
        key = Key.parse(row.ref)
        if key is None or key.rule != "MS-09" or row.text("Status").startswith(FINAL):
            continue
        ids = [int(key.subject[1:])] if key.subject.startswith("p") else s.deals[int(key.subject[1:])].person_ids
        reached = [s.contacts[i] for i in ids if i in s.contacts and not s.contacts[i].trashed]
        assert not reached or any(not opt_out(s, c) and not death(s, c) for c in reached)


@pytest.mark.clause("X-05", "MS-35")
@settings(max_examples=120)
@given(worlds())
def test_what_speaks_of_a_home_goes_to_its_owner(s: Snapshot) -> None:
    for want in drafted(s):
        key = Key.parse(want.ref)
        assert key is not None
        deal = s.deals.get(int(key.subject[1:])) if key.subject.startswith("d") else None
        if deal and deal.side is Side.BUYER:
            sold = [d for d in s.deals.values() if d.side is Side.SELLER and d.closed and d.name == deal.name and set(d.person_ids) & set(deal.person_ids)]
            assert not [d for d in sold if d.projected_close and d.projected_close > closing_of(s, deal)]


def closing_of(s: Snapshot, deal: Deal) -> date:
    """The latest day that any fact gives for this purchase."""
    written = [date.fromisoformat(s.contacts[i].fields["closing_anniversary"]) for i in deal.person_ids if "closing_anniversary" in s.contacts[i].fields]
    return max([deal.projected_close or EARLIEST_CLOSING, *written])


@pytest.mark.clause("MS-10", "MS-17")
@settings(max_examples=120)
@given(worlds())
def test_a_home_value_draft_has_no_number_the_agent_did_not_type(s: Snapshot) -> None:
    facts = "412 Cedar Ln (512) 555-0100 " + " ".join(f"{d.id} {d.projected_close:%Y}" for d in s.deals.values() if d.projected_close)
    facts += " " + " ".join(c.fields.get("closing_anniversary", "")[:4] for c in s.contacts.values())
    typed = {"411,111", "455,555", "77,777"}
    for f in decided(s):
        if isinstance(f.want, WantRow) and "value" in f.want.ref:
            text = f"{f.want.first.get('Draft', '')}\n{f.want.keep.get('Draft', '')}"
            numbers = set(re.findall(r"\d[\d,]*", text))
            assert numbers - typed <= set(re.findall(r"\d+", facts))
            assert "$" not in text.replace("$[X]", "").replace("$X", "") or numbers & typed


@pytest.mark.clause("X-01")
@settings(max_examples=80)
@given(worlds())
def test_everything_is_dated_by_dates_stays_within_the_allow_list_and_comes_once(s: Snapshot) -> None:
    found = decided(s)
    for f in found:
        for value in (getattr(f.want, "due", TODAY), getattr(f.want, "useful_until", TODAY), *(getattr(f.want, "first", {}) or {}).values()):
            assert not isinstance(value, datetime)
        if isinstance(f.want, WantTask):
            assert f.want.useful_until >= s.today
    plan = planning.make(s, found)
    assert guard.check(plan.actions, guard.Limits(withdraw=100)).refused == ()
    marks = [(a.entity, a.verb, a.mark, getattr(a.want, "task_id", 0)) for a in plan.actions]
    assert len(marks) == len(set(marks))


@pytest.mark.clause("X-01", "X-36")
@pytest.mark.parametrize("zone", ["America/Chicago", "Pacific/Auckland", "Pacific/Kiritimati", "Pacific/Honolulu", "Europe/London"])
@settings(max_examples=40)
@given(day=st.sampled_from([date(2026, 3, 8), date(2026, 11, 1), date(2026, 3, 29), date(2026, 4, 5), date(2026, 9, 27), date(2028, 2, 29), date(2027, 2, 28),
                            date(2026, 12, 31), date(2027, 1, 1), date(2026, 12, 14)]), hour=st.integers(0, 23), before=st.sampled_from([0, 2, 7, 14]))
def test_the_local_day_alone_decides_whatever_the_hour_and_the_zone(zone: str, day: date, hour: int, before: int) -> None:
    """Around DST changes, leap days, the turn of the year, and on the other side of the date line."""
    here = ZoneInfo(zone)
    occasion = day + timedelta(days=before)
    closing = date(2024, 2, 29) if (occasion.month, occasion.day) in {(2, 28), (2, 29)} else occasion.replace(year=2024)
    s = snapshot(day, [client(fields={"birthday": f"1984-{occasion:%m-%d}"})], [purchase(closing)])
    at = replace(s, now=datetime.combine(day, time(hour), here).astimezone(ZoneInfo("UTC")).astimezone(here))
    noon = replace(s, now=datetime.combine(day, time(12), ZONE))

    expected = [(w, getattr(w, "due", None)) for w in (f.want for f in decided(noon)) if isinstance(w, WantTask)]
    assert [(w, w.due) for w in (f.want for f in decided(at)) if isinstance(w, WantTask)] == expected


def test_the_worlds_are_not_empty() -> None:
    """The laws above would hold of nothing at all; these worlds have something to say."""
    with_drafts: list[int] = []

    @settings(max_examples=100, database=None, derandomize=True)
    @given(worlds())
    def look(s: Snapshot) -> None:
        with_drafts.append(len(drafted(s)))

    look()
    assert sum(n > 0 for n in with_drafts) > 20


def test_a_task_of_ours_is_never_asked_for_twice() -> None:
    s = snapshot(TODAY, [client()], [purchase(date(2025, 12, 18))])
    there = replace(s, tasks=(own_task("MS-04 d812 20261218-7d"),))

    assert [a.mark for a in planning.make(there, decided(there)).actions if a.entity == "task"] == []
