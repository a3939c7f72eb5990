"""Facebook Messenger: takes webhooks in, and sends the desk's messages under Meta's rules."""

from __future__ import annotations

import asyncio
import hmac
import json
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.desk.channels import CannotDeliver, RetryLater
from bot.desk.channels.messenger import ledger
from bot.desk.channels.messenger.events import metadata_of, read_batch
from bot.desk.channels.messenger.gate import Gate
from bot.desk.channels.messenger.graph import (
    Answer,
    BadAttachment,
    Graph,
    GraphError,
    Limited,
    OtherOwner,
    Permanent,
    Stopped,
    Uncertain,
)
from bot.desk.channels.messenger.intake import Intake
from bot.desk.channels.messenger.pages import Pages
from bot.desk.channels.messenger.pictures import MOST_TRIES, Pictures
from bot.desk.channels.messenger.render import Part, Renderer
from bot.desk.channels.messenger.signature import HEADER, is_signed
from bot.desk.errors import CODES, DeskError
from bot.desk.logs import short
from bot.desk.turns import raise_alert
from bot.settings import MessengerSettings
from bot.store import Transactions
from bot.store.models import Conversation, Message, utc_now

MOST_BYTES = 2 * 1024 * 1024
WINDOW = timedelta(hours=24)
STAFF_WINDOW = timedelta(days=7)
# After a lost answer: Meta's echo, if it took the message, is here by then, and it is not sent twice.
ECHO_SECONDS = 3.0
# One delivery stays well inside the outbox's claim; what is left of a long message goes with the next.
DELIVERY_SECONDS = 12.0
MOST_GESTURES = 8
LEFT_OUT = "left out"
PICTURE = 0  # the number of the part that is a picture; words begin after it
log = structlog.get_logger(__name__)


@dataclass
class Messenger:
    """The channel of one Facebook page."""

    settings: MessengerSettings
    transactions: Transactions
    graph: Graph
    intake: Intake
    renderer: Renderer
    pages: Pages
    pictures: Pictures
    gate: Gate
    echo_seconds: float = ECHO_SECONDS
    name: str = "messenger"
    pushes: bool = True

    def __post_init__(self) -> None:
        self._gestures: set[asyncio.Task[None]] = set()
        self.intake.greet_back = self._show_seen
        self.intake.give_thread = self._give_thread

    def routes(self) -> Sequence[BaseRoute]:
        """The webhook, and the pages that Meta and patients open."""
        return [
            Route("/messenger/webhook", self._verify, methods=["GET"]),
            Route("/messenger/webhook", self._receive, methods=["POST"]),
            *self.pages.routes(),
        ]

    async def run(self) -> None:
        """Take events in, until cancelled."""
        try:
            await self.intake.run()
        finally:
            for task in self._gestures:
                task.cancel()
            await self.graph.close()

    async def _verify(self, request: Request) -> Response:
        """Meta checks that the address is ours."""
        query = request.query_params
        shown = query.get("hub.verify_token", "").encode("utf-8", "replace")
        is_ours = hmac.compare_digest(shown, self.settings.verify_token.encode())
        if query.get("hub.mode") != "subscribe" or not is_ours:
            raise DeskError(403, *CODES[403])
        return PlainTextResponse(query.get("hub.challenge", ""))

    async def _receive(self, request: Request) -> Response:
        """Check the signature of the bytes, then store every event; nothing else happens before the answer."""
        raw = bytearray()
        async for chunk in request.stream():
            raw += chunk
            if len(raw) > MOST_BYTES:
                raise DeskError(413, "too_large", f"The body is larger than {MOST_BYTES // 1024} KB.")
        if not is_signed(bytes(raw), request.headers.get(HEADER), self.settings.app_secret):
            log.warning("messenger_bad_signature")
            raise DeskError(403, *CODES[403])
        try:
            body = json.loads(raw)
        except (ValueError, RecursionError):
            log.warning("messenger_unreadable", bytes=len(raw))
            return PlainTextResponse("EVENT_RECEIVED")
        events, echoes, ignored = read_batch(body, self.settings.page_id, int(time.time() * 1000))
        if ignored:
            log.info("messenger_ignored", events=ignored)
        self.intake.own_apps.update(echo.app_id for echo in echoes if echo.app_id)
        if events or echoes:
            await self.transactions.write(lambda session: ledger.store(session, events, echoes), first=True)
            for sender in dict.fromkeys(event.sender for event in events):
                self.intake.wake(sender)
        return PlainTextResponse("EVENT_RECEIVED")

    async def deliver(self, conversation: Conversation, message: Message) -> str | None:
        """Send the parts that Meta does not have yet, in order; Meta's id of the last."""
        if not conversation.channel_user:
            raise CannotDeliver("erased")
        tag = _window(conversation, message)
        sent, cut_off = await self._progress(message)
        if cut_off and not message.payload.get("safety"):
            raise CannotDeliver("an earlier part of this answer was not delivered")
        parts = await self._parts(conversation, message)
        began, mid, last = time.monotonic(), "", max(parts)
        for index, part in parts.items():
            if index in sent:
                mid = sent[index]
                continue
            if time.monotonic() - began > DELIVERY_SECONDS:
                raise RetryLater("more to send", 0.01, held=True)
            mid = await self._send(conversation, message, {**part, "metadata": metadata_of(message.id, index)}, tag)
            if index != last:
                await self._note(message.id, index, mid)
        return mid or None

    async def _progress(self, message: Message) -> tuple[dict[int, str], bool]:
        """Which parts Meta has, and whether an earlier message of the same answer was lost."""
        if message.attempts == 1 and message.error is None and not message.reply_index:
            return {}, False  # nothing can have been sent before
        return await self.transactions.read(lambda session: _progress(session, message))

    async def _parts(self, conversation: Conversation, message: Message) -> dict[int, Part]:
        """What to send, in order, by numbers that stay the same in every try."""
        web_chat = self.pages.link(conversation)
        more = message.payload.get("more")
        if more:
            seq, first = int(more["seq"]), int(more["first"])
            shown = await self.transactions.read(lambda session: _payload_of(session, conversation.id, seq))
            return dict(enumerate(self.renderer.more(shown, seq, first) or [{"text": message.text}], start=1))
        parts = self.renderer.render(message.text, message.payload, message.seq, web_chat)
        picture = await self._picture(conversation, message)
        return {**({PICTURE: picture} if picture else {}), **dict(enumerate(parts, start=PICTURE + 1))}

    async def _picture(self, conversation: Conversation, message: Message) -> Part | None:
        if not message.payload.get("image"):
            return None
        try:
            return await self.pictures.of_message(message)
        except GraphError as error:
            raise await self._judged(error, conversation, message) from None

    async def _send(self, conversation: Conversation, message: Message, part: Part, tag: dict[str, str]) -> str:
        held = self.gate.hold()
        if held:
            raise RetryLater("the page is held back", held, held=True)
        await self.gate.slot()
        recipient = {"id": conversation.channel_user}
        try:
            answer = await self.graph.post("me/messages", {"recipient": recipient, "message": part, **tag})
        except BadAttachment as error:
            await self.pictures.forget(str(part["attachment"]["payload"].get("attachment_id")))
            if message.attempts < MOST_TRIES:
                raise RetryLater(error.reason) from None
            return LEFT_OUT  # the words are worth more than the picture
        except GraphError as error:
            raise await self._judged(error, conversation, message) from None
        self.gate.passed(answer.usage)
        return _mid(answer)

    async def _judged(
        self, error: GraphError, conversation: Conversation, message: Message
    ) -> RetryLater | CannotDeliver:
        """What the outbox should do about a failed call."""
        if isinstance(error, Stopped):
            if self.gate.stopped(error.reason):
                await self.transactions.write(
                    lambda session: raise_alert(session, conversation.id, message.id, "messenger stopped")
                )
            return RetryLater(error.reason, self.gate.hold(), held=True)
        if isinstance(error, Limited):
            self.gate.limited(error.wait)
            return RetryLater(error.reason, error.wait)
        if isinstance(error, Uncertain):
            return RetryLater(f"answer lost: {error.reason}", max(self.echo_seconds, error.wait or 0.0))
        if isinstance(error, OtherOwner):
            if message.attempts < MOST_TRIES and (message.payload.get("safety") or message.author == "staff"):
                await self._take_thread(str(conversation.channel_user))
                return RetryLater(error.reason)
            return CannotDeliver(f"another app or person has this conversation ({error.reason})")
        if isinstance(error, Permanent):
            return CannotDeliver(error.reason)
        log.info("messenger_try_again", conversation=short(conversation.id), code=error.reason)
        return RetryLater(error.reason, error.wait)

    async def _take_thread(self, person: str) -> None:
        """A warning, and what a person of the clinic writes, may interrupt another app; Meta says whether it can."""
        try:
            await self.graph.post("me/take_thread_control", {"recipient": {"id": person}})
        except GraphError as error:
            log.warning("messenger_thread_not_taken", code=error.reason)

    async def _note(self, message_id: int, part: int, mid: str) -> None:
        await self.transactions.write(lambda session: ledger.note_sent(session, message_id, part, mid))

    async def typing(self, conversation: Conversation, on: bool) -> None:
        """Show or hide the typing dots; nobody waits for it."""
        if conversation.channel_user:
            self._gesture(conversation.channel_user, "typing_on" if on else "typing_off")

    def _show_seen(self, person: str) -> None:
        """Show that a message was seen and is being answered."""
        self._gesture(person, "mark_seen", "typing_on")

    def _give_thread(self, person: str, app_id: str) -> None:
        """Another app of the page, such as its inbox, asked for the conversation: it gets it."""
        body = {"recipient": {"id": person}, "target_app_id": app_id}
        self._try_once(self._post_all("me/pass_thread_control", [body]))

    def _gesture(self, person: str, *actions: str) -> None:
        """Never awaited, never tried again, and left out when there is much to do."""
        if len(self._gestures) >= MOST_GESTURES or self.gate.hold():
            return
        bodies = [{"recipient": {"id": person}, "sender_action": action} for action in actions]
        self._try_once(self._post_all("me/messages", bodies))

    def _try_once(self, calls: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(calls)
        self._gestures.add(task)
        task.add_done_callback(self._gestures.discard)

    async def _post_all(self, path: str, bodies: Sequence[dict[str, Any]]) -> None:
        for body in bodies:
            try:
                await self.graph.post(path, body)
            except GraphError as error:
                log.debug("messenger_gesture_failed", code=error.reason)
                return


def _mid(answer: Answer) -> str:
    return str(answer.body.get("message_id") or "accepted")[:200]


def _progress(session: Session, message: Message) -> tuple[dict[int, str], bool]:
    return ledger.sent_parts(session, message.id), ledger.is_cut_off(session, message)


def _payload_of(session: Session, conversation_id: str, seq: int) -> dict[str, Any]:
    message = session.query(Message).filter_by(conversation_id=conversation_id, seq=seq).one_or_none()
    return dict(message.payload) if message else {}


def _window(conversation: Conversation, message: Message) -> dict[str, str]:
    """How the message may be sent now; raises CannotDeliver when Meta would not let it pass."""
    age = utc_now() - (conversation.last_patient_at or conversation.created_at)
    if age < WINDOW:
        return {"messaging_type": "RESPONSE"}
    from_person = message.author == "staff" or message.payload.get("person")
    if from_person and age < STAFF_WINDOW:
        return {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    raise CannotDeliver("outside the window in which Meta lets the page write")
