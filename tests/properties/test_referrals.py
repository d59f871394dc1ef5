"""Laws of the referral rules over generated worlds: what reaches a source, what is done twice, what is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.passes import guard
from daemon.passes.actions import Action
from policies.asks.wants import WantNote, WantTask
from policies.referrals.referral import referrals
from policies.world.model import (
    STAGE_LABELS,
    Address,
    Communication,
    Contact,
    Deal,
    Key,
    Reach,
    Side,
    Stage,
)
from policies.world.practice import ReferralOptions
from policies.world.sheet import Row
from policies.world.snapshot import Snapshot
from tests.passes import passed, plan, rows
from tests.referred import DAY, HOUR, NINE, person, world

SOURCES = (50, 51, 52, 53, 54)
LEADS = tuple(range(101, 107))
NAMES = dict(zip(SOURCES, ("John Smith", "Petra Vance", "Omar Haddad", "Lena Ortiz", "John Smith"), strict=True))
STAGES = {50: Stage.PAST_CLIENT_BUYER, 51: Stage.SPHERE_OF_INFLUENCE, 52: Stage.PROFESSIONAL_NETWORK, 53: Stage.PROFESSIONAL_NETWORK,
          54: Stage.NEW_LEAD}
TAGS = {52: ("Agent",), 53: ("Lender",)}
OPTIONS = ReferralOptions(handwritten_cards=True, bookkeeper="Bea", gifts_confirmed={"Client": ("gift card",)})


@dataclass(frozen=True)
class Told:
    """How one generated lead was sent, and what became of them."""

    by: str
    native: str
    stage: Stage | None
    closed: bool | None
    days: int
    spoken: bool


TOLD = st.builds(
    Told, by=st.sampled_from((*NAMES.values(), "#51", "lena.ortiz.53@example.org", "Nobody Known", "")),
    native=st.sampled_from(("Website", "Referral — John Smith", "Referral - Petra Vance", "Referral")),
    stage=st.sampled_from((*Stage, None)), closed=st.sampled_from((None, False, True)), days=st.integers(0, 40), spoken=st.booleans())


def marked(number: int, told: Told) -> Contact:
    """A lead in every field of whom stands a text that stands nowhere else; the first name alone may be told."""
    def planted(what: str) -> str:
        return f"Mark{what}{number}"
    found = person(
        number, f"First {planted('surname')}", stage_label=planted("stage"), created=NINE, first_name="Lou" + "abcdef"[number - 101], emails=(Reach(f"{planted('mail')}@example.org"),), phones=(Reach(planted("phone")),),
        addresses=(Address(planted("street"), planted("city"), planted("state"), planted("code"), "home"),), tags=(planted("tag"),),
        source=told.native, fields={**({"referred_by": told.by} if told.by else {}), "property_address": planted("home"),
                                    "text_consent": planted("consent")})
    return replace(found, stage=told.stage)


def deal_of(number: int, told: Told) -> Deal | None:
    if told.closed is None:
        return None
    return Deal(id=number, name=f"Markdeal{number}", side=Side.BUYER, closed=told.closed, stage_label=f"Markdealstage{number}",
                projected_close=DAY + timedelta(days=told.days), person_ids=(number,), user_ids=(2,))


def built(leads: list[Told]) -> Snapshot:
    people = [person(n, NAMES[n], STAGES[n], tags=TAGS.get(n, ())) for n in SOURCES]
    people = [replace(p, outbound=(Communication("call", NINE + 20 * HOUR),)) if any(t.spoken for t in leads) and p.id == 50 else p for p in people]
    people += [marked(n, told) for n, told in zip(LEADS, leads, strict=False)]
    deals = [d for n, told in zip(LEADS, leads, strict=False) if (d := deal_of(n, told))]
    return world(*people, deals=deals, options=OPTIONS)


def lives(s: Snapshot, choices: list[str]) -> Iterator[tuple[Snapshot, tuple[Action, ...]]]:
    """The worlds of a month, each with the plan that is made of it, while the agent chooses something in every row."""
    for n, hours in enumerate((0, 25, 37, 49, 24 * 12, 24 * 44)):
        s = replace(s, now=NINE + HOUR + hours * HOUR)
        yield s, plan(s).actions
        s = passed(s)
        word = choices[n % len(choices)]
        s = rows(s, "Approvals", lambda old, word=word: tuple(Row(r.ref, {**r.cells, "Decision": word}) for r in old))  # type: ignore[misc]


def aimed_at_sources(actions: tuple[Action, ...]) -> Iterator[str]:
    """Every text that is written to a source's record, or is meant for a source's eyes."""
    for action in actions:
        if action.service == "crm" and action.person_id in SOURCES:
            yield from map(str, (*action.after.values(), action.mark))
        if action.entity == "Approvals" and action.mark.startswith(("RF-13", "RF-31", "RF-35")):
            yield str(action.after.get("Draft", ""))
        if action.entity == "Inquiries":
            yield from map(str, action.after.values())


CHOICES = st.lists(st.sampled_from(("Approve", "Text it", "E-mail it", "Hold", "Reject", "Card, the procedure's note", "", "Gift card")), min_size=1,
                   max_size=4)


@pytest.mark.clause("RF-18", "RF-26", "X-44")
@given(leads=st.lists(TOLD, min_size=1, max_size=6), choices=CHOICES)
@settings(max_examples=20)
def test_nothing_of_a_client_but_a_first_name_ever_reaches_a_source(leads: list[Told], choices: list[str]) -> None:
    for _, actions in lives(built(leads), choices):
        for text in aimed_at_sources(actions):
            assert "mark" not in text.casefold().replace("marked", "")


def test_the_marker_test_would_see_a_leak() -> None:
    told = Told("John Smith", "Website", Stage.ACTIVE_BUYER, None, 0, spoken=False)
    s = built([told])
    leak = WantNote(key=next(a.want.key for a in plan(s).actions if isinstance(a.want, WantTask)), person_id=50, body=s.contacts[101].name)
    action = Action(mark="RF-26 p50 p101-sent", clause="RF-26", verb="create", entity="note", person_id=50, reason="", after={"body": leak.body})
    assert any("mark" in text.casefold() for text in aimed_at_sources((action,)))


@pytest.mark.clause("RF-01", "RF-33")
@given(leads=st.lists(TOLD, min_size=1, max_size=6), choices=CHOICES)
@settings(max_examples=15)
def test_every_certain_referral_has_one_row_and_a_second_pass_is_empty(leads: list[Told], choices: list[str]) -> None:
    for s, _ in lives(built(leads), choices):
        after = passed(s)
        refs = [row.ref for row in after.workbook.rows("Referral Log")]
        assert len(refs) == len(set(refs))
        assert {r.lead.id for r in referrals(after) if r.logged} == {int(row.text("Lead")) for row in after.workbook.rows("Referral Log")}
        assert plan(after).actions == ()


@pytest.mark.clause("RF-07", "RF-19", "RF-40")
@given(leads=st.lists(TOLD, min_size=1, max_size=6), choices=CHOICES)
@settings(max_examples=12)
def test_everything_is_within_stewards_rights_and_no_uncertain_source_is_written_to(leads: list[Told], choices: list[str]) -> None:
    for s, actions in lives(built(leads), choices):
        assert [guard.forbidden(a) for a in actions if guard.forbidden(a)] == []
        certain = {r.source.id for r in referrals(s) if r.source and r.logged}
        milestones = ("MS-", "ST-")
        assert {a.person_id for a in actions if a.person_id in SOURCES and not a.clause.startswith(milestones)} <= certain


@pytest.mark.clause("X-35")
@given(leads=st.lists(TOLD, min_size=1, max_size=4), silent=st.sampled_from(("stage", "tag", "deceased")))
@settings(max_examples=10)
def test_no_draft_and_no_card_for_a_source_who_is_do_not_contact_or_deceased(leads: list[Told], silent: str) -> None:
    off: dict[str, dict[str, Any]] = {
        "stage": {"stage": Stage.DO_NOT_CONTACT, "stage_label": STAGE_LABELS[Stage.DO_NOT_CONTACT]}, "tag": {"tags": ("DNC",)},
        "deceased": {"tags": ("Deceased",)}}
    s = built(leads)
    s = replace(s, contacts={n: replace(c, **off[silent]) if n in SOURCES else c for n, c in s.contacts.items()})
    certain = {r.subject for r in referrals(s) if r.source}
    for _, actions in lives(s, ["Approve", "Text it"]):
        for action in actions:
            key = Key.parse(action.mark)
            assert not (key and key.subject in certain and key.rule in {"RF-13", "RF-31", "RF-35", "RF-36"}), action.mark
