"""Reading the clinic's file into a `Clinic`, refusing what does not fit together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from bot.clinic.words import clinic_words
from bot.knowledge.source import ContentFile, Entry

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# Where the clinic's file says nothing: figures are compared over two years, and the audit lasts six.
CONVERSATION_DAYS = 730
AUDIT_DAYS = 2190
NUMBERS_FILE = Path(__file__).with_name("emergency_numbers.yml")


@dataclass(frozen=True)
class Span:
    """Open from `start` to `end`, local time of the clinic; never over midnight."""

    start: time
    end: time


@dataclass(frozen=True)
class Service:
    """Something that can be booked. `price` is a text such as "$95"; `buffer_minutes` follow each visit."""

    id: str
    name: str
    minutes: int
    buffer_minutes: int
    price: str
    description: str


@dataclass(frozen=True)
class Practitioner:
    """Who treats. `hours` has the weekday (0 is Monday) and its spans in order; breaks are the gaps between spans."""

    id: str
    name: str
    about: str
    services: tuple[str, ...]
    hours: dict[int, tuple[Span, ...]]


@dataclass(frozen=True)
class Phone:
    """The clinic's telephone: `e164` for links, `display` for people."""

    e164: str
    display: str


@dataclass(frozen=True)
class EmergencyNumber:
    """`number` to dial (for tel: links) and `label` to show."""

    number: str
    label: str


@dataclass(frozen=True)
class CrisisLine:
    """`number` to dial, `text` as in "call or text 988", `name` of the service."""

    number: str
    text: str
    name: str


@dataclass(frozen=True)
class Retention:
    """After how many days without anything new each category is erased; the audit of staff's work is kept longest."""

    messages: int
    facts: int
    conversations: int
    appointments: int
    audit: int


@dataclass(frozen=True)
class Clinic:
    """Everything about one clinic; see `clinic.yml` for the meaning of each part.

    `closed_days` are extra closed days beside the public holidays of `holiday_country` and `holiday_subdivision`.
    `maternity` and `medical_line` say whom to call, in words ("your doctor's office or a nurse advice line").
    """

    name: str
    assistant_name: str
    country: str
    time_zone: str
    address: str
    directions: str
    phone: Phone
    email: str
    website: str
    facebook_page: str | None
    practitioners: tuple[Practitioner, ...]
    services: tuple[Service, ...]
    lead_time_hours: float
    horizon_days: int
    closed_days: frozenset[date]
    holiday_country: str | None
    holiday_subdivision: str | None
    cancel_notice_hours: float
    privacy_contact: str
    privacy_notice_url: str
    retention_days: int
    retention: Retention
    seen_by: str
    resume_hours: float
    facts_days: int
    staff_reply: str
    emergency: EmergencyNumber
    crisis: CrisisLine
    maternity: str
    medical_line: str

    @property
    def zone(self) -> ZoneInfo:
        """The clinic's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def practitioner(self) -> Practitioner:
        """The first practitioner: who the patient hears about."""
        return self.practitioners[0]

    def words(self) -> dict[str, str]:
        """What fills the placeholders of the content, by name: {clinic}, {emergency}, {hours}, ..."""
        return clinic_words(self)

    def service(self, service_id: str) -> Service:
        """The service with this id; KeyError when there is none."""
        for service in self.services:
            if service.id == service_id:
                return service
        raise KeyError(service_id)

    def practitioners_for(self, service_id: str) -> tuple[Practitioner, ...]:
        """Who offers this service."""
        return tuple(person for person in self.practitioners if service_id in person.services)


def load_clinic(path: Path | str) -> Clinic:
    """Read a clinic file; raises ContentError with file, line and a sentence."""
    root = ContentFile(Path(path)).root()
    services = tuple(_service(entry) for entry in root.entries("services"))
    if not services:
        root.fail("list at least one service", "services")
    service_ids = {service.id for service in services}
    practitioners = tuple(_practitioner(entry, service_ids) for entry in root.entries("practitioners"))
    if not practitioners:
        root.fail("list at least one practitioner", "practitioners")
    time_zone = root.text("time_zone")
    if time_zone not in available_timezones():
        root.fail(f"{time_zone!r} is not a time zone: write one such as America/New_York", "time_zone")
    country = root.text("country")
    emergency, crisis, maternity, medical_line = _numbers(root, country)
    booking, privacy, conversation = root.entry("booking"), root.entry("privacy"), root.entry("conversation")
    holidays = booking.entry("holidays") if booking.has("holidays") else None
    clinic = Clinic(
        name=root.text("name"),
        assistant_name=root.text("assistant_name", "Psoas"),
        country=country,
        time_zone=time_zone,
        address=root.text("address"),
        directions=root.text("directions", "Please call us if you need help finding us."),
        phone=_phone(root.entry("phone")),
        email=root.text("email"),
        website=root.text("website"),
        facebook_page=root.text_or_none("facebook_page"),
        practitioners=practitioners,
        services=services,
        lead_time_hours=booking.number("lead_time_hours"),
        horizon_days=_whole(booking, "horizon_days", 1, 730),
        closed_days=_dates(booking, "extra_closed_days"),
        holiday_country=holidays.text("country") if holidays else None,
        holiday_subdivision=holidays.text_or_none("subdivision") if holidays else None,
        cancel_notice_hours=booking.number("cancel_notice_hours"),
        privacy_contact=privacy.text("contact"),
        privacy_notice_url=privacy.text("notice_url"),
        retention_days=_whole(privacy, "retention_days", 1, 3650),
        retention=_retention(privacy),
        seen_by=privacy.text("seen_by"),
        resume_hours=conversation.number("resume_hours"),
        facts_days=_whole(conversation, "facts_days", 1, 365),
        staff_reply=conversation.text("staff_reply"),
        emergency=emergency,
        crisis=crisis,
        maternity=maternity,
        medical_line=medical_line,
    )
    booking.raw("holidays")
    for entry in (booking, privacy, conversation, root):
        entry.finish()
    return clinic


def _retention(privacy: Entry) -> Retention:
    """The days for each category. What patients wrote is never kept longer than they are told."""
    told = _whole(privacy, "retention_days", 1, 3650)
    if not privacy.has("retention"):
        return Retention(told, told, CONVERSATION_DAYS, told, AUDIT_DAYS)
    entry = privacy.entry("retention")
    days = {
        name: _whole(entry, name, 1, 36500) if entry.has(name) else default
        for name, default in (
            ("messages", told), ("facts", told), ("conversations", CONVERSATION_DAYS), ("appointments", told),
            ("audit", AUDIT_DAYS),
        )
    }  # fmt: skip
    for name in ("messages", "facts"):
        if days[name] > told:
            entry.fail(f"'{name}' is {days[name]}: patients are told {told} days (retention_days)", name)
    if days["conversations"] < max(days["messages"], days["facts"]):
        entry.fail("a conversation cannot go before its messages and facts", "conversations")
    entry.finish()
    return Retention(**days)


def _service(entry: Entry) -> Service:
    service = Service(
        id=entry.text("id"),
        name=entry.text("name"),
        minutes=_whole(entry, "minutes", 5, 480),
        buffer_minutes=_whole(entry, "buffer_minutes", 0, 240),
        price=entry.text("price"),
        description=entry.text("description"),
    )
    entry.finish()
    return service


def _practitioner(entry: Entry, service_ids: set[str]) -> Practitioner:
    services = entry.texts("services")
    for index, service in enumerate(services):
        if service not in service_ids:
            entry.fail(f"there is no service called {service}", "services", index)
    hours: dict[int, tuple[Span, ...]] = {}
    for day, spans in entry.mapping("hours").items():
        if day not in WEEKDAYS:
            entry.fail(f"{day!r} is not a day of the week", "hours", day)
        hours[WEEKDAYS.index(day)] = _spans(entry, day, spans)
    practitioner = Practitioner(
        id=entry.text("id"), name=entry.text("name"), about=entry.text("about"), services=services, hours=hours
    )
    entry.finish()
    return practitioner


def _spans(entry: Entry, day: str, written: object) -> tuple[Span, ...]:
    if not isinstance(written, list):
        entry.fail(f"write a list of times for {day}, such as ['09:00-12:30']", "hours", day)
    spans: list[Span] = []
    for index, text in enumerate(written):
        start, dash, end = str(text).partition("-")
        try:
            span = Span(time.fromisoformat(start.strip()), time.fromisoformat(end.strip()))
        except ValueError:
            entry.fail(f"{text!r} is not a span of time: write one such as '09:00-12:30'", "hours", day, index)
        if not dash or span.end <= span.start or (spans and span.start < spans[-1].end):
            entry.fail(f"{text!r} ends before it starts, or overlaps the one before", "hours", day, index)
        spans.append(span)
    return tuple(spans)


def _phone(entry: Entry) -> Phone:
    e164 = entry.text("e164")
    if not (e164.startswith("+") and e164[1:].isdigit() and 8 <= len(e164) <= 16):
        entry.fail("write the number as + and digits only, such as +12125550142", "e164")
    phone = Phone(e164=e164, display=entry.text("display"))
    entry.finish()
    return phone


def _numbers(root: Entry, country: str) -> tuple[EmergencyNumber, CrisisLine, str, str]:
    """The country's emergency and crisis numbers."""
    presets = dict(ContentFile(NUMBERS_FILE).root().named("countries"))
    if country not in presets:
        root.fail(f"no emergency numbers are known for {country!r}: add them to {NUMBERS_FILE.name}", "country")
    preset = presets[country]
    emergency, crisis = preset.entry("emergency"), preset.entry("crisis")
    preset.texts("sources")
    numbers = (
        EmergencyNumber(number=emergency.text("number"), label=emergency.text("label")),
        CrisisLine(number=crisis.text("number"), text=crisis.text("text"), name=crisis.text("name")),
        preset.text("maternity"),
        preset.text("medical_line"),
    )
    for entry in (emergency, crisis, preset):
        entry.finish()
    return numbers


def _whole(entry: Entry, key: str, minimum: int, maximum: int) -> int:
    value = entry.number(key)
    if value != int(value) or not minimum <= value <= maximum:
        entry.fail(f"'{key}' is {value:g}: write a whole number from {minimum} to {maximum}", key)
    return int(value)


def _dates(entry: Entry, key: str) -> frozenset[date]:
    written = entry.raw(key) or []
    if not isinstance(written, list):
        entry.fail(f"write a list of dates for '{key}'", key)
    for index, item in enumerate(written):
        if not isinstance(item, date):
            entry.fail(f"{item!r} is not a date: write one such as 2026-12-24", key, index)
    return frozenset(written)
