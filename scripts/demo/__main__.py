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
from scripts.demo import team
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
LATELY_SEEN = ("looks", "desk", "person", "leg", "numb_toes", "saddle", "person", "crisis", "months")


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
    say("==> Giving them the times of the last weeks, and letting the team work on them")
    clinic, draw = load_clinic(settings.clinic_file), random.Random(count)  # noqa: S311 - the same every time
    now = datetime.now(clinic.zone)
    with database.session() as session:
        team.hire(session)
        team.forget_derived(session)
        begins, played = beginnings(len(played), now, draw), latest_last(played)
        for number, (begin, (_, conversation_id)) in enumerate(zip(begins, played, strict=True)):
            if begin < now - team.LATELY:
                team.answer(session, conversation_id, number)
            move(session, conversation_id, begin, draw)
        session.flush()
        team.look_back(session, settings, clinic, now, draw)
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


def latest_last(played: list[tuple[Person, str]]) -> list[tuple[Person, str]]:
    """Those of the last hours at the end: some of each kind that the team must see now."""
    latest = []
    for kind in LATELY_SEEN:
        found = next((one for one in played if one[0].kind == kind and one not in latest), None)
        latest += [found] if found else []
    return [one for one in played if one not in latest] + latest


def show_log_in(settings: Settings) -> None:
    """Say how to get into the console; a code is good for half a minute."""
    database = Database(settings.database_url)
    with database.reading() as session:
        codes = team.codes(session)
    database.dispose()
    say(f"==> The console is at {settings.base_url}/staff. Everybody's password: {team.PASSWORD}")
    for name, role, code in codes:
        say(f"    {name:8} {role:10} code now {code}")
    say("    New codes, in another terminal: make demo-code")


def main() -> None:
    """Fill the demonstration's own folder if that was not done yet, and serve it."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT, help=f"how many conversations; default {COUNT}")
    parser.add_argument("--code", action="store_true", help="only say how to log in, with the codes of this minute")
    parser.add_argument("--fill-only", action="store_true", help="do not serve it afterwards")
    parser.add_argument("--data", type=Path, help="folder of the demonstration; default: demo in the data directory")
    chosen = parser.parse_args()
    usual = Settings.from_env().data_dir
    data: Path = (chosen.data or usual / "demo").resolve()
    if not chosen.code:
        _prepare(data, usual, chosen.count)
    elif not (data / DONE).exists():
        sys.exit("There is no demonstration yet: make demo")
    os.environ["PSOAS_DATA_DIR"] = str(data)
    show_log_in(Settings.from_env())
    if not chosen.fill_only and not chosen.code:
        os.execv(sys.executable, [sys.executable, "-m", "bot.run"])  # noqa: S606 - the system itself


def _prepare(data: Path, usual: Path, count: int) -> None:
    """Fill the folder, unless it is filled already."""
    model = train(Path.cwd(), usual / "models", usual / "logs" / "train.log")
    if (data / DONE).exists():
        say(f"==> The demonstration in {data} is there already; delete the folder to play it anew")
    elif data.exists():
        sys.exit(f"{data} is only half filled: delete it and run this again")
    else:
        fill(data, model, count)


if __name__ == "__main__":
    main()
