"""The waiting list: a time that becomes free is offered to the first person it suits, never booked for them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.booking import ledger
from bot.booking.calendar import ClinicCalendar
from bot.booking.finder import OpeningFinder
from bot.booking.intervals import Interval
from bot.booking.outbox import Outbox
from bot.booking.requests import add_request, as_query_fields
from bot.booking.types import BookingRequest, Hold, Offer, OpeningQuery, UnknownHold, UnknownOpening, WaitingListEntry
from bot.store import Database
from bot.store.models.booking import AppointmentRow, BookingRequestRow

OFFER_LIVES = timedelta(hours=4)
OFFER_AT_LEAST = timedelta(minutes=30)


class WaitingList:
    """Who waits for a time, and the offers made to them."""

    def __init__(self, database: Database, calendar: ClinicCalendar, finder: OpeningFinder, outbox: Outbox) -> None:
        self._database = database
        self._calendar = calendar
        self._finder = finder
        self._outbox = outbox

    def join(self, entry: WaitingListEntry, key: str, now: datetime) -> BookingRequest:
        """Store a checked entry; the same key twice joins once. Raises UnknownOpening if nobody gives the service."""
        if not self._calendar.practitioners_of(entry.service, entry.practitioner):
            raise UnknownOpening("nobody gives this service")
        with self._database.session() as session:
            row = add_request(
                session,
                "waiting_list",
                now,
                contact=entry.contact,
                conversation_id=entry.conversation_id,
                service=entry.service,
                practitioner=entry.practitioner,
                window=entry.window,
                preferences=entry.preferences,
                appointment_id=entry.appointment_id,
                shared=entry.shared,
                flags=entry.flags,
                key=key,
            )
            return ledger.request_view(row)

    def leave(self, request_id: str, now: datetime) -> None:
        """Take somebody off the list; nothing happens if they are not on it."""
        with self._database.session() as session:
            row = session.get(BookingRequestRow, request_id, with_for_update=True)
            if row is not None and row.kind == "waiting_list" and row.status != "booked":
                row.status, row.updated_at = "cancelled", now

    def offer(self, practitioner: str, freed: Interval, now: datetime) -> None:
        """Offer freed time (Unix minutes) to the first who waits for such a time.

        With an e-mail address they get a link, and the time is kept for them for a few hours. Without one,
        their request turns `proposed` with the time noted, so that staff can call; the time stays open.
        """
        try:
            with self._database.session() as session:
                schedule = ledger.lock_schedules(session, [practitioner])[practitioner]
                ledger.expire_holds(session, now, practitioner, freed)
                for request in self._in_line(session):
                    if request.practitioner not in (None, practitioner):
                        continue
                    if self._offer_to(session, request, practitioner, schedule, freed, now):
                        return
        except IntegrityError:
            return  # somebody booked it in the meantime: there is nothing left to offer

    def expire(self, now: datetime) -> None:
        """Free holds that ran out; a time that was offered in vain goes to the next person who waits."""
        with self._database.session() as session:
            lapsed = ledger.expire_holds(session, now)
        for row in lapsed:
            self.offer(row.practitioner, (row.busy_from, row.busy_until), now)

    def offer_of(self, hold_id: str, now: datetime) -> Offer:
        """An offer that still stands. Raises UnknownHold if it ran out or was answered."""
        with self._database.reading() as session:
            row = session.get(AppointmentRow, hold_id)
            request = session.get(BookingRequestRow, row.waiting_request_id) if row and row.waiting_request_id else None
        stands = row is not None and row.status == "pending" and row.hold_expires_at is not None
        if not stands or request is None or row is None or row.hold_expires_at is None or row.hold_expires_at <= now:
            raise UnknownHold("the offer does not stand any more")
        opening = self._finder.opening(self._finder.name_of(row.service, row.practitioner, row.start_at))
        return Offer(Hold(row.id, opening, row.hold_expires_at, may_extend=False), ledger.request_view(request))

    def decline(self, hold_id: str, now: datetime) -> None:
        """The person does not want the offered time: they stay on the list, the time goes to the next."""
        offer = self.offer_of(hold_id, now)
        with self._database.session() as session:
            row = session.get(AppointmentRow, offer.hold.id, with_for_update=True)
            if row is None or row.status != "pending":
                return
            freed = row.practitioner, (row.busy_from, row.busy_until)
            session.delete(row)
        self.offer(freed[0], freed[1], now)

    def close(self, request_id: str, now: datetime) -> None:
        """The person got their time."""
        with self._database.session() as session:
            row = session.get(BookingRequestRow, request_id, with_for_update=True)
            if row is not None:
                row.status, row.updated_at = "booked", now

    @staticmethod
    def _in_line(session: Session) -> list[BookingRequestRow]:
        waiting = select(BookingRequestRow).where(
            BookingRequestRow.kind == "waiting_list", BookingRequestRow.status == "waitlist"
        )
        return list(session.scalars(waiting.order_by(BookingRequestRow.created_at, BookingRequestRow.id)))

    def _offer_to(
        self,
        session: Session,
        request: BookingRequestRow,
        practitioner: str,
        schedule: int,
        freed: Interval,
        now: datetime,
    ) -> bool:
        if request.service not in self._calendar.services:
            return False
        query = OpeningQuery(**{**as_query_fields(request), "practitioner": practitioner})
        if query.window is not None and query.window[1] <= now:
            return False
        if any(freed[0] <= start < freed[1] for start in request.offers_made):
            return False  # they did not want this time
        name = self._finder.first_within(session, query, freed, now)
        if name is None or not self._is_earlier(session, request, name.start):
            return False
        request.offers_made = [*request.offers_made, name.start]
        request.updated_at = now
        service = self._finder.service(name.service)
        hold = ledger.hold_row(service, name, schedule, now, now + OFFER_LIVES, request.conversation_id, request.id)
        if not (request.patient_email and self._outbox.enabled):
            request.status, request.start_at, request.practitioner = "proposed", hold.start_at, practitioner
            return True
        last_moment = hold.start_at - timedelta(minutes=self._calendar.lead_minutes)
        hold.hold_expires_at = max(now + OFFER_AT_LEAST, min(now + OFFER_LIVES, last_moment))
        hold.patient_email = request.patient_email
        hold.patient_time_zone = request.patient_time_zone
        session.add(hold)
        self._outbox.queue(session, "offer", hold, now)
        return True

    @staticmethod
    def _is_earlier(session: Session, request: BookingRequestRow, start: int) -> bool:
        """Somebody who has an appointment waits for an earlier one only."""
        if request.appointment_id is None:
            return True
        appointment = session.get(AppointmentRow, request.appointment_id)
        return appointment is not None and appointment.status == "booked" and start < appointment.busy_from
