"""Keeps the figures of all conversations up to date: those that changed are worked out again."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from bot.console.knowing.figures import Figures, Spoken, figures_of, step_of
from bot.console.learning.inbox import note_difficulties
from bot.store import Transactions
from bot.store.models import Conversation, ConversationFigures, ConversationFlag, Message

# Few at a time: the desk's own writes come in between.
BATCH = 25
EVERY_SECONDS = 10.0
# A change may be committed a little after its own time; so far back is looked again.
OVERLAP = timedelta(minutes=5)
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Worked:
    """One conversation as it was at `as_of`, worked out."""

    conversation_id: str
    as_of: datetime
    day: str
    channel: str
    stage: str | None
    disposition: str | None
    erased: bool
    figures: Figures


@dataclass
class Refresher:
    """Works through what has changed, in the background of the desk."""

    transactions: Transactions
    zone: ZoneInfo

    async def catch_up(self) -> int:
        """Work out everything that has changed until now; how many conversations."""
        total = 0
        while worked := await self.transactions.read(partial(work_out, zone=self.zone)):
            await self.transactions.write(partial(store, worked=worked))
            total += len(worked)
        return total

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.catch_up()
            except Exception as error:
                log.error("figures_failed", error_object=error)
            await asyncio.sleep(EVERY_SECONDS)


def refresh(session: Session, zone: ZoneInfo, most: int = BATCH) -> int:
    """Work out up to `most` changed conversations in one transaction; how many there were."""
    worked = work_out(session, zone, most)
    store(session, worked)
    return len(worked)


def work_out(session: Session, zone: ZoneInfo, most: int = BATCH) -> list[Worked]:
    """The figures of conversations that have changed since they were last worked out, oldest change first."""
    changed = _changed(session, most)
    spoken = _spoken(session, [conversation.id for conversation in changed]) if changed else {}
    return [
        Worked(
            conversation.id,
            conversation.updated_at,
            conversation.created_at.astimezone(zone).date().isoformat(),
            conversation.channel,
            conversation.stage,
            conversation.disposition,
            conversation.erased_at is not None,
            figures_of(spoken.get(conversation.id, ())),
        )
        for conversation in changed
    ]


def _changed(session: Session, most: int) -> Sequence[Conversation]:
    newest = session.scalar(select(func.max(ConversationFigures.as_of)))
    query = (
        select(Conversation)
        .outerjoin(ConversationFigures, ConversationFigures.conversation_id == Conversation.id)
        .where(or_(ConversationFigures.as_of.is_(None), ConversationFigures.as_of < Conversation.updated_at))
        .order_by(Conversation.updated_at)
        .limit(most)
    )
    if newest is not None:
        query = query.where(Conversation.updated_at >= newest - OVERLAP)
    return session.scalars(query).all()


def _spoken(session: Session, ids: Sequence[str]) -> dict[str, list[Spoken]]:
    query = (
        select(
            Message.conversation_id,
            Message.id,
            Message.author,
            Message.kind,
            Message.at,
            Message.payload,
            Message.understood,
            Message.in_reply_to,
        )
        .where(Message.conversation_id.in_(ids), Message.seq > 0)
        .order_by(Message.conversation_id, Message.seq)
    )
    found: dict[str, list[Spoken]] = defaultdict(list)
    for row in session.execute(query):
        found[row[0]].append(Spoken(*row[1:]))
    return found


def store(session: Session, worked: Sequence[Worked]) -> None:
    """Keep what was worked out; a conversation that is gone meanwhile is left out."""
    ids = [one.conversation_id for one in worked]
    there = set(session.scalars(select(Conversation.id).where(Conversation.id.in_(ids))))
    for one in worked:
        if one.conversation_id in there:
            _store(session, one)
    session.flush()


def _store(session: Session, one: Worked) -> None:
    row = session.get(ConversationFigures, one.conversation_id)
    counted_before = row is not None
    if row is None:
        row = ConversationFigures(conversation_id=one.conversation_id)
        session.add(row)
    row.as_of, row.day, row.channel, row.disposition = one.as_of, one.day, one.channel, one.disposition
    row.step, row.booked_only = step_of(one.stage, one.disposition)
    if one.erased and counted_before:
        return  # what was counted while there were words stays
    figures = one.figures
    row.typed = figures.typed
    row.not_understood, row.asked_again = figures.count("not_understood"), figures.count("asked_again")
    row.answer_ms, row.slowest_ms, row.staff_seconds = figures.answer_ms, figures.slowest_ms, figures.staff_seconds
    row.open_question = figures.open_question
    session.execute(delete(ConversationFlag).where(ConversationFlag.conversation_id == one.conversation_id))
    session.add_all(
        ConversationFlag(
            conversation_id=one.conversation_id, flag=flag, assertion=assertion, day=one.day, channel=one.channel
        )
        for flag, assertion in figures.flags.items()
    )
    note_difficulties(session, one.conversation_id, figures.difficulties)
