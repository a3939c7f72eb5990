"""What happens when another booking system cannot be reached: staff are asked to do it, and will confirm."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from bot.booking import ledger
from bot.booking.intervals import moment_of
from bot.booking.requests import add_request
from bot.booking.tokens import OpeningName
from bot.booking.types import Contact, RequestedInstead, SharedNote, UnknownAppointment, UnknownHold
from bot.store import Database


class StaffFallback:
    """Turns what could not be done into requests, each of them once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def confirm(
        self, hold_id: str, contact: Contact, shared: SharedNote | None, hazards: list[str], key: str, now: datetime
    ) -> RequestedInstead:
        """Ask staff to book the held time; the hold is given up, for only they know whether the time is free."""
        with self._database.session() as session:
            row = ledger.locked(session, hold_id, UnknownHold)
            request = add_request(
                session,
                "confirm",
                now,
                contact=contact,
                conversation_id=row.conversation_id,
                service=row.service,
                practitioner=row.practitioner,
                start=row.start_at,
                shared=shared,
                flags=tuple(hazards),
                key=key,
            )
            session.delete(row)
            return RequestedInstead(ledger.request_view(request))

    def change(
        self,
        appointment_id: str,
        kind: Literal["move", "cancel"],
        now: datetime,
        wanted: OpeningName | None = None,
        note: str | None = None,
    ) -> RequestedInstead:
        """Ask staff to move the appointment to the wanted time, or to cancel it; until then it stays as it is."""
        with self._database.session() as session:
            row = ledger.locked(session, appointment_id, UnknownAppointment)
            request = add_request(
                session,
                kind,
                now,
                contact=ledger.contact_of(row),
                conversation_id=row.conversation_id,
                service=row.service,
                practitioner=wanted.practitioner if wanted else row.practitioner,
                start=moment_of(wanted.start) if wanted else row.start_at,
                appointment_id=row.id,
                note=note,
                key=f"{kind}:{row.id}:{row.sequence}:{wanted.start if wanted else ''}",
            )
            return RequestedInstead(ledger.request_view(request))
