"""The sandbox's pages over plain HTTP: what stands on them, who may do what, and what is refused in words."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import unquote

import pytest
import requests

from connectors.sandbox.brokerage import AGENT, AGENT_MAIL, OWNER, SPREADSHEET, VA, brokerage
from connectors.sandbox.followupboss.resources import RESOURCES
from connectors.sandbox.followupboss.tables import Table
from connectors.sandbox.server import Sandbox
from connectors.sandbox.sheets.grid.values import entered
from daemon.account.wiring import Account
from tests import people
from tests.scenarios.worlds import one_client, with_a_draft
from tests.visitor import Visitor, address, batch, body, cell, column

DAY = date(2026, 12, 4)
ROW, DECISION, VA_NOTE = 2, "Decision", "VA Note"
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
PROTECTED = "You are trying to edit a protected cell or object."


@pytest.fixture(scope="module")
def module_box() -> Any:
    """A brokerage that no test of this module changes."""
    with Sandbox(brokerage(DAY, people=400), rate_limit=False) as box:
        box.world.crm.now = lambda: datetime(2026, 12, 4, 16, tzinfo=UTC)
        yield box


@pytest.fixture
def box(serve: Callable[..., Sandbox], employ: Callable[..., Account]) -> Sandbox:
    return with_a_draft(serve, employ)[0]


# -- reading -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("who", "path", "words"), [
    (AGENT, "/", ("All 400 people in it are made up", "Looking as <strong>Dana Reyes</strong>, the agent", "fka_mia", "nothing leaves this machine")),
    (VA, "/", ("Looking as <strong>Mia Cole</strong>, the VA", "Be Robin Hale, the broker")),
    (OWNER, "/crm", ("Robin Hale sees 400 people", "Past Client — Buyer", "Trash")),
    (AGENT, "/crm/people?stage=Do%20Not%20Contact", ("/crm/people/", "Do Not Contact")),
    (AGENT, "/crm/people?name=lopez", ("People named “<bdi>lopez</bdi>”", "Ana Lopez")),
    (AGENT, "/crm/people?name=nobody+of+that+name", ("Nobody.",)),
    (AGENT, "/crm/people/101", ("Ana Lopez", "Buyers: Closed", "Closing Anniversary", "Mon Dec 18, 2023", "ana.lopez.101@example.org")),
    (VA, "/crm/tasks", ("Tasks of Mia Cole", "Overdue", "Today", "Done lately")),
    (VA, "/sheet", ("Sheets shared with Mia Cole", "Referral Log")),
    (OWNER, "/sheet", ("1 more is not shared with Robin Hale",)),
    (AGENT, f"/sheet/{SPREADSHEET}/10", ("<bdi>Recognition Sent</bdi>", 'scope="col"', "Card sent")),
    (AGENT, f"/sheet/{SPREADSHEET}/0", ("This tab is empty.",)),
    (VA, f"/sheet/{SPREADSHEET}/10/2", ("Row 2 of <bdi>Referral Log</bdi>", "<label", "Save what I changed")),
])
def test_every_page_says_what_it_is(module_box: Sandbox, who: int, path: str, words: tuple[str, ...]) -> None:
    page = Visitor(module_box, who).open(path)

    assert page.status_code == 200
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert [word for word in words if word not in page.text] == []
    assert "<script" not in page.text


def test_the_13_stages_stand_in_their_order_with_counts(module_box: Sandbox) -> None:
    counts = re.findall(r'<bdi>([^<]+)</bdi>.*?<td class="figure">([\d,]+)</td>', body(Visitor(module_box).open("/crm")))

    assert [stage for stage, _ in counts[:13]] == [
        "New Lead", "Attempting Contact", "Active Buyer", "Active Seller", "Under Contract", "Past Client — Buyer", "Past Client — Seller",
        "Long-Term Nurture", "Cold Lead", "Sphere of Influence", "Professional Network", "Referral Source", "Do Not Contact"]
    assert [stage for stage, _ in counts[13:]] == ["Lead", "Closed", "Trash"]
    assert sum(int(count) for _, count in counts) == 396  # four are another agent's clients


def test_the_styles_are_served_and_a_first_visitor_is_the_agent(module_box: Sandbox) -> None:
    assert requests.get(f"{module_box.url}/pages.css", timeout=5).headers["Content-Type"] == "text/css; charset=utf-8"
    assert "<strong>Dana Reyes</strong>" in requests.get(module_box.url, timeout=5).text
    assert "<strong>Dana Reyes</strong>" in requests.get(module_box.url, cookies={"looking": "4"}, timeout=5).text
    assert requests.get(f"{module_box.url}/sandbox/summary", timeout=5).json()["people"] == 400


@pytest.mark.parametrize(("method", "path", "status", "words"), [
    ("GET", "/crm/nowhere", 404, "There is no page at this address."),
    ("GET", "/sheet/a/b/c/d/e", 404, "There is no page at this address."),
    ("GET", "/crm/people/99999", 404, "The CRM says: Requested resource was not found."),
    ("GET", "/crm/people/..%2f..%2fetc", 404, "no page"),
    ("GET", "/crm/people/first", 400, "“first” is not a number."),
    ("GET", "/crm/people?stage=Lead&page=-1", 400, "“-1” is not a number."),
    ("GET", "/crm/people?stage=Lead&page=99999999999999999999", 400, "is not a number."),
    ("GET", "/crm/tasks?due=never", 404, "There is no such group of tasks."),
    ("GET", "/sheet/another/10", 404, "The Sheet says: Requested entity was not found."),
    ("GET", f"/sheet/{SPREADSHEET}/11", 404, "There is no such tab in this Sheet."),
    ("GET", f"/sheet/{SPREADSHEET}/10/1", 404, "There is no such row in this tab."),
    ("GET", f"/sheet/{SPREADSHEET}/10/0", 404, "There is no such row in this tab."),
    ("GET", f"/sheet/{SPREADSHEET}/10/1001", 404, "There is no such row in this tab."),
    ("GET", f"/sheet/{SPREADSHEET}/10/chart/5.svg", 404, "There is no such chart in this tab."),
    ("POST", "/crm", 405, "This address does not take that kind of request."),
    ("DELETE", "/crm/people/101", 405, "This address does not take that kind of request."),
    ("GET", "/crm/tasks/1", 405, "This address does not take that kind of request."),
])
def test_what_is_not_there_is_said_in_words(module_box: Sandbox, method: str, path: str, status: int, words: str) -> None:
    page = requests.request(method, module_box.url + path, timeout=5)

    assert page.status_code == status
    assert words in body(page)
    assert "That did not work" in body(page)


def test_hostile_text_is_shown_as_text(serve: Callable[..., Sandbox]) -> None:
    box = serve(one_client())
    crm = box.world.crm
    crm.update("people", 101, {"firstName": HOSTILE, "lastName": "", "tags": [HOSTILE], "stage": "Lead", "background": HOSTILE}, OWNER)
    crm.tables["people"][101]["stage"] = HOSTILE
    crm.create("notes", {"personId": 101, "subject": HOSTILE, "body": f"{HOSTILE}\nsecond line"}, AGENT)
    crm.create("notes", {"personId": 101, "body": "<b>Bold</b><br>and <script>new</script> lines", "isHtml": True}, AGENT)
    crm.create("tasks", {"personId": 101, "assignedUserId": AGENT, "name": HOSTILE}, AGENT)
    people.sheet_of(box, "Referral Log").put(1, 1, entered(HOSTILE, "RAW"))
    visitor = Visitor(box)
    for path in ("/crm", "/crm/people/101", "/crm/people?name=%3Cscript", "/crm/tasks", f"/sheet/{SPREADSHEET}/10", f"/sheet/{SPREADSHEET}/10/2"):
        page = visitor.open(path)
        assert page.status_code == 200
        assert "&lt;script&gt;" in page.text, path
        assert "<script" not in page.text, path
        assert "<img src=x" not in page.text, path
    person = visitor.open("/crm/people/101").text
    assert "onerror=alert(1)&gt;\nsecond line</div>" in person
    assert "Bold\nand new lines</div>" in person


# -- the CRM -----------------------------------------------------------------------------------------------------------


def test_lists_stay_one_page_long_and_together_they_are_whole(serve: Callable[..., Sandbox]) -> None:
    box = serve(brokerage(DAY, people=3000))
    visitor, seen, page = Visitor(box, VA), list[str](), 1
    expected = [str(p["id"]) for p in box.world.crm.tables["people"].values() if p["stage"] == "Cold Lead"]
    while True:
        text = visitor.open(f"/crm/people?stage=Cold+Lead&page={page}").text
        found = re.findall(r'href="/crm/people/(\d+)"', text)
        assert len(found) <= 50
        seen += found
        if 'rel="next"' not in text:
            break
        page += 1
    assert len(expected) > 100
    assert sorted(seen) == sorted(expected)
    tasks = visitor.open("/crm/tasks").text
    assert 12 < tasks.count('action="/crm/tasks/') <= 12 * 6
    assert visitor.open("/crm/tasks?due=later").text.count('action="/crm/tasks/') <= 50
    for n in range(2, 500):
        people.sheet_of(box, "Referral Log").put(n, 0, entered(f"row {n}", "RAW"))
    assert visitor.open(f"/sheet/{SPREADSHEET}/10").text.count("<tr id=") == 50


class Counting(Table):
    """A table that counts how many of its records were looked at."""

    looked = 0

    def __getitem__(self, number: int) -> dict[str, Any]:
        self.looked += 1
        return super().__getitem__(number)


def test_a_persons_page_looks_at_what_is_theirs_only(serve: Callable[..., Sandbox]) -> None:
    box = serve(brokerage(DAY, people=100))
    tables = box.world.crm.tables
    for path in ("tasks", "deals"):
        counting = Counting(RESOURCES[path].indexes)
        counting.update(tables[path])
        tables[path] = counting
    box.world.crm.create("tasks", {"personId": 101, "assignedUserId": VA, "name": "Of hers"}, OWNER)
    box.world.crm.create("tasks", {"personId": 102, "assignedUserId": VA, "name": "Of another"}, OWNER)
    before = {path: tables[path].looked for path in ("tasks", "deals")}  # type: ignore[attr-defined]
    page = Visitor(box).open("/crm/people/101").text

    assert ("Of hers" in page, "Of another" in page, "Buyers: Closed" in page) == (True, False, True)
    for path, count in before.items():
        assert tables[path].looked - count < 10 < len(tables[path]), path  # type: ignore[attr-defined]


def test_a_user_sees_what_the_service_would_show_that_user(serve: Callable[..., Sandbox]) -> None:
    box = serve(one_client())
    box.world.crm.create("tasks", {"personId": 101, "assignedUserId": OWNER, "name": "call"}, OWNER)
    box.world.crm.update("people", 101, {"assignedUserId": OWNER}, OWNER)
    agent, owner = Visitor(box, AGENT), Visitor(box, OWNER)

    assert "Dana Reyes sees 0 people" in agent.open("/crm").text
    assert "Ana Lopez" not in agent.open("/crm/people?name=ana").text
    assert "call" not in body(agent.open("/crm/tasks"))
    assert agent.open("/crm/people/101").status_code == 404
    assert agent.send("/crm/tasks/1", done="1").status_code == 404
    assert box.world.crm.tables["tasks"][1]["isCompleted"] == 0
    assert "Robin Hale sees 1 people" in owner.open("/crm").text
    assert "call" in owner.open("/crm/people/101").text


@pytest.mark.parametrize(("due", "group"), [
    ({"dueDate": "2026-12-13"}, "Overdue"), ({"dueDate": "2026-12-14"}, "Today"), ({"dueDate": "2026-12-15"}, "Upcoming"),
    ({"dueDate": "2026-12-21"}, "Upcoming"), ({"dueDate": "2026-12-22"}, "Later"), ({}, "Without a date"),
    ({"dueDateTime": "2026-12-14T05:59:00Z"}, "Overdue"), ({"dueDateTime": "2026-12-14T06:00:00Z"}, "Today"),
    ({"dueDateTime": "2026-12-15T05:59:00Z"}, "Today"), ({"dueDateTime": "2026-12-15T06:00:00Z"}, "Upcoming"),
    ({"dueDate": "2026-12-14", "isCompleted": True}, "Done lately"),
])
def test_a_task_stands_under_its_day_where_the_user_is(serve: Callable[..., Sandbox], due: dict[str, Any], group: str) -> None:
    box = serve(one_client())
    box.world.crm.now = lambda: datetime(2026, 12, 14, 16, tzinfo=UTC)
    box.world.crm.create("tasks", {"personId": 101, "assignedUserId": VA, "name": "Find me", **due}, OWNER)
    sections = body(Visitor(box, VA).open("/crm/tasks")).split("<h2>")

    assert [section.partition(" <span")[0].partition(",")[0] for section in sections if "Find me" in section] == [group]


def test_stewards_mark_stands_apart_from_the_sentence(box: Sandbox) -> None:
    box.world.crm.create("tasks", {"personId": 101, "assignedUserId": VA, "name": "Call [urgent]"}, OWNER)
    page = body(Visitor(box, VA).open("/crm/tasks"))

    assert re.search(r'<p class="sentence" dir="auto">Prepare anniversary e-mail: Ana Lopez, year 1 on Fri 12/18; [^\[<]*</p>', page)
    assert ">MS-04 d1 20261218-7d</code>" in page
    assert '<p class="sentence" dir="auto">Call [urgent]</p>' in page


def test_a_task_is_completed_and_opened_again_by_a_button(box: Sandbox) -> None:
    visitor = Visitor(box, VA)
    number = people.tasks(box, "MS-04 d1 20261218-7d")[0]["id"]
    done = visitor.send(f"/crm/tasks/{number}", done="1", next="/crm/people/101")
    assert (done.status_code, done.headers["Location"]) == (303, f"/crm/people/101?changed={number}")
    task = requests.get(f"{box.url}/v1/tasks/{number}", auth=("fka_mia", ""), timeout=5).json()
    assert (task["isCompleted"], task["updatedById"]) == (1, VA)
    assert "Done: <bdi>Prepare anniversary e-mail" in visitor.open(done.headers["Location"]).text

    visitor.send(f"/crm/tasks/{number}", done="0")
    assert people.tasks(box, "MS-04 d1 20261218-7d")[0]["isCompleted"] == 0


@pytest.mark.parametrize(("change", "status"), [
    ({"headers": {"Origin": None}}, 403), ({"headers": {"Origin": "http://127.0.0.1:1"}}, 403), ({"headers": {"Origin": "http://localhost"}}, 403),
    ({"headers": {"Sec-Fetch-Site": "cross-site"}}, 403), ({"headers": {"Content-Type": "text/plain"}}, 415),
    ({"done": "maybe"}, 400), ({"done": ""}, 400), ({"done": "1", "more": "x" * 1_000_001}, 413),
    ({f"field{n}": "1" for n in range(600)}, 400),
])
def test_a_form_that_is_not_ours_changes_nothing(box: Sandbox, change: dict[str, Any], status: int) -> None:
    number = people.tasks(box, "MS-04 d1 20261218-7d")[0]["id"]
    answer = Visitor(box, VA).send(f"/crm/tasks/{number}", **{"done": "1", **change})

    assert answer.status_code == status
    assert "That did not work" in body(answer)
    assert people.tasks(box, "MS-04 d1 20261218-7d")[0]["isCompleted"] == 0


@pytest.mark.parametrize("origin", ["null", "http://evil.example", "https://127.0.0.1"])
def test_a_form_of_another_site_changes_nothing(box: Sandbox, origin: str) -> None:
    number = people.tasks(box, "MS-04 d1 20261218-7d")[0]["id"]

    assert Visitor(box, VA).send(f"/crm/tasks/{number}", headers={"Origin": origin}, done="1").status_code in {400, 403}
    assert people.tasks(box, "MS-04 d1 20261218-7d")[0]["isCompleted"] == 0


@pytest.mark.parametrize(("to", "leads"), [
    ("/crm/tasks?due=today", "/crm/tasks?due=today"), ("//evil.example", "/"), ("https://evil.example", "/"), ("/\\evil.example", "/"),
    ("/crm\r\nSet-Cookie: a=b", "/"), ("", "/")])
def test_changing_who_looks_leads_to_this_site_only(module_box: Sandbox, to: str, leads: str) -> None:
    answer = Visitor(module_box).send("/look", who=str(VA), next=to)

    assert (answer.status_code, unquote(answer.headers["Location"])) == (303, leads)
    assert re.match(r"looking=3; HttpOnly; Path=/; SameSite=strict$", answer.headers["Set-Cookie"])
    assert Visitor(module_box).send("/look", who="4", next=to).status_code == 400


# -- the Sheet ---------------------------------------------------------------------------------------------------------


def test_the_va_is_offered_her_column_only_and_refused_the_rest(box: Sandbox) -> None:
    approvals = address(box, "Approvals")
    decision, note = (f"cell{column(box, 'Approvals', name)}" for name in (DECISION, VA_NOTE))
    agent, va = Visitor(box, AGENT), Visitor(box, VA)

    assert [(f'name="{decision}"' in who.open(approvals).text, f'name="{note}"' in who.open(f"{approvals}/{ROW}").text) for who in (agent, va)] == [
        (True, True), (False, True)]
    assert re.findall(r'name="(cell\d+)"', va.open(f"{approvals}/{ROW}").text) == [note]
    assert "<bdi>Decision</bdi> <span class=\"lock\">locked</span>" in va.open(approvals).text
    assert "locked" not in agent.open(approvals).text
    assert f"may be edited by {AGENT_MAIL} and steward@robots.example.com only" in agent.open(approvals).text

    refused = va.send(f"{approvals}/{ROW}", **{decision: "Approve"})
    assert (refused.status_code, PROTECTED in body(refused)) == (400, True)
    both = va.send(f"{approvals}/{ROW}", **{note: "on holiday", decision: "Approve"})
    assert both.status_code == 400
    assert (cell(box, "Approvals", ROW, DECISION), cell(box, "Approvals", ROW, VA_NOTE)) == ("", "")

    assert va.send(f"{approvals}/{ROW}", **{note: "on holiday"}).status_code == 303
    assert agent.send(f"{approvals}/{ROW}", **{decision: "Hold"}).headers["Location"].endswith(f"?page=1&saved=G{ROW}#G{ROW}")
    assert (cell(box, "Approvals", ROW, DECISION), cell(box, "Approvals", ROW, VA_NOTE)) == ("Hold", "on holiday")


def test_a_sheet_that_is_not_shared_is_not_shown(box: Sandbox) -> None:
    page = Visitor(box, OWNER).open(address(box, "Approvals"))

    assert page.status_code == 403
    assert "The Sheet says: The caller does not have permission" in body(page)
    assert Visitor(box, OWNER).send(f"{address(box, 'Approvals')}/{ROW}", cell6="Approve").status_code == 403


def test_only_what_was_changed_in_a_form_is_written(box: Sandbox) -> None:
    """Steward writes while a person types: what the person left alone is never written back."""
    approvals, status = address(box, "Approvals"), column(box, "Approvals", "Status")
    draft = column(box, "Approvals", "Draft")
    people.types(box, "Approvals", "MS-09 d1 20261218-draft", "Status", "changed meanwhile")
    sent = Visitor(box).send(f"{approvals}/{ROW}", **{f"cell{status}": "old", f"was{status}": "old", f"cell{draft}": "Hi,\r\nnew", f"was{draft}": "Hi"})

    assert sent.headers["Location"].endswith(f"saved=F{ROW}#F{ROW}")
    assert (cell(box, "Approvals", ROW, "Status"), cell(box, "Approvals", ROW, "Draft")) == ("changed meanwhile", "Hi,\nnew")


def test_enter_in_a_form_is_never_a_decision(box: Sandbox) -> None:
    """What Enter presses is a form's first button."""
    page = body(Visitor(box).open(f"{address(box, 'Approvals')}/{ROW}"))

    assert re.findall(r"<button[^>]*>", page)[0] == '<button class="unseen" tabindex="-1" aria-hidden="true">'


def test_dropdowns_boxes_and_typed_values(serve: Callable[..., Sandbox]) -> None:
    box = serve(one_client())
    where = {"sheetId": 10, "startRowIndex": 1, "endRowIndex": 3}
    outcomes = ["Active", "Closed", "Lost", "Under contract", "On hold"]
    batch(box, {"setDataValidation": {"range": {**where, "startColumnIndex": 3, "endColumnIndex": 4}, "rule": {"strict": True, "condition": {
        "type": "ONE_OF_LIST", "values": [{"userEnteredValue": word} for word in outcomes]}}}},
        {"setDataValidation": {"range": {**where, "startColumnIndex": 5, "endColumnIndex": 6}, "rule": {"condition": {"type": "BOOLEAN"}}}})
    visitor, tab = Visitor(box, VA), f"/sheet/{SPREADSHEET}/10"
    page = visitor.open(tab).text
    assert page.count('<select name="cell3" aria-label="Outcome, row') == 2
    assert page.count('role="checkbox" aria-checked="false" name="cell5" value="TRUE"') == 2

    assert visitor.send(f"{tab}/2", cell3="Lost").status_code == 303
    refused = visitor.send(f"{tab}/2", cell3="Won")
    assert (refused.status_code, "violates the data validation rules" in body(refused)) == (400, True)
    visitor.send(f"{tab}/2", cell5="TRUE", cell4="2026-12-24", cell1="'=1+1")
    row = people.rows(box, "Referral Log")[0]
    assert (row["Outcome"], row["Recognition Sent"], row["Close Date"], row["Referral Source"]) == ("Lost", "TRUE", "2026-12-24", "=1+1")
    assert people.sheet_of(box, "Referral Log").cell(1, 4)["userEnteredValue"] == {"numberValue": 46380}
    assert 'aria-checked="true" name="cell5" value="FALSE"' in visitor.open(tab).text

    fresh = re.search(r'href="([^"]+)">Add a row', visitor.open(tab).text)
    assert fresh is not None
    visitor.send(fresh[1], cell1="New Source")
    assert people.rows(box, "Referral Log")[-1]["Referral Source"] == "New Source"
    assert visitor.send(f"{tab}/2", cell1="x" * 50_001).status_code == 400


@pytest.mark.parametrize(("values", "ticked", "empty"), [((), "TRUE", "FALSE"), (("Yes", "No"), "Yes", "No"), (("1", "0"), "1", "0"), (("Sent",), "Sent", "")])
def test_a_box_holds_what_its_rule_says(serve: Callable[..., Sandbox], values: tuple[str, ...], ticked: str, empty: str) -> None:
    box = serve(one_client())
    where = {"sheetId": 10, "startRowIndex": 1, "endRowIndex": 2, "startColumnIndex": 5, "endColumnIndex": 6}
    condition = {"type": "BOOLEAN", "values": [{"userEnteredValue": value} for value in values]}
    batch(box, {"setDataValidation": {"range": where, "rule": {"condition": condition}}})
    visitor, tab = Visitor(box, VA), f"/sheet/{SPREADSHEET}/10"
    for was, offered in (("false", ticked), ("true", empty), ("false", ticked)):
        boxes = [re.findall(r'aria-checked="(\w+)" name="cell5" value="([^"]*)"', visitor.open(page).text) for page in (tab, f"{tab}/2")]
        assert boxes == [[(was, offered)]] * 2
        assert visitor.send(f"{tab}/2", cell5=offered).status_code == 303
        assert str(cell(box, "Referral Log", 2, "Recognition Sent")) == offered


@pytest.mark.parametrize(("kind", "words"), [("COLUMN", "Column chart"), ("BAR", "Bar chart"), ("LINE", "Line chart"), ("PIE", "Pie chart"), ("SCATTER", "Chart")])
def test_charts_are_pictures_with_words(serve: Callable[..., Sandbox], kind: str, words: str) -> None:
    box = serve(one_client())
    log = people.sheet_of(box, "Referral Log")
    for row, (name, sent) in enumerate([("Source", "Sent"), (HOSTILE, 3), ("Ben", 5), ("Cara", "none")]):
        log.put(row, 7, entered(name, "RAW"))
        log.put(row, 8, entered(sent, "RAW"))
    domain, series = ({"sourceRange": {"sources": [{"sheetId": 10, "startRowIndex": 0, "endRowIndex": 4, "startColumnIndex": c, "endColumnIndex": c + 1}]}}
                      for c in (7, 8))
    spec: dict[str, Any] = {"pieChart": {"domain": domain, "series": series}} if kind == "PIE" else {"basicChart": {
        "chartType": kind, "headerCount": 1, "domains": [{"domain": domain}], "series": [{"series": series}]}}
    replies = batch(box, {"addChart": {"chart": {"spec": {"title": "Referrals", **spec}, "position": {"overlayPosition": {"anchorCell": {"sheetId": 10}}}}}})
    number = replies[0]["addChart"]["chart"]["chartId"]
    page = Visitor(box).open(f"/sheet/{SPREADSHEET}/10").text
    picture = Visitor(box).open(f"/sheet/{SPREADSHEET}/10/chart/{number}.svg")

    assert f'src="/sheet/{SPREADSHEET}/10/chart/{number}.svg" alt="{words}, Referrals. Sent: &lt;script&gt;' in page
    assert "Ben 5" in page
    root = ET.fromstring(picture.content)
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert picture.headers["Content-Type"] == "image/svg+xml"
    assert {"title", "desc"} <= tags
    assert tags & {"script", "a", "foreignObject", "image"} == set()
    assert not [name for element in root.iter() for name in element.attrib if name.startswith("on")]
    assert "default-src 'none'" in picture.headers["Content-Security-Policy"]


def test_a_chart_of_nothing_is_drawn_all_the_same(serve: Callable[..., Sandbox]) -> None:
    box = serve(one_client())
    where = {"overlayPosition": {"anchorCell": {"sheetId": 10}}}
    specs: list[dict[str, Any]] = [{}, {"basicChart": {"chartType": "LINE"}}, {"pieChart": {}}]
    replies = batch(box, *({"addChart": {"chart": {"spec": spec, "position": where}}} for spec in specs))
    for reply in replies:
        assert Visitor(box).open(f"/sheet/{SPREADSHEET}/10/chart/{reply['addChart']['chart']['chartId']}.svg").status_code == 200


@pytest.mark.parametrize("away", [
    {"deleteSheet": {"sheetId": 0}},
    {"updateSheetProperties": {"properties": {"sheetId": 0, "gridProperties": {"rowCount": 2}}, "fields": "gridProperties.rowCount"}},
    {"updateSheetProperties": {"properties": {"sheetId": 0, "gridProperties": {"columnCount": 1}}, "fields": "gridProperties.columnCount"}}])
def test_a_chart_whose_source_is_gone_is_drawn_empty(serve: Callable[..., Sandbox], away: dict[str, Any]) -> None:
    box = serve(one_client())
    people.sheet_of(box, "Sheet1").put(4, 2, entered(12, "RAW"))
    source = {"sourceRange": {"sources": [{"sheetId": 0, "startRowIndex": 3, "endRowIndex": 6, "startColumnIndex": 2, "endColumnIndex": 3}]}}
    chart = {"spec": {"title": "Old", "basicChart": {"chartType": "COLUMN", "series": [{"series": source}]}},
             "position": {"overlayPosition": {"anchorCell": {"sheetId": 10}}}}
    number = batch(box, {"addChart": {"chart": chart}})[0]["addChart"]["chart"]["chartId"]
    tab = f"/sheet/{SPREADSHEET}/10"
    picture = Visitor(box).open(f"{tab}/chart/{number}.svg").text
    batch(box, away)

    page, after = Visitor(box).open(tab), Visitor(box).open(f"{tab}/chart/{number}.svg")
    assert (page.status_code, after.status_code) == (200, 200)
    assert 'alt="Column chart, Old. Series 1: "' in page.text
    assert ("no numbers yet" in picture, "no numbers yet" in after.text) == (False, True)
