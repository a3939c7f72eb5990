"""The clinic's page: everything of the clinic's file stands on it, and it works for everyone, in a real browser."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from starlette.applications import Starlette
from starlette.middleware import Middleware

from bot.clinic import Clinic, load_clinic
from bot.desk.pages.demo import opening_hours
from bot.desk.pages.site import site_routes
from bot.desk.security import SecurityHeaders
from bot.plan_links import PlanLinks
from bot.settings import Settings
from tests.desk.conftest import free_port

CLINIC = load_clinic("bot/clinic/clinic.yml")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
WIDTHS = {"small phone": 320, "phone": 390, "tablet": 820, "desktop": 1280}


def site(clinic: Clinic, settings: Settings) -> Starlette:
    """The public site with the headers that the desk gives it."""
    return Starlette(routes=site_routes(clinic, settings), middleware=[Middleware(SecurityHeaders, https=False)])


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    port = free_port()
    read = Settings.from_env({"PSOAS_PORT": str(port), "PSOAS_DATA_DIR": str(tmp_path_factory.mktemp("var"))})
    return replace(read, base_url=f"http://127.0.0.1:{port}")


@pytest.fixture(scope="module")
def served(settings: Settings) -> Iterator[str]:
    """The address of the running site."""
    config = uvicorn.Config(site(CLINIC, settings), port=settings.port, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    waiting = threading.Event()
    while not server.started:
        assert thread.is_alive(), "the port is taken"
        waiting.wait(0.01)
    yield settings.base_url
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def addresses(served: str, settings: Settings) -> dict[str, str]:
    plan = PlanLinks(settings).link(["A1", "A4", "B1"], "full", "L1")
    return {"clinic": f"{served}/", "plan": plan, "wrong plan": f"{served}/plan/x"}


async def front_page(clinic: Clinic, settings: Settings) -> httpx.Response:
    transport = httpx.ASGITransport(site(clinic, settings))
    async with httpx.AsyncClient(transport=transport, base_url=settings.base_url) as http:
        return await http.get("/")


def without_script(chromium: Browser) -> BrowserContext:
    return chromium.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})


async def test_the_page_says_what_the_clinics_file_says(settings: Settings) -> None:
    answer = await front_page(CLINIC, settings)
    page = answer.text.replace("&#39;", "'")
    assert answer.status_code == 200
    for service in CLINIC.services:
        assert service.name in page and service.price in page and f"{service.minutes} minutes" in page
    for words in (CLINIC.name, CLINIC.address, CLINIC.email, CLINIC.practitioner.about, CLINIC.emergency.label):
        assert words in page
    assert f'href="tel:{CLINIC.phone.e164}"' in page
    assert '<script type="module" src="/widget.js"></script>' in page


async def test_a_name_in_the_clinics_file_is_only_a_name(settings: Settings) -> None:
    clinic = replace(CLINIC, name="<script>alert(1)</script>", facebook_page=None)
    page = (await front_page(clinic, settings)).text
    assert "<script>alert" not in page
    assert "Facebook" not in page


def test_hours_name_every_day_and_the_gaps() -> None:
    hours = dict(opening_hours(CLINIC))
    assert hours["Monday"] == [("9:00 am", "12:30 pm"), ("1:30 pm", "6:00 pm")]
    assert hours["Sunday"] == []
    assert len(hours) == 7


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("name", ["clinic", "plan", "wrong plan"])
def test_axe_finds_nothing(chromium: Browser, addresses: dict[str, str], name: str, colours: str) -> None:
    context = chromium.new_context(color_scheme=colours, bypass_csp=True)  # axe itself is a script
    page = context.new_page()
    page.goto(addresses[name])
    found = Axe().run(page)
    context.close()
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
@pytest.mark.parametrize("name", ["clinic", "plan", "wrong plan"])
def test_nothing_stands_out_at_the_side(chromium: Browser, addresses: dict[str, str], name: str, width: int) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto(addresses[name])
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


@pytest.mark.parametrize("name", ["clinic", "plan"])
def test_everything_comes_from_the_desk_and_the_policy_holds(
    chromium: Browser, served: str, addresses: dict[str, str], name: str
) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 4000})
    page = context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("response", lambda response: complaints.append(response.url) if response.status >= 400 else None)
    page.goto(addresses[name], wait_until="networkidle")
    broken = "[...document.images].filter((image) => !image.complete || !image.naturalWidth).map((image) => image.src)"
    assert page.evaluate(broken) == []
    assert [url for url in asked if not url.startswith(served)] == []
    assert complaints == []
    context.close()


def test_without_script_the_numbers_and_the_hours_come_first(chromium: Browser, addresses: dict[str, str]) -> None:
    context = without_script(chromium)
    page = context.new_page()
    page.goto(addresses["clinic"])
    block = page.locator("noscript")
    assert CLINIC.phone.display in block.inner_text()
    assert CLINIC.words()["hours"] in block.inner_text()
    assert (
        block.get_by_role("link", name=CLINIC.emergency.label).get_attribute("href") == f"tel:{CLINIC.emergency.number}"
    )
    context.close()


def test_by_keyboard_the_content_is_one_step_away(chromium: Browser, addresses: dict[str, str]) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(addresses["clinic"])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    context.close()


def test_the_plan_prints_on_light_paper(chromium: Browser, addresses: dict[str, str], tmp_path: Path) -> None:
    context = chromium.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(addresses["plan"])
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert page.pdf(path=str(tmp_path / "plan.pdf"), format="Letter").count(b"/Type /Page\n") <= 3
    context.close()
