"""The console as one application under /staff: every screen behind the guard, and the files that they need."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.console import access
from bot.console.rooms import ROOMS
from bot.console.screens import ROOT, Console, Visit

STATIC = Path(__file__).parent / "static"


class _Files(StaticFiles):
    """Scripts and styles; browsers ask whether they changed, and mostly hear that they did not."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers.update({"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"})
        return response


def create_console(console: Console) -> list[BaseRoute]:
    """The routes of the console: the screens of all rooms, behind the guard."""
    console.screens += [screen for room in ROOMS for screen in room(console)]
    routes: list[BaseRoute] = [
        Route(screen.path, access.guarded(console, screen), methods=list(screen.methods)) for screen in console.screens
    ]
    routes.append(Mount("/static", _Files(directory=STATIC)))
    app = Starlette(routes=routes, exception_handlers={HTTPException: _not_found(console)})
    return [Mount(ROOT, app)]


def _not_found(console: Console) -> Callable[[Request, Exception], Response]:
    def answer(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        response = Visit(console, request, None).render(
            "problem.html", code=status, title="There is nothing here", text="Go back, or start from the first page."
        )
        response.headers.update(access.HEADERS)
        return response

    return answer
