"""What people do: the agent and the VA at the Sheet and at the CRM's own pages, over HTTP."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import requests

from connectors.sandbox.brokerage import AGENT_MAIL, SPREADSHEET
from connectors.sandbox.server import Sandbox


def rows(box: Sandbox, tab: str) -> list[dict[str, Any]]:
    """The rows of a tab by header, as its owner sees them."""
    values = _values(box, tab)
    return [{name: line[n] if n < len(line) else "" for n, name in enumerate(values[0])} for line in values[1:]]


def headers(box: Sandbox, tab: str) -> list[str]:
    """The header row of a tab, as its owner sees it."""
    return list(map(str, _values(box, tab)[0]))


def row(box: Sandbox, tab: str, ref: str) -> dict[str, Any]:
    """The one row of a tab with this Ref."""
    found = [line for line in rows(box, tab) if line["Ref"] == ref]
    assert len(found) == 1, f"{len(found)} rows {ref!r}"
    return found[0]


def _values(box: Sandbox, tab: str) -> list[list[Any]]:
    answer = requests.get(f"{box.url}/v4/spreadsheets/{SPREADSHEET}/values/{quote(tab)}", headers=_as(AGENT_MAIL), timeout=5)
    return list(answer.json().get("values", []))


def _as(user: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {user}"}


def at_the_sheet(box: Sandbox, verb: str, user: str = AGENT_MAIL, **said: Any) -> requests.Response:
    """*user* does something at the Sheet, as `GET /person/sheet` lists it."""
    return requests.post(f"{box.url}/person/sheet/{verb}", json={"as": user, "spreadsheet": SPREADSHEET, **said}, timeout=5)


def types(box: Sandbox, tab: str, ref: str, column: str, text: str, user: str = AGENT_MAIL) -> requests.Response:
    """*user* types *text* into the cell of the row with this Ref."""
    return at_the_sheet(box, "type", user, tab=tab, ref=ref, column=column, text=text)


def sort_rows(box: Sandbox, tab: str, column: str) -> None:
    """A person sorts a tab, turned upside down."""
    assert at_the_sheet(box, "sort", tab=tab, column=column, direction="desc").ok


def sheet_of(box: Sandbox, tab: str) -> Any:
    return next(s for s in box.world.books[SPREADSHEET].sheets if s.title == tab)


def tasks(box: Sandbox, mark: str) -> list[dict[str, Any]]:
    """The CRM's tasks whose name carries this mark, withdrawn ones included."""
    return [t for t in box.world.crm.tables["tasks"].values() if f"[{mark}" in str(t["name"])]


def at_crm(box: Sandbox, verb: str, **arguments: Any) -> Any:
    """Somebody does something at the CRM's pages (`GET /person/crm` lists what), and it works."""
    answer = requests.post(f"{box.url}/person/crm/{verb}", json=arguments, timeout=5)
    assert answer.status_code == 200, answer.text
    return answer.json()


def complete(box: Sandbox, mark: str) -> None:
    """Whoever has a task ticks it off."""
    for task in tasks(box, mark):
        at_crm(box, "complete-task", taskId=task["id"], **{"as": task["assignedUserId"]})


def delete(box: Sandbox, mark: str) -> None:
    """A person deletes a task."""
    for task in tasks(box, mark):
        at_crm(box, "delete-task", taskId=task["id"])


def writes(box: Sandbox) -> list[str]:
    """Every request that changed or could have changed something."""
    return [f"{entry.method} {entry.path}" for entry in box.log if entry.method != "GET"]
