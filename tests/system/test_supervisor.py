"""The supervisor: everything up, everything back after a crash, everything down, and nothing left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.running import ROOT, RunningSystem

NAMES = ("desk", "assistant", "actions")
MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def system(trained_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    system = RunningSystem(tmp_path_factory.mktemp("supervised") / "var", trained_model)
    system.start()
    yield system
    system.stop()


def restarted(system: RunningSystem, name: str, before: int) -> psutil.Process:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        process = system.process(name)
        if process is not None and process.pid != before:
            return process
        time.sleep(0.05)
    raise AssertionError(f"{name} was not started again:\n{system.tail()}")


@pytest.mark.parametrize("name", NAMES)
def test_a_killed_process_is_started_again(system: RunningSystem, name: str) -> None:
    process = system.process(name)
    assert process is not None
    assert system.kill(name)
    restarted(system, name, process.pid)
    system.wait_until_ready()


def test_it_announces_one_address(system: RunningSystem) -> None:
    announced: list[str] = []
    deadline = time.monotonic() + 20
    while not announced and time.monotonic() < deadline:  # the supervisor looks for itself whether all is ready
        time.sleep(0.1)
        announced = [line for line in system.log.read_text().splitlines() if "open http" in line]
    assert len(announced) == 1
    assert system.base_url in announced[0]


def test_a_taken_port_is_said_and_nothing_is_started(system: RunningSystem) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "bot.run"],
        cwd=ROOT,
        env={**os.environ, **system.environment},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert result.returncode != 0
    assert "PSOAS_PORT" in result.stderr


def test_the_desk_is_light_and_knows_no_rasa(system: RunningSystem) -> None:
    process = system.process("desk")
    assert process is not None
    maps = Path(f"/proc/{process.pid}/maps").read_text()
    assert "tensorflow" not in maps
    assert "/rasa/" not in maps
    assert process.memory_info().rss < 120 * MEGABYTE


def test_ctrl_c_stops_all_and_leaves_nothing(system: RunningSystem) -> None:
    processes = [system.process(name) for name in NAMES]
    assert system.stop() == 0
    assert not any(process is not None and process.is_running() for process in processes)
