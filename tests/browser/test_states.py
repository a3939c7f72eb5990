"""axe finds nothing wrong in the states that a conversation passes through, and all of them work by keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chat import write
from tests.browser.conftest import violations
from tests.browser.fake_desk import FakeDesk, open_panel
from tests.browser.test_kinds import STRETCH


@pytest.fixture
def talk(clinic_page: Page, fake_desk: FakeDesk) -> Page:
    """A short conversation, opened."""
    fake_desk.say("Hello. I can look at your back with you, step by step.")
    fake_desk.messages.append({"seq": 2, "author": "patient", "text": "My back hurts from sitting", "id": "x"})
    fake_desk.say("Long hours of sitting keep the muscles at the front of the hips short. Short walks help.")
    open_panel(clinic_page)
    return clinic_page


def press(page: Page, name: str) -> None:
    """Reach the button by its focus, and press it by keyboard."""
    page.locator("psoas-chat").get_by_role("button", name=name).last.focus()
    page.keyboard.press("Enter")


def test_the_menu(talk: Page) -> None:
    press(talk, "Menu")
    expect(talk.locator("psoas-chat").get_by_role("button", name="Delete my conversation")).to_be_visible()
    assert violations(talk) == []


def test_the_question_before_deleting(talk: Page) -> None:
    press(talk, "Menu")
    press(talk, "Delete my conversation")
    expect(talk.get_by_role("button", name="Yes, delete it")).to_be_visible()
    assert violations(talk) == []
    talk.keyboard.press("Escape")
    expect(talk.get_by_text("My back hurts from sitting")).to_be_visible()
    expect(talk.locator("psoas-chat textarea")).to_be_focused()


@pytest.mark.parametrize("colours", ["none", "active"])
def test_a_desk_that_is_away(talk: Page, fake_desk: FakeDesk, colours: str) -> None:
    talk.emulate_media(forced_colors=colours)
    fake_desk.down = True
    write(talk, "are you there?")
    expect(talk.get_by_text("Not sent yet").first).to_be_visible()
    assert violations(talk) == []


def test_a_message_that_was_refused(talk: Page, fake_desk: FakeDesk) -> None:
    fake_desk.refused["far too long"] = "The text is longer than 4000 characters."
    write(talk, "far too long")
    expect(talk.get_by_text("longer than 4000").first).to_be_visible()
    assert violations(talk) == []


def test_a_running_timer(clinic_page: Page, fake_desk: FakeDesk) -> None:
    fake_desk.say("Your stretch", card=STRETCH)
    open_panel(clinic_page)
    press(clinic_page, "Start the timer")
    expect(clinic_page.locator("psoas-chat .timer").get_by_role("button", name="Pause")).to_be_visible()
    assert violations(clinic_page) == []
    press(clinic_page, "Pause")
    assert violations(clinic_page) == []


def test_in_spanish_and_in_the_dark(talk: Page) -> None:
    press(talk, "Menu")
    press(talk, "Español")
    talk.emulate_media(color_scheme="dark")
    assert violations(talk) == []
