"""A storm on the Messenger channel: `python -m bench.messenger_storm [PEOPLE] [FIRST_PORT]`.

Each person sends five messages, a fifth of all calls to the fake Graph API fails, and the desk is killed once with
`kill -9` in the middle. Every message must be answered once, in order. Meta's side is played with its repeats:
a notification that was not answered with 200 is sent again, and so is every echo.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from bench.measure import percentile
from bot.settings import Settings
from tests.fake_graph import PAGE, SECRET, TOKEN, FakeGraph, at_random, words_of
from tests.stub_assistant import StubAssistant, serving

MESSAGES = 5
AT_ONCE = 24
FAULTS = 0.2
QUIET_SECONDS = 600.0
WINDOW_MS = 1_790_000_000_000


@dataclass
class Meta:
    """Posts notifications until they are taken, and times those that the desk answered."""

    http: httpx.AsyncClient
    seconds: list[float] = field(default_factory=list)

    async def notify(self, event: dict[str, Any]) -> None:
        """One event, until it was answered with 200."""
        body = json.dumps({"object": "page", "entry": [{"id": PAGE, "time": 1, "messaging": [event]}]}).encode()
        signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        while True:
            began = time.perf_counter()
            try:
                answer = await self.http.post(
                    "/messenger/webhook", content=body, headers={"X-Hub-Signature-256": signature}
                )
            except httpx.TransportError:
                await asyncio.sleep(0.3)
                continue
            if answer.status_code == 200:
                self.seconds.append(time.perf_counter() - began)
                return
            await asyncio.sleep(0.3)


def desk_milliseconds(log: Path) -> list[float]:
    """What the desk's own log says of its webhook."""
    lines = [json.loads(line) for line in log.read_text(errors="replace").splitlines() if line.startswith("{")]
    return [float(line["ms"]) for line in lines if line.get("area") == "/messenger"]


def start(environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    """A desk."""
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "bot.serve"], env={**os.environ, **environment}, stdout=output, stderr=output
        )


async def until_alive(http: httpx.AsyncClient) -> None:
    """Until the desk answers."""
    while True:
        try:
            if (await http.get("/healthz")).status_code == 200:
                return
        except httpx.TransportError:
            await asyncio.sleep(0.1)


def answers(graph: FakeGraph, person: str) -> list[str]:
    """What was answered to this person, in order."""
    texts = [words_of(body["message"]) for body in graph.taken[person]]
    return [text.removeprefix("You wrote: ") for text in texts if text.startswith("You wrote: ")]


async def storm(people: int, port: int, folder: Path) -> dict[str, float]:
    """Run it; gives what was measured. Raises RuntimeError if a message was lost, doubled or out of order."""
    environment = {
        "PSOAS_PORT": str(port),
        "PSOAS_ASSISTANT_PORT": str(port + 1),
        "PSOAS_DATA_DIR": str(folder / "var"),
        "PSOAS_SECRET_KEY": "a key for measuring",
        "PSOAS_RATE_LIMIT": "off",
        "PSOAS_MESSENGER_VERIFY_TOKEN": "verify-me",
        "PSOAS_MESSENGER_APP_SECRET": SECRET,
        "PSOAS_MESSENGER_PAGE_TOKEN": TOKEN,
        "PSOAS_MESSENGER_PAGE_ID": PAGE,
        "PSOAS_MESSENGER_GRAPH_URL": f"http://127.0.0.1:{port + 2}",
        "PSOAS_MESSENGER_MODE": "full",
    }
    stub = StubAssistant(Settings.from_env(environment).assistant_secret)
    graph = FakeGraph(faults=at_random(11, FAULTS))
    log = folder / "desk.log"
    # Room for the echoes too: a wait for a connection of ours is not the desk's.
    limits = httpx.Limits(max_connections=256)
    async with (
        serving(stub.app(), port + 1),
        serving(graph.app(), port + 2),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30, limits=limits, trust_env=False) as http,
    ):
        meta, echoes = Meta(http), set[asyncio.Task[None]]()

        def echo(event: dict[str, Any]) -> None:
            task = asyncio.create_task(meta.notify(event))
            echoes.add(task)
            task.add_done_callback(echoes.discard)

        graph.echo = echo
        names = [str(900_000 + number) for number in range(people)]
        desk = start(environment, log)
        try:
            await until_alive(http)
            began = time.monotonic()
            desk = await _send_and_kill(meta, names, desk, lambda: start(environment, log))
            sent = time.monotonic() - began
            while any(len(answers(graph, name)) < MESSAGES for name in names):
                if time.monotonic() - began > QUIET_SECONDS:
                    raise RuntimeError(_missing(graph, names))
                await asyncio.sleep(0.5)
            took = time.monotonic() - began
            await asyncio.sleep(5.0)
        finally:
            desk.send_signal(signal.SIGINT)
            desk.wait(20)
        expected = [f"number {number}, please" for number in range(MESSAGES)]
        wrong = [name for name in names if answers(graph, name) != expected]
        if wrong:
            raise RuntimeError(f"{len(wrong)} conversations are wrong, such as {answers(graph, wrong[0])}")
        if graph.refused:
            raise RuntimeError(f"Meta's limits were broken: {Counter(graph.refused)}")
        calls = len([call for call in graph.calls if "message" in call])
        return {
            "people": people,
            "seconds to send": sent,
            "seconds until all was answered": took,
            "send calls": calls,
            "webhook p50 ms": percentile(meta.seconds, 50) * 1000,
            "webhook p99 ms": percentile(meta.seconds, 99) * 1000,
            "webhook max ms": max(meta.seconds) * 1000,
            "webhook p99 ms, as the desk saw it": percentile(desk_milliseconds(log), 99),
        }


async def _send_and_kill(
    meta: Meta, names: list[str], desk: subprocess.Popen[bytes], restart: Any
) -> subprocess.Popen[bytes]:
    """All messages, each person's one after another; the desk is killed when half of them are sent."""
    gate, killed = asyncio.Semaphore(AT_ONCE), [desk]

    async def one(name: str, number: int) -> None:
        async with gate:
            message = {"mid": f"m_{name}_{number}", "text": f"number {number}, please"}
            await meta.notify(
                {"sender": {"id": name}, "recipient": {"id": PAGE}, "timestamp": WINDOW_MS + number, "message": message}
            )

    for number in range(MESSAGES):
        if number == MESSAGES // 2:
            killed[0].kill()
            killed[0].wait()
            killed[0] = restart()
        await asyncio.gather(*(one(name, number) for name in names))
    return killed[0]


def _missing(graph: FakeGraph, names: list[str]) -> str:
    left = sum(MESSAGES - len(answers(graph, name)) for name in names)
    return f"{left} messages were never answered"


def main() -> None:
    """Print what was measured."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    port = int(sys.argv[2]) if len(sys.argv) > 2 else 5500
    with tempfile.TemporaryDirectory() as folder:
        for name, value in asyncio.run(storm(people, port, Path(folder))).items():
            sys.stdout.write(f"{name:>36}  {value:,.1f}\n")


if __name__ == "__main__":
    main()
