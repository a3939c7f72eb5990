"""What staff do with the calendar: block time, add hours, see a day or a week, close requests, mark visits."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.booking import ledger
from bot.booking.calendar import Practitioner, calendar_of
from bot.booking.intervals import minute_of, moment_of
from bot.booking.types import (
    Appointment,
    AppointmentStatus,
    BookingRequest,
    CalendarEntry,
    RequestKind,
    SlotStatus,
    UnknownAppointment,
)
from bot.clinic import Clinic
from bot.store import Database
from bot.store.models.base import utc_now
from bot.store.models.booking import BLOCKING, AppointmentRow, BookingRequestRow, ScheduleChangeRow

Outcome = Literal["checked-in", "arrived", "fulfilled", "noshow"]


class StaffCalendar:
    """The clinic's calendar as staff see and change it. Every method may block; datetimes are aware."""

    def __init__(self, database: Database, clinic: Clinic) -> None:
        self._database = database
        self._calendar = calendar_of(clinic)

    def block_time(
        self,
        start: datetime,
        end: datetime,
        practitioner: str | None = None,
        note: str = "",
        by: str = "",
        now: datetime | None = None,
    ) -> tuple[int, list[Appointment]]:
        """Block time of one practitioner, or of the whole clinic; the block's id, and the appointments inside it.

        Nothing is cancelled: staff call these patients. Raises ValueError for a span that does not last, or an
        unknown practitioner.
        """
        return self._add_change("block", start, end, practitioner, note, by, now or utc_now())

    def add_hours(
        self,
        start: datetime,
        end: datetime,
        practitioner: str,
        note: str = "",
        by: str = "",
        now: datetime | None = None,
    ) -> int:
        """Open extra time of one practitioner, also on closed days; its id. Raises ValueError as `block_time`."""
        change, _ = self._add_change("extra", start, end, practitioner, note, by, now or utc_now())
        return change

    def remove_change(self, change_id: int) -> None:
        """Take back a block or extra hours; nothing happens if it is gone."""
        with self._database.session() as session:
            row = session.get(ScheduleChangeRow, change_id)
            if row is not None:
                session.delete(row)

    def day(self, day: date, practitioner: str | None = None, now: datetime | None = None) -> list[CalendarEntry]:
        """One local day in order of time: open hours, breaks, changes, holds and appointments.

        `in_conflict` marks an appointment that lies inside a block.
        """
        return self._entries([day], practitioner, now or utc_now())

    def week(
        self, any_day: date, practitioner: str | None = None, now: datetime | None = None
    ) -> dict[date, list[CalendarEntry]]:
        """Monday to Sunday around a day, each as `day` gives it."""
        monday = any_day - timedelta(days=any_day.weekday())
        days = [monday + timedelta(days=offset) for offset in range(7)]
        entries = self._entries(days, practitioner, now or utc_now())
        zone = self._calendar.time_zone
        return {day: [entry for entry in entries if entry.start.astimezone(zone).date() == day] for day in days}

    def requests(self, kind: RequestKind | None = None) -> list[BookingRequest]:
        """What waits for a person, the oldest first."""
        waiting = select(BookingRequestRow).where(BookingRequestRow.status.in_(("waitlist", "proposed")))
        if kind is not None:
            waiting = waiting.where(BookingRequestRow.kind == kind)
        with self._database.reading() as session:
            rows = session.scalars(waiting.order_by(BookingRequestRow.created_at, BookingRequestRow.id)).all()
        return [ledger.request_view(row) for row in rows]

    def close_request(
        self, request_id: str, outcome: Literal["booked", "cancelled"], now: datetime | None = None
    ) -> BookingRequest:
        """Note that a request was dealt with. Raises UnknownAppointment for an unknown id."""
        with self._database.session() as session:
            row = session.get(BookingRequestRow, request_id, with_for_update=True)
            if row is None:
                raise UnknownAppointment("there is no such request")
            row.status, row.updated_at = outcome, now or utc_now()
            return ledger.request_view(row)

    def record(self, appointment_id: str, outcome: Outcome, now: datetime | None = None) -> Appointment:
        """Note that a patient came, was treated, or did not come. Raises UnknownAppointment."""
        with self._database.session() as session:
            row = ledger.locked(session, appointment_id, UnknownAppointment)
            if row.patient_name is None or row.status not in (*BLOCKING, "noshow"):
                raise UnknownAppointment("there is no such appointment")
            row.status, row.updated_at = outcome, now or utc_now()
            row.slot_status = "free" if outcome == "noshow" else "busy"
            return ledger.appointment_view(row, self._calendar)

    def _add_change(
        self,
        kind: Literal["block", "extra"],
        start: datetime,
        end: datetime,
        practitioner: str | None,
        note: str,
        by: str,
        now: datetime,
    ) -> tuple[int, list[Appointment]]:
        if start >= end:
            raise ValueError("the time must end after it starts")
        if practitioner is not None and practitioner not in self._calendar.practitioners:
            raise ValueError("the clinic has no such practitioner")
        whose = [practitioner] if practitioner else list(self._calendar.practitioners)
        with self._database.session() as session:
            ledger.lock_schedules(session, whose)  # whoever books meanwhile either is seen here or sees the block
            change = ScheduleChangeRow(
                kind=kind,
                practitioner=practitioner,
                start_at=start,
                end_at=end,
                note=note[:200],
                created_by=by[:80],
                created_at=now,
            )
            session.add(change)
            session.flush()
            inside = self._appointments(session, whose, start, end, now) if kind == "block" else []
            views = [ledger.appointment_view(row, self._calendar) for row in inside if row.patient_name is not None]
            return change.id, views

    @staticmethod
    def _appointments(
        session: Session, practitioners: list[str], start: datetime, end: datetime, now: datetime
    ) -> list[AppointmentRow]:
        found = select(AppointmentRow).where(
            AppointmentRow.practitioner.in_(practitioners),
            AppointmentRow.start_at < end,
            AppointmentRow.end_at > start,
            *ledger.takes_time(now),
        )
        return list(session.scalars(found.order_by(AppointmentRow.start_at)))

    def _entries(self, days: list[date], practitioner: str | None, now: datetime) -> list[CalendarEntry]:
        people = [
            one for one in self._calendar.practitioners.values() if practitioner is None or one.id == practitioner
        ]
        ids = [one.id for one in people]
        start, end = self._calendar.midnight(days[0]), self._calendar.midnight(days[-1] + timedelta(days=1))
        with self._database.reading() as session:
            booked = self._appointments(session, ids, start, end, now)
            changes = ledger.schedule_changes(session, minute_of(start), minute_of(end))
        entries = [entry for one in people for day in days for entry in self._hours(one, day)]
        blocks: list[CalendarEntry] = []
        for change in changes:
            for owner in ids if change.practitioner is None else [change.practitioner]:
                if owner in ids:
                    blocks.append(_change_entry(change, owner))
        entries += blocks
        entries += [self._booked_entry(row, blocks) for row in booked]
        return sorted(entries, key=lambda entry: (entry.start, entry.practitioner, entry.kind))

    def _hours(self, practitioner: Practitioner, day: date) -> list[CalendarEntry]:
        spans = self._calendar.working(practitioner, day)
        entries = [
            CalendarEntry("open", practitioner.id, moment_of(first), moment_of(until), SlotStatus.FREE)
            for first, until in spans
        ]
        for (_, before), (after, _) in pairwise(spans):
            entries.append(
                CalendarEntry(
                    "break", practitioner.id, moment_of(before), moment_of(after), SlotStatus.BUSY_UNAVAILABLE
                )
            )
        return entries

    def _booked_entry(self, row: AppointmentRow, blocks: list[CalendarEntry]) -> CalendarEntry:
        is_hold = row.status == AppointmentStatus.PENDING.value
        return CalendarEntry(
            kind="hold" if is_hold else "appointment",
            practitioner=row.practitioner,
            start=row.start_at,
            end=row.end_at,
            slot_status=SlotStatus(row.slot_status),
            appointment=None if is_hold else ledger.appointment_view(row, self._calendar),
            in_conflict=any(
                block.kind == "block"
                and block.practitioner == row.practitioner
                and block.start < row.end_at
                and block.end > row.start_at
                for block in blocks
            ),
        )


def _change_entry(change: ScheduleChangeRow, practitioner: str) -> CalendarEntry:
    return CalendarEntry(
        kind="block" if change.kind == "block" else "extra",
        practitioner=practitioner,
        start=change.start_at,
        end=change.end_at,
        slot_status=SlotStatus.BUSY_UNAVAILABLE if change.kind == "block" else SlotStatus.FREE,
        change_id=change.id,
        note=change.note,
    )
