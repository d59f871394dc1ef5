"""What people do at the pages, in a real Chromium: with the keyboard alone, without scripts, and with Steward beside them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
import requests
from playwright.sync_api import Page, expect

from connectors.sandbox.brokerage import SPREADSHEET, VA
from connectors.sandbox.server import Sandbox
from daemon.account.wiring import Account
from daemon.passes import session
from tests import people
from tests.scenarios.worlds import one_client, with_a_draft
from tests.scenes import at
from tests.visitor import address, batch, cell

pytestmark = pytest.mark.wire  # a browser comes over a socket
Window = Callable[..., Page]
T7, SEND, ROW = "MS-04 d1 20261218-7d", "MS-42 d1 20261218-send", 2


@pytest.fixture
def crew(serve: Callable[..., Sandbox], employ: Callable[..., Account]) -> tuple[Sandbox, Account]:
    return with_a_draft(serve, employ)


def press_to(page: Page, words: str, key: str = "Tab") -> None:
    """Move the focus with the keyboard until it stands on what is called *words*; it must be seen to stand there."""
    for _ in range(80):
        page.keyboard.press(key)
        focused = page.locator(":focus")
        if focused.count() and words in focused.inner_text():
            assert focused.evaluate("e => getComputedStyle(e).outlineStyle") != "none"
            return
    raise AssertionError(f"the keyboard does not reach {words!r}")


def test_from_the_front_page_to_a_person_and_back_by_keyboard(crew: tuple[Sandbox, Account], window: Window) -> None:
    page = window(crew[0])
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the content")
    page.keyboard.press("Enter")
    press_to(page, "CRM as the agent")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("People by stage")
    press_to(page, "Past Client — Buyer")
    page.keyboard.press("Enter")
    press_to(page, "Ana Lopez")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ana Lopez")
    press_to(page, "People by stage")
    page.keyboard.press("Enter")
    press_to(page, "Steward sandbox")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("A made-up brokerage to try Steward on")


@pytest.mark.parametrize("script", [True, False])
def test_a_click_completes_a_task_in_the_crm(crew: tuple[Sandbox, Account], window: Window, script: bool) -> None:
    box, _ = crew
    number = people.tasks(box, T7)[0]["id"]
    page = window(box, script=script)
    page.goto("/")
    page.get_by_role("button", name="Mia’s tasks").click()
    expect(page.get_by_text("Looking as Mia Cole, the VA")).to_be_visible()
    page.get_by_role("button", name="Done: Prepare anniversary e-mail").click()
    expect(page.get_by_role("status")).to_contain_text("Done: Prepare anniversary e-mail: Ana Lopez")
    task = requests.get(f"{box.url}/v1/tasks/{number}", auth=("fka_owner", ""), timeout=5).json()
    assert (task["isCompleted"], task["updatedById"]) == (1, VA)

    page.get_by_role("button", name="Reopen: Prepare anniversary e-mail").click()
    expect(page.get_by_role("status")).to_contain_text("Open again")
    assert people.tasks(box, T7)[0]["isCompleted"] == 0


@pytest.mark.parametrize("script", [True, False])
def test_the_agent_approves_and_steward_acts_on_it(crew: tuple[Sandbox, Account], window: Window, script: bool) -> None:
    box, account = crew
    page = window(box, script=script)
    page.goto("/")
    page.get_by_role("button", name="Sheet as the agent").click()
    page.get_by_role("link", name="Approvals").click()
    page.get_by_role("group", name=f"Decision, row {ROW}").get_by_role("button", name="Approve").click()
    expect(page.get_by_role("status")).to_have_text(f"Saved: G{ROW}.")
    expect(page.get_by_role("button", name="Approve")).to_have_attribute("aria-pressed", "true")

    assert people.tasks(box, SEND) == []
    session.apply(account, at(date(2026, 12, 15)))
    assert [(task["assignedUserId"], task["dueDate"]) for task in people.tasks(box, SEND)] == [(VA, "2026-12-18")]
    page.reload()
    expect(page.get_by_role("region")).to_contain_text("Approved: the VA has a task to send it")


def test_the_va_is_neither_offered_nor_granted_a_decision(crew: tuple[Sandbox, Account], window: Window) -> None:
    box, _ = crew
    page = window(box)
    approvals = address(box, "Approvals")
    page.goto(approvals)
    decide = page.get_by_role("button", name="Approve")
    expect(decide).to_be_visible()
    stale = page.context.new_page()  # another window of the same browser becomes the VA; the first still shows the agent's buttons
    stale.goto(approvals)
    stale.get_by_role("button", name="Be Mia Cole").click()
    expect(stale.get_by_role("button", name="Approve")).to_have_count(0)
    expect(stale.get_by_role("columnheader", name="Decision locked")).to_be_visible()
    decide.click()
    expect(page.get_by_role("alert")).to_contain_text("The Sheet says: You are trying to edit a protected cell or object.")
    assert cell(box, "Approvals", ROW, "Decision") == ""

    page.goto(f"{approvals}/{ROW}")
    page.get_by_label("VA Note").fill("Back on Monday")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_be_visible()
    assert cell(box, "Approvals", ROW, "VA Note") == "Back on Monday"


def test_enter_in_a_box_saves_the_text_and_decides_nothing(crew: tuple[Sandbox, Account], window: Window) -> None:
    page = window(crew[0])
    page.goto(f"{address(crew[0], 'Approvals')}/{ROW}")
    page.get_by_label("Change").fill("shorter, please")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_be_visible()

    assert (cell(crew[0], "Approvals", ROW, "Change"), cell(crew[0], "Approvals", ROW, "Decision")) == ("shorter, please", "")


def test_a_dropdown_a_box_and_a_draft_of_several_lines(crew: tuple[Sandbox, Account], window: Window) -> None:
    box, _ = crew
    where = {"sheetId": 10, "startRowIndex": 1, "endRowIndex": 3}
    rules = [(3, {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": word} for word in ("Active", "Closed", "Lost", "On hold", "Moved")]}),
             (5, {"type": "BOOLEAN"})]
    batch(box, *({"setDataValidation": {"range": {**where, "startColumnIndex": n, "endColumnIndex": n + 1}, "rule": {"condition": condition}}}
                 for n, condition in rules))
    page = window(box)
    page.goto(f"/sheet/{SPREADSHEET}/10")
    page.get_by_role("combobox", name="Outcome, row 3").select_option("Lost")
    page.get_by_role("row", name="Open row 3").get_by_role("button", name="Save").click()
    page.get_by_role("checkbox", name="Recognition Sent, row 2").click()
    expect(page.get_by_role("checkbox", name="Recognition Sent, row 2")).to_be_checked()
    assert (cell(box, "Referral Log", 3, "Outcome"), cell(box, "Referral Log", 2, "Recognition Sent")) == ("Lost", "TRUE")
    page.get_by_role("checkbox", name="Recognition Sent, row 2").press("Space")
    expect(page.get_by_role("checkbox", name="Recognition Sent, row 2")).not_to_be_checked()
    assert cell(box, "Referral Log", 2, "Recognition Sent") == "FALSE"

    before = cell(box, "Approvals", ROW, "Draft")
    page.goto(f"{address(box, 'Approvals')}/{ROW}")
    assert page.get_by_label("Draft").input_value() == before
    page.get_by_role("button", name="Save what I changed").click()
    expect(page.get_by_role("status")).to_have_count(0)
    page.goto(f"{address(box, 'Approvals')}/{ROW}")
    page.get_by_label("Draft").fill(before + "\n\nP.S. See you soon")
    page.get_by_role("button", name="Save what I changed").click()
    expect(page.get_by_role("status")).to_have_text(f"Saved: F{ROW}.")
    assert cell(box, "Approvals", ROW, "Draft") == before + "\n\nP.S. See you soon"


def test_the_header_stays_in_sight(serve: Callable[..., Sandbox], window: Window) -> None:
    page = window(serve(one_client()))
    page.set_viewport_size({"width": 800, "height": 500})
    page.goto(f"/sheet/{SPREADSHEET}/10")
    region, header = page.get_by_role("region"), page.get_by_role("columnheader", name="Referral Source")
    region.evaluate("e => { e.scrollTop = e.scrollHeight }")

    top, shown = region.bounding_box(), header.bounding_box()
    assert top is not None
    assert shown is not None
    assert top["y"] <= shown["y"] < top["y"] + 5


@pytest.mark.parametrize("width", [1280, 390])
def test_a_long_draft_leaves_the_decision_in_sight(crew: tuple[Sandbox, Account], window: Window, width: int) -> None:
    """In the table a cell is cut after four lines, so that rows are short; the row's own page shows all of it."""
    box, _ = crew
    draft, sheet = cell(box, "Approvals", ROW, "Draft"), people.sheet_of(box, "Approvals")
    for _ in range(3):
        sheet.lines.append(dict(sheet.lines[1]))
    page = window(box, width=width)
    page.goto(address(box, "Approvals"))
    text = page.locator(f"#F{ROW} .text")
    assert text.inner_text() == draft
    assert text.evaluate("e => e.clientHeight < e.scrollHeight && e.clientHeight <= 4.5 * parseFloat(getComputedStyle(e).lineHeight)")
    heights = page.locator("tbody tr").evaluate_all("rows => rows.map(row => row.offsetHeight)")
    assert len(heights) == 4
    assert max(heights) < 140
    for row in range(ROW, ROW + 4):
        buttons = page.get_by_role("group", name=f"Decision, row {row}").get_by_role("button")
        assert [button.evaluate("e => e.offsetHeight >= 24") for button in buttons.all()] == [True] * 4
        if width == 1280:
            for button in buttons.all():
                expect(button).to_be_in_viewport(ratio=1)

    page.goto(f"{address(box, 'Approvals')}/{ROW}")
    assert page.get_by_label("Draft").input_value() == draft
    assert page.get_by_label("Draft").evaluate("e => e.clientHeight > 10 * parseFloat(getComputedStyle(e).lineHeight)")
