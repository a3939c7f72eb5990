"""Every kind of message and question, on a desk and on a phone: it is drawn, it answers, and axe finds nothing."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import photograph, violations
from tests.browser.fake_desk import FakeDesk, open_panel

PLACES = [
    {"id": "low_back", "title": "Lower back"},
    {"id": "hip_front", "title": "Front of the hip"},
    {"id": "none_of_these", "title": "None of these"},
]
OPENINGS = [
    {"id": "a", "start": "2026-12-01T09:15:00-05:00", "end": "2026-12-01T10:15:00-05:00", "with": "Dr. Wendy"},
    {"id": "b", "start": "2026-12-01T14:00:00-05:00", "end": "2026-12-01T15:00:00-05:00", "with": "Dr. Wendy"},
    {"id": "c", "start": "2026-12-02T11:00:00-05:00", "end": "2026-12-02T12:00:00-05:00", "with": "Dr. Wendy"},
]
TITLES = [
    {"id": "a", "title": "Tuesday, December 1, 9:15 am"},
    {"id": "b", "title": "Tuesday, December 1, 2:00 pm"},
    {"id": "c", "title": "Wednesday, December 2, 11:00 am"},
]
STRETCH = {
    "kind": "stretch",
    "id": "A1",
    "name": "Sit to stand",
    "lengthens": "The front of the hips.",
    "steps": ["Sit tall.", "Stand up slowly."],
    "dose": "2 holds of 20 seconds on each side",
    "timed": True,
    "cautions": ["Hold on to something."],
    "stop_signs": ["sharp pain"],
    "ladder": [{"dose": "2 holds"}, {"dose": "3 holds"}],
}
MUSCLE = {
    "kind": "explanation",
    "muscle": "psoas",
    "title": "Psoas",
    "text": "It runs from the lower back to the thigh.",
    "small_step": "Stand up once an hour.",
    "number": 1,
    "of": 5,
}
SIZES = {"desk": (1200, 850), "phone": (320, 568)}


def ask(kind: str, **more: Any) -> dict[str, Any]:
    return {"ask": {"questions": ["q"], "kind": kind, **more}}


QUESTIONS: dict[str, tuple[dict[str, Any], list[tuple[str, str]], dict[str, Any]]] = {
    "yes_no": (ask("yes_no"), [("button", "Yes")], {"value": True}),
    "number": (ask("number", min=0, max=24, unit="hours"), [("button", "More"), ("button", "Send")], {"value": 1}),
    "scale": (ask("scale", min=0, max=10), [("radio", "7"), ("button", "Send")], {"value": 7}),
    "choice": (ask("choice", options=PLACES[:2]), [("button", "Lower back")], {"value": "low_back"}),
    "choices": (
        ask("choices", options=PLACES),
        [("checkbox", "Lower back"), ("checkbox", "None of these"), ("button", "Send")],
        {"value": ["none_of_these"]},
    ),
    "body_map": (
        ask("body_map", options=PLACES),
        [("checkbox", "Lower back"), ("checkbox", "Front of the hip"), ("button", "Send")],
        {"value": ["low_back", "hip_front"]},
    ),
    "time": (
        {**ask("time", options=TITLES), "card": {"kind": "booking", "openings": OPENINGS}},
        [("button", "Wed, Dec 2"), ("button", "Wednesday, December 2, 11:00 am")],
        {"value": "c"},
    ),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", QUESTIONS)
def test_a_question_is_answered_by_its_control(clinic_page: Page, fake_desk: FakeDesk, kind: str, size: str) -> None:
    width, height = SIZES[size]
    clinic_page.set_viewport_size({"width": width, "height": height})
    more, presses, expected = QUESTIONS[kind]
    fake_desk.say("Which is it for you?", **more)
    open_panel(clinic_page)
    dock = clinic_page.locator("psoas-chat .dock")
    for role, name in presses:
        target = dock.get_by_role(role, name=name, exact=True)
        expect(target).to_be_visible()
        if (role, name) == presses[-1]:
            photograph(clinic_page, f"ask-{kind}-{size}")
            assert clinic_page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            if size == "phone":
                assert violations(clinic_page) == []
        target.click()
    expect(clinic_page.locator("psoas-chat .message.patient .mark")).to_have_text("Delivered")
    [posted] = fake_desk.posted
    assert {key: value for key, value in posted.items() if key != "id"} == expected


def test_a_tap_on_the_body_ticks_its_place(clinic_page: Page, fake_desk: FakeDesk) -> None:
    fake_desk.say("Where does it hurt?", **ask("body_map", options=PLACES))
    open_panel(clinic_page)
    clinic_page.locator("psoas-chat .region").first.click()
    expect(clinic_page.get_by_role("checkbox", name="Front of the hip")).to_be_checked()
    clinic_page.get_by_role("checkbox", name="Lower back").click()
    expect(clinic_page.locator("psoas-chat .region.on")).to_have_count(3)


CARDS: dict[str, dict[str, Any]] = {
    "stretch": {"card": STRETCH, "image": {"src": "/widget/pictures/stretch-a1.svg", "alt": "A person stands up."}},
    "explanation": {"card": MUSCLE, "image": {"src": "/widget/pictures/hip-flexors.svg", "alt": "The psoas."}},
    "result": {"card": {"kind": "result"}},
    "watch": {"card": {"kind": "watch"}},
    "image": {"image": {"src": "/widget/pictures/welcome.svg", "alt": "A welcome."}},
    "emergency": {
        "safety": {"row": "E2", "call": {"number": "911", "text": "Call 911"}},
        "card": {"kind": "emergency", "title": "Get help now", "meanwhile": ["Sit down."]},
    },
    "appointment": {
        "card": {
            "kind": "booking",
            "reference": "AB12",
            "service": "Deep tissue massage",
            "when": "Tuesday, December 1, 9:15 am",
            "where": "12 Example Street",
            "manage": "https://desk.example/appointments/x",
        }
    },
    "choices": {"choices": [{"id": "1.a", "title": "Check my back"}, {"id": "1.b", "title": "Something else"}]},
}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("kind", CARDS)
def test_a_card_is_drawn_and_axe_finds_nothing(clinic_page: Page, fake_desk: FakeDesk, kind: str, theme: str) -> None:
    clinic_page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    clinic_page.set_viewport_size({"width": 390, "height": 800})
    fake_desk.say("These are the words of the message.", **CARDS[kind])
    open_panel(clinic_page)
    message = clinic_page.locator("psoas-chat .message.assistant")
    expect(message).to_be_visible()
    image = message.locator("img")
    if "image" in CARDS[kind]:
        expect(image).to_be_visible()
        image.evaluate("image => image.decode()")
    if kind == "explanation":
        expect(image).to_have_attribute("src", "https://desk.example/widget/pictures/hip-flexors.svg#psoas")
    if kind == "stretch":
        expect(message.get_by_role("button", name="Start the timer")).to_be_visible()
    photograph(clinic_page, f"card-{kind}-{theme}")
    assert violations(clinic_page) == []


def test_a_picture_of_another_host_is_never_asked_for(clinic_page: Page, fake_desk: FakeDesk) -> None:
    asked: list[str] = []
    clinic_page.on("request", lambda request: asked.append(request.url))
    fake_desk.say("Look", image={"src": "https://elsewhere.example/a.png", "alt": "far away"})
    open_panel(clinic_page)
    expect(clinic_page.locator("psoas-chat .bubble")).to_have_text("Look")
    assert clinic_page.locator("psoas-chat img").count() == 0
    assert not [url for url in asked if "elsewhere" in url]


def test_a_choice_is_sent_by_its_id(clinic_page: Page, fake_desk: FakeDesk) -> None:
    fake_desk.say("What brings you here?", **CARDS["choices"])
    open_panel(clinic_page)
    clinic_page.get_by_role("button", name="Check my back").click()
    expect(clinic_page.locator("psoas-chat .message.patient .mark")).to_have_text("Delivered")
    assert fake_desk.posted[0]["choice"] == "1.a"


def test_a_thumb_tells_the_desk_and_can_be_taken_back(clinic_page: Page, fake_desk: FakeDesk) -> None:
    fake_desk.messages.append({"seq": 1, "author": "patient", "text": "What does it cost?", "id": "x"})
    fake_desk.say("A first visit costs 95 dollars, and the ones after it 80 dollars each.")
    open_panel(clinic_page)
    helped = clinic_page.get_by_role("button", name="This helped")
    helped.click()
    expect(clinic_page.get_by_text("Thank you, noted.")).to_be_visible()
    expect(helped).to_have_attribute("aria-pressed", "true")
    helped.click()
    expect(helped).to_have_attribute("aria-pressed", "false")
    assert fake_desk.ratings == [{"seq": 2, "helpful": True}, {"seq": 2, "helpful": None}]


def test_the_hold_timer_counts_and_marks_the_day(
    clinic_page: Page, fake_desk: FakeDesk, context: BrowserContext
) -> None:
    clinic_page.clock.install()
    clinic_page.reload()
    fake_desk.say("Your stretch", card=STRETCH)
    open_panel(clinic_page)
    clinic_page.get_by_role("button", name="Start the timer").click()
    timer = clinic_page.locator("psoas-chat .timer")
    expect(timer.get_by_text("side 1, round 1 of 2")).to_be_visible()
    clinic_page.clock.run_for(21_000)
    expect(timer.get_by_text("Change sides")).to_be_visible()
    clinic_page.clock.run_for(62_000)
    expect(timer.get_by_text("Done today")).to_be_visible()
