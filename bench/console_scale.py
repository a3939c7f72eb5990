"""The console with 100,000 conversations and 3,000,000 messages, on SQLite and on PostgreSQL.

`python -m bench.console_scale [--conversations N] [--only sqlite|postgresql]` fills a database in a folder of its own,
opens pages as a logged-in manager, and prints the median, p95 and slowest time of each kind of page, in milliseconds.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from sqlalchemy import Table, insert, select, text

from bot.console.queue import BANDS
from bot.store import Database
from bot.store.models import Assessment, Base, Conversation, ConversationReview, Message
from tests.console.conftest import open_site
from tests.console.site import Browser
from tests.postgres import Postgres

MESSAGES_EACH = 30
PAGES = 120
START = datetime(2026, 1, 1, tzinfo=timezone.utc)
Page = Callable[[], "tuple[str, dict[str, str]]"]
CHUNK = 2000
WORDS = Path(__file__).parent.parent / "bot" / "knowledge" / "lexicon"
COMMON = (
    "pain",
    "back",
    "leg",
    "sitting",
    "hip",
    "stiff",
    "morning",
    "walk",
    "sleep",
    "chair",
    "work",
    "better",
    "week",
)


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=100_000)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    chosen = parser.parse_args()
    for kind in ("sqlite", "postgresql"):
        if chosen.only in (None, kind):
            with _database(kind) as (url, folder):
                _fill(url, chosen.conversations)
                _measure(kind, url, folder)


@contextmanager
def _database(kind: str) -> Iterator[tuple[str, Path]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if kind == "sqlite":
            url = f"sqlite:///{folder / 'psoas.db'}"
            database = Database(url)
            database.migrate()
            database.dispose()
            yield url, folder
            return
        server = Postgres()
        try:
            yield server.new_database(), folder
        finally:
            server.stop()


def _vocabulary() -> list[str]:
    """Words as patients use them, the common ones first."""
    found: dict[str, None] = dict.fromkeys(COMMON)
    for file in sorted(WORDS.rglob("*.yml")):
        found.update(dict.fromkeys(word.lower() for word in file.read_text(encoding="utf-8").split() if word.isalpha()))
    return list(found)


def _fill(url: str, conversations: int) -> None:
    begun = time.perf_counter()
    database = Database(url)
    if database.is_sqlite:
        _fill_by_rows(database, conversations)
    else:
        _fill_on_server(database, conversations)
    with database.engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    database.dispose()
    print(f"filled {conversations} conversations in {time.perf_counter() - begun:.0f} s", flush=True)  # noqa: T201


def _fill_by_rows(database: Database, conversations: int) -> None:
    chance = random.Random(7)  # noqa: S311 - invented patients
    words = _vocabulary()
    weights = [1 / (rank + 1) for rank in range(len(words))]
    for first in range(0, conversations, CHUNK):
        numbers = range(first, min(first + CHUNK, conversations))
        with database.session() as session:
            for model, columns in _rows(numbers, chance, words, weights).items():
                session.execute(insert(_table(model)), columns)


# The same on PostgreSQL, made where it is stored: `:each` messages for each of `:most` conversations.
ON_SERVER = (
    "DROP INDEX ix_messages_words",
    """
    INSERT INTO conversations (id, channel, created_at, updated_at, last_patient_at, last_seq, handler, disposition,
                               "row", stage, token_epoch, details)
    SELECT lpad(to_hex(n), 32, '0'), CASE n % 5 WHEN 0 THEN 'messenger' ELSE 'webchat' END, at, at + each,
           at + each, :each, 'assistant', 'self_care', 'S1', 'result', 0, '{}'
    FROM (SELECT n, timestamptz '2026-01-01' + n * interval '4 minutes' AS at, :each * interval '1 minute' AS each
          FROM generate_series(0, :most - 1) AS n) AS made
    """,
    """
    INSERT INTO messages (conversation_id, seq, author, at, kind, text, payload, understood, status, attempts)
    SELECT c.id, seq, CASE seq % 2 WHEN 0 THEN 'patient' ELSE 'assistant' END, c.created_at + seq * interval '1 minute',
           'text', CASE seq % 2 WHEN 0 THEN
               (SELECT string_agg((CAST(:words AS text[]))[floor(cardinality(CAST(:words AS text[])) ^ random())], ' ')
                FROM generate_series(1, 9) WHERE seq > 0 AND c.id IS NOT NULL)
           ELSE 'And for how long?' END,
           '{}', CASE seq % 2 WHEN 0 THEN CAST(:understood AS jsonb) END,
           CASE seq % 2 WHEN 0 THEN 'answered' ELSE 'delivered' END, 0
    FROM conversations AS c CROSS JOIN generate_series(1, :each) AS seq
    """,
    """
    INSERT INTO assessments (conversation_id, position, at, disposition, "row", matched_rows, stretches, reasons, facts,
                             content_version)
    SELECT id, 0, updated_at, disposition, "row", '["S1"]', 'gentle', '[{"row": "S1", "words": "because"}]',
           '{"age": 50, "severity": 5}', '1' FROM conversations
    """,
    """
    INSERT INTO conversation_reviews (conversation_id, as_of, channel, last_at, band, since, open, rule, reason, words,
                                      told, handler, disposition, verdict_why, reviewed_at)
    SELECT id, updated_at, channel, updated_at, CASE WHEN luck < 0.14 THEN floor(luck * 50) ELSE 7 END, created_at,
           shown, "row", 'because', 'stiff after sitting', true, handler, disposition, '',
           CASE WHEN NOT shown THEN updated_at END
    FROM (SELECT *, random() AS luck, random() < 0.8 AS shown FROM conversations) AS made
    """,
    """
    CREATE INDEX ix_messages_words ON messages USING gin (to_tsvector(CAST('english' AS regconfig), text))
    WHERE author IN ('patient', 'staff')
    """,
)


def _fill_on_server(database: Database, conversations: int) -> None:
    understood = json.dumps({"intent": "inform", "confidence": 0.8, "facts": {"severity": 5}, "flags": []})
    values = {"most": conversations, "each": MESSAGES_EACH, "words": _vocabulary(), "understood": understood}
    with database.engine.begin() as connection:
        for statement in ON_SERVER:
            connection.execute(text(statement), {name: values[name] for name in values if f":{name}" in statement})


def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101 - every model here has one table
    return table


def _rows(
    numbers: range, chance: random.Random, words: list[str], weights: list[float]
) -> dict[type[Base], list[dict[str, Any]]]:
    rows: dict[type[Base], list[dict[str, Any]]] = {
        Conversation: [], Message: [], Assessment: [], ConversationReview: []
    }  # fmt: skip
    for number in numbers:
        id, at = f"{number:032x}", START + timedelta(minutes=4 * number)
        last = at + timedelta(minutes=MESSAGES_EACH)
        channel = "messenger" if number % 5 == 0 else "webchat"
        band = chance.choices(range(len(BANDS)), (1, 2, 1, 1, 2, 1, 6, 86))[0]
        disposition, row = ("emergency", "E2") if band == 0 else ("urgent", "U3") if band == 1 else ("self_care", "S1")
        rows[Conversation].append(
            {"id": id, "channel": channel, "created_at": at, "updated_at": last, "last_seq": MESSAGES_EACH,
             "disposition": disposition, "row": row, "last_patient_at": last, "stage": "result"}
        )  # fmt: skip
        said = " ".join(chance.choices(words, weights, k=9))
        for seq in range(1, MESSAGES_EACH + 1):
            is_patient = seq % 2 == 0
            rows[Message].append(
                {"conversation_id": id, "seq": seq, "author": "patient" if is_patient else "assistant",
                 "at": at + timedelta(minutes=seq), "status": "answered" if is_patient else "delivered",
                 "text": " ".join(chance.choices(words, weights, k=9)) if is_patient else "And for how long?",
                 "payload": {} if is_patient else {"ask": {"questions": ["duration"], "kind": "text"}},
                 "understood": {"intent": "inform", "confidence": 0.8, "facts": {"severity": 5}, "flags": []}
                 if is_patient else None}
            )  # fmt: skip
        rows[Assessment].append(
            {"conversation_id": id, "at": last, "disposition": disposition, "row": row, "matched_rows": [row],
             "stretches": "gentle", "reasons": [{"row": row, "words": "because"}], "facts": {"age": 50, "severity": 5},
             "content_version": "1"}
        )  # fmt: skip
        rows[ConversationReview].append(
            {"conversation_id": id, "as_of": last, "channel": channel, "last_at": last, "band": band, "since": at,
             "open": number % 10 < 8, "rule": row, "reason": "because", "words": said, "handler": "assistant",
             "disposition": disposition, "reviewed_at": None if number % 10 < 8 else last}
        )  # fmt: skip
    return rows


def _measure(kind: str, url: str, folder: Path) -> None:
    chance = random.Random(11)  # noqa: S311 - which pages are opened
    words = _vocabulary()
    for site in open_site(url, folder):
        with site.console.desk.transactions.database.reading() as session:
            ids = list(session.scalars(select(Conversation.id).limit(100_000)))
        browser = site.log_in("manager")
        for name, page in _pages(chance, words, ids).items():
            _print(kind, name, [_time(browser, *page()) for _ in range(PAGES)])


def _pages(chance: random.Random, words: list[str], ids: list[str]) -> dict[str, Page]:
    """Each kind of page, with an address of its own at every call."""
    days = [f"2026-{month:02}-01" for month in range(1, 9)]

    def search(words: list[str]) -> tuple[str, dict[str, str]]:
        return "/queue", {"q": " ".join(words), "state": "all"}

    def filtered() -> tuple[str, dict[str, str]]:
        channel = chance.choice(("webchat", "messenger"))
        return "/queue", {"band": chance.choice(BANDS), "channel": channel, "since": chance.choice(days)}

    return {
        "queue": lambda: ("/queue", {}),
        "queue, filtered": filtered,
        "queue, deep page": lambda: ("/queue", {"after": f"7~{chance.choice(days)}T00:00:00+00:00~0"}),
        "search, common word": lambda: search([chance.choice(COMMON)]),
        "search, any word": lambda: search([chance.choice(words)]),
        "search, two words": lambda: search(chance.choices(words[:300], k=2)),
        "conversation": lambda: (f"/conversations/{chance.choice(ids)}", {}),
    }


def _time(browser: Browser, path: str, query: dict[str, str]) -> float:
    begun = time.perf_counter()
    answer = browser.get(path, **query)
    assert answer.status_code == 200, answer.status_code  # noqa: S101 - a wrong page is no measurement
    return (time.perf_counter() - begun) * 1000


def _print(kind: str, name: str, times: list[float]) -> None:
    p95 = quantiles(times, n=20)[-1]
    print(f"{kind:11} {name:20} median {median(times):6.1f}  p95 {p95:6.1f}  slowest {max(times):6.1f}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
