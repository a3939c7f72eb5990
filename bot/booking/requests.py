"""What a person at the clinic must act on: waiting list, call backs, and what another system did not take."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.booking import ledger
from bot.booking.types import Contact, Preferences, RequestKind, SharedNote
from bot.store.models.booking import BookingRequestRow

NOTE_LENGTH = 500
OPEN = ("waitlist", "proposed")
AGAIN = ("waiting_list", "callback")


def add_request(
    session: Session,
    kind: RequestKind,
    now: datetime,
    *,
    contact: Contact | None,
    conversation_id: str | None,
    service: str | None = None,
    practitioner: str | None = None,
    start: datetime | None = None,
    window: tuple[datetime, datetime] | None = None,
    preferences: Preferences | None = None,
    appointment_id: str | None = None,
    shared: SharedNote | None = None,
    flags: tuple[str, ...] = (),
    note: str | None = None,
    key: str | None = None,
) -> BookingRequestRow:
    """Store one open request and give its row; the same key again gives the row that is there.

    Somebody whose wish was dealt with may have it again: a closed waiting-list or call-back request gives up its key.
    """
    if key is not None:
        known = session.scalar(select(BookingRequestRow).where(BookingRequestRow.idempotency_key == key))
        if known is not None and (known.status in OPEN or kind not in AGAIN):
            return known
        if known is not None:
            known.idempotency_key = None
            session.flush()
    row = BookingRequestRow(
        id=ledger.new_id(),
        kind=kind,
        status="waitlist" if kind == "waiting_list" else "proposed",
        conversation_id=conversation_id,
        appointment_id=appointment_id,
        idempotency_key=key,
        service=service,
        practitioner=practitioner,
        start_at=start,
        window_start=window[0] if window else None,
        window_end=window[1] if window else None,
        preferences=ledger.preferences_json(preferences or Preferences()),
        shared=ledger.shared_json(shared),
        flags=list(flags),
        note=note[:NOTE_LENGTH] if note else None,
        offers_made=[],
        created_at=now,
        updated_at=now,
    )
    if contact is not None:
        ledger.write_contact(row, contact)
    session.add(row)
    session.flush()
    return row


def close_requests_of(session: Session, appointment_id: str, now: datetime) -> None:
    """Nobody needs to act on wishes about an appointment that is cancelled."""
    session.execute(
        update(BookingRequestRow)
        .where(BookingRequestRow.appointment_id == appointment_id, BookingRequestRow.status.in_(OPEN))
        .values(status="cancelled", updated_at=now)
    )


def as_query_fields(row: BookingRequestRow) -> dict[str, Any]:
    """What a waiting-list request asks for, as the fields of an OpeningQuery."""
    return {
        "service": row.service or "",
        "practitioner": row.practitioner,
        "window": (row.window_start, row.window_end) if row.window_start and row.window_end else None,
        "preferences": ledger.preferences_from_json(row.preferences),
        "moving": row.appointment_id,
    }
