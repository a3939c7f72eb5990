"""Pages around Messenger: going on in the private web chat, and Meta's requests to delete a person's data."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qs

import structlog
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.desk import conversations
from bot.desk.channels.messenger import ledger
from bot.desk.channels.messenger.signature import read_signed_request
from bot.desk.channels.messenger.texts import MessengerTexts
from bot.desk.erase import Eraser
from bot.desk.errors import CODES, DeskError, malformed
from bot.desk.events import Events
from bot.desk.tokens import Access, Tokens
from bot.settings import Settings
from bot.store import Transactions
from bot.store.models import Conversation, MessengerDeletion

LINK_SECONDS = 24 * 3600
MOST_BYTES = 16 * 1024
CHANNEL = "messenger"
log = structlog.get_logger(__name__)


@dataclass
class Pages:
    """Signed links in, signed requests in; no health data is shown on any of them."""

    settings: Settings
    app_secret: str
    transactions: Transactions
    eraser: Eraser
    events: Events
    tokens: Tokens
    texts: MessengerTexts

    def __post_init__(self) -> None:
        self._links = URLSafeTimedSerializer(self.settings.derived_secret("messenger-continue"), salt="continue")

    def routes(self) -> Sequence[BaseRoute]:
        """`/chat/continue/...`, `/messenger/deletion` and `/messenger/deauthorize`."""
        return [
            Route("/chat/continue/{token}", self._offer, methods=["GET"]),
            Route("/chat/continue/{token}", self._move, methods=["POST"]),
            Route("/messenger/deletion", self._delete, methods=["POST"]),
            Route("/messenger/deletion/{code}", self._status, methods=["GET"]),
            Route("/messenger/deauthorize", self._deauthorize, methods=["POST"]),
        ]

    def link(self, conversation: Conversation) -> str:
        """The address at which this conversation goes on in the web chat: good once, for a day."""
        token = self._links.dumps([conversation.id, conversation.token_epoch])
        return f"{self.settings.base_url}/chat/continue/{token}"

    async def _offer(self, request: Request) -> Response:
        """A page with one button: only looking (as Meta's link preview does) moves nothing."""
        access = self._read(request)
        if access is None or not await self.transactions.read(lambda session: _is_open(session, access)):
            return self._page(410, self.texts.continue_title, self.texts.continue_gone)
        button = f'<form method="post"><button>{escape(self.texts.continue_button)}</button></form>'
        return self._page(200, self.texts.continue_title, self.texts.continue_text, button)

    async def _move(self, request: Request) -> Response:
        """Move the conversation to the web chat: nothing more of it goes to Meta, and the link is used up."""
        access = self._read(request)
        moved = access and await self.transactions.write(lambda session: _move_to_web(session, access))
        if not moved:
            return self._page(410, self.texts.continue_title, self.texts.continue_gone)
        self.events.publish(moved.conversation_id)
        token = self.tokens.issue(moved)
        if "application/json" in request.headers.get("accept", ""):
            return JSONResponse({"conversation": moved.conversation_id, "token": token})
        # Behind the #, so that the token is sent to no server and stands in no log; the widget takes it from there.
        return RedirectResponse(f"/#psoas={token}", status_code=303)

    def _read(self, request: Request) -> Access | None:
        try:
            conversation_id, epoch = self._links.loads(request.path_params["token"], max_age=LINK_SECONDS)
            return Access(str(conversation_id), int(epoch))
        except (BadData, ValueError, TypeError):
            return None

    async def _signed(self, request: Request) -> str:
        """The person whom a signed request of Meta's names; raises 403 or 422."""
        raw = bytearray()
        async for chunk in request.stream():
            raw += chunk
            if len(raw) > MOST_BYTES:
                raise malformed("The body is too large for a signed request.")
        fields = parse_qs(raw.decode("utf-8", "replace"))
        content = read_signed_request(fields.get("signed_request", [""])[0], self.app_secret)
        if content is None:
            raise DeskError(403, *CODES[403])
        person = content.get("user_id")
        if isinstance(person, bool) or not isinstance(person, str | int):
            raise malformed("The signed request names nobody.")
        return str(person)

    async def _delete(self, request: Request) -> Response:
        """Meta's id here is usually not the one the page knows the person by: then only the request is kept."""
        person = await self._signed(request)
        erased = await self._erase(person)
        code = secrets.token_hex(8)
        row = MessengerDeletion(code=code, status="done" if erased else "received")
        await self.transactions.write(lambda session: session.add(row))
        log.info("messenger_deletion", erased=erased)
        url = f"{self.settings.base_url}/messenger/deletion/{code}"
        return JSONResponse({"url": url, "confirmation_code": code})

    async def _erase(self, person: str) -> bool:
        found = await self.transactions.read(lambda session: ledger.living(session, CHANNEL, person))
        return found is not None and await self.eraser.by_staff(found.id)

    async def _status(self, request: Request) -> Response:
        code = request.path_params["code"]
        row = await self.transactions.read(lambda session: session.get(MessengerDeletion, code))
        if row is None:
            return self._page(404, self.texts.deletion_title, self.texts.deletion_unknown)
        text = self.texts.deletion_done if row.status == "done" else self.texts.deletion_received
        return self._page(200, self.texts.deletion_title, text)

    async def _deauthorize(self, request: Request) -> Response:
        """The person took the app's rights back: what is known under this id goes."""
        erased = await self._erase(await self._signed(request))
        log.info("messenger_deauthorized", erased=erased)
        return JSONResponse({"status": "ok"})

    @staticmethod
    def _page(status: int, title: str, text: str, more: str = "") -> Response:
        page = (
            '<!doctype html><html lang="en"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
            f"<title>{escape(title)}</title><main><h1>{escape(title)}</h1><p>{escape(text)}</p>{more}</main></html>"
        )
        return HTMLResponse(page, status_code=status, headers={"Cache-Control": "no-store"})


def _is_open(session: Session, access: Access) -> bool:
    conversation = session.get(Conversation, access.conversation_id)
    return conversation is not None and conversation.token_epoch == access.epoch


def _move_to_web(session: Session, access: Access) -> Access | None:
    conversation = conversations.lock(session, access.conversation_id)
    if conversation is None or conversation.token_epoch != access.epoch:
        return None
    conversation.channel, conversation.channel_user = "webchat", None
    conversation.details = {key: value for key, value in conversation.details.items() if key != "mode"}
    conversation.token_epoch += 1
    return Access(conversation.id, conversation.token_epoch)
