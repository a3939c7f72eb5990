"""A real browser, and the real system behind it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.fake_desk import CLINIC, FakeDesk
from tests.running import RunningSystem

PICTURES = Path(__file__).parent.parent.parent / "docs" / "pictures"
SYSTEM = os.environ.get("PSOAS_TEST_BROWSER") or shutil.which("chromium") or shutil.which("chromium-browser")
# Without these flags Chromium calls home at every start.
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Of one module only: while it is open, no other test could run an event loop."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=SYSTEM or None, args=list(QUIET))
        yield launched
        launched.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 1200, "height": 850})
    opened.set_default_timeout(15_000)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, running_system: RunningSystem) -> Page:
    """A page whose script errors fail the test."""
    opened = context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.goto(f"{running_system.base_url}/")
    context.on("close", lambda _: None if not problems else pytest.fail("; ".join(problems)))
    return opened


@pytest.fixture
def fake_desk(context: BrowserContext) -> FakeDesk:
    desk = FakeDesk()
    desk.listen(context)
    return desk


@pytest.fixture
def clinic_page(context: BrowserContext, fake_desk: FakeDesk) -> Iterator[Page]:
    """The clinic's page on another origin; anything that its policy refuses, or that throws, fails the test."""
    opened = context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("dialog", lambda dialog: problems.append(dialog.message))
    opened.on("console", lambda line: problems.append(line.text) if "Content Security Policy" in line.text else None)
    opened.goto(f"{CLINIC}/")
    yield opened
    assert problems == []


def violations(page: Page) -> list[str]:
    """What axe finds wrong on the page now."""
    found = Axe().run(page).response["violations"]
    return [f"{item['id']}: {[node['html'] for node in item['nodes']]}" for item in found]


def photograph(page: Page, name: str) -> None:
    """Keep a picture for the docs; only where asked, so that a test run changes no file of the checkout."""
    if os.environ.get("PSOAS_PICTURES"):
        page.screenshot(path=PICTURES / f"{name}.png")
