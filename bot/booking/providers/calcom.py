"""Cal.com as the booking system, through its v2 API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import httpx

from bot.booking.intervals import Interval, minute_of, moment_of
from bot.booking.providers import ProviderDown, TimeTaken
from bot.booking.tokens import OpeningName
from bot.booking.types import Contact
from bot.settings import CalcomSettings

SLOTS_VERSION = "2024-09-04"
BOOKINGS_VERSION = "2024-08-13"
"""Cal.com dates each part of its API; the `cal-api-version` header chooses."""

KEY = "psoas_key"
"""The booking's metadata field that tells a repeated call from a new one."""

TIMEOUT_SECONDS = 8.0
_REFUSED = (HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY)
_TAKEN_WORDS = ("already has booking", "not available", "already booked", "already reserved", "no_available_users")
_GONE_WORDS = ("already been cancelled", "already cancelled", "is cancelled")


class CalcomProvider:
    """Books at Cal.com. Event types are found by service and practitioner (see `CalcomSettings.event_types`)."""

    def __init__(self, settings: CalcomSettings, time_zone: str, transport: httpx.BaseTransport | None = None) -> None:
        self._event_types = settings.event_types
        self._time_zone = time_zone
        self._http = httpx.Client(
            base_url=settings.url,
            headers={"Authorization": f"Bearer {settings.token}"},
            timeout=TIMEOUT_SECONDS,
            transport=transport,
            trust_env=False,
        )

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def free_starts(
        self, service: str, practitioners: Sequence[str], limits: Interval
    ) -> Mapping[str, frozenset[int]] | None:
        """What Cal.com has free, for each practitioner that has an event type there."""
        free: dict[str, frozenset[int]] = {}
        known: dict[int, frozenset[int]] = {}
        for practitioner in practitioners:
            event_type = self._event_type(service, practitioner)
            if event_type is None:
                continue
            if event_type not in known:
                known[event_type] = self._slots(event_type, limits)
            free[practitioner] = known[event_type]
        return free

    def reserve(self, name: OpeningName, minutes: int) -> str | None:
        """Reserve the slot; the reservation's uid."""
        body = {
            "eventTypeId": self._required_event_type(name),
            "slotStart": _instant(name.start),
            "reservationDuration": minutes,
        }
        data = self._call("POST", "/v2/slots/reservations", SLOTS_VERSION, json=body)
        return _text(data, "reservationUid")

    def release(self, reservation: str) -> None:
        """Delete the reservation."""
        self._call("DELETE", f"/v2/slots/reservations/{reservation}", SLOTS_VERSION, missing_is_fine=True)

    def book(self, name: OpeningName, contact: Contact, key: str, reservation: str | None) -> str | None:
        """Create the booking, unless one with this key is there already; its uid."""
        known = self._find(name, key)
        if known is None:
            attendee = {
                "name": contact.name,
                "email": contact.email,
                "phoneNumber": contact.phone,
                "timeZone": contact.time_zone or self._time_zone,
            }
            body = {
                "eventTypeId": self._required_event_type(name),
                "start": _instant(name.start),
                "attendee": {field: value for field, value in attendee.items() if value},
                "metadata": {KEY: key},
            }
            known = _text(self._call("POST", "/v2/bookings", BOOKINGS_VERSION, json=body), "uid")
        if reservation is not None:
            self._forget_reservation(reservation)
        return known

    def move(self, reference: str, name: OpeningName) -> str | None:
        """Reschedule; Cal.com gives the booking a new uid."""
        body = {"start": _instant(name.start)}
        data = self._call("POST", f"/v2/bookings/{reference}/reschedule", BOOKINGS_VERSION, json=body)
        return _text(data, "uid")

    def cancel(self, reference: str, reason: str) -> None:
        """Cancel; one that is cancelled already is fine."""
        body = {"cancellationReason": reason or "cancelled by the patient"}
        self._call("POST", f"/v2/bookings/{reference}/cancel", BOOKINGS_VERSION, json=body, missing_is_fine=True)

    def _slots(self, event_type: int, limits: Interval) -> frozenset[int]:
        query = {
            "eventTypeId": str(event_type),
            "start": _instant(limits[0]),
            "end": _instant(limits[1]),
            "timeZone": "UTC",
        }
        data = self._call("GET", "/v2/slots", SLOTS_VERSION, params=query)
        try:
            return frozenset(minute_of(_moment(slot["start"])) for day in data.values() for slot in day)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ProviderDown("the answer was not understood") from error

    def _find(self, name: OpeningName, key: str) -> str | None:
        """The uid of the booking that an earlier call with this key has made."""
        start = moment_of(name.start)
        query = {
            "eventTypeId": str(self._required_event_type(name)),
            "afterStart": _instant(name.start - 1),
            "beforeEnd": (start + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "status": "upcoming",
        }
        bookings = self._call("GET", "/v2/bookings", BOOKINGS_VERSION, params=query)
        if not isinstance(bookings, list):
            raise ProviderDown("the answer was not understood")
        for booking in bookings:
            if (booking.get("metadata") or {}).get(KEY) == key:
                return str(booking["uid"])
        return None

    def _forget_reservation(self, reservation: str) -> None:
        try:
            self.release(reservation)
        except ProviderDown:
            return  # the booking stands; the reservation ends by itself

    def _event_type(self, service: str, practitioner: str) -> int | None:
        return self._event_types.get(f"{service}@{practitioner}", self._event_types.get(service))

    def _required_event_type(self, name: OpeningName) -> int:
        event_type = self._event_type(name.service, name.practitioner)
        if event_type is None:
            raise ProviderDown("no event type is set for this service")
        return event_type

    def _call(
        self,
        method: str,
        path: str,
        version: str,
        *,
        json: dict[str, Any] | None = None,
        params: dict[str, str] | None = None,
        missing_is_fine: bool = False,
    ) -> Any:
        """The `data` of the answer. Raises TimeTaken if Cal.com says so, ProviderDown for everything else."""
        try:
            response = self._http.request(method, path, json=json, params=params, headers={"cal-api-version": version})
            body = response.json() if response.content else {}
        except (httpx.HTTPError, ValueError) as error:
            raise ProviderDown(type(error).__name__) from error
        if response.is_success and isinstance(body, dict) and body.get("status") == "success":
            return body.get("data", {})
        words = _words(body)
        if missing_is_fine and (response.status_code == HTTPStatus.NOT_FOUND or any(w in words for w in _GONE_WORDS)):
            return {}
        if response.status_code in _REFUSED and any(taken in words for taken in _TAKEN_WORDS):
            raise TimeTaken
        raise ProviderDown(f"answered {response.status_code}")


def _words(body: object) -> str:
    error = body.get("error", body) if isinstance(body, dict) else {}
    return str(error.get("message", "")).lower() if isinstance(error, dict) else ""


def _text(data: object, field: str) -> str:
    value = data.get(field) if isinstance(data, dict) else None
    if not isinstance(value, str) or not value:
        raise ProviderDown("the answer was not understood")
    return value


def _instant(minute: int) -> str:
    return moment_of(minute).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
