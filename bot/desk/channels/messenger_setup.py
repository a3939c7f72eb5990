"""`psoas messenger setup`: puts the page in order at Meta, and says what a person must still do."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

import click
import httpx

from bot.clinic import Clinic, load_clinic
from bot.desk.channels.messenger.events import GET_STARTED
from bot.desk.channels.messenger.limits import shorten
from bot.desk.channels.messenger.signature import app_secret_proof
from bot.desk.channels.messenger.texts import MessengerTexts
from bot.settings import MessengerSettings, Settings, SettingsError

SECONDS = 10.0
MOST_CLOCK_SECONDS = 60.0
FIELDS = (
    "messages", "messaging_postbacks", "message_echoes", "message_deliveries", "message_reads", "message_reactions",
    "messaging_optins", "messaging_referrals", "messaging_handovers", "standby", "messaging_policy_enforcement",
)  # fmt: skip
TOO_MANY = "Too many calls. Wait an hour, and run this again."
# By Meta's code, or code and subcode.
ADVICE = {
    "190": "The page token is not good any more. Make a new one and set PSOAS_MESSENGER_PAGE_TOKEN.",
    "10": "A permission is missing. The app needs pages_messaging with Advanced Access.",
    "10/1893063": "Meta has restricted the page. See the page's Support Inbox at Meta, and put right what it names.",
    "200": "A permission is missing: pages_manage_metadata or pages_messaging, or the app is not live yet.",
    "200/2018028": "The app is not live. Switch it to Live at the top of the app's page at Meta.",
    "368": "Meta has blocked the page for breaking a policy. See the page's Support Inbox at Meta.",
    "100": "Meta refused a value. Check PSOAS_MESSENGER_APP_SECRET and PSOAS_MESSENGER_GRAPH_VERSION.",
    "104": "Meta wants a proof of the app's secret. Check PSOAS_MESSENGER_APP_SECRET.",
    "613": "Too many calls: Meta allows 10 in 10 minutes here. Wait, and run this again.",
    "4": TOO_MANY,
    "17": TOO_MANY,
    "32": TOO_MANY,
}
GREETING, MENU_TITLE, MENU_ITEMS, QUESTIONS = 160, 30, 20, 4


class Problem(Exception):
    """One step failed; the message says what to fix."""


class PageSetup:
    """The steps, each one call at most: all profile fields go in one, for Meta allows ten in ten minutes."""

    def __init__(self, settings: Settings, page: MessengerSettings, clinic: Clinic, http: httpx.Client) -> None:
        self._settings = settings
        self._page = page
        self._texts = MessengerTexts.load(clinic)
        self._privacy = clinic.privacy_notice_url
        self._http = http
        self._base = f"{page.graph_url}/{page.graph_version}"
        self._proof = app_secret_proof(page.page_token, page.app_secret)

    def steps(self) -> list[tuple[str, Callable[[], str]]]:
        """What is done, in order, each with its name."""
        return [
            ("token and clock", self.check_token),
            ("webhook address", self.check_webhook),
            ("subscribed fields", self.subscribe),
            ("greeting, first screen and menu", self.set_profile),
        ]

    def check_token(self) -> str:
        """The token belongs to the page, and our clock agrees with Meta's."""
        page, response = self._call("GET", "me", params={"fields": "id,name", "appsecret_proof": self._proof})
        page_id = str(page.get("id"))
        if page_id != self._page.page_id:
            raise Problem(f"The token is for page {page_id}, but PSOAS_MESSENGER_PAGE_ID is {self._page.page_id}.")
        told = response.headers.get("date")
        if told:
            apart = seconds_apart(told)
            if apart > MOST_CLOCK_SECONDS:
                raise Problem(f"This machine's clock is {apart:.0f} s away from Meta's. Set it right (with NTP).")
        return "the token is this page's, and the clock is right"

    def check_webhook(self) -> str:
        """Our own address answers as Meta expects."""
        query = {
            "hub.mode": "subscribe",
            "hub.verify_token": self._page.verify_token,
            "hub.challenge": "psoas",
        }
        url = f"{self._settings.base_url}/messenger/webhook"
        try:
            answer = self._http.get(url, params=query)
        except httpx.HTTPError as error:
            raise Problem(
                f"{url} cannot be reached ({type(error).__name__}). Start the desk, and check DNS and HTTPS."
            ) from None
        if answer.status_code != 200 or answer.text != "psoas":
            raise Problem(f"{url} answered {answer.status_code}. Check PSOAS_MESSENGER_VERIFY_TOKEN there.")
        if not url.startswith("https://"):
            raise Problem("PSOAS_BASE_URL is not https:// - Meta calls no other address.")
        return "it answers over HTTPS"

    def subscribe(self) -> str:
        """The page sends its events to the app."""
        answer = self._post("me/subscribed_apps", {"subscribed_fields": ",".join(FIELDS)})
        if answer.get("success") is False:
            raise Problem("Meta did not subscribe the page. The app needs pages_manage_metadata for it.")
        return f"{len(FIELDS)} fields"

    def set_profile(self) -> str:
        """What people see before and beside the conversation."""
        answer = self._post("me/messenger_profile", profile_of(self._texts, self._privacy))
        if answer.get("result", "success") != "success":
            raise Problem("Meta did not set the profile. The app needs pages_messaging for it.")
        return "set; Meta may take a day to show them"

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._call("POST", path, json={**body, "appsecret_proof": self._proof})[0]

    def _call(self, method: str, path: str, **content: Any) -> tuple[dict[str, Any], httpx.Response]:
        headers = {"Authorization": f"Bearer {self._page.page_token}"}
        try:
            response = self._http.request(method, f"{self._base}/{path}", headers=headers, **content)
            body = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise Problem(f"Meta's API did not answer ({type(error).__name__}). Try again later.") from None
        found = body if isinstance(body, dict) else {}
        refusal = found.get("error")
        if refusal or response.status_code >= 400:
            named = refusal if isinstance(refusal, dict) else {}
            raise Problem(advice(named.get("code"), named.get("error_subcode")))
        return found, response


def advice(code: Any, subcode: Any = None) -> str:
    """What to do about a refusal of Meta's."""
    for known in (f"{code}/{subcode}", f"{code}"):
        if known in ADVICE:
            return ADVICE[known]
    return f"Meta refused it (code {code}). See docs/messenger.md, or try again later."


def seconds_apart(told: str) -> float:
    """How far our clock is from the time in a `Date` header; 0 for a header that cannot be read."""
    try:
        at = parsedate_to_datetime(told)
    except (TypeError, ValueError):
        return 0.0
    return abs((datetime.now(timezone.utc) - at.replace(tzinfo=at.tzinfo or timezone.utc)).total_seconds())


def profile_of(texts: MessengerTexts, privacy_url: str) -> dict[str, Any]:
    """The body for the Messenger Profile API."""
    menu = [
        {"type": "postback", "title": shorten(title, MENU_TITLE), "payload": f"say|{key}"}
        for key, title in texts.menu.items()
        if key != "privacy"
    ]
    menu = menu[: MENU_ITEMS - 1]
    menu.append({"type": "web_url", "title": shorten(texts.menu["privacy"], MENU_TITLE), "url": privacy_url})
    questions = [{"question": words, "payload": f"say|ice.{key}"} for key, words in texts.ice_breakers.items()]
    return {
        "get_started": {"payload": GET_STARTED},
        "greeting": [{"locale": "default", "text": shorten(texts.greeting, GREETING)}],
        "ice_breakers": [{"locale": "default", "call_to_actions": questions[:QUESTIONS]}],
        "persistent_menu": [{"locale": "default", "composer_input_disabled": False, "call_to_actions": menu}],
    }


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def messenger() -> None:
    """Set up Facebook Messenger."""


@messenger.command()
def setup() -> None:
    """Set the page's greeting, menu and events at Meta, and check token, permissions, webhook and clock.

    Run it while the desk runs. It changes nothing that you set by hand elsewhere, and can be run again.
    """
    try:
        settings = Settings.from_env()
    except SettingsError as error:
        sys.exit(str(error))
    if settings.messenger is None:
        sys.exit("Messenger is off. Set the PSOAS_MESSENGER_ settings first (docs/messenger.md).")
    click.echo(f"Mode: {settings.messenger.mode}")
    with httpx.Client(timeout=SECONDS) as http:
        page = PageSetup(settings, settings.messenger, load_clinic(settings.clinic_file), http)
        problems = sum(not _did(name, step) for name, step in page.steps())
    sys.exit(1 if problems else 0)


def _did(name: str, step: Callable[[], str]) -> bool:
    try:
        click.echo(f"ok       {name}: {step()}")
    except Problem as problem:
        click.echo(f"to fix   {name}: {problem}")
        return False
    return True
