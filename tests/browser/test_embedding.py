"""The widget on another origin, under a strict Content-Security-Policy with Trusted Types."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.fake_desk import FakeDesk, open_panel

EMERGENCY = {
    "seq": 1,
    "author": "assistant",
    "text": "Please call 911 now.",
    "safety": {"row": "E2", "call": {"number": "911", "text": "Call 911"}},
    "card": {"kind": "emergency", "title": "Get help now", "first": "Please call 911 now.", "meanwhile": ["Sit down."]},
}


def test_it_works_under_a_strict_policy(clinic_page: Page, fake_desk: FakeDesk) -> None:
    fake_desk.messages.append({"seq": 1, "author": "assistant", "text": "Hello there"})
    open_panel(clinic_page)
    expect(clinic_page.locator("psoas-chat").get_by_text("Hello there")).to_be_visible()


def test_an_ended_session_starts_anew_and_says_so(clinic_page: Page, fake_desk: FakeDesk) -> None:
    open_panel(clinic_page)
    clinic_page.wait_for_function("Object.keys(localStorage).some((key) => key.endsWith(':token'))")
    fake_desk.ended.add("token-1")
    fake_desk.messages.append({"seq": 1, "author": "assistant", "text": "Hello again"})
    panel = clinic_page.locator("psoas-chat .panel")
    expect(panel.get_by_text("Hello again")).to_be_visible()
    expect(panel.get_by_text("This is a new conversation")).to_be_visible()


def test_an_emergency_opens_a_closed_chat(clinic_page: Page, fake_desk: FakeDesk) -> None:
    fake_desk.messages.append({"seq": 1, "author": "assistant", "text": "Hello there"})
    open_panel(clinic_page)
    panel = clinic_page.locator("psoas-chat .panel")
    expect(panel.get_by_text("Hello there")).to_be_visible()
    clinic_page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    fake_desk.messages.append({**EMERGENCY, "seq": 2})
    card = panel.locator(".emergency")
    expect(card).to_be_visible()
    expect(card).to_be_focused()
    expect(card.get_by_role("link")).to_have_attribute("href", "tel:911")
