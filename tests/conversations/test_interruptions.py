"""What patients say instead of an answer, in every place of the conversation."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.conversations.patient import Patient
from tests.conversations.places import PLACES, after_result, at_question

# What is said, and what the reply must show. None of these may lose the place or a fact.
HARMLESS = {
    "what does the laser cost?": r"\$75",
    "when are you open": r"\d",
    "where exactly is the clinic": r"Example Street",
    "who is dr wendy": r"Wendy",
    "am I talking to a real person or a bot?": r"automated|program",
    "what happens to my data": r"answers|data|stored|kept",
    "does deep tissue massage hurt": r"massage",
    "say that again please": r".",
    "why do you need to know that?": r".",
    "you stupid useless machine": r"sorry",
    "asdf qwer zxcv": r".",
    "¿habla español? no entiendo inglés": r"911",
    "I want to talk to a human please": r"person|clinic",
    "thanks": r".",
    "🙂": r".",
}


MIGHT_BE_A_NAME = ("asdf qwer zxcv",)


@pytest.mark.parametrize("place", PLACES)
def test_an_interruption_is_answered_and_the_question_comes_again(place: str, desk: httpx.Client) -> None:
    patient = PLACES[place](desk)
    before = patient.asked()
    for said, shows in HARMLESS.items():
        if place == "contact_name" and said in MIGHT_BE_A_NAME:
            continue
        exchange = patient.say(said)
        assert re.search(shows, exchange.text, re.IGNORECASE), (said, exchange.text)
        assert exchange.safety is None, said
        assert patient.asked() == before, said


def test_nothing_that_was_answered_is_asked_again_after_interruptions(desk: httpx.Client) -> None:
    patient = at_question("sitting")(desk)
    for said in HARMLESS:
        patient.say(said)
    patient.choose([8, "sore_first_steps"])
    assert patient.asked() == ["prior_stretching", "stretch_safety", "activity_level"]


@pytest.mark.parametrize("place", ["leg_symptoms", "severity", "prior_stretching"])
def test_go_back_asks_the_answers_before_again(place: str, desk: httpx.Client) -> None:
    patient = PLACES[place](desk)
    earlier = [exchange.answered for exchange in patient.exchanges if exchange.answered][-1]
    patient.say("go back one please")
    assert patient.asked() == earlier


@pytest.mark.parametrize("place", ["age", "leg_symptoms", "sitting"])
def test_stop_ends_the_check_and_it_can_be_taken_up_again(place: str, desk: httpx.Client) -> None:
    patient = PLACES[place](desk)
    open_before = patient.asked()
    exchange = patient.say("stop, I don't want to do this any more")
    assert not any("ask" in reply for reply in exchange.replies)
    patient.tap("Check my back")
    assert patient.asked() == open_before


def test_start_again_forgets_the_answers_but_not_the_agreement(desk: httpx.Client) -> None:
    patient = at_question("severity")(desk)
    patient.say("can we start again from the beginning")
    assert patient.asked() == ["age"]


def test_deleting_asks_first_and_then_erases(desk: httpx.Client) -> None:
    patient = at_question("trauma")(desk)
    patient.say("delete everything I said")
    assert any(choice["title"].startswith("Yes, delete") for choice in patient.messages[-1]["choices"])
    patient.tap("No")
    assert patient.asked() == ["trauma", "bone_health_steroids"]


def test_a_correction_that_raises_the_advice_counts_at_once(desk: httpx.Client) -> None:
    patient = after_result(desk)
    assert patient.result()["disposition"] == "self_care"
    patient.say("change that, it has been going on for 4 months, not weeks")
    assert patient.result()["disposition"] == "clinic_appointment"


def test_a_correction_that_lowers_the_advice_is_confirmed_first(desk: httpx.Client) -> None:
    patient = after_result(desk)
    patient.say("change that, it has been going on for 4 months")
    exchange = patient.say("sorry, I meant 3 weeks")
    assert [choice["title"] for choice in exchange.replies[-1]["choices"]] == ["Yes", "No"]
    assert patient.result()["disposition"] == "clinic_appointment"
    patient.tap("Yes")
    assert patient.result()["disposition"] == "self_care"


def test_the_third_misunderstanding_in_a_row_offers_a_person(desk: httpx.Client) -> None:
    patient = Patient.arrive(desk)
    for _ in range(3):
        exchange = patient.say("blorp frimble zonk")
    titles = [choice["title"] for reply in exchange.replies for choice in reply.get("choices", [])]
    assert "Talk to a person" in titles
