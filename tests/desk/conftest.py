"""A whole desk on a loopback port, with a stub for the assistant, on each kind of database."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.desk.app import create_app
from bot.desk.desk import Desk, build_desk
from bot.desk.worker import Patience
from bot.settings import Settings
from tests.desk.patient import Patient
from tests.stub_assistant import StubAssistant, serving

IMPATIENT = Patience(
    first_retry=0.02,
    longest_retry=0.05,
    outage_retry=0.02,
    longest_outage_retry=0.05,
    notice_after=0.0,
    emergency_after=1000.0,
    most_failures=3,
    sweep=0.1,
)


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Clinic:
    """A running desk, its assistant and a way to reach them."""

    settings: Settings
    desk: Desk
    stub: StubAssistant
    http: httpx.AsyncClient
    stop_stub: Callable[[], Awaitable[None]]
    start_stub: Callable[[], Awaitable[None]]

    async def patient(self) -> Patient:
        """Somebody who just opened the chat."""
        return await Patient.arrive(self.http)

    async def greeted(self) -> Patient:
        """Somebody who has been greeted."""
        patient = await self.patient()
        await patient.until(bool)
        return patient


def make_settings(tmp_path: Path, database_url: str, **more: str) -> Settings:
    port = free_port()
    settings = Settings.from_env(
        {
            "PSOAS_PORT": str(port),
            "PSOAS_DATA_DIR": str(tmp_path / "var"),
            "PSOAS_DATABASE_URL": database_url,
            "PSOAS_SECRET_KEY": "a secret for tests",
            "PSOAS_ASSISTANT_PORT": str(free_port()),
            "PSOAS_ALLOWED_ORIGINS": "https://clinic.example,https://www.clinic.example",
            **more,
        }
    )
    return replace(settings, base_url=f"http://127.0.0.1:{port}")


class Opening:
    """Starts desks for a test and stops them after it."""

    def __init__(self, stack: AsyncExitStack, tmp_path: Path, database_url: str) -> None:
        self._stack = stack
        self._tmp_path = tmp_path
        self._database_url = database_url

    async def __call__(self, *, assistant: bool = True, patience: Patience = IMPATIENT, **more: Any) -> Clinic:
        """A desk of its own; `more` are settings. Without `assistant`, the stub is not started yet."""
        settings = make_settings(self._tmp_path, self._database_url, **more)
        stub = StubAssistant(settings.assistant_secret)
        desk = build_desk(settings, patience=patience)
        running = AsyncExitStack()
        self._stack.push_async_callback(running.aclose)

        async def start_stub() -> None:
            await running.enter_async_context(serving(stub.app(), settings.assistant_port))

        if assistant:
            await start_stub()
        await self._stack.enter_async_context(serving(create_app(settings, desk=desk), settings.port))
        http = httpx.AsyncClient(base_url=settings.base_url, timeout=15, trust_env=False)
        await self._stack.enter_async_context(http)
        return Clinic(settings, desk, stub, http, stop_stub=running.aclose, start_stub=start_stub)


@pytest.fixture
async def opening(tmp_path: Path, each_database_url: str) -> AsyncIterator[Opening]:
    """Starts desks on each kind of database."""
    async with AsyncExitStack() as stack:
        yield Opening(stack, tmp_path, each_database_url)


@pytest.fixture
async def clinic(opening: Opening) -> Clinic:
    """A desk and its assistant, on each kind of database."""
    return await opening()


@pytest.fixture
async def sqlite_opening(tmp_path: Path) -> AsyncIterator[Opening]:
    """Starts desks on SQLite, for what has nothing to do with the database."""
    async with AsyncExitStack() as stack:
        yield Opening(stack, tmp_path, f"sqlite:///{tmp_path / 'psoas.db'}")


@pytest.fixture
async def sqlite_clinic(sqlite_opening: Opening) -> Clinic:
    """A desk and its assistant on SQLite."""
    return await sqlite_opening()
