"""Schedules, appointments and holds, staff's changes to the hours, booking requests, and outgoing e-mail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models.base import Base, utc_now

BLOCKING = ("pending", "booked", "checked-in", "arrived", "fulfilled")
"""The FHIR appointment statuses that take up the practitioner's time."""


class ScheduleRow(Base):
    """One practitioner's schedule; the number is what the database compares when it forbids overlaps."""

    __tablename__ = "schedules"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    practitioner: Mapped[str] = mapped_column(String(60), unique=True)  # the id in clinic.yml


class AppointmentRow(Base):
    """An appointment, or the hold that may become one. Statuses are those of FHIR R4 Appointment and Slot.

    A hold is `pending` with the slot `busy-tentative` until `hold_expires_at`. `busy_from` and `busy_until` are
    Unix minutes and include the buffer. No two rows of one schedule that take up time can overlap: the migration
    makes an exclusion constraint on PostgreSQL, and triggers on SQLite (which has one writer at a time).
    """

    __tablename__ = "appointments"
    __table_args__ = (
        CheckConstraint("busy_from < busy_until", name="lasts"),
        Index("ix_appointments_busy", "schedule_id", "busy_until", "busy_from", "status", "hold_expires_at"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    schedule_id: Mapped[int] = mapped_column(ForeignKey("schedules.id"))
    practitioner: Mapped[str] = mapped_column(String(60))
    service: Mapped[str] = mapped_column(String(60))
    start_at: Mapped[datetime] = mapped_column(index=True)
    end_at: Mapped[datetime]
    busy_from: Mapped[int] = mapped_column(BigInteger)
    busy_until: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(String(20))  # pending, booked, cancelled, arrived, fulfilled, noshow...
    slot_status: Mapped[str] = mapped_column(String(20))  # busy-tentative, busy, free
    hold_expires_at: Mapped[datetime | None]
    hold_extensions: Mapped[int] = mapped_column(default=0)
    conversation_id: Mapped[str | None] = mapped_column(String(40), index=True)
    waiting_request_id: Mapped[str | None] = mapped_column(String(40))  # the hold is an offer to this request
    idempotency_key: Mapped[str | None] = mapped_column(String(120), unique=True)
    patient_name: Mapped[str | None] = mapped_column(String(120))
    patient_phone: Mapped[str | None] = mapped_column(String(20))
    patient_email: Mapped[str | None] = mapped_column(String(254))
    patient_time_zone: Mapped[str | None] = mapped_column(String(60))
    shared: Mapped[dict[str, Any] | None]  # what the patient agreed to share, and when
    flags: Mapped[list[Any]] = mapped_column(default=list)  # hazards for the practitioner, by id
    sequence: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None] = mapped_column(String(200))  # of a cancellation
    provider_reference: Mapped[str | None] = mapped_column(String(120))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)


class ScheduleChangeRow(Base):
    """Time that staff blocked or added; no practitioner means the whole clinic."""

    __tablename__ = "schedule_changes"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(10))  # block (busy-unavailable), extra (free)
    practitioner: Mapped[str | None] = mapped_column(String(60))
    start_at: Mapped[datetime]
    end_at: Mapped[datetime] = mapped_column(index=True)
    note: Mapped[str] = mapped_column(String(200), default="")
    created_by: Mapped[str] = mapped_column(String(80), default="")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class BookingRequestRow(Base):
    """Something a person must act on: the waiting list, a call back, or a booking that another system did not take."""

    __tablename__ = "booking_requests"
    __table_args__ = (Index("ix_booking_requests_kind_status", "kind", "status"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))  # waiting_list, callback, confirm, move, cancel
    status: Mapped[str] = mapped_column(String(20))  # waitlist, proposed, booked, cancelled
    conversation_id: Mapped[str | None] = mapped_column(String(40), index=True)
    appointment_id: Mapped[str | None] = mapped_column(ForeignKey("appointments.id"))
    idempotency_key: Mapped[str | None] = mapped_column(String(120), unique=True)
    service: Mapped[str | None] = mapped_column(String(60))
    practitioner: Mapped[str | None] = mapped_column(String(60))
    start_at: Mapped[datetime | None]
    window_start: Mapped[datetime | None]
    window_end: Mapped[datetime | None]
    preferences: Mapped[dict[str, Any]] = mapped_column(default=dict)
    patient_name: Mapped[str | None] = mapped_column(String(120))
    patient_phone: Mapped[str | None] = mapped_column(String(20))
    patient_email: Mapped[str | None] = mapped_column(String(254))
    patient_time_zone: Mapped[str | None] = mapped_column(String(60))
    shared: Mapped[dict[str, Any] | None]
    flags: Mapped[list[Any]] = mapped_column(default=list)
    note: Mapped[str | None] = mapped_column(Text)
    offers_made: Mapped[list[Any]] = mapped_column(default=list)  # starts already offered, never offered twice
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)


class EmailRow(Base):
    """One e-mail to send. The words are made when it is sent, so it always tells the present state."""

    __tablename__ = "emails"
    __table_args__ = (Index("ix_emails_status_next_attempt_at", "status", "next_attempt_at"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))  # confirmation, change, cancellation, reminder, offer
    appointment_id: Mapped[str] = mapped_column(ForeignKey("appointments.id", ondelete="CASCADE"), index=True)
    sequence: Mapped[int] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(String(12), default="queued")  # queued, sending, sent, failed, dropped
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    sent_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(120))  # the kind of failure, never an address or a text
