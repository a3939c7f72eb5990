"""The calendar file: neutral, stable, and read back the same by another library."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import icalendar
import pytest

from bot.booking.calendar_file import CalendarFile, Method
from bot.booking.service import BookingService
from bot.booking.types import Appointment, AppointmentStatus, Hold, OpeningQuery, SharedNote
from tests.booking.conftest import ANN, NOW, local

DAY = local(2026, 12, 1), local(2026, 12, 2)


@pytest.fixture
def appointment(service: BookingService) -> Appointment:
    opening = service.openings(OpeningQuery("deep_tissue_massage", window=DAY), NOW)[0]
    hold = service.hold(opening.id, "c", NOW)
    assert isinstance(hold, Hold)
    shared = SharedNote(("Severe back pain", "Pregnant"), NOW)
    booked = service.confirm(hold.id, ANN, shared, ["pregnancy"], "k", NOW)
    assert isinstance(booked, Appointment)
    return booked


def event_of(file: bytes) -> tuple[icalendar.Calendar, icalendar.Event]:
    calendar = icalendar.Calendar.from_ical(file)
    assert isinstance(calendar, icalendar.Calendar)
    (event,) = calendar.walk("VEVENT")
    assert isinstance(event, icalendar.Event)
    return calendar, event


@pytest.mark.parametrize("method", list(Method))
def test_it_reads_back_the_same(service: BookingService, appointment: Appointment, method: Method) -> None:
    file = service.ics(appointment, method)
    calendar, event = event_of(file)
    assert calendar.to_ical() == file
    assert calendar["METHOD"] == method.value
    assert calendar["VERSION"] == "2.0"
    assert event.decoded("dtstart") == appointment.start
    assert event.decoded("dtend") == appointment.end
    assert event["STATUS"] == ("CANCELLED" if method is Method.CANCEL else "CONFIRMED")
    assert not event.errors
    assert file.count(b"\n") == file.count(b"\r\n")
    assert max(len(line) for line in file.split(b"\r\n")) <= 75


@pytest.mark.parametrize("method", list(Method))
def test_no_health_details(service: BookingService, appointment: Appointment, method: Method) -> None:
    file = service.ics(appointment, method).decode().replace("\r\n ", "").lower()
    for private in ("pain", "pregnan", "massage", "severe", "back", "ann lee", "0199", "laser", "consultation"):
        assert private not in file, private
    assert "appointment at attuned vitality" in file


def test_the_same_uid_and_a_rising_sequence(service: BookingService, appointment: Appointment) -> None:
    later = service.openings(OpeningQuery("deep_tissue_massage", window=DAY, limit=None), NOW)[-1]
    moved = service.reschedule(appointment.id, later.id, NOW + timedelta(minutes=1))
    assert isinstance(moved, Appointment)
    cancelled = service.cancel(appointment.id, "", NOW + timedelta(minutes=2))
    assert isinstance(cancelled, Appointment)
    assert cancelled.status is AppointmentStatus.CANCELLED
    events = [
        event_of(service.ics(appointment, Method.REQUEST))[1],
        event_of(service.ics(moved, Method.REQUEST))[1],
        event_of(service.ics(cancelled, Method.CANCEL))[1],
    ]
    assert len({str(event["UID"]) for event in events}) == 1
    assert [int(event["SEQUENCE"]) for event in events] == [0, 1, 2]
    stamps = [event.decoded("dtstamp") for event in events]
    assert stamps == sorted(set(stamps))


def test_invitations_name_organizer_and_attendee(service: BookingService, appointment: Appointment) -> None:
    _, event = event_of(service.ics(appointment, Method.REQUEST))
    assert event["ORGANIZER"] == "mailto:hello@attunedvitality.example"
    assert event["ATTENDEE"] == "mailto:ann@example.com"
    _, download = event_of(service.ics(appointment))
    assert "ATTENDEE" not in download


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"])
@pytest.mark.parametrize("month", [1, 3, 4, 7, 10, 11])
def test_the_zone_rules_give_the_same_moment(appointment: Appointment, zone: str, month: int) -> None:
    start = datetime(2027, month, 2, 14, tzinfo=ZoneInfo(zone)).astimezone(timezone.utc)
    moved = Appointment(**{**appointment.__dict__, "start": start, "end": start + timedelta(hours=1)})
    file = CalendarFile("Visit", "Words", "Clinic", "a@example.com", "Place", ZoneInfo(zone), "example.com")
    calendar, event = event_of(file.render(moved, Method.PUBLISH, None))
    (rules,) = calendar.walk("VTIMEZONE")
    assert isinstance(rules, icalendar.Timezone)
    wall = event["DTSTART"].dt.replace(tzinfo=None)
    assert wall.replace(tzinfo=rules.to_tz(lookup_tzid=False)).astimezone(timezone.utc) == start


def test_every_change_of_the_clocks_is_there(service: BookingService, appointment: Appointment) -> None:
    calendar, _ = event_of(service.ics(appointment))
    starts = {
        part.name: [one["DTSTART"].dt for one in calendar.walk(part.name)]
        for part in (icalendar.TimezoneDaylight(), icalendar.TimezoneStandard())
    }
    assert starts["DAYLIGHT"] == [datetime(2026, 3, 8, 2), datetime(2027, 3, 14, 2)]
    assert starts["STANDARD"][1:] == [datetime(2026, 11, 1, 2), datetime(2027, 11, 7, 2)]
