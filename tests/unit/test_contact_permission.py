"""May anything go to this person, and why not: the table of `design/redesign.md`, section 2, cell by cell (X-64), and both sides of its edges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from policies.facts import permission_guide
from policies.facts.contact_permission import (
    Verdict,
    Way,
    barred,
    named_signs,
    opt_out,
    reason_against,
    reasons_against,
    refusal,
    usable,
)
from policies.facts.contact_ways import Cell
from policies.facts.permission_table import TABLE
from policies.facts.signs import sign_detectors
from policies.facts.suppression import hashed, key_mark
from policies.milestones import birthday
from policies.milestones.homes import Excluded, ground_of
from policies.world.model import STAGE_LABELS, Contact, MailEvent, MailFate, Reach, Stage
from policies.world.sheet import Tab
from policies.world.snapshot import Snapshot
from tests.scenes import AGENT, book, client, practice, purchase, snapshot

DAY = date(2026, 12, 11)
KEY = b"a long random text"
ANA = client(101, emails=(Reach("ana@example.org", "Valid"),), phones=(Reach("512-555-0100"),))
UNSUBSCRIBED = Reach("ana@example.org", "Unsubscribed")


def world(*others: Contact, **changes: Any) -> Snapshot:
    """Ana, changed so, and others."""
    return snapshot(DAY, [replace(ANA, **changes), *others], activated=date(2020, 1, 1))


def twin(number: int, **changes: Any) -> Contact:
    """Another record with Ana's address and her number, unless changed."""
    return replace(ANA, id=number, **changes)


def remembered(ref: str, what: str, **changes: Any) -> Snapshot:
    return replace(world(**changes), workbook=book({"Memory": [{"Ref": ref, "What": what, "Date": "2026-12-01"}]}))


def suppressed() -> Snapshot:
    row = {"Ref": "sup 1", "Hash": hashed(KEY, "ana@example.org"), "Key": key_mark(KEY), "Kind": "e-mail"}
    return replace(world(), practice=practice(suppression_key=KEY), workbook=book({"Suppression": [row]}))


def merged() -> Snapshot:
    """The loser of a merge wrote the name without its accent, a gmail address without its dots, and the number otherwise."""
    loser = Contact(id=7, first_name="Jose", last_name="Lopez", tags=("DNC",), trashed=True, stage_label="Trash",
                    emails=(Reach("joselopez+news@gmail.com"),), assigned_user_id=AGENT)
    return snapshot(DAY, [replace(ANA, first_name="José", last_name="López", emails=(Reach("jose.lopez@gmail.com"),)), loser])


def unsubscribed_by_event() -> Snapshot:
    return replace(world(), mail=(MailEvent(id=1, person_id=101, fate=MailFate.UNSUBSCRIBED),))


# -- the table -----------------------------------------------------------------------------------------------------------------------

N, H, Y, O = Verdict.NEVER, Verdict.HOLD, None, Verdict.NOT_OURS  # noqa: E741  # as short as the table's words
COLUMNS = (Way.EMAIL, Way.CARD, Way.TEXT, Way.TOUCH, Way.THANKS, Way.LIST, Way.REACTIVATION, Way.PROMPT, Way.NEW_RECORD, Way.RECORD)
EXPECTED: dict[str, tuple[Callable[[], Snapshot], tuple[Verdict | None, ...]]] = {
    "Do Not Contact by stage": (
        lambda: world(stage=Stage.DO_NOT_CONTACT, stage_label=STAGE_LABELS[Stage.DO_NOT_CONTACT]), (N, N, N, N, N, N, N, Y, N, Y)),
    "by a stage nobody mapped": (lambda: world(stage=None, stage_label="D.N.C."), (N, N, N, N, N, N, N, Y, N, Y)),
    "Do Not Contact by tag": (lambda: world(tags=("do-not-contact",)), (N, N, N, N, N, N, N, Y, N, Y)),
    "merged with such a record": (merged, (N, N, N, N, N, N, N, Y, N, Y)),
    "unsubscribed by an event": (unsubscribed_by_event, (N, H, H, H, H, N, H, Y, N, Y)),
    "unsubscribed by the status of one address": (
        lambda: world(emails=(Reach("ana@example.org", "Valid"), Reach("a@example.org", "unsubscribed"))), (N, H, H, H, H, N, H, Y, N, Y)),
    "suppressed": (suppressed, (H, H, H, H, H, N, N, Y, N, Y)),
    "near a safety word": (lambda: world(tags=("DNC - per client",)), (H, H, H, H, H, N, H, Y, H, Y)),
    "deceased by tag": (lambda: world(tags=("deceased",)), (N, N, N, N, N, N, N, Y, N, Y)),
    "deceased in the name": (lambda: world(last_name="Lopez (Deceased)"), (H, H, H, H, H, N, H, Y, H, Y)),
    "identity conflict": (
        lambda: world(twin(7, first_name="Omar", last_name="Haddad", addresses=(), phones=())), (H, H, H, H, H, N, H, Y, H, Y)),
    "address of somebody who opted out": (
        lambda: world(twin(7, first_name="Ben", tags=("DNC",), phones=())), (N, Y, Y, Y, Y, Y, Y, Y, Y, Y)),
    "number of somebody who opted out": (
        lambda: world(twin(7, first_name="Ben", tags=("DNC",), emails=())), (Y, Y, N, Y, Y, Y, Y, Y, Y, Y)),
    "nothing but that address and number": (
        lambda: world(twin(7, first_name="Ben", tags=("DNC",))), (N, Y, N, Y, Y, N, Y, Y, H, Y)),
    "email dead": (lambda: world(emails=(Reach("ana@example.org", "Bounced"),)), (H, Y, Y, Y, Y, Y, Y, Y, Y, Y)),
    "mail came back": (lambda: world(tags=("Returned Mail",)), (Y, H, Y, Y, Y, Y, Y, Y, Y, Y)),
    "dissatisfied": (lambda: world(tags=("Reply: dissatisfied",)), (H, H, H, H, H, N, H, Y, Y, Y)),
    "left alone by tag": (lambda: world(tags=("Steward: skip",)), (N, N, N, N, N, N, N, Y, Y, N)),
    "outside the pilot": (lambda: replace(world(), practice=practice(pilot_tag="Pilot")), (N, N, N, N, N, N, N, N, Y, N)),
    "not the agent's": (lambda: world(assigned_user_id=9), (O, O, O, O, O, O, O, O, Y, O)),
    "hers only through a deleted deal": (
        lambda: replace(world(assigned_user_id=9), deals={1: purchase(date(2025, 1, 1), 1, deleted=True)}), (O, O, O, O, O, O, O, O, Y, O)),
    "signs unreadable in this pass": (lambda: world(unreadable=("tags",)), (H, H, H, H, H, N, H, Y, H, H)),
    "a tag that is gone": (lambda: world(fields={"do_not_contact_since": "2026-01-05"}), (H, H, H, H, H, N, N, Y, N, Y)),
    "nothing": (world, (Y, Y, Y, Y, Y, Y, Y, Y, Y, Y)),
}

ANSWERED: dict[str, Callable[[], Snapshot]] = {
    "answered: no email": lambda: agent_answered("only no email"),
    "answered: no phone calls or texts": lambda: agent_answered("no phone calls or texts"),
    "every number marked": lambda: world(phones=(Reach("512 555-0100", "Do Not Call"),)),
}


def agent_answered(what: str) -> Snapshot:
    ref = "permission DB-42 p101 died"
    return replace(world(), workbook=book({"Memory": [{"Ref": ref, "What": what, "Date": "2026-12-01"}]}))


@pytest.mark.clause("X-64", "X-35", "X-34", "X-49", "X-57", "X-65", "X-66", "DB-44", "MS-47", "MS-49")
@pytest.mark.parametrize(("sign", "way", "expected"), [
    pytest.param(sign, way, row[n], id=f"{sign}: {way}") for sign, (_, row) in EXPECTED.items() for n, way in enumerate(COLUMNS)])
def test_the_table_cell_by_cell(sign: str, way: Way, expected: Verdict | None) -> None:
    s = EXPECTED[sign][0]()

    reason = reason_against(s, s.contacts[101], way)
    assert (reason.kind if reason else None) is expected
    assert [r.kind for r in reasons_against(s, s.contacts[101], way)][:1] == ([expected] if expected else [])


LIMITED = ("near a safety word", "deceased in the name", "email dead", "mail came back", "dissatisfied", "outside the pilot", "not the agent's",
           "hers only through a deleted deal", "signs unreadable in this pass")
"""Signs of a doubt, of a record that is to be put right, or of an option: many of them at once are a mistake, which the limit is for."""


@pytest.mark.clause("X-67")
@pytest.mark.parametrize("sign", [*EXPECTED, *ANSWERED])
def test_what_protects_somebody_is_withdrawn_whatever_the_limit(sign: str) -> None:
    s = {**{name: made for name, (made, _) in EXPECTED.items()}, **ANSWERED}[sign]()
    reasons = {reason for way in COLUMNS[:5] for reason in reasons_against(s, s.contacts[101], way)}

    assert {reason.safety for reason in reasons} == (set() if sign == "nothing" else {sign not in LIMITED})


@pytest.mark.clause("X-64")
@pytest.mark.parametrize(("sign", "says"), [
    ("Do Not Contact by tag", "Do Not Contact"), ("merged with such a record", "merged with a record that had opted out"),
    ("suppressed", "removed as Do Not Contact before"), ("near a safety word", 'the tag "DNC - per client" may mean that they are not to be contacted'),
    ("a tag that is gone", "Do Not Contact Since holds 2026-01-05, and no sign of it shows"), ("deceased by tag", "deceased"), ("nothing", "")])
def test_what_is_inbound_reaches_the_agent_with_the_sign(sign: str, says: str) -> None:
    s = EXPECTED[sign][0]()

    assert "; ".join(named_signs(s, s.contacts[101])) == says


@pytest.mark.clause("X-64")
def test_every_hold_has_an_end_and_every_other_question_an_owner_and_a_memory() -> None:
    """Rule (a). An act on the record itself needs no question: a tag taken off, an address corrected, a deal assigned."""
    for sign in TABLE:
        assert sign.ends_by, f"{sign.title}: a hold without an end"
        assert bool(sign.asked_in) == bool(sign.remembered), f"{sign.title}: asked nowhere, or remembered for no time"
        if "the agent" in sign.ends_by and "assigned" not in sign.ends_by:
            assert sign.asked_in == "Approvals", f"{sign.title}: nobody asks the agent"
    assert all(way in sign.cells for sign in TABLE for way in Way)


@pytest.mark.clause("X-64")
def test_the_table_is_printed_for_people() -> None:
    page = Path(__file__).parents[2] / "docs" / "who-gets-what.md"

    assert page.read_text(encoding="utf-8") == permission_guide.page(), permission_guide.HOW
    assert all(sign.title in permission_guide.page() for sign in TABLE)
    assert {cell.value for sign in TABLE for cell in sign.cells.values()} == {cell.value for cell in Cell}


# -- both sides of the edges ---------------------------------------------------------------------------------------------------------

@pytest.mark.clause("X-64", "MS-47")
@pytest.mark.parametrize(("word", "dead"), [
    ("Bounced", True), ("hard-bounce", True), ("Hard Bounce", True), ("invalid", True), ("Undeliverable", True), ("BOUNCE", True),
    ("Valid", False), ("", False), ("Not Validated", False)])
def test_any_word_for_a_dead_address_is_dead_everywhere(word: str, dead: bool) -> None:
    s = world(emails=(Reach("ana@example.org", word),))
    ana = s.contacts[101]

    assert bool(reason_against(s, ana, Way.EMAIL)) is dead
    assert usable(s, ana, ana.emails[0]) is not dead


@pytest.mark.clause("X-64", "MS-47")
def test_one_address_that_works_is_enough_and_the_crms_tag_speaks_of_all() -> None:
    two = (Reach("ana@example.org", "Bounced"), Reach("a@example.org", "Valid"))

    assert not reasons_against(world(emails=two), replace(ANA, emails=two), Way.EMAIL)
    assert reasons_against(world(emails=two, tags=("bounced email",)), replace(ANA, emails=two, tags=("bounced email",)), Way.EMAIL)


@pytest.mark.clause("X-64", "X-61")
def test_a_spouses_own_other_address_is_not_barred() -> None:
    both = (Reach("home@example.org"), Reach("ana@example.org"))
    ben = twin(7, first_name="Ben", tags=("DNC",), emails=(Reach("HOME+x@example.org"),), phones=())
    s = world(ben, emails=both)
    ana = s.contacts[101]

    assert not reasons_against(s, ana, Way.EMAIL)
    assert [usable(s, ana, reach) for reach in both] == [False, True]


@pytest.mark.clause("X-35", "X-64")
@pytest.mark.parametrize(("loser", "same"), [
    ({"first_name": "Jose", "emails": (Reach("joselopez@gmail.com"),)}, True),
    ({"first_name": "JOSÉ", "emails": (Reach("jose.lopez+a@googlemail.com"),)}, True),
    ({"emails": (), "phones": (Reach("+1 (512) 555-0100"),)}, True),
    ({"first_name": "Josefa"}, False), ({"emails": (Reach("jose.lopez@example.org"),), "phones": ()}, False)])
def test_a_merged_record_is_recognized_however_it_is_spelled(loser: dict[str, Any], same: bool) -> None:
    jose = replace(ANA, first_name="José", last_name="López", emails=(Reach("jose.lopez@gmail.com"),))
    gone = replace(jose, **{"id": 7, "tags": ("DNC",), "trashed": True, "stage": None, "stage_label": "Trash", "phones": (), **loser})
    s = snapshot(DAY, [jose, gone])

    assert bool(opt_out(s, s.contacts[101])) is same


@pytest.mark.clause("X-65")
def test_signs_that_cannot_be_read_leave_the_person_alone() -> None:
    s = world(unreadable=("tags",))
    reasons = reasons_against(s, s.contacts[101], Way.EMAIL)

    assert [(str(r.kind), r.positive) for r in reasons] == [("hold", False)], "nothing new, and nothing is withdrawn"


@pytest.mark.clause("X-64")
@pytest.mark.parametrize(("own", "barred"), [
    (Reach("ana2@example.org", "Valid"), ()), (Reach("ana2@example.org", ""), ()), (Reach("ana2@example.org", "Bounced"), (Way.EMAIL, Way.LIST)),
    (Reach("ana2@example.org", "hard-bounce"), (Way.EMAIL, Way.LIST)), (Reach(" ", "Valid"), (Way.EMAIL, Way.LIST))])
def test_an_address_of_somebody_who_opted_out_is_not_used_where_the_own_one_is_dead(own: Reach, barred: tuple[Way, ...]) -> None:
    joint = Reach("joint@example.org", "Valid")
    s = world(client(102, first_name="Xenia", tags=("DNC",), emails=(joint,)), emails=(own, joint), phones=())

    for way in (Way.EMAIL, Way.LIST):
        found = reason_against(s, s.contacts[101], way)
        assert (found is not None and found.text.startswith("reached only through")) is (way in barred)
    assert not usable(s, s.contacts[101], joint)


@pytest.mark.clause("X-64")
@pytest.mark.parametrize(("status", "opted_out"), [
    ("Unsubscribed", True), ("Unsubscribe", True), ("UNSUBSCRIBED (Mailchimp)", True), ("Opted Out", True), ("opt-out", True), ("Do Not Email", True),
    ("Spam Complaint", True), ("Valid", False), ("", False), ("Bounced", False), ("Do Not Call", False), ("Subscribed", False), ("Opted In", False)])
def test_every_word_by_which_an_address_was_unsubscribed_bars_email_and_lists(status: str, opted_out: bool) -> None:
    s = world(emails=(Reach("ana@example.org", status), Reach("ana2@example.org", "Valid")))

    for way in (Way.EMAIL, Way.LIST):
        assert ("they unsubscribed from email" in [r.text for r in reasons_against(s, s.contacts[101], way)]) is opted_out


@pytest.mark.clause("X-64")
@pytest.mark.parametrize("status", ["bad", "disconnected", "do not call"])
def test_a_word_for_phones_says_nothing_of_an_email_and_the_other_way_round(status: str) -> None:
    email, phone = Reach("ana@example.org", status), Reach("512-555-0100", "Bounced")
    s = world(emails=(email,), phones=(phone,))

    assert usable(s, s.contacts[101], email)
    assert reason_against(s, s.contacts[101], Way.EMAIL) is None
    assert usable(s, s.contacts[101], phone)
    assert not usable(world(phones=(Reach("512-555-0100", status),)), client(101, phones=(Reach("512-555-0100", status),)), Reach("512-555-0100", status))


@pytest.mark.clause("X-64")
def test_the_weightiest_reason_comes_first() -> None:
    s = world(tags=("DNC", "Deceased", "Steward: skip", "Reply: dissatisfied"))

    assert [r.sign for r in reasons_against(s, s.contacts[101], Way.TOUCH)] == [
        "Do Not Contact", "deceased", "dissatisfied: the agent answers first", "left alone by a tag"]


# -- what the agent answered ---------------------------------------------------------------------------------------------------------

def answered(episode: str, word: str, **changes: Any) -> Snapshot:
    """Ana with an answer in Memory alone: the row in Approvals is gone."""
    return remembered(f"permission DB-42 p101 {episode}", word, **changes)


@pytest.mark.clause("X-64")
@pytest.mark.parametrize(("word", "email", "card", "lists", "thanks"), [
    ("only no email", N, Y, N, Y), ("leave alone in every way", N, N, N, N), ("something else", N, H, N, H)])
def test_the_answer_about_an_unsubscribe_is_remembered(word: str, email: Any, card: Any, lists: Any, thanks: Any) -> None:
    s = answered("unsubscribed", word, emails=(UNSUBSCRIBED,))

    found = [reason_against(s, s.contacts[101], way) for way in (Way.EMAIL, Way.CARD, Way.LIST, Way.THANKS)]
    assert [reason.kind if reason else None for reason in found] == [email, card, lists, thanks]


@pytest.mark.clause("X-64")
def test_her_own_number_is_not_barred_by_her_own_opt_out_of_email() -> None:
    """Nor by the record that a merge took into the Trash."""
    gone = twin(7, trashed=True, stage=None, stage_label="Trash", emails=(UNSUBSCRIBED,))
    s = answered("unsubscribed", "only no email", emails=(UNSUBSCRIBED,))
    s = replace(s, contacts={**s.contacts, 7: gone})

    assert reasons_against(s, s.contacts[101], Way.TEXT) == ()
    assert usable(s, s.contacts[101], s.contacts[101].phones[0])


@pytest.mark.clause("X-64")
def test_in_every_way_holds_although_the_sign_is_gone() -> None:
    s = answered("unsubscribed", "leave alone in every way")

    assert all(reason_against(s, s.contacts[101], way) for way in Way if way not in {Way.PROMPT, Way.RECORD})


@pytest.mark.clause("X-66")
@pytest.mark.parametrize(("word", "barred"), [
    ("leave alone in every way", {Way.EMAIL, Way.CARD, Way.TEXT, Way.TOUCH, Way.THANKS, Way.LIST, Way.REACTIVATION, Way.NEW_RECORD}),
    ("deceased", {Way.EMAIL, Way.CARD, Way.TEXT, Way.TOUCH, Way.THANKS, Way.LIST, Way.REACTIVATION, Way.NEW_RECORD}),
    ("only no email", {Way.EMAIL, Way.LIST}), ("no phone calls or texts", {Way.TEXT}), ("means something else", set())])
def test_the_answer_about_a_name_decides_each_way(word: str, barred: set[Way]) -> None:
    s = answered("died", word, last_name="Lopez (Deceased)")

    assert {way for way in Way if reasons_against(s, s.contacts[101], way)} == barred


@pytest.mark.clause("X-64", "X-65")
def test_a_remembered_sign_that_waits_for_an_answer_hides_none_that_no_answer_lifts() -> None:
    """Ana was Do Not Contact once, and is to be skipped now: nothing is looked up or prepared for her."""
    remembered = {101: {"tag": date(2026, 11, 1)}}
    ana = client(tags=("Steward: skip",), fields={"birthday": "soon"})
    s = snapshot(date(2026, 12, 1), [ana], [purchase(date(2025, 12, 18))], remembered=remembered)
    first = refusal(s, ana, Way.TOUCH)
    assert first is not None
    assert first.kind is Verdict.HOLD
    never = barred(s, ana, Way.TOUCH)
    assert never is not None
    assert never.kind is Verdict.NEVER
    assert list(birthday.decide(s)) == []
    assert isinstance(ground_of(s, s.deals[812]), Excluded)
    assert barred(s, replace(ana, tags=()), Way.TOUCH) is None


@pytest.mark.clause("X-64")
def test_a_second_record_of_somebody_who_opted_out_keeps_its_own_address_for_all_but_lists() -> None:
    ana = client(emails=(Reach("ana@example.com"), Reach("own@example.com")))
    other = client(105, stage=Stage.DO_NOT_CONTACT, stage_label=STAGE_LABELS[Stage.DO_NOT_CONTACT], emails=(Reach("ana@example.com"),))
    s = snapshot(date(2026, 12, 4), [ana, other])
    barred_by = {way: sign_detectors.shared(s, ana, way) for way in Way}
    assert {way for way, why in barred_by.items() if why} == {Way.LIST}
    assert barred_by[Way.LIST] == "reached only through the address or number of somebody who opted out"


@pytest.mark.clause("X-34", "X-65")
@pytest.mark.parametrize(("key", "entry", "held"), [
    (b"", True, True), (b"another key", True, True), (KEY, True, False), (b"", False, False), (b"another key", False, False)])
def test_without_the_key_of_the_suppression_list_nobody_is_taken_for_unknown_to_it(key: bytes, entry: bool, held: bool) -> None:
    row = {"Ref": "sup 1", "Hash": hashed(KEY, "nina@example.org"), "Key": key_mark(KEY), "Kind": "e-mail"}
    s = replace(world(), practice=practice(suppression_key=key), workbook=book({"Suppression": [row] if entry else []}))

    for way in (Way.EMAIL, Way.CARD, Way.TEXT, Way.THANKS, Way.REACTIVATION, Way.NEW_RECORD):
        found = reason_against(s, s.contacts[101], way)
        assert (found is not None and found.kind is Verdict.HOLD and "$STEWARD_SUPPRESSION_KEY" in found.text) is held
    assert reason_against(s, s.contacts[101], Way.PROMPT) is None


@pytest.mark.clause("X-64")
@pytest.mark.parametrize(("statuses", "barred"), [
    (("DNC",), True), (("Do Not Call",), True), (("do_not_call",), True), (("Opted-Out",), True), (("DNC", "Disconnected"), True), (("DNC", "Valid"), False),
    (("DNC - federal",), True), (("National DNC list",), True), (("On DNC registry",), True), (("SMS opt-out",), True), (("STOPPED",), True), (("No Texts",), True),
    (("Not on DNC",), False), (("Mobile",), False), (("Not Validated",), False),
    (("Valid",), False), (("Disconnected",), False), (("Landline",), False), ((), False)])
def test_a_number_that_the_crm_marks_as_not_to_be_called_is_not_texted(statuses: tuple[str, ...], barred: bool) -> None:
    s = world(client(phones=tuple(Reach(f"512555010{n}", status) for n, status in enumerate(statuses))))
    ana = s.contacts[101]

    assert [r.kind for r in reasons_against(s, ana, Way.TEXT)] == [Verdict.NEVER] * barred
    assert reasons_against(s, ana, Way.EMAIL) == ()
    assert bool(named_signs(s, ana)) is barred, "whoever answers a reply is told"


@pytest.mark.clause("X-34", "X-65")
@pytest.mark.parametrize(("there", "remembered_", "before", "held"), [
    (2, "2", 2, False), (1, "2", 2, True), (0, "2", 0, True), (None, "2", 0, True), (None, "", 2, True), (0, "", 1, True),
    (3, "2", 3, False), (None, "", 0, False), (0, "", 0, False),
    (0, "0", 2, False),  # a person says in Memory that they are to be forgotten
])
def test_entries_of_the_suppression_list_that_are_gone_are_no_permission(there: int | None, remembered_: str, before: int, held: bool) -> None:
    rows = [{"Ref": f"sup {n}", "Hash": f"{n:064x}", "Key": key_mark(KEY), "Kind": "phone"} for n in range(there or 0)]
    memory = [{"Ref": "suppressed", "What": remembered_}] if remembered_ else []
    found = book({"Suppression": rows, "Memory": memory})
    if there is None:
        found = replace(found, tabs={**found.tabs, "Suppression": Tab("Suppression", problems=("there is no tab 'Suppression'",))})
    s = replace(world(), practice=practice(suppression_key=KEY), workbook=found, suppressed_before=before)

    for way in (Way.EMAIL, Way.CARD, Way.TEXT, Way.THANKS, Way.REACTIVATION, Way.NEW_RECORD):
        reason = reason_against(s, s.contacts[101], way)
        assert (reason is not None and reason.kind is Verdict.HOLD and "bring them back (File > Version history" in reason.text) is held
    assert reason_against(s, s.contacts[101], Way.PROMPT) is None


@pytest.mark.clause("X-64")
def test_a_number_that_is_marked_on_another_record_is_the_same_line() -> None:
    s = world(twin(7, first_name="Ben", emails=(), phones=(Reach("+1 (512) 555-0100", "DNC"),)), phones=(Reach("5125550100", "Valid"),))

    assert [r.kind for r in reasons_against(s, s.contacts[101], Way.TEXT)] == [Verdict.NEVER]
