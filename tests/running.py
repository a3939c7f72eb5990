"""The real system for tests: trained, supervised, on free ports, with a data folder of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import pytest

from bot.settings import Settings
from scripts.train import train

ROOT = Path(__file__).parent.parent
READY_SECONDS = 90.0
STOP_SECONDS = 20.0
MODULES = {"desk": "bot.serve", "assistant": "bot.assistant", "actions": "actions"}


def free_ports(count: int) -> list[int]:
    """Ports that nobody uses now, all different."""
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


@dataclass
class RunningSystem:
    """Desk, assistant and actions under the supervisor."""

    data: Path
    model: Path
    more: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        desk, assistant, actions = free_ports(3)
        self.base_url = f"http://127.0.0.1:{desk}"
        self.environment = {
            "PSOAS_PORT": str(desk),
            "PSOAS_ASSISTANT_PORT": str(assistant),
            "PSOAS_ACTIONS_PORT": str(actions),
            "PSOAS_BASE_URL": self.base_url,
            "PSOAS_DATA_DIR": str(self.data),
            "PSOAS_SECRET_KEY": "a key for tests",
            "PSOAS_RATE_LIMIT": "off",
            **self.more,
        }
        models = self.data / "models"
        models.mkdir(parents=True)
        (models / self.model.name).symlink_to(self.model)
        self.log = self.data / "run.log"
        self.supervisor: subprocess.Popen[bytes] | None = None

    @property
    def settings(self) -> Settings:
        """The settings that the processes run with."""
        return Settings.from_env(self.environment)

    def start(self) -> None:
        """Start, and wait until a conversation can be had."""
        with self.log.open("ab") as output:
            self.supervisor = subprocess.Popen(
                [sys.executable, "-m", "bot.run"],
                cwd=ROOT,
                env={**os.environ, **self.environment},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            self.wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def wait_until_ready(self) -> None:
        """Until every part says that it is ready."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            assert self.supervisor is not None
            assert self.supervisor.poll() is None, f"the supervisor ended:\n{self.tail()}"
            if self.is_ready():
                return
            time.sleep(0.2)
        raise AssertionError(f"not ready within {READY_SECONDS} s:\n{self.tail()}")

    def is_ready(self) -> bool:
        """True when /readyz says so."""
        try:
            return httpx.get(f"{self.base_url}/readyz", timeout=5, trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def process(self, name: str) -> psutil.Process | None:
        """The running process of this name: desk, assistant or actions."""
        assert self.supervisor is not None
        for child in psutil.Process(self.supervisor.pid).children():
            try:
                if MODULES[name] in child.cmdline():
                    return child
            except psutil.Error:
                continue
        return None

    def kill(self, name: str) -> bool:
        """kill -9; False when it is not running at this moment."""
        process = self.process(name)
        if process is None:
            return False
        process.kill()
        return True

    def stop(self) -> int:
        """Ctrl-C; the supervisor's exit status."""
        if self.supervisor is None or self.supervisor.poll() is not None:
            return 0
        self.supervisor.send_signal(signal.SIGINT)
        return self.supervisor.wait(STOP_SECONDS)

    def tail(self, lines: int = 40) -> str:
        """The end of the log."""
        told = [line for line in self.log.read_text(errors="replace").splitlines() if "/readyz" not in line]
        return "\n".join(told[-lines:])


@pytest.fixture(scope="session")
def trained_model() -> Path:
    """The assistant's model, as `make train` makes it; trained now if its sources changed."""
    data = Settings.from_env().data_dir
    return train(ROOT, data / "models", data / "logs" / "train.log")


@pytest.fixture(scope="session")
def running_system(trained_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    """The whole system, started once for all tests that only talk with it."""
    system = RunningSystem(tmp_path_factory.mktemp("system") / "var", trained_model)
    system.start()
    yield system
    system.stop()


@pytest.fixture(scope="session")
def desk(running_system: RunningSystem) -> Iterator[httpx.Client]:
    """The running system's public address."""
    with httpx.Client(base_url=running_system.base_url, timeout=30, trust_env=False) as client:
        yield client
