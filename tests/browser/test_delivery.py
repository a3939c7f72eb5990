"""Nothing that a patient writes is lost, sent twice or out of order, whatever the network does."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.chat import write
from tests.browser.conftest import photograph
from tests.browser.fake_desk import CLINIC, FakeDesk, open_panel

SAID = ["My back hurts", "It started on Monday", "Sitting makes it worse"]


@pytest.fixture
def chat(clinic_page: Page, fake_desk: FakeDesk) -> Page:
    """An open chat with a greeting."""
    fake_desk.say("Hello there")
    open_panel(clinic_page)
    expect(clinic_page.locator("psoas-chat").get_by_text("Hello there")).to_be_visible()
    return clinic_page


def test_a_minute_in_airplane_mode_loses_nothing(chat: Page, fake_desk: FakeDesk, context: BrowserContext) -> None:
    chat.clock.install()
    fake_desk.down = True
    context.set_offline(True)
    for text in SAID:
        write(chat, text)
    notice = chat.locator("psoas-chat .notice")
    expect(notice).to_contain_text("You are offline")
    expect(notice.get_by_role("link", name="911")).to_have_attribute("href", "tel:911")
    expect(chat.get_by_text("Not sent yet")).to_have_count(3)
    photograph(chat, "offline")
    chat.clock.run_for(60_000)
    assert fake_desk.posted == []
    fake_desk.down = False
    context.set_offline(False)
    for _ in range(60):  # second by second: each message waits, in real time, for the answer to the one before
        chat.clock.run_for(1_000)
        if notice.is_hidden() and chat.get_by_text("Not sent yet").count() == 0:
            break
    expect(chat.get_by_text("Not sent yet")).to_have_count(0)
    expect(notice).to_be_hidden()
    assert fake_desk.texts() == SAID
    chat.clock.run_for(3_000)
    expect(chat.locator("psoas-chat .message.patient .bubble")).to_have_text(SAID)


def test_what_was_not_sent_survives_a_reload(chat: Page, fake_desk: FakeDesk) -> None:
    fake_desk.down = True
    for text in SAID:
        write(chat, text)
    expect(chat.get_by_text("Not sent yet")).to_have_count(3)
    chat.reload()
    expect(chat.locator("psoas-chat .message.patient .bubble")).to_have_text(SAID)
    fake_desk.down = False
    expect(chat.get_by_text("Delivered")).to_be_visible(timeout=20_000)
    assert fake_desk.texts() == SAID
    assert fake_desk.opened == 1, "the same conversation goes on"


def test_what_the_desk_refuses_says_so_and_holds_nothing_up(chat: Page, fake_desk: FakeDesk) -> None:
    fake_desk.refused["too odd"] = "This cannot be read."
    write(chat, "too odd")
    write(chat, "but this can")
    expect(chat.get_by_text("This could not be sent. This cannot be read.")).to_be_visible()
    expect(chat.locator("psoas-chat .mark.bad").get_by_role("link", name="911")).to_be_visible()
    photograph(chat, "refused")
    fake_desk.refused.clear()
    chat.get_by_role("button", name="Try again").click()
    expect(chat.get_by_text("could not be sent")).to_have_count(0)
    assert sorted(fake_desk.texts()) == ["but this can", "too odd"]


def test_a_desk_that_restarts_is_found_again(chat: Page, fake_desk: FakeDesk) -> None:
    fake_desk.down = True
    expect(chat.locator("psoas-chat .notice")).to_be_visible()
    fake_desk.say("I am back")
    fake_desk.down = False
    expect(chat.locator("psoas-chat").get_by_text("I am back")).to_be_visible(timeout=20_000)
    expect(chat.locator("psoas-chat .notice")).to_be_hidden()
    assert fake_desk.opened == 1


def test_a_network_that_holds_streams_back_is_asked_instead(chat: Page, fake_desk: FakeDesk) -> None:
    fake_desk.stream = ""
    fake_desk.say("After the stream")
    expect(chat.locator("psoas-chat").get_by_text("After the stream")).to_be_visible()
    streams = fake_desk.streams
    chat.clock.install()
    for text in ("One more", "And another"):
        fake_desk.say(text)
        chat.clock.run_for(12_000)
        expect(chat.locator("psoas-chat").get_by_text(text)).to_be_visible()
    assert fake_desk.streams <= streams + 2


def test_tabs_share_the_draft_and_the_conversation(chat: Page, fake_desk: FakeDesk, context: BrowserContext) -> None:
    other = context.new_page()
    other.goto(f"{CLINIC}/")
    expect(other.locator("psoas-chat").get_by_text("Hello there")).to_be_visible()
    chat.locator("psoas-chat textarea").fill("half a sent")
    expect(other.locator("psoas-chat textarea")).to_have_value("half a sent")
    write(other, "A whole sentence")
    expect(chat.locator("psoas-chat").get_by_text("A whole sentence")).to_be_visible()
    expect(chat.locator("psoas-chat textarea")).to_have_value("")
    assert fake_desk.texts() == ["A whole sentence"]


def test_deleting_asks_once_and_begins_anew(chat: Page, fake_desk: FakeDesk) -> None:
    write(chat, "A secret")
    expect(chat.get_by_text("Delivered")).to_be_visible()
    fake_desk.messages.clear()
    chat.get_by_role("button", name="Menu").click()
    chat.get_by_role("button", name="Delete my conversation").click()
    photograph(chat, "delete")
    chat.get_by_role("button", name="Yes, delete it").click()
    expect(chat.get_by_text("A secret")).to_have_count(0)
    assert "secret" not in chat.evaluate("JSON.stringify(localStorage)")


def test_the_conversation_can_be_downloaded(chat: Page) -> None:
    chat.get_by_role("button", name="Menu").click()
    photograph(chat, "menu")
    with chat.expect_download() as waiting:
        chat.get_by_role("button", name="Download this conversation").click()
    assert waiting.value.suggested_filename == "conversation.txt"


def test_starting_again_is_in_the_menu(chat: Page, fake_desk: FakeDesk) -> None:
    chat.get_by_role("button", name="Menu").click()
    chat.get_by_role("button", name="Start again").click()
    expect(chat.get_by_text("Delivered")).to_be_visible()
    assert fake_desk.texts() == ["Start again"]
