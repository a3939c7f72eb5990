"""What the console's tests share: a console on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.booking.compose import booking_service
from bot.booking.erasure import erase_bookings
from bot.console.privacy.erasure import erase_console
from bot.console.screens import Console
from bot.desk.desk import build_desk
from bot.settings import Settings
from tests.console.site import BASE_URL, Clock, Site
from tests.desk.conftest import opening

__all__ = ["opening"]


def open_site(database_url: str, folder: Path) -> Iterator[Site]:
    settings = replace(
        Settings.from_env(
            {
                "PSOAS_DATA_DIR": str(folder),
                "PSOAS_DATABASE_URL": database_url,
                "PSOAS_SECRET_KEY": "for tests",
                "PSOAS_ASSISTANT_PORT": "9",  # nobody listens
            }
        ),
        base_url=BASE_URL,
    )
    desk = build_desk(settings, also_erase=(erase_bookings, erase_console))
    desk.transactions.database.migrate()
    clock = Clock()
    bookings = booking_service(desk.transactions.database, desk.clinic, settings)
    yield Site(Console(desk, bookings, settings, clock), clock)
    desk.assistant.close()
    desk.transactions.close()
    desk.transactions.database.dispose()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """The console on SQLite."""
    yield from open_site(f"sqlite:///{tmp_path / 'psoas.db'}", tmp_path)


@pytest.fixture
def each_site(each_database_url: str, tmp_path: Path) -> Iterator[Site]:
    """The console on SQLite, and again on PostgreSQL."""
    yield from open_site(each_database_url, tmp_path)
