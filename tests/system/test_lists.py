"""`steward list` as a person at the keyboard meets it, and the VA's way through the tab `Lists`, over HTTP."""

from __future__ import annotations

import csv
import json
import stat
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from connectors.ports import RowEdit
from connectors.sandbox.brokerage import VA_MAIL, World, brokerage
from connectors.sandbox.server import Sandbox
from connectors.sandbox.sheets.grid.values import entered
from daemon.account.config_file import load
from daemon.account.wiring import build
from daemon.passes import session
from policies.asks.escalation import DatabaseIssue, database_message
from policies.database.lists.csv_text import plain
from policies.facts import suppression
from policies.values import emails
from tests import people
from tests.conftest import write_configuration
from tests.scenarios.worlds import ready
from tests.scenes import at
from tests.shell import Shell

DAY = date(2026, 12, 4)
KEY = "a long random text of the account's own"
ZERO = database_message(DatabaseIssue.EMPTY_SEGMENT, agent="Dana Reyes", records=0, va="Mia Cole")
PULL = ("list", "pull", "--stage", "Active Buyer", "--campaign", "Spring buyers")


@pytest.fixture
def world() -> World:
    return brokerage(DAY, people=200)


@pytest.fixture
def box(world: World, serve: Callable[..., Sandbox]) -> Sandbox:
    return serve(world)


@pytest.fixture
def hire(box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Shell]:
    def start(**changes: Any) -> Shell:
        monkeypatch.setenv("STEWARD_SUPPRESSION_KEY", changes.pop("suppression", KEY))
        return Shell(write_configuration(box, tmp_path, monkeypatch, **changes), capsys)

    ready(start().path, None)
    return start


@pytest.fixture
def shell(hire: Callable[..., Shell]) -> Shell:
    return hire()


def in_stage(box: Sandbox, stage: str) -> list[dict[str, Any]]:
    """The contacts of the agent's own in a stage."""
    return [p for p in box.world.crm.tables["people"].values() if p.get("stage") == stage and p.get("assignedUserId") == 2]


def change(box: Sandbox, person: dict[str, Any], **fields: Any) -> None:
    box.world.crm.update("people", person["id"], fields, 1)


def question(box: Sandbox) -> dict[str, Any]:
    """The one open question about a list."""
    (found,) = [row for row in people.rows(box, "Approvals") if row["Ref"].startswith("DB-36") and not row.get("Acted On")]
    return found


def decide(box: Sandbox, choice: str) -> None:
    assert people.types(box, "Approvals", question(box)["Ref"], "Decision", choice).ok


def lines(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as text:
        return [{name: plain(value) for name, value in row.items()} for row in csv.DictReader(text, strict=True)]


# How many


@pytest.mark.clause("DB-02", "X-26", "DB-37")
def test_how_many_active_buyers_in_a_price_range_is_answered_with_its_definition_and_age(box: Sandbox, shell: Shell) -> None:
    mine = in_stage(box, "Active Buyer")
    for n, person in enumerate(mine):
        change(box, person, tags=[["$400–500K"], ["$400-500k", "DNC"], ["$500K+"], ["$400-500K"]][min(n, 3)])
    before = people.writes(box)

    assert shell("list", "count", "--stage", "Active Buyer", "--price", "$400–500K", "--json") == 0
    found = json.loads(shell.out)
    assert (found["count"], found["left_out"]["Do Not Contact"]) == (len(mine) - 2, 1)
    assert found["definition"]["words"] == "stage Active Buyer; price $400–500K"
    assert found["age_seconds"] < 60
    assert found["as_of"]

    assert shell("list", "count", "--stage", "active_buyer", "--tag", "$400–500K") == 0
    assert shell.out.splitlines()[:2] == [f"{len(mine) - 2} contacts", "definition  stage Active Buyer; tagged $400–500K"]
    assert "as of" in shell.out
    assert people.writes(box) == before


@pytest.mark.clause("DB-02", "X-29")
def test_past_clients_without_a_touchpoint_in_ninety_days_are_counted(box: Sandbox, shell: Shell) -> None:
    mine = [*in_stage(box, "Past Client — Buyer"), *in_stage(box, "Past Client — Seller")]
    now = datetime.now(UTC)
    for n, person in enumerate(mine):
        person |= {"created": "2019-01-01T00:00:00Z", "lastCommunication": f"{now - timedelta(days=[200, 10][n % 2]):%Y-%m-%dT%H:%M:%SZ}"}
        person |= {name: None for name in person if name.startswith(("lastSent", "lastReceived", "lastOutgoing", "lastIncoming"))}
    asked = ("list", "count", "--stage", "past_client_buyer or past_client_seller", "--quiet-days", "90", "--json")
    assert shell(*asked) == 0
    before = json.loads(shell.out)
    assert 0 < before["count"] <= (len(mine) + 1) // 2
    assert before["definition"]["words"] == "stage Past Client — Buyer or Past Client — Seller; no touchpoint in 90 days or more"

    requests.post(f"{box.url}/v1/notes", auth=("fka_mia", ""), json={"personId": mine[0]["id"], "body": "Met at the market."}, timeout=5)
    assert shell(*asked) == 0
    assert json.loads(shell.out)["count"] == before["count"] - 1


@pytest.mark.clause("DB-02")
@pytest.mark.usefixtures("_no_waiting")
def test_what_cannot_be_read_now_is_not_now_and_no_fault_of_the_configuration(box: Sandbox, shell: Shell, tmp_path: Path) -> None:
    box.faults.add(kind="status", status=503, path="/v1/notes", times=1000)
    for command in (("list", "count", "--stage", "Active Buyer"), (*PULL, "--out", str(tmp_path / "x.csv"))):
        assert shell(*command, "--quiet-days", "90") == 75
        assert "could not be read whole: personal notes" in shell.err


@pytest.mark.clause("DB-02")
def test_whose_referrals_closed_last_year_are_counted(box: Sandbox, shell: Shell) -> None:
    one, two, three = in_stage(box, "Sphere of Influence")[:3]
    log = people.sheet_of(box, "Referral Log")
    del log.lines[1:]
    where = {cell["userEnteredValue"]["stringValue"]: n for n, cell in log.lines[0].items()}
    for n, (person, outcome, closed) in enumerate([(one, "Closed", "03/02/2025"), (one, "Closed", "04/02/2025"), (two, "Closed", "01/04/2026"),
                                                   (three, "Lost", "05/05/2025")], start=len(log.lines)):
        line = {"Date": "02/01/2025", "Referral Source": f"{person['firstName']} {person['lastName']}", "Referred Lead": "Xu", "Outcome": outcome,
                "Close Date": closed, "Source": person["id"]}
        for name, value in line.items():
            log.put(n, where[name], entered(value, "USER_ENTERED" if "Date" in name else "RAW"))

    for year, count in (("2025", 1), ("2026", 1), ("2024", 0)):
        assert shell("list", "count", "--sent-closed", year, "--json") == 0
        assert json.loads(shell.out)["count"] == count
    assert shell("list", "count", "--sent-closed", "99999") == 64
    assert "99999 is no year" in shell.err
    assert shell("list", "count", "--stage", "Active Buyer", "--quiet-days", "-3") == 64


@pytest.mark.clause("DB-02", "DB-37")
def test_a_count_is_what_a_pull_would_find(box: Sandbox, shell: Shell, tmp_path: Path) -> None:
    """Also where somebody is left out because of a contact who is in another stage, or only by what the mail platform reported."""
    first, second, third, *_ = in_stage(box, "Active Buyer")
    other = in_stage(box, "Cold Lead")[0]
    change(box, first, emails=[{"value": "shared@example.com"}], phones=[])
    change(box, other, emails=[{"value": "Shared@example.com"}], lastName=first["lastName"])  # one household, and no conflict
    for person in (second, other):
        box.world.crm.put("emEvents", {"type": "unsubscribe", "personId": person["id"], "occurred": box.world.crm.stamp(), "recipient": "x"})

    assert shell("list", "count", "--stage", "Active Buyer", "--json") == 0
    found = json.loads(shell.out)
    assert shell(*PULL, "--out", str(tmp_path / "x.csv")) == 75
    assert shell.out.startswith(f"{found['count']} contacts: stage Active Buyer")
    assert found["left_out"]["unsubscribed"] == 1
    assert found["left_out"]["reached through the address of a Do Not Contact"] == 1
    assert third["id"]


@pytest.mark.clause("DB-43", "DB-45")
def test_a_count_of_nobody_is_verified_against_everybody_and_says_what_may_be_wrong(shell: Shell) -> None:
    assert shell("list", "count", "--stage", "Active Buyer", "--tag", "Zilow") == 0

    assert shell.out.startswith("0 contacts\n")
    assert "look at     no contact carries the tag 'Zilow'; did you mean 'Zillow'?" in shell.out
    assert shell.out.endswith(f"\n{ZERO}\n")


@pytest.mark.clause("DB-44", "DB-37")
def test_who_is_in_an_identity_conflict_that_a_pass_has_seen_is_not_counted(box: Sandbox, shell: Shell, tmp_path: Path) -> None:
    first, second, *_ = in_stage(box, "Active Buyer")
    other = in_stage(box, "Cold Lead")[0]
    for person, name in ((first, "Ximena"), (other, "Boris")):
        change(box, person, firstName=name, lastName=f"{name}son", emails=[{"value": "one@example.com"}], phones=[], addresses=[])
    account = build(load(shell.path))
    session.apply(account, at(DAY), shown=session.plan(account, at(DAY)).plan.digest)

    assert shell("list", "count", "--stage", "Active Buyer", "--json") == 0
    found = json.loads(shell.out)
    assert found["left_out"]["in an identity conflict: the agent says who is who"] == 1
    assert shell(*PULL, "--out", str(tmp_path / "x.csv")) == 75
    assert shell.out.startswith(f"{found['count']} contacts: stage Active Buyer")
    assert second["id"]


def test_a_tag_in_another_case_is_found_although_the_service_does_not_find_it(box: Sandbox, shell: Shell) -> None:
    account = build(load(shell.path))
    session.apply(account, at(DAY), shown=session.plan(account, at(DAY)).plan.digest)
    assert shell("list", "count", "--tag", "Zillow", "--json") == 0
    right = json.loads(shell.out)["count"]
    assert right > 0
    assert shell("list", "count", "--tag", "zillow", "--json") == 0

    assert json.loads(shell.out)["count"] == right


@pytest.mark.clause("DB-36")
@pytest.mark.parametrize(("arguments", "said"), [
    (("count", "--stage", "Active Buyr"), "there is no stage 'Active Buyr'; did you mean 'Active Buyer'? The account has"),
    (("count", "--tag", "a,b"), "the tag 'a,b' has a comma"),
    (("count", "--tag", "x" * 65), "has 65 characters"),
    (("count", "--price", "cheap"), "'cheap' is no price range"),
    (("count",), "name at least one stage or tag"),
    (("count", "--stage", "Do Not Contact"), "Do Not Contact is in no list"),
    (("pull", "--stage", "Active Buyer", "--out", "x.csv"), "campaign"),
    (("pull", "--stage", "Active Buyer", "--campaign", " ", "--out", "{tmp}/x.csv"), "name the campaign"),
    (("pull", "--stage", "Active Buyer", "--campaign", "Sellers only", "--out", "{tmp}/x.csv"), "Active Buyer does not belong in a seller campaign"),
    (("pull", "--tag", "First-time buyer", "--area", "Austin", "--campaign", "Spring", "--out", "{tmp}/x.csv"), "needs a purpose (fair housing"),
    (("pull", "--stage", "Active Buyer", "--campaign", "Spring", "--out", "{tmp}/no/x.csv"), "there is no folder"),
    (("pull", "--stage", "Active Buyer", "--campaign", "Spring", "--out", "{tmp}"), "is there already"),
])
def test_what_cannot_be_meant_is_usage_and_one_sentence(shell: Shell, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    assert shell("list", *(argument.replace("{tmp}", str(tmp_path)) for argument in arguments)) == 64
    assert said in shell.err
    assert not list(tmp_path.glob("**/*.csv"))


@pytest.mark.clause("X-57")
def test_with_an_agents_key_the_database_procedure_is_off_and_the_rest_is_not(box: Sandbox, hire: Callable[..., Shell]) -> None:
    shell = hire(key="fka_dana", state="other")

    assert shell("list", "count", "--stage", "Active Buyer") == 78
    assert "the database procedure is off: this key is an Agent's" in shell.err
    assert "the database procedure is off" in (shell("check"), shell.out)[1]
    assert shell("plan", "--as-of", "2026-12-04", "--json") in {0, 2}
    assert {p["policy"].partition(".")[0] for p in json.loads(shell.out)["skipped_policies"]} == {"database"}


# Pulled into a file


@pytest.mark.clause("DB-36", "DB-37", "DB-39", "DB-10")
def test_a_list_is_confirmed_by_the_agent_before_a_file_is_written(box: Sandbox, shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "buyers.csv"
    mine = in_stage(box, "Active Buyer")
    change(box, mine[0], tags=["DNC"])
    change(box, mine[1], firstName="=1+1", lastName="O'Brien \"x\"")

    assert shell(*PULL, "--out", str(file)) == 75
    row = question(box)
    assert f"asked in Approvals ({row['Ref']})" in shell.out
    assert row["Draft"].startswith("Campaign: Spring buyers (checked as a buyer campaign)\nSegment: stage Active Buyer\nContacts: ")
    assert shell(*PULL, "--out", str(file)) == 75
    assert not file.exists()
    decide(box, "Approve")
    assert shell(*PULL, "--out", str(file)) == 0

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [int(line["Contact"]) for line in lines(file)] == sorted(p["id"] for p in mine[1:])
    found = next(line for line in lines(file) if line["Contact"] == str(mine[1]["id"]))
    assert (found["First Name"], found["Last Name"]) == ("=1+1", "O'Brien \"x\"")
    assert "\"'=1+1\"" in file.read_text(encoding="utf-8")
    assert "Phone" not in found
    assert [p.name for p in tmp_path.iterdir() if "buyers" in p.name] == ["buyers.csv"]
    (log,) = people.rows(box, "Export Log")
    assert (log["Campaign"], log["Count"], log["Definition"], log["Description"]) == (
        "Spring buyers (checked as a buyer campaign)", str(len(mine) - 1), "stage Active Buyer", "Campaign list as a CSV file")
    assert log["Digest"] in row["Draft"]
    (checks,) = people.rows(box, "Checklists")
    assert checks["Open"] == "0"
    done = next(r for r in people.rows(box, "Approvals") if r["Ref"] == row["Ref"])
    assert done["Status"] == "Done: written to a file"
    assert done["Acted On"]


@pytest.mark.clause("DB-36")
def test_a_word_is_consumed_once_and_a_file_is_never_overwritten(box: Sandbox, shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "buyers.csv"
    shell(*PULL, "--out", str(file))
    decide(box, "Approve")
    assert shell(*PULL, "--out", str(file)) == 0
    text = file.read_bytes()

    assert shell(*PULL, "--out", str(file)) == 64
    assert "is there already; choose another name" in shell.err
    assert file.read_bytes() == text
    assert shell(*PULL, "--out", str(tmp_path / "again.csv")) == 75
    assert question(box)["Ref"].endswith("confirm.2")
    assert not (tmp_path / "again.csv").exists()


@pytest.mark.clause("DB-36")
def test_if_the_contacts_changed_since_the_agent_is_asked_again(box: Sandbox, shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "buyers.csv"
    shell(*PULL, "--out", str(file))
    decide(box, "Approve")
    change(box, in_stage(box, "Active Buyer")[0], tags=["DNC"])

    assert shell(*PULL, "--out", str(file)) == 75
    assert not file.exists()
    assert question(box)["Status"].startswith("Decide again: the facts behind the draft changed")
    assert people.rows(box, "Export Log") == []


@pytest.mark.clause("DB-36")
def test_a_rejected_list_is_refused_and_nothing_is_written(box: Sandbox, shell: Shell, tmp_path: Path) -> None:
    shell(*PULL, "--out", str(tmp_path / "x.csv"))
    decide(box, "Reject")

    assert shell(*PULL, "--out", str(tmp_path / "x.csv")) == 3
    assert "the agent rejected this list" in shell.out
    assert not (tmp_path / "x.csv").exists()
    assert people.rows(box, "Export Log") == []


@pytest.mark.clause("DB-36")
def test_phone_numbers_are_opted_into_and_are_part_of_what_is_confirmed(box: Sandbox, shell: Shell, tmp_path: Path) -> None:
    shell(*PULL, "--out", str(tmp_path / "a.csv"))
    decide(box, "Approve")
    assert shell(*PULL, "--with-phones", "--out", str(tmp_path / "a.csv")) == 75
    refs = [row for row in people.rows(box, "Approvals") if row["Ref"].startswith("DB-36") and "Phone" in row["Draft"]]
    assert len(refs) == 1
    assert people.types(box, "Approvals", refs[0]["Ref"], "Decision", "Approve").ok
    assert shell(*PULL, "--with-phones", "--excel", "--out", str(tmp_path / "b.csv")) == 0

    assert (tmp_path / "b.csv").read_bytes().startswith("\ufeff\"First Name\"".encode())
    assert all(line["Phone"] for line in lines(tmp_path / "b.csv"))
    assert people.rows(box, "Export Log")[0]["Description"] == "Campaign list as a CSV file, with phone numbers"


@pytest.mark.clause("DB-43", "DB-45")
def test_a_pull_of_nobody_is_put_to_the_agent(box: Sandbox, shell: Shell, tmp_path: Path) -> None:
    assert shell("list", "pull", "--stage", "Active Buyer", "--tag", "Zilow", "--campaign", "Spring", "--out", str(tmp_path / "x.csv")) == 75

    (row,) = [r for r in people.rows(box, "Approvals") if r["Ref"].startswith("DB-43")]
    assert row["Draft"] == ZERO
    assert ZERO in shell.out
    assert not (tmp_path / "x.csv").exists()


@pytest.mark.clause("X-34")
def test_without_a_key_a_list_is_pulled_and_says_that_nobody_can_be_suppressed(box: Sandbox, hire: Callable[..., Shell], tmp_path: Path) -> None:
    shell = hire(suppression="")

    assert shell(*PULL, "--out", str(tmp_path / "x.csv")) == 75
    assert "Nobody can be suppressed yet" in question(box)["What"]
    assert shell("list", "count", "--stage", "Active Buyer") == 0
    assert "suppression Nobody can be suppressed yet: there is no key" in shell.out
    assert shell("check") == 0
    assert "until then no purge can be approved" in shell.out


def test_in_mode_observe_nothing_is_asked_and_nothing_written(box: Sandbox, hire: Callable[..., Shell], tmp_path: Path) -> None:
    shell = hire(**{'mode = "act"': 'mode = "observe"'})
    before = people.writes(box)

    assert shell(*PULL, "--out", str(tmp_path / "x.csv")) == 2
    assert "mode is \"observe\"" in shell.out
    assert people.writes(box) == before


def test_while_somebody_paused_steward_nothing_is_asked(box: Sandbox, shell: Shell, tmp_path: Path) -> None:
    assert people.types(box, "Read me", "Pause", "Value", "stop").ok
    before = people.writes(box)

    assert shell(*PULL, "--out", str(tmp_path / "x.csv")) == 75
    assert "paused by a person" in shell.out
    assert people.writes(box) == before


@pytest.mark.clause("X-34")
def test_entries_made_with_another_key_stop_the_pull_and_a_short_key_is_refused(
        box: Sandbox, shell: Shell, hire: Callable[..., Shell], tmp_path: Path) -> None:
    sheet = people.sheet_of(box, "Suppression")
    for n, text in enumerate(("sup x", "phone", "0" * 64, "00000000")):
        sheet.put(1, n, entered(text, "RAW"))
    assert shell(*PULL, "--out", str(tmp_path / "x.csv")) == 78
    assert "1 of 1 entries of the tab 'Suppression' were made with another key" in shell.err
    other = hire(suppression="short")

    assert other("list", "count", "--stage", "Active Buyer") == 78
    assert "suppression_key: is too short" in other.err


@pytest.mark.clause("DB-36")
@pytest.mark.parametrize("kind", ["status", "drop-before", "drop-after"])
@pytest.mark.wire
def test_an_export_that_cannot_be_logged_leaves_nothing_half(box: Sandbox, shell: Shell, tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    shell(*PULL, "--out", str(folder / "x.csv"))
    decide(box, "Approve")
    box.faults.add(kind=kind, method="POST", path=":batchUpdate", times=3)

    assert shell(*PULL, "--out", str(folder / "x.csv")) == 75
    assert "nothing was exported" in shell.err
    assert list(folder.iterdir()) == []


@pytest.mark.clause("DB-36")
@pytest.mark.wire
def test_an_answer_that_was_lost_once_costs_nothing(box: Sandbox, shell: Shell, tmp_path: Path) -> None:
    shell(*PULL, "--out", str(tmp_path / "x.csv"))
    decide(box, "Approve")
    box.faults.add(kind="drop-after", method="POST", path=":batchUpdate")

    assert shell(*PULL, "--out", str(tmp_path / "x.csv")) == 0
    assert len(people.rows(box, "Export Log")) == 1
    assert lines(tmp_path / "x.csv")


def test_a_damaged_tab_is_named_before_anything_is_written(box: Sandbox, shell: Shell, tmp_path: Path) -> None:
    assert people.at_the_sheet(box, "rename-column", tab="Export Log", column="Digest", to="Digits").ok

    assert shell(*PULL, "--out", str(tmp_path / "x.csv")) == 78
    assert "tab 'Export Log' has no column 'Digest'" in shell.err


@pytest.mark.clause("X-34")
def test_an_open_suppression_tab_stops_the_pull_until_it_is_protected_again(box: Sandbox, shell: Shell, tmp_path: Path) -> None:
    """And its repair leaves the decisions in Approvals as they are."""
    account = build(load(shell.path))
    mine = suppression.key_mark(KEY.encode())
    account.sheet.write([RowEdit(tab="Suppression", ref="sup x", cells={"Kind": "phone", "Hash": "0" * 64, "Key": mine}, create=True)])
    assert shell(*PULL, "--out", str(tmp_path / "x.csv")) == 75
    decide(box, "Approve")
    assert people.at_the_sheet(box, "unprotect", tab="Suppression").ok

    assert shell(*PULL, "--out", str(tmp_path / "x.csv")) == 78
    assert "the tab 'Suppression' is not protected" in shell.err
    assert shell("check") == 78
    assert "the protection of the tab 'Suppression'" in shell.out
    assert shell("setup", "--apply") == 0
    assert shell(*PULL, "--out", str(tmp_path / "x.csv")) == 0


@pytest.mark.clause("X-34", "DB-37")
def test_whoever_was_suppressed_and_comes_back_is_in_no_file(box: Sandbox, shell: Shell, tmp_path: Path) -> None:
    gone, *_ = in_stage(box, "Active Buyer")
    entry = suppression.hashed(KEY.encode(), emails.hashed_form(gone["emails"][0]["value"]))
    build(load(shell.path)).sheet.write([RowEdit(tab="Suppression", ref="sup x", create=True, cells={
        "Kind": "e-mail", "Hash": entry, "Key": suppression.key_mark(KEY.encode())})])

    assert shell(*PULL, "--out", str(tmp_path / "x.csv")) == 75
    assert "1 suppressed: removed as Do Not Contact before" in shell.out
    decide(box, "Approve")
    assert shell(*PULL, "--out", str(tmp_path / "x.csv")) == 0
    assert str(gone["id"]) not in {line["Contact"] for line in lines(tmp_path / "x.csv")}


# The VA's way


@pytest.mark.clause("DB-36", "DB-37", "DB-39")
def test_the_va_types_a_row_and_gets_a_tab_once_the_agent_confirmed(box: Sandbox, shell: Shell) -> None:
    account = build(load(shell.path))
    session.apply(account, at(DAY), shown=session.plan(account, at(DAY)).plan.digest)
    sheet = people.sheet_of(box, "Lists")
    for n, text in enumerate(("Active Buyer", "", "Spring [buyers] / 2027", "", "")):
        sheet.put(1, n, entered(text, "RAW"))
    session.apply(account, at(DAY))
    (row,) = people.rows(box, "Lists")
    mine = in_stage(box, "Active Buyer")
    assert row["Status"] == f"{len(mine)} contacts; left out: 1 not the agent's own client. The agent is asked in Approvals"
    refused = people.types(box, "Approvals", question(box)["Ref"], "Decision", "Approve", VA_MAIL)
    assert not refused.ok

    decide(box, "Approve")
    box.log.clear()
    session.apply(account, at(DAY))
    assert sum(e.method != "GET" for e in box.log if not e.path.startswith("/person")) <= 2
    (row,) = people.rows(box, "Lists")
    title = row["Status"].partition("'")[2].rstrip("'")
    assert title.startswith("List Spring buyers 2027 ")
    values = people.rows(box, title)
    assert [int(line["Contact"]) for line in values] == sorted(p["id"] for p in mine)
    assert len(people.rows(box, "Export Log")) == 1
    assert session.plan(account, at(DAY)).plan.actions == ()
    assert any(e["mark"].startswith("DB-36 t") for e in account.ledger.journal() if e["entity"] == "report")


@pytest.mark.clause("X-65", "DB-37")
def test_no_list_is_made_while_new_unsubscribes_are_not_visible(box: Sandbox, shell: Shell, tmp_path: Path) -> None:
    """A feed that answered before and refuses now: 75. An account that never had one makes its lists."""
    count = ("list", "count", "--stage", "Active Buyer")
    assert shell(*count) == 0
    box.faults.add(kind="status", status=403, path="/emEvents", times=1_000)
    for command in (count, (*PULL, "--out", str(tmp_path / "list.csv")), ("list", "count", "--stage", "Active Buyer", "--quiet-days", "30")):
        assert shell(*command) == 75
        assert "unsubscribes are not visible since" in shell.err
    assert not (tmp_path / "list.csv").exists()

    box.faults.pending.clear()
    assert shell(*count) == 0
