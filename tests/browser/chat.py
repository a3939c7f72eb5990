"""What a person does in the chat panel, in words of the screen."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


def open_chat(page: Page) -> Locator:
    """Open the panel and wait for the greeting."""
    page.locator("psoas-chat .launcher").click()
    panel = page.locator("psoas-chat .panel")
    expect(panel.get_by_text("If this is an emergency").first).to_be_visible()
    return panel


def tap(page: Page, title: str) -> None:
    """Tap the newest button with this title."""
    page.locator("psoas-chat").get_by_role("button", name=title, exact=True).last.click()


def tick(page: Page, *titles: str) -> None:
    """Tick these and send."""
    for title in titles:
        page.locator("psoas-chat").get_by_role("checkbox", name=title, exact=True).click()
    page.locator("psoas-chat .ask .go").click()


def asks(page: Page, text: str) -> None:
    """Wait until the newest question is this one."""
    expect(page.locator("psoas-chat .log, psoas-chat [role=log]").get_by_text(text).last).to_be_visible()


def write(page: Page, text: str) -> None:
    """Type a message and send it."""
    page.locator("psoas-chat textarea").fill(text)
    page.locator("psoas-chat textarea").press("Enter")


def check_without_flags(page: Page) -> None:
    """Answer the whole check by tapping; nothing in it is a warning sign."""
    tap(page, "Check my back")
    tap(page, "I agree")
    asks(page, "How old are you?")
    page.locator("psoas-chat").get_by_role("spinbutton").fill("45")
    page.locator("psoas-chat .ask .go").click()
    for question in ("personal", "your legs", "How did it start", "health in general", "other places", "apply to you"):
        asks(page, question)
        tick(page, "None of these")
    asks(page, "wear people down")
    tap(page, "No")
    asks(page, "Where does it hurt")
    tick(page, "Lower back", "2 to 6 weeks ago")
    asks(page, "how bad was the pain")
    page.locator("psoas-chat").get_by_role("radio", name="4", exact=True).click()
    page.locator("psoas-chat .ask .go").click()
    asks(page, "What eases it")
    tick(page, "It eases within minutes of walking or standing")
    asks(page, "at night")
    tap(page, "I sleep fine")
    asks(page, "how many hours")
    page.locator("psoas-chat").get_by_role("spinbutton").fill("9")
    page.locator("psoas-chat").get_by_role("checkbox", name="Sore or stiff in my first steps after sitting").click()
    page.locator("psoas-chat .ask .go").click()
    asks(page, "Last one")
    tick(page, "None of these")
