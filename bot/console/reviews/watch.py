"""Keeps the queue's lines up to date behind the desk's back: nothing that a patient waits for waits for this."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import partial

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.clinic import Clinic
from bot.console.reviews.summary import refresh
from bot.desk.events import Events, Subscription
from bot.store import Transactions
from bot.store.models import Conversation, ConversationReview, utc_now

# So much may happen in a turn before its line is written once; where nobody looks at the queue, more may.
GATHER_SECONDS, UNSEEN_GATHER_SECONDS = 0.05, 1.0
SWEEP_SECONDS = 2.0
MOST_AT_ONCE = 50
# On SQLite all writing takes turns, and a patient's message waits for the turn before it: keep ours short.
WRITTEN_TOGETHER = 4
# A change is committed a moment after its time was taken.
OVERLAP = timedelta(minutes=1)
LONG_AGO = datetime.min.replace(tzinfo=timezone.utc)
log = structlog.get_logger(__name__)


@dataclass
class Watch:
    """Looks at each conversation that changed, and rings for everybody who has the queue open.

    `lines` has a bell for each conversation that rings once its line is up to date. What was missed (a crash, another
    desk) is found again by a sweep over `updated_at`.
    """

    transactions: Transactions
    events: Events
    clinic: Clinic
    clock: Callable[[], datetime] = utc_now
    lines: Events = field(default_factory=Events)
    _changed: set[str] = field(default_factory=set)
    _something: Subscription = field(default_factory=Subscription)
    _next_sweep: datetime = LONG_AGO
    _bells: set[Subscription] = field(default_factory=set)

    async def run(self) -> None:
        """Until cancelled."""
        with self.events.listen(self._hear):
            catching_up = asyncio.create_task(self.catch_up())
            try:
                while True:
                    await self._round()
            finally:
                catching_up.cancel()

    def _hear(self, conversation_id: str) -> None:
        self._changed.add(conversation_id)
        self._something.ring()

    async def _round(self) -> None:
        """Write down what changed, as soon as it changes; look at the rest now and then."""
        if await self._something.wait(SWEEP_SECONDS):
            await asyncio.sleep(GATHER_SECONDS if self._is_seen() else UNSEEN_GATHER_SECONDS)
        changed, self._changed = list(self._changed), set()
        try:
            if self.clock() >= self._next_sweep:
                self._next_sweep = self.clock() + timedelta(seconds=SWEEP_SECONDS)
                due = await self.transactions.read(lambda session: _due(session, self.clock()))
                changed = list(dict.fromkeys([*changed, *due]))
            await self._refresh(changed)
        except Exception as error:
            log.error("review_failed", error_object=error)

    def _is_seen(self) -> bool:
        """Whether somebody has the queue or a conversation open."""
        return bool(self._bells) or self.lines.streams() > 0

    async def catch_up(self) -> int:
        """Bring all lines up to date; gives how many were written. Also the way to fill an empty table."""
        written = 0
        while stale := await self.transactions.read(_stale):
            await self._refresh(stale)
            written += len(stale)
        return written

    async def _refresh(self, conversation_ids: list[str]) -> None:
        for start in range(0, len(conversation_ids), WRITTEN_TOGETHER):
            some = conversation_ids[start : start + WRITTEN_TOGETHER]
            if await self.transactions.write(partial(self._write, conversation_ids=some)):
                self.ring()
            for each in some:
                self.lines.publish(each)

    def _write(self, session: Session, conversation_ids: list[str]) -> bool:
        now = self.clock()
        changed = [refresh(session, each, self.clinic, now) for each in conversation_ids]
        return any(changed)

    def ring(self) -> None:
        """What the queue shows has changed."""
        for bell in self._bells:
            bell.ring()

    @contextmanager
    def subscribe(self) -> Iterator[Subscription]:
        """A bell that rings when the queue changes."""
        bell = Subscription()
        self._bells.add(bell)
        try:
            yield bell
        finally:
            self._bells.discard(bell)


def _stale(session: Session) -> list[str]:
    """Some conversations whose line is missing or older than they are, the newest first."""
    query = (
        select(Conversation.id)
        .outerjoin(ConversationReview, ConversationReview.conversation_id == Conversation.id)
        .where(or_(ConversationReview.as_of.is_(None), ConversationReview.as_of < Conversation.updated_at))
        .order_by(Conversation.updated_at.desc())
        .limit(MOST_AT_ONCE)
    )
    return list(session.scalars(query))


def _due(session: Session, now: datetime) -> list[str]:
    """Conversations that changed of late without a bell, and those whose place time alone may change."""
    missed = (
        select(Conversation.id)
        .outerjoin(ConversationReview, ConversationReview.conversation_id == Conversation.id)
        .where(
            Conversation.updated_at > now - OVERLAP,
            or_(ConversationReview.as_of.is_(None), ConversationReview.as_of < Conversation.updated_at),
        )
        .limit(MOST_AT_ONCE)
    )
    due = select(ConversationReview.conversation_id).where(ConversationReview.recheck_at <= now).limit(MOST_AT_ONCE)
    return list(dict.fromkeys([*session.scalars(missed), *session.scalars(due)]))
