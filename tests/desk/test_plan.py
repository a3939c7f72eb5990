"""The printable plan and its links."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import httpx
import pytest
import time_machine
from itsdangerous import URLSafeTimedSerializer
from starlette.applications import Starlette

from bot.clinic import load_clinic
from bot.desk.pages.plans import plan_routes
from bot.knowledge import load_knowledge
from bot.plan_links import MAX_AGE_SECONDS, LinkedPlan, PlanLinkProblem, PlanLinks
from bot.settings import Settings

CLINIC = load_clinic("bot/clinic/clinic.yml")
CATALOGUE = load_knowledge().stretches
NOW = datetime(2026, 11, 23, 9, tzinfo=timezone.utc)


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings.from_env(
        {"PSOAS_DATA_DIR": str(tmp_path), "PSOAS_SECRET_KEY": "a secret", "PSOAS_BASE_URL": "https://clinic.example"}
    )


@pytest.fixture
async def http(settings):
    app = Starlette(routes=plan_routes(CLINIC, settings, CATALOGUE))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://clinic.example") as client:
        yield client


def token_of(link: str) -> str:
    return link.rpartition("/")[2]


def test_a_link_gives_back_what_was_put_in(settings):
    link = PlanLinks(settings).link(["A1", "A4"], "full", "L2", "L3")
    assert link.startswith("https://clinic.example/plan/")
    assert PlanLinks(settings).read(token_of(link)) == LinkedPlan(("A1", "A4"), "full", "L2", "L3")


@pytest.mark.parametrize("plan", [([], "full", "L1"), (["A1"], "none", "L1"), (["A1"], "full", "")])
def test_no_link_without_a_plan(settings, plan):
    with pytest.raises(ValueError, match="a plan has"):
        PlanLinks(settings).link(*plan)


def test_a_link_of_another_installation_opens_nothing(settings):
    link = PlanLinks(replace(settings, secret_key="another")).link(["A1"], "full", "L1")
    with pytest.raises(PlanLinkProblem, match="invalid"):
        PlanLinks(settings).read(token_of(link))


def test_a_token_signed_for_another_purpose_opens_nothing(settings):
    other = URLSafeTimedSerializer(settings.derived_secret("chat-token"), salt="chat").dumps(
        [["A1"], "full", "L1", None]
    )
    with pytest.raises(PlanLinkProblem, match="invalid"):
        PlanLinks(settings).read(other)


async def test_the_plan_shows_everything_that_keeps_a_person_safe(http, settings):
    answer = await http.get(PlanLinks(settings).link(["A1", "A4", "C3"], "full", "L2"))
    page = answer.text.replace("&#39;", "'")
    assert answer.status_code == 200
    for stretch in map(CATALOGUE.__getitem__, ("A1", "A4", "C3")):
        assert f"/widget/pictures/stretch-{stretch.picture}.svg" in page
        for words in (stretch.name, stretch.alt, *stretch.steps, *stretch.cautions, *stretch.stop_signs):
            assert words in page
    for words in (*CATALOGUE.stop_at_once, *CATALOGUE.stop_and_call, *CATALOGUE.ease_off):
        assert words in page
    assert CATALOGUE["C3"].dose in page
    assert [rung.dose for rung in CATALOGUE.ladder if rung.dose not in page] == []
    assert f"call {CLINIC.emergency.label}" in page
    assert CLINIC.phone.display in page
    assert "<script" not in page


@pytest.mark.parametrize(
    ("permission", "rung", "highest", "last_shown", "here"),
    [("gentle", "L1", None, "L2", "L1"), ("full", "L4", "L3", "L3", "L3"), ("gentle", "L5", None, "L2", "L2")],
)
async def test_the_ladder_ends_where_the_permission_ends(http, settings, permission, rung, highest, last_shown, here):
    page = (await http.get(PlanLinks(settings).link(["A2"], permission, rung, highest))).text
    doses = {item.name: item.dose for item in CATALOGUE.ladder}
    assert [name for name, dose in doses.items() if f"<li>{dose}" in page or f'aria-current="step">{dose}' in page] == [
        name for name in doses if name <= last_shown
    ]
    assert f'aria-current="step">{doses[here]}' in page


@pytest.mark.parametrize("plan", [(["Z9"], "full", "L1"), (["A1"], "full", "L9"), (["A5"], "gentle", "L1")])
async def test_a_plan_that_the_content_no_longer_allows_is_not_shown(http, settings, plan):
    answer = await http.get(PlanLinks(settings).link(*plan))
    assert answer.status_code == 404
    assert "last reviewed" in answer.text
    assert CATALOGUE["A5"].name not in answer.text


@pytest.mark.parametrize("token", ["x", "a.b.c", "x" * 5000, "%00", "<script>alert(1)</script>"])
async def test_a_wrong_link_gets_a_clear_page(http, token):
    answer = await http.get(f"/plan/{token}")
    assert answer.status_code == 404
    if "/" not in token:
        assert CLINIC.phone.display in answer.text and CLINIC.emergency.label in answer.text
        assert token not in answer.text or token == "x"


async def test_a_changed_link_is_wrong(http, settings):
    link = PlanLinks(settings).link(["A1"], "gentle", "L1")
    assert (await http.get(link[:-3] + ("aaa" if link[-3:] != "aaa" else "bbb"))).status_code == 404


async def test_a_link_ends(http, settings):
    with time_machine.travel(NOW, tick=False) as clock:
        link = PlanLinks(settings).link(["A1"], "gentle", "L1")
        clock.move_to(NOW + timedelta(seconds=MAX_AGE_SECONDS - 1))
        assert (await http.get(link)).status_code == 200
        clock.move_to(NOW + timedelta(seconds=MAX_AGE_SECONDS + 2))
        answer = await http.get(link)
    assert answer.status_code == 404
    assert "run out" in answer.text


async def test_a_plan_is_kept_by_nobody_and_runs_nothing(http, settings):
    headers = (await http.get(PlanLinks(settings).link(["A1"], "gentle", "L1"))).headers
    assert headers["cache-control"] == "no-store"
    assert "noindex" in headers["x-robots-tag"]
    assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'; img-src 'self';")
    assert "script-src" not in headers["content-security-policy"]


async def test_the_style_sheet_has_a_printed_side(http):
    answer = await http.get("/plan/style.css")
    assert answer.headers["content-type"].startswith("text/css")
    assert "@media print" in answer.text
