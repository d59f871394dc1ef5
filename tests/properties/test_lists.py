"""Laws of campaign lists over generated worlds: whom no definition, campaign or approval ever lets in, and what never leaves."""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
from dataclasses import replace
from datetime import date
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from daemon.passes import plan as planning
from daemon.passes.forecast import after
from policies.asks.wants import WantReport, WantRow
from policies.database.lists import csv_text, list_requests, lists, lists_tab
from policies.database.lists.campaigns import KINDS, Campaign
from policies.database.lists.segments import Segment
from policies.facts import suppression
from policies.facts.price_range import PriceRange
from policies.world.model import (
    STAGE_LABELS,
    Address,
    Contact,
    MailEvent,
    MailFate,
    Reach,
    Stage,
)
from policies.world.sheet import Row, Tab
from policies.world.snapshot import Snapshot
from tests.scenes import AGENT, book, client, practice, purchase, snapshot

DAY = date(2026, 12, 14)
KEY = b"a long random text"
NAMES = ("Ana", "O'Brien", "=1+1", "@x", "Ana\n=2", "-3", " +4", "Zoë", "'5", "\"6\"", "")
TAGS = ("Zillow", "Austin", "$400–500K", "$400-500k", "$500K+", "First-time buyer", "dnc", "Do Not Contact", "Unsubscribed", "DECEASED", "Steward: skip",
        "Past Client", "Reply: dissatisfied")
MAILS = ("a@example.com", "A@Example.com", "a+z@example.com", *(f"{c}@example.com" for c in "bcdefghijklmnop"))
PHONES = ("5125550100", "+1 (512) 555-0100", "512-555-0101", "+44 20 7946 0000")
STAGES = (*Stage, None)


def reaches(values: tuple[str, ...], statuses: tuple[str, ...]) -> st.SearchStrategy[tuple[Reach, ...]]:
    return st.lists(st.builds(Reach, st.sampled_from(values), st.sampled_from(statuses)), max_size=2).map(tuple)


@st.composite
def contacts(draw: st.DrawFn, number: int) -> Contact:
    stage = draw(st.sampled_from(STAGES))
    return client(
        number, first_name=draw(st.sampled_from(NAMES)), last_name=draw(st.sampled_from(NAMES)), stage=stage,
        stage_label=STAGE_LABELS[stage] if stage else draw(st.sampled_from(("Hot", "Trash"))), trashed=draw(st.integers(0, 9)) == 0,
        tags=tuple(draw(st.lists(st.sampled_from(TAGS), max_size=3, unique=True))), assigned_user_id=draw(st.sampled_from((AGENT, AGENT, AGENT, 5, None))),
        emails=draw(reaches(MAILS, ("Valid", "Valid", "Valid", "Unsubscribed", "Bounced", ""))), phones=draw(reaches(PHONES, ("Valid", "Bad"))),
        addresses=(Address(draw(st.sampled_from(("1 Elm St", "=cmd", ""))), "Austin", "TX", "78701"),))


@st.composite
def worlds(draw: st.DrawFn) -> Snapshot:
    people = [draw(contacts(n)) for n in range(1, draw(st.integers(1, 8)) + 1)]
    mail = tuple(MailEvent(id=n, person_id=n, fate=draw(st.sampled_from(MailFate))) for n in draw(st.sets(st.integers(1, 8), max_size=2)))
    gone = client(99, emails=draw(reaches(MAILS[3:5], ("Valid",))), phones=draw(reaches(PHONES[3:], ("Valid",))))
    deals = [purchase(DAY, n, (n,), closed=draw(st.booleans()), user_ids=(draw(st.sampled_from((AGENT, 5))),)) for n in draw(st.sets(st.integers(1, 8), max_size=3))]
    s = snapshot(DAY, people, deals, mail=mail, practice=practice(suppression_key=KEY, assigned_only=draw(st.booleans())))
    rows = [{"Ref": f.want.ref, **f.want.first} for f in suppression.entries_for(s, gone) if isinstance(f.want, WantRow)]
    return replace(s, workbook=book({"Suppression": rows}))


SEGMENTS = st.builds(
    Segment, stages=st.lists(st.sampled_from([*Stage, "Hot", "Trash"]), max_size=3, unique=True).map(tuple),
    tags=st.lists(st.lists(st.sampled_from(TAGS), min_size=1, max_size=3, unique=True).map(tuple), max_size=2).map(tuple),
    areas=st.sampled_from([(), ("Austin",)]), price=st.sampled_from([None, None, PriceRange(400_000, 500_000), PriceRange(450_000)]))
CAMPAIGNS = st.builds(Campaign, st.just("Spring"), st.sampled_from(["", "newsletter", *(kind.name for kind in KINDS), "buyers and sellers"]), st.booleans())


def refused(s: Snapshot, c: Contact) -> bool:
    """Whether the contact asked not to be written to, told without the code that is tried here."""
    tags = {tag.casefold() for tag in c.tags}
    return (c.stage is Stage.DO_NOT_CONTACT or bool(tags & {"dnc", "do not contact", "unsubscribed"})
            or any(e.person_id == c.id and e.fate is MailFate.UNSUBSCRIBED for e in s.mail) or any(r.status == "Unsubscribed" for r in c.emails))


def spelled(value: str) -> str:
    if "@" in value:
        local, _, domain = value.casefold().partition("@")
        return f"{local.partition('+')[0]}@{domain}"
    digits = "".join(c for c in value if c.isdigit())
    return f"+1{digits}" if len(digits) == 10 else f"+{digits}"


def suppressed(s: Snapshot, c: Contact) -> bool:
    kept = {row.text("Hash") for row in s.workbook.rows("Suppression")}
    return any(hmac.new(KEY, spelled(r.value).encode(), hashlib.sha256).hexdigest() in kept for r in (*c.emails, *c.phones))


def barred(s: Snapshot, c: Contact) -> bool:
    tags = {tag.casefold() for tag in c.tags}
    own = not s.practice.assigned_only or c.assigned_user_id == AGENT or any(c.id in d.person_ids and AGENT in d.user_ids for d in s.deals.values())
    return bool(refused(s, c) or suppressed(s, c) or c.trashed or not own or tags & {"deceased", "steward: skip", "reply: dissatisfied"})


def holds(s: Snapshot, rows: tuple[tuple[Any, ...], ...]) -> None:
    header, *lines = rows
    reached = {spelled(r.value) for c in s.contacts.values() if refused(s, c) for r in (*c.emails, *c.phones)}
    for line in lines:
        cells = dict(zip(header, line, strict=True))
        assert not barred(s, s.contacts[int(str(cells["Contact"]))])
        assert not {spelled(str(cells[name])) for name in ("Email", "Phone") if cells.get(name)} & reached


@pytest.mark.clause("DB-37", "X-34", "X-35", "X-49", "X-57")
@settings(max_examples=80)
@given(worlds(), SEGMENTS, CAMPAIGNS)
def test_nobody_who_must_not_be_is_in_any_list(s: Snapshot, segment: Segment, campaign: Campaign) -> None:
    request = list_requests.at_keyboard(s, segment, campaign)
    for pulled in (lists.pull(s, segment), lists.pull(s, segment, campaign)):
        rows = list_requests.table(s, request, pulled)
        holds(s, rows)
        read = [[csv_text.plain(cell) for cell in line] for line in csv.reader(io.StringIO(csv_text.written(rows), newline=""), strict=True)]
        assert read == [list(line) for line in rows]
        assert pulled.matching == len(pulled.members) + sum(pulled.left_out.values())


@pytest.mark.clause("DB-36", "DB-37")
@settings(max_examples=100)
@given(worlds(), worlds(), SEGMENTS, CAMPAIGNS, st.sampled_from(["Approve", "Hold", "Reject", ""]))
def test_what_the_agent_confirmed_is_all_that_is_published(s: Snapshot, later: Snapshot, segment: Segment, campaign: Campaign, choice: str) -> None:
    """Whatever becomes of the world between the question and the answer, a tab holds exactly what was confirmed, once."""
    stages = ", ".join(STAGE_LABELS[stage] if isinstance(stage, Stage) else stage for stage in segment.stages)
    row = {"Stages": stages, "Tags": ", ".join(" or ".join(group) for group in segment.tags), "Campaign": campaign.name, "Purpose": campaign.purpose,
           "Phones": "Yes" if campaign.phones else "No"}
    s = replace(s, workbook=replace(s.workbook, tabs={**s.workbook.tabs, "Lists": Tab("Lists", (Row("", row),))}))
    asked = after(s, planning.make(s, lists_tab.decide(s)))
    shown = {r.ref: r.text("Draft") for r in asked.workbook.rows("Approvals")}
    rows = tuple(Row(r.ref, {**r.cells, "Decision": choice}) for r in asked.workbook.rows("Approvals"))
    answered = replace(asked, workbook=replace(asked.workbook, tabs={**asked.workbook.tabs, "Approvals": Tab("Approvals", rows)}))
    answered = replace(answered, contacts=later.contacts, deals=later.deals, mail=later.mail)

    published = [f.want for f in lists_tab.decide(answered) if isinstance(f.want, WantReport)]
    assert len(published) <= (choice == "Approve")
    for report in published:
        holds(answered, report.table)
        ids = ",".join(str(line[7]) for line in report.table[1:])
        assert f"(digest {hashlib.sha256(ids.encode()).hexdigest()[:16]})" in "".join(shown.values())
    done = after(answered, planning.make(answered, lists_tab.decide(answered)))
    assert len(done.workbook.rows("Export Log")) == len(published)
    assert not [f for f in lists_tab.decide(replace(done, workbook=replace(done.workbook, titles=frozenset()))) if isinstance(f.want, WantReport)]
