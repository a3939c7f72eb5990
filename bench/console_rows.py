"""Fills a database with as many conversations as a clinic group has in a year: one way for SQLite and PostgreSQL."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from itertools import accumulate
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import text

from bot.console.queue import BANDS
from bot.store import Database

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
# One conversation in a hundred is long: 3,000,000 messages in 100,000 conversations.
LONG_EVERY, LONG, USUAL = 100, 426, 26
OPEN = 0.05
# How the open ones are spread over the bands, first to last: the dangerous are reviewed soonest.
SHARES = (4, 30, 10, 60, 100, 30, 250, 516)
START = datetime(2026, 1, 1, tzinfo=timezone.utc)
APART = timedelta(minutes=4.5)
CHUNK = 2000
TAGS = ("call back", "insurance", "returning", "sciatica", "desk worker", "runner")
UNDERSTOOD = json.dumps({"intent": "inform", "confidence": 0.8, "facts": {"severity": 5}, "flags": []})
FLAGGED = json.dumps(
    {"intent": "inform", "confidence": 0.9, "facts": {"saddle_change": "new_or_worse"},
     "flags": [{"id": "saddle", "assertion": "present", "facts": {"saddle_change": "new_or_worse"}, "span": [0, 4]}]}
)  # fmt: skip
ASKED = json.dumps({"ask": {"questions": ["duration"], "kind": "text"}})
CONTACT = "my name is Ann Miller, you can call me on 512 555 0142"
Row = tuple[Any, ...]

COLUMNS = {
    "conversations": (
        "id channel created_at updated_at last_patient_at last_seq handler disposition row stage token_epoch details"
    ),
    "messages": "conversation_id seq author at kind text payload understood status attempts",
    "assessments": ("conversation_id position at disposition row matched_rows stretches reasons facts content_version"),
    "conversation_reviews": (
        "conversation_id as_of channel last_at band since open rule reason words told handler disposition verdict"
        " verdict_why reviewed_by reviewed_at"
    ),
    "conversation_tags": "conversation_id tag",
    "conversation_figures": (
        "conversation_id as_of day channel step disposition booked_only typed not_understood asked_again answer_ms"
    ),
    "alerts": "conversation_id kind at acknowledged_by acknowledged_at",
    "audit_entries": "seq at who action object details seal",
}


def fill(database: Database, conversations: int) -> None:
    """Write the rows and gather the planner's statistics, as PostgreSQL does by itself in time."""
    if database.is_sqlite:
        _fill_sqlite(database, conversations)
    else:
        _fill_postgresql(database, conversations)
    with database.session() as session:
        session.execute(text("INSERT INTO audit_head (id, seq, seal) SELECT 1, max(seq), '' FROM audit_entries"))
        session.execute(text("ANALYZE"))


def _fill_sqlite(database: Database, conversations: int) -> None:
    with sqlite3.connect(str(database.url.database)) as connection:
        for chunk in _chunks(conversations):
            for table, rows in chunk.items():
                marks = ", ".join("?" * len(_names(table)))
                connection.executemany(f"INSERT INTO {table} ({_listed(table)}) VALUES ({marks})", rows)  # noqa: S608
    connection.close()


def _fill_postgresql(database: Database, conversations: int) -> None:
    address = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as connection:
        connection.execute("SET TIME ZONE 'UTC'")
        for chunk in _chunks(conversations):
            for table, rows in chunk.items():
                with connection.cursor().copy(f"COPY {table} ({_listed(table)}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _names(table: str) -> list[str]:
    return COLUMNS[table].split()


def _listed(table: str) -> str:
    return ", ".join(f'"{name}"' for name in _names(table))


def vocabulary() -> list[str]:
    """Words as patients use them, the common ones first, and then with a letter missing."""
    found: dict[str, None] = dict.fromkeys(COMMON)
    for file in sorted(WORDS.rglob("*.yml")):
        found.update(dict.fromkeys(word.lower() for word in file.read_text(encoding="utf-8").split() if word.isalpha()))
    known = list(found)
    found.update(dict.fromkeys(word[:at] + word[at + 1 :] for word in known if len(word) > 5 for at in range(5)))
    return list(found)


def conversation_id(number: int) -> str:
    """The id of the conversation with this number, from 0; every `LONG_EVERY`th is a long one."""
    return f"{number:032x}"


def _chunks(conversations: int) -> Iterator[dict[str, list[Row]]]:
    chance = random.Random(7)  # noqa: S311 - invented patients
    words = vocabulary()
    weights = list(accumulate(1 / (rank + 1) for rank in range(len(words))))
    for first in range(0, conversations, CHUNK):
        rows: dict[str, list[Row]] = {table: [] for table in COLUMNS}
        for number in range(first, min(first + CHUNK, conversations)):
            _add(rows, number, chance, words, weights)
        yield rows


def _add(
    rows: dict[str, list[Row]], number: int, chance: random.Random, words: Sequence[str], weights: Sequence[float]
) -> None:
    """All rows of one conversation; `weights` are cumulative."""
    id, at = conversation_id(number), START + number * APART
    length = LONG if number % LONG_EVERY == 0 else USUAL
    channel = "messenger" if number % 5 == 0 else "webchat"
    is_open = chance.random() < OPEN
    band = chance.choices(range(len(BANDS)), SHARES)[0] if is_open else len(BANDS) - 1
    danger = band if is_open else chance.choices((0, 1, 7), (1, 4, 95))[0]
    disposition, row = ("emergency", "E2") if danger == 0 else ("urgent", "U3") if danger == 1 else ("self_care", "S1")
    said = ""
    for seq in range(1, length + 1):
        when = _stored(at + timedelta(seconds=20 * seq))
        if seq % 2:
            rows["messages"].append(
                (id, seq, "assistant", when, "text", "And for how long?", ASKED, None, "delivered", 0)
            )
            continue
        said = " ".join(chance.choices(words, cum_weights=weights, k=chance.choice((1, 4, 9, 16))))
        if seq == length and number % 5 == 1:
            said = CONTACT
        understood = FLAGGED if danger < 2 and seq == 8 else UNDERSTOOD
        rows["messages"].append((id, seq, "patient", when, "text", said, "{}", understood, "answered", 0))
    opened, last = _stored(at), _stored(at + timedelta(seconds=20 * length))
    handler = "waiting" if BANDS[band] == "waiting" else "assistant"
    rows["conversations"].append(
        (id, channel, opened, last, last, length, handler, disposition, row, "result", 0, "{}")
    )
    because = json.dumps([{"row": row, "words": "because"}])
    rows["assessments"].append(
        (id, 0, last, disposition, row, json.dumps([row]), "gentle", because, '{"age": 50, "severity": 5}', "1")
    )
    verdict = None if is_open else chance.choices(("agree", "too_high", "too_low"), (90, 7, 3))[0]
    done = (verdict, "", None if is_open else "ann", None if is_open else last)
    told = BANDS[band] != "untold"
    rows["conversation_reviews"].append(
        (id, last, channel, last, band, opened, is_open, row, "because", said, told, handler, disposition, *done)
    )
    if number % 50 == 7:
        rows["conversation_tags"].append((id, chance.choice(TAGS)))
    rows["conversation_figures"].append(
        (id, last, f"{at:%Y-%m-%d}", channel, 3, disposition, False, length // 2, 0, 0, 900)
    )
    if danger == 0:
        rows["alerts"].append((id, "emergency", last, None if is_open else "ann", None if is_open else last))
    rows["audit_entries"].append((number + 1, last, "ann", "read", f"conversation:{id}", "{}", f"{number:064x}"))


def _stored(at: datetime) -> str:
    """As SQLite keeps it; PostgreSQL reads the same."""
    return f"{at:%Y-%m-%d %H:%M:%S.%f}"
