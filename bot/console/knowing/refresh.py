"""Keeps the figures of all conversations up to date: those that changed are worked out again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from bot.console.knowing.figures import Figures, Spoken, figures_of, step_of
from bot.console.learning.inbox import note_difficulties
from bot.store.models import Conversation, Message
from bot.store.models.insight import ConversationFigures, ConversationFlag

BATCH = 100
# A change may be committed a little after its own time; so far back is looked again.
OVERLAP = timedelta(minutes=5)


def refresh(session: Session, zone: ZoneInfo, most: int = BATCH) -> int:
    """Work out up to `most` changed conversations again, oldest change first; how many there were."""
    changed = _changed(session, most)
    if not changed:
        return 0
    spoken = _spoken(session, [conversation.id for conversation in changed])
    for conversation in changed:
        _store(session, conversation, figures_of(spoken[conversation.id]), zone)
    session.flush()
    return len(changed)


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


def _store(session: Session, conversation: Conversation, figures: Figures, zone: ZoneInfo) -> None:
    step, booked_only = step_of(conversation.stage, conversation.disposition)
    day = conversation.created_at.astimezone(zone).date().isoformat()
    row = session.get(ConversationFigures, conversation.id)
    if row is not None and conversation.erased_at is not None:
        # What was counted while there were words stays; of empty messages nothing can be counted.
        row.as_of, row.step, row.disposition, row.booked_only = (
            conversation.updated_at,
            step,
            conversation.disposition,
            booked_only,
        )
        return
    session.merge(
        ConversationFigures(
            conversation_id=conversation.id,
            as_of=conversation.updated_at,
            day=day,
            channel=conversation.channel,
            step=step,
            disposition=conversation.disposition,
            booked_only=booked_only,
            typed=figures.typed,
            not_understood=figures.count("not_understood"),
            asked_again=figures.count("asked_again"),
            answer_ms=figures.answer_ms,
            slowest_ms=figures.slowest_ms,
            staff_seconds=figures.staff_seconds,
            open_question=figures.open_question,
        )
    )
    session.execute(delete(ConversationFlag).where(ConversationFlag.conversation_id == conversation.id))
    session.add_all(
        ConversationFlag(
            conversation_id=conversation.id, flag=flag, assertion=assertion, day=day, channel=conversation.channel
        )
        for flag, assertion in figures.flags.items()
    )
    note_difficulties(session, conversation.id, figures.difficulties)
