"""Calendar, requests, alerts and accounts in a real browser: sizes, axe, without script, and an alert as it comes."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace

import pyotp
import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, expect
from starlette.applications import Starlette

from bot.booking.compose import booking_service
from bot.booking.staff import StaffCalendar
from bot.booking.types import Appointment, Contact, Hold, OpeningQuery
from bot.console.app import create_console
from bot.console.screens import Console
from bot.desk.desk import build_desk
from bot.desk.turns import raise_alert
from bot.settings import Settings
from bot.store.models.base import utc_now
from tests.browser.conftest import browser, photograph, violations
from tests.console.records import conversation
from tests.console.site import PASSWORD, hired
from tests.running import free_ports

__all__ = ["browser"]
DESKTOP, TABLET = {"width": 1440, "height": 900}, {"width": 820, "height": 1180}
ON_SCREEN_SECONDS = 5  # on a machine that runs all tests; the board looks at once


@dataclass
class House:
    """The console on a port of its own, with people, an appointment, a call-back and an alert."""

    console: Console
    url: str
    secrets: dict[str, str]
    appointment: str
    logged_in: dict[str, list]

    def enter(self, browser: Browser, name: str, **options: object) -> tuple[BrowserContext, Page]:
        """Somebody in a browser of their own; a code works only once, so the first login is kept."""
        context = browser.new_context(**{"viewport": DESKTOP, "bypass_csp": True, **options})  # axe is a script
        page = context.new_page()
        if name in self.logged_in:
            context.add_cookies(self.logged_in[name])
            return context, page
        page.goto(f"{self.url}/staff/login")
        page.locator("input[name=name]").fill(name)
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("input[name=code]").fill(pyotp.TOTP(self.secrets[name]).at(utc_now()))
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("button", name="Log out")).to_be_visible()
        self.logged_in[name] = context.cookies()
        return context, page


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    (port,) = free_ports(1)
    folder, url = tmp_path_factory.mktemp("console"), f"http://127.0.0.1:{port}"
    settings = replace(Settings.from_env({"PSOAS_DATA_DIR": str(folder), "PSOAS_SECRET_KEY": "x"}), base_url=url)
    desk = build_desk(settings)
    desk.transactions.database.migrate()
    console = Console(desk, booking_service(desk.transactions.database, desk.clinic, settings), settings)
    routes = create_console(console)

    @asynccontextmanager
    async def watching(_app: Starlette) -> AsyncIterator[None]:
        watch = asyncio.create_task(console.templates.globals["alerts"].run())
        yield
        desk.events.close()
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch

    secrets = {
        name: hired(console.transactions.database, name, role)
        for name, role in (("ann", "clinician"), ("root", "admin"))
    }
    appointment = fill(console)
    app = Starlette(routes=routes, lifespan=watching)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    waiting = threading.Event()
    while not server.started:
        assert thread.is_alive(), "the port is taken"
        waiting.wait(0.01)
    yield House(console, url, secrets, appointment.id, {})
    desk.events.closing = True
    server.should_exit = True
    thread.join(15)
    desk.assistant.close()
    desk.transactions.close()
    desk.transactions.database.dispose()


def fill(console: Console) -> Appointment:
    """Somebody booked, somebody waits for a call, and some of the time is blocked."""
    opening = console.bookings.openings(OpeningQuery("consultation", limit=1))[0]
    hold = console.bookings.hold(opening.id, "a patient")
    assert isinstance(hold, Hold)
    booked = console.bookings.confirm(hold.id, Contact("Ann Lee", "+12125550199"), None, ["anticoagulant"], "key")
    assert isinstance(booked, Appointment)
    console.bookings.request_callback(Contact("Bo Ray", "+12125550198"), None, "call")
    StaffCalendar(console.transactions.database, console.clinic).block_time(
        opening.start, opening.end, note="training", by="ann"
    )
    alarm(console, "first")
    return booked


def alarm(console: Console, name: str) -> None:
    """An emergency, as the desk raises it."""
    with console.transactions.database.session() as session:
        conversation(session, name)
        raise_alert(session, name, None, "emergency")


@pytest.mark.parametrize(
    ("size", "colours"), [(DESKTOP, "light"), (TABLET, "light"), (TABLET, "dark")], ids=["desktop", "tablet", "dark"]
)
def test_the_screens_read_well(house: House, browser: Browser, size: dict[str, int], colours: str) -> None:
    suffix = "" if size is DESKTOP else "-tablet" if colours == "light" else "-tablet-dark"
    screens = {
        "ann": {
            "calendar": "/calendar",
            "calendar-day": "/calendar?view=day",
            "book": "/appointments/new",
            "appointment": f"/appointments/{house.appointment}",
            "requests": "/requests",
            "alerts": "/alerts",
            "password": "/me/password",
            "second-factor": "/me/second-factor",
        },
        "root": {"accounts": "/accounts"},
    }
    for who, paths in screens.items():
        context, page = house.enter(browser, who, viewport=size, color_scheme=colours)
        for name, path in paths.items():
            answer = page.goto(f"{house.url}/staff{path}")
            assert answer is not None
            assert answer.status == 200, path
            assert violations(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
            photograph(page, f"console-{name}{suffix}")
        context.close()


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, TABLET], ids=["desktop", "tablet"])
def test_the_door_reads_well(house: House, browser: Browser, size: dict, colours: str) -> None:
    context = browser.new_context(viewport=size, color_scheme=colours, bypass_csp=True)
    page = context.new_page()
    for path in ("/login", "/nothing-here"):
        page.goto(f"{house.url}/staff{path}")
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    context.close()


def test_a_new_alert_is_on_an_open_page_at_once(house: House, browser: Browser) -> None:
    context, page = house.enter(browser, "ann", bypass_csp=False)
    page.goto(f"{house.url}/staff/calendar")
    expect(page.get_by_role("alert")).to_contain_text("A conversation needs")
    began = time.monotonic()
    alarm(house.console, "second")
    expect(page.get_by_role("alert")).to_contain_text("2 conversations need", timeout=ON_SCREEN_SECONDS * 1000)
    assert time.monotonic() - began < ON_SCREEN_SECONDS
    page.goto(f"{house.url}/staff/alerts")
    page.get_by_role("button", name="I have it").last.click()
    expect(page.get_by_role("alert")).to_contain_text("A conversation needs")
    context.close()


def test_booking_moving_and_cancelling_without_script(house: House, browser: Browser) -> None:
    context, page = house.enter(browser, "ann", java_script_enabled=False)
    page.goto(f"{house.url}/staff/appointments/new")
    page.get_by_role("radio").first.check()
    page.get_by_label("Name").fill("Cy Dee")
    page.get_by_label("Telephone").fill("212 555 0197")
    page.get_by_role("button", name="Book").click()
    expect(page.get_by_role("status")).to_have_text("The appointment is booked.")
    page.get_by_label("Why do you need to know?").fill("to call them back")
    page.get_by_role("button", name="Show for ten minutes").click()
    expect(page.get_by_text("Cy Dee")).to_be_visible()
    page.get_by_role("radio").nth(2).check()
    page.get_by_role("button", name="Move it").click()
    expect(page.get_by_role("status")).to_have_text("The appointment is moved.")
    page.get_by_role("button", name="Cancel the appointment").click()
    expect(page.get_by_role("status")).to_have_text("The appointment is cancelled.")
    context.close()
