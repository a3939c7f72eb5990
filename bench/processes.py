"""Starting, watching and stopping the processes that are measured."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

READY_SECONDS = 600.0
STOP_SECONDS = 20.0
QUIET = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore"}


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    arguments: Sequence[str], environment: dict[str, str], log: Path, ready: str
) -> Iterator[tuple[psutil.Process, float]]:
    """A Python process and the seconds until the address `ready` answered 200; stopped at the end.

    Raises RuntimeError, with the end of its log, when it does not get ready.
    """
    began = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own commands, no shell
            [sys.executable, *arguments],
            env={**os.environ, **QUIET, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(process, ready, log)
        yield psutil.Process(process.pid), time.monotonic() - began
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], ready: str, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(ready, timeout=5, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    end = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
    raise RuntimeError(f"{ready} did not answer; the end of {log}:\n{end}")


def memory_mb(process: psutil.Process) -> float:
    """Memory of one process in MB, with shared pages divided among those who share them (PSS)."""
    return float(process.memory_full_info().pss) / (1 << 20)
