"""The screen of what waits for a person: call-backs, the waiting list, and what another system did not take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from anyio.to_thread import run_sync
from starlette.responses import Response

from bot.booking.staff import StaffCalendar
from bot.booking.types import BookingRequest, UnknownAppointment
from bot.console.appointments.calendar import PERMISSION
from bot.console.revealing import TOO_SHORT, reason_of, record_reveal, revealed
from bot.console.screens import Screen, Visit

REQUESTS = "/requests"
TITLES = {
    "callback": "Call back",
    "waiting_list": "Waiting list",
    "confirm": "Confirm a booking",
    "move": "Move an appointment",
    "cancel": "Cancel an appointment",
}
OUTCOMES: dict[str, Literal["booked", "cancelled"]] = {"done": "booked", "dropped": "cancelled"}


@dataclass(frozen=True)
class Requests:
    """The handlers."""

    book: StaffCalendar

    def screens(self) -> list[Screen]:
        """The table of these addresses."""
        return [
            Screen(REQUESTS, self.show, PERMISSION, menu="Requests"),
            Screen(f"{REQUESTS}/{{id}}/reveal", self.reveal, "reveal", ("POST",)),
            Screen(f"{REQUESTS}/{{id}}/close", self.close, PERMISSION, ("POST",)),
        ]

    async def show(self, visit: Visit) -> Response:
        """Everything that is open, who has waited longest first; contacts are hidden until a reason is given."""
        return await self._page(visit)

    async def _page(self, visit: Visit, *, code: int = 200, problem: str = "") -> Response:
        wanted = visit.request.query_params.get("kind", "")
        waiting = await run_sync(self.book.requests)
        counts = {kind: sum(one.kind == kind for one in waiting) for kind in TITLES}
        shown = await visit.console.transactions.read(lambda session: revealed(session, visit, kind=object_of("")))
        return visit.render(
            "appointments/requests.html",
            code=code,
            problem=problem,
            waiting=[one for one in waiting if wanted not in TITLES or one.kind == wanted],
            counts=counts,
            titles=TITLES,
            wanted=wanted,
            services={one.id: one.name for one in visit.console.clinic.services},
            revealed={one.id for one in waiting if object_of(one.id) in shown},
        )

    async def reveal(self, visit: Visit) -> Response:
        """Show whom to call for some minutes, to this person, for a reason that is written down."""
        reason = reason_of(visit)
        request = await self._open(visit.path("id"))
        if request is None:
            return await self._page(visit, problem="That request is closed already.", code=404)
        if reason is None:
            return await self._page(visit, problem=TOO_SHORT, code=422)
        people = [request.contact.name] if request.contact else []
        await visit.console.transactions.write(
            lambda session: record_reveal(session, visit, object_of(request.id), reason, people)
        )
        return visit.go(REQUESTS, "revealed")

    async def close(self, visit: Visit) -> Response:
        """Note that it was dealt with, or that it is not wanted any more."""
        id, outcome = visit.path("id"), OUTCOMES.get(visit.field("outcome", 10))
        if outcome is None:
            return await self._page(visit, problem="Say whether it is done or dropped.", code=422)
        if await self._open(id) is None:
            return await self._page(visit, problem="That request is closed already.", code=404)
        await visit.console.transactions.write(
            lambda session: visit.record(session, "close_request", object_of(id), {"outcome": outcome})
        )
        try:
            await run_sync(self.book.close_request, id, outcome, visit.now)
        except UnknownAppointment:
            return await self._page(visit, problem="That request has just been erased.", code=404)
        return visit.go(REQUESTS, "request_closed")

    async def _open(self, id: str) -> BookingRequest | None:
        return next((one for one in await run_sync(self.book.requests) if one.id == id), None)


def object_of(id: str) -> str:
    """How the audit names a request."""
    return f"request:{id}"[:80]
