"""Openings: the clinic's hours, breaks, closed days and clocks, and what the patient prefers."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from bot.booking.service import BookingService
from bot.booking.staff import StaffCalendar
from bot.booking.types import Hold, Opening, OpeningQuery, Preferences, UnknownOpening
from bot.clinic import Clinic, Practitioner
from bot.settings import Settings
from bot.store import Database
from tests.booking.conftest import ANN, NEW_YORK, NOW, clinic_with, local, practitioner, service_of

EVERY_DAY = range(7)
LATER = ["03:00", "03:30", "04:00"]


def starts(
    database: Database,
    settings: Settings,
    clinic: Clinic,
    day: datetime,
    now: datetime = NOW,
    until: datetime | None = None,
) -> list[str]:
    """All openings of a day in the clinic's wall-clock time."""
    service = BookingService(database, clinic, settings)
    window = day, until or day + timedelta(days=1)
    return [clock(one, clinic) for one in service.openings(OpeningQuery("visit", window=window, limit=None), now)]


def clock(opening: Opening, clinic: Clinic) -> str:
    return opening.start.astimezone(clinic.zone).strftime("%H:%M")


def test_a_45_minute_visit_and_its_buffer_end_before_the_break(database: Database, settings: Settings) -> None:
    clinic = clinic_with((practitioner("kim", "09:00-12:00", "13:00-15:00"),), (service_of(45, buffer=15),))
    assert starts(database, settings, clinic, local(2026, 12, 1)) == [
        *("09:00", "09:15", "09:30", "09:45", "10:00", "10:15", "10:30", "10:45", "11:00"),
        *("13:00", "13:15", "13:30", "13:45", "14:00"),
    ]


@pytest.mark.parametrize(
    ("zone", "day", "expected", "first_utc"),
    [
        # The clocks go forward at 02:00: there is no 02:00 to 03:00.
        ("America/New_York", (2027, 3, 14), ["01:00", "01:30", "03:00", "03:30", "04:00"], 6),
        # The clocks go back at 02:00: 01:00 to 02:00 is there twice.
        ("America/New_York", (2026, 11, 1), ["01:00", "01:30", "01:00", "01:30", "02:00", "02:30", *LATER], 5),
        ("Europe/London", (2027, 3, 28), ["02:00", "02:30", "03:00", "03:30", "04:00"], 1),
        ("Australia/Lord_Howe", (2026, 10, 4), ["01:00", "01:30", "02:30", "03:00", "03:30", "04:00"], 14.5),
        ("Europe/London", (2026, 12, 1), ["01:00", "01:30", "02:00", "02:30", *LATER], 1),
    ],
)  # fmt: skip
def test_night_hours_across_the_change_of_the_clocks(
    database: Database, settings: Settings, zone: str, day: tuple[int, int, int], expected: list[str], first_utc: float
) -> None:
    clinic = clinic_with((practitioner("kim", "01:00-04:30", days=EVERY_DAY),), (service_of(30),), zone)
    midnight = datetime(*day, tzinfo=ZoneInfo(zone))
    now = midnight - timedelta(days=10)
    service = BookingService(database, clinic, settings)
    window = midnight, midnight + timedelta(hours=6)
    openings = service.openings(OpeningQuery("visit", window=window, limit=None), now)
    on_half_hours = [clock(one, clinic) for one in openings if one.start.astimezone(clinic.zone).minute in (0, 30)]
    assert on_half_hours == expected
    utc = openings[0].start
    assert utc.tzinfo == timezone.utc
    assert utc.hour + utc.minute / 60 == first_utc
    assert len({one.start for one in openings}) == len(openings)
    assert len({one.id for one in openings}) == len(openings)


@pytest.mark.parametrize("day", [(2026, 10, 30), (2026, 11, 2), (2027, 3, 12), (2027, 3, 15)])
def test_day_hours_keep_their_wall_clock_around_the_change(
    database: Database, settings: Settings, day: tuple[int, int, int]
) -> None:
    clinic = clinic_with((practitioner("kim", "09:00-11:00"),), (service_of(60),), horizon_days=400)
    found = starts(database, settings, clinic, local(*day), now=local(2026, 10, 1))
    assert found == ["09:00", "09:15", "09:30", "09:45", "10:00"]


def test_leap_day_and_new_year(database: Database, settings: Settings) -> None:
    clinic = clinic_with((practitioner("kim", "09:00-10:00", days=EVERY_DAY),), (service_of(60),), horizon_days=700)
    service = BookingService(database, clinic, settings)
    leap = service.openings(
        OpeningQuery("visit", window=(local(2028, 2, 28), local(2028, 3, 2)), limit=None), local(2027, 6, 1)
    )
    assert [one.start.astimezone(NEW_YORK).date() for one in leap] == [
        date(2028, 2, 28),
        date(2028, 2, 29),
        date(2028, 3, 1),
    ]
    turn = service.openings(OpeningQuery("visit", window=(local(2026, 12, 31), local(2027, 1, 2)), limit=None), NOW)
    assert [one.start.astimezone(NEW_YORK).date() for one in turn] == [date(2026, 12, 31), date(2027, 1, 1)]


def test_public_holidays_and_closed_days(database: Database, settings: Settings) -> None:
    people = (practitioner("kim", "09:00-10:00", days=EVERY_DAY),)
    closed = frozenset({date(2026, 12, 24)})
    clinic = clinic_with(people, (service_of(60),), holiday_country="US", holiday_subdivision="NY", closed_days=closed)
    service = BookingService(database, clinic, settings)
    found = service.openings(OpeningQuery("visit", window=(local(2026, 11, 24), local(2027, 1, 3)), limit=None), NOW)
    open_days = {one.start.astimezone(NEW_YORK).date() for one in found}
    assert open_days.isdisjoint({date(2026, 11, 26), date(2026, 12, 24), date(2026, 12, 25), date(2027, 1, 1)})
    assert {
        date(2026, 11, 25),
        date(2026, 11, 27),
        date(2026, 12, 23),
        date(2026, 12, 26),
        date(2027, 1, 2),
    } <= open_days


def test_lead_time_and_horizon(database: Database, settings: Settings) -> None:
    people = (practitioner("kim", "09:00-12:00", days=EVERY_DAY),)
    clinic = clinic_with(people, (service_of(60),), lead_time_hours=1.5, horizon_days=2)
    found = BookingService(database, clinic, settings).openings(
        OpeningQuery("visit", limit=None), local(2026, 12, 1, 8, 7)
    )
    assert found[0].start == local(2026, 12, 1, 9, 45)
    assert found[-1].start == local(2026, 12, 3, 11)


def test_nothing_in_the_past_or_in_an_empty_window(service: BookingService) -> None:
    past = OpeningQuery("consultation", window=(local(2026, 11, 2), local(2026, 11, 20)), limit=None)
    backwards = OpeningQuery("consultation", window=(local(2026, 12, 4), local(2026, 12, 1)), limit=None)
    assert service.openings(past, NOW) == []
    assert service.openings(backwards, NOW) == []


@pytest.mark.parametrize(
    ("preferences", "expected"),
    [
        (Preferences(weekdays=frozenset({1})), {"2026-12-01", "2026-12-08"}),
        (Preferences(weekdays=frozenset({5, 6})), set()),
    ],
)
def test_weekdays(service: BookingService, preferences: Preferences, expected: set[str]) -> None:
    window = local(2026, 11, 30), local(2026, 12, 12)
    found = service.openings(OpeningQuery("consultation", window=window, preferences=preferences, limit=None), NOW)
    assert {str(one.start.astimezone(NEW_YORK).date()) for one in found} == expected


@pytest.mark.parametrize(
    ("preferences", "first", "last"),
    [
        (Preferences(not_before=time(17)), "17:00", "18:00"),
        (Preferences(not_after=time(11)), "10:00", "10:45"),
        (Preferences(parts=frozenset({"morning"})), "10:00", "11:45"),
        (Preferences(exclude_parts=frozenset({"morning"})), "12:00", "18:00"),
        (Preferences(parts=frozenset({"afternoon", "evening"}), not_after=time(16, 30)), "12:00", "16:15"),
        (Preferences(parts=frozenset({"evening"})), "17:00", "18:00"),
    ],
)
def test_time_of_day(service: BookingService, preferences: Preferences, first: str, last: str) -> None:
    thursday = local(2026, 12, 3), local(2026, 12, 4)
    found = service.openings(OpeningQuery("consultation", window=thursday, preferences=preferences, limit=None), NOW)
    times = [one.start.astimezone(NEW_YORK).strftime("%H:%M") for one in found]
    assert (times[0], times[-1]) == (first, last)


def test_more_and_earlier(service: BookingService) -> None:
    every = service.openings(OpeningQuery("consultation", limit=None), NOW)
    first = service.openings(OpeningQuery("consultation"), NOW)
    more = service.openings(OpeningQuery("consultation", after=first[-1].id), NOW)
    earlier = service.openings(OpeningQuery("consultation", before=more[-1].id), NOW)
    assert first + more == every[:6]
    assert earlier == every[2:5]


def test_spread_gives_one_for_each_part_of_a_day(service: BookingService) -> None:
    found = service.openings(
        OpeningQuery("consultation", spread=True, window=(local(2026, 12, 3), local(2026, 12, 5))), NOW
    )
    times = [one.start.astimezone(NEW_YORK).strftime("%a %H:%M") for one in found]
    assert times == ["Thu 10:00", "Thu 12:00", "Thu 17:00"]


def test_only_who_gives_the_service(database: Database, settings: Settings) -> None:
    people: tuple[Practitioner, ...] = (
        practitioner("kim", "09:00-10:00", services=("visit",)),
        practitioner("lou", "09:00-10:00", services=("visit", "laser")),
    )
    clinic = clinic_with(people, (service_of(60), service_of(30, id_="laser")))
    service = BookingService(database, clinic, settings)
    day = local(2026, 12, 1), local(2026, 12, 2)
    assert [one.practitioner for one in service.openings(OpeningQuery("visit", window=day), NOW)] == ["kim", "lou"]
    assert {one.practitioner for one in service.openings(OpeningQuery("laser", window=day), NOW)} == {"lou"}
    assert service.openings(OpeningQuery("laser", practitioner="kim", window=day), NOW) == []


@pytest.mark.parametrize("service_id", ["", "surgery", "visit'; DROP TABLE appointments; --", "<b>"])
def test_an_unknown_service_is_refused(service: BookingService, service_id: str) -> None:
    with pytest.raises(UnknownOpening):
        service.openings(OpeningQuery(service_id), NOW)


def test_staff_block_time_and_add_hours(database: Database, settings: Settings) -> None:
    clinic = clinic_with((practitioner("kim", "09:00-12:00"), practitioner("lou", "09:00-10:00")), (service_of(60),))
    staff = StaffCalendar(database, clinic)
    day = local(2026, 12, 1)
    staff.block_time(local(2026, 12, 1, 9, 30), local(2026, 12, 1, 10, 30), "kim", now=NOW)
    assert starts(database, settings, clinic, day) == ["09:00", "10:30", "10:45", "11:00"]
    sunday = local(2026, 12, 6)
    extra = staff.add_hours(local(2026, 12, 6, 15), local(2026, 12, 6, 16), "lou", now=NOW)
    assert starts(database, settings, clinic, sunday) == ["15:00"]
    staff.remove_change(extra)
    assert starts(database, settings, clinic, sunday) == []
    staff.block_time(local(2026, 12, 1), local(2026, 12, 2), now=NOW)
    assert starts(database, settings, clinic, day) == []


def test_a_block_over_an_appointment_tells_staff_whom_to_call(database: Database, settings: Settings) -> None:
    clinic = clinic_with((practitioner("kim", "09:00-12:00"),), (service_of(60),))
    service, staff = BookingService(database, clinic, settings), StaffCalendar(database, clinic)
    opening = service.openings(OpeningQuery("visit", window=(local(2026, 12, 1), local(2026, 12, 2))), NOW)[0]
    hold = service.hold(opening.id, "c", NOW)
    assert isinstance(hold, Hold)
    booked = service.confirm(hold.id, ANN, None, [], "k", NOW)
    _, inside = staff.block_time(local(2026, 12, 1, 9), local(2026, 12, 1, 11), "kim", "away", "sam", NOW)
    assert inside == [booked]
    entries = staff.day(date(2026, 12, 1), now=NOW)
    assert [(entry.kind, entry.in_conflict) for entry in entries] == [
        ("appointment", True), ("block", False), ("open", False),
    ]  # fmt: skip
    week = staff.week(date(2026, 12, 3), now=NOW)
    assert week[date(2026, 12, 1)] == entries
    assert next(iter(week)) == date(2026, 11, 30)


def test_a_block_must_last_and_be_somebodys(database: Database, clinic: Clinic) -> None:
    staff = StaffCalendar(database, clinic)
    with pytest.raises(ValueError, match="end after"):
        staff.block_time(NOW, NOW, "wendy")
    with pytest.raises(ValueError, match="practitioner"):
        staff.add_hours(NOW, NOW + timedelta(hours=1), "nobody")
