"""The search for openings: pure, on whole minutes, in order of time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from bot.booking.calendar import ClinicCalendar, Practitioner, Service
from bot.booking.intervals import Interval, merge, minute_after, minute_of, moment_of, subtract
from bot.booking.types import Preferences

PARTS: Mapping[str, tuple[int, int]] = {
    "morning": (0, 12 * 60),
    "afternoon": (12 * 60, 17 * 60),
    "evening": (17 * 60, 24 * 60),
}
"""Parts of the day as local minutes (from, until)."""

WHOLE_DAY = (0, 24 * 60)


@dataclass(frozen=True)
class Occupied:
    """What the database knows of one practitioner: taken time and extra hours, both merged."""

    taken: list[Interval]
    extra: list[Interval]


class Candidate(NamedTuple):
    """A free start: Unix minute, whose it is, and the local day and minute of day."""

    start: int
    practitioner: str
    day: date
    minute_of_day: int

    @property
    def part(self) -> str:
        """The part of the day it starts in."""
        return next(name for name, (first, until) in PARTS.items() if first <= self.minute_of_day < until)


def bounds(calendar: ClinicCalendar, now: datetime, window: tuple[datetime, datetime] | None) -> Interval:
    """The Unix minutes in which an opening may start: lead time, horizon and window together."""
    first = minute_after(now + timedelta(minutes=calendar.lead_minutes))
    last_day = now.astimezone(calendar.time_zone).date() + timedelta(days=calendar.horizon_days + 1)
    until = minute_of(calendar.midnight(last_day))
    if window is None:
        return first, until
    return max(first, minute_after(window[0])), min(until, minute_after(window[1]))


def candidates(
    calendar: ClinicCalendar,
    service: Service,
    practitioners: list[Practitioner],
    occupied: Mapping[str, Occupied],
    limits: Interval,
    preferences: Preferences,
) -> Iterator[Candidate]:
    """Every free start inside `limits` that suits the preferences, in order of time."""
    allowed = _allowed_minutes(preferences)
    nothing = Occupied([], [])
    for day in _days(calendar, limits, preferences):
        found = [
            candidate
            for practitioner in practitioners
            for candidate in _free_on(
                calendar, service, practitioner, occupied.get(practitioner.id, nothing), day, limits, allowed
            )
        ]
        found.sort(key=lambda candidate: candidate.start)
        yield from found


def spread_out(found: Iterator[Candidate]) -> Iterator[Candidate]:
    """At most one for each part of a day, so that a few openings are a real choice."""
    seen: tuple[date, str] | None = None
    for candidate in found:
        if (candidate.day, candidate.part) != seen:
            seen = (candidate.day, candidate.part)
            yield candidate


def _days(calendar: ClinicCalendar, limits: Interval, preferences: Preferences) -> Iterator[date]:
    if limits[0] >= limits[1]:
        return
    day = moment_of(limits[0]).astimezone(calendar.time_zone).date()
    last = moment_of(limits[1] - 1).astimezone(calendar.time_zone).date()
    while day <= last:
        if not preferences.weekdays or day.weekday() in preferences.weekdays:
            yield day
        day += timedelta(days=1)


def _free_on(
    calendar: ClinicCalendar,
    service: Service,
    practitioner: Practitioner,
    occupied: Occupied,
    day: date,
    limits: Interval,
    allowed: list[Interval],
) -> Iterator[Candidate]:
    midnight, next_midnight = minute_of(calendar.midnight(day)), minute_of(calendar.midnight(day + timedelta(days=1)))
    extra = [(max(a, midnight), min(b, next_midnight)) for a, b in occupied.extra if a < next_midnight and b > midnight]
    working = merge([*calendar.working(practitioner, day), *extra])
    if not working:
        return
    shifts = next_midnight - midnight != 24 * 60
    offset = _offset(calendar, midnight)
    step = calendar.step_minutes
    any_time = allowed == [WHOLE_DAY]
    for first, until in subtract(working, occupied.taken):
        earliest = max(first, limits[0])
        last = min(until - service.minutes - service.buffer, limits[1] - 1)
        # Where the clocks change by half an hour, one stride would leave the round times: look at every minute.
        stride, skipped = (1, 0) if shifts else (step, -((earliest + offset) % (24 * 60)) % step)
        for minute in range(earliest + skipped, last + 1, stride):
            local = (minute + (_offset(calendar, minute) if shifts else offset)) % (24 * 60)
            if local % step == 0 and (any_time or any(a <= local < b for a, b in allowed)):
                yield Candidate(minute, practitioner.id, day, local)


def _offset(calendar: ClinicCalendar, minute: int) -> int:
    shift = moment_of(minute).astimezone(calendar.time_zone).utcoffset()
    return int((shift or timedelta()).total_seconds() // 60)


def _allowed_minutes(preferences: Preferences) -> list[Interval]:
    """The local minutes of day in which an opening may start."""
    parts = preferences.parts or PARTS.keys()
    allowed = merge(PARTS[part] for part in parts if part in PARTS and part not in preferences.exclude_parts)
    outside: list[Interval] = []
    if preferences.not_before is not None:
        outside.append((0, _minutes(preferences.not_before)))
    if preferences.not_after is not None:
        outside.append((_minutes(preferences.not_after), 24 * 60))
    return subtract(allowed, merge(outside))


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute
