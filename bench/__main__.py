"""Runs all measurements and prints the table; `make bench` calls it."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import aiohttp
import psutil

from bench.measure import AT_ONCE, WINDOWS, growing_conversations, p50, percentile, post_to_202, throughput
from bench.patients import TURN_SECONDS, AssistantPatient, DeskPatient, Patient, StockPatient
from bench.processes import free_port, memory_mb, running
from bench.stock import ENDPOINTS, train, train_stock
from bot.settings import Settings
from scripts.train import train as train_ours

ROOT = Path(__file__).parent.parent
CONVERSATIONS = 2
NAMES = {"bot.serve": "desk", "bot.assistant": "assistant", "actions": "actions", "bot.run": "supervisor"}


Row: TypeAlias = "tuple[str, float, float | None, str]"  # name, ours, stock, unit


@dataclass
class Started:
    """A running system: where it is reached, how long it took to start, and its processes by name."""

    settings: Settings
    url: str
    seconds: float
    processes: dict[str, psutil.Process]
    actions: psutil.Process

    def processor_seconds(self) -> float:
        """The processor time that all processes have used."""
        running = {*self.processes.values(), self.actions}
        return sum(sum(process.cpu_times()[:2]) for process in running)


def say(text: str) -> None:
    """Progress, on standard error."""
    sys.stderr.write(f"==> {text}\n")
    sys.stderr.flush()


def environment(data: Path, **more: str) -> dict[str, str]:
    """Settings of their own for what is measured."""
    port = free_port()
    return {
        "PSOAS_PORT": str(port),
        "PSOAS_ASSISTANT_PORT": str(free_port()),
        "PSOAS_ACTIONS_PORT": str(free_port()),
        "PSOAS_BASE_URL": f"http://127.0.0.1:{port}",
        "PSOAS_DATA_DIR": str(data),
        "PSOAS_SECRET_KEY": "a key for measuring",
        "PSOAS_RATE_LIMIT": "off",
        **more,
    }


@contextmanager
def our_system(model: Path, folder: Path) -> Iterator[Started]:
    """Desk, assistant and actions, as `make run` starts them."""
    (folder / "ours" / "models").mkdir(parents=True)
    (folder / "ours" / "models" / model.name).symlink_to(model)
    variables = environment(folder / "ours")
    url = variables["PSOAS_BASE_URL"]
    with running(("-m", "bot.run"), variables, folder / "ours.log", f"{url}/readyz") as (supervisor, seconds):
        processes = {"supervisor": supervisor}
        for child in supervisor.children():
            processes[NAMES[child.cmdline()[2]]] = child
        yield Started(Settings.from_env(variables), url, seconds, processes, processes["actions"])


@contextmanager
def stock_system(model: Path, folder: Path) -> Iterator[Started]:
    """A stock Rasa with its REST channel, and our action server for it alone."""
    variables = environment(folder / "stock")
    actions = int(variables["PSOAS_ACTIONS_PORT"])
    (folder / "endpoints.yml").write_text(ENDPOINTS.format(port=actions), encoding="utf-8")
    (folder / "credentials.yml").write_text("rest:\n", encoding="utf-8")
    port = free_port()
    arguments = ["-m", "rasa", "run", "--model", str(model), "--port", str(port), "-i", "127.0.0.1"]
    arguments += ["--endpoints", str(folder / "endpoints.yml"), "--credentials", str(folder / "credentials.yml")]
    url = f"http://127.0.0.1:{port}"
    health = f"http://127.0.0.1:{actions}/health"
    with (
        running(("-m", "actions"), variables, folder / "stock-actions.log", health) as (action_server, _),
        running(arguments, variables, folder / "stock.log", f"{url}/webhooks/rest/") as (rasa, seconds),
    ):
        yield Started(Settings.from_env(variables), url, seconds, {"stock Rasa": rasa}, action_server)


def _client(url: str, headers: dict[str, str] | None = None) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        url,
        headers=headers,
        timeout=aiohttp.ClientTimeout(TURN_SECONDS),
        connector=aiohttp.TCPConnector(limit=0),
        raise_for_status=True,
    )


async def measure(ours: Started, stock: Started) -> list[Row]:
    """All rows that compare the two: name, ours, stock, unit."""
    secret = {"Authorization": f"Bearer {ours.settings.assistant_secret}"}
    assistant = f"http://127.0.0.1:{ours.settings.assistant_port}"
    rows: list[Row] = []
    async with (
        _client(ours.url) as desk,
        _client(assistant, secret) as private,
        _client(stock.url) as rest,
    ):
        makers: dict[str, Callable[[], Patient]] = {
            "desk": lambda: DeskPatient(desk),
            "assistant": lambda: AssistantPatient(private),
            "stock": lambda: StockPatient(rest),
        }
        processor = {
            "desk": ours.processor_seconds,
            "assistant": ours.processor_seconds,
            "stock": stock.processor_seconds,
        }
        say(f"{CONVERSATIONS} conversations of 200 turns with each")
        found = await growing_conversations(makers, CONVERSATIONS)
        for first, last in WINDOWS:
            other = found["stock"].window(first, last)
            for name, title in (("desk", "whole system"), ("assistant", "assistant alone")):
                own = found[name].window(first, last)
                rows.append((f"turns {first}-{last}, {title}, p50", p50(own), p50(other), "ms"))
                rows.append((f"turns {first}-{last}, {title}, p95", percentile(own, 95), percentile(other, 95), "ms"))
        for at_once in AT_ONCE:
            say(f"turns a second, {at_once} at once")
            load = await throughput(makers, at_once, processor)
            theirs = load["stock"]
            for name, title in (("desk", "whole system"), ("assistant", "assistant alone")):
                mine = load[name]
                rows.append((f"{at_once} conversations at once, {title}", mine.rate, theirs.rate, "turns/s"))
                rows.append(
                    (f"{at_once} at once, processor, {title}", mine.processor_ms, theirs.processor_ms, "ms/turn")
                )
    return rows


async def measure_desk(folder: Path) -> list[Row]:
    """The desk alone, with a stub that speaks the private protocol."""
    stub = free_port()
    variables = environment(folder / "desk", PSOAS_ASSISTANT_URLS=f"http://127.0.0.1:{stub}")
    settings = Settings.from_env(variables)
    url = variables["PSOAS_BASE_URL"]
    stub_arguments = ("-m", "tests.stub_assistant", str(stub), settings.assistant_secret)
    with (
        running(stub_arguments, {}, folder / "stub.log", f"http://127.0.0.1:{stub}/webhooks/psoas/"),
        running(("-m", "bot.serve"), variables, folder / "desk.log", f"{url}/healthz") as (process, seconds),
    ):
        async with _client(url) as client:
            took = await post_to_202(client, 8)
        return [
            ("desk alone, POST to 202, 8 at once, p50", p50(took), None, "ms"),
            ("desk alone, POST to 202, 8 at once, p95", percentile(took, 95), None, "ms"),
            ("desk alone, start", seconds, None, "s"),
            ("desk alone, memory", memory_mb(process), None, "MB"),
        ]


def print_table(rows: list[Row]) -> None:
    """Ours, stock and how many times better ours is."""
    out = sys.stdout.write
    out(f"\n| {'':<52} | {'ours':>10} | {'stock':>10} | unit    | ours is |\n|{'-' * 54}|{'-' * 11}:|")
    out(f"{'-' * 11}:|---------|---------|\n")
    for name, mine, other, unit in rows:
        ratio = ""
        if other is not None and mine and other:
            better = mine / other if unit == "turns/s" else other / mine
            ratio = f"{better:.1f} x"
        shown = f"{other:.1f}" if other is not None else ""
        out(f"| {name:<52} | {mine:>10.1f} | {shown:>10} | {unit:<7} | {ratio:>7} |\n")
    out("\n`ours is` says how many times faster, or smaller, ours is than stock.\n")


def main() -> None:
    """Train both, run both, and print the table."""
    began = time.monotonic()
    data = Settings.from_env().data_dir
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="psoas-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        say("Training ours")
        ours_took = train(ROOT, ROOT / "config.yml", folder / "timed.tar.gz")
        model = train_ours(ROOT, data / "models", data / "logs" / "train.log")
        say("Training the stock Rasa (the first time, and when the training data changed: 10 to 20 minutes)")
        stock_model, stock_took = train_stock(ROOT, data / "bench")
        rows += asyncio.run(measure_desk(folder))
        say("Starting both")
        ours = stack.enter_context(our_system(model, folder))
        stock = stack.enter_context(stock_system(stock_model, folder))
        rows = asyncio.run(measure(ours, stock)) + rows
        used = {name: memory_mb(process) for name, process in ours.processes.items()}
        stock_used = memory_mb(stock.processes["stock Rasa"])
        rows.append(("memory, all our processes", sum(used.values()), stock_used, "MB"))
        rows += [(f"memory, {name}", mb, None, "MB") for name, mb in sorted(used.items())]
        rows.append(("start, until a conversation can be had", ours.seconds, stock.seconds, "s"))
        rows.append(("training, from nothing", ours_took, stock_took, "s"))
    print_table(rows)
    say(f"measured in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
