"""Finds openings: the pure search, fed from the database and the provider."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy.orm import Session

from bot.booking import ledger, search
from bot.booking.calendar import ClinicCalendar, Practitioner, Service
from bot.booking.intervals import Interval, minute_of, moment_of
from bot.booking.providers import BookingProvider, ProviderDown
from bot.booking.search import Candidate
from bot.booking.tokens import OpeningName, OpeningNames
from bot.booking.types import Opening, OpeningQuery, Preferences, UnknownOpening
from bot.store import Database

ALTERNATIVES = 3
NEAR = timedelta(days=14)
FIRST_LOOK = timedelta(days=10)
THINKING_TIME = timedelta(minutes=30)


class OpeningFinder:
    """Searches one clinic's calendar."""

    def __init__(
        self, database: Database, calendar: ClinicCalendar, names: OpeningNames, provider: BookingProvider
    ) -> None:
        self._database = database
        self._calendar = calendar
        self._names = names
        self._provider = provider

    def openings(self, query: OpeningQuery, now: datetime) -> list[Opening]:
        """The openings that suit the query, in order of time; raises UnknownOpening for an unknown service."""
        service = self.service(query.service)
        practitioners = self._calendar.practitioners_of(service.id, query.practitioner)
        limits = search.bounds(self._calendar, now, query.window)
        if query.after is not None:
            limits = (max(limits[0], self._names.read(query.after).start + 1), limits[1])
        if query.before is not None:
            limits = (limits[0], min(limits[1], self._names.read(query.before).start))
        if not practitioners or limits[0] >= limits[1]:
            return []
        found = self._free(service, practitioners, limits, query, now)
        ids = [practitioner.id for practitioner in practitioners]
        found, needs_staff = self._as_provider_says(found, service, ids, limits)
        if query.spread:
            found = search.spread_out(found)
        last = query.before is not None
        chosen = list(found)[-(query.limit or 0) :] if last else list(islice(found, query.limit))
        return [self.opening(self._name(service, one), needs_staff=needs_staff) for one in chosen]

    def near(self, name: OpeningName, now: datetime, moving: str | None = None) -> tuple[Opening, ...]:
        """The free times nearest to one that is gone, in order of time; the provider is not asked again."""
        try:
            service = self.service(name.service)
        except UnknownOpening:
            return ()
        wanted = moment_of(name.start)
        practitioners = self._calendar.practitioners_of(service.id)
        ids = [practitioner.id for practitioner in practitioners]
        for window in ((wanted - NEAR, wanted + NEAR), None):
            limits = search.bounds(self._calendar, now, window)
            if limits[0] >= limits[1]:
                continue
            with self._database.reading() as session:
                occupied = ledger.occupied(session, ids, limits, now, without=moving)
            found = search.candidates(self._calendar, service, practitioners, occupied, limits, Preferences())
            nearest = sorted(found, key=lambda one: abs(one.start - name.start))[:ALTERNATIVES]
            if nearest:
                return tuple(
                    self.opening(self._name(service, one)) for one in sorted(nearest, key=lambda one: one.start)
                )
        return ()

    def is_free(self, session: Session, name: OpeningName, now: datetime, moving: str | None = None) -> bool:
        """True if the time can be booked now, as seen inside the caller's transaction.

        A time that was just inside the lead time when it was shown may be taken a little later.
        """
        service = self.service(name.service)
        practitioners = self._calendar.practitioners_of(service.id, name.practitioner)
        shown = now - min(THINKING_TIME, timedelta(minutes=self._calendar.lead_minutes))
        first, until = search.bounds(self._calendar, shown, None)
        limits = (max(first, name.start), min(until, name.start + 1))
        if not practitioners or limits[0] >= limits[1]:
            return False
        occupied = ledger.occupied(session, [name.practitioner], limits, now, without=moving)
        return any(search.candidates(self._calendar, service, practitioners, occupied, limits, Preferences()))

    def first_within(
        self, session: Session, query: OpeningQuery, limits: Interval, now: datetime
    ) -> OpeningName | None:
        """The first free time inside `limits` (Unix minutes) that suits the query, seen inside a transaction."""
        service = self.service(query.service)
        practitioners = self._calendar.practitioners_of(service.id, query.practitioner)
        first, until = search.bounds(self._calendar, now, query.window)
        limits = (max(first, limits[0]), min(until, limits[1]))
        if not practitioners or limits[0] >= limits[1]:
            return None
        ids = [practitioner.id for practitioner in practitioners]
        occupied = ledger.occupied(session, ids, limits, now, without=query.moving)
        found = search.candidates(self._calendar, service, practitioners, occupied, limits, query.preferences)
        return next((self._name(service, one) for one in found), None)

    def opening(self, name: OpeningName, *, needs_staff: bool = False) -> Opening:
        """The opening with its id and names."""
        service = self.service(name.service)
        start = moment_of(name.start)
        return Opening(
            id=self._names.sign(name),
            service=service.id,
            service_name=service.name,
            practitioner=name.practitioner,
            practitioner_name=ledger.practitioner_name(self._calendar, name.practitioner),
            start=start,
            end=start + timedelta(minutes=service.minutes),
            needs_staff=needs_staff,
        )

    def service(self, service: str) -> Service:
        """The service with this id; raises UnknownOpening."""
        if service not in self._calendar.services:
            raise UnknownOpening("the clinic has no such service")
        return self._calendar.services[service]

    def name_of(self, service: str, practitioner: str, start: datetime) -> OpeningName:
        """The name of a time."""
        return OpeningName(service, practitioner, minute_of(start))

    def _free(
        self, service: Service, practitioners: list[Practitioner], limits: Interval, query: OpeningQuery, now: datetime
    ) -> Iterator[Candidate]:
        """Free times in order; the calendar is read piece by piece, as far as somebody asks for more."""
        ids = [practitioner.id for practitioner in practitioners]
        for piece in self._pieces(limits):
            with self._database.reading() as session:
                occupied = ledger.occupied(session, ids, piece, now, without=query.moving)
            yield from search.candidates(self._calendar, service, practitioners, occupied, piece, query.preferences)

    def _pieces(self, limits: Interval) -> Iterator[Interval]:
        """The limits in two: the days in which most people find a time, and the rest, cut at midnight."""
        first_day = moment_of(limits[0]).astimezone(self._calendar.time_zone).date()
        cut = minute_of(self._calendar.midnight(first_day + FIRST_LOOK))
        yield limits[0], min(limits[1], cut)
        if cut < limits[1]:
            yield cut, limits[1]

    def _as_provider_says(
        self, found: Iterator[Candidate], service: Service, practitioners: list[str], limits: Interval
    ) -> tuple[Iterator[Candidate], bool]:
        """Only what the other system has free too; when it is down, all, to be confirmed by staff."""
        try:
            free = self._provider.free_starts(service.id, practitioners, limits)
        except ProviderDown:
            return found, True
        if free is None:
            return found, False
        nothing: frozenset[int] = frozenset()
        return (one for one in found if one.start in free.get(one.practitioner, nothing)), False

    @staticmethod
    def _name(service: Service, candidate: Candidate) -> OpeningName:
        return OpeningName(service.id, candidate.practitioner, candidate.start)
