"""The search stays fast with a full calendar."""

from __future__ import annotations

import datetime as dt
import random
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import insert

from bot.booking import ledger
from bot.booking.intervals import minute_of
from bot.booking.service import BookingService
from bot.booking.types import OpeningQuery, Preferences
from bot.clinic import Clinic
from bot.settings import Settings
from bot.store import Database
from bot.store.models.base import utc_now
from bot.store.models.booking import AppointmentRow
from tests.booking.conftest import NOW, clinic_with, local, practitioner, service_of

BOOKINGS = 10_000
LIMIT_MS = 20
RUNS = 100
NAMES = ("ann", "bob", "cid", "dee", "eve")


@pytest.fixture(scope="module")
def busy_clinic() -> Clinic:
    people = tuple(practitioner(name, "08:00-12:00", "13:00-20:00", days=range(7)) for name in NAMES)
    return clinic_with(people, (service_of(45, buffer=15),), horizon_days=60, holiday_country="US")


def fill(database: Database, share_near: float) -> None:
    """10,000 bookings of 15 minutes: a share of them in the eight weeks to come, the others in the years around."""
    chance = random.Random(7)
    near = [(name, day, slot) for name in NAMES for day in range(1, 57) for slot in range(48)]
    far = [(name, day, slot) for name in NAMES for day in range(-200, 0) for slot in range(48)]
    chosen = chance.sample(near, int(BOOKINGS * share_near))
    chosen += chance.sample(far, BOOKINGS - len(chosen))
    start_of_day = local(2026, 11, 23, 8)
    with database.session() as session:
        schedules = ledger.lock_schedules(session, NAMES)
        rows = []
        for number, (name, day, slot) in enumerate(chosen):
            start = start_of_day + timedelta(days=day, minutes=15 * slot)
            rows.append(
                {
                    "id": f"b{number}",
                    "schedule_id": schedules[name],
                    "practitioner": name,
                    "service": "visit",
                    "start_at": start,
                    "end_at": start + timedelta(minutes=15),
                    "busy_from": minute_of(start),
                    "busy_until": minute_of(start) + 15,
                    "status": "booked",
                    "slot_status": "busy",
                    "hold_extensions": 0,
                    "flags": [],
                    "sequence": 0,
                    "created_at": utc_now(),
                    "updated_at": utc_now(),
                }
            )
        session.execute(insert(AppointmentRow), rows)


@pytest.mark.parametrize("share_near", [0.2, 0.5])
@pytest.mark.parametrize(
    "preferences",
    [Preferences(), Preferences(weekdays=frozenset({6}), not_before=dt.time(18, 30))],
    ids=["any time", "hard to find"],
)
def test_eight_weeks_of_five_practitioners(
    either_database: Database, busy_clinic: Clinic, settings: Settings, share_near: float, preferences: Preferences
) -> None:
    fill(either_database, share_near)
    service = BookingService(either_database, busy_clinic, settings)
    window = NOW, NOW + timedelta(weeks=8)
    query = OpeningQuery("visit", window=window, preferences=preferences, limit=3 if not preferences.weekdays else 60)
    assert service.openings(query, NOW)
    # The tests share the machine with other work, so one undisturbed run is what counts.
    best = min(_until_fast(lambda: service.openings(query, NOW)))
    assert best < LIMIT_MS, f"the best of {RUNS} runs took {best:.1f} ms"


def _until_fast(search: Callable[[], object]) -> Iterator[float]:
    """Milliseconds of each run, until one is fast enough."""
    for _ in range(RUNS):
        started = time.perf_counter()
        search()
        taken = (time.perf_counter() - started) * 1000
        yield taken
        if taken < LIMIT_MS:
            return
