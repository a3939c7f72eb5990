"""The clinic's own login provider: who comes in through it, and what does not get anybody in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc.jwk import RSAKey

from bot.console.screens import Console
from bot.settings import OidcSettings, Settings, SettingsError
from tests.console.login_provider import CLIENT, CODE, SECRET, LoginProvider
from tests.console.site import Browser, Site


@pytest.fixture
def provider(site: Site) -> Iterator[LoginProvider]:
    provider = LoginProvider(int(site.clock.now.timestamp()))
    yield provider
    provider.close()


@pytest.fixture
def house(site: Site, provider: LoginProvider) -> Site:
    """The console with the provider, where Ann has an account."""
    console = site.console
    settings = replace(console.settings, oidc=OidcSettings(provider.issuer, CLIENT, SECRET))
    house = Site(Console(console.desk, console.bookings, settings, site.clock), site.clock)
    house.hire("ann", "clinician", ready=False)
    return house


def come_back(browser: Browser, provider: LoginProvider, **query: str) -> httpx.Response:
    """Through the provider and back again."""
    sent = browser.get("/single-sign-on", next="/queue")
    assert sent.status_code == 303, sent.text
    assert sent.headers["location"].startswith(provider.issuer)
    state = provider.visit(sent.headers["location"])
    return browser.get("/single-sign-on/back", **{"code": CODE, "state": state, **query})


def test_somebody_with_an_account_comes_in_without_a_second_factor_here(house: Site, provider: LoginProvider) -> None:
    browser = house.browser()
    assert "own login" in browser.get("/login").text
    answer = come_back(browser, provider)
    assert answer.status_code == 200
    assert "url=/staff/queue" in answer.text
    assert browser.get("/queue").status_code == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "stranger@clinic.example"},
        {"email_verified": False},
        {"email": None},
        {"aud": "another-program"},
        {"iss": "https://evil.example"},
        {"nonce": "of another try"},
        {"exp": 1},
    ],
    ids=str,
)
def test_an_answer_that_proves_nothing_lets_nobody_in(
    house: Site, provider: LoginProvider, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    browser = house.browser()
    assert come_back(browser, provider).status_code == 401
    assert browser.get("/queue").status_code == 303


def test_another_key_another_code_and_another_state_are_refused(house: Site, provider: LoginProvider) -> None:
    browser = house.browser()
    assert come_back(browser, provider, code="guessed").status_code == 401
    assert come_back(browser, provider, state="guessed").status_code == 401
    provider.key = RSAKey.generate_key(2048, {"kid": "k1"})
    assert come_back(browser, provider).status_code == 401


def test_only_the_browser_that_began_can_end_it(house: Site, provider: LoginProvider) -> None:
    sent = house.browser().get("/single-sign-on")
    state = provider.visit(sent.headers["location"])
    victim = house.browser()
    assert victim.get("/single-sign-on/back", code=CODE, state=state).status_code == 401


def test_a_closed_account_stays_closed(house: Site, provider: LoginProvider) -> None:
    admin = house.log_in("admin")
    assert admin.post("/accounts/1", do="disable").status_code == 200
    assert come_back(house.browser(), provider).status_code == 401


def test_a_provider_that_is_away_is_said(house: Site, provider: LoginProvider) -> None:
    provider.close()
    assert house.browser().get("/single-sign-on").status_code == 503


def test_without_a_provider_the_address_is_not_there(site: Site) -> None:
    browser = site.browser()
    assert browser.get("/single-sign-on").status_code == 404
    assert "own login" not in browser.get("/login").text


def test_a_provider_that_is_half_set_up_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="PSOAS_OIDC_CLIENT_SECRET"):
        Settings.from_env(
            {"PSOAS_DATA_DIR": str(tmp_path), "PSOAS_OIDC_ISSUER": "https://x.example", "PSOAS_OIDC_CLIENT_ID": "p"}
        )
