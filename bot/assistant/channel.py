"""Rasa's side of the private protocol between desk and assistant (docs/protocol.md)."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.assistant.desk_message import BadRequest, DeskMessage
from bot.assistant.replies import LAST, Line
from bot.assistant.turn import CHANNEL, LOCK_WAIT_SECONDS, Turn, own_store
from bot.settings import Settings

BEARER = "Bearer "
CONTENT_TYPE = "application/x-ndjson"


class PsoasInput(InputChannel):  # type: ignore[misc]  # Rasa ships no types
    """Takes messages from the desk, one run for one message id, and streams back what Rasa says."""

    def __init__(self, secret: str) -> None:
        """`secret` is what the desk must show."""
        self._secret = secret
        self._running: dict[tuple[str, str], asyncio.Task[None]] = {}

    @classmethod
    def name(cls) -> str:
        """The channel's name, and its place under /webhooks/."""
        return CHANNEL

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> PsoasInput:
        """Made by Rasa from credentials.yml; the secret comes from the settings."""
        return cls(Settings.from_env().assistant_secret)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The channel's routes. Messages go to the agent directly, which Rasa's own callback cannot lock."""

        async def message(request: Request) -> HTTPResponse | None:
            return await self._message(request)

        async def erase(request: Request, conversation: str) -> HTTPResponse:
            return await self._erase(request, conversation)

        routes = Blueprint("psoas")
        routes.add_route(_health, "/", methods=["GET"])
        routes.add_route(message, "/messages", methods=["POST"])
        routes.add_route(erase, "/conversations/<conversation:str>", methods=["DELETE"])
        return routes

    async def _message(self, request: Request) -> HTTPResponse | None:
        if not self._allowed(request):
            return _problem(401, "wrong secret")
        agent = _agent(request.app)
        if agent is None:
            return _problem(503, "no model is loaded yet")
        try:
            message = DeskMessage.read(_json(request.body))
        except BadRequest as error:
            return _problem(422, str(error))
        key = (message.conversation, message.message)
        if key in self._running:
            return _problem(409, "this message is running")
        turn = Turn(agent, message)
        # The turn is its own task: a desk that goes away must not leave half a turn behind.
        task = asyncio.create_task(turn.run())
        self._running[key] = task
        task.add_done_callback(lambda _: self._running.pop(key, None))
        return await _stream(request, turn)

    async def _erase(self, request: Request, conversation: str) -> HTTPResponse:
        if not self._allowed(request):
            return _problem(401, "wrong secret")
        agent = _agent(request.app)
        if agent is None:
            return _problem(503, "no model is loaded yet")
        store = own_store(agent)
        async with agent.lock_store.lock(conversation, wait_time_in_seconds=LOCK_WAIT_SECONDS):
            await store.erase(conversation)
        return response.empty(status=204)

    def _allowed(self, request: Request) -> bool:
        shown = request.headers.get("authorization", "")
        return hmac.compare_digest(shown.encode(), f"{BEARER}{self._secret}".encode())


async def _health(request: Request) -> HTTPResponse:
    return response.json({"status": "ok", "ready": _agent(request.app) is not None})


async def _stream(request: Request, turn: Turn) -> HTTPResponse | None:
    """All lines in one piece if the turn ends soon, else each piece as it comes."""
    lines = await turn.next_lines()
    if lines[-1]["type"] in LAST:
        return HTTPResponse(_json_lines(lines), content_type=CONTENT_TYPE)
    stream = await request.respond(content_type=CONTENT_TYPE)
    await stream.send(_json_lines(lines))
    while lines[-1]["type"] not in LAST:
        lines = await turn.next_lines()
        await stream.send(_json_lines(lines))
    await stream.eof()
    return None


def _json_lines(lines: list[Line]) -> str:
    return "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)


def _agent(app: Sanic) -> Agent | None:
    """The agent, once it has a model."""
    agent = getattr(app.ctx, "agent", None)
    return agent if agent is not None and agent.is_ready() else None


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        raise BadRequest("the body must be JSON") from None


def _problem(status: int, sentence: str) -> HTTPResponse:
    return response.json({"error": sentence}, status=status)
