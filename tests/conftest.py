"""What all rooms' tests share: a database of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from bot.store import Database
from tests.postgres import Postgres
from tests.running import desk, running_system, trained_model

__all__ = ["desk", "running_system", "trained_model"]

# A test that fails must fail again: `make test` tries the same examples every time, `make explore` ever new ones.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.register_profile("explore", deadline=None, print_blob=True)
hypothesis.settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    server = Postgres()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def each_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a fresh, migrated database: the test runs once on each kind."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres").new_database())
    url = f"sqlite:///{tmp_path / 'psoas.db'}"
    database = Database(url)
    database.migrate()
    database.dispose()
    return url


@pytest.fixture
def each_database(each_database_url: str) -> Iterator[Database]:
    """The same, opened."""
    database = Database(each_database_url)
    yield database
    database.dispose()
