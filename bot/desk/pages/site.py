"""The public site: the clinic's page, the stretch plans and the widget's files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from bot.clinic import Clinic
from bot.desk.pages.demo import demo_routes
from bot.desk.pages.plans import plan_routes
from bot.knowledge import load_knowledge
from bot.settings import Settings

WIDGET = Path(__file__).parent.parent.parent / "widget"


class WidgetFiles:
    """`/widget.js` and what it imports from `/widget/`, compressed, with ETags so that a browser asks only once."""

    def __init__(self) -> None:
        self._files = GZipMiddleware(StaticFiles(directory=WIDGET, check_dir=False))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One file of the folder."""
        await self._files(scope, receive, send)

    async def entry(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The widget's first file, at its own address."""
        await self._files({**scope, "path": "/widget.js", "root_path": ""}, receive, send)


def site_routes(clinic: Clinic, settings: Settings) -> Sequence[BaseRoute]:
    """`/`, `/plan/`, `/widget.js` and `/widget/`."""
    files, catalogue = WidgetFiles(), load_knowledge().stretches

    class Entry:
        """An ASGI application, so that the route hands over scope and all."""

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await files.entry(scope, receive, send)

    return [
        *demo_routes(clinic, catalogue),
        *plan_routes(clinic, settings, catalogue),
        Route("/widget.js", Entry(), methods=["GET", "HEAD"]),
        Mount("/widget", app=files),
    ]
