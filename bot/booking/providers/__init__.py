"""Where appointments are kept: our own database, or another booking system behind the same protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from bot.booking.intervals import Interval
from bot.booking.tokens import OpeningName
from bot.booking.types import Contact


class ProviderDown(Exception):
    """The other system cannot be reached or does not answer sensibly; nothing is known to have happened."""


class TimeTaken(Exception):
    """The other system says that the time is not free."""


class BookingProvider(Protocol):
    """What another booking system must do. Calls may block; starts are Unix minutes.

    Every call may raise ProviderDown. Our own tables hold every appointment as well, whatever the provider:
    the manage page, the e-mails and the console read those.
    """

    def free_starts(
        self, service: str, practitioners: Sequence[str], limits: Interval
    ) -> Mapping[str, frozenset[int]] | None:
        """The free starts of each practitioner; None: it has no opinion, the clinic's own hours decide."""

    def reserve(self, name: OpeningName, minutes: int) -> str | None:
        """Keep the time for some minutes; a reference, if there is one. Raises TimeTaken."""

    def release(self, reservation: str) -> None:
        """Give a reserved time back."""

    def book(self, name: OpeningName, contact: Contact, key: str, reservation: str | None) -> str | None:
        """Book; the same key twice books once. The booking's reference. Raises TimeTaken."""

    def move(self, reference: str, name: OpeningName) -> str | None:
        """Move a booking; its reference from now on. Raises TimeTaken."""

    def cancel(self, reference: str, reason: str) -> None:
        """Cancel a booking; cancelling twice is harmless."""


class EmbeddedProvider:
    """Ours: the database alone decides, so there is nobody to ask."""

    def free_starts(
        self, service: str, practitioners: Sequence[str], limits: Interval
    ) -> Mapping[str, frozenset[int]] | None:
        """No opinion."""
        return None

    def reserve(self, name: OpeningName, minutes: int) -> str | None:
        """Nothing to do: the hold is a row of ours."""
        return None

    def release(self, reservation: str) -> None:
        """Nothing to do."""

    def book(self, name: OpeningName, contact: Contact, key: str, reservation: str | None) -> str | None:
        """Nothing to do: the appointment is a row of ours."""
        return None

    def move(self, reference: str, name: OpeningName) -> str | None:
        """Nothing to do."""
        return None

    def cancel(self, reference: str, reason: str) -> None:
        """Nothing to do."""
