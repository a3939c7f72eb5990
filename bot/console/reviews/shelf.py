"""What staff keep for later use: views of the list under a name, and ready replies that a manager has approved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.console.reviews.filters import Filters
from bot.console.reviews.remarks import Refused
from bot.store.models import ReadyReply, SavedView

MOST_VIEWS = 30
LONGEST_REPLY = 2000


def save_view(session: Session, staff: str, name: str, filters: Filters) -> None:
    """Keep a list with its filters; the same name again replaces it. Raises Refused."""
    name = " ".join(name.split())
    if not name or len(name) > 60:
        raise Refused("A view needs a name of up to 60 characters.")
    views = {view.name: view for view in views_of(session, staff)}
    if name in views:
        views[name].query = filters.query
    elif len(views) >= MOST_VIEWS:
        raise Refused(f"You can keep up to {MOST_VIEWS} views. Remove one first.")
    else:
        session.add(SavedView(staff=staff, name=name, query=filters.query))
    session.flush()


def views_of(session: Session, staff: str) -> Sequence[SavedView]:
    """One's own views by name."""
    return session.scalars(select(SavedView).where(SavedView.staff == staff).order_by(SavedView.name)).all()


def remove_view(session: Session, staff: str, view_id: int) -> None:
    """Forget a view of one's own; another's is left alone."""
    session.execute(delete(SavedView).where(SavedView.id == view_id, SavedView.staff == staff))


def write_reply(session: Session, title: str, text: str, *, by: str) -> ReadyReply:
    """Propose a ready reply, or change one: it must be approved (again). Raises Refused."""
    title, text = " ".join(title.split()), text.strip()
    if not title or len(title) > 80:
        raise Refused("A ready reply needs a title of up to 80 characters.")
    if not text or len(text) > LONGEST_REPLY:
        raise Refused(f"A ready reply has 1 to {LONGEST_REPLY} characters.")
    reply = session.scalars(select(ReadyReply).where(ReadyReply.title == title)).one_or_none()
    if reply is None:
        reply = ReadyReply(title=title, text=text, written_by=by)
        session.add(reply)
    reply.text, reply.written_by, reply.approved_by, reply.approved_at = text, by, None, None
    session.flush()
    return reply


def approve_reply(session: Session, reply_id: int, *, by: str, now: datetime) -> None:
    """Let everybody use a ready reply; raises LookupError."""
    reply = session.get(ReadyReply, reply_id)
    if reply is None:
        raise LookupError(reply_id)
    reply.approved_by, reply.approved_at = by, now


def remove_reply(session: Session, reply_id: int) -> None:
    """Take a ready reply away."""
    session.execute(delete(ReadyReply).where(ReadyReply.id == reply_id))


def replies(session: Session, *, approved: bool = True) -> Sequence[ReadyReply]:
    """The ready replies by title: those that can be sent, or all."""
    query = select(ReadyReply).order_by(ReadyReply.title)
    return session.scalars(query.where(ReadyReply.approved_at.is_not(None)) if approved else query).all()
