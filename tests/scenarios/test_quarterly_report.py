"""The quarterly report over HTTP: a log of 10,000 rows, its budget of requests, and charts that people can look at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from connectors.googlesheets.client import GoogleSheet
from connectors.sandbox.brokerage import SPREADSHEET
from connectors.sandbox.server import Sandbox
from connectors.sandbox.sheets.grid.values import entered
from daemon.account.wiring import Account
from daemon.passes import session
from tests import people
from tests.conftest import SteppingClock
from tests.scenarios.worlds import begun, one_client
from tests.scenes import at
from tests.visitor import Visitor, address

ROWS = 10_000
BEGAN, FILED = date(2026, 11, 2), date(2027, 1, 4)
TYPES = ("Client", "Sphere", "Agent", "Professional", "")
OUTCOMES = ("Active", "Closed", "Lost")


def type_log(box: Sandbox, rows: int) -> None:
    """The VA types *rows* referrals of the past two years into the log, from 60 sources; every fifth has no type."""
    sheet = people.sheet_of(box, "Referral Log")
    sheet.rows = max(sheet.rows, rows + 100)
    where = {cell["userEnteredValue"]["stringValue"]: n for n, cell in sheet.lines[0].items()}
    for n in range(rows):
        day = date.fromordinal(FILED.toordinal() - 1 - n % 730)
        closed = OUTCOMES[n % 3] == "Closed"
        line = {"Date": f"{day:%m/%d/%Y}", "Referral Source": f"Source {n % 60:02} (Lender)", "Referred Lead": "Ximena", "Outcome": OUTCOMES[n % 3],
                "Close Date": f"{day:%m/%d/%Y}" if closed else "—", "Recognition Sent": "—", "Type": TYPES[n % 5], "Lead": "101" if n == 0 else ""}
        for name, text in line.items():
            sheet.put(n + 1, where[name], entered(text, "RAW"))


@pytest.fixture
def box(serve: Callable[..., Sandbox]) -> Sandbox:
    return serve(one_client(log=False))


@pytest.fixture
def steward(box: Sandbox, employ: Callable[..., Account]) -> Account:
    return begun(employ(box, clock=SteppingClock(at(FILED))), BEGAN)


def sheet_requests(box: Sandbox) -> list[str]:
    return [entry.method for entry in box.log if entry.path.startswith("/v4")]


def charts(account: Account, title: str) -> list[Any]:
    assert isinstance(account.sheet, GoogleSheet)
    return list(next(s for s in account.sheet.metadata()["sheets"] if s["properties"]["title"] == title).get("charts", []))


@pytest.mark.clause("RF-21", "RF-41", "RF-42", "RF-05")
def test_ten_thousand_rows_cost_three_reads_and_two_writes_at_most(box: Sandbox, steward: Account) -> None:
    type_log(box, ROWS)
    box.log.clear()
    session.apply(steward, at(FILED))

    requests = sheet_requests(box)
    assert requests.count("GET") <= 3
    assert requests.count("POST") <= 2
    assert len(requests) == requests.count("GET") + requests.count("POST")
    assert sum(int(row["Referrals"]) for row in people.rows(box, "Sources")) == sum(n % 730 <= 364 for n in range(ROWS))
    assert [t["name"] for t in people.tasks(box, "RF-42")] == ["Referral report Q4 2026 is in the Sheet [RF-42 q2026Q4 report]"]

    box.log.clear()
    session.apply(steward, at(FILED))
    assert sheet_requests(box) == ["GET", "GET"]
    assert people.writes(box) == []


@pytest.mark.clause("RF-41", "X-22")
def test_its_charts_are_there_once_and_are_drawn(box: Sandbox, steward: Account) -> None:
    type_log(box, 900)
    for _ in range(2):
        session.apply(steward, at(FILED))
    found = charts(steward, "Q4 2026")

    assert [(c["spec"]["title"], c["spec"]["basicChart"]["chartType"], c["spec"]["basicChart"].get("stackedType", "")) for c in found] == [
        ("Referrals received per quarter", "COLUMN", "STACKED"), ("What became of those received in Q4 2026", "COLUMN", ""),
        ("Top referral sources, Q4 2026", "BAR", "")]
    page = Visitor(box).open(address(box, "Q4 2026"))
    assert "- Lost (did not engage or went elsewhere): " in page.text
    assert page.text.count("<figcaption>") == 3
    pictures = [Visitor(box).open(f"{address(box, 'Q4 2026')}/chart/{c['chartId']}.svg") for c in found]
    assert [p.status_code for p in pictures] == [200, 200, 200]
    assert [word for word, p in zip(("Professional", "Engaged", "Source 13 4"), pictures, strict=True) if word not in p.text] == []


@pytest.mark.clause("X-22")
def test_a_correction_stands_beside_what_was_reported(box: Sandbox, steward: Account) -> None:
    type_log(box, 90)
    session.apply(steward, at(FILED))
    people.sheet_of(box, "Referral Log").put(11, 3, entered("Lost", "RAW"))
    session.apply(steward, at(FILED))
    titles = [sheet.title for sheet in box.world.books[SPREADSHEET].sheets]
    assert [t for t in titles if t.startswith("Q4")] == ["Q4 2026"]

    for _ in range(2):
        session.apply(steward, at(date(2027, 1, 5)))
    titles = [sheet.title for sheet in box.world.books[SPREADSHEET].sheets]
    assert [t for t in titles if t.startswith("Q4")] == ["Q4 2026", "Q4 2026 (rev 2)"]
    assert people.row(box, "Memory", "report Q4 2026")["What"].startswith("2 ")
    assert [t["isCompleted"] for t in people.tasks(box, "RF-42")] == [1, 0]
    assert people.row(box, "Checklists", "RF-43 q2026Q4 checklist")["Items"].endswith("sent to agent: Q4 2026 (rev 2)")


@pytest.mark.clause("X-22")
@pytest.mark.parametrize("kind", ["drop-before", "drop-after", "garbage"])
@pytest.mark.wire
def test_a_report_whose_answer_was_lost_is_put_up_once(box: Sandbox, steward: Account, kind: Any) -> None:
    type_log(box, 90)
    box.faults.add(kind=kind, method="POST", path=":batchUpdate", times=1)
    for _ in range(2):
        session.apply(steward, at(FILED))

    titles = [sheet.title for sheet in box.world.books[SPREADSHEET].sheets]
    assert [t for t in titles if t.startswith("Q4")] == ["Q4 2026"]
    assert len(charts(steward, "Q4 2026")) == 3
    assert people.row(box, "Memory", "report Q4 2026")["What"].startswith("1 ")
