"""One anniversary over HTTP, from the first look to "Sent", as the agent, the VA and Steward live it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from connectors.errors import Unauthorized
from connectors.sandbox.brokerage import VA_MAIL
from connectors.sandbox.server import Sandbox
from daemon.account.wiring import Account
from daemon.commands import check
from daemon.errors import ConfigurationError, Exit
from daemon.passes import session
from tests import people
from tests.conftest import SteppingClock
from tests.scenarios.worlds import clients_closing_on, one_client, set_up
from tests.scenes import at

DAY = date(2026, 12, 18)
SUBJECT = 'year_2_subject = "Thinking of you and the house"'
T14, T7, T48, SEND, ROW = ("MS-04 d1 20261218-14d", "MS-04 d1 20261218-7d", "MS-45 d1 20261218-48h", "MS-42 d1 20261218-send",
                           "MS-09 d1 20261218-draft")


@pytest.fixture
def box(serve: Callable[..., Sandbox]) -> Sandbox:
    return serve(one_client(log=False))


@pytest.fixture
def steward(box: Sandbox, employ: Callable[..., Account]) -> Account:
    """An account that is set up, and acknowledged long before."""
    return set_up(employ(box), at(date(2026, 11, 2)))


def day(account: Account, today: date) -> Any:
    """One pass on the morning of *today*; a second one finds nothing to do."""
    done = session.apply(account, at(today))
    again = session.plan(account, at(today))
    assert [a.mark for a in again.plan.actions] == []
    return done


@pytest.mark.clause("MS-42", "MS-04", "MS-05", "MS-09", "MS-18")
@pytest.mark.wire
def test_from_the_first_reminder_to_sent(box: Sandbox, steward: Account) -> None:
    for today in (date(2026, 12, 3), date(2026, 12, 10), date(2026, 12, 14)):
        day(steward, today)
    assert [len(people.tasks(box, mark)) for mark in (T14, T7, T48, SEND)] == [1, 1, 0, 0]

    people.types(box, "Approvals", ROW, "Decision", "Approve")
    day(steward, date(2026, 12, 15))
    send = people.tasks(box, SEND)[0]
    row = people.row(box, "Approvals", ROW)
    assert (send["assignedUserId"], send["dueDate"]) == (3, "2026-12-18")
    assert (row["Status"], row["Acted On"]) == ("Approved: the VA has a task to send it", "2026-12-15 06:00")

    people.complete(box, SEND)
    day(steward, date(2026, 12, 18))  # the day on which the home-value update opens, too
    assert people.row(box, "Approvals", ROW)["Status"] == "Sent"
    before = people.writes(box)
    day(steward, date(2026, 12, 21))
    assert people.writes(box) == before
    assert people.rows(box, "Missed") == []


@pytest.mark.clause("MS-45", "MS-50", "MS-23")
def test_unanswered_it_is_escalated_once_and_then_reported_as_missed(box: Sandbox, steward: Account) -> None:
    for n in range(15):
        day(steward, date(2026, 12, 10) + timedelta(days=n))
    notes = list(box.world.crm.tables["notes"].values())

    assert [len(people.tasks(box, mark)) for mark in (T7, T48, SEND)] == [1, 1, 0]
    assert [(n["subject"], n["personId"]) for n in notes] == [(T48, 101)]
    assert [(r["Ref"], r["Client"]) for r in people.rows(box, "Missed")] == [(SEND, "Ana Lopez")]
    assert people.row(box, "Approvals", ROW)["Status"] == "Missed"


@pytest.mark.clause("MS-09")
def test_the_va_cannot_decide(box: Sandbox, steward: Account) -> None:
    day(steward, date(2026, 12, 14))

    assert people.types(box, "Approvals", ROW, "Decision", "Approve", VA_MAIL).status_code == 400
    assert people.types(box, "Approvals", ROW, "VA Note", "she is on holiday", VA_MAIL).status_code == 200
    day(steward, date(2026, 12, 15))
    assert people.tasks(box, SEND) == []


@pytest.mark.clause("MS-09", "X-42")
@pytest.mark.parametrize("damage", ["gone", "warning", "editor", "domain", "opened"])
def test_a_weakened_protection_counts_no_decision_until_set_up_again(box: Sandbox, steward: Account, damage: str) -> None:
    day(steward, date(2026, 12, 14))
    people.types(box, "Approvals", ROW, "Decision", "Approve")
    part = people.sheet_of(box, "Approvals").parts["protectedRanges"]
    if damage == "gone":
        part.clear()
    else:
        changes: dict[str, Any] = {
            "warning": {"warningOnly": True}, "domain": {"editors": {**part[0]["editors"], "domainUsersCanEdit": True}},
            "editor": {"editors": {"users": [*part[0]["editors"]["users"], VA_MAIL]}},
            "opened": {"unprotectedRanges": [{"sheetId": part[0]["range"]["sheetId"], "startColumnIndex": 5, "endColumnIndex": 8}]},
        }
        part[0] = {**part[0], **changes[damage]}
    session.apply(steward, at(date(2026, 12, 15)))
    assert people.tasks(box, SEND) == []
    assert any(line.level == "problem" for line in check.check(steward))

    for step in check.steps(steward):
        assert step.act is not None
        step.act()
    day(steward, date(2026, 12, 15))
    assert people.tasks(box, SEND) == []  # whoever typed it while the tab was open, it does not count now either
    approve_again(box, steward, date(2026, 12, 15))
    assert len(people.tasks(box, SEND)) == 1


def approve_again(box: Sandbox, steward: Account, today: date) -> None:
    people.types(box, "Approvals", ROW, "Decision", "")
    day(steward, today)
    people.types(box, "Approvals", ROW, "Decision", "Approve")
    day(steward, today)


@pytest.mark.clause("MS-09")
def test_an_approval_of_an_edited_draft_must_be_given_again(box: Sandbox, steward: Account) -> None:
    day(steward, date(2026, 12, 14))
    people.types(box, "Approvals", ROW, "Decision", "Approve")
    people.types(box, "Approvals", ROW, "Draft", "Hi Ana —\nMy own words.\nDana")
    for _ in range(2):
        day(steward, date(2026, 12, 15))
    assert people.tasks(box, SEND) == []

    approve_again(box, steward, date(2026, 12, 15))
    assert len(people.tasks(box, SEND)) == 1


def test_an_empty_ledger_changes_nothing(box: Sandbox, steward: Account, employ: Callable[..., Account]) -> None:
    for today in (date(2026, 12, 3), date(2026, 12, 14)):
        day(steward, today)
    people.types(box, "Approvals", ROW, "Decision", "Approve")
    day(steward, date(2026, 12, 15))
    before = people.writes(box)
    day(employ(box, state="another"), date(2026, 12, 15))

    assert people.writes(box) == before


def test_a_sorted_tab_with_a_persons_column_is_found_by_ref(box: Sandbox, steward: Account) -> None:
    day(steward, date(2026, 12, 14))
    people.sort_rows(box, "Approvals", "Ref")
    people.types(box, "Approvals", ROW, "Decision", "Approve")
    people.sort_rows(box, "Approvals", "Decision")
    day(steward, date(2026, 12, 15))

    row = next(r for r in people.rows(box, "Approvals") if r["Ref"] == ROW)
    assert row["Acted On"] == "2026-12-15 06:00"


def test_a_second_host_refuses(box: Sandbox, steward: Account, employ: Callable[..., Account], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_HOST", "somewhere-else")
    other = employ(box, state="another")
    before = people.writes(box)
    with pytest.raises(ConfigurationError, match="take-over"):
        session.apply(other, at(date(2026, 12, 3)))

    assert people.writes(box) == before


@pytest.mark.parametrize("completed", [True, False])
def test_what_a_person_did_to_a_task_stays(box: Sandbox, steward: Account, employ: Callable[..., Account], completed: bool) -> None:
    day(steward, date(2026, 12, 3))
    if completed:
        people.complete(box, T14)
    else:
        people.delete(box, T14)
    day(steward, date(2026, 12, 4))
    day(employ(box, state="another"), date(2026, 12, 4))  # Memory knows it too

    assert len(people.tasks(box, T14)) == int(completed)


def test_a_task_a_person_reworded_and_moved_stays_ours(box: Sandbox, steward: Account) -> None:
    day(steward, date(2026, 12, 3))
    task = people.tasks(box, T14)[0]
    box.world.crm.update("tasks", task["id"], {"name": "call Ana!", "dueDate": "2028-01-01"}, 2)
    day(steward, date(2026, 12, 4))

    assert people.tasks(box, T14) == []
    assert box.world.crm.tables["tasks"][task["id"]]["name"] == "call Ana!"


@pytest.mark.clause("X-60")
def test_a_corrected_date_withdraws_and_remakes(box: Sandbox, steward: Account) -> None:
    day(steward, date(2026, 12, 11))
    box.world.crm.update("people", 101, {"customClosingAnniversary": "2025-12-16"}, 1)
    day(steward, date(2026, 12, 11))
    old, new = people.tasks(box, T7), people.tasks(box, "MS-04 d1 20261216-7d")

    assert [t["isCompleted"] for t in old] == [1]
    assert "withdrawn]" in old[0]["name"]
    assert len(new) == 1
    statuses = {r["Ref"]: r["Status"] for r in people.rows(box, "Approvals")}
    assert statuses[ROW].startswith("Withdrawn: the closing date is 12/16/2025")

    box.world.crm.update("people", 101, {"customClosingAnniversary": "2025-12-18"}, 1)
    day(steward, date(2026, 12, 11))
    assert [t["name"].rpartition("[")[2] for t in people.tasks(box, "MS-04 d1 20261218-7d")] == [
        "MS-04 d1 20261218-7d withdrawn]", "MS-04 d1 20261218-7d.2]"]


@pytest.mark.clause("X-35", "MS-02")
def test_do_not_contact_takes_everything_back(box: Sandbox, steward: Account) -> None:
    day(steward, date(2026, 12, 14))
    people.types(box, "Approvals", ROW, "Decision", "Approve")
    day(steward, date(2026, 12, 15))
    box.world.crm.update("people", 101, {"stage": "Do Not Contact"}, 1)
    day(steward, date(2026, 12, 16))

    assert all(t["isCompleted"] for mark in (T7, SEND) for t in people.tasks(box, mark))
    assert people.row(box, "Approvals", ROW)["Status"] == "Withdrawn: Do Not Contact"


def test_the_pause_cell_stops_every_write_and_anyone_may_set_it(box: Sandbox, steward: Account) -> None:
    assert people.types(box, "Read me", "Pause", "Value", "please wait", VA_MAIL).status_code == 200
    before = len(people.writes(box))
    done = session.apply(steward, at(date(2026, 12, 14)))

    assert len(people.writes(box)) == before
    assert "please wait" in done.held
    assert session.exit_of(done) is Exit.NOT_NOW


def test_a_row_a_person_deleted_is_put_up_once_more(box: Sandbox, steward: Account) -> None:
    for n, put_up in ((11, 1), (14, 1), (15, 0)):
        day(steward, date(2026, 12, n))
        sheet = people.sheet_of(box, "Approvals")
        refs = [r["Ref"] for r in people.rows(box, "Approvals")]
        assert refs.count(ROW) == put_up
        if put_up:
            del sheet.lines[1 + refs.index(ROW)]


def test_a_half_deleted_row_is_mended_and_decides_nothing(box: Sandbox, steward: Account) -> None:
    day(steward, date(2026, 12, 14))
    people.types(box, "Approvals", ROW, "Decision", "Approve")
    people.types(box, "Approvals", ROW, "Digest", "")
    people.types(box, "Approvals", ROW, "Draft", "")
    day(steward, date(2026, 12, 15))
    row = next(r for r in people.rows(box, "Approvals") if r["Ref"] == ROW)

    assert people.tasks(box, SEND) == []
    assert row["Draft"].startswith("Subject: One year ago today")
    assert row["Status"].startswith("Decide again")


@pytest.mark.parametrize("tab", ["Approvals", "Memory", "Read me"])
def test_a_renamed_header_stops_what_needs_the_tab_and_names_it(box: Sandbox, steward: Account, tab: str) -> None:
    sheet = people.sheet_of(box, tab)
    sheet.lines[0] = {**sheet.lines[0], 0: {"userEnteredValue": {"stringValue": "Reference"}}}
    before = people.writes(box)
    done = session.apply(steward, at(date(2026, 12, 14)))

    assert people.writes(box) == before
    assert f"tab '{tab}' has no column 'Ref'" in "; ".join([*done.decided.skipped.values(), done.held])
    assert session.exit_of(done) in {Exit.CONFIGURATION, Exit.NOT_NOW}


def test_a_revoked_key_is_not_authorised(box: Sandbox, steward: Account) -> None:
    box.world.crm.keys.clear()
    with pytest.raises(Unauthorized):
        session.apply(steward, at(date(2026, 12, 14)))


@pytest.mark.parametrize(("path", "source"), [("/v1/people", "people"), ("/v1/deals", "deals"), ("/v1/notes", "notes")])
@pytest.mark.wire
def test_a_crm_that_answers_502_with_html_ends_quietly(box: Sandbox, employ: Callable[..., Account], steward: Account, path: str, source: str) -> None:
    box.faults.add(kind="status", method="GET", path=path, status=502, body="<html>bad gateway</html>", times=20)
    before = people.tasks(box, "MS-")
    done = session.apply(employ(box, clock=SteppingClock()), at(date(2026, 12, 14)))

    assert people.tasks(box, "MS-") == before  # what does not need this source goes on
    assert session.exit_of(done) is Exit.NOT_NOW
    assert source in {s.value for s in done.decided.seen.troubles}


def test_a_crm_that_lost_most_people_is_not_believed(box: Sandbox, steward: Account) -> None:
    day(steward, date(2026, 12, 14))
    steward.ledger.remember("size people", "100")
    done = session.apply(steward, at(date(2026, 12, 16)))

    assert people.tasks(box, T48) == []
    assert "minimum_snapshot_share" in done.decided.seen.troubles[next(iter(done.decided.seen.troubles))]


@pytest.mark.parametrize("kind", ["drop-before", "drop-after", "truncate", "garbage", "status"])
@pytest.mark.parametrize("path", ["/v1/tasks", "/v1/notes", ":batchUpdate"])
@pytest.mark.wire
def test_a_lost_answer_is_looked_up_and_nothing_is_done_twice(box: Sandbox, steward: Account, kind: Any, path: str) -> None:
    box.faults.add(kind=kind, method="POST", path=path, times=1)
    day(steward, date(2026, 12, 16))

    assert [len(people.tasks(box, mark)) for mark in (T7, T48)] == [1, 1]
    assert len(box.world.crm.tables["notes"]) == 1
    assert [r["Ref"] for r in people.rows(box, "Approvals")].count(ROW) == 1


def test_hostile_names_are_text_everywhere(box: Sandbox, steward: Account) -> None:
    box.world.crm.update("people", 101, {"firstName": "=HYPERLINK(\"http://x\")", "lastName": "<script>[MS-04 d1 x]\nBcc {{7*7}}"}, 1)
    day(steward, date(2026, 12, 14))
    row = next(r for r in people.rows(box, "Approvals") if r["Ref"] == ROW)
    cells = [cell["userEnteredValue"] for line in people.sheet_of(box, "Approvals").lines for cell in line.values() if "userEnteredValue" in cell]

    assert "Hi =HYPERLINK(\"http://x\") —" in row["Draft"]
    assert not any("formulaValue" in value for value in cells)
    assert len(people.tasks(box, T7)) == 1
    assert "\n" not in people.tasks(box, T7)[0]["name"]


def test_first_activation_waits_for_the_agent_in_the_sheet(box: Sandbox, employ: Callable[..., Account]) -> None:
    account = set_up(employ(box), None)
    first = session.apply(account, at(date(2026, 12, 11)))
    ack = next(r["Ref"] for r in people.rows(box, "Approvals"))
    assert session.exit_of(first) is Exit.NOT_NOW
    assert box.world.crm.tables["tasks"].keys() == set()

    people.types(box, "Approvals", ack, "Decision", "Approve")
    second = session.apply(account, at(date(2026, 12, 11)))
    assert session.exit_of(second) is Exit.FINE
    assert len(people.tasks(box, T7)) == 1
    assert {r["Ref"] for r in people.rows(box, "Memory")} >= {"activation", "policy milestones.closing_anniversary", "host"}
    assert next(r["Status"] for r in people.rows(box, "Approvals") if r["Ref"] == ack) == "Acknowledged"


@pytest.mark.clause("X-92")
def test_a_changed_option_asks_again_and_begun_work_runs_on(box: Sandbox, steward: Account, employ: Callable[..., Account]) -> None:
    day(steward, date(2026, 12, 3))
    changed = employ(box, **{SUBJECT: f"{SUBJECT}\nanniversary_channel = \"card\""})
    done = session.apply(changed, at(date(2026, 12, 14)))

    assert session.exit_of(done) is Exit.NOT_NOW
    assert len(people.tasks(box, T7)) == 1
    assert any(r["Ref"].startswith("ACK ") for r in people.rows(box, "Approvals"))


@pytest.mark.clause("X-92")
def test_a_changed_text_asks_nobody(box: Sandbox, steward: Account, employ: Callable[..., Account]) -> None:
    day(steward, date(2026, 12, 3))
    done = session.apply(employ(box, **{SUBJECT: 'year_2_subject = "A new subject"'}), at(date(2026, 12, 14)))

    assert session.exit_of(done) is Exit.FINE
    assert len(people.tasks(box, T7)) == 1
    assert [r["Ref"] for r in people.rows(box, "Approvals") if r["Ref"].startswith("ACK ")] == []


def test_in_mode_observe_nothing_is_written(box: Sandbox, steward: Account, employ: Callable[..., Account]) -> None:
    before = people.writes(box)
    done = session.apply(employ(box, **{'mode = "act"': 'mode = "observe"'}), at(date(2026, 12, 14)))

    assert session.exit_of(done) is Exit.CHANGES
    assert people.writes(box) == before


def test_ledger_and_journal_hold_no_contact_details(box: Sandbox, steward: Account) -> None:
    day(steward, date(2026, 12, 16))
    blob = b"".join(path.read_bytes() for path in steward.settings.state_dir.iterdir())
    person = box.world.crm.tables["people"][101]

    for secret in ("Ana", "Lopez", person["emails"][0]["value"], person["phones"][0]["value"], person["addresses"][0]["street"], "fka_steward"):
        assert secret.encode() not in blob
    assert {path.stat().st_mode & 0o777 for path in steward.settings.state_dir.iterdir()} == {0o600}
    assert steward.settings.state_dir.stat().st_mode & 0o777 == 0o700


def test_many_withdrawals_wait_for_a_word_from_the_agent(serve: Callable[..., Sandbox], employ: Callable[..., Account]) -> None:
    box = serve(clients_closing_on(date(2025, 12, 18), 11))
    account = set_up(employ(box), at(date(2026, 12, 11)))
    for number in range(101, 112):  # a date that is corrected protects nobody: this is what the brake is for (X-67)
        box.world.crm.update("people", number, {"customClosingAnniversary": "2025-12-17"}, 1)

    held = session.apply(account, at(date(2026, 12, 14)))
    ask = next(r for r in people.rows(box, "Approvals") if r["Ref"].startswith("ASK "))
    assert session.exit_of(held) is Exit.REFUSED
    assert sum(t["isCompleted"] for t in people.tasks(box, "MS-04")) == 0
    assert "11 tasks would be withdrawn" in ask["What"]

    people.types(box, "Approvals", ask["Ref"], "Decision", "Approve")
    done = session.apply(account, at(date(2026, 12, 14)))
    assert session.exit_of(done) is Exit.FINE
    assert sum(t["isCompleted"] for t in people.tasks(box, "MS-04")) == 11
    assert next(r["Status"] for r in people.rows(box, "Approvals") if r["Ref"] == ask["Ref"]) == "Confirmed"
    day(account, date(2026, 12, 14))


# -- found by a reviewer who tried to break it ------------------------------------------------------------------------


@pytest.mark.clause("MS-09", "MS-18")
@pytest.mark.parametrize("change", ["name", "Hold"])
@pytest.mark.wire
def test_a_send_task_whose_stamp_was_lost_is_taken_back_all_the_same(box: Sandbox, steward: Account, employ: Callable[..., Account], change: str) -> None:
    day(steward, date(2026, 12, 14))
    people.types(box, "Approvals", ROW, "Decision", "Approve")
    box.faults.add(kind="status", method="POST", path=":batchUpdate", status=503, times=3)
    session.apply(employ(box, clock=SteppingClock()), at(date(2026, 12, 15)))
    assert [t["isCompleted"] for t in people.tasks(box, SEND)] == [0]
    if change == "name":
        box.world.crm.update("people", 101, {"firstName": "Anna"}, 1)
    else:
        people.types(box, "Approvals", ROW, "Decision", "Hold")
    day(steward, date(2026, 12, 15))

    assert [t["isCompleted"] for t in people.tasks(box, SEND)] == [1]


def test_a_new_ledger_learns_what_is_there_before_people_change_it(box: Sandbox, steward: Account, employ: Callable[..., Account]) -> None:
    day(steward, date(2026, 12, 3))
    other = employ(box, state="another")
    day(other, date(2026, 12, 3))
    task = people.tasks(box, T14)[0]
    box.world.crm.update("tasks", task["id"], {"name": "call Ana!"}, 2)
    day(other, date(2026, 12, 4))

    assert people.tasks(box, T14) == []


def test_a_note_a_person_deleted_stays_deleted_even_without_the_ledger(box: Sandbox, steward: Account, employ: Callable[..., Account]) -> None:
    day(steward, date(2026, 12, 16))
    box.world.crm.tables["notes"].clear()
    day(steward, date(2026, 12, 16))
    day(employ(box, state="another"), date(2026, 12, 17))

    assert box.world.crm.tables["notes"] == {}


def test_the_va_cannot_acknowledge_in_an_open_memory_tab(box: Sandbox, employ: Callable[..., Account]) -> None:
    account = set_up(employ(box), None)
    people.sheet_of(box, "Memory").parts["protectedRanges"].clear()
    done = session.apply(account, at(date(2026, 12, 11)))

    assert "'Memory' is not protected" in done.held
    assert any(line.level == "problem" and "Memory" in line.text for line in check.check(account))


@pytest.mark.parametrize("damage", ["renamed", "no closed stage"])
def test_pipelines_that_changed_switch_the_policy_off_and_withdraw_nothing(box: Sandbox, steward: Account, damage: str) -> None:
    day(steward, date(2026, 12, 14))
    pipeline = box.world.crm.tables["pipelines"][1]
    if damage == "renamed":
        pipeline["name"] = "Buyers 2"
    else:
        pipeline["stages"] = [s for s in pipeline["stages"] if not s["closedStage"]]
    before = [write for write in people.writes(box) if "/v1/" in write]
    done = session.apply(steward, at(date(2026, 12, 16)))

    assert [write for write in people.writes(box) if "/v1/" in write] == before != []
    assert {(o.action.entity, o.action.verb, *o.action.after) for o in done.outcomes if o.action.mark == ROW} == {("Approvals", "update", "Status")}
    assert session.exit_of(done) is Exit.CONFIGURATION
    why = done.decided.skipped["milestones.closing_anniversary"]
    assert "crm.pipelines.buyer" in why
    assert next(r["Status"] for r in people.rows(box, "Approvals") if r["Ref"] == ROW) == f"Not acted on for now: {why}"


@pytest.mark.parametrize("tidied", ["deleted", "renamed"])
def test_a_withdrawn_send_task_that_is_tidied_up_was_never_sent(box: Sandbox, steward: Account, tidied: str) -> None:
    day(steward, date(2026, 12, 14))
    for word in ("Approve", "Hold"):
        people.types(box, "Approvals", ROW, "Decision", word)
        day(steward, date(2026, 12, 15))
    if tidied == "deleted":
        people.delete(box, SEND)
    else:
        box.world.crm.update("tasks", people.tasks(box, SEND)[0]["id"], {"name": "cancelled by Dana"}, 2)
    day(steward, date(2026, 12, 15))
    assert next(r["Status"] for r in people.rows(box, "Approvals") if r["Ref"] == ROW) == "On hold: nothing goes out"

    people.types(box, "Approvals", ROW, "Decision", "Approve")
    day(steward, date(2026, 12, 15))
    assert [t["isCompleted"] for t in people.tasks(box, SEND)] == [0]


@pytest.mark.clause("X-61", "MS-32")
def test_a_question_is_answered_by_the_agents_own_words(box: Sandbox, steward: Account) -> None:
    husband = box.world.crm.create("people", {"firstName": "Luis", "tags": ["DNC"]}, 1)
    box.world.crm.tables["deals"][1]["people"].append({"id": husband["id"], "name": "Luis"})
    day(steward, date(2026, 12, 11))
    people.types(box, "Approvals", ROW, "Draft", "Hi Ana —\nHappy house day to you.\nDana")
    day(steward, date(2026, 12, 14))
    people.types(box, "Approvals", ROW, "Decision", "Approve")
    day(steward, date(2026, 12, 14))

    assert len(people.tasks(box, SEND)) == 1


def test_a_policy_set_that_comes_back_is_asked_about_again(box: Sandbox, employ: Callable[..., Account]) -> None:
    options = (SUBJECT, f"{SUBJECT}\nanniversary_channel = \"card\"", SUBJECT)
    account = set_up(employ(box), None)
    for n, changed in enumerate(options, 1):
        account = employ(box, **{SUBJECT: changed})
        assert session.exit_of(session.apply(account, at(date(2026, 12, 3)))) is Exit.NOT_NOW
        asked = [r for r in people.rows(box, "Approvals") if r["Ref"].startswith("ACK") and not r.get("Decision")]
        assert len(asked) == 1, n
        people.types(box, "Approvals", asked[0]["Ref"], "Decision", "Approve")
        assert session.exit_of(session.apply(account, at(date(2026, 12, 3)))) is Exit.FINE


def test_a_handed_over_row_that_was_copied_or_deleted_raises_no_alarm(box: Sandbox, steward: Account) -> None:
    day(steward, date(2026, 12, 14))
    people.types(box, "Approvals", ROW, "Decision", "Approve")
    day(steward, date(2026, 12, 15))
    lines = people.sheet_of(box, "Approvals").lines
    lines.append(dict(lines[-1]))
    session.apply(steward, at(date(2026, 12, 16)))
    assert people.tasks(box, T48) == []
    del lines[-2:]
    session.apply(steward, at(date(2026, 12, 16)))

    assert people.tasks(box, T48) == []
    assert [t["isCompleted"] for t in people.tasks(box, SEND)] == [0]


@pytest.mark.parametrize("text", ["off", "no", "observe please", "0"])
def test_any_text_in_the_pause_cell_stops_it(box: Sandbox, steward: Account, text: str) -> None:
    people.types(box, "Read me", "Pause", "Value", text, VA_MAIL)
    before = len(people.writes(box))
    done = session.apply(steward, at(date(2026, 12, 14)))

    assert len(people.writes(box)) == before
    assert session.exit_of(done) is Exit.NOT_NOW


@pytest.mark.clause("X-35", "X-49", "MS-02", "X-61")
@pytest.mark.parametrize("tag", ["DNC", "Deceased"])
def test_an_approval_is_for_the_person_it_was_given_for(box: Sandbox, steward: Account, tag: str) -> None:
    ben = box.world.crm.create("people", {"firstName": "Ben", "stage": "Past Client — Buyer", "assignedUserId": 2}, 1)
    box.world.crm.tables["deals"][1]["people"].append({"id": ben["id"], "name": "Ben"})
    box.world.crm.update("people", 101, {"firstName": ""}, 1)  # nothing to draft from: the agent writes her own words
    day(steward, date(2026, 12, 11))
    people.types(box, "Approvals", ROW, "Draft", "Hi Ana —\nHappy house day to you.\nDana")
    day(steward, date(2026, 12, 14))
    people.types(box, "Approvals", ROW, "Decision", "Approve")
    day(steward, date(2026, 12, 14))
    assert [(t["personId"], t["isCompleted"]) for t in people.tasks(box, SEND)] == [(101, 0)]
    box.world.crm.update("people", 101, {"tags": [tag]}, 1)
    day(steward, date(2026, 12, 15))

    assert [(t["personId"], t["isCompleted"]) for t in people.tasks(box, SEND)] == [(101, 1)]
    assert not [t for t in people.tasks(box, "MS-") if t["personId"] == 101 and not t["isCompleted"]]


@pytest.mark.clause("MS-09")
@pytest.mark.parametrize("word", ["Reject", "Hold", "edit"])
def test_a_send_can_be_taken_back_after_the_window(box: Sandbox, steward: Account, word: str) -> None:
    day(steward, date(2026, 12, 14))
    people.types(box, "Approvals", ROW, "Decision", "Approve")
    for today in (date(2026, 12, 15), date(2026, 12, 22)):
        day(steward, today)
    if word == "edit":
        people.types(box, "Approvals", ROW, "Draft", "Hi Ana —\nOther words.\nDana")
    else:
        people.types(box, "Approvals", ROW, "Decision", word)
    day(steward, date(2026, 12, 23))

    assert [t["isCompleted"] for t in people.tasks(box, SEND)] == [1]


def test_a_question_voided_by_set_up_is_asked_anew(box: Sandbox, employ: Callable[..., Account]) -> None:
    account = set_up(employ(box), None)
    session.apply(account, at(date(2026, 12, 3)))
    people.sheet_of(box, "Approvals").parts["protectedRanges"].clear()
    people.types(box, "Approvals", people.rows(box, "Approvals")[0]["Ref"], "Decision", "Approve", VA_MAIL)
    for step in check.steps(account):
        assert step.act is not None
        step.act()
    session.apply(account, at(date(2026, 12, 3)))
    assert box.world.crm.tables["tasks"] == {}
    asked = [r["Ref"] for r in people.rows(box, "Approvals") if not r.get("Decision")]
    people.types(box, "Approvals", asked[0], "Decision", "Approve")
    session.apply(account, at(date(2026, 12, 3)))

    assert len(people.tasks(box, T14)) == 1


@pytest.mark.parametrize("event", ["copied", "opened"])
def test_a_no_that_was_heard_stays_a_no(box: Sandbox, steward: Account, event: str) -> None:
    day(steward, date(2026, 12, 14))
    people.types(box, "Approvals", ROW, "Decision", "Reject")
    day(steward, date(2026, 12, 15))
    sheet = people.sheet_of(box, "Approvals")
    if event == "copied":
        sheet.lines.append(dict(sheet.lines[-1]))
    else:
        sheet.parts["protectedRanges"].clear()
        session.apply(steward, at(date(2026, 12, 15)))
        for step in check.steps(steward):
            assert step.act is not None
            step.act()
    for today in (date(2026, 12, 16), date(2026, 12, 22)):
        session.apply(steward, at(today))

    assert people.tasks(box, T48) == []
    assert people.rows(box, "Missed") == []
    assert {r["Status"] for r in people.rows(box, "Approvals") if r["Ref"] == ROW} == {"Rejected: nothing goes out"}


def test_a_deleted_send_task_is_not_called_handed_over(box: Sandbox, steward: Account) -> None:
    day(steward, date(2026, 12, 14))
    people.types(box, "Approvals", ROW, "Decision", "Approve")
    day(steward, date(2026, 12, 15))
    people.delete(box, SEND)
    day(steward, date(2026, 12, 16))
    assert next(r["Status"] for r in people.rows(box, "Approvals") if r["Ref"] == ROW).startswith("Approved, but a person deleted")

    day(steward, date(2026, 12, 22))
    assert "a person deleted the send task" in people.rows(box, "Missed")[0]["Reason"]


@pytest.mark.wire
def test_a_withdrawal_whose_answer_was_lost_is_no_deletion_by_a_person(box: Sandbox, steward: Account) -> None:
    day(steward, date(2026, 12, 14))
    people.types(box, "Approvals", ROW, "Decision", "Approve")
    day(steward, date(2026, 12, 15))
    people.types(box, "Approvals", ROW, "Decision", "Hold")
    box.faults.add(kind="drop-after", method="PUT", path="/v1/tasks")
    session.apply(steward, at(date(2026, 12, 15)))
    people.delete(box, SEND)
    day(steward, date(2026, 12, 15))
    people.types(box, "Approvals", ROW, "Decision", "Approve")
    day(steward, date(2026, 12, 15))

    assert [t["isCompleted"] for t in people.tasks(box, SEND)] == [0]
