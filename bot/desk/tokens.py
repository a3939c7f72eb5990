"""Signed tokens: which conversation a browser may read and write, and until when."""

from __future__ import annotations

from typing import NamedTuple

from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.requests import HTTPConnection

from bot.desk.errors import unauthorized
from bot.settings import Settings

MAX_AGE_SECONDS = 90 * 24 * 3600


class Access(NamedTuple):
    """What a good token gives: one conversation, as long as its epoch has not moved on."""

    conversation_id: str
    epoch: int


class Tokens:
    """Makes and reads the tokens of the chat API."""

    def __init__(self, settings: Settings) -> None:
        self._serializer = URLSafeTimedSerializer(settings.derived_secret("chat-token"), salt="chat")

    def issue(self, access: Access) -> str:
        """A token for this conversation; opaque to its holder."""
        return self._serializer.dumps(list(access))

    def read(self, token: str) -> Access:
        """What the token gives; raises the 401 DeskError for any other than our own."""
        try:
            conversation_id, epoch = self._serializer.loads(token, max_age=MAX_AGE_SECONDS)
        except (BadData, ValueError, TypeError):
            raise unauthorized() from None
        return Access(str(conversation_id), int(epoch))

    def of_request(self, request: HTTPConnection) -> Access:
        """The token in `Authorization: Bearer`; it is read nowhere else, least of all in an address."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise unauthorized()
        return self.read(token.strip())
