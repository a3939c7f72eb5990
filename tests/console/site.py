"""The console without a network: staff who log in with password and code, and browse."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

import httpx
import pyotp
from starlette.applications import Starlette
from starlette.testclient import TestClient

from bot.console import accounts
from bot.console.app import create_console
from bot.console.screens import Console
from bot.store import Database

BASE_URL = "http://testserver"
PASSWORD = "a long enough password"


@dataclass
class Clock:
    """The time as the console sees it; tests move it."""

    now: datetime = field(default_factory=lambda: datetime(2026, 11, 23, 14, tzinfo=timezone.utc))

    def __call__(self) -> datetime:
        return self.now

    def wait(self, span: timedelta) -> None:
        """Let time go by."""
        self.now += span


@dataclass
class Browser:
    """One browser; `csrf` is what its pages put into forms."""

    http: TestClient
    csrf: str = ""

    def get(self, path: str, **query: Any) -> httpx.Response:
        """Open a page of the console."""
        return self.http.get(f"/staff{path}", params=query or None)

    def post(self, path: str, **fields: Any) -> httpx.Response:
        """Send a form of the console."""
        return self.http.post(f"/staff{path}", data={"csrf": self.csrf, **fields})


@dataclass
class Site:
    """The console, its clock, and the secrets of the people's phones."""

    console: Console
    clock: Clock
    secrets: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.app = Starlette(routes=create_console(self.console))

    def browser(self) -> Browser:
        """A browser of nobody yet; it follows no redirect by itself."""
        return Browser(TestClient(self.app, base_url=BASE_URL, follow_redirects=False))

    def hire(self, name: str, role: str, *, ready: bool = True) -> str:
        """An account; its password. With `ready`, password and second factor are already set up."""
        database = self.console.desk.transactions.database
        if not ready:
            with database.session() as session:
                return accounts.add(session, name, f"{name}@clinic.example", role)[1]
        self.secrets[name] = hired(database, name, role)
        return PASSWORD

    def code(self, name: str) -> str:
        """What the phone of this person shows now."""
        return pyotp.TOTP(self.secrets[name]).at(self.clock.now)

    def log_in(self, role: str, name: str | None = None) -> Browser:
        """Somebody of this role, logged in; the clock moves on by a code's length."""
        name = name or f"a-{role}"
        if name not in self.secrets:
            self.hire(name, role)
        self.clock.wait(timedelta(seconds=31))
        browser = self.browser()
        answer = browser.post("/login", name=name, password=PASSWORD, code=self.code(name))
        assert answer.status_code == 303, answer.text
        browser.csrf = csrf_of(browser.get("/me/password"))
        return browser


def hired(database: Database, name: str, role: str) -> str:
    """An account with PASSWORD and a second factor; the secret of its phone."""
    with database.session() as session:
        account, first = accounts.add(session, name, f"{name}@clinic.example", role)
        accounts.change_password(account, first, PASSWORD)
        account.totp_secret = accounts.new_secret()
        return account.totp_secret


def csrf_of(page: httpx.Response) -> str:
    """The token in a page's forms."""
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found, page.text
    return found.group(1)
