"""The whole way in a real browser without script: book, move, add to the calendar, cancel."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import icalendar
import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright
from starlette.applications import Starlette

from bot.booking.service import BookingService
from bot.booking.types import Appointment, AppointmentStatus, Hold, OpeningQuery
from bot.clinic import Clinic
from bot.desk.pages.appointments import routes
from bot.settings import Settings
from bot.store import Database
from tests.booking.conftest import ANN, NOW, local

PORT = 5474
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # The system's browser where there is one; else the one that `playwright install` has put in place.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def served(database: Database, clinic: Clinic, settings: Settings) -> Iterator[BookingService]:
    settings = replace(settings, base_url=f"http://127.0.0.1:{PORT}", smtp_url="smtp://127.0.0.1:5479")
    service = BookingService(database, clinic, settings)
    app = Starlette(routes=routes(service, settings, _now))
    server = uvicorn.Server(uvicorn.Config(app, port=PORT, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    waiting = threading.Event()
    while not server.started:
        assert thread.is_alive(), "the port is taken"
        waiting.wait(0.01)
    yield service
    server.should_exit = True
    thread.join(10)


def _now() -> datetime:
    return NOW


@pytest.fixture
def appointment(served: BookingService) -> Appointment:
    window = local(2026, 12, 1), local(2026, 12, 2)
    hold = served.hold(served.openings(OpeningQuery("consultation", window=window), NOW)[0].id, "c", NOW)
    assert isinstance(hold, Hold)
    booked = served.confirm(hold.id, replace(ANN, time_zone="America/Los_Angeles"), None, ["pregnancy"], "k", NOW)
    assert isinstance(booked, Appointment)
    return booked


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    yield context.new_page()
    context.close()


def test_book_move_and_cancel_without_script(page: Page, served: BookingService, appointment: Appointment) -> None:
    page.goto(served.manage_link(appointment))
    expect(page.get_by_role("heading", name="Your appointment")).to_be_visible()
    expect(page.get_by_text("Tuesday, December 1, 2026, 9:00 am EST")).to_be_visible()
    expect(page.get_by_text("Tuesday, December 1, 2026, 6:00 am PST")).to_be_visible()

    page.get_by_role("link", name="Choose another time").click()
    page.get_by_role("link", name="Later days").click()
    page.get_by_role("group", name="Tuesday, December 1").get_by_role("radio", name=re.compile("^2:00 pm")).check()
    page.get_by_role("button", name="Move to this time").click()
    expect(page.get_by_role("status")).to_contain_text("has moved")
    expect(page.get_by_text("Tuesday, December 1, 2026, 2:00 pm EST")).to_be_visible()
    page.reload()
    assert served.get(appointment.id).start == local(2026, 12, 1, 14)

    with page.expect_download() as download:
        page.get_by_role("link", name="Add to my calendar").click()
    event = icalendar.Calendar.from_ical(download.value.path().read_bytes()).walk("VEVENT")[0]
    assert event.decoded("dtstart") == local(2026, 12, 1, 14)

    page.get_by_role("link", name="Cancel appointment").click()
    page.get_by_role("link", name="No, keep it").click()
    page.get_by_role("link", name="Cancel appointment").click()
    page.get_by_label("The time does not suit me any more").check()
    page.get_by_role("button", name="Yes, cancel it").click()
    expect(page.get_by_role("heading", name="This appointment is cancelled")).to_be_visible()
    assert served.get(appointment.id).status is AppointmentStatus.CANCELLED


def test_by_keyboard_alone(page: Page, served: BookingService, appointment: Appointment) -> None:
    page.goto(f"{served.manage_link(appointment)}/cancel")
    for role, name in (("link", "Call (212) 555-0142"), ("radio", "I feel better"), ("button", "Yes, cancel it")):
        page.keyboard.press("Tab")
        expect(page.get_by_role(role, name=name)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="This appointment is cancelled")).to_be_visible()


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("part", ["", "/move", "/cancel", "x"])
def test_axe_finds_nothing(
    chromium: Browser, served: BookingService, appointment: Appointment, part: str, colours: str
) -> None:
    context = chromium.new_context(color_scheme=colours, bypass_csp=True)  # axe itself is a script
    page = context.new_page()
    page.goto(served.manage_link(appointment) + part)
    results = Axe().run(page)
    context.close()
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("part", ["", "/move", "/cancel"])
def test_it_fits_a_narrow_phone(page: Page, served: BookingService, appointment: Appointment, part: str) -> None:
    page.set_viewport_size({"width": 320, "height": 600})
    page.goto(served.manage_link(appointment) + part)
    for element in page.locator("body *").all():
        box = element.bounding_box()
        assert box is None or box["x"] + box["width"] <= 320.5
