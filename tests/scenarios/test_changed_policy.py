"""A policy that has changed since the agent acknowledged it, over HTTP: what was begun runs on, what is new waits (rule 13, X-92)."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import structlog

from connectors.sandbox.brokerage import World, _Maker
from connectors.sandbox.server import Sandbox
from daemon.account.wiring import Account
from daemon.passes import session
from daemon.passes.acknowledgement.policy_status import known_versions
from policies.versions import written
from policies.world.model import Stage
from tests import people
from tests.scenarios.worlds import begun
from tests.scenes import at

POLICY = "milestones.closing_anniversary"
SEND, DRAFT, LATE = "MS-42 d1 20261218-send", "MS-09 d1 20261218-draft", "MS-45 d1 20261218-48h"
BEN = "MS-04 d2 20261230-14d"


def two_clients() -> World:
    """Ana, whose anniversary has begun by 2026-12-14, and Ben, whose first reminder opens on the 16th."""
    maker = _Maker(date(2026, 12, 4), random.Random(1), fields=True)
    maker.configuration()
    maker.owner(date(2025, 12, 18), first="Ana", last="Lopez")
    maker.owner(date(2025, 12, 30), first="Ben", last="Novak")
    return maker.world()


@pytest.fixture
def steward(serve: Callable[..., Sandbox], employ: Callable[..., Account]) -> tuple[Sandbox, Account]:
    box = serve(two_clients())
    account = begun(employ(box), date(2026, 11, 2))
    for day in (3, 14):
        session.apply(account, at(date(2026, 12, day)))
    return box, account


def asked(box: Sandbox) -> list[str]:
    return [row["Ref"] for row in people.rows(box, "Approvals") if row["Ref"].startswith("ACK ")]


@pytest.mark.clause("X-92", "DB-05")
def test_begun_work_runs_on_and_the_new_touch_waits_and_is_named(steward: tuple[Sandbox, Account]) -> None:
    box, account = steward
    agreed = people.row(box, "Memory", f"policy {POLICY}")["What"]
    people.types(box, "Memory", f"policy {POLICY}", "What", "0" * 16)  # as another version would have left it
    people.types(box, "Approvals", DRAFT, "Decision", "Approve")

    session.apply(account, at(date(2026, 12, 16)))

    assert len(people.tasks(box, SEND)) == 1
    assert people.row(box, "Approvals", DRAFT)["Status"] == "Approved: the VA has a task to send it"
    assert people.tasks(box, BEN) == []
    (ack,) = asked(box)
    what = people.row(box, "Approvals", ack)["What"]
    assert f"Changed: {POLICY} (a new version" in what
    assert "due within 7 days" in what
    assert "Ben Novak" in what
    assert "Ana Lopez" not in what

    people.types(box, "Approvals", ack, "Decision", "Approve")
    session.apply(account, at(date(2026, 12, 17)))
    assert len(people.tasks(box, BEN)) == 1
    assert people.row(box, "Memory", f"policy {POLICY}")["What"] == agreed


@pytest.mark.clause("X-92")
def test_a_deadline_of_begun_work_is_flagged_while_the_agent_has_not_answered(steward: tuple[Sandbox, Account]) -> None:
    box, account = steward
    people.types(box, "Memory", f"policy {POLICY}", "What", "0" * 16)

    session.apply(account, at(date(2026, 12, 16)))
    session.apply(account, at(date(2026, 12, 17)))

    assert len(people.tasks(box, LATE)) == 1
    assert len(asked(box)) == 1
    assert people.tasks(box, BEN) == []


@pytest.mark.clause("X-92")
def test_a_right_that_the_earlier_version_had_not_waits(steward: tuple[Sandbox, Account]) -> None:
    box, account = steward
    people.types(box, "Memory", f"policy {POLICY}", "What", "0" * 16)
    people.types(box, "Memory", f"rights {POLICY}", "What", "row of Approvals")
    people.types(box, "Approvals", DRAFT, "Decision", "Approve")

    session.apply(account, at(date(2026, 12, 16)))

    assert people.tasks(box, SEND) == []  # the earlier version gave nobody a task


@pytest.mark.clause("X-92")
def test_the_rights_are_kept_with_the_acknowledgement(steward: tuple[Sandbox, Account]) -> None:
    box, _ = steward
    assert people.row(box, "Memory", f"rights {POLICY}")["What"] == written(known_versions()[POLICY].may)


# -- options and texts that change in mid-season -------------------------------------------------------------------------

CARL = "MS-09 d2 20261218-draft"
SUBJECT = 'year_2_subject = "Thinking of you and the house"'


def season() -> World:
    """Ana in her first and Carl in his third year, both on 12/18, and Dora, whose first reminder opens on 12/18."""
    maker = _Maker(date(2026, 12, 4), random.Random(1), fields=True)
    maker.configuration()
    maker.owner(date(2025, 12, 18), first="Ana", last="Lopez")
    maker.owner(date(2023, 12, 18), first="Carl", last="Stein")
    maker.owner(date(2023, 1, 4), first="Dora", last="Pohl")
    return maker.world()


@pytest.fixture
def in_season(serve: Callable[..., Sandbox], employ: Callable[..., Account]) -> tuple[Sandbox, Callable[..., Account]]:
    """12/14: Ana's draft is approved and handed over, Carl's is on hold; and Steward with other options at the same Sheet."""
    box = serve(season())
    account = begun(employ(box), date(2026, 11, 2))
    session.apply(account, at(date(2026, 12, 11)))
    people.types(box, "Approvals", DRAFT, "Decision", "Approve")
    session.apply(account, at(date(2026, 12, 14)))
    assert people.row(box, "Approvals", DRAFT)["Status"] == APPROVED
    return box, lambda **changes: employ(box, **changes)


APPROVED = "Approved: the VA has a task to send it"


def option(line: str) -> dict[str, str]:
    return {SUBJECT: f"{SUBJECT}\n{line}"}


def shown(box: Sandbox) -> list[tuple[str, str, str]]:
    """Every draft of an anniversary with its status."""
    return [(row["Ref"], row["Status"], row["Draft"]) for row in people.rows(box, "Approvals") if row["Ref"].startswith("MS-09")]


def idle(account: Account, day: date) -> None:
    done = session.apply(account, at(day))
    assert [(o.action.verb, o.action.mark) for o in done.outcomes if o.action.entity != "Handover"] == []


@pytest.mark.clause("X-92", "DB-05")
@pytest.mark.parametrize("line", ['anniversary_channel = "card"', "every_year = false", "years_required = [1, 2, 5, 10]", 'anniversary_channel = "card"\nevery_year = false'])
def test_a_changed_option_touches_nothing_that_is_open_and_taking_it_back_leaves_no_trace(
    in_season: tuple[Sandbox, Callable[..., Account]], line: str
) -> None:
    box, employ = in_season
    before = shown(box)
    changed = employ(**option(line))

    session.apply(changed, at(date(2026, 12, 15)))

    assert shown(box) == before
    assert len(people.tasks(box, SEND)) == 1
    assert not any("withdrawn" in task["name"] for task in people.tasks(box, "MS-"))
    (ack,) = asked(box)
    said = people.row(box, "Approvals", ack)["What"]
    for name in (part.split(" = ")[0] for part in line.splitlines()):
        assert f"{name}: " in said
    idle(changed, date(2026, 12, 15))

    session.apply(employ(), at(date(2026, 12, 15)))
    assert shown(box) == before
    assert people.row(box, "Approvals", ack)["Status"].startswith("Withdrawn: nothing waits for it any more")
    idle(employ(), date(2026, 12, 15))


@pytest.mark.clause("X-92", "MS-45")
def test_the_escalation_of_a_year_that_would_be_dropped_comes_until_the_agent_agrees(in_season: tuple[Sandbox, Callable[..., Account]]) -> None:
    box, employ = in_season
    changed = employ(**option("every_year = false"))
    late = "MS-45 d2 20261218-48h"
    assert people.tasks(box, late) == []

    session.apply(changed, at(date(2026, 12, 16)))

    assert len(people.tasks(box, late)) == 1


@pytest.mark.clause("X-92", "DB-05")
def test_once_the_agent_agrees_the_new_option_acts(in_season: tuple[Sandbox, Callable[..., Account]]) -> None:
    box, employ = in_season
    changed = employ(**option('anniversary_channel = "card"'))
    session.apply(changed, at(date(2026, 12, 15)))
    (ack,) = asked(box)
    people.types(box, "Approvals", ack, "Decision", "Approve")

    session.apply(changed, at(date(2026, 12, 15)))

    assert people.row(box, "Approvals", ack)["Status"] == "Acknowledged"
    assert people.row(box, "Approvals", DRAFT)["Status"].startswith("Decide again: ")
    assert '"anniversary_channel": "card"' in people.row(box, "Memory", f"options {POLICY}")["What"]
    idle(changed, date(2026, 12, 15))


@pytest.mark.clause("X-92", "DB-05")
def test_the_row_names_a_touch_whose_first_reminder_comes_within_days(in_season: tuple[Sandbox, Callable[..., Account]]) -> None:
    box, employ = in_season
    changed = employ(**option("years_required = [1, 2, 5, 10]"))

    session.apply(changed, at(date(2026, 12, 15)))  # Dora's reminder of 12/21 opens on the 18th

    (ack,) = asked(box)
    row = people.row(box, "Approvals", ack)
    for column in ("What", "Status"):
        assert "due within 7 days: Personal touch: Dora Pohl, year 4 on Mon 01/04." in row[column]
        assert "Ana Lopez" not in row[column]


@pytest.mark.clause("X-92", "DB-05")
def test_a_yes_stays_for_what_it_was_about_when_another_option_changes_before_it_is_read(in_season: tuple[Sandbox, Callable[..., Account]]) -> None:
    box, employ = in_season
    session.apply(employ(**option("years_required = [1, 2, 5, 10]")), at(date(2026, 12, 15)))
    (first,) = asked(box)
    people.types(box, "Approvals", first, "Decision", "Approve")
    both = employ(**option("years_required = [1, 2, 5, 10]\nbirthday_14_days = false"))

    session.apply(both, at(date(2026, 12, 15)))
    session.apply(both, at(date(2026, 12, 15)))

    assert people.row(box, "Approvals", first)["Status"] == "Acknowledged"
    (second,) = set(asked(box)) - {first}
    assert people.row(box, "Approvals", second)["What"].startswith("Changed: milestones.birthday (birthday_14_days: yes, now no). ")
    idle(both, date(2026, 12, 15))


@pytest.mark.clause("X-92")
def test_other_words_are_logged_once_each_time_they_change(in_season: tuple[Sandbox, Callable[..., Account]]) -> None:
    _, employ = in_season
    for words in ({SUBJECT: 'year_2_subject = "Your home, one more year"'}, {}):
        account = employ(**words)
        for expected in ([POLICY], []):
            with structlog.testing.capture_logs() as lines:
                session.apply(account, at(date(2026, 12, 15)))
            told = [line["policy"] for line in lines if line["event"] == "policy.reworded"]
            assert [name for name in told if name == POLICY] == expected


@pytest.mark.clause("X-92")
def test_another_subject_stops_nothing_and_is_shown_where_nobody_has_agreed_yet(in_season: tuple[Sandbox, Callable[..., Account]]) -> None:
    box, employ = in_season
    people.types(box, "Approvals", CARL, "Decision", "Approve")
    session.apply(employ(), at(date(2026, 12, 15)))
    before = shown(box)
    assert all(status == APPROVED for _, status, _ in before if _)

    reworded = employ(**{SUBJECT: 'year_2_subject = "Your home, one more year"'})
    session.apply(reworded, at(date(2026, 12, 15)))

    assert shown(box) == before
    assert asked(box) == []
    assert len(people.tasks(box, "MS-42 d2 20261218-send")) == 1
    idle(reworded, date(2026, 12, 15))


@pytest.mark.clause("X-92")
@pytest.mark.parametrize("choice", ["", "Hold"])
def test_new_words_come_up_in_a_row_that_nobody_has_agreed_to(in_season: tuple[Sandbox, Callable[..., Account]], choice: str) -> None:
    box, employ = in_season
    people.types(box, "Approvals", CARL, "Decision", choice)
    session.apply(employ(), at(date(2026, 12, 15)))
    status = people.row(box, "Approvals", CARL)["Status"]
    reworded = employ(**{SUBJECT: 'year_2_subject = "Your home, one more year"'})

    session.apply(reworded, at(date(2026, 12, 15)))

    row = people.row(box, "Approvals", CARL)
    assert row["Draft"].startswith("Subject: Your home, one more year\nHi Carl")
    assert (row["Status"], row["Decision"]) == (status, choice)
    idle(reworded, date(2026, 12, 15))


@pytest.mark.clause("X-92", "MS-32")
def test_what_was_rejected_is_not_asked_again_in_other_words(in_season: tuple[Sandbox, Callable[..., Account]], tmp_path: Path) -> None:
    box, employ = in_season
    people.types(box, "Approvals", CARL, "Decision", "Reject")
    session.apply(employ(), at(date(2026, 12, 15)))
    before = shown(box)
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "anniversary_year_2_plus.txt").write_text("Dear {{ client_first_name }}, {{ years }} years!\n{{ agent_name }}")
    (tmp_path / "words" / "anniversary_year_1.txt").write_text("Subject: A year\nDear {{ client_first_name }}!\n{{ agent_name }}")

    reworded = employ(**option(f'templates_dir = "{tmp_path / "words"}"'))
    session.apply(reworded, at(date(2026, 12, 15)))

    assert shown(box) == before  # Ana's approved words and Carl's rejection alike
    idle(reworded, date(2026, 12, 15))


@pytest.mark.clause("X-92", "X-67", "X-65")
@pytest.mark.parametrize("damage", ["", "damaged"])
def test_who_opts_out_is_left_alone_also_where_people_damaged_what_was_acknowledged(
    in_season: tuple[Sandbox, Callable[..., Account]], damage: str
) -> None:
    box, employ = in_season
    people.types(box, "Memory", f"policy {POLICY}", "What", damage)
    people.types(box, "Memory", f"options {POLICY}", "What", damage)
    people.at_crm(box, "edit-person", personId=101, addTags=["DNC"])

    session.apply(employ(), at(date(2026, 12, 15)))

    assert "withdrawn" in people.tasks(box, SEND)[0]["name"]
    assert people.row(box, "Approvals", DRAFT)["Status"] == "Withdrawn: Do Not Contact"
    assert people.row(box, "Approvals", CARL)["Status"] == "Waiting for your decision"
    assert "Steward cannot tell with which options you acknowledged it" in people.row(box, "Approvals", asked(box)[0])["What"]


@pytest.mark.clause("X-92", "DB-05")
@pytest.mark.parametrize(("word", "says"), [
    ("Hold", "On hold: nothing new begins; what was begun goes on as before"),
    ("Reject", "You chose Reject: nothing new begins; what was begun goes on as before")])
def test_a_no_to_a_change_says_what_goes_on_and_a_later_yes_counts(
    in_season: tuple[Sandbox, Callable[..., Account]], word: str, says: str
) -> None:
    box, employ = in_season
    changed = employ(**option("years_required = [1, 2, 5, 10]"))
    session.apply(changed, at(date(2026, 12, 15)))
    (ack,) = asked(box)
    people.types(box, "Approvals", ack, "Decision", word)
    session.apply(changed, at(date(2026, 12, 15)))
    assert people.row(box, "Approvals", ack)["Status"].startswith(f"{says}. Held back until you approve, and due within 7 days: Personal touch: Dora Pohl")
    people.types(box, "Approvals", ack, "Decision", "Approve")
    session.apply(changed, at(date(2026, 12, 15)))
    assert people.row(box, "Approvals", ack)["Status"] == "Acknowledged"


@pytest.mark.clause("X-92", "DB-05")
def test_a_plan_that_was_edited_is_asked_about_anew(in_season: tuple[Sandbox, Callable[..., Account]]) -> None:
    box, employ = in_season
    changed = employ(**option("years_required = [1, 2, 5, 10]"))
    session.apply(changed, at(date(2026, 12, 15)))
    (ack,) = asked(box)
    people.types(box, "Approvals", ack, "Draft", "Nothing will be written.")
    people.types(box, "Approvals", ack, "Decision", "Approve")

    session.apply(changed, at(date(2026, 12, 15)))
    assert people.row(box, "Approvals", ack)["Status"].startswith("Decide again: the draft was edited")
    session.apply(changed, at(date(2026, 12, 15)))

    (again,) = set(asked(box)) - {ack}
    assert again == f"{ack} 2"
    assert people.row(box, "Approvals", ack)["Status"] == f"Withdrawn: what waits for you is asked about in {again} now"
    idle(changed, date(2026, 12, 15))


@pytest.mark.clause("X-92", "DB-24")
def test_an_option_waits_for_every_policy_that_goes_by_it(serve: Callable[..., Sandbox], employ: Callable[..., Account]) -> None:
    maker = _Maker(date(2026, 12, 4), random.Random(1), fields=True)
    maker.configuration()
    client = maker.person(Stage.UNDER_CONTRACT, date(2026, 9, 1), first="Vic", last="Sol")
    deal = maker.deal([client], "Buyers", "Pending", date(2026, 12, 15))
    box = serve(maker.world())
    session.apply(begun(employ(box), date(2026, 11, 2)), at(date(2026, 12, 11)))
    rule = '[[database.confirmed_system_rules]]\nrule = "closed_to_past_client"\nagent = "Dana Reyes"\ndate = 2026-12-01\n\n[guard]'
    people.at_crm(box, "restage-deal", dealId=deal["id"], stage="Closed")

    session.apply(employ(box, **{"[guard]": rule}), at(date(2026, 12, 15)))

    assert "confirmed_system_rules: not set, now closed_to_past_client (Dana Reyes, 12/01/2026)" in people.row(box, "Approvals", asked(box)[0])["What"]
    asks = [name for name in (str(task["name"]) for task in box.world.crm.tables["tasks"].values()) if "[MS-01" in name]
    assert len(asks) == 1  # the rule moves nobody before the agent agrees, so the milestones ask about the stage
