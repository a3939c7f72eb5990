"""The printable stretch plan behind a signed link. No script needed; a GET changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from bot.clinic import Clinic
from bot.desk.pages.texts import PageTexts
from bot.knowledge import Catalogue, Rung, Stretch
from bot.plan_links import MAX_AGE_SECONDS, LinkedPlan, PlanLinkProblem, PlanLinks
from bot.settings import Settings

HERE = Path(__file__).parent
STYLE = HERE / "plan.css"
DIARY_DAYS = 14
HEADERS = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
}


@dataclass(frozen=True)
class Shown:
    """A plan as the page shows it: stretches with their doses, and the rungs that are open to this plan."""

    stretches: tuple[tuple[Stretch, str], ...]
    ladder: tuple[Rung, ...]
    rung: str


def plan_routes(clinic: Clinic, settings: Settings, catalogue: Catalogue) -> list[BaseRoute]:
    """All addresses under /plan."""
    pages = PlanPages(clinic, settings, catalogue)
    return [Route("/plan/style.css", pages.style), Route("/plan/{token}", pages.show)]


class PlanPages:
    """The handlers, each for one address."""

    def __init__(self, clinic: Clinic, settings: Settings, catalogue: Catalogue) -> None:
        self._clinic = clinic
        self._links = PlanLinks(settings)
        self._catalogue = catalogue
        self._texts = PageTexts(clinic, "plan")
        self._problem_texts = PageTexts(clinic, "plan_problem")
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates" / "plan"), autoescape=True, undefined=StrictUndefined
        )

    async def style(self, _request: Request) -> Response:
        """The style sheet of these pages."""
        return Response(STYLE.read_bytes(), media_type="text/css", headers={"Cache-Control": "public, max-age=3600"})

    async def show(self, request: Request) -> Response:
        """The plan; a clear page and 404 where the link opens none."""
        try:
            shown = shown_plan(self._catalogue, self._links.read(request.path_params["token"]))
        except PlanLinkProblem as problem:
            return self._page("problem.html", 404, t=self._problem_texts, kind=problem.kind)
        return self._page(
            "show.html",
            200,
            t=self._texts,
            plan=shown,
            common=self._catalogue,
            link_days=MAX_AGE_SECONDS // (24 * 3600),
            diary_days=DIARY_DAYS,
        )

    def _page(self, template: str, status: int, **values: Any) -> Response:
        page = self._templates.get_template(template).render(clinic=self._clinic, **values)
        return HTMLResponse(page, status_code=status, headers=HEADERS)


def shown_plan(catalogue: Catalogue, plan: LinkedPlan) -> Shown:
    """What the page shows; raises PlanLinkProblem("changed") when today's content no longer allows the plan."""
    stretches = {stretch.id: stretch for stretch in catalogue.all}
    names = [rung.name for rung in catalogue.ladder]
    limits = [names[-1] if plan.permission == "full" else catalogue.gentle_highest, plan.highest_rung or names[-1]]
    if not set(plan.ids) <= set(stretches) or not {plan.rung, *limits} <= set(names):
        raise PlanLinkProblem("changed")
    chosen = [stretches[name] for name in plan.ids]
    if plan.permission != "full" and not all(stretch.gentle for stretch in chosen):
        raise PlanLinkProblem("changed")
    highest = min(names.index(limit) for limit in limits)
    here = catalogue.ladder[min(names.index(plan.rung), highest)]
    doses = tuple((stretch, _dose(catalogue, stretch, here)) for stretch in chosen)
    return Shown(doses, catalogue.ladder[: highest + 1], here.name)


def _dose(catalogue: Catalogue, stretch: Stretch, rung: Rung) -> str:
    """A stretch has its own dose or the ladder's; the standing break never takes the ladder's."""
    return stretch.dose or ("" if stretch.id == catalogue.break_id else rung.dose)
