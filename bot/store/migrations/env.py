"""Runs the migrations on the engine that `Database.migrate` hands over."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import JSON, Engine, text

from bot.store.models import Base
from bot.store.models.base import UtcDateTime

# Any fixed number: it lets one process migrate PostgreSQL while the others wait for it.
MIGRATION_LOCK = 71061


def run(engine: Engine) -> None:
    """Upgrade in one transaction, one process at a time; SQLite's BEGIN IMMEDIATE does the same there."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            compare_type=True,
            render_item=plain_type,
            render_as_batch=engine.dialect.name == "sqlite",
            transactional_ddl=True,
        )
        context.run_migrations()


def plain_type(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """A migration names database types only, so that it stays true when our own types change."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, JSON):
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


run(context.config.attributes["engine"])
