"""Holds: an opening kept for one conversation while the patient gives name and number."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.booking import ledger
from bot.booking.finder import OpeningFinder
from bot.booking.providers import BookingProvider, ProviderDown, TimeTaken
from bot.booking.tokens import OpeningName
from bot.booking.types import Hold, Opening, Taken, UnknownHold
from bot.store import Database
from bot.store.models.booking import AppointmentRow

HOLD = timedelta(minutes=10)
MAX_EXTENSIONS = 2
CONFIRMING = timedelta(minutes=2)
"""A hold lives at least this long while another system is asked to book."""


class Holds:
    """Takes, extends and gives back holds."""

    def __init__(self, database: Database, finder: OpeningFinder, provider: BookingProvider) -> None:
        self._database = database
        self._finder = finder
        self._provider = provider

    def take(self, name: OpeningName, conversation_id: str, now: datetime) -> Hold | Taken:
        """Keep a time for a conversation; it gives up any other that it kept. The same again is the same hold."""
        opening = self._finder.opening(name)
        service = self._finder.service(name.service)
        try:
            with self._database.session() as session:
                schedule = ledger.lock_schedules(session, [name.practitioner])[name.practitioner]
                ledger.expire_holds(session, now, name.practitioner, service.busy(name.start))
                kept = _kept_by(session, conversation_id)
                same = next((row for row in kept if ledger.name_of(row) == name), None)
                if same is not None:
                    return _view(same, opening)
                for row in kept:
                    session.delete(row)
                session.flush()
                if not self._finder.is_free(session, name, now):
                    raise TimeTaken
                row = ledger.hold_row(service, name, schedule, now, now + HOLD, conversation_id)
                session.add(row)
        except (IntegrityError, TimeTaken):
            return Taken(self._finder.near(name, now))
        for other in kept:
            self._give_back(other.provider_reference)
        return self._reserve(row, name, opening, now)

    def extend(self, hold_id: str, now: datetime) -> Hold | Taken:
        """Ten minutes from now, at most twice; after that the hold stays as it is. Raises UnknownHold."""
        with self._database.session() as session:
            row = ledger.locked(session, hold_id, UnknownHold)
            lives = _is_live(row, now)
            if lives and row.hold_extensions < MAX_EXTENSIONS:
                row.hold_extensions += 1
                row.hold_expires_at = now + HOLD
        name = ledger.name_of(row)
        return _view(row, self._finder.opening(name)) if lives else Taken(self._finder.near(name, now))

    def release(self, hold_id: str) -> None:
        """Give a hold back; nothing happens if there is none (any more)."""
        with self._database.session() as session:
            row = session.get(AppointmentRow, hold_id, with_for_update=True)
            if row is None or row.status != "pending":
                return
            reservation = row.provider_reference
            session.delete(row)
        self._give_back(reservation)

    def revive(self, session: Session, row: AppointmentRow, now: datetime) -> None:
        """Make sure a hold lives while it is confirmed; one that ran out takes its time again if it is free.

        The row must be locked. Raises UnknownHold for one that was given back, TimeTaken if somebody was faster.
        """
        if _is_live(row, now):
            row.hold_expires_at = max(row.hold_expires_at or now, now + CONFIRMING)
            return
        ledger.expire_holds(session, now, row.practitioner, (row.busy_from, row.busy_until))
        session.refresh(row)
        if row.reason != ledger.HOLD_EXPIRED:
            raise UnknownHold("the hold was given back")
        if not self._finder.is_free(session, ledger.name_of(row), now):
            raise TimeTaken
        row.status, row.slot_status, row.reason = "pending", "busy-tentative", None
        row.hold_expires_at = now + CONFIRMING
        session.flush()

    def lose(self, hold_id: str, now: datetime) -> Taken:
        """Give up a hold whose time turned out to be gone, and offer others. Raises UnknownHold."""
        with self._database.session() as session:
            row = ledger.locked(session, hold_id, UnknownHold)
            name = ledger.name_of(row)
            if row.status == "pending":
                session.delete(row)
        return Taken(self._finder.near(name, now))

    def _reserve(self, row: AppointmentRow, name: OpeningName, opening: Opening, now: datetime) -> Hold | Taken:
        """Have the other system keep the time too; if it is down, the time is only a wish that staff confirm."""
        try:
            reservation = self._provider.reserve(name, int(HOLD.total_seconds() // 60))
        except TimeTaken:
            self.release(row.id)
            return Taken(self._finder.near(name, now))
        except ProviderDown:
            return _view(row, replace(opening, needs_staff=True))
        if reservation is not None:
            with self._database.session() as session:
                ledger.locked(session, row.id, UnknownHold).provider_reference = reservation
        return _view(row, opening)

    def _give_back(self, reservation: str | None) -> None:
        if reservation is None:
            return
        try:
            self._provider.release(reservation)
        except ProviderDown:
            return  # it ends by itself there


def _kept_by(session: Session, conversation_id: str) -> list[AppointmentRow]:
    """What the conversation keeps; offers of the waiting list are not its own choice and stay."""
    kept = select(AppointmentRow).where(
        AppointmentRow.conversation_id == conversation_id,
        AppointmentRow.status == "pending",
        AppointmentRow.waiting_request_id.is_(None),
    )
    return list(session.scalars(kept))


def _is_live(row: AppointmentRow, now: datetime) -> bool:
    return row.status == "pending" and row.hold_expires_at is not None and row.hold_expires_at > now


def _view(row: AppointmentRow, opening: Opening) -> Hold:
    return Hold(
        id=row.id,
        opening=opening,
        expires_at=row.hold_expires_at or row.created_at,
        may_extend=row.hold_extensions < MAX_EXTENSIONS,
    )
