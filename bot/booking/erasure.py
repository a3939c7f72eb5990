"""Takes patients' details out of the booking tables, when they ask for it and when time has passed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from bot.store.models.base import utc_now
from bot.store.models.booking import AppointmentRow, BookingRequestRow, EmailRow
from bot.store.models.insight import LegalHold

_NOBODY: dict[str, Any] = {
    "patient_name": None,
    "patient_phone": None,
    "patient_email": None,
    "patient_time_zone": None,
    "shared": None,
    "flags": [],
    "conversation_id": None,
    "idempotency_key": None,
}


def erase_bookings(session: Session, conversation_id: str, now: datetime | None = None) -> None:
    """Erase what one conversation left here, inside the caller's transaction.

    Holds and requests go. An appointment that is still to come stays with its contact and its hazard flags, because
    the clinic expects the person; what they wrote to be shared goes, and so does the tie to the conversation.
    """
    now = now or utc_now()
    of_conversation = AppointmentRow.conversation_id == conversation_id
    session.execute(delete(BookingRequestRow).where(BookingRequestRow.conversation_id == conversation_id))
    holds = select(AppointmentRow.id).where(of_conversation, AppointmentRow.patient_name.is_(None))
    session.execute(delete(EmailRow).where(EmailRow.appointment_id.in_(holds)))
    session.execute(delete(AppointmentRow).where(of_conversation, AppointmentRow.patient_name.is_(None)))
    over = or_(AppointmentRow.status != "booked", AppointmentRow.end_at <= now)
    session.execute(update(AppointmentRow).where(of_conversation, over).values(**_NOBODY))
    session.execute(
        update(AppointmentRow).where(of_conversation).values(conversation_id=None, shared=None, idempotency_key=None)
    )


def forget_past(session: Session, before: datetime) -> None:
    """Erase patients from appointments that ended, and from requests that were closed, before a moment.

    Nothing of a conversation under a legal hold is touched.
    """
    held = select(LegalHold.conversation_id)
    ended: ColumnElement[bool] = and_(
        AppointmentRow.end_at < before,
        or_(AppointmentRow.conversation_id.is_(None), AppointmentRow.conversation_id.not_in(held)),
    )
    session.execute(update(AppointmentRow).where(ended, AppointmentRow.patient_name.is_not(None)).values(**_NOBODY))
    closed = BookingRequestRow.status.in_(("booked", "cancelled"))
    free = or_(BookingRequestRow.conversation_id.is_(None), BookingRequestRow.conversation_id.not_in(held))
    session.execute(delete(BookingRequestRow).where(closed, BookingRequestRow.updated_at < before, free))
