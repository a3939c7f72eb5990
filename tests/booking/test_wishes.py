"""From a patient's words about a time to openings that suit them."""

from __future__ import annotations

import pytest

from bot.booking.ledger import preferences_from_json
from bot.booking.service import BookingService
from bot.booking.types import OpeningQuery
from bot.language import read_answer
from tests.booking.conftest import NEW_YORK, NOW


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("as soon as possible", "Mon 23 Nov 11:00"),
        ("next tuesday afternoon", "Tue 01 Dec 13:30"),
        ("any day after 5", "Mon 23 Nov 17:00"),
        ("no mornings please", "Mon 23 Nov 13:30"),
        ("friday", "Fri 27 Nov 09:00"),
        ("some evening next week", "Mon 30 Nov 17:00"),
        ("december 3 before 11", "Thu 03 Dec 10:00"),
        ("tomorrow at 3pm", "Tue 24 Nov 15:00"),
    ],
)
def test_the_first_opening_that_suits(service: BookingService, words: str, first: str) -> None:
    answer = read_answer("appointment_time", words, now=NOW)
    assert answer is not None
    query = OpeningQuery(
        "consultation",
        window=answer.facts.get("appointment_window"),
        preferences=preferences_from_json(answer.facts.get("appointment_preferences", {})),
    )
    found = service.openings(query, NOW)
    assert [f"{one.start.astimezone(NEW_YORK):%a %d %b %H:%M}" for one in found[:1]] == [first]


@pytest.mark.parametrize("words", ["thursday", "on sunday", "december 25", "tonight at 10pm"])
def test_closed_times_have_no_openings(service: BookingService, words: str) -> None:
    answer = read_answer("appointment_time", words, now=NOW)
    assert answer is not None
    window = answer.facts.get("appointment_window")
    assert window is None or service.openings(OpeningQuery("consultation", window=window), NOW) == []
