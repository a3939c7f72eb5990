"""Sends queued e-mails through SMTP, and retries what can be retried."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib
import anyio
import structlog
from anyio.to_thread import run_sync
from sqlalchemy import and_, or_, select

from bot.booking import ledger
from bot.booking.erasure import forget_past
from bot.booking.letters import LetterWriter
from bot.booking.service import BookingService
from bot.settings import Settings, SettingsError
from bot.store import Database
from bot.store.models.base import utc_now
from bot.store.models.booking import AppointmentRow, EmailRow

BACKOFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720))
LEASE = timedelta(minutes=5)
"""A sender that died gives its e-mails back after this time."""

EVERY_SECONDS = 20
BATCH = 20
PERMANENT_FROM = 500
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class SmtpServer:
    """Where mail goes: read from an address such as smtp://user:password@host:587 or smtps://host."""

    host: str
    port: int
    use_tls: bool
    username: str | None
    password: str | None

    @classmethod
    def from_url(cls, url: str) -> SmtpServer:
        """Read PSOAS_SMTP_URL. Raises SettingsError."""
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise SettingsError("PSOAS_SMTP_URL must look like smtp://user:password@host:port or smtps://...")
        return cls(
            host=parts.hostname,
            port=parts.port or (465 if parts.scheme == "smtps" else 587),
            use_tls=parts.scheme == "smtps",
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )


class Mailer:
    """Works through the e-mail outbox; also frees holds that ran out, so that the waiting list moves on."""

    def __init__(
        self,
        database: Database,
        service: BookingService,
        settings: Settings,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._service = service
        self._letters = LetterWriter(service, settings)
        self._server = SmtpServer.from_url(settings.smtp_url) if settings.smtp_url else None
        self._clock = clock

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                await self.tick()
            except Exception as error:
                _log.error("mailer_failed", error=type(error).__name__)
            await anyio.sleep(EVERY_SECONDS)

    async def tick(self) -> int:
        """One round: free holds that ran out, forget the long past, send what is due; the number of e-mails sent."""
        now = self._clock()
        await run_sync(self._service.waiting.expire, now)
        await run_sync(self._forget_past, now)
        return await self.send_due(now) if self._server else 0

    async def send_due(self, now: datetime) -> int:
        """Send all e-mails that are due; the number of those that went out."""
        sent = 0
        while claimed := await run_sync(self._claim, now):
            for email_id, message in claimed:
                failure = await self._send(message) if message else None
                await run_sync(self._note, email_id, message is None, failure, now)
                sent += message is not None and failure is None
        return sent

    def _forget_past(self, now: datetime) -> None:
        with self._database.session() as session:
            forget_past(session, now - timedelta(days=self._service.clinic.retention.appointments))

    def _claim(self, now: datetime) -> list[tuple[str, EmailMessage | None]]:
        """Take a batch of due e-mails and write them; None for one whose time has passed."""
        due = and_(
            or_(EmailRow.status == "queued", EmailRow.status == "sending"),
            EmailRow.next_attempt_at <= now,
        )
        claimed: list[tuple[str, EmailMessage | None]] = []
        with self._database.session() as session:
            rows = session.scalars(
                select(EmailRow)
                .where(due)
                .order_by(EmailRow.next_attempt_at, EmailRow.id)
                .limit(BATCH)
                .with_for_update(skip_locked=True)
            ).all()
            for email in rows:
                row = session.get_one(AppointmentRow, email.appointment_id)
                email.status, email.next_attempt_at = "sending", now + LEASE
                email.attempts += 1
                appointment = ledger.appointment_view(row, self._service.calendar)
                still = _still_true(email, row, now)
                claimed.append((email.id, self._letters.write(email, row, appointment) if still else None))
        return claimed

    async def _send(self, message: EmailMessage) -> BaseException | None:
        """Hand one message to the server; the failure, if there was one."""
        server = self._server
        if server is None:
            return None
        try:
            await aiosmtplib.send(
                message,
                hostname=server.host,
                port=server.port,
                use_tls=server.use_tls,
                username=server.username,
                password=server.password,
                timeout=20,
            )
        except (aiosmtplib.SMTPException, OSError, ssl.SSLError, TimeoutError) as error:
            return error
        return None

    def _note(self, email_id: str, outdated: bool, failure: BaseException | None, now: datetime) -> None:
        with self._database.session() as session:
            email = session.get(EmailRow, email_id, with_for_update=True)
            if email is None:
                return
            if outdated:
                email.status = "dropped"
            elif failure is None:
                email.status, email.sent_at, email.error = "sent", now, None
            elif _is_permanent(failure) or email.attempts > len(BACKOFF):
                email.status, email.error = "failed", type(failure).__name__
            else:
                email.status, email.error = "queued", type(failure).__name__
                email.next_attempt_at = now + BACKOFF[email.attempts - 1]
            if failure is not None:
                _log.warning("email_not_sent", email=email_id, error=type(failure).__name__, attempts=email.attempts)


def _still_true(email: EmailRow, row: AppointmentRow, now: datetime) -> bool:
    """Whether the e-mail still says something that holds; the address may have been erased since."""
    if not row.patient_email:
        return False
    if email.kind == "cancellation":
        return row.status == "cancelled"
    if email.kind == "offer":
        return row.status == "pending" and row.hold_expires_at is not None and row.hold_expires_at > now
    return row.status == "booked" and row.start_at > now


def _is_permanent(failure: BaseException) -> bool:
    """True if trying again cannot help: the server refused the address or the message for good."""
    if isinstance(failure, aiosmtplib.SMTPRecipientsRefused):
        return all(refused.code >= PERMANENT_FROM for refused in failure.recipients)
    if isinstance(failure, aiosmtplib.SMTPAuthenticationError):
        return False  # the clinic may put its password right
    return isinstance(failure, aiosmtplib.SMTPResponseException) and failure.code >= PERMANENT_FROM
