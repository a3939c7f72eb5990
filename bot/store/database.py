"""Engine, sessions and the way to bring a database up to date."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker

MIGRATIONS = Path(__file__).parent / "migrations"
SQLITE_BUSY_MS = 10_000
SCRUB_TRIES = 50
MERGE_PAGES = 500
SCRUB_PAUSE_SECONDS = 0.1


class Database:
    """One database: SQLite in WAL mode, or PostgreSQL.

    Sessions are synchronous; asynchronous callers run them in a thread (or through `Transactions`).
    With `durable`, a commit on SQLite also outlives a power cut; PostgreSQL's always does.
    """

    def __init__(self, url: str, *, durable: bool = False) -> None:
        self.url = make_url(url)
        if self.url.drivername in ("postgresql", "postgres"):
            self.url = self.url.set(drivername="postgresql+psycopg")
        self.engine: Engine = _engine(self.url, durable=durable)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._readers = sessionmaker(self.engine.execution_options(psoas_reading=True), expire_on_commit=False)

    @property
    def is_sqlite(self) -> bool:
        """True on SQLite, which has one writer at a time and no row locks."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One transaction: committed at the end of the block, rolled back on any error."""
        with self._sessions.begin() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One transaction that only reads: on SQLite it neither waits for a writer nor holds one up."""
        with self._readers.begin() as session:
            yield session

    def migrate(self) -> None:
        """Bring the schema to the newest revision; safe to call from several processes at once."""
        if self._revision() == max(path.stem[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py")):
            return
        # Alembic is large, and a start that has nothing to migrate is the usual one.
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["engine"] = self.engine
        command.upgrade(config, "head")

    def _revision(self) -> str | None:
        with self.reading() as session:
            if not inspect(session.connection()).has_table("alembic_version"):
                return None
            return str(session.scalar(text("SELECT version_num FROM alembic_version")))

    def scrub(self) -> None:
        """Make sure that nothing deleted can still be read from SQLite's files; PostgreSQL's vacuum does it there.

        `secure_delete` zeroes the pages; the index of words drops what was deleted when its parts are merged; what the
        write-ahead log still holds goes with its truncation. Raises TimeoutError if others keep reading the log.
        """
        if not self.is_sqlite:
            return
        connection = self.engine.raw_connection()
        try:
            _merge_words(connection)
            for _ in range(SCRUB_TRIES):
                # The first column is 1 while somebody still reads from the log.
                if connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0:
                    return
                time.sleep(SCRUB_PAUSE_SECONDS)
        finally:
            connection.close()
        raise TimeoutError("the write-ahead log is still being read")

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _merge_words(connection: Any) -> None:
    """Merge the index of words into one part, in slices between which others can write."""
    cursor = connection.cursor()
    if not cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'message_words'").fetchone():
        return
    pages = -MERGE_PAGES  # negative: begin with all parts, not only with those that are due
    while True:
        before = connection.driver_connection.total_changes
        cursor.execute("INSERT INTO message_words(message_words, rank) VALUES ('merge', ?)", (pages,))
        if connection.driver_connection.total_changes - before < 2:
            return
        pages = MERGE_PAGES


def _engine(url: URL, *, durable: bool) -> Engine:
    # Parameters are patients' words: they stay out of error messages, and so out of the logs.
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=20, hide_parameters=True)
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        connect_args={"check_same_thread": False, "timeout": SQLITE_BUSY_MS / 1000},
        pool_size=10,
        max_overflow=40,
        hide_parameters=True,
    )
    pragmas = (
        "journal_mode=WAL",
        f"synchronous={'FULL' if durable else 'NORMAL'}",
        "foreign_keys=ON",
        "secure_delete=ON",
        f"busy_timeout={SQLITE_BUSY_MS}",
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy sends BEGIN itself, below
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # Taking the write lock at once avoids a deadlock between two readers that both want to write.
        reading = connection.get_execution_options().get("psoas_reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine
