"""The migrations lead to exactly the tables that the models describe."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from bot.store import Database
from bot.store.database import MIGRATIONS
from bot.store.models import Base


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres").new_database(template="template1"))
    return f"sqlite:///{tmp_path / 'new' / 'folder' / 'psoas.db'}"


def is_of_a_model(_object: object, name: str | None, _kind: str, _reflected: bool, _other: object) -> bool:
    """The search for words has an index of its own on each database, which no model describes."""
    return not (name or "").startswith(("message_words", "ix_messages_words"))


def test_migrated_schema_is_that_of_the_models(each_database: Database) -> None:
    with each_database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": is_of_a_model})
        assert compare_metadata(context, Base.metadata) == []


def test_migrating_again_changes_nothing(each_database: Database) -> None:
    before = sorted(inspect(each_database.engine).get_table_names())
    each_database.migrate()
    assert sorted(inspect(each_database.engine).get_table_names()) == before


def test_processes_that_migrate_at_once_all_succeed(empty_url: str) -> None:
    migrate = "import sys; from bot.store import Database; Database(sys.argv[1]).migrate()"
    processes = [subprocess.Popen([sys.executable, "-c", migrate, empty_url]) for _ in range(4)]
    assert [process.wait(60) for process in processes] == [0, 0, 0, 0]
    database = Database(empty_url)
    tables = inspect(database.engine).get_table_names()
    database.dispose()
    assert set(Base.metadata.tables) <= set(tables)


def test_migrations_are_one_line_without_branches() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    assert len(scripts.get_heads()) == 1
    names = sorted(path.stem for path in (MIGRATIONS / "versions").glob("*.py"))
    assert [name[:4] for name in names] == [f"{number:04}" for number in range(1, len(names) + 1)]
