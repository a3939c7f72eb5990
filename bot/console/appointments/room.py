"""The calendar, appointments and requests as a room of the console."""

from __future__ import annotations

from collections.abc import Iterable

from bot.booking.staff import StaffCalendar
from bot.console.appointments.calendar import CalendarScreens
from bot.console.appointments.requests import Requests
from bot.console.appointments.visits import Visits
from bot.console.screens import Console, Screen


def appointment_screens(console: Console) -> Iterable[Screen]:
    """All addresses around appointments."""
    zone = console.clinic.zone
    console.templates.filters["clock"] = lambda at: f"{at.astimezone(zone):%H:%M}"
    console.templates.filters["day"] = lambda at: at.astimezone(zone).date().isoformat()
    book = StaffCalendar(console.transactions.database, console.clinic)
    return [*CalendarScreens(book).screens(), *Requests(book).screens(), *Visits(console.bookings, book).screens()]
