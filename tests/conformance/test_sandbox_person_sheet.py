"""A person at the sandbox's Sheet: what the screen does, and what it does not let one do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from connectors.sandbox.brokerage import AGENT_MAIL, SPREADSHEET, VA_MAIL
from connectors.sandbox.server import Sandbox

TASKS = ("Ref", "What", "Decision", "Done", "Due")
DROPDOWN = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": v} for v in ("Approve", "Reject")]}, "strict": True, "showCustomUi": True}
Do = Callable[..., requests.Response]


@pytest.fixture
def box(serve: Callable[..., Sandbox]) -> Sandbox:
    """A sandbox whose first tab is a small list of tasks with a dropdown and a checkbox in every row."""
    box = serve()
    url = f"{box.url}/v4/spreadsheets/{SPREADSHEET}"
    rows = [TASKS, ("R1", "call", "", "", "12/9/2026"), ("R2", "write", "", "", "12/1/2026"), ("R3", "visit", "", "", "12/5/2026")]

    def column(n: int) -> dict[str, int]:
        return {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 4, "startColumnIndex": n, "endColumnIndex": n + 1}

    requests.put(f"{url}/values/Sheet1!A1", params={"valueInputOption": "USER_ENTERED"}, json={"values": rows}, timeout=5)
    done = requests.post(f"{url}:batchUpdate", timeout=5, json={"requests": [
        {"setDataValidation": {"range": column(2), "rule": DROPDOWN}}, {"setDataValidation": {"range": column(3), "rule": {"condition": {"type": "BOOLEAN"}}}},
        {"updateSheetProperties": {"properties": {"gridProperties": {"frozenRowCount": 1}}, "fields": "gridProperties.frozenRowCount"}}]})
    assert done.status_code == 200
    return box


@pytest.fixture
def do(box: Sandbox) -> Do:
    def act(verb: str, user: str = VA_MAIL, **said: Any) -> requests.Response:
        return requests.post(f"{box.url}/person/sheet/{verb}", json={"as": user, **({"tab": "Sheet1"} if "title" not in said else {}), **said}, timeout=5)
    return act


def cells(box: Sandbox, where: str = "Sheet1") -> list[list[Any]]:
    found: list[list[Any]] = requests.get(f"{box.url}/v4/spreadsheets/{SPREADSHEET}/values/{where}", timeout=5).json().get("values", [])
    return found


def column(box: Sandbox, name: str) -> list[Any]:
    lines = cells(box)
    n = lines[0].index(name)
    return [line[n] if n < len(line) else "" for line in lines[1:]]


def titles(box: Sandbox) -> list[str]:
    return [s["properties"]["title"] for s in requests.get(f"{box.url}/v4/spreadsheets/{SPREADSHEET}", timeout=5).json()["sheets"]]


@pytest.mark.parametrize(("verb", "said", "name", "after"), [
    ("type", {"ref": "R2", "column": "what", "text": "=1+1"}, "What", ["call", "2", "visit"]),
    ("type", {"row": 2, "column": "Due", "text": "1/31/2027"}, "Due", ["1/31/2027", "12/1/2026", "12/5/2026"]),
    ("type", {"cell": "C2", "text": "Approve"}, "Decision", ["Approve", "", ""]),
    ("tick", {"ref": "R3", "column": "Done"}, "Done", ["", "", "TRUE"]),
    ("untick", {"ref": "R3", "column": "Done"}, "Done", ["", "", "FALSE"]),
    ("clear", {"cell": "B3"}, "What", ["call", "", "visit"]),
    ("clear", {"range": "A2:B3"}, "What", ["", "", "visit"]),
    ("sort", {"column": "Due"}, "Ref", ["R2", "R3", "R1"]),
    ("sort", {"column": "Due", "direction": "desc"}, "Ref", ["R1", "R3", "R2"]),
    ("insert-rows", {"ref": "R2", "count": 2}, "Ref", ["R1", "", "", "R2", "R3"]),
    ("delete-rows", {"ref": "R2"}, "Ref", ["R1", "R3"]),
    ("delete-rows", {"row": 2, "count": 2}, "Ref", ["R3"]),
])
def test_what_a_person_does_to_rows_and_cells(box: Sandbox, do: Do, verb: str, said: dict[str, Any], name: str, after: list[Any]) -> None:
    assert do(verb, **said).status_code == 200
    assert column(box, name) == after


@pytest.mark.parametrize(("verb", "said", "header"), [
    ("insert-columns", {"column": "What"}, ["Ref", "", "What", "Decision", "Done", "Due"]), ("delete-columns", {"column": "What", "count": 2}, ["Ref", "Done", "Due"]),
    ("rename-column", {"column": "Due", "to": "Until"}, ["Ref", "What", "Decision", "Done", "Until"]), ("move-column", {"column": "Ref"}, ["What", "Decision", "Done", "Due", "Ref"]),
    ("move-column", {"column": "Due", "before": "What"}, ["Ref", "Due", "What", "Decision", "Done"])])
def test_what_a_person_does_to_columns(box: Sandbox, do: Do, verb: str, said: dict[str, Any], header: list[str]) -> None:
    assert do(verb, **said).status_code == 200
    assert cells(box, "Sheet1!1:1") == [header]


def test_tabs_are_added_renamed_and_deleted(box: Sandbox, do: Do) -> None:
    do("add-tab", title="Mine")
    do("rename-tab", to="Tasks")
    assert titles(box) == ["Tasks", "Referral Log", "Mine"]
    assert do("delete-tab", tab="Mine").status_code == 200
    assert titles(box) == ["Tasks", "Referral Log"]


@pytest.mark.parametrize(("verb", "said", "status", "sentence"), [
    ("type", {"cell": "C2", "text": "Maybe"}, 400, "The data you entered in cell C2 violates the data validation rules set on this cell: enter one of Approve, Reject."),
    ("type", {"cell": "D2", "text": "yes"}, 400, "The data you entered in cell D2 violates the data validation rules set on this cell: enter one of TRUE, FALSE."),
    ("type", {"cell": "B2", "text": "x" * 50_001}, 400, "A cell takes at most 50000 characters."),
    ("type", {"cell": "ZZ9", "text": "x"}, 400, "Range (Sheet1!ZZ9) exceeds grid limits. Max rows: 1000, max columns: 26"),
    ("type", {"cell": "B2:B3", "text": "x"}, 400, "'B2:B3' is not a cell."), ("type", {"text": "x"}, 400, "Say which cell: by cell, or by ref (or row) and column."),
    ("type", {"ref": "R9", "column": "What", "text": "x"}, 404, "No rows of the tab 'Sheet1' have the Ref 'R9'."),
    ("type", {"ref": "R1", "column": "Nope", "text": "x"}, 404, "The tab 'Sheet1' has no columns 'Nope'."), ("type", {"cell": "A1"}, 400, "type needs text: what is typed."),
    ("type", {"cell": "A1", "text": 5}, 400, "text must be a text."), ("tick", {"cell": "B2"}, 400, "There is no checkbox in this cell."),
    ("sort", {"column": "Due", "direction": "up"}, 400, "direction must be asc or desc."), ("sort", {"column": "Due", "count": 1}, 400, "sort takes no 'count'; it takes as, column, direction, spreadsheet, tab."),
    ("delete-rows", {"row": 1001}, 400, "The tab 'Sheet1' has rows 1 to 1000."), ("delete-rows", {"row": 1, "count": 0}, 400, "count must be from 1 to 10000."),
    ("delete-tab", {"tab": "Nope"}, 404, "There is no tab 'Nope'."), ("rename-tab", {"to": "referral log"}, 400, "A sheet with the name \"referral log\" already exists. Please enter another name."),
    ("unprotect", {}, 404, "Nothing of the tab 'Sheet1' is protected."), ("type", {"spreadsheet": "x", "cell": "A1", "text": ""}, 404, "There is no spreadsheet 'x'.")])
def test_what_the_screen_refuses_in_one_sentence(box: Sandbox, do: Do, verb: str, said: dict[str, Any], status: int, sentence: str) -> None:
    before = cells(box)
    answer = do(verb, **said)

    assert (answer.status_code, answer.json()) == (status, {"errorMessage": sentence})
    assert cells(box) == before


def test_strangers_and_unknown_verbs_are_sent_away(box: Sandbox, do: Do) -> None:
    assert do("type", "stranger@example.com", cell="A1", text="x").json() == {"errorMessage": "stranger@example.com may not edit this spreadsheet."}
    assert requests.get(f"{box.url}/person/sheet", timeout=5).json()["verbs"]["type"]["must"].keys() == {"tab", "text"}


@pytest.mark.parametrize(("method", "path", "status", "words"), [
    ("GET", "/type", 405, "A person's verb is a POST."), ("PUT", "/type", 405, "A person's verb is a POST."), ("DELETE", "/merge", 405, "A person's verb is a POST."),
    ("POST", "/juggle", 404, "cannot 'juggle'; they can ")])
def test_both_desks_send_away_alike(box: Sandbox, method: str, path: str, status: int, words: str) -> None:
    for desk, first in (("crm", "merge"), ("sheet", "type")):
        answer = requests.request(method, f"{box.url}/person/{desk}{path}", data=b"{" if status == 405 else b"{}", timeout=5)
        assert answer.status_code == status, desk
        assert words + (f"{first}, " if status == 404 else "") in answer.json()["errorMessage"], desk


def test_protection_binds_the_va_and_not_the_agent(box: Sandbox, do: Do) -> None:
    assert do("protect", AGENT_MAIL, range="A:C").status_code == 200
    for verb, said in (("type", {"cell": "A2", "text": "x"}), ("clear", {"range": "B2:B3"}), ("sort", {"column": "Due"}), ("delete-rows", {"row": 2}), ("insert-rows", {"row": 2}),
                       ("rename-column", {"column": "What", "to": "x"}), ("delete-columns", {"column": "Ref"}), ("delete-tab", {}), ("unprotect", {})):
        refused = do(verb, **said)
        assert (refused.status_code, "protected cell" in refused.json()["errorMessage"]) == (400, True), verb
    assert do("type", cell="E2", text="1/1/2027").status_code == 200
    assert do("type", AGENT_MAIL, cell="A2", text="R7").status_code == 200
    assert do("unprotect", AGENT_MAIL).status_code == 200
    assert do("protect", AGENT_MAIL, editors=[VA_MAIL]).status_code == 200
    assert do("type", cell="A2", text="R8").status_code == 200


def test_a_loose_rule_warns_only_and_an_empty_cell_is_always_allowed(box: Sandbox, do: Do) -> None:
    loose = {"range": {"startRowIndex": 1, "endRowIndex": 2, "startColumnIndex": 1, "endColumnIndex": 2}, "rule": DROPDOWN | {"strict": False}}
    requests.post(f"{box.url}/v4/spreadsheets/{SPREADSHEET}:batchUpdate", json={"requests": [{"setDataValidation": loose}]}, timeout=5)

    assert do("type", cell="B2", text="Maybe").json() == {"cell": "Sheet1!B2", "shown": "Maybe"}
    assert do("type", cell="C2", text="").json() == {"cell": "Sheet1!C2", "shown": ""}


def test_what_a_person_does_costs_no_quota_and_counts_as_a_version(serve: Callable[..., Sandbox]) -> None:
    box = serve(rate_limit=True)
    file, agent = f"{box.url}/drive/v3/files/{SPREADSHEET}", {"Authorization": f"Bearer {AGENT_MAIL}"}
    answers = [requests.post(f"{box.url}/person/sheet/type", json={"tab": "Sheet1", "cell": "A1", "text": str(n)}, timeout=5) for n in range(61)]

    assert {a.status_code for a in answers} == {200}
    assert requests.get(file, params={"fields": "version"}, headers=agent, timeout=5).json() == {"version": "62"}
