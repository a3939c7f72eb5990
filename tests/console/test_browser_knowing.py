"""Figures, learning, privacy, audit and switches in a real browser: both sizes, axe, and by keyboard alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pyotp
import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette

from bot.booking.compose import booking_service
from bot.console.app import create_console
from bot.console.knowing.refresh import refresh
from bot.console.screens import Console
from bot.desk.desk import build_desk
from bot.settings import Settings
from tests.browser.conftest import browser
from tests.console.records import asking, conversation, talk, understood
from tests.console.site import PASSWORD, hired
from tests.console.test_measures import NEW_YORK, fill
from tests.running import free_ports

__all__ = ["browser"]
SIZES = {"desktop": (1280, 900), "tablet": (820, 1180)}
FIGURES = "/figures?from=2026-11-01&to=2026-11-23"
SCREENS = (FIGURES, "/learning", "/learning/1", "/learning/files", "/privacy", "/audit", "/switches",
           "/privacy/erase?conversation=learn",
           "/figures/conversations?of=funnel&is=opened&from=2026-11-01&to=2026-11-23")  # fmt: skip


@dataclass
class Served:
    """The console on a port of its own, and the manager's phone."""

    url: str
    secret: str

    def log_in(self, page: Page) -> None:
        """As a person does it, with name, password and code."""
        page.goto(f"{self.url}/staff/login")
        page.get_by_label("Name").fill("ann")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_label("Code").fill(pyotp.TOTP(self.secret).now())
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Log out")).to_be_visible()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    (port,) = free_ports(1)
    folder, url = tmp_path_factory.mktemp("console"), f"http://127.0.0.1:{port}"
    settings = replace(Settings.from_env({"PSOAS_DATA_DIR": str(folder), "PSOAS_SECRET_KEY": "x"}), base_url=url)
    desk = build_desk(settings)
    database = desk.transactions.database
    database.migrate()
    secret = _fill(database)
    console = Console(desk, booking_service(database, desk.clinic, settings), settings)
    server = uvicorn.Server(
        uvicorn.Config(Starlette(routes=create_console(console)), port=port, log_level="error", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    waiting = threading.Event()
    while not server.started:
        assert thread.is_alive(), "the port is taken"
        waiting.wait(0.01)
    yield Served(url, secret)
    server.should_exit = True
    thread.join(10)
    desk.assistant.close()
    desk.transactions.close()
    database.dispose()


def _fill(database) -> str:
    """Conversations, three messages to learn from, and a manager; the secret of her phone."""
    with database.session() as session:
        row = conversation(session, "learn")
        for words in ("its like a whatsit", "the gubbins is gone", "same as the other day"):
            talk(session, row, ("patient", words, understood("out_of_scope")), ("assistant", "?", asking("severity")))
        refresh(session, NEW_YORK)
    fill(database)
    return hired(database, "ann", "manager")


@pytest.fixture(scope="module", params=SIZES)
def page(
    request: pytest.FixtureRequest, browser: Browser, served: Served, shared_login: dict[str, list]
) -> Iterator[Page]:
    """A page of somebody who is logged in; what the browser refuses to load or run fails the test."""
    width, height = SIZES[request.param]
    context = browser.new_context(viewport={"width": width, "height": height})
    if "cookies" in shared_login:
        context.add_cookies(shared_login["cookies"])
    opened = context.new_page()
    problems: list[str] = []
    opened.on("console", lambda message: problems.append(message.text) if "Security Policy" in message.text else None)
    opened.on("pageerror", lambda error: problems.append(str(error)))
    if "cookies" not in shared_login:
        served.log_in(opened)
        shared_login["cookies"] = context.cookies()
    yield opened
    context.close()
    assert problems == []


@pytest.fixture(scope="module")
def shared_login() -> dict[str, list]:
    """One login for all sizes: a code works only once."""
    return {}


@pytest.mark.parametrize("path", SCREENS, ids=lambda path: path.split("?")[0])
def test_a_screen_is_accessible_and_fits(page: Page, served: Served, path: str) -> None:
    answer = page.goto(f"{served.url}/staff{path}")
    assert answer is not None
    assert answer.status == 200
    assert "/login" not in page.url
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_learning_by_keyboard_alone(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/staff/learning?status=open")
    count = int(page.get_by_role("link", name="Open (").inner_text().split("(")[1].rstrip(")"))
    page.locator("tbody a").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What does this mean?")).to_be_visible()
    example = page.locator("#example").input_value()
    page.keyboard.press("e")
    page.keyboard.press("Control+A")
    page.keyboard.press("Alt+m")
    expect(page.locator("input[name=words0]")).to_have_value(example)
    page.keyboard.type("C")  # the sign's menu has the focus: its first letter chooses
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    expect(page.get_by_role("button", name="Undo (u)")).to_be_visible()
    page.keyboard.press("u")
    expect(page.locator("#example")).to_have_value(example)
    page.keyboard.press("d")
    expect(page.get_by_role("button", name="Undo (u)")).to_be_visible()
    page.goto(f"{served.url}/staff/learning?status=open")
    expect(page.get_by_role("link", name=f"Open ({count - 1})")).to_be_visible()


def test_a_channel_is_off_in_one_click(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/staff/switches")
    section = page.get_by_role("region", name="Facebook Messenger")
    section.get_by_role("button", name="Switch off now").click()
    expect(page.get_by_role("region", name="Facebook Messenger")).to_contain_text("It is off")
    page.get_by_role("region", name="Facebook Messenger").get_by_role("button", name="Switch on").click()
    expect(page.get_by_role("region", name="Facebook Messenger")).to_contain_text("It is on")


def test_it_all_works_without_script(
    browser: Browser, served: Served, page: Page, shared_login: dict[str, list]
) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(shared_login["cookies"])
    plain = context.new_page()
    plain.goto(f"{served.url}/staff{FIGURES}")
    plain.get_by_role("link", name="Agreed to the check").click()
    expect(plain.get_by_role("heading", name="Agreed to the check")).to_be_visible()
    plain.goto(f"{served.url}/staff/learning")
    plain.locator("tbody a").first.click()
    plain.get_by_role("button", name="Keep (c)").click()
    plain.get_by_role("button", name="Undo (u)").click()
    expect(plain.get_by_role("button", name="Keep (c)")).to_be_visible()
    context.close()
