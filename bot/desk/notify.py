"""Several desks on one PostgreSQL wake each other with LISTEN/NOTIFY; on SQLite there is only one desk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Literal

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.store import Database

Topic = Literal["work", "news"]
CHANNEL = "psoas"
RECONNECT_SECONDS = 2.0
log = structlog.get_logger(__name__)


def announce(session: Session, topic: Topic, conversation_id: str) -> None:
    """Tell all desks at commit: `work` has to be done, or there is `news` to show."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_notify(CHANNEL, f"{topic} {conversation_id}")))


class Listener:
    """Hears what other desks announce."""

    def __init__(self, database: Database, on_work: Callable[[str], None], on_news: Callable[[str], None]) -> None:
        self._url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._heard: dict[str, Callable[[str], None]] = {"work": on_work, "news": on_news}

    async def run(self) -> None:
        """Listen until cancelled, connecting again whenever the connection is lost."""
        import psycopg  # a desk on SQLite does without it

        while True:
            try:
                await self._listen()
            except psycopg.Error as error:
                log.warning("listen_lost", error=type(error).__name__)
                await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen(self) -> None:
        import psycopg

        async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            async for notice in connection.notifies():
                topic, _, conversation_id = notice.payload.partition(" ")
                heard = self._heard.get(topic)
                if heard is not None:
                    heard(conversation_id)
