"""Somebody of the team who works in the console over plain HTTP, as a browser without scripts does."""

from __future__ import annotations

import time
from datetime import datetime, timezone

import httpx
import pyotp

from bot.store import Database
from tests.console.site import PASSWORD, csrf_of, hired
from tests.running import RunningSystem


class Teammate:
    """One person of this role, logged in; `close` when done."""

    def __init__(self, system: RunningSystem, role: str) -> None:
        name = f"{role}{time.monotonic_ns()}"
        database = Database(system.settings.database_url)
        secret = hired(database, name, role)
        database.dispose()
        self.http = httpx.Client(base_url=f"{system.base_url}/staff", timeout=30, trust_env=False)
        code = pyotp.TOTP(secret).at(datetime.now(timezone.utc))
        answer = self.http.post("/login", data={"name": name, "password": PASSWORD, "code": code})
        assert answer.headers["location"] == "/staff/", answer.text
        self.csrf = csrf_of(self.http.get("/me/password"))

    def do(self, conversation_id: str, act: str, **fields: str) -> None:
        """Press this button of the conversation's page."""
        answer = self.http.post(f"/conversations/{conversation_id}/{act}", data={"csrf": self.csrf, **fields})
        assert answer.status_code == 303, answer.text

    def read(self, conversation_id: str, part: str = "") -> str:
        """The conversation's page, or a part of it."""
        answer = self.http.get(f"/conversations/{conversation_id}{part}")
        assert answer.status_code == 200, answer.text
        return answer.text

    def close(self) -> None:
        self.http.close()
