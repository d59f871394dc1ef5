"""Laws of contact permission over generated records: the quick look never hides a sign, and nothing that is lifted by nobody goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from policies.facts.contact_permission import Way, death, opt_out, reasons_against, refusal
from policies.facts.permission_screen import UNSCREENED, signless
from policies.facts.permission_table import TABLE
from policies.facts.signs import contact_signs
from policies.world.model import Contact, MailEvent, MailFate, Reach, Stage
from policies.world.snapshot import Snapshot
from tests.scenes import AGENT, book, client, practice, snapshot

DAY = date(2026, 12, 11)
TAGS = ("SOI", "Zillow", "DNC", "do not-contact", "DNC - per client", "Opted Out", "Deceased", "Reply: dissatisfied", "Returned Mail", "bounced email",
        "Steward: skip", "Pilot", "Unsubscribed", "Stop by", "Past Client")
STATUSES = ("", "Valid", "Bounced", "hard-bounce", "Unsubscribed", "invalid", "Not Validated")
NAMES = ("Ana", "Ben", "Ana (Deceased)", "Stop")
ANSWERS = ("only no email", "leave alone in every way", "may be contacted again", "means something else", "deceased")


@st.composite
def records(draw: Any, number: int) -> Contact:
    emails = draw(st.lists(st.tuples(st.sampled_from(("a@example.org", "b@example.org", f"c{number}@example.org")), st.sampled_from(STATUSES)), max_size=2))
    stage = draw(st.sampled_from((None, Stage.PAST_CLIENT_BUYER, Stage.NEW_LEAD, Stage.DO_NOT_CONTACT)))
    return client(number, first_name=draw(st.sampled_from(NAMES)), stage=stage, stage_label=draw(st.sampled_from(("", "Past Client", "D.N.C.", "Warm"))),
                  tags=tuple(draw(st.lists(st.sampled_from(TAGS), max_size=3))), emails=tuple(Reach(*email) for email in emails),
                  phones=(Reach(f"512-555-0{draw(st.integers(100, 103))}"),), trashed=draw(st.booleans()) and draw(st.booleans()),
                  assigned_user_id=draw(st.sampled_from((AGENT, AGENT, AGENT, 9, None))), unreadable=draw(st.sampled_from(((), (), (), ("tags",)))),
                  background_of_death=draw(st.sampled_from((False, False, True))),
                  fields=draw(st.sampled_from(({}, {}, {"do_not_contact_since": "2026-01-05"}, {"birthday": "1984-03-05"}))))


@st.composite
def worlds(draw: Any) -> Snapshot:
    people = [draw(records(number)) for number in range(101, 101 + draw(st.integers(1, 4)))]
    ids = st.integers(101, 104)
    mail = tuple(MailEvent(id=n, person_id=draw(ids), fate=fate) for n, fate in enumerate(draw(st.lists(st.sampled_from(list(MailFate)), max_size=2))))
    matters = draw(st.lists(st.tuples(ids, st.sampled_from(("unsubscribed", "died", "suppressed", "again")), st.sampled_from(ANSWERS)), max_size=2))
    memory = [{"Ref": f"permission DB-42 p{n} {matter}", "What": word, "Date": "2026-12-01"} for n, matter, word in matters]
    remembered = {draw(ids): {draw(st.sampled_from(("tag", "address", "event", "deceased"))): date(2026, 6, 1)}} if draw(st.booleans()) else {}
    options = practice(pilot_tag=draw(st.sampled_from(("", "", "Pilot"))), assigned_only=draw(st.booleans()))
    return replace(snapshot(DAY, people), mail=mail, workbook=book({"Memory": memory}), remembered=remembered, practice=options)


@pytest.mark.clause("X-64")
@settings(max_examples=400)
@given(worlds())
def test_a_quick_look_never_hides_a_sign(s: Snapshot) -> None:
    for contact in s.contacts.values():
        for way in Way:
            seen = {sign.name for sign in TABLE if sign.seen(s, contact, way)}
            assert not signless(s, contact) or seen <= UNSCREENED
            barring = [sign.name for sign in TABLE if sign.cells[way] in {"hold", "never", "not ours", "not on that address or number"} and sign.name in seen]
            assert sorted({r.sign for r in reasons_against(s, contact, way)}) == sorted(set(barring))


@pytest.mark.clause("X-64")
@settings(max_examples=200)
@given(worlds())
def test_everybody_who_opted_out_is_each_who_opted_out(s: Snapshot) -> None:
    assert contact_signs.everybody_opted_out(s) == {c.id for c in s.contacts.values() if contact_signs.opted_out(s, c)}


@pytest.mark.clause("X-64")
@settings(max_examples=200)
@given(worlds())
def test_a_refusal_is_a_reason_and_an_opt_out_or_a_death_always_refuses(s: Snapshot) -> None:
    for contact in s.contacts.values():
        for way in (Way.EMAIL, Way.CARD, Way.TOUCH, Way.THANKS, Way.LIST, Way.REACTIVATION):
            reasons = reasons_against(s, contact, way)
            reason = refusal(s, contact, way)
            assert reason is None or reason in reasons
            if way is Way.LIST and (opt_out(s, contact) or death(s, contact)):
                assert reasons, "nobody who opted out or died is in a list"
