"""The calendar: what it shows of a week or a day, and time that staff block or add."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from bot.booking.types import CalendarEntry, SlotStatus
from bot.console.appointments.agenda import lines_of
from tests.console.site import Site

NINE = datetime(2026, 11, 24, 14, tzinfo=timezone.utc)  # nine in New York
TUESDAY = "2026-11-24"


def entry(kind: str, from_minute: int, to_minute: int, who: str = "wendy") -> CalendarEntry:
    start, end = NINE + timedelta(minutes=from_minute), NINE + timedelta(minutes=to_minute)
    return CalendarEntry(kind, who, start, end, SlotStatus.FREE)  # type: ignore[arg-type]  # any kind, from a test


def test_what_is_left_of_the_open_hours_is_free() -> None:
    entries = [
        entry("open", 0, 180),
        entry("block", 30, 60),
        entry("appointment", 60, 120),
        entry("open", 0, 60, "lee"),
    ]
    lines = [(line.kind, (line.start - NINE) // timedelta(minutes=1)) for line in lines_of(entries, "wendy")]
    assert lines == [("free", 0), ("block", 30), ("appointment", 60), ("free", 120)]


def test_extra_hours_are_shown_and_are_free() -> None:
    lines = lines_of([entry("extra", 0, 60)], "wendy")
    assert [line.kind for line in lines] == ["extra", "free"]


def test_a_gap_too_short_for_anybody_is_not_free() -> None:
    assert [line.kind for line in lines_of([entry("open", 0, 70), entry("hold", 0, 60)], "wendy")] == ["hold"]


def test_a_week_and_a_day_in_the_clinics_time(site: Site) -> None:
    browser = site.log_in("clinician")
    week = browser.get("/calendar", day=TUESDAY).text
    assert "Mon 23 Nov" in week and "Sun 29 Nov" in week
    assert "09:00–12:30" in week and "break" in week
    day = browser.get("/calendar", day=TUESDAY, view="day").text
    assert "Tue 24 Nov" in day and "Mon 23 Nov" not in day


def test_blocked_time_is_shown_until_it_is_taken_back(each_site: Site) -> None:
    browser = each_site.log_in("manager")
    block = {"kind": "block", "start": f"{TUESDAY}T10:00", "end": f"{TUESDAY}T11:00", "note": "training <b>"}
    assert browser.post("/calendar/change", practitioner="wendy", **block).status_code == 303
    page = browser.get("/calendar", day=TUESDAY).text
    assert "10:00–11:00" in page and "blocked: training &lt;b&gt;" in page
    assert browser.post("/calendar/change/1/remove", day=TUESDAY).status_code == 303
    assert "training" not in browser.get("/calendar", day=TUESDAY).text


def test_time_that_ends_before_it_starts_changes_nothing(site: Site) -> None:
    browser = site.log_in("manager")
    for start, end in (("2026-11-24T11:00", "2026-11-24T10:00"), ("", "soon")):
        answer = browser.post("/calendar/change", kind="block", practitioner="wendy", start=start, end=end)
        assert answer.status_code == 422
        assert "Nothing was changed" in answer.text
    assert "Take back" not in browser.get("/calendar", day=TUESDAY).text


def test_a_day_that_is_none_is_today(site: Site) -> None:
    browser = site.log_in("manager")
    for day in ("", "never", "9999-12-31", "0001-01-01"):
        assert browser.get("/calendar", day=day).status_code == 200
