"""A clinic to book at, and both kinds of database."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pgserver
import pytest
from sqlalchemy import text

from bot.booking.service import BookingService
from bot.booking.types import Contact
from bot.clinic import Clinic, Practitioner, Service, Span, load_clinic
from bot.settings import Settings
from bot.store import Database

CLINIC_FILE = Path(__file__).parents[2] / "bot" / "clinic" / "clinic.yml"
NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=NEW_YORK)
"""A Monday morning."""

ANN = Contact("Ann Lee", phone="+12125550199", email="ann@example.com")


def local(year: int, month: int, day: int, hour: int = 0, minute: int = 0, zone: ZoneInfo = NEW_YORK) -> datetime:
    """A wall-clock time, aware."""
    return datetime(year, month, day, hour, minute, tzinfo=zone)


def spans(*texts: str) -> tuple[Span, ...]:
    """Spans from texts such as "09:00-12:00"."""
    pairs = [text.split("-") for text in texts]
    return tuple(Span(time.fromisoformat(start), time.fromisoformat(end)) for start, end in pairs)


def practitioner(id_: str, *hours: str, days: range = range(5), services: tuple[str, ...] = ("visit",)) -> Practitioner:
    """A practitioner with the same hours on each of the days."""
    return Practitioner(id_, id_.title(), "", services, {day: spans(*hours) for day in days})


def service_of(minutes: int, buffer: int = 0, id_: str = "visit") -> Service:
    """A service."""
    return Service(id_, id_.title(), minutes, buffer, "$1", "")


def clinic_with(
    people: tuple[Practitioner, ...], services: tuple[Service, ...], zone: str = "America/New_York", **changes: object
) -> Clinic:
    """The demonstration clinic with other people, services and rules; no lead time, no holidays unless asked."""
    plain = {"lead_time_hours": 0, "horizon_days": 120, "holiday_country": None, "holiday_subdivision": None}
    return replace(
        load_clinic(CLINIC_FILE), practitioners=people, services=services, time_zone=zone, **{**plain, **changes}
    )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a data directory and a key of their own, without a mail server."""
    return Settings.from_env({"PSOAS_DATA_DIR": str(tmp_path), "PSOAS_SECRET_KEY": "test-key-of-booking"})


@pytest.fixture
def mail_settings(settings: Settings) -> Settings:
    """The same with a mail server."""
    return replace(settings, smtp_url="smtp://127.0.0.1:5479")


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """An empty SQLite database."""
    database = Database(settings.database_url)
    database.migrate()
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server of this test run."""
    folder = Path(tempfile.mkdtemp(prefix="psoas-booking-"))
    folder.chmod(0o755)
    server = pgserver.get_server(folder)
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Database]:
    """An empty PostgreSQL database."""
    database = Database(postgres_url)
    with database.session() as session:
        session.execute(text("DROP SCHEMA public CASCADE"))
        session.execute(text("CREATE SCHEMA public"))
    database.migrate()
    yield database
    database.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def either_database(request: pytest.FixtureRequest) -> Database:
    """Both databases, one after the other."""
    return request.getfixturevalue("database" if request.param == "sqlite" else "postgres")


@pytest.fixture
def clinic() -> Clinic:
    """The demonstration clinic."""
    return load_clinic(CLINIC_FILE)


@pytest.fixture
def service(database: Database, clinic: Clinic, settings: Settings) -> BookingService:
    """Booking at the demonstration clinic, on SQLite."""
    return BookingService(database, clinic, settings)
