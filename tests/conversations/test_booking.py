"""Booking in the chat, from the first word to the appointment, and what becomes of it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.conversations.patient import Exchange, Patient
from tests.conversations.places import PLACES, after_result, at_booking, at_question

NEW_YORK = ZoneInfo("America/New_York")


def titles(exchange: Exchange) -> list[str]:
    """What can be tapped after these replies."""
    return [choice["title"] for reply in exchange.replies for choice in reply.get("choices", [])]


def offered(exchange: Exchange) -> list[dict[str, Any]]:
    """The openings on offer."""
    return [opening for reply in exchange.replies for opening in reply.get("card", {}).get("openings", [])]


def book(desk: httpx.Client) -> Patient:
    """A patient with an appointment."""
    patient = at_booking("contact_name")(desk)
    patient.say("Maria O'Neill")
    patient.say("(607) 555-0134")
    patient.tap("Yes, pass it on")
    patient.tap("Yes, book it")
    return patient


def test_from_a_tap_to_an_appointment(desk: httpx.Client) -> None:
    patient = at_booking("appointment_time")(desk)
    hold = patient.tap("opening1")
    assert "holding" in hold.text
    assert patient.asked() == ["contact_name"]
    patient.say("its maria o'neill")
    assert patient.asked() == ["contact_phone", "contact_email"]
    share = patient.say("607 555 0134")
    assert "45 years" in share.text
    read_back = patient.tap("Yes, pass it on")
    assert "o'neill" in read_back.text.lower()
    assert "607" in read_back.text
    booked = patient.tap("Yes, book it")
    card = next(reply["card"] for reply in booked.replies if "card" in reply)
    assert card["status"] == "booked"
    page = desk.get(card["manage"])
    assert page.status_code == 200
    calendar = desk.get(card["manage"] + "/calendar.ics")
    assert "BEGIN:VEVENT" in calendar.text
    assert "back" not in calendar.text.lower(), "no health detail in a calendar that others may see"


@pytest.mark.parametrize(
    ("said", "service"),
    [
        ("massage please", "Deep tissue massage"),
        ("the laser thing", "Class IV laser"),
        ("just a consult i think", "First consultation"),
    ],
)
def test_a_service_in_ones_own_words(said: str, service: str, desk: httpx.Client) -> None:
    patient = at_booking("appointment_service")(desk)
    assert offered(patient.say(said))
    patient.tap("opening0")
    patient.say("Sam Hart")
    patient.say("sam.hart@example.org")
    assert service in patient.tap("No, don't share").text


def test_a_time_in_ones_own_words(desk: httpx.Client) -> None:
    patient = at_booking("appointment_time")(desk)
    exchange = patient.say("only afternoons work for me")
    assert offered(exchange)
    for opening in offered(exchange):
        assert datetime.fromisoformat(opening["start"]).astimezone(NEW_YORK).hour >= 12


def test_more_and_earlier_times(desk: httpx.Client) -> None:
    patient = at_booking("appointment_time")(desk)
    first = offered(patient.exchanges[-1])
    later = offered(patient.tap("More times"))
    assert later[0]["start"] > first[-1]["start"]
    earlier = offered(patient.tap("Earlier times"))
    assert earlier[0]["start"] < later[0]["start"]


def test_a_wrong_number_is_asked_for_again(desk: httpx.Client) -> None:
    patient = at_booking("contact_name")(desk)
    patient.say("Lee")
    exchange = patient.say("607 555")
    assert patient.asked() == ["contact_phone", "contact_email"]
    assert re.search(r"number", exchange.text)
    patient.say("oh sorry, 607-555-0177")
    assert patient.asked() == ["booking"]


def test_what_was_read_back_can_be_changed(desk: httpx.Client) -> None:
    patient = at_booking("contact_name")(desk)
    patient.say("Marai")
    patient.say("607 555 0134")
    patient.tap("No, don't share")
    patient.tap("Change the name")
    exchange = patient.say("Maria Lopez")
    assert "Maria Lopez" in exchange.text
    assert "nothing" in exchange.text.lower()
    assert patient.asked() == ["booking"]


def test_moving_and_cancelling_by_chat(desk: httpx.Client) -> None:
    patient = book(desk)
    moving = patient.say("I need to move my appointment")
    assert offered(moving)
    moved = patient.tap("opening2")
    assert "Moved" in moved.text
    assert "Shall I cancel" in patient.say("actually please cancel my appointment").text
    assert "stays" in patient.tap("Keep it").text
    patient.say("cancel my visit")
    assert "Cancelled" in patient.tap("Cancel it").text
    assert "no appointment" in patient.say("cancel my appointment").text


def test_the_waiting_list(desk: httpx.Client) -> None:
    patient = at_booking("appointment_time")(desk)
    patient.tap("Waiting list")
    assert patient.asked() == ["contact_name"]
    patient.say("Ann Bell")
    assert "waiting list" in patient.say("ann.bell@example.org").text


def test_stopping_gives_the_time_back(desk: httpx.Client) -> None:
    patient = at_booking("contact_name")(desk)
    assert "nothing is booked" in patient.say("stop, I don't want this any more").text


def test_an_emergency_in_the_middle_of_booking(desk: httpx.Client) -> None:
    patient = at_booking("contact_name")(desk)
    exchange = patient.say("wait, I can't feel anything between my legs since this morning and I can't pee")
    assert exchange.safety is not None
    assert not offered(exchange)
    assert not offered(patient.say("ok but book me in for tomorrow"))


def test_no_booking_before_the_doctor(desk: httpx.Client) -> None:
    patient = at_question("cancer_weight_loss")(desk)
    patient.say("I had breast cancer eight years ago, all clear since, weight the same")
    patient.play("that is all", {})
    assert patient.result()["disposition"] in ("routine_medical", "urgent")
    assert not offered(patient.say("I want to book an appointment"))


def test_booking_after_a_result_without_typing(desk: httpx.Client) -> None:
    patient = after_result(desk)
    patient.tap("Book a visit")
    assert {"First consultation", "Deep tissue massage", "Class IV laser"} <= {
        choice["title"] for choice in patient.messages[-1]["choices"]
    }


def test_when_nothing_is_free_then_the_nearest_times_are_offered(desk: httpx.Client) -> None:
    patient = at_booking("appointment_time")(desk)
    exchange = patient.say("sunday morning")
    assert "Nothing is free then" in exchange.text
    assert len(offered(exchange)) == 3


@pytest.mark.parametrize("place", ["consent", "age", "trauma", "severity", "sitting"])
def test_leaving_the_check_for_booking(place: str, desk: httpx.Client) -> None:
    patient = PLACES[place](desk)
    patient.say("can I just book an appointment please")
    exchange = patient.tap("Skip to booking")
    assert patient.asked() == ["appointment_service"], exchange.text
    assert offered(patient.tap("First consultation"))


@pytest.mark.parametrize(
    ("said", "place"),
    [("the first one please", 0), ("second", 1), ("i'll take option 3", 2), ("3rd one works", 2)],
)
def test_an_opening_named_by_its_place(said: str, place: int, desk: httpx.Client) -> None:
    patient = at_booking("appointment_time")(desk)
    title = [t for t in (choice["title"] for choice in patient.messages[-1]["choices"]) if t[:3].istitle()][place]
    assert title in patient.say(said).text
    assert patient.asked() == ["contact_name"]
