"""Notes what reached the patient's device, a little later and many at once: nobody waits for it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import structlog
from sqlalchemy.orm import Session

from bot.desk import conversations
from bot.store import Transactions

PAUSE_SECONDS = 0.3
log = structlog.get_logger(__name__)


@dataclass
class Receipts:
    """What went out (`sent`) and what surely arrived (`delivered`). Lost in a crash, it is noted at the next look."""

    transactions: Transactions

    def __post_init__(self) -> None:
        self._sent: set[int] = set()
        self._delivered: dict[str, int] = {}
        self._something = asyncio.Event()

    def sent(self, message_ids: list[int]) -> None:
        """These messages went out."""
        if message_ids:
            self._sent.update(message_ids)
            self._something.set()

    def delivered(self, conversation_id: str, seq: int) -> None:
        """Everything of this conversation up to `seq` arrived."""
        if seq > self._delivered.get(conversation_id, 0):
            self._delivered[conversation_id] = seq
            self._something.set()

    async def run(self) -> None:
        """Write down what was noted; until cancelled."""
        while True:
            await self._something.wait()
            await asyncio.sleep(PAUSE_SECONDS)
            self._something.clear()
            try:
                await self.flush()
            except Exception as error:
                log.error("receipts_failed", error_object=error)

    async def flush(self) -> None:
        """Write down now what was noted so far."""
        sent, self._sent = sorted(self._sent), set()
        delivered, self._delivered = self._delivered, {}
        if not sent and not delivered:
            return

        def write(session: Session) -> None:
            if sent:
                conversations.mark_sent(session, sent)
            for conversation_id, seq in delivered.items():
                conversations.mark_delivered(session, conversation_id, seq)

        await self.transactions.write(write)
