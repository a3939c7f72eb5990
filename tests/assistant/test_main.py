"""The assistant as a process: light, private, quiet about patients, and clear when something is missing."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.settings import Settings

WORDS = "a sore zebra since the gala"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return {
        "PSOAS_DATA_DIR": str(tmp_path_factory.mktemp("data")),
        "PSOAS_ASSISTANT_PORT": str(free_port()),
        "PSOAS_ACTIONS_PORT": str(free_port()),
        "PSOAS_SECRET_KEY": "a key for tests",
    }


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("log") / "assistant.log"


@pytest.fixture(scope="module")
def process(small_model: Path, environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot.assistant", "--model", str(small_model)],
            env={**os.environ, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    yield process
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0


@pytest.fixture(scope="module")
def client(process: subprocess.Popen[bytes], environment: dict[str, str]) -> Iterator[httpx.Client]:
    base = f"http://127.0.0.1:{environment['PSOAS_ASSISTANT_PORT']}"
    deadline = time.monotonic() + 60
    with httpx.Client(base_url=base, timeout=30, trust_env=False) as client:
        while time.monotonic() < deadline:
            assert process.poll() is None, "the assistant ended"
            try:
                if client.get("/webhooks/psoas/").json()["ready"]:
                    break
            except httpx.TransportError:
                time.sleep(0.2)
        yield client


def test_it_answers_the_desk_without_tensorflow(
    client: httpx.Client, process: subprocess.Popen[bytes], environment: dict[str, str]
) -> None:
    secret = Settings.from_env(environment).assistant_secret
    body = {"conversation": "c-1", "message": "m-1", "channel": "webchat", "kind": "text", "text": "hello"}
    answer = client.post("/webhooks/psoas/messages", json=body, headers={"Authorization": f"Bearer {secret}"})
    assert answer.text.splitlines()[-1] == '{"type":"done"}'
    assert "tensorflow" not in Path(f"/proc/{process.pid}/maps").read_text()


def test_rasas_own_addresses_need_the_token(client: httpx.Client, environment: dict[str, str]) -> None:
    token = Settings.from_env(environment).assistant_secret
    assert client.post("/model/parse", json={"text": "hello"}).status_code == 401
    assert client.post("/model/parse?token=wrong", json={"text": "hello"}).status_code == 401
    parsed = client.post(f"/model/parse?token={token}", json={"text": "hello"}).json()
    assert parsed["intent"]["name"] == "greet"


def test_it_listens_on_loopback_only(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    port = client.base_url.port
    listening = [
        fields[1]
        for fields in (line.split() for line in Path(f"/proc/{process.pid}/net/tcp").read_text().splitlines()[1:])
        if fields[3] == "0A" and int(fields[1].split(":")[1], 16) == port
    ]
    assert [address.split(":")[0] for address in listening] == ["0100007F"]


@pytest.mark.parametrize("text", [WORDS, f"/restart {WORDS}", f'/inform{{"severity": "{WORDS}"', f"/{WORDS}"])
def test_its_log_holds_nothing_that_patients_write(
    client: httpx.Client, environment: dict[str, str], log: Path, text: str
) -> None:
    secret = Settings.from_env(environment).assistant_secret
    body = {"conversation": "c-2", "message": uuid.uuid4().hex, "channel": "webchat", "kind": "text", "text": text}
    client.post("/webhooks/psoas/messages", json=body, headers={"Authorization": f"Bearer {secret}"})
    failing = {**body, "kind": "value", "value": 3, "questions": ["severity"], "message": uuid.uuid4().hex}
    answer = client.post("/webhooks/psoas/messages", json=failing, headers={"Authorization": f"Bearer {secret}"})
    assert answer.text.splitlines()[-1] == '{"type":"error","code":"busy"}'  # there is no action server
    written = log.read_text()
    assert "not handled (busy)" in written
    assert "zebra" not in written


def test_without_a_model_it_says_what_to_do(tmp_path: Path) -> None:
    environment = {**os.environ, "PSOAS_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "bot.assistant"]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert result.returncode != 0
    assert "make train" in result.stderr


def test_with_a_broken_model_it_ends_so_that_it_can_be_started_again(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(b"not a model")
    variables = {**os.environ, **environment, "PSOAS_ASSISTANT_PORT": str(free_port())}
    command = [sys.executable, "-m", "bot.assistant", "--model", str(broken)]
    result = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=120)
    assert result.returncode == 1
    assert "could not be loaded" in result.stderr
