"""Streams that tell a browser that something it shows has changed; what has changed it asks for itself."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager

from starlette.responses import Response, StreamingResponse

from bot.desk.events import Events, Subscription

HEARTBEAT_SECONDS = 15.0
# Then the browser comes again, and is asked again who it is.
LONGEST_SECONDS = 300.0
RECONNECT_MILLISECONDS = 1000


def stream(
    subscribe: Callable[[], AbstractContextManager[Subscription]],
    events: Events,
    on_heartbeat: Callable[[], Awaitable[None]] | None = None,
) -> Response:
    """Server-sent events: `changed` at once and at each ring of the bell; it ends with the desk."""

    async def told() -> AsyncIterator[str]:
        until = time.monotonic() + LONGEST_SECONDS
        with subscribe() as bell:
            yield f"retry: {RECONNECT_MILLISECONDS}\n\n"
            while not events.closing and time.monotonic() < until:
                if await bell.wait(HEARTBEAT_SECONDS):
                    yield "event: changed\ndata: now\n\n"
                else:
                    yield ": still here\n\n"
                if on_heartbeat is not None:
                    await on_heartbeat()

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(told(), media_type="text/event-stream", headers=headers)
