"""`make demo`: plays 200 invented conversations through the real system, then opens the console on them."""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import httpx

from bot.clinic import load_clinic
from bot.run import is_ready
from bot.settings import Settings
from bot.store import Database
from scripts.demo.chats import Chat, MessengerChat, NoAnswer, WebChat
from scripts.demo.graph import messenger_settings, serve_graph
from scripts.demo.past import beginnings, move
from scripts.demo.people import Person, people
from scripts.demo.playing import play
from scripts.train import train

COUNT = 200
AT_ONCE = 4
READY_SECONDS = 120.0
STOP_SECONDS = 20.0
DONE = "filled"


def say(line: str, end: str = "\n") -> None:
    """One line on the terminal."""
    sys.stdout.write(line + end)
    sys.stdout.flush()


def free_ports(count: int) -> list[int]:
    """Ports that nobody uses now, all different."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(contextlib.closing(socket.socket())) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


@contextlib.contextmanager
def running(environment: dict[str, str], port: int, log: Path) -> Iterator[None]:
    """The whole system, supervised, until the end of the block."""
    with log.open("wb") as output:
        command = [sys.executable, "-m", "bot.run"]
        system = subprocess.Popen(command, env=environment, stdout=output, stderr=output)  # noqa: S603 - our own
    try:
        deadline = time.monotonic() + READY_SECONDS
        while not is_ready(port):
            if system.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"The system did not start; the log is {log}")
            time.sleep(0.3)
        yield
    finally:
        system.send_signal(signal.SIGINT)
        system.wait(STOP_SECONDS)


def fill(data: Path, model: Path, count: int) -> None:
    """Play `count` conversations into a new database in `data`."""
    models = data / "models"
    models.mkdir(parents=True)
    (models / model.name).symlink_to(model.resolve())
    graph = serve_graph()
    desk, assistant, actions = free_ports(3)
    environment = {
        **os.environ,
        **messenger_settings(graph.server_address[1]),
        "PSOAS_DATA_DIR": str(data),
        "PSOAS_PORT": str(desk),
        "PSOAS_ASSISTANT_PORT": str(assistant),
        "PSOAS_ACTIONS_PORT": str(actions),
        "PSOAS_BASE_URL": f"http://127.0.0.1:{desk}",
        "PSOAS_RATE_LIMIT": "off",
    }
    settings = Settings.from_env(environment)
    database = Database(settings.database_url)
    began = time.monotonic()
    say(f"==> Starting the system (log: {data / 'run.log'})")
    with running(environment, desk, data / "run.log"):
        say(f"==> Playing {count} invented conversations; this takes a few minutes")
        played = _play_all(people(count), settings.base_url, database)
    graph.shutdown()
    zone = load_clinic(settings.clinic_file).zone
    draw = random.Random(count)  # noqa: S311 - a demonstration, the same every time
    begins = beginnings(len(played), datetime.now(zone), draw)
    for begin, (_, conversation_id) in zip(begins, played, strict=True):
        with database.session() as session:
            move(session, conversation_id, begin, draw)
    database.dispose()
    (data / DONE).touch()
    say(f"    {len(played)} conversations in {time.monotonic() - began:.0f} s")


def _play_all(everybody: list[Person], url: str, database: Database) -> list[tuple[Person, str]]:
    """Play several at once; each person with the id of their conversation, in the order of people."""
    done = threading.Semaphore(0)

    def one(person: Person) -> tuple[Person, str]:
        with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
            chat: Chat
            if person.channel == "webchat" or person.opening is None:
                chat = WebChat(client).open()
            else:
                chat = MessengerChat(client, database, str(7_000_000_000 + person.number))
            with contextlib.suppress(NoAnswer):
                play(person, chat)
            done.release()
            return person, chat.conversation

    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = [pool.submit(one, person) for person in everybody]
        for number in range(1, len(everybody) + 1):
            done.acquire()
            if sys.stdout.isatty():
                say(f"\r    {number} of {len(everybody)}", end="")
            elif number % 50 == 0:
                say(f"    {number} of {len(everybody)}")
    say("")
    return [(person, conversation) for person, conversation in (result.result() for result in results) if conversation]


def main() -> None:
    """Fill the demonstration's own folder if that was not done yet, and serve it."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT, help=f"how many conversations; default {COUNT}")
    parser.add_argument("--fill-only", action="store_true", help="do not serve it afterwards")
    parser.add_argument("--data", type=Path, help="folder of the demonstration; default: demo in the data directory")
    chosen = parser.parse_args()
    usual = Settings.from_env().data_dir
    data: Path = (chosen.data or usual / "demo").resolve()
    model = train(Path.cwd(), usual / "models", usual / "logs" / "train.log")
    if (data / DONE).exists():
        say(f"==> The demonstration in {data} is there already; delete the folder to play it anew")
    elif data.exists():
        sys.exit(f"{data} is only half filled: delete it and run this again")
    else:
        fill(data, model, chosen.count)
    if not chosen.fill_only:
        os.environ["PSOAS_DATA_DIR"] = str(data)
        os.execv(sys.executable, [sys.executable, "-m", "bot.run"])  # noqa: S606 - the system itself


if __name__ == "__main__":
    main()
