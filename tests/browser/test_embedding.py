"""The widget on another origin, under a strict Content-Security-Policy with Trusted Types."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

WIDGET = Path(__file__).parent.parent.parent / "bot" / "widget"
DESK = "https://desk.example"
CLINIC = "https://clinic.example"
POLICY = (
    f"default-src 'none'; script-src {DESK}; connect-src {DESK}; img-src {DESK}; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
HOST_PAGE = f'<!doctype html><title>Clinic</title><h1>Clinic</h1><script type="module" src="{DESK}/widget.js"></script>'
CORS = {
    "Access-Control-Allow-Origin": CLINIC,
    "Access-Control-Allow-Headers": "authorization, content-type, last-event-id",
}
EMERGENCY = {
    "seq": 1,
    "author": "assistant",
    "text": "Please call 911 now.",
    "safety": {"row": "E2", "call": {"number": "911", "text": "Call 911"}},
    "card": {"kind": "emergency", "title": "Get help now", "first": "Please call 911 now.", "meanwhile": ["Sit down."]},
}
HOSTILE = (
    "<img src=x onerror=window.hacked=1>", "<script>window.hacked=1</script>", "javascript:window.hacked=1",
    "[x](javascript:window.hacked=1)", "<svg/onload=window.hacked=1>", "**<b onclick=window.hacked=1>**",
    "https://x.example/\" onmouseover=window.hacked=1", "{{constructor.constructor('window.hacked=1')()}}",
)  # fmt: skip


@dataclass
class FakeDesk:
    """Answers the chat API from a script."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    ended: set[str] = field(default_factory=set)
    opened: int = 0

    def __call__(self, route: Route) -> None:
        request = route.request
        path = request.url.removeprefix(DESK).split("?")[0]
        if path == "/chat/sessions":
            self.opened += 1
            self.json(route, {"conversation": "c", "token": f"token-{self.opened}"}, 201)
        elif request.headers.get("authorization", "").removeprefix("Bearer ") in self.ended:
            self.json(route, {"message": "ended"}, 401)
        elif path == "/chat/messages" and request.method == "GET":
            after = int(request.url.split("after=")[1])
            self.json(route, {"messages": [m for m in self.messages if m["seq"] > after], "typing": False})
        elif path == "/chat/events":
            route.fulfill(status=200, headers={**CORS, "Content-Type": "text/event-stream"}, body="retry: 1000\n\n")
        elif path.startswith("/chat/"):
            route.fulfill(status=204, headers=CORS)
        else:
            file = WIDGET / path.removeprefix("/widget/").lstrip("/")
            if file.is_file():
                route.fulfill(path=file, headers={**CORS, "Content-Type": "text/javascript"})
            else:
                route.fulfill(status=404, headers=CORS)

    def json(self, route: Route, body: dict[str, Any], status: int = 200) -> None:
        route.fulfill(status=status, headers={**CORS, "Content-Type": "application/json"}, body=json.dumps(body))


@pytest.fixture
def fake_desk(context: BrowserContext) -> FakeDesk:
    desk = FakeDesk()
    context.route(f"{DESK}/**", desk)
    headers = {"Content-Security-Policy": POLICY, "Content-Type": "text/html"}
    context.route(f"{CLINIC}/**", lambda route: route.fulfill(status=200, headers=headers, body=HOST_PAGE))
    return desk


@pytest.fixture
def clinic_page(context: BrowserContext, fake_desk: FakeDesk) -> Iterator[Page]:
    """The host page; anything that its policy refuses, or that throws, fails the test."""
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if "Content Security Policy" in line.text else None)
    page.goto(f"{CLINIC}/")
    yield page
    assert problems == []


def open_panel(page: Page) -> None:
    page.locator("psoas-chat .launcher").click()
    expect(page.locator("psoas-chat .panel")).to_be_visible()


def test_it_works_under_a_strict_policy(clinic_page: Page, fake_desk: FakeDesk) -> None:
    fake_desk.messages.append({"seq": 1, "author": "assistant", "text": "Hello there"})
    open_panel(clinic_page)
    expect(clinic_page.locator("psoas-chat").get_by_text("Hello there")).to_be_visible()


def test_hostile_words_of_the_assistant_stay_words(clinic_page: Page, fake_desk: FakeDesk) -> None:
    for number, words in enumerate(HOSTILE, 1):
        choices = [{"id": "a", "title": words}]
        image = {"src": words.replace("https://", ""), "alt": words}
        message = {"seq": number, "author": "assistant", "text": words, "choices": choices, "image": image}
        fake_desk.messages.append(message)
    open_panel(clinic_page)
    bubbles = clinic_page.locator("psoas-chat .message.assistant .bubble")
    expect(bubbles).to_have_count(len(HOSTILE))
    assert clinic_page.evaluate("window.hacked") is None
    links = clinic_page.locator("psoas-chat .message a")
    assert all((link.get_attribute("href") or "").startswith("https://") for link in links.all())


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
