"""Takes a patient out of the console's own tables, and whole conversations out of all of them."""

from __future__ import annotations

from sqlalchemy import Table, delete
from sqlalchemy.orm import Session

from bot.booking.erasure import erase_bookings
from bot.console.learning.inbox import forget
from bot.console.reviews.remarks import forget_review
from bot.desk.erase import forget_tracker
from bot.store.models import Base, Conversation, LegalHold


def erase_console(session: Session, conversation_id: str) -> None:
    """Erase what staff wrote about one conversation, and what was learnt from it, in the caller's transaction."""
    forget(session, conversation_id)
    forget_review(session, conversation_id)
    session.execute(delete(LegalHold).where(LegalHold.conversation_id == conversation_id))


def remove_conversation(session: Session, conversation_id: str) -> None:
    """Delete a conversation with everything that hangs on it; nothing says any more that it was there."""
    erase_console(session, conversation_id)
    erase_bookings(session, conversation_id)
    forget_tracker(session, conversation_id)
    for table in reversed(Base.metadata.sorted_tables):
        if _belongs_to_conversation(table):
            session.execute(delete(table).where(table.c.conversation_id == conversation_id))
    session.execute(delete(Conversation).where(Conversation.id == conversation_id))


def _belongs_to_conversation(table: Table) -> bool:
    column = table.c.get("conversation_id")
    return column is not None and any(key.column.table.name == "conversations" for key in column.foreign_keys)
