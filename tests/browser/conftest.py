"""A headless Chromium, and a window in which nothing may go wrong unseen."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from connectors.sandbox.server import Sandbox

# As root there is no sandbox, and without a network Chromium must not try to reach its maker.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync"]
REFUSED = "Failed to load resource: the server responded with a status of 4"
"""What Chromium logs for a page that says in words what did not work; whether there should be one is the test's to know."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "there is no chromium: run `make browser`"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def window(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Open a window on a sandbox; at the end, no script has run, no error was logged and nothing else was asked for than the sandbox."""
    opened, wrong = [], []

    def show(box: Sandbox, *, width: int = 1280, script: bool = True, guarded: bool = True) -> Page:
        context = chromium.new_context(base_url=box.url, viewport={"width": width, "height": 900}, java_script_enabled=script, bypass_csp=not guarded)
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("console", lambda message: None if message.text.startswith(REFUSED) else wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: wrong.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: None if request.url.startswith((box.url, "data:")) else wrong.append(request.url))
        opened.append(context)
        return page

    yield show
    for context in opened:
        context.close()
    assert wrong == []
