"""After the result: the plan changed to what a person can do, muscles explained, questions answered, coming back."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from bot.store import Database
from bot.store.models import Conversation
from tests.conversations.patient import Exchange, Patient
from tests.conversations.places import PLACES, after_result, at_question
from tests.running import RunningSystem


def stretches(messages: list[dict[str, Any]]) -> list[str]:
    """The ids of the stretches shown, the standing break left out."""
    cards = [message["card"] for message in messages if message.get("card", {}).get("kind") == "stretch"]
    return [card["id"] for card in cards if card["timed"]]


def titles(exchange: Exchange) -> set[str]:
    """What can be tapped after these replies."""
    return {choice["title"] for reply in exchange.replies for choice in reply.get("choices", [])}


def test_at_most_two_stretches_and_a_break_each_on_a_card_with_a_picture(desk: httpx.Client) -> None:
    patient = after_result(desk)
    shown = [m for m in patient.messages if m.get("card", {}).get("kind") == "stretch"]
    assert len(stretches(shown)) <= 2
    assert len(shown) == len(stretches(shown)) + 1
    for message in shown:
        assert message["card"]["steps"]
        assert message["card"]["stop_signs"]
        assert message["card"]["ladder"]
        assert message["image"]["alt"]
        assert desk.get(message["image"]["src"]).status_code == 200


def test_whoever_cannot_kneel_gets_something_upright_and_kneeling_is_gone(desk: httpx.Client) -> None:
    patient = after_result(desk)
    assert "A4" in stretches(patient.messages)
    instead = stretches(patient.say("I can't kneel").replies)
    assert instead
    assert "A4" not in instead
    again = stretches(patient.say("show me my stretches again").replies)
    assert "A4" not in again


def test_a_stretch_that_hurts_is_dropped_for_a_gentler_one(desk: httpx.Client) -> None:
    patient = after_result(desk)
    before = stretches(patient.messages)
    exchange = patient.say("it hurts when I do the second one")
    assert not set(stretches(exchange.replies)) & set(before)
    assert stretches(exchange.replies)


def test_what_else_runs_out_kindly(desk: httpx.Client) -> None:
    patient = after_result(desk)
    seen = list(stretches(patient.messages))
    for _ in range(12):
        exchange = patient.say("what else is there")
        new = stretches(exchange.replies)
        if not new:
            break
        assert not set(new) & set(seen)
        seen += new
    assert not new
    assert titles(exchange)


def test_the_muscles_are_explained_one_at_a_time_with_a_picture(desk: httpx.Client) -> None:
    patient = after_result(desk)
    exchange = patient.say("so what are hip flexors?")
    told: list[str] = []
    for _ in range(5):
        card = next(reply["card"] for reply in exchange.replies if "card" in reply)
        told.append(card["muscle"] if "muscle" in card else exchange.replies[-1]["text"].split(":")[0])
        if "Next muscle" in titles(exchange):
            exchange = patient.tap("Next muscle")
    assert len(set(told)) == 5


@pytest.mark.parametrize("place", ["consent", "trauma", "severity", "booking"])
@pytest.mark.parametrize(
    ("said", "shows"),
    [
        ("do I have a slipped disc?", "hands-on"),
        ("which painkillers can I take?", "pharmacist"),
        ("will it ever go away?", "time"),
        ("do I need an MRI?", "doctor"),
        ("should I stay in bed?", "keep moving"),
    ],
)
def test_questions_of_every_day(place: str, said: str, shows: str, desk: httpx.Client) -> None:
    patient = PLACES[place](desk)
    before = patient.asked()
    exchange = patient.say(said)
    assert shows in exchange.text
    assert not re.search(r"you have (a|an) |will cure", exchange.text)
    assert patient.asked() == before


def test_i_dont_know_is_no_no(desk: httpx.Client) -> None:
    patient = at_question("trauma")(desk)
    asked = patient.asked()
    exchange = patient.say("I don't know")
    assert "911" in exchange.text
    assert patient.asked() == asked
    patient.say("I still don't know")
    assert patient.asked() != asked


def test_a_correction_names_what_was_meant(desk: httpx.Client) -> None:
    patient = Patient.arrive(desk)
    patient.say("I'm 41, my back has ached for 3 weeks, I sit 9 hours a day")
    patient.say("yes I agree")
    patient.say("none of those")
    exchange = patient.say("change that: it is 6 weeks")
    assert "6 weeks" in exchange.text


def be_away(running_system: RunningSystem, days: float) -> None:
    """Who wrote last, wrote so many days ago."""
    database = Database(running_system.settings.database_url)
    with database.session() as session:
        newest = session.scalars(select(Conversation).order_by(Conversation.last_patient_at.desc()).limit(1)).one()
        assert newest.last_patient_at is not None
        newest.last_patient_at -= timedelta(days=days)
    database.dispose()


def test_coming_back_after_two_days(running_system: RunningSystem, desk: httpx.Client) -> None:
    patient = after_result(desk)
    be_away(running_system, days=2)
    back = patient.say("hi again")
    assert "911" in back.replies[0]["text"]
    assert "Welcome back" in back.text
    assert {"Nothing changed", "Something changed", "Start again", "Book a visit"} <= {
        choice["title"] for message in patient.messages[-4:] for choice in message.get("choices", [])
    }
    again = patient.say("nothing has changed")
    assert "Why I say this" in again.text or again.replies[-1].get("choices")


def test_coming_back_with_something_dangerous(running_system: RunningSystem, desk: httpx.Client) -> None:
    patient = after_result(desk)
    be_away(running_system, days=2)
    back = patient.say("it got worse, I can't feel it when I wipe since last night")
    assert back.safety is not None
    assert patient.result()["disposition"] == "emergency"
