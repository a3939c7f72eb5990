"""Reading and writing appointments: the rows, their rules inside one transaction, and their views."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, time
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from bot.booking.calendar import ClinicCalendar, Service
from bot.booking.intervals import Interval, merge, minute_after, minute_of, moment_of
from bot.booking.search import Occupied
from bot.booking.tokens import OpeningName
from bot.booking.types import (
    Appointment,
    AppointmentStatus,
    BookingRequest,
    Contact,
    NotChangeable,
    Preferences,
    SharedNote,
    SlotStatus,
    UnknownAppointment,
    UnknownHold,
)
from bot.store.models.booking import BLOCKING, AppointmentRow, BookingRequestRow, ScheduleChangeRow, ScheduleRow

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # no letters that look like others
HOLD_EXPIRED = "hold-expired"


def new_id() -> str:
    """An unguessable id (120 bits) that can be read out."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(24))


def lock_schedules(session: Session, practitioners: Iterable[str]) -> dict[str, int]:
    """The schedules' numbers, each locked until the transaction ends, always in the same order; made if missing.

    SQLite locks the whole database when a transaction begins, so there the lock is a plain read.
    """
    numbers: dict[str, int] = {}
    for practitioner in sorted(set(practitioners)):
        schedule = select(ScheduleRow.id).where(ScheduleRow.practitioner == practitioner).with_for_update()
        number = session.scalar(schedule)
        if number is None:
            insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
            session.execute(insert(ScheduleRow).values(practitioner=practitioner).on_conflict_do_nothing())
            number = session.scalars(schedule).one()
        numbers[practitioner] = number
    return numbers


def locked(
    session: Session, row_id: str, missing: type[UnknownHold] | type[UnknownAppointment], also: str | None = None
) -> AppointmentRow:
    """The row, with its practitioner's schedule (and that of `also`) locked; schedules first, so nobody deadlocks.

    Raises `missing` if there is no such row.
    """
    practitioner = session.scalar(select(AppointmentRow.practitioner).where(AppointmentRow.id == row_id))
    if practitioner is not None:
        lock_schedules(session, {practitioner, also or practitioner})
    row = session.get(AppointmentRow, row_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise missing("there is no such booking")
    return row


def changeable(session: Session, appointment_id: str, now: datetime, also: str | None = None) -> AppointmentRow:
    """The locked row of an appointment that is still to come. Raises UnknownAppointment and NotChangeable."""
    row = locked(session, appointment_id, UnknownAppointment, also)
    if row.patient_name is None:
        raise UnknownAppointment("there is no such booking")
    if row.status != "booked" or row.start_at <= now:
        raise NotChangeable("the appointment is over, has begun, or was cancelled")
    return row


def name_of(row: AppointmentRow) -> OpeningName:
    """What names the row's time."""
    return OpeningName(row.service, row.practitioner, row.busy_from)


def expire_holds(
    session: Session, now: datetime, practitioner: str | None = None, around: Interval | None = None
) -> Sequence[AppointmentRow]:
    """Free the time of holds that ran out; gives those that had been offers to the waiting list.

    With a practitioner and Unix minutes `around`, only where a new booking would stand in their way.
    """
    conditions = [AppointmentRow.status == "pending", AppointmentRow.hold_expires_at <= now]
    if practitioner is not None:
        conditions.append(AppointmentRow.practitioner == practitioner)
    if around is not None:
        conditions += [AppointmentRow.busy_until > around[0], AppointmentRow.busy_from < around[1]]
    expired = and_(*conditions)
    offers = session.scalars(
        select(AppointmentRow).where(expired, AppointmentRow.waiting_request_id.is_not(None))
    ).all()
    session.execute(
        update(AppointmentRow)
        .where(expired)
        .values(status="cancelled", slot_status="free", reason=HOLD_EXPIRED, updated_at=now)
        .execution_options(synchronize_session="fetch")
    )
    return offers


def occupied(
    session: Session, practitioners: Sequence[str], limits: Interval, now: datetime, without: str | None = None
) -> dict[str, Occupied]:
    """Taken time and extra hours of each practitioner around `limits` (Unix minutes).

    Holds that ran out do not count, freed or not; nor does the appointment `without`, which is being moved.
    """
    taken: dict[str, list[Interval]] = {practitioner: [] for practitioner in practitioners}
    extra: dict[str, list[Interval]] = {practitioner: [] for practitioner in practitioners}
    margin = 24 * 60  # the longest appointment with its buffers, and the local day around the limits
    schedules = select(ScheduleRow.id, ScheduleRow.practitioner).where(ScheduleRow.practitioner.in_(practitioners))
    whose = dict(session.execute(schedules).tuples().all())
    # The index has all these columns, so the table itself is not read.
    busy = select(AppointmentRow.schedule_id, AppointmentRow.busy_from, AppointmentRow.busy_until).where(
        AppointmentRow.schedule_id.in_(whose),
        AppointmentRow.busy_until > limits[0] - margin,
        AppointmentRow.busy_from < limits[1] + margin,
        *takes_time(now),
        *([AppointmentRow.id != without] if without else []),
    )
    for number, busy_from, busy_until in session.connection().execute(busy).all():
        taken[whose[number]].append((busy_from, busy_until))
    for change in schedule_changes(session, limits[0] - margin, limits[1] + margin):
        lists = taken if change.kind == "block" else extra
        span = (
            (minute_of(change.start_at), minute_after(change.end_at))
            if change.kind == "block"
            else (minute_after(change.start_at), minute_of(change.end_at))
        )
        for practitioner in practitioners if change.practitioner is None else [change.practitioner]:
            if practitioner in lists:
                lists[practitioner].append(span)
    return {one: Occupied(merge(taken[one]), merge(extra[one])) for one in practitioners}


def schedule_changes(session: Session, start: int, until: int) -> Sequence[ScheduleChangeRow]:
    """Blocked time and extra hours that touch these Unix minutes."""
    return session.scalars(
        select(ScheduleChangeRow)
        .where(ScheduleChangeRow.end_at > moment_of(start), ScheduleChangeRow.start_at < moment_of(until))
        .order_by(ScheduleChangeRow.start_at, ScheduleChangeRow.id)
    ).all()


def takes_time(now: datetime) -> list[ColumnElement[bool]]:
    """The conditions of rows that take up time now; a hold that ran out does not."""
    return [
        AppointmentRow.status.in_(BLOCKING),
        or_(AppointmentRow.hold_expires_at.is_(None), AppointmentRow.hold_expires_at > now),
    ]


def appointment_view(row: AppointmentRow, calendar: ClinicCalendar) -> Appointment:
    """The row as the rest of the program sees it."""
    return Appointment(
        id=row.id,
        reference=row.id[:6].upper(),
        status=AppointmentStatus(row.status),
        slot_status=SlotStatus(row.slot_status),
        service=row.service,
        service_name=service_name(calendar, row.service),
        practitioner=row.practitioner,
        practitioner_name=practitioner_name(calendar, row.practitioner),
        start=row.start_at,
        end=row.end_at,
        contact=contact_of(row),
        conversation_id=row.conversation_id,
        shared=_shared(row.shared),
        flags=tuple(row.flags),
        sequence=row.sequence,
        reason=row.reason,
        changed_at=row.updated_at,
    )


def request_view(row: BookingRequestRow) -> BookingRequest:
    """The row as the rest of the program sees it."""
    window = (row.window_start, row.window_end) if row.window_start and row.window_end else None
    return BookingRequest(
        id=row.id,
        kind=row.kind,  # type: ignore[arg-type]  # the column holds only RequestKind values
        status=AppointmentStatus(row.status),
        service=row.service,
        practitioner=row.practitioner,
        start=row.start_at,
        window=window,
        preferences=preferences_from_json(row.preferences),
        contact=contact_of(row),
        conversation_id=row.conversation_id,
        appointment_id=row.appointment_id,
        shared=_shared(row.shared),
        flags=tuple(row.flags),
        note=row.note,
        created_at=row.created_at,
    )


def service_name(calendar: ClinicCalendar, service: str) -> str:
    """What the clinic calls the service; its id, if the clinic no longer has it."""
    return calendar.services[service].name if service in calendar.services else service


def practitioner_name(calendar: ClinicCalendar, practitioner: str) -> str:
    """The practitioner's name; the id, if they no longer work there."""
    known = calendar.practitioners.get(practitioner)
    return known.name if known else practitioner


def write_contact(row: AppointmentRow | BookingRequestRow, contact: Contact) -> None:
    """Put a checked contact into the row."""
    row.patient_name = contact.name
    row.patient_phone = contact.phone
    row.patient_email = contact.email
    row.patient_time_zone = contact.time_zone


def shared_json(shared: SharedNote | None) -> dict[str, Any] | None:
    """The note as it is stored."""
    return {"lines": list(shared.lines), "agreed_at": shared.agreed_at.isoformat()} if shared else None


def preferences_json(preferences: Preferences) -> dict[str, Any]:
    """The preferences as they are stored."""
    return {
        "weekdays": sorted(preferences.weekdays),
        "not_before": preferences.not_before.isoformat() if preferences.not_before else None,
        "not_after": preferences.not_after.isoformat() if preferences.not_after else None,
        "parts": sorted(preferences.parts),
        "exclude_parts": sorted(preferences.exclude_parts),
        "asap": preferences.asap,
    }


def preferences_from_json(stored: dict[str, Any]) -> Preferences:
    """Preferences from their stored form, or from the facts of a conversation, which have the same keys."""
    return Preferences(
        weekdays=frozenset(stored.get("weekdays") or ()),
        not_before=_clock(stored.get("not_before")),
        not_after=_clock(stored.get("not_after")),
        parts=frozenset(stored.get("parts") or ()),
        exclude_parts=frozenset(stored.get("exclude_parts") or ()),
        asap=bool(stored.get("asap")),
    )


def hold_row(
    service: Service,
    name: OpeningName,
    schedule: int,
    now: datetime,
    expires_at: datetime,
    conversation_id: str | None,
    waiting_request_id: str | None = None,
) -> AppointmentRow:
    """A hold that is not yet in the database."""
    busy_from, busy_until = service.busy(name.start)
    return AppointmentRow(
        id=new_id(),
        schedule_id=schedule,
        practitioner=name.practitioner,
        service=name.service,
        start_at=moment_of(name.start),
        end_at=moment_of(name.start + service.minutes),
        busy_from=busy_from,
        busy_until=busy_until,
        status="pending",
        slot_status="busy-tentative",
        hold_expires_at=expires_at,
        hold_extensions=0,
        conversation_id=conversation_id,
        waiting_request_id=waiting_request_id,
        flags=[],
        sequence=0,
        created_at=now,
        updated_at=now,
    )


def _clock(value: object) -> time | None:
    if isinstance(value, time):
        return value
    return time.fromisoformat(value) if isinstance(value, str) and value else None


def contact_of(row: AppointmentRow | BookingRequestRow) -> Contact | None:
    """The patient's contact; None for a hold, and after erasure."""
    if row.patient_name is None:
        return None
    return Contact(row.patient_name, row.patient_phone, row.patient_email, row.patient_time_zone)


def _shared(stored: dict[str, Any] | None) -> SharedNote | None:
    if not stored:
        return None
    return SharedNote(tuple(stored["lines"]), datetime.fromisoformat(stored["agreed_at"]))
