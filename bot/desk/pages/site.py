"""The demo clinic page and the widget's files."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from string import Template

from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from bot.clinic import Clinic

WIDGET = Path(__file__).parent.parent.parent / "widget"
DEMO_PAGE = Path(__file__).with_name("demo.html")


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


def site_routes(clinic: Clinic) -> Sequence[BaseRoute]:
    """`/`, `/widget.js` and `/widget/`."""
    files = WidgetFiles()

    async def demo(_request: Request) -> Response:
        page = Template(DEMO_PAGE.read_text(encoding="utf-8"))
        return HTMLResponse(page.safe_substitute(clinic=escape(clinic.name), phone=escape(clinic.phone.display)))

    class Entry:
        """An ASGI application, so that the route hands over scope and all."""

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await files.entry(scope, receive, send)

    return [
        Route("/", demo),
        Route("/widget.js", Entry(), methods=["GET", "HEAD"]),
        Mount("/widget", app=files),
    ]
