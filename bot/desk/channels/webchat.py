"""The website's chat: the public API of the desk, with server-sent events."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from bot.desk import conversations
from bot.desk.conversations import Page
from bot.desk.erase import Eraser
from bot.desk.errors import CODES, DeskError, malformed, unauthorized
from bot.desk.events import Events
from bot.desk.inbox import Inbox
from bot.desk.incoming import json_body, read_message
from bot.desk.limits import RateLimit
from bot.desk.receipts import Receipts
from bot.desk.texts import DeskTexts
from bot.desk.tokens import Access, Tokens
from bot.desk.views import public_message, server_sent_event, transcript
from bot.store import Transactions
from bot.store.models import Conversation, Message

HEARTBEAT_SECONDS = 15.0
RECONNECT_MILLISECONDS = 1000
MOST_STREAMS = 12
Handler = Callable[[Request], Awaitable[Response]]


@dataclass
class Webchat:
    """The channel of the website widget; the widget fetches, nothing is pushed."""

    transactions: Transactions
    inbox: Inbox
    events: Events
    receipts: Receipts
    eraser: Eraser
    tokens: Tokens
    texts: DeskTexts
    zone: ZoneInfo
    message_limit: RateLimit
    session_limit: RateLimit
    heartbeat: float = HEARTBEAT_SECONDS
    name: str = "webchat"
    pushes: bool = False

    def routes(self) -> Sequence[BaseRoute]:
        """The chat API of the contract."""
        return [
            Route("/chat/sessions", self._open, methods=["POST"]),
            Route("/chat/messages", _by_method(self._fetch, self._post), methods=["GET", "POST"]),
            Route("/chat/events", self._stream, methods=["GET"]),
            Route("/chat/seen", self._seen, methods=["POST"]),
            Route("/chat/feedback", self._feedback, methods=["POST"]),
            Route("/chat/transcript", self._transcript, methods=["GET"]),
            Route("/chat/conversation", self._erase, methods=["DELETE"]),
        ]

    async def deliver(self, conversation: Conversation, message: Message) -> str | None:
        """Nothing to do: open streams are rung by the desk's events."""
        return None

    async def typing(self, conversation: Conversation, on: bool) -> None:
        """Nothing to do: streams read it from the database."""

    async def _open(self, request: Request) -> Response:
        if request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers:
            await json_body(request)
        address = request.client.host if request.client else "unknown"
        _check(self.session_limit.take(address))
        access = await self.inbox.open(self.name)
        body = {"conversation": access.conversation_id, "token": self.tokens.issue(access)}
        return JSONResponse(body, status_code=201)

    async def _post(self, request: Request) -> Response:
        access = self.tokens.of_request(request)
        incoming = read_message(await json_body(request))
        wait = self.message_limit.take(access.conversation_id)
        if wait:
            stored = await self.transactions.read(lambda session: _seq_of(session, access, incoming.client_id))
            if stored is None:
                _check(wait)
            return JSONResponse({"seq": stored}, status_code=200)
        accepted = await self.inbox.accept(access, incoming)
        if not accepted.new:
            self.message_limit.give_back(access.conversation_id)
        return JSONResponse({"seq": accepted.seq}, status_code=202 if accepted.new else 200)

    async def _fetch(self, request: Request) -> Response:
        access = self.tokens.of_request(request)
        after = _number(request.query_params.get("after", "0"))
        page = await self._look(access, after)
        if page is None:
            raise unauthorized()
        self._note(access, page, after)
        return JSONResponse({"messages": [public_message(message) for message in page.messages], "typing": page.typing})

    async def _stream(self, request: Request) -> Response:
        access = self.tokens.of_request(request)
        after = _number(request.headers.get("last-event-id") or request.query_params.get("after") or "0")
        page = await self._look(access, after)
        if page is None:
            raise unauthorized()
        if self.events.watchers(access.conversation_id) >= MOST_STREAMS:
            raise DeskError(429, "too_many", "This conversation is open in too many windows.", {"Retry-After": "30"})
        return StreamingResponse(
            self._events(access, after),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    async def _events(self, access: Access, after: int) -> AsyncIterator[str]:
        """Everything after `after` as it comes. Each round reads the database, so nothing is missed or twice."""
        yield f"retry: {RECONNECT_MILLISECONDS}\n\n"
        typing: bool | None = None
        first = after
        with self.events.subscribe(access.conversation_id) as bell:
            while not self.events.closing:
                page = await self._look(access, after, is_first=typing is None)
                if page is None:
                    return
                news = [server_sent_event("message", public_message(message), message.seq) for message in page.messages]
                if page.messages:
                    after = page.messages[-1].seq
                if page.typing != typing:
                    typing = page.typing
                    news.append(server_sent_event("typing", {"typing": typing}))
                if news:
                    yield "".join(news)
                self._note(access, page, first)
                first = 0
                if not await bell.wait(self.heartbeat):
                    yield ": still here\n\n"

    async def _look(self, access: Access, after: int, *, is_first: bool = True) -> Page | None:
        """What there is to see after `after`; None if the token is no longer good. A first look may be a long one."""
        read = self.transactions.read if is_first else self.transactions.look
        return await read(lambda session: conversations.look(session, access.conversation_id, access.epoch, after))

    def _note(self, access: Access, page: Page, after: int) -> None:
        """Note what goes out now, and that everything up to `after` arrived before."""
        self.receipts.sent([message.id for message in page.messages if message.status == "pending"])
        if after > 0:
            self.receipts.delivered(access.conversation_id, after)

    async def _seen(self, request: Request) -> Response:
        """The widget says that it shows everything up to `seq`."""
        access = self.tokens.of_request(request)
        seq = _seq_in(await json_body(request), "Give seq, the number of the last message that is shown.")
        if await self._look(access, seq) is None:
            raise unauthorized()
        self._note(access, Page([], False), seq)
        return Response(status_code=204)

    async def _feedback(self, request: Request) -> Response:
        """The patient says whether an answer helped; `helpful` null takes it back."""
        access = self.tokens.of_request(request)
        body = await json_body(request)
        seq = _seq_in(body, "Give seq, the number of the answer.")
        helpful = body.get("helpful", ...)
        if helpful is not None and not isinstance(helpful, bool):
            raise malformed("Give helpful: true, false or null.")
        _check(self.message_limit.take(access.conversation_id))

        def note(session: Session) -> bool:
            conversation = conversations.lock(session, access.conversation_id)
            if conversation is None or conversation.token_epoch != access.epoch:
                raise unauthorized()
            return conversations.note_feedback(session, conversation.id, seq, helpful)

        if not await self.transactions.write(note):
            raise malformed("There is no answer with this number.")
        return Response(status_code=204)

    async def _transcript(self, request: Request) -> Response:
        page = await self._look(self.tokens.of_request(request), 0)
        if page is None:
            raise unauthorized()
        return PlainTextResponse(
            transcript(page.messages, self.texts, self.zone),
            headers={"Content-Disposition": 'attachment; filename="conversation.txt"'},
        )

    async def _erase(self, request: Request) -> Response:
        await self.eraser.by_token(self.tokens.of_request(request))
        return Response(status_code=204)


def _check(wait: int) -> None:
    if wait:
        code, message = CODES[429]
        raise DeskError(429, code, message, {"Retry-After": str(wait)})


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise malformed("after must be the number of a message: 0 or more.")
    return int(text)


def _seq_in(body: dict[str, Any], wanted: str) -> int:
    seq = body.get("seq")
    if isinstance(seq, bool) or not isinstance(seq, int) or not 0 <= seq < 2**31:
        raise malformed(wanted)
    return seq


def _seq_of(session: Session, access: Access, client_id: str) -> int | None:
    conversation = session.get(Conversation, access.conversation_id)
    if conversation is None or conversation.token_epoch != access.epoch:
        raise unauthorized()
    return conversations.seq_of(session, access.conversation_id, client_id)


def _by_method(get: Handler, post: Handler) -> Handler:
    """One address for two methods (HEAD as GET)."""

    async def handle(request: Request) -> Response:
        return await (post if request.method == "POST" else get)(request)

    return handle
