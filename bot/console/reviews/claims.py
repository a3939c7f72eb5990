"""Who has a conversation in hand, so that two people never answer the same patient, and who is looking at it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, delete, or_, select, update
from sqlalchemy.orm import Session

from bot.store.models import ConversationReview, ConversationViewer

CLAIM_FOR = timedelta(minutes=10)
VIEWED_FOR = timedelta(seconds=60)
_QUIETLY = {"synchronize_session": False}


def claim(session: Session, conversation_id: str, staff: str, now: datetime) -> bool:
    """Take a conversation in hand, or keep it for longer; False if somebody else has it. One atomic statement."""
    free = or_(
        ConversationReview.claimed_by.is_(None),
        ConversationReview.claimed_by == staff,
        ConversationReview.claimed_until <= now,
    )
    taken = (
        update(ConversationReview)
        .where(ConversationReview.conversation_id == conversation_id, free)
        .values(claimed_by=staff, claimed_until=now + CLAIM_FOR)
    )
    return _rows(session, taken) == 1


def keep(session: Session, conversation_id: str, staff: str, now: datetime) -> bool:
    """Hold one's own claim for longer; False if it is not one's own (any more)."""
    kept = (
        update(ConversationReview)
        .where(ConversationReview.conversation_id == conversation_id, _is_held_by(staff, now))
        .values(claimed_until=now + CLAIM_FOR)
    )
    return _rows(session, kept) == 1


def release(session: Session, conversation_id: str, staff: str | None) -> bool:
    """Put a conversation back; without `staff`, whoever has it (a manager may). False if there was no such claim."""
    held = ConversationReview.claimed_by.is_not(None) if staff is None else ConversationReview.claimed_by == staff
    freed = (
        update(ConversationReview)
        .where(ConversationReview.conversation_id == conversation_id, held)
        .values(claimed_by=None, claimed_until=None)
    )
    return _rows(session, freed) == 1


def holder(session: Session, conversation_id: str, now: datetime) -> str | None:
    """Who has the conversation in hand now."""
    query = select(ConversationReview.claimed_by).where(
        ConversationReview.conversation_id == conversation_id, ConversationReview.claimed_until > now
    )
    return session.scalar(query)


def look(session: Session, conversation_id: str, staff: str, now: datetime) -> None:
    """Note that somebody has the conversation open; forgets who had it open before."""
    old = delete(ConversationViewer).where(
        ConversationViewer.conversation_id == conversation_id,
        or_(ConversationViewer.at <= now - VIEWED_FOR, ConversationViewer.staff == staff),
    )
    session.execute(old, execution_options=_QUIETLY)
    session.add(ConversationViewer(conversation_id=conversation_id, staff=staff, at=now))
    session.flush()


def viewers(session: Session, conversation_id: str, now: datetime) -> list[str]:
    """Who has the conversation open, in order of name."""
    query = select(ConversationViewer.staff).where(
        ConversationViewer.conversation_id == conversation_id, ConversationViewer.at > now - VIEWED_FOR
    )
    return sorted(session.scalars(query))


def _is_held_by(staff: str, now: datetime) -> Any:
    return (ConversationReview.claimed_by == staff) & (ConversationReview.claimed_until > now)


def _rows(session: Session, statement: Any) -> int:
    result = cast("CursorResult[Any]", session.execute(statement, execution_options=_QUIETLY))
    return result.rowcount
