"""When an appointment would suit. It is Monday 23 November 2026, 09:00 in New York."""

from datetime import date, datetime, time, timedelta

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.language import read_answer
from tests.language.answers.heldout import FOLDER, NOW

ANY_DAY = ""
# Text, a time that must lie in the window, the day after which the window must have ended.
WINDOWS = [
    ("next Tuesday afternoon", "12-01 14:00", "12-02"),
    ("tomorrow", "11-24 10:00", "11-25"),
    ("tomorrow at 3pm", "11-24 15:00", "11-24"),
    ("Thursday 3ish", "11-26 15:00", "11-26"),
    ("half two tomorrow", "11-24 14:30", "11-24"),
    ("tomorrow lunchtime", "11-24 12:30", "11-24"),
    ("12/1", "12-01 10:00", "12-02"),
    ("the 5th", "12-05 10:00", "12-06"),
    ("week after next", "12-08 10:00", "12-14"),
    ("next week", "12-01 10:00", "12-07"),
    ("asap", "11-23 10:00", "12-01"),
    ("as soon as you can please", "11-23 12:00", "12-01"),
    ("after 5 any day", "11-24 17:30", ANY_DAY),
    ("not mornings", "11-24 14:00", ANY_DAY),
    ("friday morning", "11-27 10:00", "11-27"),
    ("this friday", "11-27 10:00", "11-28"),
    ("fri arvo", "11-27 14:00", "11-27"),
    ("weds 10am", "11-25 10:00", "11-25"),
    ("wednesday at half past 2", "11-25 14:30", "11-25"),
    ("Tuesday after 3", "11-24 15:30", "11-25"),
    ("tues before noon", "11-24 10:00", "11-24"),
    ("between 2 and 4 on thursday", "11-26 15:00", "11-26"),
    ("2-4pm thurs", "11-26 15:00", "11-26"),
    ("any evening next week", "12-01 18:00", "12-07"),
    ("mornings are best", "11-24 09:00", ANY_DAY),
    ("day after tomorrow", "11-25 12:00", "11-26"),
    ("in two weeks", "12-07 12:00", "12-14"),
    ("in 3 days", "11-26 12:00", "11-27"),
    ("December 3rd", "12-03 12:00", "12-04"),
    ("3rd of december at 11", "12-03 11:00", "12-03"),
    ("dec 3 2:30pm", "12-03 14:30", "12-03"),
    ("12/15 at 4", "12-15 16:00", "12-15"),
    ("2026-12-10", "12-10 12:00", "12-11"),
    ("today", "11-23 12:00", "11-24"),
    ("this afternoon", "11-23 14:00", "11-23"),
    ("later today", "11-23 12:00", "11-24"),
    ("tonight after work", "11-23 18:00", "11-23"),
    ("monday", "11-30 12:00", "12-01"),
    ("next monday", "11-30 12:00", "12-01"),
    ("mon or weds next week", "11-30 12:00", "12-07"),
    ("weekdays after 4:30", "11-24 17:00", ANY_DAY),
    ("any time thursday", "11-26 12:00", "11-27"),
    ("first thing wednesday", "11-25 08:30", "11-25"),
    ("end of the week", "11-27 12:00", "11-29"),
    ("beginning of december", "12-03 12:00", "12-11"),
    ("early next week", "11-30 12:00", "12-02"),
    ("sometime in december", "12-10 12:00", "12-31"),
    ("late friday afternoon", "11-27 16:00", "11-27"),
    ("quarter to three tomorrow", "11-24 14:45", "11-24"),
    ("quarter past ten on friday", "11-27 10:15", "11-27"),
    ("tuesday week", "12-01 12:00", "12-02"),
    ("a week on thursday", "12-03 12:00", "12-04"),
    ("a week today", "11-30 12:00", "12-01"),
    ("whenever you have a slot", "11-24 12:00", ANY_DAY),
    ("im flexible", "11-24 12:00", ANY_DAY),
    ("mondays or fridays", "11-30 12:00", ANY_DAY),
    ("thursday, no wait, friday", "11-27 12:00", "11-28"),
    ("10:30 on the 2nd", "12-02 10:30", "12-02"),
    ("noon tomorrow", "11-24 12:15", "11-24"),
    ("1pm wed", "11-25 13:00", "11-25"),
    ("around 11 on thursday", "11-26 11:00", "11-26"),
    ("tmrw morning", "11-24 10:00", "11-24"),
    ("before 10 tomorrow", "11-24 09:00", "11-24"),
    ("not before 2 on friday", "11-27 14:30", "11-28"),
    ("the week of dec 7", "12-07 12:00", "12-08"),
    ("Wednesday the 2nd of December at 9am", "12-02 09:00", "12-02"),
    ("at 4 on weds", "11-25 16:00", "11-25"),
    ("anything but tuesday", "11-25 12:00", ANY_DAY),
    ("tue 24th 3 p.m.", "11-24 15:00", "11-24"),
    ("any afternoon except wednesday", "11-24 14:00", ANY_DAY),
    ("soonest you've got", "11-23 12:00", "12-01"),
    ("next available", "11-23 12:00", "12-01"),
    ("this week sometime", "11-24 12:00", "11-30"),
    ("fifteenth", "12-15 12:00", "12-16"),
    ("five o'clock tuesday", "11-24 17:00", "11-24"),
    ("5 pm", "11-23 17:00", "11-23"),
]
ASKED = [
    ("31 feb", "impossible"),
    ("february 30th", "impossible"),
    ("13/45", "impossible"),
    ("yesterday", "past_time"),
    ("last tuesday", "past_time"),
    ("today at 8am", "past_time"),
    ("november 20", "past_time"),
    ("11/20/2026", "past_time"),
    ("at 27:00 tomorrow", "impossible"),
    ("the 35th", "impossible"),
]


def _at(written):
    return datetime.strptime(f"2026-{written}", "%Y-%m-%d %H:%M").replace(tzinfo=NOW.tzinfo)


@pytest.mark.parametrize(("text", "inside", "last"), WINDOWS, ids=[text for text, _, _ in WINDOWS])
def test_the_window_holds_what_was_meant(text, inside, last):
    answer = read_answer("appointment_time", text, now=NOW)
    start, end = answer.facts["appointment_window"]
    assert start <= _at(inside) < end
    assert start >= NOW
    if last != ANY_DAY:
        assert end <= _at(f"{last} 00:00") + timedelta(days=1)


@pytest.mark.parametrize(("text", "reason"), ASKED, ids=[text for text, _ in ASKED])
def test_what_cannot_be_is_asked_about(text, reason):
    answer = read_answer("appointment_time", text, now=NOW)
    assert answer.clarify == reason
    assert "appointment_window" not in answer.facts


@given(
    st.dates(date(2026, 11, 24), date(2027, 10, 1)),
    st.sampled_from(["{d:%B} {d.day}", "{d.day} {d:%b}", "{d.month}/{d.day}", "{d:%Y-%m-%d}"]),
)
def test_a_written_date_is_that_day(day, form):
    answer = read_answer("appointment_time", form.format(d=day), now=NOW)
    start, end = answer.facts["appointment_window"]
    assert (start.date(), start.time()) == (day, time(0))
    assert (end.date(), end.time()) == (day + timedelta(days=1), time(0))


@given(st.integers(1, 12), st.integers(0, 59), st.sampled_from(["am", "pm"]))
def test_a_clock_time_is_that_time(hour, minute, half):
    answer = read_answer("appointment_time", f"tomorrow at {hour}:{minute:02d}{half}", now=NOW)
    start, _ = answer.facts["appointment_window"]
    assert (start.hour, start.minute) == (hour % 12 + (12 if half == "pm" else 0), minute)


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ("after 5 any day", {"not_before": "17:00"}),
        ("not mornings", {"exclude_parts": ["morning"]}),
        ("mondays or fridays", {"weekdays": [0, 4]}),
        ("asap", {"asap": True}),
        ("weekdays before 11", {"weekdays": [0, 1, 2, 3, 4], "not_after": "11:00"}),
        ("anything but tuesday", {"weekdays": [0, 2, 3, 4, 5, 6]}),
    ],
)
def test_wishes_for_any_day(text, wishes):
    assert read_answer("appointment_time", text, now=NOW).facts["appointment_preferences"] == wishes


OTHER_HAND = yaml.safe_load((FOLDER / "moments_fifth.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("text", OTHER_HAND)
def test_a_wish_by_another_hand_is_read(text):
    window = read_answer("appointment_time", text, now=NOW).facts["appointment_window"]
    wanted = datetime.strptime(OTHER_HAND[text]["holds"], "%Y-%m-%d %H:%M").replace(tzinfo=NOW.tzinfo)
    assert window[0] <= wanted < window[1]
    next_day = date.fromisoformat(OTHER_HAND[text]["ends_by"]) + timedelta(days=1)
    assert window[1] <= datetime.combine(next_day, time.min, NOW.tzinfo)
