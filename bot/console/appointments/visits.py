"""The screens of one appointment: booking it for a patient, looking at it, moving it, cancelling it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from anyio.to_thread import run_sync
from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.booking.service import BookingService
from bot.booking.staff import Outcome, StaffCalendar
from bot.booking.types import (
    Appointment,
    BookingError,
    BookingRequest,
    Contact,
    ContactProblem,
    Opening,
    OpeningQuery,
    Preferences,
    RequestedInstead,
    Taken,
    UnknownAppointment,
    UnknownHold,
    UnknownOpening,
)
from bot.console.appointments.calendar import CALENDAR, PERMISSION, day_of
from bot.console.revealing import TOO_SHORT, reason_of, record_reveal, revealed
from bot.console.screens import Screen, Visit

ONE = "/appointments/{id}"
NEW = "/appointments/new"
LOOK_AHEAD = timedelta(days=14)
MOST_TIMES = 60
BY_STAFF = "staff "  # stands where the conversation would, for a booking without one
OUTCOMES: dict[Outcome, str] = {"arrived": "The patient is here", "fulfilled": "Treated", "noshow": "Did not come"}
TAKEN = "That time has just been taken. Choose another one."
PROBLEMS = {
    "name": "Write the patient's name.",
    "phone": "That telephone number is not complete.",
    "email": "That e-mail address is not complete.",
    "contact": "Give a telephone number or an e-mail address.",
}


@dataclass(frozen=True)
class Visits:
    """The handlers."""

    bookings: BookingService
    book: StaffCalendar

    def screens(self) -> list[Screen]:
        """The table of these addresses; the fixed ones stand before the one with a gap."""
        return [
            Screen(NEW, self.choose, PERMISSION),
            Screen(f"{NEW}/save", self.save, PERMISSION, ("POST",)),
            Screen(ONE, self.show, PERMISSION),
            Screen(f"{ONE}/reveal", self.reveal, "reveal", ("POST",)),
            Screen(f"{ONE}/move", self.move, PERMISSION, ("POST",)),
            Screen(f"{ONE}/cancel", self.cancel, PERMISSION, ("POST",)),
            Screen(f"{ONE}/outcome", self.outcome, PERMISSION, ("POST",)),
        ]

    async def choose(self, visit: Visit) -> Response:
        """Choose a service and a time, and say for whom."""
        return await self._choosing(visit)

    async def _choosing(self, visit: Visit, *, code: int = 200, problem: str = "") -> Response:
        source = visit.form if visit.request.method == "POST" else visit.request.query_params
        services = {one.id: one.name for one in visit.console.clinic.services}
        people = {one.id: one.name for one in visit.console.clinic.practitioners}
        request = await self._request(str(source.get("request") or ""))
        service = str(source.get("service") or (request.service if request else "") or "")
        service = service if service in services else next(iter(services))
        whose = str(source.get("practitioner") or "")
        day = day_of(str(source.get("day") or ""), visit)
        times = await self._times(visit, service, whose if whose in people else None, day)
        return visit.render(
            "appointments/new.html",
            code=code,
            problem=problem,
            services=services,
            people=people,
            service=service,
            whose=whose,
            day=day,
            times=times,
            request=request,
            typed={name: visit.field(name, 254) for name in ("name", "phone", "email")},
        )

    async def _request(self, id: str) -> BookingRequest | None:
        """The open request that is to be fulfilled."""
        return next((one for one in await run_sync(self.book.requests) if one.id == id), None) if id else None

    async def _times(
        self, visit: Visit, service: str, whose: str | None, day: date, moving: str | None = None
    ) -> dict[str, list[Opening]]:
        start = datetime.combine(day, time(), visit.console.clinic.zone)
        query = OpeningQuery(service, whose, (start, start + LOOK_AHEAD), Preferences(), MOST_TIMES, moving=moving)
        by_day: dict[str, list[Opening]] = {}
        for opening in await run_sync(self.bookings.openings, query, visit.now):
            by_day.setdefault(f"{opening.start.astimezone(start.tzinfo):%A %d %B}", []).append(opening)
        return by_day

    async def save(self, visit: Visit) -> Response:
        """Book the chosen time for the patient; a request that led to it is closed."""
        request = await self._request(visit.field("request", 40))
        contact = Contact(visit.field("name", 120), visit.field("phone", 40) or None, visit.field("email", 254) or None)
        if request is not None and request.contact is not None:
            contact = request.contact
        shared, flags = (request.shared, request.flags) if request else (None, ())
        keeper = (request.conversation_id if request else None) or f"{BY_STAFF}{visit.staff.name}"[:40]
        try:
            hold = await run_sync(self.bookings.hold, visit.field("opening", 400), keeper, visit.now)
            if isinstance(hold, Taken):
                return await self._choosing(visit, problem=TAKEN, code=409)
            await _record(visit, "book", hold.id, {"request": request.id} if request else None)
            confirm = partial(self.bookings.confirm, hold.id, contact, shared, flags, f"staff:{hold.id}", visit.now)
            booked = await run_sync(confirm)
        except ContactProblem as problem:
            return await self._choosing(visit, problem=PROBLEMS[problem.field], code=422)
        except (UnknownOpening, UnknownHold):
            return await self._choosing(visit, problem="Choose one of the times.", code=422)
        if isinstance(booked, Taken):
            return await self._choosing(visit, problem=TAKEN, code=409)
        if request is not None:
            await run_sync(self.book.close_request, request.id, "booked", visit.now)
        return _after(visit, booked, "booked")

    async def show(self, visit: Visit) -> Response:
        """The appointment with what the patient shared; who they are stays hidden until a reason is given."""
        return await self._one(visit)

    async def _one(self, visit: Visit, *, code: int = 200, problem: str = "") -> Response:
        id = visit.path("id")
        try:
            appointment = await run_sync(self.bookings.get, id)
        except UnknownAppointment:
            return _nothing(visit)
        day = day_of(visit.request.query_params.get("day", ""), visit)
        times: dict[str, list[Opening]] = {}
        if appointment.is_upcoming(visit.now):
            times = await self._times(visit, appointment.service, None, day, id)

        def read(session: Session) -> bool:
            visit.record(session, "read", object_of(id))
            return bool(revealed(session, visit, object=object_of(id)))

        is_revealed = await visit.console.transactions.write(read)
        return visit.render(
            "appointments/appointment.html",
            code=code,
            problem=problem,
            one=appointment,
            upcoming=appointment.is_upcoming(visit.now),
            begun=appointment.start <= visit.now,
            conversation=None
            if (appointment.conversation_id or BY_STAFF).startswith(BY_STAFF)
            else appointment.conversation_id,
            times=times,
            day=day,
            revealed=is_revealed,
            outcomes=OUTCOMES,
        )

    async def reveal(self, visit: Visit) -> Response:
        """Show name and number for some minutes, to this person, for a reason that is written down."""
        id, reason = visit.path("id"), reason_of(visit)
        if reason is None:
            return await self._one(visit, problem=TOO_SHORT, code=422)
        try:
            appointment = await run_sync(self.bookings.get, id)
        except UnknownAppointment:
            return _nothing(visit)
        people = [appointment.contact.name] if appointment.contact else []
        await visit.console.transactions.write(
            lambda session: record_reveal(session, visit, object_of(id), reason, people)
        )
        return visit.go(f"/appointments/{id}", "revealed")

    async def move(self, visit: Visit) -> Response:
        """Give the appointment another time; it keeps the old one unless the new one is booked."""
        id, opening = visit.path("id"), visit.field("opening", 400)
        return await self._change(visit, "move", partial(self.bookings.reschedule, id, opening, visit.now), "moved")

    async def cancel(self, visit: Visit) -> Response:
        """Cancel it; the patient is told by e-mail if there is an address, and the time is offered to who waits."""
        id, reason = visit.path("id"), visit.field("reason", 200)
        return await self._change(visit, "cancel", partial(self.bookings.cancel, id, reason, visit.now), "cancelled")

    async def outcome(self, visit: Visit) -> Response:
        """Note whether the patient came."""
        id = visit.path("id")
        outcome = next((each for each in OUTCOMES if each == visit.field("outcome", 20)), None)
        if outcome is None:
            return await self._one(visit, problem="Choose what happened.", code=422)
        return await self._change(visit, outcome, partial(self.book.record, id, outcome, visit.now), "noted")

    async def _change(
        self, visit: Visit, action: str, work: Callable[[], Appointment | RequestedInstead | Taken], done: str
    ) -> Response:
        """Do it, or show the appointment again with what is wrong. It is written down before it is done."""
        await _record(visit, f"appointment_{action}", visit.path("id"))
        try:
            result = await run_sync(work)
        except UnknownOpening:
            return await self._one(visit, problem="Choose one of the times.", code=422)
        except UnknownAppointment:
            return _nothing(visit)
        except BookingError as problem:
            return await self._one(visit, problem=f"Nothing was changed: {problem}.", code=409)
        if isinstance(result, Taken):
            return await self._one(visit, problem=TAKEN, code=409)
        return _after(visit, result, done)


def _after(visit: Visit, result: Appointment | RequestedInstead, done: str) -> Response:
    """To the appointment; or to the requests, where the other booking system could not be reached."""
    if isinstance(result, RequestedInstead):
        return visit.go("/requests", "requested")
    return visit.go(f"/appointments/{result.id}", done)


def _nothing(visit: Visit) -> Response:
    text = f"It may have been erased. The calendar is at /staff{CALENDAR}."
    return visit.render("problem.html", code=404, title="There is no such appointment", text=text)


def object_of(id: str) -> str:
    """How the audit names an appointment."""
    return f"appointment:{id}"[:80]


async def _record(visit: Visit, action: str, id: str, details: dict[str, Any] | None = None) -> None:
    await visit.console.transactions.write(lambda session: visit.record(session, action, object_of(id), details))
