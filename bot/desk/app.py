"""The desk as an ASGI application."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence

from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute

from bot.desk.desk import Desk, build_desk
from bot.desk.errors import DeskError, on_crash, on_desk_error, on_http_exception
from bot.desk.pages.site import site_routes
from bot.desk.security import AccessLog, BodyLimit, SecurityHeaders
from bot.settings import Settings

# A room adds its addresses with a function that gets the desk.
Room = Callable[[Desk], Sequence[BaseRoute]]


def create_app(settings: Settings, rooms: Sequence[Room] = (), *, desk: Desk | None = None) -> Starlette:
    """The desk's application; `rooms` add to it (console, booking pages), `desk` replaces the usual parts."""
    desk = desk or build_desk(settings)
    routes: list[BaseRoute] = [*desk.health.routes(), *site_routes(desk.clinic, settings)]
    for channel in desk.channels.values():
        routes += channel.routes()
    for room in rooms:
        routes += room(desk)
    app = Starlette(
        routes=routes,
        lifespan=lambda _app: _lifespan(desk),
        middleware=[
            Middleware(AccessLog, metrics=desk.metrics),
            Middleware(SecurityHeaders, https=settings.base_url.startswith("https://")),
            Middleware(
                CORSMiddleware,
                allow_origins=list(settings.allowed_origins),
                allow_methods=["GET", "POST", "DELETE"],
                allow_headers=["Authorization", "Content-Type", "Last-Event-ID"],
                expose_headers=["Retry-After"],
                max_age=3600,
            ),
            Middleware(BodyLimit),
        ],
        exception_handlers={DeskError: on_desk_error, HTTPException: on_http_exception, Exception: on_crash},
    )
    app.state.desk = desk
    return app


@contextlib.asynccontextmanager
async def _lifespan(desk: Desk) -> AsyncIterator[None]:
    await to_thread.run_sync(desk.transactions.database.migrate)
    work = asyncio.create_task(desk.run())
    try:
        yield
    finally:
        desk.events.close()
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        await desk.close()
