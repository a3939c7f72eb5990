"""E-mails about appointments: plain words, both time zones, the calendar file, and no health details."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from urllib.parse import urlsplit

from bot.booking import wording
from bot.booking.outbox import EmailKind
from bot.booking.service import BookingService
from bot.booking.types import Appointment, Method
from bot.settings import Settings
from bot.store.models.booking import AppointmentRow, EmailRow

_METHODS = {"confirmation": Method.REQUEST, "change": Method.REQUEST, "cancellation": Method.CANCEL}


class LetterWriter:
    """Writes the e-mails of one clinic."""

    def __init__(self, service: BookingService, settings: Settings) -> None:
        self._service = service
        self._domain = urlsplit(settings.base_url).hostname or "localhost"

    def write(self, email: EmailRow, row: AppointmentRow, appointment: Appointment) -> EmailMessage:
        """The whole message, ready to send. It tells the appointment as it is now, not as it was when queued."""
        kind: EmailKind = email.kind  # type: ignore[assignment]  # the column holds only EmailKind values
        clinic = self._service.clinic
        words = self._service.texts.emails[kind]
        start = appointment.start.astimezone(self._service.calendar.time_zone)
        message = EmailMessage()
        message["Subject"] = words["subject"].format(day=wording.day(start), clock=wording.clock(start))
        message["From"] = formataddr((clinic.name, clinic.email))
        message["To"] = row.patient_email or ""
        message["Date"] = format_datetime(email.created_at)
        message["Message-ID"] = f"<{email.id}@{self._domain}>"  # the same on every attempt: a repeat can be recognised
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(self._body(kind, row, appointment))
        if kind in _METHODS:
            self._attach_calendar(message, appointment, _METHODS[kind])
        return message

    def _body(self, kind: EmailKind, row: AppointmentRow, appointment: Appointment) -> str:
        clinic, texts = self._service.clinic, self._service.texts.emails
        words = texts[kind]
        when, yours = wording.both_times(appointment.start, self._service.calendar.time_zone, row.patient_time_zone)
        lines = [texts["greeting"].format(name=row.patient_name), ""] if row.patient_name else []
        lines += [self._intro(kind, row, words["intro"]), "", texts["when"].format(time=when)]
        if yours:
            lines.append(texts["your_time"].format(time=yours))
        lines.append(texts["where"].format(place=f"{clinic.name}, {clinic.address}"))
        lines.append(texts["with"].format(practitioner=appointment.practitioner_name))
        if kind == "offer":
            lines += ["", words["manage"].format(link=self._service.offer_link(row.id))]
        else:
            lines.append(texts["reference"].format(reference=appointment.reference))
        if kind in ("confirmation", "change", "reminder"):
            lines += ["", texts["manage"].format(link=self._service.manage_link(appointment))]
        lines.append(texts["phone"].format(phone=clinic.phone.display))
        if kind in ("confirmation", "change", "reminder"):
            lines += ["", texts["safety"].format(emergency=clinic.emergency.number)]
        lines += ["", texts["closing"].format(clinic=clinic.name), clinic.website]
        return "\n".join(lines) + "\n"

    def _intro(self, kind: EmailKind, row: AppointmentRow, intro: str) -> str:
        if kind != "offer" or row.hold_expires_at is None:
            return intro
        until, _ = wording.both_times(row.hold_expires_at, self._service.calendar.time_zone, None)
        return intro.format(until=until)

    def _attach_calendar(self, message: EmailMessage, appointment: Appointment, method: Method) -> None:
        file = self._service.ics(appointment, method)
        message.add_attachment(
            file,
            maintype="text",
            subtype="calendar",
            filename="appointment.ics",
            params={"method": method.value, "charset": "utf-8"},
        )
