"""Keeps an eye on alerts while the desk runs: rings on every open page, escalates, and sends what must go out."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from functools import partial

import aiosmtplib
import anyio
import structlog

from bot.booking.mailer import SmtpServer
from bot.clinic import Clinic
from bot.console.alerts import book
from bot.console.alerts.book import ESCALATED, Notice
from bot.desk.events import Events, Subscription
from bot.settings import Settings
from bot.store import Transactions
from bot.store.models.base import utc_now

EVERY_SECONDS = 2.0
SEND_SECONDS = 10.0
REFUSED_FROM = 300
log = structlog.get_logger(__name__)


@dataclass
class AlertBoard:
    """`waiting` is how many alerts nobody has taken, as of the last look; every page shows it."""

    transactions: Transactions
    events: Events
    clinic: Clinic
    settings: Settings
    clock: Callable[[], datetime] = utc_now
    waiting: int = 0
    _bells: set[Subscription] = field(default_factory=set)
    _something: Subscription = field(default_factory=Subscription)

    async def run(self) -> None:
        """Until cancelled: look whenever a conversation changes, and every two seconds."""
        with self.events.listen(lambda _conversation: self._something.ring()):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._send_all)
                while True:
                    try:
                        await self.look()
                    except Exception as error:
                        log.error("alerts_failed", error_object=error)
                    await self._something.wait(EVERY_SECONDS)

    async def _send_all(self) -> None:
        """Beside the looking: a slow mail server keeps no alert from the pages."""
        while True:
            try:
                await self.send()
            except Exception as error:
                log.error("alert_notices_failed", error_object=error)
            await anyio.sleep(EVERY_SECONDS)

    async def look(self) -> None:
        """Count what waits, and ring on the pages if that has changed."""
        waits = len(await self.transactions.read(book.waiting))
        if waits != self.waiting:
            self.waiting = waits
            for bell in self._bells:
                bell.ring()

    @contextmanager
    def subscribe(self) -> Iterator[Subscription]:
        """A bell that rings when the number of waiting alerts changes."""
        bell = Subscription()
        self._bells.add(bell)
        try:
            yield bell
        finally:
            self._bells.discard(bell)

    @property
    def ways(self) -> tuple[str, ...]:
        """How notices can go out."""
        by_mail = ("email",) if self.settings.smtp_url else ()
        return (*by_mail, "webhook") if self.settings.alerts.webhook else by_mail

    async def send(self) -> int:
        """Escalate what is late and send what is due; how many notices went out."""
        now, alerts, sent = self.clock(), self.settings.alerts, 0
        late = await self.transactions.write(partial(book.escalate, settings=alerts, now=now))
        if late:
            log.warning("alerts_escalated", number=len(late))
        if not self.ways:
            return 0
        await self.transactions.write(partial(book.write_notices, ways=self.ways, now=now))
        for notice in await self.transactions.write(partial(book.claim_notices, settings=alerts, now=now)):
            error = await self._send_one(notice)
            settle = partial(book.settle_notice, notice_id=notice.id, error=error, now=now)
            await self.transactions.write(settle)
            if error is not None:
                log.warning("alert_notice_not_sent", notice=notice.id, way=notice.way, error=error)
            sent += error is None
        return sent

    async def _send_one(self, notice: Notice) -> str | None:
        """Send one notice; the kind of failure, if there was one."""
        try:
            with anyio.fail_after(SEND_SECONDS):
                await (self._mail(notice) if notice.way == "email" else self._call(notice))
        except (aiosmtplib.SMTPException, OSError, ssl.SSLError, TimeoutError) as failure:
            return type(failure).__name__
        return None

    async def _mail(self, notice: Notice) -> None:
        if not self.settings.smtp_url or not notice.to:
            return
        server = SmtpServer.from_url(self.settings.smtp_url)
        await aiosmtplib.send(
            letter(notice, self.clinic, self.link(notice)),
            hostname=server.host,
            port=server.port,
            use_tls=server.use_tls,
            username=server.username,
            password=server.password,
        )

    async def _call(self, notice: Notice) -> None:
        if not self.settings.alerts.webhook:
            return
        body = {
            "alert": notice.alert_id,
            "stage": notice.stage,
            "at": notice.at.isoformat(),
            "link": self.link(notice),
        }
        # Imported only here: it would take a tenth of the desk's start.
        import httpx

        try:
            async with httpx.AsyncClient(follow_redirects=False) as client:
                answer = await client.post(self.settings.alerts.webhook, json=body)
        except httpx.HTTPError as error:
            raise ConnectionError(type(error).__name__) from error
        if answer.status_code >= REFUSED_FROM:
            raise ConnectionRefusedError(f"the webhook answered {answer.status_code}")

    def link(self, notice: Notice) -> str:
        """Where staff answer the alert; it asks them to log in first."""
        return f"{self.settings.base_url}/staff/alerts#alert-{notice.alert_id}"


def letter(notice: Notice, clinic: Clinic, link: str) -> EmailMessage:
    """The e-mail of a notice: that somebody is needed, since when, and where to look. No name, nothing of health."""
    at = f"{notice.at.astimezone(clinic.zone):%H:%M on %A}"
    message = EmailMessage()
    message["From"] = clinic.email
    message["To"] = ", ".join(notice.to)
    if notice.stage == ESCALATED:
        message["Subject"] = "Nobody has answered an alert"
        lead = f"An alert has been waiting since {at}, and nobody has taken it."
    else:
        message["Subject"] = "A conversation needs you now"
        lead = f"A conversation has needed one of the team since {at}."
    message["X-Priority"] = "1"
    message.set_content(f"{lead}\n\nOpen the console and take it:\n{link}\n\n{clinic.name}\n")
    return message
