"""The calendar file (.ics) of one appointment: neutral words, no health details."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vCalAddress, vText, vUri

from bot.booking.types import Appointment, AppointmentStatus, Method


@dataclass(frozen=True)
class CalendarFile:
    """Makes calendar files for one clinic. `domain` makes the UIDs the clinic's own."""

    title: str
    description: str
    clinic_name: str
    clinic_email: str
    place: str
    zone: ZoneInfo
    domain: str

    def render(self, appointment: Appointment, method: Method, link: str | None) -> bytes:
        """The file; the UID stays the same for ever, SEQUENCE rises with each change."""
        calendar = Calendar()
        calendar.add("prodid", "-//Psoas//Booking//EN")
        calendar.add("version", "2.0")
        calendar.add("calscale", "GREGORIAN")
        calendar.add("method", method.value)
        calendar.add_component(_time_zone(self.zone, appointment.start))
        calendar.add_component(self._event(appointment, method, link))
        return bytes(calendar.to_ical())

    def _event(self, appointment: Appointment, method: Method, link: str | None) -> Event:
        cancelled = method is Method.CANCEL or appointment.status is AppointmentStatus.CANCELLED
        event = Event()
        event.add("uid", f"{appointment.id}@{self.domain}")
        event.add("dtstamp", appointment.changed_at.astimezone(timezone.utc).replace(microsecond=0))
        event.add("last-modified", appointment.changed_at.astimezone(timezone.utc).replace(microsecond=0))
        event.add("dtstart", appointment.start.astimezone(self.zone))
        event.add("dtend", appointment.end.astimezone(self.zone))
        event.add("sequence", appointment.sequence)
        event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
        event.add("summary", self.title)
        event.add("location", self.place)
        event.add("transp", "TRANSPARENT" if cancelled else "OPAQUE")
        event.add("class", "PRIVATE")
        event.add("description", f"{self.description}\n{link}" if link else self.description)
        if link:
            event.add("url", vUri(link))
        if method is not Method.PUBLISH:
            self._add_people(event, appointment)
        if not cancelled:
            event.add_component(self._alarm())
        return event

    def _add_people(self, event: Event, appointment: Appointment) -> None:
        organizer = vCalAddress(f"mailto:{self.clinic_email}")
        organizer.params["cn"] = vText(self.clinic_name)
        event.add("organizer", organizer)
        if appointment.contact and appointment.contact.email:
            attendee = vCalAddress(f"mailto:{appointment.contact.email}")
            attendee.params["partstat"] = vText("ACCEPTED")
            attendee.params["rsvp"] = vText("FALSE")
            event.add("attendee", attendee, encode=False)

    def _alarm(self) -> Alarm:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", self.title)
        alarm.add("trigger", timedelta(hours=-2))
        return alarm


def _time_zone(zone: ZoneInfo, moment: datetime) -> Timezone:
    """The zone's rules for a year around the moment: one part for each change of the clocks."""
    component = Timezone()
    component.add("tzid", zone.key)
    before = moment.astimezone(timezone.utc).replace(minute=0, second=0, microsecond=0) - timedelta(days=366)
    changes = [before, *_clock_changes(zone, before, timedelta(days=2 * 366))]
    for change in changes:
        earlier, later = (change - timedelta(minutes=1)).astimezone(zone), change.astimezone(zone)
        part = TimezoneDaylight() if later.dst() else TimezoneStandard()
        # RFC 5545: the moment of change is written in the wall-clock time that ends with it.
        part.add("dtstart", (change + (earlier.utcoffset() or timedelta())).replace(tzinfo=None))
        part.add("tzoffsetfrom", earlier.utcoffset())
        part.add("tzoffsetto", later.utcoffset())
        part.add("tzname", later.tzname())
        component.add_component(part)
    return component


def _clock_changes(zone: ZoneInfo, start: datetime, length: timedelta) -> list[datetime]:
    """The moments (UTC, to the quarter hour) at which the zone's offset changes."""
    changes: list[datetime] = []
    day = start
    while day < start + length:
        low, high = day, day + timedelta(days=1)
        if low.astimezone(zone).utcoffset() != high.astimezone(zone).utcoffset():
            while high - low > timedelta(minutes=15):
                middle = low + (high - low) / 2
                middle -= timedelta(minutes=middle.minute % 15, seconds=middle.second, microseconds=middle.microsecond)
                if middle.astimezone(zone).utcoffset() == low.astimezone(zone).utcoffset():
                    low = middle
                else:
                    high = middle
            changes.append(high)
        day += timedelta(days=1)
    return changes
