"""When the clinic works: services, practitioners, weekly hours, breaks, closed days and public holidays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.booking.intervals import Interval, merge, minute_of
from bot.clinic import Clinic

if TYPE_CHECKING:
    import holidays

Span = tuple[time, time]
"""Wall-clock (from, until) in the clinic's zone; an `until` of 00:00 means the end of the day."""


@dataclass(frozen=True)
class Service:
    """What can be booked. `minutes` is its length; `buffer` minutes after it are kept free."""

    id: str
    name: str
    minutes: int
    buffer: int = 0

    def busy(self, start: int) -> Interval:
        """The time taken from the practitioner by an appointment that starts at this Unix minute."""
        return start, start + self.minutes + self.buffer


@dataclass(frozen=True)
class Practitioner:
    """Who gives which services, and when in a normal week (0 is Monday); breaks are the gaps between spans."""

    id: str
    name: str
    services: frozenset[str]
    hours: Mapping[int, tuple[Span, ...]]


@dataclass(frozen=True)
class ClinicCalendar:
    """All that booking needs to know of the clinic."""

    time_zone: ZoneInfo
    services: Mapping[str, Service]
    practitioners: Mapping[str, Practitioner]
    closed_days: frozenset[date] = frozenset()
    holiday_country: str | None = None
    holiday_subdivision: str | None = None
    lead_minutes: int = 120
    horizon_days: int = 60
    step_minutes: int = 15

    @cached_property
    def _holidays(self) -> holidays.HolidayBase | None:
        if self.holiday_country is None:
            return None
        # Imported only here: the calendars of all countries would slow every start.
        import holidays

        return holidays.country_holidays(self.holiday_country, subdiv=self.holiday_subdivision)

    def is_closed(self, day: date) -> bool:
        """True on closed days and public holidays; staff can still add hours."""
        return day in self.closed_days or (self._holidays is not None and day in self._holidays)

    def practitioners_of(self, service: str, practitioner: str | None = None) -> list[Practitioner]:
        """Who gives the service, in the clinic's order; only the one asked for, if any."""
        return [
            one
            for one in self.practitioners.values()
            if service in one.services and (practitioner is None or one.id == practitioner)
        ]

    def working(self, practitioner: Practitioner, day: date) -> list[Interval]:
        """The practitioner's working time of one local day, in order; the gaps are the breaks."""
        if self.is_closed(day):
            return []
        return merge(self._interval(day, span) for span in practitioner.hours.get(day.weekday(), ()))

    def midnight(self, day: date) -> datetime:
        """The moment a local day begins, as UTC."""
        return datetime.combine(day, time(), self.time_zone).astimezone(timezone.utc)

    def _interval(self, day: date, span: Span) -> Interval:
        # Where the clocks go back, a span begins with the first and ends with the second of two equal times.
        start = datetime.combine(day, span[0], self.time_zone)
        last_day = day + timedelta(days=1) if span[1] == time() else day
        end = datetime.combine(last_day, span[1], self.time_zone).replace(fold=1)
        return minute_of(start), minute_of(end)


def calendar_of(clinic: Clinic) -> ClinicCalendar:
    """What booking needs of the clinic's file."""
    return ClinicCalendar(
        time_zone=clinic.zone,
        services={one.id: Service(one.id, one.name, one.minutes, one.buffer_minutes) for one in clinic.services},
        practitioners={
            one.id: Practitioner(
                id=one.id,
                name=one.name,
                services=frozenset(one.services),
                hours={day: tuple((span.start, span.end) for span in spans) for day, spans in one.hours.items()},
            )
            for one in clinic.practitioners
        },
        closed_days=clinic.closed_days,
        holiday_country=clinic.holiday_country,
        holiday_subdivision=clinic.holiday_subdivision,
        lead_minutes=round(clinic.lead_time_hours * 60),
        horizon_days=clinic.horizon_days,
    )
