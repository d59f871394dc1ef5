"""How signs of opt-outs and deaths are seen, remembered and never lost (X-65, X-66, X-67), over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from connectors.ports import RowEdit
from connectors.sandbox.brokerage import SPREADSHEET
from connectors.sandbox.server import Sandbox
from daemon import logs
from daemon.account.wiring import Account
from daemon.commands import check, status
from daemon.errors import Exit
from daemon.passes import health, safety_signs, session
from daemon.passes.reconcile import Pass
from policies.facts import contact_permission, suppression
from policies.facts.contact_permission import Way, reasons_against
from tests import people
from tests.scenarios.worlds import clients_closing_on, one_client, set_up, three_clients
from tests.scenes import at

CLOSED = date(2025, 12, 18)
REVIEWED, DECIDED, AFTER = date(2026, 12, 14), date(2026, 12, 15), date(2026, 12, 16)
ROW, SEND, T7 = "MS-09 d1 20261218-draft", "MS-42 d1 20261218-send", "MS-04 d1 20261218-7d"
Employ = Callable[..., Account]
Serve = Callable[..., Sandbox]


def begun(account: Account, day: date = date(2026, 11, 2)) -> Account:
    """An account that is set up and acknowledged."""
    return set_up(account, at(day))


def settled(account: Account, day: date | datetime) -> Pass:
    """One pass; a second one finds nothing to do."""
    when = day if isinstance(day, datetime) else at(day)
    done = session.apply(account, when)
    assert [a.mark for a in session.plan(account, when).plan.actions] == []
    return done


def approvals(box: Sandbox, rule: str = "") -> list[dict[str, Any]]:
    return [row for row in people.rows(box, "Approvals") if row["Ref"].startswith(rule)]


def memory(box: Sandbox, kind: str) -> list[str]:
    return [str(row["What"]) for row in people.rows(box, "Memory") if row["Ref"].startswith(kind)]


def approve_all(box: Sandbox) -> list[str]:
    refs = [row["Ref"] for row in approvals(box, "MS-09")]
    for ref in refs:
        assert people.types(box, "Approvals", ref, "Decision", "Approve").ok
    return refs


def open_tasks(box: Sandbox, mark: str) -> list[str]:
    return [str(t["name"]) for t in people.tasks(box, mark) if not t["isCompleted"]]


# -- nothing holds back what protects somebody ---------------------------------------------------------------------


@pytest.mark.clause("X-67", "X-35")
@pytest.mark.parametrize("count", [6, 12])
@pytest.mark.parametrize("how", ["stage", "tag", "event"])
def test_clients_with_approved_send_tasks_opt_out_on_one_day_and_all_is_withdrawn_in_that_pass(
        serve: Serve, employ: Employ, count: int, how: str) -> None:
    box = serve(clients_closing_on(CLOSED, count))
    account = begun(employ(box))
    settled(account, REVIEWED)
    refs = approve_all(box)
    settled(account, DECIDED)
    assert (len(refs), len(open_tasks(box, "MS-42"))) == (count, count)

    for number in range(101, 101 + count):
        if how == "event":
            people.at_crm(box, "opt-out", personId=number)
        else:
            box.world.crm.update("people", number, {"stage": "Do Not Contact"} if how == "stage" else {"tags": ["DNC"]}, 1)
    done = settled(account, AFTER)

    assert session.exit_of(done) is Exit.FINE
    assert open_tasks(box, "MS-42") == open_tasks(box, "MS-04") == []
    said = [row["Status"] for row in approvals(box, "MS-09")]
    assert len(said) == count
    assert all(status.startswith(("Withdrawn", "Decide again", "Not ready")) for status in said), said
    assert approvals(box, "ASK") == []
    notice = open_tasks(box, "DB-42 a0")
    assert len(notice) == (count > 10)
    if notice:
        sign = {"stage": "the stage Do Not Contact", "tag": "a Do Not Contact tag", "event": "an unsubscribe event"}[how]
        assert notice[0].startswith(f"Check why 12 contacts opted out at once: {sign} (12)")
    settled(account, AFTER + timedelta(days=1))
    assert len(people.tasks(box, "DB-42 a0")) == len(notice)


@pytest.mark.clause("X-67", "X-65")
def test_when_the_sign_is_lifted_what_was_approved_comes_up_for_approval_again(serve: Serve, employ: Employ) -> None:
    box = serve(one_client())
    account = begun(employ(box))
    settled(account, REVIEWED)
    approve_all(box)
    settled(account, DECIDED)
    box.world.crm.update("people", 101, {"tags": ["DNC"]}, 1)
    settled(account, AFTER)
    box.world.crm.update("people", 101, {"tags": []}, 1)
    settled(account, AFTER)
    assert open_tasks(box, "MS-42") == []  # the tag is gone, and nobody said so: an integration may have dropped it
    question = next(row for row in approvals(box, "DB-42 p101") if "again" in row["Ref"])
    assert "May Ana be contacted again?" in question["What"]

    assert people.types(box, "Approvals", question["Ref"], "Decision", "Ana may be contacted again").ok
    session.apply(account, at(AFTER + timedelta(days=1)))
    session.apply(account, at(AFTER + timedelta(days=1)))
    settled(account, AFTER + timedelta(days=1))
    row = people.row(box, "Approvals", ROW)
    assert open_tasks(box, "MS-42") == []
    assert not row["Status"].startswith(("Approved", "Withdrawn"))
    assert row["Acted On"] == ""
    assert "customDoNotContactSince" not in {k for k, v in box.world.crm.tables["people"][101].items() if v}
    assert " lifted 20261217" in memory(box, "opt-outs 0")[0]

    people.types(box, "Approvals", ROW, "Decision", "")
    settled(account, AFTER + timedelta(days=1))
    people.types(box, "Approvals", ROW, "Decision", "Approve")
    settled(account, AFTER + timedelta(days=1))
    assert len(open_tasks(box, "MS-42")) == 1


# -- a feed that forgets or refuses ---------------------------------------------------------------------------------


def unsubscribe_by_event_alone(box: Sandbox, number: int = 101) -> None:
    """The e-mail platform reports it, and no tag and no status in the CRM says so."""
    people.at_crm(box, "opt-out", personId=number)
    person = box.world.crm.tables["people"][number]
    box.world.crm.update("people", number, {"tags": [], "emails": [{"value": e["value"]} for e in person["emails"]]}, 1)
    for email in box.world.crm.tables["people"][number]["emails"]:
        email["status"] = "Valid"


def refuse(box: Sandbox, status: int) -> None:
    box.faults.add(kind="status", status=status, path="/emEvents", times=10_000)


def forget(box: Sandbox, share: float) -> None:
    events = box.world.crm.tables["emEvents"]
    for key in sorted(events)[: round(len(events) * share)]:
        del events[key]


@pytest.mark.clause("X-65", "X-35")
@pytest.mark.parametrize("ledger", ["kept", "lost"])
@pytest.mark.parametrize("how", ["403", "404", "501", "empty", "half"])
def test_an_opt_out_known_from_the_feed_alone_counts_whatever_the_feed_says_later(serve: Serve, employ: Employ, how: str, ledger: str) -> None:
    box = serve(three_clients())
    account = begun(employ(box))
    settled(account, date(2026, 12, 11))
    unsubscribe_by_event_alone(box)
    unsubscribe_by_event_alone(box, 103)
    settled(account, REVIEWED)
    assert memory(box, "opt-outs 0") == ["101 event 20261214; 103 event 20261214"]
    before = {row["Ref"]: row["Status"] for row in approvals(box, "MS-09")}

    if how.isdigit():
        refuse(box, int(how))
    else:
        forget(box, 1 if how == "empty" else 0.5)
    if ledger == "lost":
        account = employ(box, state="elsewhere")
    for day in (DECIDED, AFTER, date(2026, 12, 17)):
        settled(account, day)

    assert open_tasks(box, "MS-04 d1") == []
    assert not [row for row in approvals(box, "MS-09 d1") if not row["Status"].startswith("Withdrawn")]
    assert all(people.row(box, "Approvals", ref)["Status"] == status for ref, status in before.items() if status.startswith("Withdrawn"))
    assert all(box.world.crm.tables["people"][n].get("customDoNotContactSince") for n in (101, 103))
    assert memory(box, "opt-outs 0") == ["101 event 20261214; 103 event 20261214"]


@pytest.mark.clause("X-65")
@pytest.mark.parametrize("ledger", ["kept", "lost"])
def test_a_feed_that_answered_before_and_refuses_now_marks_what_goes_on_and_asks_after_a_day(serve: Serve, employ: Employ, ledger: str) -> None:
    box = serve(one_client())
    account = begun(employ(box))
    settled(account, date(2026, 12, 4))
    assert memory(box, "email-events") == ["answered"]
    refuse(box, 403)
    if ledger == "lost":
        account = employ(box, state="elsewhere")

    done = settled(account, date(2026, 12, 14))
    assert session.exit_of(done) is Exit.FINE
    mark = "(unsubscribes not visible since Mon 12/14)"
    assert mark in people.tasks(box, T7)[0]["name"] or "…" in people.tasks(box, T7)[0]["name"]
    assert people.row(box, "Approvals", ROW)["Status"] == f"Waiting for your decision {mark}"
    assert memory(box, "email-events")[0].startswith("refused since 2026-12-14")
    assert approvals(box, "DB-37") == []

    approve_all(box)
    settled(account, DECIDED)
    assert len(open_tasks(box, SEND)) == 1
    (question,) = approvals(box, "DB-37")
    assert question["What"].startswith("Go on without the CRM's email events? It showed them before and refuses them since 12/14/2026.")
    assert people.types(box, "Approvals", question["Ref"], "Decision", "Go on without it").ok
    settled(account, AFTER)
    assert people.row(box, "Approvals", question["Ref"])["Status"] == "Decided: Go on without it"

    box.faults.pending.clear()
    settled(account, AFTER + timedelta(days=1))
    assert memory(box, "email-events") == ["answered"]


@pytest.mark.clause("X-65")
def test_the_question_is_closed_when_the_feed_answers_again(serve: Serve, employ: Employ) -> None:
    box = serve(one_client())
    account = begun(employ(box))
    refuse(box, 404)
    settled(account, REVIEWED)
    settled(account, DECIDED)
    box.faults.pending.clear()
    settled(account, AFTER)

    assert [row["Status"] for row in approvals(box, "DB-37")] == ["Done: the CRM shows its email events again"]


@pytest.mark.clause("X-65")
def test_an_account_that_never_had_a_feed_is_asked_nothing_and_nothing_is_marked(serve: Serve, employ: Employ) -> None:
    box = serve(one_client())
    refuse(box, 403)
    account = begun(employ(box))
    settled(account, REVIEWED)
    settled(account, DECIDED)

    assert memory(box, "email-events") == []
    assert approvals(box, "DB-37") == []
    assert people.row(box, "Approvals", ROW)["Status"] == "Waiting for your decision"


# -- a merge takes no opt-out and no death with it -------------------------------------------------------------------


def edit(box: Sandbox, number: int, **values: Any) -> None:
    box.world.crm.update("people", number, values, 1)


def remember_stage(box: Sandbox, _again: Callable[[], object]) -> None:
    edit(box, 101, stage="Do Not Contact")


def remember_dropped_tag(box: Sandbox, again: Callable[[], object]) -> None:
    edit(box, 101, tags=["DNC"])
    again()
    edit(box, 101, tags=[])


def remember_unsubscription(box: Sandbox, again: Callable[[], object]) -> None:
    unsubscribe_by_event_alone(box)
    again()


def remember_death(box: Sandbox, _again: Callable[[], object]) -> None:
    edit(box, 101, tags=["Deceased"])


def remember_dead_name(box: Sandbox, _again: Callable[[], object]) -> None:
    edit(box, 101, lastName=f"{box.world.crm.tables['people'][101]['lastName']} (Deceased)")


def remember_answer(choice: str) -> Callable[[Sandbox, Callable[[], object]], None]:
    def act(box: Sandbox, again: Callable[[], object]) -> None:
        edit(box, 101, tags=["DNC - per client"])
        again()
        (row,) = approvals(box, "DB-42 t")
        assert people.types(box, "Approvals", row["Ref"], "Decision", choice).ok
        again()
        edit(box, 101, tags=[])

    return act


def remember_open_question(box: Sandbox, again: Callable[[], object]) -> None:
    edit(box, 101, tags=["DNC - per client"])
    again()
    edit(box, 101, tags=[])


SIGNED: dict[str, Callable[[Sandbox, Callable[[], object]], None]] = {
    "none": lambda _box, _again: None,
    "stage": remember_stage, "dropped tag": remember_dropped_tag, "unsubscribed": remember_unsubscription, "deceased": remember_death,
    "name": remember_dead_name, "left alone": remember_answer("No contact at all"), "answered deceased": remember_answer("Deceased"),
    "unanswered": remember_open_question}
WITHDRAWS_NOTHING = {"name", "unanswered"}
"""Near words hold new drafts only (X-66)."""
CALLED = {"the same name": {}, "another name": {"firstName": "Anita", "lastName": "Torres"}}


@pytest.mark.clause("X-65", "X-64", "X-66")
@pytest.mark.parametrize(("sign", "named"), [*((sign, "another name") for sign in SIGNED), *((sign, "the same name") for sign in ("none", "stage", "unanswered"))])
def test_whoever_a_record_with_a_sign_is_merged_into_gets_nothing(serve: Serve, employ: Employ, sign: str, named: str) -> None:
    """The CRM moves the addresses and leaves the loser none; it points from neither to the other (facts, section 4.7)."""
    box = serve(one_client(), switches={"merge_tags": "kept", "unsubscribed_status": "Valid"})
    account = begun(employ(box))
    settled(account, REVIEWED)
    if sign not in WITHDRAWS_NOTHING:
        approve_all(box)

    def again() -> None:
        settled(account, DECIDED)

    again()
    assert len(open_tasks(box, "MS-42")) == (sign not in WITHDRAWS_NOTHING)
    SIGNED[sign](box, again)
    again()
    ana = dict(box.world.crm.tables["people"][101])
    box.world.crm.put("people", {**ana, "id": 901, "lastName": "Lopez", "emails": [], "phones": [], "tags": [], "stage": "Past Client — Buyer",
        "customDoNotContactSince": None, **CALLED[named]})
    people.at_crm(box, "merge", winner=901, losers=[101])
    box.world.crm.update("people", 901, {"customDoNotContactSince": None}, 1)
    assert box.world.crm.tables["people"][101]["emails"] == []
    for day in (AFTER, AFTER + timedelta(days=1)):
        settled(account, day)

    assert box.world.crm.tables["deals"][1]["people"][0]["id"] == 901
    found = session.plan(account, at(AFTER)).seen.snapshot
    held = [bool(reasons_against(found, found.contacts[901], way)) for way in (Way.EMAIL, Way.LIST, Way.REACTIVATION)]
    assert held == [sign != "none"] * 3
    if sign == "none":
        assert [row["Status"] for row in approvals(box, "MS-09") if row["Status"].startswith("Decide again")], "the control"
        return
    assert [name for mark in ("MS-42", "MS-43", "MS-09") for name in open_tasks(box, mark)] == []
    live = [row["Status"] for row in approvals(box, "MS-") if row["Status"].startswith(("Waiting", "Approved"))]
    assert live == [], live
    ids = {int(word) for text in memory(box, "last-reaches") for entry in text.split(";") for word in entry.split()[:1]}
    assert 101 in ids
    assert not any(e["value"] in json.dumps(people.rows(box, "Memory")) for e in ana["emails"])


def merged(box: Sandbox, name: dict[str, str], loser: int = 101, winner: int = 901, **values: Any) -> None:
    """A person merges a record into another one, new in the CRM, without tags."""
    old = dict(box.world.crm.tables["people"][loser])
    box.world.crm.put("people", {**old, "id": winner, "lastName": "Lopez", "emails": [], "phones": [], "tags": [], "stage": "Past Client — Buyer",
        "customDoNotContactSince": None, **name, **values})
    people.at_crm(box, "merge", winner=winner, losers=[loser])
    box.world.crm.update("people", winner, {"customDoNotContactSince": None}, 1)


def held(account: Account, number: int, day: date = AFTER) -> list[str]:
    s = session.plan(account, at(day)).seen.snapshot
    return [reason.text for reason in reasons_against(s, s.contacts[number], Way.CARD)]


RUINS: dict[str, Callable[[Sandbox], object]] = {
    "ledger lost": lambda box: None,
    "address corrected": lambda box: edit(box, 901, emails=[{"value": "new@example.com"}], phones=[]),
    "renamed": lambda box: edit(box, 901, firstName="Josefa", lastName="Vance"),
    "trash emptied": lambda box: box.world.crm.tables["people"].pop(101),
    "restored": lambda box: edit(box, 101, stage="Lead")}


@pytest.mark.clause("X-65", "X-66")
@pytest.mark.parametrize(("sign", "ruin"), [
    ("deceased", "trash emptied"), ("answered deceased", "ledger lost"), ("answered deceased", "address corrected"), ("unanswered", "renamed"),
    ("unanswered", "restored"), ("dropped tag", "ledger lost"), ("dropped tag", "restored")])
def test_a_merge_that_was_seen_once_stays_whatever_becomes_of_its_traces(serve: Serve, employ: Employ, sign: str, ruin: str) -> None:
    box = serve(clients_closing_on(CLOSED, 12) if ruin == "trash emptied" else one_client(), switches={"merge_tags": "kept"})
    account = begun(employ(box))
    settled(account, REVIEWED)
    SIGNED[sign](box, lambda: session.apply(account, at(REVIEWED)))
    session.apply(account, at(REVIEWED))
    merged(box, CALLED["another name"])
    settled(account, DECIDED)
    before = held(account, 901)
    RUINS[ruin](box)
    if ruin == "ledger lost":
        account = employ(box, state="elsewhere")
    for day in (AFTER, AFTER + timedelta(days=1)):
        session.apply(account, at(day))

    assert before, "held from the first pass on"
    assert held(account, 901, AFTER + timedelta(days=1))
    asked, word = ("DB-42 t", "Means something else") if sign == "unanswered" else ("DB-42 p901 again", "Anita may be contacted again")
    question = next(row for row in approvals(box, asked) if row["Status"] == "Waiting for your decision")
    assert sign == "unanswered" or "contact 101, which was merged into this one," in question["What"]
    assert people.types(box, "Approvals", question["Ref"], "Decision", word).ok
    for _ in range(2):
        session.apply(account, at(AFTER + timedelta(days=2)))
    assert held(account, 901, AFTER + timedelta(days=2)) == []


@pytest.mark.clause("X-65", "X-64")
def test_an_office_line_makes_nobody_the_winner_of_a_merge(serve: Serve, employ: Employ) -> None:
    box = serve(clients_closing_on(CLOSED, 8))
    for number in range(101, 109):
        edit(box, number, phones=[{"value": "(512) 555-0142"}])
    edit(box, 101, tags=["DNC"])
    account = begun(employ(box))
    settled(account, REVIEWED)
    merged(box, CALLED["another name"], tags=["x"])
    settled(account, DECIDED)

    assert [number for number in range(102, 109) if held(account, number)] == []
    assert held(account, 901)


@pytest.mark.clause("X-65")
@pytest.mark.parametrize("sign", [{"tags": ["DNC"]}, {"tags": ["Deceased"]}, {"tags": ["DNC - per client"]}])
def test_a_namesake_without_addresses_in_the_trash_holds_and_asks_and_the_answer_ends_it(serve: Serve, employ: Employ, sign: dict[str, Any]) -> None:
    """Nobody can tell whether a person put it there or a merge did."""
    box = serve(one_client())
    account = begun(employ(box))
    ana = dict(box.world.crm.tables["people"][101])
    box.world.crm.put("people", {**ana, "id": 901, "emails": [], "phones": [], "addresses": [], "stage": "Lead", **sign})
    settled(account, date(2026, 11, 20))
    edit(box, 901, stage="Trash")
    settled(account, REVIEWED)
    near = sign == {"tags": ["DNC - per client"]}
    (question,) = approvals(box, "DB-42 t" if near else "DB-42 p101 again")
    assert near or "contact 901, which was merged into this one," in question["What"]

    assert people.types(box, "Approvals", question["Ref"], "Decision", "Means something else" if near else "Ana may be contacted again").ok
    for _ in range(2):
        session.apply(account, at(DECIDED))
    assert (held(account, 101, DECIDED), [row["Status"] for row in approvals(box, "MS-09")]) == ([], ["Waiting for your decision"])


@pytest.mark.clause("X-65", "X-33")
@pytest.mark.parametrize("how", ["dropped tag", "stage", "left alone", "unsubscribed"])
def test_a_day_that_stays_with_the_record_in_the_trash_is_asked_about(serve: Serve, employ: Employ, how: str) -> None:
    box = serve(one_client(), switches={"merge_tags": "kept", "unsubscribed_status": "Valid"})
    account = begun(employ(box))
    settled(account, REVIEWED)
    SIGNED[how](box, lambda: session.apply(account, at(REVIEWED)))
    for _ in range(2):
        session.apply(account, at(DECIDED))
    assert box.world.crm.tables["people"][101].get("customDoNotContactSince")
    merged(box, CALLED["the same name"])
    for _ in range(2):
        session.apply(account, at(AFTER))

    assert len([row for row in approvals(box, "DB-42 p901") if row["Status"] == "Waiting for your decision"]) == 1


@pytest.mark.clause("X-65")
def test_a_loser_that_kept_its_addresses_is_known_by_all_of_them_whatever_the_winner_is_called(serve: Serve, employ: Employ) -> None:
    box = serve(one_client(), switches={"merge_tags": "kept", "merged_loser": "whole"})
    edit(box, 101, tags=["DNC"], emails=[{"value": "ana@example.com"}], phones=[{"value": "(512) 555-0142"}])
    account = begun(employ(box))
    settled(account, REVIEWED)
    merged(box, CALLED["another name"])
    spouse = dict(box.world.crm.tables["people"][901])
    box.world.crm.put("people", {**spouse, "id": 902, "firstName": "Ben", "emails": [], "phones": [{"value": "(512) 555-0142"}], "tags": []})
    settled(account, DECIDED)

    assert [text for text in held(account, 901) if "contact 101, which was merged into this one, had opted out" in text]
    assert not any("merged" in text for text in held(account, 902))


@pytest.mark.clause("X-65", "X-66")
def test_an_unmapped_stage_near_a_safety_word_is_not_lost_with_the_stage(serve: Serve, employ: Employ) -> None:
    box = serve(one_client())
    box.world.crm.put("stages", {**next(iter(box.world.crm.tables["stages"].values())), "id": 77, "name": "Opted Out"})
    account = begun(employ(box))
    edit(box, 101, stage="Opted Out", tags=["Past Client"])
    settled(account, REVIEWED)
    merged(box, CALLED["the same name"])
    settled(account, DECIDED)

    assert [text for text in held(account, 901) if 'the stage "Opted Out" may mean' in text]


@pytest.mark.clause("X-65", "X-66")
def test_an_unmapped_near_stage_that_was_seen_counts_after_the_contact_was_moved(serve: Serve, employ: Employ) -> None:
    box = serve(one_client())
    box.world.crm.put("stages", {**next(iter(box.world.crm.tables["stages"].values())), "id": 77, "name": "Opted Out"})
    account = begun(employ(box))
    edit(box, 101, stage="Opted Out")
    settled(account, date(2026, 11, 21))
    edit(box, 101, stage="Past Client — Buyer")
    settled(account, REVIEWED)

    assert held(account, 101) == ['the stage "Opted Out" may mean that they are not to be contacted']
    assert "It is on 1 contact" in approvals(box, "DB-42 t")[0]["What"]


@pytest.mark.clause("X-66")
@pytest.mark.parametrize("near", [{"tags": ["DNC - per client"]}, {"lastName": "Lopez (Deceased)"}])
@pytest.mark.parametrize("tags", ["joined", "kept"])
def test_a_near_word_of_a_merged_record_withdraws_nothing(serve: Serve, employ: Employ, near: dict[str, Any], tags: str) -> None:
    box = serve(one_client(), switches={"merge_tags": tags})
    account = begun(employ(box))
    ana = dict(box.world.crm.tables["people"][101])
    box.world.crm.put("people", {**ana, "id": 902, "emails": [{"value": "ana.lead@example.org"}], "phones": [], "stage": "Lead", **near})
    settled(account, REVIEWED)
    approve_all(box)
    settled(account, DECIDED)
    people.at_crm(box, "merge", winner=101, losers=[902])
    settled(account, AFTER)

    assert len(open_tasks(box, "MS-42")) == 1
    assert people.row(box, "Approvals", ROW)["Status"].startswith("Approved")
    assert approvals(box, "DB-42 p101 again") == []


@pytest.mark.clause("X-64", "X-65")
def test_a_widow_who_shares_everything_with_her_husband_inherits_nothing_when_he_is_put_in_the_trash(serve: Serve, employ: Employ) -> None:
    box = serve(three_clients())
    both: dict[str, Any] = {"emails": [{"value": "house@example.com"}], "phones": [{"value": "(512) 555-0142"}]}
    edit(box, 101, tags=["Deceased"], **both)
    edit(box, 102, **both)
    account = begun(employ(box))
    settled(account, REVIEWED)
    edit(box, 101, stage="Trash")
    settled(account, DECIDED)

    assert not any("merged" in text for text in held(account, 102))


@pytest.mark.clause("X-65")
def test_a_spouse_with_the_number_of_the_house_inherits_nothing_from_a_merge(serve: Serve, employ: Employ) -> None:
    box = serve(three_clients())
    house = [{"value": "(512) 555-0142"}]
    edit(box, 101, tags=["DNC"], phones=house)
    edit(box, 102, phones=house)
    account = begun(employ(box))
    settled(account, REVIEWED)
    ana = dict(box.world.crm.tables["people"][101])
    box.world.crm.put("people", {**ana, "id": 901, "firstName": "Anita", "name": "Anita Torres", "emails": [], "phones": [], "tags": []})
    people.at_crm(box, "merge", winner=901, losers=[101])
    settled(account, DECIDED)

    found = session.plan(account, at(DECIDED)).seen.snapshot
    assert {n: bool(contact_permission.opt_out(found, found.contacts[n])) for n in (102, 901)} == {102: False, 901: True}


# -- what cannot be read -------------------------------------------------------------------------------------------


def spoil(box: Sandbox, number: int, name: str, value: Any) -> None:
    """The CRM's own record goes bad; what it shows then has a wrong type."""
    box.world.crm.tables["people"][number][name] = value


@pytest.mark.clause("X-65")
@pytest.mark.parametrize(("name", "value"), [("tags", "DNC"), ("tags", [["DNC"]]), ("stage", {"name": "Do Not Contact"}), ("emails", [{"value": "a@example.com", "status": {}}])])
def test_one_person_whose_signs_cannot_be_read_is_left_alone_and_named_by_id(
        serve: Serve, employ: Employ, capsys: pytest.CaptureFixture[str], name: str, value: Any) -> None:
    box = serve(one_client())
    account = begun(employ(box))
    settled(account, REVIEWED)
    approve_all(box)
    before = len(people.writes(box))
    good = box.world.crm.tables["people"][101][name]
    spoil(box, 101, name, value)
    done = session.apply(account, at(DECIDED))

    assert Exit.FINE is session.exit_of(done)
    assert not [o for o in done.outcomes if o.action.person_id == 101]
    assert open_tasks(box, "MS-04 d1") == [people.tasks(box, T7)[0]["name"]]
    assert people.row(box, "Approvals", ROW)["Status"] == "Waiting for your decision"
    assert json.loads(json.dumps(status.status(account).document()))["unreadable"] == [{"person_id": 101, "what": name}]
    assert len(people.writes(box)) >= before

    spoil(box, 101, name, good)
    settled(account, DECIDED)
    assert status.status(account).document()["unreadable"] == []
    assert len(open_tasks(box, SEND)) == 1


@pytest.mark.clause("X-65")
@pytest.mark.parametrize(("bad", "failed"), [(1, False), (2, True), (11, True)])
def test_many_are_a_source_that_failed_in_one_line_without_names(serve: Serve, employ: Employ, bad: int, failed: bool) -> None:
    box = serve(clients_closing_on(CLOSED, 12))
    account = begun(employ(box))
    for number in range(101, 101 + bad):
        spoil(box, number, "tags", "DNC")
    done = session.apply(account, at(REVIEWED))

    assert session.exit_of(done) is (Exit.NOT_NOW if failed else Exit.FINE)
    assert (people.tasks(box, "MS-04") == []) is failed
    if failed:
        (why,) = set(done.decided.seen.troubles.values())
        assert why == f"the tags, stage or email addresses of {bad} of 12 people cannot be read: an opt-out may be among them"
        assert status.status(account).document()["unreadable"] == []


# -- notes ---------------------------------------------------------------------------------------------------------


def note_of(box: Sandbox, number: int, body: str, created: str) -> None:
    """Somebody wrote a note on a contact at that moment."""
    tables = box.world.crm.tables
    made = max(tables["notes"], default=0) + 1
    tables["notes"][made] = {"id": made, "personId": number, "createdById": 2, "subject": "", "body": body, "isHtml": 0, "created": created, "updated": created}


def reads_of_notes(box: Sandbox) -> int:
    return sum(entry.method == "GET" and "/notes" in entry.path for entry in box.log)


@pytest.mark.clause("X-66", "X-49")
@pytest.mark.parametrize("ledger", ["kept", "lost"])
def test_a_note_of_years_ago_that_begins_with_deceased_holds_the_draft_and_no_text_is_kept(serve: Serve, employ: Employ, ledger: str) -> None:
    box = serve(three_clients())
    note_of(box, 101, "<p>Deceased, told by her sister Josefa</p>", "2019-05-01T12:00:00Z")
    note_of(box, 102, "Deceased owner lead from the county list", "2019-05-01T12:00:00Z")
    account = begun(employ(box))
    session.apply(account, at(date(2026, 11, 3)))
    assert memory(box, "opt-outs 0") == ["101 note 20261102"]
    if ledger == "lost":
        account = employ(box, state="elsewhere")
    for day in (date(2026, 12, 11), REVIEWED, DECIDED):
        session.apply(account, at(day))

    asked = approvals(box, "DB-42 p101")
    assert [row["Ref"] for row in asked] == ["DB-42 p101 died"]
    assert 'a note begins with "Deceased"' in asked[0]["What"]
    assert open_tasks(box, "MS-42 d1") == []
    assert approvals(box, "DB-42 p102") == []
    blob = b"".join(path.read_bytes() for path in account.settings.state_dir.iterdir())
    assert b"Josefa" not in blob
    assert "Josefa" not in json.dumps([people.rows(box, tab) for tab in ("Memory", "Approvals", "Handover")])


@pytest.mark.clause("X-66")
def test_the_history_of_notes_is_read_once_after_the_activation_and_goes_on_where_it_was_left(serve: Serve, employ: Employ) -> None:
    box = serve(one_client())
    for n in range(350):
        note_of(box, 999, "Called", f"2020-01-01T{n // 60:02}:{n % 60:02}:00Z")
    note_of(box, 101, "Deceased", "2019-01-01T12:00:00Z")
    account = begun(employ(box))
    assert account.ledger.recall("notes history") == "read whole"
    assert account.ledger.signs() == {101: {"note": date(2026, 11, 2)}}
    box.log.clear()
    session.apply(account, at(date(2026, 11, 3)))
    assert reads_of_notes(box) == 2  # Steward's own and the new ones, as ever

    other = employ(box, state="elsewhere")
    other.ledger.remember("notes history", "2019-06-01T00:00:00+00:00")
    box.log.clear()
    session.apply(other, at(date(2026, 11, 4)))
    assert reads_of_notes(box) == 3
    assert other.ledger.recall("notes history") == "read whole"
    assert other.ledger.signs()[101] == {"note": date(2026, 11, 4)}


@pytest.mark.clause("X-66")
def test_pieces_of_the_history_follow_each_other_without_a_gap(serve: Serve, employ: Employ) -> None:
    box = serve(one_client())
    for n in range(350):
        note_of(box, 101, "Called", f"2020-01-01T{n // 60:02}:{n % 60:02}:00Z")
    account = employ(box)
    account.crm.account()
    seen: set[str] = set()
    before: datetime | None = None
    for _ in range(10):
        piece = account.crm.earlier_notes(before, 1)
        seen |= {str(note.at) for note in piece.notes}
        before = piece.reached
        if before is None:
            break

    assert before is None
    assert len([moment for moment in seen if moment.startswith("2020-01-01")]) == 350


@pytest.mark.clause("MS-47", "X-65")
def test_a_bounce_of_the_last_hundred_days_is_read_and_an_unsubscription_of_any_day(serve: Serve, employ: Employ) -> None:
    box = serve(one_client())
    account = begun(employ(box))
    for kind, number, days in (("bounced", 101, 99), ("bounced", 102, 101), ("unsubscribe", 103, 500)):
        when = f"{at(AFTER) - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"
        box.world.crm.put("emEvents", {"type": kind, "personId": number, "occurred": when, "created": when, "updated": when, "recipient": "x@example.org"})

    assert {event.person_id for event in safety_signs.read_feed(account, at(AFTER)).events} == {101, 103}


# -- a list that is lost is no permission ---------------------------------------------------------------------------

KEY = "a long random text of the account's own"


def purged(box: Sandbox, employ: Employ, monkeypatch: pytest.MonkeyPatch) -> Account:
    """An account with one entry in `Suppression`, of somebody who is not in the CRM."""
    monkeypatch.setenv("STEWARD_SUPPRESSION_KEY", KEY)
    account = begun(employ(box))
    entry = {"Kind": "phone", "Hash": "0" * 64, "Key": suppression.key_mark(KEY.encode())}
    account.sheet.write([RowEdit(tab="Suppression", ref="sup x", create=True, cells=entry)])
    return account


def problems(account: Account) -> list[str]:
    return [line.text for line in check.check(account) if line.level == "problem" and line.text.startswith("X-34")]


@pytest.mark.clause("X-34", "X-65")
def test_a_suppression_tab_that_was_deleted_holds_everybody_until_it_is_back(
        serve: Serve, employ: Employ, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(terminal=False)
    box = serve(one_client())
    account = purged(box, employ, monkeypatch)
    done = settled(account, date(2026, 12, 3))
    assert (session.exit_of(done), memory(box, "suppressed"), problems(account)) == (Exit.FINE, ["1"], [])

    book = box.world.books[SPREADSHEET]
    lost = people.sheet_of(box, "Suppression")
    book.sheets = [sheet for sheet in book.sheets if sheet is not lost]
    says = "X-34: nothing is prepared for anybody: the tab 'Suppression' had 1 entry, and 0 can be read now"
    for created in (False, True):
        if created:  # an empty tab of that name is no list either
            account.sheet_setup.complete()
        done = session.apply(account, at(REVIEWED))
        assert (session.exit_of(done), done.decided.withheld.startswith(says)) == (Exit.CONFIGURATION, True)
        assert session.exit_of_plan(session.plan(account, at(REVIEWED))) is Exit.CONFIGURATION
        assert [text.startswith(says) for text in problems(account)] == [True]
        (row,) = approvals(box, "MS-09")
        assert (row.get("Draft", ""), row["Status"].startswith("Not ready: X-65: they may have been removed")) == ("", True)
    assert status.status(account).withheld.startswith(says)
    logged = [json.loads(line) for line in capsys.readouterr().err.splitlines() if "suppression." in line]
    assert [line["event"] for line in logged] == ["suppression.unreadable"] * 2  # the reason was another once the tab stood empty

    people.sheet_of(box, "Suppression").lines[:] = lost.lines
    done = settled(account, REVIEWED)
    assert (session.exit_of(done), problems(account), status.status(account).withheld) == (Exit.FINE, [], "")
    assert approvals(box, "MS-09")[0]["Status"] == "Waiting for your decision"


@pytest.mark.clause("X-34", "X-65")
def test_a_sheet_that_does_not_answer_is_an_outage_and_no_lost_list(serve: Serve, employ: Employ, monkeypatch: pytest.MonkeyPatch) -> None:
    box = serve(one_client())
    account = purged(box, employ, monkeypatch)
    account.ledger.adopt("sup x", "row Suppression", 1.0)
    settled(account, date(2026, 12, 3))
    box.faults.add(kind="status", method="GET", path=f"/v4/spreadsheets/{SPREADSHEET}", status=503, body="{}", times=20)
    done = session.apply(account, at(REVIEWED), patient=False)
    assert (session.exit_of(done), done.decided.withheld) == (Exit.NOT_NOW, "")


@pytest.mark.clause("X-34", "X-65")
@pytest.mark.parametrize("key", ["", "another long random text altogether"])
def test_a_key_that_is_missing_or_foreign_is_named_once_and_is_a_fault_of_the_configuration(
        serve: Serve, employ: Employ, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    box = serve(one_client())
    settled(purged(box, employ, monkeypatch), date(2026, 12, 3))

    monkeypatch.setenv("STEWARD_SUPPRESSION_KEY", key)
    account = employ(box)
    done = settled(account, REVIEWED)
    assert session.exit_of(done) is Exit.CONFIGURATION
    assert not health.healthy(done)
    (text,) = problems(account)
    assert "$STEWARD_SUPPRESSION_KEY" in text
    assert [line.text for line in check.check(account) if line.level == "note" and line.text.startswith("X-34")] == []

    monkeypatch.setenv("STEWARD_SUPPRESSION_KEY", KEY)
    assert session.exit_of(settled(employ(box), REVIEWED)) is Exit.FINE
