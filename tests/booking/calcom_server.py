"""A small Cal.com: the v2 calls that we use, answering as its documentation says."""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

TOKEN = "cal_test_key"
LENGTH = timedelta(minutes=45)
TAKEN = "User either already has booking at this time or is not available"


@dataclass
class FakeCalcom:
    """Its state, its faults, and the requests that it got."""

    busy: set[datetime] = field(default_factory=set)
    bookings: dict[str, dict[str, Any]] = field(default_factory=dict)
    reservations: dict[str, datetime] = field(default_factory=dict)
    fault: str | None = None  # down, garbage, or forget_answer: it books, but the answer is lost
    seen: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def routes(self) -> list[Route]:
        return [
            Route("/v2/slots", self.slots),
            Route("/v2/slots/reservations", self.reserve, methods=["POST"]),
            Route("/v2/slots/reservations/{uid}", self.unreserve, methods=["DELETE"]),
            Route("/v2/bookings", self.list, methods=["GET"]),
            Route("/v2/bookings", self.create, methods=["POST"]),
            Route("/v2/bookings/{uid}/reschedule", self.reschedule, methods=["POST"]),
            Route("/v2/bookings/{uid}/cancel", self.cancel, methods=["POST"]),
        ]

    async def _open(self, request: Request, version: str) -> tuple[dict[str, Any], Response | None]:
        body = await request.json() if await request.body() else {}
        self.seen.append((request.method, request.url.path, body))
        if self.fault == "down":
            return body, _error(503, "Service unavailable")
        if self.fault == "garbage":
            return body, Response("<html>gateway</html>", 200)
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return body, _error(401, "Invalid API key")
        if request.headers.get("cal-api-version") != version:
            return body, _error(404, f"Cannot {request.method} {request.url.path}")
        return body, None

    async def slots(self, request: Request) -> Response:
        _, refused = await self._open(request, "2024-09-04")
        if refused:
            return refused
        start, end = _time(request.query_params["start"]), _time(request.query_params["end"])
        days: dict[str, list[dict[str, str]]] = {}
        at = start.replace(minute=start.minute // 15 * 15, second=0)
        while at < end:
            if at >= start and not self._taken(at):
                days.setdefault(at.strftime("%Y-%m-%d"), []).append({"start": _text(at)})
            at += timedelta(minutes=15)
        return _data(days)

    async def reserve(self, request: Request) -> Response:
        body, refused = await self._open(request, "2024-09-04")
        if refused:
            return refused
        start = _time(body["slotStart"])
        if self._booked(start):
            return _error(422, "Can't reserve a slot if the event is already booked.")
        if start in self.reservations.values():
            return _error(422, "This time slot is already reserved by another user. Please choose a different time.")
        uid = str(uuid.uuid4())
        self.reservations[uid] = start
        until = datetime.now(timezone.utc) + timedelta(minutes=body.get("reservationDuration", 5))
        return _data(
            {
                "eventTypeId": body["eventTypeId"],
                "slotStart": _text(start),
                "slotEnd": _text(start + LENGTH),
                "slotDuration": 45,
                "reservationUid": uid,
                "reservationDuration": body.get("reservationDuration", 5),
                "reservationUntil": _text(until),
            },
            201,
        )

    async def unreserve(self, request: Request) -> Response:
        _, refused = await self._open(request, "2024-09-04")
        if refused:
            return refused
        if self.reservations.pop(request.path_params["uid"], None) is None:
            return _error(404, "Slot not found")
        return JSONResponse({"status": "success"})

    async def list(self, request: Request) -> Response:
        _, refused = await self._open(request, "2024-08-13")
        if refused:
            return refused
        return _data([one for one in self.bookings.values() if one["status"] == "accepted"])

    async def create(self, request: Request) -> Response:
        body, refused = await self._open(request, "2024-08-13")
        if refused:
            return refused
        attendee = body["attendee"]
        if not attendee.get("email") and not attendee.get("phoneNumber"):
            return _error(400, "At least one contact method (email or phone number) must be provided")
        start = _time(body["start"])
        if self._booked(start) or start in self.busy:
            return _error(400, TAKEN)
        booking = self._add(start, body["eventTypeId"], body.get("metadata", {}))
        if self.fault == "forget_answer":
            return Response(b"", 502)
        return _data(booking, 201)

    async def reschedule(self, request: Request) -> Response:
        body, refused = await self._open(request, "2024-08-13")
        if refused:
            return refused
        old = self.bookings.get(request.path_params["uid"])
        if old is None:
            return _error(404, "Booking not found")
        if old["status"] != "accepted":
            return _error(400, "Can't reschedule booking because it has been cancelled already.")
        start = _time(body["start"])
        if self._booked(start) or start in self.busy:
            return _error(400, TAKEN)
        old["status"] = "cancelled"
        new = self._add(start, old["eventTypeId"], old["metadata"])
        new["rescheduledFromUid"] = old["uid"]
        return _data(new, 201)

    async def cancel(self, request: Request) -> Response:
        body, refused = await self._open(request, "2024-08-13")
        if refused:
            return refused
        booking = self.bookings.get(request.path_params["uid"])
        if booking is None:
            return _error(404, "Booking not found")
        if booking["status"] == "cancelled":
            return _error(400, "Can't cancel booking because it has been cancelled already. It is cancelled.")
        booking["status"] = "cancelled"
        booking["cancellationReason"] = body.get("cancellationReason")
        return _data(booking)

    def _add(self, start: datetime, event_type: int, metadata: dict[str, str]) -> dict[str, Any]:
        uid = uuid.uuid4().hex[:20]
        self.bookings[uid] = {
            "id": len(self.bookings) + 1,
            "uid": uid,
            "status": "accepted",
            "start": _text(start),
            "end": _text(start + LENGTH),
            "duration": 45,
            "eventTypeId": event_type,
            "metadata": metadata,
        }
        return self.bookings[uid]

    def _booked(self, start: datetime) -> bool:
        return any(one["status"] == "accepted" and _time(one["start"]) == start for one in self.bookings.values())

    def _taken(self, start: datetime) -> bool:
        return start in self.busy or start in self.reservations.values() or self._booked(start)


class Running:
    """A fake Cal.com on a port of this machine."""

    def __init__(self, port: int) -> None:
        self.calcom = FakeCalcom()
        self.url = f"http://127.0.0.1:{port}"
        config = uvicorn.Config(Starlette(routes=self.calcom.routes()), port=port, log_level="error", lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def start(self) -> None:
        """Serve, and wait until it does."""
        self._thread.start()
        waiting = threading.Event()
        while not self._server.started:
            assert self._thread.is_alive(), "the port is taken"
            waiting.wait(0.01)

    def stop(self) -> None:
        """End the server."""
        self._server.should_exit = True
        self._thread.join(10)


def _data(data: object, status: int = 200) -> Response:
    return JSONResponse({"status": "success", "data": data}, status)


def _error(status: int, message: str) -> Response:
    return JSONResponse({"status": "error", "error": {"code": "Error", "message": message}}, status)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _text(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
