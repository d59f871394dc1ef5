"""Every page in a real Chromium: hostile text harms none, nothing overflows, and each is accessible."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from connectors.sandbox.brokerage import AGENT, OWNER, SPREADSHEET, VA
from connectors.sandbox.server import Sandbox
from connectors.sandbox.sheets.grid.values import entered
from daemon.account.wiring import Account
from tests import people
from tests.scenarios.worlds import with_a_draft
from tests.visitor import address, batch

pytestmark = pytest.mark.wire  # a browser comes over a socket
RTL = "\u202e"
HOSTILE = ("<script>window.harmed = 1</script>", "\"'><img src=x onerror=\"window.harmed = 1\">", f"Ana {RTL}gnp.exe", "W" * 300)
LONG = "A note of ten thousand characters. " * 150 + "x" * 5000


@pytest.fixture
def box(serve: Callable[..., Sandbox], employ: Callable[..., Account]) -> Sandbox:
    """A brokerage in which something of everything stands, and hostile text wherever a stranger can put it."""
    found, _ = with_a_draft(serve, employ)
    crm = found.world.crm
    for number, text in enumerate(HOSTILE, 201):
        crm.put("people", {"id": number, "created": "2026-12-01T12:00:00Z", "firstName": text, "name": text, "stage": "New Lead", "tags": [text[:64]],
                           "assignedUserId": AGENT, "assignedTo": "Dana Reyes", "emails": [{"value": text, "type": "home"}], "background": text})
        crm.create("tasks", {"personId": number, "assignedUserId": VA, "name": text, "dueDate": "2026-12-10"}, OWNER)
        crm.create("notes", {"personId": number, "subject": text, "body": LONG if number == 201 else text}, AGENT)
        crm.create("calls", {"personId": number, "phone": "5125550100", "isIncoming": True, "note": text}, AGENT)
    log = people.sheet_of(found, "Referral Log")
    for row, text in enumerate(HOSTILE, 1):
        log.put(row, 1, entered(text, "RAW"))
        log.put(row, 6, entered(row, "RAW"))
    log.put(0, 6, entered(HOSTILE[1], "RAW"))
    ranges = [{"sourceRange": {"sources": [{"sheetId": 10, "startRowIndex": 0, "endRowIndex": 5, "startColumnIndex": c, "endColumnIndex": c + 1}]}} for c in (1, 6)]
    batch(
        found,
        {"addChart": {"chart": {"spec": {"title": HOSTILE[0], "basicChart": {"chartType": "COLUMN", "headerCount": 1, "domains": [{"domain": ranges[0]}],
                                                                             "series": [{"series": ranges[1]}]}},
                                "position": {"overlayPosition": {"anchorCell": {"sheetId": 10}}}}}},
        {"setDataValidation": {"range": {"sheetId": 10, "startRowIndex": 1, "endRowIndex": 5, "startColumnIndex": 3, "endColumnIndex": 4},
                               "rule": {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": f"choice {n}"} for n in range(6)]}}}},
        {"setDataValidation": {"range": {"sheetId": 10, "startRowIndex": 1, "endRowIndex": 5, "startColumnIndex": 5, "endColumnIndex": 6},
                               "rule": {"condition": {"type": "BOOLEAN"}}}})
    return found


def paths(box: Sandbox) -> list[str]:
    log, approvals = f"/sheet/{SPREADSHEET}/10", address(box, "Approvals")
    return ["/", "/crm", "/crm/people?stage=New+Lead", "/crm/people?name=ana", "/crm/people/101", *(f"/crm/people/{n}" for n in range(201, 205)),
            "/crm/tasks", "/crm/tasks?due=overdue", "/crm/tasks?changed=1", "/crm/nowhere", "/sheet", log, f"{log}/2", f"{log}/3", f"{log}?saved=A2",
            approvals, f"{approvals}/2", address(box, "Read me")]


@pytest.mark.parametrize("width", [1280, 390])
def test_hostile_text_runs_nothing_and_breaks_no_layout(box: Sandbox, window: Callable[..., Page], width: int) -> None:
    """The policy against scripts is switched off here, so that the escaping alone has to hold."""
    page = window(box, width=width, guarded=False)
    for path in paths(box):
        page.goto(path)
        assert page.evaluate("window.harmed") is None, path
        assert page.locator("script, iframe, object, [onerror], img[src=x]").count() == 0, path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.evaluate(STRAY) == [], path
    page.goto(f"/sheet/{SPREADSHEET}/10")
    assert page.evaluate("[...document.images].map(image => image.complete && image.naturalWidth > 0)") == [True]


STRAY = r"""() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  const kept = element => { const style = getComputedStyle(element);
    return /isolate|plaintext/.test(style.unicodeBidi) || !/^inline$/.test(style.display); };
  while (walker.nextNode())
    if (walker.currentNode.data.includes("\u202e") && !kept(walker.currentNode.parentElement)) found.push(walker.currentNode.data);
  return found;
}"""
"""Texts with a right-to-left override that could turn round what stands beside them."""


@pytest.mark.parametrize("who", ["the agent", "the VA"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(box: Sandbox, window: Callable[..., Page], who: str, width: int) -> None:
    page = window(box, width=width)
    page.goto("/")
    page.get_by_role("button", name=f"CRM as {who}").click()
    axe = Axe()
    for path in paths(box):
        page.goto(path)
        if page.locator("details").count():
            page.locator("summary").first.click()
        results = axe.run(page)
        assert results.violations_count == 0, f"{path}\n{results.generate_report()}"


def test_axe_would_find_something(box: Sandbox, window: Callable[..., Page]) -> None:
    page = window(box)
    page.goto("/crm")
    page.evaluate("document.querySelector('label').remove(); document.querySelector('h1').style.color = '#ccc'")
    found = {violation["id"] for violation in Axe().run(page).response["violations"]}

    assert {"label", "color-contrast"} <= found


def test_every_page_has_one_heading_of_the_first_order_and_its_landmarks(box: Sandbox, window: Callable[..., Page]) -> None:
    page = window(box)
    for path in paths(box):
        page.goto(path)
        assert [page.get_by_role(role).count() for role in ("banner", "main", "contentinfo")] == [1, 1, 1], path
        levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3')].map(h => +h.tagName[1])")
        assert (levels[0], levels.count(1)) == (1, 1), path
        assert all(after - before <= 1 for before, after in pairwise(levels)), path
        assert page.locator("html").get_attribute("lang") == "en"
