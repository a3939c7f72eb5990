"""Many patients at once: the database itself keeps two of them from having the same time."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from bot.booking.intervals import minute_of
from bot.booking.service import BookingService
from bot.booking.types import Appointment, Contact, OpeningQuery, Taken
from bot.settings import Settings
from bot.store import Database
from bot.store.models.base import utc_now
from bot.store.models.booking import AppointmentRow, ScheduleRow
from tests.booking.conftest import ANN, NOW, clinic_with, local, practitioner, service_of

PATIENTS, OPENINGS = 200, 20


def test_200_patients_for_20_openings(either_database: Database, settings: Settings) -> None:
    clinic = clinic_with((practitioner("kim", "09:00-19:00", days=range(7)),), (service_of(30),), horizon_days=400)
    service = BookingService(either_database, clinic, settings)
    day = local(2026, 12, 1), local(2026, 12, 2)
    openings = service.openings(OpeningQuery("visit", window=day, limit=None), NOW)
    openings = [one for one in openings if one.start.minute % 30 == 0]
    assert len(openings) == OPENINGS
    start = Barrier(PATIENTS)

    def book(number: int) -> str:
        start.wait()
        held = service.hold(openings[number % OPENINGS].id, f"conversation-{number}", NOW)
        if isinstance(held, Taken):
            assert held.alternatives, "a patient who is too late is offered something else"
            return "offered"
        patient = Contact(f"Patient A{number}", phone=f"+1212555{number:04}")
        booked = service.confirm(held.id, patient, None, [], f"key-{number}", NOW)
        assert isinstance(booked, Appointment)
        return "booked"

    with ThreadPoolExecutor(PATIENTS) as pool:
        results = Counter(pool.map(book, range(PATIENTS)))

    assert results == {"booked": OPENINGS, "offered": PATIENTS - OPENINGS}
    with either_database.reading() as session:
        rows = session.execute(select(AppointmentRow.busy_from, func.count()).group_by(AppointmentRow.busy_from)).all()
    assert len(rows) == OPENINGS
    assert {count for _, count in rows} == {1}


def _row(row_id: str, schedule: int, start_minute: int, minutes: int, status: str = "booked") -> AppointmentRow:
    begin = local(2026, 12, 1, 9)
    first = minute_of(begin) + start_minute
    return AppointmentRow(
        id=row_id,
        schedule_id=schedule,
        practitioner=f"p{schedule}",
        service="visit",
        start_at=begin + timedelta(minutes=start_minute),
        end_at=begin + timedelta(minutes=start_minute + minutes),
        busy_from=first,
        busy_until=first + minutes,
        status=status,
        slot_status="busy",
        hold_expires_at=utc_now() + timedelta(minutes=10) if status == "pending" else None,
        flags=[],
    )


@pytest.fixture
def schedules(either_database: Database) -> Database:
    with either_database.session() as session:
        session.add_all([ScheduleRow(id=1, practitioner="p1"), ScheduleRow(id=2, practitioner="p2")])
        session.flush()
        session.add(_row("first", 1, 60, 45))
    return either_database


@pytest.mark.parametrize(
    ("start", "minutes", "status"),
    [(60, 45, "booked"), (30, 31, "pending"), (104, 60, "booked"), (70, 5, "pending"), (0, 300, "arrived")],
)
def test_the_database_refuses_any_overlap(schedules: Database, start: int, minutes: int, status: str) -> None:
    with pytest.raises(IntegrityError), schedules.session() as session:
        session.add(_row("second", 1, start, minutes, status))


@pytest.mark.parametrize(
    ("schedule", "start", "minutes", "status"),
    [(1, 0, 60, "booked"), (1, 105, 30, "pending"), (2, 60, 45, "booked"), (1, 60, 45, "cancelled")],
)
def test_the_database_takes_what_does_not_overlap(
    schedules: Database, schedule: int, start: int, minutes: int, status: str
) -> None:
    with schedules.session() as session:
        session.add(_row("second", schedule, start, minutes, status))


@pytest.mark.parametrize("change", [{"busy_from": -30}, {"status": "booked"}])
def test_the_database_refuses_a_change_that_would_overlap(schedules: Database, change: dict[str, object]) -> None:
    with schedules.session() as session:
        session.add(_row("second", 1, 105, 30))
        session.add(_row("third", 1, 60, 30, "cancelled"))
    with pytest.raises(IntegrityError), schedules.session() as session:
        if "status" in change:
            session.get_one(AppointmentRow, "third").status = "booked"
        else:
            session.get_one(AppointmentRow, "second").busy_from -= 30


def test_two_confirmations_of_one_hold_at_once_book_once(either_database: Database, settings: Settings) -> None:
    clinic = clinic_with((practitioner("kim", "09:00-17:00"),), (service_of(30),))
    service = BookingService(either_database, clinic, settings)
    opening = service.openings(OpeningQuery("visit"), NOW)[-1]
    hold = service.hold(opening.id, "c", NOW)
    assert not isinstance(hold, Taken)
    start = Barrier(8)

    def confirm(number: int) -> object:
        start.wait()
        return service.confirm(hold.id, ANN, None, [], "one-key" if number % 2 else f"key-{number}", NOW)

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(confirm, range(8)))
    assert all(isinstance(one, Appointment) for one in results)
    assert len({one.id for one in results if isinstance(one, Appointment)}) == 1
    assert len(service.find("c", NOW)) == 1
