"""The appointment pages: see, move, cancel, add to a calendar, and answer a waiting-list offer. No script needed.

Whoever has the signed link may use it: it stands for one appointment, shows no health data, and a GET changes nothing.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.booking import wording
from bot.booking.service import BookingService
from bot.booking.tokens import LinkSigner
from bot.booking.types import (
    Appointment,
    AppointmentStatus,
    DualTime,
    LinkProblem,
    Method,
    NotChangeable,
    Opening,
    OpeningQuery,
    RequestedInstead,
    Taken,
    UnknownHold,
    UnknownOpening,
    WaitingListEntry,
)
from bot.settings import Settings
from bot.store.models.base import utc_now

HERE = Path(__file__).parent
STYLE = HERE / "appointments.css"
DAYS_SHOWN = 7
MANY = 8
DONE = ("moved", "unchanged", "cancelled", "already_cancelled", "requested", "waiting", "offer_declined")
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}

Page = Callable[[Request], Awaitable[Response]]


def routes(service: BookingService, settings: Settings, clock: Callable[[], datetime] = utc_now) -> list[BaseRoute]:
    """All addresses under /appointments."""
    pages = AppointmentPages(service, settings, clock)
    return [
        Route("/appointments/style.css", pages.style),
        Route("/appointments/offers/{token}", pages.guarded(pages.offer), methods=["GET", "POST"]),
        Route("/appointments/{token}", pages.guarded(pages.show)),
        Route("/appointments/{token}/calendar.ics", pages.guarded(pages.calendar_file)),
        Route("/appointments/{token}/move", pages.guarded(pages.move), methods=["GET", "POST"]),
        Route("/appointments/{token}/cancel", pages.guarded(pages.cancel), methods=["GET", "POST"]),
        Route("/appointments/{token}/wait", pages.guarded(pages.wait), methods=["POST"]),
    ]


class FormProblem(Exception):
    """A form that was not made by our page for this appointment."""


class AppointmentPages:
    """The handlers, each for one address."""

    def __init__(self, service: BookingService, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._service = service
        self._signer = LinkSigner(settings)
        self._clock = clock
        self._zone = service.calendar.time_zone
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates" / "appointments"), autoescape=True, undefined=StrictUndefined
        )

    async def style(self, _request: Request) -> Response:
        """The style sheet of these pages."""
        return Response(STYLE.read_bytes(), media_type="text/css", headers={"Cache-Control": "public, max-age=3600"})

    def guarded(self, page: Page) -> Page:
        """The page, with clear words in place of what went wrong."""

        async def handle(request: Request) -> Response:
            try:
                return await page(request)
            except LinkProblem as problem:
                return self._problem(problem.kind, 404 if problem.kind == "invalid" else 403)
            except NotChangeable:
                return self._problem("not_changeable", 409)
            except (FormProblem, UnknownOpening):
                return self._problem("form", 403)
            except UnknownHold:
                return self._render("message.html", 410, heading=self._text("offer_heading"), message="offer_gone")

        return handle

    async def show(self, request: Request) -> Response:
        """The appointment."""
        appointment = await self._appointment(request)
        now = self._clock()
        if appointment.status is AppointmentStatus.CANCELLED:
            heading = "heading_cancelled"
        elif appointment.end <= now:
            heading = "heading_over"
        else:
            heading = "heading_booked"
        done = request.query_params.get("done")
        return self._render(
            "show.html",
            heading=heading,
            done=done if done in DONE else None,
            upcoming=appointment.is_upcoming(now),
            **self._of(request, appointment),
        )

    async def calendar_file(self, request: Request) -> Response:
        """The calendar file."""
        appointment = await self._appointment(request)
        cancelled = appointment.status is AppointmentStatus.CANCELLED
        method = Method.CANCEL if cancelled else Method.PUBLISH
        file = await run_in_threadpool(self._service.ics, appointment, method)
        headers = {**HEADERS, "Content-Disposition": 'attachment; filename="appointment.ics"'}
        return Response(file, headers=headers, media_type=f"text/calendar; charset=utf-8; method={method.value}")

    async def move(self, request: Request) -> Response:
        """Choose another time (GET), and move to it (POST)."""
        appointment = await self._changeable(request)
        if request.method == "GET":
            return await self._choose(request, appointment)
        form = await self._form(request, appointment)
        opening_id = form.get("opening")
        if not opening_id:
            return await self._choose(request, appointment, problem="move_pick_one", status=422)
        result = await run_in_threadpool(self._service.reschedule, appointment.id, opening_id, self._clock())
        if isinstance(result, Taken):
            return await self._choose(request, appointment, problem="taken", status=409, only=result.alternatives)
        if isinstance(result, RequestedInstead):
            return self._done(request, "requested")
        return self._done(request, "unchanged" if result.sequence == appointment.sequence else "moved")

    async def cancel(self, request: Request) -> Response:
        """Ask whether to cancel (GET), and cancel (POST)."""
        appointment = await self._appointment(request)
        if appointment.status is AppointmentStatus.CANCELLED:
            return self._done(request, "already_cancelled")
        now = self._clock()
        if not appointment.is_upcoming(now):
            raise NotChangeable
        if request.method == "GET":
            return self._render("cancel.html", **self._of(request, appointment))
        form = await self._form(request, appointment)
        reason = form.get("reason", "")
        known = reason if reason in self._service.texts.pages["cancel_reasons"] else ""
        result = await run_in_threadpool(self._service.cancel, appointment.id, known, now)
        return self._done(request, "requested" if isinstance(result, RequestedInstead) else "cancelled")

    async def wait(self, request: Request) -> Response:
        """Be told when an earlier time becomes free."""
        appointment = await self._changeable(request)
        await self._form(request, appointment)
        if appointment.contact is not None:
            entry = WaitingListEntry(
                service=appointment.service,
                contact=appointment.contact,
                conversation_id=appointment.conversation_id,
                appointment_id=appointment.id,
            )
            key = f"wait:{appointment.id}:{appointment.sequence}"
            await run_in_threadpool(self._service.join_waiting_list, entry, key, self._clock())
        return self._done(request, "waiting")

    async def offer(self, request: Request) -> Response:
        """A waiting-list offer (GET), taken up or turned down (POST)."""
        token, now = request.path_params["token"], self._clock()
        hold_id = self._service.offer_by_link(token)
        booked = await run_in_threadpool(self._service.accepted_offer, hold_id)
        if booked is not None:
            return RedirectResponse(self._service.manage_link(booked), 303, headers=HEADERS)
        offer = await run_in_threadpool(self._service.waiting.offer_of, hold_id, now)
        opening = offer.hold.opening
        contact = offer.request.contact
        when, yours = wording.both_times(opening.start, self._zone, contact.time_zone if contact else None)
        if request.method == "GET":
            return self._render(
                "offer.html",
                opening=opening,
                when=when,
                yours=yours,
                until=wording.full_time(offer.hold.expires_at.astimezone(self._zone)),
                has_appointment=offer.request.appointment_id is not None,
                form=self._signer.sign("offer-form", hold_id),
            )
        form = await request.form()
        if not self._is_form(form.get("form"), "offer-form", hold_id):
            raise FormProblem
        if form.get("answer") != "accept":
            await run_in_threadpool(self._service.waiting.decline, hold_id, now)
            return self._render("message.html", heading=self._text("offer_heading"), message="offer_declined")
        result = await run_in_threadpool(self._service.accept_offer, hold_id, now)
        if isinstance(result, Appointment):
            return RedirectResponse(self._service.manage_link(result), 303, headers=HEADERS)
        message = "requested" if isinstance(result, RequestedInstead) else "offer_gone"
        return self._render("message.html", heading=self._text("offer_heading"), message=message)

    async def _choose(
        self,
        request: Request,
        appointment: Appointment,
        *,
        problem: str | None = None,
        status: int = 200,
        only: Sequence[Opening] | None = None,
    ) -> Response:
        first = await self._first_day(request, appointment)
        last = first + timedelta(days=DAYS_SHOWN)
        window = self._service.calendar.midnight(first), self._service.calendar.midnight(last)
        openings = only or await self._search(appointment, window, None)
        today = self._today()
        horizon = today + timedelta(days=self._service.calendar.horizon_days)
        return self._render(
            "move.html",
            status,
            days=self._by_day(openings, appointment),
            several=len({one.practitioner for one in openings}) > 1,
            problem=problem,
            first=first,
            last=last - timedelta(days=1),
            earlier=max(first - timedelta(days=DAYS_SHOWN), today) if first > today else None,
            later=last if last <= horizon else None,
            may_wait=self._service.email_available and appointment.contact is not None and appointment.contact.email,
            **self._of(request, appointment),
        )

    async def _first_day(self, request: Request, appointment: Appointment) -> date:
        """The first day to show: the one asked for, or else the first with a free time."""
        today = self._today()
        last = today + timedelta(days=self._service.calendar.horizon_days)
        try:
            return min(max(date.fromisoformat(request.query_params.get("from", "")), today), last)
        except ValueError:
            openings = await self._search(appointment, None, 1)
            return openings[0].start.astimezone(self._zone).date() if openings else today

    async def _search(
        self, appointment: Appointment, window: tuple[datetime, datetime] | None, limit: int | None
    ) -> list[Opening]:
        query = OpeningQuery(appointment.service, window=window, limit=limit, moving=appointment.id)
        openings = await run_in_threadpool(self._service.openings, query, self._clock())
        same = (appointment.start, appointment.practitioner)
        return [one for one in openings if (one.start, one.practitioner) != same]

    def _by_day(self, openings: Sequence[Opening], appointment: Appointment) -> list[tuple[str, list[dict[str, Any]]]]:
        zone = appointment.contact.time_zone if appointment.contact else None
        days = []
        for day, group in groupby(openings, key=lambda one: wording.day(one.start.astimezone(self._zone))):
            rows = []
            for one in _fewer(list(group), self._zone):
                times = DualTime.of(one.start, self._zone, zone)
                yours = wording.short_time(times.patient) if times.patient else None
                rows.append({"opening": one, "clock": wording.clock(times.clinic), "yours": yours})
            days.append((day, rows))
        return days

    async def _appointment(self, request: Request) -> Appointment:
        return await run_in_threadpool(self._service.by_link, request.path_params["token"], self._clock())

    async def _changeable(self, request: Request) -> Appointment:
        appointment = await self._appointment(request)
        if not appointment.is_upcoming(self._clock()):
            raise NotChangeable
        return appointment

    async def _form(self, request: Request, appointment: Appointment) -> dict[str, str]:
        """The form's fields, if it is one that our page made for this appointment. Raises FormProblem."""
        form = await request.form()
        if not self._is_form(form.get("form"), "form", appointment.id):
            raise FormProblem
        return {name: value for name, value in form.items() if isinstance(value, str)}

    def _is_form(self, token: object, purpose: str, subject: str) -> bool:
        try:
            signed = self._signer.read(purpose, token) if isinstance(token, str) else ""
        except LinkProblem:
            return False
        return hmac.compare_digest(signed, subject)

    def _done(self, request: Request, what: str) -> Response:
        """Back to the appointment, so that a reload repeats nothing."""
        return RedirectResponse(f"/appointments/{request.path_params['token']}?done={what}", 303, headers=HEADERS)

    def _of(self, request: Request, appointment: Appointment) -> dict[str, Any]:
        zone = appointment.contact.time_zone if appointment.contact else None
        when, yours = wording.both_times(appointment.start, self._zone, zone)
        soon = appointment.start - self._clock() < timedelta(hours=self._service.clinic.cancel_notice_hours)
        return {
            "appointment": appointment,
            "when": when,
            "yours": yours,
            "base": f"/appointments/{request.path_params['token']}",
            "form": self._signer.sign("form", appointment.id),
            "soon": soon,
        }

    def _today(self) -> date:
        return self._clock().astimezone(self._zone).date()

    def _problem(self, kind: str, status: int) -> Response:
        texts = self._service.texts.problems
        return self._render("problem.html", status, heading=texts[f"{kind}_heading"], words=texts[kind])

    def _render(self, template: str, status: int = 200, **context: Any) -> Response:
        page = self._templates.get_template(template).render(
            clinic=self._service.clinic, t=self._text, texts=self._service.texts.pages, **context
        )
        return HTMLResponse(page, status_code=status, headers=HEADERS)

    def _text(self, key: str, **filled: str) -> str:
        """A text of these pages, with the clinic's own details filled in."""
        clinic = self._service.clinic
        return str(self._service.texts.pages[key]).format(
            phone=clinic.phone.display,
            clinic=clinic.name,
            website=clinic.website,
            emergency=clinic.emergency.number,
            hours=f"{clinic.cancel_notice_hours:g}",
            zone=wording.zone_name(self._clock().astimezone(self._zone)),
            **filled,
        )


def _fewer(openings: list[Opening], zone: ZoneInfo) -> list[Opening]:
    """A day with many free times shows those on the hour and half hour, which are easier to choose from."""
    if len(openings) <= MANY:
        return openings
    return [one for one in openings if one.start.astimezone(zone).minute % 30 == 0] or openings
