"""`psoas messenger setup` sets what Meta takes, and names what is wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import httpx
import pytest
from anyio import to_thread

from bot.desk.channels.messenger_setup import FIELDS, PageSetup, Problem
from tests.desk.conftest import Opening
from tests.desk.messenger.conftest import Page, open_page


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
