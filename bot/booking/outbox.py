"""Queues e-mails about appointments, in the transaction that changes the appointment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.booking import ledger
from bot.store.models.booking import AppointmentRow, EmailRow

EmailKind = Literal["confirmation", "change", "cancellation", "reminder", "offer"]

REMINDER_AT = time(10)
"""The clinic's wall-clock time at which reminders go out, the day before."""


@dataclass(frozen=True)
class Outbox:
    """The e-mails of one clinic. Where no mail server is set, nothing is queued, so nothing old goes out later."""

    zone: ZoneInfo
    enabled: bool

    def queue(self, session: Session, kind: EmailKind, row: AppointmentRow, now: datetime) -> None:
        """Queue one e-mail, if the patient gave an address."""
        self._add(session, kind, row, due=now, now=now)

    def queue_reminder(self, session: Session, row: AppointmentRow, now: datetime) -> None:
        """Queue the reminder for the day before, instead of one for an earlier time; none if that moment is past."""
        self.drop(session, row, ("reminder",))
        day_before = row.start_at.astimezone(self.zone).date() - timedelta(days=1)
        due = datetime.combine(day_before, REMINDER_AT, self.zone)
        if due > now:
            self._add(session, "reminder", row, due=due, now=now)

    def drop(self, session: Session, row: AppointmentRow, kinds: tuple[EmailKind, ...]) -> None:
        """Take back e-mails that have not gone out."""
        session.execute(
            update(EmailRow)
            .where(EmailRow.appointment_id == row.id, EmailRow.kind.in_(kinds), EmailRow.status == "queued")
            .values(status="dropped")
        )

    def _add(self, session: Session, kind: EmailKind, row: AppointmentRow, due: datetime, now: datetime) -> None:
        if not self.enabled or not row.patient_email:
            return
        session.flush()  # the appointment's row first: the e-mail refers to it
        session.add(
            EmailRow(
                id=ledger.new_id(),
                kind=kind,
                appointment_id=row.id,
                sequence=row.sequence,
                next_attempt_at=due,
                created_at=now,
            )
        )
