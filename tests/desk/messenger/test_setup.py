"""`psoas messenger setup` sets what Meta takes, and names what is wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import httpx
import pytest
from anyio import to_thread

from bot.clinic import Clinic, load_clinic
from bot.desk.channels.messenger.texts import MessengerTexts
from bot.desk.channels.messenger_setup import FIELDS, PageSetup, Problem, profile_of, seconds_apart
from bot.settings import Settings
from tests.desk.conftest import Opening
from tests.desk.messenger.conftest import Page, open_page
from tests.fake_graph import PAGE, SECRET, TOKEN, check_profile

SETTINGS = Settings.from_env(
    {
        "PSOAS_SECRET_KEY": "a key for tests",
        "PSOAS_MESSENGER_VERIFY_TOKEN": "verify-me",
        "PSOAS_MESSENGER_APP_SECRET": SECRET,
        "PSOAS_MESSENGER_PAGE_TOKEN": TOKEN,
        "PSOAS_MESSENGER_PAGE_ID": PAGE,
        "PSOAS_MESSENGER_MODE": "full",
    }
)


@pytest.fixture
async def page(sqlite_opening: Opening) -> AsyncIterator[Page]:
    async with AsyncExitStack() as stack:
        yield await open_page(stack, sqlite_opening)


def setup_of(page: Page, **changed: str) -> PageSetup:
    settings = page.clinic.settings
    assert settings.messenger is not None
    http = httpx.Client(trust_env=False, timeout=10)
    return PageSetup(settings, replace(settings.messenger, **changed), page.clinic.desk.clinic, http)


async def test_it_sets_everything_that_meta_takes(page: Page) -> None:
    setup = setup_of(page)
    await to_thread.run_sync(setup.check_token)
    await to_thread.run_sync(setup.subscribe)
    await to_thread.run_sync(setup.set_profile)
    assert tuple(page.graph.fields) == FIELDS
    assert page.graph.profile["get_started"] == {"payload": "GET_STARTED"}
    assert {"message_echoes", "messages", "messaging_postbacks"} <= set(page.graph.fields)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"page_token": "old"}, "PSOAS_MESSENGER_PAGE_TOKEN"),
        ({"page_id": "999"}, "PSOAS_MESSENGER_PAGE_ID"),
        ({"app_secret": "other"}, "PSOAS_MESSENGER_APP_SECRET"),
    ],
)
async def test_it_names_the_setting_that_is_wrong(page: Page, changed: dict[str, str], says: str) -> None:
    with pytest.raises(Problem, match=says):
        await to_thread.run_sync(setup_of(page, **changed).check_token)


async def test_it_checks_the_webhook_as_meta_does(page: Page) -> None:
    with pytest.raises(Problem, match="https"):
        await to_thread.run_sync(setup_of(page).check_webhook)
    with pytest.raises(Problem, match="VERIFY_TOKEN"):
        await to_thread.run_sync(setup_of(page, verify_token="wrong").check_webhook)


async def test_a_menu_item_is_only_words(page: Page) -> None:
    menu = {"payload": "say|check", "title": "Check my back", "mid": "m_1"}
    await page.post(page.event("5", postback=menu))
    await page.answered("5", "Check my back")


def refused(settings: Settings, answer: httpx.Response | Exception, clinic: Clinic) -> PageSetup:
    """A set-up whose every call is answered like this."""

    def handle(_request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert settings.messenger is not None
    return PageSetup(settings, settings.messenger, clinic, httpx.Client(transport=httpx.MockTransport(handle)))


def error(code: object, subcode: object = None, status: int = 400) -> httpx.Response:
    return httpx.Response(status, json={"error": {"code": code, "error_subcode": subcode}})


REFUSALS = [
    (error(190, 463), "PSOAS_MESSENGER_PAGE_TOKEN"),
    (error(10), "pages_messaging"),
    (error("10", 1893063), "restricted"),
    (error(200), "pages_manage_metadata"),
    (error(200, 2018028), "Live"),
    (error(613), "10 in 10 minutes"),
    (error(4, status=429), "Wait an hour"),
    (error(100), "PSOAS_MESSENGER_GRAPH_VERSION"),
    (error(31337), "31337"),
    (httpx.Response(500, json={"error": "no object"}), "try again later"),
    (httpx.Response(502, text="<html>"), "did not answer"),
    (httpx.ConnectError("no route"), "did not answer"),
    (httpx.Response(200, json={"success": False, "result": "no", "id": "5"}), "PSOAS_MESSENGER_PAGE_ID|page|profile"),
]


@pytest.mark.parametrize(("answer", "says"), REFUSALS, ids=range(len(REFUSALS)))
@pytest.mark.parametrize("step", ["check_token", "subscribe", "set_profile"])
def test_every_refusal_says_what_to_do(answer: httpx.Response | Exception, says: str, step: str) -> None:
    setup = refused(SETTINGS, answer, load_clinic(SETTINGS.clinic_file))
    with pytest.raises(Problem, match=says):
        getattr(setup, step)()


def test_a_clock_that_is_wrong_is_named() -> None:
    answer = httpx.Response(200, json={"id": "1000"}, headers={"Date": "Mon, 01 Jan 2024 10:00:00 GMT"})
    with pytest.raises(Problem, match="NTP"):
        refused(SETTINGS, answer, load_clinic(SETTINGS.clinic_file)).check_token()


@pytest.mark.parametrize("told", ["yesterday", "", "99"])
def test_a_date_that_cannot_be_read_accuses_no_clock(told: str) -> None:
    assert seconds_apart(told) == 0


def test_a_long_name_of_the_clinic_breaks_no_limit() -> None:
    clinic = load_clinic(SETTINGS.clinic_file)
    texts = MessengerTexts.load(replace(clinic, name="The Very Long Name of a Clinic " * 8))
    check_profile(profile_of(texts, "https://clinic.example/privacy"))
