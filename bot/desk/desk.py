"""All parts of one desk, put together; rooms that add addresses to it get this."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog

from bot.clinic import Clinic, load_clinic
from bot.desk.assistant_client import AssistantClient
from bot.desk.channels import Channel
from bot.desk.channels.webchat import Webchat
from bot.desk.erase import AlsoErase, Eraser
from bot.desk.events import Events
from bot.desk.health import Health
from bot.desk.inbox import Inbox
from bot.desk.limits import RateLimit
from bot.desk.metrics import Metrics
from bot.desk.notify import Listener
from bot.desk.outbox import Outbox
from bot.desk.receipts import Receipts
from bot.desk.staffing import Staffing
from bot.desk.texts import DeskTexts
from bot.desk.tokens import Tokens
from bot.desk.worker import Patience, Worker
from bot.settings import Settings
from bot.store import Database, Transactions

SESSIONS_A_MINUTE = 300
CATCH_UP_SECONDS = 30.0
log = structlog.get_logger(__name__)


@dataclass
class Desk:
    """The parts of a running desk."""

    settings: Settings
    clinic: Clinic
    transactions: Transactions
    events: Events
    texts: DeskTexts
    metrics: Metrics
    tokens: Tokens
    assistant: AssistantClient
    inbox: Inbox
    outbox: Outbox
    receipts: Receipts
    worker: Worker
    eraser: Eraser
    staffing: Staffing
    health: Health
    channels: dict[str, Channel]
    also_run: list[Callable[[], Coroutine[Any, Any, None]]] = field(default_factory=list)  # rooms' own background work

    async def run(self) -> None:
        """The background work of the desk, until cancelled."""
        work = [self.worker.run(), self.outbox.run(), self.receipts.run(), self._catch_up()]
        if not self.transactions.database.is_sqlite:
            work.append(Listener(self.transactions.database, self._work, self.events.publish).run())
        work += [run() for run in self.also_run]
        await asyncio.gather(*work)

    def _work(self, conversation_id: str) -> None:
        self.worker.wake(conversation_id)
        self.outbox.wake(conversation_id)

    async def _catch_up(self) -> None:
        while True:
            try:
                await self.eraser.catch_up()
            except Exception as error:
                log.error("catch_up_failed", error_object=error)
            await asyncio.sleep(CATCH_UP_SECONDS)

    async def close(self) -> None:
        """Close what was opened; stored work is taken up by the next start."""
        await self.receipts.flush()
        self.assistant.close()
        self.transactions.close()
        self.transactions.database.dispose()


def build_desk(
    settings: Settings,
    *,
    patience: Patience | None = None,
    also_erase: Sequence[AlsoErase] = (),
    owner: str | None = None,
) -> Desk:
    """Put a desk together. `owner` names it in leases: the same after a restart, so it goes on with its own at once."""
    clinic = load_clinic(settings.clinic_file)
    transactions = Transactions(Database(settings.database_url, durable=True))
    texts, events, metrics, tokens = DeskTexts.load(clinic), Events(), Metrics(), Tokens(settings)
    assistant = AssistantClient(settings)
    channels: dict[str, Channel] = {}
    receipts = Receipts(transactions)
    outbox = Outbox(transactions, events, metrics, channels)
    eraser = Eraser(transactions, assistant, events, tuple(also_erase))
    worker = Worker(
        transactions,
        assistant,
        events,
        texts,
        metrics,
        owner=(owner or f"{socket.gethostname()}:{settings.port}")[-60:],
        erase=eraser.by_patient_words,
        deliver=outbox.wake,
        patience=patience or Patience(),
    )
    return_after = timedelta(hours=clinic.resume_hours)
    inbox = Inbox(transactions, events, worker.wake, worker.start, worker.owner, texts, metrics, return_after)
    channels["webchat"] = Webchat(
        transactions,
        inbox,
        events,
        receipts,
        eraser,
        tokens,
        texts,
        clinic.zone,
        message_limit=RateLimit(settings.rate_limit),
        session_limit=RateLimit(None if settings.rate_limit is None else SESSIONS_A_MINUTE),
    )
    also_run: list[Callable[[], Coroutine[Any, Any, None]]] = []
    if settings.messenger is not None:
        # Imported only here: its HTTP client would take a tenth of the desk's start.
        from bot.desk.channels.messenger import build_messenger

        page = build_messenger(
            settings, settings.messenger, clinic, transactions, inbox, events, eraser, tokens, outbox.wake
        )
        channels[page.name] = page
        also_run.append(page.run)
    return Desk(
        settings=settings,
        clinic=clinic,
        transactions=transactions,
        events=events,
        texts=texts,
        metrics=metrics,
        tokens=tokens,
        assistant=assistant,
        inbox=inbox,
        outbox=outbox,
        receipts=receipts,
        worker=worker,
        eraser=eraser,
        staffing=Staffing(transactions, events, texts, worker.wake, outbox.wake),
        health=Health(settings, transactions, assistant, events, metrics),
        channels=channels,
        also_run=also_run,
    )
