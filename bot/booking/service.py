"""Booking: openings, holds, appointments. The one door to them for the chat and the pages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.booking import ledger
from bot.booking.calendar import calendar_of
from bot.booking.contact import checked_contact
from bot.booking.fallback import StaffFallback
from bot.booking.finder import OpeningFinder
from bot.booking.holds import Holds
from bot.booking.outbox import Outbox
from bot.booking.providers import BookingProvider, EmbeddedProvider, ProviderDown, TimeTaken
from bot.booking.requests import add_request, close_requests_of
from bot.booking.texts import load_texts
from bot.booking.tokens import LinkSigner, OpeningName, OpeningNames
from bot.booking.types import (
    Appointment,
    BookingRequest,
    Contact,
    Hold,
    LinkProblem,
    Method,
    Opening,
    OpeningQuery,
    RequestedInstead,
    SharedNote,
    Taken,
    UnknownAppointment,
    UnknownHold,
    WaitingListEntry,
)
from bot.booking.waiting import WaitingList
from bot.clinic import Clinic
from bot.settings import Settings
from bot.store import Database
from bot.store.models.base import utc_now
from bot.store.models.booking import AppointmentRow, BookingRequestRow

LINK_LIVES = timedelta(days=1)
"""How long after an appointment its manage link still opens."""

_FLAG = re.compile(r"[a-z][a-z0-9_]{0,39}")


class BookingService:
    """Books for one clinic. Every method may block (database, other systems): call it from a thread.

    `now` may be given to every method that looks at the clock; it must be aware.
    """

    def __init__(
        self, database: Database, clinic: Clinic, settings: Settings, provider: BookingProvider | None = None
    ) -> None:
        self.clinic = clinic
        self.calendar = calendar_of(clinic)
        self.texts = load_texts()
        self.email_available = settings.smtp_url is not None
        self._database = database
        self._base_url = settings.base_url
        self._provider: BookingProvider = provider or EmbeddedProvider()
        self._names = OpeningNames(settings)
        self._links = LinkSigner(settings)
        self._finder = OpeningFinder(database, self.calendar, self._names, self._provider)
        self._holds = Holds(database, self._finder, self._provider)
        self._fallback = StaffFallback(database)
        self._outbox = Outbox(self.calendar.time_zone, self.email_available)
        self.waiting = WaitingList(database, self.calendar, self._finder, self._outbox)

    # Openings and holds

    def openings(self, query: OpeningQuery, now: datetime | None = None) -> list[Opening]:
        """The openings that suit, in order of time. Raises UnknownOpening for an unknown service or cursor."""
        return self._finder.openings(query, now or utc_now())

    def opening(self, opening_id: str) -> Opening:
        """The opening of an id, free or not. Raises UnknownOpening."""
        return self._finder.opening(self._names.read(opening_id))

    def hold(self, opening_id: str, conversation_id: str, now: datetime | None = None) -> Hold | Taken:
        """Keep an opening for a conversation for ten minutes; it gives up any other opening it kept.

        The same opening again gives the same hold. Raises UnknownOpening.
        """
        return self._holds.take(self._names.read(opening_id), conversation_id, now or utc_now())

    def extend_hold(self, hold_id: str, now: datetime | None = None) -> Hold | Taken:
        """Ten more minutes from now, at most twice. Raises UnknownHold."""
        return self._holds.extend(hold_id, now or utc_now())

    def release(self, hold_id: str) -> None:
        """Give a hold back; nothing happens if there is none (any more)."""
        self._holds.release(hold_id)

    # Appointments

    def confirm(
        self,
        hold_id: str,
        patient: Contact,
        shared: SharedNote | None,
        flags: Iterable[str],
        idempotency_key: str,
        now: datetime | None = None,
    ) -> Appointment | Taken | RequestedInstead:
        """Turn a hold into an appointment; the same key (or the same hold) twice books once.

        A hold that ran out is still booked if nobody took the time. Raises ContactProblem and UnknownHold,
        and ValueError for a flag that is not an id.
        """
        now = now or utc_now()
        contact = checked_contact(patient, self.clinic.country)
        hazards = _checked_flags(flags)
        done = self._already(idempotency_key)
        if done is not None:
            return done
        try:
            with self._database.session() as session:
                row = ledger.locked(session, hold_id, UnknownHold)
                if row.status == "booked":
                    return self._view(row)
                name = ledger.name_of(row)
                self._holds.revive(session, row, now)
                reservation = row.provider_reference
            reference = self._provider.book(name, contact, idempotency_key, reservation)
        except ProviderDown:
            return self._fallback.confirm(hold_id, contact, shared, hazards, idempotency_key, now)
        except (IntegrityError, TimeTaken):
            return self._already(idempotency_key) or self._holds.lose(hold_id, now)
        try:
            with self._database.session() as session:
                row = ledger.locked(session, hold_id, UnknownHold)
                if row.status == "booked":
                    return self._view(row)
                row.status, row.slot_status = "booked", "busy"
                row.hold_expires_at, row.reason = None, None
                row.idempotency_key, row.provider_reference = idempotency_key, reference
                row.shared, row.flags, row.updated_at = ledger.shared_json(shared), hazards, now
                ledger.write_contact(row, contact)
                self._outbox.queue(session, "confirmation", row, now)
                self._outbox.queue_reminder(session, row, now)
        except (IntegrityError, UnknownHold):
            done = self._already(idempotency_key)
            if done is None:
                self._undo(reference)
            return done or self._holds.lose(hold_id, now)
        return self._view(row)

    def find(self, conversation_id: str, now: datetime | None = None) -> list[Appointment]:
        """The conversation's appointments that are still to come, in order of time."""
        with self._database.reading() as session:
            rows = session.scalars(
                select(AppointmentRow)
                .where(
                    AppointmentRow.conversation_id == conversation_id,
                    AppointmentRow.status == "booked",
                    AppointmentRow.start_at > (now or utc_now()),
                )
                .order_by(AppointmentRow.start_at)
            ).all()
        return [self._view(row) for row in rows]

    def get(self, appointment_id: str) -> Appointment:
        """One appointment, whatever its status. Raises UnknownAppointment (also for a hold)."""
        with self._database.reading() as session:
            row = session.get(AppointmentRow, appointment_id)
        if row is None or row.patient_name is None:
            raise UnknownAppointment("no such appointment")
        return self._view(row)

    def reschedule(
        self, appointment_id: str, opening_id: str, now: datetime | None = None
    ) -> Appointment | Taken | RequestedInstead:
        """Move an appointment in one step: it keeps its old time unless the new one is booked.

        Raises UnknownOpening, UnknownAppointment and NotChangeable.
        """
        now = now or utc_now()
        name = self._names.read(opening_id)
        opening = self._finder.opening(name)
        reference = moved_reference = None
        try:
            with self._database.session() as session:
                row = ledger.changeable(session, appointment_id, now, also=name.practitioner)
                old = ledger.name_of(row)
                if old == name:
                    return self._view(row)
                if not self._finder.is_free(session, name, now, moving=row.id):
                    raise TimeTaken
                reference = row.provider_reference
            if reference is not None:
                moved_reference = self._provider.move(reference, name)
            with self._database.session() as session:
                row = ledger.changeable(session, appointment_id, now, also=name.practitioner)
                freed = row.practitioner, (row.busy_from, row.busy_until)
                if not self._finder.is_free(session, name, now, moving=row.id):
                    raise TimeTaken
                self._put(session, row, opening, name, now)
                row.provider_reference = moved_reference
                self._outbox.drop(session, row, ("confirmation", "change"))
                self._outbox.queue(session, "change", row, now)
                self._outbox.queue_reminder(session, row, now)
        except ProviderDown:
            return self._fallback.change(appointment_id, "move", now, wanted=name)
        except (IntegrityError, TimeTaken):
            if moved_reference is not None:
                self._move_back(appointment_id, moved_reference, old, now)
            return Taken(self._finder.near(name, now, moving=appointment_id))
        self.waiting.offer(freed[0], freed[1], now)
        return self._view(row)

    def cancel(
        self, appointment_id: str, reason: str = "", now: datetime | None = None
    ) -> Appointment | RequestedInstead:
        """Cancel an appointment and offer its time to the waiting list; cancelling twice is harmless.

        Raises UnknownAppointment, and NotChangeable once it has begun.
        """
        now = now or utc_now()
        with self._database.session() as session:
            row = ledger.locked(session, appointment_id, UnknownAppointment)
            if row.status == "cancelled" and row.patient_name is not None:
                return self._view(row)
            row = ledger.changeable(session, appointment_id, now)
            reference = row.provider_reference
        if reference is not None:
            try:
                self._provider.cancel(reference, reason)
            except ProviderDown:
                return self._fallback.change(appointment_id, "cancel", now, note=reason)
        with self._database.session() as session:
            row = ledger.locked(session, appointment_id, UnknownAppointment)
            if row.status == "booked":
                row.status, row.slot_status = "cancelled", "free"
                row.reason = reason[:200] or None
                row.sequence += 1
                row.updated_at = now
                close_requests_of(session, row.id, now)
                self._outbox.drop(session, row, ("confirmation", "change", "reminder"))
                self._outbox.queue(session, "cancellation", row, now)
        self.waiting.offer(row.practitioner, (row.busy_from, row.busy_until), now)
        return self._view(row)

    def accept_offer(self, hold_id: str, now: datetime | None = None) -> Appointment | Taken | RequestedInstead:
        """Take up an offer of the waiting list; somebody who has an appointment moves it. Raises UnknownHold."""
        now = now or utc_now()
        key = f"offer:{hold_id}"
        done = self._already(key)
        if done is not None:
            return done
        offer = self.waiting.offer_of(hold_id, now)
        request = offer.request
        result: Appointment | Taken | RequestedInstead
        if request.appointment_id is not None:
            self.release(hold_id)
            result = self.reschedule(request.appointment_id, offer.hold.opening.id, now)
        elif request.contact is not None:
            result = self.confirm(hold_id, request.contact, request.shared, request.flags, key, now)
        else:
            raise UnknownHold("the request has no contact")
        if not isinstance(result, Taken):
            self.waiting.close(request.id, now)
        return result

    def accepted_offer(self, hold_id: str) -> Appointment | None:
        """The appointment that an offer has led to, if it was taken up before."""
        done = self._already(f"offer:{hold_id}")
        return done if isinstance(done, Appointment) else None

    # Requests to people

    def join_waiting_list(self, entry: WaitingListEntry, key: str, now: datetime | None = None) -> BookingRequest:
        """Wait for a time that suits; the same key twice joins once. Raises ContactProblem and UnknownOpening."""
        checked = replace(
            entry,
            contact=checked_contact(entry.contact, self.clinic.country),
            flags=tuple(_checked_flags(entry.flags)),
        )
        return self.waiting.join(checked, key, now or utc_now())

    def request_callback(
        self,
        contact: Contact,
        conversation_id: str | None,
        key: str,
        note: str | None = None,
        now: datetime | None = None,
    ) -> BookingRequest:
        """Ask the clinic to call or write; the same key twice asks once. Raises ContactProblem."""
        checked = checked_contact(contact, self.clinic.country)
        with self._database.session() as session:
            row = add_request(
                session,
                "callback",
                now or utc_now(),
                contact=checked,
                conversation_id=conversation_id,
                note=note,
                key=key,
            )
            return ledger.request_view(row)

    # Links and calendar files

    def manage_link(self, appointment: Appointment) -> str:
        """The address of the appointment's manage page; whoever has it can move and cancel."""
        return f"{self._base_url}/appointments/{self._links.sign('manage', appointment.id)}"

    def offer_link(self, hold_id: str) -> str:
        """The address at which a waiting-list offer is taken up or turned down."""
        return f"{self._base_url}/appointments/offers/{self._links.sign('offer', hold_id)}"

    def by_link(self, token: str, now: datetime | None = None) -> Appointment:
        """The appointment of a manage link's token. Raises LinkProblem."""
        try:
            appointment = self.get(self._links.read("manage", token))
        except UnknownAppointment as error:
            raise LinkProblem("invalid") from error
        if appointment.end + LINK_LIVES < (now or utc_now()):
            raise LinkProblem("expired")
        return appointment

    def offer_by_link(self, token: str) -> str:
        """The hold id of an offer link's token. Raises LinkProblem."""
        return self._links.read("offer", token)

    def ics(self, appointment: Appointment, method: Method | str = Method.PUBLISH) -> bytes:
        """The appointment as a calendar file."""
        words = self.texts.calendar
        # Imported only here: the library of calendar files would slow every start.
        from bot.booking.calendar_file import CalendarFile

        file = CalendarFile(
            title=words["title"].format(clinic=self.clinic.name),
            description=words["description"].format(phone=self.clinic.phone.display),
            clinic_name=self.clinic.name,
            clinic_email=self.clinic.email,
            place=f"{self.clinic.name}, {self.clinic.address}",
            zone=self.calendar.time_zone,
            domain=urlsplit(self._base_url).hostname or "localhost",
        )
        return file.render(appointment, Method(method), self.manage_link(appointment))

    # Inside

    def _view(self, row: AppointmentRow) -> Appointment:
        return ledger.appointment_view(row, self.calendar)

    def _put(self, session: Session, row: AppointmentRow, opening: Opening, name: OpeningName, now: datetime) -> None:
        """Give a locked row its new time."""
        busy = self._finder.service(name.service).busy(name.start)
        ledger.expire_holds(session, now, name.practitioner, busy)
        row.schedule_id = ledger.lock_schedules(session, [name.practitioner])[name.practitioner]
        row.practitioner, row.service = name.practitioner, name.service
        row.start_at, row.end_at = opening.start, opening.end
        row.busy_from, row.busy_until = busy
        row.sequence += 1
        row.updated_at = now

    def _undo(self, reference: str | None) -> None:
        """Take back a booking in the other system for which our own time was lost meanwhile."""
        if reference is None:
            return
        try:
            self._provider.cancel(reference, "the time was lost")
        except ProviderDown:
            return  # staff see it in the other system, where it is the only booking at that time

    def _move_back(self, appointment_id: str, reference: str, old: OpeningName, now: datetime) -> None:
        """Put a booking of the other system back to its old time; if that fails, staff are asked to."""
        try:
            back = self._provider.move(reference, old)
        except (ProviderDown, TimeTaken):
            self._fallback.change(appointment_id, "move", now, wanted=old)
            back = reference
        with self._database.session() as session:
            ledger.locked(session, appointment_id, UnknownAppointment).provider_reference = back

    def _already(self, key: str) -> Appointment | RequestedInstead | None:
        """What an earlier call with this key has led to."""
        with self._database.reading() as session:
            row = session.scalar(select(AppointmentRow).where(AppointmentRow.idempotency_key == key))
            if row is not None:
                return self._view(row)
            request = session.scalar(select(BookingRequestRow).where(BookingRequestRow.idempotency_key == key))
            return RequestedInstead(ledger.request_view(request)) if request is not None else None


def _checked_flags(flags: Iterable[str]) -> list[str]:
    """Hazard ids, each once, in order; never free text."""
    checked = list(dict.fromkeys(flags))
    for flag in checked:
        if not _FLAG.fullmatch(flag):
            raise ValueError("a flag is an id of small letters, digits and underscores")
    return checked
