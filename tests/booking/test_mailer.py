"""E-mails: what they say, when they go, and what happens when the mail server is away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import icalendar
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from sqlalchemy import select

from bot.booking.mailer import BACKOFF, Mailer, SmtpServer
from bot.booking.service import BookingService
from bot.booking.types import Appointment, Contact, Hold, OpeningQuery, WaitingListEntry
from bot.clinic import Clinic
from bot.settings import Settings, SettingsError
from bot.store import Database
from bot.store.models.booking import EmailRow
from tests.booking.conftest import ANN, NOW, local

PORT = 5473
DAY = local(2026, 12, 1), local(2026, 12, 2)
REMINDER = local(2026, 11, 30, 10)


class Post:
    """A mail server that keeps what it gets, or refuses it."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.refuse: str | None = None

    async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:
        if self.refuse:
            return self.refuse
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        assert envelope.rcpt_tos == [message["To"]]
        self.messages.append(message)
        return "250 OK"


@pytest.fixture
def post() -> Iterator[Post]:
    post = Post()
    controller = Controller(post, hostname="127.0.0.1", port=PORT)
    controller.start()
    yield post
    controller.stop()


@pytest.fixture
def mail_settings(settings: Settings) -> Settings:
    return replace(settings, smtp_url=f"smtp://127.0.0.1:{PORT}")


@pytest.fixture
def service(database: Database, clinic: Clinic, mail_settings: Settings) -> BookingService:
    return BookingService(database, clinic, mail_settings)


@pytest.fixture
def mailer(database: Database, service: BookingService, mail_settings: Settings) -> Mailer:
    return Mailer(database, service, mail_settings)


def book(service: BookingService, contact: Contact = ANN, number: int = 0, key: str = "k") -> Appointment:
    opening = service.openings(OpeningQuery("consultation", window=DAY, limit=None), NOW)[number]
    hold = service.hold(opening.id, f"c-{key}", NOW)
    assert isinstance(hold, Hold)
    booked = service.confirm(hold.id, contact, None, ["pregnancy"], key, NOW)
    assert isinstance(booked, Appointment)
    return booked


def body(message: EmailMessage) -> str:
    part = message.get_body()
    assert isinstance(part, EmailMessage)
    return str(part.get_content())


def calendar_of(message: EmailMessage) -> tuple[str, icalendar.Event]:
    (part,) = message.iter_attachments()
    assert part.get_content_type() == "text/calendar"
    file = part.get_payload(decode=True)
    assert isinstance(file, bytes)
    event = icalendar.Calendar.from_ical(file).walk("VEVENT")[0]
    assert isinstance(event, icalendar.Event)
    return str(part.get_param("method")), event


def statuses(database: Database) -> dict[str, str]:
    with database.reading() as session:
        return {row.kind: row.status for row in session.scalars(select(EmailRow).order_by(EmailRow.created_at))}


async def test_a_confirmation(service: BookingService, mailer: Mailer, post: Post) -> None:
    appointment = book(service, replace(ANN, time_zone="America/Los_Angeles"))
    assert await mailer.send_due(NOW) == 1
    (message,) = post.messages
    assert message["Subject"] == "Your appointment on Tuesday, December 1"
    assert message["From"] == "Attuned Vitality <hello@attunedvitality.example>"
    text = body(message)
    assert "Hello Ann Lee," in text
    assert "When: Tuesday, December 1, 2026, 9:00 am EST" in text
    assert "Your time: Tuesday, December 1, 2026, 6:00 am PST" in text
    assert service.manage_link(appointment) in text
    method, event = calendar_of(message)
    assert method == "REQUEST"
    assert event.decoded("dtstart") == appointment.start
    for private in ("pregnan", "consultation", "pain", "massage"):
        assert private not in message.as_string().lower()
    assert await mailer.send_due(NOW) == 0


async def test_a_move_and_a_cancellation(service: BookingService, mailer: Mailer, post: Post) -> None:
    appointment = book(service)
    await mailer.send_due(NOW)
    later = service.openings(OpeningQuery("consultation", window=DAY, limit=None), NOW)[-1]
    service.reschedule(appointment.id, later.id, NOW)
    await mailer.send_due(NOW)
    service.cancel(appointment.id, "", NOW)
    await mailer.send_due(NOW)
    confirmed, moved, cancelled = post.messages
    assert moved["Subject"] == "Your appointment has moved to Tuesday, December 1"
    assert cancelled["Subject"] == "Your appointment is cancelled"
    files = [calendar_of(message) for message in (confirmed, moved, cancelled)]
    assert [method for method, _ in files] == ["REQUEST", "REQUEST", "CANCEL"]
    assert [int(event["SEQUENCE"]) for _, event in files] == [0, 1, 2]
    assert len({str(event["UID"]) for _, event in files}) == 1
    assert service.manage_link(appointment) not in body(cancelled)


async def test_a_reminder_the_day_before(service: BookingService, mailer: Mailer, post: Post) -> None:
    appointment = book(service)
    await mailer.send_due(NOW)
    assert await mailer.send_due(REMINDER - timedelta(seconds=1)) == 0
    assert await mailer.send_due(REMINDER) == 1
    reminder = post.messages[-1]
    assert reminder["Subject"] == "Tomorrow: your appointment at 9:00 am"
    assert service.manage_link(appointment) in body(reminder)


async def test_no_reminder_of_what_was_moved_or_cancelled(
    service: BookingService, mailer: Mailer, post: Post, database: Database
) -> None:
    moved, cancelled = book(service), book(service, number=8, key="k2")
    next_week = service.openings(OpeningQuery("consultation", window=(local(2026, 12, 8), local(2026, 12, 9))), NOW)
    service.reschedule(moved.id, next_week[0].id, NOW)
    service.cancel(cancelled.id, "", NOW)
    await mailer.send_due(NOW)
    sent = len(post.messages)
    assert await mailer.send_due(REMINDER) == 0
    assert await mailer.send_due(local(2026, 12, 7, 10)) == 1
    assert len(post.messages) == sent + 1


async def test_only_the_last_change_is_told(service: BookingService, mailer: Mailer, post: Post) -> None:
    appointment = book(service)
    for opening in service.openings(OpeningQuery("consultation", window=DAY, limit=20), NOW)[::5]:
        service.reschedule(appointment.id, opening.id, NOW)
    assert await mailer.send_due(NOW) == 1
    _, event = calendar_of(post.messages[0])
    assert event.decoded("dtstart") == service.get(appointment.id).start


async def test_a_server_that_is_busy_is_tried_again(
    service: BookingService, mailer: Mailer, post: Post, database: Database
) -> None:
    book(service)
    post.refuse = "451 try again later"
    now = NOW
    for wait in BACKOFF:
        assert await mailer.send_due(now) == 0
        assert await mailer.send_due(now + wait - timedelta(seconds=1)) == 0
        now += wait
    post.refuse = None
    assert await mailer.send_due(now) == 1
    assert statuses(database)["confirmation"] == "sent"
    assert len({message["Message-ID"] for message in post.messages}) == 1


async def test_a_server_that_is_away(service: BookingService, mailer: Mailer, database: Database) -> None:
    appointment = book(service)
    assert await mailer.send_due(NOW) == 0
    assert statuses(database)["confirmation"] == "queued"
    assert service.get(appointment.id) == appointment


async def test_an_address_that_is_refused_for_good(
    service: BookingService, mailer: Mailer, post: Post, database: Database
) -> None:
    book(service)
    post.refuse = "550 no such user"
    await mailer.send_due(NOW)
    assert statuses(database)["confirmation"] == "failed"


async def test_a_sender_that_died_is_followed_by_another(
    service: BookingService, mailer: Mailer, post: Post, database: Database, mail_settings: Settings
) -> None:
    book(service)
    assert len(mailer._claim(NOW)) == 1  # and then it died
    second = Mailer(database, service, mail_settings)
    assert await second.send_due(NOW + timedelta(minutes=1)) == 0
    assert await second.send_due(NOW + timedelta(minutes=5)) == 1


async def test_without_a_mail_server_nothing_is_queued(database: Database, clinic: Clinic, settings: Settings) -> None:
    service = BookingService(database, clinic, settings)
    assert not service.email_available
    book(service)
    mailer = Mailer(database, service, settings, lambda: NOW)
    assert await mailer.tick() == 0
    assert statuses(database) == {}


async def test_without_an_address_nothing_is_queued(
    service: BookingService, mailer: Mailer, database: Database
) -> None:
    book(service, Contact("Bo", phone="+12125550177"))
    assert await mailer.send_due(NOW) == 0
    assert statuses(database) == {}


async def test_an_offer_goes_to_who_waits_longest(
    service: BookingService, database: Database, mail_settings: Settings, post: Post
) -> None:
    clock = [NOW]
    mailer = Mailer(database, service, mail_settings, lambda: clock[0])
    mine = book(service, Contact("Bo", phone="+12125550177"))
    for minute, name in enumerate(("first", "second")):
        contact = Contact(name.title(), email=f"{name}@example.com")
        entry = WaitingListEntry("consultation", contact, window=DAY)
        service.join_waiting_list(entry, name, NOW + timedelta(minutes=minute))
    service.cancel(mine.id, "", NOW)
    await mailer.tick()
    (offer,) = post.messages
    assert (offer["To"], offer["Subject"]) == ("first@example.com", "A time has become free")
    assert "until Monday, November 23, 2026, 1:00 pm EST" in body(offer)
    assert re.search(r"/appointments/offers/\S+", body(offer))
    clock[0] = NOW + timedelta(hours=4)
    await mailer.tick()
    assert [message["To"] for message in post.messages] == ["first@example.com", "second@example.com"]
    clock[0] = NOW + timedelta(hours=8)
    await mailer.tick()
    assert len(post.messages) == 2
    free = service.openings(OpeningQuery("consultation", window=DAY), clock[0])
    assert free[0].start == mine.start


async def test_what_is_long_past_is_forgotten(
    service: BookingService, database: Database, mail_settings: Settings, clinic: Clinic, post: Post
) -> None:
    appointment = book(service)
    clock: list[datetime] = [appointment.end + timedelta(days=clinic.retention_days)]
    mailer = Mailer(database, service, mail_settings, lambda: clock[0])
    await mailer.tick()
    assert service.get(appointment.id).contact == ANN
    clock[0] += timedelta(seconds=1)
    await mailer.tick()
    with pytest.raises(LookupError):
        service.get(appointment.id)


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.com", SmtpServer("mail.example.com", 587, False, None, None)),
        ("smtps://u%40x:p%2Fw@mail.example.com", SmtpServer("mail.example.com", 465, True, "u@x", "p/w")),
        ("smtp://127.0.0.1:2525", SmtpServer("127.0.0.1", 2525, False, None, None)),
    ],
)
def test_reading_the_servers_address(url: str, server: SmtpServer) -> None:
    assert SmtpServer.from_url(url) == server


@pytest.mark.parametrize("url", ["mail.example.com", "http://mail.example.com", "smtp://"])
def test_an_address_that_cannot_be_read(url: str) -> None:
    with pytest.raises(SettingsError, match="PSOAS_SMTP_URL"):
        SmtpServer.from_url(url)
