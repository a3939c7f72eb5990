"""What every answer of the desk carries, and what never gets far in: headers, body sizes, and a quiet access log."""

from __future__ import annotations

import asyncio
import time

import structlog
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.desk.incoming import MOST_BYTES
from bot.desk.metrics import Metrics

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# Pages of these areas are fetched by other sites that embed the widget.
EMBEDDED = ("/widget.js", "/widget/", "/chat/")
NEVER_CACHED = ("/chat/", "/staff", "/appointments", "/plan", "/messenger/")
# More than the usual 64 KB: Messenger sends batches, staff upload and write long notes.
BODY_LIMITS = {"/messenger/": 2 * 1024 * 1024, "/staff": 2 * 1024 * 1024}
DRAIN_BYTES = 32 * 1024 * 1024
DRAIN_SECONDS = 5.0
log = structlog.get_logger("bot.desk.access")


class SecurityHeaders:
    """Adds the headers that an answer does not set itself."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        headers = dict(HEADERS)
        if https:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add to the answer's headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        wanted = self._wanted(scope["path"])

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message.setdefault("headers", [])
                names = {name for name, _ in given}
                given.extend(header for header in wanted if header[0] not in names)
            await send(message)

        await self._app(scope, receive, with_headers)

    def _wanted(self, path: str) -> list[tuple[bytes, bytes]]:
        wanted = self._headers
        if path.startswith(EMBEDDED):
            cross = (b"cross-origin-resource-policy", b"cross-origin")
            wanted = [header for header in wanted if header[0] != cross[0]] + [cross]
        if path.startswith(NEVER_CACHED):
            wanted = [*wanted, (b"cache-control", b"no-store")]
        return wanted


class BodyLimit:
    """Refuses a body that is too large by what it says of itself, before anything reads it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "http":
            most = next((size for area, size in BODY_LIMITS.items() if scope["path"].startswith(area)), MOST_BYTES)
            length = dict(scope["headers"]).get(b"content-length", b"0")
            if not length.isdigit() or int(length) > most:
                await _refuse(most, scope, receive, send)
                return
        await self._app(scope, receive, send)


async def _refuse(most: int, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 413 at once, then let the rest of the body run out unkept, so that the sender reads the answer."""
    body = {"error": "too_large", "message": f"The body is larger than {most // 1024} KB."}
    response = JSONResponse(body, status_code=413, headers={"Connection": "close"})
    await send({"type": "http.response.start", "status": 413, "headers": response.raw_headers})
    await send({"type": "http.response.body", "body": response.body, "more_body": True})
    try:
        await asyncio.wait_for(_drain(receive), DRAIN_SECONDS)
    except asyncio.TimeoutError:
        log.info("slow_body_dropped")
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _drain(receive: Receive) -> None:
    dropped = 0
    while dropped <= DRAIN_BYTES:
        message = await receive()
        dropped += len(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body"):
            return


# Supervisors and Prometheus ask every second: not worth a line each.
POLLED = ("/healthz", "/readyz", "/metrics")


class AccessLog:
    """One line for each request: method, area, status, time. No query, no token, no address of a person."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and log how it went."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            area = area_of(scope["path"])
            self._metrics.requests.labels(area, str(status)).inc()
            milliseconds = round((time.perf_counter() - started) * 1000, 1)
            write = log.debug if area in POLLED else log.info
            write("request", method=scope["method"], area=area, status=status, ms=milliseconds)


AREAS = frozenset(
    ("chat", "widget", "widget.js", "messenger", "appointments", "plan", "staff", "healthz", "readyz", "metrics")
)


def area_of(path: str) -> str:
    """The part of the desk that a path belongs to; the rest of a path may name a person's page."""
    first = path.strip("/").partition("/")[0]
    if first in AREAS:
        return f"/{first}"
    return "/" if not first else "other"
