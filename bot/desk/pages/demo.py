"""The demo clinic's page: everything on it comes from the clinic's file and the reviewed texts."""

from __future__ import annotations

from datetime import time
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.clinic import Clinic
from bot.clinic.words import DAYS
from bot.desk.pages.texts import PageTexts
from bot.knowledge import Catalogue

HERE = Path(__file__).parent
PICTURED = "A2"


def demo_routes(clinic: Clinic, catalogue: Catalogue) -> list[Route]:
    """`/` with its style sheet and its script."""
    templates = Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined)
    page = templates.get_template("demo.html").render(
        clinic=clinic,
        t=PageTexts(clinic, "clinic_page"),
        hours=opening_hours(clinic),
        picture_alt=catalogue[PICTURED].alt,
    )

    async def show(_request: Request) -> Response:
        return HTMLResponse(page)

    async def style(_request: Request) -> Response:
        return _file("demo.css", "text/css")

    async def script(_request: Request) -> Response:
        return _file("demo.js", "text/javascript")

    return [Route("/", show), Route("/demo.css", style), Route("/demo.js", script)]


def opening_hours(clinic: Clinic) -> list[tuple[str, list[tuple[str, str]]]]:
    """Each weekday with its spans, in words; no spans on a day when nobody is there."""
    hours = clinic.practitioner.hours
    return [
        (name, [(_clock(span.start), _clock(span.end)) for span in hours.get(number, ())])
        for number, name in enumerate(DAYS)
    ]


def _clock(moment: time) -> str:
    return f"{moment.hour % 12 or 12}:{moment.minute:02} {'am' if moment.hour < 12 else 'pm'}"


def _file(name: str, media_type: str) -> Response:
    return Response((HERE / name).read_bytes(), media_type=media_type, headers={"Cache-Control": "public, max-age=300"})
