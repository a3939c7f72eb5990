"""Puts booking together as the settings say."""

from __future__ import annotations

from bot.booking.providers import BookingProvider, EmbeddedProvider
from bot.booking.service import BookingService
from bot.clinic import Clinic
from bot.settings import Settings
from bot.store import Database


def booking_service(database: Database, clinic: Clinic, settings: Settings) -> BookingService:
    """Booking with Cal.com where that is set, else with our own database alone."""
    provider: BookingProvider = EmbeddedProvider()
    if settings.calcom is not None:
        # Imported only here: its HTTP client would take a tenth of the desk's start.
        from bot.booking.providers.calcom import CalcomProvider

        provider = CalcomProvider(settings.calcom, clinic.time_zone)
    return BookingService(database, clinic, settings, provider)
