"""Everything by keyboard alone, with the focus where one expects it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.fake_desk import FakeDesk
from tests.browser.test_kinds import OPENINGS, TITLES, ask

FOCUSED = "document.querySelector('psoas-chat').shadowRoot.activeElement"


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the element of this name has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        label = page.evaluate(f"(({FOCUSED})?.ariaLabel ?? '') + '|' + (({FOCUSED})?.textContent ?? '')")
        if name in label.split("|"):
            return
    raise AssertionError(f"Tab never reaches {name}")


def say(page: Page, desk: FakeDesk, text: str, **more: object) -> None:
    expect(page.get_by_text("Sending")).to_have_count(0)
    desk.say(text, **more)
    expect(page.locator("psoas-chat").get_by_text(text).last).to_be_visible()


def test_a_whole_conversation(clinic_page: Page, fake_desk: FakeDesk) -> None:
    keys = clinic_page.keyboard
    fake_desk.say("May I ask about your back?", **ask("yes_no"))
    tab_to(clinic_page, "Ask about your back")
    keys.press("Enter")
    expect(clinic_page.locator("psoas-chat textarea")).to_be_focused()
    expect(clinic_page.get_by_role("button", name="Yes")).to_be_visible()
    tab_to(clinic_page, "Yes")
    keys.press("Enter")
    say(clinic_page, fake_desk, "How bad is it?", **ask("scale", min=0, max=10))
    tab_to(clinic_page, "0")
    for _ in range(4):
        keys.press("ArrowRight")
    expect(clinic_page.get_by_role("radio", name="4")).to_be_checked()
    keys.press("End")
    keys.press("ArrowLeft")
    tab_to(clinic_page, "Send")
    keys.press("Enter")
    options = [{"id": "one", "title": "One"}, {"id": "two", "title": "Two"}]
    say(clinic_page, fake_desk, "Which of these?", **ask("choices", options=options))
    tab_to(clinic_page, "Two")
    keys.press("Space")
    tab_to(clinic_page, "Send")
    keys.press("Space")
    card = {"kind": "booking", "openings": OPENINGS}
    say(clinic_page, fake_desk, "When suits you?", card=card, **ask("time", options=TITLES))
    expect(clinic_page.get_by_role("button", name="Tue, Dec 1", exact=True)).to_be_visible()
    tab_to(clinic_page, "Tue, Dec 1")
    keys.press("ArrowRight")
    tab_to(clinic_page, "Wednesday, December 2, 11:00 am")
    keys.press("Enter")
    expect(clinic_page.locator("psoas-chat .dock")).to_be_empty()
    expect(clinic_page.get_by_text("Sending")).to_have_count(0)
    assert [body["value"] for body in fake_desk.posted] == [True, 9, ["two"], "c"]


def test_escape_closes_the_menu_first_and_gives_the_focus_back(clinic_page: Page, fake_desk: FakeDesk) -> None:
    keys = clinic_page.keyboard
    tab_to(clinic_page, "Ask about your back")
    keys.press("Enter")
    panel = clinic_page.locator("psoas-chat .panel")
    expect(panel).to_be_visible()
    toggle = clinic_page.get_by_role("button", name="Menu")
    toggle.focus()
    keys.press("Enter")
    keys.press("ArrowDown")
    expect(clinic_page.get_by_role("button", name="Start again")).to_be_focused()
    keys.press("Escape")
    expect(toggle).to_be_focused()
    expect(panel).to_be_visible()
    keys.press("Escape")
    expect(panel).to_be_hidden()
    expect(clinic_page.locator("psoas-chat .launcher")).to_be_focused()


def test_tab_stays_inside_a_chat_that_fills_the_screen(clinic_page: Page, fake_desk: FakeDesk) -> None:
    clinic_page.set_viewport_size({"width": 320, "height": 568})
    tab_to(clinic_page, "Ask about your back")
    clinic_page.keyboard.press("Enter")
    expect(clinic_page.locator("psoas-chat textarea")).to_be_focused()
    for _ in range(12):
        clinic_page.keyboard.press("Tab")
        assert clinic_page.evaluate(f"Boolean({FOCUSED})")


def test_a_new_message_is_read_out_once(clinic_page: Page, fake_desk: FakeDesk) -> None:
    fake_desk.say("From before")
    clinic_page.locator("psoas-chat .launcher").click()
    log = clinic_page.locator("psoas-chat [role=log]")
    expect(clinic_page.get_by_text("From before")).to_be_visible()
    expect(log).to_be_empty()
    say(clinic_page, fake_desk, "Something new")
    expect(log.get_by_text("Something new")).to_have_count(1)
