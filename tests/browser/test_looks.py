"""Themes, languages, sizes and places: readable and whole in each."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chat import write
from tests.browser.conftest import photograph, violations
from tests.browser.fake_desk import CLINIC, FakeDesk, open_panel
from tests.browser.test_kinds import CARDS, PLACES, ask

TEASER = 'data-teaser="Sore from sitting? Ask here."'


@pytest.fixture
def talk(fake_desk: FakeDesk) -> FakeDesk:
    """A desk with a short conversation."""
    fake_desk.say("Hello. I can look at your back with you, step by step. I am not a doctor.")
    fake_desk.messages.append({"seq": 2, "author": "patient", "text": "My back hurts from sitting", "id": "x"})
    fake_desk.say("Long hours of sitting keep the muscles at the front of the hips short. **Short walks** help.")
    fake_desk.say("Which of these do you know?", **ask("choices", options=PLACES))
    return fake_desk


def fits(page: Page) -> bool:
    """Nothing is wider than its panel, and the box to write in is in view."""
    return bool(
        page.evaluate(
            """() => {
              const root = document.querySelector("psoas-chat").shadowRoot;
              const scroll = root.querySelector(".scroll");
              const box = root.querySelector("textarea").getBoundingClientRect();
              return scroll.scrollWidth <= scroll.clientWidth && box.bottom <= innerHeight && box.height > 40;
            }"""
        )
    )


def test_spanish_is_remembered_and_redraws_what_is_there(clinic_page: Page, talk: FakeDesk) -> None:
    open_panel(clinic_page)
    write(clinic_page, "half an hour")
    expect(clinic_page.get_by_text("Delivered")).to_be_visible()
    clinic_page.get_by_role("button", name="Menu").click()
    clinic_page.get_by_role("button", name="Español").click()
    expect(clinic_page.get_by_text("Entregado")).to_be_visible()
    expect(clinic_page.get_by_role("button", name="Esto ayudó")).to_be_visible()
    expect(clinic_page.locator("psoas-chat .panel")).to_have_attribute("lang", "es")
    photograph(clinic_page, "spanish")
    assert violations(clinic_page) == []
    clinic_page.reload()
    expect(clinic_page.get_by_placeholder("Escriba un mensaje")).to_be_visible()


@pytest.mark.parametrize(
    ("name", "width", "height"), [("phone-narrow", 320, 568), ("phone-keyboard", 320, 300), ("zoomed", 600, 425)]
)
def test_it_is_whole_on_a_small_screen(clinic_page: Page, talk: FakeDesk, name: str, width: int, height: int) -> None:
    clinic_page.set_viewport_size({"width": width, "height": height})
    open_panel(clinic_page)
    expect(clinic_page.get_by_role("checkbox", name="Lower back")).to_be_visible()
    photograph(clinic_page, name)
    assert fits(clinic_page)
    send = clinic_page.locator("psoas-chat .ask .go")
    expect(send).to_be_in_viewport()
    assert violations(clinic_page) == []


def test_dark_less_motion_and_forced_colours(clinic_page: Page, talk: FakeDesk) -> None:
    clinic_page.emulate_media(color_scheme="dark", reduced_motion="reduce", forced_colors="none")
    open_panel(clinic_page)
    expect(clinic_page.get_by_role("checkbox", name="Lower back")).to_be_visible()
    photograph(clinic_page, "dark")
    assert violations(clinic_page) == []
    moving = clinic_page.evaluate(
        "[...document.querySelector('psoas-chat').shadowRoot.querySelectorAll('*')]"
        ".flatMap((element) => element.getAnimations()).length"
    )
    assert moving == 0
    clinic_page.emulate_media(forced_colors="active")
    photograph(clinic_page, "forced-colours")
    border = clinic_page.locator("psoas-chat .option").first.evaluate("option => getComputedStyle(option).borderStyle")
    assert border == "solid"


def test_a_teaser_is_dismissed_for_good(clinic_page: Page, fake_desk: FakeDesk) -> None:
    fake_desk.data = TEASER
    clinic_page.reload()
    teaser = clinic_page.locator("psoas-chat .teaser")
    expect(teaser).to_contain_text("Sore from sitting?")
    photograph(clinic_page, "teaser")
    assert violations(clinic_page) == []
    clinic_page.get_by_role("button", name="Close this hint").click()
    expect(teaser).to_have_count(0)
    clinic_page.reload()
    expect(clinic_page.locator("psoas-chat .launcher")).to_be_visible()
    expect(teaser).to_have_count(0)


def test_what_came_while_closed_is_counted(clinic_page: Page, fake_desk: FakeDesk) -> None:
    fake_desk.say("Hello there")
    open_panel(clinic_page)
    expect(clinic_page.get_by_text("Hello there")).to_be_visible()
    clinic_page.keyboard.press("Escape")
    fake_desk.say("One")
    fake_desk.say("Two")
    launcher = clinic_page.locator("psoas-chat .launcher")
    expect(launcher.locator(".badge")).to_have_text("2")
    expect(launcher).to_have_accessible_name("Ask about your back (2)")
    launcher.click()
    expect(launcher.locator(".badge")).to_be_empty()


@pytest.mark.parametrize("mode", ["inline", "page"])
def test_it_stands_in_the_page_itself(clinic_page: Page, talk: FakeDesk, mode: str) -> None:
    talk.data = f'data-mode="{mode}"'
    clinic_page.reload()
    expect(clinic_page.get_by_role("checkbox", name="Lower back")).to_be_visible()
    assert clinic_page.locator("psoas-chat .launcher").count() == 0
    photograph(clinic_page, f"mode-{mode}")
    assert violations(clinic_page) == []


def test_the_launcher_goes_to_the_left_where_asked(clinic_page: Page, talk: FakeDesk) -> None:
    talk.data = 'data-position="left"'
    clinic_page.reload()
    for part in (".launcher", ".panel"):
        if part == ".panel":
            open_panel(clinic_page)
        box = clinic_page.locator(f"psoas-chat {part}").bounding_box()
        assert box is not None and box["x"] < 40


def test_the_host_page_opens_it_and_hears_of_it(clinic_page: Page, talk: FakeDesk) -> None:
    clinic_page.evaluate(
        """() => {
          window.heard = [];
          for (const name of ["open", "close", "message"])
            document.addEventListener(`psoas:${name}`, (event) => heard.push([name, event.detail]));
        }"""
    )
    clinic_page.evaluate("psoas.open()")
    expect(clinic_page.get_by_role("checkbox", name="Lower back")).to_be_visible()
    write(clinic_page, "Very private")
    expect(clinic_page.get_by_text("Delivered")).to_be_visible()
    clinic_page.evaluate("psoas.close()")
    heard = clinic_page.evaluate("heard")
    assert [name for name, _ in heard] == ["open", "message", "close"]
    assert "private" not in str(heard)


def test_the_clinics_colours_are_taken(clinic_page: Page, fake_desk: FakeDesk) -> None:
    clinic_page.evaluate("document.querySelector('psoas-chat').style.setProperty('--psoas-accent', 'rgb(80, 0, 90)')")
    launcher = clinic_page.locator("psoas-chat .launcher")
    expect(launcher).to_have_css("background-color", "rgb(80, 0, 90)")


def test_right_to_left_pages_have_it_on_the_other_side(clinic_page: Page, fake_desk: FakeDesk) -> None:
    clinic_page.evaluate("document.documentElement.dir = 'rtl'")
    box = clinic_page.locator("psoas-chat .launcher").bounding_box()
    assert box is not None and box["x"] < 40


def test_a_phones_emergency_card_shows_the_number_without_scrolling(browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 568}, has_touch=True, is_mobile=True)
    context.set_default_timeout(15_000)
    desk = FakeDesk()
    desk.listen(context)
    desk.say("Please call 911 now.", **CARDS["emergency"])
    page = context.new_page()
    page.goto(f"{CLINIC}/")
    open_panel(page)
    call = page.locator("psoas-chat .call").first
    expect(call).to_be_in_viewport()
    expect(call).to_have_text(re.compile("911"))
    photograph(page, "emergency-phone")
    context.close()
