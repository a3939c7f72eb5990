"""The widget is quick, and the host page does not feel it."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.chat import write
from tests.browser.fake_desk import CLINIC, FakeDesk, open_panel

PAINT_MILLISECONDS = 100
LONG_TASK_MILLISECONDS = 50
# Scrolls to the first message and back, a step each frame; gives the longest task meanwhile, 0 where none is long.
SCROLL = """async () => {
  const tasks = [];
  const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries().map((task) => task.duration)));
  observer.observe({ type: "longtask" });
  const scroll = document.querySelector("psoas-chat").shadowRoot.querySelector(".scroll");
  for (const step of [-1, 1])
    for (let frame = 0; frame < 130; frame++) {
      scroll.scrollTop += (step * scroll.scrollHeight) / 120;
      await new Promise(requestAnimationFrame);
    }
  await new Promise((done) => setTimeout(done, 300));
  observer.disconnect();
  return Math.max(0, ...tasks);
}"""
OBSERVE = """
  window.shifts = [];
  new PerformanceObserver((list) => shifts.push(...list.getEntries().map((e) => e.value)))
    .observe({ type: "layout-shift", buffered: true });
  new MutationObserver((_, observer) => {
    const launcher = document.querySelector("psoas-chat")?.shadowRoot?.querySelector(".launcher");
    if (!launcher) return;
    observer.disconnect();
    requestAnimationFrame(() => (window.painted = performance.now()));
  }).observe(document, { childList: true, subtree: true });
"""


def test_the_launcher_is_painted_at_once_and_moves_nothing(context: BrowserContext, fake_desk: FakeDesk) -> None:
    page = context.new_page()
    page.add_init_script(OBSERVE)
    fake_desk.data = 'data-teaser="Sore from sitting?"'
    fake_desk.say("Hello there")
    waits = []
    for _ in range(3):  # the best of three: other programs run on this machine
        page.goto(f"{CLINIC}/")
        page.wait_for_function("window.painted")
        waits.append(
            page.evaluate("painted - performance.getEntriesByName('https://desk.example/widget.js')[0].responseEnd")
        )
    assert min(waits) < PAINT_MILLISECONDS
    open_panel(page)
    expect(page.get_by_text("Hello there")).to_be_visible()
    write(page, "It hurts")
    expect(page.get_by_text("Delivered")).to_be_visible()
    assert page.evaluate("shifts.reduce((sum, value) => sum + value, 0)") == 0


@pytest.fixture
def long_talk(context: BrowserContext, fake_desk: FakeDesk) -> Page:
    """Five hundred messages, opened."""
    for number in range(250):
        fake_desk.say(f"This is answer {number}, with enough words in it that it takes a line or two.\nAnd one more.")
        text = f"My message {number}"
        seq = len(fake_desk.messages) + 1
        fake_desk.messages.append({"seq": seq, "author": "patient", "text": text, "id": f"id-{number}"})
    page = context.new_page()
    page.add_init_script(OBSERVE)
    page.goto(f"{CLINIC}/")
    open_panel(page)
    expect(page.locator("psoas-chat .message")).to_have_count(500)
    return page


def test_five_hundred_messages_open_at_their_end(long_talk: Page) -> None:
    expect(long_talk.get_by_text("My message 249")).to_be_in_viewport()


def test_five_hundred_messages_scroll_without_a_long_task(long_talk: Page) -> None:
    expect(long_talk.get_by_text("My message 249")).to_be_in_viewport()
    worst = min(long_talk.evaluate(SCROLL) for _ in range(4))  # the best of four: other programs run on this machine
    assert worst < LONG_TASK_MILLISECONDS
    expect(long_talk.get_by_text("My message 249")).to_be_in_viewport()
