"""Is the desk alive, are its parts ready, and what has it counted."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.desk.assistant_client import READY_SECONDS, AssistantClient
from bot.desk.conversations import UNANSWERED
from bot.desk.errors import CODES, DeskError
from bot.desk.events import Events
from bot.desk.metrics import Metrics
from bot.kept_connections import CallFailed, KeptConnections
from bot.settings import Settings
from bot.store import Transactions
from bot.store.models import Message

FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip")


@dataclass(frozen=True)
class Health:
    """The addresses for supervisors and for Prometheus."""

    settings: Settings
    transactions: Transactions
    assistant: AssistantClient
    events: Events
    metrics: Metrics

    def routes(self) -> Sequence[BaseRoute]:
        """`/healthz`, `/readyz` and `/metrics`."""
        return [
            Route("/healthz", self._alive),
            Route("/readyz", self._ready),
            Route("/metrics", self._metrics),
        ]

    async def _alive(self, _request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def _ready(self, _request: Request) -> Response:
        """200 once a conversation can be had; 503 with the state of each part until then."""
        parts = {"desk": "ok", "database": await self._database()}
        assistants = await self.assistant.ready()
        for number, ready in enumerate(assistants.values(), start=1):
            name = "assistant" if len(assistants) == 1 else f"assistant_{number}"
            parts[name] = "ok" if ready else "starting"
        if self.settings.assistant_urls == (f"http://127.0.0.1:{self.settings.assistant_port}",):
            parts["actions"] = await self._actions()
        ready = all(state == "ok" for state in parts.values())
        return JSONResponse({"status": "ready" if ready else "starting", "parts": parts}, 200 if ready else 503)

    async def _database(self) -> str:
        try:
            await self.transactions.read(lambda session: session.execute(text("SELECT 1")))
        except Exception:  # any failure of the database means the same here
            return "unavailable"
        return "ok"

    async def _actions(self) -> str:
        url = f"http://127.0.0.1:{self.settings.actions_port}"
        calls = KeptConnections(url, {}, connect_seconds=READY_SECONDS, silence_seconds=READY_SECONDS)
        try:
            async with calls.call("GET", "/health") as answer:
                await answer.read()
                return "ok" if answer.status == 200 else "starting"
        except CallFailed:
            return "starting"
        finally:
            calls.close()

    async def _metrics(self, request: Request) -> Response:
        """For Prometheus on this machine, or with the token `psoas_metrics` that the settings derive."""
        if not (_is_local(request) or self._has_token(request)):
            raise DeskError(403, *CODES[403])
        self.metrics.waiting.set(await self.transactions.read(_count_waiting))
        self.metrics.streams.set(self.events.streams())
        return Response(generate_latest(self.metrics.registry), media_type=CONTENT_TYPE_LATEST)

    def _has_token(self, request: Request) -> bool:
        shown = request.headers.get("authorization", "").encode()
        return hmac.compare_digest(shown, f"Bearer {self.settings.derived_secret('metrics')}".encode())


def _is_local(request: Request) -> bool:
    """A caller on this machine that nobody forwarded: a proxy's own requests also come from here."""
    if request.client is None or any(header in request.headers for header in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _count_waiting(session: Session) -> int:
    return session.scalar(select(func.count()).where(Message.status.in_(UNANSWERED))) or 0
