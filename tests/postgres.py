"""A real PostgreSQL for tests."""

from __future__ import annotations

import itertools
import shutil
import subprocess
import tempfile
from pathlib import Path

import pgserver
import psycopg

from bot.store import Database


class Postgres:
    """A server of its own, in a folder of its own; each test gets a database copied from a migrated one."""

    def __init__(self) -> None:
        # Not among pytest's folders: those are for their owner only, and PostgreSQL refuses to run as root.
        self._folder = Path(tempfile.mkdtemp(prefix="psoas-postgres-"))
        self._server = pgserver.get_server(self._folder, cleanup_mode="stop")
        self._uri = str(self._server.get_uri())
        self._numbers = itertools.count(1)
        migrated = Database(self.new_database(name="migrated", template="template1"))
        migrated.migrate()
        migrated.dispose()

    def new_database(self, name: str | None = None, template: str = "migrated") -> str:
        """The address of a new database; `template1` gives one without tables."""
        name = name or f"test_{next(self._numbers)}"
        with psycopg.connect(self._uri, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        head, _, query = self._uri.partition("?")
        return f"{head.rpartition('/')[0]}/{name}?{query}"

    @staticmethod
    def dump(url: str) -> str:
        """All that a backup of this database would hold."""
        program = Path(pgserver.__file__).parent / "pginstall" / "bin" / "pg_dump"
        address = "postgresql:" + url.partition(":")[2]
        return subprocess.run([program, "--dbname", address], capture_output=True, check=True, text=True).stdout

    def stop(self) -> None:
        """Stop the server and delete what it kept."""
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)
