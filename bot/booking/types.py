"""What the booking service takes and gives. All datetimes are aware; status names are those of FHIR R4."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time
from enum import Enum
from typing import Literal
from zoneinfo import ZoneInfo


class AppointmentStatus(str, Enum):
    """FHIR R4 AppointmentStatus."""

    PROPOSED = "proposed"
    PENDING = "pending"
    BOOKED = "booked"
    ARRIVED = "arrived"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    NOSHOW = "noshow"
    ENTERED_IN_ERROR = "entered-in-error"
    CHECKED_IN = "checked-in"
    WAITLIST = "waitlist"


class SlotStatus(str, Enum):
    """FHIR R4 SlotStatus."""

    FREE = "free"
    BUSY = "busy"
    BUSY_UNAVAILABLE = "busy-unavailable"
    BUSY_TENTATIVE = "busy-tentative"
    ENTERED_IN_ERROR = "entered-in-error"


class Method(str, Enum):
    """iTIP methods: REQUEST and CANCEL go by e-mail, PUBLISH is for a download."""

    PUBLISH = "PUBLISH"
    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


Part = Literal["morning", "afternoon", "evening"]


@dataclass(frozen=True)
class Preferences:
    """When a patient likes to come, in the clinic's wall-clock time. Empty means no preference.

    `weekdays` are 0 (Monday) to 6; an opening must start at or after `not_before` and before `not_after`.
    """

    weekdays: frozenset[int] = frozenset()
    not_before: time | None = None
    not_after: time | None = None
    parts: frozenset[str] = frozenset()
    exclude_parts: frozenset[str] = frozenset()
    asap: bool = False


@dataclass(frozen=True)
class OpeningQuery:
    """What to search: openings of `service` that start inside `window`.

    `after` and `before` are opening ids: only later, or only earlier ones (the last before it, in order of time).
    `spread` gives at most one opening for each part of a day, so that a few of them are a real choice.
    `limit` None gives all. `moving` is the id of an appointment that would give up its time for the opening.
    """

    service: str
    practitioner: str | None = None
    window: tuple[datetime, datetime] | None = None
    preferences: Preferences = field(default_factory=Preferences)
    limit: int | None = 3
    after: str | None = None
    before: str | None = None
    spread: bool = False
    moving: str | None = None


@dataclass(frozen=True)
class Opening:
    """A time that can be booked. `id` is opaque, always the same for the same time, and signed.

    `needs_staff` is true while the other booking system cannot be reached: staff must confirm the time.
    """

    id: str
    service: str
    service_name: str
    practitioner: str
    practitioner_name: str
    start: datetime
    end: datetime
    needs_staff: bool = False


@dataclass(frozen=True)
class Hold:
    """An opening kept for one conversation until `expires_at`."""

    id: str
    opening: Opening
    expires_at: datetime
    may_extend: bool


@dataclass(frozen=True)
class Taken:
    """The time is gone (or never was one); `alternatives` are the nearest that are free."""

    alternatives: tuple[Opening, ...]


@dataclass(frozen=True)
class Contact:
    """How to reach the patient: a name, and a phone number (E.164) or an e-mail address or both."""

    name: str
    phone: str | None = None
    email: str | None = None
    time_zone: str | None = None


@dataclass(frozen=True)
class SharedNote:
    """What the patient agreed to share with the clinic, line by line as it was shown, and when."""

    lines: tuple[str, ...]
    agreed_at: datetime


@dataclass(frozen=True)
class Appointment:
    """A booked (or cancelled) appointment. `sequence` rises with each change; `start` and `end` are UTC."""

    id: str
    reference: str
    status: AppointmentStatus
    slot_status: SlotStatus
    service: str
    service_name: str
    practitioner: str
    practitioner_name: str
    start: datetime
    end: datetime
    contact: Contact | None
    conversation_id: str | None
    shared: SharedNote | None
    flags: tuple[str, ...]
    sequence: int
    reason: str | None
    changed_at: datetime

    def is_upcoming(self, now: datetime) -> bool:
        """True while it is booked and has not begun."""
        return self.status is AppointmentStatus.BOOKED and self.start > now


RequestKind = Literal["waiting_list", "callback", "confirm", "move", "cancel"]


@dataclass(frozen=True)
class BookingRequest:
    """Something for staff: `status` is waitlist or proposed while open, then booked or cancelled."""

    id: str
    kind: RequestKind
    status: AppointmentStatus
    service: str | None
    practitioner: str | None
    start: datetime | None
    window: tuple[datetime, datetime] | None
    preferences: Preferences
    contact: Contact | None
    conversation_id: str | None
    appointment_id: str | None
    shared: SharedNote | None
    flags: tuple[str, ...]
    note: str | None
    created_at: datetime


@dataclass(frozen=True)
class RequestedInstead:
    """The other booking system could not be reached: staff were asked to do it, and will confirm."""

    request: BookingRequest


@dataclass(frozen=True)
class WaitingListEntry:
    """What a patient waits for. With `appointment_id` they have an appointment and would like an earlier one."""

    service: str
    contact: Contact
    conversation_id: str | None = None
    practitioner: str | None = None
    window: tuple[datetime, datetime] | None = None
    preferences: Preferences = field(default_factory=Preferences)
    appointment_id: str | None = None
    shared: SharedNote | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Offer:
    """A freed time kept for one person of the waiting list until `expires_at`."""

    hold: Hold
    request: BookingRequest


@dataclass(frozen=True)
class CalendarEntry:
    """One line of a practitioner's day: an appointment, a hold, blocked time, a break, or extra hours."""

    kind: Literal["appointment", "hold", "block", "break", "extra", "open"]
    practitioner: str
    start: datetime
    end: datetime
    slot_status: SlotStatus
    appointment: Appointment | None = None
    change_id: int | None = None
    note: str = ""
    in_conflict: bool = False


@dataclass(frozen=True)
class DualTime:
    """A moment in the clinic's zone and, where it differs, in the patient's."""

    clinic: datetime
    patient: datetime | None

    @classmethod
    def of(cls, moment: datetime, clinic_zone: ZoneInfo, patient_zone: str | None) -> DualTime:
        """Both wall clocks; the patient's only if the zone is known and shows another time."""
        at_clinic = moment.astimezone(clinic_zone)
        there = _zone(patient_zone)
        at_patient = moment.astimezone(there) if there else None
        if at_patient is None or at_patient.utcoffset() == at_clinic.utcoffset():
            return cls(at_clinic, None)
        return cls(at_clinic, at_patient)


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        return None


class BookingError(Exception):
    """A booking call that cannot be carried out; nothing was changed."""


class UnknownOpening(BookingError, LookupError):
    """The opening id is not one of ours, or its service or practitioner is no longer there."""


class UnknownHold(BookingError, LookupError):
    """There is no such hold."""


class UnknownAppointment(BookingError, LookupError):
    """There is no such appointment."""


class NotChangeable(BookingError):
    """The appointment has begun, is over or was cancelled: it cannot be moved or cancelled any more."""


class ContactProblem(BookingError):
    """A contact field is missing or wrong; `field` is name, phone, email or contact, `key` says how."""

    def __init__(self, field: str, key: str) -> None:
        super().__init__(f"{field}: {key}")
        self.field = field
        self.key = key


class LinkProblem(BookingError):
    """A manage link that does not work: `kind` is invalid or expired."""

    def __init__(self, kind: Literal["invalid", "expired"]) -> None:
        super().__init__(kind)
        self.kind = kind
