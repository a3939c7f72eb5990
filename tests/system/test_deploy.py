"""The topology of deploy/ as plain processes: PostgreSQL, two desks, two assistants, one action server."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from sqlalchemy import select

from bot.settings import SETTINGS
from bot.store import Database
from bot.store.models import TrackerEvent
from tests.postgres import Postgres
from tests.running import ROOT, free_ports

DEPLOY = ROOT / "deploy"
READY_SECONDS = 90.0
CONVERSATIONS = 6


@contextmanager
def process(arguments: list[str], environment: dict[str, str], log: Path, ready: str) -> Iterator[None]:
    with log.open("wb") as output:
        running = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + READY_SECONDS
        while not answers(ready):
            assert running.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        yield
    finally:
        running.terminate()
        running.wait(20)


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
def desks(trained_model: Path, postgres: Postgres, tmp_path: Path) -> Iterator[tuple[list[str], str]]:
    """The public addresses of two desks, and their database's."""
    database = str(postgres.new_database())
    ports = free_ports(5)
    assistants = [f"http://127.0.0.1:{port}" for port in ports[:2]]
    common = {
        "PSOAS_DATABASE_URL": database,
        "PSOAS_SECRET_KEY": "a key for tests",
        "PSOAS_ASSISTANT_URLS": ",".join(assistants),
        "PSOAS_RATE_LIMIT": "off",
        "PSOAS_ACTIONS_PORT": str(ports[2]),
    }
    actions = f"http://127.0.0.1:{ports[2]}"
    with ExitStack() as stack:

        def start(name: str, arguments: list[str], ready: str, **more: str) -> None:
            environment = {**common, "PSOAS_DATA_DIR": str(tmp_path / name), **more}
            stack.enter_context(process(arguments, environment, tmp_path / f"{name}.log", ready))

        start("actions", ["-m", "actions"], f"{actions}/health")
        for number, url in enumerate(assistants):
            arguments = ["-m", "bot.assistant", "--model", str(trained_model), "--actions-url", actions]
            port = {"PSOAS_ASSISTANT_PORT": str(ports[number])}
            start(f"assistant-{number}", arguments, f"{url}/webhooks/psoas/", **port)
        public = [f"http://127.0.0.1:{port}" for port in ports[3:]]
        for number, url in enumerate(public):
            port = {"PSOAS_PORT": str(ports[3 + number]), "PSOAS_BASE_URL": url}
            start(f"desk-{number}", ["-m", "bot.serve"], f"{url}/readyz", **port)
        yield public, database


def replies(url: str, headers: dict[str, str], after: int) -> list[dict[str, Any]]:
    """What the assistant said after this number, as any desk shows it."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        page = httpx.get(f"{url}/chat/messages", params={"after": after}, headers=headers, trust_env=False).json()
        found = [message for message in page["messages"] if message["author"] == "assistant"]
        if found and not page["typing"]:
            return found
        time.sleep(0.1)
    raise AssertionError("no answer")


def test_a_conversation_may_move_between_desks(desks: tuple[list[str], str]) -> None:
    (first, second), database_url = desks
    for _ in range(CONVERSATIONS):
        session = httpx.post(f"{first}/chat/sessions", json={}, trust_env=False).json()
        headers = {"Authorization": f"Bearer {session['token']}"}
        replies(second, headers, 0)
        for url, other in ((first, second), (second, first)):
            body = {"id": str(uuid.uuid4()), "text": "my lower back is sore"}
            answer = httpx.post(f"{url}/chat/messages", json=body, headers=headers, trust_env=False)
            assert answer.status_code == 202
            again = httpx.post(f"{other}/chat/messages", json=body, headers=headers, trust_env=False)
            assert (again.status_code, again.json()["seq"]) == (200, answer.json()["seq"])
            assert replies(other, headers, answer.json()["seq"])
    database = Database(database_url)
    query = select(TrackerEvent.sender_id, TrackerEvent.message_id).where(TrackerEvent.message_id.is_not(None))
    with database.reading() as session:
        handled = Counter(session.execute(query).tuples())
    database.dispose()
    assert max(handled.values()) == 1
    assert Counter(sender for sender, _ in handled) == {sender: 3 for sender, _ in handled}


def test_the_manifests_use_only_settings_that_exist() -> None:
    known = {setting.name for setting in SETTINGS}
    compose = yaml.safe_load((DEPLOY / "compose.yml").read_text())
    settings = yaml.safe_load((DEPLOY / "kubernetes" / "settings.yml").read_text())["data"]
    used = {name for name in [*compose["x-settings"], *settings] if name.startswith("PSOAS_")}
    assert used <= known


def test_only_the_proxy_and_the_desk_are_public() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yml").read_text())["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["caddy"]
    assert "public" not in services["assistant"].get("networks", [])
    assert "public" not in services["database"]["networks"]


@pytest.mark.parametrize("file", sorted((DEPLOY / "kubernetes").glob("*.yml")), ids=lambda file: file.name)
def test_every_manifest_names_its_kind(file: Path) -> None:
    for manifest in yaml.safe_load_all(file.read_text()):
        assert {"apiVersion", "kind"} <= set(manifest)
