"""The console with 100,000 conversations and 3,000,000 messages, on SQLite and on PostgreSQL.

`python -m bench.console_scale [--only sqlite|postgresql] [--conversations N] [--keep FOLDER]` fills a database, runs
the desk on it, opens pages as a logged-in manager, lets patients say something dangerous, and prints milliseconds.
With `--keep`, a database that is in that folder already is measured as it is.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import mean, median
from typing import Any

import aiohttp
import pgserver
import psutil
from sqlalchemy import text, update

from bench.console_rows import COMMON, LONG_EVERY, TAGS, conversation_id, fill, vocabulary
from bench.measure import percentile
from bench.processes import free_port, running
from bot.console import accounts, sessions
from bot.console.access import COOKIE
from bot.console.queue import BANDS
from bot.settings import Settings
from bot.store import Database
from bot.store.models import ConversationReview, RetentionRun, utc_now
from tests.stub_assistant import GREETING, Lines, StubAssistant, serving

PAGES, WARM = 120, 10
EMERGENCIES = 20
MOST_SECONDS = 30.0
KINDS = ("sqlite", "postgresql")
ADVICE = "Call 911 now."
Address = tuple[str, dict[str, str]]


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=100_000)
    parser.add_argument("--only", choices=KINDS)
    parser.add_argument("--keep", type=Path)
    chosen = parser.parse_args()
    with ExitStack() as stack:
        folder = chosen.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="psoas-scale-")))
        # PostgreSQL refuses to run as root, and so must be able to reach its folder as somebody else.
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
        for kind in (chosen.only,) if chosen.only else KINDS:
            with _database(kind, folder) as (url, processes):
                _fill(url, chosen.conversations)
                asyncio.run(_measure(kind, url, folder, processes, _log_in(url)))


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[tuple[str, list[psutil.Process]]]:
    """The address of a database, and the processes of its server."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'psoas.db'}", []
        return
    data = folder / "postgresql"
    server = pgserver.get_server(data, cleanup_mode="stop")
    try:
        yield str(server.get_uri()), [psutil.Process(int((data / "postmaster.pid").read_text().split()[0]))]
    finally:
        server.cleanup()


def _fill(url: str, conversations: int) -> None:
    database = Database(url)
    database.migrate()
    with database.reading() as session:
        is_empty = session.scalar(text("SELECT 1 FROM conversations LIMIT 1")) is None
    if is_empty:
        began = time.perf_counter()
        fill(database, conversations)
        _say(f"{conversations} conversations written in {time.perf_counter() - began:.0f} s")
    database.dispose()


def _log_in(url: str) -> str:
    """The cookie of a manager. What is old is not erased while pages are measured: that was done just now."""
    database = Database(url)
    with database.session() as session:
        session.add(RetentionRun(at=utc_now(), by="bench", counts={}))
        # An earlier run's emergencies would push a new one off the first page: they are reviewed.
        seen = {"open": False, "band": len(BANDS) - 1, "reviewed_at": utc_now(), "recheck_at": None}
        session.execute(
            update(ConversationReview).where(ConversationReview.words.startswith("numb between")).values(**seen)
        )
        name = f"manager-{uuid.uuid4().hex[:8]}"
        account, _ = accounts.add(session, name, f"{name}@clinic.example", "manager")
        account.must_change, account.totp_secret = False, accounts.new_secret()
        session.flush()
        token = sessions.start(session, account, utc_now())
    database.dispose()
    return token


async def _measure(kind: str, url: str, folder: Path, processes: list[psutil.Process], token: str) -> None:
    port, stub_port = free_port(), free_port()
    variables = {
        "PSOAS_PORT": str(port),
        "PSOAS_BASE_URL": f"http://127.0.0.1:{port}",
        "PSOAS_DATABASE_URL": url,
        "PSOAS_DATA_DIR": str(folder),
        "PSOAS_SECRET_KEY": "a key for measuring",
        "PSOAS_RATE_LIMIT": "off",
        "PSOAS_ASSISTANT_URLS": f"http://127.0.0.1:{stub_port}",
    }
    base = variables["PSOAS_BASE_URL"]
    stub = StubAssistant(Settings.from_env(variables).assistant_secret, answer=_warns)
    with running(("-m", "bot.serve"), variables, folder / f"desk-{kind}.log", f"{base}/healthz") as (desk, _):
        async with serving(stub.app(), stub_port), aiohttp.ClientSession(base, cookies={COOKIE: token}) as client:
            _say(f"\n{kind}, load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, milliseconds")
            _say(f"| {'Page':<26} | Median |   p95 | Slowest | Processor | Lines |")
            _say(f"|{'-' * 28}|-------:|------:|--------:|----------:|------:|")
            for name, address in _pages(url).items():
                await _time_pages(client, name, address, [desk, *processes])
            _print("emergency on screen", [await _emergency(client) for _ in range(EMERGENCIES)])


def _pages(url: str) -> dict[str, Callable[[], Address]]:
    """Each kind of page, with an address of its own at every call."""
    chance = random.Random(11)  # noqa: S311 - which pages are opened
    words = vocabulary()
    database = Database(url)
    with database.reading() as session:
        number = session.scalar(text("SELECT count(*) FROM conversations")) or 0
        deep = [
            f"{band}~{since}~{id}".replace(" ", "T")
            for band, since, id in session.execute(
                text("SELECT band, since, conversation_id FROM conversation_reviews WHERE open LIMIT 2000")
            )
        ]
    database.dispose()
    long = [conversation_id(one) for one in range(0, number, LONG_EVERY)]
    usual = [conversation_id(one) for one in range(number) if one % LONG_EVERY]
    deep = [key if "+" in key else re.sub(r"~([\w-]+)$", r"+00:00~\1", key) for key in deep]

    def one_filter() -> dict[str, str]:
        return chance.choice(
            [
                {"band": chance.choice(BANDS)},
                {"channel": chance.choice(("webchat", "messenger")), "state": chance.choice(("open", "all"))},
                {"disposition": chance.choice(("emergency", "urgent", "self_care", "none")), "state": "all"},
                {"state": "reviewed", "verdict": chance.choice(("agree", "too_high", "too_low"))},
                {"tag": chance.choice(TAGS), "state": "all"},
                {"handler": "waiting"},
                {"holder": chance.choice(("nobody", "anybody"))},
                {"since": f"2026-{chance.randint(1, 10):02}-01", "until": f"2026-{chance.randint(1, 10):02}-20"},
                {"state": "all", "band": chance.choice(BANDS), "until": f"2026-{chance.randint(1, 10):02}-20"},
            ]
        )

    def search(*words: str, **more: str) -> Address:
        return "/staff/queue", {"q": " ".join(words), "state": "all", **more}

    return {
        "queue": lambda: ("/staff/queue", {}),
        "queue, lines alone": lambda: ("/staff/queue/lines", {}),
        "queue, filtered": lambda: ("/staff/queue", one_filter()),
        "queue, a deep page": lambda: ("/staff/queue", {"after": chance.choice(deep)}),
        "all, newest first": lambda: ("/staff/queue", {"state": "all"}),
        "search, a common word": lambda: search(chance.choice(COMMON)),
        "search, any word": lambda: search(chance.choice(words)),
        "search, two words": lambda: search(*chance.choices(words[:300], k=2)),
        "search, filtered": lambda: search(chance.choice(words[:300]), **one_filter()),
        "conversation, 26 messages": lambda: (f"/staff/conversations/{chance.choice(usual)}", {}),
        "conversation, 426 messages": lambda: (f"/staff/conversations/{chance.choice(long)}", {}),
    }


async def _time_pages(
    client: aiohttp.ClientSession, name: str, address: Callable[[], Address], processes: list[psutil.Process]
) -> None:
    for _ in range(WARM):
        await _open(client, address())
    used = _processor_seconds(processes)
    opened = [await _open(client, address()) for _ in range(PAGES)]
    used = (_processor_seconds(processes) - used) / PAGES
    _print(name, [took for took, _ in opened], f"{used * 1000:.1f}", f"{mean(lines for _, lines in opened):.0f}")


async def _open(client: aiohttp.ClientSession, address: Address) -> tuple[float, int]:
    """Seconds until all of the page is there, and how many lines or messages it shows."""
    path, query = address
    began = time.perf_counter()
    async with client.get(path, params=query, allow_redirects=False) as answer:
        page = await answer.text()
    took = time.perf_counter() - began
    if answer.status != 200:
        raise RuntimeError(f"{path} {query} answered {answer.status}")
    return took, page.count("data-line")


def _processor_seconds(processes: list[psutil.Process]) -> float:
    family = [one for process in processes for one in (process, *process.children(recursive=True))]
    return sum(sum(process.cpu_times()[:2]) for process in family)


def _warns(body: dict[str, Any]) -> Lines:
    """An assistant that finds an emergency in everything."""
    if body["kind"] == "event":
        return GREETING
    facts = {"saddle_change": "new_or_worse"}
    flag = {"id": "saddle", "assertion": "present", "facts": facts, "span": [0, 4], "text": body["text"]}
    decided = {"disposition": "emergency", "row": "E2", "matched_rows": ["E2"], "stretches": "none"}
    why = {"reasons": [{"row": "E2", "words": "because"}], "facts": facts, "hip_flexor": None, "content_version": "1"}
    return (
        {"type": "understood", "intent": "inform", "confidence": 0.9, "facts": facts, "flags": [flag]},
        {"type": "assessment", **decided, **why},
        {"type": "reply", "index": 0, "text": ADVICE, "safety": True},
        {"type": "done"},
    )


async def _emergency(client: aiohttp.ClientSession) -> float:
    """Seconds from the patient's message until the list that an open queue asks for shows the conversation."""
    async with client.post("/chat/sessions", json={}) as answer:
        session = await answer.json()
    headers = {"Authorization": f"Bearer {session['token']}"}
    endless = aiohttp.ClientTimeout(sock_read=MOST_SECONDS)
    words = "numb between my legs " + "".join(random.choices("abcdefghijk", k=12))  # noqa: S311 - only to find it again
    async with client.get("/staff/queue/events", timeout=endless) as stream:
        await anext(aiter(stream.content))  # the stream is open
        began = time.perf_counter()
        async with client.post(
            "/chat/messages", json={"id": str(uuid.uuid4()), "text": words}, headers=headers
        ) as sent:
            if sent.status >= 300:
                raise RuntimeError(f"the message was answered with {sent.status}")
        async for line in stream.content:
            if line.startswith(b"event: changed"):
                async with client.get("/staff/queue/lines", params={"band": "emergency"}) as lines:
                    if words in await lines.text():
                        return time.perf_counter() - began
    raise RuntimeError("the event stream ended")


def _print(name: str, seconds: list[float], processor: str = "", lines: str = "") -> None:
    times = [each * 1000 for each in seconds]
    _say(
        f"| {name:<26} | {median(times):6.1f} | {percentile(times, 95):5.1f} | {max(times):7.1f} | {processor:>9} |"
        f" {lines:>5} |"
    )


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
