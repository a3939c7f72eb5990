"""One whole conversation on the real system, in a real browser."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.chat import asks, check_without_flags, open_chat, tap, write
from tests.browser.conftest import photograph, violations
from tests.running import RunningSystem


def test_a_patient_taps_through_to_a_plan(page: Page) -> None:
    panel = open_chat(page)
    photograph(page, "start")
    assert violations(page) == []
    check_without_flags(page)
    expect(panel.get_by_text("Seated butterfly").first).to_be_visible()
    expect(panel.get_by_text("book a visit").first).to_be_visible()
    photograph(page, "end")
    assert violations(page) == []


def test_a_checklist_looks_and_reads_well(page: Page) -> None:
    open_chat(page)
    tap(page, "Check my back")
    tap(page, "I agree")
    asks(page, "How old are you?")
    write(page, "45")
    asks(page, "personal")
    photograph(page, "middle")
    assert violations(page) == []


def test_an_emergency_cannot_be_missed(page: Page) -> None:
    panel = open_chat(page)
    write(page, "I can't feel anything when I wipe since this morning")
    card = panel.locator(".emergency").last
    expect(card).to_be_visible()
    expect(card.get_by_role("link", name="911").first).to_have_attribute("href", "tel:911")
    expect(card).to_be_focused()
    photograph(page, "emergency")
    assert violations(page) == []


def test_a_reload_goes_on_where_it_was(page: Page) -> None:
    open_chat(page)
    tap(page, "Check my back")
    tap(page, "I agree")
    asks(page, "How old are you?")
    page.reload()
    expect(page.locator("psoas-chat").get_by_text("How old are you?").last).to_be_visible()
    page.locator("psoas-chat textarea").fill("51")
    page.locator("psoas-chat textarea").press("Enter")
    asks(page, "personal")


def test_what_is_written_offline_arrives_once_and_in_order(page: Page, context: BrowserContext) -> None:
    panel = open_chat(page)
    context.set_offline(True)
    said = ["what does the laser cost", "when are you open", "where are you"]
    for text in said:
        write(page, text)
        expect(panel.get_by_text(text)).to_have_count(1)
    expect(panel.get_by_text("Not sent yet").first).to_be_visible()
    context.set_offline(False)
    expect(panel.get_by_text("Example Street").first).to_be_visible(timeout=30_000)
    expect(panel.get_by_text("Not sent yet")).to_have_count(0)
    mine = panel.locator(".message.patient .bubble").all_inner_texts()
    assert mine == said


def test_a_desk_that_dies_meanwhile_loses_nothing(page: Page, running_system: RunningSystem) -> None:
    panel = open_chat(page)
    write(page, "what does the laser cost")
    expect(panel.locator(".message.patient .mark").last).to_have_text("Delivered")
    assert running_system.kill("desk")
    said = ["what does the laser cost", "when are you open", "where are you"]
    for text in said[1:]:
        write(page, text)
    expect(panel.get_by_text("Example Street").first).to_be_visible(timeout=60_000)
    expect(panel.get_by_text("Not sent yet")).to_have_count(0)
    assert panel.locator(".message.patient .bubble").all_inner_texts() == said
    page.reload()
    expect(page.locator("psoas-chat .message.patient .bubble")).to_have_text(said)


def test_two_tabs_show_the_same_conversation(
    page: Page, context: BrowserContext, running_system: RunningSystem
) -> None:
    open_chat(page)
    other = context.new_page()
    other.goto(f"{running_system.base_url}/")
    expect(other.locator("psoas-chat").get_by_text("If this is an emergency").first).to_be_visible()
    write(page, "what does massage cost")
    expect(other.locator("psoas-chat").get_by_text("what does massage cost")).to_be_visible()


def test_a_phone_of_320_pixels_and_the_dark(page: Page, context: BrowserContext) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.emulate_media(color_scheme="dark")
    open_chat(page)
    tap(page, "Check my back")
    tap(page, "I agree")
    asks(page, "How old are you?")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 320
    photograph(page, "phone-dark")
    assert violations(page) == []


def test_hostile_words_stay_words(page: Page) -> None:
    panel = open_chat(page)
    hostile = "<img src=x onerror=window.hacked=1><script>window.hacked=1</script> [x](javascript:window.hacked=1)"
    write(page, hostile)
    expect(panel.locator(".message.patient .bubble").get_by_text("<img src=x")).to_be_visible()
    assert page.evaluate("window.hacked") is None


def test_keyboard_alone(page: Page) -> None:
    page.locator("psoas-chat .launcher").focus()
    page.keyboard.press("Enter")
    panel = page.locator("psoas-chat .panel")
    expect(panel.get_by_role("button", name="Check my back")).to_be_visible()
    expect(panel.locator("textarea")).to_be_focused()
    page.keyboard.type("check my back please")
    page.keyboard.press("Enter")
    expect(panel.get_by_role("button", name="I agree")).to_be_visible()
    panel.get_by_role("button", name="I agree").focus()
    page.keyboard.press("Enter")
    asks(page, "How old are you?")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page.locator("psoas-chat .launcher")).to_be_focused()
